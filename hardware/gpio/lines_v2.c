/* libgpiod 2: uAPI v2, with sequence numbers and queues of configurable size. */
#include "hardware/gpio/lines_backend.h"

#if LONGPRESS_GPIOD_MAJOR >= 2

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel's own limit (16 x GPIO_V2_LINES_MAX), and libgpiod's for its buffer. */
enum { QUEUE_SIZE = 1024 };

const char *lines_library_version(void)
{
    return gpiod_api_version();
}

int lines_uapi(void)
{
    return 2;
}

int lines_backend_chip(const char *path, struct chip_facts *facts)
{
    struct gpiod_chip *chip = gpiod_chip_open(path);
    struct gpiod_chip_info *info = chip ? gpiod_chip_get_info(chip) : NULL;
    int error = errno;

    if (info) {
        snprintf(facts->name, sizeof(facts->name), "%s", gpiod_chip_info_get_name(info));
        snprintf(facts->label, sizeof(facts->label), "%s", gpiod_chip_info_get_label(info));
        facts->line_count = (unsigned)gpiod_chip_info_get_num_lines(info);
        gpiod_chip_info_free(info);
    }
    if (chip) {
        gpiod_chip_close(chip);
    }
    errno = error;
    return info ? 0 : -1;
}

int lines_backend_find(const char *path, const char *name, unsigned *offset)
{
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) {
        return -1;
    }
    int found = gpiod_chip_get_line_offset_from_name(chip, name);
    int error = errno;
    gpiod_chip_close(chip);
    if (found >= 0) {
        *offset = (unsigned)found;
        return 1;
    }
    errno = error;
    return error == ENOENT ? 0 : -1;
}

int lines_backend_line(const char *path, unsigned offset, struct line_facts *facts)
{
    struct gpiod_chip *chip = gpiod_chip_open(path);
    struct gpiod_line_info *info = chip ? gpiod_chip_get_line_info(chip, offset) : NULL;
    int error = errno;

    if (info) {
        const char *name = gpiod_line_info_get_name(info);
        const char *consumer = gpiod_line_info_get_consumer(info);
        snprintf(facts->line_name, sizeof(facts->line_name), "%s", name ? name : "");
        snprintf(facts->consumer, sizeof(facts->consumer), "%s", consumer ? consumer : "");
        facts->in_use = gpiod_line_info_is_used(info);
        gpiod_line_info_free(info);
    }
    if (chip) {
        gpiod_chip_close(chip);
    }
    errno = error;
    return info ? 0 : -1;
}

static enum gpiod_line_bias bias_of(enum line_bias bias)
{
    switch (bias) {
    case BIAS_OFF:
        return GPIOD_LINE_BIAS_DISABLED;
    case BIAS_UP:
        return GPIOD_LINE_BIAS_PULL_UP;
    case BIAS_DOWN:
        return GPIOD_LINE_BIAS_PULL_DOWN;
    default:
        return GPIOD_LINE_BIAS_AS_IS;
    }
}

static int add_wire(struct gpiod_line_config *config, struct gpiod_line_settings *settings,
                    const struct wire *wire)
{
    gpiod_line_settings_set_active_low(settings, wire->active_low);
    gpiod_line_settings_set_bias(settings, bias_of(wire->bias));
    return gpiod_line_config_add_line_settings(config, &wire->offset, 1, settings);
}

/* `settings` is what the wires have in common. */
static struct gpiod_line_request *request(const char *path, struct gpiod_line_settings *settings,
                                          const struct wire *wires, size_t count)
{
    struct gpiod_line_request *made = NULL;
    struct gpiod_chip *chip = gpiod_chip_open(path);
    struct gpiod_line_config *config = gpiod_line_config_new();
    struct gpiod_request_config *how = gpiod_request_config_new();
    bool good = chip && config && how;

    for (size_t i = 0; i < count && good; i++) {
        good = add_wire(config, settings, &wires[i]) == 0;
    }
    if (good) {
        gpiod_request_config_set_consumer(how, LINES_CONSUMER);
        gpiod_request_config_set_event_buffer_size(how, QUEUE_SIZE);
        made = gpiod_chip_request_lines(chip, how, config);
    }
    int error = errno;
    gpiod_request_config_free(how);
    gpiod_line_config_free(config);
    if (chip) {
        gpiod_chip_close(chip);
    }
    errno = error;
    return made;
}

/* ---- outputs -----------------------------------------------------------------------------------
 */

struct backend_outputs {
    struct gpiod_line_request *request;
    unsigned offsets[LINES_MAX];
    size_t count;
};

struct backend_outputs *lines_backend_outputs_open(const char *path, const struct wire *wires,
                                                   size_t count)
{
    struct backend_outputs *outputs = calloc(1, sizeof(*outputs));
    struct gpiod_line_settings *settings = gpiod_line_settings_new();

    assert(count <= LINES_MAX);
    if (outputs && settings) {
        gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
        gpiod_line_settings_set_output_value(settings, GPIOD_LINE_VALUE_INACTIVE);
        outputs->request = request(path, settings, wires, count);
        outputs->count = count;
        for (size_t i = 0; i < count; i++) {
            outputs->offsets[i] = wires[i].offset;
        }
    }
    int error = errno;
    gpiod_line_settings_free(settings);
    if (outputs && !outputs->request) {
        free(outputs);
        outputs = NULL;
    }
    errno = error;
    return outputs;
}

int lines_backend_outputs_set(struct backend_outputs *outputs, uint32_t mask, bool active)
{
    unsigned offsets[LINES_MAX];
    enum gpiod_line_value values[LINES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < outputs->count; i++) {
        if (mask & UINT32_C(1) << i) {
            offsets[count] = outputs->offsets[i];
            values[count++] = active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
        }
    }
    return count == 0
               ? 0
               : gpiod_line_request_set_values_subset(outputs->request, count, offsets, values);
}

int lines_backend_outputs_fd(const struct backend_outputs *outputs)
{
    return gpiod_line_request_get_fd(outputs->request);
}

void lines_backend_outputs_close(struct backend_outputs *outputs)
{
    if (outputs) {
        gpiod_line_request_release(outputs->request);
        free(outputs);
    }
}

/* ---- inputs ------------------------------------------------------------------------------------
 */

struct backend_input {
    struct gpiod_line_request *request;
    struct gpiod_edge_event_buffer *buffer;
    unsigned offset;
    unsigned long seqno; /* of the last event */
    int last;            /* its level, -1: there was none */
};

struct backend_input *lines_backend_input_open(const char *path, const struct wire *wire)
{
    struct backend_input *input = calloc(1, sizeof(*input));
    struct gpiod_line_settings *settings = gpiod_line_settings_new();

    if (input && settings) {
        input->offset = wire->offset;
        input->last = -1;
        gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
        gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
        gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC);
        input->buffer = gpiod_edge_event_buffer_new(QUEUE_SIZE);
        if (input->buffer) {
            input->request = request(path, settings, wire, 1);
        }
    }
    int error = errno;
    gpiod_line_settings_free(settings);
    if (input) {
        int fd = input->request ? gpiod_line_request_get_fd(input->request) : -1;
        if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
            error = fd < 0 ? error : errno;
            lines_backend_input_close(input);
            input = NULL;
        }
    }
    errno = error;
    return input;
}

int lines_backend_input_fd(const struct backend_input *input)
{
    return gpiod_line_request_get_fd(input->request);
}

int lines_backend_input_read(struct backend_input *input, struct line_edge *edges, size_t max,
                             unsigned *lost)
{
    int count = gpiod_line_request_read_edge_events(input->request, input->buffer, max);
    if (count < 0) {
        return errno == EAGAIN ? 0 : -1;
    }
    for (int i = 0; i < count; i++) {
        struct gpiod_edge_event *event =
            gpiod_edge_event_buffer_get_event(input->buffer, (unsigned long)i);
        unsigned long seqno = gpiod_edge_event_get_line_seqno(event);
        bool level = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE;
        if (seqno != input->seqno + 1) {
            *lost += (unsigned)(seqno - input->seqno - 1);
        } else if (input->last == level) {
            /* Between two interrupts there was one more edge, that came too soon to be seen. */
            ++*lost;
        }
        input->seqno = seqno;
        input->last = level;
        edges[i].level = level;
        edges[i].time_ns = (int64_t)gpiod_edge_event_get_timestamp_ns(event);
    }
    return count;
}

int lines_backend_input_level(struct backend_input *input)
{
    return gpiod_line_request_get_value(input->request, input->offset);
}

void lines_backend_input_close(struct backend_input *input)
{
    if (input) {
        if (input->request) {
            gpiod_line_request_release(input->request);
        }
        gpiod_edge_event_buffer_free(input->buffer);
        free(input);
    }
}

#endif
