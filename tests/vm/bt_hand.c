/*
 * bt_hand: a client of org.bluez, worked by hand. It stays on the bus, as an agent, a profile or a
 * discovery must, and does what each line of standard input says; what comes of it is a line on
 * standard output, with its CLOCK_MONOTONIC time. bluetoothctl would do, but for profiles: it
 * cannot register one.
 *
 *     agent CAPABILITY          register an agent, asked for what this client itself begins
 *     default                   ... and for everything else
 *     accept | reject           what the agent answers from now on (at first: accept)
 *     profile UUID              register a profile: authentication, no authorization
 *     call PATH INTERFACE METHOD [ARG...]   an ARG with a slash first is an object path
 *     wait PATH INTERFACE METHOD [ARG...]   the same, and no other line until it has answered
 *     bredr PATH                SetDiscoveryFilter of an adapter: BR/EDR only, every RSSI told
 *     hangup                    close the connections that the profile was given
 *
 * It ends with its input.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

enum { FDS_MAX = 16, WORDS_MAX = 8 };

static sd_bus *bus;
static bool accepts = true;
static int fds[FDS_MAX];
static size_t fd_count;
static unsigned profiles;
static bool waiting;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    struct timespec now;
    va_list args;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%" PRId64 ".%06ld ", (int64_t)now.tv_sec, now.tv_nsec / 1000);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

static void check(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "bt_hand: %s: %s\n", what, strerror(-result));
        exit(1);
    }
}

/* The arguments of a call that came in, as one word each. */
static int handle(sd_bus_message *message, void *context, sd_bus_error *error)
{
    const char *member = sd_bus_message_get_member(message);
    const char *device = "";
    const char *service = "";
    uint32_t passkey = 0;
    int fd = -1;
    (void)context;

    if (strcmp(member, "NewConnection") == 0) {
        check(sd_bus_message_read(message, "oh", &device, &fd), member);
        say("profile %s %s", member, device);
        if (fd_count < FDS_MAX) {
            fds[fd_count++] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        }
        return sd_bus_reply_method_return(message, NULL);
    }
    if (strcmp(member, "RequestDisconnection") == 0) {
        check(sd_bus_message_read(message, "o", &device), member);
        say("profile %s %s", member, device);
        return sd_bus_reply_method_return(message, NULL);
    }
    if (strcmp(member, "Release") == 0 || strcmp(member, "Cancel") == 0) {
        say("%s %s", sd_bus_message_get_interface(message), member);
        return sd_bus_reply_method_return(message, NULL);
    }
    check(sd_bus_message_read(message, "o", &device), member);
    if (strcmp(member, "RequestConfirmation") == 0) {
        check(sd_bus_message_read(message, "u", &passkey), member);
    } else if (strcmp(member, "AuthorizeService") == 0) {
        check(sd_bus_message_read(message, "s", &service), member);
    }
    say("agent %s %s %s %s", member, device, service, accepts ? "accepted" : "rejected");
    if (!accepts) {
        return sd_bus_error_set(error, "org.bluez.Error.Rejected", "rejected by hand");
    }
    if (strcmp(member, "RequestPinCode") == 0) {
        return sd_bus_reply_method_return(message, "s", "0000");
    }
    if (strcmp(member, "RequestPasskey") == 0) {
        return sd_bus_reply_method_return(message, "u", 0);
    }
    return sd_bus_reply_method_return(message, NULL);
}

static const sd_bus_vtable agent_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Release", "", "", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Cancel", "", "", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestPinCode", "o", "s", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("DisplayPinCode", "os", "", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestPasskey", "o", "u", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("DisplayPasskey", "ouq", "", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestConfirmation", "ou", "", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestAuthorization", "o", "", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("AuthorizeService", "os", "", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static const sd_bus_vtable profile_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Release", "", "", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("NewConnection", "oha{sv}", "", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestDisconnection", "o", "", handle, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static int answered(sd_bus_message *reply, void *context, sd_bus_error *error)
{
    char *method = context;
    const sd_bus_error *bad = sd_bus_message_get_error(reply);
    (void)error;
    waiting = false;
    if (bad) {
        say("%s: %s: %s", method, bad->name, bad->message);
    } else {
        say("%s: ok", method);
    }
    free(method);
    return 0;
}

static void send_call(sd_bus_message *call, const char *method)
{
    char *name = strdup(method);
    say("%s ...", method);
    check(sd_bus_call_async(bus, NULL, call, answered, name, UINT64_C(120) * 1000000), method);
    sd_bus_message_unref(call);
}

static sd_bus_message *call_of(const char *path, const char *interface, const char *method)
{
    sd_bus_message *call = NULL;
    check(sd_bus_message_new_method_call(bus, &call, "org.bluez", path, interface, method), method);
    return call;
}

static void call_method(char **words, int count)
{
    sd_bus_message *call = call_of(words[1], words[2], words[3]);
    for (int i = 4; i < count; i++) {
        check(sd_bus_message_append(call, words[i][0] == '/' ? "o" : "s", words[i]), words[i]);
    }
    waiting = words[0][0] == 'w';
    send_call(call, words[3]);
}

static void add_profile(const char *uuid)
{
    char path[64];
    sd_bus_message *call = call_of("/org/bluez", "org.bluez.ProfileManager1", "RegisterProfile");
    snprintf(path, sizeof(path), "/hand/profile%u", profiles++);
    check(sd_bus_add_object_vtable(bus, NULL, path, "org.bluez.Profile1", profile_vtable, NULL),
          path);
    check(sd_bus_message_append(call, "osa{sv}", path, uuid, 2, "RequireAuthentication", "b", 1,
                                "RequireAuthorization", "b", 0),
          path);
    send_call(call, "RegisterProfile");
}

static void filter(const char *adapter)
{
    sd_bus_message *call = call_of(adapter, "org.bluez.Adapter1", "SetDiscoveryFilter");
    check(
        sd_bus_message_append(call, "a{sv}", 2, "Transport", "s", "bredr", "DuplicateData", "b", 1),
        adapter);
    send_call(call, "SetDiscoveryFilter");
}

static void obey(char *line)
{
    char *words[WORDS_MAX] = {line};
    int count = 0;
    char *rest = line;
    for (char *word; count < WORDS_MAX && (word = strsep(&rest, " "));) {
        words[count++] = word;
    }
    if (strcmp(words[0], "agent") == 0 && count == 2) {
        sd_bus_message *call = call_of("/org/bluez", "org.bluez.AgentManager1", "RegisterAgent");
        check(sd_bus_add_object_vtable(bus, NULL, "/hand/agent", "org.bluez.Agent1", agent_vtable,
                                       NULL),
              "agent");
        check(sd_bus_message_append(call, "os", "/hand/agent", words[1]), "agent");
        send_call(call, "RegisterAgent");
    } else if (strcmp(words[0], "default") == 0) {
        sd_bus_message *call =
            call_of("/org/bluez", "org.bluez.AgentManager1", "RequestDefaultAgent");
        check(sd_bus_message_append(call, "o", "/hand/agent"), "default");
        send_call(call, "RequestDefaultAgent");
    } else if (strcmp(words[0], "accept") == 0 || strcmp(words[0], "reject") == 0) {
        accepts = words[0][0] == 'a';
    } else if (strcmp(words[0], "profile") == 0 && count == 2) {
        add_profile(words[1]);
    } else if ((strcmp(words[0], "call") == 0 || strcmp(words[0], "wait") == 0) && count >= 4) {
        call_method(words, count);
    } else if (strcmp(words[0], "bredr") == 0 && count == 2) {
        filter(words[1]);
    } else if (strcmp(words[0], "hangup") == 0) {
        while (fd_count > 0) {
            close(fds[--fd_count]);
        }
    } else {
        fprintf(stderr, "bt_hand: not understood: %s\n", line);
        exit(2);
    }
}

/* True until the input ends. */
static bool take_line(void)
{
    static char buffer[4096];
    static size_t length;
    static bool ended;
    char *newline = memchr(buffer, '\n', length);
    if (!newline && !ended) {
        ssize_t got = read(STDIN_FILENO, buffer + length, sizeof(buffer) - 1 - length);
        ended = got == 0;
        length += got > 0 ? (size_t)got : 0;
        newline = memchr(buffer, '\n', length);
    }
    if (newline) {
        size_t used = (size_t)(newline - buffer) + 1;
        *newline = '\0';
        obey(buffer);
        length -= used;
        memmove(buffer, buffer + used, length);
    }
    return !ended || length > 0;
}

int main(void)
{
    check(sd_bus_open_system(&bus), "system bus");
    check(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK), "standard input");
    say("on the bus");
    for (;;) {
        int did = sd_bus_process(bus, NULL);
        check(did, "bus");
        if (did > 0) {
            continue;
        }
        if (!waiting && !take_line()) {
            break;
        }
        struct pollfd polled[] = {
            {.fd = sd_bus_get_fd(bus), .events = (short)sd_bus_get_events(bus)},
            {.fd = waiting ? -1 : STDIN_FILENO, .events = POLLIN}};
        poll(polled, 2, 50);
    }
    sd_bus_flush_close_unref(bus);
    return 0;
}
