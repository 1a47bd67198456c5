#include "hardware/sim/unit.h"

#include "hardware/sim/firmware_data.h"
#include "hardware/sim/lamp.h"
#include "hardware/sim/random.h"
#include "rig/base/least.h"
#include "rig/base/units.h"

#include <stdlib.h>
#include <string.h>

enum {
    TAPS_KEPT = 64,
    REPLIES_MAX = 8,
};

static const int64_t NEVER = INT64_MAX;

/* A contact that opens for less than this is still closed to the unit (its own debounce). */
static const int64_t DEBOUNCE_NS = 10 * NS_PER_MS;
/* A press shorter than this is a tap. */
static const int64_t TAP_NS = 500 * NS_PER_MS;

/* Radio, as seen of real adapters: how long things take. */
static const int64_t READY_NS = 20 * NS_PER_MS;
static const int64_t CONNECT_NS = 350 * NS_PER_MS;
static const int64_t PAGE_TIMEOUT_NS = 5120 * NS_PER_MS; /* Bluetooth Core, Page_Timeout default */
static const int64_t PAIR_NS = 900 * NS_PER_MS;
static const int64_t SEEN_FIRST_NS = 300 * NS_PER_MS;
static const int64_t SEEN_LAST_NS = 1500 * NS_PER_MS;
/* A search of both kinds; who was not shown by a whole one is told as gone. */
static const int64_t SEARCH_NS = 16 * NS_PER_S;

enum {
    FLOOR_NONE = -128,
    RSSI_SPREAD = 4,
};

struct tapped {
    int button;
    int64_t down_ns;
};

/* What the radio says, and when. Kept in order of time. */
struct reply {
    int64_t time_ns;
    enum radio_event event;
    int64_t value;
    const char *text;
};

struct unit {
    const struct firmware *firmware;
    uint64_t random;
    bool pwm;

    uint32_t down;                       /* after debounce */
    int64_t up_ns[FIRMWARE_BUTTONS_MAX]; /* an opening that is not yet believed; NEVER */
    int64_t down_ns[FIRMWARE_BUTTONS_MAX];
    int64_t chord_ns;                            /* since when exactly `down` is down */
    uint32_t fired;                              /* triggers of this chord */
    int64_t threshold_ns[FIRMWARE_TRIGGERS_MAX]; /* of this chord, with its jitter */
    struct tapped taps[TAPS_KEPT];
    size_t tap_count;

    const struct action *action;
    int64_t action_ns;
    size_t event_at;

    struct lamp lamps[LED_CHANNELS];
    size_t light_at; /* index into led, then into led_loop */
    bool looping;
    int light_times;  /* done of that one */
    int64_t light_ns; /* when the next light begins; NEVER */

    int64_t sound_ns; /* next change of the sound; NEVER */
    bool sound;

    bool powered;
    bool bricked;
    bool bonded;
    bool cleared; /* its bonds once were */
    bool connected;
    bool discoverable;
    bool discovering;  /* the rig is */
    bool tells_gone;   /* ... and tells of whole searches that do not show the unit */
    const char *told;  /* ... and has told of the unit under this name; NULL: not yet, or since it
                          was gone */
    bool shown;        /* it could be seen in the search that goes on ... */
    int64_t search_ns; /* ... which ends then; NEVER */
    int floor_dbm;     /* the rig takes no notice of what is weaker */
    struct reply replies[REPLIES_MAX];
    size_t reply_count;
};

/* ---- radio ---- */

static void reply(struct unit *unit, int64_t time_ns, enum radio_event event, int64_t value,
                  const char *text)
{
    if (unit->reply_count == REPLIES_MAX) {
        return;
    }
    size_t at = unit->reply_count++;
    while (at > 0 && unit->replies[at - 1].time_ns > time_ns) {
        unit->replies[at] = unit->replies[at - 1];
        at--;
    }
    unit->replies[at] =
        (struct reply){.time_ns = time_ns, .event = event, .value = value, .text = text};
}

static void drop_replies(struct unit *unit, enum radio_event event)
{
    size_t kept = 0;
    for (size_t i = 0; i < unit->reply_count; i++) {
        if (unit->replies[i].event != event) {
            unit->replies[kept++] = unit->replies[i];
        }
    }
    unit->reply_count = kept;
}

static bool on_air(const struct unit *unit)
{
    return unit->powered && !unit->bricked;
}

static const char *radio_name(const struct unit *unit)
{
    return unit->cleared ? unit->firmware->radio_reset_name : unit->firmware->radio_name;
}

/* Is it strong enough for the rig to look at? */
static bool heard(const struct unit *unit)
{
    return unit->firmware->rssi_dbm >= unit->floor_dbm;
}

/* The next time that the rig sees it. */
static void advertise(struct unit *unit, int64_t now_ns)
{
    drop_replies(unit, RADIO_SEEN);
    if (unit->discovering && unit->discoverable && on_air(unit) && heard(unit)) {
        unit->shown = true;
        int64_t at_ns = now_ns + sim_random_in(&unit->random, SEEN_FIRST_NS, SEEN_LAST_NS);
        int64_t rssi_dbm =
            unit->firmware->rssi_dbm + sim_random_in(&unit->random, -RSSI_SPREAD, RSSI_SPREAD);
        reply(unit, at_ns, RADIO_SEEN, rssi_dbm > unit->floor_dbm ? rssi_dbm : unit->floor_dbm,
              radio_name(unit));
    }
}

static void set_discoverable(struct unit *unit, int64_t now_ns, bool discoverable)
{
    unit->discoverable = discoverable;
    if (discoverable) {
        advertise(unit, now_ns);
    } else {
        drop_replies(unit, RADIO_SEEN);
    }
}

static void begin_search(struct unit *unit, int64_t now_ns)
{
    unit->shown = unit->discoverable && on_air(unit) && heard(unit);
    unit->search_ns = unit->discovering && unit->tells_gone ? now_ns + SEARCH_NS : NEVER;
}

static void end_search(struct unit *unit, int64_t now_ns)
{
    if (!unit->shown) {
        unit->told = NULL;
        reply(unit, now_ns, RADIO_GONE, 0, NULL);
    }
    begin_search(unit, now_ns);
}

static void set_connected(struct unit *unit, int64_t now_ns, bool connected)
{
    if (connected == unit->connected || (connected && !(unit->bonded && on_air(unit)))) {
        return;
    }
    unit->connected = connected;
    reply(unit, now_ns, connected ? RADIO_CONNECTED : RADIO_DISCONNECTED, 0, NULL);
}

/* The result of a key trial in progress when the unit goes off the air or loses the key meanwhile.
 */
static void trial_turns(struct unit *unit, enum radio_event outcome, const char *text)
{
    bool linking = false;
    for (size_t i = 0; i < unit->reply_count; i++) {
        struct reply *reply = &unit->replies[i];
        linking = linking || reply->event == RADIO_CONNECTED;
        if (reply->event == RADIO_CONNECT_OK ||
            (reply->event == RADIO_CONNECT_REFUSED && outcome == RADIO_CONNECT_FAILED)) {
            reply->event = outcome;
            reply->text = text;
        }
    }
    if (linking) {
        drop_replies(unit, RADIO_CONNECTED);
        unit->connected = false;
    }
}

static void lights_out(struct unit *unit, int64_t now_ns);

/* The rig pairs with a unit that a run before this one reset, and that shows itself: as a real
 * radio prepares a bond. That ends its pairing mode. */
static void pair_again(struct unit *unit, int64_t now_ns)
{
    unit->bonded = true;
    lights_out(unit, now_ns);
    set_discoverable(unit, now_ns, false);
    set_connected(unit, now_ns, true);
}

void unit_radio(struct unit *unit, int64_t now_ns, enum radio_command command)
{
    switch (command) {
    case RADIO_START_WATCH:
        if (unit->cleared && !unit->bonded && unit->discoverable && on_air(unit) && heard(unit)) {
            pair_again(unit, now_ns);
        }
        reply(unit, now_ns + READY_NS, RADIO_READY,
              !unit->bonded && !heard(unit) ? READY_NOT_FOUND : unit->bonded | unit->connected << 1,
              NULL);
        break;
    case RADIO_START_DISCOVERY:
        unit->discovering = true;
        unit->told = NULL;
        begin_search(unit, now_ns);
        advertise(unit, now_ns);
        break;
    case RADIO_STOP_DISCOVERY:
        unit->discovering = false;
        begin_search(unit, now_ns);
        drop_replies(unit, RADIO_SEEN);
        break;
    case RADIO_CONNECT:
        if (unit->connected) {
            /* Or nothing would be tried: as a real radio does. */
            reply(unit, now_ns, RADIO_RIG_DROPS, 0, NULL);
        }
        if (!on_air(unit)) {
            reply(unit, now_ns + PAGE_TIMEOUT_NS, RADIO_CONNECT_FAILED, 0, "page timeout");
        } else if (unit->bonded) {
            set_connected(unit, now_ns + CONNECT_NS, true);
            reply(unit, now_ns + CONNECT_NS, RADIO_CONNECT_OK, 0, NULL);
        } else {
            reply(unit, now_ns + CONNECT_NS, RADIO_CONNECT_REFUSED, 0, "PIN or key missing");
        }
        break;
    case RADIO_CHOOSE:
        break; /* there is only this one */
    case RADIO_PAIR:
        if (!on_air(unit) || !unit->discoverable || !heard(unit)) {
            reply(unit, now_ns + PAGE_TIMEOUT_NS, RADIO_PAIR_FAILED, 0, "not in pairing mode");
        } else {
            unit->bonded = true;
            reply(unit, now_ns + PAIR_NS, RADIO_PAIR_OK, 0, NULL);
        }
        break;
    }
}

void unit_tells_gone(struct unit *unit, bool tells)
{
    unit->tells_gone = tells;
}

struct unit_air unit_air(const struct unit *unit)
{
    return (struct unit_air){
        .on = on_air(unit),
        .discoverable = unit->discoverable && on_air(unit) && heard(unit),
        .bonded = unit->bonded,
        .connected = unit->connected,
        .name = radio_name(unit),
    };
}

void unit_unmet(struct unit *unit, int64_t now_ns)
{
    unit->bonded = false;
    unit->connected = false;
    if (on_air(unit)) {
        set_discoverable(unit, now_ns, true);
    }
}

void unit_met(struct unit *unit, int64_t now_ns, bool bonded, bool connected)
{
    unit->bonded = bonded;
    set_connected(unit, now_ns, connected && bonded);
    if (unit->connected) {
        set_discoverable(unit, now_ns, false);
    }
}

/* ---- light ---- */

/* The light that comes next; NULL when the script has ended. */
static const struct light *next_light(struct unit *unit)
{
    const struct action *action = unit->action;
    for (;;) {
        const struct light *lights = unit->looping ? action->led_loop : action->led;
        size_t count = unit->looping ? action->led_loop_count : action->led_count;
        if (unit->light_at < count) {
            if (unit->light_times < lights[unit->light_at].times) {
                return &lights[unit->light_at];
            }
            unit->light_at++;
            unit->light_times = 0;
        } else if (action->led_loop_count > 0) {
            unit->looping = true;
            unit->light_at = 0;
            unit->light_times = 0;
        } else {
            return NULL;
        }
    }
}

static void light_up(struct unit *unit, int64_t at_ns)
{
    const struct firmware *firmware = unit->firmware;
    const struct light *light = next_light(unit);
    unit->light_ns = NEVER;
    if (!light) {
        return;
    }
    unit->light_times++;
    unit->light_ns = at_ns + light->for_ns + light->gap_ns;
    int64_t period_ns = unit->pwm ? firmware->pwm_period_ns : 0;
    int64_t on_ns = period_ns * firmware->pwm_duty_x100 / 10000;
    for (unsigned i = 0; i < LED_CHANNELS && !firmware->led_dead; i++) {
        struct lamp *lamp = &unit->lamps[i];
        int64_t start_ns = at_ns + firmware->lag_ns[i];
        if (firmware->led_stuck & (1U << i)) {
            continue;
        }
        if (light->colour & (1U << i)) {
            lamp_light(lamp, start_ns, start_ns + light->for_ns, period_ns,
                       period_ns ? on_ns : light->for_ns, light->breathe);
        }
    }
}

static void lights_out(struct unit *unit, int64_t now_ns)
{
    unit->light_ns = NEVER;
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        if (!(unit->firmware->led_stuck & (1U << i))) {
            lamp_dark(&unit->lamps[i], now_ns);
        }
    }
}

/* ---- actions ---- */

void unit_rest(struct unit *unit, int64_t now_ns)
{
    lights_out(unit, now_ns);
    unit->action = NULL;
    unit->sound_ns = unit->sound ? now_ns : NEVER;
}

static void begin_action(struct unit *unit, int64_t now_ns, int index)
{
    if (index < 0 || unit->bricked) {
        return;
    }
    const struct action *action = &unit->firmware->actions[index];
    lights_out(unit, now_ns);
    unit->action = action;
    unit->action_ns = now_ns;
    unit->event_at = 0;
    unit->light_at = 0;
    unit->light_times = 0;
    unit->looping = false;
    if (action->led_count || action->led_loop_count) {
        unit->light_ns = now_ns + action->led_delay_ns;
    }
    unit->sound_ns = unit->sound            ? now_ns
                     : action->sound_for_ns ? now_ns + action->sound_after_ns
                                            : NEVER;
}

static void do_event(struct unit *unit, int64_t at_ns, enum firmware_do what)
{
    switch (what) {
    case DO_DISCONNECT:
        set_connected(unit, at_ns, false);
        break;
    case DO_CONNECT:
        set_connected(unit, at_ns, true);
        break;
    case DO_CLEAR_BONDS:
        unit->bonded = false;
        unit->cleared = true;
        trial_turns(unit, RADIO_CONNECT_REFUSED, "PIN or key missing");
        break;
    case DO_DISCOVERABLE:
        set_discoverable(unit, at_ns, true);
        break;
    case DO_HIDDEN:
        set_discoverable(unit, at_ns, false);
        break;
    case DO_POWER_OFF:
        unit->powered = false;
        trial_turns(unit, RADIO_CONNECT_FAILED, "page timeout");
        set_connected(unit, at_ns, false);
        set_discoverable(unit, at_ns, false);
        break;
    case DO_POWER_ON:
        unit->powered = true;
        break;
    case DO_BRICK:
        unit->bricked = true;
        unit->powered = false;
        trial_turns(unit, RADIO_CONNECT_FAILED, "page timeout");
        set_connected(unit, at_ns, false);
        set_discoverable(unit, at_ns, false);
        lights_out(unit, at_ns);
        break;
    }
}

static int64_t event_ns(const struct unit *unit)
{
    return unit->action && unit->event_at < unit->action->event_count && !unit->bricked
               ? unit->action_ns + unit->action->events[unit->event_at].at_ns
               : NEVER;
}

/* ---- buttons and triggers ---- */

/* What the unit says of a name; `power` is what it really is. */
static const char *say(const struct unit *unit, const char *name)
{
    if (strcmp(name, "power") == 0) {
        return unit->powered ? "on" : "off";
    }
    for (size_t i = 0; i < unit->firmware->answer_count; i++) {
        if (strcmp(unit->firmware->answers[i].question, name) == 0) {
            return unit->firmware->answers[i].say;
        }
    }
    return NULL;
}

static bool is_met(const struct unit *unit, const struct condition *need)
{
    const char *is = say(unit, need->name);
    int percent_x100;
    if (!is) {
        return false;
    }
    if (need->at_least_x100 >= 0) {
        return units_percent_parse(is, &percent_x100) == NULL &&
               percent_x100 >= need->at_least_x100;
    }
    return strcmp(is, need->value) == 0;
}

/* Were the taps, and nothing else, made before this chord? */
static bool taps_match(const struct unit *unit, const struct trigger *trigger)
{
    size_t at = unit->tap_count;
    int64_t after_ns = unit->chord_ns;
    for (size_t group = trigger->tap_count; group-- > 0;) {
        for (int n = 0; n < trigger->taps[group].times; n++) {
            if (at == 0) {
                return false;
            }
            const struct tapped *tap = &unit->taps[--at];
            if (tap->button != trigger->taps[group].button ||
                after_ns - tap->down_ns > trigger->tap_gap_ns) {
                return false;
            }
            after_ns = tap->down_ns;
        }
    }
    /* One tap more before them is another sequence; where `after_taps` is empty, any is. */
    return !trigger->taps_told || at == 0 ||
           after_ns - unit->taps[at - 1].down_ns > trigger->tap_gap_ns;
}

static int64_t trigger_ns(const struct unit *unit, size_t i)
{
    const struct trigger *trigger = &unit->firmware->triggers[i];
    if (unit->bricked || unit->down != trigger->hold || (unit->fired & (1U << i))) {
        return NEVER;
    }
    return unit->chord_ns + unit->threshold_ns[i];
}

static void fire(struct unit *unit, int64_t at_ns, size_t i)
{
    const struct trigger *trigger = &unit->firmware->triggers[i];
    unit->fired |= 1U << i;
    if (!taps_match(unit, trigger)) {
        return;
    }
    for (size_t n = 0; n < trigger->need_count; n++) {
        if (!is_met(unit, &trigger->needs[n])) {
            begin_action(unit, at_ns, trigger->otherwise);
            return;
        }
    }
    begin_action(unit, at_ns, trigger->does);
}

/* The set of pressed buttons has changed: every hold starts again. */
static void chord_changed(struct unit *unit, int64_t now_ns)
{
    unit->chord_ns = now_ns;
    unit->fired = 0;
    for (size_t i = 0; i < unit->firmware->trigger_count; i++) {
        const struct trigger *trigger = &unit->firmware->triggers[i];
        unit->threshold_ns[i] =
            trigger->threshold_ns + sim_random_normal(&unit->random, trigger->jitter_ns);
    }
}

static void keep_tap(struct unit *unit, int button, int64_t down_ns)
{
    if (unit->tap_count == TAPS_KEPT) {
        memmove(unit->taps, unit->taps + 1, (TAPS_KEPT - 1) * sizeof(unit->taps[0]));
        unit->tap_count--;
    }
    unit->taps[unit->tap_count++] = (struct tapped){.button = button, .down_ns = down_ns};
}

/* An opening has lasted: the button was up since up_ns. */
static void believe_up(struct unit *unit, int button)
{
    int64_t up_ns = unit->up_ns[button];
    unit->up_ns[button] = NEVER;
    unit->down &= ~(1U << button);
    if (up_ns - unit->down_ns[button] < TAP_NS) {
        keep_tap(unit, button, unit->down_ns[button]);
    }
    chord_changed(unit, up_ns);
}

void unit_button(struct unit *unit, int64_t now_ns, int button, bool down)
{
    if (button < 0 || (size_t)button >= unit->firmware->button_count) {
        return;
    }
    uint32_t bit = 1U << button;
    if (!down) {
        if ((unit->down & bit) && unit->up_ns[button] == NEVER) {
            unit->up_ns[button] = now_ns;
        }
        return;
    }
    if (unit->down & bit) {
        if (now_ns - unit->up_ns[button] < DEBOUNCE_NS) {
            unit->up_ns[button] = NEVER;
            return;
        }
        if (unit->up_ns[button] == NEVER) {
            return;
        }
        believe_up(unit, button);
    }
    unit->down |= bit;
    unit->down_ns[button] = now_ns;
    chord_changed(unit, now_ns);
}

static int64_t up_due_ns(const struct unit *unit, size_t button)
{
    return unit->up_ns[button] == NEVER ? NEVER : unit->up_ns[button] + DEBOUNCE_NS;
}

/* ---- time ---- */

/* What changes the unit itself, and shows only in what follows from it. */
static int64_t inner_ns(const struct unit *unit)
{
    int64_t due_ns = least(least(event_ns(unit), unit->light_ns), unit->search_ns);
    for (size_t i = 0; unit->down && i < unit->firmware->button_count; i++) {
        due_ns = least(due_ns, up_due_ns(unit, i));
    }
    for (size_t i = 0; unit->down && i < unit->firmware->trigger_count; i++) {
        due_ns = least(due_ns, trigger_ns(unit, i));
    }
    return due_ns;
}

static int64_t outer_ns(const struct unit *unit)
{
    int64_t due_ns = unit->sound_ns;
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        due_ns = least(due_ns, unit->lamps[i].next_ns);
    }
    return unit->reply_count ? least(due_ns, unit->replies[0].time_ns) : due_ns;
}

int64_t unit_next_ns(const struct unit *unit)
{
    return least(inner_ns(unit), outer_ns(unit));
}

/* Make the one inner change that is due at `at_ns`. Openings go first: a button that is let go at
 * the very threshold was let go. */
static void step_inner(struct unit *unit, int64_t at_ns)
{
    for (size_t i = 0; i < unit->firmware->button_count; i++) {
        if (up_due_ns(unit, i) == at_ns) {
            believe_up(unit, (int)i);
            return;
        }
    }
    if (event_ns(unit) == at_ns) {
        do_event(unit, at_ns, unit->action->events[unit->event_at++].what);
        return;
    }
    if (unit->light_ns == at_ns) {
        light_up(unit, at_ns);
        return;
    }
    if (unit->search_ns == at_ns) {
        end_search(unit, at_ns);
        return;
    }
    for (size_t i = 0; i < unit->firmware->trigger_count; i++) {
        /* An opening that is not yet believed stops the clock all the same. */
        if (trigger_ns(unit, i) == at_ns) {
            for (size_t b = 0; b < unit->firmware->button_count; b++) {
                if (unit->up_ns[b] <= at_ns) {
                    unit->fired |= 1U << i;
                    return;
                }
            }
            fire(unit, at_ns, i);
            return;
        }
    }
}

/* False: it is nothing new. */
static bool take_reply(struct unit *unit, struct unit_change *change)
{
    struct reply first = unit->replies[0];
    unit->reply_count--;
    memmove(unit->replies, unit->replies + 1, unit->reply_count * sizeof(unit->replies[0]));
    *change = (struct unit_change){.kind = UNIT_RADIO,
                                   .time_ns = first.time_ns,
                                   .radio = first.event,
                                   .value = first.value,
                                   .text = first.text};
    if (first.event != RADIO_SEEN) {
        return true;
    }
    /* A real radio also reports a unit once per search. */
    bool again = unit->told && strcmp(unit->told, first.text) == 0;
    unit->told = first.text;
    advertise(unit, first.time_ns);
    return !again;
}

static void step_sound(struct unit *unit, struct unit_change *change)
{
    unit->sound = !unit->sound;
    *change =
        (struct unit_change){.kind = UNIT_SOUND, .time_ns = unit->sound_ns, .level = unit->sound};
    if (unit->sound) {
        unit->sound_ns += unit->action->sound_for_ns;
        return;
    }
    /* An action that cut another's prompt short may have one of its own. */
    int64_t own_ns =
        unit->action->sound_for_ns ? unit->action_ns + unit->action->sound_after_ns : NEVER;
    unit->sound_ns = own_ns != NEVER && own_ns > unit->sound_ns ? own_ns : NEVER;
}

bool unit_next(struct unit *unit, int64_t now_ns, struct unit_change *change)
{
    for (;;) {
        int64_t outside_ns = outer_ns(unit);
        int64_t inside_ns = inner_ns(unit);
        if (inside_ns <= outside_ns && inside_ns <= now_ns) {
            step_inner(unit, inside_ns);
            continue;
        }
        if (outside_ns > now_ns || outside_ns == NEVER) {
            return false;
        }
        for (unsigned i = 0; i < LED_CHANNELS; i++) {
            struct lamp *lamp = &unit->lamps[i];
            if (lamp->next_ns == outside_ns) {
                lamp_edge(lamp);
                *change = (struct unit_change){
                    .kind = UNIT_LED, .time_ns = outside_ns, .channel = i, .level = lamp->level};
                return true;
            }
        }
        if (unit->sound_ns == outside_ns) {
            step_sound(unit, change);
        } else if (!take_reply(unit, change)) {
            continue;
        }
        return true;
    }
}

/* ---- the rest ---- */

bool unit_can_answer(const struct unit *unit, const char *question)
{
    return say(unit, question) != NULL;
}

const char *unit_ask(struct unit *unit, int64_t now_ns, const char *question)
{
    const char *answer = say(unit, question);
    for (size_t i = 0; i < unit->firmware->answer_count; i++) {
        if (strcmp(unit->firmware->answers[i].question, question) == 0) {
            begin_action(unit, now_ns, unit->firmware->answers[i].does);
        }
    }
    return answer;
}

int unit_button_named(const struct unit *unit, const char *name)
{
    for (size_t i = 0; i < unit->firmware->button_count; i++) {
        if (strcmp(unit->firmware->buttons[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

bool unit_led(const struct unit *unit, unsigned channel)
{
    return channel < LED_CHANNELS && unit->lamps[channel].level;
}

bool unit_bricked(const struct unit *unit)
{
    return unit->bricked;
}

const char *unit_action(const struct unit *unit)
{
    return unit->action ? unit->action->name : NULL;
}

void unit_restart(struct unit *unit, uint64_t seed, int64_t now_ns)
{
    const struct firmware *firmware = unit->firmware;
    *unit = (struct unit){
        .firmware = firmware,
        .random = seed,
        .pwm = unit->pwm,
        .floor_dbm = unit->floor_dbm,
        .light_ns = NEVER,
        .sound_ns = NEVER,
        .search_ns = NEVER,
        .powered = firmware->power_on,
        .bonded = firmware->bonded,
        .connected = firmware->bonded && firmware->connected && firmware->power_on,
        .discoverable = firmware->discoverable,
    };
    for (size_t i = 0; i < FIRMWARE_BUTTONS_MAX; i++) {
        unit->up_ns[i] = NEVER;
    }
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        unit->lamps[i].next_ns = NEVER;
        if (firmware->led_stuck & (1U << i)) {
            unit->lamps[i].level = true;
        }
    }
    chord_changed(unit, now_ns);
}

struct unit *unit_new(const struct firmware *firmware, uint64_t seed, int64_t now_ns, bool pwm)
{
    struct unit *unit = xcalloc(sizeof(*unit));
    unit->firmware = firmware;
    unit->pwm = pwm;
    unit->floor_dbm = FLOOR_NONE;
    unit_restart(unit, seed, now_ns);
    return unit;
}

void unit_set_floor(struct unit *unit, int floor_dbm)
{
    unit->floor_dbm = floor_dbm;
}

void unit_free(struct unit *unit)
{
    free(unit);
}
