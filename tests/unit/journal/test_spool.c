/*
 * The spool: what a journal could not take is taken in by the next opening, once, whoever is killed
 * and however many open it; and a file that is none of ours is left where it is.
 */
#include "rig/base/units.h"
#include "rig/format/sha256.h"
#include "rig/journal/journal_care.h"
#include "rig/journal/journal_internal.h"
#include "rig/journal/journal_spool.h"
#include "tests/unit/journal_place.h"
#include "tests/unit/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { RUNS = 5, KILLS = 40, OPENERS = 4, NAME_ROOM = 600 };

/* ---- a journal that cannot be written ----------------------------------------------------- */

/* A folder in its place: nobody can write to that, root included. */
static void block(const struct journal_place *at)
{
    assert_int_equal(mkdir(at->path, 0700), 0);
}

static void unblock(const struct journal_place *at)
{
    assert_int_equal(rmdir(at->path), 0);
}

/* Runs that were handed over to it are in the spool then. `whole`: with their verdicts. */
static void spool_runs(const struct journal_place *at, int64_t first_ns, int count, bool whole)
{
    struct diags diags = DIAGS_INIT;
    char file[NAME_ROOM];
    struct journal *journal = journal_open_or_spool(&diags, at->path);

    assert_non_null(journal);
    assert_int_equal(diags.errors, 1);
    assert_true(journal_trouble(journal)[0]);
    for (int i = 0; i < count; i++) {
        struct later_run run;
        later_run_make(&run, at, first_ns + i);
        int64_t handle = journal_begin(journal, &run.kept);
        assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), -1);
        assert_true(journal_spooled(journal, handle, file, sizeof(file)));
        assert_int_equal(access(file, F_OK), 0);
        if (whole) {
            journal_finish(journal, handle, &run.record);
            assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), -1);
            assert_true(journal_spooled(journal, handle, file, sizeof(file)));
        }
    }
    assert_int_equal(journal_spooled_runs(journal, file, sizeof(file)), whole ? count : 0);
    assert_true(journal_close(journal));
    diags_clear(&diags);
}

static void spool_of(const struct journal_place *at, char out[NAME_ROOM])
{
    snprintf(out, NAME_ROOM, "%s.spool", at->path);
}

static int in_spool(const struct journal_place *at)
{
    char path[NAME_ROOM];
    const struct dirent *entry;
    int count = 0;

    spool_of(at, path);
    DIR *folder = opendir(path);
    while (folder && (entry = readdir(folder))) {
        count += entry->d_name[0] != '.';
    }
    if (folder) {
        closedir(folder);
    }
    return count;
}

/* The path of one of them. */
static void one_of(const struct journal_place *at, char out[NAME_ROOM])
{
    char path[NAME_ROOM];
    const struct dirent *entry;

    spool_of(at, path);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    do {
        entry = readdir(folder);
        assert_non_null(entry);
    } while (entry->d_name[0] == '.');
    int length = snprintf(out, NAME_ROOM, "%s.spool/%s", at->path, entry->d_name);
    assert_true(length > 0 && length < NAME_ROOM);
    closedir(folder);
}

static int64_t runs_in(const struct journal_place *at, unsigned filter)
{
    return journal_count_state(at->path, filter);
}

/* ---- taken in ----------------------------------------------------------------------------- */

static void every_opening_takes_in(void **state)
{
    struct journal_place *at = *state;
    struct diags diags = DIAGS_INIT;
    struct backup_result copied;
    struct prune_result pruned;
    struct prune_choice none = {.filter = {.model = "of no such model"}};
    char copy[NAME_ROOM];

    snprintf(copy, sizeof(copy), "%s/copy.db", at->folder);
    for (int opening = 0; opening < 4; opening++) {
        block(at);
        spool_runs(at, opening * RUNS, RUNS, true);
        unblock(at);
        if (opening > 0) {
            char kept[NAME_ROOM];
            snprintf(kept, sizeof(kept), "%s.kept", at->path);
            assert_int_equal(rename(kept, at->path), 0);
        }
        assert_int_equal(in_spool(at), RUNS);
        if (opening == 0) {
            journal_close(journal_must_open(at->path));
        } else if (opening == 1) {
            journal_reader_close(journal_must_read(at->path));
        } else if (opening == 2) {
            assert_int_equal(journal_backup(&diags, at->path, copy, false, &copied), 0);
            assert_int_equal(copied.runs, 3 * RUNS);
        } else {
            assert_int_equal(journal_prune(&diags, at->path, &none, true, &pruned), 0);
        }
        assert_int_equal(in_spool(at), 0);
        assert_int_equal(journal_check(at, NULL, 0), (opening + 1) * RUNS);
        diags_clear(&diags);
        if (opening < 3) {
            char kept[NAME_ROOM];
            snprintf(kept, sizeof(kept), "%s.kept", at->path);
            assert_int_equal(rename(at->path, kept), 0);
        }
    }
}

/* One that broke off before its verdict is `interrupted`, as it would be in the journal. */
static void without_a_verdict(void **state)
{
    struct journal_place *at = *state;
    int status;

    block(at);
    pid_t pid = fork();
    if (pid == 0) {
        struct diags diags = DIAGS_INIT;
        struct journal *journal = journal_open_or_spool(&diags, at->path);
        struct timeline half = at->run.timeline;
        int64_t handle = journal_begin(journal, &at->kept);
        half.count /= 2;
        journal_append(journal, handle, &half);
        journal_wait_begun(journal, handle, JOURNAL_WAIT_MS);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    unblock(at);
    assert_int_equal(in_spool(at), 1);
    assert_int_equal(runs_in(at, FILTER_INTERRUPTED), 1);
    assert_int_equal(in_spool(at), 0);
    assert_int_equal(journal_check(at, NULL, 0), 0);
}

/* What a process may still bring into the journal itself is not taken from it. */
static void while_it_is_held(void **state)
{
    struct journal_place *at = *state;
    struct diags diags = DIAGS_INIT;

    block(at);
    struct journal *journal = journal_open_or_spool(&diags, at->path);
    int64_t handle = journal_begin(journal, &at->kept);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), -1);
    assert_int_equal(in_spool(at), 1);
    unblock(at);
    journal_close(journal_must_open(at->path));
    assert_int_equal(in_spool(at), 1);
    assert_int_equal(runs_in(at, 0), 0);
    /* It is tried again by itself, by the time that a run ends at the latest. */
    journal_finish(journal, handle, &at->run.record);
    for (int i = 0; i < 400 && journal_finished(journal, handle) != 1; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 50 * NS_PER_MS}, NULL);
    }
    assert_int_equal(journal_finished(journal, handle), 1);
    assert_int_equal(journal_number(journal, handle), 1);
    assert_true(journal_close(journal));
    assert_int_equal(in_spool(at), 0);
    assert_int_equal(journal_check(at, (int64_t[]){1}, 1), 1);
    diags_clear(&diags);
}

/* The journal has its beginning, the spool its end: one run, by the number that was told. */
static void begun_in_the_journal(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    struct timeline half = at->run.timeline;
    sqlite3 *other = NULL;

    int64_t handle = journal_begin(journal, &at->kept);
    half.count /= 2;
    journal_append(journal, handle, &half);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), 1);
    int64_t number = journal_number(journal, handle);
    assert_int_equal(sqlite3_open(at->path, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, JOURNAL_WAIT_MS);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    journal_finish(journal, handle, &at->run.record);
    assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), -1);
    assert_true(journal_close(journal));
    assert_int_equal(in_spool(at), 1);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    assert_int_equal(journal_check(at, NULL, 0), 1);
    assert_int_equal(journal_check(at, &number, 1), 1);
    assert_int_equal(runs_in(at, 0), 1);
}

/* ---- exactly once ------------------------------------------------------------------------- */

static void killed_while_taking_in(void **state)
{
    struct journal_place *at = *state;
    int killed = 0;

    journal_close(journal_must_open(at->path));
    for (int i = 0; i < KILLS; i++) {
        char kept[NAME_ROOM];
        snprintf(kept, sizeof(kept), "%s.kept", at->path);
        assert_int_equal(rename(at->path, kept), 0);
        block(at);
        spool_runs(at, i * RUNS, RUNS, true);
        unblock(at);
        assert_int_equal(rename(kept, at->path), 0);
        pid_t pid = fork();
        if (pid == 0) {
            journal_close(journal_must_open(at->path));
            _exit(0);
        }
        nanosleep(&(struct timespec){.tv_nsec = (i % 20) * NS_PER_MS}, NULL);
        kill(pid, SIGKILL);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        killed += WIFSIGNALED(status);
        assert_int_equal(journal_check(at, NULL, 0), (i + 1) * RUNS);
        assert_int_equal(runs_in(at, 0), (i + 1) * RUNS);
        assert_int_equal(in_spool(at), 0);
    }
    assert_true(killed > 0);
}

/* Killed after the run is in and before its file is gone: the file is there as before. */
static void in_the_journal_already(void **state)
{
    struct journal_place *at = *state;
    char file[NAME_ROOM];
    char aside[NAME_ROOM];
    char command[3 * NAME_ROOM];

    block(at);
    spool_runs(at, 0, 1, true);
    unblock(at);
    one_of(at, file);
    snprintf(aside, sizeof(aside), "%s/aside", at->folder);
    assert_int_equal(link(file, aside), 0);
    assert_int_equal(runs_in(at, 0), 1);
    for (int i = 0; i < 3; i++) {
        snprintf(command, sizeof(command), "mkdir -p '%s.spool' && cp '%s' '%s'", at->path, aside,
                 file);
        assert_int_equal(system(command), 0);
        assert_int_equal(in_spool(at), 1);
        assert_int_equal(runs_in(at, 0), 1);
        assert_int_equal(in_spool(at), 0);
    }
}

static void many_open_at_once(void **state)
{
    struct journal_place *at = *state;
    enum { MANY = 30 };
    pid_t pids[OPENERS];

    block(at);
    spool_runs(at, 0, MANY, true);
    unblock(at);
    for (int i = 0; i < OPENERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct diags diags = DIAGS_INIT;
            journal_reader_close(journal_reader_open(&diags, at->path));
            journal_close(journal_open(&diags, at->path));
            _exit(diags.errors > 0);
        }
    }
    for (int i = 0; i < OPENERS; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(journal_check(at, NULL, 0), MANY);
    assert_int_equal(runs_in(at, 0), MANY);
    assert_int_equal(in_spool(at), 0);
}

/* ---- what is none of ours ----------------------------------------------------------------- */

/* Changed, and with a true hash again: made on purpose. */
static void change(const char *file, const char *sql)
{
    static char data[1024 * 1024];
    sqlite3 *db = NULL;
    struct stat st;
    uint8_t hash[SHA256_BYTES];

    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(truncate(file, st.st_size - SHA256_BYTES), 0);
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    sqlite3_close(db);
    FILE *both = fopen(file, "r+e");
    assert_non_null(both);
    size_t size = fread(data, 1, sizeof(data), both);
    assert_true(size > 0 && size < sizeof(data));
    sha256(data, size, hash);
    fseek(both, 0, SEEK_END);
    assert_int_equal(fwrite(hash, 1, sizeof(hash), both), sizeof(hash));
    assert_int_equal(fclose(both), 0);
}

/* One file that is as it should be, and is changed so; it stays, is told, and costs nothing else.
 */
static void left_alone(struct journal_place *at)
{
    struct diags diags = DIAGS_INIT;
    char file[NAME_ROOM];

    journal_close(journal_must_open(at->path));
    int64_t before = runs_in(at, 0);
    one_of(at, file);
    struct journal *journal = journal_open(&diags, at->path);
    assert_non_null(journal);
    journal_close(journal);
    assert_int_equal(diags.errors, 0);
    assert_int_equal(diags.count, 1);
    assert_non_null(strstr(diags.items[0].where, file));
    assert_int_equal(access(file, F_OK), 0);
    assert_int_equal(runs_in(at, 0), before);
    diags_clear(&diags);
    assert_int_equal(unlink(file), 0);
}

static void hostile(void **state)
{
    static const char view[] =
        "ALTER TABLE findings RENAME TO other;"
        "CREATE VIEW findings AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n)"
        " SELECT i AS run, 1 AS seq FROM n";
    static const char two_runs[] =
        "INSERT INTO runs SELECT 77, state, began_ns, origin_ns, duration_ns, model, procedure,"
        " kind, source, unit_id, unit_firmware, bench, station, simulated, sim_firmware, operator,"
        " batch, attempt, eyes, profile_id, bench_id, version_id, verdict, reason, next, ended,"
        " led_seen, led_truncated, led_lost, pulses_unkept,"
        " NULL, clock_set, boot, boot_ns, boot_seq, digest FROM runs";
    static const char *const changes[] = {
        "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END",
        view,
        "ALTER TABLE runs ADD COLUMN more TEXT",
        "CREATE TABLE more (a)",
        "DELETE FROM runs",
        two_runs,
        "UPDATE contents SET content = CAST('another text' AS BLOB)",
        "UPDATE timelines SET run = 4711",
        "UPDATE runs SET version_id = 4711",
        "PRAGMA user_version = 1000",
        "PRAGMA user_version = -1",
        "PRAGMA application_id = 1",
    };
    struct journal_place *at = *state;

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        char kept[NAME_ROOM];
        bool there = access(at->path, F_OK) == 0;
        snprintf(kept, sizeof(kept), "%s.kept", at->path);
        assert_true(!there || rename(at->path, kept) == 0);
        block(at);
        spool_runs(at, (int64_t)i, 1, true);
        unblock(at);
        char file[NAME_ROOM];
        one_of(at, file);
        change(file, changes[i]);
        assert_true(!there || rename(kept, at->path) == 0);
        left_alone(at);
    }
    assert_int_equal(runs_in(at, 0), 0);
}

/* A byte of it changed, or a part cut off, anywhere: it is left. */
static void damaged(void **state)
{
    struct journal_place *at = *state;
    char file[NAME_ROOM];
    char whole[NAME_ROOM];
    char command[3 * NAME_ROOM];
    struct stat st;

    block(at);
    spool_runs(at, 0, 1, true);
    unblock(at);
    one_of(at, file);
    snprintf(whole, sizeof(whole), "%s/whole", at->folder);
    assert_int_equal(rename(file, whole), 0);
    assert_int_equal(stat(whole, &st), 0);
    const int64_t stride = st.st_size / 150 + 1;
    for (int64_t at_byte = 0; at_byte < st.st_size; at_byte += stride) {
        struct diags diags = DIAGS_INIT;
        bool cut = (at_byte / stride) % 3 == 0;
        snprintf(command, sizeof(command), "rm -rf '%s'* && mkdir '%s.spool' && cp '%s' '%s'",
                 at->path, at->path, whole, file);
        assert_int_equal(system(command), 0);
        int fd = open(file, O_RDWR | O_CLOEXEC);
        unsigned char byte;
        assert_int_equal(pread(fd, &byte, 1, at_byte), 1);
        byte ^= (unsigned char)(1 << at_byte % 8);
        assert_int_equal(cut ? ftruncate(fd, at_byte) : pwrite(fd, &byte, 1, at_byte) - 1, 0);
        close(fd);
        struct journal *journal = journal_open(&diags, at->path);
        assert_non_null(journal);
        journal_close(journal);
        assert_int_equal(diags.errors, 0);
        assert_int_equal(diags.count, 1);
        assert_int_equal(access(file, F_OK), 0);
        assert_int_equal(runs_in(at, 0), 0);
        diags_clear(&diags);
    }
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rename(whole, file), 0);
    assert_int_equal(runs_in(at, 0), 1);
}

static void other_things(void **state)
{
    struct journal_place *at = *state;
    struct diags diags = DIAGS_INIT;
    char command[4 * NAME_ROOM];

    snprintf(command, sizeof(command),
             "mkdir '%s.spool' && cd '%s.spool' && mkfifo 1-2-3.db && mkdir 2-2-3.db &&"
             " ln -s /dev/zero 3-2-3.db && ln -s ../none 4-2-3.db && : >5-2-3.db &&"
             " echo text >6-2-3.db && echo text >notes && echo text >'7-2-3.db.part' &&"
             " echo text >08-2-3.db",
             at->path, at->path);
    assert_int_equal(system(command), 0);
    struct journal *journal = journal_open(&diags, at->path);
    assert_non_null(journal);
    journal_close(journal);
    assert_int_equal(diags.errors, 0);
    assert_int_equal(diags.count, 6);
    assert_int_equal(in_spool(at), 9);
    diags_clear(&diags);
}

/* ---- where to ----------------------------------------------------------------------------- */

static void the_users_place(void **state)
{
    struct journal_place *at = *state;
    struct journal_place nowhere = *at;
    struct diags diags = DIAGS_INIT;
    char state_home[NAME_ROOM];
    char file[NAME_ROOM];
    struct journal *journal;

    snprintf(state_home, sizeof(state_home), "%s/state", at->folder);
    assert_int_equal(setenv("XDG_STATE_HOME", state_home, 1), 0);
    snprintf(nowhere.path, sizeof(nowhere.path), "/proc/none/journal.db");
    spool_runs(&nowhere, 0, 1, true);
    journal = journal_open_or_spool(&diags, nowhere.path);
    int64_t handle = journal_begin(journal, &at->kept);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), -1);
    assert_true(journal_spooled(journal, handle, file, sizeof(file)));
    assert_ptr_equal(strstr(file, state_home), file);
    assert_true(journal_close(journal));

    /* Neither the one nor the other. */
    assert_int_equal(setenv("XDG_STATE_HOME", "/proc/none", 1), 0);
    journal = journal_open_or_spool(&diags, nowhere.path);
    handle = journal_begin(journal, &at->kept);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), -1);
    assert_false(journal_spooled(journal, handle, file, sizeof(file)));
    journal_finish(journal, handle, &at->run.record);
    assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), -1);
    assert_false(journal_close(journal));
    diags_clear(&diags);
    unsetenv("XDG_STATE_HOME");
}

static void names(void **state)
{
    (void)state;
    assert_true(journal_spool_named("1-2-3.db"));
    assert_true(journal_spool_named("1795938902295244232-23940-1.db"));
    assert_false(journal_spool_named("1-2-3.db.part"));
    assert_false(journal_spool_named("1-2-3.db-wal"));
    assert_false(journal_spool_named("01-2-3.db"));
    assert_false(journal_spool_named(" 1-2-3.db"));
    assert_false(journal_spool_named("1-2.db"));
    assert_false(journal_spool_named("99999999999999999999-2-3.db"));
    assert_false(journal_spool_named(""));
}

/* Every table of a journal is one that is taken over: a new one needs a line in journal_take.c. */
static void no_table_is_forgotten(void **state)
{
    static const char known[] = "contents findings hazards opened running runs settings timelines "
                                "units versions";
    struct journal_place *at = *state;
    sqlite3 *db = NULL;
    int64_t same = 0;

    journal_close(journal_must_open(at->path));
    assert_int_equal(sqlite3_open(at->path, &db), SQLITE_OK);
    assert_int_equal(
        journal_sql_int(db, &same,
                        "SELECT group_concat(name, ' ') = ? FROM (SELECT name FROM sqlite_schema"
                        " WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name)",
                        "t", known),
        SQLITE_OK);
    assert_int_equal(same, 1);
    sqlite3_close(db);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_place_make, journal_place_remove)
    const struct CMUnitTest tests[] = {
        TEST(every_opening_takes_in),
        TEST(without_a_verdict),
        TEST(while_it_is_held),
        TEST(begun_in_the_journal),
        TEST(killed_while_taking_in),
        TEST(in_the_journal_already),
        TEST(many_open_at_once),
        TEST(hostile),
        TEST(damaged),
        TEST(other_things),
        TEST(the_users_place),
        cmocka_unit_test(names),
        TEST(no_table_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
