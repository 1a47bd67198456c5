/* From observed instants to the claimed window. */
#include "rig/base/units.h"
#include "rig/learn/learn_internal.h"

#include <assert.h>

/* The unit of the sums: fine enough for a spread, and no square of an hour overflows. */
#define TICK_NS (10 * NS_PER_US)

/* k x100 of the tolerance interval for n runs: z(0.9995) sqrt((n - 1)(1 + 1/n) / chi2(0.05, n -
 * 1)). The largest n that is not above counts. */
static const struct {
    size_t runs;
    int k_x100;
} factors[] = {{3, 1678}, {4, 1074}, {5, 855},  {6, 743},  {7, 674},  {8, 627},  {9, 593},
               {10, 568}, {12, 531}, {15, 496}, {20, 462}, {30, 428}, {50, 399}, {100, 375}};

static int64_t factor_x100(size_t runs)
{
    int64_t k = factors[0].k_x100;
    for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
        k = runs >= factors[i].runs ? factors[i].k_x100 : k;
    }
    return k;
}

/* The largest whole number whose square is not above. */
static uint64_t root(uint64_t square)
{
    uint64_t low = 0;
    uint64_t high = UINT64_C(1) << 32;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (middle * middle <= square) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

struct range learn_range_of(const int64_t *values, size_t count, int64_t floor_ns)
{
    assert(count > 0 && count <= LEARN_RUNS_MAX);
    struct range range = {.min_ns = values[0], .max_ns = values[0]};
    int64_t sum_ns = 0;

    for (size_t i = 0; i < count; i++) {
        range.min_ns = values[i] < range.min_ns ? values[i] : range.min_ns;
        range.max_ns = values[i] > range.max_ns ? values[i] : range.max_ns;
        sum_ns += values[i] - values[0];
    }
    int64_t mean_ns = values[0] + sum_ns / (int64_t)count;
    uint64_t squares = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t ticks = (values[i] - mean_ns) / TICK_NS;
        squares += (uint64_t)(ticks * ticks);
    }
    int64_t reach_ns = 0;
    if (count > 1) {
        int64_t deviation_ns = ((int64_t)root(squares / (count - 1)) + 1) * TICK_NS;
        reach_ns = deviation_ns * factor_x100(count) / 100;
    }
    range.low_ns =
        mean_ns - reach_ns < range.min_ns - floor_ns ? mean_ns - reach_ns : range.min_ns - floor_ns;
    range.high_ns =
        mean_ns + reach_ns > range.max_ns + floor_ns ? mean_ns + reach_ns : range.max_ns + floor_ns;
    return range;
}

void learn_spread_add(struct spread *spread, const struct learner_run *run, int64_t at_ns)
{
    assert(spread->count < LEARN_RUNS_MAX);
    spread->at_ns[spread->count] = at_ns;
    spread->press_ns[spread->count] = run->anchors.press_ns;
    spread->release_ns[spread->count] = run->anchors.release_ns;
    spread->count++;
}

enum anchor learn_spread_anchor(const struct spread *spread)
{
    for (size_t i = 0; i < spread->count; i++) {
        if (spread->at_ns[i] < spread->release_ns[i]) {
            return ANCHOR_PRESS;
        }
    }
    return ANCHOR_RELEASE;
}

struct range learn_spread_range(const struct spread *spread, enum anchor anchor, int64_t floor_ns)
{
    int64_t values[LEARN_RUNS_MAX] = {0};
    for (size_t i = 0; i < spread->count; i++) {
        values[i] = spread->at_ns[i] -
                    (anchor == ANCHOR_PRESS ? spread->press_ns[i] : spread->release_ns[i]);
    }
    return learn_range_of(values, spread->count, floor_ns);
}

static int64_t floor_to(int64_t value, int64_t grain)
{
    int64_t rest = value % grain;
    return value - (rest < 0 ? rest + grain : rest);
}

void learn_window(struct expectation *expectation, enum anchor anchor, int64_t low_ns,
                  int64_t high_ns, int64_t grain_ns)
{
    expectation->anchor = anchor;
    expectation->after_ns = floor_to(low_ns, grain_ns);
    expectation->within_ns = -floor_to(-high_ns, grain_ns) - expectation->after_ns;
}
