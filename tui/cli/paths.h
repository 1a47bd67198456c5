/*
 * Where things are: profiles, firmware files and bench files, of the tree or installed, and the
 * user's own that come before them.
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

/* The program's own directories: the tree's when the program stands in its build folder, else the
 * installed ones. `kind` is "profiles", "firmware" or "benches". In `arena`. */
const char *paths_own(struct arena *arena, const char *kind);

/* The user's own directory of that kind: $XDG_CONFIG_HOME/longpress/KIND, or below ~/.config. In
 * `arena`; NULL without a home. It need not be there. */
const char *paths_users(struct arena *arena, const char *kind);

/* The journal when none was named: /var/lib/longpress/journal.db where that folder can be written
 * to and the bench is a real one, else $XDG_STATE_HOME/longpress/journal.db (~/.local/state). In
 * `arena`; NULL without a home. */
const char *paths_journal(struct arena *arena, bool simulated);

/* The bench file when none was named: $XDG_CONFIG_HOME/longpress/bench.yaml, then
 * /etc/longpress/bench.yaml. NULL when there is neither. */
const char *paths_default_bench(struct arena *arena);

#endif
