/*
 * Bays: one station each, driven by one loop. On simulated benches that go some times as fast as
 * time, so that everything is as on a real one: polls, descriptors, deadlines, a journal's thread.
 */
#include "rig/journal.h"
#include "rig/units.h"
#include "tests/unit/parts.h"
#include "tui/bay.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { STATIONS = 4, RATE = 40 };

/* A and B feel their unit; the coil of C's power button is a weak one. */
static const char bench_text[] =
    "bench: four\n"
    "simulated: yes\n"
    "firmware: ../sim/firmware/wh-1000xm5.yaml\n"
    "units:\n"
    "  ONE-BLINK: ../sim/firmware/wh-1000xm5-one-blink-short.yaml\n"
    "  CHIP-GONE: ../sim/firmware/wh-1000xm5-chip-gone.yaml\n"
    "  ESTOP: ../sim/firmware/wh-1000xm5-estop.yaml\n"
    "  NOWHERE: ../sim/firmware/there-is-no-such-file.yaml\n"
    "stations:\n"
#define ACTUATORS(chip, power)                                                                     \
    "    chip: " chip "\n"                                                                         \
    "    actuators:\n"                                                                             \
    "      power: { line: 0, kind: solenoid, max_on: 30 s" power " }\n"                            \
    "      nc_ambient: { line: 1, kind: relay, max_on: 30 s }\n"                                   \
    "    led: { r: { line: 10 }, g: { line: 11 }, b: { line: 12 } }\n"                             \
    "    sound: { line: 13 }\n"                                                                    \
    "    contact: { power: { line: 20 } }\n"                                                       \
    "    bluetooth: { adapter: \"02:00:00:00:00:01\" }\n"
    "  A:\n" ACTUATORS(
        "sim-a", "") "    inputs: { placed: { line: 30, is: yes, else: no } }\n"
                     "  B:\n" ACTUATORS(
                         "sim-b",
                         "") "    inputs: { placed: { line: 30, is: yes, else: no } }\n"
                             "  C:\n" ACTUATORS(
                                 "sim-c",
                                 ", duty: { max: 40 %, per: 20 s }") "  D:\n" ACTUATORS("sim-d",
                                                                                        "");

struct rig {
    struct bench *bench;
    struct profile *profile;
    struct journal *journal;
    char directory[64];
    char path[96];
    struct bay *bays[STATIONS];
};

static int64_t mono_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int set_up(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct rig *rig = calloc(1, sizeof(*rig));

    rig->bench =
        bench_load_text(&diags, "hardware/benches/four.yaml", bench_text, sizeof(bench_text) - 1);
    rig->profile = profile_load(&diags, "profiles/wh-1000xm5.yaml");
    snprintf(rig->directory, sizeof(rig->directory), "/tmp/longpress-bay-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    snprintf(rig->path, sizeof(rig->path), "%s/journal.db", rig->directory);
    rig->journal = journal_open(&diags, rig->path);
    if (!rig->bench || !rig->profile || !rig->journal) {
        fail_msg("%s", diags_text(&diags));
    }
    for (size_t i = 0; i < STATIONS; i++) {
        struct bay_setup setup = {.bench = rig->bench,
                                  .station = &rig->bench->stations[i],
                                  .bench_name = "four",
                                  .journal = rig->journal,
                                  .operator_name = "tester",
                                  .rate = RATE};
        rig->bays[i] = bay_new(&setup);
        assert_int_equal(bay_state(rig->bays[i]), BAY_IDLE);
    }
    *state = rig;
    return 0;
}

static void end_bays(struct rig *rig)
{
    for (size_t i = 0; i < STATIONS; i++) {
        bay_free(rig->bays[i]);
        rig->bays[i] = NULL;
    }
    journal_close(rig->journal);
    rig->journal = NULL;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    char command[160];

    end_bays(rig);
    profile_free(rig->profile);
    bench_free(rig->bench);
    snprintf(command, sizeof(command), "rm -r '%s'", rig->directory);
    assert_int_equal(system(command), 0);
    free(rig);
    return 0;
}

/* The loop, until `good` says so. Fails after `seconds` of real time. */
static void drive(struct rig *rig, bool (*good)(const struct rig *rig), int seconds)
{
    int64_t end_ns = mono_ns() + seconds * NS_PER_S;

    for (;;) {
        struct pollfd fds[STATIONS * BAY_FDS_MAX + 1];
        size_t count = 0;
        int64_t due_ns = end_ns;
        journal_poll(rig->journal);
        for (size_t i = 0; i < STATIONS; i++) {
            bay_step(rig->bays[i]);
            count += bay_fds(rig->bays[i], fds + count);
            int64_t bay_ns = bay_due_ns(rig->bays[i]);
            due_ns = bay_ns < due_ns ? bay_ns : due_ns;
        }
        if (good(rig)) {
            return;
        }
        int64_t left_ns = due_ns - mono_ns();
        if (mono_ns() >= end_ns) {
            fail_msg("it took longer than %d s", seconds);
        }
        fds[count++] = (struct pollfd){.fd = journal_fd(rig->journal), .events = POLLIN};
        struct timespec left = {.tv_sec = left_ns > 0 ? left_ns / NS_PER_S : 0,
                                .tv_nsec = left_ns > 0 ? left_ns % NS_PER_S : 0};
        ppoll(fds, count, &left, NULL);
    }
}

static struct bay_order order_of(const struct rig *rig, const char *unit)
{
    static const char *const names[] = {"placed"};
    static const char *const values[] = {"yes"};
    return (struct bay_order){.profile = rig->profile,
                              .procedure = profile_procedure(rig->profile, "network-reset"),
                              .unit = unit,
                              .attempt = 1,
                              .answer_names = names,
                              .answer_values = values,
                              .answer_count = 1};
}

static void start(struct rig *rig, size_t i, const char *unit)
{
    struct diags diags = DIAGS_INIT;
    struct bay_order order = order_of(rig, unit);
    if (bay_start(rig->bays[i], &order, &diags) != 0) {
        fail_msg("%s", diags_text(&diags));
    }
    assert_int_equal(bay_state(rig->bays[i]), BAY_RUNNING);
}

static bool all_over(const struct rig *rig)
{
    for (size_t i = 0; i < STATIONS; i++) {
        if (bay_state(rig->bays[i]) == BAY_RUNNING) {
            return false;
        }
    }
    return true;
}

__attribute__((unused)) static bool first_is_down(const struct rig *rig)
{
    int64_t since_ns;
    int64_t until_ns;
    return bay_down(rig->bays[0], &since_ns, &until_ns);
}

static const struct judgement *judgement_of(const struct rig *rig, size_t i)
{
    return bay_record(rig->bays[i])->judgement;
}

/* One value of the journal's file, which is read by somebody else: SQLite itself. */
__attribute__((unused)) static void journal_text(const struct rig *rig, const char *question,
                                                 char *out, size_t size)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(rig->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, question, -1, &statement, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(db));
    }
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const unsigned char *text = sqlite3_column_text(statement, 0);
    snprintf(out, size, "%s", text ? (const char *)text : "");
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

/* ---- runs ---- */

static void whole_run_is_judged(void **state)
{
    struct rig *rig = *state;
    start(rig, 3, "5012345");
    drive(rig, all_over, 30);
    assert_int_equal(bay_state(rig->bays[3]), BAY_OVER);
    assert_int_equal(judgement_of(rig, 3)->verdict, VERDICT_PASS);
    assert_string_equal(judgement_of(rig, 3)->reason, "all 4 needed observations were as expected");
    assert_string_equal(bay_trouble(rig->bays[3]), "");
    bay_dismiss(rig->bays[3]);
    assert_int_equal(bay_state(rig->bays[3]), BAY_IDLE);
    assert_null(bay_record(rig->bays[3]));
}

static void four_at_once(void **state)
{
    struct rig *rig = *state;
    const char *const units[STATIONS] = {"1", "ONE-BLINK", "3", "4"};
    for (size_t i = 0; i < STATIONS; i++) {
        bay_simulate_hand(rig->bays[i], rig->profile, units[i], 0);
        bay_step(rig->bays[i]);
        start(rig, i, units[i]);
    }
    drive(rig, all_over, 60);
    for (size_t i = 0; i < STATIONS; i++) {
        assert_int_equal(judgement_of(rig, i)->verdict, i == 1 ? VERDICT_FAIL : VERDICT_PASS);
    }
    assert_non_null(strstr(judgement_of(rig, 1)->reason, "saw blue x1, white x1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_run_is_judged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(four_at_once, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
