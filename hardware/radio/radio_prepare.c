/*
 * Preparation: adapter, agent and profile, then the unit, then bond and link. One call follows the
 * other; each reply checks the stage first, since the radio may have gone away meanwhile.
 */
#include "hardware/radio/radio_internal.h"

#include "rig/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* How long others are waited for once there is one that fits. */
static const int64_t OTHERS_NS = 4 * NS_PER_S;
/* A search that found no unit is restarted after that. */
static const int64_t LOOK_AGAIN_NS = 13 * NS_PER_S;
/* What shows itself without a bond to prepare is looked at for so long, to tell it from the unit.
 */
static const int64_t BASELINE_NS = 6 * NS_PER_S;

/* A refusal may be temporary: another program interrupted it, or a page was not heard. */
enum { PAIRINGS_MAX = 3 };
static const int64_t PAIR_AGAIN_NS = 2 * NS_PER_S;

static void looking(struct radio *radio);

void radio_absent(struct radio *radio, const char *why)
{
    if (radio->stage == STAGE_ABSENT || radio->stage == STAGE_IDLE) {
        return;
    }
    radio->stage = STAGE_ABSENT;
    radio->removing = false;
    radio_task_drop(radio);
    radio->due_ns = INT64_MAX;
    radio->discovery_wanted = false;
    radio->discovery_asked = false;
    radio->started = false;
    radio->discovery_ns = INT64_MAX;
    radio->search_end_ns = INT64_MAX;
    radio_emit_text(radio, RADIO_ABSENT, why);
}

static void choose(struct radio *radio, const struct bluez_device *device)
{
    snprintf(radio->unit, sizeof(radio->unit), "%s", device->path);
    snprintf(radio->address, sizeof(radio->address), "%s", device->address);
    snprintf(radio->agent.unit, sizeof(radio->agent.unit), "%s", device->path);
    radio->linked_before = device->connected;
}

/* ---- ready -------------------------------------------------------------------------------- */

static void tell_firmware(struct radio *radio, const struct bluez_device *device)
{
    if (device->modalias[0]) {
        struct port_event *event = radio_emit(radio, RADIO_FIRMWARE);
        event->value = FIRMWARE_BY_MODALIAS;
        snprintf(event->text, sizeof(event->text), "%s", device->modalias);
    }
}

static void on_revision(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    const void *bytes = NULL;
    size_t size = 0;
    if (reply->error || sd_bus_message_read_array(reply->message_in, 'y', &bytes, &size) < 0 ||
        size == 0 || radio->stage == STAGE_ABSENT) {
        return;
    }
    struct port_event *event = radio_emit(radio, RADIO_FIRMWARE);
    event->value = FIRMWARE_BY_REVISION;
    snprintf(event->text, sizeof(event->text), "%.*s", (int)(size < 64 ? size : 64),
             (const char *)bytes);
}

/* From here on the unit matters, and who else could be taken for it or its Low Energy side. */
static void follow(struct radio *radio, const struct bluez_device *unit)
{
    const struct bluez_device *device;
    size_t i = 0;
    bluez_hear_followed(radio->bluez);
    while ((device = bluez_device_next(radio->bluez, &i))) {
        if (radio_units_named(&radio->units, device)) {
            bluez_follow(radio->bluez, device->path);
        }
    }
    bluez_follow(radio->bluez, unit->path);
}

void radio_ready(struct radio *radio, const char *why)
{
    const struct bluez_device *device = radio_unit(radio);
    radio->stage = STAGE_WATCHING;
    radio->due_ns = INT64_MAX;
    radio->broken_off = 0;
    radio->link_told = device && device->connected;
    radio->agent.accepts = false;
    radio_stop_discovery(radio);
    if (device) {
        follow(radio, device);
        tell_firmware(radio, device);
        if (device->firmware_path[0]) {
            bluez_call(radio->bluez, device->firmware_path, "org.bluez.GattCharacteristic1",
                       "ReadValue", RADIO_UNIT_CALL_NS, on_revision, radio, "a{sv}", 0);
        }
    }
    if (device && device->battery >= 0) {
        radio_emit(radio, RADIO_BATTERY)->value = device->battery;
    }
    struct port_event *event = radio_emit(radio, RADIO_READY);
    if (device) {
        event->value =
            (device->paired ? READY_PAIRED : 0) | (device->connected ? READY_CONNECTED : 0);
        snprintf(event->text, sizeof(event->text), "%s %.120s%s%.100s", device->address,
                 device->name, why ? ": " : "", why ? why : "");
    } else {
        event->value = radio->setup.needs_bond ? READY_NOT_FOUND : 0;
        snprintf(event->text, sizeof(event->text), "%s", why ? why : "");
    }
}

/* ---- preparing: finding the unit, pairing, connecting ------------------------------------- */

static void on_linked(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    char words[BLUEZ_WHY_MAX / 2];
    char why[BLUEZ_WHY_MAX];
    if (radio->stage != STAGE_LINKING) {
        return;
    }
    if (!reply->error) {
        radio_ready(radio, NULL);
        return;
    }
    radio_call_off(radio, reply);
    bluez_error_words(words, sizeof(words), reply);
    if (radio->stale) {
        /* The bond from before led nowhere: this may be another unit, or one that was reset. */
        radio_note(radio, "%s cannot be reached with the stored key: %s", radio->address, words);
        radio->unit[0] = '\0';
        radio->agent.unit[0] = '\0';
        looking(radio);
    } else if (radio->handsfree) {
        radio_note(radio, "the unit refuses a hands-free connection; trying any other: %s", words);
        radio->handsfree = false;
        radio_call_connect(radio, on_linked);
    } else {
        snprintf(why, sizeof(why), "paired, but not connected: %s", words);
        radio_ready(radio, why);
    }
}

static void link_up(struct radio *radio)
{
    radio->stage = STAGE_LINKING;
    radio->due_ns = INT64_MAX;
    radio_call_connect(radio, on_linked);
}

/* Is it tried once more? Not where bluetoothd took all the time there was, or has the bond. */
static bool pairs_again(struct radio *radio, const struct bluez_reply *reply)
{
    char words[BLUEZ_WHY_MAX / 2];
    bool slow = strcmp(reply->error, SD_BUS_ERROR_NO_REPLY) == 0 ||
                strcmp(reply->error, SD_BUS_ERROR_TIMEOUT) == 0;
    if (slow || strcmp(reply->error, "org.bluez.Error.AlreadyExists") == 0 ||
        ++radio->pairings >= PAIRINGS_MAX || !radio_unit(radio)) {
        return false;
    }
    radio_note(radio, "pairing with %s failed; trying again: %s", radio->address,
               bluez_error_words(words, sizeof(words), reply));
    radio->due_ns = clock_mono_ns() + PAIR_AGAIN_NS;
    return true;
}

static void on_paired(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    char words[BLUEZ_WHY_MAX / 2];
    char why[BLUEZ_WHY_MAX];
    if (radio->stage != STAGE_PAIRING) {
        return;
    }
    radio->agent.accepts = false;
    if (reply->error && pairs_again(radio, reply)) {
        return;
    }
    if (reply->error && strcmp(reply->error, "org.bluez.Error.AlreadyExists") != 0) {
        snprintf(why, sizeof(why), "pairing failed: %s",
                 bluez_error_words(words, sizeof(words), reply));
        radio_ready(radio, why);
        return;
    }
    link_up(radio);
}

static void pair_up(struct radio *radio)
{
    radio->stage = STAGE_PAIRING;
    radio->due_ns = INT64_MAX;
    radio_stop_discovery(radio);
    radio_note(radio, "pairing with %s", radio->address);
    radio->agent.accepts = true;
    bluez_call(radio->bluez, radio->unit, BLUEZ_DEVICE, "Pair", RADIO_UNIT_CALL_NS, on_paired,
               radio, "");
}

static void on_bond_removed(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    char words[BLUEZ_WHY_MAX / 2];
    char why[BLUEZ_WHY_MAX];
    if (radio->stage != STAGE_LOOKING || !radio->removing) {
        return;
    }
    radio->removing = false;
    radio->units.begin_ns = clock_mono_ns();
    if (reply->error && strcmp(reply->error, "org.bluez.Error.DoesNotExist") != 0) {
        snprintf(why, sizeof(why), "the old bond with %s cannot be removed: %s", radio->address,
                 bluez_error_words(words, sizeof(words), reply));
        radio_ready(radio, why);
    }
}

void radio_pair_again(struct radio *radio)
{
    pair_up(radio);
}

/* The unit was found on the air, in pairing mode as it seems. */
void radio_found(struct radio *radio, const struct bluez_device *device)
{
    choose(radio, device);
    if (!radio->setup.needs_bond) {
        radio_ready(radio, NULL);
    } else if (device->paired && !radio->stale) {
        link_up(radio);
    } else if (device->paired) {
        /* A bond that leads nowhere has to go before there can be another. Its object goes with it;
         * the unit shows itself again. */
        radio_note(radio, "removed the old bond with %s", radio->address);
        bluez_call(radio->bluez, radio->adapter, BLUEZ_ADAPTER, "RemoveDevice", RADIO_CALL_NS,
                   on_bond_removed, radio, "o", radio->unit);
        radio->removing = true;
        radio->others_ns = INT64_MAX;
        radio->unit[0] = '\0';
        radio->setup.address = radio->address;
    } else {
        pair_up(radio);
    }
}

static const char *who(const struct radio *radio)
{
    return radio->setup.address ? radio->setup.address
           : radio->setup.name  ? radio->setup.name
                                : "the unit";
}

static void nobody(struct radio *radio)
{
    char why[BLUEZ_WHY_MAX];
    snprintf(why, sizeof(why),
             "%s was not found in %" PRId64 " s above %d dBm: put it in pairing mode%s%s%s%s",
             who(radio), RADIO_LOOK_NS / NS_PER_S, radio->setup.rssi_floor,
             radio->setup.address ? "" : ", or name its --address", radio->offered[0] ? " (" : "",
             radio->offered, radio->offered[0] ? " is near: was it renamed?)" : "");
    radio_ready(radio, why);
}

/* Owners rename their units. Where a whole search has shown nobody of the model's name, the headset
 * that is nearest is asked about. */
static bool offer_renamed(struct radio *radio)
{
    const struct bluez_device *device =
        radio_units_renamed(&radio->units, radio->bluez, radio->adapter);
    if (!device || clock_mono_ns() - radio->units.begin_ns < LOOK_AGAIN_NS) {
        return false;
    }
    snprintf(radio->offered, sizeof(radio->offered), "%s", device->address);
    radio_note(radio, "no unit is named %s; the nearest headset is %s, %d dBm, `%.100s` (%s)",
               who(radio), device->address, device->rssi, device->name,
               device->modalias[0] ? device->modalias : "maker unknown");
    radio->stage = STAGE_ASKING;
    radio->due_ns = INT64_MAX;
    struct port_event *event = radio_emit(radio, RADIO_WHICH);
    event->value = WHICH_RENAMED;
    snprintf(event->text, sizeof(event->text), "%s %.120s", device->address, device->name);
    return true;
}

void radio_look_on(struct radio *radio, bool declined)
{
    int64_t again_ns = clock_mono_ns() + LOOK_AGAIN_NS;
    radio_units_decline(&radio->units, radio->offered);
    radio->stage = STAGE_LOOKING;
    radio->due_ns = radio->units.begin_ns + RADIO_LOOK_NS;
    if (declined) {
        /* However long that took: there is a person, who may put the unit in pairing mode now. */
        radio->offered[0] = '\0';
        radio->due_ns = radio->due_ns > again_ns ? radio->due_ns : again_ns;
    }
    radio->others_ns = INT64_MAX;
    radio_look(radio);
}

void radio_look(struct radio *radio)
{
    int64_t now_ns = clock_mono_ns();
    struct radio_choice choice;
    if (radio->removing) {
        return; /* what is seen now may still be the old object */
    }
    if (!radio->setup.needs_bond) {
        if (now_ns >= radio->due_ns) {
            radio_units_set_aside(&radio->units, radio->bluez, radio->adapter);
            radio_ready(radio, NULL);
        }
        return;
    }
    radio_units_choose(&radio->units, radio->bluez, radio->adapter, &choice);
    if (choice.count == 0) {
        radio->others_ns = INT64_MAX; /* the unit disappeared again */
    } else if (radio->others_ns == INT64_MAX) {
        radio->others_ns = now_ns + (radio->setup.address ? 0 : OTHERS_NS);
    }
    if (choice.count > 0 && now_ns >= radio->others_ns) {
        if (choice.count > 1) {
            radio->stage = STAGE_ASKING;
            radio->due_ns = INT64_MAX;
            radio_emit_text(radio, RADIO_WHICH, choice.addresses);
        } else {
            radio_found(radio, choice.best);
        }
    } else if (choice.count == 0 && offer_renamed(radio)) {
        return;
    } else if (now_ns >= radio->due_ns) {
        nobody(radio);
    } else if (choice.count == 0 && now_ns - radio->search_ns >= LOOK_AGAIN_NS) {
        /* An inquiry may fail while the controller is busy with something else. */
        radio_stop_discovery(radio);
        radio_discover(radio, SEARCH_ALL);
    }
}

static void looking(struct radio *radio)
{
    radio->stage = STAGE_LOOKING;
    radio->removing = false;
    radio->offered[0] = '\0';
    radio->due_ns = clock_mono_ns() + RADIO_LOOK_NS;
    radio->others_ns = INT64_MAX;
    radio_note(radio, "looking for %s", who(radio));
    radio_units_begin(&radio->units, &radio->setup, clock_mono_ns());
    radio_discover(radio, SEARCH_ALL);
    radio_look(radio);
}

/* Without a bond to prepare: what is on the air before the first press is not what comes after. */
static void baseline(struct radio *radio)
{
    radio_units_begin(&radio->units, &radio->setup, clock_mono_ns());
    if (radio->setup.address) {
        const struct bluez_device *device =
            bluez_device_at(radio->bluez, radio->adapter, radio->setup.address);
        if (device) {
            choose(radio, device);
        }
        radio_ready(radio, NULL);
        return;
    }
    radio->stage = STAGE_LOOKING;
    radio->removing = false;
    radio->due_ns = clock_mono_ns() + BASELINE_NS;
    radio->others_ns = INT64_MAX;
    radio_note(radio, "listing the units that are already visible");
    radio_discover(radio, SEARCH_ALL);
}

static void find_unit(struct radio *radio)
{
    radio->stale = false;
    radio->pairings = 0;
    if (!radio->setup.needs_bond) {
        baseline(radio);
        return;
    }
    radio_units_begin(&radio->units, &radio->setup, clock_mono_ns());
    const struct bluez_device *known =
        radio_units_bonded(&radio->units, radio->bluez, radio->adapter);
    if (!known) {
        looking(radio);
        return;
    }
    choose(radio, known);
    if (known->connected) {
        radio_ready(radio, NULL);
        return;
    }
    radio->stale = true;
    radio_note(radio, "connecting to %s", radio->address);
    link_up(radio);
}

/* ---- preparing: adapter, agent, profile --------------------------------------------------- */

static void on_profile(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    char words[BLUEZ_WHY_MAX / 2];
    if (radio->stage != STAGE_SETUP) {
        return;
    }
    radio->handsfree = !reply->error;
    if (reply->error) {
        radio_note(
            radio,
            "another program uses the hands-free profile; trying the key with any profile: %s",
            bluez_error_words(words, sizeof(words), reply));
    }
    find_unit(radio);
}

static void on_agent(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    char words[BLUEZ_WHY_MAX / 2];
    char why[BLUEZ_WHY_MAX];
    if (radio->stage != STAGE_SETUP) {
        return;
    }
    if (reply->error && strcmp(reply->error, "org.bluez.Error.AlreadyExists") != 0) {
        snprintf(why, sizeof(why), "bluetoothd refuses the pairing agent: %s",
                 bluez_error_words(words, sizeof(words), reply));
        radio_absent(radio, why);
        return;
    }
    if (radio->handsfree) {
        find_unit(radio);
        return;
    }
    bluez_call(radio->bluez, "/org/bluez", "org.bluez.ProfileManager1", "RegisterProfile",
               RADIO_CALL_NS, on_profile, radio, "osa{sv}", HANDSFREE_PATH, HANDSFREE_OURS, 4,
               "Name", "s", "longpress", "RequireAuthentication", "b", 1, "RequireAuthorization",
               "b", 0, "AutoConnect", "b", 0);
}

static void set_up_agent(struct radio *radio)
{
    if (bluez_agent_export(&radio->agent, bluez_bus(radio->bluez)) < 0) {
        radio_absent(radio, "the rig's agent cannot be registered on the bus");
        return;
    }
    bluez_call(radio->bluez, "/org/bluez", "org.bluez.AgentManager1", "RegisterAgent",
               RADIO_CALL_NS, on_agent, radio, "os", AGENT_PATH, "NoInputNoOutput");
}

static void on_powered(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    char words[BLUEZ_WHY_MAX / 2];
    char why[BLUEZ_WHY_MAX];
    if (radio->stage != STAGE_SETUP) {
        return;
    }
    if (reply->error) {
        bool blocked = reply->message && strstr(reply->message, "rfkill");
        snprintf(why, sizeof(why), "adapter %s is off and cannot be switched on: %s%s",
                 radio->setup.adapter, bluez_error_words(words, sizeof(words), reply),
                 blocked ? "; `rfkill unblock bluetooth`" : "");
        radio_absent(radio, why);
        return;
    }
    radio->powered_by_us = true;
    set_up_agent(radio);
}

void radio_set_up(struct radio *radio)
{
    char why[BLUEZ_WHY_MAX];
    const struct bluez_adapter *adapter = bluez_adapter_at(radio->bluez, radio->setup.adapter);
    if (!adapter && clock_mono_ns() < radio->due_ns) {
        return; /* bluetoothd takes its name first, and brings its adapters after that */
    }
    radio->stage = STAGE_SETUP;
    radio->due_ns = INT64_MAX;
    bluez_hear_all(radio->bluez);
    if (!adapter) {
        snprintf(why, sizeof(why),
                 "there is no Bluetooth adapter %s; `longpress doctor` lists the adapters",
                 radio->setup.adapter);
        radio_absent(radio, why);
        return;
    }
    snprintf(radio->adapter, sizeof(radio->adapter), "%s", adapter->path);
    bluez_version(radio->version, sizeof(radio->version), adapter);
    if (adapter->blocked) {
        snprintf(why, sizeof(why), "adapter %s is blocked by rfkill: `rfkill unblock bluetooth`",
                 radio->setup.adapter);
        radio_absent(radio, why);
    } else if (!adapter->powered) {
        bluez_call(radio->bluez, radio->adapter, "org.freedesktop.DBus.Properties", "Set",
                   RADIO_CALL_NS, on_powered, radio, "ssv", BLUEZ_ADAPTER, "Powered", "b", 1);
    } else {
        set_up_agent(radio);
    }
}
