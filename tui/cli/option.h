/*
 * Options and operands of a command, as constant tables. Parsing (here), help, the manual page and
 * shell completion (tui/command/) all use them.
 *
 *     static const struct command_option options[] = {
 *         {.name = "bench", .value = VALUE_BENCH, .of = "FILE", .help = "the bench file",
 *          OPTION_AT(struct history_options, bench)},
 *         OPTION_GROUP(run_choice_options, struct history_options, choice),
 *         OPTIONS_END,
 *     };
 *
 * If two options have the same name, the first counts: a command overrides a group that follows. In
 * texts, `like this` marks what is typed, an empty line starts a paragraph, and a line that starts
 * with a blank is preformatted.
 */
#ifndef LONGPRESS_TUI_OPTION_H
#define LONGPRESS_TUI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command;
struct command_option;

/* The kind of a value: the type it is read into, and what a shell offers for it. */
enum value_kind {
    VALUE_NONE,     /* of a flag: bool */
    VALUE_NUMBER,   /* an integer of 4 or 8 bytes, from `least` to `most` */
    VALUE_DURATION, /* int64_t, ns, the same; `most` 0: DURATION_MAX_NS */
    VALUE_CHOICE,   /* an enum, or int: the value of one of `words`, letter case aside */
    VALUE_TEXT,     /* this and the following: const char * */
    VALUE_FILE,
    VALUE_BENCH, /* a file, or one of the simulated benches */
    VALUE_STATION,
    VALUE_MODEL,
    VALUE_PROCEDURE,
    VALUE_HAZARD,
};

struct option_word {
    const char
        *word; /* NULL ends a list; with capitals in it (`sim:FIRMWARE`) no shell offers it */
    int value;
    const char *help; /* NULL: no line of its own */
};

/* An option that was given, for its setter. */
struct option_given {
    const struct command *command;
    const struct command_option *option;
};

/* A custom setter: `options` is the struct that the table fills, `value` is NULL for a flag. False
 * after an error, reported with option_refuse or command_usage. */
typedef bool option_take(const struct option_given *given, void *options, const char *value);

struct command_option {
    const char *name; /* without dashes; NULL: a group, or the end */
    char letter;      /* `o`: -o as well */
    bool repeated;    /* may be given more than once; of others the last one counts */
    bool listed;      /* several of `words`, with commas between; for the shells */
    enum value_kind value;
    const char *of; /* the value's name: FILE; NULL: the words of the choice, or a flag */
    const struct option_word *words; /* of a choice, or what else a shell is to offer */
    int64_t least;
    int64_t most;
    const char *help;    /* one sentence, without capital and full stop; NULL: it is not shown */
    const char *more;    /* sentences for the manual page */
    const char *usage;   /* how it stands in the usage line: the command needs it */
    const char *missing; /* the error where it is not given */
    size_t at;           /* OPTION_AT */
    size_t size;
    option_take *take; /* NULL: by `value` into `at` */

    /* A group: */
    const struct command_option *group;
    const char *as;    /* its names only are shown, with this: "as for `run`" */
    option_take *seen; /* called after each of its options, with the command's own struct */
};

#define OPTION_AT(type, member) .at = offsetof(type, member), .size = sizeof(((type *)NULL)->member)
/* The options of `table`, about the struct that is `member` of the command's. */
#define OPTION_GROUP(table, type, member)                                                          \
    {                                                                                              \
        .group = (table), OPTION_AT(type, member)                                                  \
    }
#define OPTION_GROUP_AS(table, type, member, words)                                                \
    {                                                                                              \
        .group = (table), OPTION_AT(type, member), .as = (words)                                   \
    }
#define OPTIONS_END                                                                                \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* Options of most commands. */
#define OPTION_BENCH(type, member)                                                                 \
    {                                                                                              \
        .name = "bench", .value = VALUE_BENCH, .of = "FILE",                                       \
        .help = "the bench file, as for `run`; `sim`, `sim4`: simulated", .words = option_benches, \
        OPTION_AT(type, member)                                                                    \
    }
#define OPTION_STATION(type, member)                                                               \
    {                                                                                              \
        .name = "station", .value = VALUE_STATION, .of = "NAME", .help = "station of the bench",   \
        OPTION_AT(type, member)                                                                    \
    }
extern const struct option_word option_benches[];

/* What follows the options. */
struct command_operand {
    const char *name; /* MODEL; NULL ends the table */
    enum value_kind value;
    bool optional;       /* and so are those that follow */
    bool repeated;       /* any number more: the last of the table */
    const char *missing; /* the error where it is not given; NULL: as the one before it says */
    size_t at;           /* const char *, or struct operands */
    size_t size;
};

#define OPERANDS_END                                                                               \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* Those of a repeated one. Borrowed. */
struct operands {
    char **items;
    int count;
};

enum { OPTIONS_MAX = 64 };

/* An option where it stands. */
struct option_place {
    const struct command_option *option;
    const struct command_option *group; /* through which it came; NULL: the command's own */
    size_t base;                        /* of its struct in the command's */
};

/* All options of a command in order, with groups resolved. Returns how many. */
size_t option_list(const struct command *command, struct option_place places[OPTIONS_MAX]);

/* The option of that name (`length` bytes), or NULL. */
const struct command_option *option_named(const struct command *command, const char *name,
                                          size_t length);

/* Parse a command line (argv[0] is the command's name) into the command's struct, which holds the
 * defaults. False after an error, reported on standard error. */
bool option_parse(const struct command *command, int argc, char **argv, void *options);

/* Print "longpress COMMAND: error: --NAME ..." and return false. */
bool option_refuse(const struct option_given *given, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "real|fast": how help and usage name the value; `of`, or the words of the choice. */
const char *option_value_name(char *out, size_t size, const struct command_option *option);

#endif
