/*
 * `longpress guard`: the guard, as a service.
 */
#include "hardware/guard/guard.h"
#include "tui/command/commands.h"

#include <stdio.h>

struct guard_options {
    const char *path;
};

static int run(const struct context *context, int argc, char **argv)
{
    struct guard_options options = {0};
    char wrong[300] = "";
    (void)context;

    if (!option_parse(&cmd_guard, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    guard_serve(options.path, wrong, sizeof(wrong));
    fprintf(stderr, "longpress guard: error: %s; see `longpress help guard`\n", wrong);
    return EXIT_BENCH;
}

static const struct command_option options[] = {
    {.name = "listen",
     .value = VALUE_FILE,
     .of = "PATH",
     .help = "listen there when systemd does not start it (default " GUARD_SOCKET
             "); set LONGPRESS_GUARD=PATH for runs to find it",
     OPTION_AT(struct guard_options, path)},
    OPTIONS_END,
};

const struct command cmd_guard = {
    .name = "guard",
    .summary = "release the buttons if a run and its keeper both die (a service)",
    .options = options,
    .about = "Watches the keepers of all runs on this machine. If a keeper is killed together with "
             "its program, or both are stopped during a press, the guard makes their lines "
             "inactive and holds them until a run asks for them. The guard never presses, needs no "
             "access to the chips, and kills only processes that asked to be watched.\n"
             "\n"
             "systemd starts it; `make install` installs the systemd units. `longpress doctor` "
             "says whether it answers. Without it, each keeper starts its own guard, which dies if "
             "the whole control group is killed.",
    .exits = "5 and a message on an error; otherwise it keeps running",
    .examples = "sudo systemctl enable --now longpress-guard.socket",
    .run = run,
};
