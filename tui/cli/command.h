/*
 * A command of the command line. One file each (tui/command/cmd_*.c); the table is in main.c.
 *
 * Exit statuses (docs/longpress.1): 0 pass or done, 1 fail, 2 usage or bad file,
 * 3 inconclusive, 4 aborted, 5 bench error.
 */
#ifndef LONGPRESS_TUI_COMMAND_H
#define LONGPRESS_TUI_COMMAND_H

#include "rig/base/diag.h"

#include <getopt.h>
#include <stdbool.h>

enum {
    EXIT_DONE = 0,
    EXIT_FAIL = 1,
    EXIT_USAGE = 2,
    EXIT_INCONCLUSIVE = 3,
    EXIT_ABORTED = 4,
    EXIT_BENCH = 5,
};

/* What every command knows: where the data is, and which profiles the user named. */
struct context {
    const char *profiles_dir; /* --profiles DIR, or NULL */
};

struct command {
    const char *name;
    const char *arguments; /* for the usage line */
    const char *summary;   /* one line */
    const char *help;      /* options and examples, for `longpress help COMMAND` */
    /* argv[0] is the command's name. Returns the exit status. */
    int (*run)(const struct context *context, int argc, char **argv);
};

extern const struct command command_models;
extern const struct command command_batch;
extern const struct command command_check;
extern const struct command command_characterize;
extern const struct command command_run;
extern const struct command command_decode;
extern const struct command command_learn;
extern const struct command command_judge;
extern const struct command command_history;
extern const struct command command_show;
extern const struct command command_report;
extern const struct command command_compare;
extern const struct command command_prune;
extern const struct command command_backup;
extern const struct command command_doctor;
extern const struct command command_guard;
extern const struct command command_jog;
extern const struct command command_monitor;
extern const struct command command_release;
extern const struct command command_scan;
extern const struct command command_screen;
extern const struct command command_settle;

/*
 * getopt_long with our words: an unknown option is told with the nearest known one, and with the
 * command to ask for help. Returns as getopt_long does: -1 at the end, '?' after a mistake (told
 * on standard error already).
 */
int command_option(const struct command *command, int argc, char **argv, const char *short_options,
                   const struct option *options);

/* Print "longpress COMMAND: error: ...; see `longpress help COMMAND`" and return EXIT_USAGE. */
int command_usage(const struct command *command, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What was printed must have arrived: a full disk is no success, and told. The exit status:
 * EXIT_BENCH for EXIT_DONE. A pipe that its reader has closed is no error. */
int command_printed(int status);
/* It has not arrived: told, and the exit status. */
int command_unwritten(int status);

/* Print the diagnostics on standard error, empty the list, and return `status`. */
int command_diags(struct diags *diags, int status);

#endif
