#include "rig/report/svg_dots.h"

#include "rig/base/arena.h"
#include "rig/base/least.h"
#include "rig/base/units.h"
#include "rig/report/svg_rows.h"
#include "rig/timeline/evidence.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROW_HEIGHT = 44,
    DOT_RADIUS = 4,
    DOTS_MAX = 400, /* in a row */
    STACK_MAX = 4,  /* dots on top of each other */
};

static int by_value(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t svg_dots_quantile(const int64_t *sorted, size_t count, double share)
{
    if (count == 0) {
        return 0;
    }
    double place = share * (double)(count - 1);
    size_t below = (size_t)place;
    if (below + 1 >= count) {
        return sorted[count - 1];
    }
    double part = place - (double)below;
    return sorted[below] + (int64_t)(part * ((double)sorted[below + 1] - (double)sorted[below]));
}

static struct svg_axis axis_of(const struct svg_dots *dots)
{
    bool any = dots->from_zero;
    int64_t low = 0;
    int64_t high = 0;
    for (size_t i = 0; i < dots->row_count; i++) {
        for (size_t j = 0; j < dots->rows[i].count; j++) {
            int64_t value = dots->rows[i].values_ns[j];
            low = any && low < value ? low : value;
            high = any && high > value ? high : value;
            any = true;
        }
    }
    int64_t around = high / 20 - low / 20;
    around = around > NS_PER_MS ? around : NS_PER_MS;
    return svg_rows_axis(low, high, around);
}

static void draw_numbers(const struct svg_dots *dots, const int64_t *sorted, size_t count, double y,
                         FILE *out)
{
    char text[160];
    char median[SECONDS_TEXT_MAX];
    char low[SECONDS_TEXT_MAX];
    char high[SECONDS_TEXT_MAX];
    const char *plus = dots->signs ? "+" : "";
    int64_t middle = svg_dots_quantile(sorted, count, 0.5);

    snprintf(text, sizeof(text), "median %s%s", middle > 0 ? plus : "",
             evidence_seconds(median, middle));
    svg_text(out, "name", "start", SVG_ROWS_RIGHT, y + 17, text);
    snprintf(text, sizeof(text), "%zu value%s, %s%s to %s%s", count, count == 1 ? "" : "s",
             sorted[0] > 0 ? plus : "", evidence_seconds(low, sorted[0]),
             sorted[count - 1] > 0 ? plus : "", evidence_seconds(high, sorted[count - 1]));
    svg_text(out, "soft", "start", SVG_ROWS_RIGHT, y + 32, text);
}

static void draw_dots(const struct svg_dots_row *row, const struct svg_axis *axis, double y,
                      FILE *out)
{
    static const int offsets[STACK_MAX] = {0, -9, 9, -14};
    size_t step = row->count / DOTS_MAX + 1;
    double stack_until[STACK_MAX];

    for (int i = 0; i < STACK_MAX; i++) {
        stack_until[i] = -1;
    }
    for (size_t i = 0; i < row->count; i += step) {
        double x = svg_x(axis, row->values_ns[i]);
        int level = 0;
        /* Dots come in any order: the levels are told apart by the last dot of each. */
        while (level + 1 < STACK_MAX && stack_until[level] >= 0 &&
               x - stack_until[level] < 2 * DOT_RADIUS && stack_until[level] - x < 2 * DOT_RADIUS) {
            level++;
        }
        stack_until[level] = x;
        double dot_y = y + ROW_HEIGHT / 2.0 - 1 + offsets[level];
        if (row->good && !row->good[i]) {
            svg_cross(out, "miss", x, dot_y, DOT_RADIUS);
        } else {
            svg_circle(out, "dot", x, dot_y, DOT_RADIUS);
        }
    }
}

static void draw_row(const struct svg_dots *dots, const struct svg_dots_row *row,
                     const struct svg_axis *axis, double y, FILE *out)
{
    svg_rect(out, "lane", SVG_ROWS_LEFT, y, SVG_ROWS_PLOT, ROW_HEIGHT - 2);
    svg_rows_label(out, row->label, y + 25);
    if (row->count == 0) {
        svg_text(out, "soft", "start", SVG_ROWS_RIGHT, y + 25, "no values");
        return;
    }
    int64_t *sorted = xrealloc_array(NULL, row->count, sizeof(*sorted));
    memcpy(sorted, row->values_ns, row->count * sizeof(*sorted));
    qsort(sorted, row->count, sizeof(*sorted), by_value);
    if (row->count > 1) {
        double a = svg_x(axis, svg_dots_quantile(sorted, row->count, 0.25));
        double b = svg_x(axis, svg_dots_quantile(sorted, row->count, 0.75));
        svg_rect(out, "box", a, y + 6, b - a > 1 ? b - a : 1, ROW_HEIGHT - 14);
    }
    draw_dots(row, axis, y, out);
    double middle = svg_x(axis, svg_dots_quantile(sorted, row->count, 0.5));
    svg_line(out, "median", middle, y + 3, middle, y + ROW_HEIGHT - 5);
    draw_numbers(dots, sorted, row->count, y, out);
    free(sorted);
}

int svg_dots(const struct svg_dots *dots, FILE *out)
{
    struct svg_axis axis = axis_of(dots);
    double height = svg_rows_begin(out, dots->id, dots->title, dots->row_count, ROW_HEIGHT);

    svg_rows_axis_draw(out, &axis, height);
    for (size_t i = 0; i < dots->row_count; i++) {
        draw_row(dots, &dots->rows[i], &axis, SVG_ROWS_TOP + (double)i * ROW_HEIGHT, out);
    }
    return svg_rows_end(out);
}

/* ---- intervals ---------------------------------------------------------------------------- */

static struct svg_axis axis_of_spans(const struct svg_spans *spans)
{
    int64_t low = -spans->limit_ns;
    int64_t high = spans->limit_ns;
    for (size_t i = 0; i < spans->row_count; i++) {
        low = least(low, spans->rows[i].low_ns);
        high = most(high, spans->rows[i].high_ns);
    }
    int64_t around = most(high / 20 - low / 20, NS_PER_MS);
    return svg_rows_axis(low, high, around);
}

static void signed_difference(char out[SECONDS_TEXT_MAX + 1], int64_t duration_ns)
{
    char text[SECONDS_TEXT_MAX];
    snprintf(out, SECONDS_TEXT_MAX + 1, "%s%s", duration_ns > 0 ? "+" : "",
             evidence_difference(text, duration_ns));
}

static void draw_span(const struct svg_span_row *row, const struct svg_axis *axis, double y,
                      FILE *out)
{
    char texts[3][SECONDS_TEXT_MAX + 1];
    char text[4 * SECONDS_TEXT_MAX];
    double middle = y + ROW_HEIGHT / 2.0 - 1;
    double low = svg_x(axis, row->low_ns);
    double high = svg_x(axis, row->high_ns);

    svg_line(out, "median", low, middle, high, middle);
    svg_line(out, "median", low, middle - 6, low, middle + 6);
    svg_line(out, "median", high, middle - 6, high, middle + 6);
    svg_circle(out, "dot", svg_x(axis, row->estimate_ns), middle, DOT_RADIUS + 1);
    signed_difference(texts[0], row->estimate_ns);
    signed_difference(texts[1], row->low_ns);
    signed_difference(texts[2], row->high_ns);
    svg_text(out, "name", "start", SVG_ROWS_RIGHT, y + 17, texts[0]);
    snprintf(text, sizeof(text), "%s to %s", texts[1], texts[2]);
    svg_text(out, "soft", "start", SVG_ROWS_RIGHT, y + 32, text);
}

int svg_spans(const struct svg_spans *spans, FILE *out)
{
    struct svg_axis axis = axis_of_spans(spans);
    double height = svg_rows_begin(out, spans->id, spans->title, spans->row_count, ROW_HEIGHT);

    if (spans->limit_ns > 0) {
        double from = svg_x(&axis, -spans->limit_ns);
        svg_rect_titled(out, "box", from, SVG_ROWS_TOP, svg_x(&axis, spans->limit_ns) - from,
                        height - SVG_ROWS_TOP - 2, "within the limit");
    }
    svg_rows_axis_draw(out, &axis, height);
    for (size_t i = 0; i < spans->row_count; i++) {
        double y = SVG_ROWS_TOP + (double)i * ROW_HEIGHT;
        svg_rect(out, "lane", SVG_ROWS_LEFT, y, SVG_ROWS_PLOT, ROW_HEIGHT - 2);
        svg_rows_label(out, spans->rows[i].label, y + 25);
        draw_span(&spans->rows[i], &axis, y, out);
    }
    return svg_rows_end(out);
}
