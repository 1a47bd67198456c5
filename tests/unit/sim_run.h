/*
 * One run on the simulated bench, ready to be driven: a profile's procedure, a unit of a firmware
 * file, a plan, a port, an engine. Every hazard of the profile is accepted.
 */
#ifndef LONGPRESS_TESTS_UNIT_SIM_RUN_H
#define LONGPRESS_TESTS_UNIT_SIM_RUN_H

#include "hardware/sim/sim_port.h"
#include "rig/judge/judge.h"
#include "rig/run/run.h"

struct sim_run {
    struct profile *profile;
    struct firmware *firmware;
    struct bench *bench;
    const struct station *station;
    const struct procedure *procedure;
    struct plan *plan;
    struct port *port;
    struct engine *engine;
    struct timeline timeline;
    struct sensors sensors;
};

/* `profile` and `firmware` are paths, `procedure` a name or NULL for the default. False, with
 * nothing to close, when the unit has no such button or no plan leads there; fails the test when a
 * file does not load. */
bool sim_run_open(struct sim_run *run, const char *profile, const char *procedure,
                  const char *firmware, const struct sim_options *options);
void sim_run_close(struct sim_run *run);

#endif
