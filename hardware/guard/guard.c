/* The keeper's side of the guard: starting, reaching and talking to it. */
#include "hardware/guard/guard_protocol.h"

#include "hardware/guard/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
    ANSWER_MS = 500,
    START_MS = 5000, /* of a service that is being started */
    PRIORITY = 60,   /* above any keeper's: what it does is short, and cannot wait */
};

bool guard_wish_line(struct guard_wish *wish, const char *chip_path, unsigned offset,
                     bool active_low)
{
    size_t chip = 0;

    while (chip < wish->chip_count && strcmp(wish->chips[chip], chip_path) != 0) {
        chip++;
    }
    if (chip == GUARD_CHIPS_MAX || wish->line_count == GUARD_LINES_MAX ||
        strlen(chip_path) >= GUARD_PATH_MAX) {
        return false;
    }
    if (chip == wish->chip_count) {
        snprintf(wish->chips[wish->chip_count++], GUARD_PATH_MAX, "%s", chip_path);
    }
    wish->lines[wish->line_count++] =
        (struct guard_line){.offset = offset, .chip = (uint16_t)chip, .active_low = active_low};
    return true;
}

/* ---- speaking ----------------------------------------------------------------------------------
 */

static struct guard_message message_of(enum guard_word word)
{
    struct guard_message message;
    memset(&message, 0, sizeof(message));
    message.magic = GUARD_MAGIC;
    message.word = word;
    return message;
}

static void say(const struct guard *guard, const struct guard_message *message)
{
    if (guard->socket >= 0) {
        send(guard->socket, message, sizeof(*message), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

static void say_word(const struct guard *guard, enum guard_word word)
{
    struct guard_message message = message_of(word);
    say(guard, &message);
}

int guard_heard(int socket, enum guard_word word)
{
    struct guard_answer answer;
    ssize_t length = recv(socket, &answer, sizeof(answer), MSG_DONTWAIT | MSG_TRUNC);

    if (length != sizeof(answer) || answer.magic != GUARD_MAGIC || answer.word != word) {
        errno = length < 0 ? errno : length == 0 ? ECONNRESET : EBADMSG;
        return -1;
    }
    errno = answer.error;
    return answer.error ? -1 : 0;
}

/* The same, waited for. */
static int hear(int socket, enum guard_word word, int patience_ms)
{
    struct pollfd polled = {.fd = socket, .events = POLLIN};
    int ready;

    do {
        ready = poll(&polled, 1, patience_ms);
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) {
        errno = ready == 0 ? ETIMEDOUT : errno;
        return -1;
    }
    return guard_heard(socket, word);
}

static int say_hello(int socket)
{
    struct guard_message hello = message_of(GUARD_HELLO);
    return send(socket, &hello, sizeof(hello), MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(hello) ? 0
                                                                                             : -1;
}

static int greet(int socket)
{
    return say_hello(socket) == 0 ? hear(socket, GUARD_HELLO, ANSWER_MS) : -1;
}

/* ---- reaching it -------------------------------------------------------------------------------
 */

/* NULL: go without. */
static const char *service_path(void)
{
    const char *path = getenv("LONGPRESS_GUARD");
    if (!path || !*path) {
        return GUARD_SOCKET;
    }
    return strcmp(path, "none") == 0 ? NULL : path;
}

bool guard_refused(void)
{
    return service_path() == NULL;
}

static bool address_of(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address->sun_path)) {
        return false;
    }
    snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
    return true;
}

/* A connection to the service, -1: it is not there. Who listens there has not said a word yet. */
static int dial(const char *path)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && (!address_of(&address, path) ||
                    connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
                    say_hello(fd) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

int guard_dial(void)
{
    const char *path = service_path();
    return path ? dial(path) : -1;
}

/* The same, once it has answered. */
static int reach_service(const char *path, int patience_ms)
{
    int fd = dial(path);

    if (fd >= 0 && hear(fd, GUARD_HELLO, patience_ms) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool guard_service_answers(void)
{
    const char *path = service_path();
    int fd = path ? reach_service(path, START_MS) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

/* In the forked process. The kernel's signals of a terminal, a session, a group are not for it. */
static _Noreturn void child(int socket)
{
    int *keep[] = {&socket};
    sigset_t set;
    struct sched_param param = {.sched_priority = PRIORITY};

    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    setsid();
    /* Its parent does not wait for it, nor does it end with its parent. */
    if (fork() != 0) {
        _exit(0);
    }
    prctl(PR_SET_NAME, "longpress-guard", 0UL, 0UL, 0UL);
    apart_close_inherited(keep, 1);
    apart_spare_from_oom();
    apart_lock_memory();
    sched_setscheduler(0, SCHED_FIFO, &param);
    guard_process(&guard_kernel_ops, -1, socket);
    _exit(0);
}

static int fork_child(void)
{
    int on = 1;
    int sockets[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sockets) != 0) {
        return -1;
    }
    /* Before anything is said: who says it is told from then on. */
    int set = setsockopt(sockets[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
    pid_t pid = set == 0 ? fork() : -1;
    if (pid == 0) {
        close(sockets[0]);
        child(sockets[1]);
    }
    close(sockets[1]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    if (pid < 0 || greet(sockets[0]) != 0) {
        close(sockets[0]);
        return -1;
    }
    return sockets[0];
}

struct guard guard_find(void)
{
    static int patience_ms = START_MS;
    struct guard guard = GUARD_INIT;
    const char *path = service_path();

    if (path) {
        guard.socket = reach_service(path, patience_ms);
        /* The next time, other keepers of this program may wait for it in a press. */
        patience_ms = ANSWER_MS;
        guard.kind = guard.socket >= 0 ? GUARD_SERVICE : GUARD_NONE;
        if (guard.socket < 0) {
            guard.socket = fork_child();
            guard.kind = guard.socket >= 0 ? GUARD_CHILD : GUARD_NONE;
        }
    }
    return guard;
}

void guard_close(struct guard *guard)
{
    if (guard->socket >= 0) {
        close(guard->socket);
    }
    *guard = GUARD_INIT;
}

/* ---- being watched -----------------------------------------------------------------------------
 */

static int send_with(int socket, struct guard_message *message, const int *fds, size_t count)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(GUARD_FDS_MAX * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = message, .iov_len = sizeof(*message)};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = CMSG_SPACE(count * sizeof(int))};

    memset(&control, 0, sizeof(control));
    struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
    return sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(*message) ? 0 : -1;
}

static struct guard_message watch_of(const struct guard_wish *wish)
{
    struct guard_message message = message_of(GUARD_WATCH);
    message.heartbeat_ns = wish->heartbeat_ns;
    message.chip_count = (uint32_t)wish->chip_count;
    message.line_count = (uint32_t)wish->line_count;
    memcpy(message.lines, wish->lines, sizeof(message.lines));
    return message;
}

int guard_possible(const struct guard_wish *wish)
{
    struct guard_message message = watch_of(wish);
    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    int error = self < 0 ? errno : 0;

    for (uint32_t i = 0; i < message.chip_count && !error; i++) {
        int chip = open(wish->chips[i], O_RDWR | O_CLOEXEC);
        error = chip < 0 ? errno : guard_kernel_ops.check_chip(chip, i, &message);
        if (chip >= 0) {
            close(chip);
        }
    }
    if (self >= 0) {
        close(self);
    }
    return error;
}

int guard_ask(int socket, const struct guard_wish *wish)
{
    struct guard_message message = watch_of(wish);
    int fds[GUARD_FDS_MAX];
    size_t count = 0;

    fds[count++] = (int)syscall(SYS_pidfd_open, getpid(), 0);
    fds[count++] = (int)syscall(SYS_pidfd_open, getppid(), 0);
    for (size_t i = 0; i < wish->chip_count; i++) {
        fds[count++] = open(wish->chips[i], O_RDWR | O_CLOEXEC);
    }
    int result = send_with(socket, &message, fds, count);
    int error = errno;
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    errno = error;
    return result;
}

int guard_watch(struct guard *guard, const struct guard_wish *wish)
{
    if (guard->socket < 0) {
        errno = ENOTCONN;
        return -1;
    }
    if (guard_ask(guard->socket, wish) != 0 || hear(guard->socket, GUARD_WATCH, ANSWER_MS) != 0) {
        int error = errno;
        guard_close(guard);
        errno = error;
        return -1;
    }
    return 0;
}

void guard_arm(const struct guard *guard, int64_t due_ns)
{
    struct guard_message message = message_of(GUARD_ARM);
    message.due_ns = due_ns;
    say(guard, &message);
}

void guard_beat(const struct guard *guard)
{
    say_word(guard, GUARD_BEAT);
}

void guard_disarm(const struct guard *guard)
{
    say_word(guard, GUARD_DISARM);
}

void guard_yield(const struct guard *guard)
{
    say_word(guard, GUARD_YIELD);
}

void guard_taken(const struct guard *guard)
{
    say_word(guard, GUARD_TAKEN);
}

void guard_done(const struct guard *guard)
{
    say_word(guard, GUARD_DONE);
}

/* ---- serving -----------------------------------------------------------------------------------
 */

static int listen_at(const char *path, char *wrong, size_t wrong_size)
{
    struct sockaddr_un address;

    if (!address_of(&address, path)) {
        snprintf(wrong, wrong_size, "%.64s...: too long for a socket path", path);
        return -1;
    }
    /* A socket that an earlier guard left behind. One that lives is not taken from it. */
    int living = reach_service(path, ANSWER_MS);
    struct stat status;
    if (living >= 0) {
        close(living);
        snprintf(wrong, wrong_size, "%s: another guard is already listening there", path);
        return -1;
    }
    if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode)) {
        unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        chmod(path, 0666) != 0 || listen(fd, SOMAXCONN) != 0) {
        snprintf(wrong, wrong_size, "%s: cannot listen there: %s", path, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

int guard_serve(const char *path, char *wrong, size_t wrong_size)
{
    int handed = path ? 0 : sd_listen_fds(1);
    int listener;

    if (handed > 1 ||
        (handed == 1 && sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_SEQPACKET, 1, NULL, 0) <= 0)) {
        snprintf(wrong, wrong_size,
                 "the service manager must pass exactly one listening SOCK_SEQPACKET socket");
        return -1;
    }
    listener = handed == 1 ? SD_LISTEN_FDS_START
                           : listen_at(path ? path : GUARD_SOCKET, wrong, wrong_size);
    if (listener < 0) {
        return -1;
    }
    fcntl(listener, F_SETFL, O_NONBLOCK);
    prctl(PR_SET_NAME, "longpress-guard", 0UL, 0UL, 0UL);
    apart_spare_from_oom();
    apart_lock_memory();
    guard_process(&guard_kernel_ops, listener, -1);
    return -1;
}
