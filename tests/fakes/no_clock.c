/* To be loaded before the C library (LD_PRELOAD): a board that nobody has told the time. The wall
 * clock begins at 1970, and the kernel says that nobody keeps it right. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
    long status = syscall(SYS_clock_gettime, clock, now);
    if (status == 0 && clock == CLOCK_REALTIME) {
        syscall(SYS_clock_gettime, CLOCK_MONOTONIC, now);
        now->tv_sec %= 1000000;
    }
    return (int)status;
}

int adjtimex(struct timex *kernel)
{
    kernel->status = STA_UNSYNC;
    return TIME_ERROR;
}
