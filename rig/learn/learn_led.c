/* Which flashes belong to the pattern, which runs agree on it, and when it appears. */
#include "rig/base/units.h"
#include "rig/learn/learn_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEN_TEXT_MAX = PATTERN_TEXT_MAX + 64 };

#define LED_GRAIN_NS (10 * NS_PER_MS)

/* ---- one run ------------------------------------------------------------------------------ */

/* Light from before the first press says nothing about the press. */
static void drop_earlier(struct learner_run *run)
{
    struct pulses *pulses = &run->pulses;
    size_t earlier = 0;
    while (earlier < pulses->count && (pulses->items[earlier].clipped ||
                                       pulses->items[earlier].start_ns < run->anchors.first_ns)) {
        earlier++;
    }
    run->lit_before = earlier > 0;
    pulses->count -= earlier;
    memmove(pulses->items, pulses->items + earlier, pulses->count * sizeof(pulses->items[0]));
}

/* What pulses [from, to) look like; false when it is more than a pattern can hold. */
static bool look(const struct learner_run *run, size_t from, size_t to, struct pattern *pattern)
{
    bool truncated = false;
    pattern_recognise(run->pulses.items + from, to - from, pattern, &truncated);
    return !truncated;
}

/* Index behind the last pulse of the group that begins at `from`; *dark: a dark of its own ends
 * it. */
static size_t group_behind(const struct learner_run *run, size_t from, bool *dark)
{
    const struct pulses *pulses = &run->pulses;
    for (size_t i = from; i < pulses->count; i++) {
        const struct pulse *pulse = &pulses->items[i];
        int64_t next_ns = i + 1 < pulses->count ? pulses->items[i + 1].start_ns : run->watched_ns;
        if (!pulse->open && next_ns - pulse->end_ns >= LEARN_DARK_NS) {
            *dark = true;
            return i + 1;
        }
    }
    *dark = false;
    return pulses->count;
}

/* Groups up to the first that comes again: what repeats has begun something of its own. */
static void find_groups(struct learner_run *run)
{
    size_t from = 0;
    struct pattern before = {0};

    run->group_count = 0;
    run->endless = false;
    while (from < run->pulses.count && run->group_count < PATTERN_SEGMENTS_MAX) {
        bool dark;
        struct pattern pattern;
        size_t behind = group_behind(run, from, &dark);
        if (!dark) {
            run->endless = run->group_count == 0;
            break;
        }
        bool clear = look(run, from, behind, &pattern);
        if (clear && run->group_count > 0 && pattern_equal(&pattern, &before)) {
            run->group_count -= run->group_count > 1;
            break;
        }
        run->group_end[run->group_count++] = behind;
        before = pattern;
        from = behind;
    }
}

/* The end of a light without an end depends on when watching ended: flashes are then `blinking`,
 * and one that stands alone is not counted. */
static void open_the_end(struct pattern *pattern)
{
    if (pattern->count == 0) {
        return;
    }
    struct segment *last = &pattern->segments[pattern->count - 1];
    if (last->kind != SEGMENT_COUNT) {
        return;
    }
    if (last->count > 1) {
        *last = (struct segment){.kind = SEGMENT_BLINKING, .colour = last->colour};
    } else if (pattern->count > 1) {
        pattern->count--;
    }
}

/* The pattern of the first `groups` groups. */
static void find_pattern(struct learner_run *run, size_t groups)
{
    if (run->pulses.truncated || run->lost) {
        run->clear = false;
        return;
    }
    if (run->endless) {
        run->clear = look(run, 0, run->pulses.count, &run->pattern);
        open_the_end(&run->pattern);
        return;
    }
    size_t claimed = groups < run->group_count ? groups : run->group_count;
    run->clear = look(run, 0, claimed ? run->group_end[claimed - 1] : 0, &run->pattern);
}

static size_t pulses_claimed(const struct learner_run *run, size_t groups)
{
    size_t claimed = groups < run->group_count ? groups : run->group_count;
    return run->endless ? run->pulses.count : claimed ? run->group_end[claimed - 1] : 0;
}

/* ---- agreement ---------------------------------------------------------------------------- */

static bool same(const struct learner_run *a, const struct learner_run *b)
{
    return a->clear && b->clear && pattern_equal(&a->pattern, &b->pattern);
}

/* How many runs show what the run shows that most others agree with; *which is that run. */
static size_t largest_party(const struct learner *learner, size_t *which)
{
    size_t most = 0;
    *which = 0;
    for (size_t i = 0; i < learner->count; i++) {
        size_t party = 0;
        for (size_t k = 0; k < learner->count; k++) {
            party += same(&learner->runs[i], &learner->runs[k]);
        }
        if (party > most) {
            most = party;
            *which = i;
        }
    }
    return most;
}

static const char *seen_text(char *out, const struct learner_run *run)
{
    char pattern[PATTERN_TEXT_MAX];
    if (run->lost) {
        snprintf(out, SEEN_TEXT_MAX, "LED edges were lost");
    } else if (!run->clear) {
        snprintf(out, SEEN_TEXT_MAX, "more than a pattern can hold");
    } else {
        snprintf(out, SEEN_TEXT_MAX, "%s", pattern_format(pattern, &run->pattern));
    }
    return out;
}

/* The number of groups that most runs agree on; of two, the longer pattern. */
static size_t choose_groups(struct learner *learner, size_t *party, size_t *which)
{
    size_t chosen = 1;
    *party = 0;
    for (size_t groups = PATTERN_SEGMENTS_MAX; groups >= 1; groups--) {
        size_t first;
        for (size_t i = 0; i < learner->count; i++) {
            find_pattern(&learner->runs[i], groups);
        }
        size_t these = largest_party(learner, &first);
        if (these > *party) {
            *party = these;
            *which = first;
            chosen = groups;
        }
    }
    for (size_t i = 0; i < learner->count; i++) {
        find_pattern(&learner->runs[i], chosen);
    }
    return chosen;
}

static int disagree(const struct learner *learner, size_t party)
{
    char seen[SEEN_TEXT_MAX];
    char where[32];
    for (size_t i = 0; i < learner->count; i++) {
        snprintf(where, sizeof(where), "run %zu", i + 1);
        diag_error(learner->diags, place_of(where), NULL, "the LED showed: %s",
                   seen_text(seen, &learner->runs[i]));
    }
    return diag_error(
        learner->diags, place_of(learner->procedure->name),
        "start every run from the same state, and make more runs",
        "the LED of only %zu of %zu runs agrees; more than half must, and at least %d", party,
        learner->count, LEARN_RUNS_MIN);
}

int learn_agreement(struct learner *learner)
{
    struct lesson *lesson = learner->lesson;
    size_t party;
    size_t which = 0;
    char seen[SEEN_TEXT_MAX];

    for (size_t i = 0; i < learner->count; i++) {
        struct learner_run *run = &learner->runs[i];
        evidence_pulses(run->timeline, run->anchors.first_ns, run->watched_ns, &run->pulses);
        drop_earlier(run);
        find_groups(run);
    }
    size_t groups = choose_groups(learner, &party, &which);
    if (party < LEARN_RUNS_MIN || 2 * party <= learner->count) {
        return disagree(learner, party);
    }
    for (size_t i = 0; i < learner->count; i++) {
        struct learner_run *run = &learner->runs[i];
        lesson->agrees[i] = same(run, &learner->runs[which]);
        lesson->agreeing += lesson->agrees[i];
        if (!lesson->agrees[i]) {
            learn_remark(learner, "Run %zu is left out: its LED showed %s.", i + 1,
                         seen_text(seen, run));
        }
        run->group_count = run->group_count < groups ? run->group_count : groups;
    }
    return 0;
}

/* ---- what is claimed ---------------------------------------------------------------------- */

/* Flashes that appear but do not belong to the pattern. */
static unsigned extra_of(const struct learner *learner, const struct pattern *pattern)
{
    bool solid = pattern->segments[pattern->count - 1].kind == SEGMENT_SOLID;
    unsigned extra = EXTRA_NONE;
    for (size_t i = 0; i < learner->count; i++) {
        if (learn_agrees(learner, i)) {
            extra |= learner->runs[i].lit_before ? EXTRA_BEFORE : EXTRA_NONE;
            extra |= learner->runs[i].endless && !solid ? EXTRA_AFTER : EXTRA_NONE;
        }
    }
    return extra;
}

/* Does the pattern end with a solid light that went off in every run? */
static bool solid_ends(const struct learner *learner, const struct pattern *pattern)
{
    bool ends = pattern->segments[pattern->count - 1].kind == SEGMENT_SOLID &&
                pattern->count < PATTERN_SEGMENTS_MAX;
    for (size_t i = 0; i < learner->count; i++) {
        ends = ends && !(learn_agrees(learner, i) && learner->runs[i].endless);
    }
    return ends;
}

/* A light whose end was not seen has no dark after it. */
static bool is_endless(const struct learner *learner)
{
    bool endless = false;
    for (size_t i = 0; i < learner->count; i++) {
        endless = endless || (learn_agrees(learner, i) && learner->runs[i].endless);
    }
    return endless;
}

/* What the agreeing runs showed after the pattern: when it began, counted from the anchor. */
static void find_rest(const struct learner *learner, struct spread *rest)
{
    for (size_t i = 0; i < learner->count; i++) {
        const struct learner_run *run = &learner->runs[i];
        size_t claimed = pulses_claimed(run, PATTERN_SEGMENTS_MAX);
        if (learn_agrees(learner, i) && claimed < run->pulses.count) {
            learn_spread_add(rest, run, run->pulses.items[claimed].start_ns);
        }
    }
}

static void remark_rest(struct learner *learner, const struct range *range, size_t count,
                        enum anchor anchor)
{
    char from[SECONDS_TEXT_MAX];
    char to[SECONDS_TEXT_MAX];
    learn_remark(learner,
                 "The LED lit again after the pattern in %zu of %zu runs, %s to %s after the %s: "
                 "not claimed.",
                 count, learner->lesson->agreeing, evidence_seconds(from, range->min_ns),
                 evidence_seconds(to, range->max_ns), profile_anchor_name(anchor));
}

/* No light at all. That the LED is off is claimed only if the source says so too: a sensor that
 * misses the LED reports the same. */
static void learn_dark(struct learner *learner)
{
    for (size_t i = 0; i < learner->procedure->expect_count; i++) {
        const struct expectation *expectation = &learner->procedure->expect[i];
        if (expectation->kind == EXPECT_LED && !expectation->unknown &&
            expectation->pattern.count == 0) {
            learn_claim(learner, expectation,
                        "No run showed any light, as the source of the procedure says.");
            return;
        }
    }
    learn_claim(learner,
                &(struct expectation){.kind = EXPECT_LED, .unknown = true, .anchor = ANCHOR_PRESS},
                "No run showed any light. Nothing is claimed: a sensor that misses the LED "
                "reports the same.");
}

static const char *basis_of(struct learner *learner, const struct range *start,
                            const struct range *complete, enum anchor anchor)
{
    char a[4][SECONDS_TEXT_MAX];
    return arena_printf(
        learner->arena,
        "Seen in %zu runs: started %s to %s after the %s, complete after %s to %s; the window "
        "extends %lld ms before and %lld ms after that.",
        learner->lesson->agreeing, evidence_seconds(a[0], start->min_ns),
        evidence_seconds(a[1], start->max_ns), profile_anchor_name(anchor),
        evidence_seconds(a[2], complete->min_ns), evidence_seconds(a[3], complete->max_ns),
        (long long)((start->min_ns - start->low_ns) / NS_PER_MS),
        (long long)((complete->high_ns - complete->max_ns) / NS_PER_MS));
}

/* When the pattern began and when it was complete, as the judge will see it. */
static void find_instants(const struct learner *learner, const struct expectation *expectation,
                          struct spread *start, struct spread *complete)
{
    struct pulses *pulses = arena_alloc(learner->arena, sizeof(*pulses));
    for (size_t i = 0; i < learner->count; i++) {
        const struct learner_run *run = &learner->runs[i];
        if (!learn_agrees(learner, i)) {
            continue;
        }
        *pulses = run->pulses;
        pulses->count = pulses_claimed(run, PATTERN_SEGMENTS_MAX);
        struct sighting sighting = evidence_sighting(expectation, pulses, run->anchors.first_ns);
        if (sighting.match.result == MATCH_YES) {
            learn_spread_add(start, run, sighting.start_ns);
            learn_spread_add(complete, run, sighting.complete_ns);
        }
    }
}

void learn_led(struct learner *learner)
{
    struct expectation expectation = {.kind = EXPECT_LED, .needed = true};
    struct spread *spreads = arena_array(learner->arena, 3, sizeof(*spreads));
    struct spread *start = &spreads[0];
    struct spread *complete = &spreads[1];
    struct spread *rest = &spreads[2];
    int64_t floor_ns = LEARN_LIGHT_FLOOR_NS + evidence_settle_ns(&learner->station->led);

    for (size_t i = 0; i < learner->count; i++) {
        if (learn_agrees(learner, i)) {
            expectation.pattern = learner->runs[i].pattern;
        }
    }
    if (expectation.pattern.count == 0) {
        learn_dark(learner);
        return;
    }
    expectation.extra = extra_of(learner, &expectation.pattern);
    bool ends = !expectation.extra && solid_ends(learner, &expectation.pattern);
    if (ends) {
        struct pattern *pattern = &expectation.pattern;
        pattern->segments[pattern->count++] = (struct segment){.kind = SEGMENT_OFF};
    }
    struct expectation open_ended = expectation;
    open_ended.extra |= EXTRA_AFTER;
    find_instants(learner, &open_ended, start, complete);
    if (start->count < learner->lesson->agreeing) {
        learn_remark(learner, "The LED's pattern could not always be told apart from other light: "
                              "not claimed.");
        return;
    }
    enum anchor anchor = learn_spread_anchor(start);
    struct range begun = learn_spread_range(start, anchor, floor_ns);
    struct range all = learn_spread_range(complete, anchor, floor_ns);
    /* It was dark for that long in every run, or what came next comes no sooner. */
    int64_t dark_ns = LEARN_DARK_NS - floor_ns;
    find_rest(learner, rest);
    if (rest->count > 0) {
        struct range next = learn_spread_range(rest, anchor, floor_ns);
        remark_rest(learner, &next, rest->count, anchor);
        if (next.low_ns - LED_GRAIN_NS <= all.high_ns) {
            expectation.extra |= EXTRA_AFTER;
            expectation.pattern.count -= ends;
        } else if (next.low_ns - all.high_ns < dark_ns + LED_GRAIN_NS) {
            dark_ns = next.low_ns - all.high_ns - LED_GRAIN_NS;
        }
    }
    bool dark = !(expectation.extra & EXTRA_AFTER) && !is_endless(learner);
    expectation.dark_ns = dark ? dark_ns - dark_ns % LED_GRAIN_NS : 0;
    learn_window(&expectation, anchor, begun.low_ns, all.high_ns, LED_GRAIN_NS);
    learn_claim(learner, &expectation, basis_of(learner, &begun, &all, anchor));
}
