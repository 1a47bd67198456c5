/*
 * A real station: orders go to the keeper, edges come from the kernel, and both come out as one
 * stream of events.
 */
#include "hardware/station/station_port.h"

#include "hardware/station/station_internal.h"
#include "rig/base/arena.h"
#include "rig/base/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert((int)BENCH_INPUTS_MAX <= (int)LINES_MAX, "all inputs of a station can be opened");

static int64_t now(struct port *port)
{
    (void)port;
    return clock_mono_ns();
}

static bool next_event(struct port *port, int64_t until_ns, struct port_event *event)
{
    struct station_port *self = station_of(port);

    for (;;) {
        int64_t now_ns = clock_mono_ns();
        station_beat(self, now_ns);
        station_take_in(self, now_ns);
        if (station_take_event(self, until_ns, event)) {
            return true;
        }
        int64_t due_ns = station_due_ns(port);
        if (now_ns >= until_ns || !port_wait(port, until_ns < due_ns ? until_ns : due_ns)) {
            return false;
        }
    }
}

static int press(struct port *port, const struct press_order *order)
{
    struct station_port *self = station_of(port);
    if (self->inputs_gone) {
        errno = ECANCELED;
        return -1;
    }
    if (keeper_press(self->keeper, order) != 0) {
        return -1;
    }
    self->busy = true;
    self->beat_ns = clock_mono_ns();
    return 0;
}

static void release(struct port *port)
{
    keeper_release(station_of(port)->keeper);
}

static void radio(struct port *port, enum radio_command command, const char *text)
{
    station_radio_command(station_of(port), command, text);
}

/* 1, 0, or -1 with errno. */
static int level_of(struct port *port, unsigned input)
{
    struct station_port *self = station_of(port);

    if (input < self->station->input_count && self->station->inputs[input].role == INPUT_ESTOP) {
        return self->estopped;
    }
    for (unsigned i = 0; i < self->input_count; i++) {
        if (self->input_of[i] == input) {
            return lines_input_level(self->inputs, i);
        }
    }
    errno = EINVAL;
    return -1;
}

/* A unit that reports its charge over the radio answers for itself. */
static bool ask_radio(struct station_port *self, const char *question)
{
    int percent = self->radio && strcmp(question, "battery") == 0 ? radio_battery(self->radio) : -1;
    struct port_event *event =
        percent >= 0 ? station_add_event(self, PORT_ANSWER, clock_mono_ns()) : NULL;
    if (event) {
        event->by = ANSWER_BY_RADIO;
        snprintf(event->text, sizeof(event->text), "%s", question);
        snprintf(event->text2, sizeof(event->text2), "%d %%", percent);
    }
    return event != NULL;
}

static bool ask(struct port *port, const char *question)
{
    struct station_port *self = station_of(port);

    for (unsigned i = 0; i < self->station->input_count; i++) {
        const struct input *input = &self->station->inputs[i];
        if (input->role != INPUT_QUESTION || strcmp(input->question, question) != 0) {
            continue;
        }
        int level = level_of(port, i);
        const char *answer = level == 1 ? input->when_active : input->when_inactive;
        struct port_event *event =
            level >= 0 && answer ? station_add_event(self, PORT_ANSWER, clock_mono_ns()) : NULL;
        if (event) {
            event->by = ANSWER_BY_INPUT;
            event->input = (int16_t)i;
            snprintf(event->text, sizeof(event->text), "%s", question);
            snprintf(event->text2, sizeof(event->text2), "%s", answer);
            return true;
        }
    }
    return ask_radio(self, question);
}

static void close_port(struct port *port)
{
    struct station_port *self = station_of(port);
    keeper_stop(self->keeper);
    lines_input_close(self->inputs);
    station_radio_close(self);
    free(self);
}

static const struct port_ops station_ops = {
    .now = now,
    .next = next_event,
    .press = press,
    .release = release,
    .radio = radio,
    .ask = ask,
    .level = level_of,
    .close = close_port,
    .fds = station_fds,
    .due_ns = station_due_ns,
};

/* True when all inputs (if there are any) are ours. */
static bool open_inputs(struct station_port *self, struct diags *diags)
{
    const struct line_ref *refs[BENCH_INPUTS_MAX];

    for (unsigned i = 0; i < self->station->input_count; i++) {
        if (self->station->inputs[i].role != INPUT_ESTOP) {
            refs[self->input_count] = &self->station->inputs[i].line;
            self->input_of[self->input_count++] = i;
        }
    }
    if (self->input_count == 0) {
        return true;
    }
    self->inputs = lines_input_open(diags, refs, self->input_count);
    if (!self->inputs) {
        return false;
    }
    for (unsigned i = 0; i < self->input_count; i++) {
        self->resting[i].level = lines_input_level(self->inputs, i) == 1;
    }
    return true;
}

struct port *station_port_open(struct diags *diags, const struct bench *bench,
                               const struct station *station, const struct radio_setup *setup,
                               int wake_fd)
{
    struct station_port *self = xrealloc_array(NULL, 1, sizeof(*self));
    memset(self, 0, sizeof(*self));
    self->port = (struct port){.ops = &station_ops, .wake_fd = wake_fd, .rate = 1};
    self->station = station;
    self->heartbeat_ns = bench->heartbeat_ns;
    self->keeper = station_start_keeper(self, diags, bench);
    /* Even without a keeper, so that all unavailable lines are reported at once. */
    if (!open_inputs(self, diags) || !self->keeper) {
        close_port(&self->port);
        return NULL;
    }
    /* After the keeper was forked: it has no business on the bus. */
    self->radio = setup ? radio_open(setup) : NULL;
    return &self->port;
}

struct keeper_powers station_port_powers(const struct port *port)
{
    return keeper_powers(((const struct station_port *)(const void *)port)->keeper);
}
