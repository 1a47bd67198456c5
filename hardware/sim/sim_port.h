/*
 * The simulated bench: a station behind the same port, whose lines end in a simulated unit
 * (hardware/sim/unit.h) instead of a gpiochip. Time is virtual by default: `next` jumps to the next
 * event. It can also run in real time, for people to watch, or a multiple of it.
 *
 * Everything random comes from `seed`: the same seed gives the same run, to the nanosecond.
 */
#ifndef LONGPRESS_HARDWARE_SIM_SIM_PORT_H
#define LONGPRESS_HARDWARE_SIM_SIM_PORT_H

#include "hardware/sim/firmware.h"
#include "rig/bench/bench.h"
#include "rig/run/port.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_options {
    int rate; /* 0: virtual time, from start_ns on; 1: the port's clock is CLOCK_MONOTONIC; more: it
                 begins there, and goes so many times as fast */
    int64_t start_ns;
    uint64_t seed;
    bool bonds; /* a radio that is made ready sees to a bond and a link, as a real one does where
                   there is one to lose (hardware/radio/radio.h): it pairs with a unit that shows
                   itself */
};

/* The port of `station` of a simulated bench, with one unit of `firmware` in it (fresh: as its
 * `state` says), or with nothing (NULL). Both are borrowed until close. NULL after an error (a
 * control that the unit has and the station does not is none; it stays unwired). */
struct port *sim_port_open(struct diags *diags, const struct station *station,
                           const struct firmware *firmware, const struct sim_options *options);
/* A fresh unit on the old memory, for many runs; `seed` anew. */
void sim_port_restart(struct port *port, uint64_t seed);

/*
 * A hand: `after_ns` from now what is in the station is taken out, and a fresh unit of `firmware`
 * (borrowed until close; NULL: none) put in. An input for `placed` tells so by its edge, and the
 * LED's do what the light does. Without a unit a press moves its actuator and nothing else, and the
 * radio hears nobody. Faults of the bench that the firmware plays come only after sim_port_begin.
 */
void sim_port_put(struct port *port, const struct firmware *firmware, int64_t after_ns,
                  uint64_t seed);
/* A run begins: the faults that the firmware has the bench play are counted from now. (Opening and
 * restarting say so by themselves.) */
void sim_port_begin(struct port *port);

#endif
