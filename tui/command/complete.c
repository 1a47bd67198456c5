#include "tui/command/complete.h"

#include "rig/base/text.h"
#include "tui/cli/paths.h"
#include "tui/command/commands.h"
#include "tui/drive/bench_session.h"

#include <string.h>

enum { LINE_MAX_BYTES = 512 };

/* The command line so far. */
struct completing {
    FILE *out;
    const char *profiles_dir;
    const struct command *command;
    const char *typed; /* the word at the cursor */
    const char *model;
    const char *bench;
    struct option_place places[OPTIONS_MAX];
    size_t count;
    bool given[OPTIONS_MAX];
    size_t operands; /* in front of the cursor */
};

/* Is the word in the list "A,B,"? */
static bool is_listed(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; strchr(at, ','); at = strchr(at, ',') + 1) {
        if (strcspn(at, ",") == length && strncmp(at, word, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Prints `before` and the word if it matches what has been typed. */
static void offer(const struct completing *it, const char *before, const char *word,
                  const char *meaning)
{
    char whole[LINE_MAX_BYTES];
    char safe[LINE_MAX_BYTES];

    snprintf(whole, sizeof(whole), "%s%s", before, word);
    if (strncmp(whole, it->typed, strlen(it->typed)) != 0 || is_listed(before, word)) {
        return;
    }
    fprintf(it->out, "%s", text_printable(safe, sizeof(safe), whole));
    if (meaning) {
        fprintf(it->out, "\t%s", text_printable(safe, sizeof(safe), meaning));
    }
    fputc('\n', it->out);
}

/* ---- values ------------------------------------------------------------------------------- */

static void offer_profiles(const struct completing *it, const char *before, enum value_kind kind)
{
    struct diags diags = DIAGS_INIT;
    struct catalog *catalog = paths_catalog(&diags, it->profiles_dir);

    for (size_t i = 0; catalog && i < catalog->count; i++) {
        const struct profile *profile = catalog->profiles[i];
        if (kind == VALUE_MODEL) {
            offer(it, before, profile->model, profile->family);
        } else if (it->model && text_equal_nocase(profile->model, it->model)) {
            for (size_t p = 0; kind == VALUE_PROCEDURE && p < profile->procedure_count; p++) {
                offer(it, before, profile->procedures[p].name, profile->procedures[p].title);
            }
            for (size_t h = 0; kind == VALUE_HAZARD && h < profile->hazard_count; h++) {
                offer(it, before, profile->hazards[h].id, profile->hazards[h].risk);
            }
        }
    }
    catalog_free(catalog);
    diags_clear(&diags);
}

static void offer_stations(const struct completing *it, const char *before)
{
    struct bench_session bench_session = {0};
    struct diags diags = DIAGS_INIT;

    if (bench_session_bench(&bench_session, &diags, it->bench) == 0) {
        for (size_t i = 0; i < bench_session.bench->station_count; i++) {
            offer(it, before, bench_session.bench->stations[i].name, NULL);
        }
    }
    bench_session_close(&bench_session);
    diags_clear(&diags);
}

/* A word to be typed literally: `sim`, but not `sim:FIRMWARE`. */
static bool is_literal(const char *word)
{
    return word[strcspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
}

static void offer_value(const struct completing *it, const char *before, enum value_kind kind,
                        const struct option_word *words)
{
    for (const struct option_word *w = words; w && w->word; w++) {
        if (is_literal(w->word)) {
            offer(it, before, w->word, w->help);
        }
    }
    switch (kind) {
    case VALUE_MODEL:
    case VALUE_PROCEDURE:
    case VALUE_HAZARD:
        offer_profiles(it, before, kind);
        break;
    case VALUE_STATION:
        offer_stations(it, before);
        break;
    case VALUE_BENCH:
    case VALUE_FILE:
        fputs(":files\n", it->out);
        break;
    default:
        break;
    }
}

static void offer_option_value(const struct completing *it, const struct command_option *option,
                               const char *before)
{
    char listed[LINE_MAX_BYTES];
    const char *comma = option->listed ? strrchr(it->typed, ',') : NULL;

    if (comma) {
        snprintf(listed, sizeof(listed), "%.*s", (int)(comma + 1 - it->typed), it->typed);
        before = listed;
    }
    offer_value(it, before, option->value, option->words);
}

/* ---- options and operands ----------------------------------------------------------------- */

static size_t find_place(const struct completing *it, const char *word)
{
    size_t i = 0;

    for (; i < it->count; i++) {
        const struct command_option *option = it->places[i].option;
        size_t length = strlen(option->name);
        if ((option->letter && word[0] == '-' && word[1] == option->letter && !word[2]) ||
            (strncmp(word, "--", 2) == 0 && strncmp(word + 2, option->name, length) == 0 &&
             (word[2 + length] == '\0' || word[2 + length] == '='))) {
            break;
        }
    }
    return i;
}

static void offer_options(const struct completing *it)
{
    char name[LINE_MAX_BYTES];

    for (size_t i = 0; i < it->count; i++) {
        const struct command_option *option = it->places[i].option;
        if (option->help && (!it->given[i] || option->repeated)) {
            snprintf(name, sizeof(name), "--%s", option->name);
            offer(it, "", name, option->help);
        }
    }
    offer(it, "", "--help", "what the command does, its options, examples");
}

static const struct command_operand *operand_at(const struct command *command, size_t number)
{
    const struct command_operand *operand = command->operands;

    while (operand && operand->name && number > 0 && !operand->repeated) {
        operand++;
        number--;
    }
    return operand && operand->name ? operand : NULL;
}

static void note_value(struct completing *it, enum value_kind kind, const char *value)
{
    if (kind == VALUE_MODEL) {
        it->model = value;
    } else if (kind == VALUE_BENCH) {
        it->bench = value;
    }
}

/* Reads a command's words before the cursor. Returns the option whose value is at the cursor, or
 * NULL. */
static const struct command_option *read_words(struct completing *it, int count, char **words,
                                               bool *options_over)
{
    for (int i = 0; i < count; i++) {
        size_t found = *options_over ? it->count : find_place(it, words[i]);
        if (found < it->count) {
            const struct command_option *option = it->places[found].option;
            const char *value = strchr(words[i], '=');
            it->given[found] = true;
            if (value) {
                note_value(it, option->value, value + 1);
            } else if (option->value != VALUE_NONE && ++i == count) {
                return option;
            } else if (option->value != VALUE_NONE) {
                note_value(it, option->value, words[i]);
            }
        } else if (!*options_over && strcmp(words[i], "--") == 0) {
            *options_over = true;
        } else if (*options_over || words[i][0] != '-' || words[i][1] == '\0') {
            const struct command_operand *operand = operand_at(it->command, it->operands++);
            note_value(it, operand ? operand->value : VALUE_TEXT, words[i]);
        }
    }
    return NULL;
}

static void complete_command(struct completing *it, int count, char **words)
{
    char before[LINE_MAX_BYTES];
    bool options_over = false;

    it->count = option_list(it->command, it->places);
    const struct command_option *option = read_words(it, count, words, &options_over);
    const char *equals = strchr(it->typed, '=');
    if (option) {
        offer_option_value(it, option, "");
        return;
    }
    if (!options_over && it->typed[0] == '-' && equals) {
        size_t found = find_place(it, it->typed);
        snprintf(before, sizeof(before), "%.*s", (int)(equals + 1 - it->typed), it->typed);
        if (found < it->count && it->places[found].option->value != VALUE_NONE) {
            offer_option_value(it, it->places[found].option, before);
        }
        return;
    }
    const struct command_operand *operand = operand_at(it->command, it->operands);
    if (operand && it->typed[0] != '-') {
        offer_value(it, "", operand->value, NULL);
    }
    if (!options_over && (!operand || it->typed[0] == '-')) {
        offer_options(it);
    }
}

/* ---- the program's own -------------------------------------------------------------------- */

static void offer_commands(const struct completing *it)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        offer(it, "", commands[i]->name, commands[i]->summary);
    }
}

void complete(int count, char **words, FILE *out)
{
    static char nothing[] = "";
    struct completing it = {.out = out, .typed = count > 0 ? words[count - 1] : nothing};
    int before = count > 0 ? count - 1 : 0;
    int i = 0;

    for (; i < before && words[i][0] == '-' && !commands_takes(&cmd_screen, words[i]); i++) {
        if (strncmp(words[i], "--profiles=", 11) == 0) {
            it.profiles_dir = words[i] + 11;
        } else if (strcmp(words[i], "--profiles") == 0 && ++i < before) {
            it.profiles_dir = words[i];
        } else if (i == before) {
            fputs(":files\n", out);
            return;
        }
    }
    if (i == before) {
        offer_commands(&it);
        offer(&it, "", "help", "what a command does, its options, examples");
        if (it.typed[0] == '-') {
            offer(&it, "", "--profiles", "search DIR for profiles first");
            offer(&it, "", "--version", "show version and libraries");
            it.command = &cmd_screen;
            complete_command(&it, 0, NULL);
        }
        return;
    }
    if (strcmp(words[i], "help") == 0) {
        if (before - i == 1) {
            offer_commands(&it);
        }
        return;
    }
    bool screens = words[i][0] == '-';
    it.command = screens ? &cmd_screen : commands_named(words[i]);
    if (it.command) {
        complete_command(&it, before - i - (screens ? 0 : 1), words + i + (screens ? 0 : 1));
    }
}
