/*
 * The terminal, on a real pseudo-terminal: what arrives at its other end, and its modes, however
 * the program that had it goes on and ends. Those programs are children of this one.
 */
#include "tui/term/term.h"

#include "tests/unit/emulated.h"

#include "tui/term/term_wire.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { RECEIVED_MAX = 1 << 18, ANSWER_MAX = 64, NOBODY = 65534 };

#define MS     INT64_C(1000000)
#define SECOND (1000 * MS)

static const char *const names[] = {"xterm-256color", "screen", "tmux", "linux", "vt100"};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

/* A terminal, and a child on it. */
struct pty {
    int master;
    int slave; /* kept open, so that the modes can be asked for after the child's end */
    struct termios modes;
    pid_t child;
    bool as_nobody; /* after `su`: the device belongs to somebody else */
    int orders;     /* to the child: a byte is an order */
    int answers;    /* from the child: bytes */
    char received[RECEIVED_MAX];
    size_t count;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

/* ---- the child ---------------------------------------------------------------------------------
 */

static void draw(const char *text)
{
    erase();
    for (int row = 0; row < LINES; row++) {
        mvprintw(row, 0, "%s row %d of %dx%d", text, row, COLS, LINES);
    }
    wnoutrefresh(stdscr);
}

/* Screens with nothing in common, so that each frame is a long one. */
static void fill(unsigned seed)
{
    for (int row = 0; row < LINES - 1; row++) {
        for (int column = 0; column < COLS; column++) {
            seed = seed * 1103515245U + 12345U;
            mvaddch(row, column, (chtype)('!' + seed / 65536U % 90U));
        }
    }
    wnoutrefresh(stdscr);
}

static void answer(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        _exit(98);
    }
}

/* One order; what it does is in the answers. False: that was the last. */
static bool obey(struct term *term, char order, int answers)
{
    char text[ANSWER_MAX];
    struct key keys[8];
    int64_t begin_ns = now_ns();
    unsigned frames = 0;

    switch (order) {
    case 'd':
        draw("drawn");
        term_frame(term);
        while (term_pending(term)) {
            struct pollfd out = {.fd = term_out_fd(term), .events = POLLOUT};
            poll(&out, 1, 1000);
            term_pump(term);
        }
        break;
    case 'f': /* frames into a terminal that stands still, until one waits */
        while (!term_pending(term) && frames < 1000) {
            fill(++frames);
            term_frame(term);
        }
        for (unsigned i = 0; i < 100; i++) {
            fill(1000 + i);
            term_frame(term);
            term_bell(term);
            term_pump(term);
        }
        snprintf(text, sizeof(text), "%s", term_pending(term) && frames < 1000 ? "stuck " : "ran ");
        answer(answers, text);
        break;
    case 'p': /* on again, then a last frame */
        while (term_pending(term) && now_ns() - begin_ns < 5 * SECOND) {
            struct pollfd out = {.fd = term_out_fd(term), .events = POLLOUT};
            poll(&out, 1, 100);
            term_pump(term);
        }
        clearok(curscr, TRUE);
        return obey(term, 'd', answers);
    case 'k': {
        struct pollfd in = {.fd = term_in_fd(term), .events = POLLIN};
        poll(&in, 1, 2000);
        size_t count = term_keys(term, now_ns(), keys, 8);
        snprintf(text, sizeof(text), "%zu:%d:%d ", count, count > 0 ? (int)keys[0].code : -1,
                 term_in_fd(term) >= 0);
        answer(answers, text);
        return true;
    }
    case 'r':
        term_resize(term);
        return obey(term, 'd', answers);
    case 's':
        term_suspend(term);
        break;
    case 'c':
        term_resume(term);
        return obey(term, 'd', answers);
    case 'i':
        snprintf(text, sizeof(text), "%dx%d:%d:%d ", COLS, LINES, term_utf8(term),
                 (int)term_colours(term));
        answer(answers, text);
        return true;
    case 'b':
        snprintf(text, sizeof(text), "%d ", (int)term_bytes(term));
        answer(answers, text);
        return true;
    case 'S':
        raise(SIGSEGV);
        break;
    case 'N': {
        volatile int *forbidden =
            mmap(NULL, sizeof(int), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        *forbidden = 1;
        break;
    }
    case 'A':
        abort();
    case 'X':
        exit(7);
    case 'Q':
        return false;
    default:
        _exit(97);
    }
    answer(answers, "done ");
    return true;
}

static _Noreturn void child(const char *path, bool as_nobody, int orders, int answers)
{
    struct diags diags = DIAGS_INIT;
    struct rlimit none = {0, 0};
    char order;

    setsid();
    int fd = open(path, O_RDWR);
    if (as_nobody && setuid(NOBODY) != 0) {
        _exit(96);
    }
    struct term_options options = {.in_fd = fd, .out_fd = fd, .mouse = true};
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGHUP, SIG_IGN);
    signal(SIGSEGV, SIG_DFL); /* not the test library's */
    signal(SIGABRT, SIG_DFL);
    alarm(30); /* a write that blocks ends the child, and so the test */
    struct term *term = term_open(&diags, &options);
    if (!term) {
        diags_print(&diags, stderr);
        _exit(99);
    }
    answer(answers, "open ");
    while (read(orders, &order, 1) == 1 && obey(term, order, answers)) {
    }
    term_close(term);
    answer(answers, "closed ");
    _exit(0);
}

/* ---- its other end -----------------------------------------------------------------------------
 */

static void take(struct pty *pty, int ms)
{
    struct pollfd poll_fd = {.fd = pty->master, .events = POLLIN};

    while (poll(&poll_fd, 1, ms) > 0) {
        assert_true(pty->count + 4096 < RECEIVED_MAX);
        ssize_t count = read(pty->master, pty->received + pty->count, 4096);
        if (count <= 0) {
            break;
        }
        pty->count += (size_t)count;
        pty->received[pty->count] = '\0';
        ms = 0;
    }
}

/* Wait for the child's answer; meanwhile what it writes to the terminal is read, or not. */
static void await(struct pty *pty, const char *want, bool reading)
{
    char text[ANSWER_MAX] = "";
    size_t count = 0;
    int64_t end_ns = now_ns() + 20 * SECOND;

    while (count < strlen(want) && now_ns() < end_ns) {
        struct pollfd fds[] = {{.fd = pty->answers, .events = POLLIN},
                               {.fd = reading ? pty->master : -1, .events = POLLIN}};
        poll(fds, 2, 100);
        if (fds[1].revents & POLLIN) {
            take(pty, 0);
        }
        if (fds[0].revents) {
            ssize_t got = read(pty->answers, text + count, strlen(want) - count);
            if (got <= 0) {
                break;
            }
            count += (size_t)got;
        }
    }
    if (strcmp(text, want) != 0) {
        int status = -1;
        pid_t ended = waitpid(pty->child, &status, WNOHANG);
        print_message("the child: %d, status %x\n", (int)ended, (unsigned)status);
    }
    assert_string_equal(text, want);
    if (reading) {
        take(pty, 0);
    }
}

static void order(struct pty *pty, char which)
{
    assert_int_equal(write(pty->orders, &which, 1), 1);
}

static void ask(struct pty *pty, char which, const char *want)
{
    order(pty, which);
    await(pty, want, true);
}

static bool received(const struct pty *pty, const char *bytes)
{
    return memmem(pty->received, pty->count, bytes, strlen(bytes)) != NULL;
}

static bool ends_with(const struct pty *pty, const char *bytes)
{
    size_t length = strlen(bytes);
    return pty->count >= length && memcmp(pty->received + pty->count - length, bytes, length) == 0;
}

static void forget(struct pty *pty)
{
    pty->count = 0;
    pty->received[0] = '\0';
}

static void start_as(struct pty *pty, bool as_nobody, const char *name, int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    char path[64];
    int orders[2];
    int answers[2];

    memset(pty, 0, sizeof(*pty));
    pty->as_nobody = as_nobody;
    pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(pty->master >= 0);
    assert_int_equal(grantpt(pty->master), 0);
    assert_int_equal(unlockpt(pty->master), 0);
    assert_int_equal(ptsname_r(pty->master, path, sizeof(path)), 0);
    pty->slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(pty->slave >= 0);
    assert_int_equal(ioctl(pty->master, TIOCSWINSZ, &size), 0);
    assert_int_equal(tcgetattr(pty->slave, &pty->modes), 0);
    assert_int_equal(pipe2(orders, O_CLOEXEC), 0);
    assert_int_equal(pipe2(answers, O_CLOEXEC), 0);
    fflush(NULL);
    pty->child = fork();
    assert_true(pty->child >= 0);
    if (pty->child == 0) {
        close(pty->master);
        close(pty->slave);
        close(orders[1]);
        close(answers[0]);
        setenv("TERM", name, 1);
        child(path, pty->as_nobody, orders[0], answers[1]);
    }
    close(orders[0]);
    close(answers[1]);
    pty->orders = orders[1];
    pty->answers = answers[0];
    await(pty, "open ", true);
}

static void start(struct pty *pty, const char *name, int rows, int columns)
{
    start_as(pty, false, name, rows, columns);
}

static struct termios modes_now(const struct pty *pty)
{
    struct termios modes;
    assert_int_equal(tcgetattr(pty->slave, &modes), 0);
    return modes;
}

static bool restored(const struct pty *pty)
{
    struct termios modes = modes_now(pty);
    return modes.c_iflag == pty->modes.c_iflag && modes.c_oflag == pty->modes.c_oflag &&
           modes.c_cflag == pty->modes.c_cflag && modes.c_lflag == pty->modes.c_lflag &&
           memcmp(modes.c_cc, pty->modes.c_cc, sizeof(modes.c_cc)) == 0;
}

/* The guardian is there an instant longer than the one it mends for. */
static void await_restored(struct pty *pty)
{
    int64_t end_ns = now_ns() + 5 * SECOND;
    while (!restored(pty) && now_ns() < end_ns) {
        take(pty, 10);
    }
    assert_true(restored(pty));
    while (!ends_with(pty, "\r") && now_ns() < end_ns) {
        take(pty, 10);
    }
}

static int end_of(struct pty *pty)
{
    int status = -1;
    assert_int_equal(waitpid(pty->child, &status, 0), pty->child);
    return status;
}

/* Nobody but this process has the terminal open: the guardian has gone, too. */
static void assert_nobody_left(struct pty *pty)
{
    struct pollfd poll_fd = {.fd = pty->master, .events = POLLIN};
    close(pty->slave);
    pty->slave = -1;
    for (int i = 0; i < 500; i++) {
        poll(&poll_fd, 1, 10);
        if (poll_fd.revents & POLLHUP) {
            return;
        }
        take(pty, 0);
    }
    fail_msg("somebody has the terminal still open");
}

static void finish(struct pty *pty)
{
    close(pty->orders);
    close(pty->answers);
    if (pty->master >= 0) {
        close(pty->master);
    }
    if (pty->slave >= 0) {
        close(pty->slave);
    }
}

static bool has_alternate(const char *name)
{
    return strcmp(name, "linux") != 0 && strcmp(name, "vt100") != 0;
}

/* What ends what was begun has come, and nothing behind it. */
static void assert_left(const struct pty *pty, const char *name)
{
    if (has_alternate(name)) {
        assert_true(received(pty, "\033[?1049l"));
        assert_true(received(pty, "\033[?1006l\033[?1000l"));
    }
    if (strcmp(name, "vt100") != 0) {
        assert_true(received(pty, "\033[?25h") || received(pty, "\033[34h"));
    }
    if (strcmp(name, "linux") != 0) {
        assert_true(received(pty, "\033[?1l\033>"));
    }
    assert_true(ends_with(pty, "\r"));
}

/* ---- tests -------------------------------------------------------------------------------------
 */

static void opens_draws_and_closes(void **state)
{
    struct pty pty;

    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        start(&pty, names[i], 30, 100);
        struct termios modes = modes_now(&pty);
        assert_int_equal(modes.c_lflag & (ICANON | ECHO | ISIG | NOFLSH), ISIG | NOFLSH);
        assert_int_equal(modes.c_iflag & (ICRNL | IXON), IXON);
        assert_int_equal(modes.c_oflag & OPOST, 0);
        ask(&pty, 'd', "done ");
        assert_true(received(&pty, "drawn row 0 of 100x30"));
        assert_true(received(&pty, "\033[1;30r"));
        assert_int_equal(received(&pty, "\033[?1049h"), has_alternate(names[i]));
        assert_int_equal(received(&pty, "\033[?1000h\033[?1006h"),
                         has_alternate(names[i]) || strcmp(names[i], "linux") == 0);
        if (strcmp(names[i], "linux") != 0) {
            assert_true(received(&pty, "\033[?1h\033="));
        }
        forget(&pty);
        ask(&pty, 'Q', "closed ");
        assert_left(&pty, names[i]);
        assert_true(restored(&pty));
        assert_int_equal(end_of(&pty), 0);
        assert_nobody_left(&pty);
        finish(&pty);
    }
}

static void knows_size_locale_and_colours(void **state)
{
    static const struct {
        const char *name;
        const char *locale;
        const char *no_color;
        int rows;
        int columns;
        const char *told;
    } cases[] = {
        {"xterm-256color", "C.UTF-8", NULL, 24, 80, "80x24:1:2 "},
        {"xterm-256color", "C.UTF-8", "", 10, 40, "40x10:1:2 "},
        {"xterm-256color", "C.UTF-8", "1", 60, 200, "200x60:1:0 "},
        {"xterm-256color", "C", NULL, 24, 80, "80x24:0:2 "},
        {"screen", "C.UTF-8", NULL, 24, 80, "80x24:1:1 "},
        {"linux", "C.UTF-8", NULL, 48, 128, "128x48:1:1 "},
        {"linux", "C.UTF-8", NULL, 0, 0, "80x24:1:1 "},
        {"vt100", "C.UTF-8", NULL, 24, 132, "132x24:0:0 "},
        {"xterm-256color", "C.UTF-8", NULL, 1, 1, "1x1:1:2 "},
        {"xterm-256color", "C.UTF-8", NULL, 65535, 65535, "1000x500:1:2 "},
    };
    struct pty pty;

    (void)state;
    setenv("LINES", "7", 1);
    setenv("COLUMNS", "9", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].no_color) {
            setenv("NO_COLOR", cases[i].no_color, 1);
        }
        assert_non_null(setlocale(LC_ALL, cases[i].locale));
        start(&pty, cases[i].name, cases[i].rows, cases[i].columns);
        ask(&pty, 'i', cases[i].told);
        ask(&pty, 'Q', "closed ");
        end_of(&pty);
        finish(&pty);
        unsetenv("NO_COLOR");
    }
    unsetenv("LINES");
    unsetenv("COLUMNS");
    setlocale(LC_ALL, "C.UTF-8");
}

/* What the last frame, drawn on a cleared screen, sends; the end of everything that arrived. */
static void assert_ends_as(const struct pty *pty, const struct pty *model)
{
    const char *clear = "\033[H\033[2J";
    const char *from = memmem(model->received, model->count, clear, strlen(clear));
    assert_non_null(from);
    size_t length = model->count - (size_t)(from - model->received);
    assert_true(length > 500 && pty->count > length);
    assert_memory_equal(pty->received + pty->count - length, from, length);
}

static void a_terminal_that_stands_still_holds_nothing_up(void **state)
{
    struct pty pty;
    struct pty model;

    (void)state;
    start(&model, "xterm-256color", 60, 200);
    ask(&model, 'p', "done ");
    for (int stopped = 0; stopped < 2; stopped++) {
        start(&pty, "xterm-256color", 60, 200);
        ask(&pty, 'd', "done ");
        forget(&pty);
        if (stopped) {
            assert_int_equal(tcflow(pty.slave, TCOOFF), 0);
        }
        order(&pty, 'f');
        await(&pty, "stuck done ", stopped); /* nobody reads; or it is read, and stopped */
        assert_int_equal(stopped && pty.count > 0, 0);
        if (stopped) {
            assert_int_equal(tcflow(pty.slave, TCOON), 0);
        }
        ask(&pty, 'p', "done ");
        assert_ends_as(&pty, &model);
        /* Of a hundred bells one waited; without Ctrl-S the kernel had room for a few more. */
        size_t bells = 0;
        for (size_t i = 0; i < pty.count; i++) {
            bells += pty.received[i] == '\a';
        }
        assert_in_range(bells, 1, stopped ? 1 : 20);
        ask(&pty, 'Q', "closed ");
        assert_true(restored(&pty));
        end_of(&pty);
        finish(&pty);
    }
    ask(&model, 'Q', "closed ");
    end_of(&model);
    finish(&model);
}

/* Another's terminal cannot be opened again, and what we were given must not be made O_NONBLOCK. */
static void a_shared_description_holds_nothing_up(void **state)
{
    struct pty pty;

    (void)state;
    if (geteuid() != 0) {
        print_message("SKIP: only root can be somebody else\n");
        skip();
    }
    for (int stopped = 0; stopped < 2; stopped++) {
        start_as(&pty, true, "xterm-256color", 60, 200);
        ask(&pty, 'd', "done ");
        assert_int_equal(write(pty.master, "x", 1), 1);
        ask(&pty, 'k', "1:0:1 ");
        if (stopped) {
            assert_int_equal(tcflow(pty.slave, TCOOFF), 0);
        }
        order(&pty, 'f');
        await(&pty, "stuck done ", false);
        if (stopped) {
            assert_int_equal(tcflow(pty.slave, TCOON), 0);
        }
        ask(&pty, 'p', "done ");
        assert_true(received(&pty, "drawn row 59 of 200x60"));
        order(&pty, 'f');
        await(&pty, "stuck done ", false);
        order(&pty, 'Q');
        await(&pty, "closed ", false);
        end_of(&pty);
        await_restored(&pty);
        assert_left(&pty, "xterm-256color");
        finish(&pty);
    }
}

/* The same of the wire alone, which needs nobody else. */
static void a_shared_description_stays_blocking(void **state)
{
    static const char zeros[1 << 16];
    struct wire wire;
    char path[64];
    char byte;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    (void)state;
    assert_int_equal(unlockpt(master), 0);
    assert_int_equal(ptsname_r(master, path, sizeof(path)), 0);
    int slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_int_equal(term_wire_open(&wire, slave, slave), 0);
    assert_true(wire.in_private && wire.out_private);
    assert_int_equal(fcntl(slave, F_GETFL) & O_NONBLOCK, 0);
    term_wire_close(&wire);
    assert_true(term_wire_gone(&wire));

    wire = (struct wire){.in_fd = dup(slave), .out_fd = dup(slave)};
    alarm(30);
    assert_int_equal(term_wire_read(&wire, &byte, 1), 0);
    size_t written = 0;
    size_t count;
    while ((count = term_wire_write(&wire, zeros, sizeof(zeros))) > 0) {
        written += count;
    }
    assert_in_range(written, 64, 1 << 17);
    assert_false(term_wire_gone(&wire));
    alarm(0);
    term_wire_close(&wire);
    close(slave);
    close(master);
}

/* The end does not wait for a terminal that stands still, and yet leaves it mended. */
static void closes_on_a_terminal_that_stands_still(void **state)
{
    static const char ends[] = "QAXK";
    struct pty pty;

    (void)state;
    for (int stopped = 0; stopped < 2; stopped++) {
        for (size_t i = 0; i < sizeof(ends) - 1; i++) {
            start(&pty, "xterm-256color", 60, 200);
            if (stopped) {
                assert_int_equal(tcflow(pty.slave, TCOOFF), 0);
            }
            order(&pty, 'f');
            await(&pty, "stuck done ", false);
            int64_t begin_ns = now_ns();
            if (ends[i] == 'K') {
                kill(pty.child, SIGKILL);
            } else {
                order(&pty, ends[i]);
            }
            end_of(&pty);
            assert_true(now_ns() - begin_ns < 2 * SECOND);
            /* Nothing of it needed somebody to read. */
            for (int wait = 0; wait < 500 && !restored(&pty); wait++) {
                poll(NULL, 0, 10);
            }
            await_restored(&pty);
            assert_left(&pty, "xterm-256color");
            assert_nobody_left(&pty);
            finish(&pty);
        }
    }
}

static void follows_the_size(void **state)
{
    struct winsize size = {.ws_row = 50, .ws_col = 132};
    struct pty pty;

    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        start(&pty, names[i], 24, 80);
        ask(&pty, 'd', "done ");
        forget(&pty);
        assert_int_equal(ioctl(pty.master, TIOCSWINSZ, &size), 0);
        ask(&pty, 'r', "done ");
        assert_true(received(&pty, "\033[1;50r"));
        assert_true(received(&pty, "drawn row 0 of 132x50"));
        assert_true(received(&pty, "\033[H\033[2J") || received(&pty, "\033[H\033[J"));
        forget(&pty);
        ask(&pty, 'Q', "closed ");
        assert_true(received(&pty, "\033[1;50r\033[50;1H"));
        end_of(&pty);
        finish(&pty);
    }
}

static void reads_keys(void **state)
{
    char want[ANSWER_MAX];
    struct pty pty;

    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        start(&pty, names[i], 24, 80);
        assert_int_equal(write(pty.master, "\033OA", 3), 3);
        snprintf(want, sizeof(want), "1:%d:1 ", KEY_CODE_UP);
        ask(&pty, 'k', want);
        assert_int_equal(write(pty.master, "\r", 1), 1);
        snprintf(want, sizeof(want), "1:%d:1 ", KEY_CODE_ENTER);
        ask(&pty, 'k', want);
        assert_int_equal(write(pty.master, "0123456789abcd", 14), 14);
        poll(NULL, 0, 20);
        snprintf(want, sizeof(want), "8:%d:1 ", KEY_CODE_CHAR);
        ask(&pty, 'k', want);
        ask(&pty, 'Q', "closed ");
        end_of(&pty);
        finish(&pty);
    }
}

static void a_hang_up_is_told_once(void **state)
{
    char want[ANSWER_MAX];
    struct pty pty;

    (void)state;
    for (int drawing = 0; drawing < 2; drawing++) {
        start(&pty, "xterm-256color", 24, 80);
        close(pty.slave);
        close(pty.master);
        pty.slave = -1;
        pty.master = -1;
        if (drawing) {
            order(&pty, 'd');
            await(&pty, "done ", false);
        }
        snprintf(want, sizeof(want), "1:%d:0 ", KEY_CODE_HANGUP);
        order(&pty, 'k');
        await(&pty, want, false);
        order(&pty, 'd'); /* nothing to draw on is no error */
        await(&pty, "done ", false);
        order(&pty, 'Q');
        await(&pty, "closed ", false);
        assert_int_equal(end_of(&pty), 0);
        finish(&pty);
    }
}

static void is_restored_when_it_ends_badly(void **state)
{
    static const struct {
        char order; /* 0: killed */
        int signal; /* 0: it exits */
    } ends[] = {{0, SIGKILL}, {'S', SIGSEGV}, {'N', SIGSEGV}, {'A', SIGABRT}, {'X', 0}};
    struct pty pty;

    (void)state;
    needs_a_real_processor("is_restored_when_it_ends_badly", "its thirty processes take minutes");
    for (size_t i = 0; i < NAMES; i++) {
        for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
            start(&pty, names[i], 24, 80);
            ask(&pty, 'd', "done ");
            forget(&pty);
            if (ends[k].order) {
                order(&pty, ends[k].order);
            } else {
                kill(pty.child, ends[k].signal);
            }
            int status = end_of(&pty);
            if (ends[k].signal == 0) {
                /* 7, or what a checker of memory makes of it */
                assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
            }
#if !defined(__SANITIZE_ADDRESS__)
            else {
                assert_true(WIFSIGNALED(status) && WTERMSIG(status) == ends[k].signal);
            }
#endif
            if (ends[k].order) {
                assert_true(restored(&pty)); /* before anybody can see that it has ended */
            }
            await_restored(&pty);
            assert_left(&pty, names[i]);
            assert_nobody_left(&pty);
            finish(&pty);
        }
    }
}

/* A shell that has the terminal by then keeps its own modes. */
static void the_guardian_leaves_modes_of_others_alone(void **state)
{
    struct pty pty;

    (void)state;
    start(&pty, "xterm-256color", 24, 80);
    ask(&pty, 'd', "done ");
    forget(&pty);
    kill(pty.child, SIGSTOP);
    struct termios shell = pty.modes;
    shell.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    assert_int_equal(tcsetattr(pty.slave, TCSANOW, &shell), 0);
    kill(pty.child, SIGKILL);
    end_of(&pty);
    for (int i = 0; i < 200 && !received(&pty, "\033[?1049l"); i++) {
        take(&pty, 10);
    }
    assert_left(&pty, "xterm-256color");
    assert_int_equal(modes_now(&pty).c_lflag, shell.c_lflag);
    assert_nobody_left(&pty);
    finish(&pty);
}

static void is_given_back_for_a_while(void **state)
{
    struct winsize size = {.ws_row = 40, .ws_col = 90};
    struct pty pty;

    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        start(&pty, names[i], 24, 80);
        ask(&pty, 'd', "done ");
        struct termios ours = modes_now(&pty);
        forget(&pty);
        ask(&pty, 's', "done ");
        assert_true(restored(&pty));
        assert_left(&pty, names[i]);
        forget(&pty);
        ask(&pty, 'd', "done "); /* not now */
        assert_int_equal(pty.count, 0);
        /* In between the size changes, and the user's modes. */
        assert_int_equal(ioctl(pty.master, TIOCSWINSZ, &size), 0);
        pty.modes.c_cc[VINTR] = 'x' & 0x1f;
        assert_int_equal(tcsetattr(pty.slave, TCSANOW, &pty.modes), 0);
        ask(&pty, 'c', "done ");
        assert_int_equal(received(&pty, "\033[?1049h"), has_alternate(names[i]));
        assert_true(received(&pty, "\033[1;40r"));
        if (strcmp(names[i], "linux") != 0) {
            assert_true(received(&pty, "\033[?1h\033="));
        }
        assert_true(received(&pty, "drawn row 0 of 90x40"));
        assert_int_equal(modes_now(&pty).c_lflag, ours.c_lflag);
        assert_int_equal(modes_now(&pty).c_cc[VINTR], 'x' & 0x1f);
        forget(&pty);
        kill(pty.child, SIGKILL);
        end_of(&pty);
        await_restored(&pty);
        assert_left(&pty, names[i]);
        finish(&pty);
    }
}

/* Killed while somebody else has the terminal: that one keeps it as it is. */
static void nothing_is_mended_twice(void **state)
{
    struct pty pty;

    (void)state;
    start(&pty, "xterm-256color", 24, 80);
    ask(&pty, 'd', "done ");
    ask(&pty, 's', "done ");
    forget(&pty);
    kill(pty.child, SIGKILL);
    end_of(&pty);
    assert_nobody_left(&pty);
    assert_int_equal(pty.count, 0);
    finish(&pty);
}

/* Continued after a stop nobody could prepare for (SIGSTOP): taken again, whatever others did. */
static void comes_back_without_having_left(void **state)
{
    struct pty pty;

    (void)state;
    start(&pty, "xterm-256color", 24, 80);
    ask(&pty, 'd', "done ");
    struct termios ours = modes_now(&pty);
    assert_int_equal(tcsetattr(pty.slave, TCSANOW, &pty.modes), 0);
    forget(&pty);
    ask(&pty, 'c', "done ");
    assert_int_equal(modes_now(&pty).c_lflag, ours.c_lflag);
    assert_true(received(&pty, "\033[?1049h"));
    assert_true(received(&pty, "drawn row 23 of 80x24"));
    ask(&pty, 'Q', "closed ");
    assert_true(restored(&pty));
    end_of(&pty);
    finish(&pty);
}

static void says_what_does_not_suit(void **state)
{
    static const struct {
        const char *name;
        const char *why; /* NULL: it suits */
    } cases[] = {
        {NULL, "TERM is not set"},
        {"", "TERM is not set"},
        {"dumb", "TERM is `dumb`"},
        {"no-such-terminal", "terminfo does not know"},
        {"../../etc/passwd", "terminfo does not know"},
        {"xterm-256color", NULL},
        {"screen", NULL},
        {"tmux", NULL},
        {"linux", NULL},
        {"vt100", NULL},
    };
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    char path[64];

    (void)state;
    assert_true(master >= 0 && null >= 0);
    assert_int_equal(unlockpt(master), 0);
    assert_int_equal(ptsname_r(master, path, sizeof(path)), 0);
    int slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(slave >= 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].name) {
            setenv("TERM", cases[i].name, 1);
        } else {
            unsetenv("TERM");
        }
        const char *why = term_unsuitable(slave, slave);
        if (cases[i].why) {
            assert_non_null(why);
            assert_non_null(strstr(why, cases[i].why));
            struct diags diags = DIAGS_INIT;
            struct term_options options = {.in_fd = slave, .out_fd = slave};
            assert_null(term_open(&diags, &options));
            assert_int_equal(diags.errors, 1);
            diags_clear(&diags);
        } else {
            assert_null(why);
        }
    }
    assert_non_null(strstr(term_unsuitable(null, slave), "input"));
    assert_non_null(strstr(term_unsuitable(slave, null), "output"));
    close(slave);
    close(master);
    close(null);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_draws_and_closes),
        cmocka_unit_test(knows_size_locale_and_colours),
        cmocka_unit_test(a_terminal_that_stands_still_holds_nothing_up),
        cmocka_unit_test(a_shared_description_holds_nothing_up),
        cmocka_unit_test(a_shared_description_stays_blocking),
        cmocka_unit_test(closes_on_a_terminal_that_stands_still),
        cmocka_unit_test(follows_the_size),
        cmocka_unit_test(reads_keys),
        cmocka_unit_test(a_hang_up_is_told_once),
        cmocka_unit_test(is_restored_when_it_ends_badly),
        cmocka_unit_test(the_guardian_leaves_modes_of_others_alone),
        cmocka_unit_test(is_given_back_for_a_while),
        cmocka_unit_test(nothing_is_mended_twice),
        cmocka_unit_test(comes_back_without_having_left),
        cmocka_unit_test(says_what_does_not_suit),
    };
    unsetenv("NO_COLOR");
    unsetenv("LOCPATH"); /* C.UTF-8 is asked for, wherever the caller keeps his locales */
    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
