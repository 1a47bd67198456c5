/*
 * `longpress show`: prints a stored run the way `longpress run` did.
 */
#include "rig/base/when.h"
#include "rig/journal/journal_read.h"
#include "tui/cli/run_filter.h"
#include "tui/command/commands.h"
#include "tui/drive/console.h"
#include "tui/print/print_chart.h"
#include "tui/print/print_run.h"

#include <inttypes.h>
#include <stdio.h>

static void print_kept(const struct kept_run *run)
{
    char when[WHEN_TEXT_MAX];

    printf("run %" PRId64 "  %s", run->number, when_local(when, run->began_ns));
    if (run->clock == KEPT_CLOCK_NOT_SET) {
        fputs("  clock not set", stdout);
    }
    if (run->operator_name) {
        printf("  operator %s", run->operator_name);
    }
    if (run->batch) {
        printf("  batch %s", run->batch);
    }
    if (run->attempt > 1) {
        printf("  attempt %d", run->attempt);
    }
    if (run->unit_firmware) {
        printf("  firmware %s", run->unit_firmware);
    }
    fputc('\n', stdout);
}

static void print_run(const struct whole_run *run)
{
    struct console console = {.record = &run->record, .sorted = true};

    print_kept(&run->about);
    print_run_heading(&run->record, stdout);
    console_flush(&console, &run->stored.timeline);
    fputc('\n', stdout);
    print_chart_draw(&run->record, style_of(stdout), stdout);
    fputc('\n', stdout);
    if (run->about.state == KEPT_DONE) {
        print_run_judgement(&run->judgement, run->about.simulated, stdout);
    } else {
        printf("%s%s: %s; it has no verdict\n", run->about.simulated ? "SIMULATED " : "",
               run->about.state == KEPT_INTERRUPTED ? "INTERRUPTED" : "RUNNING", run->about.reason);
    }
    if (run->about.pulses_unkept > 0) {
        printf("\n%" PRId64 " more LED pulses were seen and not stored.\n",
               run->about.pulses_unkept);
    }
    if (run->about.state == KEPT_DONE && record_state_words(run->record.state)) {
        printf("\nNote: %s.\n", record_state_words(run->record.state));
    }
    if (run->damaged) {
        printf("\nDAMAGED: its stored %s has changed; the verdict is the original one and cannot "
               "be judged again.\n",
               run->damaged);
    }
    if (!run->procedure) {
        printf("\nThe profile of this run %s; only names from it are shown.\n",
               run->profile        ? "has no such procedure"
               : run->profile_text ? "cannot be read by this version of longpress"
               : run->damaged      ? "can no longer be read"
                                   : "was not stored");
    }
}

static int show(const struct run_choice *choice, struct diags *diags, int64_t number, bool json)
{
    struct arena arena = ARENA_INIT;
    const char *path = run_choice_path(choice, diags, &arena);
    struct journal_reader *reader = path ? journal_reader_open(diags, path) : NULL;
    struct whole_run *run = reader ? journal_load(reader, diags, number) : NULL;

    if (run && json) {
        /* Write errors are checked when the program ends. */
        record_write(&run->record, stdout);
    } else if (run) {
        print_run(run);
    }
    int status = run ? EXIT_DONE : EXIT_USAGE;
    journal_whole_run_free(run);
    journal_reader_close(reader);
    arena_free(&arena);
    return status;
}

struct show_options {
    struct run_choice choice; /* its journal */
    const char *run;
    bool json;
};

static int run(const struct context *context, int argc, char **argv)
{
    struct show_options options = {0};
    struct diags diags = DIAGS_INIT;

    (void)context;
    if (!option_parse(&cmd_show, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    int64_t number = run_choice_number(options.run);
    if (number == 0) {
        return command_usage(&cmd_show, "`%s` is not a run number; `longpress history` lists them",
                             options.run);
    }
    return command_diags(&diags, show(&options.choice, &diags, number, options.json));
}

static const struct command_operand operands[] = {
    {.name = "RUN",
     .value = VALUE_TEXT,
     .missing = "which run? `longpress history` lists them",
     OPTION_AT(struct show_options, run)},
    OPERANDS_END,
};

static const struct command_option options[] = {
    {.name = "json",
     .help = "print the JSON object that `run --json` printed",
     OPTION_AT(struct show_options, json)},
    OPTION_JOURNAL(struct show_options, choice.journal),
    OPTIONS_END,
};

const struct command cmd_show = {
    .name = "show",
    .summary = "print a stored run",
    .operands = operands,
    .options = options,
    .about = "Prints a stored run the way `run` printed it: what happened, the chart, what was "
             "expected and seen, and the original verdict; also says what is damaged.",
    .exits = "0 shown, 2 no such run",
    .examples = "longpress show 12\n"
                "longpress show 12 --json >run.json",
    .run = run,
};
