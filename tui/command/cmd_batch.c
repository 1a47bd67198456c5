/*
 * `longpress batch`: units by their serial numbers through the stations of a bench, several at
 * once, without screens: for scripts, and for whoever leaves it alone over lunch.
 */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "tui/cli/paths.h"
#include "tui/command/commands.h"
#include "tui/task/batch_precheck.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RATE_MAX = 100, LAST_WORDS_MS = 2000 };

/* A bench without any station that works is waited for so long. */
#define PATIENCE_NS (60 * NS_PER_S)

/* ---- options ------------------------------------------------------------------------------*/

/* `placed=yes` is about all units, and not a question of the procedure's alone. */
static bool take_placed(struct batch_options *options, const char *answer)
{
    options->in_place = text_equal_nocase(answer, "yes");
    if (!options->in_place) {
        command_usage(&command_batch, "--answer placed=VALUE is `yes`: the units are in their "
                                      "stations already");
    }
    return options->in_place;
}

/* Stations side by side have one clock: a simulated bench goes faster, never at once. */
static bool take_pace(struct batch_options *options, const char *text)
{
    char *end = NULL;
    long rate = 0;
    if (strcmp(text, "real") == 0) {
        rate = 1;
    } else if (strcmp(text, "fast") == 0) {
        rate = RATE_MAX;
    } else {
        errno = 0;
        rate = strtol(text, &end, 10);
        if (errno || end == text || *end) {
            rate = 0;
        }
    }
    if (rate < 1 || rate > RATE_MAX) {
        command_usage(&command_batch,
                      "--pace is `real`, `fast`, or how many times faster than time a simulated "
                      "bench goes, 1 to %d, not `%s`",
                      RATE_MAX, text);
        return false;
    }
    options->rate = (int)rate;
    return true;
}

static bool take_option(struct batch_options *options, struct console *console, int found)
{
    switch (found) {
    case 'S':
        options->serials = optarg;
        return true;
    case 's':
        options->stations = optarg;
        return true;
    case 'n':
        options->no_retry = true;
        return true;
    case 'g':
        options->again = true;
        return true;
    case '1':
        options->rules.serial.gs1 = true;
        return true;
    case 'a':
        options->rules.serial.any_text = true;
        return true;
    case RUN_OPTION_PACE:
        return take_pace(options, optarg);
    case RUN_OPTION_ANSWER:
        if (strncmp(optarg, "placed=", 7) == 0) {
            return take_placed(options, optarg + 7);
        }
        break;
    default:
        break;
    }
    return run_options_take(&command_batch, &options->run, console, found, optarg);
}

static bool parse_options(int argc, char **argv, struct batch_options *options,
                          struct console *console)
{
    static const struct option known[] = {
        RUN_OPTIONS,
        RUN_OPTION_ENTRIES_LESS,
        {"serials", required_argument, NULL, 'S'},
        {"stations", required_argument, NULL, 's'},
        {"no-retry", no_argument, NULL, 'n'},
        {"again", no_argument, NULL, 'g'},
        {"gs1", no_argument, NULL, '1'},
        {"any-text", no_argument, NULL, 'a'},
        {NULL, 0, NULL, 0},
    };
    int found;
    while ((found = command_option(&command_batch, argc, argv, ":", known)) != -1) {
        if (!take_option(options, console, found)) {
            return false;
        }
    }
    if (!run_options_names(&command_batch, &options->run, argc, argv, 1, 2,
                           "which model? `longpress models` lists them")) {
        return false;
    }
    if (!options->serials) {
        command_usage(&command_batch, "which units? name a file of serial numbers with --serials");
        return false;
    }
    return true;
}

/* ---- running ------------------------------------------------------------------------------*/

static void open_bays(struct set_up *set_up, const struct batch_options *options)
{
    struct headless *headless = &set_up->headless;
    for (size_t i = 0; i < set_up->station_count; i++) {
        struct bay_setup setup = {
            .bench = set_up->at_hand.bench,
            .station = set_up->stations[i],
            .bench_name = set_up->at_hand.bench_name,
            .journal = set_up->keeping.journal,
            .operator_name = keeping_operator(options->run.operator_name),
            .rate = options->rate,
        };
        headless->on[headless->setup.bay_count++] = bay_new(&setup);
    }
}

static void tell_heading(struct set_up *set_up)
{
    const struct headless *headless = &set_up->headless;
    char names[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < set_up->station_count && used < sizeof(names); i++) {
        int count = snprintf(names + used, sizeof(names) - used, " %s", set_up->stations[i]->name);
        used += count > 0 ? (size_t)count : 0;
    }
    outbox_line(&set_up->out, "%s %s  %zu unit%s on%s of %s%s", headless->setup.profile->model,
                headless->setup.procedure->name, headless->todo.count,
                headless->todo.count == 1 ? "" : "s", names, set_up->at_hand.bench_name,
                set_up->at_hand.bench->simulated ? "  (SIMULATED)" : "");
    for (size_t i = 0; i < set_up->serials.count; i++) {
        if (set_up->serials.gtins[i][0]) {
            outbox_line(&set_up->out, "%s  GTIN %s", set_up->serials.items[i],
                        set_up->serials.gtins[i]);
        }
    }
}

/* Where the units are in place a station that does not open would shift them all. */
static int check_open(struct set_up *set_up, struct diags *diags, bool in_place)
{
    int result = 0;
    for (size_t i = 0; in_place && i < set_up->station_count; i++) {
        const struct bay *bay = set_up->headless.on[i];
        if (!bay_works(bay)) {
            result |= diag_error(diags, set_up->stations[i]->place, bay_todo(bay),
                                 "station `%s` does not work: %s", set_up->stations[i]->name,
                                 bay_trouble(bay));
        }
    }
    return result;
}

static int run_batch(struct set_up *set_up, struct diags *diags,
                     const struct batch_options *options)
{
    struct headless *headless = &set_up->headless;
    struct batch_bays_setup *setup = &headless->setup;
    struct tm when;
    time_t now = time(NULL);
    char date[32] = "";

    if (localtime_r(&now, &when)) {
        strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &when);
    }
    snprintf(set_up->name, sizeof(set_up->name), "%s %s %s", date, setup->profile->model,
             setup->procedure->name);
    open_bays(set_up, options);
    setup->bays = headless->on;
    setup->name = set_up->name;
    setup->journal = set_up->keeping.journal;
    setup->retry = !options->no_retry;
    setup->serials = &set_up->serials;
    setup->any_text = options->rules.serial.any_text;
    setup->rate = options->rate;
    setup->accept_hazards = options->run.accept;
    setup->accept_count = options->run.accept_count;
    setup->steady_ns = options->run.steady_ns;
    setup->without_bond = options->run.without_bond;
    for (size_t i = 0; i < set_up->console.given_count; i++) {
        set_up->names[i] = set_up->console.given[i].name;
        set_up->values[i] = set_up->console.given[i].value;
    }
    setup->answer_names = set_up->names;
    setup->answer_values = set_up->values;
    setup->answer_count = set_up->console.given_count;
    headless->patience_ns = PATIENCE_NS;
    headless->signal_fd = set_up->console.signal_fd;
    headless->terminal = set_up->console.terminal;
    headless->in_place = options->in_place;
    headless->out = &set_up->out;
    headless->err = &set_up->err;
    headless->foot = set_up->out.terminal ? &set_up->out : NULL;
    if (!headless->foot && set_up->err.terminal) {
        headless->foot = &set_up->err;
    }
    headless->style = style_of(stdout);

    int status = EXIT_BENCH;
    if (check_open(set_up, diags, options->in_place && ready_without_line(set_up)) == 0) {
        tell_heading(set_up);
        status = headless_run(headless);
    }
    for (size_t i = 0; i < setup->bay_count; i++) {
        bay_release(headless->on[i], "the batch is over");
    }
    for (size_t i = 0; i < setup->bay_count; i++) {
        bay_free(headless->on[i]);
    }
    return status;
}

static const char *journal_path(struct set_up *set_up, const struct batch_options *options)
{
    const char *path = options->run.journal ? options->run.journal
                                            : places_journal(&set_up->at_hand.arena,
                                                             set_up->at_hand.bench->simulated);
    return set_up->keeping.journal && !options->again ? path : NULL;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct batch_options options = {.rate = 0};
    struct set_up *set_up = xcalloc(sizeof(*set_up));
    struct diags diags = DIAGS_INIT;
    bool signalled = false;
    int status = EXIT_USAGE;

    set_up->console.signal_fd = -1;
    if (!parse_options(argc, argv, &options, &set_up->console)) {
        free(set_up);
        return EXIT_USAGE;
    }
    if (console_open(&set_up->console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be taken: %s", strerror(errno));
        free(set_up);
        return command_diags(&diags, EXIT_BENCH);
    }
    outbox_open(&set_up->out, STDOUT_FILENO);
    outbox_open(&set_up->err, STDERR_FILENO);
    if (ready_procedure(set_up, &diags, context, &options) != 0 ||
        at_hand_bench(&set_up->at_hand, &diags, options.run.bench) != 0 ||
        at_hand_wire(&set_up->at_hand, &diags, &set_up->headless.setup.profile, 1) != 0 ||
        ready_stations(set_up, &diags, options.stations) != 0) {
        goto out;
    }
    if (options.rate == 0) {
        options.rate = set_up->at_hand.bench->simulated ? RATE_MAX : 1;
    }
    if (!set_up->at_hand.bench->simulated && options.rate != 1) {
        run_options_too_fast(&diags);
        goto out;
    }
    options.rules.model = set_up->headless.setup.profile->model;
    if (serials_read(&set_up->serials, &diags, options.serials, &options.rules,
                     set_up->console.signal_fd, &signalled) != 0) {
        status = signalled ? EXIT_ABORTED : EXIT_USAGE;
        goto out;
    }
    if (ready_placing(set_up, &diags, options.in_place) != 0 ||
        ready_plans(set_up, &diags, &options) != 0) {
        goto out;
    }
    command_diags(&diags, 0);
    keeping_open(&set_up->keeping, options.run.journal, set_up->at_hand.bench->simulated);
    bool at_stations = options.in_place && ready_without_line(set_up);
    ready_leave_out_passed(set_up, &diags, journal_path(set_up, &options), at_stations);
    if (set_up->headless.todo.count == 0) {
        outbox_line(&set_up->out,
                    "nothing to run: %zu unit%s passed already; --again runs %s again",
                    set_up->passed, set_up->passed == 1 ? " has" : "s have",
                    set_up->passed == 1 ? "it" : "them");
        status = EXIT_DONE;
    } else {
        status = run_batch(set_up, &diags, &options);
    }
    status = keeping_status(status, keeping_close(&set_up->keeping));
out:
    outbox_close(&set_up->err, LAST_WORDS_MS);
    if (!outbox_close(&set_up->out, set_up->headless.stopped ? LAST_WORDS_MS : -1)) {
        status = command_unwritten(status);
    }
    serials_free(&set_up->headless.todo);
    serials_free(&set_up->serials);
    at_hand_close(&set_up->at_hand);
    catalog_free(set_up->catalog);
    console_close(&set_up->console);
    free(set_up);
    return command_diags(&diags, status);
}

const struct command command_batch = {
    .name = "batch",
    .arguments = "MODEL [PROCEDURE] --serials FILE [OPTION]...",
    .summary = "test many units on the stations of a bench, without screens",
    .help =
        "Runs a procedure on many units, several at once: each on the next free station. Without\n"
        "PROCEDURE: the least destructive reset that is not soft. A unit that passed this "
        "procedure\n"
        "in its last run, according to the journal, is left out: after a stop, repeat the command\n"
        "to continue. A unit that fails keeps its station and is tried again as often as the\n"
        "profile says, after the cooldown that it names.\n"
        "\n"
        "  --serials FILE         serial numbers, one per line (`#` begins a comment), or a CSV\n"
        "                         table with a column `serial`; `-`: standard input. A column "
        "`address` has\n"
        "                         Bluetooth addresses, for units that their owners renamed\n"
        "  --gs1                  they are GS1 codes; the serial number is AI 21\n"
        "  --any-text             accept digits and letters that look like ASCII and are not\n"
        "  --stations A,B,...     which stations (default: all of the bench)\n"
        "  --bench FILE           the bench file, as for `run`; `sim`, `sim4`: simulated\n"
        "  --no-retry             do not retry after a fail\n"
        "  --again                run units that have passed as well\n"
        "  --unit-firmware VER    the units' firmware version, for the record; units that passed\n"
        "                         with another one are run again\n"
        "  --answer NAME=VALUE    answer a question of every run, such as lid=open\n"
        "  --answer placed=yes    the units are in their stations already, in the same order;\n"
        "                         allows no more units than stations\n"
        "  --accept-hazard ID     accept this hazard; may be repeated\n"
        "  --steady-for TIME      as for `run`: watch what must last for this long only\n"
        "  --without-bond         as for `run`: continue with units that do not pair\n"
        "  --journal FILE         as for `run`; `none`: keep nothing, and leave no unit out\n"
        "  --operator NAME        who runs this, for the record\n"
        "  --pace N               simulate N times as fast as real time, 1 to 100; `real` "
        "(the\n"
        "                         default), `fast`\n"
        "\n"
        "The station's input for `placed` tells when a unit is in place; without one, press Enter\n"
        "at the terminal or scan the serial number again. Input typed before the prompt does not\n"
        "count. Ctrl-C releases everything; the runs are recorded as aborted.\n"
        "\n"
        "Exit status: 0 if every unit passed or had passed; else the highest of 1 (fail),\n"
        "3 (inconclusive), 4 (aborted, or not run), 5 (bench error, a record that\n"
        "could not be saved anywhere, or standard output is full).\n"
        "\n"
        "Examples:\n"
        "  longpress batch WH-1000XM5 --bench sim4 --serials serials.txt\n"
        "  longpress batch WF-1000XM4 network-reset --serials - --stations A,B --answer lid=open",
    .run = run,
};
