/*
 * Checks, before anything moves, that a batch without screens has all it needs: model and
 * procedure, stations that can run it, a way to tell when a unit is in place, an answer to every
 * question. Also finds the units that have already passed according to the journal. For
 * tui/command/cmd_batch.c.
 */
#ifndef LONGPRESS_TUI_HEADLESS_READY_H
#define LONGPRESS_TUI_HEADLESS_READY_H

#include "tui/cli/command.h"
#include "tui/cli/serials.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/console.h"
#include "tui/drive/run_journal.h"
#include "tui/drive/run_options.h"
#include "tui/task/batch_task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The command line. */
struct batch_options {
    struct run_options run;
    const char *serials;
    struct serials_rules rules; /* how they are read */
    const char *stations;
    int rate; /* 0: not said */
    bool in_place;
    bool no_retry;
    bool again;
};

/* What a batch is made of. */
struct set_up {
    struct bench_session bench_session;
    struct catalog *catalog;
    struct console console; /* answers, signals */
    struct run_journal run_journal;
    struct serials serials; /* as they were given */
    size_t passed;          /* of them, already */
    struct headless headless;
    struct line_queue out;
    struct line_queue err;
    const char *names[CONSOLE_ANSWERS_MAX];
    const char *values[CONSOLE_ANSWERS_MAX];
    char name[96];
    const struct station *stations[BATCH_STATIONS_MAX]; /* that were chosen */
    size_t station_count;
};

/* Call these in order. Each returns 0, or -1 after an error. */
int batch_ready_procedure(struct set_up *set_up, struct diags *diags, const struct context *context,
                          const struct batch_options *options);
/* `names`: the value of --stations; NULL: all stations of the bench. */
int batch_ready_stations(struct set_up *set_up, struct diags *diags, const char *names);
int batch_ready_placing(struct set_up *set_up, struct diags *diags, bool in_place);
int batch_ready_plans(struct set_up *set_up, struct diags *diags,
                      const struct batch_options *options);

/* The first station where only a person can tell that a unit is in place, or NULL. */
const struct station *batch_ready_without_line(const struct set_up *set_up);

/* Selects the units to run: skips those whose last run in the journal at `path` (NULL: skip none)
 * passed with their current firmware, as far as that is known. If the units are already in place,
 * skips their stations, too: the others stay where they are. */
void batch_ready_leave_out_passed(struct set_up *set_up, struct diags *diags, const char *path,
                                  bool in_place);

#endif
