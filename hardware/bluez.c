#include "hardware/bluez.h"

#include "rig/arena.h"
#include "rig/units.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How much is taken in one go, so that a flood of advertisers keeps nobody else waiting. */
enum { MESSAGES_A_TURN = 64 };

static const int64_t OBJECTS_WITHIN_NS = 5 * NS_PER_S;
static const int64_t REOPEN_NS = 2 * NS_PER_S;

/* A call on its way. */
struct call {
    struct bluez *bluez;
    bluez_answer *answer;
    void *context;
    struct call *next; /* of those that could not even be sent */
    int error;
};

struct bluez {
    struct bluez_watcher watcher;
    sd_bus *bus;        /* NULL: none */
    int64_t reopen_ns;  /* try again then; INT64_MAX: no need */
    int64_t loading_ns; /* being connected since; the objects must be there in time. INT64_MAX: they
                           are, or nobody waits */
    bool loaded;
    bool told; /* that there is nothing, and ... */
    char why[BLUEZ_WHY_MAX];
    struct call *unsent;
    struct bluez_adapter adapters[BLUEZ_ADAPTERS_MAX];
    struct bluez_device devices[BLUEZ_DEVICES_MAX];
};

int64_t bluez_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* ---- the table ---------------------------------------------------------------------------- */

static struct bluez_adapter *adapter_of(struct bluez *bluez, const char *path)
{
    for (size_t i = 0; i < BLUEZ_ADAPTERS_MAX; i++) {
        if (strcmp(bluez->adapters[i].path, path) == 0) {
            return &bluez->adapters[i];
        }
    }
    return NULL;
}

static struct bluez_device *device_of(struct bluez *bluez, const char *path)
{
    for (size_t i = 0; i < BLUEZ_DEVICES_MAX; i++) {
        if (strcmp(bluez->devices[i].path, path) == 0) {
            return &bluez->devices[i];
        }
    }
    return NULL;
}

/* A place for one more: a free one, else that of the stranger who was not heard for the longest. */
static struct bluez_device *device_place(struct bluez *bluez)
{
    struct bluez_device *place = NULL;
    for (size_t i = 0; i < BLUEZ_DEVICES_MAX; i++) {
        struct bluez_device *device = &bluez->devices[i];
        if (!device->path[0]) {
            return device;
        }
        if (!device->paired && !device->connected && (!place || device->seen_ns < place->seen_ns)) {
            place = device;
        }
    }
    return place;
}

static bool path_taken(const char *path)
{
    return path[0] && strlen(path) < BLUEZ_PATH_MAX;
}

static void forget_all(struct bluez *bluez)
{
    memset(bluez->adapters, 0, sizeof(bluez->adapters));
    memset(bluez->devices, 0, sizeof(bluez->devices));
    bluez->loaded = false;
}

static void nothing_there(struct bluez *bluez, const char *why)
{
    bool news = bluez->loaded || !bluez->told;
    snprintf(bluez->why, sizeof(bluez->why), "%s", why);
    forget_all(bluez);
    bluez->loading_ns = INT64_MAX;
    bluez->told = true;
    if (news) {
        bluez->watcher.loaded(bluez->watcher.context, why);
    }
}

/* ---- properties --------------------------------------------------------------------------- */

/* Of the types that bluetoothd uses; a value of another type than documented is passed over. */
static bool take_bool(sd_bus_message *in, const char *type, bool *value)
{
    int taken = 0;
    if (strcmp(type, "b") != 0 || sd_bus_message_read_basic(in, 'b', &taken) < 0) {
        return false;
    }
    *value = taken != 0;
    return true;
}

static bool take_text(sd_bus_message *in, const char *type, char *out, size_t size)
{
    const char *text = NULL;
    if ((strcmp(type, "s") != 0 && strcmp(type, "o") != 0) ||
        sd_bus_message_read_basic(in, type[0], &text) < 0) {
        return false;
    }
    snprintf(out, size, "%s", text);
    return true;
}

/* "0000110b-0000-1000-8000-00805f9b34fb": the services that the SIG has numbered. */
static uint32_t short_uuid(const char *uuid)
{
    static const char base[] = "-0000-1000-8000-00805f9b34fb";
    char *end = NULL;
    if (strlen(uuid) != 36 || strcmp(uuid + 8, base) != 0) {
        return 0;
    }
    unsigned long number = strtoul(uuid, &end, 16);
    return end == uuid + 8 ? (uint32_t)number : 0;
}

static bool take_uuids(sd_bus_message *in, const char *type, struct bluez_device *device)
{
    const char *uuid = NULL;
    if (strcmp(type, "as") != 0 || sd_bus_message_enter_container(in, 'a', "s") < 0) {
        return false;
    }
    device->uuid_count = 0;
    while (sd_bus_message_read_basic(in, 's', &uuid) > 0) {
        uint32_t number = short_uuid(uuid);
        if (number && device->uuid_count < BLUEZ_UUIDS_MAX) {
            device->uuids[device->uuid_count++] = number;
        }
    }
    return sd_bus_message_exit_container(in) >= 0;
}

/* True when the value was taken in (else it has to be skipped). */
static bool adapter_property(struct bluez_adapter *adapter, const char *key, sd_bus_message *in,
                             const char *type)
{
    char text[32];
    if (strcmp(key, "Address") == 0) {
        return take_text(in, type, adapter->address, sizeof(adapter->address));
    }
    if (strcmp(key, "Powered") == 0) {
        return take_bool(in, type, &adapter->powered);
    }
    if (strcmp(key, "Discovering") == 0) {
        return take_bool(in, type, &adapter->discovering);
    }
    if (strcmp(key, "Modalias") == 0) {
        return take_text(in, type, adapter->modalias, sizeof(adapter->modalias));
    }
    if (strcmp(key, "PowerState") == 0 && take_text(in, type, text, sizeof(text))) {
        adapter->blocked = strcmp(text, "off-blocked") == 0;
        return true;
    }
    return false;
}

static bool device_property(struct bluez_device *device, const char *key, sd_bus_message *in,
                            const char *type, unsigned *changes)
{
    static const struct {
        const char *key;
        size_t offset;
        unsigned change;
    } flags[] = {
        {"Connected", offsetof(struct bluez_device, connected), BLUEZ_LINK},
        {"Paired", offsetof(struct bluez_device, paired), BLUEZ_BOND},
        {"ServicesResolved", offsetof(struct bluez_device, resolved), BLUEZ_SERVICES},
    };
    char text[BLUEZ_NAME_MAX];
    uint32_t class = 0;

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        bool *flag = (bool *)((char *)device + flags[i].offset);
        bool before = *flag;
        if (strcmp(key, flags[i].key) == 0) {
            bool taken = take_bool(in, type, flag);
            *changes |= *flag != before ? flags[i].change : 0;
            return taken;
        }
    }
    if (strcmp(key, "RSSI") == 0 && strcmp(type, "n") == 0) {
        device->in_range = sd_bus_message_read_basic(in, 'n', &device->rssi) >= 0;
        *changes |= BLUEZ_SEEN;
        return true;
    }
    if (strcmp(key, "Name") == 0 && take_text(in, type, text, sizeof(text))) {
        *changes |= strcmp(text, device->name) != 0 ? BLUEZ_NAMED : 0;
        memcpy(device->name, text, sizeof(text));
        return true;
    }
    if (strcmp(key, "AddressType") == 0 && take_text(in, type, text, sizeof(text))) {
        device->random = strcmp(text, "random") == 0;
        return true;
    }
    if (strcmp(key, "Class") == 0 && strcmp(type, "u") == 0) {
        device->classed = sd_bus_message_read_basic(in, 'u', &class) >= 0 && class != 0;
        return true;
    }
    if (strcmp(key, "UUIDs") == 0) {
        *changes |= BLUEZ_SERVICES;
        return take_uuids(in, type, device);
    }
    if (strcmp(key, "Address") == 0) {
        return take_text(in, type, device->address, sizeof(device->address));
    }
    if (strcmp(key, "Adapter") == 0) {
        return take_text(in, type, device->adapter, sizeof(device->adapter));
    }
    if (strcmp(key, "Modalias") == 0) {
        return take_text(in, type, device->modalias, sizeof(device->modalias));
    }
    return false;
}

static bool battery_property(struct bluez_device *device, const char *key, sd_bus_message *in,
                             const char *type, unsigned *changes)
{
    uint8_t percent = 0;
    if (strcmp(key, "Percentage") != 0 || strcmp(type, "y") != 0 ||
        sd_bus_message_read_basic(in, 'y', &percent) < 0) {
        return false;
    }
    device->battery = percent <= 100 ? percent : -1;
    *changes |= BLUEZ_BATTERY;
    return true;
}

/* What an interface's properties are taken into; both NULL: into nothing. */
struct target {
    struct bluez_adapter *adapter;
    struct bluez_device *device;
    bool battery;
    const char *characteristic; /* path of a GATT characteristic of the device */
    unsigned changes;
};

/* Device Information's Firmware Revision String (Assigned Numbers: 0x2a26) is remembered. */
static bool characteristic_property(struct bluez_device *device, const char *path, const char *key,
                                    sd_bus_message *in, const char *type)
{
    char uuid[48];
    if (strcmp(key, "UUID") != 0 || !take_text(in, type, uuid, sizeof(uuid))) {
        return false;
    }
    if (short_uuid(uuid) == 0x2a26) {
        snprintf(device->firmware_path, sizeof(device->firmware_path), "%s", path);
    }
    return true;
}

/* a{sv} */
static void read_properties(sd_bus_message *in, struct target *target)
{
    if (sd_bus_message_enter_container(in, 'a', "{sv}") < 0) {
        return;
    }
    while (sd_bus_message_enter_container(in, 'e', "sv") > 0) {
        const char *key = NULL;
        const char *type = NULL;
        bool taken = false;
        if (sd_bus_message_read_basic(in, 's', &key) < 0 ||
            sd_bus_message_peek_type(in, NULL, &type) < 0 ||
            sd_bus_message_enter_container(in, 'v', type) < 0) {
            return;
        }
        if (target->adapter) {
            taken = adapter_property(target->adapter, key, in, type);
        } else if (target->device && target->characteristic) {
            taken = characteristic_property(target->device, target->characteristic, key, in, type);
        } else if (target->device && target->battery) {
            taken = battery_property(target->device, key, in, type, &target->changes);
        } else if (target->device) {
            taken = device_property(target->device, key, in, type, &target->changes);
        }
        if ((!taken && sd_bus_message_skip(in, type) < 0) ||
            sd_bus_message_exit_container(in) < 0 || sd_bus_message_exit_container(in) < 0) {
            return;
        }
    }
    sd_bus_message_exit_container(in);
}

/* The device whose service or characteristic the object at `path` is. */
static struct bluez_device *device_above(struct bluez *bluez, const char *path)
{
    for (size_t i = 0; i < BLUEZ_DEVICES_MAX; i++) {
        struct bluez_device *device = &bluez->devices[i];
        size_t length = strlen(device->path);
        if (length && strncmp(path, device->path, length) == 0 && path[length] == '/') {
            return device;
        }
    }
    return NULL;
}

/* Where the properties of `interface` of the object at `path` go; new objects get a place when
 * `make` says so. */
static struct target target_of(struct bluez *bluez, const char *path, const char *interface,
                               bool make)
{
    struct target target = {0};
    if (!path_taken(path)) {
        return target;
    }
    if (strcmp(interface, BLUEZ_ADAPTER) == 0) {
        target.adapter = adapter_of(bluez, path);
        if (!target.adapter && make && (target.adapter = adapter_of(bluez, ""))) {
            *target.adapter = (struct bluez_adapter){0};
            snprintf(target.adapter->path, sizeof(target.adapter->path), "%s", path);
        }
        return target;
    }
    if (strcmp(interface, "org.bluez.GattCharacteristic1") == 0) {
        target.device = device_above(bluez, path);
        target.characteristic = path;
        return target;
    }
    target.battery = strcmp(interface, "org.bluez.Battery1") == 0;
    if (target.battery || strcmp(interface, BLUEZ_DEVICE) == 0) {
        target.device = device_of(bluez, path);
        if (!target.device && make && (target.device = device_place(bluez))) {
            *target.device = (struct bluez_device){.battery = -1};
            snprintf(target.device->path, sizeof(target.device->path), "%s", path);
        }
    }
    return target;
}

static void tell(struct bluez *bluez, const struct target *target)
{
    if (target->adapter) {
        bluez->watcher.adapter(bluez->watcher.context, target->adapter, target->adapter->path);
    } else if (target->device && target->changes) {
        if (target->changes & BLUEZ_SEEN) {
            target->device->seen_ns = bluez_now_ns();
        }
        bluez->watcher.device(bluez->watcher.context, target->device, target->changes);
    }
}

/* a{sa{sv}}: the interfaces of one object. */
static void read_object(struct bluez *bluez, sd_bus_message *in, const char *path, bool quiet)
{
    const char *interface = NULL;
    if (sd_bus_message_enter_container(in, 'a', "{sa{sv}}") < 0) {
        return;
    }
    while (sd_bus_message_enter_container(in, 'e', "sa{sv}") > 0) {
        if (sd_bus_message_read_basic(in, 's', &interface) < 0) {
            return;
        }
        struct target target = target_of(bluez, path, interface, true);
        read_properties(in, &target);
        if (!quiet) {
            tell(bluez, &target);
        } else if (target.device && target.device->in_range) {
            target.device->seen_ns = bluez_now_ns();
        }
        if (sd_bus_message_exit_container(in) < 0) {
            return;
        }
    }
    sd_bus_message_exit_container(in);
}

/* ---- signals ------------------------------------------------------------------------------ */

static int on_added(sd_bus_message *in, void *context, sd_bus_error *error)
{
    struct bluez *bluez = context;
    const char *path = NULL;
    (void)error;
    if (bluez->loaded && sd_bus_message_read_basic(in, 'o', &path) >= 0) {
        read_object(bluez, in, path, false);
    }
    return 0;
}

static void removed(struct bluez *bluez, const char *path, const char *interface)
{
    struct target target = target_of(bluez, path, interface, false);
    if (target.adapter) {
        struct bluez_adapter gone = {0};
        *target.adapter = gone;
        bluez->watcher.adapter(bluez->watcher.context, &gone, path);
    } else if (target.device && target.characteristic) {
        target.device->firmware_path[0] = '\0';
    } else if (target.device && target.battery) {
        target.device->battery = -1;
    } else if (target.device) {
        bluez->watcher.device(bluez->watcher.context, target.device, BLUEZ_REMOVED);
        *target.device = (struct bluez_device){0};
    }
}

static int on_removed(sd_bus_message *in, void *context, sd_bus_error *error)
{
    struct bluez *bluez = context;
    const char *path = NULL;
    const char *interface = NULL;
    (void)error;
    if (!bluez->loaded || sd_bus_message_read_basic(in, 'o', &path) < 0 ||
        sd_bus_message_enter_container(in, 'a', "s") < 0) {
        return 0;
    }
    while (sd_bus_message_read_basic(in, 's', &interface) > 0) {
        removed(bluez, path, interface);
    }
    return 0;
}

static int on_changed(sd_bus_message *in, void *context, sd_bus_error *error)
{
    struct bluez *bluez = context;
    const char *path = sd_bus_message_get_path(in);
    const char *interface = NULL;
    const char *name = NULL;
    (void)error;
    if (!bluez->loaded || !path || sd_bus_message_read_basic(in, 's', &interface) < 0) {
        return 0;
    }
    struct target target = target_of(bluez, path, interface, false);
    if (!target.adapter && !target.device) {
        return 0;
    }
    read_properties(in, &target);
    if (target.device && sd_bus_message_enter_container(in, 'a', "s") >= 0) {
        while (sd_bus_message_read_basic(in, 's', &name) > 0) {
            if (strcmp(name, "RSSI") == 0) {
                target.device->in_range = false;
                target.changes |= BLUEZ_UNSEEN;
            }
        }
    }
    tell(bluez, &target);
    return 0;
}

static int on_parted(sd_bus_message *in, void *context, sd_bus_error *error)
{
    struct bluez *bluez = context;
    const char *path = sd_bus_message_get_path(in);
    const char *reason = NULL;
    struct bluez_device *device = path && path_taken(path) ? device_of(bluez, path) : NULL;
    (void)error;
    if (device && sd_bus_message_read_basic(in, 's', &reason) >= 0) {
        snprintf(device->reason, sizeof(device->reason), "%s", reason);
        bluez->watcher.device(bluez->watcher.context, device, BLUEZ_PARTED);
    }
    return 0;
}

/* ---- loading ------------------------------------------------------------------------------ */

static void on_objects(void *context, const struct bluez_reply *reply)
{
    struct bluez *bluez = context;
    char words[BLUEZ_WHY_MAX / 2];
    char why[BLUEZ_WHY_MAX];
    const char *path = NULL;

    if (reply->error) {
        bool closed = strcmp(reply->error, SD_BUS_ERROR_ACCESS_DENIED) == 0;
        bool nobody = strcmp(reply->error, SD_BUS_ERROR_SERVICE_UNKNOWN) == 0 ||
                      strcmp(reply->error, SD_BUS_ERROR_NAME_HAS_NO_OWNER) == 0 ||
                      strncmp(reply->error, "org.freedesktop.systemd1.", 25) == 0;
        bluez_error_words(words, sizeof(words), reply);
        snprintf(why, sizeof(why), "%s",
                 closed   ? "this user may not talk to bluetoothd: join the group `bluetooth`"
                 : nobody ? "bluetoothd is not running: `systemctl start bluetooth`"
                          : "");
        if (!closed && !nobody) {
            snprintf(why, sizeof(why), "bluetoothd does not tell its objects: %s", words);
        }
        nothing_there(bluez, why);
        return;
    }
    forget_all(bluez);
    if (sd_bus_message_enter_container(reply->message_in, 'a', "{oa{sa{sv}}}") >= 0) {
        while (sd_bus_message_enter_container(reply->message_in, 'e', "oa{sa{sv}}") > 0 &&
               sd_bus_message_read_basic(reply->message_in, 'o', &path) >= 0) {
            read_object(bluez, reply->message_in, path, true);
            sd_bus_message_exit_container(reply->message_in);
        }
    }
    bluez->loaded = true;
    bluez->told = false;
    bluez->loading_ns = INT64_MAX;
    bluez->watcher.loaded(bluez->watcher.context, NULL);
}

static void load(struct bluez *bluez)
{
    bluez_call(bluez, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
               OBJECTS_WITHIN_NS, on_objects, bluez, "");
}

static int on_owner(sd_bus_message *in, void *context, sd_bus_error *error)
{
    struct bluez *bluez = context;
    const char *name = NULL;
    const char *before = NULL;
    const char *after = NULL;
    (void)error;
    if (sd_bus_message_read(in, "sss", &name, &before, &after) < 0) {
        return 0;
    }
    if (before[0]) {
        nothing_there(bluez, "bluetoothd went away");
    }
    if (after[0]) {
        load(bluez);
    }
    return 0;
}

static void drop_bus(struct bluez *bluez, const char *what, int error)
{
    char why[BLUEZ_WHY_MAX];
    bluez->bus = sd_bus_close_unref(bluez->bus);
    bluez->reopen_ns = bluez_now_ns() + REOPEN_NS;
    snprintf(why, sizeof(why), "%s: %s; is dbus-daemon running?", what, strerror(error));
    nothing_there(bluez, why);
}

static int on_ready(sd_bus_message *in, void *context, sd_bus_error *error)
{
    (void)in;
    (void)error;
    load(context);
    return 0;
}

/* Subscribe first, then ask: nothing falls in between. */
static int subscribe(struct bluez *bluez)
{
    static const struct {
        const char *match;
        sd_bus_message_handler_t handler;
    } signals[] = {
        {"type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
         "member='NameOwnerChanged',arg0='org.bluez'",
         on_owner},
        {"type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',"
         "member='InterfacesAdded'",
         on_added},
        {"type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',"
         "member='InterfacesRemoved'",
         on_removed},
        {"type='signal',sender='org.bluez',interface='" BLUEZ_DEVICE "',member='Disconnected'",
         on_parted},
        {"type='signal',sender='org.bluez',interface='org.freedesktop.DBus.Properties',"
         "member='PropertiesChanged'",
         on_changed},
    };
    size_t last = sizeof(signals) / sizeof(signals[0]) - 1;
    int result = 0;
    for (size_t i = 0; i <= last && result >= 0; i++) {
        result = sd_bus_add_match_async(bluez->bus, NULL, signals[i].match, signals[i].handler,
                                        i == last ? on_ready : NULL, bluez);
    }
    return result;
}

static void open_bus(struct bluez *bluez)
{
    bluez->reopen_ns = INT64_MAX;
    int result = sd_bus_open_system(&bluez->bus);
    if (result >= 0) {
        bluez->loading_ns = bluez_now_ns();
        result = subscribe(bluez);
    }
    if (result < 0) {
        drop_bus(bluez, "the system bus cannot be reached", -result);
    }
}

struct bluez *bluez_open(const struct bluez_watcher *watcher)
{
    struct bluez *bluez = xcalloc(sizeof(*bluez));
    bluez->watcher = *watcher;
    bluez->loading_ns = INT64_MAX;
    bluez->reopen_ns =
        bluez_now_ns(); /* in the first bluez_process: so `loaded` comes from there */
    return bluez;
}

void bluez_close(struct bluez *bluez)
{
    if (!bluez) {
        return;
    }
    sd_bus_close_unref(bluez->bus);
    while (bluez->unsent) {
        struct call *call = bluez->unsent;
        bluez->unsent = call->next;
        free(call);
    }
    free(bluez);
}

/* ---- calls -------------------------------------------------------------------------------- */

static void answer_unsent(struct bluez *bluez)
{
    while (bluez->unsent) {
        struct call *call = bluez->unsent;
        bluez->unsent = call->next;
        struct bluez_reply reply = {.error = SD_BUS_ERROR_DISCONNECTED,
                                    .message = strerror(call->error)};
        call->answer(call->context, &reply);
        free(call);
    }
}

static int on_reply(sd_bus_message *in, void *context, sd_bus_error *error)
{
    struct call *call = context;
    const sd_bus_error *wrong = sd_bus_message_get_error(in);
    struct bluez_reply reply = {.message_in = in,
                                .error = wrong ? wrong->name : NULL,
                                .message = wrong ? wrong->message : NULL};
    (void)error;
    call->answer(call->context, &reply);
    return 0;
}

static void drop_call(void *context)
{
    free(context);
}

void bluez_call(struct bluez *bluez, const char *path, const char *interface, const char *member,
                int64_t deadline_ns, bluez_answer *answer, void *context, const char *types, ...)
{
    struct call *call = xcalloc(sizeof(*call));
    sd_bus_message *message = NULL;
    sd_bus_slot *slot = NULL;
    int result = -ENOTCONN;
    va_list arguments;

    *call = (struct call){.bluez = bluez, .answer = answer, .context = context};
    va_start(arguments, types);
    if (bluez->bus) {
        result = sd_bus_message_new_method_call(bluez->bus, &message, "org.bluez", path, interface,
                                                member);
    }
    if (result >= 0 && types[0]) {
        result = sd_bus_message_appendv(message, types, arguments);
    }
    if (result >= 0) {
        result = sd_bus_call_async(bluez->bus, &slot, message, on_reply, call,
                                   (uint64_t)(deadline_ns / NS_PER_US));
    }
    if (result >= 0) {
        /* The slot belongs to the bus, and the call to the slot. */
        sd_bus_slot_set_destroy_callback(slot, drop_call);
        sd_bus_slot_set_floating(slot, 1);
        sd_bus_slot_unref(slot);
    } else {
        call->error = -result;
        call->next = bluez->unsent;
        bluez->unsent = call;
    }
    va_end(arguments);
    sd_bus_message_unref(message);
}

char *bluez_error_words(char *out, size_t size, const struct bluez_reply *reply)
{
    static const char bluez_error[] = "org.bluez.Error.";
    const char *name = reply->error ? reply->error : "";
    if (strcmp(name, SD_BUS_ERROR_NO_REPLY) == 0 || strcmp(name, SD_BUS_ERROR_TIMEOUT) == 0) {
        snprintf(out, size, "bluetoothd did not answer in time");
        return out;
    }
    if (strncmp(name, bluez_error, sizeof(bluez_error) - 1) == 0) {
        name += sizeof(bluez_error) - 1;
    }
    snprintf(out, size, "%s%s%s", name, reply->message && reply->message[0] ? ": " : "",
             reply->message ? reply->message : "");
    return out;
}

/* ---- the loop ----------------------------------------------------------------------------- */

int bluez_fd(const struct bluez *bluez)
{
    return bluez->bus ? sd_bus_get_fd(bluez->bus) : -1;
}

short bluez_events(const struct bluez *bluez)
{
    int events = bluez->bus ? sd_bus_get_events(bluez->bus) : 0;
    return events > 0 ? (short)events : 0;
}

int64_t bluez_due_ns(const struct bluez *bluez)
{
    uint64_t bus_us = UINT64_MAX;
    int64_t due_ns = bluez->reopen_ns;
    if (bluez->unsent) {
        return 0;
    }
    if (bluez->loading_ns != INT64_MAX && bluez->loading_ns + OBJECTS_WITHIN_NS < due_ns) {
        due_ns = bluez->loading_ns + OBJECTS_WITHIN_NS;
    }
    if (bluez->bus && sd_bus_get_timeout(bluez->bus, &bus_us) >= 0 &&
        bus_us < (uint64_t)INT64_MAX / NS_PER_US && (int64_t)bus_us * NS_PER_US < due_ns) {
        due_ns = (int64_t)bus_us * NS_PER_US;
    }
    return due_ns;
}

void bluez_process(struct bluez *bluez)
{
    if (bluez->reopen_ns <= bluez_now_ns()) {
        open_bus(bluez);
    }
    answer_unsent(bluez);
    for (int i = 0; bluez->bus && i < MESSAGES_A_TURN; i++) {
        int result = sd_bus_process(bluez->bus, NULL);
        if (result < 0) {
            drop_bus(bluez, "the system bus was lost", -result);
        } else if (result == 0) {
            break;
        } else if (!sd_bus_is_open(bluez->bus)) {
            drop_bus(bluez, "the system bus was lost", ECONNRESET);
        }
    }
    answer_unsent(bluez);
    if (bluez->loading_ns != INT64_MAX && bluez->loading_ns + OBJECTS_WITHIN_NS <= bluez_now_ns()) {
        nothing_there(bluez, "the system bus does not answer");
    }
}

/* ---- looking ------------------------------------------------------------------------------ */

bool bluez_loaded(const struct bluez *bluez)
{
    return bluez->loaded;
}

const char *bluez_why(const struct bluez *bluez)
{
    return bluez->told ? bluez->why : NULL;
}

const struct bluez_adapter *bluez_adapter_at(const struct bluez *bluez, const char *address)
{
    for (size_t i = 0; i < BLUEZ_ADAPTERS_MAX; i++) {
        if (bluez->adapters[i].path[0] && strcmp(bluez->adapters[i].address, address) == 0) {
            return &bluez->adapters[i];
        }
    }
    return NULL;
}

const struct bluez_adapter *bluez_adapter_next(const struct bluez *bluez, size_t *i)
{
    while (*i < BLUEZ_ADAPTERS_MAX) {
        const struct bluez_adapter *adapter = &bluez->adapters[(*i)++];
        if (adapter->path[0]) {
            return adapter;
        }
    }
    return NULL;
}

const struct bluez_device *bluez_device_next(const struct bluez *bluez, size_t *i)
{
    while (*i < BLUEZ_DEVICES_MAX) {
        const struct bluez_device *device = &bluez->devices[(*i)++];
        if (device->path[0]) {
            return device;
        }
    }
    return NULL;
}

const struct bluez_device *bluez_device_of(const struct bluez *bluez, const char *path)
{
    size_t i = 0;
    const struct bluez_device *device;
    while ((device = bluez_device_next(bluez, &i))) {
        if (strcmp(device->path, path) == 0) {
            return device;
        }
    }
    return NULL;
}

const struct bluez_device *bluez_device_at(const struct bluez *bluez, const char *adapter,
                                           const char *address)
{
    size_t i = 0;
    const struct bluez_device *device;
    while ((device = bluez_device_next(bluez, &i))) {
        if (strcmp(device->address, address) == 0 && strcmp(device->adapter, adapter) == 0) {
            return device;
        }
    }
    return NULL;
}

sd_bus *bluez_bus(const struct bluez *bluez)
{
    return bluez->bus;
}

/* "usb:v1D6Bp0246d0552": vendor and product of BlueZ, and its version, a byte for each part (BlueZ's
 * src/main.c): 0x05 and 0x52 are 5.82. */
char *bluez_version(char *out, size_t size, const struct bluez_adapter *adapter)
{
    unsigned major = 0;
    unsigned minor = 0;
    out[0] = '\0';
    if (sscanf(adapter->modalias, "usb:v1D6Bp0246d%2x%2x", &major, &minor) == 2) {
        snprintf(out, size, "%u.%u", major, minor);
    }
    return out;
}
