/*
 * The wire to the terminal: reading and writing that never wait.
 *
 * The descriptors the program was given are shared with others (the shell, a pipeline), and so
 * would be O_NONBLOCK on them. So the terminal is opened once more, for this program alone. Where
 * that is refused (after `su`, the device belongs to somebody else), the shared ones are used with
 * great care: poll first, then so little that the kernel has room for it.
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

/* 0, or -1 with errno; then nothing is open. The descriptors stay their owner's. */
int term_wire_open(struct wire *wire, int in_fd, int out_fd);
void term_wire_close(struct wire *wire);
bool term_wire_gone(const struct wire *wire);

/* Bytes read or written, 0: none now. A terminal that has gone closes the wire. */
size_t term_wire_read(struct wire *wire, void *buffer, size_t size);
size_t term_wire_write(struct wire *wire, const void *bytes, size_t length);
/* Wait until it takes bytes, `ms` at most. */
bool term_wire_wait(const struct wire *wire, int ms);

#endif
