/*
 * A series of runs of one unit in one station, for the command line: each is driven, judged and
 * kept in the journal under the series' name, with waits in between.
 *
 * A real station is opened for each run and released after it; nothing is held while the series
 * waits. A simulated one stays open, so that its unit remembers what was done to it, unless `anew`
 * asks for a fresh one.
 */
#ifndef LONGPRESS_TUI_SERIES_H
#define LONGPRESS_TUI_SERIES_H

#include "rig/judge/judge.h"
#include "rig/plan/plan.h"
#include "rig/record/record.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/console.h"

#include <stdbool.h>
#include <stdint.h>

enum { SERIES_NAME_MAX = 128, SERIES_WAIT_TEXT_MAX = 400 };

struct series {
    struct bench_session
        *bench_session; /* found (bench_session_find); the series opens and closes its port */
    struct console *console;
    const char *journal; /* --journal, or NULL */
    const char *operator_name;
    const char *unit_firmware;       /* NULL: not said */
    const char *name;                /* in the journal */
    const char *address;             /* of the unit, NULL: not known */
    int rate;                        /* of a simulated bench; 0: virtual time */
    bool anew;                       /* a simulated station is opened anew, too */
    bool quiet;                      /* no line for what a run does while it goes on */
    bool silent;                     /* the same, and no waits told */
    const struct procedure *kept_as; /* by which runs are judged and kept; NULL: the plan's */
    /* What stands on a terminal `left_ns` before a wait is over; NULL: the time and why. */
    void (*wait_text)(const void *context, int64_t left_ns, char text[SERIES_WAIT_TEXT_MAX]);
    const void *wait_context;
    int runs;            /* made so far */
    bool unkept;         /* one of them is not in the journal, and should be */
    const char *stopped; /* the signal that ended it, in words; NULL: none did */
};

/* A completed run. */
struct series_run {
    struct record record; /* of this very object: it must stay where it is */
    struct timeline timeline;
    struct judgement judgement;
    int64_t number; /* in the journal; 0: it is not there */
};

/* Run a plan. The caller frees the result. NULL after an error: the station could not be opened. */
struct series_run *series_run(struct series *series, struct diags *diags, const struct plan *plan);
void series_run_free(struct series_run *run);

/* The same for preparations between the runs, which are neither judged nor kept. 0, or -1 after an
 * error; `end` says how it ended. `timeline`, which must be empty, belongs to the caller. */
int series_bring(struct series *series, struct diags *diags, const struct plan *plan,
                 struct timeline *timeline, enum run_end *end);

/* Wait, with everything released; a terminal shows `why` and the time left. False if a signal ended
 * it. */
bool series_wait(struct series *series, int64_t wait_ns, const char *why);

void series_close(struct series *series);

/* "settle-WH-1000XM3-20261125-084144": a name that says what and when, in UTC. */
char *series_name(char out[SERIES_NAME_MAX], const char *what, const char *model);

#endif
