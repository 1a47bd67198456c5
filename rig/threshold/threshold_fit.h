/*
 * Do a search's presses fit what it assumes of a unit? That holds trigger as one normal curve says,
 * and that the curve stays where it is.
 *
 * Score tests (Rao 1948, https://doi.org/10.1017/S0305004100023987) of what else might move the
 * threshold, with threshold, slope and lapse taken out first: how far the hold is from the
 * threshold, squared and to the third (another shape: two thresholds, say), the half of the series
 * in which a press was, and its number (drift), and what follows a pause. Beside them the deviance
 * of groups of holds, by length: what was seen of them against what the model expects; and the odds
 * for a steady drift and for two thresholds (rig/threshold/threshold_rivals.h).
 *
 * Where the model holds each score is a chi square, odd when it comes by chance in less than one of
 * two hundred series (movement, of which the odds tell as well: one of a thousand; the deviance: of
 * several hundreds), and odds of a hundred come in less than one of a hundred.
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
