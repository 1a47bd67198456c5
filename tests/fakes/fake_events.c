/*
 * What the script has happen at its time, or so long after a call.
 */
#include "tests/fakes/fake_bluez.h"

#include "rig/base/units.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- when --------------------------------------------------------------------------------------
 */

void events_add(struct fake *fake, int64_t due_ns, struct action *action)
{
    fake->events = xrealloc_array(fake->events, fake->event_count + 1, sizeof(*fake->events));
    fake->events[fake->event_count++] =
        (struct event){.due_ns = due_ns, .order = fake->event_order++, .action = action};
}

static size_t next_event(const struct fake *fake)
{
    size_t next = 0;
    for (size_t i = 1; i < fake->event_count; i++) {
        const struct event *a = &fake->events[i];
        const struct event *b = &fake->events[next];
        if (a->due_ns < b->due_ns || (a->due_ns == b->due_ns && a->order < b->order)) {
            next = i;
        }
    }
    return next;
}

int64_t events_due_ns(const struct fake *fake)
{
    int64_t due_ns = fake->event_count ? fake->events[next_event(fake)].due_ns : INT64_MAX;
    bool crowded = fake->crowd.count > 0 && fake->crowd.next_ns < due_ns;
    return crowded ? fake->crowd.next_ns : due_ns;
}

/* ---- objects -----------------------------------------------------------------------------------
 */

static void set_default(struct interface *interface, const char *name, const char *value)
{
    interface_set(interface, name, property_type(name), bytes_of(value));
}

static void adapter_defaults(struct interface *adapter)
{
    static const char *const values[][2] = {
        {"Address", "00:1A:7D:DA:71:13"},
        {"AddressType", "public"},
        {"Name", "rig"},
        {"Alias", "rig"},
        {"Class", "0"},
        {"Powered", "true"},
        {"PowerState", "on"},
        {"Discoverable", "false"},
        {"DiscoverableTimeout", "180"},
        {"Pairable", "false"},
        {"PairableTimeout", "0"},
        {"Discovering", "false"},
        {"UUIDs", ""},
        {"Modalias", "usb:v1D6Bp0246d0542"},
        {"Roles", "central,peripheral"},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        set_default(adapter, values[i][0], values[i][1]);
    }
}

static const struct assignment *given(const struct action *action, const char *name)
{
    for (size_t i = 0; i < action->count; i++) {
        if (strcmp(action->values[i].name, name) == 0) {
            return &action->values[i];
        }
    }
    return NULL;
}

/* Address and adapter are in the path; a device without a name has its address for an alias. */
static void device_defaults(struct interface *device, const char *path, const char *name)
{
    static const char *const flags[] = {"Paired",  "Bonded",        "Connected",       "Trusted",
                                        "Blocked", "LegacyPairing", "ServicesResolved"};
    char text[256];
    const char *end = strstr(path, "/dev_");
    if (end) {
        snprintf(text, sizeof(text), "%.*s", (int)(end - path), path);
        set_default(device, "Adapter", text);
        snprintf(text, sizeof(text), "%.17s", end + 5);
        for (char *at = text; *at; at++) {
            *at = *at == '_' ? ':' : *at;
        }
        set_default(device, "Address", text);
        for (char *at = text; *at; at++) {
            *at = *at == ':' ? '-' : *at;
        }
        set_default(device, "Alias", name ? name : text);
    }
    set_default(device, "AddressType", "public");
    set_default(device, "UUIDs", "");
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        set_default(device, flags[i], "false");
    }
}

static void add(struct fake *fake, const struct action *action)
{
    bool made;
    struct interface *interface = table_add(&fake->table, action->path, action->interface, &made);
    if (made && strcmp(action->interface, ADAPTER) == 0) {
        adapter_defaults(interface);
    } else if (made && strcmp(action->interface, DEVICE) == 0) {
        const struct assignment *name = given(action, "Name");
        device_defaults(interface, action->path, name ? name->value.data : NULL);
    }
    for (size_t i = 0; i < action->count; i++) {
        const struct assignment *value = &action->values[i];
        interface_set(interface, value->name, value->type, value->value);
    }
}

static bool is_pattern(const char *path)
{
    return strpbrk(path, "*?[") != NULL;
}

static void change(struct fake *fake, const struct action *action)
{
    for (size_t i = 0; i < action->count; i++) {
        const struct assignment *value = &action->values[i];
        bool found = false;
        for (size_t j = 0; j < fake->table.count; j++) {
            const char *path = fake->table.objects[j]->path;
            struct interface *interface = table_find(&fake->table, path, value->interface);
            if (!interface || fnmatch(action->path, path, 0) != 0) {
                continue;
            }
            found = true;
            if (action->kind == ACTION_SET) {
                interface_set(interface, value->name, value->type, value->value);
            } else {
                interface_invalidate(interface, value->name);
            }
        }
        if (!found && !is_pattern(action->path)) {
            fail(fake, action->line, "no %s at %s", short_name(value->interface), action->path);
        }
    }
}

static void remove_objects(struct fake *fake, const struct action *action)
{
    bool found = false;
    for (size_t i = 0; i < fake->table.count;) {
        const char *path = fake->table.objects[i]->path;
        if (fnmatch(action->path, path, 0) != 0 || strcmp(path, "/org/bluez") == 0) {
            i++;
            continue;
        }
        found = true;
        if (action->count == 0) {
            table_remove(&fake->table, fake->bus, path, NULL);
            i = 0;
            continue;
        }
        size_t before = fake->table.count;
        for (size_t j = 0; j < action->count && before == fake->table.count; j++) {
            table_remove(&fake->table, fake->bus, path, action->values[j].interface);
        }
        i += before == fake->table.count ? 1 : 0;
    }
    if (!found && !is_pattern(action->path)) {
        fail(fake, action->line, "no object %s", action->path);
    }
}

static void emit(struct fake *fake, const struct action *action)
{
    sd_bus_message *message;
    if (!fake->bus) {
        return;
    }
    sure(sd_bus_message_new_signal(fake->bus, &message, action->path, action->interface,
                                   action->member));
    for (size_t i = 0; i < action->count; i++) {
        value_append(message, action->values[i].type, action->values[i].value);
    }
    sd_bus_send(fake->bus, message, NULL);
    sd_bus_message_unref(message);
}

/* ---- the daemon itself -------------------------------------------------------------------------
 */

/* What is left of the objects after a restart: adapters, and what is paired or trusted. */
static void keep_known(struct fake *fake)
{
    for (size_t i = 0; i < fake->table.count;) {
        const char *path = fake->table.objects[i]->path;
        struct interface *adapter = table_find(&fake->table, path, ADAPTER);
        struct interface *device = table_find(&fake->table, path, DEVICE);
        bool kept = device ? interface_is(device, "Paired", "true") ||
                                 interface_is(device, "Trusted", "true")
                           : !strstr(path, "/dev_");
        if (!kept) {
            table_remove(&fake->table, NULL, path, NULL);
            i = 0;
            continue;
        }
        if (adapter) {
            interface_turn(adapter, "Discovering", "false");
        }
        if (device) {
            interface_turn(device, "Connected", "false");
            interface_turn(device, "ServicesResolved", "false");
            interface_invalidate(device, "RSSI");
            interface_invalidate(device, "TxPower");
            table_remove(&fake->table, NULL, path, BATTERY);
        }
        i++;
    }
}

static void leave(struct fake *fake, const struct action *action)
{
    if (!fake->bus) {
        fail(fake, action->line, "it is off the bus already");
        return;
    }
    say(fake, "left the bus");
    fake->crowd.count = 0;
    sd_bus *bus = fake->bus;
    fake->bus = NULL;
    calls_forget(fake, NULL);
    keep_known(fake);
    fake->bus = NULL;
    fake->back_ns = action->time_ns == INT64_MAX ? INT64_MAX : now_ns() + action->time_ns;
    sd_bus_flush_close_unref(bus);
}

/* ---- the crowd ---------------------------------------------------------------------------------
 */

static void crowd_path(const struct crowd *crowd, unsigned i, char *path, size_t size)
{
    snprintf(path, size, "%s/dev_C0_FF_EE_00_%02X_%02X", crowd->adapter, i >> 8 & 0xFF, i & 0xFF);
}

/* The same in every run: a linear congruential generator (Numerical Recipes). */
static int crowd_rssi(struct crowd *crowd)
{
    crowd->random = crowd->random * 1664525U + 1013904223U;
    return -100 + (int)((crowd->random >> 16) % 60);
}

static void crowd_move(struct fake *fake)
{
    for (unsigned i = 0; i < fake->crowd.count; i++) {
        char path[128];
        char rssi[16];
        bool made;
        crowd_path(&fake->crowd, i, path, sizeof(path));
        struct interface *device = table_add(&fake->table, path, DEVICE, &made);
        if (made) {
            char name[32];
            snprintf(name, sizeof(name), "crowd %u", i);
            device_defaults(device, path, name);
            set_default(device, "Name", name);
            set_default(device, "AddressType", "random");
        }
        snprintf(rssi, sizeof(rssi), "%d", crowd_rssi(&fake->crowd));
        set_default(device, "RSSI", rssi);
    }
    table_flush(&fake->table, fake->bus);
}

static void crowd(struct fake *fake, const struct action *action)
{
    for (unsigned i = action->number; i < fake->crowd.count; i++) {
        char path[128];
        crowd_path(&fake->crowd, i, path, sizeof(path));
        table_remove(&fake->table, fake->bus, path, NULL);
    }
    fake->crowd = (struct crowd){.count = action->number,
                                 .adapter = action->path,
                                 .period_ns = action->time_ns,
                                 .random = 1};
    crowd_move(fake);
    fake->crowd.next_ns =
        action->time_ns == INT64_MAX ? INT64_MAX : now_ns() + fake->crowd.period_ns;
}

/* ---- calling the client ------------------------------------------------------------------------
 */

/* The answer to a call of a client's object, or why there is none. */
static void judge(struct fake *fake, struct action *action, const char *got)
{
    action->done++;
    if (!action->expect || strcmp(action->expect, got) == 0) {
        say(fake, "%s %s: %s", short_name(action->interface), action->member, got);
    } else {
        fail(fake, action->line, "%s %s: %s, expected %s", short_name(action->interface),
             action->member, got, action->expect);
    }
}

struct asked {
    struct fake *fake;
    struct action *action;
};

static int on_answer(sd_bus_message *reply, void *context, sd_bus_error *error)
{
    const struct asked *asked = context;
    const sd_bus_error *refused = sd_bus_message_get_error(reply);
    (void)error;
    const char *got = !refused                                              ? "accepted"
                      : strcmp(refused->name, BLUEZ ".Error.Rejected") == 0 ? "rejected"
                      : strcmp(refused->name, BLUEZ ".Error.Canceled") == 0 ? "canceled"
                      : strcmp(refused->name, DBUS ".Error.NoReply") == 0   ? "silence"
                                                                            : refused->name;
    judge(asked->fake, asked->action, got);
    return 0;
}

/* One end of a connection for a profile; the other stays open until the end. */
static void append_connection(struct fake *fake, sd_bus_message *call)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        perror("fake_bluez: socketpair");
        exit(1);
    }
    sure(sd_bus_message_append(call, "ha{sv}", ends[0], 0));
    close(ends[0]);
    fake->ends = xrealloc_array(fake->ends, fake->end_count + 1, sizeof(*fake->ends));
    fake->ends[fake->end_count++] = ends[1];
}

/* The default agent, else the one that came last. */
static const struct session *choose(const struct fake *fake, const struct action *action)
{
    bool agent = strcmp(action->interface, BLUEZ ".Agent1") == 0;
    const struct session *chosen = NULL;
    for (size_t i = 0; i < fake->session_count; i++) {
        const struct session *session = &fake->sessions[i];
        if (session->kind == (agent ? SESSION_AGENT : SESSION_PROFILE) &&
            !(chosen && chosen->is_default)) {
            chosen = session;
        }
    }
    return chosen;
}

static void call_client(struct fake *fake, struct action *action)
{
    const struct session *session = choose(fake, action);
    if (!session || !fake->bus) {
        judge(fake, action, "nobody");
        return;
    }
    sd_bus_message *call;
    struct asked *asked = arena_alloc(&fake->script.arena, sizeof(*asked));
    *asked = (struct asked){.fake = fake, .action = action};
    sure(sd_bus_message_new_method_call(fake->bus, &call, session->client, session->path,
                                        action->interface, action->member));
    for (size_t i = 0; i < action->count; i++) {
        value_append(call, action->values[i].type, action->values[i].value);
    }
    if (strcmp(action->member, "NewConnection") == 0) {
        append_connection(fake, call);
    }
    sure(sd_bus_call_async(fake->bus, NULL, call, on_answer, asked,
                           (uint64_t)(action->time_ns / NS_PER_US)));
    sd_bus_message_unref(call);
}

void events_finish(struct fake *fake)
{
    struct script *script = &fake->script;
    for (size_t i = 0; i < script->timed_count + script->trigger_count; i++) {
        const struct action *action = i < script->timed_count
                                          ? &script->timed[i].action
                                          : &script->triggers[i - script->timed_count].action;
        if (action->kind == ACTION_CALL && action->expect && !action->done) {
            fail(fake, action->line, "%s %s was not answered by the end, expected %s",
                 short_name(action->interface), action->member, action->expect);
        }
    }
}

/* ---- doing -------------------------------------------------------------------------------------
 */

void action_run(struct fake *fake, struct action *action)
{
    switch (action->kind) {
    case ACTION_ADD:
        add(fake, action);
        break;
    case ACTION_SET:
    case ACTION_INVALIDATE:
        change(fake, action);
        break;
    case ACTION_REMOVE:
        remove_objects(fake, action);
        break;
    case ACTION_EMIT:
        emit(fake, action);
        break;
    case ACTION_LEAVE:
        leave(fake, action);
        break;
    case ACTION_HANG:
        say(fake, "hangs");
        fake->hung_ns = now_ns() + action->time_ns;
        break;
    case ACTION_CROWD:
        crowd(fake, action);
        break;
    case ACTION_CALL:
        call_client(fake, action);
        break;
    case ACTION_NOTE:
        say(fake, "note %s", action->member);
        break;
    }
    table_flush(&fake->table, fake->bus);
}

void events_run_next(struct fake *fake)
{
    struct crowd *moving = &fake->crowd;
    if (moving->count > 0 && moving->next_ns <= events_due_ns(fake)) {
        crowd_move(fake);
        moving->next_ns = now_ns() + moving->period_ns;
        return;
    }
    size_t next = next_event(fake);
    struct action *action = fake->events[next].action;
    fake->events[next] = fake->events[--fake->event_count];
    action_run(fake, action);
}
