#include "rig/journal_care.h"

#include "rig/journal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int told(struct diags *diags, const char *path, int code)
{
    return diag_error(diags, place_of(path), journal_code_todo(code), "the journal: %s",
                      journal_code_what(code));
}

static int64_t file_bytes(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* ---- prune -------------------------------------------------------------------------------- */

/* The runs that are meant, into a table of this connection. */
static int collect(sqlite3 *db, const struct prune_choice *choice)
{
    static const char before[] = "INSERT INTO temp.chosen SELECT runs.number FROM runs"
                                 " LEFT JOIN units ON units.id = runs.unit_id";
    sqlite3_stmt *statement = NULL;
    char sql[2048];
    int code = journal_sql(db, "CREATE TEMP TABLE chosen (number INTEGER PRIMARY KEY)", "");

    if (code == SQLITE_OK) {
        snprintf(sql, sizeof(sql), "%s%s AND runs.state <> 'running'%s", before,
                 journal_where_filter, choice->keep_fails ? " AND runs.verdict IS NOT 'fail'" : "");
        code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    }
    if (code == SQLITE_OK) {
        journal_bind_filter(statement, &choice->filter);
        code = sqlite3_step(statement);
        code = code == SQLITE_DONE ? SQLITE_OK : code;
    }
    sqlite3_finalize(statement);
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
        "DELETE FROM versions WHERE id NOT IN (SELECT version_id FROM runs)",
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
    *result = (struct prune_result){.bytes_before = file_bytes(path)};
    if (access(path, F_OK) != 0) {
        return diag_error(diags, place_of(path), "name another with --journal",
                          "there is no journal: %s", strerror(errno));
    }
    sqlite3 *db = journal_db_open(diags, path, false);
    if (!db) {
        return -1;
    }
    int code = journal_transaction_begin(db);
    if (code == SQLITE_OK) {
        code = collect(db, choice);
        code = code == SQLITE_OK ? count(db, result) : code;
        if (code == SQLITE_OK && !only_count) {
            code = take_out(db);
        }
        code = journal_transaction_end(db, code);
    }
    if (code == SQLITE_OK && !only_count) {
        give_back(db);
    }
    if (code != SQLITE_OK) {
        told(diags, path, code);
    }
    sqlite3_close(db);
    result->bytes_after = file_bytes(path);
    return code == SQLITE_OK ? 0 : -1;
}

/* ---- backup ------------------------------------------------------------------------------- */

/* All pages in one go: one instant of the journal. Those who write do not wait for it. */
static int copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");

    if (!backup) {
        return sqlite3_errcode(to);
    }
    int code = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    return finished != SQLITE_OK ? finished : code == SQLITE_DONE ? SQLITE_OK : code;
}

/* It is the copy that could not be made, and --journal names the original. */
static const char *copy_todo(int code)
{
    switch (code & 0xff) {
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return "name a file in a folder that is there and can be written to";
    default:
        return journal_code_todo(code);
    }
}

/* Is every page, index and reference of the copy sound? */
static int check_copy(struct diags *diags, const char *copy, sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    const char *found = NULL;
    int result = -1;

    if (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        found = (const char *)sqlite3_column_text(statement, 0);
    }
    if (found && strcmp(found, "ok") == 0) {
        result = 0;
    } else {
        diag_error(diags, place_of(copy), "the journal itself is damaged: use an older copy",
                   "the copy is not sound: %s", found ? found : sqlite3_errmsg(db));
    }
    sqlite3_finalize(statement);
    return result;
}

static int sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0;

    if (fd >= 0) {
        close(fd);
    }
    return failed;
}

/* The copy gets its name, for good. */
static int put_in_place(struct diags *diags, const char *part, const char *copy)
{
    char *folder = strdup(copy);

    if (!folder) {
        out_of_memory();
    }
    int failed = sync_path(part, O_RDONLY) || rename(part, copy) != 0 ||
                 sync_path(dirname(folder), O_RDONLY | O_DIRECTORY);
    free(folder);
    return failed ? diag_error(diags, place_of(copy), "free some space, or name another place",
                               "the copy could not be put there: %s", strerror(errno))
                  : 0;
}

static int make_copy(struct diags *diags, const char *path, const char *part,
                     struct backup_result *result)
{
    sqlite3 *to = NULL;
    sqlite3 *from = journal_db_open(diags, path, true);

    if (!from) {
        return -1;
    }
    int code = sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code == SQLITE_OK) {
        code = copy_pages(from, to);
    }
    sqlite3_close(from);
    if (code == SQLITE_OK) {
        /* One file, that can be read where nothing can be written. */
        code = journal_sql(to, "PRAGMA journal_mode = DELETE", "");
    }
    if (code == SQLITE_OK) {
        code = journal_sql_int(to, &result->runs, "SELECT count(*) FROM runs", "");
    }
    int failed = code == SQLITE_OK ? check_copy(diags, part, to)
                                   : diag_error(diags, place_of(part), copy_todo(code),
                                                "the copy: %s", journal_code_what(code));
    sqlite3_close(to);
    return failed;
}

int journal_backup(struct diags *diags, const char *path, const char *copy, bool replace,
                   struct backup_result *result)
{
    char *part = NULL;

    *result = (struct backup_result){0};
    if (!replace && access(copy, F_OK) == 0) {
        return diag_error(diags, place_of(copy), "name another file, or add --replace",
                          "is there already");
    }
    if (asprintf(&part, "%s%s.part", copy[0] == '/' ? "" : "./", copy) < 0) {
        out_of_memory();
    }
    unlink(part);
    int failed = make_copy(diags, path, part, result) != 0 || put_in_place(diags, part, copy) != 0;
    if (failed) {
        unlink(part);
    }
    result->bytes = file_bytes(copy);
    free(part);
    return failed ? -1 : 0;
}
