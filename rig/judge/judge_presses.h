/*
 * Was what a run pressed what a procedure asks for? What counts is what the buttons and the person
 * at them do: which are down together, in what order and how often, for how long, how long they are
 * up in between, and what somebody is asked to do; not how a profile writes that down.
 *
 * A hold that the LED ended is what is asked for where the procedure lets go on the same pattern
 * and would have held as long. One that lasted to its end is, where as long is asked for and the
 * pattern to let go on was not shown in it.
 *
 * What was pressed the procedure says that the run was made with, and the timeline how it went.
 * Where that procedure was not kept the orders of the timeline must do. They are corrected for a
 * travel of the actuators that nobody knows any more: times then count as the same within
 * PRESSES_SLACK_NS, and questions by their names.
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

/* One thing that is asked for: of the rig, or of a person. */
struct asked_step {
    enum asked_kind { ASKED_NOTHING, ASKED_PRESS, ASKED_PERSON } kind;
    control_mask controls;            /* PRESS: down together */
    int64_t down_ns;                  /* PRESS: at the latest */
    const struct pattern *release_on; /* PRESS: or NULL */
    int64_t not_before_ns;            /* PRESS: light that began sooner is none of it */
    int64_t up_ns;                    /* since what came before it; -1: not known */
    const char *name;                 /* PERSON: of the question ... */
    const char *prompt;               /* ... and its words; NULL: not known */
};

/* Where one is in a procedure; zeroed but for the procedure: at its begin. */
struct asked_walk {
    const struct procedure *procedure;
    size_t step;
    int tap;      /* taps of that step that are done */
    bool pressed; /* something was pressed already */
};

/* The next thing; ASKED_NOTHING at the end. */
struct asked_step judge_asked_next(struct asked_walk *walk);

/* What a run was made with. */
struct pressed {
    const struct timeline *timeline;
    const struct profile *profile;     /* NULL, with the procedure: not kept */
    const struct procedure *procedure; /* of that profile */
    bool simulated;                    /* as its record says */
};

/* Of a run that came to its end: are they? The first difference comes out as a sentence, "" for
 * none. */
bool judge_presses_as_asked(const struct pressed *pressed, const struct profile *profile,
                            const struct procedure *procedure, char difference[PRESSES_TEXT_MAX]);

#endif
