/*
 * The terminal's capabilities, from terminfo through curses. Separate from tui/term/term.c because
 * the curses header for it claims names such as `lines` and `struct term`.
 */
#ifndef LONGPRESS_TUI_TERM_INFO_H
#define LONGPRESS_TUI_TERM_INFO_H

#include "tui/term/keys.h"

#include <stdbool.h>
#include <stddef.h>

/* Why a terminal with this name (NULL: TERM is not set) cannot show screens; NULL: it can. */
const char *term_info_unsuitable(const char *name, int fd);

/* All others are about the current curses terminal. Texts are cut to `size` and terminated; returns
 * their length. */

/* It reports the mouse. */
bool term_info_mouse(void);
/* What makes it send its keys' sequences and, if asked, the mouse's. */
size_t term_info_enter(char *out, size_t size, bool mouse);
/* It scrolls all of its rows again; the cursor may move. */
size_t term_info_whole_screen(char *out, size_t size, int rows);
/* What undoes everything that curses or this file has sent. */
size_t term_info_leave(char *out, size_t size, bool mouse, int rows);

/* A keys_lookup. */
int term_info_key(void *context, const char *sequence, size_t length);

#endif
