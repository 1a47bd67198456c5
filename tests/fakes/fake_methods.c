/*
 * What the methods do when the script says nothing else: what bluetoothd does, as far as a client
 * can see it, at once.
 */
#include "tests/fakes/fake_bluez.h"

#include <stdlib.h>
#include <string.h>

/* As with bluetoothd: signals of what changed come before the answer to a method of a device. */
static void answer_ok(struct fake *fake, sd_bus_message *call)
{
    table_flush(&fake->table, fake->bus);
    sd_bus_reply_method_return(call, NULL);
}

/* And after the answer to one of an adapter. */
static void answer_first(struct fake *fake, sd_bus_message *call)
{
    sd_bus_reply_method_return(call, NULL);
    table_flush(&fake->table, fake->bus);
}

static void answer_error(sd_bus_message *call, const char *name, const char *text)
{
    char full[128];
    snprintf(full, sizeof(full), "%s.Error.%s", BLUEZ, name);
    sd_bus_reply_method_errorf(call, full, "%s", text);
}

static const char *text_of(const struct fake *fake, const char *path, const char *interface,
                           const char *name)
{
    const struct property *property =
        interface_get(table_find(&fake->table, path, interface), name);
    return property ? property->value.data : "";
}

static bool is_true(const struct fake *fake, const char *path, const char *interface,
                    const char *name)
{
    return strcmp(text_of(fake, path, interface, name), "true") == 0;
}

static void turn(struct fake *fake, const char *path, const char *interface, const char *name,
                 const char *value)
{
    struct interface *found = table_find(&fake->table, path, interface);
    if (found) {
        interface_turn(found, name, value);
    }
}

/* ---- sessions ----------------------------------------------------------------------------------
 */

/* `client` and `path` NULL: any. */
const struct session *session_find(const struct fake *fake, enum session_kind kind,
                                   const char *client, const char *path)
{
    for (size_t i = 0; i < fake->session_count; i++) {
        const struct session *session = &fake->sessions[i];
        if (session->kind == kind && (!client || strcmp(session->client, client) == 0) &&
            (!path || strcmp(session->path, path) == 0)) {
            return session;
        }
    }
    return NULL;
}

static void session_begin(struct fake *fake, enum session_kind kind, sd_bus_message *call,
                          const char *path, const char *detail)
{
    fake->sessions =
        xrealloc_array(fake->sessions, fake->session_count + 1, sizeof(*fake->sessions));
    fake->sessions[fake->session_count++] =
        (struct session){.kind = kind,
                         .client = copied(sd_bus_message_get_sender(call)),
                         .path = copied(path),
                         .detail = copied(detail)};
}

/* ---- properties and objects --------------------------------------------------------------------
 */

static void get_managed_objects(struct fake *fake, sd_bus_message *call)
{
    sd_bus_message *reply;
    sure(sd_bus_message_new_method_return(call, &reply));
    table_append(&fake->table, reply);
    sd_bus_send(fake->bus, reply, NULL);
    sd_bus_message_unref(reply);
}

/* The interface and, if there is `property`, it. NULL after an error. */
static struct interface *read_property_call(struct fake *fake, sd_bus_message *call,
                                            const char **property)
{
    const char *name;
    sure(sd_bus_message_read(call, "s", &name));
    struct interface *interface = table_find(&fake->table, sd_bus_message_get_path(call), name);
    if (!interface) {
        sd_bus_reply_method_errorf(call, DBUS ".Error.InvalidArgs", "No such interface '%s'", name);
        return NULL;
    }
    if (property) {
        sure(sd_bus_message_read(call, "s", property));
        if (!interface_get(interface, *property)) {
            sd_bus_reply_method_errorf(call, DBUS ".Error.InvalidArgs", "No such property '%s'",
                                       *property);
            return NULL;
        }
    }
    return interface;
}

static void get_property(struct fake *fake, sd_bus_message *call)
{
    const char *name;
    const struct interface *interface = read_property_call(fake, call, &name);
    if (!interface) {
        return;
    }
    const struct property *property = interface_get(interface, name);
    sd_bus_message *reply;
    sure(sd_bus_message_new_method_return(call, &reply));
    value_append_variant(reply, property->type, property->value);
    sd_bus_send(fake->bus, reply, NULL);
    sd_bus_message_unref(reply);
}

static void get_properties(struct fake *fake, sd_bus_message *call)
{
    const struct interface *interface = read_property_call(fake, call, NULL);
    if (!interface) {
        return;
    }
    sd_bus_message *reply;
    sure(sd_bus_message_new_method_return(call, &reply));
    interface_append(interface, reply);
    sd_bus_send(fake->bus, reply, NULL);
    sd_bus_message_unref(reply);
}

static void disconnected(struct interface *device)
{
    interface_turn(device, "Connected", "false");
    interface_turn(device, "ServicesResolved", "false");
}

static bool is_below(const char *path, const char *parent)
{
    size_t length = strlen(parent);
    return strncmp(path, parent, length) == 0 && path[length] == '/';
}

static void switch_adapter(struct fake *fake, const char *adapter, bool on)
{
    turn(fake, adapter, ADAPTER, "PowerState", on ? "on" : "off");
    if (on) {
        return;
    }
    const struct session *session;
    while ((session = session_find(fake, SESSION_DISCOVERY, NULL, adapter)) != NULL) {
        session_end(fake, session);
    }
    turn(fake, adapter, ADAPTER, "Discovering", "false");
    for (size_t i = 0; i < fake->table.count; i++) {
        const char *path = fake->table.objects[i]->path;
        struct interface *device = table_find(&fake->table, path, DEVICE);
        if (device && is_below(path, adapter)) {
            disconnected(device);
        }
    }
}

static void set_property(struct fake *fake, sd_bus_message *call)
{
    static const char writable[] = " Alias Powered Discoverable DiscoverableTimeout Pairable"
                                   " PairableTimeout Trusted Blocked WakeAllowed PreferredBearer ";
    const char *path = sd_bus_message_get_path(call);
    const char *name;
    struct interface *interface = read_property_call(fake, call, &name);
    if (!interface) {
        return;
    }
    const struct property *property = interface_get(interface, name);
    char word[64];
    snprintf(word, sizeof(word), " %.60s ", name);
    if (!strstr(writable, word)) {
        sd_bus_reply_method_errorf(call, DBUS ".Error.PropertyReadOnly",
                                   "Property '%s' is not writable", name);
        return;
    }
    char type;
    const char *contents;
    sure(sd_bus_message_peek_type(call, &type, &contents));
    if (strcmp(contents, property->type) != 0) {
        sd_bus_reply_method_errorf(call, DBUS ".Error.InvalidSignature",
                                   "Invalid signature for '%s'", name);
        return;
    }
    sure(sd_bus_message_enter_container(call, 'v', contents));
    char *value = value_read(call, property->type[0]);
    if (strcmp(name, "Alias") == 0 && *value == '\0') {
        free(value);
        value = copied(text_of(fake, path, interface->name, "Name"));
    }
    interface_turn(interface, name, value);
    if (strcmp(name, "Powered") == 0) {
        switch_adapter(fake, path, strcmp(value, "true") == 0);
    }
    free(value);
    answer_first(fake, call);
}

/* ---- adapter -----------------------------------------------------------------------------------
 */

static void set_discovery_filter(struct fake *fake, sd_bus_message *call)
{
    static const struct {
        const char *key;
        const char *type;
    } keys[] = {{"UUIDs", "as"},    {"RSSI", "n"},          {"Pathloss", "q"},
                {"Transport", "s"}, {"DuplicateData", "b"}, {"Discoverable", "b"},
                {"Pattern", "s"}};
    bool right = true;
    sure(sd_bus_message_enter_container(call, 'a', "{sv}"));
    while (sure(sd_bus_message_enter_container(call, 'e', "sv")) > 0) {
        const char *key;
        const char *type;
        sure(sd_bus_message_read(call, "s", &key));
        sure(sd_bus_message_peek_type(call, NULL, &type));
        bool known = false;
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
            known = known || (strcmp(key, keys[i].key) == 0 && strcmp(type, keys[i].type) == 0);
        }
        if (known && strcmp(key, "Transport") == 0) {
            const char *transport;
            sure(sd_bus_message_read(call, "v", "s", &transport));
            known = strcmp(transport, "auto") == 0 || strcmp(transport, "bredr") == 0 ||
                    strcmp(transport, "le") == 0;
        } else {
            sure(sd_bus_message_skip(call, "v"));
        }
        right = right && known;
        sure(sd_bus_message_exit_container(call));
    }
    if (right) {
        answer_ok(fake, call);
    } else {
        answer_error(call, "InvalidArguments", "Invalid arguments in method call");
    }
}

/* Answers, when the adapter is off. */
static bool is_off(const struct fake *fake, sd_bus_message *call, const char *adapter,
                   const char *text)
{
    if (is_true(fake, adapter, ADAPTER, "Powered")) {
        return false;
    }
    answer_error(call, "NotReady", text);
    return true;
}

static void start_discovery(struct fake *fake, sd_bus_message *call)
{
    const char *adapter = sd_bus_message_get_path(call);
    if (is_off(fake, call, adapter, "Resource Not Ready")) {
        return;
    }
    if (session_find(fake, SESSION_DISCOVERY, sd_bus_message_get_sender(call), adapter)) {
        answer_error(call, "InProgress", "Operation already in progress");
        return;
    }
    session_begin(fake, SESSION_DISCOVERY, call, adapter, "");
    turn(fake, adapter, ADAPTER, "Discovering", "true");
    answer_first(fake, call);
}

void discovery_ended(struct fake *fake, const char *adapter)
{
    if (session_find(fake, SESSION_DISCOVERY, NULL, adapter)) {
        return;
    }
    turn(fake, adapter, ADAPTER, "Discovering", "false");
    for (size_t i = 0; i < fake->table.count; i++) {
        const char *path = fake->table.objects[i]->path;
        struct interface *device = table_find(&fake->table, path, DEVICE);
        if (device && is_below(path, adapter)) {
            interface_invalidate(device, "RSSI");
            interface_invalidate(device, "TxPower");
        }
    }
}

static void stop_discovery(struct fake *fake, sd_bus_message *call)
{
    const char *adapter = sd_bus_message_get_path(call);
    if (is_off(fake, call, adapter, "Resource Not Ready")) {
        return;
    }
    const struct session *session =
        session_find(fake, SESSION_DISCOVERY, sd_bus_message_get_sender(call), adapter);
    if (!session) {
        answer_error(call, "Failed", "No discovery started");
        return;
    }
    session_end(fake, session);
    answer_first(fake, call);
}

static void remove_device(struct fake *fake, sd_bus_message *call)
{
    const char *adapter = sd_bus_message_get_path(call);
    const char *path;
    sure(sd_bus_message_read(call, "o", &path));
    struct interface *device = table_find(&fake->table, path, DEVICE);
    if (!device || !is_below(path, adapter)) {
        answer_error(call, "DoesNotExist", "Does Not Exist");
        return;
    }
    if (is_off(fake, call, adapter, "Resource Not Ready")) {
        return;
    }
    disconnected(device);
    interface_turn(device, "Paired", "false");
    interface_turn(device, "Bonded", "false");
    answer_first(fake, call);
    table_remove(&fake->table, fake->bus, path, NULL);
}

/* ---- device ------------------------------------------------------------------------------------
 */

static void connected(struct fake *fake, const char *path)
{
    turn(fake, path, DEVICE, "Connected", "true");
    turn(fake, path, DEVICE, "ServicesResolved", "true");
}

static void pair(struct fake *fake, sd_bus_message *call)
{
    const char *path = sd_bus_message_get_path(call);
    if (is_off(fake, call, text_of(fake, path, DEVICE, "Adapter"), "Resource Not Ready")) {
        return;
    }
    if (is_true(fake, path, DEVICE, "Paired")) {
        answer_error(call, "AlreadyExists", "Already Exists");
        return;
    }
    connected(fake, path);
    turn(fake, path, DEVICE, "Paired", "true");
    turn(fake, path, DEVICE, "Bonded", "true");
    answer_ok(fake, call);
}

static void cancel_pairing(struct fake *fake, sd_bus_message *call)
{
    if (calls_cancel(fake, sd_bus_message_get_path(call), "Pair",
                     BLUEZ ".Error.AuthenticationCanceled", "Authentication Canceled") == 0) {
        answer_error(call, "DoesNotExist", "Does Not Exist");
        return;
    }
    answer_ok(fake, call);
}

/* Connect, and ConnectProfile, whose profile the device has to know if it tells any. */
static void connect_device(struct fake *fake, sd_bus_message *call)
{
    const char *path = sd_bus_message_get_path(call);
    const char *uuids = text_of(fake, path, DEVICE, "UUIDs");
    const char *uuid = "";
    if (sd_bus_message_has_signature(call, "s")) {
        sure(sd_bus_message_read(call, "s", &uuid));
    }
    if (is_off(fake, call, text_of(fake, path, DEVICE, "Adapter"),
               "br-connection-adapter-not-powered")) {
        return;
    }
    if (*uuids && !strcasestr(uuids, uuid)) {
        answer_error(call, "NotAvailable", "br-connection-profile-unavailable");
        return;
    }
    connected(fake, path);
    answer_ok(fake, call);
}

static void disconnect_device(struct fake *fake, sd_bus_message *call)
{
    const char *path = sd_bus_message_get_path(call);
    static const char *const connecting[] = {"Connect", "ConnectProfile"};
    unsigned canceled = 0;
    for (size_t i = 0; i < 2; i++) {
        canceled += calls_cancel(fake, path, connecting[i], BLUEZ ".Error.Failed",
                                 "br-connection-canceled");
    }
    if (canceled == 0 && !is_true(fake, path, DEVICE, "Connected")) {
        answer_error(call, "NotConnected", "Not Connected");
        return;
    }
    if (sd_bus_message_has_signature(call, "")) {
        disconnected(table_find(&fake->table, path, DEVICE));
    }
    answer_ok(fake, call);
}

static void read_value(struct fake *fake, sd_bus_message *call)
{
    const char *path = sd_bus_message_get_path(call);
    for (size_t i = 0; i < fake->table.count; i++) {
        const char *device = fake->table.objects[i]->path;
        if (is_below(path, device) && table_find(&fake->table, device, DEVICE) &&
            !is_true(fake, device, DEVICE, "Connected")) {
            answer_error(call, "Failed", "Not connected");
            return;
        }
    }
    const struct property *value =
        interface_get(table_find(&fake->table, path, CHARACTER), "Value");
    if (!value) {
        answer_error(call, "NotPermitted", "Read not permitted");
        return;
    }
    sd_bus_message *reply;
    sure(sd_bus_message_new_method_return(call, &reply));
    value_append(reply, value->type, value->value);
    sd_bus_send(fake->bus, reply, NULL);
    sd_bus_message_unref(reply);
}

/* ---- agents and profiles -----------------------------------------------------------------------
 */

static void register_agent(struct fake *fake, sd_bus_message *call)
{
    static const char capabilities[] = " DisplayOnly DisplayYesNo KeyboardOnly NoInputNoOutput"
                                       " KeyboardDisplay ";
    const char *path;
    const char *capability;
    char word[64];
    sure(sd_bus_message_read(call, "os", &path, &capability));
    snprintf(word, sizeof(word), " %.60s ", capability);
    if (session_find(fake, SESSION_AGENT, sd_bus_message_get_sender(call), NULL)) {
        answer_error(call, "AlreadyExists", "Already Exists");
    } else if (*capability && !strstr(capabilities, word)) {
        answer_error(call, "InvalidArguments", "Invalid arguments in method call");
    } else {
        session_begin(fake, SESSION_AGENT, call, path, capability);
        answer_ok(fake, call);
    }
}

/* UnregisterAgent, UnregisterProfile, RequestDefaultAgent: with a path that must be known. */
static struct session *registered(struct fake *fake, enum session_kind kind, sd_bus_message *call)
{
    const char *path;
    sure(sd_bus_message_read(call, "o", &path));
    const struct session *session = session_find(fake, kind, sd_bus_message_get_sender(call), path);
    if (!session) {
        answer_error(call, "DoesNotExist", "Does Not Exist");
        return NULL;
    }
    return &fake->sessions[session - fake->sessions];
}

static void unregister_agent(struct fake *fake, sd_bus_message *call)
{
    const struct session *session = registered(fake, SESSION_AGENT, call);
    if (session) {
        session_end(fake, session);
        answer_ok(fake, call);
    }
}

static void request_default_agent(struct fake *fake, sd_bus_message *call)
{
    struct session *session = registered(fake, SESSION_AGENT, call);
    if (!session) {
        return;
    }
    for (size_t i = 0; i < fake->session_count; i++) {
        fake->sessions[i].is_default = false;
    }
    session->is_default = true;
    answer_ok(fake, call);
}

static void register_profile(struct fake *fake, sd_bus_message *call)
{
    const char *path;
    const char *uuid;
    sure(sd_bus_message_read(call, "os", &path, &uuid));
    if (session_find(fake, SESSION_PROFILE, sd_bus_message_get_sender(call), path)) {
        answer_error(call, "AlreadyExists", "Already Exists");
        return;
    }
    for (size_t i = 0; i < fake->session_count; i++) {
        if (fake->sessions[i].kind == SESSION_PROFILE &&
            strcasecmp(fake->sessions[i].detail, uuid) == 0) {
            answer_error(call, "NotPermitted", "UUID already registered");
            return;
        }
    }
    session_begin(fake, SESSION_PROFILE, call, path, uuid);
    answer_ok(fake, call);
}

static void unregister_profile(struct fake *fake, sd_bus_message *call)
{
    const struct session *session = registered(fake, SESSION_PROFILE, call);
    if (session) {
        session_end(fake, session);
        answer_ok(fake, call);
    }
}

/* ---- which is which ----------------------------------------------------------------------------
 */

void method_run(struct fake *fake, sd_bus_message *call)
{
    static const struct {
        const char *interface;
        const char *member;
        const char *signature;
        void (*run)(struct fake *fake, sd_bus_message *call);
    } methods[] = {
        {DBUS ".ObjectManager", "GetManagedObjects", "", get_managed_objects},
        {DBUS ".Properties", "Get", "ss", get_property},
        {DBUS ".Properties", "GetAll", "s", get_properties},
        {DBUS ".Properties", "Set", "ssv", set_property},
        {ADAPTER, "SetDiscoveryFilter", "a{sv}", set_discovery_filter},
        {ADAPTER, "StartDiscovery", "", start_discovery},
        {ADAPTER, "StopDiscovery", "", stop_discovery},
        {ADAPTER, "RemoveDevice", "o", remove_device},
        {DEVICE, "Pair", "", pair},
        {DEVICE, "CancelPairing", "", cancel_pairing},
        {DEVICE, "Connect", "", connect_device},
        {DEVICE, "ConnectProfile", "s", connect_device},
        {DEVICE, "Disconnect", "", disconnect_device},
        {DEVICE, "DisconnectProfile", "s", disconnect_device},
        {CHARACTER, "ReadValue", "a{sv}", read_value},
        {AGENTS, "RegisterAgent", "os", register_agent},
        {AGENTS, "UnregisterAgent", "o", unregister_agent},
        {AGENTS, "RequestDefaultAgent", "o", request_default_agent},
        {PROFILES, "RegisterProfile", "osa{sv}", register_profile},
        {PROFILES, "UnregisterProfile", "o", unregister_profile},
    };
    const char *path = sd_bus_message_get_path(call);
    const char *interface = sd_bus_message_get_interface(call);
    bool known_object = strcmp(path, "/") == 0 || table_has(&fake->table, path);
    for (size_t i = 0; interface && i < sizeof(methods) / sizeof(methods[0]); i++) {
        bool there =
            strncmp(interface, DBUS, strlen(DBUS)) == 0
                ? (strcmp(methods[i].member, "GetManagedObjects") == 0) == (path[1] == '\0')
                : table_find(&fake->table, path, interface) != NULL;
        if (there && known_object &&
            sd_bus_message_is_method_call(call, methods[i].interface, methods[i].member) &&
            sd_bus_message_has_signature(call, methods[i].signature)) {
            methods[i].run(fake, call);
            return;
        }
    }
    sd_bus_reply_method_errorf(
        call, known_object ? DBUS ".Error.UnknownMethod" : DBUS ".Error.UnknownObject",
        "Method \"%s\" with signature \"%s\" on interface \"%s\" doesn't exist\n",
        sd_bus_message_get_member(call), sd_bus_message_get_signature(call, true),
        interface ? interface : "(null)");
}
