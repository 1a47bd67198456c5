/*
 * Any messages to the keeper, at any time: no line is active longer than its max_on, nor beyond the
 * keeper's end, nor two that are interlocked.
 *
 * Input: records. A byte says what: 0 any message (a byte: its length, then its bytes), 1 an order
 * (a byte each: mask, when, how long; in 4 ms), 2 a well-formed other word (a byte), 3 time passes
 * (a byte, in 10 ms), 4 the e-stop changes, 5 the next so many writes fail (a byte).
 */
#include <poll.h>
#include <setjmp.h>
#include <stdint.h>
#include <time.h>

struct itimerspec;

static int fake_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *left);
static int fake_sleep(const struct timespec *length);
static int fake_sleep_until(const struct timespec *until);
static int fake_alarm(const struct itimerspec *alarm);
static _Noreturn void fake_exit(void);

#include <signal.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define clock_mono_ns                                fake_mono_ns
#define ppoll(fds, count, left, mask)                fake_ppoll(fds, count, left)
#define nanosleep(length, left)                      fake_sleep(length)
#define clock_nanosleep(clock, flags, until, left)   fake_sleep_until(until)
#define timerfd_settime(timer, flags, alarm, before) fake_alarm(alarm)
#define _exit(status)                                fake_exit()
/* The process itself, with its statics. NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "hardware/keeper/keeper_process.c"
#undef _exit
#undef ppoll

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>

enum { LINES = 4 };
#define MAX_ON_NS (400 * NS_PER_MS)

static struct {
    const uint8_t *data;
    size_t left;
    int64_t clock_ns;
    int64_t alarm_ns; /* INT64_MAX: none */
    int64_t pass_ns;  /* still to pass */
    int to_keeper;
    int estop[2];
    int level;
    int failing;
    uint32_t active;
    int64_t since_ns;
    jmp_buf out;
} world;

static uint8_t next(void)
{
    if (world.left == 0) {
        return 0;
    }
    world.left--;
    return *world.data++;
}

int64_t fake_mono_ns(void)
{
    /* Time passes as it is asked for, or nobody would come to the end of a busy wait. */
    world.clock_ns += 1000;
    return world.clock_ns;
}

static int64_t ns_of(const struct timespec *time)
{
    return (int64_t)time->tv_sec * NS_PER_S + time->tv_nsec;
}

static int fake_sleep(const struct timespec *length)
{
    world.clock_ns += ns_of(length);
    return 0;
}

static int fake_sleep_until(const struct timespec *until)
{
    world.clock_ns = ns_of(until) > world.clock_ns ? ns_of(until) : world.clock_ns;
    return 0;
}

static int fake_alarm(const struct itimerspec *alarm)
{
    int64_t at_ns = ns_of(&alarm->it_value);
    world.alarm_ns = at_ns ? at_ns : INT64_MAX;
    return 0;
}

static _Noreturn void fake_exit(void)
{
    longjmp(world.out, 1);
}

static void send_bytes(const void *bytes, size_t length)
{
    send(world.to_keeper, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void record(void)
{
    struct keeper_message message = {.magic = KEEPER_MAGIC};
    uint8_t bytes[255];
    size_t length;
    switch (next() % 6) {
    case 0:
        length = next();
        for (size_t i = 0; i < length; i++) {
            bytes[i] = next();
        }
        send_bytes(bytes, length ? length : 1);
        break;
    case 1:
        message.word = KEEPER_ORDER;
        message.order.press = 1;
        message.order.mask = next();
        message.order.press_ns = world.clock_ns + next() * 4 * NS_PER_MS;
        message.order.energise_ns = next() * 4 * NS_PER_MS;
        send_bytes(&message, sizeof(message));
        break;
    case 2:
        message.word = KEEPER_RELEASE + next() % 4;
        send_bytes(&message, sizeof(message));
        break;
    case 3:
        world.pass_ns += next() * 10 * NS_PER_MS;
        break;
    case 4:
        world.level = !world.level;
        if (write(world.estop[1], "", 1) != 1) {
            world.level = !world.level;
        }
        break;
    default:
        world.failing = next() % 8;
        break;
    }
}

static int fake_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *left)
{
    char heard[4096];
    while (recv(world.to_keeper, heard, sizeof(heard), MSG_DONTWAIT) > 0) {
    }
    for (;;) {
        int ready = poll(fds, count, 0);
        if (ready != 0 || left) {
            return ready;
        }
        if (world.alarm_ns <= world.clock_ns + world.pass_ns) {
            int64_t step_ns = world.alarm_ns - world.clock_ns;
            step_ns = step_ns > 0 ? step_ns : 0;
            world.clock_ns += step_ns;
            world.pass_ns -= step_ns;
            return 0;
        }
        world.clock_ns += world.pass_ns;
        world.pass_ns = 0;
        if (world.left > 0) {
            record();
        } else if (world.to_keeper >= 0) {
            close(world.to_keeper);
            world.to_keeper = -1;
        }
    }
}

static int fake_set(void *context, uint32_t mask, bool active)
{
    (void)context;
    if (world.failing > 0) {
        world.failing--;
        errno = EIO;
        return -1;
    }
    if (active) {
        assert(mask && mask < 1U << LINES && (mask & 9) != 9 && world.active == 0);
        world.since_ns = world.clock_ns;
        world.active |= mask;
        return 0;
    }
    /* As punctual as the clock here is fine. Writes that failed took their time. */
    assert(!(world.active & mask) || world.clock_ns - world.since_ns < MAX_ON_NS + 20 * NS_PER_MS);
    world.active &= ~mask;
    return 0;
}

static void fake_close(void *context)
{
    world.failing = 0;
    fake_set(context, UINT32_MAX, false);
}

static int fake_estop_fd(void *context)
{
    (void)context;
    return world.estop[0];
}

static int fake_estop_level(void *context)
{
    char bytes[64];
    (void)context;
    while (read(world.estop[0], bytes, sizeof(bytes)) > 0) {
    }
    return world.level;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct keeper_lines_ops ops = {.set = fake_set,
                                                .close = fake_close,
                                                .estop_fd = fake_estop_fd,
                                                .estop_level = fake_estop_level};
    static const struct keeper_config config = {
        .ops = &ops,
        .line_count = LINES,
        .max_on_ns = {MAX_ON_NS, MAX_ON_NS, MAX_ON_NS, MAX_ON_NS},
        .interlock = 9,
        .heartbeat_ns = 250 * NS_PER_MS,
        .spin_ns = NS_PER_MS};
    int sockets[2];
    static struct process process;

    memset(&world, 0, sizeof(world));
    world.data = data;
    world.left = size;
    world.clock_ns = NS_PER_S;
    world.alarm_ns = INT64_MAX;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0 ||
        pipe2(world.estop, O_NONBLOCK | O_CLOEXEC) != 0) {
        return 0;
    }
    world.to_keeper = sockets[0];
    process = (struct process){
        .config = &config, .socket = sockets[1], .link = guard_link_of(&GUARD_INIT, NULL)};
    if (setjmp(world.out) == 0) {
        struct diags diags = DIAGS_INIT;
        listen_to(&process, 0, &diags);
        process.polled[POLL_SIGNAL].fd = -1;
        keep(&process);
    }
    assert(world.active == 0);
    close(process.timer);
    close(sockets[1]);
    if (world.to_keeper >= 0) {
        close(world.to_keeper);
    }
    close(world.estop[0]);
    close(world.estop[1]);
    return 0;
}
