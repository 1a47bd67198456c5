/*
 * The thresholds from the presses of `longpress characterize` in the journal: one for each model,
 * procedure, firmware, unit (for a simulated one, its firmware file too) and series, as
 * `characterize` itself keeps them apart. If a series searched both ends of the window there are
 * two: where the reset starts, and where it becomes something else.
 */
#ifndef LONGPRESS_RIG_THRESHOLDS_H
#define LONGPRESS_RIG_THRESHOLDS_H

#include "rig/profile/catalog.h"
#include "rig/report/press_series.h"
#include "rig/report/svg_threshold.h"
#include "rig/threshold/posterior.h"
#include "rig/threshold/threshold_fit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct found_threshold {
    const struct report_run *first; /* of its runs: model, firmware, ... */
    char *procedure;                /* as claimed; owned */
    char *beyond;                   /* what it becomes at this hold; NULL: it starts; owned */
    char *detail;                   /* "unit A, series night"; owned */
    bool superseded;                /* the same unit has a later series */
    int64_t last;                   /* number of its last run */
    struct posterior posterior;     /* ns */
    int64_t median_ns;
    int64_t low_ns;
    int64_t high_ns;
    int64_t *holds_ns; /* of the presses that count; owned */
    bool *triggered;   /* owned */
    size_t count;
    /* Why it is not reliable: the presses do not fit together, or the scatter or the share of
     * ignored holds may be larger than the model allows; "": it is reliable. */
    char odd[THRESHOLD_FIT_TEXT_MAX];
};

struct thresholds {
    struct found_threshold *items;
    size_t count;
};

/* In the order of their first runs, which they borrow. Anything that can no longer be determined
 * (no bench was stored, the model has no such procedure today) is left out, with a warning. */
struct thresholds thresholds_find(const struct presses *presses, const struct catalog *catalog,
                                  struct diags *diags);
void thresholds_free(struct thresholds *thresholds);

/* As a drawing takes it; borrows. */
struct threshold_row threshold_row(const struct found_threshold *found, const char *label);

#endif
