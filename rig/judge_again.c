#include "rig/judge_again.h"

#include <stdio.h>

/* A button that the actuator did not reach was not pressed, as ordered or otherwise. */
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

void judge_again(const struct pressed *pressed, const struct eyes *eyes, enum engine_end end,
                 const struct profile *profile, const struct procedure *procedure,
                 struct judged_again *again)
{
    struct judgement *judgement = &again->judgement;

    judge(profile, procedure, eyes, pressed->timeline, end, judgement);
    again->difference[0] = '\0';
    again->compared = end == END_COMPLETE && was_pressed(pressed->timeline);
    if (again->compared && !presses_as_asked(pressed, profile, procedure, again->difference)) {
        judgement->verdict = VERDICT_INCONCLUSIVE;
        snprintf(judgement->reason, sizeof(judgement->reason), "%s", again->difference);
        snprintf(judgement->next, sizeof(judgement->next), "run it with this profile");
    }
}
