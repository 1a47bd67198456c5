/*
 * Bays: one station each, driven by one loop. On simulated benches that go some times as fast as
 * time, so that everything is as on a real one: polls, descriptors, deadlines, a journal's thread.
 */
#include "rig/base/units.h"
#include "rig/journal/journal.h"
#include "tests/unit/parts.h"
#include "tui/drive/session_internal.h"

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
    "      power: { line: 0, kind: relay, max_on: 30 s" power " }\n"                               \
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
    struct session *sessions[STATIONS];
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
    snprintf(rig->directory, sizeof(rig->directory), "/tmp/longpress-session-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    snprintf(rig->path, sizeof(rig->path), "%s/journal.db", rig->directory);
    rig->journal = journal_open(&diags, rig->path);
    if (!rig->bench || !rig->profile || !rig->journal) {
        fail_msg("%s", diags_text(&diags));
    }
    for (size_t i = 0; i < STATIONS; i++) {
        struct session_setup setup = {.bench = rig->bench,
                                      .station = &rig->bench->stations[i],
                                      .bench_name = "four",
                                      .journal = rig->journal,
                                      .operator_name = "tester",
                                      .rate = RATE};
        rig->sessions[i] = session_new(&setup);
        assert_int_equal(session_state(rig->sessions[i]), SESSION_IDLE);
    }
    *state = rig;
    return 0;
}

static void end_bays(struct rig *rig)
{
    for (size_t i = 0; i < STATIONS; i++) {
        session_free(rig->sessions[i]);
        rig->sessions[i] = NULL;
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
        struct pollfd fds[STATIONS * SESSION_FDS_MAX + 1];
        size_t count = 0;
        int64_t due_ns = end_ns;
        journal_poll(rig->journal);
        for (size_t i = 0; i < STATIONS; i++) {
            session_step(rig->sessions[i]);
            count += session_fds(rig->sessions[i], fds + count);
            int64_t session_ns = session_due_ns(rig->sessions[i]);
            due_ns = session_ns < due_ns ? session_ns : due_ns;
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

static struct session_order order_of(const struct rig *rig, const char *unit)
{
    static const char *const names[] = {"placed"};
    static const char *const values[] = {"yes"};
    return (struct session_order){.profile = rig->profile,
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
    struct session_order order = order_of(rig, unit);
    if (session_start(rig->sessions[i], &order, &diags) != 0) {
        fail_msg("%s", diags_text(&diags));
    }
    assert_int_equal(session_state(rig->sessions[i]), SESSION_RUNNING);
}

/* A hand puts a unit in, now. */
static void put(struct rig *rig, size_t i, const char *unit)
{
    session_simulate_hand(rig->sessions[i], rig->profile, unit, 0);
    session_step(rig->sessions[i]);
}

static bool all_over(const struct rig *rig)
{
    for (size_t i = 0; i < STATIONS; i++) {
        if (session_state(rig->sessions[i]) == SESSION_RUNNING) {
            return false;
        }
    }
    return true;
}

static bool first_is_down(const struct rig *rig)
{
    int64_t since_ns;
    int64_t until_ns;
    return session_down(rig->sessions[0], &since_ns, &until_ns);
}

static const struct judgement *judgement_of(const struct rig *rig, size_t i)
{
    return session_record(rig->sessions[i])->judgement;
}

/* One value of the journal's file, which is read by somebody else: SQLite itself. */
static void journal_text(const struct rig *rig, const char *question, char *out, size_t size)
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

static void warnings_of_opening_are_told(void **state)
{
    struct diags diags = DIAGS_INIT;
    char text[200];
    (void)state;
    session_warning_of(text, sizeof(text), &diags);
    assert_string_equal(text, "");
    diag_error(&diags, place_of("chip"), NULL, "is gone");
    diag_warning(&diags, place_of("keeper"), "presses are less exact", "no real-time");
    diag_warning(&diags, place_of("guard"), NULL, "nobody guards these lines");
    session_warning_of(text, sizeof(text), &diags);
    assert_string_equal(text, "no real-time; presses are less exact. nobody guards these lines");
    diags_clear(&diags);
}

/* ---- runs ---- */

static void whole_run_is_judged_and_kept(void **state)
{
    struct rig *rig = *state;
    struct session *session = rig->sessions[3];
    char kept[200];

    start(rig, 3, "5012345");
    uint64_t changes = session_changes(session);
    drive(rig, all_over, 30);
    assert_true(session_changes(session) > changes);
    assert_int_equal(session_state(session), SESSION_OVER);
    assert_int_equal(judgement_of(rig, 3)->verdict, VERDICT_PASS);
    assert_string_equal(
        judgement_of(rig, 3)->reason,
        "all 4 needed observations were as expected; watched 20 s after the last event");
    assert_string_equal(session_trouble(session), "");
    assert_int_equal(session_phase(session), PHASE_DONE);
    int64_t handle = session_journal_handle(session);
    assert_int_equal(journal_wait_finished(rig->journal, handle, 5000), 1);
    journal_text(rig,
                 "SELECT state || ' ' || verdict || ' ' || operator || ' ' || station || ' ' || "
                 "serial || ' ' || (SELECT count(*) FROM findings) FROM runs JOIN units "
                 "ON units.id = unit_id",
                 kept, sizeof(kept));
    assert_string_equal(kept, "done pass tester D 5012345 5");
    session_dismiss(session);
    assert_int_equal(session_state(session), SESSION_IDLE);
    assert_null(session_record(session));
    assert_null(session_plan(session));
}

static void four_at_once(void **state)
{
    struct rig *rig = *state;
    const char *const units[STATIONS] = {"1", "ONE-BLINK", "3", "one-blink"};
    const enum verdict verdicts[STATIONS] = {VERDICT_PASS, VERDICT_FAIL, VERDICT_PASS,
                                             VERDICT_FAIL};
    for (size_t i = 0; i < STATIONS; i++) {
        put(rig, i, units[i]);
        start(rig, i, units[i]);
    }
    drive(rig, all_over, 60);
    for (size_t i = 0; i < STATIONS; i++) {
        assert_int_equal(judgement_of(rig, i)->verdict, verdicts[i]);
    }
    assert_non_null(strstr(judgement_of(rig, 1)->reason, "saw blue x1, white x1"));
}

/* A unit that a hand put in stays as the last run left it: its key is gone, and is so again. */
static void one_after_the_other(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < 2; i++) {
        start(rig, 2, "7");
        drive(rig, all_over, 30);
        assert_int_equal(judgement_of(rig, 2)->verdict, VERDICT_PASS);
    }
}

static void what_is_known_so_far(void **state)
{
    struct rig *rig = *state;
    size_t pending = 0;

    put(rig, 0, "1");
    start(rig, 0, "1");
    assert_non_null(session_plan(rig->sessions[0]));
    drive(rig, first_is_down, 10);
    assert_int_equal(session_phase(rig->sessions[0]), PHASE_PRESSING);
    const struct judgement *judgement = judgement_of(rig, 0);
    assert_int_equal(judgement->finding_count, 5);
    for (size_t i = 0; i < judgement->finding_count; i++) {
        pending += judgement->findings[i].result == RESULT_PENDING;
    }
    assert_int_equal(pending, 5);

    int64_t since_ns;
    int64_t until_ns;
    assert_true(session_down(rig->sessions[0], &since_ns, &until_ns));
    assert_true(since_ns <= session_now_ns(rig->sessions[0]));
    assert_int_equal(until_ns - since_ns, session_plan(rig->sessions[0])->actions[0].energise_ns);
    assert_int_equal(scope_active(session_scope(rig->sessions[0])),
                     session_plan(rig->sessions[0])->actions[0].actuators);
}

static void a_plan_that_breaks_a_rule(void **state)
{
    struct rig *rig = *state;
    struct diags diags = DIAGS_INIT;
    static const char *const unknown[] = {"no-such-hazard"};
    struct session_order order = order_of(rig, "1");

    order.accept_hazards = unknown;
    order.accept_count = 1;
    assert_int_equal(session_start(rig->sessions[0], &order, &diags), -1);
    assert_int_equal(diags.errors, 1);
    assert_int_equal(session_state(rig->sessions[0]), SESSION_IDLE);
    assert_null(session_record(rig->sessions[0]));
    diags_clear(&diags);

    order = order_of(rig, "NOWHERE");
    assert_int_equal(session_start(rig->sessions[0], &order, &diags), -1);
    assert_int_equal(diags.errors, 1);
    assert_int_equal(session_state(rig->sessions[0]), SESSION_IDLE);
    diags_clear(&diags);

    session_simulate_hand(rig->sessions[0], rig->profile, "NOWHERE", 0);
    assert_non_null(strstr(session_trouble(rig->sessions[0]), "there-is-no-such-file.yaml"));
    session_simulate_hand(rig->sessions[0], rig->profile, NULL, 0);
    assert_string_equal(session_trouble(rig->sessions[0]), "");

    start(rig, 0, "1");
    assert_int_equal(session_start(rig->sessions[0], &order, &diags), -1);
    diags_clear(&diags);
    assert_int_equal(session_jog(rig->sessions[0], NULL, 1, NS_PER_S, &diags), -1);
    diags_clear(&diags);
}

/* ---- letting go ---- */

static void release_acts_at_once(void **state)
{
    struct rig *rig = *state;
    struct session *session = rig->sessions[0];
    int64_t since_ns;
    int64_t until_ns;
    size_t i = 0;

    put(rig, 0, "1");
    start(rig, 0, "1");
    drive(rig, first_is_down, 10);
    int64_t before_ns = session_now_ns(session);
    session_release(session, "the operator let go");
    int64_t after_ns = session_now_ns(session);
    assert_false(session_down(session, &since_ns, &until_ns));
    assert_int_equal(session_state(session), SESSION_OVER);
    assert_int_equal(judgement_of(rig, 0)->verdict, VERDICT_ABORTED);
    assert_non_null(strstr(judgement_of(rig, 0)->reason, "the operator let go"));
    const struct entry *released =
        timeline_next(session_record(session)->timeline, ENTRY_RELEASED, &i);
    assert_non_null(released);
    assert_in_range(released->at_ns, before_ns, after_ns);
    assert_true(after_ns - before_ns < 20 * NS_PER_MS * RATE);
}

/* Called off before the journal has it: nothing is ever pressed. */
static void release_before_it_began(void **state)
{
    struct rig *rig = *state;
    size_t i = 0;

    start(rig, 2, "1");
    session_release(rig->sessions[2], "second thoughts");
    assert_int_equal(session_state(rig->sessions[2]), SESSION_OVER);
    assert_int_equal(judgement_of(rig, 2)->verdict, VERDICT_ABORTED);
    assert_null(timeline_next(session_record(rig->sessions[2])->timeline, ENTRY_ORDER, &i));
}

static void the_end_is_kept_as_aborted(void **state)
{
    struct rig *rig = *state;
    char kept[300];

    put(rig, 0, "1");
    start(rig, 0, "1");
    start(rig, 3, "2");
    drive(rig, first_is_down, 10);
    for (size_t i = 0; i < STATIONS; i++) {
        session_release(rig->sessions[i], "longpress ended");
    }
    end_bays(rig);
    journal_text(rig, "SELECT group_concat(state || ' ' || verdict, ', ') FROM runs", kept,
                 sizeof(kept));
    assert_string_equal(kept, "done aborted, done aborted");
}

/* Without being told to let go first: freeing alone is enough. */
static void freeing_ends_a_run(void **state)
{
    struct rig *rig = *state;
    char kept[300];

    put(rig, 0, "1");
    start(rig, 0, "1");
    drive(rig, first_is_down, 10);
    end_bays(rig);
    journal_text(rig, "SELECT state || ' ' || verdict || ': ' || reason FROM runs", kept,
                 sizeof(kept));
    assert_non_null(strstr(kept, "done aborted: "));
    assert_non_null(strstr(kept, "longpress ended"));
}

/* ---- questions ---- */

static const char asking_profile[] =
    "model: WH-1000XM5\n"
    "family: over-ear\n"
    "bluetooth: { name: WH-1000XM5 }\n"
    "sources: { me: us }\n"
    "controls:\n"
    "  power: { kind: button, max_hold: 16 s }\n"
    "  nc_ambient: { kind: button, max_hold: 16 s }\n"
    "procedures:\n"
    "  network-reset:\n"
    "    kind: network\n"
    "    source: me\n"
    "    requires: { lid: open }\n"
    "    steps: [{ hold: [power, nc_ambient], for: 6 s }]\n"
    "    expect: { led: { pattern: \"blue x2, white x1\", after: press+5 s, within: 6 s } }\n";

static bool first_asks(const struct rig *rig)
{
    return session_question(rig->sessions[0]) != NULL;
}

static void questions_wait_for_people(void **state)
{
    struct rig *rig = *state;
    struct diags diags = DIAGS_INIT;
    struct profile *profile =
        profile_load_text(&diags, "asking", asking_profile, sizeof(asking_profile) - 1);
    static const char *const names[] = {"lid"};
    static const char *const values[] = {"open"};
    struct session *session = rig->sessions[0];
    struct session_order order = {.profile = profile};

    if (!profile) {
        fail_msg("%s", diags_text(&diags));
    }
    order.procedure = &profile->procedures[0];
    assert_int_equal(session_start(session, &order, &diags), 0);
    assert_null(session_question(session));
    assert_false(session_answer(session, "open"));
    drive(rig, first_asks, 10);
    assert_string_equal(session_question(session)->name, "lid");
    assert_int_equal(session_phase(session), PHASE_ASKING);
    assert_false(session_answer(session, "ajar"));
    assert_non_null(session_question(session));
    assert_true(session_answer(session, "open"));
    assert_null(session_question(session));
    drive(rig, all_over, 30);
    assert_int_equal(judgement_of(rig, 0)->verdict, VERDICT_PASS);

    /* The wrong answer ends it before anything is pressed. */
    assert_int_equal(session_start(session, &order, &diags), 0);
    drive(rig, first_asks, 10);
    assert_true(session_answer(session, "closed"));
    drive(rig, all_over, 10);
    assert_int_equal(judgement_of(rig, 0)->verdict, VERDICT_ABORTED);

    /* Said ahead, nobody is asked. */
    order.answer_names = names;
    order.answer_values = values;
    order.answer_count = 1;
    assert_int_equal(session_start(session, &order, &diags), 0);
    drive(rig, all_over, 30);
    assert_int_equal(judgement_of(rig, 0)->verdict, VERDICT_PASS);
    session_dismiss(session);
    profile_free(profile);
}

/* ---- a journal that takes its time ---- */

static const char plain_profile[] =
    "model: WH-1000XM5\n"
    "family: over-ear\n"
    "bluetooth: { name: WH-1000XM5 }\n"
    "sources: { me: us }\n"
    "controls:\n"
    "  power: { kind: button, max_hold: 16 s }\n"
    "  nc_ambient: { kind: button, max_hold: 16 s }\n"
    "procedures:\n"
    "  network-reset:\n"
    "    kind: network\n"
    "    source: me\n"
    "    steps: [{ hold: [power, nc_ambient], for: 6 s }]\n"
    "    expect: { led: { pattern: \"blue x2, white x1\", after: press+5 s, within: 6 s } }\n";

/* The loop, for a while in which nothing is expected. */
static void drive_for(struct rig *rig, int64_t ns)
{
    int64_t end_ns = mono_ns() + ns;
    while (mono_ns() < end_ns) {
        for (size_t i = 0; i < STATIONS; i++) {
            session_step(rig->sessions[i]);
        }
        journal_poll(rig->journal);
        nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
    }
}

/* Nothing is asked and no radio is waited for: the press is the first thing to be done. It is done
 * when the journal has the run, however late, and nothing is held against the bench. */
static void a_slow_journal_is_no_fault(void **state)
{
    struct rig *rig = *state;
    struct diags diags = DIAGS_INIT;
    struct profile *profile =
        profile_load_text(&diags, "plain", plain_profile, sizeof(plain_profile) - 1);
    struct session *session = rig->sessions[0];
    struct session_order order = {.profile = profile};
    sqlite3 *other;
    char began[64];
    size_t i = 0;

    if (!profile) {
        fail_msg("%s", diags_text(&diags));
    }
    order.procedure = &profile->procedures[0];
    put(rig, 0, "1");
    assert_int_equal(sqlite3_open(rig->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(session_start(session, &order, &diags), 0);
    drive_for(rig, NS_PER_S);
    assert_false(first_is_down(rig));
    assert_int_equal(session_state(session), SESSION_RUNNING);
    assert_null(timeline_next(scope_timeline(session_scope(session)), ENTRY_PRESSED, &i));
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    drive(rig, all_over, 30);
    assert_string_equal(judgement_of(rig, 0)->reason, "all 1 needed observation was as expected");
    assert_int_equal(judgement_of(rig, 0)->verdict, VERDICT_PASS);
    /* The run's time begins when it does, here and in the file. */
    const struct timeline *timeline = session_record(session)->timeline;
    i = 0;
    const struct entry *pressed = timeline_next(timeline, ENTRY_PRESSED, &i);
    assert_non_null(pressed);
    assert_true(pressed->at_ns - timeline->origin_ns < RATE * NS_PER_S / 2);
    assert_int_equal(journal_wait_finished(rig->journal, session_journal_handle(session), 5000), 1);
    journal_text(rig, "SELECT origin_ns FROM runs", began, sizeof(began));
    assert_true(strtoll(began, NULL, 10) == timeline->origin_ns);
    session_dismiss(session);
    profile_free(profile);
}

/* ---- hands ---- */

static int placed_level(const struct rig *rig, size_t i)
{
    const struct session *session = rig->sessions[i];
    for (unsigned input = 0; input < session_station(session)->input_count; input++) {
        if (session_station(session)->inputs[input].role == INPUT_QUESTION) {
            return scope_level(session_scope(session), input);
        }
    }
    return -1;
}

static bool first_is_placed(const struct rig *rig)
{
    return placed_level(rig, 0) == 1;
}

static bool first_is_taken_out(const struct rig *rig)
{
    return placed_level(rig, 0) == 0;
}

static void hands_move_the_input(void **state)
{
    struct rig *rig = *state;
    int64_t edge_ns;

    assert_int_equal(placed_level(rig, 0), 0);
    int64_t ordered_ns = session_now_ns(rig->sessions[0]);
    session_simulate_hand(rig->sessions[0], rig->profile, "1", 4 * NS_PER_S);
    drive(rig, first_is_placed, 10);
    assert_int_equal(placed_level(rig, 1), 0);
    assert_true(scope_edge_before(session_scope(rig->sessions[0]), -1, INT64_MAX, &edge_ns));
    assert_true(edge_ns >= ordered_ns + 4 * NS_PER_S);
    assert_true(edge_ns < ordered_ns + 4 * NS_PER_S + 20 * NS_PER_MS * RATE);

    /* Out in the middle of a press: what was placed is not any more, and the press ends. */
    start(rig, 0, "1");
    drive(rig, first_is_down, 10);
    session_simulate_hand(rig->sessions[0], rig->profile, NULL, 0);
    drive(rig, first_is_taken_out, 10);
    drive(rig, all_over, 10);
    assert_int_equal(judgement_of(rig, 0)->verdict, VERDICT_ABORTED);
    session_dismiss(rig->sessions[0]);
}

/* Nothing in it, and the input says so: no press. */
static void an_empty_station_is_not_run(void **state)
{
    struct rig *rig = *state;
    size_t i = 0;

    session_simulate_hand(rig->sessions[0], rig->profile, "1", 0);
    drive(rig, first_is_placed, 10);
    session_simulate_hand(rig->sessions[0], rig->profile, NULL, 0);
    drive(rig, first_is_taken_out, 10);
    assert_true(scope_timeline(session_scope(rig->sessions[0]))->edge_count >= 2);
    assert_null(timeline_next(scope_timeline(session_scope(rig->sessions[0])), ENTRY_PRESSED, &i));
}

/* ---- faults of the bench ---- */

static bool first_is_idle(const struct rig *rig)
{
    return session_state(rig->sessions[0]) == SESSION_IDLE;
}

static void chip_goes_and_comes(void **state)
{
    struct rig *rig = *state;
    struct session *session = rig->sessions[0];

    put(rig, 0, "CHIP-GONE");
    start(rig, 0, "CHIP-GONE");
    drive(rig, all_over, 20);
    assert_int_equal(judgement_of(rig, 0)->verdict, VERDICT_ERROR);
    assert_string_equal(session_trouble(session), "the simulated chip is gone");
    assert_string_equal(session_todo(session), "everything is released");
    session_step(session);
    session_dismiss(session);
    assert_int_equal(session_state(session), SESSION_CLOSED);
    int64_t before_ns = mono_ns();
    drive(rig, first_is_idle, 10);
    assert_true(mono_ns() - before_ns > NS_PER_S);
    assert_string_equal(session_trouble(session), "");
    assert_int_equal(placed_level(rig, 0), 1); /* the unit is where it was */
    put(rig, 0, "1");
    start(rig, 0, "1");
    drive(rig, all_over, 30);
    assert_int_equal(judgement_of(rig, 0)->verdict, VERDICT_PASS);
}

static void estop_latches(void **state)
{
    struct rig *rig = *state;
    struct session *session = rig->sessions[0];
    struct diags diags = DIAGS_INIT;
    struct session_order order = order_of(rig, "1");

    put(rig, 0, "ESTOP");
    start(rig, 0, "ESTOP");
    drive(rig, all_over, 20);
    assert_int_equal(judgement_of(rig, 0)->verdict, VERDICT_ABORTED);
    assert_string_equal(session_trouble(session), "the e-stop is pressed");
    assert_string_equal(session_todo(session), "release the e-stop");
    assert_int_equal(session_start(session, &order, &diags), -1);
    diags_clear(&diags);
    assert_int_equal(judgement_of(rig, 0)->verdict, VERDICT_ABORTED); /* still to be seen */
    session_step(session);
    session_dismiss(session);
    assert_int_equal(session_state(session), SESSION_CLOSED);
    drive(rig, first_is_idle, 10);
    assert_string_equal(session_trouble(session), "");
}

/* Told until there is one again; the station works all the same. */
static void a_guard_goes_and_comes(void **state)
{
    struct rig *rig = *state;
    struct session *session = rig->sessions[0];
    struct port_event event = {.kind = PORT_GUARD, .text = "the guard is gone"};

    event.time_ns = session_now_ns(session);
    assert_string_equal(session_unguarded(session), "");
    session_hear(session, &event);
    assert_string_equal(session_unguarded(session), "the guard is gone");
    assert_int_equal(session_state(session), SESSION_IDLE);
    event.level = 1;
    session_hear(session, &event);
    assert_string_equal(session_unguarded(session), "");
}

/* A real bench whose chip is not there: closed, with the reason, and tried again. */
static void a_bench_that_does_not_open(void **state)
{
    static const char text[] =
        "bench: b\n"
        "stations: { A: { chip: no-such-chip, actuators: { power: { line: 0, kind: relay, max_on: "
        "30 s }, nc_ambient: { line: 1, kind: relay, max_on: 30 s } } } }\n";
    struct rig *rig = *state;
    struct diags diags = DIAGS_INIT;
    struct bench *bench = bench_load_text(&diags, "b.yaml", text, sizeof(text) - 1);
    assert_non_null(bench);
    struct session_setup setup = {
        .bench = bench, .station = &bench->stations[0], .bench_name = "b"};
    int64_t before_ns = mono_ns();
    struct session *session = session_new(&setup);
    struct pollfd fds[SESSION_FDS_MAX];
    struct session_order order = order_of(rig, "1");

    assert_int_equal(session_state(session), SESSION_CLOSED);
    assert_non_null(strstr(session_trouble(session), "no-such-chip"));
    assert_string_not_equal(session_todo(session), "");
    assert_int_equal(session_fds(session, fds), 0);
    int64_t due_ns = session_due_ns(session);
    assert_in_range(due_ns, before_ns + 2 * NS_PER_S, mono_ns() + 2 * NS_PER_S);
    session_step(session);
    assert_true(session_due_ns(session) == due_ns);
    assert_int_equal(session_start(session, &order, &diags), -1);
    diags_clear(&diags);
    assert_int_equal(session_jog(session, NULL, 1, NS_PER_S, &diags), -1);
    diags_clear(&diags);
    session_release(session, "nothing to let go of");
    session_simulate_hand(session, rig->profile, "1", 0);
    assert_int_equal(session_state(session), SESSION_CLOSED);
    assert_string_equal(session_radio_words(session), "no adapter configured");
    session_free(session);
    bench_free(bench);
}

/* ---- by hand ---- */

static bool third_is_at_rest(const struct rig *rig)
{
    int64_t since_ns;
    int64_t until_ns;
    struct diags diags = DIAGS_INIT;
    /* A second press is refused while one is ordered or going on; this one always is. */
    bool busy = !session_down(rig->sessions[2], &since_ns, &until_ns) &&
                session_jog(rig->sessions[2], NULL, 0, NS_PER_S, &diags) == -1 &&
                strstr(diags.items[0].what, "is busy");
    bool down = session_down(rig->sessions[2], &since_ns, &until_ns);
    diags_clear(&diags);
    return !busy && !down;
}

static void hammering_a_key(void **state)
{
    struct rig *rig = *state;
    struct session *session = rig->sessions[2];
    struct diags diags = DIAGS_INIT;

    assert_int_equal(session_jog(session, NULL, 1, 3 * NS_PER_S + 1, &diags), -1);
    diags_clear(&diags);
    int64_t first_ns = session_now_ns(session);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(session_jog(session, NULL, 1, 3 * NS_PER_S, &diags), 0);
        assert_int_equal(session_state(session), SESSION_IDLE);
        drive(rig, third_is_at_rest, 10);
    }
    assert_int_equal(session_jog(session, NULL, 1, 3 * NS_PER_S, &diags), -1);
    char *told = diags_text(&diags);
    assert_non_null(strstr(told, "the actuator of power was on for 6 s of the last 20 s; 3 s "
                                 "more would exceed its limit of 8 s; let it rest for "));
    free(told);
    /* Another actuator has its own. */
    assert_int_equal(session_jog(session, NULL, 2, 3 * NS_PER_S, &diags), 0);
    drive(rig, third_is_at_rest, 10);
    /* The first second of the first press must be out of the window that ends with this one: it
     * presses 18 s after the first at the soonest, and there is no reason to wait for longer. */
    int64_t asked_ns = session_now_ns(session);
    for (; session_jog(session, NULL, 1, 3 * NS_PER_S, &diags) != 0;
         asked_ns = session_now_ns(session)) {
        diags_clear(&diags);
        assert_true(asked_ns < first_ns + 20 * NS_PER_S);
        nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
        session_step(session);
    }
    assert_true(session_now_ns(session) >= first_ns + 18 * NS_PER_S - 10 * NS_PER_MS);
    session_release(session, "enough");
    drive(rig, third_is_at_rest, 10);
}

static void hazards_hold_by_hand(void **state)
{
    struct rig *rig = *state;
    struct diags diags = DIAGS_INIT;

    assert_int_equal(session_jog(rig->sessions[3], rig->profile, 3, 8 * NS_PER_S + 1, &diags), -1);
    char *told = diags_text(&diags);
    assert_non_null(strstr(told, "hazard `becomes-factory`"));
    assert_null(strstr(told, "--accept-hazard"));
    free(told);
    assert_false(session_active(rig->sessions[3]));
    assert_int_equal(session_jog(rig->sessions[3], rig->profile, 3, 8 * NS_PER_S, &diags), 0);
    assert_true(session_active(rig->sessions[3])); /* ordered is enough */
}

/* Opening a station takes time that the others' keepers wait: of those that went together, no two
 * are tried again together. */
static void each_has_its_turn(void **state)
{
    static const char text[] =
        "bench: b\n"
        "stations:\n"
        "  A: { chip: no-such-chip, actuators: { power: { line: 0, kind: relay, max_on: 3 s } } }\n"
        "  B: { chip: no-such-chip, actuators: { power: { line: 1, kind: relay, max_on: 3 s } } "
        "}\n";
    (void)state;
    struct diags diags = DIAGS_INIT;
    struct bench *bench = bench_load_text(&diags, "b.yaml", text, sizeof(text) - 1);
    assert_non_null(bench);
    struct session_setup first = {
        .bench = bench, .station = &bench->stations[0], .bench_name = "b"};
    struct session_setup second = {
        .bench = bench, .station = &bench->stations[1], .bench_name = "b"};
    struct session *a = session_new(&first);
    struct session *b = session_new(&second);

    assert_true(session_due_ns(b) - session_due_ns(a) >= 60 * NS_PER_MS);
    session_free(a);
    session_free(b);
    bench_free(bench);
}

int main(void)
{
#define BAYS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        BAYS(whole_run_is_judged_and_kept), BAYS(four_at_once),
        BAYS(one_after_the_other),          BAYS(what_is_known_so_far),
        BAYS(a_plan_that_breaks_a_rule),    BAYS(release_acts_at_once),
        BAYS(release_before_it_began),      BAYS(the_end_is_kept_as_aborted),
        BAYS(freeing_ends_a_run),           BAYS(questions_wait_for_people),
        BAYS(hands_move_the_input),         BAYS(an_empty_station_is_not_run),
        BAYS(chip_goes_and_comes),          BAYS(estop_latches),
        BAYS(a_bench_that_does_not_open),   BAYS(hammering_a_key),
        BAYS(hazards_hold_by_hand),         cmocka_unit_test(warnings_of_opening_are_told),
        BAYS(a_slow_journal_is_no_fault),   BAYS(each_has_its_turn),
        BAYS(a_guard_goes_and_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
