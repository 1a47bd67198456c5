/*
 * The options that the commands which make runs have in common: `run`, `batch`, `settle`, `learn`,
 * `characterize`. What each of them means is in `longpress help run`.
 */
#ifndef LONGPRESS_TUI_RUN_OPTIONS_H
#define LONGPRESS_TUI_RUN_OPTIONS_H

#include "rig/base/text.h"
#include "rig/plan/plan.h"
#include "rig/profile/catalog.h"
#include "tui/cli/command.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/console.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    RUN_HAZARDS_MAX = 16,
    RUN_DONE_MAX = 64,
};

struct run_options {
    const char *model;
    const char *procedure; /* NULL: not named */
    const char *bench;     /* each of these NULL: not given */
    const char *station;
    const char *unit;
    const char *unit_firmware;
    const char *journal;
    const char *operator_name;
    const char *series; /* under which a series is kept */
    const char *accept[RUN_HAZARDS_MAX];
    size_t accept_count;
    char address[TEXT_BLUETOOTH_MAX];            /* "": not given */
    char done[RUN_DONE_MAX][TEXT_BLUETOOTH_MAX]; /* --not-address */
    size_t done_count;
    int64_t steady_ns; /* --steady-for; 0: not given */
    bool without_bond;
    bool json;
    bool plan_only; /* --plan */
    enum pace { PACE_UNSAID, PACE_REAL, PACE_FAST } pace;
};

/* For a command's table of options; its own values are letters. */
enum run_option {
    RUN_OPTION_BENCH = 2000,
    RUN_OPTION_STATION,
    RUN_OPTION_UNIT,
    RUN_OPTION_UNIT_FIRMWARE,
    RUN_OPTION_ADDRESS,
    RUN_OPTION_NOT_ADDRESS,
    RUN_OPTION_ANSWER,
    RUN_OPTION_ACCEPT_HAZARD,
    RUN_OPTION_PACE,
    RUN_OPTION_JOURNAL,
    RUN_OPTION_OPERATOR,
    RUN_OPTION_SERIES,
    RUN_OPTION_STEADY_FOR,
    RUN_OPTION_WITHOUT_BOND,
    RUN_OPTION_JSON,
    RUN_OPTION_PLAN,
};

/* clang-format off */
/* Of any number of units ... */
#define RUN_OPTIONS                                                                                \
    {"bench", required_argument, NULL, RUN_OPTION_BENCH},                                          \
    {"unit-firmware", required_argument, NULL, RUN_OPTION_UNIT_FIRMWARE},                          \
    {"answer", required_argument, NULL, RUN_OPTION_ANSWER},                                        \
    {"accept-hazard", required_argument, NULL, RUN_OPTION_ACCEPT_HAZARD},                          \
    {"pace", required_argument, NULL, RUN_OPTION_PACE},                                            \
    {"journal", required_argument, NULL, RUN_OPTION_JOURNAL},                                      \
    {"operator", required_argument, NULL, RUN_OPTION_OPERATOR}

/* ... and of one. */
#define RUN_OPTIONS_UNIT                                                                           \
    RUN_OPTIONS,                                                                                   \
    {"station", required_argument, NULL, RUN_OPTION_STATION},                                      \
    {"unit", required_argument, NULL, RUN_OPTION_UNIT},                                            \
    {"address", required_argument, NULL, RUN_OPTION_ADDRESS}
/* ... and what only some have. */
#define RUN_OPTION_ENTRY_SERIES {"series", required_argument, NULL, RUN_OPTION_SERIES}
#define RUN_OPTION_ENTRIES_LESS                                                                    \
    {"steady-for", required_argument, NULL, RUN_OPTION_STEADY_FOR},                                \
    {"without-bond", no_argument, NULL, RUN_OPTION_WITHOUT_BOND}
#define RUN_OPTION_ENTRY_JSON   {"json", no_argument, NULL, RUN_OPTION_JSON}
#define RUN_OPTION_ENTRY_PLAN   {"plan", no_argument, NULL, RUN_OPTION_PLAN}
/* clang-format on */

/* Take an option that was found; --answer goes to the console. False after a mistake, told on
 * standard error, or when it is none of these. */
bool run_options_take(const struct command *command, struct run_options *options,
                      struct console *console, int option, const char *value);

/* What stands behind the options: MODEL and PROCEDURE, `least` of them at least. `which` asks for
 * what is missing. False after a mistake, told on standard error. */
bool run_options_names(const struct command *command, struct run_options *options, int argc,
                       char **argv, int least, int most, const char *which);

/* The profile of MODEL, from a catalog that is the caller's to free, in any case. NULL after an
 * error. */
const struct profile *run_options_profile(const struct run_options *options,
                                          const struct context *context, struct diags *diags,
                                          struct catalog **catalog);

/* PROCEDURE, or the one that the profile would choose itself. NULL after an error. */
const struct procedure *run_options_procedure(const struct run_options *options,
                                              const struct profile *profile, struct diags *diags);

/* The bench, its station, and the simulated unit of the model (at_hand_find), as the options say:
 * for a plan alone no unit need be there. 0, or -1 after an error. */
int run_options_find(const struct run_options *options, struct at_hand *at_hand,
                     struct diags *diags, const struct profile *profile);

/* The error that a real bench was to go faster. -1. */
int run_options_too_fast(struct diags *diags);

/* Of a simulated bench (hardware/sim/sim_port.h): virtual time unless --pace says `real`. */
int run_options_rate(const struct run_options *options);

/* For plan_make. Borrows from the options. */
struct plan_choices run_options_choices(const struct run_options *options);

/* The unit's address, NULL: not given. */
const char *run_options_address(const struct run_options *options);

#endif
