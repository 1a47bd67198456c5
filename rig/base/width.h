/*
 * How many columns a character takes on a terminal, by a table of our own: the C library's
 * wcwidth() answers for the locale that happens to be set, and without one knows ASCII alone.
 */
#ifndef LONGPRESS_RIG_WIDTH_H
#define LONGPRESS_RIG_WIDTH_H

#include <stdint.h>

/* Columns of a printable character: 0 for a mark that joins the one before it, 2 for a wide one,
 * else 1 (also where Unicode has no character). */
int width_columns(uint32_t code);

#endif
