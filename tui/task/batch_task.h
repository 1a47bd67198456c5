/*
 * A batch without screens: runs a given list of serial numbers through the stations of a bench and
 * reports in lines. rig/batch/batch.h has the rules; tui/drive/batch_driver.h drives the stations.
 *
 * batch_task.c has the loop and the questions at the terminal; batch_print.c has the messages,
 * batch_lines.c their order; batch_precheck.c has the checks before the batch.
 */
#ifndef LONGPRESS_TUI_HEADLESS_H
#define LONGPRESS_TUI_HEADLESS_H

#include "tui/cli/serials.h"
#include "tui/drive/batch_driver.h"
#include "tui/term/line_queue.h"
#include "tui/term/style.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What waits for someone at the terminal. */
struct waiting {
    enum waiting_kind { WAIT_NOTHING, WAIT_PLACE, WAIT_QUESTION } kind;
    size_t station;
    const struct batch_unit *unit;
    const struct question *question;
};

/* A completed run. */
struct batch_task_run {
    size_t unit;
    int64_t journal; /* its handle */
};

/* A line to be printed, perhaps once the journal has the run. */
struct batch_task_line {
    bool err;         /* on standard error */
    int64_t journal;  /* of a run's verdict: its handle; 0: it waits for nothing */
    int64_t number;   /* ... and the run's; 0: not known */
    int64_t until_ns; /* CLOCK_MONOTONIC: it is told by then, whatever the journal says */
    char *before;     /* what stands before the words of the run and its journal; owned */
    char *after;      /* ... and behind them */
};

struct headless {
    /* Set before batch_task_run. */
    struct session *on[BATCH_STATIONS_MAX];
    struct batch_bays_setup setup; /* its sessions are `on` */
    int signal_fd;
    bool terminal;   /* there is somebody to ask, at standard input */
    bool in_place;   /* the units are in their stations already: the n-th serial in the n-th */
    int64_t plan_ns; /* the longest that a run takes, questions apart */
    struct line_queue *out;  /* lines */
    struct line_queue *err;  /* standard error */
    struct line_queue *foot; /* one of them, where the line below them is; NULL: nowhere */
    struct style style;      /* of `out` */
    int64_t patience_ns;     /* without any station that works the batch is given up after that */
    struct serials todo;     /* in the order in which they are run */

    /* While it runs. */
    struct batch_sessions *sessions;
    const char *stopped;                  /* by which signal, in words; NULL: by none */
    bool gave_up;                         /* no station worked, for too long */
    int64_t out_ns;                       /* CLOCK_MONOTONIC: since then none does; 0: one does */
    struct waiting asked;                 /* the foot asks that */
    bool shown;                           /* ... and is to be seen: what is typed now answers it */
    bool unguarded[BATCH_STATIONS_MAX];   /* told that its guard is gone */
    int64_t begun_ns[BATCH_STATIONS_MAX]; /* its unit was called for then */
    int64_t taken_ns;                     /* all the time that units took which are done with ... */
    size_t taken_count;                   /* ... and how many */
    int64_t foot_ns;                      /* when the foot was written last */
    struct batch_task_run *runs;          /* that have ended, and are to be kept; owned */
    size_t journal_run_count;
    size_t run_room;
    struct batch_task_line *lines; /* not told yet; owned */
    size_t line_count;
    size_t line_room;
};

/* Run all units, or until a signal arrives; then release, record and report what is in progress.
 * Returns the exit status (tui/cli/command.h) of the worst result. */
int batch_task_run(struct headless *headless);

/* batch_print.c */
/* Report on standard error when the journal cannot be written, and when it can again. */
void batch_print_journal(struct headless *headless);
/* Report guards that are gone, or back. */
void batch_print_guards(struct headless *headless);
void batch_print_event(struct headless *headless, const struct batch_bays_event *event);
/* Show a new question: as a line if there is no status line. */
void batch_print_asked(struct headless *headless);
/* Update the status line: the question, or the progress. */
void batch_print_foot(struct headless *headless, int64_t now_ns);
/* Print the result: totals, and the units that did not pass or are not in the journal, after
 * waiting for it for a few seconds at most. Returns the exit status. */
int batch_print_summary(struct headless *headless);

/* batch_lines.c */
/* Queue a line, or the line of a verdict. */
void batch_lines_put(struct headless *headless, bool err, const char *text);
void batch_lines_put_run(struct headless *headless, int64_t journal, int64_t number,
                         const char *before, const char *after);
/* Print the lines that no longer wait for anything. */
void batch_lines_flush(struct headless *headless);
/* When the first of them stops waiting; INT64_MAX: none waits. */
int64_t batch_lines_due_ns(const struct headless *headless);
/* Wait for the journal, then print all of them. */
void batch_lines_end(struct headless *headless);

/* batch_task.c: clock_mono_ns(), which tests replace for the batch. */
int64_t batch_task_now_ns(void);

#endif
