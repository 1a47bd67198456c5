/*
 * All commands. commands.def lists them; each is a file, cmd_NAME.c.
 */
#ifndef LONGPRESS_TUI_COMMANDS_H
#define LONGPRESS_TUI_COMMANDS_H

#include "tui/cli/command.h"

#include <stddef.h>

#define COMMAND(name) extern const struct command cmd_##name;
#include "tui/command/commands.def"
#undef COMMAND

#define COMMAND(name) COMMAND_##name,
enum {
#include "tui/command/commands.def"
    COMMAND_COUNT
};
#undef COMMAND

extern const struct command *const commands[COMMAND_COUNT];

/* The command of that name, or NULL. */
const struct command *commands_named(const char *name);

/* Does the word (`--bench`, `--bench=FILE`) name an option of the command? */
bool commands_takes(const struct command *command, const char *word);

#endif
