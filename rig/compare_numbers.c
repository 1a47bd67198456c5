/*
 * A comparison's numbers, and what they conclude.
 */
#include "rig/compare_internal.h"

#include "rig/arena.h"

#include <math.h>
#include <stdlib.h>

/* To what an instant is known, of light and of radio: what a sample without any scatter is still
 * uncertain by. */
#define GRAIN_NS 1e6

bool compare_is_wait(enum measure measure)
{
    return measure == MEASURE_LED_BEGINS || measure == MEASURE_DISCONNECT ||
           measure == MEASURE_DISCOVERABLE;
}

size_t compare_count(const struct compare_group *group, enum measure measure)
{
    const struct compare_threshold *threshold = compare_threshold_of(group, measure);
    return measure == MEASURE_PASS_RATE ? group->runs
           : threshold                  ? threshold->presses
                                        : group->samples[measure].count;
}

/* Missing, and later for it. */
static size_t missing_of(const struct compare_group *group, enum measure measure)
{
    return compare_is_wait(measure) ? group->samples[measure].missing : 0;
}

size_t compare_known(const struct compare_group *group, enum measure measure)
{
    return compare_count(group, measure) + missing_of(group, measure);
}

bool compare_unseen(const struct compare_group *group, enum measure measure)
{
    const struct compare_sample *sample = &group->samples[measure];
    size_t unseen = group->left_out[LEFT_INCONCLUSIVE] + sample->unobserved;
    if (!compare_is_wait(measure)) {
        unseen += sample->missing; /* of what never came there is no length */
    }
    return !compare_threshold_of(group, measure) && unseen > compare_known(group, measure);
}

/* The mean, and what one more value adds to its variance. */
struct spread {
    double mean;
    double variance; /* of one value */
};

/* A value as it is compared: a wait ends with what was watched. */
static double value_of(const struct compare_sample *sample, size_t i, int64_t until_ns)
{
    int64_t value_ns = sample->values_ns[i];
    return (double)(until_ns > 0 && value_ns > until_ns ? until_ns : value_ns);
}

static struct spread spread_of(const struct compare_group *group, enum measure measure,
                               int64_t until_ns)
{
    const struct compare_sample *sample = &group->samples[measure];
    struct spread spread = {0};
    if (measure == MEASURE_PASS_RATE) {
        double rate = ((double)group->passed + 0.5) / ((double)group->runs + 1);
        return (struct spread){.mean = (double)group->passed / (double)group->runs,
                               .variance = rate * (1 - rate)};
    }
    size_t missing = until_ns > 0 ? sample->missing : 0;
    size_t count = sample->count + missing;
    for (size_t i = 0; i < count; i++) {
        double value = i < sample->count ? value_of(sample, i, until_ns) : (double)until_ns;
        spread.mean += value / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double value = i < sample->count ? value_of(sample, i, until_ns) : (double)until_ns;
        spread.variance += (value - spread.mean) * (value - spread.mean) / (double)(count - 1);
    }
    spread.variance += GRAIN_NS * GRAIN_NS / 12;
    return spread;
}

static double mean_shown(const struct compare_sample *sample)
{
    double mean = 0;
    for (size_t i = 0; i < sample->count; i++) {
        mean += (double)sample->values_ns[i] / (double)sample->count;
    }
    return mean;
}

static void posterior_of(const struct compare_group *group, enum measure measure, int64_t until_ns,
                         struct posterior *posterior)
{
    const struct compare_sample *sample = &group->samples[measure];
    const struct compare_threshold *threshold = compare_threshold_of(group, measure);
    if (measure == MEASURE_PASS_RATE) {
        posterior_of_rate(posterior, group->passed, group->runs);
    } else if (threshold) {
        *posterior = threshold->posterior;
    } else {
        double *values = xrealloc_array(NULL, sample->count + 1, sizeof(*values));
        for (size_t i = 0; i < sample->count; i++) {
            values[i] = value_of(sample, i, until_ns);
        }
        if (until_ns > 0) {
            posterior_of_wait(posterior, values, sample->count, sample->missing, (double)until_ns,
                              GRAIN_NS);
        } else {
            posterior_of_mean(posterior, values, sample->count, GRAIN_NS);
        }
        free(values);
    }
}

/* How many more runs of each would tell, four times out of five, whether the true difference (if it
 * is what it looks like) is beyond the nearer of the bounds that the interval holds; 0: more than
 * anybody will make. */
static size_t more_runs(const struct compare_group *a, const struct compare_group *b,
                        const struct comparison *comparison, double limit)
{
    const double strength = 1.959964 + 0.841621; /* of 95 %, and four out of five */
    double distance = fabs(fabs(comparison->estimate) - limit);
    struct spread sa = spread_of(a, comparison->measure, comparison->until_ns);
    struct spread sb = spread_of(b, comparison->measure, comparison->until_ns);
    size_t known_a = compare_known(a, comparison->measure);
    size_t known_b = compare_known(b, comparison->measure);
    for (size_t more = 1; more <= COMPARE_FORESEEN_MAX; more++) {
        double width =
            sqrt(sa.variance / (double)(known_a + more) + sb.variance / (double)(known_b + more));
        if (strength * width <= distance) {
            return more;
        }
    }
    return 0;
}

/* ---- what never came ---------------------------------------------------------------------- */

/* Up to when all were watched in which it is missing; 0: it is missing in none. */
static int64_t until_of(const struct compare_group *a, const struct compare_group *b,
                        enum measure measure)
{
    const struct compare_sample *sa = &a->samples[measure];
    const struct compare_sample *sb = &b->samples[measure];
    if (missing_of(a, measure) + missing_of(b, measure) == 0) {
        return 0;
    }
    int64_t until_ns = sa->missing == 0 || (sb->missing > 0 && sb->watched_ns < sa->watched_ns)
                           ? sb->watched_ns
                           : sa->watched_ns;
    return until_ns > 0 ? until_ns : 1;
}

/* What a missing one adds is at least the rest of what was watched. May the share of them be larger
 * on one side by so much that this alone is beyond the limit? */
static void weigh_missing(struct comparison *comparison, const struct compare_group *a,
                          const struct compare_group *b, double limit)
{
    const struct compare_sample *sa = &a->samples[comparison->measure];
    const struct compare_sample *sb = &b->samples[comparison->measure];
    struct posterior *shares = xrealloc_array(NULL, 2, sizeof(*shares));
    double until = (double)comparison->until_ns;
    double first = until;
    double last = 0;

    if (sa->count > 0) {
        first = last = mean_shown(sa);
    }
    if (sb->count > 0) {
        first = fmin(first, mean_shown(sb));
        last = fmax(last, mean_shown(sb));
    }
    bool cut = until < last + limit; /* so are the values */
    posterior_of_rate(&shares[0], sa->missing, sa->missing + sa->count);
    posterior_of_rate(&shares[1], sb->missing, sb->missing + sb->count);
    double fewer = posterior_difference(&shares[0], &shares[1], SHARE_LOW);
    double more = posterior_difference(&shares[0], &shares[1], SHARE_HIGH);
    comparison->may_exceed =
        cut || (sb->missing > 0 && (more * (until - first) > limit || fewer > 0));
    comparison->may_fall_short =
        cut || (sa->missing > 0 && (-fewer * (until - first) > limit || more < 0));
    if (sa->count > 0 && sb->count > 0) {
        comparison->has_shown = true;
        comparison->shown = mean_shown(sb) - mean_shown(sa);
    }
    free(shares);
}

bool compare_never(const struct compare_group *group, enum measure measure)
{
    const struct compare_sample *sample = &group->samples[measure];
    return measure != MEASURE_PASS_RATE && !compare_threshold_of(group, measure) &&
           sample->count == 0 && sample->missing > 0;
}

/* ---- all of it ---------------------------------------------------------------------------- */

static enum conclusion conclude(const struct comparison *comparison, double limit)
{
    if (comparison->low > limit && !comparison->may_fall_short) {
        return COMPARE_MORE;
    }
    if (comparison->high < -limit && !comparison->may_exceed) {
        return COMPARE_LESS;
    }
    bool within = comparison->low >= -limit && comparison->high <= limit;
    bool certain = !comparison->may_exceed && !comparison->may_fall_short &&
                   !comparison->unseen_a && !comparison->unseen_b;
    return limit > 0 && within && certain ? COMPARE_ALIKE : COMPARE_OPEN;
}

void compare_calculate(struct comparison *comparison, const struct compare_group *a,
                       const struct compare_group *b, double limit)
{
    enum measure measure = comparison->measure;
    int64_t until_ns = until_of(a, b, measure);
    struct posterior *posteriors = xrealloc_array(NULL, 2, sizeof(*posteriors));
    comparison->until_ns = until_ns;
    posterior_of(a, measure, until_ns, &posteriors[0]);
    posterior_of(b, measure, until_ns, &posteriors[1]);
    comparison->has_numbers = true;
    comparison->low = posterior_difference(&posteriors[0], &posteriors[1], SHARE_LOW);
    comparison->high = posterior_difference(&posteriors[0], &posteriors[1], SHARE_HIGH);
    comparison->p_more = posterior_exceeds(&posteriors[0], &posteriors[1], 0);
    const struct compare_threshold *threshold = compare_threshold_of(a, measure);
    comparison->estimate =
        threshold ? (double)(compare_threshold_of(b, measure)->median_ns - threshold->median_ns)
                  : spread_of(b, measure, until_ns).mean - spread_of(a, measure, until_ns).mean;
    free(posteriors);
    comparison->no_delay = compare_never(a, measure) || compare_never(b, measure);
    if (until_ns > 0) {
        weigh_missing(comparison, a, b, limit);
    }
    comparison->conclusion = conclude(comparison, limit);
    if (comparison->conclusion == COMPARE_OPEN && !threshold && !comparison->no_delay) {
        comparison->more_a = comparison->more_b = more_runs(a, b, comparison, limit);
    }
}
