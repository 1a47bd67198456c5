/* First steps of a process that detaches from the program it was forked from. */
#ifndef LONGPRESS_HARDWARE_APART_H
#define LONGPRESS_HARDWARE_APART_H

#include <stdbool.h>
#include <stddef.h>

enum { APART_KEEP_MAX = 4 };

/* Nothing of the parent's stays open, so that no pipe or terminal waits for this process; but
 * `keep` (-1: none), whose numbers are renewed, all above standard error. */
void apart_close_inherited(int *keep[], size_t count);

/* Exempts it from the OOM killer, if permitted. */
void apart_spare_from_oom(void);

/* Nothing is waited for later: what may run is in memory, and stays there. False when that is
 * refused. */
bool apart_lock_memory(void);

#endif
