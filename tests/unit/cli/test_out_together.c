/*
 * Files that others touch: whoever writes an output, opens a journal or reads the profiles is held
 * still before each of its steps in turn, while another does all that it has to do. An output is
 * there whole, of one or the other; a journal is never replaced; what is read is the old file or
 * the new one.
 */
#include "rig/journal/journal.h"
#include "rig/profile/catalog.h"
#include "tests/unit/faulty_vfs.h"
#include "tests/unit/hold.h"
#include "tests/unit/journal_place.h"
#include "tests/unit/parts.h"
#include "tui/cli/out_file.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { STEPS_MAX = 2000, NAME_MAX_HERE = 160 };

/* ---- steps -------------------------------------------------------------------------------- */

/* SQLite's own are steps of its files (faulty_vfs.h); it makes these with locks that its threads
 * share, with which nobody is to be held. */
static _Thread_local bool in_sqlite;

static void step(void)
{
    if (!in_sqlite) {
        hold_step();
    }
}

/* The C library's own, that a function here stands before. */
#define NEXT(name)                                                                                 \
    static __typeof__(name) *next;                                                                 \
    if (!next) {                                                                                   \
        *(void **)&next = dlsym(RTLD_NEXT, #name);                                                 \
    }                                                                                              \
    step()

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    step();
    return openat(AT_FDCWD, path, flags, mode);
}

int mkostemp(char *name, int flags)
{
    NEXT(mkostemp);
    return next(name, flags);
}

ssize_t read(int fd, void *data, size_t size)
{
    NEXT(read);
    return next(fd, data, size);
}

char *realpath(const char *restrict path, char *restrict resolved)
{
    NEXT(realpath);
    return next(path, resolved);
}

ssize_t readlink(const char *restrict path, char *restrict target, size_t size)
{
    step();
    return readlinkat(AT_FDCWD, path, target, size);
}

int stat(const char *restrict path, struct stat *restrict st)
{
    step();
    return fstatat(AT_FDCWD, path, st, 0);
}

int lstat(const char *restrict path, struct stat *restrict st)
{
    step();
    return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    step();
    return (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}

int rename(const char *from, const char *to)
{
    step();
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    step();
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int unlink(const char *path)
{
    step();
    return unlinkat(AT_FDCWD, path, 0);
}

int mkdir(const char *path, mode_t mode)
{
    step();
    return mkdirat(AT_FDCWD, path, mode);
}

DIR *opendir(const char *path)
{
    NEXT(opendir);
    return next(path);
}

struct dirent *readdir(DIR *stream)
{
    NEXT(readdir);
    return next(stream);
}

/* ---- what is done ------------------------------------------------------------------------- */

struct place_of_both {
    const struct journal_place *at;
    char file[NAME_MAX_HERE]; /* what both are about */
    bool there;               /* `old` is in it before */
    const char *old;
};

/* One thing that somebody does: true when it was done; what is said else is told by `why`. */
typedef bool act_fn(const struct place_of_both *both, struct diags *why);

static bool write_out(const struct place_of_both *both, const char *text, enum out_over over,
                      struct diags *why)
{
    const struct out_rules rules = {.over = over};
    struct out_file out;

    if (out_file_open(&out, both->file, &rules, why) != 0) {
        return false;
    }
    fputs(text, out.stream);
    return out_file_close(&out, true, why) == 0;
}

static bool write_one(const struct place_of_both *both, struct diags *why)
{
    return write_out(both, "one", OUT_OVER_ORDINARY, why);
}

static bool write_two(const struct place_of_both *both, struct diags *why)
{
    return write_out(both, "two", OUT_OVER_ORDINARY, why);
}

static bool write_one_new(const struct place_of_both *both, struct diags *why)
{
    return write_out(both, "one", OUT_OVER_NOTHING, why);
}

static bool write_two_new(const struct place_of_both *both, struct diags *why)
{
    return write_out(both, "two", OUT_OVER_NOTHING, why);
}

static bool keep(const struct place_of_both *both, struct diags *why)
{
    in_sqlite = true;
    struct journal *journal = journal_open(why, both->file);
    bool kept = false;

    if (journal) {
        int64_t handle = journal_begin(journal, &both->at->kept);
        journal_finish(journal, handle, both->at->kept.record);
        kept = journal_wait_finished(journal, handle, JOURNAL_WAIT_MS) == 1;
        journal_close(journal);
    }
    in_sqlite = false;
    return kept;
}

/* ---- profiles ---- */

static const char *profile_text;   /* a whole one ... */
static char *profile_text_of_more; /* ... and longer, and of the same model */

static bool write_profile(const struct place_of_both *both, struct diags *why)
{
    return write_out(both, profile_text_of_more, OUT_OVER_PROFILE, why);
}

static bool remove_profile(const struct place_of_both *both, struct diags *why)
{
    (void)why;
    return unlink(both->file) == 0;
}

static bool list_profiles(const struct place_of_both *both, struct diags *why)
{
    const char *folder = both->at->folder;
    struct catalog *catalog = catalog_load(why, &folder, 1);
    bool good = why->count == 0 && catalog->broken_count == 0 && catalog->count <= 1;

    catalog_free(catalog);
    return good;
}

static bool load_profile(const struct place_of_both *both, struct diags *why)
{
    struct profile *profile = profile_load(why, both->file);
    bool good = profile && why->count == 0;

    profile_free(profile);
    return good;
}

/* ---- one held, the other not -------------------------------------------------------------- */

struct held {
    pthread_t thread;
    const struct place_of_both *both;
    act_fn *act;
    int64_t at;
    bool done;
    struct diags why;
};

static void *held_main(void *context)
{
    struct held *held = context;

    hold_begin(held->at);
    held->done = held->act(held->both, &held->why);
    hold_end();
    return NULL;
}

struct outcome {
    bool first;
    bool second;
};

static void prepare(const struct place_of_both *both)
{

    DIR *stream = opendir(both->at->folder);
    struct dirent *entry;
    while ((entry = readdir(stream))) {
        if (entry->d_type != DT_DIR) {
            assert_int_equal(unlinkat(dirfd(stream), entry->d_name, 0), 0);
        }
    }
    closedir(stream);
    if (both->there) {
        FILE *out = fopen(both->file, "we");
        assert_non_null(out);
        fputs(both->old, out);
        assert_int_equal(fclose(out), 0);
    }
}

/* True when there was such a step. */
static bool meet(const struct place_of_both *both, int64_t at, act_fn *first, act_fn *second,
                 struct outcome *outcome)
{
    struct held held = {.both = both, .act = first, .at = at};
    struct diags why = DIAGS_INIT;

    prepare(both);
    hold_reset();
    assert_int_equal(pthread_create(&held.thread, NULL, held_main, &held), 0);
    bool was_held = hold_wait();
    outcome->second = second(both, &why);
    hold_release();
    assert_int_equal(pthread_join(held.thread, NULL), 0);
    outcome->first = held.done;
    diags_clear(&held.why);
    diags_clear(&why);
    return was_held;
}

typedef void check_fn(const struct place_of_both *both, int64_t at, const struct outcome *outcome);

static void each_step(const struct place_of_both *both, act_fn *first, act_fn *second,
                      check_fn *check)
{
    struct outcome outcome;
    int64_t at = 1;

    while (meet(both, at, first, second, &outcome)) {
        check(both, at, &outcome);
        at++;
        assert_true(at < STEPS_MAX);
    }
    check(both, at, &outcome);
    print_message("%lld steps\n", (long long)at - 1);
    assert_true(at > 2);
}

/* ---- afterwards --------------------------------------------------------------------------- */

/* How many files there are, a journal's spool and all. */
static int files_in(const char *folder)
{
    DIR *stream = opendir(folder);
    struct dirent *entry;
    int count = 0;

    while ((entry = readdir(stream))) {
        count += entry->d_name[0] != '.' || entry->d_type != DT_DIR;
    }
    closedir(stream);
    return count;
}

static bool holds(const struct place_of_both *both, const char *text)
{
    size_t length;
    char *is = file_text(both->file, &length);
    bool same = strcmp(is, text) == 0;

    free(is);
    return same;
}

/* Both were done: one came first, the other replaced it; and nothing else is left. */
static void both_done(const struct place_of_both *both, int64_t at, const struct outcome *outcome)
{
    if (!outcome->first || !outcome->second || files_in(both->at->folder) != 1 ||
        !(holds(both, "one") || holds(both, "two"))) {
        fail_msg("held before step %lld: %d %d, %d files", (long long)at, outcome->first,
                 outcome->second, files_in(both->at->folder));
    }
}

/* The name was free: one has it, and the other was told. */
static void one_done(const struct place_of_both *both, int64_t at, const struct outcome *outcome)
{
    if (outcome->first == outcome->second || files_in(both->at->folder) != 1 ||
        !holds(both, outcome->first ? "one" : "two")) {
        fail_msg("held before step %lld: %d %d, %d files", (long long)at, outcome->first,
                 outcome->second, files_in(both->at->folder));
    }
}

/* An output and a journal want one name: who comes second is refused, and the run is not lost. */
static void output_or_journal(const struct place_of_both *both, int64_t at, bool written, bool kept)
{
    if (written == kept) {
        fail_msg("held before step %lld: %s", (long long)at,
                 kept ? "a journal's name was given to an output" : "both were refused");
    }
    if (kept) {
        struct diags diags = DIAGS_INIT;
        struct journal_reader *reader = journal_must_read(both->file);
        assert_int_equal(journal_run_count(reader, &diags, &(struct run_filter){0}), 1);
        journal_reader_close(reader);
    } else {
        assert_true(holds(both, "one"));
    }
}

static void output_held(const struct place_of_both *both, int64_t at, const struct outcome *outcome)
{
    output_or_journal(both, at, outcome->first, outcome->second);
}

static void journal_held(const struct place_of_both *both, int64_t at,
                         const struct outcome *outcome)
{
    output_or_journal(both, at, outcome->second, outcome->first);
}

static void read_whole(const struct place_of_both *both, int64_t at, const struct outcome *outcome)
{
    if (!outcome->first || !outcome->second) {
        fail_msg("held before step %lld: %d %d", (long long)at, outcome->first, outcome->second);
    }
    (void)both;
}

/* ---- the cases ---------------------------------------------------------------------------- */

static struct place_of_both both_at(const struct journal_place *at, const char *old)
{
    struct place_of_both both = {.at = at, .there = old, .old = old};

    snprintf(both.file, sizeof(both.file), "%s/file.yaml", at->folder);
    return both;
}

static void two_outputs(void **state)
{
    struct place_of_both both = both_at(*state, NULL);

    each_step(&both, write_one, write_two, both_done);
    both = both_at(*state, "old");
    each_step(&both, write_one, write_two, both_done);
}

static void two_new_outputs(void **state)
{
    struct place_of_both both = both_at(*state, NULL);

    each_step(&both, write_one_new, write_two_new, one_done);
}

static void an_output_and_a_journal(void **state)
{
    struct place_of_both both = both_at(*state, NULL);

    each_step(&both, write_one, keep, output_held);
}

static void a_journal_and_an_output(void **state)
{
    struct place_of_both both = both_at(*state, NULL);

    each_step(&both, keep, write_one, journal_held);
}

static void a_profile_is_replaced(void **state)
{
    struct place_of_both both = both_at(*state, profile_text);

    each_step(&both, list_profiles, write_profile, read_whole);
    each_step(&both, load_profile, write_profile, read_whole);
    each_step(&both, write_profile, list_profiles, read_whole);
}

static void a_profile_goes(void **state)
{
    struct place_of_both both = both_at(*state, profile_text);

    each_step(&both, list_profiles, remove_profile, read_whole);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_place_make, journal_place_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_outputs),
        TEST(two_new_outputs),
        TEST(an_output_and_a_journal),
        TEST(a_journal_and_an_output),
        TEST(a_profile_is_replaced),
        TEST(a_profile_goes),
    };
    size_t length;
    char *text = file_text("profiles/wh-1000xm5.yaml", &length);

    profile_text = text;
    if (asprintf(&profile_text_of_more, "%s# More.\n", text) < 0) {
        return 1;
    }
    faulty_vfs_register();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(profile_text_of_more);
    free(text);
    return failed;
}
