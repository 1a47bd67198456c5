/* What a station waits for, and until when: it is never woken without need. */
#include "hardware/station/station_internal.h"

#include "rig/base/clock.h"
#include "rig/base/least.h"

#include <assert.h>

static_assert((int)STATION_FDS_MAX <= (int)PORT_FDS_MAX, "as rig/run/port.h says");

/* An idle keeper needs no beats. */
static int64_t beat_due_ns(const struct station_port *self)
{
    return self->busy ? self->beat_ns + self->heartbeat_ns / 4 : INT64_MAX;
}

void station_beat(struct station_port *self, int64_t now_ns)
{
    if (now_ns >= beat_due_ns(self)) {
        keeper_beat(self->keeper);
        self->beat_ns = now_ns;
    }
}

static size_t add_fd(struct pollfd *fds, size_t count, size_t size, int fd, short events)
{
    if (fd >= 0 && count < size) {
        fds[count++] = (struct pollfd){.fd = fd, .events = events};
    }
    return count;
}

size_t station_fds(struct port *port, struct pollfd *fds, size_t size)
{
    const struct station_port *self = station_of(port);
    struct pollfd radio[2 * RADIO_FDS_MAX];
    int inputs[LINES_MAX];
    size_t input_count = self->inputs ? lines_input_fds(self->inputs, inputs) : 0;
    size_t radio_count = station_radio_fds(self, radio);

    size_t count = add_fd(fds, 0, size, keeper_fd(self->keeper), POLLIN);
    for (size_t i = 0; i < input_count; i++) {
        count = add_fd(fds, count, size, inputs[i], POLLIN);
    }
    for (size_t i = 0; i < radio_count; i++) {
        count = add_fd(fds, count, size, radio[i].fd, radio[i].events);
    }
    return count;
}

int64_t station_due_ns(struct port *port)
{
    const struct station_port *self = station_of(port);
    int64_t due_ns = least(keeper_due_ns(self->keeper), beat_due_ns(self));

    due_ns = least(due_ns, station_radio_due_ns(self));
    for (unsigned i = 0; i < self->input_count; i++) {
        if (self->resting[i].moving) {
            due_ns = least(due_ns, self->resting[i].last_ns + QUIET_NS);
        }
    }
    if (self->inputs_gone && !self->gone_told) {
        due_ns = least(due_ns, self->gone_settled_ns);
    }
    /* What has been taken in, or is held back until no earlier edge can come. */
    if (self->event_count > 0) {
        due_ns = least(due_ns, self->events[0].time_ns);
    }
    if (self->edge_count > 0) {
        due_ns = least(due_ns, self->edges[self->edge_first].time_ns);
    }
    if (self->inputs && lines_input_pending(self->inputs)) {
        due_ns = least(due_ns, clock_mono_ns());
    }
    return due_ns;
}
