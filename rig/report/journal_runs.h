/*
 * Runs of the journal as reports take them (rig/report/reports.h): what was found of each is in
 * memory; the timeline of each is there when it is visited.
 */
#ifndef LONGPRESS_RIG_JOURNAL_RUNS_H
#define LONGPRESS_RIG_JOURNAL_RUNS_H

#include "rig/journal/journal_read.h"
#include "rig/report/reports.h"

#include <stddef.h>

struct journal_runs;

/* Called with each run, whole, when it is read: the one time that this is needed of most. `run` is
 * one of journal_runs_all(). */
typedef void journal_runs_visit(void *context, const struct journal_runs *runs,
                                const struct report_run *run, const struct whole_run *whole);

/* Told how far reading is: 0 once it is known how many there are, then after each. */
typedef void journal_runs_progress(void *context, size_t done, size_t total);

struct journal_runs_query {
    const char *path; /* of the journal */
    struct run_filter filter;
    journal_runs_visit *visit; /* or NULL */
    void *visit_context;
    journal_runs_progress *progress; /* or NULL */
    void *progress_context;
};

/* Those that are asked for, as they were made; one that still goes on is `running`. A run that
 * cannot be read is an error, and is among them without its findings. NULL after an error of the
 * whole. */
struct journal_runs *journal_runs_open(const struct journal_runs_query *query, struct diags *diags);
void journal_runs_close(struct journal_runs *runs);

const struct report_run *journal_runs_all(const struct journal_runs *runs);
size_t journal_runs_count(const struct journal_runs *runs);

/* The whole of one, once more; good until the next call. NULL when it cannot be read. What is odd
 * about it was told when it was first read. */
const struct whole_run *journal_runs_load(struct journal_runs *runs, int64_t number);
/* The same, for the caller to free. */
struct whole_run *journal_runs_take(struct journal_runs *runs, int64_t number);

#endif
