/*
 * Key tables: how a YAML map becomes a struct.
 *
 * A loader's table lists the keys of an object, which of them are required, and the reader of each.
 * fields_read does the rest in table order, so a key can refer to what earlier ones read. The tests
 * check the documentation against the same tables.
 */
#ifndef LONGPRESS_RIG_FIELDS_H
#define LONGPRESS_RIG_FIELDS_H

#include "rig/base/arena.h"
#include "rig/base/diag.h"
#include "rig/format/yaml.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAME_TEXT_MAX = 64,      /* bytes of an identifier or a model's name */
    SENTENCE_TEXT_MAX = 200, /* bytes of a text shown to people */
    FIELDS_MAX = 24,         /* keys per table */
};

struct loading {
    struct arena *arena;
    struct diags *diags;
    void *owner; /* the document being filled, for readers that refer to other parts of it */
};

struct field;

/* Read the value at `field->key` of `map`, which exists, into `object`; errors go to the diags.
 */
typedef void field_reader(const struct loading *loading, const struct field *field,
                          const struct yaml_node *map, void *object);

enum field_need { FIELD_OPTIONAL, FIELD_REQUIRED };

struct field {
    const char *key; /* NULL ends a table */
    enum field_need need;
    field_reader *read;
    size_t offset;            /* of the member it fills, for the readers below */
    size_t count_offset;      /* lists: of the size_t holding the count */
    int64_t min, max;         /* durations and integers; lists: of the count */
    const char *const *words; /* NULL-terminated */
};

/* A documented object and its keys, for tests. `keys` NULL ends a list of tables. */
struct field_table {
    const char *object;
    const struct field *fields;
};

/* Read all of `map` (`what` names it in messages). False after an error. */
bool fields_read(const struct loading *loading, const struct yaml_node *map, const char *what,
                 const struct field *fields, void *object);

/* Readers for `struct field.read`. */
field_reader fields_duration;  /* int64_t */
field_reader fields_int;       /* int */
field_reader fields_percent;   /* int, hundredths */
field_reader fields_bool;      /* bool */
field_reader fields_word;      /* an enum, in the order of `words` */
field_reader fields_name;      /* const char *: an identifier */
field_reader fields_model;     /* const char *: an identifier that may contain spaces */
field_reader fields_sentence;  /* const char * */
field_reader fields_sentences; /* const char *const *, and count: a list of them */

/* Is the scalar `node` an identifier ([A-Za-z0-9_.@+-], letter or digit first)? Error if not. */
bool fields_check_name(struct diags *diags, const struct yaml_node *node, const char *what);
/* The same with single spaces allowed inside. */
bool fields_check_model(struct diags *diags, const struct yaml_node *node, const char *what);
/* Is it one to SENTENCE_TEXT_MAX bytes of printable text? Error if not. */
bool fields_check_sentence(struct diags *diags, const struct yaml_node *node, const char *what);
/* Is it the bare word? */
bool fields_is_word(const struct yaml_node *node, const char *word);

/* The key of pair `i`, as a node to point at. */
static inline const struct yaml_node *map_key(const struct yaml_node *map, size_t i)
{
    return map->keys[i];
}

/* "did you mean `power`?", else "known: power, nc_ambient", else `otherwise`. `out` takes
 * `size` bytes. Returns `out`. */
char *fields_suggest(char *out, size_t size, const char *word, const char *const *candidates,
                     size_t count, const char *otherwise);

#endif
