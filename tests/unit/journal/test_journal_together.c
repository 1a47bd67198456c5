/*
 * Two at one journal: one is held still before each of its steps in turn, reads, locks and those of
 * the thread that writes its run included, while the other does all that it has to do. Nobody is
 * refused, and nothing is lost: neither what was there before, nor what either kept.
 */
#include "rig/journal/journal_care.h"
#include "rig/journal/journal_internal.h"
#include "tests/unit/faulty_vfs.h"
#include "tests/unit/hold.h"
#include "tests/unit/journal_place.h"
#include "tests/unit/parts.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
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

enum { STEPS_MAX = 5000, PATH_MAX_HERE = 200 };

/* ---- steps that are not SQLite's ---------------------------------------------------------- */

int mkdir(const char *path, mode_t mode)
{
    hold_step();
    return mkdirat(AT_FDCWD, path, mode);
}

int rename(const char *from, const char *to)
{
    hold_step();
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    hold_step();
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

/* SQLite's own are steps already, and it makes them with a lock that only threads share. */
int unlink(const char *path)
{
    if (strstr(path, ".spool/")) {
        hold_step();
    }
    return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
    hold_step();
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int link(const char *from, const char *to)
{
    hold_step();
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int stat(const char *path, struct stat *st)
{
    hold_step();
    return fstatat(AT_FDCWD, path, st, 0);
}

int lstat(const char *path, struct stat *st)
{
    hold_step();
    return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

/* ---- a process has more than one thread --------------------------------------------------- */

struct start {
    void *(*main)(void *context);
    void *context;
};

static void *joined(void *context)
{
    struct start start = *(struct start *)context;

    free(context);
    hold_join();
    return start.main(start.context);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *context)
{
    typedef int create_fn(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    create_fn *create = NULL;

    *(void **)&create = dlsym(RTLD_NEXT, "pthread_create");
    if (!hold_is_it()) {
        return create(thread, attributes, run, context);
    }
    struct start *start = malloc(sizeof(*start));
    assert_non_null(start);
    *start = (struct start){.main = run, .context = context};
    return create(thread, attributes, joined, start);
}

/* ---- what is done ------------------------------------------------------------------------- */

struct meeting {
    const struct journal_place *at;
    char path[PATH_MAX_HERE];
    char copy[PATH_MAX_HERE];
    char *journal; /* the file that is there before; NULL: none */
    size_t journal_length;
    char *copied; /* the same of the copy */
    size_t copied_length;
    char waiting[2 * PATH_MAX_HERE]; /* a run in the spool; "": none */
    char *waits;
    size_t waits_length;
    int64_t step;
};

/* One thing that somebody does: NULL, or what is said when it cannot be done; to be freed. */
typedef char *act_fn(const struct meeting *meeting);

static char *keep_in(const struct meeting *meeting, const char *path)
{
    struct diags diags = DIAGS_INIT;
    struct journal *journal = journal_open(&diags, path);
    char *said = journal ? NULL : diags_text(&diags);

    diags_clear(&diags);
    if (!journal) {
        return said;
    }
    int64_t handle = journal_begin(journal, &meeting->at->kept);
    journal_finish(journal, handle, meeting->at->kept.record);
    if (journal_wait_finished(journal, handle, JOURNAL_WAIT_MS) != 1) {
        said = strdup(journal_trouble(journal));
    }
    journal_close(journal);
    return said;
}

static char *keep(const struct meeting *meeting)
{
    return keep_in(meeting, meeting->path);
}

static char *keep_in_copy(const struct meeting *meeting)
{
    return keep_in(meeting, meeting->copy);
}

static char *list(const struct meeting *meeting)
{
    struct diags diags = DIAGS_INIT;
    struct journal_reader *reader = journal_reader_open(&diags, meeting->path);
    int64_t count = reader ? journal_run_count(reader, &diags, &(struct run_filter){0}) : -1;
    char *said = count < 0 ? diags_text(&diags) : NULL;

    journal_reader_close(reader);
    diags_clear(&diags);
    return said;
}

static char *back_up(const struct meeting *meeting, bool replace)
{
    struct diags diags = DIAGS_INIT;
    struct backup_result result;
    int failed = journal_backup(&diags, meeting->path, meeting->copy, replace, &result);
    char *said = failed ? diags_text(&diags) : NULL;

    diags_clear(&diags);
    return said;
}

static char *back_up_new(const struct meeting *meeting)
{
    return back_up(meeting, false);
}

static char *back_up_over(const struct meeting *meeting)
{
    return back_up(meeting, true);
}

/* ---- before and after --------------------------------------------------------------------- */

static void sql_into(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *error = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fail_msg("%s: %s", path, error);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A journal as that version made it, and a run in it. */
static void make_journal(const char *path, int version, bool wal)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(journal_run_steps(db, 0, version), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    sql_into(path, "INSERT INTO versions VALUES (1, '0.0.9', 'Linux', NULL, NULL);"
                   "INSERT INTO runs (state, began_ns, model, procedure, kind, simulated, attempt,"
                   " eyes, version_id, verdict) VALUES ('done', 1, 'HP-1', 'reset', 'network', 1,"
                   " 1, 0, 1, 'fail')");
    if (wal) {
        sql_into(path, "PRAGMA journal_mode = WAL");
    }
}

/* All that is in the folder goes, but for itself. */
static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    (void)type;
    return place->level > 0 ? remove(path) : 0;
}

static void remove_all(const char *folder)
{
    assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void write_file(const char *path, const char *data, size_t length)
{
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, length, out), length);
    assert_int_equal(fclose(out), 0);
}

/* Nothing but the journal and the copy that there are to be. */
static void prepare(const struct meeting *meeting)
{
    remove_all(meeting->at->folder);
    if (meeting->journal) {
        write_file(meeting->path, meeting->journal, meeting->journal_length);
    }
    if (meeting->copied) {
        write_file(meeting->copy, meeting->copied, meeting->copied_length);
    }
    if (meeting->waits) {
        char spool[PATH_MAX_HERE + 8];
        snprintf(spool, sizeof(spool), "%s.spool", meeting->path);
        assert_int_equal(mkdirat(AT_FDCWD, spool, 0700), 0);
        write_file(meeting->waiting, meeting->waits, meeting->waits_length);
    }
}

static int64_t runs_in(const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
    int64_t count = -1;
    assert_int_equal(journal_sql_int(db, &count, "SELECT count(*) FROM runs", ""), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return count;
}

/* ---- one held, the other not -------------------------------------------------------------- */

struct held {
    pthread_t thread;
    const struct meeting *meeting;
    act_fn *act;
    char *said;
};

static void *held_main(void *context)
{
    struct held *held = context;

    hold_begin(held->meeting->step);
    held->said = held->act(held->meeting);
    hold_end();
    return NULL;
}

struct outcome {
    bool held;     /* there was such a step */
    char *first;   /* what the held one said */
    char *second;  /* what the other said */
    bool in_a_row; /* the other did all of it while the first was held */
};

static struct outcome meet(const struct meeting *meeting, act_fn *first, act_fn *second)
{
    struct held held = {.meeting = meeting, .act = first};
    struct outcome outcome;

    hold_reset();
    assert_int_equal(pthread_create(&held.thread, NULL, held_main, &held), 0);
    outcome.held = hold_wait();
    outcome.second = second(meeting);
    outcome.in_a_row = !hold_was_in_the_way();
    hold_release();
    assert_int_equal(pthread_join(held.thread, NULL), 0);
    outcome.first = held.said;
    return outcome;
}

static void fail_of(const struct meeting *meeting, const struct outcome *outcome)
{
    fail_msg("held before step %lld: %s / %s", (long long)meeting->step,
             outcome->first ? outcome->first : "-", outcome->second ? outcome->second : "-");
}

static void nobody_refused(const struct meeting *meeting, const struct outcome *outcome)
{
    if (outcome->first || outcome->second) {
        fail_of(meeting, outcome);
    }
}

static void outcome_free(struct outcome *outcome)
{
    free(outcome->first);
    free(outcome->second);
}

/* Each step in `make check-steps`; else one of `usual`, and one of 17 under valgrind. */
static int64_t stride(int64_t usual)
{
    return getenv("LONGPRESS_CASES") ? 17 : getenv("LONGPRESS_EACH_STEP") ? 1 : usual;
}

/* Both do what they have to, whatever the step; `runs` are there in the end. */
static void each_of(struct meeting *meeting, act_fn *first, act_fn *second, int64_t runs,
                    int64_t step)
{
    int64_t in_a_row = 0;
    bool more = true;

    for (meeting->step = 1; more; meeting->step += step) {
        prepare(meeting);
        struct outcome outcome = meet(meeting, first, second);
        nobody_refused(meeting, &outcome);
        assert_int_equal(runs_in(meeting->path), runs);
        more = outcome.held;
        in_a_row += outcome.held && outcome.in_a_row;
        outcome_free(&outcome);
        assert_true(meeting->step < STEPS_MAX);
    }
    /* There were steps, and between most of them another can do all that it has to. */
    print_message("%lld steps, the other did all in %lld of them\n", (long long)meeting->step - 1,
                  (long long)in_a_row);
    assert_true(meeting->step > 20 && in_a_row * step > 10);
}

static void each_step(struct meeting *meeting, act_fn *first, act_fn *second, int64_t runs)
{
    each_of(meeting, first, second, runs, stride(1));
}

static struct meeting meeting_at(const struct journal_place *at)
{
    struct meeting meeting = {.at = at};

    snprintf(meeting.path, sizeof(meeting.path), "%s/journal.db", at->folder);
    snprintf(meeting.copy, sizeof(meeting.copy), "%s/copy.db", at->folder);
    return meeting;
}

/* There is a journal of that version. `wal`: one that was used, else as a copy is. */
static struct meeting meeting_of(const struct journal_place *at, int version, bool wal)
{
    struct meeting meeting = meeting_at(at);

    remove_all(at->folder);
    make_journal(meeting.path, version, wal);
    meeting.journal = file_text(meeting.path, &meeting.journal_length);
    return meeting;
}

/* And a copy of it. */
static struct meeting meeting_with_copy(const struct journal_place *at)
{
    struct meeting meeting = meeting_of(at, journal_version, true);

    assert_null(back_up_new(&meeting));
    meeting.copied = file_text(meeting.copy, &meeting.copied_length);
    return meeting;
}

static void meeting_free(struct meeting *meeting)
{
    free(meeting->journal);
    free(meeting->copied);
    free(meeting->waits);
}

static void a_new_journal(void **state)
{
    struct meeting meeting = meeting_at(*state);

    /* With its folders. */
    snprintf(meeting.path, sizeof(meeting.path), "%s/some/where/journal.db", meeting.at->folder);
    each_step(&meeting, keep, keep, 2);
}

/* Who asks what is in a journal that another is just making is told, and not that it is none. */
static void a_new_journal_is_read(void **state)
{
    struct meeting meeting = meeting_at(*state);

    meeting.journal = ""; /* a file that is there, with nothing in it yet */
    each_step(&meeting, keep, list, 1);
    each_step(&meeting, list, keep, 1);
}

static void each_older_version(void **state)
{
    for (int version = 1; version < journal_version; version++) {
        for (int wal = 0; wal <= 1; wal++) {
            /* The first version takes all the steps that the others take. */
            int64_t step = stride(version == 1 && wal ? 1 : 3);
            struct meeting meeting = meeting_of(*state, version, wal);
            each_of(&meeting, keep, keep, 3, step);
            each_of(&meeting, list, keep, 2, step);
            meeting_free(&meeting);
        }
    }
}

static void a_copy_that_becomes_a_journal(void **state)
{
    struct meeting meeting = meeting_of(*state, journal_version, false);

    each_step(&meeting, keep, keep, 3);
    meeting_free(&meeting);
}

/* ---- the spool ---------------------------------------------------------------------------- */

/* A run that the journal could not take, since it was no journal then. */
static void spool_one(struct meeting *meeting)
{
    struct diags diags = DIAGS_INIT;

    remove_all(meeting->at->folder);
    write_file(meeting->path, "a letter", strlen("a letter"));
    struct journal *journal = journal_open_or_spool(&diags, meeting->path);
    int64_t handle = journal_begin(journal, &meeting->at->kept);
    journal_finish(journal, handle, meeting->at->kept.record);
    assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), -1);
    journal_stop(journal);
    assert_true(journal_spooled(journal, handle, meeting->waiting, sizeof(meeting->waiting)));
    meeting->waits = file_text(meeting->waiting, &meeting->waits_length);
    assert_true(journal_close(journal));
    diags_clear(&diags);
}

/* Two take the same run in: it is there once. */
static void a_run_waits_in_the_spool(void **state)
{
    struct meeting meeting = meeting_of(*state, journal_version, true);

    spool_one(&meeting);
    each_step(&meeting, keep, list, 3);
    each_step(&meeting, list, keep, 3);
    meeting_free(&meeting);
}

/* ---- copies ------------------------------------------------------------------------------- */

/* The copy is whole, with `runs`, and what it was made in is gone. */
static void check_copied(const struct meeting *meeting, int64_t runs)
{
    DIR *folder = opendir(meeting->at->folder);
    const struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        assert_null(strstr(entry->d_name, "part"));
    }
    closedir(folder);
    assert_int_equal(runs_in(meeting->copy), runs);
}

/* One of two gets the name, and the other is told. */
static void two_new_copies(void **state)
{
    struct meeting meeting = meeting_of(*state, journal_version, true);
    bool more = true;

    for (meeting.step = 1; more; meeting.step += stride(1)) {
        prepare(&meeting);
        struct outcome outcome = meet(&meeting, back_up_new, back_up_new);
        const char *said = outcome.first ? outcome.first : outcome.second;
        if (!outcome.first == !outcome.second || !strstr(said, "already exists")) {
            fail_of(&meeting, &outcome);
        }
        check_copied(&meeting, 1);
        more = outcome.held;
        outcome_free(&outcome);
    }
    print_message("%lld steps\n", (long long)meeting.step - 1);
    assert_true(meeting.step > 40);
    meeting_free(&meeting);
}

static void two_copies_replace_a_third(void **state)
{
    struct meeting meeting = meeting_with_copy(*state);
    bool more = true;

    for (meeting.step = 1; more; meeting.step += stride(1)) {
        prepare(&meeting);
        struct outcome outcome = meet(&meeting, back_up_over, back_up_over);
        nobody_refused(&meeting, &outcome);
        check_copied(&meeting, 1);
        more = outcome.held;
        outcome_free(&outcome);
    }
    print_message("%lld steps\n", (long long)meeting.step - 1);
    assert_true(meeting.step > 40);
    meeting_free(&meeting);
}

/* A copy is taken for a journal while a newer copy is to replace it. Its run stays: either it came
 * before, and the copy is told that there is a journal now; or after, and is in the new one. */
static void written_to_and_replaced(struct meeting *meeting, act_fn *first, act_fn *second)
{
    bool more = true;

    for (meeting->step = 1; more; meeting->step += stride(1)) {
        prepare(meeting);
        struct outcome outcome = meet(meeting, first, second);
        const char *kept = first == keep_in_copy ? outcome.first : outcome.second;
        const char *copied = first == keep_in_copy ? outcome.second : outcome.first;
        if (kept || (copied && !strstr(copied, "is a working journal, not a backup") &&
                     !strstr(copied, "and would be taken for a part of the copy"))) {
            fail_of(meeting, &outcome);
        }
        check_copied(meeting, 2);
        more = outcome.held;
        outcome_free(&outcome);
    }
    print_message("%lld steps\n", (long long)meeting->step - 1);
    assert_true(meeting->step > 40);
}

static void written_to_while_it_is_replaced(void **state)
{
    struct meeting meeting = meeting_with_copy(*state);

    written_to_and_replaced(&meeting, back_up_over, keep_in_copy);
    meeting_free(&meeting);
}

static void replaced_while_it_is_opened(void **state)
{
    struct meeting meeting = meeting_with_copy(*state);

    written_to_and_replaced(&meeting, keep_in_copy, back_up_over);
    meeting_free(&meeting);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_place_make, journal_place_remove)
    const struct CMUnitTest tests[] = {
        TEST(a_new_journal),
        TEST(a_new_journal_is_read),
        TEST(each_older_version),
        TEST(a_copy_that_becomes_a_journal),
        TEST(a_run_waits_in_the_spool),
        TEST(two_new_copies),
        TEST(two_copies_replace_a_third),
        TEST(written_to_while_it_is_replaced),
        TEST(replaced_while_it_is_opened),
    };
    faulty_vfs_register();
    faulty_vfs_set(&(struct faulty_plan){.at = 0});
    return cmocka_run_group_tests(tests, NULL, NULL);
}
