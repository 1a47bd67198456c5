/*
 * A run's entry in the journal, from the record before its first press to its verdict. Shared by
 * the command line (tui/drive/run_journal.h, which waits for the journal) and the screens
 * (session_record.c, which do not). Nothing here waits or prints.
 */
#ifndef LONGPRESS_TUI_RUN_ENTRY_H
#define LONGPRESS_TUI_RUN_ENTRY_H

#include "rig/journal/journal.h"
#include "rig/plan/plan.h"
#include "rig/record/record.h"
#include "rig/run/port.h"

#include <stdbool.h>
#include <stdint.h>

/* Where it runs, and what. */
struct run_place {
    const struct bench *bench;
    const char *bench_name;
    const struct station *station;
    const char *unit;          /* or NULL */
    const char *unit_firmware; /* as the operator says; or NULL */
    const char *sim_firmware;  /* simulated: of the unit; or NULL */
};

/* The record of a run of `plan`, before it starts. Everything is borrowed. */
struct record run_record(const struct run_place *place, const struct plan *plan,
                         const struct timeline *timeline, const struct judgement *judgement);

struct run_entry {
    struct journal *journal; /* NULL: the run is not kept */
    int64_t handle;          /* 0: not begun */
    struct port *port;       /* of the run; borrowed */
    bool bluez_told;         /* its version is in the journal, or on its way */
    int64_t grow_ns;  /* the timeline is handed over so often: each time the disk is waited for */
    int64_t grown_ns; /* CLOCK_MONOTONIC: when it was last ... */
    size_t grown;     /* ... and how long it was */
};

/* Call before anything moves. `journal` NULL: nothing is kept. `run`: its record, batch, attempt
 * and operator; the rest is filled in. `port` must outlive the last run_entry_look. */
void run_entry_begin(struct run_entry *entry, struct journal *journal, struct port *port,
                     const struct bench *bench, struct journal_run run, int64_t grow_ns);
/* During the run: hand over what is new, if it is time; with `now`, in any case. True: something
 * was handed over. */
bool run_entry_look(struct run_entry *entry, const struct timeline *timeline, bool now);
/* When run_entry_look will have something to hand over, CLOCK_MONOTONIC; INT64_MAX: nothing yet. */
int64_t run_entry_due_ns(const struct run_entry *entry, const struct timeline *timeline);
/* Hand over the verdict. If a serial has two addresses, two units were taken for one, or the wrong
 * number was scanned: `notice`, of `size` bytes, then says so; else it is "". */
void run_entry_finish(const struct run_entry *entry, const struct record *record, char *notice,
                      size_t size);
/* Is what was handed over in the journal's spool? */
bool run_entry_spooled(const struct run_entry *entry);

#endif
