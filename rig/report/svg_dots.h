/*
 * Distributions side by side: a row for each group, its values as dots on one time axis, behind
 * them a box from quartile to quartile with the median. Values that were out of limits are crosses.
 * If a row has more values than it can show, some dots are left out; the numbers beside it cover
 * all.
 */
#ifndef LONGPRESS_RIG_SVG_DOTS_H
#define LONGPRESS_RIG_SVG_DOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct svg_dots_row {
    const char *label; /* may be hostile */
    const int64_t *values_ns;
    const bool *good; /* NULL: all are */
    size_t count;
};

struct svg_dots {
    const char *id;    /* letters and digits, unique in the page */
    const char *title; /* read aloud; may be hostile */
    const struct svg_dots_row *rows;
    size_t row_count;
    bool from_zero; /* 0 is on the axis even when no value is near it */
    bool signs;     /* values are differences: "+31 ms" */
};

/* 0, or -1 with errno. */
int svg_dots(const struct svg_dots *dots, FILE *out);

/* Intervals side by side: a row for each, its estimate as a dot on a line from low to high, around
 * a 0 that is always on the axis; what lies within the limit either way is shaded. */
struct svg_span_row {
    const char *label; /* may be hostile */
    int64_t estimate_ns;
    int64_t low_ns;
    int64_t high_ns;
};

struct svg_spans {
    const char *id;
    const char *title;
    const struct svg_span_row *rows;
    size_t row_count;
    int64_t limit_ns; /* 0: none */
};

/* 0, or -1 with errno. */
int svg_spans(const struct svg_spans *spans, FILE *out);

/* The value below which a share of `sorted` lies (linear between neighbours; 0 for none). */
int64_t svg_dots_quantile(const int64_t *sorted, size_t count, double share);

#endif
