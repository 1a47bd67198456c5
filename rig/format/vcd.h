/*
 * Value change dumps (IEEE 1364), as PulseView, sigrok, Saleae's Logic and GTKWave write and read
 * them: reads captures of logic analysers, writes captures of our own runs. One-bit signals only;
 * wider and `real` ones are skipped.
 *
 * Captures are untrusted: one is refused if it contains a NUL, has no $timescale or no
 * $enddefinitions, its times go backwards or exceed VCD_TIME_MAX_NS, or it has none of the expected
 * signals. A last line without a newline is a line.
 */
#ifndef LONGPRESS_RIG_VCD_H
#define LONGPRESS_RIG_VCD_H

#include "rig/base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    VCD_SIGNALS_MAX = 256,
    VCD_NAME_MAX = 64,
    VCD_HEADER_MAX = 128,
};

/* 100 days: a thousand times that still does not overflow. */
#define VCD_TIME_MAX_NS (INT64_C(100) * 24 * 3600 * 1000000000)

/*
 * Read a capture in one pass and constant memory. `select` is called once for each one-bit signal,
 * with its name without scope and bit range, and returns the index (below VCD_SIGNALS_MAX) for its
 * changes, or -1 to skip it. Two signals with one index are an error, unless they are two names of
 * the same signal; so is a capture with no selected signal: `wanted` is then what to do about it.
 *
 * `change` is called in order of time: first once for each selected index with its value at the
 * beginning (x, z and missing values count as 0), then at each change. Times are ns, whatever
 * $timescale says (any number of fs to s; below a ns they are rounded down). `header`, if not NULL,
 * is called with the text of $version and of each $comment before the first change, up to
 * VCD_HEADER_MAX bytes. Returns 0, or -1 after an error (FILE:LINE:COLUMN); changes may have been
 * reported before it. *start_ns and *end_ns are the first and last time stamp.
 */
struct vcd_reader {
    void *context;
    const char *wanted;
    int (*select)(void *context, const char *name);
    void (*change)(void *context, int index, int64_t time_ns, bool level);
    void (*header)(void *context, const char *text);
};

int vcd_read(struct diags *diags, const char *path, const struct vcd_reader *reader,
             int64_t *start_ns, int64_t *end_ns);
int vcd_read_stream(struct diags *diags, const char *name, FILE *in,
                    const struct vcd_reader *reader, int64_t *start_ns, int64_t *end_ns);

/* Write a capture: header, then the changes in order of time (equal to the value before: not
 * written). Names are made safe (letters, digits, _). `wall_ns` is the wall clock at time 0.
 * `unit_ns` is the capture's unit of time, a power of ten up to VCD_UNIT_MAX_NS; finer times are
 * truncated. Levels are logical (1 is lit, pressed, active), and the header says so. Allocates
 * nothing. vcd_write_end returns 0, or -1 with errno after an error. */
#define VCD_UNIT_MAX_NS INT64_C(100000)
/* Header of our own captures, in $version and in a $comment. */
#define VCD_VERSION_OURS   "longpress"
#define VCD_LEVELS_LOGICAL "levels are logical: 1 is lit, pressed, active"

struct vcd_writer {
    FILE *out;
    int64_t unit_ns;
    int64_t last; /* time stamp, in units */
    size_t count;
    int8_t levels[VCD_SIGNALS_MAX];
};

void vcd_write_begin(struct vcd_writer *writer, FILE *out, const char *const *names, size_t count,
                     int64_t wall_ns, int64_t unit_ns);
void vcd_write_change(struct vcd_writer *writer, int64_t time_ns, size_t signal, bool level);
int vcd_write_end(struct vcd_writer *writer, int64_t time_ns);

#endif
