/* Runs statements and transactions to completion. */
#include "rig/journal/journal_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

sqlite3_stmt *journal_prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    return sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK ? statement : NULL;
}

sqlite3_stmt *journal_prepare_kept(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *kept = NULL;

    while ((kept = sqlite3_next_stmt(db, kept))) {
        if (strcmp(sqlite3_sql(kept), sql) == 0 && !sqlite3_stmt_busy(kept)) {
            return kept;
        }
    }
    return journal_prepare(db, sql);
}

void journal_done(sqlite3_stmt *statement)
{
    if (statement) {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
}

void journal_db_close(sqlite3 *db)
{
    sqlite3_stmt *kept;

    while (db && (kept = sqlite3_next_stmt(db, NULL))) {
        sqlite3_finalize(kept);
    }
    sqlite3_close(db);
}

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
    sqlite3_stmt *statement = journal_prepare(db, sql);
    bool found = false;
    int code = statement ? SQLITE_OK : sqlite3_extended_errcode(db);

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
