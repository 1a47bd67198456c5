#include "rig/format/fields.h"

#include "rig/base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

bool fields_read(const struct loading *loading, const struct yaml_node *map, const char *what,
                 const struct field *fields, void *object)
{
    size_t errors = loading->diags->errors;
    if (!yaml_want(loading->diags, map, YAML_MAP, what)) {
        return false;
    }
    const char *keys[FIELDS_MAX + 1] = {NULL};
    size_t count = 0;
    for (const struct field *field = fields; field->key; field++) {
        assert(count < FIELDS_MAX);
        keys[count++] = field->key;
    }
    yaml_only(loading->diags, map, keys);
    for (const struct field *field = fields; field->key; field++) {
        if (yaml_get(map, field->key)) {
            field->read(loading, field, map, object);
        } else if (field->need == FIELD_REQUIRED) {
            yaml_require(loading->diags, map, field->key);
        }
    }
    return loading->diags->errors == errors;
}

static void *member(void *object, const struct field *field)
{
    return (char *)object + field->offset;
}

void fields_duration(const struct loading *loading, const struct field *field,
                     const struct yaml_node *map, void *object)
{
    yaml_get_duration(loading->diags, map, field->key, field->min, field->max,
                      member(object, field));
}

void fields_int(const struct loading *loading, const struct field *field,
                const struct yaml_node *map, void *object)
{
    int64_t value = 0;
    if (yaml_get_int(loading->diags, map, field->key, field->min, field->max, &value)) {
        *(int *)member(object, field) = (int)value;
    }
}

void fields_percent(const struct loading *loading, const struct field *field,
                    const struct yaml_node *map, void *object)
{
    yaml_get_percent(loading->diags, map, field->key, member(object, field));
}

void fields_bool(const struct loading *loading, const struct field *field,
                 const struct yaml_node *map, void *object)
{
    yaml_get_bool(loading->diags, map, field->key, member(object, field));
}

void fields_word(const struct loading *loading, const struct field *field,
                 const struct yaml_node *map, void *object)
{
    int index = 0;
    if (yaml_get_word(loading->diags, map, field->key, field->words, &index)) {
        /* An enum without negative values is an unsigned int here, as wide as int. */
        *(unsigned *)member(object, field) = (unsigned)index;
    }
}

/* "`key`", as the messages name a value. */
struct quoted {
    char text[NAME_TEXT_MAX + 3];
};

static struct quoted quote(const char *key)
{
    struct quoted quoted;
    snprintf(quoted.text, sizeof(quoted.text), "`%s`", key);
    return quoted;
}

void fields_name(const struct loading *loading, const struct field *field,
                 const struct yaml_node *map, void *object)
{
    const struct yaml_node *node = yaml_get(map, field->key);
    if (fields_check_name(loading->diags, node, quote(field->key).text)) {
        *(const char **)member(object, field) = node->text;
    }
}

void fields_model(const struct loading *loading, const struct field *field,
                  const struct yaml_node *map, void *object)
{
    const struct yaml_node *node = yaml_get(map, field->key);
    if (fields_check_model(loading->diags, node, quote(field->key).text)) {
        *(const char **)member(object, field) = node->text;
    }
}

void fields_sentence(const struct loading *loading, const struct field *field,
                     const struct yaml_node *map, void *object)
{
    const struct yaml_node *node = yaml_get(map, field->key);
    if (fields_check_sentence(loading->diags, node, quote(field->key).text)) {
        *(const char **)member(object, field) = node->text;
    }
}

void fields_sentences(const struct loading *loading, const struct field *field,
                      const struct yaml_node *map, void *object)
{
    const struct yaml_node *list = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, list, YAML_LIST, quote(field->key).text)) {
        return;
    }
    const char **texts = arena_array(loading->arena, list->count + 1, sizeof(*texts));
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (fields_check_sentence(loading->diags, list->items[i], quote(field->key).text)) {
            texts[count++] = list->items[i]->text;
        }
    }
    *(const char *const **)member(object, field) = texts;
    *(size_t *)(void *)((char *)object + field->count_offset) = count;
}

static bool is_name_character(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c && strchr("_.@+-", c));
}

static bool name_or_model(struct diags *diags, const struct yaml_node *node, const char *what,
                          bool spaces)
{
    if (!yaml_want(diags, node, YAML_SCALAR, what)) {
        return false;
    }
    const char *text = node->text;
    size_t length = strlen(text);
    if (length == 0) {
        diag_error(diags, node->place, "write a name", "%s is empty", what);
        return false;
    }
    if (length > NAME_TEXT_MAX) {
        diag_error(diags, node->place, "write a shorter name", "%s is %zu bytes long, more than %d",
                   what, length, NAME_TEXT_MAX);
        return false;
    }
    bool good = is_name_character(text[0]) && !strchr("_.@+-", text[0]);
    for (size_t i = 1; i < length && good; i++) {
        bool space = spaces && text[i] == ' ' && text[i - 1] != ' ' && i + 1 < length;
        good = is_name_character(text[i]) || space;
    }
    if (!good) {
        diag_error(diags, node->place,
                   spaces ? "use letters, digits, single spaces and _ . @ + - only, letter or "
                            "digit first"
                          : "use letters, digits and _ . @ + - only, letter or digit first",
                   "%s is not a name: `%s`", what, text);
        return false;
    }
    return true;
}

bool fields_check_name(struct diags *diags, const struct yaml_node *node, const char *what)
{
    return name_or_model(diags, node, what, false);
}

bool fields_check_model(struct diags *diags, const struct yaml_node *node, const char *what)
{
    return name_or_model(diags, node, what, true);
}

bool fields_check_sentence(struct diags *diags, const struct yaml_node *node, const char *what)
{
    if (!yaml_want(diags, node, YAML_SCALAR, what)) {
        return false;
    }
    size_t length = strlen(node->text);
    if (length == 0) {
        diag_error(diags, node->place, "write a sentence", "%s is empty", what);
        return false;
    }
    if (length > SENTENCE_TEXT_MAX) {
        diag_error(diags, node->place, "write a shorter sentence",
                   "%s is %zu bytes long, more than %d", what, length, SENTENCE_TEXT_MAX);
        return false;
    }
    char printable[SENTENCE_TEXT_MAX + 1];
    if (strcmp(text_printable(printable, sizeof(printable), node->text), node->text) != 0) {
        diag_error(diags, node->place, "use printable characters, on one line",
                   "%s contains characters that cannot be printed", what);
        return false;
    }
    return true;
}

bool fields_is_word(const struct yaml_node *node, const char *word)
{
    return node->kind == YAML_SCALAR && !node->quoted && strcmp(node->text, word) == 0;
}

char *fields_suggest(char *out, size_t size, const char *word, const char *const *candidates,
                     size_t count, const char *otherwise)
{
    const char *nearest = count ? text_nearest(word, candidates, count) : NULL;
    if (nearest) {
        snprintf(out, size, "did you mean `%s`?", nearest);
        return out;
    }
    if (count == 0) {
        snprintf(out, size, "%s", otherwise);
        return out;
    }
    size_t used = (size_t)snprintf(out, size, "known: %s", candidates[0]);
    for (size_t i = 1; i < count && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, ", %s", candidates[i]);
    }
    if (used >= size) {
        snprintf(out, size, "%s", otherwise);
    }
    return out;
}
