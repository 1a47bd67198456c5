#include "tests/dut/dut_radio.h"

#include "rig/base/text.h"
#include "rig/base/units.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

static const char bluez[] = "org.bluez";
static const char adapter1[] = "org.bluez.Adapter1";
static const char device1[] = "org.bluez.Device1";
static const char agent_path[] = "/unit/agent";
static const char profile_path[] = "/unit/handsfree";

/* The unit is the hands-free side; the rig is its audio gateway. */
static const char uuid_unit[] = "0000111e-0000-1000-8000-00805f9b34fb";
static const char uuid_rig[] = "0000111f-0000-1000-8000-00805f9b34fb";

/* Where a call failed, nothing is tried for so long. */
static const int64_t AGAIN_NS = 200 * NS_PER_MS;

struct dut_radio {
    sd_bus *bus;
    struct unit *unit;
    void (*say)(const char *what, const char *more);
    char address[18];
    int64_t now_ns;
    bool there; /* bluetoothd is, and has been set up */

    /* The controller, as bluetoothd tells it. */
    char adapter[64];
    bool powered;
    bool discoverable;
    bool pairable;
    char alias[64];

    /* The rig: the one device that the controller has dealings with. */
    char device[96]; /* empty: none */
    bool bonded;
    bool linked;
    bool trusted;
    int fd; /* the hands-free connection; -1 */

    /* What the unit and the air last agreed on. Who differs from it has changed. */
    bool agreed_bonded;
    bool agreed_connected;

    const char *calling; /* what is under way; NULL */
    bool *setting;       /* what it sets to what, if it sets one of the above; NULL */
    bool setting_to;
    int64_t again_ns;
};

/* ---- what bluetoothd tells ---- */

static bool under(const char *path, const char *parent)
{
    size_t length = strlen(parent);
    return length > 0 && strncmp(path, parent, length) == 0 && path[length] == '/';
}

static void hang_up(struct dut_radio *radio)
{
    if (radio->fd >= 0) {
        close(radio->fd);
        radio->fd = -1;
    }
}

static void forget_device(struct dut_radio *radio)
{
    hang_up(radio);
    radio->device[0] = '\0';
    radio->bonded = false;
    radio->linked = false;
    radio->trusted = false;
}

/* One member of an a{sv}, entered behind its name; what is not of interest is skipped. */
static int read_property(struct dut_radio *radio, sd_bus_message *message, const char *name)
{
    static const char *const bools[] = {"Powered", "Discoverable", "Pairable",
                                        "Bonded",  "Connected",    "Trusted"};
    bool *const values[] = {&radio->powered, &radio->discoverable, &radio->pairable,
                            &radio->bonded,  &radio->linked,       &radio->trusted};
    for (size_t i = 0; i < sizeof(bools) / sizeof(bools[0]); i++) {
        int value;
        if (strcmp(name, bools[i]) == 0) {
            int result = sd_bus_message_read(message, "v", "b", &value);
            *values[i] = value;
            return result;
        }
    }
    if (strcmp(name, "Alias") == 0) {
        const char *alias = "";
        int result = sd_bus_message_read(message, "v", "s", &alias);
        snprintf(radio->alias, sizeof(radio->alias), "%s", alias);
        return result;
    }
    return sd_bus_message_skip(message, "v");
}

/* The a{sv} of an interface of an object. */
static int read_properties(struct dut_radio *radio, sd_bus_message *message, const char *path,
                           const char *interface)
{
    const char *name;
    bool ours = strcmp(interface, adapter1) == 0 && strcmp(path, radio->adapter) == 0;
    if (strcmp(interface, device1) == 0 && under(path, radio->adapter)) {
        ours = true;
        if (strcmp(path, radio->device) != 0) {
            forget_device(radio);
            snprintf(radio->device, sizeof(radio->device), "%s", path);
        }
    }
    if (!ours) {
        return sd_bus_message_skip(message, "a{sv}");
    }
    char kept[sizeof(radio->alias)];
    memcpy(kept, radio->alias, sizeof(kept));
    int result = sd_bus_message_enter_container(message, 'a', "{sv}");
    while (result >= 0 && (result = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
        result = sd_bus_message_read(message, "s", &name);
        result = result < 0 ? result : read_property(radio, message, name);
        result = result < 0 ? result : sd_bus_message_exit_container(message);
    }
    if (strcmp(interface, device1) == 0) {
        /* A device has an alias too: the rig's name. */
        memcpy(radio->alias, kept, sizeof(kept));
        if (!radio->linked) {
            hang_up(radio);
        }
    }
    return result < 0 ? result : sd_bus_message_exit_container(message);
}

static int read_interfaces(struct dut_radio *radio, sd_bus_message *message, const char *path)
{
    const char *interface;
    int result = sd_bus_message_enter_container(message, 'a', "{sa{sv}}");
    while (result >= 0 && (result = sd_bus_message_enter_container(message, 'e', "sa{sv}")) > 0) {
        result = sd_bus_message_read(message, "s", &interface);
        result = result < 0 ? result : read_properties(radio, message, path, interface);
        result = result < 0 ? result : sd_bus_message_exit_container(message);
    }
    return result < 0 ? result : sd_bus_message_exit_container(message);
}

static int on_properties(sd_bus_message *message, void *context, sd_bus_error *error)
{
    struct dut_radio *radio = context;
    const char *interface;
    (void)error;
    if (sd_bus_message_read(message, "s", &interface) >= 0) {
        read_properties(radio, message, sd_bus_message_get_path(message), interface);
    }
    return 0;
}

static int on_added(sd_bus_message *message, void *context, sd_bus_error *error)
{
    const char *path;
    (void)error;
    if (sd_bus_message_read(message, "o", &path) >= 0) {
        read_interfaces(context, message, path);
    }
    return 0;
}

static int on_removed(sd_bus_message *message, void *context, sd_bus_error *error)
{
    struct dut_radio *radio = context;
    const char *path;
    char **interfaces = NULL;
    (void)error;
    if (sd_bus_message_read(message, "o", &path) < 0 ||
        sd_bus_message_read_strv(message, &interfaces) < 0) {
        return 0;
    }
    for (char **name = interfaces; name && *name; name++) {
        if (strcmp(*name, device1) == 0 && strcmp(path, radio->device) == 0) {
            forget_device(radio);
        }
        free(*name);
    }
    free(interfaces);
    return 0;
}

static int on_owner(sd_bus_message *message, void *context, sd_bus_error *error)
{
    struct dut_radio *radio = context;
    const char *name;
    const char *before;
    const char *after;
    (void)error;
    if (sd_bus_message_read(message, "sss", &name, &before, &after) >= 0) {
        /* Whether it is a new one shows in the next step: it is set up then. */
        radio->there = false;
        radio->calling = NULL;
        radio->setting = NULL;
        forget_device(radio);
        radio->say("air", after[0] ? "bluetoothd came" : "bluetoothd went");
    }
    return 0;
}

/* ---- what bluetoothd asks ---- */

static int on_request(sd_bus_message *message, void *context, sd_bus_error *error)
{
    struct dut_radio *radio = context;
    const char *member = sd_bus_message_get_member(message);
    const char *path = "";
    if (strcmp(member, "Release") == 0 || strcmp(member, "Cancel") == 0) {
        return sd_bus_reply_method_return(message, NULL);
    }
    int result = sd_bus_message_read(message, "o", &path);
    if (result < 0) {
        return result;
    }
    /* The default agent is asked for every controller. What the rig's own wants is not ours to
     * refuse; on ours, it is the unit that decides. */
    bool ours = under(path, radio->adapter);
    struct unit_air air = unit_air(radio->unit);
    bool yes = !ours || air.discoverable ||
               (strcmp(member, "AuthorizeService") == 0 && air.on && air.bonded);
    char text[96];
    snprintf(text, sizeof(text), "%s%s %s", member, ours ? "" : " of another controller",
             yes ? "accepted" : "rejected");
    radio->say("asked", text);
    if (!yes) {
        return sd_bus_error_set(error, "org.bluez.Error.Rejected", "not in pairing mode");
    }
    if (strcmp(member, "RequestPinCode") == 0) {
        return sd_bus_reply_method_return(message, "s", "0000");
    }
    if (strcmp(member, "RequestPasskey") == 0) {
        return sd_bus_reply_method_return(message, "u", 0);
    }
    return sd_bus_reply_method_return(message, NULL);
}

static int on_connection(sd_bus_message *message, void *context, sd_bus_error *error)
{
    struct dut_radio *radio = context;
    const char *path;
    int fd;
    (void)error;
    int result = sd_bus_message_read(message, "oh", &path, &fd);
    if (result < 0) {
        return result;
    }
    if (under(path, radio->adapter)) {
        hang_up(radio);
        radio->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }
    return sd_bus_reply_method_return(message, NULL);
}

static int on_disconnection(sd_bus_message *message, void *context, sd_bus_error *error)
{
    (void)error;
    hang_up(context);
    return sd_bus_reply_method_return(message, NULL);
}

static const sd_bus_vtable agent_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Release", "", "", on_request, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Cancel", "", "", on_request, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestPinCode", "o", "s", on_request, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("DisplayPinCode", "os", "", on_request, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestPasskey", "o", "u", on_request, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("DisplayPasskey", "ouq", "", on_request, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestConfirmation", "ou", "", on_request, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestAuthorization", "o", "", on_request, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("AuthorizeService", "os", "", on_request, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static const sd_bus_vtable profile_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Release", "", "", on_disconnection, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("NewConnection", "oha{sv}", "", on_connection, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestDisconnection", "o", "", on_disconnection, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

/* ---- what the unit does ---- */

static int on_answer(sd_bus_message *reply, void *context, sd_bus_error *error)
{
    struct dut_radio *radio = context;
    const sd_bus_error *bad = sd_bus_message_get_error(reply);
    const char *called = radio->calling;
    char text[256];
    (void)error;
    if (!called) {
        /* Of a daemon that is gone. */
        return 0;
    }
    snprintf(text, sizeof(text), "%s: %s%s%s", called, bad ? bad->name : "ok", bad ? ": " : "",
             bad ? bad->message : "");
    radio->say("did", text);
    radio->calling = NULL;
    if (bad) {
        radio->again_ns = radio->now_ns + AGAIN_NS;
    } else if (radio->setting) {
        /* The signal that says so may come later than the answer. */
        *radio->setting = radio->setting_to;
    } else if (strcmp(called, "Alias") == 0) {
        snprintf(radio->alias, sizeof(radio->alias), "%s", unit_air(radio->unit).name);
    }
    radio->setting = NULL;
    if (bad && strcmp(called, "connect") == 0) {
        /* The rig would not have it: then the unit is alone. */
        unit_met(radio->unit, radio->now_ns, radio->agreed_bonded, false);
        radio->agreed_connected = false;
    }
    return 0;
}

/* `what` is the call under way until it is answered. The rest is as for sd_bus_message_append. */
#define CALL(radio, what, path, interface, member, ...)                                            \
    began((radio), (what),                                                                         \
          sd_bus_call_method_async((radio)->bus, NULL, bluez, (path), (interface), (member),       \
                                   on_answer, (radio), __VA_ARGS__))

static void began(struct dut_radio *radio, const char *what, int result)
{
    if (result >= 0) {
        radio->calling = what;
    }
}

static void set_bool(struct dut_radio *radio, const char *path, const char *interface,
                     const char *name, bool *property, bool value)
{
    radio->setting = property;
    radio->setting_to = value;
    CALL(radio, name, path, "org.freedesktop.DBus.Properties", "Set", "ssv", interface, name, "b",
         (int)value);
}

static void set_adapter(struct dut_radio *radio, const char *name, bool *property, bool value)
{
    set_bool(radio, radio->adapter, adapter1, name, property, value);
}

/* Begin the one thing that the air lacks most of what the unit shows. */
static void follow_unit(struct dut_radio *radio, const struct unit_air *air)
{
    if (radio->powered != air->on) {
        set_adapter(radio, "Powered", &radio->powered, air->on);
    } else if (!air->on) {
        return;
    } else if (!air->connected && radio->agreed_connected && radio->linked) {
        CALL(radio, "disconnect", radio->device, device1, "Disconnect", NULL);
    } else if (!air->bonded && radio->agreed_bonded && !air->connected && radio->device[0]) {
        /* Not while the link is up: bluetoothd would drop it, and it is for the unit to say when.
         */
        CALL(radio, "forget", radio->adapter, adapter1, "RemoveDevice", "o", radio->device);
    } else if (strcmp(radio->alias, air->name) != 0) {
        CALL(radio, "Alias", radio->adapter, "org.freedesktop.DBus.Properties", "Set", "ssv",
             adapter1, "Alias", "s", air->name);
    } else if (radio->pairable != air->discoverable) {
        set_adapter(radio, "Pairable", &radio->pairable, air->discoverable);
    } else if (radio->discoverable != air->discoverable) {
        /* Hidden, it also answers no page but from those it is bonded with: bluetoothd's
         * Connectable follows Discoverable. That is left so, as an emulated controller that answers
         * pages answers inquiries too. */
        set_adapter(radio, "Discoverable", &radio->discoverable, air->discoverable);
    } else if (radio->bonded && !radio->trusted) {
        set_bool(radio, radio->device, device1, "Trusted", &radio->trusted, true);
    } else if (air->connected && !radio->agreed_connected && radio->device[0]) {
        CALL(radio, "connect", radio->device, device1, "ConnectProfile", "s", uuid_rig);
    }
}

/* Tell the unit what the rig did, unless the unit itself has moved on since. */
static void tell_unit(struct dut_radio *radio, const struct unit_air *air)
{
    bool connected = radio->linked && radio->fd >= 0;
    bool bonded = radio->bonded;
    char text[64];
    if (air->bonded == radio->agreed_bonded && bonded != air->bonded) {
        unit_met(radio->unit, radio->now_ns, bonded, air->connected && bonded);
        radio->say("air", bonded ? "bonded" : "bond gone");
    }
    if (air->connected == radio->agreed_connected && connected != air->connected && bonded) {
        unit_met(radio->unit, radio->now_ns, bonded, connected);
    }
    if (bonded != radio->agreed_bonded || connected != radio->agreed_connected) {
        snprintf(text, sizeof(text), "%s, %s", bonded ? "bonded" : "no bond",
                 connected ? "connected" : "not connected");
        radio->say("air", text);
    }
    radio->agreed_bonded = bonded;
    radio->agreed_connected = connected;
}

/* ---- start and end ---- */

static bool complain(const char *what, int result)
{
    if (result < 0) {
        fprintf(stderr, "longpress-dut: Bluetooth: %s: %s\n", what, strerror(-result));
    }
    return result < 0;
}

/* Where the controller is, and all that bluetoothd knows of it. Devices come behind their adapter
 * or before it: so twice. */
static int find_adapter(struct dut_radio *radio)
{
    sd_bus_message *reply = NULL;
    int result = sd_bus_call_method(radio->bus, bluez, "/", "org.freedesktop.DBus.ObjectManager",
                                    "GetManagedObjects", NULL, &reply, NULL);
    for (int round = 0; result >= 0 && round < 2; round++) {
        const char *path;
        result = sd_bus_message_enter_container(reply, 'a', "{oa{sa{sv}}}");
        while (result >= 0 &&
               (result = sd_bus_message_enter_container(reply, 'e', "oa{sa{sv}}")) > 0) {
            result = sd_bus_message_read(reply, "o", &path);
            if (result >= 0) {
                result = round ? read_interfaces(radio, reply, path)
                               : sd_bus_message_skip(reply, "a{sa{sv}}");
            }
            if (result >= 0 && round == 0 && strrchr(path, '/') != path) {
                char *address = NULL;
                if (sd_bus_get_property_string(radio->bus, bluez, path, adapter1, "Address", NULL,
                                               &address) >= 0 &&
                    strcasecmp(address, radio->address) == 0) {
                    snprintf(radio->adapter, sizeof(radio->adapter), "%s", path);
                }
                free(address);
            }
            result = result < 0 ? result : sd_bus_message_exit_container(reply);
        }
        result = result < 0 ? result : sd_bus_message_rewind(reply, true);
    }
    sd_bus_message_unref(reply);
    return result < 0 ? result : radio->adapter[0] ? 0 : -ENODEV;
}

static bool set_up(struct dut_radio *radio)
{
    radio->adapter[0] = '\0';
    forget_device(radio);
    if (complain(radio->address, find_adapter(radio))) {
        return false;
    }
    /* Registering the first agent makes every controller pairable: so it comes before anything is
     * said of that. It can neither show nor ask, as headphones cannot: then nobody is asked, and
     * the controller itself refuses while it is not pairable. */
    if (complain("RegisterAgent",
                 sd_bus_call_method(radio->bus, bluez, "/org/bluez", "org.bluez.AgentManager1",
                                    "RegisterAgent", NULL, NULL, "os", agent_path,
                                    "NoInputNoOutput")) ||
        complain("RequestDefaultAgent",
                 sd_bus_call_method(radio->bus, bluez, "/org/bluez", "org.bluez.AgentManager1",
                                    "RequestDefaultAgent", NULL, NULL, "o", agent_path)) ||
        complain("RegisterProfile",
                 sd_bus_call_method(radio->bus, bluez, "/org/bluez", "org.bluez.ProfileManager1",
                                    "RegisterProfile", NULL, NULL, "osa{sv}", profile_path,
                                    uuid_unit, 2, "RequireAuthentication", "b", 1,
                                    "RequireAuthorization", "b", 0)) ||
        complain("DiscoverableTimeout",
                 sd_bus_set_property(radio->bus, bluez, radio->adapter, adapter1,
                                     "DiscoverableTimeout", NULL, "u", 0))) {
        return false;
    }
    radio->there = true;
    return true;
}

/* Every device that the controller knows, one by one; it has to be on for that. */
static int forget_all(struct dut_radio *radio)
{
    if (radio->device[0] && !radio->powered) {
        int result = sd_bus_set_property(radio->bus, bluez, radio->adapter, adapter1, "Powered",
                                         NULL, "b", 1);
        if (result < 0) {
            return result;
        }
    }
    while (radio->device[0]) {
        char gone[sizeof(radio->device)];
        memcpy(gone, radio->device, sizeof(gone));
        int result = sd_bus_call_method(radio->bus, bluez, radio->adapter, adapter1, "RemoveDevice",
                                        NULL, NULL, "o", gone);
        if (result < 0) {
            return result;
        }
        forget_device(radio);
        result = find_adapter(radio);
        if (result < 0) {
            return result;
        }
    }
    return 0;
}

struct dut_radio *dut_radio_open(const char *address, struct unit *unit, int64_t now_ns,
                                 void (*say)(const char *what, const char *more))
{
    struct dut_radio *radio = xcalloc(sizeof(*radio));
    radio->unit = unit;
    radio->say = say;
    radio->now_ns = now_ns;
    radio->fd = -1;
    snprintf(radio->address, sizeof(radio->address), "%s", address);
    if (complain("system bus", sd_bus_open_system(&radio->bus)) ||
        complain("agent", sd_bus_add_object_vtable(radio->bus, NULL, agent_path, "org.bluez.Agent1",
                                                   agent_vtable, radio)) ||
        complain("profile",
                 sd_bus_add_object_vtable(radio->bus, NULL, profile_path, "org.bluez.Profile1",
                                          profile_vtable, radio)) ||
        complain("match", sd_bus_match_signal(radio->bus, NULL, bluez, NULL,
                                              "org.freedesktop.DBus.Properties",
                                              "PropertiesChanged", on_properties, radio)) ||
        complain("match", sd_bus_match_signal(radio->bus, NULL, bluez, "/",
                                              "org.freedesktop.DBus.ObjectManager",
                                              "InterfacesAdded", on_added, radio)) ||
        complain("match", sd_bus_match_signal(radio->bus, NULL, bluez, "/",
                                              "org.freedesktop.DBus.ObjectManager",
                                              "InterfacesRemoved", on_removed, radio)) ||
        complain("match", sd_bus_add_match(radio->bus, NULL,
                                           "type='signal',sender='org.freedesktop.DBus',"
                                           "member='NameOwnerChanged',arg0='org.bluez'",
                                           on_owner, radio)) ||
        !set_up(radio) || complain("RemoveDevice", forget_all(radio))) {
        sd_bus_flush_close_unref(radio->bus);
        free(radio);
        return NULL;
    }
    unit_unmet(unit, now_ns);
    return radio;
}

int dut_radio_fd(const struct dut_radio *radio)
{
    return sd_bus_get_fd(radio->bus);
}

bool dut_radio_step(struct dut_radio *radio, int64_t now_ns)
{
    int did;
    radio->now_ns = now_ns;
    while ((did = sd_bus_process(radio->bus, NULL)) > 0) {
    }
    if (did < 0) {
        complain("bus", did);
        return false;
    }
    if (!radio->there) {
        /* A daemon that has just come has no controllers yet. */
        if (now_ns < radio->again_ns) {
            return true;
        }
        radio->again_ns = now_ns + AGAIN_NS;
        if (sd_bus_get_name_creds(radio->bus, bluez, 0, NULL) < 0 || find_adapter(radio) < 0 ||
            !set_up(radio)) {
            return true;
        }
    }
    /* The rig's end of the connection may go while the link stays. */
    struct pollfd polled = {.fd = radio->fd};
    if (radio->fd >= 0 && poll(&polled, 1, 0) > 0 && (polled.revents & (POLLHUP | POLLERR))) {
        hang_up(radio);
    }
    struct unit_air air = unit_air(radio->unit);
    tell_unit(radio, &air);
    air = unit_air(radio->unit);
    if (!radio->calling && now_ns >= radio->again_ns) {
        follow_unit(radio, &air);
    }
    sd_bus_flush(radio->bus);
    return true;
}

void dut_radio_close(struct dut_radio *radio)
{
    if (!radio) {
        return;
    }
    hang_up(radio);
    if (radio->there) {
        sd_bus_set_property(radio->bus, bluez, radio->adapter, adapter1, "Powered", NULL, "b", 0);
    }
    sd_bus_flush_close_unref(radio->bus);
    free(radio);
}
