/*
 * A comparison's numbers, and its words; for rig/compare*.c only.
 */
#ifndef LONGPRESS_RIG_COMPARE_INTERNAL_H
#define LONGPRESS_RIG_COMPARE_INTERNAL_H

#include "rig/compare.h"

enum { COMPARE_FORESEEN_MAX = 2000 }; /* more runs than that nobody will make */

/* The ends of the 95 % interval. */
#define SHARE_LOW  0.025
#define SHARE_HIGH 0.975

/* NULL: the measure is none. */
const struct compare_threshold *compare_threshold_of(const struct compare_group *group,
                                                     enum measure measure);
/* Is it a time until something comes, so that what never came is later? */
bool compare_is_wait(enum measure measure);
/* Runs that tell something of it: values, and those in which it is missing. */
size_t compare_known(const struct compare_group *group, enum measure measure);
/* Values; judged runs; presses. */
size_t compare_count(const struct compare_group *group, enum measure measure);
/* Was it watched for, and never seen in any run? */
bool compare_never(const struct compare_group *group, enum measure measure);
/* Could most runs of it not be observed? */
bool compare_unseen(const struct compare_group *group, enum measure measure);

/* All numbers of it, and what they conclude; `limit` 0: none. */
void compare_calculate(struct comparison *comparison, const struct compare_group *a,
                       const struct compare_group *b, double limit);

/* Each adds to the sentence. */
void compare_say_nothing(struct comparison *comparison);
void compare_say_too_few(struct comparison *comparison, const struct compare_group *a,
                         const struct compare_group *b);
void compare_say(struct comparison *comparison, const struct compare_group *a,
                 const struct compare_group *b, int64_t limit_ns);
/* Of runs that gave no value. */
void compare_say_runs(struct comparison *comparison, const struct compare_group *a,
                      const struct compare_group *b);

#endif
