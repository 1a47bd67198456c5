/*
 * Do other units explain the presses better than the one that the search assumes? Two rivals of it
 * are told by marginal likelihoods ("Bayes factor", Kass and Raftery 1995,
 * https://doi.org/10.1080/01621459.1995.10476572):
 *     P(presses | rival) = sum over threshold, slope, lapse of prior * product of P(press i)
 *     drift  hold i triggers by Phi((hold - threshold - d (i - (n - 1) / 2)) / slope)
 *     pair   by half of Phi((hold - threshold - a) / slope) + Phi((hold - threshold + a) / slope)
 * with the search's own cells, prior, lapse and guess (rig/threshold/threshold.h); the threshold is
 * that of the middle of the series, or of the two. So slope and lapse are averaged over: a drift
 * that a larger scatter explains as well is none, and one that a small scatter excludes is seen
 * after few presses. Units that do not stay what they are get intervals that are too narrow, more
 * presses or not: Fründ, Haenel and Wichmann 2011, https://doi.org/10.1167/11.6.16.
 *
 * The odds for a rival are the mean of its ratios P(presses | rival) / P(presses | the one assumed)
 * over
 *     d  a fifth of the precision asked for with each press, and half as much each, down to an
 *        eightieth, in either direction: DRIFT_STEPS
 *     a  half of the precision asked for, and 1.4 times as much each, up to 3.8 times:
 *        PAIR_STEPS
 * Of a unit that is as assumed they ever reach k in at most one of k series, however often one
 * looks (Ville's inequality; Shafer, Shen, Vereshchagin and Vovk 2011,
 * https://doi.org/10.1214/11-STS347).
 *
 * Sums over fewer cells than the search's own, the fewer the more presses there are, and what has
 * become unlikely after some of the presses is not weighed against the others: it takes about 10 ms
 * on a PC, of 200 presses. The same presses in the same order give the same odds, however often
 * they were asked for.
 */
#ifndef LONGPRESS_RIG_THRESHOLD_RIVALS_H
#define LONGPRESS_RIG_THRESHOLD_RIVALS_H

#include "rig/threshold/threshold.h"

enum { DRIFT_STEPS = 5, PAIR_STEPS = 7 };

struct threshold_rivals {
    double drift; /* odds; 1 before the first press */
    double pair;
    /* The largest ratio of the drifts that matter: that have moved the threshold by more than 2.3
     * times the precision asked for since the first press. 0: none of them does yet. */
    double worst_drift;
};

void threshold_rivals(const struct threshold *search, struct threshold_rivals *rivals);

#endif
