/*
 * How many complete simulated WH-1000XM5 network resets a second: unit, port, engine, decoder,
 * timeline and judge, from the first precondition to the verdict; loading left out.
 *
 * The peer in the same run: the simulated unit alone, with no engine against it, for as many
 * edges. The ratio says what the rig's own part costs.
 */
#include "hardware/sim/sim_port.h"
#include "rig/judge/judge.h"
#include "rig/plan/plan.h"
#include "rig/run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 3000 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(struct diags *diags)
{
    diags_print(diags, stderr);
    exit(1);
}

/* The same press on the same unit, its edges taken and dropped. */
static size_t unit_alone(struct port *port, int64_t until_ns)
{
    struct press_order order = {
        .press = 1, .mask = 3, .press_ns = port->ops->now(port), .energise_ns = 7000000000};
    struct port_event event;
    size_t edges = 0;
    if (port->ops->press(port, &order) != 0) {
        return 0;
    }
    while (port->ops->now(port) < until_ns) {
        if (port->ops->next(port, until_ns, &event)) {
            edges += event.kind == PORT_EDGE;
        }
    }
    return edges;
}

int main(void)
{
    struct diags diags = DIAGS_INIT;
    struct profile *profile = profile_load(&diags, "profiles/wh-1000xm5.yaml");
    struct bench *bench = bench_load(&diags, "hardware/benches/sim.yaml");
    struct firmware *firmware = firmware_load(&diags, "hardware/sim/firmware/wh-1000xm5.yaml");
    if (!profile || !bench || !firmware) {
        die(&diags);
    }
    const struct station *station = bench_station(bench, NULL, &diags);
    struct plan_choices choices = {0};
    struct plan *plan =
        plan_make(&diags, profile, profile_default(profile), bench, station, &choices, NULL);
    struct sim_options options = {.seed = 1};
    struct port *port = station ? sim_port_open(&diags, station, firmware, &options) : NULL;
    if (!plan || !port) {
        die(&diags);
    }

    struct timeline timeline;
    struct run_hooks hooks = {0};
    struct judgement *judgement = malloc(sizeof(*judgement));
    struct sensors sensors = judge_sensors_of_station(station);
    struct engine *engine = NULL;
    size_t passes = 0;
    size_t edges = 0;
    int64_t length_ns = 0;
    if (!judgement) {
        die(&diags);
    }
    timeline_init(&timeline);
    double begin = seconds();
    for (unsigned i = 0; i < RUNS; i++) {
        int8_t levels[BENCH_INPUTS_MAX];
        timeline_reset(&timeline);
        sim_port_restart(port, i + 1);
        run_levels(port, station, levels);
        int64_t now_ns = port->ops->now(port);
        if (engine) {
            engine_restart(engine, plan, &timeline, now_ns, 0, levels);
        } else {
            engine = engine_new(plan, &timeline, now_ns, 0, levels);
        }
        run_drive(engine, port, &timeline, &hooks);
        judge(profile, plan->procedure, &sensors, &timeline, engine_end(engine), judgement);
        passes += judgement->verdict == VERDICT_PASS;
        edges += timeline.edge_count;
        length_ns = port->ops->now(port) - now_ns;
    }
    double whole_s = seconds() - begin;

    begin = seconds();
    size_t alone_edges = 0;
    for (unsigned i = 0; i < RUNS; i++) {
        sim_port_restart(port, i + 1);
        alone_edges += unit_alone(port, port->ops->now(port) + length_ns);
    }
    double alone_s = seconds() - begin;

    printf("simulated runs, WH-1000XM5 network-reset, virtual time\n");
    printf("  runs_per_s            %10.0f\n", RUNS / whole_s);
    printf("  passes                %7zu of %d\n", passes, RUNS);
    printf("  edges_per_run         %10zu\n", edges / RUNS);
    printf("  peer: unit alone, runs_per_s %10.0f (%zu edges a run)\n", RUNS / alone_s,
           alone_edges / RUNS);
    printf("  ratio whole / unit alone (time)  %.2f\n", whole_s / alone_s);

    engine_free(engine);
    timeline_free(&timeline);
    free(judgement);
    port->ops->close(port);
    plan_free(plan);
    firmware_free(firmware);
    bench_free(bench);
    profile_free(profile);
    return passes == RUNS ? 0 : 1;
}
