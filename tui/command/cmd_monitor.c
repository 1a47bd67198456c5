/*
 * `longpress monitor`: shows the edges and decoded pulses of a station live, to test the wiring.
 */
#include "rig/base/units.h"
#include "rig/run/run.h"
#include "rig/signal/senses.h"
#include "tui/command/commands.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/console.h"
#include "tui/print/print_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { EDGES_SHOWN_A_SECOND = 40 };

struct monitor {
    const struct station *station;
    int64_t origin_ns;
    bool edges; /* show LED edges too */
    int64_t second;
    unsigned shown; /* LED edges shown in this second */
    uint64_t hidden;
};

static void show_pulse(void *context, const struct pulse *pulse)
{
    const struct monitor *monitor = context;
    char at[32];
    print_run_instant(at, sizeof(at), pulse->start_ns - monitor->origin_ns);
    printf("%11s  LED      %s for %s%" PRId64 " ms\n", at, colour_name(pulse->colour),
           pulse->open ? "at least " : "", (pulse->end_ns - pulse->start_ns) / NS_PER_MS);
}

/* A light dimmed by PWM floods us with LED edges: one screenful per second is enough, the rest is
 * counted. */
static bool flooded(struct monitor *monitor, int64_t time_ns)
{
    int64_t second = (time_ns - monitor->origin_ns) / NS_PER_S;
    if (second != monitor->second) {
        if (monitor->hidden) {
            printf("             (%" PRIu64 " more LED edges)\n", monitor->hidden);
        }
        monitor->second = second;
        monitor->shown = 0;
        monitor->hidden = 0;
    }
    if (monitor->shown >= EDGES_SHOWN_A_SECOND) {
        monitor->hidden++;
        return true;
    }
    monitor->shown++;
    return false;
}

static void show_edge(struct monitor *monitor, const struct port_event *event,
                      struct senses *senses)
{
    if (event->input < 0 || (size_t)event->input >= monitor->station->input_count) {
        return;
    }
    const struct input *input = &monitor->station->inputs[event->input];
    int sense = senses_edge(senses, (size_t)event->input, event->time_ns, event->level);
    if (sense != SENSES_NONE && (!monitor->edges || flooded(monitor, event->time_ns))) {
        return;
    }
    char at[32];
    print_run_instant(at, sizeof(at), event->time_ns - monitor->origin_ns);
    printf("%11s  %-8s %s\n", at, input->name, event->level ? "active" : "inactive");
}

static int listen(struct bench_session *bench_session, struct monitor *monitor, int64_t length_ns,
                  int signal_fd)
{
    struct port *port = bench_session->port;
    struct senses senses;
    struct senses_wiring wiring = bench_station_senses(monitor->station);
    int8_t levels[BENCH_INPUTS_MAX];

    run_levels(port, monitor->station, levels);
    wiring.sound = NULL; /* its edges are few: they are shown as they come */
    monitor->origin_ns = port->ops->now(port);
    int64_t end_ns = length_ns ? monitor->origin_ns + length_ns : INT64_MAX;
    senses_init(&senses, &wiring, levels, monitor->origin_ns, show_pulse, NULL, monitor);
    for (;;) {
        int64_t now_ns = port->ops->now(port);
        if (now_ns >= end_ns || console_signalled(signal_fd)) {
            senses_finish(&senses, now_ns);
            return EXIT_DONE;
        }
        int64_t wake_ns = senses_next_ns(&senses);
        struct port_event event;
        if (port->ops->next(port, wake_ns < end_ns ? wake_ns : end_ns, &event)) {
            if (event.kind == PORT_EDGE) {
                show_edge(monitor, &event, &senses);
            } else if (event.kind == PORT_LOST) {
                printf("             edges were lost: they came too fast\n");
            } else if (event.kind == PORT_GUARD) {
                printf("             %s\n", event.text);
            } else if (event.kind == PORT_ESTOP) {
                printf("             e-stop pressed\n");
            } else if (event.kind == PORT_FAULT) {
                fprintf(stderr, "%s: error: %s; %s\n", monitor->station->name, event.text,
                        event.text2);
                return EXIT_BENCH;
            }
        } else {
            senses_advance(&senses, port->ops->now(port));
        }
        fflush(stdout);
    }
}

struct monitor_options {
    const char *bench;
    const char *station;
    int64_t length_ns; /* 0: until it is told to end */
    bool edges;
};

static int run(const struct context *context, int argc, char **argv)
{
    struct monitor_options options = {0};
    struct monitor monitor = {0};
    struct bench_session bench_session = {0};
    struct console console = {.signal_fd = -1};
    struct diags diags = DIAGS_INIT;
    int status = EXIT_USAGE;
    (void)context;

    if (!option_parse(&cmd_monitor, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (bench_session_find(&bench_session, &diags, options.bench, options.station, NULL) != 0) {
        goto out;
    }
    /* A simulated unit shows nothing unless pressed: the pace matters only with real lines. */
    if (console_open(&console) != 0 ||
        bench_session_open(&bench_session, &diags, 1, NULL, console.signal_fd) != 0) {
        status = EXIT_BENCH;
        goto out;
    }
    monitor.station = bench_session.station;
    monitor.edges = options.edges;
    printf("%sstation %s: Ctrl-C ends\n", bench_session.port->simulated ? "SIMULATED bench, " : "",
           bench_session.station->name);
    fflush(stdout);
    status = listen(&bench_session, &monitor, options.length_ns, console.signal_fd);
out:
    bench_session_close(&bench_session);
    console_close(&console);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "STATION",
     .value = VALUE_STATION,
     .optional = true,
     OPTION_AT(struct monitor_options, station)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    OPTION_BENCH(struct monitor_options, bench),
    OPTION_STATION(struct monitor_options, station),
    {.name = "edges",
     .help = "also print LED edges, at most 40 a second; the rest are only counted",
     OPTION_AT(struct monitor_options, edges)},
    {.name = "for",
     .value = VALUE_DURATION,
     .of = "TIME",
     .help = "stop after that time",
     OPTION_AT(struct monitor_options, length_ns)},
    OPTIONS_END,
};

const struct command cmd_monitor = {
    .name = "monitor",
    .summary = "show a station's inputs live: edges and decoded LED pulses",
    .operands = operands,
    .options = options,
    .about = "Prints changes of a station's inputs: contact, lid and sound as edges, the LED as "
             "decoded pulses. Presses nothing. Ctrl-C stops it.",
    .exits = "0 done, 2 usage or bad file, 5 bench error",
    .examples = "longpress monitor A\n"
                "longpress monitor A --edges --for 10s",
    .run = run,
};
