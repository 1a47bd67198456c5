/*
 * YAML as a checked tree: libyaml's events, turned into nodes that know their line and column.
 *
 * Files are untrusted: a document is refused when it is larger than YAML_BYTES_MAX, deeper than
 * YAML_DEPTH_MAX, has more than YAML_NODES_MAX nodes, is not UTF-8, or contains a NUL, an alias, an
 * anchor, a tag, a second document or a duplicate key. Scalars stay text, and the reader decides
 * what they mean, so `on` and `no` are words and `6.10` keeps its zero.
 *
 * Every loader uses the readers below. They add errors to `diags` and continue, so that all errors
 * of a file are reported at once. Unknown keys are errors that suggest the nearest known key.
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

/* Read a whole file / a text in memory (`name` is used in messages). NULL when no tree can be
 * built. A duplicate key is an error, but the tree is still returned, so that the loader can report
 * what else is wrong: it must check diags->errors. The tree lives in `arena`. It takes at most
 * about YAML_NODES_MAX small allocations. */
struct yaml_node *yaml_read_file(struct arena *arena, struct diags *diags, const char *path);
struct yaml_node *yaml_read_text(struct arena *arena, struct diags *diags, const char *name,
                                 const char *text, size_t length);

/* The raw file, at most YAML_BYTES_MAX + 1 bytes of it, in `arena`. NULL after an error. */
const char *yaml_file_text(struct arena *arena, struct diags *diags, const char *path,
                           size_t *length);

/* The value at `key` of a map, or NULL. */
struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* Error unless `node` is of `kind`; `what` names it in the message ("`steps`"). */
bool yaml_want(struct diags *diags, const struct yaml_node *node, enum yaml_kind kind,
               const char *what);

/* Report each key of `map` that is not in `keys` (NULL-terminated). False if there are any. */
bool yaml_only(struct diags *diags, const struct yaml_node *map, const char *const *keys);

/* `map` must have `key`; otherwise an error at the map. */
struct yaml_node *yaml_require(struct diags *diags, const struct yaml_node *map, const char *key);

/* Readers of the value at `key`: if it is absent they leave *out alone and return true; if it is
 * wrong they add an error and return false. Numbers are checked against [min, max]. Durations are
 * ns (rig/base/units.h). */
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

/* The same for a node. */
bool yaml_duration(struct diags *diags, const struct yaml_node *node, int64_t min_ns,
                   int64_t max_ns, int64_t *out_ns);
bool yaml_int(struct diags *diags, const struct yaml_node *node, int64_t min, int64_t max,
              int64_t *out);

#endif
