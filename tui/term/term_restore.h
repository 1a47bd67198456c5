/*
 * The terminal as it was, however this program ends: by term_restore_now, by exit(), by a fatal
 * signal (a handler), or killed (a small process, the guardian, that outlives it by an instant).
 *
 * There is one terminal and one signal handler a process, so there is one of this, too. Processes
 * that are forked meanwhile have no part in it.
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

/* Be ready for the terminal `fd`; nothing is planned yet. 0, or -1 with errno. Call before there
 * are threads. Without a guardian (fork refused) all but being killed is still covered. */
int term_restore_begin(int fd);
/* From now on this is what mends the terminal. */
void term_restore_arm(const struct term_restore_plan *plan);
/* Mend it by the plan, and be without one. Waits for a terminal that stands still, shortly; then
 * what it has not shown is dropped, and it is made to go on. */
void term_restore_now(void);
/* As before term_restore_begin. */
void term_restore_end(void);

#endif
