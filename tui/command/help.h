/*
 * `longpress help`: from the tables of the commands.
 */
#ifndef LONGPRESS_TUI_HELP_H
#define LONGPRESS_TUI_HELP_H

#include "tui/cli/command.h"

#include <stdio.h>

/* For all commands. */
void help_overview(FILE *out);

/* For one command: usage, what it does, options, exit statuses, examples, 80 columns wide. */
void help_command(const struct command *command, FILE *out);

#endif
