/*
 * Presses by hand: the plan's rules hold for them, and what an actuator was on before counts.
 */
#include "rig/base/units.h"
#include "rig/plan/duty.h"
#include "rig/plan/plan_jog.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { POWER = 1, NC = 2, VOLUME = 4 };

static const char bench_text[] =
    "bench: b\n"
    "stations:\n"
    "  A:\n"
    "    chip: c\n"
    "    actuators:\n"
    "      power: { line: 0, kind: solenoid, max_on: 20 s, travel: { press: 8 ms, release: 5 ms, "
    "tolerance: 3 ms } }\n"
    "      nc_ambient: { line: 1, kind: relay, max_on: 1 s }\n"
    "      volume: { line: 2, kind: relay, max_on: 20 s, duty: { max: 25 %, per: 8 s } }\n"
    "    interlock: [power, volume]\n";

static const char profile_text[] =
    "model: M\n"
    "family: over-ear\n"
    "sources: { me: us }\n"
    "controls:\n"
    "  nc_ambient: { kind: button, max_hold: 30 s }\n"
    "  pwr: { kind: button, max_hold: 10 s, aliases: [power] }\n"
    "  custom: { kind: button, max_hold: 30 s }\n"
    "hazards:\n"
    "  - id: bricks\n"
    "    when: { hold: [pwr], longer_than: 5 s }\n"
    "    grade: bricks\n"
    "    risk: \"ends it\"\n"
    "    source: me\n"
    "  - id: both\n"
    "    when: { hold: [pwr, nc_ambient] }\n"
    "    grade: mode\n"
    "    risk: \"something else\"\n"
    "    source: me\n"
    "procedures:\n"
    "  r: { kind: network, source: me, steps: [{ hold: [pwr], for: 1 s }], expect: { led: { "
    "pattern: \"blue x1\", after: press, within: 6 s } } }\n";

struct rig {
    struct bench *bench;
    const struct station *station;
    struct profile *profile;
};

static int set_up(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct rig *rig = calloc(1, sizeof(*rig));
    rig->bench = bench_load_text(&diags, "b.yaml", bench_text, sizeof(bench_text) - 1);
    rig->profile = profile_load_text(&diags, "p.yaml", profile_text, sizeof(profile_text) - 1);
    if (!rig->bench || !rig->profile) {
        fail_msg("%s", diags_text(&diags));
    }
    rig->station = &rig->bench->stations[0];
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    profile_free(rig->profile);
    bench_free(rig->bench);
    free(rig);
    return 0;
}

/* What is wrong with it, NULL: nothing. To be freed. */
static char *wrong(const struct rig *rig, bool model, uint32_t actuators, int64_t hold_ns)
{
    struct diags diags = DIAGS_INIT;
    struct jog *jog = plan_jog_make(&diags, rig->bench, rig->station, model ? rig->profile : NULL,
                                    actuators, hold_ns);
    assert_int_equal(jog == NULL, diags.errors > 0);
    plan_jog_free(jog);
    return diags.errors > 0 ? diags_text(&diags) : NULL;
}

static void refused(const struct rig *rig, bool model, uint32_t actuators, int64_t hold_ns,
                    const char *why)
{
    char *told = wrong(rig, model, actuators, hold_ns);
    if (!told) {
        fail_msg("it was taken, against: %s", why);
    }
    if (!strstr(told, why)) {
        fail_msg("%s does not say: %s", told, why);
    }
    assert_null(strstr(told, "--accept-hazard"));
    free(told);
}

static void taken(const struct rig *rig, bool model, uint32_t actuators, int64_t hold_ns)
{
    char *told = wrong(rig, model, actuators, hold_ns);
    if (told) {
        fail_msg("%s", told);
    }
}

static void one_press_as_a_plan_makes_it(void **state)
{
    const struct rig *rig = *state;
    struct diags diags = DIAGS_INIT;
    struct jog *jog =
        plan_jog_make(&diags, rig->bench, rig->station, NULL, POWER | NC, 500 * NS_PER_MS);
    assert_non_null(jog);
    const struct plan *plan = plan_jog_plan(jog);
    assert_int_equal(plan->action_count, 1);
    assert_int_equal(plan->actions[0].kind, ACTION_PRESS);
    assert_int_equal(plan->actions[0].actuators, POWER | NC);
    /* The longest way down is 8 ms, the shortest up 0. */
    assert_int_equal(plan->actions[0].energise_ns, 508 * NS_PER_MS);
    assert_int_equal(plan->radio_needs, 0);
    plan_jog_free(jog);
    plan_jog_free(NULL);
}

static void without_a_model(void **state)
{
    const struct rig *rig = *state;
    /* Its tolerances (6 ms on this bench) do not count against it. */
    taken(rig, false, POWER, JOG_MAX_NS);
    refused(rig, false, POWER, JOG_MAX_NS + 1, "rule max-hold: power");
    refused(rig, false, NC, NS_PER_S + 1, "rule max-on");
    taken(rig, false, NC, NS_PER_S);
    refused(rig, false, VOLUME, 2 * NS_PER_S + 1, "rule duty");
    taken(rig, false, VOLUME, 2 * NS_PER_S);
    refused(rig, false, POWER, 1, "rule too-short");
    refused(rig, false, POWER | VOLUME, NS_PER_S, "rule interlock");
    refused(rig, false, 0, NS_PER_S, "nothing to press");
    refused(rig, false, 8, NS_PER_S, "nothing to press");
    refused(rig, false, POWER, 0, "nothing to press");
    refused(rig, false, POWER, -1, "nothing to press");
}

static void with_a_model(void **state)
{
    const struct rig *rig = *state;
    /* The model's own limits, by its alias of the control. */
    taken(rig, true, POWER, 4990 * NS_PER_MS);
    refused(rig, true, POWER, 5 * NS_PER_S, "hazard `bricks`");
    refused(rig, true, POWER, 5 * NS_PER_S, "release sooner");
    refused(rig, true, POWER, 11 * NS_PER_S, "rule max-hold: pwr");
    taken(rig, true, NC, NS_PER_S);
    refused(rig, true, NC | POWER, 500 * NS_PER_MS, "hazard `both`");
    refused(rig, true, NC | POWER, 500 * NS_PER_MS, "press fewer at once");
    taken(rig, false, NC | POWER, 500 * NS_PER_MS);
    refused(rig, true, VOLUME, NS_PER_S, "M has no control `volume`");
    refused(rig, true, VOLUME | NC, NS_PER_S, "M has no control `volume`");
}

/* ---- what was before ---- */

/* The simple model: the most on-time in any window that ends within the new press, looked for in
 * steps of `step`. Times are small numbers there. */
static int64_t most_by_steps(const struct duty_time *times, size_t count, struct duty_time press,
                             int64_t window_ns, int64_t step_ns)
{
    int64_t most_ns = 0;
    for (int64_t end_ns = press.start_ns; end_ns <= press.end_ns; end_ns += step_ns) {
        int64_t sum_ns = 0;
        for (size_t i = 0; i <= count; i++) {
            struct duty_time one = i < count ? times[i] : press;
            int64_t from_ns = one.start_ns > end_ns - window_ns ? one.start_ns : end_ns - window_ns;
            int64_t to_ns = one.end_ns < end_ns ? one.end_ns : end_ns;
            sum_ns += to_ns > from_ns ? to_ns - from_ns : 0;
        }
        most_ns = sum_ns > most_ns ? sum_ns : most_ns;
    }
    return most_ns;
}

/* Waiting as long as is said is enough, and a step less is not. */
static void waits_are_exact(void **state)
{
    const struct rig *rig = *state;
    const int64_t step_ns = 100 * NS_PER_MS;
    const int64_t limit_ns = 2 * NS_PER_S;
    const int64_t window_ns = 8 * NS_PER_S;
    unsigned random = 12345;
    int waited = 0;

    for (int round = 0; round < 300; round++) {
        struct duty duty = {0};
        struct duty_time times[20];
        int64_t now_ns = 1000 * NS_PER_S;
        size_t count = 0;
        for (; count < 20; count++) {
            random = random * 1103515245 + 12345;
            int64_t rest_ns = (random >> 16) % 10 * step_ns;
            int64_t on_ns = ((random >> 24) % 8 + 1) * step_ns;
            times[count] = (struct duty_time){now_ns + rest_ns, now_ns + rest_ns + on_ns};
            now_ns = times[count].end_ns;
            duty_add(&duty, VOLUME, times[count].start_ns, times[count].end_ns);
        }
        int64_t energise_ns = ((random >> 8) % 20 + 1) * step_ns;
        int64_t wait_ns = duty_wait_ns(&duty, rig->station, 2, now_ns, energise_ns);
        struct duty_time press = {now_ns + wait_ns, now_ns + wait_ns + energise_ns};
        assert_true(most_by_steps(times, count, press, window_ns, step_ns) <= limit_ns);
        if (wait_ns > 0) {
            waited++;
            press.start_ns -= step_ns;
            press.end_ns -= step_ns;
            assert_true(most_by_steps(times, count, press, window_ns, step_ns) > limit_ns);
        }
        assert_int_equal(duty_wait_ns(&duty, rig->station, 0, now_ns, energise_ns), 0);
    }
    assert_true(waited > 50);
}

/* More presses than are remembered count for no less than they were. */
static void many_short_presses(void **state)
{
    const struct rig *rig = *state;
    struct duty duty = {0};
    int64_t now_ns = 1000 * NS_PER_S;

    for (int i = 0; i < 10 * DUTY_TIMES_MAX; i++) {
        duty_add(&duty, VOLUME, now_ns, now_ns + 3 * NS_PER_MS);
        now_ns += 6 * NS_PER_MS;
    }
    /* Of 3.84 s, half was on: 1.92 s of the 2 s. */
    assert_int_equal(duty_wait_ns(&duty, rig->station, 2, now_ns, 80 * NS_PER_MS), 0);
    assert_true(duty_wait_ns(&duty, rig->station, 2, now_ns, 81 * NS_PER_MS) > 0);
    assert_int_equal(duty_wait_ns(&duty, rig->station, 2, now_ns + 8 * NS_PER_S, 2 * NS_PER_S), 0);
    assert_true(duty_wait_ns(&duty, rig->station, 2, now_ns, 2 * NS_PER_S + 1) == INT64_MAX);
}

static void a_refusal_has_the_numbers(void **state)
{
    const struct rig *rig = *state;
    struct duty duty = {0};
    struct diags diags = DIAGS_INIT;
    int64_t now_ns = 1000 * NS_PER_S;

    duty_add(&duty, POWER | VOLUME, now_ns, now_ns + 1500 * NS_PER_MS);
    now_ns += 2 * NS_PER_S;
    assert_int_equal(
        duty_check(&duty, &diags, rig->station, POWER | VOLUME, now_ns, 500 * NS_PER_MS), 0);
    assert_int_equal(duty_check(&duty, &diags, rig->station, POWER | VOLUME, now_ns, NS_PER_S), -1);
    char *told = diags_text(&diags);
    assert_string_equal(told, "b.yaml:8:23: error: rule duty: the actuator of volume was on for "
                              "1.5 s of the last 8 s; 1 s more would exceed its limit of 2 s; let "
                              "it rest for 5.5 s, or shorten the press\n");
    free(told);
    assert_int_equal(
        duty_check(&duty, &diags, rig->station, VOLUME, now_ns + 5500 * NS_PER_MS, NS_PER_S), 0);
    assert_int_equal(
        duty_check(&duty, &diags, rig->station, VOLUME, now_ns + 5500 * NS_PER_MS - 1, NS_PER_S),
        -1);
    diags_clear(&diags);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH(one_press_as_a_plan_makes_it),
        WITH(without_a_model),
        WITH(with_a_model),
        WITH(waits_are_exact),
        WITH(many_short_presses),
        WITH(a_refusal_has_the_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
