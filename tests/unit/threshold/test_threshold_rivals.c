/*
 * Odds for a threshold that drifts: against sums over a grid of our own, and on simulated units.
 */
#include "rig/threshold/threshold_rivals.h"

#include "tests/unit/threshold_unit.h"

#include <math.h>
#include <stdlib.h>

enum { PRESSES = 14, GRID = 1500 };

struct shots {
    double hold[PRESSES];
    bool triggered[PRESSES];
};

static double odds_of(const struct threshold *search)
{
    struct threshold_rivals rivals;
    threshold_rivals(search, &rivals);
    return rivals.drift;
}

static double normal(double z)
{
    return erfc(-z / sqrt(2)) / 2;
}

/* Likelihood of the presses with that drift, over thresholds, slopes and lapses of the prior. */
static double brute_marginal(const struct threshold_setup *setup, const struct shots *shots,
                             int presses, double drift)
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
                reaches[n] = normal((shots->hold[n] - at) / ((from + to) / 2));
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

static double brute_odds(const struct threshold_setup *setup, const struct shots *shots,
                         int presses)
{
    static const double parts[DRIFT_STEPS] = {5, 10, 20, 40, 80};
    double sum = 0;
    for (int k = 0; k < DRIFT_STEPS; k++) {
        double drift = (double)setup->precision_ns / parts[k];
        sum += brute_marginal(setup, shots, presses, drift) +
               brute_marginal(setup, shots, presses, -drift);
    }
    return sum / (2 * DRIFT_STEPS) / brute_marginal(setup, shots, presses, 0);
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
        assert_true(odds_of(search) == 1);
        for (int n = 0; n < PRESSES; n++) {
            int64_t hold_ns = threshold_next_ns(search);
            shots.hold[n] = (double)hold_ns;
            shots.triggered[n] = hold(&unit, hold_ns);
            threshold_add(search, hold_ns, shots.triggered[n]);
            unit.threshold_ns += drifts * 10 * ms;
            if (n + 1 == counts[k]) {
                double expected = brute_odds(&setup, &shots, counts[k++]);
                double got = odds_of(search);
                assert_true(fabs(got / expected - 1) < 0.05);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_brute_force),
        cmocka_unit_test(test_same_however_asked),
        cmocka_unit_test(test_tells_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
