/* The tables of the commands hold together, are in help and manual page whole, and are read right.
 */
#include "tui/command/commands.h"
#include "tui/command/help.h"
#include "tui/command/manual.h"

#include "rig/base/text.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- all tables ---------------------------------------------------------------------------- */

static void check_kind(const struct command_option *option)
{
    size_t size = option->size;

    switch (option->value) {
    case VALUE_NONE:
        assert_int_equal(size, sizeof(bool));
        break;
    case VALUE_NUMBER:
        assert_true(size == sizeof(int32_t) || size == sizeof(int64_t));
        assert_true(option->least < option->most);
        break;
    case VALUE_DURATION:
        assert_int_equal(size, sizeof(int64_t));
        break;
    case VALUE_CHOICE:
        assert_int_equal(size, sizeof(int));
        assert_non_null(option->words);
        break;
    default:
        assert_int_equal(size, sizeof(const char *));
        break;
    }
}

static void check_options(const struct command *command)
{
    struct option_place places[OPTIONS_MAX];
    size_t count = option_list(command, places);
    char name[128];

    assert_true(count < OPTIONS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct command_option *option = places[i].option;
        option_value_name(name, sizeof(name), option);
        assert_int_equal(name[0] != '\0', option->value != VALUE_NONE);
        if (!option->take) {
            check_kind(option);
        }
        if (option->help) {
            assert_true(option->help[0] && !strchr("\n ", option->help[0]));
            assert_true(option->help[strlen(option->help) - 1] != '\n');
        }
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(places[k].option->name, option->name);
            assert_true(!option->letter || places[k].option->letter != option->letter);
        }
    }
}

static void check_operands(const struct command *command)
{
    bool optional = false;
    bool last = false;

    for (const struct command_operand *o = command->operands; o && o->name; o++) {
        assert_false(last);
        assert_true(o->optional || !optional);
        assert_int_equal(o->size, o->repeated ? sizeof(struct operands) : sizeof(const char *));
        /* Somebody says what is missing. */
        assert_true(o->optional || command->operands->missing);
        optional = o->optional;
        last = o->repeated;
    }
}

static void test_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        assert_ptr_equal(commands_named(commands[i]->name), commands[i]);
        assert_non_null(commands[i]->summary);
        assert_non_null(commands[i]->about);
        assert_non_null(commands[i]->exits);
        assert_non_null(commands[i]->examples);
        check_options(commands[i]);
        check_operands(commands[i]);
    }
    assert_null(commands_named("nothing"));
}

static char *manual(void)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    manual_commands(out);
    fclose(out);
    return text;
}

/* "--not-address" as roff has it. */
static void roff_name(char *out, const char *name)
{
    out += sprintf(out, "\\-\\-");
    for (; *name; name++) {
        out += sprintf(out, *name == '-' ? "\\-" : "%c", *name);
    }
}

static void test_everything_is_shown(void **state)
{
    char *page = manual();
    char *at = page;

    (void)state;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        struct option_place places[OPTIONS_MAX];
        size_t count = option_list(commands[i], places);
        char *help;
        size_t size;
        char name[128];
        FILE *out = open_memstream(&help, &size);
        help_command(commands[i], out);
        fclose(out);
        snprintf(name, sizeof(name), ".SS %s\n", commands[i]->name);
        at = strstr(at, name);
        assert_non_null(at);
        char *next = strstr(at + 1, "\n.SS ");
        char *part = strndup(at, next ? (size_t)(next - at) : strlen(at));
        for (size_t k = 0; k < count; k++) {
            if (places[k].option->help) {
                snprintf(name, sizeof(name), "--%s", places[k].option->name);
                assert_non_null(strstr(help, name));
                roff_name(name, places[k].option->name);
                assert_non_null(strstr(part, name));
            }
        }
        free(part);
        free(help);
    }
    free(page);
}

/* All but examples, and what is shown as it is. */
static void test_help_fits_a_terminal(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char *help;
        size_t size;
        FILE *out = open_memstream(&help, &size);
        help_command(commands[i], out);
        fclose(out);
        char *save = NULL;
        for (char *line = strtok_r(help, "\n", &save); line && strcmp(line, "Examples:") != 0;
             line = strtok_r(NULL, "\n", &save)) {
            if (text_columns(line) > 80) {
                fail_msg("longpress help %s: more than 80 columns: %s", commands[i]->name, line);
            }
        }
        free(help);
    }
}

/* ---- one table ----------------------------------------------------------------------------- */

enum colour { COLOUR_RED = 7, COLOUR_BLUE };

struct group {
    const char *bench;
    const char *unit;
};

struct made_up {
    bool flag;
    int32_t narrow;
    int64_t wide;
    int64_t time_ns;
    enum colour colour;
    const char *file;
    struct group group;
    const char *own_unit;
    int seen;
    const char *model;
    struct operands rest;
};

static bool see(const struct option_given *given, void *options, const char *value)
{
    (void)given;
    (void)value;
    ((struct made_up *)options)->seen++;
    return true;
}

static const struct option_word colours[] = {
    {.word = "red", .value = COLOUR_RED},
    {.word = "blue", .value = COLOUR_BLUE},
    {.word = NULL},
};

static const struct command_option group[] = {
    {.name = "bench", .value = VALUE_BENCH, .of = "FILE", OPTION_AT(struct group, bench)},
    {.name = "unit", .value = VALUE_TEXT, .of = "SERIAL", OPTION_AT(struct group, unit)},
    OPTIONS_END,
};

static const struct command_option options[] = {
    {.name = "flag", .letter = 'f', OPTION_AT(struct made_up, flag)},
    {.name = "narrow",
     .letter = 'n',
     .value = VALUE_NUMBER,
     .of = "N",
     .least = -2,
     .most = 9,
     OPTION_AT(struct made_up, narrow)},
    {.name = "wide",
     .value = VALUE_NUMBER,
     .of = "N",
     .most = INT64_MAX,
     OPTION_AT(struct made_up, wide)},
    {.name = "time",
     .value = VALUE_DURATION,
     .of = "TIME",
     .least = 1,
     .most = INT64_C(60000000000),
     OPTION_AT(struct made_up, time_ns)},
    {.name = "colour", .value = VALUE_CHOICE, .words = colours, OPTION_AT(struct made_up, colour)},
    {.name = "file",
     .value = VALUE_FILE,
     .of = "FILE",
     .missing = "which file?",
     OPTION_AT(struct made_up, file)},
    /* Instead of the group's. */
    {.name = "unit", .value = VALUE_TEXT, .of = "SERIAL", OPTION_AT(struct made_up, own_unit)},
    {.group = group, OPTION_AT(struct made_up, group), .seen = see},
    OPTIONS_END,
};

static const struct command_operand operands[] = {
    {.name = "MODEL",
     .value = VALUE_MODEL,
     .missing = "which model?",
     OPTION_AT(struct made_up, model)},
    {.name = "MORE",
     .value = VALUE_TEXT,
     .optional = true,
     .repeated = true,
     OPTION_AT(struct made_up, rest)},
    OPERANDS_END,
};

static const struct command made_up = {.name = "made-up", .options = options, .operands = operands};

/* Read a command line, as words with blanks between. What was told; "": nothing. */
static const char *parse(struct made_up *out, const char *line)
{
    static char words[256];
    static char told[1024];
    char *argv[32];
    int argc = 0;
    char *save = NULL;
    FILE *file = tmpfile();
    int was = dup(STDERR_FILENO);

    snprintf(words, sizeof(words), "made-up %s", line);
    for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        argv[argc++] = w;
    }
    argv[argc] = NULL;
    memset(out, 0, sizeof(*out));
    optind = 0;
    dup2(fileno(file), STDERR_FILENO);
    bool good = option_parse(&made_up, argc, argv, out);
    dup2(was, STDERR_FILENO);
    close(was);
    rewind(file);
    told[fread(told, 1, sizeof(told) - 1, file)] = '\0';
    fclose(file);
    assert_int_equal(good, told[0] == '\0');
    return told;
}

static void test_values(void **state)
{
    struct made_up got;

    (void)state;
    assert_string_equal(parse(&got, "M --file x --narrow -2 --wide=5000000000 --time 250ms -f"),
                        "");
    assert_true(got.flag);
    assert_int_equal(got.narrow, -2);
    assert_true(got.wide == INT64_C(5000000000));
    assert_true(got.time_ns == INT64_C(250000000));
    assert_string_equal(got.file, "x");
    assert_string_equal(got.model, "M");
    assert_int_equal(got.rest.count, 0);
    assert_string_equal(parse(&got, "--colour BLUE -fn3 --file x --file y M a b -- --c"), "");
    assert_int_equal(got.colour, COLOUR_BLUE);
    assert_int_equal(got.narrow, 3);
    assert_string_equal(got.file, "y");
    assert_int_equal(got.rest.count, 3);
    assert_string_equal(got.rest.items[2], "--c");
}

static void test_groups(void **state)
{
    struct made_up got;
    struct option_place places[OPTIONS_MAX];

    (void)state;
    assert_string_equal(parse(&got, "M --file x --bench sim --unit 12"), "");
    assert_string_equal(got.group.bench, "sim");
    assert_string_equal(got.own_unit, "12");
    assert_null(got.group.unit);
    assert_int_equal(got.seen, 1);
    assert_int_equal(option_list(&made_up, places), 8);
    assert_ptr_equal(option_named(&made_up, "bench=x", 5), group);
    assert_null(option_named(&made_up, "benc", 4));
}

#define expect_told(line, words)                                                                   \
    do {                                                                                           \
        struct made_up got;                                                                        \
        assert_string_equal(parse(&got, line),                                                     \
                            "longpress made-up: error: " words " see `longpress help made-up`\n"); \
    } while (0)

static void test_mistakes(void **state)
{
    (void)state;
    expect_told("--file x", "which model?");
    expect_told("M", "which file?");
    expect_told("M --file", "option `--file` needs a value;");
    expect_told("M --flag=1", "option `--flag` takes no value;");
    expect_told("M --coluor red", "unknown option `--coluor`; did you mean `--colour`?");
    expect_told("M -x", "unknown option `-x`;");
    expect_told("--narrow 10 M", "--narrow must be a number from -2 to 9, not `10`;");
    expect_told("--narrow 3x M", "--narrow must be a number from -2 to 9, not `3x`;");
    expect_told(
        "--wide 9223372036854775808 M",
        "--wide must be a number from 0 to 9223372036854775807, not `9223372036854775808`;");
    expect_told("--time 0s M", "--time must be longer than 0;");
    expect_told("--time 61s M", "--time must be at most 1 min;");
    expect_told("--time 7 M", "--time `7` has no unit; write it like 20s;");
    expect_told("--colour green M", "--colour must be `red` or `blue`, not `green`;");
    /* What comes from outside is made printable. */
    expect_told("--colour \033[2J M", "--colour must be `red` or `blue`, not `\\x1B[2J`;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_everything_is_shown),
        cmocka_unit_test(test_help_fits_a_terminal),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
