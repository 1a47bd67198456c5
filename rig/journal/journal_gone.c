/* Interrupted runs: found by every reader, marked by every writer. */
#include "rig/journal/journal_internal.h"

#include "rig/base/clock.h"

#include <stdio.h>

/* Upper bound of runs in progress or cut off since the journal was last opened for writing.
 */
enum { RUNNING_MAX = 100000 };

static int note_if_gone(sqlite3 *db, sqlite3_stmt *row)
{
    const unsigned char *machine = sqlite3_column_text(row, 4);
    struct journal_process process = {.pid = sqlite3_column_int64(row, 1),
                                      .started = sqlite3_column_int64(row, 2),
                                      .space = sqlite3_column_int64(row, 3)};

    snprintf(process.machine, sizeof(process.machine), "%s", machine ? (const char *)machine : "");
    return journal_process_gone(&process, sqlite3_column_int64(row, 5))
               ? journal_sql(db, "INSERT INTO temp.gone (run) VALUES (?)", "i",
                             (int64_t)sqlite3_column_int64(row, 0))
               : SQLITE_OK;
}

static int find_gone(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    int code =
        journal_sql(db, "CREATE TEMP TABLE IF NOT EXISTS gone (run INTEGER PRIMARY KEY)", "");
    int step = SQLITE_DONE;
    int rows = 0;

    if (code == SQLITE_OK) {
        code = journal_sql(db, "DELETE FROM temp.gone", "");
    }
    if (code == SQLITE_OK) {
        /* CROSS: from the few that go on to their runs, and never through all runs. */
        statement = journal_prepare_kept(
            db, "SELECT run, pid, started, space, machine, began_ns FROM running"
                " CROSS JOIN runs ON number = run");
        code = statement ? SQLITE_OK : sqlite3_extended_errcode(db);
    }
    while (code == SQLITE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW) {
        code = ++rows <= RUNNING_MAX ? note_if_gone(db, statement) : SQLITE_CORRUPT;
    }
    code = code != SQLITE_OK ? code : step == SQLITE_DONE ? SQLITE_OK : journal_code(db, step);
    journal_done(statement);
    return code;
}

int journal_find_gone(sqlite3 *db)
{
    /* A process may end its run and go between the state of the file that is read and the look at
     * the process: only of a state that is later than the look it is sure that it ended none. */
    return sqlite3_txn_state(db, "main") == SQLITE_TXN_NONE ? find_gone(db) : SQLITE_OK;
}

int journal_mark_gone(sqlite3 *db)
{
    int code = find_gone(db);

    if (code == SQLITE_OK) {
        code = journal_sql(db,
                           "UPDATE runs SET state = 'interrupted'"
                           " WHERE state = 'running' AND number IN temp.gone",
                           "");
    }
    return code == SQLITE_OK ? journal_sql(db, "DELETE FROM running WHERE run IN temp.gone", "")
                             : code;
}

int journal_mark_interrupted(sqlite3 *db)
{
    int code = journal_transaction_begin(db);

    if (code != SQLITE_OK) {
        return code;
    }
    code = journal_mark_gone(db);
    if (code == SQLITE_OK) {
        code = journal_sql(db,
                           "INSERT INTO opened (id, wall_ns) VALUES (1, ?)"
                           " ON CONFLICT (id) DO UPDATE SET wall_ns = excluded.wall_ns",
                           "i", clock_wall_ns());
    }
    return journal_transaction_end(db, code);
}
