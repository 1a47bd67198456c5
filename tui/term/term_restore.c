#include "tui/term/term_restore.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STILL_MS = 50, /* how long a terminal may take nothing before it counts as standing still */
    PIECE = 64,    /* as in tui/term/term_wire.c: never waits when poll has said yes */
};

/* Shared with the guardian. Two plans, so that one is always whole, whenever the end comes. */
struct page {
    int fd;
    pid_t owner;
    pid_t guardian;  /* -1: none */
    int pipe;        /* its other end is the guardian's: it sees when all of ours are closed */
    atomic_int live; /* 0: nothing to mend; else a plan's place + 1 */
    struct term_restore_plan plans[2];
};

static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum { FATAL_COUNT = sizeof(fatal) / sizeof(fatal[0]) };

/* A signal handler and atexit have no argument to come by these. */
static struct page *page;
static struct sigaction before[FATAL_COUNT];
static bool at_exit_known;

/* ---- mending; async-signal-safe all of it ------------------------------------------------------
 */

static bool takes_more(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    int count = poll(&poll_fd, 1, STILL_MS);
    return count > 0 && !(poll_fd.revents & (POLLERR | POLLHUP | POLLNVAL));
}

static void send_out(int fd, const char *bytes, size_t length)
{
    bool pushed = false;

    while (length > 0) {
        if (!takes_more(fd)) {
            if (pushed) {
                return;
            }
            /* Ctrl-S, or a link that stalls: what waits in the kernel was a frame, nobody's loss.
             */
            tcflush(fd, TCOFLUSH);
            tcflow(fd, TCOON);
            pushed = true;
            continue;
        }
        ssize_t count = write(fd, bytes, length < PIECE ? length : PIECE);
        if (count < 0 && errno != EAGAIN && errno != EINTR) {
            return;
        }
        if (count > 0) {
            bytes += count;
            length -= (size_t)count;
        }
    }
}

static void set_modes(int fd, const struct termios *modes)
{
    while (tcsetattr(fd, TCSANOW, modes) != 0 && errno == EINTR) {
    }
}

static void mend(void)
{
    int live = atomic_load(&page->live);
    if (live > 0) {
        const struct term_restore_plan *plan = &page->plans[live - 1];
        send_out(page->fd, plan->bytes, plan->length);
        set_modes(page->fd, &plan->saved);
        atomic_store(&page->live, 0);
    }
}

static void mend_if_ours(void)
{
    if (page && getpid() == page->owner) {
        mend();
    }
}

static void on_fatal(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    mend_if_ours();
    for (size_t i = 0; i < FATAL_COUNT; i++) {
        if (fatal[i] == signal_number) {
            sigaction(signal_number, &before[i], NULL);
        }
    }
    /* A fault happens again on return, with all that a sanitizer or a core dump wants to know. What
     * somebody sent must be sent again. */
    if (info->si_code <= 0) {
        raise(signal_number);
    }
}

/* ---- the guardian ------------------------------------------------------------------------------
 */

static bool same_modes(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag &&
           memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc)) == 0;
}

static void close_all_but(int low, int high)
{
    if (low > high) {
        int swap = low;
        low = high;
        high = swap;
    }
    if (low > 0) {
        close_range(0, (unsigned)low - 1, 0);
    }
    if (high > low + 1) {
        close_range((unsigned)low + 1, (unsigned)high - 1, 0);
    }
    close_range((unsigned)high + 1, ~0U, 0);
}

static _Noreturn void guardian(int watched)
{
    sigset_t all;
    struct termios now;
    char byte;

    /* Whatever ends the others of the terminal is not for this one: no signal of its own session
     * comes, and those that are sent stay pending. */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    prctl(PR_SET_NAME, "longpress-tty", 0UL, 0UL, 0UL);
    close_all_but(page->fd, watched);
    while (read(watched, &byte, 1) < 0 && errno == EINTR) {
    }
    int live = atomic_load(&page->live);
    if (live > 0) {
        const struct term_restore_plan *plan = &page->plans[live - 1];
        if (tcgetattr(page->fd, &now) == 0 && same_modes(&now, &plan->taken)) {
            set_modes(page->fd, &plan->saved);
        }
        send_out(page->fd, plan->bytes, plan->length);
    }
    _exit(0);
}

static void start_guardian(void)
{
    int ends[2];

    page->guardian = -1;
    page->pipe = -1;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return;
    }
    page->guardian = fork();
    if (page->guardian == 0) {
        guardian(ends[0]);
    }
    close(ends[0]);
    if (page->guardian < 0) {
        close(ends[1]);
        return;
    }
    page->pipe = ends[1];
}

/* ---- beginning and end -------------------------------------------------------------------------
 */

int term_restore_begin(int fd)
{
    struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO};

    page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        page = NULL;
        return -1;
    }
    page->owner = getpid();
    page->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (page->fd < 0) {
        int error = errno;
        munmap(page, sizeof(*page));
        page = NULL;
        errno = error;
        return -1;
    }
    start_guardian();
    if (!at_exit_known) {
        at_exit_known = atexit(mend_if_ours) == 0;
    }
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < FATAL_COUNT; i++) {
        sigaction(fatal[i], &action, &before[i]);
    }
    return 0;
}

void term_restore_arm(const struct term_restore_plan *plan)
{
    int next = atomic_load(&page->live) == 1 ? 1 : 0;
    page->plans[next] = *plan;
    atomic_store(&page->live, next + 1);
}

void term_restore_now(void)
{
    mend_if_ours();
}

void term_restore_end(void)
{
    for (size_t i = 0; i < FATAL_COUNT; i++) {
        sigaction(fatal[i], &before[i], NULL);
    }
    atomic_store(&page->live, 0);
    if (page->guardian > 0) {
        /* It has nothing to do any more; killed, it cannot keep us waiting. */
        kill(page->guardian, SIGKILL);
        while (waitpid(page->guardian, NULL, 0) < 0 && errno == EINTR) {
        }
        close(page->pipe);
    }
    close(page->fd);
    munmap(page, sizeof(*page));
    page = NULL;
}
