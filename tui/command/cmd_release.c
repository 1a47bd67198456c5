/*
 * `longpress release`: makes every actuator inactive, whatever state the bench is in.
 */
#include "hardware/guard/release.h"

#include "tui/command/commands.h"
#include "tui/drive/bench_session.h"

#include <stdio.h>

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void tell(const struct release *release)
{
    if (release->ended) {
        printf("%zu run%s asked to stop\n", release->ended, plural(release->ended));
    }
    if (release->killed) {
        printf("%zu keeper%s did not release in time, and had to be killed\n", release->killed,
               plural(release->killed));
    }
    if (release->guarded) {
        printf("%zu line%s: held inactive by the guard\n", release->guarded,
               plural(release->guarded));
    }
    if (release->held) {
        printf("%zu line%s: held inactive by a longpress whose keeper is gone\n", release->held,
               plural(release->held));
    }
    printf("%zu line%s made inactive\n", release->released, plural(release->released));
}

/* The stations named, or all. False after an error. */
static bool choose(struct diags *diags, const struct bench *bench, const struct operands *names,
                   const struct station **stations, size_t *count)
{
    bool good = true;

    *count = 0;
    for (int i = 0; i < names->count; i++) {
        const struct station *station =
            *count < BENCH_STATIONS_MAX ? bench_station(bench, names->items[i], diags) : NULL;
        good = good && station;
        if (station) {
            stations[(*count)++] = station;
        }
    }
    for (size_t i = 0; i < bench->station_count && names->count == 0; i++) {
        stations[(*count)++] = &bench->stations[i];
    }
    return good;
}

struct release_options {
    const char *bench;
    struct operands stations;
};

static int run(const struct context *context, int argc, char **argv)
{
    struct release_options options = {0};
    struct bench_session bench_session = {0};
    struct diags diags = DIAGS_INIT;
    const struct station *stations[BENCH_STATIONS_MAX];
    size_t count;
    int status = EXIT_USAGE;
    (void)context;

    if (!option_parse(&cmd_release, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (bench_session_bench(&bench_session, &diags, options.bench) == 0 &&
        choose(&diags, bench_session.bench, &options.stations, stations, &count)) {
        if (bench_session.bench->simulated) {
            puts("a simulated bench has no lines to release");
            status = EXIT_DONE;
        } else {
            struct release release;
            int result = release_stations(&diags, stations, count, &release);
            tell(&release);
            status = result == 0 ? EXIT_DONE : EXIT_BENCH;
        }
    }
    bench_session_close(&bench_session);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "STATION",
     .value = VALUE_STATION,
     .optional = true,
     .repeated = true,
     OPTION_AT(struct release_options, stations)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    OPTION_BENCH(struct release_options, bench),
    OPTIONS_END,
};

const struct command cmd_release = {
    .name = "release",
    .summary = "release every actuator, whatever state the bench is in",
    .operands = operands,
    .options = options,
    .about =
        "Makes all actuators of the bench, or of the named stations, inactive: after a crash, a "
        "partial power cut, or during a run. A run that holds the lines is asked to stop, and is "
        "kept as aborted. A keeper that does not release within 1.3 s is killed. Presses nothing.",
    .notes = "In a systemd service that runs longpress:\n"
             "  ExecStopPost=/usr/local/bin/longpress release",
    .exits = "0 every line is known to be inactive, 2 usage or bad file, 5 some line is not: cut "
             "the actuators' power",
    .examples = "longpress release\n"
                "longpress release --bench bench.yaml A B",
    .run = run,
};
