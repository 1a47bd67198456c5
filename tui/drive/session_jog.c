/* What people do at a session: manual presses, putting units in, taking them out. */
#include "tui/drive/session_internal.h"

#include "hardware/sim/random.h"
#include "hardware/sim/sim_port.h"
#include "tui/drive/bench_session.h"

#include <errno.h>
#include <string.h>

/* How far ahead a press is ordered, as in the engine. */
#define LEAD_NS (5 * NS_PER_MS)

int session_jog(struct session *session, const struct profile *profile, uint32_t actuators,
                int64_t hold_ns, struct diags *diags)
{
    const struct station *station = session->setup.station;

    if (session->state != SESSION_IDLE || session->broken || session->jog || session->down) {
        return diag_error(diags, station->place, "wait until it is free",
                          "station `%s` is busy: no manual press now", station->name);
    }
    struct jog *jog =
        plan_jog_make(diags, session->setup.bench, station, profile, actuators, hold_ns);
    if (!jog) {
        return -1;
    }
    const struct action *action = &plan_jog_plan(jog)->actions[0];
    struct press_order order = {.press = ++session->jogs,
                                .mask = action->actuators,
                                .press_ns = session->port->ops->now(session->port) + LEAD_NS,
                                .energise_ns = action->energise_ns};
    int result =
        duty_check(&session->duty, diags, station, order.mask, order.press_ns, order.energise_ns);
    if (result == 0 && session->port->ops->press(session->port, &order) != 0) {
        result = diag_error(diags, station->place, "run `longpress doctor` for this bench",
                            "the press was refused: %s", strerror(errno));
    }
    if (result != 0) {
        plan_jog_free(jog);
        return -1;
    }
    session->jog = jog;
    session_changed(session);
    return 0;
}

void session_jog_heard(struct session *session, const struct port_event *event)
{
    if (event->kind == PORT_RELEASED || event->kind == PORT_FAULT || event->kind == PORT_ESTOP) {
        plan_jog_free(session->jog);
        session->jog = NULL;
    }
}

struct session_firmware *session_firmware_of(struct session *session, struct diags *diags,
                                             const char *model, const char *serial)
{
    const char *path =
        bench_session_firmware(&session->arena, session->setup.bench, session->setup.bench_name,
                               session->setup.station, serial, model);
    for (struct session_firmware *known = session->firmwares; known; known = known->next) {
        if (strcmp(known->path, path) == 0) {
            return known;
        }
    }
    struct firmware *firmware = bench_session_load_firmware(diags, path, model);
    if (!firmware) {
        return NULL;
    }
    struct session_firmware *loaded = arena_alloc(&session->arena, sizeof(*loaded));
    *loaded =
        (struct session_firmware){.next = session->firmwares,
                                  .path = path,
                                  .text = bench_session_firmware_text(&session->arena, firmware),
                                  .firmware = firmware};
    session->firmwares = loaded;
    return loaded;
}

void session_simulate_hand(struct session *session, const struct profile *profile, const char *unit,
                           int64_t after_ns)
{
    struct diags diags = DIAGS_INIT;
    struct session_firmware *firmware = NULL;

    if (!session->setup.bench->simulated) {
        return;
    }
    session->hand = (struct session_words){.what = ""};
    if (unit && !(firmware = session_firmware_of(session, &diags, profile->model, unit))) {
        session_words_of(&session->hand, &diags);
    }
    diags_clear(&diags);
    session->in = firmware;
    if (session->port) {
        sim_port_put(session->port, firmware ? firmware->firmware : NULL, after_ns,
                     ++session->seed + sim_chances_of(unit));
    }
    session_changed(session);
}
