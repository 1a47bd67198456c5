/*
 * A terminal's screen: a tap (tap.h) and libvterm behind it. Rows and columns are from 0.
 */
#ifndef LONGPRESS_TESTS_TUI_SCREEN_H
#define LONGPRESS_TESTS_TUI_SCREEN_H

#include "tests/tui/tap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct screen;

enum { SCREEN_ROWS_MAX = 200, SCREEN_COLUMNS_MAX = 500, SCREEN_CHARS_MAX = 6 };

enum colour_kind { COLOUR_DEFAULT, COLOUR_INDEXED, COLOUR_RGB };

struct colour {
    enum colour_kind kind;
    uint8_t index;
    uint8_t red, green, blue; /* always right, but for COLOUR_DEFAULT */
};

struct cell {
    uint32_t chars[SCREEN_CHARS_MAX + 1]; /* ends with 0; empty: never written, or erased */
    int width;                            /* 0: the right half of a wide one */
    bool bold, underline, italic, blink, reverse, strike;
    struct colour foreground, background;
};

/* Never NULL. `answer` takes what the terminal itself would send back (reports); may be NULL. */
struct screen *screen_new(int rows, int columns);
void screen_free(struct screen *screen);

void screen_feed(struct screen *screen, const char *bytes, size_t count);
void screen_resize(struct screen *screen, int rows, int columns);
void screen_size(const struct screen *screen, int *rows, int *columns);
void screen_cursor(const struct screen *screen, int *row, int *column);
struct tap *screen_tap(struct screen *screen);

/* How often something was drawn outside: the cursor sent past an edge, or text that ran over the
 * right one. The second forgets them: after a resize a program draws for the old size for a while.
 */
unsigned screen_outside(const struct screen *screen);
void screen_forgive(struct screen *screen);

struct cell screen_cell(const struct screen *screen, int row, int column);
/* A number that differs when any cell differs. */
uint64_t screen_hash(const struct screen *screen);

/* The row's text in UTF-8, blanks at its end cut off. The caller frees it. */
char *screen_row(const struct screen *screen, int row);
/* All rows, each ended by a newline. The caller frees it. */
char *screen_text(const struct screen *screen);
/* How a row is drawn, as in a golden file: "0-9 bold red; 12-30 reverse"; "" for a plain one. The
 * caller frees it. */
char *screen_style(const struct screen *screen, int row);

/* For people: with a frame, the cursor and the modes. */
void screen_print(const struct screen *screen, FILE *out);

#endif
