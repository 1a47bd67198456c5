/*
 * The stations of a batch as tiles, to be read from where the operator stands: what to do there, or
 * the verdict in block letters; a line for each where tiles have no room.
 */
#ifndef LONGPRESS_TUI_BATCH_TILES_H
#define LONGPRESS_TUI_BATCH_TILES_H

#include "tui/term/paint.h"

struct app;

void batch_tiles(const struct app *app, struct area area);

#endif
