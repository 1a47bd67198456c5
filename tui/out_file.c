#include "tui/out_file.h"

#include "rig/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char todo_write[] = "name a file in a folder that can be written to";

int out_file_open(struct out_file *file, const char *path, struct diags *diags)
{
    static const char ending[] = ".part";
    struct stat is;

    *file = (struct out_file){.stream = stdout, .path = path};
    if (!path) {
        return 0;
    }
    if (stat(path, &is) == 0 && !S_ISREG(is.st_mode)) {
        /* A device or a pipe is no file to be replaced. */
        file->stream = fopen(path, "w");
    } else {
        size_t size = strlen(path) + sizeof(ending);
        file->temporary = xcalloc(size);
        snprintf(file->temporary, size, "%s%s", path, ending);
        file->stream = fopen(file->temporary, "we");
    }
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
        if (file->temporary) {
            unlink(file->temporary);
        }
    }
    free(file->temporary);
    file->temporary = NULL;
    return good ? 0 : -1;
}
