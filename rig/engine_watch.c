/*
 * After the last step: how long there is something to see, and what the radio is to do meanwhile.
 *
 * The LED is watched to the end of its window, and until what is lit there is decided: a pulse too
 * many is a pulse too many, however late. Everything else is done with as soon as it has been seen.
 *
 * The radio: discovery from the beginning of watching, where it is wanted. Connecting with the old
 * key when the unit has been seen (it is up again then), or, when it does not show itself, in good
 * time before the window closes; again every CONNECT_AGAIN_NS while it cannot be reached. Pairing
 * after the old key was refused.
 */
#include "rig/engine_internal.h"

static const int64_t CONNECT_SOON_NS = 500 * NS_PER_MS;
static const int64_t CONNECT_AGAIN_NS = 2 * NS_PER_S;
/* A unit that neither drops the link nor shows itself is asked all the same. */
static const int64_t CONNECT_ANYWAY_NS = 15 * NS_PER_S;
static const int64_t CONNECT_UNSEEN_NS = 3 * NS_PER_S;

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void command(struct engine *engine, enum radio_command radio)
{
    engine_push(engine, &(struct engine_command){.kind = COMMAND_RADIO, .radio = radio});
}

/* Until when this expectation needs watching. */
static int64_t needed_until_ns(const struct engine *engine, const struct expectation *expectation,
                               const struct anchors *anchors)
{
    const struct station *station = engine->plan->station;
    struct window window = evidence_window(expectation, anchors);

    switch (expect_trait(expectation->kind)->sense) {
    case SENSE_LIGHT:
        if (!station->has_led) {
            return engine->watch_ns;
        }
        return expectation->unknown ? engine->watch_ns + ENGINE_RECORD_NS
                                    : window.dark_ns + evidence_settle_ns(&station->led);
    case SENSE_SOUND:
        if (!station->has_sound ||
            (!expectation->unknown && evidence_heard(expectation, &window, engine->timeline))) {
            return engine->watch_ns;
        }
        return expectation->unknown
                   ? engine->watch_ns + ENGINE_RECORD_NS
                   : window.end_ns + evidence_settle_ns(&station->sound) + expectation->min_ns;
    case SENSE_RADIO:
        break;
    }
    if (engine->radio_absent || expectation->unknown ||
        evidence_radio_said(expectation, &window, engine->timeline)) {
        return engine->watch_ns;
    }
    return window.end_ns;
}

static void find_end(struct engine *engine)
{
    const struct procedure *procedure = engine->plan->procedure;
    struct anchors anchors = evidence_anchors(procedure, engine->timeline);
    engine->watch_end_ns = engine->watch_ns;
    for (size_t i = 0; i < procedure->expect_count; i++) {
        engine->watch_end_ns =
            later(engine->watch_end_ns, needed_until_ns(engine, &procedure->expect[i], &anchors));
    }
}

void watch_begin(struct engine *engine)
{
    unsigned needs = engine->plan->radio_needs;
    engine->stage = STAGE_WATCH;
    engine->watch_ns = engine->now_ns;
    engine->deadline_ns = INT64_MAX;
    engine_note(engine, "watching", NOTE_WATCHING);
    if (!engine->radio_absent) {
        if (needs & RADIO_NEED_DISCOVER) {
            engine->discovering = true;
            command(engine, RADIO_START_DISCOVERY);
        }
        bool tries_key = (needs & RADIO_NEED_CONNECT) && engine->has_key;
        if (tries_key || (needs & RADIO_NEED_PAIR)) {
            bool waits_to_see = needs & RADIO_NEED_DISCOVER;
            engine->connect_ns =
                engine->now_ns + (waits_to_see ? CONNECT_ANYWAY_NS : CONNECT_UNSEEN_NS);
        }
    }
    find_end(engine);
}

static void try_connecting(struct engine *engine)
{
    unsigned needs = engine->plan->radio_needs;
    engine->connect_ns = INT64_MAX;
    if ((needs & RADIO_NEED_CONNECT) && engine->has_key && engine->connect != CONNECT_ANSWERED) {
        engine->connect = CONNECT_ASKED;
        command(engine, RADIO_CONNECT);
    } else if ((needs & RADIO_NEED_PAIR) && !engine->pair_asked) {
        engine->pair_asked = true;
        command(engine, RADIO_PAIR);
    }
}

void watch_radio(struct engine *engine, const struct port_event *event)
{
    bool watching = engine->stage == STAGE_WATCH;
    unsigned needs = engine->plan->radio_needs;

    switch (event->radio) {
    case RADIO_READY:
        engine->radio_absent = false;
        engine->has_key = event->value & READY_PAIRED;
        break;
    case RADIO_ABSENT:
        engine->radio_absent = true;
        engine->connect_ns = INT64_MAX;
        break;
    case RADIO_SEEN:
        if (watching && !engine->seen && engine->connect == CONNECT_IDLE &&
            engine->connect_ns != INT64_MAX) {
            engine->connect_ns = engine->now_ns + CONNECT_SOON_NS;
        }
        engine->seen = true;
        break;
    case RADIO_CONNECT_FAILED:
        engine->connect = CONNECT_IDLE;
        if (watching) {
            engine->connect_ns = engine->now_ns + CONNECT_AGAIN_NS;
        }
        break;
    case RADIO_CONNECT_OK:
    case RADIO_CONNECT_REFUSED:
        engine->connect = CONNECT_ANSWERED;
        if (watching && (needs & RADIO_NEED_PAIR) && !engine->pair_asked) {
            engine->connect_ns = engine->now_ns;
        }
        break;
    case RADIO_CONNECTED:
    case RADIO_DISCONNECTED:
    case RADIO_GONE:
    case RADIO_PAIR_OK:
    case RADIO_PAIR_FAILED:
    case RADIO_WHICH:
    case RADIO_SERVICES:
    case RADIO_FIRMWARE:
    case RADIO_BATTERY:
    case RADIO_NOTE:
        break;
    }
    if (watching) {
        find_end(engine);
    }
}

void watch_tick(struct engine *engine)
{
    if (engine->now_ns >= engine->watch_end_ns) {
        /* What was seen meanwhile may have moved the end: a window that counts from the LED. */
        find_end(engine);
    }
    if (engine->now_ns < engine->watch_end_ns) {
        if (engine->now_ns >= engine->connect_ns) {
            try_connecting(engine);
        }
        return;
    }
    if (engine->discovering) {
        engine->discovering = false;
        command(engine, RADIO_STOP_DISCOVERY);
    }
    engine->stage = STAGE_ENDING;
    engine->deadline_ns = engine->now_ns;
}

int64_t watch_wake_ns(const struct engine *engine)
{
    return engine->connect_ns < engine->watch_end_ns ? engine->connect_ns : engine->watch_end_ns;
}
