/*
 * A fake org.bluez: the D-Bus side of bluetoothd as a script tells it, for tests without a radio.
 *
 *     fake_bluez [--log FILE] [--ready FILE] SCRIPT
 *
 * README.md has the script's language; with-bus gives it a bus of its own. FILE of --log gets a
 * line for each call; that of --ready gets one when org.bluez is on the bus. It ends on SIGTERM or
 * SIGINT, with status 1 if an expectation of the script was not met, and 2 if the script is wrong.
 */
#include "tests/fakes/fake_bluez.h"

#include "rig/base/units.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
    (void)number;
    ended = 1;
}

int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

const char *short_name(const char *name)
{
    static const char *const prefixes[] = {BLUEZ ".", DBUS "."};
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(name, prefixes[i], length) == 0) {
            return name + length;
        }
    }
    return name;
}

/* ---- the log -----------------------------------------------------------------------------------
 */

static void log_line(struct fake *fake, const char *fmt, va_list arguments)
{
    if (fake->log) {
        fprintf(fake->log, "%.3f ", (double)(now_ns() - fake->start_ns) / (double)NS_PER_S);
        vfprintf(fake->log, fmt, arguments);
        fputc('\n', fake->log);
        fflush(fake->log);
    }
}

void say(struct fake *fake, const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    log_line(fake, fmt, arguments);
    va_end(arguments);
}

void fail(struct fake *fake, int line, const char *fmt, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, fmt);
    vsnprintf(text, sizeof(text), fmt, arguments);
    va_end(arguments);
    fake->failures++;
    fprintf(stderr, "%s:%d: FAIL: %s\n", fake->script_name, line, text);
    say(fake, "FAIL line %d: %s", line, text);
}

/* ---- on the bus --------------------------------------------------------------------------------
 */

static int join(struct fake *fake)
{
    sd_bus *bus = NULL;
    int result = sd_bus_open_system(&bus);
    if (result >= 0) {
        result = sd_bus_add_filter(bus, NULL, calls_on_message, fake);
    }
    if (result >= 0) {
        result = sd_bus_match_signal(bus, NULL, DBUS, "/org/freedesktop/DBus", DBUS,
                                     "NameOwnerChanged", calls_on_owner, fake);
    }
    if (result >= 0) {
        result = sd_bus_request_name(bus, BLUEZ, 0);
    }
    if (result < 0) {
        fprintf(stderr, "fake_bluez: cannot be org.bluez: %s\n", strerror(-result));
        sd_bus_unref(bus);
        return -1;
    }
    fake->bus = bus;
    return 0;
}

static void begin(struct fake *fake)
{
    static const char *const managers[] = {AGENTS, PROFILES};
    bool made;
    for (size_t i = 0; i < 2; i++) {
        table_add(&fake->table, "/org/bluez", managers[i], &made);
    }
    fake->start_ns = now_ns();
    for (size_t i = 0; i < fake->script.first_count; i++) {
        action_run(fake, &fake->script.first[i]);
    }
}

static void say_ready(const char *file)
{
    FILE *out = fopen(file, "we");
    if (!out || fputs("ready\n", out) < 0 || fclose(out) < 0) {
        fprintf(stderr, "fake_bluez: %s: %s\n", file, strerror(errno));
    }
}

/* The earliest of what is to come, at or after which the loop has to go round. */
static int64_t next_ns(struct fake *fake)
{
    int64_t events_ns = events_due_ns(fake);
    int64_t calls_ns = calls_due_ns(fake);
    int64_t next = events_ns < calls_ns ? events_ns : calls_ns;
    uint64_t bus_us = UINT64_MAX;
    if (fake->bus) {
        sure(sd_bus_get_timeout(fake->bus, &bus_us));
    } else if (fake->back_ns < next) {
        next = fake->back_ns;
    }
    if (bus_us < (uint64_t)(INT64_MAX / NS_PER_US) && (int64_t)bus_us * NS_PER_US < next) {
        next = (int64_t)bus_us * NS_PER_US;
    }
    /* A daemon that hangs does nothing until then. */
    return fake->hung_ns > next || fake->hung_ns > now_ns() ? fake->hung_ns : next;
}

static void wait_for_something(struct fake *fake, const sigset_t *signals)
{
    bool listens = fake->bus && fake->hung_ns <= now_ns();
    struct pollfd polled = {.fd = listens ? sd_bus_get_fd(fake->bus) : -1};
    if (listens) {
        polled.events = (short)sure(sd_bus_get_events(fake->bus));
    }
    int64_t left_ns = next_ns(fake);
    left_ns = left_ns == INT64_MAX ? 60 * NS_PER_S : left_ns - now_ns();
    left_ns = left_ns < 0 ? 0 : left_ns;
    struct timespec timeout = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
    ppoll(&polled, 1, &timeout, signals);
}

/* What is due, in the order in which it fell due, however late this process is. 0, or -1 when the
 * bus went away. */
static int run_due(struct fake *fake)
{
    while (fake->hung_ns <= now_ns()) {
        int64_t events_ns = events_due_ns(fake);
        int64_t calls_ns = calls_due_ns(fake);
        int64_t back_ns = fake->bus ? INT64_MAX : fake->back_ns;
        int64_t first_ns = events_ns < calls_ns ? events_ns : calls_ns;
        if (back_ns < first_ns && back_ns <= now_ns()) {
            if (join(fake) < 0) {
                return -1;
            }
            say(fake, "back on the bus");
            table_announce_all(&fake->table, fake->bus);
        } else if (first_ns > now_ns()) {
            return 0;
        } else if (events_ns == first_ns) {
            events_run_next(fake);
        } else {
            calls_run_next(fake);
        }
    }
    return 0;
}

/* 0, or -1 when the bus went away. */
static int serve(struct fake *fake, const sigset_t *signals)
{
    while (!ended) {
        if (run_due(fake) < 0) {
            return -1;
        }
        int done = fake->bus && fake->hung_ns <= now_ns() ? sd_bus_process(fake->bus, NULL) : 0;
        if (done < 0) {
            fprintf(stderr, "fake_bluez: the bus: %s\n", strerror(-done));
            return -1;
        }
        if (done == 0) {
            wait_for_something(fake, signals);
        }
    }
    return 0;
}

static int run(struct fake *fake, const char *ready)
{
    sigset_t blocked;
    sigset_t before;
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);

    begin(fake);
    if (join(fake) < 0) {
        return 1;
    }
    fake->start_ns = now_ns();
    for (size_t i = 0; i < fake->script.timed_count; i++) {
        struct timed *timed = &fake->script.timed[i];
        events_add(fake, fake->start_ns + timed->at_ns, &timed->action);
    }
    if (ready) {
        say_ready(ready);
    }
    int result = serve(fake, &before);
    events_finish(fake);
    return result < 0 || fake->failures ? 1 : 0;
}

static void end(struct fake *fake)
{
    sd_bus *bus = fake->bus;
    fake->bus = NULL;
    calls_forget(fake, NULL);
    sd_bus_flush_close_unref(bus);
    for (size_t i = 0; i < fake->end_count; i++) {
        close(fake->ends[i]);
    }
    free(fake->ends);
    free(fake->events);
    free(fake->held);
    free(fake->sessions);
    table_free(&fake->table);
    script_free(&fake->script);
    if (fake->log) {
        fclose(fake->log);
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"log", required_argument, NULL, 'l'}, {"ready", required_argument, NULL, 'r'}, {0}};
    struct fake fake = {0};
    struct diags diags = DIAGS_INIT;
    const char *log = NULL;
    const char *ready = NULL;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'l') {
            log = optarg;
        } else if (option == 'r') {
            ready = optarg;
        } else {
            return 2;
        }
    }
    if (optind + 1 != argc) {
        fputs("usage: fake_bluez [--log FILE] [--ready FILE] SCRIPT\n", stderr);
        return 2;
    }
    fake.script_name = argv[optind];
    int result = script_read(&diags, fake.script_name, &fake.script) < 0 ? 2 : 0;
    diags_print(&diags, stderr);
    diags_clear(&diags);
    if (result == 0 && !getenv("DBUS_SYSTEM_BUS_ADDRESS")) {
        fputs("fake_bluez: DBUS_SYSTEM_BUS_ADDRESS is not set: the machine's own bus is not for "
              "it\n",
              stderr);
        result = 2;
    }
    if (result == 0 && log && !(fake.log = fopen(log, "we"))) {
        fprintf(stderr, "fake_bluez: %s: %s\n", log, strerror(errno));
        result = 2;
    }
    result = result ? result : run(&fake, ready);
    end(&fake);
    return result;
}
