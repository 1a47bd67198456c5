/*
 * Series of presses on simulated units whose thresholds are known.
 */
#include "hardware/sim/firmware.h"
#include "hardware/sim/sim_port.h"
#include "rig/base/units.h"
#include "rig/profile/catalog.h"
#include "rig/run/run.h"
#include "rig/threshold/characterize.h"
#include "tests/unit/parts.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t ms = NS_PER_MS;

/* What a series is made on. */
struct rig {
    struct profile *profile;
    struct bench *bench;
    struct firmware *firmware;
    struct port *port;
    struct characterize_setup setup;
    struct characterize *series;
    struct judgement judgement;
    struct timeline last; /* of the latest run */
    int64_t longest_ns;   /* hold that was ordered */
    int64_t shortest_ns;
};

static void load(struct rig *rig, const char *profile, const char *procedure, const char *firmware)
{
    struct diags diags = DIAGS_INIT;
    char path[256];

    memset(rig, 0, sizeof(*rig));
    rig->shortest_ns = INT64_MAX;
    snprintf(path, sizeof(path), "profiles/%s.yaml", profile);
    rig->profile = profile_load(&diags, path);
    rig->bench = bench_load(&diags, "hardware/benches/sim.yaml");
    snprintf(path, sizeof(path), "hardware/sim/firmware/%s.yaml", firmware);
    rig->firmware = firmware_load(&diags, path);
    if (!rig->profile || !rig->bench || !rig->firmware) {
        diags_print(&diags, stderr);
        fail_msg("a file does not load");
    }
    rig->setup = (struct characterize_setup){
        .profile = rig->profile,
        .procedure = profile_procedure(rig->profile, procedure),
        .bench = rig->bench,
        .station = bench_station(rig->bench, NULL, &diags),
        .precision_ns = 50 * ms,
        .max_presses = 200,
    };
    assert_non_null(rig->setup.procedure);
    timeline_init(&rig->last);
}

static void begin(struct rig *rig)
{
    struct diags diags = DIAGS_INIT;
    struct sim_options options = {.seed = 3, .start_ns = 1000 * NS_PER_S, .bonds = true};

    rig->series = characterize_new(&diags, &rig->setup);
    if (!rig->series) {
        diags_print(&diags, stderr);
        fail_msg("no series");
    }
    rig->port = sim_port_open(&diags, rig->setup.station, rig->firmware, &options);
    assert_non_null(rig->port);
}

static void end(struct rig *rig)
{
    timeline_free(&rig->last);
    characterize_free(rig->series);
    if (rig->port) {
        rig->port->ops->close(rig->port);
    }
    firmware_free(rig->firmware);
    bench_free(rig->bench);
    profile_free(rig->profile);
}

static void rest(struct rig *rig)
{
    struct port_event event;
    int64_t until_ns = rig->port->ops->now(rig->port) + 60 * NS_PER_S;
    while (rig->port->ops->next(rig->port, until_ns, &event)) {
    }
}

static const struct characterize_press *press_for(struct rig *rig, int64_t hold_ns)
{
    struct diags diags = DIAGS_INIT;
    struct run_hooks hooks = {.context = NULL};
    struct sensors sensors = judge_sensors_of_station(rig->setup.station);
    int8_t levels[BENCH_INPUTS_MAX];

    struct plan *plan = characterize_plan(rig->series, &diags, hold_ns);
    assert_non_null(plan);
    rig->longest_ns = hold_ns > rig->longest_ns ? hold_ns : rig->longest_ns;
    rig->shortest_ns = hold_ns < rig->shortest_ns ? hold_ns : rig->shortest_ns;
    timeline_reset(&rig->last);
    run_levels(rig->port, rig->setup.station, levels);
    struct engine *engine = engine_new(plan, &rig->last, rig->port->ops->now(rig->port), 0, levels);
    run_drive(engine, rig->port, &rig->last, &hooks);
    enum run_end how = engine_end(engine);
    engine_free(engine);
    plan_free(plan);
    return characterize_take(rig->series, &sensors, &rig->last, how, 0, &rig->judgement);
}

/* To the end. How many did not count. */
static int go_on(struct rig *rig)
{
    int unclear = 0;
    while (characterize_open(rig->series) && unclear < 3) {
        unclear += !press_for(rig, characterize_next_ns(rig->series))->counts;
        rest(rig);
    }
    return unclear;
}

static void assert_found(const struct threshold *search, int64_t low_ms, int64_t high_ms)
{
    struct threshold_estimate estimate;
    threshold_estimate(search, &estimate);
    assert_in_range(estimate.median_ns, low_ms * ms, high_ms * ms);
    assert_true(estimate.high_ns - estimate.low_ns <= 50 * ms);
}

/* Each unit's threshold, from its firmware file. The faulty ones show it in fewer ways. */
static void test_finds_the_threshold(void **state)
{
    static const struct {
        const char *profile;
        const char *procedure;
        const char *firmware;
        int64_t threshold_ms;
    } units[] = {
        {"wh-1000xm5", "network-reset", "wh-1000xm5", 5600},
        {"wh-1000xm5", "network-reset", "wh-1000xm5-threshold-6.4s", 6400},
        {"wh-1000xm5", "network-reset", "wh-1000xm5-threshold-7.6s", 7600},
        {"wh-1000xm5", "network-reset", "wh-1000xm5-dead-led", 5600},
        {"wh-1000xm5", "network-reset", "wh-1000xm5-stuck-led", 5600},
        {"wh-1000xm5", "network-reset", "wh-1000xm5-wrong-colour", 5600},
        {"wh-1000xm5", "network-reset", "wh-1000xm5-bond-kept", 5600},
        {"wh-1000xm5", "network-reset", "wh-1000xm5-late-disconnect", 5600},
        {"wh-1000xm5", "network-reset", "wh-1000xm5-held-becomes-factory", 4600},
        {"wf-1000xm5", "network-reset", "wf-1000xm5", 9600},
        {"wf-1000xm4", "network-reset", "wf-1000xm4", 11600},
        {"wh-ch720n", "factory-reset", "wh-ch720n", 9600},
        {"linkbuds", "network-reset", "linkbuds", 4700},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        struct rig rig;
        load(&rig, units[i].profile, units[i].procedure, units[i].firmware);
        begin(&rig);
        assert_int_equal(go_on(&rig), 0);
        assert_true(characterize_found(rig.series));
        assert_found(characterize_start(rig.series), units[i].threshold_ms - 40,
                     units[i].threshold_ms + 40);
        assert_null(characterize_end(rig.series));
        end(&rig);
    }
}

/* The left sensor past 15 s ends the unit: it is never held that long, and lives. */
static void test_hazard_is_never_crossed(void **state)
{
    struct rig rig;
    (void)state;
    load(&rig, "wf-1000xm5", "network-reset", "wf-1000xm5-dfu-trap");
    rig.setup.to_ns = 20 * NS_PER_S;
    begin(&rig);
    struct hold_range allowed = characterize_allowed(rig.series);
    assert_in_range(allowed.high_ns, 14900 * ms, 15000 * ms);
    assert_non_null(strstr(characterize_closed_above(rig.series), "hazard `dfu`"));
    assert_null(characterize_closed_below(rig.series));
    press_for(&rig, allowed.high_ns);
    rest(&rig);
    assert_int_equal(go_on(&rig), 0);
    assert_true(characterize_found(rig.series));
    assert_true(rig.longest_ns < 15 * NS_PER_S);
    struct diags diags = DIAGS_INIT;
    assert_null(characterize_plan(rig.series, &diags, allowed.high_ns + 10 * ms));
    diags_clear(&diags);
    end(&rig);
}

/* Of every procedure that we ship: nothing that may be tried crosses a hazard, or a limit. */
static void test_ranges_of_all_profiles(void **state)
{
    static const char *const names[] = {"linkbuds",   "linkbuds-s", "wf-1000xm4", "wf-1000xm5",
                                        "wh-1000xm3", "wh-1000xm4", "wh-1000xm5", "wh-ch720n"};
    int series_made = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct rig rig;
        load(&rig, names[i], "soft-reset", names[i]);
        for (size_t p = 0; p < rig.profile->procedure_count; p++) {
            const struct procedure *procedure = &rig.profile->procedures[p];
            struct diags diags = DIAGS_INIT;
            rig.setup.procedure = procedure;
            rig.setup.to_ns = 60 * NS_PER_S;
            struct characterize *series = characterize_new(&diags, &rig.setup);
            diags_clear(&diags);
            if (!series) {
                continue;
            }
            series_made++;
            struct hold_range allowed = characterize_allowed(series);
            const struct step *hold = &procedure->steps[procedure->step_count - 1];
            assert_int_equal(hold->kind, STEP_HOLD);
            assert_true(allowed.low_ns <= hold->for_ns && hold->for_ns <= allowed.high_ns);
            assert_non_null(characterize_closed_above(series));
            for (size_t h = 0; h < rig.profile->hazard_count; h++) {
                const struct hazard *hazard = &rig.profile->hazards[h];
                if ((hold->controls & hazard->hold) == hazard->hold &&
                    !(procedure->intends >> h & 1)) {
                    assert_true(allowed.high_ns <= hazard->longer_than_ns);
                }
            }
            for (size_t c = 0; c < rig.profile->control_count; c++) {
                if (hold->controls >> c & 1) {
                    assert_true(allowed.high_ns <= rig.profile->controls[c].max_hold_ns);
                }
            }
            characterize_free(series);
        }
        end(&rig);
    }
    assert_true(series_made >= 9);
}

/* With the hazard accepted, both ends of the window. */
static void test_both_ends(void **state)
{
    static const char *const accepted[] = {"becomes-factory"};
    struct rig rig;
    (void)state;
    load(&rig, "wh-1000xm5", "network-reset", "wh-1000xm5");
    rig.setup.accept_hazards = accepted;
    rig.setup.accept_count = 1;
    begin(&rig);
    assert_non_null(characterize_end(rig.series));
    assert_int_equal(press_for(&rig, 5 * NS_PER_S)->outcome, HOLD_NOTHING);
    rest(&rig);
    assert_int_equal(press_for(&rig, 7 * NS_PER_S)->outcome, HOLD_RESET);
    rest(&rig);
    assert_int_equal(press_for(&rig, 15 * NS_PER_S)->outcome, HOLD_BEYOND);
    rest(&rig);
    assert_int_equal(go_on(&rig), 0);
    assert_found(characterize_start(rig.series), 5560, 5640);
    assert_found(characterize_end(rig.series), 14460, 14540);
    assert_true(characterize_found(rig.series));
    end(&rig);

    /* ... and with a range that ends before it, the start alone. */
    load(&rig, "wh-1000xm5", "network-reset", "wh-1000xm5");
    rig.setup.accept_hazards = accepted;
    rig.setup.accept_count = 1;
    rig.setup.to_ns = 10 * NS_PER_S;
    begin(&rig);
    assert_null(characterize_end(rig.series));
    assert_int_equal(characterize_allowed(rig.series).high_ns, 10 * NS_PER_S);
    end(&rig);
}

/* A unit that does not come back: what it does then is not taken for an answer. */
static void test_unit_that_is_not_paired_again(void **state)
{
    struct rig rig;
    (void)state;
    load(&rig, "wh-1000xm5", "network-reset", "wh-1000xm5-never-discoverable");
    begin(&rig);
    assert_true(press_for(&rig, 7 * NS_PER_S)->counts);
    rest(&rig);
    const struct characterize_press *press = press_for(&rig, 5 * NS_PER_S);
    assert_false(press->counts);
    assert_true(press->unpaired);
    assert_non_null(strstr(press->why, "not paired"));
    assert_int_equal(characterize_counted(rig.series), 1);
    assert_int_equal(characterize_count(rig.series), 2);
    assert_int_equal(threshold_presses(characterize_start(rig.series)), 1);
    end(&rig);
}

/* A run that did not come to its end is no press. */
static void test_interlock_does_not_count(void **state)
{
    struct rig rig;
    (void)state;
    load(&rig, "wh-1000xm5", "network-reset", "wh-1000xm5-battery-12");
    begin(&rig);
    const struct characterize_press *press = press_for(&rig, 7 * NS_PER_S);
    assert_false(press->counts);
    assert_int_equal(press->hold_ns, 0);
    assert_int_equal(press->verdict, VERDICT_ABORTED);
    assert_int_equal(characterize_counted(rig.series), 0);
    end(&rig);
}

/* The threshold is shorter, or longer, than what was looked at: said so, and not found in it. */
static void test_threshold_outside(void **state)
{
    struct rig rig;
    (void)state;
    for (int shorter = 0; shorter < 2; shorter++) {
        load(&rig, "wh-1000xm5", "network-reset", "wh-1000xm5");
        rig.setup.from_ns = shorter ? 6 * NS_PER_S : 2 * NS_PER_S;
        rig.setup.to_ns = shorter ? 7 * NS_PER_S : 5 * NS_PER_S;
        begin(&rig);
        assert_int_equal(go_on(&rig), 0);
        assert_int_equal(threshold_state(characterize_start(rig.series)), THRESHOLD_CLOSED);
        assert_false(characterize_found(rig.series));
        assert_true(rig.shortest_ns >= rig.setup.from_ns && rig.longest_ns <= rig.setup.to_ns);
        end(&rig);
    }
}

/* The same presses, told to another series from their timelines, make the same. */
static void test_taken_up_again(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct sensors sensors;
    struct rig rig;
    (void)state;
    load(&rig, "wh-1000xm5", "network-reset", "wh-1000xm5");
    begin(&rig);
    struct characterize *again = characterize_new(&diags, &rig.setup);
    sensors = judge_sensors_of_station(rig.setup.station);
    for (int i = 0; i < 15; i++) {
        const struct characterize_press *press = press_for(&rig, characterize_next_ns(rig.series));
        const struct characterize_press *copy =
            characterize_take(again, &sensors, &rig.last, END_COMPLETE, 7, &rig.judgement);
        assert_int_equal(copy->hold_ns, press->hold_ns);
        assert_int_equal(copy->outcome, press->outcome);
        assert_int_equal(copy->run, 7);
        assert_int_equal(characterize_next_ns(again), characterize_next_ns(rig.series));
        rest(&rig);
    }
    characterize_free(again);
    end(&rig);
}

/* Judged by the variant that is made again from its timeline, a press is what it was; also when the
 * series had a range of its own, which nobody kept, and without the bench. */
static void test_made_again(void **state)
{
    static const int64_t holds_ms[] = {3003, 5590, 5611, 6100};
    struct sensors sensors;
    (void)state;
    for (int ranged = 0; ranged < 2; ranged++) {
        struct rig rig;
        load(&rig, "wh-1000xm5", "network-reset", "wh-1000xm5");
        rig.setup.to_ns = ranged ? 6200 * ms : 0;
        begin(&rig);
        sensors = judge_sensors_of_station(rig.setup.station);
        for (size_t i = 0; i < sizeof(holds_ms) / sizeof(holds_ms[0]); i++) {
            enum verdict verdict = press_for(&rig, holds_ms[i] * ms)->verdict;
            for (int benchless = 0; benchless < 2; benchless++) {
                struct characterize_setup setup = {.profile = rig.profile,
                                                   .procedure = rig.setup.procedure,
                                                   .bench = benchless ? NULL : rig.bench,
                                                   .station = benchless ? NULL : rig.setup.station};
                struct characterize *again = characterize_again(&setup, &rig.last);
                assert_non_null(again);
                const struct procedure *variant = characterize_procedure(again);
                int64_t hold_ns = variant->steps[0].for_ns;
                assert_string_equal(variant->name, "network-reset:threshold");
                assert_false(variant->steps[0].has_release_on);
                assert_true(benchless ? llabs(hold_ns - holds_ms[i] * ms) < 10 * ms
                                      : hold_ns == holds_ms[i] * ms);
                judge(rig.profile, variant, &sensors, &rig.last, END_COMPLETE, &rig.judgement);
                assert_int_equal(rig.judgement.verdict, verdict);
                characterize_free(again);
            }
            rest(&rig);
        }
        end(&rig);
    }
    struct rig rig;
    load(&rig, "wh-1000xm5", "soft-reset", "wh-1000xm5");
    assert_null(characterize_again(&rig.setup, &rig.last));
    end(&rig);
    assert_int_equal(characterize_claimed_length("network-reset:threshold"), 13);
    assert_int_equal(characterize_claimed_length("network-reset"), 0);
    assert_int_equal(characterize_claimed_length(":threshold"), 0);
}

/* The hold is the button's, whatever the actuator travels. */
static void test_hold_as_measured(void **state)
{
    struct rig rig;
    (void)state;
    load(&rig, "wh-1000xm5", "network-reset", "wh-1000xm5");
    begin(&rig);
    for (int64_t hold_ns = 2 * NS_PER_S; hold_ns < 6 * NS_PER_S; hold_ns += 777 * ms) {
        int64_t held_ns = press_for(&rig, hold_ns)->hold_ns;
        assert_true(llabs(held_ns - hold_ns) < ms);
        rest(&rig);
    }
    end(&rig);
}

static void test_sweep(void **state)
{
    struct rig rig;
    (void)state;
    load(&rig, "wh-1000xm5", "network-reset", "wh-1000xm5");
    rig.setup.from_ns = 5 * NS_PER_S;
    rig.setup.to_ns = 6 * NS_PER_S;
    rig.setup.step_ns = 200 * ms;
    rig.setup.repeats = 2;
    begin(&rig);
    for (int i = 0; i < 12; i++) {
        assert_true(characterize_open(rig.series));
        assert_false(characterize_found(rig.series));
        assert_int_equal(characterize_forecast(rig.series).most, 12 - i);
        assert_int_equal(characterize_next_ns(rig.series), 5 * NS_PER_S + i % 6 * 200 * ms);
        assert_true(press_for(&rig, characterize_next_ns(rig.series))->counts);
        rest(&rig);
    }
    assert_false(characterize_open(rig.series));
    assert_true(characterize_found(rig.series));
    end(&rig);
}

static void refused(struct rig *rig, const char *words)
{
    struct diags diags = DIAGS_INIT;
    assert_null(characterize_new(&diags, &rig->setup));
    char *text = diags_text(&diags);
    if (!strstr(text, words)) {
        fail_msg("`%s` is not in: %s", words, text);
    }
    free(text);
}

static void test_refused(void **state)
{
    struct rig rig;
    (void)state;
    load(&rig, "wf-1000xm5", "soft-reset", "wf-1000xm5");
    refused(&rig, "does not end with a hold");
    rig.setup.procedure = profile_procedure(rig.profile, "factory-reset");
    refused(&rig, "hazard `dfu`");
    rig.setup.procedure = profile_procedure(rig.profile, "network-reset");
    rig.setup.from_ns = 16 * NS_PER_S;
    rig.setup.to_ns = 18 * NS_PER_S;
    refused(&rig, "no hold in the requested range may be tried");
    rig.setup.to_ns = 12 * NS_PER_S;
    refused(&rig, "requested range of holds is empty");
    rig.setup.from_ns = 0;
    rig.setup.step_ns = 1;
    rig.setup.repeats = 1;
    refused(&rig, "more than 2000 presses");
    rig.setup.step_ns = 0;
    rig.setup.precision_ns = 0;
    refused(&rig, "precision");
    rig.setup.precision_ns = 50 * ms;
    struct station station = *rig.setup.station;
    station.adapter = NULL;
    rig.setup.station = &station;
    refused(&rig, "no Bluetooth adapter");
    end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_the_threshold),
        cmocka_unit_test(test_hazard_is_never_crossed),
        cmocka_unit_test(test_ranges_of_all_profiles),
        cmocka_unit_test(test_both_ends),
        cmocka_unit_test(test_unit_that_is_not_paired_again),
        cmocka_unit_test(test_interlock_does_not_count),
        cmocka_unit_test(test_threshold_outside),
        cmocka_unit_test(test_taken_up_again),
        cmocka_unit_test(test_made_again),
        cmocka_unit_test(test_hold_as_measured),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
