/* A file is written whole or not at all, whatever ends the writer. */
#include "rig/base/diag.h"
#include "tui/cli/out_file.h"

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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Moved to where the output goes in the last moment. */
static const char *last_moment_from;
static const char *last_moment_to;

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    if (last_moment_from) {
        assert_int_equal(rename(last_moment_from, last_moment_to), 0);
        last_moment_from = NULL;
    }
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

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

static const char journal_head[] =
    "SQLite format 3\0 and what else there is in a database, which is "
    "a hundred bytes at least until one has the whole of its header";

static void write_text(const char *path, const void *text, size_t length)
{
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, length, out), length);
    assert_int_equal(fclose(out), 0);
}

/* What came to its name while it was written: looked at again. */
static void others_came_first(void **state)
{
    static const struct {
        const char *now; /* what is there when it is written */
        size_t length;
        enum out_over over;
        bool there; /* a file of ours at first */
        bool stays;
    } cases[] = {
        {journal_head, sizeof(journal_head), OUT_OVER_ORDINARY, false, true},
        {journal_head, sizeof(journal_head), OUT_OVER_ORDINARY, true, true},
        {"bench: a\n", 9, OUT_OVER_ORDINARY, true, true},
        {"text", 4, OUT_OVER_ORDINARY, false, false},
        {"text", 4, OUT_OVER_NOTHING, false, true},
        {"model: a\n", 9, OUT_OVER_PROFILE, false, false},
        {"bench: a\n", 9, OUT_OVER_PROFILE, true, true},
    };
    const struct folder *folder = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct diags diags = DIAGS_INIT;
        struct out_file out;
        const struct out_rules rules = {.over = cases[i].over};
        char got[256];

        unlink(folder->file);
        if (cases[i].there) {
            write_old(folder);
        }
        assert_int_equal(out_file_open(&out, folder->file, &rules, &diags), 0);
        fputs("new", out.stream);
        write_text(folder->file, cases[i].now, cases[i].length);
        assert_int_equal(out_file_close(&out, true, &diags), cases[i].stays ? -1 : 0);
        assert_int_equal(diags.errors, cases[i].stays);
        diags_clear(&diags);
        FILE *in = fopen(folder->file, "re");
        size_t length = fread(got, 1, sizeof(got), in);
        fclose(in);
        assert_int_equal(length, cases[i].stays ? cases[i].length : 3);
        assert_memory_equal(got, cases[i].stays ? cases[i].now : "new", length);
    }
    write_old(folder);
    holds_only(folder, "old");
}

/* The name has become a link to what is not to be written over. */
static void a_link_came(void **state)
{
    const struct folder *folder = *state;
    struct diags diags = DIAGS_INIT;
    struct out_file out;
    char journal[128];
    char got[256];

    snprintf(journal, sizeof(journal), "%s/.journal.db", folder->path);
    assert_int_equal(out_file_open(&out, folder->file, &no_rules, &diags), 0);
    fputs("new", out.stream);
    write_text(journal, journal_head, sizeof(journal_head));
    assert_int_equal(unlink(folder->file), 0);
    assert_int_equal(symlink(".journal.db", folder->file), 0);
    assert_int_equal(out_file_close(&out, true, &diags), -1);
    assert_int_equal(diags.errors, 1);
    diags_clear(&diags);
    FILE *in = fopen(journal, "re");
    assert_int_equal(fread(got, 1, sizeof(got), in), sizeof(journal_head));
    fclose(in);
}

/* Between the last look and the new file's taking its place. */
static void a_journal_came_last(void **state)
{
    const struct folder *folder = *state;
    struct diags diags = DIAGS_INIT;
    struct out_file out;
    char other[128];
    char got[256];

    snprintf(other, sizeof(other), "%s/.other", folder->path);
    assert_int_equal(out_file_open(&out, folder->file, &no_rules, &diags), 0);
    fputs("new", out.stream);
    write_text(other, journal_head, sizeof(journal_head));
    last_moment_from = other;
    last_moment_to = folder->file;
    assert_int_equal(out_file_close(&out, true, &diags), -1);
    assert_null(last_moment_from);
    assert_int_equal(diags.errors, 1);
    assert_string_equal(diags.items[0].where, folder->file);
    diags_clear(&diags);
    FILE *in = fopen(folder->file, "re");
    assert_int_equal(fread(got, 1, sizeof(got), in), sizeof(journal_head));
    fclose(in);
    assert_memory_equal(got, journal_head, sizeof(journal_head));
    /* Nothing else is there. */
    write_old(folder);
    holds_only(folder, "old");
}

/* A file that may not grow so far. */
static void no_room(void **state)
{
    const struct folder *folder = *state;
    struct rlimit before;
    struct diags diags = DIAGS_INIT;
    struct out_file out;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(out_file_open(&out, folder->file, &no_rules, &diags), 0);
    struct rlimit little = {.rlim_cur = 4096, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    for (int i = 0; i < 10000; i++) {
        fputs("new", out.stream);
    }
    int closed = out_file_close(&out, true, &diags);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(closed, -1);
    assert_int_equal(diags.errors, 1);
    diags_clear(&diags);
    holds_only(folder, "old");
}

/* A pipe is written to; nothing takes its place. */
static void into_a_pipe(void **state)
{
    const struct folder *folder = *state;
    struct diags diags = DIAGS_INIT;
    struct out_file out;
    struct stat is;
    char got[16] = "";

    assert_int_equal(unlink(folder->file), 0);
    assert_int_equal(mkfifo(folder->file, 0600), 0);
    int reader = open(folder->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(out_file_open(&out, folder->file, &no_rules, &diags), 0);
    fputs("new", out.stream);
    assert_int_equal(out_file_close(&out, true, &diags), 0);
    assert_int_equal(read(reader, got, sizeof(got)), 3);
    close(reader);
    assert_int_equal(lstat(folder->file, &is), 0);
    assert_true(S_ISFIFO(is.st_mode));
}

static void through_a_link(void **state)
{
    const struct folder *folder = *state;
    struct diags diags = DIAGS_INIT;
    struct out_file out;
    char link[128];
    struct stat is;

    snprintf(link, sizeof(link), "%s/.link", folder->path);
    assert_int_equal(symlink("report.html", link), 0);
    for (int there = 1; there >= 0; there--) {
        if (!there) {
            assert_int_equal(unlink(folder->file), 0);
        }
        assert_int_equal(out_file_open(&out, link, &no_rules, &diags), 0);
        fputs("new", out.stream);
        assert_int_equal(out_file_close(&out, true, &diags), 0);
        assert_int_equal(lstat(link, &is), 0);
        assert_true(S_ISLNK(is.st_mode));
        holds_only(folder, "new");
    }
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
        TEST(written),           TEST(given_up),    TEST(killed),
        TEST(others_came_first), TEST(a_link_came), TEST(a_journal_came_last),
        TEST(no_room),           TEST(into_a_pipe), TEST(through_a_link),
        TEST(nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
