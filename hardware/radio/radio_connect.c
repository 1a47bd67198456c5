/* Connecting to the unit, for the preparation and for later tasks alike. */
#include "hardware/radio/radio_internal.h"

#include "rig/base/clock.h"

#include <string.h>

void radio_call_connect(struct radio *radio, bluez_answer *answer)
{
    radio->agent.accepts = false;
    radio->agent.asked = 0;
    radio->linked = false;
    radio->parted_for_key = false;
    if (radio->handsfree) {
        bluez_call(radio->bluez, radio->unit, BLUEZ_DEVICE, "ConnectProfile", RADIO_CONNECT_NS,
                   answer, radio, "s", HANDSFREE_UNITS);
    } else {
        bluez_call(radio->bluez, radio->unit, BLUEZ_DEVICE, "Connect", RADIO_CONNECT_NS, answer,
                   radio, "");
    }
}

void radio_call_off(struct radio *radio, const struct bluez_reply *reply)
{
    if (strcmp(reply->error, SD_BUS_ERROR_NO_REPLY) == 0 ||
        strcmp(reply->error, SD_BUS_ERROR_TIMEOUT) == 0) {
        radio->called_off_ns = clock_mono_ns();
        bluez_call(radio->bluez, radio->unit, BLUEZ_DEVICE, "Disconnect", RADIO_CALL_NS,
                   radio_no_matter, radio, "");
    }
}
