#include "tests/tui/svg.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Geometry in px: a cell, the font within it, the margin around. */
enum { CELL_WIDTH = 9, CELL_HEIGHT = 17, FONT = 15, BASELINE = 13, MARGIN = 12 };

/* The first sixteen colours as a modern terminal shows them, legible on the background. */
static const char *const palette[16] = {
    "#1d2026", "#e0565b", "#7fbf5f", "#d9a94a", "#5b9bea", "#c678dd", "#4fb6c2", "#c8ccd4",
    "#737b8c", "#ff7b80", "#a3e07f", "#f5cf70", "#8cbcff", "#e3a3f5", "#7fdfe8", "#ffffff"};
static const char background_plain[] = "#14161b";
static const char foreground_plain[] = "#d8dbe2";

static const char *colour_name(struct colour colour, const char *plain, bool bright, char out[8])
{
    if (colour.kind == COLOUR_DEFAULT)
        return plain;
    if (colour.kind == COLOUR_INDEXED && colour.index < 16)
        return palette[colour.index < 8 && bright ? colour.index + 8 : colour.index];
    snprintf(out, 8, "#%02x%02x%02x", colour.red, colour.green, colour.blue);
    return out;
}

struct look {
    char foreground[8];
    char background[8];
    bool bold, italic, underline, strike;
};

static struct look look_of(struct cell cell)
{
    struct look look;
    char one[8];
    char two[8];
    memset(&look, 0, sizeof look);
    const char *front = colour_name(cell.foreground, foreground_plain, cell.bold, one);
    const char *back = colour_name(cell.background, background_plain, false, two);
    snprintf(look.foreground, sizeof look.foreground, "%s", cell.reverse ? back : front);
    snprintf(look.background, sizeof look.background, "%s", cell.reverse ? front : back);
    look.bold = cell.bold;
    look.italic = cell.italic;
    look.underline = cell.underline;
    look.strike = cell.strike;
    return look;
}

static bool same(const struct look *a, const struct look *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void put_character(uint32_t ch, FILE *out)
{
    if (ch == '&' || ch == '<' || ch == '>' || ch == '"' || ch > 0x7e)
        fprintf(out, "&#x%x;", (unsigned)ch);
    else
        fputc((int)ch, out);
}

static bool is_blank(struct cell cell)
{
    return cell.chars[0] == 0 || (cell.chars[0] == ' ' && cell.chars[1] == 0);
}

/* Block elements (U+2580 to U+259F) are drawn, not written: they meet in every font. Quarters of a
 * cell that a quadrant fills, from U+2596 on: 1 upper left, 2 upper right, 4 lower left, 8 right.
 */
static const unsigned char quadrants[] = {4, 8, 1, 13, 9, 7, 11, 2, 6, 14};

static bool is_block(struct cell cell)
{
    return cell.chars[0] >= 0x2580 && cell.chars[0] <= 0x259f;
}

/* A part of a cell, in eighths from its left upper corner. */
static void put_part(int row, int column, int left, int top, int width, int height,
                     const char *fill, double opacity, FILE *out)
{
    fprintf(out, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"%s\"",
            MARGIN + column * CELL_WIDTH + left * CELL_WIDTH / 8.0,
            MARGIN + row * CELL_HEIGHT + top * CELL_HEIGHT / 8.0, width * CELL_WIDTH / 8.0,
            height * CELL_HEIGHT / 8.0, fill);
    if (opacity < 1)
        fprintf(out, " opacity=\"%g\"", opacity);
    fputs("/>\n", out);
}

static void put_block(int row, int column, uint32_t ch, const char *fill, FILE *out)
{
    int part = (int)ch - 0x2580;
    if (part == 0) /* upper half */
        put_part(row, column, 0, 0, 8, 4, fill, 1, out);
    else if (part <= 8) /* lower eighths, to the full block */
        put_part(row, column, 0, 8 - part, 8, part, fill, 1, out);
    else if (part <= 15) /* left eighths */
        put_part(row, column, 0, 0, 16 - part, 8, fill, 1, out);
    else if (part == 16)
        put_part(row, column, 4, 0, 4, 8, fill, 1, out);
    else if (part <= 19) /* shades */
        put_part(row, column, 0, 0, 8, 8, fill, (part - 16) / 4.0, out);
    else if (part == 20)
        put_part(row, column, 0, 0, 8, 1, fill, 1, out);
    else if (part == 21)
        put_part(row, column, 7, 0, 1, 8, fill, 1, out);
    else
        for (int quarter = 0; quarter < 4; quarter++)
            if (quadrants[part - 22] & 1 << quarter)
                put_part(row, column, quarter % 2 * 4, quarter / 2 * 4, 4, 4, fill, 1, out);
}

/* Boxes, blocks and lines are placed one by one, so that they meet whatever the font's width is. */
static bool is_drawing(struct cell cell)
{
    return cell.chars[0] >= 0x2190 && cell.chars[0] <= 0x2bff;
}

static void put_backgrounds(const struct screen *screen, int row, int columns, FILE *out)
{
    for (int column = 0; column < columns;) {
        struct look look = look_of(screen_cell(screen, row, column));
        int end = column + 1;
        for (; end < columns; end++) {
            struct look next = look_of(screen_cell(screen, row, end));
            if (strcmp(next.background, look.background) != 0)
                break;
        }
        if (strcmp(look.background, background_plain) != 0)
            fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n",
                    MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT,
                    (end - column) * CELL_WIDTH, CELL_HEIGHT, look.background);
        column = end;
    }
}

/* One piece of text: cells [from, to) of one look. */
static void put_run(const struct screen *screen, int row, int from, int to, FILE *out)
{
    struct look look = look_of(screen_cell(screen, row, from));
    fprintf(out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"%s\"%s%s%s%s%s>",
            MARGIN + from * CELL_WIDTH, MARGIN + row * CELL_HEIGHT + BASELINE,
            (to - from) * CELL_WIDTH, look.foreground, look.bold ? " font-weight=\"bold\"" : "",
            look.italic ? " font-style=\"italic\"" : "",
            look.underline || look.strike ? " text-decoration=\"" : "",
            look.underline ? "underline"
            : look.strike  ? "line-through"
                           : "",
            look.underline || look.strike ? "\"" : "");
    for (int column = from; column < to; column++) {
        struct cell cell = screen_cell(screen, row, column);
        if (cell.chars[0] == 0 && cell.width > 0)
            fputc(' ', out);
        for (int i = 0; cell.chars[i]; i++)
            put_character(cell.chars[i], out);
    }
    fputs("</text>\n", out);
}

static void put_texts(const struct screen *screen, int row, int columns, FILE *out)
{
    for (int column = 0; column < columns;) {
        struct cell cell = screen_cell(screen, row, column);
        struct look look = look_of(cell);
        if (is_blank(cell) && !look.underline && !look.strike) {
            column++;
            continue;
        }
        if (is_block(cell)) {
            put_block(row, column++, cell.chars[0], look.foreground, out);
            continue;
        }
        int end = column + (cell.width > 1 ? cell.width : 1);
        int last = end;
        /* One blank between words stays within the run; more end it. */
        for (int blanks = 0; !is_drawing(cell) && end < columns && blanks < 2;) {
            struct cell next_cell = screen_cell(screen, row, end);
            struct look next = look_of(next_cell);
            if (!same(&next, &look) || is_drawing(next_cell))
                break;
            blanks = is_blank(next_cell) ? blanks + 1 : 0;
            end += next_cell.width > 1 ? next_cell.width : 1;
            if (blanks == 0)
                last = end;
        }
        put_run(screen, row, column, last, out);
        column = last;
    }
}

void svg_write(const struct screen *screen, const char *title, FILE *out)
{
    int rows;
    int columns;
    screen_size(screen, &rows, &columns);
    int width = columns * CELL_WIDTH + 2 * MARGIN;
    int height = rows * CELL_HEIGHT + 2 * MARGIN;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" role=\"img\">\n",
            width, height, width, height);
    if (title) {
        fputs("<title>", out);
        for (; *title; title++)
            put_character((unsigned char)*title < 0x80 ? (unsigned char)*title : '?', out);
        fputs("</title>\n", out);
    }
    fprintf(out,
            "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\"/>\n"
            "<g font-family=\"'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace\" "
            "font-size=\"%d\" xml:space=\"preserve\" style=\"white-space:pre\">\n",
            width, height, background_plain, FONT);
    for (int row = 0; row < rows; row++)
        put_backgrounds(screen, row, columns, out);
    for (int row = 0; row < rows; row++)
        put_texts(screen, row, columns, out);
    fputs("</g>\n</svg>\n", out);
}
