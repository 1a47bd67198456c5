/*
 * A series of presses that searches for a threshold (rig/threshold/characterize.h) on the command
 * line: runs on one open station with cooldowns in between, each kept in the journal under the
 * series' name, so that a stopped series can be resumed.
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

/* Add the journal's presses of the series, if any. -1 after an error. */
int characterize_task_take_up(struct characterize_task *it, struct diags *diags);

/* Press until the search is finished or stopped. The station must be open. Returns the exit status.
 */
int characterize_task_drive(struct characterize_task *it, struct diags *diags);

/* ---- output (tui/task/characterize_print.c) ---- */

void characterize_print_heading(const struct characterize_task *it);
/* The latest press, as a line. */
void characterize_print_event(struct characterize_task *it, const struct characterize_press *press);
void characterize_print_note(struct characterize_task *it, const char *text);
/* Show the current state on a terminal. `text` replaces the last one; NULL clears it. */
void characterize_print_status(struct characterize_task *it, const char *text);
/* The same for a rest: the time left. */
void characterize_print_rests(struct characterize_task *it, int64_t left_ns);
/* Print the estimate, the plot and what to do next; or the JSON object. */
void characterize_print_result(struct characterize_task *it);

#endif
