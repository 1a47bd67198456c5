/*
 * The guard's own process: a table of wards, one for each keeper, and one loop. It allocates
 * nothing, and waits only for descriptors and the next deadline.
 *
 * The states of a ward: NEW (somebody has connected) - WATCHED (the keeper has passed its lines) -
 * STRUCK (it failed and was killed) - TAKING (it is gone, its lines are being requested) - HELD, or
 * PARENTED (its parent has them). GUARD_DONE ends it in any state.
 */
#include "hardware/guard/guard_protocol.h"
#include "rig/base/least.h"
#include "rig/base/units.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    WARDS_MAX = 64,
    WARDS_EACH_MAX = 16,   /* of one user */
    MESSAGES_AT_ONCE = 16, /* of one ward, before it is the others' turn */
    FDS_PER_WARD = 3,      /* to poll: socket, keeper, parent */
};

#define STRANGER_NS     (5000 * NS_PER_MS) /* to say what one has come for */
#define TAKE_AGAIN_NS   (1 * NS_PER_MS)
#define TAKE_GIVE_UP_NS (10000 * NS_PER_MS) /* somebody else's by now */
#define DUE_MAX_NS      (INT64_C(400) * 24 * 3600 * 1000 * NS_PER_MS)

enum ward_state { FREE, NEW, WATCHED, STRUCK, TAKING, HELD, PARENTED };

struct ward {
    enum ward_state state;
    uid_t user;
    int socket;             /* these are -1 when closed */
    int fds[GUARD_FDS_MAX]; /* keeper, parent, chips */
    uint32_t chip_count;
    uint32_t line_count;
    struct guard_line lines[GUARD_LINES_MAX];
    int taken[GUARD_LINES_MAX];
    bool dropped[GUARD_LINES_MAX]; /* somebody else's again */
    bool armed;
    bool unread; /* there is more from it to be read, before it is judged */
    int64_t due_ns;
    int64_t heartbeat_ns;
    int64_t heard_ns;
    int64_t parent_gone_ns; /* INT64_MAX: it is there */
    int64_t since_ns;       /* of NEW and TAKING */
    int64_t again_ns;       /* TAKING: next attempt */
    int64_t yield_ns;       /* not before */
};

struct guarding {
    const struct guard_ops *ops;
    int listener;
    struct ward wards[WARDS_MAX];
};

/* ---- messages ----------------------------------------------------------------------------------
 */

static int check_watch(const struct guard_message *message, size_t fd_count)
{
    if (message->line_count == 0 || message->line_count > GUARD_LINES_MAX ||
        message->chip_count == 0 || message->chip_count > GUARD_CHIPS_MAX ||
        fd_count != GUARD_FD_CHIPS + message->chip_count || message->heartbeat_ns <= 0 ||
        message->heartbeat_ns > DUE_MAX_NS) {
        return EINVAL;
    }
    for (uint32_t i = 0; i < message->line_count; i++) {
        if (message->lines[i].chip >= message->chip_count || message->lines[i].active_low > 1) {
            return EINVAL;
        }
    }
    return 0;
}

int guard_check(const void *data, size_t length, size_t fd_count)
{
    struct guard_message message;

    if (length != sizeof(message)) {
        return EBADMSG;
    }
    memcpy(&message, data, sizeof(message));
    if (message.magic != GUARD_MAGIC) {
        return EBADMSG;
    }
    switch (message.word) {
    case GUARD_WATCH:
        return check_watch(&message, fd_count);
    case GUARD_ARM:
        return fd_count == 0 && message.due_ns >= 0 && message.due_ns <= DUE_MAX_NS * 100 ? 0
                                                                                          : EINVAL;
    case GUARD_HELLO:
    case GUARD_BEAT:
    case GUARD_DISARM:
    case GUARD_YIELD:
    case GUARD_TAKEN:
    case GUARD_DONE:
        return fd_count == 0 ? 0 : EINVAL;
    default:
        return EBADMSG;
    }
}

/* ---- wards -------------------------------------------------------------------------------------
 */

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        close_fd(&fds[i]);
    }
}

static void clear(struct ward *ward)
{
    *ward = (struct ward){.state = FREE, .socket = -1, .parent_gone_ns = INT64_MAX};
    for (size_t i = 0; i < GUARD_FDS_MAX; i++) {
        ward->fds[i] = -1;
    }
    for (size_t i = 0; i < GUARD_LINES_MAX; i++) {
        ward->taken[i] = -1;
    }
}

/* No longer watched, and nothing held; a connection stays, for the next keeper of that parent. */
static void forget(struct ward *ward, int64_t now_ns)
{
    int socket = ward->socket;
    uid_t user = ward->user;

    close_all(ward->fds, GUARD_FDS_MAX);
    close_all(ward->taken, GUARD_LINES_MAX);
    clear(ward);
    if (socket >= 0) {
        ward->state = NEW;
        ward->socket = socket;
        ward->user = user;
        ward->since_ns = now_ns;
    }
}

static void dismiss(struct ward *ward)
{
    close_fd(&ward->socket);
    forget(ward, 0);
}

/* A keeper that registers a line is about to request it, so the line is released if it is held for
 * one that is gone. */
static void make_way(struct guarding *self, const struct ward *ward, uint32_t line)
{
    struct stat wanted;
    struct stat status;

    if (fstat(ward->fds[GUARD_FD_CHIPS + ward->lines[line].chip], &wanted) != 0) {
        return;
    }
    for (size_t w = 0; w < WARDS_MAX; w++) {
        struct ward *other = &self->wards[w];
        if (other == ward || (other->state != TAKING && other->state != HELD)) {
            continue;
        }
        for (uint32_t i = 0; i < other->line_count; i++) {
            if (other->lines[i].offset == ward->lines[line].offset &&
                fstat(other->fds[GUARD_FD_CHIPS + other->lines[i].chip], &status) == 0 &&
                status.st_rdev == wanted.st_rdev) {
                close_fd(&other->taken[i]);
                other->dropped[i] = true;
            }
        }
    }
}

/* With nothing left to hold there is nothing left to do. */
static void drop_empty(struct guarding *self)
{
    for (size_t w = 0; w < WARDS_MAX; w++) {
        struct ward *ward = &self->wards[w];
        uint32_t dropped = 0;
        for (uint32_t i = 0; i < ward->line_count; i++) {
            dropped += ward->dropped[i];
        }
        if ((ward->state == TAKING || ward->state == HELD) && dropped == ward->line_count) {
            forget(ward, self->ops->now());
        }
    }
}

/* The descriptors are the ward's from here on, or closed. 0, or errno. */
static int watch(struct guarding *self, struct ward *ward, const struct guard_message *message,
                 int fds[GUARD_FDS_MAX], pid_t sender)
{
    int error = ward->state == NEW ? 0 : EBUSY;
    pid_t keeper = self->ops->pid_of(fds[GUARD_FD_KEEPER]);

    /* A keeper that has ended since it sent this can no longer be killed; whoever has its chips
     * open may have its lines taken. */
    if (!error && (sender <= 0 || (keeper != sender && keeper != 0) ||
                   self->ops->pid_of(fds[GUARD_FD_PARENT]) < 0)) {
        error = EPERM;
    }
    for (uint32_t i = 0; i < message->chip_count && !error; i++) {
        error = self->ops->check_chip(fds[GUARD_FD_CHIPS + i], i, message);
    }
    if (error) {
        close_all(fds, GUARD_FDS_MAX);
        return error;
    }
    memcpy(ward->fds, fds, sizeof(ward->fds));
    memcpy(ward->lines, message->lines, sizeof(ward->lines));
    ward->chip_count = message->chip_count;
    ward->line_count = message->line_count;
    ward->heartbeat_ns = message->heartbeat_ns;
    ward->heard_ns = self->ops->now();
    ward->state = WATCHED;
    for (uint32_t i = 0; i < ward->line_count; i++) {
        make_way(self, ward, i);
    }
    drop_empty(self);
    return 0;
}

static void answer(const struct ward *ward, uint32_t word, int error)
{
    struct guard_answer told;
    memset(&told, 0, sizeof(told));
    told.magic = GUARD_MAGIC;
    told.word = word;
    told.error = error;
    send(ward->socket, &told, sizeof(told), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void yield(struct ward *ward, int64_t now_ns)
{
    ward->yield_ns = now_ns + GUARD_YIELD_NS;
    close_all(ward->taken, GUARD_LINES_MAX);
    if (ward->state == HELD) {
        ward->state = TAKING;
        ward->since_ns = now_ns;
    }
    ward->again_ns = ward->yield_ns;
}

/* Nobody is killed any more, now that the one who might have been is gone. A parent that is gone
 * too is noticed as it is watched. */
static void hand_over(struct ward *ward)
{
    if (ward->state == WATCHED || ward->state == STRUCK || ward->state == TAKING ||
        ward->state == HELD) {
        close_all(ward->taken, GUARD_LINES_MAX);
        close_fd(&ward->fds[GUARD_FD_KEEPER]);
        ward->armed = false;
        ward->state = PARENTED;
    }
}

static void obey(struct guarding *self, struct ward *ward, const struct guard_message *message)
{
    switch (message->word) {
    case GUARD_HELLO:
        answer(ward, GUARD_HELLO, 0);
        break;
    case GUARD_ARM:
        ward->armed = ward->state == WATCHED;
        ward->due_ns = message->due_ns;
        ward->heard_ns = self->ops->now();
        break;
    case GUARD_BEAT:
        ward->heard_ns = self->ops->now();
        break;
    case GUARD_DISARM:
        ward->armed = false;
        break;
    case GUARD_YIELD:
        yield(ward, self->ops->now());
        break;
    case GUARD_TAKEN:
        hand_over(ward);
        break;
    default:
        forget(ward, self->ops->now());
        break;
    }
}

struct letter {
    struct guard_message message;
    size_t length;
    int fds[GUARD_FDS_MAX]; /* -1 beyond fd_count */
    size_t fd_count;
    pid_t sender;
};

static void open_envelope(struct letter *letter, struct msghdr *header)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
        if (part->cmsg_level != SOL_SOCKET) {
            continue;
        }
        if (part->cmsg_type == SCM_CREDENTIALS) {
            struct ucred sender;
            memcpy(&sender, CMSG_DATA(part), sizeof(sender));
            letter->sender = sender.pid;
        } else if (part->cmsg_type == SCM_RIGHTS) {
            size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t i = 0; i < count; i++) {
                int fd;
                memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(fd));
                if (letter->fd_count < GUARD_FDS_MAX) {
                    letter->fds[letter->fd_count++] = fd;
                } else {
                    close(fd);
                }
            }
        }
    }
}

/* 1: there is one; 0: none yet; -1: nobody is there any more. */
static int receive(const struct ward *ward, struct letter *letter)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(GUARD_FDS_MAX * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec part = {.iov_base = &letter->message, .iov_len = sizeof(letter->message)};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof(control)};

    memset(letter, 0, sizeof(*letter));
    for (size_t i = 0; i < GUARD_FDS_MAX; i++) {
        letter->fds[i] = -1;
    }
    ssize_t length = recvmsg(ward->socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);
    if (length < 0) {
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    }
    open_envelope(letter, &header);
    letter->length = header.msg_flags & MSG_CTRUNC ? 0 : (size_t)length;
    /* What has no length is the end of the connection, or of no use. */
    return length > 0 ? 1 : -1;
}

/* One message of a ward. False when there is none. */
static bool read_one(struct guarding *self, struct ward *ward)
{
    struct letter letter;
    int got = receive(ward, &letter);

    if (got <= 0) {
        close_all(letter.fds, GUARD_FDS_MAX);
        if (got < 0) {
            close_fd(&ward->socket);
        }
        return false;
    }
    int error = guard_check(&letter.message, letter.length, letter.fd_count);
    if (!error && letter.message.word == GUARD_WATCH) {
        error = watch(self, ward, &letter.message, letter.fds, letter.sender);
        answer(ward, GUARD_WATCH, error);
    } else if (!error) {
        obey(self, ward, &letter.message);
    } else {
        close_all(letter.fds, GUARD_FDS_MAX);
        answer(ward, letter.message.word, error);
    }
    if (error && ward->state == NEW) {
        close_fd(&ward->socket);
    }
    return ward->socket >= 0;
}

static void read_messages(struct guarding *self, struct ward *ward)
{
    int count = 0;

    while (count < MESSAGES_AT_ONCE && ward->socket >= 0 && read_one(self, ward)) {
        count++;
    }
    ward->unread = count == MESSAGES_AT_ONCE;
}

/* ---- duty --------------------------------------------------------------------------------------
 */

/* When the keeper must have been heard, or be done, or be gone. */
static int64_t patience_ns(const struct ward *ward)
{
    int64_t until_ns = least(ward->heard_ns + ward->heartbeat_ns, ward->due_ns);
    until_ns = least(until_ns, ward->parent_gone_ns);
    return ward->armed && ward->state == WATCHED && !ward->unread ? until_ns + GUARD_GRACE_NS
                                                                  : INT64_MAX;
}

static void take(struct guarding *self, struct ward *ward, int64_t now_ns)
{
    bool all = now_ns >= ward->yield_ns;

    for (uint32_t i = 0; i < ward->line_count && now_ns >= ward->yield_ns; i++) {
        if (ward->taken[i] < 0 && !ward->dropped[i]) {
            int chip = ward->fds[GUARD_FD_CHIPS + ward->lines[i].chip];
            ward->taken[i] = self->ops->take(chip, &ward->lines[i]);
            all = all && ward->taken[i] >= 0;
        }
    }
    ward->again_ns = now_ns < ward->yield_ns ? ward->yield_ns : now_ns + TAKE_AGAIN_NS;
    if (all) {
        ward->state = HELD;
    } else if (now_ns - ward->since_ns >= TAKE_GIVE_UP_NS) {
        forget(ward, now_ns);
    }
}

static void owner_gone(struct guarding *self, struct ward *ward, int64_t now_ns)
{
    ward->state = TAKING;
    ward->armed = false;
    ward->since_ns = now_ns;
    close_fd(&ward->fds[GUARD_FD_KEEPER]);
    take(self, ward, now_ns);
}

static int64_t due_ns(const struct guarding *self, const struct ward *ward)
{
    switch (ward->state) {
    case NEW:
        /* A child's one connection is no stranger's. */
        return self->listener < 0 ? INT64_MAX : ward->since_ns + STRANGER_NS;
    case WATCHED:
        return patience_ns(ward);
    case TAKING:
        return ward->again_ns;
    default:
        return INT64_MAX;
    }
}

/* Handles deadlines that have passed. */
static void tend(struct guarding *self, struct ward *ward, int64_t now_ns)
{
    bool due = now_ns >= due_ns(self, ward);

    if (due && ward->state == WATCHED) {
        self->ops->kill(ward->fds[GUARD_FD_KEEPER]);
        ward->state = STRUCK;
    } else if (due && ward->state == TAKING) {
        take(self, ward, now_ns);
    }
    /* The other end is closed. A child has no reason to hold lines any longer; the service holds
     * them. */
    if ((due && ward->state == NEW) ||
        (ward->socket < 0 && (ward->state == NEW || (ward->state == HELD && self->listener < 0)))) {
        dismiss(ward);
    }
}

/* Handles descriptors that are ready. */
static void look(struct guarding *self, struct ward *ward, const struct pollfd polled[FDS_PER_WARD])
{
    bool gone = polled[1].revents != 0;

    /* What a keeper said before it ended counts: it is all there by now. */
    if (ward->socket >= 0 && (polled[0].revents || gone)) {
        read_messages(self, ward);
    }
    if (polled[2].revents && ward->fds[GUARD_FD_PARENT] >= 0) {
        ward->parent_gone_ns = self->ops->now();
        close_fd(&ward->fds[GUARD_FD_PARENT]);
    }
    if (gone && ward->fds[GUARD_FD_KEEPER] >= 0) {
        owner_gone(self, ward, self->ops->now());
    }
    if (ward->state == PARENTED && ward->fds[GUARD_FD_PARENT] < 0) {
        owner_gone(self, ward, self->ops->now());
    }
}

/* ---- the loop ----------------------------------------------------------------------------------
 */

static struct ward *admit(struct guarding *self, int socket, uid_t user)
{
    struct ward *found = NULL;
    int theirs = 0;

    for (size_t w = 0; w < WARDS_MAX; w++) {
        struct ward *ward = &self->wards[w];
        if (ward->state == FREE) {
            found = found ? found : ward;
        } else {
            theirs += ward->user == user;
        }
    }
    if (!found || theirs >= WARDS_EACH_MAX) {
        return NULL;
    }
    clear(found);
    found->state = NEW;
    found->socket = socket;
    found->user = user;
    found->since_ns = self->ops->now();
    return found;
}

static void accept_one(struct guarding *self)
{
    int on = 1;
    struct ucred peer;
    socklen_t size = sizeof(peer);
    int socket = accept4(self->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (socket < 0) {
        return;
    }
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
        setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) != 0 ||
        !admit(self, socket, peer.uid)) {
        close(socket);
    }
}

static void poll_ward(const struct ward *ward, struct pollfd polled[FDS_PER_WARD])
{
    polled[0] = (struct pollfd){.fd = ward->socket, .events = POLLIN};
    polled[1] = (struct pollfd){.fd = ward->fds[GUARD_FD_KEEPER], .events = POLLIN};
    polled[2] = (struct pollfd){.fd = ward->fds[GUARD_FD_PARENT], .events = POLLIN};
}

/* One round of the loop: wait, then handle everything. False when nobody is left. */
static bool turn(struct guarding *self)
{
    struct pollfd polled[1 + WARDS_MAX * FDS_PER_WARD];
    struct ward *polled_wards[WARDS_MAX];
    size_t count = 0;
    int64_t wake_ns = INT64_MAX;

    polled[0] = (struct pollfd){.fd = self->listener, .events = POLLIN};
    for (size_t w = 0; w < WARDS_MAX; w++) {
        struct ward *ward = &self->wards[w];
        if (ward->state != FREE) {
            poll_ward(ward, &polled[1 + count * FDS_PER_WARD]);
            polled_wards[count++] = ward;
            wake_ns = least(wake_ns, due_ns(self, ward));
        }
    }
    if (self->listener < 0 && count == 0) {
        return false;
    }
    int64_t left_ns = wake_ns - self->ops->now();
    left_ns = left_ns > 0 ? left_ns : 0;
    struct timespec left = {.tv_sec = left_ns / (1000 * NS_PER_MS),
                            .tv_nsec = left_ns % (1000 * NS_PER_MS)};
    int ready = ppoll(polled, 1 + count * FDS_PER_WARD, wake_ns == INT64_MAX ? NULL : &left, NULL);
    for (size_t w = 0; w < count; w++) {
        if (ready > 0) {
            look(self, polled_wards[w], &polled[1 + w * FDS_PER_WARD]);
        }
        tend(self, polled_wards[w], self->ops->now());
    }
    if (ready > 0 && polled[0].revents) {
        accept_one(self);
    }
    return true;
}

void guard_process(const struct guard_ops *ops, int listener, int socket)
{
    struct guarding self = {.ops = ops, .listener = listener};

    for (size_t w = 0; w < WARDS_MAX; w++) {
        clear(&self.wards[w]);
    }
    if (socket >= 0) {
        admit(&self, socket, 0);
    }
    while (turn(&self)) {
    }
}
