#include "rig/signal/radio_event.h"

#include <string.h>

static const char *const events[] = {
    [RADIO_READY] = "ready",
    [RADIO_ABSENT] = "absent",
    [RADIO_CONNECTED] = "connected",
    [RADIO_DISCONNECTED] = "disconnected",
    [RADIO_SEEN] = "seen",
    [RADIO_GONE] = "gone",
    [RADIO_CONNECT_OK] = "connect-ok",
    [RADIO_CONNECT_REFUSED] = "connect-refused",
    [RADIO_CONNECT_FAILED] = "connect-failed",
    [RADIO_PAIR_OK] = "pair-ok",
    [RADIO_PAIR_FAILED] = "pair-failed",
    [RADIO_WHICH] = "which",
    [RADIO_SERVICES] = "services",
    [RADIO_FIRMWARE] = "firmware",
    [RADIO_BATTERY] = "battery",
    [RADIO_NOTE] = "note",
    [RADIO_RIG_PREPARES] = "rig-prepares",
    [RADIO_RIG_SEARCHES] = "rig-searches",
    [RADIO_RIG_RESTS] = "rig-stops-searching",
    [RADIO_RIG_CONNECTS] = "rig-connects",
    [RADIO_RIG_PAIRS] = "rig-pairs",
    [RADIO_RIG_DROPS] = "rig-drops",
};

enum { COUNT = sizeof(events) / sizeof(events[0]) };

const char *radio_event_name(enum radio_event event)
{
    return (size_t)event < COUNT ? events[event] : "unknown";
}

int radio_event_from_name(const char *name)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(events[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

bool radio_event_is_order(enum radio_event event)
{
    return event >= RADIO_RIG_PREPARES && event <= RADIO_RIG_DROPS;
}

const char *radio_transport_name(uint32_t transports)
{
    static const char *const names[] = {NULL, "bredr", "le", "either"};
    return names[transports & (TRANSPORT_BREDR | TRANSPORT_LE)];
}

char radio_event_letter(enum radio_event event)
{
    switch (event) {
    case RADIO_CONNECTED:
        return 'c';
    case RADIO_DISCONNECTED:
        return 'd';
    case RADIO_SEEN:
        return 's';
    case RADIO_GONE:
        return 'g';
    case RADIO_CONNECT_OK:
        return 'K';
    case RADIO_CONNECT_REFUSED:
        return 'R';
    case RADIO_PAIR_OK:
        return 'P';
    case RADIO_ABSENT:
    case RADIO_CONNECT_FAILED:
    case RADIO_PAIR_FAILED:
        return '!';
    case RADIO_READY:
    case RADIO_WHICH:
    case RADIO_SERVICES:
    case RADIO_FIRMWARE:
    case RADIO_BATTERY:
    case RADIO_NOTE:
    case RADIO_RIG_PREPARES:
    case RADIO_RIG_SEARCHES:
    case RADIO_RIG_RESTS:
    case RADIO_RIG_CONNECTS:
    case RADIO_RIG_PAIRS:
    case RADIO_RIG_DROPS:
        break;
    }
    return 0;
}

const char *radio_letter_meaning(size_t i, char *letter)
{
    static const struct {
        char letter;
        const char *means;
    } legend[] = {
        {'c', "connected"},    {'d', "disconnected"},    {'s', "seen"},   {'g', "gone"},
        {'K', "key accepted"}, {'R', "old key refused"}, {'P', "paired"}, {'!', "failed"},
    };
    if (i >= sizeof(legend) / sizeof(legend[0])) {
        return NULL;
    }
    *letter = legend[i].letter;
    return legend[i].means;
}
