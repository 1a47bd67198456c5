/* Any bytes as a YAML file: read, or refused; the tree is walked to its end. */
#include "rig/format/yaml.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const struct yaml_node *node, int depth)
{
    size_t count = 1;
    assert(depth <= YAML_DEPTH_MAX);
    assert(node->place.line >= 1 && node->place.column >= 1);
    if (node->kind == YAML_SCALAR) {
        return 1 + strlen(node->text);
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_MAP) {
            assert(yaml_get(node, node->keys[i]->text));
        }
        count += walk(node->items[i], depth + 1);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;
    struct diags diags = DIAGS_INIT;
    const struct yaml_node *root = yaml_read_text(&arena, &diags, "fuzz", (const char *)data, size);
    assert(root || diags.errors > 0);
    if (root) {
        walk(root, 0);
    }
    diags_clear(&diags);
    arena_free(&arena);
    return 0;
}
