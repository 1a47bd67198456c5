/* The batch screen, for repair shops. Scan, place, run, verdict, next: with only a barcode scanner.
 * Each station has a tile that can be read from where the operator stands. */
#include "tui/screen/app.h"
#include "tui/screen/batch_tiles.h"
#include "tui/screen/batch_view.h"

#include "rig/base/units.h"
#include "tui/screen/keybar.h"
#include "tui/screen/paint_verdict.h"
#include "tui/term/block_letters.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    FOOT_ROWS = 5, /* tally, fails, told, scan field */
    SERIAL_COLS = 24,
};

static const int64_t LONE_Q_NS = NS_PER_S / 2;

/* ---- tally and list ---------------------------------------------------------------------------*/

static void draw_tally(const struct app *app, int row, int cols)
{
    static const enum verdict all[] = {VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE,
                                       VERDICT_ABORTED, VERDICT_ERROR};
    const struct batch *batch = batch_bays_batch(batch_view(app)->sessions);
    int col = 1;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        size_t count = batch_tally(batch, all[i]);
        if (count > 0 || all[i] == VERDICT_PASS || all[i] == VERDICT_FAIL) {
            col += paint_format(&app->paint, row, col, cols - col,
                                count > 0 ? paint_verdict_ink(all[i]) : PAINT_FAINT, "%s %zu   ",
                                paint_verdict_word(all[i]), count);
        }
    }
    paint_format(&app->paint, row, col, cols - col, PAINT_PLAIN, "queued %zu   of %zu scanned",
                 batch_queued(batch), batch_unit_count(batch));
}

/* Units that did not pass, latest first, as many as fit. */
static void draw_fails(const struct app *app, struct area area)
{
    const struct batch *batch = batch_bays_batch(batch_view(app)->sessions);
    int row = area.row;
    for (size_t i = batch_unit_count(batch); i-- > 0 && row < area.row + area.rows;) {
        const struct batch_unit *unit = batch_unit(batch, i);
        if (!unit->has_verdict || unit->verdict == VERDICT_PASS) {
            continue;
        }
        int col = area.col + 1;
        col += paint_format(&app->paint, row, col, 13, paint_verdict_ink(unit->verdict), "%s ",
                            paint_verdict_word(unit->verdict));
        col += paint_format(&app->paint, row, col, SERIAL_COLS, PAINT_STRONG, "%s: ", unit->serial);
        paint_text(&app->paint, row, col, area.cols - col - 1, PAINT_PLAIN, unit->reason);
        row++;
    }
}

static void draw_scan(const struct app *app, int row, int cols)
{
    const struct batch_view *view = batch_view(app);
    if (view->commands) {
        paint_row(&app->paint, row, 1, cols - 2, PAINT_PLAIN, "");
        paint_text(&app->paint, row, 1, cols - 2, PAINT_DOUBT,
                   "command keys active; Tab: back to scanning");
        return;
    }
    paint_row(&app->paint, row, 1, cols - 2, PAINT_CHOSEN, "");
    paint_format(&app->paint, row, 2, cols - 4, PAINT_CHOSEN, "scan: %s_", view->scan.text);
}

static void draw(struct app *app, struct area area)
{
    if (!batch_view(app)->sessions) {
        paint_text(&app->paint, area.row + 1, 1, area.cols - 2, PAINT_FAINT,
                   "No batch is running. Esc: back to the bench; b there starts one.");
        return;
    }
    /* A larger screen lists more failures. */
    int fails = area.rows > 30 ? area.rows / 4 : 2;
    int foot = FOOT_ROWS - 2 + fails;
    paint_format(&app->paint, area.row, 1, area.cols - 2, PAINT_STRONG, "%s",
                 batch_view(app)->name);
    batch_tiles(app, (struct area){area.row + 1, area.col, area.rows - foot - 1, area.cols});
    /* An open question stays visible, whatever other messages arrive. */
    const struct batch_unit *asked = batch_asked(batch_bays_batch(batch_view(app)->sessions));
    fails -= asked ? 1 : 0;
    int row = area.row + area.rows - foot;
    draw_tally(app, row++, area.cols);
    draw_fails(app, (struct area){row, area.col, fails, area.cols});
    row += fails;
    paint_text(&app->paint, row++, 1, area.cols - 2, batch_view(app)->told_ink,
               batch_view(app)->told);
    if (asked) {
        paint_format(&app->paint, row++, 1, area.cols - 2, PAINT_DOUBT_FIELD,
                     " %s was run before: scan it once more to run it again; Tab n skips it ",
                     asked->serial);
    }
    draw_scan(app, row, area.cols);
}

/* ---- keys -------------------------------------------------------------------------------------*/

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    int count = 0;
    if (!batch_view(app)->commands) {
        out[count++] = (struct screen_key){"scan, Enter", "next unit"};
        out[count++] = (struct screen_key){"Tab", "commands"};
        out[count++] = (struct screen_key){"q Esc", "leave"};
        return count;
    }
    out[count++] = (struct screen_key){"Tab", "scan"};
    const struct question *question =
        session_question(batch_view(app)->on[batch_view(app)->station]);
    if (question) {
        out[count++] = (struct screen_key){question->answer_count ? "letter" : "digit", "answer"};
    } else if (batch_asked(batch_bays_batch(batch_view(app)->sessions))) {
        out[count++] = (struct screen_key){"y n", "run again, skip"};
    }
    out[count++] = (struct screen_key){"arrows hl", "station"};
    out[count++] = (struct screen_key){"p", "unit is in"};
    out[count++] = (struct screen_key){"t", "unit is out"};
    out[count++] = (struct screen_key){"r", "retry now"};
    out[count++] = (struct screen_key){"x", "no more retries"};
    out[count++] = (struct screen_key){"s", "skip its unit"};
    out[count++] = (struct screen_key){"v", "its run or verdict"};
    out[count++] = (struct screen_key){"b", "bench"};
    out[count++] = (struct screen_key){"q", "leave"};
    return count;
}

static void told(struct app *app, enum paint_ink ink, const char *what, const char *serial)
{
    snprintf(batch_view(app)->told, sizeof(batch_view(app)->told), "%s%s%s", serial,
             serial[0] ? ": " : "", what);
    batch_view(app)->told_ink = ink;
}

/* A step that waits for the operator and has only one answer: scanning its unit again confirms it.
 */
static bool scan_answers(struct app *app, const char *serial)
{
    const struct batch *batch = batch_bays_batch(batch_view(app)->sessions);
    char read[BATCH_SERIAL_MAX];
    bool good = batch_serial(read, serial);
    for (size_t i = 0; good && i < batch_view(app)->setup.session_count; i++) {
        const struct batch_unit *unit = batch_on(batch, (int)i);
        const struct question *question = session_question(batch_view(app)->on[i]);
        if (unit && question && question->answer_count == 1 && serial_same(unit->serial, read)) {
            return session_answer(batch_view(app)->on[i], question->answers[0]);
        }
    }
    return false;
}

static void scanned(struct app *app, const char *serial)
{
    struct batch_view *view = batch_view(app);

    if (scan_answers(app, serial)) {
        told(app, PAINT_PLAIN, "answered; the run continues", serial);
        return;
    }
    switch (batch_bays_scan(view->sessions, serial)) {
    case SCAN_TAKEN:
    case SCAN_PLACED:
    case SCAN_ASKED:
    case SCAN_REPEATED:
        /* The batch's events report what follows. */
        break;
    case SCAN_QUEUED:
        told(app, PAINT_PLAIN, "queued for the next free station", serial);
        break;
    case SCAN_TAKEN_OUT:
        told(app, PAINT_PLAIN, "taken out", serial);
        break;
    case SCAN_ALREADY:
        told(app, PAINT_DOUBT, "queued or running already", serial);
        break;
    case SCAN_NO_SERIAL:
        told(app, PAINT_BAD, "not a serial number: scan it again", serial);
        break;
    case SCAN_FULL:
        told(app, PAINT_BAD, "this batch is full: end it and start the next", serial);
        break;
    }
}

static void take_scan(struct app *app, const char *serial)
{
    if (app_shown(app) == SCREEN_HELP) {
        app_back(app);
    }
    batch_view(app)->told[0] = '\0';
    scanned(app, serial);
    batch_events(app);
    if (app_shown(app) != SCREEN_BATCH || app->dialog.open) {
        app_say(app, batch_view(app)->told_ink, "batch: %s", batch_view(app)->told);
    }
}

static bool scan_key(struct app *app, const struct key *pressed)
{
    struct batch_view *view = batch_view(app);
    struct field scan = view->scan;

    view->lone_q_ns = 0;
    if (pressed->code == KEY_CODE_ENTER) {
        text_field_clear(&view->scan);
        if (scan.too_long) {
            told(app, PAINT_BAD, "too long for a serial number: scan it again", "");
            app_bell(app);
        } else if (scan.text[0]) {
            scanned(app, scan.text);
        }
        return true;
    }
    if (pressed->code == KEY_CODE_CHAR && pressed->ch == '?' && !scan.text[0]) {
        app_help(app);
        return true;
    }
    if (!text_field_key(&view->scan, pressed)) {
        return false;
    }
    if (view->scan.too_long) {
        told(app, PAINT_BAD, "too long for a serial number", "");
    } else if (pressed->code == KEY_CODE_CHAR && strcmp(view->scan.text, "q") == 0) {
        view->lone_q_ns = app->now_ns + LONE_Q_NS;
    }
    return true;
}

static void end_batch(struct app *app)
{
    batch_bays_free(batch_view(app)->sessions);
    *batch_view(app) = (struct batch_view){0};
    app_go(app, SCREEN_BENCH);
}

static void leave_answered(struct app *app, char key, const char *input)
{
    bool by_q = batch_view(app)->leaving_by_q;
    batch_view(app)->leaving_by_q = false;
    if (key == 0 || !input || !input[0]) {
        return;
    }
    if (strcmp(input, "leave") != 0) {
        /* A scan: a number starting with a q that came alone would be incomplete. */
        if (by_q) {
            told(app, PAINT_BAD, "not accepted: scan it again", input);
            app_bell(app);
        } else {
            take_scan(app, input);
        }
        return;
    }
    if (app_active(app)) {
        app_release(app, "the operator ended the batch");
    }
    end_batch(app);
}

static void end_answered(struct app *app, char key, const char *input)
{
    (void)input;
    if (key == 'y') {
        end_batch(app);
    }
}

static bool goes_on(const struct app *app)
{
    return batch_view(app)->sessions && !batch_at_rest(batch_bays_batch(batch_view(app)->sessions));
}

/* Ask for a word, since a scanner may type letters at any time. */
static void leave(struct app *app)
{
    const struct batch *batch = batch_bays_batch(batch_view(app)->sessions);
    char text[APP_TEXT_MAX];
    if (batch_unit_count(batch) == 0) {
        end_batch(app);
        return;
    }
    if (batch_at_rest(batch)) {
        app_ask(app, "End the batch?",
                "Every scanned unit has been run. Ending the batch discards its tally and its list "
                "of failures; the runs stay in the journal.\ny  end it     n  go on",
                "yn", end_answered);
        return;
    }
    size_t resting = 0;
    for (size_t i = 0; i < batch_view(app)->setup.session_count; i++) {
        resting += batch_stage(batch, (int)i) == BATCH_COOLDOWN;
    }
    snprintf(text, sizeof(text),
             "%zu running, %zu resting before a retry, %zu queued. Leaving releases everything and "
             "records the running units as aborted; the others are not run.\nType leave and Enter "
             "to end it; Enter alone goes on.",
             app_running(app), resting, batch_queued(batch));
    app_ask_field(app, "End the batch?", text, "", leave_answered);
}

/* Skips the unit of this station. */
static void skip_on(struct app *app, int station)
{
    struct batch *batch = batch_bays_batch(batch_view(app)->sessions);
    const struct batch_unit *unit = batch_on(batch, station);
    for (size_t i = 0; unit && i < batch_unit_count(batch); i++) {
        if (batch_unit(batch, i) == unit) {
            batch_skip(batch, app->now_ns, i);
            return;
        }
    }
}

static bool command_key(struct app *app, const struct key *pressed)
{
    struct batch_view *view = batch_view(app);
    struct batch *batch = batch_bays_batch(view->sessions);
    int station = (int)view->station;
    const struct question *question = session_question(view->on[view->station]);
    char answer[ANSWER_TEXT_MAX];

    switch (key_direction(pressed)) {
    case DIRECTION_LEFT:
    case DIRECTION_UP:
        view->station -= view->station > 0;
        return true;
    case DIRECTION_RIGHT:
    case DIRECTION_DOWN:
        view->station += view->station + 1 < view->setup.session_count;
        return true;
    default:
        break;
    }
    if (question && keybar_answer(answer, question, pressed)) {
        return session_answer(view->on[view->station], answer);
    }
    if (pressed->code != KEY_CODE_CHAR) {
        return false;
    }
    switch (pressed->ch) {
    case 'p':
        batch_placed(batch, app->now_ns, station);
        return true;
    case 't':
        batch_taken_out(batch, app->now_ns, station);
        return true;
    case 'r':
        batch_retry_now(batch, app->now_ns, station);
        return true;
    case 'x':
        batch_stop_retry(batch, app->now_ns, station);
        return true;
    case 's':
        skip_on(app, station);
        return true;
    case 'y':
    case 'n':
        if (batch_asked(batch)) {
            batch_again(batch, app->now_ns, pressed->ch == 'y');
            told(app, PAINT_PLAIN, pressed->ch == 'y' ? "it is run again" : "it is skipped", "");
        }
        return true;
    case 'b':
        app_go(app, SCREEN_BENCH);
        return true;
    case 'v':
        for (size_t i = 0; i < app->session_count; i++) {
            if (app->sessions[i] == view->on[view->station] && session_record(app->sessions[i])) {
                app_open_station(app, i);
            }
        }
        return true;
    case 'q':
        leave(app);
        return true;
    default:
        return false;
    }
}

/* Commands go to the station that waits for one, if the chosen one does not. */
static void go_to_question(struct app *app)
{
    struct batch_view *view = batch_view(app);
    for (size_t i = 0; !session_question(view->on[view->station]) && i < view->setup.session_count;
         i++) {
        if (session_question(view->on[i])) {
            view->station = i;
        }
    }
}

static bool key(struct app *app, const struct key *pressed)
{
    if (!batch_view(app)->sessions) {
        return false;
    }
    if (pressed->code == KEY_CODE_TAB || pressed->code == KEY_CODE_BACKTAB) {
        batch_view(app)->commands = !batch_view(app)->commands;
        batch_view(app)->lone_q_ns = 0;
        go_to_question(app);
        return true;
    }
    if (pressed->code == KEY_CODE_ESCAPE) {
        leave(app);
        return true;
    }
    return batch_view(app)->commands ? command_key(app, pressed) : scan_key(app, pressed);
}

static bool typing(const struct app *app)
{
    return batch_view(app)->sessions && !batch_view(app)->commands;
}

static int64_t due_ns(const struct app *app, int64_t drawn_ns)
{
    int64_t due_ns = goes_on(app) ? drawn_ns + NS_PER_S / 2 : INT64_MAX;
    int64_t q_ns = batch_view(app)->lone_q_ns;
    return q_ns && q_ns < due_ns ? q_ns : due_ns;
}

/* A `q` that nothing follows is not the start of a serial number. */
static void step(struct app *app)
{
    struct batch_view *view = batch_view(app);
    if (view->lone_q_ns && app->now_ns >= view->lone_q_ns) {
        view->lone_q_ns = 0;
        text_field_clear(&view->scan);
        leave(app);
        view->leaving_by_q = app->dialog.open;
    }
}

static int64_t work_due_ns(const struct app *app)
{
    return batch_bays_due_ns(batch_view(app)->sessions);
}

static void work_step(struct app *app)
{
    batch_bays_step(batch_view(app)->sessions);
    batch_events(app);
}

static const char *unfinished(const struct app *app)
{
    return goes_on(app) ? "the batch is not finished: units that rest before a retry or are queued "
                          "will not run."
                        : NULL;
}

static void forget(void *state)
{
    struct batch_view *view = state;
    batch_bays_free(view->sessions);
}

static const struct screen_work work = {
    .is_on = batch_is_open,
    .due_ns = work_due_ns,
    .step = work_step,
    .scan = take_scan,
    .unfinished = unfinished,
};

const struct screen scr_batch = {
    .title = "Batch",
    .about = "Tests units on all stations at once, with nothing but a barcode scanner. Scan a "
             "serial: a tile says which station to put the unit in. If no sensor sees it there, "
             "scan it again to start the run. After the verdict, take the unit out (scan it once "
             "more if no sensor sees that) and scan the next. Scans work on every screen, and are "
             "queued while all stations are busy. Serials have no spaces: SPACE always releases "
             "everything. Tab turns the keys into commands for the chosen station.",
    .keys = keys,
    .draw = draw,
    .key = key,
    .typing = typing,
    .due_ns = due_ns,
    .step = step,
    .work = &work,
    .state_size = sizeof(struct batch_view),
    .forget = forget,
};
