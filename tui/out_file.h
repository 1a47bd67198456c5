/*
 * A file that is written whole or not at all: without a name at first (where the file system knows
 * no such thing, under another name beside it), then put in its place. Ctrl-C in between leaves the
 * file as it was before.
 */
#ifndef LONGPRESS_TUI_OUT_FILE_H
#define LONGPRESS_TUI_OUT_FILE_H

#include "rig/diag.h"

#include <stdbool.h>
#include <stdio.h>

struct out_file {
    FILE *stream;     /* to write to */
    const char *path; /* borrowed; NULL: standard output */
    char *temporary;  /* owned: the name it has just before its own; NULL: it is no plain file */
    bool nameless;    /* it has not even that so far */
};

/* `path` NULL: standard output. 0, or -1 after an error. */
int out_file_open(struct out_file *file, const char *path, struct diags *diags);
/* `good`: all was written. 0, or -1 after an error, and then the file is as it was before. What did
 * not reach standard output is told where the program ends. */
int out_file_close(struct out_file *file, bool good, struct diags *diags);

#endif
