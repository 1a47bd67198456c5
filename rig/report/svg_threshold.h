/*
 * The result of `characterize` as a drawing: a row for each unit or firmware, with its presses
 * (dots above the line: triggered; crosses below: not), the probability of each threshold (the
 * hill), its median and 95 % interval. The axis covers the neighbourhood of the thresholds; presses
 * beyond it are only counted.
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
