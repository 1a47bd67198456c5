/*
 * Reading a journal without permission to write. SQLite would have to create files beside it (WAL
 * mode), and an older version can only be read once it is migrated. So a copy is read, which is
 * already unlinked when this returns. The same goes for a file that was left in the middle of a
 * write when the machine stopped. On a file system that nobody writes to, the file itself is read
 * if nothing is pending in a -wal or -journal.
 */
#include "rig/journal/journal_internal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { COPY_TRIES = 5 };

static bool is_there(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0;
}

/* Nothing in it can change as long as it is mounted so. */
bool journal_is_frozen(const char *path)
{
    struct arena arena = ARENA_INIT;
    struct statvfs fs;
    bool frozen = statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY) &&
                  !is_there(arena_printf(&arena, "%s-wal", path)) &&
                  !is_there(arena_printf(&arena, "%s-journal", path));

    arena_free(&arena);
    return frozen;
}

int journal_open_frozen(const char *path, sqlite3 **db)
{
    struct arena arena = ARENA_INIT;
    const char *uri = path[0] == '/' ? "file:" : "file:./";

    for (const char *at = path; *at; at++) {
        bool plain = isalnum((unsigned char)*at) || strchr("/._-", *at);
        uri = arena_printf(&arena, plain ? "%s%c" : "%s%%%02x", uri, (unsigned char)*at);
    }
    int code = sqlite3_open_v2(arena_printf(&arena, "%s?immutable=1", uri), db,
                               SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    arena_free(&arena);
    return code;
}

/* ---- the copy ----------------------------------------------------------------------------- */

/* All of a file that is there, under the name `to`. 0, or -1 and errno. */
static int copy_file(const char *from, const char *to)
{
    enum { BLOCK = 256 * 1024 };
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char *block = xcalloc(BLOCK);
    ssize_t got = out < 0 ? -1 : 1;

    while (got > 0 && (got = read(in, block, BLOCK)) > 0) {
        for (ssize_t at = 0, wrote; at < got; at += wrote) {
            wrote = write(out, block + at, (size_t)(got - at));
            if (wrote < 0) {
                got = -1;
                break;
            }
        }
    }
    int error = errno;
    free(block);
    if (in >= 0) {
        close(in);
    }
    if (out >= 0 && close(out) != 0) {
        got = -1;
    }
    errno = error;
    return got < 0 ? -1 : 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* What makes up a journal: the file, what waits in its -wal, and in its -journal what was there
 * before a write that the machine's stop broke off. */
static const char *const parts[] = {"", "-wal", "-journal"};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static void look_at_all(const char *path, struct arena *arena, struct stat looks[PARTS])
{
    for (size_t i = 0; i < PARTS; i++) {
        if (stat(arena_printf(arena, "%s%s", path, parts[i]), &looks[i]) != 0) {
            memset(&looks[i], 0, sizeof(looks[i]));
        }
    }
}

static int copy_parts(const char *path, const char *to, struct arena *arena,
                      const struct stat looks[PARTS])
{
    for (size_t i = 0; i < PARTS; i++) {
        const char *into = arena_printf(arena, "%s%s", to, parts[i]);
        unlink(into);
        if ((i == 0 || looks[i].st_ino) &&
            copy_file(arena_printf(arena, "%s%s", path, parts[i]), into) != 0) {
            return -1;
        }
    }
    return 0;
}

/* A consistent snapshot: nobody wrote to any of them meanwhile. */
static int copy_all(const char *path, const char *to)
{
    struct arena arena = ARENA_INIT;
    int failed = -1;
    bool same = false;

    for (int i = 0; i < COPY_TRIES && !same; i++) {
        struct stat before[PARTS];
        struct stat after[PARTS];
        look_at_all(path, &arena, before);
        failed = copy_parts(path, to, &arena, before);
        look_at_all(path, &arena, after);
        same = true;
        for (size_t j = 0; j < PARTS; j++) {
            same = same && same_file(&before[j], &after[j]);
        }
        if (same && failed) {
            break;
        }
    }
    int error = same ? errno : EBUSY;
    arena_free(&arena);
    errno = error;
    return same ? failed : -1;
}

int journal_copy_aside(const char *path, char folder[JOURNAL_ASIDE_MAX], char *copy)
{
    const char *temporary = getenv("TMPDIR");

    snprintf(folder, JOURNAL_ASIDE_MAX, "%.200s/longpress-XXXXXX",
             temporary && temporary[0] == '/' ? temporary : "/tmp");
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(copy, JOURNAL_ASIDE_MAX, "%.220s/journal.db", folder);
    int failed = copy_all(path, copy);
    if (failed) {
        journal_drop_aside(folder, copy);
    }
    return failed;
}

void journal_drop_aside(const char *folder, const char *copy)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    struct arena arena = ARENA_INIT;
    int error = errno;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        unlink(arena_printf(&arena, "%s%s", copy, ends[i]));
    }
    rmdir(folder);
    arena_free(&arena);
    errno = error;
}
