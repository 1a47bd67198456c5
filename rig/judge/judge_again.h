/*
 * Judges a finished run again, perhaps with a different profile. Its expectations are judged as by
 * rig/judge/judge.h. But if the run did not press what the procedure asks for
 * (rig/judge/judge_presses.h), the verdict is `inconclusive`, whatever was seen; likewise if the
 * record contradicts itself about whether the bench was simulated. A run that did not complete is
 * `aborted` or `error` in any case.
 */
#ifndef LONGPRESS_RIG_JUDGE_AGAIN_H
#define LONGPRESS_RIG_JUDGE_AGAIN_H

#include "rig/judge/judge.h"
#include "rig/judge/judge_presses.h"

#include <stdbool.h>

struct judged_again {
    struct judgement judgement;
    bool compared; /* the presses were compared; not for a run that did not complete */
    char difference[PRESSES_TEXT_MAX]; /* compared: the difference, "" for none */
};

/* `procedure` belongs to `profile`. */
void judge_again(const struct pressed *pressed, const struct sensors *sensors, enum run_end end,
                 const struct profile *profile, const struct procedure *procedure,
                 struct judged_again *again);

#endif
