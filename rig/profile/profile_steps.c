/* Loads the steps of a procedure: hold, tap, wait, ask. */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/profile/profile_internal.h"

#include <stdio.h>
#include <string.h>

static void read_held(const struct loading *loading, const struct field *field,
                      const struct yaml_node *map, void *object)
{
    struct step *step = object;
    step->controls = profile_read_controls(loading, yaml_get(map, field->key), "`hold`");
}

static void read_tapped(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    struct step *step = object;
    step->controls = profile_read_controls(loading, yaml_get(map, field->key), "`tap`");
}

static void read_release_on(const struct loading *loading, const struct field *field,
                            const struct yaml_node *map, void *object)
{
    struct step *step = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "`release_on`")) {
        return;
    }
    size_t at = 0;
    const char *wrong = pattern_parse(node->text, &step->release_on, &at);
    if (wrong) {
        diag_error(loading->diags, node->place, "write a pattern such as `blue x2, white x1`",
                   "pattern `%s` %s, at character %zu", node->text, wrong, at + 1);
    } else if (step->release_on.count == 0) {
        diag_error(loading->diags, node->place, "leave `release_on` out to hold for the whole time",
                   "`release_on` cannot wait for an LED that is off");
    } else if (pattern_claims_end(&step->release_on)) {
        diag_error(loading->diags, node->place,
                   "end the pattern with a light, without saying how it ends",
                   "how a light ends is only known once watching is over");
    } else {
        step->has_release_on = true;
    }
}

const struct field profile_hold_fields[] = {
    {.key = "hold", .need = FIELD_REQUIRED, .read = read_held},
    {.key = "for",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
     .offset = offsetof(struct step, for_ns),
     .min = NS_PER_MS,
     .max = 60 * NS_PER_S},
    {.key = "release_on", .read = read_release_on},
    {.key = "not_before",
     .read = fields_duration,
     .offset = offsetof(struct step, not_before_ns),
     .min = 0,
     .max = 60 * NS_PER_S},
    {.key = NULL},
};

const struct field profile_tap_fields[] = {
    {.key = "tap", .need = FIELD_REQUIRED, .read = read_tapped},
    {.key = "times",
     .read = fields_int,
     .offset = offsetof(struct step, times),
     .min = 1,
     .max = PROFILE_TAPS_MAX},
    {.key = "on",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
     .offset = offsetof(struct step, on_ns),
     .min = NS_PER_MS,
     .max = 10 * NS_PER_S},
    {.key = "off",
     .read = fields_duration,
     .offset = offsetof(struct step, off_ns),
     .min = NS_PER_MS,
     .max = 10 * NS_PER_S},
    {.key = NULL},
};

const struct field profile_wait_fields[] = {
    {.key = "wait",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
     .offset = offsetof(struct step, for_ns),
     .min = NS_PER_MS,
     .max = PROFILE_TIME_MAX_NS},
    {.key = NULL},
};

static void read_ask_name(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    struct step *step = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!fields_check_name(loading->diags, node, "the name of a question")) {
        return;
    }
    const struct question *known = question_known(node->text);
    if (known) {
        step->ask = *known;
    }
    step->ask.name = node->text;
}

static void read_ask(const struct loading *loading, const struct field *field,
                     const struct yaml_node *map, void *object)
{
    struct step *step = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (fields_check_sentence(loading->diags, node, "`ask`")) {
        step->ask.prompt = node->text;
    }
}

static void read_ask_answers(const struct loading *loading, const struct field *field,
                             const struct yaml_node *map, void *object)
{
    struct step *step = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (question_known(step->ask.name)) {
        diag_error(loading->diags, node->place, "remove `answers`",
                   "question `%s` has its own answers", step->ask.name);
        return;
    }
    profile_read_answers(loading, node, &step->ask);
}

/* The name first: a well-known question supplies prompt and answers; the prompt is then
 * replaced. */
const struct field profile_ask_fields[] = {
    {.key = "name", .read = read_ask_name},
    {.key = "ask", .need = FIELD_REQUIRED, .read = read_ask},
    {.key = "answers", .read = read_ask_answers},
    {.key = NULL},
};

static const struct step_table {
    const char *key;
    enum step_kind kind;
    const struct field *fields;
} step_tables[] = {
    {"hold", STEP_HOLD, profile_hold_fields},
    {"tap", STEP_TAP, profile_tap_fields},
    {"wait", STEP_WAIT, profile_wait_fields},
    {"ask", STEP_ASK, profile_ask_fields},
};

static const struct step_table *step_table(const struct loading *loading,
                                           const struct yaml_node *node)
{
    const struct step_table *found = NULL;
    for (size_t i = 0; i < sizeof(step_tables) / sizeof(*step_tables); i++) {
        if (!yaml_get(node, step_tables[i].key)) {
            continue;
        }
        if (found) {
            diag_error(loading->diags, node->place, "split it into two steps",
                       "a step cannot both `%s` and `%s`", found->key, step_tables[i].key);
            return NULL;
        }
        found = &step_tables[i];
    }
    if (!found) {
        diag_error(loading->diags, node->place, "write what to do: hold, tap, wait or ask",
                   "this is not a known kind of step");
    }
    return found;
}

/* Answers go by name, so a procedure asks each name once. */
static void check_ask_name(const struct loading *loading, const struct procedure *procedure,
                           const struct yaml_node *node, const char *name)
{
    bool taken = false;
    for (size_t i = 0; i < procedure->requires_count; i++) {
        taken = taken || profile_same_name(procedure->requires[i].question.name, name);
    }
    for (size_t i = 0; i < procedure->step_count; i++) {
        const struct step *step = &procedure->steps[i];
        taken = taken || (step->kind == STEP_ASK && profile_same_name(step->ask.name, name));
    }
    if (taken) {
        diag_error(loading->diags, node->place, "give it another `name`",
                   "this procedure already asks `%s`", name);
    }
}

/* An early release that cannot happen. */
static void warn_not_before(const struct loading *loading, const struct yaml_node *node,
                            const struct step *step)
{
    if (step->has_release_on && step->not_before_ns >= step->for_ns) {
        diag_warning(loading->diags, yaml_get(node, "not_before")->place,
                     "make it earlier than `for`",
                     "`not_before` is not earlier than the end of the hold: no light can end it");
    }
}

static void read_step(const struct loading *loading, struct procedure *procedure,
                      const struct yaml_node *node, size_t index)
{
    if (!yaml_want(loading->diags, node, YAML_MAP, "a step")) {
        return;
    }
    const struct step_table *table = step_table(loading, node);
    if (!table) {
        return;
    }
    struct step step = {.kind = table->kind, .line = node->place.line};
    if (step.kind == STEP_TAP) {
        step.times = 1;
    } else if (step.kind == STEP_ASK) {
        step.ask.name = arena_printf(loading->arena, "step-%zu", index + 1);
    }
    if (!fields_read(loading, node, "a step", table->fields, &step)) {
        return;
    }
    if (step.kind == STEP_TAP && step.times > 1 && step.off_ns == 0) {
        yaml_require(loading->diags, node, "off");
    }
    warn_not_before(loading, node, &step);
    if (step.kind == STEP_ASK) {
        if (step.ask.answer_count == 0 && !question_known(step.ask.name)) {
            step.ask.answers[step.ask.answer_count++] = "done";
        }
        check_ask_name(loading, procedure, node, step.ask.name);
    }
    procedure->steps[procedure->step_count++] = step;
}

void profile_read_steps(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    struct procedure *procedure = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, "`steps`")) {
        return;
    }
    if (list->count == 0 || list->count > PROFILE_STEPS_MAX) {
        diag_error(loading->diags, list->place, "say what is pressed, and for how long",
                   "%zu steps; there must be 1 to %d", list->count, PROFILE_STEPS_MAX);
        return;
    }
    procedure->steps = arena_array(loading->arena, list->count, sizeof(*procedure->steps));
    for (size_t i = 0; i < list->count; i++) {
        read_step(loading, procedure, list->items[i], i);
    }
}
