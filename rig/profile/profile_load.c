/* Loads the document: its model, sources, controls and hazards. */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/profile/profile_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { TODO_MAX = 256 };

bool profile_same_name(const char *name, const char *other)
{
    return text_equal_nocase(name, other);
}

/* ---- sources ---------------------------------------------------------------------------- */

static void read_sources(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct profile *profile = object;
    const struct yaml_node *sources = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, sources, YAML_MAP, "`sources`")) {
        return;
    }
    if (sources->count > PROFILE_SOURCES_MAX) {
        diag_error(loading->diags, sources->place, "leave some out", "more than %d sources",
                   PROFILE_SOURCES_MAX);
        return;
    }
    profile->sources = arena_array(loading->arena, sources->count, sizeof(*profile->sources));
    for (size_t i = 0; i < sources->count; i++) {
        if (!fields_check_name(loading->diags, map_key(sources, i), "the id of a source") ||
            !fields_check_sentence(loading->diags, sources->items[i], "the sentence of a source")) {
            continue;
        }
        profile->sources[profile->source_count++] =
            (struct source){.id = map_key(sources, i)->text, .note = sources->items[i]->text};
    }
}

/* `id` must be one of the profile's sources. */
static void read_source_id(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    const struct profile *profile = loading->owner;
    const struct yaml_node *node = yaml_get(map, field->key);
    struct source *source = object;
    if (!fields_check_name(loading->diags, node, "the id of a source")) {
        return;
    }
    const char *known[PROFILE_SOURCES_MAX];
    for (size_t i = 0; i < profile->source_count; i++) {
        known[i] = profile->sources[i].id;
        if (strcmp(known[i], node->text) == 0) {
            source->id = known[i];
            return;
        }
    }
    if (profile->source_count == 0) {
        return; /* missing or wrong `sources` has been reported already */
    }
    const char *nearest = text_nearest(node->text, known, profile->source_count);
    char todo[TODO_MAX];
    if (nearest) {
        snprintf(todo, sizeof(todo), "did you mean `%s`?", nearest);
    } else {
        snprintf(todo, sizeof(todo), "add it to `sources` with a sentence that says what it is");
    }
    diag_error(loading->diags, node->place, todo, "source `%s` is not in `sources`", node->text);
}

const struct field profile_source_fields[] = {
    {.key = "id", .need = FIELD_REQUIRED, .read = read_source_id},
    {.key = "note", .read = fields_sentence, .offset = offsetof(struct source, note)},
    {.key = NULL},
};

void profile_read_source(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct source *source = (void *)((char *)object + field->offset);
    const struct yaml_node *node = yaml_get(map, field->key);
    if (node->kind == YAML_SCALAR) {
        read_source_id(loading, field, map, source);
    } else {
        fields_read(loading, node, "`source`", profile_source_fields, source);
    }
}

/* ---- controls --------------------------------------------------------------------------- */

static const char *const control_kinds[] = {
    [CONTROL_BUTTON] = "button", [CONTROL_TOUCH] = "touch", [CONTROL_TOUCH + 1] = NULL};

/* Is the name not yet used by a control, as its name or alias? */
static bool control_name_free(const struct loading *loading, const struct yaml_node *node)
{
    if (profile_control(loading->owner, node->text) >= 0) {
        diag_error(loading->diags, node->place, "give each control and alias its own name",
                   "there is already a control `%s`", node->text);
        return false;
    }
    return true;
}

static void read_aliases(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct control *control = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, "`aliases`")) {
        return;
    }
    if (list->count > PROFILE_LIST_MAX) {
        diag_error(loading->diags, list->place, "leave some out", "more than %d aliases",
                   PROFILE_LIST_MAX);
        return;
    }
    const char **aliases = arena_array(loading->arena, list->count + 1, sizeof(*aliases));
    /* The control is already in the profile, with the aliases so far: one loop checks them all. */
    control->aliases = aliases;
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *node = list->items[i];
        if (fields_check_name(loading->diags, node, "an alias") &&
            control_name_free(loading, node)) {
            aliases[control->alias_count++] = node->text;
        }
    }
}

static const struct field control_fields[] = {
    {.key = "kind",
     .need = FIELD_REQUIRED,
     .read = fields_word,
     .offset = offsetof(struct control, kind),
     .words = control_kinds},
    {.key = "max_hold",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
     .offset = offsetof(struct control, max_hold_ns),
     .min = 10 * NS_PER_MS,
     .max = 60 * NS_PER_S},
    {.key = "aliases", .read = read_aliases},
    {.key = "note", .read = fields_sentence, .offset = offsetof(struct control, note)},
    {.key = NULL},
};

static void read_controls(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    struct profile *profile = object;
    const struct yaml_node *controls = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, controls, YAML_MAP, "`controls`")) {
        return;
    }
    if (controls->count == 0 || controls->count > PROFILE_CONTROLS_MAX) {
        diag_error(loading->diags, controls->place, "name each button or sensor that is pressed",
                   "%zu controls; there must be 1 to %d", controls->count, PROFILE_CONTROLS_MAX);
        return;
    }
    profile->controls = arena_array(loading->arena, controls->count, sizeof(*profile->controls));
    for (size_t i = 0; i < controls->count; i++) {
        const struct yaml_node *key = map_key(controls, i);
        if (fields_check_name(loading->diags, key, "the name of a control") &&
            control_name_free(loading, key)) {
            struct control *control = &profile->controls[profile->control_count++];
            control->name = key->text;
            fields_read(loading, controls->items[i], "a control", control_fields, control);
        }
    }
}

static control_mask control_by_name(const struct loading *loading, const struct yaml_node *node)
{
    const struct profile *profile = loading->owner;
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "a control")) {
        return 0;
    }
    int index = profile_control(profile, node->text);
    if (index >= 0) {
        return UINT32_C(1) << index;
    }
    if (profile->control_count == 0) {
        return 0; /* missing or wrong `controls` has been reported already */
    }
    const char *names[PROFILE_CONTROLS_MAX];
    for (size_t i = 0; i < profile->control_count; i++) {
        names[i] = profile->controls[i].name;
    }
    char todo[TODO_MAX];
    diag_error(loading->diags, node->place,
               fields_suggest(todo, sizeof(todo), node->text, names, profile->control_count,
                              "define it under `controls`"),
               "there is no control `%s`", node->text);
    return 0;
}

control_mask profile_read_controls(const struct loading *loading, const struct yaml_node *node,
                                   const char *what)
{
    if (node->kind == YAML_SCALAR) {
        return control_by_name(loading, node);
    }
    if (!yaml_want(loading->diags, node, YAML_LIST, what)) {
        return 0;
    }
    if (node->count == 0) {
        diag_error(loading->diags, node->place, "name the controls that are pressed together",
                   "%s does not name a control", what);
        return 0;
    }
    control_mask all = 0;
    bool good = true;
    for (size_t i = 0; i < node->count; i++) {
        control_mask one = control_by_name(loading, node->items[i]);
        if (one & all) {
            diag_error(loading->diags, node->items[i]->place, "name it once", "%s names `%s` twice",
                       what, node->items[i]->text);
        }
        good = good && one && !(one & all);
        all |= one;
    }
    return good ? all : 0;
}

/* ---- hazards ---------------------------------------------------------------------------- */

static const char *const hazard_grades[] = {[HAZARD_MODE] = "mode",
                                            [HAZARD_ERASES] = "erases",
                                            [HAZARD_BRICKS] = "bricks",
                                            [HAZARD_BRICKS + 1] = NULL};

static void read_hazard_hold(const struct loading *loading, const struct field *field,
                             const struct yaml_node *map, void *object)
{
    struct hazard *hazard = object;
    hazard->hold = profile_read_controls(loading, yaml_get(map, field->key), "`hold`");
}

static const struct field when_fields[] = {
    {.key = "hold", .need = FIELD_REQUIRED, .read = read_hazard_hold},
    {.key = "longer_than",
     .read = fields_duration,
     .offset = offsetof(struct hazard, longer_than_ns),
     .min = 0,
     .max = 60 * NS_PER_S},
    {.key = NULL},
};

/* A hazard that no hold can reach is most likely a typo in one of the two numbers. */
static void check_threshold(const struct loading *loading, const struct yaml_node *when,
                            const struct hazard *hazard)
{
    const struct profile *profile = loading->owner;
    for (size_t i = 0; i < profile->control_count; i++) {
        const struct control *control = &profile->controls[i];
        if ((hazard->hold & (UINT32_C(1) << i)) && control->max_hold_ns &&
            hazard->longer_than_ns >= control->max_hold_ns) {
            char limit[DURATION_TEXT_MAX];
            diag_warning(loading->diags, yaml_get(when, "longer_than")->place, "check both numbers",
                         "this cannot happen: `max_hold` of `%s` is %s", control->name,
                         units_duration_format(limit, control->max_hold_ns));
        }
    }
}

static void read_when(const struct loading *loading, const struct field *field,
                      const struct yaml_node *map, void *object)
{
    const struct yaml_node *when = yaml_get(map, field->key);
    if (fields_read(loading, when, "`when`", when_fields, object)) {
        check_threshold(loading, when, object);
    }
}

static void read_hazard_id(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    const struct profile *profile = loading->owner;
    const struct yaml_node *node = yaml_get(map, field->key);
    struct hazard *hazard = object;
    if (!fields_check_name(loading->diags, node, "the id of a hazard")) {
        return;
    }
    for (size_t i = 0; i < profile->hazard_count; i++) {
        const char *id = profile->hazards[i].id;
        if (id && profile_same_name(id, node->text)) {
            diag_error(loading->diags, node->place, "give each hazard its own id",
                       "there is already a hazard `%s`", node->text);
        }
    }
    hazard->id = node->text;
}

static const struct field hazard_fields[] = {
    {.key = "id", .need = FIELD_REQUIRED, .read = read_hazard_id},
    {.key = "when", .need = FIELD_REQUIRED, .read = read_when},
    {.key = "grade",
     .need = FIELD_REQUIRED,
     .read = fields_word,
     .offset = offsetof(struct hazard, grade),
     .words = hazard_grades},
    {.key = "risk",
     .need = FIELD_REQUIRED,
     .read = fields_sentence,
     .offset = offsetof(struct hazard, risk)},
    {.key = "source",
     .need = FIELD_REQUIRED,
     .read = profile_read_source,
     .offset = offsetof(struct hazard, source)},
    {.key = NULL},
};

static void read_hazards(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct profile *profile = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, "`hazards`")) {
        return;
    }
    if (list->count > PROFILE_HAZARDS_MAX) {
        diag_error(loading->diags, list->place, "leave some out", "more than %d hazards",
                   PROFILE_HAZARDS_MAX);
        return;
    }
    profile->hazards = arena_array(loading->arena, list->count, sizeof(*profile->hazards));
    for (size_t i = 0; i < list->count; i++) {
        struct hazard hazard = {0};
        fields_read(loading, list->items[i], "a hazard", hazard_fields, &hazard);
        profile->hazards[profile->hazard_count++] = hazard;
    }
}

/* ---- the document ----------------------------------------------------------------------- */

static const struct field bluetooth_fields[] = {
    {.key = "name",
     .need = FIELD_REQUIRED,
     .read = fields_sentence,
     .offset = offsetof(struct profile, bluetooth_name)},
    {.key = "le_name", .read = fields_sentence, .offset = offsetof(struct profile, le_name)},
    {.key = NULL},
};

static void read_bluetooth(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    fields_read(loading, yaml_get(map, field->key), "`bluetooth`", bluetooth_fields, object);
}

static const struct field document_fields[] = {
    {.key = "model",
     .need = FIELD_REQUIRED,
     .read = fields_model,
     .offset = offsetof(struct profile, model)},
    {.key = "family",
     .need = FIELD_REQUIRED,
     .read = fields_name,
     .offset = offsetof(struct profile, family)},
    {.key = "bluetooth", .read = read_bluetooth},
    {.key = "sources", .need = FIELD_REQUIRED, .read = read_sources},
    {.key = "controls", .need = FIELD_REQUIRED, .read = read_controls},
    {.key = "hazards", .read = read_hazards},
    {.key = "procedures", .need = FIELD_REQUIRED, .read = profile_read_procedures},
    {.key = NULL},
};

const struct field_table *profile_tables(void)
{
    static const struct field_table tables[] = {
        {"profile", document_fields},
        {"bluetooth", bluetooth_fields},
        {"control", control_fields},
        {"hazard", hazard_fields},
        {"when", when_fields},
        {"source", profile_source_fields},
        {"procedure", profile_procedure_fields},
        {"requirement", profile_requirement_fields},
        {"retry", profile_retry_fields},
        {"other cooldown", profile_cooldown_fields},
        {"hold step", profile_hold_fields},
        {"tap step", profile_tap_fields},
        {"wait step", profile_wait_fields},
        {"ask step", profile_ask_fields},
        {"expect", profile_expect_fields},
        {"led", profile_led_fields},
        {"sound", profile_sound_fields},
        {"bluetooth expectation", profile_radio_fields},
        {"services", profile_services_fields},
        {"discoverable", profile_discoverable_fields},
        {NULL, NULL},
    };
    return tables;
}

/* The arena holds the tree and the profile, which borrows the tree's texts. */
static struct profile *load(struct diags *diags, struct arena *arena, const char *path,
                            const char *text, size_t length, size_t errors_before)
{
    struct profile *profile = arena_alloc(arena, sizeof(*profile));
    const struct yaml_node *root = text ? yaml_read_text(arena, diags, path, text, length) : NULL;
    if (root) {
        struct loading loading = {.arena = arena, .diags = diags, .owner = profile};
        fields_read(&loading, root, "a profile", document_fields, profile);
    }
    if (diags->errors != errors_before) {
        arena_free(arena);
        return NULL;
    }
    assert(root && profile->model && profile->procedure_count > 0);
    profile->path = path;
    profile->text = text;
    profile->text_length = length;
    profile->arena = *arena;
    return profile;
}

struct profile *profile_load(struct diags *diags, const char *path)
{
    size_t errors = diags->errors;
    struct arena arena = ARENA_INIT;
    const char *own_path = arena_strdup(&arena, path);
    size_t length;
    const char *text = yaml_file_text(&arena, diags, own_path, &length);
    return load(diags, &arena, own_path, text, length, errors);
}

struct profile *profile_load_text(struct diags *diags, const char *name, const char *text,
                                  size_t length)
{
    size_t errors = diags->errors;
    struct arena arena = ARENA_INIT;
    const char *own_name = arena_strdup(&arena, name);
    const char *own_text = arena_strndup(&arena, text, length);
    return load(diags, &arena, own_name, own_text, length, errors);
}
