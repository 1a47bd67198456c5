/* Errands to the unit, after the last press: trying the old key, and pairing anew. */
#include "hardware/radio_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const int64_t SERVICES_NS = 10 * NS_PER_S;

/* ---- CONNECT ------------------------------------------------------------------------------ */

/*
 * Was it the key? bluetoothd says so in different ways:
 *  - "br-connection-key-missing", since BlueZ 5.78, of a controller that was told so;
 *  - a disconnecting whose reason is authentication, where it tells reasons (newer than 5.82);
 *  - when the unit answers the old key by pairing anew: it is refused, by our agent if it is asked,
 *    else by bluetoothd's own rule (JustWorksRepairing=never), which then breaks the link off that
 *    had come up already: "br-connection-aborted-by-local", or "-canceled" (seen of 5.82).
 * "br-connection-refused" alone may have other reasons, and counts for nothing.
 */
static bool key_refused(const struct radio *radio, const struct bluez_reply *reply)
{
    const char *message = reply->message ? reply->message : "";
    bool broken_off = strstr(message, "br-connection-aborted-by-local") ||
                      strstr(message, "br-connection-canceled");
    return radio->agent.asked > 0 || strstr(message, "key-missing") ||
           (radio->linked && broken_off) ||
           (reply->error && strcmp(reply->error, "org.bluez.Error.AuthenticationFailed") == 0) ||
           radio->parted_for_key;
}

static void on_connect(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    if (radio->errand != ERRAND_CONNECT) {
        return;
    }
    radio->errand = ERRAND_NONE;
    if (!reply->error && radio->agent.asked == 0) {
        radio->link_told = true;
        radio_emit_text(radio, RADIO_CONNECT_OK, "");
    } else if (key_refused(radio, reply)) {
        radio_emit_reply(radio, RADIO_CONNECT_REFUSED, reply);
    } else {
        radio_call_off(radio, reply);
        radio_emit_reply(radio, RADIO_CONNECT_FAILED, reply);
    }
}

static void connect_now(struct radio *radio)
{
    radio->errand = ERRAND_CONNECT;
    radio_call_connect(radio, on_connect);
}

static void on_apart(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    (void)reply;
    if (radio->errand == ERRAND_PARTING) {
        connect_now(radio);
    }
}

void radio_try_key(struct radio *radio)
{
    const struct bluez_device *device = radio_unit(radio);
    if (!device || !device->connected) {
        connect_now(radio);
        return;
    }
    /* It is connected. bluetoothd would say so at once, and nothing would have been tried. */
    radio->errand = ERRAND_PARTING;
    radio->link_told = false;
    agent_close_link(&radio->agent);
    bluez_call(radio->bluez, radio->unit, BLUEZ_DEVICE, "Disconnect", RADIO_CALL_NS, on_apart,
               radio, "");
}

/* ---- PAIR --------------------------------------------------------------------------------- */

static void tell_services(struct radio *radio)
{
    const struct bluez_device *device = radio_unit(radio);
    char text[PORT_TEXT_MAX] = "";
    size_t used = 0;
    radio->errand = ERRAND_NONE;
    radio->due_ns = INT64_MAX;
    for (size_t i = 0; device && i < device->uuid_count && used + 10 < sizeof(text); i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%04" PRIx32, i ? " " : "",
                                 device->uuids[i]);
    }
    radio_emit_text(radio, RADIO_SERVICES, text);
}

static void on_linked_anew(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    (void)reply; /* connected or not: the services are what counts */
    const struct bluez_device *device = radio_unit(radio);
    if (radio->errand == ERRAND_SERVICES && device && device->resolved) {
        tell_services(radio);
    }
}

static void on_paired_anew(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    if (radio->errand != ERRAND_PAIR) {
        return;
    }
    radio->agent.accepts = false;
    radio->errand = ERRAND_NONE;
    if (reply->error) {
        radio_emit_reply(radio, RADIO_PAIR_FAILED, reply);
        return;
    }
    radio_emit_text(radio, RADIO_PAIR_OK, "");
    if (radio->setup.finds_services) {
        radio->errand = ERRAND_SERVICES;
        radio->due_ns = bluez_now_ns() + SERVICES_NS;
        radio_call_connect(radio, on_linked_anew);
    }
}

static void pair_now(struct radio *radio)
{
    radio->errand = ERRAND_PAIR;
    radio->due_ns = INT64_MAX;
    radio->agent.accepts = true;
    bluez_call(radio->bluez, radio->unit, BLUEZ_DEVICE, "Pair", RADIO_UNIT_CALL_NS, on_paired_anew,
               radio, "");
}

static void on_forgotten(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    bool never = reply->error && strcmp(reply->error, "org.bluez.Error.DoesNotExist") == 0;
    if (radio->errand != ERRAND_FORGETTING) {
        return;
    }
    if (reply->error && !never) {
        radio->errand = ERRAND_NONE;
        radio_emit_reply(radio, RADIO_PAIR_FAILED, reply);
        return;
    }
    radio->errand = ERRAND_REAPPEAR;
    radio->due_ns = bluez_now_ns() + RADIO_LOOK_NS;
    radio_discover(radio, SEARCH_ALL);
}

void radio_pair_anew(struct radio *radio)
{
    radio->errand = ERRAND_FORGETTING;
    bluez_call(radio->bluez, radio->adapter, BLUEZ_ADAPTER, "RemoveDevice", RADIO_CALL_NS,
               on_forgotten, radio, "o", radio->unit);
}

/* ---- both --------------------------------------------------------------------------------- */

void radio_errand_device(struct radio *radio, const struct bluez_device *device, unsigned changes)
{
    radio->linked = radio->linked || ((changes & BLUEZ_LINK) && device->connected);
    if (changes & BLUEZ_PARTED) {
        radio->parted_for_key = strcmp(device->reason, "org.bluez.Reason.Authentication") == 0;
    }
    if (radio->errand == ERRAND_REAPPEAR && (changes & BLUEZ_SEEN)) {
        pair_now(radio);
    } else if (radio->errand == ERRAND_SERVICES && device->resolved) {
        tell_services(radio);
    }
}

void radio_errand_late(struct radio *radio)
{
    if (radio->errand == ERRAND_REAPPEAR) {
        radio->errand = ERRAND_NONE;
        radio_emit_text(radio, RADIO_PAIR_FAILED, "the unit did not show itself to be paired");
    } else if (radio->errand == ERRAND_SERVICES) {
        tell_services(radio);
    }
}
