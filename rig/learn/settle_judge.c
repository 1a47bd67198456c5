/* What a run says about a claim: its own, and any other claim that the run tested as well. */
#include "rig/judge/judge_presses.h"
#include "rig/learn/settle_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- is it a run of that claim, too? ------------------------------------------------------ */

/* If a person acted in between, the run tests no other claim. */
static bool asks_somebody(const struct procedure *procedure)
{
    for (size_t i = 0; i < procedure->step_count; i++) {
        if (procedure->steps[i].kind == STEP_ASK) {
            return true;
        }
    }
    return false;
}

static const char *answer_to(const struct timeline *timeline, const char *question)
{
    const struct entry *entry;
    const char *answer = NULL;
    size_t i = 0;
    while ((entry = timeline_next(timeline, ENTRY_ANSWER, &i))) {
        if (strcmp(entry->text, question) == 0) {
            answer = entry->text2;
        }
    }
    return answer;
}

static bool state_accepted(const struct procedure *other, const struct timeline *timeline)
{
    for (size_t i = 0; i < other->requires_count; i++) {
        const struct requirement *requirement = &other->requires[i];
        const char *answer = answer_to(timeline, requirement->question.name);
        bool any = requirement->accept_count == 0 && requirement->at_least_x100 < 0;
        if (!any && (!answer || !evidence_requirement_met(requirement, answer))) {
            return false;
        }
    }
    return true;
}

static bool is_run_of(const struct profile *profile, const struct settle_claim *made,
                      const struct settle_claim *other, const struct timeline *timeline)
{
    struct pressed pressed = {
        .timeline = timeline, .profile = profile, .procedure = made->procedure};
    char difference[PRESSES_TEXT_MAX];

    return made->plan && other->plan && !(other->plan->radio_needs & ~made->plan->radio_needs) &&
           !asks_somebody(other->procedure) &&
           judge_presses_as_asked(&pressed, profile, other->procedure, difference) &&
           state_accepted(other->procedure, timeline);
}

/* ---- what it says ------------------------------------------------------------------------- */

/* The findings of one result, a line each. */
static void keep_findings(struct settle_claim *claim, const struct judgement *judgement,
                          enum expect_result result)
{
    size_t used = 0;

    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        if (finding->result != result || used >= sizeof(claim->evidence)) {
            continue;
        }
        int wrote = snprintf(claim->evidence + used, sizeof(claim->evidence) - used, "%s%s: %s",
                             used ? "\n" : "", expect_kind_name(finding->expectation->kind),
                             finding->reason);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

/* True when it is decided. */
static bool decide(struct settle_claim *claim, int run, const struct judgement *judgement)
{
    switch (judgement->verdict) {
    case VERDICT_PASS:
        claim->state = CLAIM_HELD;
        keep_findings(claim, judgement, RESULT_PASS);
        break;
    case VERDICT_FAIL:
        claim->state = CLAIM_REFUTED;
        keep_findings(claim, judgement, RESULT_FAIL);
        break;
    case VERDICT_INCONCLUSIVE:
    case VERDICT_ABORTED:
    case VERDICT_ERROR:
        return false;
    }
    claim->run = run;
    return true;
}

void settle_take(struct settle *settle, size_t claim, int run, const struct sensors *sensors,
                 const struct timeline *timeline, enum run_end end,
                 const struct judgement *judgement)
{
    struct settle_claim *own = &settle->claims[claim];
    struct judgement *other = xcalloc(sizeof(*other));

    own->tried = true;
    if (!decide(own, run, judgement)) {
        own->run = run;
        snprintf(own->evidence, sizeof(own->evidence), "%s: %s",
                 judge_verdict_name(judgement->verdict), judgement->reason);
    }
    for (size_t i = 0; i < settle->claim_count; i++) {
        struct settle_claim *each = &settle->claims[i];
        if (each != own && each->state == CLAIM_OPEN &&
            is_run_of(settle->profile, own, each, timeline)) {
            judge(settle->profile, each->procedure, sensors, timeline, end, other);
            decide(each, run, other);
        }
    }
    free(other);
}

void settle_stop(struct settle *settle, const char *why)
{
    for (size_t i = 0; i < settle->claim_count; i++) {
        struct settle_claim *claim = &settle->claims[i];
        if (claim->plan && !claim->tried && claim->state == CLAIM_OPEN) {
            claim->tried = true;
            snprintf(claim->evidence, sizeof(claim->evidence), "not run: %s", why);
        }
    }
}

/* ---- contradictions ----------------------------------------------------------------------- */

enum settle_outcome settle_outcome(const struct settle *settle,
                                   const struct settle_conflict *conflict)
{
    enum settle_state first = settle->claims[conflict->first].state;
    enum settle_state second = settle->claims[conflict->second].state;

    if (first == CLAIM_OPEN || second == CLAIM_OPEN) {
        return OUTCOME_OPEN;
    }
    if (conflict->why == CONFLICT_HAZARD) {
        return first == CLAIM_HELD ? OUTCOME_FIRST : OUTCOME_SECOND;
    }
    if (first == CLAIM_REFUTED && second == CLAIM_REFUTED) {
        return OUTCOME_NEITHER;
    }
    if (first == CLAIM_HELD && second == CLAIM_HELD) {
        /* Of one press from one state both cannot be true: what tells them apart was not seen. */
        return conflict->other_state || conflict->why == CONFLICT_EFFECT ? OUTCOME_BOTH
                                                                         : OUTCOME_OPEN;
    }
    return first == CLAIM_HELD ? OUTCOME_FIRST : OUTCOME_SECOND;
}

bool settle_done(const struct settle *settle)
{
    for (size_t i = 0; i < settle->conflict_count; i++) {
        if (settle_outcome(settle, &settle->conflicts[i]) == OUTCOME_OPEN) {
            return false;
        }
    }
    return !settle->more;
}
