/* The radio through bluetoothd: takes commands, emits events, and keeps time. */
#include "hardware/radio/radio_internal.h"

#include "rig/base/arena.h"
#include "rig/base/clock.h"
#include "rig/base/least.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t CLOSE_NS = 1500 * NS_PER_MS;

/* ---- what bluetoothd tells ---------------------------------------------------------------- */

static void on_loaded(void *context, const char *why)
{
    struct radio *radio = context;
    if (why) {
        if (!bluez_bus(radio->bluez)) {
            /* The bus is gone: no answer will come. */
            radio->filtering = 0;
            radio->starting = 0;
        }
        radio->handsfree = false;
        bluez_agent_withdraw(&radio->agent);
        radio_absent(radio, why);
    } else if (radio->stage == STAGE_LOADING) {
        radio_set_up(radio);
    }
}

static void on_adapter(void *context, const struct bluez_adapter *adapter, const char *path)
{
    struct radio *radio = context;
    char why[BLUEZ_WHY_MAX];
    if (radio->stage == STAGE_LOADING && strcmp(adapter->address, radio->setup.adapter) == 0) {
        radio_set_up(radio);
        return;
    }
    if (!radio->adapter[0] || strcmp(path, radio->adapter) != 0 || radio->stage <= STAGE_SETUP) {
        return;
    }
    if (!adapter->path[0]) {
        snprintf(why, sizeof(why), "adapter %s was removed", radio->setup.adapter);
        radio_absent(radio, why);
        radio->adapter[0] = '\0';
    } else if (!adapter->powered) {
        snprintf(why, sizeof(why), "adapter %s was switched off", radio->setup.adapter);
        radio_absent(radio, why);
    } else if (!adapter->discovering && radio->discovery_wanted && radio->discovery_asked &&
               radio->discovery_ns == INT64_MAX) {
        /* It does stop for a moment between two searches of its own. */
        radio->discovery_ns = clock_mono_ns() + RADIO_AGAIN_NS;
    }
}

static uint32_t transport_of(const struct radio *radio, const struct bluez_device *device)
{
    bool certain = clock_mono_ns() >= radio->blur_ns;
    if (device->random || (certain && radio->search == SEARCH_LE)) {
        return TRANSPORT_LE;
    }
    return certain && radio->search == SEARCH_BREDR ? TRANSPORT_BREDR
                                                    : TRANSPORT_BREDR | TRANSPORT_LE;
}

/* Does a sighting show that the unit is discoverable? Who answers an inquiry is. Who advertises
 * need not be: many a unit does so all the time, for its app; its flags tell. */
static bool shows_itself(const struct radio *radio, const struct bluez_device *device)
{
    return transport_of(radio, device) == TRANSPORT_BREDR || device->advertises_discoverable;
}

static void tell_seen(struct radio *radio, const struct bluez_device *device)
{
    radio->swept_seen = true;
    if (!radio->discovery_told || !shows_itself(radio, device) ||
        (radio->seen && strcmp(radio->seen_name, device->name) == 0)) {
        return;
    }
    radio->seen = true;
    memcpy(radio->seen_name, device->name, sizeof(radio->seen_name));
    struct port_event *event = radio_emit(radio, RADIO_SEEN);
    event->value = device->rssi;
    event->mask = transport_of(radio, device);
    snprintf(event->text, sizeof(event->text), "%s", device->name);
    snprintf(event->object, sizeof(event->object), "%s", device->path);
}

/* What the link does while it is connected for is part of that, and told by its outcome. */
static void tell_link(struct radio *radio, const struct bluez_device *device)
{
    bool busy =
        radio->task == TASK_CONNECT || radio->task == TASK_PARTING || radio->task == TASK_TRIAL;
    if (device->connected == radio->link_told || busy) {
        return;
    }
    radio->link_told = device->connected;
    struct port_event *event =
        radio_emit(radio, device->connected ? RADIO_CONNECTED : RADIO_DISCONNECTED);
    if (!device->connected) {
        snprintf(event->text, sizeof(event->text), "%s", device->reason);
    }
}

static void on_device(void *context, const struct bluez_device *device, unsigned changes)
{
    struct radio *radio = context;
    if (strcmp(device->adapter, radio->adapter) != 0) {
        return;
    }
    bool ours = radio->unit[0] && strcmp(device->path, radio->unit) == 0;
    if (radio->stage == STAGE_LOOKING) {
        if (changes & (BLUEZ_SEEN | BLUEZ_NAMED)) {
            radio_look(radio);
        }
        return;
    }
    if (radio->stage != STAGE_WATCHING) {
        return;
    }
    if (radio->unit[0] && !ours && (changes & (BLUEZ_SEEN | BLUEZ_NAMED)) &&
        radio_units_named(&radio->units, device)) {
        bluez_follow(radio->bluez, device->path);
    }
    if (ours && (changes & BLUEZ_LINK)) {
        tell_link(radio, device);
    }
    if ((changes & (BLUEZ_SEEN | BLUEZ_NAMED)) && device->in_range &&
        radio_units_is(&radio->units, radio->bluez, device, radio->unit)) {
        tell_seen(radio, device);
    }
    if (ours) {
        radio_task_device(radio, device, changes);
    }
}

/* ---- the port's side ---------------------------------------------------------------------- */

struct radio *radio_open(const struct radio_setup *setup)
{
    struct radio *radio = xcalloc(sizeof(*radio));
    struct bluez_watcher watcher = {
        .context = radio, .loaded = on_loaded, .adapter = on_adapter, .device = on_device};
    radio->setup = *setup;
    radio->agent.link_fd = -1;
    radio->trial_fd = -1;
    radio->searches = SEARCH_BREDR | SEARCH_LE;
    radio->due_ns = INT64_MAX;
    radio->others_ns = INT64_MAX;
    radio->discovery_ns = INT64_MAX;
    radio->search_end_ns = INT64_MAX;
    radio->bluez = bluez_open(&watcher);
    return radio;
}

static void start_watch(struct radio *radio)
{
    radio->stage = STAGE_LOADING;
    radio->due_ns = clock_mono_ns() + RADIO_CALL_NS;
    if (bluez_loaded(radio->bluez)) {
        radio_set_up(radio);
    }
}

static void chosen(struct radio *radio, const char *address)
{
    const struct bluez_device *device = bluez_device_at(radio->bluez, radio->adapter, address);
    if (radio->stage != STAGE_ASKING) {
        return;
    }
    if (device) {
        radio_found(radio, device);
    } else if (strcmp(address, RADIO_CHOOSE_NONE) == 0 ||
               strcmp(address, RADIO_CHOOSE_NOBODY) == 0) {
        radio_look_on(radio, strcmp(address, RADIO_CHOOSE_NONE) == 0);
    } else {
        radio_ready(radio, "the chosen unit is no longer there");
    }
}

void radio_command(struct radio *radio, enum radio_command command, const char *text)
{
    bool watching = radio->stage == STAGE_WATCHING;
    bool free_now = watching && radio->task == TASK_NONE && radio->unit[0];
    const char *why = !watching         ? "the radio is not ready"
                      : !radio->unit[0] ? "no unit was found"
                                        : "another attempt is still in progress";
    switch (command) {
    case RADIO_START_WATCH:
        start_watch(radio);
        break;
    case RADIO_CHOOSE:
        chosen(radio, text);
        break;
    case RADIO_START_DISCOVERY:
        if (watching) {
            radio->discovery_told = true;
            radio->seen = false;
            radio_discover(radio, SEARCH_BREDR);
        }
        break;
    case RADIO_STOP_DISCOVERY:
        radio->discovery_told = false;
        if (watching && radio->task != TASK_REAPPEAR) {
            radio_stop_discovery(radio);
        }
        break;
    case RADIO_CONNECT:
        if (free_now) {
            radio_try_key(radio);
        } else {
            radio_emit_text(radio, RADIO_CONNECT_FAILED, why);
        }
        break;
    case RADIO_PAIR:
        if (free_now) {
            radio_pair_anew(radio);
        } else {
            struct port_event *event = radio_emit(radio, RADIO_PAIR_FAILED);
            event->value = 1;
            snprintf(event->text, sizeof(event->text), "%s", why);
        }
        break;
    }
}

int radio_battery(const struct radio *radio)
{
    const struct bluez_device *device = radio_unit(radio);
    return device && radio->stage == STAGE_WATCHING ? device->battery : -1;
}

size_t radio_fds(const struct radio *radio, struct pollfd fds[RADIO_FDS_MAX])
{
    size_t count = 0;
    int bus = bluez_fd(radio->bluez);
    if (bus >= 0) {
        fds[count++] = (struct pollfd){.fd = bus, .events = bluez_events(radio->bluez)};
    }
    if (radio->retired_ns) {
        return count;
    }
    if (radio->agent.link_fd >= 0) {
        fds[count++] = (struct pollfd){.fd = radio->agent.link_fd, .events = POLLIN};
    }
    if (radio->trial_fd >= 0) {
        fds[count++] = (struct pollfd){.fd = radio->trial_fd, .events = POLLOUT};
    }
    return count;
}

int64_t radio_due_ns(const struct radio *radio)
{
    if (radio->retired_ns) {
        return least(bluez_due_ns(radio->bluez), radio->retired_ns);
    }
    int64_t due_ns = bluez_due_ns(radio->bluez);
    due_ns = radio->removing ? due_ns : least(due_ns, radio->due_ns);
    due_ns = least(due_ns, radio->discovery_ns);
    due_ns = least(due_ns, radio->search_end_ns);
    if (radio->stage == STAGE_LOOKING) {
        due_ns = least(due_ns, radio->others_ns);
        due_ns = least(due_ns, clock_mono_ns() + NS_PER_S);
    }
    return due_ns;
}

static void on_time(struct radio *radio)
{
    int64_t time_ns = clock_mono_ns();
    if (radio->stage == STAGE_LOOKING) {
        radio_look(radio);
    } else if (time_ns >= radio->due_ns && radio->stage == STAGE_LOADING &&
               bluez_loaded(radio->bluez)) {
        radio_set_up(radio);
    } else if (time_ns >= radio->due_ns) {
        radio->due_ns = INT64_MAX;
        if (radio->stage == STAGE_PAIRING) {
            radio_pair_again(radio);
        } else if (radio->stage == STAGE_LOADING) {
            const char *why = bluez_why(radio->bluez);
            radio_absent(radio, why ? why : "bluetoothd did not answer in time");
        } else {
            radio_task_late(radio);
        }
    }
    if (time_ns >= radio->discovery_ns) {
        radio_search_again(radio);
    }
    if (time_ns >= radio->search_end_ns) {
        radio_next_search(radio);
    }
}

void radio_process(struct radio *radio)
{
    bluez_process(radio->bluez);
    if (radio->retired_ns) {
        return;
    }
    bluez_agent_serve(&radio->agent);
    radio_task_socket(radio);
    on_time(radio);
}

bool radio_event(struct radio *radio, struct port_event *event)
{
    if (radio->event_count == 0) {
        return false;
    }
    *event = radio->events[radio->event_first];
    radio->event_first = (radio->event_first + 1) % RADIO_EVENTS_MAX;
    radio->event_count--;
    return true;
}

const char *radio_bluez_version(const struct radio *radio)
{
    return radio->version[0] ? radio->version : NULL;
}

/* ---- closing ------------------------------------------------------------------------------ */

static void on_tidied(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    (void)reply;
    radio->tidying--;
}

static void tidy_call(struct radio *radio, const char *path, const char *interface,
                      const char *method, const char *object)
{
    radio->tidying++;
    bluez_call(radio->bluez, path, interface, method, CLOSE_NS, on_tidied, radio, object ? "o" : "",
               object);
}

/* Leave the adapter as it was found; `calling`: the unit is being called, which is called off.
 * bluetoothd does most of it by itself when the rig leaves the bus; what it does not do is undone
 * here. */
static void tidy(struct radio *radio, bool calling)
{
    struct bluez *bluez = radio->bluez;
    const struct bluez_device *device = radio_unit(radio);

    if (!bluez_loaded(bluez) || !radio->adapter[0]) {
        bluez_agent_withdraw(&radio->agent);
        return;
    }
    radio_stop_discovery(radio);
    bluez_agent_withdraw(&radio->agent);
    if (device && (calling || (device->connected && !radio->linked_before))) {
        tidy_call(radio, radio->unit, BLUEZ_DEVICE, "Disconnect", NULL);
    }
    if (device && radio->setup.forget) {
        tidy_call(radio, radio->adapter, BLUEZ_ADAPTER, "RemoveDevice", radio->unit);
    }
    if (radio->handsfree) {
        tidy_call(radio, "/org/bluez", "org.bluez.ProfileManager1", "UnregisterProfile",
                  HANDSFREE_PATH);
    }
    tidy_call(radio, "/org/bluez", "org.bluez.AgentManager1", "UnregisterAgent", AGENT_PATH);
    if (radio->powered_by_us) {
        radio->tidying++;
        bluez_call(bluez, radio->adapter, "org.freedesktop.DBus.Properties", "Set", CLOSE_NS,
                   on_tidied, radio, "ssv", BLUEZ_ADAPTER, "Powered", "b", 0);
    }
}

void radio_retire(struct radio *radio)
{
    if (radio->retired_ns) {
        return;
    }
    bool calling = radio->task == TASK_CONNECT || radio->task == TASK_TRIAL;
    radio->stage = STAGE_IDLE;
    radio_task_drop(radio);
    tidy(radio, calling);
    radio->retired_ns = clock_mono_ns() + CLOSE_NS;
    /* The objects behind these pointers may be removed. */
    radio->setup.address = NULL;
    radio->setup.done_count = 0;
}

bool radio_retired(const struct radio *radio)
{
    return radio->retired_ns && (radio->tidying == 0 || !bluez_loaded(radio->bluez) ||
                                 clock_mono_ns() >= radio->retired_ns);
}

void radio_close(struct radio *radio)
{
    if (!radio) {
        return;
    }
    radio_retire(radio);
    while (!radio_retired(radio)) {
        struct pollfd polled = {.fd = bluez_fd(radio->bluez), .events = bluez_events(radio->bluez)};
        poll(&polled, 1, 20);
        bluez_process(radio->bluez);
    }
    /* Answers that come later have nowhere to go any more: the bus is closed first of all. */
    bluez_close(radio->bluez);
    free(radio);
}
