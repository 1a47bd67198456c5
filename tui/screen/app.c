#include "tui/screen/app.h"

#include "rig/base/text.h"
#include "rig/base/units.h"
#include "tui/screen/keybar.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t MESSAGE_NS = 6 * NS_PER_S;

/* ---- from place to place ----------------------------------------------------------------------*/

static const struct screen *screen_of(const struct app *app, enum screen_number screen)
{
    return app->setup->screens[screen];
}

void app_begin(struct app *app, enum screen_number first)
{
    for (size_t i = SCREEN_NONE + 1; i < SCREEN_COUNT; i++) {
        size_t size = screen_of(app, i)->state_size;
        app->kept[i] = size ? xcalloc(size) : NULL;
    }
    app->shown[app->depth++] = first;
}

void app_end(struct app *app)
{
    for (size_t i = SCREEN_NONE + 1; i < SCREEN_COUNT; i++) {
        if (screen_of(app, i)->forget) {
            screen_of(app, i)->forget(app->kept[i]);
        }
        free(app->kept[i]);
    }
}

enum screen_number app_shown(const struct app *app)
{
    return app->shown[app->depth - 1];
}

enum screen_number app_below(const struct app *app)
{
    return app->depth > 1 ? app->shown[app->depth - 2] : SCREEN_NONE;
}

const struct screen *app_screen(const struct app *app)
{
    return screen_of(app, app_shown(app));
}

static void entered(struct app *app)
{
    app->dirty = true;
    if (app_screen(app)->enter) {
        app_screen(app)->enter(app);
    }
}

void app_go(struct app *app, enum screen_number screen)
{
    for (size_t i = 0; i < app->depth; i++) {
        if (app->shown[i] == screen) {
            app->depth = i + 1;
            entered(app);
            return;
        }
    }
    app->shown[app->depth++] = screen;
    entered(app);
}

void app_back(struct app *app)
{
    if (app->depth > 1) {
        app->depth--;
        app->dirty = true;
    }
}

void app_open_station(struct app *app, size_t station)
{
    app->station = station;
    switch (session_state(app->sessions[station])) {
    case SESSION_RUNNING:
        app_go(app, SCREEN_RUN);
        break;
    case SESSION_OVER:
        app_go(app, SCREEN_VERDICT);
        break;
    case SESSION_IDLE:
        app->for_batch = false;
        app_go(app, SCREEN_PICKER);
        break;
    case SESSION_CLOSED:
        app_say(app, PAINT_BAD, "station %s does not work: %s; %s",
                session_station(app->sessions[station])->name,
                session_trouble(app->sessions[station]), session_todo(app->sessions[station]));
        break;
    }
}

void app_run_ended(struct app *app, size_t station)
{
    bool helped = app_shown(app) == SCREEN_HELP;
    enum screen_number watched = helped ? app_below(app) : app_shown(app);
    enum screen_number next = screen_of(app, watched)->after_run;

    /* An operator who watches the run sees its verdict; nobody is taken away from another screen.
     */
    if (station != app->station || next == SCREEN_NONE) {
        return;
    }
    if (helped) {
        app->shown[app->depth - 2] = next;
    } else {
        app_back(app);
        app_go(app, next);
    }
}

/* ---- what goes on whatever is shown -----------------------------------------------------------*/

const struct screen_work *app_work(const struct app *app)
{
    for (size_t i = SCREEN_NONE + 1; i < SCREEN_COUNT; i++) {
        const struct screen_work *work = screen_of(app, i)->work;
        if (work && work->is_on(app)) {
            return work;
        }
    }
    return NULL;
}

const char *app_unfinished(const struct app *app)
{
    const struct screen_work *work = app_work(app);
    return work ? work->unfinished(app) : NULL;
}

/* ---- telling and asking -----------------------------------------------------------------------*/

void app_say(struct app *app, enum paint_ink ink, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(app->message, sizeof(app->message), fmt, args);
    va_end(args);
    app->message_ink = ink;
    app->message_ns = app->now_ns + MESSAGE_NS;
    app->dirty = true;
}

static struct dialog *open_dialog(struct app *app, const char *title, const char *text,
                                  void (*done)(struct app *app, char key, const char *input))
{
    app->dialog = (struct dialog){.open = true, .done = done};
    snprintf(app->dialog.title, sizeof(app->dialog.title), "%s", title);
    snprintf(app->dialog.text, sizeof(app->dialog.text), "%s", text);
    app->dirty = true;
    return &app->dialog;
}

void app_ask(struct app *app, const char *title, const char *text, const char *keys,
             void (*done)(struct app *app, char key, const char *input))
{
    struct dialog *dialog = open_dialog(app, title, text, done);
    snprintf(dialog->keys, sizeof(dialog->keys), "%s", keys);
}

void app_ask_field(struct app *app, const char *title, const char *text, const char *input,
                   void (*done)(struct app *app, char key, const char *input))
{
    struct dialog *dialog = open_dialog(app, title, text, done);
    dialog->field = true;
    snprintf(dialog->input.text, sizeof(dialog->input.text), "%s", input);
}

void app_tell(struct app *app, const char *title, struct diags *diags)
{
    char text[sizeof(app->dialog.text)] = "";
    size_t used = 0;
    for (size_t i = 0; i < diags->count && used < sizeof(text); i++) {
        const struct diag *diag = &diags->items[i];
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s: %s%s%s", i ? "\n" : "",
                                 diag->where, diag->what, diag->todo ? "; " : "",
                                 diag->todo ? diag->todo : "");
    }
    app_ask(app, title, text, "", NULL);
    diags_clear(diags);
}

void app_bell(struct app *app)
{
    if (app->setup->bell) {
        term_bell(app->term);
    }
}

static void dialog_done(struct app *app, char key, const char *input)
{
    /* It may open the next one. */
    struct dialog closed = app->dialog;
    app->dialog.open = false;
    app->dirty = true;
    if (closed.done) {
        closed.done(app, key, input ? closed.input.text : NULL);
    }
}

static void dialog_field_key(struct app *app, const struct key *key)
{
    struct dialog *dialog = &app->dialog;
    if (key->code == KEY_CODE_ENTER && dialog->input.too_long) {
        app_say(app, PAINT_BAD, "longer than %d bytes: not accepted", FIELD_MAX - 1);
        app_bell(app);
        text_field_clear(&dialog->input);
    } else if (key->code == KEY_CODE_ENTER) {
        dialog_done(app, '\r', dialog->input.text);
    } else {
        text_field_key(&dialog->input, key);
    }
    app->dirty = true;
}

static void dialog_key(struct app *app, const struct key *key)
{
    struct dialog *dialog = &app->dialog;
    if (key->code == KEY_CODE_ESCAPE) {
        dialog_done(app, 0, NULL);
    } else if (dialog->field) {
        dialog_field_key(app, key);
    } else if (dialog->keys[0] == '\0') {
        dialog_done(app, key->code == KEY_CODE_CHAR ? (char)key->ch : '\r', NULL);
    } else if (key->code == KEY_CODE_CHAR && key->ch < 0x80 && strchr(dialog->keys, (int)key->ch)) {
        dialog_done(app, (char)key->ch, NULL);
    }
}

/* ---- letting go and leaving -------------------------------------------------------------------*/

bool app_too_small(const struct app *app)
{
    return app->paint.rows < APP_ROWS_MIN || app->paint.cols < APP_COLS_MIN;
}

size_t app_running(const struct app *app)
{
    size_t running = 0;
    for (size_t i = 0; i < app->session_count; i++) {
        running += session_state(app->sessions[i]) == SESSION_RUNNING;
    }
    return running;
}

bool app_active(const struct app *app)
{
    for (size_t i = 0; i < app->session_count; i++) {
        if (session_active(app->sessions[i])) {
            return true;
        }
    }
    return false;
}

void app_release(struct app *app, const char *why)
{
    size_t running = app_running(app);
    for (size_t i = 0; i < app->session_count; i++) {
        session_let_go(app->sessions[i]);
    }
    for (size_t i = 0; i < app->session_count; i++) {
        session_release(app->sessions[i], why);
    }
    if (running > 0) {
        app_say(app, PAINT_DOUBT, "%s: everything was released, %zu run%s aborted", why, running,
                running == 1 ? "" : "s");
    } else {
        app_say(app, PAINT_DOUBT, "%s: everything was released", why);
    }
}

static void quit_answered(struct app *app, char key, const char *input)
{
    (void)input;
    if (key == 'y') {
        app_release(app, "the operator left");
        app->quit = true;
    }
}

void app_ask_quit(struct app *app)
{
    size_t running = app_running(app);
    const char *unfinished = app_unfinished(app);
    char text[APP_TEXT_MAX];
    if (running == 0 && !unfinished) {
        app->quit = true;
        return;
    }
    if (running == 0) {
        snprintf(text, sizeof(text), "Nothing is pressed now, but %s\ny  leave     n  stay",
                 unfinished);
    } else {
        snprintf(text, sizeof(text),
                 "%zu unit%s running. Leaving releases everything and records %s as aborted.\n"
                 "y  leave     n  stay",
                 running, running == 1 ? " is" : "s are", running == 1 ? "it" : "them");
    }
    app_ask(app, "Leave longpress?", text, "yn", quit_answered);
}

/* ---- keys -------------------------------------------------------------------------------------*/

static bool is_char(const struct key *key, uint32_t ch)
{
    return key->code == KEY_CODE_CHAR && key->ch == ch;
}

int app_ways(const struct app *app, enum screen_number from, struct screen_key *out)
{
    int count = 0;
    for (size_t i = SCREEN_NONE + 1; i < SCREEN_COUNT; i++) {
        const struct screen_way *way = &screen_of(app, i)->way;
        if (way->from == from) {
            out[count++] = (struct screen_key){way->key, way->does};
        }
    }
    return count;
}

/* A letter that leads from the current screen to another. */
static bool go_way(struct app *app, const struct key *key)
{
    for (size_t i = SCREEN_NONE + 1; i < SCREEN_COUNT; i++) {
        const struct screen_way *way = &screen_of(app, i)->way;
        if (way->from == app_shown(app) && is_char(key, (uint32_t)way->key[0])) {
            app_go(app, (enum screen_number)i);
            return true;
        }
    }
    return false;
}

/* Keys of every screen, after the screen itself had no use for them. */
static void common_key(struct app *app, const struct key *key)
{
    if (go_way(app, key)) {
        return;
    }
    if (is_char(key, 'q')) {
        if (app->depth > 1) {
            app_back(app);
        } else {
            app_ask_quit(app);
        }
    } else if (key->code == KEY_CODE_ESCAPE) {
        app_back(app);
    }
}

static bool typing(const struct app *app)
{
    return app->dialog.open ? app->dialog.field
                            : app_screen(app)->typing && app_screen(app)->typing(app);
}

void app_help(struct app *app)
{
    if (app_shown(app) == SCREEN_HELP) {
        app_back(app);
        return;
    }
    app_go(app, SCREEN_HELP);
}

/* To the dialog, or the screen. */
static void give_key(struct app *app, const struct key *key)
{
    bool to_field = typing(app);
    if (app->dialog.open) {
        dialog_key(app, key);
        return;
    }
    if (key->code == KEY_CODE_F1 || (!to_field && is_char(key, '?'))) {
        app_help(app);
        return;
    }
    if (!app_screen(app)->key(app, key) && (!to_field || key->code != KEY_CODE_CHAR)) {
        common_key(app, key);
    }
}

/* Could letters come from a scanner although they mean something else here? */
static bool scans_may_come(const struct app *app)
{
    const struct screen *shown = app_screen(app);
    return !typing(app) && (app_work(app) || (shown->scans_come && shown->scans_come(app)));
}

static void give_keys(struct app *app, enum scanner_result result, const struct key *keys,
                      size_t count)
{
    char scanned[SCANNER_TEXT_MAX];
    const struct screen_work *work = app_work(app);
    snprintf(scanned, sizeof(scanned), "%s", app->scanner.text);
    if (result != SCANNER_KEYS) {
        app->dirty = true;
        scanner_clear(&app->scanner);
    }
    if (result == SCANNER_SCAN && work) {
        work->scan(app, scanned);
    } else if (result != SCANNER_KEYS) {
        app_say(app, PAINT_BAD, "%s: %s", scanned,
                result == SCANNER_SCAN ? "unexpected scan ignored"
                                       : "incomplete scan: scan it again");
        app_bell(app);
    }
    for (size_t i = 0; i < count; i++) {
        app->dirty = true;
        give_key(app, &keys[i]);
    }
}

void app_tick(struct app *app)
{
    struct key keys[SCANNER_KEYS_MAX];
    size_t count;
    enum scanner_result result = scanner_tick(&app->scanner, app->now_ns, keys, &count);
    give_keys(app, result, keys, count);
    if (!app->dialog.open && app_screen(app)->step) {
        app_screen(app)->step(app);
    }
}

int64_t app_due_ns(const struct app *app)
{
    return scanner_due_ns(&app->scanner);
}

void app_key(struct app *app, const struct key *key)
{
    struct key keys[SCANNER_KEYS_MAX];
    size_t count;

    app->dirty = true;
    if (key->code == KEY_CODE_HANGUP) {
        app_release(app, "SIGHUP: the terminal closed");
        app->quit = true;
        app->exit_status = 4;
        return;
    }
    if ((is_char(key, ' ') || key->code == KEY_CODE_ESCAPE) && app_active(app)) {
        app_release(app, is_char(key, ' ') ? "SPACE" : "Esc");
        return;
    }
    if (key->code == KEY_CODE_CTRL && key->ch == 'l') {
        app->drawn_anew = true;
        return;
    }
    /* Keys do nothing on a screen that cannot be seen, except for scans. */
    if (app_too_small(app) && (app->dialog.open || !app_screen(app)->work || !typing(app))) {
        return;
    }
    if (app->scanner.letters > 0 || scans_may_come(app)) {
        enum scanner_result result = scanner_key(&app->scanner, app->now_ns, key, keys, &count);
        give_keys(app, result, keys, count);
        return;
    }
    give_key(app, key);
}
