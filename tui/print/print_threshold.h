/*
 * A threshold's search drawn for 80 columns: presses as dots by what came of them, the posterior,
 * the 95 % interval, on one axis of hold times around where the threshold is.
 */
#ifndef LONGPRESS_TUI_THRESHOLD_PLOT_H
#define LONGPRESS_TUI_THRESHOLD_PLOT_H

#include "rig/threshold/characterize.h"
#include "tui/term/style.h"

#include <stdio.h>

/* `search` is one of the series'; `from` is what a press must have come to for the upper row:
 * HOLD_RESET for the start, HOLD_BEYOND for the end. */
void print_threshold_plot(const struct characterize *series, const struct threshold *search,
                          enum hold_outcome from, struct style style, FILE *out);

#endif
