/*
 * A thread, with all that it starts meanwhile, that is held still before any of its steps, while
 * others go on: what it was about to do is as it was when it last looked, or is not. Its steps are
 * those of SQLite's files (faulty_vfs.h) and those that a test counts itself. Whoever waits for a
 * lock that it has lets it go.
 *
 * One at a time.
 */
#ifndef LONGPRESS_TESTS_HOLD_H
#define LONGPRESS_TESTS_HOLD_H

#include <stdbool.h>
#include <stdint.h>

/* In the thread: hold it before its step `at`, from 1; and it is done, its steps count no more. */
void hold_begin(int64_t at);
void hold_end(void);
/* In a thread that it started: it is a part of it. Is this one, that starts another? */
void hold_join(void);
bool hold_is_it(void);

/* A step of whatever thread. */
void hold_step(void);
/* A thread waits for another's lock. */
void hold_waits(void);

/* In another thread, before the held one is started: forget the last; then wait until it is held
 * (true), or ended without having been. */
void hold_reset(void);
bool hold_wait(void);
void hold_release(void);
/* It had to be let go, since another waited for it. */
bool hold_was_in_the_way(void);

#endif
