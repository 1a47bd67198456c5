/*
 * `longpress characterize`: finds the hold at which a reset triggers, in as few presses as
 * possible, each of them a run in the journal.
 */
#include "rig/base/units.h"
#include "tui/command/commands.h"
#include "tui/task/characterize_task.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS_MAX = 1000 };

static const int64_t COOLDOWN_NS = 30 * NS_PER_S; /* where the source says none */

struct characterize_options {
    struct run_options run;
    int64_t from_ns;
    int64_t to_ns;
    int64_t precision_ns;
    int64_t cooldown_ns; /* -1: the profile's */
    int64_t step_ns;
    int repeats;
    int max_presses;
};

/* ---- the command -------------------------------------------------------------------------------
 */

static int find(struct characterize_task *it, struct diags *diags, const struct context *context,
                struct catalog **catalog, const struct characterize_options *options)
{
    it->profile = run_options_profile(&it->options, context, diags, catalog);
    it->procedure = it->profile ? run_options_procedure(&it->options, it->profile, diags) : NULL;
    if (!it->procedure ||
        run_options_find(&it->options, &it->bench_session, diags, it->profile) != 0) {
        return -1;
    }
    it->cooldown_ns = options->cooldown_ns >= 0          ? options->cooldown_ns
                      : it->procedure->retry.cooldown_ns ? it->procedure->retry.cooldown_ns
                                                         : COOLDOWN_NS;
    struct characterize_setup setup = {
        .profile = it->profile,
        .procedure = it->procedure,
        .bench = it->bench_session.bench,
        .station = it->bench_session.station,
        .accept_hazards = it->options.accept,
        .accept_count = it->options.accept_count,
        .from_ns = options->from_ns,
        .to_ns = options->to_ns,
        .precision_ns = options->precision_ns,
        .max_presses = options->max_presses,
        .step_ns = options->step_ns,
        .repeats = options->repeats,
    };
    it->series = characterize_new(diags, &setup);
    return it->series ? 0 : -1;
}

/* Something must be able to answer every question of a press. */
static int check_answers(struct characterize_task *it, struct diags *diags)
{
    struct plan *plan = characterize_plan(it->series, diags, characterize_next_ns(it->series));
    if (!plan) {
        return -1;
    }
    int result =
        console_check(&it->console, diags, plan, bench_session_can_answer, &it->bench_session);
    plan_free(plan);
    return result;
}

static int characterize(struct characterize_task *it, struct diags *diags)
{
    if (characterize_task_take_up(it, diags) != 0 || check_answers(it, diags) != 0) {
        return EXIT_USAGE;
    }
    run_journal_open(&it->run_journal, it->options.journal, it->bench_session.bench->simulated);
    /* A resumed series must not repeat the same random draws. */
    it->bench_session.seed = (uint64_t)it->taken_up;
    it->bench_session.bonds = true;
    if (bench_session_open(&it->bench_session, diags, run_options_rate(&it->options), NULL,
                           it->console.signal_fd) != 0) {
        run_journal_close(&it->run_journal);
        return EXIT_BENCH;
    }
    it->console.wait_for_answers = it->bench_session.virtual_time;
    command_diags(diags, 0);
    characterize_print_heading(it);
    int status = characterize_task_drive(it, diags);
    /* Release the buttons before waiting for anything slow, such as a terminal. */
    bench_session_close_port(&it->bench_session);
    characterize_print_result(it);
    it->run_journal.entry.handle = 0; /* all of them were waited for */
    bool kept = run_journal_close(&it->run_journal);
    if (it->console.unanswered[0]) {
        console_unanswered(&it->console, diags);
    }
    return status != EXIT_DONE              ? status
           : characterize_found(it->series) ? run_journal_status(EXIT_DONE, kept)
                                            : EXIT_INCONCLUSIVE;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct characterize_task it = {.console = {.signal_fd = -1}};
    struct characterize_options options = {
        .run = {.console = &it.console, .series = CHARACTERIZE_SERIES},
        .cooldown_ns = -1,
        .precision_ns = threshold_default.precision_ns,
        .max_presses = threshold_default.max_presses,
    };
    struct diags diags = DIAGS_INIT;
    struct catalog *catalog = NULL;
    int status = EXIT_USAGE;

    if (!option_parse(&cmd_characterize, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (options.repeats && !options.step_ns) {
        return command_usage(&cmd_characterize, "--repeats goes with --linear");
    }
    options.repeats = options.repeats ? options.repeats : 1;
    it.options = options.run;
    if (console_open(&it.console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be handled: %s", strerror(errno));
        return command_diags(&diags, EXIT_BENCH);
    }
    if (find(&it, &diags, context, &catalog, &options) == 0) {
        status = characterize(&it, &diags);
    }
    characterize_free(it.series);
    bench_session_close(&it.bench_session);
    catalog_free(catalog);
    console_close(&it.console);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "MODEL",
     .value = VALUE_MODEL,
     .missing = "which model, and which procedure?",
     OPTION_AT(struct characterize_options, run.model)},
    {.name = "PROCEDURE",
     .value = VALUE_PROCEDURE,
     OPTION_AT(struct characterize_options, run.procedure)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    {.name = "precision",
     .value = VALUE_DURATION,
     .of = "TIME",
     .least = 1,
     .help = "stop when the 95 % interval is this narrow (default: 20 ms)",
     OPTION_AT(struct characterize_options, precision_ns)},
    {.name = "max-presses",
     .value = VALUE_NUMBER,
     .of = "N",
     .least = 1,
     .most = THRESHOLD_PRESSES_MAX,
     .help = "at most this many presses (default: 200)",
     OPTION_AT(struct characterize_options, max_presses)},
    {.name = "linear",
     .value = VALUE_DURATION,
     .of = "STEP",
     .least = 1,
     .help = "instead, go through the range in equal steps of STEP ...",
     OPTION_AT(struct characterize_options, step_ns)},
    {.name = "repeats",
     .value = VALUE_NUMBER,
     .of = "N",
     .least = 1,
     .most = REPEATS_MAX,
     .help = "... and press each hold this many times (default: 1)",
     OPTION_AT(struct characterize_options, repeats)},
    {.name = "from",
     .value = VALUE_DURATION,
     .of = "TIME",
     .least = 1,
     .help = "lower end of the range to search (default: a quarter of the claimed hold)",
     OPTION_AT(struct characterize_options, from_ns)},
    {.name = "to",
     .value = VALUE_DURATION,
     .of = "TIME",
     .least = 1,
     .help = "upper end of the range (default: one and a half times the claimed hold)",
     OPTION_AT(struct characterize_options, to_ns)},
    {.name = "cooldown",
     .value = VALUE_DURATION,
     .of = "TIME",
     .help = "rest between two presses (default: the source's cooldown, or 30 s)",
     OPTION_AT(struct characterize_options, cooldown_ns)},
    {.name = "series",
     .value = VALUE_TEXT,
     .of = "NAME",
     .help = "name of the series (default: characterize); a new name starts a new series",
     OPTION_AT(struct characterize_options, run.series)},
    OPTION_GROUP_AS(run_options_unit, struct characterize_options, run, "as for `run`"),
    {.name = "json",
     .help = "print one JSON object at the end, and nothing else",
     OPTION_AT(struct characterize_options, run.json)},
    OPTIONS_END,
};

const struct command cmd_characterize = {
    .name = "characterize",
    .summary = "find the hold at which a reset triggers",
    .operands = operands,
    .options = options,
    .about =
        "Repeats the procedure's last hold with different lengths until the threshold is known; "
        "each length is chosen to tell the most (Bayesian method QUEST+). Three signs show that a "
        "reset started: the LED pattern, a dropped link, a refused key. The majority of those "
        "observed decides; a press that proves nothing is reported and does not count. Between "
        "presses the unit is paired again and the source's cooldown is observed.\n"
        "\n"
        "Never tests holds beyond a hazard or a limit; holds left out for that reason are listed. "
        "If the hazard is accepted and the profile has a factory reset by the same hold, both ends "
        "of the window are searched for.\n"
        "\n"
        "Each press is a run in the journal. After a stop, repeat the command to continue.",
    .more = "Presses do not fit together if the threshold drifted or changed during a pause.",
    .exits = "0 as precise as requested, 2 usage or bad file, 3 less precise than requested, or "
             "odd (the presses do not fit together), or probably outside the range that may be "
             "tested, 4 stopped, 5 bench error",
    .examples =
        "longpress characterize WH-1000XM5 network-reset --bench sim\n"
        "longpress characterize WF-1000XM5 network-reset --precision 50ms --unit 5012345\n"
        "longpress characterize WH-1000XM3 network-reset --bench sim --linear 250ms --repeats 3",
    .run = run,
};
