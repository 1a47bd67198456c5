/*
 * Judges light and sound.
 */
#include "rig/judge/judge_internal.h"

#include "rig/base/units.h"
#include "rig/bench/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_led(enum input_role role)
{
    return bench_input_led_channel(role) >= 0;
}

/* The first loss of LED edges in [from, to]; NULL if there is none. */
static const struct entry *led_loss(const struct trial *trial, int64_t from_ns, int64_t to_ns)
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(trial->timeline, ENTRY_LOST, &i))) {
        bool led = entry->input < 0 || is_led((enum input_role)entry->code);
        if (led && entry->time_ns >= from_ns && entry->time_ns <= to_ns) {
            return entry;
        }
    }
    return NULL;
}

static void find_lost(const struct trial *trial, struct finding *finding, const struct entry *loss)
{
    char at[SECONDS_TEXT_MAX];
    char count[32] = "edges";
    if (loss->value > 0) {
        snprintf(count, sizeof(count), "%" PRId64 " edge%s", loss->value,
                 loss->value == 1 ? "" : "s");
    }
    judge_finding_set(finding, RESULT_INCONCLUSIVE,
                      "%s of %s %s lost %s into the run: what the LED showed is uncertain", count,
                      loss->text ? loss->text : "all inputs", loss->value == 1 ? "was" : "were",
                      evidence_seconds(at, loss->time_ns - trial->timeline->origin_ns));
}

/* Was the pattern shown after its window? If so, the finding says by how much it was late. */
static bool came_late(const struct trial *trial, struct finding *finding,
                      const struct window *window)
{
    struct expectation late = *finding->expectation;
    char words[JUDGE_TEXT_MAX];
    struct pulses pulses;

    late.extra |= EXTRA_AFTER;
    evidence_pulses(trial->timeline, trial->anchors.first_ns, trial->watched_ns, &pulses);
    struct sighting sighting = evidence_sighting(&late, &pulses, window->start_ns);
    if (late.pattern.count == 0 || sighting.match.result != MATCH_YES ||
        sighting.complete_ns <= window->end_ns) {
        return false;
    }
    pattern_explain(words, sizeof(words), &late.pattern, pulses.items, pulses.count, late.extra);
    judge_finding_set_timed(finding, window, sighting.start_ns, sighting.complete_ns, words);
    return true;
}

/* Did the LED show the pattern before anything was pressed? Then it is a state of the unit, not a
 * response. */
static bool shown_before(const struct trial *trial, const struct expectation *expectation)
{
    struct expectation before = *expectation;
    struct pulses pulses;

    before.extra |= EXTRA_BEFORE | EXTRA_AFTER;
    evidence_pulses(trial->timeline, INT64_MIN, trial->anchors.first_ns, &pulses);
    return pulses.count > 0 &&
           evidence_sighting(&before, &pulses, INT64_MIN).match.result == MATCH_YES;
}

static void judge_pattern(const struct trial *trial, struct finding *finding,
                          const struct pulses *pulses, const struct window *window)
{
    const struct expectation *expectation = finding->expectation;
    char words[JUDGE_TEXT_MAX];
    struct sighting sighting = evidence_sighting(expectation, pulses, window->start_ns);
    /* A flash too many may come until then. */
    struct window whole = {.start_ns = window->start_ns, .end_ns = window->dark_ns};

    pattern_explain(words, sizeof(words), &expectation->pattern, pulses->items, pulses->count,
                    expectation->extra);
    if (sighting.match.result != MATCH_YES || pulses->truncated) {
        if (judge_watched_through(trial, &whole, finding) && !came_late(trial, finding, window)) {
            judge_finding_set(finding, RESULT_FAIL, "%s", words);
        }
        return;
    }
    if (expectation->pattern.count == 0) {
        if (judge_watched_through(trial, &whole, finding)) {
            pattern_explain(words, sizeof(words), &expectation->pattern, NULL, 0, EXTRA_NONE);
            judge_finding_set(finding, RESULT_PASS, "%s%s", words,
                              pulses->count ? "; light before the window does not count" : "");
        }
        return;
    }
    if (sighting.match.could_grow && !judge_watched_through(trial, &whole, finding)) {
        return;
    }
    if (shown_before(trial, expectation)) {
        judge_finding_set(
            finding, RESULT_INCONCLUSIVE,
            "%s; but the LED showed the same before the press: it is not a response to it", words);
        return;
    }
    judge_finding_set_timed(finding, window, sighting.start_ns, sighting.complete_ns, words);
}

void judge_led(const struct trial *trial, struct finding *finding, struct judgement *judgement)
{
    const struct expectation *expectation = finding->expectation;
    struct window window = evidence_window(expectation, &trial->anchors);
    struct pulses pulses;
    char seen[PATTERN_TEXT_MAX];
    char when[128];

    if (expectation->unknown) {
        window.end_ns = window.dark_ns = trial->watched_ns;
    }
    evidence_pulses(trial->timeline, trial->anchors.first_ns, window.dark_ns, &pulses);
    pattern_recognise_as(expectation->unknown ? NULL : &expectation->pattern, pulses.items,
                         pulses.count, &judgement->led_seen, &judgement->led_truncated);
    judgement->led_watched = trial->sensors->led;
    pattern_format(seen, &judgement->led_seen);
    if (!trial->sensors->led) {
        snprintf(finding->expected, sizeof(finding->expected), "%s",
                 expectation->unknown ? "not said" : pattern_format(seen, &expectation->pattern));
        judge_finding_observe(finding, "not watched");
        judge_finding_set(finding, expectation->unknown ? RESULT_RECORDED : RESULT_INCONCLUSIVE,
                          "no LED channel is wired on this station");
        return;
    }
    judge_finding_observe(finding, "%s%s%s", seen, judgement->led_truncated ? " ..." : "",
                          pulses.disturbances ? " (and disturbances by the press)" : "");
    const struct entry *loss = led_loss(trial, trial->anchors.first_ns, window.dark_ns);
    judgement->led_lost = loss != NULL;
    if (expectation->unknown) {
        snprintf(finding->expected, sizeof(finding->expected), "not said");
        judge_finding_set(finding, RESULT_RECORDED, "the source does not say; saw %s",
                          finding->observed);
        return;
    }
    char want[PATTERN_TEXT_MAX];
    snprintf(finding->expected, sizeof(finding->expected), "%s, %s",
             pattern_format(want, &expectation->pattern),
             judge_window_words(when, sizeof(when), expectation));
    if (!trial->anchors.pressed) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE, "nothing was pressed");
    } else if (loss) {
        find_lost(trial, finding, loss);
    } else if (!trial->sensors->colour && pattern_needs_colour(&expectation->pattern)) {
        judge_finding_set(
            finding, RESULT_INCONCLUSIVE,
            "expected %s; one clear channel cannot distinguish colours; it saw %zu light%s", want,
            pulses.count, pulses.count == 1 ? "" : "s");
    } else {
        judge_pattern(trial, finding, &pulses, &window);
    }
}

/* The prompt that counts, or else the first one heard after the press. */
static const struct entry *prompt(const struct trial *trial, const struct expectation *expectation,
                                  const struct window *window)
{
    const struct entry *entry;
    const struct entry *other = NULL;
    size_t i = 0;
    while ((entry = timeline_next(trial->timeline, ENTRY_SOUND, &i))) {
        if (!expectation->unknown && evidence_sound_counts(expectation, window, entry)) {
            return entry;
        }
        if (!other && entry->pulse.start_ns >= trial->anchors.first_ns) {
            other = entry;
        }
    }
    return other;
}

void judge_sound(const struct trial *trial, struct finding *finding)
{
    const struct expectation *expectation = finding->expectation;
    struct window window = evidence_window(expectation, &trial->anchors);
    const struct entry *heard = prompt(trial, expectation, &window);
    char when[128];
    char length[SECONDS_TEXT_MAX];
    char words[JUDGE_TEXT_MAX] = "nothing was heard";

    if (heard) {
        snprintf(
            words, sizeof(words), "a prompt was heard for %s, %s (its words are not checked)",
            evidence_seconds(length, heard->pulse.end_ns - heard->pulse.start_ns),
            judge_instant_words(when, sizeof(when), trial, expectation, heard->pulse.start_ns));
    }
    judge_finding_observe(finding, "%s", trial->sensors->sound ? words : "not listened for");
    if (expectation->unknown) {
        snprintf(finding->expected, sizeof(finding->expected), "not said");
        judge_finding_set(finding, RESULT_RECORDED, "%s",
                          trial->sensors->sound ? words
                                                : "no sound detector is wired on this station");
        return;
    }
    snprintf(finding->expected, sizeof(finding->expected), "\"%s\", %s",
             expectation->prompt ? expectation->prompt : "a prompt",
             judge_window_words(when, sizeof(when), expectation));
    if (!trial->sensors->sound) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "no sound detector is wired on this station");
    } else if (!trial->anchors.pressed) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE, "nothing was pressed");
    } else if (!heard) {
        if (judge_watched_through(trial, &window, finding)) {
            judge_finding_set(finding, RESULT_FAIL, "expected \"%s\"; heard nothing",
                              expectation->prompt);
        }
    } else if (heard->pulse.clipped) {
        judge_finding_set(finding, RESULT_INCONCLUSIVE,
                          "a sound was already there when listening began");
    } else if (heard->pulse.end_ns - heard->pulse.start_ns < expectation->min_ns) {
        judge_finding_set(finding, RESULT_FAIL, "%s; too short for a prompt", words);
    } else {
        judge_finding_set_timed(finding, &window, heard->pulse.start_ns, heard->pulse.start_ns,
                                words);
    }
}
