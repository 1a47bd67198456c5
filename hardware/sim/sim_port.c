#include "hardware/sim/sim_port.h"

#include "hardware/sim/firmware_data.h"
#include "hardware/sim/random.h"
#include "hardware/sim/sim_internal.h"
#include "rig/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines are written so fast; people look no further than so. */
static const int64_t WRITE_NS = 4 * NS_PER_US;
static const int64_t FARTHEST_NS = 24 * 3600 * NS_PER_S;

/* When the bench or the unit does something next. */
static int64_t first_ns_of(const struct sim_port *sim)
{
    int64_t bench_ns = sim->queue_count ? sim->queue[0].time_ns : INT64_MAX;
    int64_t unit_ns = sim->unit ? unit_next_ns(sim->unit) : INT64_MAX;
    return bench_ns < unit_ns ? bench_ns : unit_ns;
}

int64_t sim_now(struct port *port)
{
    struct sim_port *sim = sim_of(port);
    if (sim->port.rate) {
        int64_t now_ns = sim->begin_ns + (clock_mono_ns() - sim->begin_ns) * sim->port.rate;
        int64_t first_ns = first_ns_of(sim);
        /* A process that stood still has missed nothing of what the bench did meanwhile. */
        now_ns = now_ns > first_ns ? first_ns : now_ns;
        now_ns = port->halt_ns && now_ns > port->halt_ns ? port->halt_ns : now_ns;
        sim->now_ns = now_ns > sim->now_ns ? now_ns : sim->now_ns;
    }
    return sim->now_ns;
}

void sim_happen(struct sim_port *sim, struct happening happening)
{
    if (sim->queue_count == QUEUE_MAX) {
        return;
    }
    size_t at = sim->queue_count++;
    while (at > 0 && sim->queue[at - 1].time_ns > happening.time_ns) {
        sim->queue[at] = sim->queue[at - 1];
        at--;
    }
    sim->queue[at] = happening;
}

/* ---- lines and what hangs on them ---- */

/* The button of an actuator goes down or up at `time_ns`, with its bounces before it stays. */
static void move_button(struct sim_port *sim, int actuator, int64_t time_ns, bool down)
{
    const struct firmware *firmware = sim->firmware;
    int bounces = firmware ? firmware->bounces : 0;
    for (int i = 0; i < bounces; i++) {
        int64_t step_ns = firmware->bounce_ns / (2 * bounces);
        int64_t at_ns = time_ns + 2 * i * step_ns;
        sim_happen(sim, (struct happening){
                            .kind = BUTTON, .time_ns = at_ns, .actuator = actuator, .level = down});
        sim_happen(sim,
                   (struct happening){.kind = BUTTON,
                                      .time_ns = at_ns + sim_random_in(&sim->random, 1, step_ns),
                                      .actuator = actuator,
                                      .level = !down});
    }
    int64_t settled_ns = time_ns + (bounces ? firmware->bounce_ns : 0);
    sim_happen(sim,
               (struct happening){
                   .kind = BUTTON, .time_ns = settled_ns, .actuator = actuator, .level = down});
}

static void move_actuators(struct sim_port *sim, int64_t time_ns, bool on)
{
    for (size_t i = 0; i < sim->station->actuator_count; i++) {
        const struct actuator *actuator = &sim->station->actuators[i];
        if (sim->order.mask & (1U << i)) {
            int64_t tolerance_ns = actuator->travel_tolerance_ns;
            int64_t travel_ns = (on ? actuator->travel_press_ns : actuator->travel_release_ns) +
                                sim_random_in(&sim->random, -tolerance_ns, tolerance_ns);
            move_button(sim, (int)i, time_ns + (travel_ns > 0 ? travel_ns : 0), on);
        }
    }
}

static int sim_press(struct port *port, const struct press_order *order)
{
    struct sim_port *sim = sim_of(port);
    uint32_t wired =
        sim->station->actuator_count >= 32 ? UINT32_MAX : (1U << sim->station->actuator_count) - 1;
    if (sim->dead) {
        errno = EPIPE;
        return -1;
    }
    if (sim->order.press) {
        errno = EBUSY;
        return -1;
    }
    if (!order->press || !order->mask || (order->mask & ~wired) || order->energise_ns <= 0) {
        errno = EINVAL;
        return -1;
    }
    for (size_t i = 0; i < sim->station->actuator_count; i++) {
        if ((order->mask & (1U << i)) &&
            order->energise_ns > sim->station->actuators[i].max_on_ns) {
            errno = ERANGE;
            return -1;
        }
    }
    int64_t now_ns = sim_now(port);
    sim->order = *order;
    sim->on = false;
    sim_happen(sim,
               (struct happening){.kind = LINES_ON,
                                  .time_ns = order->press_ns > now_ns ? order->press_ns : now_ns});
    return 0;
}

/* What was bound to be written to the lines is not any more. */
static void drop_lines(struct sim_port *sim)
{
    size_t kept = 0;
    for (size_t i = 0; i < sim->queue_count; i++) {
        if (sim->queue[i].kind != LINES_ON && sim->queue[i].kind != LINES_OFF) {
            sim->queue[kept++] = sim->queue[i];
        }
    }
    sim->queue_count = kept;
}

/* The lines go inactive `at_ns`: what was bound to do that later is not any more. */
static void schedule_off(struct sim_port *sim, int64_t at_ns, bool early)
{
    drop_lines(sim);
    sim->off_ns = at_ns;
    sim_happen(sim, (struct happening){.kind = LINES_OFF, .time_ns = at_ns, .early = early});
}

static void sim_release(struct port *port)
{
    struct sim_port *sim = sim_of(port);
    int64_t now_ns = sim_now(port);
    if (!sim->order.press) {
        return;
    }
    if (sim->on) {
        if (sim->off_ns > now_ns) {
            schedule_off(sim, now_ns, true);
        }
        return;
    }
    /* Not pressed yet: it is called off, and ends in PORT_RELEASED of no lines, as a keeper's. */
    drop_lines(sim);
    sim_happen(sim, (struct happening){.kind = LINES_OFF, .time_ns = now_ns, .early = true});
}

/* ---- inputs ---- */

static bool edge(struct sim_port *sim, int input, bool level, int64_t time_ns,
                 struct port_event *event)
{
    if (input < 0 || sim->levels[input] == level) {
        return false;
    }
    sim->levels[input] = level;
    event->kind = PORT_EDGE;
    event->time_ns = time_ns;
    event->input = (int16_t)input;
    event->level = level;
    return true;
}

static bool unit_changed(struct sim_port *sim, const struct unit_change *change,
                         struct port_event *event)
{
    switch (change->kind) {
    case UNIT_LED: {
        unsigned bit = 1U << change->channel;
        sim->lit = change->level ? sim->lit | bit : sim->lit & ~bit;
        if (sim->led_mono >= 0) {
            return edge(sim, sim->led_mono, sim->lit != 0, change->time_ns, event);
        }
        return edge(sim, sim->led[change->channel], change->level, change->time_ns, event);
    }
    case UNIT_SOUND:
        return edge(sim, sim->sound, change->level, change->time_ns, event);
    case UNIT_RADIO:
        if (!sim->station->adapter) {
            return false;
        }
        event->kind = PORT_RADIO;
        event->time_ns = change->time_ns;
        event->radio = change->radio;
        event->value = change->value;
        event->mask = change->radio == RADIO_SEEN ? TRANSPORT_BREDR : 0;
        event->object[0] = event->error[0] = '\0';
        snprintf(event->text, sizeof(event->text), "%s", change->text ? change->text : "");
        event->text2[0] = '\0';
        return true;
    }
    return false;
}

static void end_of_lines(struct sim_port *sim, int64_t time_ns)
{
    if (sim->on) {
        move_actuators(sim, time_ns, false);
    }
    sim->order.press = 0;
    sim->on = false;
}

static bool lines_off(struct sim_port *sim, const struct happening *happening,
                      struct port_event *event)
{
    event->kind = PORT_RELEASED;
    event->press = sim->order.press;
    event->mask = sim->on ? sim->order.mask : 0;
    event->early = happening->early;
    event->at_ns = happening->time_ns;
    event->until_ns = happening->time_ns + (sim->on ? WRITE_NS : 0);
    event->time_ns = event->at_ns;
    end_of_lines(sim, happening->time_ns);
    return true;
}

static bool fault(struct sim_port *sim, const struct happening *happening, struct port_event *event)
{
    event->kind = happening->kind == ESTOP ? PORT_ESTOP : PORT_FAULT;
    event->time_ns = happening->time_ns;
    event->text[0] = event->text2[0] = '\0';
    if (happening->kind == GONE) {
        snprintf(event->text, sizeof(event->text), "the simulated chip is gone");
        snprintf(event->text2, sizeof(event->text2), "everything is released");
    }
    drop_lines(sim);
    end_of_lines(sim, happening->time_ns);
    sim->dead = true;
    return true;
}

/* ---- what is wired to what ---- */

static void wire_inputs(struct sim_port *sim)
{
    const struct station *station = sim->station;
    static const enum input_role channels[] = {INPUT_LED_R, INPUT_LED_G, INPUT_LED_B};
    for (size_t i = 0; i < BENCH_ACTUATORS_MAX; i++) {
        sim->contact[i] = -1;
    }
    for (size_t i = 0; i < station->input_count; i++) {
        if (station->inputs[i].role == INPUT_CONTACT) {
            sim->contact[station->inputs[i].actuator] = (int)i;
        }
    }
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        sim->led[i] = bench_station_input(station, channels[i]);
    }
    sim->led_mono = bench_station_input(station, INPUT_LED);
    sim->sound = bench_station_input(station, INPUT_SOUND);
}

/* Make a happening happen. True when the caller hears of it. */
static bool take(struct sim_port *sim, const struct happening *happening, struct port_event *event)
{
    int64_t time_ns = happening->time_ns;
    switch (happening->kind) {
    case BUTTON:
        if (sim->unit && sim->button[happening->actuator] >= 0) {
            unit_button(sim->unit, time_ns, sim->button[happening->actuator], happening->level);
        }
        return edge(sim, sim->contact[happening->actuator], happening->level, time_ns, event);
    case LINES_ON:
        sim->on = true;
        sim->on_ns = time_ns;
        event->kind = PORT_PRESSED;
        event->time_ns = event->at_ns = time_ns;
        event->until_ns = time_ns + WRITE_NS;
        event->press = sim->order.press;
        event->mask = sim->order.mask;
        move_actuators(sim, time_ns, true);
        sim_faults_of_press(sim, time_ns);
        schedule_off(sim, time_ns + sim->order.energise_ns, false);
        return true;
    case LINES_OFF:
        return lines_off(sim, happening, event);
    case ANSWER:
        event->kind = PORT_ANSWER;
        event->time_ns = time_ns;
        event->by = happening->level ? ANSWER_BY_INPUT : ANSWER_BY_SIMULATION;
        snprintf(event->text, sizeof(event->text), "%s", happening->text);
        snprintf(event->text2, sizeof(event->text2), "%s", happening->text2);
        return true;
    case RADIO:
        event->kind = PORT_RADIO;
        event->time_ns = time_ns;
        event->radio = happening->radio;
        event->value = happening->value;
        event->mask = 0;
        event->object[0] = event->error[0] = '\0';
        snprintf(event->text, sizeof(event->text), "%s", happening->text ? happening->text : "");
        event->text2[0] = '\0';
        return true;
    case LOST:
        event->kind = PORT_LOST;
        event->time_ns = time_ns;
        event->input = (int16_t)(sim->led_mono >= 0 ? sim->led_mono : sim->led[0]);
        event->count = 12;
        return true;
    case ESTOP:
    case GONE:
        return fault(sim, happening, event);
    case HAND:
        sim_change_unit(sim, happening);
        return false;
    case INPUT:
        return edge(sim, happening->input, happening->level, time_ns, event);
    }
    return false;
}

/* ---- time ---- */

/* Real pace: until `time_ns` has come; false when wake_fd wants somebody to look. */
static bool wait_until(struct port *port, int64_t time_ns)
{
    while (sim_now(port) < time_ns) {
        if (!port_wait(port, time_ns)) {
            return false;
        }
    }
    return true;
}

static bool sim_next(struct port *port, int64_t until_ns, struct port_event *event)
{
    struct sim_port *sim = sim_of(port);
    int64_t now_ns = sim_now(port);
    until_ns = until_ns - now_ns > FARTHEST_NS ? now_ns + FARTHEST_NS : until_ns;

    for (;;) {
        int64_t bench_ns = sim->queue_count ? sim->queue[0].time_ns : INT64_MAX;
        int64_t unit_ns = sim->unit ? unit_next_ns(sim->unit) : INT64_MAX;
        int64_t first_ns = first_ns_of(sim);
        int64_t due_ns = first_ns < until_ns ? first_ns : until_ns;
        if (sim->port.rate && !wait_until(port, due_ns)) {
            return false;
        }
        if (first_ns > until_ns) {
            sim->now_ns = until_ns > sim->now_ns ? until_ns : sim->now_ns;
            return false;
        }
        sim->now_ns = first_ns > sim->now_ns ? first_ns : sim->now_ns;
        if (unit_ns <= bench_ns) {
            struct unit_change change;
            if (unit_next(sim->unit, unit_ns, &change) && unit_changed(sim, &change, event)) {
                return true;
            }
            continue;
        }
        struct happening first = sim->queue[0];
        sim->queue_count--;
        memmove(sim->queue, sim->queue + 1, sim->queue_count * sizeof(sim->queue[0]));
        if (take(sim, &first, event)) {
            return true;
        }
    }
}

static int sim_level(struct port *port, unsigned input)
{
    struct sim_port *sim = sim_of(port);
    return input < sim->station->input_count ? sim->levels[input] : -1;
}

/* Nothing of it is a descriptor: time is all there is to wait for. */
static size_t sim_fds(struct port *port, struct pollfd *fds, size_t size)
{
    (void)port;
    (void)fds;
    (void)size;
    return 0;
}

static int64_t sim_due_ns(struct port *port)
{
    return first_ns_of(sim_of(port));
}

static void sim_close(struct port *port)
{
    struct sim_port *sim = sim_of(port);
    unit_free(sim->unit);
    free(sim);
}

static const struct port_ops sim_ops = {
    .now = sim_now,
    .next = sim_next,
    .press = sim_press,
    .release = sim_release,
    .radio = sim_radio,
    .ask = sim_ask,
    .level = sim_level,
    .close = sim_close,
    .fds = sim_fds,
    .due_ns = sim_due_ns,
};

/* ---- beginning ---- */

void sim_port_restart(struct port *port, uint64_t seed)
{
    struct sim_port *sim = sim_of(port);

    sim->random = seed ^ UINT64_C(0x5157414E42454E43);
    sim->order.press = 0;
    sim->on = false;
    sim->dead = false;
    sim->queue_count = 0;
    int64_t now_ns = sim_now(port);
    if (sim->unit) {
        unit_restart(sim->unit, seed, now_ns);
    }
    memset(sim->levels, 0, sizeof(sim->levels));
    sim_levels_of_unit(sim, sim->levels);
    sim_schedule_faults(sim, now_ns);
}

struct port *sim_port_open(struct diags *diags, const struct station *station,
                           const struct firmware *firmware, const struct sim_options *options)
{
    struct sim_port *sim = xcalloc(sizeof(*sim));
    sim->port =
        (struct port){.ops = &sim_ops, .simulated = true, .wake_fd = -1, .rate = options->rate};
    sim->station = station;
    sim->firmware = firmware;
    sim->bonds = options->bonds;
    sim->begin_ns = clock_mono_ns();
    sim->now_ns = options->rate ? sim->begin_ns : options->start_ns;
    sim->unit = firmware ? unit_new(firmware, options->seed, sim->now_ns, true) : NULL;
    sim_set_floor(sim);
    wire_inputs(sim);
    if (!sim_wire_buttons(sim) && firmware) {
        diag_error(diags, station->place, "name the actuators after the firmware's buttons",
                   "no actuator of station `%s` presses a button of `%s`", station->name,
                   firmware->name);
        sim_close(&sim->port);
        return NULL;
    }
    sim_port_restart(&sim->port, options->seed);
    return &sim->port;
}
