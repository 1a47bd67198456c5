/*
 * The other end of the rig's system bus: it is the bus and, where the fuzzer says so, bluetoothd.
 * What is asked of the bus itself it answers; calls of bluetoothd's methods are kept for the
 * fuzzer.
 */
#ifndef LONGPRESS_TESTS_FUZZ_BLUEZ_PEER_H
#define LONGPRESS_TESTS_FUZZ_BLUEZ_PEER_H

#include "tests/fuzz/wire.h"

enum { PEER_CALLS_MAX = 64, PEER_IN_MAX = 65536 };

struct call_seen {
    uint32_t serial;
    uint32_t number; /* of all calls, from 1 */
    char member[32];
};

struct peer {
    int fd;          /* -1: nobody is connected */
    bool greeted;    /* the connection speaks D-Bus by now */
    uint32_t serial; /* of the peer's own messages */
    uint8_t in[PEER_IN_MAX];
    size_t in_size;
    struct call_seen calls[PEER_CALLS_MAX]; /* that wait for an answer, in order */
    size_t call_count;
    uint32_t calls_seen; /* of bluetoothd, over all connections */
    bool discovering;    /* so the rig was told, and it has not stopped it */
};

/* Once: from then on sd_bus_open_system comes here. */
void peer_listen(void);
/* Nobody is left at the other end, nor waiting to be. */
void peer_reset(struct peer *peer);
/* Take a connection and what came over it. True when something did. */
bool peer_read(struct peer *peer);
void peer_send_bytes(struct peer *peer, const void *bytes, size_t size, int fd);
/* `fd` goes with it; -1: none. */
void peer_send(struct peer *peer, struct wire_head head, const struct wire *body, int fd);
void peer_hang_up(struct peer *peer);

#endif
