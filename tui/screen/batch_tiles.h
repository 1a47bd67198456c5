/*
 * The stations of a batch as tiles, readable from where the operator stands: what to do there, or
 * the verdict in block letters; one line per station if there is no room for tiles.
 */
#ifndef LONGPRESS_TUI_BATCH_TILES_H
#define LONGPRESS_TUI_BATCH_TILES_H

#include "tui/term/paint.h"

struct app;

void batch_tiles(const struct app *app, struct area area);

#endif
