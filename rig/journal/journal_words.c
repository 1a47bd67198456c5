/* What SQLite says, in words for the operator. */
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
        return "it was moved or removed while longpress runs";
    }
    if (code == JOURNAL_FULL_LIMIT) {
        return "it may not grow: a limit of this process for the size of files";
    }
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "the disk is full";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another process holds it locked";
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
        return "it is damaged: what is looked for in it comes to no end";
    case SQLITE_NOTADB:
        return "it is no SQLite file";
    case SQLITE_CONSTRAINT:
        return "the run is not in it any more";
    case SQLITE_NOMEM:
        return "there is not enough memory";
    default:
        return sqlite3_errstr(code);
    }
}

const char *journal_code_todo(int code)
{
    if (code == SQLITE_READONLY_DBMOVED) {
        return "put it back, or start longpress again";
    }
    if (code == JOURNAL_FULL_LIMIT) {
        return "raise the limit (`ulimit -f`; of a service, LimitFSIZE=)";
    }
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "free some space on its disk, or name another with --journal";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "end the program that holds it, or name another with --journal";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        return "check its permissions and those of its folder, or name another with --journal";
    case SQLITE_IOERR:
        return "see what `dmesg` says of the disk";
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
