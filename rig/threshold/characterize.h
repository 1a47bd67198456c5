/*
 * `longpress characterize`: at which hold does a procedure's reset start? It presses the
 * procedure's last hold repeatedly, each time for the length that the search
 * (rig/threshold/threshold.h) or a linear sweep chooses. Pure: the caller drives and stores the
 * runs.
 *
 * Each run is a variant of the procedure: its last hold has the chosen length and no `release_on`,
 * and watching lasts long enough for the longest press to show. The plan's proof (rig/plan/plan.h)
 * decides which holds may be tried, so no limit is exceeded and no hazard is crossed that the
 * operator did not accept.
 *
 * Did it start? The evidence is what the profile claims from a source: the LED pattern, the lost
 * link, the key that is refused afterwards. Each one that could be observed has a vote, and the
 * majority decides (a link sometimes drops by itself; a unit may keep its bond). An LED that shows
 * something else has no vote: it could mean anything. A tie, or no vote at all, is unclear, and
 * such a press does not count. Neither does a press before which the unit was not paired again, if
 * the evidence needs the radio: the unit may be off, or still busy with the last reset.
 *
 * If the profile has a factory reset with the same hold, only longer, and that hold may be tried,
 * both ends are searched: a press is then `beyond` if that reset's LED pattern was shown.
 */
#ifndef LONGPRESS_RIG_CHARACTERIZE_H
#define LONGPRESS_RIG_CHARACTERIZE_H

#include "rig/judge/judge.h"
#include "rig/plan/plan.h"
#include "rig/threshold/threshold_window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHARACTERIZE_TEXT_MAX = JUDGE_TEXT_MAX + 64 };

struct characterize_setup {
    const struct profile *profile;
    const struct procedure *procedure;
    const struct bench *bench;
    const struct station *station;
    const char *const *accept_hazards;
    size_t accept_count;
    int64_t from_ns; /* the range to look at; 0: a quarter of the claimed hold ... */
    int64_t to_ns;   /* ... and half as long again; with both ends, beyond the longer one */
    int64_t precision_ns;
    int max_presses;
    int64_t step_ns; /* a linear sweep in these steps; 0: adaptive */
    int repeats;     /* sweeps */
};

struct characterize;

/* Borrows what the set-up points at. NULL after an error: a procedure that has no last hold, or
 * nothing that shows whether it started; a bench on which it cannot be run. */
struct characterize *characterize_new(struct diags *diags, const struct characterize_setup *setup);
void characterize_free(struct characterize *series);

/* The variant. Its name is the procedure's with CHARACTERIZE_SUFFIX, so that its runs are not taken
 * for runs of the procedure. */
#define CHARACTERIZE_SUFFIX ":threshold"
/* The series that is meant when none is named. */
#define CHARACTERIZE_SERIES "characterize"
const struct procedure *characterize_procedure(const struct characterize *series);
/* Of a variant's name, how much is the claimed procedure's; 0: it is none of a variant. */
size_t characterize_claimed_length(const char *name);

/*
 * The variant that a press is to be shown and judged by when it is over: its hold as the timeline
 * says. `setup` has no range, since none is kept: what is waited for is waited for as with the
 * longest hold that a series looks at by itself, but not longer than the press was watched. Bench
 * and station may be NULL (not kept): the hold is then as long as the lines were active. NULL: the
 * procedure does not end with a hold. Nothing can be added to it, or asked of it but
 * characterize_procedure.
 */
struct characterize *characterize_again(const struct characterize_setup *setup,
                                        const struct timeline *timeline);
/* A procedure of the profile that brings the unit back for the rig's radio; NULL: none. */
const struct procedure *characterize_pairing(const struct characterize *series);

/* The plan of a press of `hold_ns`, good until the next one is made. NULL after an error. */
struct plan *characterize_plan(struct characterize *series, struct diags *diags, int64_t hold_ns);

/* What a press was worth. */
struct characterize_press {
    int64_t hold_ns; /* as measured: lines active, corrected for travel */
    bool counts;
    enum hold_outcome outcome;       /* when it counts */
    char why[CHARACTERIZE_TEXT_MAX]; /* when it does not */
    bool unpaired;        /* the radio had no key of the unit: pair before the next one */
    enum verdict verdict; /* pass: it started, fail: it did not */
    int64_t run;          /* the caller's: number in the journal, 0: none */
};

/* A run of the variant is over, or was read from the journal: judge it, add it. Returns it, good
 * until the next. */
const struct characterize_press *characterize_take(struct characterize *series,
                                                   const struct sensors *sensors,
                                                   const struct timeline *timeline,
                                                   enum run_end end, int64_t run,
                                                   struct judgement *judgement);

/* The number that the last one has in the journal, when that is known only later. */
void characterize_set_run(struct characterize *series, int64_t run);

/* Is there more to press? */
bool characterize_open(const struct characterize *series);
/* All that is sought is known as well as was asked for, and the presses fit together; of a sweep:
 * it is complete, they fit, and the threshold is more likely in it than not. */
bool characterize_found(const struct characterize *series);
/* Where the search (of the start) stands, in words that follow "the search". */
const char *characterize_words(const struct characterize *series);
int64_t characterize_next_ns(const struct characterize *series);
/* How much longer it takes (the longer of both ends); a sweep is known exactly. */
struct threshold_forecast characterize_forecast(const struct characterize *series);

/* What is taken from now on follows a pause: the series was taken up again. */
void characterize_pause(struct characterize *series);
/* Was there one between two runs of the journal, `rest_ns` apart? Attempts are counted anew each
 * time that a series is taken up; and a long rest is one too. */
bool characterize_paused(int attempt_before, int attempt, int64_t rest_ns);

size_t characterize_count(const struct characterize *series); /* presses, unclear ones included */
const struct characterize_press *characterize_press(const struct characterize *series, size_t i);
/* Those that count. */
int characterize_counted(const struct characterize *series);

const struct threshold *characterize_start(const struct characterize *series);
const struct threshold *characterize_end(const struct characterize *series); /* NULL: not sought */

/* The procedure that a longer hold becomes, where that is sought; else NULL. */
const char *characterize_beyond(const struct characterize *series);

/* The range that is looked at, and what of it may be tried. */
struct hold_range characterize_allowed(const struct characterize *series);
struct hold_range characterize_sought(const struct characterize *series);
/* Why nothing longer (shorter) may be tried: the rule, in words; NULL: the range is not cut. */
const char *characterize_closed_above(const struct characterize *series);
const char *characterize_closed_below(const struct characterize *series);

#endif
