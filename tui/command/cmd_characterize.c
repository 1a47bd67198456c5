/*
 * `longpress characterize`: at which hold does the reset trigger? As few presses as will do, each
 * of them a run in the journal.
 */
#include "rig/base/units.h"
#include "tui/cli/command.h"
#include "tui/task/characterize_task.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS_MAX = 1000 };

static const int64_t COOLDOWN_NS = 30 * NS_PER_S; /* where the source says none */

struct characterize_options {
    int64_t from_ns;
    int64_t to_ns;
    int64_t precision_ns;
    int64_t cooldown_ns; /* -1: the profile's */
    int64_t step_ns;
    int repeats;
    int max_presses;
};

/* ---- options -----------------------------------------------------------------------------------
 */

static bool take_duration(const char *option, const char *text, bool zero_will_do, int64_t *out)
{
    const char *wrong = duration_parse(text, out);
    char safe[256];
    if (wrong) {
        command_usage(&command_characterize, "%s `%s` %s", option,
                      text_printable(safe, sizeof(safe), text), wrong);
    } else if (*out == 0 && !zero_will_do) {
        command_usage(&command_characterize, "%s must be longer than nothing", option);
        return false;
    }
    return !wrong;
}

static bool take_number(const char *option, const char *text, int most, int *out)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end || number < 1 || number > most) {
        char safe[256];
        command_usage(&command_characterize, "%s is a number from 1 to %d, not `%s`", option, most,
                      text_printable(safe, sizeof(safe), text));
        return false;
    }
    *out = (int)number;
    return true;
}

static bool take_option(int found, struct characterize_options *options, struct characterizing *it)
{
    switch (found) {
    case 'p':
        return take_duration("--precision", optarg, false, &options->precision_ns);
    case 'm':
        return take_number("--max-presses", optarg, THRESHOLD_PRESSES_MAX, &options->max_presses);
    case 'l':
        return take_duration("--linear", optarg, false, &options->step_ns);
    case 'r':
        return take_number("--repeats", optarg, REPEATS_MAX, &options->repeats);
    case 'F':
        return take_duration("--from", optarg, false, &options->from_ns);
    case 'T':
        return take_duration("--to", optarg, false, &options->to_ns);
    case 'c':
        return take_duration("--cooldown", optarg, true, &options->cooldown_ns);
    default:
        return run_options_take(&command_characterize, &it->options, &it->console, found, optarg);
    }
}

static bool parse_options(int argc, char **argv, struct characterize_options *options,
                          struct characterizing *it)
{
    static const struct option known[] = {
        RUN_OPTIONS_UNIT,
        {"precision", required_argument, NULL, 'p'},
        {"max-presses", required_argument, NULL, 'm'},
        {"linear", required_argument, NULL, 'l'},
        {"repeats", required_argument, NULL, 'r'},
        {"from", required_argument, NULL, 'F'},
        {"to", required_argument, NULL, 'T'},
        {"cooldown", required_argument, NULL, 'c'},
        RUN_OPTION_ENTRY_SERIES,
        RUN_OPTION_ENTRY_JSON,
        {NULL, 0, NULL, 0},
    };
    int found;
    while ((found = command_option(&command_characterize, argc, argv, ":", known)) != -1) {
        if (!take_option(found, options, it)) {
            return false;
        }
    }
    if (!run_options_names(&command_characterize, &it->options, argc, argv, 2, 2,
                           "which model, and which of its procedures?")) {
        return false;
    }
    if (options->repeats && !options->step_ns) {
        command_usage(&command_characterize, "--repeats goes with --linear");
        return false;
    }
    options->repeats = options->repeats ? options->repeats : 1;
    return true;
}

/* ---- the command -------------------------------------------------------------------------------
 */

static int find(struct characterizing *it, struct diags *diags, const struct context *context,
                struct catalog **catalog, const struct characterize_options *options)
{
    it->profile = run_options_profile(&it->options, context, diags, catalog);
    it->procedure = it->profile ? run_options_procedure(&it->options, it->profile, diags) : NULL;
    if (!it->procedure || run_options_find(&it->options, &it->at_hand, diags, it->profile) != 0) {
        return -1;
    }
    it->cooldown_ns = options->cooldown_ns >= 0          ? options->cooldown_ns
                      : it->procedure->retry.cooldown_ns ? it->procedure->retry.cooldown_ns
                                                         : COOLDOWN_NS;
    struct characterize_setup setup = {
        .profile = it->profile,
        .procedure = it->procedure,
        .bench = it->at_hand.bench,
        .station = it->at_hand.station,
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

/* Every question of a press must have somebody to answer it. */
static int check_answers(struct characterizing *it, struct diags *diags)
{
    struct plan *plan = characterize_plan(it->series, diags, characterize_next_ns(it->series));
    if (!plan) {
        return -1;
    }
    int result = console_check(&it->console, diags, plan, at_hand_can_answer, &it->at_hand);
    plan_free(plan);
    return result;
}

static int characterize(struct characterizing *it, struct diags *diags)
{
    if (characterizing_take_up(it, diags) != 0 || check_answers(it, diags) != 0) {
        return EXIT_USAGE;
    }
    keeping_open(&it->keeping, it->options.journal, it->at_hand.bench->simulated);
    /* A series that is taken up again is not to see the same chances again. */
    it->at_hand.seed = (uint64_t)it->taken_up;
    it->at_hand.bonds = true;
    if (at_hand_open(&it->at_hand, diags, run_options_rate(&it->options), NULL,
                     it->console.signal_fd) != 0) {
        keeping_close(&it->keeping);
        return EXIT_BENCH;
    }
    it->console.wait_for_answers = it->at_hand.virtual_time;
    command_diags(diags, 0);
    characterizing_heading(it);
    int status = characterizing_drive(it, diags);
    /* The buttons are free before anything slow, such as a terminal, is waited for. */
    at_hand_close_port(&it->at_hand);
    characterizing_result(it);
    it->keeping.entry.handle = 0; /* all of them were waited for */
    bool kept = keeping_close(&it->keeping);
    if (it->console.unanswered[0]) {
        console_unanswered(&it->console, diags);
    }
    return status != EXIT_DONE              ? status
           : characterize_found(it->series) ? keeping_status(EXIT_DONE, kept)
                                            : EXIT_INCONCLUSIVE;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct characterize_options options = {
        .cooldown_ns = -1,
        .precision_ns = threshold_default.precision_ns,
        .max_presses = threshold_default.max_presses,
    };
    struct characterizing it = {.options = {.series = CHARACTERIZE_SERIES},
                                .console = {.signal_fd = -1}};
    struct diags diags = DIAGS_INIT;
    struct catalog *catalog = NULL;
    int status = EXIT_USAGE;

    if (!parse_options(argc, argv, &options, &it)) {
        return EXIT_USAGE;
    }
    if (console_open(&it.console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be taken: %s", strerror(errno));
        return command_diags(&diags, EXIT_BENCH);
    }
    if (find(&it, &diags, context, &catalog, &options) == 0) {
        status = characterize(&it, &diags);
    }
    characterize_free(it.series);
    at_hand_close(&it.at_hand);
    catalog_free(catalog);
    console_close(&it.console);
    return command_diags(&diags, status);
}

const struct command command_characterize = {
    .name = "characterize",
    .arguments = "MODEL PROCEDURE [OPTION]...",
    .summary = "find the hold at which a reset triggers",
    .help =
        "Presses the procedure's last hold repeatedly, each time for another length, until the\n"
        "threshold is known; each length is chosen to tell the most (Bayesian method QUEST+).\n"
        "These show that a reset started: the LED pattern, the link that drops, the key that is\n"
        "refused. The majority of those that could be observed counts; a press that proves\n"
        "nothing says so and does not count. Between presses the unit is paired again, and the\n"
        "source's cooldown is kept.\n"
        "\n"
        "Never tests holds beyond a hazard or a limit; holds left out for that reason are listed.\n"
        "With the hazard accepted, and a factory reset by the same hold in the profile, both ends\n"
        "of the window are sought.\n"
        "\n"
        "Each press is a run in the journal. After a stop, the same command continues.\n"
        "\n"
        "  --precision TIME       stop when the 95 % interval is this narrow (default: 20 ms)\n"
        "  --max-presses N        at most this many presses (default: 200)\n"
        "  --linear STEP          instead: holds in equal steps through the range ...\n"
        "  --repeats N            ... each this many times (default: 1)\n"
        "  --from TIME, --to TIME the range to search (default: from a quarter of the claimed "
        "hold\n"
        "                         to half as long again)\n"
        "  --cooldown TIME        between two presses (default: the source's; 30 s if it has "
        "none)\n"
        "  --accept-hazard ID     accept this hazard; each run's record says so\n"
        "  --series NAME          name of the series (default: characterize); another name starts\n"
        "                         a new one\n"
        "  --bench, --station, --unit, --unit-firmware, --address, --answer, --pace, --journal,\n"
        "  --operator             as for `run`\n"
        "  --json                 one JSON object on standard output at the end, nothing else\n"
        "\n"
        "Exit status: 0 as precise as requested, 2 usage or bad file, 3 not as precise, or odd "
        "(the\n"
        "presses do not fit together), or probably outside, 4 stopped, 5 bench error.\n"
        "\n"
        "Examples:\n"
        "  longpress characterize WH-1000XM5 network-reset --bench sim\n"
        "  longpress characterize WF-1000XM5 network-reset --precision 50ms --unit 5012345\n"
        "  longpress characterize WH-1000XM3 network-reset --bench sim --linear 250ms --repeats 3",
    .run = run,
};
