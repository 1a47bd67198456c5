/*
 * Strikes down the program that presses, again and again, each time at a random instant of a press,
 * and leaves marks in the kernel's trace, for whoever reads there what became of the lines.
 *
 * usage: strike HOW BENCH STATION COUNT CONTROL...
 *
 * HOW: KILL or STOP the program, the keeper left to see to it; or both at once, the guard left to
 * it: BOTH (SIGKILL), GROUPS (SIGKILL to their process groups), HALT (SIGSTOP), CGROUP (killed),
 * FREEZE (the cgroup frozen).
 *
 * Marks: "strike I" just before, "after I" once the keeper has ended (KILL, STOP), or once all
 * lines are inactive, which is read where STRIKE_LINES says: "LEVEL:FILE ..." (the inactive level,
 * and the file that has it). Those that were stopped or frozen go on then, which must press
 * nothing. Exit status: 0, 1 when something went wrong, or that took longer than 5 s.
 */
#include "hardware/station/station_port.h"
#include "rig/base/units.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

/* Longer than anybody waits here. */
#define HOLD_NS (8 * NS_PER_S)
/* The strike falls within that from when the press was ordered; it begins in the first tenth. */
#define SPREAD_NS (40 * NS_PER_MS)

enum { END_MS = 30000, LINES_MAX = 16, PATH_MAX_HERE = 256 };

/* What those who go on may do before it is looked at again. */
#define GO_ON_NS (20 * NS_PER_MS)

static const char cgroup[] = "/sys/fs/cgroup/strike";

enum how { KILL, STOP, BOTH, GROUPS, HALT, CGROUP, FREEZE, HOW_COUNT };
static const char *const how_names[HOW_COUNT] = {"KILL", "STOP",   "BOTH",  "GROUPS",
                                                 "HALT", "CGROUP", "FREEZE"};

struct watched_line {
    char path[PATH_MAX_HERE];
    char inactive;
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "strike: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void mark(int trace, const char *what, long number)
{
    char text[40];
    int length = snprintf(text, sizeof(text), "%s %ld", what, number);
    if (write(trace, text, (size_t)length) != length) {
        fail("trace_marker");
    }
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[PATH_MAX_HERE];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) {
        fail(path);
    }
    close(fd);
}

static size_t read_lines(struct watched_line lines[LINES_MAX])
{
    const char *text = getenv("STRIKE_LINES");
    size_t count = 0;
    int used = 0;
    while (text && count < LINES_MAX &&
           sscanf(text, " %c:%255s%n", &lines[count].inactive, lines[count].path, &used) == 2) {
        text += used;
        count++;
    }
    return count;
}

static bool all_inactive(const struct watched_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char level = 0;
        int fd = open(lines[i].path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, &level, 1) != 1) {
            fail(lines[i].path);
        }
        close(fd);
        if (level != lines[i].inactive) {
            return false;
        }
    }
    return true;
}

static void pause_ns(int64_t length_ns)
{
    struct timespec wait = {.tv_sec = length_ns / NS_PER_S, .tv_nsec = length_ns % NS_PER_S};
    nanosleep(&wait, NULL);
}

static void wait_inactive(const struct watched_line *lines, size_t count)
{
    for (int waited = 0; !all_inactive(lines, count); waited++) {
        if (waited >= END_MS) {
            errno = ETIMEDOUT;
            fail("a line stayed active");
        }
        pause_ns(NS_PER_MS);
    }
}

static void hit(enum how how, pid_t pid, pid_t keeper)
{
    switch (how) {
    case KILL:
        kill(pid, SIGKILL);
        break;
    case STOP:
        kill(pid, SIGSTOP);
        break;
    case BOTH:
        kill(keeper, SIGKILL);
        kill(pid, SIGKILL);
        break;
    case GROUPS:
        kill(-keeper, SIGKILL);
        kill(-pid, SIGKILL);
        break;
    case HALT:
        kill(keeper, SIGSTOP);
        kill(pid, SIGSTOP);
        break;
    case CGROUP:
        write_file(cgroup, "cgroup.kill", "1");
        break;
    default:
        write_file(cgroup, "cgroup.freeze", "1");
        break;
    }
}

static void go_on(enum how how, pid_t pid)
{
    if (how == HALT) {
        kill(pid, SIGCONT);
    } else if (how == FREEZE) {
        write_file(cgroup, "cgroup.freeze", "0");
    }
}

/* The program that presses: tells the keeper's process on `out`, and waits for its fate. */
static _Noreturn void victim(const struct bench *bench, const struct station *station,
                             uint32_t mask, int out)
{
    struct diags diags = DIAGS_INIT;
    struct port_event event;

    setpgid(0, 0);
    if (access(cgroup, F_OK) == 0) {
        write_file(cgroup, "cgroup.procs", "0");
    }
    struct port *port = station_port_open(&diags, bench, station, NULL, -1);
    diags_print(&diags, stderr);
    if (!port) {
        _exit(1);
    }
    int keeper = station_port_powers(port).pid;
    struct press_order order = {.press = 1,
                                .mask = mask,
                                .press_ns = port->ops->now(port) + SPREAD_NS / 10,
                                .energise_ns = HOLD_NS};
    if (port->ops->press(port, &order) != 0 ||
        write(out, &keeper, sizeof(keeper)) != sizeof(keeper)) {
        _exit(1);
    }
    for (;;) {
        port->ops->next(port, INT64_MAX, &event);
    }
}

static void wait_ended(int pidfd)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    if (poll(&ended, 1, END_MS) != 1) {
        errno = ETIMEDOUT;
        fail("the keeper did not end");
    }
}

static void strike(int trace, enum how how, long number, const struct bench *bench,
                   const struct station *station, uint32_t mask)
{
    struct watched_line lines[LINES_MAX];
    size_t line_count = read_lines(lines);
    int pipes[2];
    int keeper;

    if (pipe(pipes) != 0) {
        fail("pipe");
    }
    pid_t pid = fork();
    if (pid == 0) {
        victim(bench, station, mask, pipes[1]);
    }
    close(pipes[1]);
    if (pid < 0 || read(pipes[0], &keeper, sizeof(keeper)) != sizeof(keeper)) {
        fail("the program that presses did not start");
    }
    close(pipes[0]);
    int pidfd = (int)syscall(SYS_pidfd_open, keeper, 0);
    if (pidfd < 0) {
        fail("pidfd_open");
    }
    pause_ns(random() % SPREAD_NS);
    mark(trace, "strike", number);
    hit(how, pid, keeper);
    if (how == KILL || how == STOP) {
        wait_ended(pidfd);
        mark(trace, "after", number);
    } else {
        /* What was struck before it had pressed is not waited for in vain: its order is armed. */
        wait_ended(pidfd);
        wait_inactive(lines, line_count);
        mark(trace, "after", number);
        go_on(how, pid);
        pause_ns(GO_ON_NS);
        if (!all_inactive(lines, line_count)) {
            errno = 0;
            fail("a line became active again");
        }
    }
    close(pidfd);
    kill(pid, SIGKILL);
    /* The keeper is ours too by now, and so is its guard. */
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
}

int main(int argc, char **argv)
{
    struct diags diags = DIAGS_INIT;
    uint32_t mask = 0;
    int how = 0;

    while (argc > 1 && how < HOW_COUNT && strcmp(argv[1], how_names[how]) != 0) {
        how++;
    }
    if (argc < 6 || how == HOW_COUNT) {
        fprintf(stderr, "usage: strike KILL|STOP|BOTH|GROUPS|HALT|CGROUP|FREEZE BENCH STATION "
                        "COUNT CONTROL...\n");
        return 2;
    }
    struct bench *bench = bench_load(&diags, argv[2]);
    const struct station *station = bench ? bench_station(bench, argv[3], &diags) : NULL;
    diags_print(&diags, stderr);
    diags_clear(&diags);
    for (int i = 5; station && i < argc; i++) {
        int actuator = bench_station_actuator(station, argv[i]);
        mask |= actuator >= 0 ? UINT32_C(1) << actuator : 0;
    }
    if (mask == 0) {
        bench_free(bench);
        return 2;
    }
    int trace = open("/sys/kernel/tracing/trace_marker", O_WRONLY | O_CLOEXEC);
    if (trace < 0) {
        fail("trace_marker");
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
    const char *seed = getenv("LAB_SEED");
    srandom(seed ? (unsigned)strtoul(seed, NULL, 10) : (unsigned)time(NULL));
    for (long i = 1, count = strtol(argv[4], NULL, 10); i <= count; i++) {
        strike(trace, (enum how)how, i, bench, station, mask);
    }
    close(trace);
    bench_free(bench);
    return 0;
}
