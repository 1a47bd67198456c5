/*
 * Messages between a keeper (or its parent) and the guard: SOCK_SEQPACKET, one struct a message.
 * The service accepts connections from anybody, so a message alone proves nothing:
 *  - the keeper is whoever the kernel says sent GUARD_WATCH (SCM_CREDENTIALS), and the process
 *    descriptor that came with it belongs to that very process: nobody can have another one killed;
 *  - chips come as open descriptors, so that nobody reaches lines that he could not open himself.
 */
#ifndef LONGPRESS_HARDWARE_GUARD_PROTOCOL_H
#define LONGPRESS_HARDWARE_GUARD_PROTOCOL_H

#include "hardware/guard/guard.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define GUARD_MAGIC UINT32_C(0x67756131)

enum guard_word {
    GUARD_HELLO = 1, /* are you there, and of my kind? */
    GUARD_WATCH,     /* heartbeat, lines; descriptors: keeper, parent, then the chips */
    GUARD_ARM,       /* a press is ordered, and over by due_ns */
    GUARD_BEAT,      /* the keeper is awake */
    GUARD_DISARM,    /* everything is released */
    GUARD_YIELD, /* the parent is about to request the lines: do not request them for GUARD_YIELD_NS
                  */
    GUARD_TAKEN, /* it has them: watch the parent instead of the keeper that is gone */
    GUARD_DONE,  /* stop watching and release all lines */
};

#define GUARD_YIELD_NS INT64_C(20000000)

/* To the guard. */
struct guard_message {
    uint32_t magic;
    uint32_t word; /* enum guard_word */
    int64_t due_ns;
    int64_t heartbeat_ns;
    uint32_t chip_count;
    uint32_t line_count;
    struct guard_line lines[GUARD_LINES_MAX];
};

/* From the guard, to GUARD_HELLO and GUARD_WATCH, and to what it refuses. */
struct guard_answer {
    uint32_t magic;
    uint32_t word; /* the one that is answered */
    int32_t error; /* errno; 0: it is done */
};

enum {
    GUARD_FD_KEEPER,
    GUARD_FD_PARENT,
    GUARD_FD_CHIPS,
    GUARD_FDS_MAX = GUARD_FD_CHIPS + GUARD_CHIPS_MAX,
};

/* The keeper's side, for who may not wait (hardware/guard/guard_link.h): a connection to the
 * service, which is greeted (-1: it is not there); GUARD_WATCH said (0, or -1); and what was
 * answered to that word, 0, or -1 with errno: what is wrong, EAGAIN where nothing has come yet. */
int guard_dial(void);
int guard_ask(int socket, const struct guard_wish *wish);
int guard_heard(int socket, enum guard_word word);

/* 0, or errno: is this a message that can be obeyed, with so many descriptors? */
int guard_check(const void *data, size_t length, size_t fd_count);

/* What the guard does to the world outside; so that tests can stand in for it. None of them
 * allocates. */
struct guard_ops {
    int64_t (*now)(void);
    /* The process a process descriptor is of; 0: it has ended; -1: it is none, or
     * none that can be seen from here. */
    pid_t (*pid_of)(int fd);
    int (*kill)(int pidfd);
    /* 0, or errno: a chip that has all these lines of number `chip`. */
    int (*check_chip)(int fd, uint32_t chip, const struct guard_message *message);
    /* The line as an inactive output, held by the descriptor returned; -1 with errno. */
    int (*take)(int chip, const struct guard_line *line);
};
extern const struct guard_ops guard_kernel_ops;

/* The guard's life. `listener`: accept there for ever, and hold lines until they are asked for
 * again; -1: only `socket` (with SO_PASSCRED) is listened to, until nobody has its other end.
 * Returns only then. */
void guard_process(const struct guard_ops *ops, int listener, int socket);

#endif
