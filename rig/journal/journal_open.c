/*
 * Opens the journal file. It is inspected first, and nothing in it is changed unless it is a
 * journal or empty. If another process changes it meanwhile, this waits or starts over.
 */
#include "rig/journal/journal_internal.h"

#include "rig/base/clock.h"
#include "rig/base/folders.h"
#include "rig/base/units.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MOVED_TRIES = 16, /* another file came in its place that often while it was opened */
    WAL_RETRY_MS = 5,
};

const char *const journal_companions[] = {"-wal", "-shm", "-journal"};

int64_t journal_now_ms(void)
{
    return clock_mono_ns() / NS_PER_MS;
}

bool journal_is_moved(sqlite3 *db)
{
    int moved = 0;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
}

/* ---- a connection that a file cannot lead astray ------------------------------------------ */

/* As large as anything that longpress writes or asks, with room. */
static void set_limits(sqlite3 *db)
{
    static const struct {
        int what;
        int most;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024},
        {SQLITE_LIMIT_SQL_LENGTH, 65536},
        {SQLITE_LIMIT_COLUMN, 64},
        {SQLITE_LIMIT_EXPR_DEPTH, 100},
        {SQLITE_LIMIT_COMPOUND_SELECT, 3},
        {SQLITE_LIMIT_VDBE_OP, 10000},
        {SQLITE_LIMIT_FUNCTION_ARG, 8},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 64},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 4},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        sqlite3_limit(db, limits[i].what, limits[i].most);
    }
}

/* Before anything is read: what is in the schema is not obeyed, and while it is not known whose the
 * file is, closing it moves nothing from its -wal into it. */
static int harden(sqlite3 *db)
{
    static const struct {
        int option;
        int value;
    } options[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
        /* What a statement goes through is known before its parameters are. */
        {SQLITE_DBCONFIG_ENABLE_QPSG, 1},
    };
    int code = SQLITE_OK;

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]) && code == SQLITE_OK; i++) {
        code = sqlite3_db_config(db, options[i].option, options[i].value, (int *)NULL);
    }
    set_limits(db);
    if (code == SQLITE_OK) {
        code = journal_sql(db, "PRAGMA cell_size_check = ON", "");
    }
    if (code == SQLITE_OK) {
        code = journal_sql(db, "PRAGMA mmap_size = 0", "");
    }
    /* Queries work on a full disk too, and on a read-only one. */
    return code == SQLITE_OK ? journal_sql(db, "PRAGMA temp_store = MEMORY", "") : code;
}

static int use(sqlite3 *db, bool read_only)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, read_only ? JOURNAL_READ_BUSY_MS : JOURNAL_BUSY_MS);
    return harden(db);
}

static int connect_to(const char *path, bool read_only, sqlite3 **db)
{
    /* SQLite takes some names for more than a path: "file:...", ":memory:". */
    char *plain = NULL;
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

    if (asprintf(&plain, "%s%s", path[0] == '/' ? "" : "./", path) < 0) {
        out_of_memory();
    }
    int code = sqlite3_open_v2(plain, db, flags, NULL);
    free(plain);
    return code == SQLITE_OK ? use(*db, read_only) : journal_code(*db, code);
}

/* ---- for writing -------------------------------------------------------------------------- */

/* SQLite itself does not wait for those who read or write the file while it is not in WAL mode yet.
 */
static int use_wal(sqlite3 *db)
{
    int64_t end_ms = journal_now_ms() + JOURNAL_BUSY_MS;
    int code;

    while (((code = journal_sql(db, "PRAGMA journal_mode = WAL", "")) & 0xff) == SQLITE_BUSY &&
           journal_now_ms() < end_ms) {
        sqlite3_sleep(WAL_RETRY_MS);
    }
    return code;
}

static int set_up(sqlite3 *db)
{
    static const char *const pragmas[] = {
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA journal_size_limit = 4194304",
    };
    int code = use_wal(db);

    for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]) && code == SQLITE_OK; i++) {
        code = journal_sql(db, pragmas[i], "");
    }
    return code;
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* Adds an error that says why a file of that form is refused. */
static void refuse(struct diags *diags, const char *path, const struct journal_look *look)
{
    if (look->form == FORM_NEWER) {
        diag_error(diags, place_of(path),
                   "use that longpress, or name another file with "
                   "--journal",
                   "was written by a newer longpress (journal version %lld; this one knows "
                   "%d)",
                   (long long)look->version, journal_version);
    } else if (look->form == FORM_CHANGED) {
        diag_error(diags, place_of(path),
                   "move it away and restore a backup (`longpress backup`), or name another file "
                   "with --journal",
                   "was changed by another program and is not used: %s", look->odd);
    } else {
        diag_error(diags, place_of(path), "name another file with --journal",
                   "is not a longpress journal and is left unchanged");
    }
}

/* A -wal that has something in it stays; one that came with this look at the file goes with it. */
static void leave_alone(const char *path, sqlite3 *db)
{
    struct stat st;
    char *wal = NULL;

    if (asprintf(&wal, "%s-wal", path) < 0) {
        out_of_memory();
    }
    if (stat(wal, &st) == 0 && st.st_size == 0) {
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int *)NULL);
    }
    free(wal);
}

/* May a file be opened by that name? */
static int check_name(struct diags *diags, const char *path, bool read_only)
{
    struct stat st;
    int error = stat(path, &st) == 0 ? 0 : errno;

    if (error == 0 && !S_ISREG(st.st_mode)) {
        return diag_error(diags, place_of(path), "name a file with --journal",
                          "is not a regular file");
    }
    if (error != 0 && read_only) {
        return diag_error(diags, place_of(path),
                          "name another with --journal, or run something "
                          "first",
                          "there is no journal: %s", strerror(error));
    }
    return 0;
}

/* What an opening came to. */
enum opening { OPENED, FAILED, AGAIN_MOVED, AGAIN_WRITING, AGAIN_ASIDE };

static int make_ready(sqlite3 *db, struct journal_look *look)
{
    int code = SQLITE_OK;

    if (sqlite3_db_readonly(db, "main") == 1) {
        return SQLITE_READONLY;
    }
    if (look->form != FORM_CURRENT) {
        code = journal_bring_up(db, look);
    }
    return code == SQLITE_OK && look->form == FORM_CURRENT ? set_up(db) : code;
}

/* What is missing may be no more than the right to write beside it, or to undo the write that the
 * machine's stop broke off: the making of it, then nothing is in it yet. */
static bool is_right(int code)
{
    int primary = code & 0xff;
    return primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PERM;
}

static enum opening open_once(struct diags *diags, const char *path, bool read_only, sqlite3 **db)
{
    struct journal_look look = {.form = FORM_FOREIGN};

    if (check_name(diags, path, read_only) != 0) {
        return FAILED;
    }
    int code = connect_to(path, read_only, db);
    if (code == SQLITE_OK) {
        code = journal_look_at(*db, &look);
    }
    bool is_ours = look.form == FORM_CURRENT || look.form == FORM_OLDER || look.form == FORM_EMPTY;
    if (code == SQLITE_OK && is_ours && read_only && look.form != FORM_CURRENT) {
        return AGAIN_WRITING;
    }
    if (code == SQLITE_OK && is_ours && !read_only) {
        code = make_ready(*db, &look);
    }
    if (code != SQLITE_OK) {
        /* If another process replaced the file meanwhile, that explains anything. */
        if (!read_only && *db && journal_is_moved(*db)) {
            return AGAIN_MOVED;
        }
        if (read_only && is_right(code)) {
            return AGAIN_ASIDE;
        }
        journal_told(diags, path, code);
        leave_alone(path, *db);
        return FAILED;
    }
    if (look.form != FORM_CURRENT) {
        refuse(diags, path, &look);
        leave_alone(path, *db);
        return FAILED;
    }
    if (!read_only && journal_is_moved(*db)) {
        return AGAIN_MOVED;
    }
    sqlite3_db_config(*db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int *)NULL);
    return OPENED;
}

/* ---- by those who may write nothing ------------------------------------------------------- */

static bool may_write(const char *path)
{
    char *name = strdup(path);

    if (!name) {
        out_of_memory();
    }
    bool may = access(path, W_OK) == 0 && access(dirname(name), W_OK) == 0;
    free(name);
    return may;
}

/* Migrates the copy; then it is a single file that nobody else has. */
static int bring_aside(const char *copy, struct journal_look *look)
{
    sqlite3 *db = NULL;
    int code = connect_to(copy, false, &db);

    if (code == SQLITE_OK) {
        code = journal_look_at(db, look);
    }
    if (code == SQLITE_OK && (look->form == FORM_OLDER || look->form == FORM_EMPTY)) {
        code = journal_bring_up(db, look);
    }
    if (code == SQLITE_OK && look->form == FORM_CURRENT) {
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int *)NULL);
        code = journal_sql(db, "PRAGMA journal_mode = DELETE", "");
    }
    journal_db_close(db);
    return code;
}

static int open_frozen(const char *path, struct journal_look *look, sqlite3 **db)
{
    int code = journal_open_frozen(path, db);

    if (code == SQLITE_OK) {
        code = use(*db, true);
    }
    return code == SQLITE_OK ? journal_look_at(*db, look) : code;
}

static int open_copy(const char *path, struct journal_look *look, sqlite3 **db)
{
    char folder[JOURNAL_ASIDE_MAX];
    char copy[JOURNAL_ASIDE_MAX];

    if (journal_copy_aside(path, folder, copy) != 0) {
        int full = journal_full_by(errno);
        return full ? full : errno == EBUSY ? SQLITE_BUSY : SQLITE_CANTOPEN;
    }
    int code = bring_aside(copy, look);
    if (code == SQLITE_OK && look->form == FORM_CURRENT) {
        code = open_frozen(copy, look, db);
    }
    journal_drop_aside(folder, copy);
    return code;
}

static sqlite3 *open_aside(struct diags *diags, const char *path)
{
    struct journal_look look = {.form = FORM_FOREIGN};
    sqlite3 *db = NULL;
    int code = SQLITE_OK;

    if (journal_is_frozen(path)) {
        code = open_frozen(path, &look, &db);
    }
    if (code == SQLITE_OK && !(db && look.form == FORM_CURRENT)) {
        journal_db_close(db);
        db = NULL;
        code = open_copy(path, &look, &db);
    }
    if (code == SQLITE_OK && look.form == FORM_CURRENT) {
        return db;
    }
    if (code != SQLITE_OK) {
        journal_told(diags, path, code);
    } else {
        refuse(diags, path, &look);
    }
    journal_db_close(db);
    return NULL;
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* NULL without an error, and *again: AGAIN_WRITING, it is to be brought to today's version by who
 * writes; AGAIN_ASIDE, it cannot be read where it is. */
static sqlite3 *open_here(struct diags *diags, const char *path, bool read_only,
                          enum opening *again)
{
    sqlite3 *db = NULL;
    enum opening opening = AGAIN_MOVED;

    if (!read_only) {
        folders_make(path);
    }
    for (int i = 0; i < MOVED_TRIES && opening == AGAIN_MOVED; i++) {
        opening = open_once(diags, path, read_only, &db);
        if (opening != OPENED) {
            journal_db_close(db);
            db = NULL;
        }
    }
    if (opening == AGAIN_MOVED) {
        journal_told(diags, path, SQLITE_READONLY_DBMOVED);
    }
    *again = opening;
    return db;
}

sqlite3 *journal_db_open(struct diags *diags, const char *path, bool read_only)
{
    enum opening again;
    sqlite3 *db = open_here(diags, path, read_only, &again);

    if (again == AGAIN_WRITING && may_write(path)) {
        db = open_here(diags, path, false, &again);
        if (db) {
            journal_db_close(db);
            db = open_here(diags, path, true, &again);
        }
        return db;
    }
    return again == AGAIN_WRITING || again == AGAIN_ASIDE ? open_aside(diags, path) : db;
}
