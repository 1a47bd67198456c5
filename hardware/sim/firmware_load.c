#include "hardware/sim/firmware_load.h"

#include "hardware/sim/firmware_data.h"
#include "rig/base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TODO_MAX = 256 };

static const int64_t LONGEST_NS = 10 * 60 * NS_PER_S;

/* A light shorter than this is none; and it bounds what a unit can be made to do in a second. */
static const int64_t SHORTEST_LIGHT_NS = NS_PER_MS;

/* ---- names of buttons, actions, colours ---- */

static int index_of(const struct firmware *firmware, const char *button)
{
    for (size_t i = 0; i < firmware->button_count; i++) {
        if (strcmp(firmware->buttons[i], button) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static int read_button(const struct loading *loading, const struct yaml_node *node)
{
    const struct firmware *firmware = loading->owner;
    char todo[TODO_MAX];
    if (!fields_check_name(loading->diags, node, "a button")) {
        return -1;
    }
    int found = index_of(firmware, node->text);
    if (found < 0) {
        diag_error(loading->diags, node->place,
                   fields_suggest(todo, sizeof(todo), node->text, firmware->buttons,
                                  firmware->button_count, "name it in `buttons`"),
                   "the unit has no button `%s`", node->text);
    }
    return found;
}

static int read_action_name(const struct loading *loading, const struct yaml_node *node)
{
    const struct firmware *firmware = loading->owner;
    const char *names[FIRMWARE_ACTIONS_MAX];
    char todo[TODO_MAX];
    if (!fields_check_name(loading->diags, node, "an action")) {
        return -1;
    }
    for (size_t i = 0; i < firmware->action_count; i++) {
        names[i] = firmware->actions[i].name;
        if (strcmp(names[i], node->text) == 0) {
            return (int)i;
        }
    }
    diag_error(loading->diags, node->place,
               fields_suggest(todo, sizeof(todo), node->text, names, firmware->action_count,
                              "write it under `actions`"),
               "there is no action `%s`", node->text);
    return -1;
}

static void field_colour(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "a colour")) {
        return;
    }
    int found = colour_from_name(node->text);
    if (found < 0 || found == COLOUR_LIT) {
        diag_error(loading->diags, node->place,
                   "write dark, red, green, blue, amber, magenta, cyan or white",
                   "`%s` is not a colour", node->text);
        return;
    }
    *(colour *)((char *)object + field->offset) = (colour)found;
}

/* ---- actions ---- */

static const struct field light_fields[] = {
    {.key = "light",
     .need = FIELD_REQUIRED,
     .read = field_colour,
     .offset = offsetof(struct light, colour)},
    {.key = "for",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
     .offset = offsetof(struct light, for_ns),
     .min = SHORTEST_LIGHT_NS,
     .max = LONGEST_NS},
    {.key = "gap",
     .read = fields_duration,
     .offset = offsetof(struct light, gap_ns),
     .max = LONGEST_NS},
    {.key = "times",
     .read = fields_int,
     .offset = offsetof(struct light, times),
     .min = 1,
     .max = 1000},
    {.key = "breathe", .read = fields_bool, .offset = offsetof(struct light, breathe)},
    {.key = NULL},
};

static void field_lights(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, "a light script")) {
        return;
    }
    if (list->count > FIRMWARE_LIGHTS_MAX) {
        diag_error(loading->diags, list->place, "use `times`", "has more than %d lights",
                   FIRMWARE_LIGHTS_MAX);
        return;
    }
    struct light *lights = arena_array(loading->arena, list->count, sizeof(*lights));
    for (size_t i = 0; i < list->count; i++) {
        lights[i].times = 1;
        fields_read(loading, list->items[i], "a light", light_fields, &lights[i]);
    }
    *(struct light **)((char *)object + field->offset) = lights;
    *(size_t *)((char *)object + field->count_offset) = list->count;
}

static const char *const event_words[] = {
    [DO_DISCONNECT] = "disconnect",     [DO_CONNECT] = "connect", [DO_CLEAR_BONDS] = "clear_bonds",
    [DO_DISCOVERABLE] = "discoverable", [DO_HIDDEN] = "hidden",   [DO_POWER_OFF] = "power_off",
    [DO_POWER_ON] = "power_on",         [DO_BRICK] = "brick",     [DO_BRICK + 1] = NULL,
};

static const struct field event_fields[] = {
    {.key = "do",
     .need = FIELD_REQUIRED,
     .read = fields_word,
     .offset = offsetof(struct firmware_event, what),
     .words = event_words},
    {.key = "at",
     .read = fields_duration,
     .offset = offsetof(struct firmware_event, at_ns),
     .max = LONGEST_NS},
    {.key = NULL},
};

static void field_events(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    const struct yaml_node *list = yaml_get(map, field->key);
    struct action *action = object;
    if (!yaml_want(loading->diags, list, YAML_LIST, "`events`")) {
        return;
    }
    if (list->count > FIRMWARE_EVENTS_MAX) {
        diag_error(loading->diags, list->place, "leave some out", "has more than %d events",
                   FIRMWARE_EVENTS_MAX);
        return;
    }
    action->events = arena_array(loading->arena, list->count, sizeof(*action->events));
    action->event_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        fields_read(loading, list->items[i], "an event", event_fields, &action->events[i]);
        if (i > 0 && action->events[i].at_ns < action->events[i - 1].at_ns) {
            diag_error(loading->diags, list->items[i]->place, "sort the events by time",
                       "this event is earlier than the one above it");
        }
    }
}

static const struct field sound_fields[] = {
    {.key = "after",
     .read = fields_duration,
     .offset = offsetof(struct action, sound_after_ns),
     .max = LONGEST_NS},
    {.key = "for",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
     .offset = offsetof(struct action, sound_for_ns),
     .min = NS_PER_MS,
     .max = LONGEST_NS},
    {.key = NULL},
};

static void field_sound(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    fields_read(loading, yaml_get(map, field->key), "`sound`", sound_fields, object);
}

static const struct field action_fields[] = {
    {.key = "led_delay",
     .read = fields_duration,
     .offset = offsetof(struct action, led_delay_ns),
     .max = LONGEST_NS},
    {.key = "led",
     .read = field_lights,
     .offset = offsetof(struct action, led),
     .count_offset = offsetof(struct action, led_count)},
    {.key = "led_loop",
     .read = field_lights,
     .offset = offsetof(struct action, led_loop),
     .count_offset = offsetof(struct action, led_loop_count)},
    {.key = "events", .read = field_events},
    {.key = "sound", .read = field_sound},
    {.key = NULL},
};

static void field_actions(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    const struct yaml_node *actions = yaml_get(map, field->key);
    struct firmware *firmware = object;
    if (!yaml_want(loading->diags, actions, YAML_MAP, "`actions`")) {
        return;
    }
    if (actions->count > FIRMWARE_ACTIONS_MAX) {
        diag_error(loading->diags, actions->place, "leave some out", "has more than %d actions",
                   FIRMWARE_ACTIONS_MAX);
        return;
    }
    firmware->actions = arena_array(loading->arena, actions->count, sizeof(*firmware->actions));
    for (size_t i = 0; i < actions->count; i++) {
        struct action *action = &firmware->actions[firmware->action_count];
        if (fields_check_name(loading->diags, actions->keys[i], "the name of an action")) {
            action->name = actions->keys[i]->text;
            firmware->action_count++;
            fields_read(loading, actions->items[i], "an action", action_fields, action);
        }
    }
}

/* ---- triggers ---- */

static void field_hold(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    const struct yaml_node *list = yaml_get(map, field->key);
    struct trigger *trigger = object;
    if (!yaml_want(loading->diags, list, YAML_LIST, "`hold`")) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        int button = read_button(loading, list->items[i]);
        trigger->hold |= button < 0 ? 0 : 1U << button;
    }
    if (list->count == 0) {
        diag_error(loading->diags, list->place, "name the buttons", "`hold` is empty");
    }
}

static void field_tap_button(const struct loading *loading, const struct field *field,
                             const struct yaml_node *map, void *object)
{
    ((struct tap *)object)->button = read_button(loading, yaml_get(map, field->key));
}

static const struct field tap_fields[] = {
    {.key = "button", .need = FIELD_REQUIRED, .read = field_tap_button},
    {.key = "times",
     .need = FIELD_REQUIRED,
     .read = fields_int,
     .offset = offsetof(struct tap, times),
     .min = 1,
     .max = 20},
    {.key = NULL},
};

static void field_taps(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    const struct yaml_node *list = yaml_get(map, field->key);
    struct trigger *trigger = object;
    if (!yaml_want(loading->diags, list, YAML_LIST, "`after_taps`")) {
        return;
    }
    if (list->count > FIRMWARE_TAPS_MAX) {
        diag_error(loading->diags, list->place, "leave some out", "has more than %d groups",
                   FIRMWARE_TAPS_MAX);
        return;
    }
    trigger->taps = arena_array(loading->arena, list->count, sizeof(*trigger->taps));
    trigger->tap_count = list->count;
    trigger->taps_told = true;
    for (size_t i = 0; i < list->count; i++) {
        fields_read(loading, list->items[i], "a group of taps", tap_fields, &trigger->taps[i]);
    }
}

static void field_needs(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    const struct yaml_node *needs = yaml_get(map, field->key);
    struct trigger *trigger = object;
    if (!yaml_want(loading->diags, needs, YAML_MAP, "`needs`")) {
        return;
    }
    trigger->needs = arena_array(loading->arena, needs->count, sizeof(*trigger->needs));
    for (size_t i = 0; i < needs->count; i++) {
        const struct yaml_node *value = needs->items[i];
        struct condition *need = &trigger->needs[trigger->need_count];
        if (!fields_check_name(loading->diags, needs->keys[i], "the name of a requirement") ||
            !fields_check_sentence(loading->diags, value, "a requirement")) {
            continue;
        }
        *need = (struct condition){
            .name = needs->keys[i]->text, .value = value->text, .at_least_x100 = -1};
        if (strncmp(value->text, ">=", 2) == 0) {
            const char *wrong = units_percent_parse(value->text + 2, &need->at_least_x100);
            if (wrong) {
                diag_error(loading->diags, value->place, "write it like `>= 15 %`",
                           "percentage `%s` %s", value->text, wrong);
            }
        }
        trigger->need_count++;
    }
}

static void field_does(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    *(int *)((char *)object + field->offset) = read_action_name(loading, yaml_get(map, field->key));
}

static const struct field trigger_fields[] = {
    {.key = "hold", .need = FIELD_REQUIRED, .read = field_hold},
    {.key = "threshold",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
     .offset = offsetof(struct trigger, threshold_ns),
     .min = NS_PER_MS,
     .max = 60 * NS_PER_S},
    {.key = "jitter",
     .read = fields_duration,
     .offset = offsetof(struct trigger, jitter_ns),
     .max = NS_PER_S},
    {.key = "after_taps", .read = field_taps},
    {.key = "tap_gap",
     .read = fields_duration,
     .offset = offsetof(struct trigger, tap_gap_ns),
     .min = NS_PER_MS,
     .max = 60 * NS_PER_S},
    {.key = "needs", .read = field_needs},
    {.key = "does",
     .need = FIELD_REQUIRED,
     .read = field_does,
     .offset = offsetof(struct trigger, does)},
    {.key = "otherwise", .read = field_does, .offset = offsetof(struct trigger, otherwise)},
    {.key = NULL},
};

static void field_triggers(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    const struct yaml_node *triggers = yaml_get(map, field->key);
    struct firmware *firmware = object;
    if (!yaml_want(loading->diags, triggers, YAML_MAP, "`triggers`")) {
        return;
    }
    if (triggers->count > FIRMWARE_TRIGGERS_MAX) {
        diag_error(loading->diags, triggers->place, "leave some out", "has more than %d triggers",
                   FIRMWARE_TRIGGERS_MAX);
        return;
    }
    firmware->triggers = arena_array(loading->arena, triggers->count, sizeof(*firmware->triggers));
    for (size_t i = 0; i < triggers->count; i++) {
        struct trigger *trigger = &firmware->triggers[firmware->trigger_count++];
        trigger->name = triggers->keys[i]->text;
        trigger->otherwise = -1;
        trigger->tap_gap_ns = NS_PER_S;
        if (fields_read(loading, triggers->items[i], "a trigger", trigger_fields, trigger) &&
            3 * trigger->jitter_ns >= trigger->threshold_ns) {
            diag_error(loading->diags, triggers->items[i]->place, "make it smaller",
                       "the jitter is wider than the threshold");
        }
    }
}

/* ---- the rest ---- */

static const struct field answer_fields[] = {
    {.key = "say",
     .need = FIELD_REQUIRED,
     .read = fields_sentence,
     .offset = offsetof(struct firmware_answer, say)},
    {.key = "does", .read = field_does, .offset = offsetof(struct firmware_answer, does)},
    {.key = NULL},
};

static void field_answers(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    const struct yaml_node *answers = yaml_get(map, field->key);
    struct firmware *firmware = object;
    if (!yaml_want(loading->diags, answers, YAML_MAP, "`answers`")) {
        return;
    }
    if (answers->count > FIRMWARE_ANSWERS_MAX) {
        diag_error(loading->diags, answers->place, "leave some out", "has more than %d answers",
                   FIRMWARE_ANSWERS_MAX);
        return;
    }
    firmware->answers = arena_array(loading->arena, answers->count, sizeof(*firmware->answers));
    for (size_t i = 0; i < answers->count; i++) {
        struct firmware_answer *answer = &firmware->answers[firmware->answer_count];
        *answer = (struct firmware_answer){.question = answers->keys[i]->text, .does = -1};
        if (!fields_check_name(loading->diags, answers->keys[i], "the name of a question")) {
            continue;
        }
        firmware->answer_count++;
        if (answers->items[i]->kind == YAML_MAP) {
            fields_read(loading, answers->items[i], "an answer", answer_fields, answer);
        } else if (fields_check_sentence(loading->diags, answers->items[i], "an answer")) {
            answer->say = answers->items[i]->text;
        }
    }
}

static void field_power(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    static const char *const words[] = {"off", "on", NULL};
    int on = 1;
    if (yaml_get_word(loading->diags, map, field->key, words, &on)) {
        ((struct firmware *)object)->power_on = on == 1;
    }
}

static const struct field state_fields[] = {
    {.key = "power", .read = field_power},
    {.key = "bonded", .read = fields_bool, .offset = offsetof(struct firmware, bonded)},
    {.key = "connected", .read = fields_bool, .offset = offsetof(struct firmware, connected)},
    {.key = "discoverable", .read = fields_bool, .offset = offsetof(struct firmware, discoverable)},
    {.key = NULL},
};

static const struct field radio_fields[] = {
    {.key = "name", .read = fields_sentence, .offset = offsetof(struct firmware, radio_name)},
    {.key = "name_after_reset",
     .read = fields_sentence,
     .offset = offsetof(struct firmware, radio_reset_name)},
    {.key = "rssi",
     .read = fields_int,
     .offset = offsetof(struct firmware, rssi_dbm),
     .min = -127,
     .max = 20},
    {.key = NULL},
};

static const struct field led_fields[] = {
    {.key = "pwm_period",
     .read = fields_duration,
     .offset = offsetof(struct firmware, pwm_period_ns),
     .min = 20 * NS_PER_US,
     .max = 20 * NS_PER_MS},
    {.key = "duty", .read = fields_percent, .offset = offsetof(struct firmware, pwm_duty_x100)},
    {.key = "lag_r",
     .read = fields_duration,
     .offset = offsetof(struct firmware, lag_ns[0]),
     .max = 10 * NS_PER_MS},
    {.key = "lag_g",
     .read = fields_duration,
     .offset = offsetof(struct firmware, lag_ns[1]),
     .max = 10 * NS_PER_MS},
    {.key = "lag_b",
     .read = fields_duration,
     .offset = offsetof(struct firmware, lag_ns[2]),
     .max = 10 * NS_PER_MS},
    {.key = "dead", .read = fields_bool, .offset = offsetof(struct firmware, led_dead)},
    {.key = "stuck", .read = field_colour, .offset = offsetof(struct firmware, led_stuck)},
    {.key = NULL},
};

static const struct field bounce_fields[] = {
    {.key = "times",
     .need = FIELD_REQUIRED,
     .read = fields_int,
     .offset = offsetof(struct firmware, bounces),
     .min = 1,
     .max = 8},
    {.key = "within",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
     .offset = offsetof(struct firmware, bounce_ns),
     .min = 10 * NS_PER_US,
     .max = 20 * NS_PER_MS},
    {.key = NULL},
};

/* `3 s` into the run, or `press+1 s`: after the first press of it. */
static void field_fault(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    static const char anchor[] = "press+";
    struct bench_fault *fault = (struct bench_fault *)((char *)object + field->offset);
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, node, YAML_SCALAR, field->key)) {
        return;
    }
    fault->after_press = strncmp(node->text, anchor, strlen(anchor)) == 0;
    const char *wrong = units_duration_parse(node->text + (fault->after_press ? strlen(anchor) : 0),
                                             &fault->after_ns);
    if (!wrong && fault->after_ns > LONGEST_NS) {
        wrong = "is too late";
    }
    if (wrong) {
        diag_error(loading->diags, node->place, "write a time in the run such as 3 s or press+1 s",
                   "`%s: %s` %s", field->key, node->text, wrong);
    }
}

static const struct field fault_fields[] = {
    {.key = "lose_edges_at", .read = field_fault, .offset = offsetof(struct firmware, lose_edges)},
    {.key = "estop_at", .read = field_fault, .offset = offsetof(struct firmware, estop)},
    {.key = "chip_gone_at", .read = field_fault, .offset = offsetof(struct firmware, chip_gone)},
    {.key = NULL},
};

/* Objects whose members are the firmware's own. */
static void field_part(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    static const struct {
        const char *key;
        const struct field *fields;
    } parts[] = {{"state", state_fields},
                 {"radio", radio_fields},
                 {"led", led_fields},
                 {"bounce", bounce_fields},
                 {"faults", fault_fields}};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(parts[i].key, field->key) == 0) {
            char what[32];
            snprintf(what, sizeof(what), "`%s`", field->key);
            fields_read(loading, yaml_get(map, field->key), what, parts[i].fields, object);
        }
    }
}

static void field_buttons(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    const struct yaml_node *list = yaml_get(map, field->key);
    struct firmware *firmware = object;
    if (!yaml_want(loading->diags, list, YAML_LIST, "`buttons`")) {
        return;
    }
    if (list->count == 0 || list->count > FIRMWARE_BUTTONS_MAX) {
        diag_error(loading->diags, list->place, "name the unit's buttons",
                   "%zu buttons; there must be 1 to %d", list->count, FIRMWARE_BUTTONS_MAX);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *node = list->items[i];
        if (!fields_check_name(loading->diags, node, "a button")) {
            continue;
        }
        if (index_of(firmware, node->text) >= 0) {
            diag_error(loading->diags, node->place, "name it once", "button `%s` is listed twice",
                       node->text);
        }
        firmware->buttons[firmware->button_count++] = node->text;
    }
}

/* `base` was followed before; it stays a key that is known. */
static void field_base(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    (void)loading;
    (void)field;
    (void)map;
    (void)object;
}

static const struct field root_fields[] = {
    {.key = "firmware",
     .need = FIELD_REQUIRED,
     .read = fields_sentence,
     .offset = offsetof(struct firmware, name)},
    {.key = "base", .read = field_base},
    {.key = "model",
     .need = FIELD_REQUIRED,
     .read = fields_model,
     .offset = offsetof(struct firmware, model)},
    {.key = "version",
     .need = FIELD_REQUIRED,
     .read = fields_sentence,
     .offset = offsetof(struct firmware, version)},
    {.key = "state", .read = field_part},
    {.key = "radio", .read = field_part},
    {.key = "led", .read = field_part},
    {.key = "buttons", .need = FIELD_REQUIRED, .read = field_buttons},
    {.key = "bounce", .read = field_part},
    {.key = "actions", .need = FIELD_REQUIRED, .read = field_actions},
    {.key = "triggers", .need = FIELD_REQUIRED, .read = field_triggers},
    {.key = "answers", .read = field_answers},
    {.key = "faults", .read = field_part},
    {.key = NULL},
};

const struct field_table firmware_tables[] = {
    {"a firmware file", root_fields},
    {"state", state_fields},
    {"radio", radio_fields},
    {"led", led_fields},
    {"bounce", bounce_fields},
    {"an action", action_fields},
    {"a light", light_fields},
    {"an event", event_fields},
    {"sound", sound_fields},
    {"a trigger", trigger_fields},
    {"taps", tap_fields},
    {"an answer", answer_fields},
    {"faults", fault_fields},
    {NULL, NULL},
};

void firmware_read(const struct loading *loading, const struct yaml_node *root)
{
    struct firmware *firmware = loading->owner;
    firmware->power_on = true;
    firmware->bonded = true;
    firmware->connected = true;
    firmware->rssi_dbm = -50;
    firmware->pwm_duty_x100 = 10000;
    fields_read(loading, root, "a firmware file", root_fields, firmware);
    if (!firmware->radio_name) {
        firmware->radio_name = firmware->model;
    }
    if (!firmware->radio_reset_name) {
        firmware->radio_reset_name = firmware->radio_name;
    }
    if (firmware->pwm_duty_x100 < 100) {
        diag_error(loading->diags, root->place, "write 1 % or more", "the LED's duty is too small");
    }
}
