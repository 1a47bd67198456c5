#include "tui/command/commands.h"

#include <string.h>

#define COMMAND(name) &cmd_##name,
const struct command *const commands[COMMAND_COUNT] = {
#include "tui/command/commands.def"
};
#undef COMMAND

const struct command *commands_named(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

bool commands_takes(const struct command *command, const char *word)
{
    return strncmp(word, "--", 2) == 0 && option_named(command, word + 2, strcspn(word + 2, "="));
}
