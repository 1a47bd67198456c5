/*
 * `longpress judge`: a stored run judged again, with today's profile.
 */
#include "rig/arena.h"
#include "rig/judge.h"
#include "rig/record.h"
#include "rig/text.h"
#include "tui/command.h"
#include "tui/places.h"
#include "tui/report.h"

#include <stdio.h>

/* The run's model and procedure in today's profiles. NULL after an error. */
static const struct procedure *find_procedure(const struct catalog *catalog,
                                              const struct stored_run *run, struct diags *diags,
                                              const struct profile **profile)
{
    *profile = catalog_find(catalog, run->model, diags);
    return *profile ? catalog_procedure(*profile, run->procedure, diags) : NULL;
}

static void print_text(const struct stored_run *run, const struct profile *profile,
                       const struct procedure *procedure, const struct judgement *judgement)
{
    printf("%s  %s, judged with %s\n\n", profile->model, procedure->name, profile->path);
    report_judgement(judgement, run->simulated, stdout);
    if (judgement->verdict != run->verdict) {
        printf("\nThe verdict has changed: it was %s when the run was made (longpress %s), and is "
               "%s today.\n",
               verdict_name(run->verdict), run->version, verdict_name(judgement->verdict));
    }
}

static int judge_again(const struct stored_run *run, const struct catalog *catalog,
                       struct diags *diags, bool json)
{
    const struct profile *profile;
    const struct procedure *procedure = find_procedure(catalog, run, diags, &profile);
    struct judgement judgement;

    if (!procedure) {
        return EXIT_USAGE;
    }
    judge(profile, procedure, &run->eyes, &run->timeline, run->end, &judgement);
    if (json) {
        /* Whether it arrived is seen where the program ends. */
        record_write_again(run, procedure, &judgement, stdout);
    } else {
        print_text(run, profile, procedure, &judgement);
    }
    return verdict_exit_status(judgement.verdict);
}

static int run(const struct context *context, int argc, char **argv)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    bool json = false;
    struct diags diags = DIAGS_INIT;
    int status = EXIT_USAGE;
    int found;

    while ((found = command_option(&command_judge, argc, argv, ":", known)) != -1) {
        if (found != 'j') {
            return EXIT_USAGE;
        }
        json = true;
    }
    if (argc - optind != 1) {
        return argc == optind ? command_usage(&command_judge, "which run?")
                              : command_usage(&command_judge, "`%s` is one argument too many",
                                              argv[optind + 1]);
    }
    struct stored_run *stored = record_read(&diags, argv[optind]);
    struct catalog *catalog = stored ? places_catalog(&diags, context->profiles_dir) : NULL;
    if (catalog) {
        status = judge_again(stored, catalog, &diags, json);
    }
    catalog_free(catalog);
    stored_run_free(stored);
    return command_diags(&diags, status);
}

const struct command command_judge = {
    .name = "judge",
    .arguments = "FILE.json [--json]",
    .summary = "judge a stored run again, with today's profile",
    .help = "Reads a run as `run --json` printed it, and judges it again: what happened is in the\n"
            "file, what should have happened in today's profile. Says so when the verdict is not\n"
            "what it was. `-` reads standard input.\n"
            "\n"
            "  --json   one JSON object on standard output: today's verdict and expectations\n"
            "\n"
            "Exit status: that of the verdict as for `run`; 2 for a file that is no stored run.\n"
            "\n"
            "Examples:\n"
            "  longpress run WH-1000XM5 --bench sim --json >run.json; longpress judge run.json\n"
            "  longpress --profiles draft judge run.json",
    .run = run,
};
