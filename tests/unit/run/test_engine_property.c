/*
 * The engine's promises, whatever comes in whatever order: random streams of events, ticks, answers
 * and aborts, checked after every call, and each replayed to the same commands.
 */
#include "rig/base/units.h"
#include "rig/run/engine.h"
#include "tests/unit/parts.h"
#include "tests/unit/render_led.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START_NS INT64_C(5000000000000)

enum { PLANS = 5, CALLS_MAX = 512, CALLS_RANDOM = 80, ROUNDS_MAX = 20000 };

static const char *const procedures[PLANS] = {
    "requires: { placed: yes, lid: open, battery: \">= 20 %\" }\n"
    "steps: [{ hold: [power, nc_ambient], for: 7 s, release_on: \"blue x2\" }]\n"
    "expect:\n"
    "  led: { pattern: \"blue x2\", after: press+5 s, within: 4 s }\n"
    "  sound: { prompt: \"off\", within: 5 s }\n"
    "  bluetooth: [disconnects, bond_rejected, discoverable, pairs]\n",
    "requires: { lid: [open, closed] }\n"
    "steps:\n"
    "  - { tap: [touch_right], times: 5, on: 80 ms, off: 120 ms }\n"
    "  - { tap: [touch_left], times: 3, on: 80 ms, off: 120 ms }\n"
    "  - { hold: [touch_right], for: 5 s }\n"
    "expect: { led: unknown }\n",
    "steps:\n"
    "  - { tap: power, on: 100 ms }\n"
    "  - { ask: \"And now?\", name: now, answers: [on, off] }\n"
    "  - { wait: 300 ms }\n"
    "  - { hold: power, for: 2 s, release_on: \"red solid\" }\n"
    "expect: { bluetooth: [bond_kept: { after: led, within: 9 s }], led: { pattern: \"red x2\", "
    "within: 9 s } }\n",
    "requires: { placed: yes }\n"
    "steps: [{ hold: [power], for: 1 s }, { wait: 1 s }, { hold: [nc_ambient], for: 1 s }]\n"
    "expect: { sound: unknown }\n",
    "requires: { power: any }\n"
    "steps: [{ ask: \"Switch it off.\" }]\n"
    "expect: { bluetooth: [connects] }\n",
};

#define TRAVEL "max_on: 20 s, travel: { press: 8 ms, release: 5 ms, tolerance: 3 ms } }\n"
static const char station_part[] =
    "actuators:\n"
    "  power: { line: 17, kind: relay, " TRAVEL "  nc_ambient: { line: 18, kind: relay, " TRAVEL
    "  touch_left: { line: 19, kind: touch, " TRAVEL
    "  touch_right: { line: 20, kind: touch, " TRAVEL
    "led: { r: { line: 5 }, g: { line: 6 }, b: { line: 7 } }\n"
    "sound: { line: 8 }\n"
    "contact: { power: { line: 4 }, nc_ambient: { line: 3 } }\n"
    "inputs: { lid: { line: 9, is: open, else: closed } }\n"
    "bluetooth: { adapter: \"00:11:22:33:44:55\" }\n";

struct planned {
    struct profile *profile;
    struct bench *bench;
    struct plan *plan;
};

/* One call of the engine, as it can be done again. */
struct call {
    enum { CALL_EVENT, CALL_TICK, CALL_ANSWER, CALL_ABORT } kind;
    int64_t time_ns;
    const char *question;
    const char *answer;
    struct port_event event;
};

struct stream {
    const struct plan *plan;
    struct timeline *timeline;
    struct engine *engine;
    struct random random;
    int64_t now_ns;
    struct call *calls; /* CALLS_MAX; what went in, and ... */
    size_t call_count;
    uint64_t hash; /* ... of what came out */
    /* What is known of the commands. */
    struct press_order order;
    bool outstanding;
    bool stopped;
    size_t met; /* requirements answered, so far in their order */
    size_t presses;
};

static void mix(uint64_t *hash, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        *hash = (*hash ^ (value >> (8 * i) & 0xff)) * UINT64_C(0x100000001b3);
    }
}

static void hash_command(uint64_t *hash, const struct engine_command *command)
{
    mix(hash, command->kind);
    switch (command->kind) {
    case COMMAND_PRESS:
        mix(hash, command->order.press);
        mix(hash, command->order.mask);
        mix(hash, (uint64_t)command->order.press_ns);
        mix(hash, (uint64_t)command->order.energise_ns);
        break;
    case COMMAND_RADIO:
        mix(hash, command->radio);
        break;
    case COMMAND_ASK:
        mix(hash, (uint64_t)(uintptr_t)command->question);
        break;
    case COMMAND_RELEASE:
        break;
    }
}

/* The promises of a press. */
static void check_press(struct stream *stream, const struct press_order *order)
{
    const struct plan *plan = stream->plan;
    size_t nth = stream->presses++;
    const struct action *action = NULL;
    for (size_t i = 0; i < plan->action_count; i++) {
        if (plan->actions[i].kind == ACTION_PRESS && nth-- == 0) {
            action = &plan->actions[i];
        }
    }
    assert_non_null(action);
    assert_false(stream->outstanding);
    assert_false(stream->stopped);
    assert_int_equal(stream->met, plan->procedure->requires_count);
    assert_int_equal(order->mask, action->actuators);
    assert_true(order->energise_ns == action->energise_ns);
    assert_int_equal(order->press, stream->order.press + 1);
    assert_true(order->press_ns >= stream->now_ns - 5 * NS_PER_MS);
    stream->order = *order;
    stream->outstanding = true;
}

/* Take all commands; the first one after a stop lets go. */
static void take(struct stream *stream, bool stops)
{
    struct engine_command command;
    bool first = true;
    while (engine_command(stream->engine, &command)) {
        hash_command(&stream->hash, &command);
        if (stops && first) {
            assert_int_equal(command.kind, COMMAND_RELEASE);
        }
        first = false;
        if (command.kind == COMMAND_PRESS) {
            check_press(stream, &command.order);
        } else if (command.kind == COMMAND_ASK) {
            assert_false(stream->stopped);
            assert_ptr_equal(command.question, engine_question(stream->engine));
        }
    }
    assert_false(stops && first);
}

static bool does(const struct call *call, struct engine *engine)
{
    switch (call->kind) {
    case CALL_EVENT:
        engine_event(engine, &call->event);
        break;
    case CALL_TICK:
        engine_tick(engine, call->time_ns);
        break;
    case CALL_ANSWER:
        return engine_answer(engine, call->time_ns, call->question, call->answer,
                             ANSWER_BY_OPERATOR);
    case CALL_ABORT:
        engine_abort(engine, call->time_ns, "Ctrl-C");
        break;
    }
    return false;
}

/* What is known of the requirements before the call: an acceptable answer to the one asked. */
static void look_at_answer(struct stream *stream, const char *question, const char *answer)
{
    const struct procedure *procedure = stream->plan->procedure;
    const struct question *asked = engine_question(stream->engine);
    char canonical[ANSWER_TEXT_MAX];
    /* Which of several units is meant is the radio's question. */
    if (!asked || strcmp(asked->name, question) != 0 || strcmp(question, "unit") == 0 ||
        stream->met == procedure->requires_count || !question_accepts(asked, answer, canonical)) {
        return;
    }
    const struct requirement *requirement = &procedure->requires[stream->met];
    assert_string_equal(requirement->question.name, question);
    bool accepted = requirement->accept_count == 0;
    for (size_t i = 0; i < requirement->accept_count; i++) {
        accepted = accepted || strcmp(requirement->accept[i], canonical) == 0;
    }
    if (requirement->at_least_x100 >= 0) {
        int x100 = 0;
        accepted = units_percent_parse(canonical, &x100) == 0 && x100 >= requirement->at_least_x100;
    }
    stream->met += accepted;
}

static void call(struct stream *stream, const struct call *made)
{
    const struct port_event *event = &made->event;
    bool stops =
        made->kind == CALL_ABORT ||
        (made->kind == CALL_EVENT && (event->kind == PORT_ESTOP || event->kind == PORT_FAULT));
    bool done = engine_done(stream->engine);
    int64_t time_ns = made->kind == CALL_EVENT ? event->time_ns : made->time_ns;

    stream->now_ns = time_ns > stream->now_ns ? time_ns : stream->now_ns;
    if (made->kind == CALL_ANSWER) {
        look_at_answer(stream, made->question, made->answer);
    } else if (made->kind == CALL_EVENT && event->kind == PORT_ANSWER) {
        look_at_answer(stream, event->text, event->text2);
    } else if (made->kind == CALL_EVENT && event->kind == PORT_RELEASED &&
               event->press == stream->order.press) {
        stream->outstanding = false;
    }
    if (stream->call_count < CALLS_MAX) {
        stream->calls[stream->call_count++] = *made;
    }
    /* A run that has let go and waits for the port has nothing left to let go of. */
    enum run_end end = engine_end(stream->engine);
    bool already = done || stream->stopped || end != END_COMPLETE;
    stream->stopped = stream->stopped || stops;
    does(made, stream->engine);
    bool let_go = engine_end(stream->engine) != end;
    take(stream, stops && !already && let_go);
    stream->stopped = stream->stopped || engine_end(stream->engine) != END_COMPLETE;
    if (stops) {
        assert_true(already || let_go || engine_done(stream->engine) ||
                    engine_wake_ns(stream->engine) <= stream->now_ns);
    }
    if (done) {
        assert_true(engine_done(stream->engine));
        assert_int_equal(engine_end(stream->engine), end);
    }
}

/* ---- what comes ---- */

static int64_t pick(struct stream *stream, int64_t low, int64_t high)
{
    return random_in(&stream->random, low, high);
}

static int64_t some_time(struct stream *stream)
{
    static const int64_t spans[] = {0, 1000, NS_PER_MS, 50 * NS_PER_MS, NS_PER_S, 20 * NS_PER_S};
    /* Mostly in small steps while something is pressed, or all would end as not reported. */
    int64_t span_ns = spans[pick(stream, 0, stream->outstanding && pick(stream, 0, 9) ? 3 : 5)];
    int64_t wake_ns = engine_wake_ns(stream->engine);
    if (pick(stream, 0, stream->outstanding ? 20 : 3) == 0 && wake_ns != INT64_MAX) {
        return wake_ns;
    }
    if (pick(stream, 0, 30) == 0) {
        return stream->now_ns - span_ns; /* back */
    }
    return stream->now_ns + pick(stream, 0, span_ns);
}

static const char *some_answer(struct stream *stream)
{
    static const char *const answers[] = {"yes", "open", "80 %", "on",  "done",  "off",
                                          "no",  "5",    "",     "huh", "closed"};
    return answers[pick(stream, 0, pick(stream, 0, 3) ? 5 : 10)];
}

static const char *some_question(struct stream *stream)
{
    static const char *const names[] = {"placed", "lid", "battery", "now", "power", "", "step-1"};
    const struct question *asked = engine_question(stream->engine);
    return asked && pick(stream, 0, 4) ? asked->name : names[pick(stream, 0, 6)];
}

/* What a good port would say next of the going press, mostly. */
static void port_report(struct stream *stream, struct port_event *event)
{
    bool released = pick(stream, 0, engine_phase(stream->engine) == PHASE_PRESSING ? 1 : 3);
    const struct press_order *order = &stream->order;
    event->kind = released ? PORT_RELEASED : PORT_PRESSED;
    event->press = pick(stream, 0, 9) ? order->press : (uint32_t)pick(stream, 0, 5);
    event->mask = pick(stream, 0, 9) ? order->mask : (uint32_t)pick(stream, 0, UINT32_MAX);
    event->early = pick(stream, 0, 3) == 0;
    if (pick(stream, 0, 3) && order->press) {
        int64_t at_ns = order->press_ns + (released ? order->energise_ns : 0);
        event->time_ns = at_ns > stream->now_ns ? at_ns : stream->now_ns;
    }
    event->at_ns = event->time_ns;
    if (pick(stream, 0, 20) == 0) {
        event->at_ns = (int64_t)random_next(&stream->random);
    }
    event->until_ns = event->at_ns;
}

static void some_event(struct stream *stream, struct port_event *event)
{
    event->time_ns = some_time(stream);
    switch (pick(stream, 0, 60)) {
    case 0:
        event->kind = PORT_ESTOP;
        break;
    case 1:
        event->kind = PORT_FAULT;
        snprintf(event->text, sizeof(event->text), "broken");
        break;
    case 2:
    case 3:
        event->kind = PORT_LOST;
        event->input = (int16_t)pick(stream, -2, 30);
        event->count = pick(stream, -1, 100);
        break;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
        event->kind = PORT_RADIO;
        event->radio = (enum radio_event)pick(stream, RADIO_READY, RADIO_NOTE);
        event->value = pick(stream, -100, 7);
        if (event->radio == RADIO_WHICH) {
            /* Addresses, to the engine; and answers that come anyway. */
            snprintf(event->text, sizeof(event->text), "%s", pick(stream, 0, 3) ? "yes open" : "");
        }
        break;
    case 11:
    case 12:
    case 13:
    case 14:
    case 15:
        event->kind = PORT_ANSWER;
        snprintf(event->text, sizeof(event->text), "%s", some_question(stream));
        snprintf(event->text2, sizeof(event->text2), "%s", some_answer(stream));
        break;
    default:
        if (pick(stream, 0, 1)) {
            port_report(stream, event);
            break;
        }
        event->kind = PORT_EDGE;
        event->input = (int16_t)(pick(stream, 0, 9) ? pick(stream, 0, 7) : pick(stream, -3, 40));
        event->level = (uint8_t)pick(stream, 0, 1);
        break;
    }
}

static void some_call(struct stream *stream)
{
    struct call made = {.kind = CALL_TICK, .time_ns = some_time(stream)};
    int64_t kind = pick(stream, 0, 99);
    if (kind == 0) {
        made.kind = CALL_ABORT;
    } else if (kind < (engine_question(stream->engine) ? 60 : 5)) {
        made.kind = CALL_ANSWER;
        made.question = some_question(stream);
        made.answer = some_answer(stream);
    } else if (kind < 90) {
        made.kind = CALL_EVENT;
        some_event(stream, &made.event);
    }
    call(stream, &made);
}

/* Time alone brings every run to its end, questions answered or the run aborted. */
static void to_the_end(struct stream *stream)
{
    int64_t begun_ns = stream->now_ns;
    for (int round = 0; !engine_done(stream->engine); round++) {
        struct call made = {.kind = CALL_TICK, .time_ns = engine_wake_ns(stream->engine)};
        if (round >= ROUNDS_MAX) {
            fail_msg("the run does not end");
        }
        if (engine_question(stream->engine)) {
            made.time_ns = stream->now_ns;
            made.kind = pick(stream, 0, 4) ? CALL_ANSWER : CALL_ABORT;
            made.question = engine_question(stream->engine)->name;
            made.answer = some_answer(stream);
        }
        /* Nothing waits for an event alone but a question. */
        assert_true(made.time_ns != INT64_MAX);
        call(stream, &made);
    }
    assert_true(stream->now_ns - begun_ns < 600 * NS_PER_S);
    assert_int_equal(stream->timeline->entries[stream->timeline->count - 1].kind, ENTRY_END);
    assert_true(engine_wake_ns(stream->engine) == INT64_MAX);
}

static void replay(const struct stream *stream, const int8_t *levels)
{
    struct engine_command command;
    uint64_t hash = 0;
    size_t entries = stream->timeline->count;
    size_t edges = stream->timeline->edge_count;
    timeline_reset(stream->timeline);
    engine_restart(stream->engine, stream->plan, stream->timeline, START_NS, 0, levels);
    for (size_t i = 0; i <= stream->call_count; i++) {
        while (engine_command(stream->engine, &command)) {
            hash_command(&hash, &command);
        }
        if (i < stream->call_count) {
            does(&stream->calls[i], stream->engine);
        }
    }
    assert_true(hash == stream->hash);
    assert_int_equal(stream->timeline->count, entries);
    assert_int_equal(stream->timeline->edge_count, edges);
}

static struct planned planned_of(const char *procedure)
{
    struct planned planned = {0};
    struct diags diags = DIAGS_INIT;
    char *profile = part_document(PART_PROCEDURE, procedure);
    char *bench = part_document(PART_STATION, station_part);
    planned.profile = profile_load_text(&diags, "profile", profile, strlen(profile));
    planned.bench = bench_load_text(&diags, "bench", bench, strlen(bench));
    free(profile);
    free(bench);
    if (planned.profile && planned.bench) {
        planned.plan = plan_make(&diags, planned.profile, &planned.profile->procedures[0],
                                 planned.bench, &planned.bench->stations[0], NULL, NULL);
    }
    if (!planned.plan) {
        fail_msg("%s", diags_text(&diags));
    }
    return planned;
}

static void test_promises(void **state)
{
    struct planned planned[PLANS];
    struct timeline timeline;
    struct engine *engine = NULL;
    struct call *calls = calloc(CALLS_MAX, sizeof(*calls));
    uint64_t seed = random_seed(20260101);
    size_t cases = random_cases(20000);
    size_t ends[END_FAULT + 1] = {0};
    size_t presses = 0;
    size_t replayed = 0;
    (void)state;

    assert_non_null(calls);
    timeline_init(&timeline);
    for (size_t i = 0; i < PLANS; i++) {
        planned[i] = planned_of(procedures[i]);
    }
    for (size_t i = 0; i < cases; i++) {
        struct stream stream = {.plan = planned[i % PLANS].plan,
                                .timeline = &timeline,
                                .random = {seed + i},
                                .now_ns = START_NS,
                                .calls = calls};
        int8_t levels[BENCH_INPUTS_MAX];
        for (size_t n = 0; n < BENCH_INPUTS_MAX; n++) {
            levels[n] = (int8_t)pick(&stream, -1, 1);
        }
        timeline_reset(&timeline);
        if (engine) {
            engine_restart(engine, stream.plan, &timeline, START_NS, 0, levels);
        } else {
            engine = engine_new(stream.plan, &timeline, START_NS, 0, levels);
        }
        stream.engine = engine;
        take(&stream, false);
        for (int64_t left = pick(&stream, 0, CALLS_RANDOM); left > 0; left--) {
            some_call(&stream);
        }
        to_the_end(&stream);
        ends[engine_end(engine)]++;
        presses += stream.presses;
        if (stream.call_count < CALLS_MAX) {
            replay(&stream, levels);
            replayed++;
        }
    }
    printf("%zu runs, %zu presses; %zu complete, %zu aborted, %zu interlock, %zu fault; "
           "%zu replayed\n",
           cases, presses, ends[END_COMPLETE], ends[END_ABORTED], ends[END_INTERLOCK],
           ends[END_FAULT], replayed);
    /* The streams are worth something only if they go everywhere. */
    if (cases >= 1000) {
        for (size_t i = 0; i <= END_FAULT; i++) {
            assert_true(ends[i] > cases / 100);
        }
        assert_true(presses > cases / 2 && replayed > cases * 9 / 10);
    }
    for (size_t i = 0; i < PLANS; i++) {
        plan_free(planned[i].plan);
        bench_free(planned[i].bench);
        profile_free(planned[i].profile);
    }
    engine_free(engine);
    timeline_free(&timeline);
    free(calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
