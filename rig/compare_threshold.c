/*
 * Thresholds of units as one of their firmware.
 */
#include "rig/compare_internal.h"

#include "rig/arena.h"

#include <math.h>
#include <stdlib.h>

static double variance_of(const struct posterior *posterior)
{
    double mean = 0;
    double variance = 0;
    for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
        mean += posterior->at[i] / POSTERIOR_POINTS;
    }
    for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
        double off = posterior->at[i] - mean;
        variance += off * off / POSTERIOR_POINTS;
    }
    return variance;
}

static void combine(struct compare_threshold *all)
{
    size_t count = all->unit_count;
    double *medians = xrealloc_array(NULL, count, sizeof(*medians));
    double within = 0;
    double mean = 0;

    for (size_t i = 0; i < count; i++) {
        medians[i] = (double)all->units[i].median_ns;
        mean += medians[i] / (double)count;
        within += variance_of(all->units[i].posterior) / (double)count;
    }
    /* A grain adds a twelfth of its square. */
    posterior_of_mean(&all->posterior, medians, count, sqrt(12 * within));
    all->median_ns = llround(mean);
    all->low_ns = llround(posterior_below(&all->posterior, SHARE_LOW));
    all->high_ns = llround(posterior_below(&all->posterior, SHARE_HIGH));
    free(medians);
}

void compare_add_threshold(struct compare_group *group, enum measure measure,
                           const struct svg_threshold_row *unit)
{
    struct compare_threshold *all = measure == MEASURE_BEYOND ? &group->end : &group->start;
    all->units = xrealloc_array(all->units, all->unit_count + 1, sizeof(*all->units));
    all->units[all->unit_count++] = *unit;
    all->presses += unit->count;
    if (all->unit_count > 1) {
        combine(all);
        return;
    }
    all->posterior = *unit->posterior;
    all->median_ns = unit->median_ns;
    all->low_ns = unit->low_ns;
    all->high_ns = unit->high_ns;
}

const struct compare_threshold *compare_threshold_of(const struct compare_group *group,
                                                     enum measure measure)
{
    return measure == MEASURE_THRESHOLD ? &group->start
           : measure == MEASURE_BEYOND  ? &group->end
                                        : NULL;
}
