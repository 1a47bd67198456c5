/*
 * `longpress backup`: a copy of the journal, while it is in use.
 */
#include "rig/base/text.h"
#include "rig/journal/journal_care.h"
#include "tui/cli/run_filter.h"
#include "tui/command/commands.h"

#include <inttypes.h>
#include <stdio.h>

struct backup_options {
    struct run_choice choice; /* its journal */
    const char *copy;
    bool replace;
};

static int run(const struct context *context, int argc, char **argv)
{
    struct backup_options options = {0};
    struct arena arena = ARENA_INIT;
    struct diags diags = DIAGS_INIT;
    struct backup_result result;
    int status = EXIT_USAGE;

    (void)context;
    if (!option_parse(&cmd_backup, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    const char *path = run_choice_path(&options.choice, &diags, &arena);
    if (path && journal_backup(&diags, path, options.copy, options.replace, &result) == 0) {
        char safe[512];
        printf("%s: %" PRId64 " run%s, %" PRId64 " kB, checked\n",
               text_printable(safe, sizeof(safe), options.copy), result.runs,
               result.runs == 1 ? "" : "s", result.bytes / 1024);
        status = EXIT_DONE;
    }
    arena_free(&arena);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "FILE",
     .value = VALUE_FILE,
     .missing = "to which file?",
     OPTION_AT(struct backup_options, copy)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    {.name = "replace",
     .help = "replace FILE if it is an earlier copy; the journal itself, a journal in use and any "
             "other file are never replaced",
     OPTION_AT(struct backup_options, replace)},
    {.name = "journal",
     .value = VALUE_FILE,
     .of = "FILE",
     .help = "copy that journal (default: where `run` keeps its runs)",
     OPTION_AT(struct backup_options, choice.journal)},
    OPTIONS_END,
};

const struct command cmd_backup = {
    .name = "backup",
    .summary = "copy the journal, while it is in use",
    .operands = operands,
    .options = options,
    .about = "Takes a consistent copy of the journal, even while runs are being written, and "
             "verifies it. The copy is itself a journal: `longpress history --journal FILE`. A run "
             "in progress has no verdict in it.",
    .more = "The copy gets its name atomically, whatever other programs do in that folder at the "
            "same time.",
    .exits = "0 copied and checked, 2 usage or bad file",
    .examples = "longpress backup /media/stick/journal-$(date +%F).db",
    .run = run,
};
