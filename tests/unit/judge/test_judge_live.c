/*
 * Judging while the run goes on: what is said stays said and is what the judge says in the end, for
 * every profile on every unit; and what can be known early is known early.
 */
#include "rig/base/units.h"
#include "rig/timeline/evidence.h"
#include "tests/unit/parts.h"
#include "tests/unit/sim_run.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIRMWARE(name) "hardware/sim/firmware/" name ".yaml"
#define PROFILE(name)  "profiles/" name ".yaml"
#define START_NS       (1000 * NS_PER_S)

/* What the checklist showed of one run. */
struct checklist {
    const struct sim_run *sim;
    const char *what;
    int64_t abort_ns; /* INT64_MAX: never */
    struct judgement now;
    struct judgement later;
    bool said[PROFILE_EXPECT_MAX];
    enum expect_result result[PROFILE_EXPECT_MAX];
    int64_t said_ns[PROFILE_EXPECT_MAX];              /* first */
    char pending[PROFILE_EXPECT_MAX][JUDGE_TEXT_MAX]; /* the last it showed while pending */
    size_t rounds;
};

static void so_far(const struct sim_run *sim, int64_t now_ns, struct judgement *judgement)
{
    judge_so_far(sim->profile, sim->procedure, &sim->sensors, &sim->timeline, now_ns, judgement);
}

static void check_pending(const struct finding *finding, const char *what)
{
    size_t length = strlen(finding->observed);
    if (finding->expected[0] == '\0' || finding->reason[0] == '\0' || length < 8 ||
        strcmp(finding->observed + length - 7, " so far") != 0 ||
        (finding->has_margin && finding->margin_ns < 0)) {
        fail_msg("%s: %s pending: \"%s\", \"%s\", \"%s\"", what,
                 expect_kind_name(finding->expectation->kind), finding->expected, finding->observed,
                 finding->reason);
    }
}

static void take(struct checklist *checklist, int64_t now_ns)
{
    so_far(checklist->sim, now_ns, &checklist->now);
    assert_int_equal(checklist->now.finding_count, checklist->sim->procedure->expect_count);
    for (size_t i = 0; i < checklist->now.finding_count; i++) {
        const struct finding *finding = &checklist->now.findings[i];
        if (checklist->said[i] && finding->result != checklist->result[i]) {
            fail_msg("%s: %s was %s, is %s", checklist->what,
                     expect_kind_name(finding->expectation->kind),
                     judge_result_name(checklist->result[i]), judge_result_name(finding->result));
        }
        if (finding->result == RESULT_PENDING) {
            check_pending(finding, checklist->what);
            snprintf(checklist->pending[i], JUDGE_TEXT_MAX, "%s", finding->observed);
        } else if (!checklist->said[i]) {
            checklist->said[i] = true;
            checklist->result[i] = finding->result;
            checklist->said_ns[i] = now_ns;
        }
    }
}

static void each_round(void *context, struct engine *engine)
{
    struct checklist *checklist = context;
    int64_t now_ns = checklist->sim->port->ops->now(checklist->sim->port);

    if (engine_done(engine)) {
        return;
    }
    take(checklist, now_ns);
    /* That time has gone on, and the engine was not told, is no reason to say more. */
    so_far(checklist->sim, now_ns + 3600 * NS_PER_S, &checklist->later);
    for (size_t i = 0; i < checklist->now.finding_count; i++) {
        assert_int_equal(checklist->now.findings[i].result, checklist->later.findings[i].result);
    }
    checklist->rounds++;
    if (now_ns >= checklist->abort_ns) {
        checklist->abort_ns = INT64_MAX;
        engine_abort(engine, now_ns, "Ctrl-C");
    }
}

static void answer(void *context, struct engine *engine, const struct question *question)
{
    const struct checklist *checklist = context;
    const char *text = question->answer_count > 0 ? question->answers[0] : "80 %";
    engine_answer(engine, checklist->sim->port->ops->now(checklist->sim->port), question->name,
                  text, ANSWER_BY_OPERATOR);
}

/* Drive the run, watching the checklist; then it must be what the judge says. False: there is no
 * such run. */
static bool watch_run(struct sim_run *sim, struct checklist *checklist, const char *profile,
                      const char *procedure, const char *firmware, int64_t abort_after_ns)
{
    static struct judgement judged;
    struct sim_options options = {.seed = 9, .start_ns = START_NS};

    if (!sim_run_open(sim, profile, procedure, firmware, &options)) {
        return false;
    }
    memset(checklist, 0, sizeof(*checklist));
    checklist->sim = sim;
    checklist->what = firmware;
    checklist->abort_ns = abort_after_ns < INT64_MAX ? START_NS + abort_after_ns : INT64_MAX;
    struct run_hooks hooks = {.context = checklist, .poll = each_round, .ask = answer};
    run_drive(sim->engine, sim->port, &sim->timeline, &hooks);

    int64_t end_ns = sim->port->ops->now(sim->port);
    take(checklist, end_ns);
    judge(sim->profile, sim->procedure, &sim->sensors, &sim->timeline, engine_end(sim->engine),
          &judged);
    assert_int_equal(checklist->now.finding_count, judged.finding_count);
    for (size_t i = 0; i < judged.finding_count; i++) {
        const struct finding *live = &checklist->now.findings[i];
        const struct finding *last = &judged.findings[i];
        assert_int_not_equal(live->result, RESULT_PENDING);
        assert_int_equal(live->result, last->result);
        assert_int_equal(live->has_margin, last->has_margin);
        assert_int_equal(live->margin_ns, last->margin_ns);
        assert_string_equal(live->expected, last->expected);
        assert_string_equal(live->observed, last->observed);
        assert_string_equal(live->reason, last->reason);
    }
    return true;
}

/* ---- for all ---- */

struct tally {
    size_t runs;
    size_t rounds;
    size_t early[RESULT_PENDING + 1]; /* said before the run's end */
    size_t late;                      /* at its end */
};

static void count(const struct sim_run *sim, const struct checklist *checklist, struct tally *tally)
{
    int64_t end_ns = sim->port->ops->now(sim->port);
    tally->runs++;
    tally->rounds += checklist->rounds;
    for (size_t i = 0; i < checklist->now.finding_count; i++) {
        if (checklist->said_ns[i] < end_ns) {
            tally->early[checklist->result[i]]++;
        } else {
            tally->late++;
        }
    }
}

static void test_what_is_said_stays_said(void **state)
{
    static const int64_t aborts_ns[] = {INT64_MAX, 3 * NS_PER_S, 9500 * NS_PER_MS, 14 * NS_PER_S};
    static struct sim_run sim;
    static struct checklist checklist;
    struct tally tally = {0};
    glob_t profiles;
    glob_t firmware;
    (void)state;

    assert_int_equal(glob(PROFILE("*"), 0, NULL, &profiles), 0);
    assert_int_equal(glob(FIRMWARE("*"), 0, NULL, &firmware), 0);
    /* Emulated: an eleventh of all pairs, every profile among them. */
    size_t step = getenv("LONGPRESS_CASES") ? 11 : 1;
    for (size_t i = 0; i < profiles.gl_pathc * firmware.gl_pathc; i += step) {
        const char *profile = profiles.gl_pathv[i / firmware.gl_pathc];
        const char *unit = firmware.gl_pathv[i % firmware.gl_pathc];
        struct diags diags = DIAGS_INIT;
        struct profile *names = profile_load(&diags, profile);
        assert_non_null(names);
        for (size_t p = 0; p < names->procedure_count; p++) {
            int64_t abort_ns = aborts_ns[(i + p) % 4 == 3 ? (i + p) / 4 % 4 : 0];
            if (watch_run(&sim, &checklist, profile, names->procedures[p].name, unit, abort_ns)) {
                count(&sim, &checklist, &tally);
                sim_run_close(&sim);
            }
        }
        profile_free(names);
    }
    print_message("note: %zu runs, %zu rounds; early: %zu pass, %zu fail, %zu inconclusive; "
                  "%zu at the end\n",
                  tally.runs, tally.rounds, tally.early[RESULT_PASS], tally.early[RESULT_FAIL],
                  tally.early[RESULT_INCONCLUSIVE], tally.late);
    assert_true(tally.runs > 100 / step);
    assert_true(tally.early[RESULT_PASS] > 50 / step);
    assert_true(tally.early[RESULT_FAIL] > 20 / step);
    assert_true(tally.late > 50 / step);
    assert_int_equal(tally.early[RESULT_RECORDED], 0);
    globfree(&profiles);
    globfree(&firmware);
}

/* ---- as early as can be ---- */

static size_t index_of(const struct sim_run *sim, enum expect_kind kind)
{
    for (size_t i = 0; i < sim->procedure->expect_count; i++) {
        if (sim->procedure->expect[i].kind == kind) {
            return i;
        }
    }
    fail_msg("%s is not expected", expect_kind_name(kind));
    return 0;
}

static const struct entry *radio_entry(const struct sim_run *sim, enum radio_event event)
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(&sim->timeline, ENTRY_RADIO, &i))) {
        if (entry->code == event) {
            return entry;
        }
    }
    fail_msg("%s did not come", radio_event_name(event));
    return NULL;
}

static void test_passes_at_once(void **state)
{
    static const struct {
        enum expect_kind kind;
        enum radio_event event;
        int64_t settle_ns; /* watched on for so long after the last event: the refusal */
    } cases[] = {{EXPECT_DISCONNECTS, RADIO_DISCONNECTED, 0},
                 {EXPECT_DISCOVERABLE, RADIO_SEEN, 20 * NS_PER_S},
                 {EXPECT_BOND_REJECTED, RADIO_CONNECT_REFUSED, 20 * NS_PER_S}};
    static struct sim_run sim;
    static struct checklist checklist;
    (void)state;

    assert_true(watch_run(&sim, &checklist, PROFILE("wh-1000xm5"), NULL, FIRMWARE("wh-1000xm5"),
                          INT64_MAX));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t at = index_of(&sim, cases[i].kind);
        assert_int_equal(checklist.result[at], RESULT_PASS);
        const struct entry *entry = radio_entry(&sim, cases[i].event);
        if (cases[i].settle_ns == 0) {
            assert_int_equal(checklist.said_ns[at], entry->time_ns);
            continue;
        }
        int64_t settled_ns = radio_entry(&sim, RADIO_CONNECT_REFUSED)->time_ns + cases[i].settle_ns;
        assert_true(checklist.said_ns[at] >= settled_ns);
        assert_true(checklist.said_ns[at] <= settled_ns + 2 * NS_PER_S);
    }
    /* The LED's pattern was all there long before one more pulse could not come any more. */
    size_t led = index_of(&sim, EXPECT_LED);
    assert_int_equal(checklist.result[led], RESULT_PASS);
    assert_string_equal(checklist.pending[led], "blue x2, white x1 so far");
    const struct expectation *expectation = &sim.procedure->expect[led];
    struct anchors anchors = evidence_anchors(sim.procedure, &sim.timeline);
    struct window window = evidence_window(expectation, &anchors);
    assert_true(checklist.said_ns[led] > window.end_ns);
    assert_true(checklist.said_ns[led] <=
                window.end_ns + evidence_settle_ns(&sim.station->led) + NS_PER_S);
    sim_run_close(&sim);
}

/* A bond that is still there when it should not be can not be mended. */
static void test_fails_at_once(void **state)
{
    static struct sim_run sim;
    static struct checklist checklist;
    (void)state;

    assert_true(watch_run(&sim, &checklist, PROFILE("wh-1000xm5"), NULL,
                          FIRMWARE("wh-1000xm5-bond-kept"), INT64_MAX));
    size_t at = index_of(&sim, EXPECT_BOND_REJECTED);
    assert_int_equal(checklist.result[at], RESULT_FAIL);
    assert_int_equal(checklist.said_ns[at], radio_entry(&sim, RADIO_CONNECT_OK)->time_ns);
    sim_run_close(&sim);
}

/* Seen under another name, it may yet be seen under its own: until its time is over. */
static void test_wrong_name_waits(void **state)
{
    static struct sim_run sim;
    static struct checklist checklist;
    (void)state;

    assert_true(watch_run(&sim, &checklist, PROFILE("wh-1000xm5"), NULL,
                          FIRMWARE("wh-1000xm5-wrong-name"), INT64_MAX));
    size_t at = index_of(&sim, EXPECT_DISCOVERABLE);
    assert_int_equal(checklist.result[at], RESULT_FAIL);
    assert_true(checklist.said_ns[at] > radio_entry(&sim, RADIO_SEEN)->time_ns);
    assert_non_null(strstr(checklist.pending[at], "seen as `WH-1000XM4`"));
    sim_run_close(&sim);
}

/* A light that does not go out is seen while it lasts. */
static void test_light_that_is_on(void **state)
{
    static struct sim_run sim;
    static struct checklist checklist;
    (void)state;

    assert_true(watch_run(&sim, &checklist, PROFILE("wh-1000xm5"), NULL,
                          FIRMWARE("wh-1000xm5-stuck-led"), INT64_MAX));
    size_t at = index_of(&sim, EXPECT_LED);
    assert_int_equal(checklist.result[at], RESULT_FAIL);
    assert_non_null(strstr(checklist.pending[at], "solid so far"));
    sim_run_close(&sim);
}

/* Obey the engine, and give it the next event. */
static void one_round(struct sim_run *sim)
{
    const struct port_ops *ops = sim->port->ops;
    struct engine_command command;
    struct port_event event;

    while (engine_command(sim->engine, &command)) {
        if (command.kind == COMMAND_PRESS) {
            assert_int_equal(ops->press(sim->port, &command.order), 0);
        } else if (command.kind == COMMAND_RADIO) {
            ops->radio(sim->port, command.radio, command.text);
        } else if (command.kind == COMMAND_ASK) {
            assert_true(ops->ask(sim->port, command.question->name));
        } else {
            ops->release(sim->port);
        }
    }
    if (ops->next(sim->port, engine_wake_ns(sim->engine), &event)) {
        engine_event(sim->engine, &event);
    } else {
        engine_tick(sim->engine, ops->now(sim->port));
    }
}

/* Light that began in the window may be decided a little after it: so long nothing is said. */
static void test_light_settles(void **state)
{
    static struct sim_run sim;
    static struct judgement judgement;
    struct sim_options options = {.seed = 1, .start_ns = START_NS};
    struct anchors anchors = {0};
    (void)state;

    assert_true(sim_run_open(&sim, PROFILE("wh-1000xm5"), NULL, FIRMWARE("wh-1000xm5"), &options));
    while (!anchors.released || !anchors.led_seen) {
        assert_false(engine_done(sim.engine));
        one_round(&sim);
        anchors = evidence_anchors(sim.procedure, &sim.timeline);
    }
    size_t led = index_of(&sim, EXPECT_LED);
    struct window window = evidence_window(&sim.procedure->expect[led], &anchors);
    int64_t settled_ns = window.end_ns + evidence_settle_ns(&sim.station->led);
    assert_true(settled_ns > window.end_ns);
    engine_tick(sim.engine, settled_ns);
    so_far(&sim, settled_ns, &judgement);
    assert_int_equal(judgement.findings[led].result, RESULT_PENDING);
    engine_tick(sim.engine, settled_ns + 1);
    so_far(&sim, settled_ns + 1, &judgement);
    assert_int_equal(judgement.findings[led].result, RESULT_PASS);
    sim_run_close(&sim);
}

/* A sound that began in time and is not over is not missing. */
static void test_sound_that_is_on(void **state)
{
    static struct sim_run sim;
    static struct judgement judgement;
    struct sim_options options = {.seed = 1, .start_ns = START_NS};
    struct anchors anchors = {0};
    (void)state;

    assert_true(sim_run_open(&sim, PROFILE("wh-1000xm5"), NULL, FIRMWARE("wh-1000xm5"), &options));
    while (!anchors.released) {
        assert_false(engine_done(sim.engine));
        one_round(&sim);
        anchors = evidence_anchors(sim.procedure, &sim.timeline);
    }
    size_t i = 0;
    assert_null(timeline_next(&sim.timeline, ENTRY_SOUND, &i));
    size_t at = index_of(&sim, EXPECT_SOUND);
    struct window window = evidence_window(&sim.procedure->expect[at], &anchors);
    struct timeline_live *live = &sim.timeline.live;
    live->now_ns = live->sound_decided_ns = window.end_ns + NS_PER_S;
    live->sound = (struct pulse){
        .start_ns = window.end_ns - NS_PER_MS, .end_ns = window.end_ns, .open = true};
    live->loud = true;
    so_far(&sim, INT64_MAX, &judgement);
    assert_int_equal(judgement.findings[at].result, RESULT_PENDING);
    live->sound.end_ns = window.end_ns + NS_PER_S;
    so_far(&sim, INT64_MAX, &judgement);
    assert_int_equal(judgement.findings[at].result, RESULT_PASS);
    live->loud = false;
    so_far(&sim, INT64_MAX, &judgement);
    assert_int_equal(judgement.findings[at].result, RESULT_FAIL);
    sim_run_close(&sim);
}

/* What a station has no eyes for is said from the start. */
static void test_no_eyes(void **state)
{
    static struct sim_run sim;
    static struct judgement judgement;
    struct sim_options options = {.seed = 1, .start_ns = START_NS};
    (void)state;

    assert_true(sim_run_open(&sim, PROFILE("wh-1000xm5"), NULL, FIRMWARE("wh-1000xm5"), &options));
    so_far(&sim, START_NS, &judgement);
    for (size_t i = 0; i < judgement.finding_count; i++) {
        assert_int_equal(judgement.findings[i].result, RESULT_PENDING);
    }
    assert_string_equal(judgement.findings[index_of(&sim, EXPECT_DISCONNECTS)].reason,
                        "waits for the press");
    sim.sensors = (struct sensors){0};
    so_far(&sim, START_NS, &judgement);
    for (size_t i = 0; i < judgement.finding_count; i++) {
        assert_int_equal(judgement.findings[i].result,
                         sim.procedure->expect[i].unknown ? RESULT_PENDING : RESULT_INCONCLUSIVE);
    }
    sim_run_close(&sim);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_said_stays_said), cmocka_unit_test(test_passes_at_once),
        cmocka_unit_test(test_fails_at_once),           cmocka_unit_test(test_wrong_name_waits),
        cmocka_unit_test(test_light_that_is_on),        cmocka_unit_test(test_light_settles),
        cmocka_unit_test(test_sound_that_is_on),        cmocka_unit_test(test_no_eyes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
