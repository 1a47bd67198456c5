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
    free(group->start.units);
    free(group->end.units);
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

void compare_add_missing(struct compare_group *group, enum measure measure, int64_t watched_ns)
{
    struct compare_sample *sample = &group->samples[measure];
    if (sample->missing == 0 || watched_ns < sample->watched_ns) {
        sample->watched_ns = watched_ns;
    }
    sample->missing++;
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

/* How long the run was watched, from the press. */
static int64_t watched_ns(const struct timeline *timeline, const struct anchors *anchors)
{
    const struct entry *entry;
    int64_t end_ns = anchors->press_ns;
    size_t i = 0;
    while ((entry = timeline_next(timeline, ENTRY_END, &i))) {
        end_ns = entry->time_ns;
    }
    return end_ns - anchors->press_ns;
}

static const struct finding *finding_of(const struct judgement *judgement, enum expect_kind kind)
{
    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        if (finding->expectation && finding->expectation->kind == kind &&
            !finding->expectation->unknown) {
            return finding;
        }
    }
    return NULL;
}

static bool was_observed(const struct finding *finding)
{
    return finding->result == RESULT_PASS || finding->result == RESULT_FAIL;
}

/* Where the pattern was shown, be it after its time. */
static struct sighting sight_led(const struct expectation *led, const struct anchors *anchors,
                                 const struct timeline *timeline, struct pulses *pulses)
{
    struct window window = evidence_window(led, anchors);
    evidence_pulses(timeline, anchors->first_ns, window.end_ns, pulses);
    struct sighting sighting = evidence_sighting(led, pulses, window.start_ns);
    if (sighting.match.result != MATCH_YES) {
        struct expectation late = *led;
        late.extra |= EXTRA_AFTER;
        evidence_pulses(timeline, anchors->first_ns,
                        anchors->press_ns + watched_ns(timeline, anchors), pulses);
        sighting = evidence_sighting(&late, pulses, window.start_ns);
    }
    return sighting;
}

static void add_led(struct compare_group *group, const struct procedure *procedure,
                    const struct timeline *timeline, const struct judgement *judgement)
{
    const struct finding *finding = finding_of(judgement, EXPECT_LED);
    struct anchors anchors = evidence_anchors(procedure, timeline);
    struct compare_sample *lasts = &group->samples[MEASURE_LED_LASTS];
    struct pulses pulses;

    if (!finding || finding->expectation->pattern.count == 0) {
        return;
    }
    if (!anchors.pressed || !judgement->led_watched || judgement->led_lost ||
        !was_observed(finding)) {
        group->samples[MEASURE_LED_BEGINS].unobserved++;
        lasts->unobserved++;
        return;
    }
    struct sighting sighting = sight_led(finding->expectation, &anchors, timeline, &pulses);
    if (sighting.match.result != MATCH_YES) {
        compare_add_missing(group, MEASURE_LED_BEGINS, watched_ns(timeline, &anchors));
        compare_add_missing(group, MEASURE_LED_LASTS, watched_ns(timeline, &anchors));
        return;
    }
    const struct pulse *last = &pulses.items[sighting.match.last];
    compare_add_value(group, MEASURE_LED_BEGINS, sighting.start_ns - anchors.press_ns);
    if (!last->open) {
        compare_add_value(group, MEASURE_LED_LASTS, last->end_ns - sighting.start_ns);
    } else {
        lasts->unobserved++;
    }
}

/* From the press, whatever its expectation counts from: profiles may differ in that. */
static void add_radio(struct compare_group *group, enum measure measure, enum expect_kind kind,
                      const struct procedure *procedure, const struct timeline *timeline,
                      const struct judgement *judgement)
{
    const struct finding *finding = finding_of(judgement, kind);
    struct anchors anchors = evidence_anchors(procedure, timeline);
    if (!finding) {
        return;
    }
    if (!was_observed(finding)) {
        group->samples[measure].unobserved++;
    } else if (finding->has_at) {
        compare_add_value(group, measure, timeline->origin_ns + finding->at_ns - anchors.press_ns);
    } else {
        compare_add_missing(group, measure, watched_ns(timeline, &anchors));
    }
}

void compare_leave_out(struct compare_group *group, enum left_out why)
{
    group->left_out[why]++;
}

void compare_add_run(struct compare_group *group, const struct procedure *procedure,
                     const struct timeline *timeline, const struct judgement *judgement,
                     const char *unit)
{
    switch (judgement->verdict) {
    case VERDICT_PASS:
    case VERDICT_FAIL:
        break;
    case VERDICT_INCONCLUSIVE:
        compare_leave_out(group, LEFT_INCONCLUSIVE);
        return;
    case VERDICT_ABORTED:
        compare_leave_out(group, LEFT_ABORTED);
        return;
    case VERDICT_ERROR:
        compare_leave_out(group, LEFT_ERROR);
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
