/*
 * Builds a tree from libyaml's events, within the limits of rig/format/yaml.h.
 */
#include "rig/format/yaml.h"

#include "rig/base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

/* A collection that is being read. Its children wait on the common stack until it ends. */
struct open_node {
    struct yaml_node *node;
    size_t first; /* of its children on the stack */
};

struct reader {
    struct arena *arena;
    struct diags *diags;
    const char *file;
    struct yaml_node **stack; /* finished children of all open collections */
    size_t stack_count;
    size_t stack_size;
    struct open_node open[YAML_DEPTH_MAX];
    size_t depth;
    size_t nodes;
    struct yaml_node *root;
};

static struct place place_at(const struct reader *reader, yaml_mark_t mark)
{
    return (struct place){
        .file = reader->file, .line = (int)mark.line + 1, .column = (int)mark.column + 1};
}

static void push(struct reader *reader, struct yaml_node *node)
{
    if (reader->depth == 0) {
        reader->root = node;
        return;
    }
    if (reader->stack_count == reader->stack_size) {
        reader->stack_size = reader->stack_size ? reader->stack_size * 2 : 64;
        reader->stack = xrealloc_array(reader->stack, reader->stack_size, sizeof(*reader->stack));
    }
    reader->stack[reader->stack_count++] = node;
}

static int by_text(const void *a, const void *b)
{
    const struct yaml_node *x = *(struct yaml_node *const *)a;
    const struct yaml_node *y = *(struct yaml_node *const *)b;
    int order = strcmp(x->text, y->text);
    if (order != 0) {
        return order;
    }
    return x->place.line != y->place.line ? (x->place.line > y->place.line) * 2 - 1
                                          : (x->place.column > y->place.column) * 2 - 1;
}

static void tell_duplicates(const struct reader *reader, const struct yaml_node *map)
{
    if (map->count < 2) {
        return;
    }
    struct yaml_node **sorted = xrealloc_array(NULL, map->count, sizeof(*sorted));
    memcpy(sorted, map->keys, map->count * sizeof(*sorted));
    qsort(sorted, map->count, sizeof(*sorted), by_text);
    for (size_t i = 1; i < map->count; i++) {
        if (strcmp(sorted[i - 1]->text, sorted[i]->text) == 0) {
            diag_error(reader->diags, sorted[i]->place, "remove one of the two",
                       "key `%s` appears twice; the first is on line %d", sorted[i]->text,
                       sorted[i - 1]->place.line);
        }
    }
    free(sorted);
}

static int close_collection(struct reader *reader)
{
    struct open_node *open = &reader->open[reader->depth - 1];
    struct yaml_node *node = open->node;
    assert(node);
    size_t count = reader->stack_count - open->first;
    struct yaml_node **children = count ? reader->stack + open->first : NULL;
    int result = 0;

    if (node->kind == YAML_LIST) {
        node->count = count;
        node->items = arena_array(reader->arena, count, sizeof(*node->items));
        for (size_t i = 0; i < count; i++) {
            node->items[i] = children[i];
        }
    } else {
        node->count = count / 2;
        node->keys = arena_array(reader->arena, node->count, sizeof(*node->keys));
        node->items = arena_array(reader->arena, node->count, sizeof(*node->items));
        for (size_t i = 0; i < node->count; i++) {
            node->keys[i] = children[2 * i];
            node->items[i] = children[2 * i + 1];
            if (node->keys[i]->kind != YAML_SCALAR) {
                result = diag_error(reader->diags, node->keys[i]->place, "write a plain word",
                                    "a key is a list or a map");
            }
        }
        if (result == 0) {
            tell_duplicates(reader, node);
        }
    }
    reader->stack_count = open->first;
    reader->depth--;
    push(reader, node);
    return result;
}

/* A new node for the event; NULL after an error. */
static struct yaml_node *node_new(struct reader *reader, const yaml_event_t *event,
                                  enum yaml_kind kind, const yaml_char_t *anchor,
                                  const yaml_char_t *tag)
{
    struct place place = place_at(reader, event->start_mark);
    if (++reader->nodes > YAML_NODES_MAX) {
        diag_error(reader->diags, place, "split the file", "contains more than %d values",
                   YAML_NODES_MAX);
        return NULL;
    }
    if (anchor) {
        diag_error(reader->diags, place, "write the value out where it is used",
                   "anchor `&%s` is not allowed", (const char *)anchor);
        return NULL;
    }
    if (tag) {
        diag_error(reader->diags, place, "remove it", "tag `%s` is not allowed", (const char *)tag);
        return NULL;
    }
    struct yaml_node *node = arena_alloc(reader->arena, sizeof(*node));
    node->kind = kind;
    node->place = place;
    return node;
}

static int begin_collection(struct reader *reader, struct yaml_node *node)
{
    if (!node) {
        return -1;
    }
    if (reader->depth == YAML_DEPTH_MAX) {
        return diag_error(reader->diags, node->place, "nest it less deeply",
                          "is nested more than %d deep", YAML_DEPTH_MAX);
    }
    reader->open[reader->depth++] = (struct open_node){.node = node, .first = reader->stack_count};
    return 0;
}

static int take_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    struct yaml_node *node =
        node_new(reader, event, YAML_SCALAR, event->data.scalar.anchor, event->data.scalar.tag);
    if (!node) {
        return -1;
    }
    if (memchr(text, 0, event->data.scalar.length)) {
        return diag_error(reader->diags, node->place, "remove it", "a text contains a NUL byte");
    }
    node->text = arena_strndup(reader->arena, text, event->data.scalar.length);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    push(reader, node);
    return 0;
}

/* libyaml's words, and what a person is to do about them. */
static int syntax_error(const struct reader *reader, const yaml_parser_t *parser)
{
    static const struct {
        const char *problem;
        const char *todo;
    } hints[] = {
        {"found character that cannot start any token",
         "indent with spaces, not tabs; quote text that starts with @ or `"},
        {"mapping values are not allowed", "quote text that contains `: `, or check the "
                                           "indentation"},
        {"could not find expected ':'", "write `key: value`, and close quotes and brackets"},
        {"did not find expected ',' or ']'", "close the list with ]"},
        {"did not find expected ',' or '}'", "close the map with }"},
        {"found unexpected end of stream", "close the quote or the bracket"},
        {"did not find expected key", "check the indentation of this line and the one before"},
        {"did not find expected '-' indicator", "check the indentation of this list"},
        {"did not find expected node content", "write a value here"},
        {"found a tab character", "indent with spaces"},
        {"found unknown escape character", "write \\\\ for a backslash, or use single quotes"},
        {"control characters are not allowed", "remove it"},
    };
    const char *problem = parser->problem ? parser->problem : "is not valid YAML";
    const char *todo = "see profiles/SCHEMA.md for examples";
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        if (strstr(problem, hints[i].problem)) {
            todo = hints[i].todo;
        }
    }
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR) {
        mark = parser->mark;
    }
    return diag_error(reader->diags, place_at(reader, mark), todo, "is not valid YAML: %s",
                      problem);
}

/* 1: go on, 0: the end, -1: after an error. */
static int take_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return take_scalar(reader, event) == 0 ? 1 : -1;
    case YAML_SEQUENCE_START_EVENT:
        return begin_collection(reader, node_new(reader, event, YAML_LIST,
                                                 event->data.sequence_start.anchor,
                                                 event->data.sequence_start.tag)) == 0
                   ? 1
                   : -1;
    case YAML_MAPPING_START_EVENT:
        return begin_collection(reader,
                                node_new(reader, event, YAML_MAP, event->data.mapping_start.anchor,
                                         event->data.mapping_start.tag)) == 0
                   ? 1
                   : -1;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_collection(reader) == 0 ? 1 : -1;
    case YAML_ALIAS_EVENT:
        return diag_error(reader->diags, place_at(reader, event->start_mark), "write the value out",
                          "alias `*%s` is not allowed", (const char *)event->data.alias.anchor);
    case YAML_DOCUMENT_START_EVENT:
        if (reader->root) {
            return diag_error(reader->diags, place_at(reader, event->start_mark),
                              "put it in a file of its own", "a second document starts");
        }
        return 1;
    case YAML_STREAM_END_EVENT:
        return 0;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return 1;
    }
    return 1;
}

/* The line and column (in bytes) of an offset. */
static struct place place_of_offset(const char *name, const char *text, size_t offset)
{
    struct place place = {.file = name, .line = 1, .column = 1};
    for (size_t i = 0; i < offset; i++) {
        place.column++;
        if (text[i] == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    return place;
}

static int check_text(struct diags *diags, const char *name, const char *text, size_t length)
{
    size_t bad;
    if (length > YAML_BYTES_MAX) {
        return diag_error(diags, place_of(name), "split it", "is larger than %d KiB",
                          YAML_BYTES_MAX / 1024);
    }
    const char *nul = memchr(text, 0, length);
    if (nul) {
        return diag_error(diags, place_of_offset(name, text, (size_t)(nul - text)),
                          "save it as UTF-8 text", "contains a NUL byte");
    }
    if (!text_is_utf8(text, length, &bad)) {
        return diag_error(diags, place_of_offset(name, text, bad), "save it as UTF-8",
                          "byte 0x%02X is not UTF-8", (unsigned char)text[bad]);
    }
    return 0;
}

struct yaml_node *yaml_read_text(struct arena *arena, struct diags *diags, const char *name,
                                 const char *text, size_t length)
{
    static const char bom[] = "\xEF\xBB\xBF";
    struct reader reader = {.arena = arena, .diags = diags, .file = arena_strdup(arena, name)};
    size_t errors = diags->errors;
    yaml_parser_t parser;
    int go_on = 1;

    if (check_text(diags, reader.file, text, length) != 0) {
        return NULL;
    }
    if (length >= 3 && memcmp(text, bom, 3) == 0) {
        text += 3;
        length -= 3;
    }
    if (!yaml_parser_initialize(&parser)) {
        out_of_memory();
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    while (go_on > 0) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            if (parser.error == YAML_MEMORY_ERROR) {
                out_of_memory();
            }
            go_on = syntax_error(&reader, &parser);
            break;
        }
        go_on = take_event(&reader, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    free(reader.stack);
    if (go_on == 0 && !reader.root && diags->errors == errors) {
        diag_error(diags, place_of(reader.file), "see profiles/SCHEMA.md for examples", "is empty");
    }
    return go_on == 0 ? reader.root : NULL;
}

const char *yaml_file_text(struct arena *arena, struct diags *diags, const char *path,
                           size_t *length)
{
    const char *kept = NULL;
    char *text = NULL;
    struct stat st;

    *length = 0;

    /* O_NONBLOCK: a FIFO without a writer must not hold us up. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        diag_error(diags, place_of(path), "name an existing, readable file", "cannot be opened: %s",
                   strerror(errno));
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        diag_error(diags, place_of(path), "name a file", "is not a regular file");
        goto out;
    }
    text = xrealloc_array(NULL, YAML_BYTES_MAX + 1, 1);
    while (*length <= YAML_BYTES_MAX) {
        ssize_t got = read(fd, text + *length, YAML_BYTES_MAX + 1 - *length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            diag_error(diags, place_of(path), NULL, "cannot be read: %s", strerror(errno));
            goto out;
        }
        if (got == 0) {
            break;
        }
        *length += (size_t)got;
    }
    kept = arena_strndup(arena, text, *length);
out:
    free(text);
    if (fd >= 0) {
        close(fd);
    }
    return kept;
}

struct yaml_node *yaml_read_file(struct arena *arena, struct diags *diags, const char *path)
{
    size_t length;
    const char *text = yaml_file_text(arena, diags, path, &length);
    return text ? yaml_read_text(arena, diags, path, text, length) : NULL;
}
