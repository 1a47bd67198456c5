#include "tui/drive/single_run.h"

#include "rig/base/clock.h"

struct record one_run_record(const struct at_hand *at_hand, const struct plan *plan,
                             const char *unit_firmware, const struct timeline *timeline,
                             const struct judgement *judgement)
{
    const struct run_place place = {
        .bench = at_hand->bench,
        .bench_name = at_hand->bench_name,
        .station = at_hand->station,
        .unit = at_hand->unit,
        .unit_firmware = unit_firmware,
        .sim_firmware = at_hand->firmware_text,
    };
    return run_record(&place, plan, timeline, judgement);
}

void one_run_keep(struct keeping *keeping, const struct at_hand *at_hand,
                  const struct record *record, struct journal_run run)
{
    run.record = record;
    keeping_begin(keeping, at_hand->port, at_hand->bench, run);
}

enum run_end one_run_drive(const struct at_hand *at_hand, const struct plan *plan,
                           struct timeline *timeline, const struct run_hooks *hooks)
{
    struct port *port = at_hand->port;
    int8_t levels[BENCH_INPUTS_MAX];

    run_levels(port, at_hand->station, levels);
    struct engine *engine =
        engine_new(plan, timeline, port->ops->now(port), clock_wall_ns(), levels);
    run_drive(engine, port, timeline, hooks);
    enum run_end end = engine_end(engine);
    engine_free(engine);
    return end;
}
