/* Discovery: one kind of search after the other, restarted if another program stops it. */
#include "hardware/radio/radio_internal.h"

#include "rig/base/clock.h"

#include <string.h>

/* One kind of search after the other, each long enough to find what is there: an inquiry, or
 * several advertising intervals (at most 10.24 s, of a unit that can be connected to 1.28 s at
 * most). */
static const int64_t SEARCH_BREDR_NS = 12 * NS_PER_S;
static const int64_t SEARCH_LE_NS = 4 * NS_PER_S;
/* An event so soon after a change may still belong to the previous search. */
static const int64_t SEARCH_BLUR_NS = 500 * NS_PER_MS;

static bool is_searching(const struct radio *radio)
{
    return radio->filtered && radio->started;
}

/* What is searched is searched from now on: before, bluetoothd had not said that it does. */
static void begin_search(struct radio *radio)
{
    if (!is_searching(radio) || radio->search == SEARCH_ALL) {
        return;
    }
    radio->search_end_ns =
        clock_mono_ns() + (radio->search == SEARCH_BREDR ? SEARCH_BREDR_NS : SEARCH_LE_NS);
}

static void on_started(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    char words[BLUEZ_WHY_MAX / 2];
    radio->starting--;
    if (!reply->error || strcmp(reply->error, "org.bluez.Error.InProgress") == 0) {
        radio->started = radio->discovery_asked && radio->starting == 0;
        begin_search(radio);
        return;
    }
    radio->discovery_asked = false;
    if (radio->discovery_wanted) {
        radio_note(radio, "discovery did not start; trying again: %s",
                   bluez_error_words(words, sizeof(words), reply));
        radio->discovery_ns = clock_mono_ns() + RADIO_AGAIN_NS;
    }
}

static void on_filter(void *context, const struct bluez_reply *reply)
{
    struct radio *radio = context;
    bool refused = reply->error && strncmp(reply->error, "org.bluez.", 10) == 0;
    if (--radio->filtering > 0) {
        return; /* of a kind before */
    }
    if (!reply->error) {
        radio->filtered = true;
        begin_search(radio);
    } else if (refused && radio->search != SEARCH_ALL) {
        /* An adapter of one kind only cannot search the other. */
        radio->searches &= ~(unsigned)radio->search;
        radio->search_end_ns = clock_mono_ns();
    }
}

/* With a floor of RSSI in the filter, bluetoothd tells of each sighting anew, not only of the first
 * and of large changes; and a crowd of weak advertisers does not come through at all. */
static void set_filter(struct radio *radio, enum radio_search search)
{
    static const char *const transports[] = {
        [SEARCH_ALL] = "auto", [SEARCH_BREDR] = "bredr", [SEARCH_LE] = "le"};
    int64_t now_ns = clock_mono_ns();
    if (search != SEARCH_ALL && !(radio->searches & search)) {
        search = (enum radio_search)radio->searches; /* the other; or, of both there is none, all */
    }
    /* Only after a change of kind is it not known which of them found what comes now. */
    bool changed = radio->discovery_asked && radio->search != search;
    radio->blur_ns = changed ? now_ns + SEARCH_BLUR_NS : 0;
    radio->search = search;
    radio->search_ns = now_ns;
    radio->search_end_ns = search == SEARCH_ALL     ? INT64_MAX
                           : search == SEARCH_BREDR ? now_ns + SEARCH_BREDR_NS
                                                    : now_ns + SEARCH_LE_NS;
    radio->filtered = false;
    radio->filtering++;
    bluez_call(radio->bluez, radio->adapter, BLUEZ_ADAPTER, "SetDiscoveryFilter", RADIO_CALL_NS,
               on_filter, radio, "a{sv}", 2, "Transport", "s", transports[search], "RSSI", "n",
               radio->setup.rssi_floor);
}

static void ask_discovery(struct radio *radio)
{
    radio->discovery_asked = true;
    radio->discovery_ns = INT64_MAX;
    radio->starting++;
    bluez_call(radio->bluez, radio->adapter, BLUEZ_ADAPTER, "StartDiscovery", RADIO_CALL_NS,
               on_started, radio, "");
}

void radio_discover(struct radio *radio, enum radio_search search)
{
    radio->discovery_wanted = true;
    radio->swept_seen = false;
    radio->swept = 0;
    set_filter(radio, search);
    if (!radio->discovery_asked) {
        ask_discovery(radio);
    }
}

void radio_stop_discovery(struct radio *radio)
{
    radio->discovery_wanted = false;
    radio->discovery_ns = INT64_MAX;
    radio->search_end_ns = INT64_MAX;
    radio->started = false;
    if (radio->discovery_asked) {
        radio->discovery_asked = false;
        bluez_call(radio->bluez, radio->adapter, BLUEZ_ADAPTER, "StopDiscovery", RADIO_CALL_NS,
                   radio_no_matter, radio, "");
    }
}

/* One kind of search is over. After both: a unit that was not seen is gone, if it was searched. */
void radio_next_search(struct radio *radio)
{
    radio->swept |= is_searching(radio) ? (unsigned)radio->search : 0;
    if (radio->search == SEARCH_BREDR && (radio->searches & SEARCH_LE)) {
        set_filter(radio, SEARCH_LE);
        return;
    }
    bool whole = radio->searches && (radio->swept & radio->searches) == radio->searches;
    if (radio->setup.finds_gone && radio->discovery_told && whole && !radio->swept_seen) {
        radio_emit_text(radio, RADIO_GONE, "seen neither by inquiry nor advertising");
        radio->seen = false;
    }
    if (radio->setup.finds_gone) {
        /* A unit that is still there is reported to a new discovery, but not again to the old one.
         */
        radio_stop_discovery(radio);
    }
    radio_discover(radio, SEARCH_BREDR);
}

/* It should be running, but is not: another program stopped it, or bluetoothd did. */
void radio_search_again(struct radio *radio)
{
    const struct bluez_adapter *adapter = bluez_adapter_at(radio->bluez, radio->setup.adapter);
    radio->discovery_ns = INT64_MAX;
    if (!radio->discovery_wanted || !adapter || adapter->discovering) {
        return;
    }
    if (radio->discovery_asked) {
        radio_note(radio, "another program stopped the discovery; restarting it");
        radio_stop_discovery(radio);
    }
    radio_discover(radio, radio->search);
}
