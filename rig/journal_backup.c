/* A copy of the journal: made beside its place, checked, put there, and checked there. */
#include "rig/journal_care.h"

#include "rig/journal_internal.h"
#include "rig/journal_spool.h"
#include "rig/out_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What SQLite keeps beside a file while it is in use, or when whoever used it was killed. By name:
 * whatever stands there is taken for a part of the file. */
static const char *const companions[] = {"-wal", "-shm", "-journal"};
enum { COMPANION_COUNT = sizeof(companions) / sizeof(companions[0]) };

/* ---- where to ----------------------------------------------------------------------------- */

static char *joined(const char *path, const char *ending)
{
    char *text = NULL;

    if (asprintf(&text, "%s%s", path, ending) < 0) {
        out_of_memory();
    }
    return text;
}

/* Only what a copy was put into before is replaced by one. In a journal that runs are kept in
 * SQLite notes that it has a -wal (https://sqlite.org/fileformat.html#the_database_header); a copy
 * has none. */
static int check_replaced(struct diags *diags, const char *copy, const char *name)
{
    enum { HEADER = 100, WRITE_VERSION = 18, APPLICATION = 68, WAL = 2 };
    unsigned char header[HEADER];
    int64_t application = 0;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? pread(fd, header, sizeof(header), 0) : -1;
    int error = errno;

    if (fd >= 0) {
        close(fd);
    }
    if (got < 0) {
        return diag_error(diags, place_of(copy), "name another file",
                          "what is there cannot be looked at: %s", strerror(error));
    }
    for (int i = 0; i < 4 && got == HEADER; i++) {
        application = application << 8 | header[APPLICATION + i];
    }
    if (got > 0 && application != JOURNAL_APPLICATION_ID) {
        return diag_error(diags, place_of(copy), "name another file, or remove it first",
                          "what is there is no journal of longpress, and is not replaced");
    }
    if (got > 0 && header[WRITE_VERSION] == WAL) {
        return diag_error(diags, place_of(copy),
                          "name another file; or, if no longpress uses it, move it away first, "
                          "with its -wal and -shm",
                          "is a journal that is written to, and no mere copy: it is not replaced");
    }
    return 0;
}

/* May a copy be put there? `copy` as the operator named it, `name` without links. */
static int check_place(struct diags *diags, const char *copy, const char *name, bool replace)
{
    struct stat st;
    bool there = stat(name, &st) == 0;
    int result = 0;

    if (there && !replace) {
        return diag_error(diags, place_of(copy), "name another file, or add --replace",
                          "is there already");
    }
    if (there && !S_ISREG(st.st_mode)) {
        return diag_error(diags, place_of(copy), "name another file", "is no regular file");
    }
    if (there && check_replaced(diags, copy, name) != 0) {
        return -1;
    }
    if (out_is_in_spool(name) || out_kind_of(name) == OUT_JOURNAL_PART) {
        return diag_error(diags, place_of(copy), "name another file",
                          "is, or would be taken for, a part of a journal");
    }
    for (size_t i = 0; i < COMPANION_COUNT && result == 0; i++) {
        char *companion = joined(name, companions[i]);
        if (lstat(companion, &st) == 0) {
            result =
                diag_error(diags, place_of(copy),
                           "name another file; or, if no longpress uses it, move it away first",
                           "`%s` is there, of another journal, and would be taken for a part "
                           "of the copy",
                           companion);
        }
        free(companion);
    }
    return result;
}

/* ---- the copy ----------------------------------------------------------------------------- */

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
    case SQLITE_FULL:
        return "free some space there, or name a file on another disk";
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

static int make_copy(struct diags *diags, const char *path, const char *part, int64_t *runs)
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
        code = journal_sql_int(to, runs, "SELECT count(*) FROM runs", "");
    }
    code = journal_code(to, code);
    int failed = code == SQLITE_OK ? check_copy(diags, part, to)
                                   : diag_error(diags, place_of(part), copy_todo(code),
                                                "the copy: %s", journal_code_what(code));
    sqlite3_close(to);
    return failed;
}

/* ---- its name ----------------------------------------------------------------------------- */

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
static int put_in_place(struct diags *diags, const char *part, const char *name)
{
    char *folder = strdup(name);

    if (!folder) {
        out_of_memory();
    }
    int failed = sync_path(part, O_RDONLY) || rename(part, name) != 0 ||
                 sync_path(dirname(folder), O_RDONLY | O_DIRECTORY);
    free(folder);
    return failed ? diag_error(diags, place_of(name), "free some space, or name another place",
                               "the copy could not be put there: %s", strerror(errno))
                  : 0;
}

/* What whoever opens it by its name will see. */
static int check_there(struct diags *diags, const char *copy, const char *name, int64_t runs)
{
    sqlite3 *db = journal_db_open(diags, name, true);
    int64_t there = 0;

    if (!db) {
        return -1;
    }
    int result = check_copy(diags, copy, db);
    if (result == 0 && (journal_sql_int(db, &there, "SELECT count(*) FROM runs", "") != SQLITE_OK ||
                        there != runs)) {
        result = diag_error(diags, place_of(copy), "name another file",
                            "another journal got in the way: of %lld runs %lld are seen there",
                            (long long)runs, (long long)there);
    }
    sqlite3_close(db);
    return result;
}

static void remove_part(const char *part)
{
    unlink(part);
    for (size_t i = 0; i < COMPANION_COUNT; i++) {
        char *companion = joined(part, companions[i]);
        unlink(companion);
        free(companion);
    }
}

int journal_backup(struct diags *diags, const char *path, const char *copy, bool replace,
                   struct backup_result *result)
{
    struct stat st;
    char *name = out_real_name(copy);

    *result = (struct backup_result){0};
    if (!name) {
        return diag_error(diags, place_of(copy), copy_todo(SQLITE_CANTOPEN),
                          "its folder cannot be opened: %s", strerror(errno));
    }
    char *part = joined(name, ".part");
    int failed = -1;
    if (out_is_of(name, path) || out_is_of(part, path)) {
        diag_error(diags, place_of(copy), "name another file", "is the journal itself");
    } else if (check_place(diags, copy, name, replace) == 0) {
        remove_part(part);
        journal_spool_take(diags, path);
        /* Looked at again: the copy took a while. */
        failed = make_copy(diags, path, part, &result->runs) != 0 ||
                 check_place(diags, copy, name, replace) != 0 ||
                 put_in_place(diags, part, name) != 0 ||
                 check_there(diags, copy, name, result->runs) != 0;
        if (failed) {
            remove_part(part);
        }
    }
    result->bytes = stat(name, &st) == 0 ? (int64_t)st.st_size : 0;
    free(part);
    free(name);
    return failed ? -1 : 0;
}
