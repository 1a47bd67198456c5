/*
 * A series of runs (tui/drive/series.h) of one procedure on one unit, to learn from. Each run has a
 * fresh port; the rests between them are those that the profile and the actuators need. Ctrl-C
 * releases everything and ends the series; completed runs are in the journal, and a later series of
 * the same name continues with them.
 */
#ifndef LONGPRESS_TUI_LEARN_SERIES_H
#define LONGPRESS_TUI_LEARN_SERIES_H

#include "rig/journal/journal_read.h"
#include "rig/learn/learn.h"
#include "tui/drive/series.h"

#include <stddef.h>
#include <stdint.h>

struct learn_series {
    /* Set by the caller, and borrowed. The series is kept as the blank procedure. */
    struct series series;
    const struct plan
        *plan;       /* of the probe (rig/learn/learn.h); of a profile that claims nothing */
    int64_t rest_ns; /* between two runs, at least; see learn_series_rest_ns */
    size_t wanted;   /* runs, LEARN_RUNS_MAX at most */

    /* The runs. */
    struct learn_run runs[LEARN_RUNS_MAX];
    size_t count;

    /* Private. */
    struct series_run *made[LEARN_RUNS_MAX];
    size_t made_count;
    struct journal_reader *reader;
    struct whole_run *earlier[LEARN_RUNS_MAX];
    size_t earlier_count;
};

/* The longest of `cooldown_ns` and the duty windows of the plan's actuators, since a plan is proved
 * from rest. */
int64_t learn_series_rest_ns(const struct plan *plan, int64_t cooldown_ns);

/* Load the journal's runs of the series and of this unit, and report those that are left out. 0, or
 * -1 after an error. */
int learn_series_resume(struct learn_series *series, struct diags *diags);

/* Make the missing runs. Returns EXIT_DONE if all are there; otherwise what ended the series has
 * been reported. */
int learn_series_run(struct learn_series *series, struct diags *diags);

void learn_series_close(struct learn_series *series);

#endif
