#include "tui/term/term_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pty's buffer grows by 256 bytes, a serial line's POLLOUT comes with thousands free: when poll
 * says that there is room, there is room for this. */
enum { SMALL = 64 };

/* Another description of the terminal `fd`. -1: refused. */
static int open_again(int fd, int flags)
{
    char path[64];
    struct stat mine;
    struct stat opened;

    flags |= O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int again = open(path, flags);
    /* Without /proc by its name. Not after a hangup: somebody else's terminal may have the name by
     * then. */
    if (again < 0 && errno == ENOENT && ttyname_r(fd, path, sizeof(path)) == 0) {
        again = open(path, flags);
    }
    if (again >= 0 &&
        (fstat(fd, &mine) || fstat(again, &opened) || mine.st_rdev != opened.st_rdev)) {
        close(again);
        return -1;
    }
    return again;
}

static int get(int fd, int flags, bool *is_private)
{
    int again = open_again(fd, flags);
    *is_private = again >= 0;
    return again >= 0 ? again : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

int term_wire_open(struct wire *wire, int in_fd, int out_fd)
{
    wire->in_fd = get(in_fd, O_RDONLY, &wire->in_private);
    wire->out_fd = get(out_fd, O_WRONLY, &wire->out_private);
    if (wire->in_fd < 0 || wire->out_fd < 0) {
        int error = errno;
        term_wire_close(wire);
        errno = error;
        return -1;
    }
    return 0;
}

void term_wire_close(struct wire *wire)
{
    if (wire->in_fd >= 0) {
        close(wire->in_fd);
    }
    if (wire->out_fd >= 0) {
        close(wire->out_fd);
    }
    wire->in_fd = -1;
    wire->out_fd = -1;
}

bool term_wire_gone(const struct wire *wire)
{
    return wire->in_fd < 0;
}

static bool ready(int fd, short events, int ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = events};
    return poll(&poll_fd, 1, ms) > 0;
}

/* The result of a read or write. */
static size_t outcome(struct wire *wire, ssize_t count)
{
    if (count >= 0) {
        return (size_t)count;
    }
    if (errno != EAGAIN && errno != EINTR) {
        term_wire_close(wire);
    }
    return 0;
}

size_t term_wire_read(struct wire *wire, void *buffer, size_t size)
{
    if (term_wire_gone(wire) || size == 0 ||
        (!wire->in_private && !ready(wire->in_fd, POLLIN, 0))) {
        return 0;
    }
    ssize_t count = read(wire->in_fd, buffer, size);
    if (count == 0) { /* a terminal in this mode has no end but its own */
        term_wire_close(wire);
    }
    return outcome(wire, count);
}

size_t term_wire_write(struct wire *wire, const void *bytes, size_t length)
{
    size_t done = 0;

    while (done < length && !term_wire_gone(wire)) {
        size_t piece = length - done;
        if (!wire->out_private) {
            if (!ready(wire->out_fd, POLLOUT, 0)) {
                break;
            }
            piece = piece < SMALL ? piece : SMALL;
        }
        size_t count = outcome(wire, write(wire->out_fd, (const char *)bytes + done, piece));
        if (count == 0) {
            break;
        }
        done += count;
    }
    return done;
}

bool term_wire_wait(const struct wire *wire, int ms)
{
    return ready(wire->out_fd, POLLOUT, ms);
}
