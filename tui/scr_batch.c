/* The batch: for repair shops. Scan, place, run, verdict, next: with the barcode scanner alone.
 * Each station has a tile that is read from where the operator stands. */
#include "tui/app.h"

#include "rig/units.h"
#include "tui/figure.h"
#include "tui/keybar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    TILE_COLS_MIN = 28,
    TILE_ROWS_MIN = 4,
    FOOT_ROWS = 5, /* tally, fails, told, scan field */
    SERIAL_COLS = 24,
};

/* ---- tiles ------------------------------------------------------------------------------------*/

static const char *stage_word(enum batch_stage stage, const struct bay *bay)
{
    switch (stage) {
    case BATCH_FREE:
        return "free";
    case BATCH_OUT:
        return "OUT OF ORDER";
    case BATCH_OCCUPIED:
        return "OCCUPIED";
    case BATCH_PLACE:
        return "PUT IN";
    case BATCH_COOLDOWN:
        return "rests, then again";
    case BATCH_VERDICT:
        return "take out";
    case BATCH_RUNNING:
        break;
    }
    return bay_question(bay) ? "WAITS FOR YOU" : "running";
}

static enum paint_ink stage_ink(enum batch_stage stage, const struct bay *bay)
{
    switch (stage) {
    case BATCH_FREE:
        return PAINT_FAINT;
    case BATCH_OUT:
        return PAINT_ALARM;
    case BATCH_PLACE:
        return PAINT_DOUBT_FIELD;
    case BATCH_COOLDOWN:
    case BATCH_OCCUPIED:
        return PAINT_DOUBT;
    case BATCH_VERDICT:
        return PAINT_STRONG;
    case BATCH_RUNNING:
        break;
    }
    return bay_question(bay) ? PAINT_DOUBT_FIELD : PAINT_DOWN;
}

static bool has_placed_line(const struct station *station)
{
    for (size_t i = 0; i < station->input_count; i++) {
        const struct input *input = &station->inputs[i];
        if (input->role == INPUT_QUESTION && strcmp(input->question, "placed") == 0) {
            return true;
        }
    }
    return false;
}

/* What there is to do or to know, in a few columns. */
static void stage_words(const struct app *app, size_t i, char *out, size_t size)
{
    const struct batch *batch = batch_bays_batch(app->batch.bays);
    const struct bay *bay = app->batch.on[i];
    const struct batch_unit *leaving;
    int64_t since_ns;
    int64_t until_ns;
    out[0] = '\0';
    switch (batch_stage(batch, (int)i)) {
    case BATCH_PLACE:
        if (batch_leaving(batch, (int)i, &leaving)) {
            snprintf(out, size, "take %s out first", leaving ? leaving->serial : "what is in it");
        } else if (has_placed_line(bay_station(bay))) {
            snprintf(out, size, "put it in; the run begins");
        } else {
            snprintf(out, size, "put it in, scan it again");
        }
        break;
    case BATCH_RUNNING:
        if (bay_question(bay)) {
            snprintf(out, size, "%s", bay_question(bay)->prompt);
        } else if (bay_down(bay, &since_ns, &until_ns)) {
            snprintf(out, size, "DOWN, up in %.1f s", (double)(until_ns - bay_now_ns(bay)) / 1e9);
        } else {
            snprintf(out, size, "%s", keybar_phase(bay));
        }
        break;
    case BATCH_COOLDOWN: {
        int64_t left_s = (batch_retry_ns(batch, (int)i) - app->now_ns) / NS_PER_S;
        left_s = left_s < 0 ? 0 : left_s;
        snprintf(out, size, "again in %" PRId64 ":%02" PRId64, left_s / 60, left_s % 60);
        break;
    }
    case BATCH_OUT:
        snprintf(out, size, "%s", bay_trouble(bay));
        break;
    case BATCH_OCCUPIED:
        snprintf(out, size, "something is in it: scan it, or take it out");
        break;
    case BATCH_FREE:
    case BATCH_VERDICT:
        break;
    }
}

/* The unit whose verdict was the last here; NULL: none. */
static const struct batch_unit *last_on(const struct batch *batch, int station)
{
    const struct batch_unit *last = NULL;
    for (size_t i = 0; i < batch_unit_count(batch); i++) {
        const struct batch_unit *unit = batch_unit(batch, i);
        if (unit->state == UNIT_DONE && unit->has_verdict && unit->station == station) {
            last = unit;
        }
    }
    return last;
}

static void draw_tile(const struct app *app, size_t i, struct area tile)
{
    const struct paint *paint = &app->paint;
    const struct batch *batch = batch_bays_batch(app->batch.bays);
    const struct batch_unit *unit = batch_on(batch, (int)i);
    const struct bay *bay = app->batch.on[i];
    enum batch_stage stage = batch_stage(batch, (int)i);
    bool chosen = app->batch.commands && i == app->batch.station;
    char text[BAY_TEXT_MAX];
    char word[40];
    int col = tile.col + 2;
    int cols = tile.cols - 4;

    paint_frame(paint, tile, chosen ? PAINT_STRONG : PAINT_FAINT);
    paint_format(paint, tile.row, col, cols, chosen ? PAINT_CHOSEN : PAINT_STRONG, " %s%s ",
                 chosen ? "> " : "", bay_station(bay)->name);
    stage_words(app, i, text, sizeof(text));
    snprintf(word, sizeof(word), " %.36s ",
             stage == BATCH_COOLDOWN ? text : stage_word(stage, bay));
    int wide = (int)strlen(word);
    paint_text(paint, tile.row, tile.col + tile.cols - 2 - wide, wide, stage_ink(stage, bay), word);
    if (!unit) {
        const struct batch_unit *last = last_on(batch, (int)i);
        stage_words(app, i, text, sizeof(text));
        if (last) {
            int used = paint_text(paint, tile.row + tile.rows - 2, col, cols, PAINT_FAINT, "last ");
            used += paint_text(paint, tile.row + tile.rows - 2, col + used, cols - used,
                               paint_verdict_ink(last->verdict), paint_verdict_word(last->verdict));
            paint_format(paint, tile.row + tile.rows - 2, col + used, cols - used, PAINT_FAINT,
                         " %s", last->serial);
        }
        paint_wrapped(paint, (struct area){tile.row + 1, col, tile.rows - 2, cols}, PAINT_DOUBT,
                      text);
        return;
    }
    if (stage == BATCH_VERDICT || stage == BATCH_COOLDOWN) {
        paint_format(paint, tile.row + tile.rows - 1, col, cols, PAINT_STRONG, " %s ",
                     unit->serial);
        struct area inside = {tile.row + 1, tile.col + 1, tile.rows - 2, tile.cols - 2};
        figure_paint(paint, inside, paint_verdict_ink(unit->verdict), unit->verdict != VERDICT_PASS,
                     paint_verdict_word(unit->verdict));
        return;
    }
    stage_words(app, i, text, sizeof(text));
    paint_text(paint, tile.row + 1, col, cols, PAINT_STRONG, unit->serial);
    paint_wrapped(paint, (struct area){tile.row + 2, col, tile.rows - 3, cols},
                  stage == BATCH_PLACE || bay_question(bay) ? PAINT_DOUBT : PAINT_PLAIN, text);
}

/* Where tiles have no room: a line for each station, in columns. */
static void draw_line(const struct app *app, size_t i, int row, int col, int cols)
{
    const struct batch *batch = batch_bays_batch(app->batch.bays);
    const struct batch_unit *unit = batch_on(batch, (int)i);
    const struct bay *bay = app->batch.on[i];
    enum batch_stage stage = batch_stage(batch, (int)i);
    bool chosen = app->batch.commands && i == app->batch.station;
    bool verdict = unit && (stage == BATCH_VERDICT || stage == BATCH_COOLDOWN);
    int used = paint_format(&app->paint, row, col, cols, chosen ? PAINT_CHOSEN : PAINT_STRONG,
                            "%-4.4s", bay_station(bay)->name);
    used += paint_text(&app->paint, row, col + used, cols - used, PAINT_PLAIN, " ");
    used +=
        paint_format(&app->paint, row, col + used, cols - used,
                     verdict ? paint_verdict_field(unit->verdict) : stage_ink(stage, bay), "%-8.8s",
                     verdict ? paint_verdict_word(unit->verdict) : stage_word(stage, bay));
    paint_format(&app->paint, row, col + used, cols - used - 1, PAINT_PLAIN, " %s",
                 unit ? unit->serial : "");
}

static void draw_stations(const struct app *app, struct area area)
{
    size_t count = app->batch.setup.bay_count;
    int across = area.cols / TILE_COLS_MIN;
    across = across > (int)count ? (int)count : across < 1 ? 1 : across;
    /* Four stations are two and two rather than three and one. */
    int down = ((int)count + across - 1) / across;
    across = ((int)count + down - 1) / down;
    int rows = area.rows / down;
    if (rows >= TILE_ROWS_MIN) {
        int cols = area.cols / across;
        for (size_t i = 0; i < count; i++) {
            draw_tile(app, i,
                      (struct area){area.row + (int)i / across * rows,
                                    area.col + (int)i % across * cols, rows, cols});
        }
        return;
    }
    int columns = ((int)count + area.rows - 1) / area.rows;
    int cols = area.cols / columns;
    for (size_t i = 0; i < count; i++) {
        draw_line(app, i, area.row + (int)i % area.rows, area.col + (int)i / area.rows * cols,
                  cols);
    }
}

/* ---- tally and list ---------------------------------------------------------------------------*/

static void draw_tally(const struct app *app, int row, int cols)
{
    static const enum verdict all[] = {VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE,
                                       VERDICT_ABORTED, VERDICT_ERROR};
    const struct batch *batch = batch_bays_batch(app->batch.bays);
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

/* Those that did not pass, the latest first, as many as there is room for. */
static void draw_fails(const struct app *app, struct area area)
{
    const struct batch *batch = batch_bays_batch(app->batch.bays);
    int row = area.row;
    for (size_t i = batch_unit_count(batch); i-- > 0 && row < area.row + area.rows;) {
        const struct batch_unit *unit = batch_unit(batch, i);
        if (!unit->has_verdict || unit->verdict == VERDICT_PASS) {
            continue;
        }
        int col = area.col + 1;
        col += paint_format(&app->paint, row, col, 13, paint_verdict_ink(unit->verdict), "%s ",
                            paint_verdict_word(unit->verdict));
        col += paint_format(&app->paint, row, col, SERIAL_COLS, PAINT_STRONG, "%s ", unit->serial);
        paint_text(&app->paint, row, col, area.cols - col - 1, PAINT_PLAIN, unit->reason);
        row++;
    }
}

static void draw_scan(const struct app *app, int row, int cols)
{
    const struct batch_view *view = &app->batch;
    if (view->commands) {
        paint_row(&app->paint, row, 1, cols - 2, PAINT_PLAIN, "");
        paint_text(&app->paint, row, 1, cols - 2, PAINT_DOUBT,
                   "keys are commands now; Tab: back to scanning");
        return;
    }
    paint_row(&app->paint, row, 1, cols - 2, PAINT_CHOSEN, "");
    paint_format(&app->paint, row, 2, cols - 4, PAINT_CHOSEN, "scan: %s_", view->scan);
}

static void draw(struct app *app, struct area area)
{
    if (!app->batch.bays) {
        paint_text(&app->paint, area.row + 1, 1, area.cols - 2, PAINT_FAINT,
                   "No batch goes on. Esc: back to the bench; b there begins one.");
        return;
    }
    /* A larger screen lists more of what failed. */
    int fails = area.rows > 30 ? area.rows / 4 : 2;
    int foot = FOOT_ROWS - 2 + fails;
    paint_format(&app->paint, area.row, 1, area.cols - 2, PAINT_STRONG, "%s", app->batch.name);
    draw_stations(app, (struct area){area.row + 1, area.col, area.rows - foot - 1, area.cols});
    int row = area.row + area.rows - foot;
    draw_tally(app, row++, area.cols);
    draw_fails(app, (struct area){row, area.col, fails, area.cols});
    row += fails;
    paint_text(&app->paint, row++, 1, area.cols - 2, app->batch.told_ink, app->batch.told);
    draw_scan(app, row, area.cols);
}

/* ---- keys -------------------------------------------------------------------------------------*/

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    int count = 0;
    if (!app->batch.commands) {
        out[count++] = (struct screen_key){"scan, Enter", "next unit"};
        out[count++] = (struct screen_key){"Tab", "commands"};
        out[count++] = (struct screen_key){"Esc", "leave"};
        return count;
    }
    out[count++] = (struct screen_key){"Tab", "scan"};
    out[count++] = (struct screen_key){"arrows hl", "station"};
    out[count++] = (struct screen_key){"p", "unit is in"};
    out[count++] = (struct screen_key){"t", "unit is out"};
    out[count++] = (struct screen_key){"r", "try again now"};
    out[count++] = (struct screen_key){"x", "no more tries"};
    out[count++] = (struct screen_key){"s", "skip its unit"};
    if (batch_asked(batch_bays_batch(app->batch.bays))) {
        out[count++] = (struct screen_key){"y n", "run again, skip"};
    }
    out[count++] = (struct screen_key){"v", "its run or verdict"};
    out[count++] = (struct screen_key){"b", "bench"};
    out[count++] = (struct screen_key){"q", "leave"};
    return count;
}

static void told(struct app *app, enum paint_ink ink, const char *what, const char *serial)
{
    snprintf(app->batch.told, sizeof(app->batch.told), "%s%s%s", serial, serial[0] ? ": " : "",
             what);
    app->batch.told_ink = ink;
}

/* A step that waits for a hand and has one answer only: scanning its unit once more says done. */
static bool scan_answers(struct app *app, const char *serial)
{
    const struct batch *batch = batch_bays_batch(app->batch.bays);
    for (size_t i = 0; i < app->batch.setup.bay_count; i++) {
        const struct batch_unit *unit = batch_on(batch, (int)i);
        const struct question *question = bay_question(app->batch.on[i]);
        if (unit && question && question->answer_count == 1 && strcmp(unit->serial, serial) == 0) {
            return bay_answer(app->batch.on[i], question->answers[0]);
        }
    }
    return false;
}

static void scanned(struct app *app)
{
    struct batch_view *view = &app->batch;
    char serial[BATCH_SERIAL_MAX];

    snprintf(serial, sizeof(serial), "%s", view->scan);
    view->scan[0] = '\0';
    if (scan_answers(app, serial)) {
        told(app, PAINT_PLAIN, "answered, it goes on", serial);
        return;
    }
    switch (batch_bays_scan(view->bays, serial)) {
    case SCAN_TAKEN:
    case SCAN_PLACED:
    case SCAN_ASKED:
    case SCAN_REPEATED:
        /* What follows is told as it happens. */
        break;
    case SCAN_QUEUED:
        told(app, PAINT_PLAIN, "queued for the next free station", serial);
        break;
    case SCAN_TAKEN_OUT:
        told(app, PAINT_PLAIN, "is out", serial);
        break;
    case SCAN_ALREADY:
        told(app, PAINT_DOUBT, "is queued or running already", serial);
        break;
    case SCAN_NO_SERIAL:
        told(app, PAINT_BAD, "that is no serial number: scan it again", serial);
        break;
    case SCAN_FULL:
        told(app, PAINT_BAD, "this batch is full: end it, begin the next", serial);
        break;
    }
}

static bool scan_key(struct app *app, const struct key *pressed)
{
    struct batch_view *view = &app->batch;
    size_t length = strlen(view->scan);
    if (pressed->code == KEY_CODE_ENTER) {
        if (length > 0) {
            scanned(app);
        }
    } else if (pressed->code == KEY_CODE_BACKSPACE) {
        while (length > 0 && ((unsigned char)view->scan[--length] & 0xC0) == 0x80) {
        }
        view->scan[length] = '\0';
    } else if (pressed->code == KEY_CODE_CTRL && pressed->ch == 'u') {
        view->scan[0] = '\0';
    } else if (pressed->code == KEY_CODE_CHAR) {
        char bytes[8];
        size_t size = key_utf8(pressed, bytes);
        if (length + size < sizeof(view->scan)) {
            memcpy(view->scan + length, bytes, size + 1);
        } else {
            told(app, PAINT_BAD, "too long for a serial number", "");
        }
    } else {
        return false;
    }
    return true;
}

static void end_batch(struct app *app)
{
    batch_bays_free(app->batch.bays);
    app->batch = (struct batch_view){0};
    app_go(app, &screen_bench);
}

static void leave_answered(struct app *app, char key, const char *input)
{
    if (key == 0 || !input || strcmp(input, "leave") != 0) {
        return;
    }
    if (app_active(app)) {
        app_release(app, "the operator ended the batch");
    }
    end_batch(app);
}

/* A word is asked for, since a scanner types letters at any time. */
static void leave(struct app *app)
{
    const struct batch *batch = batch_bays_batch(app->batch.bays);
    char text[APP_TEXT_MAX];
    if (batch_at_rest(batch)) {
        end_batch(app);
        return;
    }
    snprintf(
        text, sizeof(text),
        "%zu running, %zu queued. Leaving releases everything and records the running ones as "
        "aborted; the queued ones are not run.\nType leave and Enter to end it; anything else, "
        "or Esc, goes on.",
        app_running(app), batch_queued(batch));
    app_ask_field(app, "End the batch?", text, "", leave_answered);
}

/* The unit of this station is called off. */
static void skip_on(struct app *app, int station)
{
    struct batch *batch = batch_bays_batch(app->batch.bays);
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
    struct batch_view *view = &app->batch;
    struct batch *batch = batch_bays_batch(view->bays);
    int station = (int)view->station;
    const struct question *question = bay_question(view->on[view->station]);
    char answer[ANSWER_TEXT_MAX];

    switch (keybar_direction(pressed)) {
    case DIRECTION_LEFT:
    case DIRECTION_UP:
        view->station -= view->station > 0;
        return true;
    case DIRECTION_RIGHT:
    case DIRECTION_DOWN:
        view->station += view->station + 1 < view->setup.bay_count;
        return true;
    default:
        break;
    }
    if (question && keybar_answer(answer, question, pressed)) {
        return bay_answer(view->on[view->station], answer);
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
        app_go(app, &screen_bench);
        return true;
    case 'v':
        for (size_t i = 0; i < app->bay_count; i++) {
            if (app->bays[i] == view->on[view->station] && bay_record(app->bays[i])) {
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

static bool key(struct app *app, const struct key *pressed)
{
    if (!app->batch.bays) {
        return false;
    }
    if (pressed->code == KEY_CODE_TAB || pressed->code == KEY_CODE_BACKTAB) {
        app->batch.commands = !app->batch.commands;
        return true;
    }
    if (pressed->code == KEY_CODE_ESCAPE) {
        leave(app);
        return true;
    }
    return app->batch.commands ? command_key(app, pressed) : scan_key(app, pressed);
}

static bool typing(const struct app *app)
{
    return app->batch.bays && !app->batch.commands;
}

static int64_t due_ns(const struct app *app, int64_t drawn_ns)
{
    bool moves = app->batch.bays && !batch_at_rest(batch_bays_batch(app->batch.bays));
    return moves ? drawn_ns + NS_PER_S / 2 : INT64_MAX;
}

const struct screen screen_batch = {
    .title = "Batch",
    .about = "Units one after the other, on all stations at once, with the barcode scanner alone. "
             "Scan a serial: the tile says which station to put the unit into. Where no sensor "
             "sees that it is in, scan it a second time: its run begins. When the verdict stands, "
             "take it out (scan it once more where no sensor sees that) and scan the next. A scan "
             "while all stations are busy is queued. Tab turns the keys into commands for the "
             "chosen station.",
    .keys = keys,
    .draw = draw,
    .key = key,
    .typing = typing,
    .due_ns = due_ns,
};
