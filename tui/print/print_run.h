/*
 * Prints a run as text: the heading, what happened when, what was expected and seen, and the
 * verdict. Text from outside must have been made printable.
 */
#ifndef LONGPRESS_TUI_REPORT_H
#define LONGPRESS_TUI_REPORT_H

#include "rig/record/record.h"
#include "tui/term/style.h"

#include <stdbool.h>
#include <stdio.h>

/* Model, procedure, source, bench, and SIMULATED where it is. */
void print_run_heading(const struct record *record, FILE *out);

/* One timeline entry as one line; nothing for entries that only programs need. */
void print_run_entry(const struct record *record, const struct entry *entry, FILE *out);

/* All entries from index `first` on, in order of the times at the start of their lines: a light is
 * known only when it ends, but is listed where it began. */
void print_run_entries(const struct record *record, size_t first, FILE *out);

/* One line per expectation, then the verdict in capitals with its reason, and what to do. */
void print_run_judgement(const struct judgement *judgement, bool simulated, FILE *out);

/* Text that starts at `column`, wrapped before column 80, with further lines indented. Ends the
 * line. */
void print_run_wrapped(const char *text, int column, int indent, FILE *out);

/* "7.004 s": a time on the run's clock, with three decimals. */
void print_run_instant(char *out, size_t size, int64_t since_origin_ns);

#endif
