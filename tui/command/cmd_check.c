/*
 * `longpress check`: checks profiles, bench files and firmware files for errors.
 */
#include "rig/bench/document_kind.h"

#include "hardware/sim/firmware.h"
#include "rig/base/text.h"
#include "tui/command/commands.h"

#include <stdio.h>

static int check_one(const char *path, bool quiet)
{
    struct diags diags = DIAGS_INIT;
    enum document_kind kind = document_check_file(&diags, path);
    if (kind == DOCUMENT_FIRMWARE && !diags.errors) {
        firmware_free(firmware_load(&diags, path));
    }
    if (diags.errors) {
        return command_diags(&diags, EXIT_USAGE);
    }
    if (!quiet) {
        char safe[512];
        printf("%s: %s, good\n", text_printable(safe, sizeof(safe), path),
               document_kind_name(kind));
    }
    return command_diags(&diags, EXIT_DONE);
}

struct check_options {
    struct operands files;
    bool quiet;
};

static int run(const struct context *context, int argc, char **argv)
{
    struct check_options options = {0};
    int status = EXIT_DONE;
    (void)context;

    if (!option_parse(&cmd_check, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    for (int i = 0; i < options.files.count; i++) {
        if (check_one(options.files.items[i], options.quiet) != EXIT_DONE) {
            status = EXIT_USAGE;
        }
    }
    return status;
}

static const struct command_operand operands[] = {
    {.name = "FILE",
     .value = VALUE_FILE,
     .repeated = true,
     .missing = "which file?",
     OPTION_AT(struct check_options, files)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    {.name = "quiet",
     .letter = 'q',
     .help = "say nothing about good files",
     OPTION_AT(struct check_options, quiet)},
    OPTIONS_END,
};

const struct command cmd_check = {
    .name = "check",
    .summary = "check profiles, bench files and firmware files for errors",
    .operands = operands,
    .options = options,
    .about = "Recognizes files by their content: a profile has `model:`, a bench file `bench:`, a "
             "firmware file for the simulated bench `firmware:`. Reports all errors in a file at "
             "once, as FILE:LINE:COLUMN: error: what is wrong; what to write instead.",
    .exits = "0 no errors, 2 an error in some file",
    .examples = "longpress check ~/.config/longpress/bench.yaml\n"
                "longpress check profiles/*.yaml",
    .run = run,
};
