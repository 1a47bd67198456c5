#include "rig/threshold/threshold_drift.h"

#include "rig/base/arena.h"
#include "rig/threshold/threshold_internal.h"

#include <math.h>
#include <stdlib.h>

/* Of the precision asked for, what the largest drift is with each press. */
static const double most = 0.2;
/* Of it, how far a drift that matters has come. */
static const double matters = 2.3;
/* What is so much less likely than the search's own estimate adds nothing. */
static const double nothing = 1e-15;

/* What each press was worth at the search's estimate: likelihoods are told as ratios to it, so that
 * those of long series are no denormal numbers. */
static void usual_chances(const struct threshold *search, double *usual)
{
    for (size_t i = 0; i < search->count; i++) {
        double chance = threshold_triggers(search, (int64_t)search->presses[i].hold);
        usual[i] = search->presses[i].triggered ? chance : 1 - chance;
    }
}

/* Likelihood of the presses for one threshold and slope, times the lapses' prior. */
static double likelihood(const struct threshold *search, const double *usual, double threshold,
                         double slope, double drift)
{
    const double guess = search->setup.guess;
    const double middle = 0.5 * ((double)search->count - 1);
    double weight[LAPSES];
    double sum = 1;
    for (int l = 0; l < LAPSES; l++) {
        weight[l] = search->lapse_prior[l];
    }
    for (size_t i = 0; i < search->count && sum > nothing; i++) {
        const struct press *press = &search->presses[i];
        double at = threshold + drift * ((double)i - middle);
        double f = threshold_phi(search, (press->hold - at) / slope);
        sum = 0;
        for (int l = 0; l < LAPSES; l++) {
            double p = guess + (1 - guess - search->lapses[l]) * f;
            weight[l] *= (press->triggered ? p : 1 - p) / usual[i];
            sum += weight[l];
        }
    }
    return sum > nothing ? sum : 0;
}

/* Two cells as one: they are finer than a sum of smooth curves needs. */
static double marginal(const struct threshold *search, const double *usual, double drift)
{
    double sum = 0;
    for (size_t c = 0; c < search->cells; c += 2) {
        double low = search->edges[c];
        double high = search->edges[c + 2 < search->cells ? c + 2 : search->cells];
        for (int s = 0; s < SLOPES; s++) {
            sum += (high - low) * search->slope_prior[s] *
                   likelihood(search, usual, 0.5 * (low + high), search->slopes[s], drift);
        }
    }
    return sum;
}

void threshold_drift(const struct threshold *search, struct threshold_drift *drift)
{
    const double precision = (double)search->setup.precision_ns;
    if (search->drift->known && search->drift->presses == search->count) {
        *drift = search->drift->drift;
        return;
    }
    double *usual = xrealloc_array(NULL, search->count + 1, sizeof(*usual));
    usual_chances(search, usual);
    double none = marginal(search, usual, 0);
    double by = most * precision;
    *drift = (struct threshold_drift){0, 0};
    for (int k = 0; k < 2 * DRIFT_STEPS; k++) {
        double ratio = marginal(search, usual, k % 2 ? -by : by) / none;
        drift->odds += ratio / (2 * DRIFT_STEPS);
        if (by * (double)search->count > matters * precision) {
            drift->worst = fmax(drift->worst, ratio);
        }
        by = k % 2 ? by / 2 : by;
    }
    free(usual);
    *search->drift = (struct drift_found){true, search->count, *drift};
}
