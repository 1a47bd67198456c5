/*
 * `longpress prune`: removes old runs from the journal.
 */
#include "rig/base/units.h"
#include "rig/base/when.h"
#include "rig/journal/journal_care.h"
#include "tui/cli/run_filter.h"
#include "tui/command/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct prune_options {
    struct run_choice choice;
    bool keep_fails;
    bool yes;
    bool dry_run;
    bool chosen; /* something says which runs */
};

static int64_t wall_ns(void)
{
    return (int64_t)time(NULL) * NS_PER_S;
}

/* The earliest of the given limits counts. */
static void take_end(struct prune_options *options, int64_t end_ns)
{
    int64_t *until_ns = &options->choice.filter.until_ns;

    *until_ns = *until_ns == 0 || end_ns < *until_ns ? end_ns : *until_ns;
    options->chosen = true;
}

static bool take_older_than(const struct option_given *given, void *options, const char *text)
{
    int64_t span_ns = 0;
    const char *wrong = when_parse_span(text, &span_ns);

    if (wrong) {
        return option_refuse(given, "`%s` %s", text, wrong);
    }
    take_end(options, wall_ns() - span_ns);
    return true;
}

static bool take_before(const struct option_given *given, void *options, const char *text)
{
    int64_t end_ns = 0;
    const char *wrong = when_parse(text, wall_ns(), &end_ns);

    if (wrong) {
        return option_refuse(given, "`%s` %s", text, wrong);
    }
    take_end(options, end_ns);
    return true;
}

static bool refuse_limit(const struct option_given *given, void *options, const char *text)
{
    (void)options;
    (void)text;
    return option_refuse(given, "does not apply here; use --older-than or --before");
}

/* All options except --journal select runs. */
static bool see_choice(const struct option_given *given, void *options, const char *text)
{
    (void)text;
    ((struct prune_options *)options)->chosen |= strcmp(given->option->name, "journal") != 0;
    return true;
}

/* "12 runs, from 2026-01-02 10:00 to 2026-03-04 12:00" */
static void print_runs(const struct prune_result *result, FILE *out)
{
    char first[WHEN_TEXT_MAX];
    char last[WHEN_TEXT_MAX];

    fprintf(out, "%" PRId64 " run%s, from %.16s to %.16s", result->runs,
            result->runs == 1 ? "" : "s", when_local(first, result->first_ns),
            when_local(last, result->last_ns));
}

static bool is_confirmed(const struct prune_result *result, const char *path)
{
    char answer[16];

    fputs("Remove ", stderr);
    print_runs(result, stderr);
    fprintf(stderr, ", from %s permanently? [y/N] ", path);
    fflush(stderr);
    return fgets(answer, sizeof(answer), stdin) &&
           (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
}

static int prune(const struct prune_options *options, struct diags *diags, const char *path)
{
    struct prune_choice choice = {.filter = options->choice.filter,
                                  .keep_fails = options->keep_fails};
    struct prune_result result;

    if (journal_prune(diags, path, &choice, true, &result) != 0) {
        return EXIT_USAGE;
    }
    if (result.runs == 0) {
        puts("no such run; nothing was removed");
        return EXIT_DONE;
    }
    if (options->dry_run) {
        print_runs(&result, stdout);
        puts(", would be removed");
        return EXIT_DONE;
    }
    if (!options->yes && !(isatty(STDIN_FILENO) && isatty(STDERR_FILENO))) {
        return command_usage(&cmd_prune, "there is no terminal to ask at; add --yes");
    }
    if (!options->yes && !is_confirmed(&result, path)) {
        puts("nothing was removed");
        return EXIT_DONE;
    }
    if (journal_prune(diags, path, &choice, false, &result) != 0) {
        return EXIT_USAGE;
    }
    print_runs(&result, stdout);
    printf(", removed; the file was %" PRId64 " kB, now %" PRId64 " kB\n",
           result.bytes_before / 1024, result.bytes_after / 1024);
    return EXIT_DONE;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct prune_options options = {.yes = false};
    struct arena arena = ARENA_INIT;
    struct diags diags = DIAGS_INIT;
    int status = EXIT_USAGE;

    (void)context;
    if (!option_parse(&cmd_prune, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (!options.chosen) {
        return command_usage(&cmd_prune,
                             "which runs? for example --older-than 90d, or --simulated");
    }
    const char *path = run_choice_path(&options.choice, &diags, &arena);
    if (path) {
        status = prune(&options, &diags, path);
    }
    arena_free(&arena);
    return command_diags(&diags, status);
}

static const struct command_option options[] = {
    {.name = "older-than",
     .value = VALUE_TEXT,
     .of = "SPAN",
     .help = "remove runs older than SPAN (90d, 4w)",
     .take = take_older_than},
    {.name = "before",
     .value = VALUE_TEXT,
     .of = "WHEN",
     .help = "remove runs that began before WHEN (2026-01-01)",
     .take = take_before},
    {.name = "keep-fails",
     .help = "keep runs that failed",
     OPTION_AT(struct prune_options, keep_fails)},
    {.name = "limit", .value = VALUE_TEXT, .of = "N", .take = refuse_limit},
    {.group = run_choice_options,
     OPTION_AT(struct prune_options, choice),
     .as = "select runs, as for `history`",
     .seen = see_choice},
    {.name = "dry-run",
     .help = "show what would be removed; remove nothing",
     OPTION_AT(struct prune_options, dry_run)},
    {.name = "yes", .help = "do not ask for confirmation", OPTION_AT(struct prune_options, yes)},
    OPTIONS_END,
};

const struct command cmd_prune = {
    .name = "prune",
    .summary = "remove old runs from the journal",
    .options = options,
    .about = "Removes runs from the journal permanently and shrinks its file. First says how many "
             "runs there are, and from when, and asks. A run in progress is never removed.",
    .notes = "Make a copy first: `longpress backup FILE`.",
    .exits = "0 done, or no such run; 2 usage or bad file",
    .examples = "longpress prune --simulated\n"
                "longpress prune --older-than 52w --keep-fails --yes",
    .run = run,
};
