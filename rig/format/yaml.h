/*
 * YAML as a checked tree: libyaml's events, made into nodes that know where they stand.
 *
 * Files come from outside: a document is refused when it is larger than YAML_BYTES_MAX, deeper
 * than YAML_DEPTH_MAX, of more than YAML_NODES_MAX nodes, not UTF-8, holds a NUL, an alias, an
 * anchor, a tag, a second document, or a key twice. Scalars stay text: who reads them decides what
 * they are, so `on` and `no` are words and `6.10` keeps its zero.
 *
 * The readers below are how every loader takes a tree apart. They add to `diags` what is wrong and
 * go on, so that all errors of a file are told in one go. Unknown keys are errors, with the
 * nearest known key.
 */
#ifndef LONGPRESS_RIG_YAML_H
#define LONGPRESS_RIG_YAML_H

#include "rig/base/arena.h"
#include "rig/base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    YAML_BYTES_MAX = 1 << 20,
    YAML_DEPTH_MAX = 24,
    YAML_NODES_MAX = 50000,
};

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    struct place place;
    const char *text;         /* scalar: NUL-terminated UTF-8 */
    bool quoted;              /* scalar: written in quotes or as a block */
    size_t count;             /* list items, map pairs */
    struct yaml_node **items; /* list: items; map: values */
    struct yaml_node **keys;  /* map: keys, always scalars */
};

/* Read a whole file / a text in memory (`name` stands in the messages). NULL when there is no tree
 * to be had. A key that is there twice is an error, and the tree is returned all the same, so that
 * the loader tells what else is wrong: it must look at diags->errors. The tree lives in `arena`.
 * Costs at most about YAML_NODES_MAX small allocations of it. */
struct yaml_node *yaml_read_file(struct arena *arena, struct diags *diags, const char *path);
struct yaml_node *yaml_read_text(struct arena *arena, struct diags *diags, const char *name,
                                 const char *text, size_t length);

/* The file as it is, YAML_BYTES_MAX + 1 bytes of it at most, in `arena`. NULL after an error. */
const char *yaml_file_text(struct arena *arena, struct diags *diags, const char *path,
                           size_t *length);

/* The value at `key` of a map, or NULL. */
struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* Error unless `node` is of `kind`; `what` names it in the message ("`steps`"). */
bool yaml_want(struct diags *diags, const struct yaml_node *node, enum yaml_kind kind,
               const char *what);

/* Error for each key of `map` that is not among `keys` (NULL-terminated). False if any. */
bool yaml_only(struct diags *diags, const struct yaml_node *map, const char *const *keys);

/* `map` must have `key`; otherwise an error at the map. */
struct yaml_node *yaml_require(struct diags *diags, const struct yaml_node *map, const char *key);

/* Readers of the value at `key`: absent leaves *out as it is and is true; wrong is an error and
 * false. Numbers are checked against [min, max]. Durations are ns (rig/base/units.h). */
bool yaml_get_text(struct diags *diags, const struct yaml_node *map, const char *key,
                   const char **out);
bool yaml_get_duration(struct diags *diags, const struct yaml_node *map, const char *key,
                       int64_t min_ns, int64_t max_ns, int64_t *out_ns);
bool yaml_get_int(struct diags *diags, const struct yaml_node *map, const char *key, int64_t min,
                  int64_t max, int64_t *out);
bool yaml_get_percent(struct diags *diags, const struct yaml_node *map, const char *key,
                      int *out_x100);
bool yaml_get_bool(struct diags *diags, const struct yaml_node *map, const char *key, bool *out);
/* One of `words` (NULL-terminated); *out is its index. */
bool yaml_get_word(struct diags *diags, const struct yaml_node *map, const char *key,
                   const char *const *words, int *out);

/* The same for a node in hand. */
bool yaml_duration(struct diags *diags, const struct yaml_node *node, int64_t min_ns,
                   int64_t max_ns, int64_t *out_ns);
bool yaml_int(struct diags *diags, const struct yaml_node *node, int64_t min, int64_t max,
              int64_t *out);

#endif
