/*
 * The operator's side of a run on the command line: answers given ahead (--answer), questions at
 * the terminal, Ctrl-C and hang-ups, and the timeline as lines while it grows.
 *
 * Nothing here may hold up a run: lines are written only when the output takes them at once (a
 * stopped terminal, Ctrl-S or a stalled link shows the rest at the end), and input is read only
 * when there is some.
 */
#ifndef LONGPRESS_TUI_CONSOLE_H
#define LONGPRESS_TUI_CONSOLE_H

#include "rig/plan/plan.h"
#include "rig/record/record.h"
#include "rig/run/run.h"

#include <stdbool.h>
#include <stddef.h>

enum { CONSOLE_ANSWERS_MAX = 32 };

struct given_answer {
    const char *option; /* NAME=VALUE as it was given */
    char name[64];
    char value[ANSWER_TEXT_MAX];
};

struct console {
    int signal_fd; /* INT, TERM and HUP arrive here; give it to the port as wake_fd */
    struct given_answer given[CONSOLE_ANSWERS_MAX];
    size_t given_count;
    bool terminal;         /* there is somebody to ask */
    bool wait_for_answers; /* virtual time: a question waits at the terminal, time stands */
    bool quiet;            /* no lines at all */
    bool sorted;           /* lines at the end, in order of time; else as things become known */
    const struct record *record;
    const struct port *port;
    const struct station *station;
    const struct question *pending;
    char unanswered[64]; /* a question that came up in the run, and nobody was there to answer */
    char choices[256];   /* ... and what it allows */
    size_t shown;        /* entries of the timeline that were printed */
};

/* Block the three signals and take them as a file descriptor. Before any port is opened. */
int console_open(struct console *console);
void console_close(struct console *console);

/* What was typed at the terminal so far answers nothing that is asked after it: it was meant for
 * something else. Before each question; from a terminal's background it does nothing. */
void console_drop_typed(void);

/* The signal that came, in words ("Ctrl-C"), or NULL. */
const char *console_signalled(int signal_fd);

/* Keep one `--answer NAME=VALUE`. NULL, or a sentence saying what is wrong with it. */
const char *console_give(struct console *console, const char *option);

/*
 * Before anything moves: every given answer must belong to a question of the plan and be one that
 * it allows, and every question must have somebody to answer it: an input line of the station, an
 * answer given, a terminal, or the port itself (`can_answer`, NULL for none). Errors name the
 * option to add.
 */
int console_check(const struct console *console, struct diags *diags, const struct plan *plan,
                  bool (*can_answer)(void *context, const char *question), void *context);

/* The same for a series of runs: a given answer must belong to one of the plans. Questions named in
 * `settled` (NULL: none; it ends in NULL) have somebody to answer them in any case. */
int console_check_all(const struct console *console, struct diags *diags,
                      const struct plan *const *plans, size_t count, const char *const *settled,
                      bool (*can_answer)(void *context, const char *question), void *context);

/* Hooks for run_drive; `console` must outlive the run. */
struct run_hooks console_hooks(struct console *console);

/* Tell of the question that ended the run, and of the option that answers it. */
void console_unanswered(const struct console *console, struct diags *diags);

/* Print what was held back, whatever time it takes: the run is over. In order of time where
 * nothing was printed before. */
void console_flush(struct console *console, const struct timeline *timeline);

#endif
