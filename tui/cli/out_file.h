/*
 * Writes a command's output files: every `-o`, `run --capture` and the profile of `learn` (a copy
 * of the journal has further rules: rig/journal/journal_care.h).
 *
 * No output overwrites a file that the command reads, nor a journal, a profile, a bench file or a
 * firmware file, whatever its name (rig/journal/out_guard.h). Output is complete or absent: it is
 * written to a file without a name (or, if the file system does not support that, to a temporary
 * one in the same folder), synced, then moved into place. Ctrl-C before that leaves the old file as
 * it was. A device, a pipe and /dev/stdout are written to directly.
 */
#ifndef LONGPRESS_TUI_OUT_FILE_H
#define LONGPRESS_TUI_OUT_FILE_H

#include "rig/base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum { OUT_READS_MAX = 6 };

enum out_over {
    OUT_OVER_ORDINARY, /* a file that is none of ours is replaced */
    OUT_OVER_PROFILE,  /* a profile too, unless the command reads it */
    OUT_OVER_NOTHING,  /* a file that is there stays */
};

struct out_rules {
    enum out_over over;
    const char *reads[OUT_READS_MAX]; /* files that the command reads, or keeps runs in; NULL: none.
                                         Borrowed, as long as the file is open */
    const char *todo;                 /* of OUT_OVER_NOTHING: what else may be said */
};

struct out_file {
    FILE *stream;     /* to write to */
    const char *path; /* borrowed; NULL: standard output */
    char *name;       /* owned: the path without links; NULL: it is no plain file */
    char *temporary;  /* owned: the name it has so far; NULL: none */
    mode_t mode;
    struct out_rules rules;
};

/* Checks that a file may be written there. `path` NULL: standard output. 0, or -1 after an error.
 */
int out_file_check(const char *path, const struct out_rules *rules, struct diags *diags);
/* The same, and opens it. 0, or -1 after an error. */
int out_file_open(struct out_file *file, const char *path, const struct out_rules *rules,
                  struct diags *diags);
/* `good`: everything was written. 0, or -1 after an error, which leaves the file as it was. Errors
 * of standard output are reported when the program ends. */
int out_file_close(struct out_file *file, bool good, struct diags *diags);
/* Discards the output. Does nothing if the file is closed. */
void out_file_drop(struct out_file *file);

#endif
