/*
 * Gives a finished copy its name: in one step, and replacing nothing but an older copy, whatever
 * other processes do there meanwhile.
 */
#include "rig/journal/journal_backup_internal.h"

#include "rig/base/folders.h"
#include "rig/journal/journal_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *journal_backup_joined(const char *path, const char *ending)
{
    char *text = NULL;

    if (asprintf(&text, "%s%s", path, ending) < 0) {
        out_of_memory();
    }
    return text;
}

/* ---- what is there already ------------------------------------------------------------------ */

int journal_backup_is_there(struct diags *diags, const char *copy)
{
    return diag_error(diags, place_of(copy), "name another file, or add --replace",
                      "already exists");
}

int journal_backup_check_companions(struct diags *diags, const char *copy, const char *name)
{
    struct stat st;
    int result = 0;

    for (size_t i = 0; i < JOURNAL_COMPANIONS && result == 0; i++) {
        char *companion = journal_backup_joined(name, journal_companions[i]);
        if (lstat(companion, &st) == 0) {
            result =
                diag_error(diags, place_of(copy),
                           "name another file; or, if no longpress uses it, move it away first",
                           "`%s` belongs to another journal, and would be taken for a part "
                           "of the copy",
                           companion);
        }
        free(companion);
    }
    return result;
}

const char *journal_backup_todo(int code)
{
    if (code == JOURNAL_FULL_LIMIT) {
        return journal_code_todo(code);
    }
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "free some space there, or name a file on another disk";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return "name a file in a folder that exists and is writable";
    default:
        return journal_code_todo(code);
    }
}

/* The raw file: SQLite does not interpret its contents. */
static sqlite3_file *file_of(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&file);
    return file;
}

/* Only what a copy was put into before is replaced by one. In a journal that runs are kept in
 * SQLite notes that it has a -wal (https://sqlite.org/fileformat.html#the_database_header); a copy
 * has none. The header is read past all locks, and not by a descriptor of our own: closing that
 * would take away the locks that this process has on the file. */
static int check_old(struct diags *diags, const char *copy, sqlite3 *old)
{
    enum { HEADER = 100, WRITE_VERSION = 18, APPLICATION = 68, WAL = 2 };
    unsigned char header[HEADER];
    sqlite3_file *file = file_of(old);
    sqlite3_int64 size = 0;
    int64_t application = 0;
    int code = file->pMethods->xFileSize(file, &size);

    if (code == SQLITE_OK && size >= HEADER) {
        code = file->pMethods->xRead(file, header, HEADER, 0);
    }
    if (code != SQLITE_OK) {
        return diag_error(diags, place_of(copy), "name another file",
                          "the existing file cannot be read: %s", journal_code_what(code));
    }
    for (int i = 0; i < 4 && size >= HEADER; i++) {
        application = application << 8 | header[APPLICATION + i];
    }
    if (size > 0 && application != JOURNAL_APPLICATION_ID) {
        return diag_error(diags, place_of(copy), "name another file, or remove it first",
                          "the existing file is not a longpress journal, and is not replaced");
    }
    if (size > 0 && header[WRITE_VERSION] == WAL) {
        return diag_error(diags, place_of(copy),
                          "name another file; or, if no longpress uses it, move it away first, "
                          "with its -wal and -shm",
                          "is a working journal, not a backup: it is not replaced");
    }
    return 0;
}

int journal_backup_check_replaced(struct diags *diags, const char *copy, const char *name)
{
    sqlite3 *old = NULL;
    int code = sqlite3_open_v2(name, &old, SQLITE_OPEN_READWRITE, NULL);
    int result = code == SQLITE_OK
                     ? check_old(diags, copy, old)
                     : diag_error(diags, place_of(copy), "name another file",
                                  "the existing file cannot be read: %s", journal_code_what(code));

    sqlite3_close(old);
    return result;
}

/* ---- its name ----------------------------------------------------------------------------- */

static int sync_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0;

    if (fd >= 0) {
        close(fd);
    }
    return failed ? -1 : 0;
}

/* Unless there is a file of that name already (EEXIST). Some disks know one way, some the other. */
static int rename_new(const char *part, const char *name)
{
    if (renameat2(AT_FDCWD, part, AT_FDCWD, name, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -1;
    }
    return link(part, name) == 0 && unlink(part) == 0 ? 0 : -1;
}

static const char place_todo[] = "free some space, or name another place";

enum putting { PUT, NOT_PUT, PUT_AGAIN };

static enum putting not_put(struct diags *diags, const char *copy, const char *todo,
                            const char *why)
{
    diag_error(diags, place_of(copy), todo, "the copy could not be written there: %s", why);
    return NOT_PUT;
}

/* Nobody else reads the file or writes to it until it is closed. Nothing is read, so that SQLite
 * makes no -journal or -wal that would be taken for one of the file that comes in its place. */
static int lock_old(sqlite3 *old)
{
    enum { RETRY_MS = 5 };
    static const int levels[] = {SQLITE_LOCK_SHARED, SQLITE_LOCK_RESERVED, SQLITE_LOCK_EXCLUSIVE};
    sqlite3_file *file = file_of(old);
    int code = SQLITE_BUSY;

    if (sqlite3_db_readonly(old, "main") == 1) {
        return SQLITE_READONLY;
    }
    for (int ms = 0; code == SQLITE_BUSY && ms < JOURNAL_BUSY_MS; ms += RETRY_MS) {
        code = SQLITE_OK;
        for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]) && code == SQLITE_OK; i++) {
            code = file->pMethods->xLock(file, levels[i]);
        }
        if (code != SQLITE_OK) {
            file->pMethods->xUnlock(file, SQLITE_LOCK_NONE);
            sqlite3_sleep(RETRY_MS);
        }
    }
    return code;
}

/* Replaces an older copy. That one is locked, so that nobody starts to store runs in it meanwhile;
 * a process that has it open finds that it was moved. */
static enum putting put_over(struct diags *diags, const char *part, const char *copy,
                             const char *name)
{
    enum putting putting = NOT_PUT;
    sqlite3 *old = NULL;
    int code = sqlite3_open_v2(name, &old, SQLITE_OPEN_READWRITE, NULL);

    if (code != SQLITE_OK) {
        putting = access(name, F_OK) != 0
                      ? PUT_AGAIN
                      : not_put(diags, copy, journal_backup_todo(code), journal_code_what(code));
    } else if (check_old(diags, copy, old) == 0) {
        code = lock_old(old);
        if (journal_is_moved(old)) {
            putting = PUT_AGAIN;
        } else if (code != SQLITE_OK) {
            not_put(diags, copy, journal_backup_todo(code), journal_code_what(code));
        } else if (check_old(diags, copy, old) == 0 &&
                   journal_backup_check_companions(diags, copy, name) == 0) {
            putting = rename(part, name) == 0 ? PUT : not_put(diags, copy, NULL, strerror(errno));
        }
    }
    sqlite3_close(old);
    return putting;
}

static enum putting put_once(struct diags *diags, const char *part, const char *copy,
                             const char *name, bool replace)
{
    if (rename_new(part, name) == 0) {
        return PUT;
    }
    if (errno != EEXIST) {
        return not_put(diags, copy, place_todo, strerror(errno));
    }
    if (!replace) {
        journal_backup_is_there(diags, copy);
        return NOT_PUT;
    }
    return put_over(diags, part, copy, name);
}

int journal_backup_replace(struct diags *diags, const char *part, const char *copy,
                           const char *name, bool replace)
{
    enum { TRIES = 16 }; /* others may put files there and take them away at the same time */
    enum putting putting = PUT_AGAIN;

    if (sync_file(part) != 0) {
        not_put(diags, copy, place_todo, strerror(errno));
        return -1;
    }
    for (int i = 0; i < TRIES && putting == PUT_AGAIN; i++) {
        putting = put_once(diags, part, copy, name, replace);
    }
    if (putting == PUT_AGAIN) {
        not_put(diags, copy, "name another place", "other programs keep changing the file");
    }
    if (putting == PUT && folder_sync_of(name) != 0) {
        putting = not_put(diags, copy, place_todo, strerror(errno));
    }
    return putting == PUT ? 0 : -1;
}
