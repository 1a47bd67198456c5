#include "rig/threshold/threshold_rivals.h"

#include "rig/base/arena.h"
#include "rig/threshold/threshold_internal.h"

#include <math.h>
#include <stdlib.h>

/* Of the precision asked for, what the largest drift is with each press. */
static const double most = 0.2;
/* Of it, how far a drift that matters has come. */
static const double matters = 2.3;

/* The search's cells of the threshold, so many as one: a sum over a smooth curve needs no finer
 * ones, and the curve is the smoother the more presses there are. */
enum { MERGED_MIN = 2, MERGED_MAX = 8, PRESSES_OF_MERGED = 12 };
enum { POINTS_MAX = (CELLS_MAX / MERGED_MIN + 1) * SLOPES };
/* So often (in presses) what cannot matter any more is dropped: of a unit's thresholds and slopes
 * those so much less likely than the best; and a rival so much less likely than the unit assumed,
 * of which the logarithm is told. */
enum { DROP_EVERY = 4, DROPS_MAX = THRESHOLD_PRESSES_MAX / DROP_EVERY + 1 };
static const double dropped_point = 1e-7;
static const double dropped_rival = -14;

/* Of two thresholds, how far the nearest of those reckoned with are from their middle, and each
 * next ones. */
static const double nearest = 0.5;
static const double further = 1.4;

/* Another unit than the search assumes: with each press its threshold is so much longer; it has two
 * thresholds, so far to either side. Neither: the one that the search assumes. */
struct rival {
    double drift;
    double aside;
};

/* One threshold and slope; the presses' likelihood with each lapse, times its prior. */
struct point {
    double threshold;
    double per_slope; /* one by it */
    double lapses[LAPSES];
};

/* Marginal likelihoods, as logarithms: of the first presses, up to each drop, and of them all. */
struct evidence {
    double after[DROPS_MAX];
    double all;
};

static size_t lay_points(const struct threshold *search, struct rival rival, struct point *points)
{
    /* A unit with two thresholds may have far less scatter than the one assumed. */
    size_t most_merged = rival.aside > 0 ? MERGED_MAX / 2 : MERGED_MAX;
    size_t merged = search->count / PRESSES_OF_MERGED;
    size_t count = 0;
    merged = merged < MERGED_MIN ? MERGED_MIN : merged > most_merged ? most_merged : merged;
    for (size_t c = 0; c < search->cells; c += merged) {
        double low = search->edges[c];
        double high = search->edges[c + merged < search->cells ? c + merged : search->cells];
        for (int s = 0; s < SLOPES; s++) {
            struct point *point = &points[count++];
            point->threshold = 0.5 * (low + high);
            point->per_slope = 1 / search->slopes[s];
            for (int l = 0; l < LAPSES; l++) {
                point->lapses[l] = (high - low) * search->slope_prior[s] * search->lapse_prior[l];
            }
        }
    }
    return count;
}

/* The normal distribution, linear between the table's points: off by less than 2e-6. */
static inline double phi_near(const struct threshold *search, double z)
{
    double at = (z + PHI_REACH) * PHI_STEPS;
    if (!(at > 0)) {
        return 0;
    }
    if (at >= PHI_POINTS - 1) {
        return 1;
    }
    int i = (int)at;
    return search->phi[i] + (at - i) * (search->phi[i + 1] - search->phi[i]);
}

static void press_points(const struct threshold *search, struct point *points, size_t count,
                         size_t number, struct rival rival)
{
    const struct press *press = &search->presses[number];
    const double guess = search->setup.guess;
    const double none = press->triggered ? guess : 1 - guess;
    const double middle = 0.5 * ((double)search->count - 1);
    const double hold = press->hold - rival.drift * ((double)number - middle);
    double answers[LAPSES];
    for (int l = 0; l < LAPSES; l++) {
        answers[l] = (1 - guess - search->lapses[l]) * (press->triggered ? 1 : -1);
    }
    for (size_t i = 0; i < count; i++) {
        struct point *point = &points[i];
        double away = hold - point->threshold;
        double f = phi_near(search, (away + rival.aside) * point->per_slope);
        if (rival.aside > 0) {
            f = 0.5 * (f + phi_near(search, (away - rival.aside) * point->per_slope));
        }
        for (int l = 0; l < LAPSES; l++) {
            point->lapses[l] *= none + answers[l] * f;
        }
    }
}

/* Leaves the likely ones, of a sum of 1. Returns how many; adds the logarithm of the sum there
 * was. */
static size_t drop_points(struct point *points, size_t count, double *logarithm)
{
    double sums[POINTS_MAX];
    double sum = 0;
    double best = 0;
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        sums[i] = 0;
        for (int l = 0; l < LAPSES; l++) {
            sums[i] += points[i].lapses[l];
        }
        sum += sums[i];
        best = sums[i] > best ? sums[i] : best;
    }
    const double by = 1 / sum;
    for (size_t i = 0; i < count; i++) {
        if (sums[i] >= dropped_point * best) {
            struct point *point = &points[left++];
            *point = points[i];
            for (int l = 0; l < LAPSES; l++) {
                point->lapses[l] *= by;
            }
        }
    }
    *logarithm += log(sum);
    return left;
}

/* A step with which one comes to each of `count` presses, now early ones and now late ones: what a
 * drift cannot be is seen soon. */
static size_t step_of(size_t count)
{
    for (size_t step = count * 5 / 8;; step++) {
        size_t a = step > 0 ? step : 1;
        size_t b = count;
        while (b > 0) {
            size_t rest = a % b;
            a = b;
            b = rest;
        }
        if (a == 1) {
            return step;
        }
    }
}

/* `none`: of the unit assumed; NULL: it is that. */
static void weigh_unit(const struct threshold *search, struct point *points, struct rival rival,
                       const struct evidence *none, struct evidence *evidence)
{
    size_t left = lay_points(search, rival, points);
    size_t step = step_of(search->count);
    size_t number = 0;
    double logarithm = 0;
    for (size_t i = 0; i < search->count; i++) {
        number = (number + step) % search->count;
        press_points(search, points, left, number, rival);
        if (i % DROP_EVERY == DROP_EVERY - 1) {
            size_t drop = i / DROP_EVERY;
            left = drop_points(points, left, &logarithm);
            evidence->after[drop] = logarithm;
            if (none && logarithm < none->after[drop] + dropped_rival) {
                evidence->all = -INFINITY;
                return;
            }
        }
    }
    drop_points(points, left, &logarithm);
    evidence->all = logarithm;
}

static double ratio_of(const struct threshold *search, struct point *points, struct rival rival,
                       const struct evidence *none)
{
    struct evidence evidence;
    weigh_unit(search, points, rival, none, &evidence);
    return exp(evidence.all - none->all);
}

void threshold_rivals(const struct threshold *search, struct threshold_rivals *rivals)
{
    const double precision = (double)search->setup.precision_ns;
    if (search->rivals->known && search->rivals->presses == search->count) {
        *rivals = search->rivals->rivals;
        return;
    }
    struct point *points = xrealloc_array(NULL, POINTS_MAX, sizeof(*points));
    struct evidence none;
    weigh_unit(search, points, (struct rival){0, 0}, NULL, &none);
    double by = most * precision;
    *rivals = (struct threshold_rivals){0, 0, 0};
    for (int k = 0; k < 2 * DRIFT_STEPS; k++) {
        double ratio = ratio_of(search, points, (struct rival){k % 2 ? -by : by, 0}, &none);
        rivals->drift += ratio / (2 * DRIFT_STEPS);
        if (by * (double)search->count > matters * precision) {
            rivals->worst_drift = fmax(rivals->worst_drift, ratio);
        }
        by = k % 2 ? by / 2 : by;
    }
    double aside = nearest * precision;
    for (int k = 0; k < PAIR_STEPS; k++) {
        rivals->pair += ratio_of(search, points, (struct rival){0, aside}, &none) / PAIR_STEPS;
        aside *= further;
    }
    free(points);
    *search->rivals = (struct rivals_found){true, search->count, *rivals};
}
