#include "tui/cli/out_file.h"

#include "rig/base/arena.h"
#include "rig/base/folders.h"
#include "rig/journal/out_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char todo_write[] = "name a file in a writable folder";

/* ---- may it be? --------------------------------------------------------------------------- */

/* Checks what is at `path`; errors call it `name`. */
static int check_reads(const char *path, const char *name, const struct out_rules *rules,
                       struct diags *diags)
{
    for (size_t i = 0; i < OUT_READS_MAX; i++) {
        if (rules->reads[i] && out_is_of(path, rules->reads[i])) {
            return diag_error(
                diags, place_of(name), "name another file to write to",
                "is `%s`, which this command uses, or part of it: it is not overwritten",
                rules->reads[i]);
        }
    }
    return 0;
}

static int check(const char *path, const char *name, const struct out_rules *rules,
                 struct diags *diags)
{
    struct stat is;

    if (check_reads(path, name, rules, diags) != 0) {
        return -1;
    }
    enum out_kind kind = out_kind_of(path);
    bool there = lstat(path, &is) == 0;
    if (there && rules->over == OUT_OVER_NOTHING) {
        return diag_error(diags, place_of(name), rules->todo,
                          "already exists, and is not overwritten");
    }
    if (there && rules->over == OUT_OVER_PROFILE && !S_ISREG(is.st_mode)) {
        return diag_error(diags, place_of(name), "name a regular file",
                          "is not a regular file, and is not overwritten");
    }
    if (kind == OUT_NOTHING || kind == OUT_ORDINARY ||
        (kind == OUT_PROFILE && rules->over == OUT_OVER_PROFILE)) {
        return 0;
    }
    return diag_error(diags, place_of(name),
                      "name another file to write to, or move that one away first",
                      "is %s: it is not overwritten", out_kind_words(kind));
}

int out_file_check(const char *path, const struct out_rules *rules, struct diags *diags)
{
    return path ? check(path, path, rules, diags) : 0;
}

/* ---- opening ------------------------------------------------------------------------------ */

/* The permissions that open() would give a new file. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* A file without a name, in the folder of `name`: it vanishes however the program ends. -1 where
 * this is not supported (NFS, FAT). */
static int open_nameless(const char *name)
{
    char *folder = strndup(name, (size_t)(strrchr(name, '/') - name) + 1);
    int fd = -1;

    if (!folder) {
        out_of_memory();
    }
    if (access("/proc/self/fd", X_OK) == 0) { /* by which it gets its name */
        fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    }
    free(folder);
    return fd;
}

/* An unused name in the same folder as `name`. */
static char *other_name(const char *name)
{
    char *other = NULL;
    if (asprintf(&other, "%s.XXXXXX", name) < 0) {
        out_of_memory();
    }
    return other;
}

static FILE *open_plain(struct out_file *file)
{
    int fd = open_nameless(file->name);

    if (fd < 0) {
        file->temporary = other_name(file->name);
        fd = mkostemp(file->temporary, O_CLOEXEC);
        if (fd < 0) {
            int error = errno;
            free(file->temporary);
            file->temporary = NULL;
            errno = error;
        }
    }
    return fd < 0 ? NULL : fdopen(fd, "w");
}

/* Is it one of our own descriptors, such as /dev/stdout? A file behind one is not replaced, but
 * written at the descriptor's position. -1: no. */
static int own_descriptor(const char *path, const struct stat *is)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    struct stat own;

    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fstat(fd, &own) == 0 && own.st_dev == is->st_dev && own.st_ino == is->st_ino) {
            return fd;
        }
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        size_t length = strlen(folders[i]);
        char *end;
        if (strncmp(path, folders[i], length) == 0) {
            long fd = strtol(path + length, &end, 10);
            return end > path + length && !*end && fd >= 0 && fd <= INT_MAX ? (int)fd : -1;
        }
    }
    return -1;
}

static FILE *open_stream(struct out_file *file)
{
    struct stat is;
    bool there = stat(file->path, &is) == 0;
    int own = there ? own_descriptor(file->path, &is) : -1;

    if (own >= 0) {
        int fd = fcntl(own, F_DUPFD_CLOEXEC, 0);
        return fd < 0 ? NULL : fdopen(fd, "w");
    }
    /* A device or a pipe is not replaced. */
    if (there && !S_ISREG(is.st_mode)) {
        return fopen(file->path, "we");
    }
    file->mode = there ? is.st_mode & 0777 : usual_mode();
    file->name = out_real_name(file->path);
    return file->name ? open_plain(file) : NULL;
}

int out_file_open(struct out_file *file, const char *path, const struct out_rules *rules,
                  struct diags *diags)
{
    *file = (struct out_file){.path = path, .rules = *rules};
    if (!path) {
        file->stream = stdout;
        return 0;
    }
    if (out_file_check(path, rules, diags) != 0) {
        return -1;
    }
    file->stream = open_stream(file);
    if (!file->stream) {
        diag_error(diags, place_of(path), todo_write, "cannot be written: %s", strerror(errno));
        out_file_drop(file);
        return -1;
    }
    return 0;
}

/* ---- its name ----------------------------------------------------------------------------- */

static int give_name(int fd, const char *name)
{
    char from[64];
    snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* Takes a free name; a file that has appeared there meanwhile stays: -1 with EEXIST. */
static int put_new(struct out_file *file)
{
    if (!file->temporary) {
        return give_name(fileno(file->stream), file->name);
    }
    int failed = renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->name, RENAME_NOREPLACE);
    if (failed && (errno == EINVAL || errno == ENOSYS)) {
        /* The file system does not support it (NFS): the check before has to do. */
        errno = EEXIST;
        failed = access(file->name, F_OK) == 0 ? -1 : rename(file->temporary, file->name);
    }
    if (!failed) {
        free(file->temporary);
        file->temporary = NULL;
    }
    return failed;
}

static int exchange(const struct out_file *file)
{
    return renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->name, RENAME_EXCHANGE);
}

/* Exchanges the two names, then checks the old file once more: another program may have put it
 * there just now. 1: refused and reported, and the old file is back. */
static int put_by_exchange(struct out_file *file, struct diags *diags)
{
    if (exchange(file) != 0) {
        /* Nothing is there any more, or the file system does not support it (NFS). */
        bool other_way = errno == ENOENT || errno == EINVAL || errno == ENOSYS;
        return other_way ? rename(file->temporary, file->name) : -1;
    }
    if (check(file->temporary, file->name, &file->rules, diags) != 0) {
        if (exchange(file) != 0) {
            diag_error(diags, place_of(file->name), "move it back", "is `%s` now: %s",
                       file->temporary, strerror(errno));
            free(file->temporary);
            file->temporary = NULL;
        }
        return 1;
    }
    return unlink(file->temporary);
}

/* In the place of what is there. */
static int put_over(struct out_file *file, struct diags *diags)
{
    enum { TRIES = 100 };

    for (int i = 0; i < TRIES && !file->temporary; i++) {
        char *name = other_name(file->name);
        int fd = mkostemp(name, O_CLOEXEC); /* for a name that nothing has */
        if (fd >= 0) {
            close(fd);
            unlink(name);
        }
        if (fd >= 0 && give_name(fileno(file->stream), name) == 0) {
            file->temporary = name;
            break;
        }
        free(name);
        if (fd < 0 || errno != EEXIST) {
            return -1;
        }
    }
    int failed = file->temporary ? put_by_exchange(file, diags) : -1;
    if (!failed) {
        free(file->temporary);
        file->temporary = NULL;
    }
    return failed;
}

/* Checks the name once more, as it is now: other programs may have changed it meanwhile. 1: refused
 * and reported. */
static int put_in_place(struct out_file *file, struct diags *diags)
{
    struct stat is;

    if (fflush(file->stream) != 0 || fchmod(fileno(file->stream), file->mode) != 0 ||
        fsync(fileno(file->stream)) != 0) {
        return -1;
    }
    if (out_file_check(file->name, &file->rules, diags) != 0) {
        return 1;
    }
    bool there = lstat(file->name, &is) == 0;
    int failed = there ? put_over(file, diags) : put_new(file);
    if (!there && failed && errno == EEXIST) {
        if (out_file_check(file->name, &file->rules, diags) != 0) {
            return 1;
        }
        failed = put_over(file, diags);
    }
    if (!failed) {
        folder_sync_of(file->name);
    }
    return failed;
}

int out_file_close(struct out_file *file, bool good, struct diags *diags)
{
    int error = good ? 0 : errno;
    int refused = 0;

    if (!file->path) {
        return 0;
    }
    if (good && file->name) {
        refused = put_in_place(file, diags);
        good = refused == 0;
        error = good ? 0 : errno;
    }
    if (fclose(file->stream) != 0 && good) {
        good = false;
        error = errno;
    }
    file->stream = NULL;
    if (!file->name && error == EPIPE) {
        good = true; /* whoever read it has seen enough */
    }
    if (!good && refused != 1) {
        diag_error(diags, place_of(file->path), todo_write, "was not written: %s",
                   strerror(error ? error : EIO));
    }
    out_file_drop(file);
    return good ? 0 : -1;
}

void out_file_drop(struct out_file *file)
{
    if (file->stream && file->path) {
        fclose(file->stream);
    }
    if (file->temporary) {
        unlink(file->temporary);
    }
    free(file->temporary);
    free(file->name);
    file->stream = NULL;
    file->temporary = file->name = NULL;
}
