#include "tests/unit/sim_run.h"

#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { HAZARDS_MAX = 32 };

static void load(struct sim_run *run, const char *profile, const char *procedure,
                 const char *firmware)
{
    struct diags diags = DIAGS_INIT;

    run->profile = profile_load(&diags, profile);
    run->firmware = firmware_load(&diags, firmware);
    run->bench = bench_load(&diags, "hardware/benches/sim.yaml");
    if (!run->profile || !run->firmware || !run->bench) {
        fail_msg("%s", diags_text(&diags));
    }
    run->station = &run->bench->stations[0];
    run->procedure =
        procedure ? profile_procedure(run->profile, procedure) : profile_default(run->profile);
    assert_non_null(run->procedure);
    diags_clear(&diags);
}

static void make_plan(struct sim_run *run, struct diags *diags)
{
    const char *hazards[HAZARDS_MAX];
    struct plan_choices choices = {.accept_hazards = hazards};

    assert_true(run->profile->hazard_count <= HAZARDS_MAX);
    for (size_t i = 0; i < run->profile->hazard_count; i++) {
        hazards[choices.accept_count++] = run->profile->hazards[i].id;
    }
    run->plan =
        plan_make(diags, run->profile, run->procedure, run->bench, run->station, &choices, NULL);
}

bool sim_run_open(struct sim_run *run, const char *profile, const char *procedure,
                  const char *firmware, const struct sim_options *options)
{
    struct diags diags = DIAGS_INIT;
    int8_t levels[BENCH_INPUTS_MAX];

    memset(run, 0, sizeof(*run));
    timeline_init(&run->timeline);
    load(run, profile, procedure, firmware);
    make_plan(run, &diags);
    run->port = run->plan ? sim_port_open(&diags, run->station, run->firmware, options) : NULL;
    diags_clear(&diags);
    if (!run->port) {
        sim_run_close(run);
        return false;
    }
    run->sensors = judge_sensors_of_station(run->station);
    run_levels(run->port, run->station, levels);
    run->engine = engine_new(run->plan, &run->timeline, run->port->ops->now(run->port), 0, levels);
    return true;
}

void sim_run_close(struct sim_run *run)
{
    engine_free(run->engine);
    if (run->port) {
        run->port->ops->close(run->port);
    }
    timeline_free(&run->timeline);
    plan_free(run->plan);
    firmware_free(run->firmware);
    bench_free(run->bench);
    profile_free(run->profile);
}
