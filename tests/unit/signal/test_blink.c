/*
 * The decoder, case by case; tests/unit/signal/test_blink_property.c throws everything else at it.
 */
#include "rig/base/units.h"
#include "rig/signal/blink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { TAKEN_MAX = 8 };

struct taken {
    struct blink blink;
    size_t count;
    struct pulse pulses[TAKEN_MAX];
};

static void take(void *context, const struct pulse *pulse)
{
    struct taken *taken = context;
    assert_true(taken->count < TAKEN_MAX);
    taken->pulses[taken->count++] = *pulse;
}

/* Times in ms. */
static void watch(struct taken *taken, unsigned lit)
{
    struct blink_settings settings = blink_defaults();
    taken->count = 0;
    blink_init(&taken->blink, &settings, 0, lit, take, taken);
}

static void edge(struct taken *taken, int64_t at_ms, unsigned channel, bool lit)
{
    blink_edge(&taken->blink, at_ms * NS_PER_MS, channel, lit);
}

static void advance(struct taken *taken, int64_t to_ms)
{
    blink_advance(&taken->blink, to_ms * NS_PER_MS);
}

static void finish(struct taken *taken, int64_t at_ms)
{
    blink_finish(&taken->blink, at_ms * NS_PER_MS);
}

static void check_pulse(const struct pulse *pulse, int64_t start_ms, int64_t end_ms, colour want)
{
    assert_int_equal(pulse->start_ns, start_ms * NS_PER_MS);
    assert_int_equal(pulse->end_ns, end_ms * NS_PER_MS);
    assert_int_equal(pulse->colour, want);
}

static void test_late_edge_counts_at_its_own_time(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 0);
    edge(&taken, 100, 2, true);
    /* The fall at 300 is read late, when time has been told already, but nothing past it is
     * decided: a gap of less than `merge` would still be bridged. */
    advance(&taken, 310);
    edge(&taken, 300, 2, false);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 1);
    check_pulse(&taken.pulses[0], 100, 300, COLOUR_BLUE);
    assert_int_equal(taken.pulses[0].duty_permille[2], 1000);
    assert_false(taken.pulses[0].open);
}

static void test_channel_read_behind_another(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 0);
    edge(&taken, 104, 2, true); /* blue's chip was read first */
    edge(&taken, 100, 0, true);
    edge(&taken, 102, 1, true);
    edge(&taken, 400, 2, false);
    edge(&taken, 398, 0, false);
    edge(&taken, 399, 1, false);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 1);
    assert_int_equal(taken.pulses[0].colour, COLOUR_WHITE);
    assert_int_equal(taken.pulses[0].start_ns, 100 * NS_PER_MS);
}

static void test_duty_is_what_was_lit(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 0);
    /* 10 ms periods, 3 ms lit, from 100 to 293 (its last fall): 60 ms of 193 are lit. */
    for (int64_t at_ms = 100; at_ms < 300; at_ms += 10) {
        edge(&taken, at_ms, 0, true);
        edge(&taken, at_ms + 3, 0, false);
    }
    finish(&taken, 1000);
    assert_int_equal(taken.count, 1);
    check_pulse(&taken.pulses[0], 100, 293, COLOUR_RED);
    assert_int_equal(taken.pulses[0].duty_permille[0], 60 * 1000 / 193);
    assert_int_equal(taken.pulses[0].duty_permille[1], 0);
}

static void test_amber_that_turns_red_is_two(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 0);
    edge(&taken, 100, 0, true);
    edge(&taken, 100, 1, true);
    edge(&taken, 400, 1, false);
    edge(&taken, 700, 0, false);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 2);
    check_pulse(&taken.pulses[0], 100, 400, COLOUR_AMBER);
    check_pulse(&taken.pulses[1], 400, 700, COLOUR_RED);
}

static void test_glitch_is_nothing(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 0);
    edge(&taken, 100, 1, true);
    edge(&taken, 101, 1, false);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 0);
    assert_int_equal(taken.blink.glitches, 1);
}

/* Shorter than skew, longer than a glitch: lights all the same. */
static void test_short_flashes_are_lights(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 0);
    for (int64_t i = 0; i < 4; i++) {
        edge(&taken, 100 + 62 * i, 0, true);
        edge(&taken, 112 + 62 * i, 0, false);
    }
    edge(&taken, 400, 0, true);
    edge(&taken, 405, 2, true);
    edge(&taken, 412, 0, false);
    edge(&taken, 414, 2, false);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 5);
    for (int i = 0; i < 4; i++) {
        check_pulse(&taken.pulses[i], 100 + 62 * i, 112 + 62 * i, COLOUR_RED);
    }
    check_pulse(&taken.pulses[4], 400, 412, COLOUR_MAGENTA);
    assert_int_equal(taken.blink.glitches, 0);
}

static void test_short_flash_on_another_light(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 0);
    edge(&taken, 100, 2, true);
    edge(&taken, 300, 0, true);
    edge(&taken, 312, 0, false);
    edge(&taken, 600, 2, false);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 3);
    check_pulse(&taken.pulses[0], 100, 300, COLOUR_BLUE);
    check_pulse(&taken.pulses[1], 300, 312, COLOUR_MAGENTA);
    check_pulse(&taken.pulses[2], 312, 600, COLOUR_BLUE);
}

/* Red goes and green comes within the skew, and red was lit for less than that. */
static void test_short_flash_before_another(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 0);
    edge(&taken, 100, 0, true);
    edge(&taken, 110, 0, false);
    edge(&taken, 112, 1, true);
    edge(&taken, 400, 1, false);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 2);
    check_pulse(&taken.pulses[0], 100, 110, COLOUR_RED);
    check_pulse(&taken.pulses[1], 110, 400, COLOUR_GREEN);
}

/* What began just before watching ended was lit, but for a glitch. */
static void test_young_light_at_the_end(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 0);
    edge(&taken, 990, 0, true);
    edge(&taken, 999, 1, true);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 1);
    check_pulse(&taken.pulses[0], 990, 1000, COLOUR_RED);
    assert_true(taken.pulses[0].open);
    assert_int_equal(taken.blink.glitches, 1);

    watch(&taken, 0);
    edge(&taken, 500, 2, true);
    edge(&taken, 995, 0, true);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 2);
    check_pulse(&taken.pulses[0], 500, 995, COLOUR_BLUE);
    check_pulse(&taken.pulses[1], 995, 1000, COLOUR_MAGENTA);
    assert_false(taken.pulses[0].open);
    assert_true(taken.pulses[1].open);
}

/* White whose blue goes first is still white, as far as is known. */
static void test_going_light_at_the_end(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 0);
    edge(&taken, 500, 0, true);
    edge(&taken, 500, 1, true);
    edge(&taken, 500, 2, true);
    edge(&taken, 972, 2, false);
    edge(&taken, 973, 1, false);
    finish(&taken, 980);
    assert_int_equal(taken.count, 1);
    check_pulse(&taken.pulses[0], 500, 972, COLOUR_WHITE);
    assert_true(taken.pulses[0].open);
}

static void test_no_length_is_no_light(void **state)
{
    struct blink_settings settings = blink_defaults();
    struct taken taken = {0};
    (void)state;
    settings.glitch_ns = settings.merge_ns = settings.skew_ns = 0;
    blink_init(&taken.blink, &settings, 0, 0, take, &taken);
    edge(&taken, 100, 0, true);
    edge(&taken, 100, 0, false);
    edge(&taken, 200, 1, true);
    edge(&taken, 300, 1, false);
    edge(&taken, 300, 1, true);
    edge(&taken, 400, 1, false);
    edge(&taken, 1000, 2, true);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 1);
    check_pulse(&taken.pulses[0], 200, 400, COLOUR_GREEN);
}

static void test_cut_off_at_both_ends(void **state)
{
    struct taken taken;
    (void)state;
    watch(&taken, 4); /* blue is lit already */
    edge(&taken, 200, 2, false);
    edge(&taken, 600, 2, true);
    finish(&taken, 1000);
    assert_int_equal(taken.count, 2);
    assert_true(taken.pulses[0].clipped);
    assert_int_equal(taken.pulses[0].end_ns, 200 * NS_PER_MS);
    assert_true(taken.pulses[1].open);
    assert_false(taken.pulses[1].clipped);
    check_pulse(&taken.pulses[1], 600, 1000, COLOUR_BLUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_edge_counts_at_its_own_time),
        cmocka_unit_test(test_channel_read_behind_another),
        cmocka_unit_test(test_duty_is_what_was_lit),
        cmocka_unit_test(test_amber_that_turns_red_is_two),
        cmocka_unit_test(test_glitch_is_nothing),
        cmocka_unit_test(test_short_flashes_are_lights),
        cmocka_unit_test(test_short_flash_on_another_light),
        cmocka_unit_test(test_short_flash_before_another),
        cmocka_unit_test(test_young_light_at_the_end),
        cmocka_unit_test(test_going_light_at_the_end),
        cmocka_unit_test(test_no_length_is_no_light),
        cmocka_unit_test(test_cut_off_at_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
