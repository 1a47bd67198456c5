#include "tui/cli/option.h"

#include "rig/base/text.h"
#include "rig/base/units.h"
#include "tui/cli/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFUSAL_MAX = 512, FOUND_FIRST = 256 /* values of getopt: letters are below */ };

const struct option_word option_benches[] = {{.word = "sim"}, {.word = "sim4"}, {.word = NULL}};

/* ---- the tables --------------------------------------------------------------------------- */

static bool is_there(const struct option_place *places, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(places[i].option->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static size_t add(const struct command_option *table, const struct command_option *group,
                  size_t base, struct option_place *places, size_t count)
{
    for (const struct command_option *o = table; o && (o->name || o->group); o++) {
        if (o->group) {
            count = add(o->group, group ? group : o, base + o->at, places, count);
        } else if (count < OPTIONS_MAX && !is_there(places, count, o->name)) {
            places[count++] = (struct option_place){.option = o, .group = group, .base = base};
        }
    }
    return count;
}

size_t option_list(const struct command *command, struct option_place places[OPTIONS_MAX])
{
    return add(command->options, NULL, 0, places, 0);
}

const struct command_option *option_named(const struct command *command, const char *name,
                                          size_t length)
{
    struct option_place places[OPTIONS_MAX];
    size_t count = option_list(command, places);

    for (size_t i = 0; i < count; i++) {
        const char *known = places[i].option->name;
        if (strlen(known) == length && strncmp(known, name, length) == 0) {
            return places[i].option;
        }
    }
    return NULL;
}

const char *option_value_name(char *out, size_t size, const struct command_option *option)
{
    size_t used = 0;

    out[0] = '\0';
    if (option->of) {
        snprintf(out, size, "%s", option->of);
        return out;
    }
    for (const struct option_word *w = option->words; w && w->word && used < size; w++) {
        int length = snprintf(out + used, size - used, "%s%s", used ? "|" : "", w->word);
        used += length > 0 ? (size_t)length : 0;
    }
    return out;
}

/* ---- values ------------------------------------------------------------------------------- */

bool option_refuse(const struct option_given *given, const char *fmt, ...)
{
    char text[REFUSAL_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    command_usage(given->command, "--%s %s", given->option->name, text);
    return false;
}

static bool read_number(const struct option_given *given, const char *text, int64_t *number)
{
    const struct command_option *option = given->option;
    char *end;

    errno = 0;
    long long found = strtoll(text, &end, 10);
    if (errno || end == text || *end || found < option->least || found > option->most) {
        return option_refuse(given, "must be a number from %lld to %lld, not `%s`",
                             (long long)option->least, (long long)option->most, text);
    }
    *number = found;
    return true;
}

static bool read_duration(const struct option_given *given, const char *text, int64_t *duration_ns)
{
    const struct command_option *option = given->option;
    char limit[DURATION_TEXT_MAX];
    int64_t found_ns;
    const char *wrong = units_duration_parse(text, &found_ns);

    if (wrong) {
        return option_refuse(given, "`%s` %s; write it like 20s", text, wrong);
    }
    if (found_ns < option->least) {
        return found_ns == 0 ? option_refuse(given, "must be longer than 0")
                             : option_refuse(given, "must be at least %s",
                                             units_duration_format(limit, option->least));
    }
    if (option->most && found_ns > option->most) {
        return option_refuse(given, "must be at most %s",
                             units_duration_format(limit, option->most));
    }
    *duration_ns = found_ns;
    return true;
}

static bool find_word(const struct option_given *given, const char *text, int *value)
{
    const struct option_word *words = given->option->words;
    char list[REFUSAL_MAX / 2];
    size_t used = 0;

    for (const struct option_word *w = words; w->word; w++) {
        if (text_equal_nocase(w->word, text)) {
            *value = w->value;
            return true;
        }
        const char *joint = w == words ? "" : w[1].word ? ", " : " or ";
        if (used < sizeof(list)) {
            int length = snprintf(list + used, sizeof(list) - used, "%s`%s`", joint, w->word);
            used += length > 0 ? (size_t)length : 0;
        }
    }
    return option_refuse(given, "must be %s, not `%s`", list, text);
}

static void put_number(void *at, size_t size, int64_t number)
{
    int32_t narrow = (int32_t)number;

    memcpy(at, size == sizeof(narrow) ? (void *)&narrow : (void *)&number, size);
}

static bool take(const struct option_given *given, void *options, const char *text)
{
    const struct command_option *option = given->option;
    void *at = (char *)options + option->at;
    int64_t number = 0;
    int word = 0;
    bool good;

    switch (option->value) {
    case VALUE_NONE:
        *(bool *)at = true;
        return true;
    case VALUE_NUMBER:
        good = read_number(given, text, &number);
        break;
    case VALUE_DURATION:
        good = read_duration(given, text, &number);
        break;
    case VALUE_CHOICE:
        good = find_word(given, text, &word);
        number = word;
        break;
    default:
        memcpy(at, &text, sizeof(text));
        return true;
    }
    if (good) {
        put_number(at, option->size, number);
    }
    return good;
}

/* ---- the command line --------------------------------------------------------------------- */

struct parsing {
    const struct command *command;
    struct option_place places[OPTIONS_MAX];
    size_t count;
    bool given[OPTIONS_MAX];
    struct option known[OPTIONS_MAX + 1]; /* for getopt_long */
    char letters[2 * OPTIONS_MAX + 2];
};

static void begin(struct parsing *parsing)
{
    char *letter = parsing->letters;

    parsing->count = option_list(parsing->command, parsing->places);
    *letter++ = ':'; /* a missing value is told apart */
    for (size_t i = 0; i < parsing->count; i++) {
        const struct command_option *option = parsing->places[i].option;
        bool valued = option->value != VALUE_NONE;
        parsing->known[i] = (struct option){
            .name = option->name,
            .has_arg = valued ? required_argument : no_argument,
            .val = FOUND_FIRST + (int)i,
        };
        if (option->letter) {
            *letter++ = option->letter;
            if (valued) {
                *letter++ = ':';
            }
        }
    }
}

static size_t place_of_found(const struct parsing *parsing, int found)
{
    size_t i = 0;

    if (found >= FOUND_FIRST) {
        return (size_t)(found - FOUND_FIRST);
    }
    while (i < parsing->count && parsing->places[i].option->letter != found) {
        i++;
    }
    return i;
}

static bool take_found(struct parsing *parsing, size_t number, void *options, const char *value)
{
    const struct option_place *place = &parsing->places[number];
    struct option_given given = {.command = parsing->command, .option = place->option};
    option_take *setter = place->option->take ? place->option->take : take;

    parsing->given[number] = true;
    if (!setter(&given, (char *)options + place->base, value)) {
        return false;
    }
    return !place->group || !place->group->seen || place->group->seen(&given, options, value);
}

static bool take_operands(const struct command *command, int argc, char **argv, void *options)
{
    const char *missing = NULL;
    int at = optind;

    for (const struct command_operand *o = command->operands; o && o->name; o++) {
        missing = o->missing ? o->missing : missing;
        if (at >= argc && !o->optional) {
            command_usage(command, "%s", missing);
            return false;
        }
        if (o->repeated) {
            struct operands rest = {.items = argv + at, .count = argc - at};
            memcpy((char *)options + o->at, &rest, sizeof(rest));
            return true;
        }
        if (at < argc) {
            const char *word = argv[at++];
            memcpy((char *)options + o->at, &word, sizeof(word));
        }
    }
    if (at < argc) {
        command_usage(command, "unexpected argument `%s`", argv[at]);
        return false;
    }
    return true;
}

static const char *nearest_option(const struct parsing *parsing, const char *word)
{
    const char *names[OPTIONS_MAX];

    for (size_t i = 0; i < parsing->count; i++) {
        names[i] = parsing->places[i].option->name;
    }
    return text_nearest(word, names, parsing->count);
}

/* getopt_long has refused `word`. */
static void tell_unknown(const struct parsing *parsing, const char *word)
{
    const struct command *command = parsing->command;
    char name[64];

    if (strncmp(word, "--", 2) != 0) {
        command_usage(command, "unknown option `%s`", word);
        return;
    }
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
    const char *near = nearest_option(parsing, name);
    if (near && strcmp(near, name) == 0) {
        command_usage(command, "option `--%s` takes no value", name);
    } else if (near) {
        command_usage(command, "unknown option `--%s`; did you mean `--%s`?", name, near);
    } else {
        command_usage(command, "unknown option `--%s`", name);
    }
}

/* The next option, which is at *place. False: there is none, or a mistake, told: *good. */
static bool next_option(const struct parsing *parsing, int argc, char **argv, size_t *place,
                        bool *good)
{
    int at = optind > 0 ? optind : 1;

    opterr = 0;
    int found = getopt_long(argc, argv, parsing->letters, parsing->known, NULL);
    *good = found != ':' && found != '?';
    if (found == ':') {
        command_usage(parsing->command, "option `%s` needs a value", argv[optind - 1]);
    } else if (found == '?') {
        /* With operands before options getopt has moved them: the culprit was just passed. */
        tell_unknown(parsing, optind > at ? argv[optind - 1] : argv[at]);
    }
    if (!*good || found == -1) {
        return false;
    }
    *place = place_of_found(parsing, found);
    return true;
}

bool option_parse(const struct command *command, int argc, char **argv, void *options)
{
    struct parsing parsing = {.command = command};
    size_t place;
    bool good;

    begin(&parsing);
    while (next_option(&parsing, argc, argv, &place, &good)) {
        if (place >= parsing.count || !take_found(&parsing, place, options, optarg)) {
            return false;
        }
    }
    if (!good || !take_operands(command, argc, argv, options)) {
        return false;
    }
    for (size_t i = 0; i < parsing.count; i++) {
        if (parsing.places[i].option->missing && !parsing.given[i]) {
            command_usage(command, "%s", parsing.places[i].option->missing);
            return false;
        }
    }
    return true;
}
