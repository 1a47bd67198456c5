/*
 * A journal that somebody else made or changed, or the disk: what is not one of ours is refused,
 * told why, and left alone; what is damaged is told; nothing crashes, and nothing goes on for ever.
 */
#include "rig/journal/journal_care.h"
#include "rig/journal/journal_internal.h"
#include "tests/unit/journal_place.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { HANGS_S = 60 };

static void change(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *error = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, (int *)NULL);
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fail_msg("%s", error);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void write_file(const char *path, const char *data, size_t length)
{
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, length, out), length);
    assert_int_equal(fclose(out), 0);
}

/* A sound journal with three runs. */
static void make_journal(const struct journal_place *at)
{
    struct journal *journal = journal_must_open(at->path);
    for (int i = 0; i < 3; i++) {
        journal_keep(journal, &at->kept);
    }
    journal_close(journal);
}

/* ---- not one of ours ---------------------------------------------------------------------- */

static void says(struct diags *diags, const char *why)
{
    char *text = diags_text(diags);
    if (!strstr(text, why)) {
        fail_msg("`%s` is not in: %s", why, text);
    }
    free(text);
    diags_clear(diags);
}

/* By all who open it, with this in the message. The file, and its -wal if it has one, stay. */
static void is_refused(const struct journal_place *at, const char *why)
{
    struct diags diags = DIAGS_INIT;
    struct prune_result pruned;
    struct backup_result copied;
    char copy[160];
    char wal[160];
    size_t length;
    size_t length_after;
    char *before = file_text(at->path, &length);

    snprintf(copy, sizeof(copy), "%s/copy.db", at->folder);
    snprintf(wal, sizeof(wal), "%s-wal", at->path);
    bool has_wal = access(wal, F_OK) == 0;
    assert_null(journal_open(&diags, at->path));
    says(&diags, why);
    /* Who may only read cannot take away the empty one that SQLite makes to read. */
    assert_int_equal(access(wal, F_OK) == 0, has_wal);
    assert_null(journal_reader_open(&diags, at->path));
    says(&diags, why);
    assert_int_equal(
        journal_prune(&diags, at->path, &(struct prune_choice){.keep_fails = true}, false, &pruned),
        -1);
    says(&diags, why);
    assert_int_equal(journal_backup(&diags, at->path, copy, true, &copied), -1);
    says(&diags, why);
    assert_int_equal(access(copy, F_OK), -1);
    char *after = file_text(at->path, &length_after);
    assert_int_equal(length, length_after);
    assert_memory_equal(before, after, length);
    free(before);
    free(after);
}

static const struct {
    const char *sql;
    const char *why;
} changes[] = {
    {"PRAGMA user_version = -1", "version -1 does not exist"},
    {"PRAGMA user_version = 0", "version 0 does not exist"},
    {"PRAGMA user_version = -2147483648", "version -2147483648 does not exist"},
    {"PRAGMA user_version = 2147483647", "newer longpress"},
    {"PRAGMA user_version = 1", "`runs` differs from what longpress creates"}, /* of version 2 */
    {"PRAGMA application_id = 1", "is not a longpress journal"},
    {"PRAGMA application_id = 0", "is not a longpress journal"},
    {"CREATE TRIGGER forgets AFTER INSERT ON runs BEGIN DELETE FROM runs"
     " WHERE number < new.number; END",
     "trigger `forgets` does not belong to longpress"},
    {"PRAGMA foreign_keys = OFF; DROP TABLE findings; CREATE VIEW findings AS WITH RECURSIVE"
     " n(run) AS (SELECT 1 UNION ALL SELECT run + 1 FROM n) SELECT run, run AS seq FROM n",
     "view `findings` differs from what longpress creates"},
    {"CREATE VIEW more AS SELECT 1", "view `more` does not belong to longpress"},
    {"CREATE TABLE more (x)", "table `more` does not belong to longpress"},
    {"CREATE TABLE \"a\x1b[2Jb\" (x)", "table `a\\x1B[2Jb` does not belong to longpress"},
    {"CREATE INDEX slow ON runs (abs(number))", "index `slow` does not belong to longpress"},
    {"DROP INDEX runs_by_time", "index `runs_by_time` is missing"},
    {"DROP TABLE hazards", "table `hazards` is missing"},
    {"ALTER TABLE runs ADD COLUMN more TEXT DEFAULT 'x'",
     "`runs` differs from what longpress creates"},
    {"ALTER TABLE opened ADD COLUMN more BLOB AS (zeroblob(100000000))",
     "`opened` differs from what longpress creates"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '''pass''', '''p "
     "ass''')"
     " WHERE name = 'runs'",
     "`runs` differs from what longpress creates"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE' WHERE name = "
     "'runs'",
     "damaged"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET tbl_name = 'units'"
     " WHERE name = 'runs_by_time'",
     "damaged"},
};

static void changed_by_another(void **state)
{
    struct journal_place *at = *state;
    size_t length;

    make_journal(at);
    char *whole = file_text(at->path, &length);
    for (size_t i = 0; i < 2 * sizeof(changes) / sizeof(changes[0]); i++) {
        write_file(at->path, whole, length);
        if (i % 2) {
            change(at->path, "PRAGMA journal_mode = DELETE");
        }
        change(at->path, changes[i / 2].sql);
        is_refused(at, changes[i / 2].why);
    }
    free(whole);
}

/* What was kept by another blank or line is the same. */
static void written_otherwise(void **state)
{
    struct journal_place *at = *state;

    make_journal(at);
    change(at->path, "PRAGMA writable_schema = ON; UPDATE sqlite_schema"
                     " SET sql = replace(sql, ',', char(10) || ' ,') WHERE name = 'runs'");
    assert_int_equal(journal_check(at, NULL, 0), 3);
}

/* The digests by which a journal of any version is known at once are those of what is made. */
static void known_by_its_digest(void **state)
{
    (void)state;
    for (int version = 1; version <= journal_version; version++) {
        char digest[SHA256_TEXT_MAX];
        sqlite3 *db = NULL;
        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(journal_run_steps(db, 0, version), SQLITE_OK);
        assert_int_equal(journal_schema_digest(db, digest), SQLITE_OK);
        assert_string_equal(digest, journal_schema_digests[version - 1]);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
    }
}

/* Of an older version, and at that another's. */
static void older_and_changed(void **state)
{
    struct journal_place *at = *state;

    for (int version = 1; version < journal_version; version++) {
        sqlite3 *db = NULL;
        unlink(at->path);
        assert_int_equal(sqlite3_open(at->path, &db), SQLITE_OK);
        assert_int_equal(journal_run_steps(db, 0, version), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        change(at->path, "CREATE TRIGGER more AFTER INSERT ON runs BEGIN DELETE FROM runs; END");
        is_refused(at, "trigger `more` does not belong to longpress");
    }
}

/* Another program has the file open, and what it wrote is still in its -wal. */
static void in_use_by_another(void **state)
{
    struct journal_place *at = *state;
    sqlite3 *db = NULL;
    int64_t rows = 0;
    char wal[160];
    size_t length;
    size_t log_length;
    size_t length_after;

    assert_int_equal(sqlite3_open(at->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "PRAGMA journal_mode = WAL; CREATE TABLE bookmarks (url);"
                                  " INSERT INTO bookmarks VALUES ('x')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    is_refused(at, "is not a longpress journal");
    assert_int_equal(journal_sql_int(db, &rows, "SELECT count(*) FROM bookmarks", ""), SQLITE_OK);
    assert_int_equal(rows, 1);

    /* And as it is when that program was killed: nobody else moves its -wal into the file. */
    snprintf(wal, sizeof(wal), "%s-wal", at->path);
    char *file = file_text(at->path, &length);
    char *log = file_text(wal, &log_length);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    write_file(at->path, file, length);
    write_file(wal, log, log_length);
    is_refused(at, "is not a longpress journal");
    char *log_after = file_text(wal, &length_after);
    assert_int_equal(length_after, log_length);
    assert_memory_equal(log, log_after, log_length);
    free(file);
    free(log);
    free(log_after);
}

/* A trigger that comes while the journal is open is not obeyed either. */
static void changed_while_it_is_open(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);

    journal_keep(journal, &at->kept);
    change(at->path, "CREATE TRIGGER forgets AFTER INSERT ON runs BEGIN DELETE FROM runs"
                     " WHERE number < new.number; END");
    journal_keep(journal, &at->kept);
    journal_close(journal);
    change(at->path, "DROP TRIGGER forgets");
    assert_int_equal(journal_check(at, (int64_t[]){1, 2}, 2), 2);
}

/* No number is left for a run: that is no full disk. */
static void the_last_number_was_given(void **state)
{
    static const char *const cases[] = {
        "UPDATE sqlite_sequence SET seq = 9223372036854775807",
        "PRAGMA foreign_keys = OFF; UPDATE runs SET number = 9223372036854775807 WHERE number = 3",
    };
    struct journal_place *at = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unlink(at->path);
        make_journal(at);
        change(at->path, cases[i]);
        struct journal *journal = journal_must_open(at->path);
        int64_t handle = journal_begin(journal, &at->kept);
        assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), -1);
        assert_non_null(strstr(journal_trouble(journal), "it is damaged"));
        journal_close(journal);
    }
}

/* ---- texts that are not what was kept ----------------------------------------------------- */

static void texts_are_damaged(void **state)
{
    static const struct {
        const char *sql;
        const char *what;
    } cases[] = {
        {"UPDATE contents SET content = cast(replace(cast(content AS TEXT), 'model', 'modal')"
         " AS BLOB) WHERE id = (SELECT profile_id FROM runs)",
         "the profile"},
        {"UPDATE contents SET hash = zeroblob(32) WHERE id = (SELECT bench_id FROM runs)",
         "the bench file"},
    };
    struct journal_place *at = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct diags diags = DIAGS_INIT;
        unlink(at->path);
        make_journal(at);
        change(at->path, cases[i].sql);
        struct journal_reader *reader = journal_must_read(at->path);
        struct whole_run *run = journal_load(reader, &diags, 1);
        assert_non_null(run);
        assert_string_equal(run->damaged, cases[i].what);
        assert_true(i == 0 ? !run->profile_text && !run->profile : !run->bench_text && !run->bench);
        says(&diags, "is damaged");
        journal_whole_run_free(run);
        journal_reader_close(reader);
    }
}

/* The next run that is made with that text makes it good for all. */
static void texts_are_made_good(void **state)
{
    struct journal_place *at = *state;

    make_journal(at);
    change(at->path, "UPDATE contents SET content = x'00'");
    struct journal *journal = journal_must_open(at->path);
    journal_keep(journal, &at->kept);
    journal_close(journal);
    assert_int_equal(journal_check(at, NULL, 0), 4);
}

/* ---- damage ------------------------------------------------------------------------------- */

struct found {
    size_t said;   /* files of which something was said */
    size_t whole;  /* of which nothing was said, and all is as it was */
    size_t silent; /* nothing was said, and something is otherwise */
};

static bool same_run(const struct journal_place *at, const struct whole_run *run)
{
    const struct timeline *is = &run->stored.timeline;
    const struct timeline *was = &at->run.timeline;
    bool same = run->about.state == KEPT_DONE && run->about.verdict == at->run.judgement.verdict &&
                is->count == was->count && is->origin_ns == was->origin_ns &&
                run->judgement.finding_count == at->run.judgement.finding_count &&
                strcmp(run->judgement.reason, at->run.judgement.reason) == 0;

    for (size_t i = 0; same && i < is->count; i++) {
        same = is->entries[i].kind == was->entries[i].kind &&
               is->entries[i].time_ns == was->entries[i].time_ns;
    }
    return same;
}

/* All that a reader can do. Whether all runs are what they were. */
static bool read_all(const struct journal_place *at, struct diags *diags)
{
    struct journal_reader *reader = journal_reader_open(diags, at->path);
    struct judgement *judgement = xcalloc(sizeof(*judgement));
    struct run_list *list =
        reader ? journal_run_list_open(reader, diags, &(struct run_filter){.latest_first = true})
               : NULL;
    int same = 0;

    while (list && journal_run_list_next(list)) {
    }
    journal_run_list_close(list, diags);
    for (int64_t number = 1; reader && number <= 3; number++) {
        struct whole_run *run = journal_load(reader, diags, number);
        if (run) {
            judge(at->run.profile, at->run.record.procedure, &run->stored.sensors,
                  &run->stored.timeline, run->stored.end, judgement);
            same += same_run(at, run);
        }
        journal_whole_run_free(run);
    }
    journal_reader_close(reader);
    free(judgement);
    return same == 3;
}

/* Nothing is said of a damaged file that would send anybody to look elsewhere. */
static void says_what_it_is(struct diags *diags, size_t offset)
{
    static const char *const elsewhere[] = {"disk", "permissions", "another process", "memory"};
    char *text = diags_text(diags);

    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        if (strstr(text, elsewhere[i])) {
            fail_msg("byte %zu: %s", offset, text);
        }
    }
    free(text);
    diags_clear(diags);
}

static void put(unsigned char *at, int bytes, size_t value)
{
    for (int i = bytes - 1; i >= 0; i--, value >>= 8) {
        at[i] = (unsigned char)value;
    }
}

/* A page of a table's tree all of whose children are the same page.
 * https://sqlite.org/fileformat.html#b_tree_pages */
static void make_inner_page(unsigned char *page, size_t page_bytes, size_t child)
{
    enum { INNER = 5, HEADER = 12, CELLS = 200, CELL_BYTES = 5 };

    memset(page, 0, page_bytes);
    page[0] = INNER;
    put(page + 3, 2, CELLS);
    put(page + 5, 2, page_bytes - CELLS * (size_t)CELL_BYTES);
    put(page + 8, 4, child);
    for (size_t i = 0; i < CELLS; i++) {
        size_t cell = page_bytes - (i + 1) * CELL_BYTES;
        put(page + HEADER + 2 * i, 2, cell);
        put(page + cell, 4, child);
        page[cell + 4] = 3; /* of its keys the highest */
    }
}

/* The table of runs grows deeper, and each level of its tree has the next for all of its children:
 * so many runs as nobody can list. */
static void make_endless(const struct journal_place *at)
{
    enum { PAGE_COUNT = 28, LEVELS = 12 };
    sqlite3 *db = NULL;
    int64_t root = 0;
    int64_t page_bytes = 0;
    size_t length;

    make_journal(at);
    assert_int_equal(sqlite3_open(at->path, &db), SQLITE_OK);
    journal_sql_int(db, &root, "SELECT rootpage FROM sqlite_schema WHERE name = 'runs'", "");
    journal_sql_int(db, &page_bytes, "PRAGMA page_size", "");
    sqlite3_close(db);
    size_t page = (size_t)page_bytes;
    char *whole = file_text(at->path, &length);
    size_t first = length / page + 1; /* the number of the first that is added */
    unsigned char *bytes = xcalloc(length + LEVELS * page);
    memcpy(bytes, whole, length);
    memcpy(bytes + length + (LEVELS - 1) * page, bytes + ((size_t)root - 1) * page, page);
    make_inner_page(bytes + ((size_t)root - 1) * page, page, first);
    for (size_t i = 0; i + 1 < LEVELS; i++) {
        make_inner_page(bytes + length + i * page, page, first + i + 1);
    }
    put(bytes + PAGE_COUNT, 4, length / page + LEVELS);
    write_file(at->path, (const char *)bytes, length + LEVELS * page);
    free(bytes);
    free(whole);
}

static void a_tree_without_end(void **state)
{
    static const char no_end[] = "it is damaged: a search in it does not end";
    struct journal_place *at = *state;
    struct diags diags = DIAGS_INIT;
    struct prune_choice real = {.filter = {.reality = FILTER_REAL}}; /* by no index */
    struct prune_result pruned;
    struct backup_result copied;
    char copy[160];

    make_endless(at);
    alarm(HANGS_S);
    struct journal_reader *reader = journal_must_read(at->path);
    assert_int_equal(journal_run_count(reader, &diags, &real.filter), -1);
    says(&diags, no_end);
    struct run_list *list = journal_run_list_open(reader, &diags, &(struct run_filter){.limit = 0});
    while (list && journal_run_list_next(list)) {
    }
    assert_int_equal(journal_run_list_close(list, &diags), -1);
    says(&diags, no_end);
    journal_reader_close(reader);
    assert_int_equal(journal_prune(&diags, at->path, &real, false, &pruned), -1);
    says(&diags, no_end);
    journal_close(journal_must_open(at->path));
    snprintf(copy, sizeof(copy), "%s/copy.db", at->folder);
    assert_int_equal(journal_backup(&diags, at->path, copy, false, &copied), -1);
    says(&diags, "the copy is damaged");
    assert_int_equal(access(copy, F_OK), -1);
    alarm(0);
}

/* One more run is kept, or it is said that it was not. */
static void keep_one_more(const struct journal_place *at, size_t offset)
{
    struct diags diags = DIAGS_INIT;
    struct journal *journal = journal_open(&diags, at->path);

    if (!journal) {
        assert_true(diags.errors > 0);
        says_what_it_is(&diags, offset);
        return;
    }
    int64_t handle = journal_begin(journal, &at->kept);
    journal_finish(journal, handle, &at->run.record);
    if (journal_wait_finished(journal, handle, JOURNAL_WAIT_MS) != 1) {
        assert_true(journal_trouble(journal)[0] != '\0');
    }
    journal_close(journal);
}

static void one_byte(const struct journal_place *at, const char *whole, size_t length,
                     size_t offset, struct found *found)
{
    struct diags diags = DIAGS_INIT;
    char *bytes = xcalloc(length);

    memcpy(bytes, whole, length);
    bytes[offset] = (char)(bytes[offset] ^ (1 + random() % 255));
    write_file(at->path, bytes, length);
    free(bytes);
    alarm(HANGS_S);
    bool same = read_all(at, &diags);
    if (diags.count > 0) {
        found->said++;
        says_what_it_is(&diags, offset);
    } else if (same) {
        found->whole++;
    } else {
        found->silent++;
    }
    keep_one_more(at, offset);
    alarm(0);
}

/* LONGPRESS_DAMAGE=N: so many files instead. */
static void one_byte_is_another(void **state)
{
    struct journal_place *at = *state;
    const char *asked = getenv("LONGPRESS_DAMAGE");
    size_t rounds = asked ? (size_t)strtoul(asked, NULL, 10) : getenv("LONGPRESS_CASES") ? 10 : 200;
    struct found found = {.said = 0};
    char command[256];
    size_t length;

    make_journal(at);
    char *whole = file_text(at->path, &length);
    srandom(7);
    for (size_t i = 0; i < rounds; i++) {
        snprintf(command, sizeof(command), "%s-wal", at->path);
        unlink(command);
        snprintf(command, sizeof(command), "%s-shm", at->path);
        unlink(command);
        one_byte(at, whole, length, (size_t)random() % length, &found);
    }
    free(whole);
    printf("note: of %zu files with one other byte %zu were told, %zu read the same, %zu read "
           "otherwise\n",
           rounds, found.said, found.whole, found.silent);
    assert_true(found.said > 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_place_make, journal_place_remove)
    const struct CMUnitTest tests[] = {
        TEST(changed_by_another),        TEST(written_otherwise),
        TEST(older_and_changed),         cmocka_unit_test(known_by_its_digest),
        TEST(in_use_by_another),         TEST(changed_while_it_is_open),
        TEST(the_last_number_was_given), TEST(texts_are_damaged),
        TEST(texts_are_made_good),       TEST(a_tree_without_end),
        TEST(one_byte_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
