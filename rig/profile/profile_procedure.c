/* Loads a procedure: its purpose, its requirements, and the parts read by other files. */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/profile/profile_internal.h"

#include <stdio.h>
#include <string.h>

enum { TODO_MAX = 256 };

static const char *const procedure_kinds[] = {
    [KIND_SOFT] = "soft",       [KIND_NETWORK] = "network", [KIND_FACTORY] = "factory",
    [KIND_PAIRING] = "pairing", [KIND_OTHER] = "other",     [KIND_OTHER + 1] = NULL};

/* ---- preserves, clears, intends --------------------------------------------------------- */

struct effects {
    const char *const *items;
    size_t count;
    bool unknown;
};

static struct effects read_effects(const struct loading *loading, const struct yaml_node *node,
                                   const char *what)
{
    struct effects effects = {0};
    if (fields_is_word(node, "unknown")) {
        effects.unknown = true;
        return effects;
    }
    if (node->kind == YAML_SCALAR) {
        diag_error(loading->diags, node->place, "write a list such as [eq, anc], or `unknown`",
                   "%s is `%s`", what, node->text);
        return effects;
    }
    if (!yaml_want(loading->diags, node, YAML_LIST, what)) {
        return effects;
    }
    if (node->count > PROFILE_LIST_MAX) {
        diag_error(loading->diags, node->place, "leave some out", "%s has more than %d items", what,
                   PROFILE_LIST_MAX);
        return effects;
    }
    const char **items = arena_array(loading->arena, node->count + 1, sizeof(*items));
    effects.items = items;
    for (size_t i = 0; i < node->count; i++) {
        if (fields_check_name(loading->diags, node->items[i], what)) {
            items[effects.count++] = node->items[i]->text;
        }
    }
    return effects;
}

static void read_preserves(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    struct procedure *procedure = object;
    struct effects effects = read_effects(loading, yaml_get(map, field->key), "`preserves`");
    procedure->preserves = effects.items;
    procedure->preserves_count = effects.count;
    procedure->preserves_unknown = effects.unknown;
}

static void read_clears(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    struct procedure *procedure = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    struct effects effects = read_effects(loading, node, "`clears`");
    procedure->clears = effects.items;
    procedure->clears_count = effects.count;
    procedure->clears_unknown = effects.unknown;
    for (size_t i = 0; i < effects.count; i++) {
        for (size_t k = 0; k < procedure->preserves_count; k++) {
            if (profile_same_name(effects.items[i], procedure->preserves[k])) {
                diag_error(loading->diags, node->place, "keep one of the two",
                           "`%s` is both preserved and cleared", effects.items[i]);
            }
        }
    }
}

static void read_intends(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    const struct profile *profile = loading->owner;
    struct procedure *procedure = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, "`intends`")) {
        return;
    }
    const char *ids[PROFILE_HAZARDS_MAX];
    size_t id_count = 0;
    for (size_t h = 0; h < profile->hazard_count; h++) {
        if (profile->hazards[h].id) {
            ids[id_count++] = profile->hazards[h].id;
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *node = list->items[i];
        if (!fields_check_name(loading->diags, node, "the id of a hazard")) {
            continue;
        }
        bool found = false;
        for (size_t h = 0; h < profile->hazard_count; h++) {
            const struct hazard *hazard = &profile->hazards[h];
            if (!hazard->id || strcmp(hazard->id, node->text) != 0) {
                continue;
            }
            found = true;
            if (hazard->grade == HAZARD_BRICKS) {
                diag_error(loading->diags, node->place,
                           "remove it: only the operator can accept it, for one run",
                           "no procedure may intend `%s`, which can brick the unit", node->text);
            }
            procedure->intends |= UINT32_C(1) << h;
        }
        if (!found) {
            char todo[TODO_MAX];
            diag_error(loading->diags, node->place,
                       fields_suggest(todo, sizeof(todo), node->text, ids, id_count,
                                      "define it under `hazards`"),
                       "there is no hazard `%s`", node->text);
        }
    }
}

/* ---- requires --------------------------------------------------------------------------- */

bool profile_read_answers(const struct loading *loading, const struct yaml_node *list,
                          struct question *question)
{
    if (!yaml_want(loading->diags, list, YAML_LIST, "`answers`")) {
        return false;
    }
    if (list->count == 0 || list->count > QUESTION_ANSWERS_MAX) {
        diag_error(loading->diags, list->place, "write a list such as [yes, no]",
                   "%zu answers; there must be 1 to %d", list->count, QUESTION_ANSWERS_MAX);
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *node = list->items[i];
        char canonical[ANSWER_TEXT_MAX];
        if (!fields_check_name(loading->diags, node, "an answer")) {
            return false;
        }
        if (strlen(node->text) >= sizeof(canonical)) {
            diag_error(loading->diags, node->place, "write a shorter answer",
                       "answer `%s` is longer than %zu bytes", node->text, sizeof(canonical) - 1);
            return false;
        }
        if (question->answer_count && question_accepts(question, node->text, canonical)) {
            diag_error(loading->diags, node->place, "name each answer once",
                       "answer `%s` is listed twice", node->text);
            return false;
        }
        char *lower = arena_strdup(loading->arena, node->text);
        for (char *c = lower; *c; c++) {
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
        }
        question->answers[question->answer_count++] = lower;
    }
    return true;
}

static void read_prompt(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    struct requirement *requirement = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (fields_check_sentence(loading->diags, node, "`ask`")) {
        requirement->question.prompt = node->text;
    }
}

static void read_own_answers(const struct loading *loading, const struct field *field,
                             const struct yaml_node *map, void *object)
{
    struct requirement *requirement = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (question_known(requirement->question.name)) {
        diag_error(loading->diags, node->place, "remove `answers`",
                   "question `%s` has its own answers", requirement->question.name);
        return;
    }
    profile_read_answers(loading, node, &requirement->question);
}

/* `>= 20 %`: a sufficient battery level. */
static void read_at_least(const struct loading *loading, const struct yaml_node *node,
                          struct requirement *requirement)
{
    static const char todo[] = "write `\">= 20 %\"`, or `any` to only record it";

    if (node->kind != YAML_SCALAR || strncmp(node->text, ">=", 2) != 0) {
        diag_error(loading->diags, node->place, todo, "`%s` is not compared with a percentage",
                   requirement->question.name);
        return;
    }
    const char *wrong = units_percent_parse(node->text + 2 + strspn(node->text + 2, " "),
                                            &requirement->at_least_x100);
    if (wrong) {
        diag_error(loading->diags, node->place, todo, "`%s` %s", node->text, wrong);
    }
}

static void read_accepted_answer(const struct loading *loading, const struct yaml_node *node,
                                 struct requirement *requirement, const char **accept)
{
    char canonical[ANSWER_TEXT_MAX];
    char choices[TODO_MAX];
    char todo[TODO_MAX + 16];
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "an accepted answer")) {
        return;
    }
    if (!question_accepts(&requirement->question, node->text, canonical)) {
        question_choices(&requirement->question, choices, sizeof(choices));
        snprintf(todo, sizeof(todo), "write %s", choices);
        diag_error(loading->diags, node->place, todo, "`%s` is not an answer to `%s`", node->text,
                   requirement->question.name);
        return;
    }
    for (size_t i = 0; i < requirement->accept_count; i++) {
        if (strcmp(accept[i], canonical) == 0) {
            diag_error(loading->diags, node->place, "name each answer once",
                       "answer `%s` is listed twice", node->text);
            return;
        }
    }
    accept[requirement->accept_count++] = arena_strdup(loading->arena, canonical);
}

/* Accepted answers: one, a list of them, `any`, or `>= 20 %`. */
static void read_accepted(const struct loading *loading, const struct yaml_node *node,
                          struct requirement *requirement)
{
    if (fields_is_word(node, "any")) {
        return;
    }
    if (requirement->question.answer_count == 0) {
        read_at_least(loading, node, requirement);
        return;
    }
    size_t count = node->kind == YAML_LIST ? node->count : 1;
    const char **accept = arena_array(loading->arena, count + 1, sizeof(*accept));
    requirement->accept = accept;
    if (node->kind != YAML_LIST) {
        read_accepted_answer(loading, node, requirement, accept);
        return;
    }
    if (node->count == 0) {
        diag_error(loading->diags, node->place, "list the accepted answers, or write `any`",
                   "no answer to `%s` is accepted", requirement->question.name);
    }
    for (size_t i = 0; i < node->count; i++) {
        read_accepted_answer(loading, node->items[i], requirement, accept);
    }
}

static void read_accept(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    struct requirement *requirement = object;
    if (question_known(requirement->question.name) || requirement->question.answer_count > 0) {
        read_accepted(loading, yaml_get(map, field->key), requirement);
    }
}

const struct field profile_requirement_fields[] = {
    {.key = "ask", .read = read_prompt},
    {.key = "answers", .read = read_own_answers},
    {.key = "accept", .need = FIELD_REQUIRED, .read = read_accept},
    {.key = NULL},
};

static void read_requirement(const struct loading *loading, const struct yaml_node *key,
                             const struct yaml_node *node, struct requirement *requirement)
{
    const struct question *known = question_known(key->text);
    *requirement = (struct requirement){.line = key->place.line, .at_least_x100 = -1};
    if (known) {
        requirement->question = *known;
        if (node->kind == YAML_MAP) {
            fields_read(loading, node, "a requirement", profile_requirement_fields, requirement);
        } else {
            read_accepted(loading, node, requirement);
        }
        return;
    }
    requirement->question.name = key->text;
    if (node->kind != YAML_MAP) {
        diag_error(loading->diags, node->place,
                   "say what is asked: { ask: \"...\", answers: [yes, no], accept: yes }",
                   "`%s` is not a well-known question", key->text);
        return;
    }
    if (!fields_read(loading, node, "a requirement", profile_requirement_fields, requirement)) {
        return;
    }
    /* A custom question needs both. */
    if (!requirement->question.prompt) {
        yaml_require(loading->diags, node, "ask");
    }
    if (requirement->question.answer_count == 0) {
        yaml_require(loading->diags, node, "answers");
    }
}

static void read_requires(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    struct procedure *procedure = object;
    const struct yaml_node *requires = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, requires, YAML_MAP, "`requires`")) {
        return;
    }
    if (requires->count > PROFILE_REQUIRES_MAX) {
        diag_error(loading->diags, requires->place, "leave some out", "more than %d requirements",
                   PROFILE_REQUIRES_MAX);
        return;
    }
    procedure->requires =
        arena_array(loading->arena, requires->count, sizeof(*procedure->requires));
    for (size_t i = 0; i < requires->count; i++) {
        const struct yaml_node *key = map_key(requires, i);
        if (fields_check_name(loading->diags, key, "the name of a question")) {
            read_requirement(loading, key, requires->items[i],
                             &procedure->requires[procedure->requires_count++]);
        }
    }
}

/* ---- retry ------------------------------------------------------------------------------ */

const struct field profile_cooldown_fields[] = {
    {.key = "cooldown",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
     .offset = offsetof(struct cooldown, cooldown_ns),
     .min = 0,
     .max = DURATION_MAX_NS},
    {.key = "source",
     .need = FIELD_REQUIRED,
     .read = profile_read_source,
     .offset = offsetof(struct cooldown, source)},
    {.key = NULL},
};

static void read_others(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    struct retry *retry = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, "`others`")) {
        return;
    }
    if (list->count > PROFILE_COOLDOWNS_MAX) {
        diag_error(loading->diags, list->place, "leave some out", "more than %d cooldowns",
                   PROFILE_COOLDOWNS_MAX);
        return;
    }
    retry->others = arena_array(loading->arena, list->count + 1, sizeof(*retry->others));
    for (size_t i = 0; i < list->count; i++) {
        struct cooldown *other = &retry->others[retry->other_count++];
        if (fields_read(loading, list->items[i], "a cooldown", profile_cooldown_fields, other) &&
            other->cooldown_ns > retry->cooldown_ns) {
            diag_error(loading->diags, list->items[i]->place,
                       "make the longest one the `cooldown` of the retry: that is the one used",
                       "it is longer than the retry's own cooldown");
        }
    }
}

const struct field profile_retry_fields[] = {
    {.key = "times",
     .need = FIELD_REQUIRED,
     .read = fields_int,
     .offset = offsetof(struct retry, times),
     .min = 0,
     .max = 20},
    {.key = "cooldown",
     .read = fields_duration,
     .offset = offsetof(struct retry, cooldown_ns),
     .min = 0,
     .max = DURATION_MAX_NS},
    {.key = "source", .read = profile_read_source, .offset = offsetof(struct retry, source)},
    {.key = "others", .read = read_others},
    {.key = NULL},
};

static void read_retry(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    struct procedure *procedure = object;
    procedure->retry.source.id = procedure->source.id; /* if it names none */
    fields_read(loading, yaml_get(map, field->key), "`retry`", profile_retry_fields,
                &procedure->retry);
}

/* ---- procedures ------------------------------------------------------------------------- */

const struct field profile_procedure_fields[] = {
    {.key = "kind",
     .need = FIELD_REQUIRED,
     .read = fields_word,
     .offset = offsetof(struct procedure, kind),
     .words = procedure_kinds},
    {.key = "title", .read = fields_sentence, .offset = offsetof(struct procedure, title)},
    {.key = "source",
     .need = FIELD_REQUIRED,
     .read = profile_read_source,
     .offset = offsetof(struct procedure, source)},
    {.key = "preserves", .read = read_preserves},
    {.key = "clears", .read = read_clears},
    {.key = "requires", .read = read_requires},
    {.key = "intends", .read = read_intends},
    {.key = "steps", .need = FIELD_REQUIRED, .read = profile_read_steps},
    {.key = "expect", .need = FIELD_REQUIRED, .read = profile_read_expect},
    {.key = "retry", .read = read_retry},
    {.key = "advice",
     .read = fields_sentences,
     .offset = offsetof(struct procedure, advice),
     .count_offset = offsetof(struct procedure, advice_count)},
    {.key = NULL},
};

void profile_read_procedures(const struct loading *loading, const struct field *field,
                             const struct yaml_node *map, void *object)
{
    struct profile *profile = object;
    const struct yaml_node *procedures = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, procedures, YAML_MAP, "`procedures`")) {
        return;
    }
    if (procedures->count == 0 || procedures->count > PROFILE_PROCEDURES_MAX) {
        diag_error(loading->diags, procedures->place, "describe what can be done to the unit",
                   "%zu procedures; there must be 1 to %d", procedures->count,
                   PROFILE_PROCEDURES_MAX);
        return;
    }
    profile->procedures =
        arena_array(loading->arena, procedures->count, sizeof(*profile->procedures));
    for (size_t i = 0; i < procedures->count; i++) {
        const struct yaml_node *key = map_key(procedures, i);
        if (!fields_check_name(loading->diags, key, "the name of a procedure")) {
            continue;
        }
        if (profile_procedure(profile, key->text)) {
            diag_error(loading->diags, key->place, "give each procedure its own name",
                       "there is already a procedure `%s`", key->text);
        }
        struct procedure *procedure = &profile->procedures[profile->procedure_count++];
        procedure->name = key->text;
        procedure->line = key->place.line;
        /* Missing means unknown. */
        procedure->preserves_unknown = !yaml_get(procedures->items[i], "preserves");
        procedure->clears_unknown = !yaml_get(procedures->items[i], "clears");
        fields_read(loading, procedures->items[i], "a procedure", profile_procedure_fields,
                    procedure);
    }
}
