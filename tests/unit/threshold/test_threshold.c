/*
 * The threshold search against a brute-force Bayes of its own: every cell, every press, plain
 * arithmetic, no tables, nothing laid anew.
 */
#include "hardware/sim/random.h"
#include "rig/threshold/threshold.h"

#include "rig/base/units.h"
#include "rig/threshold/threshold_linear.h"
#include "rig/threshold/threshold_window.h"
#include "tests/unit/emulated.h"
#include "tests/unit/threshold_unit.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- brute force ------------------------------------------------------------------------------
 */

struct shot {
    int64_t hold_ns;
    bool triggered;
};

/* A grid of any size, with the prior's cells as rig/threshold/threshold.h gives them. */
struct brute {
    int cells;
    int slopes;
    int lapses;
    double *at; /* middles */
    double *slope;
    double *lapse;
    double *rare; /* prior weight of each lapse */
    double *weight;
    double low;
    double width;
    double guess;
};

static double *numbers(int count)
{
    double *list = calloc((size_t)count, sizeof(double));
    assert_non_null(list);
    return list;
}

static double normal(double z)
{
    return erfc(-z / sqrt(2)) / 2;
}

static double *brute_weight(const struct brute *b, int i, int s, int l)
{
    return &b->weight[(i * b->slopes + s) * b->lapses + l];
}

static double brute_chance(const struct brute *b, int i, int s, int l, double hold)
{
    return b->guess + (1 - b->guess - b->lapse[l]) * normal((hold - b->at[i]) / b->slope[s]);
}

static void brute_fill(struct brute *b, const struct threshold_setup *setup,
                       const struct shot *shots, size_t count)
{
    b->at = numbers(b->cells);
    b->slope = numbers(b->slopes);
    b->lapse = numbers(b->lapses);
    b->rare = numbers(b->lapses);
    for (int l = 0; l < b->lapses; l++) {
        double from = setup->lapse_max * pow((double)l / b->lapses, 2);
        double to = setup->lapse_max * pow((l + 1.0) / b->lapses, 2);
        b->lapse[l] = (from + to) / 2;
        b->rare[l] = log((to + threshold_lapse_usual) / (from + threshold_lapse_usual));
    }
    b->weight = numbers(b->cells * b->slopes * b->lapses);
    b->low = (double)setup->prior.low_ns;
    b->width = (double)(setup->prior.high_ns - setup->prior.low_ns) / b->cells;
    b->guess = setup->guess;
    double least = sqrt((double)setup->slope.low_ns);
    double most = sqrt((double)setup->slope.high_ns);
    double total = 0;
    for (int i = 0; i < b->cells; i++) {
        b->at[i] = b->low + (i + 0.5) * b->width;
        for (int s = 0; s < b->slopes; s++) {
            double from = pow(least + (most - least) * s / b->slopes, 2);
            double to = pow(least + (most - least) * (s + 1) / b->slopes, 2);
            b->slope[s] = (from + to) / 2;
            for (int l = 0; l < b->lapses; l++) {
                double log_weight = log(most > least ? to - from : 1) + log(b->rare[l]);
                for (size_t n = 0; n < count; n++) {
                    double p = brute_chance(b, i, s, l, (double)shots[n].hold_ns);
                    log_weight += log(shots[n].triggered ? p : 1 - p);
                }
                *brute_weight(b, i, s, l) = exp(log_weight);
                total += exp(log_weight);
            }
        }
    }
    for (int k = 0; k < b->cells * b->slopes * b->lapses; k++) {
        b->weight[k] /= total;
    }
}

static void brute_free(struct brute *b)
{
    free(b->at);
    free(b->slope);
    free(b->lapse);
    free(b->rare);
    free(b->weight);
}

static double brute_mass(const struct brute *b, int i)
{
    double mass = 0;
    for (int s = 0; s < b->slopes; s++) {
        for (int l = 0; l < b->lapses; l++) {
            mass += *brute_weight(b, i, s, l);
        }
    }
    return mass;
}

static double brute_below(const struct brute *b, double hold)
{
    double below = 0;
    for (int i = 0; i < b->cells; i++) {
        double part = (hold - (b->low + i * b->width)) / b->width;
        below += brute_mass(b, i) * (part < 0 ? 0 : part > 1 ? 1 : part);
    }
    return below;
}

static double brute_quantile(const struct brute *b, double share)
{
    double low = b->low;
    double high = b->low + b->width * b->cells;
    while (high - low > 0.01) {
        double middle = (low + high) / 2;
        *(brute_below(b, middle) < share ? &low : &high) = middle;
    }
    return low;
}

static double bits(double p)
{
    return p <= 0 || p >= 1 ? 0 : -(p * log(p) + (1 - p) * log(1 - p)) / log(2);
}

static double brute_triggers(const struct brute *b, double hold, double *left_bits)
{
    double triggers = 0;
    *left_bits = 0;
    for (int i = 0; i < b->cells; i++) {
        double here = 0;
        for (int s = 0; s < b->slopes; s++) {
            for (int l = 0; l < b->lapses; l++) {
                here += *brute_weight(b, i, s, l) * brute_chance(b, i, s, l, hold);
            }
        }
        triggers += here;
        *left_bits += brute_mass(b, i) * bits(here / brute_mass(b, i));
    }
    return triggers;
}

/* Before the posterior narrows the grids are the same, and so must be all numbers. */
static void test_same_as_brute_force(void **state)
{
    static const struct shot shots[] = {
        {6900 * NS_PER_MS, false}, {7100 * NS_PER_MS, true},  {7040 * NS_PER_MS, false},
        {8600 * NS_PER_MS, false}, {5500 * NS_PER_MS, true},  {5003 * NS_PER_MS, false},
        {8999 * NS_PER_MS, true},  {6000 * NS_PER_MS, false},
    };
    struct threshold_setup setups[3] = {five_to_nine(), five_to_nine(), five_to_nine()};
    (void)state;
    setups[1].guess = 0.2;
    setups[1].lapse_max = 0.25;
    setups[1].slope = (struct hold_range){300 * ms, 300 * ms};
    setups[2].slope = (struct hold_range){100 * ms, 900 * ms};
    setups[2].lapse_max = 0.0001;
    size_t compared = 0;
    for (size_t k = 0; k < 3; k++) {
        /* Presses of which the posterior stays wide: here up to two; there with all of them. */
        size_t most = k == 0 ? 1 : k == 1 ? 8 : 2;
        struct threshold *search = search_of(&setups[k]);
        for (size_t n = 0; n <= most; n++) {
            struct brute brute = {
                .cells = THRESHOLD_CELLS, .slopes = THRESHOLD_SLOPES, .lapses = THRESHOLD_LAPSES};
            brute_fill(&brute, &setups[k], shots, n);
            for (int64_t hold_ns = 4500 * ms; hold_ns < 9500 * ms; hold_ns += 137 * ms) {
                double left;
                double triggers = brute_triggers(&brute, (double)hold_ns, &left);
                assert_true(fabs(threshold_below(search, hold_ns) -
                                 brute_below(&brute, (double)hold_ns)) < 1e-9);
                assert_true(fabs(threshold_triggers(search, hold_ns) - triggers) < 1e-9);
                assert_true(fabs(threshold_gain_bits(search, hold_ns) - (bits(triggers) - left)) <
                            1e-9);
                compared++;
            }
            struct threshold_estimate estimate;
            threshold_estimate(search, &estimate);
            assert_true(fabs((double)estimate.median_ns - brute_quantile(&brute, 0.5)) < 2);
            assert_true(fabs((double)estimate.low_ns - brute_quantile(&brute, 0.025)) < 2);
            assert_true(fabs((double)estimate.high_ns - brute_quantile(&brute, 0.975)) < 2);
            brute_free(&brute);
            if (n < most) {
                assert_true(threshold_add(search, shots[n].hold_ns, shots[n].triggered));
            }
        }
        threshold_free(search);
    }
    assert_true(compared > 400);
}

/* Once the cells have followed the posterior, a grid many times as fine says the same. */
static void test_as_good_as_a_fine_grid(void **state)
{
    static const int presses[] = {6, 15, 40};
    (void)state;
    needs_a_real_processor("test_as_good_as_a_fine_grid", "the fine grid takes minutes");
    for (int k = 0; k < 3; k++) {
        struct threshold_setup setup = five_to_nine();
        struct simulated unit = {6600 * ms, (20 + 60 * k) * ms, 0.04, 11 + (uint64_t)k};
        struct shot shots[40];
        struct threshold *search = search_of(&setup);
        for (int i = 0; i < presses[k]; i++) {
            shots[i].hold_ns = threshold_next_ns(search);
            shots[i].triggered = hold(&unit, shots[i].hold_ns);
            threshold_add(search, shots[i].hold_ns, shots[i].triggered);
        }
        struct brute brute = {.cells = 2000, .slopes = 40, .lapses = 10};
        brute_fill(&brute, &setup, shots, (size_t)presses[k]);
        double low = brute_quantile(&brute, 0.025);
        double high = brute_quantile(&brute, 0.975);
        double near = 0.02 * (high - low);
        struct threshold_estimate estimate;
        threshold_estimate(search, &estimate);
        assert_true(fabs((double)estimate.low_ns - low) < near);
        assert_true(fabs((double)estimate.high_ns - high) < near);
        assert_true(fabs((double)estimate.median_ns - brute_quantile(&brute, 0.5)) < near);
        brute_free(&brute);
        threshold_free(search);
    }
}

/* The hold that is chosen tells as much as the best of a fine comb of holds, or very nearly. */
static void test_chooses_well(void **state)
{
    struct threshold_setup setup = five_to_nine();
    struct simulated unit = {7650 * ms, 60 * ms, 0.02, 5};
    struct threshold *search = search_of(&setup);
    int aside = 0;
    (void)state;
    for (int i = 0; i < 30; i++) {
        double best = 0;
        for (int64_t hold_ns = 4 * NS_PER_S; hold_ns <= 10 * NS_PER_S; hold_ns += 5 * ms) {
            best = fmax(best, threshold_gain_bits(search, hold_ns));
        }
        int64_t next_ns = threshold_next_ns(search);
        struct threshold_estimate estimate;
        threshold_estimate(search, &estimate);
        assert_true(best > 0);
        if (i >= 12 && i % 2 == 0 && 2 * estimate.slope_ns > setup.precision_ns) {
            /* What the curve's shape is: a slope to one side, and then to the other. */
            int64_t away_ns = i % 4 ? estimate.slope_ns : -estimate.slope_ns;
            assert_true(llabs(next_ns - estimate.median_ns - away_ns) <= ms);
            aside++;
        } else {
            assert_true(threshold_gain_bits(search, next_ns) >= 0.97 * best);
        }
        assert_int_equal(next_ns % ms, 0);
        threshold_add(search, next_ns, hold(&unit, next_ns));
    }
    assert_int_equal(aside, 9);
    threshold_free(search);
}

/* ---- a search as a whole ------------------------------------------------------------------------
 */

/* 95 % must lie in 95 % intervals, give or take three standard errors. */
static void test_coverage(void **state)
{
    const int units = getenv("LONGPRESS_CASES") ? 20 : 300;
    const double off = 3.2 * sqrt(units * 0.95 * 0.05);
    int covered = 0;
    int early_covered = 0;
    uint64_t random = 99;
    (void)state;
    for (int i = 0; i < units; i++) {
        struct threshold_setup setup = five_to_nine();
        struct simulated unit = {.random = sim_random(&random)};
        unit.threshold_ns = sim_random_in(&random, 5 * NS_PER_S, 9 * NS_PER_S);
        /* As the search assumes of units. */
        unit.slope_ns = sim_random_in(&random, 5 * ms, 800 * ms);
        double ratio = (setup.lapse_max + threshold_lapse_usual) / threshold_lapse_usual;
        unit.lapse = threshold_lapse_usual *
                     (pow(ratio, (double)sim_random_in(&random, 0, 1000000) / 1e6) - 1);
        struct threshold *search = search_of(&setup);
        struct threshold_estimate estimate;
        press_on(search, &unit, 8);
        threshold_estimate(search, &estimate);
        early_covered +=
            estimate.low_ns <= unit.threshold_ns && unit.threshold_ns <= estimate.high_ns;
        press_on(search, &unit, 22);
        threshold_estimate(search, &estimate);
        covered += estimate.low_ns <= unit.threshold_ns && unit.threshold_ns <= estimate.high_ns;
        threshold_free(search);
    }
    if (fabs(early_covered - 0.95 * units) > off || fabs(covered - 0.95 * units) > off) {
        fail_msg("of %d intervals %d and %d hold the truth", units, early_covered, covered);
    }
}

static void test_stops_precise(void **state)
{
    struct threshold_setup setup = five_to_nine();
    struct simulated unit = {6600 * ms, 20 * ms, 0, 3};
    struct threshold *search = search_of(&setup);
    struct threshold_estimate estimate;
    (void)state;
    while (threshold_state(search) == THRESHOLD_OPEN) {
        assert_true(threshold_forecast(search).least > 0);
        press_on(search, &unit, 1);
    }
    threshold_estimate(search, &estimate);
    assert_int_equal(threshold_state(search), THRESHOLD_PRECISE);
    assert_int_equal(threshold_forecast(search).most, 0);
    assert_true(threshold_presses(search) <= 40);
    assert_true(estimate.high_ns - estimate.low_ns <= 50 * ms);
    assert_true(estimate.low_ns <= 6600 * ms && 6600 * ms <= estimate.high_ns);
    assert_true(estimate.low_ns < estimate.median_ns && estimate.median_ns < estimate.high_ns);
    assert_true(estimate.slope_low_ns < 20 * ms && 20 * ms < estimate.slope_high_ns);
    assert_true(estimate.slope_high_ns < 200 * ms);
    assert_true(estimate.closed < 1e-6);
    threshold_free(search);
}

static void test_stops_spent(void **state)
{
    struct threshold_setup setup = five_to_nine();
    struct simulated unit = {6600 * ms, 200 * ms, 0.05, 3};
    (void)state;
    setup.max_presses = 12;
    struct threshold *search = search_of(&setup);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(threshold_state(search), THRESHOLD_OPEN);
        assert_int_equal(threshold_forecast(search).room, 12 - i);
        press_on(search, &unit, 1);
    }
    assert_int_equal(threshold_state(search), THRESHOLD_SPENT);
    threshold_free(search);
}

/* The interval narrows as presses come in, by and large: of ten units together, with every
 * doubling.
 */
static void test_interval_narrows(void **state)
{
    enum { DOUBLINGS = 5 };
    int64_t widths_ns[DOUBLINGS + 1] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct threshold_setup setup = five_to_nine();
        struct simulated unit = {8123 * ms, 80 * ms, 0.01, seed};
        struct threshold *search = search_of(&setup);
        struct threshold_estimate estimate;
        threshold_estimate(search, &estimate);
        assert_true(llabs(estimate.low_ns - 5100 * ms) < 10);
        assert_true(llabs(estimate.high_ns - 8900 * ms) < 10);
        assert_true(llabs(estimate.median_ns - 7000 * ms) < 10);
        for (int i = 0; i <= DOUBLINGS; i++) {
            press_on(search, &unit, (5 << i) - threshold_presses(search));
            threshold_estimate(search, &estimate);
            widths_ns[i] += estimate.high_ns - estimate.low_ns;
        }
        threshold_free(search);
    }
    for (int i = 0; i < DOUBLINGS; i++) {
        assert_true(widths_ns[i + 1] < widths_ns[i]);
    }
}

/* Two lapses at once, in a search that was nearly done, are got over. */
static void test_lapses(void **state)
{
    struct threshold_setup setup = five_to_nine();
    setup.precision_ns = 10 * ms;
    struct simulated unit = {6600 * ms, 10 * ms, 0, 21};
    struct threshold *search = search_of(&setup);
    struct threshold_estimate estimate;
    (void)state;
    press_on(search, &unit, 3);
    assert_true(threshold_add(search, 8500 * ms, false));
    assert_true(threshold_add(search, 8500 * ms, false));
    threshold_estimate(search, &estimate);
    assert_true(estimate.high_ns > 8 * NS_PER_S); /* it is taken seriously, */
    press_on(search, &unit, 25);
    threshold_estimate(search, &estimate);
    assert_true(estimate.low_ns <= 6600 * ms && 6600 * ms <= estimate.high_ns); /* and got over */
    assert_true(estimate.high_ns - estimate.low_ns < 150 * ms);
    assert_true(estimate.lapse > 0.02);
    threshold_free(search);
}

/* One false trigger far below does not decide the search. */
static void test_guess(void **state)
{
    struct threshold_setup setup = five_to_nine();
    struct simulated unit = {7800 * ms, 20 * ms, 0, 4};
    struct threshold *search = search_of(&setup);
    struct threshold_estimate estimate;
    (void)state;
    press_on(search, &unit, 1);
    assert_true(threshold_add(search, 5500 * ms, true));
    threshold_estimate(search, &estimate);
    assert_true(estimate.median_ns < 5600 * ms);
    press_on(search, &unit, 35);
    threshold_estimate(search, &estimate);
    assert_true(estimate.low_ns <= 7800 * ms && 7800 * ms <= estimate.high_ns);
    assert_true(estimate.high_ns - estimate.low_ns < 150 * ms);
    threshold_free(search);
}

/* Answers that fit no unit: nothing breaks, and the numbers stay numbers. */
static void test_contradictory(void **state)
{
    struct threshold_setup setup = five_to_nine();
    struct threshold_estimate estimate;
    uint64_t random = 1;
    (void)state;
    setup.guess = 0.0001;
    setup.lapse_max = 0.0001;
    struct threshold *search = search_of(&setup);
    for (int i = 0; i < THRESHOLD_PRESSES_MAX; i++) {
        int64_t hold_ns = i % 2 ? sim_random_in(&random, 0, 20 * NS_PER_S) : 9 * NS_PER_S;
        assert_true(threshold_add(search, hold_ns, hold_ns < 7 * NS_PER_S));
        if (i % 50 == 0) {
            threshold_estimate(search, &estimate);
            assert_in_range(estimate.low_ns, 5 * NS_PER_S, 9 * NS_PER_S);
            assert_in_range(estimate.median_ns, estimate.low_ns, estimate.high_ns);
            assert_in_range(estimate.high_ns, 5 * NS_PER_S, 9 * NS_PER_S);
            assert_in_range(threshold_next_ns(search), 4 * NS_PER_S, 10 * NS_PER_S);
        }
    }
    assert_false(threshold_add(search, 7 * NS_PER_S, true));
    assert_int_equal(threshold_presses(search), THRESHOLD_PRESSES_MAX);
    threshold_free(search);
}

/* ---- closed holds
 * -------------------------------------------------------------------------------- */

static bool is_allowed(const struct threshold_setup *setup, int64_t hold_ns)
{
    for (size_t i = 0; i < setup->allowed_count; i++) {
        if (hold_ns >= setup->allowed[i].low_ns && hold_ns <= setup->allowed[i].high_ns) {
            return true;
        }
    }
    return false;
}

/* Whatever a unit does, and whatever is open, no closed hold is proposed. */
static void test_never_a_closed_hold(void **state)
{
    uint64_t random = 7;
    (void)state;
    for (int round = 0; round < 60; round++) {
        struct threshold_setup setup = five_to_nine();
        int64_t at_ns = sim_random_in(&random, 3 * NS_PER_S, 8 * NS_PER_S);
        setup.allowed_count = (size_t)sim_random_in(&random, 1, THRESHOLD_RANGES_MAX);
        for (size_t i = 0; i < setup.allowed_count; i++) {
            /* now and then a single instant, and less than a millisecond */
            int64_t long_ns = round % 3 ? sim_random_in(&random, 0, 700 * ms)
                                        : sim_random_in(&random, 0, 2) * 300000;
            setup.allowed[i] = (struct hold_range){at_ns, at_ns + long_ns};
            at_ns += long_ns + sim_random_in(&random, 1, 500 * ms);
        }
        struct simulated unit = {sim_random_in(&random, 4 * NS_PER_S, 11 * NS_PER_S),
                                 sim_random_in(&random, 5 * ms, 200 * ms), 0.05,
                                 sim_random(&random)};
        struct threshold *search = search_of(&setup);
        for (int i = 0; i < 20; i++) {
            int64_t hold_ns = threshold_next_ns(search);
            assert_true(is_allowed(&setup, hold_ns));
            threshold_add(search, hold_ns, hold(&unit, hold_ns));
        }
        threshold_free(search);
    }
}

/* A threshold beyond what may be tried: soon said, with the end of the open part as its bound. */
static void test_threshold_in_the_closed_part(void **state)
{
    struct threshold_setup setup = five_to_nine();
    struct simulated unit = {8500 * ms, 20 * ms, 0, 2};
    struct threshold_estimate estimate;
    (void)state;
    setup.allowed[0] = (struct hold_range){5 * NS_PER_S, 8 * NS_PER_S};
    struct threshold *search = search_of(&setup);
    threshold_estimate(search, &estimate);
    assert_true(fabs(estimate.closed - 0.25) < 1e-6);
    while (threshold_state(search) == THRESHOLD_OPEN) {
        press_on(search, &unit, 1);
    }
    threshold_estimate(search, &estimate);
    assert_int_equal(threshold_state(search), THRESHOLD_CLOSED);
    assert_true(estimate.closed >= 0.995);
    assert_true(estimate.low_ns > 7900 * ms && estimate.high_ns > 8900 * ms);
    assert_in_range(threshold_presses(search), 2, 15); /* one lapse must not be enough */
    threshold_free(search);
}

static void test_threshold_in_a_gap(void **state)
{
    struct threshold_setup setup = five_to_nine();
    struct simulated unit = {7 * NS_PER_S, 10 * ms, 0, 2};
    struct threshold_estimate estimate;
    (void)state;
    setup.allowed[0] = (struct hold_range){5 * NS_PER_S, 6800 * ms};
    setup.allowed[1] = (struct hold_range){7200 * ms, 9 * NS_PER_S};
    setup.allowed_count = 2;
    struct threshold *search = search_of(&setup);
    while (threshold_state(search) == THRESHOLD_OPEN) {
        press_on(search, &unit, 1);
    }
    threshold_estimate(search, &estimate);
    assert_int_equal(threshold_state(search), THRESHOLD_CLOSED);
    assert_in_range(estimate.low_ns, 6700 * ms, 6900 * ms);
    assert_in_range(estimate.high_ns, 7100 * ms, 7300 * ms);
    threshold_free(search);
}

/* A range of which hardly anything may be tried is no evidence: what is open is looked at first. */
static void test_mostly_closed(void **state)
{
    struct threshold_setup setup = five_to_nine();
    struct simulated unit = {5600 * ms, 20 * ms, 0, 2};
    struct threshold_estimate estimate;
    (void)state;
    setup.prior = (struct hold_range){5 * NS_PER_S, 3600 * NS_PER_S};
    setup.allowed[0] = (struct hold_range){5 * NS_PER_S, 8 * NS_PER_S};
    struct threshold *search = search_of(&setup);
    threshold_estimate(search, &estimate);
    assert_true(estimate.closed > 0.995);
    assert_int_equal(threshold_state(search), THRESHOLD_OPEN);
    threshold_free(search);
    setup.prior.high_ns = 60 * NS_PER_S;
    search = search_of(&setup);
    while (threshold_state(search) == THRESHOLD_OPEN) {
        press_on(search, &unit, 1);
    }
    threshold_estimate(search, &estimate);
    assert_int_equal(threshold_state(search), THRESHOLD_PRECISE);
    assert_true(estimate.low_ns <= 5600 * ms && 5600 * ms <= estimate.high_ns);
    threshold_free(search);
    /* One that is really beyond is found to be, by presses. */
    unit.threshold_ns = 30 * NS_PER_S;
    search = search_of(&setup);
    while (threshold_state(search) == THRESHOLD_OPEN) {
        press_on(search, &unit, 1);
    }
    assert_int_equal(threshold_state(search), THRESHOLD_CLOSED);
    assert_in_range(threshold_presses(search), 1, 12);
    threshold_free(search);
}

/* Narrow enough, and more likely outside than not: that is not precise. */
static void test_narrow_and_outside(void **state)
{
    int outside = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct threshold_setup setup = five_to_nine();
        struct simulated unit = {8020 * ms, 15 * ms, 0, seed};
        struct threshold_estimate estimate;
        setup.allowed[0] = (struct hold_range){5 * NS_PER_S, 8 * NS_PER_S};
        setup.prior.high_ns = 8100 * ms;
        setup.precision_ns = 100 * ms;
        struct threshold *search = search_of(&setup);
        while (threshold_state(search) == THRESHOLD_OPEN) {
            press_on(search, &unit, 1);
        }
        threshold_estimate(search, &estimate);
        assert_true(threshold_state(search) == THRESHOLD_CLOSED || estimate.closed <= 0.5);
        outside += threshold_state(search) == THRESHOLD_CLOSED && estimate.closed < 0.995;
        threshold_free(search);
    }
    assert_true(outside > 0);
}

/* ---- taking it up again
 * --------------------------------------------------------------------------- */

static void test_taken_up_again(void **state)
{
    struct threshold_setup setup = five_to_nine();
    struct simulated unit = {7300 * ms, 90 * ms, 0.03, 77};
    struct threshold *search = search_of(&setup);
    struct shot shots[60];
    (void)state;
    for (int i = 0; i < 60; i++) {
        struct threshold *again = i % 7 == 0 ? search_of(&setup) : NULL;
        for (int k = 0; again && k < i; k++) {
            threshold_add(again, shots[k].hold_ns, shots[k].triggered);
        }
        shots[i].hold_ns = threshold_next_ns(search);
        if (again) {
            struct threshold_estimate a;
            struct threshold_estimate b;
            threshold_estimate(search, &a);
            threshold_estimate(again, &b);
            assert_int_equal(threshold_next_ns(again), shots[i].hold_ns);
            assert_true(a.median_ns == b.median_ns && a.low_ns == b.low_ns &&
                        a.high_ns == b.high_ns && a.slope_ns == b.slope_ns && a.lapse == b.lapse);
            threshold_free(again);
        }
        shots[i].triggered = hold(&unit, shots[i].hold_ns);
        threshold_add(search, shots[i].hold_ns, shots[i].triggered);
    }
    threshold_free(search);
}

/* ---- a window
 * ------------------------------------------------------------------------------------- */

static void test_window(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct threshold_setup setup = five_to_nine();
    struct simulated start = {6 * NS_PER_S, 20 * ms, 0, 31};
    struct simulated end = {8200 * ms, 30 * ms, 0, 32};
    struct threshold_window *window = threshold_window_new(&diags, &setup, true);
    struct threshold_estimate estimate;
    int presses = 0;
    (void)state;
    assert_non_null(window);
    while (threshold_window_open(window)) {
        int64_t hold_ns = threshold_window_next_ns(window);
        bool resets = hold(&start, hold_ns);
        enum hold_outcome outcome = !resets               ? HOLD_NOTHING
                                    : hold(&end, hold_ns) ? HOLD_BEYOND
                                                          : HOLD_RESET;
        assert_true(threshold_window_forecast(window).least > 0);
        assert_true(threshold_window_add(window, hold_ns, outcome));
        presses++;
    }
    assert_int_equal(threshold_presses(threshold_window_start(window)), presses);
    assert_int_equal(threshold_presses(threshold_window_end(window)), presses);
    assert_true(presses < 90);
    threshold_estimate(threshold_window_start(window), &estimate);
    assert_true(estimate.low_ns <= 6 * NS_PER_S && 6 * NS_PER_S <= estimate.high_ns);
    assert_true(estimate.high_ns - estimate.low_ns <= 50 * ms);
    threshold_estimate(threshold_window_end(window), &estimate);
    assert_true(estimate.low_ns <= 8200 * ms && 8200 * ms <= estimate.high_ns);
    assert_true(estimate.high_ns - estimate.low_ns <= 50 * ms);
    threshold_window_free(window);
}

/* With the start alone sought, what goes beyond has started. */
static void test_window_start_alone(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct threshold_setup setup = five_to_nine();
    struct threshold_window *window = threshold_window_new(&diags, &setup, false);
    struct threshold *search = search_of(&setup);
    enum hold_outcome outcome;
    (void)state;
    assert_null(threshold_window_end(window));
    threshold_window_add(window, 8 * NS_PER_S, HOLD_BEYOND);
    threshold_window_add(window, 7 * NS_PER_S, HOLD_RESET);
    threshold_window_add(window, 6 * NS_PER_S, HOLD_NOTHING);
    threshold_add(search, 8 * NS_PER_S, true);
    threshold_add(search, 7 * NS_PER_S, true);
    threshold_add(search, 6 * NS_PER_S, false);
    assert_int_equal(threshold_window_next_ns(window), threshold_next_ns(search));
    assert_int_equal(threshold_quantile_ns(threshold_window_start(window), 0.3),
                     threshold_quantile_ns(search, 0.3));
    threshold_free(search);
    threshold_window_free(window);
    for (int i = HOLD_NOTHING; i <= HOLD_BEYOND; i++) {
        assert_true(threshold_outcome_parse(threshold_outcome_name(i), &outcome));
        assert_int_equal(outcome, i);
    }
    assert_false(threshold_outcome_parse("resets", &outcome));
}

/* ---- the classic
 * ------------------------------------------------------------------------------------ */

static void test_linear(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct threshold_setup setup = five_to_nine();
    (void)state;
    assert_int_equal(threshold_linear_sweep(&diags, &setup, &setup.prior, 100 * ms, 1), 41);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(threshold_linear_hold_ns(&setup, &setup.prior, 100 * ms, i),
                         5 * NS_PER_S + i % 41 * 100 * ms);
    }
    setup.allowed[0] = (struct hold_range){5150 * ms, 5300 * ms};
    setup.allowed[1] = (struct hold_range){8900 * ms, 8950 * ms};
    setup.allowed_count = 2;
    assert_int_equal(threshold_linear_sweep(&diags, &setup, &setup.prior, 100 * ms, 600), 3);
    static const int holds_ms[] = {5200, 5300, 8900, 5200};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(threshold_linear_hold_ns(&setup, &setup.prior, 100 * ms, i),
                         holds_ms[i] * ms);
    }
    assert_int_equal(diags.count, 0);
    assert_int_equal(threshold_linear_sweep(&diags, &setup, &setup.prior, 0, 1), -1);
    assert_int_equal(threshold_linear_sweep(&diags, &setup, &setup.prior, -5, 1), -1);
    assert_int_equal(threshold_linear_sweep(&diags, &setup, &setup.prior, 100 * ms, 0), -1);
    assert_int_equal(threshold_linear_sweep(&diags, &setup, &setup.prior, 100 * ms, 700), -1);
    assert_int_equal(threshold_linear_sweep(&diags, &setup, &setup.prior, 1, 1), -1);
    assert_int_equal(threshold_linear_sweep(&diags, &setup, &setup.prior, 2 * NS_PER_S, 1), -1);
    assert_int_equal(diags.errors, 6);
    diags_clear(&diags);
}

/* ---- set-ups that are none
 * ---------------------------------------------------------------------------- */

static void test_bad_setups(void **state)
{
    struct threshold_setup bad[14];
    (void)state;
    for (size_t i = 0; i < 14; i++) {
        bad[i] = five_to_nine();
    }
    bad[0].prior.high_ns = bad[0].prior.low_ns;
    bad[1].prior.low_ns = -1;
    bad[2].prior.high_ns = DURATION_MAX_NS + 1;
    bad[3].slope.low_ns = 0;
    bad[4].slope.high_ns = bad[4].slope.low_ns - 1;
    bad[5].lapse_max = NAN;
    bad[6].lapse_max = 0;
    bad[7].guess = 0.3;
    bad[8].allowed_count = 0;
    bad[9].allowed_count = THRESHOLD_RANGES_MAX + 1;
    bad[10].allowed_count = 2; /* the second is 0 to 0 */
    bad[11].precision_ns = 0;
    bad[12].max_presses = 0;
    bad[13].max_presses = THRESHOLD_PRESSES_MAX + 1;
    for (size_t i = 0; i < 14; i++) {
        struct diags diags = DIAGS_INIT;
        assert_null(threshold_new(&diags, &bad[i]));
        assert_int_equal(diags.errors, 1);
        diags_clear(&diags);
    }
}

/* A range far wider than the precision, a threshold at its very end. */
static void test_extremes(void **state)
{
    struct threshold_setup setup = threshold_default;
    struct simulated unit = {300 * ms, 5 * ms, 0, 9};
    struct threshold_estimate estimate;
    (void)state;
    setup.prior = (struct hold_range){0, DURATION_MAX_NS};
    setup.allowed[0] = (struct hold_range){0, DURATION_MAX_NS};
    setup.allowed_count = 1;
    struct threshold *search = search_of(&setup);
    while (threshold_state(search) == THRESHOLD_OPEN) {
        press_on(search, &unit, 1);
    }
    threshold_estimate(search, &estimate);
    assert_int_equal(threshold_state(search), THRESHOLD_PRECISE);
    assert_true(estimate.low_ns <= 300 * ms && 300 * ms <= estimate.high_ns);
    threshold_free(search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_brute_force),
        cmocka_unit_test(test_as_good_as_a_fine_grid),
        cmocka_unit_test(test_chooses_well),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_stops_precise),
        cmocka_unit_test(test_stops_spent),
        cmocka_unit_test(test_interval_narrows),
        cmocka_unit_test(test_lapses),
        cmocka_unit_test(test_guess),
        cmocka_unit_test(test_contradictory),
        cmocka_unit_test(test_never_a_closed_hold),
        cmocka_unit_test(test_threshold_in_the_closed_part),
        cmocka_unit_test(test_threshold_in_a_gap),
        cmocka_unit_test(test_mostly_closed),
        cmocka_unit_test(test_narrow_and_outside),
        cmocka_unit_test(test_taken_up_again),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_window_start_alone),
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_bad_setups),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
