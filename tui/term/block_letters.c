#include "tui/term/block_letters.h"

#include <string.h>

struct letter {
    char name;
    const char *rows[FIGURE_ROWS];
};

static const struct letter letters[] = {
    {'A', {" ### ", "#   #", "#####", "#   #", "#   #"}},
    {'B', {"#### ", "#   #", "#### ", "#   #", "#### "}},
    {'C', {" ####", "#    ", "#    ", "#    ", " ####"}},
    {'D', {"#### ", "#   #", "#   #", "#   #", "#### "}},
    {'E', {"#####", "#    ", "#### ", "#    ", "#####"}},
    {'F', {"#####", "#    ", "#### ", "#    ", "#    "}},
    {'I', {"#####", "  #  ", "  #  ", "  #  ", "#####"}},
    {'L', {"#    ", "#    ", "#    ", "#    ", "#####"}},
    {'N', {"#   #", "##  #", "# # #", "#  ##", "#   #"}},
    {'O', {" ### ", "#   #", "#   #", "#   #", " ### "}},
    {'P', {"#### ", "#   #", "#### ", "#    ", "#    "}},
    {'R', {"#### ", "#   #", "#### ", "#  # ", "#   #"}},
    {'S', {" ####", "#    ", " ### ", "    #", "#### "}},
    {'T', {"#####", "  #  ", "  #  ", "  #  ", "  #  "}},
    {'U', {"#   #", "#   #", "#   #", "#   #", " ### "}},
    {'V', {"#   #", "#   #", "#   #", " # # ", "  #  "}},
    {'0', {" ### ", "#   #", "#   #", "#   #", " ### "}},
    {'1', {"  #  ", " ##  ", "  #  ", "  #  ", " ### "}},
    {'2', {"#### ", "    #", " ### ", "#    ", "#####"}},
    {'3', {"#### ", "    #", " ### ", "    #", "#### "}},
    {'4', {"#   #", "#   #", "#####", "    #", "    #"}},
    {'5', {"#####", "#    ", "#### ", "    #", "#### "}},
    {'6', {" ####", "#    ", "#### ", "#   #", " ### "}},
    {'7', {"#####", "    #", "   # ", "  #  ", "  #  "}},
    {'8', {" ### ", "#   #", " ### ", "#   #", " ### "}},
    {'9', {" ### ", "#   #", " ####", "    #", "#### "}},
    {'.', {"  ", "  ", "  ", "  ", "# "}},
    {':', {"  ", "# ", "  ", "# ", "  "}},
    {' ', {"  ", "  ", "  ", "  ", "  "}},
};

static const struct letter *letter_of(char c)
{
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        if (letters[i].name == c) {
            return &letters[i];
        }
    }
    return &letters[sizeof(letters) / sizeof(letters[0]) - 1];
}

int block_letters_cols(const char *text)
{
    int cols = 0;
    for (; *text; text++) {
        cols += (int)strlen(letter_of(*text)->rows[0]) + 1;
    }
    return cols > 0 ? cols - 1 : 0;
}

static void paint_block(const struct paint *paint, struct area block, enum paint_ink ink,
                        enum paint_symbol symbol)
{
    for (int row = block.row; row < block.row + block.rows; row++) {
        for (int col = block.col; col < block.col + block.cols; col++) {
            paint_symbol(paint, row, col, ink, symbol);
        }
    }
}

bool block_letters_paint(const struct paint *paint, struct area area, enum paint_ink ink, bool cut,
                         const char *text)
{
    int cols = block_letters_cols(text);
    /* Cut out, the field goes round the letters where there is room for that. */
    int margin = cut && area.rows >= FIGURE_ROWS + 2 ? 1 : 0;
    int across = cols > 0 ? (area.cols - 2 * (cut ? 1 : 0)) / cols : 0;
    int down = (area.rows - 2 * margin) / FIGURE_ROWS;
    if (across < 1 || down < 1) {
        int middle = area.col + (area.cols - (int)strlen(text)) / 2;
        paint_text(paint, area.row + area.rows / 2, middle < area.col ? area.col : middle,
                   area.cols, ink, text);
        return false;
    }
    /* Cells are about twice as high as wide. */
    across = across > 2 * down ? 2 * down : across;
    down = down > across ? across : down;
    int row = area.row + (area.rows - down * FIGURE_ROWS) / 2;
    int col = area.col + (area.cols - across * cols) / 2;
    if (cut) {
        paint_block(paint, area, ink, SYMBOL_FULL);
    }
    for (; *text; text++) {
        const struct letter *letter = letter_of(*text);
        int wide = (int)strlen(letter->rows[0]);
        for (int y = 0; y < FIGURE_ROWS; y++) {
            for (int x = 0; x < wide; x++) {
                struct area dot = {row + y * down, col + x * across, down, across};
                bool lit = letter->rows[y][x] == '#';
                if (cut && lit) {
                    paint_fill(paint, dot, PAINT_PLAIN);
                } else if (!cut && lit) {
                    paint_block(paint, dot, ink, SYMBOL_FULL);
                }
            }
        }
        col += across * (wide + 1);
    }
    return true;
}
