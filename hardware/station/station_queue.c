/* A station's events that have not been taken yet, in order of time. */
#include "hardware/station/station_internal.h"

#include <string.h>

struct port_event *station_add_event(struct station_port *self, enum port_event_kind kind,
                                     int64_t time_ns)
{
    size_t at = self->event_count;
    if (at == EVENTS_MAX) {
        return NULL;
    }
    while (at > 0 && self->events[at - 1].time_ns > time_ns) {
        at--;
    }
    memmove(self->events + at + 1, self->events + at,
            (self->event_count - at) * sizeof(self->events[0]));
    self->event_count++;
    self->events[at] = (struct port_event){.kind = kind, .time_ns = time_ns, .input = -1};
    return &self->events[at];
}

bool station_take_event(struct station_port *self, int64_t until_ns, struct port_event *event)
{
    const struct line_edge *edge = self->edge_count > 0 ? &self->edges[self->edge_first] : NULL;
    const struct port_event *other = self->event_count > 0 ? &self->events[0] : NULL;

    if (edge && (!other || edge->time_ns < other->time_ns)) {
        if (edge->time_ns > until_ns) {
            return false;
        }
        *event = (struct port_event){.kind = PORT_EDGE,
                                     .time_ns = edge->time_ns,
                                     .input = (int16_t)self->input_of[edge->input],
                                     .level = edge->level};
        self->edge_first++;
        self->edge_count--;
        return true;
    }
    if (!other || other->time_ns > until_ns) {
        return false;
    }
    *event = *other;
    self->event_count--;
    memmove(self->events, self->events + 1, self->event_count * sizeof(self->events[0]));
    return true;
}
