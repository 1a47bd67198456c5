/*
 * The guard: a process that outlives a keeper and its parent, for chips whose lines keep their
 * levels when their owner dies (Raspberry Pi kernels: persist_gpio_outputs).
 *
 * It watches keepers. As soon as one is gone without having said that its lines are released, the
 * guard requests them, inactive. A keeper that is alive but fails (a press is overdue, or its
 * heartbeat is missing because it is stopped or frozen with its cgroup) is killed first, as a line
 * that is held cannot be requested. The guard never presses.
 *
 * As a service (`longpress guard`, with the installed units) it is in a cgroup of its own, out of
 * reach of whatever ends or freezes the program. Otherwise it is a child in a session of its own:
 * it survives a kill of the process group, but not of the whole cgroup.
 *
 * If a guard ends while its keeper lives, another one follows: hardware/guard/guard_link.h.
 *
 * This is the keeper's side. Order: the parent calls guard_find, then forks the keeper, which calls
 * guard_watch before it requests its lines, and the other calls as it presses. The parent closes.
 */
#ifndef LONGPRESS_HARDWARE_GUARD_H
#define LONGPRESS_HARDWARE_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who holds a line, as `gpioinfo` shows it. */
#define GUARD_CONSUMER "longpress-guard"
/* Where the service listens; the environment's LONGPRESS_GUARD is another path, or `none`: go
 * without any guard. */
#define GUARD_SOCKET "/run/longpress/guard.sock"

enum {
    GUARD_LINES_MAX = 16,
    GUARD_CHIPS_MAX = 8,
    GUARD_PATH_MAX = 64,
};

/* The keeper is killed when it is this much overdue. */
#define GUARD_GRACE_NS INT64_C(100000000)

enum guard_kind {
    GUARD_NONE,
    GUARD_CHILD,
    GUARD_SERVICE,
};

struct guard_line {
    uint32_t offset;
    uint16_t chip; /* number of its chip, counted from 0 */
    uint16_t active_low;
};

/* What is to be guarded. */
struct guard_wish {
    size_t chip_count;
    char chips[GUARD_CHIPS_MAX][GUARD_PATH_MAX]; /* /dev/gpiochip0 */
    size_t line_count;
    struct guard_line lines[GUARD_LINES_MAX];
    int64_t heartbeat_ns;
};

struct guard {
    enum guard_kind kind;
    int socket; /* -1 with GUARD_NONE */
};
#define GUARD_INIT ((struct guard){.kind = GUARD_NONE, .socket = -1})

/* The number of a chip in the wish, added if it is new. False when there is no room. */
bool guard_wish_line(struct guard_wish *wish, const char *chip_path, unsigned offset,
                     bool active_low);

/* Reach the service, else fork a child. Who listens there may have to start first: waits for an
 * answer for 5 s at most the first time, later for half a second. */
struct guard guard_find(void);
/* Is the service there? Waits for 5 s at most. */
bool guard_service_answers(void);
/* Does the environment ask for none? */
bool guard_refused(void);
/* 0, or errno: why these lines cannot be guarded on this machine. */
int guard_possible(const struct guard_wish *wish);

/* For the keeper: have its lines watched. 0, or -1 with errno (then there is no guard for them).
 * Waits for the answer for half a second at most. */
int guard_watch(struct guard *guard, const struct guard_wish *wish);

/* These never wait, and do nothing without a guard. */
void guard_arm(const struct guard *guard, int64_t due_ns);
void guard_beat(const struct guard *guard);
void guard_disarm(const struct guard *guard);
void guard_done(const struct guard *guard);
/* By the parent, to take the lines of a dead keeper: the guard lets go of them, and takes them
 * again unless it is told that they are taken; then, when the parent is gone. */
void guard_yield(const struct guard *guard);
void guard_taken(const struct guard *guard);

void guard_close(struct guard *guard);

/* Serve: `longpress guard`. `path` is where to listen, NULL: the socket that systemd hands over,
 * else GUARD_SOCKET. Returns only after an error, with what it was in `wrong`. */
int guard_serve(const char *path, char *wrong, size_t wrong_size);

#endif
