#include "rig/learn/settle_internal.h"

#include "rig/base/text.h"
#include "rig/base/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTROLS_TEXT_MAX = 256 };

/* ---- what may be run ---------------------------------------------------------------------- */

/* What the operator allows, and where the unit is pressed. */
struct allowance {
    const struct profile *profile;
    const struct bench *bench;
    const struct station *station;
    const char *accepted[PROFILE_HAZARDS_MAX]; /* none of grade `bricks` */
    size_t accepted_count;
};

static bool is_accepted(const struct allowance *allowance, const char *id)
{
    for (size_t i = 0; i < allowance->accepted_count; i++) {
        if (strcmp(allowance->accepted[i], id) == 0) {
            return true;
        }
    }
    return false;
}

static int take_accepted(struct allowance *allowance, struct diags *diags,
                         const char *const *accept, size_t accept_count)
{
    const struct profile *profile = allowance->profile;
    const char *ids[PROFILE_HAZARDS_MAX];
    size_t count = 0;

    for (; count < profile->hazard_count && count < PROFILE_HAZARDS_MAX; count++) {
        ids[count] = profile->hazards[count].id;
    }
    for (size_t i = 0; i < accept_count; i++) {
        const struct hazard *found = NULL;
        for (size_t h = 0; h < count; h++) {
            found = strcmp(ids[h], accept[i]) == 0 ? &profile->hazards[h] : found;
        }
        if (!found) {
            char todo[DIAG_TEXT_MAX];
            const char *near = text_nearest(accept[i], ids, count);
            snprintf(todo, sizeof(todo), near ? "did you mean `%s`?" : "leave it out",
                     near ? near : "");
            return diag_error(diags, place_of("--accept-hazard"), todo, "%s has no hazard `%s`",
                              profile->model, accept[i]);
        }
        if (found->grade != HAZARD_BRICKS && !is_accepted(allowance, found->id)) {
            allowance->accepted[allowance->accepted_count++] = found->id;
        }
    }
    return 0;
}

static struct plan *make_plan(const struct allowance *allowance, const struct procedure *procedure,
                              const char *const *accepted, size_t count, char *why, size_t size)
{
    struct diags diags = DIAGS_INIT;
    struct plan_choices choices = {.accept_hazards = accepted, .accept_count = count};
    struct plan *plan = plan_make(&diags, allowance->profile, procedure, allowance->bench,
                                  allowance->station, &choices, NULL);
    if (!plan) {
        snprintf(why, size, "not run: %s",
                 diags.count ? diags.items[0].what : "no plan could be made");
    }
    diags_clear(&diags);
    return plan;
}

/* The longest that controls of `hold` can be down in one press of a claim: the plan's worst case,
 * or as asked where there is no plan. -1: no press of it has them all. */
static int64_t longest_ns(const struct procedure *procedure, const struct plan *plan,
                          control_mask hold)
{
    int64_t longest = -1;
    const struct step *press;
    size_t i = 0;

    for (size_t a = 0; plan && a < plan->action_count; a++) {
        const struct action *action = &plan->actions[a];
        if (action->kind == ACTION_PRESS && (action->controls & hold) == hold &&
            action->worst_ns > longest) {
            longest = action->worst_ns;
        }
    }
    while (!plan && (press = settle_press(procedure, &i))) {
        int64_t down_ns = press->kind == STEP_HOLD ? press->for_ns : press->on_ns;
        if ((press->controls & hold) == hold && down_ns > longest) {
            longest = down_ns;
        }
    }
    return longest;
}

/* A hazard that the claim's press hits and that was not accepted; of several, one that bricks. */
static const struct hazard *hazard_met(const struct allowance *allowance,
                                       const struct procedure *procedure, const struct plan *plan)
{
    const struct hazard *met = NULL;

    for (size_t i = 0; i < allowance->profile->hazard_count; i++) {
        const struct hazard *hazard = &allowance->profile->hazards[i];
        int64_t down_ns = longest_ns(procedure, plan, hazard->hold);
        if (down_ns > hazard->longer_than_ns && !is_accepted(allowance, hazard->id) &&
            (!met || hazard->grade == HAZARD_BRICKS)) {
            met = hazard;
        }
    }
    return met;
}

static void bar(struct settle_claim *claim, const struct allowance *allowance,
                const struct hazard *hazard, const struct plan *plan)
{
    char words[CONTROLS_TEXT_MAX];
    char down[SECONDS_TEXT_MAX];
    char limit[DURATION_TEXT_MAX];
    char beyond[DURATION_TEXT_MAX + 16] = "at any length";
    int used;

    if (hazard->longer_than_ns > 0) {
        snprintf(beyond, sizeof(beyond), "over %s",
                 units_duration_format(limit, hazard->longer_than_ns));
    }
    used = snprintf(claim->evidence, sizeof(claim->evidence),
                    "not run: %s held for up to %s hits hazard `%s` (%s: %s; source %s)",
                    profile_controls_text(allowance->profile, hazard->hold, words, sizeof(words)),
                    evidence_seconds(down, longest_ns(claim->procedure, plan, hazard->hold)),
                    hazard->id, beyond, hazard->risk, hazard->source.id);
    if (hazard->grade == HAZARD_BRICKS) {
        snprintf(claim->evidence + used, sizeof(claim->evidence) - (size_t)used,
                 "; settle never accepts a hazard that may brick the unit");
    } else {
        claim->allow = hazard->id;
        snprintf(claim->evidence + used, sizeof(claim->evidence) - (size_t)used,
                 "; --accept-hazard %s lets it run", hazard->id);
    }
}

static void weigh(struct settle_claim *claim, const struct allowance *allowance)
{
    const struct profile *profile = allowance->profile;
    const char *all[PROFILE_HAZARDS_MAX];
    size_t count = 0;

    for (; count < profile->hazard_count && count < PROFILE_HAZARDS_MAX; count++) {
        all[count] = profile->hazards[count].id;
    }
    /* How long it would press if nothing were forbidden. This plan is never run. */
    struct plan *measure = make_plan(allowance, claim->procedure, all, count, claim->evidence,
                                     sizeof(claim->evidence));
    const struct hazard *hazard = hazard_met(allowance, claim->procedure, measure);
    claim->worst_ns = longest_ns(claim->procedure, measure, 0);
    if (hazard) {
        bar(claim, allowance, hazard, measure);
    } else if (measure) {
        claim->plan =
            make_plan(allowance, claim->procedure, allowance->accepted, allowance->accepted_count,
                      claim->evidence, sizeof(claim->evidence));
    }
    plan_free(measure);
}

/* ---- order -------------------------------------------------------------------------------- */

static int harm(enum procedure_kind kind)
{
    static const int harms[] = {
        [KIND_SOFT] = 0,  [KIND_PAIRING] = 1, [KIND_NETWORK] = 2,
        [KIND_OTHER] = 3, [KIND_FACTORY] = 4,
    };
    return harms[kind];
}

static int in_order(const void *a, const void *b)
{
    const struct settle_claim *x = a;
    const struct settle_claim *y = b;
    int harm_x = harm(x->procedure->kind);
    int harm_y = harm(y->procedure->kind);

    if (x->worst_ns != y->worst_ns) {
        return x->worst_ns < y->worst_ns ? -1 : 1;
    }
    if (harm_x != harm_y) {
        return harm_x < harm_y ? -1 : 1;
    }
    return x->procedure < y->procedure ? -1 : x->procedure > y->procedure;
}

static size_t claim_of(const struct settle *settle, const struct procedure *procedure)
{
    size_t i = 0;
    while (settle->claims[i].procedure != procedure) {
        i++;
    }
    return i;
}

static void gather(struct settle *settle, const struct allowance *allowance)
{
    const struct procedure *procedures = settle->profile->procedures;

    for (size_t p = 0; p < settle->profile->procedure_count; p++) {
        bool involved = false;
        for (size_t c = 0; c < settle->conflict_count; c++) {
            involved =
                involved || settle->conflicts[c].first == p || settle->conflicts[c].second == p;
        }
        if (involved && settle->claim_count < SETTLE_CLAIMS_MAX) {
            struct settle_claim *claim = &settle->claims[settle->claim_count++];
            claim->procedure = &procedures[p];
            weigh(claim, allowance);
        }
    }
    qsort(settle->claims, settle->claim_count, sizeof(settle->claims[0]), in_order);
    for (size_t c = 0; c < settle->conflict_count; c++) {
        struct settle_conflict *conflict = &settle->conflicts[c];
        conflict->first = claim_of(settle, &procedures[conflict->first]);
        conflict->second = claim_of(settle, &procedures[conflict->second]);
    }
}

struct settle *settle_new(struct diags *diags, const struct profile *profile,
                          const struct bench *bench, const struct station *station,
                          const char *const *accept, size_t accept_count)
{
    struct allowance allowance = {.profile = profile, .bench = bench, .station = station};

    if (take_accepted(&allowance, diags, accept, accept_count) != 0) {
        return NULL;
    }
    struct settle *settle = xcalloc(sizeof(*settle));
    settle->profile = profile;
    settle_find(settle);
    gather(settle, &allowance);
    return settle;
}

void settle_free(struct settle *settle)
{
    if (settle) {
        for (size_t i = 0; i < settle->claim_count; i++) {
            plan_free(settle->claims[i].plan);
        }
        arena_free(&settle->arena);
        free(settle);
    }
}

/* ---- what a run needs --------------------------------------------------------------------- */

const struct requirement *settle_state_needed(const struct settle *settle, size_t claim, size_t i)
{
    const struct procedure *procedure = settle->claims[claim].procedure;

    for (size_t r = 0; r < procedure->requires_count; r++) {
        const struct requirement *mine = &procedure->requires[r];
        bool contradicted = false;
        for (size_t c = 0; c < settle->claim_count; c++) {
            const struct requirement *other =
                profile_requirement(settle->claims[c].procedure, mine->question.name);
            contradicted = contradicted || (settle->claims[c].plan && other &&
                                            settle_requirements_exclude(mine, other));
        }
        if (contradicted && i-- == 0) {
            return mine;
        }
    }
    return NULL;
}

int settle_next(const struct settle *settle)
{
    for (size_t i = 0; i < settle->claim_count; i++) {
        const struct settle_claim *claim = &settle->claims[i];
        if (claim->plan && !claim->tried && claim->state == CLAIM_OPEN) {
            return (int)i;
        }
    }
    return -1;
}

/* Over how long the on-time of an actuator that a plan presses counts; 0: it may be on for ever. */
static int64_t duty_window_ns(const struct plan *plan)
{
    int64_t longest = 0;

    for (size_t a = 0; a < plan->action_count; a++) {
        for (size_t i = 0; i < plan->station->actuator_count; i++) {
            const struct actuator *actuator = &plan->station->actuators[i];
            if (plan->actions[a].actuators >> i & 1 && actuator->duty_percent_x100 < 10000 &&
                actuator->duty_window_ns > longest) {
                longest = actuator->duty_window_ns;
            }
        }
    }
    return longest;
}

int64_t settle_rest_ns(const struct settle *settle, const struct source **source)
{
    const struct profile *profile = settle->profile;
    int64_t longest = 0;

    *source = NULL;
    for (size_t i = 0; i < profile->procedure_count; i++) {
        const struct retry *retry = &profile->procedures[i].retry;
        if (retry->cooldown_ns > longest) {
            longest = retry->cooldown_ns;
            *source = &retry->source;
        }
    }
    for (size_t i = 0; i < settle->claim_count; i++) {
        int64_t window_ns = settle->claims[i].plan ? duty_window_ns(settle->claims[i].plan) : 0;
        if (window_ns > longest) {
            longest = window_ns;
            *source = NULL;
        }
    }
    return longest;
}

/* ---- words -------------------------------------------------------------------------------- */

const char *settle_state_name(enum settle_state state)
{
    static const char *const names[] = {
        [CLAIM_OPEN] = "open", [CLAIM_HELD] = "held", [CLAIM_REFUTED] = "refuted"};
    return names[state];
}

const char *settle_why_name(enum settle_why why)
{
    static const char *const names[] = {
        [CONFLICT_PRESS] = "press", [CONFLICT_EFFECT] = "effect", [CONFLICT_HAZARD] = "hazard"};
    return names[why];
}

const char *settle_outcome_name(enum settle_outcome outcome)
{
    static const char *const names[] = {[OUTCOME_OPEN] = "open",
                                        [OUTCOME_FIRST] = "first",
                                        [OUTCOME_SECOND] = "second",
                                        [OUTCOME_BOTH] = "both held",
                                        [OUTCOME_NEITHER] = "neither held"};
    return names[outcome];
}

char *settle_press_text(const struct profile *profile, const struct procedure *procedure, char *out,
                        size_t size)
{
    const struct step *press;
    size_t used = 0;
    size_t i = 0;

    out[0] = '\0';
    while ((press = settle_press(procedure, &i)) && used < size) {
        char controls[CONTROLS_TEXT_MAX];
        char time[DURATION_TEXT_MAX];
        char pattern[PATTERN_TEXT_MAX];
        int wrote;
        profile_controls_text(profile, press->controls, controls, sizeof(controls));
        if (press->kind == STEP_TAP) {
            wrote = snprintf(out + used, size - used, "%stap %s x%d", used ? "; " : "", controls,
                             press->times);
        } else {
            wrote =
                snprintf(out + used, size - used, "%shold %s for %s%s%s", used ? "; " : "",
                         controls, units_duration_format(time, press->for_ns),
                         press->has_release_on ? ", or until " : "",
                         press->has_release_on ? pattern_format(pattern, &press->release_on) : "");
        }
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return out;
}
