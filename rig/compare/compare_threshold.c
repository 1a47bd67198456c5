/* Combines the thresholds of units into one for their firmware. */
#include "rig/compare/compare_internal.h"

#include "rig/base/arena.h"

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
                           const struct threshold_row *row, const char *unit)
{
    struct compare_threshold *all = measure == MEASURE_BEYOND ? &group->end : &group->start;
    all->units = xrealloc_array(all->units, all->unit_count + 1, sizeof(*all->units));
    all->places = xrealloc_array(all->places, all->unit_count + 1, sizeof(*all->places));
    all->places[all->unit_count] = compare_unit_place(group, unit);
    all->units[all->unit_count++] = *row;
    all->presses += row->count;
    if (all->unit_count > 1) {
        combine(all);
        return;
    }
    all->posterior = *row->posterior;
    all->median_ns = row->median_ns;
    all->low_ns = row->low_ns;
    all->high_ns = row->high_ns;
}

const struct compare_threshold *compare_threshold_of(const struct compare_group *group,
                                                     enum measure measure)
{
    return measure == MEASURE_THRESHOLD ? &group->start
           : measure == MEASURE_BEYOND  ? &group->end
                                        : NULL;
}

/* The latest that was added of a unit; NULL: none. */
static const struct threshold_row *row_of(const struct compare_threshold *all, size_t place)
{
    for (size_t i = all->unit_count; i-- > 0;) {
        if (all->places[i] == place) {
            return &all->units[i];
        }
    }
    return NULL;
}

void compare_paired_thresholds(const struct compare_threshold *a, const struct compare_threshold *b,
                               const struct compare_basis_of *of, double *difference,
                               struct posterior *posterior)
{
    enum { KNOWN = 100000 }; /* degrees of freedom of a width that is as good as known */
    double variance = 0;
    double square = 0;
    double units = 0;

    *difference = 0;
    for (size_t i = 0; i < a->unit_count; i++) {
        const struct threshold_row *x = row_of(a, a->places[i]);
        size_t twin = of->twin[a->places[i]];
        if (twin == SIZE_MAX || x != &a->units[i]) {
            continue;
        }
        const struct threshold_row *y = row_of(b, twin);
        double by = (double)(y->median_ns - x->median_ns);
        double off = by - *difference;
        units++;
        *difference += off / units;
        square += off * (by - *difference);
        variance += variance_of(x->posterior) + variance_of(y->posterior);
    }
    /* They differ by more than what is known of each explains: then that is the scatter. */
    double between = units > 1 ? square / (units - 1) : 0;
    double width = sqrt(fmax(variance / units, between) / units);
    posterior_of_student(posterior, *difference, width,
                         between > variance / units ? units - 1 : KNOWN);
}
