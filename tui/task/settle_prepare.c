#include "tui/task/settle_prepare.h"

#include "rig/base/units.h"

#include <stdio.h>
#include <string.h>

/* The time given to a unit after switching it on or off; our choice, not from a source. */
static const int64_t WHILE_NS = 5 * NS_PER_S;

static void ask_for(struct arena *arena, struct step *step, const struct requirement *state)
{
    const char *name = state->question.name;
    const char *answer = state->accept[0];

    step->kind = STEP_ASK;
    step->ask = (struct question){
        .name = arena_printf(arena, "%s-%s", name, answer),
        .prompt = arena_printf(arena, "The next run starts with %s: %s. Set it, then confirm.",
                               name, answer),
        .answers = {"done"},
        .answer_count = 1,
    };
}

static int make_one(struct settle_preparations *preparations, struct diags *diags, size_t claim)
{
    /* Wanting a link makes the radio pair again; the result proves nothing. */
    static const struct expectation link = {
        .kind = EXPECT_DISCONNECTS, .anchor = ANCHOR_RELEASE, .within_ns = NS_PER_MS};
    const struct settle *settle = preparations->settle;
    struct settle_preparation *preparation = &preparations->items[claim];
    struct procedure *procedure = &preparation->procedure;
    const struct requirement *state;

    procedure->name = "between two runs";
    procedure->kind = KIND_OTHER;
    procedure->source = settle->claims[claim].procedure->source;
    procedure->steps = arena_array(&preparations->arena, BRING_STATES_MAX + 1, sizeof(struct step));
    while (preparation->state_count < BRING_STATES_MAX &&
           (state = settle_state_needed(settle, claim, preparation->state_count))) {
        preparation->states[preparation->state_count++] = state;
        ask_for(&preparations->arena, &procedure->steps[procedure->step_count++], state);
    }
    procedure->steps[procedure->step_count++] =
        (struct step){.kind = STEP_WAIT, .for_ns = WHILE_NS};
    procedure->expect = arena_alloc(&preparations->arena, sizeof(link));
    procedure->expect[0] = link;
    procedure->expect_count = 1;
    preparation->plan =
        plan_make(diags, settle->profile, procedure, preparations->bench_session->bench,
                  preparations->bench_session->station, NULL, NULL);
    return preparation->plan ? 0 : -1;
}

int settle_prepare_make(struct settle_preparations *preparations, struct diags *diags,
                        const struct settle *settle, const struct bench_session *bench_session)
{
    *preparations = (struct settle_preparations){.settle = settle, .bench_session = bench_session};
    preparations->items =
        arena_array(&preparations->arena, settle->claim_count + 1, sizeof(*preparations->items));
    for (size_t i = 0; i < settle->claim_count; i++) {
        if (settle->claims[i].plan && make_one(preparations, diags, i) != 0) {
            return -1;
        }
    }
    return 0;
}

void settle_prepare_free(struct settle_preparations *preparations)
{
    for (size_t i = 0; preparations->items && i < preparations->settle->claim_count; i++) {
        plan_free(preparations->items[i].plan);
    }
    arena_free(&preparations->arena);
}

/* ---- answers ------------------------------------------------------------------------------ */

static bool brings(const struct settle_preparation *preparation, const char *question)
{
    for (size_t i = 0; i < preparation->state_count; i++) {
        if (strcmp(preparation->states[i]->question.name, question) == 0) {
            return true;
        }
    }
    return false;
}

/* Is the question answered before every run that asks it, because the unit was brought to that
 * state? */
static bool is_settled(const struct settle_preparations *preparations, const char *question)
{
    const struct settle *settle = preparations->settle;
    for (size_t i = 0; i < settle->claim_count; i++) {
        if (settle->claims[i].plan && profile_requirement(settle->claims[i].procedure, question) &&
            !brings(&preparations->items[i], question)) {
            return false;
        }
    }
    return true;
}

int settle_prepare_check(struct settle_preparations *preparations, struct diags *diags,
                         const struct console *console)
{
    const struct settle *settle = preparations->settle;
    struct arena *arena = &preparations->arena;
    const struct plan **plans =
        arena_array(arena, 2 * settle->claim_count + 1, sizeof(const struct plan *));
    const char **settled =
        arena_array(arena, BRING_STATES_MAX * settle->claim_count + 1, sizeof(const char *));
    size_t plan_count = 0;
    size_t settled_count = 0;

    for (size_t i = 0; i < settle->claim_count; i++) {
        const struct settle_preparation *preparation = &preparations->items[i];
        if (!settle->claims[i].plan) {
            continue;
        }
        plans[plan_count++] = settle->claims[i].plan;
        plans[plan_count++] = preparation->plan;
        for (size_t s = 0; s < preparation->state_count; s++) {
            const char *question = preparation->states[s]->question.name;
            if (is_settled(preparations, question)) {
                settled[settled_count++] = question;
            }
        }
    }
    return plan_count == 0
               ? 0
               : console_check_all(console, diags, plans, plan_count, settled,
                                   bench_session_can_answer, (void *)preparations->bench_session);
}

void settle_prepare_answer(const struct settle_preparations *preparations, size_t claim,
                           struct console *console)
{
    const struct settle_preparation *preparation = &preparations->items[claim];

    if (preparations->bench_session->bench->simulated) {
        return;
    }
    for (size_t i = 0; i < preparation->state_count && console->given_count < CONSOLE_ANSWERS_MAX;
         i++) {
        struct given_answer *given = &console->given[console->given_count++];
        given->option = "";
        snprintf(given->name, sizeof(given->name), "%s", preparation->states[i]->question.name);
        snprintf(given->value, sizeof(given->value), "%s", preparation->states[i]->accept[0]);
    }
}
