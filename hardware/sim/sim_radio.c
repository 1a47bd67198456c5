/* The simulated bench's answers to questions, and its radio. */
#include "hardware/sim/sim_internal.h"

#include <string.h>

/* How long the radio tries before it says that nobody is there. */
static const int64_t NOBODY_NS = 5 * NS_PER_S;

bool sim_ask(struct port *port, const char *question)
{
    struct sim_port *sim = sim_of(port);
    int64_t now_ns = sim_now(port);
    int wired = bench_station_question_input(sim->station, question);
    const struct input *input = wired >= 0 ? &sim->station->inputs[wired] : NULL;
    const char *answer = sim->unit ? unit_ask(sim->unit, now_ns, question) : NULL;
    if (!answer && input) {
        answer = sim->levels[wired] == 1 ? input->when_active : input->when_inactive;
    }
    if (!answer) {
        return false;
    }
    sim_happen(sim, (struct happening){.kind = ANSWER,
                                       .time_ns = now_ns,
                                       .level = input != NULL,
                                       .text = question,
                                       .text2 = answer});
    return true;
}

/* An adapter, and no unit whose answer it could hear. */
static void hear_nothing(struct sim_port *sim, int64_t now_ns, enum radio_command command)
{
    struct happening reply = {.kind = RADIO, .time_ns = now_ns + NOBODY_NS};
    switch (command) {
    case RADIO_START_WATCH:
        reply.radio = RADIO_READY;
        reply.value = READY_NOT_FOUND;
        break;
    case RADIO_CONNECT:
        reply.radio = RADIO_CONNECT_FAILED;
        reply.text = "page timeout";
        break;
    case RADIO_PAIR:
        reply.radio = RADIO_PAIR_FAILED;
        reply.text = "not in pairing mode";
        break;
    case RADIO_START_DISCOVERY:
    case RADIO_STOP_DISCOVERY:
    case RADIO_CHOOSE:
        return;
    }
    sim_happen(sim, reply);
}

void sim_radio(struct port *port, enum radio_command command, const char *text)
{
    struct sim_port *sim = sim_of(port);
    int64_t now_ns = sim_now(port);
    if (sim->station->adapter && sim->unit) {
        struct unit_air air = unit_air(sim->unit);
        if (command == RADIO_START_WATCH && sim->bonds && air.on &&
            (air.bonded || air.discoverable)) {
            if (!air.connected || air.discoverable) {
                unit_rest(sim->unit, now_ns); /* out of pairing mode */
            }
            unit_met(sim->unit, now_ns, true, true);
        }
        if (command == RADIO_START_DISCOVERY) {
            unit_tells_gone(sim->unit, text && strcmp(text, RADIO_TELLS_GONE) == 0);
        }
        unit_radio(sim->unit, now_ns, command);
    } else if (sim->station->adapter) {
        hear_nothing(sim, now_ns, command);
    } else if (command == RADIO_START_WATCH) {
        sim_happen(
            sim, (struct happening){.kind = RADIO,
                                    .time_ns = now_ns,
                                    .radio = RADIO_ABSENT,
                                    .text = "no Bluetooth adapter is configured on this station"});
    }
}
