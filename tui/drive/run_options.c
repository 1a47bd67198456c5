#include "tui/drive/run_options.h"

#include "rig/base/units.h"
#include "tui/cli/paths.h"

static bool take_address(const struct option_given *given, void *options, const char *text)
{
    struct run_options *run = options;

    return text_bluetooth_address(run->address, text) || run_options_no_address(given, text);
}

bool run_options_no_address(const struct option_given *given, const char *text)
{
    return option_refuse(given, "must be a Bluetooth address such as 14:3F:A6:01:02:03, not `%s`",
                         text);
}

static bool take_answer(const struct option_given *given, void *options, const char *text)
{
    const char *wrong = console_give(((struct run_options *)options)->console, text);

    return !wrong || option_refuse(given, "`%s` %s", text, wrong);
}

static bool take_hazard(const struct option_given *given, void *options, const char *hazard)
{
    struct run_options *run = options;

    if (run->accept_count == RUN_HAZARDS_MAX) {
        return option_refuse(given, "given too often");
    }
    run->accept[run->accept_count++] = hazard;
    return true;
}

/* ---- the tables --------------------------------------------------------------------------- */

static const struct option_word benches[] = {
    {.word = "sim",
     .help = "the simulated bench with a healthy unit of the model; for a model of your own, from "
             "~/.config/longpress/firmware/MODEL.yaml"},
    {.word = "sim:FIRMWARE", .help = "the simulated bench with a unit from that firmware file"},
    {.word = "sim4", .help = "four simulated stations, A to D"},
    {.word = NULL},
};

static const struct command_option bench_options[] = {
    {.name = "bench",
     .value = VALUE_BENCH,
     .of = "FILE",
     .words = benches,
     .help = "the bench file (default: ~/.config/longpress/bench.yaml, then "
             "/etc/longpress/bench.yaml)",
     .more = "With `sim` instead of a file, the bench has the controls of whatever profile you "
             "run; hardware/sim/firmware/README.md explains firmware files.",
     OPTION_AT(struct run_options, bench)},
    OPTIONS_END,
};

static const struct option_word paces[] = {
    {.word = "real", .value = PACE_REAL},
    {.word = "fast", .value = PACE_FAST},
    {.word = NULL},
};

static const struct command_option shared_options[] = {
    {.name = "unit-firmware",
     .value = VALUE_TEXT,
     .of = "VER",
     .help = "the unit's firmware version, for the record",
     OPTION_AT(struct run_options, unit_firmware)},
    {.name = "answer",
     .value = VALUE_TEXT,
     .repeated = true,
     .of = "NAME=VALUE",
     .help = "answer a precondition or question in advance (lid=open)",
     .more = "A wired input takes precedence. Without a terminal, a question that nothing can "
             "answer ends the program with status 2 before anything moves.",
     .take = take_answer},
    {.name = "accept-hazard",
     .value = VALUE_HAZARD,
     .repeated = true,
     .of = "ID",
     .help = "accept this hazard for this run; the record says so",
     .take = take_hazard},
    {.name = "pace",
     .value = VALUE_CHOICE,
     .words = paces,
     .help = "simulated bench: in real time, or at once (default)",
     OPTION_AT(struct run_options, pace)},
    {.name = "journal",
     .value = VALUE_FILE,
     .of = "FILE",
     .help = "journal to keep the run in (default: /var/lib/longpress/journal.db if writable, else "
             "~/.local/state/longpress/journal.db); `none`: keep nothing",
     OPTION_AT(struct run_options, journal)},
    {.name = "operator",
     .value = VALUE_TEXT,
     .of = "NAME",
     .help = "who is running this, for the record (default: your login name)",
     OPTION_AT(struct run_options, operator_name)},
    OPTIONS_END,
};

const struct command_option run_options_any[] = {
    {.group = bench_options},
    {.group = shared_options},
    OPTIONS_END,
};

const struct command_option run_options_unit[] = {
    {.group = bench_options},
    {.name = "station",
     .value = VALUE_STATION,
     .of = "NAME",
     .help = "station of the bench",
     .more = "Required if the bench has several.",
     OPTION_AT(struct run_options, station)},
    {.name = "unit",
     .value = VALUE_TEXT,
     .of = "SERIAL",
     .help = "the unit's serial number, for the record",
     OPTION_AT(struct run_options, unit)},
    {.name = "address",
     .value = VALUE_TEXT,
     .of = "ADDRESS",
     .help = "the unit's Bluetooth address (default: the strongest unit with the model's name; "
             "longpress asks if there is a tie)",
     .more = "Without a terminal to ask at, a tie ends the program with status 2. If a complete "
             "search finds no unit of that name, longpress asks about the nearest headset with "
             "another name (by its class of device), since owners rename their units. Without a "
             "terminal, that headset is ignored and a message says so.",
     .take = take_address},
    {.group = shared_options},
    OPTIONS_END,
};

const struct command_option run_options_less[] = {
    {.name = "steady-for",
     .value = VALUE_DURATION,
     .of = "TIME",
     .least = PROFILE_STEADY_LEAST_NS,
     .help = "watch states that must last (a bond that is kept, a unit that is gone) for TIME "
             "(at least 1 s) after the last expected event, instead of to the end of their window "
             "(or for 20 s); verdict and record say so",
     .more = "An event that can be undone (a unit that becomes discoverable, refuses the old key, "
             "pairs again or reconnects), or that may have killed the unit, is then also watched "
             "for TIME instead of 20 s.",
     OPTION_AT(struct run_options, steady_ns)},
    {.name = "without-bond",
     .help = "continue with a unit that does not pair: expectations that need a bond are left out, "
             "and only what the profile accepts without one makes a pass",
     .more = "What is left out is listed; `without_bond` in the profile says what is enough. "
             "Without this option longpress asks about such a unit; without a terminal, nothing is "
             "pressed and the run is `aborted`.",
     OPTION_AT(struct run_options, without_bond)},
    OPTIONS_END,
};

/* ---- what they say ------------------------------------------------------------------------ */

const struct profile *run_options_profile(const struct run_options *options,
                                          const struct context *context, struct diags *diags,
                                          struct catalog **catalog)
{
    *catalog = paths_catalog(diags, context->profiles_dir);
    return *catalog ? catalog_find(*catalog, options->model, diags) : NULL;
}

const struct procedure *run_options_procedure(const struct run_options *options,
                                              const struct profile *profile, struct diags *diags)
{
    const struct procedure *procedure;

    if (options->procedure) {
        return catalog_procedure(profile, options->procedure, diags);
    }
    procedure = profile_default(profile);
    if (!procedure) {
        diag_error(diags, place_of(profile->path), "name the procedure to run",
                   "has no network or factory reset to use by default");
    }
    return procedure;
}

int run_options_too_fast(struct diags *diags)
{
    return diag_error(diags, place_of("--pace"), "leave it out",
                      "only a simulated bench can run faster than real time");
}

int run_options_find(const struct run_options *options, struct bench_session *bench_session,
                     struct diags *diags, const struct profile *profile)
{
    bench_session->unit = options->unit;
    bench_session->no_unit = options->plan_only;
    if (bench_session_find(bench_session, diags, options->bench, options->station, profile) != 0) {
        return -1;
    }
    return !bench_session->bench->simulated && options->pace == PACE_FAST
               ? run_options_too_fast(diags)
               : 0;
}

int run_options_rate(const struct run_options *options)
{
    return options->pace == PACE_REAL ? 1 : 0;
}

struct plan_choices run_options_choices(const struct run_options *options)
{
    return (struct plan_choices){.accept_hazards = options->accept,
                                 .accept_count = options->accept_count,
                                 .steady_ns = options->steady_ns,
                                 .without_bond = options->without_bond};
}

const char *run_options_address(const struct run_options *options)
{
    return options->address[0] ? options->address : NULL;
}
