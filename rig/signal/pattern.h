/*
 * LED patterns as people say them: `blue x2, white x1`; `amber x3 then red solid`;
 * `red/white rapid`; `blue blinking`; `off`.
 *
 *     pattern  = "off" | segment { ("," | "then") segment } [ ("," | "then") "off" ]
 *     segment  = colour "x" count         that many lights of the colour that end, no more, no less
 *              | colour "blinking"        two pulses or more (also: pulsing, flashing)
 *              | colour "solid"           lit without a gap, PATTERN_SOLID_NS or longer
 *              | colour "stays on"        the same, and lit for as long as it is watched; the last
 *              | colour "/" colour "rapid"  the two in turn, four pulses or more, none and no gap
 *                                         longer than PATTERN_RAPID_NS
 *
 * "off" at the end: what was lit has ended, and it is dark from there on. The colour `lit` is any
 * light. A pattern of nothing but `lit` is matched as one clear channel sees it: a light that
 * changes its colour without a dark gap is one.
 *
 * Case and spaces do not matter when reading. The canonical form has one space between words,
 * ", " before a counted segment and " then " before any other; reading what was printed gives the
 * same pattern. Two neighbouring segments of pulses of one colour are an error (add them up).
 *
 * A pattern says what is seen of pulses (rig/signal/blink.h); this module reads, prints, recognises
 * and compares, and knows nothing of edges.
 */
#ifndef LONGPRESS_RIG_PATTERN_H
#define LONGPRESS_RIG_PATTERN_H

#include "rig/signal/colour.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PATTERN_RAPID_PULSES = 4, /* the least that is an alternation */
    PATTERN_SEGMENTS_MAX = 16,
    PATTERN_COUNT_MAX = 99,
    PATTERN_TEXT_MAX = 512,
};

#define PATTERN_SOLID_NS INT64_C(1500000000)
#define PATTERN_RAPID_NS INT64_C(250000000)
/* Pulses of one colour with a shorter dark gap belong together: a surplus pulse this close to a
 * counted segment is one too many, even where `extra` allows pulses before or after. */
#define PATTERN_TRAIN_NS INT64_C(1500000000)

enum segment_kind {
    SEGMENT_COUNT,
    SEGMENT_BLINKING,
    SEGMENT_SOLID,
    SEGMENT_STAYS,
    SEGMENT_RAPID,
    SEGMENT_OFF, /* only behind others */
};

struct segment {
    enum segment_kind kind;
    colour colour;
    colour other; /* SEGMENT_RAPID: the second colour */
    int count;    /* SEGMENT_COUNT */
};

/* A pattern without segments is `off`. */
struct pattern {
    size_t count;
    struct segment segments[PATTERN_SEGMENTS_MAX];
};

/* One stretch of one colour, as reported by the decoder (rig/signal/blink.h). */
struct pulse {
    int64_t start_ns;
    int64_t end_ns; /* while `open`: the last instant it was known to be lit */
    colour colour;
    bool open;    /* still lit when watching ended: its length is a lower bound */
    bool clipped; /* already lit when watching began: its start is not known */
    uint16_t duty_permille[LED_CHANNELS]; /* share of the time the channel was lit; brightness */
};

/* Read a pattern. On success NULL; otherwise a static sentence, and *at (if not NULL) the offset
 * of the offending character. */
const char *pattern_parse(const char *text, struct pattern *pattern, size_t *at);

/* The canonical form. `out` takes PATTERN_TEXT_MAX bytes. Returns `out`. */
char *pattern_format(char *out, const struct pattern *pattern);

bool pattern_equal(const struct pattern *a, const struct pattern *b);

/* Does it say how the light ends: `stays on`, or `off` after others? */
bool pattern_claims_end(const struct pattern *pattern);

/* Does it name a colour (which one clear channel cannot detect)? */
bool pattern_needs_colour(const struct pattern *pattern);

/*
 * Describe the pulses as a pattern: runs of one colour are counted, long ones are solid, quick
 * alternations are rapid. SEGMENT_BLINKING is never recognised (counts are more exact). More than
 * PATTERN_SEGMENTS_MAX segments, or a count past PATTERN_COUNT_MAX: *truncated is set and the
 * pattern holds the first ones. A solid light that is `open` is solid; one that is open and still
 * shorter than PATTERN_SOLID_NS counts as a pulse.
 */
void pattern_recognise(const struct pulse *pulses, size_t count, struct pattern *pattern,
                       bool *truncated);
/* The same, but in the terms of the expected pattern: a long light that ends is a pulse if the
 * pattern counts pulses of its colour and has no solid one, and whether the last light ended is
 * included if the pattern asks for it. */
void pattern_recognise_as(const struct pattern *expected, const struct pulse *pulses, size_t count,
                          struct pattern *pattern, bool *truncated);

enum match_result {
    MATCH_NO,     /* the pulses cannot become the pattern any more */
    MATCH_SO_FAR, /* a proper prefix of it: wait for more */
    MATCH_YES,    /* all of it was seen, with nothing left over */
};

/* How many pulses, starting with the first, alternate quickly between two colours (see `rapid`). */
size_t pattern_rapid_run(const struct pulse *pulses, size_t count);

/* Which surplus pulses do not count against a match (profile key `extra`). */
enum extra_pulses {
    EXTRA_NONE = 0,
    EXTRA_BEFORE = 1, /* e.g. boot-up flashes ahead of the pattern */
    EXTRA_AFTER = 2,  /* e.g. pairing-mode flashes after it */
};

struct match {
    enum match_result result;
    size_t first; /* MATCH_YES: index of the first and last pulse of the pattern */
    size_t last;
    bool could_grow; /* MATCH_YES: one more pulse of the last colour would break it (or extend a
                        solid or blinking segment): certain only after the dark that follows */
};

/*
 * Compare pulses with a pattern; `extra` is a set of enum extra_pulses. A `clipped` pulse never
 * completes a counted segment (its start was not seen). An `open` last pulse counts as lit so far:
 * it can make a solid segment, and a counted segment only once it has ended. With EXTRA_BEFORE the
 * earliest full match counts. COLOUR_LIT pulses match a segment of colour `lit` only; that one
 * matches all.
 */
struct match pattern_match(const struct pattern *pattern, const struct pulse *pulses, size_t count,
                           unsigned extra);

/*
 * Explain the difference: `expected blue x2, white x1; saw blue x1, white x1 (second blue pulse
 * missing)`. The part in parentheses names the first difference (a pulse missing, one too many,
 * another colour, too short for solid, too slow for rapid, nothing seen at all). `out` takes `size`
 * bytes. Returns `out`.
 */
char *pattern_explain(char *out, size_t size, const struct pattern *expected,
                      const struct pulse *pulses, size_t count, unsigned extra);

#endif
