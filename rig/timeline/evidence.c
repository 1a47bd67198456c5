#include "rig/timeline/evidence.h"

#include "rig/base/units.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- preconditions ------------------------------------------------------------------------ */

bool evidence_requirement_met(const struct requirement *requirement, const char *answer)
{
    if (requirement->at_least_x100 >= 0) {
        int percent_x100 = -1;
        return !units_percent_parse(answer, &percent_x100) &&
               percent_x100 >= requirement->at_least_x100;
    }
    for (size_t i = 0; i < requirement->accept_count; i++) {
        if (strcmp(requirement->accept[i], answer) == 0) {
            return true;
        }
    }
    return requirement->accept_count == 0;
}

char *evidence_requirement_explain(char *out, size_t size, const struct requirement *requirement,
                                   const char *answer)
{
    const char *name = requirement->question.name;

    if (requirement->at_least_x100 >= 0) {
        int whole = requirement->at_least_x100 / 100;
        int rest = requirement->at_least_x100 % 100;
        if (rest) {
            snprintf(out, size, "%s is %s; at least %d.%02d %% is needed", name, answer, whole,
                     rest);
        } else {
            snprintf(out, size, "%s is %s; at least %d %% is needed", name, answer, whole);
        }
        return out;
    }
    int used = snprintf(out, size, "%s is %s; it must be", name, answer);
    for (size_t i = 0; i < requirement->accept_count && used >= 0 && (size_t)used < size; i++) {
        used += snprintf(out + used, size - (size_t)used, "%s %s", i ? " or" : "",
                         requirement->accept[i]);
    }
    return out;
}

char *evidence_requirement_todo(char *out, size_t size, const struct requirement *requirement)
{
    if (strcmp(requirement->question.name, "battery") == 0) {
        snprintf(out, size, "charge for 15 minutes and try again");
    } else {
        snprintf(out, size, "correct this and try again");
    }
    return out;
}

bool evidence_requirement_lasts(const struct requirement *requirement)
{
    static const char *const names[] = {"placed", "in_case", "lid"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(requirement->question.name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

const struct entry *evidence_lifted(const struct procedure *procedure,
                                    const struct timeline *timeline)
{
    bool watching = false;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        watching = watching || (entry->kind == ENTRY_NOTE && entry->code == NOTE_WATCHING);
        if (!watching || entry->kind != ENTRY_ANSWER || entry->code != ANSWER_BY_INPUT) {
            continue;
        }
        const struct requirement *requirement = profile_requirement(procedure, entry->text);
        if (requirement && evidence_requirement_lasts(requirement) &&
            !evidence_requirement_met(requirement, entry->text2)) {
            return entry;
        }
    }
    return NULL;
}

/* ---- instants ----------------------------------------------------------------------------- */

static uint32_t presses_of(const struct step *step)
{
    switch (step->kind) {
    case STEP_HOLD:
        return 1;
    case STEP_TAP:
        return step->times > 1 ? (uint32_t)step->times : 1;
    case STEP_WAIT:
    case STEP_ASK:
        break;
    }
    return 0;
}

uint32_t evidence_procedure_presses(const struct procedure *procedure)
{
    uint32_t presses = 0;
    for (size_t i = 0; i < procedure->step_count; i++) {
        presses += presses_of(&procedure->steps[i]);
    }
    return presses;
}

uint32_t evidence_anchor_press(const struct procedure *procedure)
{
    uint32_t presses = 0;
    uint32_t anchor = 0;

    for (size_t i = 0; i < procedure->step_count; i++) {
        uint32_t these = presses_of(&procedure->steps[i]);
        anchor = these ? presses + 1 : anchor;
        presses += these;
    }
    return anchor;
}

const struct expectation *evidence_led_expectation(const struct procedure *procedure)
{
    for (size_t i = 0; i < procedure->expect_count; i++) {
        if (procedure->expect[i].kind == EXPECT_LED && !procedure->expect[i].unknown) {
            return &procedure->expect[i];
        }
    }
    return NULL;
}

/* The last question that the steps ask; NULL: none. */
static const char *last_question(const struct procedure *procedure)
{
    const char *name = NULL;
    for (size_t i = 0; i < procedure->step_count; i++) {
        name = procedure->steps[i].kind == STEP_ASK ? procedure->steps[i].ask.name : name;
    }
    return name;
}

static struct anchors step_anchors(const struct procedure *procedure,
                                   const struct timeline *timeline)
{
    uint32_t last = evidence_procedure_presses(procedure);
    uint32_t anchor = evidence_anchor_press(procedure);
    struct anchors anchors = {.first_ns = timeline->origin_ns,
                              .press_ns = timeline->origin_ns,
                              .release_ns = timeline->origin_ns,
                              .answer_ns = timeline->origin_ns};
    const char *question = last_question(procedure);
    bool watching = false;
    bool first = true;

    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        if (entry->kind == ENTRY_ANSWER && !watching && question &&
            strcmp(entry->text, question) == 0) {
            anchors.answered = true;
            anchors.answer_ns = entry->time_ns;
        }
        watching = watching || (entry->kind == ENTRY_NOTE && entry->code == NOTE_WATCHING);
        if (entry->kind == ENTRY_PRESSED) {
            anchors.first_ns = first ? entry->at_ns : anchors.first_ns;
            first = false;
            if (entry->press == anchor) {
                anchors.pressed = true;
                anchors.press_ns = entry->at_ns;
            }
        } else if (entry->kind == ENTRY_RELEASED && entry->press == last) {
            anchors.released = true;
            anchors.release_ns = entry->at_ns;
        } else if (entry->kind == ENTRY_NOTE && entry->code == NOTE_WATCHING && last == 0) {
            anchors.pressed = anchors.released = true;
            anchors.press_ns = anchors.release_ns = entry->time_ns;
            anchors.first_ns = anchors.answered ? anchors.answer_ns : entry->time_ns;
        }
    }
    return anchors;
}

bool evidence_anchor_come(const struct anchors *anchors, enum anchor anchor)
{
    return anchor == ANCHOR_PRESS    ? anchors->pressed
           : anchor == ANCHOR_ANSWER ? anchors->answered
                                     : anchors->released;
}

int64_t evidence_anchor_ns(const struct anchors *anchors, enum anchor anchor)
{
    switch (anchor) {
    case ANCHOR_PRESS:
        return anchors->press_ns;
    case ANCHOR_LED:
        return anchors->led_ns;
    case ANCHOR_ANSWER:
        return anchors->answer_ns;
    case ANCHOR_RELEASE:
    case ANCHOR_WAIT:
        break;
    }
    return anchors->release_ns;
}

struct window evidence_window(const struct expectation *expectation, const struct anchors *anchors)
{
    int64_t from_ns = evidence_anchor_ns(anchors, expectation->anchor) + expectation->after_ns;
    int64_t end_ns = from_ns + expectation->within_ns;
    return (struct window){
        .start_ns = from_ns, .end_ns = end_ns, .dark_ns = end_ns + expectation->dark_ns};
}

struct anchors evidence_anchors(const struct procedure *procedure, const struct timeline *timeline)
{
    struct anchors anchors = step_anchors(procedure, timeline);
    const struct expectation *led = evidence_led_expectation(procedure);

    anchors.led_ns = anchors.release_ns;
    if (led) {
        struct window window = evidence_window(led, &anchors);
        struct pulses pulses;
        evidence_pulses(timeline, anchors.first_ns, window.dark_ns, &pulses);
        struct sighting sighting = evidence_sighting(led, &pulses, window.start_ns);
        anchors.led_seen =
            sighting.match.result == MATCH_YES && sighting.complete_ns <= window.end_ns;
        anchors.led_ns = anchors.led_seen ? sighting.complete_ns : window.end_ns;
    }
    return anchors;
}

/* ---- LED ---------------------------------------------------------------------------------- */

void evidence_pulses(const struct timeline *timeline, int64_t from_ns, int64_t until_ns,
                     struct pulses *pulses)
{
    const struct entry *entry;
    size_t i = 0;

    pulses->count = 0;
    pulses->truncated = false;
    pulses->disturbances = 0;
    while ((entry = timeline_next(timeline, ENTRY_PULSE, &i))) {
        if (entry->pulse.start_ns >= until_ns ||
            (entry->pulse.end_ns <= from_ns && !entry->pulse.open)) {
            continue;
        }
        if (timeline_disturbance(timeline, &entry->pulse)) {
            pulses->disturbances++;
            continue;
        }
        if (pulses->count == EVIDENCE_PULSES_MAX) {
            pulses->truncated = true;
            return;
        }
        struct pulse *pulse = &pulses->items[pulses->count++];
        *pulse = entry->pulse;
        if (pulse->end_ns > until_ns) {
            pulse->end_ns = until_ns;
            pulse->open = true;
        }
    }
}

/* The pattern is complete as soon as the fewest pulses make it up; a solid light once it has been
 * lit for long enough. */
static int64_t complete_ns(const struct pattern *pattern, const struct pulse *pulses,
                           const struct match *match, unsigned extra)
{
    size_t count = match->last + 1;

    if (pattern->count == 0) {
        return 0;
    }
    const struct segment *last = &pattern->segments[pattern->count - 1];
    if (last->kind == SEGMENT_BLINKING || last->kind == SEGMENT_RAPID) {
        for (size_t n = match->first + 1; n < count; n++) {
            if (pattern_match(pattern, pulses, n, extra).result == MATCH_YES) {
                count = n;
            }
        }
    }
    const struct pulse *end = &pulses[count - 1];
    int64_t solid_ns = end->start_ns + PATTERN_SOLID_NS;
    bool solid = last->kind == SEGMENT_SOLID || last->kind == SEGMENT_STAYS;
    return solid && solid_ns < end->end_ns ? solid_ns : end->end_ns;
}

static struct sighting sight(const struct expectation *expectation, const struct pulse *pulses,
                             size_t count)
{
    struct sighting sighting = {
        .match = pattern_match(&expectation->pattern, pulses, count, expectation->extra)};

    if (sighting.match.result == MATCH_YES && expectation->pattern.count > 0 && count > 0) {
        sighting.start_ns = pulses[sighting.match.first].start_ns;
        sighting.complete_ns =
            complete_ns(&expectation->pattern, pulses, &sighting.match, expectation->extra);
    }
    return sighting;
}

struct sighting evidence_sighting(const struct expectation *expectation,
                                  const struct pulses *pulses, int64_t start_ns)
{
    bool off = expectation->pattern.count == 0;
    size_t skip = 0;

    /* A light that continues from before still breaks an expected dark. */
    while (expectation->extra & EXTRA_BEFORE && skip < pulses->count &&
           (off ? pulses->items[skip].end_ns : pulses->items[skip].start_ns) < start_ns) {
        skip++;
    }
    if (skip > 0) {
        struct sighting inside = sight(expectation, pulses->items + skip, pulses->count - skip);
        if (inside.match.result == MATCH_YES) {
            inside.match.first += skip;
            inside.match.last += skip;
            return inside;
        }
    }
    return sight(expectation, pulses->items, pulses->count);
}

/* ---- what is decided ---------------------------------------------------------------------- */

int64_t evidence_settle_ns(const struct blink_settings *settings)
{
    return settings->merge_ns + settings->skew_ns + settings->glitch_ns;
}

bool evidence_heard(const struct expectation *expectation, const struct window *window,
                    const struct timeline *timeline)
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(timeline, ENTRY_SOUND, &i))) {
        if (evidence_sound_counts(expectation, window, entry)) {
            return true;
        }
    }
    return false;
}

/* ---- sound and radio ---------------------------------------------------------------------- */

bool evidence_sound_counts(const struct expectation *expectation, const struct window *window,
                           const struct entry *entry)
{
    const struct pulse *sound = &entry->pulse;

    return entry->kind == ENTRY_SOUND && !sound->clipped && sound->start_ns >= window->start_ns &&
           sound->start_ns <= window->end_ns &&
           sound->end_ns - sound->start_ns >= expectation->min_ns;
}

bool evidence_name_fits(const struct profile *profile, const struct expectation *expectation,
                        const char *name)
{
    static const char le_prefix[] = "LE_";
    const char *wanted = expectation->name ? expectation->name : profile->bluetooth_name;

    if (!wanted) {
        return true; /* no name is claimed */
    }
    if (!name) {
        return false;
    }
    if (strcmp(name, wanted) == 0 || (profile->le_name && strcmp(name, profile->le_name) == 0)) {
        return true;
    }
    return strncmp(name, le_prefix, sizeof(le_prefix) - 1) == 0 &&
           strcmp(name + sizeof(le_prefix) - 1, wanted) == 0;
}

struct radio_state evidence_radio(const struct timeline *timeline, int64_t at_ns)
{
    struct radio_state state = {0};
    const struct entry *entry;
    size_t i = 0;

    while ((entry = timeline_next(timeline, ENTRY_RADIO, &i))) {
        if (entry->time_ns > at_ns) {
            continue;
        }
        state.asked = state.asked || !radio_event_is_order((enum radio_event)entry->code);
        switch ((enum radio_event)entry->code) {
        case RADIO_READY:
            state.absent = false;
            state.ready = true;
            state.connected = entry->value & READY_CONNECTED;
            break;
        case RADIO_ABSENT:
            state.absent = true;
            state.absent_ns = entry->time_ns;
            state.why = entry->text;
            state.connected = false;
            break;
        case RADIO_CONNECTED:
        case RADIO_CONNECT_OK:
            state.connected = true;
            break;
        case RADIO_DISCONNECTED:
        case RADIO_RIG_DROPS:
            state.connected = false;
            break;
        case RADIO_SEEN:
        case RADIO_GONE:
        case RADIO_CONNECT_REFUSED:
        case RADIO_CONNECT_FAILED:
        case RADIO_PAIR_OK:
        case RADIO_PAIR_FAILED:
        case RADIO_WHICH:
        case RADIO_SERVICES:
        case RADIO_FIRMWARE:
        case RADIO_BATTERY:
        case RADIO_NOTE:
        case RADIO_RIG_PREPARES:
        case RADIO_RIG_SEARCHES:
        case RADIO_RIG_RESTS:
        case RADIO_RIG_CONNECTS:
        case RADIO_RIG_PAIRS:
            break;
        }
    }
    return state;
}

bool evidence_address(const struct timeline *timeline, char address[TEXT_BLUETOOTH_MAX])
{
    const struct entry *entry;
    size_t i = 0;
    while ((entry = timeline_next(timeline, ENTRY_RADIO, &i))) {
        char first[TEXT_BLUETOOTH_MAX];
        if (entry->code == RADIO_READY && entry->text) {
            snprintf(first, sizeof(first), "%s", entry->text);
            if (text_bluetooth_address(address, first)) {
                return true;
            }
        }
    }
    return false;
}

/* ---- words -------------------------------------------------------------------------------- */

char *evidence_seconds(char *out, int64_t duration_ns)
{
    const char *sign = duration_ns < 0 ? "-" : "";
    int64_t ns = duration_ns < 0 ? -duration_ns : duration_ns;
    int64_t ms = (ns + NS_PER_MS / 2) / NS_PER_MS;

    if (ms < 100) {
        snprintf(out, SECONDS_TEXT_MAX, "%s%" PRId64 " ms", sign, ms);
        return out;
    }
    int64_t hundredths = (ms + 5) / 10;
    int fraction = (int)(hundredths % 100);
    if (fraction == 0) {
        snprintf(out, SECONDS_TEXT_MAX, "%s%" PRId64 " s", sign, hundredths / 100);
    } else if (fraction % 10 == 0) {
        snprintf(out, SECONDS_TEXT_MAX, "%s%" PRId64 ".%d s", sign, hundredths / 100,
                 fraction / 10);
    } else {
        snprintf(out, SECONDS_TEXT_MAX, "%s%" PRId64 ".%02d s", sign, hundredths / 100, fraction);
    }
    return out;
}

char *evidence_difference(char *out, int64_t duration_ns)
{
    const char *sign = duration_ns < 0 ? "-" : "";
    int64_t ns = duration_ns < 0 ? -duration_ns : duration_ns;
    int64_t tenths = (ns + NS_PER_MS / 20) / (NS_PER_MS / 10);

    if (tenths == 0) {
        snprintf(out, SECONDS_TEXT_MAX, "0 ms");
    } else if (tenths < 100 && tenths % 10) {
        snprintf(out, SECONDS_TEXT_MAX, "%s%" PRId64 ".%d ms", sign, tenths / 10,
                 (int)(tenths % 10));
    } else if (ns < 100 * NS_PER_S) {
        snprintf(out, SECONDS_TEXT_MAX, "%s%" PRId64 " ms", sign, (ns + NS_PER_MS / 2) / NS_PER_MS);
    } else {
        return evidence_seconds(out, duration_ns);
    }
    return out;
}
