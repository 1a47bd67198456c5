/*
 * Does the threshold wander while it is measured? A curve that drifts against one that stays, by
 * their marginal likelihoods ("Bayes factor", Kass and Raftery 1995,
 * https://doi.org/10.1080/01621459.1995.10476572):
 *     odds = sum over d of P(d) P(presses | d) / P(presses | 0)
 *     P(presses | d) = sum over threshold, slope, lapse of prior * product of P(press i | z_i)
 *     z_i = (hold_i - threshold - d (i - (n - 1) / 2)) / slope
 * with the search's own cells, prior and curve (rig/threshold/threshold.h); the threshold is that
 * of the middle of the series. So slope and lapse are averaged over: a drift that a larger scatter
 * explains as well is none, and one that a small scatter excludes is seen after few presses.
 * Observers that do not stay what they are get intervals that are too narrow, more presses or not:
 * Fründ, Haenel and Wichmann 2011, https://doi.org/10.1167/11.6.16.
 *
 * The drifts that are reckoned with are DRIFT_STEPS in each direction, as likely as each other: of
 * the precision asked for, a fifth with each press, and half as much each, down to an eightieth.
 *
 * Of a unit that does not drift the odds ever reach k in at most one of k series, however often one
 * looks (Ville's inequality; Shafer, Shen, Vereshchagin and Vovk 2011,
 * https://doi.org/10.1214/11-STS347).
 */
#ifndef LONGPRESS_RIG_THRESHOLD_DRIFT_H
#define LONGPRESS_RIG_THRESHOLD_DRIFT_H

#include "rig/threshold/threshold.h"

enum { DRIFT_STEPS = 5 };

struct threshold_drift {
    double odds; /* 1 before the first press */
    /* The largest ratio P(presses | d) / P(presses | 0) of those that matter: that have moved the
     * threshold by more than twice the precision asked for (2.3 times) since the first press. How
     * far they are from being excluded; 0: none of them matters yet. */
    double worst;
};

void threshold_drift(const struct threshold *search, struct threshold_drift *drift);

#endif
