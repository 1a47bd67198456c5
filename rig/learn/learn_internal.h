/*
 * Shared by rig/learn/learn*.c: learn.c has the whole and the sound, learn_led.c finds the flashes
 * of the pattern, learn_radio.c has the radio, learn_spread.c turns instants into windows.
 */
#ifndef LONGPRESS_RIG_LEARN_INTERNAL_H
#define LONGPRESS_RIG_LEARN_INTERNAL_H

#include "rig/learn/learn.h"
#include "rig/timeline/evidence.h"

/* One run, as it is learned from. */
struct learner_run {
    const struct timeline *timeline;
    struct anchors anchors;
    int64_t watched_ns;   /* watching ended */
    bool lost;            /* light was lost: what the LED showed is not certain */
    bool lit_before;      /* it was lit when the first press began: that light is not counted */
    bool endless;         /* the first flashes never came to a dark: there is nothing behind them */
    struct pulses pulses; /* from the first press on */
    size_t group_count;   /* that are claimed, if all runs have them */
    size_t group_end[PATTERN_SEGMENTS_MAX]; /* index behind the last pulse of each */
    struct pattern pattern;                 /* of the groups that are claimed */
    bool clear;                             /* the pattern could be determined */
};

struct learner {
    struct diags *diags;
    struct arena *arena;
    const struct profile *profile;
    const struct procedure *procedure;
    const struct station *station;
    struct lesson *lesson;
    struct learner_run *runs;
    size_t count;
};

/* Is run `i` one of those that agree? */
static inline bool learn_agrees(const struct learner *learner, size_t i)
{
    return learner->lesson->agrees[i];
}

/* Write it into the file. */
void learn_remark(struct learner *learner, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Add what was learned; `basis` in the arena. */
void learn_claim(struct learner *learner, const struct expectation *expectation, const char *basis);

/* Some runs had it, others not: it becomes a remark, not a claim. What none had is not mentioned.
 */
void learn_remark_some(struct learner *learner, const char *what, size_t count);
/* The first expectation of a kind that a procedure names, NULL if none. */
const struct expectation *learn_named(const struct procedure *procedure, enum expect_kind kind);

/* ---- windows ------------------------------------------------------------------------------ */

/* Instants of one thing, one a run that showed it. */
struct spread {
    size_t count;
    int64_t at_ns[LEARN_RUNS_MAX];
    int64_t press_ns[LEARN_RUNS_MAX]; /* the anchors of the run it was seen in */
    int64_t release_ns[LEARN_RUNS_MAX];
};

void learn_spread_add(struct spread *spread, const struct learner_run *run, int64_t at_ns);
/* By the rule of rig/learn/learn.h, the anchor that these count from. */
enum anchor learn_spread_anchor(const struct spread *spread);

/* From an anchor on: what was seen, and what is allowed. */
struct range {
    int64_t min_ns;
    int64_t max_ns;
    int64_t low_ns;
    int64_t high_ns;
};
struct range learn_spread_range(const struct spread *spread, enum anchor anchor, int64_t floor_ns);
/* The same of plain values. */
struct range learn_range_of(const int64_t *values, size_t count, int64_t floor_ns);

/* Put a window on an expectation: from `low_ns` to `high_ns`, rounded outwards to `grain_ns`. */
void learn_window(struct expectation *expectation, enum anchor anchor, int64_t low_ns,
                  int64_t high_ns, int64_t grain_ns);

/* ---- LED ---------------------------------------------------------------------------------- */

/* Find each run's pattern, and which runs agree. -1 after an error. */
int learn_agreement(struct learner *learner);
/* Claim what they agree on. */
void learn_led(struct learner *learner);

/* ---- radio -------------------------------------------------------------------------------- */

/* Claim what the agreeing runs had in common. */
void learn_radio(struct learner *learner);

#endif
