#include "hardware/radio/bluez_internal.h"

#include "rig/base/arena.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Messages processed in one go, so that a flood of advertisers does not starve the rest. */
enum { MESSAGES_A_TURN = 64 };

static const int64_t OBJECTS_WITHIN_NS = 5 * NS_PER_S;
static const int64_t REOPEN_NS = 2 * NS_PER_S;
static const int64_t RELOAD_NS = 10 * NS_PER_S;

/* A call on its way. */
struct call {
    bluez_answer *answer;
    void *context;
    struct call *next; /* of those that could not even be sent */
    int error;
};

static void forget_all(struct bluez *bluez)
{
    memset(bluez->adapters, 0, sizeof(bluez->adapters));
    memset(bluez->devices, 0, sizeof(bluez->devices));
    bluez->loaded = false;
}

static void nothing_there(struct bluez *bluez, enum bluez_lack lack, const char *why)
{
    bool news = bluez->loaded || !bluez->told;
    snprintf(bluez->why, sizeof(bluez->why), "%s", why);
    forget_all(bluez);
    bluez->loading_ns = INT64_MAX;
    bluez->told = true;
    bluez->lack = lack;
    if (news) {
        bluez->watcher.loaded(bluez->watcher.context, why);
    }
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
        snprintf(why, sizeof(why), "bluetoothd does not list its objects: %s",
                 bluez_error_words(words, sizeof(words), reply));
        nothing_there(bluez,
                      closed   ? BLUEZ_LACKS_PERMISSION
                      : nobody ? BLUEZ_LACKS_DAEMON
                               : BLUEZ_LACKS_ANSWER,
                      closed   ? "this user may not talk to bluetoothd: join the group `bluetooth`"
                      : nobody ? "bluetoothd is not running: `systemctl start bluetooth`"
                               : why);
        /* Who hangs now may answer later; who comes is told by the bus. */
        bluez->reload_ns = closed || nobody ? INT64_MAX : clock_mono_ns() + RELOAD_NS;
        return;
    }
    forget_all(bluez);
    if (sd_bus_message_enter_container(reply->message_in, 'a', "{oa{sa{sv}}}") >= 0) {
        while (sd_bus_message_enter_container(reply->message_in, 'e', "oa{sa{sv}}") > 0 &&
               sd_bus_message_read_basic(reply->message_in, 'o', &path) >= 0) {
            bluez_read_object(bluez, reply->message_in, path, true);
            sd_bus_message_exit_container(reply->message_in);
        }
    }
    bluez->loaded = true;
    bluez->told = false;
    bluez->lack = BLUEZ_LACKS_NOTHING;
    bluez->loading_ns = INT64_MAX;
    bluez->watcher.loaded(bluez->watcher.context, NULL);
}

static void load(struct bluez *bluez)
{
    /* The bus answers; who is asked now has a deadline of his own. */
    bluez->loading_ns = INT64_MAX;
    bluez->reload_ns = INT64_MAX;
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
        nothing_there(bluez, BLUEZ_LACKS_DAEMON, "bluetoothd stopped");
    }
    if (after[0]) {
        load(bluez);
    }
    return 0;
}

#define CHANGES                                                                                    \
    "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.Properties',"                \
    "member='PropertiesChanged'"

static int hear(struct bluez *bluez, sd_bus_slot **slot, const char *match)
{
    return sd_bus_add_match_async(bluez->bus, slot, match, bluez_on_changed, NULL, bluez);
}

static void forget_slots(struct bluez *bluez)
{
    bluez->all = sd_bus_slot_unref(bluez->all);
    bluez->adapters_only = sd_bus_slot_unref(bluez->adapters_only);
    bluez->batteries_only = sd_bus_slot_unref(bluez->batteries_only);
    for (size_t i = 0; i < BLUEZ_FOLLOWED_MAX; i++) {
        bluez->followed[i].slot = sd_bus_slot_unref(bluez->followed[i].slot);
        bluez->followed[i].path[0] = '\0';
    }
}

void bluez_hear_all(struct bluez *bluez)
{
    bluez->followed_only = false;
    if (!bluez->bus || bluez->all) {
        return;
    }
    /* First the one, then without the others: nothing falls in between. */
    hear(bluez, &bluez->all, CHANGES);
    sd_bus_slot *all = bluez->all;
    bluez->all = NULL;
    forget_slots(bluez);
    bluez->all = all;
}

void bluez_hear_followed(struct bluez *bluez)
{
    if (!bluez->bus || bluez->followed_only) {
        return;
    }
    bluez->followed_only = true;
    hear(bluez, &bluez->adapters_only, CHANGES ",arg0='" BLUEZ_ADAPTER "'");
    hear(bluez, &bluez->batteries_only, CHANGES ",arg0='org.bluez.Battery1'");
    bluez->all = sd_bus_slot_unref(bluez->all);
}

void bluez_follow(struct bluez *bluez, const char *path)
{
    char match[256];
    for (size_t i = 0; i < BLUEZ_FOLLOWED_MAX; i++) {
        if (strcmp(bluez->followed[i].path, path) == 0) {
            return;
        }
    }
    struct followed *followed = &bluez->followed[bluez->followed_next++ % BLUEZ_FOLLOWED_MAX];
    followed->slot = sd_bus_slot_unref(followed->slot);
    snprintf(followed->path, sizeof(followed->path), "%s", path);
    snprintf(match, sizeof(match), CHANGES ",path='%s'", path);
    if (bluez->bus) {
        hear(bluez, &followed->slot, match);
    }
}

static void drop_bus(struct bluez *bluez, const char *what, int error)
{
    char why[BLUEZ_WHY_MAX];
    forget_slots(bluez);
    bluez->bus = sd_bus_close_unref(bluez->bus);
    bluez->reopen_ns = clock_mono_ns() + REOPEN_NS;
    bluez->reload_ns = INT64_MAX;
    snprintf(why, sizeof(why), "%s: %s; is dbus-daemon running?", what, strerror(error));
    nothing_there(bluez, BLUEZ_LACKS_BUS, why);
}

static int on_ready(sd_bus_message *in, void *context, sd_bus_error *error)
{
    (void)in;
    (void)error;
    load(context);
    return 0;
}

#define OBJECTS                                                                                    \
    "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',member="
#define ADDED   OBJECTS "'InterfacesAdded'"
#define REMOVED OBJECTS "'InterfacesRemoved'"

/* The kernel numbers adapters from 0 on, and the lowest free number is the next one's. */
enum { ADAPTER_NUMBERS = 16 };

/* Adapters are named one by one: a rule that has them all has all their devices, too. */
static int subscribe_to_adapters(struct bluez *bluez)
{
    char match[256];
    int result = 0;
    for (int i = 0; i < ADAPTER_NUMBERS && result >= 0; i++) {
        snprintf(match, sizeof(match), ADDED ",arg0path='/org/bluez/hci%d'", i);
        result = sd_bus_add_match_async(bluez->bus, NULL, match, bluez_on_added, NULL, bluez);
        if (result >= 0) {
            snprintf(match, sizeof(match), REMOVED ",arg0path='/org/bluez/hci%d'", i);
            result = sd_bus_add_match_async(bluez->bus, NULL, match, bluez_on_removed, NULL, bluez);
        }
    }
    return result;
}

static int subscribe_to_all(struct bluez *bluez)
{
    static const struct {
        const char *match;
        sd_bus_message_handler_t handler;
    } signals[] = {
        {ADDED, bluez_on_added},
        {REMOVED, bluez_on_removed},
        {"type='signal',sender='org.bluez',interface='" BLUEZ_DEVICE "',member='Disconnected'",
         bluez_on_parted},
    };
    int result = 0;
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]) && result >= 0; i++) {
        result = sd_bus_add_match_async(bluez->bus, NULL, signals[i].match, signals[i].handler,
                                        NULL, bluez);
    }
    return result;
}

/* Subscribe first, then ask: nothing falls in between. */
static int subscribe(struct bluez *bluez)
{
    bool devices = bluez->watcher.device != NULL;
    int result = sd_bus_add_match_async(
        bluez->bus, NULL,
        "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
        "member='NameOwnerChanged',arg0='org.bluez'",
        on_owner, NULL, bluez);
    if (result >= 0) {
        result = devices ? subscribe_to_all(bluez) : subscribe_to_adapters(bluez);
    }
    bluez->followed_only = !devices;
    if (result < 0) {
        return result;
    }
    return sd_bus_add_match_async(bluez->bus, devices ? &bluez->all : &bluez->adapters_only,
                                  devices ? CHANGES : CHANGES ",arg0='" BLUEZ_ADAPTER "'",
                                  bluez_on_changed, on_ready, bluez);
}

static void open_bus(struct bluez *bluez)
{
    bluez->reopen_ns = INT64_MAX;
    int result = sd_bus_open_system(&bluez->bus);
    if (result >= 0) {
        bluez->loading_ns = clock_mono_ns();
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
    bluez->reload_ns = INT64_MAX;
    bluez->reopen_ns =
        clock_mono_ns(); /* in the first bluez_process: so `loaded` comes from there */
    return bluez;
}

void bluez_close(struct bluez *bluez)
{
    if (!bluez) {
        return;
    }
    forget_slots(bluez);
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

    *call = (struct call){.answer = answer, .context = context};
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
    due_ns = bluez->reload_ns < due_ns ? bluez->reload_ns : due_ns;
    if (bluez->bus && sd_bus_get_timeout(bluez->bus, &bus_us) >= 0 &&
        bus_us < (uint64_t)INT64_MAX / NS_PER_US && (int64_t)bus_us * NS_PER_US < due_ns) {
        due_ns = (int64_t)bus_us * NS_PER_US;
    }
    return due_ns;
}

void bluez_process(struct bluez *bluez)
{
    if (bluez->reopen_ns <= clock_mono_ns()) {
        open_bus(bluez);
    }
    if (bluez->reload_ns <= clock_mono_ns()) {
        load(bluez);
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
    if (bluez->loading_ns != INT64_MAX &&
        bluez->loading_ns + OBJECTS_WITHIN_NS <= clock_mono_ns()) {
        nothing_there(bluez, BLUEZ_LACKS_BUS, "the system bus does not answer");
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

enum bluez_lack bluez_lack(const struct bluez *bluez)
{
    return bluez->lack;
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

/* "usb:v1D6Bp0246d0552": vendor and product of BlueZ, and its version, a byte for each part
 * (BlueZ's src/main.c): 0x05 and 0x52 are 5.82. */
char *bluez_version(char *out, size_t size, const struct bluez_adapter *adapter)
{
    static const char bluez_own[] = "usb:v1D6Bp0246d";
    const char *digits = adapter->modalias + sizeof(bluez_own) - 1;
    char *end = NULL;
    out[0] = '\0';
    if (strncmp(adapter->modalias, bluez_own, sizeof(bluez_own) - 1) == 0 && strlen(digits) == 4) {
        unsigned long version = strtoul(digits, &end, 16);
        if (end == digits + 4) {
            snprintf(out, size, "%lu.%lu", version >> 8, version & 0xff);
        }
    }
    return out;
}
