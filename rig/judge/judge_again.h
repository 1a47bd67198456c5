/*
 * A run that is over, judged again, perhaps by what a profile says that it was not made with. Its
 * expectations are judged as by rig/judge/judge.h. But where the run did not press what the
 * procedure asks for (rig/judge/judge_presses.h), what the unit did neither proves nor disproves
 * it: `inconclusive`, whatever was seen; nor where the record and what happened in it do not agree
 * on whether the bench was simulated. A run that did not come to its end is `aborted` or `error` in
 * any case.
 */
#ifndef LONGPRESS_RIG_JUDGE_AGAIN_H
#define LONGPRESS_RIG_JUDGE_AGAIN_H

#include "rig/judge/judge.h"
#include "rig/judge/judge_presses.h"

#include <stdbool.h>

struct judged_again {
    struct judgement judgement;
    bool compared;                     /* the presses; not of a run that did not come to its end */
    char difference[PRESSES_TEXT_MAX]; /* compared: "" for none */
};

/* `procedure` is one of `profile`'s. */
void judge_again(const struct pressed *pressed, const struct sensors *sensors, enum run_end end,
                 const struct profile *profile, const struct procedure *procedure,
                 struct judged_again *again);

#endif
