/*
 * Judges what the radio observed.
 */
#include "rig/judge/judge_internal.h"

#include "rig/base/units.h"
#include "rig/signal/services.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BIT(event) (1U << (event))

/* The first radio event in the set at or after `from_ns`. */
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

/* The entry that the finding is based on. */
static void witness(const struct trial *trial, struct finding *finding, const struct entry *entry)
{
    finding->has_at = true;
    finding->at_ns = entry->time_ns - trial->timeline->origin_ns;
    finding->object = entry->object;
    finding->error = entry->error;
}

/* Describe an observed event with its time. */
static void observe_event(const struct trial *trial, struct finding *finding,
                          const struct entry *entry, const char *what)
{
    char when[128];
    witness(trial, finding, entry);
    judge_finding_observe(
        finding, "%s, %s", what,
        judge_instant_words(when, sizeof(when), trial, finding->expectation, entry->time_ns));
}

/* Nothing of the kind was observed, although the radio was there. */
static void find_silence(const struct trial *trial, struct finding *finding,
                         const struct window *window, const char *what)
{
    struct radio_state state = evidence_radio(trial->timeline, INT64_MAX);
    const struct entry *ready = first_of(trial, BIT(RADIO_READY), INT64_MIN);
    judge_finding_observe(finding, "%s", what);
    if (ready && (ready->value & READY_NOT_FOUND)) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE, "the radio never found the unit: %s",
                          ready->text ? ready->text : "");
    } else if (state.absent && state.absent_ns < window->end_ns) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "the radio was lost before the window closed: %s",
                          state.why ? state.why : "");
    } else if (judge_watched_through(trial, window, finding)) {
        judge_finding_set(finding, RESULT_FAIL, "expected %s; %s", finding->expected, what);
    }
}

/* Was there a link to drop? A window may open before the radio was ready. */
static bool linked_at(const struct trial *trial, int64_t at_ns)
{
    const struct entry *ready = first_of(trial, BIT(RADIO_READY), INT64_MIN);
    int64_t known_ns = ready && ready->time_ns > at_ns ? ready->time_ns : at_ns;
    return evidence_radio(trial->timeline, known_ns).connected;
}

/* Was the radio lost before it could try? If so, set the finding. */
static bool lost_before(const struct trial *trial, struct finding *finding, const char *what)
{
    struct radio_state state = evidence_radio(trial->timeline, INT64_MAX);
    if (!state.absent) {
        return false;
    }
    judge_finding_observe(finding, "not tried");
    judge_finding_set(finding, RESULT_INCONCLUSIVE, "the radio was lost before %s: %s", what,
                      state.why ? state.why : "");
    return true;
}

/* Not certainly the unit's doing: the finding says whose it was. */
static void find_other_doer(const struct trial *trial, struct finding *finding,
                            const struct entry *entry, enum doer doer, const char *what)
{
    observe_event(trial, finding, entry, what);
    if (doer == DOER_PERSON) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "%s while a question was open: that was the operator's doing", what);
    } else if (doer == DOER_RIG) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE, "%s, but that was the rig's own doing",
                          what);
    } else {
        judge_finding_set(
            finding, RESULT_INCONCLUSIVE,
            "%s; this record does not say what the rig ordered its radio to do, so it may have "
            "been the rig's own doing",
            what);
    }
}

/* Is it the name that the unit had before the press, if given by its owner? Only a factory reset
 * removes such a name; and if the profile asks for a name, that name counts. */
static bool is_owners_name(const struct trial *trial, const struct expectation *expectation,
                           const char *name)
{
    enum { ADDRESS_BYTES = 17 };
    const struct entry *entry;
    size_t length = name ? strlen(name) : 0;
    size_t i = 0;

    if (length == 0 || expectation->name || trial->procedure->kind == KIND_FACTORY) {
        return false;
    }
    while ((entry = timeline_next(trial->timeline, ENTRY_RADIO, &i))) {
        const char *text = entry->text;
        if (entry->code == RADIO_READY && text && strlen(text) > ADDRESS_BYTES &&
            text[ADDRESS_BYTES] == ' ' && strncmp(text + ADDRESS_BYTES + 1, name, length) == 0) {
            const char *rest = text + ADDRESS_BYTES + 1 + length;
            return !*rest || strncmp(rest, ": ", 2) == 0;
        }
    }
    return false;
}

static void judge_disconnects(const struct trial *trial, struct finding *finding,
                              const struct window *window)
{
    static const char what[] = "the link dropped";
    struct radio_walk walk = evidence_radio_begin(trial->timeline);
    const struct entry *entry;
    const struct entry *early = NULL;
    const struct entry *other = NULL;
    enum doer other_doer = DOER_UNIT;

    while ((entry = evidence_radio_next(&walk))) {
        if (entry->code == RADIO_CONNECTED && entry->time_ns < window->start_ns) {
            early = NULL; /* it was up again in time to drop */
        }
        if (entry->code != RADIO_DISCONNECTED || entry->time_ns < trial->anchors.first_ns) {
            continue;
        }
        if (!evidence_dropped(&walk, entry) && walk.doer == DOER_UNIT) {
            continue; /* there was no link */
        }
        if (!evidence_dropped(&walk, entry)) {
            other_doer = other ? other_doer : walk.doer;
            other = other ? other : entry;
        } else if (entry->time_ns >= window->start_ns) {
            observe_event(trial, finding, entry, what);
            judge_finding_set_timed(finding, window, entry->time_ns, entry->time_ns,
                                    finding->observed);
            judge_finding_set_settled(trial, finding, entry, "", "");
            return;
        } else {
            early = entry;
        }
    }
    if (early) {
        observe_event(trial, finding, early, what);
        judge_finding_set_timed(finding, window, early->time_ns, early->time_ns, finding->observed);
    } else if (other) {
        find_other_doer(trial, finding, other, other_doer, what);
    } else if (!linked_at(trial, window->start_ns)) {
        judge_finding_observe(finding, "no link");
        judge_finding_set(
            finding, RESULT_INCONCLUSIVE,
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
        if (evidence_name_fits(trial->profile, expectation, entry->text) ||
            is_owners_name(trial, expectation, entry->text)) {
            observe_event(trial, finding, entry, what);
            judge_finding_set_timed(finding, window, entry->time_ns, entry->time_ns,
                                    finding->observed);
            judge_finding_set_settled(trial, finding, entry, "two full searches no longer found it",
                                      "a full search no longer found it");
            return;
        }
        other = other ? other : entry;
    }
    if (other) {
        snprintf(what, sizeof(what), "seen as `%s`", other->text ? other->text : "");
        observe_event(trial, finding, other, what);
        judge_finding_set(finding, RESULT_FAIL, "expected to be seen as `%s`; %s",
                          wanted ? wanted : "", finding->observed);
        return;
    }
    find_silence(trial, finding, window, "it was not seen");
}

/* Is there no key to try? If so, set the finding. */
static bool keyless(const struct trial *trial, struct finding *finding)
{
    const struct entry *ready = first_of(trial, BIT(RADIO_READY), INT64_MIN);
    if (ready && (ready->value & READY_PAIRED)) {
        return false;
    }
    judge_finding_observe(finding, "no bond");
    if (!ready) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "the record does not say that the unit was paired with this rig before");
        return true;
    }
    judge_finding_set(finding, RESULT_INCONCLUSIVE,
                      "the unit was not paired with this rig before; there was no key to try%s%s",
                      ready->text && ready->text[0] ? ": " : "", ready->text ? ready->text : "");
    return true;
}

/* No trial in its window had a result. */
static void find_untried(const struct trial *trial, struct finding *finding,
                         const struct entry *failed, bool early)
{
    if (lost_before(trial, finding, "the old key was tried")) {
        return;
    }
    if (failed) {
        witness(trial, finding, failed);
    }
    judge_finding_observe(finding, "%s", failed ? "the unit could not be reached" : "not tried");
    judge_finding_set(finding, RESULT_INCONCLUSIVE, "the old key could not be tried: %s%s%s",
                      failed  ? "the unit could not be reached"
                      : early ? "it was tried only before the window opened"
                              : "watching ended first",
                      failed && failed->text && failed->text[0] ? ", " : "",
                      failed && failed->text ? failed->text : "");
}

static void judge_bond_rejected(const struct trial *trial, struct finding *finding,
                                const struct window *window)
{
    struct radio_walk walk = evidence_radio_begin(trial->timeline);
    const struct entry *entry;
    const struct entry *failed = NULL;
    bool early = false;

    if (keyless(trial, finding)) {
        return;
    }
    while ((entry = evidence_radio_next(&walk))) {
        bool outcome = entry->code == RADIO_CONNECT_OK || entry->code == RADIO_CONNECT_REFUSED;
        if (!evidence_trial(&walk, entry, window->start_ns)) {
            early = early || outcome;
        } else if (outcome) {
            break;
        } else {
            failed = failed ? failed : entry;
        }
    }
    if (!entry) {
        find_untried(trial, finding, failed, early);
    } else if (entry->code == RADIO_CONNECT_REFUSED) {
        observe_event(trial, finding, entry, "the old key was refused");
        judge_finding_set_timed(finding, window, entry->time_ns, entry->time_ns, finding->observed);
        judge_finding_set_settled(trial, finding, entry, "and then it was accepted",
                                  "and then the unit connected by itself");
    } else {
        observe_event(trial, finding, entry, "the old key was accepted");
        judge_finding_set(finding, RESULT_FAIL,
                          "the unit still accepts the old key: its bonds were not cleared");
    }
}

static int64_t until_of(const struct trial *trial, const struct finding *finding)
{
    return evidence_until_ns(trial->procedure, finding->expectation, &trial->anchors,
                             trial->timeline);
}

char *judge_watched_words(char *out, const struct trial *trial,
                          const struct expectation *expectation)
{
    struct window window = evidence_window(expectation, &trial->anchors);
    int64_t until_ns =
        evidence_until_ns(trial->procedure, expectation, &trial->anchors, trial->timeline);
    int64_t said_ns = evidence_steady_ns(trial->timeline);
    int64_t steady_ns = said_ns ? said_ns : expectation->steady_ns;
    char watched[SECONDS_TEXT_MAX];
    char whole[SECONDS_TEXT_MAX];
    out[0] = '\0';
    if (expect_trait(expectation->kind)->nature == NATURE_STATE && until_ns < window.end_ns) {
        snprintf(out, SHORTENED_TEXT_MAX, "watched %s of %s", evidence_seconds(watched, steady_ns),
                 evidence_seconds(whole, window.end_ns - window.start_ns));
    }
    return out;
}

/* Add to a pass whether less than the whole window was watched. */
static void tell_watched(const struct trial *trial, struct finding *finding)
{
    char words[SHORTENED_TEXT_MAX];
    size_t used = strlen(finding->reason);
    if (judge_watched_words(words, trial, finding->expectation)[0]) {
        snprintf(finding->reason + used, sizeof(finding->reason) - used, "; %s", words);
    }
}

static void judge_bond_kept(const struct trial *trial, struct finding *finding,
                            const struct window *window)
{
    int64_t until_ns = until_of(trial, finding);
    struct run_journal keeping = evidence_keeping(trial->timeline, window, until_ns);
    char when[128];

    if (keyless(trial, finding)) {
        return;
    }
    if (keeping.refused) {
        observe_event(trial, finding, keeping.refused, "the old key was refused");
        judge_finding_set(
            finding, RESULT_FAIL, "the unit refuses the old key: its bond is gone%s%s",
            keeping.first ? "; it had accepted it " : "",
            keeping.first ? judge_instant_words(when, sizeof(when), trial, finding->expectation,
                                                keeping.first->time_ns)
                          : "");
    } else if (keeping.last) {
        observe_event(trial, finding, keeping.last, "the old key was accepted");
        judge_finding_set(finding, RESULT_PASS, "%s", finding->observed);
        tell_watched(trial, finding);
    } else if (keeping.first) {
        observe_event(trial, finding, keeping.first, "the old key was accepted");
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "%s, but not tried again at the end of its window%s%s", finding->observed,
                          keeping.failed ? ": the unit could not be reached" : "",
                          evidence_orders_told(trial->timeline)
                              ? ""
                              : "; this record was made by a version that tried only once");
    } else {
        find_untried(trial, finding, keeping.failed, keeping.early);
    }
}

static const char new_key_refused[] = "and then the unit refused the new key: that bond is gone";

static void judge_pairs(const struct trial *trial, struct finding *finding,
                        const struct window *window)
{
    const struct entry *entry =
        first_of(trial, BIT(RADIO_PAIR_OK) | BIT(RADIO_PAIR_FAILED), window->start_ns);
    if (!entry && lost_before(trial, finding, "pairing was tried")) {
        return;
    }
    if (!entry) {
        judge_finding_observe(finding, "not tried");
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "pairing was not tried: the unit did not get that far");
    } else if (entry->code == RADIO_PAIR_OK) {
        observe_event(trial, finding, entry, "it paired");
        judge_finding_set_timed(finding, window, entry->time_ns, entry->time_ns, finding->observed);
        judge_finding_set_settled(trial, finding, entry, new_key_refused, "");
    } else if (entry->value) {
        witness(trial, finding, entry);
        judge_finding_observe(finding, "not tried");
        judge_finding_set(finding, RESULT_INCONCLUSIVE, "pairing could not be tried: %s",
                          entry->text ? entry->text : "");
    } else {
        witness(trial, finding, entry);
        judge_finding_observe(finding, "pairing failed: %s", entry->text ? entry->text : "");
        judge_finding_set(finding, RESULT_FAIL, "%s", finding->observed);
    }
}

static void judge_connects(const struct trial *trial, struct finding *finding,
                           const struct window *window)
{
    static const char what[] = "it connected";
    struct radio_walk walk = evidence_radio_begin(trial->timeline);
    const struct entry *entry;
    const struct entry *other = NULL;
    enum doer other_doer = DOER_UNIT;
    bool linked = true;

    while ((entry = evidence_radio_next(&walk))) {
        bool in_time = entry->time_ns <= window->end_ns;
        linked = linked && (walk.link || entry->time_ns < trial->anchors.first_ns ||
                            entry->time_ns >= window->end_ns);
        if (entry->time_ns < trial->anchors.first_ns && walk.doer != DOER_PERSON) {
            continue;
        }
        if (evidence_came_back(&walk, entry) && entry->time_ns >= window->start_ns) {
            observe_event(trial, finding, entry, what);
            judge_finding_set_timed(finding, window, entry->time_ns, entry->time_ns,
                                    finding->observed);
            judge_finding_set_settled(
                trial, finding, entry, "the link dropped again",
                "and then the unit dropped the link that the rig had made in its place");
            return;
        }
        bool rigs = entry->code == RADIO_CONNECT_OK && !walk.linked;
        if (!in_time) {
            continue; /* what the rig does later hides nothing */
        }
        if ((entry->code == RADIO_CONNECTED && walk.doer != DOER_UNIT && !walk.linked) || rigs) {
            other_doer = rigs && walk.told ? DOER_RIG : walk.doer;
            other = entry;
        }
    }
    if (other) {
        find_other_doer(trial, finding, other, other_doer, what);
    } else if (linked && linked_at(trial, trial->anchors.first_ns)) {
        find_silence(trial, finding, window, "the link never dropped, so it did not come back");
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
    if (!entry && lost_before(trial, finding, "the services were read")) {
        return;
    }
    if (!entry) {
        judge_finding_observe(finding, "not asked");
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "services were not read: the unit was not paired again");
        return;
    }
    unsigned offered = services_of(entry->text ? entry->text : "");
    char what[JUDGE_TEXT_MAX];
    snprintf(what, sizeof(what), "it offers %s", services_words(words, sizeof(words), offered));
    observe_event(trial, finding, entry, what);
    if ((offered & wanted) == wanted) {
        judge_finding_set_timed(finding, window, entry->time_ns, entry->time_ns, finding->observed);
        judge_finding_set_settled(trial, finding, entry, new_key_refused, "");
    } else {
        judge_finding_set(finding, RESULT_FAIL, "missing: %s",
                          services_words(words, sizeof(words), wanted & ~offered));
    }
}

static void judge_gone(const struct trial *trial, struct finding *finding,
                       const struct window *window)
{
    int64_t until_ns = until_of(trial, finding);
    struct window held = {.start_ns = window->start_ns, .end_ns = until_ns};
    struct absence absence = evidence_absence(trial->timeline, until_ns);

    if (absence.back) {
        observe_event(trial, finding, absence.back, "it was on the air again");
        judge_finding_set(finding, RESULT_FAIL, "expected %s; %s", finding->expected,
                          finding->observed);
    } else if (absence.linked) {
        find_silence(trial, finding, &held, "it is still connected to the rig");
    } else if (!absence.first || absence.searches == 0) {
        find_silence(trial, finding, window, "it did not go off the air");
    } else if (!absence.there) {
        judge_finding_observe(finding, "never seen");
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "the unit was never seen on the air: whether it went off is unknown");
    } else if (absence.first->time_ns > window->end_ns) {
        observe_event(trial, finding, absence.first, "it was no longer seen");
        judge_finding_set_timed(finding, window, window->start_ns, absence.first->time_ns,
                                finding->observed);
    } else if (absence.searches < EVIDENCE_SEARCHES) {
        observe_event(trial, finding, absence.first, "it was no longer seen");
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "%s, but by only one full search: %d are needed", finding->observed,
                          EVIDENCE_SEARCHES);
    } else if (judge_watched_through(trial, &held, finding)) {
        observe_event(trial, finding, absence.first, "it was no longer seen");
        judge_finding_set_timed(finding, window, window->start_ns, absence.first->time_ns,
                                finding->observed);
        finding->margin_ns = window->end_ns - absence.first->time_ns;
        finding->from_start = false;
        tell_watched(trial, finding);
    }
}

/* Is there nothing to judge by? If so, the finding says why. */
static bool deaf(const struct trial *trial, struct finding *finding)
{
    struct radio_state state = evidence_radio(trial->timeline, INT64_MAX);
    const char *why = state.why ? state.why
                      : trial->sensors->radio
                          ? "the radio did not answer"
                          : "no Bluetooth adapter is configured on this station";
    /* What was seen before the radio was lost still counts. */
    if (trial->sensors->radio && state.asked && (!state.absent || state.ready)) {
        return false;
    }
    judge_finding_observe(finding, "no radio");
    judge_finding_set(finding, RESULT_INCONCLUSIVE, "not observable: %s", why);
    return true;
}

void judge_radio(const struct trial *trial, struct finding *finding)
{
    static void (*const judges[EXPECT_KINDS])(const struct trial *, struct finding *,
                                              const struct window *) = {
        [EXPECT_DISCONNECTS] = judge_disconnects,
        [EXPECT_DISCOVERABLE] = judge_discoverable,
        [EXPECT_GONE] = judge_gone,
        [EXPECT_BOND_REJECTED] = judge_bond_rejected,
        [EXPECT_BOND_KEPT] = judge_bond_kept,
        [EXPECT_PAIRS] = judge_pairs,
        [EXPECT_CONNECTS] = judge_connects,
        [EXPECT_SERVICES] = judge_services,
    };
    const struct expectation *expectation = finding->expectation;
    struct window window = evidence_window(expectation, &trial->anchors);
    char when[128];

    if (expectation->unknown) {
        snprintf(finding->expected, sizeof(finding->expected), "not said");
        judge_finding_observe(finding, "in the timeline");
        judge_finding_set(finding, RESULT_RECORDED, "the source does not say");
        return;
    }
    snprintf(finding->expected, sizeof(finding->expected), "%s %s",
             expect_trait(expectation->kind)->words,
             judge_window_words(when, sizeof(when), expectation));
    if (judge_left_out(trial, expectation)) {
        judge_finding_observe(finding, "left out");
        judge_finding_set(finding, RESULT_INCONCLUSIVE, "left out: there is no bond with the unit");
        return;
    }
    if (deaf(trial, finding)) {
        return;
    }
    if (!trial->anchors.pressed) {
        judge_finding_observe(finding, "nothing was pressed");
        judge_finding_set(finding, RESULT_INCONCLUSIVE, "nothing was pressed");
        return;
    }
    judges[expectation->kind](trial, finding, &window);
}
