/* The spool's files: where they are and how they are written. journal_take.c reads them. */
#include "rig/journal/journal_spool.h"

#include "rig/base/folders.h"

#include "rig/format/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names -------------------------------------------------------------------------------- */

/* The user's own, by a hash of the journal's name: there may be several. NULL without a home. */
static const char *users_place(struct arena *arena, const char *journal)
{
    enum { NAME_LENGTH = 16 };
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    uint8_t hash[SHA256_BYTES];
    char name[SHA256_TEXT_MAX];

    sha256(journal, strlen(journal), hash);
    sha256_text(name, hash);
    if (state && state[0] == '/') {
        return arena_printf(arena, "%s/longpress/%.*s.spool", state, NAME_LENGTH, name);
    }
    return home && home[0] == '/' ? arena_printf(arena, "%s/.local/state/longpress/%.*s.spool",
                                                 home, NAME_LENGTH, name)
                                  : NULL;
}

/* The path without links, so that a journal has one spool by whatever name it is opened; of one
 * that is not there its folder's. */
static const char *real_journal(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *real = realpath(path, NULL);
    const char *name = real ? arena_strdup(arena, real) : NULL;

    free(real);
    if (!name) {
        const char *folder = slash ? arena_strndup(arena, path, (size_t)(slash - path) + 1) : ".";
        real = realpath(folder, NULL);
        name = real ? arena_printf(arena, "%s/%s", real, slash ? slash + 1 : path) : path;
        free(real);
    }
    return name;
}

void journal_spool_places(struct arena *arena, const char *path, const char *places[SPOOL_PLACES])
{
    const char *journal = real_journal(arena, path);

    places[0] = arena_printf(arena, "%s.spool", journal);
    places[1] = users_place(arena, journal);
}

bool journal_spool_named(const char *name)
{
    enum { NUMBERS = 3, DIGITS_MAX = 18 + 1 };
    static const char *const ends[NUMBERS] = {"-", "-", ".db"};

    for (int i = 0; i < NUMBERS; i++) {
        size_t digits = strspn(name, "0123456789");
        if (digits == 0 || digits > DIGITS_MAX || name[0] == '0' ||
            strncmp(name + digits, ends[i], strlen(ends[i])) != 0) {
            return false;
        }
        name += digits + strlen(ends[i]);
    }
    return *name == '\0';
}

/* ---- a run as a journal of its own -------------------------------------------------------- */

static int store(sqlite3 *db, const struct journal_process *holder, const struct journal_job *job,
                 int64_t *number)
{
    static const struct journal_process nobody = {.machine = ""};

    switch (job->kind) {
    case JOB_BEGIN:
        return journal_store_begin(db, &job->begin, holder ? holder : &nobody, number);
    case JOB_APPEND:
        return journal_store_append(db, &job->append, *number);
    case JOB_FINISH:
        return journal_store_finish(db, &job->append, &job->finish, *number);
    }
    return SQLITE_OK;
}

/* A verdict is the journal's end of a run; here its holder may still bring it there. */
static int hold(sqlite3 *db, const struct journal_process *holder, int64_t number)
{
    int code = journal_sql(db, "DELETE FROM running", "");

    return code == SQLITE_OK && holder
               ? journal_sql(db,
                             "INSERT INTO running (run, pid, started, space, machine)"
                             " VALUES (?, ?, ?, ?, ?)",
                             "iiiit", number, holder->pid, holder->started, holder->space,
                             holder->machine)
               : code;
}

/* In memory: no disk is in the way. */
static unsigned char *build(const struct journal_process *holder,
                            const struct journal_job *const *jobs, size_t count,
                            sqlite3_int64 *size)
{
    sqlite3 *db = NULL;
    int64_t number = 0;
    int code = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

    if (code == SQLITE_OK) {
        code = journal_sql(db, "PRAGMA page_size = 1024", "");
    }
    if (code == SQLITE_OK) {
        struct journal_look look = {.form = FORM_EMPTY};
        code = journal_bring_up(db, &look);
    }
    for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
        code = store(db, holder, jobs[i], &number);
    }
    if (code == SQLITE_OK) {
        code = hold(db, holder, number);
    }
    unsigned char *image = code == SQLITE_OK ? sqlite3_serialize(db, "main", size, 0) : NULL;
    journal_db_close(db);
    return image;
}

/* ---- the file ----------------------------------------------------------------------------- */

static int write_all(int fd, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, data, size);
        if (wrote < 0 && errno != EINTR) {
            return -1;
        }
        data += wrote > 0 ? wrote : 0;
        size -= wrote > 0 ? (size_t)wrote : 0;
    }
    return 0;
}

/* Under another name first. 0, or -1: then nothing of it is left. */
static int write_file(struct arena *arena, const char *file, const unsigned char *image,
                      size_t size)
{
    uint8_t hash[SHA256_BYTES];

    enum { FOLDER_TRIES = 3 };
    const char *part = arena_printf(arena, "%s.part", file);
    int fd = -1;
    /* Who takes in the last file of a folder removes it, perhaps just now. */
    for (int i = 0; i < FOLDER_TRIES && fd < 0 && (i == 0 || errno == ENOENT); i++) {
        folders_make(file);
        unlink(part); /* of a process of that number that was killed */
        fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    }
    if (fd < 0) {
        return -1;
    }
    sha256(image, size, hash);
    int failed =
        write_all(fd, image, size) != 0 || write_all(fd, hash, sizeof(hash)) != 0 || fsync(fd) != 0;
    failed |= close(fd) != 0;
    if (failed || rename(part, file) != 0) {
        unlink(part);
        return -1;
    }
    return folder_sync_of(file);
}

char *journal_spool_write(const char *path, const char *before,
                          const struct journal_process *holder,
                          const struct journal_job *const *jobs, size_t count)
{
    struct arena arena = ARENA_INIT;
    const char *places[SPOOL_PLACES];
    sqlite3_int64 size = 0;
    unsigned char *image = build(holder, jobs, count, &size);
    char *written = NULL;

    journal_spool_places(&arena, path, places);
    for (size_t i = 0; i < SPOOL_PLACES && image && places[i] && !written; i++) {
        const char *file =
            arena_printf(&arena, "%s/%" PRId64 "-%" PRId64 "-%" PRId64 ".db", places[i],
                         jobs[0]->begin.began_ns, (int64_t)getpid(), jobs[0]->handle);
        if (write_file(&arena, file, image, (size_t)size) == 0) {
            written = strdup(file);
        }
    }
    if (written && before && strcmp(before, written) != 0) {
        journal_spool_drop(before);
    }
    sqlite3_free(image);
    arena_free(&arena);
    return written;
}

void journal_spool_drop(const char *file)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal", ".part"};
    struct arena arena = ARENA_INIT;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        unlink(arena_printf(&arena, "%s%s", file, ends[i]));
    }
    /* Its folder, once nothing waits there. */
    const char *slash = strrchr(file, '/');
    if (slash) {
        rmdir(arena_strndup(&arena, file, (size_t)(slash - file)));
    }
    arena_free(&arena);
}
