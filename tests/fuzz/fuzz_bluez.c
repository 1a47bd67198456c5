/*
 * Any bytes as what bluetoothd does: the radio (hardware/radio.h) on a bus whose only other peer is
 * the fuzzer, which answers, tells of objects and properties, calls the rig's agent and lets time
 * pass. Time is this program's own, so that deadlines of a minute come at once.
 *
 * Whatever comes: the radio does not crash; what it was told to do has an outcome in time; and
 * neither a connection nor a pairing went well that bluetoothd did not say went well, after it was
 * asked for; and nobody is gone who was not searched for.
 */
#include "hardware/bluez.h"
#include "hardware/radio.h"
#include "rig/units.h"
#include "tests/fuzz/wire.h"

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
    CALLS_MAX = 64,
    OPS_MAX = 300,
    ROUNDS_MAX = 4000,
    OUT_MAX = 65536,
};

/* What the radio was told to do is done, or has failed, in this time (its deadlines in a row). */
#define OUTCOME_NS (150 * NS_PER_S)

#define ADAPTER_ADDRESS "00:1A:7D:DA:71:13"
#define HCI             "/org/bluez/hci0"
#define UNIT            HCI "/dev_AA_BB_CC_DD_EE_01"
/* Longer than those that are kept. */
#define MANY_LETTERS "a123456789b123456789c123456789d123456789e123456789"
#define LONG_PATH    "/" MANY_LETTERS "/" MANY_LETTERS

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

/* ---- the input ----------------------------------------------------------------------------- */

struct input_bytes {
    const uint8_t *data;
    size_t size;
};

static uint8_t take_byte(struct input_bytes *in)
{
    if (in->size == 0) {
        return 0;
    }
    in->size--;
    return *in->data++;
}

static const char *const texts[] = {
    "AA:BB:CC:DD:EE:01",
    "HP-1",
    ADAPTER_ADDRESS,
    "public",
    "random",
    "LE_HP-1",
    "AA:BB:CC:DD:EE:02",
    "0000110b-0000-1000-8000-00805f9b34fb",
    "00002a26-0000-1000-8000-00805f9b34fb",
    "usb:v1D6Bp0246d0552",
    "off-blocked",
    "org.bluez.Reason.Authentication",
    "br-connection-refused",
    "br-connection-key-missing",
    "br-connection-canceled",
    "rfkill",
    "",
    HCI,
};

static const char *const paths[] = {
    HCI,
    UNIT,
    HCI "/dev_AA_BB_CC_DD_EE_02",
    UNIT "/service0001/char0002",
    "/org/bluez/hci1",
    "/org/bluez",
    "/",
    "/org/longpress/agent",
    "/org/longpress/handsfree",
    LONG_PATH,
};

static const char *const interfaces[] = {BLUEZ_ADAPTER,           BLUEZ_DEVICE,
                                         "org.bluez.Battery1",    "org.bluez.GattCharacteristic1",
                                         "org.bluez.Agent1",      "org.bluez.Profile1",
                                         "org.bluez.GattService1"};

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

/* With the type that bluetoothd gives them. */
static const struct known_property {
    const char *key;
    const char *type;
} properties[] = {
    {"Address", "s"},  {"Adapter", "o"},    {"Name", "s"},        {"RSSI", "n"},
    {"Paired", "b"},   {"Powered", "b"},    {"Connected", "b"},   {"ServicesResolved", "b"},
    {"UUIDs", "as"},   {"Class", "u"},      {"AddressType", "s"}, {"AdvertisingFlags", "ay"},
    {"Modalias", "s"}, {"UUID", "s"},       {"Discovering", "b"}, {"Percentage", "y"},
    {"Alias", "s"},    {"PowerState", "s"},
};

static const char *const types[] = {"s", "b",  "n",     "u",    "y",   "as", "ay",
                                    "o", "ai", "a{sv}", "(sv)", "aas", "v",  "d"};

#define PICK(in, table) ((table)[take_byte(in) % (sizeof(table) / sizeof((table)[0]))])

/* Known ones, whatever bytes come (no UTF-8, NUL), or huge. */
static void put_text(struct wire *out, struct input_bytes *in)
{
    uint8_t how = take_byte(in);
    char text[1100];
    size_t size = 0;
    if (how < 128) {
        wire_string(out, texts[how % (sizeof(texts) / sizeof(texts[0]))]);
        return;
    }
    if (how < 224) {
        for (size = 0; size < (how & 31U); size++) {
            text[size] = (char)take_byte(in);
        }
    } else {
        size = (size_t)(how - 223) * 32;
        memset(text, how & 1 ? 'A' : '\xC3', size);
    }
    wire_text(out, text, size);
}

static void put_basic(struct wire *out, struct input_bytes *in, char type)
{
    uint8_t value = 0;
    switch (type) {
    case 's':
        put_text(out, in);
        break;
    case 'o':
        wire_string(out, PICK(in, paths));
        break;
    case 'b':
        value = take_byte(in);
        wire_u32(out, value < 250 ? value & 1 : value);
        break;
    case 'n':
        wire_u16(out, (uint16_t)(int16_t) - (int)take_byte(in));
        break;
    case 'y':
        wire_u8(out, take_byte(in));
        break;
    case 'd':
        wire_align(out, 8);
        wire_u32(out, take_byte(in));
        wire_u32(out, take_byte(in));
        break;
    default: /* i, u */
        wire_u32(out, (uint32_t)take_byte(in) << 8);
        break;
    }
}

static void put_variant(struct wire *out, struct input_bytes *in, const char *type);
static void put_properties(struct wire *out, struct input_bytes *in);

static void put_value(struct wire *out, struct input_bytes *in, const char *type)
{
    struct wire_array array;
    if (strcmp(type, "v") == 0) {
        put_variant(out, in, in->size > 0 ? PICK(in, types) : "y");
    } else if (strcmp(type, "a{sv}") == 0) {
        put_properties(out, in);
    } else if (type[0] == '(') {
        wire_align(out, 8);
        put_text(out, in);
        put_variant(out, in, in->size > 0 ? PICK(in, types) : "y");
    } else if (type[0] == 'a') {
        array = wire_array(out, 4 * (type[1] != 'y') + (type[1] == 'y'));
        for (int count = take_byte(in) % 32; count > 0 && in->size > 0; count--) {
            put_value(out, in, type + 1);
        }
        wire_array_end(out, &array);
    } else {
        put_basic(out, in, type[0]);
    }
}

static void put_variant(struct wire *out, struct input_bytes *in, const char *type)
{
    wire_signature(out, type);
    put_value(out, in, type);
}

/* a{sv}: most of them with their own types. */
static void put_properties(struct wire *out, struct input_bytes *in)
{
    struct wire_array array = wire_array(out, 8);
    for (int count = take_byte(in) % 8; count > 0 && in->size > 0; count--) {
        uint8_t how = take_byte(in);
        const struct known_property *known =
            &properties[(how & 127) % (sizeof(properties) / sizeof(properties[0]))];
        wire_align(out, 8);
        wire_string(out, known->key);
        put_variant(out, in, how & 128 ? PICK(in, types) : known->type);
    }
    wire_array_end(out, &array);
}

/* a{sa{sv}} */
static void put_interfaces(struct wire *out, struct input_bytes *in)
{
    struct wire_array array = wire_array(out, 8);
    for (int count = take_byte(in) % 4; count > 0 && in->size > 0; count--) {
        wire_align(out, 8);
        wire_string(out, PICK(in, interfaces));
        put_properties(out, in);
    }
    wire_array_end(out, &array);
}

static void put_pair(struct wire *out, const char *key, char type, const char *value)
{
    const char signature[] = {type, '\0'};
    wire_align(out, 8);
    wire_string(out, key);
    wire_signature(out, signature);
    if (type == 'b') {
        wire_u32(out, value[0] == '1');
    } else {
        wire_string(out, value);
    }
}

/* An adapter that works and, where the bits say so, a unit: the way into the depth. */
static void put_bench(struct wire *out, uint8_t how)
{
    wire_align(out, 8);
    wire_string(out, HCI);
    struct wire_array all = wire_array(out, 8);
    wire_align(out, 8);
    wire_string(out, BLUEZ_ADAPTER);
    struct wire_array array = wire_array(out, 8);
    put_pair(out, "Address", 's', ADAPTER_ADDRESS);
    put_pair(out, "Powered", 'b', how & 1 ? "0" : "1");
    wire_array_end(out, &array);
    wire_array_end(out, &all);
    if (how & 2) {
        wire_align(out, 8);
        wire_string(out, UNIT);
        all = wire_array(out, 8);
        wire_align(out, 8);
        wire_string(out, BLUEZ_DEVICE);
        array = wire_array(out, 8);
        put_pair(out, "Address", 's', "AA:BB:CC:DD:EE:01");
        put_pair(out, "Adapter", 'o', HCI);
        put_pair(out, "Name", 's', "HP-1");
        put_pair(out, "Paired", 'b', how & 4 ? "1" : "0");
        put_pair(out, "Connected", 'b', how & 8 ? "1" : "0");
        wire_array_end(out, &array);
        wire_array_end(out, &all);
    }
}

/* a{oa{sa{sv}}} */
static void put_objects(struct wire *out, struct input_bytes *in)
{
    uint8_t how = take_byte(in);
    struct wire_array array = wire_array(out, 8);
    if (how < 200) {
        put_bench(out, how);
    }
    for (int count = how >> 4 & 3; count > 0 && in->size > 0; count--) {
        wire_align(out, 8);
        wire_string(out, PICK(in, paths));
        put_interfaces(out, in);
    }
    wire_array_end(out, &array);
}

/* ---- the peer ------------------------------------------------------------------------------ */

struct call_seen {
    uint32_t serial;
    char member[32];
};

struct peer {
    struct radio *radio;
    int fd;          /* -1: nobody is connected */
    bool greeted;    /* the connection speaks D-Bus by now */
    uint32_t serial; /* of the peer's own messages */
    uint8_t in[OUT_MAX];
    size_t in_size;
    struct call_seen calls[CALLS_MAX]; /* that wait for an answer, in order */
    size_t call_count;

    /* What the radio was told, and what is known of it. */
    bool ready;
    bool absent;
    enum radio_command waits_for; /* RADIO_STOP_DISCOVERY: for nothing */
    int64_t since_ns;
    uint32_t last_serial;    /* of the calls that were seen */
    uint32_t command_serial; /* ... when the command was given */
    bool connect_went_well;
    bool pair_went_well;
    bool discovering; /* so it was told */
    uint32_t filters; /* that were taken since the last search that found nobody */
};

static int listener = -1;
static struct wire body;
static struct wire message;

static void listen_once(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char text[64];
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
    signal(SIGPIPE, SIG_IGN); /* as tui/main.c does */
}

static void hang_up(struct peer *peer)
{
    if (peer->fd >= 0) {
        close(peer->fd);
    }
    peer->fd = -1;
    peer->in_size = 0;
    peer->call_count = 0;
    peer->last_serial = 0;
    peer->command_serial = 0;
    peer->discovering = false;
}

static void send_bytes(struct peer *peer, const void *bytes, size_t size, int fd)
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
        hang_up(peer);
    }
}

static void send_message(struct peer *peer, struct wire_head head, int fd)
{
    if (peer->fd < 0 || !peer->greeted) {
        return;
    }
    head.serial = ++peer->serial;
    wire_message(&message, &head, &body);
    send_bytes(peer, message.bytes, message.size, fd);
}

static void reply_to_bus_call(struct peer *peer, const struct wire_seen *seen)
{
    body.size = 0;
    const char *signature = NULL;
    if (strcmp(seen->member, "Hello") == 0) {
        wire_string(&body, ":1.2");
        signature = "s";
    }
    send_message(
        peer,
        (struct wire_head){.type = WIRE_RETURN, .reply_to = seen->serial, .signature = signature},
        -1);
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
    peer->discovering = peer->discovering && strcmp(seen->member, "StopDiscovery") != 0;
    if (peer->call_count < CALLS_MAX) {
        struct call_seen *call = &peer->calls[peer->call_count++];
        call->serial = seen->serial;
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
    send_bytes(peer, welcome, sizeof(welcome) - 1, -1);
    peer->greeted = true;
}

static void read_messages(struct peer *peer)
{
    size_t at = 0;
    struct wire_seen seen;
    while (peer->fd >= 0 && (seen = wire_look(peer->in + at, peer->in_size - at)).size > 0) {
        at += seen.size;
        peer->last_serial = seen.serial;
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
static bool read_in(struct peer *peer)
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
            hang_up(peer);
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

/* ---- what the radio promises --------------------------------------------------------------- */

static void begin_wait(struct peer *peer, enum radio_command command)
{
    peer->waits_for = command;
    peer->since_ns = now_ns;
    peer->command_serial = peer->last_serial;
    peer->connect_went_well = false;
    peer->pair_went_well = false;
}

static void end_wait(struct peer *peer)
{
    peer->waits_for = RADIO_STOP_DISCOVERY;
}

static void take_event(struct peer *peer, const struct port_event *event)
{
    assert(event->kind == PORT_RADIO && event->radio <= RADIO_NOTE);
    assert(memchr(event->text, '\0', sizeof(event->text)));
    assert(memchr(event->object, '\0', sizeof(event->object)));
    assert(memchr(event->error, '\0', sizeof(event->error)));
    assert(event->time_ns <= now_ns);
    switch (event->radio) {
    case RADIO_READY:
        assert(peer->waits_for == RADIO_START_WATCH);
        peer->ready = true;
        end_wait(peer);
        break;
    case RADIO_ABSENT:
        peer->ready = false;
        peer->absent = true;
        end_wait(peer);
        break;
    case RADIO_WHICH: {
        char address[PORT_TEXT_MAX];
        snprintf(address, sizeof(address), "%.*s", (int)strcspn(event->text, " "), event->text);
        begin_wait(peer, RADIO_START_WATCH);
        radio_command(peer->radio, RADIO_CHOOSE, address);
        break;
    }
    case RADIO_CONNECT_OK:
        assert(peer->waits_for == RADIO_CONNECT && peer->connect_went_well);
        end_wait(peer);
        break;
    case RADIO_CONNECT_REFUSED:
    case RADIO_CONNECT_FAILED:
        assert(peer->waits_for == RADIO_CONNECT);
        end_wait(peer);
        break;
    case RADIO_PAIR_OK:
        assert(peer->waits_for == RADIO_PAIR && peer->pair_went_well);
        end_wait(peer);
        break;
    case RADIO_PAIR_FAILED:
        assert(peer->waits_for == RADIO_PAIR);
        end_wait(peer);
        break;
    case RADIO_GONE:
        assert(peer->discovering && peer->filters > 0);
        peer->filters = 0;
        break;
    case RADIO_BATTERY:
        assert(event->value >= 0 && event->value <= 100);
        break;
    default:
        break;
    }
}

/* Until neither has anything more to say at this instant. */
static void settle(struct peer *peer)
{
    bool more = true;
    for (int round = 0; more; round++) {
        struct port_event event;
        assert(round < ROUNDS_MAX);
        radio_process(peer->radio);
        more = false;
        while (radio_event(peer->radio, &event)) {
            take_event(peer, &event);
            more = true;
        }
        more = read_in(peer) || more;
        more = more || radio_due_ns(peer->radio) <= now_ns;
    }
    assert(radio_battery(peer->radio) >= -1 && radio_battery(peer->radio) <= 100);
}

static void pass_time(struct peer *peer, int64_t until_ns)
{
    for (int round = 0; now_ns < until_ns; round++) {
        int64_t due_ns = radio_due_ns(peer->radio);
        assert(round < ROUNDS_MAX && due_ns > now_ns);
        now_ns = due_ns < until_ns ? due_ns : until_ns;
        settle(peer);
        assert(peer->waits_for == RADIO_STOP_DISCOVERY || now_ns - peer->since_ns <= OUTCOME_NS);
    }
}

/* ---- what may happen ----------------------------------------------------------------------- */

static void answer_call(struct peer *peer, struct input_bytes *in)
{
    if (peer->call_count == 0) {
        return;
    }
    uint8_t how = take_byte(in);
    struct call_seen call = peer->calls[how & 128 ? peer->call_count - 1 : 0];
    struct wire_head head = {.type = WIRE_RETURN, .reply_to = call.serial};
    if (!(how & 128)) {
        memmove(peer->calls, peer->calls + 1, (peer->call_count - 1) * sizeof(call));
    }
    peer->call_count--;
    body.size = 0;
    if ((how & 7) == 7) {
        head.signature = PICK(in, types);
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
    if (head.type == WIRE_RETURN && call.serial > peer->command_serial) {
        peer->connect_went_well |= strncmp(call.member, "Connect", 7) == 0;
        peer->pair_went_well |= strcmp(call.member, "Pair") == 0;
    }
    bool progress = head.error && strcmp(head.error, "org.bluez.Error.InProgress") == 0;
    peer->discovering |= strcmp(call.member, "StartDiscovery") == 0 && (!head.error || progress);
    peer->filters += strcmp(call.member, "SetDiscoveryFilter") == 0 && !head.error;
    send_message(peer, head, -1);
}

static void properties_changed(struct peer *peer, struct input_bytes *in)
{
    uint8_t how = take_byte(in);
    const char *path = paths[how % 3];
    body.size = 0;
    wire_string(&body, how % 3 == 0 ? BLUEZ_ADAPTER
                       : how & 64   ? PICK(in, interfaces)
                                    : BLUEZ_DEVICE);
    put_properties(&body, in);
    struct wire_array gone = wire_array(&body, 4);
    if (how & 128) {
        wire_string(&body, PICK(in, properties).key);
    }
    wire_array_end(&body, &gone);
    send_message(peer,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = path,
                                    .interface = "org.freedesktop.DBus.Properties",
                                    .member = "PropertiesChanged",
                                    .signature = "sa{sv}as"},
                 -1);
}

static void interfaces_added(struct peer *peer, struct input_bytes *in)
{
    body.size = 0;
    wire_string(&body, PICK(in, paths));
    put_interfaces(&body, in);
    send_message(peer,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = "/",
                                    .interface = "org.freedesktop.DBus.ObjectManager",
                                    .member = "InterfacesAdded",
                                    .signature = "oa{sa{sv}}"},
                 -1);
}

static void interfaces_removed(struct peer *peer, struct input_bytes *in)
{
    body.size = 0;
    wire_string(&body, PICK(in, paths));
    struct wire_array array = wire_array(&body, 4);
    wire_string(&body, PICK(in, interfaces));
    wire_string(&body, PICK(in, interfaces));
    wire_array_end(&body, &array);
    send_message(peer,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = "/",
                                    .interface = "org.freedesktop.DBus.ObjectManager",
                                    .member = "InterfacesRemoved",
                                    .signature = "oas"},
                 -1);
}

static void disconnected(struct peer *peer, struct input_bytes *in)
{
    body.size = 0;
    put_text(&body, in);
    put_text(&body, in);
    send_message(peer,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = PICK(in, paths),
                                    .interface = BLUEZ_DEVICE,
                                    .member = "Disconnected",
                                    .signature = "ss"},
                 -1);
}

static void owner_changed(struct peer *peer, struct input_bytes *in)
{
    uint8_t how = take_byte(in);
    body.size = 0;
    wire_string(&body, "org.bluez");
    wire_string(&body, how & 1 ? ":1.1" : "");
    wire_string(&body, how & 2 ? ":1.1" : "");
    send_message(peer,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = "/org/freedesktop/DBus",
                                    .interface = "org.freedesktop.DBus",
                                    .member = "NameOwnerChanged",
                                    .signature = "sss"},
                 -1);
}

static void new_connection(struct peer *peer, struct input_bytes *in)
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
    wire_string(&body, PICK(in, paths));
    wire_u32(&body, take_byte(in) & 1);
    put_properties(&body, in);
    send_message(peer,
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

static void call_agent(struct peer *peer, struct input_bytes *in)
{
    static const struct known_property methods[] = {{"RequestPinCode", "o"},
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
    const struct known_property *method = &PICK(in, methods);
    if (strcmp(method->key, "NewConnection") == 0) {
        new_connection(peer, in);
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
        peer,
        (struct wire_head){.type = WIRE_CALL,
                           .path = profile ? "/org/longpress/handsfree" : "/org/longpress/agent",
                           .interface = profile ? "org.bluez.Profile1" : "org.bluez.Agent1",
                           .member = method->key,
                           .signature = method->type},
        -1);
}

/* A signal whose body need not be what its signature says. */
static void any_signal(struct peer *peer, struct input_bytes *in)
{
    static const char *const members[] = {"PropertiesChanged", "InterfacesAdded",
                                          "InterfacesRemoved", "Disconnected", "NameOwnerChanged"};
    static const char *const of[] = {
        "org.freedesktop.DBus.Properties", "org.freedesktop.DBus.ObjectManager",
        "org.freedesktop.DBus.ObjectManager", BLUEZ_DEVICE, "org.freedesktop.DBus"};
    static const char *const signatures[] = {"sa{sv}as", "oa{sa{sv}}", "oas",   "ss", "sss",
                                             "",         "s",          "a{sv}", "v",  "aaaaas"};
    size_t which = take_byte(in) % (sizeof(members) / sizeof(members[0]));
    const char *path = PICK(in, paths);
    const char *signature = PICK(in, signatures);
    size_t size = take_byte(in);
    size = size < in->size ? size : in->size;
    body.size = 0;
    wire_bytes(&body, in->data, size);
    in->data += size;
    in->size -= size;
    send_message(peer,
                 (struct wire_head){.type = WIRE_SIGNAL,
                                    .path = path,
                                    .interface = of[which],
                                    .member = members[which],
                                    .signature = signature},
                 -1);
}

static void command_radio(struct peer *peer, struct input_bytes *in)
{
    static const enum radio_command commands[] = {RADIO_CONNECT, RADIO_START_DISCOVERY,
                                                  RADIO_STOP_DISCOVERY, RADIO_PAIR};
    if (peer->waits_for != RADIO_STOP_DISCOVERY) {
        return; /* one after the other, as the engine does */
    }
    if (peer->absent) {
        peer->absent = false;
        begin_wait(peer, RADIO_START_WATCH);
        radio_command(peer->radio, RADIO_START_WATCH, "");
        return;
    }
    enum radio_command command = PICK(in, commands);
    if (command == RADIO_CONNECT || command == RADIO_PAIR) {
        begin_wait(peer, command);
    }
    radio_command(peer->radio, command, "");
}

static void one_thing(struct peer *peer, struct input_bytes *in)
{
    static const int64_t steps_ns[] = {NS_PER_MS, 500 * NS_PER_MS, 3 * NS_PER_S, 13 * NS_PER_S};
    uint8_t what = take_byte(in);
    switch (what % 16) {
    case 0:
    case 1:
    case 2:
    case 3:
        answer_call(peer, in);
        break;
    case 4:
    case 5:
        properties_changed(peer, in);
        break;
    case 6:
        interfaces_added(peer, in);
        break;
    case 7:
        interfaces_removed(peer, in);
        break;
    case 8:
        disconnected(peer, in);
        break;
    case 9:
        owner_changed(peer, in);
        break;
    case 10:
        call_agent(peer, in);
        break;
    case 11:
        any_signal(peer, in);
        break;
    case 12:
    case 13:
        command_radio(peer, in);
        break;
    case 14:
        pass_time(peer, now_ns + PICK(in, steps_ns));
        break;
    default:
        if (what >= 240) {
            send_bytes(peer, in->data, in->size < 32 ? in->size : 32, -1);
        } else if (what >= 224) {
            hang_up(peer);
        }
        break;
    }
    settle(peer);
}

/* With a bus that says nothing any more, all that was begun ends, closing included. */
static void to_the_end(struct peer *peer)
{
    pass_time(peer, now_ns + OUTCOME_NS + NS_PER_S);
    assert(peer->waits_for == RADIO_STOP_DISCOVERY);
    radio_retire(peer->radio);
    for (int round = 0; !radio_retired(peer->radio); round++) {
        int64_t due_ns = radio_due_ns(peer->radio);
        assert(round < ROUNDS_MAX);
        now_ns = due_ns > now_ns ? due_ns : now_ns;
        radio_process(peer->radio);
        read_in(peer);
    }
    radio_close(peer->radio);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct peer peer;
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
    listen_once();
    peer = (struct peer){.fd = -1, .waits_for = RADIO_STOP_DISCOVERY, .absent = false};
    peer.radio = radio_open(&setup);
    begin_wait(&peer, RADIO_START_WATCH);
    radio_command(peer.radio, RADIO_START_WATCH, "");
    settle(&peer);
    for (int i = 0; i < OPS_MAX && in.size > 0; i++) {
        one_thing(&peer, &in);
    }
    to_the_end(&peer);
    hang_up(&peer);
    /* Connections that nobody took. */
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        close(fd);
    }
    return 0;
}
