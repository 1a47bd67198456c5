/*
 * Golden runs: each firmware file on the simulated bench, through port, engine, decoder and judge
 * in virtual time, to the verdict it was written for.
 */
#include "hardware/sim/sim_port.h"
#include "rig/base/units.h"
#include "rig/judge/judge.h"
#include "rig/plan/plan.h"
#include "rig/run/run.h"
#include "tests/unit/parts.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char sim_bench[] = "hardware/benches/sim.yaml";

/* The same wires as the simulated bench's, with one clear channel. */
static const char mono_bench[] = "bench: mono\n"
                                 "simulated: yes\n"
                                 "stations:\n"
                                 "  A:\n"
                                 "    chip: sim\n"
                                 "    actuators:\n"
                                 "      power: { line: 0, kind: relay, max_on: 30 s }\n"
                                 "      nc_ambient: { line: 1, kind: relay, max_on: 30 s }\n"
                                 "      volume_down: { line: 2, kind: relay, max_on: 30 s }\n"
                                 "    led: { mono: { line: 10 } }\n"
                                 "    sound: { line: 13 }\n"
                                 "    bluetooth: { adapter: \"02:00:00:00:00:01\" }\n";

static const char deaf_bench[] = "bench: deaf\n"
                                 "simulated: yes\n"
                                 "stations:\n"
                                 "  A:\n"
                                 "    chip: sim\n"
                                 "    actuators:\n"
                                 "      power: { line: 0, kind: relay, max_on: 30 s }\n"
                                 "      nc_ambient: { line: 1, kind: relay, max_on: 30 s }\n"
                                 "    led: { r: { line: 10 }, g: { line: 11 }, b: { line: 12 } }\n"
                                 "    sound: { line: 13 }\n";

static const char blind_bench[] = "bench: blind\n"
                                  "simulated: yes\n"
                                  "stations:\n"
                                  "  A:\n"
                                  "    chip: sim\n"
                                  "    actuators:\n"
                                  "      power: { line: 0, kind: relay, max_on: 30 s }\n"
                                  "      nc_ambient: { line: 1, kind: relay, max_on: 30 s }\n"
                                  "    bluetooth: { adapter: \"02:00:00:00:00:01\" }\n";

struct answer {
    const char *name; /* NULL: none is given ahead */
    const char *text;
};

/* A run, from the files to the verdict. */
struct golden {
    struct profile *profile;
    struct bench *bench;
    const struct station *station;
    struct firmware *firmware;
    const struct procedure *procedure;
    struct plan *plan;
    struct port *port;
    struct engine *engine;
    struct timeline timeline;
    struct judgement judgement;
};

struct scene {
    const char *firmware;  /* file */
    const char *model;     /* file of the profile */
    const char *procedure; /* NULL: the default */
    struct answer answer;
    const char *accept; /* a hazard; NULL: none */
    const char *bench;  /* text; NULL: the simulated bench */
};

static void check_loaded(const void *loaded, struct diags *diags, const char *what)
{
    if (!loaded) {
        fail_msg("%s: %s", what, diags_text(diags));
    }
}

static void golden_load(struct golden *golden, const struct scene *scene)
{
    struct diags diags = DIAGS_INIT;
    char path[200];

    memset(golden, 0, sizeof(*golden));
    snprintf(path, sizeof(path), "profiles/%s.yaml", scene->model);
    golden->profile = profile_load(&diags, path);
    check_loaded(golden->profile, &diags, path);
    snprintf(path, sizeof(path), "hardware/sim/firmware/%s.yaml", scene->firmware);
    golden->firmware = firmware_load(&diags, path);
    check_loaded(golden->firmware, &diags, path);
    golden->bench = scene->bench
                        ? bench_load_text(&diags, "bench.yaml", scene->bench, strlen(scene->bench))
                        : bench_load(&diags, sim_bench);
    check_loaded(golden->bench, &diags, "bench");
    golden->station = bench_station(golden->bench, NULL, &diags);
    check_loaded(golden->station, &diags, "station");
    golden->procedure = scene->procedure ? profile_procedure(golden->profile, scene->procedure)
                                         : profile_default(golden->profile);
    check_loaded(golden->procedure, &diags, scene->model);
    diags_clear(&diags);
    timeline_init(&golden->timeline);
}

static void golden_free(struct golden *golden)
{
    engine_free(golden->engine);
    if (golden->port) {
        golden->port->ops->close(golden->port);
    }
    timeline_free(&golden->timeline);
    plan_free(golden->plan);
    firmware_free(golden->firmware);
    bench_free(golden->bench);
    profile_free(golden->profile);
}

static struct plan *plan_of(const struct golden *golden, const struct scene *scene,
                            struct diags *diags)
{
    struct plan_choices choices = {.accept_hazards = &scene->accept,
                                   .accept_count = scene->accept ? 1 : 0};
    return plan_make(diags, golden->profile, golden->procedure, golden->bench, golden->station,
                     &choices, NULL);
}

/* The operator has said so on the command line. */
static bool answer_first(void *context, struct engine *engine, const struct question *question)
{
    const struct golden *golden = ((void **)context)[0];
    const struct answer *answer = ((void **)context)[1];
    return answer->name && strcmp(answer->name, question->name) == 0 &&
           engine_answer(engine, golden->port->ops->now(golden->port), question->name, answer->text,
                         ANSWER_BY_OPTION);
}

static void golden_run(struct golden *golden, const struct scene *scene, uint64_t seed)
{
    struct diags diags = DIAGS_INIT;
    struct sim_options options = {.seed = seed, .start_ns = 1000 * NS_PER_S};
    struct answer answer = scene->answer;
    void *context[] = {golden, &answer};
    struct run_hooks hooks = {.context = context, .answer_first = answer_first};
    struct sensors sensors;
    int8_t levels[BENCH_INPUTS_MAX];

    golden_load(golden, scene);
    golden->plan = plan_of(golden, scene, &diags);
    check_loaded(golden->plan, &diags, scene->firmware);
    golden->port = sim_port_open(&diags, golden->station, golden->firmware, &options);
    check_loaded(golden->port, &diags, scene->firmware);
    run_levels(golden->port, golden->station, levels);
    golden->engine = engine_new(golden->plan, &golden->timeline, options.start_ns, 0, levels);
    run_drive(golden->engine, golden->port, &golden->timeline, &hooks);
    sensors = judge_sensors_of_station(golden->station);
    judge(golden->profile, golden->procedure, &sensors, &golden->timeline,
          engine_end(golden->engine), &golden->judgement);
    diags_clear(&diags);
}

static const struct finding *finding_of(const struct golden *golden, enum expect_kind kind)
{
    for (size_t i = 0; i < golden->judgement.finding_count; i++) {
        if (golden->judgement.findings[i].expectation->kind == kind) {
            return &golden->judgement.findings[i];
        }
    }
    fail_msg("%s is not expected", expect_kind_name(kind));
    return NULL;
}

/* The verdict, and a piece of the sentence that gives the reason. */
static void check_verdict(const struct golden *golden, const struct scene *scene,
                          enum verdict verdict, const char *reason)
{
    const struct judgement *judgement = &golden->judgement;
    if (judgement->verdict != verdict || !strstr(judgement->reason, reason)) {
        fail_msg("%s, %s: %s: %s\nnot %s: %s", scene->firmware, golden->procedure->name,
                 judge_verdict_name(judgement->verdict), judgement->reason,
                 judge_verdict_name(verdict), reason);
    }
}

/* ---- the table ---- */

struct expected {
    struct scene scene;
    enum verdict verdict;
    const char *reason;
};

#define XM5                 "wh-1000xm5"
#define UNIT(file, profile) .firmware = (file), .model = (profile)
#define AS_EXPECTED         "as expected"

/* The scene, its verdict, a piece of the reason. */
static const struct expected table[] = {
    {{UNIT("wh-1000xm5", XM5)}, VERDICT_PASS, "all 4 needed observations were as expected"},
    {{UNIT("wh-1000xm4", "wh-1000xm4")}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wh-1000xm3", "wh-1000xm3")}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wh-ch720n", "wh-ch720n")}, VERDICT_PASS, "all 5 needed observations were as expected"},
    {{UNIT("wf-1000xm5", "wf-1000xm5")}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wf-1000xm4", "wf-1000xm4")}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("linkbuds", "linkbuds")}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("linkbuds-s", "linkbuds-s")}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wh-1000xm5", XM5), .procedure = "factory-reset"}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wh-1000xm5", XM5), .procedure = "soft-reset"}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wh-1000xm4", "wh-1000xm4"), .procedure = "factory-reset"}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wh-1000xm4-off", "wh-1000xm4"), .procedure = "pairing"}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wh-1000xm3-gist", "wh-1000xm3"), .procedure = "factory-reset@gist-toymil"},
     VERDICT_PASS,
     AS_EXPECTED},
    {{UNIT("wh-1000xm5-threshold-6.4s", XM5)}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wh-1000xm5-threshold-7.6s", XM5)},
     VERDICT_FAIL,
     "bond_rejected: the unit still accepts the old key"},
    {{UNIT("wh-1000xm5-slow-led", XM5)},
     VERDICT_FAIL,
     "led: expected blue x2, white x1; saw blue x2, white x1, blue x10: 1.8"},
    {{UNIT("wh-1000xm5-dead-led", XM5)}, VERDICT_FAIL, "saw nothing (no light at all)"},
    {{UNIT("wh-1000xm5-wrong-colour", XM5)},
     VERDICT_FAIL,
     "saw green x2, white x1 (first blue pulse is green)"},
    {{UNIT("wh-1000xm5-one-blink-short", XM5)}, VERDICT_FAIL, "(second blue pulse missing)"},
    {{UNIT("wh-1000xm5-battery-12", XM5)},
     VERDICT_ABORTED,
     "battery is 12 %; at least 20 % is needed: charge for 15 minutes and try again (nothing was "
     "pressed)"},
    {{UNIT("wh-1000xm5-battery-12", XM5), .answer = {"battery", "80"}},
     VERDICT_FAIL,
     "bond_rejected: the unit still accepts the old key"},
    {{UNIT("wh-1000xm5-bouncing-button", XM5)}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wh-1000xm5-bond-kept", XM5)},
     VERDICT_FAIL,
     "the LED says reset, the radio disproves it: the unit still accepts the old key"},
    {{UNIT("wh-1000xm5-held-becomes-factory", XM5)}, VERDICT_FAIL, "red x5"},
    {{UNIT("wh-1000xm5-stuck-led", XM5)}, VERDICT_FAIL, "already lit when watching began"},
    {{UNIT("wh-1000xm5-lost-edges", XM5)},
     VERDICT_INCONCLUSIVE,
     "led: 12 edges of led_r were lost 7 s into the run: what the LED showed is uncertain"},
    {{UNIT("wh-1000xm5-estop", XM5)},
     VERDICT_ABORTED,
     "the e-stop was pressed; everything was released"},
    {{UNIT("wh-1000xm5-chip-gone", XM5)}, VERDICT_ERROR, "the simulated chip is gone"},
    {{UNIT("wh-1000xm5-wrong-name", XM5)},
     VERDICT_FAIL,
     "discoverable: expected to be seen as `WH-1000XM5`; seen as `WH-1000XM4`"},
    {{UNIT("wh-1000xm5-never-discoverable", XM5)},
     VERDICT_FAIL,
     "discoverable within 37 s after the press; it was not seen"},
    {{UNIT("wh-1000xm5-late-disconnect", XM5)},
     VERDICT_FAIL,
     "disconnects: the link dropped, 15.6"},
    {{UNIT("wf-1000xm5-dfu-trap", "wf-1000xm5"), .procedure = "factory-reset", .accept = "dfu"},
     VERDICT_FAIL,
     "red x5 (red lit for"},
    {{UNIT("wf-1000xm5", "wf-1000xm5"), .procedure = "factory-reset", .accept = "dfu"},
     VERDICT_PASS,
     AS_EXPECTED},
    {{UNIT("wh-1000xm5", XM5), .answer = {"power", "off"}},
     VERDICT_ABORTED,
     "power is off; it must be on"},
    {{UNIT("wh-1000xm5", XM5), .bench = mono_bench},
     VERDICT_INCONCLUSIVE,
     "led: expected blue x2, white x1; one clear channel cannot distinguish colours; it saw"},
    {{UNIT("wh-ch720n", "wh-ch720n"), .bench = mono_bench}, VERDICT_PASS, AS_EXPECTED},
    {{UNIT("wh-1000xm5", XM5), .bench = deaf_bench},
     VERDICT_INCONCLUSIVE,
     "disconnects: not observable: no Bluetooth adapter is configured on this station (and 2 "
     "more)"},
    {{UNIT("wh-1000xm5-one-blink-short", XM5), .bench = deaf_bench},
     VERDICT_FAIL,
     "(second blue pulse missing)"},
    {{UNIT("wh-1000xm5", XM5), .bench = blind_bench},
     VERDICT_INCONCLUSIVE,
     "led: no LED channel is wired on this station"},
};

static void test_verdicts(void **state)
{
    static struct golden golden;
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        for (uint64_t seed = 1; seed <= 5; seed++) {
            golden_run(&golden, &table[i].scene, seed);
            check_verdict(&golden, &table[i].scene, table[i].verdict, table[i].reason);
            golden_free(&golden);
        }
    }
}

static bool in_table(const char *firmware)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].scene.firmware, firmware) == 0) {
            return true;
        }
    }
    return false;
}

/* Every firmware file of the tree is in the table, but for the one that no plan leads to. */
static void test_every_firmware(void **state)
{
    static const char directory[] = "hardware/sim/firmware/";
    glob_t files;
    (void)state;
    assert_int_equal(glob("hardware/sim/firmware/*.yaml", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char name[128];
        snprintf(name, sizeof(name), "%s", files.gl_pathv[i] + sizeof(directory) - 1);
        *strrchr(name, '.') = '\0';
        if (!in_table(name) && strcmp(name, "wf-1000xm5-both-update") != 0) {
            fail_msg("no golden run of firmware %s", name);
        }
    }
    globfree(&files);
}

/* ---- what a verdict does not say ---- */

static void test_no_adapter(void **state)
{
    static const enum expect_kind kinds[] = {EXPECT_DISCONNECTS, EXPECT_BOND_REJECTED,
                                             EXPECT_DISCOVERABLE};
    static const struct scene scene = {.firmware = XM5, .model = XM5, .bench = deaf_bench};
    static struct golden golden;
    (void)state;
    golden_run(&golden, &scene, 1);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct finding *finding = finding_of(&golden, kinds[i]);
        assert_int_equal(finding->result, RESULT_INCONCLUSIVE);
        assert_string_equal(finding->observed, "no radio");
        assert_string_equal(finding->reason, "not observable: no Bluetooth adapter is configured "
                                             "on this station");
    }
    assert_int_equal(finding_of(&golden, EXPECT_LED)->result, RESULT_PASS);
    assert_int_equal(finding_of(&golden, EXPECT_SOUND)->result, RESULT_PASS);
    assert_int_equal(judge_verdict_exit_status(golden.judgement.verdict), 3);
    golden_free(&golden);
}

static size_t count_of(const struct golden *golden, enum entry_kind kind)
{
    size_t count = 0;
    size_t i = 0;
    while (timeline_next(&golden->timeline, kind, &i)) {
        count++;
    }
    return count;
}

static void test_nothing_pressed_on_low_battery(void **state)
{
    static const struct scene scene = {.firmware = "wh-1000xm5-battery-12", .model = XM5};
    static struct golden golden;
    (void)state;
    golden_run(&golden, &scene, 1);
    assert_int_equal(count_of(&golden, ENTRY_ORDER), 0);
    assert_int_equal(count_of(&golden, ENTRY_PRESSED), 0);
    golden_free(&golden);
}

static void test_given_answer_is_on_record(void **state)
{
    static const struct scene scene = {
        .firmware = "wh-1000xm5-battery-12", .model = XM5, .answer = {"battery", "80"}};
    static struct golden golden;
    const struct entry *entry;
    size_t found = 0;
    size_t i = 0;
    (void)state;
    golden_run(&golden, &scene, 1);
    while ((entry = timeline_next(&golden.timeline, ENTRY_ANSWER, &i))) {
        if (strcmp(entry->text, "battery") == 0) {
            assert_string_equal(entry->text2, "80 %");
            assert_int_equal(entry->code, ANSWER_BY_OPTION);
            found++;
        } else {
            assert_int_equal(entry->code, ANSWER_BY_SIMULATION);
        }
    }
    assert_int_equal(found, 1);
    golden_free(&golden);
}

/* The factory reset of the WF-1000XM5 is what its own hazard forbids. */
static void test_dfu_is_refused(void **state)
{
    static const struct scene scene = {
        .firmware = "wf-1000xm5-dfu-trap", .model = "wf-1000xm5", .procedure = "factory-reset"};
    static struct golden golden;
    struct diags diags = DIAGS_INIT;
    (void)state;
    golden_load(&golden, &scene);
    golden.plan = plan_of(&golden, &scene, &diags);
    assert_null(golden.plan);
    assert_int_equal(diags.errors, 1);
    char *text = diags_text(&diags);
    assert_non_null(strstr(text, "rule hazard `dfu`"));
    assert_non_null(strstr(text, "--accept-hazard dfu"));
    free(text);
    golden_free(&golden);
}

/* ---- both sensors, which no plan allows ---- */

struct seen {
    struct pulse pulses[64];
    size_t count;
};

static void take_pulse(void *context, const struct pulse *pulse)
{
    struct seen *seen = context;
    assert_true(seen->count < sizeof(seen->pulses) / sizeof(seen->pulses[0]));
    seen->pulses[seen->count++] = *pulse;
}

static void show(const struct station *station, struct blink *led, const struct port_event *event)
{
    static const enum input_role roles[] = {INPUT_LED_R, INPUT_LED_G, INPUT_LED_B};
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        if (event->kind == PORT_EDGE && event->input == bench_station_input(station, roles[i])) {
            blink_edge(led, event->time_ns, i, event->level);
        }
    }
}

static void test_both_sensors_update(void **state)
{
    static const struct scene scene = {.firmware = "wf-1000xm5-both-update", .model = "wf-1000xm5"};
    static struct golden golden;
    static struct blink led;
    struct sim_options options = {.seed = 1};
    struct diags diags = DIAGS_INIT;
    struct port_event event;
    struct seen seen = {.count = 0};
    struct pattern pattern;
    bool truncated;
    (void)state;

    golden_load(&golden, &scene);
    const struct station *station = golden.station;
    golden.port = sim_port_open(&diags, station, golden.firmware, &options);
    check_loaded(golden.port, &diags, scene.firmware);
    struct port *port = golden.port;
    uint32_t both = UINT32_C(1) << bench_station_actuator(station, "touch_left") |
                    UINT32_C(1) << bench_station_actuator(station, "touch_right");
    struct press_order order = {
        .press = 1, .mask = both, .press_ns = NS_PER_S, .energise_ns = 4 * NS_PER_S};
    blink_init(&led, &station->led, 0, 0, take_pulse, &seen);
    assert_int_equal(port->ops->press(port, &order), 0);
    while (port->ops->now(port) < 12 * NS_PER_S) {
        if (port->ops->next(port, 12 * NS_PER_S, &event)) {
            show(station, &led, &event);
        }
    }
    blink_finish(&led, 12 * NS_PER_S);
    pattern_recognise(seen.pulses, seen.count, &pattern, &truncated);
    assert_int_equal(pattern.count, 1);
    assert_int_equal(pattern.segments[0].kind, SEGMENT_COUNT);
    assert_int_equal(pattern.segments[0].colour, COLOUR_RED);
    assert_in_range(pattern.segments[0].count, 7, 9);
    /* Update mode begins 3 s after the sensors are down, not when they are let go. */
    assert_in_range(seen.pulses[0].start_ns, 4 * NS_PER_S, 4 * NS_PER_S + 50 * NS_PER_MS);
    golden_free(&golden);
}

/* ---- the same again ---- */

static void test_same_seed_same_run(void **state)
{
    static const struct scene scene = {.firmware = XM5, .model = XM5};
    static struct golden a;
    static struct golden b;
    (void)state;
    golden_run(&a, &scene, 7);
    golden_run(&b, &scene, 7);
    assert_int_equal(a.timeline.count, b.timeline.count);
    assert_int_equal(a.timeline.edge_count, b.timeline.edge_count);
    for (size_t i = 0; i < a.timeline.edge_count; i++) {
        assert_int_equal(a.timeline.edges[i].time_ns, b.timeline.edges[i].time_ns);
        assert_int_equal(a.timeline.edges[i].input, b.timeline.edges[i].input);
        assert_int_equal(a.timeline.edges[i].level, b.timeline.edges[i].level);
    }
    for (size_t i = 0; i < a.timeline.count; i++) {
        assert_int_equal(a.timeline.entries[i].kind, b.timeline.entries[i].kind);
        assert_int_equal(a.timeline.entries[i].time_ns, b.timeline.entries[i].time_ns);
    }
    for (size_t i = 0; i < a.judgement.finding_count; i++) {
        assert_string_equal(a.judgement.findings[i].reason, b.judgement.findings[i].reason);
    }
    golden_free(&a);
    golden_free(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_every_firmware),
        cmocka_unit_test(test_no_adapter),
        cmocka_unit_test(test_nothing_pressed_on_low_battery),
        cmocka_unit_test(test_given_answer_is_on_record),
        cmocka_unit_test(test_dfu_is_refused),
        cmocka_unit_test(test_both_sensors_update),
        cmocka_unit_test(test_same_seed_same_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
