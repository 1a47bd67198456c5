/*
 * Which runs of the journal a command means: the options that history, prune and others have in
 * common.
 */
#ifndef LONGPRESS_TUI_RUN_CHOICE_H
#define LONGPRESS_TUI_RUN_CHOICE_H

#include "rig/base/arena.h"
#include "rig/journal/journal_read.h"
#include "rig/report/journal_runs.h"
#include "tui/cli/command.h"

#include <stdbool.h>

struct run_choice {
    const char *journal; /* --journal, NULL: the usual one */
    struct run_filter filter;
    bool limited; /* --limit was given */
};

/* For a command's table of options; its own values are letters. */
enum run_choice_option {
    CHOOSE_JOURNAL = 1000,
    CHOOSE_MODEL,
    CHOOSE_PROCEDURE,
    CHOOSE_UNIT,
    CHOOSE_STATION,
    CHOOSE_FIRMWARE,
    CHOOSE_BATCH,
    CHOOSE_OPERATOR,
    CHOOSE_VERDICT,
    CHOOSE_SINCE,
    CHOOSE_UNTIL,
    CHOOSE_SIMULATED,
    CHOOSE_REAL,
    CHOOSE_LIMIT,
};

/* clang-format off */
#define RUN_CHOICE_OPTIONS                                                                         \
    {"journal", required_argument, NULL, CHOOSE_JOURNAL},                                          \
    {"model", required_argument, NULL, CHOOSE_MODEL},                                              \
    {"procedure", required_argument, NULL, CHOOSE_PROCEDURE},                                      \
    {"unit", required_argument, NULL, CHOOSE_UNIT},                                                \
    {"station", required_argument, NULL, CHOOSE_STATION},                                          \
    {"firmware", required_argument, NULL, CHOOSE_FIRMWARE},                                        \
    {"batch", required_argument, NULL, CHOOSE_BATCH},                                              \
    {"operator", required_argument, NULL, CHOOSE_OPERATOR},                                        \
    {"verdict", required_argument, NULL, CHOOSE_VERDICT},                                          \
    {"since", required_argument, NULL, CHOOSE_SINCE},                                              \
    {"until", required_argument, NULL, CHOOSE_UNTIL},                                              \
    {"simulated", no_argument, NULL, CHOOSE_SIMULATED},                                            \
    {"real", no_argument, NULL, CHOOSE_REAL},                                                      \
    {"limit", required_argument, NULL, CHOOSE_LIMIT}

#define RUN_CHOICE_HELP                                                                            \
    "  --model, --procedure, --unit, --station, --firmware, --batch, --operator TEXT\n"            \
    "                         runs of that model, ... only\n"                                      \
    "  --verdict LIST         pass, fail, inconclusive, aborted, error, interrupted, running\n"    \
    "  --since WHEN, --until WHEN\n"                                                               \
    "                         a day (2026-11-24), a time (2026-11-24 15:00), or how long ago\n"    \
    "                         (12 h, 7 d)\n"                                                       \
    "  --simulated, --real    runs on a simulated bench only, or none of them\n"                   \
    "  --limit N              the latest N\n"                                                      \
    "  --journal FILE         that journal (default: where `run` keeps its runs)\n"
/* clang-format on */

/* Take an option that was found. False after a mistake, told on standard error. */
bool run_choice_take(const struct command *command, struct run_choice *choice, int option,
                     const char *value);

/* The journal that is meant: --journal, else /var/lib/longpress/journal.db where that can be read
 * and not only simulated runs are wanted, else the user's own. In `arena`; NULL after an error. */
const char *run_choice_path(const struct run_choice *choice, struct diags *diags,
                            struct arena *arena);

/* Read them all, and tell on standard error how far that is. `visit` may be NULL. NULL after an
 * error of the whole. */
struct journal_runs *run_choice_read(const struct run_choice *choice, struct diags *diags,
                                     journal_runs_visit *visit, void *context);

/* The number of a run, as people write it (`12`). 0: it is none. */
int64_t run_choice_number(const char *text);

#endif
