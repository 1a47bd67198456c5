/*
 * A run as lines that people read: what is about to happen, what happened when, what was expected
 * and seen, and the verdict. Text from outside has been made printable before it comes here.
 */
#ifndef LONGPRESS_TUI_REPORT_H
#define LONGPRESS_TUI_REPORT_H

#include "rig/record/record.h"
#include "tui/term/style.h"

#include <stdbool.h>
#include <stdio.h>

/* Model, procedure, source, bench, and SIMULATED where it is. */
void print_run_heading(const struct record *record, FILE *out);

/* One entry of the timeline as one line; nothing for those that only machines want. */
void print_run_entry(const struct record *record, const struct entry *entry, FILE *out);

/* All entries from index `first` on, in order of the instants that their lines begin with: a light
 * is known when it ends, and stands where it began. */
void print_run_entries(const struct record *record, size_t first, FILE *out);

/* A line for each expectation, then the verdict in capitals with its reason, and what to do. */
void print_run_judgement(const struct judgement *judgement, bool simulated, FILE *out);

/* Words that begin at `column`, broken before the 80th, further lines indented. Ends the line. */
void print_run_wrapped(const char *text, int column, int indent, FILE *out);

/* "7.004 s": an instant on the run's clock, with three decimals. */
void print_run_instant(char *out, size_t size, int64_t since_origin_ns);

#endif
