/* What people do at a bay: manual presses, putting units in, taking them out. */
#include "tui/drive/session_internal.h"

#include "hardware/sim/random.h"
#include "hardware/sim/sim_port.h"
#include "tui/drive/bench_session.h"

#include <errno.h>
#include <string.h>

/* How far ahead a press is ordered, as in the engine. */
#define LEAD_NS (5 * NS_PER_MS)

int bay_jog(struct bay *bay, const struct profile *profile, uint32_t actuators, int64_t hold_ns,
            struct diags *diags)
{
    const struct station *station = bay->setup.station;

    if (bay->state != BAY_IDLE || bay->broken || bay->jog || bay->down) {
        return diag_error(diags, station->place, "wait until it is free",
                          "station `%s` is busy: no manual press now", station->name);
    }
    struct jog *jog = jog_make(diags, bay->setup.bench, station, profile, actuators, hold_ns);
    if (!jog) {
        return -1;
    }
    const struct action *action = &jog_plan(jog)->actions[0];
    struct press_order order = {.press = ++bay->jogs,
                                .mask = action->actuators,
                                .press_ns = bay->port->ops->now(bay->port) + LEAD_NS,
                                .energise_ns = action->energise_ns};
    int result =
        duty_check(&bay->duty, diags, station, order.mask, order.press_ns, order.energise_ns);
    if (result == 0 && bay->port->ops->press(bay->port, &order) != 0) {
        result = diag_error(diags, station->place, "run `longpress doctor` for this bench",
                            "the press was refused: %s", strerror(errno));
    }
    if (result != 0) {
        jog_free(jog);
        return -1;
    }
    bay->jog = jog;
    bay_changed(bay);
    return 0;
}

void bay_jog_heard(struct bay *bay, const struct port_event *event)
{
    if (event->kind == PORT_RELEASED || event->kind == PORT_FAULT || event->kind == PORT_ESTOP) {
        jog_free(bay->jog);
        bay->jog = NULL;
    }
}

struct bay_firmware *bay_firmware_of(struct bay *bay, struct diags *diags, const char *model,
                                     const char *serial)
{
    const char *path = at_hand_firmware(&bay->arena, bay->setup.bench, bay->setup.bench_name,
                                        bay->setup.station, serial, model);
    for (struct bay_firmware *known = bay->firmwares; known; known = known->next) {
        if (strcmp(known->path, path) == 0) {
            return known;
        }
    }
    struct firmware *firmware = at_hand_load_firmware(diags, path, model);
    if (!firmware) {
        return NULL;
    }
    struct bay_firmware *loaded = arena_alloc(&bay->arena, sizeof(*loaded));
    *loaded = (struct bay_firmware){.next = bay->firmwares,
                                    .path = path,
                                    .text = at_hand_firmware_text(&bay->arena, firmware),
                                    .firmware = firmware};
    bay->firmwares = loaded;
    return loaded;
}

void bay_simulate_hand(struct bay *bay, const struct profile *profile, const char *unit,
                       int64_t after_ns)
{
    struct diags diags = DIAGS_INIT;
    struct bay_firmware *firmware = NULL;

    if (!bay->setup.bench->simulated) {
        return;
    }
    bay->hand = (struct bay_words){.what = ""};
    if (unit && !(firmware = bay_firmware_of(bay, &diags, profile->model, unit))) {
        bay_words_of(&bay->hand, &diags);
    }
    diags_clear(&diags);
    bay->in = firmware;
    if (bay->port) {
        sim_port_put(bay->port, firmware ? firmware->firmware : NULL, after_ns,
                     ++bay->seed + sim_chances_of(unit));
    }
    bay_changed(bay);
}
