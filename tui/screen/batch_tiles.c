#include "tui/screen/batch_tiles.h"

#include "rig/base/units.h"
#include "tui/screen/app.h"
#include "tui/screen/batch_view.h"
#include "tui/screen/keybar.h"
#include "tui/screen/paint_verdict.h"
#include "tui/term/block_letters.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    TILE_COLS_MIN = 28,
    TILE_ROWS_MIN = 4,
};

static const char *stage_word(enum batch_stage stage, const struct session *session)
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
        return "rests, then retry";
    case BATCH_VERDICT:
        return "take out";
    case BATCH_RUNNING:
        break;
    }
    return session_question(session) ? "NEEDS YOU" : "running";
}

static enum paint_ink stage_ink(enum batch_stage stage, const struct session *session)
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
    return session_question(session) ? PAINT_DOUBT_FIELD : PAINT_DOWN;
}

/* The question, and how it is answered. */
static void question_words(const struct app *app, size_t i, char *out, size_t size)
{
    const struct question *question = session_question(batch_view(app)->on[i]);
    char how[APP_TEXT_MAX] = "Tab, then its letter";

    if (batch_view(app)->commands && i == batch_view(app)->station) {
        keybar_answers(how, sizeof(how), question);
    } else if (question->answer_count == 1) {
        snprintf(how, sizeof(how), "scan it again: %s", question->answers[0]);
    } else if (question->answer_count == 0) {
        snprintf(how, sizeof(how), "Tab, then a digit");
    }
    snprintf(out, size, "%s  [%s]", question->prompt, how);
}

/* What to do or to know, in a few columns. */
static void stage_words(const struct app *app, size_t i, char *out, size_t size)
{
    const struct batch *batch = batch_bays_batch(batch_view(app)->sessions);
    const struct session *session = batch_view(app)->on[i];
    const struct batch_unit *leaving;
    int64_t since_ns;
    int64_t until_ns;
    out[0] = '\0';
    switch (batch_stage(batch, (int)i)) {
    case BATCH_PLACE:
        if (batch_leaving(batch, (int)i, &leaving)) {
            snprintf(out, size, "take %s out first", leaving ? leaving->serial : "the unit");
        } else if (bench_station_question_input(session_station(session), "placed") >= 0) {
            snprintf(out, size, "put it in; the run begins");
        } else {
            snprintf(out, size, "put it in, scan it again");
        }
        break;
    case BATCH_RUNNING:
        if (session_question(session)) {
            question_words(app, i, out, size);
        } else if (session_down(session, &since_ns, &until_ns)) {
            snprintf(out, size, "DOWN, up in %.1f s",
                     (double)(until_ns - session_now_ns(session)) / 1e9);
        } else {
            char stay[STAY_TEXT_MAX];
            snprintf(out, size, "%s", keybar_stay(stay, session)[0] ? stay : keybar_phase(session));
        }
        break;
    case BATCH_COOLDOWN: {
        int64_t left_s = (batch_retry_ns(batch, (int)i) - app->now_ns) / NS_PER_S;
        left_s = left_s < 0 ? 0 : left_s;
        snprintf(out, size, "retry in %" PRId64 ":%02" PRId64, left_s / 60, left_s % 60);
        break;
    }
    case BATCH_OUT:
        snprintf(out, size, "%s", session_trouble(session));
        break;
    case BATCH_OCCUPIED:
        snprintf(out, size, "not empty: scan the unit, or take it out");
        break;
    case BATCH_FREE:
    case BATCH_VERDICT:
        break;
    }
}

/* The unit with the last verdict here, or NULL. */
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
    const struct batch *batch = batch_bays_batch(batch_view(app)->sessions);
    const struct batch_unit *unit = batch_on(batch, (int)i);
    const struct session *session = batch_view(app)->on[i];
    enum batch_stage stage = batch_stage(batch, (int)i);
    bool chosen = batch_view(app)->commands && i == batch_view(app)->station;
    char text[SESSION_TEXT_MAX];
    char word[40];
    int col = tile.col + 2;
    int cols = tile.cols - 4;

    paint_frame(paint, tile, chosen ? PAINT_STRONG : PAINT_FAINT);
    paint_format(paint, tile.row, col, cols, chosen ? PAINT_CHOSEN : PAINT_STRONG, " %s%s ",
                 chosen ? "> " : "", session_station(session)->name);
    stage_words(app, i, text, sizeof(text));
    snprintf(word, sizeof(word), " %.36s ",
             stage == BATCH_COOLDOWN ? text : stage_word(stage, session));
    int wide = (int)strlen(word);
    paint_text(paint, tile.row, tile.col + tile.cols - 2 - wide, wide, stage_ink(stage, session),
               word);
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
        block_letters_paint(paint, inside, paint_verdict_ink(unit->verdict),
                            unit->verdict != VERDICT_PASS, paint_verdict_word(unit->verdict));
        return;
    }
    stage_words(app, i, text, sizeof(text));
    paint_text(paint, tile.row + 1, col, cols, PAINT_STRONG, unit->serial);
    paint_wrapped(paint, (struct area){tile.row + 2, col, tile.rows - 3, cols},
                  stage == BATCH_PLACE || session_question(session) ? PAINT_DOUBT : PAINT_PLAIN,
                  text);
}

/* Without room for tiles: one line per station, in columns. */
static void draw_line(const struct app *app, size_t i, int row, int col, int cols)
{
    const struct batch *batch = batch_bays_batch(batch_view(app)->sessions);
    const struct batch_unit *unit = batch_on(batch, (int)i);
    const struct session *session = batch_view(app)->on[i];
    enum batch_stage stage = batch_stage(batch, (int)i);
    bool chosen = batch_view(app)->commands && i == batch_view(app)->station;
    bool verdict = unit && (stage == BATCH_VERDICT || stage == BATCH_COOLDOWN);
    int used = paint_format(&app->paint, row, col, cols, chosen ? PAINT_CHOSEN : PAINT_STRONG,
                            "%-4.4s", session_station(session)->name);
    used += paint_text(&app->paint, row, col + used, cols - used, PAINT_PLAIN, " ");
    used += paint_format(&app->paint, row, col + used, cols - used,
                         verdict ? paint_verdict_field(unit->verdict) : stage_ink(stage, session),
                         "%-8.8s",
                         verdict ? paint_verdict_word(unit->verdict) : stage_word(stage, session));
    paint_format(&app->paint, row, col + used, cols - used - 1, PAINT_PLAIN, " %s",
                 unit ? unit->serial : "");
}

void batch_tiles(const struct app *app, struct area area)
{
    size_t count = batch_view(app)->setup.session_count;
    int across = area.cols / TILE_COLS_MIN;
    across = across > (int)count ? (int)count : across < 1 ? 1 : across;
    /* Prefer two and two for four stations to three and one. */
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
