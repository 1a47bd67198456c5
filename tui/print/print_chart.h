/*
 * Text chart of a run for 80 columns: lanes on one time axis. One lane for each control (when its
 * line was active), the LED as letters for colours, sound, and radio marks.
 */
#ifndef LONGPRESS_TUI_STRIP_H
#define LONGPRESS_TUI_STRIP_H

#include "rig/record/record.h"
#include "tui/term/style.h"

#include <stdio.h>

enum { STRIP_COLUMNS = 78 };

void print_chart_draw(const struct record *record, struct style style, FILE *out);

#endif
