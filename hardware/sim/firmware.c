#include "hardware/sim/firmware_data.h"

#include "hardware/sim/firmware_load.h"
#include "rig/base/units.h"
#include "rig/format/fields.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/*
 * A file may build on another of its directory: `base: wh-1000xm5.yaml`. Maps are merged key by
 * key, anything else replaces what the base has. One level, so that a reader has two files to
 * look at and not more.
 */
static struct yaml_node *merge(struct arena *arena, struct yaml_node *base, struct yaml_node *over)
{
    if (base->kind != YAML_MAP || over->kind != YAML_MAP) {
        return over;
    }
    struct yaml_node *both = arena_alloc(arena, sizeof(*both));
    both->kind = YAML_MAP;
    both->place = over->place;
    both->keys = arena_array(arena, base->count + over->count, sizeof(*both->keys));
    both->items = arena_array(arena, base->count + over->count, sizeof(*both->items));
    for (size_t i = 0; i < base->count; i++) {
        struct yaml_node *mine = yaml_get(over, base->keys[i]->text);
        both->keys[both->count] = base->keys[i];
        both->items[both->count++] = mine ? merge(arena, base->items[i], mine) : base->items[i];
    }
    for (size_t i = 0; i < over->count; i++) {
        if (!yaml_get(base, over->keys[i]->text)) {
            both->keys[both->count] = over->keys[i];
            both->items[both->count++] = over->items[i];
        }
    }
    return both;
}

static struct yaml_node *with_base(const struct loading *loading, struct yaml_node *root)
{
    const struct yaml_node *base = yaml_get(root, "base");
    if (!base) {
        return root;
    }
    if (!yaml_want(loading->diags, base, YAML_SCALAR, "`base`")) {
        return NULL;
    }
    if (strchr(base->text, '/') || base->text[0] == '.') {
        diag_error(loading->diags, base->place, "name a file in the same directory",
                   "`base` is a path");
        return NULL;
    }
    const char *slash = strrchr(root->place.file, '/');
    int length = slash ? (int)(slash - root->place.file) + 1 : 0;
    const char *path = arena_printf(loading->arena, "%.*s%s", length, root->place.file, base->text);
    struct yaml_node *under = yaml_read_file(loading->arena, loading->diags, path);
    if (!under) {
        diag_error(loading->diags, base->place, "name a firmware file in the same directory",
                   "`base` could not be read");
        return NULL;
    }
    if (yaml_get(under, "base")) {
        diag_error(loading->diags, base->place, "use the base of that file",
                   "`base` has a base of its own");
        return NULL;
    }
    return merge(loading->arena, under, root);
}

static struct firmware *load(struct firmware *firmware, struct diags *diags, struct yaml_node *root,
                             size_t errors)
{
    struct loading loading = {.arena = &firmware->arena, .diags = diags, .owner = firmware};
    if (root && yaml_want(diags, root, YAML_MAP, "a firmware file")) {
        root = with_base(&loading, root);
        if (root) {
            firmware->path = root->place.file;
            firmware_read(&loading, root);
        }
    }
    if (!root || diags->errors != errors) {
        firmware_free(firmware);
        return NULL;
    }
    return firmware;
}

static struct firmware *firmware_new(void)
{
    struct firmware *firmware = xcalloc(sizeof(*firmware));
    return firmware;
}

struct firmware *firmware_load(struct diags *diags, const char *path)
{
    struct firmware *firmware = firmware_new();
    size_t errors = diags->errors;
    return load(firmware, diags, yaml_read_file(&firmware->arena, diags, path), errors);
}

struct firmware *firmware_load_text(struct diags *diags, const char *name, const char *text,
                                    size_t length)
{
    struct firmware *firmware = firmware_new();
    size_t errors = diags->errors;
    struct yaml_node *root = yaml_read_text(&firmware->arena, diags, name, text, length);
    return load(firmware, diags, root, errors);
}

void firmware_free(struct firmware *firmware)
{
    if (firmware) {
        arena_free(&firmware->arena);
        free(firmware);
    }
}

const char *firmware_nominal_path(struct arena *arena, const char *directory, const char *model)
{
    char *path = arena_printf(arena, "%s/%s.yaml", directory, model);
    for (char *c = path + strlen(directory) + 1; *c; c++) {
        *c = *c == ' ' || *c == '/' ? '-' : (char)tolower((unsigned char)*c);
    }
    return path;
}

const char *firmware_name(const struct firmware *firmware)
{
    return firmware->name;
}

const char *firmware_model(const struct firmware *firmware)
{
    return firmware->model;
}

const char *firmware_version(const struct firmware *firmware)
{
    return firmware->version;
}
