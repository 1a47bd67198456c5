/*
 * Did a run press what a procedure asks for? What counts is what happens at the buttons: which are
 * down together, in what order, how often and for how long, how long they are up in between, and
 * what a person is asked to do; not how a profile describes it.
 *
 * A hold that the LED ended matches if the procedure releases on the same pattern and would have
 * held as long. One that lasted to its end matches if the same length is asked for and the pattern
 * to release on was not shown in it.
 *
 * The procedure that the run was made with says what was pressed, and the timeline how it went. If
 * that procedure was not kept, the orders in the timeline are used. They include corrections for
 * actuator travel that are no longer known: times then match within PRESSES_SLACK_NS, and questions
 * match by name.
 */
#ifndef LONGPRESS_RIG_PRESSES_H
#define LONGPRESS_RIG_PRESSES_H

#include "rig/profile/profile.h"
#include "rig/timeline/timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRESSES_TEXT_MAX = 1024, PRESSES_WORDS_MAX = 256 };

#define PRESSES_SLACK_NS INT64_C(50000000)

/* One thing that the procedure asks for, from the rig or from a person. */
struct asked_step {
    enum asked_kind { ASKED_NOTHING, ASKED_PRESS, ASKED_PERSON } kind;
    control_mask controls;            /* PRESS: down together */
    int64_t down_ns;                  /* PRESS: at most */
    const struct pattern *release_on; /* PRESS: or NULL */
    int64_t not_before_ns;            /* PRESS: light that began earlier does not count */
    int64_t up_ns;                    /* since the previous item; -1: unknown */
    const char *name;                 /* PERSON: name of the question ... */
    const char *prompt;               /* ... and its words; NULL: unknown */
};

/* A position in a procedure; all zero except for the procedure: its start. */
struct asked_walk {
    const struct procedure *procedure;
    size_t step;
    int tap;      /* taps of that step already done */
    bool pressed; /* something has been pressed already */
};

/* The next thing; ASKED_NOTHING at the end. */
struct asked_step judge_asked_next(struct asked_walk *walk);

/* What a run was made with. */
struct pressed {
    const struct timeline *timeline;
    const struct profile *profile;     /* NULL, as is the procedure: not kept */
    const struct procedure *procedure; /* of that profile */
    bool simulated;                    /* according to its record */
};

/* For a completed run: were the presses as asked? Writes the first difference as a sentence, "" for
 * none. */
bool judge_presses_as_asked(const struct pressed *pressed, const struct profile *profile,
                            const struct procedure *procedure, char difference[PRESSES_TEXT_MAX]);

#endif
