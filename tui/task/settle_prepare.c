#include "tui/task/settle_prepare.h"

#include "rig/base/units.h"

#include <stdio.h>
#include <string.h>

/* A unit that was switched on or off is given this long; the rig's own words, no source's. */
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

static int make_one(struct settle_preparations *bringings, struct diags *diags, size_t claim)
{
    /* That a link is wanted has the radio pair anew; what becomes of it proves nothing. */
    static const struct expectation link = {
        .kind = EXPECT_DISCONNECTS, .anchor = ANCHOR_RELEASE, .within_ns = NS_PER_MS};
    const struct settle *settle = bringings->settle;
    struct settle_preparation *bringing = &bringings->items[claim];
    struct procedure *procedure = &bringing->procedure;
    const struct requirement *state;

    procedure->name = "between two runs";
    procedure->kind = KIND_OTHER;
    procedure->source = settle->claims[claim].procedure->source;
    procedure->steps = arena_array(&bringings->arena, BRING_STATES_MAX + 1, sizeof(struct step));
    while (bringing->state_count < BRING_STATES_MAX &&
           (state = settle_state_needed(settle, claim, bringing->state_count))) {
        bringing->states[bringing->state_count++] = state;
        ask_for(&bringings->arena, &procedure->steps[procedure->step_count++], state);
    }
    procedure->steps[procedure->step_count++] =
        (struct step){.kind = STEP_WAIT, .for_ns = WHILE_NS};
    procedure->expect = arena_alloc(&bringings->arena, sizeof(link));
    procedure->expect[0] = link;
    procedure->expect_count = 1;
    bringing->plan = plan_make(diags, settle->profile, procedure, bringings->bench_session->bench,
                               bringings->bench_session->station, NULL, NULL);
    return bringing->plan ? 0 : -1;
}

int settle_prepare_make(struct settle_preparations *bringings, struct diags *diags,
                        const struct settle *settle, const struct bench_session *bench_session)
{
    *bringings = (struct settle_preparations){.settle = settle, .bench_session = bench_session};
    bringings->items =
        arena_array(&bringings->arena, settle->claim_count + 1, sizeof(*bringings->items));
    for (size_t i = 0; i < settle->claim_count; i++) {
        if (settle->claims[i].plan && make_one(bringings, diags, i) != 0) {
            return -1;
        }
    }
    return 0;
}

void settle_prepare_free(struct settle_preparations *bringings)
{
    for (size_t i = 0; bringings->items && i < bringings->settle->claim_count; i++) {
        plan_free(bringings->items[i].plan);
    }
    arena_free(&bringings->arena);
}

/* ---- answers ------------------------------------------------------------------------------ */

static bool brings(const struct settle_preparation *bringing, const char *question)
{
    for (size_t i = 0; i < bringing->state_count; i++) {
        if (strcmp(bringing->states[i]->question.name, question) == 0) {
            return true;
        }
    }
    return false;
}

/* Is the question answered before every run that asks it, by having brought the unit there? */
static bool is_settled(const struct settle_preparations *bringings, const char *question)
{
    const struct settle *settle = bringings->settle;
    for (size_t i = 0; i < settle->claim_count; i++) {
        if (settle->claims[i].plan && profile_requirement(settle->claims[i].procedure, question) &&
            !brings(&bringings->items[i], question)) {
            return false;
        }
    }
    return true;
}

int settle_prepare_check(struct settle_preparations *bringings, struct diags *diags,
                         const struct console *console)
{
    const struct settle *settle = bringings->settle;
    struct arena *arena = &bringings->arena;
    const struct plan **plans =
        arena_array(arena, 2 * settle->claim_count + 1, sizeof(const struct plan *));
    const char **settled =
        arena_array(arena, BRING_STATES_MAX * settle->claim_count + 1, sizeof(const char *));
    size_t plan_count = 0;
    size_t settled_count = 0;

    for (size_t i = 0; i < settle->claim_count; i++) {
        const struct settle_preparation *bringing = &bringings->items[i];
        if (!settle->claims[i].plan) {
            continue;
        }
        plans[plan_count++] = settle->claims[i].plan;
        plans[plan_count++] = bringing->plan;
        for (size_t s = 0; s < bringing->state_count; s++) {
            const char *question = bringing->states[s]->question.name;
            if (is_settled(bringings, question)) {
                settled[settled_count++] = question;
            }
        }
    }
    return plan_count == 0
               ? 0
               : console_check_all(console, diags, plans, plan_count, settled,
                                   bench_session_can_answer, (void *)bringings->bench_session);
}

void settle_prepare_answer(const struct settle_preparations *bringings, size_t claim,
                           struct console *console)
{
    const struct settle_preparation *bringing = &bringings->items[claim];

    if (bringings->bench_session->bench->simulated) {
        return;
    }
    for (size_t i = 0; i < bringing->state_count && console->given_count < CONSOLE_ANSWERS_MAX;
         i++) {
        struct given_answer *given = &console->given[console->given_count++];
        given->option = "";
        snprintf(given->name, sizeof(given->name), "%s", bringing->states[i]->question.name);
        snprintf(given->value, sizeof(given->value), "%s", bringing->states[i]->accept[0]);
    }
}
