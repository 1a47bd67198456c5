/* The bench screen: one card per station, readable from across the room. */
#include "tui/screen/batch_view.h"

#include "rig/base/units.h"
#include "tui/screen/keybar.h"
#include "tui/screen/paint_verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct bench_view {
    size_t top_row; /* first row of cards */
};

static struct bench_view *view_of(const struct app *app)
{
    return app_state(app, SCREEN_BENCH);
}

enum {
    CARD_ROWS = 6,
    CARD_COLS_MIN = 38,
    CARD_COLS_MAX = 60,
};

/* The layout of the cards. */
struct grid {
    int across;
    int cols; /* of a card */
    int rows; /* of cards that are visible */
};

static struct grid grid_of(const struct app *app, int rows, int cols)
{
    struct grid grid = {.across = cols / CARD_COLS_MIN, .rows = rows / CARD_ROWS};
    if (grid.across > (int)app->session_count) {
        grid.across = (int)app->session_count;
    }
    grid.across = grid.across < 1 ? 1 : grid.across;
    grid.cols = cols / grid.across;
    grid.cols = grid.cols > CARD_COLS_MAX ? CARD_COLS_MAX : grid.cols;
    return grid;
}

static struct grid grid_now(const struct app *app)
{
    return grid_of(app, app->paint.rows - 4, app->paint.cols);
}

static const char *state_word(const struct session *session)
{
    switch (session_state(session)) {
    case SESSION_CLOSED:
        return "OUT OF ORDER";
    case SESSION_IDLE:
        return "free";
    case SESSION_OVER:
        return paint_verdict_word(session_record(session)->judgement->verdict);
    case SESSION_RUNNING:
        break;
    }
    return session_question(session) ? "NEEDS YOU" : "RUNNING";
}

static enum paint_ink state_ink(const struct session *session)
{
    switch (session_state(session)) {
    case SESSION_CLOSED:
        return PAINT_ALARM;
    case SESSION_IDLE:
        return PAINT_FAINT;
    case SESSION_OVER:
        return paint_verdict_field(session_record(session)->judgement->verdict);
    case SESSION_RUNNING:
        break;
    }
    return session_question(session) ? PAINT_DOUBT_FIELD : PAINT_DOWN;
}

/* Progress of the run, relative to its longest duration. */
static void draw_progress(const struct app *app, const struct session *session, int row, int col,
                          int cols)
{
    const struct record *record = session_record(session);
    const struct plan *plan = session_plan(session);
    int64_t since_ns = session_now_ns(session) - record->timeline->origin_ns;
    int64_t longest_ns = plan->longest_ns > 0 ? plan->longest_ns : 1;
    int wide = cols - 8;
    int done = since_ns >= longest_ns ? wide : (int)(since_ns * wide / longest_ns);
    for (int i = 0; i < wide; i++) {
        paint_symbol(&app->paint, row, col + i, i < done ? PAINT_DOWN : PAINT_FAINT,
                     i < done ? SYMBOL_FULL : SYMBOL_DOT);
    }
    paint_format(&app->paint, row, col + wide + 1, 7, PAINT_PLAIN, "%4" PRId64 " s",
                 since_ns / NS_PER_S);
}

static void draw_past(const struct app *app, size_t i, int row, int col, int cols)
{
    const struct last_verdict *past = &app->past[i];
    if (!past->has) {
        paint_text(&app->paint, row, col, cols, PAINT_FAINT, "nothing run yet");
        return;
    }
    int64_t minutes = (app->now_ns - past->ended_ns) / (60 * NS_PER_S);
    bool days = minutes >= 48 * 60;
    bool hours = minutes >= 120;
    int64_t ago = days ? minutes / (24 * 60) : hours ? minutes / 60 : minutes;
    const char *word = paint_verdict_word(past->verdict);
    int used = paint_text(&app->paint, row, col, cols, PAINT_FAINT, "last ");
    used += paint_text(&app->paint, row, col + used, cols - used, paint_verdict_ink(past->verdict),
                       word);
    used += minutes > 0
                ? paint_format(&app->paint, row, col + used, cols - used, PAINT_FAINT,
                               " %" PRId64 " %s ago", ago,
                               days    ? "days"
                               : hours ? "h"
                                       : "min")
                : paint_text(&app->paint, row, col + used, cols - used, PAINT_FAINT, " just now");
    paint_format(&app->paint, row, col + used, cols - used, PAINT_FAINT, ": %s", past->what);
}

static void draw_card(const struct app *app, size_t i, struct area card)
{
    const struct paint *paint = &app->paint;
    const struct session *session = app->sessions[i];
    const struct record *record = session_record(session);
    bool chosen = i == app->station;
    int col = card.col + 2;
    int cols = card.cols - 4;
    char word[32];

    paint_frame(paint, card, chosen ? PAINT_STRONG : PAINT_FAINT);
    paint_format(paint, card.row, col, cols, chosen ? PAINT_CHOSEN : PAINT_STRONG, " %s%s ",
                 chosen ? "> " : "", session_station(session)->name);
    snprintf(word, sizeof(word), " %s ", state_word(session));
    int wide = (int)strlen(word);
    paint_text(paint, card.row, card.col + card.cols - 2 - wide, wide, state_ink(session), word);

    if (session_state(session) == SESSION_CLOSED) {
        char text[2 * SESSION_TEXT_MAX + 4];
        snprintf(text, sizeof(text), "%s; %s", session_trouble(session), session_todo(session));
        paint_wrapped(paint, (struct area){card.row + 1, col, card.rows - 2, cols}, PAINT_BAD,
                      text);
        return;
    }
    if (!record) {
        paint_text(paint, card.row + 1, col, cols, PAINT_FAINT, "Enter: choose what to run");
        paint_wrapped(paint, (struct area){card.row + 2, col, 2, cols}, PAINT_DOUBT,
                      session_warning(session));
        draw_past(app, i, card.row + 4, col, cols);
        return;
    }
    paint_format(paint, card.row + 1, col, cols, PAINT_STRONG, "%s %s", record->profile->model,
                 record->procedure->name);
    paint_format(paint, card.row + 2, col, cols, PAINT_PLAIN, "unit %s",
                 record->unit ? record->unit : "without a serial");
    if (session_state(session) == SESSION_RUNNING) {
        draw_progress(app, session, card.row + 3, col, cols);
        const struct question *question = session_question(session);
        if (question) {
            paint_text(paint, card.row + 4, col, cols, PAINT_DOUBT, question->prompt);
        } else {
            paint_text(paint, card.row + 4, col, cols, PAINT_PLAIN, keybar_phase(session));
        }
    } else {
        paint_wrapped(paint, (struct area){card.row + 3, col, 2, cols}, PAINT_PLAIN,
                      record->judgement->reason);
    }
}

static void draw(struct app *app, struct area area)
{
    struct grid grid = grid_of(app, area.rows, area.cols);
    size_t row_of = app->station / (size_t)grid.across;
    if (row_of < view_of(app)->top_row) {
        view_of(app)->top_row = row_of;
    } else if (row_of >= view_of(app)->top_row + (size_t)grid.rows) {
        view_of(app)->top_row = row_of - (size_t)grid.rows + 1;
    }
    for (size_t i = view_of(app)->top_row * (size_t)grid.across; i < app->session_count; i++) {
        int row = (int)(i / (size_t)grid.across - view_of(app)->top_row);
        if (row >= grid.rows) {
            paint_format(&app->paint, area.row + area.rows - 1, area.col + area.cols - 24, 23,
                         PAINT_FAINT, "%s %zu more stations",
                         paint_symbol_text(&app->paint, SYMBOL_MORE_DOWN), app->session_count - i);
            break;
        }
        draw_card(app, i,
                  (struct area){area.row + row * CARD_ROWS,
                                area.col + (int)(i % (size_t)grid.across) * grid.cols, CARD_ROWS,
                                grid.cols});
    }
}

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    enum session_state state = session_state(app->sessions[app->station]);
    int count = 0;
    out[count++] = (struct screen_key){"Enter", state == SESSION_RUNNING ? "watch"
                                                : state == SESSION_OVER  ? "verdict"
                                                                         : "run"};
    out[count++] = (struct screen_key){"b", batch_is_open(app) ? "back to the batch" : "batch"};
    count += app_ways(app, SCREEN_BENCH, out + count);
    out[count++] = (struct screen_key){"q", "quit"};
    if (app->session_count > 1) {
        out[count++] = (struct screen_key){"arrows", "station"};
    }
    return count;
}

static bool move(struct app *app, int by)
{
    long to = (long)app->station + by;
    if (to >= 0 && to < (long)app->session_count) {
        app->station = (size_t)to;
    }
    return true;
}

/* A click chooses a card; a second click opens it. */
static bool click(struct app *app, const struct key *key)
{
    struct grid grid = grid_now(app);
    if (key->wheel != 0) {
        return move(app, key->wheel * grid.across);
    }
    int row = (key->row - app->top) / CARD_ROWS;
    int col = key->column / grid.cols;
    size_t i = (view_of(app)->top_row + (size_t)row) * (size_t)grid.across + (size_t)col;
    if (key->row < app->top || col >= grid.across || row >= grid.rows || i >= app->session_count) {
        return false;
    }
    if (i == app->station) {
        app_open_station(app, i);
    }
    app->station = i;
    return true;
}

static bool key(struct app *app, const struct key *pressed)
{
    struct grid grid = grid_now(app);
    switch (key_direction(pressed)) {
    case DIRECTION_LEFT:
        return move(app, -1);
    case DIRECTION_RIGHT:
        return move(app, 1);
    case DIRECTION_UP:
        return move(app, -grid.across);
    case DIRECTION_DOWN:
        return move(app, grid.across);
    case DIRECTION_FIRST:
        return move(app, -(int)app->station);
    case DIRECTION_LAST:
        return move(app, (int)(app->session_count - 1 - app->station));
    default:
        break;
    }
    switch (pressed->code) {
    case KEY_CODE_TAB:
        app->station = (app->station + 1) % app->session_count;
        return true;
    case KEY_CODE_BACKTAB:
        app->station = (app->station + app->session_count - 1) % app->session_count;
        return true;
    case KEY_CODE_ENTER:
        app_open_station(app, app->station);
        return true;
    case KEY_CODE_MOUSE:
        return click(app, pressed);
    case KEY_CODE_CHAR:
        if (pressed->ch == 'b') {
            if (batch_is_open(app)) {
                app_go(app, SCREEN_BATCH);
            } else {
                app->for_batch = true;
                app_go(app, SCREEN_PICKER);
            }
            return true;
        }
        return false;
    default:
        return false;
    }
}

static int64_t due_ns(const struct app *app, int64_t drawn_ns)
{
    /* Progress changes every second; "3 min ago" every minute, which is not urgent. */
    return drawn_ns + (app_active(app) ? NS_PER_S / 2 : 30 * NS_PER_S);
}

const struct screen scr_bench = {
    .title = "Bench",
    .about = "One card per station: what it is doing, with which unit, its progress, and the "
             "result of the last run. Choose a station and press Enter to run something there, "
             "watch the run, or read its verdict.",
    .keys = keys,
    .draw = draw,
    .key = key,
    .due_ns = due_ns,
    .state_size = sizeof(struct bench_view),
};
