/*
 * Any messages, from several connections, with any descriptors, any processes ending, any time
 * passing, to the guard: nobody is killed and no line is taken but as its contract has it, and no
 * descriptor is left.
 *
 * Input: records. A byte says what: 0 to 3 a message on that connection (a byte for the descriptors
 * that go with it, a byte for its length, then its bytes), 4 to 7 a good GUARD_WATCH there (a byte:
 * which lines), 8 to 11 that connection's keeper ends, 12 to 15 its parent, 16 to 19 the connection
 * is closed, 20 time passes (a byte, in 10 ms), 21 the lines cannot be taken for the next so many
 * attempts (a byte), 32 to 63 a well-formed short word there.
 */
#include <poll.h>
#include <stdint.h>
#include <time.h>

/* The clock is the fuzzer's, so that nobody waits. */
static int poll_now(struct pollfd *fds, nfds_t count, const struct timespec *left, const void *mask)
{
    (void)left;
    (void)mask;
    return poll(fds, count, 0);
}
#define ppoll(fds, count, left, mask) poll_now(fds, count, left, mask)
/* The process itself, with its statics. NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "hardware/guard/guard_process.c"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>

enum { CONNECTIONS = 4, TURNS = 3, OPEN_FDS = 200 };

struct world {
    int64_t clock_ns;
    int busy;
    int kills;
    int socket[CONNECTIONS];
    int keeper[CONNECTIONS][2]; /* a process is a pipe; it ends when the writing end is closed */
    int parent[CONNECTIONS][2];
    int chip;
};

static struct world world;
static struct guarding self;

static int64_t fake_now(void)
{
    return world.clock_ns;
}

static pid_t fake_pid_of(int fd)
{
    struct stat status;
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    if (fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode)) {
        return -1;
    }
    return poll(&polled, 1, 0) == 0 ? getpid() : 0;
}

static int fake_kill(int pidfd)
{
    struct stat status;
    bool is_watched = false;
    assert(fstat(pidfd, &status) == 0 && S_ISFIFO(status.st_mode));
    for (size_t w = 0; w < WARDS_MAX; w++) {
        const struct ward *ward = &self.wards[w];
        is_watched = is_watched ||
                     (ward->state == WATCHED && ward->armed && ward->fds[GUARD_FD_KEEPER] == pidfd);
    }
    assert(is_watched);
    world.kills++;
    return 0;
}

static int fake_check_chip(int fd, uint32_t chip, const struct guard_message *message)
{
    struct stat status;
    assert(message->line_count <= GUARD_LINES_MAX && chip < GUARD_CHIPS_MAX);
    return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) ? 0 : ENOTTY;
}

static int fake_take(int chip, const struct guard_line *line)
{
    bool is_wanted = false;
    for (size_t w = 0; w < WARDS_MAX; w++) {
        const struct ward *ward = &self.wards[w];
        /* Never as long as its keeper is there. */
        is_wanted = is_wanted || (ward->state == TAKING && ward->fds[GUARD_FD_KEEPER] < 0 &&
                                  line >= ward->lines && line < ward->lines + ward->line_count);
    }
    assert(is_wanted && chip >= 0);
    if (world.busy > 0) {
        world.busy--;
        errno = EBUSY;
        return -1;
    }
    return fcntl(chip, F_DUPFD_CLOEXEC, 0);
}

static void send_message(int to, void *bytes, size_t length, const int *fds, size_t count)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(16 * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = length};
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
    sendmsg(to, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

struct input {
    const uint8_t *data;
    size_t left;
};

static uint8_t next(struct input *input)
{
    if (input->left == 0) {
        return 0;
    }
    input->left--;
    return *input->data++;
}

static void any_message(struct input *input, int c)
{
    uint8_t bytes[300] = {0};
    int fds[16];
    uint8_t which = next(input);
    size_t length = next(input) + (size_t)(which & 1);
    for (size_t i = 0; i < length; i++) {
        bytes[i] = next(input);
    }
    size_t count = (which >> 1) % 16;
    for (size_t i = 0; i < count; i++) {
        fds[i] = i == 0 && which & 128   ? world.keeper[c][0]
                 : i == 1 && which & 128 ? world.parent[c][0]
                                         : world.chip;
    }
    send_message(world.socket[c], bytes, length, fds, count);
}

static void good_watch(struct input *input, int c)
{
    uint8_t which = next(input);
    struct guard_message message = {.magic = GUARD_MAGIC,
                                    .word = GUARD_WATCH,
                                    .heartbeat_ns = 250 * NS_PER_MS,
                                    .chip_count = 1,
                                    .line_count = 1 + which % 3};
    int fds[] = {world.keeper[c][0], world.parent[c][0], world.chip};
    for (uint32_t i = 0; i < message.line_count; i++) {
        message.lines[i].offset = which / 3 + i;
    }
    send_message(world.socket[c], &message, sizeof(message), fds, 3);
}

static void end_process(int ends[2])
{
    close_fd(&ends[1]);
}

static void record(struct input *input)
{
    uint8_t what = next(input);
    int c = what % CONNECTIONS;
    if (what < 4) {
        any_message(input, c);
    } else if (what < 8) {
        good_watch(input, c);
    } else if (what < 12) {
        end_process(world.keeper[c]);
    } else if (what < 16) {
        end_process(world.parent[c]);
    } else if (what < 20) {
        close_fd(&world.socket[c]);
    } else if (what == 20) {
        world.clock_ns += next(input) * 10 * NS_PER_MS;
    } else if (what == 21) {
        world.busy = next(input);
    } else if (what >= 32 && what < 64) {
        struct guard_message message = {.magic = GUARD_MAGIC,
                                        .word = GUARD_HELLO + (what - 32) / CONNECTIONS,
                                        .due_ns = world.clock_ns + 100 * NS_PER_MS};
        send_message(world.socket[c], &message, sizeof(message), NULL, 0);
    }
}

static void begin(const struct guard_ops *ops, int listener)
{
    int on = 1;
    world = (struct world){.clock_ns = 1000 * NS_PER_MS};
    world.chip = open("/dev/null", O_RDWR | O_CLOEXEC);
    self = (struct guarding){.ops = ops, .listener = listener};
    for (size_t w = 0; w < WARDS_MAX; w++) {
        clear(&self.wards[w]);
    }
    for (int c = 0; c < CONNECTIONS; c++) {
        int sockets[2];
        int made = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets);
        made |= setsockopt(sockets[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
        made |= pipe2(world.keeper[c], O_CLOEXEC) | pipe2(world.parent[c], O_CLOEXEC);
        assert(made == 0);
        (void)made;
        world.socket[c] = sockets[0];
        admit(&self, sockets[1], 0);
    }
}

static void end(void)
{
    for (int c = 0; c < CONNECTIONS; c++) {
        close_fd(&world.socket[c]);
        close_all(world.keeper[c], 2);
        close_all(world.parent[c], 2);
    }
    close_fd(&world.chip);
    for (size_t w = 0; w < WARDS_MAX; w++) {
        dismiss(&self.wards[w]);
    }
}

static int open_fds(void)
{
    int count = 0;
    for (int fd = 0; fd < OPEN_FDS; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct guard_ops ops = {.now = fake_now,
                                         .pid_of = fake_pid_of,
                                         .kill = fake_kill,
                                         .check_chip = fake_check_chip,
                                         .take = fake_take};
    struct input input = {.data = data, .left = size};
    int before = open_fds();
    /* A service has a listener, and nobody calls: an end of a pipe that has nothing to read. */
    int calls[2];
    if (pipe2(calls, O_CLOEXEC) != 0) {
        return 0;
    }
    bool service = next(&input) & 1;

    begin(&ops, service ? calls[0] : -1);
    while (input.left > 0) {
        record(&input);
        for (int i = 0; i < TURNS; i++) {
            turn(&self);
        }
    }
    end();
    close(calls[0]);
    close(calls[1]);
    assert(open_fds() == before);
    (void)before;
    return 0;
}
