/*
 * Firmware against firmware: do two versions differ in how they reset, by how much, and how sure is
 * that?
 *
 * For each measure, the mean (or rate, or threshold) of either side is a posterior
 * (rig/threshold/posterior.h). All statements are about the difference other - reference: its
 * estimate, its 95 % interval, and the probability that it is above 0. With a limit, only a
 * difference beyond it counts, in either direction. Nothing is concluded from fewer than
 * COMPARE_RUNS_MIN runs of each, nor while the interval contains both values that would count and
 * values that would not: then it says how many more runs are needed.
 *
 * A run that was watched to its end and never showed an event would have shown it later, if at all.
 * If either side has such a run, the comparison uses the mean wait until the event or the end of
 * watching, whichever comes first: the restricted mean (Royston and Parmar 2013,
 * https://doi.org/10.1186/1471-2288-13-152; rig/threshold/posterior.h), up to the time to which all
 * runs were watched. That is the least that a missing event adds. So no side is called sooner or
 * alike while its share of missing events may, at 95 %, be larger by more than the limit allows,
 * nor if watching ended before the event's mean time plus the limit. The mean of the runs that
 * showed the event is given beside it.
 *
 * A run without a value (it has no verdict, or the event could not be observed) counts for neither
 * side, and is reported. If more of a version's runs could not be observed than could, nothing is
 * called alike, and no gate is passed.
 *
 * Runs of one unit are no sample of units. If each version was run on several units, units are
 * compared: a version's time is the mean of its units' means m_i, with Student's t about it with
 * n - 1 degrees of freedom and the squared width max(S, mean of s_i^2) / n; S is the variance of
 * the m_i, s_i the standard error of each (from the pooled scatter of all units). A unit also
 * counts once in a rate. If the same units ran both versions, each is compared with itself: the
 * least-squares difference with a constant for each unit, and Student's t with runs - units - 1
 * degrees of freedom. Rates, and waits with missing events, are the exception: their runs are
 * compared as if they came from different units, which only widens the interval. If one unit ran
 * both versions, its runs are compared. If either version has only one unit, and not the same one,
 * nothing follows about the versions: no interval, no conclusion.
 *
 * The interval cannot account for optional stopping: if you look after each run and stop when you
 * like the answer, you fool yourself.
 */
#ifndef LONGPRESS_RIG_COMPARE_H
#define LONGPRESS_RIG_COMPARE_H

#include "rig/judge/judge.h"
#include "rig/profile/profile.h"
#include "rig/threshold/posterior.h"
#include "rig/threshold/threshold_row.h"
#include "rig/timeline/timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COMPARE_RUNS_MIN = 5, COMPARE_TEXT_MAX = 1200 };

enum measure {
    MEASURE_THRESHOLD,    /* the hold that triggers half of the time; from `characterize` */
    MEASURE_BEYOND,       /* the longer one that half of the time becomes something else */
    MEASURE_LED_BEGINS,   /* from the press to the first pulse of the pattern */
    MEASURE_LED_LASTS,    /* from there to the end of its last pulse */
    MEASURE_DISCONNECT,   /* from the press to the disconnect */
    MEASURE_DISCOVERABLE, /* ... to the first time it was seen discoverable */
    MEASURE_PASS_RATE,    /* of the runs that were judged pass or fail */
    MEASURE_COUNT,
};

/* "threshold", "led-begins", ...: in JSON. */
const char *compare_measure_name(enum measure measure);
/* "time to disconnect": a heading. */
const char *compare_measure_title(enum measure measure);

/* Values of one measure. */
struct compare_sample {
    int64_t *values_ns; /* owned */
    size_t *units;      /* of each value: its unit's place in the group; owned */
    size_t count;
    size_t room;
    size_t missing;        /* runs that were watched for it to the end, and it never came */
    size_t *missing_units; /* of each of them; owned */
    int64_t watched_ns;    /* how long, from the press; the shortest of them */
    size_t unobserved;     /* judged runs in which it should have come, and could not be observed */
};

/* Why a run is left out. */
enum left_out {
    LEFT_INCONCLUSIVE,
    LEFT_ABORTED,
    LEFT_ERROR,
    LEFT_INTERRUPTED, /* it never had a verdict */
    LEFT_UNREADABLE,  /* what was expected of it was not kept, or is not read any more */
    LEFT_COUNT,
};

/* "inconclusive", "aborted", ...: for people and in JSON. */
const char *compare_left_out_name(enum left_out why);

/*
 * A threshold of one firmware, of units that have one each. Of several it is the mean of their
 * medians m_i, and knows how units differ: Student's t with n - 1 degrees of freedom about it, of
 * the squared width
 *     (S + mean of s_i^2) / n
 * S is the variance of the m_i between units, s_i the width of each one's posterior. That is the
 * unweighted mean of random effects (Follmann and Proschan 1999,
 * https://doi.org/10.1111/j.0006-341X.1999.00732.x), with s_i added, so that units that are alike
 * by chance never make it narrower than what is known of them. Two units say very little.
 */
struct compare_threshold {
    struct threshold_row *units; /* what they point at is borrowed; the array is owned */
    size_t *places;              /* of each: its unit's place in the group; owned */
    size_t unit_count;
    size_t presses;
    struct posterior posterior; /* of all units; with one or more */
    int64_t median_ns;
    int64_t low_ns;
    int64_t high_ns;
};

struct compare_unit {
    char *serial; /* owned; NULL: not named, so that it may be several */
    size_t runs;
    size_t passed;
};

/* The runs of one firmware version. Owns its memory; `firmware` is borrowed. */
struct compare_group {
    const char *firmware;
    size_t runs; /* that were judged pass or fail: no other counts for anything */
    size_t passed;
    size_t left_out[LEFT_COUNT]; /* besides */
    /* By their serials, each once; NULL, which is at most one: runs of which nobody said it. */
    struct compare_unit *units; /* owned */
    size_t unit_room;
    size_t unit_count;
    size_t unit_last; /* that was asked for */
    struct compare_sample samples[MEASURE_COUNT];
    struct compare_threshold start; /* where the reset starts ... */
    struct compare_threshold end;   /* ... and where it becomes something else */
};

void compare_group_init(struct compare_group *group, const char *firmware);
void compare_group_free(struct compare_group *group);

/* Take a run in, as it was judged, or leave it out for its verdict. `unit` may be NULL. */
void compare_add_run(struct compare_group *group, const struct procedure *procedure,
                     const struct timeline *timeline, const struct judgement *judgement,
                     const char *unit);
/* Leave a run out for another reason. */
void compare_leave_out(struct compare_group *group, enum left_out why);
/* A run of the unit that was judged, its values apart: what compare_add_run does first. */
void compare_add_verdict(struct compare_group *group, bool passed, const char *unit);
/* A value by itself: what compare_add_run does with each. */
void compare_add_value(struct compare_group *group, enum measure measure, int64_t value_ns,
                       const char *unit);
/* One that never came, watched for so long from the press. */
void compare_add_missing(struct compare_group *group, enum measure measure, int64_t watched_ns,
                         const char *unit);
/* What `characterize` found of one more unit: MEASURE_THRESHOLD or MEASURE_BEYOND. What `row`
 * points at is borrowed, and must live as long as the group. */
void compare_add_threshold(struct compare_group *group, enum measure measure,
                           const struct threshold_row *row, const char *unit);
/* Units that are named. */
size_t compare_units_named(const struct compare_group *group);

/* What a difference is one of. Units differ, so one unit a side tells nothing of two versions. */
enum compare_basis {
    BASIS_UNKNOWN,   /* one unit of either version, and not the same: nothing can be told */
    BASIS_SAME_UNIT, /* one unit ran both: its runs are compared, and it is this unit that is known
                      */
    BASIS_PAIRED,    /* several units ran both, each is held against itself */
    BASIS_UNITS,     /* units of one against units of the other, as a sample of all */
};

/* "unknown", "same-unit", "paired", "units": in JSON. */
const char *compare_basis_name(enum compare_basis basis);

enum conclusion {
    COMPARE_NOTHING, /* neither has it: nothing is said */
    COMPARE_TOO_FEW, /* COMPARE_RUNS_MIN are not reached */
    COMPARE_OPEN,    /* it cannot be told yet */
    COMPARE_MORE,    /* slower, later, longer; for the pass rate: passes more often */
    COMPARE_LESS,
    COMPARE_ALIKE, /* there is no difference beyond the limit */
};

const char *compare_conclusion_name(enum conclusion conclusion);

struct comparison {
    enum measure measure;
    enum conclusion conclusion;
    enum compare_basis basis;
    size_t units_a; /* that it is of; of a pair only those that ran both */
    size_t units_b;
    size_t count_a; /* values, or judged runs, or presses */
    size_t count_b;
    size_t missing_a; /* runs that never showed it */
    size_t missing_b;
    int64_t until_ns; /* some are missing: up to there waits are compared; 0: none is */
    double shown;     /* has_shown: difference of the means of those that showed it, ns */
    double estimate;  /* has_numbers, as the rest: ns; for the pass rate a share */
    double low;
    double high;
    double p_more; /* probability that the difference is above 0 */
    size_t more_a; /* about so many more runs of each would tell; 0: not known, or none needed */
    size_t more_b;
    bool more_units; /* runs of so many further units */
    bool has_shown;
    bool has_numbers;
    bool no_delay; /* a wait that never ended in any run of one of them: the numbers are the least
                      that it can be, for a gate, and no delay to tell */
    /* For what is missing of the other (of the reference) the difference may be beyond `high`
     * (below `low`). */
    bool may_exceed;
    bool may_fall_short;
    bool unseen_a; /* most of its runs could not be observed */
    bool unseen_b;
    char sentence[COMPARE_TEXT_MAX];
};

/* For people, in a word or two: "slower", "worse", "alike", "open", ... */
const char *compare_conclusion_word(const struct comparison *comparison);

/* `limit_ns` 0: any difference counts. The pass rate has no limit. */
struct comparison compare(const struct compare_group *reference, const struct compare_group *other,
                          enum measure measure, int64_t limit_ns);

/* What a gate says that wants none slower (longer, later) than the limit: 1 yes, one is; 0 surely
 * not; -1 it cannot be told, or nothing was measured. The pass rate is not asked, nor what a longer
 * hold becomes. */
int compare_slower(const struct comparison comparisons[MEASURE_COUNT], int64_t limit_ns);
/* The same for a difference either way, the pass rate's included. */
int compare_different(const struct comparison comparisons[MEASURE_COUNT], int64_t limit_ns);

#endif
