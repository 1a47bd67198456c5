/*
 * `longpress check`: are these files right? Profiles, bench files, firmware files.
 */
#include "rig/bench/document_kind.h"

#include "hardware/sim/firmware.h"
#include "rig/base/text.h"
#include "tui/cli/command.h"

#include <stdio.h>

static int check_one(const char *path)
{
    struct diags diags = DIAGS_INIT;
    enum document_kind kind = check_file(&diags, path);
    if (kind == DOCUMENT_FIRMWARE && !diags.errors) {
        firmware_free(firmware_load(&diags, path));
    }
    if (diags.errors) {
        return command_diags(&diags, EXIT_USAGE);
    }
    char safe[512];
    printf("%s: %s, good\n", text_printable(safe, sizeof(safe), path), document_kind_name(kind));
    return command_diags(&diags, EXIT_DONE);
}

static int run(const struct context *context, int argc, char **argv)
{
    static const struct option known[] = {{NULL, 0, NULL, 0}};
    int status = EXIT_DONE;
    (void)context;

    if (command_option(&command_check, argc, argv, ":", known) != -1) {
        return EXIT_USAGE;
    }
    if (optind == argc) {
        return command_usage(&command_check, "which file?");
    }
    for (int i = optind; i < argc; i++) {
        if (check_one(argv[i]) != EXIT_DONE) {
            status = EXIT_USAGE;
        }
    }
    return status;
}

const struct command command_check = {
    .name = "check",
    .arguments = "FILE...",
    .summary = "check profiles, bench files and firmware files for errors",
    .help = "Checks files, told apart by their content: a profile has `model:`, a bench file "
            "`bench:`,\n"
            "a firmware file of the simulated bench `firmware:`. Reports all errors of a file at\n"
            "once, as FILE:LINE:COLUMN: error: what; what to write instead. Exit status 2 if any.\n"
            "\n"
            "Examples:\n"
            "  longpress check ~/.config/longpress/bench.yaml\n"
            "  longpress check profiles/*.yaml",
    .run = run,
};
