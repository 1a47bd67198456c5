/* The program's side of the keeper: starting it, ordering presses, and handling its death. */
#include "hardware/keeper/keeper.h"

#include "hardware/keeper/keeper_protocol.h"
#include "rig/base/arena.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* To open the lines, and to end. */
#define START_NS (10 * NS_PER_S)
#define END_NS   (1 * NS_PER_S)
/* One that has said its last word has no longer than that to end: meanwhile other stations' keepers
 * may wait to be heard. */
#define BURY_NS (100 * NS_PER_MS)
/* An answer this late will never come. */
#define HUNG_NS (500 * NS_PER_MS)
/* And a guard that has not let go by then is one that holds them, inactive. */
#define MAKE_WAY_NS (50 * NS_PER_MS)

struct keeper {
    struct keeper_config config;
    struct keeper_powers powers;
    struct guard guard;
    pid_t pid;  /* 0: it has ended */
    int socket; /* -1: it is gone */
    bool busy;  /* a press is ordered or going on */
    bool estopped;
    uint32_t press;
    int64_t due_ns; /* its release must be reported by then; INT64_MAX: none is due */
    void *rescued;  /* the lines, taken from a dead keeper */
};

ssize_t keeper_receive_with(int socket, void *message, size_t size, int flags, int *fd)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = message, .iov_len = size};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof(control)};
    ssize_t length = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
    const struct cmsghdr *rights = length >= 0 ? CMSG_FIRSTHDR(&header) : NULL;

    *fd = -1;
    if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
        rights->cmsg_len == CMSG_LEN(sizeof(int))) {
        memcpy(fd, CMSG_DATA(rights), sizeof(*fd));
    }
    return length;
}

/* A keeper that ends with messages unread resets the connection, which is told once, before what it
 * said last. What comes with a message is its guard's. */
static ssize_t hear(struct keeper *keeper, void *message, size_t size, int flags)
{
    int fd;
    ssize_t length = keeper_receive_with(keeper->socket, message, size, flags, &fd);

    if (length < 0 && errno == ECONNRESET) {
        length = keeper_receive_with(keeper->socket, message, size, flags, &fd);
    }
    if (fd >= 0) {
        int error = errno;
        guard_close(&keeper->guard);
        keeper->guard = (struct guard){.kind = GUARD_SERVICE, .socket = fd};
        errno = error;
    }
    return length;
}

void keeper_send_with(int socket, void *message, size_t size, int fd)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = message, .iov_len = size};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

    memset(&control, 0, sizeof(control));
    if (fd >= 0) {
        header.msg_control = &control;
        header.msg_controllen = sizeof(control);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
    }
    sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ---- starting ----------------------------------------------------------------------------------
 */

static int failed(struct diags *diags, const char *what)
{
    return diag_error(diags, place_of("keeper"), NULL, "%s: %s", what, strerror(errno));
}

/* Wait for `pid` to end, `patience_ns` at most, then kill it. Returns its wait status. */
static int end_process(pid_t pid, int64_t patience_ns)
{
    static const struct timespec pause = {.tv_nsec = NS_PER_MS};
    int64_t end_ns = clock_mono_ns() + patience_ns;
    int status = 0;
    pid_t ended;

    while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && clock_mono_ns() < end_ns) {
        nanosleep(&pause, NULL);
    }
    if (ended == 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    return status;
}

static void take_diag(struct diags *diags, struct keeper_diag *told)
{
    told->where[sizeof(told->where) - 1] = '\0';
    told->what[sizeof(told->what) - 1] = '\0';
    told->todo[sizeof(told->todo) - 1] = '\0';
    struct place place = {.file = told->where, .line = told->line, .column = told->column};
    const char *todo = told->todo[0] ? told->todo : NULL;
    if (told->level == DIAG_WARNING) {
        diag_warning(diags, place, todo, "%s", told->what);
    } else {
        diag_error(diags, place, todo, "%s", told->what);
    }
}

/* Hear the keeper out until it is ready. 0, or -1 after an error. */
static int wait_ready(struct diags *diags, struct keeper *keeper)
{
    int64_t end_ns = clock_mono_ns() + START_NS;
    union {
        struct keeper_answer answer;
        struct keeper_diag diag;
    } heard;

    for (;;) {
        struct pollfd polled = {.fd = keeper->socket, .events = POLLIN};
        int64_t left_ns = end_ns - clock_mono_ns();
        int ready = poll(&polled, 1, left_ns > 0 ? (int)(left_ns / NS_PER_MS) : 0);
        if (ready == 0) {
            return diag_error(diags, place_of("keeper"), NULL,
                              "the keeper process was not ready in time");
        }
        if (ready < 0) {
            if (errno == EINTR) {
                continue;
            }
            return failed(diags, "cannot wait for the keeper process");
        }
        ssize_t length = hear(keeper, &heard, sizeof(heard), 0);
        if (length == sizeof(heard.diag) && heard.diag.kind == ANSWER_DIAG) {
            take_diag(diags, &heard.diag);
        } else if (length == sizeof(heard.answer) && heard.answer.kind == ANSWER_READY) {
            keeper->powers = heard.answer.powers;
            return 0;
        } else if (length == sizeof(heard.answer) && heard.answer.kind == ANSWER_FAILED) {
            return -1;
        } else {
            return diag_error(diags, place_of("keeper"), NULL,
                              "the keeper process ended before it was ready");
        }
    }
}

struct keeper *keeper_start(struct diags *diags, const struct keeper_config *config)
{
    int sockets[2];

    assert(config->line_count > 0 && config->line_count <= BENCH_ACTUATORS_MAX);
    assert(config->heartbeat_ns > 0);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
        failed(diags, "no socket to the keeper process");
        return NULL;
    }
    struct keeper *keeper = xrealloc_array(NULL, 1, sizeof(*keeper));
    *keeper = (struct keeper){
        .config = *config, .socket = sockets[0], .due_ns = INT64_MAX, .guard = GUARD_INIT};
    if (config->guard) {
        keeper->guard = guard_find();
    }
    keeper->pid = fork();
    if (keeper->pid == 0) {
        keeper_process(&keeper->config, sockets[1], &keeper->guard);
    }
    close(sockets[1]);
    if (keeper->pid < 0) {
        failed(diags, "no keeper process");
        keeper->pid = 0;
    } else if (wait_ready(diags, keeper) == 0) {
        return keeper;
    }
    keeper_stop(keeper);
    return NULL;
}

struct keeper_powers keeper_powers(const struct keeper *keeper)
{
    return keeper->powers;
}

/* ---- ordering ----------------------------------------------------------------------------------
 */

static int say(const struct keeper *keeper, enum keeper_word word, const struct press_order *order)
{
    struct keeper_message message;
    memset(&message, 0, sizeof(message));
    message.magic = KEEPER_MAGIC;
    message.word = word;
    if (order) {
        message.order = *order;
    }
    return send(keeper->socket, &message, sizeof(message), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1
                                                                                            : 0;
}

int keeper_press(struct keeper *keeper, const struct press_order *order)
{
    int64_t now_ns = clock_mono_ns();
    int error = keeper->socket < 0 ? EPIPE
                : keeper->estopped ? ECANCELED
                : keeper->busy     ? EBUSY
                                   : keeper_check_order(&keeper->config, order, now_ns);
    if (error) {
        errno = error;
        return -1;
    }
    if (say(keeper, KEEPER_ORDER, order) != 0) {
        errno = EPIPE;
        return -1;
    }
    keeper->busy = true;
    keeper->press = order->press;
    keeper->due_ns =
        (order->press_ns > now_ns ? order->press_ns : now_ns) + order->energise_ns + HUNG_NS;
    return 0;
}

void keeper_release(struct keeper *keeper)
{
    if (keeper->socket >= 0) {
        say(keeper, KEEPER_RELEASE, NULL);
        int64_t due_ns = clock_mono_ns() + HUNG_NS;
        if (keeper->busy && due_ns < keeper->due_ns) {
            keeper->due_ns = due_ns;
        }
    }
}

void keeper_beat(struct keeper *keeper)
{
    if (keeper->socket >= 0) {
        say(keeper, KEEPER_BEAT, NULL);
    }
}

/* ---- hearing -----------------------------------------------------------------------------------
 */

int keeper_fd(const struct keeper *keeper)
{
    return keeper->socket;
}

int64_t keeper_due_ns(const struct keeper *keeper)
{
    return keeper->socket < 0 ? INT64_MAX : keeper->due_ns;
}

/* The lines of a dead keeper may have kept their levels: take them, inactive. The guard has perhaps
 * been quicker, and lets go of them when told; should this process be killed meanwhile, it takes
 * them back. */
static void rescue(struct keeper *keeper)
{
    static const struct timespec pause = {.tv_nsec = NS_PER_MS};
    int64_t end_ns = clock_mono_ns() + (keeper->guard.kind == GUARD_NONE ? 0 : MAKE_WAY_NS);

    do {
        struct diags diags = DIAGS_INIT;
        guard_yield(&keeper->guard);
        keeper->rescued = keeper->config.ops->open(keeper->config.context, &diags);
        diags_clear(&diags);
        if (keeper->rescued) {
            guard_taken(&keeper->guard);
            return;
        }
        nanosleep(&pause, NULL);
    } while (clock_mono_ns() < end_ns);
}

/* It has ended, or is ending. */
static void bury(struct keeper *keeper, struct keeper_report *report)
{
    int status = end_process(keeper->pid, BURY_NS);
    keeper->pid = 0;
    close(keeper->socket);
    keeper->socket = -1;
    keeper->busy = false;
    if (report->fault == FAULT_DIED) {
        report->error = status;
    }
    rescue(keeper);
    report->unsafe = keeper->rescued == NULL;
}

/* The keeper is gone without a word, or as good as. */
static bool lost(struct keeper *keeper, enum keeper_fault fault, struct keeper_report *report)
{
    *report = (struct keeper_report){.kind = KEEPER_FAULT,
                                     .fault = fault,
                                     .press = keeper->busy ? keeper->press : 0,
                                     .at_ns = clock_mono_ns()};
    bury(keeper, report);
    return true;
}

/* A guard of its own that has ended is not started again by anybody else. */
static void offer_guard(struct keeper *keeper)
{
    struct keeper_message message;
    struct guard next = guard_find();

    memset(&message, 0, sizeof(message));
    message.magic = KEEPER_MAGIC;
    message.word = KEEPER_NEXT_GUARD;
    message.guard = next.kind;
    if (next.socket >= 0) {
        keeper_send_with(keeper->socket, &message, sizeof(message), next.socket);
    }
    /* It comes back with the report that it watches. */
    guard_close(&next);
}

bool keeper_read(struct keeper *keeper, struct keeper_report *report)
{
    struct keeper_answer answer;

    if (keeper->socket < 0) {
        return false;
    }
    ssize_t length = hear(keeper, &answer, sizeof(answer), MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (clock_mono_ns() < keeper->due_ns) {
            return false;
        }
        kill(keeper->pid, SIGKILL);
        return lost(keeper, FAULT_HUNG, report);
    }
    if (length != sizeof(answer) || answer.kind != ANSWER_REPORT) {
        return lost(keeper, FAULT_DIED, report);
    }
    *report = answer.report;
    switch (report->kind) {
    case KEEPER_RELEASED:
    case KEEPER_REFUSED:
        if (report->press == keeper->press) {
            keeper->busy = false;
            keeper->due_ns = INT64_MAX;
        }
        break;
    case KEEPER_ESTOP:
        keeper->estopped = true;
        break;
    case KEEPER_GUARD:
        if (report->guard == GUARD_NONE && keeper->powers.guard == GUARD_CHILD) {
            offer_guard(keeper);
        }
        keeper->powers.guard = report->guard;
        break;
    case KEEPER_FAULT:
        bury(keeper, report);
        break;
    case KEEPER_PRESSED:
        break;
    }
    return true;
}

void keeper_stop(struct keeper *keeper)
{
    if (!keeper) {
        return;
    }
    if (keeper->pid > 0) {
        if (say(keeper, KEEPER_STOP, NULL) != 0) {
            kill(keeper->pid, SIGTERM);
        }
        int status = end_process(keeper->pid, END_NS);
        if (!WIFEXITED(status)) {
            rescue(keeper);
        }
    }
    if (keeper->rescued) {
        keeper->config.ops->close(keeper->rescued);
    }
    guard_done(&keeper->guard);
    guard_close(&keeper->guard);
    if (keeper->socket >= 0) {
        close(keeper->socket);
    }
    free(keeper);
}
