/*
 * Handles a unit that did not pair where something expected needs a bond: nothing is pressed before
 * the operator has decided what to do. With nobody to ask, the run ends.
 */
#include "rig/run/engine_internal.h"

#include <stdio.h>
#include <string.h>

static const char bond_again[] = "again";
static const char bond_without[] = "without";
static const char bond_stop[] = "stop";

static void stop_for_bond(struct engine *engine)
{
    char text[460];
    snprintf(text, sizeof(text),
             "%s: put it in pairing mode and try again, or use --without-bond to leave out what "
             "needs a bond",
             engine->no_bond);
    engine_note(engine, text, NOTE_PLAIN);
    engine_stop(engine, END_INTERLOCK, RELEASE_INTERLOCK);
}

static void go_without_bond(struct engine *engine)
{
    engine_note(engine, engine->no_bond, NOTE_WITHOUT_BOND);
    engine_require_next(engine);
}

void engine_bond_answered(struct engine *engine, const char *answer)
{
    if (strcmp(answer, bond_again) == 0) {
        engine_radio(engine, RADIO_START_WATCH);
        engine->deadline_ns = engine->now_ns + ENGINE_RADIO_READY_NS;
    } else if (strcmp(answer, bond_without) == 0) {
        go_without_bond(engine);
    } else {
        stop_for_bond(engine);
    }
}

/* Does a needed expectation need a bond? */
bool engine_bond_needed(const struct engine *engine)
{
    const struct procedure *procedure = engine->plan->procedure;
    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *expectation = &procedure->expect[i];
        if (!expectation->unknown && expectation->needed &&
            (expect_trait(expectation->kind)->needs & RADIO_NEED_BOND)) {
            return true;
        }
    }
    return false;
}

/* The radio is ready, and the unit did not pair: a press would prove nothing. */
void engine_bond_ask(struct engine *engine, const char *why)
{
    snprintf(engine->no_bond, sizeof(engine->no_bond), "there is no bond with the unit%s%.150s",
             why[0] ? ": " : "", why);
    if (engine->plan->without_bond) {
        go_without_bond(engine);
        return;
    }
    snprintf(
        engine->bond_prompt, sizeof(engine->bond_prompt),
        "T%s. Put it in pairing mode, then answer again; without: leave out what needs a bond.",
        engine->no_bond + 1);
    engine->bond = (struct question){.name = "bond",
                                     .prompt = engine->bond_prompt,
                                     .answers = {bond_again, bond_without, bond_stop},
                                     .answer_count = 3};
    engine->asking = &engine->bond;
    engine->deadline_ns = INT64_MAX;
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_QUESTION,
                                                   .time_ns = engine->now_ns,
                                                   .text = engine->asking->name});
    engine_push(engine, &(struct engine_command){.kind = COMMAND_ASK, .question = engine->asking});
}

bool engine_nobody(struct engine *engine, int64_t now_ns)
{
    bool renamed = engine->asking == &engine->which && engine->which_renamed;
    if (engine->asking != &engine->bond && !renamed) {
        return false;
    }
    if (now_ns > engine->now_ns) {
        engine->now_ns = now_ns;
    }
    engine->asking = NULL;
    if (renamed) {
        engine_note(engine, "nobody can confirm that this is the unit", NOTE_PLAIN);
        engine_which_answered(engine, RADIO_CHOOSE_NOBODY);
    } else {
        stop_for_bond(engine);
    }
    return true;
}
