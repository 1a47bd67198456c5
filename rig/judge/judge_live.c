/*
 * Judges a run in progress: each finding as if the run ended now, and then whether anything still
 * to come could change it.
 */
#include "rig/judge/judge_internal.h"

#include "rig/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the run as if it ended now ---- */

/* A copy of the timeline with the current light and sound as its last entries, as the engine would
 * add them at the end. Free only its entries. */
static struct timeline as_if_ended(const struct timeline *timeline)
{
    const struct timeline_live *live = &timeline->live;
    struct timeline view = *timeline;

    view.entries = xrealloc_array(NULL, timeline->count + 2, sizeof(struct entry));
    if (timeline->count > 0) {
        memcpy(view.entries, timeline->entries, timeline->count * sizeof(struct entry));
    }
    if (live->lit) {
        view.entries[view.count++] = (struct entry){
            .kind = ENTRY_PULSE, .time_ns = live->light.start_ns, .pulse = live->light};
    }
    if (live->loud) {
        view.entries[view.count++] = (struct entry){
            .kind = ENTRY_SOUND, .time_ns = live->sound.start_ns, .pulse = live->sound};
    }
    return view;
}

/* ---- what is final ---- */

/* All light that counts is known. */
static bool light_decided(const struct trial *trial, const struct window *window)
{
    return trial->timeline->live.led_decided_ns > window->dark_ns;
}

/* Is the anchor of the window final? */
static bool anchored(const struct trial *trial, enum anchor anchor)
{
    const struct anchors *anchors = &trial->anchors;
    const struct expectation *led;

    if (anchor != ANCHOR_LED) {
        return evidence_anchor_come(anchors, anchor);
    }
    led = evidence_led_expectation(trial->procedure);
    if (!led || led->anchor == ANCHOR_LED) {
        return anchors->released;
    }
    struct window window = evidence_window(led, anchors);
    return anchored(trial, led->anchor) && light_decided(trial, &window);
}

static bool led_final(const struct trial *trial, const struct finding *finding,
                      const struct window *window)
{
    /* A missing colour channel is final; the rest is known once all light is. */
    bool colourless =
        !trial->sensors->colour && pattern_needs_colour(&finding->expectation->pattern);
    return colourless || light_decided(trial, window);
}

static bool sound_final(const struct trial *trial, const struct finding *finding,
                        const struct window *window)
{
    const struct timeline_live *live = &trial->timeline->live;

    if (finding->result != RESULT_FAIL) {
        return finding->result == RESULT_PASS;
    }
    bool grows = live->loud && !live->sound.clipped && live->sound.start_ns <= window->end_ns;
    return !grows && live->sound_decided_ns > window->end_ns;
}

static bool radio_final(const struct trial *trial, const struct finding *finding,
                        const struct window *window)
{
    int64_t until_ns =
        evidence_until_ns(trial->procedure, finding->expectation, &trial->anchors, trial->timeline);
    bool over = trial->watched_ns > window->end_ns;

    switch (finding->result) {
    case RESULT_PASS: /* of a state, too: it passes once it has held to its end */
        return judge_lasted(trial, finding->expectation);
    case RESULT_FAIL:
        if (judge_undone(trial, finding->expectation)) {
            return true;
        }
        break;
    case RESULT_INCONCLUSIVE: /* the radio may come back, and the unit with it */
    case RESULT_RECORDED:
    case RESULT_PENDING:
        return false;
    }
    /* What was answered is final; what did not come, or came under another name, is final when time
     * is up. */
    return over || (expect_trait(finding->expectation->kind)->broken_by &&
                    evidence_radio_said(finding->expectation, window, until_ns, trial->timeline));
}

/* Nothing still to come can change this finding. */
static bool is_final(const struct trial *trial, const struct finding *finding)
{
    const struct expectation *expectation = finding->expectation;
    const struct sensors *sensors = trial->sensors;
    struct window window = evidence_window(expectation, &trial->anchors);

    if (expectation->unknown) {
        return false;
    }
    switch (expect_trait(expectation->kind)->sense) {
    case SENSE_LIGHT:
        return !sensors->led ||
               (anchored(trial, expectation->anchor) && led_final(trial, finding, &window));
    case SENSE_SOUND:
        return !sensors->sound ||
               (anchored(trial, expectation->anchor) && sound_final(trial, finding, &window));
    case SENSE_RADIO:
        break;
    }
    return !sensors->radio ||
           (anchored(trial, expectation->anchor) && radio_final(trial, finding, &window));
}

/* ---- what is not ---- */

static void say_pending(const struct trial *trial, struct finding *finding)
{
    const struct expectation *expectation = finding->expectation;
    struct window window = evidence_window(expectation, &trial->anchors);
    size_t used = strlen(finding->observed);
    char left[SECONDS_TEXT_MAX];

    snprintf(finding->observed + used, sizeof(finding->observed) - used, " so far");
    finding->has_margin = finding->has_margin && finding->result == RESULT_PASS;
    if (expectation->unknown) {
        judge_finding_set(finding, RESULT_PENDING, "recorded to the end");
    } else if (!anchored(trial, expectation->anchor)) {
        judge_finding_set(finding, RESULT_PENDING, "waits for %s",
                          judge_anchor_words(expectation->anchor));
        finding->has_margin = false;
    } else if (trial->watched_ns < window.start_ns) {
        judge_finding_set(finding, RESULT_PENDING, "its window opens in %s",
                          evidence_seconds(left, window.start_ns - trial->watched_ns));
    } else if (trial->watched_ns < window.end_ns) {
        judge_finding_set(finding, RESULT_PENDING, "%s left",
                          evidence_seconds(left, window.end_ns - trial->watched_ns));
    } else if (finding->result == RESULT_PASS) {
        judge_finding_set(finding, RESULT_PENDING, "still watching: something could undo it");
    } else {
        judge_finding_set(finding, RESULT_PENDING, "time is up; decided at the end of the run");
    }
}

void judge_so_far(const struct profile *profile, const struct procedure *procedure,
                  const struct sensors *sensors, const struct timeline *timeline, int64_t now_ns,
                  struct judgement *judgement)
{
    struct timeline view = as_if_ended(timeline);
    struct trial trial = judge_trial(profile, procedure, sensors, &view);

    trial.live = !trial.ended;
    if (!trial.ended) {
        /* What happened since the engine's last tick is not known. */
        int64_t known_ns = timeline->live.now_ns;
        trial.watched_ns = now_ns < known_ns ? now_ns : known_ns;
    }
    judge_findings(&trial, judgement);
    for (size_t i = 0; i < judgement->finding_count && !trial.ended; i++) {
        if (!is_final(&trial, &judgement->findings[i])) {
            say_pending(&trial, &judgement->findings[i]);
        }
    }
    judgement->verdict = VERDICT_INCONCLUSIVE;
    judgement->reason[0] = judgement->next[0] = '\0';
    free(view.entries);
}
