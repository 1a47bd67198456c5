/*
 * `longpress jog`: presses one actuator once, within its limits, to test the wiring.
 */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/plan/plan_jog.h"
#include "tui/command/commands.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/console.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const int64_t JOG_LEAD_NS = 5 * NS_PER_MS;
static const int64_t JOG_GRACE_NS = 2 * NS_PER_S;

struct jog_options {
    const char *bench;
    const char *station;
    const char *control;
    int64_t hold_ns;
};

static void show(const struct bench_session *bench_session, const struct port_event *event,
                 int64_t origin_ns)
{
    double at_ms = (double)(event->time_ns - origin_ns) / 1e6;
    if (event->kind == PORT_PRESSED || event->kind == PORT_RELEASED) {
        printf("%10.3f ms  %s (write took %.3f ms)\n", at_ms,
               event->kind == PORT_PRESSED ? "pressed" : "released",
               (double)(event->until_ns - event->at_ns) / 1e6);
    } else if (event->kind == PORT_EDGE && event->input >= 0 &&
               (size_t)event->input < bench_session->station->input_count) {
        printf("%10.3f ms  %s %s\n", at_ms, bench_session->station->inputs[event->input].name,
               event->level ? "active" : "inactive");
    } else if (event->kind == PORT_LOST) {
        printf("%10.3f ms  edges were lost\n", at_ms);
    } else if (event->kind == PORT_GUARD) {
        printf("%10.3f ms  %s\n", at_ms, event->text);
    }
}

/* Press and listen until shortly after the release. Returns the exit status. */
static int press(struct bench_session *bench_session, const char *control,
                 const struct action *action, int signal_fd)
{
    struct port *port = bench_session->port;
    int64_t start_ns = port->ops->now(port) + JOG_LEAD_NS;
    int64_t end_ns = start_ns + action->energise_ns + JOG_GRACE_NS;
    struct press_order order = {.press = 1,
                                .mask = action->actuators,
                                .press_ns = start_ns,
                                .energise_ns = action->energise_ns};
    bool released = false;

    if (port->ops->press(port, &order) != 0) {
        fprintf(stderr, "%s: error: the press was refused: %s; run `longpress doctor`\n", control,
                strerror(errno));
        return EXIT_BENCH;
    }
    while (port->ops->now(port) < end_ns) {
        struct port_event event;
        if (console_signalled(signal_fd)) {
            port->ops->release(port);
            puts("released: interrupted");
            return EXIT_ABORTED;
        }
        if (!port->ops->next(port, end_ns, &event)) {
            continue;
        }
        if (event.kind == PORT_FAULT || event.kind == PORT_ESTOP) {
            fprintf(stderr, "%s: error: %s%s%s\n", control,
                    event.kind == PORT_ESTOP ? "the e-stop was pressed; everything is released"
                                             : event.text,
                    event.text2[0] ? "; " : "", event.text2);
            return event.kind == PORT_ESTOP ? EXIT_ABORTED : EXIT_BENCH;
        }
        show(bench_session, &event, start_ns);
        if (event.kind == PORT_RELEASED) {
            released = true;
            /* Long enough for a plunger to come back up and its contact to report it. */
            end_ns = event.time_ns + 200 * NS_PER_MS;
        }
    }
    if (!released) {
        fprintf(stderr, "%s: error: the release was not reported; run `longpress doctor`\n",
                control);
    }
    return released ? EXIT_DONE : EXIT_BENCH;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct jog_options options = {0};
    struct bench_session bench_session = {0};
    struct jog *jog = NULL;
    struct console console = {.signal_fd = -1};
    struct diags diags = DIAGS_INIT;
    int status = EXIT_USAGE;
    (void)context;

    if (!option_parse(&cmd_jog, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (bench_session_find(&bench_session, &diags, options.bench, options.station, NULL) != 0) {
        goto out;
    }
    int actuator = bench_station_actuator(bench_session.station, options.control);
    if (actuator < 0) {
        const char *names[BENCH_ACTUATORS_MAX];
        char todo[300];
        char list[200] = "";
        for (size_t i = 0; i < bench_session.station->actuator_count; i++) {
            names[i] = bench_session.station->actuators[i].control;
            size_t used = strlen(list);
            snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", names[i]);
        }
        const char *near =
            text_nearest(options.control, names, bench_session.station->actuator_count);
        snprintf(todo, sizeof(todo), near ? "did you mean `%s`?" : "it has: %s",
                 near ? near : list);
        diag_error(&diags, place_of(options.control), todo, "station `%s` has no such actuator",
                   bench_session.station->name);
        goto out;
    }
    jog = plan_jog_make(&diags, bench_session.bench, bench_session.station, NULL,
                        UINT32_C(1) << actuator, options.hold_ns);
    if (!jog) {
        goto out;
    }
    if (console_open(&console) != 0 ||
        bench_session_open(&bench_session, &diags, 0, NULL, console.signal_fd) != 0) {
        status = EXIT_BENCH;
        goto out;
    }
    /* Print warnings before the press, which may be cut short. */
    command_diags(&diags, 0);
    if (bench_session.port->simulated) {
        puts("SIMULATED bench");
    }
    status =
        press(&bench_session, options.control, &plan_jog_plan(jog)->actions[0], console.signal_fd);
out:
    plan_jog_free(jog);
    bench_session_close(&bench_session);
    console_close(&console);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "STATION",
     .value = VALUE_STATION,
     .missing = "name a station and a control",
     OPTION_AT(struct jog_options, station)},
    {.name = "CONTROL", .value = VALUE_TEXT, OPTION_AT(struct jog_options, control)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    {.name = "for",
     .value = VALUE_DURATION,
     .of = "TIME",
     .least = 1,
     .usage = "--for TIME",
     .missing = "how long? for example --for 200ms",
     .help = "how long to press",
     OPTION_AT(struct jog_options, hold_ns)},
    OPTION_BENCH(struct jog_options, bench),
    OPTIONS_END,
};

const struct command cmd_jog = {
    .name = "jog",
    .summary = "press one actuator once, within its limits, to test the wiring",
    .operands = operands,
    .options = options,
    .about =
        "Presses CONTROL on STATION for the given time (at most 3 s, and within the actuator's "
        "limits), and prints when it was pressed and released, and every input that changed: the "
        "contact sense, the LED.\n"
        "\n"
        "Take the unit out first: jog does not know the model, and so cannot know its hazards.",
    .exits = "0 pressed and released, 2 usage or bad file, 4 stopped, 5 bench error",
    .examples = "longpress jog A power --for 200ms\n"
                "longpress jog sim power --for 200ms --bench sim",
    .run = run,
};
