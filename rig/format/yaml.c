/*
 * The readers: how loaders get values out of a tree.
 */
#include "rig/format/yaml.h"

#include "rig/base/text.h"
#include "rig/base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_MAX = 64,
    TODO_MAX = DIAG_TEXT_MAX,
};

struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
    for (size_t i = 0; map && map->kind == YAML_MAP && i < map->count; i++) {
        if (strcmp(map->keys[i]->text, key) == 0) {
            return map->items[i];
        }
    }
    return NULL;
}

static const char *kind_words(enum yaml_kind kind)
{
    return kind == YAML_SCALAR ? "a single value"
           : kind == YAML_LIST ? "a list: [a, b], or one `- a` per line"
                               : "a map: { key: value }, or one `key: value` per line";
}

bool yaml_want(struct diags *diags, const struct yaml_node *node, enum yaml_kind kind,
               const char *what)
{
    if (node->kind == kind) {
        return true;
    }
    char todo[TODO_MAX];
    snprintf(todo, sizeof(todo), "write %s", kind_words(kind));
    diag_error(diags, node->place, todo, "%s is %s", what,
               node->kind == YAML_SCALAR ? "a single value"
               : node->kind == YAML_LIST ? "a list"
                                         : "a map");
    return false;
}

static size_t words_count(const char *const *words)
{
    size_t count = 0;
    while (count < WORDS_MAX && words[count]) {
        count++;
    }
    return count;
}

/* "did you mean `x`? (known: a, b)", or "known are a, b". */
static void words_hint(char *todo, size_t size, const char *word, const char *const *words)
{
    size_t count = words_count(words);
    const char *near = text_nearest(word, words, count);
    int used = near ? snprintf(todo, size, "did you mean `%s`? (known: ", near)
                    : snprintf(todo, size, "known: ");
    for (size_t i = 0; i < count && used >= 0 && (size_t)used < size; i++) {
        used += snprintf(todo + used, size - (size_t)used, "%s%s", i ? ", " : "", words[i]);
    }
    if (near && used >= 0 && (size_t)used < size) {
        snprintf(todo + used, size - (size_t)used, ")");
    }
}

bool yaml_only(struct diags *diags, const struct yaml_node *map, const char *const *keys)
{
    bool good = true;
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_node *key = map->keys[i];
        bool known = false;
        for (size_t k = 0; keys[k]; k++) {
            known = known || strcmp(key->text, keys[k]) == 0;
        }
        if (!known) {
            char todo[TODO_MAX];
            words_hint(todo, sizeof(todo), key->text, keys);
            diag_error(diags, key->place, todo, "unknown key `%s`", key->text);
            good = false;
        }
    }
    return good;
}

struct yaml_node *yaml_require(struct diags *diags, const struct yaml_node *map, const char *key)
{
    struct yaml_node *node = yaml_get(map, key);
    if (!node) {
        char todo[TODO_MAX];
        snprintf(todo, sizeof(todo), "add `%s: ...`", key);
        diag_error(diags, map->place, todo, "key `%s` is missing", key);
    }
    return node;
}

/* The scalar at `key`; NULL when absent (*good stays) or wrong (*good is false). */
static const struct yaml_node *scalar_at(struct diags *diags, const struct yaml_node *map,
                                         const char *key, bool *good)
{
    const struct yaml_node *node = yaml_get(map, key);
    char what[TODO_MAX];
    if (!node) {
        return NULL;
    }
    snprintf(what, sizeof(what), "`%s`", key);
    if (!yaml_want(diags, node, YAML_SCALAR, what)) {
        *good = false;
        return NULL;
    }
    return node;
}

bool yaml_get_text(struct diags *diags, const struct yaml_node *map, const char *key,
                   const char **out)
{
    bool good = true;
    const struct yaml_node *node = scalar_at(diags, map, key, &good);
    if (node) {
        if (!node->text[0]) {
            diag_error(diags, node->place, "write some text, or remove the key", "`%s` is empty",
                       key);
            return false;
        }
        *out = node->text;
    }
    return good;
}

bool yaml_duration(struct diags *diags, const struct yaml_node *node, int64_t min_ns,
                   int64_t max_ns, int64_t *out_ns)
{
    int64_t value_ns;
    if (!yaml_want(diags, node, YAML_SCALAR, "a duration")) {
        return false;
    }
    const char *wrong = units_duration_parse(node->text, &value_ns);
    if (wrong) {
        char todo[TODO_MAX] = "write it like `7 s` or `250 ms`";
        if (strcmp(wrong, "has no unit") == 0) {
            snprintf(todo, sizeof(todo), "write `%.20s s` or `%.20s ms`", node->text, node->text);
        }
        diag_error(diags, node->place, todo, "duration `%s` %s", node->text, wrong);
        return false;
    }
    if (value_ns < min_ns || value_ns > max_ns) {
        char low[DURATION_TEXT_MAX];
        char high[DURATION_TEXT_MAX];
        char todo[TODO_MAX];
        snprintf(todo, sizeof(todo), "write %s to %s", units_duration_format(low, min_ns),
                 units_duration_format(high, max_ns));
        diag_error(diags, node->place, todo, "duration `%s` is too %s", node->text,
                   value_ns < min_ns ? "short" : "long");
        return false;
    }
    *out_ns = value_ns;
    return true;
}

bool yaml_get_duration(struct diags *diags, const struct yaml_node *map, const char *key,
                       int64_t min_ns, int64_t max_ns, int64_t *out_ns)
{
    const struct yaml_node *node = yaml_get(map, key);
    return !node || yaml_duration(diags, node, min_ns, max_ns, out_ns);
}

bool yaml_int(struct diags *diags, const struct yaml_node *node, int64_t min, int64_t max,
              int64_t *out)
{
    char *end;
    char todo[TODO_MAX];
    if (!yaml_want(diags, node, YAML_SCALAR, "a number")) {
        return false;
    }
    errno = 0;
    long long value = strtoll(node->text, &end, 10);
    if (!node->text[0] || *end || node->text[0] == ' ' || node->text[0] == '+') {
        diag_error(diags, node->place, "write digits, such as 3", "`%s` is not a whole number",
                   node->text);
        return false;
    }
    if (errno == ERANGE || value < min || value > max) {
        snprintf(todo, sizeof(todo), "write %" PRId64 " to %" PRId64, min, max);
        diag_error(diags, node->place, todo, "`%s` is out of range", node->text);
        return false;
    }
    *out = value;
    return true;
}

bool yaml_get_int(struct diags *diags, const struct yaml_node *map, const char *key, int64_t min,
                  int64_t max, int64_t *out)
{
    const struct yaml_node *node = yaml_get(map, key);
    return !node || yaml_int(diags, node, min, max, out);
}

bool yaml_get_percent(struct diags *diags, const struct yaml_node *map, const char *key,
                      int *out_x100)
{
    bool good = true;
    const struct yaml_node *node = scalar_at(diags, map, key, &good);
    if (!node) {
        return good;
    }
    const char *wrong = units_percent_parse(node->text, out_x100);
    if (wrong) {
        diag_error(diags, node->place, "write it like `20 %`", "percentage `%s` %s", node->text,
                   wrong);
        return false;
    }
    return true;
}

bool yaml_get_bool(struct diags *diags, const struct yaml_node *map, const char *key, bool *out)
{
    static const char *const words[] = {"no", "yes", "false", "true", NULL};
    int index = -1;
    bool good = yaml_get_word(diags, map, key, words, &index);
    if (index >= 0) {
        *out = index % 2 == 1;
    }
    return good;
}

bool yaml_get_word(struct diags *diags, const struct yaml_node *map, const char *key,
                   const char *const *words, int *out)
{
    bool good = true;
    const struct yaml_node *node = scalar_at(diags, map, key, &good);
    if (!node) {
        return good;
    }
    for (int i = 0; words[i]; i++) {
        if (strcmp(node->text, words[i]) == 0) {
            *out = i;
            return true;
        }
    }
    char todo[TODO_MAX];
    words_hint(todo, sizeof(todo), node->text, words);
    diag_error(diags, node->place, todo, "`%s` is not a known `%s`", node->text, key);
    return false;
}
