/*
 * Any bytes as what a keeper answers, before it is ready and after: told as errors or reports, and
 * every fault in words.
 *
 * Input: a byte (1: it is ready already), then messages: a byte for the kind (0: any bytes, a byte
 * for the length; 1: a report; 2: a diagnostic, both filled with what follows).
 */
#include <signal.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

/* Nobody is there to wait for or to kill. */
#define waitpid(pid, status, options) (*(status) = 9, (pid_t)(pid))
#define kill(pid, number)             ((void)(pid), (void)(number))
#define nanosleep(length, left)       ((void)(length))
/* The parent's side itself, with its statics. NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "hardware/keeper/keeper.c"
#undef waitpid
#undef kill

#include "hardware/station/station_internal.h"

#include <stdio.h>

struct bytes {
    const uint8_t *data;
    size_t left;
};

static void fill_from(struct bytes *input, void *out, size_t size)
{
    size_t length = size < input->left ? size : input->left;
    memset(out, 0, size);
    if (length > 0) {
        memcpy(out, input->data, length);
    }
    input->data += length;
    input->left -= length;
}

static void message(struct bytes *input, int to)
{
    uint8_t kind;
    uint8_t length = 0;
    union {
        struct keeper_answer answer;
        struct keeper_diag diag;
        uint8_t bytes[255];
    } sent;
    size_t size;

    fill_from(input, &kind, 1);
    switch (kind % 3) {
    case 0:
        fill_from(input, &length, 1);
        fill_from(input, sent.bytes, length);
        size = length ? length : 1;
        break;
    case 1:
        memset(&sent.answer, 0, sizeof(sent.answer));
        sent.answer.kind = ANSWER_READY + kind / 3 % 2;
        fill_from(input, &sent.answer.report, sizeof(sent.answer.report));
        size = sizeof(sent.answer);
        /* A bool of another value than two is what no program of ours writes. */
        memset(&sent.answer.report.early, kind >> 3 & 1, 1);
        memset(&sent.answer.report.unsafe, kind >> 4 & 1, 1);
        memset(&sent.answer.powers.memory_locked, kind >> 3 & 1, 1);
        break;
    default:
        memset(&sent.diag, 0, sizeof(sent.diag));
        sent.diag.kind = ANSWER_DIAG;
        fill_from(input, &sent.diag.level, sizeof(sent.diag) - sizeof(sent.diag.kind));
        size = sizeof(sent.diag);
        break;
    }
    send(to, &sent, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void *no_lines(void *context, struct diags *diags)
{
    (void)context;
    (void)diags;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct keeper_lines_ops ops = {.open = no_lines};
    static const struct station station = {.name = "A", .actuator_count = 4};
    static const struct station_port self = {.station = &station};
    struct bytes input = {.data = data, .left = size};
    struct diags diags = DIAGS_INIT;
    struct keeper_report report;
    uint8_t ready;
    int sockets[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
        return 0;
    }
    struct keeper keeper = {.config = {.ops = &ops, .line_count = 4},
                            .socket = sockets[0],
                            .pid = 1,
                            .guard = GUARD_INIT,
                            .busy = true,
                            .press = 1,
                            .due_ns = INT64_MAX};
    fill_from(&input, &ready, 1);
    while (input.left > 0) {
        message(&input, sockets[1]);
    }
    close(sockets[1]);
    if (ready & 1 || wait_ready(&diags, &keeper) == 0) {
        while (keeper_read(&keeper, &report)) {
            struct port_event event = {.kind = PORT_FAULT};
            if (report.kind == KEEPER_FAULT) {
                station_fault_texts(&self, &report, &event);
                assert(strlen(event.text) < sizeof(event.text));
            }
        }
    }
    if (keeper.socket >= 0) {
        close(keeper.socket);
    }
    diags_clear(&diags);
    return 0;
}
