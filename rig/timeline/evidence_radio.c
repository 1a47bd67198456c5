#include "rig/timeline/evidence_radio.h"

#include "rig/base/units.h"

#include <string.h>

#define BIT(event) (1U << (event))

static const int64_t RADIO_GOES_NS = 200 * NS_PER_MS;

static const unsigned outcomes =
    BIT(RADIO_CONNECT_OK) | BIT(RADIO_CONNECT_REFUSED) | BIT(RADIO_CONNECT_FAILED);
/* A unit that does one of these is on the air. */
static const unsigned signs = BIT(RADIO_SEEN) | BIT(RADIO_CONNECTED) | BIT(RADIO_CONNECT_OK) |
                              BIT(RADIO_CONNECT_REFUSED) | BIT(RADIO_PAIR_OK);

static bool is_one_of(const struct entry *entry, unsigned events)
{
    return events >> entry->code & 1;
}

/* ---- whose doing -------------------------------------------------------------------------- */

bool evidence_orders_told(const struct timeline *timeline)
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(timeline, ENTRY_RADIO, &i))) {
        if (radio_event_is_order((enum radio_event)entry->code)) {
            return true;
        }
    }
    return false;
}

struct radio_walk evidence_radio_begin(const struct timeline *timeline)
{
    struct radio_walk walk = {
        .timeline = timeline, .told = evidence_orders_told(timeline), .watching_ns = INT64_MAX};
    const struct entry *entry;
    size_t i = 0;
    while (!walk.told && (entry = timeline_next(timeline, ENTRY_NOTE, &i))) {
        walk.watching_ns = entry->code == NOTE_WATCHING ? entry->time_ns : walk.watching_ns;
    }
    return walk;
}

/* Who is responsible for what the link does now? */
static enum doer doer_now(const struct radio_walk *walk, int64_t time_ns)
{
    if (walk->connecting || walk->pairing || walk->dropping) {
        return DOER_RIG;
    }
    if (walk->asked) {
        return DOER_PERSON;
    }
    return walk->told || time_ns < walk->watching_ns ? DOER_UNIT : DOER_UNTOLD;
}

/* A link that drops when the rig's own radio is lost dropped because of it: bluetoothd reports the
 * two in this order. */
static bool radio_goes(const struct radio_walk *walk, int64_t time_ns)
{
    for (size_t i = walk->next; i < walk->timeline->count; i++) {
        const struct entry *entry = &walk->timeline->entries[i];
        if (entry->kind == ENTRY_RADIO && entry->time_ns - time_ns > RADIO_GOES_NS) {
            return false;
        }
        if (entry->kind == ENTRY_RADIO && entry->code == RADIO_ABSENT) {
            return true;
        }
    }
    return false;
}

static void link_changes(struct radio_walk *walk, bool up, enum doer doer)
{
    walk->link_dropped_by = walk->link && !up ? doer : walk->link_dropped_by;
    walk->link = up;
}

static void take_radio(struct radio_walk *walk, const struct entry *entry)
{
    walk->doer = doer_now(walk, entry->time_ns);
    walk->linked = walk->link;
    walk->dropped_by = walk->link_dropped_by;
    walk->ordered = walk->connecting || !walk->told;
    walk->ordered_ns = walk->connecting ? walk->connect_ns : entry->time_ns;
    switch ((enum radio_event)entry->code) {
    case RADIO_READY:
        walk->link = entry->value & READY_CONNECTED;
        walk->connecting = walk->pairing = walk->dropping = false;
        break;
    case RADIO_CONNECTED:
        link_changes(walk, true, walk->doer);
        break;
    case RADIO_DISCONNECTED:
        walk->doer = radio_goes(walk, entry->time_ns) ? DOER_RIG : walk->doer;
        link_changes(walk, false, walk->doer);
        walk->dropping = false;
        break;
    case RADIO_CONNECT_OK:
        walk->connecting = walk->dropping = false;
        link_changes(walk, true, DOER_RIG);
        break;
    case RADIO_CONNECT_REFUSED:
    case RADIO_CONNECT_FAILED:
        walk->connecting = walk->dropping = false;
        break;
    case RADIO_ABSENT:
        walk->link = false;
        walk->connecting = walk->dropping = false;
        break;
    case RADIO_RIG_CONNECTS:
        walk->connecting = true;
        walk->connect_ns = entry->time_ns;
        break;
    case RADIO_RIG_PAIRS:
        walk->pairing = true;
        break;
    case RADIO_RIG_DROPS:
        /* Whether or not the radio reports it. */
        walk->dropping = true;
        link_changes(walk, false, DOER_RIG);
        break;
    default:
        break;
    }
}

const struct entry *evidence_radio_next(struct radio_walk *walk)
{
    while (walk->next < walk->timeline->count) {
        const struct entry *entry = &walk->timeline->entries[walk->next++];
        switch (entry->kind) {
        case ENTRY_RADIO:
            take_radio(walk, entry);
            return entry;
        case ENTRY_QUESTION:
            walk->asked = entry->text;
            break;
        case ENTRY_ANSWER:
            if (walk->asked && strcmp(walk->asked, entry->text) == 0) {
                walk->asked = NULL;
            }
            break;
        default:
            break;
        }
    }
    return NULL;
}

bool evidence_dropped(const struct radio_walk *walk, const struct entry *entry)
{
    return entry->code == RADIO_DISCONNECTED && walk->doer == DOER_UNIT && walk->linked;
}

bool evidence_came_back(const struct radio_walk *walk, const struct entry *entry)
{
    /* A link that never dropped cannot come back, and one that the rig dropped proves nothing. */
    return entry->code == RADIO_CONNECTED && walk->doer == DOER_UNIT && !walk->linked &&
           walk->dropped_by != DOER_RIG;
}

bool evidence_trial(const struct radio_walk *walk, const struct entry *entry, int64_t from_ns)
{
    return is_one_of(entry, outcomes) && walk->ordered && walk->ordered_ns >= from_ns;
}

static bool was_off(const struct anchors *anchors, const struct timeline *timeline)
{
    const struct entry *entry;
    bool off = false;
    size_t i = 0;
    while ((entry = timeline_next(timeline, ENTRY_ANSWER, &i))) {
        if (entry->time_ns <= anchors->first_ns && strcmp(entry->text, "power") == 0) {
            off = strcmp(entry->text2, "off") == 0;
        }
    }
    return off;
}

static bool dropped_after_press(const struct radio_walk *walk, const struct entry *entry,
                                const struct anchors *anchors)
{
    return entry->time_ns > anchors->first_ns && evidence_dropped(walk, entry);
}

bool evidence_seen_anew(const struct entry *seen, const struct anchors *anchors,
                        const struct timeline *timeline)
{
    struct radio_walk walk = evidence_radio_begin(timeline);
    const struct entry *entry;
    bool dropped = false;
    bool hidden = false;

    while ((entry = evidence_radio_next(&walk)) && (!seen || entry < seen)) {
        dropped = dropped || dropped_after_press(&walk, entry, anchors);
        hidden = entry->code == RADIO_GONE || (hidden && entry->code != RADIO_SEEN);
    }
    return hidden || (dropped && !evidence_showed_before(anchors, timeline)) ||
           was_off(anchors, timeline);
}

bool evidence_responded(const struct anchors *anchors, const struct timeline *timeline)
{
    struct radio_walk walk = evidence_radio_begin(timeline);
    const struct entry *entry;

    while ((entry = evidence_radio_next(&walk))) {
        bool refused = entry->code == RADIO_CONNECT_REFUSED && !walk.pairing &&
                       evidence_trial(&walk, entry, anchors->first_ns);
        if (refused || dropped_after_press(&walk, entry, anchors)) {
            return true;
        }
    }
    return false;
}

bool evidence_showed_before(const struct anchors *anchors, const struct timeline *timeline)
{
    const struct entry *entry;
    bool shown = false;
    size_t i = 0;

    while ((entry = timeline_next(timeline, ENTRY_RADIO, &i)) &&
           entry->time_ns <= anchors->first_ns) {
        shown = entry->code == RADIO_SEEN || (shown && entry->code != RADIO_GONE);
    }
    return shown;
}

bool evidence_hidden(const struct anchors *anchors, const struct timeline *timeline)
{
    return evidence_seen_anew(NULL, anchors, timeline);
}

/* ---- events ------------------------------------------------------------------------------- */

const struct entry *evidence_met(const struct expectation *expectation, const struct window *window,
                                 const struct timeline *timeline)
{
    const struct expect_trait *trait = expect_trait(expectation->kind);
    struct radio_walk walk = evidence_radio_begin(timeline);
    const struct entry *entry;

    while ((entry = evidence_radio_next(&walk))) {
        if (!is_one_of(entry, trait->met_by) || entry->time_ns < window->start_ns) {
            continue;
        }
        bool counts = expectation->kind == EXPECT_DISCONNECTS ? evidence_dropped(&walk, entry)
                      : expectation->kind == EXPECT_CONNECTS  ? evidence_came_back(&walk, entry)
                      : is_one_of(entry, outcomes) ? evidence_trial(&walk, entry, window->start_ns)
                                                   : true;
        if (counts) {
            return entry;
        }
    }
    return NULL;
}

/* An event is answered: it came, or its opposite did. */
static bool is_answered(const struct expectation *expectation, const struct window *window,
                        const struct timeline *timeline)
{
    const struct expect_trait *trait = expect_trait(expectation->kind);
    struct radio_walk walk = evidence_radio_begin(timeline);
    const struct entry *entry;

    while ((entry = evidence_radio_next(&walk))) {
        if (is_one_of(entry, trait->broken_by) && walk.ordered_ns >= window->start_ns) {
            return true;
        }
    }
    return evidence_met(expectation, window, timeline) != NULL;
}

bool evidence_radio_said(const struct expectation *expectation, const struct window *window,
                         int64_t until_ns, const struct timeline *timeline)
{
    if (expectation->kind == EXPECT_BOND_KEPT) {
        struct run_journal keeping = evidence_keeping(timeline, window, until_ns);
        return keeping.refused || keeping.last;
    }
    if (expectation->kind == EXPECT_GONE) {
        struct absence absence = evidence_absence(timeline, until_ns);
        return absence.back != NULL;
    }
    return is_answered(expectation, window, timeline);
}

/* ---- states ------------------------------------------------------------------------------- */

int64_t evidence_steady_ns(const struct timeline *timeline)
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(timeline, ENTRY_NOTE, &i))) {
        if (entry->code == NOTE_STEADY) {
            return entry->value;
        }
    }
    return 0;
}

int64_t evidence_event_ns(const struct expectation *expectation, const struct anchors *anchors,
                          const struct timeline *timeline)
{
    struct window window = evidence_window(expectation, anchors);
    const struct entry *entry = NULL;
    size_t i = 0;

    switch (expect_trait(expectation->kind)->sense) {
    case SENSE_LIGHT:
        return anchors->led_ns;
    case SENSE_SOUND:
        while ((entry = timeline_next(timeline, ENTRY_SOUND, &i)) &&
               !evidence_sound_counts(expectation, &window, entry)) {
        }
        return entry ? entry->pulse.end_ns : window.end_ns;
    case SENSE_RADIO:
        break;
    }
    entry = evidence_met(expectation, &window, timeline);
    return entry ? entry->time_ns : window.end_ns;
}

int64_t evidence_until_ns(const struct procedure *procedure, const struct expectation *expectation,
                          const struct anchors *anchors, const struct timeline *timeline)
{
    struct window window = evidence_window(expectation, anchors);
    int64_t said_ns = evidence_steady_ns(timeline);
    int64_t steady_ns = said_ns ? said_ns : expectation->steady_ns;
    int64_t last_ns = window.start_ns;

    if (steady_ns == 0) {
        return window.end_ns;
    }
    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *other = &procedure->expect[i];
        if (!other->unknown && expect_trait(other->kind)->nature == NATURE_EVENT) {
            int64_t other_ns = evidence_event_ns(other, anchors, timeline);
            last_ns = other_ns > last_ns ? other_ns : last_ns;
        }
    }
    return last_ns + steady_ns < window.end_ns ? last_ns + steady_ns : window.end_ns;
}

struct absence evidence_absence(const struct timeline *timeline, int64_t until_ns)
{
    struct radio_walk walk = evidence_radio_begin(timeline);
    struct absence absence = {0};
    const struct entry *entry;

    while ((entry = evidence_radio_next(&walk))) {
        bool enough = absence.searches >= EVIDENCE_SEARCHES;
        if (enough && entry->time_ns > until_ns) {
            break;
        }
        absence.linked = walk.link;
        absence.there = absence.there || walk.link || is_one_of(entry, signs);
        if (is_one_of(entry, signs) || (entry->code == RADIO_READY && walk.link)) {
            absence.back = enough && !absence.back ? entry : absence.back;
            absence.searches = 0;
        } else if (entry->code == RADIO_GONE && !walk.link) {
            absence.first = absence.searches == 0 ? entry : absence.first;
            absence.searches++;
        }
    }
    return absence;
}

struct run_journal evidence_keeping(const struct timeline *timeline, const struct window *window,
                                    int64_t until_ns)
{
    struct radio_walk walk = evidence_radio_begin(timeline);
    struct run_journal keeping = {0};
    const struct entry *entry;

    while ((entry = evidence_radio_next(&walk)) && !keeping.last && !keeping.refused) {
        if (!is_one_of(entry, outcomes)) {
            continue;
        }
        if (!evidence_trial(&walk, entry, window->start_ns)) {
            keeping.early = true;
        } else if (entry->code == RADIO_CONNECT_REFUSED) {
            keeping.refused = entry;
        } else if (entry->code == RADIO_CONNECT_FAILED) {
            keeping.failed = entry;
        } else {
            keeping.failed = NULL;
            keeping.first = keeping.first ? keeping.first : entry;
            keeping.last = walk.ordered_ns >= until_ns ? entry : NULL;
        }
    }
    return keeping;
}
