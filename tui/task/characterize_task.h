/*
 * A series of presses that looks for a threshold (rig/threshold/characterize.h), driven on the
 * command line: one run after the other on one open station, cooldowns in between, each run kept in
 * the journal under the series' name, from which a stopped series is taken up again.
 */
#ifndef LONGPRESS_TUI_CHARACTERIZING_H
#define LONGPRESS_TUI_CHARACTERIZING_H

#include "rig/base/text.h"
#include "rig/plan/duty.h"
#include "rig/threshold/characterize.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/console.h"
#include "tui/drive/run_journal.h"
#include "tui/drive/run_options.h"

#include <stdbool.h>
#include <stdint.h>

struct characterize_task {
    const struct profile *profile;
    const struct procedure *procedure; /* as claimed */
    struct characterize *series;
    struct bench_session bench_session;
    struct console console;
    struct run_journal run_journal;
    struct run_options options; /* the address in them: as soon as it is known */
    struct radio_setup radio;   /* of the latest press */
    int64_t cooldown_ns;
    struct duty duty;
    int taken_up;        /* presses that the journal had, and that count */
    int64_t last_ns;     /* wall clock: the latest press of the series that is known of ended; 0 */
    size_t driven;       /* runs made now */
    int64_t driven_ns;   /* ... and what they took, rests included, by the port's clock */
    int unclear;         /* presses since the last that counted */
    bool told_status;    /* a line of progress stands on the terminal */
    const char *stopped; /* why it stopped before its end, NULL: it did not */
};

/* Add what the journal has of the series: nothing, where there is none yet. -1 after an error. */
int characterize_task_take_up(struct characterize_task *it, struct diags *diags);

/* Press until nothing is open or something stops it. The station is open. Exit status. */
int characterize_task_drive(struct characterize_task *it, struct diags *diags);

/* ---- what is told (tui/task/characterize_print.c) ---- */

void characterize_print_heading(const struct characterize_task *it);
/* The latest press, as a line. */
void characterize_print_event(struct characterize_task *it, const struct characterize_press *press);
void characterize_print_note(struct characterize_task *it, const char *text);
/* On a terminal: what goes on now. `text` replaces what stood there; NULL takes it away. */
void characterize_print_status(struct characterize_task *it, const char *text);
/* The same: a rest that takes so long yet. */
void characterize_print_rests(struct characterize_task *it, int64_t left_ns);
/* Estimate, plot, and what to do; or the JSON object. */
void characterize_print_result(struct characterize_task *it);

#endif
