/*
 * The classic method: holds in equal steps through the range, each `repeats` times. Only the choice
 * of holds differs from the search (rig/threshold/threshold.h): estimate and interval come from the
 * same posterior, which is given each press.
 *
 * It makes one sweep after another, each from short to long, so that it can stop after any of them.
 */
#ifndef LONGPRESS_RIG_THRESHOLD_LINEAR_H
#define LONGPRESS_RIG_THRESHOLD_LINEAR_H

#include "rig/threshold/threshold.h"

/* Presses of one sweep from `over->low_ns` on, closed holds left out. -1 after an error: a step
 * that is not positive, no hold left, or more presses in all than THRESHOLD_PRESSES_MAX. */
int threshold_linear_sweep(struct diags *diags, const struct threshold_setup *setup,
                           const struct hold_range *over, int64_t step_ns, int repeats);

/* Hold of a press, counted from 0, of a sweep that threshold_linear_sweep has accepted. */
int64_t threshold_linear_hold_ns(const struct threshold_setup *setup, const struct hold_range *over,
                                 int64_t step_ns, int press);

#endif
