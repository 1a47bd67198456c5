/*
 * Which hold to try next. The expected information has one or more peaks over the range, all of
 * them near possible thresholds. So holds are evaluated at the posterior's quantiles and a few
 * slopes to either side, then ever closer around the best.
 */
#include "rig/threshold/threshold.h"

#include "rig/base/units.h"

#include <assert.h>
#include <stdlib.h>

enum { QUANTILES = 12, ASIDE = 8, ROUNDS = 2, ROUND_STEPS = 4, ASIDE_FROM = 12, FAR_FROM = 30 };

/* An estimate of lapses from which twice as many holds are there for them. */
static const double ignores_from = 0.05;

/* Less than this is no difference: rounding must not choose. */
static const double nothing_bits = 1e-9;

struct choice {
    const struct threshold *const *searches;
    size_t count;
    const struct threshold_setup *setup;
    int64_t best_ns;
    double best_bits;
};

/* The hold of `allowed` that is nearest to `hold_ns`, in whole milliseconds if there are any. */
static int64_t allowed_hold(const struct threshold_setup *setup, int64_t hold_ns)
{
    int64_t nearest_ns = -1;
    for (size_t i = 0; i < setup->allowed_count; i++) {
        const struct hold_range *range = &setup->allowed[i];
        int64_t rounded = (hold_ns + NS_PER_MS / 2) / NS_PER_MS * NS_PER_MS;
        int64_t low_ms = (range->low_ns + NS_PER_MS - 1) / NS_PER_MS * NS_PER_MS;
        int64_t high_ms = range->high_ns / NS_PER_MS * NS_PER_MS;
        int64_t here = low_ms > high_ms    ? range->low_ns
                       : rounded < low_ms  ? low_ms
                       : rounded > high_ms ? high_ms
                                           : rounded;
        if (nearest_ns < 0 || llabs(here - hold_ns) < llabs(nearest_ns - hold_ns)) {
            nearest_ns = here;
        }
    }
    return nearest_ns;
}

static void try_out(struct choice *choice, int64_t hold_ns)
{
    double bits = 0;
    int64_t hold = allowed_hold(choice->setup, hold_ns < 0 ? 0 : hold_ns);
    for (size_t i = 0; i < choice->count; i++) {
        bits += threshold_gain_bits(choice->searches[i], hold);
    }
    if (choice->best_ns < 0 || bits > choice->best_bits + nothing_bits) {
        choice->best_ns = hold;
        choice->best_bits = bits;
    }
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* How many slopes to the longer side press number `presses` lies; 0: it is one that tells most. Of
 * six presses three lie a slope to either side, and one where the curve has come to its end. */
static int slopes_aside(const struct threshold_estimate *estimate, int presses, size_t turn)
{
    bool ignores = estimate->lapse > ignores_from;
    if (presses % 2 == 0) {
        return turn % 2 ? 1 : -1;
    }
    bool far = presses % 6 == 3 || (ignores && presses % 6 == 5);
    return far && presses >= FAR_FROM ? THRESHOLD_FAR : 0;
}

/*
 * Where the answer is to be finer than the scatter it hangs on the curve's shape, of which the
 * holds that tell most of the threshold show nothing. Then every second one lies aside: a slope to
 * either side, in turn, and later some others where the curve has come to its end. (A unit with two
 * thresholds would seem as precise as any other; one that ignores holds would seem to scatter, and
 * to need longer ones.)
 */
static bool looks_aside(const struct threshold *const *searches, size_t count, int64_t *hold_ns)
{
    int presses = threshold_presses(searches[0]);
    if (presses < ASIDE_FROM) {
        return false;
    }
    size_t turn = (size_t)presses / 2;
    const struct threshold *search = searches[turn % count];
    struct threshold_estimate estimate;
    threshold_estimate(search, &estimate);
    int slopes = slopes_aside(&estimate, presses, turn / count);
    int64_t aside_ns = estimate.median_ns + slopes * estimate.slope_ns;
    *hold_ns = allowed_hold(threshold_setup(searches[0]), aside_ns < 0 ? 0 : aside_ns);
    return slopes != 0 && 2 * estimate.slope_ns > threshold_setup(search)->precision_ns;
}

int64_t threshold_next_of(const struct threshold *const *searches, size_t count)
{
    int64_t aside_ns;
    assert(count == 1 || count == 2);
    if (looks_aside(searches, count, &aside_ns)) {
        return aside_ns;
    }
    int64_t holds[2 * (QUANTILES + ASIDE)] = {0};
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        struct threshold_estimate estimate;
        threshold_estimate(searches[i], &estimate);
        for (int k = 0; k < QUANTILES; k++) {
            holds[n++] = threshold_quantile_ns(searches[i], (k + 0.5) / QUANTILES);
        }
        for (int k = 1; k <= ASIDE / 2; k++) {
            holds[n++] = estimate.median_ns - k * estimate.slope_ns / 2;
            holds[n++] = estimate.median_ns + k * estimate.slope_ns / 2;
        }
    }
    qsort(holds, n, sizeof(holds[0]), by_size);
    struct choice choice = {searches, count, threshold_setup(searches[0]), -1, 0};
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        double before = choice.best_bits;
        try_out(&choice, holds[i]);
        best = i == 0 || choice.best_bits > before ? i : best;
    }
    int64_t low = holds[best > 0 ? best - 1 : 0];
    int64_t high = holds[best + 1 < n ? best + 1 : n - 1];
    for (int round = 0; round < ROUNDS; round++) {
        int64_t step = (high - low) / ROUND_STEPS;
        for (int k = 1; k < ROUND_STEPS; k++) {
            try_out(&choice, low + k * step);
        }
        low = choice.best_ns - step;
        high = choice.best_ns + step;
    }
    return choice.best_ns;
}

int64_t threshold_next_ns(const struct threshold *search)
{
    return threshold_next_of(&search, 1);
}
