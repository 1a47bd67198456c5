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

/* Which runs: all of these options, and those of them that `compare` has. About a run_choice. */
extern const struct command_option run_choice_options[];
extern const struct command_option run_choice_common_options[];

#define OPTION_JOURNAL(type, member)                                                               \
    {                                                                                              \
        .name = "journal", .value = VALUE_FILE, .of = "FILE",                                      \
        .help = "use that journal (default: where `run` keeps its runs)", OPTION_AT(type, member)  \
    }

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
