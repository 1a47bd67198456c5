/*
 * The operator's screens: the sessions, what is shown, and the dispatch of keys. One loop
 * (tui/screen/app_loop.c) drives all sessions and the terminal, and blocks on neither.
 *
 * On every screen, SPACE and Esc release everything on all stations before they do anything else,
 * as long as there is anything to release.
 */
#ifndef LONGPRESS_TUI_APP_H
#define LONGPRESS_TUI_APP_H

#include "hardware/radio/radio_watch.h"
#include "rig/bench/bench.h"
#include "rig/journal/journal.h"
#include "rig/profile/catalog.h"
#include "tui/drive/session.h"
#include "tui/screen/screen.h"
#include "tui/term/scanner.h"
#include "tui/term/term.h"
#include "tui/term/text_field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    APP_DEPTH_MAX = SCREEN_COUNT, /* each is there once at most */
    APP_TEXT_MAX = 256,
    APP_FIELD_MAX = 64,
    APP_ROWS_MIN = 20, /* below that only a polite message has room */
    APP_COLS_MIN = 64,
    APP_ACCEPT_MAX = 16,
    FRAME_FOOT_ROWS = 2, /* message line, key bar */
};

/* The program's set-up; borrowed. */
struct app_setup {
    const struct screen *const *screens; /* SCREEN_COUNT of them */
    struct catalog *catalog;
    struct bench *bench;
    const char *bench_name;
    const char *firmware_note; /* of a simulated bench: what is in it; or NULL */
    struct journal *journal;   /* NULL: nothing is kept ... */
    const char *journal_words; /* ... or where: for the header */
    const char *journal_path;  /* NULL: none */
    bool journal_broken;       /* runs were to be kept, and cannot be */
    const char *operator_name;
    int rate; /* simulated bench: how many times faster than time */
    bool bell;
    int signal_fd; /* INT, TERM, HUP, TSTP, CONT, WINCH */
};

/* The last verdict of a station, for its card. */
struct last_verdict {
    bool has;
    enum verdict verdict;
    int64_t ended_ns; /* CLOCK_MONOTONIC */
    char what[APP_TEXT_MAX];
};

/* A dialog over the screen: text, and the keys that answer it or a field to type in. */
struct dialog {
    bool open;
    bool field;
    char title[APP_TEXT_MAX];
    char text[2048];
    char keys[16]; /* letters that answer, such as "yn"; "" with a field, or for any key */
    struct field input;
    /* `key`: the letter, 0 for Esc. `input`: what was typed (with a field), else NULL. */
    void (*done)(struct app *app, char key, const char *input);
};

/* A choice that is becoming a run. */
struct choice {
    const struct profile *profile;
    const struct procedure *procedure;
    char unit[APP_FIELD_MAX];
    const char *accept[APP_ACCEPT_MAX];
    size_t accept_count;
};

struct app {
    const struct app_setup *setup;
    struct term *term;
    struct paint paint;
    struct session *sessions[BENCH_STATIONS_MAX];
    uint64_t seen[BENCH_STATIONS_MAX]; /* session_changes that were drawn */
    enum session_state states[BENCH_STATIONS_MAX];
    struct last_verdict past[BENCH_STATIONS_MAX];
    size_t session_count;
    struct radio_watch *radio; /* of all stations; NULL: none has an adapter, or all is simulated */
    size_t station;            /* the one that keys act on */
    int top;                   /* first row of the screen's own area, below header and alarm */

    void *kept[SCREEN_COUNT];                /* of the screens, owned */
    enum screen_number shown[APP_DEPTH_MAX]; /* each above the one before */
    size_t depth;
    struct dialog dialog;
    struct scanner scanner; /* a letter that may be a scanner's */
    struct choice choice;
    bool for_batch; /* what is chosen next goes to the batch, not to a run */

    char message[APP_TEXT_MAX]; /* a line for the operator, until message_ns */
    enum paint_ink message_ink;
    int64_t message_ns;
    int64_t now_ns; /* CLOCK_MONOTONIC at this round of the loop */
    bool dirty;
    bool drawn_anew; /* the whole screen, not what has changed of it */
    bool quit;
    int exit_status;
};

/* Allocate and free the screens' state; show the first screen. `app` is zeroed, except for its
 * set-up. */
void app_begin(struct app *app, enum screen_number first);
void app_end(struct app *app);

/* A screen's state. */
static inline void *app_state(const struct app *app, enum screen_number screen)
{
    return app->kept[screen];
}

/* ---- from place to place ---- */

enum screen_number app_shown(const struct app *app);
const struct screen *app_screen(const struct app *app);
/* The screen below it, or SCREEN_NONE. */
enum screen_number app_below(const struct app *app);
/* Push a screen; if it is already on the stack, go back to it. */
void app_go(struct app *app, enum screen_number screen);
void app_back(struct app *app);
/* Show this station's run or verdict, or the picker to start a run. */
void app_open_station(struct app *app, size_t station);

/* ---- what keys do ---- */

void app_key(struct app *app, const struct key *key);
/* Does what is due at app_due_ns. */
void app_tick(struct app *app);
int64_t app_due_ns(const struct app *app);
/* Show the keys of the current screen, or go back. */
void app_help(struct app *app);
/* The window is too small for anything but a message. */
bool app_too_small(const struct app *app);
/* The keys that lead from that screen to others (struct screen_way), for its key list. Returns how
 * many. */
int app_ways(const struct app *app, enum screen_number from, struct screen_key *out);
/* A run on that station has ended. */
void app_run_ended(struct app *app, size_t station);
/* The work in progress on any screen (struct screen_work), or NULL. */
const struct screen_work *app_work(const struct app *app);
/* What would be left undone by leaving now; NULL: nothing. */
const char *app_unfinished(const struct app *app);
/* Is there anything to release: a run or a manual press? */
bool app_active(const struct app *app);
size_t app_running(const struct app *app);
/* Release everything on all stations now. */
void app_release(struct app *app, const char *why);
/* Quit; asks first if runs are in progress. */
void app_ask_quit(struct app *app);

/* ---- telling and asking ---- */

void app_say(struct app *app, enum paint_ink ink, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void app_ask(struct app *app, const char *title, const char *text, const char *keys,
             void (*done)(struct app *app, char key, const char *input));
void app_ask_field(struct app *app, const char *title, const char *text, const char *input,
                   void (*done)(struct app *app, char key, const char *input));
/* Show all problems until a key is pressed. Empties the list. */
void app_tell(struct app *app, const char *title, struct diags *diags);
void app_bell(struct app *app);

/* ---- runs ---- */

/* Set the serial number of app->choice, without blanks around it; empty: none. False if it is not a
 * serial number, which is reported. */
bool app_choose_unit(struct app *app, const char *serial);
/* Start app->choice on app->station. Shows why a plan is refused, and asks about a hazard that can
 * be accepted by name. */
void app_start(struct app *app);

/* ---- drawing (tui/screen/frame.c) ---- */

void frame_draw(struct app *app);
/* Rows that a question takes at the bottom of the screen; drawn by the frame. */
void frame_question(const struct app *app, const struct question *question, char *out, size_t size);

/* ---- the loop (tui/screen/app_loop.c) ---- */

/* Runs until the operator quits; returns the exit status. `app->setup`, `app->term` and the
 * sessions must be set. */
int app_loop(struct app *app);

#endif
