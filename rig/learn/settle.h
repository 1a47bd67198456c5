/*
 * Which claims of a profile contradict each other, in what order a unit can settle them, and what
 * its runs say about each. Pure: tui/command/cmd_settle.c drives the runs.
 *
 * Two procedures of a profile contradict each other
 *   by their press    if they press the same (the same holds and taps in the same order, no hold
 *                     more than SETTLE_ALIKE_PERCENT longer than the other's) but differ in the
 *                     result: their kind, the LED pattern, what happens to the bond, or something
 *                     that one keeps and the other clears;
 *   by their effect   if they are of one kind (not soft, not other), press the same controls, but
 *                     for different times: each claims that its own time is needed;
 * and a procedure and a hazard
 *   by the hazard     if a press of the procedure causes the hazard without intending it.
 * Claims about different states of the unit (`power: on` and `power: off`) may both be true; a
 * unit settles that too.
 *
 * Order: the shortest worst-case press first; of two equal ones the kind that erases less (pairing,
 * network, factory), then the first in the file. A claim whose press hits a hazard in the worst
 * case, intended or not, is run only if that hazard was accepted by name, and never if its grade is
 * `bricks`.
 */
#ifndef LONGPRESS_RIG_SETTLE_H
#define LONGPRESS_RIG_SETTLE_H

#include "rig/judge/judge.h"
#include "rig/plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SETTLE_CLAIMS_MAX = 64,
    SETTLE_CONFLICTS_MAX = 256,
    SETTLE_ALIKE_PERCENT = 20,
    SETTLE_TEXT_MAX = 2048,
};

enum settle_state {
    CLAIM_OPEN,    /* no observation decides it; `evidence` says why */
    CLAIM_HELD,    /* everything it needs was seen */
    CLAIM_REFUTED, /* an observation contradicts it */
};

struct settle_claim {
    const struct procedure *procedure;
    struct plan *plan; /* owned; NULL: not run, `evidence` says why */
    int64_t worst_ns; /* its longest press, worst case; without a bench that presses it: as asked */
    const char *allow; /* id of the hazard whose acceptance would let it run, or NULL */
    bool tried;        /* it was run */
    enum settle_state state;
    int run;                        /* that decided it, or tried to, from 1; 0: none */
    char evidence[SETTLE_TEXT_MAX]; /* observations, a line each; or why it is open */
};

enum settle_why { CONFLICT_PRESS, CONFLICT_EFFECT, CONFLICT_HAZARD };

enum settle_outcome {
    OUTCOME_OPEN,
    OUTCOME_FIRST,   /* the first claim held, the second did not */
    OUTCOME_SECOND,  /* the other way round */
    OUTCOME_BOTH,    /* both held: they do not exclude each other on this unit */
    OUTCOME_NEITHER, /* both are refuted */
};

struct settle_conflict {
    enum settle_why why;
    size_t first;                /* index into claims */
    size_t second;               /* the same; CONFLICT_HAZARD: unused */
    const struct hazard *hazard; /* CONFLICT_HAZARD */
    /* What tells them apart, a text each: "led: blue x2, white x1 or blue x4". */
    const char *const *differences;
    size_t difference_count;
    bool other_state; /* they ask for different states of the unit */
};

struct settle {
    struct arena arena;
    const struct profile *profile;
    size_t claim_count; /* in the order in which they are run */
    struct settle_claim claims[SETTLE_CLAIMS_MAX];
    size_t conflict_count;
    struct settle_conflict conflicts[SETTLE_CONFLICTS_MAX];
    bool more; /* there are more contradictions than fit */
};

/* Find the contradictions of a profile, and whether and in what order this station may settle
 * them. `accept`: ids of hazards that the operator accepts. Without a contradiction claim_count is
 * 0. NULL after an error: the model has no such hazard. */
struct settle *settle_new(struct diags *diags, const struct profile *profile,
                          const struct bench *bench, const struct station *station,
                          const char *const *accept, size_t accept_count);
void settle_free(struct settle *settle);

/* The i-th requirement of this claim that another one which is run contradicts, NULL past the last.
 * Its first accepted answer is what the unit must be brought to. */
const struct requirement *settle_state_needed(const struct settle *settle, size_t claim, size_t i);

/* The claim to run next, -1: none is left. */
int settle_next(const struct settle *settle);

/*
 * Run number `run` was made of `claim` and judged: keep what it says of that claim, and of every
 * other open one that it was a run of as well: the press that was made is the one that the other
 * asks for (with what it would have been let go on), from a state that it accepts, watched for all
 * that it says.
 */
void settle_take(struct settle *settle, size_t claim, int run, const struct sensors *sensors,
                 const struct timeline *timeline, enum run_end end,
                 const struct judgement *judgement);
/* What is left is not run: `why`. */
void settle_stop(struct settle *settle, const char *why);

enum settle_outcome settle_outcome(const struct settle *settle,
                                   const struct settle_conflict *conflict);
/* Is every contradiction decided? */
bool settle_done(const struct settle *settle);

/* How long to wait between two runs: the longest cooldown that the profile names, and who says so;
 * longer where the duty of an actuator counts over a longer time, since each plan is proved from
 * rest (*source is NULL then, and when it is 0). */
int64_t settle_rest_ns(const struct settle *settle, const struct source **source);

const char *settle_state_name(enum settle_state state);       /* "open", "held", "refuted" */
const char *settle_why_name(enum settle_why why);             /* "press", "effect", "hazard" */
const char *settle_outcome_name(enum settle_outcome outcome); /* "open", "first", ... */
/* "hold power + custom for 7 s, or until blue x2, white x1; tap touch_right x5". */
char *settle_press_text(const struct profile *profile, const struct procedure *procedure, char *out,
                        size_t size);

#endif
