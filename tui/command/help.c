#include "tui/command/help.h"

#include "rig/base/text.h"
#include "tui/command/commands.h"
#include "tui/command/words.h"

#include <string.h>

enum {
    WIDTH = 80,
    OPTION_INDENT = 2,
    COLUMN_MAX = 25, /* the words of options begin there at most */
    LABEL_MAX = 128,
    PIECE_MAX = 256,
};

void help_overview(FILE *out)
{
    fputs("usage: longpress [--profiles DIR] COMMAND [ARGUMENT]...\n"
          "\n"
          "Presses the buttons of wireless headphones for exact times, watches the LED and the\n"
          "radio, and says whether the unit did what its profile promises.\n"
          "\n"
          "Try it without any hardware:\n"
          "  longpress run WH-1000XM5 --bench sim\n"
          "\n"
          "Commands:\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    }
    fputs("  help         what a command does, its options, examples: longpress help COMMAND\n"
          "\n"
          "  --profiles DIR   search DIR for profiles first\n"
          "  --version        show version and libraries\n"
          "  --help           show this\n"
          "\n"
          "Exit status: 0 pass or done, 1 fail, 2 usage or bad file, 3 inconclusive, 4 aborted,\n"
          "5 bench error.\n",
          out);
}

/* ---- lines -------------------------------------------------------------------------------- */

/* A text, filled from a given column. */
struct filling {
    FILE *out;
    int indent;
    int column;
};

static void new_line(struct filling *filling)
{
    fputc('\n', filling->out);
    filling->column = 0;
}

static void put_word(struct filling *filling, const char *word)
{
    int width = text_columns(word);

    if (filling->column > filling->indent && filling->column + 1 + width > WIDTH) {
        new_line(filling);
    }
    if (filling->column > filling->indent) {
        fputc(' ', filling->out);
        filling->column++;
    } else {
        fprintf(filling->out, "%*s", filling->indent - filling->column, "");
        filling->column = filling->indent;
    }
    fputs(word, filling->out);
    filling->column += width;
}

static void put_text(struct filling *filling, const char *text)
{
    struct words words = {.at = text};
    const char *piece;
    size_t length;
    enum words_piece kind;
    char word[PIECE_MAX];

    while ((kind = words_next(&words, &piece, &length)) != WORDS_END) {
        if (kind == WORDS_PARAGRAPH) {
            new_line(filling);
            new_line(filling);
            continue;
        }
        snprintf(word, sizeof(word), "%.*s", (int)length, piece);
        if (kind == WORDS_LINE) {
            if (filling->column > 0) {
                new_line(filling);
            }
            fputs(word, filling->out);
            filling->column = WIDTH; /* nothing more fits */
        } else {
            put_word(filling, word);
        }
    }
    new_line(filling);
}

static void put_paragraphs(FILE *out, const char *text)
{
    struct filling filling = {.out = out};

    if (text) {
        put_text(&filling, text);
        fputc('\n', out);
    }
}

/* ---- options ------------------------------------------------------------------------------ */

/* "-o, --output FILE", or with a word of it "--bench sim". */
static const char *label_of(char *out, size_t size, const struct command_option *option,
                            const char *word)
{
    char name[LABEL_MAX];
    const char *value = word ? word : option_value_name(name, sizeof(name), option);
    char letter[8] = "";

    if (option->letter && !word) {
        snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    }
    snprintf(out, size, "%s--%s%s%s", letter, option->name, value[0] ? " " : "", value);
    return out;
}

static void put_line(FILE *out, int column, const char *label, const char *text)
{
    struct filling filling = {.out = out, .indent = column};

    fprintf(out, "%*s%s", OPTION_INDENT, "", label);
    filling.column = OPTION_INDENT + (int)strlen(label);
    if (filling.column + 2 > column) {
        new_line(&filling);
    }
    put_text(&filling, text);
}

/* The option's lines: its own and those of its words. A choice whose words have lines has no line
 * of its own. */
static void put_option(FILE *out, int column, const struct command_option *option)
{
    char label[LABEL_MAX + 32];
    bool worded = option->words && option->words->help;

    if (!worded || option->value != VALUE_CHOICE) {
        put_line(out, column, label_of(label, sizeof(label), option, NULL), option->help);
    }
    for (const struct option_word *w = option->words; worded && w->word; w++) {
        put_line(out, column, label_of(label, sizeof(label), option, w->word), w->help);
    }
}

/* Options that another command explains: their names, and that command. Returns how many. */
static size_t put_named(FILE *out, int column, const struct option_place *places, size_t count)
{
    const struct command_option *group = places[0].group;
    struct filling names = {.out = out, .indent = OPTION_INDENT};
    struct filling words = {.out = out, .indent = column};
    char label[LABEL_MAX + 32];
    size_t i = 0;

    for (; i < count && places[i].group == group; i++) {
        if (places[i].option->help) {
            bool last = i + 1 == count || places[i + 1].group != group;
            char word[LABEL_MAX + 40];
            label_of(label, sizeof(label), places[i].option, NULL);
            snprintf(word, sizeof(word), "%s%s", label, last ? "" : ",");
            put_word(&names, word);
        }
    }
    if (names.column + 2 > column) {
        new_line(&names);
    }
    words.column = names.column;
    put_text(&words, group->as);
    return i;
}

static int column_of(const struct option_place *places, size_t count)
{
    char label[LABEL_MAX + 32];
    int column = 0;

    for (size_t i = 0; i < count; i++) {
        const struct command_option *option = places[i].option;
        if (!option->help) {
            continue;
        }
        if (places[i].group && places[i].group->as) {
            return COLUMN_MAX;
        }
        const struct option_word *w = option->words && option->words->help ? option->words : NULL;
        const char *word = w && option->value == VALUE_CHOICE ? (w++)->word : NULL;
        for (;; word = (w++)->word) {
            label_of(label, sizeof(label), option, word);
            int needed = OPTION_INDENT + (int)strlen(label) + 3;
            column = needed > column ? needed : column;
            if (!w || !w->word) {
                break;
            }
        }
    }
    return column < COLUMN_MAX ? column : COLUMN_MAX;
}

static void put_options(FILE *out, const struct command *command)
{
    struct option_place places[OPTIONS_MAX];
    size_t count = option_list(command, places);
    int column = column_of(places, count);
    bool any = false;

    for (size_t i = 0; i < count;) {
        any |= places[i].option->help != NULL;
        if (places[i].group && places[i].group->as) {
            i += put_named(out, column, places + i, count - i);
            continue;
        }
        if (places[i].option->help) {
            put_option(out, column, places[i].option);
        }
        i++;
    }
    if (any) {
        fputc('\n', out);
    }
}

void help_command(const struct command *command, FILE *out)
{
    char usage[PIECE_MAX];
    char exits[PIECE_MAX * 2];
    struct filling filling = {.out = out};

    fprintf(out, "usage: longpress %s%s\n\n", command->name,
            words_usage(usage, sizeof(usage), command));
    put_paragraphs(out, command->about);
    put_options(out, command);
    put_paragraphs(out, command->notes);
    snprintf(exits, sizeof(exits), "Exit status: %s.", command->exits);
    put_text(&filling, exits);
    fputs("\nExamples:\n", out);
    for (const char *at = command->examples; *at;) {
        int length = (int)strcspn(at, "\n");
        fprintf(out, "  %.*s\n", length, at);
        at += length + (at[length] == '\n');
    }
}
