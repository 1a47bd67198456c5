/*
 * What this machine can do, for `longpress doctor`. Collects facts without requesting a line or
 * moving anything; prints nothing.
 */
#ifndef LONGPRESS_HARDWARE_DOCTOR_H
#define LONGPRESS_HARDWARE_DOCTOR_H

#include "rig/bench/bench.h"

#include <stdbool.h>
#include <stddef.h>

enum doctor_state {
    DOCTOR_OK,
    DOCTOR_WARN, /* a run can start, but will be less exact or see less */
    DOCTOR_BAD,  /* no run can start */
};

/* One row to print. Texts are printable. */
struct doctor_line {
    enum doctor_state state;
    char about[80]; /* "machine", "station A" */
    char what[400];
    char todo[400]; /* "": nothing */
};

struct doctor {
    struct doctor_line *lines; /* owned */
    size_t count;
    size_t stations_ready; /* stations on which a run could start now */
    bool can_run;          /* all of them; without a bench: there is a chip that can be opened */
};

/* `bench` may be NULL: then only the machine is checked. */
void doctor_examine(struct doctor *doctor, const struct bench *bench);
void doctor_free(struct doctor *doctor);

/* The radio's part of it: bluetoothd, adapters, rfkill, permissions; the adapter of each station.
 * Waits for bluetoothd for 5 s at most. hardware/doctor/doctor_radio.c */
void doctor_examine_radio(struct doctor *doctor, const struct bench *bench);

/* What happens to lines whose owner is gone, and who guards them. `sys`: where /sys is. Waits for
 * the guard for half a second at most. hardware/doctor/doctor_guard.c */
void doctor_examine_guard(struct doctor *doctor, const struct bench *bench, const char *sys);

/* One more row. `todo`: NULL for nothing. */
void doctor_add(struct doctor *doctor, enum doctor_state state, const char *about, const char *todo,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
