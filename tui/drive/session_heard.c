/* Events of a station, during a run or not: what is down, and what is wrong. */
#include "tui/drive/session_internal.h"

#include <stdio.h>

/* ---- events ---- */

static void heard_down(struct bay *bay, const struct port_event *event)
{
    const struct timeline *timeline = &bay->run.timeline;
    int64_t energise_ns = 0;

    if (bay->jog) {
        energise_ns = jog_plan(bay->jog)->actions[0].energise_ns;
    }
    for (size_t i = bay->run.engine ? timeline->count : 0; i-- > 0;) {
        const struct entry *entry = &timeline->entries[i];
        if (entry->kind == ENTRY_ORDER && entry->press == event->press) {
            energise_ns = entry->until_ns - entry->at_ns;
            break;
        }
    }
    bay->down = event->mask;
    bay->down_ns = event->at_ns;
    bay->up_ns = event->at_ns + energise_ns;
}

static void heard_up(struct bay *bay, int64_t at_ns)
{
    duty_add(&bay->duty, bay->down, bay->down_ns, at_ns);
    bay->down = 0;
}

void bay_hear(struct bay *bay, const struct port_event *event)
{
    scope_event(bay->scope, event);
    switch (event->kind) {
    case PORT_PRESSED:
        heard_down(bay, event);
        break;
    case PORT_RELEASED:
        heard_up(bay, event->at_ns);
        break;
    case PORT_ESTOP:
    case PORT_FAULT:
        heard_up(bay, event->time_ns);
        bay->broken = true;
        snprintf(bay->trouble.what, sizeof(bay->trouble.what), "%s",
                 event->kind == PORT_ESTOP ? "the e-stop is pressed" : event->text);
        snprintf(bay->trouble.todo, sizeof(bay->trouble.todo), "%s",
                 event->kind == PORT_ESTOP ? "release the e-stop" : event->text2);
        break;
    case PORT_GUARD:
        snprintf(bay->unguarded, sizeof(bay->unguarded), "%s", event->level ? "" : event->text);
        break;
    case PORT_EDGE:
    case PORT_LOST:
    case PORT_RADIO:
    case PORT_ANSWER:
        break;
    }
    bay_jog_heard(bay, event);
    bay_changed(bay);
}
