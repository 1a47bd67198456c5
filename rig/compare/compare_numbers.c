/* A comparison's numbers, and the conclusions from them. */
#include "rig/compare/compare_internal.h"

#include "rig/base/arena.h"

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

static struct spread spread_of(const struct compare_side *side, enum measure measure,
                               int64_t until_ns)
{
    struct spread spread = {0};
    if (measure == MEASURE_PASS_RATE) {
        double rate = (side->passed + 0.5) / (side->runs + 1);
        return (struct spread){.mean = side->passed / side->runs, .variance = rate * (1 - rate)};
    }
    size_t missing = side->waits ? (size_t)side->missing : 0;
    size_t count = side->count + missing;
    for (size_t i = 0; i < count; i++) {
        double value = i < side->count ? side->values[i] : (double)until_ns;
        spread.mean += value / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double value = i < side->count ? side->values[i] : (double)until_ns;
        spread.variance += (value - spread.mean) * (value - spread.mean) / (double)(count - 1);
    }
    spread.variance += GRAIN_NS * GRAIN_NS / 12 + side->extra;
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

static void posterior_of(const struct compare_side *side, enum measure measure, int64_t until_ns,
                         struct posterior *posterior)
{
    if (measure == MEASURE_PASS_RATE) {
        posterior_of_rate(posterior, side->passed, side->runs);
    } else if (side->waits || (until_ns > 0 && side->count < 2)) {
        posterior_of_wait(posterior, side->values, side->count, (size_t)side->missing,
                          (double)until_ns, GRAIN_NS);
    } else {
        double grain = sqrt(GRAIN_NS * GRAIN_NS + 12 * side->extra);
        posterior_of_mean(posterior, side->values, side->count, grain);
    }
}

/* How many more runs of each would tell, four times out of five, whether the true difference (if it
 * is what it looks like) is beyond the nearer of the bounds that the interval holds; 0: more than
 * anybody will make. */
static size_t more_runs(struct spread sa, double known_a, struct spread sb, double known_b,
                        const struct comparison *comparison, double limit)
{
    const double strength = 1.959964 + 0.841621; /* of 95 %, and four out of five */
    double distance = fabs(fabs(comparison->estimate) - limit);
    for (size_t more = 1; more <= COMPARE_FORESEEN_MAX; more++) {
        double width =
            sqrt(sa.variance / (known_a + (double)more) + sb.variance / (known_b + (double)more));
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
                          const struct compare_group *b, const struct compare_side sides[2],
                          double limit)
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
    posterior_of_rate(&shares[0], sides[0].missing, sides[0].runs);
    posterior_of_rate(&shares[1], sides[1].missing, sides[1].runs);
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
    if (comparison->basis == BASIS_UNKNOWN) {
        return COMPARE_OPEN;
    }
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

/* Both posteriors, or of pairs nothing and the difference. */
static void calculate_thresholds(struct comparison *comparison, const struct compare_group *a,
                                 const struct compare_group *b, const struct compare_basis_of *of,
                                 struct posterior posteriors[2])
{
    const struct compare_threshold *ta = compare_threshold_of(a, comparison->measure);
    const struct compare_threshold *tb = compare_threshold_of(b, comparison->measure);
    if (of->basis == BASIS_PAIRED ||
        (of->basis == BASIS_SAME_UNIT && ta->unit_count + tb->unit_count > 2)) {
        compare_paired_thresholds(ta, tb, of, &comparison->estimate, &posteriors[1]);
        return;
    }
    posteriors[0] = ta->posterior;
    posteriors[1] = tb->posterior;
    comparison->estimate = (double)(tb->median_ns - ta->median_ns);
}

static void calculate_values(struct comparison *comparison, const struct compare_group *a,
                             const struct compare_group *b, const struct compare_basis_of *of,
                             double limit, struct posterior posteriors[2])
{
    enum measure measure = comparison->measure;
    int64_t until_ns = until_of(a, b, measure);
    struct compare_side sides[2] = {
        compare_side_of(a, measure, until_ns, of->known_a, of->by_unit),
        compare_side_of(b, measure, until_ns, of->known_b, of->by_unit),
    };
    struct spread sa = spread_of(&sides[0], measure, until_ns);
    struct spread sb = spread_of(&sides[1], measure, until_ns);
    /* Where some never came, that outweighs what units differ by: runs are compared. */
    bool paired = of->basis == BASIS_PAIRED && measure != MEASURE_PASS_RATE && until_ns == 0;

    comparison->until_ns = until_ns;
    if (paired) {
        struct compare_paired pairs;
        compare_paired(a, b, measure, until_ns, of, GRAIN_NS, &pairs);
        comparison->estimate = pairs.difference;
        posterior_of_student(&posteriors[1], pairs.difference, pairs.width, pairs.freedom);
        sa.variance = sb.variance = pairs.variance;
    } else {
        posterior_of(&sides[0], measure, until_ns, &posteriors[0]);
        posterior_of(&sides[1], measure, until_ns, &posteriors[1]);
        comparison->estimate = sb.mean - sa.mean;
    }
    comparison->no_delay = compare_never(a, measure) || compare_never(b, measure);
    if (until_ns > 0) {
        weigh_missing(comparison, a, b, sides, limit);
    }
    comparison->more_a = comparison->more_b =
        comparison->no_delay || of->basis == BASIS_UNKNOWN
            ? 0
            : more_runs(sa, sides[0].runs, sb, sides[1].runs, comparison, limit);
    comparison->more_units = of->by_unit;
    free(sides[0].values);
    free(sides[1].values);
}

void compare_calculate(struct comparison *comparison, const struct compare_group *a,
                       const struct compare_group *b, double limit)
{
    struct compare_basis_of of = compare_basis_of(a, b, comparison->measure);
    /* The first stays all 0 where the second is the difference itself. */
    struct posterior *posteriors = xcalloc(2 * sizeof(*posteriors));

    comparison->basis = of.basis;
    comparison->units_a = of.units_a;
    comparison->units_b = of.units_b;
    if (compare_threshold_of(a, comparison->measure)) {
        calculate_thresholds(comparison, a, b, &of, posteriors);
    } else {
        calculate_values(comparison, a, b, &of, limit, posteriors);
    }
    comparison->has_numbers = true;
    comparison->low = posterior_difference(&posteriors[0], &posteriors[1], SHARE_LOW);
    comparison->high = posterior_difference(&posteriors[0], &posteriors[1], SHARE_HIGH);
    comparison->p_more = posterior_exceeds(&posteriors[0], &posteriors[1], 0);
    comparison->conclusion = conclude(comparison, limit);
    if (comparison->conclusion != COMPARE_OPEN) {
        comparison->more_a = comparison->more_b = 0;
    }
    free(posteriors);
    compare_basis_free(&of);
}
