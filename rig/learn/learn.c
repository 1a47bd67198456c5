/* Learning as a whole, and what is learned about the sound. */
#include "rig/learn/learn.h"

#include "rig/base/units.h"
#include "rig/judge/judge.h"
#include "rig/learn/learn_internal.h"
#include "rig/profile/profile_internal.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SOUND_GRAIN_NS (10 * NS_PER_MS)

void learn_remark(struct learner *learner, const char *fmt, ...)
{
    struct lesson *lesson = learner->lesson;
    char text[1024];
    va_list args;

    if (lesson->remark_count == LEARN_REMARKS_MAX) {
        return;
    }
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    lesson->remarks[lesson->remark_count++] = arena_strdup(learner->arena, text);
}

/* Where nothing is pressed, the instant has another name. */
static void set_anchor(const struct procedure *procedure, struct expectation *expectation)
{
    bool pressed = expectation->anchor == ANCHOR_PRESS || expectation->anchor == ANCHOR_RELEASE;
    bool asked = false;
    if (!pressed || evidence_procedure_presses(procedure) || procedure->step_count == 0) {
        return;
    }
    for (size_t i = 0; i < procedure->step_count; i++) {
        asked = asked || procedure->steps[i].kind == STEP_ASK;
    }
    if (procedure->steps[procedure->step_count - 1].kind == STEP_ASK) {
        expectation->anchor = ANCHOR_ANSWER;
    } else if (!asked) {
        expectation->anchor = ANCHOR_WAIT;
    }
}

void learn_claim(struct learner *learner, const struct expectation *expectation, const char *basis)
{
    struct procedure *procedure = &learner->lesson->procedure;
    assert(procedure->expect_count < PROFILE_EXPECT_MAX);
    learner->lesson->basis[procedure->expect_count] = basis;
    procedure->expect[procedure->expect_count] = *expectation;
    set_anchor(procedure, &procedure->expect[procedure->expect_count++]);
}

/* ---- what a run must watch ---------------------------------------------------------------- */

const struct expectation *learn_named(const struct procedure *procedure, enum expect_kind kind)
{
    for (size_t i = 0; i < procedure->expect_count; i++) {
        if (procedure->expect[i].kind == kind) {
            return &procedure->expect[i];
        }
    }
    return NULL;
}

static struct procedure *copy_with_room(struct arena *arena, const struct procedure *procedure)
{
    struct procedure *copy = arena_alloc(arena, sizeof(*copy));
    *copy = *procedure;
    copy->expect = arena_array(arena, PROFILE_EXPECT_MAX, sizeof(*copy->expect));
    copy->expect_count = 0;
    return copy;
}

static void ask_for(struct procedure *procedure, enum expect_kind kind)
{
    procedure->expect[procedure->expect_count++] =
        (struct expectation){.kind = kind, .unknown = true, .anchor = ANCHOR_PRESS};
}

/* Then the old key is forgotten, and cannot be tried to the end. */
static bool pairs_anew(const struct procedure *procedure)
{
    return learn_named(procedure, EXPECT_PAIRS) || learn_named(procedure, EXPECT_SERVICES);
}

struct procedure *learn_blank(struct arena *arena, const struct procedure *procedure)
{
    static const enum expect_kind always[] = {EXPECT_LED, EXPECT_SOUND, EXPECT_DISCONNECTS,
                                              EXPECT_DISCOVERABLE, EXPECT_BOND_REJECTED};
    static const enum expect_kind named[] = {EXPECT_GONE, EXPECT_CONNECTS, EXPECT_PAIRS,
                                             EXPECT_SERVICES};
    struct procedure *blank = copy_with_room(arena, procedure);

    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        ask_for(blank, always[i]);
    }
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        if (learn_named(procedure, named[i])) {
            ask_for(blank, named[i]);
        }
    }
    if (!pairs_anew(procedure)) {
        ask_for(blank, EXPECT_BOND_KEPT);
    }
    return blank;
}

/* The same time after the press as after the release, whatever the procedure waits for behind it.
 */
static int64_t longest_watch_ns(const struct procedure *procedure, int64_t watch_ns)
{
    int64_t press_ns = profile_last_press_ns(procedure);
    for (size_t i = procedure->step_count; i-- > 0;) {
        watch_ns += procedure->steps[i].kind == STEP_WAIT ? procedure->steps[i].for_ns : 0;
        if (procedure->steps[i].kind == STEP_HOLD || procedure->steps[i].kind == STEP_TAP) {
            break;
        }
    }
    int64_t longest_ns = press_ns + watch_ns;
    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *expectation = &procedure->expect[i];
        int64_t end_ns = expectation->after_ns + expectation->within_ns;
        end_ns += expectation->anchor == ANCHOR_PRESS ? 0 : press_ns;
        longest_ns = !expectation->unknown && end_ns > longest_ns ? end_ns : longest_ns;
    }
    return longest_ns < PROFILE_TIME_MAX_NS ? longest_ns : PROFILE_TIME_MAX_NS;
}

struct procedure *learn_probe(struct arena *arena, const struct procedure *procedure,
                              int64_t watch_ns)
{
    struct procedure *probe = learn_blank(arena, procedure);
    int64_t within_ns = longest_watch_ns(procedure, watch_ns);

    for (size_t i = 0; i < probe->expect_count; i++) {
        struct expectation *expectation = &probe->expect[i];
        /* Not unknown, so that the radio really tries; dark, so that the LED is watched to the end;
         * the sound is listened to as long as the LED is watched. */
        expectation->unknown = expectation->kind == EXPECT_SOUND;
        expectation->within_ns = within_ns;
    }
    return probe;
}

/* ---- sound -------------------------------------------------------------------------------- */

static const struct entry *first_sound(const struct learner_run *run)
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(run->timeline, ENTRY_SOUND, &i))) {
        if (entry->pulse.start_ns >= run->anchors.first_ns && !entry->pulse.clipped &&
            !entry->pulse.open) {
            return entry;
        }
    }
    return NULL;
}

void learn_remark_some(struct learner *learner, const char *what, size_t count)
{
    if (count > 0) {
        learn_remark(learner, "%s in %zu of %zu runs: not claimed.", what, count,
                     learner->lesson->agreeing);
    }
}

static void learn_sound(struct learner *learner)
{
    struct spread *spread = arena_alloc(learner->arena, sizeof(*spread));
    int64_t lengths[LEARN_RUNS_MAX];
    int64_t floor_ns = LEARN_LIGHT_FLOOR_NS + evidence_settle_ns(&learner->station->sound);
    const struct expectation *named = learn_named(learner->procedure, EXPECT_SOUND);

    for (size_t i = 0; i < learner->count; i++) {
        const struct entry *entry = first_sound(&learner->runs[i]);
        if (learn_agrees(learner, i) && entry) {
            lengths[spread->count] = entry->pulse.end_ns - entry->pulse.start_ns;
            learn_spread_add(spread, &learner->runs[i], entry->pulse.start_ns);
        }
    }
    if (spread->count == 0 || spread->count < learner->lesson->agreeing) {
        learn_remark_some(learner, "A sound was heard", spread->count);
        return;
    }
    enum anchor anchor = learn_spread_anchor(spread);
    struct range begun = learn_spread_range(spread, anchor, floor_ns);
    struct range length = learn_range_of(lengths, spread->count, floor_ns);
    struct expectation expectation = {
        .kind = EXPECT_SOUND,
        .prompt =
            named && named->prompt ? named->prompt : "unknown: the rig cannot recognise words",
        /* Half of the shortest is still this prompt; less may be another one. */
        .min_ns = length.low_ns > length.min_ns / 2 ? length.low_ns : length.min_ns / 2,
    };
    expectation.min_ns -= expectation.min_ns % SOUND_GRAIN_NS;
    expectation.min_ns = expectation.min_ns < SOUND_GRAIN_NS ? SOUND_GRAIN_NS : expectation.min_ns;
    expectation.min_ns = expectation.min_ns > 60 * NS_PER_S ? 60 * NS_PER_S : expectation.min_ns;
    learn_window(&expectation, anchor, begun.low_ns, begun.high_ns, SOUND_GRAIN_NS);
    char a[4][SECONDS_TEXT_MAX];
    learn_claim(learner, &expectation,
                arena_printf(learner->arena,
                             "Heard in %zu runs, for %s to %s, started %s to %s after the %s; the "
                             "rig hears that a prompt is played, not its words.",
                             spread->count, evidence_seconds(a[0], length.min_ns),
                             evidence_seconds(a[1], length.max_ns),
                             evidence_seconds(a[2], begun.min_ns),
                             evidence_seconds(a[3], begun.max_ns), profile_anchor_name(anchor)));
}

/* ---- the whole ---------------------------------------------------------------------------- */

static bool is_led_role(int role)
{
    return bench_input_led_channel(role) >= 0;
}

static bool lost_light(const struct timeline *timeline, int64_t from_ns)
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(timeline, ENTRY_LOST, &i))) {
        if ((entry->input < 0 || is_led_role(entry->code)) && entry->time_ns >= from_ns) {
            return true;
        }
    }
    return false;
}

/* Why nothing can be learned from a run; NULL if it completed as it should. */
static const char *why_not(const struct learner *learner, const struct learn_run *given)
{
    const struct entry *entry;
    size_t contact = 0;
    size_t released = 0;
    size_t i = 0;

    if (given->end != END_COMPLETE) {
        return given->end == END_FAULT ? "the bench failed" : "it was stopped";
    }
    while ((entry = timeline_next(given->timeline, ENTRY_CONTACT, &contact))) {
        if (entry->code == CONTACT_NEVER) {
            return "a contact sense never closed";
        }
    }
    while (timeline_next(given->timeline, ENTRY_RELEASED, &i)) {
        released++;
    }
    if (released < evidence_procedure_presses(learner->procedure)) {
        return "not every press was made";
    }
    size_t end = 0;
    entry = timeline_next(given->timeline, ENTRY_END, &end);
    if (!entry || entry->time_ns - given->timeline->origin_ns > PROFILE_TIME_MAX_NS) {
        return entry ? "it lasted longer than an hour" : "its end is missing";
    }
    return NULL;
}

static int take_run(struct learner *learner, const struct learn_run *given)
{
    struct learner_run *run = &learner->runs[learner->count++];
    const char *why = why_not(learner, given);
    char where[32];
    size_t i = 0;

    if (why) {
        snprintf(where, sizeof(where), "run %zu", learner->count);
        return diag_error(learner->diags, place_of(where),
                          "only complete runs can be learned from: fix this and start again",
                          "the run did not complete: %s", why);
    }
    run->timeline = given->timeline;
    run->anchors = evidence_anchors(&learner->lesson->procedure, given->timeline);
    run->watched_ns = timeline_next(given->timeline, ENTRY_END, &i)->time_ns;
    run->lost = lost_light(given->timeline, run->anchors.first_ns);
    return 0;
}

/* The judge must pass each run against the profile that was learned from it. */
static int judge_again(struct learner *learner)
{
    struct profile profile = *learner->profile;
    struct procedure procedure = learner->lesson->procedure;
    struct judgement *judgement = arena_alloc(learner->arena, sizeof(*judgement));
    struct sensors sensors = judge_sensors_of_station(learner->station);
    char where[32];

    procedure.at_once = true; /* it was not known yet what to keep watching for */
    if (learner->lesson->bluetooth_name) {
        profile.bluetooth_name = learner->lesson->bluetooth_name;
    }
    for (size_t i = 0; i < learner->count; i++) {
        if (!learn_agrees(learner, i)) {
            continue;
        }
        judge(&profile, &procedure, &sensors, learner->runs[i].timeline, END_COMPLETE, judgement);
        if (judgement->verdict != VERDICT_PASS) {
            snprintf(where, sizeof(where), "run %zu", i + 1);
            return diag_error(
                learner->diags, place_of(where), "make more runs, all from the same starting state",
                "it fails against the profile learned from it: %.300s", judgement->reason);
        }
    }
    return 0;
}

int learn(struct diags *diags, struct arena *arena, const struct profile *profile,
          const struct procedure *procedure, const struct station *station,
          const struct learn_run *runs, size_t count, struct lesson *lesson)
{
    assert(count <= LEARN_RUNS_MAX);
    *lesson = (struct lesson){.procedure = *copy_with_room(arena, procedure)};
    struct learner learner = {
        .diags = diags,
        .arena = arena,
        .profile = profile,
        .procedure = procedure,
        .station = station,
        .lesson = lesson,
        .runs = arena_array(arena, count, sizeof(*learner.runs)),
    };
    int failed = 0;

    if (count < LEARN_RUNS_MIN) {
        return diag_error(diags, place_of(procedure->name), "make more runs",
                          "%zu runs are too few to learn from; at least %d are needed", count,
                          LEARN_RUNS_MIN);
    }
    for (size_t i = 0; i < count; i++) {
        failed |= take_run(&learner, &runs[i]);
    }
    if (failed || learn_agreement(&learner) != 0) {
        return -1;
    }
    if (station->has_led) {
        learn_led(&learner);
    } else {
        learn_remark(&learner, "The station has no LED channel: nothing is claimed about the LED.");
    }
    learn_sound(&learner);
    learn_radio(&learner);
    for (size_t i = 0; i < lesson->procedure.expect_count; i++) {
        if (!lesson->procedure.expect[i].unknown && lesson->procedure.expect[i].needed) {
            return judge_again(&learner);
        }
    }
    return diag_error(diags, place_of(procedure->name),
                      "look at one of the runs: longpress show RUN",
                      "the runs have no observation in common that could decide a verdict");
}
