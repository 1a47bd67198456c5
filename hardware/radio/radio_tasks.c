/* Tasks after the last press: trying the old key, and pairing again. */
#include "hardware/radio/radio_internal.h"

#include "hardware/radio/radio_key_check.h"
#include "rig/base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int64_t SERVICES_NS = 10 * NS_PER_S;
/* What the rig called off may yet break off the next attempt: bluetoothd takes its time (2 s). */
static const int64_t CALLED_OFF_NS = 10 * NS_PER_S;

/* ---- CONNECT ------------------------------------------------------------------------------ */

/*
 * Was it the key? bluetoothd says so outright in few cases: "br-connection-key-missing", since
 * BlueZ 5.78, where the controller was told so; a disconnecting whose reason is authentication,
 * where it tells reasons (newer than 5.82); a pairing error. And when the rig's own agent was asked
 * to pair.
 */
static bool key_refused(const struct radio *radio, const struct bluez_reply *reply)
{
    const char *message = reply->message ? reply->message : "";
    return radio->agent.asked > 0 || strstr(message, "key-missing") || radio->parted_for_key ||
           (reply->error && strcmp(reply->error, "org.bluez.Error.AuthenticationFailed") == 0);
}

/*
 * The link comes up, and is broken off from this side: the unit answered the old key by pairing
 * anew, which bluetoothd does not let happen (JustWorksRepairing=never). Seen of 5.82. Anybody may
 * break off a link once; it takes two to be the key, and none that the rig itself has called off
 * just before.
 */
static bool broken_off(struct radio *radio, const struct bluez_reply *reply)
{
    const char *message = reply->message ? reply->message : "";
    bool ours = radio->called_off_ns && clock_mono_ns() - radio->called_off_ns < CALLED_OFF_NS;
    if (radio->linked && !ours &&
        (strstr(message, "br-connection-aborted-by-local") ||
         strstr(message, "br-connection-canceled"))) {
        radio->broken_off++;
    }
    return radio->broken_off >= 2;
}

/* The link comes up, and then the profile is refused: for the key, or because the unit does not
 * want the profile now. The key is tried by itself, then. */
static bool may_be_key(const struct radio *radio, const struct bluez_reply *reply)
{
    return radio->linked && reply->message && strstr(reply->message, "br-connection-refused");
}

static void outcome(struct radio *radio, enum radio_event kind, const char *words)
{
    struct port_event *event = radio_emit(radio, kind);
    radio->task = TASK_NONE;
    radio->due_ns = INT64_MAX;
    radio->link_told = radio->link_told || kind == RADIO_CONNECT_OK;
    snprintf(event->text, sizeof(event->text), "%s", words);
    snprintf(event->error, sizeof(event->error), "%s", radio->error);
}

static void end_trial(struct radio *radio)
{
    if (radio->trial_fd >= 0) {
        close(radio->trial_fd);
        radio->trial_fd = -1;
    }
}

/* `error` is why there is no trial. */
static void trial_failed(struct radio *radio, int error)
{
    char text[PORT_TEXT_MAX];
    snprintf(text, sizeof(text),
             "%.100s; unknown whether for its key: the key could not be tried: %s", radio->words,
             strerror(error));
    outcome(radio, RADIO_CONNECT_FAILED, text);
}

static void begin_trial(struct radio *radio)
{
    radio->task = TASK_TRIAL;
    radio->due_ns = clock_mono_ns() + RADIO_CONNECT_NS;
    radio->trial_fd = radio_key_trial_start(radio->setup.adapter, radio->address);
    if (radio->trial_fd < 0) {
        trial_failed(radio, errno);
    }
}

void radio_task_socket(struct radio *radio)
{
    char text[PORT_TEXT_MAX];
    if (radio->trial_fd < 0) {
        return;
    }
    enum key_trial state = radio_key_trial_look(radio->trial_fd);
    int error = errno;
    if (state == KEY_TRIAL_RUNS) {
        return;
    }
    end_trial(radio);
    if (state == KEY_TRIAL_FAILED) {
        trial_failed(radio, error);
        return;
    }
    /* Accepted proves nothing: without bonding, a unit may have made a key for this alone. */
    bool refused = state == KEY_TRIAL_REFUSED;
    snprintf(text, sizeof(text), "%.100s; an encrypted connection to service discovery was %s",
             radio->words, refused ? "refused as well" : "accepted, perhaps with a new key");
    outcome(radio, refused ? RADIO_CONNECT_REFUSED : RADIO_CONNECT_FAILED, text);
}

void radio_task_drop(struct radio *radio)
{
    end_trial(radio);
    radio->task = TASK_NONE;
}

static void on_connect(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    if (radio->task != TASK_CONNECT) {
        return;
    }
    snprintf(radio->error, sizeof(radio->error), "%s", reply->error ? reply->error : "");
    bluez_error_words(radio->words, sizeof(radio->words), reply);
    if (!reply->error && radio->agent.asked == 0) {
        outcome(radio, RADIO_CONNECT_OK, "");
    } else if (key_refused(radio, reply) || broken_off(radio, reply)) {
        outcome(radio, RADIO_CONNECT_REFUSED, radio->words);
    } else if (may_be_key(radio, reply)) {
        begin_trial(radio);
    } else {
        radio_call_off(radio, reply);
        outcome(radio, RADIO_CONNECT_FAILED, radio->words);
    }
}

static void connect_now(struct radio *radio)
{
    radio->task = TASK_CONNECT;
    radio_call_connect(radio, on_connect);
}

static void on_apart(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    (void)reply;
    if (radio->task == TASK_PARTING) {
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
    radio->task = TASK_PARTING;
    radio->link_told = false;
    radio_emit_text(radio, RADIO_RIG_DROPS, "");
    bluez_agent_close_link(&radio->agent);
    bluez_call(radio->bluez, radio->unit, BLUEZ_DEVICE, "Disconnect", RADIO_CALL_NS, on_apart,
               radio, "");
}

/* ---- PAIR --------------------------------------------------------------------------------- */

static void tell_services(struct radio *radio)
{
    const struct bluez_device *device = radio_unit(radio);
    char text[PORT_TEXT_MAX] = "";
    size_t used = 0;
    radio->task = TASK_NONE;
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
    if (radio->task == TASK_SERVICES && device && device->resolved) {
        tell_services(radio);
    }
}

static void on_paired_anew(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    if (radio->task != TASK_PAIR) {
        return;
    }
    radio->agent.accepts = false;
    radio->task = TASK_NONE;
    if (reply->error) {
        radio_emit_reply(radio, RADIO_PAIR_FAILED, reply);
        return;
    }
    radio_emit_text(radio, RADIO_PAIR_OK, "");
    if (radio->setup.finds_services) {
        radio->task = TASK_SERVICES;
        radio->due_ns = clock_mono_ns() + SERVICES_NS;
        radio_call_connect(radio, on_linked_anew);
    }
}

static void pair_now(struct radio *radio)
{
    radio->task = TASK_PAIR;
    radio->due_ns = INT64_MAX;
    radio->agent.accepts = true;
    bluez_call(radio->bluez, radio->unit, BLUEZ_DEVICE, "Pair", RADIO_UNIT_CALL_NS, on_paired_anew,
               radio, "");
}

static void on_forgotten(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    bool never = reply->error && strcmp(reply->error, "org.bluez.Error.DoesNotExist") == 0;
    if (radio->task != TASK_FORGETTING) {
        return;
    }
    if (reply->error && !never) {
        radio->task = TASK_NONE;
        radio_emit_reply(radio, RADIO_PAIR_FAILED, reply);
        return;
    }
    radio->task = TASK_REAPPEAR;
    radio->due_ns = clock_mono_ns() + RADIO_LOOK_NS;
    radio_discover(radio, SEARCH_ALL);
}

void radio_pair_anew(struct radio *radio)
{
    radio->task = TASK_FORGETTING;
    bluez_call(radio->bluez, radio->adapter, BLUEZ_ADAPTER, "RemoveDevice", RADIO_CALL_NS,
               on_forgotten, radio, "o", radio->unit);
}

/* ---- both --------------------------------------------------------------------------------- */

void radio_task_device(struct radio *radio, const struct bluez_device *device, unsigned changes)
{
    radio->linked = radio->linked || ((changes & BLUEZ_LINK) && device->connected);
    if (changes & BLUEZ_PARTED) {
        radio->parted_for_key = strcmp(device->reason, "org.bluez.Reason.Authentication") == 0;
    }
    if (radio->task == TASK_REAPPEAR && (changes & BLUEZ_SEEN)) {
        pair_now(radio);
    } else if (radio->task == TASK_SERVICES && device->resolved) {
        tell_services(radio);
    }
}

void radio_task_late(struct radio *radio)
{
    if (radio->task == TASK_REAPPEAR) {
        radio->task = TASK_NONE;
        radio_emit_text(radio, RADIO_PAIR_FAILED, "the unit was not reported as paired");
    } else if (radio->task == TASK_SERVICES) {
        tell_services(radio);
    } else if (radio->task == TASK_TRIAL) {
        end_trial(radio);
        trial_failed(radio, ETIMEDOUT);
    }
}
