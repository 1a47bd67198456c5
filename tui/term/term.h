/*
 * The terminal: curses draws into memory, and what it drew goes out as fast as the terminal takes
 * it, never faster. So nothing here blocks: a terminal that stands still (Ctrl-S, a stalled link, a
 * stopped terminal emulator) costs frames, and nothing else. A frame is drawn only when all of the
 * last one has gone out, so that what is shown next is always the newest.
 *
 * Keys are read from the terminal as they come and decoded here (tui/term/keys.h), with the
 * sequences that terminfo knows, so that a lone Esc is told from an arrow key without waiting in
 * the way of a run.
 *
 * However the program ends, the terminal is as it was: term_close, a handler for fatal signals, and
 * a small process of its own that mends the terminal when this one was killed.
 */
#ifndef LONGPRESS_TUI_TERM_H
#define LONGPRESS_TUI_TERM_H

#include "rig/base/diag.h"
#include "tui/term/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long the end waits for what is on its way out. */
#define TERM_CLOSE_NS INT64_C(200000000)

enum term_colours { TERM_MONO, TERM_8, TERM_256 };

struct term_options {
    int in_fd;  /* both of one terminal; */
    int out_fd; /* they stay open, and their owner's */
    bool mouse;
};

struct term;

/* Why this terminal cannot show screens ("TERM is not set", "TERM is `dumb`, ...", "standard output
 * is not a terminal"); NULL: it can. */
const char *term_unsuitable(int in_fd, int out_fd);

/* Take the terminal: curses' screen is up after it (stdscr is there, cleared). One at a time. Call
 * before there are threads. NULL after an error; then the terminal is as it was. */
struct term *term_open(struct diags *diags, const struct term_options *options);
/* Give it back. What is still on its way out is given TERM_CLOSE_NS to go, then dropped. NULL is
 * fine. */
void term_close(struct term *term);

bool term_utf8(const struct term *term);
enum term_colours term_colours(const struct term *term); /* TERM_MONO with NO_COLOR, too */

/* For poll: POLLIN on the first always; POLLOUT on the second while term_pending. -1 once the
 * terminal has gone. */
int term_in_fd(const struct term *term);
int term_out_fd(const struct term *term);

/* Something waits for the terminal to take it. */
bool term_pending(const struct term *term);
/* Write what it takes now. */
void term_pump(struct term *term);
/* What stands in curses' virtual screen (wnoutrefresh) goes out. Only when not term_pending. */
void term_frame(struct term *term);
/* The terminal's own bell; goes out behind the last frame. */
void term_bell(struct term *term);
/* Bytes sent to the terminal so far, for measuring. */
uint64_t term_bytes(const struct term *term);

/* Read and decode what has been typed by now. How many keys; at most `size`, the others stay for
 * the next call. A hang-up is KEY_CODE_HANGUP, once. */
size_t term_keys(struct term *term, int64_t now_ns, struct key *keys, size_t size);
/* CLOCK_MONOTONIC ns at which term_keys must be called though nothing more was typed (a lone Esc
 * is one by then); INT64_MAX: none. */
int64_t term_keys_due_ns(const struct term *term);

/* After SIGWINCH: take the terminal's size; everything is drawn anew with the next frame. */
void term_resize(struct term *term);
/* Give the terminal back for a while (SIGTSTP), and take it again (SIGCONT), whatever became of it
 * in between. */
void term_suspend(struct term *term);
void term_resume(struct term *term);

#endif
