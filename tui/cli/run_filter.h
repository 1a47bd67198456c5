/*
 * Selects runs of the journal: the options shared by history, prune and others.
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

/* All of these options, and the subset that `compare` has. They fill a run_choice. */
extern const struct command_option run_choice_options[];
extern const struct command_option run_choice_common_options[];

#define OPTION_JOURNAL(type, member)                                                               \
    {                                                                                              \
        .name = "journal", .value = VALUE_FILE, .of = "FILE",                                      \
        .help = "use that journal (default: where `run` keeps its runs)", OPTION_AT(type, member)  \
    }

/* The journal's path: --journal, else /var/lib/longpress/journal.db if it is readable and the
 * selection is not limited to simulated runs, else the user's own. In `arena`; NULL after an error.
 */
const char *run_choice_path(const struct run_choice *choice, struct diags *diags,
                            struct arena *arena);

/* Reads the selected runs and shows progress on standard error. `visit` may be NULL. NULL if the
 * journal cannot be read. */
struct journal_runs *run_choice_read(const struct run_choice *choice, struct diags *diags,
                                     journal_runs_visit *visit, void *context);

/* Parses a run number (`12`). 0: not one. */
int64_t run_choice_number(const char *text);

#endif
