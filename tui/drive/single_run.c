#include "tui/drive/single_run.h"

#include "hardware/gpio/lines.h"
#include "rig/base/clock.h"

struct record one_run_record(const struct at_hand *at_hand, const struct plan *plan,
                             const char *unit_firmware, const struct timeline *timeline,
                             const struct judgement *judgement)
{
    struct record record = {
        .version = LONGPRESS_VERSION,
        .simulated = at_hand->bench->simulated,
        .bench = at_hand->bench_name,
        .station = at_hand->station->name,
        .unit = at_hand->unit,
        .unit_firmware = unit_firmware,
        .sim_firmware = at_hand->firmware_text,
        .profile = plan->profile,
        .procedure = plan->procedure,
        .bench_station = at_hand->station,
        .accepted_hazards = plan->accepted,
        .accepted_count = plan->accepted_count,
        .eyes = eyes_of_station(at_hand->station),
        .timeline = timeline,
        .judgement = judgement,
    };
    record.eyes.unit_firmware = unit_firmware;
    return record;
}

void one_run_keep(struct keeping *keeping, const struct at_hand *at_hand,
                  const struct record *record, struct journal_run run)
{
    run.record = record;
    run.operator_name = keeping_operator(run.operator_name);
    run.bench_text = at_hand->bench->text;
    run.bench_length = at_hand->bench->text_length;
    run.libgpiod = lines_library_version();
    keeping_begin(keeping, &run, at_hand->port);
}

enum engine_end one_run_drive(const struct at_hand *at_hand, const struct plan *plan,
                              struct timeline *timeline, const struct run_hooks *hooks)
{
    struct port *port = at_hand->port;
    int8_t levels[BENCH_INPUTS_MAX];

    run_levels(port, at_hand->station, levels);
    struct engine *engine =
        engine_new(plan, timeline, port->ops->now(port), clock_wall_ns(), levels);
    run_drive(engine, port, timeline, hooks);
    enum engine_end end = engine_end(engine);
    engine_free(engine);
    return end;
}
