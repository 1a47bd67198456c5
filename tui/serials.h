/*
 * Serial numbers from a file, one a line. Empty lines and lines that begin with `#` do not count.
 */
#ifndef LONGPRESS_TUI_SERIALS_H
#define LONGPRESS_TUI_SERIALS_H

#include "rig/batch.h"
#include "rig/diag.h"

#include <stddef.h>

struct serials {
    char (*items)[BATCH_SERIAL_MAX]; /* owned; each once, in the file's order */
    size_t count;
};

/* `path`: `-` is standard input. 0, or -1 after an error: every line that is no serial number is
 * one, and a file without any. A number that is there twice is told, and taken once. While standard
 * input is waited for, a signal that arrives at `signal_fd` ends that: *signalled says so, and
 * nothing else is told. */
int serials_read(struct serials *serials, struct diags *diags, const char *path, int signal_fd,
                 bool *signalled);
void serials_free(struct serials *serials);

#endif
