/*
 * `longpress settle`: tests claims on which sources disagree. Each contradicting claim is run on a
 * unit, shortest press first and never across a hazard; between runs the unit is paired again,
 * brought to the state that the next claim needs, and left alone for the profile's cooldown.
 */
#include "rig/learn/settle.h"
#include "tui/command/commands.h"
#include "tui/drive/console.h"
#include "tui/drive/run_journal.h"
#include "tui/drive/run_options.h"
#include "tui/drive/series.h"
#include "tui/print/print_run.h"
#include "tui/task/settle_prepare.h"
#include "tui/task/settle_print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setup {
    struct catalog *catalog;
    const struct profile *profile;
    struct bench_session bench_session;
    struct settle *settle;
    struct settle_preparations preparations;
    struct settle_telling telling;
    struct series series;
    char name[SERIES_NAME_MAX];
};

static void setup_close(struct setup *setup)
{
    settle_prepare_free(&setup->preparations);
    settle_free(setup->settle);
    bench_session_close(&setup->bench_session);
    catalog_free(setup->catalog);
}

static int find(struct setup *setup, struct diags *diags, const struct context *context,
                const struct run_options *options)
{
    setup->profile = run_options_profile(options, context, diags, &setup->catalog);
    if (!setup->profile ||
        run_options_find(options, &setup->bench_session, diags, setup->profile) != 0) {
        return -1;
    }
    setup->settle =
        settle_new(diags, setup->profile, setup->bench_session.bench, setup->bench_session.station,
                   options->accept, options->accept_count);
    return setup->settle ? 0 : -1;
}

/* ---- between the runs --------------------------------------------------------------------- */

/* EXIT_DONE: the unit is in the state that the claim needs, and has rested. */
static int bring(struct setup *setup, struct diags *diags, size_t claim)
{
    struct series *series = &setup->series;
    const struct settle_preparation *preparation = &setup->preparations.items[claim];
    const struct source *source;
    int64_t rest_ns = settle_rest_ns(setup->settle, &source);
    char why[256] = "";
    struct timeline timeline;
    enum run_end end = END_COMPLETE;

    if (preparation->state_count > 0 || series->runs > 0) {
        timeline_init(&timeline);
        int failed = series_bring(series, diags, preparation->plan, &timeline, &end);
        timeline_free(&timeline);
        if (failed || end != END_COMPLETE) {
            return failed || end == END_FAULT ? EXIT_BENCH : EXIT_ABORTED;
        }
    }
    if (series->runs > 0 && rest_ns > 0) {
        snprintf(why, sizeof(why), source ? "cooldown by %s" : "duty of an actuator%s",
                 source ? source->id : "");
        if (!series_wait(series, rest_ns, why)) {
            return EXIT_ABORTED;
        }
    }
    return EXIT_DONE;
}

/* ---- the runs ----------------------------------------------------------------------------- */

static void keep_run(struct settle_telling *telling, const struct series_run *run)
{
    struct settled_run *kept = &telling->runs[telling->journal_run_count++];
    kept->procedure = run->record.procedure->name;
    kept->verdict = run->judgement.verdict;
    snprintf(kept->reason, sizeof(kept->reason), "%s", run->judgement.reason);
    kept->number = run->number;
}

/* Runs one claim. EXIT_DONE: go on to the next. */
static int settle_one(struct setup *setup, struct diags *diags, size_t claim, bool json)
{
    struct settle *settle = setup->settle;
    struct series *series = &setup->series;
    size_t given_count = series->console->given_count;

    int status = bring(setup, diags, claim);
    if (status != EXIT_DONE) {
        return status;
    }
    if (!json) {
        settle_tell_run(&setup->telling, claim, series->runs + 1, stdout);
        fflush(stdout);
    }
    settle_prepare_answer(&setup->preparations, claim, series->console);
    struct series_run *run = series_run(series, diags, settle->claims[claim].plan);
    series->console->given_count = given_count;
    if (!run) {
        return EXIT_BENCH;
    }
    settle_take(settle, claim, series->runs, &run->record.sensors, &run->timeline, run->record.end,
                &run->judgement);
    keep_run(&setup->telling, run);
    if (!json) {
        print_run_judgement(&run->judgement, run->record.simulated, stdout);
        fputc('\n', stdout);
        fflush(stdout);
    }
    status = run->record.end == END_ABORTED ? EXIT_ABORTED
             : run->record.end == END_FAULT ? EXIT_BENCH
                                            : EXIT_DONE;
    series_run_free(run);
    return status;
}

static int settle_all(struct setup *setup, struct diags *diags, bool json)
{
    int status = EXIT_DONE;
    int claim;

    while (status == EXIT_DONE && (claim = settle_next(setup->settle)) >= 0) {
        status = settle_one(setup, diags, (size_t)claim, json);
    }
    series_close(&setup->series);
    settle_stop(setup->settle, status == EXIT_BENCH ? "the bench failed first" : "stopped first");
    if (status == EXIT_DONE && !settle_done(setup->settle)) {
        status = EXIT_INCONCLUSIVE;
    }
    return status;
}

static void begin_series(struct setup *setup, const struct run_options *options,
                         struct console *console)
{
    series_name(setup->name, "settle", setup->profile->model);
    setup->series = (struct series){
        .bench_session = &setup->bench_session,
        .console = console,
        .journal = options->journal,
        .operator_name = options->operator_name,
        .unit_firmware = options->unit_firmware,
        .name = options->series ? options->series : setup->name,
        .address = run_options_address(options),
        .rate = run_options_rate(options),
        .silent = options->json,
    };
    setup->telling.series = setup->series.name;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct console console = {.signal_fd = -1};
    struct run_options options = {.console = &console};
    struct diags diags = DIAGS_INIT;
    struct setup *setup = xcalloc(sizeof(*setup));
    int status = EXIT_USAGE;

    if (!option_parse(&cmd_settle, argc, argv, &options)) {
        free(setup);
        return EXIT_USAGE;
    }
    if (console_open(&console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be handled: %s", strerror(errno));
        free(setup);
        return command_diags(&diags, EXIT_BENCH);
    }
    if (find(setup, &diags, context, &options) != 0 ||
        settle_prepare_make(&setup->preparations, &diags, setup->settle, &setup->bench_session) !=
            0) {
        goto out;
    }
    setup->telling.settle = setup->settle;
    setup->telling.bench_session = &setup->bench_session;
    setup->telling.unit_firmware = options.unit_firmware;
    bool runs = !options.plan_only && setup->settle->conflict_count > 0;
    if (runs && settle_prepare_check(&setup->preparations, &diags, &console) != 0) {
        goto out;
    }
    command_diags(&diags, 0);
    if (!options.json) {
        settle_tell_plan(&setup->telling, stdout);
        fflush(stdout);
    }
    status = EXIT_DONE;
    if (runs) {
        begin_series(setup, &options, &console);
        status = run_journal_status(settle_all(setup, &diags, options.json), !setup->series.unkept);
    }
    if (options.json) {
        settle_tell_json(&setup->telling, stdout);
    } else if (runs) {
        settle_tell_end(&setup->telling, stdout);
    }
    if (console.unanswered[0]) {
        console_unanswered(&console, &diags);
        status = EXIT_USAGE;
    }
out:
    setup_close(setup);
    free(setup);
    console_close(&console);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "MODEL",
     .value = VALUE_MODEL,
     .missing = "which model? `longpress models` lists them",
     OPTION_AT(struct run_options, model)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    {.name = "plan",
     .help = "show what would run, in which order, and what would not; press nothing",
     OPTION_AT(struct run_options, plan_only)},
    {.name = "series",
     .value = VALUE_TEXT,
     .of = "NAME",
     .help = "name under which the runs are kept (default: settle-MODEL-DATE-TIME): `longpress "
             "history --batch NAME`",
     OPTION_AT(struct run_options, series)},
    {.group = run_options_unit, .as = "as for `run`"},
    {.name = "json",
     .help = "print one JSON object, and nothing else",
     .more = "docs/settle.schema.md describes it.",
     OPTION_AT(struct run_options, json)},
    OPTIONS_END,
};

const struct command cmd_settle = {
    .name = "settle",
    .summary = "test claims on which sources disagree",
    .operands = operands,
    .options = options,
    .about =
        "Finds claims in a model's profile that contradict each other (the same press with another "
        "LED, kind or effect; the same effect by another hold; a press that a hazard warns about), "
        "runs them on a unit, shortest press first, and reports which ones held, with the "
        "evidence.\n"
        "\n"
        "A claim whose press meets a hazard in the worst case runs only if that hazard is accepted "
        "by name (--accept-hazard), and the record says so; one that may brick the unit never "
        "runs. Between two runs the unit is paired again, brought to the state that the next claim "
        "needs (`power: off`), and left alone for the longest cooldown in the profile. `--answer "
        "power-off=done` promises that the unit is switched off whenever longpress asks for it.",
    .more = "The report also says what was refuted, what remains open, and the run numbers. One "
            "press settles every claim about that press.",
    .notes = "The results hold for this unit and its firmware. What the rig cannot see (whether "
             "equaliser settings are kept) remains unknown. Ctrl-C, SIGTERM, a hang-up and the "
             "e-stop release everything at once; what was settled by then is reported.",
    .exits = "0 every contradiction is settled (or there is none), 2 usage or bad file, 3 "
             "something remains open, 4 aborted, 5 bench error",
    .examples = "longpress settle WH-1000XM3 --plan --bench sim\n"
                "longpress settle WH-1000XM3 --bench sim\n"
                "longpress settle WH-1000XM3 --station B --unit 5012345 --unit-firmware 4.1.1",
    .run = run,
};
