#include "tui/cli/serials.h"

#include "rig/base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FILE_BYTES_MAX = 16 * 1024 * 1024,
};

/* The whole text, terminated; NULL after an error, which is reported, or a signal. */
static char *read_all(int fd, struct diags *diags, const char *name, int signal_fd, size_t *length,
                      bool *signalled)
{
    char *text = NULL;
    size_t capacity = 0;
    *length = 0;
    for (;;) {
        struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = signal_fd, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0) {
            continue;
        }
        if (fds[1].revents) {
            *signalled = true;
            free(text);
            return NULL;
        }
        if (*length + BUFSIZ > capacity) {
            capacity = 2 * (*length + BUFSIZ);
            text = xrealloc_array(text, capacity, 1);
        }
        ssize_t count = read(fd, text + *length, capacity - *length - 1);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 || *length > FILE_BYTES_MAX) {
            diag_error(diags, place_of(name), "give --serials a file of serial numbers",
                       count < 0 ? "cannot be read: %s" : "is too long", strerror(errno));
            free(text);
            return NULL;
        }
        *length += (size_t)count;
        if (count == 0) {
            text[*length] = '\0';
            return text;
        }
    }
}

int serials_read(struct serials *serials, struct diags *diags, const char *path,
                 const struct serials_rules *rules, int signal_fd, bool *signalled)
{
    bool is_stdin = strcmp(path, "-") == 0;
    const char *name = is_stdin ? "standard input" : path;
    size_t length;

    *serials = (struct serials){.items = NULL};
    *signalled = false;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return diag_error(diags, place_of(name), "give --serials a file, or `-`",
                          "cannot be read: %s", strerror(errno));
    }
    char *text = read_all(fd, diags, name, signal_fd, &length, signalled);
    if (!is_stdin) {
        close(fd);
    }
    int result = text ? serials_parse(serials, diags, name, text, length, rules) : -1;
    free(text);
    return result;
}
