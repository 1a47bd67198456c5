#include "tui/term/line_queue.h"

#include "rig/base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* If poll reports room, there is room for this much (see term_wire.c). */
enum { SMALL = 64, LINE_BYTES_MAX = 2048 };

void outbox_open(struct outbox *outbox, int fd)
{
    char path[64];
    struct stat is;
    const char *term = getenv("TERM");

    *outbox = (struct outbox){.fd = fd};
    outbox->terminal = isatty(fd) && !(term && strcmp(term, "dumb") == 0);
    /* A file accepts everything at once; reopened, it would start at the beginning. */
    if (fstat(fd, &is) != 0 || !(isatty(fd) || S_ISFIFO(is.st_mode))) {
        return;
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (again >= 0) {
        outbox->fd = again;
        outbox->is_private = true;
    }
}

static void append(struct outbox *outbox, const char *text)
{
    size_t length = strlen(text);
    if (outbox->fd < 0) {
        return;
    }
    if (outbox->length + length > outbox->capacity) {
        outbox->capacity = 2 * (outbox->length + length) + LINE_BYTES_MAX;
        outbox->text = xrealloc_array(outbox->text, outbox->capacity, 1);
    }
    memcpy(outbox->text + outbox->length, text, length);
    outbox->length += length;
}

static void clear_foot(struct outbox *outbox)
{
    if (outbox->footed) {
        append(outbox, "\r\033[K");
        outbox->footed = false;
    }
}

static void show_foot(struct outbox *outbox)
{
    if (outbox->terminal && outbox->foot[0]) {
        append(outbox, outbox->foot);
        outbox->footed = true;
    }
    outbox->stale = false;
}

void outbox_line(struct outbox *outbox, const char *fmt, ...)
{
    char line[LINE_BYTES_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    clear_foot(outbox);
    append(outbox, line);
    append(outbox, "\n");
    show_foot(outbox);
    outbox_pump(outbox);
}

void outbox_foot(struct outbox *outbox, const char *text)
{
    if (!outbox->terminal || strcmp(outbox->foot, text) == 0) {
        return;
    }
    snprintf(outbox->foot, sizeof(outbox->foot), "%s", text);
    outbox->stale = true;
    outbox_pump(outbox);
}

void outbox_entered(struct outbox *outbox)
{
    outbox->footed = outbox->stale = false;
    outbox->foot[0] = '\0';
}

static void gone(struct outbox *outbox)
{
    if (outbox->is_private) {
        close(outbox->fd);
    }
    outbox->fd = -1;
    outbox->length = 0;
}

/* Once the lines are out; of a foot that never got out there is the next. */
static void renew_foot(struct outbox *outbox)
{
    if (outbox->length == 0 && outbox->stale) {
        clear_foot(outbox);
        show_foot(outbox);
    }
}

void outbox_pump(struct outbox *outbox)
{
    for (renew_foot(outbox); outbox->fd >= 0 && outbox->length > 0; renew_foot(outbox)) {
        size_t piece = outbox->length;
        if (!outbox->is_private) {
            struct pollfd room = {.fd = outbox->fd, .events = POLLOUT};
            if (poll(&room, 1, 0) <= 0) {
                return;
            }
            piece = piece < SMALL ? piece : SMALL;
        }
        ssize_t count = write(outbox->fd, outbox->text, piece);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (count < 0) {
            outbox->lost = errno != EPIPE;
            gone(outbox);
            return;
        }
        outbox->length -= (size_t)count;
        memmove(outbox->text, outbox->text + count, outbox->length);
    }
}

bool outbox_waits(const struct outbox *outbox)
{
    return outbox->fd >= 0 && outbox->length > 0;
}

bool outbox_close(struct outbox *outbox, int timeout_ms)
{
    clear_foot(outbox);
    while (outbox_waits(outbox)) {
        struct pollfd room = {.fd = outbox->fd, .events = POLLOUT};
        if (poll(&room, 1, timeout_ms) == 0) {
            break;
        }
        outbox_pump(outbox);
    }
    if (outbox->is_private && outbox->fd >= 0) {
        close(outbox->fd);
    }
    free(outbox->text);
    bool lost = outbox->lost;
    *outbox = (struct outbox){.fd = -1};
    return !lost;
}
