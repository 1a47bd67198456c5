/*
 * `longpress learn`: runs a procedure several times on a known-good unit and makes a profile of
 * what it shows.
 */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/base/when.h"
#include "rig/learn/learn.h"
#include "rig/plan/plan.h"
#include "tui/cli/out_file.h"
#include "tui/command/commands.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/console.h"
#include "tui/drive/run_journal.h"
#include "tui/drive/run_options.h"
#include "tui/task/learn_file.h"
#include "tui/task/learn_series.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    RUNS_DEFAULT = 5,
    SOURCE_TEXT_MAX = 64,
    DAY_LENGTH = sizeof("2026-11-25") - 1,
};

#define WATCH_DEFAULT_NS (45 * NS_PER_S)
#define WATCH_MAX_NS     (600 * NS_PER_S)

struct learn_options {
    struct run_options run;
    const char *from;
    size_t runs;
    int64_t watch_ns;
    int64_t cooldown_ns; /* -1: the profile's */
    const char *output;
    bool force;
    bool resume;
    char source[SOURCE_TEXT_MAX];
    const char *note;
    char day[WHEN_TEXT_MAX];
};

/* What is learned, from where, with what. */
struct lecture {
    struct arena arena;
    struct catalog *catalog;
    struct profile *from; /* --from */
    const struct profile *profile;
    const struct procedure *procedure;
    struct profile *asked;
    struct plan *plan;
    struct bench_session bench_session;
    struct out_file file;
    struct learn_series *series;
};

static void lecture_close(struct lecture *lecture)
{
    if (lecture->series) {
        learn_series_close(lecture->series);
        free(lecture->series);
    }
    out_file_drop(&lecture->file);
    plan_free(lecture->plan);
    profile_free(lecture->asked);
    profile_free(lecture->from);
    bench_session_close(&lecture->bench_session);
    catalog_free(lecture->catalog);
    arena_free(&lecture->arena);
}

/* ---- options ------------------------------------------------------------------------------ */

static bool take_source(const struct option_given *given, void *options, const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "_.@+-";
    if (!text[0] || !strchr(letters, text[0]) || strspn(text, others) != strlen(text) ||
        strlen(text) >= SOURCE_TEXT_MAX) {
        return option_refuse(
            given, "must be a short name of letters, digits and _ . @ + -, not `%s`", text);
    }
    snprintf(((struct learn_options *)options)->source, SOURCE_TEXT_MAX, "%s", text);
    return true;
}

/* The day, and what is named after it: a source of its own. */
static int name_it(const struct lecture *lecture, struct diags *diags,
                   struct learn_options *options)
{
    const struct profile *profile = lecture->profile;

    when_local(options->day, (int64_t)time(NULL) * NS_PER_S);
    options->day[DAY_LENGTH] = '\0';
    if (options->source[0] && learn_file_source_taken(profile, options->source)) {
        return diag_error(diags, place_of("--source"), "choose another name",
                          "%s already has a source `%s`", profile->path, options->source);
    }
    for (int i = 1; !options->source[0] || learn_file_source_taken(profile, options->source); i++) {
        char more[16] = "";
        if (i > 1) {
            snprintf(more, sizeof(more), "-%d", i);
        }
        snprintf(options->source, sizeof(options->source), "learned-%.*s%s", DAY_LENGTH,
                 options->day, more);
    }
    options->run.series = options->run.series ? options->run.series : options->source;
    return 0;
}

/* ---- what is to be learned ---------------------------------------------------------------- */

static int find_procedure(struct lecture *lecture, struct diags *diags,
                          const struct context *context, const struct learn_options *options)
{
    if (options->from) {
        lecture->from = profile_load(diags, options->from);
        lecture->profile = lecture->from;
        if (lecture->from && !text_equal_nocase(lecture->from->model, options->run.model)) {
            return diag_error(diags, place_of(options->from), "name that model, or another file",
                              "is a profile of %s, not of %s", lecture->from->model,
                              options->run.model);
        }
    } else {
        lecture->profile = run_options_profile(&options->run, context, diags, &lecture->catalog);
        if (lecture->catalog && !lecture->profile) {
            return diag_error(diags, place_of("--from"),
                              "`longpress help learn` shows a minimal one",
                              "a model without a profile needs a file with its controls and steps");
        }
    }
    if (!lecture->profile) {
        return -1;
    }
    lecture->procedure = run_options_procedure(&options->run, lecture->profile, diags);
    return lecture->procedure ? 0 : -1;
}

static int prepare(struct lecture *lecture, struct diags *diags,
                   const struct learn_options *options)
{
    struct bench_session *bench_session = &lecture->bench_session;
    struct plan_choices choices = run_options_choices(&options->run);

    if (run_options_find(&options->run, bench_session, diags, lecture->profile) != 0) {
        return -1;
    }
    lecture->asked = learn_file_asked(diags, &lecture->arena, lecture->profile, lecture->procedure);
    if (!lecture->asked) {
        return -1;
    }
    struct procedure *probe = learn_probe(&lecture->arena, lecture->procedure, options->watch_ns);
    lecture->plan =
        plan_make(diags, lecture->asked, probe, bench_session->bench, bench_session->station,
                  &choices, options->run.plan_only ? stdout : NULL);
    return lecture->plan ? 0 : -1;
}

/* ---- what is told ------------------------------------------------------------------------- */

static void tell_plan(const struct lecture *lecture, const struct learn_options *options)
{
    char rest[DURATION_TEXT_MAX];
    const struct bench_session *bench_session = &lecture->bench_session;
    printf("%s %s: %zu runs on bench %s, station %s%s%s\n", lecture->profile->model,
           lecture->procedure->name, options->runs, bench_session->bench->name,
           bench_session->station->name, bench_session->firmware_text ? " - SIMULATED: " : "",
           bench_session->firmware_text ? bench_session->firmware_text : "");
    bool rests = lecture->series->rest_ns > 0 &&
                 !(bench_session->bench->simulated && lecture->series->series.rate == 0);
    printf("kept as series %s; %s%s rest between two runs\n", options->run.series,
           rests ? "at least " : "no",
           rests ? units_duration_format(rest, lecture->series->rest_ns) : "");
    fflush(stdout);
}

static void tell_claims(const struct lesson *lesson)
{
    printf("\nlearned from %zu runs:\n", lesson->agreeing);
    for (size_t i = 0; i < lesson->procedure.expect_count; i++) {
        const struct expectation *expectation = &lesson->procedure.expect[i];
        char pattern[PATTERN_TEXT_MAX];
        bool led = expectation->kind == EXPECT_LED && !expectation->unknown;
        printf("  %s%s%s\n    %s\n", expect_kind_name(expectation->kind),
               expectation->unknown ? ": not claimed"
               : led                ? ": "
                                    : "",
               led ? pattern_format(pattern, &expectation->pattern) : "", lesson->basis[i]);
    }
    for (size_t i = 0; i < lesson->remark_count; i++) {
        printf("  %s\n", lesson->remarks[i]);
    }
}

/* The folder of a path, for --profiles. */
static void tell_next(const struct lecture *lecture, const char *path)
{
    char safe[512];
    const char *slash = strrchr(path, '/');
    const char *folder = slash ? arena_strndup((struct arena *)&lecture->arena, path,
                                               slash == path ? 1 : (size_t)(slash - path))
                               : ".";
    printf("\nwritten: %s\n", text_printable(safe, sizeof(safe), path));
    printf("try it: longpress --profiles %s run \"%s\" %s\n",
           text_printable(safe, sizeof(safe), folder), lecture->profile->model,
           lecture->procedure->name);
}

/* ---- the whole ---------------------------------------------------------------------------- */

static int conclude(struct lecture *lecture, struct diags *diags,
                    const struct learn_options *options)
{
    struct learn_series *series = lecture->series;
    const struct bench_session *bench_session = &lecture->bench_session;
    struct lesson *lesson = arena_alloc(&lecture->arena, sizeof(*lesson));
    struct learn_story story = {
        .profile = lecture->profile,
        .procedure = lecture->procedure,
        .source = options->source,
        .note = options->note,
        .day = options->day,
        .unit = options->run.unit,
        .unit_firmware = options->run.unit_firmware,
        .bench = bench_session->bench->name,
        .station = bench_session->station->name,
        .simulated = bench_session->firmware_text,
        .series = options->run.series,
    };
    size_t length;

    if (learn(diags, &lecture->arena, lecture->profile, lecture->procedure, bench_session->station,
              series->runs, series->count, lesson) != 0) {
        return EXIT_INCONCLUSIVE;
    }
    const char *text =
        learn_file_text(diags, &lecture->arena, &story, lesson, series->count, &length);
    if (!text) {
        return EXIT_USAGE;
    }
    bool good = fwrite(text, 1, length, lecture->file.stream) == length;
    if (out_file_close(&lecture->file, good, diags) != 0) {
        return EXIT_USAGE;
    }
    tell_claims(lesson);
    tell_next(lecture, options->output);
    return EXIT_DONE;
}

static int teach(struct lecture *lecture, struct diags *diags, const struct learn_options *options,
                 struct console *console)
{
    const struct retry *retry = &lecture->procedure->retry;
    int64_t cooldown_ns = options->cooldown_ns >= 0 ? options->cooldown_ns : retry->cooldown_ns;
    struct learn_series *series = lecture->series = xcalloc(sizeof(*series));

    series->series = (struct series){
        .bench_session = &lecture->bench_session,
        .console = console,
        .journal = options->run.journal,
        .operator_name = options->run.operator_name,
        .unit_firmware = options->run.unit_firmware,
        .name = options->run.series,
        .address = run_options_address(&options->run),
        .rate = run_options_rate(&options->run),
        .anew = true,
        .quiet = true,
        .kept_as = profile_procedure(lecture->asked, lecture->procedure->name),
    };
    series->plan = lecture->plan;
    series->rest_ns = learn_series_rest_ns(lecture->plan, cooldown_ns);
    series->wanted = options->runs;
    tell_plan(lecture, options);
    if (options->resume && learn_series_resume(series, diags) != 0) {
        return EXIT_USAGE;
    }
    int status = learn_series_run(series, diags);
    if (status == EXIT_ABORTED) {
        printf(
            "stopped after %zu of %zu runs; add --resume to continue with those in the journal\n",
            series->count, series->wanted);
    }
    return status == EXIT_DONE
               ? run_journal_status(conclude(lecture, diags, options), !series->series.unkept)
               : status;
}

/* Before anything moves: check that the file may and can be written. */
static int open_output(struct lecture *lecture, struct diags *diags,
                       const struct learn_options *options)
{
    const struct bench_session *bench_session = &lecture->bench_session;
    const struct out_rules rules = {
        .over = options->force ? OUT_OVER_PROFILE : OUT_OVER_NOTHING,
        .reads = {run_journal_path(&lecture->arena, options->run.journal,
                                   bench_session->bench->simulated),
                  lecture->profile->path, bench_session->bench_name},
        .todo = "name another file, or add --force",
    };
    return out_file_open(&lecture->file, options->output, &rules, diags);
}

static int run(const struct context *context, int argc, char **argv)
{
    struct console console = {.signal_fd = -1};
    struct learn_options options = {.run.console = &console,
                                    .runs = RUNS_DEFAULT,
                                    .watch_ns = WATCH_DEFAULT_NS,
                                    .cooldown_ns = -1};
    struct lecture lecture = {.catalog = NULL};
    struct diags diags = DIAGS_INIT;
    int status = EXIT_USAGE;

    if (!option_parse(&cmd_learn, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (!options.output && !options.run.plan_only) {
        return command_usage(&cmd_learn, "which file? name the profile to write with -o FILE");
    }
    if (console_open(&console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be handled: %s", strerror(errno));
        return command_diags(&diags, EXIT_BENCH);
    }
    if (find_procedure(&lecture, &diags, context, &options) != 0 ||
        name_it(&lecture, &diags, &options) != 0 || prepare(&lecture, &diags, &options) != 0) {
        goto out;
    }
    if (options.run.plan_only) {
        plan_print(lecture.plan, stdout);
        status = EXIT_DONE;
        goto out;
    }
    if (console_check(&console, &diags, lecture.plan, bench_session_can_answer,
                      &lecture.bench_session) != 0 ||
        open_output(&lecture, &diags, &options) != 0) {
        goto out;
    }
    command_diags(&diags, 0);
    status = teach(&lecture, &diags, &options, &console);
out:
    lecture_close(&lecture);
    console_close(&console);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "MODEL",
     .value = VALUE_MODEL,
     .missing = "which model, and which procedure? `longpress models` lists them",
     OPTION_AT(struct learn_options, run.model)},
    {.name = "PROCEDURE", .value = VALUE_PROCEDURE, OPTION_AT(struct learn_options, run.procedure)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    {.name = "output",
     .letter = 'o',
     .value = VALUE_FILE,
     .of = "FILE",
     .usage = "-o FILE",
     .help = "the profile to write; an existing file is not replaced ...",
     OPTION_AT(struct learn_options, output)},
    {.name = "force",
     .help = "... except with this option; a journal, bench file, firmware file or the profile "
             "that the steps come from never is",
     OPTION_AT(struct learn_options, force)},
    {.name = "runs",
     .letter = 'n',
     .value = VALUE_NUMBER,
     .of = "N",
     .least = LEARN_RUNS_MIN,
     .most = LEARN_RUNS_MAX,
     .help = "number of runs, 3 to 100 (default: 5)",
     OPTION_AT(struct learn_options, runs)},
    {.name = "from",
     .value = VALUE_FILE,
     .of = "FILE",
     .help = "for a new model: take the steps from this profile",
     OPTION_AT(struct learn_options, from)},
    {.name = "watch",
     .value = VALUE_DURATION,
     .of = "TIME",
     .most = WATCH_MAX_NS,
     .help = "how long to watch after each procedure (default: 45 s)",
     OPTION_AT(struct learn_options, watch_ns)},
    {.name = "cooldown",
     .value = VALUE_DURATION,
     .of = "TIME",
     .help = "rest between two runs (default: the profile's `cooldown`); never less than the "
             "actuators need",
     .more = "In virtual time there is no rest.",
     OPTION_AT(struct learn_options, cooldown_ns)},
    {.name = "source",
     .value = VALUE_TEXT,
     .of = "ID",
     .help = "the new source's id (default: learned-DATE)",
     .take = take_source},
    {.name = "note",
     .value = VALUE_TEXT,
     .of = "TEXT",
     .help = "a note about unit and bench, written into the file",
     OPTION_AT(struct learn_options, note)},
    {.name = "series",
     .value = VALUE_TEXT,
     .of = "NAME",
     .help = "name under which the runs are kept (default: the source's id): `longpress history "
             "--batch NAME`",
     OPTION_AT(struct learn_options, run.series)},
    {.name = "resume",
     .help = "include the journal's runs of this series, of the same unit and firmware (--unit, "
             "--unit-firmware)",
     .more = "Runs that do not match are listed.",
     OPTION_AT(struct learn_options, resume)},
    {.name = "plan",
     .help = "show the schedule and the safety proof; press nothing",
     OPTION_AT(struct learn_options, run.plan_only)},
    OPTION_GROUP_AS(run_options_unit, struct learn_options, run,
                    "as for `run`; simulated runs differ by the unit's random behaviour"),
    OPTIONS_END,
};

const struct command cmd_learn = {
    .name = "learn",
    .summary = "create a profile from a known-good unit",
    .operands = operands,
    .options = options,
    .about = "Runs a procedure several times on a known-good unit, decodes what the unit shows, "
             "and writes a profile that claims what all runs showed, with tolerances from their "
             "spread. What only some runs showed becomes a comment. The claims get a new source: "
             "they are what one unit did, and nobody has verified them.\n"
             "\n"
             "Presses, requirements, hazards and limits come from the model's profile, or from the "
             "--from file; its expectations are ignored. Each run is kept in the journal. Nothing "
             "is written if a run does not complete or fewer than three runs agree.",
    .more = "Runs agree if their LED patterns do; more than half of the runs must agree, and at "
            "least three. Windows are tolerance intervals (99.9 % of the runs, with a confidence "
            "of 95 %), and always extend a minimum beyond what was seen. The runs are kept as "
            "`inconclusive`, since nothing was expected of them.",
    .notes = "For a new model without a manual, write down the controls, how long each may be "
             "held, and the press to try; leave the rest unknown:\n"
             "\n"
             "  model: HP-1\n"
             "  family: over-ear\n"
             "  sources: { shop: \"What we tried in the shop\" }\n"
             "  controls:\n"
             "    power: { kind: button, max_hold: 12 s }\n"
             "    volume_down: { kind: button, max_hold: 12 s }\n"
             "  procedures:\n"
             "    factory-reset:\n"
             "      kind: factory\n"
             "      source: shop\n"
             "      requires: { placed: yes }\n"
             "      steps: [ { hold: [power, volume_down], for: 10 s } ]\n"
             "      expect: { led: unknown, sound: unknown, bluetooth: unknown }\n"
             "\n"
             "With `bluetooth: [ pairs: unknown ]` the rig also pairs again after each run and "
             "learns from that; `gone`, `connects` and `services` work the same way.",
    .exits = "0 written, 2 usage or bad file, 3 the runs do not agree, 4 stopped, 5 bench error",
    .examples =
        "longpress learn WH-1000XM5 network-reset --bench sim -o learned/wh-1000xm5.yaml\n"
        "longpress learn HP-1 factory-reset --from hp-1.yaml -n 10 --unit 0042 -o hp-1-new.yaml\n"
        "longpress --profiles learned run WH-1000XM5 network-reset",
    .run = run,
};
