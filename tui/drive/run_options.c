#include "tui/drive/run_options.h"

#include "rig/base/units.h"
#include "tui/cli/paths.h"

#include <string.h>

static bool take_address(const struct command *command, const char *option, const char *text,
                         char out[TEXT_BLUETOOTH_MAX])
{
    bool good = text_bluetooth_address(out, text);

    if (!good) {
        command_usage(command, "%s is a Bluetooth address such as 14:3F:A6:01:02:03, not `%s`",
                      option, text);
    }
    return good;
}

static bool take_done(const struct command *command, struct run_options *options, const char *text)
{
    if (options->done_count == RUN_DONE_MAX) {
        command_usage(command, "--not-address given too often");
        return false;
    }
    return take_address(command, "--not-address", text, options->done[options->done_count++]);
}

static bool take_answer(const struct command *command, struct console *console, const char *text)
{
    const char *wrong = console_give(console, text);

    if (wrong) {
        command_usage(command, "--answer `%s` %s", text, wrong);
    }
    return !wrong;
}

static bool take_hazard(const struct command *command, struct run_options *options,
                        const char *hazard)
{
    if (options->accept_count == RUN_HAZARDS_MAX) {
        command_usage(command, "--accept-hazard given too often");
        return false;
    }
    options->accept[options->accept_count++] = hazard;
    return true;
}

static bool take_pace(const struct command *command, struct run_options *options, const char *text)
{
    if (strcmp(text, "real") != 0 && strcmp(text, "fast") != 0) {
        command_usage(command, "--pace is `real` or `fast`, not `%s`", text);
        return false;
    }
    options->pace = text[0] == 'r' ? PACE_REAL : PACE_FAST;
    return true;
}

static bool take_steady(const struct command *command, struct run_options *options,
                        const char *text)
{
    const char *wrong = duration_parse(text, &options->steady_ns);

    if (!wrong && options->steady_ns <= 0) {
        wrong = "is too short";
    }
    if (wrong) {
        command_usage(command, "--steady-for `%s` %s; write it like 20s", text, wrong);
    }
    return !wrong;
}

bool run_options_take(const struct command *command, struct run_options *options,
                      struct console *console, int option, const char *value)
{
    switch (option) {
    case RUN_OPTION_BENCH:
        options->bench = value;
        return true;
    case RUN_OPTION_STATION:
        options->station = value;
        return true;
    case RUN_OPTION_UNIT:
        options->unit = value;
        return true;
    case RUN_OPTION_UNIT_FIRMWARE:
        options->unit_firmware = value;
        return true;
    case RUN_OPTION_ADDRESS:
        return take_address(command, "--address", value, options->address);
    case RUN_OPTION_NOT_ADDRESS:
        return take_done(command, options, value);
    case RUN_OPTION_ANSWER:
        return take_answer(command, console, value);
    case RUN_OPTION_ACCEPT_HAZARD:
        return take_hazard(command, options, value);
    case RUN_OPTION_PACE:
        return take_pace(command, options, value);
    case RUN_OPTION_JOURNAL:
        options->journal = value;
        return true;
    case RUN_OPTION_OPERATOR:
        options->operator_name = value;
        return true;
    case RUN_OPTION_SERIES:
        options->series = value;
        return true;
    case RUN_OPTION_STEADY_FOR:
        return take_steady(command, options, value);
    case RUN_OPTION_WITHOUT_BOND:
        options->without_bond = true;
        return true;
    case RUN_OPTION_JSON:
        options->json = true;
        return true;
    case RUN_OPTION_PLAN:
        options->plan_only = true;
        return true;
    default:
        return false;
    }
}

bool run_options_names(const struct command *command, struct run_options *options, int argc,
                       char **argv, int least, int most, const char *which)
{
    int count = argc - optind;

    if (count < least) {
        command_usage(command, "%s", which);
        return false;
    }
    if (count > most) {
        command_usage(command, "`%s` is one argument too many", argv[optind + most]);
        return false;
    }
    options->model = argv[optind];
    options->procedure = count > 1 ? argv[optind + 1] : NULL;
    return true;
}

const struct profile *run_options_profile(const struct run_options *options,
                                          const struct context *context, struct diags *diags,
                                          struct catalog **catalog)
{
    *catalog = places_catalog(diags, context->profiles_dir);
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
                   "has no network or factory reset to choose by itself");
    }
    return procedure;
}

int run_options_too_fast(struct diags *diags)
{
    return diag_error(diags, place_of("--pace"), "leave it out",
                      "only a simulated bench can go faster than time");
}

int run_options_find(const struct run_options *options, struct at_hand *at_hand,
                     struct diags *diags, const struct profile *profile)
{
    at_hand->unit = options->unit;
    at_hand->no_unit = options->plan_only;
    if (at_hand_find(at_hand, diags, options->bench, options->station, profile) != 0) {
        return -1;
    }
    return !at_hand->bench->simulated && options->pace == PACE_FAST ? run_options_too_fast(diags)
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
