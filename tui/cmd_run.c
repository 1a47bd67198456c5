/*
 * `longpress run`: the main job. Profile, bench and choices become a plan; the plan is proved
 * safe; the run is driven; what was seen is judged, shown and kept.
 */
#include "hardware/lines.h"
#include "rig/capture.h"
#include "rig/plan.h"
#include "rig/record.h"
#include "rig/run.h"
#include "rig/text.h"
#include "tui/at_hand.h"
#include "tui/command.h"
#include "tui/console.h"
#include "tui/keeping.h"
#include "tui/places.h"
#include "tui/report.h"
#include "tui/strip.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    HAZARDS_MAX = 16,
    DONE_MAX = 64,
};

struct run_options {
    const char *model;
    const char *procedure;
    const char *bench;
    const char *station;
    const char *unit;
    const char *unit_firmware;
    const char *accept[HAZARDS_MAX];
    size_t accept_count;
    char address[TEXT_BLUETOOTH_MAX];
    char done[DONE_MAX][TEXT_BLUETOOTH_MAX];
    size_t done_count;
    const char *capture;
    const char *journal;
    const char *operator_name;
    const char *pace;
    bool json;
    bool plan_only;
};

/* What a run is made of, beside the bench. */
struct setup {
    struct catalog *catalog;
    const struct profile *profile;
    const struct procedure *procedure;
    struct plan *plan;
    struct at_hand at_hand;
    struct keeping keeping;
    struct record record;
};

static void setup_close(struct setup *setup)
{
    plan_free(setup->plan);
    at_hand_close(&setup->at_hand);
    catalog_free(setup->catalog);
}

static bool take_address(const char *option, const char *text, char out[TEXT_BLUETOOTH_MAX])
{
    bool good = text_bluetooth_address(out, text);
    if (!good) {
        command_usage(&command_run, "%s is a Bluetooth address such as 14:3F:A6:01:02:03, not `%s`",
                      option, text);
    }
    return good;
}

static bool parse_options(int argc, char **argv, struct run_options *options,
                          struct console *console)
{
    static const struct option known[] = {
        {"bench", required_argument, NULL, 'b'},
        {"station", required_argument, NULL, 's'},
        {"unit", required_argument, NULL, 'u'},
        {"unit-firmware", required_argument, NULL, 'f'},
        {"address", required_argument, NULL, 'A'},
        {"not-address", required_argument, NULL, 'N'},
        {"answer", required_argument, NULL, 'a'},
        {"accept-hazard", required_argument, NULL, 'h'},
        {"pace", required_argument, NULL, 'p'},
        {"capture", required_argument, NULL, 'c'},
        {"journal", required_argument, NULL, 'J'},
        {"operator", required_argument, NULL, 'o'},
        {"json", no_argument, NULL, 'j'},
        {"plan", no_argument, NULL, 'P'},
        {NULL, 0, NULL, 0},
    };
    const char *wrong;
    int found;
    while ((found = command_option(&command_run, argc, argv, ":", known)) != -1) {
        switch (found) {
        case 'b':
            options->bench = optarg;
            break;
        case 's':
            options->station = optarg;
            break;
        case 'u':
            options->unit = optarg;
            break;
        case 'f':
            options->unit_firmware = optarg;
            break;
        case 'A':
            if (!take_address("--address", optarg, options->address)) {
                return false;
            }
            break;
        case 'N':
            if (options->done_count == DONE_MAX) {
                command_usage(&command_run, "--not-address given too often");
                return false;
            }
            if (!take_address("--not-address", optarg, options->done[options->done_count++])) {
                return false;
            }
            break;
        case 'a':
            if ((wrong = console_give(console, optarg))) {
                command_usage(&command_run, "--answer `%s` %s", optarg, wrong);
                return false;
            }
            break;
        case 'h':
            if (options->accept_count == HAZARDS_MAX) {
                command_usage(&command_run, "--accept-hazard given too often");
                return false;
            }
            options->accept[options->accept_count++] = optarg;
            break;
        case 'p':
            if (strcmp(optarg, "real") != 0 && strcmp(optarg, "fast") != 0) {
                command_usage(&command_run, "--pace is `real` or `fast`, not `%s`", optarg);
                return false;
            }
            options->pace = optarg;
            break;
        case 'c':
            options->capture = optarg;
            break;
        case 'J':
            options->journal = optarg;
            break;
        case 'o':
            options->operator_name = optarg;
            break;
        case 'j':
            options->json = true;
            break;
        case 'P':
            options->plan_only = true;
            break;
        default:
            return false;
        }
    }
    if (optind == argc) {
        command_usage(&command_run, "which model? `longpress models` lists them");
        return false;
    }
    if (argc - optind > 2) {
        command_usage(&command_run, "`%s` is one argument too many", argv[optind + 2]);
        return false;
    }
    options->model = argv[optind];
    options->procedure = optind + 1 < argc ? argv[optind + 1] : NULL;
    return true;
}

/* The model and the procedure that were asked for. */
static int find_procedure(struct setup *setup, struct diags *diags, const struct context *context,
                          const struct run_options *options)
{
    setup->catalog = places_catalog(diags, context->profiles_dir);
    if (!setup->catalog) {
        return -1;
    }
    setup->profile = catalog_find(setup->catalog, options->model, diags);
    if (!setup->profile) {
        return -1;
    }
    if (options->procedure) {
        setup->procedure = catalog_procedure(setup->profile, options->procedure, diags);
        return setup->procedure ? 0 : -1;
    }
    setup->procedure = profile_default(setup->profile);
    if (!setup->procedure) {
        return diag_error(diags, place_of(setup->profile->path), "name the procedure to run",
                          "has no network or factory reset to choose by itself");
    }
    return 0;
}

static int find_bench(struct setup *setup, struct diags *diags, const struct run_options *options)
{
    setup->at_hand.unit = options->unit;
    if (at_hand_find(&setup->at_hand, diags, options->bench, options->station,
                     setup->profile->model) != 0) {
        return -1;
    }
    if (!setup->at_hand.bench->simulated && options->pace && strcmp(options->pace, "fast") == 0) {
        return diag_error(diags, place_of("--pace"), "leave it out",
                          "only a simulated bench can go faster than time");
    }
    return 0;
}

static int64_t wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* The capture's file is made before anything moves: a path that cannot be written is told then,
 * not after the run. */
static int open_capture(const struct run_options *options, struct diags *diags, FILE **capture)
{
    if (!options->capture) {
        return 0;
    }
    *capture = fopen(options->capture, "we");
    if (!*capture) {
        return diag_error(diags, place_of(options->capture),
                          "give --capture a path that can be written", "cannot be written: %s",
                          strerror(errno));
    }
    return 0;
}

static int write_capture(const struct record *record, const char *path, FILE *capture)
{
    int failed = capture_write(record, capture);
    failed |= fclose(capture);
    if (failed) {
        char safe[512];
        fprintf(stderr, "%s: error: the capture could not be written in full: %s\n",
                text_printable(safe, sizeof(safe), path), strerror(errno));
    }
    return failed ? -1 : 0;
}

/* The run is in the journal before anything moves. */
static void begin_keeping(struct setup *setup, const struct run_options *options)
{
    const struct bench *bench = setup->at_hand.bench;
    struct journal_run run = {
        .record = &setup->record,
        .operator_name = keeping_operator(options->operator_name),
        .bench_text = bench->text,
        .bench_length = bench->text_length,
        .attempt = 1,
        .libgpiod = lines_library_version(),
    };
    keeping_begin(&setup->keeping, &run, setup->at_hand.port);
}

/* Drive the run to its end, judge it, show it. The exit status. */
static int run_and_judge(struct setup *setup, const struct run_options *options,
                         struct console *console, FILE *capture)
{
    struct at_hand *at_hand = &setup->at_hand;
    struct timeline timeline;
    struct judgement *judgement = arena_alloc(&at_hand->arena, sizeof(*judgement));
    int8_t levels[BENCH_INPUTS_MAX];

    timeline_init(&timeline);
    setup->record = (struct record){
        .version = LONGPRESS_VERSION,
        .simulated = at_hand->port->simulated,
        .bench = at_hand->bench_name,
        .station = at_hand->station->name,
        .unit = options->unit,
        .unit_firmware = options->unit_firmware,
        .sim_firmware = at_hand->firmware_text,
        .profile = setup->profile,
        .procedure = setup->procedure,
        .bench_station = at_hand->station,
        .accepted_hazards = setup->plan->accepted,
        .accepted_count = setup->plan->accepted_count,
        .eyes = eyes_of_station(at_hand->station),
        .timeline = &timeline,
        .judgement = judgement,
    };
    setup->record.eyes.unit_firmware = options->unit_firmware;
    console->record = &setup->record;
    console->port = at_hand->port;
    console->station = at_hand->station;
    console->quiet = options->json;
    if (!options->json) {
        report_heading(&setup->record, stdout);
    }

    begin_keeping(setup, options);
    run_levels(at_hand->port, at_hand->station, levels);
    struct engine *engine = engine_new(setup->plan, &timeline,
                                       at_hand->port->ops->now(at_hand->port), wall_ns(), levels);
    struct run_hooks shown = console_hooks(console);
    struct run_hooks hooks = keeping_hooks(&setup->keeping, &shown);
    run_drive(engine, at_hand->port, &timeline, &hooks);
    setup->record.end = engine_end(engine);
    engine_free(engine);
    /* The buttons are free before anything slow, such as a terminal, is waited for. */
    at_hand_close_port(at_hand);

    judge(setup->profile, setup->procedure, &setup->record.eyes, &timeline, setup->record.end,
          judgement);
    keeping_finish(&setup->keeping, &setup->record);
    int status = verdict_exit_status(judgement->verdict);
    if (capture && write_capture(&setup->record, options->capture, capture) != 0 &&
        status == EXIT_DONE) {
        status = EXIT_BENCH;
    }
    if (options->json) {
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
    keeping_close(&setup->keeping);
    timeline_free(&timeline);
    return console->unanswered[0] ? EXIT_USAGE : status;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct run_options options = {0};
    struct console console = {.signal_fd = -1};
    struct setup setup = {0};
    struct diags diags = DIAGS_INIT;
    FILE *capture = NULL;
    int status = EXIT_USAGE;

    if (!parse_options(argc, argv, &options, &console)) {
        return EXIT_USAGE;
    }
    if (console_open(&console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be taken: %s", strerror(errno));
        return command_diags(&diags, EXIT_BENCH);
    }
    if (find_procedure(&setup, &diags, context, &options) != 0 ||
        find_bench(&setup, &diags, &options) != 0) {
        goto out;
    }
    struct plan_choices choices = {.accept_hazards = options.accept,
                                   .accept_count = options.accept_count};
    setup.plan = plan_make(&diags, setup.profile, setup.procedure, setup.at_hand.bench,
                           setup.at_hand.station, &choices, options.plan_only ? stdout : NULL);
    if (!setup.plan) {
        goto out;
    }
    if (options.plan_only) {
        plan_print(setup.plan, stdout);
        status = EXIT_DONE;
        goto out;
    }
    if (console_check(&console, &diags, setup.plan, at_hand_can_answer, &setup.at_hand) != 0 ||
        open_capture(&options, &diags, &capture) != 0) {
        goto out;
    }
    int rate = options.pace && strcmp(options.pace, "real") == 0 ? 1 : 0;
    const char *done[DONE_MAX];
    struct radio_setup radio = at_hand_radio(setup.plan);
    radio.address = options.address[0] ? options.address : NULL;
    radio.done = done;
    radio.done_count = options.done_count;
    for (size_t i = 0; i < options.done_count; i++) {
        done[i] = options.done[i];
    }
    keeping_open(&setup.keeping, options.journal, setup.at_hand.bench->simulated);
    if (at_hand_open(&setup.at_hand, &diags, rate, &radio, console.signal_fd) != 0) {
        keeping_close(&setup.keeping);
        status = EXIT_BENCH;
        goto out;
    }
    console.wait_for_answers = setup.at_hand.virtual_time;
    console.sorted = setup.at_hand.virtual_time;
    command_diags(&diags, 0);
    status = run_and_judge(&setup, &options, &console, capture);
    capture = NULL;
    if (console.unanswered[0]) {
        console_unanswered(&console, &diags);
    }
out:
    if (capture) {
        fclose(capture);
    }
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
        "  --bench sim            the simulated bench, with a healthy unit of the model in it\n"
        "  --bench sim:FIRMWARE   the simulated bench, with a unit of that firmware file\n"
        "  --bench sim4           four simulated stations, A to D\n"
        "  --station NAME         which station of the bench\n"
        "  --unit SERIAL          the unit's serial number, for the record\n"
        "  --unit-firmware VER    the unit's firmware version, for the record\n"
        "  --address ADDRESS      the unit's Bluetooth address; without it the strongest unit of\n"
        "                         the model's name is taken, and a tie is asked about\n"
        "  --not-address ADDRESS  a unit that is done with and not meant; may be repeated\n"
        "  --answer NAME=VALUE    answer a precondition or question ahead (lid=open)\n"
        "  --accept-hazard ID     go past this hazard, for this run; it is in the record\n"
        "  --pace real|fast       simulated bench: in real time, or at once (default)\n"
        "  --capture OUT.vcd      keep presses and raw LED edges, for PulseView or GTKWave\n"
        "  --journal FILE         keep the run there (default: /var/lib/longpress/journal.db "
        "where\n"
        "                         that can be written, else ~/.local/state/longpress/journal.db);\n"
        "                         `none`: keep nothing\n"
        "  --operator NAME        who runs this, for the record (default: who is logged in)\n"
        "  --json                 one JSON object on standard output, nothing else\n"
        "  --plan                 show the schedule and the safety proof; press nothing\n"
        "\n"
        "Ctrl-C, SIGTERM, a hang-up and the e-stop let go of everything at once; the run is\n"
        "then `aborted`.\n"
        "\n"
        "Exit status: 0 pass, 1 fail, 2 usage or bad file, 3 inconclusive, 4 aborted,\n"
        "5 bench error.\n"
        "\n"
        "Examples:\n"
        "  longpress run WH-1000XM5 --bench sim\n"
        "  longpress run WF-1000XM4 --station B --unit 5012345 --answer lid=open\n"
        "  longpress run WF-1000XM5 factory-reset --accept-hazard dfu --plan --bench sim\n"
        "  longpress run WH-1000XM5 --bench sim --capture run.vcd --json >run.json",
    .run = run,
};
