/*
 * The shipped simulated benches have every control of the shipped profiles. A user's own model may
 * have others: these are added to every station, in the bench file's text, so that a run is kept
 * with the bench that it used.
 */
#ifndef LONGPRESS_TUI_SIM_WIRING_H
#define LONGPRESS_TUI_SIM_WIRING_H

#include "rig/base/diag.h"
#include "rig/bench/bench.h"
#include "rig/profile/profile.h"

#include <stddef.h>

/*
 * Adds to `bench`, a shipped one, the controls that the profiles press and it lacks. Returns
 * `bench` itself if none is missing, else a new bench, and frees the old one. If a station is full,
 * the remaining controls stay unwired, as on any bench. NULL after an error.
 */
struct bench *sim_wiring(struct bench *bench, struct diags *diags,
                         const struct profile *const *profiles, size_t count);

#endif
