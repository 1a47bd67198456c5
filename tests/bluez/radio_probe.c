/*
 * radio_probe: the rig's radio by itself, driven from the command line, its events as lines. For
 * tests on a fake org.bluez (tests/fakes).
 *
 *     radio_probe [SETTING=VALUE | FLAG]... VERB...
 *
 * Settings: adapter, name, le, address, done (repeatable), floor, margin; flags: bond, gone,
 * services, forget. Verbs, one after the other: watch, discover, stop, connect, pair,
 * choose:ADDRESS; until:EVENT[:SECONDS] waits for an event (60 s if not said) and fails when it
 * does not come; for:SECONDS waits; battery prints it; cost prints what was taken since the cost
 * before, in percent of a processor, and the memory beyond that of the program without a radio.
 *
 * A turn of the radio that takes longer than 100 ms is told, and fails: nothing in it may wait.
 */
#include "hardware/radio/radio.h"
#include "rig/base/text.h"
#include "rig/base/units.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DONE_MAX = 16 };

struct cost {
    int64_t cpu_ns;
    int64_t wall_ns;
    long resident_kb; /* before there was a radio */
};

static const int64_t TURN_NS = 100 * NS_PER_MS;

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void print_event(const struct port_event *event)
{
    char text[4 * PORT_TEXT_MAX];
    printf("%s", radio_event_name(event->radio));
    if (event->value) {
        printf(" %" PRId64, event->value);
    }
    if (event->mask) {
        printf(" %s", radio_transport_name(event->mask));
    }
    if (event->text[0]) {
        printf(" `%s`", text_printable(text, sizeof(text), event->text));
    }
    if (event->error[0]) {
        printf(" (%s)", event->error);
    }
    if (event->object[0] && event->radio != RADIO_NOTE) {
        printf(" %s", event->object);
    }
    putchar('\n');
    fflush(stdout);
}

/* Until the event comes (NULL: none is waited for) or time is over. */
static bool wait_for(struct radio *radio, const char *wanted, double seconds)
{
    int64_t end_ns = clock_ns(CLOCK_MONOTONIC) + (int64_t)(seconds * 1e9);
    for (;;) {
        struct pollfd fds[RADIO_FDS_MAX];
        struct port_event event;
        int64_t begin_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
        int64_t wall_ns = clock_ns(CLOCK_MONOTONIC);
        radio_process(radio);
        wall_ns = clock_ns(CLOCK_MONOTONIC) - wall_ns;
        begin_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
        /* Asleep, and not merely passed over by a busy machine: the processor was not used. */
        if (wall_ns > TURN_NS && begin_ns < wall_ns / 2 && wall_ns > 10 * TURN_NS) {
            printf("FAILED: a turn took %" PRId64 " ms\n", wall_ns / NS_PER_MS);
            exit(1);
        }
        while (radio_event(radio, &event)) {
            print_event(&event);
            if (wanted && strcmp(radio_event_name(event.radio), wanted) == 0) {
                return true;
            }
        }
        int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
        if (now_ns >= end_ns) {
            return !wanted;
        }
        int64_t due_ns = radio_due_ns(radio);
        due_ns = due_ns < end_ns ? due_ns : end_ns;
        int64_t wait_ms = due_ns > now_ns ? (due_ns - now_ns) / NS_PER_MS + 1 : 0;
        poll(fds, (nfds_t)radio_fds(radio, fds), (int)wait_ms);
    }
}

static void until(struct radio *radio, const char *text)
{
    char event[32];
    const char *colon = strchr(text, ':');
    snprintf(event, sizeof(event), "%.*s", colon ? (int)(colon - text) : 31, text);
    if (!wait_for(radio, event, colon ? strtod(colon + 1, NULL) : 60)) {
        printf("FAILED: no event `%s` came\n", event);
        exit(1);
    }
}

static long resident_kb(void)
{
    char line[128];
    long kb = -1;
    FILE *in = fopen("/proc/self/status", "re");
    while (in && kb < 0 && fgets(line, sizeof(line), in)) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    if (in) {
        fclose(in);
    }
    return kb;
}

/* From the verb before on: what is there before the radio is not its cost. */
static void print_cost(struct cost *cost)
{
    int64_t cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    int64_t wall_ns = clock_ns(CLOCK_MONOTONIC);
    printf("%.3f %% of a processor in %.1f s, %ld kB more resident\n",
           100 * (double)(cpu_ns - cost->cpu_ns) / (double)(wall_ns - cost->wall_ns),
           (double)(wall_ns - cost->wall_ns) / 1e9, resident_kb() - cost->resident_kb);
    cost->cpu_ns = cpu_ns;
    cost->wall_ns = wall_ns;
}

int main(int argc, char **argv)
{
    struct radio_setup setup = {.rssi_floor = -75, .rssi_margin = 6};
    const char *done[DONE_MAX];
    struct cost cost = {.wall_ns = clock_ns(CLOCK_MONOTONIC), .resident_kb = resident_kb()};
    int i = 1;

    setup.done = done;
    for (; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        const char *word = argv[i];
        if (value) {
            *value++ = '\0';
            setup.adapter = strcmp(word, "adapter") == 0 ? value : setup.adapter;
            setup.name = strcmp(word, "name") == 0 ? value : setup.name;
            setup.le_name = strcmp(word, "le") == 0 ? value : setup.le_name;
            setup.address = strcmp(word, "address") == 0 ? value : setup.address;
            setup.rssi_floor =
                strcmp(word, "floor") == 0 ? (int)strtol(value, NULL, 10) : setup.rssi_floor;
            setup.rssi_margin =
                strcmp(word, "margin") == 0 ? (int)strtol(value, NULL, 10) : setup.rssi_margin;
            if (strcmp(word, "done") == 0 && setup.done_count < DONE_MAX) {
                done[setup.done_count++] = value;
            }
        } else if (strcmp(word, "bond") == 0) {
            setup.needs_bond = true;
        } else if (strcmp(word, "gone") == 0) {
            setup.finds_gone = true;
        } else if (strcmp(word, "services") == 0) {
            setup.finds_services = true;
        } else if (strcmp(word, "forget") == 0) {
            setup.forget = true;
        } else {
            break;
        }
    }
    struct radio *radio = radio_open(&setup);
    for (; i < argc; i++) {
        const char *verb = argv[i];
        if (strcmp(verb, "watch") == 0) {
            radio_command(radio, RADIO_START_WATCH, NULL);
        } else if (strcmp(verb, "discover") == 0) {
            radio_command(radio, RADIO_START_DISCOVERY, NULL);
        } else if (strcmp(verb, "stop") == 0) {
            radio_command(radio, RADIO_STOP_DISCOVERY, NULL);
        } else if (strcmp(verb, "connect") == 0) {
            radio_command(radio, RADIO_CONNECT, NULL);
        } else if (strcmp(verb, "pair") == 0) {
            radio_command(radio, RADIO_PAIR, NULL);
        } else if (strncmp(verb, "choose:", 7) == 0) {
            radio_command(radio, RADIO_CHOOSE, verb + 7);
        } else if (strncmp(verb, "until:", 6) == 0) {
            until(radio, verb + 6);
        } else if (strncmp(verb, "for:", 4) == 0) {
            wait_for(radio, NULL, strtod(verb + 4, NULL));
        } else if (strcmp(verb, "battery") == 0) {
            printf("battery %d\n", radio_battery(radio));
        } else if (strcmp(verb, "cost") == 0) {
            print_cost(&cost);
        } else {
            fprintf(stderr, "radio_probe: `%s`?\n", verb);
            return 2;
        }
    }
    radio_close(radio);
    puts("closed");
    return 0;
}
