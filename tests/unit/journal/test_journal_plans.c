/*
 * What a statement costs follows what is asked for, and not what is kept: no statement of the
 * program's goes through a table that grows, but for those that are named here, with the reason.
 *
 * Each statement is seen when it runs, on whichever connection; and none is in the sources that was
 * not seen here.
 */
#include "rig/journal/journal_care.h"
#include "rig/journal/journal_internal.h"
#include "rig/journal/journal_spool.h"
#include "rig/threshold/characterize.h"
#include "tests/unit/journal_place.h"

#include <glob.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- all that run ------------------------------------------------------------------------- */

enum { STATEMENTS_MAX = 4096, TELL_MAX = 400 };

static struct {
    pthread_mutex_t mutex;
    bool on;
    char *all[STATEMENTS_MAX];
    size_t count;
} seen = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static int note(unsigned kind, void *context, void *statement, void *text)
{
    const char *sql = text;

    (void)kind;
    (void)context;
    (void)statement;
    pthread_mutex_lock(&seen.mutex);
    bool known = !seen.on || strncmp(sql, "--", 2) == 0;
    for (size_t i = 0; i < seen.count && !known; i++) {
        known = strcmp(seen.all[i], sql) == 0;
    }
    if (!known && seen.count < STATEMENTS_MAX) {
        seen.all[seen.count++] = strdup(sql);
    }
    pthread_mutex_unlock(&seen.mutex);
    return 0;
}

static int watch_connection(sqlite3 *db, const char **error, const struct sqlite3_api_routines *api)
{
    (void)error;
    (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, note, NULL);
}

static void watch(bool on)
{
    pthread_mutex_lock(&seen.mutex);
    seen.on = on;
    pthread_mutex_unlock(&seen.mutex);
}

static int watch_begin(void **state)
{
    assert_int_equal(sqlite3_auto_extension((void (*)(void))watch_connection), SQLITE_OK);
    watch(true);
    return journal_place_make(state);
}

static int watch_end(void **state)
{
    watch(false);
    sqlite3_cancel_auto_extension((void (*)(void))watch_connection);
    while (seen.count > 0) {
        free(seen.all[--seen.count]);
    }
    return journal_place_remove(state);
}

/* ---- what goes through a table ------------------------------------------------------------ */

/* `step` of the plan of a statement that has `sql` in it. */
static const struct {
    const char *step;
    const char *sql;
    const char *why;
} exceptions[] = {
    {"SCAN running", "", "the runs that go on, or broke off since it was last opened for writing"},
    {"SCAN versions", "", "a row for each program, kernel, libgpiod and BlueZ there ever was"},
    {"SCAN other", "JOIN versions AS other", "the same"},
    {"SCAN sqlite_sequence", "", "one row"},
    {"SCAN chosen", "", "what prune takes out"},
    {"SCAN contents", "DELETE FROM contents WHERE NOT EXISTS",
     "prune, which looks at all that is left"},
    {"SCAN units", "DELETE FROM units WHERE NOT EXISTS", "the same"},
    {"SCAN runs USING INDEX runs_undated", "", "holds only the runs that are asked for"},
    {"SCAN runs USING COVERING INDEX runs_of_series", "", "the same"},
    {"SCAN runs USING COVERING INDEX runs_by_", "SELECT count(*) FROM runs",
     "a copy of all runs is counted; and run_count without a filter"},
    {"SCAN runs", "JOIN contents AS benches ON benches.id = runs.bench_id WHERE 1 ORDER BY",
     "all runs, or the latest of all, are what is asked for"},
    {"SCAN runs", "INSERT OR IGNORE INTO temp.chosen SELECT runs.number FROM runs WHERE 1 AND",
     "prune of everything"},
    {"SCAN runs", "WHERE runs.simulated = 0",
     "simulated runs are kept in a journal of their own: real ones are nearly all of a journal"},
    /* The spool: files of one run each, in memory. */
    {"SCAN runs", "SELECT * FROM runs", "of the spool's file"},
    {"SCAN runs", "SELECT began_ns, model, procedure", "of the spool's file"},
    {"SCAN runs", "SELECT (SELECT coalesce(sum(entries), 0) FROM timelines", "of the spool's file"},
    {"SCAN contents", "SELECT hash, content FROM contents", "of the spool's file"},
    {"SCAN hazards", "SELECT * FROM hazards ORDER BY seq", "of the spool's file"},
    {"SCAN timelines", "SELECT * FROM timelines ORDER BY seq", "of the spool's file"},
    {"SCAN findings", "SELECT * FROM findings ORDER BY seq", "of the spool's file"},
    {"SCAN settings", "SELECT * FROM settings ORDER BY seq", "of the spool's file"},
};

static size_t uses[sizeof(exceptions) / sizeof(exceptions[0])];

/* Steps that go through nothing that is in a file. */
static bool is_none(const char *step)
{
    static const char *const fine[] = {"SCAN CONSTANT ROW", "SCAN (subquery"};

    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        if (strncmp(step, fine[i], strlen(fine[i])) == 0) {
            return true;
        }
    }
    return !strstr(step, "SCAN ") && !strstr(step, "AUTOMATIC");
}

static bool is_exception(const char *step, const char *sql)
{
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        const char *known = exceptions[i].step;
        size_t length = strlen(known);
        if (strncmp(step, known, length) == 0 && (!step[length] || known[length - 1] == '_') &&
            strstr(sql, exceptions[i].sql)) {
            uses[i]++;
            return true;
        }
    }
    return false;
}

static bool is_planned(const char *sql)
{
    static const char *const kinds[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strncmp(sql, kinds[i], strlen(kinds[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* The first step of it that goes through a table that it should not; NULL: none. `many`: its
 * walking through the runs from the latest on is right. */
static char *wrong_step(sqlite3 *db, const char *sql, bool many)
{
    sqlite3_stmt *plan = NULL;
    char *explain = NULL;
    char *wrong = NULL;

    assert_true(asprintf(&explain, "EXPLAIN QUERY PLAN %s", sql) > 0);
    if (sqlite3_prepare_v2(db, explain, -1, &plan, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sqlite3_errmsg(db), sql);
    }
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(plan, 3);
        bool walk = many && strcmp(step, "SCAN runs") == 0 && strstr(sql, "LIMIT ?13");
        if (!wrong && !is_none(step) && !is_exception(step, sql) && !walk) {
            wrong = strdup(step);
        }
    }
    sqlite3_finalize(plan);
    free(explain);
    return wrong;
}

static sqlite3 *plans_open(const char *path)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TEMP TABLE gone (run INTEGER PRIMARY KEY);"
                                  "CREATE TEMP TABLE chosen (number INTEGER PRIMARY KEY)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    return db;
}

static void check_plans(const char *path, bool many)
{
    size_t wrong_ones = 0;

    watch(false);
    sqlite3 *db = plans_open(path);
    for (size_t i = 0; i < seen.count; i++) {
        char *wrong = is_planned(seen.all[i]) && !strstr(seen.all[i], "sqlite_schema")
                          ? wrong_step(db, seen.all[i], many)
                          : NULL;
        if (wrong) {
            size_t length = strlen(seen.all[i]);
            print_error("%s: ... %s\n", wrong,
                        seen.all[i] + (length > TELL_MAX ? length - TELL_MAX : 0));
            wrong_ones++;
        }
        free(wrong);
    }
    sqlite3_close(db);
    assert_int_equal(wrong_ones, 0);
}

/* ---- everything that the program does with a journal -------------------------------------- */

static const char *const versions[] = {"2.3.1", "2.4.0"};

/* Each filter alone, and together with others. */
static const struct run_filter filters[] = {
    {.model = NULL},
    {.model = "WH"},
    {.procedure = "reset"},
    {.model = "WH", .procedure = "reset"},
    {.unit = "1"},
    {.station = "A"},
    {.unit_firmware = "2.3.1"},
    {.batch = "b"},
    {.operator_name = "ada"},
    {.versions = versions, .version_count = 1},
    {.versions = versions, .version_count = 2, .model = "WH", .procedure = "reset"},
    {.presses = true},
    {.verdicts = 1U << VERDICT_FAIL},
    {.verdicts = 1U << VERDICT_FAIL | 1U << VERDICT_ERROR},
    {.verdicts = FILTER_INTERRUPTED},
    {.verdicts = 1U << VERDICT_PASS | FILTER_RUNNING},
    {.since_ns = 1},
    {.until_ns = INT64_MAX},
    {.since_ns = 1, .until_ns = INT64_MAX},
    {.reality = FILTER_SIMULATED},
    {.reality = FILTER_REAL},
    {.model = "WH", .procedure = "reset", .unit = "1", .reality = FILTER_REAL},
    {.model = "WH", .procedure = "reset", .batch = "b", .verdicts = 1U << VERDICT_INCONCLUSIVE},
    {.station = "A", .verdicts = 31, .reality = FILTER_REAL},
    {.since_ns = 1, .station = "A", .operator_name = "ada"},
};
enum { FILTERS = sizeof(filters) / sizeof(filters[0]) };

static void list_all(const char *path, int64_t limit)
{
    struct diags diags = DIAGS_INIT;
    struct journal_reader *reader = journal_must_read(path);

    for (size_t i = 0; i < FILTERS; i++) {
        for (int latest_first = 0; latest_first <= 1; latest_first++) {
            struct run_filter filter = filters[i];
            filter.limit = limit;
            filter.latest_first = latest_first;
            struct run_list *list = journal_run_list_open(reader, &diags, &filter);
            assert_non_null(list);
            journal_run_list_next(list);
            assert_int_equal(journal_run_list_close(list, &diags), 0);
        }
        assert_true(journal_run_count(reader, &diags, &filters[i]) >= 0);
    }
    diags_clear(&diags);
    journal_reader_close(reader);
}

static void keep_runs(struct journal_place *at)
{
    struct journal *journal = journal_must_open(at->path);
    struct record record = *at->kept.record;
    struct journal_run hazardous = at->kept;
    struct timeline half = at->run.timeline;
    enum verdict verdict;
    int64_t wall_ns;
    int64_t number;
    char address[TEXT_BLUETOOTH_MAX];

    half.count /= 2;
    record.accepted_hazards = (const char *const[]){"heat"};
    record.accepted_count = 1;
    hazardous.record = &record;
    for (int i = 0; i < 2; i++) {
        int64_t handle = journal_begin(journal, &hazardous);
        journal_append(journal, handle, &half);
        journal_bluez(journal, handle, "5.66");
        journal_finish(journal, handle, at->kept.record);
        assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), 1);
    }
    assert_true(journal_unit_seen(journal, at->run.profile->model, at->kept.record->procedure->name,
                                  at->kept.record->unit, at->kept.record->simulated, &verdict,
                                  &wall_ns));
    journal_unit_address(journal, at->run.profile->model, at->kept.record->unit, 3, address,
                         &number);
    journal_close(journal);
}

/* A run that another start of the machine broke off. */
static void break_one_off(struct journal_place *at)
{
    struct diags diags = DIAGS_INIT;
    struct journal *journal = journal_must_open(at->path);
    int64_t handle = journal_begin(journal, &at->kept);

    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), 1);
    journal_close(journal);
    sqlite3 *db = journal_db_open(&diags, at->path, false);
    assert_non_null(db);
    watch(false);
    assert_int_equal(journal_sql(db, "UPDATE running SET machine = 'another'", ""), SQLITE_OK);
    watch(true);
    sqlite3_close(db);
}

/* A folder in the journal's place: the run goes to the spool, and is taken in when it is gone. */
static void spool_and_take(struct journal_place *at)
{
    struct diags diags = DIAGS_INIT;
    struct later_run run;
    char kept[200];

    snprintf(kept, sizeof(kept), "%s.kept", at->path);
    assert_int_equal(rename(at->path, kept), 0);
    assert_int_equal(mkdir(at->path, 0700), 0);
    struct journal *journal = journal_open_or_spool(&diags, at->path);
    later_run_make(&run, at, 1000);
    int64_t handle = journal_begin(journal, &run.kept);
    journal_wait_begun(journal, handle, JOURNAL_WAIT_MS);
    journal_finish(journal, handle, &run.record);
    journal_close(journal);
    assert_int_equal(rmdir(at->path), 0);
    assert_int_equal(rename(kept, at->path), 0);
    journal_close(journal_must_open(at->path));
    diags_clear(&diags);
}

/* A run of a longpress that gave no UUID. */
static void adopt_unnamed(struct journal_place *at)
{
    struct diags diags = DIAGS_INIT;
    char other[200];
    bool added = false;

    snprintf(other, sizeof(other), "%s/other.db", at->folder);
    struct journal *journal = journal_must_open(other);
    journal_keep(journal, &at->kept);
    journal_close(journal);
    sqlite3 *from = journal_db_open(&diags, other, false);
    sqlite3 *db = journal_db_open(&diags, at->path, false);
    assert_true(from && db);
    watch(false);
    assert_int_equal(journal_sql(from, "UPDATE runs SET uuid = NULL, began_ns = 5", ""), SQLITE_OK);
    watch(true);
    assert_int_equal(journal_adopt(db, from, 5, &added), SQLITE_OK);
    assert_true(added);
    /* Of which the journal has a part only. */
    watch(false);
    assert_int_equal(journal_sql(db, "DELETE FROM timelines", ""), SQLITE_OK);
    watch(true);
    assert_int_equal(journal_adopt(db, from, 5, &added), SQLITE_OK);
    assert_true(added);
    sqlite3_close(from);
    sqlite3_close(db);
    diags_clear(&diags);
}

static void read_whole(const char *path)
{
    struct diags diags = DIAGS_INIT;
    enum record_state record;
    struct journal_reader *reader = journal_must_read(path);

    journal_whole_run_free(journal_must_load(reader, 1));
    assert_int_equal(journal_state_of(reader, &diags, 1, &record), 0);
    journal_reader_close(reader);
}

static void copy_twice(struct journal_place *at)
{
    struct diags diags = DIAGS_INIT;
    struct backup_result result;
    char copy[200];

    snprintf(copy, sizeof(copy), "%s/copy.db", at->folder);
    assert_int_equal(journal_backup(&diags, at->path, copy, false, &result), 0);
    assert_int_equal(journal_backup(&diags, at->path, copy, true, &result), 0);
}

static void prune_all(const char *path)
{
    struct diags diags = DIAGS_INIT;
    struct prune_result result;

    for (size_t i = 0; i <= FILTERS; i++) {
        struct prune_choice choice = {.filter = filters[i % FILTERS], .keep_fails = i % 2};
        assert_int_equal(journal_prune(&diags, path, &choice, i < FILTERS, &result), 0);
    }
    diags_clear(&diags);
}

/* The last number that there can be was given: it is full. */
static void fill(struct journal_place *at)
{
    struct diags diags = DIAGS_INIT;
    sqlite3 *db = journal_db_open(&diags, at->path, false);

    assert_non_null(db);
    watch(false);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, (int *)NULL);
    assert_int_equal(journal_sql(db, "UPDATE sqlite_sequence SET seq = 9223372036854775807", ""),
                     SQLITE_OK);
    watch(true);
    sqlite3_close(db);
    struct journal *journal = journal_must_open(at->path);
    int64_t handle = journal_begin(journal, &at->kept);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), -1);
    journal_close(journal);
}

/* A schema that is not to the letter as the steps make it is looked at statement by statement. */
static void open_with_other_blanks(const char *path)
{
    struct diags diags = DIAGS_INIT;
    sqlite3 *db = journal_db_open(&diags, path, false);

    assert_non_null(db);
    watch(false);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, (int *)NULL);
    assert_int_equal(journal_sql(db, "PRAGMA writable_schema = ON", ""), SQLITE_OK);
    assert_int_equal(journal_sql(db,
                                 "UPDATE sqlite_schema SET sql = replace(sql, ',', ' ,')"
                                 " WHERE name = 'units'",
                                 ""),
                     SQLITE_OK);
    watch(true);
    sqlite3_close(db);
    journal_close(journal_must_open(path));
}

/* ---- nothing else is in the sources ------------------------------------------------------- */

static char *text_of(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    assert_non_null(in);
    assert_true(getdelim(&text, &size, '\0', in) > 0);
    fclose(in);
    return text;
}

/* The literal that begins at a quote, with those that follow it, up to what only the running
 * program knows. */
static void literal_at(const char *at, char *out, size_t size)
{
    size_t used = 0;

    while (*at == '"') {
        for (at++; *at != '"'; at++) {
            assert_true(*at && *at != '\\');
            if (*at == '%') {
                out[used] = '\0';
                return;
            }
            assert_true(used < size - 1);
            out[used++] = *at;
        }
        at++;
        at += strspn(at, " \n");
    }
    out[used] = '\0';
}

static bool was_seen(const char *literal)
{
    for (size_t i = 0; i < seen.count; i++) {
        if (strstr(seen.all[i], literal)) {
            return true;
        }
    }
    return false;
}

static size_t check_source(const char *path)
{
    static const char *const begins[] = {"\"SELECT ", "\"INSERT ",  "\"UPDATE ",
                                         "\"DELETE ", "\"REPLACE ", "\"WITH "};
    char *text = text_of(path);
    size_t count = 0;

    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        for (const char *at = text; (at = strstr(at, begins[i])); at++) {
            char literal[4096];
            literal_at(at, literal, sizeof(literal));
            if (!was_seen(literal)) {
                fail_msg("%s: never seen to run: %s", path, literal);
            }
            count++;
        }
    }
    bool is_door = strcmp(path, "rig/journal/journal_sql.c") == 0;
    bool is_schema = strcmp(path, "rig/journal/journal_steps.c") == 0;
    if (!is_door && strstr(text, "sqlite3_prepare")) {
        fail_msg("%s: statements are prepared by journal_prepare", path);
    }
    if (!is_schema && strstr(text, "sqlite3_exec(")) {
        fail_msg("%s: statements are run by journal_sql", path);
    }
    free(text);
    return count;
}

static void check_sources(void)
{
    static const char *const where[] = {"rig/*/*.[ch]", "tui/*/*.[ch]", "hardware/*/*.[ch]"};
    size_t statements = 0;

    for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
        glob_t files;
        assert_int_equal(glob(where[i], 0, NULL, &files), 0);
        for (size_t j = 0; j < files.gl_pathc; j++) {
            statements += check_source(files.gl_pathv[j]);
        }
        globfree(&files);
    }
    assert_true(statements > 50);
}

/* ---- the tests ---------------------------------------------------------------------------- */

static void every_statement(void **state)
{
    struct journal_place *at = *state;

    keep_runs(at);
    break_one_off(at);
    list_all(at->path, 1);
    spool_and_take(at);
    adopt_unnamed(at);
    list_all(at->path, 0);
    list_all(at->path, 40);
    read_whole(at->path);
    copy_twice(at);
    fill(at);
    prune_all(at->path);
    open_with_other_blanks(at->path);
    watch(false);
    check_sources();
    check_plans(at->path, false);
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        if (uses[i] == 0) {
            fail_msg("no exception any more: %s, %s", exceptions[i].step, exceptions[i].why);
        }
    }
}

/* Where very many runs are as each filter says: from the latest on, when only those are asked for;
 * else by the index all the same. */
static void in_a_large_journal(void **state)
{
    struct journal_place *at = *state;
    sqlite3 *db = NULL;

    struct journal *journal = journal_must_open(at->path);
    journal_keep(journal, &at->kept);
    journal_close(journal);
    watch(false);
    assert_int_equal(sqlite3_open(at->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000)"
                     " INSERT INTO runs (state, began_ns, model, procedure, kind, unit_id,"
                     " unit_firmware, station, operator, batch, simulated, attempt, eyes,"
                     " version_id, verdict) SELECT 'done', began_ns + i, 'WH', 'reset', kind, 1,"
                     " '2.3.1', 'A', 'ada', 'b', i % 2, 1, eyes, version_id,"
                     " iif(i % 2, 'pass', 'fail') FROM n, runs",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    watch(true);
    list_all(at->path, 0);
    list_all(at->path, 40);
    check_plans(at->path, true);
}

/* Does a step of the plan of the statement that begins so use that index? */
static bool uses_index(sqlite3 *db, const char *begin, const char *index)
{
    bool found = false;

    for (size_t i = 0; i < seen.count; i++) {
        sqlite3_stmt *plan = NULL;
        char *explain = NULL;
        if (strncmp(seen.all[i], begin, strlen(begin)) != 0) {
            continue;
        }
        assert_true(asprintf(&explain, "EXPLAIN QUERY PLAN %s", seen.all[i]) > 0);
        assert_int_equal(sqlite3_prepare_v2(db, explain, -1, &plan, NULL), SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            found = found || strstr((const char *)sqlite3_column_text(plan, 3), index);
        }
        sqlite3_finalize(plan);
        free(explain);
    }
    return found;
}

/* A unit is found by its serial, and not among all of its model. */
static void a_serial_by_its_index(void **state)
{
    static const char asked[] = "SELECT verdict, began_ns FROM units";
    struct journal_place *at = *state;

    keep_runs(at);
    watch(false);
    sqlite3 *db = plans_open(at->path);
    assert_true(uses_index(db, asked, "units_by_serial (serial=? AND model=?)"));
    assert_true(uses_index(db, asked, "runs_by_unit (unit_id=?)"));
    sqlite3_close(db);
}

/* Each by its own, also where more is asked for; and by that of the fewest. */
static void each_by_its_index(void **state)
{
    static const struct {
        struct run_filter filter;
        const char *index;
    } cases[] = {
        {{.model = "WH"}, "runs_by_model (model=?)"},
        {{.procedure = "reset"}, "runs_by_procedure (procedure=?)"},
        {{.model = "WH", .procedure = "reset"}, "runs_by_model (model=? AND procedure=?)"},
        {{.unit = "1"}, "runs_by_unit (unit_id=?)"},
        {{.unit = "1", .station = "A", .model = "WH"}, "runs_by_unit (unit_id=?)"},
        {{.station = "A"}, "runs_by_station (station=?)"},
        {{.operator_name = "ada"}, "runs_by_operator (operator=?)"},
        {{.batch = "b", .verdicts = 1U << VERDICT_FAIL}, "runs_by_batch (batch=?)"},
        {{.unit_firmware = "2.3.1"}, "runs_by_firmware (<expr>=?)"},
        {{.versions = versions, .version_count = 2, .model = "WH", .procedure = "reset"},
         "runs_by_firmware (<expr>=? AND model=? AND procedure=?)"},
        {{.verdicts = 1U << VERDICT_FAIL | 1U << VERDICT_ERROR}, "runs_by_verdict (verdict=?)"},
        {{.verdicts = FILTER_INTERRUPTED}, "runs_by_verdict (verdict=?)"},
        {{.since_ns = 1}, "runs_by_time (began_ns>?)"},
        {{.until_ns = 2}, "runs_by_time (began_ns<?)"},
        {{.reality = FILTER_SIMULATED}, "runs_simulated (simulated=?)"},
        {{.presses = true}, "runs_of_series"},
    };
    struct journal_place *at = *state;
    struct diags diags = DIAGS_INIT;

    journal_close(journal_must_open(at->path));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct journal_reader *reader = journal_must_read(at->path);
        while (seen.count > 0) {
            free(seen.all[--seen.count]);
        }
        struct run_list *list = journal_run_list_open(reader, &diags, &cases[i].filter);
        journal_run_list_next(list);
        assert_int_equal(journal_run_list_close(list, &diags), 0);
        journal_reader_close(reader);
        watch(false);
        sqlite3 *db = plans_open(at->path);
        if (!uses_index(db, "SELECT runs.number", cases[i].index)) {
            fail_msg("not by %s", cases[i].index);
        }
        sqlite3_close(db);
        watch(true);
    }
}

/* SQLite makes no other plan once it knows what is asked for: a partial index, say, of what all
 * runs are. */
static void plans_stay(void **state)
{
    struct journal_place *at = *state;
    struct diags diags = DIAGS_INIT;

    journal_close(journal_must_open(at->path));
    for (int read_only = 0; read_only <= 1; read_only++) {
        int stable = 0;
        sqlite3 *db = journal_db_open(&diags, at->path, read_only);
        assert_non_null(db);
        sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_QPSG, -1, &stable);
        assert_int_equal(stable, 1);
        journal_db_close(db);
    }
}

/* The test itself: what goes through the runs is found. */
static void a_scan_is_found(void **state)
{
    struct journal_place *at = *state;

    journal_close(journal_must_open(at->path));
    sqlite3 *db = plans_open(at->path);
    char *wrong = wrong_step(db, "SELECT number FROM runs WHERE ?1 IS NULL OR batch = ?1", false);
    assert_string_equal(wrong, "SCAN runs");
    free(wrong);
    wrong = wrong_step(db, "SELECT number FROM runs WHERE batch = ?1 COLLATE NOCASE", false);
    bool is_right = !wrong;
    free(wrong);
    assert_true(is_right);
    sqlite3_close(db);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, watch_begin, watch_end)
    const struct CMUnitTest tests[] = {
        TEST(every_statement),   TEST(in_a_large_journal), TEST(a_serial_by_its_index),
        TEST(each_by_its_index), TEST(plans_stay),         TEST(a_scan_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
