/*
 * The journal: all runs, stored in one SQLite file.
 *
 * A run is written before its first press, grows while it runs, and gets its verdict last.
 * Committed data survives a power cut; a run that was cut off is found as `interrupted` at the next
 * start, never lost and never `pass`. Several longpress processes may share one file.
 *
 * Writing never holds up a run: a thread of its own writes what it is given, in order. The caller
 * waits only for what must be known before a press (journal_begun). If the disk is full, read-only
 * or locked, that is reported (journal_trouble) and the run continues: its record stays in a spool
 * file (rig/journal/journal_spool.h) until the journal takes it.
 *
 * For schema, migrations and columns see docs/journal.md.
 */
#ifndef LONGPRESS_RIG_JOURNAL_H
#define LONGPRESS_RIG_JOURNAL_H

#include "rig/base/diag.h"
#include "rig/base/text.h"
#include "rig/record/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

/* What the journal stores with a run but outside its record. Copied. */
struct journal_run {
    const struct record *record;
    const char *operator_name;
    const char *profile_text; /* the profile file as it was read; NULL: record->profile's own */
    size_t profile_length;
    const char *bench_text; /* NULL: not known */
    size_t bench_length;
    const char *batch; /* name of the batch it is part of, NULL: none */
    int attempt;
    const char *libgpiod; /* versions; NULL: not known */
    const char *bluez;    /* so far: journal_bluez */
};

/* Open or make the file at `path`, migrate it, mark interrupted runs. The writer, which takes no
 * signals, starts with the first run: a keeper (hardware/station/station_port.h) may be forked in
 * between. NULL after an error: then nothing can be kept, which the operator is to be told before
 * the run. Takes seconds when another process holds the file locked. */
struct journal *journal_open(struct diags *diags, const char *path);
/* The same, but if a journal cannot be opened (damaged, locked, disk full, no permission), opening
 * is retried and its runs go to the spool meanwhile; the error is reported all the same. */
struct journal *journal_open_or_spool(struct diags *diags, const char *path);
/* Wait until all is written (or has failed once more), close. True: all that was handed over is
 * in the journal or in its spool. NULL is fine. */
bool journal_close(struct journal *journal);
/* Waits as journal_close does, for callers that then ask about the result of their runs. Nothing
 * may be handed over after it. */
void journal_stop(struct journal *journal);

/* Descriptor that polls POLLIN when something was written or failed; journal_poll takes that in. */
int journal_fd(const struct journal *journal);
void journal_poll(struct journal *journal);
/* What was wrong when last polled ("/var/lib/longpress/journal.db: the disk is full; free some
 * space ..."); "" when nothing is. What could not be written is tried again every few seconds. */
const char *journal_trouble(const struct journal *journal);

/* Can this time of the wall clock be believed: has somebody told the machine the time? A run that
 * begins when it cannot is dated by its number only. */
bool journal_clock_believed(int64_t wall_ns);

/* Hand over a run that is about to begin. Its handle, > 0; never blocks. */
int64_t journal_begin(struct journal *journal, const struct journal_run *run);
/* The begun run has been committed: 1 yes, 0 not yet, -1 it could not be (so far). */
int journal_begun(const struct journal *journal, int64_t handle);
/* The same of the finished run, with its verdict. */
int journal_finished(const struct journal *journal, int64_t handle);
/* The file of the spool that has all that was handed over of the run: of one that began its begin,
 * of one that ended its verdict too. False: there is none, and `out` is "". */
bool journal_spooled(const struct journal *journal, int64_t handle, char *out, size_t size);
/* How many runs that ended are in the spool so; `out`: the first one's folder. */
size_t journal_spooled_runs(const struct journal *journal, char *out, size_t size);
/* Waits up to `timeout_ms` for either, and returns it. For callers without a loop. */
int journal_wait_begun(struct journal *journal, int64_t handle, int timeout_ms);
int journal_wait_finished(struct journal *journal, int64_t handle, int timeout_ms);
/* The run's number in the file, as people use it; 0: not known yet. */
int64_t journal_number(const struct journal *journal, int64_t handle);
/* Writes what was added to the timeline since the last time: one commit, which waits for the disk;
 * call it a few times a second at most. */
void journal_append(struct journal *journal, int64_t handle, const struct timeline *timeline);
/* The version of BlueZ became known during the run: it is stored with the run's next write. */
void journal_bluez(struct journal *journal, int64_t handle, const char *version);
/* The run is over and judged: rest of the timeline, verdict, findings, end; one commit. */
void journal_finish(struct journal *journal, int64_t handle, const struct record *record);

/* Was a unit of this serial run before by this procedure of this model, on a simulated bench or on
 * real ones? Its last verdict and when (wall clock, ns since 1970). Reads; milliseconds. */
bool journal_unit_seen(struct journal *journal, const char *model, const char *procedure,
                       const char *unit, bool simulated, enum verdict *verdict, int64_t *wall_ns);

/* The address of the unit of this serial in its last run before number `before` that tells one, on
 * real benches; and that run's number. Reads; milliseconds. */
bool journal_unit_address(struct journal *journal, const char *model, const char *unit,
                          int64_t before, char address[TEXT_BLUETOOTH_MAX], int64_t *number);

#endif
