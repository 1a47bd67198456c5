/*
 * A run of the command line, kept in the journal (tui/drive/run_entry.h): opened before the run,
 * begun before the first press, grown while it goes on, finished with its verdict. What cannot be
 * kept is told on standard error, and holds nothing up for longer than a few seconds.
 */
#ifndef LONGPRESS_TUI_KEEPING_H
#define LONGPRESS_TUI_KEEPING_H

#include "rig/base/arena.h"
#include "rig/journal/journal.h"
#include "rig/run/run.h"
#include "tui/drive/run_entry.h"

#include <stdbool.h>

struct run_journal {
    struct journal *journal; /* NULL: nothing is kept */
    struct run_entry entry;  /* of the last run that was begun */
    int64_t number;          /* of the run in the journal, once closed; 0: it is not there */
    struct run_hooks hooks;  /* that ours stand before */
    bool told;               /* that the run before was not in the journal so far */
    bool unkept;             /* a journal was wanted, and there is none */
};

/* The journal's file: `name` is what --journal says, NULL the usual place. In `arena`; NULL: none
 * is kept, or there is no home. */
const char *run_journal_path(struct arena *arena, const char *name, bool simulated);

/* `name`: what --journal says (a file, or `none`); NULL: the usual place. Before the port is opened
 * (hardware/station/station_port.h). An operator who is not to find his run later is told so now.
 */
void run_journal_open(struct run_journal *run_journal, const char *name, bool simulated);

/* As run_entry_begin; returns when the run is in the journal, or cannot be, or after some seconds.
 * `run`'s operator: who was named (--operator), or NULL. `port`: until the hooks are called no
 * more. */
void run_journal_begin(struct run_journal *run_journal, struct port *port,
                       const struct bench *bench, struct journal_run run);

/* `hooks`, with a look at the timeline in between. */
struct run_hooks run_journal_hooks(struct run_journal *run_journal, const struct run_hooks *hooks);

/* Hand the verdict over; does not wait. */
void run_journal_finish(struct run_journal *run_journal, const struct record *record);

/* Wait until it is written, and tell when it is not. True when all is kept that was to be, in the
 * journal or in its spool. */
bool run_journal_close(struct run_journal *run_journal);

/* Tell which runs are in the spool (rig/journal/journal_spool.h), if any; after journal_stop. NULL
 * is fine.
 */
void run_journal_tell_spool(const struct journal *journal);

/* Nobody has told the machine the time: what is kept of a run that begins now says so. */
bool run_journal_undated(void);

/* The exit status, a lost record told apart from a pass that can be shown: `status`, or EXIT_BENCH
 * where that is EXIT_DONE and not all is kept. */
int run_journal_status(int status, bool kept);

/* Who runs this: `option` (--operator), else who is logged in. NULL: nobody knows. */
const char *run_journal_operator(const char *option);

#endif
