/* Loads a station's inputs: contacts, the e-stop, and lines that answer questions. */
#include "rig/base/text.h"
#include "rig/bench/bench_internal.h"
#include "rig/profile/question.h"

#include <stdio.h>
#include <string.h>

enum { TODO_MAX = 256 };

struct input *bench_add_input(const struct loading *loading, struct bench_reading *reading,
                              const struct yaml_node *node, enum input_role role, const char *name)
{
    struct station *station = &reading->station;
    if (station->input_count == BENCH_INPUTS_MAX) {
        diag_error(loading->diags, node->place, "leave some out",
                   "more than %d inputs on one station", BENCH_INPUTS_MAX);
        return NULL;
    }
    struct input *input = &station->inputs[station->input_count++];
    *input =
        (struct input){.role = role, .name = name, .actuator = -1, .line = {.chip = reading->chip}};
    return input;
}

void bench_read_plain_input(const struct loading *loading, struct bench_reading *reading,
                            const struct yaml_node *node, enum input_role role, const char *what)
{
    struct input *input =
        bench_add_input(loading, reading, node, role, bench_input_role_name(role));
    if (input) {
        bench_line_only(loading, node, what, &input->line);
    }
}

void bench_read_estop(const struct loading *loading, const struct field *field,
                      const struct yaml_node *map, void *object)
{
    bench_read_plain_input(loading, object, yaml_get(map, field->key), INPUT_ESTOP, "`estop`");
}

void bench_read_contact(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    struct bench_reading *reading = object;
    const struct yaml_node *contacts = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, contacts, YAML_MAP, "`contact`")) {
        return;
    }
    for (size_t i = 0; i < contacts->count; i++) {
        const struct yaml_node *key = map_key(contacts, i);
        int index = bench_actuator_named(loading, &reading->station, key);
        struct input *input = NULL;
        if (index >= 0) {
            const char *name = arena_printf(loading->arena, "contact_%s", key->text);
            input = bench_add_input(loading, reading, key, INPUT_CONTACT, name);
        }
        if (input) {
            input->actuator = index;
            bench_line_only(loading, contacts->items[i], "a contact", &input->line);
        }
    }
}

/* ---- inputs that answer questions ------------------------------------------------------- */

/* An answer: one of a well-known question's, else any name. */
static const char *read_answer(const struct loading *loading, const struct yaml_node *node,
                               const struct input *input)
{
    const struct question *known = question_known(input->question);
    char canonical[ANSWER_TEXT_MAX];
    if (!fields_check_name(loading->diags, node, "an answer")) {
        return NULL;
    }
    if (!known) {
        if (strlen(node->text) >= sizeof(canonical)) {
            diag_error(loading->diags, node->place, "write a shorter answer",
                       "answer `%s` is longer than %zu bytes", node->text, sizeof(canonical) - 1);
        }
        return node->text;
    }
    if (!question_accepts(known, node->text, canonical)) {
        char choices[TODO_MAX];
        char todo[TODO_MAX + 16];
        question_choices(known, choices, sizeof(choices));
        snprintf(todo, sizeof(todo), "write %s", choices);
        diag_error(loading->diags, node->place, todo, "`%s` is not an answer to `%s`", node->text,
                   input->question);
        return NULL;
    }
    return arena_strdup(loading->arena, canonical);
}

static void read_is(const struct loading *loading, const struct field *field,
                    const struct yaml_node *map, void *object)
{
    struct input *input = object;
    input->when_active = read_answer(loading, yaml_get(map, field->key), input);
}

static void read_else(const struct loading *loading, const struct field *field,
                      const struct yaml_node *map, void *object)
{
    struct input *input = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    input->when_inactive = read_answer(loading, node, input);
    if (input->when_active && input->when_inactive &&
        text_equal_nocase(input->when_active, input->when_inactive)) {
        diag_error(loading->diags, node->place, "give the two levels different answers",
                   "`is` and `else` are both `%s`", input->when_inactive);
    }
}

const struct field bench_input_fields[] = {
    BENCH_LINE_KEYS(struct input, line),
    {.key = "is", .need = FIELD_REQUIRED, .read = read_is},
    {.key = "else", .need = FIELD_REQUIRED, .read = read_else},
    {.key = NULL},
};

void bench_read_inputs(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    struct bench_reading *reading = object;
    const struct yaml_node *inputs = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, inputs, YAML_MAP, "`inputs`")) {
        return;
    }
    for (size_t i = 0; i < inputs->count; i++) {
        const struct yaml_node *key = map_key(inputs, i);
        if (!fields_check_name(loading->diags, key, "the name of a question")) {
            continue;
        }
        for (enum input_role role = INPUT_LED_R; role <= INPUT_ESTOP; role++) {
            if (role != INPUT_QUESTION &&
                text_equal_nocase(key->text, bench_input_role_name(role))) {
                diag_error(loading->diags, key->place,
                           "`inputs` are lines that answer questions, such as lid or placed",
                           "`%s` is not a question", key->text);
            }
        }
        const struct question *well_known = question_known(key->text);
        if (well_known && well_known->answer_count == 0) {
            diag_error(loading->diags, key->place, "leave it to the operator, or to --answer",
                       "`%s` is a percentage, which an input line cannot report", key->text);
            continue;
        }
        struct input *input = bench_add_input(loading, reading, key, INPUT_QUESTION, key->text);
        if (input) {
            input->question = key->text;
            fields_read(loading, inputs->items[i], "an input", bench_input_fields, input);
        }
    }
}
