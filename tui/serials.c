#include "tui/serials.h"

#include "rig/arena.h"

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

/* The whole text, terminated; NULL after an error, which is told, or a signal. */
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

static uint32_t hash_of(const char *text)
{
    uint32_t hash = UINT32_C(2166136261);
    for (; *text; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT32_C(16777619);
    }
    return hash;
}

/* Where the serials stand, by what they are: index + 1, 0: nothing there. */
struct places_of {
    uint16_t slots[4 * BATCH_UNITS_MAX];
    int lines[BATCH_UNITS_MAX];
};

enum { SLOTS = 4 * BATCH_UNITS_MAX };

/* Its slot: where it is, or belongs. */
static uint16_t *slot_of(struct places_of *places, const struct serials *serials,
                         const char *serial)
{
    uint32_t at = hash_of(serial) % SLOTS;
    while (places->slots[at] && strcmp(serials->items[places->slots[at] - 1], serial) != 0) {
        at = (at + 1) % SLOTS;
    }
    return &places->slots[at];
}

static void take_line(struct serials *serials, struct places_of *places, struct diags *diags,
                      struct place place, const char *line)
{
    char serial[BATCH_SERIAL_MAX];
    line += strspn(line, " \t\r\v\f");
    if (line[0] == '\0' || line[0] == '#') {
        return;
    }
    if (!batch_serial(serial, line)) {
        diag_error(diags, place, "one serial number a line, UTF-8, at most 63 bytes",
                   "is no serial number");
        return;
    }
    uint16_t *slot = slot_of(places, serials, serial);
    if (*slot) {
        diag_warning(diags, place, NULL, "`%s` is in line %d already; it is run once", serial,
                     places->lines[*slot - 1]);
        return;
    }
    if (serials->count == BATCH_UNITS_MAX) {
        diag_error(diags, place, "make two batches of them",
                   "more than %d serial numbers are too many for one batch", BATCH_UNITS_MAX);
        return;
    }
    places->lines[serials->count] = place.line;
    memcpy(serials->items[serials->count++], serial, sizeof(serial));
    *slot = (uint16_t)serials->count;
}

static int take_text(struct serials *serials, struct diags *diags, const char *name, char *text,
                     size_t length)
{
    struct places_of *places = xcalloc(sizeof(*places));
    char *end = text + length;
    size_t errors = diags->errors;

    serials->items = xcalloc(BATCH_UNITS_MAX * sizeof(*serials->items));
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3; /* as spreadsheets begin a text */
    }
    for (int number = 1; text < end; number++) {
        char *newline = memchr(text, '\n', (size_t)(end - text));
        char *next = newline ? newline + 1 : end;
        struct place place = {.file = name, .line = number, .column = 1};
        if (newline) {
            *newline = '\0';
        }
        size_t size = (size_t)((newline ? newline : end) - text);
        if (memchr(text, '\0', size)) {
            diag_error(diags, place, "one serial number a line, UTF-8, at most 63 bytes",
                       "has a NUL byte in it");
        } else {
            take_line(serials, places, diags, place, text);
        }
        text = next;
    }
    free(places);
    if (diags->errors == errors && serials->count == 0) {
        diag_error(diags, place_of(name), "one serial number a line", "has no serial number in it");
    }
    return diags->errors == errors ? 0 : -1;
}

int serials_read(struct serials *serials, struct diags *diags, const char *path, int signal_fd,
                 bool *signalled)
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
    int result = text ? take_text(serials, diags, name, text, length) : -1;
    free(text);
    return result;
}

void serials_free(struct serials *serials)
{
    free(serials->items);
    serials->items = NULL;
    serials->count = 0;
}
