/* What is to be seen after a procedure: LED, sound, Bluetooth. */
#include "rig/profile_internal.h"
#include "rig/services.h"
#include "rig/text.h"
#include "rig/units.h"

#include <stdio.h>
#include <string.h>

enum { TODO_MAX = 256 };

/* Defaults that are the rig's own, no source's: SCHEMA.md says so too. */
#define SOUND_SHORTEST_NS (300 * NS_PER_MS)
#define UNKNOWN_LINGER_NS (10 * NS_PER_S)
/* So much sooner than what is shown the link may drop: both are the effect's. */
#define EARLY_SLACK_NS NS_PER_S

/* ---- windows ---------------------------------------------------------------------------- */

/* `press`, `release+1.5 s`, `led - 200 ms`. NULL, or what is wrong. */
static const char *parse_after(const char *text, enum anchor *anchor, int64_t *after_ns)
{
    static const enum anchor anchors[] = {ANCHOR_PRESS, ANCHOR_RELEASE, ANCHOR_LED, ANCHOR_ANSWER,
                                          ANCHOR_WAIT};

    for (size_t i = 0; i < sizeof(anchors) / sizeof(*anchors); i++) {
        const char *name = anchor_name(anchors[i]);
        size_t length = strlen(name);
        if (strncmp(text, name, length) != 0) {
            continue;
        }
        const char *rest = text + length + strspn(text + length, " ");
        *anchor = anchors[i];
        *after_ns = 0;
        if (*rest == '\0') {
            return NULL;
        }
        if (*rest != '+' && *rest != '-') {
            return "names no instant";
        }
        const char *wrong = duration_parse(rest + 1 + strspn(rest + 1, " "), after_ns);
        if (wrong) {
            return wrong;
        }
        if (*after_ns > PROFILE_TIME_MAX_NS) {
            return "is more than an hour away";
        }
        *after_ns = *rest == '-' ? -*after_ns : *after_ns;
        return NULL;
    }
    return "names no instant";
}

static void read_after(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    struct expectation *expectation = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "`after`")) {
        return;
    }
    const char *wrong = parse_after(node->text, &expectation->anchor, &expectation->after_ns);
    if (wrong) {
        diag_error(loading->diags, node->place,
                   "write press, release, led, answer or wait, and if need be a time: press+6 s",
                   "`after: %s` %s", node->text, wrong);
    }
}

/* The first of a kind, NULL if none. */
static const struct expectation *find(const struct procedure *procedure, enum expect_kind kind)
{
    for (size_t i = 0; i < procedure->expect_count; i++) {
        if (procedure->expect[i].kind == kind) {
            return &procedure->expect[i];
        }
    }
    return NULL;
}

static bool presses(const struct procedure *procedure)
{
    return procedure_last_press_ns(procedure) > 0;
}

static bool asks(const struct procedure *procedure)
{
    for (size_t i = 0; i < procedure->step_count; i++) {
        if (procedure->steps[i].kind == STEP_ASK) {
            return true;
        }
    }
    return false;
}

/* What a window counts from where the profile does not say. */
static enum anchor default_anchor(const struct procedure *procedure)
{
    return presses(procedure) ? ANCHOR_RELEASE : asks(procedure) ? ANCHOR_ANSWER : ANCHOR_WAIT;
}

/* Does the procedure have the instant? */
static bool check_anchor(const struct loading *loading, const struct procedure *procedure,
                         const struct yaml_node *node, const struct expectation *expectation)
{
    enum anchor anchor = expectation->anchor;
    const char *name = expect_kind_name(expectation->kind);

    if (anchor == ANCHOR_ANSWER && !asks(procedure)) {
        diag_error(loading->diags, node->place, "count its window from another instant",
                   "%s comes after `answer`, and no step asks anything", name);
        return false;
    }
    if (anchor == ANCHOR_WAIT && (presses(procedure) || asks(procedure))) {
        diag_error(loading->diags, node->place, "count its window from press, release or answer",
                   "%s comes after `wait`, which is for a procedure that only waits", name);
        return false;
    }
    if ((anchor == ANCHOR_PRESS || anchor == ANCHOR_RELEASE) && !presses(procedure) &&
        procedure->step_count > 0) {
        diag_warning(
            loading->diags, node->place,
            asks(procedure) ? "write `after: answer`" : "write `after: wait`",
            "%s comes after `%s`, and nothing is pressed: the end of the last step is taken", name,
            anchor_name(anchor));
    }
    return true;
}

static void check_window(const struct loading *loading, const struct procedure *procedure,
                         const struct yaml_node *node, const struct expectation *expectation)
{
    int64_t end_ns = expectation->after_ns + expectation->within_ns;
    int64_t press_ns =
        expectation->anchor == ANCHOR_RELEASE ? -procedure_last_press_ns(procedure) : 0;
    if (!check_anchor(loading, procedure, node, expectation)) {
        return;
    }
    if (expectation->anchor != ANCHOR_LED) {
        if (end_ns <= press_ns) {
            diag_error(loading->diags, node->place, "make `within` longer, or `after` later",
                       "the window for %s ends before the %s", expect_kind_name(expectation->kind),
                       expectation->anchor == ANCHOR_ANSWER ? "answer"
                       : expectation->anchor == ANCHOR_WAIT ? "wait is over"
                                                            : "press begins");
        }
        return;
    }
    /* The LED is read first, so it is there if it is expected at all. */
    const struct expectation *led = find(procedure, EXPECT_LED);
    if (expectation->kind == EXPECT_LED) {
        diag_error(loading->diags, node->place, "count its window from press or release",
                   "the LED pattern cannot come after itself");
    } else if (!led || led->unknown || led->pattern.count == 0) {
        diag_error(loading->diags, node->place, "count its window from press or release",
                   "%s comes after `led`, and no LED pattern is expected",
                   expect_kind_name(expectation->kind));
    }
}

/* When the effect begins at the earliest, after the press, by the LED's window or the sound's; 0
 * when nobody says. */
static int64_t effect_ns(const struct procedure *procedure)
{
    static const enum expect_kind kinds[] = {EXPECT_LED, EXPECT_SOUND};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct expectation *shown = find(procedure, kinds[i]);
        /* What may be shown before it may be of an effect before it. */
        if (shown && !shown->unknown && shown->anchor == ANCHOR_PRESS && shown->after_ns > 0 &&
            !(shown->extra & EXTRA_BEFORE)) {
            return shown->after_ns;
        }
    }
    return 0;
}

/* A link that drops as soon as a finger comes near is not the reset's. */
static void warn_early(const struct loading *loading, const struct procedure *procedure,
                       const struct yaml_node *list)
{
    const struct expectation *link = find(procedure, EXPECT_DISCONNECTS);
    int64_t effect = effect_ns(procedure);
    char begins[DURATION_TEXT_MAX];
    char text[DURATION_TEXT_MAX];

    if (!link || link->unknown || effect == 0 ||
        (link->anchor != ANCHOR_PRESS && link->anchor != ANCHOR_RELEASE)) {
        return;
    }
    int64_t start_ns =
        link->after_ns + (link->anchor == ANCHOR_RELEASE ? procedure_last_press_ns(procedure) : 0);
    if (start_ns < effect - EARLY_SLACK_NS) {
        diag_warning(
            loading->diags, list->place, "let the window of `disconnects` begin no earlier, too",
            "the window of `disconnects` begins %s after the press, and nothing is to be "
            "shown before %s: a link that drops for another reason would be taken for the "
            "effect",
            duration_format(begins, start_ns > 0 ? start_ns : 0), duration_format(text, effect));
    }
}

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
        if (is_word(items[i], "before")) {
            expectation->extra |= EXTRA_BEFORE;
        } else if (is_word(items[i], "after")) {
            expectation->extra |= EXTRA_AFTER;
        } else {
            diag_error(loading->diags, items[i]->place, "write before, after or both",
                       "`extra` says where surplus flashes do not count");
        }
    }
}

/* How long it stays dark behind the window. */
static void read_dark(const struct loading *loading, const struct field *field,
                      const struct yaml_node *map, void *object)
{
    struct expectation *expectation = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (yaml_get_duration(loading->diags, map, field->key, 0, PROFILE_TIME_MAX_NS,
                          &expectation->dark_ns) &&
        (expectation->extra & EXTRA_AFTER)) {
        diag_error(loading->diags, node->place, "leave out one of the two",
                   "`extra: after` allows the flashes that `dark` forbids");
    }
}

#define AFTER_FIELD                                                                                \
    {                                                                                              \
        .key = "after", .read = read_after                                                         \
    }
#define WITHIN_FIELD(needed_or_not)                                                                \
    {                                                                                              \
        .key = "within", .need = (needed_or_not), .read = field_duration,                          \
        .offset = offsetof(struct expectation, within_ns), .min = NS_PER_MS,                       \
        .max = PROFILE_TIME_MAX_NS                                                                 \
    }
#define NEEDED_FIELD                                                                               \
    {                                                                                              \
        .key = "needed", .read = field_bool, .offset = offsetof(struct expectation, needed)        \
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
     .read = field_sentence,
     .offset = offsetof(struct expectation, prompt)},
    {.key = "at_least",
     .read = field_duration,
     .offset = offsetof(struct expectation, min_ns),
     .min = NS_PER_MS,
     .max = 60 * NS_PER_S},
    AFTER_FIELD,
    WITHIN_FIELD(FIELD_REQUIRED),
    NEEDED_FIELD,
    {.key = NULL},
};

const struct field profile_radio_fields[] = {
    AFTER_FIELD,
    WITHIN_FIELD(FIELD_OPTIONAL),
    NEEDED_FIELD,
    {.key = NULL},
};

/* A state, which may be watched for less than its window where a source says so. */
const struct field profile_state_fields[] = {
    AFTER_FIELD,
    WITHIN_FIELD(FIELD_OPTIONAL),
    {.key = "steady_for",
     .read = field_duration,
     .offset = offsetof(struct expectation, steady_ns),
     .min = NS_PER_MS,
     .max = PROFILE_TIME_MAX_NS},
    {.key = "source",
     .read = profile_read_source,
     .offset = offsetof(struct expectation, steady_source)},
    NEEDED_FIELD,
    {.key = NULL},
};

const struct field profile_discoverable_fields[] = {
    {.key = "name", .read = field_sentence, .offset = offsetof(struct expectation, name)},
    AFTER_FIELD,
    WITHIN_FIELD(FIELD_OPTIONAL),
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
            diag_error(loading->diags, item->place,
                       suggest(todo, sizeof(todo), item->text, service_words, SERVICES_COUNT, ""),
                       "`%s` is no service that is known here", item->text);
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
        .anchor = default_anchor(procedure),
        .min_ns = kind == EXPECT_SOUND ? SOUND_SHORTEST_NS : 0,
    };
}

/* The source does not say: watch from the press on, a while longer, and record. */
static struct expectation unknown(const struct procedure *procedure, enum expect_kind kind,
                                  const struct yaml_node *node)
{
    struct expectation expectation = start(procedure, kind, node);
    expectation.unknown = true;
    expectation.needed = false;
    expectation.anchor = ANCHOR_PRESS;
    expectation.within_ns = procedure_last_press_ns(procedure) + UNKNOWN_LINGER_NS;
    return expectation;
}

/* Keep it when it was read well; `node` is where its window stands. */
static void add(const struct loading *loading, struct procedure *procedure,
                const struct yaml_node *node, const struct expectation *expectation)
{
    if (!expectation->unknown) {
        check_window(loading, procedure, node, expectation);
    }
    procedure->expect[procedure->expect_count++] = *expectation;
}

static void read_one(const struct loading *loading, struct procedure *procedure,
                     const struct yaml_node *node, enum expect_kind kind,
                     const struct field *fields)
{
    struct expectation expectation = start(procedure, kind, node);
    if (is_word(node, "unknown")) {
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

/* The kind that is written so; -1 with an error when there is none. */
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
    diag_error(loading->diags, key->place, suggest(todo, sizeof(todo), key->text, words, count, ""),
               "`%s` is nothing the radio can tell", key->text);
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
                                 : expect_trait(kind)->nature == NATURE_STATE
                                     ? profile_state_fields
                                     : profile_radio_fields;
    if (value && is_word(value, "unknown")) {
        expectation = unknown(procedure, kind, key);
    } else if (value && !fields_read(loading, value, key->text, fields, &expectation)) {
        return;
    } else if (!value && kind == EXPECT_SERVICES) {
        diag_error(loading->diags, key->place, "write `services: { has: [a2dp_sink] }`",
                   "`services` does not say which");
        return;
    }
    if (expectation.steady_ns && !expectation.steady_source.id) {
        diag_error(loading->diags, key->place, "write `source: ` and who says so",
                   "`steady_for` shortens how long `%s` is watched, and no source says that it may",
                   key->text);
        return;
    }
    if (radio_repeats(procedure, &expectation)) {
        diag_error(loading->diags, key->place, "expect it once", "`%s` is there twice", key->text);
        return;
    }
    add(loading, procedure, key, &expectation);
}

/* Whoever pairs anew has forgotten the old key, and cannot try it to the end. */
static void check_kept(const struct loading *loading, const struct procedure *procedure,
                       const struct yaml_node *list)
{
    static const enum expect_kind anew[] = {EXPECT_PAIRS, EXPECT_SERVICES};
    const struct expectation *kept = find(procedure, EXPECT_BOND_KEPT);

    for (size_t i = 0; kept && !kept->unknown && i < sizeof(anew) / sizeof(anew[0]); i++) {
        const struct expectation *other = find(procedure, anew[i]);
        if (other && !other->unknown) {
            diag_error(loading->diags, list->place, "expect it in a procedure of its own",
                       "`%s` forgets the old key, so `bond_kept` cannot be tried to its end",
                       expect_kind_name(anew[i]));
        }
    }
}

static void read_bluetooth(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    struct procedure *procedure = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (is_word(list, "unknown")) {
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
    const struct expectation *rejected = find(procedure, EXPECT_BOND_REJECTED);
    const struct expectation *kept = find(procedure, EXPECT_BOND_KEPT);
    if (rejected && kept && !rejected->unknown && !kept->unknown) {
        diag_error(loading->diags, list->place, "it is one or the other",
                   "`bond_rejected` and `bond_kept` cannot both be");
    }
    check_kept(loading, procedure, list);
    warn_early(loading, procedure, list);
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
        if (!yaml_want(loading->diags, item, YAML_SCALAR, "what suffices")) {
            continue;
        }
        while (kind < EXPECT_KINDS &&
               strcmp(expect_kind_name((enum expect_kind)kind), item->text)) {
            kind++;
        }
        const struct expectation *claimed =
            kind < EXPECT_KINDS ? find(procedure, (enum expect_kind)kind) : NULL;
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

/* The LED first: the windows of the others may hang on it. */
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
}
