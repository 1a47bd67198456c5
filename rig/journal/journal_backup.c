/*
 * Backup of the journal: made beside its destination, checked, moved there in one step, checked
 * again.
 */
#include "rig/journal/journal_care.h"

#include "rig/journal/journal_backup_internal.h"
#include "rig/journal/journal_internal.h"
#include "rig/journal/journal_spool.h"
#include "rig/journal/out_guard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- where to ----------------------------------------------------------------------------- */

/* May a copy be put there? `copy` as the operator named it, `name` without links. */
static int check_place(struct diags *diags, const char *copy, const char *name, bool replace)
{
    struct stat st;
    bool there = stat(name, &st) == 0;

    if (there && !replace) {
        return journal_backup_is_there(diags, copy);
    }
    if (there && !S_ISREG(st.st_mode)) {
        return diag_error(diags, place_of(copy), "name another file", "is not a regular file");
    }
    if (there && journal_backup_check_replaced(diags, copy, name) != 0) {
        return -1;
    }
    if (out_is_in_spool(name) || out_kind_of(name) == OUT_JOURNAL_PART) {
        return diag_error(diags, place_of(copy), "name another file",
                          "is part of a journal, or is named like one");
    }
    return journal_backup_check_companions(diags, copy, name);
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

/* Is every page, index and reference of the copy sound? */
static int check_copy(struct diags *diags, const char *copy, sqlite3 *db)
{
    sqlite3_stmt *statement = journal_prepare(db, "PRAGMA integrity_check(1)");
    const char *found = NULL;
    int result = -1;

    if (statement && sqlite3_step(statement) == SQLITE_ROW) {
        found = (const char *)sqlite3_column_text(statement, 0);
    }
    if (found && strcmp(found, "ok") == 0) {
        result = 0;
    } else {
        diag_error(diags, place_of(copy), "the journal itself is damaged: use an older copy",
                   "the copy is damaged: %s", found ? found : sqlite3_errmsg(db));
    }
    sqlite3_finalize(statement);
    return result;
}

static int make_copy(struct diags *diags, const char *path, const char *copy, const char *part,
                     int64_t *runs)
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
    journal_db_close(from);
    if (code == SQLITE_OK) {
        /* One file, that can be read where nothing can be written. */
        code = journal_sql(to, "PRAGMA journal_mode = DELETE", "");
    }
    int failed = code == SQLITE_OK ? check_copy(diags, copy, to) : 0;
    if (code == SQLITE_OK && !failed) {
        code = journal_sql_int(to, runs, "SELECT count(*) FROM runs", "");
    }
    if (code != SQLITE_OK) {
        code = journal_code(to, code);
        failed = diag_error(diags, place_of(copy), journal_backup_todo(code), "the copy: %s",
                            journal_code_what(code));
    }
    journal_db_close(to);
    return failed;
}

/* What whoever opens it by its name will see: the copy, `made` of which were so many runs, or what
 * another put in its place since. */
static int check_there(struct diags *diags, const char *copy, const char *name,
                       const struct stat *made, int64_t runs)
{
    struct stat st;
    sqlite3 *db = journal_db_open(diags, name, true);
    int64_t there = 0;

    if (!db) {
        return -1;
    }
    int result = check_copy(diags, copy, db);
    int code = result == 0 ? journal_sql_int(db, &there, "SELECT count(*) FROM runs", "") : 0;
    bool is_made = stat(name, &st) == 0 && st.st_dev == made->st_dev && st.st_ino == made->st_ino;
    if (result == 0 && is_made && (code != SQLITE_OK || there < runs)) {
        result = diag_error(diags, place_of(copy), "name another file",
                            "the copy was replaced by another journal while it was made: %lld of "
                            "%lld runs found",
                            (long long)there, (long long)runs);
    }
    journal_db_close(db);
    return result;
}

/* ---- the file that becomes the copy ------------------------------------------------------- */

static void remove_part(const char *part)
{
    unlink(part);
    for (size_t i = 0; i < JOURNAL_COMPANIONS; i++) {
        char *companion = journal_backup_joined(part, journal_companions[i]);
        unlink(companion);
        free(companion);
    }
}

/* Removes what a killed backup to the same name left behind long ago. */
static void remove_left(const char *name)
{
    enum { DAY_S = 24 * 3600 };
    char *folder_name = strdup(name);
    char *start = journal_backup_joined(strrchr(name, '/') + 1, ".part-");
    DIR *folder = folder_name ? opendir(dirname(folder_name)) : NULL;
    const struct dirent *entry;
    struct stat st;

    while (folder && (entry = readdir(folder))) {
        if (strncmp(entry->d_name, start, strlen(start)) == 0 &&
            fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode) && time(NULL) - st.st_mtime > DAY_S) {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    if (folder) {
        closedir(folder);
    }
    free(folder_name);
    free(start);
}

/* Creates an empty file beside `name` that nobody else uses. Returns its name, to be freed; NULL
 * after an error. */
static char *make_part(struct diags *diags, const char *copy, const char *name)
{
    enum { TRIES = 1000 };
    char *part = NULL;
    int fd = -1;
    int error = EEXIST;

    for (int i = 0; i < TRIES && fd < 0 && error == EEXIST; i++) {
        free(part);
        if (asprintf(&part, "%s.part-%d-%d", name, (int)getpid(), i) < 0) {
            out_of_memory();
        }
        fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        error = fd < 0 ? errno : 0;
    }
    if (fd >= 0) {
        close(fd);
        return part;
    }
    int full = journal_full_by(error);
    int code = full ? full : SQLITE_CANTOPEN;
    diag_error(diags, place_of(copy), journal_backup_todo(code), "the copy cannot be started: %s",
               strerror(error));
    free(part);
    return NULL;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static int back_up(struct diags *diags, const char *path, const char *copy, const char *name,
                   bool replace, struct backup_result *result)
{
    struct stat made;

    if (out_is_of(name, path)) {
        return diag_error(diags, place_of(copy), "name another file", "is the journal itself");
    }
    if (check_place(diags, copy, name, replace) != 0) {
        return -1;
    }
    remove_left(name);
    journal_spool_take(diags, path);
    char *part = make_part(diags, copy, name);
    if (!part) {
        return -1;
    }
    int failed = make_copy(diags, path, copy, part, &result->runs) != 0 || stat(part, &made) != 0 ||
                 journal_backup_check_companions(diags, copy, name) != 0 ||
                 journal_backup_replace(diags, part, copy, name, replace) != 0;
    if (failed) {
        remove_part(part);
    }
    free(part);
    return failed ? -1 : check_there(diags, copy, name, &made, result->runs);
}

int journal_backup(struct diags *diags, const char *path, const char *copy, bool replace,
                   struct backup_result *result)
{
    struct stat st;
    char *name = out_real_name(copy);

    *result = (struct backup_result){0};
    if (!name) {
        return diag_error(diags, place_of(copy), journal_backup_todo(SQLITE_CANTOPEN),
                          "its folder cannot be opened: %s", strerror(errno));
    }
    int failed = back_up(diags, path, copy, name, replace, result);
    result->bytes = stat(name, &st) == 0 ? (int64_t)st.st_size : 0;
    free(name);
    return failed;
}
