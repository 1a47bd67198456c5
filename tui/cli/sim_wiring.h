/*
 * Our own simulated benches have every control of the profiles that come with the program. A model
 * of somebody's own may have others: they are wired to every station, as text, so that a run is
 * kept with the bench that it was made on.
 */
#ifndef LONGPRESS_TUI_SIM_WIRING_H
#define LONGPRESS_TUI_SIM_WIRING_H

#include "rig/base/diag.h"
#include "rig/bench/bench.h"
#include "rig/profile/profile.h"

#include <stddef.h>

/*
 * `bench`, one of our own, with what the profiles press and it has not; the same when it has all,
 * else a new one in place of it, which is freed. Where a station has no more room, what is left is
 * not wired, as on any bench. NULL after an error.
 */
struct bench *sim_wiring(struct bench *bench, struct diags *diags,
                         const struct profile *const *profiles, size_t count);

#endif
