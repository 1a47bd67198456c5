/* Rebuilds the variant that a stored press was made with. */
#include "rig/threshold/characterize_internal.h"

#include "rig/plan/plan_internal.h"
#include "rig/timeline/evidence_radio.h"

#include <stdlib.h>
#include <string.h>

size_t characterize_claimed_length(const char *name)
{
    size_t suffix = strlen(CHARACTERIZE_SUFFIX);
    size_t whole = strlen(name);
    return whole > suffix && strcmp(name + whole - suffix, CHARACTERIZE_SUFFIX) == 0
               ? whole - suffix
               : 0;
}

/* As it was asked for: the order less what the actuators' travel takes. 0: it came to none. */
static int64_t ordered_hold_ns(const struct characterize *series, const struct timeline *timeline)
{
    const struct station *station = series->setup.station;
    uint32_t anchor = evidence_anchor_press(&series->variant);
    const struct entry *order;
    size_t i = 0;

    while ((order = timeline_next(timeline, ENTRY_ORDER, &i))) {
        if (order->press == anchor) {
            int64_t hold_ns = order->until_ns - order->at_ns;
            if (station) {
                struct travel travel = plan_travel(station, order->mask);
                hold_ns -= travel.press_max_ns - travel.release_min_ns;
            }
            return hold_ns > 0 ? hold_ns : 0;
        }
    }
    return 0;
}

/* As a series does by itself; without a bench, or one that is refused today, no proof cuts it. */
static void find_longest(struct characterize *series, int64_t hold_ns)
{
    struct diags ignored = DIAGS_INIT;
    int64_t claimed_ns = series->setup.procedure->steps[series->varied].for_ns;

    if (!series->setup.station ||
        characterize_find_ranges(series, &ignored, place_of(series->variant.name)) != 0) {
        series->longer = NULL;
        series->allowed.high_ns = claimed_ns + claimed_ns / 2;
    }
    diags_clear(&ignored);
    if (series->allowed.high_ns < hold_ns) {
        series->allowed.high_ns = hold_ns; /* it was a series with a range of its own */
    }
}

/* Light is watched to the end of its time, a link only until it has dropped. */
static bool is_decided(const struct expectation *expectation, const struct anchors *anchors,
                       const struct timeline *timeline)
{
    struct window window = evidence_window(expectation, anchors);
    return expectation->kind == EXPECT_DISCONNECTS &&
           evidence_radio_said(expectation, &window, window.end_ns, timeline);
}

/* Where the series' longest hold was a shorter one, watching was over sooner. Never sooner than
 * for this hold. */
static void fit_windows(struct characterize *series, const struct timeline *timeline,
                        int64_t hold_ns)
{
    struct procedure *variant = &series->variant;
    struct anchors anchors = evidence_anchors(variant, timeline);
    size_t i = 0;
    const struct entry *end = timeline_next(timeline, ENTRY_END, &i);

    for (i = 0; end && anchors.pressed && i < variant->expect_count; i++) {
        struct expectation *expectation = &variant->expect[i];
        bool widened = expectation->kind == EXPECT_LED || expectation->kind == EXPECT_DISCONNECTS;
        if (!widened || is_decided(expectation, &anchors, timeline)) {
            continue;
        }
        int64_t least_ns = expectation->within_ns - series->allowed.high_ns + hold_ns;
        int64_t watched_ns = end->time_ns - anchors.press_ns - expectation->dark_ns;
        int64_t fit_ns = watched_ns > least_ns ? watched_ns : least_ns;
        if (fit_ns < expectation->within_ns) {
            expectation->within_ns = fit_ns;
        }
    }
}

struct characterize *characterize_again(const struct characterize_setup *setup,
                                        const struct timeline *timeline)
{
    int varied = characterize_last_hold(setup->procedure);
    if (varied < 0) {
        return NULL;
    }
    struct characterize *series = xcalloc(sizeof(*series));
    series->setup = *setup;
    series->varied = (size_t)varied;
    series->longer = characterize_longer_of(setup, series->varied);
    characterize_make_variant(series);
    int64_t hold_ns = ordered_hold_ns(series, timeline);
    hold_ns = hold_ns ? hold_ns : setup->procedure->steps[varied].for_ns;
    find_longest(series, hold_ns);
    characterize_make_variant(series);
    series->steps[varied].for_ns = hold_ns;
    fit_windows(series, timeline, hold_ns);
    return series;
}
