/*
 * `longpress backup`: a copy of the journal, while it is in use.
 */
#include "rig/base/text.h"
#include "rig/journal/journal_care.h"
#include "tui/cli/run_filter.h"
#include "tui/command/commands.h"

#include <inttypes.h>
#include <stdio.h>

static int run(const struct context *context, int argc, char **argv)
{
    static const struct option known[] = {
        {"journal", required_argument, NULL, CHOOSE_JOURNAL},
        {"replace", no_argument, NULL, 'r'},
        {NULL, 0, NULL, 0},
    };
    struct run_choice choice = {.journal = NULL};
    struct arena arena = ARENA_INIT;
    struct diags diags = DIAGS_INIT;
    struct backup_result result;
    bool replace = false;
    int status = EXIT_USAGE;
    int found;

    (void)context;
    while ((found = command_option(&command_backup, argc, argv, ":", known)) != -1) {
        if (found == 'r') {
            replace = true;
        } else if (!run_choice_take(&command_backup, &choice, found, optarg)) {
            return EXIT_USAGE;
        }
    }
    if (argc - optind != 1) {
        return argc == optind ? command_usage(&command_backup, "to which file?")
                              : command_usage(&command_backup, "`%s` is one argument too many",
                                              argv[optind + 1]);
    }
    const char *path = run_choice_path(&choice, &diags, &arena);
    if (path && journal_backup(&diags, path, argv[optind], replace, &result) == 0) {
        char safe[512];
        printf("%s: %" PRId64 " run%s, %" PRId64 " kB, checked\n",
               text_printable(safe, sizeof(safe), argv[optind]), result.runs,
               result.runs == 1 ? "" : "s", result.bytes / 1024);
        status = EXIT_DONE;
    }
    arena_free(&arena);
    return command_diags(&diags, status);
}

const struct command command_backup = {
    .name = "backup",
    .arguments = "FILE [OPTION]...",
    .summary = "copy the journal, while it is in use",
    .help =
        "Copies the journal as it is at one instant, also while runs are written, and checks the\n"
        "copy whole, under its name. The copy is a journal itself: `longpress history --journal\n"
        "FILE`. A run in progress has no verdict in it.\n"
        "\n"
        "  --replace        FILE may be there already, if it is a copy: the journal itself, one\n"
        "                   that runs are kept in, and any other file are never replaced\n"
        "  --journal FILE   copy that journal (default: where `run` keeps its runs)\n"
        "\n"
        "Examples:\n"
        "  longpress backup /media/stick/journal-$(date +%F).db",
    .run = run,
};
