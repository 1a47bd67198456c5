/* Events of a station, during a run or not: what is down, and what is wrong. */
#include "tui/drive/session_internal.h"

#include <stdio.h>

/* ---- events ---- */

static void heard_down(struct session *session, const struct port_event *event)
{
    const struct timeline *timeline = &session->run.timeline;
    int64_t energise_ns = 0;

    if (session->jog) {
        energise_ns = plan_jog_plan(session->jog)->actions[0].energise_ns;
    }
    for (size_t i = session->run.engine ? timeline->count : 0; i-- > 0;) {
        const struct entry *entry = &timeline->entries[i];
        if (entry->kind == ENTRY_ORDER && entry->press == event->press) {
            energise_ns = entry->until_ns - entry->at_ns;
            break;
        }
    }
    session->down = event->mask;
    session->down_ns = event->at_ns;
    session->up_ns = event->at_ns + energise_ns;
}

static void heard_up(struct session *session, int64_t at_ns)
{
    duty_add(&session->duty, session->down, session->down_ns, at_ns);
    session->down = 0;
}

void session_hear(struct session *session, const struct port_event *event)
{
    scope_event(session->scope, event);
    switch (event->kind) {
    case PORT_PRESSED:
        heard_down(session, event);
        break;
    case PORT_RELEASED:
        heard_up(session, event->at_ns);
        break;
    case PORT_ESTOP:
    case PORT_FAULT:
        heard_up(session, event->time_ns);
        session->broken = true;
        snprintf(session->trouble.what, sizeof(session->trouble.what), "%s",
                 event->kind == PORT_ESTOP ? "the e-stop is pressed" : event->text);
        snprintf(session->trouble.todo, sizeof(session->trouble.todo), "%s",
                 event->kind == PORT_ESTOP ? "release the e-stop" : event->text2);
        break;
    case PORT_GUARD:
        snprintf(session->unguarded, sizeof(session->unguarded), "%s",
                 event->level ? "" : event->text);
        break;
    case PORT_EDGE:
    case PORT_LOST:
    case PORT_RADIO:
    case PORT_ANSWER:
        break;
    }
    session_jog_heard(session, event);
    session_changed(session);
}
