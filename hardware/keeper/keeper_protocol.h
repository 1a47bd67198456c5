/*
 * Messages between the keeper and its parent, both the same program: SOCK_SEQPACKET, one struct a
 * message.
 */
#ifndef LONGPRESS_HARDWARE_KEEPER_PROTOCOL_H
#define LONGPRESS_HARDWARE_KEEPER_PROTOCOL_H

#include "hardware/keeper/keeper.h"

#include <stddef.h>
#include <sys/types.h>

#define KEEPER_MAGIC UINT32_C(0x6b656570)

enum keeper_word {
    KEEPER_ORDER = 1,
    KEEPER_RELEASE,
    KEEPER_BEAT,
    KEEPER_STOP,
    KEEPER_NEXT_GUARD, /* `guard`; comes with its descriptor */
};

/* To the keeper. */
struct keeper_message {
    uint32_t magic;
    uint32_t word; /* enum keeper_word */
    enum guard_kind guard;
    struct press_order order;
};

/* From the keeper. Until it is ready, diagnostics; after that, reports. */
enum keeper_answer_kind {
    ANSWER_DIAG = 1,
    ANSWER_FAILED, /* it failed; the errors were sent before */
    ANSWER_READY,
    ANSWER_REPORT,
};

struct keeper_answer {
    enum keeper_answer_kind kind;
    union {
        struct keeper_powers powers;
        struct keeper_report report;
    };
};

struct keeper_diag {
    enum keeper_answer_kind kind; /* ANSWER_DIAG */
    enum diag_level level;
    int line;
    int column;
    char where[DIAG_TEXT_MAX];
    char what[DIAG_TEXT_MAX];
    char todo[DIAG_TEXT_MAX];
};

/* One message, with a descriptor (-1: none) that is the receiver's from then on. Never waits. */
void keeper_send_with(int socket, void *message, size_t size, int fd);
/* As recvmsg(2). */
ssize_t keeper_receive_with(int socket, void *message, size_t size, int flags, int *fd);

/* 0, or why it is always refused: EINVAL, ERANGE. */
int keeper_check_order(const struct keeper_config *config, const struct press_order *order,
                       int64_t now_ns);

/* The keeper's own life, in the forked process. */
_Noreturn void keeper_process(const struct keeper_config *config, int socket,
                              const struct guard *guard);

#endif
