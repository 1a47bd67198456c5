/*
 * The engine, event by event, in virtual time: preconditions, the grid of the presses, letting go
 * early, every way a run can be stopped, and what a port may do wrong.
 */
#include "rig/base/units.h"
#include "rig/run/engine.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS(n)    ((n)*NS_PER_MS)
#define START_NS INT64_C(1000000000000)

enum { COMMANDS_MAX = 128, ROUNDS_MAX = 10000 };

static const char hold_part[] =
    "requires: { placed: yes, lid: open, battery: \">= 20 %\" }\n"
    "steps: [{ hold: [power, nc_ambient], for: 7 s, release_on: \"blue x2\" }]\n"
    "expect: { led: { pattern: \"blue x2\", after: press+5 s, within: 4 s } }\n";

static const char plain_part[] =
    "steps: [{ hold: [power], for: 2 s }, { wait: 1 s }, { hold: [nc_ambient], for: 1 s }]\n"
    "expect: { led: unknown }\n";

static const char taps_part[] = "steps:\n"
                                "  - { tap: [touch_right], times: 5, on: 80 ms, off: 120 ms }\n"
                                "  - { tap: [touch_left], times: 3, on: 80 ms, off: 120 ms }\n"
                                "  - { hold: [touch_right], for: 5 s }\n"
                                "expect: { led: unknown }\n";

static const char radio_part[] = "steps: [{ hold: [power], for: 2 s }]\n"
                                 "expect: { bluetooth: [disconnects, discoverable] }\n";

static const char bond_part[] = "steps: [{ hold: [power], for: 2 s }]\n"
                                "expect: { bluetooth: [disconnects, bond_rejected] }\n";

static const char ask_part[] = "steps:\n"
                               "  - { tap: power, on: 100 ms }\n"
                               "  - { ask: \"And now?\", name: now, answers: [on, off] }\n"
                               "  - { tap: power, on: 100 ms }\n"
                               "expect: { led: unknown }\n";

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

struct world {
    struct profile *profile;
    struct bench *bench;
    const struct station *station;
    struct plan *plan;
    struct timeline timeline;
    struct engine *engine;
    int64_t now_ns;
    struct engine_command commands[COMMANDS_MAX];
    int64_t command_ns[COMMANDS_MAX];
    size_t count;
    /* The port, if it is to do what is ordered. */
    bool port;
    int64_t late_ns;    /* so late it reports a release */
    int64_t release_ns; /* the going press ends then */
    int64_t pressed_ns; /* and begins then */
};

static void take(struct world *world)
{
    struct engine_command command;
    while (engine_command(world->engine, &command)) {
        assert_true(world->count < COMMANDS_MAX);
        world->command_ns[world->count] = world->now_ns;
        world->commands[world->count++] = command;
        if (command.kind == COMMAND_PRESS) {
            world->pressed_ns = command.order.press_ns;
            world->release_ns = command.order.press_ns + command.order.energise_ns + world->late_ns;
        } else if (command.kind == COMMAND_RELEASE && world->release_ns != INT64_MAX) {
            world->release_ns = world->now_ns;
        }
    }
}

static void world_make(struct world *world, const char *procedure)
{
    struct diags diags = DIAGS_INIT;
    int8_t levels[BENCH_INPUTS_MAX] = {0};
    char *profile = part_document(PART_PROCEDURE, procedure);
    char *bench = part_document(PART_STATION, station_part);

    *world = (struct world){.now_ns = START_NS, .release_ns = INT64_MAX, .pressed_ns = INT64_MAX};
    world->profile = profile_load_text(&diags, "profile", profile, strlen(profile));
    world->bench = bench_load_text(&diags, "bench", bench, strlen(bench));
    free(profile);
    free(bench);
    if (!world->profile || !world->bench) {
        fail_msg("%s", diags_text(&diags));
        return;
    }
    world->station = &world->bench->stations[0];
    world->plan = plan_make(&diags, world->profile, &world->profile->procedures[0], world->bench,
                            world->station, NULL, NULL);
    if (!world->plan) {
        fail_msg("%s", diags_text(&diags));
        return;
    }
    levels[bench_station_input(world->station, INPUT_QUESTION)] = 1;
    timeline_init(&world->timeline);
    world->engine = engine_new(world->plan, &world->timeline, START_NS, NS_PER_S, levels);
    take(world);
}

static void world_free(struct world *world)
{
    engine_free(world->engine);
    timeline_free(&world->timeline);
    plan_free(world->plan);
    bench_free(world->bench);
    profile_free(world->profile);
}

static void event(struct world *world, struct port_event given)
{
    given.time_ns = given.time_ns ? given.time_ns : world->now_ns;
    world->now_ns = given.time_ns > world->now_ns ? given.time_ns : world->now_ns;
    engine_event(world->engine, &given);
    take(world);
}

static const struct press_order *order(const struct world *world)
{
    for (size_t i = world->count; i-- > 0;) {
        if (world->commands[i].kind == COMMAND_PRESS) {
            return &world->commands[i].order;
        }
    }
    fail_msg("nothing was pressed");
    return NULL;
}

static size_t count_of(const struct world *world, enum engine_command_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < world->count; i++) {
        count += world->commands[i].kind == kind;
    }
    return count;
}

static size_t radio_count(const struct world *world, enum radio_command radio)
{
    size_t count = 0;
    for (size_t i = 0; i < world->count; i++) {
        count += world->commands[i].kind == COMMAND_RADIO && world->commands[i].radio == radio;
    }
    return count;
}

/* The lines of the going press are written at `at_ns`. */
static void written(struct world *world, enum port_event_kind kind, int64_t at_ns, bool early)
{
    event(world, (struct port_event){.kind = kind,
                                     .time_ns = at_ns,
                                     .press = order(world)->press,
                                     .mask = order(world)->mask,
                                     .at_ns = at_ns,
                                     .until_ns = at_ns + 1000,
                                     .early = early});
}

/* Let time pass, the engine being called when it wants to be, and the port doing what it should. */
static void until(struct world *world, int64_t to_ns)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        int64_t wake_ns = engine_wake_ns(world->engine);
        wake_ns = wake_ns < world->now_ns ? world->now_ns : wake_ns;
        if (world->port && world->pressed_ns <= wake_ns && world->pressed_ns <= to_ns) {
            int64_t at_ns = world->pressed_ns;
            world->pressed_ns = INT64_MAX;
            written(world, PORT_PRESSED, at_ns, false);
        } else if (world->port && world->release_ns <= wake_ns && world->release_ns <= to_ns) {
            int64_t at_ns = world->release_ns;
            bool early = at_ns < order(world)->press_ns + order(world)->energise_ns;
            world->release_ns = INT64_MAX;
            written(world, PORT_RELEASED, at_ns, early);
        } else if (wake_ns <= to_ns) {
            world->now_ns = wake_ns;
            engine_tick(world->engine, wake_ns);
            take(world);
        } else {
            world->now_ns = to_ns;
            engine_tick(world->engine, to_ns);
            take(world);
            return;
        }
        if (engine_done(world->engine)) {
            return;
        }
    }
    fail_msg("the engine wants to be called again and again");
}

static void later(struct world *world, int64_t by_ns)
{
    until(world, world->now_ns + by_ns);
}

static bool say(struct world *world, const char *question, const char *answer)
{
    bool taken = engine_answer(world->engine, world->now_ns, question, answer, ANSWER_BY_OPERATOR);
    take(world);
    return taken;
}

static void answer_all(struct world *world)
{
    assert_true(say(world, "placed", "yes"));
    assert_true(say(world, "lid", "open"));
    assert_true(say(world, "battery", "80"));
}

static void edge(struct world *world, enum input_role role, int64_t at_ns, bool level)
{
    until(world, at_ns);
    event(world, (struct port_event){.kind = PORT_EDGE,
                                     .time_ns = at_ns,
                                     .input = (int16_t)bench_station_input(world->station, role),
                                     .level = level});
}

static const struct entry *entry_of(const struct world *world, enum entry_kind kind, size_t nth)
{
    const struct entry *entry = NULL;
    size_t i = 0;
    do {
        entry = timeline_next(&world->timeline, kind, &i);
    } while (entry && nth-- > 0);
    return entry;
}

static size_t entries_of(const struct world *world, enum entry_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; timeline_next(&world->timeline, kind, &i);) {
        count++;
    }
    return count;
}

/* ---- preconditions ---- */

static void test_asked_one_by_one(void **state)
{
    static const char *const names[] = {"placed", "lid", "battery"};
    static const char *const answers[] = {"yes", "open", "20"};
    struct world world;
    (void)state;
    world_make(&world, hold_part);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(world.count, i + 1);
        assert_int_equal(world.commands[i].kind, COMMAND_ASK);
        assert_string_equal(world.commands[i].question->name, names[i]);
        assert_string_equal(engine_question(world.engine)->name, names[i]);
        assert_int_equal(engine_phase(world.engine), PHASE_ASKING);
        /* It waits as long as it takes. */
        assert_true(engine_wake_ns(world.engine) == INT64_MAX);
        later(&world, 3600 * NS_PER_S);
        /* Another name, no answer that it allows. */
        assert_false(say(&world, "charging", "yes"));
        assert_false(say(&world, names[(i + 1) % 3], answers[(i + 1) % 3]));
        assert_false(say(&world, names[i], "perhaps"));
        assert_false(say(&world, names[i], ""));
        assert_int_equal(world.count, i + 1);
        assert_true(say(&world, names[i], answers[i]));
        assert_false(say(&world, names[i], answers[i]));
    }
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    assert_null(engine_question(world.engine));
    assert_string_equal(entry_of(&world, ENTRY_ANSWER, 2)->text2, "20 %");
    world_free(&world);
}

static void test_unmet(void **state)
{
    static const struct {
        const char *placed, *lid, *battery;
    } cases[] = {
        {"no", NULL, NULL},
        {"yes", "closed", NULL},
        {"yes", "open", "19.99"},
        {"yes", "open", "0 %"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct world world;
        world_make(&world, hold_part);
        assert_true(say(&world, "placed", cases[i].placed));
        if (cases[i].lid) {
            assert_true(say(&world, "lid", cases[i].lid));
        }
        if (cases[i].battery) {
            assert_true(say(&world, "battery", cases[i].battery));
        }
        later(&world, NS_PER_S);
        assert_true(engine_done(world.engine));
        assert_int_equal(engine_end(world.engine), END_INTERLOCK);
        assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
        assert_int_equal(world.commands[world.count - 1].kind, COMMAND_RELEASE);
        assert_int_equal(entries_of(&world, ENTRY_ORDER), 0);
        assert_int_equal(entries_of(&world, ENTRY_NOTE), 1);
        assert_int_equal(entries_of(&world, ENTRY_END), 1);
        world_free(&world);
    }
}

static void wired_lid(struct world *world, bool open)
{
    edge(world, INPUT_QUESTION, world->now_ns + MS(1), open);
}

/* A wired precondition is watched from its answer to the last press. */
static void test_wired_precondition_turns(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, hold_part);
    assert_true(say(&world, "placed", "yes"));
    assert_true(say(&world, "lid", "open"));
    wired_lid(&world, false);
    later(&world, NS_PER_S);
    assert_true(engine_done(world.engine));
    assert_int_equal(engine_end(world.engine), END_INTERLOCK);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
    world_free(&world);

    world_make(&world, hold_part);
    world.port = true;
    answer_all(&world);
    later(&world, 2 * NS_PER_S);
    size_t before = world.count;
    wired_lid(&world, false);
    assert_int_equal(world.count, before + 1);
    assert_int_equal(world.commands[before].kind, COMMAND_RELEASE);
    assert_int_equal(entry_of(&world, ENTRY_RELEASE, 0)->code, RELEASE_INTERLOCK);
    later(&world, MS(1));
    assert_true(engine_done(world.engine));
    assert_int_equal(engine_end(world.engine), END_INTERLOCK);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    world_free(&world);

    /* Before it is answered it only moves; the same level again says nothing new. */
    world_make(&world, hold_part);
    world.port = true;
    wired_lid(&world, false);
    wired_lid(&world, true);
    answer_all(&world);
    wired_lid(&world, true);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    assert_int_equal(entries_of(&world, ENTRY_ANSWER), 3);
    /* Once all is pressed it is watched, too: what comes then is no evidence, and nothing is waited
     * for any more. */
    later(&world, 7500 * NS_PER_MS);
    assert_int_equal(engine_phase(world.engine), PHASE_WATCHING);
    assert_true(engine_watch_until_ns(world.engine) > world.now_ns);
    wired_lid(&world, true);
    assert_int_equal(engine_phase(world.engine), PHASE_WATCHING);
    wired_lid(&world, false);
    later(&world, MS(1));
    assert_true(engine_done(world.engine));
    assert_true(engine_watch_until_ns(world.engine) == INT64_MIN);
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    assert_string_equal(entry_of(&world, ENTRY_ANSWER, 3)->text2, "closed");
    world_free(&world);
}

/* ---- presses ---- */

static void test_press_and_complete(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, plain_part);
    world.port = true;
    assert_int_equal(engine_phase(world.engine), PHASE_PRESSING);
    struct press_order first = *order(&world);
    assert_int_equal(first.press, 1);
    assert_int_equal(first.mask, 1);
    assert_true(first.press_ns >= START_NS + MS(1) && first.press_ns <= START_NS + MS(20));
    assert_true(first.energise_ns == MS(2003));
    assert_true(first.energise_ns == world.plan->actions[0].energise_ns);
    later(&world, 60 * NS_PER_S);
    struct press_order second = *order(&world);
    assert_int_equal(second.press, 2);
    assert_int_equal(second.mask, 2);
    assert_true(second.energise_ns == MS(1003));
    assert_true(second.press_ns == first.press_ns + MS(2003) + MS(997));
    assert_true(engine_done(world.engine));
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    assert_int_equal(engine_phase(world.engine), PHASE_DONE);
    assert_true(engine_wake_ns(world.engine) == INT64_MAX);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 2);
    assert_int_equal(count_of(&world, COMMAND_RELEASE), 0);
    assert_int_equal(entries_of(&world, ENTRY_PRESSED), 2);
    assert_int_equal(entries_of(&world, ENTRY_RELEASED), 2);
    assert_int_equal(world.timeline.entries[world.timeline.count - 1].kind, ENTRY_END);
    world_free(&world);
}

static void check_grid(int64_t late_ns)
{
    struct world world;
    int64_t at_ns = 0;
    size_t seen = 0;
    world_make(&world, taps_part);
    world.port = true;
    world.release_ns += late_ns - world.late_ns;
    world.late_ns = late_ns;
    later(&world, 60 * NS_PER_S);
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    for (size_t i = 0; i < world.count; i++) {
        if (world.commands[i].kind != COMMAND_PRESS) {
            continue;
        }
        const struct press_order *press = &world.commands[i].order;
        at_ns = seen == 0 ? press->press_ns : at_ns + (seen == 5 || seen == 8 ? MS(280) : MS(200));
        assert_true(press->press_ns == at_ns);
        assert_int_equal(press->press, seen + 1);
        assert_int_equal(press->mask, seen >= 5 && seen < 8 ? 4 : 8);
        assert_true(press->energise_ns == (seen == 8 ? MS(5003) : MS(83)));
        seen++;
    }
    assert_int_equal(seen, 9);
    world_free(&world);
}

/* However late a release is reported, up to 5 ms, the next press keeps to the first one's grid. */
static void test_taps_on_the_grid(void **state)
{
    (void)state;
    check_grid(0);
    check_grid(1);
    check_grid(MS(1) + 300);
    check_grid(MS(5) - 1);
}

/* A release that comes too late to make up for moves the grid, and never shortens the gap. */
static void test_late_release_moves_the_grid(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, taps_part);
    struct press_order first = *order(&world);
    written(&world, PORT_PRESSED, first.press_ns, false);
    int64_t released_ns = first.press_ns + first.energise_ns + MS(40);
    written(&world, PORT_RELEASED, released_ns, false);
    assert_int_equal(order(&world)->press, 2);
    assert_true(order(&world)->press_ns == released_ns + MS(117));
    world_free(&world);
}

static void blue(struct world *world, int64_t at_ns)
{
    edge(world, INPUT_LED_B, at_ns, true);
    edge(world, INPUT_LED_B, at_ns + MS(200), false);
}

static void test_release_on(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, hold_part);
    world.port = true;
    answer_all(&world);
    int64_t press_ns = order(&world)->press_ns;
    blue(&world, press_ns + MS(5500));
    later(&world, MS(100));
    assert_int_equal(count_of(&world, COMMAND_RELEASE), 0);
    int64_t second_ns = press_ns + MS(5900);
    blue(&world, second_ns);
    later(&world, MS(30));
    assert_int_equal(count_of(&world, COMMAND_RELEASE), 1);
    int64_t seen_ns = world.command_ns[world.count - 1];
    assert_int_equal(world.commands[world.count - 1].kind, COMMAND_RELEASE);
    assert_true(seen_ns >= second_ns && seen_ns <= second_ns + MS(230));
    const struct entry *release = entry_of(&world, ENTRY_RELEASE, 0);
    assert_non_null(release);
    assert_int_equal(release->code, RELEASE_LED_SEEN);
    assert_true(release->time_ns == seen_ns);
    assert_int_equal(release->press, 1);
    /* A third flash does not let go again. */
    blue(&world, second_ns + MS(400));
    later(&world, 60 * NS_PER_S);
    assert_int_equal(count_of(&world, COMMAND_RELEASE), 1);
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    world_free(&world);
}

/* Light from before the press, or of another colour, is not what it waits for. */
static void test_release_on_other_light(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, hold_part);
    world.port = true;
    blue(&world, START_NS + MS(300));
    blue(&world, START_NS + MS(700));
    later(&world, NS_PER_S);
    answer_all(&world);
    int64_t press_ns = order(&world)->press_ns;
    edge(&world, INPUT_LED_R, press_ns + MS(3000), true);
    edge(&world, INPUT_LED_R, press_ns + MS(3200), false);
    edge(&world, INPUT_LED_R, press_ns + MS(3400), true);
    edge(&world, INPUT_LED_R, press_ns + MS(3600), false);
    later(&world, 60 * NS_PER_S);
    assert_int_equal(count_of(&world, COMMAND_RELEASE), 0);
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    assert_int_equal(entries_of(&world, ENTRY_PULSE), 4);
    world_free(&world);
}

static void test_contacts(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, plain_part);
    world.port = true;
    int64_t press_ns = order(&world)->press_ns;
    edge(&world, INPUT_CONTACT, press_ns + MS(8), true);
    edge(&world, INPUT_CONTACT, press_ns + MS(2008), false);
    later(&world, 60 * NS_PER_S);
    assert_int_equal(entries_of(&world, ENTRY_CONTACT), 3);
    assert_int_equal(entry_of(&world, ENTRY_CONTACT, 0)->code, CONTACT_DOWN);
    assert_int_equal(entry_of(&world, ENTRY_CONTACT, 0)->press, 1);
    assert_string_equal(entry_of(&world, ENTRY_CONTACT, 0)->text, "power");
    assert_int_equal(entry_of(&world, ENTRY_CONTACT, 1)->code, CONTACT_UP);
    const struct entry *never = entry_of(&world, ENTRY_CONTACT, 2);
    assert_int_equal(never->code, CONTACT_NEVER);
    assert_int_equal(never->press, 2);
    assert_string_equal(never->text, "nc_ambient");
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    world_free(&world);
}

static void test_question_between_presses(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, ask_part);
    world.port = true;
    later(&world, 3600 * NS_PER_S);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    assert_string_equal(engine_question(world.engine)->name, "now");
    assert_false(say(&world, "now", "done"));
    event(&world, (struct port_event){
                      .kind = PORT_ANSWER, .by = ANSWER_BY_INPUT, .text = "now", .text2 = "OFF"});
    assert_int_equal(count_of(&world, COMMAND_PRESS), 2);
    assert_true(order(&world)->press_ns >= world.now_ns);
    assert_string_equal(entry_of(&world, ENTRY_ANSWER, 0)->text2, "off");
    later(&world, 60 * NS_PER_S);
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    world_free(&world);
}

/* It is in the record, and no precondition that was not met; the run goes on. */
static void test_guard_goes(void **state)
{
    (void)state;
    struct world world;
    world_make(&world, plain_part);
    world.port = true;
    later(&world, MS(100));
    event(&world, (struct port_event){.kind = PORT_GUARD, .text = "the guard is gone"});
    later(&world, 3600 * NS_PER_S);
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    const struct entry *note = entry_of(&world, ENTRY_NOTE, 0);
    assert_int_equal(note->code, NOTE_GUARD);
    assert_string_equal(note->text, "the guard is gone");
    size_t entries = world.timeline.count;
    event(&world, (struct port_event){.kind = PORT_GUARD, .text = "too late"});
    assert_int_equal(world.timeline.count, entries);
    world_free(&world);
}

/* ---- stopping ---- */

enum stop { STOP_ABORT, STOP_ESTOP, STOP_FAULT, STOP_KINDS };

static void stop(struct world *world, enum stop how)
{
    switch (how) {
    case STOP_ABORT:
        engine_abort(world->engine, world->now_ns, "Ctrl-C");
        take(world);
        break;
    case STOP_ESTOP:
        event(world, (struct port_event){.kind = PORT_ESTOP});
        break;
    case STOP_FAULT:
        event(world, (struct port_event){
                         .kind = PORT_FAULT, .text = "the keeper is gone", .text2 = "look"});
        break;
    case STOP_KINDS:
        break;
    }
}

/* At every 100 ms of a run, in every way, with a port that goes on or is silent from then on. */
static void test_stop_anywhere(void **state)
{
    (void)state;
    for (int how = 0; how < STOP_KINDS; how++) {
        for (int64_t at_ns = 0; at_ns < 6 * NS_PER_S; at_ns += MS(50)) {
            for (int silent = 0; silent < 2; silent++) {
                struct world world;
                world_make(&world, how == 0 ? taps_part : plain_part);
                world.port = true;
                later(&world, at_ns);
                size_t before = world.count;
                size_t presses = count_of(&world, COMMAND_PRESS);
                int64_t stopped_ns = world.now_ns;
                world.port = !silent;
                stop(&world, (enum stop)how);
                assert_int_equal(world.commands[before].kind, COMMAND_RELEASE);
                later(&world, 500 * NS_PER_MS);
                assert_true(engine_done(world.engine));
                assert_true(world.now_ns <= stopped_ns + MS(500));
                assert_int_equal(engine_end(world.engine),
                                 how == STOP_FAULT ? END_FAULT : END_ABORTED);
                size_t entries = world.timeline.count;
                assert_int_equal(world.timeline.entries[entries - 1].kind, ENTRY_END);
                /* What comes after the end changes nothing. */
                world.port = false;
                written(&world, PORT_PRESSED, world.now_ns, false);
                written(&world, PORT_RELEASED, world.now_ns, true);
                event(&world, (struct port_event){.kind = PORT_LOST, .input = 0, .count = 1});
                stop(&world, STOP_ESTOP);
                stop(&world, STOP_FAULT);
                later(&world, 60 * NS_PER_S);
                assert_int_equal(world.timeline.count, entries);
                assert_int_equal(count_of(&world, COMMAND_PRESS), presses);
                assert_int_equal(world.count, before + 1);
                world_free(&world);
            }
        }
    }
}

/* A press that is ordered and that nobody has taken yet is not given out any more. */
static void test_stop_before_the_order_is_taken(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, hold_part);
    assert_true(say(&world, "placed", "yes"));
    assert_true(say(&world, "lid", "open"));
    size_t before = world.count;
    assert_true(engine_answer(world.engine, world.now_ns, "battery", "80 %", ANSWER_BY_OPERATOR));
    engine_abort(world.engine, world.now_ns, "Ctrl-C");
    take(&world);
    assert_int_equal(world.count, before + 1);
    assert_int_equal(world.commands[before].kind, COMMAND_RELEASE);
    later(&world, 0);
    assert_true(engine_done(world.engine));
    world_free(&world);
}

static void test_stop_while_asking(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, hold_part);
    stop(&world, STOP_ABORT);
    assert_null(engine_question(world.engine));
    assert_false(say(&world, "placed", "yes"));
    later(&world, 0);
    assert_true(engine_done(world.engine));
    assert_int_equal(engine_end(world.engine), END_ABORTED);
    assert_int_equal(entries_of(&world, ENTRY_ABORT), 1);
    world_free(&world);
}

/* ---- a port that does not keep its word ---- */

static void ends_in_fault(struct world *world, const char *what)
{
    assert_true(engine_done(world->engine));
    assert_int_equal(engine_end(world->engine), END_FAULT);
    assert_int_equal(count_of(world, COMMAND_PRESS), 1);
    assert_int_equal(world->commands[world->count - 1].kind, COMMAND_RELEASE);
    assert_string_equal(entry_of(world, ENTRY_FAULT, 0)->text, what);
}

static void test_never_reported(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, plain_part);
    later(&world, 2 * NS_PER_S);
    ends_in_fault(&world, "a press was not reported in time");
    world_free(&world);

    world_make(&world, plain_part);
    written(&world, PORT_PRESSED, order(&world)->press_ns, false);
    later(&world, MS(2003) + MS(499));
    assert_int_equal(count_of(&world, COMMAND_RELEASE), 0);
    later(&world, NS_PER_S);
    ends_in_fault(&world, "a release was not reported in time");
    world_free(&world);
}

/* The keeper let go by itself and does not say why. */
static void test_let_go_too_early(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, plain_part);
    written(&world, PORT_PRESSED, order(&world)->press_ns, false);
    written(&world, PORT_RELEASED, order(&world)->press_ns + NS_PER_S, true);
    later(&world, NS_PER_S);
    ends_in_fault(&world, "the keeper let go too early");
    world_free(&world);
}

static void test_lost_edges(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, plain_part);
    world.port = true;
    edge(&world, INPUT_LED_R, START_NS + MS(100), true);
    assert_int_equal(entries_of(&world, ENTRY_LOST), 0);
    edge(&world, INPUT_LED_R, START_NS + MS(200), true);
    assert_int_equal(entries_of(&world, ENTRY_LOST), 1);
    const struct entry *lost = entry_of(&world, ENTRY_LOST, 0);
    assert_string_equal(lost->text, "led_r");
    assert_int_equal(lost->code, INPUT_LED_R);
    assert_int_equal(lost->value, 1);
    assert_true(lost->time_ns == START_NS + MS(200));
    edge(&world, INPUT_SOUND, START_NS + MS(300), false);
    assert_string_equal(entry_of(&world, ENTRY_LOST, 1)->text, "sound");
    event(&world,
          (struct port_event){.kind = PORT_LOST,
                              .input = (int16_t)bench_station_input(world.station, INPUT_LED_B),
                              .count = 17});
    assert_string_equal(entry_of(&world, ENTRY_LOST, 2)->text, "led_b");
    assert_int_equal(entry_of(&world, ENTRY_LOST, 2)->value, 17);
    event(&world, (struct port_event){.kind = PORT_LOST, .input = -1});
    assert_int_equal(entry_of(&world, ENTRY_LOST, 3)->input, -1);
    assert_null(entry_of(&world, ENTRY_LOST, 3)->text);
    world_free(&world);
}

static void test_nonsense(void **state)
{
    static const int16_t inputs[] = {-1, INT16_MIN, INT16_MAX, 24, 100};
    static const uint32_t presses[] = {0, 2, 99, UINT32_MAX};
    struct world world;
    (void)state;
    world_make(&world, hold_part);
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        for (int level = 0; level < 256; level += 51) {
            event(&world, (struct port_event){
                              .kind = PORT_EDGE, .input = inputs[i], .level = (uint8_t)level});
        }
        event(&world, (struct port_event){.kind = PORT_LOST, .input = inputs[i], .count = -5});
        assert_int_equal(entry_of(&world, ENTRY_LOST, i)->input, -1);
    }
    for (size_t i = 0; i < sizeof(presses) / sizeof(presses[0]); i++) {
        event(&world, (struct port_event){.kind = PORT_PRESSED, .press = presses[i], .mask = 3});
        event(&world, (struct port_event){.kind = PORT_RELEASED, .press = presses[i], .mask = 3});
    }
    /* Times that go back are taken as now. */
    event(&world, (struct port_event){.kind = PORT_EDGE, .input = 0, .level = 1, .time_ns = 1});
    engine_tick(world.engine, INT64_MIN);
    engine_tick(world.engine, 0);
    take(&world);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
    assert_int_equal(entries_of(&world, ENTRY_PRESSED), 0);
    assert_int_equal(entries_of(&world, ENTRY_RELEASED), 0);

    answer_all(&world);
    for (size_t i = 0; i < sizeof(presses) / sizeof(presses[0]); i++) {
        event(&world, (struct port_event){.kind = PORT_PRESSED, .press = presses[i], .mask = 3});
        event(&world, (struct port_event){.kind = PORT_RELEASED, .press = presses[i], .mask = 3});
    }
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    assert_int_equal(entries_of(&world, ENTRY_PRESSED), 0);
    world_free(&world);
}

/* A report dated in the future (or at the beginning of time) moves no deadline beyond reason. */
static void test_reports_out_of_time(void **state)
{
    static const int64_t times[] = {INT64_MAX, INT64_MIN, INT64_MAX - NS_PER_S,
                                    START_NS + 3600 * NS_PER_S, 0};
    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        for (int releases = 0; releases < 2; releases++) {
            struct world world;
            world_make(&world, plain_part);
            int64_t press_ns = order(&world)->press_ns;
            event(&world, (struct port_event){.kind = PORT_PRESSED,
                                              .time_ns = press_ns,
                                              .press = 1,
                                              .mask = 1,
                                              .at_ns = releases ? press_ns : times[i],
                                              .until_ns = press_ns});
            if (releases) {
                event(&world, (struct port_event){.kind = PORT_RELEASED,
                                                  .time_ns = press_ns + MS(2003),
                                                  .press = 1,
                                                  .mask = 1,
                                                  .at_ns = times[i],
                                                  .until_ns = press_ns});
            }
            later(&world, 30 * NS_PER_S);
            assert_true(engine_done(world.engine));
            assert_int_equal(engine_end(world.engine), END_FAULT);
            world_free(&world);
        }
    }
}

/* ---- radio ---- */

static void test_radio_ready(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, radio_part);
    world.port = true;
    assert_int_equal(world.count, 1);
    assert_int_equal(radio_count(&world, RADIO_START_WATCH), 1);
    assert_int_equal(engine_phase(world.engine), PHASE_PREPARING);
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_READY, .value = 3});
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    later(&world, 4 * NS_PER_S);
    assert_int_equal(engine_phase(world.engine), PHASE_WATCHING);
    assert_int_equal(radio_count(&world, RADIO_START_DISCOVERY), 1);
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_DISCONNECTED});
    assert_false(engine_done(world.engine));
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_SEEN, .text = "HP-1"});
    /* All that is expected has been seen, and may be undone: it is to be seen again. */
    later(&world, 19 * NS_PER_S);
    assert_false(engine_done(world.engine));
    assert_int_equal(radio_count(&world, RADIO_START_DISCOVERY), 1);
    later(&world, 2 * NS_PER_S);
    assert_false(engine_done(world.engine));
    assert_int_equal(radio_count(&world, RADIO_START_DISCOVERY), 2);
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_SEEN, .text = "HP-1"});
    later(&world, MS(1));
    assert_true(engine_done(world.engine));
    assert_int_equal(radio_count(&world, RADIO_STOP_DISCOVERY), 2);
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    world_free(&world);
}

static void test_radio_absent(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, radio_part);
    world.port = true;
    event(&world,
          (struct port_event){.kind = PORT_RADIO, .radio = RADIO_ABSENT, .text = "no adapter"});
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    later(&world, 10 * NS_PER_S);
    assert_true(engine_done(world.engine));
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    assert_int_equal(radio_count(&world, RADIO_START_DISCOVERY), 0);
    world_free(&world);
}

/* Several units that could be meant are a question, and its answer goes to the radio. */
static void test_radio_which(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, radio_part);
    world.port = true;
    event(&world, (struct port_event){.kind = PORT_RADIO,
                                      .radio = RADIO_WHICH,
                                      .text = "AA:BB:CC:DD:EE:01 AA:BB:CC:DD:EE:02"});
    const struct question *question = engine_question(world.engine);
    assert_non_null(question);
    assert_string_equal(question->name, "unit");
    assert_int_equal(question->answer_count, 2);
    assert_int_equal(count_of(&world, COMMAND_ASK), 1);
    /* However long a person thinks about it, and whatever the radio says meanwhile. */
    later(&world, 3600 * NS_PER_S);
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_WHICH, .text = " "});
    assert_int_equal(engine_question(world.engine)->answer_count, 2);
    assert_false(engine_answer(world.engine, world.now_ns, "unit", "80 %", ANSWER_BY_OPERATOR));
    assert_false(
        engine_answer(world.engine, world.now_ns, "unit", "AA:BB:CC:DD:EE:03", ANSWER_BY_OPERATOR));
    assert_true(
        engine_answer(world.engine, world.now_ns, "unit", "aa:bb:cc:dd:ee:02", ANSWER_BY_OPERATOR));
    take(&world);
    assert_int_equal(radio_count(&world, RADIO_CHOOSE), 1);
    assert_string_equal(world.commands[world.count - 1].text, "AA:BB:CC:DD:EE:02");
    assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_READY, .value = 3});
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    world_free(&world);
}

/* One that is near and has another name is offered; without anybody to say so it is none. */
static void test_radio_renamed(void **state)
{
    static const struct port_event offered = {.kind = PORT_RADIO,
                                              .radio = RADIO_WHICH,
                                              .value = WHICH_RENAMED,
                                              .text = "AA:BB:CC:DD:EE:01 Kitchen \x1b headphones"};
    static const char *const answers[] = {"AA:BB:CC:DD:EE:01", RADIO_CHOOSE_NONE, NULL};
    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct world world;
        world_make(&world, radio_part);
        world.port = true;
        event(&world, offered);
        const struct question *question = engine_question(world.engine);
        assert_non_null(question);
        assert_int_equal(question->answer_count, 2);
        assert_non_null(strstr(question->prompt, "Kitchen"));
        assert_null(strchr(question->prompt, '\x1b'));
        assert_false(engine_answer(world.engine, world.now_ns, "unit", "Kitchen headphones",
                                   ANSWER_BY_OPERATOR));
        if (answers[i]) {
            assert_true(
                engine_answer(world.engine, world.now_ns, "unit", answers[i], ANSWER_BY_OPERATOR));
        } else {
            assert_true(engine_nobody(world.engine, world.now_ns));
        }
        take(&world);
        assert_int_equal(radio_count(&world, RADIO_CHOOSE), 1);
        assert_string_equal(world.commands[world.count - 1].text, answers[i] ? answers[i] : "");
        assert_null(engine_question(world.engine));
        assert_false(engine_done(world.engine));
        world_free(&world);
    }
}

static void ready_without_bond(struct world *world)
{
    event(world, (struct port_event){.kind = PORT_RADIO,
                                     .radio = RADIO_READY,
                                     .value = READY_NOT_FOUND,
                                     .text = "it was not found"});
}

/* A unit without a bond is not pressed before somebody has said so. */
static void test_no_bond_no_press(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, bond_part);
    world.port = true;
    ready_without_bond(&world);
    assert_string_equal(engine_question(world.engine)->name, "bond");
    later(&world, 3600 * NS_PER_S);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
    /* Again: the radio prepares once more, and this time it is there. */
    assert_true(say(&world, "bond", "again"));
    assert_int_equal(radio_count(&world, RADIO_START_WATCH), 2);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_READY, .value = 3});
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    world_free(&world);

    /* Without: it is pressed, and no key is tried. */
    world_make(&world, bond_part);
    world.port = true;
    ready_without_bond(&world);
    assert_true(say(&world, "bond", "without"));
    later(&world, 120 * NS_PER_S);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    assert_int_equal(radio_count(&world, RADIO_CONNECT), 0);
    assert_true(engine_done(world.engine));
    world_free(&world);

    /* Stop, and nobody there to ask. */
    for (int nobody = 0; nobody < 2; nobody++) {
        world_make(&world, bond_part);
        world.port = true;
        assert_false(engine_nobody(world.engine, world.now_ns));
        ready_without_bond(&world);
        assert_true(nobody ? engine_nobody(world.engine, world.now_ns)
                           : say(&world, "bond", "stop"));
        take(&world);
        later(&world, NS_PER_S);
        assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
        assert_int_equal(engine_end(world.engine), END_INTERLOCK);
        world_free(&world);
    }

    /* What needs no bond is not asked for one. */
    world_make(&world, "steps: [{ hold: [power], for: 2 s }]\n"
                       "expect: { bluetooth: [discoverable, disconnects: { needed: no }] }\n");
    world.port = true;
    ready_without_bond(&world);
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_GONE});
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    world_free(&world);
}

/* What rests on showing itself alone is looked for before the press: a whole search that does not
 * show it, one that does, or none in time. */
static void test_look_before(void **state)
{
    static const char part[] = "steps: [{ hold: [power], for: 2 s }]\n"
                               "expect: { bluetooth: [discoverable] }\n";
    static const enum radio_event ends[] = {RADIO_GONE, RADIO_SEEN, RADIO_ABSENT};
    struct world world;
    (void)state;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        world_make(&world, part);
        world.port = true;
        event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_READY});
        assert_int_equal(radio_count(&world, RADIO_START_DISCOVERY), 1);
        later(&world, 15 * NS_PER_S);
        assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
        event(&world, (struct port_event){.kind = PORT_RADIO, .radio = ends[i]});
        assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
        world_free(&world);
    }
    world_make(&world, part);
    world.port = true;
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_READY});
    later(&world, 24 * NS_PER_S - 1);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
    later(&world, NS_PER_S);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    world_free(&world);

    /* A unit may be discoverable while it is connected. */
    world_make(&world, part);
    world.port = true;
    event(&world,
          (struct port_event){.kind = PORT_RADIO, .radio = RADIO_READY, .value = READY_CONNECTED});
    assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_GONE});
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    world_free(&world);
}

static void test_radio_silent(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, radio_part);
    world.port = true;
    later(&world, 150 * NS_PER_S - 1);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 0);
    assert_true(engine_wake_ns(world.engine) == START_NS + 150 * NS_PER_S);
    later(&world, 1);
    assert_int_equal(count_of(&world, COMMAND_PRESS), 1);
    assert_int_equal(entry_of(&world, ENTRY_RADIO, 0)->code, RADIO_RIG_PREPARES);
    assert_int_equal(entry_of(&world, ENTRY_RADIO, 1)->code, RADIO_ABSENT);
    later(&world, 60 * NS_PER_S);
    assert_true(engine_done(world.engine));
    assert_int_equal(engine_end(world.engine), END_COMPLETE);
    world_free(&world);
}

static void test_stop_stops_discovery(void **state)
{
    struct world world;
    (void)state;
    world_make(&world, radio_part);
    world.port = true;
    event(&world, (struct port_event){.kind = PORT_RADIO, .radio = RADIO_READY, .value = 3});
    later(&world, 4 * NS_PER_S);
    size_t before = world.count;
    stop(&world, STOP_ABORT);
    assert_int_equal(world.count, before + 2);
    assert_int_equal(world.commands[before].kind, COMMAND_RELEASE);
    assert_int_equal(world.commands[before + 1].radio, RADIO_STOP_DISCOVERY);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked_one_by_one),
        cmocka_unit_test(test_unmet),
        cmocka_unit_test(test_wired_precondition_turns),
        cmocka_unit_test(test_press_and_complete),
        cmocka_unit_test(test_taps_on_the_grid),
        cmocka_unit_test(test_late_release_moves_the_grid),
        cmocka_unit_test(test_release_on),
        cmocka_unit_test(test_release_on_other_light),
        cmocka_unit_test(test_contacts),
        cmocka_unit_test(test_question_between_presses),
        cmocka_unit_test(test_guard_goes),
        cmocka_unit_test(test_stop_anywhere),
        cmocka_unit_test(test_stop_before_the_order_is_taken),
        cmocka_unit_test(test_stop_while_asking),
        cmocka_unit_test(test_never_reported),
        cmocka_unit_test(test_let_go_too_early),
        cmocka_unit_test(test_lost_edges),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_reports_out_of_time),
        cmocka_unit_test(test_radio_ready),
        cmocka_unit_test(test_radio_absent),
        cmocka_unit_test(test_radio_silent),
        cmocka_unit_test(test_radio_which),
        cmocka_unit_test(test_radio_renamed),
        cmocka_unit_test(test_no_bond_no_press),
        cmocka_unit_test(test_look_before),
        cmocka_unit_test(test_stop_stops_discovery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
