/*
 * One channel of the simulated LED: lit from one instant to another, with PWM and breathing, as a
 * source of edges that are generated on demand.
 */
#ifndef LONGPRESS_HARDWARE_SIM_LAMP_H
#define LONGPRESS_HARDWARE_SIM_LAMP_H

#include <stdbool.h>
#include <stdint.h>

struct lamp {
    int64_t start_ns;
    int64_t end_ns;    /* INT64_MAX: for good */
    int64_t period_ns; /* 0: no PWM */
    int64_t on_ns;     /* of a period, without breathing */
    bool breathe;      /* over the time from start to end */
    bool level;
    int64_t next_ns;  /* of the next edge; INT64_MAX: none */
    int64_t cycle_ns; /* start of the period that is going on */
};

/* Light from start_ns on. An edge that is due before is lost: the lamp was switched. */
void lamp_light(struct lamp *lamp, int64_t start_ns, int64_t end_ns, int64_t period_ns,
                int64_t on_ns, bool breathe);
/* Dark from now_ns on: at once when it is lit. */
void lamp_dark(struct lamp *lamp, int64_t now_ns);

/* Make the edge that is due at next_ns: `level` is the new one, next_ns moves on. */
void lamp_edge(struct lamp *lamp);

#endif
