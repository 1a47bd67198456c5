/*
 * SVG output: escaped text, locale-independent numbers, and the few shapes that reports need.
 * Writes to a FILE; check ferror once, at the end. Lengths are user units, each one CSS pixel at
 * the drawing's own size.
 *
 * Drawings use classes instead of colours: svg_style() writes their CSS, light and dark, once per
 * page.
 */
#ifndef LONGPRESS_RIG_SVG_H
#define LONGPRESS_RIG_SVG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Text for XML and HTML, element or attribute: made printable (rig/base/text.h), then escaped. NULL
 * is nothing. */
void svg_escape(FILE *out, const char *text);
/* The same, at most `columns` characters of it, the last one an ellipsis when it was longer. */
void svg_escape_cut(FILE *out, const char *text, size_t columns);

enum { SVG_NUMBER_MAX = 32 };
/* With one decimal at most: "12.5", "-3". Returns `out`. */
char *svg_number(char out[SVG_NUMBER_MAX], double value);

/* `class` comes from the program, `text` may come from anywhere. `anchor`: "start", "middle",
 * "end". */
void svg_rect(FILE *out, const char *class, double x, double y, double width, double height);
/* The same with a tooltip, which screen readers also read. */
void svg_rect_titled(FILE *out, const char *class, double x, double y, double width, double height,
                     const char *title);
void svg_line(FILE *out, const char *class, double x1, double y1, double x2, double y2);
void svg_circle(FILE *out, const char *class, double x, double y, double radius);
/* A cross of two strokes, `arm` to each side. */
void svg_cross(FILE *out, const char *class, double x, double y, double arm);
void svg_text(FILE *out, const char *class, const char *anchor, double x, double y,
              const char *text);

/* An axis of time, drawn from `left` over `width`. */
struct svg_axis {
    int64_t from_ns;
    int64_t to_ns; /* > from_ns */
    double left;
    double width;
};

double svg_x(const struct svg_axis *axis, int64_t time_ns);
/* Labels on the line `label_y`, a grid line from `top` to `bottom` at each. */
void svg_axis_draw(FILE *out, const struct svg_axis *axis, double label_y, double top,
                   double bottom);

/* The CSS of all drawings, without <style>. */
void svg_style(FILE *out);

#endif
