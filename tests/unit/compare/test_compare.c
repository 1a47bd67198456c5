/*
 * Firmware against firmware: what is measured of a run, what is concluded of samples, in which
 * words, and how the foreseen number of further runs keeps its promise.
 */
#include "rig/base/units.h"
#include "rig/compare/compare.h"
#include "rig/report/report_compare.h"
#include "rig/timeline/evidence.h"
#include "tests/unit/markup_check.h"
#include "tests/unit/run_by_hand.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS(n) ((n)*NS_PER_MS)

static uint64_t random_state = 1;

static double uniform(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return ((double)(random_state >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(2 * acos(-1.0) * uniform());
}

/* `count` values, half of them `spread_ms` above `mean_ms` and half below. */
static void fill(struct compare_group *group, enum measure measure, size_t count, int64_t mean_ms,
                 int64_t spread_ms)
{
    for (size_t i = 0; i < count; i++) {
        compare_add_value(group, measure, MS(mean_ms + (i % 2 ? spread_ms : -spread_ms)), "A");
    }
}

/* So many judged runs of unit A. */
static void judged(struct compare_group *group, size_t runs, size_t passed)
{
    for (size_t i = 0; i < runs; i++) {
        compare_add_verdict(group, i < passed, "A");
    }
}

static struct comparison compare_filled(size_t count_a, int64_t mean_a, size_t count_b,
                                        int64_t mean_b, int64_t spread, int64_t limit_ms)
{
    struct compare_group a;
    struct compare_group b;
    compare_group_init(&a, "2.3.1");
    compare_group_init(&b, "2.4.0");
    fill(&a, MEASURE_DISCONNECT, count_a, mean_a, spread);
    fill(&b, MEASURE_DISCONNECT, count_b, mean_b, spread);
    struct comparison comparison = compare(&a, &b, MEASURE_DISCONNECT, MS(limit_ms));
    compare_group_free(&a);
    compare_group_free(&b);
    return comparison;
}

static void test_conclusions(void **state)
{
    static const struct {
        size_t count_a;
        int64_t mean_a;
        size_t count_b;
        int64_t mean_b;
        int64_t spread;
        int64_t limit;
        enum conclusion conclusion;
        const char *sentence;
    } cases[] = {
        /* s = 10 x sqrt(10/9) of 10 each: the interval is about 11 ms either way. */
        {10, 6000, 10, 6132, 10, 0, COMPARE_MORE,
         "2.4.0 disconnects later than 2.3.1, by 132 ms (95 % interval 121 ms to 143 ms); "
         "probability above 99.9 %."},
        {10, 6132, 10, 6000, 10, 0, COMPARE_LESS,
         "2.4.0 disconnects sooner than 2.3.1, by 132 ms (95 % interval 121 ms to 143 ms); "
         "probability above 99.9 %."},
        {10, 6000, 10, 6132, 10, 100, COMPARE_MORE,
         "2.4.0 disconnects later than 2.3.1, by 132 ms (95 % interval 121 ms to 143 ms), beyond "
         "the limit of 100 ms; probability above 99.9 %."},
        {10, 6000, 10, 6012, 10, 100, COMPARE_ALIKE,
         "2.4.0 disconnects at the same time as 2.3.1, within 100 ms: the difference is 12 ms "
         "(95 % interval 1.4 ms to 23 ms)."},
        {10, 6000, 10, 6105, 10, 100, COMPARE_OPEN, NULL},
        {10, 6000, 10, 5897, 10, 100, COMPARE_OPEN, NULL},
        {10, 6000, 10, 6000, 10, 0, COMPARE_OPEN,
         "No difference between 2.3.1 and 2.4.0 is visible yet: 0 ms (95 % interval -11 ms to "
         "11 ms). Only within a --limit can they be shown to be the same."},
        {10, 6000, 10, 6007, 10, 0, COMPARE_OPEN, NULL},
        {4, 6000, 10, 9000, 10, 0, COMPARE_TOO_FEW,
         "Too few runs to say anything (at least 5 of each are needed): 1 more of 2.3.1."},
        {0, 6000, 2, 9000, 10, 0, COMPARE_TOO_FEW,
         "Too few runs to say anything (at least 5 of each are needed): 5 more of 2.3.1 and 3 "
         "more of 2.4.0."},
        {0, 6000, 0, 9000, 10, 0, COMPARE_NOTHING, "Not seen in either."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct comparison comparison =
            compare_filled(cases[i].count_a, cases[i].mean_a, cases[i].count_b, cases[i].mean_b,
                           cases[i].spread, cases[i].limit);
        bool numbers = cases[i].conclusion > COMPARE_TOO_FEW;
        char sentence[COMPARE_TEXT_MAX];
        if (comparison.conclusion != cases[i].conclusion) {
            fail_msg("case %zu: %s: %s", i, compare_conclusion_name(comparison.conclusion),
                     comparison.sentence);
        }
        if (cases[i].sentence) {
            snprintf(sentence, sizeof(sentence), "%s%s", cases[i].sentence,
                     numbers ? " One unit ran both." : "");
            assert_string_equal(comparison.sentence, sentence);
        }
        assert_int_equal(comparison.has_numbers, numbers);
        if (numbers) {
            double difference = (double)MS(cases[i].mean_b - cases[i].mean_a);
            assert_true(fabs(comparison.estimate - difference) < 1);
            assert_true(comparison.low < comparison.estimate);
            assert_true(comparison.high > comparison.estimate);
            /* Who is held against whom turns it round, and nothing else. */
            struct comparison turned =
                compare_filled(cases[i].count_b, cases[i].mean_b, cases[i].count_a, cases[i].mean_a,
                               cases[i].spread, cases[i].limit);
            assert_true(fabs(turned.low + comparison.high) < 2);
            assert_true(fabs(turned.p_more + comparison.p_more - 1) < 1e-9);
        }
    }
}

static void test_thresholds(void **state)
{
    struct compare_group a;
    struct compare_group b;
    struct posterior quantiles[2];
    struct threshold_row rows[2];
    static const int64_t holds_ns[] = {MS(5500), MS(5590), MS(5600), MS(5610), MS(5700)};
    static const bool triggered[] = {false, false, true, true, true};
    (void)state;
    compare_group_init(&a, "2.3.1");
    compare_group_init(&b, "2.4.0");
    assert_int_equal(compare(&a, &b, MEASURE_THRESHOLD, 0).conclusion, COMPARE_NOTHING);
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < POSTERIOR_POINTS; j++) {
            quantiles[i].at[j] =
                5.6e9 + 8e8 * (double)i + 1e7 * ((double)j / (POSTERIOR_POINTS - 1) - 0.5);
        }
        rows[i] = (struct threshold_row){.holds_ns = holds_ns,
                                         .triggered = triggered,
                                         .count = 5,
                                         .posterior = &quantiles[i],
                                         .median_ns = MS(5600 + 800 * (int64_t)i)};
    }
    compare_add_threshold(&a, MEASURE_THRESHOLD, &rows[0], "A");
    struct comparison comparison = compare(&a, &b, MEASURE_THRESHOLD, 0);
    assert_int_equal(comparison.conclusion, COMPARE_TOO_FEW);
    assert_string_equal(comparison.sentence,
                        "Not known for 2.4.0 yet: longpress characterize measures it. 2.3.1: 5 "
                        "presses of 1 unit.");
    compare_add_threshold(&b, MEASURE_THRESHOLD, &rows[1], "A");
    comparison = compare(&a, &b, MEASURE_THRESHOLD, 0);
    /* Of two even distributions of 10 ms the difference is a triangle: 2.5 % lie beyond
     * 10 ms x (1 - sqrt(0.05)). */
    assert_int_equal(comparison.conclusion, COMPARE_MORE);
    assert_true(fabs(comparison.low - (8e8 - 1e7 * (1 - sqrt(0.05)))) < 1e5);
    assert_true(fabs(comparison.high - (8e8 + 1e7 * (1 - sqrt(0.05)))) < 1e5);
    assert_string_equal(comparison.sentence,
                        "2.4.0 needs a longer hold than 2.3.1, by 800 ms (95 % interval 792 ms to "
                        "808 ms); probability above 99.9 %. One unit ran both. 2.3.1: "
                        "5 presses of 1 unit. 2.4.0: 5 presses of 1 unit.");
    /* Another unit of 2.4.0 is like those of 2.3.1: nothing is certain of the firmware any more. */
    compare_group_free(&a);
    compare_group_init(&a, "2.3.1");
    compare_add_threshold(&a, MEASURE_THRESHOLD, &rows[0], "C");
    compare_add_threshold(&a, MEASURE_THRESHOLD, &rows[0], "D");
    compare_add_threshold(&b, MEASURE_THRESHOLD, &rows[0], "B");
    comparison = compare(&a, &b, MEASURE_THRESHOLD, 0);
    assert_int_equal(comparison.conclusion, COMPARE_OPEN);
    assert_int_equal(comparison.basis, BASIS_UNITS);
    assert_true(fabs(comparison.estimate - 4e8) < 1);
    assert_non_null(strstr(comparison.sentence,
                           "Characterize more units to find out. It compares 2 units with 2. "
                           "2.3.1: 10 presses of 2 units, 5600 ms to 5600 ms. 2.4.0: 10 presses of "
                           "2 units, 5600 ms to 6400 ms."));
    /* Where a longer hold becomes something else: of one version alone nothing is said. */
    compare_add_threshold(&a, MEASURE_BEYOND, &rows[0], "A");
    assert_int_equal(compare(&a, &b, MEASURE_BEYOND, 0).conclusion, COMPARE_NOTHING);
    compare_add_threshold(&b, MEASURE_BEYOND, &rows[1], "A");
    comparison = compare(&a, &b, MEASURE_BEYOND, 0);
    assert_int_equal(comparison.conclusion, COMPARE_MORE);
    /* That is no slowness, and a difference. */
    struct comparison all[MEASURE_COUNT];
    memset(all, 0, sizeof(all));
    all[MEASURE_BEYOND] = comparison;
    assert_int_equal(compare_slower(all, MS(100)), -1);
    assert_int_equal(compare_different(all, MS(100)), 1);
    compare_group_free(&a);
    compare_group_free(&b);
}

/* The firmware's threshold of units that scatter is Student's t of their medians, and holds its
 * mean as often as it says; of units that are alike it is no narrower than what is known of each.
 */
static void test_units(void **state)
{
    enum { UNITS = 4 };
    const int rounds = getenv("LONGPRESS_CASES") ? 20 : 300;
    static const char *const names[UNITS] = {"1", "2", "3", "4"};
    struct posterior known[UNITS];
    int held = 0;
    (void)state;
    random_state = 20261127;
    for (int r = 0; r <= rounds; r++) {
        struct compare_group group;
        compare_group_init(&group, "2.3.1");
        for (size_t u = 0; u < UNITS; u++) {
            /* Known to 10 ms either way; the last round: all the same. */
            double unit = 5.6e9 + (r < rounds ? 1e8 * normal() + 5.8e6 * normal() : 0);
            for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
                known[u].at[i] = unit + 2e7 * ((double)i / (POSTERIOR_POINTS - 1) - 0.5);
            }
            compare_add_threshold(&group, MEASURE_THRESHOLD,
                                  &(struct threshold_row){.posterior = &known[u],
                                                          .median_ns = (int64_t)unit,
                                                          .count = 10},
                                  names[u]);
        }
        assert_int_equal(group.start.unit_count, UNITS);
        assert_int_equal(group.start.presses, 10 * UNITS);
        int64_t low_ns = group.start.low_ns;
        int64_t high_ns = group.start.high_ns;
        held += r < rounds && low_ns <= MS(5600) && high_ns >= MS(5600);
        if (r == rounds) {
            /* t of 3 is 3.182 at 97.5 %; an even distribution is 20 ms / sqrt(12) wide. */
            double expected = 2 * 3.182 * 2e7 / sqrt(12) / sqrt(UNITS);
            assert_true(fabs((double)(high_ns - low_ns) - expected) < 0.02 * expected);
        }
        compare_group_free(&group);
    }
    printf("note: the interval of %d units' threshold holds it in %.1f %%\n", UNITS,
           100.0 * held / rounds);
    double slack = 4 * sqrt(0.95 * 0.05 / rounds);
    assert_true(held >= rounds * (0.95 - slack));
}

/* ---- units -------------------------------------------------------------------------------- */

/* Two versions that are the same, each run `runs` times on units that differ by `between` ns;
 * `shared`: on the same ones. How often is one called slower, or faster? */
static double false_differences(size_t units, size_t runs, bool shared, double between, int rounds)
{
    int found = 0;
    for (int r = 0; r < rounds; r++) {
        struct compare_group groups[2];
        double own[32] = {0};
        for (int g = 0; g < 2; g++) {
            compare_group_init(&groups[g], g == 0 ? "a" : "b");
            for (size_t u = 0; u < units; u++) {
                char name[32];
                own[u] = g == 1 && shared ? own[u] : 6e9 + between * normal();
                snprintf(name, sizeof(name), "%d-%zu", shared ? 0 : g, u);
                for (size_t n = 0; n < runs; n++) {
                    compare_add_value(&groups[g], MEASURE_DISCONNECT,
                                      (int64_t)(own[u] + 5e6 * normal()), name);
                }
            }
        }
        struct comparison comparison = compare(&groups[0], &groups[1], MEASURE_DISCONNECT, 0);
        found += comparison.conclusion != COMPARE_OPEN;
        assert_int_equal(comparison.basis, shared ? units == 1 ? BASIS_SAME_UNIT : BASIS_PAIRED
                                           : units == 1 ? BASIS_UNKNOWN
                                                        : BASIS_UNITS);
        compare_group_free(&groups[0]);
        compare_group_free(&groups[1]);
    }
    return (double)found / rounds;
}

static void test_identical_firmwares(void **state)
{
    static const struct {
        size_t units, runs;
        bool shared;
    } cases[] = {{1, 10, false}, {3, 10, false}, {10, 10, false}, {10, 1, false}, {3, 2, false},
                 {1, 10, true},  {2, 3, true},   {10, 1, true},   {10, 5, true}};
    const int rounds = getenv("LONGPRESS_CASES") ? 20 : 400;
    (void)state;
    random_state = 20261129;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double share =
            false_differences(cases[i].units, cases[i].runs, cases[i].shared, 5e7, rounds);
        printf("note: identical firmwares, %zu units each%s, %zu runs of each: a difference in "
               "%.1f %%\n",
               cases[i].units, cases[i].shared ? " (the same)" : "", cases[i].runs, 100 * share);
        assert_true(share <= 0.05 + 4 * sqrt(0.05 * 0.95 / rounds));
        assert_true(cases[i].units > 1 || cases[i].shared || share == 0);
    }
}

/* What can be told is told: units of which one version is slower, by pairs and by many units. */
static void test_units_tell(void **state)
{
    static const struct {
        const char *a, *b; /* the unit of each run */
        enum compare_basis basis;
        int units_a, units_b;
        enum conclusion conclusion;
    } cases[] = {
        {"AAAAAA", "BBBBBB", BASIS_UNKNOWN, 1, 1, COMPARE_OPEN},
        {"AAAAAA", "??????", BASIS_UNKNOWN, 1, 1, COMPARE_OPEN}, /* nobody named it */
        {"??????", "??????", BASIS_UNKNOWN, 1, 1, COMPARE_OPEN}, /* nor is that the same one */
        {"AAAAAA", "BCDEFG", BASIS_UNKNOWN, 1, 6, COMPARE_OPEN},
        {"AAAAAA", "AAAAAA", BASIS_SAME_UNIT, 1, 1, COMPARE_MORE},
        {"AAAAAB", "AAAAAC", BASIS_UNITS, 2, 2, COMPARE_OPEN},
        {"AAAAAA", "AAAAAB", BASIS_SAME_UNIT, 1, 1, COMPARE_MORE}, /* B is left out */
        {"AABBCC", "AABBCC", BASIS_PAIRED, 3, 3, COMPARE_MORE},
        {"ABCDEF", "ABCDEF", BASIS_PAIRED, 6, 6, COMPARE_MORE},
        {"ABCDEF", "ABCDEFGH", BASIS_PAIRED, 6, 6, COMPARE_MORE},
        {"ABCDEF", "GHIJKL", BASIS_UNITS, 6, 6, COMPARE_MORE},
        {"AABBCC", "DDEEFF", BASIS_UNITS, 3, 3, COMPARE_MORE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct compare_group groups[2];
        for (int g = 0; g < 2; g++) {
            const char *units = g == 0 ? cases[i].a : cases[i].b;
            compare_group_init(&groups[g], g == 0 ? "1.0" : "1.1");
            for (size_t n = 0; units[n]; n++) {
                char name[2] = {units[n], '\0'};
                int64_t own_ms = (units[n] - 'A') % 3 * 10;
                compare_add_verdict(&groups[g], true, units[n] == '?' ? NULL : name);
                compare_add_value(&groups[g], MEASURE_DISCONNECT,
                                  MS(6000 + g * 200 + own_ms + (int64_t)n % 2),
                                  units[n] == '?' ? NULL : name);
            }
        }
        struct comparison all[MEASURE_COUNT];
        for (int m = 0; m < MEASURE_COUNT; m++) {
            all[m] = compare(&groups[0], &groups[1], (enum measure)m, MS(100));
        }
        const struct comparison *one = &all[MEASURE_DISCONNECT];
        if (one->basis != cases[i].basis || one->conclusion != cases[i].conclusion) {
            fail_msg("%s against %s: %s, %s: %s", cases[i].a, cases[i].b,
                     compare_basis_name(one->basis), compare_conclusion_name(one->conclusion),
                     one->sentence);
        }
        assert_int_equal(one->units_a, cases[i].units_a);
        assert_int_equal(one->units_b, cases[i].units_b);
        assert_int_equal(compare_slower(all, MS(100)), one->conclusion == COMPARE_MORE ? 1 : -1);
        assert_int_equal(strstr(one->sentence, "Run both versions on the same unit") != NULL,
                         one->basis == BASIS_UNKNOWN);
        compare_group_free(&groups[0]);
        compare_group_free(&groups[1]);
    }
}

/* A unit counts once in a rate: one that always fails is one of three, however often it was run. */
static void test_units_in_rates(void **state)
{
    struct compare_group a;
    struct compare_group b;
    (void)state;
    compare_group_init(&a, "1.0");
    compare_group_init(&b, "1.1");
    for (size_t i = 0; i < 60; i++) {
        static const char *const of_a[] = {"A", "B", "C"};
        static const char *const of_b[] = {"D", "E", "F"};
        compare_add_verdict(&a, true, of_a[i % 3]);
        compare_add_verdict(&b, i % 3 > 0, of_b[i % 3]);
    }
    struct comparison comparison = compare(&a, &b, MEASURE_PASS_RATE, 0);
    assert_int_equal(comparison.conclusion, COMPARE_OPEN);
    assert_true(fabs(comparison.estimate + 1.0 / 3) < 1e-12);
    assert_non_null(strstr(comparison.sentence, "more units of each would show it"));
    compare_group_free(&a);
    compare_group_free(&b);
}

static void test_paired_thresholds(void **state)
{
    struct posterior known[4];
    struct compare_group a;
    struct compare_group b;
    (void)state;
    compare_group_init(&a, "1.0");
    compare_group_init(&b, "1.1");
    /* Units 800 ms apart; each 100 ms longer with the other version. */
    for (int64_t i = 0; i < 4; i++) {
        int64_t median_ns = MS(5600 + 800 * (i / 2) + 100 * (i % 2));
        for (size_t p = 0; p < POSTERIOR_POINTS; p++) {
            known[i].at[p] = (double)median_ns + 2e7 * ((double)p / (POSTERIOR_POINTS - 1) - 0.5);
        }
        struct threshold_row row = {.posterior = &known[i], .median_ns = median_ns, .count = 9};
        compare_add_threshold(i % 2 ? &b : &a, MEASURE_THRESHOLD, &row, i / 2 ? "B" : "A");
    }
    struct comparison comparison = compare(&a, &b, MEASURE_THRESHOLD, MS(50));
    assert_int_equal(comparison.basis, BASIS_PAIRED);
    assert_int_equal(comparison.conclusion, COMPARE_MORE);
    assert_true(fabs(comparison.estimate - 1e8) < 1);
    /* Four even distributions of 20 ms, halved: sqrt(4 * 400 / 12) / 2 ms. */
    assert_true(fabs(comparison.high - comparison.low - 2 * 1.96 * 5.7735e6) < 2e5);
    compare_group_free(&a);
    compare_group_free(&b);
}

static void test_rates(void **state)
{
    struct compare_group a;
    struct compare_group b;
    (void)state;
    compare_group_init(&a, "2.3.1");
    compare_group_init(&b, "<b>\x1b");
    judged(&a, 40, 39);
    judged(&b, 40, 25);
    struct comparison comparison = compare(&a, &b, MEASURE_PASS_RATE, MS(100));
    assert_int_equal(comparison.conclusion, COMPARE_LESS);
    assert_true(fabs(comparison.estimate - (25.0 - 39.0) / 40) < 1e-12);
    assert_non_null(strstr(comparison.sentence, "<b>\\x1B passes less often than 2.3.1, by 35 "
                                                "percentage points (95 % interval 1"));
    assert_null(strstr(comparison.sentence, "limit"));
    compare_group_free(&b);
    compare_group_init(&b, "2.4.0");
    judged(&b, 40, 39);
    comparison = compare(&a, &b, MEASURE_PASS_RATE, 0);
    assert_int_equal(comparison.conclusion, COMPARE_OPEN);
    assert_non_null(strstr(comparison.sentence, "No number of runs can show"));
    compare_group_free(&b);
    compare_group_init(&b, "2.4.0");
    judged(&b, 4, 4);
    assert_int_equal(compare(&a, &b, MEASURE_PASS_RATE, 0).conclusion, COMPARE_TOO_FEW);
    compare_group_free(&a);
    compare_group_free(&b);
}

/* `good` values around 10 s and `never` that had not come after 37 s, each side. */
static struct comparison compare_missing(const size_t good[2], const size_t never[2],
                                         int64_t later_ms, int64_t limit_ms)
{
    struct compare_group groups[2];
    for (size_t i = 0; i < 2; i++) {
        compare_group_init(&groups[i], i == 0 ? "C1" : "C2");
        fill(&groups[i], MEASURE_DISCOVERABLE, good[i], 10000 + (int64_t)i * later_ms, 1);
        for (size_t n = 0; n < never[i]; n++) {
            compare_add_missing(&groups[i], MEASURE_DISCOVERABLE, MS(37000) + (int64_t)n, "A");
        }
        judged(&groups[i], good[i] + never[i], 0);
    }
    struct comparison comparison =
        compare(&groups[0], &groups[1], MEASURE_DISCOVERABLE, MS(limit_ms));
    compare_group_free(&groups[0]);
    compare_group_free(&groups[1]);
    return comparison;
}

static int slower_by_itself(const struct comparison *comparison, int64_t limit_ms)
{
    struct comparison all[MEASURE_COUNT];
    memset(all, 0, sizeof(all));
    all[comparison->measure] = *comparison;
    return compare_slower(all, MS(limit_ms));
}

/* What never came is later than what was watched: it is slow, and never alike. */
static void test_missing(void **state)
{
    static const struct {
        size_t good[2];
        size_t never[2];
        int64_t later;
        int64_t limit;
        enum conclusion conclusion;
        int gate;
    } cases[] = {
        {{12, 5}, {0, 20}, 0, 900, COMPARE_MORE, 1},
        {{5, 12}, {20, 0}, 0, 900, COMPARE_LESS, 0},
        {{12, 0}, {0, 12}, 0, 900, COMPARE_MORE, 1},
        {{12, 1}, {0, 12}, 0, 0, COMPARE_MORE, 1},
        {{12, 12}, {0, 0}, 0, 900, COMPARE_ALIKE, 0},
        {{12, 12}, {0, 1}, 0, 900, COMPARE_OPEN, -1}, /* one alone says little, and not nothing */
        {{12, 12}, {1, 1}, 0, 900, COMPARE_OPEN, -1},
        {{12, 12}, {1, 0}, 0, 900, COMPARE_OPEN, -1},
        {{0, 0}, {12, 12}, 0, 900, COMPARE_OPEN, -1},
        {{500, 500}, {2, 2}, 0, 900, COMPARE_ALIKE, 0},   /* now the numbers allow it */
        {{500, 500}, {0, 12}, 0, 900, COMPARE_OPEN, -1},  /* within the mean, and surely more */
        {{40, 36}, {0, 4}, -5000, 900, COMPARE_OPEN, -1}, /* sooner, where it comes at all */
        {{40, 40}, {0, 0}, -5000, 900, COMPARE_LESS, 0},
        /* Watching ended before the others' time and the limit: nothing is known of later. */
        {{12, 200}, {12, 0}, 26500, 900, COMPARE_OPEN, -1},
        {{200, 200}, {1, 1}, 26500, 900, COMPARE_OPEN, -1},
        {{2, 12}, {2, 0}, 0, 900, COMPARE_TOO_FEW, -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct comparison comparison =
            compare_missing(cases[i].good, cases[i].never, cases[i].later, cases[i].limit);
        int gate = slower_by_itself(&comparison, cases[i].limit);
        if (comparison.conclusion != cases[i].conclusion || gate != cases[i].gate) {
            fail_msg("case %zu: %s, gate %d: %s", i, compare_conclusion_name(comparison.conclusion),
                     gate, comparison.sentence);
        }
        assert_int_equal(comparison.missing_a, cases[i].never[0]);
        assert_int_equal(comparison.missing_b, cases[i].never[1]);
    }
    struct comparison comparison =
        compare_missing((const size_t[]){12, 5}, (const size_t[]){0, 20}, 0, 900);
    assert_true(comparison.p_more > 0.999);
    assert_non_null(strstr(comparison.sentence, "C2 is discoverable later than C1, by "));
    assert_non_null(strstr(comparison.sentence,
                           " 20 of 25 runs of C2 never showed discoverable mode. Runs that never "
                           "showed it count as 37 s, when watching ended; among the runs that "
                           "showed it, the means differ by "));
}

/* Runs that could not be observed count neither way, and where they are most nothing is alike. */
static void test_unobserved(void **state)
{
    (void)state;
    for (size_t inconclusive = 6; inconclusive <= 7; inconclusive++) {
        struct compare_group a;
        struct compare_group b;
        char text[COMPARE_RUNS_TEXT_MAX];
        compare_group_init(&a, "C1");
        compare_group_init(&b, "C2");
        fill(&a, MEASURE_DISCONNECT, 6, 6000, 1);
        fill(&b, MEASURE_DISCONNECT, 6, 6000, 1);
        a.runs = b.runs = 7;
        for (size_t i = 0; i < inconclusive; i++) {
            compare_leave_out(&b, LEFT_INCONCLUSIVE);
        }
        compare_leave_out(&a, LEFT_ABORTED);
        compare_leave_out(&a, LEFT_INTERRUPTED);
        compare_leave_out(&a, LEFT_INTERRUPTED);
        b.samples[MEASURE_DISCONNECT].unobserved = inconclusive - 6;
        struct comparison comparison = compare(&a, &b, MEASURE_DISCONNECT, MS(100));
        bool most = inconclusive > 6;
        assert_int_equal(comparison.conclusion, most ? COMPARE_OPEN : COMPARE_ALIKE);
        assert_int_equal(slower_by_itself(&comparison, 100), most ? -1 : 0);
        assert_int_equal(strstr(comparison.sentence, "in most runs of C2 it could not be "
                                                     "observed. One unit ran both. "
                                                     "The profile of 1 run of C1 did "
                                                     "not ask for it. In 1 run of C2 it could "
                                                     "not be observed.") != NULL,
                         most);
        assert_string_equal(report_compare_runs_text(text, &a),
                            "7 runs; 3 more without a value: 1 aborted, 2 interrupted");
        compare_group_free(&a);
        compare_group_free(&b);
    }
}

/* A third sample of the same two sources, made larger by what was foreseen, concludes about four
 * times out of five. */
static void test_foreseen_runs_tell(void **state)
{
    const int rounds = getenv("LONGPRESS_CASES") ? 20 : 300;
    const double difference_ns = 40e6;
    const double width_ns = 60e6;
    int told = 0;
    size_t foreseen = 0;
    (void)state;
    random_state = 20261126;
    {
        struct compare_group a;
        struct compare_group b;
        compare_group_init(&a, "a");
        compare_group_init(&b, "b");
        /* Samples that look exactly like their sources. */
        for (int i = 0; i < 8; i++) {
            double off = (i % 2 ? 1 : -1) * width_ns * sqrt(7.0 / 8);
            compare_add_value(&a, MEASURE_DISCONNECT, (int64_t)(6e9 + off), "A");
            compare_add_value(&b, MEASURE_DISCONNECT, (int64_t)(6e9 + difference_ns + off), "A");
        }
        struct comparison comparison = compare(&a, &b, MEASURE_DISCONNECT, 0);
        assert_int_equal(comparison.conclusion, COMPARE_OPEN);
        assert_int_equal(comparison.more_a, comparison.more_b);
        foreseen = 8 + comparison.more_a;
        compare_group_free(&a);
        compare_group_free(&b);
    }
    for (int r = 0; r < rounds; r++) {
        struct compare_group a;
        struct compare_group b;
        compare_group_init(&a, "a");
        compare_group_init(&b, "b");
        for (size_t i = 0; i < foreseen; i++) {
            compare_add_value(&a, MEASURE_DISCONNECT, (int64_t)(6e9 + width_ns * normal()), "A");
            compare_add_value(&b, MEASURE_DISCONNECT,
                              (int64_t)(6e9 + difference_ns + width_ns * normal()), "A");
        }
        told += compare(&a, &b, MEASURE_DISCONNECT, 0).conclusion == COMPARE_MORE;
        compare_group_free(&a);
        compare_group_free(&b);
    }
    double share = (double)told / rounds;
    printf("note: with the %zu runs of each that were foreseen, %.0f %% of comparisons conclude\n",
           foreseen, 100 * share);
    double slack = 4 * sqrt(0.8 * 0.2 / rounds);
    assert_true(share > 0.77 - slack && share < 0.83 + slack);
}

/* ---- gates -------------------------------------------------------------------------------- */

static void test_gates(void **state)
{
    struct comparison all[MEASURE_COUNT];
    (void)state;
    memset(all, 0, sizeof(all));
    for (int i = 0; i < MEASURE_COUNT; i++) {
        all[i].measure = (enum measure)i;
        all[i].conclusion = COMPARE_NOTHING;
    }
    /* Nothing was measured: no gate is passed on nothing. */
    assert_int_equal(compare_slower(all, MS(100)), -1);
    assert_int_equal(compare_different(all, MS(100)), -1);
    struct comparison *one = &all[MEASURE_DISCONNECT];
    *one = (struct comparison){.measure = MEASURE_DISCONNECT,
                               .conclusion = COMPARE_ALIKE,
                               .basis = BASIS_UNITS,
                               .has_numbers = true,
                               .low = -5e6,
                               .high = 20e6};
    assert_int_equal(compare_slower(all, MS(100)), 0);
    assert_int_equal(compare_different(all, MS(100)), 0);
    one->high = 100000001;
    assert_int_equal(compare_slower(all, MS(100)), -1);
    one->low = 100000001;
    assert_int_equal(compare_slower(all, MS(100)), 1);
    assert_int_equal(compare_different(all, MS(100)), 1);
    one->low = -3e8;
    one->high = -2e8;
    assert_int_equal(compare_slower(all, MS(100)), 0);    /* faster is not slower ... */
    assert_int_equal(compare_different(all, MS(100)), 1); /* ... and different */
    /* Of another measure it is not known yet. */
    all[MEASURE_LED_BEGINS].conclusion = COMPARE_TOO_FEW;
    assert_int_equal(compare_slower(all, MS(100)), -1);
    /* A pass rate that went down is no slowness. */
    all[MEASURE_LED_BEGINS].conclusion = COMPARE_NOTHING;
    one->low = -1e6;
    one->high = 1e6;
    all[MEASURE_PASS_RATE] = (struct comparison){.measure = MEASURE_PASS_RATE,
                                                 .conclusion = COMPARE_LESS,
                                                 .basis = BASIS_UNITS,
                                                 .has_numbers = true,
                                                 .low = -0.5,
                                                 .high = -0.1};
    assert_int_equal(compare_slower(all, MS(100)), 0);
    assert_int_equal(compare_different(all, MS(100)), 1);
}

/* ---- what is measured --------------------------------------------------------------------- */

static void test_measured(void **state)
{
    struct run_by_hand run;
    struct compare_group group;
    (void)state;
    run_by_hand_make(&run);
    compare_group_init(&group, "2.3.1");
    compare_add_run(&group, run.record.procedure, &run.timeline, &run.judgement, "1");
    compare_add_run(&group, run.record.procedure, &run.timeline, &run.judgement, "2");
    compare_add_run(&group, run.record.procedure, &run.timeline, &run.judgement, "1");
    assert_int_equal(group.runs, 3);
    assert_int_equal(group.passed, 3);
    assert_int_equal(compare_units_named(&group), 2);
    for (int m = MEASURE_LED_BEGINS; m <= MEASURE_DISCOVERABLE; m++) {
        assert_int_equal(group.samples[m].count, 3);
        assert_int_equal(group.samples[m].missing, 0);
    }
    /* Lines were written at 500 ms and 100 ns; lights from 6.6 s to 7.6 s; let go at 7.621002 s. */
    int64_t press_ns = MS(500) + 100;
    assert_int_equal(group.samples[MEASURE_LED_BEGINS].values_ns[0], MS(6600) - press_ns);
    assert_int_equal(group.samples[MEASURE_LED_LASTS].values_ns[0], MS(1000));
    /* From the press, whatever a profile counts from. */
    for (size_t i = 0; i < run.judgement.finding_count; i++) {
        enum expect_kind kind = run.judgement.findings[i].expectation->kind;
        if (kind == EXPECT_DISCONNECTS || kind == EXPECT_DISCOVERABLE) {
            assert_int_equal(run.judgement.findings[i].expectation->anchor, ANCHOR_RELEASE);
        }
    }
    assert_int_equal(group.samples[MEASURE_DISCONNECT].values_ns[0], MS(8000) - press_ns);
    assert_int_equal(group.samples[MEASURE_DISCOVERABLE].values_ns[0], MS(9500) - press_ns);
    /* A run that was not judged counts for nothing, whatever was seen in it. */
    for (int verdict = VERDICT_INCONCLUSIVE; verdict <= VERDICT_ERROR; verdict++) {
        run.judgement.verdict = (enum verdict)verdict;
        compare_add_run(&group, run.record.procedure, &run.timeline, &run.judgement, "3");
    }
    assert_int_equal(group.runs, 3);
    assert_int_equal(compare_units_named(&group), 2);
    assert_int_equal(group.samples[MEASURE_LED_BEGINS].count, 3);
    for (int why = LEFT_INCONCLUSIVE; why <= LEFT_ERROR; why++) {
        assert_int_equal(group.left_out[why], 1);
    }
    /* Judged fail, it counts; what never came is missing, what was not watched is not. */
    run.judgement.verdict = VERDICT_FAIL;
    run.judgement.led_watched = false;
    for (size_t i = 0; i < run.judgement.finding_count; i++) {
        run.judgement.findings[i].has_at = false;
        run.judgement.findings[i].result =
            run.judgement.findings[i].expectation->kind == EXPECT_DISCONNECTS ? RESULT_FAIL
                                                                              : RESULT_INCONCLUSIVE;
    }
    compare_add_run(&group, run.record.procedure, &run.timeline, &run.judgement, NULL);
    assert_int_equal(group.runs, 4);
    assert_int_equal(group.passed, 3);
    assert_int_equal(group.samples[MEASURE_DISCONNECT].missing, 1);
    assert_true(group.samples[MEASURE_DISCONNECT].watched_ns > MS(9500) - press_ns);
    assert_int_equal(group.samples[MEASURE_DISCOVERABLE].missing, 0);
    assert_int_equal(group.samples[MEASURE_DISCOVERABLE].unobserved, 1);
    assert_int_equal(group.samples[MEASURE_LED_BEGINS].missing, 0);
    assert_int_equal(group.samples[MEASURE_LED_BEGINS].unobserved, 1);
    assert_int_equal(group.samples[MEASURE_LED_BEGINS].count, 3);
    compare_group_free(&group);
    run_by_hand_free(&run);
}

/* ---- documents ---------------------------------------------------------------------------- */

static void test_page(void **state)
{
    static struct compare_page page;
    char *text = NULL;
    size_t size = 0;
    (void)state;
    page = (struct compare_page){.model = "HP-1 <x>",
                                 .procedure = "reset",
                                 .version = "0.1.0",
                                 .simulated = true,
                                 .limit_ns = MS(100),
                                 .group_count = 3};
    compare_group_init(&page.groups[0], "2.3.1");
    compare_group_init(&page.groups[1], "<script>");
    compare_group_init(&page.groups[2], "2.5.0");
    for (size_t i = 0; i < 3; i++) {
        fill(&page.groups[i], MEASURE_DISCONNECT, i < 2 ? 8 : 2, 6000 + (int64_t)i * 130, 10);
        judged(&page.groups[i], 8, 8);
    }
    report_compare_all(&page);
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(report_compare_html(&page, out), 0);
    fclose(out);
    size_t at = 0;
    const char *wrong = markup_wrong(text, true, &at);
    if (wrong) {
        fail_msg("%s at %zu: %.60s", wrong, at, text + at);
    }
    assert_null(strstr(text, "<script"));
    assert_non_null(strstr(text, "SIMULATED"));
    assert_non_null(strstr(text, "&lt;script&gt; disconnects later than 2.3.1, by 130 ms"));
    assert_non_null(strstr(text, "▲ slower"));
    assert_non_null(strstr(text, "? too few"));
    assert_non_null(strstr(text, "id=\"values4-title\"")); /* the disconnects are drawn ... */
    assert_non_null(strstr(text, "id=\"difference4-title\""));
    assert_null(strstr(text, "id=\"values5-title\"")); /* ... and what was not measured is not */
    free(text);
    out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(report_compare_json(&page, out), 0);
    fclose(out);
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    json_t *comparisons = json_object_get(root, "comparisons");
    assert_int_equal(json_array_size(comparisons), 2 * MEASURE_COUNT);
    json_t *one = json_array_get(comparisons, MEASURE_DISCONNECT);
    assert_string_equal(json_string_value(json_object_get(one, "conclusion")), "more");
    assert_true(fabs(json_real_value(json_object_get(one, "difference")) - 130) < 1e-6);
    json_decref(root);
    free(text);
    report_compare_page_free(&page);
}

static void test_difference_words(void **state)
{
    static const struct {
        int64_t ns;
        const char *words;
    } cases[] = {{0, "0 ms"},
                 {49999, "0 ms"},
                 {-49999, "0 ms"},
                 {50000, "0.1 ms"},
                 {-3440000, "-3.4 ms"},
                 {3000000, "3 ms"},
                 {12499999, "12 ms"},
                 {-811400000, "-811 ms"},
                 {9600000000, "9600 ms"},
                 {120500000000, "120.5 s"}};
    char text[SECONDS_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(evidence_difference(text, cases[i].ns), cases[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conclusions),
        cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_identical_firmwares),
        cmocka_unit_test(test_units_tell),
        cmocka_unit_test(test_units_in_rates),
        cmocka_unit_test(test_paired_thresholds),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_unobserved),
        cmocka_unit_test(test_foreseen_runs_tell),
        cmocka_unit_test(test_gates),
        cmocka_unit_test(test_measured),
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_difference_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
