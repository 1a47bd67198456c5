/*
 * The spool: records that their journal could not take (full, damaged, locked, read-only), one file
 * for each run, in the folder `JOURNAL.spool` beside it, or, if that is not writable, in a folder
 * below the user's state folder. The next longpress that opens the journal for any purpose takes
 * them in, each exactly once.
 *
 * A spool file is a small journal with one run, followed by the SHA-256 of all of it, so that
 * damage is detected; whatever reads a journal can read it. Its name is BEGAN-PID-RUN.db. BEGAN is
 * the wall clock when the run was handed over (ns since 1970); together with the start of the run
 * it identifies a run that is already in the journal in part. While the process that wrote the file
 * may still complete the run in the journal, the file says so in its table `running`, and others
 * leave it alone; otherwise anybody may take it.
 */
#ifndef LONGPRESS_RIG_JOURNAL_SPOOL_H
#define LONGPRESS_RIG_JOURNAL_SPOOL_H

#include "rig/base/diag.h"
#include "rig/journal/journal_internal.h"

#include <stdbool.h>
#include <stddef.h>

/* The spool's places for the journal `path`: beside it, and then the user's, NULL without a home.
 * In `arena`; the files need not be there. */
enum { SPOOL_PLACES = 2 };
void journal_spool_places(struct arena *arena, const char *path, const char *places[SPOOL_PLACES]);

/* Is `name` that of a file of a spool? */
bool journal_spool_named(const char *name);

/*
 * Write what is known of a run, `jobs` in their order from its JOB_BEGIN on: whole and synced, in
 * the place of what `before` (or NULL) is the file of. `holder`: the process that may still bring
 * it into the journal; NULL: nobody does. The file's path, for the caller to free; NULL when it
 * could not be written anywhere, and then `before` is as it was.
 */
char *journal_spool_write(const char *path, const char *before,
                          const struct journal_process *holder,
                          const struct journal_job *const *jobs, size_t count);
/* The run is in the journal. */
void journal_spool_drop(const char *file);

/* Take in what waits for the journal `path`, if anything does. What cannot be taken in stays where
 * it is, and is told as a warning; so is what was taken in. */
void journal_spool_take(struct diags *diags, const char *path);
/* The same into a journal that is open for writing, outside of a transaction. */
void journal_spool_take_into(struct diags *diags, const char *path, sqlite3 *db);

/* The one run of the journal `from` (sound, and of today's version) into the journal `db`, unless
 * as much of it is there: then *added is false. `handed_ns`: when it was handed over, from its
 * file's name. One transaction. SQLite's code. */
int journal_adopt(sqlite3 *db, sqlite3 *from, int64_t handed_ns, bool *added);

#endif
