/*
 * CSV (RFC 4180) that a spreadsheet opens without taking a cell for a formula.
 *
 * RFC 4180 has no types, and Excel makes 12345 of 0012345 and 5.01235E+19 of twenty digits, quoted
 * or not. `excel` is for it alone: a byte order mark, without which it takes UTF-8 for another
 * character set, and serial numbers as ="0012345", which it keeps as they are.
 */
#ifndef LONGPRESS_RIG_CSV_H
#define LONGPRESS_RIG_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A line that is being written. */
struct csv {
    FILE *out;
    bool excel;
    bool begun; /* there is a cell in the line */
};

/* Before the first line. */
void csv_begin(struct csv *csv);

/* Quoted where it must be. A text that begins as a formula does (= + - @ or their full-width forms,
 * blanks before them or not, a tab, a line's end) gets an apostrophe in front; and, for
 * spreadsheets whose list separator is `;` and that split there, the same behind each `;`.
 * Ill-formed bytes and control characters are made printable (rig/base/text.h). NULL is an empty
 * cell.
 */
void csv_text(struct csv *csv, const char *text);
/* A serial number: a text, whatever it looks like. */
void csv_serial(struct csv *csv, const char *serial);
void csv_int(struct csv *csv, int64_t value);
/* As milliseconds with three decimals. */
void csv_ms(struct csv *csv, int64_t duration_ns);
void csv_line_end(struct csv *csv);

#endif
