/* What is learned about the radio: what the unit did by itself, and how it answered the rig. */
#include "rig/base/units.h"
#include "rig/format/fields.h"
#include "rig/learn/learn_internal.h"
#include "rig/signal/services.h"
#include "rig/timeline/evidence_radio.h"

#include <string.h>

/* When the rig tries a key or pairs is the rig's own, and the unit only has to answer: it is given
 * the profile's usual time (profiles/SCHEMA.md), or longer where it was seen to take longer. */
#define BOND_WITHIN_NS     (40 * NS_PER_S)
#define PAIRS_WITHIN_NS    (60 * NS_PER_S)
#define SERVICES_WITHIN_NS (90 * NS_PER_S)

#define RADIO_GRAIN_NS (100 * NS_PER_MS)

#define BIT(event) (1U << (event))

/* What the unit did before the first press is not the press's doing; where a person does it all,
 * the whole run counts. */
static int64_t radio_from_ns(const struct learner *learner, const struct learner_run *run)
{
    return evidence_procedure_presses(learner->procedure) ? run->anchors.first_ns
                                                          : run->timeline->origin_ns;
}

static const struct entry *first_radio(const struct learner *learner, const struct learner_run *run,
                                       unsigned events)
{
    const unsigned links = BIT(RADIO_CONNECTED) | BIT(RADIO_DISCONNECTED);
    struct radio_walk walk = evidence_radio_begin(run->timeline);
    int64_t from_ns = radio_from_ns(learner, run);
    const struct entry *entry;
    while ((entry = evidence_radio_next(&walk))) {
        bool own =
            !(links & BIT(entry->code)) || walk.doer == DOER_UNIT || walk.doer == DOER_UNTOLD;
        if ((events & BIT(entry->code)) && entry->time_ns >= from_ns && own) {
            return entry;
        }
    }
    return NULL;
}

/* When the first of the events came, in each agreeing run that had one. */
static void find_radio(const struct learner *learner, unsigned events, struct spread *spread)
{
    spread->count = 0;
    for (size_t i = 0; i < learner->count; i++) {
        const struct entry *entry = first_radio(learner, &learner->runs[i], events);
        if (learn_agrees(learner, i) && entry) {
            learn_spread_add(spread, &learner->runs[i], entry->time_ns);
        }
    }
}

/* `needed` as in the profile, if it says so. */
static struct expectation radio_claim(const struct learner *learner, enum expect_kind kind)
{
    const struct expectation *named = learn_named(learner->procedure, kind);
    return (struct expectation){.kind = kind, .needed = !named || named->unknown || named->needed};
}

static const char *radio_basis(const struct learner *learner, const struct spread *spread,
                               const struct range *range, enum anchor anchor, const char *rule)
{
    char a[2][SECONDS_TEXT_MAX];
    return arena_printf(learner->arena, "Seen in %zu runs, %s to %s after the %s; %s.",
                        spread->count, evidence_seconds(a[0], range->min_ns),
                        evidence_seconds(a[1], range->max_ns), profile_anchor_name(anchor), rule);
}

static const char *reach_text(const struct learner *learner, const struct range *range)
{
    char a[2][SECONDS_TEXT_MAX];
    return arena_printf(learner->arena, "the window extends %s before and %s after that",
                        evidence_seconds(a[0], range->min_ns - range->low_ns),
                        evidence_seconds(a[1], range->high_ns - range->max_ns));
}

/* What the unit does by itself: a window around what was seen. */
static void learn_event(struct learner *learner, enum expect_kind kind, unsigned events,
                        int64_t floor_ns, const char *what)
{
    struct spread *spread = arena_alloc(learner->arena, sizeof(*spread));
    struct expectation expectation = radio_claim(learner, kind);

    find_radio(learner, events, spread);
    if (spread->count == 0 || spread->count < learner->lesson->agreeing) {
        learn_remark_some(learner, what, spread->count);
        return;
    }
    enum anchor anchor = learn_spread_anchor(spread);
    struct range range = learn_spread_range(spread, anchor, floor_ns);
    learn_window(&expectation, anchor, range.low_ns, range.high_ns, RADIO_GRAIN_NS);
    learn_claim(learner, &expectation,
                radio_basis(learner, spread, &range, anchor, reach_text(learner, &range)));
}

/* What the unit does when the rig asks: from the release on, within the usual time. */
static void learn_answer(struct learner *learner, struct expectation *expectation, unsigned events,
                         int64_t within_ns, const char *what)
{
    struct spread *spread = arena_alloc(learner->arena, sizeof(*spread));

    find_radio(learner, events, spread);
    if (spread->count == 0 || spread->count < learner->lesson->agreeing) {
        learn_remark_some(learner, what, spread->count);
        return;
    }
    struct range range = learn_spread_range(spread, ANCHOR_RELEASE, LEARN_INQUIRY_FLOOR_NS);
    int64_t low_ns = range.min_ns < 0 ? range.low_ns : 0;
    learn_window(expectation, ANCHOR_RELEASE, low_ns,
                 range.high_ns > within_ns ? range.high_ns : within_ns, RADIO_GRAIN_NS);
    learn_claim(learner, expectation,
                radio_basis(learner, spread, &range, ANCHOR_RELEASE,
                            "the rig decides when to ask and how long to wait"));
}

/* The name under which all agreeing runs saw it; NULL if they differ or saw none. */
static const char *seen_name(const struct learner *learner)
{
    const char *name = NULL;
    for (size_t i = 0; i < learner->count; i++) {
        const struct entry *entry = first_radio(learner, &learner->runs[i], BIT(RADIO_SEEN));
        if (!learn_agrees(learner, i) || !entry) {
            continue;
        }
        if (!entry->text || !entry->text[0] || (name && strcmp(name, entry->text) != 0)) {
            return NULL;
        }
        name = entry->text;
    }
    return name;
}

static void learn_discoverable(struct learner *learner)
{
    struct spread *spread = arena_alloc(learner->arena, sizeof(*spread));
    struct expectation expectation = radio_claim(learner, EXPECT_DISCOVERABLE);
    const char *name = seen_name(learner);
    bool known = learner->profile->bluetooth_name != NULL;

    find_radio(learner, BIT(RADIO_SEEN), spread);
    if (spread->count == 0 || spread->count < learner->lesson->agreeing) {
        learn_remark_some(learner, "It was discoverable", spread->count);
        return;
    }
    if (name && strlen(name) > SENTENCE_TEXT_MAX) {
        name = NULL;
    }
    if (name && !known) {
        learner->lesson->bluetooth_name = arena_strdup(learner->arena, name);
    } else if (name && !evidence_name_fits(learner->profile, &expectation, name)) {
        expectation.name = arena_strdup(learner->arena, name);
    } else if (!name && known) {
        learn_remark(learner, "It was discoverable under different names: not claimed.");
        return;
    }
    enum anchor anchor = learn_spread_anchor(spread);
    struct range range = learn_spread_range(spread, anchor, LEARN_INQUIRY_FLOOR_NS);
    char beyond[SECONDS_TEXT_MAX];
    /* The rig looks from the release on: before it there is nothing to be early. */
    int64_t low_ns = anchor == ANCHOR_RELEASE ? 0 : range.low_ns;
    learn_window(&expectation, anchor, low_ns, range.high_ns, RADIO_GRAIN_NS);
    learn_claim(
        learner, &expectation,
        radio_basis(learner, spread, &range, anchor,
                    arena_printf(learner->arena,
                                 "the rig scans from the release on, and the window extends "
                                 "%s after that",
                                 evidence_seconds(beyond, range.high_ns - range.max_ns))));
}

/* Until when the old key was accepted, after the release, in every agreeing run. */
static int64_t kept_until_ns(const struct learner *learner)
{
    int64_t until_ns = INT64_MAX;
    for (size_t i = 0; i < learner->count; i++) {
        struct radio_walk walk = evidence_radio_begin(learner->runs[i].timeline);
        const struct entry *entry;
        int64_t last_ns = 0;
        while ((entry = evidence_radio_next(&walk))) {
            if (entry->code == RADIO_CONNECT_OK) {
                last_ns = walk.ordered_ns - learner->runs[i].anchors.release_ns;
            }
        }
        if (learn_agrees(learner, i) && last_ns < until_ns) {
            until_ns = last_ns;
        }
    }
    return until_ns;
}

/* A state: it is claimed for as long as it was tried. */
static void learn_kept(struct learner *learner)
{
    static const char what[] = "The old key was accepted";
    struct spread *spread = arena_alloc(learner->arena, sizeof(*spread));
    struct expectation expectation = radio_claim(learner, EXPECT_BOND_KEPT);
    int64_t until_ns = kept_until_ns(learner) / RADIO_GRAIN_NS * RADIO_GRAIN_NS;

    find_radio(learner, BIT(RADIO_CONNECT_OK), spread);
    if (spread->count == 0 || spread->count < learner->lesson->agreeing ||
        until_ns < RADIO_GRAIN_NS) {
        learn_remark_some(learner, what, spread->count);
        return;
    }
    struct range range = learn_spread_range(spread, ANCHOR_RELEASE, LEARN_INQUIRY_FLOOR_NS);
    learn_window(&expectation, ANCHOR_RELEASE, 0, until_ns, RADIO_GRAIN_NS);
    learn_claim(learner, &expectation,
                radio_basis(learner, spread, &range, ANCHOR_RELEASE,
                            "and again at the end of the window, when the rig stopped trying"));
}

/* A good unit's reset resets something. */
static void warn_kept(struct learner *learner)
{
    const struct procedure *procedure = learner->procedure;
    bool resets = procedure->kind == KIND_NETWORK || procedure->kind == KIND_FACTORY;
    if (resets && learn_named(&learner->lesson->procedure, EXPECT_BOND_KEPT)) {
        learn_remark(learner, "The unit still accepted the old key: no %s reset was seen.",
                     profile_procedure_kind_name(procedure->kind));
        diag_warning(learner->diags, place_of(procedure->name),
                     "make sure that the unit is good and that it was pressed long enough",
                     "is a %s reset, but the unit accepted the old key after it every time",
                     profile_procedure_kind_name(procedure->kind));
    }
}

static void learn_bond(struct learner *learner)
{
    struct spread *refused = arena_alloc(learner->arena, sizeof(*refused));
    struct expectation expectation = radio_claim(learner, EXPECT_BOND_REJECTED);

    for (size_t i = 0; i < learner->count; i++) {
        const struct entry *entry = first_radio(learner, &learner->runs[i],
                                                BIT(RADIO_CONNECT_OK) | BIT(RADIO_CONNECT_REFUSED));
        if (learn_agrees(learner, i) && entry && entry->code == RADIO_CONNECT_REFUSED) {
            learn_spread_add(refused, &learner->runs[i], entry->time_ns);
        }
    }
    if (refused->count == 0) {
        struct spread *paired = arena_alloc(learner->arena, sizeof(*paired));
        find_radio(learner, BIT(RADIO_PAIR_OK) | BIT(RADIO_SERVICES), paired);
        if (paired->count == 0) {
            learn_kept(learner); /* else the key was deleted, which contradicts this claim */
        }
        warn_kept(learner);
    } else if (refused->count < learner->lesson->agreeing) {
        learn_remark_some(learner, "The old key was refused", refused->count);
    } else {
        learn_answer(learner, &expectation, BIT(RADIO_CONNECT_REFUSED), BOND_WITHIN_NS,
                     "The old key was refused");
    }
}

static void learn_services(struct learner *learner)
{
    struct expectation expectation = radio_claim(learner, EXPECT_SERVICES);
    expectation.services = ~0U;
    for (size_t i = 0; i < learner->count; i++) {
        const struct entry *entry = first_radio(learner, &learner->runs[i], BIT(RADIO_SERVICES));
        if (learn_agrees(learner, i)) {
            expectation.services &= entry && entry->text ? services_of(entry->text) : 0;
        }
    }
    if (expectation.services) {
        learn_answer(learner, &expectation, BIT(RADIO_SERVICES), SERVICES_WITHIN_NS,
                     "It reported its services");
    }
}

void learn_radio(struct learner *learner)
{
    const struct procedure *asked = learner->procedure;
    struct expectation pairs = radio_claim(learner, EXPECT_PAIRS);

    if (!learner->station->adapter) {
        learn_remark(learner, "The station has no Bluetooth adapter: nothing is claimed about the "
                              "radio.");
        return;
    }
    learn_event(learner, EXPECT_DISCONNECTS, BIT(RADIO_DISCONNECTED), LEARN_LINK_FLOOR_NS,
                "The link dropped");
    learn_discoverable(learner);
    learn_bond(learner);
    if (learn_named(asked, EXPECT_GONE)) {
        learn_event(learner, EXPECT_GONE, BIT(RADIO_GONE), LEARN_INQUIRY_FLOOR_NS,
                    "It went off the air");
    }
    if (learn_named(asked, EXPECT_CONNECTS)) {
        learn_event(learner, EXPECT_CONNECTS, BIT(RADIO_CONNECTED), LEARN_INQUIRY_FLOOR_NS,
                    "It connected");
    }
    if (learn_named(asked, EXPECT_PAIRS)) {
        learn_answer(learner, &pairs, BIT(RADIO_PAIR_OK), PAIRS_WITHIN_NS, "It paired");
    }
    if (learn_named(asked, EXPECT_SERVICES)) {
        learn_services(learner);
    }
}
