/*
 * The one door for what a command writes into a file of the user's: every `-o`, `run --capture` and
 * the profile of `learn` (a copy of the journal has its own rules on top:
 * rig/journal/journal_care.h).
 *
 * Nothing is written over a file that the command reads, nor over a journal, a profile, a bench
 * file or a firmware file, whatever it is called (rig/journal/out_guard.h). What is written is
 * there whole or not at all: without a name at first (where the file system knows no such thing,
 * under another name beside it), synced, then put in its place. Ctrl-C in between leaves the file
 * as it was before. A device, a pipe and standard output under a name (/dev/stdout) are written to
 * as they are.
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

/* May a file be written there? `path` NULL: standard output. 0, or -1 after an error. */
int out_file_check(const char *path, const struct out_rules *rules, struct diags *diags);
/* The same, and open it. 0, or -1 after an error. */
int out_file_open(struct out_file *file, const char *path, const struct out_rules *rules,
                  struct diags *diags);
/* `good`: all was written. 0, or -1 after an error, and then the file is as it was before. What did
 * not reach standard output is told where the program ends. */
int out_file_close(struct out_file *file, bool good, struct diags *diags);
/* Nothing is to be written after all. A file that was closed is fine. */
void out_file_drop(struct out_file *file);

#endif
