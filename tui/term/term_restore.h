/*
 * Restores the terminal however this program ends: by term_restore_now, by exit(), by a fatal
 * signal (a handler), or when it is killed (a small process, the guardian, which briefly outlives
 * it).
 *
 * A process has one terminal and one set of signal handlers, so this is a singleton. Forked
 * processes do not take part in it.
 */
#ifndef LONGPRESS_TUI_TERM_RESTORE_H
#define LONGPRESS_TUI_TERM_RESTORE_H

#include <stddef.h>
#include <termios.h>

enum { RESTORE_BYTES_MAX = 512 };

struct term_restore_plan {
    struct termios saved; /* modes to put back */
    struct termios taken; /* ours: the guardian touches no others, the shell may have set them */
    size_t length;
    char bytes[RESTORE_BYTES_MAX]; /* what ends keypad, mouse, colours and the other screen */
};

/* Prepare for the terminal `fd`; nothing is planned yet. 0, or -1 with errno. Call before there are
 * threads. Without a guardian (fork failed), everything except being killed is still covered. */
int term_restore_begin(int fd);
/* From now on, this plan restores the terminal. */
void term_restore_arm(const struct term_restore_plan *plan);
/* Restore it by the plan, and drop the plan. Waits briefly for a stopped terminal; then drops what
 * it has not shown, and makes it continue. */
void term_restore_now(void);
/* Undo term_restore_begin. */
void term_restore_end(void);

#endif
