/*
 * watch_probe: what is told of a bench's adapters between runs (hardware/radio/radio_watch.h), as
 * lines. For tests on a fake org.bluez (tests/fakes).
 *
 *     watch_probe ADDRESS... VERB...
 *
 * Verbs, one after the other: until:TEXT[:SECONDS] waits until some adapter's line contains it
 * (60 s if not said) and fails when none does; for:SECONDS waits; quiet:SECONDS waits, and fails
 * when anything came meanwhile; cost prints what was taken since the cost before.
 *
 * A line is printed for every change: "! " before what is a trouble. Nothing may wait: a turn that
 * takes longer than a second fails.
 */
#include "hardware/radio/radio_watch.h"
#include "rig/base/units.h"

#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ADAPTERS_MAX = 4, LINE_MAX_SIZE = 2 * ADAPTER_WORDS_MAX + 64 };

struct probe {
    struct radio_watch *watch;
    const char *addresses[ADAPTERS_MAX];
    char told[ADAPTERS_MAX][LINE_MAX_SIZE];
    size_t count;
    size_t woken; /* by the bus */
    int64_t cpu_ns;
    int64_t wall_ns;
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void tell(struct probe *probe)
{
    for (size_t i = 0; i < probe->count; i++) {
        struct adapter_state state;
        char line[LINE_MAX_SIZE];
        radio_watch_adapter(probe->watch, probe->addresses[i], &state);
        snprintf(line, sizeof(line), "%s%s: %s%s%s", state.trouble ? "! " : "", probe->addresses[i],
                 state.words, state.todo[0] ? "; " : "", state.todo);
        if (strcmp(line, probe->told[i]) != 0) {
            snprintf(probe->told[i], sizeof(probe->told[i]), "%s", line);
            puts(line);
            fflush(stdout);
        }
    }
}

static bool is_told(const struct probe *probe, const char *text)
{
    for (size_t i = 0; i < probe->count; i++) {
        if (strstr(probe->told[i], text)) {
            return true;
        }
    }
    return false;
}

/* Until a line has `text` (NULL: none is waited for) or time is over. */
static bool wait_for(struct probe *probe, const char *text, double seconds)
{
    int64_t end_ns = clock_ns(CLOCK_MONOTONIC) + (int64_t)(seconds * 1e9);
    for (;;) {
        int64_t began_ns = clock_ns(CLOCK_MONOTONIC);
        if (radio_watch_process(probe->watch)) {
            tell(probe);
        }
        int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
        if (now_ns - began_ns > NS_PER_S) {
            printf("FAILED: a turn took %" PRId64 " ms\n", (now_ns - began_ns) / NS_PER_MS);
            exit(1);
        }
        if (text && is_told(probe, text)) {
            return true;
        }
        if (now_ns >= end_ns) {
            return !text;
        }
        struct pollfd polled = {.fd = radio_watch_fd(probe->watch),
                                .events = radio_watch_events(probe->watch)};
        int64_t due_ns = radio_watch_due_ns(probe->watch);
        due_ns = due_ns < end_ns ? due_ns : end_ns;
        int64_t wait_ms = due_ns > now_ns ? (due_ns - now_ns) / NS_PER_MS + 1 : 0;
        probe->woken += poll(&polled, 1, (int)wait_ms) > 0;
    }
}

static void until(struct probe *probe, const char *text)
{
    char wanted[128];
    const char *colon = strrchr(text, ':');
    snprintf(wanted, sizeof(wanted), "%.*s", colon ? (int)(colon - text) : 127, text);
    if (!wait_for(probe, wanted, colon ? strtod(colon + 1, NULL) : 60)) {
        printf("FAILED: nobody told `%s`\n", wanted);
        exit(1);
    }
}

static void quiet(struct probe *probe, double seconds)
{
    size_t before = probe->woken;
    wait_for(probe, NULL, seconds);
    if (probe->woken != before) {
        printf("FAILED: woken %zu times\n", probe->woken - before);
        exit(1);
    }
    puts("quiet");
}

static void print_cost(struct probe *probe)
{
    int64_t cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    int64_t wall_ns = clock_ns(CLOCK_MONOTONIC);
    printf("%.4f %% of a processor in %.1f s, woken %zu times\n",
           100 * (double)(cpu_ns - probe->cpu_ns) / (double)(wall_ns - probe->wall_ns),
           (double)(wall_ns - probe->wall_ns) / 1e9, probe->woken);
    probe->cpu_ns = cpu_ns;
    probe->wall_ns = wall_ns;
    probe->woken = 0;
}

int main(int argc, char **argv)
{
    struct probe probe = {.watch = radio_watch_open(), .wall_ns = clock_ns(CLOCK_MONOTONIC)};
    int i = 1;

    for (; i < argc && argv[i][0] < 'a' && probe.count < ADAPTERS_MAX; i++) {
        probe.addresses[probe.count++] = argv[i];
    }
    tell(&probe);
    for (; i < argc; i++) {
        const char *verb = argv[i];
        if (strncmp(verb, "until:", 6) == 0) {
            until(&probe, verb + 6);
        } else if (strncmp(verb, "for:", 4) == 0) {
            wait_for(&probe, NULL, strtod(verb + 4, NULL));
        } else if (strncmp(verb, "quiet:", 6) == 0) {
            quiet(&probe, strtod(verb + 6, NULL));
        } else if (strcmp(verb, "cost") == 0) {
            print_cost(&probe);
        } else {
            fprintf(stderr, "watch_probe: `%s`?\n", verb);
            return 2;
        }
    }
    radio_watch_close(probe.watch);
    puts("closed");
    return 0;
}
