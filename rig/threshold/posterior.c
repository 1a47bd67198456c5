#include "rig/threshold/posterior.h"

#include "rig/base/arena.h"

#include <math.h>
#include <stdlib.h>

/* ---- distribution functions --------------------------------------------------------------- */

/* lgamma without its global sign; arguments here are positive. */
static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

/* The continued fraction of the incomplete beta function, by Lentz's method. */
static double beta_fraction(double x, double a, double b)
{
    enum { TERMS_MAX = 400 };
    const double tiny = 1e-300;
    double c = 1;
    double d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m <= TERMS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        const double terms[] = {even, odd};
        double change = 1;
        for (int i = 0; i < 2; i++) {
            d = 1 + terms[i] * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + terms[i] / c;
            c = fabs(c) < tiny ? tiny : c;
            change = c * d;
            value *= change;
        }
        if (fabs(change - 1) < 1e-14) {
            break;
        }
    }
    return value;
}

/* x^a (1 - x)^b / B(a, b). */
static double beta_front(double x, double a, double b)
{
    return exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
}

double posterior_beta_below(double x, double a, double b)
{
    if (x <= 0 || x >= 1) {
        return x <= 0 ? 0 : 1;
    }
    double front = beta_front(x, a, b);
    /* The fraction converges fast on this side of the mean only. */
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
                                     : 1 - front * beta_fraction(1 - x, b, a) / b;
}

double posterior_student_below(double t, double freedom)
{
    double tail = posterior_beta_below(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
    return t < 0 ? tail : 1 - tail;
}

/* ---- points ------------------------------------------------------------------------------- */

/* A distribution: of two numbers, or of the first alone. */
struct distribution {
    double (*below)(double x, const struct distribution *of);
    double (*density)(double x, const struct distribution *of);
    double a;
    double b;
};

static double student_share(double t, const struct distribution *of)
{
    return posterior_student_below(t, of->a);
}

static double student_density(double t, const struct distribution *of)
{
    return beta_front(of->a / (of->a + t * t), of->a / 2, 0.5) / fabs(t);
}

static double beta_share(double x, const struct distribution *of)
{
    return posterior_beta_below(x, of->a, of->b);
}

static double beta_density(double x, const struct distribution *of)
{
    return beta_front(x, of->a, of->b) / (x * (1 - x));
}

/* Where in (low, high) `share` of it lies below: by Newton's method, halving where that leads out.
 * `low` is the point before it. */
static double solve(const struct distribution *of, double share, double low, double high)
{
    enum { STEPS_MAX = 100 };
    double density_low = of->density(low, of);
    double x = density_low > 0 ? low + 1.0 / POSTERIOR_POINTS / density_low : high;
    x = x > low && x < high ? x : (low + high) / 2;
    for (int i = 0; i < STEPS_MAX && high - low > 1e-13 * (fabs(low) + fabs(high)); i++) {
        double over = of->below(x, of) - share;
        if (over > 0) {
            high = x;
        } else {
            low = x;
        }
        double density = of->density(x, of);
        double next = density > 0 ? x - over / density : low;
        if (!(next > low && next < high)) {
            next = (low + high) / 2;
        }
        if (fabs(next - x) <= 1e-13 * fabs(x)) {
            return next;
        }
        x = next;
    }
    return x;
}

static double share_of(size_t point)
{
    return ((double)point + 0.5) / POSTERIOR_POINTS;
}

void posterior_of_mean(struct posterior *posterior, const double *values, size_t count,
                       double grain)
{
    double mean = 0;
    double square = 0;
    for (size_t i = 0; i < count; i++) {
        mean += values[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        square += (values[i] - mean) * (values[i] - mean);
    }
    double variance = square / (double)(count - 1) + grain * grain / 12;
    posterior_of_student(posterior, mean, sqrt(variance / (double)count), (double)(count - 1));
}

void posterior_of_student(struct posterior *posterior, double centre, double width, double freedom)
{
    const struct distribution student = {student_share, student_density, freedom, 0};
    double reach = 1;
    while (posterior_student_below(reach, student.a) < share_of(POSTERIOR_POINTS - 1)) {
        reach *= 2;
    }
    /* It is the same on both sides of the mean. */
    double low = 0;
    for (size_t i = POSTERIOR_POINTS / 2; i < POSTERIOR_POINTS; i++) {
        low = solve(&student, share_of(i), low, reach);
        posterior->at[i] = centre + width * low;
        posterior->at[POSTERIOR_POINTS - 1 - i] = centre - width * low;
    }
}

void posterior_of_rate(struct posterior *posterior, double good, double count)
{
    const struct distribution beta = {beta_share, beta_density, good + 0.5, count - good + 0.5};
    double low = 0;
    for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
        low = solve(&beta, share_of(i), low, 1);
        posterior->at[i] = low;
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

void posterior_of_wait(struct posterior *posterior, const double *values, size_t count,
                       size_t missing, double until, double grain)
{
    enum { PAIRS = POSTERIOR_POINTS * POSTERIOR_POINTS };
    struct posterior *share = xrealloc_array(NULL, 2, sizeof(*share));
    struct posterior *mean = share + 1;
    double *waits = xrealloc_array(NULL, PAIRS, sizeof(*waits));

    if (count < 2) {
        for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
            mean->at[i] = until * share_of(i);
        }
    } else {
        posterior_of_mean(mean, values, count, grain);
    }
    posterior_of_rate(share, (double)missing, (double)(missing + count));
    for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
        for (size_t j = 0; j < POSTERIOR_POINTS; j++) {
            double m = fmin(fmax(mean->at[j], 0), until);
            waits[i * POSTERIOR_POINTS + j] = share->at[i] * until + (1 - share->at[i]) * m;
        }
    }
    qsort(waits, PAIRS, sizeof(*waits), by_size);
    for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
        posterior->at[i] = waits[i * POSTERIOR_POINTS + POSTERIOR_POINTS / 2];
    }
    free(waits);
    free(share);
}

double posterior_exceeds(const struct posterior *a, const struct posterior *b, double least)
{
    /* For each point of a, rising, the points of b that exceed it begin further up. Halves: two
     * equal posteriors share their points, and neither exceeds the other. */
    size_t halves = 0;
    size_t equal = 0; /* the first point of b that does not fall short ... */
    size_t above = 0; /* ... and the first that exceeds */
    for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
        while (equal < POSTERIOR_POINTS && b->at[equal] - a->at[i] < least) {
            equal++;
        }
        while (above < POSTERIOR_POINTS && b->at[above] - a->at[i] <= least) {
            above++;
        }
        halves += (POSTERIOR_POINTS - equal) + (POSTERIOR_POINTS - above);
    }
    return (double)halves / (2.0 * POSTERIOR_POINTS * POSTERIOR_POINTS);
}

double posterior_below(const struct posterior *posterior, double share)
{
    double place = fmin(fmax(share * POSTERIOR_POINTS - 0.5, 0), POSTERIOR_POINTS - 1);
    size_t below = (size_t)place;
    size_t above = below + 1 < POSTERIOR_POINTS ? below + 1 : below;
    double part = place - (double)below;
    return (1 - part) * posterior->at[below] + part * posterior->at[above];
}

double posterior_difference(const struct posterior *a, const struct posterior *b, double share)
{
    enum { HALVINGS = 80 };
    double low = b->at[0] - a->at[POSTERIOR_POINTS - 1];
    double high = b->at[POSTERIOR_POINTS - 1] - a->at[0];
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (posterior_exceeds(a, b, middle) > 1 - share) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (low + high) / 2;
}
