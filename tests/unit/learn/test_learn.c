/*
 * What is learned from made-up runs: windows against a model of their own, what is claimed and what
 * is only told, who agrees, and what is refused.
 */
#include "rig/base/units.h"
#include "rig/judge/judge.h"
#include "rig/learn/learn.h"
#include "rig/learn/learn_internal.h"
#include "tests/unit/parts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char profile_file[] =
    "model: HP-1\n"
    "family: over-ear\n"
    "bluetooth: { name: HP-1 }\n"
    "sources: { s: \"s\" }\n"
    "controls: { power: { kind: button, max_hold: 12 s } }\n"
    "procedures:\n"
    "  reset:\n"
    "    kind: other\n"
    "    source: s\n"
    "    steps: [ { hold: power, for: 5 s } ]\n"
    "    expect: { led: unknown, sound: unknown, bluetooth: [ pairs: unknown, gone: unknown ] }\n"
    "  dark:\n"
    "    kind: other\n"
    "    source: s\n"
    "    steps: [ { hold: power, for: 5 s } ]\n"
    "    expect: { led: { pattern: \"off\", within: 4 s } }\n";

static const char bench_file[] =
    "bench: sim\n"
    "simulated: yes\n"
    "stations:\n"
    "  a:\n"
    "    chip: sim\n"
    "    actuators: { power: { line: 0, kind: relay, max_on: 30 s } }\n"
    "    led: { r: { line: 1 }, g: { line: 2 }, b: { line: 3 } }\n"
    "    sound: { line: 4 }\n"
    "    bluetooth: { adapter: \"02:00:00:00:00:01\" }\n";

enum { RUNS_MAX = 12 };

/* Where the presses of the made-up runs are. */
#define PRESS_NS   (1 * NS_PER_S)
#define RELEASE_NS (6 * NS_PER_S)
#define END_NS     (60 * NS_PER_S)

struct school {
    struct diags diags;
    struct arena arena;
    struct profile *profile;
    struct bench *bench;
    const struct procedure *procedure;
    struct timeline timelines[RUNS_MAX];
    struct learn_run runs[RUNS_MAX];
    size_t count;
    struct lesson lesson;
};

static int open_school(void **state)
{
    struct school *school = calloc(1, sizeof(*school));
    assert_non_null(school);
    school->profile = profile_load_text(&school->diags, "p", profile_file, strlen(profile_file));
    school->bench = bench_load_text(&school->diags, "b", bench_file, strlen(bench_file));
    if (!school->profile || !school->bench) {
        fail_msg("%s", diags_text(&school->diags));
    }
    school->procedure = profile_procedure(school->profile, "reset");
    *state = school;
    return 0;
}

static int close_school(void **state)
{
    struct school *school = *state;
    for (size_t i = 0; i < school->count; i++) {
        timeline_free(&school->timelines[i]);
    }
    diags_clear(&school->diags);
    profile_free(school->profile);
    bench_free(school->bench);
    arena_free(&school->arena);
    free(school);
    return 0;
}

/* ---- made-up runs ------------------------------------------------------------------------- */

static void entry(struct timeline *timeline, enum entry_kind kind, int64_t at_ns, unsigned code)
{
    timeline_add(timeline, &(struct entry){.kind = kind,
                                           .code = (uint8_t)code,
                                           .press = 1,
                                           .mask = 1,
                                           .time_ns = at_ns,
                                           .at_ns = at_ns,
                                           .until_ns = at_ns});
}

static void radio(struct timeline *timeline, enum radio_event event, int64_t at_ns, int64_t value,
                  const char *text)
{
    timeline_add(timeline, &(struct entry){.kind = ENTRY_RADIO,
                                           .code = event,
                                           .time_ns = at_ns,
                                           .at_ns = at_ns,
                                           .value = value,
                                           .text = text});
}

static void lit(struct timeline *timeline, enum entry_kind kind, colour c, int64_t start_ns,
                int64_t length_ns)
{
    timeline_add(timeline, &(struct entry){.kind = kind,
                                           .time_ns = start_ns,
                                           .at_ns = start_ns,
                                           .until_ns = start_ns + length_ns,
                                           .pulse = {.start_ns = start_ns,
                                                     .end_ns = start_ns + length_ns,
                                                     .open = start_ns + length_ns >= END_NS,
                                                     .colour = c}});
}

/* A run that has begun: the unit is paired and linked, the press is made. */
static struct timeline *run_begun(struct school *school)
{
    assert_true(school->count < RUNS_MAX);
    struct timeline *timeline = &school->timelines[school->count];
    timeline_init(timeline);
    school->runs[school->count++] = (struct learn_run){.timeline = timeline, .end = END_COMPLETE};
    entry(timeline, ENTRY_START, 0, 0);
    radio(timeline, RADIO_READY, 1000, READY_PAIRED | READY_CONNECTED, NULL);
    timeline_add(timeline, &(struct entry){.kind = ENTRY_ORDER,
                                           .press = 1,
                                           .mask = 1,
                                           .time_ns = PRESS_NS,
                                           .at_ns = PRESS_NS,
                                           .until_ns = RELEASE_NS,
                                           .text = "power"});
    entry(timeline, ENTRY_PRESSED, PRESS_NS, 0);
    entry(timeline, ENTRY_RELEASED, RELEASE_NS, 0);
    return timeline;
}

static void run_over(struct timeline *timeline)
{
    entry(timeline, ENTRY_END, END_NS, 0);
}

/* "blue 200/300": lights of so many ms, with so many ms of dark behind each; the first begins at
 * `at_ns`. */
static void show(struct timeline *timeline, int64_t at_ns, const char *lights)
{
    while (*lights) {
        char name[16];
        char *behind;
        size_t letters = strcspn(lights, " ");
        snprintf(name, sizeof(name), "%.*s", (int)letters, lights);
        int64_t length_ns = strtol(lights + letters, &behind, 10) * NS_PER_MS;
        int64_t dark_ns = strtol(behind + 1, &behind, 10) * NS_PER_MS;
        if (at_ns >= END_NS) {
            return;
        }
        int64_t lit_ns = at_ns + length_ns > END_NS ? END_NS - at_ns : length_ns;
        lit(timeline, ENTRY_PULSE, (colour)colour_from_name(name), at_ns, lit_ns);
        at_ns += length_ns + dark_ns;
        lights = behind + strspn(behind, " ");
    }
}

static int learn_all(struct school *school)
{
    return learn(&school->diags, &school->arena, school->profile, school->procedure,
                 &school->bench->stations[0], school->runs, school->count, &school->lesson);
}

static const struct expectation *claimed(const struct school *school, enum expect_kind kind)
{
    for (size_t i = 0; i < school->lesson.procedure.expect_count; i++) {
        if (school->lesson.procedure.expect[i].kind == kind) {
            return &school->lesson.procedure.expect[i];
        }
    }
    return NULL;
}

static void must_learn(struct school *school)
{
    if (learn_all(school) != 0) {
        fail_msg("%s", diags_text(&school->diags));
    }
}

static void must_refuse(struct school *school, const char *why)
{
    assert_int_equal(learn_all(school), -1);
    char *text = diags_text(&school->diags);
    if (!strstr(text, why)) {
        fail_msg("not because `%s`: %s", why, text);
    }
    free(text);
}

static void must_remark(const struct school *school, const char *what)
{
    for (size_t i = 0; i < school->lesson.remark_count; i++) {
        if (strstr(school->lesson.remarks[i], what)) {
            return;
        }
    }
    fail_msg("nobody remarks `%s`", what);
}

/* ---- windows ------------------------------------------------------------------------------ */

static double uniform(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(uint64_t *seed)
{
    return sqrt(-2 * log(uniform(seed))) * cos(6.283185307179586 * uniform(seed));
}

/* The rule once more, in another arithmetic, with factors computed here (Howe 1969 with the
 * Wilson-Hilferty approximation of chi squared, good to 6 % from 4 degrees of freedom on). */
static void check_rule(const int64_t *values, size_t count, int64_t floor_ns)
{
    double nu = (double)count - 1;
    double chi = nu * pow(1 - 2 / (9 * nu) - 1.6449 * sqrt(2 / (9 * nu)), 3);
    double k = 3.2905 * sqrt(nu * (1 + 1 / (double)count) / chi);
    double mean = 0;
    double squares = 0;
    double least = (double)values[0];
    double most = (double)values[0];
    for (size_t i = 0; i < count; i++) {
        mean += (double)values[i] / (double)count;
        least = fmin(least, (double)values[i]);
        most = fmax(most, (double)values[i]);
    }
    for (size_t i = 0; i < count; i++) {
        squares += ((double)values[i] - mean) * ((double)values[i] - mean);
    }
    double reach = k * sqrt(squares / nu);
    double low = fmin(mean - reach, least - (double)floor_ns);
    double high = fmax(mean + reach, most + (double)floor_ns);
    struct range range = learn_range_of(values, count, floor_ns);
    double slack = 0.06 * reach + 1e5;
    assert_true(range.min_ns == (int64_t)least && range.max_ns == (int64_t)most);
    assert_true(fabs((double)range.low_ns - low) <= slack);
    assert_true(fabs((double)range.high_ns - high) <= slack);
    assert_true(range.low_ns <= range.min_ns - floor_ns);
    assert_true(range.high_ns >= range.max_ns + floor_ns);
}

static void windows_follow_the_rule(void **state)
{
    static const size_t counts[] = {5, 10, 20, 100};
    uint64_t seed = 3;
    (void)state;
    for (int i = 0; i < 400; i++) {
        size_t count = counts[i % 4];
        int64_t values[LEARN_RUNS_MAX] = {0};
        double sigma = pow(10, 4 + 6 * uniform(&seed)); /* 10 us to 10 s */
        double mean = (uniform(&seed) - 0.5) * 1e11;
        for (size_t v = 0; v < count; v++) {
            values[v] = (int64_t)(mean + sigma * normal(&seed));
        }
        check_rule(values, count, i % 3 ? 0 : 100 * NS_PER_MS);
    }
    /* As far apart as a run can be, and no square overflows. */
    int64_t far[LEARN_RUNS_MAX];
    for (size_t i = 0; i < LEARN_RUNS_MAX; i++) {
        far[i] = i % 2 ? 3600 * NS_PER_S : -3600 * NS_PER_S;
    }
    struct range range = learn_range_of(far, LEARN_RUNS_MAX, 0);
    assert_true(range.high_ns > 3600 * NS_PER_S && range.high_ns < 5 * 3600 * NS_PER_S);
}

/* Of many windows, about 95 in 100 have 99.9 % of what may come. */
static void windows_hold_what_they_promise(void **state)
{
    static const size_t counts[] = {3, 5, 10, 20};
    uint64_t seed = 11;
    (void)state;
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        int good = 0;
        enum { COURSES = 4000 };
        for (int i = 0; i < COURSES; i++) {
            int64_t values[LEARN_RUNS_MAX];
            for (size_t v = 0; v < counts[c]; v++) {
                values[v] = (int64_t)(1e8 * normal(&seed));
            }
            struct range range = learn_range_of(values, counts[c], 0);
            double inside = 0.5 * (erf((double)range.high_ns / 1e8 / sqrt(2)) -
                                   erf((double)range.low_ns / 1e8 / sqrt(2)));
            good += inside >= 0.999;
        }
        assert_in_range(good, COURSES * 935 / 1000, COURSES * 975 / 1000);
    }
}

/* Three runs with a known spread; `late_ns` on top of each instant of run i. */
static void make_runs(struct school *school, const int64_t *late_ns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct timeline *timeline = run_begun(school);
        show(timeline, PRESS_NS + 3 * NS_PER_S + late_ns[i],
             "blue 200/200 blue 200/200 white 400/0");
        lit(timeline, ENTRY_SOUND, COLOUR_LIT, PRESS_NS + 4 * NS_PER_S + late_ns[i],
            1200 * NS_PER_MS);
        radio(timeline, RADIO_DISCONNECTED, PRESS_NS + 4 * NS_PER_S + late_ns[i], 0, NULL);
        radio(timeline, RADIO_SEEN, RELEASE_NS + 2 * NS_PER_S + late_ns[i], -50, "HP-1");
        radio(timeline, RADIO_CONNECT_REFUSED, RELEASE_NS + 3 * NS_PER_S, 0, NULL);
        radio(timeline, RADIO_PAIR_OK, RELEASE_NS + 4 * NS_PER_S, 0, NULL);
        run_over(timeline);
    }
}

static void a_spread_becomes_windows(void **state)
{
    static const int64_t late_ns[] = {0, 30 * NS_PER_MS, 60 * NS_PER_MS};
    struct school *school = *state;
    make_runs(school, late_ns, 3);
    must_learn(school);
    assert_int_equal(school->lesson.agreeing, 3);

    /* Mean 30 ms late, standard deviation 30 ms, k = 16.78: 503.4 ms to both sides. */
    const struct expectation *led = claimed(school, EXPECT_LED);
    char pattern[PATTERN_TEXT_MAX];
    assert_string_equal(pattern_format(pattern, &led->pattern), "blue x2, white x1");
    assert_int_equal(led->anchor, ANCHOR_PRESS);
    assert_true(led->after_ns == 2520 * NS_PER_MS);
    assert_true(led->after_ns + led->within_ns == 4740 * NS_PER_MS);
    assert_int_equal(led->extra, EXTRA_NONE);
    assert_true(led->dark_ns > 2 * NS_PER_S);
    assert_true(led->needed);

    /* 60 ms less than 460 ms of merging and 100 ms: the floor. */
    const struct expectation *sound = claimed(school, EXPECT_SOUND);
    assert_int_equal(sound->anchor, ANCHOR_PRESS);
    assert_true(sound->after_ns <= 4 * NS_PER_S - 500 * NS_PER_MS);
    assert_true(sound->min_ns >= 600 * NS_PER_MS && sound->min_ns < 1200 * NS_PER_MS);
    assert_false(sound->needed);

    const struct expectation *link = claimed(school, EXPECT_DISCONNECTS);
    assert_int_equal(link->anchor, ANCHOR_PRESS);
    assert_true(link->after_ns == 3 * NS_PER_S);
    assert_true(link->after_ns + link->within_ns == 5100 * NS_PER_MS);

    const struct expectation *seen = claimed(school, EXPECT_DISCOVERABLE);
    assert_int_equal(seen->anchor, ANCHOR_RELEASE);
    assert_true(seen->after_ns == 0 && seen->within_ns == 7100 * NS_PER_MS);
    assert_null(seen->name);

    assert_true(claimed(school, EXPECT_BOND_REJECTED)->within_ns == 40 * NS_PER_S);
    assert_true(claimed(school, EXPECT_PAIRS)->within_ns == 60 * NS_PER_S);
    assert_null(claimed(school, EXPECT_BOND_KEPT));
    /* Asked for, and never seen: neither claimed nor worth a word. */
    assert_null(claimed(school, EXPECT_GONE));
    assert_int_equal(school->lesson.remark_count, 0);
}

/* The verdict of one more run, by what was learned. */
static enum verdict judged(const struct school *school, const struct timeline *timeline)
{
    struct judgement *judgement = calloc(1, sizeof(*judgement));
    struct sensors sensors = judge_sensors_of_station(&school->bench->stations[0]);
    struct procedure procedure = school->lesson.procedure;
    assert_non_null(judgement);
    procedure.at_once = true; /* these runs end with what was seen */
    judge(school->profile, &procedure, &sensors, timeline, END_COMPLETE, judgement);
    enum verdict verdict = judgement->verdict;
    free(judgement);
    return verdict;
}

static void a_flash_too_many_behind_the_window_fails(void **state)
{
    static const int64_t late_ns[] = {0, 10 * NS_PER_MS, 20 * NS_PER_MS};
    struct school *school = *state;
    make_runs(school, late_ns, 3);
    must_learn(school);
    const struct expectation *led = claimed(school, EXPECT_LED);
    int64_t end_ns = PRESS_NS + led->after_ns + led->within_ns;

    make_runs(school, late_ns, 1);
    assert_int_equal(judged(school, school->runs[3].timeline), VERDICT_PASS);
    struct timeline *late = &school->timelines[3];
    lit(late, ENTRY_PULSE, COLOUR_BLUE, end_ns + led->dark_ns + NS_PER_MS, 100 * NS_PER_MS);
    assert_int_equal(judged(school, late), VERDICT_PASS);
    lit(late, ENTRY_PULSE, COLOUR_BLUE, end_ns + led->dark_ns - NS_PER_MS, 100 * NS_PER_MS);
    assert_int_equal(judged(school, late), VERDICT_FAIL);
}

static void after_the_release_it_counts_from_there(void **state)
{
    struct school *school = *state;
    for (size_t i = 0; i < 3; i++) {
        struct timeline *timeline = run_begun(school);
        show(timeline, RELEASE_NS + NS_PER_S, "red 500/0");
        run_over(timeline);
    }
    must_learn(school);
    const struct expectation *led = claimed(school, EXPECT_LED);
    assert_int_equal(led->anchor, ANCHOR_RELEASE);
    assert_true(led->after_ns > 800 * NS_PER_MS && led->after_ns < 900 * NS_PER_MS);
    assert_int_equal(school->lesson.procedure.expect_count, 1);
}

/* ---- the LED ------------------------------------------------------------------------------ */

#define LOOP    "blue 100/100 blue 100/1600 "
#define LOOPS   LOOP LOOP LOOP LOOP LOOP LOOP LOOP LOOP LOOP LOOP
#define FOREVER LOOPS LOOPS LOOPS LOOPS
#define SLOW    "green 300/5000 "

static const struct {
    const char *lights;
    const char *pattern;
    unsigned extra;
} shows[] = {
    {"blue 200/200 blue 200/200 white 400/0", "blue x2, white x1", 0},
    /* A pairing mode behind a long dark is its own. */
    {"red 200/200 red 200/10000 " FOREVER, "red x2", 0},
    /* ... and behind a short one a part of it, blinking. */
    {"red 200/200 red 200/1000 " FOREVER, "red x2, blue x2", EXTRA_AFTER},
    {FOREVER, "blue x2", EXTRA_AFTER},
    /* What comes again and again is shown once. */
    {"red 500/4000 " SLOW SLOW SLOW SLOW SLOW SLOW SLOW SLOW, "red x1", 0},
    {SLOW SLOW SLOW SLOW SLOW SLOW SLOW SLOW SLOW SLOW, "green x1", 0},
    /* Two parts with a long dark between, and nothing behind. */
    {"white 2000/4000 red 100/100 red 100/0", "white solid, red x2", 0},
    {"amber 900/100 amber 900/100 red 90000/0", "amber x2 then red solid", 0},
    {"red 100/100 blue 100/100 red 100/100 blue 100/100 red 100/100 blue 100/0", "red/blue rapid",
     0},
};

static void flashes_become_a_pattern(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof(shows) / sizeof(shows[0]); s++) {
        void *fresh = NULL;
        open_school(&fresh);
        struct school *school = fresh;
        for (int i = 0; i < 3; i++) {
            struct timeline *timeline = run_begun(school);
            show(timeline, PRESS_NS + (3000 + 7 * i) * NS_PER_MS, shows[s].lights);
            run_over(timeline);
        }
        must_learn(school);
        const struct expectation *led = claimed(school, EXPECT_LED);
        char pattern[PATTERN_TEXT_MAX];
        char wanted[PATTERN_TEXT_MAX];
        assert_non_null(led);
        pattern_format(pattern, &led->pattern);
        /* Where there is no end, the last count is `blinking`. */
        snprintf(wanted, sizeof(wanted), "%s", shows[s].pattern);
        if (shows[s].extra) {
            struct pattern blinking = led->pattern;
            assert_int_equal(blinking.segments[blinking.count - 1].kind, SEGMENT_BLINKING);
            blinking.segments[blinking.count - 1].kind = SEGMENT_COUNT;
            blinking.segments[blinking.count - 1].count = 2;
            pattern_format(pattern, &blinking);
        }
        assert_string_equal(pattern, wanted);
        assert_int_equal(led->extra, shows[s].extra);
        close_school(&fresh);
    }
}

static void light_from_before_is_not_counted(void **state)
{
    struct school *school = *state;
    for (int i = 0; i < 3; i++) {
        struct timeline *timeline = run_begun(school);
        show(timeline, PRESS_NS - 500 * NS_PER_MS, "green 1000/2000 blue 200/200 blue 200/0");
        run_over(timeline);
    }
    must_learn(school);
    char pattern[PATTERN_TEXT_MAX];
    const struct expectation *led = claimed(school, EXPECT_LED);
    assert_string_equal(pattern_format(pattern, &led->pattern), "blue x2");
    assert_int_equal(led->extra, EXTRA_BEFORE);
}

static void dark_is_claimed_where_the_source_says_so(void **state)
{
    static const int64_t none[] = {0, 0, 0};
    struct school *school = *state;
    make_runs(school, none, 3);
    for (size_t i = 0; i < 3; i++) {
        struct timeline *timeline = &school->timelines[i];
        for (size_t e = 0; e < timeline->count; e++) {
            if (timeline->entries[e].kind == ENTRY_PULSE) {
                timeline->entries[e].kind = ENTRY_NOTE;
            }
        }
    }
    must_learn(school);
    assert_true(claimed(school, EXPECT_LED)->unknown);
    school->procedure = profile_procedure(school->profile, "dark");
    must_learn(school);
    assert_false(claimed(school, EXPECT_LED)->unknown);
    assert_int_equal(claimed(school, EXPECT_LED)->pattern.count, 0);
}

/* ---- who agrees --------------------------------------------------------------------------- */

static void run_showing(struct school *school, const char *lights)
{
    struct timeline *timeline = run_begun(school);
    show(timeline, PRESS_NS + 3 * NS_PER_S, lights);
    radio(timeline, RADIO_DISCONNECTED, PRESS_NS + 4 * NS_PER_S, 0, NULL);
    run_over(timeline);
}

static void the_odd_one_is_left_out(void **state)
{
    struct school *school = *state;
    run_showing(school, "blue 200/0");
    run_showing(school, "red 200/0");
    run_showing(school, "blue 200/0");
    run_showing(school, "blue 200/0");
    must_learn(school);
    assert_int_equal(school->lesson.agreeing, 3);
    assert_true(school->lesson.agrees[0] && !school->lesson.agrees[1]);
    must_remark(school, "Run 2 is left out: its LED showed red x1");
}

static void two_that_agree_are_too_few(void **state)
{
    struct school *school = *state;
    run_showing(school, "blue 200/0");
    run_showing(school, "red 200/0");
    run_showing(school, "blue 200/0");
    must_refuse(school, "run 2: error: the LED showed: red x1");
}

static void half_is_not_most(void **state)
{
    struct school *school = *state;
    for (int i = 0; i < 3; i++) {
        run_showing(school, "blue 200/0");
        run_showing(school, "red 200/0");
    }
    must_refuse(school, "the LED of only 3 of 6 runs agrees");
}

static void two_runs_are_too_few(void **state)
{
    struct school *school = *state;
    run_showing(school, "blue 200/0");
    run_showing(school, "blue 200/0");
    must_refuse(school, "2 runs are too few");
}

static void runs_that_were_not_whole_are_refused(void **state)
{
    static const enum run_end ends[] = {END_ABORTED, END_INTERLOCK, END_FAULT};
    struct school *school = *state;
    for (int i = 0; i < 4; i++) {
        run_showing(school, "blue 200/0");
    }
    for (size_t i = 0; i < 3; i++) {
        school->runs[2].end = ends[i];
        must_refuse(school, "run 3: error: the run did not complete");
    }
    school->runs[2].end = END_COMPLETE;
    must_learn(school);
    entry(&school->timelines[1], ENTRY_CONTACT, PRESS_NS, CONTACT_NEVER);
    must_refuse(school, "run 2: error: the run did not complete: a contact sense never closed");
}

static void a_press_that_was_not_made_is_refused(void **state)
{
    struct school *school = *state;
    for (int i = 0; i < 3; i++) {
        run_showing(school, "blue 200/0");
    }
    for (size_t e = 0; e < school->timelines[0].count; e++) {
        if (school->timelines[0].entries[e].kind == ENTRY_RELEASED) {
            school->timelines[0].entries[e].kind = ENTRY_NOTE;
        }
    }
    must_refuse(school, "not every press was made");
}

static void lost_edges_do_not_count(void **state)
{
    struct school *school = *state;
    for (int i = 0; i < 4; i++) {
        run_showing(school, "blue 200/0");
    }
    entry(&school->timelines[0], ENTRY_LOST, PRESS_NS + NS_PER_S, INPUT_LED_B);
    must_learn(school);
    assert_false(school->lesson.agrees[0]);
    must_remark(school, "Run 1 is left out: its LED showed LED edges were lost");
}

/* ---- what only some showed ---------------------------------------------------------------- */

static void what_only_some_showed_is_a_remark(void **state)
{
    struct school *school = *state;
    for (int i = 0; i < 4; i++) {
        struct timeline *timeline = run_begun(school);
        show(timeline, PRESS_NS + 3 * NS_PER_S, "blue 200/0");
        if (i != 1) {
            lit(timeline, ENTRY_SOUND, COLOUR_LIT, PRESS_NS + 4 * NS_PER_S, NS_PER_S);
            radio(timeline, RADIO_DISCONNECTED, PRESS_NS + 4 * NS_PER_S, 0, NULL);
            radio(timeline, RADIO_SEEN, RELEASE_NS + NS_PER_S, -50, "HP-1");
        }
        radio(timeline, i == 2 ? RADIO_CONNECT_OK : RADIO_CONNECT_REFUSED,
              RELEASE_NS + 2 * NS_PER_S, 0, NULL);
        run_over(timeline);
    }
    must_learn(school);
    assert_int_equal(school->lesson.procedure.expect_count, 1);
    must_remark(school, "A sound was heard in 3 of 4 runs: not claimed");
    must_remark(school, "The link dropped in 3 of 4 runs: not claimed");
    must_remark(school, "It was discoverable in 3 of 4 runs: not claimed");
    must_remark(school, "The old key was refused in 3 of 4 runs: not claimed");
}

static void nothing_seen_is_nothing_learned(void **state)
{
    struct school *school = *state;
    for (int i = 0; i < 3; i++) {
        run_over(run_begun(school));
    }
    must_refuse(school, "the runs have no observation in common");
}

/* ---- the radio ---------------------------------------------------------------------------- */

static void make_named(struct school *school, const char *a, const char *b)
{
    for (int i = 0; i < 3; i++) {
        struct timeline *timeline = run_begun(school);
        show(timeline, PRESS_NS + 3 * NS_PER_S, "blue 200/0");
        radio(timeline, RADIO_SEEN, RELEASE_NS + NS_PER_S, -50, i ? a : b);
        radio(timeline, RADIO_CONNECT_OK, RELEASE_NS + 2 * NS_PER_S, 0, NULL);
        run_over(timeline);
    }
}

static void a_name_is_learned(void **state)
{
    struct school *school = *state;
    make_named(school, "HP-1 (2)", "HP-1 (2)");
    must_learn(school);
    assert_string_equal(claimed(school, EXPECT_DISCOVERABLE)->name, "HP-1 (2)");
    assert_null(school->lesson.bluetooth_name);
    assert_non_null(claimed(school, EXPECT_BOND_KEPT));
    /* Where the profile has none, it is the model's. */
    school->profile->bluetooth_name = NULL;
    must_learn(school);
    assert_string_equal(school->lesson.bluetooth_name, "HP-1 (2)");
    assert_null(claimed(school, EXPECT_DISCOVERABLE)->name);
}

static void two_names_are_none(void **state)
{
    struct school *school = *state;
    make_named(school, "HP-1", "HP-2");
    must_learn(school);
    assert_null(claimed(school, EXPECT_DISCOVERABLE));
    must_remark(school, "under different names");
}

static void a_reset_that_resets_nothing_is_told(void **state)
{
    struct school *school = *state;
    struct procedure network = *school->procedure;
    network.kind = KIND_NETWORK;
    school->procedure = &network;
    make_named(school, "HP-1", "HP-1");
    must_learn(school);
    must_remark(school, "no network reset was seen");
    assert_int_equal(school->diags.count, 1);
    assert_int_equal(school->diags.errors, 0);
}

/* ---- what a run must watch ---------------------------------------------------------------- */

static void a_probe_watches_and_a_blank_claims_nothing(void **state)
{
    struct school *school = *state;
    struct procedure *blank = learn_blank(&school->arena, school->procedure);
    struct procedure *probe = learn_probe(&school->arena, school->procedure, 45 * NS_PER_S);
    assert_int_equal(blank->expect_count, 7);
    assert_int_equal(probe->expect_count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_true(blank->expect[i].unknown);
        assert_int_equal(probe->expect[i].kind, blank->expect[i].kind);
        assert_true(probe->expect[i].within_ns == 50 * NS_PER_S);
    }
    assert_ptr_equal(blank->steps, school->procedure->steps);
    assert_int_equal(
        learn_blank(&school->arena, profile_procedure(school->profile, "dark"))->expect_count, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_follow_the_rule),
        cmocka_unit_test(windows_hold_what_they_promise),
#define IN_SCHOOL(test) cmocka_unit_test_setup_teardown(test, open_school, close_school)
        IN_SCHOOL(a_spread_becomes_windows),
        IN_SCHOOL(a_flash_too_many_behind_the_window_fails),
        IN_SCHOOL(after_the_release_it_counts_from_there),
        IN_SCHOOL(flashes_become_a_pattern),
        IN_SCHOOL(light_from_before_is_not_counted),
        IN_SCHOOL(dark_is_claimed_where_the_source_says_so),
        IN_SCHOOL(the_odd_one_is_left_out),
        IN_SCHOOL(two_that_agree_are_too_few),
        IN_SCHOOL(half_is_not_most),
        IN_SCHOOL(two_runs_are_too_few),
        IN_SCHOOL(runs_that_were_not_whole_are_refused),
        IN_SCHOOL(a_press_that_was_not_made_is_refused),
        IN_SCHOOL(lost_edges_do_not_count),
        IN_SCHOOL(what_only_some_showed_is_a_remark),
        IN_SCHOOL(nothing_seen_is_nothing_learned),
        IN_SCHOOL(a_name_is_learned),
        IN_SCHOOL(two_names_are_none),
        IN_SCHOOL(a_reset_that_resets_nothing_is_told),
        IN_SCHOOL(a_probe_watches_and_a_blank_claims_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
