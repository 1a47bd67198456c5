/*
 * What is measured of a run for a comparison.
 */
#include "rig/compare.h"

#include "rig/arena.h"
#include "rig/evidence.h"

#include <stdlib.h>
#include <string.h>

void compare_group_init(struct compare_group *group, const char *firmware)
{
    memset(group, 0, sizeof(*group));
    group->firmware = firmware;
}

void compare_group_free(struct compare_group *group)
{
    for (int i = 0; i < MEASURE_COUNT; i++) {
        free(group->samples[i].values_ns);
    }
    for (size_t i = 0; i < group->unit_count; i++) {
        free(group->units[i]);
    }
    free(group->units);
    memset(group, 0, sizeof(*group));
}

void compare_add_value(struct compare_group *group, enum measure measure, int64_t value_ns)
{
    struct compare_sample *sample = &group->samples[measure];
    if (sample->count == sample->room) {
        sample->room = sample->room ? 2 * sample->room : 16;
        sample->values_ns =
            xrealloc_array(sample->values_ns, sample->room, sizeof(*sample->values_ns));
    }
    sample->values_ns[sample->count++] = value_ns;
}

void compare_set_threshold(struct compare_group *group, const struct svg_threshold_row *threshold)
{
    group->threshold = *threshold;
}

static void add_unit(struct compare_group *group, const char *unit)
{
    for (size_t i = 0; i < group->unit_count; i++) {
        if (strcmp(group->units[i], unit) == 0) {
            return;
        }
    }
    group->units = xrealloc_array(group->units, group->unit_count + 1, sizeof(*group->units));
    size_t size = strlen(unit) + 1;
    group->units[group->unit_count] = memcpy(xcalloc(size), unit, size);
    group->unit_count++;
}

/* The LED was watched, and its evidence is whole. */
static bool led_is_known(const struct judgement *judgement)
{
    return judgement->led_watched && !judgement->led_lost;
}

static void add_led(struct compare_group *group, const struct procedure *procedure,
                    const struct timeline *timeline, const struct judgement *judgement)
{
    const struct expectation *led = evidence_led_expectation(procedure);
    struct anchors anchors = evidence_anchors(procedure, timeline);
    struct pulses pulses;

    if (!led || !anchors.pressed || !led_is_known(judgement) || led->pattern.count == 0) {
        return;
    }
    struct window window = evidence_window(led, &anchors);
    evidence_pulses(timeline, anchors.first_ns, window.end_ns, &pulses);
    struct sighting sighting = evidence_sighting(led, &pulses, window.start_ns);
    if (sighting.match.result != MATCH_YES) {
        group->samples[MEASURE_LED_BEGINS].missing++;
        group->samples[MEASURE_LED_LASTS].missing++;
        return;
    }
    const struct pulse *last = &pulses.items[sighting.match.last];
    compare_add_value(group, MEASURE_LED_BEGINS, sighting.start_ns - anchors.press_ns);
    if (!last->open) {
        compare_add_value(group, MEASURE_LED_LASTS, last->end_ns - sighting.start_ns);
    }
}

static void add_radio(struct compare_group *group, enum measure measure, enum expect_kind kind,
                      const struct procedure *procedure, const struct timeline *timeline,
                      const struct judgement *judgement)
{
    struct anchors anchors = evidence_anchors(procedure, timeline);
    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        const struct expectation *expectation = finding->expectation;
        if (!expectation || expectation->kind != kind) {
            continue;
        }
        int64_t anchor_ns = expectation->anchor == ANCHOR_PRESS     ? anchors.press_ns
                            : expectation->anchor == ANCHOR_RELEASE ? anchors.release_ns
                                                                    : anchors.led_ns;
        bool judged = finding->result == RESULT_PASS || finding->result == RESULT_FAIL;
        if (judged && finding->has_at) {
            compare_add_value(group, measure, timeline->origin_ns + finding->at_ns - anchor_ns);
        } else if (judged) {
            group->samples[measure].missing++;
        }
        return;
    }
}

void compare_add_run(struct compare_group *group, const struct procedure *procedure,
                     const struct timeline *timeline, const struct judgement *judgement,
                     const char *unit)
{
    if (judgement->verdict != VERDICT_PASS && judgement->verdict != VERDICT_FAIL) {
        return;
    }
    group->runs++;
    group->passed += judgement->verdict == VERDICT_PASS;
    if (unit) {
        add_unit(group, unit);
    }
    add_led(group, procedure, timeline, judgement);
    add_radio(group, MEASURE_DISCONNECT, EXPECT_DISCONNECTS, procedure, timeline, judgement);
    add_radio(group, MEASURE_DISCOVERABLE, EXPECT_DISCOVERABLE, procedure, timeline, judgement);
}
