#include "rig/judge/judge_presses.h"

#include "rig/base/units.h"
#include "rig/plan/plan.h"
#include "rig/timeline/evidence.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 448, NUMBER_MAX = 24 };

/* Bit for a control that the judging profile does not have. */
static const control_mask STRANGER = UINT32_C(1) << 31;

static_assert(PROFILE_CONTROLS_MAX < 32, "a control is never the bit of one that is not known");

/* ---- what a procedure asks for ------------------------------------------------------------ */

struct asked_step judge_asked_next(struct asked_walk *walk)
{
    const struct procedure *procedure = walk->procedure;
    int64_t waited_ns = 0;
    bool waited = false;

    for (; walk->step < procedure->step_count; walk->step++) {
        const struct step *step = &procedure->steps[walk->step];
        if (step->kind == STEP_WAIT) {
            waited_ns += step->for_ns;
            waited = true;
            continue;
        }
        if (step->kind == STEP_ASK) {
            walk->step++;
            return (struct asked_step){.kind = ASKED_PERSON,
                                       .up_ns = waited_ns,
                                       .name = step->ask.name,
                                       .prompt = step->ask.prompt};
        }
        struct asked_step asked = {.kind = ASKED_PRESS,
                                   .controls = step->controls,
                                   .down_ns = step->kind == STEP_TAP ? step->on_ns : step->for_ns,
                                   .release_on = step->has_release_on ? &step->release_on : NULL,
                                   .not_before_ns = step->not_before_ns,
                                   .up_ns = walk->tap > 0              ? step->off_ns
                                            : waited || !walk->pressed ? waited_ns
                                                                       : PLAN_STEP_GAP_NS};
        walk->pressed = true;
        walk->tap++;
        if (step->kind == STEP_HOLD || walk->tap >= step->times) {
            walk->step++;
            walk->tap = 0;
        }
        return asked;
    }
    return (struct asked_step){.kind = ASKED_NOTHING};
}

/* ---- what was pressed --------------------------------------------------------------------- */

/* A comparison in progress. */
struct comparing {
    const struct pressed *pressed;
    const struct profile *profile;
    const struct procedure *procedure; /* that judges */
    struct asked_walk made;            /* if the run's procedure was kept */
    size_t entry;                      /* if it was not: place in the timeline ... */
    int64_t released_ns;               /* ... and the end of the last press; 0: unknown */
    struct asked_walk wanted;
    uint32_t press; /* number of the press being compared */
    int64_t slack_ns;
    char *difference;
};

static const struct entry *press_entry(const struct timeline *timeline, enum entry_kind kind,
                                       uint32_t press)
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(timeline, kind, &i))) {
        if (entry->press == press) {
            return entry;
        }
    }
    return NULL;
}

/* The same controls in the judging profile, matched by name or alias. */
static control_mask translated(const struct comparing *it, control_mask controls)
{
    const struct profile *from = it->pressed->profile;
    control_mask out = 0;

    for (size_t i = 0; i < from->control_count; i++) {
        const struct control *control = &from->controls[i];
        if (!(controls >> i & 1)) {
            continue;
        }
        int found = profile_control(it->profile, control->name);
        for (size_t a = 0; a < control->alias_count && found < 0; a++) {
            found = profile_control(it->profile, control->aliases[a]);
        }
        out |= found < 0 ? STRANGER : UINT32_C(1) << found;
    }
    return out;
}

/* "power + nc_ambient" */
static control_mask controls_from(const struct profile *profile, const char *words)
{
    control_mask controls = 0;

    while (*words) {
        char name[PRESSES_WORDS_MAX];
        const char *end = strstr(words, " + ");
        size_t length = end ? (size_t)(end - words) : strlen(words);
        snprintf(name, sizeof(name), "%.*s", (int)length, words);
        int found = profile_control(profile, name);
        controls |= found < 0 ? STRANGER : UINT32_C(1) << found;
        words = end ? end + strlen(" + ") : words + length;
    }
    return controls;
}

/* Preconditions are also asked before the first press: a question there belongs to the steps if the
 * judging procedure has it among its steps. */
static bool is_of_a_step(const struct comparing *it, const char *name)
{
    struct asked_walk walk = {.procedure = it->procedure};
    struct asked_step asked;
    bool found = it->press > 0;

    while (!found && (asked = judge_asked_next(&walk)).kind != ASKED_NOTHING) {
        found = asked.kind == ASKED_PERSON && strcmp(asked.name, name) == 0;
    }
    return found;
}

/* The next press or question in the timeline. */
static struct asked_step ordered_next(struct comparing *it)
{
    const struct timeline *timeline = it->pressed->timeline;

    for (; it->entry < timeline->count; it->entry++) {
        const struct entry *entry = &timeline->entries[it->entry];
        if (entry->kind == ENTRY_QUESTION && is_of_a_step(it, entry->text)) {
            it->entry++;
            it->released_ns = 0;
            return (struct asked_step){.kind = ASKED_PERSON, .up_ns = -1, .name = entry->text};
        }
        if (entry->kind != ENTRY_ORDER) {
            continue;
        }
        it->entry++;
        struct asked_step asked = {.kind = ASKED_PRESS,
                                   .controls = controls_from(it->profile, entry->text),
                                   .down_ns = entry->until_ns - entry->at_ns,
                                   .up_ns = it->released_ns ? entry->at_ns - it->released_ns : -1};
        const struct entry *released = press_entry(timeline, ENTRY_RELEASED, entry->press);
        it->released_ns = press_entry(timeline, ENTRY_RELEASE, entry->press) && released
                              ? released->at_ns
                              : entry->until_ns;
        return asked;
    }
    return (struct asked_step){.kind = ASKED_NOTHING};
}

static struct asked_step made_next(struct comparing *it)
{
    if (!it->pressed->procedure) {
        return ordered_next(it);
    }
    struct asked_step made = judge_asked_next(&it->made);
    if (made.kind == ASKED_PRESS) {
        made.controls = translated(it, made.controls);
    }
    return made;
}

/* ---- words -------------------------------------------------------------------------------- */

/* For people: to the millisecond. */
static char *length_words(char out[DURATION_TEXT_MAX], int64_t duration_ns)
{
    return units_duration_format(out, (duration_ns + NS_PER_MS / 2) / NS_PER_MS * NS_PER_MS);
}

/* "power for 2 s"; "power until the LED shows blue x2, for 7 s at the latest". */
static void wanted_words(const struct comparing *it, const struct asked_step *wanted,
                         char out[WORDS_MAX])
{
    char controls[PRESSES_WORDS_MAX];
    char pattern[PATTERN_TEXT_MAX];
    char length[DURATION_TEXT_MAX];

    profile_controls_text(it->profile, wanted->controls, controls, sizeof(controls));
    units_duration_format(length, wanted->down_ns);
    if (wanted->release_on) {
        snprintf(out, WORDS_MAX, "%.160s until the LED shows %.120s, for at most %s", controls,
                 pattern_format(pattern, wanted->release_on), length);
    } else {
        snprintf(out, WORDS_MAX, "%.160s for %s", controls, length);
    }
}

/* "power + nc_ambient for 6.816 s, released by the LED": with the control names of the run's own
 * profile. */
static void made_words(const struct comparing *it, const struct asked_step *made,
                       char out[WORDS_MAX])
{
    const struct timeline *timeline = it->pressed->timeline;
    const struct entry *order = press_entry(timeline, ENTRY_ORDER, it->press);
    const struct entry *pressed = press_entry(timeline, ENTRY_PRESSED, it->press);
    const struct entry *released = press_entry(timeline, ENTRY_RELEASED, it->press);
    bool early = press_entry(timeline, ENTRY_RELEASE, it->press) && pressed && released;
    char length[DURATION_TEXT_MAX];

    length_words(length, early ? released->at_ns - pressed->at_ns : made->down_ns);
    snprintf(out, WORDS_MAX, "%.160s for %s%s", order && order->text ? order->text : "?", length,
             early ? ", released by the LED" : "");
}

static uint32_t count_orders(const struct timeline *timeline)
{
    uint32_t count = 0;
    size_t i = 0;
    while (timeline_next(timeline, ENTRY_ORDER, &i)) {
        count++;
    }
    return count;
}

/* "the press", or "press 2". */
static const char *which(const struct comparing *it, char out[NUMBER_MAX])
{
    bool single =
        count_orders(it->pressed->timeline) == 1 && evidence_procedure_presses(it->procedure) == 1;
    snprintf(out, NUMBER_MAX, single ? "the press" : "press %" PRIu32, it->press);
    return out;
}

static void tell_count(const struct comparing *it)
{
    uint32_t made = count_orders(it->pressed->timeline);
    uint32_t wanted = evidence_procedure_presses(it->procedure);

    if (made == 0) {
        snprintf(it->difference, PRESSES_TEXT_MAX,
                 "nothing was pressed, but this profile asks for %" PRIu32 " press%s", wanted,
                 wanted == 1 ? "" : "es");
    } else {
        snprintf(it->difference, PRESSES_TEXT_MAX,
                 "%" PRIu32 " press%s made, but this profile asks for %" PRIu32, made,
                 made == 1 ? " was" : "es were", wanted);
    }
}

/* Report questions that differ, or a question on one side only. */
static void tell_question(const struct comparing *it, const struct asked_step *made,
                          const struct asked_step *wanted)
{
    char was[WORDS_MAX + NUMBER_MAX];
    char is[WORDS_MAX + NUMBER_MAX];
    char words[WORDS_MAX];
    char number[NUMBER_MAX];

    if (made->kind == ASKED_PERSON) {
        snprintf(was, sizeof(was), "somebody was asked `%.300s`",
                 made->prompt ? made->prompt : made->name);
    } else if (made->kind == ASKED_PRESS) {
        made_words(it, made, words);
        snprintf(was, sizeof(was), "%s was %s", which(it, number), words);
    } else {
        snprintf(was, sizeof(was), "nobody was asked anything at the end");
    }
    if (wanted->kind == ASKED_PERSON) {
        snprintf(is, sizeof(is), "asks `%.300s`",
                 made->kind == ASKED_PERSON && !made->prompt ? wanted->name : wanted->prompt);
    } else if (wanted->kind == ASKED_PRESS) {
        wanted_words(it, wanted, words);
        snprintf(is, sizeof(is), "asks for %s", words);
    } else {
        snprintf(is, sizeof(is), "asks nothing");
    }
    snprintf(it->difference, PRESSES_TEXT_MAX, "%s, but this profile %s there", was, is);
}

static void tell_press(const struct comparing *it, const struct asked_step *made,
                       const struct asked_step *wanted)
{
    char was[WORDS_MAX];
    char is[WORDS_MAX];
    char number[NUMBER_MAX];

    made_words(it, made, was);
    wanted_words(it, wanted, is);
    snprintf(it->difference, PRESSES_TEXT_MAX, "%s was %s, but this profile asks for %s",
             which(it, number), was, is);
}

static void tell_gap(const struct comparing *it, const struct asked_step *made,
                     const struct asked_step *wanted)
{
    char was[DURATION_TEXT_MAX];
    char is[DURATION_TEXT_MAX];
    char number[NUMBER_MAX];

    snprintf(it->difference, PRESSES_TEXT_MAX, "%s came after %s, but this profile asks for %s",
             made->kind == ASKED_PRESS ? which(it, number) : "a question",
             length_words(was, made->up_ns), length_words(is, wanted->up_ns));
}

/* ---- comparing ---------------------------------------------------------------------------- */

static bool alike(const struct comparing *it, int64_t a_ns, int64_t b_ns)
{
    return llabs(a_ns - b_ns) <= it->slack_ns;
}

/* When the LED had shown a pattern, relative to the end of the compared press. */
enum shown { SHOWN_NEVER, SHOWN_LAST, SHOWN_BEFORE };

/* With the last light of the press, or earlier? It would have ended the press then. */
static enum shown shown_in_press(const struct comparing *it, const struct asked_step *wanted,
                                 unsigned extra)
{
    const struct pattern *pattern = wanted->release_on;
    const struct timeline *timeline = it->pressed->timeline;
    const struct entry *pressed = press_entry(timeline, ENTRY_PRESSED, it->press);
    const struct entry *released = press_entry(timeline, ENTRY_RELEASED, it->press);

    if (!pressed || !released) {
        return SHOWN_BEFORE; /* nobody knows */
    }
    struct pulses *pulses = xcalloc(sizeof(*pulses));
    evidence_pulses(timeline, pressed->at_ns, released->at_ns, pulses);
    enum shown shown = pulses->truncated ? SHOWN_BEFORE : SHOWN_NEVER;
    size_t skip = 0;
    while (wanted->not_before_ns && skip < pulses->count &&
           pulses->items[skip].start_ns < pressed->at_ns + wanted->not_before_ns) {
        skip++;
    }
    for (size_t n = skip + 1; n <= pulses->count && shown == SHOWN_NEVER; n++) {
        if (pattern_match(pattern, pulses->items + skip, n - skip, extra).result == MATCH_YES) {
            shown = n < pulses->count ? SHOWN_BEFORE : SHOWN_LAST;
        }
    }
    free(pulses);
    return shown;
}

/* If it is in doubt whether the pattern would have ended the press, assume it would. But if it may
 * be the pattern that the run waited for, what the engine saw counts. */
static bool would_have_let_go(const struct comparing *it, const struct asked_step *wanted)
{
    unsigned extra = it->pressed->procedure ? EXTRA_BEFORE : EXTRA_NONE;
    return shown_in_press(it, wanted, extra) != SHOWN_NEVER;
}

static bool same_pattern(const struct pattern *a, const struct pattern *b)
{
    return a == b || (a && b && pattern_equal(a, b));
}

/* A press that the LED ended. With only the timeline, its pattern is unknown: then any pattern that
 * would have ended the press at that time is accepted. */
static bool let_go_as_asked(const struct comparing *it, const struct asked_step *made,
                            const struct asked_step *wanted)
{
    const struct timeline *timeline = it->pressed->timeline;
    const struct entry *pressed = press_entry(timeline, ENTRY_PRESSED, it->press);
    const struct entry *released = press_entry(timeline, ENTRY_RELEASED, it->press);

    if (!wanted->release_on || !pressed || !released) {
        return false;
    }
    bool same = it->pressed->procedure && made->not_before_ns == wanted->not_before_ns
                    ? same_pattern(made->release_on, wanted->release_on)
                    : shown_in_press(it, wanted, EXTRA_NONE) == SHOWN_LAST;
    /* It cannot have been as long as asked for, except for the actuators' travel. */
    return same && (made->down_ns == wanted->down_ns ||
                    released->at_ns - pressed->at_ns <= wanted->down_ns + PRESSES_SLACK_NS);
}

static bool same_press(const struct comparing *it, const struct asked_step *made,
                       const struct asked_step *wanted)
{
    if (made->controls != wanted->controls) {
        return false;
    }
    if (press_entry(it->pressed->timeline, ENTRY_RELEASE, it->press)) {
        return let_go_as_asked(it, made, wanted);
    }
    /* The same pattern was not shown: the press lasted to its end. */
    bool known = it->pressed->procedure && same_pattern(made->release_on, wanted->release_on) &&
                 made->not_before_ns == wanted->not_before_ns;
    return alike(it, made->down_ns, wanted->down_ns) &&
           (known || !wanted->release_on || !would_have_let_go(it, wanted));
}

/* If the words of a question were kept, different words make it a different question. */
static bool same_question(const struct asked_step *made, const struct asked_step *wanted)
{
    return made->prompt ? strcmp(made->prompt, wanted->prompt) == 0
                        : strcmp(made->name, wanted->name) == 0;
}

/* Compare the next item of both. False, with the difference, if they differ. */
static bool same_next(struct comparing *it, struct asked_step *made, struct asked_step *wanted)
{
    *made = made_next(it);
    *wanted = judge_asked_next(&it->wanted);
    it->press += made->kind == ASKED_PRESS;
    if (made->kind == ASKED_PERSON || wanted->kind == ASKED_PERSON) {
        if (made->kind != wanted->kind || !same_question(made, wanted)) {
            tell_question(it, made, wanted);
            return false;
        }
    } else if (made->kind != wanted->kind) {
        tell_count(it);
        return false;
    } else if (made->kind == ASKED_PRESS && !same_press(it, made, wanted)) {
        tell_press(it, made, wanted);
        return false;
    }
    if (made->kind != ASKED_NOTHING && made->up_ns >= 0 && !alike(it, made->up_ns, wanted->up_ns)) {
        tell_gap(it, made, wanted);
        return false;
    }
    return true;
}

bool judge_presses_as_asked(const struct pressed *pressed, const struct profile *profile,
                            const struct procedure *procedure, char difference[PRESSES_TEXT_MAX])
{
    struct comparing it = {.pressed = pressed,
                           .profile = profile,
                           .procedure = procedure,
                           .made = {.procedure = pressed->procedure},
                           .wanted = {.procedure = procedure},
                           .slack_ns = pressed->procedure ? 0 : PRESSES_SLACK_NS,
                           .difference = difference};
    struct asked_step made;
    struct asked_step wanted;

    do {
        if (!same_next(&it, &made, &wanted)) {
            return false;
        }
    } while (made.kind != ASKED_NOTHING);
    difference[0] = '\0';
    return true;
}
