/* The frame of every screen: the header, problems of the bench, the message line, dialogs, and the
 * key bar. */
#include "tui/screen/app.h"

#include "rig/base/text.h"
#include "tui/drive/run_journal.h"

#include <curses.h>
#include <stdio.h>
#include <string.h>

enum {
    ALARM_ROWS = 2, /* at most */
};

static bool any_simulated(const struct app *app)
{
    return app->setup->bench->simulated;
}

/* A station's problem, and what to do. */
struct trouble {
    const struct station *station;
    char what[SESSION_TEXT_MAX];
    char todo[SESSION_TEXT_MAX];
};

/* Ask the session first: during a run it also knows about the radio. */
static bool is_troubled(const struct app *app, size_t i, struct trouble *trouble)
{
    const struct session *session = app->sessions[i];
    struct adapter_state adapter = {.trouble = false};

    trouble->station = session_station(session);
    if (session_trouble(session)[0]) {
        snprintf(trouble->what, sizeof(trouble->what), "%s", session_trouble(session));
        snprintf(trouble->todo, sizeof(trouble->todo), "%s", session_todo(session));
        return true;
    }
    if (app->radio && trouble->station->adapter) {
        radio_watch_adapter(app->radio, trouble->station->adapter, &adapter);
        snprintf(trouble->what, sizeof(trouble->what), "%s", adapter.words);
        snprintf(trouble->todo, sizeof(trouble->todo), "%s", adapter.todo);
    }
    return adapter.trouble;
}

/* The chosen station first, then any. */
static bool find_trouble(const struct app *app, struct trouble *trouble)
{
    if (is_troubled(app, app->station, trouble)) {
        return true;
    }
    for (size_t i = 0; i < app->session_count; i++) {
        if (is_troubled(app, i, trouble)) {
            return true;
        }
    }
    return false;
}

/* A run reports its own radio; between runs the adapter does. */
static void radio_words(const struct app *app, char *out, size_t size)
{
    const struct session *session = app->sessions[app->station];
    const char *address = session_station(session)->adapter;
    struct adapter_state adapter;

    if (!address || !app->radio || session_state(session) == SESSION_RUNNING) {
        /* Shows prominently that the bench is simulated. */
        const char *words = any_simulated(app) && address && !session_record(session)
                                ? ""
                                : session_radio_words(session);
        snprintf(out, size, "%s%s%s", address ? address : "", address && words[0] ? " " : "",
                 words);
        return;
    }
    radio_watch_adapter(app->radio, address, &adapter);
    snprintf(out, size, "%s %s", address, adapter.words);
}

static void draw_title(const struct app *app)
{
    const struct paint *paint = &app->paint;
    static const char simulated[] = " SIMULATED ";
    int right = paint->cols;
    paint_row(paint, 0, 0, paint->cols, PAINT_BAR, "");
    int col = paint_text(paint, 0, 1, paint->cols - 1, PAINT_BAR_KEY, "longpress");
    col += 1 + paint_format(paint, 0, col + 1, paint->cols - col - 1, PAINT_BAR, "  %s",
                            app_screen(app)->title);
    if (any_simulated(app)) {
        right -= (int)strlen(simulated);
        paint_text(paint, 0, right, (int)strlen(simulated), PAINT_SIMULATED, simulated);
    }
    char bench[APP_TEXT_MAX];
    char safe[APP_TEXT_MAX];
    snprintf(bench, sizeof(bench), "bench %s",
             text_printable(safe, sizeof(safe), app->setup->bench_name));
    int wide = text_columns(bench);
    if (col + 2 + wide + 2 <= right) {
        paint_text(paint, 0, right - wide - 2, wide, PAINT_BAR, bench);
    } else if (col + 8 < right) {
        paint_text(paint, 0, col + 2, right - col - 3, PAINT_BAR, bench);
    }
}

/* A station whose guard is gone; NULL: there is none. */
static const struct session *find_unguarded(const struct app *app)
{
    for (size_t i = 0; i < app->session_count; i++) {
        if (session_unguarded(app->sessions[i])[0]) {
            return app->sessions[i];
        }
    }
    return NULL;
}

/* What is wrong and what to do; "" if nothing is. */
static void alarm_words(const struct app *app, char *out, size_t size)
{
    struct trouble trouble;
    const char *journal = app->setup->journal ? journal_trouble(app->setup->journal) : "";

    out[0] = '\0';
    /* Only the journal says why nothing is kept; a station that does not work also says so on its
     * card. */
    bool told_first = journal[0] && session_works(app->sessions[app->station]);
    if (!told_first && find_trouble(app, &trouble)) {
        snprintf(out, size, "station %s: %s%s%s", trouble.station->name, trouble.what,
                 trouble.todo[0] ? "; " : "", trouble.todo);
    } else if (session_notice(app->sessions[app->station])[0]) {
        const struct session *session = app->sessions[app->station];
        snprintf(out, size, "station %s: %s", session_station(session)->name,
                 session_notice(session));
    } else if (find_unguarded(app)) {
        const struct session *session = find_unguarded(app);
        snprintf(out, size, "station %s: %s", session_station(session)->name,
                 session_unguarded(session));
    } else if (journal[0]) {
        snprintf(out, size, "journal: %s", journal);
    } else if (app->setup->journal_broken) {
        snprintf(out, size,
                 "journal: runs are NOT KEPT; quit and read the message shown at the start");
    }
}

/* Rows it took. */
static int draw_alarm(const struct app *app, const char *text)
{
    const struct paint *paint = &app->paint;
    int rows = paint_wrapped_rows(paint->cols - 2, text);
    rows = rows > ALARM_ROWS ? ALARM_ROWS : rows;
    paint_fill(paint, (struct area){1, 0, rows, paint->cols}, PAINT_ALARM);
    paint_wrapped(paint, (struct area){1, 1, rows, paint->cols - 2}, PAINT_ALARM, text);
    return rows;
}

static void draw_state(const struct app *app)
{
    const struct paint *paint = &app->paint;
    size_t realtime = 0;
    char radio[APP_TEXT_MAX];
    char text[APP_TEXT_MAX + 2 * SESSION_TEXT_MAX];
    const struct journal *journal = app->setup->journal;

    for (size_t i = 0; i < app->session_count; i++) {
        realtime += session_realtime(app->sessions[i]);
    }
    radio_words(app, radio, sizeof(radio));
    /* The part that can grow longest comes last, so that nothing else is cut. */
    snprintf(text, sizeof(text), " GPIO %s | %s | journal %s%s | Bluetooth %s",
             any_simulated(app) ? "simulated" : "ok",
             realtime == app->session_count ? "REAL-TIME" : "not real-time",
             journal && journal_trouble(journal)[0] ? "NOT WRITTEN" : app->setup->journal_words,
             journal && run_journal_undated() ? ", clock NOT SET" : "", radio);
    paint_row(paint, 1, 0, paint->cols, PAINT_FAINT, text);
}

/* What the dialog's text does not say itself. During a run, Esc releases it. */
static int dialog_keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    int count = 0;
    if (app->dialog.field) {
        out[count++] = (struct screen_key){"Enter", "ok"};
    }
    if (!app_active(app)) {
        out[count++] = (struct screen_key){"Esc", "back"};
    }
    return count;
}

/* "Enter run  ? help  q back": as many as fit; help always, except in a dialog, which has none. */
static void draw_keys(const struct app *app)
{
    const struct paint *paint = &app->paint;
    struct screen_key keys[SCREEN_KEYS_MAX];
    int row = paint->rows - 1;
    int count = app->dialog.open ? dialog_keys(app, keys) : app_screen(app)->keys(app, keys);
    int end = paint->cols - 8;
    int col = 1;

    paint_row(paint, row, 0, paint->cols, PAINT_BAR, "");
    if (app_active(app)) {
        col += paint_text(paint, row, col, end - col, PAINT_ALARM, " SPACE ");
        col += paint_text(paint, row, col, end - col, PAINT_BAR, " releases everything  ");
    }
    for (int i = 0; i < count; i++) {
        int wide = text_columns(keys[i].key) + 1 + text_columns(keys[i].does) + 2;
        if (col + wide > end) {
            break;
        }
        col += paint_text(paint, row, col, end - col, PAINT_BAR_KEY, keys[i].key);
        col += paint_text(paint, row, col, end - col, PAINT_BAR, " ");
        col += paint_text(paint, row, col, end - col, PAINT_BAR, keys[i].does);
        col += 2;
    }
    if (app->dialog.open) {
        return;
    }
    col = paint->cols - 7;
    const char *help = app_screen(app)->typing && app_screen(app)->typing(app) ? "F1" : "?";
    col += paint_text(paint, row, col, 3, PAINT_BAR_KEY, help);
    paint_text(paint, row, col, 6, PAINT_BAR, " help");
}

static void draw_dialog(const struct app *app)
{
    const struct paint *paint = &app->paint;
    const struct dialog *dialog = &app->dialog;
    int cols = paint->cols - 8 < 72 ? paint->cols - 8 : 72;
    int text_rows = 0;
    char text[sizeof(dialog->text)];

    snprintf(text, sizeof(text), "%s", dialog->text);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        text_rows += paint_wrapped_rows(cols - 4, line);
    }
    int rows = text_rows + 2 + (dialog->field ? 2 : 0);
    rows = rows > paint->rows - 4 ? paint->rows - 4 : rows;
    struct area box = {(paint->rows - rows) / 2, (paint->cols - cols) / 2, rows, cols};
    paint_fill(paint, box, PAINT_PLAIN);
    paint_frame(paint, box, PAINT_STRONG);
    paint_format(paint, box.row, box.col + 2, cols - 4, PAINT_STRONG, " %s ", dialog->title);

    int row = box.row + 1;
    int last = box.row + rows - 1 - (dialog->field ? 2 : 0);
    snprintf(text, sizeof(text), "%s", dialog->text);
    for (char *line = strtok(text, "\n"); line && row < last; line = strtok(NULL, "\n")) {
        row += paint_wrapped(paint, (struct area){row, box.col + 2, last - row, cols - 4},
                             PAINT_PLAIN, line);
    }
    if (dialog->field) {
        int at = box.row + rows - 2;
        paint_fill(paint, (struct area){at, box.col + 2, 1, cols - 4}, PAINT_CHOSEN);
        int used = paint_text(paint, at, box.col + 2, cols - 5, PAINT_CHOSEN, dialog->input.text);
        paint_text(paint, at, box.col + 2 + used, 1, PAINT_CHOSEN, "_");
    }
}

static void draw_too_small(const struct app *app)
{
    const struct paint *paint = &app->paint;
    char text[APP_TEXT_MAX];
    snprintf(text, sizeof(text),
             "longpress needs %dx%d; this is %dx%d. Please enlarge the window.%s", APP_COLS_MIN,
             APP_ROWS_MIN, paint->cols, paint->rows,
             app_active(app) ? " Runs continue; SPACE releases everything." : "");
    paint_wrapped(paint, (struct area){0, 0, paint->rows, paint->cols}, PAINT_PLAIN, text);
}

void frame_draw(struct app *app)
{
    const struct paint *paint = &app->paint;
    char alarm[APP_TEXT_MAX * 5];
    erase();
    if (app_too_small(app)) {
        draw_too_small(app);
        return;
    }
    draw_title(app);
    alarm_words(app, alarm, sizeof(alarm));
    app->top = 2;
    if (alarm[0]) {
        app->top = 1 + draw_alarm(app, alarm);
    } else {
        draw_state(app);
    }
    app_screen(app)->draw(
        app, (struct area){app->top, 0, paint->rows - app->top - FRAME_FOOT_ROWS, paint->cols});
    if (app->message[0]) {
        paint_text(paint, paint->rows - 2, 1, paint->cols - 2, app->message_ink, app->message);
    }
    draw_keys(app);
    if (app->dialog.open) {
        draw_dialog(app);
    }
}
