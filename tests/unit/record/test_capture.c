/*
 * A run's capture: its signals, the levels at its beginning, and that it decodes to the pulses
 * that the run saw.
 */
#include "rig/base/units.h"
#include "rig/format/vcd.h"
#include "rig/record/record_vcd.h"
#include "tests/unit/run_by_hand.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PULSES_MAX = 16 };

static char *written(const struct record *record)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(record_vcd_write(record, 1, out), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* The changes of one signal, as "TIME_MS LEVEL ", with its value at the beginning. */
struct lane {
    const char *name;
    char text[512];
};

static int select_lane(void *context, const char *name)
{
    const struct lane *lane = context;
    return strcmp(name, lane->name) == 0 ? 0 : -1;
}

static void draw(void *context, int index, int64_t time_ns, bool level)
{
    struct lane *lane = context;
    size_t used = strlen(lane->text);
    (void)index;
    snprintf(lane->text + used, sizeof(lane->text) - used, "%" PRId64 " %d ", time_ns / NS_PER_MS,
             level);
}

static int64_t read_vcd(const char *text, const struct vcd_reader *reader)
{
    struct diags diags = DIAGS_INIT;
    int64_t start_ns = -1;
    int64_t end_ns = -1;
    FILE *in = fmemopen((void *)text, strlen(text), "r");
    assert_non_null(in);
    if (vcd_read_stream(&diags, "run.vcd", in, reader, &start_ns, &end_ns) != 0) {
        fail_msg("%s", diags.items[0].what);
    }
    fclose(in);
    assert_int_equal(start_ns, 0);
    return end_ns;
}

static void check_lane(const char *text, const char *name, const char *expected)
{
    struct lane lane = {.name = name};
    struct vcd_reader reader = {&lane, NULL, select_lane, draw, NULL};
    read_vcd(text, &reader);
    assert_string_equal(lane.text, expected);
}

static void test_lanes(void **state)
{
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    char *text = written(&run.record);
    assert_true(strncmp(text, "$date 2026-11-24T15:00:00Z $end\n", 32) == 0);
    check_lane(text, "press_power", "0 0 500 1 7621 0 ");
    check_lane(text, "press_nc_ambient", "0 0 500 1 7621 0 ");
    check_lane(text, "contact_power", "0 0 512 1 7630 0 ");
    check_lane(text, "led_r", "0 0 7400 1 7600 0 ");
    check_lane(text, "led_g", "0 0 7400 1 7600 0 ");
    check_lane(text, "led_b", "0 0 6600 1 6800 0 7000 1 7200 0 7400 1 7600 0 ");
    check_lane(text, "sound", "0 0 8100 1 9400 0 ");
    check_lane(text, "lid", "0 0 ");
    assert_null(strstr(text, "estop"));
    assert_null(strstr(text, "edges_lost"));
    assert_non_null(strstr(text, "#40000000000\n"));
    free(text);
    run_by_hand_free(&run);
}

static int input_of(const struct run_by_hand *run, const char *name)
{
    const struct station *station = run->record.bench_station;
    for (size_t i = 0; i < station->input_count; i++) {
        if (strcmp(station->inputs[i].name, name) == 0) {
            return (int)i;
        }
    }
    fail_msg("no input %s", name);
    return -1;
}

/* What an input was before its first edge, or, without one, what else tells. */
static void test_first_levels(void **state)
{
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    struct timeline *timeline = &run.timeline;
    timeline_reset(timeline);
    timeline->origin_ns = BY_HAND_ORIGIN_NS;
    timeline_add_edge(timeline, BY_HAND_ORIGIN_NS + 5 * NS_PER_MS,
                      (unsigned)input_of(&run, "led_r"), false);
    timeline_add_edge(timeline, BY_HAND_ORIGIN_NS - 5, (unsigned)input_of(&run, "estop"), true);
    timeline_add_edge(timeline, BY_HAND_ORIGIN_NS - 5, (unsigned)input_of(&run, "sound"), true);
    timeline_add(timeline, &(struct entry){.kind = ENTRY_ANSWER,
                                           .code = ANSWER_BY_INPUT,
                                           .text = "lid",
                                           .text2 = "open",
                                           .time_ns = BY_HAND_ORIGIN_NS + NS_PER_MS});
    timeline_add(timeline, &(struct entry){.kind = ENTRY_ANSWER,
                                           .code = ANSWER_BY_INPUT,
                                           .text = "lid",
                                           .text2 = "closed",
                                           .time_ns = BY_HAND_ORIGIN_NS + 9 * NS_PER_MS});
    timeline_add(timeline, &(struct entry){.kind = ENTRY_CONTACT,
                                           .code = CONTACT_UP,
                                           .text = "power",
                                           .time_ns = BY_HAND_ORIGIN_NS + 7 * NS_PER_MS});
    timeline_add(timeline, &(struct entry){.kind = ENTRY_CONTACT,
                                           .code = CONTACT_NEVER,
                                           .text = "power",
                                           .time_ns = BY_HAND_ORIGIN_NS + 8 * NS_PER_MS});
    timeline_add(timeline, &(struct entry){.kind = ENTRY_PULSE,
                                           .time_ns = BY_HAND_ORIGIN_NS,
                                           .pulse = {.start_ns = BY_HAND_ORIGIN_NS,
                                                     .end_ns = BY_HAND_ORIGIN_NS + NS_PER_S,
                                                     .colour = COLOUR_MAGENTA,
                                                     .clipped = true,
                                                     .open = true,
                                                     .duty_permille = {5, 0, 1000}}});
    char *text = written(&run.record);
    check_lane(text, "led_r", "0 1 5 0 ");
    check_lane(text, "led_g", "0 0 ");
    check_lane(text, "led_b", "0 1 ");
    check_lane(text, "lid", "0 1 9 0 ");
    check_lane(text, "contact_power", "0 1 7 0 ");
    check_lane(text, "sound", "0 1 ");
    free(text);
    run_by_hand_free(&run);
}

static void test_losses(void **state)
{
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    run.timeline.edges_unkept = 1;
    char *text = written(&run.record);
    check_lane(text, "edges_lost", "0 0 9400 1 ");
    free(text);
    timeline_add(&run.timeline, &(struct entry){.kind = ENTRY_LOST,
                                                .time_ns = BY_HAND_ORIGIN_NS + 6700 * NS_PER_MS,
                                                .input = -1});
    text = written(&run.record);
    check_lane(text, "edges_lost", "0 0 6700 1 ");
    free(text);
    run_by_hand_free(&run);
}

/* An edge that came late among the others stands where it belongs. */
static void test_order(void **state)
{
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    unsigned led = (unsigned)input_of(&run, "led_r");
    timeline_add_edge(&run.timeline, BY_HAND_ORIGIN_NS + 100 * NS_PER_MS, led, true);
    timeline_add_edge(&run.timeline, BY_HAND_ORIGIN_NS + 200 * NS_PER_MS, led, false);
    char *text = written(&run.record);
    check_lane(text, "led_r", "0 0 100 1 200 0 7400 1 7600 0 ");
    free(text);
    run_by_hand_free(&run);
}

/* ---- decoded again ------------------------------------------------------------------------ */

struct decoded {
    struct blink blink;
    bool begun;
    unsigned lit;
    size_t count;
    struct pulse pulses[PULSES_MAX];
};

static void keep(void *context, const struct pulse *pulse)
{
    struct decoded *decoded = context;
    assert_true(decoded->count < PULSES_MAX);
    decoded->pulses[decoded->count++] = *pulse;
}

static int select_channel(void *context, const char *name)
{
    static const char *const names[] = {"led_r", "led_g", "led_b"};
    (void)context;
    for (int i = 0; i < LED_CHANNELS; i++) {
        if (strcmp(name, names[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static void decode(void *context, int index, int64_t time_ns, bool level)
{
    struct decoded *decoded = context;
    struct blink_settings settings = blink_defaults();
    if (time_ns == 0) {
        decoded->lit |= level ? 1U << index : 0;
        return;
    }
    if (!decoded->begun) {
        decoded->begun = true;
        blink_init(&decoded->blink, &settings, 0, decoded->lit, keep, decoded);
    }
    blink_edge(&decoded->blink, time_ns, (unsigned)index, level);
}

static void test_decodes_to_the_same(void **state)
{
    struct run_by_hand run;
    struct decoded decoded = {.count = 0};
    struct vcd_reader reader = {&decoded, NULL, select_channel, decode, NULL};
    (void)state;
    run_by_hand_make(&run);
    run_by_hand_pulse(&run, 12000 * NS_PER_MS, 13000 * NS_PER_MS, COLOUR_AMBER);
    char *text = written(&run.record);
    int64_t end_ns = read_vcd(text, &reader);
    blink_finish(&decoded.blink, end_ns);
    const struct entry *entry;
    size_t seen = 0;
    size_t i = 0;
    while ((entry = timeline_next(&run.timeline, ENTRY_PULSE, &i))) {
        assert_true(seen < decoded.count);
        const struct pulse *pulse = &decoded.pulses[seen++];
        assert_int_equal(pulse->start_ns, entry->pulse.start_ns - BY_HAND_ORIGIN_NS);
        assert_int_equal(pulse->end_ns, entry->pulse.end_ns - BY_HAND_ORIGIN_NS);
        assert_int_equal(pulse->colour, entry->pulse.colour);
        assert_memory_equal(pulse->duty_permille, entry->pulse.duty_permille,
                            sizeof(pulse->duty_permille));
        assert_false(pulse->open || pulse->clipped);
    }
    assert_int_equal(seen, decoded.count);
    assert_int_equal(seen, 4);
    free(text);
    run_by_hand_free(&run);
}

/* The changes of led_r in a capture of that unit of time, in ns. */
static void draw_ns(void *context, int index, int64_t time_ns, bool level)
{
    struct lane *lane = context;
    size_t used = strlen(lane->text);
    (void)index;
    snprintf(lane->text + used, sizeof(lane->text) - used, "%" PRId64 " %d ", time_ns, level);
}

static void check_units(const struct record *record, int64_t unit_ns, const char *expected)
{
    struct lane lane = {.name = "led_r"};
    struct vcd_reader reader = {&lane, NULL, select_lane, draw_ns, NULL};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(record_vcd_write(record, unit_ns, out), 0);
    assert_int_equal(fclose(out), 0);
    read_vcd(text, &reader);
    assert_string_equal(lane.text, expected);
    free(text);
}

/* No pulse and no gap is lost to rounding, however short. */
static void test_units_lose_nothing(void **state)
{
    static const int64_t edges_ns[] = {300, 700, 1200, 1300, 5000000, 5000001, 5000002, 9000999};
    struct run_by_hand run;
    int input = -1;
    (void)state;
    run_by_hand_make(&run);
    for (size_t i = 0; i < run.record.bench_station->input_count; i++) {
        input = run.record.bench_station->inputs[i].role == INPUT_LED_R ? (int)i : input;
    }
    run.timeline.edge_count = 0;
    for (size_t i = 0; i < sizeof(edges_ns) / sizeof(edges_ns[0]); i++) {
        timeline_add_edge(&run.timeline, BY_HAND_ORIGIN_NS + edges_ns[i], (unsigned)input,
                          i % 2 == 0);
    }
    check_units(&run.record, 1,
                "0 0 300 1 700 0 1200 1 1300 0 5000000 1 5000001 0 5000002 1 9000999 0 ");
    check_units(&run.record, 1000,
                "0 0 1000 1 2000 0 3000 1 4000 0 5000000 1 5001000 0 5002000 1 9000000 0 ");
    run_by_hand_free(&run);
}

static void test_write_fails(void **state)
{
    struct run_by_hand run;
    FILE *out = fopen("/dev/full", "w");
    (void)state;
    assert_non_null(out);
    run_by_hand_make(&run);
    assert_int_equal(record_vcd_write(&run.record, 1, out), -1);
    assert_int_equal(errno, ENOSPC);
    fclose(out);
    run_by_hand_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_first_levels),
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_decodes_to_the_same),
        cmocka_unit_test(test_units_lose_nothing),
        cmocka_unit_test(test_write_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
