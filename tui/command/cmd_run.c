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
    struct at_hand at_hand;
    struct keeping keeping;
    struct out_file capture;
    struct record record;
};

static void setup_close(struct setup *setup)
{
    plan_free(setup->plan);
    at_hand_close(&setup->at_hand);
    catalog_free(setup->catalog);
}

/* A power of ten, as captures have them. */
static bool take_unit(struct single_options *options, const char *text)
{
    int64_t wanted_ns;
    const char *wrong = duration_parse(text, &wanted_ns);

    for (int64_t unit_ns = 1; !wrong && unit_ns <= VCD_UNIT_MAX_NS; unit_ns *= 10) {
        if (unit_ns == wanted_ns) {
            options->capture_unit_ns = unit_ns;
            return true;
        }
    }
    command_usage(&command_run, "--capture-unit takes 1, 10 or 100 ns or us: `%s` is not", text);
    return false;
}

static bool parse_options(int argc, char **argv, struct single_options *options,
                          struct console *console)
{
    static const struct option known[] = {
        RUN_OPTIONS_UNIT,
        {"not-address", required_argument, NULL, RUN_OPTION_NOT_ADDRESS},
        {"capture", required_argument, NULL, 'c'},
        {"capture-unit", required_argument, NULL, 'C'},
        RUN_OPTION_ENTRIES_LESS,
        RUN_OPTION_ENTRY_JSON,
        RUN_OPTION_ENTRY_PLAN,
        {NULL, 0, NULL, 0},
    };
    int found;
    while ((found = command_option(&command_run, argc, argv, ":", known)) != -1) {
        if (found == 'c') {
            options->capture = optarg;
        } else if (found == 'C') {
            if (!take_unit(options, optarg)) {
                return false;
            }
        } else if (!run_options_take(&command_run, &options->run, console, found, optarg)) {
            return false;
        }
    }
    return run_options_names(&command_run, &options->run, argc, argv, 1, 2,
                             "which model? `longpress models` lists them");
}

static int find(struct setup *setup, struct diags *diags, const struct context *context,
                const struct run_options *options)
{
    setup->profile = run_options_profile(options, context, diags, &setup->catalog);
    setup->procedure =
        setup->profile ? run_options_procedure(options, setup->profile, diags) : NULL;
    return setup->procedure ? run_options_find(options, &setup->at_hand, diags, setup->profile)
                            : -1;
}

/* The capture's file is made before anything moves: a path that cannot be written is told then,
 * not after the run. */
static int open_capture(struct setup *setup, const struct single_options *options,
                        struct diags *diags)
{
    struct at_hand *at_hand = &setup->at_hand;
    const struct out_rules rules = {
        .reads = {keeping_path(&at_hand->arena, options->run.journal, at_hand->bench->simulated),
                  setup->profile->path, at_hand->bench_name}};

    return options->capture ? out_file_open(&setup->capture, options->capture, &rules, diags) : 0;
}

static int write_capture(struct setup *setup, int64_t unit_ns)
{
    struct diags diags = DIAGS_INIT;
    bool good = capture_write(&setup->record, unit_ns, setup->capture.stream) == 0;
    int failed = out_file_close(&setup->capture, good, &diags);

    command_diags(&diags, 0);
    return failed;
}

/* Drive the run to its end, judge it, show it. The exit status. */
static int run_and_judge(struct setup *setup, const struct single_options *options,
                         struct console *console)
{
    struct at_hand *at_hand = &setup->at_hand;
    struct timeline timeline;
    struct judgement *judgement = arena_alloc(&at_hand->arena, sizeof(*judgement));

    timeline_init(&timeline);
    setup->record =
        one_run_record(at_hand, setup->plan, options->run.unit_firmware, &timeline, judgement);
    console->record = &setup->record;
    console->port = at_hand->port;
    console->station = at_hand->station;
    console->quiet = options->run.json;
    if (!options->run.json) {
        report_heading(&setup->record, stdout);
    }

    one_run_keep(&setup->keeping, at_hand, &setup->record,
                 (struct journal_run){.operator_name = options->run.operator_name, .attempt = 1});
    struct run_hooks shown = console_hooks(console);
    struct run_hooks hooks = keeping_hooks(&setup->keeping, &shown);
    setup->record.end = one_run_drive(at_hand, setup->plan, &timeline, &hooks);
    /* The buttons are free before anything slow, such as a terminal, is waited for. */
    at_hand_close_port(at_hand);

    judge(setup->profile, setup->procedure, &setup->record.eyes, &timeline, setup->record.end,
          judgement);
    keeping_finish(&setup->keeping, &setup->record);
    int status = verdict_exit_status(judgement->verdict);
    if (options->capture && write_capture(setup, options->capture_unit_ns) != 0 &&
        status == EXIT_DONE) {
        status = EXIT_BENCH;
    }
    if (options->run.json) {
        record_write(&setup->record, stdout);
    } else {
        console_flush(console, &timeline);
        fputc('\n', stdout);
        strip_draw(&setup->record, style_of(stdout), stdout);
        fputc('\n', stdout);
        report_judgement(judgement, setup->record.simulated, stdout);
    }
    /* The verdict is out, whatever becomes of the journal. */
    fflush(stdout);
    status = keeping_status(status, keeping_close(&setup->keeping));
    timeline_free(&timeline);
    return console->unanswered[0] ? EXIT_USAGE : status;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct single_options options = {.capture_unit_ns = CAPTURE_UNIT_NS};
    struct console console = {.signal_fd = -1};
    struct setup setup = {0};
    struct diags diags = DIAGS_INIT;
    int status = EXIT_USAGE;

    if (!parse_options(argc, argv, &options, &console)) {
        return EXIT_USAGE;
    }
    if (console_open(&console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be taken: %s", strerror(errno));
        return command_diags(&diags, EXIT_BENCH);
    }
    if (find(&setup, &diags, context, &options.run) != 0) {
        goto out;
    }
    struct plan_choices choices = run_options_choices(&options.run);
    setup.plan = plan_make(&diags, setup.profile, setup.procedure, setup.at_hand.bench,
                           setup.at_hand.station, &choices, options.run.plan_only ? stdout : NULL);
    if (!setup.plan) {
        goto out;
    }
    if (options.run.plan_only) {
        plan_print(setup.plan, stdout);
        status = EXIT_DONE;
        goto out;
    }
    if (console_check(&console, &diags, setup.plan, at_hand_can_answer, &setup.at_hand) != 0 ||
        open_capture(&setup, &options, &diags) != 0) {
        goto out;
    }
    const char *done[RUN_DONE_MAX];
    struct radio_setup radio = at_hand_radio(setup.plan);
    radio.address = run_options_address(&options.run);
    radio.done = done;
    radio.done_count = options.run.done_count;
    for (size_t i = 0; i < options.run.done_count; i++) {
        done[i] = options.run.done[i];
    }
    keeping_open(&setup.keeping, options.run.journal, setup.at_hand.bench->simulated);
    if (at_hand_open(&setup.at_hand, &diags, run_options_rate(&options.run), &radio,
                     console.signal_fd) != 0) {
        keeping_close(&setup.keeping);
        status = EXIT_BENCH;
        goto out;
    }
    console.wait_for_answers = setup.at_hand.virtual_time;
    console.sorted = setup.at_hand.virtual_time;
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

const struct command command_run = {
    .name = "run",
    .arguments = "MODEL [PROCEDURE] [OPTION]...",
    .summary = "press, watch and judge: one run of one unit",
    .help =
        "Runs a procedure of a model's profile and judges what was observed. Without PROCEDURE:\n"
        "the least destructive reset that is not soft.\n"
        "\n"
        "  --bench FILE           the bench file (default: ~/.config/longpress/bench.yaml, then\n"
        "                         /etc/longpress/bench.yaml)\n"
        "  --bench sim            the simulated bench, with a healthy unit of the model in it: of\n"
        "                         your own model from ~/.config/longpress/firmware/MODEL.yaml\n"
        "  --bench sim:FIRMWARE   the simulated bench, with a unit of that firmware file\n"
        "  --bench sim4           four simulated stations, A to D\n"
        "  --station NAME         which station of the bench\n"
        "  --unit SERIAL          the unit's serial number, for the record\n"
        "  --unit-firmware VER    the unit's firmware version, for the record\n"
        "  --address ADDRESS      the unit's Bluetooth address; without it the strongest unit of\n"
        "                         the model's name is taken, and a tie is asked about\n"
        "  --not-address ADDRESS  ignore this unit (for example the last one tested); may be\n"
        "                         repeated\n"
        "  --answer NAME=VALUE    answer a precondition or question ahead (lid=open)\n"
        "  --accept-hazard ID     accept this hazard for this run; the record says so\n"
        "  --steady-for TIME      watch what must last (a bond that is kept, a unit that is gone)\n"
        "                         for this long after the last expected event, instead of to the\n"
        "                         end of its window (or for 20 s); verdict and record say so\n"
        "  --without-bond         continue with a unit that does not pair: what needs a bond is "
        "left\n"
        "                         out, and only what the profile says is enough makes a pass\n"
        "  --pace real|fast       simulated bench: in real time, or at once (default)\n"
        "  --capture OUT.vcd      save presses and raw LED edges, for PulseView or GTKWave; never\n"
        "                         replaces a journal, profile, bench or firmware file\n"
        "  --capture-unit TIME    in units of 1, 10 or 100 ns or us (default: 1us)\n"
        "  --journal FILE         keep the run there (default: /var/lib/longpress/journal.db if\n"
        "                         writable, else ~/.local/state/longpress/journal.db); `none`:\n"
        "                         keep nothing\n"
        "  --operator NAME        who runs this, for the record (default: who is logged in)\n"
        "  --json                 one JSON object on standard output, nothing else\n"
        "  --plan                 show the schedule and the safety proof; press nothing (needs no\n"
        "                         unit)\n"
        "\n"
        "Ctrl-C, SIGTERM, a hang-up and the e-stop release everything at once; the run is then\n"
        "`aborted`.\n"
        "\n"
        "Exit status: 0 pass, 1 fail, 2 usage or bad file, 3 inconclusive, 4 aborted,\n"
        "5 bench error, or a pass whose record could not be saved anywhere.\n"
        "\n"
        "Examples:\n"
        "  longpress run WH-1000XM5 --bench sim\n"
        "  longpress run WF-1000XM4 --station B --unit 5012345 --answer lid=open\n"
        "  longpress run WF-1000XM5 factory-reset --accept-hazard dfu --plan --bench sim\n"
        "  longpress run WH-1000XM5 --bench sim --capture run.vcd --json >run.json",
    .run = run,
};
