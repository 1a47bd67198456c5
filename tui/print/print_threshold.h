/*
 * Chart of a threshold search for 80 columns: presses as dots by outcome, the posterior and the 95
 * % interval, on an axis of hold times around the threshold.
 */
#ifndef LONGPRESS_TUI_THRESHOLD_PLOT_H
#define LONGPRESS_TUI_THRESHOLD_PLOT_H

#include "rig/threshold/characterize.h"
#include "tui/term/style.h"

#include <stdio.h>

/* `search` is one of the series'; presses with outcome `from` or beyond go into the upper row:
 * HOLD_RESET for the start, HOLD_BEYOND for the end. */
void print_threshold_plot(const struct characterize *series, const struct threshold *search,
                          enum hold_outcome from, struct style style, FILE *out);

#endif
