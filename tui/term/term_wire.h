/*
 * The connection to the terminal: non-blocking reading and writing.
 *
 * The program's descriptors are shared with others (the shell, a pipeline), which O_NONBLOCK would
 * affect. So the terminal is opened once more, for this program alone. If that is refused (after
 * `su`, the device belongs to another user), the shared descriptors are used with care: poll first,
 * then write only as much as the kernel surely has room for.
 */
#ifndef LONGPRESS_TUI_TERM_WIRE_H
#define LONGPRESS_TUI_TERM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct wire {
    int in_fd; /* ours to close; -1 once the terminal has gone */
    int out_fd;
    bool in_private; /* O_NONBLOCK, on a description of our own */
    bool out_private;
};

/* 0, or -1 with errno and nothing open. The descriptors stay with their owner. */
int term_wire_open(struct wire *wire, int in_fd, int out_fd);
void term_wire_close(struct wire *wire);
bool term_wire_gone(const struct wire *wire);

/* Bytes read or written; 0: none now. Closes the wire if the terminal is gone. */
size_t term_wire_read(struct wire *wire, void *buffer, size_t size);
size_t term_wire_write(struct wire *wire, const void *bytes, size_t length);
/* Wait until it accepts bytes, for at most `ms`. */
bool term_wire_wait(const struct wire *wire, int ms);

#endif
