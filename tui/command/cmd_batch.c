/*
 * `longpress batch`: runs units, given by serial number, through the stations of a bench, several
 * at once, without screens: for scripts and unattended work.
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

/* How long to wait for a bench on which no station works. */
#define PATIENCE_NS (60 * NS_PER_S)

/* ---- options ------------------------------------------------------------------------------*/

/* `placed=yes` concerns all units; it is more than a question of the procedure. */
static bool take_answer(const struct option_given *given, void *options, const char *text)
{
    struct batch_options *batch = options;
    const char *wrong = NULL;

    if (strncmp(text, "placed=", 7) != 0) {
        wrong = console_give(batch->run.console, text);
        return !wrong || option_refuse(given, "`%s` %s", text, wrong);
    }
    batch->in_place = text_equal_nocase(text + 7, "yes");
    return batch->in_place || option_refuse(given, "placed=VALUE must be `yes`, which says that "
                                                   "the units are in their stations already");
}

/* Stations share one clock: a simulated bench runs faster than real time, never in no time. */
static bool take_pace(const struct option_given *given, void *options, const char *text)
{
    struct batch_options *batch = options;
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
        return option_refuse(given,
                             "must be `real`, `fast`, or a speed from 1 to %d times real time for "
                             "a simulated bench, not `%s`",
                             RATE_MAX, text);
    }
    batch->rate = (int)rate;
    return true;
}

/* ---- running ------------------------------------------------------------------------------*/

static void open_bays(struct set_up *set_up, const struct batch_options *options)
{
    struct headless *headless = &set_up->headless;
    for (size_t i = 0; i < set_up->station_count; i++) {
        struct session_setup setup = {
            .bench = set_up->bench_session.bench,
            .station = set_up->stations[i],
            .bench_name = set_up->bench_session.bench_name,
            .journal = set_up->run_journal.journal,
            .operator_name = run_journal_operator(options->run.operator_name),
            .rate = options->rate,
        };
        headless->on[headless->setup.session_count++] = session_new(&setup);
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
    line_queue_line(&set_up->out, "%s %s  %zu unit%s on%s of %s%s", headless->setup.profile->model,
                    headless->setup.procedure->name, headless->todo.count,
                    headless->todo.count == 1 ? "" : "s", names, set_up->bench_session.bench_name,
                    set_up->bench_session.bench->simulated ? "  (SIMULATED)" : "");
    for (size_t i = 0; i < set_up->serials.count; i++) {
        if (set_up->serials.gtins[i][0]) {
            line_queue_line(&set_up->out, "%s  GTIN %s", set_up->serials.items[i],
                            set_up->serials.gtins[i]);
        }
    }
}

/* If the units are already in place, a station that does not open would shift them all. */
static int check_open(struct set_up *set_up, struct diags *diags, bool in_place)
{
    int result = 0;
    for (size_t i = 0; in_place && i < set_up->station_count; i++) {
        const struct session *session = set_up->headless.on[i];
        if (!session_works(session)) {
            result |= diag_error(diags, set_up->stations[i]->place, session_todo(session),
                                 "station `%s` does not work: %s", set_up->stations[i]->name,
                                 session_trouble(session));
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
    setup->sessions = headless->on;
    setup->name = set_up->name;
    setup->journal = set_up->run_journal.journal;
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
    if (check_open(set_up, diags, options->in_place && batch_ready_without_line(set_up)) == 0) {
        tell_heading(set_up);
        status = batch_task_run(headless);
    }
    for (size_t i = 0; i < setup->session_count; i++) {
        session_release(headless->on[i], "the batch is over");
    }
    for (size_t i = 0; i < setup->session_count; i++) {
        session_free(headless->on[i]);
    }
    return status;
}

static const char *journal_path(struct set_up *set_up, const struct batch_options *options)
{
    const char *path = options->run.journal ? options->run.journal
                                            : paths_journal(&set_up->bench_session.arena,
                                                            set_up->bench_session.bench->simulated);
    return set_up->run_journal.journal && !options->again ? path : NULL;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct batch_options options = {.rate = 0};
    struct set_up *set_up = xcalloc(sizeof(*set_up));
    struct diags diags = DIAGS_INIT;
    bool signalled = false;
    int status = EXIT_USAGE;

    set_up->console.signal_fd = -1;
    options.run.console = &set_up->console;
    if (!option_parse(&cmd_batch, argc, argv, &options)) {
        free(set_up);
        return EXIT_USAGE;
    }
    if (console_open(&set_up->console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be handled: %s", strerror(errno));
        free(set_up);
        return command_diags(&diags, EXIT_BENCH);
    }
    line_queue_open(&set_up->out, STDOUT_FILENO);
    line_queue_open(&set_up->err, STDERR_FILENO);
    if (batch_ready_procedure(set_up, &diags, context, &options) != 0 ||
        bench_session_bench(&set_up->bench_session, &diags, options.run.bench) != 0 ||
        bench_session_wire(&set_up->bench_session, &diags, &set_up->headless.setup.profile, 1) !=
            0 ||
        batch_ready_stations(set_up, &diags, options.stations) != 0) {
        goto out;
    }
    if (options.rate == 0) {
        options.rate = set_up->bench_session.bench->simulated ? RATE_MAX : 1;
    }
    if (!set_up->bench_session.bench->simulated && options.rate != 1) {
        run_options_too_fast(&diags);
        goto out;
    }
    options.rules.model = set_up->headless.setup.profile->model;
    if (serials_read(&set_up->serials, &diags, options.serials, &options.rules,
                     set_up->console.signal_fd, &signalled) != 0) {
        status = signalled ? EXIT_ABORTED : EXIT_USAGE;
        goto out;
    }
    if (batch_ready_placing(set_up, &diags, options.in_place) != 0 ||
        batch_ready_plans(set_up, &diags, &options) != 0) {
        goto out;
    }
    command_diags(&diags, 0);
    run_journal_open(&set_up->run_journal, options.run.journal,
                     set_up->bench_session.bench->simulated);
    bool at_stations = options.in_place && batch_ready_without_line(set_up);
    batch_ready_leave_out_passed(set_up, &diags, journal_path(set_up, &options), at_stations);
    if (set_up->headless.todo.count == 0) {
        line_queue_line(&set_up->out,
                        "nothing to run: %zu unit%s already passed; --again runs %s again",
                        set_up->passed, set_up->passed == 1 ? " has" : "s have",
                        set_up->passed == 1 ? "it" : "them");
        status = EXIT_DONE;
    } else {
        status = run_batch(set_up, &diags, &options);
    }
    status = run_journal_status(status, run_journal_close(&set_up->run_journal));
out:
    line_queue_close(&set_up->err, LAST_WORDS_MS);
    if (!line_queue_close(&set_up->out, set_up->headless.stopped ? LAST_WORDS_MS : -1)) {
        status = command_unwritten(status);
    }
    serials_free(&set_up->headless.todo);
    serials_free(&set_up->serials);
    bench_session_close(&set_up->bench_session);
    catalog_free(set_up->catalog);
    console_close(&set_up->console);
    free(set_up);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "MODEL",
     .value = VALUE_MODEL,
     .missing = "which model? `longpress models` lists them",
     OPTION_AT(struct batch_options, run.model)},
    {.name = "PROCEDURE",
     .value = VALUE_PROCEDURE,
     .optional = true,
     OPTION_AT(struct batch_options, run.procedure)},
    OPERANDS_END,
};

static const struct option_word placed[] = {
    {.word = "placed=yes",
     .help = "the units are in their stations already, in the same order; allows no more units "
             "than stations"},
    {.word = NULL},
};

static const struct option_word paces[] = {{.word = "real"}, {.word = "fast"}, {.word = NULL}};

static const struct command_option as_of_run[] = {
    {.group = run_options_any},
    {.group = run_options_less},
    OPTIONS_END,
};

static const struct command_option options[] = {
    {.name = "serials",
     .value = VALUE_FILE,
     .of = "FILE",
     .usage = "--serials FILE",
     .missing = "which units? name a file of serial numbers with --serials",
     .help = "serial numbers, one per line (`#` begins a comment), or a CSV table with a column "
             "`serial`; `-`: standard input. A column `address` has Bluetooth addresses, for units "
             "that their owners renamed",
     .more = "Columns of a table are separated by commas, semicolons or tabs. A column `model` is "
             "checked against the batch's model. Units without an address are found by name. An "
             "address belongs to one unit and may appear only once in a list. Blanks around a "
             "serial number and characters that a scanner adds (]C1, GS, Tab) are removed; control "
             "characters, characters that look like a space, and digits of other scripts are "
             "refused, and the error gives their position. Case does not matter, and a unit listed "
             "twice is run once.",
     OPTION_AT(struct batch_options, serials)},
    {.name = "gs1",
     .help = "the list has GS1 codes; the serial number is AI 21",
     .more = "The GTIN (AI 01) is printed beside it, so that you notice a list for the wrong "
             "model, and is kept as a note in the run's record.",
     OPTION_AT(struct batch_options, rules.serial.gs1)},
    {.name = "any-text",
     .help = "accept digits and letters that only look like ASCII",
     OPTION_AT(struct batch_options, rules.serial.any_text)},
    {.name = "stations",
     .value = VALUE_STATION,
     .listed = true,
     .of = "A,B,...",
     .help = "stations to use (default: all stations of the bench)",
     .more = "Each of them must be able to run the procedure.",
     OPTION_AT(struct batch_options, stations)},
    OPTION_BENCH(struct batch_options, run.bench),
    {.name = "no-retry",
     .help = "do not retry after a fail",
     OPTION_AT(struct batch_options, no_retry)},
    {.name = "again",
     .help = "also run units that have already passed",
     OPTION_AT(struct batch_options, again)},
    {.name = "unit-firmware",
     .value = VALUE_TEXT,
     .of = "VER",
     .help = "the units' firmware version, for the record; units that passed with another version "
             "are run again",
     .more = "For a simulated unit, only a pass with the same firmware file counts.",
     OPTION_AT(struct batch_options, run.unit_firmware)},
    {.name = "answer",
     .value = VALUE_TEXT,
     .repeated = true,
     .of = "NAME=VALUE",
     .words = placed,
     .help = "answer a question for every run, such as lid=open",
     .take = take_answer},
    {.name = "pace",
     .value = VALUE_TEXT,
     .of = "N",
     .words = paces,
     .help = "simulate N times as fast as real time, 1 to 100: `real` is 1, `fast` (the default) "
             "100",
     .more = "The simulation then places the units.",
     .take = take_pace},
    {.name = "journal",
     .value = VALUE_FILE,
     .of = "FILE",
     .help = "as for `run`; `none`: keep nothing, and run every unit",
     OPTION_AT(struct batch_options, run.journal)},
    OPTION_GROUP_AS(as_of_run, struct batch_options, run, "as for `run`"),
    OPTIONS_END,
};

const struct command cmd_batch = {
    .name = "batch",
    .summary = "test many units on the stations of a bench, without screens",
    .operands = operands,
    .options = options,
    .about = "Runs a procedure on many units, several at once, each on the next free station. The "
             "default PROCEDURE is the least destructive reset that is not soft. Skips each unit "
             "whose last run of this procedure in the journal passed: after a stop, repeat the "
             "command to continue. A unit that fails stays in its station and is retried as often "
             "as the profile allows, after the profile's cooldown.",
    .more = "The unit that has waited longest gets the first free station. A station that fails "
            "goes out of service, and its unit moves to another one; the station comes back by "
            "itself when it works again. Skipped units are listed.",
    .notes = "The station's `placed` input tells when a unit is in place; without one, press Enter "
             "at the terminal or scan the serial number again. Anything typed before the prompt is "
             "ignored. With `--answer placed=yes`, the n-th serial number is in the n-th station. "
             "Without any of these, nothing moves and the status is 2.\n"
             "\n"
             "On a terminal, the last line shows progress and the time left. If the journal cannot "
             "be written, a message says so before the next run; verdicts missing from it are "
             "marked, and their units are listed at the end. Ctrl-C releases everything; the runs "
             "are recorded as aborted.",
    .exits = "0 if every unit passed or had passed; else the highest of 1 (fail), 3 "
             "(inconclusive), 4 (aborted, or not run), 5 (bench error, no working station for a "
             "minute, a record that could not be saved anywhere, or a full standard output)",
    .examples = "longpress batch WH-1000XM5 --bench sim4 --serials serials.txt\n"
                "longpress batch WF-1000XM4 network-reset --serials - --stations A,B --answer "
                "lid=open",
    .run = run,
};
