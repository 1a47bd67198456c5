#include "rig/judge/judge_again.h"

#include <stdio.h>

/* A button that the actuator did not reach was not pressed at all. */
static bool was_pressed(const struct timeline *timeline)
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(timeline, ENTRY_CONTACT, &i))) {
        if (entry->code == CONTACT_NEVER) {
            return false;
        }
    }
    return true;
}

/* Does the record's `simulated` agree with its start entry and its answers? */
static bool simulated_as_said(const struct pressed *pressed)
{
    const struct entry *entry;
    size_t i = 0;
    size_t answer = 0;

    while ((entry = timeline_next(pressed->timeline, ENTRY_START, &i))) {
        bool simulated = entry->value == START_BENCH_SIMULATED;
        if (entry->value != START_BENCH_NOT_SAID && simulated != pressed->simulated) {
            return false;
        }
    }
    while ((entry = timeline_next(pressed->timeline, ENTRY_ANSWER, &answer))) {
        if (entry->code == ANSWER_BY_SIMULATION && !pressed->simulated) {
            return false;
        }
    }
    return true;
}

static void doubt(struct judgement *judgement, const char *reason, const char *next)
{
    judgement->verdict = VERDICT_INCONCLUSIVE;
    snprintf(judgement->reason, sizeof(judgement->reason), "%s", reason);
    snprintf(judgement->next, sizeof(judgement->next), "%s", next);
}

void judge_again(const struct pressed *pressed, const struct sensors *sensors, enum run_end end,
                 const struct profile *profile, const struct procedure *procedure,
                 struct judged_again *again)
{
    struct judgement *judgement = &again->judgement;

    judge(profile, procedure, sensors, pressed->timeline, end, judgement);
    again->difference[0] = '\0';
    again->compared = end == END_COMPLETE && was_pressed(pressed->timeline);
    if (again->compared &&
        !judge_presses_as_asked(pressed, profile, procedure, again->difference)) {
        doubt(judgement, again->difference, "run it with this profile");
    }
    if (end == END_COMPLETE && !simulated_as_said(pressed)) {
        doubt(judgement, "the record contradicts itself about whether its bench was simulated",
              "run it again");
    }
}
