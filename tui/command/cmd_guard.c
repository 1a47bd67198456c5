/*
 * `longpress guard`: the guard, as a service.
 */
#include "hardware/guard/guard.h"

#include "tui/cli/command.h"

#include <stdio.h>

static int run(const struct context *context, int argc, char **argv)
{
    static const struct option known[] = {{"listen", required_argument, NULL, 'l'},
                                          {NULL, 0, NULL, 0}};
    const char *path = NULL;
    char wrong[300] = "";
    int found;
    (void)context;

    while ((found = command_option(&command_guard, argc, argv, ":", known)) != -1) {
        if (found != 'l') {
            return EXIT_USAGE;
        }
        path = optarg;
    }
    if (optind < argc) {
        return command_usage(&command_guard, "`%s` is one argument too many", argv[optind]);
    }
    guard_serve(path, wrong, sizeof(wrong));
    fprintf(stderr, "longpress guard: error: %s; see `longpress help guard`\n", wrong);
    return EXIT_BENCH;
}

const struct command command_guard = {
    .name = "guard",
    .arguments = "[--listen PATH]",
    .summary = "service that releases the buttons when a run and its keeper are gone",
    .help =
        "Watches the keepers of all runs on this machine. When one is killed together with its\n"
        "program, or both are stopped during a press, the guard makes their lines inactive, and\n"
        "holds them until a run asks for them. It never presses, needs no access to the chips, "
        "and\n"
        "kills only processes that asked to be watched.\n"
        "\n"
        "Started by systemd: `make install` installs the units,\n"
        "  sudo systemctl enable --now longpress-guard.socket\n"
        "starts it. `longpress doctor` says whether it answers. Without it, each keeper has a "
        "guard\n"
        "of its own, which ends if the whole control group is killed.\n"
        "\n"
        "  --listen PATH   listen there, without systemd (default " GUARD_SOCKET "); runs\n"
        "                  find it by LONGPRESS_GUARD=PATH",
    .run = run,
};
