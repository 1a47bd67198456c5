/*
 * The plan: procedure, bench station and the operator's choices, compiled into a flat schedule,
 * with the proof that it is safe. Nothing moves without a plan.
 *
 * For each actuator, p is its travel_press, r its travel_release, and t the tolerance of both.
 * Lines that are active for E hold their button down from p after their start to r after their end.
 * For all buttons of a chord to be down together for `hold`, E = hold + (longest p of the chord) -
 * (shortest r of the chord) and the button of one actuator is then down for E - p + r, in the worst
 * case for worst = E - p + r + 2 t (pressed as early and released as late as its tolerance allows).
 * For a chord the longest worst case counts; for a hazard's controls the shortest, since all of
 * them must be down together. A `release_on` is assumed never to be seen. Between two presses of
 * one step, and around a wait, the lines are inactive for the time the buttons should be up, + r of
 * the earlier press (the latest)
 * - p of the later one (the earliest); between two steps buttons are up for PLAN_STEP_GAP_NS. No
 * press begins before the buttons of the previous one are up in the worst case.
 *
 * A plan is refused, with an error naming rule, source and numbers for each broken rule:
 *   unwired      a control has no actuator on this station
 *   max-hold     the worst case of a hold is longer than the control's `max_hold`
 *   max-on       a coil is on (E) for longer than the actuator's `max_on`
 *   duty         more on-time in a duty window than the actuator's limit: the window slides over
 *                the whole schedule at its shortest spacing (smallest gaps, questions answered at
 *                once, a `release_on` hold of other actuators skipped), starting at rest
 *   too-short    a press shorter than the actuator's travel: E not beyond p + t; or taps between
 *                which the button would not come up: `off` not beyond p + t
 *   interlock    actuators of the station's interlock set are down together
 *   hazard       the worst case of a press with all of a hazard's controls (and perhaps more) is
 *                longer than `longer_than` (0: any press), unless the procedure `intends` the
 *                hazard and it is not of grade `bricks`, or the operator accepts it
 *                (--accept-hazard ID). Presses never overlap, so no two of them add up to a hazard.
 * An --accept-hazard of a hazard that the model does not have is refused as well.
 *
 * A plan borrows from the profile and the station, which must outlive it.
 */
#ifndef LONGPRESS_RIG_PLAN_H
#define LONGPRESS_RIG_PLAN_H

#include "rig/bench/bench.h"
#include "rig/profile/profile.h"

#include <stdio.h>

enum { PLAN_ACTIONS_MAX = 512 };

/* How long buttons are up between two steps that have no wait between them. */
#define PLAN_STEP_GAP_NS INT64_C(200000000)

enum action_kind { ACTION_PRESS, ACTION_WAIT, ACTION_ASK };

/*
 * One action, after the previous one has ended. A PRESS begins `gap_ns` after the previous release
 * (as scheduled, or as early as it really was), or after the end of the previous wait or question.
 */
struct action {
    enum action_kind kind;
    int step;              /* index into the procedure's steps */
    control_mask controls; /* of the profile */
    uint32_t actuators;    /* of the station */
    const char *words;     /* PRESS: the controls, "power + nc_ambient" */
    int64_t gap_ns;        /* PRESS: how long lines are inactive before it, corrected for travel */
    int64_t hold_ns;       /* PRESS: how long the button is to be down; WAIT: how long to wait */
    int64_t energise_ns;   /* PRESS: how long the lines are active: hold corrected for travel;
                              WAIT: the wait corrected for the travel of the presses around it */
    int64_t worst_ns;      /* PRESS: the longest any of the buttons can be down */
    const struct pattern *release_on; /* PRESS: or NULL */
    int64_t not_before_ns;            /* PRESS: light that began earlier does not count */
    const struct question *ask;       /* ASK */
};

/* One line of the proof: the rule that was checked, and its numbers. */
struct proof {
    const char *rule; /* "max-hold", ... */
    bool holds;
    bool accepted; /* a hazard that is met, but allowed */
    char *text;    /* a sentence with the numbers */
};

struct plan {
    struct arena arena;
    const struct profile *profile;
    const struct procedure *procedure;
    const struct bench *bench;
    const struct station *station;
    struct action *actions;
    size_t action_count;
    size_t last_step_action; /* index of the first PRESS of the last hold or tap step: the anchor
                                `press`; action_count when nothing is pressed */
    struct proof *proofs;
    size_t proof_count;
    unsigned radio_needs;        /* set of enum radio_need */
    const char *const *accepted; /* ids of hazards that the operator accepted and the plan meets */
    size_t accepted_count;
    const char *gtin;  /* as in plan_choices */
    int64_t steady_ns; /* the same */
    bool without_bond;
    int64_t longest_ns; /* the whole run without questions, if nothing ends early */
};

struct plan_choices {
    const char *const *accept_hazards;
    size_t accept_count;
    int64_t steady_ns;  /* how long states are watched after the last expected event; 0: as the
                           profile says */
    bool without_bond;  /* press a unit even if it does not pair; what needs a bond is left out */
    const char *gtin;   /* the unit's trade item number, scanned with its serial; or NULL */
    bool none_accepted; /* a press by hand: no hazard can be accepted */
};

/* Compile and prove. NULL after an error; then all broken rules are in `diags`. With `proof_out`,
 * the proof is printed there even then, broken rules included (run --plan). */
struct plan *plan_make(struct diags *diags, const struct profile *profile,
                       const struct procedure *procedure, const struct bench *bench,
                       const struct station *station, const struct plan_choices *choices,
                       FILE *proof_out);
void plan_free(struct plan *plan);

/* The schedule and the proof in words, as `run --plan` shows them. */
void plan_print(const struct plan *plan, FILE *out);

#endif
