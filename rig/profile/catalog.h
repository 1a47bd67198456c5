/*
 * All profiles on the search path, one for each model, and lookup of models and procedures by the
 * names people type.
 *
 * Directories are given in order of precedence: of two profiles of one model (letter case ignored),
 * the one in the earlier directory counts, and the later one is silently ignored. Two profiles of
 * one model in one directory are an error. A file that does not load is also an error, but hides no
 * other model; the caller decides whether to continue. The model of a file that does not load is
 * not taken from a later directory either: nobody should press with limits other than those in
 * their own file.
 */
#ifndef LONGPRESS_RIG_CATALOG_H
#define LONGPRESS_RIG_CATALOG_H

#include "rig/base/arena.h"
#include "rig/base/diag.h"
#include "rig/profile/profile.h"

#include <stddef.h>

enum { CATALOG_FILES_MAX = 1000 }; /* of one directory, and of all profiles together */

/* A file that did not load. */
struct catalog_broken {
    const char *path;
    const char *model; /* as far as it was readable */
};

struct catalog {
    struct arena arena;
    struct profile **profiles; /* owned; sorted by model */
    size_t count;
    struct catalog_broken *broken; /* those whose model is known and not in an earlier file */
    size_t broken_count;
};

/*
 * Load all `*.yaml` of the directories. Missing directories are skipped. Anything but a regular
 * file (or a link to one) is never opened, and causes a warning. Never NULL: errors are in `diags`,
 * good profiles in the catalog.
 */
struct catalog *catalog_load(struct diags *diags, const char *const *directories, size_t count);
void catalog_free(struct catalog *catalog);

/*
 * Find a model, ignoring letter case and punctuation (`wh1000xm5`) as long as only one model
 * matches. NULL after an error, which suggests the nearest.
 */
const struct profile *catalog_find(const struct catalog *catalog, const char *model,
                                   struct diags *diags);

/* Find a procedure in the same way. */
const struct procedure *catalog_procedure(const struct profile *profile, const char *name,
                                          struct diags *diags);

#endif
