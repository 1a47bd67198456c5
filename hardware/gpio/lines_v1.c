/* libgpiod 1.6: uAPI v1. Its queue of 16 events per line drops the newest ones silently. */
#include "hardware/gpio/lines_backend.h"

#if LONGPRESS_GPIOD_MAJOR == 1

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum {
    QUEUE_SIZE = 16, /* the kernel's, of each line */
    BIASES = BIAS_DOWN + 1,
};

const char *lines_library_version(void)
{
    return gpiod_version_string();
}

int lines_uapi(void)
{
    return 1;
}

int lines_backend_chip(const char *path, struct chip_facts *facts)
{
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) {
        return -1;
    }
    snprintf(facts->name, sizeof(facts->name), "%s", gpiod_chip_name(chip));
    snprintf(facts->label, sizeof(facts->label), "%s", gpiod_chip_label(chip));
    facts->line_count = gpiod_chip_num_lines(chip);
    gpiod_chip_close(chip);
    return 0;
}

int lines_backend_find(const char *path, const char *name, unsigned *offset)
{
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) {
        return -1;
    }
    struct gpiod_line *line = gpiod_chip_find_line(chip, name);
    int error = errno;
    if (line) {
        *offset = gpiod_line_offset(line);
    }
    gpiod_chip_close(chip);
    errno = error;
    return line ? 1 : error == ENOENT ? 0 : -1;
}

int lines_backend_line(const char *path, unsigned offset, struct line_facts *facts)
{
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) {
        return -1;
    }
    struct gpiod_line *line = gpiod_chip_get_line(chip, offset);
    int error = errno;
    if (line) {
        const char *name = gpiod_line_name(line);
        const char *consumer = gpiod_line_consumer(line);
        snprintf(facts->line_name, sizeof(facts->line_name), "%s", name ? name : "");
        snprintf(facts->consumer, sizeof(facts->consumer), "%s", consumer ? consumer : "");
        facts->in_use = gpiod_line_is_used(line);
    }
    gpiod_chip_close(chip);
    errno = error;
    return line ? 0 : -1;
}

static int flags_of(enum line_bias bias)
{
    switch (bias) {
    case BIAS_OFF:
        return GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case BIAS_UP:
        return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case BIAS_DOWN:
        return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
    default:
        return 0;
    }
}

/* ---- outputs -----------------------------------------------------------------------------------
 */

/* A request has one set of flags for all its lines: those of one bias are together, and polarity
 * is turned here. */
struct outputs_group {
    struct gpiod_line_bulk bulk;
    unsigned bits[LINES_MAX];
    int values[LINES_MAX]; /* as written last */
    size_t count;
};

struct backend_outputs {
    struct gpiod_chip *chip;
    uint32_t active_low;
    struct outputs_group groups[BIASES];
};

static int request_group(struct outputs_group *group, enum line_bias bias)
{
    struct gpiod_line_request_config config = {
        .consumer = LINES_CONSUMER,
        .request_type = GPIOD_LINE_REQUEST_DIRECTION_OUTPUT,
        .flags = flags_of(bias),
    };
    return group->count == 0 ? 0 : gpiod_line_request_bulk(&group->bulk, &config, group->values);
}

struct backend_outputs *lines_backend_outputs_open(const char *path, const struct wire *wires,
                                                   size_t count)
{
    struct backend_outputs *outputs = calloc(1, sizeof(*outputs));
    int error;

    assert(count <= LINES_MAX);
    if (!outputs) {
        return NULL;
    }
    outputs->chip = gpiod_chip_open(path);
    if (!outputs->chip) {
        goto fail;
    }
    for (int bias = 0; bias < BIASES; bias++) {
        gpiod_line_bulk_init(&outputs->groups[bias].bulk);
    }
    for (size_t i = 0; i < count; i++) {
        struct outputs_group *group = &outputs->groups[wires[i].bias];
        struct gpiod_line *line = gpiod_chip_get_line(outputs->chip, wires[i].offset);
        if (!line) {
            goto fail;
        }
        gpiod_line_bulk_add(&group->bulk, line);
        group->bits[group->count] = (unsigned)i;
        group->values[group->count++] = wires[i].active_low;
        outputs->active_low |= (uint32_t)wires[i].active_low << i;
    }
    for (int bias = 0; bias < BIASES; bias++) {
        if (request_group(&outputs->groups[bias], (enum line_bias)bias) != 0) {
            goto fail;
        }
    }
    return outputs;
fail:
    error = errno;
    lines_backend_outputs_close(outputs);
    errno = error;
    return NULL;
}

int lines_backend_outputs_set(struct backend_outputs *outputs, uint32_t mask, bool active)
{
    int error = 0;

    for (int bias = 0; bias < BIASES; bias++) {
        struct outputs_group *group = &outputs->groups[bias];
        bool touched = false;
        for (size_t i = 0; i < group->count; i++) {
            uint32_t bit = UINT32_C(1) << group->bits[i];
            if (mask & bit) {
                group->values[i] = active != ((outputs->active_low & bit) != 0);
                touched = true;
            }
        }
        if (touched && gpiod_line_set_value_bulk(&group->bulk, group->values) != 0) {
            error = errno;
        }
    }
    errno = error;
    return error ? -1 : 0;
}

int lines_backend_outputs_fd(const struct backend_outputs *outputs)
{
    (void)outputs;
    return -1;
}

void lines_backend_outputs_close(struct backend_outputs *outputs)
{
    if (outputs) {
        if (outputs->chip) {
            gpiod_chip_close(outputs->chip);
        }
        free(outputs);
    }
}

/* ---- inputs ------------------------------------------------------------------------------------
 */

struct backend_input {
    struct gpiod_chip *chip;
    struct gpiod_line *line;
    int fd;
    int last; /* level of the last event, -1: there was none */
};

/* Before Linux 5.7 events of uAPI v1 were stamped with the wall clock. */
static bool stamps_are_monotonic(void)
{
    struct utsname name;
    char *end;

    if (uname(&name) != 0) {
        return false;
    }
    long major = strtol(name.release, &end, 10);
    long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    return major > 5 || (major == 5 && minor >= 7);
}

struct backend_input *lines_backend_input_open(const char *path, const struct wire *wire)
{
    struct gpiod_line_request_config config = {
        .consumer = LINES_CONSUMER,
        .request_type = GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES,
        .flags =
            flags_of(wire->bias) | (wire->active_low ? (int)GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0),
    };
    if (!stamps_are_monotonic()) {
        errno = ENOTSUP;
        return NULL;
    }
    struct backend_input *input = calloc(1, sizeof(*input));
    if (!input) {
        return NULL;
    }
    input->last = -1;
    input->chip = gpiod_chip_open(path);
    input->line = input->chip ? gpiod_chip_get_line(input->chip, wire->offset) : NULL;
    if (!input->line || gpiod_line_request(input->line, &config, 0) != 0) {
        goto fail;
    }
    input->fd = gpiod_line_event_get_fd(input->line);
    if (input->fd < 0 || fcntl(input->fd, F_SETFL, O_NONBLOCK) != 0) {
        goto fail;
    }
    return input;
fail:;
    int error = errno;
    lines_backend_input_close(input);
    errno = error;
    return NULL;
}

int lines_backend_input_fd(const struct backend_input *input)
{
    return input->fd;
}

int lines_backend_input_read(struct backend_input *input, struct line_edge *edges, size_t max,
                             unsigned *lost)
{
    struct gpiod_line_event events[QUEUE_SIZE];
    size_t room = max < QUEUE_SIZE ? max : QUEUE_SIZE;
    int count = gpiod_line_event_read_fd_multiple(input->fd, events, (unsigned)room);

    if (count < 0) {
        return errno == EAGAIN ? 0 : -1;
    }
    if (count == QUEUE_SIZE) {
        /* The queue was full: how many edges were dropped is unknown. */
        ++*lost;
    }
    for (int i = 0; i < count; i++) {
        bool level = events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE;
        if (input->last == level) {
            ++*lost;
        }
        input->last = level;
        edges[i].level = level;
        edges[i].time_ns = (int64_t)events[i].ts.tv_sec * 1000000000 + events[i].ts.tv_nsec;
    }
    return count;
}

int lines_backend_input_level(struct backend_input *input)
{
    return gpiod_line_get_value(input->line);
}

void lines_backend_input_close(struct backend_input *input)
{
    if (input) {
        if (input->chip) {
            gpiod_chip_close(input->chip);
        }
        free(input);
    }
}

#endif
