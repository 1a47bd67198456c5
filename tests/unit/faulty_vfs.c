#include "tests/unit/faulty_vfs.h"

#include "rig/base/arena.h"
#include "tests/unit/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a piece of a file was before it was written to. */
struct undo {
    struct undo *next; /* the one before it */
    char *path;
    int64_t offset;
    int64_t size; /* of the file then */
    int length;
    unsigned char before[];
};

struct faulty_file {
    sqlite3_file base;
    char *path; /* NULL: a temporary file */
    sqlite3_file *real;
};

/* SQLite's VFS is one for the process, and so is this. */
static struct {
    pthread_mutex_t mutex;
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    struct faulty_plan plan;
    int64_t count;
    bool hit;
    bool dark;
    struct undo *undos; /* latest first */
} faulty = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* ---- the plan ----------------------------------------------------------------------------- */

/* Count an operation. SQLITE_OK, or what it is to fail with. */
static int step(int dark_code)
{
    int code = SQLITE_OK;

    pthread_mutex_lock(&faulty.mutex);
    faulty.count++;
    bool now = faulty.count == faulty.plan.at;
    if (now) {
        faulty.hit = true;
        faulty.dark = faulty.plan.power;
    }
    if (faulty.dark) {
        code = dark_code;
    } else if (faulty.hit && (now || faulty.plan.forever)) {
        code = faulty.plan.code;
        errno = faulty.plan.error;
    }
    pthread_mutex_unlock(&faulty.mutex);
    return code;
}

static bool is_dark(void)
{
    pthread_mutex_lock(&faulty.mutex);
    bool dark = faulty.dark;
    pthread_mutex_unlock(&faulty.mutex);
    return dark;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct faulty_file *)(void *)file)->real;
}

static int64_t size_of(sqlite3_file *real)
{
    sqlite3_int64 size = 0;
    real->pMethods->xFileSize(real, &size);
    return size;
}

/* ---- undoing ------------------------------------------------------------------------------ */

/* Only the power needs them. */
static void remember(sqlite3_file *file, int64_t offset, int length)
{
    const char *path = ((struct faulty_file *)(void *)file)->path;

    pthread_mutex_lock(&faulty.mutex);
    bool needed = faulty.plan.power && path;
    pthread_mutex_unlock(&faulty.mutex);
    if (!needed) {
        return;
    }
    struct undo *undo = xcalloc(sizeof(*undo) + (size_t)length);
    undo->path = strdup(path);
    undo->offset = offset;
    undo->size = size_of(real_of(file));
    undo->length = length;
    int64_t there = undo->size - offset;
    int readable = there < 0 ? 0 : there < length ? (int)there : length;
    if (readable > 0) {
        real_of(file)->pMethods->xRead(real_of(file), undo->before, readable, offset);
    }
    pthread_mutex_lock(&faulty.mutex);
    undo->next = faulty.undos;
    faulty.undos = undo;
    pthread_mutex_unlock(&faulty.mutex);
}

/* Of one file, or (NULL) of all. */
static void forget(const char *path)
{
    pthread_mutex_lock(&faulty.mutex);
    for (struct undo **at = &faulty.undos; *at;) {
        struct undo *undo = *at;
        if (!path || strcmp(undo->path, path) == 0) {
            *at = undo->next;
            free(undo->path);
            free(undo);
        } else {
            at = &undo->next;
        }
    }
    pthread_mutex_unlock(&faulty.mutex);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 33;
}

void faulty_vfs_lose(void)
{
    uint64_t random = faulty.plan.seed;

    for (const struct undo *undo = faulty.undos; undo; undo = undo->next) {
        if (next_random(&random) % 3 == 0) {
            continue; /* this one had reached the disk */
        }
        int fd = open(undo->path, O_RDWR | O_CLOEXEC);
        if (fd < 0) {
            continue;
        }
        int64_t there = undo->size - undo->offset;
        size_t length = there < 0 ? 0 : there < undo->length ? (size_t)there : (size_t)undo->length;
        if (pwrite(fd, undo->before, length, undo->offset) < 0 ||
            (undo->offset + undo->length > undo->size && lseek(fd, 0, SEEK_END) > undo->size &&
             next_random(&random) % 2 == 0 && ftruncate(fd, undo->size) != 0)) {
            abort();
        }
        close(fd);
    }
    forget(NULL);
}

/* ---- files -------------------------------------------------------------------------------- */

static int file_close(sqlite3_file *file)
{
    hold_step();
    struct faulty_file *self = (void *)file;
    int code = self->real->pMethods->xClose(self->real);
    free(self->path);
    free(self->real);
    return code;
}

static int file_read(sqlite3_file *file, void *out, int length, sqlite3_int64 offset)
{
    hold_step();
    return real_of(file)->pMethods->xRead(real_of(file), out, length, offset);
}

static int file_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
    hold_step();
    sqlite3_file *real = real_of(file);
    bool was_dark = is_dark();
    int code = step(SQLITE_IOERR_WRITE);

    if (code != SQLITE_OK && was_dark) {
        return code;
    }
    remember(file, offset, length);
    if (code == SQLITE_OK) {
        return real->pMethods->xWrite(real, data, length, offset);
    }
    int error = errno;
    real->pMethods->xWrite(real, data, length / 2, offset);
    errno = error;
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    hold_step();
    int code = step(SQLITE_IOERR_TRUNCATE);

    if (code != SQLITE_OK) {
        return code;
    }
    int64_t length = size_of(real_of(file)) - size;
    if (length > 0) {
        remember(file, size, (int)length);
    }
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    hold_step();
    int code = step(SQLITE_IOERR_FSYNC);

    if (code != SQLITE_OK) {
        return code;
    }
    if (((struct faulty_file *)(void *)file)->path) {
        forget(((struct faulty_file *)(void *)file)->path);
    }
    /* It would be slow, and says nothing more here. */
    (void)flags;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    hold_step();
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int file_lock(sqlite3_file *file, int level)
{
    hold_step();
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    hold_step();
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_reserved(sqlite3_file *file, int *out)
{
    hold_step();
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
    hold_step();
    return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int file_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

/* Nothing is promised: not that a write is whole, nor that what is beside it stays. */
static int file_characteristics(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    hold_step();
    pthread_mutex_lock(&faulty.mutex);
    bool counts = extend && faulty.plan.error;
    pthread_mutex_unlock(&faulty.mutex);
    int code = counts ? step(SQLITE_IOERR_SHMSIZE) : SQLITE_OK;

    if (code != SQLITE_OK) {
        *out = NULL;
        return code;
    }
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int file_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    hold_step();
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    hold_step();
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int file_shm_unmap(sqlite3_file *file, int delete)
{
    hold_step();
    return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* ---- the VFS ------------------------------------------------------------------------------ */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *out_flags)
{
    hold_step();
    struct faulty_file *self = (void *)file;

    (void)vfs;
    *self = (struct faulty_file){.real = xcalloc((size_t)faulty.real->szOsFile)};
    int code = faulty.real->xOpen(faulty.real, name, self->real, flags, out_flags);
    if (code != SQLITE_OK) {
        free(self->real);
        return code;
    }
    self->path = name ? strdup(name) : NULL;
    self->base.pMethods = &methods;
    return code;
}

/* A machine without power deletes nothing. */
static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    hold_step();
    (void)vfs;
    if (is_dark()) {
        return SQLITE_IOERR_DELETE;
    }
    forget(name);
    return faulty.real->xDelete(faulty.real, name, sync_dir);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    hold_step();
    return faulty.real->xAccess(faulty.real, name, flags, out);
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    hold_step();
    return faulty.real->xFullPathname(faulty.real, name, size, out);
}

/* SQLite sleeps when another has the lock. */
static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    hold_waits();
    return faulty.real->xSleep(faulty.real, microseconds);
}

void faulty_vfs_register(void)
{
    faulty.real = sqlite3_vfs_find(NULL);
    faulty.vfs = *faulty.real;
    faulty.vfs.pNext = NULL;
    faulty.vfs.zName = "faulty";
    faulty.vfs.szOsFile = sizeof(struct faulty_file);
    faulty.vfs.xOpen = vfs_open;
    faulty.vfs.xDelete = vfs_delete;
    faulty.vfs.xAccess = vfs_access;
    faulty.vfs.xFullPathname = vfs_full_name;
    faulty.vfs.xSleep = vfs_sleep;
    if (sqlite3_vfs_register(&faulty.vfs, 1) != SQLITE_OK) {
        abort();
    }
}

void faulty_vfs_set(const struct faulty_plan *plan)
{
    forget(NULL);
    pthread_mutex_lock(&faulty.mutex);
    faulty.plan = *plan;
    faulty.count = 0;
    faulty.hit = false;
    faulty.dark = false;
    pthread_mutex_unlock(&faulty.mutex);
}

bool faulty_vfs_hit(void)
{
    pthread_mutex_lock(&faulty.mutex);
    bool hit = faulty.hit;
    pthread_mutex_unlock(&faulty.mutex);
    return hit;
}
