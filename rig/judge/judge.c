#include "rig/judge/judge_internal.h"

#include "rig/base/units.h"
#include "rig/bench/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- findings ---- */

void judge_finding_set(struct finding *finding, enum expect_result result, const char *fmt, ...)
{
    va_list args;
    finding->result = result;
    va_start(args, fmt);
    vsnprintf(finding->reason, sizeof(finding->reason), fmt, args);
    va_end(args);
}

void judge_finding_observe(struct finding *finding, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(finding->observed, sizeof(finding->observed), fmt, args);
    va_end(args);
}

const char *judge_anchor_words(enum anchor anchor)
{
    static const char *const words[ANCHORS] = {
        [ANCHOR_PRESS] = "the press",       [ANCHOR_RELEASE] = "the release",
        [ANCHOR_LED] = "the LED's pattern", [ANCHOR_ANSWER] = "the answer",
        [ANCHOR_WAIT] = "the wait",
    };
    return words[anchor];
}

char *judge_window_words(char *out, size_t size, const struct expectation *expectation)
{
    char from[DURATION_TEXT_MAX];
    char to[DURATION_TEXT_MAX];
    units_duration_format(to, expectation->after_ns + expectation->within_ns);
    if (expectation->after_ns == 0) {
        snprintf(out, size, "within %s after %s", to, judge_anchor_words(expectation->anchor));
    } else {
        snprintf(out, size, "%s to %s after %s", units_duration_format(from, expectation->after_ns),
                 to, judge_anchor_words(expectation->anchor));
    }
    return out;
}

char *judge_instant_words(char *out, size_t size, const struct trial *trial,
                          const struct expectation *expectation, int64_t time_ns)
{
    char length[SECONDS_TEXT_MAX];
    int64_t after_ns = time_ns - evidence_anchor_ns(&trial->anchors, expectation->anchor);
    snprintf(out, size, "%s %s %s", evidence_seconds(length, after_ns < 0 ? -after_ns : after_ns),
             after_ns < 0 ? "before" : "after", judge_anchor_words(expectation->anchor));
    return out;
}

bool judge_watched_through(const struct trial *trial, const struct window *window,
                           struct finding *finding)
{
    char missing[SECONDS_TEXT_MAX];
    if (trial->watched_ns >= window->end_ns) {
        return true;
    }
    judge_finding_set(finding, RESULT_INCONCLUSIVE, "watching ended %s before the window closed",
                      evidence_seconds(missing, window->end_ns - trial->watched_ns));
    return false;
}

void judge_finding_set_timed(struct finding *finding, const struct window *window, int64_t first_ns,
                             int64_t last_ns, const char *what)
{
    char by[SECONDS_TEXT_MAX];
    int64_t early_ns = first_ns - window->start_ns;
    int64_t late_ns = window->end_ns - last_ns;

    /* If the window has no offset, nothing can come before its anchor. */
    bool claimed = finding->expectation->after_ns != 0;
    finding->has_margin = true;
    finding->from_start = early_ns < 0 || (claimed && early_ns < late_ns);
    finding->margin_ns = finding->from_start ? early_ns : late_ns;
    if (early_ns < 0) {
        judge_finding_set(finding, RESULT_FAIL, "%s: %s too early", what,
                          evidence_seconds(by, -early_ns));
    } else if (late_ns < 0) {
        judge_finding_set(finding, RESULT_FAIL, "%s: %s too late", what,
                          evidence_seconds(by, -late_ns));
    } else {
        judge_finding_set(finding, RESULT_PASS, "%s", what);
    }
}

/* Three digits are enough to show how close it was. */
static char *margin_seconds(char *out, int64_t duration_ns)
{
    int64_t ns = duration_ns < 0 ? -duration_ns : duration_ns;
    int64_t step_ns = ns < 10 * NS_PER_S ? 10 * NS_PER_MS : 100 * NS_PER_MS;
    return evidence_seconds(out, ns < NS_PER_S ? ns : (ns + step_ns / 2) / step_ns * step_ns);
}

char *judge_margin_words(char *out, const struct finding *finding)
{
    const struct expectation *expectation = finding->expectation;
    int64_t start_ns = expectation->after_ns;
    int64_t end_ns = start_ns + expectation->within_ns;
    int64_t limit_ns = finding->from_start ? start_ns : end_ns;
    int64_t used_ns =
        finding->from_start ? start_ns + finding->margin_ns : end_ns - finding->margin_ns;
    bool missed = finding->margin_ns < 0;
    char used[SECONDS_TEXT_MAX];
    char limit[SECONDS_TEXT_MAX];
    char left[SECONDS_TEXT_MAX];

    margin_seconds(left, finding->margin_ns);
    if (expectation->within_ns == 0) { /* of a run whose profile cannot be read */
        snprintf(out, MARGIN_TEXT_MAX, "%s%s", missed ? "missed by " : "margin ", left);
        return out;
    }
    snprintf(out, MARGIN_TEXT_MAX, "%s%s%s%s%s (%s %s)", used_ns < 0 ? "-" : "",
             margin_seconds(used, used_ns), finding->from_start ? ", not before " : " of ",
             limit_ns < 0 ? "-" : "", margin_seconds(limit, limit_ns), left,
             !missed               ? finding->from_start ? "after it" : "left"
             : finding->from_start ? "too early"
                                   : "too late");
    return out;
}

/* ---- the whole ---- */

static const struct entry *last_entry(const struct timeline *timeline, enum entry_kind kind,
                                      int code)
{
    const struct entry *entry;
    const struct entry *last = NULL;
    size_t i = 0;
    while ((entry = timeline_next(timeline, kind, &i))) {
        if (code < 0 || entry->code == code) {
            last = entry;
        }
    }
    return last;
}

static size_t count_entries(const struct timeline *timeline, enum entry_kind kind)
{
    size_t count = 0;
    size_t i = 0;
    while (timeline_next(timeline, kind, &i)) {
        count++;
    }
    return count;
}

static void conclude(struct judgement *judgement, enum verdict verdict, const char *reason,
                     const char *next)
{
    judgement->verdict = verdict;
    snprintf(judgement->reason, sizeof(judgement->reason), "%s", reason);
    snprintf(judgement->next, sizeof(judgement->next), "%s", next ? next : "");
}

/* Conclude a run that did not complete. False if it did. */
static bool conclude_unfinished(const struct trial *trial, enum run_end end,
                                struct judgement *judgement)
{
    const struct timeline *timeline = trial->timeline;
    bool pressed = count_entries(timeline, ENTRY_PRESSED) > 0;
    char reason[JUDGE_TEXT_MAX];
    const struct entry *entry;

    switch (end) {
    case END_COMPLETE:
        return false;
    case END_ABORTED:
        entry = last_entry(timeline, ENTRY_ABORT, -1);
        snprintf(reason, sizeof(reason), "%s; %s", entry ? entry->text : "it was stopped",
                 pressed ? "everything was released" : "nothing had been pressed");
        conclude(judgement, VERDICT_ABORTED, reason, NULL);
        return true;
    case END_INTERLOCK:
        entry = last_entry(timeline, ENTRY_NOTE, NOTE_PLAIN);
        snprintf(reason, sizeof(reason), "%s (%s)",
                 entry ? entry->text : "a precondition was not met",
                 pressed ? "everything was released" : "nothing was pressed");
        conclude(judgement, VERDICT_ABORTED, reason, NULL);
        return true;
    case END_FAULT:
        break;
    }
    entry = last_entry(timeline, ENTRY_FAULT, -1);
    conclude(judgement, VERDICT_ERROR, entry && entry->text ? entry->text : "the bench failed",
             entry ? entry->text2 : NULL);
    return true;
}

/* If the presses were not made as ordered, whatever the unit did proves nothing. */
static bool conclude_no_press(const struct trial *trial, struct judgement *judgement)
{
    const struct entry *never = last_entry(trial->timeline, ENTRY_CONTACT, CONTACT_NEVER);
    char reason[JUDGE_TEXT_MAX];
    if (never) {
        snprintf(reason, sizeof(reason),
                 "actuator `%s` was energised, but its contact sense never closed",
                 never->text ? never->text : "?");
        conclude(judgement, VERDICT_ERROR, reason,
                 "check the plunger and its contact: longpress jog");
        return true;
    }
    if (count_entries(trial->timeline, ENTRY_RELEASED) <
        evidence_procedure_presses(trial->procedure)) {
        conclude(judgement, VERDICT_ERROR, "not every press was made",
                 "run `longpress doctor` for this bench");
        return true;
    }
    return false;
}

static const struct finding *first_finding(const struct judgement *judgement,
                                           enum expect_result result, bool needed)
{
    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        if (finding->result == result && (!needed || finding->expectation->needed)) {
            return finding;
        }
    }
    return NULL;
}

static size_t count_findings(const struct judgement *judgement, enum expect_result result,
                             bool needed)
{
    size_t count = 0;
    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        count += finding->result == result && (!needed || finding->expectation->needed);
    }
    return count;
}

static const struct finding *finding_of(const struct judgement *judgement, enum expect_kind kind)
{
    for (size_t i = 0; i < judgement->finding_count; i++) {
        if (judgement->findings[i].expectation->kind == kind) {
            return &judgement->findings[i];
        }
    }
    return NULL;
}

/* "led: ... (and 2 more)" */
static void first_and_more(char *out, size_t size, const struct finding *finding, size_t count)
{
    const char *kind = expect_kind_name(finding->expectation->kind);
    if (count > 1) {
        snprintf(out, size, "%s: %.900s (and %zu more)", kind, finding->reason, count - 1);
    } else {
        snprintf(out, size, "%s: %.900s", kind, finding->reason);
    }
}

/* What happened to the bonds outweighs what the LED showed. */
static const struct finding *gravest_fail(const struct judgement *judgement)
{
    const struct finding *gravest = NULL;
    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        if (finding->result == RESULT_FAIL &&
            (!gravest || expect_trait(finding->expectation->kind)->grave >
                             expect_trait(gravest->expectation->kind)->grave)) {
            gravest = finding;
        }
    }
    return gravest;
}

static void conclude_fail(const struct trial *trial, struct judgement *judgement)
{
    const struct finding *led = finding_of(judgement, EXPECT_LED);
    const struct finding *bond = finding_of(judgement, EXPECT_BOND_REJECTED);
    const struct retry *retry = &trial->procedure->retry;
    char reason[JUDGE_TEXT_MAX];
    char cooldown[DURATION_TEXT_MAX];
    char next[256] = "";

    if (led && led->result == RESULT_PASS && bond && bond->result == RESULT_FAIL) {
        snprintf(reason, sizeof(reason), "the LED says reset, the radio disproves it: %.900s",
                 bond->reason);
    } else {
        first_and_more(reason, sizeof(reason), gravest_fail(judgement),
                       count_findings(judgement, RESULT_FAIL, false));
    }
    if (retry->times > 0) {
        snprintf(next, sizeof(next), "try again after %s",
                 units_duration_format(cooldown, retry->cooldown_ns));
    }
    conclude(judgement, VERDICT_FAIL, reason, next);
}

/* "; bond kept: watched 20 s of 60 s", for each state that was not watched to its window's end. */
static void tell_shortened(const struct trial *trial, const struct judgement *judgement, char *out,
                           size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < judgement->finding_count && used < size; i++) {
        const struct finding *finding = &judgement->findings[i];
        const struct expectation *expectation = finding->expectation;
        char words[SHORTENED_TEXT_MAX];
        if (finding->result == RESULT_PASS && judge_watched_words(words, trial, expectation)[0]) {
            size_t begin = used + 2;
            used += (size_t)snprintf(out + used, size - used, "; %s: %s",
                                     expect_kind_name(expectation->kind), words);
            for (size_t at = begin; at < size && out[at] && out[at] != ':'; at++) {
                out[at] = out[at] == '_' ? ' ' : out[at];
            }
        }
    }
}

/* "; watched 20 s after the last event", if an event could have been undone. */
static void tell_settled(const struct trial *trial, const struct judgement *judgement, char *out,
                         size_t size)
{
    char length[SECONDS_TEXT_MAX];
    int64_t settle_ns = 0;
    size_t used = strlen(out);
    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct expectation *expectation = judgement->findings[i].expectation;
        int64_t one_ns = evidence_settle_for_ns(trial->procedure, expectation, trial->timeline);
        if (judgement->findings[i].result == RESULT_PASS && one_ns > settle_ns) {
            settle_ns = one_ns;
        }
    }
    if (settle_ns > 0) {
        snprintf(out + used, size - used, "; watched %s after the last event",
                 evidence_seconds(length, settle_ns));
    }
}

/* "led and discoverable". */
static void put_name(char *out, size_t size, const char *name, bool first, bool last)
{
    size_t used = strlen(out);
    snprintf(out + used, size - used, "%s%s", first ? "" : last ? " and " : ", ", name);
}

/* The names of claimed expectations of the kinds, in their order. */
static char *kind_names(char *out, size_t size, const struct procedure *procedure, unsigned kinds)
{
    size_t count = 0;
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < procedure->expect_count; i++) {
        count += !procedure->expect[i].unknown && (kinds >> procedure->expect[i].kind & 1);
    }
    for (size_t i = 0; i < procedure->expect_count; i++) {
        if (!procedure->expect[i].unknown && (kinds >> procedure->expect[i].kind & 1)) {
            at++;
            put_name(out, size, expect_kind_name(procedure->expect[i].kind), at == 1, at == count);
        }
    }
    return out;
}

static unsigned bond_kinds(void)
{
    unsigned kinds = 0;
    for (int kind = 0; kind < EXPECT_KINDS; kind++) {
        kinds |= expect_trait((enum expect_kind)kind)->needs & RADIO_NEED_BOND ? 1U << kind : 0;
    }
    return kinds;
}

bool judge_left_out(const struct trial *trial, const struct expectation *expectation)
{
    return trial->without_bond && !expectation->unknown && (bond_kinds() >> expectation->kind & 1);
}

/* Without a bond, the run passes only if everything the profile says suffices was seen. */
static void conclude_without_bond(const struct trial *trial, struct judgement *judgement)
{
    const struct procedure *procedure = trial->procedure;
    char left_out[256];
    char enough[256];
    char reason[JUDGE_TEXT_MAX];

    kind_names(left_out, sizeof(left_out), procedure, bond_kinds());
    kind_names(enough, sizeof(enough), procedure, procedure->without_bond);
    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        bool counts =
            procedure->without_bond >> finding->expectation->kind & 1 ||
            (finding->expectation->needed && !judge_left_out(trial, finding->expectation));
        if (counts && finding->result == RESULT_INCONCLUSIVE) {
            first_and_more(reason, sizeof(reason), finding, 1);
            conclude(judgement, VERDICT_INCONCLUSIVE, reason,
                     "fix what could not be observed (see above) and run it again");
            return;
        }
    }
    if (!procedure->without_bond) {
        snprintf(reason, sizeof(reason),
                 "there was no bond: %s left out, and the profile does not say what suffices "
                 "without one",
                 left_out);
        conclude(judgement, VERDICT_INCONCLUSIVE, reason, "pair the unit and run it again");
        return;
    }
    char settled[64] = "";
    tell_settled(trial, judgement, settled, sizeof(settled));
    snprintf(reason, sizeof(reason), "without a bond: %s as expected; left out: %s%s", enough,
             left_out, settled);
    conclude(judgement, VERDICT_PASS, reason, NULL);
}

static void conclude_finished(const struct trial *trial, struct judgement *judgement)
{
    char reason[JUDGE_TEXT_MAX];
    size_t passed = count_findings(judgement, RESULT_PASS, true);
    size_t unsure = count_findings(judgement, RESULT_INCONCLUSIVE, true);

    if (first_finding(judgement, RESULT_FAIL, false)) {
        conclude_fail(trial, judgement);
    } else if (trial->without_bond) {
        conclude_without_bond(trial, judgement);
    } else if (unsure > 0) {
        first_and_more(reason, sizeof(reason), first_finding(judgement, RESULT_INCONCLUSIVE, true),
                       unsure);
        conclude(judgement, VERDICT_INCONCLUSIVE, reason,
                 "fix what could not be observed (see above) and run it again");
    } else if (passed == 0) {
        conclude(judgement, VERDICT_INCONCLUSIVE, "the profile claims nothing that was observed",
                 NULL);
    } else {
        char shortened[256];
        tell_shortened(trial, judgement, shortened, sizeof(shortened));
        tell_settled(trial, judgement, shortened, sizeof(shortened));
        snprintf(reason, sizeof(reason), "all %zu needed observation%s as expected%s", passed,
                 passed == 1 ? " was" : "s were", shortened);
        conclude(judgement, VERDICT_PASS, reason, NULL);
    }
}

/* A run filed under a different firmware version than the unit reports is inconclusive. */
static void check_firmware(const struct trial *trial, struct judgement *judgement)
{
    const char *told = trial->sensors->unit_firmware;
    const struct entry *entry;
    char reason[JUDGE_TEXT_MAX];
    size_t i = 0;

    while (told && (entry = timeline_next(trial->timeline, ENTRY_RADIO, &i))) {
        if (entry->code == RADIO_FIRMWARE && entry->value == FIRMWARE_BY_REVISION && entry->text &&
            strcmp(entry->text, told) != 0 &&
            (judgement->verdict == VERDICT_PASS || judgement->verdict == VERDICT_FAIL)) {
            snprintf(reason, sizeof(reason),
                     "the unit reports firmware %.100s, but this run was to be filed under %.100s; "
                     "otherwise: %.600s",
                     entry->text, told, judgement->reason);
            conclude(judgement, VERDICT_INCONCLUSIVE, reason,
                     "use --unit-firmware with the version it reports");
        }
    }
}

static uint32_t contacts_of(const struct station *station)
{
    uint32_t contacts = 0;
    for (size_t i = 0; i < station->input_count; i++) {
        if (station->inputs[i].role == INPUT_CONTACT) {
            contacts |= UINT32_C(1) << station->inputs[i].actuator;
        }
    }
    return contacts;
}

struct sensors judge_sensors_of_station(const struct station *station)
{
    return (struct sensors){
        .led = station->has_led,
        .colour = station->has_led && bench_station_sees_colour(station),
        .sound = station->has_sound,
        .radio = station->adapter != NULL,
        .contacts = contacts_of(station),
    };
}

/* Only what came before the unit was lifted counts. */
static struct timeline in_place(const struct procedure *procedure, const struct timeline *timeline)
{
    const struct entry *lifted = evidence_lifted(procedure, timeline);
    struct timeline view = *timeline;
    if (lifted) {
        view.count = (size_t)(lifted - timeline->entries);
    }
    return view;
}

/* Could it be seen at all? */
static bool observable(const struct trial *trial, const struct expectation *expectation)
{
    switch (expect_trait(expectation->kind)->sense) {
    case SENSE_LIGHT:
        return trial->sensors->led;
    case SENSE_SOUND:
        return trial->sensors->sound;
    case SENSE_RADIO:
        break;
    }
    return trial->sensors->radio && !evidence_radio(trial->timeline, INT64_MAX).absent;
}

/* What was not decided when the unit was lifted can no longer be. */
static void tell_lifted(const struct trial *trial, struct judgement *judgement)
{
    char when[128];
    for (size_t i = 0; i < judgement->finding_count; i++) {
        struct finding *finding = &judgement->findings[i];
        const struct expectation *expectation = finding->expectation;
        struct window window = evidence_window(expectation, &trial->anchors);
        if (finding->result == RESULT_INCONCLUSIVE && observable(trial, expectation) &&
            !judge_left_out(trial, expectation) && window.dark_ns > trial->watched_ns) {
            judge_finding_set(
                finding, RESULT_INCONCLUSIVE, "%s was %s, %s: nothing after that counts",
                trial->lifted->text, trial->lifted->text2,
                judge_instant_words(when, sizeof(when), trial, expectation, trial->watched_ns));
        }
    }
}

struct trial judge_trial(const struct profile *profile, const struct procedure *procedure,
                         const struct sensors *sensors, const struct timeline *timeline)
{
    const struct entry *ended = last_entry(timeline, ENTRY_END, -1);
    return (struct trial){
        .profile = profile,
        .procedure = procedure,
        .sensors = sensors,
        .timeline = timeline,
        .anchors = evidence_anchors(procedure, timeline),
        .watched_ns = ended ? ended->time_ns : timeline->origin_ns,
        .ended = ended != NULL,
        .without_bond = last_entry(timeline, ENTRY_NOTE, NOTE_WITHOUT_BOND) != NULL,
    };
}

void judge_findings(const struct trial *trial, struct judgement *judgement)
{
    const struct procedure *procedure = trial->procedure;

    /* Not cleared as a whole: it is large, and its texts are set where they are used. */
    judgement->finding_count = 0;
    judgement->led_seen = (struct pattern){0};
    judgement->led_watched = judgement->led_truncated = judgement->led_lost = false;
    for (size_t i = 0; i < procedure->expect_count && i < PROFILE_EXPECT_MAX; i++) {
        struct finding *finding = &judgement->findings[judgement->finding_count++];
        finding->expectation = &procedure->expect[i];
        finding->has_margin = finding->from_start = false;
        finding->margin_ns = 0;
        finding->has_at = false;
        finding->at_ns = 0;
        finding->object = finding->error = NULL;
        finding->expected[0] = finding->observed[0] = finding->reason[0] = '\0';
        switch (expect_trait(finding->expectation->kind)->sense) {
        case SENSE_LIGHT:
            judge_led(trial, finding, judgement);
            break;
        case SENSE_SOUND:
            judge_sound(trial, finding);
            break;
        case SENSE_RADIO:
            judge_radio(trial, finding);
            break;
        }
    }
    judge_doubt_discoverable(trial, judgement);
}

void judge(const struct profile *profile, const struct procedure *procedure,
           const struct sensors *sensors, const struct timeline *timeline, enum run_end end,
           struct judgement *judgement)
{
    struct timeline view = in_place(procedure, timeline);
    struct trial trial = judge_trial(profile, procedure, sensors, &view);

    trial.lifted = evidence_lifted(procedure, timeline);
    if (trial.lifted) {
        trial.watched_ns = trial.lifted->time_ns;
        trial.ended = true;
    }
    judge_findings(&trial, judgement);
    if (trial.lifted) {
        tell_lifted(&trial, judgement);
    }
    if (!conclude_unfinished(&trial, end, judgement) && !conclude_no_press(&trial, judgement)) {
        conclude_finished(&trial, judgement);
        judge_response(&trial, judgement);
        judge_pressed(&trial, judgement);
        judge_unit(&trial, judgement);
    }
    check_firmware(&trial, judgement);
}

/* ---- names ---- */

const char *judge_verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_PASS] = "pass",
        [VERDICT_FAIL] = "fail",
        [VERDICT_INCONCLUSIVE] = "inconclusive",
        [VERDICT_ABORTED] = "aborted",
        [VERDICT_ERROR] = "error",
    };
    return names[verdict];
}

const char *judge_result_name(enum expect_result result)
{
    static const char *const names[] = {
        [RESULT_PASS] = "pass",
        [RESULT_FAIL] = "fail",
        [RESULT_INCONCLUSIVE] = "inconclusive",
        [RESULT_RECORDED] = "recorded",
        [RESULT_PENDING] = "pending",
    };
    return names[result];
}

int judge_verdict_exit_status(enum verdict verdict)
{
    static const int statuses[] = {
        [VERDICT_PASS] = 0,    [VERDICT_FAIL] = 1,  [VERDICT_INCONCLUSIVE] = 3,
        [VERDICT_ABORTED] = 4, [VERDICT_ERROR] = 5,
    };
    return statuses[verdict];
}
