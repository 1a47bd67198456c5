/* Collects what is measured in a run for a comparison. */
#include "rig/compare/compare.h"

#include "rig/base/arena.h"
#include "rig/base/text.h"
#include "rig/compare/compare_internal.h"
#include "rig/timeline/evidence.h"

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
        free(group->samples[i].units);
        free(group->samples[i].missing_units);
    }
    for (size_t i = 0; i < group->unit_count; i++) {
        free(group->units[i].serial);
    }
    free(group->units);
    free(group->start.units);
    free(group->start.places);
    free(group->end.units);
    free(group->end.places);
    memset(group, 0, sizeof(*group));
}

size_t compare_unit_place(struct compare_group *group, const char *unit)
{
    /* A run has several values, and comes behind another one of its unit often. */
    if (group->unit_last < group->unit_count &&
        text_same(group->units[group->unit_last].serial, unit)) {
        return group->unit_last;
    }
    for (size_t i = 0; i < group->unit_count; i++) {
        if (text_same(group->units[i].serial, unit)) {
            group->unit_last = i;
            return i;
        }
    }
    if (group->unit_count == group->unit_room) {
        group->unit_room = group->unit_room ? 2 * group->unit_room : 16;
        group->units = xrealloc_array(group->units, group->unit_room, sizeof(*group->units));
    }
    struct compare_unit *added = &group->units[group->unit_count];
    *added = (struct compare_unit){.serial = NULL};
    if (unit) {
        size_t size = strlen(unit) + 1;
        added->serial = memcpy(xcalloc(size), unit, size);
    }
    group->unit_last = group->unit_count;
    return group->unit_count++;
}

size_t compare_units_named(const struct compare_group *group)
{
    size_t named = 0;
    for (size_t i = 0; i < group->unit_count; i++) {
        named += group->units[i].serial && group->units[i].runs > 0;
    }
    return named;
}

void compare_add_verdict(struct compare_group *group, bool passed, const char *unit)
{
    size_t place = compare_unit_place(group, unit);
    group->runs++;
    group->passed += passed;
    group->units[place].runs++;
    group->units[place].passed += passed;
}

void compare_add_value(struct compare_group *group, enum measure measure, int64_t value_ns,
                       const char *unit)
{
    struct compare_sample *sample = &group->samples[measure];
    if (sample->count == sample->room) {
        sample->room = sample->room ? 2 * sample->room : 16;
        sample->values_ns =
            xrealloc_array(sample->values_ns, sample->room, sizeof(*sample->values_ns));
        sample->units = xrealloc_array(sample->units, sample->room, sizeof(*sample->units));
    }
    sample->units[sample->count] = compare_unit_place(group, unit);
    sample->values_ns[sample->count++] = value_ns;
}

void compare_add_missing(struct compare_group *group, enum measure measure, int64_t watched_ns,
                         const char *unit)
{
    struct compare_sample *sample = &group->samples[measure];
    if (sample->missing == 0 || watched_ns < sample->watched_ns) {
        sample->watched_ns = watched_ns;
    }
    sample->missing_units =
        xrealloc_array(sample->missing_units, sample->missing + 1, sizeof(*sample->missing_units));
    sample->missing_units[sample->missing++] = compare_unit_place(group, unit);
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
                    const struct timeline *timeline, const struct judgement *judgement,
                    const char *unit)
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
        compare_add_missing(group, MEASURE_LED_BEGINS, watched_ns(timeline, &anchors), unit);
        compare_add_missing(group, MEASURE_LED_LASTS, watched_ns(timeline, &anchors), unit);
        return;
    }
    const struct pulse *last = &pulses.items[sighting.match.last];
    compare_add_value(group, MEASURE_LED_BEGINS, sighting.start_ns - anchors.press_ns, unit);
    if (!last->open) {
        compare_add_value(group, MEASURE_LED_LASTS, last->end_ns - sighting.start_ns, unit);
    } else {
        lasts->unobserved++;
    }
}

/* From the press, whatever its expectation counts from: profiles may differ in that. */
static void add_radio(struct compare_group *group, enum measure measure, enum expect_kind kind,
                      const struct procedure *procedure, const struct timeline *timeline,
                      const struct judgement *judgement, const char *unit)
{
    const struct finding *finding = finding_of(judgement, kind);
    struct anchors anchors = evidence_anchors(procedure, timeline);
    if (!finding) {
        return;
    }
    if (!was_observed(finding)) {
        group->samples[measure].unobserved++;
    } else if (finding->has_at) {
        compare_add_value(group, measure, timeline->origin_ns + finding->at_ns - anchors.press_ns,
                          unit);
    } else {
        compare_add_missing(group, measure, watched_ns(timeline, &anchors), unit);
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
    compare_add_verdict(group, judgement->verdict == VERDICT_PASS, unit);
    add_led(group, procedure, timeline, judgement, unit);
    add_radio(group, MEASURE_DISCONNECT, EXPECT_DISCONNECTS, procedure, timeline, judgement, unit);
    add_radio(group, MEASURE_DISCOVERABLE, EXPECT_DISCOVERABLE, procedure, timeline, judgement,
              unit);
}
