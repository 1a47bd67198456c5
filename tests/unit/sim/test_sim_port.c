/*
 * The simulated bench as a port: the rules that every port keeps (port_conformance.h), and what is
 * its own: exact to the nanosecond in virtual time, the same from the same seed, faults on time.
 */
#include "hardware/sim/firmware_data.h"
#include "hardware/sim/sim_port.h"
#include "rig/base/units.h"
#include "tests/unit/parts.h"
#include "tests/unit/port_conformance.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define START_NS (INT64_C(5000) * NS_PER_S)

struct rig {
    struct bench *bench;
    struct firmware *firmware;
    struct conformance conformance;
};

static void rig_open(struct rig *rig, const char *firmware, const struct sim_options *options)
{
    struct diags diags = DIAGS_INIT;
    char path[128];

    snprintf(path, sizeof(path), "hardware/sim/firmware/%s.yaml", firmware);
    rig->bench = bench_load(&diags, "hardware/benches/sim.yaml");
    rig->firmware = firmware_load(&diags, path);
    if (!rig->bench || !rig->firmware) {
        fail_msg("%s", diags_text(&diags));
    }
    struct conformance *conformance = &rig->conformance;
    conformance->station = &rig->bench->stations[0];
    conformance->port = sim_port_open(&diags, conformance->station, rig->firmware, options);
    assert_non_null(conformance->port);
    conformance->mask = UINT32_C(1) << bench_station_actuator(conformance->station, "power") |
                        UINT32_C(1) << bench_station_actuator(conformance->station, "nc_ambient");
    conformance->slack_ns = 0;
    conformance->polled = false;
    conformance->press = 0;
    conformance->count = 0;
}

static void rig_close(struct rig *rig)
{
    rig->conformance.port->ops->close(rig->conformance.port);
    firmware_free(rig->firmware);
    bench_free(rig->bench);
}

static struct rig *rig_of(const char *firmware, uint64_t seed)
{
    static struct rig rig;
    struct sim_options options = {.start_ns = START_NS, .seed = seed};
    rig_open(&rig, firmware, &options);
    return &rig;
}

/* ---- the rules of every port ---- */

static void test_rules(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rig *rig = rig_of("wh-1000xm5", seed);
        struct conformance *conformance = &rig->conformance;
        assert_true(conformance->port->simulated);
        assert_int_equal(conformance->port->ops->now(conformance->port), START_NS);
        conformance_clock(conformance);
        conformance_hold(conformance, 7 * NS_PER_S);
        conformance_hold(conformance, 1);
        conformance_past(conformance, 7 * NS_PER_S);
        conformance_refusals(conformance);
        conformance_release(conformance);
        conformance_sequence(conformance, 10);
        conformance_levels(conformance);
        conformance_no_waiting(conformance);
        rig_close(rig);
    }
}

/* A steady button: the contact is down and up once a press. */
static void test_contacts(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct rig *rig = rig_of("wf-1000xm5", seed);
        const struct station *station = rig->conformance.station;
        rig->conformance.mask = UINT32_C(1) << bench_station_actuator(station, "touch_left");
        conformance_contacts(&rig->conformance);
        rig->conformance.mask |= UINT32_C(1) << bench_station_actuator(station, "touch_right");
        conformance_contacts(&rig->conformance);
        rig_close(rig);
    }
}

static void test_estop_and_fault(void **state)
{
    static const struct {
        const char *firmware;
        enum port_event_kind kind;
    } cases[] = {{"wh-1000xm5-estop", PORT_ESTOP}, {"wh-1000xm5-chip-gone", PORT_FAULT}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rig *rig = rig_of(cases[i].firmware, 1);
        struct conformance *conformance = &rig->conformance;
        conformance_dead(conformance, cases[i].kind, START_NS + 4 * NS_PER_S);
        errno = 0;
        assert_int_equal(conformance_press(conformance, conformance->mask, 0, NS_PER_S), -1);
        assert_int_equal(errno, EPIPE);
        /* A fresh unit on the old memory is a fresh bench. */
        sim_port_restart(conformance->port, 2);
        conformance_hold(conformance, 100 * NS_PER_MS);
        rig_close(rig);

        rig = rig_of(cases[i].firmware, 1);
        rig->firmware->estop.after_press = false; /* in time before the press, which never comes */
        sim_port_restart(rig->conformance.port, 1);
        conformance_dead_before(&rig->conformance, cases[i].kind, START_NS + 4 * NS_PER_S);
        rig_close(rig);
    }
}

/* ---- its own ---- */

/* A fault that counts from the press waits for it, however late it is; of two, for the first. */
static void test_fault_counts_from_the_press(void **state)
{
    struct rig *rig = rig_of("wh-1000xm5-estop", 1);
    struct conformance *conformance = &rig->conformance;
    (void)state;
    conformance_run(conformance, START_NS + 20 * NS_PER_S);
    assert_int_equal(
        conformance_press(conformance, conformance->mask, START_NS + 20 * NS_PER_S, NS_PER_S), 0);
    conformance_run(conformance, START_NS + INT64_C(21500) * NS_PER_MS);
    assert_int_equal(conformance_press(conformance, conformance->mask, 0, 5 * NS_PER_S), 0);
    conformance_run(conformance, START_NS + 30 * NS_PER_S);
    const struct port_event *estop = conformance_event(conformance, PORT_ESTOP, 0);
    assert_non_null(estop);
    assert_int_equal(estop->time_ns, START_NS + 22 * NS_PER_S);
    rig_close(rig);
}

/* Closing with a press under way is allowed, and leaks nothing. */
static void test_close_in_press(void **state)
{
    struct rig *rig = rig_of("wh-1000xm5", 1);
    struct conformance *conformance = &rig->conformance;
    (void)state;
    assert_int_equal(conformance_press(conformance, conformance->mask, 0, 5 * NS_PER_S), 0);
    conformance_run(conformance, START_NS + NS_PER_S);
    rig_close(rig);
}

static bool same_event(const struct port_event *a, const struct port_event *b)
{
    return a->kind == b->kind && a->time_ns == b->time_ns && a->input == b->input &&
           a->level == b->level && a->early == b->early && a->radio == b->radio &&
           a->press == b->press && a->mask == b->mask && a->at_ns == b->at_ns &&
           a->until_ns == b->until_ns && a->count == b->count && a->value == b->value;
}

/* A network reset with the radio watching. */
static void reset(struct conformance *conformance)
{
    struct port *port = conformance->port;
    int64_t now_ns = port->ops->now(port);
    port->ops->radio(port, RADIO_START_WATCH, NULL);
    port->ops->radio(port, RADIO_START_DISCOVERY, NULL);
    conformance_forget(conformance);
    assert_int_equal(
        conformance_press(conformance, conformance->mask, now_ns + NS_PER_S, 7 * NS_PER_S), 0);
    conformance_run(conformance, now_ns + 15 * NS_PER_S);
}

static void test_same_seed_same_run(void **state)
{
    static struct rig a;
    static struct rig b;
    struct sim_options options = {.start_ns = START_NS, .seed = 42};
    (void)state;
    rig_open(&a, "wh-1000xm5-bouncing-button", &options);
    rig_open(&b, "wh-1000xm5-bouncing-button", &options);
    reset(&a.conformance);
    reset(&b.conformance);
    assert_true(a.conformance.count > 100);
    assert_int_equal(a.conformance.count, b.conformance.count);
    for (size_t i = 0; i < a.conformance.count; i++) {
        assert_true(same_event(&a.conformance.events[i], &b.conformance.events[i]));
    }
    rig_close(&b);

    options.seed = 43;
    rig_open(&b, "wh-1000xm5-bouncing-button", &options);
    reset(&b.conformance);
    size_t different = a.conformance.count != b.conformance.count;
    for (size_t i = 0; !different && i < a.conformance.count; i++) {
        different += !same_event(&a.conformance.events[i], &b.conformance.events[i]);
    }
    assert_true(different > 0);
    rig_close(&b);
    rig_close(&a);
}

/* Restarted with a seed, the port does what a new one of that seed does, only later. */
static void test_restart(void **state)
{
    static struct rig a;
    static struct rig b;
    struct sim_options options = {.start_ns = START_NS, .seed = 7};
    (void)state;
    rig_open(&a, "wh-1000xm5", &options);
    reset(&a.conformance);
    options.seed = 99;
    rig_open(&b, "wh-1000xm5", &options);
    reset(&b.conformance);
    sim_port_restart(b.conformance.port, 7);
    int64_t later_ns = b.conformance.port->ops->now(b.conformance.port) - START_NS;
    b.conformance.press = 0;
    reset(&b.conformance);
    assert_int_equal(a.conformance.count, b.conformance.count);
    for (size_t i = 0; i < a.conformance.count; i++) {
        const struct port_event *first = &a.conformance.events[i];
        const struct port_event *again = &b.conformance.events[i];
        assert_int_equal(first->kind, again->kind);
        assert_int_equal(first->time_ns + later_ns, again->time_ns);
        assert_int_equal(first->input, again->input);
        assert_int_equal(first->level, again->level);
    }
    rig_close(&b);
    rig_close(&a);
}

static const struct port_event *only_event(struct conformance *conformance,
                                           enum port_event_kind kind)
{
    conformance_run(conformance, conformance->port->ops->now(conformance->port) + NS_PER_S);
    const struct port_event *event = conformance_event(conformance, kind, 0);
    conformance_forget(conformance);
    return event;
}

static void test_questions(void **state)
{
    struct rig *rig = rig_of("wh-1000xm5-battery-12", 1);
    struct conformance *conformance = &rig->conformance;
    struct port *port = conformance->port;
    (void)state;
    assert_true(port->ops->ask(port, "battery"));
    const struct port_event *event = only_event(conformance, PORT_ANSWER);
    assert_non_null(event);
    assert_string_equal(event->text, "battery");
    assert_string_equal(event->text2, "12 %");
    assert_int_equal(event->by, ANSWER_BY_SIMULATION);
    assert_true(port->ops->ask(port, "power"));
    event = only_event(conformance, PORT_ANSWER);
    assert_non_null(event);
    assert_string_equal(event->text2, "on");
    assert_false(port->ops->ask(port, "colour_of_the_sky"));
    assert_null(only_event(conformance, PORT_ANSWER));
    rig_close(rig);
}

static void test_radio_ready(void **state)
{
    struct rig *rig = rig_of("wh-1000xm5", 1);
    struct conformance *conformance = &rig->conformance;
    (void)state;
    conformance->port->ops->radio(conformance->port, RADIO_START_WATCH, NULL);
    const struct port_event *event = only_event(conformance, PORT_RADIO);
    assert_non_null(event);
    assert_int_equal(event->radio, RADIO_READY);
    assert_int_equal(event->value, 3);
    rig_close(rig);
}

/* Nothing on the station is a button of this unit: it is said, and no port is made. */
static void test_no_button_wired(void **state)
{
    static const char text[] = "bench: b\n"
                               "simulated: yes\n"
                               "stations:\n"
                               "  A:\n"
                               "    chip: sim\n"
                               "    actuators:\n"
                               "      other: { line: 0, kind: relay, max_on: 30 s }\n";
    struct diags diags = DIAGS_INIT;
    struct sim_options options = {.seed = 1};
    struct bench *bench = bench_load_text(&diags, "b.yaml", text, strlen(text));
    struct firmware *firmware = firmware_load(&diags, "hardware/sim/firmware/wh-1000xm5.yaml");
    (void)state;
    assert_non_null(bench);
    assert_non_null(firmware);
    assert_null(sim_port_open(&diags, &bench->stations[0], firmware, &options));
    assert_int_equal(diags.errors, 1);
    char *said = diags_text(&diags);
    assert_non_null(strstr(said, "no actuator of station `A` presses a button"));
    free(said);
    firmware_free(firmware);
    bench_free(bench);
}

/* In real time the same rules hold; lines are late by what the machine makes of it. */
/* ---- hands ---- */

struct hands {
    struct bench *bench;
    struct firmware *firmware;
    struct port *port;
    unsigned placed; /* input */
};

static void hands_open(struct hands *hands, const char *firmware)
{
    struct diags diags = DIAGS_INIT;
    struct sim_options options = {.start_ns = START_NS, .seed = 3};
    char path[128];

    snprintf(path, sizeof(path), "hardware/sim/firmware/%s.yaml", firmware);
    hands->bench = bench_load(&diags, "hardware/benches/sim4.yaml");
    hands->firmware = firmware_load(&diags, path);
    if (!hands->bench || !hands->firmware) {
        fail_msg("%s", diags_text(&diags));
    }
    hands->port = sim_port_open(&diags, &hands->bench->stations[0], NULL, &options);
    assert_non_null(hands->port);
    hands->placed = (unsigned)bench_station_input(&hands->bench->stations[0], INPUT_QUESTION);
}

static void hands_close(struct hands *hands)
{
    hands->port->ops->close(hands->port);
    firmware_free(hands->firmware);
    bench_free(hands->bench);
}

/* Events up to `until_ns`: how many of `kind`, and the last of them. */
static size_t take_all(struct port *port, int64_t until_ns, enum port_event_kind kind,
                       struct port_event *last)
{
    struct port_event event;
    size_t count = 0;
    while (port->ops->next(port, until_ns, &event)) {
        if (event.kind == kind) {
            *last = event;
            count++;
        }
    }
    return count;
}

static int64_t hold_both(struct hands *hands, int64_t press_ns)
{
    const struct station *station = &hands->bench->stations[0];
    struct press_order order = {.press = 1,
                                .mask = UINT32_C(1) << bench_station_actuator(station, "power") |
                                        UINT32_C(1)
                                            << bench_station_actuator(station, "nc_ambient"),
                                .press_ns = press_ns,
                                .energise_ns = 7 * NS_PER_S};
    assert_int_equal(hands->port->ops->press(hands->port, &order), 0);
    return press_ns + 12 * NS_PER_S;
}

/* A press moves the actuator, its contact says so, and nothing else happens; nobody is heard. */
static void test_empty_station(void **state)
{
    struct hands hands;
    struct port_event event;
    (void)state;

    hands_open(&hands, "wh-1000xm5");
    struct port *port = hands.port;
    assert_int_equal(port->ops->level(port, hands.placed), 0);
    assert_true(port->ops->ask(port, "placed"));
    assert_int_equal(take_all(port, START_NS, PORT_ANSWER, &event), 1);
    assert_string_equal(event.text2, "no");
    assert_int_equal(event.by, ANSWER_BY_INPUT);
    assert_false(port->ops->ask(port, "battery"));

    int64_t end_ns = hold_both(&hands, START_NS);
    size_t edges = take_all(port, end_ns, PORT_EDGE, &event);
    assert_int_equal(edges, 4); /* two contacts, down and up */

    static const struct {
        enum radio_command command;
        enum radio_event answer;
    } asked[] = {{RADIO_START_WATCH, RADIO_READY},
                 {RADIO_CONNECT, RADIO_CONNECT_FAILED},
                 {RADIO_PAIR, RADIO_PAIR_FAILED}};
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        port->ops->radio(port, asked[i].command, "");
        port->ops->radio(port, RADIO_START_DISCOVERY, "");
        end_ns += 60 * NS_PER_S;
        assert_int_equal(take_all(port, end_ns, PORT_RADIO, &event), 1);
        assert_int_equal(event.radio, asked[i].answer);
        assert_int_equal(event.value, i == 0 ? READY_NOT_FOUND : 0);
    }
    hands_close(&hands);
}

static void test_in_and_out(void **state)
{
    struct hands hands;
    struct port_event event;
    (void)state;

    hands_open(&hands, "wh-1000xm5");
    struct port *port = hands.port;
    sim_port_put(port, hands.firmware, 3 * NS_PER_S, 7);
    assert_int_equal(take_all(port, START_NS + 3 * NS_PER_S - 1, PORT_EDGE, &event), 0);
    assert_int_equal(take_all(port, START_NS + 3 * NS_PER_S, PORT_EDGE, &event), 1);
    assert_int_equal(event.input, hands.placed);
    assert_int_equal(event.level, 1);
    assert_int_equal(event.time_ns, START_NS + 3 * NS_PER_S);
    assert_int_equal(port->ops->level(port, hands.placed), 1);

    /* It does what a unit does: LED, radio. */
    int64_t end_ns = hold_both(&hands, START_NS + 4 * NS_PER_S);
    assert_true(take_all(port, end_ns, PORT_EDGE, &event) > 100);
    const struct station *station = &hands.bench->stations[0];
    int led = bench_station_input(station, INPUT_LED_B);
    while (port->ops->level(port, (unsigned)led) != 1) {
        assert_true(port->ops->next(port, end_ns + 10 * NS_PER_S, &event));
    }
    /* Out while it blinks: it is dark and away at that instant, and stays so. */
    int64_t out_ns = port->ops->now(port);
    sim_port_put(port, NULL, 0, 0);
    assert_int_equal(take_all(port, out_ns, PORT_EDGE, &event), 2);
    assert_int_equal(port->ops->level(port, (unsigned)led), 0);
    assert_int_equal(port->ops->level(port, hands.placed), 0);
    assert_int_equal(take_all(port, out_ns + 60 * NS_PER_S, PORT_EDGE, &event), 0);

    /* The next one is fresh: it still has its bond with the rig. */
    sim_port_put(port, hands.firmware, 0, 8);
    port->ops->next(port, port->ops->now(port), &event);
    port->ops->radio(port, RADIO_START_WATCH, "");
    assert_int_equal(take_all(port, out_ns + 70 * NS_PER_S, PORT_RADIO, &event), 1);
    assert_int_equal(event.value, READY_PAIRED | READY_CONNECTED);
    hands_close(&hands);
}

/* A bench that breaks does so in a run, however long the unit was in it before. */
static void test_faults_begin_with_the_run(void **state)
{
    struct hands hands;
    struct port_event event = {0};
    (void)state;

    hands_open(&hands, "wh-1000xm5-chip-gone");
    struct port *port = hands.port;
    sim_port_put(port, hands.firmware, 0, 1);
    assert_int_equal(take_all(port, START_NS + 60 * NS_PER_S, PORT_FAULT, &event), 0);
    sim_port_begin(port);
    assert_int_equal(take_all(port, START_NS + 120 * NS_PER_S, PORT_FAULT, &event), 1);
    assert_int_equal(event.time_ns, START_NS + 63 * NS_PER_S);
    hands_close(&hands);

    /* Taken out before that, it takes its faults along. */
    hands_open(&hands, "wh-1000xm5-chip-gone");
    port = hands.port;
    sim_port_put(port, hands.firmware, 0, 1);
    take_all(port, START_NS, PORT_FAULT, &event);
    sim_port_begin(port);
    sim_port_put(port, NULL, 0, 1);
    assert_int_equal(take_all(port, START_NS + 120 * NS_PER_S, PORT_FAULT, &event), 0);
    hands_close(&hands);
}

static void test_real_pace(void **state)
{
    static struct rig rig;
    struct sim_options options = {.rate = 1, .seed = 1};
    struct timespec now;
    (void)state;
    rig_open(&rig, "wh-1000xm5", &options);
    rig.conformance.slack_ns = 200 * NS_PER_MS;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t begin_ns = now.tv_sec * NS_PER_S + now.tv_nsec;
    conformance_hold(&rig.conformance, 50 * NS_PER_MS);
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_true(now.tv_sec * NS_PER_S + now.tv_nsec - begin_ns >= 600 * NS_PER_MS);
    rig_close(&rig);
}

/* Many times as fast as time, driven by descriptors and due times alone, the same rules hold. */
static void test_fast_and_polled(void **state)
{
    static struct rig rig;
    struct sim_options options = {.rate = 20, .seed = 3};
    struct conformance *conformance = &rig.conformance;
    (void)state;
    rig_open(&rig, "wf-1000xm5", &options);
    struct port *port = conformance->port;
    conformance->mask = UINT32_C(1) << bench_station_actuator(conformance->station, "touch_left");
    conformance->polled = true;
    conformance->slack_ns = 20 * 200 * NS_PER_MS;
    assert_int_equal(port->rate, 20);

    int64_t begin_ns = port->ops->now(port);
    assert_in_range(port_poll_ns(port, begin_ns + 20 * NS_PER_S) - port_poll_ns(port, begin_ns),
                    NS_PER_S - 100 * NS_PER_MS, NS_PER_S);
    assert_int_equal(port_poll_ns(port, INT64_MAX), INT64_MAX);
    conformance_hold(conformance, 7 * NS_PER_S);
    conformance_past(conformance, NS_PER_S);
    conformance_contacts(conformance);
    conformance_no_waiting(conformance);
    conformance_sequence(conformance, 3);
    rig_close(&rig);
}

/* The clock of a fast bench is that of the machine, so many times. */
static void test_rate(void **state)
{
    static struct rig rig;
    (void)state;
    for (int rate = 1; rate <= 100; rate *= 10) {
        struct sim_options options = {.rate = rate, .seed = 1};
        rig_open(&rig, "wh-1000xm5", &options);
        struct port *port = rig.conformance.port;
        struct timespec before;
        struct timespec after;
        int64_t from_ns = port->ops->now(port);
        clock_gettime(CLOCK_MONOTONIC, &before);
        port_wait(port, from_ns + rate * 20 * NS_PER_MS);
        clock_gettime(CLOCK_MONOTONIC, &after);
        int64_t took_ns =
            (after.tv_sec - before.tv_sec) * NS_PER_S + after.tv_nsec - before.tv_nsec;
        int64_t passed_ns = port->ops->now(port) - from_ns;
        assert_true(took_ns >= 19 * NS_PER_MS);
        assert_true(passed_ns >= rate * 20 * NS_PER_MS);
        assert_true(passed_ns >= rate * took_ns);
        assert_true(passed_ns <= rate * (took_ns + 100 * NS_PER_MS));
        rig_close(&rig);
    }
}

/* Virtual time does not go by itself, and has nothing to be waited for. */
static void test_virtual_time_stands(void **state)
{
    struct rig *rig = rig_of("wh-1000xm5", 1);
    struct port *port = rig->conformance.port;
    struct timespec before;
    (void)state;
    assert_int_equal(port->rate, 0);
    clock_gettime(CLOCK_MONOTONIC, &before);
    int64_t poll_ns = port_poll_ns(port, START_NS + 3600 * NS_PER_S);
    assert_in_range(poll_ns - (before.tv_sec * NS_PER_S + before.tv_nsec), 0, NS_PER_S);
    assert_int_equal(port_poll_ns(port, INT64_MAX), INT64_MAX);
    assert_int_equal(port->ops->now(port), START_NS);
    rig_close(rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_contacts),
        cmocka_unit_test(test_estop_and_fault),
        cmocka_unit_test(test_fault_counts_from_the_press),
        cmocka_unit_test(test_close_in_press),
        cmocka_unit_test(test_same_seed_same_run),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_radio_ready),
        cmocka_unit_test(test_no_button_wired),
        cmocka_unit_test(test_empty_station),
        cmocka_unit_test(test_in_and_out),
        cmocka_unit_test(test_faults_begin_with_the_run),
        cmocka_unit_test(test_real_pace),
        cmocka_unit_test(test_fast_and_polled),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_virtual_time_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
