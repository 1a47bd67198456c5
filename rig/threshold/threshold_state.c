/* The estimate of a threshold, whether it is good enough, and how many more presses it needs. */
#include "rig/threshold/threshold_fit.h"
#include "rig/threshold/threshold_internal.h"

#include <math.h>

/* Of what was not closed before the first press, so much must have become so. */
static const double closed_enough = 0.995;
static const double closed_odds = 20;
/* An interval that ends this near to its prior's upper edge is cut by it. The lower edges cut
 * nothing that matters: with a larger slope than the true one an interval is too wide at most. */
static const double edge = 0.9;
/* The interval of n presses, in slopes, times sqrt(n): at the threshold their variance is
 * pi/2 slope^2 / n, which is 4.9; those to one side tell less. */
static const double width_of_one = 5.3;

const char *threshold_state_words(enum threshold_state state)
{
    switch (state) {
    case THRESHOLD_OPEN:
        return "is still running";
    case THRESHOLD_PRECISE:
        return "reached the requested precision";
    case THRESHOLD_ODD:
        return "reached the requested precision, but its presses do not fit together";
    case THRESHOLD_SPENT:
        return "reached its limit of presses";
    case THRESHOLD_CLOSED:
        return "found the threshold to be outside the range that may be tried";
    }
    return "?";
}

/* Thresholds of the posterior, and of the prior, that lie where no hold may be tried. */
static double closed_mass(const struct threshold *search)
{
    double open = 0;
    for (size_t i = 0; i < search->setup.allowed_count; i++) {
        const struct hold_range *range = &search->setup.allowed[i];
        open += threshold_mass_below(search, (double)range->high_ns) -
                threshold_mass_below(search, (double)range->low_ns);
    }
    return fmax(0, 1 - open);
}

static double closed_before(const struct threshold *search)
{
    const struct hold_range *prior = &search->setup.prior;
    double open = 0;
    for (size_t i = 0; i < search->setup.allowed_count; i++) {
        const struct hold_range *range = &search->setup.allowed[i];
        double low = fmax((double)range->low_ns, (double)prior->low_ns);
        double high = fmin((double)range->high_ns, (double)prior->high_ns);
        open += fmax(0, high - low);
    }
    return fmax(0, 1 - open / (double)(prior->high_ns - prior->low_ns));
}

/* Nearly certain, and it was presses that said so, not the range alone. */
static bool is_closed(const struct threshold *search)
{
    double now = closed_mass(search);
    double before = closed_before(search);
    return now >= closed_enough && now * (1 - before) >= closed_odds * before * (1 - now);
}

static double width_of(const struct threshold *search)
{
    return threshold_quantile(search, 0.975) - threshold_quantile(search, 0.025);
}

struct threshold_edges threshold_edges(const struct threshold *search)
{
    struct threshold_estimate estimate;
    threshold_estimate(search, &estimate);
    return (struct threshold_edges){
        .slope = (double)estimate.slope_high_ns > edge * (double)search->setup.slope.high_ns,
        .lapse = estimate.lapse_high > edge * search->setup.lapse_max,
    };
}

enum threshold_state threshold_state(const struct threshold *search)
{
    if (is_closed(search)) {
        return THRESHOLD_CLOSED;
    }
    if (width_of(search) <= (double)search->setup.precision_ns) {
        struct threshold_edges edges = threshold_edges(search);
        struct threshold_fit fit;
        if (closed_mass(search) > 0.5) {
            return THRESHOLD_CLOSED;
        }
        if (!edges.slope && !edges.lapse) {
            threshold_fit(search, &fit);
            if (fit.odd != FIT_GOOD) {
                return THRESHOLD_ODD;
            }
            if (!fit.unsure) {
                return THRESHOLD_PRECISE;
            }
        }
    }
    return search->count >= (size_t)search->setup.max_presses ? THRESHOLD_SPENT : THRESHOLD_OPEN;
}

static int64_t to_ns(double time)
{
    return (int64_t)llround(time);
}

static void slopes_of(const struct threshold *search, double slopes[SLOPES], double lapses[LAPSES])
{
    for (size_t i = 0; i < search->cells; i++) {
        for (int s = 0; s < SLOPES; s++) {
            for (int l = 0; l < LAPSES; l++) {
                slopes[s] += search->weight[i][s][l];
                lapses[l] += search->weight[i][s][l];
            }
        }
    }
}

void threshold_estimate(const struct threshold *search, struct threshold_estimate *estimate)
{
    double slopes[SLOPES] = {0};
    double lapses[LAPSES] = {0};
    slopes_of(search, slopes, lapses);
    const double *edges = search->slope_edges;
    const double *lapse_edges = search->lapse_edges;
    *estimate = (struct threshold_estimate){
        .median_ns = to_ns(threshold_quantile(search, 0.5)),
        .low_ns = to_ns(threshold_quantile(search, 0.025)),
        .high_ns = to_ns(threshold_quantile(search, 0.975)),
        .slope_ns = to_ns(threshold_cells_quantile(slopes, edges, SLOPES, 0.5)),
        .slope_low_ns = to_ns(threshold_cells_quantile(slopes, edges, SLOPES, 0.025)),
        .slope_high_ns = to_ns(threshold_cells_quantile(slopes, edges, SLOPES, 0.975)),
        .lapse = threshold_cells_quantile(lapses, lapse_edges, LAPSES, 0.5),
        .lapse_low = threshold_cells_quantile(lapses, lapse_edges, LAPSES, 0.025),
        .lapse_high = threshold_cells_quantile(lapses, lapse_edges, LAPSES, 0.975),
        .closed = closed_mass(search),
    };
}

/* ---- how much longer -------------------------------------------------------------------------
 */

/* If the slope is that: the rest of a bisection down to it, then what its scatter averages out by.
 */
static int left_with(const struct threshold *search, double slope)
{
    double width = width_of(search);
    double wanted = (double)search->setup.precision_ns;
    double one = width_of_one * slope;
    double scatter = pow(one / wanted, 2) - pow(one / width, 2);
    double halvings = log2(width / fmax(wanted, one));
    double left = ceil(fmax(0, scatter) + fmax(0, halvings));
    return left < 1 ? 1 : left > THRESHOLD_LEFT_MAX ? THRESHOLD_LEFT_MAX : (int)left;
}

struct threshold_forecast threshold_forecast(const struct threshold *search)
{
    double slopes[SLOPES] = {0};
    double lapses[LAPSES] = {0};
    int room = search->setup.max_presses - (int)search->count;
    enum threshold_state state = threshold_state(search);
    if (state != THRESHOLD_OPEN && state != THRESHOLD_SPENT) {
        return (struct threshold_forecast){0};
    }
    room = room > 0 ? room : 0;
    slopes_of(search, slopes, lapses);
    double few = threshold_cells_quantile(slopes, search->slope_edges, SLOPES, 0.1);
    double some = threshold_cells_quantile(slopes, search->slope_edges, SLOPES, 0.5);
    double many = threshold_cells_quantile(slopes, search->slope_edges, SLOPES, 0.75);
    double width = width_of(search);
    double more = room / pow(width_of_one * some, 2);
    return (struct threshold_forecast){
        .least = left_with(search, few),
        .middle = left_with(search, some),
        .most = left_with(search, many),
        .room = room,
        .width_ns = to_ns(1 / sqrt(1 / (width * width) + more)),
    };
}
