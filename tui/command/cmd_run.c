/*
 * `longpress run`: the main job. Profile, bench and choices become a plan; the plan is proved
 * safe; the run is driven; what was seen is judged, shown and kept.
 */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/format/vcd.h"
#include "rig/plan/plan.h"
#include "rig/record/record.h"
#include "rig/record/record_vcd.h"
#include "tui/cli/out_file.h"
#include "tui/command/commands.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/console.h"
#include "tui/drive/run_journal.h"
#include "tui/drive/run_options.h"
#include "tui/drive/single_run.h"
#include "tui/print/print_chart.h"
#include "tui/print/print_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct single_options {
    struct run_options run;
    const char *capture;
    int64_t capture_unit_ns;
};

/* What a run is made of, beside the bench. */
struct setup {
    struct catalog *catalog;
    const struct profile *profile;
    const struct procedure *procedure;
    struct plan *plan;
    struct bench_session bench_session;
    struct run_journal run_journal;
    struct out_file capture;
    struct record record;
};

static void setup_close(struct setup *setup)
{
    plan_free(setup->plan);
    bench_session_close(&setup->bench_session);
    catalog_free(setup->catalog);
}

/* A power of ten, as captures have them. */
static bool take_unit(const struct option_given *given, void *options, const char *text)
{
    struct single_options *single = options;
    int64_t wanted_ns;
    const char *wrong = units_duration_parse(text, &wanted_ns);

    for (int64_t unit_ns = 1; !wrong && unit_ns <= VCD_UNIT_MAX_NS; unit_ns *= 10) {
        if (unit_ns == wanted_ns) {
            single->capture_unit_ns = unit_ns;
            return true;
        }
    }
    return option_refuse(given, "must be 1, 10 or 100 ns or us, not `%s`", text);
}

static bool take_done(const struct option_given *given, void *options, const char *text)
{
    struct run_options *run = &((struct single_options *)options)->run;

    if (run->done_count == RUN_DONE_MAX) {
        return option_refuse(given, "given too often");
    }
    return text_bluetooth_address(run->done[run->done_count++], text) ||
           run_options_no_address(given, text);
}

static int find(struct setup *setup, struct diags *diags, const struct context *context,
                const struct run_options *options)
{
    setup->profile = run_options_profile(options, context, diags, &setup->catalog);
    setup->procedure =
        setup->profile ? run_options_procedure(options, setup->profile, diags) : NULL;
    return setup->procedure
               ? run_options_find(options, &setup->bench_session, diags, setup->profile)
               : -1;
}

/* The capture file is created before anything moves, so that an unwritable path is an error before
 * the run, not after it. */
static int open_capture(struct setup *setup, const struct single_options *options,
                        struct diags *diags)
{
    struct bench_session *bench_session = &setup->bench_session;
    const struct out_rules rules = {
        .reads = {run_journal_path(&bench_session->arena, options->run.journal,
                                   bench_session->bench->simulated),
                  setup->profile->path, bench_session->bench_name}};

    return options->capture ? out_file_open(&setup->capture, options->capture, &rules, diags) : 0;
}

static int write_capture(struct setup *setup, int64_t unit_ns)
{
    struct diags diags = DIAGS_INIT;
    bool good = record_vcd_write(&setup->record, unit_ns, setup->capture.stream) == 0;
    int failed = out_file_close(&setup->capture, good, &diags);

    command_diags(&diags, 0);
    return failed;
}

/* Drive the run to its end, judge it, show it. The exit status. */
static int run_and_judge(struct setup *setup, const struct single_options *options,
                         struct console *console)
{
    struct bench_session *bench_session = &setup->bench_session;
    struct timeline timeline;
    struct judgement *judgement = arena_alloc(&bench_session->arena, sizeof(*judgement));

    timeline_init(&timeline);
    setup->record = single_run_record(bench_session, setup->plan, options->run.unit_firmware,
                                      &timeline, judgement);
    console->record = &setup->record;
    console->port = bench_session->port;
    console->station = bench_session->station;
    console->quiet = options->run.json;
    if (!options->run.json) {
        print_run_heading(&setup->record, stdout);
    }

    single_run_keep(
        &setup->run_journal, bench_session, &setup->record,
        (struct journal_run){.operator_name = options->run.operator_name, .attempt = 1});
    struct run_hooks shown = console_hooks(console);
    struct run_hooks hooks = run_journal_hooks(&setup->run_journal, &shown);
    setup->record.end = single_run_drive(bench_session, setup->plan, &timeline, &hooks);
    /* Release the buttons before waiting for anything slow, such as a terminal. */
    bench_session_close_port(bench_session);

    judge(setup->profile, setup->procedure, &setup->record.sensors, &timeline, setup->record.end,
          judgement);
    run_journal_finish(&setup->run_journal, &setup->record);
    int status = judge_verdict_exit_status(judgement->verdict);
    if (options->capture && write_capture(setup, options->capture_unit_ns) != 0 &&
        status == EXIT_DONE) {
        status = EXIT_BENCH;
    }
    if (options->run.json) {
        record_write(&setup->record, stdout);
    } else {
        console_flush(console, &timeline);
        fputc('\n', stdout);
        print_chart_draw(&setup->record, style_of(stdout), stdout);
        fputc('\n', stdout);
        print_run_judgement(judgement, setup->record.simulated, stdout);
    }
    /* The verdict is shown, whatever happens to the journal. */
    fflush(stdout);
    status = run_journal_status(status, run_journal_close(&setup->run_journal));
    timeline_free(&timeline);
    return console->unanswered[0] ? EXIT_USAGE : status;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct console console = {.signal_fd = -1};
    struct single_options options = {.run.console = &console, .capture_unit_ns = CAPTURE_UNIT_NS};
    struct setup setup = {0};
    struct diags diags = DIAGS_INIT;
    int status = EXIT_USAGE;

    if (!option_parse(&cmd_run, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (console_open(&console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be handled: %s", strerror(errno));
        return command_diags(&diags, EXIT_BENCH);
    }
    if (find(&setup, &diags, context, &options.run) != 0) {
        goto out;
    }
    struct plan_choices choices = run_options_choices(&options.run);
    setup.plan =
        plan_make(&diags, setup.profile, setup.procedure, setup.bench_session.bench,
                  setup.bench_session.station, &choices, options.run.plan_only ? stdout : NULL);
    if (!setup.plan) {
        goto out;
    }
    if (options.run.plan_only) {
        plan_print(setup.plan, stdout);
        status = EXIT_DONE;
        goto out;
    }
    if (console_check(&console, &diags, setup.plan, bench_session_can_answer,
                      &setup.bench_session) != 0 ||
        open_capture(&setup, &options, &diags) != 0) {
        goto out;
    }
    const char *done[RUN_DONE_MAX];
    struct radio_setup radio = bench_session_radio(setup.plan);
    radio.address = run_options_address(&options.run);
    radio.done = done;
    radio.done_count = options.run.done_count;
    for (size_t i = 0; i < options.run.done_count; i++) {
        done[i] = options.run.done[i];
    }
    run_journal_open(&setup.run_journal, options.run.journal, setup.bench_session.bench->simulated);
    if (bench_session_open(&setup.bench_session, &diags, run_options_rate(&options.run), &radio,
                           console.signal_fd) != 0) {
        run_journal_close(&setup.run_journal);
        status = EXIT_BENCH;
        goto out;
    }
    console.wait_for_answers = setup.bench_session.virtual_time;
    console.sorted = setup.bench_session.virtual_time;
    command_diags(&diags, 0);
    status = run_and_judge(&setup, &options, &console);
    if (console.unanswered[0]) {
        console_unanswered(&console, &diags);
    }
out:
    out_file_drop(&setup.capture);
    setup_close(&setup);
    console_close(&console);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "MODEL",
     .value = VALUE_MODEL,
     .missing = "which model? `longpress models` lists them",
     OPTION_AT(struct single_options, run.model)},
    {.name = "PROCEDURE",
     .value = VALUE_PROCEDURE,
     .optional = true,
     OPTION_AT(struct single_options, run.procedure)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    OPTION_GROUP(run_options_unit, struct single_options, run),
    {.name = "not-address",
     .value = VALUE_TEXT,
     .repeated = true,
     .of = "ADDRESS",
     .help = "ignore this unit (for example the last one tested); may be repeated",
     .take = take_done},
    OPTION_GROUP(run_options_less, struct single_options, run),
    {.name = "capture",
     .value = VALUE_FILE,
     .of = "OUT.vcd",
     .help = "save presses and raw LED edges, for PulseView or GTKWave; never replaces a journal, "
             "profile, bench or firmware file",
     .more = "Levels are logical: 1 is lit, pressed, active.",
     OPTION_AT(struct single_options, capture)},
    {.name = "capture-unit",
     .value = VALUE_TEXT,
     .of = "TIME",
     .help = "time unit of the capture: 1, 10 or 100 ns or us (default: 1us)",
     .more = "Logic analyser programs can handle the default. No pulse is lost to rounding.",
     .take = take_unit},
    {.name = "json",
     .help = "print one JSON object, and nothing else",
     .more = "docs/run.schema.md describes it.",
     OPTION_AT(struct single_options, run.json)},
    {.name = "plan",
     .help = "show the schedule and the safety proof; press nothing (needs no unit)",
     OPTION_AT(struct single_options, run.plan_only)},
    OPTIONS_END,
};

const struct command cmd_run = {
    .name = "run",
    .summary = "run a procedure on one unit: press, watch and judge",
    .operands = operands,
    .options = options,
    .about = "Runs a procedure from a model's profile and judges what was observed. The default "
             "PROCEDURE is the least destructive reset that is not soft.",
    .notes = "Ctrl-C, SIGTERM, a hang-up and the e-stop release everything at once; the run is "
             "then `aborted`.",
    .exits = "0 pass, 1 fail, 2 usage or bad file, 3 inconclusive, 4 aborted, 5 bench error, or a "
             "pass whose record could not be saved anywhere",
    .examples = "longpress run WH-1000XM5 --bench sim\n"
                "longpress run WF-1000XM4 --station B --unit 5012345 --answer lid=open\n"
                "longpress run WF-1000XM5 factory-reset --accept-hazard dfu --plan --bench sim\n"
                "longpress run WH-1000XM5 --bench sim --capture run.vcd --json >run.json",
    .run = run,
};
