/*
 * Firmware against firmware: do two versions differ in how they reset, by how much, and how sure is
 * that?
 *
 * Of each measure both sides' mean (or rate, or threshold) is a posterior (rig/posterior.h); what
 * is said is said of the difference other - reference: its estimate, its 95 % interval, and the
 * probability that it is above 0. With a limit, a difference counts only beyond it, either way.
 * Nothing is concluded from fewer than COMPARE_RUNS_MIN runs of each, nor while the interval holds
 * both what would count and what would not: then it says how many more runs would tell.
 *
 * What the interval does not know: runs of one unit are no sample of units (how many units there
 * were is told), and whoever looks after each run and stops when he likes the answer fools himself.
 */
#ifndef LONGPRESS_RIG_COMPARE_H
#define LONGPRESS_RIG_COMPARE_H

#include "rig/judge.h"
#include "rig/posterior.h"
#include "rig/profile.h"
#include "rig/svg_threshold.h"
#include "rig/timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COMPARE_RUNS_MIN = 5, COMPARE_TEXT_MAX = 640 };

enum measure {
    MEASURE_THRESHOLD,    /* the hold that triggers half of the time; from `characterize` */
    MEASURE_LED_BEGINS,   /* from the press to the first pulse of the pattern */
    MEASURE_LED_LASTS,    /* from there to the end of its last pulse */
    MEASURE_DISCONNECT,   /* from its expectation's anchor to the link's drop */
    MEASURE_DISCOVERABLE, /* ... to the first time it was seen discoverable */
    MEASURE_PASS_RATE,    /* of the runs that were judged pass or fail */
    MEASURE_COUNT,
};

/* "threshold", "led-begins", ...: in JSON. */
const char *measure_name(enum measure measure);
/* "time to disconnect": a heading. */
const char *measure_title(enum measure measure);

/* Values of one measure. */
struct compare_sample {
    int64_t *values_ns; /* owned */
    size_t count;
    size_t room;
    size_t missing; /* runs that were watched for it, and it never came */
};

/* The runs of one firmware version. Owns its memory; `firmware` is borrowed. */
struct compare_group {
    const char *firmware;
    size_t runs; /* that were judged pass or fail: no other counts for anything */
    size_t passed;
    char **units; /* serials, each once; owned */
    size_t unit_count;
    struct compare_sample samples[MEASURE_COUNT];
    struct svg_threshold_row
        threshold; /* borrowed, as a drawing takes it; no posterior: not known */
};

void compare_group_init(struct compare_group *group, const char *firmware);
void compare_group_free(struct compare_group *group);

/* Take a run in, as it was judged. `unit` may be NULL. */
void compare_add_run(struct compare_group *group, const struct procedure *procedure,
                     const struct timeline *timeline, const struct judgement *judgement,
                     const char *unit);
/* A value by itself: what compare_add_run does with each. */
void compare_add_value(struct compare_group *group, enum measure measure, int64_t value_ns);
/* What `characterize` found. Borrowed: it must live as long as the group. */
void compare_set_threshold(struct compare_group *group, const struct svg_threshold_row *threshold);

enum conclusion {
    COMPARE_NOTHING, /* neither has it: nothing is said */
    COMPARE_TOO_FEW, /* COMPARE_RUNS_MIN are not reached */
    COMPARE_OPEN,    /* it cannot be told yet */
    COMPARE_MORE,    /* slower, later, longer; for the pass rate: passes more often */
    COMPARE_LESS,
    COMPARE_ALIKE, /* there is no difference beyond the limit */
};

const char *conclusion_name(enum conclusion conclusion);

struct comparison {
    enum measure measure;
    enum conclusion conclusion;
    size_t count_a; /* values, or judged runs */
    size_t count_b;
    bool has_numbers; /* the rest means something */
    double estimate;  /* ns; for the pass rate a share */
    double low;
    double high;
    double p_more; /* probability that the difference is above 0 */
    size_t more_a; /* about so many more runs of each would tell; 0: not known, or none needed */
    size_t more_b;
    char sentence[COMPARE_TEXT_MAX];
};

/* For people, in a word or two: "slower", "worse", "alike", "open", ... */
const char *conclusion_word(const struct comparison *comparison);

/* `limit_ns` 0: any difference counts. The pass rate has no limit. */
struct comparison compare(const struct compare_group *reference, const struct compare_group *other,
                          enum measure measure, int64_t limit_ns);

/* What a gate says that wants none slower (longer, later) than the limit: 1 yes, one is; 0 surely
 * not; -1 it cannot be told, or nothing was measured. The pass rate is not asked. */
int compare_slower(const struct comparison comparisons[MEASURE_COUNT], int64_t limit_ns);
/* The same for a difference either way, the pass rate's included. */
int compare_different(const struct comparison comparisons[MEASURE_COUNT], int64_t limit_ns);

#endif
