/* Which units a difference is based on, and what is compared between them. */
#include "rig/compare/compare_internal.h"

#include "rig/base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *compare_basis_name(enum compare_basis basis)
{
    static const char *const names[] = {[BASIS_UNKNOWN] = "unknown",
                                        [BASIS_SAME_UNIT] = "same-unit",
                                        [BASIS_PAIRED] = "paired",
                                        [BASIS_UNITS] = "units"};
    return names[basis];
}

/* Runs of each unit that tell something of the measure, by its place. To be freed. */
static size_t *known_by_unit(const struct compare_group *group, enum measure measure)
{
    const struct compare_sample *sample = &group->samples[measure];
    const struct compare_threshold *threshold = compare_threshold_of(group, measure);
    size_t *known = xcalloc((group->unit_count + 1) * sizeof(*known));

    if (measure == MEASURE_PASS_RATE) {
        for (size_t i = 0; i < group->unit_count; i++) {
            known[i] = group->units[i].runs;
        }
    } else if (threshold) {
        for (size_t i = 0; i < threshold->unit_count; i++) {
            known[threshold->places[i]]++;
        }
    } else {
        for (size_t i = 0; i < sample->count; i++) {
            known[sample->units[i]]++;
        }
        for (size_t i = 0; compare_is_wait(measure) && i < sample->missing; i++) {
            known[sample->missing_units[i]]++;
        }
    }
    return known;
}

static size_t units_in(const size_t *known, size_t count)
{
    size_t units = 0;
    for (size_t i = 0; i < count; i++) {
        units += known[i] > 0;
    }
    return units;
}

struct named {
    const char *serial;
    size_t place;
};

static int by_serial(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->serial, ((const struct named *)b)->serial);
}

/* Of each unit of `a` the place in `b`, where both have runs of it; else SIZE_MAX. A unit that is
 * not named is never the same. */
static size_t find_shared(const struct compare_group *a, const struct compare_group *b,
                          struct compare_basis_of *of)
{
    struct named *others = xrealloc_array(NULL, b->unit_count + 1, sizeof(*others));
    size_t count = 0;
    size_t shared = 0;

    for (size_t i = 0; i < b->unit_count; i++) {
        if (of->known_b[i] > 0 && b->units[i].serial) {
            others[count++] = (struct named){b->units[i].serial, i};
        }
    }
    qsort(others, count, sizeof(*others), by_serial);
    for (size_t i = 0; i < a->unit_count; i++) {
        struct named key = {a->units[i].serial, 0};
        const struct named *twin = of->known_a[i] > 0 && key.serial
                                       ? bsearch(&key, others, count, sizeof(*others), by_serial)
                                       : NULL;
        of->twin[i] = twin ? twin->place : SIZE_MAX;
        shared += twin != NULL;
    }
    free(others);
    return shared;
}

/* Only those that ran both. */
static void keep_shared(const struct compare_group *a, const struct compare_group *b,
                        struct compare_basis_of *of)
{
    size_t *twins = xcalloc((b->unit_count + 1) * sizeof(*twins));
    for (size_t i = 0; i < a->unit_count; i++) {
        if (of->twin[i] == SIZE_MAX) {
            of->known_a[i] = 0;
        } else {
            twins[of->twin[i]] = of->known_b[of->twin[i]];
        }
    }
    free(of->known_b);
    of->known_b = twins;
}

static size_t total(const size_t *known, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += known[i];
    }
    return sum;
}

struct compare_basis_of compare_basis_of(const struct compare_group *a,
                                         const struct compare_group *b, enum measure measure)
{
    struct compare_basis_of of = {.known_a = known_by_unit(a, measure),
                                  .known_b = known_by_unit(b, measure),
                                  .twin = xcalloc((a->unit_count + 1) * sizeof(*of.twin))};
    size_t units_a = units_in(of.known_a, a->unit_count);
    size_t units_b = units_in(of.known_b, b->unit_count);
    size_t shared = find_shared(a, b, &of);
    size_t runs_a = 0;
    size_t runs_b = 0;
    for (size_t i = 0; i < a->unit_count; i++) {
        runs_a += of.twin[i] != SIZE_MAX ? of.known_a[i] : 0;
        runs_b += of.twin[i] != SIZE_MAX ? of.known_b[of.twin[i]] : 0;
    }
    size_t least = compare_threshold_of(a, measure) ? 1 : COMPARE_RUNS_MIN;
    bool several = units_a > 1 && units_b > 1;
    if (shared > 0 && runs_a >= least && runs_b >= least &&
        (!several || shared == units_a || shared == units_b)) {
        of.basis = shared == 1 ? BASIS_SAME_UNIT : BASIS_PAIRED;
        keep_shared(a, b, &of);
    } else {
        of.basis = several ? BASIS_UNITS : BASIS_UNKNOWN;
    }
    of.units_a = units_in(of.known_a, a->unit_count);
    of.units_b = units_in(of.known_b, b->unit_count);
    of.by_unit = of.basis == BASIS_UNITS && (total(of.known_a, a->unit_count) > of.units_a ||
                                             total(of.known_b, b->unit_count) > of.units_b);
    return of;
}

void compare_basis_free(struct compare_basis_of *of)
{
    free(of->known_a);
    free(of->known_b);
    free(of->twin);
}

/* ---- what is compared ------------------------------------------------------------------------ */

/* A value as it is compared: a wait ends with what was watched. */
static double value_of(const struct compare_sample *sample, size_t i, int64_t until_ns)
{
    int64_t value_ns = sample->values_ns[i];
    return (double)(until_ns > 0 && value_ns > until_ns ? until_ns : value_ns);
}

/* Sums of each unit's runs; what is missing counts as `until_ns`. */
static struct compare_unit_sum *sums_of(const struct compare_group *group, enum measure measure,
                                        int64_t until_ns)
{
    const struct compare_sample *sample = &group->samples[measure];
    struct compare_unit_sum *sums = xcalloc((group->unit_count + 1) * sizeof(*sums));
    size_t missing = until_ns > 0 ? sample->missing : 0;

    for (size_t i = 0; i < sample->count + missing; i++) {
        bool came = i < sample->count;
        struct compare_unit_sum *sum =
            &sums[came ? sample->units[i] : sample->missing_units[i - sample->count]];
        double value = came ? value_of(sample, i, until_ns) : (double)until_ns;
        double before = value - sum->mean;
        sum->count++;
        sum->missing += !came;
        sum->mean += before / (double)sum->count;
        sum->square += before * (value - sum->mean);
    }
    return sums;
}

/* One unit, one value. */
static void take_units(struct compare_side *side, const struct compare_unit_sum *sums,
                       const size_t *known, size_t unit_count)
{
    double square = 0;
    double freedom = 0;
    double between = 0;
    double mean = 0;

    for (size_t i = 0; i < unit_count; i++) {
        if (known[i] > 0 && sums[i].count > 0) {
            side->values[side->count++] = sums[i].mean;
            side->missing += (double)sums[i].missing / (double)sums[i].count;
            square += sums[i].square;
            freedom += (double)(sums[i].count - 1);
        }
    }
    side->runs = (double)side->count;
    if (side->count < 2) {
        return;
    }
    for (size_t i = 0; i < side->count; i++) {
        mean += side->values[i] / (double)side->count;
    }
    for (size_t i = 0; i < side->count; i++) {
        between += pow(side->values[i] - mean, 2) / (double)(side->count - 1);
    }
    double within = 0;
    for (size_t i = 0; freedom > 0 && i < unit_count; i++) {
        if (known[i] > 0 && sums[i].count > 0) {
            within += square / freedom / (double)sums[i].count / (double)side->count;
        }
    }
    /* Units that are alike by chance never make it narrower than what is known of them. */
    side->extra = fmax(0, within - between);
}

struct compare_side compare_side_of(const struct compare_group *group, enum measure measure,
                                    int64_t until_ns, const size_t *known, bool by_unit)
{
    const struct compare_sample *sample = &group->samples[measure];
    size_t most = sample->count > group->unit_count ? sample->count : group->unit_count;
    struct compare_side side = {.values = xrealloc_array(NULL, most + 1, sizeof(double))};

    for (size_t i = 0; measure == MEASURE_PASS_RATE && i < group->unit_count; i++) {
        double runs = (double)group->units[i].runs;
        double part = known[i] == 0 ? 0 : by_unit ? 1 / runs : 1;
        side.runs += runs * part;
        side.passed += (double)group->units[i].passed * part;
    }
    if (measure == MEASURE_PASS_RATE || compare_threshold_of(group, measure)) {
        return side;
    }
    if (by_unit) {
        struct compare_unit_sum *sums = sums_of(group, measure, until_ns);
        take_units(&side, sums, known, group->unit_count);
        free(sums);
        return side;
    }
    for (size_t i = 0; i < sample->count; i++) {
        if (known[sample->units[i]] > 0) {
            side.values[side.count++] = value_of(sample, i, until_ns);
        }
    }
    for (size_t i = 0; until_ns > 0 && i < sample->missing; i++) {
        side.missing += known[sample->missing_units[i]] > 0;
    }
    side.runs = (double)side.count + side.missing;
    side.waits = until_ns > 0;
    return side;
}

/* ---- each unit against itself ---------------------------------------------------------------- */

void compare_paired(const struct compare_group *a, const struct compare_group *b,
                    enum measure measure, int64_t until_ns, const struct compare_basis_of *of,
                    double grain, struct compare_paired *paired)
{
    struct compare_unit_sum *sums_a = sums_of(a, measure, until_ns);
    struct compare_unit_sum *sums_b = sums_of(b, measure, until_ns);
    double weights = 0;
    double square = 0;
    double runs = 0;
    double units = 0;

    *paired = (struct compare_paired){0};
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < a->unit_count; i++) {
            if (of->twin[i] == SIZE_MAX) {
                continue;
            }
            const struct compare_unit_sum *x = &sums_a[i];
            const struct compare_unit_sum *y = &sums_b[of->twin[i]];
            double nx = (double)x->count;
            double ny = (double)y->count;
            double weight = nx * ny / (nx + ny);
            double difference = y->mean - x->mean;
            if (pass == 0) {
                weights += weight;
                paired->difference += weight * difference;
                runs += nx + ny;
                units++;
                square += x->square + y->square;
            } else {
                square += weight * pow(difference - paired->difference, 2);
            }
        }
        paired->difference /= pass == 0 ? weights : 1;
    }
    paired->freedom = runs - units - 1;
    paired->variance = square / paired->freedom + grain * grain / 12;
    paired->width = sqrt(paired->variance / weights);
    free(sums_a);
    free(sums_b);
}
