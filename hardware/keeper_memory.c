/*
 * The keeper's memory stays where it is. Only what the keeper uses: it is forked from a program
 * whose timelines may be large, and a copy of them, locked, for each station would take longer to
 * make than other stations' keepers wait for their parent.
 */
#include "hardware/keeper_protocol.h"

#include <link.h>
#include <sys/mman.h>

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

bool keeper_lock_memory(void)
{
    /* The rest is locked as soon as it is touched. mlock2(2), MCL_ONFAULT: Linux 4.4 */
    bool locked = mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
    if (locked) {
        dl_iterate_phdr(lock_loaded, &locked);
        touch_stack();
    }
    return locked;
}
