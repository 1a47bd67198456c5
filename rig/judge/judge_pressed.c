/*
 * Checks the evidence for the presses and the preconditions: if the record does not show that the
 * buttons went down and up as ordered, what the unit did proves nothing.
 */
#include "rig/judge/judge_internal.h"

#include "rig/base/text.h"
#include "rig/base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The keeper writes its lines within microseconds, on a busy machine within milliseconds. */
#define WRITTEN_SLACK_NS (50 * NS_PER_MS)
/* A busy machine may press late, but still for as long as ordered, which is all that matters for a
 * single press. The engine treats anything later than this as a fault (ENGINE_REPORT_NS). Between
 * two presses the gap matters as well: there, a tenth of it is allowed. */
#define LATE_NS   (500 * NS_PER_MS)
#define LATE_PART 10
/* Longest travel of a plunger, either way. */
#define TRAVEL_NS (500 * NS_PER_MS)

/* One press, as recorded in the timeline. */
struct press {
    uint32_t number;
    const struct entry *order;
    const struct entry *pressed;
    const struct entry *released;
    const struct entry *early;  /* its early release because of the LED, or NULL */
    const struct entry *before; /* the release of the previous press; NULL: there was none */
};

/* The entry of that kind for that press. *count is the number of them. */
static const struct entry *entry_of(const struct timeline *timeline, enum entry_kind kind,
                                    uint32_t press, size_t *count)
{
    const struct entry *found = NULL;
    const struct entry *entry;
    size_t i = 0;

    while ((entry = timeline_next(timeline, kind, &i))) {
        if (entry->press == press) {
            found = found ? found : entry;
            (*count)++;
        }
    }
    return found;
}

static size_t bits(uint32_t mask)
{
    size_t count = 0;
    for (; mask; mask &= mask - 1) {
        count++;
    }
    return count;
}

/* How many controls the order names: "power + nc_ambient". */
static size_t named(const char *controls)
{
    size_t count = controls && controls[0] ? 1 : 0;
    for (const char *at = controls; at && *at; at++) {
        count += *at == '+';
    }
    return count;
}

/* The functions below return false, and say why, if the press was not as ordered. */
#define DOUBT(...) (snprintf(why, JUDGE_TEXT_MAX, __VA_ARGS__), false)

static bool find_press(const struct timeline *timeline, struct press *press, char *why)
{
    size_t counts[4] = {0};
    uint32_t number = press->number;
    const struct entry *early = entry_of(timeline, ENTRY_RELEASE, number, &counts[3]);

    press->order = entry_of(timeline, ENTRY_ORDER, number, &counts[0]);
    press->pressed = entry_of(timeline, ENTRY_PRESSED, number, &counts[1]);
    press->released = entry_of(timeline, ENTRY_RELEASED, number, &counts[2]);
    size_t releases = 0;
    press->before = number > 1 ? entry_of(timeline, ENTRY_RELEASED, number - 1, &releases) : NULL;
    press->early = early && early->code == RELEASE_LED_SEEN ? early : NULL;
    for (size_t i = 0; i < 3; i++) {
        if (counts[i] != 1) {
            static const char *const words[] = {"ordered", "made", "ended"};
            return DOUBT("the record says press %" PRIu32 " was %s %zu times", number, words[i],
                         counts[i]);
        }
    }
    return true;
}

static bool same_lines(const struct press *press, char *why)
{
    uint32_t mask = press->order->mask;

    if (mask == 0 || bits(mask) != named(press->order->text)) {
        return DOUBT("press %" PRIu32 " is of `%s`, but %zu line%s ordered for it", press->number,
                     press->order->text ? press->order->text : "nothing", bits(mask),
                     bits(mask) == 1 ? " was" : "s were");
    }
    if (press->pressed->mask != mask) {
        return DOUBT("press %" PRIu32 " switched other lines than ordered", press->number);
    }
    if (press->released->mask != mask) {
        return DOUBT("press %" PRIu32 " released other lines than ordered", press->number);
    }
    return true;
}

/* How late it may start. */
static int64_t may_be_late_ns(const struct press *press)
{
    int64_t late_ns = LATE_NS;
    if (press->before) {
        int64_t part_ns = (press->order->at_ns - press->before->until_ns) / LATE_PART;
        late_ns = part_ns < late_ns ? part_ns : late_ns;
    }
    return late_ns > WRITTEN_SLACK_NS ? late_ns : WRITTEN_SLACK_NS;
}

static bool as_long(const struct press *press, char *why)
{
    char by[SECONDS_TEXT_MAX];
    int64_t ordered_ns = press->order->until_ns - press->order->at_ns;
    int64_t slack_ns = WRITTEN_SLACK_NS < ordered_ns / 2 ? WRITTEN_SLACK_NS : ordered_ns / 2;
    int64_t longest_ns = press->released->until_ns - press->pressed->at_ns;
    int64_t shortest_ns = press->released->at_ns - press->pressed->until_ns;

    if (press->order->time_ns > press->pressed->at_ns) {
        return DOUBT("press %" PRIu32 " was made before it was ordered", press->number);
    }
    if (press->pressed->at_ns < press->order->at_ns - slack_ns ||
        press->pressed->at_ns > press->order->at_ns + may_be_late_ns(press)) {
        return DOUBT("press %" PRIu32 " was not made at the ordered time", press->number);
    }
    if (longest_ns > ordered_ns + WRITTEN_SLACK_NS) {
        return DOUBT("press %" PRIu32 " was %s longer than ordered", press->number,
                     evidence_seconds(by, longest_ns - ordered_ns));
    }
    if (shortest_ns <= 0 || (!press->early && shortest_ns < ordered_ns - slack_ns)) {
        return DOUBT("press %" PRIu32 " was %s shorter than ordered", press->number,
                     evidence_seconds(by, ordered_ns - shortest_ns));
    }
    if (press->early && press->released->until_ns < press->early->time_ns) {
        return DOUBT("press %" PRIu32 " ended before its release was ordered", press->number);
    }
    return true;
}

/* Check the contact of one actuator: down during the press until its end, and up again after it. */
static bool felt(const struct timeline *timeline, const struct press *press, int actuator,
                 char *why)
{
    const struct entry *entry;
    bool in_time = false; /* down soon after the lines were written */
    bool down = false;    /* at the end of the press */
    size_t i = 0;

    while ((entry = timeline_next(timeline, ENTRY_CONTACT, &i))) {
        if (entry->input != actuator || entry->time_ns < press->pressed->at_ns) {
            continue;
        }
        if (entry->time_ns < press->released->at_ns) {
            down = entry->code == CONTACT_DOWN;
            in_time = in_time || (down && entry->time_ns <= press->pressed->until_ns + TRAVEL_NS);
        } else if (down && in_time) {
            bool up = entry->code == CONTACT_UP &&
                      entry->time_ns <= press->released->until_ns + TRAVEL_NS;
            return up || DOUBT("the contact did not open after press %" PRIu32, press->number);
        }
    }
    return !in_time ? DOUBT("the contact did not close in press %" PRIu32, press->number)
           : down   ? DOUBT("the contact did not open after press %" PRIu32, press->number)
                    : DOUBT("the contact opened too early in press %" PRIu32, press->number);
}

static bool press_seen(const struct trial *trial, uint32_t number, char *why)
{
    struct press press = {.number = number};

    if (!find_press(trial->timeline, &press, why) || !same_lines(&press, why) ||
        !as_long(&press, why)) {
        return false;
    }
    for (int i = 0; i < 32; i++) {
        uint32_t bit = UINT32_C(1) << i;
        if (press.order->mask & trial->sensors->contacts & bit &&
            !felt(trial->timeline, &press, i, why)) {
            return false;
        }
    }
    return true;
}

static int64_t watching_since(const struct timeline *timeline)
{
    const struct entry *entry;
    size_t i = 0;

    while ((entry = timeline_next(timeline, ENTRY_NOTE, &i))) {
        if (entry->code == NOTE_WATCHING) {
            return entry->time_ns;
        }
    }
    return INT64_MAX;
}

/* Was each precondition answered before watching began, and never with an unacceptable answer? */
static bool answered(const struct trial *trial, const struct requirement *requirement,
                     int64_t watching_ns, char *why)
{
    const char *name = requirement->question.name;
    char explained[JUDGE_TEXT_MAX];
    bool met = requirement->accept_count == 0 && requirement->at_least_x100 < 0; /* anything does */

    const struct entry *entry;
    size_t i = 0;

    while ((entry = timeline_next(trial->timeline, ENTRY_ANSWER, &i))) {
        if (entry->time_ns > watching_ns || strcmp(entry->text, name) != 0) {
            continue;
        }
        if (!evidence_requirement_met(requirement, entry->text2)) {
            evidence_requirement_explain(explained, sizeof(explained), requirement, entry->text2);
            return DOUBT("%.900s: what the unit did proves nothing", explained);
        }
        met = true;
    }
    return met || DOUBT("the record has no answer to `%s`", name);
}

/* Each time of a press, light or sound is in the record more than once. */
static bool agree_on_times(const struct timeline *timeline, char *why)
{
    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        bool shines = entry->kind == ENTRY_PULSE || entry->kind == ENTRY_SOUND;
        bool presses = entry->kind == ENTRY_PRESSED || entry->kind == ENTRY_RELEASED;
        if ((presses || shines) &&
            (entry->time_ns != entry->at_ns || entry->until_ns < entry->at_ns ||
             (shines &&
              (entry->pulse.start_ns != entry->at_ns || entry->pulse.end_ns != entry->until_ns)))) {
            return DOUBT("the record contradicts itself about when entry %zu, `%s`, began or ended",
                         i + 1, timeline_entry_kind_name(entry->kind));
        }
    }
    return true;
}

static bool all_seen(const struct trial *trial, char *why)
{
    const struct procedure *procedure = trial->procedure;
    int64_t watching_ns = watching_since(trial->timeline);

    if (!agree_on_times(trial->timeline, why)) {
        return false;
    }
    for (size_t i = 0; i < procedure->requires_count; i++) {
        if (!answered(trial, &procedure->requires[i], watching_ns, why)) {
            return false;
        }
    }
    for (uint32_t press = 1; press <= evidence_procedure_presses(procedure); press++) {
        if (!press_seen(trial, press, why)) {
            return false;
        }
    }
    return true;
}

void judge_pressed(const struct trial *trial, struct judgement *judgement)
{
    char why[JUDGE_TEXT_MAX];

    if ((judgement->verdict == VERDICT_PASS || judgement->verdict == VERDICT_FAIL) &&
        !all_seen(trial, why)) {
        judgement->verdict = VERDICT_INCONCLUSIVE;
        snprintf(judgement->reason, sizeof(judgement->reason), "%s", why);
        snprintf(judgement->next, sizeof(judgement->next), "run it again");
    }
}
