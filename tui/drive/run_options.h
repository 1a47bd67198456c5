/*
 * Options shared by the commands that make runs: `run`, `batch`, `settle`, `learn`, `characterize`.
 * `longpress help run` describes them.
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
    struct console *console; /* keeps the answers; borrowed */
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

/* The tables, about a run_options whose console is set: --answer goes there. What every run takes
 * ...
 */
extern const struct command_option run_options_any[];
/* ... one of a single unit ... */
extern const struct command_option run_options_unit[];
/* ... and what only some have. */
extern const struct command_option run_options_less[]; /* --steady-for, --without-bond */

/* Report that an option is not a Bluetooth address. False. */
bool run_options_no_address(const struct option_given *given, const char *text);

/* The profile of MODEL, from a catalog that the caller frees in any case. NULL after an error. */
const struct profile *run_options_profile(const struct run_options *options,
                                          const struct context *context, struct diags *diags,
                                          struct catalog **catalog);

/* PROCEDURE, or the profile's default. NULL after an error. */
const struct procedure *run_options_procedure(const struct run_options *options,
                                              const struct profile *profile, struct diags *diags);

/* The bench, its station, and the simulated unit of the model (bench_session_find), as the options
 * say;
 * --plan needs no unit. 0, or -1 after an error. */
int run_options_find(const struct run_options *options, struct bench_session *bench_session,
                     struct diags *diags, const struct profile *profile);

/* Report that a real bench cannot run faster. -1. */
int run_options_too_fast(struct diags *diags);

/* The rate of a simulated bench (hardware/sim/sim_port.h): virtual time unless --pace is `real`. */
int run_options_rate(const struct run_options *options);

/* For plan_make. Borrows from the options. */
struct plan_choices run_options_choices(const struct run_options *options);

/* The unit's address, NULL: not given. */
const char *run_options_address(const struct run_options *options);

#endif
