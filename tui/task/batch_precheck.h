/*
 * Before anything moves: is all there that a batch without screens needs? Model and procedure,
 * stations that can run it, somebody who says when a unit is in its place, an answer to every
 * question; and what the journal says has passed already. For tui/command/cmd_batch.c.
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

/* Each: 0, or -1 after an error. In this order. */
int batch_ready_procedure(struct set_up *set_up, struct diags *diags, const struct context *context,
                          const struct batch_options *options);
/* `names`: as --stations; NULL: all of the bench. */
int batch_ready_stations(struct set_up *set_up, struct diags *diags, const char *names);
int batch_ready_placing(struct set_up *set_up, struct diags *diags, bool in_place);
int batch_ready_plans(struct set_up *set_up, struct diags *diags,
                      const struct batch_options *options);

/* The first station where nothing but a person can say that a unit is in; NULL: there is none. */
const struct station *batch_ready_without_line(const struct set_up *set_up);

/* What is to be run: without those whose last run, says the journal at `path` (NULL: none is left
 * out), passed with the firmware that they have now, as far as that is known. Where the units are
 * in place their stations are left out with them: the others stay where they are. */
void batch_ready_leave_out_passed(struct set_up *set_up, struct diags *diags, const char *path,
                                  bool in_place);

#endif
