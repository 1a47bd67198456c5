/*
 * The simulated bench: a station whose lines end in a simulated unit (hardware/sim/unit.h) instead
 * of a gpiochip, under the same port. Virtual time by default: `next` jumps to the next instant at
 * which anything happens; or real pace, for people to watch, or that some times as fast.
 *
 * Everything random comes from `seed`: the same seed gives the same run, to the nanosecond.
 */
#ifndef LONGPRESS_HARDWARE_SIM_SIM_PORT_H
#define LONGPRESS_HARDWARE_SIM_SIM_PORT_H

#include "hardware/port.h"
#include "hardware/sim/firmware.h"
#include "rig/bench.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_options {
    int rate; /* 0: virtual time, from start_ns on; 1: the port's clock is CLOCK_MONOTONIC; more: it
                 begins there, and goes so many times as fast */
    int64_t start_ns;
    uint64_t seed;
};

/* The port of `station` of a simulated bench, with one unit of `firmware` in it (fresh: as its
 * `state` says). Both are borrowed until close. NULL after an error (a control that the unit has
 * and the station does not is none; it stays unwired). */
struct port *sim_port_open(struct diags *diags, const struct station *station,
                           const struct firmware *firmware, const struct sim_options *options);
/* A fresh unit on the old memory, for many runs; `seed` anew. */
void sim_port_restart(struct port *port, uint64_t seed);

#endif
