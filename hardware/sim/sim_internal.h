/*
 * The parts of the simulated bench; only for hardware/sim/sim_*.c.
 *
 * Between the port and the unit is everything that a real bench has there: a keeper that writes
 * lines with a little latency, actuators that travel, contacts that bounce, photodiodes on three
 * channels or one. All of that is here; the unit's reaction is in hardware/sim/unit.c.
 *
 * sim_port.c is the port: lines, inputs, time. sim_inputs.c places and removes units; sim_radio.c
 * answers questions and has the radio.
 */
#ifndef LONGPRESS_HARDWARE_SIM_SIM_INTERNAL_H
#define LONGPRESS_HARDWARE_SIM_SIM_INTERNAL_H

#include "hardware/sim/firmware.h"
#include "hardware/sim/unit.h"
#include "rig/base/units.h"
#include "rig/bench/bench.h"
#include "rig/run/port.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUEUE_MAX = 128 };

/* What is bound to happen on the bench, in order of time. */
struct happening {
    enum happening_kind {
        BUTTON,
        LINES_ON,
        LINES_OFF,
        ANSWER,
        RADIO,
        LOST,
        ESTOP,
        GONE,
        HAND,  /* the unit is taken out, and one of `firmware`, if any, put in */
        INPUT, /* an input goes to a level by itself */
    } kind;
    int64_t time_ns;
    int actuator;
    int input;
    const struct firmware *firmware;
    uint64_t seed;
    bool level;
    bool early;
    enum radio_event radio;
    const char *text;
    const char *text2;
    int64_t value;
};

struct sim_port {
    struct port port;
    const struct station *station;
    const struct firmware *firmware; /* NULL, and no unit: nothing is in the station */
    struct unit *unit;
    uint64_t random;
    int64_t now_ns;
    int64_t begin_ns;  /* CLOCK_MONOTONIC when the clock began, unless it is virtual */
    bool dead;         /* the chip is gone, or the e-stop pressed */
    bool bonds;        /* sim_options */
    bool awaits_press; /* no press since faults began to count */

    int button[BENCH_ACTUATORS_MAX];  /* of the unit; -1: it has none of that name */
    int contact[BENCH_ACTUATORS_MAX]; /* input; -1: not wired */
    int led[LED_CHANNELS];            /* input of each channel; -1 */
    int led_mono;
    int sound;
    unsigned lit; /* channels */
    int8_t levels[BENCH_INPUTS_MAX];

    struct press_order order; /* .press 0: none */
    bool on;
    int64_t on_ns;
    int64_t off_ns; /* the lines' release is due */

    struct happening queue[QUEUE_MAX];
    size_t queue_count;
};

static inline struct sim_port *sim_of(struct port *port)
{
    return (struct sim_port *)port;
}

/* The operation `now`. */
int64_t sim_now(struct port *port);
/* It will happen when its time comes. */
void sim_happen(struct sim_port *sim, struct happening happening);

/* sim_inputs.c */

/* Which buttons of the unit the actuators press. True when there is any. */
bool sim_wire_buttons(struct sim_port *sim);
/* The unit that is in the station is heard as its `bluetooth` says. */
void sim_set_floor(struct sim_port *sim);
/* What all inputs but the contacts, which feel the actuators, are at now. */
void sim_levels_of_unit(struct sim_port *sim, int8_t levels[BENCH_INPUTS_MAX]);
/* The faults that the unit's firmware has the bench play are counted from `now_ns`. */
void sim_schedule_faults(struct sim_port *sim, int64_t now_ns);
/* ... or from the run's first press, which is this one. */
void sim_faults_of_press(struct sim_port *sim, int64_t now_ns);
/* A HAND happens. */
void sim_change_unit(struct sim_port *sim, const struct happening *hand);

/* sim_radio.c: the operations `ask` and `radio`. */
bool sim_ask(struct port *port, const char *question);
void sim_radio(struct port *port, enum radio_command command, const char *text);

#endif
