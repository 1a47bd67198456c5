/*
 * Do a search's presses fit its model: do holds trigger along one normal curve, and does that curve
 * stay where it is?
 *
 * Score tests (Rao 1948, https://doi.org/10.1017/S0305004100023987) for other effects on the
 * threshold, after threshold, slope and lapse are taken out: the distance of the hold from the
 * threshold, squared and cubed (another shape, such as two thresholds); the half of the series that
 * the press was in, and its number (drift); and whether it came after a pause. In addition, the
 * deviance of groups of holds, by length: observed against expected; and the odds for a steady
 * drift and for two thresholds (rig/threshold/threshold_rivals.h).
 *
 * Each score is a chi-square if the model holds. A series is odd if chance explains the value in
 * less than one of two hundred series (movement, for which the odds speak as well: one of a
 * thousand; the deviance: one of several hundred); odds of a hundred come by chance in less than
 * one of a hundred.
 */
#ifndef LONGPRESS_RIG_THRESHOLD_FIT_H
#define LONGPRESS_RIG_THRESHOLD_FIT_H

#include "rig/threshold/threshold_rivals.h"

enum fit_odd {
    FIT_GOOD,
    FIT_MOVES,    /* the threshold was another one in the course of the series */
    FIT_RESUMED,  /* it was another one after a pause */
    FIT_SHAPE,    /* no single threshold with normal scatter */
    FIT_DEVIANCE, /* some lengths trigger more often, or less, than any such curve has it */
};

struct threshold_fit {
    enum fit_odd odd; /* the first of them */
    double moves;     /* chi square, 2 degrees of freedom */
    double resumed;   /* 1, of the pause of which it is largest */
    double shape;     /* 2 */
    double deviance;  /* how many standard deviations more than expected */
    /* FIT_MOVES, FIT_RESUMED: by how much it is about longer in the second half, or after the
     * pause. */
    int64_t shift_ns;
    struct threshold_rivals rivals;
    int before; /* FIT_RESUMED: presses before the pause */
    /* A drift that matters is not ten times less likely than none: a few more presses tell. */
    bool unsure;
};

void threshold_fit(const struct threshold *search, struct threshold_fit *fit);

/* "the threshold moved while it was measured: about 120 ms longer in the second half of the
 * presses"; "" of a good one. `out` takes THRESHOLD_FIT_TEXT_MAX. Returns it. */
enum { THRESHOLD_FIT_TEXT_MAX = 200 };
char *threshold_fit_words(char out[THRESHOLD_FIT_TEXT_MAX], const struct threshold_fit *fit);

#endif
