/*
 * Shared by the files of `longpress backup`: journal_backup.c makes the copy, journal_backup_put.c
 * gives it its name. `copy` is the name as the operator gave it, for messages; `name` is the same
 * with links resolved.
 */
#ifndef LONGPRESS_RIG_JOURNAL_BACKUP_INTERNAL_H
#define LONGPRESS_RIG_JOURNAL_BACKUP_INTERNAL_H

#include "rig/base/diag.h"

#include <stdbool.h>

/* One after the other; to be freed. */
char *journal_backup_joined(const char *path, const char *ending);

/* Adds the error that a file of that name is there. Returns -1. */
int journal_backup_is_there(struct diags *diags, const char *copy);
/* Adds an error if one of SQLite's files is there that a copy of that name would be read with. */
int journal_backup_check_companions(struct diags *diags, const char *copy, const char *name);
/* Adds an error unless the existing file may be replaced, being an older copy or empty. */
int journal_backup_check_replaced(struct diags *diags, const char *copy, const char *name);

/* What to do about SQLite's `code`: it is the copy that could not be made, and --journal names the
 * original. A static sentence. */
const char *journal_backup_todo(int code);

/* The copy `part` gets its name, for good. 0, or -1 after an error. */
int journal_backup_replace(struct diags *diags, const char *part, const char *copy,
                           const char *name, bool replace);

#endif
