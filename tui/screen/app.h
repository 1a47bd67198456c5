/*
 * The operator's program on the screen: its bays, what is shown, and the way from a key to what it
 * does. One loop (tui/screen/app_loop.c) drives all bays and the terminal; nothing in it waits for
 * either.
 *
 * SPACE and Esc let go of everything, on every station, on every screen, before anything else is
 * done with them, as long as there is anything to let go of.
 */
#ifndef LONGPRESS_TUI_APP_H
#define LONGPRESS_TUI_APP_H

#include "hardware/radio/radio_watch.h"
#include "rig/bench/bench.h"
#include "rig/journal/journal.h"
#include "rig/profile/catalog.h"
#include "rig/report/thresholds.h"
#include "tui/drive/batch_driver.h"
#include "tui/drive/station_session.h"
#include "tui/screen/screen.h"
#include "tui/term/scanner.h"
#include "tui/term/term.h"
#include "tui/term/text_field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    APP_DEPTH_MAX = 8,
    APP_TEXT_MAX = 256,
    APP_FIELD_MAX = 64,
    APP_FILTER_MAX = 40,
    APP_ROWS_MIN = 20, /* below that only a polite message has room */
    APP_COLS_MIN = 64,
    APP_ACCEPT_MAX = 16,
    APP_LINES_MAX = 128,
    FRAME_FOOT_ROWS = 2, /* message line, key bar */
};

/* What the program was started with; borrowed. */
struct app_setup {
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
struct past {
    bool has;
    enum verdict verdict;
    int64_t ended_ns; /* CLOCK_MONOTONIC */
    char what[APP_TEXT_MAX];
};

/* A question over the screen: text, the keys that answer it, or a field to type in. */
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

struct picker {
    char filter[APP_FILTER_MAX];
    bool filtering;
    char moved; /* a letter that moved, and may have been meant for the filter; '\0': none */
    int64_t moved_ns;
    size_t row; /* of the rows that match */
    size_t top;
    bool for_batch; /* the choice goes to the batch, not to a run */
    int pane_top;
    int first_line;           /* of the screen: the list's ... */
    int lines[APP_LINES_MAX]; /* ... and which row each line shows, -1: none; for the mouse */
};

/* A choice that is being made into a run. */
struct choice {
    const struct profile *profile;
    const struct procedure *procedure;
    char unit[APP_FIELD_MAX];
    const char *accept[APP_ACCEPT_MAX];
    size_t accept_count;
};

struct run_view {
    int64_t cell_ns; /* of the chart; 0: chosen by the size */
};

struct verdict_view {
    bool retry_asked;
};

struct details_view {
    char *text; /* owned */
    size_t size;
    int top;
    int lines;
};

/* A batch's set-up, and the screen's own state of it. */
struct batch_view {
    struct batch_bays *bays; /* NULL: no batch goes on */
    struct batch_bays_setup setup;
    struct bay *on[BENCH_STATIONS_MAX];          /* the stations that can run it */
    enum batch_stage stages[BENCH_STATIONS_MAX]; /* of these, as they were last looked at */
    char name[APP_TEXT_MAX];
    struct field scan;
    int64_t lone_q_ns;       /* the field is `q`, and has been for a while then; 0: it is not */
    bool leaving_by_q;       /* the end was asked for by that */
    char told[APP_TEXT_MAX]; /* what the last scan came to */
    enum paint_ink told_ink;
    bool commands;   /* letters are commands, not a serial */
    size_t station;  /* of the batch: the one that commands act on */
    size_t question; /* set-up: the one whose answer is asked for */
    size_t answer_count;
    const char *answer_names[BAY_ANSWERS_MAX];
    const char *answer_values[BAY_ANSWERS_MAX];
    char answers[BAY_ANSWERS_MAX][ANSWER_TEXT_MAX];
};

struct manual_view {
    size_t station;                /* whose all of this is */
    const struct profile *profile; /* whose hazards count; NULL: none is known */
    uint32_t chord;                /* actuators that the next press sets down */
    int64_t hold_ns;
    int64_t cell_ns;
    bool still;       /* time stands: the chart is looked at */
    int64_t right_ns; /* still: the instant at the right edge */
    bool has_cursor;
    int64_t cursor_ns;
    bool has_mark;
    int64_t mark_ns;
    size_t lane; /* whose edges the cursor goes to */
};

/* What the journal knew of thresholds when it was last read. */
struct threshold_view {
    struct journal_runs *runs; /* owned, as are the thresholds */
    struct thresholds found;
    size_t row;
};
void threshold_view_clear(struct threshold_view *view);

struct app {
    const struct app_setup *setup;
    struct term *term;
    struct paint paint;
    struct bay *bays[BENCH_STATIONS_MAX];
    uint64_t seen[BENCH_STATIONS_MAX]; /* bay_changes that were drawn */
    enum bay_state states[BENCH_STATIONS_MAX];
    struct past past[BENCH_STATIONS_MAX];
    size_t bay_count;
    struct radio_watch *radio; /* of all stations; NULL: none has an adapter, or all is simulated */
    size_t station;            /* the one that keys act on */
    size_t top_row;            /* bench screen: first row of cards */
    int top;                   /* first row of the screen's own area, below header and alarm */

    const struct screen *screens[APP_DEPTH_MAX];
    size_t depth;
    struct dialog dialog;
    struct burst burst; /* a letter that may be a scanner's */
    struct picker picker;
    struct choice choice;
    struct run_view run;
    struct verdict_view verdict;
    struct details_view details;
    struct batch_view batch;
    struct manual_view manual;
    struct threshold_view threshold;
    const struct screen *help_of;
    int help_page;

    char message[APP_TEXT_MAX]; /* a line for the operator, until message_ns */
    enum paint_ink message_ink;
    int64_t message_ns;
    int64_t now_ns; /* CLOCK_MONOTONIC at this round of the loop */
    bool dirty;
    bool drawn_anew; /* the whole screen, not what has changed of it */
    bool quit;
    int exit_status;
};

/* ---- from place to place ---- */

const struct screen *app_screen(const struct app *app);
/* Show a screen above the one that is shown; one that lies below already is gone back to. */
void app_go(struct app *app, const struct screen *screen);
void app_back(struct app *app);
/* The run of this station: running, over (its verdict), or the picker to begin one. */
void app_open_station(struct app *app, size_t station);

/* ---- what keys do ---- */

void app_key(struct app *app, const struct key *key);
/* What has to be done when app_due_ns has come. */
void app_tick(struct app *app);
int64_t app_due_ns(const struct app *app);
/* The keys of the screen that is shown, and back. */
void app_help(struct app *app);
/* Is there anything to let go of: a run, a press by hand? */
bool app_active(const struct app *app);
size_t app_running(const struct app *app);
/* Everything, on every station, now. */
void app_release(struct app *app, const char *why);
/* Ends; asks first when runs go on. */
void app_ask_quit(struct app *app);

/* ---- telling and asking ---- */

void app_say(struct app *app, enum paint_ink ink, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void app_ask(struct app *app, const char *title, const char *text, const char *keys,
             void (*done)(struct app *app, char key, const char *input));
void app_ask_field(struct app *app, const char *title, const char *text, const char *input,
                   void (*done)(struct app *app, char key, const char *input));
/* What went wrong, all of it, until a key is pressed. Empties the list. */
void app_tell(struct app *app, const char *title, struct diags *diags);
void app_bell(struct app *app);

/* ---- runs ---- */

/* The serial number of app->choice: blanks around it do not count, empty is none. False after
 * saying that it is none. */
bool app_choose_unit(struct app *app, const char *serial);
/* Begin app->choice on app->station; what the plan refuses is told, and a hazard that may be
 * accepted by name is asked about. */
void app_start(struct app *app);

/* Take in what the batch that goes on has told (tui/screen/scr_batch.c): bells, the line for the
 * operator.
 */
void batch_events(struct app *app);
/* A serial that was scanned while something else was shown, or letters were commands. */
void batch_take_scan(struct app *app, const char *serial);
/* Does a batch go on that is not at its rest? */
bool batch_goes_on(const struct app *app);
/* The choice of the picker becomes the batch's. */
void batch_choose(struct app *app, const struct profile *profile,
                  const struct procedure *procedure);

/* ---- drawing (tui/screen/frame.c) ---- */

void frame_draw(struct app *app);
/* Nothing but a polite message is shown. */
bool frame_too_small(const struct app *app);
/* Rows that a question takes at the foot of the screen; drawn by the frame. */
void frame_question(const struct app *app, const struct question *question, char *out, size_t size);

/* ---- the loop (tui/screen/app_loop.c) ---- */

/* Until the operator leaves; the exit status. `app->setup`, `app->term` and the bays are there. */
int app_loop(struct app *app);

#endif
