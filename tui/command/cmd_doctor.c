/*
 * `longpress doctor`: checks this machine and this bench.
 */
#include "hardware/doctor/doctor.h"

#include "tui/cli/paths.h"
#include "tui/command/commands.h"
#include "tui/drive/bench_session.h"
#include "tui/term/style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(const struct doctor *doctor)
{
    static const char *const words[] = {
        [DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_BAD] = "BAD"};
    static const enum ink inks[] = {
        [DOCTOR_OK] = INK_GOOD, [DOCTOR_WARN] = INK_DOUBT, [DOCTOR_BAD] = INK_BAD};
    struct style style = style_of(stdout);
    const char *about = "";
    for (size_t i = 0; i < doctor->count; i++) {
        const struct doctor_line *line = &doctor->lines[i];
        if (strcmp(about, line->about) != 0) {
            about = line->about;
            printf("%s%s%s\n", style_ink_on(style, INK_BOLD), about, style_ink_off(style));
        }
        printf("  %s%-4s%s  %s%s%s\n", style_ink_on(style, inks[line->state]), words[line->state],
               style_ink_off(style), line->what, line->todo[0] ? "; " : "", line->todo);
    }
}

struct doctor_options {
    const char *bench;
};

static int run(const struct context *context, int argc, char **argv)
{
    struct doctor_options options = {0};
    struct bench_session bench_session = {0};
    struct diags diags = DIAGS_INIT;
    struct doctor doctor;
    (void)context;

    if (!option_parse(&cmd_doctor, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    const char *name = options.bench ? options.bench : paths_default_bench(&bench_session.arena);
    if (name && bench_session_bench(&bench_session, &diags, name) != 0) {
        bench_session_close(&bench_session);
        return command_diags(&diags, EXIT_USAGE);
    }
    doctor_examine(&doctor, bench_session.bench);
    if (!bench_session.bench || !bench_session.bench->simulated) {
        const char *sys = getenv("LONGPRESS_SYS");
        doctor_examine_guard(&doctor, bench_session.bench, sys && *sys ? sys : "/sys");
        doctor_examine_radio(&doctor, bench_session.bench);
    }
    print(&doctor);
    if (!bench_session.bench) {
        puts("\nNo bench file was checked: name one with --bench FILE.");
    } else {
        printf("\n%s: %zu of %zu stations could start a run.\n", bench_session.bench_name,
               doctor.stations_ready, bench_session.bench->station_count);
    }
    bool can_run = doctor.can_run;
    doctor_free(&doctor);
    bench_session_close(&bench_session);
    return command_diags(&diags, can_run ? EXIT_DONE : EXIT_BENCH);
}

static const struct command_option options[] = {
    OPTION_BENCH(struct doctor_options, bench),
    OPTIONS_END,
};

const struct command cmd_doctor = {
    .name = "doctor",
    .summary = "check this machine and this bench",
    .options = options,
    .about = "Checks gpiochips and their permissions, every wired line (free, or who uses it), "
             "real-time priority, memory locking, kernel, libgpiod, the guard, and Bluetooth for "
             "each station. Requests no line and moves nothing.",
    .exits = "0 every station can start a run, 2 bad file, 5 some station cannot",
    .examples = "longpress doctor\n"
                "longpress doctor --bench bench.yaml",
    .run = run,
};
