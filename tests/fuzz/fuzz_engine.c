/* Any bytes as events, ticks, answers and aborts: the engine keeps what rig/run/engine.h promises.
 */
#include "rig/base/units.h"
#include "rig/run/engine.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define START_NS INT64_C(5000000000000)

enum { CALLS_MAX = 600, ROUNDS_MAX = 20000 };

static const char profile_text[] =
    "model: HP-1\n"
    "family: over-ear\n"
    "sources: { s: \"somebody\" }\n"
    "controls:\n"
    "  power: { kind: button, max_hold: 16 s }\n"
    "  nc_ambient: { kind: button, max_hold: 16 s }\n"
    "procedures:\n"
    "  reset:\n"
    "    kind: network\n"
    "    source: s\n"
    "    requires: { placed: yes, lid: open, battery: \">= 20 %\" }\n"
    "    steps:\n"
    "      - { tap: [power], times: 2, on: 80 ms, off: 120 ms }\n"
    "      - { ask: \"And now?\", name: now, answers: [on, off] }\n"
    "      - { wait: 300 ms }\n"
    "      - { hold: [power, nc_ambient], for: 7 s, release_on: \"blue x2\" }\n"
    "    expect:\n"
    "      led: { pattern: \"blue x2\", after: press+5 s, within: 4 s }\n"
    "      sound: { prompt: \"off\", within: 5 s }\n"
    "      bluetooth: [disconnects, bond_rejected: { after: led, within: 9 s }, discoverable, "
    "pairs]\n";

static const char bench_text[] =
    "bench: b\n"
    "stations:\n"
    "  A:\n"
    "    chip: c\n"
    "    actuators:\n"
    "      power: { line: 17, kind: relay, max_on: 20 s, travel: { press: 8 ms, release: 5 ms, "
    "tolerance: 3 ms } }\n"
    "      nc_ambient: { line: 18, kind: relay, max_on: 20 s }\n"
    "    led: { r: { line: 5 }, g: { line: 6 }, b: { line: 7 } }\n"
    "    sound: { line: 8 }\n"
    "    contact: { power: { line: 4 }, nc_ambient: { line: 3 } }\n"
    "    inputs: { lid: { line: 9, is: open, else: closed } }\n"
    "    bluetooth: { adapter: \"00:11:22:33:44:55\" }\n";

struct input_bytes {
    const uint8_t *data;
    size_t size;
};

struct watch {
    struct engine *engine;
    int64_t now_ns;
    uint32_t presses;
    int64_t press_ns;
    int64_t energise_ns;
    bool outstanding;
    bool stopped;
    size_t met;
};

static const struct plan *plan;
static struct timeline timeline;
static struct engine *engine;

static uint64_t take_bytes(struct input_bytes *in, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count && in->size > 0; i++) {
        value = value << 8 | *in->data++;
        in->size--;
    }
    return value;
}

static void prepare(void)
{
    struct diags diags = DIAGS_INIT;
    static const int8_t levels[BENCH_INPUTS_MAX];
    struct profile *profile =
        profile_load_text(&diags, "profile", profile_text, strlen(profile_text));
    struct bench *bench = bench_load_text(&diags, "bench", bench_text, strlen(bench_text));
    if (profile && bench) {
        plan = plan_make(&diags, profile, &profile->procedures[0], bench, &bench->stations[0], NULL,
                         NULL);
    }
    diags_print(&diags, stderr);
    assert(plan);
    timeline_init(&timeline);
    engine = engine_new(plan, &timeline, START_NS, 0, levels);
}

static void check_press(struct watch *watch, const struct press_order *order)
{
    uint32_t nth = watch->presses++;
    const struct action *action = NULL;
    for (size_t i = 0; i < plan->action_count; i++) {
        if (plan->actions[i].kind == ACTION_PRESS && nth-- == 0) {
            action = &plan->actions[i];
        }
    }
    assert(action && !watch->outstanding && !watch->stopped);
    assert(watch->met == plan->procedure->requires_count);
    assert(order->press == watch->presses && order->mask == action->actuators);
    assert(order->energise_ns == action->energise_ns);
    watch->outstanding = true;
    watch->press_ns = order->press_ns;
    watch->energise_ns = order->energise_ns;
}

/* A question has answers to choose from, as long as it stands; only a charge is a number. */
static void check_question(const struct watch *watch)
{
    const struct question *asked = engine_question(watch->engine);
    assert(!asked || (asked->answer_count == 0) == (strcmp(asked->name, "battery") == 0));
}

/* Take all commands; after a stop the first lets go. */
static void take_commands(struct watch *watch, bool lets_go)
{
    struct engine_command command;
    bool first = true;
    while (engine_command(watch->engine, &command)) {
        assert(!lets_go || !first || command.kind == COMMAND_RELEASE);
        first = false;
        if (command.kind == COMMAND_PRESS) {
            check_press(watch, &command.order);
        }
        assert(command.kind != COMMAND_ASK || !watch->stopped);
    }
    assert(!lets_go || !first);
}

/* An answer is about to be given: does it meet the requirement that is asked? */
static void look_at_answer(struct watch *watch, const char *name, const char *text)
{
    const struct question *asked = engine_question(watch->engine);
    char canonical[ANSWER_TEXT_MAX];
    if (!asked || watch->met == plan->procedure->requires_count || strcmp(asked->name, name) != 0 ||
        !question_accepts(asked, text, canonical)) {
        return;
    }
    if (strcmp(name, "unit") == 0) {
        return; /* the radio's, and no requirement: `battery` waits for the radio */
    }
    const struct requirement *requirement = &plan->procedure->requires[watch->met];
    int x100 = 0;
    assert(strcmp(requirement->question.name, name) == 0);
    if (requirement->at_least_x100 >= 0) {
        watch->met +=
            units_percent_parse(canonical, &x100) == 0 && x100 >= requirement->at_least_x100;
    } else {
        watch->met += strcmp(requirement->accept[0], canonical) == 0;
    }
}

static int64_t take_time(struct watch *watch, struct input_bytes *in)
{
    int64_t wake_ns = engine_wake_ns(watch->engine);
    uint8_t how = (uint8_t)take_bytes(in, 1);
    switch (how & 7) {
    case 0:
        return watch->now_ns;
    case 1:
        return wake_ns == INT64_MAX ? watch->now_ns : wake_ns;
    case 2:
        return watch->now_ns - (int64_t)take_bytes(in, 4);
    case 3:
        return watch->press_ns > watch->now_ns ? watch->press_ns : watch->now_ns;
    case 4:
        return watch->press_ns + watch->energise_ns > watch->now_ns
                   ? watch->press_ns + watch->energise_ns
                   : watch->now_ns;
    case 5:
        return watch->now_ns + (int64_t)take_bytes(in, 1) * 10 * NS_PER_MS;
    case 6:
        return watch->now_ns + (int64_t)take_bytes(in, 4) * 4;
    default:
        return watch->now_ns + (how >> 3) * NS_PER_MS;
    }
}

static const char *const questions[] = {"placed", "lid", "battery", "now"};
static const char *const answers[] = {"yes", "open", "80", "on", "no", "closed", "5 %", "huh"};

static void take_radio(struct port_event *event, uint8_t how)
{
    const char *text = "HP-1";
    event->radio = (enum radio_event)(how % (RADIO_NOTE + 1));
    if (event->radio == RADIO_WHICH) {
        text = how < 128 ? "yes open done" : " "; /* between nobody, too */
    }
    snprintf(event->text, sizeof(event->text), "%s", text);
}

static void take_event(struct watch *watch, struct input_bytes *in, struct port_event *event)
{
    event->kind = (enum port_event_kind)(take_bytes(in, 1) % (PORT_FAULT + 1));
    event->time_ns = take_time(watch, in);
    event->at_ns = event->time_ns;
    switch (event->kind) {
    case PORT_EDGE:
    case PORT_LOST:
        event->input = (int16_t)((int)take_bytes(in, 1) - 128);
        event->level = (uint8_t)take_bytes(in, 1) & 1;
        event->count = event->level;
        break;
    case PORT_PRESSED:
    case PORT_RELEASED:
        event->press = watch->presses;
        event->mask = 1;
        event->early = (uint8_t)take_bytes(in, 1);
        if (event->early & 0x80) {
            event->press = (uint32_t)take_bytes(in, 4);
        }
        if (event->early & 0x40) {
            event->at_ns = (int64_t)take_bytes(in, 8);
        }
        event->early &= 1;
        event->until_ns = event->at_ns;
        break;
    case PORT_RADIO:
        take_radio(event, (uint8_t)take_bytes(in, 1));
        break;
    case PORT_ANSWER:
        snprintf(event->text, sizeof(event->text), "%s", questions[take_bytes(in, 1) & 3]);
        snprintf(event->text2, sizeof(event->text2), "%s", answers[take_bytes(in, 1) & 7]);
        break;
    case PORT_GUARD:
        snprintf(event->text, sizeof(event->text), "the guard is gone");
        break;
    case PORT_ESTOP:
    case PORT_FAULT:
        break;
    }
}

static void set_now(struct watch *watch, int64_t time_ns)
{
    watch->now_ns = time_ns > watch->now_ns ? time_ns : watch->now_ns;
}

/* Returns whether the run is to stop by this. */
static bool one_event(struct watch *watch, struct input_bytes *in)
{
    struct port_event event = {0};
    take_event(watch, in, &event);
    set_now(watch, event.time_ns);
    if (event.kind == PORT_ANSWER) {
        look_at_answer(watch, event.text, event.text2);
    } else if (event.kind == PORT_RELEASED && event.press == watch->presses) {
        watch->outstanding = false;
    }
    engine_event(watch->engine, &event);
    return event.kind == PORT_ESTOP || event.kind == PORT_FAULT;
}

static void one_call(struct watch *watch, struct input_bytes *in)
{
    enum run_end before = engine_end(watch->engine);
    bool over = watch->stopped || engine_done(watch->engine);
    size_t entries = timeline.count;
    bool done = engine_done(watch->engine);
    bool stops = false;
    uint8_t kind = (uint8_t)take_bytes(in, 1);

    if (kind < 140) {
        stops = one_event(watch, in);
    } else if (kind < 180) {
        set_now(watch, take_time(watch, in));
        engine_tick(watch->engine, watch->now_ns);
    } else if (kind < 254) {
        const struct question *asked = engine_question(watch->engine);
        const char *name = asked && kind & 1 ? asked->name : questions[take_bytes(in, 1) & 3];
        const char *text = answers[take_bytes(in, 1) & 7];
        look_at_answer(watch, name, text);
        engine_answer(watch->engine, watch->now_ns, name, text, ANSWER_BY_OPERATOR);
    } else {
        stops = true;
        engine_abort(watch->engine, watch->now_ns, "Ctrl-C");
    }
    bool let_go = engine_end(watch->engine) != before;
    assert(!stops || over || let_go || engine_done(watch->engine) ||
           engine_wake_ns(watch->engine) <= watch->now_ns);
    watch->stopped = watch->stopped || stops || let_go;
    take_commands(watch, let_go);
    check_question(watch);
    assert(!done || (engine_done(watch->engine) && timeline.count == entries));
}

static void to_the_end(struct watch *watch)
{
    int64_t begun_ns = watch->now_ns;
    for (int round = 0; !engine_done(watch->engine); round++) {
        assert(round < ROUNDS_MAX);
        if (engine_question(watch->engine)) {
            engine_abort(watch->engine, watch->now_ns, "the end");
            watch->stopped = true;
        } else {
            assert(engine_wake_ns(watch->engine) != INT64_MAX);
            set_now(watch, engine_wake_ns(watch->engine));
            engine_tick(watch->engine, watch->now_ns);
        }
        take_commands(watch, false);
    }
    assert(watch->now_ns - begun_ns < 300 * NS_PER_S);
    assert(timeline.entries[timeline.count - 1].kind == ENTRY_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input_bytes in = {data, size};
    int8_t levels[BENCH_INPUTS_MAX];

    if (!plan) {
        prepare();
    }
    uint64_t first = take_bytes(&in, 2);
    for (size_t i = 0; i < BENCH_INPUTS_MAX; i++) {
        levels[i] = first == 0xffff ? -1 : (int8_t)(first >> (i % 16) & 1);
    }
    timeline_reset(&timeline);
    engine_restart(engine, plan, &timeline, START_NS, 0, levels);
    struct watch watch = {.engine = engine, .now_ns = START_NS};
    take_commands(&watch, false);
    for (int i = 0; i < CALLS_MAX && in.size > 0; i++) {
        one_call(&watch, &in);
    }
    to_the_end(&watch);
    return 0;
}
