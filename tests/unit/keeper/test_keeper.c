/*
 * The real keeper process on lines that are a page of shared memory: what it writes is stamped
 * there, and stays there when it dies, as a level on a real chip may.
 */
#include "hardware/keeper/keeper.h"
#include "hardware/keeper/keeper_protocol.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { LOG_MAX = 4096 };

struct stamp {
    int64_t time_ns;
    uint32_t mask;
    bool active;
};

struct fake {
    _Atomic uint32_t level;
    _Atomic uint32_t writes;
    _Atomic int failing;    /* so many writes fail with EIO */
    _Atomic int open_error; /* that, when not 0 */
    _Atomic int estop;
    _Atomic int released_by; /* pid of the last write that made lines inactive */
    _Atomic int64_t beat_ns; /* just before the parent's last beat */
    char fifo[64];           /* "": there is no e-stop; else a byte comes out at each change */
    struct stamp log[LOG_MAX];
};

struct fake_lines {
    struct fake *fake;
    int fifo;
};

static struct fake *fake; /* in memory that is shared with the keepers */

static int fake_set(void *context, uint32_t mask, bool active)
{
    struct fake *to = ((struct fake_lines *)context)->fake;
    uint32_t at = atomic_fetch_add(&to->writes, 1);

    if (atomic_load(&to->failing) > 0) {
        atomic_fetch_sub(&to->failing, 1);
        errno = EIO;
        return -1;
    }
    if (at < LOG_MAX) {
        to->log[at] = (struct stamp){clock_mono_ns(), mask, active};
    }
    if (active) {
        atomic_fetch_or(&to->level, mask);
    } else {
        atomic_store(&to->released_by, getpid());
        atomic_fetch_and(&to->level, ~mask);
    }
    return 0;
}

static void *fake_open(void *context, struct diags *diags)
{
    struct fake *to = context;
    if (atomic_load(&to->open_error)) {
        diag_error(diags, place_of("fake0:1"), "stop that program", "line is in use by `test`");
        return NULL;
    }
    struct fake_lines *lines = calloc(1, sizeof(*lines));
    assert_non_null(lines);
    lines->fake = to;
    lines->fifo = to->fifo[0] ? open(to->fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
    atomic_store(&to->level, 0);
    return lines;
}

static void fake_close(void *context)
{
    struct fake_lines *lines = context;
    fake_set(lines, UINT32_MAX, false);
    if (lines->fifo >= 0) {
        close(lines->fifo);
    }
    free(lines);
}

static int fake_estop_fd(void *context)
{
    return ((struct fake_lines *)context)->fifo;
}

static int fake_estop_level(void *context)
{
    const struct fake_lines *lines = context;
    char bytes[64];
    while (read(lines->fifo, bytes, sizeof(bytes)) > 0) {
    }
    return atomic_load(&lines->fake->estop);
}

static const struct keeper_lines_ops fake_ops = {
    .open = fake_open,
    .set = fake_set,
    .close = fake_close,
    .estop_fd = fake_estop_fd,
    .estop_level = fake_estop_level,
};

static struct keeper_config config(void)
{
    return (struct keeper_config){
        .ops = &fake_ops,
        .context = fake,
        .line_count = 4,
        .max_on_ns = {3 * NS_PER_S, 3 * NS_PER_S, 200 * NS_PER_MS, 3 * NS_PER_S},
        .interlock = 0x9,
        .heartbeat_ns = 250 * NS_PER_MS,
        .realtime_priority = 50,
    };
}

static struct keeper *start_with(const struct keeper_config *with)
{
    struct diags diags = DIAGS_INIT;
    struct keeper *keeper = keeper_start(&diags, with);
    diags_print(&diags, stderr);
    diags_clear(&diags);
    assert_non_null(keeper);
    return keeper;
}

static struct keeper *start(void)
{
    struct keeper_config with = config();
    return start_with(&with);
}

static void sleep_ns(int64_t length_ns)
{
    struct timespec length = {.tv_sec = length_ns / NS_PER_S, .tv_nsec = length_ns % NS_PER_S};
    nanosleep(&length, NULL);
}

/* The next report, with heartbeats meanwhile. */
static struct keeper_report expect(struct keeper *keeper, enum keeper_report_kind kind)
{
    struct keeper_report report;
    int64_t end_ns = clock_mono_ns() + 10 * NS_PER_S;

    while (!keeper_read(keeper, &report)) {
        struct pollfd polled = {.fd = keeper_fd(keeper), .events = POLLIN};
        assert_true(clock_mono_ns() < end_ns);
        keeper_beat(keeper);
        poll(&polled, 1, 20);
    }
    if (report.kind != kind) {
        print_error("report %d (fault %d, error %d) instead of %d\n", report.kind, report.fault,
                    report.error, kind);
    }
    assert_int_equal(report.kind, kind);
    return report;
}

static struct press_order order_in(int64_t from_now_ns, int64_t energise_ns, uint32_t mask)
{
    static uint32_t number;
    return (struct press_order){.press = ++number,
                                .mask = mask,
                                .press_ns = clock_mono_ns() + from_now_ns,
                                .energise_ns = energise_ns};
}

static uint32_t level(void)
{
    return atomic_load(&fake->level);
}

static bool wait_level(uint32_t want, int64_t within_ns)
{
    int64_t end_ns = clock_mono_ns() + within_ns;
    while (level() != want) {
        if (clock_mono_ns() > end_ns) {
            return false;
        }
        sleep_ns(50 * NS_PER_US);
    }
    return true;
}

/* ---- a press -----------------------------------------------------------------------------------
 */

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void print_errors(const char *who, int64_t *errors, size_t count)
{
    size_t middle = count / 2;
    size_t late = count * 99 / 100;
    qsort(errors, count, sizeof(errors[0]), by_value);
    printf("note: %-42s n %3zu, median %6.1f us, p99 %7.1f us, max %7.1f us\n", who, count,
           (double)errors[middle] / 1e3, (double)errors[late] / 1e3,
           (double)errors[count - 1] / 1e3);
}

static void measure_keeper(const char *who, const struct keeper_config *with, size_t count)
{
    struct keeper *keeper = start_with(with);
    int64_t errors[400] = {0};
    int64_t hold_ns = 10 * NS_PER_MS;

    for (size_t i = 0; i < count; i++) {
        struct press_order order = order_in(3 * NS_PER_MS, hold_ns, 0x3);
        assert_int_equal(keeper_press(keeper, &order), 0);
        struct keeper_report pressed = expect(keeper, KEEPER_PRESSED);
        struct keeper_report released = expect(keeper, KEEPER_RELEASED);
        assert_int_equal(pressed.press, order.press);
        assert_int_equal(released.press, order.press);
        assert_int_equal(pressed.mask, 0x3);
        assert_int_equal(released.mask, 0x3);
        assert_false(released.early);
        assert_true(pressed.at_ns >= order.press_ns);
        assert_true(pressed.until_ns >= pressed.at_ns);
        /* Never shorter than ordered; longer by what a busy machine may add. */
        assert_true(released.at_ns >= pressed.at_ns + hold_ns);
        assert_true(released.until_ns < pressed.at_ns + hold_ns + NS_PER_S);
        /* What the keeper tells is what it did. */
        uint32_t writes = atomic_load(&fake->writes);
        const struct stamp *up = &fake->log[(writes - 1) % LOG_MAX];
        const struct stamp *down = &fake->log[(writes - 2) % LOG_MAX];
        assert_true(down->active && down->mask == 0x3);
        assert_true(!up->active && up->mask == 0x3);
        assert_true(down->time_ns >= pressed.at_ns && down->time_ns <= pressed.until_ns);
        assert_true(up->time_ns >= released.at_ns && up->time_ns <= released.until_ns);
        errors[i] = llabs(up->time_ns - down->time_ns - hold_ns);
        if (writes > LOG_MAX - 4) {
            atomic_store(&fake->writes, 0);
        }
    }
    print_errors(who, errors, count);
    keeper_stop(keeper);
}

static void measure_nanosleep(size_t count)
{
    struct fake_lines lines = {.fake = fake, .fifo = -1};
    int64_t errors[400] = {0};
    for (size_t i = 0; i < count; i++) {
        fake_set(&lines, 1, true);
        int64_t down_ns = clock_mono_ns();
        sleep_ns(10 * NS_PER_MS);
        fake_set(&lines, 1, false);
        errors[i] = llabs(clock_mono_ns() - down_ns - 10 * NS_PER_MS);
        sleep_ns(3 * NS_PER_MS);
    }
    print_errors("|error| of 10 ms, set, nanosleep, clear:", errors, count);
}

static void test_presses_are_exact(void **state)
{
    struct keeper_config with = config();
    size_t count = getenv("LONGPRESS_CASES") ? 20 : 200;
    (void)state;

    measure_keeper("|error| of 10 ms, keeper:", &with, count);
    with.spin_ns = 200 * NS_PER_US;
    measure_keeper("|error| of 10 ms, keeper, spin 200 us:", &with, count);
    with.spin_ns = 2 * NS_PER_MS;
    measure_keeper("|error| of 10 ms, keeper, spin 2 ms:", &with, count);
    measure_nanosleep(count);
}

static void test_past_order_presses_at_once(void **state)
{
    struct keeper *keeper = start();
    struct press_order orders[] = {order_in(-5 * NS_PER_S, 30 * NS_PER_MS, 0x1),
                                   order_in(-1, 30 * NS_PER_MS, 0x1),
                                   order_in(0, 30 * NS_PER_MS, 0x1)};
    (void)state;

    orders[2].press_ns = INT64_MIN;
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        int64_t asked_ns = clock_mono_ns();
        assert_int_equal(keeper_press(keeper, &orders[i]), 0);
        struct keeper_report pressed = expect(keeper, KEEPER_PRESSED);
        struct keeper_report released = expect(keeper, KEEPER_RELEASED);
        assert_true(pressed.at_ns >= asked_ns && pressed.at_ns < asked_ns + NS_PER_S);
        assert_true(released.at_ns >= pressed.at_ns + 30 * NS_PER_MS);
        assert_true(released.at_ns < pressed.at_ns + NS_PER_S);
    }
    keeper_stop(keeper);
}

static void test_release_early(void **state)
{
    struct keeper_config with = config();
    (void)state;

    for (int i = 0; i < 2; i++) {
        with.spin_ns = i == 0 ? 0 : 10 * NS_PER_MS;
        struct keeper *keeper = start_with(&with);
        struct press_order order = order_in(0, 2 * NS_PER_S, 0x2);
        assert_int_equal(keeper_press(keeper, &order), 0);
        expect(keeper, KEEPER_PRESSED);
        int64_t asked_ns = clock_mono_ns();
        keeper_release(keeper);
        keeper_release(keeper);
        struct keeper_report released = expect(keeper, KEEPER_RELEASED);
        assert_true(released.early);
        assert_int_equal(released.mask, 0x2);
        assert_true(released.at_ns < asked_ns + NS_PER_S);
        assert_int_equal(level(), 0);
        /* And it goes on. */
        order = order_in(0, 5 * NS_PER_MS, 0x2);
        assert_int_equal(keeper_press(keeper, &order), 0);
        expect(keeper, KEEPER_PRESSED);
        assert_false(expect(keeper, KEEPER_RELEASED).early);
        keeper_stop(keeper);
    }
}

static void test_release_before_press(void **state)
{
    struct keeper *keeper = start();
    (void)state;

    struct press_order order = order_in(2 * NS_PER_S, 100 * NS_PER_MS, 0x1);
    assert_int_equal(keeper_press(keeper, &order), 0);
    keeper_release(keeper);
    struct keeper_report released = expect(keeper, KEEPER_RELEASED);
    assert_int_equal(released.press, order.press);
    assert_int_equal(released.mask, 0);
    assert_true(released.early);
    assert_int_equal(atomic_load(&fake->writes), 0);
    keeper_stop(keeper);
}

/* ---- refused -----------------------------------------------------------------------------------
 */

static void assert_refused(struct keeper *keeper, const struct press_order *order, int error)
{
    errno = 0;
    assert_int_equal(keeper_press(keeper, order), -1);
    assert_int_equal(errno, error);
}

/* An order as a parent that has lost its mind might send it. */
static void send_raw(struct keeper *keeper, const struct press_order *order)
{
    struct keeper_message message = {.magic = KEEPER_MAGIC, .word = KEEPER_ORDER, .order = *order};
    assert_int_equal(send(keeper_fd(keeper), &message, sizeof(message), 0), sizeof(message));
}

static void test_refuses(void **state)
{
    struct keeper *keeper = start();
    (void)state;

    struct {
        struct press_order order;
        int error;
    } cases[] = {
        {order_in(0, NS_PER_MS, 0), EINVAL},
        {order_in(0, NS_PER_MS, 0x10), EINVAL},
        {order_in(0, NS_PER_MS, UINT32_MAX), EINVAL},
        {order_in(0, 0, 1), EINVAL},
        {order_in(0, -1, 1), EINVAL},
        {order_in(0, INT64_MIN, 1), EINVAL},
        {order_in(0, INT64_MAX, 1), ERANGE},
        {order_in(0, 3 * NS_PER_S + 1, 1), ERANGE},
        {order_in(0, 200 * NS_PER_MS + 1, 0x6), ERANGE}, /* the weakest of the chord counts */
        {order_in(0, NS_PER_MS, 0x9), EINVAL},           /* interlock */
        {order_in(INT64_C(25) * 3600 * NS_PER_S, NS_PER_MS, 1), EINVAL},
        {{.press = 1000, .mask = 1, .press_ns = INT64_MAX, .energise_ns = 1}, EINVAL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_refused(keeper, &cases[i].order, cases[i].error);
        /* The keeper does not rely on having been asked politely. */
        send_raw(keeper, &cases[i].order);
        struct keeper_report refused = expect(keeper, KEEPER_REFUSED);
        assert_int_equal(refused.press, cases[i].order.press);
        assert_int_equal(refused.error, cases[i].error);
    }
    struct press_order first = order_in(0, 100 * NS_PER_MS, 0x1);
    struct press_order second = order_in(0, NS_PER_MS, 0x2);
    assert_int_equal(keeper_press(keeper, &first), 0);
    expect(keeper, KEEPER_PRESSED);
    assert_refused(keeper, &second, EBUSY);
    send_raw(keeper, &second);
    assert_int_equal(expect(keeper, KEEPER_REFUSED).error, EBUSY);
    assert_int_equal(expect(keeper, KEEPER_RELEASED).press, first.press);
    /* One below the other on the limit is allowed. */
    struct press_order longest = order_in(0, 200 * NS_PER_MS, 0x4);
    assert_int_equal(keeper_press(keeper, &longest), 0);
    expect(keeper, KEEPER_PRESSED);
    assert_false(expect(keeper, KEEPER_RELEASED).early);
    keeper_stop(keeper);
    assert_int_equal(level(), 0);
}

static void test_start_fails_with_reason(void **state)
{
    struct keeper_config with = config();
    struct diags diags = DIAGS_INIT;
    (void)state;

    atomic_store(&fake->open_error, 1);
    assert_null(keeper_start(&diags, &with));
    assert_int_equal(diags.count, 1);
    assert_string_equal(diags.items[0].where, "fake0:1");
    assert_string_equal(diags.items[0].what, "line is in use by `test`");
    assert_string_equal(diags.items[0].todo, "stop that program");
    diags_clear(&diags);
}

/* ---- the parent comes to grief -----------------------------------------------------------------
 */

/* A parent of its own that presses for seconds; returns once the order is out. */
static pid_t fork_parent(int64_t lead_ns)
{
    int pipes[2];
    char byte;

    assert_int_equal(pipe(pipes), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        struct keeper *keeper = start();
        struct press_order order = order_in(lead_ns, 3 * NS_PER_S, 0x3);
        if (keeper_press(keeper, &order) != 0 || write(pipes[1], "x", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            atomic_store(&fake->beat_ns, clock_mono_ns());
            keeper_beat(keeper);
            sleep_ns(10 * NS_PER_MS);
        }
    }
    close(pipes[1]);
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    close(pipes[0]);
    return parent;
}

/* Wait until there is no child any more, and so no keeper. */
static void reap_all(void)
{
    int64_t end_ns = clock_mono_ns() + 60 * NS_PER_S;
    pid_t ended;
    while ((ended = waitpid(-1, NULL, WNOHANG)) >= 0) {
        assert_true(clock_mono_ns() < end_ns);
        if (ended == 0) {
            sleep_ns(100 * NS_PER_US);
        }
    }
}

static int64_t random_ns(int64_t below_ns)
{
    return (int64_t)((double)rand() / ((double)RAND_MAX + 1) * (double)below_ns);
}

static void test_parent_killed(void **state)
{
    enum { KILLS = 30 };
    int64_t latencies[KILLS] = {0};
    size_t down = 0;
    (void)state;

    for (size_t i = 0; i < KILLS; i++) {
        pid_t parent = fork_parent(5 * NS_PER_MS);
        sleep_ns(random_ns(15 * NS_PER_MS));
        int64_t killed_ns = clock_mono_ns();
        bool was_down = level() == 0x3;
        kill(parent, SIGKILL);
        /* All its children are ours now: the keeper has ended once there are none. */
        reap_all();
        assert_int_equal(level(), 0);
        int64_t latency_ns = clock_mono_ns() - killed_ns;
        assert_true(latency_ns < 2 * NS_PER_S);
        if (was_down) {
            uint32_t writes = atomic_load(&fake->writes);
            for (uint32_t w = 0; w < writes && w < LOG_MAX; w++) {
                if (!fake->log[w].active && fake->log[w].mask == 0x3) {
                    latency_ns = fake->log[w].time_ns - killed_ns;
                }
            }
            latencies[down++] = latency_ns;
        }
        atomic_store(&fake->writes, 0);
    }
    assert_true(down > 0);
    print_errors("parent killed to release:", latencies, down);
}

static void test_parent_stopped(void **state)
{
    enum { STOPS = 3 };
    int64_t latencies[STOPS];
    (void)state;

    for (size_t i = 0; i < STOPS; i++) {
        pid_t parent = fork_parent(0);
        assert_true(wait_level(0x3, 60 * NS_PER_S));
        sleep_ns(random_ns(20 * NS_PER_MS));
        kill(parent, SIGSTOP);
        int64_t stopped_ns = clock_mono_ns();
        bool was_down = level() == 0x3; /* else it had not got the processor for that long */
        assert_true(wait_level(0, 2 * NS_PER_S));
        int64_t now_ns = clock_mono_ns();
        latencies[i] = now_ns - stopped_ns;
        /* On a busy machine the last beat may be well before the stop. */
        assert_true(!was_down || now_ns - atomic_load(&fake->beat_ns) >= 250 * NS_PER_MS);
        kill(parent, SIGKILL);
        kill(parent, SIGCONT);
        reap_all();
    }
    print_errors("parent stopped to release (250 ms beat):", latencies, STOPS);
}

static void test_silence_is_told(void **state)
{
    struct keeper *keeper = start();
    (void)state;

    struct press_order order = order_in(0, 2 * NS_PER_S, 0x1);
    assert_int_equal(keeper_press(keeper, &order), 0);
    /* It has ended, however long that took on a busy machine. */
    struct pollfd polled = {.fd = keeper_fd(keeper)};
    assert_int_equal(poll(&polled, 1, 60 * 1000), 1);
    assert_true(polled.revents & POLLHUP);
    assert_int_equal(level(), 0);
    expect(keeper, KEEPER_PRESSED);
    assert_true(expect(keeper, KEEPER_RELEASED).early);
    struct keeper_report fault = expect(keeper, KEEPER_FAULT);
    assert_int_equal(fault.fault, FAULT_SILENCE);
    assert_false(fault.unsafe);
    assert_int_equal(keeper_fd(keeper), -1);
    assert_int_equal(keeper_press(keeper, &order), -1);
    assert_int_equal(errno, EPIPE);
    keeper_stop(keeper);
}

static void test_idle_needs_no_heartbeat(void **state)
{
    struct keeper *keeper = start();
    struct keeper_report report;
    (void)state;

    sleep_ns(600 * NS_PER_MS);
    assert_false(keeper_read(keeper, &report));
    struct press_order order = order_in(0, 5 * NS_PER_MS, 0x1);
    assert_int_equal(keeper_press(keeper, &order), 0);
    expect(keeper, KEEPER_PRESSED);
    expect(keeper, KEEPER_RELEASED);
    keeper_stop(keeper);
}

static void test_garbage(void **state)
{
    struct keeper_config with = config();
    unsigned seed = 20261124;
    (void)state;

    srand(seed);
    printf("seed %u\n", seed);
    for (int round = 0; round < 60; round++) {
        struct keeper *keeper = start_with(&with);
        bool dead = false;
        struct press_order order = order_in(0, 2 * NS_PER_S, 0x3);
        assert_int_equal(keeper_press(keeper, &order), 0);
        for (int i = 0; i < 20 && !dead; i++) {
            unsigned char bytes[200];
            size_t length = (size_t)rand() % sizeof(bytes);
            for (size_t b = 0; b < length; b++) {
                bytes[b] = (unsigned char)rand();
            }
            if (rand() % 2) { /* well-formed on the outside */
                struct keeper_message message;
                memcpy(&message, bytes, sizeof(message));
                message.magic = KEEPER_MAGIC;
                message.word = (uint32_t)rand() % 8;
                length = sizeof(message);
                memcpy(bytes, &message, length);
            }
            dead = send(keeper_fd(keeper), bytes, length, MSG_NOSIGNAL) < 0;
        }
        struct keeper_report report = {.kind = KEEPER_PRESSED};
        int64_t end_ns = clock_mono_ns() + 5 * NS_PER_S;
        while (keeper_fd(keeper) >= 0 && clock_mono_ns() < end_ns) {
            keeper_read(keeper, &report);
        }
        /* Nonsense is not put up with; nor is a STOP that nobody meant. */
        assert_int_equal(report.kind, KEEPER_FAULT);
        assert_true(report.fault == FAULT_NONSENSE || report.fault == FAULT_DIED);
        if (report.fault == FAULT_DIED) {
            assert_true(WIFEXITED(report.error) && WEXITSTATUS(report.error) == 0);
        }
        assert_int_equal(level(), 0);
        keeper_stop(keeper);
        atomic_store(&fake->writes, 0);
    }
}

/* ---- the keeper comes to grief -----------------------------------------------------------------
 */

static void press_and_signal(struct keeper *keeper, int signal_number)
{
    struct press_order order = order_in(0, 2 * NS_PER_S, 0x3);
    assert_int_equal(keeper_press(keeper, &order), 0);
    expect(keeper, KEEPER_PRESSED);
    assert_int_equal(level(), 0x3);
    kill(keeper_powers(keeper).pid, signal_number);
}

static void test_keeper_killed(void **state)
{
    struct keeper *keeper = start();
    (void)state;

    press_and_signal(keeper, SIGKILL);
    struct keeper_report fault = expect(keeper, KEEPER_FAULT);
    assert_int_equal(fault.fault, FAULT_DIED);
    assert_true(WIFSIGNALED(fault.error) && WTERMSIG(fault.error) == SIGKILL);
    assert_false(fault.unsafe);
    assert_int_equal(level(), 0);
    keeper_stop(keeper);

    keeper = start();
    press_and_signal(keeper, SIGKILL);
    atomic_store(&fake->open_error, 1);
    assert_true(expect(keeper, KEEPER_FAULT).unsafe);
    atomic_store(&fake->open_error, 0);
    keeper_stop(keeper);

    /* Nobody listens, and it is stopped. */
    keeper = start();
    press_and_signal(keeper, SIGKILL);
    keeper_stop(keeper);
    assert_int_equal(level(), 0);
}

static void test_keeper_hangs(void **state)
{
    struct keeper *keeper = start();
    (void)state;

    press_and_signal(keeper, SIGSTOP);
    struct keeper_report fault = expect(keeper, KEEPER_FAULT);
    assert_int_equal(fault.fault, FAULT_HUNG);
    assert_false(fault.unsafe);
    assert_int_equal(level(), 0);
    keeper_stop(keeper);
}

static void test_keeper_terminated(void **state)
{
    static const int harmless[] = {SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGUSR1, SIGPIPE, SIGALRM};
    struct keeper *keeper = start();
    (void)state;

    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        kill(keeper_powers(keeper).pid, harmless[i]);
    }
    press_and_signal(keeper, SIGTERM);
    assert_true(expect(keeper, KEEPER_RELEASED).early);
    assert_int_equal(expect(keeper, KEEPER_FAULT).fault, FAULT_TERMINATED);
    assert_int_equal(level(), 0);
    keeper_stop(keeper);
}

static void test_stop_releases(void **state)
{
    struct keeper *keeper = start();
    (void)state;

    struct press_order order = order_in(0, 2 * NS_PER_S, 0x3);
    assert_int_equal(keeper_press(keeper, &order), 0);
    expect(keeper, KEEPER_PRESSED);
    keeper_stop(keeper);
    assert_int_equal(level(), 0);
    keeper_stop(NULL);
}

/* ---- the lines come to grief -------------------------------------------------------------------
 */

static void test_release_write_fails(void **state)
{
    struct keeper *keeper = start();
    (void)state;

    /* Thrice: it is tried again. */
    struct press_order order = order_in(0, 100 * NS_PER_MS, 0x1);
    assert_int_equal(keeper_press(keeper, &order), 0);
    expect(keeper, KEEPER_PRESSED);
    atomic_store(&fake->failing, 3);
    assert_int_equal(expect(keeper, KEEPER_RELEASED).mask, 0x1);
    assert_int_equal(level(), 0);

    /* For good: a fault, and the lines are taken over. */
    order = order_in(0, 100 * NS_PER_MS, 0x1);
    assert_int_equal(keeper_press(keeper, &order), 0);
    expect(keeper, KEEPER_PRESSED);
    atomic_store(&fake->failing, 1000);
    struct keeper_report fault = expect(keeper, KEEPER_FAULT);
    assert_int_equal(fault.fault, FAULT_RELEASE_WRITE);
    assert_int_equal(fault.error, EIO);
    assert_int_equal(level(), 0);
    atomic_store(&fake->failing, 0);
    keeper_stop(keeper);
}

static void test_press_write_fails(void **state)
{
    struct keeper *keeper = start();
    (void)state;

    atomic_store(&fake->failing, 1);
    struct press_order order = order_in(0, 100 * NS_PER_MS, 0x1);
    assert_int_equal(keeper_press(keeper, &order), 0);
    struct keeper_report fault = expect(keeper, KEEPER_FAULT);
    assert_int_equal(fault.fault, FAULT_PRESS_WRITE);
    assert_int_equal(fault.error, EIO);
    assert_int_equal(level(), 0);
    keeper_stop(keeper);
}

/* ---- e-stop ------------------------------------------------------------------------------------
 */

static void estop_set(int active)
{
    int fifo = open(fake->fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fifo >= 0);
    atomic_store(&fake->estop, active);
    assert_int_equal(write(fifo, "e", 1), 1);
    close(fifo);
}

static void test_estop(void **state)
{
    struct keeper_config with = config();
    struct diags diags = DIAGS_INIT;
    (void)state;

    snprintf(fake->fifo, sizeof(fake->fifo), "/tmp/longpress-test-%d", (int)getpid());
    assert_int_equal(mkfifo(fake->fifo, 0600), 0);

    atomic_store(&fake->estop, 1);
    assert_null(keeper_start(&diags, &with));
    assert_int_equal(diags.count, 1);
    assert_string_equal(diags.items[0].what, "the e-stop is active");
    diags_clear(&diags);

    atomic_store(&fake->estop, 0);
    struct keeper *keeper = start_with(&with);
    struct press_order order = order_in(0, 300 * NS_PER_MS, 0x1);
    assert_int_equal(keeper_press(keeper, &order), 0);
    expect(keeper, KEEPER_PRESSED);
    estop_set(1); /* a glitch */
    estop_set(0);
    assert_false(expect(keeper, KEEPER_RELEASED).early);

    order = order_in(0, 2 * NS_PER_S, 0x1);
    assert_int_equal(keeper_press(keeper, &order), 0);
    expect(keeper, KEEPER_PRESSED);
    estop_set(1);
    assert_true(expect(keeper, KEEPER_RELEASED).early);
    assert_int_equal(level(), 0);
    expect(keeper, KEEPER_ESTOP);
    estop_set(0); /* it stays tripped until all is started anew */
    assert_refused(keeper, &order, ECANCELED);
    send_raw(keeper, &order);
    assert_int_equal(expect(keeper, KEEPER_REFUSED).error, ECANCELED);
    keeper_stop(keeper);

    /* A wire that never comes to rest. */
    keeper = start_with(&with);
    order = order_in(0, 2 * NS_PER_S, 0x1);
    assert_int_equal(keeper_press(keeper, &order), 0);
    expect(keeper, KEEPER_PRESSED);
    struct keeper_report report;
    int64_t end_ns = clock_mono_ns() + NS_PER_S;
    bool seen = false;
    for (int i = 0; !seen && clock_mono_ns() < end_ns; i++) {
        estop_set(i % 2);
        keeper_beat(keeper);
        sleep_ns(NS_PER_MS);
        seen = keeper_read(keeper, &report);
    }
    assert_true(seen && report.kind == KEEPER_RELEASED && report.early);
    keeper_stop(keeper);

    /* One that cannot be read any more. */
    atomic_store(&fake->estop, 0);
    keeper = start_with(&with);
    order = order_in(0, 2 * NS_PER_S, 0x1);
    assert_int_equal(keeper_press(keeper, &order), 0);
    expect(keeper, KEEPER_PRESSED);
    estop_set(-1);
    assert_true(expect(keeper, KEEPER_RELEASED).early);
    assert_int_equal(expect(keeper, KEEPER_FAULT).fault, FAULT_ESTOP_GONE);
    assert_int_equal(level(), 0);
    keeper_stop(keeper);
    unlink(fake->fifo);
}

/* ---- all ---------------------------------------------------------------------------------------
 */

/* KiB of what is `name` of a process (proc_pid_smaps(5)); -1: not to be had. */
static long memory_of(pid_t pid, const char *name)
{
    char path[64];
    char line[256];
    long kib = -1;

    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
    FILE *in = fopen(path, "re");
    while (in && kib < 0 && fgets(line, sizeof(line), in)) {
        if (strncmp(line, name, strlen(name)) == 0) {
            kib = strtol(line + strlen(name), NULL, 10);
        }
    }
    if (in) {
        fclose(in);
    }
    return kib;
}

/* A program with large timelines has keepers that are as small as any: they make no copy of what is
 * not theirs, for which the presses of other stations would have to wait. */
static void test_small_in_a_large_program(void **state)
{
    enum { LARGE = 256 * 1024 * 1024 };
    (void)state;
    struct keeper_config with = config();
    char *large = malloc(LARGE);
    assert_non_null(large);
    memset(large, 1, LARGE);

    struct keeper *keeper = start_with(&with);
    long own = memory_of(keeper_powers(keeper).pid, "Private_Dirty:");
    keeper_stop(keeper);
    assert_int_equal(large[LARGE / 2], 1);
    free(large);
    if (own < 0) {
        skip();
    }
    assert_in_range(own, 1, 64 * 1024);
}

static int set_up(void **state)
{
    (void)state;
    memset(fake, 0, sizeof(*fake));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_presses_are_exact, set_up),
        cmocka_unit_test_setup(test_past_order_presses_at_once, set_up),
        cmocka_unit_test_setup(test_release_early, set_up),
        cmocka_unit_test_setup(test_release_before_press, set_up),
        cmocka_unit_test_setup(test_refuses, set_up),
        cmocka_unit_test_setup(test_start_fails_with_reason, set_up),
        cmocka_unit_test_setup(test_parent_killed, set_up),
        cmocka_unit_test_setup(test_parent_stopped, set_up),
        cmocka_unit_test_setup(test_silence_is_told, set_up),
        cmocka_unit_test_setup(test_idle_needs_no_heartbeat, set_up),
        cmocka_unit_test_setup(test_garbage, set_up),
        cmocka_unit_test_setup(test_keeper_killed, set_up),
        cmocka_unit_test_setup(test_keeper_hangs, set_up),
        cmocka_unit_test_setup(test_keeper_terminated, set_up),
        cmocka_unit_test_setup(test_stop_releases, set_up),
        cmocka_unit_test_setup(test_release_write_fails, set_up),
        cmocka_unit_test_setup(test_press_write_fails, set_up),
        cmocka_unit_test_setup(test_estop, set_up),
        cmocka_unit_test_setup(test_small_in_a_large_program, set_up),
    };
    /* Keepers whose parent was killed become our children, to be waited for. */
    prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
    fake = mmap(NULL, sizeof(*fake), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fake == MAP_FAILED) {
        return 1;
    }
    int failures = cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
    munmap(fake, sizeof(*fake));
    return failures;
}
