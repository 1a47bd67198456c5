#include "rig/journal/journal_care.h"

#include "rig/journal/journal_internal.h"
#include "rig/journal/journal_spool.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t file_bytes(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* ---- prune -------------------------------------------------------------------------------- */

/* The runs that are meant, into a table of this connection. */
static int collect(sqlite3 *db, const struct prune_choice *choice)
{
    struct arena arena = ARENA_INIT;
    int code = journal_sql(db, "CREATE TEMP TABLE chosen (number INTEGER PRIMARY KEY)", "");

    if (code == SQLITE_OK) {
        /* A run that is found again and again means damage; the bound detects it. */
        const char *where = journal_filter_sql(db, &arena, &choice->filter);
        sqlite3_stmt *statement = journal_prepare(
            db,
            arena_printf(&arena,
                         "INSERT OR IGNORE INTO temp.chosen SELECT runs.number FROM runs%s"
                         " AND runs.state <> 'running'%s%s",
                         where, choice->keep_fails ? " AND runs.verdict IS NOT 'fail'" : "",
                         choice->filter.until_ns ? " AND NOT (" JOURNAL_CLOCK_NOT_SET ")" : ""));
        if (statement) {
            journal_bind_filter(statement, &choice->filter);
        }
        code = statement ? sqlite3_step(statement) : sqlite3_extended_errcode(db);
        code = code == SQLITE_DONE ? SQLITE_OK : journal_code(db, code);
        sqlite3_finalize(statement);
    }
    arena_free(&arena);
    return code;
}

static int count(sqlite3 *db, struct prune_result *result)
{
    static const struct {
        const char *sql;
        size_t offset;
    } counts[] = {
        {"SELECT count(*) FROM temp.chosen", offsetof(struct prune_result, runs)},
        {"SELECT min(began_ns) FROM runs JOIN temp.chosen USING (number)",
         offsetof(struct prune_result, first_ns)},
        {"SELECT max(began_ns) FROM runs JOIN temp.chosen USING (number)",
         offsetof(struct prune_result, last_ns)},
    };
    int code = SQLITE_OK;

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]) && code == SQLITE_OK; i++) {
        int64_t *value = (void *)((char *)result + counts[i].offset);
        code = journal_sql_int(db, value, counts[i].sql, "");
    }
    return code;
}

static int take_out(sqlite3 *db)
{
    static const char contents[] = "DELETE FROM contents WHERE NOT EXISTS (SELECT 1 FROM runs"
                                   " WHERE profile_id = contents.id OR bench_id = contents.id)";
    static const char units[] = "DELETE FROM units WHERE NOT EXISTS (SELECT 1 FROM runs"
                                " WHERE unit_id = units.id)";
    static const char *const statements[] = {
        "DELETE FROM runs WHERE number IN (SELECT number FROM temp.chosen)",
        contents,
        units,
        "DELETE FROM versions WHERE NOT EXISTS (SELECT 1 FROM runs WHERE version_id = versions.id)",
    };
    int code = SQLITE_OK;

    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]) && code == SQLITE_OK; i++) {
        code = journal_sql(db, statements[i], "");
    }
    return code;
}

/* What follows the deletion only makes the file smaller: where another process is in the way, the
 * room is used again by later runs. */
static void give_back(sqlite3 *db)
{
    journal_sql(db, "PRAGMA incremental_vacuum", "");
    journal_sql(db, "PRAGMA wal_checkpoint(TRUNCATE)", "");
}

int journal_prune(struct diags *diags, const char *path, const struct prune_choice *choice,
                  bool only_count, struct prune_result *result)
{
    journal_spool_take(diags, path);
    *result = (struct prune_result){.bytes_before = file_bytes(path)};
    if (access(path, F_OK) != 0) {
        return diag_error(diags, place_of(path), "name another with --journal",
                          "there is no journal: %s", strerror(errno));
    }
    sqlite3 *db = journal_db_open(diags, path, false);
    if (!db) {
        return -1;
    }
    struct journal_bound bound;
    int code = journal_transaction_begin(db);
    if (code == SQLITE_OK) {
        code = journal_mark_gone(db);
        journal_bound_set(db, &bound);
        code = code == SQLITE_OK ? collect(db, choice) : code;
        code = code == SQLITE_OK ? count(db, result) : code;
        sqlite3_progress_handler(db, 0, NULL, NULL);
        if (code == SQLITE_OK && !only_count) {
            code = take_out(db);
        }
        code = journal_transaction_end(db, code);
    }
    if (code == SQLITE_OK && !only_count) {
        give_back(db);
    }
    if (code != SQLITE_OK) {
        journal_told(diags, path, code);
    }
    journal_db_close(db);
    result->bytes_after = file_bytes(path);
    return code == SQLITE_OK ? 0 : -1;
}
