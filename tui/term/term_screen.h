/*
 * Starts curses drawing into a file, without its other side effects on a terminal program.
 */
#ifndef LONGPRESS_TUI_TERM_SCREEN_H
#define LONGPRESS_TUI_TERM_SCREEN_H

#include "tui/term/term.h"

#include <curses.h>
#include <stdbool.h>
#include <stdio.h>

/* newterm on `drawn` for the terminal named by TERM, with this size; NULL if curses fails. */
SCREEN *term_screen_new(FILE *drawn, int rows, int columns);
/* Start colours if the terminal has them and the user wants them. */
enum term_colours term_screen_colours(void);
/* Do locale and terminal use UTF-8? */
bool term_screen_utf8(void);

#endif
