/*
 * Makes every actuator inactive from any state, for `longpress release`. It presses nothing and
 * needs no keeper.
 */
#ifndef LONGPRESS_HARDWARE_RELEASE_H
#define LONGPRESS_HARDWARE_RELEASE_H

#include "rig/base/diag.h"
#include "rig/bench/bench.h"

#include <stddef.h>
#include <sys/types.h>

struct release {
    size_t released; /* lines that were made inactive here */
    size_t guarded;  /* lines that the guard holds, inactive */
    size_t held;     /* lines that a longpress which outlived its keeper holds, inactive */
    size_t ended;    /* runs that were told to end */
    size_t killed;   /* keepers that had to be killed */
};

/*
 * All actuators of these stations. A longpress that has the lines is told to end (SIGTERM), so that
 * its run is aborted and kept; a keeper that still has them after a second is told, then killed.
 * 0, or -1 after an error for each line that is not known to be inactive now; the others are.
 * Takes 3 s at the longest.
 */
int release_stations(struct diags *diags, const struct station *const *stations, size_t count,
                     struct release *release);

#endif
