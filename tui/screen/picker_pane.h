/*
 * What a procedure does, beside the list of models: in words, and as a drawing of its press
 * schedule against the LED it expects.
 */
#ifndef LONGPRESS_TUI_PICKER_PANE_H
#define LONGPRESS_TUI_PICKER_PANE_H

#include "rig/bench/bench.h"
#include "rig/profile/profile.h"
#include "tui/term/paint.h"

/* From line `top` on; returns how many lines there are in all. `station` says what of it is wired.
 */
int picker_pane(const struct paint *paint, struct area area, const struct profile *profile,
                const struct procedure *procedure, const struct station *station, int top);

#endif
