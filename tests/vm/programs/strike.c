/*
 * Strikes down the program that presses, again and again, each time at a random instant of a press,
 * and leaves marks in the kernel's trace, for whoever reads there what became of the lines.
 *
 * usage: strike KILL|STOP BENCH STATION COUNT CONTROL...
 *
 * Marks: "strike I" just before the signal, "after I" once the keeper has ended. Exit status: 0,
 * 1 when something went wrong, or the keeper did not end within 5 s.
 */
#include "hardware/station_port.h"
#include "rig/units.h"

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

enum { END_MS = 5000 };

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

/* The program that presses: tells the keeper's process on `out`, and waits for its fate. */
static _Noreturn void victim(const struct bench *bench, const struct station *station,
                             uint32_t mask, int out)
{
    struct diags diags = DIAGS_INIT;
    struct port_event event;
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

static void strike(int trace, int signal_number, long number, const struct bench *bench,
                   const struct station *station, uint32_t mask)
{
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
    struct pollfd ended = {.fd = (int)syscall(SYS_pidfd_open, keeper, 0), .events = POLLIN};
    if (ended.fd < 0) {
        fail("pidfd_open");
    }
    struct timespec wait = {.tv_nsec = random() % SPREAD_NS};
    nanosleep(&wait, NULL);
    mark(trace, "strike", number);
    kill(pid, signal_number);
    if (poll(&ended, 1, END_MS) != 1) {
        errno = ETIMEDOUT;
        fail("the keeper did not end");
    }
    mark(trace, "after", number);
    close(ended.fd);
    kill(pid, SIGKILL);
    /* The keeper is ours too by now. */
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
}

int main(int argc, char **argv)
{
    struct diags diags = DIAGS_INIT;
    uint32_t mask = 0;

    if (argc < 6) {
        fprintf(stderr, "usage: strike KILL|STOP BENCH STATION COUNT CONTROL...\n");
        return 2;
    }
    int signal_number = strcmp(argv[1], "STOP") == 0 ? SIGSTOP : SIGKILL;
    struct bench *bench = bench_load(&diags, argv[2]);
    const struct station *station = bench ? bench_station(bench, argv[3], &diags) : NULL;
    diags_print(&diags, stderr);
    diags_clear(&diags);
    for (int i = 5; station && i < argc; i++) {
        int actuator = station_actuator(station, argv[i]);
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
        strike(trace, signal_number, i, bench, station, mask);
    }
    close(trace);
    bench_free(bench);
    return 0;
}
