/*
 * Presses through the station's port, with nothing above it: for the tests of the keeper on real
 * lines, and for the comparison of press accuracy.
 *
 * usage: press_driver BENCH STATION COUNT HOLD_MS GAP_MS CONTROL...
 *
 * Prints a line for all that the port tells; "ready" when it is open. Exit status: 0, 2 for a usage
 * error, 4 after the e-stop, 5 after a fault.
 */
#include "hardware/station/station_port.h"
#include "rig/base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DONE = 0, USAGE = 2, ABORTED = 4, BENCH_ERROR = 5 };

/* From the order to the press: time for the keeper to get ready for it. */
#define LEAD_NS (2 * NS_PER_MS)

struct presses {
    uint32_t mask;
    uint32_t count;
    int64_t hold_ns;
    int64_t gap_ns;
};

static void show(const struct port_event *event)
{
    switch (event->kind) {
    case PORT_PRESSED:
    case PORT_RELEASED:
        printf("%s %u mask %u at %" PRId64 " until %" PRId64 "%s\n",
               event->kind == PORT_PRESSED ? "pressed" : "released", event->press, event->mask,
               event->at_ns, event->until_ns, event->early ? " early" : "");
        break;
    case PORT_EDGE:
        printf("edge %d level %u at %" PRId64 "\n", event->input, event->level, event->time_ns);
        break;
    case PORT_LOST:
        printf("lost %d count %" PRId64 "\n", event->input, event->count);
        break;
    case PORT_GUARD:
        printf("guard: %s\n", event->text);
        break;
    case PORT_ESTOP:
        puts("estop");
        break;
    case PORT_FAULT:
        printf("fault: %s; %s\n", event->text, event->text2);
        break;
    case PORT_RADIO:
    case PORT_ANSWER:
        break;
    }
}

/* One press, to its end: nobody here asks for an early release, so that one has a reason, which
 * follows. */
static int press(struct port *port, const struct press_order *order)
{
    struct port_event event;

    if (port->ops->press(port, order) != 0) {
        printf("refused: %s\n", strerror(errno));
        return BENCH_ERROR;
    }
    do {
        if (!port->ops->next(port, INT64_MAX, &event)) {
            continue;
        }
        show(&event);
        if (event.kind == PORT_ESTOP || event.kind == PORT_FAULT) {
            return event.kind == PORT_ESTOP ? ABORTED : BENCH_ERROR;
        }
    } while (event.kind != PORT_RELEASED || event.early);
    return DONE;
}

static int press_all(struct port *port, const struct presses *presses)
{
    int64_t next_ns = port->ops->now(port) + LEAD_NS;

    for (uint32_t i = 1; i <= presses->count; i++) {
        struct press_order order = {.press = i,
                                    .mask = presses->mask,
                                    .press_ns = next_ns,
                                    .energise_ns = presses->hold_ns};
        int status = press(port, &order);
        if (status != DONE) {
            return status;
        }
        next_ns = port->ops->now(port) + presses->gap_ns;
    }
    return DONE;
}

static bool read_number(const char *text, int64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *number >= 0 && *number <= 1000000;
}

static bool read_presses(struct presses *presses, const struct station *station, int argc,
                         char **argv)
{
    int64_t count;
    int64_t hold_ms;
    int64_t gap_ms;

    if (!read_number(argv[3], &count) || !read_number(argv[4], &hold_ms) ||
        !read_number(argv[5], &gap_ms)) {
        return false;
    }
    *presses = (struct presses){
        .count = (uint32_t)count, .hold_ns = hold_ms * NS_PER_MS, .gap_ns = gap_ms * NS_PER_MS};
    for (int i = 6; i < argc; i++) {
        int actuator = bench_station_actuator(station, argv[i]);
        if (actuator < 0) {
            return false;
        }
        presses->mask |= UINT32_C(1) << actuator;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct diags diags = DIAGS_INIT;
    struct presses presses;
    struct port *port = NULL;
    int status = USAGE;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 7) {
        fprintf(stderr, "usage: press_driver BENCH STATION COUNT HOLD_MS GAP_MS CONTROL...\n");
        return USAGE;
    }
    struct bench *bench = bench_load(&diags, argv[1]);
    const struct station *station = bench ? bench_station(bench, argv[2], &diags) : NULL;
    if (station && !read_presses(&presses, station, argc, argv)) {
        diag_error(&diags, place_of("press_driver"), NULL, "no such number or control");
    } else if (station) {
        status = BENCH_ERROR;
        port = station_port_open(&diags, bench, station, NULL, -1);
    }
    diags_print(&diags, stderr);
    diags_clear(&diags);
    if (port) {
        struct keeper_powers powers = station_port_powers(port);
        printf("ready keeper %d priority %d locked %d\n", powers.pid, powers.realtime_priority,
               powers.memory_locked);
        status = press_all(port, &presses);
        port->ops->close(port);
    }
    bench_free(bench);
    return status;
}
