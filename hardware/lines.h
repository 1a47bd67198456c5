/*
 * GPIO lines, through libgpiod 2 (uAPI v2) or 1.6 (uAPI v1), chosen when built
 * (hardware/lines_v2.c, hardware/lines_v1.c). What differs between the two ends here.
 *
 * Consumer name is `longpress`. Levels here are logical: 1 is active, whatever the polarity.
 * Errors name chip and line, and who uses it when it is taken.
 */
#ifndef LONGPRESS_HARDWARE_LINES_H
#define LONGPRESS_HARDWARE_LINES_H

#include "rig/bench.h"
#include "rig/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINES_MAX = 32 };

/* A set of output lines of one chip, or of several (then one request each: `lines_set` writes the
 * chips one after the other). */
struct output_lines;

/* All are inactive from the moment they are ours. `refs` has `count` entries; the index into it is
 * the line's bit in every mask. NULL after errors. */
struct output_lines *output_lines_open(struct diags *diags, const struct line_ref *const *refs,
                                       size_t count);
/* Make the lines of `mask` active (or inactive): one request for each chip. 0 or -1 with errno. */
int output_lines_set(struct output_lines *lines, uint32_t mask, bool active);
void output_lines_close(struct output_lines *lines); /* makes all inactive first */

struct line_edge {
    unsigned input; /* index into `refs` */
    bool level;
    int64_t time_ns; /* CLOCK_MONOTONIC, by the kernel */
};

/* Input lines with both-edge events. No debounce by the kernel. */
struct input_lines;

struct input_lines *input_lines_open(struct diags *diags, const struct line_ref *const *refs,
                                     size_t count);
/* File descriptors to poll for POLLIN; `fds` takes LINES_MAX. Returns how many. */
size_t input_lines_fds(const struct input_lines *lines, int *fds);
/*
 * What has come in, in order of time within a chip; at most `max` edges. Never blocks. Returns how
 * many, -1 with errno when the lines are gone (ENODEV: chip unbound). Into `lost` (one for each
 * ref) is added how many events are known to be missing: by sequence numbers (v2), by two edges of
 * one kind in a row (v1; then at least that many).
 */
int input_lines_read(struct input_lines *lines, struct line_edge *edges, size_t max,
                     unsigned *lost);
int input_lines_level(struct input_lines *lines, unsigned input); /* 0, 1, -1 with errno */
void input_lines_close(struct input_lines *lines);

/* What is known of a line without taking it: for doctor. */
struct line_facts {
    bool found;
    bool in_use;
    bool permitted; /* the chip could be opened */
    char chip[64];
    char chip_label[64];
    char line_name[64];
    char consumer[64];
    unsigned offset;
    char problem[160]; /* why not found or not permitted */
};
void line_facts_read(const struct line_ref *ref, struct line_facts *facts);

/* "2.2.1", "1.6.3". */
const char *lines_library_version(void);
int lines_uapi(void); /* 1 or 2 */

#endif
