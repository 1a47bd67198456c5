/*
 * What `characterize` found, as a drawing: a row for each unit or firmware, with its presses (dots
 * above the line: it triggered; crosses below: it did not), how probable each threshold is (the
 * hill), its median and 95 % interval. The axis shows what is near the thresholds; how many presses
 * were further out is told.
 */
#ifndef LONGPRESS_RIG_SVG_THRESHOLD_H
#define LONGPRESS_RIG_SVG_THRESHOLD_H

#include "rig/threshold/threshold_row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct svg_threshold {
    const char *id;    /* letters and digits, unique in the page */
    const char *title; /* may be hostile */
    const struct threshold_row *rows;
    size_t row_count;
};

/* 0, or -1 with errno. */
int svg_threshold(const struct svg_threshold *threshold, FILE *out);

#endif
