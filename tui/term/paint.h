/*
 * Paints on the curses screen: text in inks, cut to columns, with the symbols and colours of this
 * terminal. All text passes text_printable here, so that the terminal never acts on text from
 * outside. Text that does not fit is cut between characters; wide characters are never halved. Rows
 * and columns count from 0; nothing is painted outside the screen.
 */
#ifndef LONGPRESS_TUI_PAINT_H
#define LONGPRESS_TUI_PAINT_H

#include "rig/signal/colour.h"
#include "tui/term/term.h"

#include <stdbool.h>
#include <stddef.h>

/* What a text means, not how it looks. Inks also differ without colours: by weight, reverse video
 * or the words themselves. */
enum paint_ink {
    PAINT_PLAIN,
    PAINT_STRONG,
    PAINT_FAINT,
    PAINT_BAR,     /* header and key bar */
    PAINT_BAR_KEY, /* a key's name in the bar */
    PAINT_CHOSEN,  /* the row or card that keys act on */
    PAINT_GOOD,
    PAINT_BAD,
    PAINT_DOUBT,
    PAINT_SIMULATED,
    PAINT_ALARM,      /* trouble with the bench */
    PAINT_DOWN,       /* a button is down */
    PAINT_GOOD_FIELD, /* a field filled with the colour, for block letters */
    PAINT_BAD_FIELD,
    PAINT_DOUBT_FIELD,
    PAINT_LED, /* + colour: PAINT_LED + COLOUR_RED, ... */
    PAINT_INKS = PAINT_LED + COLOUR_COUNT,
};

struct paint {
    bool utf8;
    enum term_colours colours;
    int rows;
    int cols;
};

struct area {
    int row, col, rows, cols;
};

/* After term_open and after each term_resize. */
struct paint paint_begin(const struct term *term);
/* Finish painting: ready for term_frame. `anew`: send every cell, whatever the terminal shows. */
void paint_end(bool anew);

/* Paint text, at most `cols` columns; returns the columns used. Text that does not fit ends in
 * dots, if there is room for them. */
int paint_text(const struct paint *paint, int row, int col, int cols, enum paint_ink ink,
               const char *text);
int paint_format(const struct paint *paint, int row, int col, int cols, enum paint_ink ink,
                 const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* The same, padded to `cols` with spaces in that ink. */
void paint_row(const struct paint *paint, int row, int col, int cols, enum paint_ink ink,
               const char *text);
/* Paint text wrapped over at most `rows` rows; returns the rows used. Text that does not fit ends
 * in "...". */
int paint_wrapped(const struct paint *paint, struct area area, enum paint_ink ink,
                  const char *text);
/* How many rows that would take. */
int paint_wrapped_rows(int cols, const char *text);

void paint_fill(const struct paint *paint, struct area area, enum paint_ink ink);
/* Draw a frame with lines, or with - | + without line symbols; leaves the inside alone. */
void paint_frame(const struct paint *paint, struct area area, enum paint_ink ink);

/* One cell. Symbols are this terminal's: UTF-8, or ASCII that means the same. */
enum paint_symbol {
    SYMBOL_FULL,  /* commanded and measured */
    SYMBOL_UPPER, /* commanded only */
    SYMBOL_LOWER, /* measured only */
    SYMBOL_DOT,   /* nothing */
    SYMBOL_NOW,   /* the cursor of a chart */
    SYMBOL_RULE,
    SYMBOL_HIGH, /* a line's level, in a logic analyser */
    SYMBOL_LOW,
    SYMBOL_RISE,
    SYMBOL_FALL,
    SYMBOL_PASS,
    SYMBOL_FAIL,
    SYMBOL_DOUBT,
    SYMBOL_PENDING,
    SYMBOL_MORE_UP,
    SYMBOL_MORE_DOWN,
    SYMBOL_LEFT, /* arrows in key bars */
    SYMBOL_RIGHT,
    SYMBOL_COUNT,
};
void paint_symbol(const struct paint *paint, int row, int col, enum paint_ink ink,
                  enum paint_symbol symbol);
const char *paint_symbol_text(const struct paint *paint, enum paint_symbol symbol);
void paint_char(const struct paint *paint, int row, int col, enum paint_ink ink, char c);

#endif
