/*
 * The description of a procedure beside the list of models: in words, and as a chart of its press
 * schedule against the expected LED.
 */
#ifndef LONGPRESS_TUI_PICKER_PANE_H
#define LONGPRESS_TUI_PICKER_PANE_H

#include "rig/bench/bench.h"
#include "rig/profile/profile.h"
#include "tui/term/paint.h"

/* Draws from line `top` on; returns the total number of lines. `station` says which controls are
 * wired. */
int picker_pane(const struct paint *paint, struct area area, const struct profile *profile,
                const struct procedure *procedure, const struct station *station, int top);

#endif
