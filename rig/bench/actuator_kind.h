/*
 * What presses a button: its kind's name in the bench file, and what the bench file need not say of
 * one. To add a kind: its row in actuator_kind.c, its line in hardware/benches/README.md.
 */
#ifndef LONGPRESS_RIG_ACTUATOR_KIND_H
#define LONGPRESS_RIG_ACTUATOR_KIND_H

#include <stddef.h>
#include <stdint.h>

struct actuator_kind {
    const char *name;
    /* Why switching a line on and off does not drive it; NULL: it does. */
    const char *refused;
    /* What is taken for one of which the bench file says nothing. */
    int duty_percent_x100;  /* of any duty_window_ns, at most this on; 10000: no limit */
    int64_t duty_window_ns; /* 0: no limit */
    int64_t travel_press_ns;
    int64_t travel_release_ns;
    int64_t travel_tolerance_ns;
};

/* By its name, ASCII letter case ignored; NULL: there is none. */
const struct actuator_kind *actuator_kind_named(const char *name);
/* The names of those that are driven, ended by NULL, into `out`. Returns `out`. */
enum { ACTUATOR_KINDS_MAX = 16 };
const char *const *actuator_kind_names(const char *out[ACTUATOR_KINDS_MAX]);

#endif
