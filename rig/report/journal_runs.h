/*
 * Runs of the journal for reports (rig/report/reports.h): the findings of all runs are in memory;
 * each timeline is loaded when its run is visited.
 */
#ifndef LONGPRESS_RIG_JOURNAL_RUNS_H
#define LONGPRESS_RIG_JOURNAL_RUNS_H

#include "rig/journal/journal_read.h"
#include "rig/report/reports.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal_runs;

/* Called with each run, whole, the one time that it is read. `run` is one of journal_runs_all().
 * True: `whole` is the visitor's now, who frees it. */
typedef bool journal_runs_visit(void *context, const struct journal_runs *runs,
                                const struct report_run *run, struct whole_run *whole);

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

#endif
