/*
 * How many columns a character takes on a terminal, from our own table: the C library's wcwidth()
 * depends on the current locale, and without one knows only ASCII.
 */
#ifndef LONGPRESS_RIG_WIDTH_H
#define LONGPRESS_RIG_WIDTH_H

#include <stdint.h>

/* Columns of a printable character: 0 for a combining mark, 2 for a wide character, else 1 (also
 * for unassigned code points). */
int width_columns(uint32_t code);

#endif
