/*
 * Kinds of actuators: their names in the bench file, and their defaults. To add a kind, add its row
 * in actuator_kind.c and its line in hardware/benches/README.md.
 */
#ifndef LONGPRESS_RIG_ACTUATOR_KIND_H
#define LONGPRESS_RIG_ACTUATOR_KIND_H

#include <stddef.h>
#include <stdint.h>

struct actuator_kind {
    const char *name;
    /* Why it cannot be driven by switching a line on and off; NULL: it can. */
    const char *refused;
    /* Defaults, where the bench file gives none. */
    int duty_percent_x100;  /* at most this much on in any duty_window_ns; 10000: no limit */
    int64_t duty_window_ns; /* 0: no limit */
    int64_t travel_press_ns;
    int64_t travel_release_ns;
    int64_t travel_tolerance_ns;
};

/* Look up a kind by name, ignoring ASCII letter case; NULL: there is none. */
const struct actuator_kind *actuator_kind_named(const char *name);
/* Write the names of the kinds that can be driven to `out`, NULL-terminated. Returns `out`. */
enum { ACTUATOR_KINDS_MAX = 16 };
const char *const *actuator_kind_names(const char *out[ACTUATOR_KINDS_MAX]);

#endif
