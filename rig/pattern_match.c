/*
 * Comparing pulses with a pattern, and saying in words where they part.
 */
#include "rig/pattern.h"

#include <stdio.h>
#include <string.h>

enum mismatch_kind {
    MISMATCH_MISSING,   /* pulse `nth` of the segment */
    MISMATCH_COLOUR,    /* pulse `nth` has the colour of pulse `at` */
    MISMATCH_SURPLUS,   /* a pulse too many, at `at` */
    MISMATCH_SOLID,     /* pulse `nth` is solid */
    MISMATCH_NOT_SOLID, /* too short for it */
    MISMATCH_SLOW,      /* not quick or not alternating */
    MISMATCH_CLIPPED,   /* lit already when watching began */
};

struct mismatch {
    enum mismatch_kind kind;
    size_t segment;
    int nth; /* 1-based */
    size_t at;
};

static bool is_solid(const struct pulse *pulse)
{
    return pulse->end_ns - pulse->start_ns >= PATTERN_SOLID_NS;
}

/* One segment against pulses[*at..]; *at moves past what it takes. */
static enum match_result match_count(const struct segment *segment, const struct pulse *pulses,
                                     size_t count, size_t *at, struct mismatch *mismatch)
{
    for (int n = 0; n < segment->count; n++, (*at)++) {
        mismatch->nth = n + 1;
        mismatch->at = *at;
        if (*at == count) {
            mismatch->kind = MISMATCH_MISSING;
            return MATCH_SO_FAR;
        }
        const struct pulse *pulse = &pulses[*at];
        if (pulse->colour != segment->colour) {
            mismatch->kind = MISMATCH_COLOUR;
            return MATCH_NO;
        }
        if (pulse->clipped) {
            mismatch->kind = MISMATCH_CLIPPED;
            return MATCH_NO;
        }
        if (is_solid(pulse)) {
            mismatch->kind = MISMATCH_SOLID;
            return MATCH_NO;
        }
        if (pulse->open) {
            mismatch->kind = MISMATCH_MISSING;
            return MATCH_SO_FAR;
        }
    }
    return MATCH_YES;
}

static enum match_result match_blinking(const struct segment *segment, const struct pulse *pulses,
                                        size_t count, size_t *at, struct mismatch *mismatch)
{
    size_t ended = 0;
    size_t first = *at;
    while (*at < count && pulses[*at].colour == segment->colour && !is_solid(&pulses[*at])) {
        ended += !pulses[*at].open && !pulses[*at].clipped;
        (*at)++;
    }
    if (ended >= 2) {
        return MATCH_YES;
    }
    mismatch->nth = (int)(*at - first) + 1;
    mismatch->at = *at;
    if (*at == count) {
        mismatch->kind = MISMATCH_MISSING;
        return MATCH_SO_FAR;
    }
    mismatch->kind = pulses[*at].colour == segment->colour ? MISMATCH_SOLID : MISMATCH_COLOUR;
    return MATCH_NO;
}

static enum match_result match_solid(const struct segment *segment, const struct pulse *pulses,
                                     size_t count, size_t *at, struct mismatch *mismatch)
{
    mismatch->nth = 1;
    mismatch->at = *at;
    if (*at == count) {
        mismatch->kind = MISMATCH_MISSING;
        return MATCH_SO_FAR;
    }
    const struct pulse *pulse = &pulses[*at];
    if (pulse->colour != segment->colour) {
        mismatch->kind = MISMATCH_COLOUR;
        return MATCH_NO;
    }
    if (is_solid(pulse)) {
        (*at)++;
        return MATCH_YES;
    }
    mismatch->kind = MISMATCH_NOT_SOLID;
    return pulse->open ? MATCH_SO_FAR : MATCH_NO;
}

static enum match_result match_rapid(const struct segment *segment, const struct pulse *pulses,
                                     size_t count, size_t *at, struct mismatch *mismatch)
{
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

/* Do two pulses of one colour stand so close that they are one train? */
static bool same_train(const struct pulse *before, const struct pulse *after)
{
    return before->colour == after->colour && !is_solid(before) && !is_solid(after) &&
           after->start_ns - before->end_ns < PATTERN_TRAIN_NS;
}

/* The whole pattern against pulses[first..]. *at is where it ends. */
static enum match_result match_from(const struct pattern *pattern, const struct pulse *pulses,
                                    size_t count, size_t first, unsigned extra, size_t *at,
                                    struct mismatch *mismatch)
{
    *at = first;
    for (size_t i = 0; i < pattern->count; i++) {
        const struct segment *segment = &pattern->segments[i];
        enum match_result result = MATCH_NO;
        mismatch->segment = i;
        switch (segment->kind) {
        case SEGMENT_COUNT:
            result = match_count(segment, pulses, count, at, mismatch);
            break;
        case SEGMENT_BLINKING:
            result = match_blinking(segment, pulses, count, at, mismatch);
            break;
        case SEGMENT_SOLID:
            result = match_solid(segment, pulses, count, at, mismatch);
            break;
        case SEGMENT_RAPID:
            result = match_rapid(segment, pulses, count, at, mismatch);
            break;
        }
        if (result != MATCH_YES) {
            return result;
        }
    }
    if (*at == count) {
        return MATCH_YES;
    }
    bool grown = *at > first && pattern->count > 0 &&
                 pattern->segments[pattern->count - 1].kind == SEGMENT_COUNT &&
                 same_train(&pulses[*at - 1], &pulses[*at]);
    if (!(extra & EXTRA_AFTER) || grown) {
        mismatch->kind = MISMATCH_SURPLUS;
        mismatch->at = *at;
        return MATCH_NO;
    }
    return MATCH_YES;
}

struct match pattern_match(const struct pattern *pattern, const struct pulse *pulses, size_t count,
                           unsigned extra)
{
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
        if (first > 0 && first < count && pattern->segments[0].kind == SEGMENT_COUNT &&
            same_train(&pulses[first - 1], &pulses[first])) {
            continue;
        }
        enum match_result result = match_from(pattern, pulses, count, first, extra, &at, &mismatch);
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
    size_t run = 1;
    colour c = pulses[at].colour;
    while (at + run < count && pulses[at + run].colour == c) {
        run++;
    }
    if (pattern->count == 0) {
        snprintf(out, size, "the LED was to stay dark");
    } else if (is_solid(&pulses[at])) {
        snprintf(out, size, "a %s light too many", colour_name(c));
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
        if (segment->kind == SEGMENT_SOLID) {
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
        /* What comes in its place is what was to come next: it is missing, not miscoloured. */
        if (next && segment->kind != SEGMENT_SOLID) {
            snprintf(out, size, "%s %s pulse missing", nth, name);
        } else if (segment->kind == SEGMENT_SOLID) {
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
    case MISMATCH_SOLID:
        snprintf(out, size, "%s %s pulse does not end", nth, name);
        break;
    case MISMATCH_NOT_SOLID:
        snprintf(out, size, "%s lit for %d ms only", name,
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
    struct pattern seen;
    bool truncated;

    pattern_format(want, expected);
    pattern_recognise(pulses, count, &seen, &truncated);
    pattern_format(saw, &seen);
    if (pattern_match(expected, pulses, count, extra).result == MATCH_YES) {
        snprintf(out, size, "expected %s; saw %s", want, saw);
        return out;
    }
    if (count == 0) {
        snprintf(out, size, "expected %s; saw nothing (no light at all)", want);
        return out;
    }
    /* Of the places where the pattern may begin, the one that gets furthest tells the most. */
    struct mismatch best = {0};
    size_t best_length = 0;
    bool any = false;
    for (size_t first = 0; first < (extra & EXTRA_BEFORE ? count : 1); first++) {
        struct mismatch mismatch = {0};
        size_t at;
        if (match_from(expected, pulses, count, first, extra, &at, &mismatch) == MATCH_YES) {
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
