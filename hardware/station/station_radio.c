/* A station's radio, and the previous one, which closes without making anybody wait. */
#include "hardware/station/station_internal.h"
#include "hardware/station/station_port.h"
#include "rig/base/clock.h"
#include "rig/base/least.h"

#include <stdio.h>

/* The next one begins when the one before is gone: both would set up the same adapter. */
static void begin_next(struct station_port *self)
{
    if (!self->radio_waits || self->leaving) {
        return;
    }
    self->radio_waits = false;
    self->radio = radio_open(&self->next_radio);
    if (self->watch_waits) {
        self->watch_waits = false;
        radio_command(self->radio, RADIO_START_WATCH, "");
    }
}

/* Events of the previous radio belong to no later run. */
static void drop_told(struct station_port *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->event_count; i++) {
        if (self->events[i].kind != PORT_RADIO) {
            self->events[kept++] = self->events[i];
        }
    }
    self->event_count = kept;
}

void station_port_radio(struct port *port, const struct radio_setup *setup)
{
    struct station_port *self = station_of(port);

    if (self->radio) {
        radio_retire(self->radio);
        self->leaving = self->radio;
        self->radio = NULL;
    }
    drop_told(self);
    self->watch_waits = false;
    self->radio_waits = setup != NULL;
    if (setup) {
        self->next_radio = *setup;
    }
    station_radio_process(self);
}

const char *station_port_bluez(const struct port *port)
{
    const struct radio *radio = ((const struct station_port *)(const void *)port)->radio;
    return radio ? radio_bluez_version(radio) : NULL;
}

bool station_port_tidies(const struct port *port)
{
    return ((const struct station_port *)(const void *)port)->leaving != NULL;
}

void station_radio_process(struct station_port *self)
{
    if (self->leaving) {
        radio_process(self->leaving);
        if (radio_retired(self->leaving)) {
            radio_close(self->leaving);
            self->leaving = NULL;
        }
    }
    begin_next(self);
    if (self->radio) {
        radio_process(self->radio);
    }
}

void station_radio_command(struct station_port *self, enum radio_command command, const char *text)
{
    if (self->radio) {
        radio_command(self->radio, command, text);
    } else if (self->radio_waits) {
        /* Nothing else is asked of a radio that has not said that it is ready. */
        self->watch_waits = self->watch_waits || command == RADIO_START_WATCH;
    } else if (command == RADIO_START_WATCH) {
        struct port_event *event = station_add_event(self, PORT_RADIO, clock_mono_ns());
        if (event) {
            event->radio = RADIO_ABSENT;
            snprintf(event->text, sizeof(event->text),
                     "no Bluetooth adapter is configured on this station");
        }
    }
}

int64_t station_radio_due_ns(const struct station_port *self)
{
    int64_t due_ns = self->radio ? radio_due_ns(self->radio) : INT64_MAX;
    return self->leaving ? least(due_ns, radio_due_ns(self->leaving)) : due_ns;
}

size_t station_radio_fds(const struct station_port *self, struct pollfd *fds)
{
    size_t count = self->radio ? radio_fds(self->radio, fds) : 0;
    return self->leaving ? count + radio_fds(self->leaving, fds + count) : count;
}

void station_radio_close(struct station_port *self)
{
    radio_close(self->leaving);
    radio_close(self->radio);
}
