/*
 * Non-blocking output of lines: a stopped terminal, a stalled link or a full pipe delays nothing.
 * On a terminal, a status line below the lines (the foot) shows a prompt or the progress.
 */
#ifndef LONGPRESS_TUI_OUTBOX_H
#define LONGPRESS_TUI_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

enum { OUTBOX_FOOT_MAX = 512 };

struct line_queue {
    int fd;          /* -1: gone; what is added is dropped */
    bool is_private; /* ours to close, and never waits */
    bool terminal;   /* it has a foot */
    char *text;      /* owned; waits to go out */
    size_t length;
    size_t capacity;
    char foot[OUTBOX_FOOT_MAX];
    bool footed; /* a foot is on the terminal ... */
    bool stale;  /* ... or none, and this one is to be */
    bool lost;   /* something could not be written, and not because nobody reads */
};

/* Opens a non-blocking description of `fd` if possible; `fd` stays with its owner. */
void line_queue_open(struct line_queue *line_queue, int fd);
/* Remove the foot, and wait until everything is written or the output is gone, for at most
 * `timeout_ms` without progress (-1: for ever). False: something could not be written (a full
 * disk); a reader that went away is not an error. */
bool line_queue_close(struct line_queue *line_queue, int timeout_ms);

/* Add one line, including its end. The text must be printable. */
void line_queue_line(struct line_queue *line_queue, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Set the foot; "": none. Does nothing unless the output is a terminal. */
void line_queue_foot(struct line_queue *line_queue, const char *text);
/* Enter was typed after the foot and has ended its line. */
void line_queue_entered(struct line_queue *line_queue);

/* Write what can be written now. */
void line_queue_pump(struct line_queue *line_queue);
/* Should its descriptor be polled for POLLOUT? Something waits, perhaps the foot. */
bool line_queue_waits(const struct line_queue *line_queue);

#endif
