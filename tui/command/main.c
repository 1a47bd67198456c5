/*
 * longpress: presses the buttons of wireless headphones for exact times, watches the LED and the
 * radio, and says whether the unit did what its profile promises.
 *
 * docs/design.md shows how a run flows through the files, docs/rooms.txt lists the folders in
 * order; each folder has a README.md. tui/command/commands.def lists the commands.
 */
#include "hardware/gpio/lines.h"
#include "rig/base/text.h"
#include "tui/command/commands.h"
#include "tui/command/complete.h"
#include "tui/command/help.h"
#include "tui/command/manual.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
        help_overview(stdout);
        return EXIT_DONE;
    }
    const struct command *command = commands_named(argv[1]);
    if (!command) {
        return unknown_command(argv[1]);
    }
    help_command(command, stdout);
    return EXIT_DONE;
}

/* `longpress [OPTION]...`: the screens. argv[0] gives way to the command's name. */
static int run_screen(const struct context *context, int count, char **options)
{
    enum { SCREEN_WORDS_MAX = 32 };
    char name[] = "screen";
    char *words[SCREEN_WORDS_MAX + 1] = {name};
    if (count >= SCREEN_WORDS_MAX) {
        return command_usage(&cmd_screen, "too many arguments");
    }
    for (int i = 0; i < count; i++) {
        words[i + 1] = options[i];
    }
    return cmd_screen.run(context, count + 1, words);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    /* A reader that goes away must not end a run in the middle of a press. */
    signal(SIGPIPE, SIG_IGN);
    /* A file at its size limit is a failed write like any other, and is reported. */
    signal(SIGXFSZ, SIG_IGN);

    struct context context = {0};
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
            help_overview(stdout);
            return command_printed(EXIT_DONE);
        }
        if (strcmp(argv[at], "--version") == 0 || strcmp(argv[at], "-V") == 0) {
            printf("longpress %s (libgpiod %s, uAPI v%d)\n", LONGPRESS_VERSION,
                   lines_library_version(), lines_uapi());
            return command_printed(EXIT_DONE);
        }
        /* For the build and for shells: not in the help. */
        if (strcmp(argv[at], "--manual") == 0) {
            manual_commands(stdout);
            return command_printed(EXIT_DONE);
        }
        if (strcmp(argv[at], "--complete") == 0) {
            complete(argc - at - 1, argv + at + 1, stdout);
            return command_printed(EXIT_DONE);
        }
        if (strcmp(argv[at], "--profiles") == 0 && at + 1 < argc) {
            context.profiles_dir = argv[++at];
        } else if (strncmp(argv[at], "--profiles=", 11) == 0) {
            context.profiles_dir = argv[at] + 11;
        } else if (commands_takes(&cmd_screen, argv[at])) {
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
        help_overview(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[at], "help") == 0) {
        return command_printed(help(argc - at, argv + at));
    }
    const struct command *command = commands_named(argv[at]);
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
