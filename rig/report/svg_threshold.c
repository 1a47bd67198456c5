#include "rig/report/svg_threshold.h"

#include "rig/base/units.h"
#include "rig/report/svg_rows.h"
#include "rig/timeline/evidence.h"

enum {
    ROW_HEIGHT = 84,
    ABOVE = 11, /* where the dots are, in a row ... */
    HILL = 52,  /* ... the foot of the hill, and its height ... */
    HEIGHT = 32,
    BELOW = 69, /* ... and the crosses */
    HILL_POINTS = 40,
    DETAIL_COLUMNS = 34,
};

static struct svg_axis axis_of(const struct svg_threshold *threshold)
{
    int64_t low = threshold->rows[0].low_ns;
    int64_t high = threshold->rows[0].high_ns;
    for (size_t i = 1; i < threshold->row_count; i++) {
        low = threshold->rows[i].low_ns < low ? threshold->rows[i].low_ns : low;
        high = threshold->rows[i].high_ns > high ? threshold->rows[i].high_ns : high;
    }
    int64_t around = high / 2 - low / 2;
    around = around > 50 * NS_PER_MS ? around : 50 * NS_PER_MS;
    return svg_rows_axis(low, high, around);
}

/* How near its points are to each other: how probable a threshold is about the nth of them. */
static double density(const struct posterior *posterior, size_t n)
{
    enum { AROUND = POSTERIOR_POINTS / HILL_POINTS };
    size_t a = n > AROUND ? n - AROUND : 0;
    size_t b = n + AROUND < POSTERIOR_POINTS ? n + AROUND : POSTERIOR_POINTS - 1;
    double width = posterior->at[b] - posterior->at[a];
    return (double)(b - a) / (width > 1 ? width : 1);
}

/* The posterior of few units may extend far beyond the drawing. */
static double x_of(const struct svg_axis *axis, double hold_ns)
{
    double from = (double)axis->from_ns;
    double to = (double)axis->to_ns;
    return svg_x(axis, (int64_t)(hold_ns < from ? from : hold_ns > to ? to : hold_ns));
}

static void draw_hill(const struct threshold_row *row, const struct svg_axis *axis, double y,
                      FILE *out)
{
    enum { STEP = POSTERIOR_POINTS / HILL_POINTS };
    double highest = 0;
    char x[SVG_NUMBER_MAX];
    char top[SVG_NUMBER_MAX];
    double foot = y + HILL;

    for (size_t i = 0; i < POSTERIOR_POINTS; i += STEP) {
        double d = density(row->posterior, i);
        highest = d > highest ? d : highest;
    }
    fprintf(out, "<path class=\"box\" d=\"M%s", svg_number(x, x_of(axis, row->posterior->at[0])));
    fprintf(out, " %s", svg_number(top, foot));
    for (size_t i = 0; i < POSTERIOR_POINTS; i += STEP) {
        double height = HEIGHT * density(row->posterior, i) / highest;
        fprintf(out, "L%s %s", svg_number(x, x_of(axis, row->posterior->at[i])),
                svg_number(top, foot - height));
    }
    fprintf(out, "L%s %sZ\"/>\n",
            svg_number(x, x_of(axis, row->posterior->at[POSTERIOR_POINTS - 1])),
            svg_number(top, foot));
}

/* How many were outside the drawing. */
static size_t draw_presses(const struct threshold_row *row, const struct svg_axis *axis, double y,
                           FILE *out)
{
    size_t outside = 0;
    for (size_t i = 0; i < row->count; i++) {
        double x = svg_x(axis, row->holds_ns[i]);
        if (row->holds_ns[i] < axis->from_ns || row->holds_ns[i] > axis->to_ns) {
            outside++;
        } else if (row->triggered[i]) {
            svg_circle(out, "dot", x, y + ABOVE, 4);
        } else {
            svg_cross(out, "miss", x, y + BELOW, 4);
        }
    }
    return outside;
}

static void draw_row(const struct threshold_row *row, const struct svg_axis *axis, double y,
                     FILE *out)
{
    char text[160];
    char a[SECONDS_TEXT_MAX];
    char b[SECONDS_TEXT_MAX];
    double foot = y + HILL;
    double low = svg_x(axis, row->low_ns);
    double high = svg_x(axis, row->high_ns);
    double median = svg_x(axis, row->median_ns);

    svg_rect(out, "lane", SVG_ROWS_LEFT, y, SVG_ROWS_PLOT, ROW_HEIGHT - 2);
    svg_rows_label(out, row->label, y + 34); /* between the first and the second of these */
    svg_text(out, "soft small", "end", SVG_ROWS_LEFT - 6, y + ABOVE + 4, "triggered");
    svg_text(out, "soft small", "end", SVG_ROWS_LEFT - 6, foot, "threshold");
    svg_text(out, "soft small", "end", SVG_ROWS_LEFT - 6, y + BELOW + 4, "did not");
    draw_hill(row, axis, y, out);
    svg_line(out, "median", low, foot, high, foot);
    svg_line(out, "median", low, foot - 4, low, foot + 4);
    svg_line(out, "median", high, foot - 4, high, foot + 4);
    svg_line(out, "median", median, foot - HEIGHT, median, foot + 4);
    size_t outside = draw_presses(row, axis, y, out);
    svg_text(out, "name", "start", SVG_ROWS_RIGHT, y + 20, evidence_difference(a, row->median_ns));
    snprintf(text, sizeof(text), "95 %%: %s to %s", evidence_difference(a, row->low_ns),
             evidence_difference(b, row->high_ns));
    svg_text(out, "soft", "start", SVG_ROWS_RIGHT, y + 37, text);
    if (row->count > 0) {
        int used =
            snprintf(text, sizeof(text), "%zu press%s", row->count, row->count == 1 ? "" : "es");
        if (outside > 0) {
            snprintf(text + used, sizeof(text) - (size_t)used, ", %zu of them further out",
                     outside);
        }
        svg_text(out, "soft", "start", SVG_ROWS_RIGHT, y + 54, text);
    }
    if (row->detail) {
        fprintf(out, "<text class=\"soft\" x=\"%d\" y=\"%d\">", SVG_ROWS_RIGHT,
                (int)y + (row->count > 0 ? 71 : 54));
        svg_escape_cut(out, row->detail, DETAIL_COLUMNS);
        fputs("</text>\n", out);
    }
}

int svg_threshold(const struct svg_threshold *threshold, FILE *out)
{
    if (threshold->row_count == 0) {
        return 0;
    }
    struct svg_axis axis = axis_of(threshold);
    double height =
        svg_rows_begin(out, threshold->id, threshold->title, threshold->row_count, ROW_HEIGHT);
    svg_rows_axis_draw(out, &axis, height);
    for (size_t i = 0; i < threshold->row_count; i++) {
        draw_row(&threshold->rows[i], &axis, SVG_ROWS_TOP + (double)i * ROW_HEIGHT, out);
    }
    return svg_rows_end(out);
}
