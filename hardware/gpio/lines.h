/*
 * GPIO lines through libgpiod 2 (uAPI v2) or 1.6 (uAPI v1), chosen at build time
 * (hardware/gpio/lines_v2.c, hardware/gpio/lines_v1.c). The differences between the two end here.
 *
 * The consumer name is `longpress`. Levels are logical: 1 is active, whatever the polarity. Errors
 * name the chip and the line, and the owner of a line that is in use.
 */
#ifndef LONGPRESS_HARDWARE_LINES_H
#define LONGPRESS_HARDWARE_LINES_H

#include "rig/base/diag.h"
#include "rig/bench/bench.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINES_MAX = 32 };

/* A set of output lines of one chip, or of several (then one request each: `lines_set` writes the
 * chips one after the other). */
struct output_lines;

/* All are inactive from the moment they are requested. `refs` has `count` entries; the index into
 * it is the line's bit in every mask. NULL after errors. */
struct output_lines *lines_output_open(struct diags *diags, const struct line_ref *const *refs,
                                       size_t count);
/* Make the lines of `mask` active (or inactive): one request for each chip. 0 or -1 with errno. */
int lines_output_set(struct output_lines *lines, uint32_t mask, bool active);
/* Descriptors that poll POLLERR or POLLHUP when a chip goes (libgpiod 2; with 1.6 only a write
 * tells). `fds` takes LINES_MAX. Returns how many. */
size_t lines_output_fds(const struct output_lines *lines, int *fds);
void lines_output_close(struct output_lines *lines); /* makes all inactive first */

struct line_edge {
    unsigned input; /* index into `refs` */
    bool level;
    int64_t time_ns; /* CLOCK_MONOTONIC, by the kernel */
};

/* Input lines with both-edge events. No debounce by the kernel. Each line has a request, and so a
 * queue in the kernel, to itself: a flood on one takes no room from the others. */
struct input_lines;

struct input_lines *lines_input_open(struct diags *diags, const struct line_ref *const *refs,
                                     size_t count);
/* File descriptors to poll for POLLIN; `fds` takes LINES_MAX. Returns how many. */
size_t lines_input_fds(const struct input_lines *lines, int *fds);
/*
 * What has come in, in order of time, of all chips together; at most `max` edges. Never blocks.
 * Returns how many, -1 with errno when lines are gone (ENODEV: chip unbound; `lines_input_gone`
 * then names one). Into `lost` (one for each ref) is added how many events are known to be
 * missing: by sequence numbers (v2), by a queue found full (v1), and by two edges of one kind in
 * a row; at least that many.
 */
int lines_input_read(struct input_lines *lines, struct line_edge *edges, size_t max,
                     unsigned *lost);
/* Edges are held back until no earlier one can come: are there any? Then read again soon. */
bool lines_input_pending(const struct input_lines *lines);
/* "gpiochip0:17 (led_r)": the line that can no longer be read, or NULL. */
const char *lines_input_gone(const struct input_lines *lines);
int lines_input_level(struct input_lines *lines, unsigned input); /* 0, 1, -1 with errno */
void lines_input_close(struct input_lines *lines);

/* Facts about a line without requesting it: for doctor. */
struct line_facts {
    bool found;
    bool in_use;
    bool permitted; /* the chip could be opened */
    char chip[64];  /* gpiochip0; when not found, as the bench file has it */
    char chip_path[64];
    char chip_label[64];
    char line_name[64];
    char consumer[64];
    unsigned offset;
    char problem[200]; /* why not found, not permitted or not free; "": it is available */
    char todo[360];
};
void lines_read_facts(const struct line_ref *ref, struct line_facts *facts);
/* "gpiochip0:17 (power)". Returns `out`. */
char *lines_where(char *out, size_t size, const struct line_facts *facts);

struct chip_facts {
    char path[64];  /* /dev/gpiochip0 */
    char name[64];  /* gpiochip0 */
    char label[64]; /* pinctrl-rp1 */
    unsigned line_count;
    bool permitted; /* else only path and name are known */
};
enum { CHIPS_MAX = 64 };
/* The chips of this machine, in order of number. Returns how many. */
size_t lines_list_chips(struct chip_facts chips[CHIPS_MAX]);

/* Why a device file cannot be opened, and what to do about it: names the group it belongs to.
 * Writes both texts. */
void lines_permission(const char *path, char *what, size_t what_size, char *todo, size_t todo_size);

/* "2.2.1", "1.6.3". */
const char *lines_library_version(void);
int lines_uapi(void); /* 1 or 2 */

#endif
