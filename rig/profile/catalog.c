#include "rig/profile/catalog.h"

#include "rig/base/text.h"
#include "rig/format/fields.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- loading ---------------------------------------------------------------------------- */

static bool ends_in_yaml(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && name[0] != '.' && strcmp(name + length - 5, ".yaml") == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The sorted paths of a directory's *.yaml, in the arena. Returns their number. */
static size_t list_directory(struct arena *arena, struct diags *diags, const char *directory,
                             const char **paths)
{
    size_t count = 0;
    DIR *stream = opendir(directory);
    if (!stream) {
        if (errno != ENOENT && errno != ENOTDIR) {
            diag_error(diags, place_of(directory), "make it readable (check its permissions)",
                       "cannot list the directory: %s", strerror(errno));
        }
        return 0;
    }
    struct dirent *entry;
    while ((entry = readdir(stream))) {
        if (!ends_in_yaml(entry->d_name)) {
            continue;
        }
        if (count == CATALOG_FILES_MAX) {
            diag_error(diags, place_of(directory), "name a profile directory", "more than %d files",
                       CATALOG_FILES_MAX);
            break;
        }
        paths[count++] = arena_printf(arena, "%s/%s", directory, entry->d_name);
    }
    closedir(stream);
    qsort(paths, count, sizeof(*paths), by_name);
    return count;
}

/* The profile of this model already in the catalog, NULL if none. */
static const struct profile *known(const struct catalog *catalog, const char *model)
{
    for (size_t i = 0; i < catalog->count; i++) {
        if (text_equal_nocase(catalog->profiles[i]->model, model)) {
            return catalog->profiles[i];
        }
    }
    return NULL;
}

static const struct catalog_broken *known_broken(const struct catalog *catalog, const char *model)
{
    for (size_t i = 0; i < catalog->broken_count; i++) {
        if (text_equal_nocase(catalog->broken[i].model, model)) {
            return &catalog->broken[i];
        }
    }
    return NULL;
}

/* Remember a file that did not load, if its model is known. */
static void add_broken(struct catalog *catalog, const char *path, const char *text, size_t length)
{
    struct arena tree = ARENA_INIT;
    struct diags told_already = DIAGS_INIT;
    const struct yaml_node *root = yaml_read_text(&tree, &told_already, path, text, length);
    const struct yaml_node *model = root ? yaml_get(root, "model") : NULL;
    if (model && model->kind == YAML_SCALAR && !known(catalog, model->text) &&
        !known_broken(catalog, model->text) && catalog->broken_count < CATALOG_FILES_MAX) {
        catalog->broken[catalog->broken_count++] =
            (struct catalog_broken){.path = arena_strdup(&catalog->arena, path),
                                    .model = arena_strdup(&catalog->arena, model->text)};
    }
    diags_clear(&told_already);
    arena_free(&tree);
}

/* Profiles from index `own` on are from the same directory. */
static void add_profile(struct catalog *catalog, struct diags *diags, struct profile *profile,
                        size_t own)
{
    const struct profile *earlier = known(catalog, profile->model);
    for (size_t i = own; i < catalog->count; i++) {
        if (catalog->profiles[i] == earlier) {
            diag_error(diags, place_of(profile->path), "keep one of the two",
                       "model `%s` is already in %s", profile->model, earlier->path);
        }
    }
    if (earlier || known_broken(catalog, profile->model)) {
        profile_free(profile);
    } else if (catalog->count == CATALOG_FILES_MAX) {
        diag_error(diags, place_of(profile->path), NULL, "more than %d profiles",
                   CATALOG_FILES_MAX);
        profile_free(profile);
    } else {
        catalog->profiles[catalog->count++] = profile;
    }
}

/* A file's contents, read once. NULL: it cannot be read, or is to be skipped. */
static const char *text_of_file(struct arena *arena, struct diags *diags, const char *path,
                                size_t *length)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        diag_error(diags, place_of(path), NULL, "cannot access the file: %s", strerror(errno));
        return NULL;
    }
    if (!S_ISREG(st.st_mode)) {
        diag_warning(diags, place_of(path), "move it out of the profile directory",
                     "is not a regular file; skipped");
        return NULL;
    }
    return yaml_file_text(arena, diags, path, length);
}

/* A dangling link still exists. */
static bool is_gone(const char *path)
{
    struct stat st;
    return lstat(path, &st) != 0 && errno == ENOENT;
}

static void add_file(struct catalog *catalog, struct diags *diags, const char *path, size_t own)
{
    struct arena arena = ARENA_INIT;
    struct diags told = DIAGS_INIT;
    size_t length = 0;
    const char *text = text_of_file(&arena, &told, path, &length);

    if (text) {
        struct profile *profile = profile_load_text(&told, path, text, length);
        if (profile) {
            add_profile(catalog, &told, profile, own);
        } else {
            add_broken(catalog, path, text, length);
        }
    } else if (is_gone(path)) {
        diags_clear(&told); /* removed since the directory was listed: ignore it */
    }
    diags_move(diags, &told);
    arena_free(&arena);
}

static int by_model(const void *a, const void *b)
{
    const struct profile *first = *(const struct profile *const *)a;
    const struct profile *second = *(const struct profile *const *)b;
    return strcasecmp(first->model, second->model);
}

struct catalog *catalog_load(struct diags *diags, const char *const *directories, size_t count)
{
    struct arena arena = ARENA_INIT;
    struct catalog *catalog = arena_alloc(&arena, sizeof(*catalog));
    catalog->arena = arena; /* from here on it grows inside the catalog, in its own memory */
    catalog->profiles = arena_array(&catalog->arena, CATALOG_FILES_MAX, sizeof(struct profile *));
    catalog->broken = arena_array(&catalog->arena, CATALOG_FILES_MAX, sizeof(*catalog->broken));
    for (size_t d = 0; d < count; d++) {
        struct arena names = ARENA_INIT;
        const char **paths = arena_array(&names, CATALOG_FILES_MAX, sizeof(*paths));
        size_t path_count = list_directory(&names, diags, directories[d], paths);
        size_t own = catalog->count;
        for (size_t i = 0; i < path_count; i++) {
            add_file(catalog, diags, paths[i], own);
        }
        arena_free(&names);
    }
    qsort(catalog->profiles, catalog->count, sizeof(struct profile *), by_model);
    return catalog;
}

void catalog_free(struct catalog *catalog)
{
    if (!catalog) {
        return;
    }
    for (size_t i = 0; i < catalog->count; i++) {
        profile_free(catalog->profiles[i]);
    }
    struct arena arena = catalog->arena; /* the catalog itself lives in it */
    arena_free(&arena);
}

/* ---- finding ---------------------------------------------------------------------------- */

/* The same letters and digits in the same order, whatever case and punctuation? */
static bool same_letters(const char *a, const char *b)
{
    for (;;) {
        while (*a && !isalnum((unsigned char)*a)) {
            a++;
        }
        while (*b && !isalnum((unsigned char)*b)) {
            b++;
        }
        if (!*a || !*b) {
            return *a == *b;
        }
        if (strncasecmp(a, b, 1) != 0) {
            return false;
        }
        a++;
        b++;
    }
}

enum { NOT_FOUND = -1 };

/* Index of the matching name: equal except for case, else the only one with the same letters. */
static int find_name(const char *const *names, size_t count, const char *word)
{
    int found = NOT_FOUND;
    size_t fitting = 0;
    for (size_t i = 0; i < count; i++) {
        if (text_equal_nocase(names[i], word)) {
            return (int)i;
        }
        if (same_letters(names[i], word)) {
            found = (int)i;
            fitting++;
        }
    }
    return fitting == 1 ? found : NOT_FOUND;
}

const struct profile *catalog_find(const struct catalog *catalog, const char *model,
                                   struct diags *diags)
{
    const char *names[CATALOG_FILES_MAX];
    for (size_t i = 0; i < catalog->count; i++) {
        names[i] = catalog->profiles[i]->model;
    }
    int index = find_name(names, catalog->count, model);
    if (index != NOT_FOUND) {
        return catalog->profiles[index];
    }
    for (size_t i = 0; i < catalog->broken_count; i++) {
        const struct catalog_broken *broken = &catalog->broken[i];
        if (same_letters(broken->model, model)) {
            diag_error(diags, place_of(broken->path), "fix the file, or remove it",
                       "this file describes model `%s`, but does not load", broken->model);
            return NULL;
        }
    }
    char todo[DIAG_TEXT_MAX];
    diag_error(diags, place_of(model),
               fields_suggest(todo, sizeof(todo), model, names, catalog->count,
                              "`longpress models` lists what is available"),
               "there is no profile for this model");
    return NULL;
}

const struct procedure *catalog_procedure(const struct profile *profile, const char *name,
                                          struct diags *diags)
{
    const char **names = xrealloc_array(NULL, profile->procedure_count, sizeof(*names));
    for (size_t i = 0; i < profile->procedure_count; i++) {
        names[i] = profile->procedures[i].name;
    }
    int index = find_name(names, profile->procedure_count, name);
    if (index == NOT_FOUND) {
        char todo[DIAG_TEXT_MAX];
        diag_error(diags, place_of(name),
                   fields_suggest(todo, sizeof(todo), name, names, profile->procedure_count,
                                  "`longpress models` lists what is available"),
                   "%s has no such procedure", profile->model);
    }
    free(names);
    return index == NOT_FOUND ? NULL : &profile->procedures[index];
}
