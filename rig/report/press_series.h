/*
 * The presses of `longpress characterize` among the journal's runs, collected while those are read:
 * each run is loaded once, and only what a search needs is kept of most. Presses are grouped as
 * `characterize` does: by model, procedure, firmware, unit (for a simulated one, its firmware file
 * too) and series.
 */
#ifndef LONGPRESS_RIG_PRESS_SERIES_H
#define LONGPRESS_RIG_PRESS_SERIES_H

#include "rig/report/journal_runs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct press {
    int64_t run; /* its number */
    int attempt;
    int64_t began_ns;
    int64_t ended_ns;
    struct sensors sensors;
    struct timeline timeline; /* owned; without its raw edges */
};

struct press_series {
    const struct report_run *first; /* of its runs: model, firmware, ... */
    struct press *presses;          /* those that came to their end, as they were made; owned */
    size_t count;
    size_t room;
    struct whole_run *begun;  /* the first that could be read, owned ... */
    struct whole_run *latest; /* ... and the last, if that is another */
};

struct presses {
    struct arena arena;
    struct press_series *series; /* in the order of their first runs; owned */
    size_t count;
};

/* Is it a press of a series, and not a run of the procedure? */
bool press_series_is_press(const struct report_run *run);
/* Is it the same unit, with the same firmware in it? Nothing else has the same threshold. */
bool press_series_same_unit(const struct report_run *a, const struct report_run *b);

/* A journal_runs_visit; `presses`, zeroed at first, is its context. `run` must live as long. */
bool press_series_visit(void *presses, const struct journal_runs *runs,
                        const struct report_run *run, struct whole_run *whole);
/* The run of the series that says what hazards were accepted: its first or its last, a hazard may
 * have been accepted only when it was taken up again. */
const struct whole_run *press_series_owner(const struct press_series *series);
void press_series_free(struct presses *presses);

#endif
