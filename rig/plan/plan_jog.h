/*
 * A press by hand, proved like any other: a temporary procedure with one hold, so that the plan's
 * rules (max-hold, max-on, duty, interlock, hazards) apply to it too. Without a model no hazards
 * are known, so no press may be longer than JOG_MAX_NS: the shortest hazard or procedure in any
 * profile is a hold of 5 s.
 */
#ifndef LONGPRESS_RIG_JOG_H
#define LONGPRESS_RIG_JOG_H

#include "rig/plan/plan.h"

#include <stdint.h>

#define JOG_MAX_NS (INT64_C(3) * 1000 * 1000 * 1000)

/* Owns the temporary profile and procedure; plan borrows them. */
struct jog;

/* NULL after an error: the broken rules are in `diags`. `profile` may be NULL. */
struct jog *plan_jog_make(struct diags *diags, const struct bench *bench,
                          const struct station *station, const struct profile *profile,
                          uint32_t actuators, int64_t hold_ns);
void plan_jog_free(struct jog *jog);
/* Its one press: mask and energise_ns. */
const struct plan *plan_jog_plan(const struct jog *jog);

#endif
