/*
 * What each actuator of a station was on lately, so that presses that follow each other without a
 * plan around them (by hand) stay within `duty` all the same.
 */
#ifndef LONGPRESS_RIG_DUTY_H
#define LONGPRESS_RIG_DUTY_H

#include "rig/base/diag.h"
#include "rig/bench/bench.h"

#include <stdint.h>

enum { DUTY_TIMES_MAX = 64 };

struct duty_time {
    int64_t start_ns;
    int64_t end_ns;
};

/* Plain data; zeroed: everything was at rest. */
struct duty {
    struct duty_actuator {
        size_t count;
        struct duty_time times[DUTY_TIMES_MAX]; /* oldest first, one after the other */
    } actuators[BENCH_ACTUATORS_MAX];
};

/* The actuators of `mask` were on from `start_ns` to `end_ns`. When there is no room, the oldest
 * two count as one that ended when the later did: never as less than was. */
void duty_add(struct duty *duty, uint32_t mask, int64_t start_ns, int64_t end_ns);

/* How long after `now_ns` the actuator can be on for `energise_ns`, what was before counted; 0:
 * now. INT64_MAX: never, it is longer than the actuator bears even at rest. */
int64_t duty_wait_ns(const struct duty *duty, const struct station *station, unsigned actuator,
                     int64_t now_ns, int64_t energise_ns);

/* May the actuators of `mask` be on for `energise_ns` from now? -1 with an error for each that must
 * rest first, with the numbers and how long. */
int duty_check(const struct duty *duty, struct diags *diags, const struct station *station,
               uint32_t mask, int64_t now_ns, int64_t energise_ns);

#endif
