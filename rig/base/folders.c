#include "rig/base/folders.h"

#include "rig/base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int folder_sync_of(const char *path)
{
    char *name = strdup(path);

    if (!name) {
        out_of_memory();
    }
    int fd = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0;
    if (fd >= 0) {
        close(fd);
    }
    free(name);
    return failed ? -1 : 0;
}

void folders_make(const char *path)
{
    struct arena arena = ARENA_INIT;
    char *folder = arena_strdup(&arena, path);

    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) == 0) {
            folder_sync_of(folder);
        }
        *slash = '/';
    }
    arena_free(&arena);
}
