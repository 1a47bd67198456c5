/* Loads how a station sees and hears the unit: the LED's channels and colours, the sound. */
#include "rig/base/units.h"
#include "rig/bench/bench_internal.h"
#include "rig/signal/colour.h"

#include <stdio.h>
#include <string.h>

static const struct led_channel {
    const char *key;
    enum input_role role;
} led_channels[] = {
    {"r", INPUT_LED_R}, {"g", INPUT_LED_G}, {"b", INPUT_LED_B}, {"mono", INPUT_LED}};

static void read_channel(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    for (size_t i = 0; i < sizeof(led_channels) / sizeof(*led_channels); i++) {
        if (strcmp(led_channels[i].key, field->key) == 0) {
            bench_read_plain_input(loading, object, yaml_get(map, field->key), led_channels[i].role,
                                   "an LED channel");
        }
    }
}

/* `red+blue` as a set of channels, 0 if it is not one. */
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
    struct bench_reading *reading = object;
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
                       "`%s` is not a set of channels", key->text);
            continue;
        }
        if (given & (1U << set)) {
            diag_error(loading->diags, key->place, "name each set once",
                       "these channels already have a colour");
        }
        given |= 1U << set;
        if (!yaml_want(loading->diags, value, YAML_SCALAR, "a colour")) {
            continue;
        }
        int named = colour_from_name(value->text);
        if (named <= COLOUR_DARK || named >= COLOUR_LIT) {
            diag_error(loading->diags, value->place,
                       "write one of red, green, blue, amber, magenta, cyan, white",
                       "`%s` is not a colour that three channels can detect", value->text);
            continue;
        }
        reading->station.led.colours[set] = (colour)named;
    }
}

#define BLINK_FIELD(name, member, smallest, largest)                                               \
    {                                                                                              \
        .key = (name), .read = fields_duration,                                                    \
        .offset = offsetof(struct bench_reading, station.member), .min = (smallest),               \
        .max = (largest)                                                                           \
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

void bench_read_led(const struct loading *loading, const struct field *field,
                    const struct yaml_node *map, void *object)
{
    struct bench_reading *reading = object;
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
                   "an LED needs three colour channels or one clear channel");
    }
    if (mono) {
        reading->station.led.channels = 0;
        if (yaml_get(led, "colours")) {
            diag_error(loading->diags, yaml_get(led, "colours")->place, "remove `colours`",
                       "one clear channel cannot distinguish colours");
        }
    }
}

/* ---- sound ------------------------------------------------------------------------------ */

struct sound_reading {
    struct line_ref line;
    struct blink_settings settings;
};

const struct field bench_sound_fields[] = {
    BENCH_LINE_KEYS(struct sound_reading, line),
    {.key = "glitch",
     .read = fields_duration,
     .offset = offsetof(struct sound_reading, settings.glitch_ns),
     .max = 10 * NS_PER_S},
    {.key = "merge",
     .read = fields_duration,
     .offset = offsetof(struct sound_reading, settings.merge_ns),
     .max = 10 * NS_PER_S},
    {.key = NULL},
};

void bench_read_sound(const struct loading *loading, const struct field *field,
                      const struct yaml_node *map, void *object)
{
    struct bench_reading *reading = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    struct input *input = bench_add_input(loading, reading, node, INPUT_SOUND, "sound");
    if (!input) {
        return;
    }
    struct sound_reading sound = {.line = input->line, .settings = blink_sound_defaults()};
    fields_read(loading, node, "`sound`", bench_sound_fields, &sound);
    input->line = sound.line;
    reading->station.sound = sound.settings;
    reading->station.has_sound = true;
}
