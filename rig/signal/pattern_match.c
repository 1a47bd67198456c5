/*
 * Compares pulses with a pattern, and explains the first difference.
 */
#include "rig/signal/pattern.h"

#include <stdio.h>
#include <string.h>

enum mismatch_kind {
    MISMATCH_MISSING,   /* pulse `nth` of the segment */
    MISMATCH_COLOUR,    /* pulse `nth` has the colour of pulse `at` */
    MISMATCH_SURPLUS,   /* a pulse too many, at `at` */
    MISMATCH_ENDLESS,   /* pulse `nth` does not end */
    MISMATCH_NOT_SOLID, /* too short for it */
    MISMATCH_WENT_OFF,  /* it should have stayed on */
    MISMATCH_SLOW,      /* not quick or not alternating */
    MISMATCH_CLIPPED,   /* already lit when watching began */
};

struct mismatch {
    enum mismatch_kind kind;
    size_t segment;
    int nth; /* 1-based */
    size_t at;
};

/* What is matched: pulses; or, for a pattern that names no colours, lights as one clear channel
 * sees them, where a light that changes colour without a gap is one. */
struct lights {
    const struct pulse *pulses;
    size_t count;
    bool colourless;
};

static bool goes_on(const struct lights *lights, size_t at)
{
    return lights->colourless && at > 0 && at < lights->count &&
           lights->pulses[at].start_ns <= lights->pulses[at - 1].end_ns;
}

/* The light that begins with pulse `at`; *behind is the first pulse after it. */
static struct pulse light_at(const struct lights *lights, size_t at, size_t *behind)
{
    struct pulse light = lights->pulses[at];
    while (goes_on(lights, ++at)) {
        light.end_ns = lights->pulses[at].end_ns;
        light.open = lights->pulses[at].open;
    }
    *behind = at;
    return light;
}

static bool is_solid(const struct pulse *pulse)
{
    return pulse->end_ns - pulse->start_ns >= PATTERN_SOLID_NS;
}

static bool shows(const struct segment *segment, const struct pulse *pulse)
{
    return segment->colour == COLOUR_LIT || segment->colour == pulse->colour;
}

/* Are they alike: both short, or of about the same length? */
static bool alike(const struct pulse *a, const struct pulse *b)
{
    int64_t a_ns = a->end_ns - a->start_ns;
    int64_t b_ns = b->end_ns - b->start_ns;
    return (!is_solid(a) && !is_solid(b)) || (a_ns <= 2 * b_ns && b_ns <= 2 * a_ns);
}

/* One segment against the lights from *at on; *at moves past what it takes. */
static enum match_result match_count(const struct segment *segment, const struct lights *lights,
                                     size_t *at, struct mismatch *mismatch)
{
    for (int n = 0; n < segment->count; n++) {
        mismatch->nth = n + 1;
        mismatch->at = *at;
        if (*at == lights->count) {
            mismatch->kind = MISMATCH_MISSING;
            return MATCH_SO_FAR;
        }
        size_t behind;
        struct pulse light = light_at(lights, *at, &behind);
        if (!shows(segment, &light)) {
            mismatch->kind = MISMATCH_COLOUR;
            return MATCH_NO;
        }
        if (light.clipped) {
            mismatch->kind = MISMATCH_CLIPPED;
            return MATCH_NO;
        }
        if (light.open) {
            mismatch->kind = is_solid(&light) ? MISMATCH_ENDLESS : MISMATCH_MISSING;
            return MATCH_SO_FAR;
        }
        *at = behind;
    }
    return MATCH_YES;
}

/* A long light that follows short ones, or that `next` asks for, is not blinking. */
static bool blinks(const struct segment *segment, const struct segment *next,
                   const struct pulse *before, const struct pulse *light)
{
    if (!shows(segment, light) || (light->open && is_solid(light)) ||
        (before && !alike(before, light))) {
        return false;
    }
    bool next_is_solid = next && (next->kind == SEGMENT_SOLID || next->kind == SEGMENT_STAYS);
    return !(next_is_solid && is_solid(light) && shows(next, light));
}

static enum match_result match_blinking(const struct segment *segment, const struct segment *next,
                                        const struct lights *lights, size_t *at,
                                        struct mismatch *mismatch)
{
    size_t ended = 0;
    int taken = 0;
    struct pulse before;
    while (*at < lights->count) {
        size_t behind;
        struct pulse light = light_at(lights, *at, &behind);
        if (!blinks(segment, next, taken ? &before : NULL, &light)) {
            break;
        }
        ended += !light.open && !light.clipped;
        taken++;
        before = light;
        *at = behind;
    }
    if (ended >= 2) {
        return MATCH_YES;
    }
    mismatch->nth = taken + 1;
    mismatch->at = *at;
    if (*at == lights->count) {
        mismatch->kind = MISMATCH_MISSING;
        return MATCH_SO_FAR;
    }
    mismatch->kind = shows(segment, &lights->pulses[*at]) ? MISMATCH_ENDLESS : MISMATCH_COLOUR;
    return MATCH_NO;
}

/* `solid`, or `stays on`: it was still lit when watching ended. */
static enum match_result match_solid(const struct segment *segment, const struct lights *lights,
                                     size_t *at, struct mismatch *mismatch)
{
    mismatch->nth = 1;
    mismatch->at = *at;
    if (*at == lights->count) {
        mismatch->kind = MISMATCH_MISSING;
        return MATCH_SO_FAR;
    }
    size_t behind;
    struct pulse light = light_at(lights, *at, &behind);
    if (!shows(segment, &light)) {
        mismatch->kind = MISMATCH_COLOUR;
        return MATCH_NO;
    }
    if (!is_solid(&light)) {
        mismatch->kind = MISMATCH_NOT_SOLID;
        return light.open ? MATCH_SO_FAR : MATCH_NO;
    }
    if (segment->kind == SEGMENT_STAYS && !light.open) {
        mismatch->kind = MISMATCH_WENT_OFF;
        return MATCH_NO;
    }
    *at = behind;
    return MATCH_YES;
}

/* `then off`: the light before it has ended. Whatever follows is a pulse too many. */
static enum match_result match_off(const struct lights *lights, size_t at,
                                   struct mismatch *mismatch)
{
    mismatch->kind = MISMATCH_ENDLESS;
    mismatch->at = at > 0 ? at - 1 : 0;
    return at > 0 && lights->pulses[at - 1].open ? MATCH_SO_FAR : MATCH_YES;
}

static enum match_result match_rapid(const struct segment *segment, const struct lights *lights,
                                     size_t *at, struct mismatch *mismatch)
{
    const struct pulse *pulses = lights->pulses;
    size_t count = lights->count;
    size_t run = pattern_rapid_run(pulses + *at, count - *at);
    mismatch->nth = (int)run + 1;
    mismatch->at = *at;
    mismatch->kind = MISMATCH_SLOW;
    if (*at == count) {
        mismatch->kind = MISMATCH_MISSING;
        return MATCH_SO_FAR;
    }
    for (size_t i = 0; i < run && i < 2; i++) {
        colour c = pulses[*at + i].colour;
        if (c != segment->colour && c != segment->other) {
            mismatch->kind = MISMATCH_COLOUR;
            mismatch->at = *at + i;
            mismatch->nth = (int)i + 1;
            return MATCH_NO;
        }
    }
    if (run >= PATTERN_RAPID_PULSES) {
        *at += run;
        return MATCH_YES;
    }
    return *at + run == count ? MATCH_SO_FAR : MATCH_NO;
}

/* Are two pulses that the segment counts so close that they are one train? */
static bool same_train(const struct segment *segment, const struct pulse *before,
                       const struct pulse *after)
{
    return segment->kind == SEGMENT_COUNT && shows(segment, before) && shows(segment, after) &&
           alike(before, after) && after->start_ns - before->end_ns < PATTERN_TRAIN_NS;
}

/* The last segment that is of light. NULL for `off`. */
static const struct segment *last_light(const struct pattern *pattern)
{
    size_t count = pattern->count;
    if (count > 0 && pattern->segments[count - 1].kind == SEGMENT_OFF) {
        count--;
    }
    return count > 0 ? &pattern->segments[count - 1] : NULL;
}

static enum match_result match_segment(const struct pattern *pattern, size_t i,
                                       const struct lights *lights, size_t *at,
                                       struct mismatch *mismatch)
{
    const struct segment *segment = &pattern->segments[i];
    mismatch->segment = i;
    switch (segment->kind) {
    case SEGMENT_COUNT:
        return match_count(segment, lights, at, mismatch);
    case SEGMENT_BLINKING:
        return match_blinking(segment, i + 1 < pattern->count ? segment + 1 : NULL, lights, at,
                              mismatch);
    case SEGMENT_SOLID:
    case SEGMENT_STAYS:
        return match_solid(segment, lights, at, mismatch);
    case SEGMENT_RAPID:
        return match_rapid(segment, lights, at, mismatch);
    case SEGMENT_OFF:
        return match_off(lights, *at, mismatch);
    }
    return MATCH_NO;
}

/* The whole pattern against the lights from `first` on. *at is where it ends. */
static enum match_result match_from(const struct pattern *pattern, const struct lights *lights,
                                    size_t first, unsigned extra, size_t *at,
                                    struct mismatch *mismatch)
{
    *at = first;
    for (size_t i = 0; i < pattern->count; i++) {
        enum match_result result = match_segment(pattern, i, lights, at, mismatch);
        if (result != MATCH_YES) {
            return result;
        }
    }
    if (*at == lights->count) {
        return MATCH_YES;
    }
    bool grown = *at > first &&
                 same_train(last_light(pattern), &lights->pulses[*at - 1], &lights->pulses[*at]);
    if (!(extra & EXTRA_AFTER) || grown) {
        mismatch->kind = MISMATCH_SURPLUS;
        mismatch->at = *at;
        return MATCH_NO;
    }
    return MATCH_YES;
}

static struct lights lights_for(const struct pattern *pattern, const struct pulse *pulses,
                                size_t count)
{
    return (struct lights){
        .pulses = pulses, .count = count, .colourless = !pattern_needs_colour(pattern)};
}

struct match pattern_match(const struct pattern *pattern, const struct pulse *pulses, size_t count,
                           unsigned extra)
{
    struct lights lights = lights_for(pattern, pulses, count);
    struct match match = {.result = MATCH_NO};
    size_t starts = extra & EXTRA_BEFORE ? count + 1 : 1;

    if (pattern->count == 0) {
        match.result = count == 0 ? MATCH_YES : MATCH_NO;
        match.could_grow = count == 0;
        return match;
    }
    for (size_t first = 0; first < starts; first++) {
        struct mismatch mismatch = {0};
        size_t at;
        if (first > 0 && first < count &&
            (goes_on(&lights, first) ||
             same_train(&pattern->segments[0], &pulses[first - 1], &pulses[first]))) {
            continue;
        }
        enum match_result result = match_from(pattern, &lights, first, extra, &at, &mismatch);
        if (result == MATCH_YES) {
            match.result = MATCH_YES;
            match.first = first;
            match.last = at > first ? at - 1 : first;
            match.could_grow = at == count;
            return match;
        }
        if (result == MATCH_SO_FAR) {
            match.result = MATCH_SO_FAR;
        }
    }
    return match;
}

/* ---- in words ---- */

static const char *ordinal(int n, char out[16])
{
    static const char *const words[] = {"",      "first",   "second", "third", "fourth", "fifth",
                                        "sixth", "seventh", "eighth", "ninth", "tenth"};
    if (n >= 1 && n <= 10) {
        return words[n];
    }
    const char *end = n % 100 / 10 == 1 ? "th"
                      : n % 10 == 1     ? "st"
                      : n % 10 == 2     ? "nd"
                      : n % 10 == 3     ? "rd"
                                        : "th";
    snprintf(out, 16, "%d%s", n, end);
    return out;
}

static void describe_surplus(char *out, size_t size, const struct pattern *pattern,
                             const struct pulse *pulses, size_t count, size_t at)
{
    const struct segment *last = last_light(pattern);
    bool counted = last && last->kind == SEGMENT_COUNT && shows(last, &pulses[at]);
    size_t run = 1;
    colour c = pulses[at].colour;
    while (at + run < count && pulses[at + run].colour == c) {
        run++;
    }
    if (pattern->count == 0) {
        snprintf(out, size, "the LED should have stayed dark");
    } else if (is_solid(&pulses[at]) && (pulses[at].open || !counted)) {
        snprintf(out, size, "one %s light too many", colour_name(c));
    } else if (run == 1) {
        snprintf(out, size, "one %s pulse too many", colour_name(c));
    } else {
        snprintf(out, size, "%zu %s pulses too many", run, colour_name(c));
    }
}

static void describe(char *out, size_t size, const struct pattern *pattern,
                     const struct pulse *pulses, size_t count, const struct mismatch *mismatch)
{
    char number[16];
    const struct segment *segment = &pattern->segments[mismatch->segment];
    const char *nth = ordinal(mismatch->nth, number);
    const char *name = colour_name(segment->colour);

    switch (mismatch->kind) {
    case MISMATCH_MISSING:
        if (segment->kind == SEGMENT_SOLID || segment->kind == SEGMENT_STAYS) {
            snprintf(out, size, "%s solid missing", name);
        } else if (segment->kind == SEGMENT_RAPID) {
            snprintf(out, size, "%s/%s alternation missing", name, colour_name(segment->other));
        } else {
            snprintf(out, size, "%s %s pulse missing", nth, name);
        }
        break;
    case MISMATCH_COLOUR: {
        colour seen = pulses[mismatch->at].colour;
        bool next = mismatch->segment + 1 < pattern->count &&
                    pattern->segments[mismatch->segment + 1].colour == seen;
        /* The pulse seen in its place is the one expected next: this one is missing, not
         * miscoloured. */
        bool solid = segment->kind == SEGMENT_SOLID || segment->kind == SEGMENT_STAYS;
        if (next && !solid) {
            snprintf(out, size, "%s %s pulse missing", nth, name);
        } else if (solid) {
            snprintf(out, size, "%s instead of %s solid", colour_name(seen), name);
        } else if (segment->kind == SEGMENT_RAPID) {
            snprintf(out, size, "%s in an alternation of %s and %s", colour_name(seen), name,
                     colour_name(segment->other));
        } else {
            snprintf(out, size, "%s %s pulse is %s", nth, name, colour_name(seen));
        }
        break;
    }
    case MISMATCH_SURPLUS:
        describe_surplus(out, size, pattern, pulses, count, mismatch->at);
        break;
    case MISMATCH_ENDLESS:
        if (segment->kind == SEGMENT_OFF) {
            snprintf(out, size, "the %s light does not end",
                     colour_name(pulses[mismatch->at].colour));
        } else {
            snprintf(out, size, "%s %s pulse does not end", nth, name);
        }
        break;
    case MISMATCH_WENT_OFF:
        snprintf(out, size, "%s went off after %d ms", name,
                 (int)((pulses[mismatch->at].end_ns - pulses[mismatch->at].start_ns) / 1000000));
        break;
    case MISMATCH_NOT_SOLID:
        snprintf(out, size, "%s lit for only %d ms", name,
                 (int)((pulses[mismatch->at].end_ns - pulses[mismatch->at].start_ns) / 1000000));
        break;
    case MISMATCH_SLOW:
        snprintf(out, size, "too few or too slow to be %s/%s rapid", name,
                 colour_name(segment->other));
        break;
    case MISMATCH_CLIPPED:
        snprintf(out, size, "the LED was already lit when watching began");
        break;
    }
}

char *pattern_explain(char *out, size_t size, const struct pattern *expected,
                      const struct pulse *pulses, size_t count, unsigned extra)
{
    char want[PATTERN_TEXT_MAX];
    char saw[PATTERN_TEXT_MAX];
    char why[128] = "";
    struct lights lights = lights_for(expected, pulses, count);
    struct pattern seen;
    bool truncated;

    pattern_format(want, expected);
    pattern_recognise_as(expected, pulses, count, &seen, &truncated);
    pattern_format(saw, &seen);
    if (pattern_match(expected, pulses, count, extra).result == MATCH_YES) {
        snprintf(out, size, "expected %s; saw %s", want, saw);
        return out;
    }
    if (count == 0) {
        snprintf(out, size, "expected %s; saw nothing (no light at all)", want);
        return out;
    }
    /* Of all possible starting points, explain the one where the match gets furthest. */
    struct mismatch best = {0};
    size_t best_length = 0;
    bool any = false;
    for (size_t first = 0; first < (extra & EXTRA_BEFORE ? count : 1); first++) {
        struct mismatch mismatch = {0};
        size_t at;
        if (match_from(expected, &lights, first, extra, &at, &mismatch) == MATCH_YES) {
            continue;
        }
        if (!any || at - first > best_length) {
            any = true;
            best_length = at - first;
            best = mismatch;
        }
    }
    if (any) {
        describe(why, sizeof(why), expected, pulses, count, &best);
    } else {
        snprintf(why, sizeof(why), "one %s pulse too many", colour_name(pulses[0].colour));
    }
    snprintf(out, size, "expected %s; saw %s%s (%s)", want, saw, truncated ? " ..." : "", why);
    return out;
}
