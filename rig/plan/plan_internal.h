/*
 * Shared by rig/plan/plan*.c while a plan is made, and by other files in rig/ that correct for
 * travel in the same way.
 */
#ifndef LONGPRESS_RIG_PLAN_INTERNAL_H
#define LONGPRESS_RIG_PLAN_INTERNAL_H

#include "rig/plan/plan.h"

/* The range of travels of the actuators in a set; 0 for an empty set. */
struct travel {
    int64_t press_min_ns;
    int64_t press_max_ns;
    int64_t release_min_ns;
    int64_t release_max_ns;
    int64_t tolerance_ns; /* the largest */
};
struct travel plan_travel(const struct station *station, uint32_t actuators);

/* Index of the station's actuator for a control: by its name, else by its aliases in order; -1 if
 * there is none. */
int plan_actuator(const struct station *station, const struct control *control);

/* The longest that the button of `actuator` can be down when its lines are active for
 * `energise_ns`. */
int64_t plan_worst_ns(const struct actuator *actuator, int64_t energise_ns);

/* How long lines are inactive between the PRESS at `next` and the previous one, if questions are
 * answered at once; -1 if there is no previous one. *before is its index. */
int64_t plan_inactive_ns(const struct plan *plan, size_t next, size_t *before);

/* Check every rule: fills plan->proofs and plan->accepted, and adds an error for each rule broken.
 * Returns 0, or -1 if any is broken. */
int plan_prove(struct plan *plan, struct diags *diags, const struct plan_choices *choices);

/* Only the proof, one line per rule. */
void plan_print_proof(const struct plan *plan, FILE *out);

#endif
