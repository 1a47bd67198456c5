/* Thresholds found by `longpress characterize`, as charts: presses as dots, the posterior of the
 * threshold, its 95 % interval. Reads the journal, so no unit may be running. */
#include "tui/screen/app.h"

#include "rig/base/units.h"
#include "rig/report/thresholds.h"
#include "tui/screen/keybar.h"

#include <stdio.h>
#include <string.h>

/* The thresholds in the journal when it was last read. */
struct threshold_view {
    struct journal_runs *runs; /* owned, as are the thresholds */
    struct thresholds found;
    size_t row;
};

static struct threshold_view *view_of(const struct app *app)
{
    return app_state(app, SCREEN_THRESHOLD);
}

enum {
    LIST_ROWS = 6,
    LABEL_COLS = 11,
    CELLS_MAX = 240,
    HEIGHT_MAX = 12,
};

/* ---- reading ----------------------------------------------------------------------------------*/

static void forget(void *state)
{
    struct threshold_view *view = state;
    thresholds_free(&view->found);
    journal_runs_close(view->runs);
    *view = (struct threshold_view){0};
}

static void enter(struct app *app)
{
    struct threshold_view *view = view_of(app);
    /* Only runs of series: reading a whole journal may take minutes, during which keys do nothing.
     */
    struct presses presses = {.series = NULL};
    struct journal_runs_query query = {.path = app->setup->journal_path,
                                       .filter = {.presses = true},
                                       .visit = press_series_visit,
                                       .visit_context = &presses};
    struct diags diags = DIAGS_INIT;

    forget(view);
    if (!app->setup->journal || app_active(app)) {
        return;
    }
    view->runs = journal_runs_open(&query, &diags);
    if (view->runs) {
        view->found = thresholds_find(&presses, app->setup->catalog, &diags);
    }
    press_series_free(&presses);
    if (diags.count > 0) {
        app_tell(app, "Some runs could not be evaluated", &diags);
    }
}

/* ---- the plot ---------------------------------------------------------------------------------*/

struct plot {
    const struct paint *paint;
    const struct found_threshold *found;
    int col; /* of the first cell */
    int cells;
    int64_t from_ns;
    int64_t cell_ns;
};

static int cell_of(const struct plot *plot, int64_t hold_ns)
{
    int64_t cell = (hold_ns - plot->from_ns) / plot->cell_ns;
    return hold_ns < plot->from_ns ? -1 : cell >= plot->cells ? plot->cells : (int)cell;
}

/* The interval, plus its width on either side. */
static struct plot plot_of(const struct paint *paint, struct area area,
                           const struct found_threshold *found)
{
    struct plot plot = {.paint = paint, .found = found, .col = area.col + LABEL_COLS};
    int64_t width_ns = found->high_ns - found->low_ns;
    plot.cells = area.cols - LABEL_COLS > CELLS_MAX ? CELLS_MAX : area.cols - LABEL_COLS;
    plot.cell_ns = 3 * width_ns / plot.cells;
    plot.cell_ns = plot.cell_ns < NS_PER_US ? NS_PER_US : plot.cell_ns;
    plot.from_ns = (found->low_ns + found->high_ns) / 2 - plot.cells / 2 * plot.cell_ns;
    return plot;
}

/* Presses with the same outcome: a dot each, a digit for several, and how many lie outside. */
static void draw_presses(const struct plot *plot, int row, bool triggered)
{
    int counts[CELLS_MAX] = {0};
    int before = 0;
    int after = 0;
    for (size_t i = 0; i < plot->found->count; i++) {
        int cell = cell_of(plot, plot->found->holds_ns[i]);
        if (plot->found->triggered[i] != triggered) {
            continue;
        }
        before += cell < 0;
        after += cell >= plot->cells;
        if (cell >= 0 && cell < plot->cells) {
            counts[cell]++;
        }
    }
    enum paint_ink ink = triggered ? PAINT_GOOD : PAINT_DOUBT;
    paint_text(plot->paint, row, plot->col - LABEL_COLS, LABEL_COLS - 1, ink,
               !plot->found->beyond ? (triggered ? "reset" : "nothing")
               : triggered          ? "beyond"
                                    : "not yet");
    for (int i = 0; i < plot->cells; i++) {
        if (counts[i] == 1) {
            paint_text(plot->paint, row, plot->col + i, 1, ink, plot->paint->utf8 ? "•" : "o");
        } else if (counts[i] > 1) {
            paint_char(plot->paint, row, plot->col + i, ink,
                       counts[i] > 9 ? '+' : (char)('0' + counts[i]));
        }
    }
    if (before > 0) {
        paint_format(plot->paint, row, plot->col, 6, PAINT_FAINT, "<%d ", before);
    }
    if (after > 0) {
        char text[8];
        int wide = snprintf(text, sizeof(text), " %d>", after);
        paint_text(plot->paint, row, plot->col + plot->cells - wide, wide, PAINT_FAINT, text);
    }
}

/* The posterior: as many of its points as fall into a cell, `height` rows high. */
static void draw_posterior(const struct plot *plot, int row, int height)
{
    static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {" ", ".", ".", ":", ":", "+", "+", "#", "#"};
    int counts[CELLS_MAX] = {0};
    int most = 1;
    for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
        int cell = cell_of(plot, (int64_t)plot->found->posterior.at[i]);
        if (cell >= 0 && cell < plot->cells) {
            counts[cell]++;
            most = counts[cell] > most ? counts[cell] : most;
        }
    }
    paint_text(plot->paint, row + height - 1, plot->col - LABEL_COLS, LABEL_COLS - 1, PAINT_PLAIN,
               "known");
    for (int i = 0; i < plot->cells; i++) {
        int level = counts[i] * height * 8 / most;
        for (int y = 0; y < height; y++) {
            int here = level - (height - 1 - y) * 8;
            here = here < 0 ? 0 : here > 8 ? 8 : here;
            if (here == 0 && y == height - 1 && counts[i] > 0) {
                here = 1;
            }
            paint_text(plot->paint, row + y, plot->col + i, 1, PAINT_LED + COLOUR_DARK,
                       plot->paint->utf8 ? eighths[here] : ascii[here]);
        }
    }
}

static void draw_interval(const struct plot *plot, int row)
{
    int low = cell_of(plot, plot->found->low_ns);
    int high = cell_of(plot, plot->found->high_ns);
    int middle = cell_of(plot, plot->found->median_ns);
    paint_text(plot->paint, row, plot->col - LABEL_COLS, LABEL_COLS - 1, PAINT_PLAIN, "95 %");
    for (int i = low < 0 ? 0 : low; i <= high && i < plot->cells; i++) {
        paint_symbol(plot->paint, row, plot->col + i, PAINT_STRONG, SYMBOL_RULE);
    }
    paint_char(plot->paint, row, plot->col + low, PAINT_STRONG, '|');
    paint_char(plot->paint, row, plot->col + high, PAINT_STRONG, '|');
    paint_char(plot->paint, row, plot->col + middle, PAINT_STRONG, '+');
}

static void draw_axis(const struct plot *plot, int row)
{
    for (int i = 0; i < 3; i++) {
        int cell = i * (plot->cells - 1) / 2;
        char text[24];
        int wide = snprintf(text, sizeof(text), "%.3f s",
                            (double)(plot->from_ns + cell * plot->cell_ns) / 1e9);
        int col = i == 0 ? cell : i == 1 ? cell - wide / 2 : cell - wide + 1;
        paint_text(plot->paint, row, plot->col + col, wide, PAINT_FAINT, text);
    }
}

/* ---- the screen -------------------------------------------------------------------------------*/

static void draw_row(const struct app *app, int row, int cols, const struct found_threshold *found,
                     bool chosen)
{
    enum paint_ink ink = chosen ? PAINT_CHOSEN : PAINT_PLAIN;
    paint_row(&app->paint, row, 1, cols - 2, ink, "");
    char claimed[128];
    snprintf(claimed, sizeof(claimed), "%s %s", found->first->model,
             found->beyond ? found->beyond : found->procedure);
    paint_text(&app->paint, row, 2, 30, ink, claimed);
    paint_format(&app->paint, row, 33, cols - 35, ink, "%.3f s (%.3f to %.3f)  %zu presses  %s, %s",
                 (double)found->median_ns / 1e9, (double)found->low_ns / 1e9,
                 (double)found->high_ns / 1e9, found->count, report_firmware(found->first),
                 found->detail);
}

static void draw(struct app *app, struct area area)
{
    struct threshold_view *view = view_of(app);
    const struct paint *paint = &app->paint;
    struct area text = {area.row + 1, area.col + 2, 6, area.cols - 4};

    if (view->found.count == 0) {
        paint_wrapped(paint, text, PAINT_PLAIN,
                      !app->setup->journal ? "No journal is kept, so there is nothing to show."
                      : !view->runs
                          ? "The journal cannot be read while a unit is running: come back later."
                          : "No thresholds have been measured yet. On the command line: longpress "
                            "characterize MODEL PROCEDURE. It presses a unit repeatedly, each time "
                            "for the length that tells the most, and keeps every press.");
        return;
    }
    const struct found_threshold *found = &view->found.items[view->row];
    size_t top = view->row >= LIST_ROWS ? view->row - LIST_ROWS + 1 : 0;
    int row = area.row;
    for (size_t i = top; i < view->found.count && i - top < LIST_ROWS; i++) {
        draw_row(app, row++, area.cols, &view->found.items[i], i == view->row);
    }
    row++;
    struct area place = {row, area.col + 2, area.row + area.rows - row, area.cols - 4};
    struct plot plot = plot_of(paint, place, found);
    int height = place.rows - 8 > HEIGHT_MAX ? HEIGHT_MAX : place.rows - 8 < 1 ? 1 : place.rows - 8;
    draw_axis(&plot, row++);
    draw_presses(&plot, row++, true);
    draw_presses(&plot, row++, false);
    draw_posterior(&plot, row + 1, height);
    row += height + 1;
    draw_interval(&plot, row++);
    const char *simulated = found->first->simulated ? "SIMULATED: " : "";
    if (found->beyond) {
        paint_format(paint, row + 1, place.col, place.cols, PAINT_FAINT,
                     "%s50 %% of presses held %.3f s become %s", simulated,
                     (double)found->median_ns / 1e9, found->beyond);
    } else {
        paint_format(paint, row + 1, place.col, place.cols, PAINT_FAINT,
                     "%s50 %% of presses held %.3f s start the reset", simulated,
                     (double)found->median_ns / 1e9);
    }
    paint_format(paint, row + 2, place.col, place.cols, PAINT_FAINT, "%s, %s: %zu presses",
                 report_firmware(found->first), found->detail, found->count);
}

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    int count = 0;
    if (view_of(app)->found.count > 1) {
        out[count++] = (struct screen_key){"arrows jk", "choose"};
    }
    out[count++] = (struct screen_key){"Esc q", "back"};
    return count;
}

static bool key(struct app *app, const struct key *pressed)
{
    struct threshold_view *view = view_of(app);
    switch (key_direction(pressed)) {
    case DIRECTION_UP:
        view->row -= view->row > 0;
        return true;
    case DIRECTION_DOWN:
        view->row += view->row + 1 < view->found.count;
        return true;
    default:
        return false;
    }
}

const struct screen scr_threshold = {
    .title = "Thresholds",
    .about = "The hold at which each reset starts, and where a longer hold becomes something else, "
             "as found by `longpress characterize` for each unit and series. Dots are presses; "
             "those in the upper row started the reset. The curve is the posterior of the "
             "threshold, the line its 95 % interval.",
    .keys = keys,
    .draw = draw,
    .key = key,
    .enter = enter,
    .way = {SCREEN_BENCH, "t", "thresholds"},
    .state_size = sizeof(struct threshold_view),
    .forget = forget,
};
