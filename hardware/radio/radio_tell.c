/* The events that the radio emits about the unit. */
#include "hardware/radio/radio_internal.h"

#include "rig/base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- events ------------------------------------------------------------------------------- */

struct port_event *radio_emit(struct radio *radio, enum radio_event kind)
{
    /* Events have not been read for a long time: notes and sightings can be dropped, and there are
     * never that many others. */
    if (radio->event_count == RADIO_EVENTS_MAX) {
        radio->event_first = (radio->event_first + 1) % RADIO_EVENTS_MAX;
        radio->event_count--;
    }
    struct port_event *event =
        &radio->events[(radio->event_first + radio->event_count++) % RADIO_EVENTS_MAX];
    *event = (struct port_event){
        .kind = PORT_RADIO, .time_ns = clock_mono_ns(), .input = -1, .radio = kind};
    const char *object = radio->unit[0] ? radio->unit : radio->adapter;
    snprintf(event->object, sizeof(event->object), "%s", object);
    return event;
}

void radio_emit_text(struct radio *radio, enum radio_event kind, const char *text)
{
    snprintf(radio_emit(radio, kind)->text, PORT_TEXT_MAX, "%s", text);
}

void radio_note(struct radio *radio, const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    vsnprintf(radio_emit(radio, RADIO_NOTE)->text, PORT_TEXT_MAX, fmt, arguments);
    va_end(arguments);
}

void radio_emit_reply(struct radio *radio, enum radio_event kind, const struct bluez_reply *reply)
{
    struct port_event *event = radio_emit(radio, kind);
    bool unheard = reply->error && strncmp(reply->error, "org.bluez.", 10) != 0;
    event->value = unheard; /* it is bluetoothd's failing, and says nothing of the unit */
    bluez_error_words(event->text, sizeof(event->text), reply);
    snprintf(event->error, sizeof(event->error), "%s", reply->error ? reply->error : "");
}

/* ---- the unit ----------------------------------------------------------------------------- */

const struct bluez_device *radio_unit(const struct radio *radio)
{
    return radio->unit[0] ? bluez_device_of(radio->bluez, radio->unit) : NULL;
}

void radio_no_matter(void *context, const struct bluez_reply *reply)
{
    (void)context;
    (void)reply;
}
