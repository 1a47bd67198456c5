/*
 * Odds for a threshold that drifts, and for two: against sums over a grid of our own, and on
 * simulated units.
 */
#include "rig/threshold/threshold_rivals.h"

#include "tests/unit/threshold_unit.h"

#include <math.h>
#include <stdlib.h>

enum { PRESSES = 14, GRID = 800 };

struct shots {
    double hold[PRESSES];
    bool triggered[PRESSES];
};

static struct threshold_rivals rivals_of(const struct threshold *search)
{
    struct threshold_rivals rivals;
    threshold_rivals(search, &rivals);
    return rivals;
}

static double odds_of(const struct threshold *search)
{
    return rivals_of(search).drift;
}

static double normal(double z)
{
    return erfc(-z / sqrt(2)) / 2;
}

/* Likelihood of the presses with that drift, over thresholds, slopes and lapses of the prior. */
static double brute_marginal(const struct threshold_setup *setup, const struct shots *shots,
                             int presses, double drift, double aside)
{
    double least = sqrt((double)setup->slope.low_ns);
    double most = sqrt((double)setup->slope.high_ns);
    double cell = (double)(setup->prior.high_ns - setup->prior.low_ns) / GRID;
    double sum = 0;
    for (int i = 0; i < GRID; i++) {
        double middle = (double)setup->prior.low_ns + (i + 0.5) * cell;
        for (int s = 0; s < THRESHOLD_SLOPES; s++) {
            double from = pow(least + (most - least) * s / THRESHOLD_SLOPES, 2);
            double to = pow(least + (most - least) * (s + 1) / THRESHOLD_SLOPES, 2);
            double reaches[PRESSES];
            for (int n = 0; n < presses; n++) {
                double at = middle + drift * (n - (presses - 1) / 2.0);
                double slope = (from + to) / 2;
                reaches[n] = (normal((shots->hold[n] - at - aside) / slope) +
                              normal((shots->hold[n] - at + aside) / slope)) /
                             2;
            }
            for (int l = 0; l < THRESHOLD_LAPSES; l++) {
                double low = setup->lapse_max * pow((double)l / THRESHOLD_LAPSES, 2);
                double high = setup->lapse_max * pow((l + 1.0) / THRESHOLD_LAPSES, 2);
                double likely = (to - from) *
                                log((high + threshold_lapse_usual) / (low + threshold_lapse_usual));
                for (int n = 0; n < presses; n++) {
                    double answers = 1 - setup->guess - (low + high) / 2;
                    double p = setup->guess + answers * reaches[n];
                    likely *= shots->triggered[n] ? p : 1 - p;
                }
                sum += likely;
            }
        }
    }
    return sum;
}

static struct threshold_rivals brute_rivals(const struct threshold_setup *setup,
                                            const struct shots *shots, int presses)
{
    static const double parts[DRIFT_STEPS] = {5, 10, 20, 40, 80};
    struct threshold_rivals rivals = {0, 0, 0};
    double precision = (double)setup->precision_ns;
    double none = brute_marginal(setup, shots, presses, 0, 0);
    for (int k = 0; k < 2 * DRIFT_STEPS; k++) {
        double drift = precision / parts[k / 2];
        double ratio = brute_marginal(setup, shots, presses, k % 2 ? -drift : drift, 0) / none;
        rivals.drift += ratio / (2 * DRIFT_STEPS);
        if (presses * drift > 2.3 * precision) {
            rivals.worst_drift = fmax(rivals.worst_drift, ratio);
        }
    }
    for (int k = 0; k < PAIR_STEPS; k++) {
        double aside = 0.5 * pow(1.4, k) * precision;
        rivals.pair += brute_marginal(setup, shots, presses, 0, aside) / none / PAIR_STEPS;
    }
    return rivals;
}

/* Of a unit that stays, and of one that drifts; after few presses and after more. */
static void test_same_as_brute_force(void **state)
{
    static const int counts[] = {3, 8, PRESSES};
    (void)state;
    for (int drifts = 0; drifts < 2; drifts++) {
        struct threshold_setup setup = five_to_nine();
        struct simulated unit = {7 * NS_PER_S, 40 * ms, 0.05, 3};
        struct threshold *search = search_of(&setup);
        struct shots shots;
        size_t k = 0;
        assert_true(fabs(odds_of(search) - 1) < 1e-9);
        for (int n = 0; n < PRESSES; n++) {
            int64_t hold_ns = threshold_next_ns(search);
            shots.hold[n] = (double)hold_ns;
            shots.triggered[n] = hold(&unit, hold_ns);
            threshold_add(search, hold_ns, shots.triggered[n]);
            unit.threshold_ns += drifts * 10 * ms;
            if (n + 1 == counts[k]) {
                struct threshold_rivals expected = brute_rivals(&setup, &shots, counts[k++]);
                struct threshold_rivals got = rivals_of(search);
                assert_true(fabs(got.drift / expected.drift - 1) < 0.05);
                assert_true(fabs(got.pair / expected.pair - 1) < 0.05);
                assert_true(fabs(got.worst_drift - expected.worst_drift) <
                            0.05 * (got.worst_drift + 1e-9));
            }
        }
        assert_int_equal(k, 3);
        threshold_free(search);
    }
}

/* What was asked before, and how often, does not change the answer. */
static void test_same_however_asked(void **state)
{
    struct threshold_setup setup = five_to_nine();
    struct simulated unit = {7 * NS_PER_S, 30 * ms, 0.01, 9};
    struct threshold *often = search_of(&setup);
    struct threshold *once = search_of(&setup);
    (void)state;
    for (int n = 0; n < 20; n++) {
        int64_t hold_ns = threshold_next_ns(often);
        bool triggered = hold(&unit, hold_ns);
        double before = odds_of(often);
        threshold_add(often, hold_ns, triggered);
        threshold_add(once, hold_ns, triggered);
        double after = odds_of(often);
        assert_true(n < 8 || after != before);
        assert_true(odds_of(often) == after);
    }
    assert_true(odds_of(once) == odds_of(often));
    threshold_free(often);
    threshold_free(once);
}

/* Those that stay are not taken for drifting, however often one looks; those that drift are. */
static void test_tells_apart(void **state)
{
    enum { LOOK_EVERY = 6, LOOKS = 10 };
    const int units = getenv("LONGPRESS_CASES") ? 3 : 20;
    int found[2] = {0, 0};
    (void)state;
    for (int i = 0; i < 2 * units; i++) {
        int drifts = i % 2;
        struct threshold_setup setup = five_to_nine();
        struct simulated unit = {7 * NS_PER_S, 20 * ms, 0.01, 40 + (uint64_t)i};
        struct threshold *search = search_of(&setup);
        double largest = 0;
        for (int look = 0; look < LOOKS; look++) {
            for (int n = 0; n < LOOK_EVERY; n++) {
                press_on(search, &unit, 1);
                unit.threshold_ns += drifts * 5 * ms;
            }
            largest = fmax(largest, odds_of(search));
        }
        found[drifts] += largest > 20;
        threshold_free(search);
    }
    printf("note: odds over 20: %d of %d that stay, %d of %d that drift\n", found[0], units,
           found[1], units);
    assert_true(found[0] <= units / 10);
    assert_true(found[1] >= units * 8 / 10);
}

/* Two thresholds are told from one whose scatter is as wide. */
static void test_tells_pairs(void **state)
{
    const int units = getenv("LONGPRESS_CASES") ? 2 : 10;
    int found[2] = {0, 0};
    (void)state;
    for (int i = 0; i < 2 * units; i++) {
        int pair = i % 2;
        struct threshold_setup setup = five_to_nine();
        struct simulated unit = {7 * NS_PER_S, (pair ? 20 : 200) * ms, 0.01, 70 + (uint64_t)i};
        struct threshold *search = search_of(&setup);
        /* Over the whole curve, evenly. */
        for (int n = 0; n < 300; n++) {
            int64_t side_ns = !pair ? 0 : sim_random(&unit.random) >> 63 ? 200 * ms : -200 * ms;
            int64_t hold_ns = 6500 * ms + n * 389 % 1000 * ms;
            struct simulated now = unit;
            now.threshold_ns += side_ns;
            threshold_add(search, hold_ns, hold(&now, hold_ns));
            unit.random = now.random;
        }
        found[pair] += rivals_of(search).pair > 100;
        threshold_free(search);
    }
    printf("note: odds over 100: %d of %d of one threshold, %d of %d of two\n", found[0], units,
           found[1], units);
    assert_int_equal(found[0], 0);
    assert_true(found[1] >= units * 8 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_brute_force),
        cmocka_unit_test(test_same_however_asked),
        cmocka_unit_test(test_tells_apart),
        cmocka_unit_test(test_tells_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
