/*
 * A guard that ends while its keeper lives. Keeper and guard are the real processes; lines and chip
 * are a page of shared memory. Killed is the guard, at once followed by another, as systemd does
 * it, or by none.
 */
#include "hardware/guard/guard_link.h"
#include "hardware/guard/guard_protocol.h"
#include "hardware/keeper/keeper.h"
#include "hardware/keeper/keeper_protocol.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"

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
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct board {
    _Atomic int active; /* the line, as on a chip that keeps its levels */
    _Atomic int held;   /* by a keeper or its parent; a guard must not take it then */
    _Atomic int taken;  /* by a guard, how often */
    _Atomic int kills;  /* by a guard */
};

static struct board *board; /* shared by all processes */
static char chip_path[64];
static char socket_path[64];
static int listener = -1;
static pid_t service;

/* ---- the line ------------------------------------------------------------------------------- */

static void *line_open(void *context, struct diags *diags)
{
    (void)diags;
    atomic_store(&board->held, getpid());
    atomic_store(&board->active, 0);
    return context;
}

static int line_set(void *lines, uint32_t mask, bool active)
{
    (void)lines;
    (void)mask;
    atomic_store(&board->active, active);
    return 0;
}

static void line_close(void *lines)
{
    (void)lines;
    atomic_store(&board->active, 0);
    atomic_store(&board->held, 0);
}

static const struct keeper_lines_ops line_ops = {
    .open = line_open, .set = line_set, .close = line_close};

static struct keeper *start_keeper(void)
{
    static struct guard_wish wish;
    struct diags diags = DIAGS_INIT;
    struct keeper_config config = {.ops = &line_ops,
                                   .context = board,
                                   .line_count = 1,
                                   .max_on_ns = {60 * NS_PER_S},
                                   .heartbeat_ns = 1000 * NS_PER_MS,
                                   .guard = &wish};

    wish = (struct guard_wish){.heartbeat_ns = config.heartbeat_ns};
    assert_true(guard_wish_line(&wish, chip_path, 0, false));
    struct keeper *keeper = keeper_start(&diags, &config);
    diags_print(&diags, stderr);
    diags_clear(&diags);
    assert_non_null(keeper);
    return keeper;
}

static void press(struct keeper *keeper, int64_t length_ns)
{
    struct press_order order = {
        .press = 1, .mask = 1, .press_ns = clock_mono_ns(), .energise_ns = length_ns};
    assert_int_equal(keeper_press(keeper, &order), 0);
}

/* The next report, with heartbeats meanwhile. */
static struct keeper_report expect(struct keeper *keeper, enum keeper_report_kind kind)
{
    struct keeper_report report;
    int64_t end_ns = clock_mono_ns() + 20 * NS_PER_S;

    while (!keeper_read(keeper, &report)) {
        struct pollfd polled = {.fd = keeper_fd(keeper), .events = POLLIN};
        assert_true(clock_mono_ns() < end_ns);
        keeper_beat(keeper);
        poll(&polled, 1, 20);
    }
    assert_int_equal(report.kind, kind);
    return report;
}

/* ---- the guard ------------------------------------------------------------------------------ */

static int kill_counted(int pidfd)
{
    atomic_fetch_add(&board->kills, 1);
    return guard_kernel_ops.kill(pidfd);
}

static int check_chip(int fd, uint32_t chip, const struct guard_message *message)
{
    (void)chip;
    (void)message;
    return fcntl(fd, F_GETFD) < 0 ? errno : 0;
}

/* A line whose holder lives cannot be taken. */
static int take(int chip, const struct guard_line *line)
{
    pid_t holder = atomic_load(&board->held);

    (void)line;
    if (holder && kill(holder, 0) == 0) {
        errno = EBUSY;
        return -1;
    }
    atomic_store(&board->active, 0);
    atomic_fetch_add(&board->taken, 1);
    return fcntl(chip, F_DUPFD_CLOEXEC, 0);
}

/* As systemd does: who connects before it runs waits for it. */
static void listen_there(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
    unlink(socket_path);
    listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 64), 0);
}

static void start_service(void)
{
    service = fork();
    assert_true(service >= 0);
    if (service == 0) {
        static struct guard_ops fake;
        fake = guard_kernel_ops;
        fake.kill = kill_counted;
        fake.check_chip = check_chip;
        fake.take = take;
        prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL);
        guard_process(&fake, listener, -1);
        _exit(1);
    }
}

static void reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

static void kill_service(void)
{
    kill(service, SIGKILL);
    reap(service);
}

static int set_up(void **state)
{
    (void)state;
    memset(board, 0, sizeof(*board));
    listen_there();
    start_service();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kill_service();
    close(listener);
    return 0;
}

static void wait_for(const _Atomic int *what, int value)
{
    int64_t end_ns = clock_mono_ns() + 20 * NS_PER_S;
    while (atomic_load(what) != value) {
        assert_true(clock_mono_ns() < end_ns);
        nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
    }
}

/* ---- the tests ------------------------------------------------------------------------------ */

/* The press goes on as ordered, and the new guard knows of it: a keeper that stands still is killed
 * before its parent, which waits for longer, does it; and makes way for that parent. */
static void restarted_in_a_press(void **state)
{
    struct keeper *keeper = start_keeper();
    (void)state;

    assert_int_equal(keeper_powers(keeper).guard, GUARD_SERVICE);
    press(keeper, 50 * NS_PER_S);
    expect(keeper, KEEPER_PRESSED);
    kill_service();
    start_service();
    assert_int_equal(expect(keeper, KEEPER_GUARD).guard, GUARD_SERVICE);
    assert_int_equal(atomic_load(&board->active), 1);
    kill(keeper_powers(keeper).pid, SIGSTOP);
    wait_for(&board->kills, 1);
    struct keeper_report fault = expect(keeper, KEEPER_FAULT);
    assert_int_equal(fault.fault, FAULT_DIED);
    assert_false(fault.unsafe);
    assert_int_equal(atomic_load(&board->active), 0);
    keeper_stop(keeper);
}

/* A program with a keeper in the middle of a press. It says its keeper's process on `told`, and
 * again when another guard watches. */
static pid_t start_program(int told[2])
{
    int pid;

    assert_int_equal(pipe(told), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        struct keeper *keeper = start_keeper();
        pid = keeper_powers(keeper).pid;
        press(keeper, 50 * NS_PER_S);
        expect(keeper, KEEPER_PRESSED);
        if (write(told[1], &pid, sizeof(pid)) != sizeof(pid)) {
            _exit(1);
        }
        expect(keeper, KEEPER_GUARD);
        if (write(told[1], &pid, sizeof(pid)) != sizeof(pid)) {
            _exit(1);
        }
        for (;;) {
            keeper_beat(keeper);
            nanosleep(&(struct timespec){.tv_nsec = 20 * NS_PER_MS}, NULL);
        }
    }
    return parent;
}

static int hear(const int told[2])
{
    int pid;
    assert_int_equal(read(told[0], &pid, sizeof(pid)), sizeof(pid));
    return pid;
}

static void kill_both(pid_t parent, pid_t keeper)
{
    kill(keeper, SIGSTOP); /* or it would let go by itself */
    kill(parent, SIGKILL);
    kill(keeper, SIGKILL);
    reap(parent);
    reap(keeper);
}

/* What the guard is for: both killed together. */
static void both_are_killed_after_that(void **state)
{
    int told[2];
    (void)state;

    pid_t parent = start_program(told);
    pid_t keeper = hear(told);
    kill_service();
    start_service();
    assert_int_equal(hear(told), keeper);
    kill_both(parent, keeper);
    wait_for(&board->taken, 1);
    assert_int_equal(atomic_load(&board->active), 0);
    close(told[0]);
    close(told[1]);
}

static char state_of(pid_t pid)
{
    char path[64];
    char state = 0;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
    fclose(file);
    return state;
}

/* A connection that nobody has accepted yet. The keeper sleeps again once it has said there what it
 * is for. */
static void wait_dialled(pid_t keeper)
{
    struct pollfd polled = {.fd = listener, .events = POLLIN};
    int64_t end_ns = clock_mono_ns() + 20 * NS_PER_S;

    assert_int_equal(poll(&polled, 1, 20000), 1);
    while (state_of(keeper) != 'S') {
        assert_true(clock_mono_ns() < end_ns);
        nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
    }
}

/* Killed before the next guard runs: it finds what they have left for it. */
static void both_are_killed_before_that(void **state)
{
    int told[2];
    (void)state;

    pid_t parent = start_program(told);
    pid_t keeper = hear(told);
    kill_service();
    wait_dialled(keeper);
    kill_both(parent, keeper);
    assert_int_equal(atomic_load(&board->active), 1);
    start_service();
    wait_for(&board->taken, 1);
    assert_int_equal(atomic_load(&board->active), 0);
    assert_int_equal(atomic_load(&board->kills), 0);
    close(told[0]);
    close(told[1]);
}

/* Stopped before the next guard runs: it knows of the press. */
static void both_are_stopped_before_that(void **state)
{
    int told[2];
    (void)state;

    pid_t parent = start_program(told);
    pid_t keeper = hear(told);
    kill_service();
    wait_dialled(keeper);
    kill(keeper, SIGSTOP);
    kill(parent, SIGSTOP);
    start_service();
    wait_for(&board->kills, 1);
    /* Here, a keeper that nobody has waited for still holds its line. */
    kill(parent, SIGKILL);
    reap(parent);
    reap(keeper);
    wait_for(&board->taken, 1);
    assert_int_equal(atomic_load(&board->active), 0);
    close(told[0]);
    close(told[1]);
}

/* One that stays away is told, once, and so is the next. */
static void away_and_back(void **state)
{
    struct keeper *keeper = start_keeper();
    (void)state;

    int64_t gone_ns = clock_mono_ns();
    kill_service();
    close(listener);
    struct keeper_report away = expect(keeper, KEEPER_GUARD);
    assert_int_equal(away.guard, GUARD_NONE);
    assert_true(away.at_ns - gone_ns >= 1000 * NS_PER_MS);
    assert_int_equal(keeper_powers(keeper).guard, GUARD_NONE);
    /* It presses all the same. */
    press(keeper, 50 * NS_PER_MS);
    expect(keeper, KEEPER_PRESSED);
    expect(keeper, KEEPER_RELEASED);
    listen_there();
    start_service();
    assert_int_equal(expect(keeper, KEEPER_GUARD).guard, GUARD_SERVICE);
    assert_int_equal(keeper_powers(keeper).guard, GUARD_SERVICE);
    /* One that ends in order is nobody's to be taken. */
    keeper_stop(keeper);
    assert_true(guard_service_answers()); /* what was said before that is heard */
    assert_int_equal(atomic_load(&board->taken), 0);
}

/* The other end of a guard's connection: the next word, and an answer to it. */
static void expect_word(int socket, enum guard_word word)
{
    struct guard_message message;
    assert_int_equal(recv(socket, &message, sizeof(message), MSG_DONTWAIT), sizeof(message));
    assert_int_equal(message.word, word);
}

static void answer(int socket, enum guard_word word)
{
    struct guard_answer answer = {.magic = GUARD_MAGIC, .word = word};
    assert_int_equal(send(socket, &answer, sizeof(answer), 0), sizeof(answer));
}

/* A keeper's own guard that ends is reported at once. The next one learns of the press, and that it
 * is over, before it has said a word. */
static void a_child_is_followed(void **state)
{
    struct guard_wish wish = {.heartbeat_ns = 1000 * NS_PER_MS};
    int first[2];
    int second[2];
    (void)state;

    kill_service();
    close(listener);
    assert_true(guard_wish_line(&wish, chip_path, 0, false));
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, first), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, second), 0);
    struct guard_link link =
        guard_link_of(&(struct guard){.kind = GUARD_CHILD, .socket = first[0]}, &wish);
    guard_link_arm(&link, 5 * NS_PER_S);
    expect_word(first[1], GUARD_ARM);
    assert_int_equal(guard_link_tend(&link, false, 1), GUARD_NO_NEWS);
    close(first[1]);
    assert_int_equal(guard_link_tend(&link, true, 2), GUARD_AWAY);
    guard_link_offer(&link, &(struct guard){.kind = GUARD_CHILD, .socket = second[0]}, 3);
    guard_link_disarm(&link);
    expect_word(second[1], GUARD_WATCH);
    expect_word(second[1], GUARD_ARM);
    expect_word(second[1], GUARD_DISARM);
    assert_int_equal(guard_link_fd(&link), second[0]);
    answer(second[1], GUARD_WATCH);
    assert_int_equal(guard_link_tend(&link, true, 4), GUARD_BACK);
    assert_int_equal(link.guard.kind, GUARD_CHILD);
    /* Whoever is offered while there is one is not needed. */
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, first), 0);
    guard_link_offer(&link, &(struct guard){.kind = GUARD_CHILD, .socket = first[0]}, 5);
    assert_int_equal(recv(first[1], &wish, sizeof(wish), 0), 0);
    close(first[1]);
    close(second[1]);
    guard_close(&link.guard);
    listen_there();
    start_service();
}

/* What has piled up before a guard runs is read to its end: a press that is over is not overdue. */
static void a_backlog_is_read_first(void **state)
{
    struct guard_wish wish = {.heartbeat_ns = 1000 * NS_PER_MS};
    int told[2];
    (void)state;

    kill_service();
    assert_true(guard_wish_line(&wish, chip_path, 0, false));
    assert_int_equal(pipe(told), 0);
    pid_t keeper = fork();
    assert_true(keeper >= 0);
    if (keeper == 0) {
        struct guard guard = {.kind = GUARD_SERVICE, .socket = guard_dial()};
        int pid = getpid();
        bool asked = guard_ask(guard.socket, &wish) == 0;
        for (int press = 0; press < 20; press++) {
            guard_arm(&guard, 1);
            guard_beat(&guard);
        }
        guard_disarm(&guard);
        if (!asked || write(told[1], &pid, sizeof(pid)) != sizeof(pid)) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    assert_int_equal(hear(told), keeper);
    start_service();
    nanosleep(&(struct timespec){.tv_nsec = 3 * GUARD_GRACE_NS}, NULL);
    assert_int_equal(atomic_load(&board->kills), 0);
    assert_int_equal(atomic_load(&board->taken), 0);
    kill(keeper, SIGKILL);
    reap(keeper);
    wait_for(&board->taken, 1);
    close(told[0]);
    close(told[1]);
}

/* One that was given up was asked to watch: it is told that it need not. */
static void one_given_up_is_told(void **state)
{
    struct guard_wish wish = {.heartbeat_ns = 1000 * NS_PER_MS};
    int pair[2];
    (void)state;

    assert_true(guard_wish_line(&wish, chip_path, 0, false));
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    struct guard_link link =
        guard_link_of(&(struct guard){.kind = GUARD_SERVICE, .socket = pair[0]}, &wish);
    kill_service();
    close(pair[1]);
    /* Dialled, and nobody answers for five seconds. */
    assert_int_equal(guard_link_tend(&link, true, 1), GUARD_NO_NEWS);
    int there = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(there >= 0);
    guard_link_tend(&link, false, 6 * NS_PER_S);
    expect_word(there, GUARD_HELLO);
    expect_word(there, GUARD_WATCH);
    expect_word(there, GUARD_DONE);
    close(there);
    start_service();
}

int main(void)
{
    char folder[] = "/tmp/longpress-link-XXXXXX";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(restarted_in_a_press, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_are_killed_after_that, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_are_killed_before_that, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_are_stopped_before_that, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_child_is_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_backlog_is_read_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_given_up_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(away_and_back, set_up, tear_down),
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
    int failed = cmocka_run_group_tests_name("guard_link", tests, NULL, NULL);
    unlink(chip_path);
    unlink(socket_path);
    rmdir(folder);
    return failed;
}
