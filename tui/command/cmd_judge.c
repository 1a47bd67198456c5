/*
 * `longpress judge`: judges a stored run again: by today's profile, by a given file, or by the
 * profile that the run used. The run is a file written by `run --json`, or one from the journal.
 */
#include "rig/base/arena.h"
#include "rig/base/text.h"
#include "rig/journal/journal_read.h"
#include "rig/judge/judge_again.h"
#include "rig/record/record.h"
#include "rig/threshold/characterize.h"
#include "tui/cli/paths.h"
#include "tui/cli/run_filter.h"
#include "tui/command/commands.h"
#include "tui/print/print_run.h"

#include <stdio.h>

struct judge_options {
    struct run_choice choice;
    const char *run;
    const char *profile;
    bool kept_profile;
    bool json;
};

/* Everything that is open while a run is judged. */
struct judging {
    struct stored_run *from_file;
    struct whole_run *kept; /* of the journal */
    const struct stored_run *run;
    struct catalog *catalog;
    struct profile *own; /* of --profile */
    const struct profile *profile;
    struct characterize *series; /* of a press of one: its variant is judged by */
    struct arena arena;
};

static void judging_close(struct judging *judging)
{
    characterize_free(judging->series);
    arena_free(&judging->arena);
    catalog_free(judging->catalog);
    profile_free(judging->own);
    journal_whole_run_free(judging->kept);
    record_stored_run_free(judging->from_file);
}

static int load_kept(struct judging *judging, struct diags *diags,
                     const struct judge_options *options, int64_t number)
{
    struct arena arena = ARENA_INIT;
    const char *path = run_choice_path(&options->choice, diags, &arena);
    struct journal_reader *reader = path ? journal_reader_open(diags, path) : NULL;

    judging->kept = reader ? journal_load(reader, diags, number) : NULL;
    if (judging->kept && judging->kept->about.state != KEPT_DONE) {
        diag_error(diags, place_of(path), NULL, "run %s has nothing to judge: %s", options->run,
                   judging->kept->about.reason);
    } else if (judging->kept && judging->kept->damaged) {
        diag_error(diags, place_of(path), "restore a copy made by `longpress backup`",
                   "run %s cannot be judged again: its stored %s is damaged", options->run,
                   judging->kept->damaged);
    } else if (judging->kept) {
        judging->run = &judging->kept->stored;
    }
    journal_reader_close(reader);
    arena_free(&arena);
    return judging->run ? 0 : -1;
}

static int load_run(struct judging *judging, struct diags *diags,
                    const struct judge_options *options)
{
    int64_t number = run_choice_number(options->run);

    if (number > 0) {
        return load_kept(judging, diags, options, number);
    }
    judging->run = judging->from_file = record_read(diags, options->run);
    return judging->run ? 0 : -1;
}

static void use_kept_profile(struct judging *judging, struct diags *diags)
{
    if (!judging->kept || !judging->kept->profile_text) {
        diag_error(diags, place_of("--kept-profile"), "leave it out",
                   "the profile used for the run was not stored");
        return;
    }
    judging->profile = judging->kept->profile;
    if (!judging->profile) {
        /* Load it once more, to report what is wrong with it. */
        judging->profile = judging->own =
            profile_load_text(diags, "the stored profile", judging->kept->profile_text,
                              judging->kept->profile_length);
    }
}

static void use_file(struct judging *judging, struct diags *diags, const char *path)
{
    judging->own = profile_load(diags, path);
    if (judging->own && !text_equal_nocase(judging->own->model, judging->run->model)) {
        diag_error(diags, place_of(path), "name a profile of the run's model",
                   "is for a %s, but the run is of a %s", judging->own->model, judging->run->model);
        return;
    }
    judging->profile = judging->own;
}

/* The profile to judge by; NULL after an error. */
static void find_profile(struct judging *judging, struct diags *diags,
                         const struct context *context, const struct judge_options *options)
{
    if (options->kept_profile) {
        use_kept_profile(judging, diags);
    } else if (options->profile) {
        use_file(judging, diags, options->profile);
    } else {
        judging->catalog = paths_catalog(diags, context->profiles_dir);
        judging->profile =
            judging->catalog ? catalog_find(judging->catalog, judging->run->model, diags) : NULL;
    }
}

static void print_text(const struct judging *judging, const struct procedure *procedure,
                       const struct judgement *judgement)
{
    const struct stored_run *run = judging->run;

    printf("%s  %s, judged with %s\n\n", judging->profile->model, procedure->name,
           judging->profile->path);
    print_run_judgement(judgement, run->simulated, stdout);
    if (record_state_words(run->state)) {
        printf("\nNote: %s.\n", record_state_words(run->state));
    }
    if (judgement->verdict != run->verdict) {
        printf("\nThe verdict has changed: it was %s when the run was made (longpress %s), and is "
               "%s %s%s.\n",
               judge_verdict_name(run->verdict), run->version,
               judge_verdict_name(judgement->verdict), judging->catalog ? "today" : "with ",
               judging->catalog ? "" : judging->profile->path);
    } else if (judging->kept) {
        printf("\nThe verdict is the same as when the run was made: %s.\n",
               judge_verdict_name(run->verdict));
    }
}

/* A press of a series: the matching variant of today's procedure. */
static const struct procedure *make_variant(struct judging *judging, struct diags *diags,
                                            const char *claimed)
{
    const struct whole_run *kept = judging->kept;
    struct characterize_setup setup = {
        .profile = judging->profile,
        .procedure = catalog_procedure(judging->profile, claimed, diags),
        .bench = kept ? kept->bench : NULL,
        .station = kept ? kept->station : NULL,
        .accept_hazards = kept ? kept->hazards : NULL,
        .accept_count = kept ? kept->hazard_count : 0,
    };

    if (!setup.procedure) {
        return NULL;
    }
    judging->series = characterize_again(&setup, &judging->run->timeline);
    if (!judging->series) {
        diag_error(diags, place_of(judging->profile->path), "name another profile",
                   "`%s` does not end with a hold, but the run searched for its threshold",
                   claimed);
        return NULL;
    }
    return characterize_procedure(judging->series);
}

static const struct procedure *find_procedure(struct judging *judging, struct diags *diags)
{
    const struct whole_run *kept = judging->kept;
    const char *name = judging->run->procedure;
    size_t claimed = characterize_claimed_length(name);

    if (kept && kept->procedure && judging->profile == kept->profile) {
        return kept->procedure;
    }
    if (claimed > 0 && !profile_procedure(judging->profile, name)) {
        return make_variant(judging, diags, arena_strndup(&judging->arena, name, claimed));
    }
    return catalog_procedure(judging->profile, name, diags);
}

static int judge_run(struct judging *judging, struct diags *diags, bool json)
{
    const struct stored_run *run = judging->run;
    const struct procedure *procedure = find_procedure(judging, diags);
    struct pressed pressed = {.timeline = &run->timeline, .simulated = run->simulated};
    struct judged_again again;

    if (!procedure) {
        return EXIT_USAGE;
    }
    if (judging->kept && judging->kept->procedure) {
        pressed.profile = judging->kept->profile;
        pressed.procedure = judging->kept->procedure;
    }
    judge_again(&pressed, &run->sensors, run->end, judging->profile, procedure, &again);
    if (json) {
        /* Write errors are checked when the program ends. */
        record_write_again(run, judging->profile, procedure, &again, stdout);
    } else {
        print_text(judging, procedure, &again.judgement);
    }
    return judge_verdict_exit_status(again.judgement.verdict);
}

static int run(const struct context *context, int argc, char **argv)
{
    struct judge_options options = {.run = NULL};
    struct judging judging = {.run = NULL};
    struct diags diags = DIAGS_INIT;
    int status = EXIT_USAGE;

    if (!option_parse(&cmd_judge, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (options.profile && options.kept_profile) {
        return command_usage(&cmd_judge, "give either --profile or --kept-profile");
    }
    if (load_run(&judging, &diags, &options) == 0) {
        find_profile(&judging, &diags, context, &options);
    }
    if (judging.profile) {
        status = judge_run(&judging, &diags, options.json);
    }
    judging_close(&judging);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "RUN",
     .value = VALUE_FILE,
     .missing = "which run?",
     OPTION_AT(struct judge_options, run)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    {.name = "profile",
     .value = VALUE_FILE,
     .of = "FILE",
     .help = "judge by that profile",
     OPTION_AT(struct judge_options, profile)},
    {.name = "kept-profile",
     .help = "judge by the profile that the run used, from the journal",
     OPTION_AT(struct judge_options, kept_profile)},
    OPTION_JOURNAL(struct judge_options, choice.journal),
    {.name = "json",
     .help = "print one JSON object: today's verdict and expectations",
     OPTION_AT(struct judge_options, json)},
    OPTIONS_END,
};

const struct command cmd_judge = {
    .name = "judge",
    .summary = "judge a stored run again, with today's profile",
    .operands = operands,
    .options = options,
    .about = "Judges a run again: the record says what happened, and today's profile says what "
             "should have happened. Says whether the verdict has changed. A run whose presses "
             "differ from what the profile asks for today is inconclusive, and the difference is "
             "shown. RUN is the number of a run in the journal (`longpress history`), or a file "
             "written by `run --json`; `-` reads standard input.",
    .more = "Presses differ if their controls, order, number or times differ; a hold that the LED "
            "ended is accepted if the profile releases on the same pattern. A run is not judged if "
            "its profile or bench file in the journal is damaged.",
    .exits = "the verdict's, as for `run`; 2 if it is not a stored run",
    .examples = "longpress judge 12\n"
                "longpress judge 12 --profile draft/wh-1000xm5.yaml\n"
                "longpress run WH-1000XM5 --bench sim --json >run.json; longpress judge run.json\n"
                "longpress --profiles draft judge run.json",
    .run = run,
};
