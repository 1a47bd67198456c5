/* What a station's keeper writes to: opened in its process, or in this one after its death. */
#include "hardware/station/station_internal.h"

#include "rig/base/arena.h"

#include <assert.h>
#include <stdlib.h>

struct opened_lines {
    struct output_lines *outputs;
    struct input_lines *estop;
};

static void close_lines(void *context)
{
    struct opened_lines *opened = context;
    lines_output_close(opened->outputs);
    lines_input_close(opened->estop);
    free(opened);
}

static void *open_lines(void *context, struct diags *diags)
{
    const struct station_lines *lines = context;
    struct opened_lines *opened = xrealloc_array(NULL, 1, sizeof(*opened));
    opened->outputs = lines_output_open(diags, lines->outputs, lines->output_count);
    opened->estop = lines->estop ? lines_input_open(diags, &lines->estop, 1) : NULL;
    if (!opened->outputs || (lines->estop && !opened->estop)) {
        close_lines(opened);
        return NULL;
    }
    return opened;
}

static int set_lines(void *context, uint32_t mask, bool active)
{
    const struct opened_lines *opened = context;
    return lines_output_set(opened->outputs, mask, active);
}

static size_t lines_fds(void *context, int fds[KEEPER_FDS_MAX])
{
    const struct opened_lines *opened = context;
    static_assert((int)KEEPER_FDS_MAX >= (int)LINES_MAX, "one for each chip");
    return lines_output_fds(opened->outputs, fds);
}

static int estop_fd(void *context)
{
    const struct opened_lines *opened = context;
    int fds[LINES_MAX];
    return opened->estop && lines_input_fds(opened->estop, fds) == 1 ? fds[0] : -1;
}

static int estop_level(void *context)
{
    const struct opened_lines *opened = context;
    struct line_edge edges[16];
    unsigned lost = 0;
    int count;
    do {
        count = lines_input_read(opened->estop, edges, 16, &lost);
    } while (count == 16);
    return count < 0 ? -1 : lines_input_level(opened->estop, 0);
}

static const struct keeper_lines_ops lines_ops = {
    .open = open_lines,
    .set = set_lines,
    .close = close_lines,
    .fds = lines_fds,
    .estop_fd = estop_fd,
    .estop_level = estop_level,
};

struct keeper *station_start_keeper(struct station_port *self, struct diags *diags,
                                    const struct bench *bench)
{
    const struct station *station = self->station;
    struct keeper_config config = {
        .ops = &lines_ops,
        .context = &self->lines,
        .line_count = (unsigned)station->actuator_count,
        .interlock = station->interlock,
        .heartbeat_ns = bench->heartbeat_ns,
        .spin_ns = bench->spin_ns,
        .realtime_priority = bench->realtime_priority,
    };
    bool guardable = true;
    int estop = bench_station_input(station, INPUT_ESTOP);

    self->lines.estop = estop >= 0 ? &station->inputs[estop].line : NULL;
    for (size_t i = 0; i < station->actuator_count; i++) {
        struct line_facts facts;
        self->lines.outputs[self->lines.output_count++] = &station->actuators[i].line;
        config.max_on_ns[i] = station->actuators[i].max_on_ns;
        lines_read_facts(&station->actuators[i].line, &facts);
        lines_where(self->where[i], sizeof(self->where[i]), &facts);
        guardable = guardable && facts.found &&
                    guard_wish_line(&self->lines.guard, facts.chip_path, facts.offset,
                                    station->actuators[i].line.active_low);
    }
    self->lines.guard.heartbeat_ns = bench->heartbeat_ns;
    config.guard = guardable ? &self->lines.guard : NULL;
    struct keeper *keeper = keeper_start(diags, &config);
    if (keeper && bench->realtime_priority > 0 && !keeper_powers(keeper).realtime_priority) {
        diag_warning(diags, place_of("keeper"),
                     "presses are less exact; see `longpress doctor` for how to allow it",
                     "real-time priority %d was refused", bench->realtime_priority);
    }
    if (keeper && keeper_powers(keeper).guard == GUARD_NONE) {
        diag_warning(diags, place_of("guard"), "see `longpress doctor` for how to set up a guard",
                     "nobody guards these lines: if longpress and its keeper are killed or "
                     "stopped together during a press, the button may stay down");
    }
    return keeper;
}
