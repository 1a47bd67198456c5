/*
 * Only memory that the process itself uses is locked: it is forked from a program whose timelines
 * may be large, and copying and locking them for each station would take longer than the keepers of
 * other stations wait for their parent.
 */
#include "hardware/guard/apart.h"

#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK_ROOM = 64 * 1024 };

/* Programs and libraries as they were loaded: what may run, all of it, is read in now. */
static int lock_loaded(struct dl_phdr_info *info, size_t size, void *context)
{
    bool *locked = context;
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && segment->p_memsz > 0) {
            /* What it counts from is an integer: no pointer leads there. */
            const void *start = (const void *)(info->dlpi_addr + segment->p_vaddr); /* NOLINT */
            *locked = mlock(start, segment->p_memsz) == 0 && *locked;
        }
    }
    return 0;
}

/* The stack as deep as it will ever be, there before it is needed. */
static void touch_stack(void)
{
    volatile char room[STACK_ROOM];
    for (size_t i = 0; i < sizeof(room); i += 1024) {
        room[i] = 0;
    }
}

bool apart_lock_memory(void)
{
    /* The rest is locked as soon as it is touched. mlock2(2), MCL_ONFAULT: Linux 4.4 */
    bool locked = mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
    if (locked) {
        dl_iterate_phdr(lock_loaded, &locked);
        touch_stack();
    }
    return locked;
}

void apart_close_inherited(int *keep[], size_t count)
{
    int next = STDERR_FILENO + 1;

    /* Out of the way first: a number that is needed may be another's. */
    for (size_t i = 0; i < count; i++) {
        if (*keep[i] >= 0) {
            *keep[i] = fcntl(*keep[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1 + APART_KEEP_MAX);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (*keep[i] >= 0 && dup3(*keep[i], next, O_CLOEXEC) >= 0) {
            *keep[i] = next++;
        }
    }
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && null >= 0; fd++) {
        dup2(null, fd);
    }
    close_range((unsigned)next, ~0U, 0);
}

void apart_spare_from_oom(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        static const char never[] = "-1000";
        ssize_t written = write(fd, never, sizeof(never) - 1);
        (void)written;
        close(fd);
    }
}
