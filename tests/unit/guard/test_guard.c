/*
 * The real guard process, with processes that are really killed and stopped, on lines that are a
 * page of shared memory.
 */
#include "hardware/guard/guard.h"
#include "hardware/guard/guard_protocol.h"

#include "tests/unit/emulated.h"

#include <errno.h>
#include <fcntl.h>
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
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MS INT64_C(1000000)

enum { LINES = 4 };

struct board {
    _Atomic int taken[LINES]; /* how often */
    _Atomic int busy[LINES];  /* so often it cannot be taken */
    _Atomic int active_low[LINES];
    _Atomic int kills;
    _Atomic int64_t stopped_ns; /* the guards' clock stands there; 0: it goes */
};

static struct board *board; /* shared with the guards */
static char chip_path[64];
static char socket_path[64];
static pid_t service;

static int64_t now_ns(void)
{
    return guard_kernel_ops.now();
}

static int64_t guard_now(void)
{
    int64_t stopped_ns = atomic_load(&board->stopped_ns);
    return stopped_ns ? stopped_ns : now_ns();
}

static int kill_counted(int pidfd)
{
    atomic_fetch_add(&board->kills, 1);
    return guard_kernel_ops.kill(pidfd);
}

static int check_chip(int fd, uint32_t chip, const struct guard_message *message)
{
    (void)fd;
    for (uint32_t i = 0; i < message->line_count; i++) {
        if (message->lines[i].chip == chip && message->lines[i].offset >= LINES) {
            return EINVAL;
        }
    }
    return 0;
}

static int take(int chip, const struct guard_line *line)
{
    if (atomic_load(&board->busy[line->offset]) > 0) {
        atomic_fetch_sub(&board->busy[line->offset], 1);
        errno = EBUSY;
        return -1;
    }
    atomic_store(&board->active_low[line->offset], line->active_low);
    atomic_fetch_add(&board->taken[line->offset], 1);
    return fcntl(chip, F_DUPFD_CLOEXEC, 0);
}

static struct guard_ops ops(void)
{
    return (struct guard_ops){.now = guard_now,
                              .pid_of = guard_kernel_ops.pid_of,
                              .kill = kill_counted,
                              .check_chip = check_chip,
                              .take = take};
}

static void sleep_ns(int64_t length_ns)
{
    struct timespec length = {.tv_sec = length_ns / 1000000000, .tv_nsec = length_ns % 1000000000};
    nanosleep(&length, NULL);
}

static void wait_taken(unsigned line, int times)
{
    int64_t end_ns = now_ns() + 10000 * MS;
    while (atomic_load(&board->taken[line]) < times) {
        assert_true(now_ns() < end_ns);
        sleep_ns(MS);
    }
    assert_int_equal(atomic_load(&board->taken[line]), times);
}

static struct guard_wish wish_of(unsigned first, unsigned count)
{
    /* So long that no beat is missed where others keep the processors busy. */
    struct guard_wish wish = {.heartbeat_ns = 1000 * MS};
    for (unsigned i = 0; i < count; i++) {
        assert_true(guard_wish_line(&wish, chip_path, first + i, i % 2));
    }
    return wish;
}

/* ---- a program and its keeper ------------------------------------------------------------------
 */

enum conduct { IDLE_KEEPER, ARMED_KEEPER, BEATING_KEEPER, OVERDUE_KEEPER, DONE_KEEPER };

struct rig {
    pid_t parent;
    pid_t keeper;
};

static _Noreturn void keeper_life(struct guard guard, const struct guard_wish *wish,
                                  enum conduct conduct, int out)
{
    pid_t pid = getpid();
    if (guard_watch(&guard, wish) != 0) {
        pid = -errno;
    } else if (conduct != IDLE_KEEPER && conduct != DONE_KEEPER) {
        guard_arm(&guard, now_ns() + (conduct == OVERDUE_KEEPER ? 50 : 60000) * MS);
    }
    if (conduct == DONE_KEEPER) {
        guard_done(&guard);
    }
    if (write(out, &pid, sizeof(pid)) != sizeof(pid) || pid < 0 || conduct == DONE_KEEPER) {
        _exit(0);
    }
    for (;;) {
        sleep_ns(20 * MS);
        if (conduct == BEATING_KEEPER || conduct == OVERDUE_KEEPER) {
            guard_beat(&guard);
        }
    }
}

static struct rig rig_start(const struct guard_wish *wish, enum conduct conduct)
{
    struct rig rig;
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    rig.parent = fork();
    assert_true(rig.parent >= 0);
    if (rig.parent == 0) {
        struct guard guard = guard_find();
        pid_t keeper = guard.kind == GUARD_SERVICE ? fork() : -1;
        if (keeper == 0) {
            keeper_life(guard, wish, conduct, pipes[1]);
        }
        for (;;) {
            pause();
        }
    }
    close(pipes[1]);
    assert_int_equal(read(pipes[0], &rig.keeper, sizeof(rig.keeper)), sizeof(rig.keeper));
    close(pipes[0]);
    assert_true(rig.keeper > 0);
    return rig;
}

static void rig_end(struct rig rig)
{
    kill(rig.parent, SIGKILL);
    kill(rig.keeper, SIGKILL);
    while (waitpid(rig.parent, NULL, 0) < 0 && errno == EINTR) {
    }
    while (waitpid(rig.keeper, NULL, 0) < 0 && errno == EINTR) {
    }
}

static bool alive(pid_t pid)
{
    return waitpid(pid, NULL, WNOHANG) == 0;
}

/* ---- the tests ---------------------------------------------------------------------------------
 */

static void test_both_killed(void **state)
{
    struct guard_wish wish = wish_of(0, 2);
    (void)state;
    for (int i = 1; i <= 3; i++) {
        struct rig rig = rig_start(&wish, BEATING_KEEPER);
        assert_int_equal(atomic_load(&board->taken[0]), i - 1);
        rig_end(rig);
        wait_taken(0, i);
        wait_taken(1, i);
    }
    assert_int_equal(atomic_load(&board->active_low[0]), 0);
    assert_int_equal(atomic_load(&board->active_low[1]), 1);
    assert_int_equal(atomic_load(&board->taken[2]), 0);
    assert_int_equal(atomic_load(&board->kills), 0);
}

static void test_both_stopped(void **state)
{
    struct guard_wish wish = wish_of(0, 1);
    (void)state;
    struct rig rig = rig_start(&wish, BEATING_KEEPER);
    int64_t start_ns = now_ns();
    kill(rig.parent, SIGSTOP);
    kill(rig.keeper, SIGSTOP);
    wait_taken(0, 1);
    /* Not before its heartbeat has passed; its last one may have been a while before. */
    assert_true(now_ns() - start_ns >= wish.heartbeat_ns / 2);
    assert_int_equal(atomic_load(&board->kills), 1);
    assert_true(alive(rig.parent));
    rig_end(rig);
}

static void test_idle_is_left_alone(void **state)
{
    struct guard_wish wish = wish_of(0, 1);
    (void)state;
    struct rig rig = rig_start(&wish, IDLE_KEEPER);
    kill(rig.keeper, SIGSTOP);
    sleep_ns(wish.heartbeat_ns + 3 * GUARD_GRACE_NS);
    assert_int_equal(atomic_load(&board->kills), 0);
    rig_end(rig);
    wait_taken(0, 1);
}

static void test_overdue(void **state)
{
    struct guard_wish wish = wish_of(0, 1);
    (void)state;
    struct rig rig = rig_start(&wish, OVERDUE_KEEPER);
    wait_taken(0, 1);
    assert_int_equal(atomic_load(&board->kills), 1);
    rig_end(rig);
}

static void test_done_is_done(void **state)
{
    struct guard_wish wish = wish_of(0, 1);
    (void)state;
    struct rig rig = rig_start(&wish, DONE_KEEPER);
    rig_end(rig);
    /* What the guard was told before counts when it has told another so. */
    struct rig next = rig_start(&wish, DONE_KEEPER);
    rig_end(next);
    assert_int_equal(atomic_load(&board->taken[0]), 0);
}

static void test_taken_again_and_again(void **state)
{
    struct guard_wish wish = wish_of(0, 2);
    (void)state;
    atomic_store(&board->busy[0], 20);
    struct rig rig = rig_start(&wish, ARMED_KEEPER);
    rig_end(rig);
    wait_taken(1, 1);
    wait_taken(0, 1);
    assert_int_equal(atomic_load(&board->busy[0]), 0);
}

static void send_fds(int to, const struct guard_message *message, const int *fds, size_t count)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(20 * sizeof(int))];
    } control;
    struct guard_message sent = *message;
    struct iovec part = {.iov_base = &sent, .iov_len = sizeof(sent)};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    memset(&control, 0, sizeof(control));
    if (count > 0) {
        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
    }
    assert_int_equal(sendmsg(to, &header, MSG_NOSIGNAL), sizeof(*message));
}

static int answer_to(int from)
{
    struct pollfd polled = {.fd = from, .events = POLLIN};
    struct guard_answer answer;
    assert_int_equal(poll(&polled, 1, 10000), 1);
    assert_int_equal(recv(from, &answer, sizeof(answer), 0), sizeof(answer));
    return answer.error;
}

/* A parent that takes the lines of its dead keeper itself. With `says_taken` it says so; then it
 * ends, or waits to be killed. The guard's clock stands until it has heard so, however slow this
 * is. */
static pid_t parent_takes(const struct guard_wish *wish, bool says_taken, bool dies)
{
    int told[2];
    int ready[2];
    pid_t pid;
    assert_int_equal(pipe(told), 0);
    assert_int_equal(pipe(ready), 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct guard guard = guard_find();
        pid_t keeper = fork();
        if (keeper == 0) {
            keeper_life(guard, wish, ARMED_KEEPER, told[1]);
        }
        if (read(told[0], &pid, sizeof(pid)) != sizeof(pid)) {
            _exit(1);
        }
        atomic_store(&board->stopped_ns, says_taken ? now_ns() : 0);
        guard_yield(&guard);
        kill(keeper, SIGKILL);
        waitpid(keeper, NULL, 0);
        if (says_taken) {
            struct guard_message hello = {.magic = GUARD_MAGIC, .word = GUARD_HELLO};
            guard_taken(&guard);
            send_fds(guard.socket, &hello, NULL, 0);
            answer_to(guard.socket);
            atomic_store(&board->stopped_ns, 0);
        }
        if (write(ready[1], &pid, sizeof(pid)) != sizeof(pid) || dies) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    assert_int_equal(read(ready[0], &pid, sizeof(pid)), sizeof(pid));
    if (dies) {
        waitpid(parent, NULL, 0);
    }
    for (int i = 0; i < 2; i++) {
        close(told[i]);
        close(ready[i]);
    }
    return parent;
}

static void test_yield(void **state)
{
    struct guard_wish wish = wish_of(0, 1);
    (void)state;
    /* It was about to, and was killed before it had. */
    parent_takes(&wish, false, true);
    wait_taken(0, 1);
    /* It has not said that it has. */
    pid_t parent = parent_takes(&wish, false, false);
    wait_taken(0, 2);
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    /* It has: only its own end brings the guard. */
    parent = parent_takes(&wish, true, false);
    sleep_ns(3 * GUARD_YIELD_NS);
    assert_int_equal(atomic_load(&board->taken[0]), 2);
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    wait_taken(0, 3);
    assert_int_equal(atomic_load(&board->kills), 0);
}

static void test_parent_gone(void **state)
{
    struct guard_wish wish = wish_of(0, 1);
    (void)state;
    /* A keeper that its parent's end does not move is not waited for as long as its heartbeat. */
    wish.heartbeat_ns = 60000 * MS;
    struct rig rig = rig_start(&wish, ARMED_KEEPER);
    kill(rig.keeper, SIGSTOP);
    kill(rig.parent, SIGKILL);
    wait_taken(0, 1);
    assert_int_equal(atomic_load(&board->kills), 1);
    rig_end(rig);
}

/* ---- those who mean no good --------------------------------------------------------------------
 */

static int dial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static struct guard_message watch_message(void)
{
    struct guard_message message = {.magic = GUARD_MAGIC,
                                    .word = GUARD_WATCH,
                                    .heartbeat_ns = 100 * MS,
                                    .chip_count = 1,
                                    .line_count = 1};
    return message;
}

static int pidfd_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static void expect_watch(const struct guard_message *message, const int *fds, size_t count,
                         int error)
{
    int to = dial();
    send_fds(to, message, fds, count);
    assert_int_equal(answer_to(to), error);
    close(to);
}

static void test_nobody_elses_process(void **state)
{
    struct guard_message message = watch_message();
    struct guard_message arm = {.magic = GUARD_MAGIC, .word = GUARD_ARM, .due_ns = 1};
    pid_t other = fork();
    (void)state;
    if (other == 0) {
        for (;;) {
            pause();
        }
    }
    int chip = open(chip_path, O_RDWR | O_CLOEXEC);
    int fds[] = {pidfd_of(other), pidfd_of(getpid()), chip};
    int to = dial();
    send_fds(to, &message, fds, 3);
    assert_int_equal(answer_to(to), EPERM);
    send(to, &arm, sizeof(arm), MSG_NOSIGNAL);
    sleep_ns(3 * GUARD_GRACE_NS);
    assert_true(alive(other));
    assert_int_equal(atomic_load(&board->kills), 0);
    close(to);
    /* What is no process at all. */
    int no_process[] = {chip, fds[1], chip};
    expect_watch(&message, no_process, 3, EPERM);
    int no_parent[] = {fds[1], chip, chip};
    expect_watch(&message, no_parent, 3, EPERM);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    close(fds[0]);
    close(fds[1]);
    close(chip);
}

static int service_fds(void)
{
    int count = 0;
    for (int fd = 0; fd < 200; fd++) {
        char path[64];
        char link[64];
        snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)service, fd);
        count += readlink(path, link, sizeof(link)) > 0;
    }
    return count;
}

static void test_nonsense(void **state)
{
    struct guard_message good = watch_message();
    needs_a_real_processor("nonsense", "descriptors that had no room are not told of");
    int fds_before = service_fds();
    int self = pidfd_of(getpid());
    int chip = open(chip_path, O_RDWR | O_CLOEXEC);
    int fds[20];
    (void)state;
    for (size_t i = 0; i < 20; i++) {
        fds[i] = i < 2 ? self : chip;
    }
    struct guard_message bad = good;
    bad.magic++;
    expect_watch(&bad, fds, 3, EBADMSG);
    bad = good;
    bad.word = 99;
    expect_watch(&bad, fds, 0, EBADMSG);
    bad = good;
    bad.chip_count = 0;
    expect_watch(&bad, fds, 2, EINVAL);
    bad = good;
    bad.chip_count = GUARD_CHIPS_MAX + 1;
    expect_watch(&bad, fds, GUARD_FDS_MAX, EINVAL);
    bad = good;
    bad.line_count = GUARD_LINES_MAX + 1;
    expect_watch(&bad, fds, 3, EINVAL);
    bad = good;
    bad.lines[0].chip = 1;
    expect_watch(&bad, fds, 3, EINVAL);
    bad = good;
    bad.lines[0].offset = LINES;
    expect_watch(&bad, fds, 3, EINVAL);
    bad = good;
    bad.heartbeat_ns = -1;
    expect_watch(&bad, fds, 3, EINVAL);
    /* Too few descriptors, and more than there is room for. */
    expect_watch(&good, fds, 2, EINVAL);
    expect_watch(&good, fds, 20, EBADMSG);
    for (size_t length = 0; length < sizeof(good); length += 7) {
        int to = dial();
        if (length > 0) {
            assert_int_equal(send(to, &good, length, MSG_NOSIGNAL), length);
            assert_int_equal(answer_to(to), EBADMSG);
        }
        close(to);
    }
    /* It is as well as before, and has kept none of what came. */
    assert_true(guard_service_answers());
    int64_t end_ns = now_ns() + 5000 * MS;
    while (service_fds() != fds_before) {
        assert_true(now_ns() < end_ns);
    }
    close(self);
    close(chip);
}

static void test_crowd(void **state)
{
    int crowd[40];
    struct guard_message hello = {.magic = GUARD_MAGIC, .word = GUARD_HELLO};
    int answered = 0;
    (void)state;
    for (int i = 0; i < 40; i++) {
        struct guard_answer answer;
        crowd[i] = dial();
        send(crowd[i], &hello, sizeof(hello), MSG_NOSIGNAL);
        answered += recv(crowd[i], &answer, sizeof(answer), 0) == sizeof(answer);
    }
    /* One user cannot have it all. */
    assert_int_equal(answered, 16);
    for (int i = 0; i < 40; i++) {
        close(crowd[i]);
    }
    int64_t end_ns = now_ns() + 5000 * MS;
    while (!guard_service_answers()) {
        assert_true(now_ns() < end_ns);
    }
}

/* ---- around each -------------------------------------------------------------------------------
 */

static int service_start(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)state;
    memset(board, 0, sizeof(*board));
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
    unlink(socket_path);
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, 64) != 0) {
        return -1;
    }
    service = fork();
    if (service == 0) {
        static struct guard_ops fake;
        fake = ops();
        prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL);
        guard_process(&fake, listener, -1);
        _exit(1);
    }
    close(listener);
    return service > 0 ? 0 : -1;
}

static int service_stop(void **state)
{
    (void)state;
    bool lived = alive(service);
    kill(service, SIGKILL);
    waitpid(service, NULL, 0);
    return lived ? 0 : -1;
}

int main(void)
{
    char folder[] = "/tmp/longpress-guard-XXXXXX";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_both_killed, service_start, service_stop),
        cmocka_unit_test_setup_teardown(test_both_stopped, service_start, service_stop),
        cmocka_unit_test_setup_teardown(test_idle_is_left_alone, service_start, service_stop),
        cmocka_unit_test_setup_teardown(test_overdue, service_start, service_stop),
        cmocka_unit_test_setup_teardown(test_done_is_done, service_start, service_stop),
        cmocka_unit_test_setup_teardown(test_taken_again_and_again, service_start, service_stop),
        cmocka_unit_test_setup_teardown(test_yield, service_start, service_stop),
        cmocka_unit_test_setup_teardown(test_parent_gone, service_start, service_stop),
        cmocka_unit_test_setup_teardown(test_nobody_elses_process, service_start, service_stop),
        cmocka_unit_test_setup_teardown(test_nonsense, service_start, service_stop),
        cmocka_unit_test_setup_teardown(test_crowd, service_start, service_stop),
    };
    board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED || !mkdtemp(folder)) {
        return 1;
    }
    snprintf(chip_path, sizeof(chip_path), "%s/chip", folder);
    snprintf(socket_path, sizeof(socket_path), "%s/socket", folder);
    close(open(chip_path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    setenv("LONGPRESS_GUARD", socket_path, 1);
    prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(chip_path);
    unlink(socket_path);
    rmdir(folder);
    return failed;
}
