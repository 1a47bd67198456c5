/*
 * A command of the command line. One file each (tui/command/cmd_*.c); tui/command/commands.def
 * lists them.
 *
 * Exit statuses (docs/longpress.1.in): 0 pass or done, 1 fail, 2 usage or bad file,
 * 3 inconclusive, 4 aborted, 5 bench error.
 */
#ifndef LONGPRESS_TUI_COMMAND_H
#define LONGPRESS_TUI_COMMAND_H

#include "rig/base/diag.h"
#include "tui/cli/option.h"

#include <stdbool.h>

enum {
    EXIT_DONE = 0,
    EXIT_FAIL = 1,
    EXIT_USAGE = 2,
    EXIT_INCONCLUSIVE = 3,
    EXIT_ABORTED = 4,
    EXIT_BENCH = 5,
};

/* Common to all commands: where the data is, and which profiles the user named. */
struct context {
    const char *profiles_dir; /* --profiles DIR, or NULL */
};

struct command {
    const char *name;
    const char *summary; /* one line */
    /* As tui/cli/option.h says. */
    const struct command_operand *operands; /* NULL: none */
    const struct command_option *options;   /* NULL: none */
    const char *about;                      /* what it does */
    const char *more;     /* further paragraphs, for the manual page; NULL: none */
    const char *notes;    /* what stands behind the options; NULL: nothing */
    const char *exits;    /* exit statuses: "0 pass, 1 fail" */
    const char *examples; /* a line each */

    /* argv[0] is the command's name. Returns the exit status. */
    int (*run)(const struct context *context, int argc, char **argv);
};

/* Print "longpress COMMAND: error: ...; see `longpress help COMMAND`" and return EXIT_USAGE. */
int command_usage(const struct command *command, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Checks that everything printed was written. A full disk is reported, and turns EXIT_DONE into
 * EXIT_BENCH. A pipe closed by its reader is not an error. Returns the exit status. */
int command_printed(int status);
/* Reports that standard output could not be written. Returns the exit status. */
int command_unwritten(int status);

/* Print the diagnostics on standard error, empty the list, and return `status`. */
int command_diags(struct diags *diags, int status);

#endif
