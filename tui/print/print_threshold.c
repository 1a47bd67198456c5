#include "tui/print/print_threshold.h"

#include "rig/base/units.h"

#include <inttypes.h>
#include <string.h>

enum {
    LABEL = 12,
    COLUMNS = 61, /* odd: there is a middle */
    LEVELS = 8,
    CELL_MAX = 8, /* bytes of a sign, and its end */
};

struct axis {
    int64_t low_ns;
    int64_t high_ns;
};

static int64_t column_ns(const struct axis *axis, int column)
{
    return axis->low_ns + (axis->high_ns - axis->low_ns) * column / COLUMNS;
}

/* The column of a hold; -1 before the axis, COLUMNS after it. */
static int column_of(const struct axis *axis, int64_t at_ns)
{
    if (at_ns < axis->low_ns) {
        return -1;
    }
    if (at_ns >= axis->high_ns) {
        return COLUMNS;
    }
    return (int)((at_ns - axis->low_ns) * COLUMNS / (axis->high_ns - axis->low_ns));
}

static void label(const char *text, FILE *out)
{
    fprintf(out, "  %-*s", LABEL - 2, text);
}

/* Presses in one row: a dot for one, a digit for several, and how many are off the axis. */
static void dots(const struct characterize *series, enum hold_outcome from, bool upper,
                 const struct axis *axis, const char *name, struct style style, FILE *out)
{
    int counts[COLUMNS] = {0};
    int shorter = 0;
    int longer = 0;

    for (size_t i = 0; i < characterize_count(series); i++) {
        const struct characterize_press *press = characterize_press(series, i);
        if (!press->counts || (press->outcome >= from) != upper) {
            continue;
        }
        int column = column_of(axis, press->hold_ns);
        if (column < 0) {
            shorter++;
        } else if (column >= COLUMNS) {
            longer++;
        } else {
            counts[column]++;
        }
    }
    char row[COLUMNS * CELL_MAX] = "";
    size_t used = 0;
    size_t end = 0;
    for (int c = 0; c < COLUMNS; c++) {
        if (counts[c] == 0) {
            row[used++] = ' ';
            continue;
        }
        used += (size_t)snprintf(row + used, CELL_MAX,
                                 counts[c] > 9   ? "+"
                                 : counts[c] > 1 ? "%d"
                                 : style.utf8    ? "\u2022"
                                                 : "o",
                                 counts[c]);
        end = used;
    }
    label(name, out);
    if (shorter + longer == 0) {
        fprintf(out, "%.*s\n", (int)end, row);
        return;
    }
    fprintf(out, "%.*s", (int)used, row);
    if (shorter > 0) {
        fprintf(out, " <%d", shorter);
    }
    if (longer > 0) {
        fprintf(out, " %d>", longer);
    }
    fputc('\n', out);
}

static void posterior(const struct threshold *search, const struct axis *axis, struct style style,
                      FILE *out)
{
    static const char *const blocks[] = {" ",      "\u2581", "\u2582", "\u2583", "\u2584",
                                         "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char ascii[] = " .:-=+*#%";
    double mass[COLUMNS];
    double most = 0;
    int last = -1;

    for (int c = 0; c < COLUMNS; c++) {
        mass[c] = threshold_below(search, column_ns(axis, c + 1)) -
                  threshold_below(search, column_ns(axis, c));
        most = mass[c] > most ? mass[c] : most;
    }
    label("posterior", out);
    for (int c = 0; c < COLUMNS; c++) {
        last = mass[c] > most / 100 ? c : last;
    }
    for (int c = 0; c <= last; c++) {
        double share = mass[c] / most;
        int level = share <= 0.01 ? 0 : 1 + (int)(share * (LEVELS - 0.01));
        if (style.utf8) {
            fputs(blocks[level], out);
        } else {
            fputc(ascii[level], out);
        }
    }
    fputc('\n', out);
}

static void interval(const struct threshold_estimate *estimate, const struct axis *axis,
                     struct style style, FILE *out)
{
    int low = column_of(axis, estimate->low_ns);
    int high = column_of(axis, estimate->high_ns);
    int middle = column_of(axis, estimate->median_ns);

    label("95 %", out);
    for (int c = 0; c <= high && c < COLUMNS; c++) {
        const char *utf8 = c < low       ? " "
                           : c == middle ? "\u253c"
                           : c == low    ? "\u251c"
                           : c == high   ? "\u2524"
                                         : "\u2500";
        char plain = c < low ? ' ' : c == middle ? '+' : c == low || c == high ? '|' : '-';
        if (style.utf8) {
            fputs(utf8, out);
        } else {
            fputc(plain, out);
        }
    }
    fputc('\n', out);
}

static void seconds(char *out, size_t size, int64_t ns)
{
    int64_t ms = (ns + NS_PER_MS / 2) / NS_PER_MS;
    snprintf(out, size, "%" PRId64 ".%03" PRId64 " s", ms / 1000, ms % 1000);
}

/* The ends and the middle of the axis. */
static void scale(const struct axis *axis, FILE *out)
{
    char low[32];
    char middle[32];
    char high[32];
    seconds(low, sizeof(low), axis->low_ns);
    seconds(middle, sizeof(middle), (axis->low_ns + axis->high_ns) / 2);
    seconds(high, sizeof(high), axis->high_ns);
    int space = COLUMNS - (int)(strlen(low) + strlen(middle) + strlen(high));
    label("", out);
    fprintf(out, "%s%*s%s%*s%s\n", low, space / 2, "", middle, space - space / 2, "", high);
}

void print_threshold_plot(const struct characterize *series, const struct threshold *search,
                          enum hold_outcome from, struct style style, FILE *out)
{
    struct threshold_estimate estimate;

    threshold_estimate(search, &estimate);
    int64_t width_ns = estimate.high_ns - estimate.low_ns;
    width_ns = width_ns > 10 * NS_PER_MS ? width_ns : 10 * NS_PER_MS;
    struct axis axis = {estimate.median_ns - 3 * width_ns / 2,
                        estimate.median_ns + 3 * width_ns / 2};
    axis.low_ns = axis.low_ns > 0 ? axis.low_ns : 0;
    scale(&axis, out);
    dots(series, from, true, &axis, threshold_outcome_name(from), style, out);
    dots(series, from, false, &axis, from == HOLD_RESET ? "nothing" : "less", style, out);
    posterior(search, &axis, style, out);
    interval(&estimate, &axis, style, out);
}
