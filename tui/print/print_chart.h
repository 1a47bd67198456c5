/*
 * The strip: a run drawn as lanes on one time axis, for 80 columns. A lane for each control (when
 * the lines were active), the LED in letters of its colours, sound, and marks of the radio.
 */
#ifndef LONGPRESS_TUI_STRIP_H
#define LONGPRESS_TUI_STRIP_H

#include "rig/record/record.h"
#include "tui/term/style.h"

#include <stdio.h>

enum { STRIP_COLUMNS = 78 };

void print_chart_draw(const struct record *record, struct style style, FILE *out);

#endif
