/*
 * What an output must never overwrite: the files that its command reads, and, whoever named them,
 * journals with everything that belongs to them, profiles, bench files and firmware files. A file
 * is identified by what it is, never by its name alone: links of both kinds and other spellings are
 * the same file, and its contents count for more than its name.
 */
#ifndef LONGPRESS_RIG_OUT_GUARD_H
#define LONGPRESS_RIG_OUT_GUARD_H

#include <stdbool.h>

enum out_kind {
    OUT_NOTHING,      /* there is none */
    OUT_ORDINARY,     /* none of those below; a device or a pipe too */
    OUT_JOURNAL,      /* or a copy of one, or of the spool */
    OUT_DATABASE,     /* of another program, or so new that nothing is in it */
    OUT_JOURNAL_PART, /* -wal, -shm, -journal, there or not; a new file in a spool */
    OUT_PROFILE,
    OUT_BENCH,
    OUT_FIRMWARE,
};

/* What is at `path`, links followed; of a file that is not there: would it be taken for a part of a
 * journal? */
enum out_kind out_kind_of(const char *path);
/* "a journal of longpress", ... */
const char *out_kind_words(enum out_kind kind);

/* The path without links, also of a file that is not there yet. For free(); NULL, with errno: its
 * folder cannot be opened, or the links go round. */
char *out_real_name(const char *path);

/* Would `name`, which has no links, be in the spool of a journal (rig/journal/journal_spool.h)? */
bool out_is_in_spool(const char *name);

/* Is `path` the file `other` by whatever name, or one that SQLite or the spool would keep beside it
 * (whether `other` is a journal or not)? */
bool out_is_of(const char *path, const char *other);

#endif
