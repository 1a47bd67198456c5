/* The verdict of a run, readable from across the room: the word, the reason, what to do next. */
#include "tui/screen/batch_view.h"

#include "rig/base/units.h"
#include "tui/screen/paint_verdict.h"
#include "tui/term/block_letters.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct session *session_of(const struct app *app)
{
    return app->sessions[app->station];
}

/* Time left of the profile's cooldown, counted from the end of the run; 0: none. */
static int64_t cooldown_left_ns(const struct app *app)
{
    const struct record *record = session_record(session_of(app));
    const struct retry *retry = &record->procedure->retry;
    size_t i = 0;
    /* A unit that was not pressed needs no rest. */
    if (retry->times == 0 || record->judgement->verdict == VERDICT_PASS ||
        !timeline_next(record->timeline, ENTRY_PRESSED, &i)) {
        return 0;
    }
    /* A bench that runs faster than real time also cools down faster. */
    int64_t since_ns = (app->now_ns - app->past[app->station].ended_ns) * app->setup->rate;
    return since_ns < retry->cooldown_ns ? retry->cooldown_ns - since_ns : 0;
}

/* What to do, in a sentence or two. */
static void next_words(const struct app *app, char *out, size_t size)
{
    const struct record *record = session_record(session_of(app));
    int64_t left_ns = cooldown_left_ns(app);
    const char *advice = record->judgement->next;

    if (batch_is_open(app)) {
        /* The batch chooses what runs next on this station, retries included. */
        snprintf(out, size, "%s Enter: back to the batch.",
                 record->judgement->verdict == VERDICT_PASS ? "Take the unit out."
                                                            : "The batch says what is next.");
    } else if (record->judgement->verdict == VERDICT_PASS) {
        snprintf(out, size, "Take the unit out. Enter: the next unit.");
    } else if (left_ns > 0) {
        int64_t left_s = (left_ns + NS_PER_S - 1) / NS_PER_S;
        snprintf(out, size,
                 "Let it rest: r runs it again in %" PRId64 ":%02" PRId64
                 " (cooldown by %s). Enter: the next unit.",
                 left_s / 60, left_s % 60, record->procedure->retry.source.id);
    } else if (record->procedure->retry.times > 0 && record->judgement->verdict == VERDICT_FAIL) {
        snprintf(out, size, "It has rested long enough: r runs it again. Enter: the next unit.");
    } else {
        char first =
            advice[0] >= 'a' && advice[0] <= 'z' ? (char)(advice[0] - 'a' + 'A') : advice[0];
        if (advice[0]) {
            snprintf(out, size, "%c%s. r runs it again. Enter: the next unit.", first, advice + 1);
        } else {
            snprintf(out, size, "r runs it again. Enter: the next unit.");
        }
    }
}

static void draw(struct app *app, struct area area)
{
    const struct paint *paint = &app->paint;
    const struct record *record = session_record(session_of(app));
    if (!record || session_state(session_of(app)) != SESSION_OVER) {
        paint_text(paint, area.row + 1, 1, area.cols - 2, PAINT_FAINT,
                   "This station has no verdict yet. Enter: choose what to run.");
        return;
    }
    enum verdict verdict = record->judgement->verdict;
    char next[APP_TEXT_MAX * 2];
    char heading[APP_TEXT_MAX];
    int text_cols = area.cols - 4;

    snprintf(heading, sizeof(heading), "%s  %s %s%s%s", record->station, record->profile->model,
             record->procedure->name, record->unit ? "  unit " : "",
             record->unit ? record->unit : "");
    paint_text(paint, area.row, 2, text_cols, PAINT_STRONG, heading);
    next_words(app, next, sizeof(next));
    int reason_rows = paint_wrapped_rows(text_cols, record->judgement->reason);
    reason_rows = reason_rows > 4 ? 4 : reason_rows;
    int next_rows = paint_wrapped_rows(text_cols, next);
    int foot = reason_rows + next_rows + 2 + (record->simulated ? 1 : 0);
    struct area word = {area.row + 1, area.col + 1, area.rows - foot - 1, area.cols - 2};

    /* PASS stands on an empty field, anything else is cut out of a filled one, so that they differ
     * without colours. */
    block_letters_paint(paint, word, paint_verdict_ink(verdict), verdict != VERDICT_PASS,
                        paint_verdict_word(verdict));
    int row = word.row + word.rows;
    if (record->simulated) {
        paint_text(paint, row++, 2, text_cols, PAINT_SIMULATED,
                   " SIMULATED: no headphone was pressed ");
    }
    row += paint_wrapped(paint, (struct area){row, 2, reason_rows, text_cols},
                         paint_verdict_ink(verdict), record->judgement->reason);
    row++;
    paint_wrapped(paint, (struct area){row, 2, next_rows, text_cols}, PAINT_STRONG, next);
}

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    bool over = session_state(session_of(app)) == SESSION_OVER;
    bool batch = batch_is_open(app);
    int count = 0;
    out[count++] = (struct screen_key){"Enter", batch ? "batch" : "next unit"};
    if (over && !batch) {
        out[count++] = (struct screen_key){"r", "run it again"};
    }
    if (over) {
        out[count++] = (struct screen_key){"d", "details"};
    }
    if (over && !batch) {
        out[count++] = (struct screen_key){"o", "other model"};
    }
    out[count++] = (struct screen_key){"q", "bench"};
    if (app->session_count > 1) {
        out[count++] = (struct screen_key){"Tab", "next station"};
    }
    if (session_state(session_of(app)) == SESSION_OVER) {
        out[count++] = (struct screen_key){"c", "chart"};
    }
    count += app_ways(app, SCREEN_VERDICT, out + count);
    return count;
}

/* Runs the model and procedure of the verdict shown. A hazard is accepted for one run only, so ask
 * again. */
static void choose_shown(struct app *app, const char *unit)
{
    const struct record *record = session_record(session_of(app));
    app->choice = (struct choice){.profile = record->profile, .procedure = record->procedure};
    snprintf(app->choice.unit, sizeof(app->choice.unit), "%s", unit ? unit : "");
}

static void run_again(struct app *app)
{
    choose_shown(app, session_record(session_of(app))->unit);
    app_start(app);
}

/* The owner of the station decides what runs there. */
static bool is_batchs(struct app *app)
{
    if (!batch_is_open(app)) {
        return false;
    }
    app_go(app, SCREEN_BATCH);
    app_say(app, PAINT_DOUBT, "a batch is running: it chooses what is run next");
    return true;
}

static void early_answered(struct app *app, char key, const char *input)
{
    (void)input;
    if (key == 'y' && session_state(session_of(app)) == SESSION_OVER) {
        run_again(app);
    }
}

static void again(struct app *app)
{
    char text[APP_TEXT_MAX];
    char left[DURATION_TEXT_MAX];
    const struct record *record = session_record(session_of(app));
    int64_t left_ns = cooldown_left_ns(app);
    if (left_ns == 0) {
        run_again(app);
        return;
    }
    snprintf(text, sizeof(text),
             "%s says to wait %s between two attempts.\ny  run it now anyway     n  wait",
             record->procedure->retry.source.id,
             units_duration_format(left, record->procedure->retry.cooldown_ns));
    app_ask(app, "Before the cooldown is over?", text, "yn", early_answered);
}

static void serial_given(struct app *app, char key, const char *input)
{
    if (key == 0 || !input) {
        return;
    }
    if (app_choose_unit(app, input)) {
        app_start(app);
    }
}

/* The next unit of the same model: asks only for its serial. */
static void next_unit(struct app *app)
{
    char title[APP_TEXT_MAX];
    if (session_state(session_of(app)) != SESSION_OVER) {
        app_back(app);
        app_open_station(app, app->station);
        return;
    }
    choose_shown(app, NULL);
    snprintf(title, sizeof(title), "Next: %s %s on station %s", app->choice.profile->model,
             app->choice.procedure->name, session_station(session_of(app))->name);
    app_ask_field(app, title,
                  "Take the unit out and put the next one in. Scan or type its serial number (or "
                  "leave it empty); Enter starts the run.",
                  "", serial_given);
}

static bool key(struct app *app, const struct key *pressed)
{
    bool over = session_state(session_of(app)) == SESSION_OVER;
    bool again_key = pressed->code == KEY_CODE_CHAR && pressed->ch == 'r' && over;
    bool other_key = pressed->code == KEY_CODE_CHAR && pressed->ch == 'o' && over;
    if ((pressed->code == KEY_CODE_ENTER || again_key || other_key) && is_batchs(app)) {
        return true;
    }
    if (pressed->code == KEY_CODE_ENTER) {
        next_unit(app);
        return true;
    }
    if (pressed->code == KEY_CODE_TAB || pressed->code == KEY_CODE_BACKTAB) {
        size_t step = pressed->code == KEY_CODE_TAB ? 1 : app->session_count - 1;
        app->station = (app->station + step) % app->session_count;
        if (session_state(session_of(app)) == SESSION_RUNNING) {
            app_back(app);
            app_go(app, SCREEN_RUN);
        }
        return true;
    }
    if (pressed->code != KEY_CODE_CHAR) {
        return false;
    }
    if (again_key) {
        again(app);
        return true;
    }
    if (other_key) {
        app->for_batch = false;
        app_go(app, SCREEN_PICKER);
        return true;
    }
    if (pressed->ch == 'c' && over) {
        app_go(app, SCREEN_RUN);
        return true;
    }
    if (pressed->ch == 'd' && over) {
        app_go(app, SCREEN_DETAILS);
        return true;
    }
    if (pressed->ch == 'q') {
        app_go(app, SCREEN_BENCH);
        return true;
    }
    return false;
}

static int64_t due_ns(const struct app *app, int64_t drawn_ns)
{
    bool counts = session_state(session_of(app)) == SESSION_OVER && cooldown_left_ns(app) > 0;
    return counts ? drawn_ns + NS_PER_S : INT64_MAX;
}

/* The batch's next unit has started here: the verdict is gone. */
static void step(struct app *app)
{
    if (session_state(session_of(app)) == SESSION_RUNNING) {
        app_back(app);
        app_go(app, SCREEN_RUN);
    }
}

const struct screen scr_verdict = {
    .title = "Verdict",
    .about = "The result of the run, in letters that the whole room can read: PASS stands on an "
             "empty field, anything else is cut out of a filled one. Below it, the reason and what "
             "to do next. Running again before the profile's cooldown is over asks first.",
    .keys = keys,
    .draw = draw,
    .key = key,
    .due_ns = due_ns,
    .step = step,
};
