/*
 * Formats the texts of the tables (tui/cli/option.h): paragraphs are filled, preformatted lines are
 * kept.
 */
#ifndef LONGPRESS_TUI_WORDS_H
#define LONGPRESS_TUI_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* A text, read piece by piece. */
struct words {
    const char *at;
};

enum words_piece {
    WORDS_END,
    WORDS_WORD,      /* one that is not to be broken: `like this` is one, too */
    WORDS_PARAGRAPH, /* a new one begins */
    WORDS_LINE,      /* a line as it is, with its blanks in front */
};

/* The next piece: [*piece, *piece + *length). */
enum words_piece words_next(struct words *words, const char **piece, size_t *length);

/* "[OPTION]...": what stands behind `longpress NAME` in its usage line. */
struct command;
char *words_usage(char *out, size_t size, const struct command *command);

#endif
