/* A screen as a picture: one self-contained SVG file, for the README. */
#ifndef LONGPRESS_TESTS_TUI_SVG_H
#define LONGPRESS_TESTS_TUI_SVG_H

#include "tests/tui/screen.h"

#include <stdio.h>

/* `title` is for those who cannot see the picture; NULL: none. */
void svg_write(const struct screen *screen, const char *title, FILE *out);

#endif
