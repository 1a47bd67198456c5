/* Merges the reports of a station's keeper, inputs and radio into one stream of events. */
#include "hardware/station/station_internal.h"

#include "rig/base/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static_assert(EVENTS_MAX > BENCH_INPUTS_MAX + 8, "there is room for one event of every input");

/* An ordered release must be reported within that time, or the keeper counts as dead. */
#define SETTLE_NS (600 * NS_PER_MS)

/* One that came back before its being away was told is no news. */
static void add_guard(struct station_port *self, const struct keeper_report *report)
{
    bool watched = report->guard != GUARD_NONE;

    if (watched != self->unguarded) {
        return;
    }
    struct port_event *event = station_add_event(self, PORT_GUARD, report->at_ns);
    if (event) {
        self->unguarded = !watched;
        event->level = watched;
        snprintf(event->text, sizeof(event->text), "%s",
                 watched ? "a guard watches these lines again"
                         : "the guard is gone: if longpress and its keeper are killed or "
                           "stopped together during a press, the button may stay down; see "
                           "`longpress doctor`");
    }
}

static void add_report(struct station_port *self, const struct keeper_report *report)
{
    struct port_event *event = NULL;

    switch (report->kind) {
    case KEEPER_PRESSED:
    case KEEPER_RELEASED:
        event = station_add_event(
            self, report->kind == KEEPER_PRESSED ? PORT_PRESSED : PORT_RELEASED, report->at_ns);
        if (report->kind == KEEPER_RELEASED) {
            self->busy = false;
        }
        break;
    case KEEPER_ESTOP:
        self->estopped = true;
        event = station_add_event(self, PORT_ESTOP, report->at_ns);
        break;
    case KEEPER_REFUSED:
        self->busy = false;
        /* Refused because of the e-stop, which is reported separately. */
        if (report->error != ECANCELED &&
            (event = station_add_event(self, PORT_FAULT, report->at_ns))) {
            snprintf(event->text, sizeof(event->text), "the keeper refused press %u: %s",
                     report->press, strerror(report->error));
            snprintf(event->text2, sizeof(event->text2), "run `longpress doctor` for this bench");
        }
        break;
    case KEEPER_GUARD:
        add_guard(self, report);
        break;
    case KEEPER_FAULT:
        self->busy = false;
        event = station_add_event(self, PORT_FAULT, report->at_ns);
        if (event) {
            station_fault_texts(self, report, event);
        }
        break;
    }
    if (event) {
        event->press = report->press;
        event->mask = report->mask;
        event->early = report->early;
        event->at_ns = report->at_ns;
        event->until_ns = report->until_ns;
    }
}

/* Room is left for what else may come in between. */
static void read_keeper(struct station_port *self)
{
    struct keeper_report report;
    while (self->event_count < EVENTS_MAX / 2 && keeper_read(self->keeper, &report)) {
        add_report(self, &report);
    }
}

static bool rests(const struct station_port *self, unsigned line)
{
    return self->station->inputs[self->input_of[line]].role == INPUT_QUESTION;
}

/* Take in what the kernel has. Edges of what has to come to rest first go no further. */
static void read_inputs(struct station_port *self, int64_t now_ns)
{
    if (!self->inputs || self->edge_count > 0) {
        return;
    }
    int count = lines_input_read(self->inputs, self->edges, EDGES_MAX, self->lost);
    if (count < 0) {
        if (!self->inputs_gone) {
            /* Nobody is watching, so nothing may stay pressed. */
            self->inputs_gone = errno;
            self->gone_settled_ns = now_ns + SETTLE_NS;
            keeper_release(self->keeper);
        }
        return;
    }
    self->edge_first = 0;
    for (int i = 0; i < count; i++) {
        const struct line_edge *edge = &self->edges[i];
        if (rests(self, edge->input)) {
            self->resting[edge->input].moving = true;
            self->resting[edge->input].last_ns = edge->time_ns;
        } else {
            self->edges[self->edge_count++] = *edge;
        }
    }
}

/* The inputs are gone: this is reported once everything is released, or can no longer be reported
 * as released. */
static void tell_inputs_gone(struct station_port *self, int64_t now_ns)
{
    if (!self->inputs_gone || self->gone_told || (self->busy && now_ns < self->gone_settled_ns)) {
        return;
    }
    struct port_event *event = station_add_event(self, PORT_FAULT, clock_mono_ns());
    if (event) {
        station_inputs_gone_texts(self, event);
        self->gone_told = true;
    }
}

static void tell_lost(struct station_port *self, int64_t now_ns)
{
    for (unsigned i = 0; i < self->input_count; i++) {
        if (self->lost[i] == 0) {
            continue;
        }
        /* Bounces that melted into one are no loss where only the rest counts. */
        if (!rests(self, i)) {
            struct port_event *event = station_add_event(self, PORT_LOST, now_ns);
            if (!event) {
                return;
            }
            event->input = (int16_t)self->input_of[i];
            event->count = self->lost[i];
        }
        self->lost[i] = 0;
    }
}

static void tell_rested(struct station_port *self, int64_t now_ns)
{
    for (unsigned i = 0; i < self->input_count; i++) {
        struct resting *resting = &self->resting[i];
        if (!resting->moving || now_ns < resting->last_ns + QUIET_NS) {
            continue;
        }
        resting->moving = false;
        int level = lines_input_level(self->inputs, i);
        struct port_event *event = NULL;
        if (level >= 0 && level != resting->level) {
            event = station_add_event(self, PORT_EDGE, resting->last_ns + QUIET_NS);
        }
        if (event) {
            resting->level = level == 1;
            event->input = (int16_t)self->input_of[i];
            event->level = (uint8_t)level;
        }
    }
}

/* Edges and presses go first: what the radio tells is bounded, and never more than its share. */
static void read_radio(struct station_port *self)
{
    struct port_event heard;
    station_radio_process(self);
    while (self->radio && self->event_count < EVENTS_MAX / 2 && radio_event(self->radio, &heard)) {
        struct port_event *event = station_add_event(self, PORT_RADIO, heard.time_ns);
        if (event) {
            *event = heard;
        }
    }
}

void station_take_in(struct station_port *self, int64_t now_ns)
{
    if (self->edge_count > 0) {
        return;
    }
    read_inputs(self, now_ns);
    read_keeper(self);
    tell_inputs_gone(self, now_ns);
    tell_lost(self, now_ns);
    tell_rested(self, now_ns);
    read_radio(self);
}
