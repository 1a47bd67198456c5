#include "rig/compare/compare.h"

#include "rig/compare/compare_internal.h"

struct comparison compare(const struct compare_group *reference, const struct compare_group *other,
                          enum measure measure, int64_t limit_ns)
{
    struct comparison comparison = {.measure = measure,
                                    .count_a = compare_count(reference, measure),
                                    .count_b = compare_count(other, measure),
                                    .missing_a = reference->samples[measure].missing,
                                    .missing_b = other->samples[measure].missing,
                                    .unseen_a = compare_unseen(reference, measure),
                                    .unseen_b = compare_unseen(other, measure)};
    size_t known_a = compare_known(reference, measure);
    size_t known_b = compare_known(other, measure);

    bool both =
        measure == MEASURE_BEYOND; /* rarely measured: nothing is said about one side alone */
    if ((known_a == 0 && known_b == 0) || (both && (known_a == 0 || known_b == 0))) {
        comparison.conclusion = COMPARE_NOTHING;
        compare_say_nothing(&comparison);
    } else if (known_a < COMPARE_RUNS_MIN || known_b < COMPARE_RUNS_MIN) {
        comparison.conclusion = COMPARE_TOO_FEW;
        compare_say_too_few(&comparison, reference, other);
    } else {
        compare_calculate(&comparison, reference, other,
                          measure == MEASURE_PASS_RATE ? 0 : (double)limit_ns);
        compare_say(&comparison, reference, other, limit_ns);
    }
    compare_say_runs(&comparison, reference, other);
    return comparison;
}

/* ---- gates -------------------------------------------------------------------------------- */

int compare_slower(const struct comparison comparisons[MEASURE_COUNT], int64_t limit_ns)
{
    bool open = false;
    bool any = false;
    for (int i = 0; i < MEASURE_COUNT; i++) {
        const struct comparison *comparison = &comparisons[i];
        if (i == MEASURE_PASS_RATE || i == MEASURE_BEYOND ||
            comparison->conclusion == COMPARE_NOTHING) {
            continue;
        }
        bool known = comparison->has_numbers && comparison->basis != BASIS_UNKNOWN;
        if (known && comparison->low > (double)limit_ns && !comparison->may_fall_short) {
            return 1;
        }
        any = true;
        open = open || !known || comparison->high > (double)limit_ns || comparison->may_exceed ||
               comparison->unseen_a || comparison->unseen_b;
    }
    return any && !open ? 0 : -1;
}

int compare_different(const struct comparison comparisons[MEASURE_COUNT], int64_t limit_ns)
{
    bool open = false;
    bool any = false;
    for (int i = 0; i < MEASURE_COUNT; i++) {
        const struct comparison *comparison = &comparisons[i];
        double limit = i == MEASURE_PASS_RATE ? 0 : (double)limit_ns;
        if (comparison->conclusion == COMPARE_NOTHING) {
            continue;
        }
        bool known = comparison->has_numbers && comparison->basis != BASIS_UNKNOWN;
        if (known && ((comparison->low > limit && !comparison->may_fall_short) ||
                      (comparison->high < -limit && !comparison->may_exceed))) {
            return 1;
        }
        any = true;
        /* Two rates are never certain to be equal: no sign of a difference is enough. */
        open = open || !known || comparison->may_exceed || comparison->may_fall_short ||
               comparison->unseen_a || comparison->unseen_b ||
               (i != MEASURE_PASS_RATE && (comparison->high > limit || comparison->low < -limit));
    }
    return any && !open ? 0 : -1;
}
