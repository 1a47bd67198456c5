/* Loads what a procedure expects: LED, sound, Bluetooth. */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/profile/profile_internal.h"
#include "rig/signal/services.h"

#include <stdio.h>
#include <string.h>

enum { TODO_MAX = 256 };

/* These defaults are the rig's own, not from a source; SCHEMA.md says so too. */
#define SOUND_SHORTEST_NS (300 * NS_PER_MS)
#define UNKNOWN_LINGER_NS (10 * NS_PER_S)

/* ---- one expectation -------------------------------------------------------------------- */

static void read_pattern(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct expectation *expectation = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "`pattern`")) {
        return;
    }
    size_t at = 0;
    const char *wrong = pattern_parse(node->text, &expectation->pattern, &at);
    if (wrong) {
        diag_error(loading->diags, node->place, "write a pattern such as `blue x2, white x1`",
                   "pattern `%s` %s, at character %zu", node->text, wrong, at + 1);
    }
}

static void read_extra(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    struct expectation *expectation = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    const struct yaml_node *const *items = (const struct yaml_node *const *)node->items;
    size_t count = node->count;
    if (node->kind == YAML_SCALAR) {
        items = &node;
        count = 1;
    } else if (!yaml_want(loading->diags, node, YAML_LIST, "`extra`")) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (fields_is_word(items[i], "before")) {
            expectation->extra |= EXTRA_BEFORE;
        } else if (fields_is_word(items[i], "after")) {
            expectation->extra |= EXTRA_AFTER;
        } else {
            diag_error(loading->diags, items[i]->place, "write before, after or both",
                       "`extra` says where surplus flashes do not count");
        }
    }
    if ((expectation->extra & EXTRA_AFTER) && pattern_claims_end(&expectation->pattern)) {
        diag_error(loading->diags, node->place, "remove one of the two",
                   "`extra: after` allows the flashes that the pattern's end forbids");
    }
}

/* A light that must be solid and then dark after its window has to end. */
static void end_before_dark(const struct loading *loading, const struct yaml_node *node,
                            struct expectation *expectation)
{
    struct pattern *pattern = &expectation->pattern;
    if (pattern->count == 0) {
        return;
    }
    enum segment_kind last = pattern->segments[pattern->count - 1].kind;
    if (last == SEGMENT_STAYS) {
        diag_error(loading->diags, node->place, "remove one of the two",
                   "a light that stays on cannot be `dark` after its window");
    } else if (last == SEGMENT_SOLID && pattern->count < PATTERN_SEGMENTS_MAX) {
        pattern->segments[pattern->count++] = (struct segment){.kind = SEGMENT_OFF};
    }
}

/* How long it stays dark after the window. */
static void read_dark(const struct loading *loading, const struct field *field,
                      const struct yaml_node *map, void *object)
{
    struct expectation *expectation = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!yaml_get_duration(loading->diags, map, field->key, 0, PROFILE_TIME_MAX_NS,
                           &expectation->dark_ns)) {
        return;
    }
    if (expectation->dark_ns > 0) {
        end_before_dark(loading, node, expectation);
    }
    if (expectation->extra & EXTRA_AFTER) {
        diag_error(loading->diags, node->place, "remove one of the two",
                   "`extra: after` allows the flashes that `dark` forbids");
    }
}

#define AFTER_FIELD                                                                                \
    {                                                                                              \
        .key = "after", .read = profile_read_after                                                 \
    }
#define WITHIN_FIELD(needed_or_not)                                                                \
    {                                                                                              \
        .key = "within", .need = (needed_or_not), .read = fields_duration,                         \
        .offset = offsetof(struct expectation, within_ns), .min = NS_PER_MS,                       \
        .max = PROFILE_TIME_MAX_NS                                                                 \
    }
#define NEEDED_FIELD                                                                               \
    {                                                                                              \
        .key = "needed", .read = fields_bool, .offset = offsetof(struct expectation, needed)       \
    }

const struct field profile_led_fields[] = {
    {.key = "pattern", .need = FIELD_REQUIRED, .read = read_pattern},
    {.key = "extra", .read = read_extra},
    {.key = "dark", .read = read_dark},
    AFTER_FIELD,
    WITHIN_FIELD(FIELD_REQUIRED),
    NEEDED_FIELD,
    {.key = NULL},
};

const struct field profile_sound_fields[] = {
    {.key = "prompt",
     .need = FIELD_REQUIRED,
     .read = fields_sentence,
     .offset = offsetof(struct expectation, prompt)},
    {.key = "at_least",
     .read = fields_duration,
     .offset = offsetof(struct expectation, min_ns),
     .min = NS_PER_MS,
     .max = 60 * NS_PER_S},
    AFTER_FIELD,
    WITHIN_FIELD(FIELD_REQUIRED),
    NEEDED_FIELD,
    {.key = NULL},
};

/* How long watching continues after the last event for what can be undone, if a source says so. */
#define STEADY_FIELDS                                                                              \
    {.key = "steady_for",                                                                          \
     .read = fields_duration,                                                                      \
     .offset = offsetof(struct expectation, steady_ns),                                            \
     .min = PROFILE_STEADY_LEAST_NS,                                                               \
     .max = PROFILE_TIME_MAX_NS},                                                                  \
    {                                                                                              \
        .key = "source", .read = profile_read_source,                                              \
        .offset = offsetof(struct expectation, steady_source)                                      \
    }

const struct field profile_radio_fields[] = {
    AFTER_FIELD, WITHIN_FIELD(FIELD_OPTIONAL), STEADY_FIELDS, NEEDED_FIELD, {.key = NULL},
};

const struct field profile_discoverable_fields[] = {
    {.key = "name", .read = fields_sentence, .offset = offsetof(struct expectation, name)},
    AFTER_FIELD,
    WITHIN_FIELD(FIELD_OPTIONAL),
    STEADY_FIELDS,
    NEEDED_FIELD,
    {.key = NULL},
};

/* `has: [a2dp_sink, avrcp]` */
static void read_services(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    struct expectation *expectation = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, "`has`")) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *item = list->items[i];
        char todo[TODO_MAX];
        size_t at = 0;
        if (!yaml_want(loading->diags, item, YAML_SCALAR, "a service")) {
            continue;
        }
        while (at < SERVICES_COUNT && strcmp(service_words[at], item->text) != 0) {
            at++;
        }
        if (at == SERVICES_COUNT) {
            diag_error(
                loading->diags, item->place,
                fields_suggest(todo, sizeof(todo), item->text, service_words, SERVICES_COUNT, ""),
                "`%s` is not a known service", item->text);
            continue;
        }
        expectation->services |= 1U << at;
    }
    if (list->count == 0) {
        diag_error(loading->diags, list->place, "name one, or leave `services` out",
                   "no service is expected");
    }
}

const struct field profile_services_fields[] = {
    {.key = "has", .need = FIELD_REQUIRED, .read = read_services},
    AFTER_FIELD,
    WITHIN_FIELD(FIELD_OPTIONAL),
    STEADY_FIELDS,
    NEEDED_FIELD,
    {.key = NULL},
};

static struct expectation start(const struct procedure *procedure, enum expect_kind kind,
                                const struct yaml_node *node)
{
    return (struct expectation){
        .kind = kind,
        .line = node->place.line,
        .needed = true,
        .anchor = profile_default_anchor(procedure),
        .min_ns = kind == EXPECT_SOUND ? SOUND_SHORTEST_NS : 0,
    };
}

/* The source makes no claim: watch from the press on, for a while longer, and record. */
static struct expectation unknown(const struct procedure *procedure, enum expect_kind kind,
                                  const struct yaml_node *node)
{
    struct expectation expectation = start(procedure, kind, node);
    expectation.unknown = true;
    expectation.needed = false;
    expectation.anchor = ANCHOR_PRESS;
    expectation.within_ns = profile_last_press_ns(procedure) + UNKNOWN_LINGER_NS;
    return expectation;
}

/* Keep it if it was read without errors; `node` is where its window is written. */
static void add(const struct loading *loading, struct procedure *procedure,
                const struct yaml_node *node, const struct expectation *expectation)
{
    if (!expectation->unknown) {
        profile_check_window(loading, procedure, node, expectation);
    }
    procedure->expect[procedure->expect_count++] = *expectation;
}

static void read_one(const struct loading *loading, struct procedure *procedure,
                     const struct yaml_node *node, enum expect_kind kind,
                     const struct field *fields)
{
    struct expectation expectation = start(procedure, kind, node);
    if (fields_is_word(node, "unknown")) {
        expectation = unknown(procedure, kind, node);
    } else if (node->kind == YAML_SCALAR) {
        char what[NAME_TEXT_MAX];
        snprintf(what, sizeof(what), "`%s`", expect_kind_name(kind));
        diag_error(loading->diags, node->place,
                   "write a map such as { within: 3 s, ... }, or `unknown`", "%s is `%s`", what,
                   node->text);
        return;
    } else if (!fields_read(loading, node, expect_kind_name(kind), fields, &expectation)) {
        return;
    }
    add(loading, procedure, node, &expectation);
}

/* ---- led, sound ------------------------------------------------------------------------- */

static void read_led(const struct loading *loading, const struct field *field,
                     const struct yaml_node *map, void *object)
{
    read_one(loading, object, yaml_get(map, field->key), EXPECT_LED, profile_led_fields);
}

static void read_sound(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    read_one(loading, object, yaml_get(map, field->key), EXPECT_SOUND, profile_sound_fields);
}

/* ---- bluetooth -------------------------------------------------------------------------- */

/* The kind with that name; -1 with an error when there is none. */
static int radio_word(const struct loading *loading, const struct yaml_node *key)
{
    const char *words[EXPECT_KINDS];
    size_t count = 0;
    for (int kind = 0; kind < EXPECT_KINDS; kind++) {
        const struct expect_trait *trait = expect_trait((enum expect_kind)kind);
        if (trait->sense != SENSE_RADIO) {
            continue;
        }
        words[count++] = trait->name;
        if (strcmp(trait->name, key->text) == 0) {
            return kind;
        }
    }
    char todo[TODO_MAX];
    diag_error(loading->diags, key->place,
               fields_suggest(todo, sizeof(todo), key->text, words, count, ""),
               "`%s` is not something the radio can observe", key->text);
    return -1;
}

static bool radio_repeats(const struct procedure *procedure, const struct expectation *other)
{
    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *one = &procedure->expect[i];
        bool same_name = one->name && other->name ? strcmp(one->name, other->name) == 0
                                                  : one->name == other->name;
        if (one->kind == other->kind && same_name) {
            return true;
        }
    }
    return false;
}

/* `disconnects`, or `disconnects: { within: 3 s }`, or `disconnects: unknown`. */
static void read_radio(const struct loading *loading, struct procedure *procedure,
                       const struct yaml_node *node)
{
    const struct yaml_node *key = node;
    const struct yaml_node *value = NULL;
    if (node->kind == YAML_MAP && node->count == 1) {
        key = map_key(node, 0);
        value = node->items[0];
    } else if (node->kind != YAML_SCALAR) {
        diag_error(loading->diags, node->place, "write `disconnects: { within: 3 s }`",
                   "an item of `bluetooth` is one word, or one word and its window");
        return;
    }
    int word = radio_word(loading, key);
    if (word < 0) {
        return;
    }
    enum expect_kind kind = (enum expect_kind)word;
    struct expectation expectation = start(procedure, kind, key);
    expectation.within_ns = expect_trait(kind)->within_ns;
    const struct field *fields = kind == EXPECT_DISCOVERABLE ? profile_discoverable_fields
                                 : kind == EXPECT_SERVICES   ? profile_services_fields
                                                             : profile_radio_fields;
    if (value && fields_is_word(value, "unknown")) {
        expectation = unknown(procedure, kind, key);
    } else if (value && !fields_read(loading, value, key->text, fields, &expectation)) {
        return;
    } else if (!value && kind == EXPECT_SERVICES) {
        diag_error(loading->diags, key->place, "write `services: { has: [a2dp_sink] }`",
                   "`services` does not say which");
        return;
    }
    if (expectation.steady_ns && !expectation.steady_source.id) {
        diag_error(
            loading->diags, key->place, "add `source: ` and the id of the source",
            "`steady_for` says how long `%s` is watched, but no source says that this is enough",
            key->text);
        return;
    }
    if (radio_repeats(procedure, &expectation)) {
        diag_error(loading->diags, key->place, "expect it once", "`%s` is listed twice", key->text);
        return;
    }
    add(loading, procedure, key, &expectation);
}

/* Pairing again deletes the old key, which then cannot be tried to the end. */
static void check_kept(const struct loading *loading, const struct procedure *procedure,
                       const struct yaml_node *list)
{
    static const enum expect_kind anew[] = {EXPECT_PAIRS, EXPECT_SERVICES};
    const struct expectation *kept = profile_expectation(procedure, EXPECT_BOND_KEPT);

    for (size_t i = 0; kept && !kept->unknown && i < sizeof(anew) / sizeof(anew[0]); i++) {
        const struct expectation *other = profile_expectation(procedure, anew[i]);
        if (other && !other->unknown) {
            diag_error(loading->diags, list->place, "expect it in a procedure of its own",
                       "`%s` deletes the old key, so `bond_kept` cannot be tested to the end",
                       expect_kind_name(anew[i]));
        }
    }
}

static void read_bluetooth(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    struct procedure *procedure = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (fields_is_word(list, "unknown")) {
        return;
    }
    if (!yaml_want(loading->diags, list, YAML_LIST, "`bluetooth`")) {
        return;
    }
    if (list->count + 2 > PROFILE_EXPECT_MAX) {
        diag_error(loading->diags, list->place, "leave some out", "more than %d expectations",
                   PROFILE_EXPECT_MAX);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        read_radio(loading, procedure, list->items[i]);
    }
    const struct expectation *rejected = profile_expectation(procedure, EXPECT_BOND_REJECTED);
    const struct expectation *kept = profile_expectation(procedure, EXPECT_BOND_KEPT);
    if (rejected && kept && !rejected->unknown && !kept->unknown) {
        diag_error(loading->diags, list->place, "keep one of the two",
                   "`bond_rejected` and `bond_kept` cannot both be expected");
    }
    check_kept(loading, procedure, list);
    profile_warn_early(loading, procedure, list);
}

/* ---- without a bond --------------------------------------------------------------------- */

/* `without_bond: [led, discoverable]`: each is expected, and needs no bond. */
static void read_without_bond(const struct loading *loading, const struct field *field,
                              const struct yaml_node *map, void *object)
{
    struct procedure *procedure = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, "`without_bond`")) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *item = list->items[i];
        int kind = 0;
        if (!yaml_want(loading->diags, item, YAML_SCALAR, "an item of `without_bond`")) {
            continue;
        }
        while (kind < EXPECT_KINDS &&
               strcmp(expect_kind_name((enum expect_kind)kind), item->text) != 0) {
            kind++;
        }
        const struct expectation *claimed =
            kind < EXPECT_KINDS ? profile_expectation(procedure, (enum expect_kind)kind) : NULL;
        if (!claimed || claimed->unknown) {
            diag_error(loading->diags, item->place, "name what this procedure expects",
                       "`%s` is not expected, so it cannot suffice", item->text);
        } else if (expect_trait(claimed->kind)->needs & RADIO_NEED_BOND) {
            diag_error(loading->diags, item->place, "name what needs no bond, such as led",
                       "`%s` needs a bond", item->text);
        } else {
            procedure->without_bond |= 1U << kind;
        }
    }
}

/* ---- all together ----------------------------------------------------------------------- */

/* The LED first: the windows of the others may depend on it. */
const struct field profile_expect_fields[] = {
    {.key = "led", .read = read_led},
    {.key = "sound", .read = read_sound},
    {.key = "bluetooth", .read = read_bluetooth},
    {.key = "without_bond", .read = read_without_bond},
    {.key = NULL},
};

void profile_read_expect(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct procedure *procedure = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    procedure->expect = arena_array(loading->arena, PROFILE_EXPECT_MAX, sizeof(*procedure->expect));
    fields_read(loading, node, "`expect`", profile_expect_fields, procedure);
    profile_warn_release_on(loading, procedure, yaml_get(map, "steps"));
}
