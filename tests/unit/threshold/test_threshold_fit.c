/*
 * Units that are not what the threshold search assumes, what it says of them, and how long it says
 * that it takes.
 */
#include "rig/threshold/threshold_fit.h"

#include "tests/unit/threshold_unit.h"

#include <stdlib.h>
#include <string.h>

/* An interval of slope or lapse that its range cuts is never called precise, narrow or not. */
static void test_at_the_edge(void **state)
{
    int cut[2] = {0, 0};
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct threshold_setup setup = five_to_nine();
        setup.precision_ns = 1000 * ms;
        setup.max_presses = 60;
        bool ignores = seed % 2;
        struct simulated unit = {7 * NS_PER_S, ignores ? 20 * ms : 900 * ms, ignores ? 0.5 : 0,
                                 seed};
        struct threshold_estimate estimate;
        struct threshold *search = search_of(&setup);
        while (threshold_state(search) == THRESHOLD_OPEN) {
            press_on(search, &unit, 1);
        }
        struct threshold_edges edges = threshold_edges(search);
        threshold_estimate(search, &estimate);
        assert_true(threshold_state(search) != THRESHOLD_PRECISE || (!edges.slope && !edges.lapse));
        bool narrow = estimate.high_ns - estimate.low_ns <= setup.precision_ns;
        cut[ignores] += narrow && (ignores ? edges.lapse : edges.slope);
        threshold_free(search);
    }
    assert_true(cut[0] >= 2 && cut[1] >= 2);
}

struct strange {
    const char *what;
    int64_t apart_ms; /* two thresholds */
    int64_t drift_us; /* a press */
    int64_t step_ms;  /* what it is longer by after a pause, press 25 */
    enum fit_odd odd; /* what is to be found; of two thresholds it hangs on the unit */
};

/* How many of them are called precise, and how many of these wrongly, of `units`. */
static void strange_units(const struct strange *strange, int units, int *precise, int *wrong,
                          int *as_expected)
{
    *precise = *wrong = *as_expected = 0;
    for (int i = 0; i < units; i++) {
        struct threshold_setup setup = five_to_nine();
        setup.max_presses = 250;
        setup.precision_ns = (strange->apart_ms ? 100 : 30) * ms;
        struct simulated unit = {7 * NS_PER_S, 20 * ms, 0.01, 100 + (uint64_t)i};
        struct threshold_estimate estimate;
        struct threshold_fit fit;
        struct threshold *search = search_of(&setup);
        while (threshold_state(search) == THRESHOLD_OPEN) {
            int64_t half_ns = strange->apart_ms * ms / 2;
            int64_t at_ns = unit.threshold_ns;
            if (strange->step_ms && threshold_presses(search) == 25) {
                threshold_pause(search);
                at_ns += strange->step_ms * ms;
            }
            unit.threshold_ns = at_ns + (sim_random(&unit.random) >> 63 ? half_ns : -half_ns);
            press_on(search, &unit, 1);
            unit.threshold_ns = at_ns + strange->drift_us * NS_PER_US;
        }
        threshold_estimate(search, &estimate);
        threshold_fit(search, &fit);
        bool covers = estimate.low_ns <= unit.threshold_ns && unit.threshold_ns <= estimate.high_ns;
        *precise += threshold_state(search) == THRESHOLD_PRECISE;
        *wrong += threshold_state(search) == THRESHOLD_PRECISE && !covers;
        *as_expected += fit.odd == strange->odd;
        threshold_free(search);
    }
}

static void test_strange_units(void **state)
{
    static const struct strange kinds[] = {
        {"one threshold", 0, 0, 0, FIT_GOOD},
        {"drift of 5 ms a press", 0, 5000, 0, FIT_MOVES},
        {"80 ms longer after a pause", 0, 0, 80, FIT_RESUMED},
        {"two thresholds, 400 ms apart", 400, 0, 0, FIT_SHAPE},
    };
    const int units = getenv("LONGPRESS_CASES") ? 4 : 40;
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        int precise;
        int wrong;
        int as_expected;
        strange_units(&kinds[i], units, &precise, &wrong, &as_expected);
        printf("note: %s: %d of %d precise, %d of these wrong, %d found to be that\n",
               kinds[i].what, precise, units, wrong, as_expected);
        assert_true(wrong <= 1 + precise / 10);
        assert_true(kinds[i].apart_ms || as_expected >= units * 8 / 10);
    }
}

static void test_fit_words(void **state)
{
    static const struct {
        struct threshold_fit fit;
        const char *words;
    } cases[] = {
        {{.odd = FIT_GOOD}, ""},
        {{.odd = FIT_MOVES, .shift_ns = 120400000},
         "the threshold drifted during the measurement: in the second half of the presses it is "
         "about 120 ms longer than in the first"},
        {{.odd = FIT_RESUMED, .shift_ns = -80000000, .before = 25},
         "since the series was resumed after 25 presses, the threshold is about 80 ms "
         "shorter than before: is it the same unit, in the same state?"},
        {{.odd = FIT_SHAPE},
         "the rate of triggering does not rise with the hold as it would for one threshold with "
         "scatter: there may be two"},
        {{.odd = FIT_DEVIANCE},
         "some holds trigger more or less often than any single threshold can explain"},
    };
    char words[THRESHOLD_FIT_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(threshold_fit_words(words, &cases[i].fit), cases[i].words);
    }
}

/* The forecast says what cannot be reached, and its guess holds more often than not. */
static void test_forecast(void **state)
{
    struct threshold_setup setup = five_to_nine();
    int held = 0;
    int told = 0;
    (void)state;
    setup.precision_ns = 20 * ms;
    setup.max_presses = 60;
    struct simulated wide = {7 * NS_PER_S, 150 * ms, 0, 3};
    struct threshold *search = search_of(&setup);
    press_on(search, &wide, 50);
    struct threshold_forecast left = threshold_forecast(search);
    assert_int_equal(left.room, 10);
    assert_true(left.least > left.room && left.least <= left.middle && left.middle <= left.most);
    press_on(search, &wide, 10);
    struct threshold_estimate estimate;
    threshold_estimate(search, &estimate);
    assert_int_equal(threshold_state(search), THRESHOLD_SPENT);
    assert_int_equal(threshold_forecast(search).room, 0);
    assert_true(threshold_forecast(search).least > 60);
    double ratio = (double)left.width_ns / (double)(estimate.high_ns - estimate.low_ns);
    assert_true(ratio > 0.6 && ratio < 1.7);
    threshold_free(search);
    setup.max_presses = 600;
    const int units = getenv("LONGPRESS_CASES") ? 4 : 40;
    for (int i = 0; i < units; i++) {
        struct simulated unit = {7 * NS_PER_S, (10 + i % 4 * 10) * ms, 0.01, 50 + (uint64_t)i};
        search = search_of(&setup);
        press_on(search, &unit, 20);
        left = threshold_forecast(search);
        while (threshold_state(search) == THRESHOLD_OPEN) {
            press_on(search, &unit, 1);
        }
        int took = threshold_presses(search) - 20;
        told++;
        held += took >= left.least && took <= left.most;
        threshold_free(search);
    }
    printf("note: after 20 presses the forecast holds in %d of %d searches\n", held, told);
    assert_true(held * 2 >= told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_the_edge),
        cmocka_unit_test(test_strange_units),
        cmocka_unit_test(test_fit_words),
        cmocka_unit_test(test_forecast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
