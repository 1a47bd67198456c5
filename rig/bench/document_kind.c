#include "rig/bench/document_kind.h"

#include "rig/bench/bench.h"
#include "rig/profile/profile.h"

static const struct {
    const char *key;
    enum document_kind kind;
} top_keys[] = {
    {"bench", DOCUMENT_BENCH},
    {"firmware", DOCUMENT_FIRMWARE},
    {"model", DOCUMENT_PROFILE},
};

enum document_kind document_kind_of(const struct yaml_node *root)
{
    for (size_t i = 0; i < sizeof(top_keys) / sizeof(*top_keys); i++) {
        if (yaml_get(root, top_keys[i].key)) {
            return top_keys[i].kind;
        }
    }
    return DOCUMENT_UNKNOWN;
}

const char *document_kind_name(enum document_kind kind)
{
    static const char *const names[] = {
        [DOCUMENT_UNKNOWN] = "unknown file",
        [DOCUMENT_PROFILE] = "profile",
        [DOCUMENT_BENCH] = "bench file",
        [DOCUMENT_FIRMWARE] = "firmware file",
    };
    return names[kind];
}

enum document_kind document_check_file(struct diags *diags, const char *path)
{
    struct arena arena = ARENA_INIT;
    struct diags first = DIAGS_INIT; /* the loader reads it again and reports what is wrong */
    const struct yaml_node *root = yaml_read_file(&arena, &first, path);
    enum document_kind kind = DOCUMENT_UNKNOWN;
    diags_clear(&first);
    if (!root) {
        yaml_read_file(&arena, diags, path);
    } else {
        kind = document_kind_of(root);
        if (kind == DOCUMENT_UNKNOWN) {
            diag_error(diags, root->place,
                       "start it with `model:` (a profile), `bench:` (a bench file) or `firmware:` "
                       "(a simulated unit)",
                       "unknown kind of file");
        }
    }
    arena_free(&arena);
    if (kind == DOCUMENT_PROFILE) {
        profile_free(profile_load(diags, path));
    } else if (kind == DOCUMENT_BENCH) {
        bench_free(bench_load(diags, path));
    }
    return kind;
}
