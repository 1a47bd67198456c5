/*
 * The terminal: curses draws into memory, and the result is sent as fast as the terminal accepts
 * it. So nothing here blocks: a stopped terminal (Ctrl-S, a stalled link, a stopped terminal
 * emulator) only costs frames. A frame is drawn only after the last one was sent completely, so
 * that the next one is always current.
 *
 * Keys are read as they arrive and decoded here (tui/term/keys.h) with terminfo's sequences, so
 * that telling a lone Esc from an arrow key never delays a run.
 *
 * However the program ends, the terminal is restored: by term_close, by a handler for fatal
 * signals, or, if the program is killed, by a small separate process.
 */
#ifndef LONGPRESS_TUI_TERM_H
#define LONGPRESS_TUI_TERM_H

#include "rig/base/diag.h"
#include "tui/term/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long closing waits for pending output. */
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

/* Take over the terminal and start curses (stdscr exists and is cleared). Only one at a time; call
 * before there are threads. NULL after an error, which leaves the terminal as it was. */
struct term *term_open(struct diags *diags, const struct term_options *options);
/* Give it back. Pending output has TERM_CLOSE_NS to get out, then it is dropped. NULL is fine. */
void term_close(struct term *term);

bool term_utf8(const struct term *term);
enum term_colours term_colours(const struct term *term); /* TERM_MONO with NO_COLOR, too */

/* For poll: always POLLIN on the first; POLLOUT on the second while term_pending. -1 once the
 * terminal is gone. */
int term_in_fd(const struct term *term);
int term_out_fd(const struct term *term);

/* Is there pending output? */
bool term_pending(const struct term *term);
/* Write what the terminal accepts now. */
void term_pump(struct term *term);
/* Send the curses virtual screen (wnoutrefresh). Only if not term_pending. */
void term_frame(struct term *term);
/* The terminal's bell; sent after the last frame. */
void term_bell(struct term *term);
/* Bytes sent to the terminal so far, for measuring. */
uint64_t term_bytes(const struct term *term);

/* Read and decode what has been typed. Returns how many keys, at most `size`; the rest stay for the
 * next call. A hang-up is KEY_CODE_HANGUP, once. */
size_t term_keys(struct term *term, int64_t now_ns, struct key *keys, size_t size);
/* CLOCK_MONOTONIC ns at which term_keys must be called although nothing was typed (for a lone Esc);
 * INT64_MAX: none. */
int64_t term_keys_due_ns(const struct term *term);

/* After SIGWINCH: read the terminal's size; the next frame redraws everything. */
void term_resize(struct term *term);
/* Give the terminal back for a while (SIGTSTP), and take it again (SIGCONT), whatever happened to
 * it meanwhile. */
void term_suspend(struct term *term);
void term_resume(struct term *term);

#endif
