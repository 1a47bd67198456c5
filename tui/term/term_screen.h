/*
 * Curses, drawing into a file: begun without what it would do besides to a terminal's program.
 */
#ifndef LONGPRESS_TUI_TERM_SCREEN_H
#define LONGPRESS_TUI_TERM_SCREEN_H

#include "tui/term/term.h"

#include <curses.h>
#include <stdbool.h>
#include <stdio.h>

/* newterm on `drawn`, for the terminal that TERM names, of this size; NULL when curses cannot. */
SCREEN *term_screen_new(FILE *drawn, int rows, int columns);
/* Begin colours, where terminal and user want them. */
enum term_colours term_screen_colours(void);
/* Locale and terminal are of UTF-8. */
bool term_screen_utf8(void);

#endif
