/*
 * Block letters and digits, readable from across the room. Five cells high and five wide, scaled by
 * whole numbers to fill the space.
 */
#ifndef LONGPRESS_TUI_FIGURE_H
#define LONGPRESS_TUI_FIGURE_H

#include "tui/term/paint.h"

#include <stdbool.h>

enum { FIGURE_ROWS = 5 };

/* Columns of a text at scale 1; letters, digits, `.`, `:` and space only. */
int block_letters_cols(const char *text);

/*
 * Paint the text centred in `area`, as large as it fits. `cut`: the letters are cut out of a filled
 * field instead of standing on an empty one, so that the two differ without colours. Returns false,
 * and paints the text in plain letters, where even scale 1 has no room.
 */
bool block_letters_paint(const struct paint *paint, struct area area, enum paint_ink ink, bool cut,
                         const char *text);

#endif
