#include "rig/record/record.h"

#include "rig/base/units.h"
#include "rig/base/when.h"
#include "rig/format/json.h"
#include "rig/record/record_internal.h"
#include "rig/signal/signal_json.h"

#include <inttypes.h>
#include <string.h>

/* ---- words -------------------------------------------------------------------------------- */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *word_of(const char *const *words, size_t count, int code)
{
    return code >= 0 && (size_t)code < count ? words[code] : NULL;
}

const char *record_code_key(enum entry_kind kind)
{
    switch (kind) {
    case ENTRY_ANSWER:
        return "by";
    case ENTRY_RELEASE:
        return "why";
    case ENTRY_CONTACT:
        return "contact";
    case ENTRY_EDGE:
        return "level";
    case ENTRY_LOST:
        return "role";
    case ENTRY_RADIO:
        return "event";
    case ENTRY_NOTE:
        return "note";
    case ENTRY_START:
    case ENTRY_QUESTION:
    case ENTRY_ORDER:
    case ENTRY_PRESSED:
    case ENTRY_RELEASED:
    case ENTRY_PULSE:
    case ENTRY_SOUND:
    case ENTRY_ABORT:
    case ENTRY_FAULT:
    case ENTRY_END:
        break;
    }
    return NULL;
}

const char *record_code_word(enum entry_kind kind, int code)
{
    static const char *const contacts[] = {
        [CONTACT_UP] = "up", [CONTACT_DOWN] = "down", [CONTACT_NEVER] = "never"};
    static const char *const levels[] = {"inactive", "active"};
    static const char *const notes[] = {
        [NOTE_PLAIN] = "plain",       [NOTE_WATCHING] = "watching",
        [NOTE_GLITCHES] = "glitches", [NOTE_WITHOUT_BOND] = "without-bond",
        [NOTE_STEADY] = "steady-for", [NOTE_GUARD] = "guard",
    };

    switch (kind) {
    case ENTRY_ANSWER:
        return code <= ANSWER_BY_RADIO ? timeline_answer_by_name((enum answer_by)code) : NULL;
    case ENTRY_RELEASE:
        return code <= RELEASE_INTERLOCK ? timeline_release_why_name((enum release_why)code) : NULL;
    case ENTRY_CONTACT:
        return word_of(contacts, COUNT(contacts), code);
    case ENTRY_EDGE:
        return word_of(levels, COUNT(levels), code);
    case ENTRY_LOST:
        return code <= INPUT_ESTOP ? bench_input_role_name((enum input_role)code) : NULL;
    case ENTRY_RADIO:
        return code <= RADIO_EVENT_LAST ? radio_event_name((enum radio_event)code) : NULL;
    case ENTRY_NOTE:
        return word_of(notes, COUNT(notes), code);
    default:
        return NULL;
    }
}

bool record_has_pulse(enum entry_kind kind)
{
    return kind == ENTRY_PULSE || kind == ENTRY_SOUND;
}

bool record_has_span(enum entry_kind kind)
{
    return kind == ENTRY_ORDER || kind == ENTRY_PRESSED || kind == ENTRY_RELEASED ||
           record_has_pulse(kind);
}

/* ---- presses ------------------------------------------------------------------------------ */

/* What the contact sense of one control reported in one press. */
struct contact {
    const char *control;
    const struct entry *down; /* the first */
    const struct entry *up;   /* the last after it */
};

/* One press, gathered from the timeline. */
struct press {
    const struct entry *order;
    const struct entry *pressed;
    const struct entry *released;
    const struct entry *release; /* ordered early */
    struct contact contacts[BENCH_ACTUATORS_MAX];
    size_t contact_count;
};

static void gather_contact(struct press *press, const struct entry *entry)
{
    const char *control = entry->text ? entry->text : "";
    struct contact *contact = NULL;

    for (size_t i = 0; i < press->contact_count && !contact; i++) {
        contact = strcmp(press->contacts[i].control, control) == 0 ? &press->contacts[i] : NULL;
    }
    if (!contact) {
        if (press->contact_count == BENCH_ACTUATORS_MAX) {
            return;
        }
        contact = &press->contacts[press->contact_count++];
        contact->control = control;
    }
    if (entry->code == CONTACT_DOWN && !contact->down) {
        contact->down = entry;
    } else if (entry->code == CONTACT_UP && contact->down) {
        contact->up = entry;
    }
}

/* Contacts of its own buttons, from when their lines were written until they are written for the
 * next press: a button comes up only after the release, perhaps when the next press has already
 * been ordered.
 */
static void gather_contacts(struct press *press, const struct timeline *timeline)
{
    const struct entry *order = press->order;
    int64_t from_ns = (press->pressed ? press->pressed : order)->at_ns;
    int64_t until_ns[BENCH_ACTUATORS_MAX];

    for (size_t a = 0; a < BENCH_ACTUATORS_MAX; a++) {
        until_ns[a] = INT64_MAX;
        for (size_t i = 0; i < timeline->count; i++) {
            const struct entry *entry = &timeline->entries[i];
            if (entry->kind == ENTRY_PRESSED && entry->mask & 1U << a &&
                entry->press != order->press && entry->at_ns > from_ns &&
                entry->at_ns < until_ns[a]) {
                until_ns[a] = entry->at_ns;
            }
        }
    }
    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        if (entry->kind != ENTRY_CONTACT || entry->input < 0 ||
            entry->input >= BENCH_ACTUATORS_MAX || !(order->mask & 1U << entry->input)) {
            continue;
        }
        bool ours = entry->code == CONTACT_NEVER
                        ? entry->press == order->press
                        : entry->time_ns >= from_ns && entry->time_ns < until_ns[entry->input];
        if (ours) {
            gather_contact(press, entry);
        }
    }
}

/* Entries with the number of the order at index `i`, and its contacts. */
static struct press gather_press(const struct timeline *timeline, size_t i)
{
    struct press press = {.order = &timeline->entries[i]};

    for (i++; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        if (entry->press != press.order->press) {
            continue;
        }
        if (entry->kind == ENTRY_PRESSED && !press.pressed) {
            press.pressed = entry;
        } else if (entry->kind == ENTRY_RELEASED && !press.released) {
            press.released = entry;
        } else if (entry->kind == ENTRY_RELEASE && !press.release) {
            press.release = entry;
        }
    }
    gather_contacts(&press, timeline);
    return press;
}

static json_t *since(const struct timeline *timeline, int64_t time_ns)
{
    return json_put_int(time_ns - timeline->origin_ns);
}

static json_t *time_of(const struct timeline *timeline, const struct entry *entry)
{
    return entry ? since(timeline, entry->time_ns) : json_null();
}

/* "power + nc_ambient" as a list. */
json_t *record_controls(const char *words)
{
    static const char separator[] = " + ";
    json_t *list = json_put_array();

    while (words && *words) {
        char control[128];
        const char *end = strstr(words, separator);
        size_t length = end ? (size_t)(end - words) : strlen(words);
        snprintf(control, sizeof(control), "%.*s", (int)length, words);
        json_put_new(list, json_put_text(control));
        words = end ? end + sizeof(separator) - 1 : NULL;
    }
    return list;
}

static json_t *commanded_of(const struct timeline *timeline, const struct entry *order)
{
    json_t *object = json_put_object();
    json_put(object, "press_ns", since(timeline, order->at_ns));
    json_put(object, "release_ns", since(timeline, order->until_ns));
    return object;
}

static json_t *measured_of(const struct timeline *timeline, const struct press *press)
{
    json_t *object = json_put_object();
    const struct entry *pressed = press->pressed;
    const struct entry *released = press->released;

    json_put(object, "press_before_ns", pressed ? since(timeline, pressed->at_ns) : json_null());
    json_put(object, "press_after_ns", pressed ? since(timeline, pressed->until_ns) : json_null());
    json_put(object, "release_before_ns",
             released ? since(timeline, released->at_ns) : json_null());
    json_put(object, "release_after_ns",
             released ? since(timeline, released->until_ns) : json_null());
    return object;
}

/* When all buttons of the press were down: from the last to go down to the first to come up. Either
 * is NULL if one of them never did. */
static void together(const struct press *press, const struct entry **down, const struct entry **up)
{
    *down = press->contact_count ? press->contacts[0].down : NULL;
    *up = press->contact_count ? press->contacts[0].up : NULL;
    for (size_t i = 1; i < press->contact_count; i++) {
        const struct contact *contact = &press->contacts[i];
        if (*down && (!contact->down || contact->down->time_ns > (*down)->time_ns)) {
            *down = contact->down;
        }
        if (*up && (!contact->up || contact->up->time_ns < (*up)->time_ns)) {
            *up = contact->up;
        }
    }
}

static json_t *contact_of(const struct timeline *timeline, const struct press *press)
{
    const struct entry *down;
    const struct entry *up;

    if (press->contact_count == 0) {
        return json_null();
    }
    together(press, &down, &up);
    json_t *object = json_put_object();
    json_t *controls = json_put_array();
    json_put(object, "down_ns", time_of(timeline, down));
    json_put(object, "up_ns", time_of(timeline, up));
    for (size_t i = 0; i < press->contact_count; i++) {
        const struct contact *contact = &press->contacts[i];
        json_t *item = json_put_object();
        json_put(item, "control", json_put_text(contact->control));
        json_put(item, "down_ns", time_of(timeline, contact->down));
        json_put(item, "up_ns", time_of(timeline, contact->up));
        json_put_new(controls, item);
    }
    json_put(object, "controls", controls);
    return object;
}

/* By contact sense if there is one, else by when the lines were written. */
static json_t *held_of(const struct press *press)
{
    const struct entry *down;
    const struct entry *up;

    together(press, &down, &up);
    if (down && up) {
        return json_put_ms(up->time_ns - down->time_ns);
    }
    if (press->contact_count == 0 && press->pressed && press->released) {
        return json_put_ms(press->released->at_ns - press->pressed->at_ns);
    }
    return json_null();
}

/* A release this long before its time was not the scheduled one. */
static const int64_t EARLY_NS = 5 * NS_PER_MS;

static json_t *ended_by(const struct press *press)
{
    static const char *const words[] = {[RELEASE_LED_SEEN] = "led",
                                        [RELEASE_ABORT] = "abort",
                                        [RELEASE_FAULT] = "fault",
                                        [RELEASE_INTERLOCK] = "interlock"};
    if (press->release) {
        return json_put_text(word_of(words, COUNT(words), press->release->code));
    }
    if (!press->released) {
        return json_null();
    }
    /* No early release was ordered: if it was early, the keeper or the kernel released by
     * itself. */
    int64_t early_ns = press->order->until_ns - press->order->at_ns;
    early_ns -= press->released->at_ns - (press->pressed ? press->pressed : press->order)->at_ns;
    return json_put_text(early_ns > EARLY_NS ? "fault" : "schedule");
}

json_t *record_presses(const struct timeline *timeline)
{
    json_t *list = json_put_array();

    for (size_t i = 0; i < timeline->count; i++) {
        if (timeline->entries[i].kind != ENTRY_ORDER) {
            continue;
        }
        struct press press = gather_press(timeline, i);
        json_t *object = json_put_object();
        json_put(object, "number", json_put_int(press.order->press));
        json_put(object, "controls", record_controls(press.order->text));
        json_put(object, "commanded", commanded_of(timeline, press.order));
        json_put(object, "measured", measured_of(timeline, &press));
        json_put(object, "contact", contact_of(timeline, &press));
        json_put(object, "held_ms", held_of(&press));
        json_put(object, "ended_by", ended_by(&press));
        json_put_new(list, object);
    }
    return list;
}

/* ---- what was seen ------------------------------------------------------------------------ */

static json_t *pulses_of(const struct timeline *timeline, enum entry_kind kind)
{
    json_t *list = json_put_array();
    const struct entry *entry;
    size_t i = 0;

    while ((entry = timeline_next(timeline, kind, &i))) {
        json_t *pulse = signal_json_pulse(&entry->pulse, timeline->origin_ns);
        if (kind == ENTRY_PULSE) {
            json_put(pulse, "disturbance",
                     json_boolean(timeline_disturbance(timeline, &entry->pulse)));
        }
        json_put_new(list, pulse);
    }
    return list;
}

/* The number of flashes too short to count as light. */
static int64_t glitches_of(const struct timeline *timeline)
{
    const struct entry *entry;
    int64_t glitches = 0;
    size_t i = 0;

    while ((entry = timeline_next(timeline, ENTRY_NOTE, &i))) {
        bool led = entry->text2 && strcmp(entry->text2, "led") == 0;
        glitches += entry->code == NOTE_GLITCHES && led ? entry->value : 0;
    }
    return glitches;
}

static json_t *led_of(const struct record *record)
{
    const struct judgement *judgement = record->judgement;
    json_t *object = json_put_object();

    json_put(object, "seen",
             judgement->led_watched ? signal_json_pattern(&judgement->led_seen) : json_null());
    json_put(object, "truncated", json_boolean(judgement->led_truncated));
    json_put(object, "lost", json_boolean(judgement->led_lost));
    json_put(object, "glitches", json_put_int(glitches_of(record->timeline)));
    json_put(object, "pulses", pulses_of(record->timeline, ENTRY_PULSE));
    return object;
}

static json_t *radio_of(const struct timeline *timeline)
{
    json_t *list = json_put_array();
    const struct entry *entry;
    size_t i = 0;

    while ((entry = timeline_next(timeline, ENTRY_RADIO, &i))) {
        if (radio_event_is_order((enum radio_event)entry->code)) {
            continue;
        }
        json_t *object = json_put_object();
        json_put(object, "at_ns", since(timeline, entry->time_ns));
        json_put(object, "event", json_put_text(radio_event_name((enum radio_event)entry->code)));
        json_put(object, "text", json_put_text(entry->text));
        json_put(object, "value", json_put_int(entry->value));
        if ((enum radio_event)entry->code == RADIO_SEEN) {
            json_put(object, "transport", json_put_text(radio_transport_name(entry->mask)));
        }
        json_put(object, "object", json_put_text(entry->object));
        json_put(object, "error", json_put_text(entry->error));
        json_put_new(list, object);
    }
    return list;
}

static json_t *answers_of(const struct timeline *timeline)
{
    json_t *list = json_put_array();
    const struct entry *entry;
    size_t i = 0;

    while ((entry = timeline_next(timeline, ENTRY_ANSWER, &i))) {
        json_t *object = json_put_object();
        json_put(object, "at_ns", since(timeline, entry->time_ns));
        json_put(object, "question", json_put_text(entry->text));
        json_put(object, "answer", json_put_text(entry->text2));
        json_put(object, "by", json_put_text(timeline_answer_by_name((enum answer_by)entry->code)));
        json_put_new(list, object);
    }
    return list;
}

/* ---- the timeline ------------------------------------------------------------------------- */

static void put_unless_zero(json_t *object, const char *key, int64_t value)
{
    if (value != 0) {
        json_put(object, key, json_put_int(value));
    }
}

static json_t *entry_of(const struct timeline *timeline, const struct entry *entry)
{
    json_t *object = json_put_object();
    const char *code = record_code_key(entry->kind);
    bool span = record_has_span(entry->kind);

    json_put(object, "kind", json_put_text(timeline_entry_kind_name(entry->kind)));
    json_put(object, "time_ns", since(timeline, entry->time_ns));
    if (code) {
        json_put(object, code, json_put_text(record_code_word(entry->kind, entry->code)));
    }
    put_unless_zero(object, "input", entry->input);
    put_unless_zero(object, "press", entry->press);
    put_unless_zero(object, "mask", entry->mask);
    if (span || entry->at_ns) {
        json_put(object, "at_ns", since(timeline, entry->at_ns));
    }
    if (span || entry->until_ns) {
        json_put(object, "until_ns", since(timeline, entry->until_ns));
    }
    put_unless_zero(object, "value", entry->value);
    if (entry->text) {
        json_put(object, "text", json_put_text(entry->text));
    }
    if (entry->text2) {
        json_put(object, "text2", json_put_text(entry->text2));
    }
    if (entry->object) {
        json_put(object, "object", json_put_text(entry->object));
    }
    if (entry->error) {
        json_put(object, "error", json_put_text(entry->error));
    }
    if (record_has_pulse(entry->kind)) {
        json_put(object, "pulse", signal_json_pulse(&entry->pulse, timeline->origin_ns));
    }
    return object;
}

static json_t *timeline_of(const struct timeline *timeline)
{
    json_t *list = json_put_array();
    for (size_t i = 0; i < timeline->count; i++) {
        json_put_new(list, entry_of(timeline, &timeline->entries[i]));
    }
    return list;
}

/* ---- the whole ---------------------------------------------------------------------------- */

json_t *record_started(int64_t wall_ns)
{
    char text[WHEN_TEXT_MAX];
    return json_put_text(when_utc(text, wall_ns));
}

static json_t *eyes_of(const struct sensors *sensors)
{
    json_t *object = json_put_object();
    json_put(object, "led", json_boolean(sensors->led));
    json_put(object, "colour", json_boolean(sensors->colour));
    json_put(object, "sound", json_boolean(sensors->sound));
    json_put(object, "radio", json_boolean(sensors->radio));
    json_put(object, "contacts", json_put_int(sensors->contacts));
    return object;
}

static json_t *hazards_of(const struct record *record)
{
    json_t *list = json_put_array();
    for (size_t i = 0; i < record->accepted_count; i++) {
        json_put_new(list, json_put_text(record->accepted_hazards[i]));
    }
    return list;
}

void record_put_procedure(json_t *object, const struct procedure *procedure)
{
    json_put(object, "procedure", json_put_text(procedure->name));
    json_put(object, "kind", json_put_text(profile_procedure_kind_name(procedure->kind)));
    json_put(object, "source", json_put_text(procedure->source.id));
}

static void put_facts(json_t *object, const struct record *record)
{
#define PUT(name) json_put(object, #name, json_put_text(record->name));
    RUN_FACTS(PUT)
#undef PUT
}

int record_write(const struct record *record, FILE *out)
{
    const struct timeline *timeline = record->timeline;
    const struct judgement *judgement = record->judgement;
    json_t *object = json_put_object();

    json_put(object, "format", json_put_int(RECORD_FORMAT));
    json_put(object, "verdict", json_put_text(judge_verdict_name(judgement->verdict)));
    json_put(object, "reason", json_put_text(judgement->reason));
    json_put(object, "next", json_put_text(judgement->next));
    json_put(object, "simulated", json_boolean(record->simulated));
    json_put(object, "model", json_put_text(record->profile->model));
    record_put_procedure(object, record->procedure);
    json_put(object, "bench", json_put_text(record->bench));
    json_put(object, "station", json_put_text(record->station));
    json_put(object, "unit", json_put_text(record->unit));
    put_facts(object, record);
    json_put(object, "hazards_accepted", hazards_of(record));
    json_put(object, "version", json_put_text(record->version));
    json_put(object, "started", record_started(timeline->wall_origin_ns));
    json_put(object, "clock_origin_ns", json_put_int(timeline->origin_ns));
    json_put(object, "eyes", eyes_of(&record->sensors));
    json_put(object, "end", json_put_text(timeline_run_end_name(record->end)));
    json_put(object, "presses", record_presses(timeline));
    json_put(object, "led", led_of(record));
    json_put(object, "sound", pulses_of(timeline, ENTRY_SOUND));
    json_put(object, "radio", radio_of(timeline));
    json_put(object, "answers", answers_of(timeline));
    json_put(object, "expectations", record_put_findings(judgement));
    json_put(object, "timeline", timeline_of(timeline));
    record_put_digest(object, record->state);
    return json_write(object, out);
}
