/*
 * Maintenance of the journal file: old runs are deleted, copies are made, both while others use it.
 */
#ifndef LONGPRESS_RIG_JOURNAL_CARE_H
#define LONGPRESS_RIG_JOURNAL_CARE_H

#include "rig/base/diag.h"
#include "rig/journal/journal_read.h"

#include <stdbool.h>
#include <stdint.h>

struct prune_choice {
    struct run_filter filter; /* its limit and order are not looked at */
    bool keep_fails;          /* keep failed runs, whatever their age */
};

struct prune_result {
    int64_t runs;     /* that were, or would be, taken out */
    int64_t first_ns; /* wall clock at the begin of the oldest and the latest of them */
    int64_t last_ns;
    int64_t bytes_before; /* of the file */
    int64_t bytes_after;
};

/* Deletes the runs and everything only they refer to, and frees the space; unless `only_count`. A
 * run in progress is never deleted. 0, or -1 after an error: then nothing was deleted. */
int journal_prune(struct diags *diags, const char *path, const struct prune_choice *choice,
                  bool only_count, struct prune_result *result);

struct backup_result {
    int64_t runs;
    int64_t bytes;
};

/*
 * Copy the journal as it is at one instant to the new file `copy`, and check the copy whole, before
 * it gets its name and again under it. A file of that name is an error unless `replace`; and then
 * too when it is the journal itself, under whatever name, a journal that runs are kept in (not a
 * mere copy), or no journal; or when there are files beside it (-wal, ...) that SQLite would take
 * for a part of it. 0, or -1 after an error.
 */
int journal_backup(struct diags *diags, const char *path, const char *copy, bool replace,
                   struct backup_result *result);

#endif
