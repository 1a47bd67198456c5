/* One of several thresholds that are printed or drawn together, with the presses behind it. */
#ifndef LONGPRESS_RIG_THRESHOLD_ROW_H
#define LONGPRESS_RIG_THRESHOLD_ROW_H

#include "rig/threshold/posterior.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct threshold_row {
    const char *label;  /* may be hostile ... */
    const char *detail; /* ... and this: which unit; NULL: not told */
    const int64_t *holds_ns;
    const bool *triggered;
    size_t count;                      /* 0: it is not told */
    const struct posterior *posterior; /* ns */
    int64_t median_ns;
    int64_t low_ns;
    int64_t high_ns;
};

#endif
