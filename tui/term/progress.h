/*
 * Progress of a long job on standard error: on a terminal, one line that is updated, with the time
 * left; elsewhere, a plain line now and then. Jobs shorter than a second show nothing.
 */
#ifndef LONGPRESS_TUI_PROGRESS_H
#define LONGPRESS_TUI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *what; /* "reading runs" */
    size_t total;
    bool terminal;
    bool shown; /* there is a line to be cleared */
    int64_t began_ns;
    int64_t told_ns;
};

void progress_begin(struct progress *progress, const char *what, size_t total);
void progress_step(struct progress *progress, size_t done);
void progress_end(struct progress *progress);

/* "reading runs: 1200 of 5000, 12 s left". `out` takes `size` bytes. Returns `out`. */
char *progress_text(char *out, size_t size, const struct progress *progress, size_t done,
                    int64_t elapsed_ns);

#endif
