/*
 * Keeps a command-line run in the journal (tui/drive/run_entry.h): opened before the run, begun
 * before the first press, extended during the run, finished with its verdict. If something cannot
 * be kept, a message on standard error says so; nothing is delayed for longer than a few seconds.
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

/* The journal's path: `name` is the value of --journal, or NULL for the default. In `arena`; NULL:
 * nothing is kept, or there is no home. */
const char *run_journal_path(struct arena *arena, const char *name, bool simulated);

/* `name`: the value of --journal (a file, or `none`); NULL: the default. Call before the port is
 * opened (hardware/station/station_port.h). If the run will not be kept, a message says so now. */
void run_journal_open(struct run_journal *run_journal, const char *name, bool simulated);

/* As run_entry_begin; returns when the run is in the journal, or cannot be, or after some seconds.
 * `run`'s operator: the value of --operator, or NULL. `port` must outlive the hooks. */
void run_journal_begin(struct run_journal *run_journal, struct port *port,
                       const struct bench *bench, struct journal_run run);

/* Wraps `hooks` to hand over the timeline as it grows. */
struct run_hooks run_journal_hooks(struct run_journal *run_journal, const struct run_hooks *hooks);

/* Hand over the verdict; does not wait. */
void run_journal_finish(struct run_journal *run_journal, const struct record *record);

/* Wait until it is written, and warn if it is not. True if everything that should be kept is in the
 * journal or its spool. */
bool run_journal_close(struct run_journal *run_journal);

/* Report runs in the spool (rig/journal/journal_spool.h), if any; call after journal_stop. NULL is
 * fine. */
void run_journal_tell_spool(const struct journal *journal);

/* The clock is not set: the record of a run that begins now will say so. */
bool run_journal_undated(void);

/* The exit status: `status`, or EXIT_BENCH if that is EXIT_DONE but not everything was kept. */
int run_journal_status(int status, bool kept);

/* The operator: `option` (--operator), else the logged-in user. NULL: unknown. */
const char *run_journal_operator(const char *option);

#endif
