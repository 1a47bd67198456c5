/*
 * How verdicts and results look: inks, symbols and words.
 */
#ifndef LONGPRESS_TUI_PAINT_VERDICT_H
#define LONGPRESS_TUI_PAINT_VERDICT_H

#include "rig/judge/judge.h"
#include "tui/term/paint.h"

enum paint_ink paint_verdict_ink(enum verdict verdict);
enum paint_ink paint_verdict_field(enum verdict verdict);
enum paint_ink paint_result_ink(enum expect_result result);
enum paint_symbol paint_result_symbol(enum expect_result result);
/* "PASS", "FAIL", ... */
const char *paint_verdict_word(enum verdict verdict);

#endif
