/*
 * The keeper's own process, from the fork to _exit. Once it has reported that it is ready, it
 * allocates nothing, prints nothing, and waits only for its deadlines and its parent.
 */
#include "hardware/guard/apart.h"
#include "hardware/guard/guard_link.h"
#include "hardware/keeper/keeper_protocol.h"
#include "rig/base/clock.h"
#include "rig/base/least.h"
#include "rig/base/units.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
    RELEASE_ATTEMPTS = 5,
    POLLED_MAX = 5 + KEEPER_FDS_MAX,
};

/* Listening for messages ends this long before a deadline, and what follows is for it alone. Longer
 * busy-waits than that listen, too, until then. */
#define LAST_STRETCH_NS (300 * NS_PER_US)
/* This long before a deadline a guard that is gone is not looked for. */
#define GUARD_ROOM_NS (5 * NS_PER_MS)
/* An e-stop counts once it is active and quiet for so long, or not quiet for so long. */
#define ESTOP_QUIET_NS    (5 * NS_PER_MS)
#define ESTOP_RESTLESS_NS (20 * NS_PER_MS)

enum state { IDLE, ORDERED, ACTIVE };

struct process {
    const struct keeper_config *config;
    struct guard_link link;
    void *lines;
    int socket;
    int timer;
    struct pollfd polled[POLLED_MAX]; /* socket, timer, signals, e-stop, guard, then chips */
    nfds_t polled_count;
    enum state state;
    struct press_order order;
    uint32_t active;
    int64_t since_ns[BENCH_ACTUATORS_MAX]; /* of the active ones */
    int64_t release_ns;
    int64_t heard_ns;
    bool estop_moving;
    int64_t estop_first_ns;
    int64_t estop_last_ns;
    bool estopped;
};

enum { POLL_SOCKET, POLL_TIMER, POLL_SIGNAL, POLL_ESTOP, POLL_GUARD, POLL_CHIPS };

static struct timespec timespec_of(int64_t time_ns)
{
    return (struct timespec){.tv_sec = time_ns / NS_PER_S, .tv_nsec = time_ns % NS_PER_S};
}

int keeper_check_order(const struct keeper_config *config, const struct press_order *order,
                       int64_t now_ns)
{
    uint32_t all = (UINT32_C(1) << config->line_count) - 1;
    uint32_t locked = order->mask & config->interlock;

    if (order->mask == 0 || (order->mask & ~all) != 0 || order->energise_ns <= 0 ||
        order->press_ns > now_ns + DURATION_MAX_NS || (locked & (locked - 1)) != 0) {
        return EINVAL;
    }
    for (unsigned i = 0; i < config->line_count; i++) {
        if ((order->mask >> i & 1) && order->energise_ns > config->max_on_ns[i]) {
            return ERANGE;
        }
    }
    return 0;
}

/* ---- telling -----------------------------------------------------------------------------------
 */

/* If the parent does not read, reports are dropped: the keeper never waits for it. */
static void report(const struct process *process, const struct keeper_report *told)
{
    struct keeper_answer answer;
    memset(&answer, 0, sizeof(answer));
    answer.kind = ANSWER_REPORT;
    answer.report = *told;
    send(process->socket, &answer, sizeof(answer), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void refuse(const struct process *process, uint32_t press, int error)
{
    report(process,
           &(struct keeper_report){
               .kind = KEEPER_REFUSED, .press = press, .error = error, .at_ns = clock_mono_ns()});
}

static _Noreturn void leave(struct process *process)
{
    process->config->ops->close(process->lines);
    /* Only now: had it been killed before, its lines might have been active. */
    guard_link_done(&process->link);
    _exit(0);
}

static _Noreturn void fault(struct process *process, enum keeper_fault what, int error)
{
    report(process, &(struct keeper_report){.kind = KEEPER_FAULT,
                                            .fault = what,
                                            .press = process->order.press,
                                            .mask = process->order.mask,
                                            .error = error,
                                            .at_ns = clock_mono_ns()});
    leave(process);
}

/* ---- pressing ----------------------------------------------------------------------------------
 */

/* Make `mask` inactive, trying again when that fails. 0, or errno. */
static int write_release(struct process *process, uint32_t mask)
{
    static const struct timespec pause = {.tv_nsec = NS_PER_MS};
    int error = 0;
    for (int i = 0; i < RELEASE_ATTEMPTS; i++) {
        if (process->config->ops->set(process->lines, mask, false) == 0) {
            return 0;
        }
        error = errno;
        nanosleep(&pause, NULL);
    }
    return error;
}

/* End the press that is ordered or going on. Ends the keeper when the lines do not obey. */
static void let_go(struct process *process, bool early)
{
    if (process->state == IDLE && process->active == 0) {
        return;
    }
    struct keeper_report told = {.kind = KEEPER_RELEASED,
                                 .press = process->order.press,
                                 .mask = process->active,
                                 .early = early};
    told.at_ns = clock_mono_ns();
    int error = process->active ? write_release(process, process->active) : 0;
    told.until_ns = clock_mono_ns();
    if (error) {
        fault(process, FAULT_RELEASE_WRITE, error);
    }
    process->active = 0;
    process->state = IDLE;
    guard_link_disarm(&process->link);
    report(process, &told);
}

static void press(struct process *process)
{
    const struct press_order *order = &process->order;
    struct keeper_report told = {
        .kind = KEEPER_PRESSED, .press = order->press, .mask = order->mask};

    process->state = ACTIVE;
    process->active = order->mask;
    told.at_ns = clock_mono_ns();
    int error = process->config->ops->set(process->lines, order->mask, true) == 0 ? 0 : errno;
    told.until_ns = clock_mono_ns();
    process->release_ns = told.at_ns + order->energise_ns;
    for (unsigned i = 0; i < process->config->line_count; i++) {
        process->since_ns[i] = told.at_ns;
    }
    if (error) {
        int release_error = write_release(process, order->mask);
        fault(process, release_error ? FAULT_RELEASE_WRITE : FAULT_PRESS_WRITE, error);
    }
    report(process, &told);
}

/* Sleep, then if the bench asks for it spin, to the deadline. False when a message came first. */
static bool last_stretch(struct process *process, int64_t deadline_ns)
{
    int64_t spin_ns = process->config->spin_ns;
    struct timespec until = timespec_of(deadline_ns - spin_ns);
    int64_t now_ns = clock_mono_ns();

    if (now_ns < deadline_ns - spin_ns) {
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
        }
    }
    while ((now_ns = clock_mono_ns()) < deadline_ns) {
        static const struct timespec at_once = {0};
        if (deadline_ns - now_ns > LAST_STRETCH_NS &&
            ppoll(process->polled, process->polled_count, &at_once, NULL) > 0) {
            return false;
        }
    }
    return true;
}

/* ---- listening ---------------------------------------------------------------------------------
 */

static void take_order(struct process *process, const struct press_order *order)
{
    int64_t now_ns = clock_mono_ns();
    int error = process->estopped        ? ECANCELED
                : process->state != IDLE ? EBUSY
                                         : keeper_check_order(process->config, order, now_ns);
    if (error) {
        refuse(process, order->press, error);
        return;
    }
    process->order = *order;
    if (process->order.press_ns < now_ns) {
        process->order.press_ns = now_ns;
    }
    process->state = ORDERED;
    guard_link_arm(&process->link, process->order.press_ns + order->energise_ns);
}

static void read_messages(struct process *process)
{
    for (;;) {
        struct keeper_message message;
        int fd;
        ssize_t length = keeper_receive_with(process->socket, &message, sizeof(message),
                                             MSG_DONTWAIT | MSG_TRUNC, &fd);
        if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (length <= 0) {
            let_go(process, true);
            leave(process);
        }
        if (length != sizeof(message) || message.magic != KEEPER_MAGIC) {
            let_go(process, true);
            fault(process, FAULT_NONSENSE, 0);
        }
        process->heard_ns = clock_mono_ns();
        if (process->state != IDLE) {
            guard_beat(&process->link.guard);
        }
        switch (message.word) {
        case KEEPER_ORDER:
            take_order(process, &message.order);
            break;
        case KEEPER_RELEASE:
            let_go(process, true);
            break;
        case KEEPER_BEAT:
            break;
        case KEEPER_NEXT_GUARD:
            guard_link_offer(&process->link, &(struct guard){.kind = message.guard, .socket = fd},
                             process->heard_ns);
            break;
        case KEEPER_STOP:
            let_go(process, true);
            leave(process);
        default:
            let_go(process, true);
            fault(process, FAULT_NONSENSE, 0);
        }
    }
}

static void estop_trip(struct process *process)
{
    process->estopped = true;
    process->estop_moving = false;
    let_go(process, true);
    report(process, &(struct keeper_report){.kind = KEEPER_ESTOP, .at_ns = clock_mono_ns()});
}

/* A keeper that cannot read the e-stop must not press. */
static bool estop_active(struct process *process)
{
    int level = process->config->ops->estop_level(process->lines);
    if (level < 0) {
        let_go(process, true);
        fault(process, FAULT_ESTOP_GONE, 0);
    }
    return level == 1;
}

/* The e-stop's line has moved, or has been quiet for a while after that. A wire that does not come
 * to rest counts as pressed. */
static void estop_look(struct process *process, bool moved, int64_t now_ns)
{
    if (moved) {
        estop_active(process);
        if (process->estopped) {
            return;
        }
        if (!process->estop_moving) {
            process->estop_moving = true;
            process->estop_first_ns = now_ns;
        }
        process->estop_last_ns = now_ns;
    }
    if (process->estop_moving && now_ns - process->estop_first_ns >= ESTOP_RESTLESS_NS) {
        estop_trip(process);
    } else if (process->estop_moving && now_ns - process->estop_last_ns >= ESTOP_QUIET_NS) {
        if (estop_active(process)) {
            estop_trip(process);
        } else {
            process->estop_moving = false;
        }
    }
}

/* The parent speaks to the guard, too, should this process be killed: it gets the connection. */
static void report_guard(const struct process *process)
{
    const struct guard *guard = &process->link.guard;
    struct keeper_answer answer;
    memset(&answer, 0, sizeof(answer));
    answer.kind = ANSWER_REPORT;
    answer.report.kind = KEEPER_GUARD;
    answer.report.guard = guard->kind;
    answer.report.at_ns = clock_mono_ns();
    keeper_send_with(process->socket, &answer, sizeof(answer), guard->socket);
}

static void look_for_guard(struct process *process, bool readable)
{
    enum guard_news news = guard_link_tend(&process->link, readable, clock_mono_ns());

    if (news != GUARD_NO_NEWS) {
        report_guard(process);
    }
}

static void wait_until(struct process *process, int64_t wake_ns)
{
    struct itimerspec alarm = {.it_interval = {0}};

    if (wake_ns != INT64_MAX) {
        alarm.it_value = timespec_of(wake_ns > 0 ? wake_ns : 1);
    }
    timerfd_settime(process->timer, TFD_TIMER_ABSTIME, &alarm, NULL);
    if (ppoll(process->polled, process->polled_count, NULL, NULL) <= 0) {
        return;
    }
    if (process->polled[POLL_SOCKET].revents & (POLLHUP | POLLERR)) {
        /* Orders left behind by a dead parent are ignored. */
        let_go(process, true);
        leave(process);
    }
    if (process->polled[POLL_SIGNAL].revents) {
        let_go(process, true);
        fault(process, FAULT_TERMINATED, 0);
    }
    for (nfds_t i = POLL_CHIPS; i < process->polled_count; i++) {
        if (process->polled[i].revents & (POLLHUP | POLLERR | POLLNVAL)) {
            /* Those of its lines that are on other chips still obey. */
            process->config->ops->set(process->lines, UINT32_MAX, false);
            fault(process, FAULT_CHIP_GONE, ENODEV);
        }
    }
    if (process->polled[POLL_ESTOP].revents) {
        estop_look(process, true, clock_mono_ns());
    }
    if (process->polled[POLL_SOCKET].revents) {
        read_messages(process);
    }
    if (process->polled[POLL_GUARD].revents) {
        look_for_guard(process, true);
    }
}

/* ---- the loop ----------------------------------------------------------------------------------
 */

/* When the first of the active lines reaches its hard limit, whatever was ordered. */
static int64_t limit_ns(const struct process *process)
{
    int64_t limit = INT64_MAX;
    for (unsigned i = 0; i < process->config->line_count; i++) {
        if (process->active >> i & 1) {
            limit = least(limit, process->since_ns[i] + process->config->max_on_ns[i]);
        }
    }
    return limit;
}

static _Noreturn void keep(struct process *process)
{
    int64_t spin_ns = process->config->spin_ns;
    int64_t lead_ns = spin_ns + LAST_STRETCH_NS;

    for (;;) {
        int64_t now_ns = clock_mono_ns();
        int64_t deadline_ns = process->state == ORDERED  ? process->order.press_ns
                              : process->state == ACTIVE ? process->release_ns
                                                         : INT64_MAX;
        int64_t silence_ns =
            process->state == IDLE ? INT64_MAX : process->heard_ns + process->config->heartbeat_ns;

        if (process->state == ACTIVE && now_ns >= deadline_ns) {
            let_go(process, false);
            continue;
        }
        if (now_ns >= limit_ns(process)) {
            let_go(process, true);
            fault(process, FAULT_LIMIT, 0);
        }
        if (now_ns >= silence_ns) {
            let_go(process, true);
            fault(process, FAULT_SILENCE, 0);
        }
        estop_look(process, false, now_ns);
        bool room = deadline_ns - lead_ns - now_ns > GUARD_ROOM_NS;
        if (room && now_ns >= guard_link_due_ns(&process->link)) {
            look_for_guard(process, false);
        }
        process->polled[POLL_GUARD].fd = room ? guard_link_fd(&process->link) : -1;
        if (process->state != IDLE && now_ns >= deadline_ns - lead_ns &&
            last_stretch(process, deadline_ns)) {
            if (process->state == ORDERED) {
                press(process);
            } else {
                let_go(process, false);
            }
            continue;
        }
        int64_t wake_ns = least(least(silence_ns, limit_ns(process)),
                                process->state == IDLE ? INT64_MAX : deadline_ns - lead_ns);
        if (room) {
            wake_ns = least(wake_ns, guard_link_due_ns(&process->link));
        }
        if (process->estop_moving) {
            wake_ns = least(wake_ns, process->estop_last_ns + ESTOP_QUIET_NS);
        }
        wait_until(process, wake_ns);
    }
}

/* ---- beginning ---------------------------------------------------------------------------------
 */

/* All signals stay pending for ever, but SIGTERM, which is read like a message, and those that
 * cannot be blocked. A session of its own: Ctrl-C and Ctrl-Z of the terminal are not for it. */
static int take_signals(void)
{
    sigset_t set;

    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    setsid();
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Whatever makes presses punctual, as far as it is granted. */
static struct keeper_powers take_powers(const struct keeper_config *config)
{
    struct keeper_powers powers = {.pid = getpid()};
    struct sched_param param = {.sched_priority = config->realtime_priority};

    apart_spare_from_oom();
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    powers.memory_locked = apart_lock_memory();
    if (config->realtime_priority > 0 && sched_setscheduler(0, SCHED_FIFO, &param) == 0) {
        powers.realtime_priority = config->realtime_priority;
    }
    return powers;
}

static void tell_diags(int socket, const struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];
        struct keeper_diag told;
        memset(&told, 0, sizeof(told));
        told.kind = ANSWER_DIAG;
        told.level = diag->level;
        told.line = diag->line;
        told.column = diag->column;
        snprintf(told.where, sizeof(told.where), "%s", diag->where);
        snprintf(told.what, sizeof(told.what), "%s", diag->what);
        snprintf(told.todo, sizeof(told.todo), "%s", diag->todo ? diag->todo : "");
        send(socket, &told, sizeof(told), MSG_NOSIGNAL);
    }
}

static _Noreturn void give_up(struct process *process, struct diags *diags)
{
    struct keeper_answer answer;
    memset(&answer, 0, sizeof(answer));
    answer.kind = ANSWER_FAILED;
    tell_diags(process->socket, diags);
    send(process->socket, &answer, sizeof(answer), MSG_NOSIGNAL);
    diags_clear(diags);
    if (process->lines) {
        process->config->ops->close(process->lines);
    }
    guard_link_done(&process->link);
    _exit(1);
}

static void poll_for(struct process *process, int fd, short events)
{
    process->polled[process->polled_count++] = (struct pollfd){.fd = fd, .events = events};
}

static void listen_to(struct process *process, int signals, struct diags *diags)
{
    const struct keeper_lines_ops *ops = process->config->ops;
    int chips[KEEPER_FDS_MAX];
    size_t chip_count = ops->fds ? ops->fds(process->lines, chips) : 0;
    int estop = ops->estop_fd ? ops->estop_fd(process->lines) : -1;

    process->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (signals < 0 || process->timer < 0) {
        diag_error(diags, place_of("keeper"), NULL,
                   "cannot create a timer or signal descriptor: %s", strerror(errno));
        give_up(process, diags);
    }
    if (estop >= 0 && ops->estop_level(process->lines) != 0) {
        diag_error(diags, place_of("e-stop"), "unlock it, then run the command again",
                   "the e-stop is active");
        give_up(process, diags);
    }
    poll_for(process, process->socket, POLLIN);
    poll_for(process, process->timer, POLLIN);
    poll_for(process, signals, POLLIN);
    poll_for(process, estop, POLLIN);
    poll_for(process, -1, POLLIN);
    for (size_t i = 0; i < chip_count; i++) {
        poll_for(process, chips[i], 0);
    }
}

_Noreturn void keeper_process(const struct keeper_config *config, int socket,
                              const struct guard *guard)
{
    struct process process = {.config = config, .socket = socket};
    struct guard watching = *guard;
    int *kept[] = {&process.socket, &watching.socket};
    struct diags diags = DIAGS_INIT;
    struct keeper_answer answer;

    apart_close_inherited(kept, 2);
    int signals = take_signals();
    prctl(PR_SET_NAME, "longpress-keep", 0UL, 0UL, 0UL);
    /* One more reason to end, not the one that is relied upon: the socket closes anyway. */
    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGTERM, 0UL, 0UL, 0UL);
    /* Before the lines are: the guard may still hold them, for one that was killed. */
    if (config->guard && guard_watch(&watching, config->guard) != 0) {
        watching = GUARD_INIT;
    }
    process.link = guard_link_of(&watching, config->guard);
    process.lines = config->ops->open(config->context, &diags);
    if (!process.lines) {
        give_up(&process, &diags);
    }
    listen_to(&process, signals, &diags);
    tell_diags(process.socket, &diags);
    diags_clear(&diags);

    memset(&answer, 0, sizeof(answer));
    answer.kind = ANSWER_READY;
    answer.powers = take_powers(config);
    answer.powers.guard = watching.kind;
    send(process.socket, &answer, sizeof(answer), MSG_NOSIGNAL);
    keep(&process);
}
