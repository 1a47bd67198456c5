/*
 * How long each actuator of a station was on recently, so that presses without a common plan (made
 * by hand) also stay within `duty`.
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

/* Plain data; all zero: everything was at rest. */
struct duty {
    struct duty_actuator {
        size_t count;
        struct duty_time times[DUTY_TIMES_MAX]; /* oldest first, without overlap */
    } actuators[BENCH_ACTUATORS_MAX];
};

/* The actuators of `mask` were on from `start_ns` to `end_ns`. If there is no room, the oldest two
 * are merged into one that ends with the later: never less than the real on-time. */
void duty_add(struct duty *duty, uint32_t mask, int64_t start_ns, int64_t end_ns);

/* How long after `now_ns` the actuator may be on for `energise_ns`, given its earlier on-time; 0:
 * now. INT64_MAX: never, it exceeds the limit even at rest. */
int64_t duty_wait_ns(const struct duty *duty, const struct station *station, unsigned actuator,
                     int64_t now_ns, int64_t energise_ns);

/* May the actuators of `mask` be on for `energise_ns` from now on? If not, -1 and an error for each
 * that must rest first, with the numbers and for how long. */
int duty_check(const struct duty *duty, struct diags *diags, const struct station *station,
               uint32_t mask, int64_t now_ns, int64_t energise_ns);

#endif
