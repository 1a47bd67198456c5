/*
 * Keys and words shared by several screens: scrolling, a question's keys, what a run is doing.
 */
#ifndef LONGPRESS_TUI_KEYBAR_H
#define LONGPRESS_TUI_KEYBAR_H

#include "rig/profile/question.h"
#include "tui/drive/session.h"
#include "tui/screen/screen.h"
#include "tui/term/keys.h"

#include <stddef.h>

/* The new top of a list or text that starts at `top`; `rows` of `count` rows are visible. */
int keybar_scroll(enum direction direction, int top, int rows, int count);

/* The key for the i-th answer of a question: its first letter that no earlier answer uses. For a
 * percentage: digits, tens of percent, 0 for 100 %. */
char keybar_answer_key(const struct question *question, size_t i);
/* "o open  c closed". Returns `out`. */
char *keybar_answers(char *out, size_t size, const struct question *question);
/* The answer that a key gives, or NULL. Written to out[ANSWER_TEXT_MAX]. */
const char *keybar_answer(char *out, const struct question *question, const struct key *key);

/* "pressing power + nc_ambient", "watching LED and radio", ... */
const char *keybar_phase(const struct session *session);
enum { STAY_TEXT_MAX = 48 };
/* "do not lift yet, 0:42", while the unit is watched; else "". Returns `out`. */
const char *keybar_stay(char *out, const struct session *session);

#endif
