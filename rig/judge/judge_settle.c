/*
 * Judges whether an event lasted, and doubts what a unit that ignored the press does as well.
 */
#include "rig/judge/judge_internal.h"

int64_t judge_settled_ns(const struct trial *trial, const struct expectation *expectation)
{
    return evidence_settled_ns(trial->procedure, expectation, &trial->anchors, trial->timeline,
                               trial->watched_ns);
}

/* Whether an event that came was undone by `settled_ns`, or later in its window: nobody waits for
 * that, but what the record has of it counts. */
static struct undoing undoing_of(const struct trial *trial, const struct expectation *expectation,
                                 const struct entry *met, int64_t settled_ns)
{
    struct window window = evidence_window(expectation, &trial->anchors);
    struct undoing undoing =
        evidence_undoing(trial->procedure, expectation, met, settled_ns, trial->timeline);
    if (!undoing.by && window.end_ns > settled_ns) {
        struct undoing later =
            evidence_undoing(trial->procedure, expectation, met, window.end_ns, trial->timeline);
        /* One search that misses the unit says little; a link that drops, something. */
        bool dropped = later.by && expectation->kind == EXPECT_CONNECTS;
        undoing = later.certain || dropped ? later : undoing;
    }
    return undoing;
}

/* The same of one that may not have come, or need not last. */
static struct undoing undoing_by(const struct trial *trial, const struct expectation *expectation,
                                 int64_t settled_ns)
{
    struct window window = evidence_window(expectation, &trial->anchors);
    const struct entry *met = evidence_met(expectation, &window, trial->timeline);
    return met && settled_ns != INT64_MIN ? undoing_of(trial, expectation, met, settled_ns)
                                          : (struct undoing){.lasts = true};
}

bool judge_undone(const struct trial *trial, const struct expectation *expectation)
{
    return undoing_by(trial, expectation, judge_settled_ns(trial, expectation)).certain;
}

bool judge_lasted(const struct trial *trial, const struct expectation *expectation)
{
    int64_t settled_ns = judge_settled_ns(trial, expectation);
    return trial->watched_ns >= settled_ns && undoing_by(trial, expectation, settled_ns).lasts;
}

void judge_finding_set_settled(const struct trial *trial, struct finding *finding,
                               const struct entry *met, const char *undone, const char *perhaps)
{
    int64_t settled_ns = judge_settled_ns(trial, finding->expectation);
    char when[128];
    char missing[SECONDS_TEXT_MAX];

    if (finding->result != RESULT_PASS || settled_ns == INT64_MIN) {
        return;
    }
    struct undoing undoing = undoing_of(trial, finding->expectation, met, settled_ns);
    struct radio_state state = evidence_radio(trial->timeline, INT64_MAX);
    if (undoing.by) {
        finding->has_margin = false;
        finding->margin_ns = 0;
        judge_finding_set(finding, undoing.certain ? RESULT_FAIL : RESULT_INCONCLUSIVE,
                          "%s; %s, %s", finding->observed, undoing.certain ? undone : perhaps,
                          judge_instant_words(when, sizeof(when), trial, finding->expectation,
                                              undoing.by->time_ns));
    } else if (state.absent && state.absent_ns < settled_ns) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "%s; the radio was lost before it could tell whether that lasted: %s",
                          finding->observed, state.why ? state.why : "");
    } else if (trial->live) {
        return;
    } else if (trial->watched_ns < settled_ns) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "%s; watching ended %s too early to say whether that lasted",
                          finding->observed,
                          evidence_seconds(missing, settled_ns - trial->watched_ns));
    } else if (!undoing.lasts && finding->expectation->kind != EXPECT_DISCOVERABLE) {
        judge_finding_set(
            finding, RESULT_INCONCLUSIVE, "%s; and then %s: %s", finding->observed,
            undoing.failed ? "the unit could not be reached" : "it was not tried again",
            undoing.failed ? "it may be dead" : "this record cannot tell whether that lasted");
    } else if (!undoing.lasts) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE, "%s; a new search did not find it again",
                          finding->observed);
    }
}

/* Did `off` pass, of a light that was lit before its window? */
static bool went_off(const struct trial *trial, const struct finding *finding)
{
    const struct expectation *expectation = finding->expectation;
    if (expectation->kind != EXPECT_LED || expectation->pattern.count > 0) {
        return false;
    }
    struct window window = evidence_window(expectation, &trial->anchors);
    struct pulses pulses;
    evidence_pulses(trial->timeline, INT64_MIN, window.start_ns, &pulses);
    return pulses.count > 0;
}

/* Did `discoverable` pass, by a unit that is known not to have been so before? */
static bool shows_anew(const struct trial *trial, const struct finding *finding)
{
    const struct expectation *expectation = finding->expectation;
    if (expectation->kind != EXPECT_DISCOVERABLE) {
        return false;
    }
    struct window window = evidence_window(expectation, &trial->anchors);
    const struct entry *met = evidence_met(expectation, &window, trial->timeline);
    return met && evidence_seen_anew(met, &trial->anchors, trial->timeline);
}

static bool response_seen(const struct trial *trial, const struct judgement *judgement)
{
    if (evidence_responded(&trial->anchors, trial->timeline) &&
        !evidence_showed_before(&trial->anchors, trial->timeline)) {
        return true;
    }
    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        if (finding->result == RESULT_PASS &&
            (evidence_is_doing(finding->expectation) || went_off(trial, finding) ||
             shows_anew(trial, finding))) {
            return true;
        }
    }
    return false;
}

void judge_response(const struct trial *trial, struct judgement *judgement)
{
    if (judgement->verdict == VERDICT_PASS && !trial->procedure->at_once &&
        !response_seen(trial, judgement)) {
        judgement->verdict = VERDICT_INCONCLUSIVE;
        snprintf(judgement->reason, sizeof(judgement->reason),
                 "what was expected was seen, but a unit that ignored the press does the same");
        snprintf(judgement->next, sizeof(judgement->next),
                 "add to the profile what the unit does in response: an LED pattern, "
                 "`disconnects`, `bond_rejected`");
    }
}

void judge_doubt_discoverable(const struct trial *trial, struct judgement *judgement)
{
    struct finding *shows = NULL;
    for (size_t i = 0; i < judgement->finding_count; i++) {
        struct finding *finding = &judgement->findings[i];
        if (finding->result == RESULT_PASS && evidence_is_doing(finding->expectation)) {
            return;
        }
        shows = finding->expectation->kind == EXPECT_DISCOVERABLE ? finding : shows;
    }
    if (shows && shows->result == RESULT_PASS && !shows_anew(trial, shows)) {
        judge_finding_set(
            shows, RESULT_INCONCLUSIVE, "%s; %s: that proves nothing by itself", shows->observed,
            evidence_showed_before(&trial->anchors, trial->timeline)
                ? "a search before the press had already found it"
                : "no search before the press shows that it was not discoverable already");
    }
}
