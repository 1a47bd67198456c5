#include "rig/plan/plan.h"

#include "rig/base/least.h"
#include "rig/base/units.h"
#include "rig/plan/plan_internal.h"
#include "rig/timeline/evidence_settle.h"

#include <assert.h>
#include <stdlib.h>

static_assert(BENCH_ACTUATORS_MAX <= 32 && PROFILE_CONTROLS_MAX <= 32, "sets are 32 bits wide");

enum { WORDS_MAX = 256, TITLE_MAX = 200 };

struct travel plan_travel(const struct station *station, uint32_t actuators)
{
    struct travel all = {.press_min_ns = INT64_MAX, .release_min_ns = INT64_MAX};

    for (size_t i = 0; i < station->actuator_count; i++) {
        const struct actuator *one = &station->actuators[i];
        if (actuators >> i & 1) {
            all.press_min_ns = least(all.press_min_ns, one->travel_press_ns);
            all.press_max_ns = most(all.press_max_ns, one->travel_press_ns);
            all.release_min_ns = least(all.release_min_ns, one->travel_release_ns);
            all.release_max_ns = most(all.release_max_ns, one->travel_release_ns);
            all.tolerance_ns = most(all.tolerance_ns, one->travel_tolerance_ns);
        }
    }
    if (all.press_min_ns == INT64_MAX) {
        all = (struct travel){0};
    }
    return all;
}

int plan_actuator(const struct station *station, const struct control *control)
{
    int actuator = bench_station_actuator(station, control->name);
    for (size_t i = 0; i < control->alias_count && actuator < 0; i++) {
        actuator = bench_station_actuator(station, control->aliases[i]);
    }
    return actuator;
}

int64_t plan_worst_ns(const struct actuator *actuator, int64_t energise_ns)
{
    return energise_ns - actuator->travel_press_ns + actuator->travel_release_ns +
           2 * actuator->travel_tolerance_ns;
}

int64_t plan_inactive_ns(const struct plan *plan, size_t next, size_t *before)
{
    int64_t inactive_ns = plan->actions[next].gap_ns;
    for (size_t i = next; i-- > 0;) {
        const struct action *action = &plan->actions[i];
        if (action->kind == ACTION_PRESS) {
            *before = i;
            return inactive_ns;
        }
        if (action->kind == ACTION_WAIT) {
            inactive_ns += action->energise_ns;
        }
    }
    return -1;
}

/* ---- compiling ---------------------------------------------------------------------------- */

static struct action *add_action(struct plan *plan, enum action_kind kind, size_t step)
{
    struct action *action = &plan->actions[plan->action_count++];
    action->kind = kind;
    action->step = (int)step;
    return action;
}

static uint32_t actuators_of(const struct plan *plan, control_mask controls)
{
    uint32_t actuators = 0;
    for (size_t i = 0; i < plan->profile->control_count; i++) {
        if (controls >> i & 1) {
            int actuator = plan_actuator(plan->station, &plan->profile->controls[i]);
            if (actuator >= 0) {
                actuators |= UINT32_C(1) << actuator;
            }
        }
    }
    return actuators;
}

/*
 * Space the PRESS at `next` from the previous one, so that its buttons are up for as long as the
 * profile says, and never down before those of the previous press are up.
 */
static void space(struct plan *plan, size_t next)
{
    struct action *press = &plan->actions[next];
    const struct step *step = &plan->procedure->steps[press->step];
    struct action *wait = NULL;
    int64_t waits_ns = 0;
    const struct action *last = NULL;

    for (size_t i = next; i-- > 0 && !last;) {
        struct action *action = &plan->actions[i];
        if (action->kind == ACTION_PRESS) {
            last = action;
        } else if (action->kind == ACTION_WAIT) {
            wait = wait ? wait : action;
            waits_ns += action->hold_ns;
        }
    }
    if (!last) {
        return;
    }

    struct travel before = plan_travel(plan->station, last->actuators);
    struct travel after = plan_travel(plan->station, press->actuators);
    int64_t up_ns = last->step == press->step ? step->off_ns : wait ? waits_ns : PLAN_STEP_GAP_NS;
    int64_t correction_ns = before.release_max_ns - after.press_min_ns;
    int64_t least_ns = correction_ns + before.tolerance_ns + after.tolerance_ns;
    int64_t inactive_ns = most(up_ns + correction_ns, least_ns);
    if (wait) {
        wait->energise_ns = most(wait->hold_ns + correction_ns, 0);
        inactive_ns -= waits_ns - wait->hold_ns + wait->energise_ns;
    }
    press->gap_ns = most(inactive_ns, 0);
}

static void add_press(struct plan *plan, size_t index)
{
    const struct step *step = &plan->procedure->steps[index];
    const struct station *station = plan->station;
    char words[WORDS_MAX];
    struct action *action = add_action(plan, ACTION_PRESS, index);

    action->controls = step->controls;
    action->actuators = actuators_of(plan, step->controls);
    profile_controls_text(plan->profile, step->controls, words, sizeof(words));
    action->words = arena_strdup(&plan->arena, words);
    action->hold_ns = step->kind == STEP_TAP ? step->on_ns : step->for_ns;
    struct travel travel = plan_travel(station, action->actuators);
    action->energise_ns = action->hold_ns + travel.press_max_ns - travel.release_min_ns;
    action->worst_ns = 0;
    for (size_t i = 0; i < station->actuator_count; i++) {
        if (action->actuators >> i & 1) {
            action->worst_ns =
                most(action->worst_ns, plan_worst_ns(&station->actuators[i], action->energise_ns));
        }
    }
    action->release_on = step->has_release_on ? &step->release_on : NULL;
    action->not_before_ns = step->not_before_ns;
    space(plan, plan->action_count - 1);
}

static size_t presses_of(const struct step *step)
{
    return step->kind == STEP_TAP && step->times > 1 ? (size_t)step->times : 1;
}

static int compile(struct plan *plan, struct diags *diags, struct place place)
{
    const struct procedure *procedure = plan->procedure;
    size_t needed = 0;

    for (size_t i = 0; i < procedure->step_count; i++) {
        needed += presses_of(&procedure->steps[i]);
    }
    if (needed > PLAN_ACTIONS_MAX) {
        return diag_error(
            diags, place, "split it into several procedures",
            "the procedure has %zu presses, waits and questions; at most %d can be planned", needed,
            PLAN_ACTIONS_MAX);
    }
    plan->actions = arena_array(&plan->arena, needed ? needed : 1, sizeof(struct action));
    plan->last_step_action = needed;
    for (size_t i = 0; i < procedure->step_count; i++) {
        const struct step *step = &procedure->steps[i];
        struct action *action;
        switch (step->kind) {
        case STEP_HOLD:
        case STEP_TAP:
            plan->last_step_action = plan->action_count;
            for (size_t n = presses_of(step); n > 0; n--) {
                add_press(plan, i);
            }
            break;
        case STEP_WAIT:
            action = add_action(plan, ACTION_WAIT, i);
            action->hold_ns = step->for_ns;
            action->energise_ns = step->for_ns;
            break;
        case STEP_ASK:
            action = add_action(plan, ACTION_ASK, i);
            action->ask = &step->ask;
            break;
        }
    }
    return 0;
}

static unsigned radio_needs_of(const struct procedure *procedure)
{
    unsigned needs = 0;

    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *expectation = &procedure->expect[i];
        const struct expect_trait *trait = expect_trait(expectation->kind);
        /* Where nothing is claimed, only listen: connecting would affect the unit. */
        needs |= expectation->unknown ? trait->listens : trait->needs;
    }
    return needs;
}

/* How long a state may take after its window: the last trial, or the searches still running. */
static int64_t tail_ns(const struct expectation *expectation)
{
    return expectation->unknown                    ? 0
           : expectation->kind == EXPECT_BOND_KEPT ? EVIDENCE_LAST_TRIAL_NS
           : expectation->kind == EXPECT_GONE      ? EVIDENCE_LAST_SEARCHES_NS
                                                   : 0;
}

/* ... and an event that can be undone, after the last one. */
static int64_t settling_ns(const struct plan *plan, const struct expectation *expectation)
{
    int64_t settle_ns = evidence_settling_ns(plan->procedure, expectation, plan->steady_ns);
    if (settle_ns == 0) {
        return 0;
    }
    return settle_ns + (expectation->kind == EXPECT_DISCOVERABLE ? EVIDENCE_LAST_SEARCHES_NS
                        : evidence_tried_last(plan->procedure, expectation) ? EVIDENCE_LAST_TRIAL_NS
                                                                            : 0);
}

static int64_t longest_ns(const struct plan *plan)
{
    int64_t total_ns = 0;
    int64_t watch_ns = 0;
    int64_t event_ns = 0;
    int64_t settle_ns = 0;

    for (size_t i = 0; i < plan->action_count; i++) {
        total_ns += plan->actions[i].gap_ns + plan->actions[i].energise_ns;
    }
    for (size_t i = 0; i < plan->procedure->expect_count; i++) {
        const struct expectation *expectation = &plan->procedure->expect[i];
        int64_t end_ns = expectation->after_ns + expectation->within_ns;
        watch_ns = most(watch_ns, end_ns + expectation->dark_ns + tail_ns(expectation));
        event_ns = most(event_ns, end_ns);
        settle_ns = most(settle_ns, settling_ns(plan, expectation));
    }
    watch_ns = most(watch_ns, settle_ns ? event_ns + settle_ns : 0);
    return total_ns + watch_ns;
}

struct plan *plan_make(struct diags *diags, const struct profile *profile,
                       const struct procedure *procedure, const struct bench *bench,
                       const struct station *station, const struct plan_choices *choices,
                       FILE *proof_out)
{
    static const struct plan_choices no_choices;
    struct arena arena = ARENA_INIT;
    struct plan *plan = arena_alloc(&arena, sizeof(*plan));
    char title[TITLE_MAX];

    snprintf(title, sizeof(title), "%s %s", profile->model, procedure->name);
    plan->arena = arena;
    plan->profile = profile;
    plan->procedure = procedure;
    plan->bench = bench;
    plan->station = station;
    plan->radio_needs = radio_needs_of(procedure);
    plan->steady_ns = choices ? choices->steady_ns : 0;
    plan->gtin = choices && choices->gtin ? arena_strdup(&plan->arena, choices->gtin) : NULL;
    plan->without_bond = choices && choices->without_bond;

    int broken = compile(plan, diags, place_of(title));
    if (!broken) {
        plan->longest_ns = longest_ns(plan);
        broken = plan_prove(plan, diags, choices ? choices : &no_choices);
        if (broken && proof_out) {
            plan_print(plan, proof_out);
        }
    }
    if (broken) {
        plan_free(plan);
        return NULL;
    }
    return plan;
}

void plan_free(struct plan *plan)
{
    if (plan) {
        /* The plan lives in its own arena. */
        struct arena arena = plan->arena;
        arena_free(&arena);
    }
}
