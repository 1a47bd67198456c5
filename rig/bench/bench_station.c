/* Loads one station: its actuators and radio; bench_inputs.c and bench_led.c load the rest. */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/bench/bench_internal.h"

#include <stdio.h>
#include <string.h>

enum { TODO_MAX = 256 };

/* ---- actuators -------------------------------------------------------------------------- */

/* Comes before the keys it has defaults for. Kinds that cannot be driven are known, with the
 * reason. */
static void read_kind(const struct loading *loading, const struct field *field,
                      const struct yaml_node *map, void *object)
{
    const struct yaml_node *node = yaml_get(map, field->key);
    struct actuator *actuator = object;
    const char *names[ACTUATOR_KINDS_MAX];
    const struct actuator_kind *kind =
        node->kind == YAML_SCALAR ? actuator_kind_named(node->text) : NULL;
    int index;

    if (kind && kind->refused) {
        diag_error(loading->diags, node->place, "press with a relay, a solenoid or a touch pad",
                   "%s", kind->refused);
        return;
    }
    if (!yaml_get_word(loading->diags, map, field->key, actuator_kind_names(names), &index)) {
        return;
    }
    actuator->kind = actuator_kind_named(names[index]);
    actuator->duty_percent_x100 = actuator->kind->duty_percent_x100;
    actuator->duty_window_ns = actuator->kind->duty_window_ns;
    actuator->travel_press_ns = actuator->kind->travel_press_ns;
    actuator->travel_release_ns = actuator->kind->travel_release_ns;
    actuator->travel_tolerance_ns = actuator->kind->travel_tolerance_ns;
}

static void read_duty_max(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    struct actuator *actuator = object;
    if (yaml_get_percent(loading->diags, map, field->key, &actuator->duty_percent_x100) &&
        actuator->duty_percent_x100 == 0) {
        diag_error(loading->diags, yaml_get(map, field->key)->place, "write more than 0 %",
                   "the actuator may never be on");
    }
}

const struct field bench_duty_fields[] = {
    {.key = "max", .need = FIELD_REQUIRED, .read = read_duty_max},
    {.key = "per",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
     .offset = offsetof(struct actuator, duty_window_ns),
     .min = NS_PER_S,
     .max = 3600 * NS_PER_S},
    {.key = NULL},
};

const struct field bench_travel_fields[] = {
    {.key = "press",
     .read = fields_duration,
     .offset = offsetof(struct actuator, travel_press_ns),
     .max = 5 * NS_PER_S},
    {.key = "release",
     .read = fields_duration,
     .offset = offsetof(struct actuator, travel_release_ns),
     .max = 5 * NS_PER_S},
    {.key = "tolerance",
     .read = fields_duration,
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
    {.key = "kind", .need = FIELD_REQUIRED, .read = read_kind},
    {.key = "max_on",
     .need = FIELD_REQUIRED,
     .read = fields_duration,
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
    struct bench_reading *reading = object;
    struct station *station = &reading->station;
    const struct yaml_node *actuators = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, actuators, YAML_MAP, "`actuators`")) {
        return;
    }
    if (actuators->count == 0 || actuators->count > BENCH_ACTUATORS_MAX) {
        diag_error(loading->diags, actuators->place, "add the actuators that press the buttons",
                   "%zu actuators; there must be 1 to %d", actuators->count, BENCH_ACTUATORS_MAX);
        return;
    }
    station->actuators = arena_array(loading->arena, actuators->count, sizeof(struct actuator));
    for (size_t i = 0; i < actuators->count; i++) {
        const struct yaml_node *key = map_key(actuators, i);
        if (!fields_check_name(loading->diags, key, "the name of a control")) {
            continue;
        }
        if (bench_station_actuator(station, key->text) >= 0) {
            diag_error(loading->diags, key->place, "press each control with one actuator",
                       "`%s` already has an actuator", key->text);
        }
        struct actuator *actuator = &station->actuators[station->actuator_count++];
        actuator->control = key->text;
        actuator->line.chip = reading->chip;
        fields_read(loading, actuators->items[i], "an actuator", bench_actuator_fields, actuator);
    }
}

int bench_actuator_named(const struct loading *loading, const struct station *station,
                         const struct yaml_node *node)
{
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "a control")) {
        return -1;
    }
    int index = bench_station_actuator(station, node->text);
    if (index < 0) {
        const char *names[BENCH_ACTUATORS_MAX];
        for (size_t i = 0; i < station->actuator_count; i++) {
            names[i] = station->actuators[i].control;
        }
        char todo[TODO_MAX];
        diag_error(loading->diags, node->place,
                   fields_suggest(todo, sizeof(todo), node->text, names, station->actuator_count,
                                  "wire it under `actuators`"),
                   "this station has no actuator for `%s`", node->text);
    }
    return index;
}

static void read_interlock(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    struct bench_reading *reading = object;
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, "`interlock`")) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        int index = bench_actuator_named(loading, &reading->station, list->items[i]);
        if (index >= 0) {
            reading->station.interlock |= UINT32_C(1) << index;
        }
    }
    if (list->count < 2) {
        diag_error(loading->diags, list->place,
                   "name the controls that must never be down together",
                   "an interlock needs at least two controls");
    }
}

/* ---- radio ------------------------------------------------------------------------------ */

static void read_adapter(const struct loading *loading, const struct field *field,
                         const struct yaml_node *map, void *object)
{
    struct bench_reading *reading = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "`adapter`")) {
        return;
    }
    char address[TEXT_BLUETOOTH_MAX];
    if (!text_bluetooth_address(address, node->text)) {
        diag_error(loading->diags, node->place,
                   "write its address, as `bluetoothctl list` shows it: \"AA:BB:CC:DD:EE:FF\"",
                   "`%s` is not a Bluetooth address", node->text);
        return;
    }
    reading->station.adapter = arena_strdup(loading->arena, address);
}

/* A unit in a station is about 10 cm from the adapter, at -40 to -60 dBm; the next room is below
 * -75. One unit's RSSI wanders by about 6 dB. */
enum { RSSI_FLOOR_DBM = -75, RSSI_MARGIN_DB = 6 };

const struct field bench_bluetooth_fields[] = {
    {.key = "adapter", .need = FIELD_REQUIRED, .read = read_adapter},
    {.key = "rssi_floor",
     .read = fields_int,
     .offset = offsetof(struct bench_reading, station.rssi_floor),
     .min = -120,
     .max = 0},
    {.key = "rssi_margin",
     .read = fields_int,
     .offset = offsetof(struct bench_reading, station.rssi_margin),
     .min = 0,
     .max = 60},
    {.key = "forget",
     .read = fields_bool,
     .offset = offsetof(struct bench_reading, station.forget)},
    {.key = NULL},
};

static void read_bluetooth(const struct loading *loading, const struct field *field,
                           const struct yaml_node *map, void *object)
{
    fields_read(loading, yaml_get(map, field->key), "`bluetooth`", bench_bluetooth_fields, object);
}

static void read_firmware(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    struct bench_reading *reading = object;
    reading->station.firmware = bench_firmware_path(loading, yaml_get(map, field->key));
}

/* ---- stations --------------------------------------------------------------------------- */

const struct field bench_station_fields[] = {
    {.key = "chip", .read = fields_sentence, .offset = offsetof(struct bench_reading, chip)},
    {.key = "actuators", .need = FIELD_REQUIRED, .read = read_actuators},
    {.key = "interlock", .read = read_interlock},
    {.key = "led", .read = bench_read_led},
    {.key = "sound", .read = bench_read_sound},
    {.key = "contact", .read = bench_read_contact},
    {.key = "inputs", .read = bench_read_inputs},
    {.key = "estop", .read = bench_read_estop},
    {.key = "bluetooth", .read = read_bluetooth},
    {.key = "firmware", .read = read_firmware},
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
        diag_error(loading->diags, stations->place, "describe each station",
                   "%zu stations; there must be 1 to %d", stations->count, BENCH_STATIONS_MAX);
        return;
    }
    bench->stations = arena_array(loading->arena, stations->count, sizeof(*bench->stations));
    for (size_t i = 0; i < stations->count; i++) {
        const struct yaml_node *key = map_key(stations, i);
        if (!fields_check_name(loading->diags, key, "the name of a station")) {
            continue;
        }
        for (size_t s = 0; s < bench->station_count; s++) {
            if (text_equal_nocase(bench->stations[s].name, key->text)) {
                diag_error(loading->diags, key->place, "give each station its own name",
                           "there is already a station `%s`", key->text);
            }
        }
        struct bench_reading reading = {.station = {.name = key->text,
                                                    .place = key->place,
                                                    .rssi_floor = RSSI_FLOOR_DBM,
                                                    .rssi_margin = RSSI_MARGIN_DB}};
        reading.station.inputs =
            arena_array(loading->arena, BENCH_INPUTS_MAX, sizeof(struct input));
        fields_read(loading, stations->items[i], "a station", bench_station_fields, &reading);
        bench->stations[bench->station_count++] = reading.station;
    }
}
