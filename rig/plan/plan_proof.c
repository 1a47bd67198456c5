#include "rig/plan/plan_internal.h"

#include "rig/base/text.h"
#include "rig/base/units.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_MAX = 512, WORDS_MAX = 256, TITLE_MAX = 200, SOURCE_MAX = 160 };

struct prover {
    struct plan *plan;
    struct diags *diags;
    const struct plan_choices *choices;
    char title[TITLE_MAX]; /* "WF-1000XM5 factory-reset", used as the place of every error */
    int broken;
};

/* Add a line to the proof. */
static struct proof *prove(struct prover *prover, const char *rule, bool holds, const char *fmt,
                           ...) __attribute__((format(printf, 4, 5)));
static struct proof *prove(struct prover *prover, const char *rule, bool holds, const char *fmt,
                           ...)
{
    struct plan *plan = prover->plan;
    struct proof *proof = &plan->proofs[plan->proof_count++];
    char sentence[SENTENCE_MAX];
    va_list arguments;

    va_start(arguments, fmt);
    vsnprintf(sentence, sizeof(sentence), fmt, arguments);
    va_end(arguments);
    *proof =
        (struct proof){.rule = rule, .holds = holds, .text = arena_strdup(&plan->arena, sentence)};
    return proof;
}

/* A broken rule: a line of the proof, and an error. `source` says where the limit comes from. */
static void refuse(struct prover *prover, const char *rule, const char *source, const char *todo,
                   const char *fmt, ...) __attribute__((format(printf, 5, 6)));
static void refuse(struct prover *prover, const char *rule, const char *source, const char *todo,
                   const char *fmt, ...)
{
    char sentence[SENTENCE_MAX];
    va_list arguments;

    va_start(arguments, fmt);
    vsnprintf(sentence, sizeof(sentence), fmt, arguments);
    va_end(arguments);
    prove(prover, rule, false, "%s (%s)", sentence, source);
    prover->broken = diag_error(prover->diags, place_of(prover->title), todo, "rule %s: %s (%s)",
                                rule, sentence, source);
}

/* "max_on in bench.yaml:12": where the limit comes from. */
static const char *limit_source(char *out, const char *key, struct place place)
{
    if (place.line > 0) {
        snprintf(out, SOURCE_MAX, "%s in %s:%d", key, place.file, place.line);
    } else {
        snprintf(out, SOURCE_MAX, "%s in %s", key, place.file ? place.file : "the bench file");
    }
    return out;
}

/* The longest on-time of an actuator in one press, -1 if it is never pressed. */
static int64_t longest_energised(const struct plan *plan, uint32_t actuator)
{
    int64_t longest_ns = -1;
    for (size_t i = 0; i < plan->action_count; i++) {
        const struct action *action = &plan->actions[i];
        if (action->kind == ACTION_PRESS && action->actuators & actuator &&
            action->energise_ns > longest_ns) {
            longest_ns = action->energise_ns;
        }
    }
    return longest_ns;
}

static int64_t shortest_energised(const struct plan *plan, uint32_t actuator)
{
    int64_t shortest_ns = INT64_MAX;
    for (size_t i = 0; i < plan->action_count; i++) {
        const struct action *action = &plan->actions[i];
        if (action->kind == ACTION_PRESS && action->actuators & actuator &&
            action->energise_ns < shortest_ns) {
            shortest_ns = action->energise_ns;
        }
    }
    return shortest_ns;
}

static control_mask controls_used(const struct plan *plan)
{
    control_mask used = 0;
    for (size_t i = 0; i < plan->action_count; i++) {
        used |= plan->actions[i].controls;
    }
    return used;
}

static const struct actuator *actuator_of(const struct plan *plan, size_t control)
{
    int index = plan_actuator(plan->station, &plan->profile->controls[control]);
    return index < 0 ? NULL : &plan->station->actuators[index];
}

static uint32_t bit_of(const struct plan *plan, const struct actuator *actuator)
{
    return UINT32_C(1) << (actuator - plan->station->actuators);
}

/* ---- the rules of one control ------------------------------------------------------------- */

static void check_wired(struct prover *prover)
{
    const struct plan *plan = prover->plan;
    control_mask used = controls_used(plan);
    control_mask wired = 0;
    char words[WORDS_MAX];

    for (size_t i = 0; i < plan->profile->control_count; i++) {
        if (!(used >> i & 1)) {
            continue;
        }
        if (actuator_of(plan, i)) {
            wired |= UINT32_C(1) << i;
            continue;
        }
        char source[SOURCE_MAX];
        limit_source(source, "the station's actuators", plan->station->place);
        refuse(prover, "unwired", source,
               "wire one and name it in the bench file, or use another station (--station)",
               "%s has no actuator on station `%s`", plan->profile->controls[i].name,
               plan->station->name);
    }
    if (wired) {
        profile_controls_text(plan->profile, wired, words, sizeof(words));
        prove(prover, "wired", true, "%s: each has an actuator on station `%s`", words,
              plan->station->name);
    }
}

static void check_max_hold(struct prover *prover, size_t index, const struct actuator *actuator)
{
    const struct plan *plan = prover->plan;
    const struct control *control = &plan->profile->controls[index];
    int64_t worst_ns = plan_worst_ns(actuator, longest_energised(plan, bit_of(plan, actuator)));
    char worst[DURATION_TEXT_MAX];
    char limit[DURATION_TEXT_MAX];

    units_duration_format(worst, worst_ns);
    units_duration_format(limit, control->max_hold_ns);
    if (worst_ns > control->max_hold_ns) {
        char source[SOURCE_MAX];
        limit_source(source, "max_hold", place_of(plan->profile->path));
        refuse(prover, "max-hold", source, "shorten the step",
               "%s would be down for %s; its limit is %s", control->name, worst, limit);
    } else {
        prove(prover, "max-hold", true, "%s: down for at most %s; its limit is %s", control->name,
              worst, limit);
    }
}

static void check_max_on(struct prover *prover, const struct actuator *actuator)
{
    int64_t on_ns = longest_energised(prover->plan, bit_of(prover->plan, actuator));
    char on[DURATION_TEXT_MAX];
    char limit[DURATION_TEXT_MAX];

    units_duration_format(on, on_ns);
    units_duration_format(limit, actuator->max_on_ns);
    if (on_ns > actuator->max_on_ns) {
        char source[SOURCE_MAX];
        limit_source(source, "max_on", actuator->line.place);
        refuse(prover, "max-on", source, "shorten the step, or use an actuator rated for it",
               "the actuator of %s would be on for %s; its limit is %s", actuator->control, on,
               limit);
    } else {
        prove(prover, "max-on", true, "%s: on for at most %s; its actuator's limit is %s",
              actuator->control, on, limit);
    }
}

struct on_time {
    int64_t start_ns;
    int64_t end_ns;
};

/* When `actuator` is on, with all actions as close together as possible. */
static size_t on_times(const struct plan *plan, uint32_t actuator, struct on_time *times)
{
    size_t count = 0;
    int64_t at_ns = 0;

    for (size_t i = 0; i < plan->action_count; i++) {
        const struct action *action = &plan->actions[i];
        at_ns += action->gap_ns;
        if (action->kind == ACTION_PRESS && action->actuators & actuator) {
            times[count++] = (struct on_time){at_ns, at_ns + action->energise_ns};
        } else if (action->release_on) {
            continue; /* a press of others, released at once: brings this one's presses closer
                         together */
        }
        at_ns += action->energise_ns;
    }
    return count;
}

/* The most on-time in any window. The worst window ends where an on-time ends. */
static int64_t most_on(const struct on_time *times, size_t count, int64_t window_ns)
{
    int64_t most_ns = 0;

    for (size_t last = 0; last < count; last++) {
        int64_t from_ns = times[last].end_ns - window_ns;
        int64_t sum_ns = 0;
        for (size_t i = last + 1; i-- > 0 && times[i].end_ns > from_ns;) {
            int64_t start_ns = times[i].start_ns > from_ns ? times[i].start_ns : from_ns;
            sum_ns += times[i].end_ns - start_ns;
        }
        most_ns = sum_ns > most_ns ? sum_ns : most_ns;
    }
    return most_ns;
}

static void check_duty(struct prover *prover, const struct actuator *actuator)
{
    enum { ALL = 10000 };
    struct on_time times[PLAN_ACTIONS_MAX];
    const struct plan *plan = prover->plan;
    int64_t window_ns = actuator->duty_window_ns;

    if (actuator->duty_percent_x100 >= ALL || window_ns <= 0) {
        return;
    }
    size_t count = on_times(plan, bit_of(plan, actuator), times);
    int64_t on_ns = most_on(times, count, window_ns);
    /* This order of operations cannot overflow, up to a window of DURATION_MAX_NS. */
    int64_t limit_ns = window_ns / ALL * actuator->duty_percent_x100 +
                       window_ns % ALL * actuator->duty_percent_x100 / ALL;
    char on[DURATION_TEXT_MAX];
    char limit[DURATION_TEXT_MAX];
    char window[DURATION_TEXT_MAX];

    units_duration_format(on, on_ns);
    units_duration_format(limit, limit_ns);
    units_duration_format(window, window_ns);
    if (on_ns > limit_ns) {
        char source[SOURCE_MAX];
        limit_source(source, "duty", actuator->line.place);
        refuse(prover, "duty", source,
               "put a wait between the presses, or use an actuator rated for it",
               "the actuator of %s would be on for %s of %s; its limit is %s of %s",
               actuator->control, on, window, limit, window);
    } else {
        prove(prover, "duty", true, "%s: on for at most %s of any %s; its actuator's limit is %s",
              actuator->control, on, window, limit);
    }
}

static void check_press_long_enough(struct prover *prover, const struct actuator *actuator)
{
    int64_t on_ns = shortest_energised(prover->plan, bit_of(prover->plan, actuator));
    int64_t travel_ns = actuator->travel_press_ns + actuator->travel_tolerance_ns;
    char on[DURATION_TEXT_MAX];
    char travel[DURATION_TEXT_MAX];

    units_duration_format(on, on_ns);
    units_duration_format(travel, travel_ns);
    if (on_ns <= travel_ns) {
        char source[SOURCE_MAX];
        limit_source(source, "travel", actuator->line.place);
        refuse(prover, "too-short", source, "make the press longer, or use a faster actuator",
               "the actuator of %s would be on for %s; it takes up to %s to press",
               actuator->control, on, travel);
    } else {
        prove(prover, "too-short", true, "%s: on for at least %s; its actuator needs %s to press",
              actuator->control, on, travel);
    }
}

static void check_comes_up(struct prover *prover, const struct actuator *actuator)
{
    const struct plan *plan = prover->plan;
    uint32_t bit = bit_of(plan, actuator);
    int64_t travel_ns = actuator->travel_release_ns + actuator->travel_tolerance_ns;
    int64_t shortest_ns = INT64_MAX;

    for (size_t i = 0; i < plan->action_count; i++) {
        size_t before = i;
        if (plan->actions[i].kind == ACTION_PRESS && plan->actions[i].actuators & bit) {
            int64_t inactive_ns = plan_inactive_ns(plan, i, &before);
            if (inactive_ns >= 0 && plan->actions[before].actuators & bit &&
                inactive_ns < shortest_ns) {
                shortest_ns = inactive_ns;
            }
        }
    }
    if (shortest_ns <= travel_ns) {
        char off[DURATION_TEXT_MAX];
        char travel[DURATION_TEXT_MAX];
        char source[SOURCE_MAX];
        units_duration_format(off, shortest_ns);
        units_duration_format(travel, travel_ns);
        limit_source(source, "travel", actuator->line.place);
        refuse(prover, "too-short", source,
               "make the time between the presses longer, or use a faster actuator",
               "the actuator of %s would be off for %s between two presses; it takes up to %s to "
               "release",
               actuator->control, off, travel);
    }
}

/* ---- the rules of chords and sequences ---------------------------------------------------- */

static void check_interlock(struct prover *prover)
{
    const struct plan *plan = prover->plan;
    const struct station *station = plan->station;

    if (!station->interlock) {
        return;
    }
    for (size_t i = 0; i < plan->action_count; i++) {
        const struct action *action = &plan->actions[i];
        uint32_t together = action->actuators & station->interlock;
        if (together & (together - 1)) {
            char source[SOURCE_MAX];
            limit_source(source, "interlock", station->place);
            refuse(
                prover, "interlock", source, "use a procedure that presses one of them at a time",
                "%s would be down together; station `%s` forbids it", action->words, station->name);
            return;
        }
    }
    prove(prover, "interlock", true,
          "no two actuators that station `%s` keeps apart are on together", station->name);
}

static void say_sequence(struct prover *prover)
{
    const struct plan *plan = prover->plan;
    int64_t shortest_ns = INT64_MAX;
    int64_t skew_ns = 0;

    for (size_t i = 0; i < plan->action_count; i++) {
        const struct action *action = &plan->actions[i];
        if (action->kind != ACTION_PRESS) {
            continue;
        }
        size_t before = i;
        int64_t inactive_ns = plan_inactive_ns(plan, i, &before);
        if (inactive_ns >= 0 && inactive_ns < shortest_ns) {
            shortest_ns = inactive_ns;
        }
        if (action->actuators & (action->actuators - 1)) {
            struct travel travel = plan_travel(plan->station, action->actuators);
            int64_t press_ns = travel.press_max_ns - travel.press_min_ns + 2 * travel.tolerance_ns;
            skew_ns = press_ns > skew_ns ? press_ns : skew_ns;
        }
    }
    if (skew_ns > 0) {
        char skew[DURATION_TEXT_MAX];
        prove(prover, "chord", true,
              "the buttons of a chord go down within %s of each other; all are down together for "
              "the requested time",
              units_duration_format(skew, skew_ns));
    }
    if (shortest_ns != INT64_MAX) {
        char gap[DURATION_TEXT_MAX];
        prove(
            prover, "sequence", true,
            "one press at a time, lines inactive for at least %s in between: presses never overlap",
            units_duration_format(gap, shortest_ns));
    }
}

/* How long all controls of a hazard can be down together in one press: the shortest of them. */
static int64_t together_ns(const struct plan *plan, const struct action *action,
                           control_mask controls)
{
    int64_t shortest_ns = INT64_MAX;

    if ((action->controls & controls) != controls || !controls) {
        return -1;
    }
    for (size_t i = 0; i < plan->profile->control_count; i++) {
        const struct actuator *actuator = controls >> i & 1 ? actuator_of(plan, i) : NULL;
        if (actuator) {
            int64_t worst_ns = plan_worst_ns(actuator, action->energise_ns);
            shortest_ns = worst_ns < shortest_ns ? worst_ns : shortest_ns;
        }
    }
    /* None is wired: the length of the press as in the profile. */
    return shortest_ns == INT64_MAX ? action->hold_ns : shortest_ns;
}

static bool operator_accepts(const struct plan_choices *choices, const char *id)
{
    for (size_t i = 0; i < choices->accept_count; i++) {
        if (strcmp(choices->accept_hazards[i], id) == 0) {
            return true;
        }
    }
    return false;
}

static void check_hazard(struct prover *prover, size_t index, const char **accepted)
{
    struct plan *plan = prover->plan;
    const struct hazard *hazard = &plan->profile->hazards[index];
    int64_t longest_ns = -1;
    char words[WORDS_MAX];
    char beyond[DURATION_TEXT_MAX + 16];
    char down[DURATION_TEXT_MAX];
    char limit[DURATION_TEXT_MAX];

    for (size_t i = 0; i < plan->action_count; i++) {
        if (plan->actions[i].kind == ACTION_PRESS) {
            int64_t down_ns = together_ns(plan, &plan->actions[i], hazard->hold);
            longest_ns = down_ns > longest_ns ? down_ns : longest_ns;
        }
    }
    profile_controls_text(plan->profile, hazard->hold, words, sizeof(words));
    const char *together = hazard->hold & (hazard->hold - 1) ? " together" : "";
    if (hazard->longer_than_ns > 0) {
        snprintf(beyond, sizeof(beyond), "beyond %s",
                 units_duration_format(limit, hazard->longer_than_ns));
    } else {
        snprintf(beyond, sizeof(beyond), "at any length");
    }

    if (longest_ns < 0) {
        prove(prover, "hazard", true, "`%s` not met: %s never down%s", hazard->id, words, together);
        return;
    }
    units_duration_format(down, longest_ns);
    if (longest_ns <= hazard->longer_than_ns) {
        prove(prover, "hazard", true, "`%s` not met: %s down%s for at most %s; hazard %s",
              hazard->id, words, together, down, beyond);
        return;
    }
    bool intended = plan->procedure->intends >> index & 1 && hazard->grade != HAZARD_BRICKS;
    if (intended || operator_accepts(prover->choices, hazard->id)) {
        struct proof *proof =
            prove(prover, "hazard", true, "`%s` %s: %s down%s for %s; hazard %s (%s; source %s)",
                  hazard->id, intended ? "intended" : "accepted by the operator", words, together,
                  down, beyond, hazard->risk, hazard->source.id);
        proof->accepted = true;
        if (!intended) {
            accepted[plan->accepted_count++] = hazard->id;
        }
        return;
    }

    char rule[WORDS_MAX];
    char source[SENTENCE_MAX];
    char todo[WORDS_MAX];
    snprintf(rule, sizeof(rule), "hazard `%s`", hazard->id);
    snprintf(source, sizeof(source), "%s; source %s", hazard->risk, hazard->source.id);
    if (prover->choices->none_accepted) {
        snprintf(todo, sizeof(todo),
                 hazard->longer_than_ns > 0 ? "release sooner"
                                            : "press fewer at once, or none of them");
    } else {
        snprintf(todo, sizeof(todo), "add --accept-hazard %s to accept it for this run",
                 hazard->id);
    }
    refuse(prover, arena_strdup(&plan->arena, rule), source, todo,
           "%s would be down%s for %s; hazard %s", words, together, down, beyond);
}

/* --accept-hazard must name hazards of the model. */
static void check_choices(struct prover *prover)
{
    const struct profile *profile = prover->plan->profile;
    const char *ids[PROFILE_HAZARDS_MAX];
    size_t count = 0;

    for (; count < profile->hazard_count && count < PROFILE_HAZARDS_MAX; count++) {
        ids[count] = profile->hazards[count].id;
    }
    for (size_t i = 0; i < prover->choices->accept_count; i++) {
        const char *wanted = prover->choices->accept_hazards[i];
        bool known = false;
        for (size_t n = 0; n < count; n++) {
            known = known || strcmp(ids[n], wanted) == 0;
        }
        if (known) {
            continue;
        }
        const char *nearest = text_nearest(wanted, ids, count);
        char todo[WORDS_MAX];
        if (nearest) {
            snprintf(todo, sizeof(todo), "did you mean `%s`?", nearest);
        } else {
            size_t used = (size_t)snprintf(todo, sizeof(todo),
                                           count ? "it has" : "it has none: omit the option");
            for (size_t n = 0; n < count && used < sizeof(todo); n++) {
                used += (size_t)snprintf(todo + used, sizeof(todo) - used, "%s `%s`", n ? "," : "",
                                         ids[n]);
            }
        }
        prover->broken = diag_error(prover->diags, place_of("--accept-hazard"), todo,
                                    "%s has no hazard `%s`", profile->model, wanted);
    }
}

int plan_prove(struct plan *plan, struct diags *diags, const struct plan_choices *choices)
{
    enum { PER_CONTROL = 6, ONCE = 4 };
    const struct profile *profile = plan->profile;
    struct prover prover = {.plan = plan, .diags = diags, .choices = choices};

    snprintf(prover.title, sizeof(prover.title), "%s %s", profile->model, plan->procedure->name);
    plan->proofs = arena_array(&plan->arena,
                               profile->control_count * PER_CONTROL + profile->hazard_count + ONCE,
                               sizeof(struct proof));
    const char **accepted = arena_array(&plan->arena, profile->hazard_count + 1, sizeof(*accepted));
    plan->accepted = accepted;

    check_choices(&prover);
    check_wired(&prover);
    control_mask used = controls_used(plan);
    for (size_t i = 0; i < profile->control_count; i++) {
        const struct actuator *actuator = used >> i & 1 ? actuator_of(plan, i) : NULL;
        if (actuator) {
            check_max_hold(&prover, i, actuator);
            check_max_on(&prover, actuator);
            check_duty(&prover, actuator);
            check_press_long_enough(&prover, actuator);
            check_comes_up(&prover, actuator);
        }
    }
    check_interlock(&prover);
    say_sequence(&prover);
    for (size_t i = 0; i < profile->hazard_count; i++) {
        check_hazard(&prover, i, accepted);
    }
    return prover.broken;
}
