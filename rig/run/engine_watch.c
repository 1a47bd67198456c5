/*
 * After the last step: how long to watch, and what the radio does meanwhile.
 *
 * The LED is watched to the end of its window, and until any light there is decided: a pulse too
 * many is one too many, however late. An event is settled once it has been seen and nothing can
 * undo it any more. A state is watched, or tried again, to the end of its window: the run does not
 * stop while something could still break it.
 *
 * The radio searches from the start of watching, if needed, and again when a unit that was seen
 * must be seen again. The old key is tried inside the window of the expectation that needs it, but
 * not before the unit has reconnected by itself if that is expected (the rig's own connection would
 * hide it): when the unit has been seen (it is up again then), or, if it is not seen, in good time
 * before the window closes; again every CONNECT_AGAIN_NS while it cannot be reached; and once more
 * at the end of a state's window. Pairing comes after the old key was tried. The very last trial is
 * made once an event has settled that the unit may have died of.
 */
#include "rig/run/engine_internal.h"

#include "rig/base/least.h"
#include "rig/timeline/evidence_settle.h"

#include <string.h>

static const int64_t CONNECT_SOON_NS = 500 * NS_PER_MS;
static const int64_t CONNECT_AGAIN_NS = 2 * NS_PER_S;
/* The key of a unit that neither drops the link nor is seen is tried anyway. */
static const int64_t CONNECT_ANYWAY_NS = 15 * NS_PER_S;
static const int64_t CONNECT_UNSEEN_NS = 3 * NS_PER_S;
/* How long before the end of the window to pair and to read services. */
static const int64_t PAIR_TAKES_NS = 30 * NS_PER_S;

void engine_radio(struct engine *engine, enum radio_command radio)
{
    static const enum radio_event orders[] = {
        [RADIO_START_WATCH] = RADIO_RIG_PREPARES, [RADIO_START_DISCOVERY] = RADIO_RIG_SEARCHES,
        [RADIO_STOP_DISCOVERY] = RADIO_RIG_RESTS, [RADIO_CONNECT] = RADIO_RIG_CONNECTS,
        [RADIO_PAIR] = RADIO_RIG_PAIRS,
    };
    struct engine_command command = {.kind = COMMAND_RADIO, .radio = radio};

    if (radio == RADIO_START_DISCOVERY && (engine->plan->radio_needs & RADIO_NEED_GONE)) {
        memcpy(command.text, RADIO_TELLS_GONE, sizeof(RADIO_TELLS_GONE));
    }
    engine_push(engine, &command);
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_RADIO,
                                                   .code = (uint8_t)orders[radio],
                                                   .time_ns = engine->now_ns});
}

/* ---- how long ----------------------------------------------------------------------------- */

/* It came, but may be undone. */
static int64_t settling_until_ns(const struct engine *engine, const struct expectation *expectation,
                                 const struct anchors *anchors, const struct entry *met)
{
    const struct timeline *timeline = engine->timeline;
    int64_t settled_ns = evidence_settled_ns(engine->plan->procedure, expectation, anchors,
                                             timeline, engine->now_ns);
    if (settled_ns == INT64_MIN) {
        return engine->watch_ns;
    }
    struct undoing undoing =
        evidence_undoing(engine->plan->procedure, expectation, met, settled_ns, timeline);
    return undoing.certain                            ? engine->watch_ns
           : undoing.lasts                            ? settled_ns
           : expectation->kind == EXPECT_DISCOVERABLE ? settled_ns + EVIDENCE_LAST_SEARCHES_NS
                                                      : settled_ns + EVIDENCE_LAST_TRIAL_NS;
}

static int64_t radio_until_ns(const struct engine *engine, const struct expectation *expectation,
                              const struct anchors *anchors)
{
    const struct timeline *timeline = engine->timeline;
    struct window window = evidence_window(expectation, anchors);
    int64_t until_ns = evidence_until_ns(engine->plan->procedure, expectation, anchors, timeline);

    if (engine->radio_absent || expectation->unknown) {
        return engine->watch_ns;
    }
    const struct entry *met = evidence_settle_for_ns(engine->plan->procedure, expectation, timeline)
                                  ? evidence_met(expectation, &window, timeline)
                                  : NULL;
    if (met) {
        return settling_until_ns(engine, expectation, anchors, met);
    }
    if (evidence_radio_said(expectation, &window, until_ns, timeline)) {
        return engine->watch_ns;
    }
    if (expectation->kind == EXPECT_BOND_KEPT) {
        return engine->has_key ? until_ns + EVIDENCE_LAST_TRIAL_NS : until_ns;
    }
    if (expectation->kind == EXPECT_GONE) {
        struct absence absence = evidence_absence(timeline, until_ns);
        return absence.linked || absence.searches >= EVIDENCE_SEARCHES ? until_ns
               : absence.searches > 0 ? until_ns + EVIDENCE_LAST_SEARCHES_NS
                                      : window.end_ns;
    }
    return window.end_ns;
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
    return radio_until_ns(engine, expectation, anchors);
}

/* ---- when the rig itself may do something ------------------------------------------------- */

/* The claim of that kind; NULL: none. */
static const struct expectation *claim(const struct engine *engine, enum expect_kind kind)
{
    const struct procedure *procedure = engine->plan->procedure;
    for (size_t i = 0; i < procedure->expect_count; i++) {
        if (procedure->expect[i].kind == kind && !procedure->expect[i].unknown) {
            return &procedure->expect[i];
        }
    }
    return NULL;
}

/* When the unit has reconnected by itself, or its window for that is over; INT64_MIN: it need
 * not. */
static int64_t come_back_ns(const struct engine *engine, const struct anchors *anchors)
{
    const struct expectation *connects = claim(engine, EXPECT_CONNECTS);
    if (!connects) {
        return INT64_MIN;
    }
    struct window window = evidence_window(connects, anchors);
    const struct entry *back = evidence_met(connects, &window, engine->timeline);
    return back ? back->time_ns : window.end_ns;
}

/* When its own link has lasted long enough for the rig to drop it without hiding that the unit
 * dropped it; INT64_MIN: it need not reconnect. */
static int64_t stood_ns(const struct engine *engine, const struct anchors *anchors)
{
    const struct expectation *connects = claim(engine, EXPECT_CONNECTS);
    if (!connects) {
        return INT64_MIN;
    }
    struct window window = evidence_window(connects, anchors);
    const struct entry *back = evidence_met(connects, &window, engine->timeline);
    return back ? back->time_ns +
                      evidence_settle_for_ns(engine->plan->procedure, connects, engine->timeline)
                : window.end_ns;
}

/* Earliest time of the next trial of the old key; INT64_MAX: none is needed any more. */
static int64_t trial_from_ns(const struct engine *engine, const struct anchors *anchors)
{
    static const enum expect_kind kinds[] = {EXPECT_BOND_REJECTED, EXPECT_BOND_KEPT};
    const struct timeline *timeline = engine->timeline;
    int64_t from_ns = INT64_MAX;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && engine->has_key; i++) {
        const struct expectation *bond = claim(engine, kinds[i]);
        if (!bond) {
            continue;
        }
        struct window window = evidence_window(bond, anchors);
        int64_t until_ns = evidence_until_ns(engine->plan->procedure, bond, anchors, timeline);
        if (!evidence_radio_said(bond, &window, until_ns, timeline)) {
            bool kept = kinds[i] == EXPECT_BOND_KEPT;
            bool once = kept && evidence_keeping(timeline, &window, until_ns).first;
            int64_t stood = kept ? stood_ns(engine, anchors) : INT64_MIN;
            from_ns = once || stood > until_ns ? until_ns : most(window.start_ns, stood);
        }
    }
    int64_t back_ns = come_back_ns(engine, anchors);
    return from_ns > back_ns ? from_ns : back_ns;
}

/* Time of the last trial of a key, for events that have settled; INT64_MAX: none is needed. */
static int64_t last_trial_ns(const struct engine *engine, const struct anchors *anchors)
{
    const struct procedure *procedure = engine->plan->procedure;
    const struct timeline *timeline = engine->timeline;
    int64_t from_ns = INT64_MIN;

    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *expectation = &procedure->expect[i];
        bool has_key =
            engine->has_key || (expect_trait(expectation->kind)->needs & RADIO_NEED_PAIR);
        if (!has_key || !evidence_tried_last(procedure, expectation) ||
            !evidence_settle_for_ns(procedure, expectation, timeline)) {
            continue;
        }
        struct window window = evidence_window(expectation, anchors);
        const struct entry *met = evidence_met(expectation, &window, timeline);
        int64_t settled_ns =
            evidence_settled_ns(procedure, expectation, anchors, timeline, engine->now_ns);
        if (!met || settled_ns == INT64_MIN) {
            continue;
        }
        struct undoing undoing =
            evidence_undoing(procedure, expectation, met, settled_ns, timeline);
        if (!undoing.certain && !undoing.lasts) {
            from_ns = most(from_ns, settled_ns);
        }
    }
    return from_ns == INT64_MIN ? INT64_MAX : from_ns;
}

static int64_t pair_from_ns(const struct engine *engine, const struct anchors *anchors)
{
    static const enum expect_kind kinds[] = {EXPECT_PAIRS, EXPECT_SERVICES};
    int64_t from_ns = come_back_ns(engine, anchors);
    int64_t latest_ns = INT64_MAX;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct expectation *pairs = claim(engine, kinds[i]);
        if (pairs) {
            struct window window = evidence_window(pairs, anchors);
            from_ns = most(from_ns, window.start_ns);
            latest_ns = window.end_ns - PAIR_TAKES_NS < latest_ns ? window.end_ns - PAIR_TAKES_NS
                                                                  : latest_ns;
        }
    }
    int64_t stood = stood_ns(engine, anchors);
    return most(from_ns, stood < latest_ns ? stood : latest_ns);
}

/* When to search again for a unit that was seen; INT64_MAX: not needed, or already done. */
static int64_t search_again_ns(const struct engine *engine, const struct anchors *anchors)
{
    const struct expectation *shows = claim(engine, EXPECT_DISCOVERABLE);
    if (!shows || !engine->discovering || engine->radio_absent) {
        return INT64_MAX;
    }
    struct window window = evidence_window(shows, anchors);
    const struct entry *met = evidence_met(shows, &window, engine->timeline);
    int64_t settled_ns = evidence_settled_ns(engine->plan->procedure, shows, anchors,
                                             engine->timeline, engine->now_ns);
    if (!met || settled_ns <= engine->searched_ns) {
        return INT64_MAX;
    }
    struct undoing undoing =
        evidence_undoing(engine->plan->procedure, shows, met, settled_ns, engine->timeline);
    return undoing.certain || undoing.lasts ? INT64_MAX : settled_ns;
}

/* Does any window count from the LED's pattern, and is that still to come? */
static bool waits_for_led(const struct engine *engine, const struct anchors *anchors)
{
    const struct procedure *procedure = engine->plan->procedure;
    for (size_t i = 0; i < procedure->expect_count && !anchors->led_seen; i++) {
        if (procedure->expect[i].anchor == ANCHOR_LED) {
            return true;
        }
    }
    return false;
}

/* What was seen meanwhile changes the end of watching, and what the radio does next. */
static void look(struct engine *engine)
{
    const struct procedure *procedure = engine->plan->procedure;
    struct anchors anchors = evidence_anchors(procedure, engine->timeline);
    engine->watch_end_ns = engine->watch_ns;
    for (size_t i = 0; i < procedure->expect_count; i++) {
        engine->watch_end_ns =
            most(engine->watch_end_ns, needed_until_ns(engine, &procedure->expect[i], &anchors));
    }
    engine->waits_for_led = waits_for_led(engine, &anchors);
    engine->search_ns = search_again_ns(engine, &anchors);
    engine->due_ns = INT64_MAX;
    engine->due_pairs = false;
    if (engine->radio_absent || engine->connecting || engine->connect_ns == INT64_MAX) {
        return;
    }
    int64_t from_ns = trial_from_ns(engine, &anchors);
    if (from_ns == INT64_MAX && (engine->plan->radio_needs & RADIO_NEED_PAIR) &&
        !engine->pair_asked) {
        engine->due_pairs = true;
        from_ns = pair_from_ns(engine, &anchors);
    } else if (from_ns == INT64_MAX) {
        from_ns = last_trial_ns(engine, &anchors);
    }
    engine->due_ns = from_ns == INT64_MAX ? INT64_MAX : most(from_ns, engine->connect_ns);
}

/* ---- beginning and going on --------------------------------------------------------------- */

/* Start from the beginning: what was seen before must be seen again. */
static void search(struct engine *engine)
{
    if (engine->discovering) {
        engine_radio(engine, RADIO_STOP_DISCOVERY);
    }
    engine->discovering = true;
    engine->searched_ns = engine->now_ns;
    engine_radio(engine, RADIO_START_DISCOVERY);
}

bool engine_watch_look_before(struct engine *engine)
{
    const struct procedure *procedure = engine->plan->procedure;
    struct anchors anchors = evidence_anchors(procedure, engine->timeline);

    anchors.first_ns = engine->now_ns;
    if (engine->radio_absent || !engine->radio_prepared || engine->looked_before ||
        !evidence_rests_on_showing(procedure) || evidence_hidden(&anchors, engine->timeline)) {
        return false;
    }
    engine->looked_before = true;
    search(engine);
    return true;
}

void engine_watch_looked(struct engine *engine)
{
    if (engine->discovering) {
        engine->discovering = false;
        engine_radio(engine, RADIO_STOP_DISCOVERY);
    }
}

void engine_watch_begin(struct engine *engine)
{
    unsigned needs = engine->plan->radio_needs;
    engine->stage = STAGE_WATCH;
    engine->watch_ns = engine->now_ns;
    engine->deadline_ns = INT64_MAX;
    engine->seen = false;
    engine_note(engine, "watching", NOTE_WATCHING);
    if (!engine->radio_absent) {
        if (needs & RADIO_NEED_DISCOVER) {
            search(engine);
        }
        bool waits_to_see = needs & RADIO_NEED_DISCOVER;
        engine->connect_ns =
            engine->now_ns + (waits_to_see ? CONNECT_ANYWAY_NS : CONNECT_UNSEEN_NS);
    }
    look(engine);
}

static void do_task(struct engine *engine)
{
    if (engine->due_pairs) {
        engine->pair_asked = true;
        engine_radio(engine, RADIO_PAIR);
    } else {
        engine->connecting = true;
        engine->tried = true;
        engine_radio(engine, RADIO_CONNECT);
    }
    look(engine);
}

void engine_watch_radio(struct engine *engine, const struct port_event *event)
{
    bool watching = engine->stage == STAGE_WATCH;

    switch (event->radio) {
    case RADIO_READY:
        engine->radio_absent = false;
        engine->has_key = event->value & READY_PAIRED;
        break;
    case RADIO_ABSENT:
        engine->radio_absent = true;
        engine->connecting = false;
        break;
    case RADIO_SEEN:
        if (watching && !engine->seen && !engine->tried) {
            engine->connect_ns = engine->now_ns + CONNECT_SOON_NS;
        }
        engine->seen = true;
        break;
    case RADIO_CONNECT_FAILED:
        engine->connecting = false;
        engine->connect_ns = engine->now_ns + CONNECT_AGAIN_NS;
        break;
    case RADIO_CONNECT_OK:
    case RADIO_CONNECT_REFUSED:
        engine->connecting = false;
        engine->connect_ns = engine->now_ns;
        break;
    default:
        break;
    }
    if (watching) {
        look(engine);
    }
}

void engine_watch_light(struct engine *engine)
{
    engine->look_again = engine->stage == STAGE_WATCH && engine->waits_for_led;
}

void engine_watch_over(struct engine *engine)
{
    if (engine->discovering) {
        engine->discovering = false;
        engine_radio(engine, RADIO_STOP_DISCOVERY);
    }
    engine->stage = STAGE_ENDING;
    engine->deadline_ns = engine->now_ns;
}

void engine_watch_tick(struct engine *engine)
{
    if (engine->look_again || engine->now_ns >= engine->watch_end_ns ||
        engine->now_ns >= engine->due_ns || engine->now_ns >= engine->search_ns) {
        engine->look_again = false;
        look(engine);
    }
    if (engine->now_ns < engine->watch_end_ns) {
        if (engine->now_ns >= engine->search_ns) {
            search(engine);
            look(engine);
        }
        if (engine->now_ns >= engine->due_ns) {
            do_task(engine);
        }
        return;
    }
    engine_watch_over(engine);
}

int64_t engine_watch_wake_ns(const struct engine *engine)
{
    int64_t task_ns = engine->due_ns < engine->search_ns ? engine->due_ns : engine->search_ns;
    return task_ns < engine->watch_end_ns ? task_ns : engine->watch_end_ns;
}
