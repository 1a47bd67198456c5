/*
 * The operator's dialogue in lines, for terminals that cannot show screens: which model, which
 * procedure, which unit; then `longpress run`, and the next.
 */
#ifndef LONGPRESS_TUI_LINE_MODE_H
#define LONGPRESS_TUI_LINE_MODE_H

#include "tui/cli/command.h"

/* The options of the same names; NULL: the default. */
struct line_options {
    const char *bench;
    const char *journal;
    const char *operator_name;
};

/* `why` says why there are no screens. Returns the exit status of the last run; without a terminal
 * to ask at, prints the usage and returns EXIT_USAGE. */
int line_mode(const struct context *context, const char *why, const struct line_options *options);

#endif
