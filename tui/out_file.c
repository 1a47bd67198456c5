#include "tui/out_file.h"

#include "rig/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char todo_write[] = "name a file in a folder that can be written to";

/* A file without a name, in the folder of `path`: whatever ends the program leaves nothing of it.
 * -1 where there is no such thing (NFS, FAT). */
static int open_nameless(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    int fd = -1;

    if (!folder) {
        out_of_memory();
    }
    if (access("/proc/self/fd", X_OK) == 0) { /* by which it gets its name */
        fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    }
    free(folder);
    return fd;
}

/* Under `name`, whoever has it now. */
static int give_name(int fd, const char *name)
{
    char from[64];
    snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
    int result = linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
    if (result != 0 && errno == EEXIST && unlink(name) == 0) {
        result = linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
    }
    return result;
}

static FILE *open_temporary(struct out_file *file, const char *path)
{
    static const char ending[] = ".part";
    size_t size = strlen(path) + sizeof(ending);
    int fd = open_nameless(path);

    file->temporary = xcalloc(size);
    snprintf(file->temporary, size, "%s%s", path, ending);
    file->nameless = fd >= 0;
    return file->nameless ? fdopen(fd, "w") : fopen(file->temporary, "we");
}

int out_file_open(struct out_file *file, const char *path, struct diags *diags)
{
    struct stat is;

    *file = (struct out_file){.stream = stdout, .path = path};
    if (!path) {
        return 0;
    }
    /* A device or a pipe is no file to be replaced. */
    bool replaced = stat(path, &is) != 0 || S_ISREG(is.st_mode);
    file->stream = replaced ? open_temporary(file, path) : fopen(path, "w");
    if (!file->stream) {
        diag_error(diags, place_of(path), todo_write, "cannot be written: %s", strerror(errno));
        free(file->temporary);
        file->temporary = NULL;
        return -1;
    }
    return 0;
}

int out_file_close(struct out_file *file, bool good, struct diags *diags)
{
    int error = good ? 0 : errno;
    if (!file->path) {
        return 0;
    }
    bool named = !file->nameless;
    if (good && file->nameless) {
        named = fflush(file->stream) == 0 && give_name(fileno(file->stream), file->temporary) == 0;
        good = named;
        error = named ? 0 : errno;
    }
    if (fclose(file->stream) != 0 && good) {
        good = false;
        error = errno;
    }
    if (good && file->temporary && rename(file->temporary, file->path) != 0) {
        good = false;
        error = errno;
    }
    if (!good) {
        diag_error(diags, place_of(file->path), todo_write, "was not written: %s",
                   strerror(error ? error : EIO));
        if (file->temporary && named) {
            unlink(file->temporary);
        }
    }
    free(file->temporary);
    file->temporary = NULL;
    return good ? 0 : -1;
}
