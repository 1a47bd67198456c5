/*
 * What was on the air, against what was to be.
 */
#include "rig/judge_internal.h"

#include "rig/services.h"
#include "rig/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BIT(event) (1U << (event))

/* The first radio event of a set at or after `from_ns`. */
static const struct entry *first_of(const struct trial *trial, unsigned events, int64_t from_ns)
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(trial->timeline, ENTRY_RADIO, &i))) {
        if ((events & BIT(entry->code)) && entry->time_ns >= from_ns) {
            return entry;
        }
    }
    return NULL;
}

/* What the finding rests on. */
static void witness(const struct trial *trial, struct finding *finding, const struct entry *entry)
{
    finding->has_at = true;
    finding->at_ns = entry->time_ns - trial->timeline->origin_ns;
    finding->object = entry->object;
    finding->error = entry->error;
}

/* What a person is told of an event, with its time. */
static void observe_event(const struct trial *trial, struct finding *finding,
                          const struct entry *entry, const char *what)
{
    char when[128];
    witness(trial, finding, entry);
    observe(finding, "%s, %s", what,
            instant_words(when, sizeof(when), trial, finding->expectation, entry->time_ns));
}

/* Nothing of the kind was heard, though the radio was there. */
static void find_silence(const struct trial *trial, struct finding *finding,
                         const struct window *window, const char *what)
{
    struct radio_state state = evidence_radio(trial->timeline, INT64_MAX);
    const struct entry *ready = first_of(trial, BIT(RADIO_READY), INT64_MIN);
    observe(finding, "%s", what);
    if (ready && (ready->value & READY_NOT_FOUND)) {
        find(finding, RESULT_INCONCLUSIVE, "the radio never heard of the unit: %s",
             ready->text ? ready->text : "");
    } else if (state.absent && state.absent_ns < window->end_ns) {
        find(finding, RESULT_INCONCLUSIVE, "the radio was lost before the time for it was over: %s",
             state.why ? state.why : "");
    } else if (watched_through(trial, window, finding)) {
        find(finding, RESULT_FAIL, "expected %s; %s", finding->expected, what);
    }
}

/* Was there a link to drop? A window may open before the radio was ready. */
static bool linked_at(const struct trial *trial, int64_t at_ns)
{
    const struct entry *ready = first_of(trial, BIT(RADIO_READY), INT64_MIN);
    int64_t known_ns = ready && ready->time_ns > at_ns ? ready->time_ns : at_ns;
    return evidence_radio(trial->timeline, known_ns).connected;
}

/* Was the radio lost before it could try? Then the finding says so. */
static bool lost_before(const struct trial *trial, struct finding *finding, const char *what)
{
    struct radio_state state = evidence_radio(trial->timeline, INT64_MAX);
    if (!state.absent) {
        return false;
    }
    observe(finding, "not tried");
    find(finding, RESULT_INCONCLUSIVE, "the radio was lost before %s: %s", what,
         state.why ? state.why : "");
    return true;
}

static void judge_disconnects(const struct trial *trial, struct finding *finding,
                              const struct window *window)
{
    const struct entry *entry = first_of(trial, BIT(RADIO_DISCONNECTED), window->start_ns);
    if (entry) {
        observe_event(trial, finding, entry, "the link dropped");
        find_timed(finding, window, entry->time_ns, entry->time_ns, finding->observed);
    } else if (!linked_at(trial, window->start_ns)) {
        observe(finding, "no link");
        find(finding, RESULT_INCONCLUSIVE,
             "the unit was not connected when the press began: there was no link to drop");
    } else {
        find_silence(trial, finding, window, "the link stayed up");
    }
}

static const char *transport_words(uint32_t transports)
{
    return transports == TRANSPORT_BREDR ? ", by BR/EDR inquiry"
           : transports == TRANSPORT_LE  ? ", by LE advertising"
                                         : "";
}

static void judge_discoverable(const struct trial *trial, struct finding *finding,
                               const struct window *window)
{
    const struct expectation *expectation = finding->expectation;
    const char *wanted = expectation->name ? expectation->name : trial->profile->bluetooth_name;
    const struct entry *entry;
    const struct entry *other = NULL;
    char what[JUDGE_TEXT_MAX];
    size_t i = 0;

    while ((entry = timeline_next(trial->timeline, ENTRY_RADIO, &i))) {
        if (entry->code != RADIO_SEEN || entry->time_ns < window->start_ns) {
            continue;
        }
        snprintf(what, sizeof(what), "seen as `%s`, %" PRId64 " dBm%s",
                 entry->text ? entry->text : "", entry->value, transport_words(entry->mask));
        if (evidence_name_fits(trial->profile, expectation, entry->text)) {
            observe_event(trial, finding, entry, what);
            find_timed(finding, window, entry->time_ns, entry->time_ns, finding->observed);
            return;
        }
        other = other ? other : entry;
    }
    if (other) {
        snprintf(what, sizeof(what), "seen as `%s`", other->text ? other->text : "");
        observe_event(trial, finding, other, what);
        find(finding, RESULT_FAIL, "expected to be seen as `%s`; %s", wanted ? wanted : "",
             finding->observed);
        return;
    }
    find_silence(trial, finding, window, "it was not seen");
}

/* What came of connecting with the old key. */
static void judge_bond(const struct trial *trial, struct finding *finding,
                       const struct window *window)
{
    bool kept = finding->expectation->kind == EXPECT_BOND_KEPT;
    const struct entry *ready = first_of(trial, BIT(RADIO_READY), INT64_MIN);
    const struct entry *entry =
        first_of(trial, BIT(RADIO_CONNECT_OK) | BIT(RADIO_CONNECT_REFUSED), window->start_ns);
    const struct entry *failed = first_of(trial, BIT(RADIO_CONNECT_FAILED), window->start_ns);

    if (ready && !(ready->value & READY_PAIRED)) {
        observe(finding, "no bond");
        find(finding, RESULT_INCONCLUSIVE,
             "the unit was not paired with this rig before, there was no key to try%s%s",
             ready->text && ready->text[0] ? ": " : "", ready->text ? ready->text : "");
        return;
    }
    if (!entry && lost_before(trial, finding, "the old key was tried")) {
        return;
    }
    if (!entry) {
        if (failed) {
            witness(trial, finding, failed);
        }
        observe(finding, "%s", failed ? "the unit could not be reached" : "not tried");
        find(finding, RESULT_INCONCLUSIVE, "the old key could not be tried: %s%s%s",
             failed ? "the unit could not be reached" : "watching ended before",
             failed && failed->text && failed->text[0] ? ", " : "",
             failed && failed->text ? failed->text : "");
        return;
    }
    bool accepted = entry->code == RADIO_CONNECT_OK;
    observe_event(trial, finding, entry,
                  accepted ? "the old key was accepted" : "the old key was refused");
    if (accepted == kept) {
        find_timed(finding, window, entry->time_ns, entry->time_ns, finding->observed);
    } else if (accepted) {
        find(finding, RESULT_FAIL,
             "the unit still accepts the old key: its bonds were not cleared");
    } else {
        find(finding, RESULT_FAIL, "the unit refuses the old key: its bond is gone");
    }
}

static void judge_pairs(const struct trial *trial, struct finding *finding,
                        const struct window *window)
{
    const struct entry *entry =
        first_of(trial, BIT(RADIO_PAIR_OK) | BIT(RADIO_PAIR_FAILED), window->start_ns);
    if (!entry && lost_before(trial, finding, "pairing was tried")) {
        return;
    }
    if (!entry) {
        observe(finding, "not tried");
        find(finding, RESULT_INCONCLUSIVE, "pairing was not tried: the unit did not come so far");
    } else if (entry->code == RADIO_PAIR_OK) {
        observe_event(trial, finding, entry, "it paired");
        find_timed(finding, window, entry->time_ns, entry->time_ns, finding->observed);
    } else if (entry->value) {
        witness(trial, finding, entry);
        observe(finding, "not tried");
        find(finding, RESULT_INCONCLUSIVE, "pairing could not be tried: %s",
             entry->text ? entry->text : "");
    } else {
        witness(trial, finding, entry);
        observe(finding, "pairing failed: %s", entry->text ? entry->text : "");
        find(finding, RESULT_FAIL, "%s", finding->observed);
    }
}

static void judge_connects(const struct trial *trial, struct finding *finding,
                           const struct window *window)
{
    const struct entry *entry =
        first_of(trial, BIT(RADIO_CONNECT_OK) | BIT(RADIO_CONNECTED), window->start_ns);
    if (entry) {
        observe_event(trial, finding, entry, "it connected");
        find_timed(finding, window, entry->time_ns, entry->time_ns, finding->observed);
    } else {
        find_silence(trial, finding, window, "it did not connect");
    }
}

static void judge_services(const struct trial *trial, struct finding *finding,
                           const struct window *window)
{
    const unsigned wanted = finding->expectation->services;
    const struct entry *entry = first_of(trial, BIT(RADIO_SERVICES), window->start_ns);
    char words[128];

    snprintf(finding->expected, sizeof(finding->expected), "offers %s",
             services_words(words, sizeof(words), wanted));
    if (!entry && lost_before(trial, finding, "the unit was asked for them")) {
        return;
    }
    if (!entry) {
        observe(finding, "not asked");
        find(finding, RESULT_INCONCLUSIVE,
             "the unit was not paired anew: it was not asked for them");
        return;
    }
    unsigned offered = services_of(entry->text ? entry->text : "");
    char what[JUDGE_TEXT_MAX];
    snprintf(what, sizeof(what), "it offers %s", services_words(words, sizeof(words), offered));
    observe_event(trial, finding, entry, what);
    if ((offered & wanted) == wanted) {
        find_timed(finding, window, entry->time_ns, entry->time_ns, finding->observed);
    } else {
        find(finding, RESULT_FAIL, "missing: %s",
             services_words(words, sizeof(words), wanted & ~offered));
    }
}

static void judge_gone(const struct trial *trial, struct finding *finding,
                       const struct window *window)
{
    const struct entry *entry = first_of(trial, BIT(RADIO_GONE), window->start_ns);
    if (entry) {
        observe_event(trial, finding, entry, "it was not seen any more");
        find_timed(finding, window, entry->time_ns, entry->time_ns, finding->observed);
    } else {
        find_silence(trial, finding, window, "it did not go off the air");
    }
}

/* Is there nothing to judge by? Then the finding says why. */
static bool deaf(const struct trial *trial, struct finding *finding)
{
    struct radio_state state = evidence_radio(trial->timeline, INT64_MAX);
    const char *why = state.why            ? state.why
                      : trial->eyes->radio ? "the radio did not answer"
                                           : "no Bluetooth adapter is configured on this station";
    /* What was seen before it went was seen. */
    if (trial->eyes->radio && state.asked && (!state.absent || state.ready)) {
        return false;
    }
    observe(finding, "no radio");
    find(finding, RESULT_INCONCLUSIVE, "not observable: %s", why);
    return true;
}

void judge_radio(const struct trial *trial, struct finding *finding)
{
    static void (*const judges[EXPECT_KINDS])(const struct trial *, struct finding *,
                                              const struct window *) = {
        [EXPECT_DISCONNECTS] = judge_disconnects, [EXPECT_DISCOVERABLE] = judge_discoverable,
        [EXPECT_GONE] = judge_gone,               [EXPECT_BOND_REJECTED] = judge_bond,
        [EXPECT_BOND_KEPT] = judge_bond,          [EXPECT_PAIRS] = judge_pairs,
        [EXPECT_CONNECTS] = judge_connects,       [EXPECT_SERVICES] = judge_services,
    };
    const struct expectation *expectation = finding->expectation;
    struct window window = evidence_window(expectation, &trial->anchors);
    char when[128];

    if (expectation->unknown) {
        snprintf(finding->expected, sizeof(finding->expected), "not said");
        observe(finding, "in the timeline");
        find(finding, RESULT_RECORDED, "the source does not say");
        return;
    }
    snprintf(finding->expected, sizeof(finding->expected), "%s %s",
             expect_trait(expectation->kind)->words,
             window_words(when, sizeof(when), expectation));
    if (deaf(trial, finding)) {
        return;
    }
    if (!trial->anchors.pressed) {
        observe(finding, "nothing was pressed");
        find(finding, RESULT_INCONCLUSIVE, "nothing was pressed");
        return;
    }
    judges[expectation->kind](trial, finding, &window);
}
