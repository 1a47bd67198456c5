/* bluetoothd's objects, as its signals report them. */
#include "hardware/radio/bluez_internal.h"

#include "rig/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (!bluez->watcher.device) {
        return NULL;
    }
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

/* Class of Device (Assigned Numbers, 2.8): audio, and there wearable headset, hands-free,
 * headphones. */
static bool is_headset(uint32_t class)
{
    enum { MAJOR_AUDIO = 4, WEARABLE = 1, HANDS_FREE = 2, HEADPHONES = 6 };
    uint32_t minor = (class >> 2) & 0x3f;
    return ((class >> 8) & 0x1f) == MAJOR_AUDIO &&
           (minor == WEARABLE || minor == HANDS_FREE || minor == HEADPHONES);
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
        device->headset = is_headset(class);
        return true;
    }
    if (strcmp(key, "AdvertisingFlags") == 0 && strcmp(type, "ay") == 0) {
        const void *bytes = NULL;
        size_t size = 0;
        if (sd_bus_message_read_array(in, 'y', &bytes, &size) >= 0) {
            device->advertises_discoverable = size > 0 && (*(const uint8_t *)bytes & 0x03);
        }
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
            target->device->seen_ns = clock_mono_ns();
        }
        bluez->watcher.device(bluez->watcher.context, target->device, target->changes);
    }
}

/* a{sa{sv}}: the interfaces of one object. */
void bluez_read_object(struct bluez *bluez, sd_bus_message *in, const char *path, bool quiet)
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
            target.device->seen_ns = clock_mono_ns();
        }
        if (sd_bus_message_exit_container(in) < 0) {
            return;
        }
    }
    sd_bus_message_exit_container(in);
}

/* ---- signals ------------------------------------------------------------------------------ */

int bluez_on_added(sd_bus_message *in, void *context, sd_bus_error *error)
{
    struct bluez *bluez = context;
    const char *path = NULL;
    (void)error;
    if (bluez->loaded && sd_bus_message_read_basic(in, 'o', &path) >= 0) {
        bluez_read_object(bluez, in, path, false);
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

int bluez_on_removed(sd_bus_message *in, void *context, sd_bus_error *error)
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

int bluez_on_changed(sd_bus_message *in, void *context, sd_bus_error *error)
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

int bluez_on_parted(sd_bus_message *in, void *context, sd_bus_error *error)
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
