#include "tui/command/words.h"

#include "tui/cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_MAX = 128, OTHERS_MAX = 2 /* more are not named one by one */ };

static size_t word_length(const char *text)
{
    bool quoted = false;
    size_t length = 0;

    for (; text[length] && text[length] != '\n' && (quoted || text[length] != ' '); length++) {
        quoted ^= text[length] == '`';
    }
    return length;
}

enum words_piece words_next(struct words *words, const char **piece, size_t *length)
{
    const char *at = words->at;

    while (*at == ' ' || (*at == '\n' && at[1] != '\n' && at[1] != ' ')) {
        at++;
    }
    if (*at == '\n' && at[1] == ' ') {
        *piece = at + 1;
        *length = strcspn(*piece, "\n");
        words->at = *piece + *length;
        return WORDS_LINE;
    }
    if (*at == '\n') {
        while (*at == '\n' && at[1] != ' ') {
            at++;
        }
        words->at = at;
        return *at ? WORDS_PARAGRAPH : WORDS_END;
    }
    *piece = at;
    *length = word_length(at);
    words->at = at + *length;
    return *length ? WORDS_WORD : WORDS_END;
}

static size_t add(char *out, size_t size, size_t used, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static size_t add(char *out, size_t size, size_t used, const char *fmt, ...)
{
    va_list args;

    if (used >= size) {
        return used;
    }
    va_start(args, fmt);
    int length = vsnprintf(out + used, size - used, fmt, args);
    va_end(args);
    return used + (length > 0 ? (size_t)length : 0);
}

char *words_usage(char *out, size_t size, const struct command *command)
{
    struct option_place places[OPTIONS_MAX];
    size_t count = option_list(command, places);
    size_t used = 0;
    size_t others = 0;
    char value[LABEL_MAX];

    out[0] = '\0';
    for (const struct command_operand *o = command->operands; o && o->name; o++) {
        used = add(out, size, used, " %s%s%s%s", o->optional ? "[" : "", o->name,
                   o->repeated ? "..." : "", o->optional ? "]" : "");
    }
    for (size_t i = 0; i < count; i++) {
        others += places[i].option->help && !places[i].option->usage;
        if (places[i].option->usage) {
            used = add(out, size, used, " %s", places[i].option->usage);
        }
    }
    for (size_t i = 0; i < count && others <= OTHERS_MAX; i++) {
        const struct command_option *option = places[i].option;
        if (option->help && !option->usage) {
            option_value_name(value, sizeof(value), option);
            used = add(out, size, used, " [--%s%s%s]", option->name, value[0] ? " " : "", value);
        }
    }
    if (others > OTHERS_MAX) {
        add(out, size, used, " [OPTION]...");
    }
    return out;
}
