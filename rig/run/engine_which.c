/*
 * Asks which unit is in the station when the radio cannot tell: several look alike, or one nearby
 * has another name, perhaps given by its owner. Always a question, never a guess.
 */
#include "rig/base/text.h"
#include "rig/run/engine_internal.h"

#include <stdio.h>
#include <string.h>

static void add_answer(struct engine *engine, const char *text)
{
    char *answer = engine->which_answers[engine->which.answer_count];
    snprintf(answer, ANSWER_TEXT_MAX, "%s", text);
    engine->which.answers[engine->which.answer_count++] = answer;
}

static void ask_alike(struct engine *engine, const char *addresses)
{
    char text[PORT_TEXT_MAX];
    char *rest = text;
    char *address;

    snprintf(text, sizeof(text), "%s", addresses);
    while ((address = strtok_r(rest, " ", &rest)) &&
           engine->which.answer_count < QUESTION_ANSWERS_MAX) {
        add_answer(engine, address);
    }
    snprintf(engine->which_prompt, sizeof(engine->which_prompt),
             "%zu units look alike; which one is in the station?", engine->which.answer_count);
}

static void ask_renamed(struct engine *engine, const char *text)
{
    char address[ANSWER_TEXT_MAX];
    char name[100];
    const char *space = strchr(text, ' ');

    snprintf(address, sizeof(address), "%.*s", (int)strcspn(text, " "), text);
    add_answer(engine, address);
    add_answer(engine, RADIO_CHOOSE_NONE);
    snprintf(
        engine->which_prompt, sizeof(engine->which_prompt),
        "No unit with this model's name was found. Is the one in the station `%s` (%s), renamed?",
        text_printable(name, sizeof(name), space ? space + 1 : ""), address);
}

void engine_which_ask(struct engine *engine, const struct port_event *event)
{
    /* With no candidates there is nothing to choose; a question that is already open stays as it
     * is. */
    if (!event->text[strspn(event->text, " ")]) {
        return;
    }
    engine->which = (struct question){.name = "unit", .prompt = engine->which_prompt};
    engine->which_renamed = event->value == WHICH_RENAMED;
    if (engine->which_renamed) {
        ask_renamed(engine, event->text);
    } else {
        ask_alike(engine, event->text);
    }
    engine->asking = &engine->which;
    engine->deadline_ns = INT64_MAX;
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_QUESTION,
                                                   .time_ns = engine->now_ns,
                                                   .text = engine->asking->name});
    engine_push(engine, &(struct engine_command){.kind = COMMAND_ASK, .question = engine->asking});
}

void engine_which_answered(struct engine *engine, const char *answer)
{
    struct engine_command choose = {.kind = COMMAND_RADIO, .radio = RADIO_CHOOSE};
    snprintf(choose.text, sizeof(choose.text), "%s", answer);
    engine_push(engine, &choose);
    engine->deadline_ns = engine->now_ns + ENGINE_RADIO_READY_NS;
}
