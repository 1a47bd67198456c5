/*
 * The operator's side of a run on the command line: answers given in advance (--answer), questions
 * at the terminal, Ctrl-C and hang-ups, and the timeline printed as it grows.
 *
 * Nothing here may delay a run: lines are written only if the output accepts them at once (a
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

/* Block the three signals and receive them through a file descriptor. Call before any port is
 * opened. */
int console_open(struct console *console);
void console_close(struct console *console);

/* Discard what was typed so far: it was not meant for the question that follows. Call before each
 * question; does nothing in the background of a terminal. */
void console_drop_typed(void);

/* The signal received, in words ("Ctrl-C"), or NULL. */
const char *console_signalled(int signal_fd);

/* Keep one `--answer NAME=VALUE`. NULL, or a sentence saying what is wrong with it. */
const char *console_give(struct console *console, const char *option);

/*
 * Check before anything moves: every given answer must belong to a question of the plan and be
 * allowed by it, and something must be able to answer every question: an input of the station, a
 * given answer, a terminal, or the port itself (`can_answer`, NULL for none). Errors name the
 * option to add.
 */
int console_check(const struct console *console, struct diags *diags, const struct plan *plan,
                  bool (*can_answer)(void *context, const char *question), void *context);

/* The same for a series of runs: a given answer must belong to one of the plans. Questions named in
 * `settled` (NULL-terminated; NULL: none) are answered in any case. */
int console_check_all(const struct console *console, struct diags *diags,
                      const struct plan *const *plans, size_t count, const char *const *settled,
                      bool (*can_answer)(void *context, const char *question), void *context);

/* Hooks for run_drive; `console` must outlive the run. */
struct run_hooks console_hooks(struct console *console);

/* Report the question that ended the run, and the option that answers it. */
void console_unanswered(const struct console *console, struct diags *diags);

/* Print what was held back, however long it takes, now that the run is over. In order of time if
 * nothing was printed before. */
void console_flush(struct console *console, const struct timeline *timeline);

#endif
