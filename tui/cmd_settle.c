/*
 * `longpress settle`: where sources contradict each other on a model, its unit says who is right.
 * Each contradicting claim is run, shortest press first and never across a hazard; in between the
 * unit is paired anew, brought to the state that the next claim needs, and left alone for the
 * profile's cooldown.
 */
#include "rig/settle.h"
#include "rig/text.h"
#include "rig/units.h"
#include "tui/command.h"
#include "tui/console.h"
#include "tui/places.h"
#include "tui/report.h"
#include "tui/series.h"
#include "tui/settle_tell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HAZARDS_MAX = 16, STATES_MAX = 8 };

/* A unit that was switched on or off is given this long before anything else is done with it; and
 * the rig's own words, no source's. */
static const int64_t SETTLED_NS = 5 * NS_PER_S;

struct settle_options {
    const char *model;
    const char *bench;
    const char *station;
    const char *unit;
    const char *unit_firmware;
    char address[TEXT_BLUETOOTH_MAX];
    const char *accept[HAZARDS_MAX];
    size_t accept_count;
    const char *pace;
    const char *journal;
    const char *operator_name;
    const char *series;
    bool json;
    bool plan_only;
};

/* What is done before the run of a claim: pair, ask for the state that it needs, wait. */
struct bringing {
    struct procedure procedure;
    struct plan *plan;
    const struct requirement *states[STATES_MAX];
    size_t state_count;
};

struct setup {
    struct arena arena;
    struct catalog *catalog;
    const struct profile *profile;
    struct at_hand at_hand;
    struct settle *settle;
    struct bringing *bringings; /* one for each claim */
    struct settle_telling telling;
    struct series series;
    char name[SERIES_NAME_MAX];
};

static void setup_close(struct setup *setup)
{
    for (size_t i = 0; setup->bringings && i < setup->settle->claim_count; i++) {
        plan_free(setup->bringings[i].plan);
    }
    settle_free(setup->settle);
    at_hand_close(&setup->at_hand);
    catalog_free(setup->catalog);
    arena_free(&setup->arena);
}

static int take_option(int found, struct settle_options *options, struct console *console)
{
    const char *wrong;

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
        if (!text_bluetooth_address(options->address, optarg)) {
            return command_usage(&command_settle,
                                 "--address is a Bluetooth address such as 14:3F:A6:01:02:03, not "
                                 "`%s`",
                                 optarg);
        }
        break;
    case 'a':
        if ((wrong = console_give(console, optarg))) {
            return command_usage(&command_settle, "--answer `%s` %s", optarg, wrong);
        }
        break;
    case 'h':
        if (options->accept_count == HAZARDS_MAX) {
            return command_usage(&command_settle, "--accept-hazard given too often");
        }
        options->accept[options->accept_count++] = optarg;
        break;
    case 'p':
        if (strcmp(optarg, "real") != 0 && strcmp(optarg, "fast") != 0) {
            return command_usage(&command_settle, "--pace is `real` or `fast`, not `%s`", optarg);
        }
        options->pace = optarg;
        break;
    case 'J':
        options->journal = optarg;
        break;
    case 'o':
        options->operator_name = optarg;
        break;
    case 'S':
        options->series = optarg;
        break;
    case 'j':
        options->json = true;
        break;
    case 'P':
        options->plan_only = true;
        break;
    default:
        return EXIT_USAGE;
    }
    return 0;
}

static bool parse_options(int argc, char **argv, struct settle_options *options,
                          struct console *console)
{
    static const struct option known[] = {
        {"bench", required_argument, NULL, 'b'},
        {"station", required_argument, NULL, 's'},
        {"unit", required_argument, NULL, 'u'},
        {"unit-firmware", required_argument, NULL, 'f'},
        {"address", required_argument, NULL, 'A'},
        {"answer", required_argument, NULL, 'a'},
        {"accept-hazard", required_argument, NULL, 'h'},
        {"pace", required_argument, NULL, 'p'},
        {"journal", required_argument, NULL, 'J'},
        {"operator", required_argument, NULL, 'o'},
        {"series", required_argument, NULL, 'S'},
        {"json", no_argument, NULL, 'j'},
        {"plan", no_argument, NULL, 'P'},
        {NULL, 0, NULL, 0},
    };
    int found;

    while ((found = command_option(&command_settle, argc, argv, ":", known)) != -1) {
        if (take_option(found, options, console) != 0) {
            return false;
        }
    }
    if (optind == argc) {
        command_usage(&command_settle, "which model? `longpress models` lists them");
        return false;
    }
    if (argc - optind > 1) {
        command_usage(&command_settle, "`%s` is one argument too many", argv[optind + 1]);
        return false;
    }
    options->model = argv[optind];
    return true;
}

static int find(struct setup *setup, struct diags *diags, const struct context *context,
                const struct settle_options *options)
{
    setup->catalog = places_catalog(diags, context->profiles_dir);
    setup->profile = setup->catalog ? catalog_find(setup->catalog, options->model, diags) : NULL;
    if (!setup->profile) {
        return -1;
    }
    setup->at_hand.unit = options->unit;
    if (at_hand_find(&setup->at_hand, diags, options->bench, options->station,
                     setup->profile->model) != 0) {
        return -1;
    }
    if (!setup->at_hand.bench->simulated && options->pace && strcmp(options->pace, "fast") == 0) {
        return diag_error(diags, place_of("--pace"), "leave it out",
                          "only a simulated bench can go faster than time");
    }
    setup->settle = settle_new(diags, setup->profile, setup->at_hand.bench, setup->at_hand.station,
                               options->accept, options->accept_count);
    return setup->settle ? 0 : -1;
}

/* ---- between the runs --------------------------------------------------------------------- */

/* "power-off": under which the state is asked for, and --answer says that it is so. */
static void ask_for(struct setup *setup, struct step *step, const struct requirement *state)
{
    struct arena *arena = &setup->arena;
    const char *name = state->question.name;
    const char *answer = state->accept[0];

    step->kind = STEP_ASK;
    step->ask = (struct question){
        .name = arena_printf(arena, "%s-%s", name, answer),
        .prompt = arena_printf(arena, "The next run is from %s: %s. See to it.", name, answer),
        .answers = {"done"},
        .answer_count = 1,
    };
}

static int make_bringing(struct setup *setup, struct diags *diags, size_t claim)
{
    /* That a link is wanted has the radio pair anew; what becomes of it proves nothing. */
    static const struct expectation link = {
        .kind = EXPECT_DISCONNECTS, .anchor = ANCHOR_RELEASE, .within_ns = NS_PER_MS};
    struct bringing *bringing = &setup->bringings[claim];
    struct procedure *procedure = &bringing->procedure;
    const struct requirement *state;

    procedure->name = "between two runs";
    procedure->kind = KIND_OTHER;
    procedure->source = setup->settle->claims[claim].procedure->source;
    procedure->steps = arena_array(&setup->arena, STATES_MAX + 1, sizeof(struct step));
    while (bringing->state_count < STATES_MAX &&
           (state = settle_state_needed(setup->settle, claim, bringing->state_count))) {
        bringing->states[bringing->state_count++] = state;
        ask_for(setup, &procedure->steps[procedure->step_count++], state);
    }
    procedure->steps[procedure->step_count++] =
        (struct step){.kind = STEP_WAIT, .for_ns = SETTLED_NS};
    procedure->expect = arena_alloc(&setup->arena, sizeof(link));
    procedure->expect[0] = link;
    procedure->expect_count = 1;
    bringing->plan = plan_make(diags, setup->profile, procedure, setup->at_hand.bench,
                               setup->at_hand.station, NULL, NULL);
    return bringing->plan ? 0 : -1;
}

static int make_bringings(struct setup *setup, struct diags *diags)
{
    setup->bringings =
        arena_array(&setup->arena, setup->settle->claim_count + 1, sizeof(*setup->bringings));
    for (size_t i = 0; i < setup->settle->claim_count; i++) {
        if (setup->settle->claims[i].plan && make_bringing(setup, diags, i) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool is_brought(const struct bringing *bringing, const char *question)
{
    for (size_t i = 0; i < bringing->state_count; i++) {
        if (strcmp(bringing->states[i]->question.name, question) == 0) {
            return true;
        }
    }
    return false;
}

/* Everything that will be asked has somebody to answer it. */
static int check_answers(struct setup *setup, struct diags *diags, const struct console *console)
{
    const struct settle *settle = setup->settle;
    int result = 0;
    const struct plan **plans =
        arena_array(&setup->arena, 2 * settle->claim_count + 1, sizeof(struct plan *));
    size_t count = 0;

    for (size_t i = 0; i < settle->claim_count; i++) {
        if (settle->claims[i].plan) {
            plans[count++] = settle->claims[i].plan;
            plans[count++] = setup->bringings[i].plan;
        }
    }
    if (count == 0) {
        return 0;
    }
    /* Whoever brings a unit of a real bench to a state thereby answers for it. */
    const char **settled =
        arena_array(&setup->arena, STATES_MAX * settle->claim_count + 1, sizeof(const char *));
    size_t settled_count = 0;
    for (size_t i = 0; i < settle->claim_count; i++) {
        const struct bringing *bringing = &setup->bringings[i];
        for (size_t s = 0; s < bringing->state_count; s++) {
            const char *name = bringing->states[s]->question.name;
            bool always = true;
            for (size_t c = 0; c < settle->claim_count; c++) {
                const struct procedure *procedure = settle->claims[c].procedure;
                for (size_t r = 0; settle->claims[c].plan && r < procedure->requires_count; r++) {
                    always = always && (strcmp(procedure->requires[r].question.name, name) != 0 ||
                                        is_brought(&setup->bringings[c], name));
                }
            }
            if (always) {
                settled[settled_count++] = name;
            }
        }
    }
    result |= console_check_all(console, diags, plans, count, settled, at_hand_can_answer,
                                &setup->at_hand);
    return result;
}

/* The unit was brought to a state by a person: that is what the run's own question is answered. A
 * simulated unit answers for itself. */
static void keep_states(const struct setup *setup, const struct bringing *bringing,
                        struct console *console)
{
    for (size_t i = 0; !setup->at_hand.bench->simulated && i < bringing->state_count &&
                       console->given_count < CONSOLE_ANSWERS_MAX;
         i++) {
        struct given_answer *given = &console->given[console->given_count++];
        given->option = "";
        snprintf(given->name, sizeof(given->name), "%s", bringing->states[i]->question.name);
        snprintf(given->value, sizeof(given->value), "%s", bringing->states[i]->accept[0]);
    }
}

/* EXIT_DONE: the unit is where the claim needs it, and has had its rest. */
static int bring(struct setup *setup, struct diags *diags, size_t claim)
{
    struct series *series = &setup->series;
    const struct bringing *bringing = &setup->bringings[claim];
    const struct source *source;
    int64_t rest_ns = settle_rest_ns(setup->settle, &source);
    char why[256] = "";
    struct timeline timeline;
    enum engine_end end = END_COMPLETE;

    if (bringing->state_count > 0 || series->runs > 0) {
        timeline_init(&timeline);
        int failed = series_bring(series, diags, bringing->plan, &timeline, &end);
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
    struct settled_run *kept = &telling->runs[telling->run_count++];
    kept->procedure = run->record.procedure->name;
    kept->verdict = run->judgement.verdict;
    snprintf(kept->reason, sizeof(kept->reason), "%s", run->judgement.reason);
    kept->number = run->number;
}

/* One claim. EXIT_DONE: on to the next. */
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
    keep_states(setup, &setup->bringings[claim], series->console);
    struct series_run *run = series_run(series, diags, settle->claims[claim].plan);
    series->console->given_count = given_count;
    if (!run) {
        return EXIT_BENCH;
    }
    settle_take(settle, claim, series->runs, &run->record.eyes, &run->timeline, run->record.end,
                &run->judgement);
    keep_run(&setup->telling, run);
    if (!json) {
        report_judgement(&run->judgement, run->record.simulated, stdout);
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
    settle_stop(setup->settle,
                status == EXIT_BENCH ? "the bench failed before it" : "it was stopped before it");
    if (status == EXIT_DONE && !settle_done(setup->settle)) {
        status = EXIT_INCONCLUSIVE;
    }
    return status;
}

static void begin_series(struct setup *setup, const struct settle_options *options,
                         struct console *console)
{
    series_name(setup->name, "settle", setup->profile->model);
    setup->series = (struct series){
        .at_hand = &setup->at_hand,
        .console = console,
        .journal = options->journal,
        .operator_name = options->operator_name,
        .unit_firmware = options->unit_firmware,
        .name = options->series ? options->series : setup->name,
        .address = options->address[0] ? options->address : NULL,
        .rate = options->pace && strcmp(options->pace, "real") == 0 ? 1 : 0,
        .silent = options->json,
    };
    setup->telling.series = setup->series.name;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct settle_options options = {0};
    struct console console = {.signal_fd = -1};
    struct diags diags = DIAGS_INIT;
    struct setup *setup = xcalloc(sizeof(*setup));
    int status = EXIT_USAGE;

    if (!parse_options(argc, argv, &options, &console)) {
        free(setup);
        return EXIT_USAGE;
    }
    if (console_open(&console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be taken: %s", strerror(errno));
        free(setup);
        return command_diags(&diags, EXIT_BENCH);
    }
    if (find(setup, &diags, context, &options) != 0 || make_bringings(setup, &diags) != 0) {
        goto out;
    }
    setup->telling.settle = setup->settle;
    setup->telling.at_hand = &setup->at_hand;
    setup->telling.unit_firmware = options.unit_firmware;
    bool runs = !options.plan_only && setup->settle->conflict_count > 0;
    if (runs && check_answers(setup, &diags, &console) != 0) {
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
        status = settle_all(setup, &diags, options.json);
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

const struct command command_settle = {
    .name = "settle",
    .arguments = "MODEL [OPTION]...",
    .summary = "where sources contradict each other: which of them is right?",
    .help =
        "Finds the claims of a model's profile that contradict each other (the same press, other\n"
        "LED, kind or effect; the same effect, another hold; a press that a hazard warns of),\n"
        "runs them on a unit, shortest press first, and tells which held, with the evidence.\n"
        "\n"
        "A claim whose press meets a hazard in the worst case is not run unless that hazard is\n"
        "accepted by name; one that may end the unit never is. Between two runs the unit is\n"
        "paired anew, brought to the state that the next claim needs (`power: off`), and left\n"
        "alone for the longest cooldown that the profile names.\n"
        "\n"
        "  --plan                 what would be run in which order, and what not; press nothing\n"
        "  --bench FILE, --station NAME, --unit SERIAL, --unit-firmware VER, --address ADDRESS,\n"
        "  --journal FILE, --operator NAME, --pace real|fast\n"
        "                         as for `longpress run`\n"
        "  --answer NAME=VALUE    answer a question ahead; power-off=done says that the unit will\n"
        "                         have been switched off where that is asked for\n"
        "  --accept-hazard ID     run claims that meet this hazard, too; it is in the record\n"
        "  --series NAME          under which the runs are kept: longpress history --batch NAME\n"
        "                         (default: settle-MODEL-DATE-TIME)\n"
        "  --json                 one JSON object on standard output, nothing else\n"
        "\n"
        "What held is true of this unit and its firmware. What the rig cannot see (whether the\n"
        "equaliser's settings are kept) stays unsaid. Ctrl-C, SIGTERM, a hang-up and the e-stop\n"
        "let go of everything at once; what was settled by then is told.\n"
        "\n"
        "Exit status: 0 every contradiction is settled (or there is none), 2 usage or bad file,\n"
        "3 something stays open, 4 aborted, 5 bench error.\n"
        "\n"
        "Examples:\n"
        "  longpress settle WH-1000XM3 --plan --bench sim\n"
        "  longpress settle WH-1000XM3 --bench sim\n"
        "  longpress settle WH-1000XM3 --station B --unit 5012345 --unit-firmware 4.1.1",
    .run = run,
};
