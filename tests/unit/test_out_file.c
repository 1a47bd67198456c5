/* A file is written whole or not at all, whatever ends the writer. */
#include "rig/diag.h"
#include "tui/out_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct out_rules no_rules = {.over = OUT_OVER_ORDINARY};

struct folder {
    char path[64];
    char file[96];
};

static void write_old(const struct folder *folder)
{
    FILE *out = fopen(folder->file, "we");
    assert_non_null(out);
    fputs("old", out);
    assert_int_equal(fclose(out), 0);
}

static int make_folder(void **state)
{
    struct folder *folder = calloc(1, sizeof(*folder));
    snprintf(folder->path, sizeof(folder->path), "/tmp/out-file-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    snprintf(folder->file, sizeof(folder->file), "%s/report.html", folder->path);
    write_old(folder);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    DIR *entries = opendir(folder->path);
    const struct dirent *entry;
    while ((entry = readdir(entries))) {
        unlinkat(dirfd(entries), entry->d_name, 0);
    }
    closedir(entries);
    assert_int_equal(rmdir(folder->path), 0);
    free(folder);
    return 0;
}

/* The folder has the file and nothing else, and this is in it. */
static void holds_only(const struct folder *folder, const char *text)
{
    char got[64] = "";
    DIR *entries = opendir(folder->path);
    const struct dirent *entry;
    while ((entry = readdir(entries))) {
        if (entry->d_name[0] != '.') {
            assert_string_equal(entry->d_name, "report.html");
        }
    }
    closedir(entries);
    FILE *in = fopen(folder->file, "re");
    assert_non_null(in);
    got[fread(got, 1, sizeof(got) - 1, in)] = '\0';
    fclose(in);
    assert_string_equal(got, text);
}

static void written(void **state)
{
    const struct folder *folder = *state;
    struct diags diags = DIAGS_INIT;
    struct out_file out;

    assert_int_equal(out_file_open(&out, folder->file, &no_rules, &diags), 0);
    fputs("new", out.stream);
    holds_only(folder, "old");
    assert_int_equal(out_file_close(&out, true, &diags), 0);
    holds_only(folder, "new");
    assert_int_equal(diags.errors, 0);
}

static void given_up(void **state)
{
    const struct folder *folder = *state;
    struct diags diags = DIAGS_INIT;
    struct out_file out;

    assert_int_equal(out_file_open(&out, folder->file, &no_rules, &diags), 0);
    fputs("new", out.stream);
    errno = ENOSPC;
    assert_int_equal(out_file_close(&out, false, &diags), -1);
    holds_only(folder, "old");
    assert_int_equal(diags.errors, 1);
    diags_clear(&diags);
}

static void killed(void **state)
{
    const struct folder *folder = *state;
    struct diags diags = DIAGS_INIT;
    struct out_file out;
    int status = 0;

    int fd = open(folder->path, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) {
        skip(); /* such a file system has no files without a name */
    }
    close(fd);
    pid_t pid = fork();
    if (pid == 0) {
        out_file_open(&out, folder->file, &no_rules, &diags);
        fputs("new", out.stream);
        fflush(out.stream);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    holds_only(folder, "old");
}

static void nowhere(void **state)
{
    const struct folder *folder = *state;
    struct diags diags = DIAGS_INIT;
    struct out_file out;
    char path[128];

    snprintf(path, sizeof(path), "%s/none/report.html", folder->path);
    assert_int_equal(out_file_open(&out, path, &no_rules, &diags), -1);
    assert_int_equal(diags.errors, 1);
    diags_clear(&diags);
    holds_only(folder, "old");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(written),
        TEST(given_up),
        TEST(killed),
        TEST(nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
