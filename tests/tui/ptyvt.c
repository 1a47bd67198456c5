#include "tests/tui/ptyvt.h"
#include "tests/tui/leader.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MS               INT64_C(1000000)
#define SEND_PATIENCE_NS (10000 * MS) /* with a program that reads nothing */
#define WHOLE_QUIET_NS   (20 * MS)

struct ptyvt {
    struct screen *screen;
    int master; /* -1: hung up */
    int slave;  /* kept: for its settings, and so that the master never ends early */
    int socket;
    pid_t leader;
    pid_t pid;
    bool stalled;
    bool ended;
    bool stopped;
    int status;
    struct termios before;
    int flags_before;

    int64_t started_ns;
    int64_t first_ns;
    int64_t first_whole_ns;
    int64_t last_output_ns;
    int64_t cpu_ns;
    uint64_t bytes;
};

int64_t ptyvt_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void take_news(struct ptyvt *pty)
{
    struct leader_news news;
    while (recv(pty->socket, &news, sizeof news, MSG_DONTWAIT) == sizeof news) {
        if (news.what == LEADER_STARTED) {
            pty->pid = news.pid;
            pty->started_ns = news.at_ns;
            pty->status = news.status;
        } else if (news.what == LEADER_STOPPED) {
            pty->stopped = true;
        } else {
            pty->ended = true;
            pty->status = news.status;
            pty->cpu_ns = news.cpu_ns;
        }
    }
}

struct ptyvt *ptyvt_start(const struct ptyvt_setup *setup, char *error, size_t size)
{
    struct ptyvt *pty = calloc(1, sizeof *pty);
    int sockets[2];
    assert(pty);
    struct winsize window = {.ws_row = (unsigned short)setup->rows,
                             .ws_col = (unsigned short)setup->columns};
    if (openpty(&pty->master, &pty->slave, NULL, NULL, &window) < 0 ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0) {
        snprintf(error, size, "no pseudo-terminal: %s", strerror(errno));
        free(pty);
        return NULL;
    }
    fcntl(pty->master, F_SETFD, FD_CLOEXEC);
    fcntl(pty->slave, F_SETFD, FD_CLOEXEC);
    fcntl(pty->master, F_SETFL, O_NONBLOCK);
    tcgetattr(pty->slave, &pty->before);
    pty->before.c_iflag |= IUTF8;
    if (setup->no_echo)
        pty->before.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(pty->slave, TCSANOW, &pty->before);
    tcgetattr(pty->slave, &pty->before);
    pty->flags_before = fcntl(pty->slave, F_GETFL);
    pty->screen = screen_new(setup->rows, setup->columns);
    pty->socket = sockets[0];
    struct leader_job job = {.terminal = pty->slave,
                             .master = pty->master,
                             .socket = sockets[1],
                             .arguments = setup->arguments,
                             .environment = setup->environment,
                             .folder = setup->folder};
    fflush(NULL);
    pty->leader = leader_start(&job);
    close(sockets[1]);
    struct pollfd wait = {.fd = pty->socket, .events = POLLIN};
    if (pty->leader > 0 && poll(&wait, 1, 10000) > 0)
        take_news(pty);
    if (pty->pid <= 0) {
        snprintf(error, size, "%s: %s", setup->arguments[0],
                 pty->status ? strerror(pty->status) : "the program could not be started");
        ptyvt_free(pty);
        return NULL;
    }
    return pty;
}

/* Calls `each` for the processes of the session, but for its leader. */
static void each_process(const struct ptyvt *pty, void (*each)(pid_t pid, void *context),
                         void *context)
{
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char *end;
        long pid = strtol(entry->d_name, &end, 10);
        if (pid > 0 && !*end && pid != pty->leader && getsid((pid_t)pid) == pty->leader)
            each((pid_t)pid, context);
    }
    if (folder)
        closedir(folder);
}

static void kill_it(pid_t pid, void *context)
{
    (void)context;
    kill(pid, SIGKILL);
}

void ptyvt_free(struct ptyvt *pty)
{
    if (!pty)
        return;
    if (pty->leader > 0) {
        if (!pty->ended)
            each_process(pty, kill_it, NULL);
        close(pty->socket);
        kill(pty->leader, SIGKILL);
        waitpid(pty->leader, NULL, 0);
    }
    if (pty->master >= 0)
        close(pty->master);
    close(pty->slave);
    screen_free(pty->screen);
    free(pty);
}

struct screen *ptyvt_screen(struct ptyvt *pty)
{
    return pty->screen;
}

pid_t ptyvt_pid(const struct ptyvt *pty)
{
    return pty->pid;
}

/* ---- taking in ---- */

static bool blank(const struct screen *screen)
{
    char *text = screen_text(screen);
    bool none = text[strspn(text, "\n")] == '\0';
    free(text);
    return none;
}

/* True: something came. Waits for it up to `ns`. */
static bool pump(struct ptyvt *pty, int64_t ns)
{
    char bytes[16384];
    struct pollfd fds[] = {{.fd = pty->stalled ? -1 : pty->master, .events = POLLIN},
                           {.fd = pty->socket, .events = pty->ended ? 0 : POLLIN}};
    if (pty->ended)
        fds[1].fd = -1;
    int64_t now = ptyvt_now_ns();
    if (pty->first_ns && !pty->first_whole_ns) {
        int64_t whole = pty->last_output_ns + WHOLE_QUIET_NS;
        if (now >= whole && !pty->stalled)
            pty->first_whole_ns = pty->last_output_ns;
        else if (whole - now < ns)
            ns = whole - now;
    }
    if (ns < 0)
        ns = 0;
    struct timespec timeout = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    if (ppoll(fds, 2, &timeout, NULL) <= 0)
        return false;
    if (fds[1].revents)
        take_news(pty);
    if (!(fds[0].revents & POLLIN))
        return false;
    ssize_t count = read(pty->master, bytes, sizeof bytes);
    if (count <= 0)
        return false;
    pty->last_output_ns = ptyvt_now_ns();
    pty->bytes += (uint64_t)count;
    screen_feed(pty->screen, bytes, (size_t)count);
    if (!pty->first_ns && !blank(pty->screen))
        pty->first_ns = pty->last_output_ns;
    return true;
}

void ptyvt_wait(struct ptyvt *pty, int64_t ns)
{
    int64_t end = ptyvt_now_ns() + ns;
    for (int64_t now; (now = ptyvt_now_ns()) < end;)
        pump(pty, end - now);
}

bool ptyvt_quiet(struct ptyvt *pty, int64_t quiet_ns, int64_t within_ns)
{
    int64_t begin = ptyvt_now_ns();
    for (int64_t since = begin;;) {
        int64_t now = ptyvt_now_ns();
        if (now - since >= quiet_ns)
            return true;
        if (now - begin > within_ns)
            return false;
        if (pump(pty, since + quiet_ns - now))
            since = pty->last_output_ns;
    }
}

bool ptyvt_until(struct ptyvt *pty, int64_t within_ns, bool (*wanted)(struct ptyvt *, void *),
                 void *context)
{
    int64_t end = ptyvt_now_ns() + within_ns;
    for (;;) {
        if (wanted(pty, context))
            return true;
        int64_t now = ptyvt_now_ns();
        if (now >= end)
            return false;
        /* What is wanted may also depend on time alone. */
        pump(pty, end - now < 20 * MS ? end - now : 20 * MS);
    }
}

static bool has_first(struct ptyvt *pty, void *context)
{
    (void)context;
    return pty->first_ns || pty->ended;
}

bool ptyvt_up(struct ptyvt *pty, int64_t quiet_ns, int64_t within_ns)
{
    if (!ptyvt_until(pty, within_ns, has_first, NULL))
        return false;
    ptyvt_quiet(pty, quiet_ns, within_ns);
    return pty->first_ns && !pty->ended;
}

static bool has_text(struct ptyvt *pty, void *context)
{
    char *text = screen_text(pty->screen);
    bool found = strstr(text, context) != NULL;
    free(text);
    return found;
}

bool ptyvt_expect(struct ptyvt *pty, const char *text, int64_t within_ns)
{
    return ptyvt_until(pty, within_ns, has_text, (void *)text);
}

static bool has_match(struct ptyvt *pty, void *context)
{
    int rows;
    int columns;
    screen_size(pty->screen, &rows, &columns);
    for (int row = 0; row < rows; row++) {
        char *line = screen_row(pty->screen, row);
        bool found = regexec(context, line, 0, NULL, 0) == 0;
        free(line);
        if (found)
            return true;
    }
    return false;
}

bool ptyvt_expect_re(struct ptyvt *pty, const regex_t *expression, int64_t within_ns)
{
    return ptyvt_until(pty, within_ns, has_match, (void *)expression);
}

/* ---- what goes in ---- */

int ptyvt_send(struct ptyvt *pty, const char *bytes, size_t count)
{
    int64_t end = ptyvt_now_ns() + SEND_PATIENCE_NS;
    while (count > 0 && pty->master >= 0) {
        ssize_t sent = write(pty->master, bytes, count);
        if (sent > 0) {
            bytes += sent;
            count -= (size_t)sent;
            end = ptyvt_now_ns() + SEND_PATIENCE_NS;
        } else if (pty->ended || ptyvt_now_ns() > end) {
            return -1;
        } else {
            pump(pty, MS);
        }
    }
    return count > 0 ? -1 : 0;
}

int ptyvt_unread(const struct ptyvt *pty)
{
    struct pollfd slave = {.fd = pty->slave, .events = POLLIN};
    int count = 0;
    /* What was written may still be on its way between the two ends, counted by neither: the kernel
     * hands it over later, on a busy machine much later, or when the slave is polled. */
    poll(&slave, 1, 0);
    ioctl(pty->slave, FIONREAD, &count);
    return count;
}

void ptyvt_resize(struct ptyvt *pty, int rows, int columns)
{
    struct winsize window = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    screen_resize(pty->screen, rows, columns);
    ioctl(pty->master, TIOCSWINSZ, &window);
}

void ptyvt_stall(struct ptyvt *pty, bool stalled)
{
    pty->stalled = stalled;
}

void ptyvt_stop_output(struct ptyvt *pty, bool stopped)
{
    tcflow(pty->slave, stopped ? TCOOFF : TCOON);
}

void ptyvt_hangup(struct ptyvt *pty)
{
    close(pty->master);
    pty->master = -1;
}

int ptyvt_signal(const struct ptyvt *pty, int signo)
{
    return kill(-pty->pid, signo);
}

void ptyvt_foreground(struct ptyvt *pty)
{
    pty->stopped = false;
    send(pty->socket, "f", 1, MSG_NOSIGNAL);
}

/* ---- how it ends ---- */

static bool has_ended(struct ptyvt *pty, void *context)
{
    (void)context;
    return pty->ended;
}

bool ptyvt_ended(struct ptyvt *pty, int64_t within_ns, int *status)
{
    if (!ptyvt_until(pty, within_ns, has_ended, NULL))
        return false;
    while (pump(pty, 0))
        continue;
    if (status)
        *status = pty->status;
    return true;
}

static bool has_stopped(struct ptyvt *pty, void *context)
{
    (void)context;
    return pty->stopped;
}

bool ptyvt_stopped(struct ptyvt *pty, int64_t within_ns)
{
    return ptyvt_until(pty, within_ns, has_stopped, NULL);
}

const char *ptyvt_unrestored(struct ptyvt *pty, char *buffer, size_t size)
{
    struct termios now;
    tcgetattr(pty->slave, &now);
    char settings[128] = "";
    if (now.c_iflag != pty->before.c_iflag || now.c_oflag != pty->before.c_oflag ||
        now.c_cflag != pty->before.c_cflag || now.c_lflag != pty->before.c_lflag ||
        memcmp(now.c_cc, pty->before.c_cc, sizeof now.c_cc) != 0)
        snprintf(settings, sizeof settings,
                 "the terminal's settings differ (input %x, output %x, local %x changed)",
                 now.c_iflag ^ pty->before.c_iflag, now.c_oflag ^ pty->before.c_oflag,
                 now.c_lflag ^ pty->before.c_lflag);
    bool flags = fcntl(pty->slave, F_GETFL) != pty->flags_before;
    char modes[512];
    const char *left = tap_unrestored(screen_tap(pty->screen), modes, sizeof modes);
    if (!settings[0] && !flags && !left)
        return NULL;
    snprintf(buffer, size, "%s%s%s%s%s", left ? left : "", left && settings[0] ? ", " : "",
             settings, flags && (left || settings[0]) ? ", " : "",
             flags ? "the terminal's file flags differ (O_NONBLOCK?)" : "");
    return buffer;
}

/* ---- measuring ---- */

int64_t ptyvt_started_ns(const struct ptyvt *pty)
{
    return pty->started_ns;
}

int64_t ptyvt_first_ns(const struct ptyvt *pty)
{
    return pty->first_ns;
}

int64_t ptyvt_first_whole_ns(const struct ptyvt *pty)
{
    return pty->first_whole_ns;
}

uint64_t ptyvt_bytes(const struct ptyvt *pty)
{
    return pty->bytes;
}

int64_t ptyvt_last_output_ns(const struct ptyvt *pty)
{
    return pty->last_output_ns;
}

static void add_cpu(pid_t pid, void *context)
{
    int64_t *sum = context;
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0)
        *sum += (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

int64_t ptyvt_cpu_ns(const struct ptyvt *pty)
{
    if (pty->ended)
        return pty->cpu_ns;
    int64_t sum = 0;
    each_process(pty, add_cpu, &sum);
    return sum;
}

struct changed {
    uint64_t before;
};

static bool has_changed(struct ptyvt *pty, void *context)
{
    const struct changed *changed = context;
    return screen_hash(pty->screen) != changed->before;
}

int64_t ptyvt_latency_ns(struct ptyvt *pty, const char *bytes, size_t count, int64_t within_ns)
{
    struct changed changed = {screen_hash(pty->screen)};
    int64_t begin = ptyvt_now_ns();
    if (ptyvt_send(pty, bytes, count) < 0 || !ptyvt_until(pty, within_ns, has_changed, &changed))
        return -1;
    return pty->last_output_ns - begin;
}
