/*
 * The search for the hold time at which a unit's reset triggers: Bayesian adaptive trials in the
 * manner of QUEST+ (Watson 2017, "QUEST+: A general multidimensional Bayesian adaptive psychometric
 * method", https://doi.org/10.1167/17.3.10).
 *
 * The model of a unit: a hold of x triggers with the probability
 *     guess + (1 - guess - lapse) * Phi((x - threshold) / slope)
 * Phi is the normal distribution: a unit counts its hold in its own clock, from a debounced edge,
 * and many small delays add up. (The logistic curve nearest to it differs by less
 * than 1 % anywhere.)
 *     threshold  the hold that triggers half of the time (lapses and guesses apart)
 *     slope      standard deviation of the hold that is needed
 *     lapse      share of holds, however long, that do not trigger, or were not seen to
 *     guess      share of holds, however short, after which the rig saw what a reset shows: a link
 *                lost by itself, a LED lit for something else. A unit that triggers early because
 *                it was held long enough is no guess. Fixed, and small: one false trigger must not
 *                decide a search
 * Before the first press each threshold of `prior` is as likely as any other, and so is each
 * slope; a lapse is less likely the larger it is.
 *
 * The next hold is the one that is expected to tell most about the threshold (the entropy of its
 * distribution, averaged over slope and lapse): "psi marginal", Prins 2013,
 * https://doi.org/10.1167/13.7.3. If the slope is larger than half of the requested precision,
 * every second hold lies a slope to one side instead, so that a curve of another shape is noticed
 * (rig/threshold/threshold_fit.h).
 *
 * From the 30th press on, one more hold in six is THRESHOLD_FAR slopes longer, where the curve has
 * levelled off; two while more than 5 % of the holds seem to be ignored. Only there can an ignored
 * hold be told from one that was too short: without them lapses are taken for scatter, and the
 * threshold comes out too long (Wichmann and Hill 2001, https://doi.org/10.3758/BF03194544; Prins
 * 2012, https://doi.org/10.1167/12.6.25).
 *
 * The hold is always within `allowed`. If a unit resets at one hold and does more at a longer one,
 * two searches share their presses: rig/threshold/threshold_window.h.
 *
 * Pure and deterministic: the same presses in the same order give the same search, so that a
 * stopped one is resumed by adding its presses. Times are ns. A search takes 330 kB.
 */
#ifndef LONGPRESS_RIG_THRESHOLD_H
#define LONGPRESS_RIG_THRESHOLD_H

#include "rig/base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    THRESHOLD_RANGES_MAX = 8,
    THRESHOLD_PRESSES_MAX = 2000,
    /* The grid before the first press: cells of equal width over `prior`; slopes in cells of which
     * the edges' square roots are evenly spaced, of prior weight by width; the same with lapses
     * from 0, of the prior density 1 / (lapse + threshold_lapse_usual). Each cell stands for its
     * middle. The thresholds' cells follow the posterior later. */
    THRESHOLD_CELLS = 96,
    THRESHOLD_SLOPES = 16,
    THRESHOLD_LAPSES = 10,
    THRESHOLD_FAR = 3,          /* slopes: of a unit that answers, 99.9 % trigger */
    THRESHOLD_LEFT_MAX = 99999, /* presses: more are not told apart */
};

/* Both ends are part of it. */
struct hold_range {
    int64_t low_ns;
    int64_t high_ns;
};

struct threshold_setup {
    struct hold_range prior; /* where the threshold may be */
    struct hold_range slope;
    double lapse_max; /* in [0.0001, 0.5] */
    double guess;     /* in [0.0001, 0.25] */
    /* The holds that may be tried, ascending, apart. What of `prior` is in none of them is closed:
     * beyond a hazard, or longer than a control may be held. */
    struct hold_range allowed[THRESHOLD_RANGES_MAX];
    size_t allowed_count;
    int64_t precision_ns; /* done when the 95 % interval is as narrow as this */
    int max_presses;      /* at most THRESHOLD_PRESSES_MAX */
};

/* What to assume of a unit of which nothing is known: slope 5 to 800 ms, lapse up to 40 %, guess
 * 0.2 %, 20 ms precision, 200 presses. The caller sets prior and allowed. */
extern const struct threshold_setup threshold_default;

/* The lapse that is usual: below it lapses are about as likely as each other, above it each ratio.
 * A prior that has more of large ones draws the thresholds of units without lapses down. */
extern const double threshold_lapse_usual;

enum threshold_state {
    THRESHOLD_OPEN,    /* press on */
    THRESHOLD_PRECISE, /* as narrow as was asked for, slope and lapse within their ranges */
    THRESHOLD_ODD, /* the same, and the presses do not fit the model: rig/threshold/threshold_fit.h
                    */
    THRESHOLD_SPENT,  /* max_presses without that */
    THRESHOLD_CLOSED, /* it lies where no hold may be tried: 99.5 %, or as narrow as was asked for
                         and more likely than not */
};

/* In words that follow "the search": "is still running", ... */
const char *threshold_state_words(enum threshold_state state);

struct threshold_estimate {
    int64_t median_ns; /* the estimate */
    int64_t low_ns;    /* central 95 % credible interval */
    int64_t high_ns;
    int64_t slope_ns; /* medians and central 95 % intervals of the other two */
    int64_t slope_low_ns;
    int64_t slope_high_ns;
    double lapse;
    double lapse_low;
    double lapse_high;
    double closed; /* probability that the threshold lies where no hold may be tried */
};

struct threshold;

/* NULL after an error: ranges that are empty, negative, or not in order, numbers out of bounds. */
struct threshold *threshold_new(struct diags *diags, const struct threshold_setup *setup);
void threshold_free(struct threshold *search);
const struct threshold_setup *threshold_setup(const struct threshold *search);

/* A press of `hold_ns` (as it was measured, if it was) did or did not trigger. Any hold that is not
 * negative may be told, also one that would not have been proposed, and in any state. False when
 * there is no room for more than THRESHOLD_PRESSES_MAX: then nothing has changed. */
bool threshold_add(struct threshold *search, int64_t hold_ns, bool triggered);

enum threshold_state threshold_state(const struct threshold *search);
int threshold_presses(const struct threshold *search);

/* The next hold to try, in whole milliseconds where `allowed` permits. To be asked in any state. */
int64_t threshold_next_ns(const struct threshold *search);

/* The same for one or two searches that share their presses: the hold that tells most of all
 * together. Only the first one's `allowed` counts. */
int64_t threshold_next_of(const struct threshold *const *searches, size_t count);

/* How much a hold is expected to tell of the threshold, in bits. */
double threshold_gain_bits(const struct threshold *search, int64_t hold_ns);

void threshold_estimate(const struct threshold *search, struct threshold_estimate *estimate);

/* The hold that the threshold is below with a probability of `share`. */
int64_t threshold_quantile_ns(const struct threshold *search, double share);

/* Probability that the threshold is at most `hold_ns`; that a hold of it triggers. */
double threshold_below(const struct threshold *search, int64_t hold_ns);
double threshold_triggers(const struct threshold *search, int64_t hold_ns);

/* Does the interval of slope or lapse touch the upper edge of its range? It may be larger yet. */
struct threshold_edges {
    bool slope;
    bool lapse;
};
struct threshold_edges threshold_edges(const struct threshold *search);

/* What is told from now on follows a pause, in which the unit may have become another one. */
void threshold_pause(struct threshold *search);

/*
 * How many presses it still takes: a guess of ours, for telling the time left. It is not cut at
 * max_presses, and hangs on the slope most: `least` and `most` are for what it is at 10 % and 75 %.
 * All 0 unless the search is open or spent.
 */
struct threshold_forecast {
    int least;
    int middle;
    int most;
    int room;         /* presses up to max_presses */
    int64_t width_ns; /* about how narrow the interval will be then */
    bool exact;       /* no guess: the rest of a sweep */
};
struct threshold_forecast threshold_forecast(const struct threshold *search);

#endif
