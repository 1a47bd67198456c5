/*
 * A program on a pseudo-terminal, with a terminal emulator at the other end: what a test holds in
 * its hands in place of a person's keyboard and eyes.
 *
 * All times are CLOCK_MONOTONIC nanoseconds; all waits end. One thread; every wait takes in what
 * the program writes meanwhile, unless the terminal is stalled.
 */
#ifndef LONGPRESS_TESTS_TUI_PTYVT_H
#define LONGPRESS_TESTS_TUI_PTYVT_H

#include "tests/tui/screen.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ptyvt;

struct ptyvt_setup {
    int rows;
    int columns;
    char *const *arguments;   /* NULL at its end */
    char *const *environment; /* "NAME=VALUE", NULL at its end; nothing is added */
    const char *folder;       /* NULL: here */
    bool no_echo; /* the terminal itself never shows what is typed before or after the program */
};

int64_t ptyvt_now_ns(void);

/* NULL with `error` when the program could not be started. */
struct ptyvt *ptyvt_start(const struct ptyvt_setup *setup, char *error, size_t size);
/* Hangs up; kills what is left of the session. NULL is fine. */
void ptyvt_free(struct ptyvt *pty);

struct screen *ptyvt_screen(struct ptyvt *pty);
pid_t ptyvt_pid(const struct ptyvt *pty);

/* ---- what goes in ---- */

/* -1: the terminal took nothing for a second: the program does not read. */
int ptyvt_send(struct ptyvt *pty, const char *bytes, size_t count);
/* Bytes typed that the program has not read; of a terminal in line mode: of whole lines. */
int ptyvt_unread(const struct ptyvt *pty);
void ptyvt_resize(struct ptyvt *pty, int rows, int columns);
/* Nobody reads what the program writes (a link that stands still), until it is taken back. */
void ptyvt_stall(struct ptyvt *pty, bool stalled);
/* The terminal takes no output, as after Ctrl-S with IXON. */
void ptyvt_stop_output(struct ptyvt *pty, bool stopped);
/* The line is cut; there is nothing to see after it. */
void ptyvt_hangup(struct ptyvt *pty);
/* To the whole foreground job: -1, errno. */
int ptyvt_signal(const struct ptyvt *pty, int signo);
/* `fg` of a stopped job. */
void ptyvt_foreground(struct ptyvt *pty);

/* ---- waiting ---- */

/* Take in what comes for so long. */
void ptyvt_wait(struct ptyvt *pty, int64_t ns);
/* Take in what comes until nothing came for `quiet_ns`; false: it never stopped within `within_ns`.
 */
bool ptyvt_quiet(struct ptyvt *pty, int64_t quiet_ns, int64_t within_ns);
/* Until something is on the screen, and then for the first silence of `quiet_ns`. False: nothing
 * came within `within_ns`, or the program has ended. */
bool ptyvt_up(struct ptyvt *pty, int64_t quiet_ns, int64_t within_ns);
/* Until `wanted` says so; it is asked after each piece of output. */
bool ptyvt_until(struct ptyvt *pty, int64_t within_ns, bool (*wanted)(struct ptyvt *, void *),
                 void *context);
/* Until the text is on one row of the screen, or a match for the expression is. */
bool ptyvt_expect(struct ptyvt *pty, const char *text, int64_t within_ns);
bool ptyvt_expect_re(struct ptyvt *pty, const regex_t *expression, int64_t within_ns);

/* ---- how it ends ---- */

/* False: it goes on. `status` is wait's. */
bool ptyvt_ended(struct ptyvt *pty, int64_t within_ns, int *status);
bool ptyvt_stopped(struct ptyvt *pty, int64_t within_ns);
/* What is not as it was before the program started, in words: the modes of the terminal, its
 * settings (termios), its file flags. NULL: all is. */
const char *ptyvt_unrestored(struct ptyvt *pty, char *buffer, size_t size);

/* ---- measuring ---- */

int64_t ptyvt_started_ns(const struct ptyvt *pty);
/* When the first visible thing was there, and when the first picture was whole (the last output
 * before the first silence of 20 ms after it); 0: not yet. */
int64_t ptyvt_first_ns(const struct ptyvt *pty);
int64_t ptyvt_first_whole_ns(const struct ptyvt *pty);
uint64_t ptyvt_bytes(const struct ptyvt *pty);
int64_t ptyvt_last_output_ns(const struct ptyvt *pty);
/* Processor time of all processes of the session, the leader aside; once it ended: of the job. */
int64_t ptyvt_cpu_ns(const struct ptyvt *pty);
/* Send, and wait until a cell has changed: how long it took, -1: not within `within_ns`. */
int64_t ptyvt_latency_ns(struct ptyvt *pty, const char *bytes, size_t count, int64_t within_ns);

#endif
