/*
 * Painting on curses' screen: text in inks, cut to columns, with the symbols and colours that this
 * terminal has. All text goes through text_printable here, whoever wrote it, so that nothing from
 * outside is ever acted on by the terminal; what does not fit is cut at a character's edge, wide
 * characters are never halved. Rows and columns count from 0; what lies outside the screen is not
 * painted.
 */
#ifndef LONGPRESS_TUI_PAINT_H
#define LONGPRESS_TUI_PAINT_H

#include "rig/signal/colour.h"
#include "tui/term/term.h"

#include <stdbool.h>
#include <stddef.h>

/* What a text is, not how it looks. Each differs from its neighbours without colours, too: by
 * weight, reverse video or the words themselves. */
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
/* All is painted: ready for term_frame. `anew`: every cell goes out, whatever the terminal shows.
 */
void paint_end(bool anew);

/* Text at a place, at most `cols` columns; returns the columns it took. What does not fit ends in
 * dots, where there is room for them. */
int paint_text(const struct paint *paint, int row, int col, int cols, enum paint_ink ink,
               const char *text);
int paint_format(const struct paint *paint, int row, int col, int cols, enum paint_ink ink,
                 const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* The same, filled up to `cols` with spaces of that ink. */
void paint_row(const struct paint *paint, int row, int col, int cols, enum paint_ink ink,
               const char *text);
/* Text in words over several rows; returns how many rows it took, at most `rows`; what does not fit
 * ends in "...". */
int paint_wrapped(const struct paint *paint, struct area area, enum paint_ink ink,
                  const char *text);
/* How many rows that would take. */
int paint_wrapped_rows(int cols, const char *text);

void paint_fill(const struct paint *paint, struct area area, enum paint_ink ink);
/* A frame of lines, or of - | + where there are none; inside is left as it is. */
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
