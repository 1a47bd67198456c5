/*
 * All profiles of the search path, one for each model, and the way from a name that a person
 * typed to a model or procedure.
 *
 * Directories are given in order of precedence: of two profiles of one model (letter case
 * ignored), the one in the earlier directory counts, and the later is left out without a word.
 * Two of one model in one directory are an error. A file that does not load is an error too, and
 * hides no other model; whether to go on is the caller's decision. But the model of a file that
 * does not load is not found in a later directory either: nobody is to run a press with other
 * limits than those in his own file.
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
    const char *model; /* as far as it could be read */
};

struct catalog {
    struct arena arena;
    struct profile **profiles; /* owned; in order of model */
    size_t count;
    struct catalog_broken *broken; /* those whose model could be read, and that no file before
                                      them has */
    size_t broken_count;
};

/*
 * Load all `*.yaml` of the directories. Those that are not there are passed over; what is not a
 * regular file (or a link to one) is never opened, and is a warning. Never NULL: what is wrong is
 * in `diags`, what is right in the catalog.
 */
struct catalog *catalog_load(struct diags *diags, const char *const *directories, size_t count);
void catalog_free(struct catalog *catalog);

/*
 * The model a person means: letter case and punctuation do not matter (`wh1000xm5`), as long as
 * one model only fits. NULL after an error, which suggests the nearest.
 */
const struct profile *catalog_find(const struct catalog *catalog, const char *model,
                                   struct diags *diags);

/* The procedure a person means, in the same way. */
const struct procedure *catalog_procedure(const struct profile *profile, const char *name,
                                          struct diags *diags);

#endif
