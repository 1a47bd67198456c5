/*
 * The simulated unit: thresholds on both sides, sequences, what holding on does, PWM to the
 * nanosecond, and the same from the same seed.
 */
#include "hardware/sim/unit.h"
#include "rig/base/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MS NS_PER_MS

struct watched {
    struct firmware *firmware;
    struct unit *unit;
    int64_t now_ns;
    unsigned lit;
    size_t edges;
    size_t flashes; /* from dark to lit */
    bool disconnected;
    int64_t on_ns[3];
    int64_t since_ns[3];
};

static struct watched watched_of(const char *file, uint64_t seed, bool pwm)
{
    struct diags diags = DIAGS_INIT;
    char path[128];
    snprintf(path, sizeof(path), "hardware/sim/firmware/%s.yaml", file);
    struct watched watched = {.firmware = firmware_load(&diags, path)};
    assert_non_null(watched.firmware);
    watched.unit = unit_new(watched.firmware, seed, 0, pwm);
    return watched;
}

static void done(struct watched *watched)
{
    unit_free(watched->unit);
    firmware_free(watched->firmware);
}

static void advance(struct watched *watched, int64_t to_ns)
{
    struct unit_change change;
    while (unit_next(watched->unit, to_ns, &change)) {
        assert_true(change.time_ns >= watched->now_ns && change.time_ns <= to_ns);
        watched->now_ns = change.time_ns;
        if (change.kind == UNIT_LED) {
            unsigned bit = 1U << change.channel;
            assert_true(((watched->lit & bit) != 0) != change.level);
            watched->flashes += change.level && watched->lit == 0;
            watched->lit ^= bit;
            watched->edges++;
            if (change.level) {
                watched->since_ns[change.channel] = change.time_ns;
            } else {
                watched->on_ns[change.channel] +=
                    change.time_ns - watched->since_ns[change.channel];
            }
        }
        watched->disconnected |= change.kind == UNIT_RADIO && change.radio == RADIO_DISCONNECTED;
    }
    watched->now_ns = to_ns;
}

static void button(struct watched *watched, const char *name, int64_t at_ns, bool down)
{
    int index = unit_button_named(watched->unit, name);
    assert_true(index >= 0);
    advance(watched, at_ns);
    unit_button(watched->unit, at_ns, index, down);
}

/* Hold a chord for so long, look for 3 s more, and say which action came of it. */
static const char *after_hold(const char *file, const char *a, const char *b, int64_t hold_ns,
                              uint64_t seed)
{
    static char action[64];
    struct watched watched = watched_of(file, seed, false);
    button(&watched, a, NS_PER_S, true);
    if (b) {
        button(&watched, b, NS_PER_S + 2 * MS, true);
        button(&watched, b, NS_PER_S + hold_ns, false);
    }
    button(&watched, a, NS_PER_S + hold_ns, false);
    advance(&watched, NS_PER_S + hold_ns + 3 * NS_PER_S);
    const char *name = unit_action(watched.unit);
    snprintf(action, sizeof(action), "%s%s", name ? name : "-",
             unit_bricked(watched.unit) ? " bricked" : "");
    done(&watched);
    return action;
}

static void test_thresholds(void **state)
{
    static const struct {
        const char *file;
        const char *a;
        const char *b;
        int64_t hold_ms;
        const char *action;
    } cases[] = {
        {"wh-1000xm5", "power", "nc_ambient", 5500, "-"},
        {"wh-1000xm5", "power", "nc_ambient", 5700, "network-reset"},
        {"wh-1000xm5", "power", "nc_ambient", 14400, "network-reset"},
        {"wh-1000xm5", "power", "nc_ambient", 14600, "factory-reset"},
        {"wh-1000xm5", "power", NULL, 20000, "-"},
        {"wh-1000xm5-threshold-6.4s", "power", "nc_ambient", 6380, "-"},
        {"wh-1000xm5-threshold-6.4s", "power", "nc_ambient", 6420, "network-reset"},
        {"wh-1000xm5-threshold-7.6s", "power", "nc_ambient", 7580, "-"},
        {"wh-1000xm5-threshold-7.6s", "power", "nc_ambient", 7620, "network-reset"},
        {"wh-1000xm5-held-becomes-factory", "power", "nc_ambient", 7000, "factory-reset"},
        {"wh-1000xm5-battery-12", "power", "nc_ambient", 7000, "low-battery"},
        {"wf-1000xm5", "touch_left", NULL, 9500, "-"},
        {"wf-1000xm5", "touch_left", NULL, 10000, "network-reset"},
        {"wf-1000xm5", "touch_left", NULL, 20000, "factory-reset"},
        {"wf-1000xm5", "touch_left", "touch_right", 10000, "-"},
        {"wf-1000xm5-dfu-trap", "touch_left", NULL, 14900, "network-reset"},
        {"wf-1000xm5-dfu-trap", "touch_left", NULL, 15100, "dfu bricked"},
        {"wf-1000xm5-dfu-trap", "touch_left", NULL, 20000, "dfu bricked"},
        {"wf-1000xm5-both-update", "touch_left", "touch_right", 4000, "update"},
        {"linkbuds-s", "touch_right", NULL, 10000, "network-reset"},
        {"linkbuds-s", "touch_left", NULL, 10000, "anc-off"},
        {"wh-1000xm4-off", "power", NULL, 7000, "pairing"},
        {"wh-1000xm3-gist", "power", "custom", 7000, "factory-reset"},
        {"wh-ch720n", "power", "volume_down", 10000, "factory-reset"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *action =
            after_hold(cases[i].file, cases[i].a, cases[i].b, cases[i].hold_ms * MS, i + 1);
        if (strcmp(action, cases[i].action) != 0) {
            fail_msg("%s, %d ms: %s, not %s", cases[i].file, (int)cases[i].hold_ms, action,
                     cases[i].action);
        }
    }
}

/* Taps of 80 ms on, 120 ms off. */
static int64_t taps(struct watched *watched, const char *name, int times, int64_t at_ns)
{
    for (int i = 0; i < times; i++) {
        button(watched, name, at_ns, true);
        button(watched, name, at_ns + 80 * MS, false);
        at_ns += 200 * MS;
    }
    return at_ns;
}

static bool linkbuds(int right, int left, int64_t hold_ms, int64_t pause_ms)
{
    struct watched watched = watched_of("linkbuds", 1, false);
    int64_t at_ns = taps(&watched, "touch_right", right, NS_PER_S);
    at_ns = taps(&watched, "touch_left", left, at_ns + pause_ms * MS);
    button(&watched, "touch_right", at_ns, true);
    button(&watched, "touch_right", at_ns + hold_ms * MS, false);
    advance(&watched, at_ns + 10 * NS_PER_S);
    bool reset = unit_action(watched.unit) != NULL;
    assert_true(reset == watched.disconnected);
    done(&watched);
    return reset;
}

static void test_taps(void **state)
{
    (void)state;
    assert_true(linkbuds(5, 3, 5000, 200));
    assert_false(linkbuds(4, 3, 5000, 200));
    assert_false(linkbuds(6, 3, 5000, 200));
    assert_false(linkbuds(5, 2, 5000, 200));
    assert_false(linkbuds(5, 4, 5000, 200));
    assert_false(linkbuds(5, 3, 4000, 200));
    assert_false(linkbuds(5, 3, 5000, 3000));
    assert_false(linkbuds(0, 0, 5000, 200));
}

/* Bounces shorter than the debounce neither end a hold nor lengthen it. */
static void test_bounces(void **state)
{
    struct watched watched = watched_of("wh-1000xm5", 3, false);
    (void)state;
    button(&watched, "power", NS_PER_S, true);
    button(&watched, "nc_ambient", NS_PER_S, true);
    for (int i = 1; i < 50; i++) {
        button(&watched, "power", NS_PER_S + i * 100 * MS, false);
        button(&watched, "power", NS_PER_S + i * 100 * MS + 9 * MS, true);
    }
    button(&watched, "power", NS_PER_S + 5750 * MS, false);
    advance(&watched, 9 * NS_PER_S);
    assert_non_null(unit_action(watched.unit));
    done(&watched);

    /* An opening that lasts begins the hold anew. */
    watched = watched_of("wh-1000xm5", 3, false);
    button(&watched, "power", NS_PER_S, true);
    button(&watched, "nc_ambient", NS_PER_S, true);
    button(&watched, "power", 4 * NS_PER_S, false);
    button(&watched, "power", 4 * NS_PER_S + 11 * MS, true);
    button(&watched, "power", 8 * NS_PER_S, false);
    advance(&watched, 20 * NS_PER_S);
    assert_null(unit_action(watched.unit));
    done(&watched);
}

static void test_light(void **state)
{
    /* Without PWM: blue, blue, white. */
    struct watched plain = watched_of("wh-1000xm5", 1, false);
    struct watched dimmed = watched_of("wh-1000xm5", 1, true);
    struct watched *both[] = {&plain, &dimmed};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        button(both[i], "power", 0, true);
        button(both[i], "nc_ambient", 0, true);
        button(both[i], "power", 7 * NS_PER_S, false);
        button(both[i], "nc_ambient", 7 * NS_PER_S, false);
        advance(both[i], 12 * NS_PER_S);
    }
    assert_int_equal(plain.flashes, 3);
    assert_int_equal(plain.on_ns[0], 400 * MS);
    assert_int_equal(plain.on_ns[1], 400 * MS);
    assert_int_equal(plain.on_ns[2], 800 * MS);
    /* With it: 60 % of every millisecond, exactly. */
    assert_int_equal(dimmed.on_ns[0], 400 * MS * 6 / 10);
    assert_int_equal(dimmed.on_ns[2], 800 * MS * 6 / 10);
    assert_int_equal(dimmed.edges, 2 * (400 + 400 + 800));
    done(&plain);
    done(&dimmed);
}

static void test_seeds(void **state)
{
    int64_t first[200];
    int64_t least = INT64_MAX;
    int64_t most = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        for (int again = 0; again < 2; again++) {
            struct watched watched = watched_of("wh-1000xm5", seed, false);
            struct unit_change change;
            button(&watched, "power", 0, true);
            button(&watched, "nc_ambient", 0, true);
            assert_true(unit_next(watched.unit, 10 * NS_PER_S, &change));
            if (again) {
                assert_int_equal(change.time_ns, first[seed]);
            }
            first[seed] = change.time_ns;
            done(&watched);
        }
        least = first[seed] < least ? first[seed] : least;
        most = first[seed] > most ? first[seed] : most;
    }
    /* 5.6 s, standard deviation 20 ms, and the blue channel's lag of 0.3 ms. */
    assert_true(least >= 5540 * MS && least < 5590 * MS);
    assert_true(most <= 5661 * MS && most > 5610 * MS);
}

static bool shows(const struct watched *watched, const char *want)
{
    struct unit_air air = unit_air(watched->unit);
    char text[64];
    snprintf(text, sizeof(text), "%s%s%s%s %s", air.on ? "on" : "off",
             air.discoverable ? " discoverable" : "", air.bonded ? " bonded" : "",
             air.connected ? " connected" : "", air.name);
    if (strcmp(text, want) != 0) {
        print_error("on the air: %s, not %s\n", text, want);
    }
    return strcmp(text, want) == 0;
}

/* On a real air: met, reset, met again. */
static void test_air(void **state)
{
    struct watched watched = watched_of("wh-1000xm5-wrong-name", 1, false);
    (void)state;
    assert_true(shows(&watched, "on bonded connected WH-1000XM5"));
    unit_unmet(watched.unit, 0);
    assert_true(shows(&watched, "on discoverable WH-1000XM5"));
    unit_met(watched.unit, 0, false, true);
    assert_true(shows(&watched, "on discoverable WH-1000XM5"));
    unit_met(watched.unit, 0, true, false);
    assert_true(shows(&watched, "on discoverable bonded WH-1000XM5"));
    unit_met(watched.unit, 0, true, true);
    assert_true(shows(&watched, "on bonded connected WH-1000XM5"));
    button(&watched, "power", NS_PER_S, true);
    button(&watched, "nc_ambient", NS_PER_S, true);
    advance(&watched, 8 * NS_PER_S);
    assert_true(watched.disconnected);
    assert_true(shows(&watched, "on WH-1000XM4"));
    advance(&watched, 12 * NS_PER_S);
    assert_true(shows(&watched, "on discoverable WH-1000XM4"));
    unit_met(watched.unit, 12 * NS_PER_S, true, true);
    assert_true(shows(&watched, "on bonded connected WH-1000XM4"));
    done(&watched);

    watched = watched_of("wh-1000xm4-off", 1, false);
    unit_unmet(watched.unit, 0);
    assert_true(shows(&watched, "off WH-1000XM4"));
    done(&watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thresholds), cmocka_unit_test(test_taps),
        cmocka_unit_test(test_bounces),    cmocka_unit_test(test_light),
        cmocka_unit_test(test_seeds),      cmocka_unit_test(test_air),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
