/* One station: its actuators, and what it sees and hears. */
#include "rig/bench_internal.h"
#include "rig/colour.h"
#include "rig/question.h"
#include "rig/text.h"
#include "rig/units.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { TODO_MAX = 256 };

/* A station while it is read. */
struct reading {
    struct station station;
    const char *chip; /* for lines that name none */
};

/* ---- actuators --------------------------------------------------------------------------------
 */

static const char *const actuator_kinds[] = {[ACTUATOR_RELAY] = "relay",
                                             [ACTUATOR_SOLENOID] = "solenoid",
                                             [ACTUATOR_SERVO] = "servo",
                                             [ACTUATOR_TOUCH] = "touch",
                                             [ACTUATOR_TOUCH + 1] = NULL};

static void read_duty_max(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    struct actuator *actuator = object;
    if (yaml_get_percent(loading->diags, map, field->key, &actuator->duty_percent_x100) &&
        actuator->duty_percent_x100 == 0) {
        diag_error(loading->diags, yaml_get(map, field->key)->place, "write more than 0 %",
                   "an actuator that may never be on");
    }
}

const struct field bench_duty_fields[] = {
    {.key = "max", .need = FIELD_REQUIRED, .read = read_duty_max},
    {.key = "per",
     .need = FIELD_REQUIRED,
     .read = field_duration,
     .offset = offsetof(struct actuator, duty_window_ns),
     .min = NS_PER_S,
     .max = 3600 * NS_PER_S},
    {.key = NULL},
};

const struct field bench_travel_fields[] = {
    {.key = "press",
     .read = field_duration,
     .offset = offsetof(struct actuator, travel_press_ns),
     .max = 5 * NS_PER_S},
    {.key = "release",
     .read = field_duration,
     .offset = offsetof(struct actuator, travel_release_ns),
     .max = 5 * NS_PER_S},
    {.key = "tolerance",
     .read = field_duration,
     .offset = offsetof(struct actuator, travel_tolerance_ns),
     .max = NS_PER_S},
    {.key = NULL},
};

static void read_duty(const struct loading *loading, const struct field *field,
                      const struct yaml_node *map, void *object)
{
    fields_read(loading, yaml_get(map, field->key), "`duty`", bench_duty_fields, object);
}

static void read_travel(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    fields_read(loading, yaml_get(map, field->key), "`travel`", bench_travel_fields, object);
}

const struct field bench_actuator_fields[] = {
    BENCH_LINE_KEYS(struct actuator, line),
    {.key = "kind",
     .need = FIELD_REQUIRED,
     .read = field_word,
     .offset = offsetof(struct actuator, kind),
     .words = actuator_kinds},
    {.key = "max_on",
     .need = FIELD_REQUIRED,
     .read = field_duration,
     .offset = offsetof(struct actuator, max_on_ns),
     .min = 10 * NS_PER_MS,
     .max = 60 * NS_PER_S},
    {.key = "duty", .read = read_duty},
    {.key = "travel", .read = read_travel},
    {.key = NULL},
};

static void read_actuators(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    struct reading *reading = object;
    struct station *station = &reading->station;
    const struct yaml_node *actuators = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, actuators, YAML_MAP, "`actuators`")) {
        return;
    }
    if (actuators->count == 0 || actuators->count > BENCH_ACTUATORS_MAX) {
        diag_error(loading->diags, actuators->place, "wire what presses the buttons",
                   "%zu actuators; there must be 1 to %d", actuators->count, BENCH_ACTUATORS_MAX);
        return;
    }
    station->actuators = arena_array(loading->arena, actuators->count, sizeof(struct actuator));
    for (size_t i = 0; i < actuators->count; i++) {
        const struct yaml_node *key = map_key(actuators, i);
        if (!name_check(loading->diags, key, "the name of a control")) {
            continue;
        }
        if (station_actuator(station, key->text) >= 0) {
            diag_error(loading->diags, key->place, "press each control with one actuator",
                       "`%s` has an actuator already", key->text);
        }
        struct actuator *actuator = &station->actuators[station->actuator_count++];
        actuator->control = key->text;
        actuator->line.chip = reading->chip;
        actuator->duty_percent_x100 = 10000;
        fields_read(loading, actuators->items[i], "an actuator", bench_actuator_fields, actuator);
    }
}

/* The actuator a node names, -1 after an error. */
static int actuator_named(const struct loading *loading, const struct station *station,
                          const struct yaml_node *node)
{
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "a control")) {
        return -1;
    }
    int index = station_actuator(station, node->text);
    if (index < 0) {
        const char *names[BENCH_ACTUATORS_MAX];
        for (size_t i = 0; i < station->actuator_count; i++) {
            names[i] = station->actuators[i].control;
        }
        char todo[TODO_MAX];
        diag_error(loading->diags, node->place,
                   suggest(todo, sizeof todo, node->text, names, station->actuator_count,
                           "wire it under `actuators`"),
                   "this station has no actuator for `%s`", node->text);
    }
    return index;
}

static void read_interlock(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    struct reading *reading = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, "`interlock`")) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        int index = actuator_named(loading, &reading->station, list->items[i]);
        if (index >= 0) {
            reading->station.interlock |= UINT32_C(1) << index;
        }
    }
    if (list->count < 2) {
        diag_error(loading->diags, list->place, "name the controls never to be down together",
                   "an interlock of fewer than two controls");
    }
}

/* ---- inputs -----------------------------------------------------------------------------------
 */

/* A new input, or NULL after an error. */
static struct input *add_input(const struct loading *loading, struct reading *reading,
                               const struct yaml_node *node, enum input_role role, const char *name)
{
    struct station *station = &reading->station;
    if (station->input_count == BENCH_INPUTS_MAX) {
        diag_error(loading->diags, node->place, NULL, "more than %d inputs on one station",
                   BENCH_INPUTS_MAX);
        return NULL;
    }
    struct input *input = &station->inputs[station->input_count++];
    *input =
        (struct input){.role = role, .name = name, .actuator = -1, .line = {.chip = reading->chip}};
    return input;
}

static void read_plain_input(const struct loading *loading, struct reading *reading,
                             const struct yaml_node *node, enum input_role role, const char *what)
{
    struct input *input = add_input(loading, reading, node, role, input_role_name(role));
    if (input) {
        bench_line_only(loading, node, what, &input->line);
    }
}

static void read_estop(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    read_plain_input(loading, object, yaml_get(map, field->key), INPUT_ESTOP, "`estop`");
}

static void read_contact(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct reading *reading = object;
    const struct yaml_node *contacts = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, contacts, YAML_MAP, "`contact`")) {
        return;
    }
    for (size_t i = 0; i < contacts->count; i++) {
        const struct yaml_node *key = map_key(contacts, i);
        int index = actuator_named(loading, &reading->station, key);
        struct input *input = NULL;
        if (index >= 0) {
            const char *name = arena_printf(loading->arena, "contact_%s", key->text);
            input = add_input(loading, reading, key, INPUT_CONTACT, name);
        }
        if (input) {
            input->actuator = index;
            bench_line_only(loading, contacts->items[i], "a contact", &input->line);
        }
    }
}

/* ---- inputs that answer questions -------------------------------------------------------------
 */

/* An answer: one that a well-known question has, else any name. */
static const char *read_answer(const struct loading *loading, const struct yaml_node *node,
                               const struct input *input)
{
    const struct question *known = question_known(input->question);
    char canonical[ANSWER_TEXT_MAX];
    if (!name_check(loading->diags, node, "an answer")) {
        return NULL;
    }
    if (!known) {
        if (strlen(node->text) >= sizeof canonical) {
            diag_error(loading->diags, node->place, "write a shorter answer",
                       "answer `%s` is longer than %zu bytes", node->text, sizeof canonical - 1);
        }
        return node->text;
    }
    if (known->answer_count == 0 || !question_accepts(known, node->text, canonical)) {
        char choices[TODO_MAX];
        char todo[TODO_MAX + 16];
        question_choices(known, choices, sizeof choices);
        snprintf(todo, sizeof todo, "it is %s", choices);
        diag_error(loading->diags, node->place, todo, "`%s` is no answer to `%s`", node->text,
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

static void read_inputs(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    struct reading *reading = object;
    const struct yaml_node *inputs = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, inputs, YAML_MAP, "`inputs`")) {
        return;
    }
    for (size_t i = 0; i < inputs->count; i++) {
        const struct yaml_node *key = map_key(inputs, i);
        if (!name_check(loading->diags, key, "the name of a question")) {
            continue;
        }
        for (enum input_role role = INPUT_LED_R; role <= INPUT_ESTOP; role++) {
            if (role != INPUT_QUESTION && text_equal_nocase(key->text, input_role_name(role))) {
                diag_error(loading->diags, key->place,
                           "`inputs` are lines that answer questions, such as lid or placed",
                           "`%s` is no question", key->text);
            }
        }
        struct input *input = add_input(loading, reading, key, INPUT_QUESTION, key->text);
        if (input) {
            input->question = key->text;
            fields_read(loading, inputs->items[i], "an input", bench_input_fields, input);
        }
    }
}

/* ---- the LED ----------------------------------------------------------------------------------
 */

static const struct led_channel {
    const char *key;
    enum input_role role;
} led_channels[] = {
    {"r", INPUT_LED_R}, {"g", INPUT_LED_G}, {"b", INPUT_LED_B}, {"mono", INPUT_LED}};

static void read_channel(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    for (size_t i = 0; i < sizeof led_channels / sizeof *led_channels; i++) {
        if (strcmp(led_channels[i].key, field->key) == 0) {
            read_plain_input(loading, object, yaml_get(map, field->key), led_channels[i].role,
                             "an LED channel");
        }
    }
}

/* `red+blue` as a set of channels, 0 when it is none. */
static unsigned channel_set(const char *text)
{
    static const char *const names[LED_CHANNELS] = {"red", "green", "blue"};
    unsigned set = 0;
    for (;;) {
        size_t length = strcspn(text, "+");
        unsigned one = 0;
        for (unsigned c = 0; c < LED_CHANNELS; c++) {
            if (strlen(names[c]) == length && strncmp(names[c], text, length) == 0) {
                one = 1U << c;
            }
        }
        if (!one || (set & one)) {
            return 0;
        }
        set |= one;
        if (text[length] == '\0') {
            return set;
        }
        text += length + 1;
    }
}

static void read_colours(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct reading *reading = object;
    const struct yaml_node *colours = yaml_get(map, field->key);
    unsigned given = 0;
    if (!yaml_want(loading->diags, colours, YAML_MAP, "`colours`")) {
        return;
    }
    for (size_t i = 0; i < colours->count; i++) {
        const struct yaml_node *key = map_key(colours, i);
        const struct yaml_node *value = colours->items[i];
        unsigned set = channel_set(key->text);
        if (!set) {
            diag_error(loading->diags, key->place, "write red, green and blue joined by `+`",
                       "`%s` is no set of channels", key->text);
            continue;
        }
        if (given & (1U << set)) {
            diag_error(loading->diags, key->place, "name each set once",
                       "these channels have a colour already");
        }
        given |= 1U << set;
        if (!yaml_want(loading->diags, value, YAML_SCALAR, "a colour")) {
            continue;
        }
        int named = colour_from_name(value->text);
        if (named <= COLOUR_DARK || named >= COLOUR_LIT) {
            diag_error(loading->diags, value->place,
                       "it is one of red, green, blue, amber, magenta, cyan, white",
                       "`%s` is no colour that three channels can see", value->text);
            continue;
        }
        reading->station.led.colours[set] = (colour)named;
    }
}

#define BLINK_FIELD(name, member, smallest, largest)                                               \
    {                                                                                              \
        .key = (name), .read = field_duration, .offset = offsetof(struct reading, station.member), \
        .min = (smallest), .max = (largest)                                                        \
    }

const struct field bench_led_fields[] = {
    {.key = "r", .read = read_channel},
    {.key = "g", .read = read_channel},
    {.key = "b", .read = read_channel},
    {.key = "mono", .read = read_channel},
    BLINK_FIELD("glitch", led.glitch_ns, 0, NS_PER_S),
    BLINK_FIELD("merge", led.merge_ns, 0, NS_PER_S),
    BLINK_FIELD("skew", led.skew_ns, 0, NS_PER_S),
    {.key = "colours", .read = read_colours},
    {.key = NULL},
};

static void read_led(const struct loading *loading, const struct field *field,
                     const struct yaml_node *map, void *object)
{
    struct reading *reading = object;
    const struct yaml_node *led = yaml_get(map, field->key);
    reading->station.led = blink_defaults();
    reading->station.has_led = true;
    if (!fields_read(loading, led, "`led`", bench_led_fields, reading)) {
        return;
    }
    bool mono = yaml_get(led, "mono");
    size_t coloured = 0;
    for (const char *key = "rgb"; *key; key++) {
        coloured += yaml_get(led, (char[]){*key, '\0'}) ? 1 : 0;
    }
    if (mono ? coloured != 0 : coloured != LED_CHANNELS) {
        diag_error(loading->diags, led->place, "wire r, g and b, or `mono` for a clear photodiode",
                   "an LED is seen by three colour channels or by one clear one");
    }
    if (mono) {
        reading->station.led.channels = 0;
        if (yaml_get(led, "colours")) {
            diag_error(loading->diags, yaml_get(led, "colours")->place, "take `colours` out",
                       "one clear channel sees no colours");
        }
    }
}

/* ---- sound, radio -----------------------------------------------------------------------------
 */

struct sound_reading {
    struct line_ref line;
    struct blink_settings settings;
};

const struct field bench_sound_fields[] = {
    BENCH_LINE_KEYS(struct sound_reading, line),
    {.key = "glitch",
     .read = field_duration,
     .offset = offsetof(struct sound_reading, settings.glitch_ns),
     .max = 10 * NS_PER_S},
    {.key = "merge",
     .read = field_duration,
     .offset = offsetof(struct sound_reading, settings.merge_ns),
     .max = 10 * NS_PER_S},
    {.key = NULL},
};

static void read_sound(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    struct reading *reading = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    struct input *input = add_input(loading, reading, node, INPUT_SOUND, "sound");
    if (!input) {
        return;
    }
    struct sound_reading sound = {.line = input->line, .settings = blink_sound_defaults()};
    fields_read(loading, node, "`sound`", bench_sound_fields, &sound);
    input->line = sound.line;
    reading->station.sound = sound.settings;
    reading->station.has_sound = true;
}

static void read_adapter(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct reading *reading = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "`adapter`")) {
        return;
    }
    char *address = arena_strdup(loading->arena, node->text);
    size_t length = strlen(address);
    bool good = length == 17;
    for (size_t i = 0; i < length && good; i++) {
        good = i % 3 == 2 ? address[i] == ':' : isxdigit((unsigned char)address[i]) != 0;
        address[i] = (char)toupper((unsigned char)address[i]);
    }
    if (!good) {
        diag_error(loading->diags, node->place,
                   "write its address, as `bluetoothctl list` shows it: \"AA:BB:CC:DD:EE:FF\"",
                   "`%s` is no Bluetooth address", node->text);
        return;
    }
    reading->station.adapter = address;
}

const struct field bench_bluetooth_fields[] = {
    {.key = "adapter", .need = FIELD_REQUIRED, .read = read_adapter},
    {.key = NULL},
};

static void read_bluetooth(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    fields_read(loading, yaml_get(map, field->key), "`bluetooth`", bench_bluetooth_fields, object);
}

/* ---- stations ---------------------------------------------------------------------------------
 */

const struct field bench_station_fields[] = {
    {.key = "chip", .read = field_sentence, .offset = offsetof(struct reading, chip)},
    {.key = "actuators", .need = FIELD_REQUIRED, .read = read_actuators},
    {.key = "interlock", .read = read_interlock},
    {.key = "led", .read = read_led},
    {.key = "sound", .read = read_sound},
    {.key = "contact", .read = read_contact},
    {.key = "inputs", .read = read_inputs},
    {.key = "estop", .read = read_estop},
    {.key = "bluetooth", .read = read_bluetooth},
    {.key = NULL},
};

void bench_read_stations(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct bench *bench = object;
    const struct yaml_node *stations = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, stations, YAML_MAP, "`stations`")) {
        return;
    }
    if (stations->count == 0 || stations->count > BENCH_STATIONS_MAX) {
        diag_error(loading->diags, stations->place, "describe each place for a unit",
                   "%zu stations; there must be 1 to %d", stations->count, BENCH_STATIONS_MAX);
        return;
    }
    bench->stations = arena_array(loading->arena, stations->count, sizeof *bench->stations);
    for (size_t i = 0; i < stations->count; i++) {
        const struct yaml_node *key = map_key(stations, i);
        if (!name_check(loading->diags, key, "the name of a station")) {
            continue;
        }
        for (size_t s = 0; s < bench->station_count; s++) {
            if (text_equal_nocase(bench->stations[s].name, key->text)) {
                diag_error(loading->diags, key->place, "give each station a name of its own",
                           "there is a station `%s` already", key->text);
            }
        }
        struct reading reading = {.station = {.name = key->text, .place = key->place}};
        reading.station.inputs =
            arena_array(loading->arena, BENCH_INPUTS_MAX, sizeof(struct input));
        fields_read(loading, stations->items[i], "a station", bench_station_fields, &reading);
        bench->stations[bench->station_count++] = reading.station;
    }
}
