/*
 * Value change dumps (IEEE 1364), as PulseView, sigrok, Saleae's Logic and GTKWave write and read
 * them: captures of logic analysers in, captures of our own runs out. One-bit signals only; wider
 * ones and `real` ones are passed over.
 *
 * Captures come from outside: one that holds a NUL, has no $timescale or no $enddefinitions, whose
 * times go back or pass VCD_TIME_MAX_NS, or that holds none of the signals looked for is refused.
 * A last line without a newline is a line.
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

/* 100 days: a thousand times that does not overflow, for those who reckon with it. */
#define VCD_TIME_MAX_NS (INT64_C(100) * 24 * 3600 * 1000000000)

/*
 * Read a capture in one pass and constant memory. `select` is called once a one-bit signal, with
 * its name without scope and bit range, and gives the index (below VCD_SIGNALS_MAX) under which
 * its changes are wanted, or -1. Two signals for one index are an error, unless they are two names
 * of one; so is a capture of which nothing was selected: `wanted` is then what to do about it.
 *
 * `change` is called in order of time: first once for each selected index with its value at the
 * beginning (x and z count as 0, as does what is not told), then at each change. Times are ns,
 * whatever $timescale says (any number of fs to s; below a ns they are rounded down). `header`, if
 * not NULL, is called with what stands in $version and in each $comment ahead of the first change,
 * as far as VCD_HEADER_MAX goes. Returns 0, or -1 after an error (FILE:LINE:COLUMN), before which
 * there may have been changes. *start_ns and *end_ns are the first and last time stamp.
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
 * `unit_ns` is the capture's unit of time, a power of ten up to VCD_UNIT_MAX_NS; what is finer is
 * cut off. Levels are logical (1 is lit, pressed, active), and the header says so.
 * Nothing is allocated. Errors show in vcd_write_end: 0, or -1 with errno. */
#define VCD_UNIT_MAX_NS INT64_C(100000)
/* What the header of our own captures says, in $version and in a $comment. */
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
