/*
 * longpress: presses the buttons of wireless headphones for exact times, watches the LED and the
 * radio, and says whether the unit did what its profile promises.
 *
 * docs/design.md draws the way of a run through the files, docs/rooms.txt lists the folders in
 * order; each folder has a README.md. Here is the table of commands.
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
