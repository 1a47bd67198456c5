/* The operator of the simulated bench: places a unit, removes it, and starts a run. */
#include "hardware/sim/firmware_data.h"
#include "hardware/sim/sim_internal.h"
#include "hardware/sim/sim_port.h"

#include <string.h>

bool sim_wire_buttons(struct sim_port *sim)
{
    const struct station *station = sim->station;
    bool any = false;
    for (size_t i = 0; i < BENCH_ACTUATORS_MAX; i++) {
        sim->button[i] = sim->unit && i < station->actuator_count
                             ? unit_button_named(sim->unit, station->actuators[i].control)
                             : -1;
        any = any || sim->button[i] >= 0;
    }
    return any;
}

void sim_set_floor(struct sim_port *sim)
{
    if (sim->unit && sim->station->adapter) {
        unit_set_floor(sim->unit, sim->station->rssi_floor);
    }
}

/* What an input that answers a question is at with this unit in the station, or none; as it was
 * where the unit does not tell. */
static bool question_level(const struct sim_port *sim, const struct input *input, bool was)
{
    bool placed = strcmp(input->question, "placed") == 0;
    for (size_t i = 0; sim->firmware && i < sim->firmware->answer_count; i++) {
        const struct firmware_answer *answer = &sim->firmware->answers[i];
        if (strcmp(answer->question, input->question) == 0) {
            return strcmp(answer->say, input->when_active) == 0;
        }
    }
    return placed ? strcmp(sim->unit ? "yes" : "no", input->when_active) == 0 : was;
}

void sim_levels_of_unit(struct sim_port *sim, int8_t levels[BENCH_INPUTS_MAX])
{
    const struct station *station = sim->station;
    sim->lit = 0;
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        bool lit = sim->unit && unit_led(sim->unit, i);
        sim->lit |= lit ? 1U << i : 0;
        if (sim->led[i] >= 0) {
            levels[sim->led[i]] = lit;
        }
    }
    if (sim->led_mono >= 0) {
        levels[sim->led_mono] = sim->lit != 0;
    }
    if (sim->sound >= 0) {
        levels[sim->sound] = 0;
    }
    for (size_t i = 0; i < station->input_count; i++) {
        if (station->inputs[i].role == INPUT_QUESTION) {
            levels[i] = question_level(sim, &station->inputs[i], levels[i] == 1);
        }
    }
}

/* The faults of the bench that a unit brings along do not outlast it. */
static void drop_faults(struct sim_port *sim)
{
    size_t kept = 0;
    for (size_t i = 0; i < sim->queue_count; i++) {
        enum happening_kind kind = sim->queue[i].kind;
        if (kind != LOST && kind != ESTOP && kind != GONE) {
            sim->queue[kept++] = sim->queue[i];
        }
    }
    sim->queue_count = kept;
}

static void schedule_faults(struct sim_port *sim, int64_t now_ns, bool after_press)
{
    if (!sim->firmware) {
        return;
    }
    const struct {
        const struct bench_fault *fault;
        enum happening_kind kind;
    } faults[] = {{&sim->firmware->lose_edges, LOST},
                  {&sim->firmware->estop, ESTOP},
                  {&sim->firmware->chip_gone, GONE}};
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (faults[i].fault->after_ns && faults[i].fault->after_press == after_press) {
            sim_happen(sim, (struct happening){.kind = faults[i].kind,
                                               .time_ns = now_ns + faults[i].fault->after_ns});
        }
    }
}

void sim_schedule_faults(struct sim_port *sim, int64_t now_ns)
{
    drop_faults(sim);
    schedule_faults(sim, now_ns, false);
    sim->awaits_press = true;
}

void sim_faults_of_press(struct sim_port *sim, int64_t now_ns)
{
    if (sim->awaits_press) {
        sim->awaits_press = false;
        schedule_faults(sim, now_ns, true);
    }
}

void sim_change_unit(struct sim_port *sim, const struct happening *hand)
{
    int8_t levels[BENCH_INPUTS_MAX];

    drop_faults(sim);
    unit_free(sim->unit);
    sim->firmware = hand->firmware;
    sim->unit = hand->firmware ? unit_new(hand->firmware, hand->seed, hand->time_ns, true) : NULL;
    sim_set_floor(sim);
    sim_wire_buttons(sim);
    memcpy(levels, sim->levels, sizeof(levels));
    sim_levels_of_unit(sim, levels);
    for (size_t i = 0; i < sim->station->input_count; i++) {
        if (levels[i] != sim->levels[i]) {
            sim_happen(sim, (struct happening){.kind = INPUT,
                                               .time_ns = hand->time_ns,
                                               .input = (int)i,
                                               .level = levels[i] == 1});
        }
    }
}

void sim_port_put(struct port *port, const struct firmware *firmware, int64_t after_ns,
                  uint64_t seed)
{
    struct sim_port *sim = sim_of(port);
    sim_happen(sim, (struct happening){.kind = HAND,
                                       .time_ns = sim_now(port) + (after_ns > 0 ? after_ns : 0),
                                       .firmware = firmware,
                                       .seed = seed});
}

void sim_port_begin(struct port *port)
{
    sim_schedule_faults(sim_of(port), sim_now(port));
}
