/*
 * The rules of rig/run/port.h as checks that any port must pass: the simulated bench, and a real
 * station on simulated lines.
 *
 * A check takes a port that is fresh: nothing pressed, no press given. It leaves it at rest, but
 * for those that say otherwise.
 */
#ifndef LONGPRESS_TESTS_UNIT_PORT_CONFORMANCE_H
#define LONGPRESS_TESTS_UNIT_PORT_CONFORMANCE_H

#include "rig/bench/bench.h"
#include "rig/run/port.h"

enum { CONFORMANCE_EVENTS_MAX = 16384 };

struct conformance {
    struct port *port;
    const struct station *station;
    uint32_t mask;    /* actuators that may be pressed together */
    int64_t slack_ns; /* how late lines may be written: 0 in virtual time */
    bool polled;      /* drive it as a loop of several ports does: `next` only with a time that has
                         come, when a descriptor is ready or by due_ns */
    uint32_t press;   /* number of the last press; begin with 0 */
    size_t count;     /* what has come out of the port since the last conformance_forget */
    struct port_event events[CONFORMANCE_EVENTS_MAX];
};

/* Take all events up to `until_ns`, checking that their times never go back and are never of the
 * future. */
void conformance_run(struct conformance *conformance, int64_t until_ns);
void conformance_forget(struct conformance *conformance);
/* The event of that kind of a press, NULL when there was none; fails when there are two. */
const struct port_event *conformance_event(const struct conformance *conformance,
                                           enum port_event_kind kind, uint32_t press);
/* Give the next press: what the port says (0 or -1 with errno). */
int conformance_press(struct conformance *conformance, uint32_t mask, int64_t press_ns,
                      int64_t energise_ns);

/* The clock does not go back, and `next` comes to its end without an event. */
void conformance_clock(struct conformance *conformance);
/* A press at a time to come begins then, lasts energise_ns, and is told of in order. */
void conformance_hold(struct conformance *conformance, int64_t energise_ns);
/* A press ordered for a time that is past begins at once, with the whole energise_ns. */
void conformance_past(struct conformance *conformance, int64_t energise_ns);
/* EINVAL, ERANGE, EBUSY; none of them presses anything or counts as a press. */
void conformance_refusals(struct conformance *conformance);
/* Let go in the press, and before it began; twice, and with nothing pressed. */
void conformance_release(struct conformance *conformance);
/* `next` with a time that has come does not wait, whatever is still to happen; what happens by
 * itself is due in time. */
void conformance_no_waiting(struct conformance *conformance);
/* Many presses, one after the other, each told of once. */
void conformance_sequence(struct conformance *conformance, int presses);
/* The contact sense of every pressed actuator that has one follows by its travel. */
void conformance_contacts(struct conformance *conformance);
/* Levels can be read, and are those that the edges say. */
void conformance_levels(struct conformance *conformance);
/* After an e-stop or a fault, which must come by `until_ns` into a press: nothing is pressed any
 * more. Does not leave the port at rest. */
void conformance_dead(struct conformance *conformance, enum port_event_kind kind, int64_t until_ns);
/* The same, of a press that is ordered and has not begun when it comes: it never does. */
void conformance_dead_before(struct conformance *conformance, enum port_event_kind kind,
                             int64_t until_ns);

#endif
