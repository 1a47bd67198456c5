/*
 * Search paths of profiles, firmware files, bench files and the journal: the user's own take
 * precedence over those of the source tree or the installation.
 */
#ifndef LONGPRESS_TUI_PLACES_H
#define LONGPRESS_TUI_PLACES_H

#include "rig/base/arena.h"
#include "rig/base/diag.h"
#include "rig/profile/catalog.h"

#include <stdbool.h>

/*
 * All profiles of the search path: `profiles_dir` (--profiles, may be NULL),
 * $XDG_CONFIG_HOME/longpress/profiles, /etc/longpress/profiles, the program's own. A user's file
 * comes before ours of the same model. NULL after an error.
 */
struct catalog *paths_catalog(struct diags *diags, const char *profiles_dir);

/* The program's own directories: those of the source tree if the program is in its build folder,
 * else the installed ones. `kind` is "profiles", "firmware" or "benches". In `arena`. */
const char *paths_own(struct arena *arena, const char *kind);

/* The user's own directory of that kind: $XDG_CONFIG_HOME/longpress/KIND, or below ~/.config. In
 * `arena`; NULL without a home. It may not exist. */
const char *paths_users(struct arena *arena, const char *kind);

/* The default journal: /var/lib/longpress/journal.db if that folder is writable and the bench is
 * real, else $XDG_STATE_HOME/longpress/journal.db (~/.local/state). In `arena`; NULL without a
 * home. */
const char *paths_journal(struct arena *arena, bool simulated);

/* The default bench file: $XDG_CONFIG_HOME/longpress/bench.yaml, then /etc/longpress/bench.yaml.
 * NULL when there is neither. */
const char *paths_default_bench(struct arena *arena);

#endif
