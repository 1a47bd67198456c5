/*
 * CSV (RFC 4180) that a spreadsheet opens without treating a cell as a formula.
 *
 * RFC 4180 has no types: Excel turns 0012345 into 12345 and twenty digits into 5.01235E+19, quoted
 * or not. `excel` is for Excel only: it adds a byte order mark, without which Excel misreads UTF-8,
 * and writes serial numbers as ="0012345", which Excel keeps unchanged.
 */
#ifndef LONGPRESS_RIG_CSV_H
#define LONGPRESS_RIG_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A line being written. */
struct csv {
    FILE *out;
    bool excel;
    bool begun; /* there is a cell in the line */
};

/* Before the first line. */
void csv_begin(struct csv *csv);

/* Quoted where necessary. Text that starts like a formula (= + - @ or their full-width forms, with
 * or without blanks before them, a tab, a line end) gets an apostrophe in front; so does text after
 * each `;`, since some spreadsheets split there. Ill-formed bytes and control characters are made
 * printable (rig/base/text.h). NULL is an empty cell.
 */
void csv_text(struct csv *csv, const char *text);
/* A serial number: always text, whatever it looks like. */
void csv_serial(struct csv *csv, const char *serial);
void csv_int(struct csv *csv, int64_t value);
/* As milliseconds with three decimals. */
void csv_ms(struct csv *csv, int64_t duration_ns);
void csv_line_end(struct csv *csv);

#endif
