#include "rig/signal/pattern.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- reading ---- */

enum { WORD_MAX = 16 };

struct cursor {
    const char *begin;
    const char *at;
};

static void skip_spaces(struct cursor *cursor)
{
    while (*cursor->at == ' ' || *cursor->at == '\t') {
        cursor->at++;
    }
}

/* Read the next run of letters into `word`; false (and nothing consumed) when there is none or it
 * is too long to be a known word. */
static bool take_word(struct cursor *cursor, char word[WORD_MAX])
{
    size_t length = 0;
    skip_spaces(cursor);
    while (isalpha((unsigned char)cursor->at[length])) {
        length++;
    }
    if (length == 0 || length >= WORD_MAX) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        word[i] = (char)tolower((unsigned char)cursor->at[i]);
    }
    word[length] = '\0';
    cursor->at += length;
    return true;
}

static const char *take_colour(struct cursor *cursor, colour *c)
{
    char word[WORD_MAX];
    skip_spaces(cursor);
    const char *at = cursor->at;
    int found = take_word(cursor, word) ? colour_from_name(word) : -1;
    if (found <= COLOUR_DARK) {
        cursor->at = at;
        return "needs a colour (red, green, blue, amber, magenta, cyan, white, lit)";
    }
    *c = (colour)found;
    return NULL;
}

static const char *take_count(struct cursor *cursor, int *count)
{
    int value = 0;
    skip_spaces(cursor);
    const char *at = cursor->at;
    while (isdigit((unsigned char)*cursor->at) && value <= PATTERN_COUNT_MAX) {
        value = value * 10 + (*cursor->at++ - '0');
    }
    if (value < 1 || value > PATTERN_COUNT_MAX) {
        cursor->at = at;
        return "needs a count from 1 to 99 after `x`";
    }
    *count = value;
    return NULL;
}

static const char *take_segment(struct cursor *cursor, struct segment *segment)
{
    char word[WORD_MAX];
    const char *wrong = take_colour(cursor, &segment->colour);
    if (wrong) {
        return wrong;
    }
    skip_spaces(cursor);
    if (*cursor->at == '/') {
        cursor->at++;
        wrong = take_colour(cursor, &segment->other);
        if (wrong) {
            return wrong;
        }
        const char *at = cursor->at;
        if (!take_word(cursor, word) || strcmp(word, "rapid") != 0) {
            cursor->at = at;
            return "needs `rapid` after two colours";
        }
        segment->kind = SEGMENT_RAPID;
        if (segment->colour == COLOUR_LIT || segment->other == COLOUR_LIT) {
            return "alternates with `lit`, which is any colour";
        }
        return segment->colour == segment->other ? "alternates between a colour and itself" : NULL;
    }
    const char *at = cursor->at;
    /* `x2` and `x 2`: the x is the word, the digits follow. */
    if (take_word(cursor, word)) {
        if (strcmp(word, "stays") == 0) {
            segment->kind = SEGMENT_STAYS;
            at = cursor->at;
            if (take_word(cursor, word) && (strcmp(word, "on") == 0 || strcmp(word, "lit") == 0)) {
                return NULL;
            }
            cursor->at = at;
            return "needs `on` after `stays`";
        }
        if (strcmp(word, "x") == 0) {
            segment->kind = SEGMENT_COUNT;
            return take_count(cursor, &segment->count);
        }
        if (strcmp(word, "solid") == 0) {
            segment->kind = SEGMENT_SOLID;
            return NULL;
        }
        if (strcmp(word, "blinking") == 0 || strcmp(word, "pulsing") == 0 ||
            strcmp(word, "flashing") == 0) {
            segment->kind = SEGMENT_BLINKING;
            return NULL;
        }
    }
    cursor->at = at;
    return "needs `x2`, `solid`, `stays on`, `blinking` or `/COLOUR rapid` after a colour";
}

static bool is_train(const struct segment *segment)
{
    return segment->kind == SEGMENT_COUNT || segment->kind == SEGMENT_BLINKING;
}

static bool ends_pattern(const struct segment *segment)
{
    return segment->kind == SEGMENT_OFF || segment->kind == SEGMENT_STAYS;
}

static bool colours_meet(colour a, colour b)
{
    return a == b || a == COLOUR_LIT || b == COLOUR_LIT;
}

/* Two trains with no visible boundary between them. */
static const char *refuse_neighbours(const struct segment *before, const struct segment *segment)
{
    if (!is_train(before) || !is_train(segment)) {
        return NULL;
    }
    if (before->colour == segment->colour) {
        return "has one colour twice in a row: add up the counts";
    }
    bool endless = before->kind == SEGMENT_BLINKING || segment->kind == SEGMENT_BLINKING;
    return endless && colours_meet(before->colour, segment->colour)
               ? "has `blinking` beside `lit`, which is any colour"
               : NULL;
}

static bool take_off(struct cursor *cursor)
{
    char word[WORD_MAX];
    skip_spaces(cursor);
    const char *at = cursor->at;
    if (take_word(cursor, word) && strcmp(word, "off") == 0) {
        return true;
    }
    cursor->at = at;
    return false;
}

/* Past "," or "then": 1; at the end: 0; at anything else: -1. */
static int take_separator(struct cursor *cursor)
{
    char word[WORD_MAX];
    skip_spaces(cursor);
    if (*cursor->at == '\0') {
        return 0;
    }
    const char *at = cursor->at;
    bool comma = *cursor->at == ',';
    if (comma) {
        cursor->at++;
        at = cursor->at;
    }
    if (take_word(cursor, word) && strcmp(word, "then") == 0) {
        return 1;
    }
    cursor->at = at;
    return comma ? 1 : -1;
}

static const char *parse(struct cursor *cursor, struct pattern *pattern)
{
    *pattern = (struct pattern){0};
    if (take_off(cursor)) {
        skip_spaces(cursor);
        return *cursor->at ? "has something after `off`" : NULL;
    }
    for (;;) {
        if (pattern->count == PATTERN_SEGMENTS_MAX) {
            return "has more than 16 segments";
        }
        skip_spaces(cursor);
        const char *at = cursor->at;
        struct segment *segment = &pattern->segments[pattern->count];
        if (pattern->count > 0 && take_off(cursor)) {
            segment->kind = SEGMENT_OFF;
        } else {
            const char *wrong = take_segment(cursor, segment);
            if (wrong) {
                return wrong;
            }
        }
        const char *wrong = pattern->count > 0 ? refuse_neighbours(segment - 1, segment) : NULL;
        if (wrong) {
            cursor->at = at;
            return wrong;
        }
        pattern->count++;
        skip_spaces(cursor);
        if (ends_pattern(segment) && *cursor->at) {
            return segment->kind == SEGMENT_OFF ? "has something after `off`"
                                                : "has something after `stays on`";
        }
        int more = take_separator(cursor);
        if (more <= 0) {
            return more ? "needs `,` or `then` here" : NULL;
        }
    }
}

const char *pattern_parse(const char *text, struct pattern *pattern, size_t *at)
{
    struct cursor cursor = {.begin = text, .at = text};
    const char *wrong = parse(&cursor, pattern);
    if (wrong && at) {
        *at = (size_t)(cursor.at - text);
    }
    return wrong;
}

/* ---- printing ---- */

static int format_segment(char *out, size_t size, const struct segment *segment)
{
    const char *name = colour_name(segment->colour);
    switch (segment->kind) {
    case SEGMENT_COUNT:
        return snprintf(out, size, "%s x%d", name, segment->count);
    case SEGMENT_BLINKING:
        return snprintf(out, size, "%s blinking", name);
    case SEGMENT_SOLID:
        return snprintf(out, size, "%s solid", name);
    case SEGMENT_STAYS:
        return snprintf(out, size, "%s stays on", name);
    case SEGMENT_RAPID:
        return snprintf(out, size, "%s/%s rapid", name, colour_name(segment->other));
    case SEGMENT_OFF:
        return snprintf(out, size, "off");
    }
    return 0;
}

/* The longest segment, with its separator, is " then magenta/magenta rapid". */
static_assert(PATTERN_SEGMENTS_MAX * 28 < PATTERN_TEXT_MAX, "every pattern fits");

char *pattern_format(char *out, const struct pattern *pattern)
{
    size_t used = 0;
    snprintf(out, PATTERN_TEXT_MAX, "off");
    for (size_t i = 0; i < pattern->count; i++) {
        const struct segment *segment = &pattern->segments[i];
        const char *gap = i == 0 ? "" : segment->kind == SEGMENT_COUNT ? ", " : " then ";
        used += (size_t)snprintf(out + used, PATTERN_TEXT_MAX - used, "%s", gap);
        used += (size_t)format_segment(out + used, PATTERN_TEXT_MAX - used, segment);
    }
    return out;
}

bool pattern_equal(const struct pattern *a, const struct pattern *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct segment *x = &a->segments[i];
        const struct segment *y = &b->segments[i];
        if (x->kind != y->kind || x->colour != y->colour ||
            (x->kind == SEGMENT_COUNT && x->count != y->count) ||
            (x->kind == SEGMENT_RAPID && x->other != y->other)) {
            return false;
        }
    }
    return true;
}

bool pattern_claims_end(const struct pattern *pattern)
{
    return pattern->count > 0 && ends_pattern(&pattern->segments[pattern->count - 1]);
}

bool pattern_needs_colour(const struct pattern *pattern)
{
    for (size_t i = 0; i < pattern->count; i++) {
        if (pattern->segments[i].colour != COLOUR_LIT && pattern->segments[i].kind != SEGMENT_OFF) {
            return true;
        }
    }
    return false;
}

/* ---- recognising ---- */

static bool is_solid(const struct pulse *pulse)
{
    return pulse->end_ns - pulse->start_ns >= PATTERN_SOLID_NS;
}

size_t pattern_rapid_run(const struct pulse *pulses, size_t count)
{
    size_t run = 0;
    while (run < count) {
        const struct pulse *pulse = &pulses[run];
        if (pulse->end_ns - pulse->start_ns > PATTERN_RAPID_NS) {
            break;
        }
        if (run >= 1 && (pulse->start_ns - pulses[run - 1].end_ns > PATTERN_RAPID_NS ||
                         pulse->colour == pulses[run - 1].colour)) {
            break;
        }
        if (run >= 2 && pulse->colour != pulses[run - 2].colour) {
            break;
        }
        run++;
    }
    return run;
}

/* Does the expected pattern count long lights of that colour as pulses? */
static bool counts_long(const struct pattern *expected, colour c)
{
    bool counted = false;
    for (size_t i = 0; expected && i < expected->count; i++) {
        const struct segment *segment = &expected->segments[i];
        if (segment->kind == SEGMENT_OFF || !colours_meet(segment->colour, c)) {
            continue;
        }
        if (!is_train(segment)) {
            return false;
        }
        counted = true;
    }
    return counted;
}

static bool shown_solid(const struct pattern *expected, const struct pulse *pulse)
{
    return is_solid(pulse) &&
           (pulse->open || pulse->clipped || !counts_long(expected, pulse->colour));
}

/* The next segment of what the pulses show; returns how many of them it takes. */
static size_t recognise_one(const struct pattern *expected, const struct pulse *pulses,
                            size_t count, struct segment *segment)
{
    size_t run = pattern_rapid_run(pulses, count);
    *segment = (struct segment){.kind = SEGMENT_COUNT, .colour = pulses[0].colour, .count = 1};
    if (run >= PATTERN_RAPID_PULSES) {
        segment->kind = SEGMENT_RAPID;
        segment->other = pulses[1].colour;
        segment->count = 0;
        return run;
    }
    if (shown_solid(expected, &pulses[0])) {
        segment->kind = SEGMENT_SOLID;
        return 1;
    }
    run = 1;
    while (run < count && pulses[run].colour == segment->colour &&
           !shown_solid(expected, &pulses[run]) &&
           pattern_rapid_run(pulses + run, count - run) < PATTERN_RAPID_PULSES) {
        run++;
    }
    segment->count = run > PATTERN_COUNT_MAX ? PATTERN_COUNT_MAX : (int)run;
    return run;
}

/* Did the last light go off, if the pattern asks for that? */
static void recognise_end(const struct pattern *expected, const struct pulse *last,
                          struct pattern *pattern)
{
    if (!expected || !pattern_claims_end(expected)) {
        return;
    }
    struct segment *segment = &pattern->segments[pattern->count - 1];
    if (!last->open && pattern->count < PATTERN_SEGMENTS_MAX) {
        pattern->segments[pattern->count++] = (struct segment){.kind = SEGMENT_OFF};
    } else if (last->open && segment->kind == SEGMENT_SOLID) {
        segment->kind = SEGMENT_STAYS;
    }
}

void pattern_recognise_as(const struct pattern *expected, const struct pulse *pulses, size_t count,
                          struct pattern *pattern, bool *truncated)
{
    *pattern = (struct pattern){0};
    *truncated = false;
    for (size_t i = 0; i < count;) {
        struct segment segment;
        size_t run = recognise_one(expected, pulses + i, count - i, &segment);
        *truncated = *truncated || (segment.kind == SEGMENT_COUNT && run > PATTERN_COUNT_MAX);
        if (pattern->count == PATTERN_SEGMENTS_MAX) {
            *truncated = true;
            return;
        }
        pattern->segments[pattern->count++] = segment;
        i += run;
    }
    if (count > 0) {
        recognise_end(expected, &pulses[count - 1], pattern);
    }
}

void pattern_recognise(const struct pulse *pulses, size_t count, struct pattern *pattern,
                       bool *truncated)
{
    pattern_recognise_as(NULL, pulses, count, pattern, truncated);
}
