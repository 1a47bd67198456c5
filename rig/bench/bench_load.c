/* Loads the document: the bench's name, its keeper, whether it is simulated. */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/bench/bench_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct field keeper_fields[] = {
    {.key = "heartbeat",
     .read = fields_duration,
     .offset = offsetof(struct bench, heartbeat_ns),
     .min = 10 * NS_PER_MS,
     .max = 10 * NS_PER_S},
    {.key = "spin",
     .read = fields_duration,
     .offset = offsetof(struct bench, spin_ns),
     .min = 0,
     .max = 10 * NS_PER_MS},
    {.key = "priority",
     .read = fields_int,
     .offset = offsetof(struct bench, realtime_priority),
     .min = 0,
     .max = 99},
    {.key = NULL},
};

static void read_keeper(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    fields_read(loading, yaml_get(map, field->key), "`keeper`", keeper_fields, object);
}

/* Paths in a bench file are relative to its own directory. */
const char *bench_firmware_path(const struct loading *loading, const struct yaml_node *node)
{
    const struct bench *bench = loading->owner;
    if (!fields_check_sentence(loading->diags, node, "a firmware file")) {
        return NULL;
    }
    if (!bench->simulated) {
        diag_error(loading->diags, node->place, "remove it, or write `simulated: yes`",
                   "a real bench has no firmware file");
        return NULL;
    }
    const char *file = node->place.file;
    const char *slash = strrchr(file, '/');
    if (node->text[0] == '/' || !slash) {
        return node->text;
    }
    return arena_printf(loading->arena, "%.*s/%s", (int)(slash - file), file, node->text);
}

static void read_firmware(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object)
{
    struct bench *bench = object;
    bench->firmware = bench_firmware_path(loading, yaml_get(map, field->key));
}

static void read_unit(const struct loading *loading, struct bench *bench,
                      const struct yaml_node *key, const struct yaml_node *value)
{
    if (!fields_check_name(loading->diags, key, "a serial number")) {
        return;
    }
    for (size_t i = 0; i < bench->unit_count; i++) {
        if (text_equal_nocase(bench->units[i].serial, key->text)) {
            diag_error(loading->diags, key->place, "name each serial number once",
                       "there is already a unit `%s`", key->text);
        }
    }
    bench->units[bench->unit_count++] =
        (struct bench_unit){.serial = key->text, .firmware = bench_firmware_path(loading, value)};
}

static void read_units(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    struct bench *bench = object;
    const struct yaml_node *units = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, units, YAML_MAP, "`units`")) {
        return;
    }
    if (units->count > BENCH_UNITS_MAX) {
        diag_error(loading->diags, units->place, "leave some out", "more than %d units",
                   BENCH_UNITS_MAX);
        return;
    }
    bench->units = arena_array(loading->arena, units->count, sizeof(*bench->units));
    for (size_t i = 0; i < units->count; i++) {
        read_unit(loading, bench, map_key(units, i), units->items[i]);
    }
}

static const struct field document_fields[] = {
    {.key = "bench",
     .need = FIELD_REQUIRED,
     .read = fields_name,
     .offset = offsetof(struct bench, name)},
    {.key = "simulated", .read = fields_bool, .offset = offsetof(struct bench, simulated)},
    {.key = "firmware", .read = read_firmware},
    {.key = "units", .read = read_units},
    {.key = "keeper", .read = read_keeper},
    {.key = "stations", .need = FIELD_REQUIRED, .read = bench_read_stations},
    {.key = NULL},
};

const struct field_table *bench_tables(void)
{
    static const struct field_table tables[] = {
        {"bench", document_fields},
        {"keeper", keeper_fields},
        {"station", bench_station_fields},
        {"actuator", bench_actuator_fields},
        {"duty", bench_duty_fields},
        {"travel", bench_travel_fields},
        {"line", bench_line_fields},
        {"led", bench_led_fields},
        {"sound", bench_sound_fields},
        {"input", bench_input_fields},
        {"bluetooth", bench_bluetooth_fields},
        {NULL, NULL},
    };
    return tables;
}

/* The arena holds the tree and the bench, which borrows the tree's texts. */
static struct bench *load(struct diags *diags, struct arena *arena, const char *path,
                          const char *text, size_t length, size_t errors_before)
{
    struct bench *bench = arena_alloc(arena, sizeof(*bench));
    const struct yaml_node *root = text ? yaml_read_text(arena, diags, path, text, length) : NULL;
    *bench = (struct bench){.path = path,
                            .text = text,
                            .text_length = length,
                            .heartbeat_ns = 250 * NS_PER_MS,
                            .spin_ns = 0,
                            .realtime_priority = 50};
    struct loading loading = {.arena = arena, .diags = diags, .owner = bench};
    if (root && fields_read(&loading, root, "a bench", document_fields, bench)) {
        bench_check_lines(&loading, bench);
    }
    if (diags->errors != errors_before) {
        arena_free(arena);
        return NULL;
    }
    assert(root && bench->name && bench->station_count > 0);
    bench->arena = *arena;
    return bench;
}

struct bench *bench_load(struct diags *diags, const char *path)
{
    size_t errors = diags->errors;
    struct arena arena = ARENA_INIT;
    const char *own_path = arena_strdup(&arena, path);
    size_t length;
    const char *text = yaml_file_text(&arena, diags, own_path, &length);
    return load(diags, &arena, own_path, text, length, errors);
}

struct bench *bench_load_text(struct diags *diags, const char *name, const char *text,
                              size_t length)
{
    size_t errors = diags->errors;
    struct arena arena = ARENA_INIT;
    const char *own_name = arena_strdup(&arena, name);
    const char *own_text = arena_strndup(&arena, text, length);
    return load(diags, &arena, own_name, own_text, length, errors);
}
