/*
 * `longpress prune`: old runs are taken out of the journal.
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

static bool take_before(struct prune_options *options, const char *option, const char *wrong,
                        const char *value, int64_t before_ns)
{
    int64_t *until_ns = &options->choice.filter.until_ns;

    if (wrong) {
        command_usage(&command_prune, "%s `%s` %s", option, value, wrong);
        return false;
    }
    *until_ns = *until_ns == 0 || before_ns < *until_ns ? before_ns : *until_ns;
    return true;
}

static bool take_option(struct prune_options *options, int found)
{
    int64_t ns = 0;
    const char *wrong;

    switch (found) {
    case 'y':
        options->yes = true;
        return true;
    case 'n':
        options->dry_run = true;
        return true;
    case 'k':
        options->keep_fails = true;
        return true;
    case 'o':
        wrong = when_parse_span(optarg, &ns);
        options->chosen = true;
        return take_before(options, "--older-than", wrong, optarg, wall_ns() - ns);
    case 'b':
        wrong = when_parse(optarg, wall_ns(), &ns);
        options->chosen = true;
        return take_before(options, "--before", wrong, optarg, ns);
    case CHOOSE_LIMIT:
        command_usage(&command_prune, "--limit says nothing here; use --older-than or --before");
        return false;
    default:
        options->chosen |= found != CHOOSE_JOURNAL;
        return run_choice_take(&command_prune, &options->choice, found, optarg);
    }
}

static bool parse_options(int argc, char **argv, struct prune_options *options)
{
    static const struct option known[] = {
        RUN_CHOICE_OPTIONS,
        {"older-than", required_argument, NULL, 'o'},
        {"before", required_argument, NULL, 'b'},
        {"keep-fails", no_argument, NULL, 'k'},
        {"yes", no_argument, NULL, 'y'},
        {"dry-run", no_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    int found;

    while ((found = command_option(&command_prune, argc, argv, ":", known)) != -1) {
        if (!take_option(options, found)) {
            return false;
        }
    }
    if (argc != optind) {
        command_usage(&command_prune, "`%s` is one argument too many", argv[optind]);
        return false;
    }
    if (!options->chosen) {
        command_usage(&command_prune, "which runs? for example --older-than 90d, or --simulated");
        return false;
    }
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

    fputs("Take ", stderr);
    print_runs(result, stderr);
    fprintf(stderr, ", out of %s for good? [y/N] ", path);
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
        puts("no such run; nothing was taken out");
        return EXIT_DONE;
    }
    if (options->dry_run) {
        print_runs(&result, stdout);
        puts(", would be taken out");
        return EXIT_DONE;
    }
    if (!options->yes && !(isatty(STDIN_FILENO) && isatty(STDERR_FILENO))) {
        return command_usage(&command_prune, "there is nobody to ask; add --yes");
    }
    if (!options->yes && !is_confirmed(&result, path)) {
        puts("nothing was taken out");
        return EXIT_DONE;
    }
    if (journal_prune(diags, path, &choice, false, &result) != 0) {
        return EXIT_USAGE;
    }
    print_runs(&result, stdout);
    printf(", taken out; the file was %" PRId64 " kB and is %" PRId64 " kB\n",
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
    if (!parse_options(argc, argv, &options)) {
        return EXIT_USAGE;
    }
    const char *path = run_choice_path(&options.choice, &diags, &arena);
    if (path) {
        status = prune(&options, &diags, path);
    }
    arena_free(&arena);
    return command_diags(&diags, status);
}

const struct command command_prune = {
    .name = "prune",
    .arguments = "[OPTION]...",
    .summary = "remove old runs from the journal",
    .help = "Removes runs from the journal, permanently, and makes its file smaller. Says how many "
            "they\n"
            "are and from when, and asks first. A run in progress is never removed.\n"
            "\n"
            "  --older-than SPAN      runs that began longer ago than that (90d, 4w)\n"
            "  --before WHEN          runs that began before that (2026-01-01)\n"
            "  --keep-fails           but not those that failed\n" RUN_CHOICE_HELP
            "  --dry-run              say what would be removed, and remove nothing\n"
            "  --yes                  do not ask\n"
            "\n"
            "Make a copy first: longpress backup FILE.\n"
            "\n"
            "Examples:\n"
            "  longpress prune --simulated\n"
            "  longpress prune --older-than 52w --keep-fails --yes",
    .run = run,
};
