#include "tui/term/paint.h"

#include "rig/base/text.h"
#include "rig/base/width.h"

#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum {
    TEXT_MAX = 2048,
    CUT_COLS = 3,      /* of the dots that say that a text goes on */
    CUT_COLS_MIN = 16, /* in less, letters tell more than dots */
};

static const char cut[] = "...";

/* Foreground and background of each ink, by the number of colours; -1 is the terminal's own. */
struct look {
    short fore8, back8;
    short fore256, back256;
    attr_t with_colours;
    attr_t without;
};

static const struct look looks[PAINT_INKS] = {
    [PAINT_PLAIN] = {-1, -1, -1, -1, A_NORMAL, A_NORMAL},
    [PAINT_STRONG] = {-1, -1, -1, -1, A_BOLD, A_BOLD},
    [PAINT_FAINT] = {-1, -1, 245, -1, A_NORMAL, A_NORMAL},
    [PAINT_BAR] = {COLOR_WHITE, COLOR_BLUE, 252, 24, A_NORMAL, A_REVERSE},
    [PAINT_BAR_KEY] = {COLOR_YELLOW, COLOR_BLUE, 229, 24, A_BOLD, A_REVERSE | A_BOLD},
    [PAINT_CHOSEN] = {COLOR_BLACK, COLOR_CYAN, 16, 116, A_NORMAL, A_REVERSE},
    [PAINT_GOOD] = {COLOR_GREEN, -1, 78, -1, A_BOLD, A_BOLD},
    [PAINT_BAD] = {COLOR_RED, -1, 203, -1, A_BOLD, A_BOLD},
    [PAINT_DOUBT] = {COLOR_YELLOW, -1, 221, -1, A_BOLD, A_BOLD},
    [PAINT_SIMULATED] = {COLOR_WHITE, COLOR_MAGENTA, 231, 127, A_BOLD, A_REVERSE | A_BOLD},
    [PAINT_ALARM] = {COLOR_WHITE, COLOR_RED, 231, 124, A_BOLD, A_REVERSE | A_BOLD},
    [PAINT_DOWN] = {COLOR_YELLOW, -1, 214, -1, A_BOLD, A_BOLD},
    [PAINT_GOOD_FIELD] = {COLOR_BLACK, COLOR_GREEN, 16, 71, A_BOLD, A_REVERSE},
    [PAINT_BAD_FIELD] = {COLOR_WHITE, COLOR_RED, 231, 124, A_BOLD, A_REVERSE},
    [PAINT_DOUBT_FIELD] = {COLOR_BLACK, COLOR_YELLOW, 16, 178, A_BOLD, A_REVERSE},
    [PAINT_LED + COLOUR_DARK] = {-1, -1, 240, -1, A_NORMAL, A_NORMAL},
    [PAINT_LED + COLOUR_RED] = {COLOR_WHITE, COLOR_RED, 231, 160, A_BOLD, A_REVERSE},
    [PAINT_LED + COLOUR_GREEN] = {COLOR_BLACK, COLOR_GREEN, 16, 34, A_NORMAL, A_REVERSE},
    [PAINT_LED + COLOUR_AMBER] = {COLOR_BLACK, COLOR_YELLOW, 16, 214, A_NORMAL, A_REVERSE},
    [PAINT_LED + COLOUR_BLUE] = {COLOR_WHITE, COLOR_BLUE, 231, 27, A_BOLD, A_REVERSE},
    [PAINT_LED + COLOUR_MAGENTA] = {COLOR_WHITE, COLOR_MAGENTA, 231, 163, A_BOLD, A_REVERSE},
    [PAINT_LED + COLOUR_CYAN] = {COLOR_BLACK, COLOR_CYAN, 16, 44, A_NORMAL, A_REVERSE},
    [PAINT_LED + COLOUR_WHITE] = {COLOR_BLACK, COLOR_WHITE, 16, 255, A_NORMAL, A_REVERSE},
    [PAINT_LED + COLOUR_LIT] = {COLOR_BLACK, COLOR_WHITE, 16, 230, A_NORMAL, A_REVERSE},
};

static const char *const symbols[SYMBOL_COUNT][2] = {
    [SYMBOL_FULL] = {"#", "█"},      [SYMBOL_UPPER] = {"\"", "▀"},  [SYMBOL_LOWER] = {"_", "▄"},
    [SYMBOL_DOT] = {".", "·"},       [SYMBOL_NOW] = {"|", "│"},     [SYMBOL_RULE] = {"-", "─"},
    [SYMBOL_HIGH] = {"~", "▔"},      [SYMBOL_LOW] = {"_", "▁"},     [SYMBOL_RISE] = {"/", "╱"},
    [SYMBOL_FALL] = {"\\", "╲"},     [SYMBOL_PASS] = {"+", "✓"},    [SYMBOL_FAIL] = {"X", "✗"},
    [SYMBOL_DOUBT] = {"?", "?"},     [SYMBOL_PENDING] = {".", "·"}, [SYMBOL_MORE_UP] = {"^", "▲"},
    [SYMBOL_MORE_DOWN] = {"v", "▼"}, [SYMBOL_LEFT] = {"<", "←"},    [SYMBOL_RIGHT] = {">", "→"},
};

struct paint paint_begin(const struct term *term)
{
    struct paint paint = {.utf8 = term_utf8(term), .colours = term_colours(term)};
    getmaxyx(stdscr, paint.rows, paint.cols);
    for (short i = 0; paint.colours != TERM_MONO && i < PAINT_INKS; i++) {
        const struct look *look = &looks[i];
        bool many = paint.colours == TERM_256;
        init_pair((short)(i + 1), many ? look->fore256 : look->fore8,
                  many ? look->back256 : look->back8);
    }
    return paint;
}

void paint_end(bool anew)
{
    if (anew) {
        clearok(stdscr, TRUE);
    }
    wnoutrefresh(stdscr);
}

static void use(const struct paint *paint, enum paint_ink ink)
{
    if (paint->colours == TERM_MONO) {
        attr_set(looks[ink].without, 0, NULL);
    } else {
        attr_set(looks[ink].with_colours, (short)(ink + 1), NULL);
    }
}

/* The next character of a printable text and its columns. Its length in bytes; 0 at the end. */
static size_t next_char(const char *text, wchar_t *wide, int *columns)
{
    mbstate_t state = {0};
    size_t length = mbrtowc(wide, text, MB_CUR_MAX, &state);
    if (length == 0) {
        return 0;
    }
    if (length == (size_t)-1 || length == (size_t)-2) {
        /* Not this locale's: the whole character is one question mark. */
        *wide = L'?';
        *columns = 1;
        length = 1;
        while (((unsigned char)text[length] & 0xC0) == 0x80) {
            length++;
        }
        return length;
    }
    /* Curses lays out by the C library's widths: what that sees otherwise would shift the row. */
    *columns = width_columns((uint32_t)*wide);
    if (wcwidth(*wide) != *columns) {
        *wide = L'?';
        *columns = 1;
    }
    return length;
}

/* Paint [text, end) in the ink that is set; returns columns. */
static int put(const struct paint *paint, int row, int col, int cols, const char *text,
               const char *end)
{
    int used = 0;
    wchar_t run[TEXT_MAX];
    int count = 0;
    if (row < 0 || row >= paint->rows || col < 0 || col >= paint->cols) {
        return 0;
    }
    cols = cols < paint->cols - col ? cols : paint->cols - col;
    while (text < end && count < TEXT_MAX - 1) {
        wchar_t wide;
        int columns;
        size_t length = next_char(text, &wide, &columns);
        if (length == 0 || used + columns > cols) {
            break;
        }
        /* Curses knows the locale, not what the terminal can show. */
        if (!paint->utf8 && wide >= 0x80) {
            wide = L'?';
            columns = columns > 0 ? 1 : columns;
        }
        /* A mark without a letter before it would join what stands to the left. */
        if (columns > 0 || count > 0) {
            run[count++] = wide;
        }
        used += columns;
        text += length;
    }
    mvaddnwstr(row, col, run, count);
    return used;
}

/* Of a printable text. */
static int columns_of(const char *text)
{
    int used = 0;
    wchar_t wide;
    int columns;
    size_t length;
    while ((length = next_char(text, &wide, &columns)) > 0) {
        used += columns;
        text += length;
    }
    return used;
}

int paint_text(const struct paint *paint, int row, int col, int cols, enum paint_ink ink,
               const char *text)
{
    char safe[TEXT_MAX];
    text_printable(safe, sizeof(safe), text);
    cols = cols < paint->cols - col ? cols : paint->cols - col;
    use(paint, ink);
    int used = put(paint, row, col, cols, safe, safe + strlen(safe));
    if (cols >= CUT_COLS_MIN && columns_of(safe) > cols) {
        used = put(paint, row, col, cols - CUT_COLS, safe, safe + strlen(safe));
        used += put(paint, row, col + used, cols - used, cut, cut + CUT_COLS);
    }
    use(paint, PAINT_PLAIN);
    return used;
}

int paint_format(const struct paint *paint, int row, int col, int cols, enum paint_ink ink,
                 const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return paint_text(paint, row, col, cols, ink, text);
}

void paint_row(const struct paint *paint, int row, int col, int cols, enum paint_ink ink,
               const char *text)
{
    paint_fill(paint, (struct area){row, col, 1, cols}, ink);
    paint_text(paint, row, col, cols, ink, text);
}

/* The end of the line that begins at `text`, and where the next one begins. */
static const char *line_end(const char *text, int cols, const char **next)
{
    const char *end = text;
    const char *fits = NULL;
    int used = 0;
    while (*end && *end != '\n') {
        wchar_t wide;
        int columns;
        size_t length = next_char(end, &wide, &columns);
        if (length == 0) {
            break;
        }
        if (*end == ' ') {
            fits = end;
        }
        if (used + columns > cols) {
            if (fits) {
                *next = fits + 1;
                return fits;
            }
            /* A word longer than the line is broken; one character always goes. */
            end = end == text ? end + length : end;
            *next = end;
            return end;
        }
        used += columns;
        end += length;
    }
    *next = *end ? end + 1 : end;
    return end;
}

int paint_wrapped_rows(int cols, const char *text)
{
    char safe[TEXT_MAX];
    int rows = 0;
    text_printable(safe, sizeof(safe), text);
    for (const char *at = safe; *at;) {
        line_end(at, cols, &at);
        rows++;
    }
    return rows;
}

int paint_wrapped(const struct paint *paint, struct area area, enum paint_ink ink, const char *text)
{
    char safe[TEXT_MAX];
    int row = 0;
    text_printable(safe, sizeof(safe), text);
    if (area.cols < 1) {
        return 0;
    }
    use(paint, ink);
    for (const char *at = safe; *at && row < area.rows; row++) {
        const char *next;
        const char *end = line_end(at, area.cols, &next);
        int used = put(paint, area.row + row, area.col, area.cols, at, end);
        if (*next && row == area.rows - 1) {
            int at_col = used > area.cols - CUT_COLS ? area.cols - CUT_COLS : used;
            put(paint, area.row + row, area.col + (at_col < 0 ? 0 : at_col), CUT_COLS, cut,
                cut + CUT_COLS);
        }
        at = next;
    }
    use(paint, PAINT_PLAIN);
    return row;
}

void paint_fill(const struct paint *paint, struct area area, enum paint_ink ink)
{
    use(paint, ink);
    int cols = area.col + area.cols > paint->cols ? paint->cols - area.col : area.cols;
    for (int row = area.row; row < area.row + area.rows && cols > 0; row++) {
        if (row >= 0 && row < paint->rows && area.col >= 0) {
            mvprintw(row, area.col, "%*s", cols, "");
        }
    }
    use(paint, PAINT_PLAIN);
}

void paint_frame(const struct paint *paint, struct area area, enum paint_ink ink)
{
    static const char *const corners[2][6] = {{"+", "+", "+", "+", "-", "|"},
                                              {"┌", "┐", "└", "┘", "─", "│"}};
    const char *const *set = corners[paint->utf8];
    int bottom = area.row + area.rows - 1;
    int right = area.col + area.cols - 1;
    if (area.rows < 2 || area.cols < 2) {
        return;
    }
    for (int col = area.col + 1; col < right; col++) {
        paint_text(paint, area.row, col, 1, ink, set[4]);
        paint_text(paint, bottom, col, 1, ink, set[4]);
    }
    for (int row = area.row + 1; row < bottom; row++) {
        paint_text(paint, row, area.col, 1, ink, set[5]);
        paint_text(paint, row, right, 1, ink, set[5]);
    }
    paint_text(paint, area.row, area.col, 1, ink, set[0]);
    paint_text(paint, area.row, right, 1, ink, set[1]);
    paint_text(paint, bottom, area.col, 1, ink, set[2]);
    paint_text(paint, bottom, right, 1, ink, set[3]);
}

const char *paint_symbol_text(const struct paint *paint, enum paint_symbol symbol)
{
    return symbols[symbol][paint->utf8];
}

void paint_symbol(const struct paint *paint, int row, int col, enum paint_ink ink,
                  enum paint_symbol symbol)
{
    paint_text(paint, row, col, 1, ink, symbols[symbol][paint->utf8]);
}

void paint_char(const struct paint *paint, int row, int col, enum paint_ink ink, char c)
{
    paint_text(paint, row, col, 1, ink, (char[2]){c, '\0'});
}
