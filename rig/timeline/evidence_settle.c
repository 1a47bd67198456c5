#include "rig/timeline/evidence_settle.h"

#define BIT(which) (1U << (which))

/* Does the procedure claim, or need, any kind in the set? */
static bool claims(const struct procedure *procedure, unsigned kinds, bool needed)
{
    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *other = &procedure->expect[i];
        if (!other->unknown && (kinds >> other->kind & 1) && (other->needed || !needed)) {
            return true;
        }
    }
    return false;
}

bool evidence_tried_last(const struct procedure *procedure, const struct expectation *expectation)
{
    const struct expect_trait *trait = expect_trait(expectation->kind);
    /* A unit that is expected to be gone does not answer. */
    return trait->tried_last && !claims(procedure, trait->shown_alive, true) &&
           !claims(procedure, BIT(EXPECT_GONE), false);
}

/* ---- how long ----------------------------------------------------------------------------- */

int64_t evidence_settling_ns(const struct procedure *procedure,
                             const struct expectation *expectation, int64_t said_ns)
{
    const struct expect_trait *trait = expect_trait(expectation->kind);
    /* A dropped link is down, whatever the unit does next: check only whether the unit died. */
    bool only_death = trait->tried_last && trait->undone_by == 0;

    if (procedure->at_once || expectation->unknown || trait->settle_ns == 0 ||
        (only_death && !evidence_tried_last(procedure, expectation))) {
        return 0;
    }
    return said_ns ? said_ns : expectation->steady_ns ? expectation->steady_ns : trait->settle_ns;
}

int64_t evidence_settle_for_ns(const struct procedure *procedure,
                               const struct expectation *expectation,
                               const struct timeline *timeline)
{
    return evidence_settling_ns(procedure, expectation, evidence_steady_ns(timeline));
}

/* Did it come? If so, `at_ns` is when. */
static bool event_came(const struct expectation *expectation, const struct anchors *anchors,
                       const struct timeline *timeline, int64_t *at_ns)
{
    struct window window = evidence_window(expectation, anchors);
    *at_ns = evidence_event_ns(expectation, anchors, timeline);
    switch (expect_trait(expectation->kind)->sense) {
    case SENSE_LIGHT:
        return anchors->led_seen;
    case SENSE_SOUND:
        return evidence_heard(expectation, &window, timeline);
    case SENSE_RADIO:
        break;
    }
    return evidence_met(expectation, &window, timeline) != NULL;
}

int64_t evidence_settled_ns(const struct procedure *procedure,
                            const struct expectation *expectation, const struct anchors *anchors,
                            const struct timeline *timeline, int64_t now_ns)
{
    int64_t settle_ns = evidence_settle_for_ns(procedure, expectation, timeline);
    int64_t last_ns = INT64_MIN;

    for (size_t i = 0; i < procedure->expect_count && settle_ns; i++) {
        const struct expectation *other = &procedure->expect[i];
        struct window window = evidence_window(other, anchors);
        int64_t at_ns = 0;
        if (other->unknown || expect_trait(other->kind)->nature == NATURE_STATE) {
            continue;
        }
        bool came = event_came(other, anchors, timeline, &at_ns);
        if (!came && expect_trait(other->kind)->sense == SENSE_RADIO &&
            evidence_radio_said(other, &window, window.end_ns, timeline)) {
            return INT64_MIN;
        }
        if ((came || window.end_ns >= now_ns) && at_ns > last_ns) {
            last_ns = at_ns;
        }
    }
    return last_ns == INT64_MIN ? INT64_MIN : last_ns + settle_ns;
}

/* ---- what became of it -------------------------------------------------------------------- */

/* It is no longer there: two full searches did not find it. A unit may hide because of a newer
 * link, or because it was paired again; a link that was already up when it was seen is no such
 * reason. */
static struct undoing hidden_again(const struct entry *met, int64_t until_ns,
                                   const struct timeline *timeline)
{
    struct radio_walk walk = evidence_radio_begin(timeline);
    struct undoing undoing = {0};
    const struct entry *entry;
    unsigned searches = 0;
    bool old_link = false;
    bool elsewhere = false;

    while (!undoing.certain && !undoing.lasts && (entry = evidence_radio_next(&walk))) {
        old_link = walk.link && (old_link || entry <= met);
        if (entry <= met) {
            continue;
        }
        undoing.lasts = elsewhere && entry->time_ns > until_ns;
        elsewhere = (walk.link && !old_link) || walk.pairing;
        if (elsewhere || entry->code == RADIO_SEEN) {
            undoing.by = NULL;
            searches = 0;
            undoing.lasts = undoing.lasts || (!elsewhere && entry->time_ns >= until_ns);
        } else if (entry->code == RADIO_GONE) {
            undoing.by = entry;
            undoing.certain = ++searches >= EVIDENCE_SEARCHES;
        }
    }
    undoing.lasts = undoing.lasts || elsewhere;
    return undoing;
}

/* The unit's own link dropped again. If the rig made one in its place, for a trial of the key, and
 * the unit dropped that, its own might have dropped as well. */
static struct undoing dropped_again(const struct entry *met, int64_t until_ns,
                                    const struct timeline *timeline)
{
    struct radio_walk walk = evidence_radio_begin(timeline);
    const struct entry *entry;

    bool own = true;
    while ((entry = evidence_radio_next(&walk)) && entry->time_ns <= until_ns && !walk.pairing) {
        if (entry <= met) {
            continue;
        }
        own = own && !walk.connecting && !walk.dropping;
        if (evidence_dropped(&walk, entry)) {
            return (struct undoing){.by = entry, .certain = own, .lasts = !own};
        }
    }
    return (struct undoing){.lasts = true};
}

/* The last trial of the key, at `until_ns` or later. An earlier success shows that the old key
 * still works; an earlier link does not show by which key. After pairing again, the new key is
 * tried. */
static struct undoing tried_last(const struct procedure *procedure,
                                 const struct expectation *expectation, const struct entry *met,
                                 int64_t until_ns, const struct timeline *timeline)
{
    const unsigned undone_by = expect_trait(expectation->kind)->undone_by;
    const bool old_key = expectation->kind == EXPECT_BOND_REJECTED;
    struct radio_walk walk = evidence_radio_begin(timeline);
    struct undoing undoing = {.lasts = !evidence_tried_last(procedure, expectation)};
    const struct entry *entry;

    while ((entry = evidence_radio_next(&walk)) && !(undoing.lasts && entry->time_ns > until_ns)) {
        bool another = old_key && walk.pairing;
        bool answered = entry->code == RADIO_CONNECT_OK || entry->code == RADIO_CONNECT_REFUSED;
        if (entry <= met) {
            continue;
        }
        if (!another && (undone_by & BIT(entry->code))) {
            return (struct undoing){.by = entry, .certain = true};
        }
        if (old_key && !another && entry->code == RADIO_CONNECTED && walk.doer == DOER_UNIT) {
            return (struct undoing){.by = entry, .lasts = true};
        }
        if (evidence_trial(&walk, entry, until_ns)) {
            undoing.lasts = undoing.lasts || answered;
            undoing.failed = answered ? NULL : entry;
        }
    }
    return undoing;
}

struct undoing evidence_undoing(const struct procedure *procedure,
                                const struct expectation *expectation, const struct entry *met,
                                int64_t until_ns, const struct timeline *timeline)
{
    switch (expectation->kind) {
    case EXPECT_DISCOVERABLE:
        return hidden_again(met, until_ns, timeline);
    case EXPECT_CONNECTS:
        return dropped_again(met, until_ns, timeline);
    case EXPECT_DISCONNECTS:
    case EXPECT_BOND_REJECTED:
    case EXPECT_PAIRS:
    case EXPECT_SERVICES:
        return tried_last(procedure, expectation, met, until_ns, timeline);
    default:
        return (struct undoing){.lasts = true};
    }
}

bool evidence_is_doing(const struct expectation *expectation)
{
    bool off = expectation->kind == EXPECT_LED && expectation->pattern.count == 0;
    return expect_trait(expectation->kind)->is_doing && !off;
}

bool evidence_rests_on_showing(const struct procedure *procedure)
{
    bool shows = false;
    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *expectation = &procedure->expect[i];
        if (expectation->unknown || !expectation->needed) {
            continue;
        }
        if (evidence_is_doing(expectation)) {
            return false;
        }
        shows = shows || expectation->kind == EXPECT_DISCOVERABLE;
    }
    return shows;
}
