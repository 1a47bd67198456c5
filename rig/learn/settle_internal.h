/* Shared by rig/learn/settle*.c only. */
#ifndef LONGPRESS_RIG_SETTLE_INTERNAL_H
#define LONGPRESS_RIG_SETTLE_INTERNAL_H

#include "rig/learn/settle.h"
#include "rig/timeline/evidence.h"

/* The next hold or tap at or after *i, which is moved past it; NULL past the last. */
const struct step *settle_press(const struct procedure *procedure, size_t *i);

/* Do both ask for the question's answer, and allow none in common? */
bool settle_requirements_exclude(const struct requirement *a, const struct requirement *b);

/* Find the contradictions of settle->profile among its procedures; `first` and `second` are then
 * indices of procedures. */
void settle_find(struct settle *settle);

#endif
