/*
 * SIGKILL at random instants of presses, on several stations at once: to the program that presses,
 * to its keeper, or to both. The lines are read from the chip itself, by nobody who could be wrong
 * about them.
 *
 * usage: soak_kills BENCH SEED COUNT KINDS JOG_EVERY LONGPRESS STATION...
 *
 * COUNT kills on all stations together, each station's in a row. KINDS are letters, of which one is
 * drawn for each: p(arent), k(eeper), b(oth). Every JOG_EVERYth press (0: none) is made by
 * `LONGPRESS jog`, the others by the same port without the command around it, which is quicker to
 * start.
 *
 * It is a failure when a line is still active 5 s after the kill, or is active again after all who
 * could press are gone; it is said which one, and goes on. Prints a line for each kill,
 *
 *     STATION NUMBER p|k|b port|jog before|held|after INSTANT_US
 *
 * where INSTANT_US counts from when the press was due (jog: was seen). How long it took is in the
 * kernel's trace, between the marks "strike STATION NUMBER p|k|b", and "after STATION" once both
 * have ended and no line is active. Exit status: 0, 1 after a failure, 2 for a usage error.
 */
#include "hardware/gpio/lines.h"
#include "hardware/station/station_port.h"
#include "rig/base/units.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LEAD_NS (4 * NS_PER_MS)
#define HOLD_NS (60 * NS_PER_MS)
/* Of the press's end and what comes after it. */
#define TAIL_NS   (4 * NS_PER_MS)
#define LATEST_NS (5 * NS_PER_S)
/* A look at a line costs an emulated processor some 70 us. */
#define LOOK_NS (2 * NS_PER_MS)
#define REST_NS (5 * NS_PER_MS)

enum { LINES_PER_STATION = 4, STATIONS_MAX = 16, STRIKER_PRIORITY = 80, CHILDREN_MAX = 32 };

/* What all stations' kills have in common. */
struct soak {
    const struct bench *bench;
    const char *bench_path;
    const char *kinds;
    const char *longpress;
    uint64_t seed;
    long count;
    long jog_every;
    int trace;
};

struct watched {
    int fd; /* the chip's value */
    char inactive;
};

struct site {
    const struct soak *soak;
    const struct station *station;
    uint64_t random;
    size_t line_count;
    struct watched lines[LINES_PER_STATION];
    long failures;
};

struct victim {
    pid_t pid;
    int parent; /* pidfds */
    int keeper;
    int64_t due_ns; /* of the press */
    bool jog;
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "soak_kills: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void sleep_until(int64_t at_ns)
{
    struct timespec at = {.tv_sec = at_ns / NS_PER_S, .tv_nsec = at_ns % NS_PER_S};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

__attribute__((format(printf, 2, 3))) static void mark(int trace, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vdprintf(trace, format, arguments) < 0) {
        fail("trace_marker");
    }
    va_end(arguments);
}

static uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* ---- the lines, as the chip has them ---- */

static void watch_lines(struct site *site)
{
    for (size_t i = 0; i < site->station->actuator_count && i < LINES_PER_STATION; i++) {
        const struct line_ref *ref = &site->station->actuators[i].line;
        struct line_facts facts = {0};
        char path[256];
        lines_read_facts(ref, &facts);
        snprintf(path, sizeof(path), "/sys/bus/gpio/devices/%.64s/sim_gpio%u/value", facts.chip,
                 facts.offset);
        site->lines[i].fd = open(path, O_RDONLY | O_CLOEXEC);
        site->lines[i].inactive = ref->active_low ? '1' : '0';
        if (site->lines[i].fd < 0) {
            fail(path);
        }
        site->line_count++;
    }
}

static bool any_active(const struct site *site)
{
    bool active = false;
    for (size_t i = 0; i < site->line_count; i++) {
        char level = 0;
        if (pread(site->lines[i].fd, &level, 1, 0) != 1) {
            fail("a line's value");
        }
        active = active || level != site->lines[i].inactive;
    }
    return active;
}

/* ---- who presses ---- */

struct started {
    int keeper;
    int64_t due_ns;
};

/* By the port alone: tells its keeper and when the press is due, and waits for what becomes of it.
 */
static _Noreturn void press_by_port(const struct site *site, int out)
{
    struct diags diags = DIAGS_INIT;
    struct port_event event;
    struct port *port = station_port_open(&diags, site->soak->bench, site->station, NULL, -1);

    if (!port) {
        diags_print(&diags, stderr);
        _exit(1);
    }
    struct started started = {.keeper = station_port_powers(port).pid,
                              .due_ns = port->ops->now(port) + LEAD_NS};
    struct press_order order = {.press = 1,
                                .mask = (UINT32_C(1) << site->line_count) - 1,
                                .press_ns = started.due_ns,
                                .energise_ns = HOLD_NS};
    if (port->ops->press(port, &order) != 0 ||
        write(out, &started, sizeof(started)) != sizeof(started)) {
        _exit(1);
    }
    do {
        event.kind = PORT_EDGE;
        port->ops->next(port, INT64_MAX, &event);
    } while (event.kind != PORT_FAULT);
    port->ops->close(port);
    _exit(5);
}

static _Noreturn void press_by_jog(const struct site *site)
{
    const struct soak *soak = site->soak;
    char hold[24];
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nowhere, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    snprintf(hold, sizeof(hold), "%" PRId64 "ms", HOLD_NS / NS_PER_MS);
    execl(soak->longpress, "longpress", "jog", site->station->name,
          site->station->actuators[0].control, "--for", hold, "--bench", soak->bench_path, NULL);
    _exit(127);
}

static int pidfd(pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0) {
        fail("pidfd_open");
    }
    return fd;
}

/* False: not by then. */
static bool wait_ended(int fd, int64_t until_ns)
{
    struct pollfd ended = {.fd = fd, .events = POLLIN};
    int64_t left_ns = until_ns - now_ns();
    return poll(&ended, 1, left_ns > 0 ? (int)(left_ns / NS_PER_MS) + 1 : 0) == 1;
}

/* A small file of /proc, as text. */
static void read_proc(pid_t pid, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, size - 1) : 0;
    text[length > 0 ? length : 0] = '\0';
    if (fd >= 0) {
        close(fd);
    }
}

/* The children of a process that has one thread. How many. */
static size_t children_of(pid_t pid, pid_t children[CHILDREN_MAX])
{
    char name[32];
    char text[CHILDREN_MAX * 12];
    char *end;
    size_t count = 0;
    snprintf(name, sizeof(name), "task/%d/children", (int)pid);
    read_proc(pid, name, text, sizeof(text));
    for (char *at = text; count < CHILDREN_MAX; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at) {
            break;
        }
        children[count++] = (pid_t)child;
    }
    return count;
}

static pid_t keeper_of(pid_t pid)
{
    pid_t children[CHILDREN_MAX];
    size_t count = children_of(pid, children);
    for (size_t i = 0; i < count; i++) {
        char name[32];
        read_proc(children[i], "comm", name, sizeof(name));
        if (strcmp(name, "longpress-keep\n") == 0) {
            return children[i];
        }
    }
    errno = ESRCH;
    fail("jog has no keeper");
}

static struct victim start_jog(const struct site *site)
{
    struct victim victim = {.jog = true, .pid = fork()};
    if (victim.pid == 0) {
        prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL);
        press_by_jog(site);
    }
    int64_t end_ns = now_ns() + LATEST_NS;
    while (!any_active(site)) {
        if (now_ns() > end_ns) {
            errno = ETIMEDOUT;
            fail("jog did not press");
        }
        sleep_until(now_ns() + LOOK_NS);
    }
    victim.due_ns = now_ns();
    victim.parent = pidfd(victim.pid);
    victim.keeper = pidfd(keeper_of(victim.pid));
    return victim;
}

static struct victim start_port(const struct site *site)
{
    struct victim victim = {0};
    struct started started;
    int pipes[2];
    if (pipe(pipes) != 0) {
        fail("pipe");
    }
    victim.pid = fork();
    if (victim.pid == 0) {
        prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL);
        close(pipes[0]);
        press_by_port(site, pipes[1]);
    }
    close(pipes[1]);
    if (victim.pid < 0 || read(pipes[0], &started, sizeof(started)) != sizeof(started)) {
        fail("the program that presses did not start");
    }
    close(pipes[0]);
    victim.due_ns = started.due_ns;
    victim.parent = pidfd(victim.pid);
    victim.keeper = pidfd(started.keeper);
    return victim;
}

/* Whoever is left, a guard among them. */
static void clean_up(const struct victim *victim)
{
    pid_t children[CHILDREN_MAX];
    size_t count;
    close(victim->parent);
    close(victim->keeper);
    while ((count = children_of(getpid(), children)) > 0) {
        for (size_t i = 0; i < count; i++) {
            kill(children[i], SIGKILL);
            waitpid(children[i], NULL, 0);
        }
    }
}

/* ---- the kill ---- */

static void send_kill(int fd)
{
    /* ESRCH: it has ended by itself, as jog does after its press. */
    if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) != 0 && errno != ESRCH) {
        fail("pidfd_send_signal");
    }
}

static void strike(const struct victim *victim, char kind, bool keeper_first)
{
    if (kind != 'p' && keeper_first) {
        send_kill(victim->keeper);
    }
    if (kind != 'k') {
        send_kill(victim->parent);
    }
    if (kind != 'p' && !keeper_first) {
        send_kill(victim->keeper);
    }
}

static void complain(struct site *site, long number, char kind, int64_t instant_ns,
                     const char *what)
{
    site->failures++;
    printf("FAILED %s %ld: %s, killed %" PRId64 " us after the press was due: %s\n",
           site->station->name, number,
           kind == 'p'   ? "the parent"
           : kind == 'k' ? "the keeper"
                         : "both at once",
           instant_ns / NS_PER_US, what);
}

/* Until both have ended and no line is active. False: one still is. */
static bool wait_inactive(const struct site *site, const struct victim *victim, int64_t struck_ns)
{
    int64_t latest_ns = struck_ns + LATEST_NS;
    bool ended = wait_ended(victim->parent, latest_ns) && wait_ended(victim->keeper, latest_ns);
    while (any_active(site)) {
        if (!ended || now_ns() > latest_ns) {
            return false;
        }
        sleep_until(now_ns() + LOOK_NS);
    }
    return true;
}

static void one(struct site *site, long number)
{
    const struct soak *soak = site->soak;
    bool by_jog = soak->jog_every > 0 && number % soak->jog_every == 0;
    char kind = soak->kinds[next_random(&site->random) % strlen(soak->kinds)];
    bool keeper_first = next_random(&site->random) % 2;
    int64_t instant_ns = (int64_t)(next_random(&site->random) % (LEAD_NS + HOLD_NS + TAIL_NS));
    struct victim victim = by_jog ? start_jog(site) : start_port(site);

    instant_ns -= by_jog ? 0 : LEAD_NS;
    sleep_until(victim.due_ns + instant_ns);
    bool held = any_active(site);
    mark(soak->trace, "strike %s %ld %c", site->station->name, number, kind);
    strike(&victim, kind, keeper_first);
    bool inactive = wait_inactive(site, &victim, now_ns());
    mark(soak->trace, "after %s", site->station->name);
    if (!inactive) {
        complain(site, number, kind, instant_ns, "a line is still active 5 s later");
    } else {
        sleep_until(now_ns() + REST_NS);
        if (any_active(site)) {
            complain(site, number, kind, instant_ns, "a line became active again");
        }
    }
    printf("%s %ld %c %s %s %" PRId64 "\n", site->station->name, number, kind,
           by_jog ? "jog" : "port",
           held             ? "held"
           : instant_ns < 0 ? "before"
                            : "after",
           instant_ns / NS_PER_US);
    clean_up(&victim);
}

/* All of a station's kills, in a process of its own, so that what a victim leaves is its child. The
 * exit status. */
static int soak_station(const struct soak *soak, const struct station *station, long index,
                        long stations)
{
    struct site site = {.soak = soak, .station = station};
    struct sched_param param = {.sched_priority = STRIKER_PRIORITY};

    prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL);
    /* Nobody is to come between a mark and its kill; its children have their usual priorities. */
    if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) != 0) {
        fail("SCHED_FIFO");
    }
    watch_lines(&site);
    site.random = soak->seed * 1000003 + (uint64_t)index;
    for (long i = 1 + index; i <= soak->count; i += stations) {
        one(&site, i);
    }
    fflush(stdout);
    return site.failures > 0;
}

static int soak_all(const struct soak *soak, const struct station *stations[], long count)
{
    int failed = 0;
    int status;

    for (long i = 0; i < count; i++) {
        pid_t pid = fork();
        if (pid < 0) {
            fail("fork");
        }
        if (pid == 0) {
            exit(soak_station(soak, stations[i], i, count));
        }
    }
    while (wait(&status) > 0) {
        failed |= status != 0;
    }
    return failed;
}

static bool read_number(const char *text, long *number)
{
    char *end;
    errno = 0;
    *number = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *number >= 0;
}

int main(int argc, char **argv)
{
    struct diags diags = DIAGS_INIT;
    struct soak soak = {0};
    const struct station *stations[STATIONS_MAX];
    long seed = 0;
    long station_count = argc - 7;

    if (station_count < 1 || station_count > STATIONS_MAX || !read_number(argv[2], &seed) ||
        !read_number(argv[3], &soak.count) || strspn(argv[4], "pkb") == 0 ||
        argv[4][strspn(argv[4], "pkb")] != '\0' || !read_number(argv[5], &soak.jog_every)) {
        fputs("usage: soak_kills BENCH SEED COUNT KINDS JOG_EVERY LONGPRESS STATION...\n", stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    soak.bench_path = argv[1];
    soak.kinds = argv[4];
    soak.longpress = argv[6];
    soak.seed = (uint64_t)seed;
    struct bench *bench = bench_load(&diags, argv[1]);
    soak.bench = bench;
    for (long i = 0; i < station_count; i++) {
        stations[i] = bench ? bench_station(bench, argv[7 + i], &diags) : NULL;
        if (!stations[i]) {
            diags_print(&diags, stderr);
            return 2;
        }
    }
    soak.trace = open("/sys/kernel/tracing/trace_marker", O_WRONLY | O_CLOEXEC);
    if (soak.trace < 0) {
        fail("trace_marker");
    }
    int status = soak_all(&soak, stations, station_count);
    bench_free(bench);
    return status;
}
