#include "tui/drive/single_run.h"

#include "rig/base/clock.h"

struct record single_run_record(const struct bench_session *bench_session, const struct plan *plan,
                                const char *unit_firmware, const struct timeline *timeline,
                                const struct judgement *judgement)
{
    const struct run_place place = {
        .bench = bench_session->bench,
        .bench_name = bench_session->bench_name,
        .station = bench_session->station,
        .unit = bench_session->unit,
        .unit_firmware = unit_firmware,
        .sim_firmware = bench_session->firmware_text,
    };
    return run_record(&place, plan, timeline, judgement);
}

void single_run_keep(struct run_journal *run_journal, const struct bench_session *bench_session,
                     const struct record *record, struct journal_run run)
{
    run.record = record;
    run_journal_begin(run_journal, bench_session->port, bench_session->bench, run);
}

enum run_end single_run_drive(const struct bench_session *bench_session, const struct plan *plan,
                              struct timeline *timeline, const struct run_hooks *hooks)
{
    struct port *port = bench_session->port;
    int8_t levels[BENCH_INPUTS_MAX];

    run_levels(port, bench_session->station, levels);
    struct engine *engine =
        engine_new(plan, timeline, port->ops->now(port), clock_wall_ns(), levels);
    run_drive(engine, port, timeline, hooks);
    enum run_end end = engine_end(engine);
    engine_free(engine);
    return end;
}
