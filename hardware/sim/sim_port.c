#include "hardware/sim/sim_port.h"

#include "hardware/sim/firmware_data.h"
#include "hardware/sim/random.h"
#include "hardware/sim/unit.h"
#include "rig/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * Between the port and the unit stands what a real bench has there: a keeper that writes lines
 * with a little latency, actuators that travel, contacts that bounce, photodiodes on three
 * channels or one. All of that is here; what the unit makes of it is hardware/sim/unit.c.
 */

enum { QUEUE_MAX = 128 };

/* Lines are written so fast; people look no further than so. */
static const int64_t WRITE_NS = 4 * NS_PER_US;
static const int64_t FARTHEST_NS = 24 * 3600 * NS_PER_S;
/* How long the radio tries before it says that nobody is there. */
static const int64_t NOBODY_NS = 5 * NS_PER_S;

/* What is bound to happen on the bench, in order of time. */
struct happening {
    enum happening_kind {
        BUTTON,
        LINES_ON,
        LINES_OFF,
        ANSWER,
        RADIO,
        LOST,
        ESTOP,
        GONE,
        HAND,  /* the unit is taken out, and one of `firmware`, if any, put in */
        INPUT, /* an input goes to a level by itself */
    } kind;
    int64_t time_ns;
    int actuator;
    int input;
    const struct firmware *firmware;
    uint64_t seed;
    bool level;
    bool early;
    enum radio_event radio;
    const char *text;
    const char *text2;
    int64_t value;
};

struct sim_port {
    struct port port;
    const struct station *station;
    const struct firmware *firmware; /* NULL, and no unit: nothing is in the station */
    struct unit *unit;
    uint64_t random;
    int64_t now_ns;
    int64_t begin_ns; /* CLOCK_MONOTONIC when the clock began, unless it is virtual */
    bool dead;        /* the chip is gone, or the e-stop pressed */
    bool bonds;       /* sim_options */

    int button[BENCH_ACTUATORS_MAX];  /* of the unit; -1: it has none of that name */
    int contact[BENCH_ACTUATORS_MAX]; /* input; -1: not wired */
    int led[LED_CHANNELS];            /* input of each channel; -1 */
    int led_mono;
    int sound;
    unsigned lit; /* channels */
    int8_t levels[BENCH_INPUTS_MAX];

    struct press_order order; /* .press 0: none */
    bool on;
    int64_t on_ns;
    int64_t off_ns; /* the lines' release is due */

    struct happening queue[QUEUE_MAX];
    size_t queue_count;
};

static struct sim_port *sim_of(struct port *port)
{
    return (struct sim_port *)port;
}

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t sim_now(struct port *port)
{
    struct sim_port *sim = sim_of(port);
    if (sim->port.rate) {
        int64_t now_ns = sim->begin_ns + (clock_ns() - sim->begin_ns) * sim->port.rate;
        sim->now_ns = now_ns > sim->now_ns ? now_ns : sim->now_ns;
    }
    return sim->now_ns;
}

static void happen(struct sim_port *sim, struct happening happening)
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
        happen(sim, (struct happening){
                        .kind = BUTTON, .time_ns = at_ns, .actuator = actuator, .level = down});
        happen(sim, (struct happening){.kind = BUTTON,
                                       .time_ns = at_ns + sim_random_in(&sim->random, 1, step_ns),
                                       .actuator = actuator,
                                       .level = !down});
    }
    int64_t settled_ns = time_ns + (bounces ? firmware->bounce_ns : 0);
    happen(sim, (struct happening){
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
    happen(sim, (struct happening){.kind = LINES_ON,
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
    happen(sim, (struct happening){.kind = LINES_OFF, .time_ns = at_ns, .early = early});
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
    happen(sim, (struct happening){.kind = LINES_OFF, .time_ns = now_ns, .early = true});
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

/* ---- the unit, and nothing ---- */

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
        sim->led[i] = station_input(station, channels[i]);
    }
    sim->led_mono = station_input(station, INPUT_LED);
    sim->sound = station_input(station, INPUT_SOUND);
}

/* True when the station presses any button of the unit. */
static bool wire_buttons(struct sim_port *sim)
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

/* What all inputs but the contacts, which feel the actuators, are at now. */
static void levels_of_unit(struct sim_port *sim, int8_t levels[BENCH_INPUTS_MAX])
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

/* ... and are counted from now. */
static void schedule_faults(struct sim_port *sim, int64_t now_ns)
{
    drop_faults(sim);
    if (!sim->firmware) {
        return;
    }
    const struct {
        int64_t after_ns;
        enum happening_kind kind;
    } faults[] = {{sim->firmware->lose_edges_at_ns, LOST},
                  {sim->firmware->estop_at_ns, ESTOP},
                  {sim->firmware->chip_gone_at_ns, GONE}};
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (faults[i].after_ns) {
            happen(sim, (struct happening){.kind = faults[i].kind,
                                           .time_ns = now_ns + faults[i].after_ns});
        }
    }
}

static void change_unit(struct sim_port *sim, const struct happening *hand)
{
    int8_t levels[BENCH_INPUTS_MAX];

    drop_faults(sim);
    unit_free(sim->unit);
    sim->firmware = hand->firmware;
    sim->unit = hand->firmware ? unit_new(hand->firmware, hand->seed, hand->time_ns, true) : NULL;
    wire_buttons(sim);
    memcpy(levels, sim->levels, sizeof(levels));
    levels_of_unit(sim, levels);
    for (size_t i = 0; i < sim->station->input_count; i++) {
        if (levels[i] != sim->levels[i]) {
            happen(sim, (struct happening){.kind = INPUT,
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
    happen(sim, (struct happening){.kind = HAND,
                                   .time_ns = sim_now(port) + (after_ns > 0 ? after_ns : 0),
                                   .firmware = firmware,
                                   .seed = seed});
}

void sim_port_begin(struct port *port)
{
    schedule_faults(sim_of(port), sim_now(port));
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
        change_unit(sim, happening);
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

/* When the bench or the unit does something next. */
static int64_t first_ns_of(const struct sim_port *sim)
{
    int64_t bench_ns = sim->queue_count ? sim->queue[0].time_ns : INT64_MAX;
    int64_t unit_ns = sim->unit ? unit_next_ns(sim->unit) : INT64_MAX;
    return bench_ns < unit_ns ? bench_ns : unit_ns;
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

/* ---- questions and radio ---- */

static const struct input *question_input(const struct sim_port *sim, const char *question)
{
    for (size_t i = 0; i < sim->station->input_count; i++) {
        const struct input *input = &sim->station->inputs[i];
        if (input->role == INPUT_QUESTION && strcmp(input->question, question) == 0) {
            return input;
        }
    }
    return NULL;
}

static bool sim_ask(struct port *port, const char *question)
{
    struct sim_port *sim = sim_of(port);
    int64_t now_ns = sim_now(port);
    const struct input *input = question_input(sim, question);
    const char *answer = sim->unit ? unit_ask(sim->unit, now_ns, question) : NULL;
    if (!answer && input) {
        answer = sim->levels[input - sim->station->inputs] == 1 ? input->when_active
                                                                : input->when_inactive;
    }
    if (!answer) {
        return false;
    }
    happen(sim, (struct happening){.kind = ANSWER,
                                   .time_ns = now_ns,
                                   .level = input != NULL,
                                   .text = question,
                                   .text2 = answer});
    return true;
}

/* An adapter, and no unit whose answer it could hear. */
static void hear_nothing(struct sim_port *sim, int64_t now_ns, enum radio_command command)
{
    struct happening reply = {.kind = RADIO, .time_ns = now_ns + NOBODY_NS};
    switch (command) {
    case RADIO_START_WATCH:
        reply.radio = RADIO_READY;
        reply.value = READY_NOT_FOUND;
        break;
    case RADIO_CONNECT:
        reply.radio = RADIO_CONNECT_FAILED;
        reply.text = "page timeout";
        break;
    case RADIO_PAIR:
        reply.radio = RADIO_PAIR_FAILED;
        reply.text = "not in pairing mode";
        break;
    case RADIO_START_DISCOVERY:
    case RADIO_STOP_DISCOVERY:
    case RADIO_CHOOSE:
        return;
    }
    happen(sim, reply);
}

static void sim_radio(struct port *port, enum radio_command command, const char *text)
{
    struct sim_port *sim = sim_of(port);
    int64_t now_ns = sim_now(port);
    (void)text;
    if (sim->station->adapter && sim->unit) {
        struct unit_air air = unit_air(sim->unit);
        if (command == RADIO_START_WATCH && sim->bonds && air.on &&
            (air.bonded || air.discoverable)) {
            if (!air.connected || air.discoverable) {
                unit_rest(sim->unit, now_ns); /* out of pairing mode */
            }
            unit_met(sim->unit, now_ns, true, true);
        }
        unit_radio(sim->unit, now_ns, command);
    } else if (sim->station->adapter) {
        hear_nothing(sim, now_ns, command);
    } else if (command == RADIO_START_WATCH) {
        happen(sim,
               (struct happening){.kind = RADIO,
                                  .time_ns = now_ns,
                                  .radio = RADIO_ABSENT,
                                  .text = "no Bluetooth adapter is configured on this station"});
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
    levels_of_unit(sim, sim->levels);
    schedule_faults(sim, now_ns);
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
    sim->begin_ns = clock_ns();
    sim->now_ns = options->rate ? sim->begin_ns : options->start_ns;
    sim->unit = firmware ? unit_new(firmware, options->seed, sim->now_ns, true) : NULL;
    wire_inputs(sim);
    if (!wire_buttons(sim) && firmware) {
        diag_error(diags, station->place, "name the actuators as the firmware names its buttons",
                   "no actuator of station `%s` presses a button of `%s`", station->name,
                   firmware->name);
        sim_close(&sim->port);
        return NULL;
    }
    sim_port_restart(&sim->port, options->seed);
    return &sim->port;
}
