#include "tui/command/manual.h"

#include "tui/command/commands.h"
#include "tui/command/words.h"

#include <ctype.h>
#include <string.h>

enum { WIDTH = 76, PIECE_MAX = 512, LABEL_MAX = 128, TEXT_MAX = 2048 };

/* ---- words -------------------------------------------------------------------------------- */

/* Filled lines of roff. */
struct roff {
    FILE *out;
    size_t column;
    bool capital; /* the next word begins a sentence */
    bool indented;
};

static void end_line(struct roff *roff)
{
    if (roff->column) {
        fputc('\n', roff->out);
    }
    roff->column = 0;
}

static void request(struct roff *roff, const char *line)
{
    end_line(roff);
    fprintf(roff->out, "%s\n", line);
}

static size_t append(char *out, size_t used, const char *text)
{
    size_t length = strlen(text);

    if (used + length >= PIECE_MAX) {
        return used;
    }
    memcpy(out + used, text, length + 1);
    return used + length;
}

/* What is typed needs hyphens that can be copied, unlike prose. */
static size_t append_character(char *out, size_t used, char c, bool typed)
{
    const char one[2] = {c, '\0'};

    return append(out, used, c == '\\' ? "\\e" : c == '-' && typed ? "\\-" : one);
}

/* A word, escaped: `typed` and --options are bold. */
static void escape(char *out, const char *word, size_t length)
{
    size_t used = 0;
    bool quoted = false;
    bool option = false;

    out[0] = '\0';
    if (length && (word[0] == '.' || word[0] == '\'')) {
        used = append(out, used, "\\&");
    }
    for (size_t i = 0; i < length; i++) {
        bool letter = isalnum((unsigned char)word[i]) || word[i] == '-';
        bool begins = word[i] == '-' && (i == 0 || !isalnum((unsigned char)word[i - 1]));
        if (word[i] == '`') {
            quoted = !quoted;
            used = append(out, used, quoted ? "\\fB" : "\\fR");
            continue;
        }
        if (!quoted && option && !letter) {
            option = false;
            used = append(out, used, "\\fR");
        } else if (!quoted && !option && begins && i + 1 < length && word[i + 1] != ',') {
            option = true;
            used = append(out, used, "\\fB");
        }
        used = append_character(out, used, word[i], quoted || option);
    }
    append(out, used, option ? "\\fR" : "");
}

static void put_word(struct roff *roff, const char *word, size_t length)
{
    char copy[PIECE_MAX];
    char escaped[PIECE_MAX];

    snprintf(copy, sizeof(copy), "%.*s", (int)length, word);
    if (roff->capital) {
        copy[0] = (char)toupper((unsigned char)copy[0]);
    }
    roff->capital = false;
    escape(escaped, copy, strlen(copy));
    size_t width = strlen(escaped);
    if (roff->column && roff->column + 1 + width > WIDTH) {
        end_line(roff);
    }
    fprintf(roff->out, "%s%s", roff->column ? " " : "", escaped);
    roff->column += width + (roff->column ? 1 : 0);
    /* One sentence per line. */
    if (strchr(".?!", copy[strlen(copy) - 1])) {
        end_line(roff);
    }
}

static void put_text(struct roff *roff, const char *text)
{
    struct words words = {.at = text};
    const char *piece;
    size_t length;
    enum words_piece kind;
    bool as_it_is = false;

    while ((kind = words_next(&words, &piece, &length)) != WORDS_END) {
        if (as_it_is && kind != WORDS_LINE) {
            request(roff, ".EE");
            request(roff, ".RE");
            as_it_is = false;
        }
        if (kind == WORDS_PARAGRAPH) {
            request(roff, roff->indented ? ".IP" : ".PP");
        } else if (kind == WORDS_LINE) {
            char line[PIECE_MAX] = "";
            size_t used = 0;
            if (!as_it_is) {
                request(roff, ".RS 4");
                request(roff, ".EX");
                as_it_is = true;
            }
            for (size_t i = 0; i < length; i++) {
                used = append_character(line, used, piece[i], true);
            }
            fprintf(roff->out, "%s\n", line);
        } else {
            put_word(roff, piece, length);
        }
    }
    if (as_it_is) {
        request(roff, ".EE");
        request(roff, ".RE");
    }
    end_line(roff);
}

/* Sentences in the tables have neither capital nor full stop. */
static void put_sentence(struct roff *roff, const char *text)
{
    char sentence[TEXT_MAX];
    size_t length = strlen(text);

    snprintf(sentence, sizeof(sentence), "%s%s", text,
             length && strchr(".:", text[length - 1]) ? "" : ".");
    roff->capital = true;
    put_text(roff, sentence);
}

/* ---- options ------------------------------------------------------------------------------ */

static void put_name(FILE *out, const struct command_option *option, const char *word)
{
    char name[LABEL_MAX];
    char bold[PIECE_MAX];
    char value[PIECE_MAX] = "";
    const char *named = word ? word : option_value_name(name, sizeof(name), option);

    if (option->letter && !word) {
        fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
    }
    snprintf(name, sizeof(name), "`--%s`", option->name);
    escape(bold, name, strlen(name));
    option_value_name(name, sizeof(name), option);
    escape(value, named == word ? word : name, strlen(named));
    /* What is typed literally is bold. */
    bool typed = word || !option->of;
    fprintf(out, "%s%s%s%s%s", bold, value[0] ? " " : "",
            !value[0] ? ""
            : typed   ? "\\fB"
                      : "\\fI",
            value, value[0] ? "\\fR" : "");
}

static void put_item(struct roff *roff, const struct command_option *option, const char *word,
                     const char *help)
{
    request(roff, ".TP");
    put_name(roff->out, option, word);
    fputc('\n', roff->out);
    put_sentence(roff, help);
}

static void put_option(struct roff *roff, const struct command_option *option)
{
    bool worded = option->words && option->words->help;

    if (!worded || option->value != VALUE_CHOICE) {
        put_item(roff, option, NULL, option->help);
        put_text(roff, option->more ? option->more : "");
    }
    for (const struct option_word *w = option->words; worded && w->word; w++) {
        put_item(roff, option, w->word, w->help);
    }
    if (worded && option->value == VALUE_CHOICE) {
        put_text(roff, option->more ? option->more : "");
    }
}

/* Options that another command explains, and that command. Returns how many. */
static size_t put_named(struct roff *roff, const struct option_place *places, size_t count)
{
    const struct command_option *group = places[0].group;
    bool first = true;
    size_t i = 0;

    request(roff, ".TP");
    for (; i < count && places[i].group == group; i++) {
        if (places[i].option->help) {
            fputs(first ? "" : ", ", roff->out);
            put_name(roff->out, places[i].option, NULL);
            first = false;
        }
    }
    fputc('\n', roff->out);
    put_sentence(roff, group->as);
    return i;
}

static void put_options(struct roff *roff, const struct command *command)
{
    struct option_place places[OPTIONS_MAX];
    size_t count = option_list(command, places);

    roff->indented = true;
    for (size_t i = 0; i < count;) {
        if (places[i].group && places[i].group->as) {
            i += put_named(roff, places + i, count - i);
            continue;
        }
        if (places[i].option->help) {
            put_option(roff, places[i].option);
        }
        i++;
    }
    roff->indented = false;
}

/* ---- commands ----------------------------------------------------------------------------- */

static void put_paragraphs(struct roff *roff, const char *text)
{
    if (text) {
        request(roff, ".PP");
        put_text(roff, text);
    }
}

static void put_usage(FILE *out, const struct command *command)
{
    char usage[LABEL_MAX * 2];
    char escaped[PIECE_MAX];

    words_usage(usage, sizeof(usage), command);
    escape(escaped, usage, strlen(usage));
    fprintf(out, ".SS %s\n\\fBlongpress %s\\fR%s\n", command->name, command->name, escaped);
}

static void put_examples(FILE *out, const char *examples)
{
    char line[PIECE_MAX];

    fputs(".PP\n.EX\n", out);
    for (const char *at = examples; *at;) {
        size_t used = 0;
        size_t length = strcspn(at, "\n");
        line[0] = '\0';
        for (size_t i = 0; i < length; i++) {
            used = append_character(line, used, at[i], true);
        }
        fprintf(out, "%s\n", line);
        at += length + (at[length] == '\n');
    }
    fputs(".EE\n", out);
}

void manual_commands(FILE *out)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = commands[i];
        struct roff roff = {.out = out};
        char exits[TEXT_MAX];

        put_usage(out, command);
        put_paragraphs(&roff, command->about);
        put_paragraphs(&roff, command->more);
        put_options(&roff, command);
        put_paragraphs(&roff, command->notes);
        snprintf(exits, sizeof(exits), "Exit status: %s.", command->exits);
        put_paragraphs(&roff, exits);
        put_examples(out, command->examples);
    }
}
