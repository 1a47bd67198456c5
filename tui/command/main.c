/*
 * longpress: presses the buttons of wireless headphones for exact times, watches the LED and the
 * radio, and says whether the unit did what its profile promises.
 *
 * The way of a run through the files, in the order in which data flows:
 *
 *   tui/command/main.c            this: the table of commands
 *   tui/cmd_*.c           one command each; tui/command/cmd_run.c is the main job,
 * tui/command/cmd_screen.c the operator's screens tui/cli/paths.h          finds profiles, firmware
 * files, bench files; tui/cli/sim_wiring.h: wires our simulated benches for models of somebody's
 * own rig/format/yaml.h            YAML, checked rig/profile/catalog.h         all profiles; near
 * misses in names rig/profile/profile.h         what is claimed of a model rig/bench/bench.h what
 * is wired to what rig/plan/plan.h            the schedule, proved safe before anything moves
 *   rig/run/engine.h          one run as a state machine without I/O
 *   rig/run/run.h             engine against port, to the end
 *   rig/run/port.h       the one interface to the world:
 *     hardware/station/station_port.h   a real station: keeper, libgpiod
 *     hardware/keeper/keeper.h         the process that holds the buttons, and lets go
 *     hardware/guard/guard.h          the process that lets go when those are gone
 *     hardware/gpio/lines.h          GPIO lines
 *     hardware/sim/sim_port.h   the simulated bench
 *     hardware/sim/unit.h       the simulated unit
 *   rig/signal/blink.h           edges to coloured pulses
 *   rig/signal/pattern.h         pulses to words: `blue x2, white x1`
 *   rig/timeline/timeline.h        the only record of what happened
 *   rig/judge/judge.h           procedure and timeline to verdict; rig/judge/judge_again.h: of a
 * stored run rig/journal/journal.h         every run, kept; rig/journal/journal_read.h: read again
 *   rig/journal/journal_spool.h   what the journal could not take, until it does
 *   tui/cli/out_file.h        the one door for files that are written
 *   rig/learn/learn.h           runs of a good unit to a profile, written by
 * rig/profile/profile_write.h rig/record/record.h          a run as JSON; rig/record/record_vcd.h
 * and rig/format/vcd.h: as a capture rig/learn/settle.h          claims that contradict each other,
 * and what runs say of them tui/drive/series.h          several runs of one unit, one after the
 * other tui/print/print_run.h          a run as lines; tui/print/print_chart.h: as a drawing
 *   rig/report/reports.h         many runs as HTML, CSV, JUnit XML, JSON; rig/report/svg_run.h: one
 * drawn rig/compare/compare.h         firmware against firmware; rig/threshold/posterior.h: how
 * sure that is
 *
 * and of the screens:
 *
 *   tui/screen/app.h             what is shown, what keys do; tui/screen/app_loop.c: one loop for
 * all stations tui/drive/station_session.h             a station and the run in it
 *   hardware/radio/radio_watch.h    its adapter between runs
 *   tui/drive/batch_driver.h      a batch (rig/batch/batch.h) on several of them;
 * tui/task/batch_task.h: without screens tui/screen/screen.h          what a screen is;
 * tui/scr_*.c: one each; tui/screen/frame.c: what is around them tui/screen/chart.h           lanes
 * (tui/print/lanes.h) on the screen; tui/term/block_letters.h: block letters tui/term/paint.h inks,
 * symbols, text made safe tui/term/term.h            the terminal, which is never waited for;
 * tui/term/keys.h: what was typed
 *
 *   rig/base/diag.h            how errors are told, everywhere
 */
#include "tui/cli/command.h"

#include "hardware/gpio/lines.h"
#include "rig/base/text.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &command_screen, &command_run,     &command_batch,  &command_characterize, &command_compare,
    &command_learn,  &command_settle,  &command_models, &command_check,        &command_doctor,
    &command_jog,    &command_release, &command_guard,  &command_monitor,      &command_scan,
    &command_decode, &command_history, &command_show,   &command_judge,        &command_report,
    &command_prune,  &command_backup,
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *out)
{
    fputs("usage: longpress [--profiles DIR] COMMAND [ARGUMENT]...\n"
          "\n"
          "Presses the buttons of wireless headphones for exact times, watches the LED and the\n"
          "radio, and says whether the unit did what its profile promises.\n"
          "\n"
          "Try it without any hardware:\n"
          "  longpress run WH-1000XM5 --bench sim\n"
          "\n"
          "Commands:\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    }
    fputs("  help         what a command does, its options, examples: longpress help COMMAND\n"
          "\n"
          "  --profiles DIR   look for profiles there first\n"
          "  --version        version, libraries\n"
          "  --help           this\n"
          "\n"
          "Exit status: 0 pass or done, 1 fail, 2 usage or bad file, 3 inconclusive, 4 aborted,\n"
          "5 bench error.\n",
          out);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[COMMAND_COUNT];
    char safe[256];
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        names[i] = commands[i]->name;
    }
    const char *near = text_nearest(name, names, COMMAND_COUNT);
    fprintf(stderr, "longpress: error: there is no command `%s`; ",
            text_printable(safe, sizeof(safe), name));
    if (near) {
        fprintf(stderr, "did you mean `%s`?\n", near);
    } else {
        fputs("`longpress --help` lists them\n", stderr);
    }
    return EXIT_USAGE;
}

static int help(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    const struct command *command = find_command(argv[1]);
    if (!command) {
        return unknown_command(argv[1]);
    }
    printf("usage: longpress %s%s%s\n\n%s\n", command->name, command->arguments[0] ? " " : "",
           command->arguments, command->help);
    return EXIT_DONE;
}

/* Is this an option of the screens, given without their command's name? */
static bool is_screen_option(const char *word)
{
    static const char *const names[] = {"--bench", "--journal", "--operator", "--bell", "--pace"};
    size_t length = strcspn(word, "=");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == length && strncmp(names[i], word, length) == 0) {
            return true;
        }
    }
    return false;
}

/* `longpress [OPTION]...`: the screens. argv[0] gives way to the command's name. */
static int run_screen(const struct context *context, int count, char **options)
{
    enum { SCREEN_WORDS_MAX = 32 };
    char name[] = "screen";
    char *words[SCREEN_WORDS_MAX + 1] = {name};
    if (count >= SCREEN_WORDS_MAX) {
        return command_usage(&command_screen, "too many arguments");
    }
    for (int i = 0; i < count; i++) {
        words[i + 1] = options[i];
    }
    return command_screen.run(context, count + 1, words);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    /* A reader that goes away must not end a run in the middle of a press. */
    signal(SIGPIPE, SIG_IGN);
    /* A file that may not grow is a failed write like any other, which is told. */
    signal(SIGXFSZ, SIG_IGN);

    struct context context = {0};
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
            print_help(stdout);
            return command_printed(EXIT_DONE);
        }
        if (strcmp(argv[at], "--version") == 0 || strcmp(argv[at], "-V") == 0) {
            printf("longpress %s (libgpiod %s, uAPI v%d)\n", LONGPRESS_VERSION,
                   lines_library_version(), lines_uapi());
            return command_printed(EXIT_DONE);
        }
        if (strcmp(argv[at], "--profiles") == 0 && at + 1 < argc) {
            context.profiles_dir = argv[++at];
        } else if (strncmp(argv[at], "--profiles=", 11) == 0) {
            context.profiles_dir = argv[at] + 11;
        } else if (is_screen_option(argv[at])) {
            return command_printed(run_screen(&context, argc - at, argv + at));
        } else {
            char safe[256];
            fprintf(stderr, "longpress: error: unknown option `%s`; see `longpress --help`\n",
                    text_printable(safe, sizeof(safe), argv[at]));
            return EXIT_USAGE;
        }
    }
    if (at == argc && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
        return command_printed(run_screen(&context, 0, NULL));
    }
    if (at == argc) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[at], "help") == 0) {
        return command_printed(help(argc - at, argv + at));
    }
    const struct command *command = find_command(argv[at]);
    if (!command) {
        return unknown_command(argv[at]);
    }
    for (int i = at + 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            char *words[] = {argv[0], argv[at], NULL};
            return command_printed(help(2, words));
        }
    }
    return command_printed(command->run(&context, argc - at, argv + at));
}
