#include "tui/cli/paths.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The directory of the running program; NULL if /proc does not tell. */
static const char *program_directory(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length <= 0) {
        return NULL;
    }
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash) {
        return NULL;
    }
    *slash = '\0';
    return arena_strdup(arena, path);
}

const char *paths_own(struct arena *arena, const char *kind)
{
    const char *in_tree = strcmp(kind, "firmware") == 0  ? "hardware/sim/firmware"
                          : strcmp(kind, "benches") == 0 ? "hardware/benches"
                                                         : kind;
    const char *here = program_directory(arena);
    if (here) {
        /* The link that make leaves in its build folder; else build/longpress, and
         * build/asan/longpress and the like. A source tree is recognised by its profiles *and* its
         * sources, so that a stray `profiles` directory is not taken for ours. */
        static const char *const trees[] = {"source", "..", "../.."};
        for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
            const char *sources = arena_printf(arena, "%s/%s/hardware/sim", here, trees[i]);
            const char *wanted = arena_printf(arena, "%s/%s/%s", here, trees[i], in_tree);
            if (is_directory(sources) && is_directory(wanted)) {
                char *real = realpath(wanted, NULL);
                const char *found = real ? arena_strdup(arena, real) : wanted;
                free(real);
                return found;
            }
        }
        const char *installed = arena_printf(arena, "%s/../share/longpress/%s", here, kind);
        if (is_directory(installed)) {
            return installed;
        }
    }
    return arena_printf(arena, LONGPRESS_DATADIR "/%s", kind);
}

/* $XDG_CONFIG_HOME/longpress, or ~/.config/longpress; NULL without a home. */
static const char *config_directory(struct arena *arena)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    if (config && config[0] == '/') {
        return arena_printf(arena, "%s/longpress", config);
    }
    const char *home = getenv("HOME");
    return home && home[0] == '/' ? arena_printf(arena, "%s/.config/longpress", home) : NULL;
}

const char *paths_users(struct arena *arena, const char *kind)
{
    const char *config = config_directory(arena);
    return config ? arena_printf(arena, "%s/%s", config, kind) : NULL;
}

struct catalog *paths_catalog(struct diags *diags, const char *profiles_dir)
{
    struct arena arena = ARENA_INIT;
    const char *directories[4];
    size_t count = 0;

    if (profiles_dir) {
        directories[count++] = profiles_dir;
    }
    const char *config = config_directory(&arena);
    if (config) {
        directories[count++] = arena_printf(&arena, "%s/profiles", config);
    }
    directories[count++] = "/etc/longpress/profiles";
    directories[count++] = paths_own(&arena, "profiles");

    struct catalog *catalog = NULL;
    if (profiles_dir && !is_directory(profiles_dir)) {
        diag_error(diags, place_of(profiles_dir), "name a directory with *.yaml profiles",
                   "is not a directory");
    } else {
        catalog = catalog_load(diags, directories, count);
    }
    arena_free(&arena);
    return catalog;
}

const char *paths_default_bench(struct arena *arena)
{
    const char *config = config_directory(arena);
    if (config) {
        const char *path = arena_printf(arena, "%s/bench.yaml", config);
        if (access(path, F_OK) == 0) {
            return path;
        }
    }
    return access("/etc/longpress/bench.yaml", F_OK) == 0 ? "/etc/longpress/bench.yaml" : NULL;
}

const char *paths_journal(struct arena *arena, bool simulated)
{
    static const char shared[] = "/var/lib/longpress";
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (!simulated && is_directory(shared) && access(shared, W_OK) == 0) {
        return arena_printf(arena, "%s/journal.db", shared);
    }
    if (state && state[0] == '/') {
        return arena_printf(arena, "%s/longpress/journal.db", state);
    }
    return home && home[0] == '/'
               ? arena_printf(arena, "%s/.local/state/longpress/journal.db", home)
               : NULL;
}
