#include "rig/threshold/threshold_rivals.h"

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
                         double slope, struct rival rival)
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
        double at = threshold + rival.drift * ((double)i - middle);
        double f = 0.5 * (threshold_phi(search, (press->hold - at + rival.aside) / slope) +
                          threshold_phi(search, (press->hold - at - rival.aside) / slope));
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
static double marginal(const struct threshold *search, const double *usual, struct rival rival)
{
    double sum = 0;
    for (size_t c = 0; c < search->cells; c += 2) {
        double low = search->edges[c];
        double high = search->edges[c + 2 < search->cells ? c + 2 : search->cells];
        for (int s = 0; s < SLOPES; s++) {
            sum += (high - low) * search->slope_prior[s] *
                   likelihood(search, usual, 0.5 * (low + high), search->slopes[s], rival);
        }
    }
    return sum;
}

void threshold_rivals(const struct threshold *search, struct threshold_rivals *rivals)
{
    const double precision = (double)search->setup.precision_ns;
    if (search->rivals->known && search->rivals->presses == search->count) {
        *rivals = search->rivals->rivals;
        return;
    }
    double *usual = xrealloc_array(NULL, search->count + 1, sizeof(*usual));
    usual_chances(search, usual);
    double none = marginal(search, usual, (struct rival){0, 0});
    double by = most * precision;
    *rivals = (struct threshold_rivals){0, 0, 0};
    for (int k = 0; k < 2 * DRIFT_STEPS; k++) {
        double ratio = marginal(search, usual, (struct rival){k % 2 ? -by : by, 0}) / none;
        rivals->drift += ratio / (2 * DRIFT_STEPS);
        if (by * (double)search->count > matters * precision) {
            rivals->worst_drift = fmax(rivals->worst_drift, ratio);
        }
        by = k % 2 ? by / 2 : by;
    }
    double aside = nearest * precision;
    for (int k = 0; k < PAIR_STEPS; k++) {
        rivals->pair += marginal(search, usual, (struct rival){0, aside}) / none / PAIR_STEPS;
        aside *= further;
    }
    free(usual);
    *search->rivals = (struct rivals_found){true, search->count, *rivals};
}
