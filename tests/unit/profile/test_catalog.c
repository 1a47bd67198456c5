/*
 * The catalog of profiles: precedence, broken and hostile files, and names as people type them.
 * And what a file is, told by its content.
 */
#include "rig/bench/document_kind.h"
#include "rig/profile/catalog.h"
#include "tests/unit/parts.h"

#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* Two directories to fill, gone after the test. */
struct folders {
    char root[64];
    char first[80];
    char second[80];
};

static int make_folders(void **state)
{
    struct folders *folders = calloc(1, sizeof(*folders));
    assert_non_null(folders);
    strcpy(folders->root, "/tmp/longpress-catalog-XXXXXX");
    assert_non_null(mkdtemp(folders->root));
    snprintf(folders->first, sizeof(folders->first), "%s/1", folders->root);
    snprintf(folders->second, sizeof(folders->second), "%s/2", folders->root);
    assert_int_equal(mkdir(folders->first, 0700), 0);
    assert_int_equal(mkdir(folders->second, 0700), 0);
    *state = folders;
    return 0;
}

static void empty(const char *directory)
{
    DIR *stream = opendir(directory);
    assert_non_null(stream);
    struct dirent *entry;
    while ((entry = readdir(stream))) {
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            assert_int_equal(remove(path), 0);
        }
    }
    closedir(stream);
}

static int remove_folders(void **state)
{
    struct folders *folders = *state;
    empty(folders->first);
    empty(folders->second);
    assert_int_equal(rmdir(folders->first), 0);
    assert_int_equal(rmdir(folders->second), 0);
    assert_int_equal(rmdir(folders->root), 0);
    free(folders);
    return 0;
}

static void write_file(const char *directory, const char *name, const char *text)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static void write_profile(const char *directory, const char *name, const char *keys)
{
    char *document = part_document(PART_PROFILE, keys);
    write_file(directory, name, document);
    free(document);
}

static struct catalog *load_both(const struct folders *folders, struct diags *diags)
{
    const char *const directories[] = {folders->first, folders->second};
    return catalog_load(diags, directories, 2);
}

/* All that was told, with the root of the folders taken off, is this. */
static void assert_told(const struct folders *folders, struct diags *diags, const char *expected)
{
    char *told = diags_text(diags);
    for (char *at = strstr(told, folders->root); at; at = strstr(at, folders->root)) {
        const char *rest = at + strlen(folders->root);
        memmove(at, rest, strlen(rest) + 1);
    }
    assert_string_equal(told, expected);
    free(told);
}

static void earlier_directories_come_first(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    write_profile(folders->second, "b.yaml", "model: HP-B\nfamily: ours\n");
    write_profile(folders->second, "a.yaml", "model: HP-A\nfamily: ours\n");
    write_profile(folders->first, "z.yaml", "model: hp-a\nfamily: mine\n");
    write_file(folders->first, ".hidden.yaml", "not a profile");
    write_file(folders->first, "notes.txt", "not a profile");
    write_file(folders->first, "c.yaml~", "not a profile");
    struct catalog *catalog = load_both(folders, &diags);
    assert_told(folders, &diags, "");
    assert_int_equal(catalog->count, 2);
    assert_string_equal(catalog->profiles[0]->model, "hp-a");
    assert_string_equal(catalog->profiles[1]->model, "HP-B");
    assert_string_equal(catalog_find(catalog, "HP-A", &diags)->family, "mine");
    catalog_free(catalog);
}

static void a_missing_directory_is_passed_over(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    write_profile(folders->second, "a.yaml", "model: HP-A\n");
    const char *const directories[] = {"/no/such/directory", folders->second,
                                       "/dev/null/no-directory"};
    struct catalog *catalog = catalog_load(&diags, directories, 3);
    assert_told(folders, &diags, "");
    assert_int_equal(catalog->count, 1);
    catalog_free(catalog);
    catalog = catalog_load(&diags, directories, 0);
    assert_int_equal(catalog->count, 0);
    assert_null(catalog_find(catalog, "HP-A", &diags));
    assert_told(folders, &diags,
                "HP-A: error: there is no profile for this model; `longpress models` lists what is "
                "available\n");
    catalog_free(catalog);
    catalog_free(NULL);
}

static void two_of_one_model_in_one_directory(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    write_profile(folders->first, "a.yaml", "model: HP-A\n");
    write_profile(folders->first, "b.yaml", "model: hp-a\n");
    struct catalog *catalog = load_both(folders, &diags);
    assert_told(folders, &diags,
                "/1/b.yaml: error: model `hp-a` is already in /1/a.yaml; keep one "
                "of the two\n");
    assert_int_equal(catalog->count, 1);
    assert_string_equal(catalog->profiles[0]->model, "HP-A");
    catalog_free(catalog);
}

static void a_broken_file_hides_no_other_model(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    write_file(folders->first, "broken.yaml", "model: [\n");
    write_profile(folders->first, "good.yaml", "model: HP-A\n");
    struct catalog *catalog = load_both(folders, &diags);
    assert_int_equal(diags.errors, 1);
    diags_clear(&diags);
    assert_non_null(catalog_find(catalog, "HP-A", &diags));
    catalog_free(catalog);
}

/* Who has a file of his own for a model does not get ours instead, because of a slip in it. */
static void a_broken_file_is_not_replaced_by_a_later_one(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    write_profile(folders->first, "mine.yaml", "model: HP-A\nfamily: \"over ear\"\n");
    write_profile(folders->second, "ours.yaml", "model: HP-A\n");
    write_profile(folders->second, "other.yaml", "model: HP-B\n");
    struct catalog *catalog = load_both(folders, &diags);
    assert_int_equal(diags.errors, 1);
    diags_clear(&diags);
    assert_null(catalog_find(catalog, "hpa", &diags));
    assert_told(folders, &diags,
                "/1/mine.yaml: error: this file describes model `HP-A`, but does not load; fix the "
                "file, or remove it\n");
    assert_non_null(catalog_find(catalog, "HP-B", &diags));
    catalog_free(catalog);
}

static void only_regular_files_are_opened(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/fifo.yaml", folders->first);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(path, sizeof(path), "%s/folder.yaml", folders->first);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/null.yaml", folders->first);
    assert_int_equal(symlink("/dev/zero", path), 0);
    snprintf(path, sizeof(path), "%s/nowhere.yaml", folders->first);
    assert_int_equal(symlink("nowhere", path), 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket.yaml", folders->first);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    write_profile(folders->second, "good.yaml", "model: HP-A\n");
    snprintf(path, sizeof(path), "%s/link.yaml", folders->first);
    assert_int_equal(symlink("../2/good.yaml", path), 0); /* a link to a regular file is one */

    struct catalog *catalog = load_both(folders, &diags);
    assert_int_equal(diags.errors, 1);
    assert_told(folders, &diags,
                "/1/fifo.yaml: warning: is not a regular file; skipped; move it out of the profile "
                "directory\n"
                "/1/folder.yaml: warning: is not a regular file; skipped; move it out of the "
                "profile directory\n"
                "/1/nowhere.yaml: error: cannot access the file: No such file or directory\n"
                "/1/null.yaml: warning: is not a regular file; skipped; move it out of the profile "
                "directory\n"
                "/1/socket.yaml: warning: is not a regular file; skipped; move it out of the "
                "profile directory\n");
    assert_int_equal(catalog->count, 1);
    catalog_free(catalog);
    close(fd);
}

static void huge_files_are_refused(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/huge.yaml", folders->first);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(ftruncate(fileno(out), 10 << 20), 0);
    assert_int_equal(fclose(out), 0);
    struct catalog *catalog = load_both(folders, &diags);
    assert_int_equal(catalog->count, 0);
    assert_int_equal(diags.errors, 1);
    diags_clear(&diags);
    catalog_free(catalog);
}

static void too_many_files_are_an_error(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    for (int i = 0; i <= CATALOG_FILES_MAX; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%d.yaml", i);
        write_file(folders->first, name, "");
    }
    struct catalog *catalog = load_both(folders, &diags);
    assert_int_equal(diags.errors, CATALOG_FILES_MAX + 1); /* each is empty, and one is too many */
    diags_clear(&diags);
    assert_int_equal(catalog->count, 0);
    catalog_free(catalog);
}

/* ---- names ---------------------------------------------------------------------------------- */

static void models_are_found_as_people_type_them(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    const char *const shipped[] = {"profiles"};
    struct catalog *catalog = catalog_load(&diags, shipped, 1);
    static const struct {
        const char *typed;
        const char *model;
    } names[] = {
        {"WH-1000XM5", "WH-1000XM5"}, {"wh-1000xm5", "WH-1000XM5"},  {"wh1000xm5", "WH-1000XM5"},
        {"WH1000-XM5", "WH-1000XM5"}, {"wf_1000_xm4", "WF-1000XM4"}, {"linkbuds", "LinkBuds"},
        {"linkbuds-s", "LinkBuds S"}, {"LinkBudsS", "LinkBuds S"},   {"whch720n", "WH-CH720N"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct profile *profile = catalog_find(catalog, names[i].typed, &diags);
        assert_non_null(profile);
        assert_string_equal(profile->model, names[i].model);
    }
    assert_told(folders, &diags, "");
    assert_null(catalog_find(catalog, "WH-1000XM6", &diags));
    assert_null(catalog_find(catalog, "toaster", &diags));
    assert_null(catalog_find(catalog, "", &diags));
    assert_null(catalog_find(catalog, "--", &diags));
    char *told = diags_text(&diags);
    assert_non_null(strstr(told, "WH-1000XM6: error: there is no profile for this model; did you "
                                 "mean `WH-1000XM3`?\n"));
    assert_non_null(strstr(told, "toaster: error: there is no profile for this model; known: "
                                 "LinkBuds, LinkBuds S, WF-1000XM4, WF-1000XM5, WH-1000XM3, "
                                 "WH-1000XM4, WH-1000XM5, WH-CH720N\n"));
    free(told);
    catalog_free(catalog);
}

static void procedures_are_found_as_people_type_them(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    struct profile *profile = profile_load(&diags, "profiles/wh-1000xm3.yaml");
    assert_non_null(profile);
    assert_string_equal(catalog_procedure(profile, "Network_Reset", &diags)->name, "network-reset");
    assert_string_equal(catalog_procedure(profile, "factory-reset@gist-toymil", &diags)->name,
                        "factory-reset@gist-toymil");
    assert_null(catalog_procedure(profile, "netwrok-reset", &diags));
    assert_null(catalog_procedure(profile, "fly", &diags));
    assert_told(folders, &diags,
                "netwrok-reset: error: WH-1000XM3 has no such procedure; did you mean "
                "`network-reset`?\n"
                "fly: error: WH-1000XM3 has no such procedure; known: network-reset, "
                "factory-reset@gist-toymil, pairing, soft-reset\n");
    profile_free(profile);
}

static void two_that_fit_are_a_question(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    write_profile(folders->first, "a.yaml", "model: HP-1\n");
    write_profile(folders->first, "b.yaml", "model: H-P1\n");
    struct catalog *catalog = load_both(folders, &diags);
    assert_string_equal(catalog_find(catalog, "hp-1", &diags)->model, "HP-1");
    assert_null(catalog_find(catalog, "hp1", &diags));
    diags_clear(&diags);
    catalog_free(catalog);
}

/* ---- what a file is ------------------------------------------------------------------------- */

static void files_are_told_apart_by_content(void **state)
{
    const struct folders *folders = *state;
    struct diags diags = DIAGS_INIT;
    assert_int_equal(document_check_file(&diags, "profiles/linkbuds.yaml"), DOCUMENT_PROFILE);
    assert_int_equal(document_check_file(&diags, "hardware/benches/sim.yaml"), DOCUMENT_BENCH);
    write_file(folders->first, "f", "firmware: nominal\nmodel: HP-1\n");
    write_file(folders->first, "b", "bench: b\nfirmware: f.yaml\n");
    write_file(folders->first, "p", "model: HP-1\n");
    write_file(folders->first, "n", "name: x\n");
    write_file(folders->first, "l", "[model]\n");
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/f", folders->first);
    assert_int_equal(document_check_file(&diags, path), DOCUMENT_FIRMWARE);
    assert_told(folders, &diags, "");
    snprintf(path, sizeof(path), "%s/p", folders->first);
    assert_int_equal(document_check_file(&diags, path), DOCUMENT_PROFILE);
    assert_int_equal(diags.errors, 4);
    diags_clear(&diags);
    snprintf(path, sizeof(path), "%s/b", folders->first);
    assert_int_equal(document_check_file(&diags, path), DOCUMENT_BENCH);
    assert_int_equal(diags.errors, 2);
    diags_clear(&diags);
    snprintf(path, sizeof(path), "%s/n", folders->first);
    assert_int_equal(document_check_file(&diags, path), DOCUMENT_UNKNOWN);
    snprintf(path, sizeof(path), "%s/l", folders->first);
    assert_int_equal(document_check_file(&diags, path), DOCUMENT_UNKNOWN);
    assert_told(
        folders, &diags,
        "/1/n:1:1: error: unknown kind of file; start it with "
        "`model:` (a profile), `bench:` (a bench file) or `firmware:` (a simulated unit)\n"
        "/1/l:1:1: error: unknown kind of file; start it with "
        "`model:` (a profile), `bench:` (a bench file) or `firmware:` (a simulated unit)\n");
    assert_int_equal(document_check_file(&diags, "/no/such/file"), DOCUMENT_UNKNOWN);
    assert_int_equal(diags.errors, 1);
    diags_clear(&diags);
    assert_string_equal(document_kind_name(DOCUMENT_BENCH), "bench file");
}

#define WITH_FOLDERS(test) cmocka_unit_test_setup_teardown(test, make_folders, remove_folders)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDERS(earlier_directories_come_first),
        WITH_FOLDERS(a_missing_directory_is_passed_over),
        WITH_FOLDERS(two_of_one_model_in_one_directory),
        WITH_FOLDERS(a_broken_file_hides_no_other_model),
        WITH_FOLDERS(a_broken_file_is_not_replaced_by_a_later_one),
        WITH_FOLDERS(only_regular_files_are_opened),
        WITH_FOLDERS(huge_files_are_refused),
        WITH_FOLDERS(too_many_files_are_an_error),
        WITH_FOLDERS(models_are_found_as_people_type_them),
        WITH_FOLDERS(procedures_are_found_as_people_type_them),
        WITH_FOLDERS(two_that_fit_are_a_question),
        WITH_FOLDERS(files_are_told_apart_by_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
