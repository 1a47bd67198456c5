#include "tests/fuzz/bluez_peer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listener = -1;
static struct wire message;

void peer_listen(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char text[128];
    if (listener >= 0) {
        return;
    }
    int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "longpress-fuzz-%ld",
                          (long)getpid());
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 ||
        listen(listener, 8) != 0) {
        perror("fuzz_bluez");
        abort();
    }
    snprintf(text, sizeof(text), "unix:abstract=%s", address.sun_path + 1);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", text, 1);
    signal(SIGPIPE, SIG_IGN); /* as tui/command/main.c does */
}

void peer_hang_up(struct peer *peer)
{
    if (peer->fd >= 0) {
        close(peer->fd);
    }
    peer->fd = -1;
    peer->in_size = 0;
    peer->call_count = 0;
    peer->discovering = false;
}

void peer_send_bytes(struct peer *peer, const void *bytes, size_t size, int fd)
{
    char room[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec data = {.iov_base = (void *)bytes, .iov_len = size};
    struct msghdr header = {.msg_iov = &data, .msg_iovlen = 1};
    if (fd >= 0) {
        header.msg_control = room;
        header.msg_controllen = sizeof(room);
        struct cmsghdr *control = CMSG_FIRSTHDR(&header);
        control->cmsg_level = SOL_SOCKET;
        control->cmsg_type = SCM_RIGHTS;
        control->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(control), &fd, sizeof(int));
    }
    /* A peer that does not read is none. */
    if (peer->fd >= 0 && sendmsg(peer->fd, &header, MSG_NOSIGNAL) != (ssize_t)size) {
        peer_hang_up(peer);
    }
}

void peer_send(struct peer *peer, struct wire_head head, const struct wire *body, int fd)
{
    if (peer->fd < 0 || !peer->greeted) {
        return;
    }
    head.serial = ++peer->serial;
    wire_message(&message, &head, body);
    peer_send_bytes(peer, message.bytes, message.size, fd);
}

static void reply_to_bus_call(struct peer *peer, const struct wire_seen *seen)
{
    static struct wire body;
    const char *signature = NULL;
    body.size = 0;
    if (strcmp(seen->member, "Hello") == 0) {
        wire_string(&body, ":1.2");
        signature = "s";
    }
    peer_send(
        peer,
        (struct wire_head){.type = WIRE_RETURN, .reply_to = seen->serial, .signature = signature},
        &body, -1);
}

/* The bus itself is to be trusted; what bluetoothd is asked waits for the fuzzer. */
static void note_call(struct peer *peer, const struct wire_seen *seen)
{
    static const char *const of_the_bus[] = {"Hello", "AddMatch", "RemoveMatch"};
    for (size_t i = 0; i < sizeof(of_the_bus) / sizeof(of_the_bus[0]); i++) {
        if (strcmp(seen->member, of_the_bus[i]) == 0) {
            reply_to_bus_call(peer, seen);
            return;
        }
    }
    peer->calls_seen++;
    peer->discovering = peer->discovering && strcmp(seen->member, "StopDiscovery") != 0;
    if (peer->call_count < PEER_CALLS_MAX) {
        struct call_seen *call = &peer->calls[peer->call_count++];
        call->serial = seen->serial;
        call->number = peer->calls_seen;
        memcpy(call->member, seen->member, sizeof(call->member));
    }
}

/* The text with which every connection begins; then all is answered in advance. */
static void greet(struct peer *peer)
{
    static const char begin[] = "BEGIN\r\n";
    static const char welcome[] =
        "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n";
    uint8_t *end = memmem(peer->in, peer->in_size, begin, sizeof(begin) - 1);
    if (!end) {
        return;
    }
    end += sizeof(begin) - 1;
    peer->in_size -= (size_t)(end - peer->in);
    memmove(peer->in, end, peer->in_size);
    peer_send_bytes(peer, welcome, sizeof(welcome) - 1, -1);
    peer->greeted = true;
}

static void read_messages(struct peer *peer)
{
    size_t at = 0;
    struct wire_seen seen;
    while (peer->fd >= 0 && (seen = wire_look(peer->in + at, peer->in_size - at)).size > 0) {
        at += seen.size;
        if (seen.wants_answer) {
            note_call(peer, &seen);
        }
    }
    if (peer->fd >= 0) {
        peer->in_size -= at;
        memmove(peer->in, peer->in + at, peer->in_size);
    }
}

/* True when something came. */
bool peer_read(struct peer *peer)
{
    if (peer->fd < 0) {
        peer->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        peer->greeted = false;
    }
    if (peer->fd < 0) {
        return false;
    }
    ssize_t count = read(peer->fd, peer->in + peer->in_size, sizeof(peer->in) - peer->in_size);
    if (count <= 0) {
        if (count == 0 || errno != EAGAIN) {
            peer_hang_up(peer);
        }
        return false;
    }
    peer->in_size += (size_t)count;
    if (!peer->greeted) {
        greet(peer);
    }
    if (peer->greeted) {
        read_messages(peer);
    }
    return true;
}

void peer_reset(struct peer *peer)
{
    int fd;
    peer_hang_up(peer);
    while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        close(fd);
    }
}
