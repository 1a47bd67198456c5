/*
 * Takes the spool's runs into the journal. A spool file is untrusted: it is taken only if it is a
 * sound longpress journal with exactly one run; otherwise it stays where it is, with a warning. A
 * run is taken in one transaction, and its file is removed afterwards: a process killed in between
 * leaves a file whose run is already in the journal, which the next process notices.
 */
#include "rig/format/sha256.h"
#include "rig/journal/journal_spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAITING_MAX = 100000, FILE_BYTES_MAX = 256 * 1024 * 1024 };

struct waiting {
    struct arena arena;
    const char **files;
    size_t count;
    size_t room;
};

/* ---- what waits --------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

static void look_into(struct waiting *waiting, const char *place)
{
    DIR *folder = place ? opendir(place) : NULL;
    const struct dirent *entry;

    while (folder && waiting->count < WAITING_MAX && (entry = readdir(folder))) {
        if (!journal_spool_named(entry->d_name)) {
            continue;
        }
        if (waiting->count == waiting->room) {
            waiting->room = waiting->room ? 2 * waiting->room : 16;
            waiting->files = xrealloc_array(waiting->files, waiting->room, sizeof(*waiting->files));
        }
        waiting->files[waiting->count++] =
            arena_printf(&waiting->arena, "%s/%s", place, entry->d_name);
    }
    if (folder) {
        closedir(folder);
    }
}

/* In the order in which the runs were handed over. */
static struct waiting find_waiting(const char *path)
{
    struct waiting waiting = {.arena = ARENA_INIT};
    const char *places[SPOOL_PLACES];

    journal_spool_places(&waiting.arena, path, places);
    for (size_t i = 0; i < SPOOL_PLACES; i++) {
        look_into(&waiting, places[i]);
    }
    if (waiting.count > 1) {
        qsort(waiting.files, waiting.count, sizeof(*waiting.files), by_name);
    }
    return waiting;
}

static void waiting_free(struct waiting *waiting)
{
    free(waiting->files);
    arena_free(&waiting->arena);
}

static const char *name_of(const char *file)
{
    return strrchr(file, '/') + 1;
}

/* ---- is it one of ours? ------------------------------------------------------------------- */

static bool is_sound(sqlite3 *db)
{
    sqlite3_stmt *statement = journal_prepare(db, "PRAGMA integrity_check(1)");
    bool sound = statement && sqlite3_step(statement) == SQLITE_ROW &&
                 sqlite3_column_type(statement, 0) == SQLITE_TEXT &&
                 strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;

    sqlite3_finalize(statement);
    if (sound) {
        statement = journal_prepare(db, "PRAGMA foreign_key_check");
        sound = statement && sqlite3_step(statement) == SQLITE_DONE;
        sqlite3_finalize(statement);
    }
    return sound;
}

/* May it still be brought into the journal by the process that wrote it? */
static bool is_held(sqlite3 *from)
{
    struct journal_process process = {.machine = ""};
    sqlite3_stmt *row = journal_prepare(
        from, "SELECT pid, started, space, machine, began_ns FROM running CROSS JOIN runs"
              " ON number = run");
    bool held = false;

    if (row && sqlite3_step(row) == SQLITE_ROW) {
        const char *machine = (const char *)sqlite3_column_text(row, 3);
        process.pid = sqlite3_column_int64(row, 0);
        process.started = sqlite3_column_int64(row, 1);
        process.space = sqlite3_column_int64(row, 2);
        snprintf(process.machine, sizeof(process.machine), "%s", machine ? machine : "");
        held = !journal_process_gone(&process, sqlite3_column_int64(row, 4));
    }
    sqlite3_finalize(row);
    return held;
}

/* ---- files -------------------------------------------------------------------------------- */

/* Each text under its own name: a false one would be taken for another file's from then on. */
static bool has_true_hashes(sqlite3 *from)
{
    sqlite3_stmt *row = journal_prepare(from, "SELECT hash, content FROM contents");
    int step = SQLITE_ERROR;
    bool true_so_far = row != NULL;

    while (true_so_far && (step = sqlite3_step(row)) == SQLITE_ROW) {
        uint8_t hash[SHA256_BYTES];
        const void *content = sqlite3_column_blob(row, 1);
        sha256(content ? content : "", (size_t)sqlite3_column_bytes(row, 1), hash);
        true_so_far = sqlite3_column_bytes(row, 0) == SHA256_BYTES &&
                      memcmp(hash, sqlite3_column_blob(row, 0), SHA256_BYTES) == 0;
    }
    sqlite3_finalize(row);
    return true_so_far && step == SQLITE_DONE;
}

/* An older journal becomes today's, in memory. */
static const char *fault_of(sqlite3 *from)
{
    int64_t runs = 0;
    struct journal_look look;
    int code = journal_look_at(from, &look);

    if (code == SQLITE_OK && look.form == FORM_OLDER) {
        code = journal_bring_up(from, &look);
    }
    if (code != SQLITE_OK) {
        return "it cannot be read";
    }
    switch (look.form) {
    case FORM_EMPTY:
    case FORM_FOREIGN:
        return "it is not a longpress journal";
    case FORM_NEWER:
        return "it was written by a newer longpress";
    case FORM_OLDER:
    case FORM_CHANGED:
        return "its tables are not those of a journal";
    case FORM_CURRENT:
        break;
    }
    if (!is_sound(from) || !has_true_hashes(from)) {
        return "it is damaged";
    }
    if (journal_sql_int(from, &runs, "SELECT count(*) FROM runs", "") != SQLITE_OK || runs != 1) {
        return "it does not hold exactly one run";
    }
    return NULL;
}

enum fate { FATE_TAKEN, FATE_THERE_ALREADY, FATE_HELD, FATE_GONE, FATE_LEFT, FATE_REFUSED };

static enum fate leave(struct diags *diags, const char *file, const char *why)
{
    diag_warning(diags, place_of(file), "inspect it with `longpress history --journal FILE`",
                 "its run was not imported and stays there: %s", why);
    return FATE_LEFT;
}

static enum fate take_open(struct diags *diags, sqlite3 *db, sqlite3 *from, const char *file,
                           int *code)
{
    bool added;
    const char *fault = fault_of(from);

    if (fault) {
        return leave(diags, file, fault);
    }
    if (is_held(from)) {
        return FATE_HELD;
    }
    *code = journal_adopt(db, from, strtoll(name_of(file), NULL, 10), &added);
    if (*code != SQLITE_OK) {
        return FATE_REFUSED;
    }
    return added ? FATE_TAKEN : FATE_THERE_ALREADY;
}

/* The file as it is now, whole; what comes to it later is not looked at. NULL and *why; *why NULL:
 * it is not there any more. */
static unsigned char *read_whole(const char *file, size_t *size, const char **why)
{
    struct stat st;
    int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    unsigned char *data = NULL;
    size_t got = 0;
    ssize_t more = 1;

    if (fd < 0) {
        *why = errno == ENOENT ? NULL : strerror(errno);
        return NULL;
    }
    *why = "it was not written by longpress";
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > SHA256_BYTES &&
        st.st_size <= FILE_BYTES_MAX) {
        data = sqlite3_malloc64((sqlite3_uint64)st.st_size);
    }
    while (data && got < (size_t)st.st_size && more > 0) {
        more = read(fd, data + got, (size_t)st.st_size - got);
        got += more > 0 ? (size_t)more : 0;
    }
    close(fd);
    *size = got;
    if (data && got < (size_t)st.st_size) {
        *why = "it cannot be read";
        sqlite3_free(data);
        data = NULL;
    }
    return data;
}

/* Its journal, in memory. NULL and *why as above. */
static sqlite3 *open_copy(const char *file, const char **why)
{
    size_t size = 0;
    uint8_t hash[SHA256_BYTES];
    sqlite3 *db = NULL;
    unsigned char *data = read_whole(file, &size, why);

    if (!data) {
        return NULL;
    }
    size -= SHA256_BYTES;
    sha256(data, size, hash);
    if (memcmp(hash, data + size, SHA256_BYTES) != 0) {
        *why = "it is damaged, or was not written by longpress";
        sqlite3_free(data);
        return NULL;
    }
    int code = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code == SQLITE_OK) {
        /* Its own from now on, also when that fails. */
        code = sqlite3_deserialize(db, "main", data, (sqlite3_int64)size, (sqlite3_int64)size,
                                   SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
    } else {
        sqlite3_free(data);
    }
    if (code != SQLITE_OK) {
        *why = journal_code_what(code);
        journal_db_close(db);
        return NULL;
    }
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return db;
}

/* *code: why the journal refused it. */
static enum fate take_file(struct diags *diags, sqlite3 *db, const char *file, int *code)
{
    const char *why = NULL;
    sqlite3 *from = open_copy(file, &why);
    enum fate fate;

    if (from) {
        fate = take_open(diags, db, from, file, code);
    } else {
        fate = why ? leave(diags, file, why) : FATE_GONE; /* another has taken it in */
    }
    journal_db_close(from);
    if (fate == FATE_TAKEN || fate == FATE_THERE_ALREADY) {
        journal_spool_drop(file);
    }
    return fate;
}

/* None of them is lost; but until then they are not in what is shown. */
static void tell_waiting(struct diags *diags, const char *path, const char *const *files,
                         size_t count, const char *why)
{
    diag_warning(diags, place_of(path),
                 "the next longpress that can write to it imports them; until then see each with "
                 "`longpress history --journal FILE`",
                 "%zu run%s wait%s to be imported, the first in `%s`: %s", count,
                 count == 1 ? "" : "s", count == 1 ? "s" : "", files[0], why);
}

static void take_waiting(struct diags *diags, const char *path, sqlite3 *db,
                         const struct waiting *waiting)
{
    size_t taken = 0;
    int code = SQLITE_OK;

    for (size_t i = 0; i < waiting->count; i++) {
        enum fate fate = take_file(diags, db, waiting->files[i], &code);
        taken += fate == FATE_TAKEN;
        if (fate == FATE_REFUSED) {
            tell_waiting(diags, path, waiting->files + i, waiting->count - i,
                         journal_code_what(code));
            break;
        }
    }
    if (taken > 0) {
        diag_warning(diags, place_of(path), NULL,
                     "imported %zu run%s that could not be written to it before", taken,
                     taken == 1 ? "" : "s");
    }
}

void journal_spool_take_into(struct diags *diags, const char *path, sqlite3 *db)
{
    struct waiting waiting = find_waiting(path);

    take_waiting(diags, path, db, &waiting);
    waiting_free(&waiting);
}

void journal_spool_take(struct diags *diags, const char *path)
{
    struct waiting waiting = find_waiting(path);
    struct diags why = DIAGS_INIT;
    sqlite3 *db = waiting.count > 0 ? journal_db_open(&why, path, false) : NULL;

    if (db) {
        take_waiting(diags, path, db, &waiting);
        journal_db_close(db);
    } else if (waiting.count > 0) {
        tell_waiting(diags, path, waiting.files, waiting.count,
                     why.count ? why.items[0].what : "it cannot be opened");
    }
    diags_clear(&why);
    waiting_free(&waiting);
}
