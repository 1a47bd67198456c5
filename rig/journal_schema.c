/* The journal's file: opened, made, brought to today's version. */
#include "rig/journal_internal.h"

#include "rig/units.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Each step takes a file from the version that is its index to the next one. A step that was ever
 * released is not touched again. What the columns mean: docs/journal.md. */
const struct journal_step journal_steps[] = {
    {"CREATE TABLE contents ("
     "  id INTEGER PRIMARY KEY,"
     "  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
     "  content BLOB NOT NULL"
     ") STRICT;"
     "CREATE TABLE versions ("
     "  id INTEGER PRIMARY KEY,"
     "  program TEXT NOT NULL,"
     "  kernel TEXT NOT NULL,"
     "  libgpiod TEXT,"
     "  bluez TEXT"
     ") STRICT;"
     "CREATE TABLE units ("
     "  id INTEGER PRIMARY KEY,"
     "  model TEXT NOT NULL,"
     "  serial TEXT NOT NULL,"
     "  UNIQUE (model, serial)"
     ") STRICT;"
     "CREATE TABLE runs ("
     "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
     "  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted')),"
     "  began_ns INTEGER NOT NULL,"
     "  origin_ns INTEGER NOT NULL DEFAULT 0,"
     "  duration_ns INTEGER,"
     "  model TEXT NOT NULL,"
     "  procedure TEXT NOT NULL,"
     "  kind TEXT NOT NULL,"
     "  source TEXT,"
     "  unit_id INTEGER REFERENCES units,"
     "  unit_firmware TEXT,"
     "  bench TEXT,"
     "  station TEXT,"
     "  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),"
     "  sim_firmware TEXT,"
     "  operator TEXT,"
     "  batch TEXT,"
     "  attempt INTEGER NOT NULL,"
     "  eyes INTEGER NOT NULL,"
     "  profile_id INTEGER REFERENCES contents,"
     "  bench_id INTEGER REFERENCES contents,"
     "  version_id INTEGER NOT NULL REFERENCES versions,"
     "  verdict TEXT CHECK (verdict IN ('pass', 'fail', 'inconclusive', 'aborted', 'error')),"
     "  reason TEXT,"
     "  next TEXT,"
     "  ended TEXT,"
     "  led_seen TEXT,"
     "  led_truncated INTEGER,"
     "  led_lost INTEGER,"
     "  CHECK ((state = 'done') = (verdict IS NOT NULL))"
     ") STRICT;"
     "CREATE INDEX runs_by_unit ON runs (unit_id);"
     "CREATE INDEX runs_by_time ON runs (began_ns);"
     "CREATE INDEX runs_by_profile ON runs (profile_id);"
     "CREATE INDEX runs_by_bench ON runs (bench_id);"
     "CREATE TABLE running ("
     "  run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,"
     "  pid INTEGER NOT NULL,"
     "  started INTEGER NOT NULL,"
     "  space INTEGER NOT NULL,"
     "  machine TEXT NOT NULL"
     ") STRICT;"
     "CREATE TABLE hazards ("
     "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
     "  seq INTEGER NOT NULL,"
     "  hazard TEXT NOT NULL,"
     "  PRIMARY KEY (run, seq)"
     ") STRICT, WITHOUT ROWID;"
     "CREATE TABLE timelines ("
     "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
     "  seq INTEGER NOT NULL,"
     "  entries INTEGER NOT NULL,"
     "  packed BLOB NOT NULL,"
     "  PRIMARY KEY (run, seq)"
     ") STRICT, WITHOUT ROWID;"
     "CREATE TABLE findings ("
     "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
     "  seq INTEGER NOT NULL,"
     "  what TEXT NOT NULL,"
     "  needed INTEGER NOT NULL,"
     "  result TEXT NOT NULL,"
     "  expected TEXT NOT NULL,"
     "  observed TEXT NOT NULL,"
     "  reason TEXT NOT NULL,"
     "  margin_ns INTEGER,"
     "  at_ns INTEGER,"
     "  object TEXT,"
     "  error TEXT,"
     "  PRIMARY KEY (run, seq)"
     ") STRICT, WITHOUT ROWID;"
     "CREATE TABLE opened ("
     "  id INTEGER PRIMARY KEY CHECK (id = 1),"
     "  wall_ns INTEGER NOT NULL"
     ") STRICT;"},
    {"ALTER TABLE runs ADD COLUMN pulses_unkept INTEGER NOT NULL DEFAULT 0;"
     "CREATE INDEX runs_by_batch ON runs (batch) WHERE batch IS NOT NULL;"},
};

const int journal_version = sizeof(journal_steps) / sizeof(journal_steps[0]);

int64_t journal_wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* ---- statements --------------------------------------------------------------------------- */

static int bind(sqlite3_stmt *statement, const char *types, va_list args)
{
    int code = SQLITE_OK;

    for (int i = 1; *types && code == SQLITE_OK; types++, i++) {
        if (*types == 'i') {
            code = sqlite3_bind_int64(statement, i, va_arg(args, int64_t));
        } else if (*types == 'n') {
            const int64_t *value = va_arg(args, const int64_t *);
            code =
                value ? sqlite3_bind_int64(statement, i, *value) : sqlite3_bind_null(statement, i);
        } else if (*types == 't') {
            code = sqlite3_bind_text(statement, i, va_arg(args, const char *), -1, SQLITE_STATIC);
        } else {
            const void *data = va_arg(args, const void *);
            size_t length = va_arg(args, size_t);
            code = sqlite3_bind_blob64(statement, i, data, length, SQLITE_STATIC);
        }
    }
    return code;
}

static int run_sql(sqlite3 *db, int64_t *value, const char *sql, const char *types, va_list args)
{
    sqlite3_stmt *statement = NULL;
    bool found = false;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK) {
        code = bind(statement, types, args);
    }
    errno = 0;
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW && !found && value) {
            *value = sqlite3_column_int64(statement, 0);
            found = true;
        }
    }
    if (code == SQLITE_DONE) {
        code = value && !found ? SQLITE_NOTFOUND : SQLITE_OK;
    } else {
        code = journal_code(db, code);
    }
    sqlite3_finalize(statement);
    return code;
}

int journal_sql(sqlite3 *db, const char *sql, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    int code = run_sql(db, NULL, sql, types, args);
    va_end(args);
    return code;
}

int journal_sql_int(sqlite3 *db, int64_t *value, const char *sql, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    int code = run_sql(db, value, sql, types, args);
    va_end(args);
    return code;
}

int journal_transaction_begin(sqlite3 *db)
{
    return journal_sql(db, "BEGIN IMMEDIATE", "");
}

int journal_transaction_end(sqlite3 *db, int code)
{
    if (code == SQLITE_OK) {
        code = journal_sql(db, "COMMIT", "");
    }
    if (code != SQLITE_OK && !sqlite3_get_autocommit(db)) {
        journal_sql(db, "ROLLBACK", "");
    }
    return code;
}

/* ---- opening ------------------------------------------------------------------------------ */

int journal_migrate(sqlite3 *db, const struct journal_step *steps, int version)
{
    int64_t at = 0;
    int code = journal_sql_int(db, &at, "PRAGMA user_version", "");

    if (code != SQLITE_OK || at >= version) {
        return code;
    }
    /* Looked at again inside: another process may be doing the same. */
    code = journal_transaction_begin(db);
    if (code == SQLITE_OK) {
        code = journal_sql_int(db, &at, "PRAGMA user_version", "");
    }
    while (code == SQLITE_OK && at < version) {
        code = journal_code(db, sqlite3_exec(db, steps[at++].sql, NULL, NULL, NULL));
    }
    if (code == SQLITE_OK) {
        char pragma[64];
        snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", version);
        code = journal_sql(db, pragma, "");
    }
    if (code == SQLITE_OK) {
        char pragma[64];
        snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d", (int)JOURNAL_APPLICATION_ID);
        code = journal_sql(db, pragma, "");
    }
    return journal_transaction_end(db, code);
}

/* The folders on the way to `path`: what is kept of units and operators is nobody else's. */
static void make_folders(const char *path)
{
    char *folder = strdup(path);

    for (char *slash = folder ? strchr(folder + 1, '/') : NULL; slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
    free(folder);
}

/* Is it a journal, or a new file? Another program's file is not touched. */
static int check_owner(struct diags *diags, const char *path, sqlite3 *db, bool read_only,
                       bool *is_older)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;
    int code = journal_sql_int(db, &application, "PRAGMA application_id", "");

    if (code == SQLITE_OK) {
        code = journal_sql_int(db, &version, "PRAGMA user_version", "");
    }
    if (code == SQLITE_OK) {
        code = journal_sql_int(db, &tables, "SELECT count(*) FROM sqlite_schema", "");
    }
    if (code != SQLITE_OK) {
        return journal_told(diags, path, code);
    }
    if (application != JOURNAL_APPLICATION_ID && (tables > 0 || read_only)) {
        return diag_error(diags, place_of(path), "name another file with --journal",
                          "is no journal of longpress");
    }
    if (version > journal_version) {
        return diag_error(diags, place_of(path),
                          "use that longpress, or name another file with "
                          "--journal",
                          "was written by a newer longpress (journal version %d; this one knows "
                          "%d)",
                          (int)version, journal_version);
    }
    *is_older = version < journal_version;
    return 0;
}

static int set_up(sqlite3 *db)
{
    /* In this order: auto_vacuum is for files that hold nothing yet. */
    static const char *const pragmas[] = {
        "PRAGMA auto_vacuum = INCREMENTAL",    "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",           "PRAGMA foreign_keys = ON",
        "PRAGMA journal_size_limit = 4194304", "PRAGMA trusted_schema = OFF",
    };
    int code = SQLITE_OK;

    for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]) && code == SQLITE_OK; i++) {
        code = journal_sql(db, pragmas[i], "");
    }
    return code;
}

/* NULL and *is_older, without an error: it cannot be read before it is brought to today's version.
 */
static sqlite3 *open_once(struct diags *diags, const char *path, bool read_only, bool *is_older)
{
    sqlite3 *db = NULL;
    struct stat st;
    /* SQLite takes some names for more than a path: "file:...", ":memory:". */
    char *plain = NULL;
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        diag_error(diags, place_of(path), "name a file with --journal", "is no regular file");
        return NULL;
    }
    if (!read_only) {
        make_folders(path);
    } else if (access(path, F_OK) != 0) {
        diag_error(diags, place_of(path), "name another with --journal, or run something first",
                   "there is no journal: %s", strerror(errno));
        return NULL;
    }
    if (asprintf(&plain, "%s%s", path[0] == '/' ? "" : "./", path) < 0) {
        out_of_memory();
    }
    int code = sqlite3_open_v2(plain, &db, flags, NULL);
    free(plain);
    if (code != SQLITE_OK) {
        code = journal_code(db, code);
        goto failed;
    }
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, read_only ? JOURNAL_READ_BUSY_MS : JOURNAL_BUSY_MS);
    /* What is asked of a journal is found out on a full disk too, and on one that is read-only. */
    sqlite3_exec(db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
    if (check_owner(diags, path, db, read_only, is_older) != 0) {
        goto out;
    }
    if (read_only && *is_older) {
        goto out;
    }
    if (read_only) {
        return db;
    }
    if (sqlite3_db_readonly(db, "main") == 1) {
        code = SQLITE_READONLY;
        goto failed;
    }
    code = set_up(db);
    if (code == SQLITE_OK) {
        code = journal_migrate(db, journal_steps, journal_version);
    }
    if (code == SQLITE_OK) {
        return db;
    }
failed:
    journal_told(diags, path, code);
out:
    sqlite3_close(db);
    return NULL;
}

sqlite3 *journal_db_open(struct diags *diags, const char *path, bool read_only)
{
    bool is_older = false;
    sqlite3 *db = open_once(diags, path, read_only, &is_older);

    if (!db && is_older && read_only) {
        sqlite3 *migrated = open_once(diags, path, false, &is_older);
        if (migrated) {
            sqlite3_close(migrated);
            db = open_once(diags, path, true, &is_older);
        }
    }
    return db;
}
