/*
 * Drawings whose rows share a time axis (rig/report/svg_dots.h, rig/report/svg_threshold.h): a
 * label on the left, a lane for the drawing, numbers on the right.
 */
#ifndef LONGPRESS_RIG_SVG_ROWS_H
#define LONGPRESS_RIG_SVG_ROWS_H

#include "rig/format/svg.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    SVG_ROWS_WIDTH = 1000,
    SVG_ROWS_LEFT = 228,  /* the lanes ... */
    SVG_ROWS_PLOT = 532,  /* ... and how wide they are */
    SVG_ROWS_RIGHT = 772, /* the numbers */
    SVG_ROWS_TOP = 26,    /* the first row, below the axis */
};

/* An axis of the lanes, from `low_ns` to `high_ns` and so much `around_ns` them. */
struct svg_axis svg_rows_axis(int64_t low_ns, int64_t high_ns, int64_t around_ns);

/* Open the drawing; `id` is the program's own word, `title` anybody's. How high it is. */
double svg_rows_begin(FILE *out, const char *id, const char *title, size_t rows, int row_height);
void svg_rows_axis_draw(FILE *out, const struct svg_axis *axis, double height);
/* `label` is anybody's, and cut; `text_y`: the line that it stands on. */
void svg_rows_label(FILE *out, const char *label, double text_y);
/* 0, or -1 when writing failed. */
int svg_rows_end(FILE *out);

#endif
