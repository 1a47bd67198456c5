/* The system's clocks, in nanoseconds. A port has its own clock (rig/run/port.h). */
#ifndef LONGPRESS_RIG_CLOCK_H
#define LONGPRESS_RIG_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC: how long something takes. */
int64_t clock_mono_ns(void);
/* CLOCK_REALTIME: ns since 1970 UTC. */
int64_t clock_wall_ns(void);

#endif
