/* A live run: the chart, how long the button stays down, what is expected and what has been met. It
 * reads the timeline and the judge, and decides nothing. */
#include "tui/screen/app.h"

#include "rig/base/units.h"
#include "tui/screen/chart.h"
#include "tui/screen/keybar.h"
#include "tui/screen/paint_verdict.h"
#include "tui/term/block_letters.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct run_view {
    int64_t cell_ns; /* of the chart; 0: chosen by the size */
};

static struct run_view *view_of(const struct app *app)
{
    return app_state(app, SCREEN_RUN);
}

enum {
    FIGURE_AREA_ROWS = FIGURE_ROWS,
    FIGURE_AREA_COLS = 26,
    MARGIN_COLS = 12,
};

/* Enough for a running chart: each cell is at least this long, and each frame is one cell. */
static const int64_t FRAME_NS = 200 * NS_PER_MS;
/* A blink of 200 ms is two cells; the last seconds are visible even at 80 columns. */
static const int64_t USUAL_CELL_NS = 100 * NS_PER_MS;

static const struct session *session_of(const struct app *app)
{
    return app->sessions[app->station];
}

/* The time that is shown: now, or the end of a finished run, whose chart stands still. */
static int64_t shown_ns(const struct session *session)
{
    const struct timeline *timeline = session_record(session)->timeline;
    if (session_state(session) != SESSION_OVER) {
        return session_now_ns(session);
    }
    int64_t last_ns = timeline->origin_ns;
    for (size_t i = 0; i < timeline->count; i++) {
        last_ns = timeline->entries[i].time_ns > last_ns ? timeline->entries[i].time_ns : last_ns;
    }
    return last_ns;
}

static uint32_t actuators_of(const struct plan *plan)
{
    uint32_t all = 0;
    for (size_t i = 0; i < plan->action_count; i++) {
        all |= plan->actions[i].kind == ACTION_PRESS ? plan->actions[i].actuators : 0;
    }
    return all;
}

static const struct entry *last_order(const struct timeline *timeline)
{
    const struct entry *entry;
    const struct entry *last = NULL;
    size_t i = 0;
    while ((entry = timeline_next(timeline, ENTRY_ORDER, &i))) {
        last = entry;
    }
    return last;
}

static void draw_heading(const struct app *app, int row, const struct record *record)
{
    const struct paint *paint = &app->paint;
    int64_t since_ns = shown_ns(session_of(app)) - record->timeline->origin_ns;
    int col = 1;
    col += paint_format(paint, row, col, paint->cols - col, PAINT_STRONG, "%s  ", record->station);
    col += paint_format(paint, row, col, paint->cols - col, PAINT_STRONG, "%s %s",
                        record->profile->model, record->procedure->name);
    if (record->unit) {
        col += paint_format(paint, row, col, paint->cols - col, PAINT_PLAIN, "  unit %s",
                            record->unit);
    }
    for (size_t i = 0; i < record->accepted_count; i++) {
        col += paint_format(paint, row, col + 2, paint->cols - col - 2, PAINT_ALARM,
                            " hazard %s accepted ", record->accepted_hazards[i]) +
               2;
    }
    paint_format(paint, row, paint->cols - 9, 8, PAINT_FAINT, "%6.1f s", (double)since_ns / 1e9);
}

/* The large figure: the time left of the press, readable from across the room. */
static void draw_now(const struct app *app, struct area area, const struct record *record)
{
    const struct paint *paint = &app->paint;
    const struct session *session = session_of(app);
    const struct question *question = session_question(session);
    const struct entry *order = last_order(record->timeline);
    struct area words = {area.row, area.col + FIGURE_AREA_COLS + 2, area.rows,
                         area.cols - FIGURE_AREA_COLS - 3};
    int64_t since_ns;
    int64_t until_ns;

    if (session_down(session, &since_ns, &until_ns)) {
        int64_t left_ns = until_ns - session_now_ns(session);
        char figure[16];
        left_ns = left_ns < 0 ? 0 : left_ns;
        snprintf(figure, sizeof(figure), "%.1f", (double)left_ns / 1e9);
        block_letters_paint(paint,
                            (struct area){area.row, area.col + 1, area.rows, FIGURE_AREA_COLS},
                            PAINT_DOWN, false, figure);
        paint_format(paint, words.row, words.col, words.cols, PAINT_DOWN, "DOWN: %s",
                     order && order->text ? order->text : "");
        paint_format(paint, words.row + 1, words.col, words.cols, PAINT_PLAIN,
                     "down for %.1f s; up in %.1f s at the latest",
                     (double)(session_now_ns(session) - since_ns) / 1e9, (double)left_ns / 1e9);
        paint_text(paint, words.row + 3, words.col, words.cols, PAINT_FAINT,
                   "SPACE or Esc releases everything at once");
        return;
    }
    if (question) {
        char answers[256];
        struct area all = {area.row, area.col + 1, area.rows - 2, area.cols - 2};
        paint_text(paint, all.row, all.col, all.cols, PAINT_DOUBT_FIELD, " YOUR HAND IS NEEDED ");
        int rows = paint_wrapped(paint, (struct area){all.row + 1, all.col, 2, all.cols},
                                 PAINT_STRONG, question->prompt);
        paint_text(paint, all.row + 1 + rows + 1, all.col, all.cols, PAINT_DOUBT,
                   keybar_answers(answers, sizeof(answers), question));
        return;
    }
    if (session_state(session) == SESSION_OVER) {
        enum verdict verdict = record->judgement->verdict;
        paint_text(paint, words.row, area.col + 1, area.cols - 2, paint_verdict_ink(verdict),
                   paint_verdict_word(verdict));
        paint_wrapped(paint, (struct area){words.row + 1, area.col + 1, 3, area.cols - 2},
                      PAINT_PLAIN, record->judgement->reason);
        return;
    }
    paint_text(paint, words.row, area.col + 1, area.cols - 2, PAINT_STRONG, keybar_phase(session));
    if (session_phase(session) == PHASE_WATCHING) {
        char stay[STAY_TEXT_MAX];
        paint_text(paint, words.row + 1, area.col + 1, area.cols - 2, PAINT_FAINT,
                   "all buttons are up; waiting for what is expected");
        paint_text(paint, words.row + 2, area.col + 1, area.cols - 2, PAINT_STRONG,
                   keybar_stay(stay, session));
    }
}

static void draw_margin(const struct app *app, int row, int col, const struct finding *finding)
{
    if (finding->has_margin) {
        paint_format(&app->paint, row, col, MARGIN_COLS, PAINT_FAINT, "%+.3f s",
                     (double)finding->margin_ns / 1e9);
    }
}

static void draw_checklist(const struct app *app, struct area area,
                           const struct judgement *judgement)
{
    const struct paint *paint = &app->paint;
    for (size_t i = 0; i < judgement->finding_count && (int)i < area.rows; i++) {
        const struct finding *finding = &judgement->findings[i];
        enum paint_ink ink = paint_result_ink(finding->result);
        int row = area.row + (int)i;
        const char *text = finding->result == RESULT_PENDING && finding->observed[0]
                               ? finding->observed
                               : finding->reason;
        if ((int)i == area.rows - 1 && i + 1 < judgement->finding_count) {
            paint_format(paint, row, area.col + 1, area.cols - 2, PAINT_FAINT, "and %zu more",
                         judgement->finding_count - i);
            return;
        }
        paint_symbol(paint, row, area.col + 1, ink, paint_result_symbol(finding->result));
        paint_text(paint, row, area.col + 3, 8, ink,
                   finding->result == RESULT_PASS           ? "PASS"
                   : finding->result == RESULT_FAIL         ? "FAIL"
                   : finding->result == RESULT_INCONCLUSIVE ? "UNSURE"
                   : finding->result == RESULT_RECORDED     ? "noted"
                                                            : "waits");
        paint_text(paint, row, area.col + 11, 13, PAINT_PLAIN,
                   expect_kind_name(finding->expectation->kind));
        paint_text(paint, row, area.col + 25,
                   area.cols - 25 - (finding->has_margin ? MARGIN_COLS + 1 : 1), PAINT_PLAIN, text);
        draw_margin(app, row, area.col + area.cols - MARGIN_COLS, finding);
    }
}

static void draw(struct app *app, struct area area)
{
    const struct session *session = session_of(app);
    const struct record *record = session_record(session);
    if (!record) {
        paint_text(&app->paint, area.row + 1, 1, area.cols - 2, PAINT_FAINT,
                   "Nothing is running on this station. Enter: choose what to run.");
        return;
    }
    const struct plan *plan = session_plan(session);
    int findings = (int)record->judgement->finding_count;
    int rows = area.rows;
    int now_rows = FIGURE_AREA_ROWS * (rows > 40 ? 2 : 1);
    int gap = rows > 20 ? 1 : 0;

    draw_heading(app, area.row, record);
    draw_now(app, (struct area){area.row + 1 + gap, area.col, now_rows, area.cols}, record);

    int chart_row = area.row + 1 + gap + now_rows + 1;
    int list_rows = findings < rows / 3 ? findings : rows / 3;
    struct area chart_area = {chart_row, area.col + 1, area.row + rows - chart_row - list_rows - 1,
                              area.cols - 2};
    struct chart chart = {
        .paint = &app->paint,
        .area = chart_area,
        .station = session_station(session),
        .timeline = record->timeline,
        .scope = session_scope(session),
        .axis =
            chart_axis(chart_area, view_of(app)->cell_ns ? view_of(app)->cell_ns : USUAL_CELL_NS,
                       shown_ns(session) - record->timeline->origin_ns),
        .now_ns = shown_ns(session),
    };
    int used = chart_run(&chart, actuators_of(plan));
    int list_row = chart_row + used + (chart_area.rows > used ? 1 : 0);
    draw_checklist(app, (struct area){list_row, area.col, area.row + rows - list_row, area.cols},
                   record->judgement);
}

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    int count = 0;
    const struct question *question = session_question(session_of(app));
    if (question) {
        out[count++] = (struct screen_key){question->answer_count ? "letter" : "digit", "answer"};
    }
    if (session_state(session_of(app)) == SESSION_OVER) {
        out[count++] = (struct screen_key){"Enter", "verdict"};
    }
    out[count++] = (struct screen_key){"+ -", "zoom"};
    if (app->session_count > 1) {
        out[count++] = (struct screen_key){"Tab", "next station"};
    }
    count += app_ways(app, SCREEN_RUN, out + count);
    out[count++] = (struct screen_key){
        "q", session_state(session_of(app)) == SESSION_RUNNING ? "bench (run goes on)" : "bench"};
    return count;
}

static bool key(struct app *app, const struct key *pressed)
{
    struct session *session = app->sessions[app->station];
    const struct question *question = session_question(session);
    char answer[ANSWER_TEXT_MAX];

    if (question && keybar_answer(answer, question, pressed)) {
        if (!session_answer(session, answer)) {
            app_say(app, PAINT_BAD, "`%s` is not an answer to this", answer);
        }
        return true;
    }
    if (pressed->code == KEY_CODE_TAB || pressed->code == KEY_CODE_BACKTAB) {
        size_t step = pressed->code == KEY_CODE_TAB ? 1 : app->session_count - 1;
        app->station = (app->station + step) % app->session_count;
        if (session_state(app->sessions[app->station]) == SESSION_OVER) {
            app_go(app, SCREEN_VERDICT);
        }
        return true;
    }
    if (pressed->code == KEY_CODE_ENTER && session_state(session) != SESSION_RUNNING) {
        app_back(app);
        app_open_station(app, app->station);
        return true;
    }
    if (pressed->code == KEY_CODE_CHAR && (pressed->ch == '+' || pressed->ch == '-')) {
        int64_t cell_ns = view_of(app)->cell_ns ? view_of(app)->cell_ns : USUAL_CELL_NS;
        view_of(app)->cell_ns = lanes_axis_zoom(cell_ns, pressed->ch == '+' ? -1 : 1);
        return true;
    }
    if (pressed->code == KEY_CODE_CHAR && pressed->ch == 'q') {
        app_go(app, SCREEN_BENCH);
        return true;
    }
    return false;
}

static int64_t due_ns(const struct app *app, int64_t drawn_ns)
{
    return session_state(session_of(app)) == SESSION_RUNNING ? drawn_ns + FRAME_NS : INT64_MAX;
}

/* Letters answer a question, but a serial scanned just then must not. */
static bool scans_come(const struct app *app)
{
    return session_question(session_of(app)) != NULL;
}

const struct screen scr_run = {
    .title = "Run",
    .about = "A run as it happens. The large figure counts down to when the button is up at the "
             "latest. In the chart, the upper half of a control is what was ordered, the lower "
             "half what its contact measured; letters are LED colours and radio events. Below: "
             "what the profile expects and what has been met, with the margin to the nearest "
             "limit. If a step needs you, a question appears; answer it with one key.",
    .keys = keys,
    .draw = draw,
    .key = key,
    .due_ns = due_ns,
    .scans_come = scans_come,
    .after_run = SCREEN_VERDICT,
    .state_size = sizeof(struct run_view),
};
