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

void line_queue_open(struct line_queue *line_queue, int fd)
{
    char path[64];
    struct stat is;
    const char *term = getenv("TERM");

    *line_queue = (struct line_queue){.fd = fd};
    line_queue->terminal = isatty(fd) && !(term && strcmp(term, "dumb") == 0);
    /* A file accepts everything at once; reopened, it would start at the beginning. */
    if (fstat(fd, &is) != 0 || !(isatty(fd) || S_ISFIFO(is.st_mode))) {
        return;
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (again >= 0) {
        line_queue->fd = again;
        line_queue->is_private = true;
    }
}

static void append(struct line_queue *line_queue, const char *text)
{
    size_t length = strlen(text);
    if (line_queue->fd < 0) {
        return;
    }
    if (line_queue->length + length > line_queue->capacity) {
        line_queue->capacity = 2 * (line_queue->length + length) + LINE_BYTES_MAX;
        line_queue->text = xrealloc_array(line_queue->text, line_queue->capacity, 1);
    }
    memcpy(line_queue->text + line_queue->length, text, length);
    line_queue->length += length;
}

static void clear_foot(struct line_queue *line_queue)
{
    if (line_queue->footed) {
        append(line_queue, "\r\033[K");
        line_queue->footed = false;
    }
}

static void show_foot(struct line_queue *line_queue)
{
    if (line_queue->terminal && line_queue->foot[0]) {
        append(line_queue, line_queue->foot);
        line_queue->footed = true;
    }
    line_queue->stale = false;
}

void line_queue_line(struct line_queue *line_queue, const char *fmt, ...)
{
    char line[LINE_BYTES_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    clear_foot(line_queue);
    append(line_queue, line);
    append(line_queue, "\n");
    show_foot(line_queue);
    line_queue_pump(line_queue);
}

void line_queue_foot(struct line_queue *line_queue, const char *text)
{
    if (!line_queue->terminal || strcmp(line_queue->foot, text) == 0) {
        return;
    }
    snprintf(line_queue->foot, sizeof(line_queue->foot), "%s", text);
    line_queue->stale = true;
    line_queue_pump(line_queue);
}

void line_queue_entered(struct line_queue *line_queue)
{
    line_queue->footed = line_queue->stale = false;
    line_queue->foot[0] = '\0';
}

static void gone(struct line_queue *line_queue)
{
    if (line_queue->is_private) {
        close(line_queue->fd);
    }
    line_queue->fd = -1;
    line_queue->length = 0;
}

/* Once the lines are out; of a foot that never got out there is the next. */
static void renew_foot(struct line_queue *line_queue)
{
    if (line_queue->length == 0 && line_queue->stale) {
        clear_foot(line_queue);
        show_foot(line_queue);
    }
}

void line_queue_pump(struct line_queue *line_queue)
{
    for (renew_foot(line_queue); line_queue->fd >= 0 && line_queue->length > 0;
         renew_foot(line_queue)) {
        size_t piece = line_queue->length;
        if (!line_queue->is_private) {
            struct pollfd room = {.fd = line_queue->fd, .events = POLLOUT};
            if (poll(&room, 1, 0) <= 0) {
                return;
            }
            piece = piece < SMALL ? piece : SMALL;
        }
        ssize_t count = write(line_queue->fd, line_queue->text, piece);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (count < 0) {
            line_queue->lost = errno != EPIPE;
            gone(line_queue);
            return;
        }
        line_queue->length -= (size_t)count;
        memmove(line_queue->text, line_queue->text + count, line_queue->length);
    }
}

bool line_queue_waits(const struct line_queue *line_queue)
{
    return line_queue->fd >= 0 && line_queue->length > 0;
}

bool line_queue_close(struct line_queue *line_queue, int timeout_ms)
{
    clear_foot(line_queue);
    while (line_queue_waits(line_queue)) {
        struct pollfd room = {.fd = line_queue->fd, .events = POLLOUT};
        if (poll(&room, 1, timeout_ms) == 0) {
            break;
        }
        line_queue_pump(line_queue);
    }
    if (line_queue->is_private && line_queue->fd >= 0) {
        close(line_queue->fd);
    }
    free(line_queue->text);
    bool lost = line_queue->lost;
    *line_queue = (struct line_queue){.fd = -1};
    return !lost;
}
