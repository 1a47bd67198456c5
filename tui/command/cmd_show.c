/*
 * `longpress show`: a run of the journal, as `longpress run` printed it.
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
    report_heading(&run->record, stdout);
    console_flush(&console, &run->stored.timeline);
    fputc('\n', stdout);
    strip_draw(&run->record, style_of(stdout), stdout);
    fputc('\n', stdout);
    if (run->about.state == KEPT_DONE) {
        report_judgement(&run->judgement, run->about.simulated, stdout);
    } else {
        printf("%s%s: %s; it has no verdict\n", run->about.simulated ? "SIMULATED " : "",
               run->about.state == KEPT_INTERRUPTED ? "INTERRUPTED" : "RUNNING", run->about.reason);
    }
    if (run->about.pulses_unkept > 0) {
        printf("\n%" PRId64 " further LED pulses were seen, and are not kept.\n",
               run->about.pulses_unkept);
    }
    if (run->about.state == KEPT_DONE && record_state_words(run->record.state)) {
        printf("\nNote: %s.\n", record_state_words(run->record.state));
    }
    if (run->damaged) {
        printf("\nDAMAGED: %s that was kept of it is not what it was; the verdict is the one of "
               "then, and it is not judged again.\n",
               run->damaged);
    }
    if (!run->procedure) {
        printf("\nThe profile it was run with %s; names only are shown of it.\n",
               run->profile        ? "has no such procedure"
               : run->profile_text ? "is not one that this longpress reads"
               : run->damaged      ? "cannot be read any more"
                                   : "was not kept");
    }
}

static int show(const struct run_choice *choice, struct diags *diags, int64_t number, bool json)
{
    struct arena arena = ARENA_INIT;
    const char *path = run_choice_path(choice, diags, &arena);
    struct journal_reader *reader = path ? journal_reader_open(diags, path) : NULL;
    struct whole_run *run = reader ? journal_load(reader, diags, number) : NULL;

    if (run && json) {
        /* Whether it arrived is seen where the program ends. */
        record_write(&run->record, stdout);
    } else if (run) {
        print_run(run);
    }
    int status = run ? EXIT_DONE : EXIT_USAGE;
    whole_run_free(run);
    journal_reader_close(reader);
    arena_free(&arena);
    return status;
}

static int run(const struct context *context, int argc, char **argv)
{
    static const struct option known[] = {
        {"journal", required_argument, NULL, CHOOSE_JOURNAL},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    struct run_choice choice = {.journal = NULL};
    struct diags diags = DIAGS_INIT;
    bool json = false;
    int found;

    (void)context;
    while ((found = command_option(&command_show, argc, argv, ":", known)) != -1) {
        if (found == 'j') {
            json = true;
        } else if (!run_choice_take(&command_show, &choice, found, optarg)) {
            return EXIT_USAGE;
        }
    }
    if (argc - optind != 1) {
        return argc == optind
                   ? command_usage(&command_show, "which run? `longpress history` lists them")
                   : command_usage(&command_show, "`%s` is one argument too many",
                                   argv[optind + 1]);
    }
    int64_t number = run_choice_number(argv[optind]);
    if (number == 0) {
        return command_usage(&command_show,
                             "`%s` is no number of a run; `longpress history` lists "
                             "them",
                             argv[optind]);
    }
    return command_diags(&diags, show(&choice, &diags, number, json));
}

const struct command command_show = {
    .name = "show",
    .arguments = "RUN [OPTION]...",
    .summary = "show a run of the journal as it was printed",
    .help = "Prints a run that was kept as `run` printed it: what happened, the drawing, what was\n"
            "expected and seen, the verdict as it was judged then.\n"
            "\n"
            "  --json           the JSON object that `run --json` prints\n"
            "  --journal FILE   that journal (default: where `run` keeps its runs)\n"
            "\n"
            "Examples:\n"
            "  longpress show 12\n"
            "  longpress show 12 --json >run.json",
    .run = run,
};
