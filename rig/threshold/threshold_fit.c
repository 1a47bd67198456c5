#include "rig/threshold/threshold_fit.h"

#include "rig/base/arena.h"
#include "rig/base/units.h"
#include "rig/threshold/threshold_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TAKEN_OUT = 3, /* threshold, slope, lapse */
    EFFECTS_MAX = 2,
    TERMS = TAKEN_OUT + EFFECTS_MAX,
    PRESSES_MIN = 10, /* of fewer nothing is told */
    GROUP = 10,       /* presses of a group, at least; of GROUPS_MAX groups */
    GROUPS_MAX = 10,
};

/* Chi squares: by chance in one of a hundred, of two hundred, of a thousand. */
static const double odd_resumed = 6.635;
static const double odd_shape = 10.597;
static const double odd_moves = 13.816;
static const double odd_deviance = 3.5;
/* Odds that come by chance in less than one of a hundred. */
static const double odd_rival = 100;
/* Against none, what is no less likely than that is not excluded. */
static const double unsure_drift = 0.1;
/* Beyond that a hold tells of lapses and guesses alone. */
static const double far = 3;

struct point {
    double hold;
    double z;
    double chance;  /* that it triggers */
    double reaches; /* that the hold is long enough */
    double density; /* derivative of `chance` by z */
    double triggered;
};

/* Chi square of effects on z: how much better is it with them? `size`: of the first, in z. */
static double score(const struct point *points, size_t count, const double *const *effects,
                    size_t effect_count, double *size)
{
    /* What the search knows of slope (by ratio) and lapse before the first press, so that a few
     * presses do not leave them open. */
    double information[TERMS][TERMS] = {[1][1] = 1, [2][2] = 100};
    double gradient[TERMS] = {0};
    size_t terms = TAKEN_OUT + effect_count;
    double chi_square = 0;

    for (size_t i = 0; i < count; i++) {
        const struct point *point = &points[i];
        double by[TERMS] = {point->density, point->z * point->density, -point->reaches};
        double variance = point->chance * (1 - point->chance);
        for (size_t e = 0; e < effect_count; e++) {
            by[TAKEN_OUT + e] = effects[e][i] * point->density;
        }
        for (size_t a = 0; a < terms; a++) {
            gradient[a] += (point->triggered - point->chance) * by[a] / variance;
            for (size_t b = 0; b < terms; b++) {
                information[a][b] += by[a] * by[b] / variance;
            }
        }
    }
    for (size_t k = 0; k < terms; k++) {
        if (information[k][k] < 1e-9) {
            continue; /* no press tells of it */
        }
        if (k >= TAKEN_OUT) {
            chi_square += gradient[k] * gradient[k] / information[k][k];
        }
        if (k == TAKEN_OUT) {
            *size = gradient[k] / information[k][k];
        }
        for (size_t a = k + 1; a < terms; a++) {
            double factor = information[a][k] / information[k][k];
            gradient[a] -= factor * gradient[k];
            for (size_t b = k; b < terms; b++) {
                information[a][b] -= factor * information[k][b];
            }
        }
    }
    return chi_square;
}

static int by_hold(const void *a, const void *b)
{
    double x = ((const struct point *)a)->hold;
    double y = ((const struct point *)b)->hold;
    return (x > y) - (x < y);
}

/* Sorts the points. */
static double deviance_of(struct point *points, size_t count)
{
    size_t groups = count / GROUP > GROUPS_MAX ? GROUPS_MAX : count / GROUP;
    double chi_square = 0;

    if (groups <= TAKEN_OUT) {
        return 0;
    }
    qsort(points, count, sizeof(*points), by_hold);
    for (size_t g = 0; g < groups; g++) {
        double off = 0;
        double variance = 0;
        for (size_t i = count * g / groups; i < count * (g + 1) / groups; i++) {
            off += points[i].triggered - points[i].chance;
            variance += points[i].chance * (1 - points[i].chance);
        }
        chi_square += off * off / variance;
    }
    double freedom = (double)(groups - TAKEN_OUT);
    return (chi_square - freedom) / sqrt(2 * freedom);
}

static void points_of(const struct threshold *search, const struct threshold_estimate *estimate,
                      struct point *points)
{
    double guess = search->setup.guess;
    double answers = 1 - guess - estimate->lapse;
    for (size_t i = 0; i < search->count; i++) {
        const struct press *press = &search->presses[i];
        double z = (press->hold - (double)estimate->median_ns) / (double)estimate->slope_ns;
        double reaches = 0.5 * erfc(-z * M_SQRT1_2);
        points[i] = (struct point){
            .hold = press->hold,
            .z = z,
            .chance = guess + answers * reaches,
            .reaches = reaches,
            .density = answers * exp(-0.5 * z * z) * 0.5 * M_2_SQRTPI * M_SQRT1_2,
            .triggered = press->triggered,
        };
    }
}

/* What follows the first `before` presses, against them. */
static double score_after(const struct point *points, size_t count, size_t before, double *effect,
                          double *size)
{
    for (size_t i = 0; i < count; i++) {
        effect[i] = i >= before;
    }
    return score(points, count, (const double *const[]){effect}, 1, size);
}

static void fit_time(const struct threshold *search, const struct point *points,
                     double *const effects[EFFECTS_MAX], double slope, struct threshold_fit *fit)
{
    size_t count = search->count;
    double after = 0;
    for (size_t i = 0; i < count; i++) {
        effects[1][i] = (double)i / (double)count;
    }
    /* Later by so much in z: the threshold is so much shorter. */
    score_after(points, count, count / 2, effects[0], &after);
    double shift = -after * slope;
    fit->moves = score(points, count, (const double *const *)effects, 2, &after);
    for (size_t p = 0; p < search->pause_count; p++) {
        double chi_square = score_after(points, count, search->pauses[p], effects[0], &after);
        if (chi_square > fit->resumed) {
            fit->resumed = chi_square;
            fit->before = (int)search->pauses[p];
            fit->shift_ns = llround(-after * slope);
        }
    }
    /* The largest of several is larger. */
    double several = search->pause_count > 1 ? 2 * log((double)search->pause_count) : 0;
    fit->odd = fit->resumed > odd_resumed + several ? FIT_RESUMED
               : fit->moves > odd_moves             ? FIT_MOVES
                                                    : FIT_GOOD;
    fit->shift_ns = fit->odd == FIT_RESUMED ? fit->shift_ns : llround(shift);
}

void threshold_fit(const struct threshold *search, struct threshold_fit *fit)
{
    size_t count = search->count;
    struct threshold_estimate estimate;
    double none;

    *fit = (struct threshold_fit){.odd = FIT_GOOD};
    if (count < PRESSES_MIN) {
        return;
    }
    threshold_estimate(search, &estimate);
    struct point *points = xrealloc_array(NULL, count, sizeof(*points));
    double *effects[EFFECTS_MAX] = {xrealloc_array(NULL, count, sizeof(double)),
                                    xrealloc_array(NULL, count, sizeof(double))};
    points_of(search, &estimate, points);
    fit_time(search, points, effects, (double)estimate.slope_ns, fit);
    if (fit->odd == FIT_GOOD) {
        threshold_rivals(search, &fit->rivals); /* they take the longest */
        fit->unsure = fit->rivals.worst_drift > unsure_drift;
        fit->odd = fit->rivals.drift >= odd_rival ? FIT_MOVES : FIT_GOOD;
    }
    for (size_t i = 0; i < count; i++) {
        double z = fmin(fmax(points[i].z, -far), far);
        effects[0][i] = z * z;
        effects[1][i] = z * z * z;
    }
    fit->shape = score(points, count, (const double *const *)effects, 2, &none);
    fit->deviance = deviance_of(points, count);
    if (fit->odd == FIT_GOOD) {
        bool shape = fit->shape > odd_shape || fit->rivals.pair >= odd_rival;
        fit->odd = shape ? FIT_SHAPE : fit->deviance > odd_deviance ? FIT_DEVIANCE : FIT_GOOD;
    }
    free(points);
    free(effects[0]);
    free(effects[1]);
}

char *threshold_fit_words(char out[THRESHOLD_FIT_TEXT_MAX], const struct threshold_fit *fit)
{
    const char *longer = fit->shift_ns < 0 ? "shorter" : "longer";
    int64_t shift_ms = (llabs(fit->shift_ns) + NS_PER_MS / 2) / NS_PER_MS;

    out[0] = '\0';
    switch (fit->odd) {
    case FIT_GOOD:
        break;
    case FIT_MOVES:
        snprintf(out, THRESHOLD_FIT_TEXT_MAX,
                 "the threshold drifted during the measurement: in the second half of the presses "
                 "it is about %" PRId64 " ms %s than in the first",
                 shift_ms, longer);
        break;
    case FIT_RESUMED:
        snprintf(out, THRESHOLD_FIT_TEXT_MAX,
                 "since the series was resumed after %d presses, the threshold is about "
                 "%" PRId64 " ms %s than before: is it the same unit, in the same state?",
                 fit->before, shift_ms, longer);
        break;
    case FIT_SHAPE:
        snprintf(out, THRESHOLD_FIT_TEXT_MAX,
                 "the rate of triggering does not rise with the hold as it would for one threshold "
                 "with scatter: there may be two");
        break;
    case FIT_DEVIANCE:
        snprintf(out, THRESHOLD_FIT_TEXT_MAX,
                 "some holds trigger more or less often than any single threshold can explain");
        break;
    }
    return out;
}
