/* The last verdicts of a station, from the journal: what was run there, with which unit, and with
 * what result, for someone who starts a shift or wonders about a station. */
#include "tui/screen/app.h"

#include "rig/base/when.h"
#include "rig/journal/journal_read.h"
#include "tui/screen/keybar.h"
#include "tui/screen/paint_verdict.h"

#include <stdio.h>
#include <string.h>

enum {
    ROWS_MAX = 200,
    REASON_ROWS = 4, /* of the chosen one, at the foot: a rule, then its reason */
    WHEN_COLS = 16,  /* to the minute */
    UNIT_COLS = 18,
    VERDICT_COLS = 12,
    WHAT_COLS = 34,
    WIDE_COLS = 120, /* from here on there is room for each row's reason */
};

struct past_run {
    char when[WHEN_TEXT_MAX];
    char unit[APP_FIELD_MAX];
    char what[APP_TEXT_MAX]; /* model and procedure */
    char reason[APP_TEXT_MAX];
    enum verdict verdict;
};

struct history_view {
    size_t station; /* whose these are */
    int64_t handle; /* the last run of the program's own that is among them */
    struct past_run runs[ROWS_MAX];
    size_t count;
    size_t chosen;
    size_t top;
};

static struct history_view *view_of(const struct app *app)
{
    return app_state(app, SCREEN_HISTORY);
}

/* ---- reading ----------------------------------------------------------------------------------*/

static void take_run(struct history_view *view, const struct kept_run *run)
{
    struct past_run *past = &view->runs[view->count++];

    if (run->clock == KEPT_CLOCK_NOT_SET) {
        snprintf(past->when, sizeof(past->when), "clock not set");
    } else {
        when_local(past->when, run->began_ns);
        past->when[WHEN_COLS] = '\0';
    }
    snprintf(past->unit, sizeof(past->unit), "%s", run->unit ? run->unit : "no serial");
    snprintf(past->what, sizeof(past->what), "%s %s", run->model, run->procedure);
    snprintf(past->reason, sizeof(past->reason), "%s", run->reason);
    past->verdict = run->verdict;
}

/* Newest first. A station with the same name on another bench is a different one. */
static void read_runs(struct app *app)
{
    struct history_view *view = view_of(app);
    const struct run_filter filter = {
        .station = session_station(app->sessions[app->station])->name,
        .verdicts = (1U << VERDICT_PASS) | (1U << VERDICT_FAIL) | (1U << VERDICT_INCONCLUSIVE) |
                    (1U << VERDICT_ABORTED) | (1U << VERDICT_ERROR),
        .reality = app->setup->bench->simulated ? FILTER_SIMULATED : FILTER_REAL,
        .limit = ROWS_MAX,
        .latest_first = true,
    };
    struct diags diags = DIAGS_INIT;
    const struct kept_run *run;

    view->station = app->station;
    view->count = view->chosen = view->top = 0;
    if (!app->setup->journal) {
        return;
    }
    struct journal_reader *reader = journal_reader_open(&diags, app->setup->journal_path);
    struct run_list *list = reader ? journal_run_list_open(reader, &diags, &filter) : NULL;
    while (list && (run = journal_run_list_next(list))) {
        if (run->bench && strcmp(run->bench, app->setup->bench_name) == 0) {
            take_run(view, run);
        }
    }
    journal_run_list_close(list, &diags);
    journal_reader_close(reader);
    if (diags.count > 0) {
        app_tell(app, "The journal could not be read", &diags);
    }
}

/* The number of the station's run once it is in the journal with its verdict; 0: none. */
static int64_t kept_handle(const struct app *app)
{
    int64_t handle = session_journal_handle(app->sessions[app->station]);
    return handle && journal_finished(app->setup->journal, handle) == 1 ? handle : 0;
}

static void read_anew(struct app *app)
{
    read_runs(app);
    view_of(app)->handle = kept_handle(app);
    app->dirty = true;
}

/* A run that ended here meanwhile goes on top. */
static void step(struct app *app)
{
    const struct history_view *view = view_of(app);
    int64_t handle = kept_handle(app);

    if (view->station != app->station || (handle && handle != view->handle)) {
        read_anew(app);
    }
}

/* ---- drawing ----------------------------------------------------------------------------------*/

static void draw_run(const struct app *app, int row, int cols, const struct past_run *run,
                     bool chosen)
{
    const struct paint *paint = &app->paint;
    enum paint_ink ink = chosen ? PAINT_CHOSEN : PAINT_PLAIN;
    int col = 2;

    paint_row(paint, row, 1, cols - 2, ink, "");
    paint_text(paint, row, col, WHEN_COLS, ink, run->when);
    col += WHEN_COLS + 1;
    paint_text(paint, row, col, UNIT_COLS, ink, run->unit);
    col += UNIT_COLS + 1;
    paint_text(paint, row, col, VERDICT_COLS, chosen ? ink : paint_verdict_ink(run->verdict),
               paint_verdict_word(run->verdict));
    col += VERDICT_COLS + 1;
    int left = cols - 2 - col;
    paint_text(paint, row, col, cols < WIDE_COLS ? left : WHAT_COLS, ink, run->what);
    if (cols >= WIDE_COLS) {
        paint_text(paint, row, col + WHAT_COLS + 1, left - WHAT_COLS - 1, ink, run->reason);
    }
}

static int list_rows(const struct area *area)
{
    return area->rows - REASON_ROWS - 1;
}

static void draw(struct app *app, struct area area)
{
    struct history_view *view = view_of(app);
    const struct paint *paint = &app->paint;
    const char *station = session_station(app->sessions[app->station])->name;
    size_t rows = (size_t)list_rows(&area);

    paint_format(paint, area.row, 2, area.cols - 4, PAINT_STRONG, "Station %s: %zu verdict%s",
                 station, view->count, view->count == 1 ? "" : "s");
    if (view->count == 0) {
        paint_wrapped(paint, (struct area){area.row + 2, 2, 3, area.cols - 4}, PAINT_FAINT,
                      app->setup->journal ? "The journal has no verdicts for this station yet."
                                          : "No journal is kept, so there is nothing to show.");
        return;
    }
    view->top = view->chosen < view->top ? view->chosen : view->top;
    if (view->chosen >= view->top + rows) {
        view->top = view->chosen - rows + 1;
    }
    for (size_t i = view->top; i < view->count && i - view->top < rows; i++) {
        draw_run(app, area.row + 1 + (int)(i - view->top), area.cols, &view->runs[i],
                 i == view->chosen);
    }
    int foot = area.row + area.rows - REASON_ROWS;
    for (int col = 1; col < area.cols - 1; col++) {
        paint_symbol(paint, foot, col, PAINT_FAINT, SYMBOL_RULE);
    }
    paint_wrapped(paint, (struct area){foot + 1, 2, REASON_ROWS - 1, area.cols - 4}, PAINT_PLAIN,
                  view->runs[view->chosen].reason);
}

/* ---- the screen -------------------------------------------------------------------------------*/

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    int count = 0;
    if (view_of(app)->count > 1) {
        out[count++] = (struct screen_key){"arrows jk PgUp PgDn", "choose"};
    }
    if (app->session_count > 1) {
        out[count++] = (struct screen_key){"Tab", "next station"};
    }
    out[count++] = (struct screen_key){"Esc q", "back"};
    return count;
}

static bool key(struct app *app, const struct key *pressed)
{
    struct history_view *view = view_of(app);
    enum direction direction = key_direction(pressed);

    if (pressed->code == KEY_CODE_TAB || pressed->code == KEY_CODE_BACKTAB) {
        size_t by = pressed->code == KEY_CODE_TAB ? 1 : app->session_count - 1;
        app->station = (app->station + by) % app->session_count;
        read_anew(app);
        return true;
    }
    if (direction == DIRECTION_NONE) {
        return false;
    }
    /* Scrolls like a text of which any line may be on top. */
    view->chosen =
        (size_t)keybar_scroll(direction, (int)view->chosen, 1, view->count ? (int)view->count : 1);
    return true;
}

const struct screen scr_history = {
    .title = "Last verdicts",
    .about = "The last 200 verdicts of the chosen station on this bench, from the journal, newest "
             "first: when the run began, the unit's serial number, the verdict, model and "
             "procedure, and the reason for the chosen one. `longpress history` lists all runs; "
             "`longpress show` prints one in full.",
    .keys = keys,
    .draw = draw,
    .key = key,
    .enter = read_anew,
    .step = step,
    .way = {SCREEN_BENCH, "v", "verdicts"},
    .state_size = sizeof(struct history_view),
};
