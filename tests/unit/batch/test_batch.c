/*
 * A batch at the bench: examples of what a person does there, and whatever comes in whatever order.
 * The random people of the second half tell the truth, late and in any order; what they did stands
 * in a model of its own, against which every command is held.
 */
#include "rig/base/units.h"
#include "rig/batch/batch.h"
#include "tests/unit/render_led.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COOLDOWN_NS (180 * NS_PER_S)

/* ---- examples ---- */

static struct batch *shop(size_t stations, bool by_input, int retry_times)
{
    struct batch_settings settings = {.station_count = stations,
                                      .retry_times = retry_times,
                                      .retry_cooldown_ns = COOLDOWN_NS,
                                      .settle_ns = BATCH_SETTLE_NS,
                                      .repeat_ns = BATCH_REPEAT_NS};
    for (size_t s = 0; s < stations; s++) {
        settings.placed_by_input[s] = by_input;
    }
    struct batch *batch = batch_new(&settings);
    assert_non_null(batch);
    for (size_t s = 0; s < stations; s++) {
        batch_in(batch, 0, (int)s, false);
    }
    return batch;
}

/* All commands that wait, as text: "PLACE 0 S1; RUN 0 S1 #1". */
static const char *commands(struct batch *batch)
{
    static char text[1024];
    static const char *const names[] = {"PLACE", "RUN", "TAKE_OUT", "ASK"};
    struct batch_command command;
    size_t used = 0;
    text[0] = '\0';
    bool has = batch_has_command(batch);
    while (batch_command(batch, &command)) {
        assert_true(has);
        has = batch_has_command(batch);
        used += (size_t)snprintf(
            text + used, sizeof(text) - used, "%s%s %d %s", used ? "; " : "", names[command.kind],
            command.station,
            command.unit == BATCH_NO_UNIT ? "?" : batch_unit(batch, command.unit)->serial);
        if (command.kind == BATCH_DO_RUN) {
            used += (size_t)snprintf(text + used, sizeof(text) - used, " #%d", command.attempt);
        }
        assert_true(used < sizeof(text));
    }
    assert_false(has);
    return text;
}

#define expect_commands(batch, text)             assert_string_equal(commands(batch), text)
#define scan(batch, at_s, serial)                batch_scan(batch, (at_s)*NS_PER_S, serial, false)
#define expect_scan(batch, at_s, serial, result) assert_int_equal(scan(batch, at_s, serial), result)
#define ended(batch, at_s, station, verdict)                                                       \
    batch_ended(batch, (at_s)*NS_PER_S, station, verdict, 7, "because")

static const char *serial_on(const struct batch *batch, int station)
{
    const struct batch_unit *unit = batch_on(batch, station);
    return unit ? unit->serial : "-";
}

static void test_with_the_scanner_only(void **state)
{
    (void)state;
    struct batch *batch = shop(2, false, 0);
    expect_scan(batch, 1, "S1", SCAN_TAKEN);
    expect_commands(batch, "PLACE 0 S1");
    expect_scan(batch, 3, "S2", SCAN_TAKEN); /* while S1 waits to be placed */
    expect_commands(batch, "PLACE 1 S2");
    expect_scan(batch, 5, "S3", SCAN_QUEUED);
    expect_scan(batch, 7, "S2", SCAN_PLACED);
    expect_commands(batch, "RUN 1 S2 #1");
    expect_scan(batch, 9, "S1", SCAN_PLACED);
    expect_commands(batch, "RUN 0 S1 #1");
    expect_scan(batch, 11, "S1", SCAN_ALREADY);
    expect_scan(batch, 13, "S3", SCAN_ALREADY);
    ended(batch, 20, 1, VERDICT_PASS);
    expect_commands(batch, "TAKE_OUT 1 S2");
    assert_int_equal(batch_stage(batch, 1), BATCH_VERDICT);
    expect_scan(batch, 22, "S2", SCAN_TAKEN_OUT);
    expect_commands(batch, "PLACE 1 S3");
    expect_scan(batch, 24, "S3", SCAN_PLACED);
    ended(batch, 25, 0, VERDICT_FAIL);
    expect_commands(batch, "RUN 1 S3 #1; TAKE_OUT 0 S1");
    expect_scan(batch, 26, "S1", SCAN_TAKEN_OUT);
    ended(batch, 30, 1, VERDICT_INCONCLUSIVE);
    assert_true(batch_at_rest(batch));
    assert_int_equal(batch_tally(batch, VERDICT_PASS), 1);
    assert_int_equal(batch_tally(batch, VERDICT_FAIL), 1);
    assert_int_equal(batch_tally(batch, VERDICT_INCONCLUSIVE), 1);
    assert_int_equal(batch_unit(batch, 0)->run, 7);
    assert_string_equal(batch_unit(batch, 0)->reason, "because");
    batch_free(batch);
}

static void test_next_one_over_a_verdict(void **state)
{
    (void)state;
    struct batch *batch = shop(1, false, 0);
    const struct batch_unit *leaving;
    scan(batch, 1, "S1");
    scan(batch, 3, "S1");
    scan(batch, 5, "S3");
    commands(batch);
    ended(batch, 9, 0, VERDICT_FAIL);
    expect_commands(batch, "TAKE_OUT 0 S1");
    /* Nobody has looked yet: the verdict stays until somebody scans. */
    batch_tick(batch, 1000 * NS_PER_S);
    expect_commands(batch, "");
    assert_false(batch_leaving(batch, 0, &leaving));
    /* S4 is in the hand, S3 is the oldest. */
    expect_scan(batch, 1001, "S4", SCAN_QUEUED);
    expect_commands(batch, "TAKE_OUT 0 S1; PLACE 0 S3");
    assert_true(batch_leaving(batch, 0, &leaving));
    assert_string_equal(leaving->serial, "S1");
    expect_scan(batch, 1003, "S3", SCAN_PLACED);
    expect_commands(batch, "RUN 0 S3 #1");
    assert_false(batch_leaving(batch, 0, &leaving));
    ended(batch, 1010, 0, VERDICT_PASS);
    commands(batch);
    /* The scan of one that is queued asks for its place, too. */
    expect_scan(batch, 1011, "S4", SCAN_TAKEN);
    expect_commands(batch, "TAKE_OUT 0 S3; PLACE 0 S4");
    /* Scanned out all the same: S4 still waits to be placed. */
    expect_scan(batch, 1013, "S3", SCAN_TAKEN_OUT);
    assert_int_equal(batch_stage(batch, 0), BATCH_PLACE);
    assert_false(batch_leaving(batch, 0, &leaving));
    /* S4 is called off: the station is free. */
    batch_skip(batch, 1014 * NS_PER_S, 2);
    assert_int_equal(batch_stage(batch, 0), BATCH_FREE);
    assert_int_equal(batch_unit(batch, 2)->state, UNIT_SKIPPED);
    batch_free(batch);
}

static void test_called_off_over_a_verdict(void **state)
{
    (void)state;
    struct batch *batch = shop(1, false, 0);
    scan(batch, 1, "S1");
    scan(batch, 3, "S1");
    commands(batch);
    ended(batch, 4, 0, VERDICT_PASS);
    scan(batch, 5, "S2");
    batch_skip(batch, 6 * NS_PER_S, 1);
    /* S1 is still in there: its verdict shows again; the PLACE that nobody read is not told. */
    assert_int_equal(batch_stage(batch, 0), BATCH_VERDICT);
    assert_string_equal(serial_on(batch, 0), "S1");
    expect_commands(batch, "TAKE_OUT 0 S1");
    scan(batch, 7, "S3");
    scan(batch, 9, "S4");
    commands(batch);
    /* ... and with somebody waiting, that one is next. */
    batch_skip(batch, 10 * NS_PER_S, 2);
    expect_commands(batch, "TAKE_OUT 0 S1; PLACE 0 S4");
    batch_free(batch);
}

static void test_trigger_pulled_twice(void **state)
{
    (void)state;
    struct batch *batch = shop(1, false, 0);
    scan(batch, 10, "S1");
    assert_int_equal(batch_scan(batch, 10 * NS_PER_S + 700 * NS_PER_MS, "S1", false),
                     SCAN_REPEATED);
    /* A label that stays before the scanner is one scan, however long. */
    assert_int_equal(batch_scan(batch, 11 * NS_PER_S + 400 * NS_PER_MS, "S1", false),
                     SCAN_REPEATED);
    assert_int_equal(batch_stage(batch, 0), BATCH_PLACE);
    assert_int_equal(batch_scan(batch, 12 * NS_PER_S + 400 * NS_PER_MS, "S1", false), SCAN_PLACED);
    batch_free(batch);
}

static void test_by_input_line(void **state)
{
    (void)state;
    struct batch *batch = shop(2, true, 0);
    const struct batch_unit *leaving;
    scan(batch, 1, "S1");
    expect_commands(batch, "PLACE 0 S1");
    expect_scan(batch, 3, "S1", SCAN_ALREADY); /* the line says when */
    batch_placed(batch, 4 * NS_PER_S, 0);
    expect_commands(batch, "");
    assert_int_equal(batch_wake_ns(batch), 4 * NS_PER_S + BATCH_SETTLE_NS);
    batch_tick(batch, 4 * NS_PER_S + BATCH_SETTLE_NS);
    expect_commands(batch, "RUN 0 S1 #1");
    /* Put in before it was scanned: which one is it? */
    batch_placed(batch, 6 * NS_PER_S, 1);
    batch_tick(batch, 7 * NS_PER_S);
    assert_int_equal(batch_stage(batch, 1), BATCH_OCCUPIED);
    assert_true(batch_leaving(batch, 1, &leaving));
    assert_null(leaving);
    expect_commands(batch, "TAKE_OUT 1 ?");
    expect_scan(batch, 8, "S2", SCAN_QUEUED);
    ended(batch, 9, 0, VERDICT_PASS);
    expect_commands(batch, "TAKE_OUT 0 S1");
    expect_scan(batch, 10, "S1", SCAN_ALREADY);
    /* It wobbles on its way out: S2 must not run with S1 in the station. */
    batch_taken_out(batch, 12000 * NS_PER_MS, 0);
    batch_placed(batch, 12100 * NS_PER_MS, 0);
    batch_tick(batch, 13000 * NS_PER_MS);
    assert_string_equal(serial_on(batch, 0), "S1");
    batch_taken_out(batch, 13000 * NS_PER_MS, 0);
    batch_placed(batch, 13200 * NS_PER_MS, 0);
    batch_taken_out(batch, 13400 * NS_PER_MS, 0);
    batch_tick(batch, 13699 * NS_PER_MS);
    expect_commands(batch, "");
    batch_tick(batch, 13700 * NS_PER_MS);
    expect_commands(batch, "PLACE 0 S2");
    batch_taken_out(batch, 14 * NS_PER_S, 1);
    batch_tick(batch, 15 * NS_PER_S);
    assert_int_equal(batch_stage(batch, 1), BATCH_FREE);
    batch_free(batch);
}

static void test_not_for_the_next_one(void **state)
{
    (void)state;
    struct batch *batch = shop(1, true, 0);
    scan(batch, 1, "S1");
    scan(batch, 2, "S2");
    batch_placed(batch, 5 * NS_PER_S, 0);
    /* Called off while its line settles: what comes in is not S2. */
    batch_skip(batch, 5 * NS_PER_S + BATCH_SETTLE_NS / 2, 0);
    commands(batch);
    batch_tick(batch, 6 * NS_PER_S);
    expect_commands(batch, "TAKE_OUT 0 ?");
    batch_taken_out(batch, 7 * NS_PER_S, 0);
    batch_tick(batch, 8 * NS_PER_S);
    expect_commands(batch, "PLACE 0 S2");
    batch_free(batch);
}

static void test_rhythm(void **state)
{
    (void)state;
    struct batch *batch = shop(1, false, 2);
    scan(batch, 1, "S1");
    scan(batch, 3, "S1");
    scan(batch, 5, "S2");
    commands(batch);
    ended(batch, 10, 0, VERDICT_FAIL);
    assert_int_equal(batch_stage(batch, 0), BATCH_COOLDOWN);
    assert_int_equal(batch_retry_ns(batch, 0), 10 * NS_PER_S + COOLDOWN_NS);
    assert_int_equal(batch_wake_ns(batch), 10 * NS_PER_S + COOLDOWN_NS);
    assert_int_equal(batch_tally(batch, VERDICT_FAIL), 1);
    expect_scan(batch, 12, "S1", SCAN_ALREADY);
    batch_tick(batch, 10 * NS_PER_S + COOLDOWN_NS - 1);
    expect_commands(batch, ""); /* S2 does not get the station */
    batch_tick(batch, 10 * NS_PER_S + COOLDOWN_NS);
    expect_commands(batch, "RUN 0 S1 #2");
    ended(batch, 200, 0, VERDICT_FAIL);
    batch_retry_now(batch, 201 * NS_PER_S, 0);
    expect_commands(batch, "RUN 0 S1 #3");
    ended(batch, 210, 0, VERDICT_FAIL);
    expect_commands(batch, "TAKE_OUT 0 S1");
    assert_int_equal(batch_stage(batch, 0), BATCH_VERDICT);
    batch_retry_now(batch, 211 * NS_PER_S, 0);
    expect_commands(batch, "RUN 0 S1 #4");
    ended(batch, 220, 0, VERDICT_PASS);
    assert_int_equal(batch_tally(batch, VERDICT_FAIL), 0);
    assert_int_equal(batch_tally(batch, VERDICT_PASS), 1);
    assert_int_equal(batch_unit(batch, 0)->attempts, 4);
    batch_free(batch);
}

static void test_only_a_fail_is_tried_again(void **state)
{
    (void)state;
    static const enum verdict others[] = {VERDICT_PASS, VERDICT_INCONCLUSIVE, VERDICT_ABORTED,
                                          VERDICT_ERROR};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct batch *batch = shop(1, false, 3);
        scan(batch, 1, "S1");
        scan(batch, 3, "S1");
        commands(batch);
        ended(batch, 10, 0, others[i]);
        assert_int_equal(batch_stage(batch, 0), BATCH_VERDICT);
        assert_int_equal(batch_wake_ns(batch), INT64_MAX);
        /* By the operator; and then a fail has the rhythm. */
        batch_retry_now(batch, 20 * NS_PER_S, 0);
        expect_commands(batch, "RUN 0 S1 #2");
        ended(batch, 30, 0, VERDICT_FAIL);
        assert_int_equal(batch_stage(batch, 0), BATCH_COOLDOWN);
        batch_stop_retry(batch, 31 * NS_PER_S, 0);
        expect_commands(batch, "TAKE_OUT 0 S1");
        assert_int_equal(batch_unit(batch, 0)->state, UNIT_DONE);
        batch_retry_now(batch, 32 * NS_PER_S, 0);
        batch_stop_retry(batch, 33 * NS_PER_S, 0);
        commands(batch);
        ended(batch, 34, 0, VERDICT_FAIL);
        assert_int_equal(batch_stage(batch, 0), BATCH_VERDICT);
        batch_free(batch);
    }
}

static void test_taken_out_while_it_cools_down(void **state)
{
    (void)state;
    struct batch *batch = shop(1, true, 1);
    scan(batch, 1, "S1");
    batch_placed(batch, 2 * NS_PER_S, 0);
    batch_tick(batch, 3 * NS_PER_S);
    commands(batch);
    ended(batch, 10, 0, VERDICT_FAIL);
    batch_taken_out(batch, 12 * NS_PER_S, 0);
    scan(batch, 20, "S2");
    batch_tick(batch, 190 * NS_PER_S);
    expect_commands(batch, "PLACE 0 S1");
    batch_placed(batch, 195 * NS_PER_S, 0);
    batch_tick(batch, 196 * NS_PER_S);
    expect_commands(batch, "RUN 0 S1 #2");
    /* Out before the verdict: the station is free with it. */
    batch_taken_out(batch, 200 * NS_PER_S, 0);
    batch_tick(batch, 201 * NS_PER_S);
    ended(batch, 202, 0, VERDICT_ABORTED);
    expect_commands(batch, "PLACE 0 S2");
    batch_free(batch);
}

static void test_run_before(void **state)
{
    (void)state;
    struct batch *batch = shop(2, false, 0);
    assert_int_equal(batch_scan(batch, 1 * NS_PER_S, "J1", true), SCAN_ASKED);
    expect_commands(batch, "ASK -1 J1");
    assert_int_equal(batch_scan(batch, 2 * NS_PER_S, "J2", true), SCAN_ASKED);
    assert_int_equal(batch_scan(batch, 3 * NS_PER_S, "J3", true), SCAN_ASKED);
    expect_commands(batch, ""); /* one at a time */
    assert_false(batch_at_rest(batch));
    expect_scan(batch, 4, "S1", SCAN_TAKEN); /* others go on meanwhile */
    expect_commands(batch, "PLACE 0 S1");
    expect_scan(batch, 5, "J2", SCAN_TAKEN); /* without a keyboard: scanned again */
    expect_commands(batch, "PLACE 1 J2");
    batch_again(batch, 6 * NS_PER_S, false);
    expect_commands(batch, "ASK -1 J3");
    assert_int_equal(batch_unit(batch, 0)->state, UNIT_SKIPPED);
    batch_again(batch, 7 * NS_PER_S, true);
    assert_int_equal(batch_unit(batch, 2)->state, UNIT_QUEUED);
    assert_null(batch_asked(batch));
    batch_again(batch, 8 * NS_PER_S, true); /* nothing is asked */
    /* Run in this batch, and out: asked, and its verdict stays when it is not run. */
    scan(batch, 10, "S1");
    commands(batch);
    ended(batch, 20, 0, VERDICT_FAIL);
    expect_scan(batch, 21, "S1", SCAN_TAKEN_OUT);
    expect_scan(batch, 23, "S1", SCAN_ASKED);
    batch_skip(batch, 24 * NS_PER_S, 3);
    assert_null(batch_asked(batch));
    assert_int_equal(batch_unit(batch, 3)->state, UNIT_DONE);
    assert_int_equal(batch_tally(batch, VERDICT_FAIL), 1);
    /* J1 was not run: it is asked about again when it is scanned again. */
    expect_scan(batch, 25, "J1", SCAN_ASKED);
    batch_free(batch);
}

static void test_out_of_service(void **state)
{
    (void)state;
    struct batch *batch = shop(2, false, 0);
    scan(batch, 1, "S1");
    scan(batch, 2, "S2");
    scan(batch, 3, "S3");
    scan(batch, 5, "S1");
    commands(batch);
    /* Both break; S1 was in its station. The oldest is first again. */
    batch_out(batch, 10 * NS_PER_S, 1);
    batch_out(batch, 11 * NS_PER_S, 0);
    expect_commands(batch, "TAKE_OUT 0 S1");
    assert_int_equal(batch_queued(batch), 3);
    batch_in(batch, 20 * NS_PER_S, 1, false);
    expect_commands(batch, "PLACE 1 S1");
    batch_in(batch, 21 * NS_PER_S, 0, false);
    assert_int_equal(batch_stage(batch, 0), BATCH_OCCUPIED);
    expect_commands(batch, "TAKE_OUT 0 S1");
    expect_scan(batch, 22, "S1", SCAN_PLACED); /* so it is out of the other */
    expect_commands(batch, "RUN 1 S1 #1; PLACE 0 S2");
    batch_free(batch);
}

static void test_back_with_its_unit(void **state)
{
    (void)state;
    for (int by_input = 0; by_input < 2; by_input++) {
        struct batch *batch = shop(1, by_input, 0);
        scan(batch, 1, "S1");
        scan(batch, 2, "S2");
        batch_placed(batch, 3 * NS_PER_S, 0);
        batch_tick(batch, 4 * NS_PER_S);
        expect_commands(batch, "RUN 0 S1 #1");
        batch_out(batch, 5 * NS_PER_S, 0);
        batch_in(batch, 6 * NS_PER_S, 0, by_input);
        expect_commands(batch, "PLACE 0 S1");      /* nobody watched meanwhile ... */
        expect_scan(batch, 10, "S1", SCAN_PLACED); /* ... but somebody says so */
        expect_commands(batch, "RUN 0 S1 #1");
        ended(batch, 20, 0, VERDICT_PASS);
        batch_out(batch, 21 * NS_PER_S, 0);
        commands(batch);
        batch_in(batch, 22 * NS_PER_S, 0, by_input);
        assert_int_equal(batch_stage(batch, 0), BATCH_VERDICT);
        expect_commands(batch, "TAKE_OUT 0 S1");
        batch_out(batch, 23 * NS_PER_S, 0);
        expect_scan(batch, 24, "S1", SCAN_TAKEN_OUT);
        batch_in(batch, 25 * NS_PER_S, 0, by_input);
        expect_commands(batch, by_input ? "TAKE_OUT 0 ?" : "PLACE 0 S2");
        batch_free(batch);
    }
}

static void test_cooldown_goes_along(void **state)
{
    (void)state;
    struct batch *batch = shop(2, false, 1);
    scan(batch, 1, "S1");
    scan(batch, 3, "S1");
    commands(batch);
    ended(batch, 10, 0, VERDICT_FAIL);
    batch_out(batch, 20 * NS_PER_S, 0);
    expect_commands(batch, "TAKE_OUT 0 S1; PLACE 1 S1");
    expect_scan(batch, 30, "S1", SCAN_PLACED);
    assert_int_equal(batch_stage(batch, 1), BATCH_COOLDOWN);
    batch_tick(batch, batch_wake_ns(batch) - 1);
    expect_commands(batch, "");
    batch_tick(batch, batch_wake_ns(batch));
    expect_commands(batch, "RUN 1 S1 #2");
    assert_int_equal(batch_wake_ns(batch), INT64_MAX);
    batch_free(batch);
}

static void test_nobody_watched(void **state)
{
    (void)state;
    for (int by_input = 0; by_input < 2; by_input++) {
        struct batch *batch = shop(1, by_input, 0);
        scan(batch, 1, "S1");
        scan(batch, 3, "S1");
        batch_placed(batch, 4 * NS_PER_S, 0);
        batch_tick(batch, 5 * NS_PER_S);
        commands(batch);
        ended(batch, 6, 0, VERDICT_ERROR);
        batch_out(batch, 7 * NS_PER_S, 0);
        batch_in(batch, 8 * NS_PER_S, 0, by_input);
        commands(batch);
        batch_retry_now(batch, 9 * NS_PER_S, 0);
        expect_commands(batch, "PLACE 0 S1");
        /* Called off, its verdict stands as before. */
        batch_skip(batch, 10 * NS_PER_S, 0);
        assert_int_equal(batch_stage(batch, 0), BATCH_VERDICT);
        expect_commands(batch, "TAKE_OUT 0 S1");
        batch_retry_now(batch, 11 * NS_PER_S, 0);
        commands(batch);
        expect_scan(batch, 12, "S1", SCAN_PLACED);
        expect_commands(batch, "RUN 0 S1 #2");
        batch_free(batch);
    }
}

static void test_run_that_nobody_started(void **state)
{
    (void)state;
    struct batch *batch = shop(1, false, 0);
    scan(batch, 1, "S1");
    scan(batch, 3, "S1");
    ended(batch, 4, 0, VERDICT_PASS); /* RUN was not told: this is not of S1 */
    assert_int_equal(batch_stage(batch, 0), BATCH_RUNNING);
    batch_out(batch, 5 * NS_PER_S, 0);
    expect_commands(batch, "TAKE_OUT 0 S1");
    assert_int_equal(batch_tally(batch, VERDICT_PASS), 0);
    ended(batch, 6, 0, VERDICT_PASS);
    assert_int_equal(batch_unit(batch, 0)->attempts, 0);
    batch_in(batch, 7 * NS_PER_S, 0, false);
    expect_commands(batch, "PLACE 0 S1");
    expect_scan(batch, 8, "S1", SCAN_PLACED);
    commands(batch);
    /* Out of the station before that broke: nothing is in there. */
    batch_taken_out(batch, 9 * NS_PER_S, 0);
    batch_out(batch, 10 * NS_PER_S, 0);
    expect_commands(batch, "");
    batch_free(batch);

    batch = shop(1, true, 0);
    batch_placed(batch, 1 * NS_PER_S, 0);
    batch_out(batch, 1 * NS_PER_S, 0);
    assert_int_equal(batch_wake_ns(batch), INT64_MAX); /* nobody looks at its line */
    batch_free(batch);
}

static void test_cooldown_is_of_its_batch_run(void **state)
{
    (void)state;
    struct batch *batch = shop(2, false, 1);
    scan(batch, 1, "S1");
    scan(batch, 3, "S1");
    commands(batch);
    ended(batch, 10, 0, VERDICT_FAIL);
    batch_out(batch, 11 * NS_PER_S, 1);
    batch_out(batch, 12 * NS_PER_S, 0);
    batch_skip(batch, 13 * NS_PER_S, 0);
    assert_int_equal(batch_unit(batch, 0)->state, UNIT_DONE);
    batch_in(batch, 14 * NS_PER_S, 1, false);
    /* Somebody wants it run after all: that is not the rhythm's next attempt. */
    expect_scan(batch, 15, "S1", SCAN_TAKEN_OUT);
    expect_scan(batch, 17, "S1", SCAN_ASKED);
    expect_scan(batch, 19, "S1", SCAN_TAKEN);
    expect_scan(batch, 21, "S1", SCAN_PLACED);
    commands(batch);
    assert_int_equal(batch_stage(batch, 1), BATCH_RUNNING);
    batch_free(batch);
}

static void test_serials(void **state)
{
    (void)state;
    struct batch *batch = shop(1, false, 0);
    char text[128];
    assert_null(batch_scanned(batch));
    expect_scan(batch, 1, "", SCAN_NO_SERIAL);
    expect_scan(batch, 1, " \t\r\n", SCAN_NO_SERIAL);
    expect_scan(batch, 1, "S\xff", SCAN_NO_SERIAL);
    expect_scan(batch, 1, "S\xc3", SCAN_NO_SERIAL);
    memset(text, 'x', sizeof(text));
    text[64] = '\0';
    expect_scan(batch, 1, text, SCAN_NO_SERIAL);
    text[63] = '\0';
    expect_scan(batch, 1, "S\033[2J", SCAN_NO_SERIAL);
    expect_scan(batch, 1, "S\xc2\xa0T", SCAN_NO_SERIAL);
    expect_scan(batch, 1, "\xef\xbc\x91", SCAN_NO_SERIAL);
    expect_scan(batch, 1, "01095060001343521\03521SER1", SCAN_NO_SERIAL);
    assert_int_equal(batch_unit_count(batch), 0);
    expect_scan(batch, 1, text, SCAN_TAKEN);
    assert_string_equal(batch_scanned(batch)->serial, text);
    expect_scan(batch, 1, "  S1\r\n", SCAN_QUEUED);
    assert_string_equal(batch_scanned(batch)->serial, "S1");
    expect_scan(batch, 3, "]C1A\xc3\xa9\t\r", SCAN_QUEUED);
    assert_string_equal(batch_scanned(batch)->serial, "A\xc3\xa9");
    /* One unit, letter case aside, by the name it came with first. */
    expect_scan(batch, 5, "s1", SCAN_ALREADY);
    assert_string_equal(batch_scanned(batch)->serial, "S1");
    expect_scan(batch, 7, "", SCAN_NO_SERIAL);
    assert_null(batch_scanned(batch));
    batch_free(batch);
}

static void test_full(void **state)
{
    (void)state;
    struct batch *batch = shop(0, false, 0);
    char text[16];
    for (int i = 0; i < BATCH_UNITS_MAX; i++) {
        snprintf(text, sizeof(text), "S%d", i);
        assert_int_equal(scan(batch, i, text), SCAN_QUEUED);
    }
    expect_scan(batch, 20000, "one more", SCAN_FULL);
    expect_scan(batch, 20000, "S4711", SCAN_ALREADY);
    assert_int_equal(batch_queued(batch), BATCH_UNITS_MAX);
    batch_free(batch);
    batch_free(NULL);
}

/* ---- whatever comes ---- */

enum { WORLD_UNITS = 12, NOTHING = -1, STRANGER = -2, STEPS = 120, ROUNDS_MAX = 4000 };

/* What is true at the bench, and what was told. */
struct world {
    struct batch *batch;
    struct random random;
    struct batch_settings settings;
    int64_t now_ns;
    int inside[BATCH_STATIONS_MAX]; /* which serial is in there, really */
    bool to_go[BATCH_STATIONS_MAX]; /* TAKE_OUT of what is in there was told */
    bool running[BATCH_STATIONS_MAX];
    int place[BATCH_STATIONS_MAX];      /* PLACE was told of this serial last */
    int64_t not_before_ns[WORLD_UNITS]; /* it cools down */
    bool has_verdict[WORLD_UNITS];
    bool accepted[WORLD_UNITS];
    enum verdict verdict[WORLD_UNITS];
    int runs[WORLD_UNITS];
    int retries[WORLD_UNITS]; /* runs in a row that failed, by the rhythm */
    size_t ran;
};

static void serial_text(int serial, char text[8])
{
    snprintf(text, 8, "U%02d", serial);
}

static int serial_of(const struct batch_unit *unit)
{
    return unit ? (unit->serial[1] - '0') * 10 + (unit->serial[2] - '0') : NOTHING;
}

static bool chance(struct world *world, int percent)
{
    return random_in(&world->random, 0, 99) < percent;
}

static int any_station(struct world *world)
{
    return (int)random_in(&world->random, 0, (int64_t)world->settings.station_count - 1);
}

static void take_command(struct world *world, const struct batch_command *command)
{
    int s = command->station;
    int serial = command->unit == BATCH_NO_UNIT
                     ? STRANGER
                     : serial_of(batch_unit(world->batch, command->unit));
    switch (command->kind) {
    case BATCH_DO_PLACE:
        /* What is in there comes out first, or is the one itself. */
        assert_true(world->inside[s] == NOTHING || world->inside[s] == serial || world->to_go[s]);
        assert_false(world->running[s]);
        world->place[s] = serial;
        break;
    case BATCH_DO_RUN:
        assert_int_equal(world->inside[s], serial);
        assert_false(world->running[s]);
        assert_int_equal(command->attempt, world->runs[serial] + 1);
        assert_true(world->now_ns >= world->not_before_ns[serial]);
        world->running[s] = true;
        world->ran++;
        break;
    case BATCH_DO_TAKE_OUT:
        assert_false(world->running[s]);
        world->to_go[s] = true;
        break;
    case BATCH_DO_ASK_AGAIN:
        assert_int_equal(serial, serial_of(batch_asked(world->batch)));
        break;
    }
}

/* What must be so between any two calls. */
static void check(struct world *world)
{
    struct batch *batch = world->batch;
    size_t queued = 0;
    size_t asked = 0;
    size_t tally[VERDICT_ERROR + 1] = {0};
    size_t stations = world->settings.station_count;
    bool free_station = false;
    bool settles = false;
    for (int i = 0; i < WORLD_UNITS; i++) {
        tally[world->verdict[i]] += world->has_verdict[i];
    }
    for (int v = 0; v <= VERDICT_ERROR; v++) {
        assert_int_equal(batch_tally(batch, (enum verdict)v), tally[v]);
    }
    size_t known = 0;
    for (int i = 0; i < WORLD_UNITS; i++) {
        known += world->accepted[i];
    }
    assert_int_equal(batch_unit_count(batch), known);
    for (size_t u = 0; u < known; u++) {
        const struct batch_unit *unit = batch_unit(batch, u);
        int serial = serial_of(unit);
        size_t on = 0;
        for (size_t s = 0; s < stations; s++) {
            on += batch_on(batch, (int)s) == unit && batch_stage(batch, (int)s) != BATCH_VERDICT;
        }
        assert_int_equal(on, unit->state == UNIT_ON_STATION);
        assert_true(on == 0 || batch_on(batch, unit->station) == unit);
        assert_int_equal(unit->has_verdict, world->has_verdict[serial]);
        assert_int_equal(unit->attempts, world->runs[serial]);
        assert_true(unit->state != UNIT_DONE || unit->has_verdict);
        assert_true(unit->state != UNIT_SKIPPED || !unit->has_verdict);
        queued += unit->state == UNIT_QUEUED;
        asked += unit->state == UNIT_ASKED;
    }
    assert_int_equal(batch_queued(batch), queued);
    assert_int_equal(batch_asked(batch) != NULL, asked > 0);
    for (size_t s = 0; s < stations; s++) {
        enum batch_stage stage = batch_stage(batch, (int)s);
        bool has_unit = stage == BATCH_PLACE || stage == BATCH_RUNNING || stage == BATCH_COOLDOWN ||
                        stage == BATCH_VERDICT;
        assert_int_equal(batch_on(batch, (int)s) != NULL, has_unit);
        assert_int_equal(stage == BATCH_RUNNING, world->running[s]);
        free_station = free_station || stage == BATCH_FREE;
        /* What runs somewhere is not in another station. */
        const struct batch_unit *leaving;
        if (batch_leaving(batch, (int)s, &leaving) && leaving) {
            assert_true(leaving->state != UNIT_ON_STATION ||
                        batch_stage(batch, leaving->station) == BATCH_PLACE);
        }
        settles = settles || (world->settings.placed_by_input[s] && stage == BATCH_FREE &&
                              world->inside[s] != NOTHING);
        /* A verdict that stands is of what is in there. */
        if (stage == BATCH_VERDICT && !world->settings.placed_by_input[s]) {
            assert_int_equal(world->inside[s], serial_of(batch_on(batch, (int)s)));
        }
    }
    assert_true(!free_station || queued == 0 || settles || batch_wake_ns(batch) != INT64_MAX);
    assert_true(batch_wake_ns(batch) > world->now_ns || world->settings.settle_ns == 0);
}

static void after_call(struct world *world)
{
    struct batch_command command;
    while (batch_command(world->batch, &command)) {
        take_command(world, &command);
    }
    check(world);
}

/* Time goes on, and the machine is woken when it wants to be. */
static void pass_time(struct world *world, int64_t by_ns)
{
    int64_t until_ns = world->now_ns + by_ns;
    for (int rounds = 0; batch_wake_ns(world->batch) <= until_ns; rounds++) {
        assert_true(rounds < ROUNDS_MAX);
        int64_t wake_ns = batch_wake_ns(world->batch);
        world->now_ns = wake_ns > world->now_ns ? wake_ns : world->now_ns;
        batch_tick(world->batch, world->now_ns);
        after_call(world);
    }
    world->now_ns = until_ns;
}

/* A hand puts it there, or takes out what is there (NOTHING); the line wobbles on the way. */
static void hand(struct world *world, int station, int serial)
{
    for (size_t s = 0; serial >= 0 && s < world->settings.station_count; s++) {
        if (world->inside[s] == serial && (int)s != station) {
            hand(world, (int)s, NOTHING);
        }
    }
    if (world->inside[station] == serial) {
        return;
    }
    if (serial != NOTHING && world->inside[station] != NOTHING) {
        hand(world, station, NOTHING);
        pass_time(world, BATCH_SETTLE_NS + 1); /* no hand is faster */
    }
    bool by_input = world->settings.placed_by_input[station];
    world->inside[station] = serial;
    /* What is done while it is out of service nobody can have told. */
    world->to_go[station] = batch_stage(world->batch, station) == BATCH_OUT;
    bool in = serial != NOTHING;
    bool tells = in;
    for (int i = chance(world, 30) ? 5 : 1; by_input && i > 0; i--) {
        if (batch_stage(world->batch, station) != BATCH_OUT) {
            (tells ? batch_placed : batch_taken_out)(world->batch, world->now_ns, station);
            after_call(world);
        }
        tells = i == 2 ? in : !tells;
        if (i > 1 && world->settings.settle_ns > 0) {
            pass_time(world, random_in(&world->random, 0, world->settings.settle_ns - 1));
        }
    }
}

/* What this scan will say of where the unit is: the hand that holds the scanner makes it true
 * first. Whether anything had to be done. */
static bool make_true(struct world *world, int serial)
{
    struct batch *batch = world->batch;
    for (int s = 0; s < (int)world->settings.station_count; s++) {
        const struct batch_unit *unit = batch_on(batch, s);
        const struct batch_unit *leaving;
        enum batch_stage stage = batch_stage(batch, s);
        bool by_input = world->settings.placed_by_input[s];
        bool on = serial_of(unit) == serial;
        bool leaves = batch_leaving(batch, s, &leaving) && serial_of(leaving) == serial &&
                      (leaving->state == UNIT_DONE || leaving->state == UNIT_SKIPPED);
        int want = world->inside[s];
        if (on && ((stage == BATCH_PLACE && (!by_input || world->inside[s] != NOTHING)) ||
                   (stage == BATCH_COOLDOWN && !by_input))) {
            want = serial;
        } else if ((!by_input && on && stage == BATCH_VERDICT) ||
                   (leaves && (!by_input || stage == BATCH_OUT))) {
            want = NOTHING;
        }
        if (want != world->inside[s]) {
            hand(world, s, want);
            return true;
        }
    }
    return false;
}

static const struct batch_unit *unit_with(const struct world *world, int serial)
{
    for (size_t u = 0; u < batch_unit_count(world->batch); u++) {
        if (serial_of(batch_unit(world->batch, u)) == serial) {
            return batch_unit(world->batch, u);
        }
    }
    return NULL;
}

static void scan_label(struct world *world, int serial)
{
    char text[8];
    serial_text(serial, text);
    while (make_true(world, serial)) {
        /* it may mean something else by now */
    }
    const struct batch_unit *unit = unit_with(world, serial);
    bool was_queued = unit && unit->state == UNIT_QUEUED;
    enum scan_result result = batch_scan(world->batch, world->now_ns, text, chance(world, 10));
    world->accepted[serial] = true;
    assert_true(result <= SCAN_REPEATED);
    assert_true(unit || result == SCAN_TAKEN || result == SCAN_QUEUED || result == SCAN_ASKED);
    assert_int_equal(serial_of(batch_scanned(world->batch)), serial);
    if (!was_queued && (result == SCAN_TAKEN || result == SCAN_QUEUED)) {
        world->retries[serial] = 0;
        world->not_before_ns[serial] = INT64_MIN;
    }
    after_call(world);
    for (int i = chance(world, 20) ? 2 : 0; i > 0 && world->settings.repeat_ns > 0; i--) {
        pass_time(world, random_in(&world->random, 0, world->settings.repeat_ns - 1));
        assert_int_equal(batch_scan(world->batch, world->now_ns, text, false), SCAN_REPEATED);
        after_call(world);
    }
    pass_time(world, world->settings.repeat_ns);
}

static void end_run(struct world *world, int station)
{
    static const enum verdict weighted[] = {VERDICT_PASS,    VERDICT_FAIL, VERDICT_FAIL,
                                            VERDICT_FAIL,    VERDICT_PASS, VERDICT_INCONCLUSIVE,
                                            VERDICT_ABORTED, VERDICT_ERROR};
    if (!world->running[station]) {
        return;
    }
    int serial = serial_of(batch_on(world->batch, station));
    enum verdict verdict = weighted[random_in(&world->random, 0, 7)];
    bool again = verdict == VERDICT_FAIL && world->retries[serial] < world->settings.retry_times;
    world->running[station] = false;
    world->has_verdict[serial] = true;
    world->verdict[serial] = verdict;
    world->runs[serial]++;
    if (again) {
        world->retries[serial]++;
        world->not_before_ns[serial] = world->now_ns + world->settings.retry_cooldown_ns;
    }
    batch_ended(world->batch, world->now_ns, station, verdict, 1, "reason");
    if (world->settings.retry_cooldown_ns > 0) {
        assert_int_equal(batch_stage(world->batch, station) == BATCH_COOLDOWN, again);
    }
    after_call(world);
}

static void put_out(struct world *world, int station)
{
    world->running[station] = false;
    batch_out(world->batch, world->now_ns, station);
    after_call(world);
}

static void put_in(struct world *world, int station)
{
    batch_in(world->batch, world->now_ns, station,
             world->settings.placed_by_input[station] && world->inside[station] != NOTHING);
    after_call(world);
}

static void operator_key(struct world *world, int station)
{
    struct batch *batch = world->batch;
    enum batch_stage stage = batch_stage(batch, station);
    int serial = serial_of(batch_on(batch, station));
    const struct batch_unit *asked = batch_asked(batch);
    bool yes = chance(world, 50);
    switch (random_in(&world->random, 0, 3)) {
    case 0:
        if (batch_unit_count(batch) > 0) {
            batch_skip(batch, world->now_ns,
                       (size_t)random_in(&world->random, 0, (int64_t)batch_unit_count(batch) - 1));
        }
        break;
    case 1:
        if (stage == BATCH_RUNNING) {
            world->retries[serial] = world->settings.retry_times;
        }
        batch_stop_retry(batch, world->now_ns, station);
        break;
    case 2:
        if (stage == BATCH_COOLDOWN || stage == BATCH_VERDICT) {
            world->not_before_ns[serial] = INT64_MIN;
        }
        batch_retry_now(batch, world->now_ns, station);
        break;
    default:
        if (asked && yes) {
            world->retries[serial_of(asked)] = 0;
            world->not_before_ns[serial_of(asked)] = INT64_MIN;
        }
        batch_again(batch, world->now_ns, yes);
        break;
    }
    after_call(world);
}

/* Somebody does something with what is in a station with a line: as told, or out of turn. */
static void fumble(struct world *world, int station)
{
    enum batch_stage stage = batch_stage(world->batch, station);
    int serial = serial_of(batch_on(world->batch, station));
    if (!world->settings.placed_by_input[station]) {
        return;
    }
    if (world->inside[station] != NOTHING) {
        hand(world, station, NOTHING);
    } else if (stage == BATCH_PLACE || stage == BATCH_RUNNING || stage == BATCH_COOLDOWN) {
        hand(world, station, serial);
    } else if (stage == BATCH_FREE || stage == BATCH_OUT) {
        hand(world, station, STRANGER);
    }
}

static void step(struct world *world)
{
    int station = any_station(world);
    int64_t what = random_in(&world->random, 0, 99);
    if (what < 25) {
        scan_label(world, (int)random_in(&world->random, 0, WORLD_UNITS - 1));
    } else if (what < 40) {
        const struct batch_unit *unit = batch_on(world->batch, station);
        if (unit) {
            scan_label(world, serial_of(unit));
        }
    } else if (what < 55) {
        fumble(world, station);
    } else if (what < 75) {
        end_run(world, station);
    } else if (what < 79) {
        put_out(world, station);
    } else if (what < 87) {
        put_in(world, station);
    } else if (what < 92) {
        operator_key(world, station);
    } else {
        pass_time(world, random_in(&world->random, 0, 40) * NS_PER_S / 4);
    }
}

/* The outside does what is asked of this station. */
static void obey(struct world *world, int station)
{
    struct batch *batch = world->batch;
    int serial = serial_of(batch_on(batch, station));
    bool by_input = world->settings.placed_by_input[station];
    switch (batch_stage(batch, station)) {
    case BATCH_OUT:
        put_in(world, station);
        break;
    case BATCH_PLACE:
        if (by_input && world->inside[station] != serial) {
            hand(world, station, serial);
        } else {
            scan_label(world, serial);
        }
        break;
    case BATCH_RUNNING:
        end_run(world, station);
        break;
    case BATCH_COOLDOWN:
        pass_time(world, batch_retry_ns(batch, station) > world->now_ns
                             ? batch_retry_ns(batch, station) - world->now_ns
                             : 0);
        break;
    case BATCH_OCCUPIED:
    case BATCH_VERDICT:
        hand(world, station, NOTHING);
        if (!by_input) {
            batch_taken_out(batch, world->now_ns, station);
            after_call(world);
        }
        break;
    case BATCH_FREE:
        if (world->inside[station] != NOTHING) {
            hand(world, station, NOTHING);
        }
        break;
    }
}

static void to_rest(struct world *world)
{
    struct batch *batch = world->batch;
    for (int round = 0;; round++) {
        bool all_free = true;
        assert_true(round < 200);
        for (int s = 0; s < (int)world->settings.station_count; s++) {
            obey(world, s);
            pass_time(world, NS_PER_S);
            all_free = all_free && batch_stage(batch, s) == BATCH_FREE;
        }
        while (batch_asked(batch)) {
            int serial = serial_of(batch_asked(batch));
            world->retries[serial] = 0;
            world->not_before_ns[serial] = INT64_MIN;
            batch_again(batch, world->now_ns, chance(world, 50));
            after_call(world);
        }
        if (batch_at_rest(batch) && all_free) {
            break;
        }
    }
    assert_int_equal(batch_wake_ns(batch), INT64_MAX);
    for (size_t u = 0; u < batch_unit_count(batch); u++) {
        const struct batch_unit *unit = batch_unit(batch, u);
        assert_true(unit->state == UNIT_DONE || unit->state == UNIT_SKIPPED);
    }
}

static void test_whatever_comes(void **state)
{
    (void)state;
    uint64_t seed = random_seed(20261125);
    size_t cases = random_cases(4000);
    size_t ran = 0;
    for (size_t i = 0; i < cases; i++) {
        struct world world = {.random = {seed + i * 7919}};
        world.now_ns = random_in(&world.random, 0, 1000) * NS_PER_S;
        world.settings = (struct batch_settings){
            .station_count = (size_t)random_in(&world.random, 1, 4),
            .retry_times = (int)random_in(&world.random, 0, 2),
            .retry_cooldown_ns = chance(&world, 20) ? 0 : 30 * NS_PER_S,
            .settle_ns = BATCH_SETTLE_NS,
            .repeat_ns = chance(&world, 50) ? BATCH_REPEAT_NS : 0,
        };
        int64_t kind = random_in(&world.random, 0, 2);
        for (size_t s = 0; s < BATCH_STATIONS_MAX; s++) {
            world.inside[s] = NOTHING;
            world.settings.placed_by_input[s] = kind == 2 ? chance(&world, 50) : kind == 1;
        }
        for (int u = 0; u < WORLD_UNITS; u++) {
            world.not_before_ns[u] = INT64_MIN;
        }
        world.batch = batch_new(&world.settings);
        assert_non_null(world.batch);
        for (size_t s = 0; s < world.settings.station_count; s++) {
            if (chance(&world, 80)) {
                put_in(&world, (int)s);
            }
        }
        for (int n = 0; n < STEPS; n++) {
            step(&world);
        }
        to_rest(&world);
        ran += world.ran;
        batch_free(world.batch);
    }
    /* The random people do get somewhere. */
    printf("note: %zu batches, %zu runs\n", cases, ran);
    assert_true(ran > cases * 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_with_the_scanner_only),
        cmocka_unit_test(test_next_one_over_a_verdict),
        cmocka_unit_test(test_called_off_over_a_verdict),
        cmocka_unit_test(test_trigger_pulled_twice),
        cmocka_unit_test(test_by_input_line),
        cmocka_unit_test(test_not_for_the_next_one),
        cmocka_unit_test(test_rhythm),
        cmocka_unit_test(test_only_a_fail_is_tried_again),
        cmocka_unit_test(test_taken_out_while_it_cools_down),
        cmocka_unit_test(test_run_before),
        cmocka_unit_test(test_out_of_service),
        cmocka_unit_test(test_back_with_its_unit),
        cmocka_unit_test(test_cooldown_goes_along),
        cmocka_unit_test(test_nobody_watched),
        cmocka_unit_test(test_run_that_nobody_started),
        cmocka_unit_test(test_cooldown_is_of_its_batch_run),
        cmocka_unit_test(test_serials),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_whatever_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
