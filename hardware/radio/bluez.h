/*
 * A mirror of bluetoothd's objects: adapters and devices, kept up to date by its signals. One
 * sd-bus connection, driven by the caller's loop; nothing here blocks, and every call has a
 * deadline.
 *
 *     bluez_open -> { poll bluez_fd for bluez_events until bluez_due_ns; bluez_process }... ->
 *     bluez_close
 *
 * The interfaces are those documented by BlueZ (org.bluez.Adapter, org.bluez.Device,
 * org.bluez.Battery: doc/org.bluez.*.rst), 5.66 to 5.82.
 *
 * Names and addresses come off the air: they are stored unchanged, cut at BLUEZ_NAME_MAX bytes, and
 * made printable by whoever shows them.
 */
#ifndef LONGPRESS_HARDWARE_BLUEZ_H
#define LONGPRESS_HARDWARE_BLUEZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

enum {
    BLUEZ_ADAPTERS_MAX = 8,
    BLUEZ_DEVICES_MAX = 512,
    BLUEZ_PATH_MAX = 96,
    BLUEZ_ADDRESS_MAX = 18,
    BLUEZ_NAME_MAX = 249, /* a name is 248 bytes at most (Core specification, Vol 3 Part C 3.2.2) */
    BLUEZ_UUIDS_MAX = 24,
    BLUEZ_WHY_MAX = 256,
    BLUEZ_FOLLOWED_MAX = 16,
    BLUEZ_VERSION_MAX = 16,
};

/* The D-Bus names that are used in more than one place. */
#define BLUEZ_ADAPTER "org.bluez.Adapter1"
#define BLUEZ_DEVICE  "org.bluez.Device1"

struct bluez_adapter {
    char path[BLUEZ_PATH_MAX]; /* empty: this place is free */
    char address[BLUEZ_ADDRESS_MAX];
    char modalias[48];
    bool powered;
    bool discovering;
    bool blocked; /* by rfkill, as far as bluetoothd reports it (PowerState, since 5.65) */
};

struct bluez_device {
    char path[BLUEZ_PATH_MAX]; /* empty: this place is free */
    char adapter[BLUEZ_PATH_MAX];
    char address[BLUEZ_ADDRESS_MAX];
    char name[BLUEZ_NAME_MAX]; /* empty: not known */
    char modalias[48];
    char
        reason[64]; /* of the last disconnecting: org.bluez.Reason..., empty: not told (before 5.81)
                     */
    char firmware_path[BLUEZ_PATH_MAX]; /* its characteristic Firmware Revision; empty: none */
    bool random;                        /* the address: Low Energy only */
    bool classed;                       /* it has a Class of Device, which only BR/EDR has */
    bool headset;                       /* by its class: worn on the head, or hands-free */
    bool paired;
    bool connected;
    bool resolved; /* its services are known */
    bool in_range; /* it has an RSSI: found by a discovery that goes on, or went on just now */
    int16_t rssi;  /* dBm */
    int battery;   /* percent; -1: not told */
    bool advertises_discoverable;    /* the flags of its Low Energy advertising say so (limited or
                                        general; Core specification supplement, Part A 1.3) */
    int64_t seen_ns;                 /* when it was last heard; 0: never */
    uint32_t uuids[BLUEZ_UUIDS_MAX]; /* the 16- and 32-bit services it names, such as 0x110b */
    size_t uuid_count;
};

/* What happened to a device, as a set. */
enum bluez_change {
    BLUEZ_SEEN = 1,      /* heard on the air, with an RSSI */
    BLUEZ_UNSEEN = 2,    /* its RSSI is void: no longer heard */
    BLUEZ_REMOVED = 4,   /* the object is being removed; called before it is gone */
    BLUEZ_LINK = 8,      /* connected changed */
    BLUEZ_BOND = 16,     /* paired changed */
    BLUEZ_NAMED = 32,    /* name changed */
    BLUEZ_SERVICES = 64, /* uuids or resolved changed */
    BLUEZ_BATTERY = 128, /* battery changed */
    BLUEZ_PARTED = 256,  /* Disconnected(reason) was told */
};

struct bluez;

/* Called from bluez_process only. */
struct bluez_watcher {
    void *context;
    /* The objects are loaded (again): adapters and devices are there. Or (`why` not NULL) there is
     * nothing, and why: no bus, no bluetoothd, no permission, it went away. */
    void (*loaded)(void *context, const char *why);
    /* An adapter changed, appeared, or (adapter->path empty) disappeared. */
    void (*adapter)(void *context, const struct bluez_adapter *adapter, const char *path);
    /* NULL: only adapters are of interest. Then devices are neither stored nor subscribed to, not
     * even those that other programs' discoveries find. */
    void (*device)(void *context, const struct bluez_device *device, unsigned changes);
};

/* Starts to connect to the system bus. Never NULL: `loaded` reports failures. */
struct bluez *bluez_open(const struct bluez_watcher *watcher);
void bluez_close(struct bluez *bluez); /* NULL allowed */

/* For poll: -1 while there is nothing to wait for. */
int bluez_fd(const struct bluez *bluez);
short bluez_events(const struct bluez *bluez);
/* When bluez_process must be called at the latest; INT64_MAX: only when the fd is ready. */
int64_t bluez_due_ns(const struct bluez *bluez);
/* Processes at least some of the pending messages; never waits. */
void bluez_process(struct bluez *bluez);

/*
 * A crowd of advertisers changes its RSSI all the time, and each change is a message. To hear of
 * all devices (the state at the beginning) or only, once it is known who matters, of new ones, and
 * of changes of adapters and of those that are followed: BLUEZ_FOLLOWED_MAX at most, the oldest
 * goes.
 */
void bluez_hear_all(struct bluez *bluez);
void bluez_hear_followed(struct bluez *bluez);
void bluez_follow(struct bluez *bluez, const char *path);

/* What is missing when the objects are not there. */
enum bluez_lack {
    BLUEZ_LACKS_NOTHING, /* they are there, or nothing is known yet */
    BLUEZ_LACKS_BUS,
    BLUEZ_LACKS_DAEMON,
    BLUEZ_LACKS_PERMISSION,
    BLUEZ_LACKS_ANSWER,
};

/* Are the objects there? If not: why, as it was told last; NULL: nothing was told yet. */
bool bluez_loaded(const struct bluez *bluez);
const char *bluez_why(const struct bluez *bluez);
enum bluez_lack bluez_lack(const struct bluez *bluez);
const struct bluez_adapter *bluez_adapter_at(const struct bluez *bluez, const char *address);
/* By index, for those who list; NULL past the end. Free places are passed over. */
const struct bluez_adapter *bluez_adapter_next(const struct bluez *bluez, size_t *i);
const struct bluez_device *bluez_device_next(const struct bluez *bluez, size_t *i);
const struct bluez_device *bluez_device_of(const struct bluez *bluez, const char *path);
/* The device of that address on that adapter (a path), or NULL. */
const struct bluez_device *bluez_device_at(const struct bluez *bluez, const char *adapter,
                                           const char *address);

/* The bus, for objects of one's own; NULL when there is none. */
sd_bus *bluez_bus(const struct bluez *bluez);

/*
 * The answer to a call: `error` is NULL when it went well, else BlueZ's name of the error
 * ("org.bluez.Error.Failed"), and `message` what it says of it. A call that is not answered by its
 * deadline has "org.freedesktop.DBus.Error.NoReply" or "....Timeout". When the bus is lost, no
 * answer comes any more: `loaded` says so.
 */
struct bluez_reply {
    sd_bus_message *message_in; /* for what it carries */
    const char *error;
    const char *message;
};
typedef void bluez_answer(void *context, const struct bluez_reply *reply);

/*
 * Call a method of org.bluez; the answer comes from bluez_process, and not before this returns.
 * `types` and what follows are as of sd_bus_message_append.
 */
void bluez_call(struct bluez *bluez, const char *path, const char *interface, const char *member,
                int64_t deadline_ns, bluez_answer *answer, void *context, const char *types, ...);

/* What an error is, in words for people: "it did not answer in time", else name and message. */
char *bluez_error_words(char *out, size_t size, const struct bluez_reply *reply);

/* "5.82" from an adapter's Modalias, where bluetoothd puts its version, and which everybody may
 * read; empty when it is none of BlueZ's (DeviceID in its main.conf says whose). `size`:
 * BLUEZ_VERSION_MAX is enough. */
char *bluez_version(char *out, size_t size, const struct bluez_adapter *adapter);

#endif
