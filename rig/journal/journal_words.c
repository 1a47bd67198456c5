/* SQLite's errors, in words for the operator. */
#include "rig/journal/journal_internal.h"

#include <errno.h>

int journal_full_by(int error)
{
    return error == ENOSPC || error == EDQUOT ? SQLITE_FULL
           : error == EFBIG                   ? JOURNAL_FULL_LIMIT
                                              : 0;
}

int journal_code(sqlite3 *db, int code)
{
    /* What sqlite3_system_errno does not have when it was a COMMIT that failed. */
    int full = journal_full_by(errno);
    int primary = code & 0xff;

    if (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN) {
        return code;
    }
    full = full ? full : journal_full_by(sqlite3_system_errno(db));
    return full ? full : code;
}

const char *journal_code_what(int code)
{
    if (code == SQLITE_READONLY_DBMOVED) {
        return "it was moved or removed while longpress was running";
    }
    if (code == JOURNAL_FULL_LIMIT) {
        return "it has reached this process's limit for the size of files";
    }
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "the disk is full";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another process has locked it";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return "it cannot be written to";
    case SQLITE_CANTOPEN:
        return "it cannot be opened";
    case SQLITE_IOERR:
        return "the disk reported an input/output error";
    case SQLITE_CORRUPT:
        return "it is damaged";
    case SQLITE_INTERRUPT:
        return "it is damaged: a search in it does not end";
    case SQLITE_NOTADB:
        return "it is not an SQLite file";
    case SQLITE_CONSTRAINT:
        return "the run is no longer in it";
    case SQLITE_NOMEM:
        return "out of memory";
    default:
        return sqlite3_errstr(code);
    }
}

const char *journal_code_todo(int code)
{
    if (code == SQLITE_READONLY_DBMOVED) {
        return "put it back, or restart longpress";
    }
    if (code == JOURNAL_FULL_LIMIT) {
        return "raise the limit (`ulimit -f`; for a service, LimitFSIZE=)";
    }
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "free some space on its disk, or name another with --journal";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "end the program that locks it, or name another with --journal";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        return "check its permissions and those of its folder, or name another with --journal";
    case SQLITE_IOERR:
        return "check `dmesg` for errors of the disk";
    case SQLITE_CORRUPT:
    case SQLITE_INTERRUPT:
        return "move it away and restore a backup (`longpress backup`)";
    case SQLITE_NOTADB:
        return "name another file with --journal";
    default:
        return "name another journal with --journal";
    }
}

int journal_told(struct diags *diags, const char *path, int code)
{
    return diag_error(diags, place_of(path), journal_code_todo(code), "the journal: %s",
                      journal_code_what(code));
}
