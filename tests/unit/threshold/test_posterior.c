/*
 * Posteriors: against tables and closed forms, and by simulation: how often the interval holds the
 * true difference, how often a difference is claimed where there is none.
 */
#include "rig/threshold/posterior.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void check_near(double got, double expected, double within)
{
    if (!(fabs(got - expected) <= within)) {
        fail_msg("%.9g is not %.9g within %g", got, expected, within);
    }
}

/* Tables of Student's distribution: 97.5 % points. */
static void test_student(void **state)
{
    static const struct {
        double freedom, t, below;
    } table[] = {{1, 12.7062, 0.975},   {2, 4.30265, 0.975},  {4, 2.77645, 0.975},
                 {9, 2.26216, 0.975},   {30, 2.04227, 0.975}, {120, 1.97993, 0.975},
                 {1, 1, 0.75},          {2, -1.88562, 0.1},   {5, 0, 0.5},
                 {1e6, 1.959964, 0.975}};
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        check_near(posterior_student_below(table[i].t, table[i].freedom), table[i].below, 2e-6);
    }
}

/* With whole numbers the incomplete beta function is a sum of binomial terms. */
static double binomial_tail(double x, int a, int b)
{
    int n = a + b - 1;
    double sum = 0;
    for (int j = a; j <= n; j++) {
        double term = 1;
        for (int k = 1; k <= j; k++) {
            term *= (double)(n - j + k) / k;
        }
        sum += term * pow(x, j) * pow(1 - x, n - j);
    }
    return sum;
}

static void test_beta(void **state)
{
    (void)state;
    for (int a = 1; a <= 12; a++) {
        for (int b = 1; b <= 12; b++) {
            for (int i = 0; i < 14; i++) {
                double x = 0.02 + 0.07 * i;
                check_near(posterior_beta_below(x, a, b), binomial_tail(x, a, b), 1e-10);
            }
        }
    }
    check_near(posterior_beta_below(0.3, 0.5, 0.5), 2 / acos(-1.0) * asin(sqrt(0.3)), 1e-12);
    check_near(posterior_beta_below(0, 3, 4), 0, 0);
    check_near(posterior_beta_below(1, 3, 4), 1, 0);
}

/* Below which 97.5 % lie. */
static double upper(const struct posterior *posterior)
{
    size_t at = POSTERIOR_POINTS * 975 / 1000;
    return (posterior->at[at - 1] + posterior->at[at]) / 2;
}

static void test_points_rise_and_fit(void **state)
{
    static const double values[] = {10, 12, 9, 11, 13};
    struct posterior mean;
    struct posterior rate;
    (void)state;
    posterior_of_mean(&mean, values, 5, 0);
    posterior_of_rate(&rate, 7, 9);
    for (size_t i = 1; i < POSTERIOR_POINTS; i++) {
        assert_true(mean.at[i] > mean.at[i - 1]);
        assert_true(rate.at[i] > rate.at[i - 1]);
    }
    /* Mean 11, s = sqrt(2.5): 97.5 % at 11 + 2.77645 sqrt(2.5 / 5). */
    check_near(upper(&mean), 11 + 2.77645 * sqrt(0.5), 2e-3);
    for (size_t i = 0; i < POSTERIOR_POINTS; i += 37) {
        double share = ((double)i + 0.5) / POSTERIOR_POINTS;
        check_near(posterior_beta_below(rate.at[i], 7.5, 2.5), share, 1e-9);
        check_near(posterior_student_below((mean.at[i] - 11) / sqrt(0.5), 4), share, 1e-9);
    }
}

/* Values that are all the same are known to their grain only. */
static void test_grain(void **state)
{
    static const double same[] = {5, 5, 5, 5};
    struct posterior mean;
    (void)state;
    posterior_of_mean(&mean, same, 4, 0);
    check_near(mean.at[POSTERIOR_POINTS - 1], 5, 0);
    posterior_of_mean(&mean, same, 4, 1);
    check_near(upper(&mean), 5 + 3.18245 * sqrt(1.0 / 12 / 4), 2e-3);
}

/* Of Beta(1/2 + whole) there is a table: difference of two equal posteriors is even; with one of
 * them far up the probability is 1; and P(b > a) by direct summation of densities. */
static void test_difference(void **state)
{
    struct posterior a;
    struct posterior b;
    (void)state;
    posterior_of_rate(&a, 5, 10);
    check_near(posterior_exceeds(&a, &a, 0), 0.5, 1e-12);
    check_near(posterior_difference(&a, &a, 0.5), 0, 1e-3);
    check_near(posterior_difference(&a, &a, 0.975), -posterior_difference(&a, &a, 0.025), 1e-3);
    posterior_of_rate(&a, 9, 12);
    posterior_of_rate(&b, 14, 15);
    double sum = 0;
    const int steps = 4000;
    for (int i = 0; i < steps; i++) {
        double low = posterior_beta_below((double)i / steps, 14.5, 1.5);
        double high = posterior_beta_below((double)(i + 1) / steps, 14.5, 1.5);
        sum += (high - low) * posterior_beta_below((i + 0.5) / steps, 9.5, 3.5);
    }
    check_near(posterior_exceeds(&a, &b, 0), sum, 1e-3);
}

/* Two means with very many values: the difference is normal. */
static void test_difference_normal(void **state)
{
    enum { N = 4000 };
    static double a[N];
    static double b[N];
    struct posterior pa;
    struct posterior pb;
    (void)state;
    for (int i = 0; i < N; i++) {
        a[i] = i % 2 ? 101 : 99;  /* sd 1 */
        b[i] = i % 2 ? 107 : 103; /* mean 105, sd 2 */
    }
    posterior_of_mean(&pa, a, N, 0);
    posterior_of_mean(&pb, b, N, 0);
    double se = sqrt((1.0 + 4.0) / (N - 1));
    check_near(posterior_difference(&pa, &pb, 0.5), 5, 1e-3 * se);
    check_near(posterior_difference(&pa, &pb, 0.975), 5 + 1.959964 * se, 4e-3 * se);
    check_near(posterior_difference(&pa, &pb, 0.025), 5 - 1.959964 * se, 4e-3 * se);
    check_near(posterior_exceeds(&pa, &pb, 5 + se), 0.158655, 1e-3);
}

/* Fisher's example and the published 5 % points of Behrens' distribution (Fisher and Yates, table
 * VI): for 6 and 6 degrees of freedom at 45 degrees 2.435, for 6 and 12 at 45 degrees 2.301. */
static void test_behrens_fisher(void **state)
{
    static const struct {
        size_t n1, n2;
        double point;
    } table[] = {{7, 7, 2.435}, {7, 13, 2.301}, {9, 9, 2.292}};
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        double a[16];
        double b[16];
        struct posterior pa;
        struct posterior pb;
        /* Samples whose standard error of the mean is 1 each: 45 degrees. */
        for (size_t j = 0; j < table[i].n1; j++) {
            a[j] = j == 0 ? sqrt(0.5 * table[i].n1 * (table[i].n1 - 1)) : 0;
            a[j] = j == 1 ? -a[0] : a[j];
        }
        for (size_t j = 0; j < table[i].n2; j++) {
            b[j] = j == 0 ? sqrt(0.5 * table[i].n2 * (table[i].n2 - 1)) : 0;
            b[j] = j == 1 ? -b[0] : b[j];
        }
        posterior_of_mean(&pa, a, table[i].n1, 0);
        posterior_of_mean(&pb, b, table[i].n2, 0);
        check_near(posterior_difference(&pa, &pb, 0.975) / sqrt(2), table[i].point, 8e-3);
    }
}

/* ---- by simulation ------------------------------------------------------------------------ */

static uint64_t random_state;

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

/* Fewer where every step is slow (valgrind). */
static int rounds_of(int usual)
{
    return getenv("LONGPRESS_CASES") ? usual / 20 : usual;
}

/* By how much a share of about 95 % may be off after so many rounds: four standard deviations. */
static double slack(int rounds)
{
    return 4 * sqrt(0.05 * 0.95 / rounds);
}

/* Posteriors of a simulation: few are different but for place and width, and each costs
 * milliseconds. */

enum { SAME_MAX = 64, COUNT_MAX = 32 };

/* As posterior_of_mean() gives it: Student's points are the same for so many values. */
static void mean_of(struct posterior *posterior, const double *values, size_t count)
{
    static struct posterior unit[SAME_MAX];
    static bool known[SAME_MAX];
    double mean = 0;
    double square = 0;

    assert_true(count > 1 && count < SAME_MAX);
    if (!known[count]) {
        struct posterior whole;
        posterior_of_student(&unit[count], 0, 1, (double)(count - 1));
        known[count] = true;
        mean_of(posterior, values, count);
        posterior_of_mean(&whole, values, count, 0);
        for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
            check_near(posterior->at[i], whole.at[i], 1e-9);
        }
        return;
    }
    for (size_t i = 0; i < count; i++) {
        mean += values[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        square += (values[i] - mean) * (values[i] - mean);
    }
    double width = sqrt(square / (double)(count - 1) / (double)count);
    for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
        posterior->at[i] = mean + width * unit[count].at[i];
    }
}

static const struct posterior *rate_of(size_t good, size_t count)
{
    static struct posterior rates[COUNT_MAX][COUNT_MAX];
    static bool known[COUNT_MAX][COUNT_MAX];

    assert_true(good <= count && count < COUNT_MAX);
    if (!known[count][good]) {
        posterior_of_rate(&rates[count][good], (double)good, (double)count);
        known[count][good] = true;
    }
    return &rates[count][good];
}

enum shape { NORMAL, SKEWED, HEAVY };

static double draw(enum shape shape)
{
    switch (shape) {
    case NORMAL:
        return normal();
    case SKEWED:
        return -log(uniform()) - 1; /* exponential: mean 0, sd 1 */
    case HEAVY:
        return uniform() < 0.1 ? 3 * normal() : normal(); /* one in ten is an outlier */
    }
    return 0;
}

/* How often the 95 % interval of the difference holds the true one. */
static double mean_coverage(enum shape shape, size_t n1, size_t n2, double sd2, int rounds)
{
    int held = 0;
    double a[64];
    double b[64];
    struct posterior pa;
    struct posterior pb;
    for (int i = 0; i < rounds; i++) {
        for (size_t j = 0; j < n1; j++) {
            a[j] = 100 + draw(shape);
        }
        for (size_t j = 0; j < n2; j++) {
            b[j] = 102 + sd2 * draw(shape);
        }
        mean_of(&pa, a, n1);
        mean_of(&pb, b, n2);
        double above = posterior_exceeds(&pa, &pb, 2);
        held += above > 0.025 && above < 0.975;
    }
    return (double)held / rounds;
}

static void test_coverage_of_means(void **state)
{
    static const struct {
        const char *what;
        enum shape shape;
        size_t n1, n2;
        double sd2;
        double least;
    } cases[] = {
        {"normal, 5 and 5", NORMAL, 5, 5, 1, 0.95},
        {"normal, 5 and 20, widths 1 and 3", NORMAL, 5, 20, 3, 0.95},
        {"normal, 20 and 20", NORMAL, 20, 20, 1, 0.95},
        {"skewed, 10 and 10", SKEWED, 10, 10, 1, 0.95},
        {"outliers, 10 and 10", HEAVY, 10, 10, 1, 0.95},
        /* Five values do not show how skewed they are, and nothing on the other side makes up for
         * it: the README says so. */
        {"skewed, 5 and 30", SKEWED, 5, 30, 1, 0.91},
    };
    int rounds = rounds_of(400);
    (void)state;
    random_state = 20261125;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double coverage =
            mean_coverage(cases[i].shape, cases[i].n1, cases[i].n2, cases[i].sd2, rounds);
        printf("note: 95 %% interval of a difference of means, %s: holds in %.1f %%\n",
               cases[i].what, 100 * coverage);
        assert_true(coverage >= cases[i].least - slack(rounds));
    }
}

/* Of two alike: how often is one called slower for certain? Must be 2.5 % or less. */
static void test_false_alarms(void **state)
{
    enum { N = 12 };
    int rounds = rounds_of(1000);
    int slower = 0;
    int better = 0;
    (void)state;
    random_state = 4711;
    for (int i = 0; i < rounds; i++) {
        double values[2][N];
        struct posterior p[2];
        size_t good[2] = {0, 0};
        for (int g = 0; g < 2; g++) {
            for (int j = 0; j < N; j++) {
                values[g][j] = normal();
                good[g] += uniform() < 0.8;
            }
            mean_of(&p[g], values[g], N);
        }
        slower += posterior_exceeds(&p[0], &p[1], 0) > 0.975;
        better += posterior_exceeds(rate_of(good[0], N), rate_of(good[1], N), 0) > 0.975;
    }
    printf("note: false alarms among %d pairs that are alike: means %.1f %%, rates %.1f %%\n",
           rounds, 100.0 * slower / rounds, 100.0 * better / rounds);
    assert_true(slower <= rounds * (0.025 + slack(rounds)));
    assert_true(better <= rounds * (0.025 + slack(rounds)));
}

static void test_coverage_of_rates(void **state)
{
    int rounds = rounds_of(600);
    static const struct {
        double p1, p2;
        size_t n;
    } cases[] = {{0.9, 0.6, 20}, {0.95, 0.95, 30}, {0.5, 0.5, 10}};
    (void)state;
    random_state = 99;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int held = 0;
        for (int r = 0; r < rounds; r++) {
            size_t good[2] = {0, 0};
            for (size_t j = 0; j < cases[i].n; j++) {
                good[0] += uniform() < cases[i].p1;
                good[1] += uniform() < cases[i].p2;
            }
            double above =
                posterior_exceeds(rate_of(good[0], cases[i].n), rate_of(good[1], cases[i].n),
                                  cases[i].p2 - cases[i].p1);
            held += above > 0.025 && above < 0.975;
        }
        printf("note: 95 %% interval of a difference of rates, %.2f and %.2f of %zu: holds in %.1f "
               "%%\n",
               cases[i].p1, cases[i].p2, cases[i].n, 100.0 * held / rounds);
        assert_true(held >= rounds * (0.95 - slack(rounds)));
    }
}

/* Waits of which some never end: the interval of the difference of two restricted means. */
static void test_coverage_of_waits(void **state)
{
    enum { N = 30 };
    int rounds = rounds_of(300);
    const double until = 37;
    const double share[2] = {0.1, 0.4};
    const double mean[2] = {10, 12};
    int held = 0;
    (void)state;
    random_state = 7;
    double truth =
        until * (share[1] - share[0]) + (1 - share[1]) * mean[1] - (1 - share[0]) * mean[0];
    for (int r = 0; r < rounds; r++) {
        struct posterior p[2];
        for (int g = 0; g < 2; g++) {
            double values[N];
            size_t count = 0;
            for (size_t i = 0; i < N; i++) {
                if (uniform() >= share[g]) {
                    values[count++] = mean[g] + normal();
                }
            }
            posterior_of_wait(&p[g], values, count, N - count, until, 0.001);
            assert_true(p[g].at[0] >= 0 && p[g].at[POSTERIOR_POINTS - 1] <= until);
        }
        double above = posterior_exceeds(&p[0], &p[1], truth);
        held += above > 0.025 && above < 0.975;
    }
    printf("note: 95 %% interval of a difference of waits: holds in %.1f %%\n",
           100.0 * held / rounds);
    assert_true(held >= rounds * (0.95 - slack(rounds)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_student),
        cmocka_unit_test(test_beta),
        cmocka_unit_test(test_points_rise_and_fit),
        cmocka_unit_test(test_grain),
        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_difference_normal),
        cmocka_unit_test(test_behrens_fisher),
        cmocka_unit_test(test_coverage_of_means),
        cmocka_unit_test(test_false_alarms),
        cmocka_unit_test(test_coverage_of_rates),
        cmocka_unit_test(test_coverage_of_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
