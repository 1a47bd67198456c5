/*
 * Any bytes as what bluetoothd does: the radio (hardware/radio/radio.h) on a bus whose only other
 * peer is the fuzzer, which answers, tells of objects and properties, calls the rig's agent and
 * lets time pass. Time is this program's own, so that deadlines of a minute come at once.
 *
 * Whatever comes: the radio does not crash; what it was told to do has an outcome in time; and
 * neither a connection nor a pairing went well that bluetoothd did not say went well, after it was
 * asked for; and nobody is gone who was not searched for.
 */
#include "hardware/radio/bluez.h"
#include "hardware/radio/radio.h"
#include "rig/base/units.h"
#include "tests/fuzz/bluez_bytes.h"
#include "tests/fuzz/bluez_peer.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    OPS_MAX = 300,
    ROUNDS_MAX = 4000,
};

/* What the radio was told to do is done, or has failed, in this time (its deadlines in a row). */
#define OUTCOME_NS (150 * NS_PER_S)

/* ---- time ---------------------------------------------------------------------------------- */

static int64_t now_ns = 1000 * NS_PER_S;

/* In place of libc's: the steady clock is moved by this program only. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME) {
        return (int)syscall(SYS_clock_gettime, clock, time);
    }
    *time = (struct timespec){.tv_sec = now_ns / NS_PER_S, .tv_nsec = now_ns % NS_PER_S};
    return 0;
}

/* ---- what is known of the radio ------------------------------------------------------------ */

struct watch {
    struct radio *radio;
    struct peer peer;
    bool absent;
    enum radio_command waits_for; /* RADIO_STOP_DISCOVERY: for nothing */
    int64_t since_ns;
    uint32_t calls_before; /* calls that were seen before the command was given */
    bool connect_went_well;
    bool pair_went_well;
    uint32_t filters; /* that were taken since the last search that found nobody */
};

static struct wire body;

/* ---- what the radio promises --------------------------------------------------------------- */

static void send_message(struct watch *watch, struct wire_head head, int fd)
{
    peer_send(&watch->peer, head, &body, fd);
}

static void begin_wait(struct watch *watch, enum radio_command command)
{
    watch->waits_for = command;
    watch->since_ns = now_ns;
    watch->calls_before = watch->peer.calls_seen;
    watch->connect_went_well = false;
    watch->pair_went_well = false;
}

static void end_wait(struct watch *watch)
{
    watch->waits_for = RADIO_STOP_DISCOVERY;
}

static void take_event(struct watch *watch, const struct port_event *event)
{
    assert(event->kind == PORT_RADIO && (int)event->radio <= RADIO_EVENT_LAST);
    assert(memchr(event->text, '\0', sizeof(event->text)));
    assert(memchr(event->object, '\0', sizeof(event->object)));
    assert(memchr(event->error, '\0', sizeof(event->error)));
    assert(event->time_ns <= now_ns);
    switch (event->radio) {
    case RADIO_READY:
        assert(watch->waits_for == RADIO_START_WATCH);
        end_wait(watch);
        break;
    case RADIO_ABSENT:
        watch->absent = true;
        end_wait(watch);
        break;
    case RADIO_WHICH: {
        char address[PORT_TEXT_MAX];
        snprintf(address, sizeof(address), "%.*s", (int)strcspn(event->text, " "), event->text);
        begin_wait(watch, RADIO_START_WATCH);
        radio_command(watch->radio, RADIO_CHOOSE, address);
        break;
    }
    case RADIO_CONNECT_OK:
        assert(watch->waits_for == RADIO_CONNECT && watch->connect_went_well);
        end_wait(watch);
        break;
    case RADIO_CONNECT_REFUSED:
    case RADIO_CONNECT_FAILED:
        assert(watch->waits_for == RADIO_CONNECT);
        end_wait(watch);
        break;
    case RADIO_PAIR_OK:
        assert(watch->waits_for == RADIO_PAIR && watch->pair_went_well);
        end_wait(watch);
        break;
    case RADIO_PAIR_FAILED:
        assert(watch->waits_for == RADIO_PAIR);
        end_wait(watch);
        break;
    case RADIO_GONE:
        assert(watch->peer.discovering && watch->filters > 0);
        watch->filters = 0;
        break;
    case RADIO_BATTERY:
        assert(event->value >= 0 && event->value <= 100);
        break;
    default:
        break;
    }
}

/* Until neither has anything more to say at this instant. */
static void settle(struct watch *watch)
{
    bool more = true;
    for (int round = 0; more; round++) {
        struct port_event event;
        assert(round < ROUNDS_MAX);
        radio_process(watch->radio);
        more = false;
        while (radio_event(watch->radio, &event)) {
            take_event(watch, &event);
            more = true;
        }
        more = peer_read(&watch->peer) || more;
        more = more || radio_due_ns(watch->radio) <= now_ns;
    }
    assert(radio_battery(watch->radio) >= -1 && radio_battery(watch->radio) <= 100);
}

static void pass_time(struct watch *watch, int64_t until_ns)
{
    for (int round = 0; now_ns < until_ns; round++) {
        int64_t due_ns = radio_due_ns(watch->radio);
        assert(round < ROUNDS_MAX && due_ns > now_ns);
        now_ns = due_ns < until_ns ? due_ns : until_ns;
        settle(watch);
        assert(watch->waits_for == RADIO_STOP_DISCOVERY || now_ns - watch->since_ns <= OUTCOME_NS);
    }
}

/* ---- what may happen ----------------------------------------------------------------------- */

static const char *const errors[] = {
    "org.bluez.Error.Failed",
    "org.bluez.Error.AlreadyExists",
    "org.bluez.Error.DoesNotExist",
    "org.bluez.Error.InProgress",
    "org.bluez.Error.AuthenticationFailed",
    "org.freedesktop.DBus.Error.NoReply",
    "org.freedesktop.DBus.Error.AccessDenied",
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.systemd1.NoSuchUnit",
};

static void answer_call(struct watch *watch, struct input_bytes *in)
{
    if (watch->peer.call_count == 0) {
        return;
    }
    uint8_t how = take_byte(in);
    struct call_seen call = watch->peer.calls[how & 128 ? watch->peer.call_count - 1 : 0];
    struct wire_head head = {.type = WIRE_RETURN, .reply_to = call.serial};
    if (!(how & 128)) {
        memmove(watch->peer.calls, watch->peer.calls + 1,
                (watch->peer.call_count - 1) * sizeof(call));
    }
    watch->peer.call_count--;
    body.size = 0;
    if ((how & 7) == 7) {
        head.signature = any_type(in);
        put_value(&body, in, head.signature);
    } else if ((how & 7) >= 5) {
        head.type = WIRE_ERROR;
        head.error = PICK(in, errors);
        if (how & 8) {
            head.signature = "s";
            put_text(&body, in);
        }
    } else if (strcmp(call.member, "GetManagedObjects") == 0) {
        head.signature = "a{oa{sa{sv}}}";
        put_objects(&body, in);
    } else if (strcmp(call.member, "ReadValue") == 0) {
        head.signature = "ay";
        put_value(&body, in, "ay");
    }
    if (head.type == WIRE_RETURN && call.number > watch->calls_before) {
        watch->connect_went_well |= strncmp(call.member, "Connect", 7) == 0;
        watch->pair_went_well |= strcmp(call.member, "Pair") == 0;
    }
    bool progress = head.error && strcmp(head.error, "org.bluez.Error.InProgress") == 0;
    watch->peer.discovering |=
        strcmp(call.member, "StartDiscovery") == 0 && (!head.error || progress);
    watch->filters += strcmp(call.member, "SetDiscoveryFilter") == 0 && !head.error;
    send_message(watch, head, -1);
}

static void properties_changed(struct watch *watch, struct input_bytes *in)
{
    uint8_t how = take_byte(in);
    const char *path = any_path_of_three(how);
    body.size = 0;
    wire_string(&body, how % 3 == 0 ? BLUEZ_ADAPTER : how & 64 ? any_interface(in) : BLUEZ_DEVICE);
    put_properties(&body, in);
    struct wire_array gone = wire_array(&body, 4);
    if (how & 128) {
        wire_string(&body, any_property(in));
    }
    wire_array_end(&body, &gone);
    send_message(watch,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = path,
                                    .interface = "org.freedesktop.DBus.Properties",
                                    .member = "PropertiesChanged",
                                    .signature = "sa{sv}as"},
                 -1);
}

static void interfaces_added(struct watch *watch, struct input_bytes *in)
{
    body.size = 0;
    wire_string(&body, any_path(in));
    put_interfaces(&body, in);
    send_message(watch,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = "/",
                                    .interface = "org.freedesktop.DBus.ObjectManager",
                                    .member = "InterfacesAdded",
                                    .signature = "oa{sa{sv}}"},
                 -1);
}

static void interfaces_removed(struct watch *watch, struct input_bytes *in)
{
    body.size = 0;
    wire_string(&body, any_path(in));
    struct wire_array array = wire_array(&body, 4);
    wire_string(&body, any_interface(in));
    wire_string(&body, any_interface(in));
    wire_array_end(&body, &array);
    send_message(watch,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = "/",
                                    .interface = "org.freedesktop.DBus.ObjectManager",
                                    .member = "InterfacesRemoved",
                                    .signature = "oas"},
                 -1);
}

static void disconnected(struct watch *watch, struct input_bytes *in)
{
    body.size = 0;
    put_text(&body, in);
    put_text(&body, in);
    send_message(watch,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = any_path(in),
                                    .interface = BLUEZ_DEVICE,
                                    .member = "Disconnected",
                                    .signature = "ss"},
                 -1);
}

static void owner_changed(struct watch *watch, struct input_bytes *in)
{
    uint8_t how = take_byte(in);
    body.size = 0;
    wire_string(&body, "org.bluez");
    wire_string(&body, how & 1 ? ":1.1" : "");
    wire_string(&body, how & 2 ? ":1.1" : "");
    send_message(watch,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = "/org/freedesktop/DBus",
                                    .interface = "org.freedesktop.DBus",
                                    .member = "NameOwnerChanged",
                                    .signature = "sss"},
                 -1);
}

static void new_connection(struct watch *watch, struct input_bytes *in)
{
    int ends[2];
    char commands[64];
    size_t size = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return;
    }
    for (size_t count = take_byte(in) % sizeof(commands); size < count; size++) {
        commands[size] = (char)take_byte(in);
    }
    (void)!write(ends[0], commands, size);
    body.size = 0;
    wire_string(&body, any_path(in));
    wire_u32(&body, take_byte(in) & 1);
    put_properties(&body, in);
    send_message(watch,
                 (struct wire_head){.type = WIRE_CALL,
                                    .path = "/org/longpress/handsfree",
                                    .interface = "org.bluez.Profile1",
                                    .member = "NewConnection",
                                    .signature = "oha{sv}",
                                    .fds = 1},
                 ends[1]);
    close(ends[0]);
    close(ends[1]);
}

static void call_agent(struct watch *watch, struct input_bytes *in)
{
    static const struct method {
        const char *key;
        const char *type;
    } methods[] = {{"RequestPinCode", "o"},
                   {"RequestConfirmation", "ou"},
                   {"RequestPasskey", "o"},
                   {"AuthorizeService", "os"},
                   {"RequestAuthorization", "o"},
                   {"Cancel", ""},
                   {"Release", ""},
                   {"DisplayPasskey", "ouq"},
                   {"NewConnection", "oha{sv}"},
                   {"RequestDisconnection", "o"},
                   {"RequestConfirmation", "a{sv}"}};
    const struct method *method = &PICK(in, methods);
    if (strcmp(method->key, "NewConnection") == 0) {
        new_connection(watch, in);
        return;
    }
    bool profile = strcmp(method->key, "RequestDisconnection") == 0;
    body.size = 0;
    if (method->type[0] == 'a') {
        put_properties(&body, in);
    } else {
        for (const char *type = method->type; *type; type++) {
            put_basic(&body, in, *type);
        }
    }
    send_message(
        watch,
        (struct wire_head){.type = WIRE_CALL,
                           .path = profile ? "/org/longpress/handsfree" : "/org/longpress/agent",
                           .interface = profile ? "org.bluez.Profile1" : "org.bluez.Agent1",
                           .member = method->key,
                           .signature = method->type},
        -1);
}

/* A signal whose body need not be what its signature says. */
static void any_signal(struct watch *watch, struct input_bytes *in)
{
    static const char *const members[] = {"PropertiesChanged", "InterfacesAdded",
                                          "InterfacesRemoved", "Disconnected", "NameOwnerChanged"};
    static const char *const of[] = {
        "org.freedesktop.DBus.Properties", "org.freedesktop.DBus.ObjectManager",
        "org.freedesktop.DBus.ObjectManager", BLUEZ_DEVICE, "org.freedesktop.DBus"};
    static const char *const signatures[] = {"sa{sv}as", "oa{sa{sv}}", "oas",   "ss", "sss",
                                             "",         "s",          "a{sv}", "v",  "aaaaas"};
    size_t which = take_byte(in) % (sizeof(members) / sizeof(members[0]));
    const char *path = any_path(in);
    const char *signature = PICK(in, signatures);
    size_t size = take_byte(in);
    size = size < in->size ? size : in->size;
    body.size = 0;
    wire_bytes(&body, in->data, size);
    in->data += size;
    in->size -= size;
    send_message(watch,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = path,
                                    .interface = of[which],
                                    .member = members[which],
                                    .signature = signature},
                 -1);
}

static void command_radio(struct watch *watch, struct input_bytes *in)
{
    static const enum radio_command commands[] = {RADIO_CONNECT, RADIO_START_DISCOVERY,
                                                  RADIO_STOP_DISCOVERY, RADIO_PAIR};
    if (watch->waits_for != RADIO_STOP_DISCOVERY) {
        return; /* one after the other, as the engine does */
    }
    if (watch->absent) {
        watch->absent = false;
        begin_wait(watch, RADIO_START_WATCH);
        radio_command(watch->radio, RADIO_START_WATCH, "");
        return;
    }
    enum radio_command command = PICK(in, commands);
    if (command == RADIO_CONNECT || command == RADIO_PAIR) {
        begin_wait(watch, command);
    }
    radio_command(watch->radio, command, "");
}

static void one_thing(struct watch *watch, struct input_bytes *in)
{
    static const int64_t steps_ns[] = {NS_PER_MS, 500 * NS_PER_MS, 3 * NS_PER_S, 13 * NS_PER_S};
    uint8_t what = take_byte(in);
    switch (what % 16) {
    case 0:
    case 1:
    case 2:
    case 3:
        answer_call(watch, in);
        break;
    case 4:
    case 5:
        properties_changed(watch, in);
        break;
    case 6:
        interfaces_added(watch, in);
        break;
    case 7:
        interfaces_removed(watch, in);
        break;
    case 8:
        disconnected(watch, in);
        break;
    case 9:
        owner_changed(watch, in);
        break;
    case 10:
        call_agent(watch, in);
        break;
    case 11:
        any_signal(watch, in);
        break;
    case 12:
    case 13:
        command_radio(watch, in);
        break;
    case 14:
        pass_time(watch, now_ns + PICK(in, steps_ns));
        break;
    default:
        if (what >= 240) {
            peer_send_bytes(&watch->peer, in->data, in->size < 32 ? in->size : 32, -1);
        } else if (what >= 224) {
            peer_hang_up(&watch->peer);
        }
        break;
    }
    settle(watch);
}

/* With a bus that says nothing any more, all that was begun ends, closing included. */
static void to_the_end(struct watch *watch)
{
    pass_time(watch, now_ns + OUTCOME_NS + NS_PER_S);
    assert(watch->waits_for == RADIO_STOP_DISCOVERY);
    radio_retire(watch->radio);
    for (int round = 0; !radio_retired(watch->radio); round++) {
        int64_t due_ns = radio_due_ns(watch->radio);
        assert(round < ROUNDS_MAX);
        now_ns = due_ns > now_ns ? due_ns : now_ns;
        radio_process(watch->radio);
        peer_read(&watch->peer);
    }
    radio_close(watch->radio);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct watch watch;
    struct input_bytes in = {data, size};
    uint8_t first = take_byte(&in);
    struct radio_setup setup = {.adapter = ADAPTER_ADDRESS,
                                .name = "HP-1",
                                .address = first & 1 ? "AA:BB:CC:DD:EE:01" : NULL,
                                .rssi_floor = -75,
                                .rssi_margin = 10,
                                .forget = first & 2,
                                .needs_bond = !(first & 4),
                                .finds_gone = first & 8,
                                .finds_services = first & 16};
    peer_listen();
    watch = (struct watch){.peer = {.fd = -1}, .waits_for = RADIO_STOP_DISCOVERY};
    watch.radio = radio_open(&setup);
    begin_wait(&watch, RADIO_START_WATCH);
    radio_command(watch.radio, RADIO_START_WATCH, "");
    settle(&watch);
    for (int i = 0; i < OPS_MAX && in.size > 0; i++) {
        one_thing(&watch, &in);
    }
    to_the_end(&watch);
    peer_reset(&watch.peer);
    return 0;
}
