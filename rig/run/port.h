/*
 * The port: the only interface between a run and the outside world. Lines, edges, radio, time.
 *
 * Two implementations: a real station (libgpiod and BlueZ; hardware/station/station_port.h) and the
 * simulated bench (hardware/sim/sim_port.h). Both behave alike: the rules are tested on the
 * simulated one (tests/unit/port_conformance.h), and on the real one with a kernel's lines
 * (tests/vm/t/60-endings.sh).
 *
 * Rules that every port keeps:
 *  - one clock: all instants, in both directions, are in ns of the clock that `now` reads;
 *  - order: events come out in order of `time_ns`, as far as their sources allow; never from the
 *    future;
 *  - `press` returns at once; the lines go active at `press_ns` and inactive at the latest
 *    `energise_ns` after they went active, whatever happens to the caller;
 *  - one press at a time: a second one before PORT_RELEASED is refused;
 *  - every accepted press ends in PORT_PRESSED and PORT_RELEASED, or in PORT_FAULT after which
 *    everything is released; one that is cancelled before its time was never pressed, and ends in
 *    PORT_RELEASED alone, `early`, with a mask of 0;
 *  - an e-stop latches: nothing is pressed until the port is reopened;
 *  - closing releases everything.
 */
#ifndef LONGPRESS_HARDWARE_PORT_H
#define LONGPRESS_HARDWARE_PORT_H

#include "rig/base/diag.h"
#include "rig/timeline/timeline.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PORT_TEXT_MAX = 256,
    PORT_OBJECT_MAX = 96, /* a D-Bus object path */
    PORT_ERROR_MAX = 64,  /* a D-Bus error name */
    PORT_FDS_MAX = 48,    /* descriptors per port */
};

enum port_event_kind {
    PORT_EDGE,     /* input, level */
    PORT_LOST,     /* edges of `input` lost (-1: all); count, 0 if unknown */
    PORT_PRESSED,  /* press: lines of `mask` written between at_ns and until_ns */
    PORT_RELEASED, /* press: the same; early = a release was ordered, or the keeper's own limit */
    PORT_RADIO, /* radio, text, value, mask (enum radio_transport); object and error: BlueZ's own */
    PORT_ANSWER, /* an input line or the unit itself answers: text = question, text2 = answer;
                    by */
    PORT_GUARD,  /* text: the guard of the lines is gone (level 0), or is there again (1) */
    PORT_ESTOP,  /* the e-stop is active; everything has been released */
    PORT_FAULT,  /* text = what, where; text2 = what to do; everything has been released */
};

struct port_event {
    enum port_event_kind kind;
    int64_t time_ns;
    int16_t input;
    uint8_t level;
    uint8_t early;
    enum radio_event radio;
    enum answer_by by;
    uint32_t press;
    uint32_t mask;
    int64_t at_ns;
    int64_t until_ns;
    int64_t count;
    int64_t value;
    char text[PORT_TEXT_MAX];
    char text2[PORT_TEXT_MAX];
    char object[PORT_OBJECT_MAX];
    char error[PORT_ERROR_MAX];
};

/* An order to press: all lines of `mask` (actuators of the station) together. */
struct press_order {
    uint32_t press; /* the caller's number for it, counting from 1 */
    uint32_t mask;
    int64_t press_ns;    /* when; if in the past: at once, for the whole energise_ns */
    int64_t energise_ns; /* how long; refused if beyond a line's hard limit */
};

/* The unit offered is not the right one, or nobody can confirm it: the radio keeps searching. */
#define RADIO_CHOOSE_NONE   "none"
#define RADIO_CHOOSE_NOBODY ""

enum radio_command {
    RADIO_START_WATCH, /* prepare: adapter, unit, a bond where one is needed; answers RADIO_READY or
                          RADIO_ABSENT. RADIO_WHICH may come before: it waits for RADIO_CHOOSE */
    RADIO_CHOOSE,      /* text: the address of the unit that was meant, or one of the above */
    RADIO_START_DISCOVERY, /* text: RADIO_TELLS_GONE, or nothing */
    RADIO_STOP_DISCOVERY,
    RADIO_CONNECT, /* with the stored key; answers CONNECT_OK, _REFUSED or _FAILED, after
                      RADIO_RIG_DROPS if an existing link is dropped for it */
    RADIO_PAIR,    /* again, with the old key deleted; answers PAIR_OK (then perhaps SERVICES) or
                      PAIR_FAILED */
};

/* A search that also reports RADIO_GONE each time a full search (16 s) did not find the unit. */
#define RADIO_TELLS_GONE "gone"

struct port;

struct port_ops {
    int64_t (*now)(struct port *port);
    /* Wait for the next event at or before `until_ns`; true with *event filled, false when until_ns
     * has come or, with a real port, when a signal wants attention (port->poke). */
    bool (*next)(struct port *port, int64_t until_ns, struct port_event *event);
    /* 0, or -1 with errno: EBUSY (a press is in progress), EINVAL (mask, length), ERANGE (beyond a
     * hard limit), EPIPE (the keeper is gone), ECANCELED (after an e-stop or lost inputs: the
     * PORT_ESTOP or PORT_FAULT has been or will be returned). Never blocks. */
    int (*press)(struct port *port, const struct press_order *order);
    /* Release everything now. Idempotent. Never blocks. */
    void (*release)(struct port *port);
    void (*radio)(struct port *port, enum radio_command command, const char *text);
    /* Ask an input line or the simulated unit, not a person: a PORT_ANSWER follows at once, or
     * false is returned if neither can answer. */
    bool (*ask)(struct port *port, const char *question);
    /* Current level of an input (1 active). -1 if it cannot be read. */
    int (*level)(struct port *port, unsigned input);
    void (*close)(struct port *port);
    /* For a loop that drives several ports, and calls `next` only with an `until_ns` that has come
     * (then it never waits), again and again until it returns false: descriptors to wait for (not
     * wake_fd), at most `size`, PORT_FDS_MAX are enough; how many ... */
    size_t (*fds)(struct port *port, struct pollfd *fds, size_t size);
    /* ... and when, by the port's clock, `next` must be called though none of them is ready;
     * INT64_MAX: need not be. Both change with every call of another operation. */
    int64_t (*due_ns)(struct port *port);
};

/* Embedded as the first member of every implementation. */
struct port {
    const struct port_ops *ops;
    bool simulated;
    int wake_fd; /* real port: when readable, `next` returns false early (signals); -1: none */
    int rate;    /* ns of its clock in one of CLOCK_MONOTONIC: 1, or more on a simulated bench in a
                    hurry; 0: virtual time, which only `next` moves */
    int64_t halt_ns; /* simulated: when whoever drives it is to act next; its clock does not run
                        past that, nor past what was not taken by `next`, so that nobody is late on
                        a busy machine; 0: nobody drives it */
};

/* Convert an instant of the port's clock to CLOCK_MONOTONIC, to poll until then. INT64_MAX stays
 * INT64_MAX; in virtual time everything else is now. */
int64_t port_poll_ns(struct port *port, int64_t port_ns);

/* Wait until a descriptor of the port is ready, or an instant of its clock has come; not for
 * virtual time. Returns early on a signal; false when wake_fd is ready. */
bool port_wait(struct port *port, int64_t until_ns);

#endif
