/*
 * CSV (RFC 4180) that a spreadsheet opens without taking a cell for a formula.
 */
#ifndef LONGPRESS_RIG_CSV_H
#define LONGPRESS_RIG_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A line that is being written. */
struct csv {
    FILE *out;
    bool begun; /* there is a cell in the line */
};

/* Quoted where it must be. A text that begins as a formula does (= + - @ or their full-width forms,
 * blanks before them or not, a tab, a line's end) gets an apostrophe in front; and, for
 * spreadsheets whose list separator is `;` and that split there, the same behind each `;`.
 * Ill-formed bytes and control characters are made printable (rig/text.h). NULL is an empty cell.
 */
void csv_text(struct csv *csv, const char *text);
void csv_int(struct csv *csv, int64_t value);
/* As milliseconds with three decimals. */
void csv_ms(struct csv *csv, int64_t duration_ns);
void csv_line_end(struct csv *csv);

#endif
