/* A comparison's numbers and words; only for rig/compare/compare*.c. */
#ifndef LONGPRESS_RIG_COMPARE_INTERNAL_H
#define LONGPRESS_RIG_COMPARE_INTERNAL_H

#include "rig/compare/compare.h"

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

/* The unit's place in the group; a new one when it has none yet. */
size_t compare_unit_place(struct compare_group *group, const char *unit);

/* Which units a difference is one of. By place: `known_a`, `known_b` how many runs count of each
 * unit, `twin` where a unit of the reference is in the other group. */
struct compare_basis_of {
    enum compare_basis basis;
    size_t *known_a;
    size_t *known_b;
    size_t *twin; /* SIZE_MAX: it did not run both */
    size_t units_a;
    size_t units_b;
    bool by_unit; /* BASIS_UNITS, and some have several runs: a unit is one value */
};

struct compare_basis_of compare_basis_of(const struct compare_group *a,
                                         const struct compare_group *b, enum measure measure);
void compare_basis_free(struct compare_basis_of *of);

/* What of a version is compared: values of runs, or means of units. */
struct compare_side {
    double *values; /* to be freed */
    size_t count;
    double extra;   /* to be added to the variance of one value */
    double missing; /* of `runs` ... */
    double runs;
    double passed;
    bool waits; /* what is missing is in none of the values */
};

struct compare_side compare_side_of(const struct compare_group *group, enum measure measure,
                                    int64_t until_ns, const size_t *known, bool by_unit);

/* Runs of one unit. */
struct compare_unit_sum {
    size_t count;
    size_t missing;
    double mean;
    double square; /* of what they are off the mean, summed */
};

/* Units that ran both, each against itself. */
struct compare_paired {
    double difference;
    double width;
    double freedom;
    double variance; /* of one run */
};

void compare_paired(const struct compare_group *a, const struct compare_group *b,
                    enum measure measure, int64_t until_ns, const struct compare_basis_of *of,
                    double grain, struct compare_paired *paired);

/* A difference of thresholds of units that ran both. */
void compare_paired_thresholds(const struct compare_threshold *a, const struct compare_threshold *b,
                               const struct compare_basis_of *of, double *difference,
                               struct posterior *posterior);

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
