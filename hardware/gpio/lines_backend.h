/*
 * What hardware/gpio/lines.c needs from libgpiod and the two major versions do differently: one
 * chip, one line. Implemented by hardware/gpio/lines_v1.c and hardware/gpio/lines_v2.c; the
 * Makefile's LONGPRESS_GPIOD_MAJOR chooses. Errors are errno values, which hardware/gpio/lines.c
 * explains.
 */
#ifndef LONGPRESS_HARDWARE_LINES_BACKEND_H
#define LONGPRESS_HARDWARE_LINES_BACKEND_H

#include "hardware/gpio/lines.h"

/* How a line of a chip is requested. */
struct wire {
    unsigned offset;
    bool active_low;
    enum line_bias bias;
};

#define LINES_CONSUMER "longpress"

/* Fills name, label and line_count. 0, or -1 with errno. */
int lines_backend_chip(const char *path, struct chip_facts *facts);
/* 1 and *offset when the chip has a line of that name, 0 when it has none, -1 with errno. */
int lines_backend_find(const char *path, const char *name, unsigned *offset);
/* Fills line_name, in_use and consumer. 0, or -1 with errno (EINVAL: no such line). */
int lines_backend_line(const char *path, unsigned offset, struct line_facts *facts);

/* Output lines of one chip, all inactive. */
struct backend_outputs;
struct backend_outputs *lines_backend_outputs_open(const char *path, const struct wire *wires,
                                                   size_t count);
/* Lines of `mask` active or inactive, with one system call. */
int lines_backend_outputs_set(struct backend_outputs *outputs, uint32_t mask, bool active);
/* A descriptor that polls POLLERR or POLLHUP when the chip is removed; -1: there is none. */
int lines_backend_outputs_fd(const struct backend_outputs *outputs);
void lines_backend_outputs_close(struct backend_outputs *outputs);

/* One input line with events of both edges; it has a queue in the kernel to itself. */
struct backend_input;
struct backend_input *lines_backend_input_open(const char *path, const struct wire *wire);
int lines_backend_input_fd(const struct backend_input *input);
/* Never blocks. How many edges (0: none), -1 with errno. `input` of the edges is left alone; what
 * is known to be missing is added to *lost. */
int lines_backend_input_read(struct backend_input *input, struct line_edge *edges, size_t max,
                             unsigned *lost);
int lines_backend_input_level(struct backend_input *input);
void lines_backend_input_close(struct backend_input *input);

#endif
