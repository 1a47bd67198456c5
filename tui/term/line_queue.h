/*
 * Lines for people, that go out when the output takes them: a stopped terminal, a stalled link or a
 * full pipe holds up nobody. Below the lines, on a terminal, one that is always the latest: a
 * prompt, or how far it is.
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

/* On a description of `fd` (which stays its owner's) that does not wait, where one can be had. */
void line_queue_open(struct line_queue *line_queue, int fd);
/* The foot goes. Wait until all is out, or the output is gone; `timeout_ms` at most without that
 * anything goes out (-1: however long). False: something could not be written (a full disk); a
 * reader that went away is no error. */
bool line_queue_close(struct line_queue *line_queue, int timeout_ms);

/* One line, with its end. Text is printable by then. */
void line_queue_line(struct line_queue *line_queue, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The line below; "": none. Nothing where it is no terminal. */
void line_queue_foot(struct line_queue *line_queue, const char *text);
/* What was typed behind the foot has ended its line. */
void line_queue_entered(struct line_queue *line_queue);

/* Write what goes now. */
void line_queue_pump(struct line_queue *line_queue);
/* Poll its descriptor for POLLOUT: something waits, the foot perhaps. */
bool line_queue_waits(const struct line_queue *line_queue);

#endif
