/*
 * What the files of the plan share: the plan while it is being made. For rig/plan/plan*.c, and
 * those in rig/ that reckon with travel as it does.
 */
#ifndef LONGPRESS_RIG_PLAN_INTERNAL_H
#define LONGPRESS_RIG_PLAN_INTERNAL_H

#include "rig/plan/plan.h"

/* The travels of the actuators of a set, between which those of each lie; 0 for an empty set. */
struct travel {
    int64_t press_min_ns;
    int64_t press_max_ns;
    int64_t release_min_ns;
    int64_t release_max_ns;
    int64_t tolerance_ns; /* the largest */
};
struct travel plan_travel(const struct station *station, uint32_t actuators);

/* Index of the station's actuator for a control: under its name, else under one of its aliases, in
 * their order; -1 when there is none. */
int plan_actuator(const struct station *station, const struct control *control);

/* How long the button of `actuator` can be down when its lines are active for `energise_ns`. */
int64_t plan_worst_ns(const struct actuator *actuator, int64_t energise_ns);

/* Time that lines are inactive between the PRESS at `next` and the one before it, questions
 * answered at once; -1 when there is none before it. *before is its index. */
int64_t plan_inactive_ns(const struct plan *plan, size_t next, size_t *before);

/* Check every rule: fills plan->proofs and plan->accepted, and adds an error for each rule broken.
 * Returns 0, or -1 when any is. */
int plan_prove(struct plan *plan, struct diags *diags, const struct plan_choices *choices);

/* The proof alone, one line each. */
void plan_print_proof(const struct plan *plan, FILE *out);

#endif
