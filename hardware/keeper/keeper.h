/*
 * The keeper: a small process that owns the actuator lines of one station, so that no press can
 * outlast its order, whatever happens to the rest of the program.
 *
 * It takes one order at a time: lines, an absolute instant to press, a length. The length counts
 * from the instant just before the press is written, so that a late press is not a longer one. It
 * releases everything and ends when
 *  - it is told to (keeper_stop, SIGTERM);
 *  - this process ends or closes its end of the socket;
 *  - this process has been silent for heartbeat_ns while a press is ordered or in progress;
 *  - a line was active for its max_on_ns (no order can ask for more; this is the second check);
 *  - a write fails, a chip is removed, or it receives an invalid message.
 * The last four are reported as KEEPER_FAULT. On an active e-stop it releases everything and takes
 * no more orders.
 *
 * If the keeper dies instead, its lines may keep their levels: keeper_read then requests them in
 * this process, inactive, and holds them until keeper_stop. If both die or are stopped, the guard
 * takes them (hardware/guard/guard.h).
 *
 * The lines are behind an interface, so that tests can observe what the real process writes.
 */
#ifndef LONGPRESS_HARDWARE_KEEPER_H
#define LONGPRESS_HARDWARE_KEEPER_H

#include "hardware/guard/guard.h"
#include "rig/base/diag.h"
#include "rig/bench/bench.h"
#include "rig/run/port.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEEPER_FDS_MAX = 32 };

/* Lines as the keeper knows them. Called in its process (open: in this one too, after its death).
 * Functions marked so may be NULL. */
struct keeper_lines_ops {
    /* Request the lines, all inactive. NULL after an error. */
    void *(*open)(void *context, struct diags *diags);
    /* Write the lines of `mask`. 0, or -1 with errno. Allocates nothing. */
    int (*set)(void *lines, uint32_t mask, bool active);
    void (*close)(void *lines);
    /* Descriptors that poll POLLERR or POLLHUP when a chip is removed. How many. May be NULL. */
    size_t (*fds)(void *lines, int fds[KEEPER_FDS_MAX]);
    /* Descriptor that polls POLLIN when the e-stop has changed, -1: there is none. May be NULL. */
    int (*estop_fd)(void *lines);
    /* Take in what that has, and tell the level: 1 active, -1 it cannot be read. */
    int (*estop_level)(void *lines);
};

struct keeper_config {
    const struct keeper_lines_ops *ops; /* borrowed until keeper_stop, and so is context */
    void *context;
    unsigned line_count;
    int64_t max_on_ns[BENCH_ACTUATORS_MAX];
    uint32_t interlock; /* of these no two in one order */
    int64_t heartbeat_ns;
    int64_t spin_ns;                /* last stretch before a deadline that is busy-waited */
    int realtime_priority;          /* SCHED_FIFO; 0: not asked for */
    const struct guard_wish *guard; /* borrowed; its lines as a guard knows them. NULL: without */
};

/* What it was granted. */
struct keeper_powers {
    int realtime_priority; /* 0: SCHED_FIFO refused, or not asked for */
    bool memory_locked;
    enum guard_kind guard; /* who watches it: at first, then as it told last */
    int pid;
};

enum keeper_report_kind {
    KEEPER_PRESSED,  /* press, mask, at_ns just before and until_ns just after the write */
    KEEPER_RELEASED, /* the same; early; mask 0: it was cancelled before anything was pressed */
    KEEPER_REFUSED,  /* press; error, as keeper_press has them */
    KEEPER_ESTOP,    /* at_ns; everything was released just before */
    KEEPER_GUARD,    /* at_ns; guard: who watches now, GUARD_NONE: nobody */
    KEEPER_FAULT,    /* fault, error; everything is released, and the keeper has ended */
};

enum keeper_fault {
    FAULT_PRESS_WRITE,   /* error */
    FAULT_RELEASE_WRITE, /* error; after several attempts */
    FAULT_CHIP_GONE,     /* noticed while nothing was written */
    FAULT_ESTOP_GONE,    /* the e-stop cannot be read any more */
    FAULT_SILENCE,       /* this process was not heard */
    FAULT_LIMIT,         /* a line was active for its max_on_ns */
    FAULT_NONSENSE,      /* it was sent what is no message */
    FAULT_TERMINATED,    /* SIGTERM */
    FAULT_DIED,          /* error: its wait status */
    FAULT_HUNG,          /* it did not release in time, and was killed */
};

struct keeper_report {
    enum keeper_report_kind kind;
    enum keeper_fault fault;
    enum guard_kind guard;
    uint32_t press;
    uint32_t mask;
    int error;
    bool early;
    bool unsafe; /* KEEPER_FAULT: nobody could make the lines inactive */
    int64_t at_ns;
    int64_t until_ns;
};

struct keeper;

/* Fork it and wait until it has the lines. NULL after an error. */
struct keeper *keeper_start(struct diags *diags, const struct keeper_config *config);
struct keeper_powers keeper_powers(const struct keeper *keeper);

/* 0, or -1 with errno: EBUSY, EINVAL (mask, length, interlock, more than a day ahead), ERANGE
 * (beyond max_on_ns), ECANCELED (e-stop), EPIPE (it is gone). Never blocks. */
int keeper_press(struct keeper *keeper, const struct press_order *order);
/* Release, now. Idempotent, never blocks. */
void keeper_release(struct keeper *keeper);
/* Heartbeat. At least every heartbeat_ns / 2 while a press is ordered or in progress. */
void keeper_beat(struct keeper *keeper);

int keeper_fd(const struct keeper *keeper); /* polls POLLIN or POLLHUP; -1: it is gone */
/* Call keeper_read by then, readable or not: an answer is due. INT64_MAX: none is. */
int64_t keeper_due_ns(const struct keeper *keeper);
/* Next report, false when there is none. Does not block but after its death, shortly. */
bool keeper_read(struct keeper *keeper, struct keeper_report *report);

/* Release everything, end it, free. NULL is fine. */
void keeper_stop(struct keeper *keeper);

#endif
