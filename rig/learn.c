/* The whole of learning; and what is learned of sound and radio. */
#include "rig/learn.h"

#include "rig/judge.h"
#include "rig/learn_internal.h"
#include "rig/profile_internal.h"
#include "rig/services.h"
#include "rig/units.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* When the rig tries a key or pairs is the rig's own, and the unit only has to answer: it is given
 * the profile's usual time (profiles/SCHEMA.md), or longer where it was seen to take longer. */
#define BOND_WITHIN_NS     (40 * NS_PER_S)
#define PAIRS_WITHIN_NS    (60 * NS_PER_S)
#define SERVICES_WITHIN_NS (90 * NS_PER_S)

#define SOUND_GRAIN_NS (10 * NS_PER_MS)
#define RADIO_GRAIN_NS (100 * NS_PER_MS)

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

void learn_claim(struct learner *learner, const struct expectation *expectation, const char *basis)
{
    struct procedure *procedure = &learner->lesson->procedure;
    assert(procedure->expect_count < PROFILE_EXPECT_MAX);
    learner->lesson->basis[procedure->expect_count] = basis;
    procedure->expect[procedure->expect_count++] = *expectation;
}

/* ---- what a run must watch ---------------------------------------------------------------- */

static const struct expectation *claim_of(const struct procedure *procedure, enum expect_kind kind)
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
        if (claim_of(procedure, named[i])) {
            ask_for(blank, named[i]);
        }
    }
    return blank;
}

/* How long the last hold or tap step takes at most. */
static int64_t last_press_ns(const struct procedure *procedure)
{
    for (size_t i = procedure->step_count; i-- > 0;) {
        const struct step *step = &procedure->steps[i];
        if (step->kind == STEP_HOLD) {
            return step->for_ns;
        }
        if (step->kind == STEP_TAP) {
            return step->times * step->on_ns + (step->times - 1) * step->off_ns;
        }
    }
    return 0;
}

/* The same time after the press as after the release, whatever the procedure waits for behind it.
 */
static int64_t longest_watch_ns(const struct procedure *procedure, int64_t watch_ns)
{
    int64_t press_ns = last_press_ns(procedure);
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

/* Some runs had it, others not: not claimed. */
static void remark_some(struct learner *learner, const char *what, size_t count)
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
    const struct expectation *named = claim_of(learner->procedure, EXPECT_SOUND);

    for (size_t i = 0; i < learner->count; i++) {
        const struct entry *entry = first_sound(&learner->runs[i]);
        if (learn_agrees(learner, i) && entry) {
            lengths[spread->count] = entry->pulse.end_ns - entry->pulse.start_ns;
            spread_add(spread, &learner->runs[i], entry->pulse.start_ns);
        }
    }
    if (spread->count == 0 || spread->count < learner->lesson->agreeing) {
        remark_some(learner, "Something was heard", spread->count);
        return;
    }
    enum anchor anchor = spread_anchor(spread);
    struct range begun = spread_range(spread, anchor, floor_ns);
    struct range length = range_of(lengths, spread->count, floor_ns);
    struct expectation expectation = {
        .kind = EXPECT_SOUND,
        .prompt = named && named->prompt ? named->prompt : "not known: the rig hears no words",
        /* Half of the shortest is a prompt all the same; less may be another. */
        .min_ns = length.low_ns > length.min_ns / 2 ? length.low_ns : length.min_ns / 2,
    };
    expectation.min_ns -= expectation.min_ns % SOUND_GRAIN_NS;
    expectation.min_ns = expectation.min_ns < SOUND_GRAIN_NS ? SOUND_GRAIN_NS : expectation.min_ns;
    expectation.min_ns = expectation.min_ns > 60 * NS_PER_S ? 60 * NS_PER_S : expectation.min_ns;
    learn_window(&expectation, anchor, begun.low_ns, begun.high_ns, SOUND_GRAIN_NS);
    char a[4][SECONDS_TEXT_MAX];
    learn_claim(learner, &expectation,
                arena_printf(learner->arena,
                             "Heard in %zu runs, for %s to %s, begun %s to %s after the %s; the "
                             "rig hears that something is played, not its words.",
                             spread->count, evidence_seconds(a[0], length.min_ns),
                             evidence_seconds(a[1], length.max_ns),
                             evidence_seconds(a[2], begun.min_ns),
                             evidence_seconds(a[3], begun.max_ns), anchor_name(anchor)));
}

/* ---- radio -------------------------------------------------------------------------------- */

#define BIT(event) (1U << (event))

/* What the unit did before the first press is not the press's doing; where a person does it all,
 * the whole run counts. */
static int64_t radio_from_ns(const struct learner *learner, const struct learner_run *run)
{
    return procedure_presses(learner->procedure) ? run->anchors.first_ns : run->timeline->origin_ns;
}

static const struct entry *first_radio(const struct learner *learner, const struct learner_run *run,
                                       unsigned events)
{
    int64_t from_ns = radio_from_ns(learner, run);
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(run->timeline, ENTRY_RADIO, &i))) {
        if ((events & BIT(entry->code)) && entry->time_ns >= from_ns) {
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
            spread_add(spread, &learner->runs[i], entry->time_ns);
        }
    }
}

/* `needed` is the profile's word, where it has one. */
static struct expectation radio_claim(const struct learner *learner, enum expect_kind kind)
{
    const struct expectation *named = claim_of(learner->procedure, kind);
    return (struct expectation){.kind = kind, .needed = !named || named->unknown || named->needed};
}

static const char *radio_basis(const struct learner *learner, const struct spread *spread,
                               const struct range *range, enum anchor anchor, const char *rule)
{
    char a[2][SECONDS_TEXT_MAX];
    return arena_printf(learner->arena, "Seen in %zu runs, %s to %s after the %s; %s.",
                        spread->count, evidence_seconds(a[0], range->min_ns),
                        evidence_seconds(a[1], range->max_ns), anchor_name(anchor), rule);
}

static const char *reach_text(const struct learner *learner, const struct range *range)
{
    char a[2][SECONDS_TEXT_MAX];
    return arena_printf(learner->arena, "the window reaches %s and %s beyond",
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
        remark_some(learner, what, spread->count);
        return;
    }
    enum anchor anchor = spread_anchor(spread);
    struct range range = spread_range(spread, anchor, floor_ns);
    learn_window(&expectation, anchor, range.low_ns, range.high_ns, RADIO_GRAIN_NS);
    learn_claim(learner, &expectation,
                radio_basis(learner, spread, &range, anchor, reach_text(learner, &range)));
}

/* What the rig asks of it: from the release on, and for its usual time. */
static void learn_answer(struct learner *learner, struct expectation *expectation, unsigned events,
                         int64_t within_ns, const char *what)
{
    struct spread *spread = arena_alloc(learner->arena, sizeof(*spread));

    find_radio(learner, events, spread);
    if (spread->count == 0 || spread->count < learner->lesson->agreeing) {
        remark_some(learner, what, spread->count);
        return;
    }
    struct range range = spread_range(spread, ANCHOR_RELEASE, LEARN_INQUIRY_FLOOR_NS);
    int64_t low_ns = range.min_ns < 0 ? range.low_ns : 0;
    learn_window(expectation, ANCHOR_RELEASE, low_ns,
                 range.high_ns > within_ns ? range.high_ns : within_ns, RADIO_GRAIN_NS);
    learn_claim(learner, expectation,
                radio_basis(learner, spread, &range, ANCHOR_RELEASE,
                            "when the rig asks is the rig's own, and so is the time it waits"));
}

/* The name that all agreeing runs saw it under; NULL when they differ, or saw none. */
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
        remark_some(learner, "It showed itself", spread->count);
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
        learn_remark(learner, "It showed itself under different names: not claimed.");
        return;
    }
    enum anchor anchor = spread_anchor(spread);
    struct range range = spread_range(spread, anchor, LEARN_INQUIRY_FLOOR_NS);
    char beyond[SECONDS_TEXT_MAX];
    /* The rig looks from the release on: before it there is nothing to be early. */
    int64_t low_ns = anchor == ANCHOR_RELEASE ? 0 : range.low_ns;
    learn_window(&expectation, anchor, low_ns, range.high_ns, RADIO_GRAIN_NS);
    learn_claim(
        learner, &expectation,
        radio_basis(learner, spread, &range, anchor,
                    arena_printf(learner->arena,
                                 "the rig looks from the release on, and the window reaches "
                                 "%s beyond",
                                 evidence_seconds(beyond, range.high_ns - range.max_ns))));
}

/* A reset that resets nothing is not what a good unit does. */
static void warn_kept(struct learner *learner)
{
    const struct procedure *procedure = learner->procedure;
    bool resets = procedure->kind == KIND_NETWORK || procedure->kind == KIND_FACTORY;
    if (resets && claim_of(&learner->lesson->procedure, EXPECT_BOND_KEPT)) {
        learn_remark(learner, "The unit still took the old key: this is no %s reset that was seen.",
                     procedure_kind_name(procedure->kind));
        diag_warning(learner->diags, place_of(procedure->name),
                     "make certain that the unit is good, and that it was pressed long enough",
                     "is a %s reset, and the unit still took the old key after it, every time",
                     procedure_kind_name(procedure->kind));
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
            spread_add(refused, &learner->runs[i], entry->time_ns);
        }
    }
    if (refused->count == 0) {
        expectation = radio_claim(learner, EXPECT_BOND_KEPT);
        learn_answer(learner, &expectation, BIT(RADIO_CONNECT_OK), BOND_WITHIN_NS,
                     "The old key was accepted");
        warn_kept(learner);
    } else if (refused->count < learner->lesson->agreeing) {
        remark_some(learner, "The old key was refused", refused->count);
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
                     "It told its services");
    }
}

static void learn_radio(struct learner *learner)
{
    const struct procedure *asked = learner->procedure;
    struct expectation pairs = radio_claim(learner, EXPECT_PAIRS);

    if (!learner->station->adapter) {
        learn_remark(learner, "The station has no Bluetooth adapter: nothing is claimed of the "
                              "radio.");
        return;
    }
    learn_event(learner, EXPECT_DISCONNECTS, BIT(RADIO_DISCONNECTED), LEARN_LINK_FLOOR_NS,
                "The link dropped");
    learn_discoverable(learner);
    learn_bond(learner);
    if (claim_of(asked, EXPECT_GONE)) {
        learn_event(learner, EXPECT_GONE, BIT(RADIO_GONE), LEARN_INQUIRY_FLOOR_NS,
                    "It went off the air");
    }
    if (claim_of(asked, EXPECT_CONNECTS)) {
        learn_event(learner, EXPECT_CONNECTS, BIT(RADIO_CONNECT_OK) | BIT(RADIO_CONNECTED),
                    LEARN_INQUIRY_FLOOR_NS, "It connected");
    }
    if (claim_of(asked, EXPECT_PAIRS)) {
        learn_answer(learner, &pairs, BIT(RADIO_PAIR_OK), PAIRS_WITHIN_NS, "It paired");
    }
    if (claim_of(asked, EXPECT_SERVICES)) {
        learn_services(learner);
    }
}

/* ---- the whole ---------------------------------------------------------------------------- */

static bool is_led_role(int role)
{
    return role == INPUT_LED_R || role == INPUT_LED_G || role == INPUT_LED_B || role == INPUT_LED;
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

/* Why nothing can be learned from a run, NULL when it came to its end as it should. */
static const char *why_not(const struct learner *learner, const struct learn_run *given)
{
    const struct entry *entry;
    size_t contact = 0;
    size_t released = 0;
    size_t i = 0;

    if (given->end != END_COMPLETE) {
        return given->end == END_FAULT ? "the bench failed in it" : "it was stopped";
    }
    while ((entry = timeline_next(given->timeline, ENTRY_CONTACT, &contact))) {
        if (entry->code == CONTACT_NEVER) {
            return "a contact sense never closed";
        }
    }
    while (timeline_next(given->timeline, ENTRY_RELEASED, &i)) {
        released++;
    }
    if (released < procedure_presses(learner->procedure)) {
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
                          "only whole runs can be learned from: see to it, and begin again",
                          "it did not come to its end: %s", why);
    }
    run->timeline = given->timeline;
    run->anchors = evidence_anchors(&learner->lesson->procedure, given->timeline);
    run->watched_ns = timeline_next(given->timeline, ENTRY_END, &i)->time_ns;
    run->lost = lost_light(given->timeline, run->anchors.first_ns);
    return 0;
}

/* By what was learned the judge must pass each run it was learned from. */
static int judge_again(struct learner *learner)
{
    struct profile profile = *learner->profile;
    struct judgement *judgement = arena_alloc(learner->arena, sizeof(*judgement));
    struct eyes eyes = eyes_of_station(learner->station);
    char where[32];

    if (learner->lesson->bluetooth_name) {
        profile.bluetooth_name = learner->lesson->bluetooth_name;
    }
    for (size_t i = 0; i < learner->count; i++) {
        if (!learn_agrees(learner, i)) {
            continue;
        }
        judge(&profile, &learner->lesson->procedure, &eyes, learner->runs[i].timeline, END_COMPLETE,
              judgement);
        if (judgement->verdict != VERDICT_PASS) {
            snprintf(where, sizeof(where), "run %zu", i + 1);
            return diag_error(learner->diags, place_of(where), "make more runs, each begun alike",
                              "it would not pass by what was learned from it: %.300s",
                              judgement->reason);
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
        return diag_error(diags, place_of(procedure->name), "make more",
                          "%zu runs are too few to learn from; it takes %d", count, LEARN_RUNS_MIN);
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
        learn_remark(&learner, "The station has no LED channel: nothing is claimed of the LED.");
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
                      "nothing was seen in all runs that a verdict could rest on");
}
