#include "rig/run/scope.h"

#include "rig/signal/senses.h"

#include <stdlib.h>
#include <string.h>

struct scope {
    const struct station *station;
    struct timeline timeline;
    int64_t now_ns;
    int8_t levels[BENCH_INPUTS_MAX];
    uint32_t active;
    struct senses senses;
};

/* ---- room ----------------------------------------------------------------------------------- */

/* Drop edges before `from`. */
static void drop_edges(struct timeline *timeline, size_t from)
{
    timeline->edge_count -= from;
    memmove(timeline->edges, timeline->edges + from,
            timeline->edge_count * sizeof(timeline->edges[0]));
}

/* Drop entries before `from`, and their texts, which a timeline can only free as a whole. */
static void drop_entries(struct timeline *timeline, size_t from)
{
    struct timeline young;
    timeline_init(&young);
    young.origin_ns = timeline->origin_ns;
    for (size_t i = from; i < timeline->count; i++) {
        timeline_add(&young, &timeline->entries[i]);
    }
    struct timeline_edge *edges = young.edges;
    young.edges = timeline->edges;
    young.edge_count = timeline->edge_count;
    young.edge_capacity = timeline->edge_capacity;
    timeline->edges = edges;
    timeline_free(timeline);
    *timeline = young;
}

/* Called before an edge or entry is added. Keeps entries and edges back to the same instant. */
static void make_room(struct scope *scope)
{
    struct timeline *timeline = &scope->timeline;
    size_t entry = 0;
    size_t edge = 0;

    if (timeline->edge_count >= SCOPE_EDGES_MAX) {
        edge = SCOPE_EDGES_MAX / 2;
        int64_t from_ns = timeline->edges[edge].time_ns;
        while (entry < timeline->count && timeline->entries[entry].time_ns < from_ns) {
            entry++;
        }
    } else if (timeline->count >= SCOPE_ENTRIES_MAX) {
        entry = SCOPE_ENTRIES_MAX / 2;
        int64_t from_ns = timeline->entries[entry].time_ns;
        while (edge < timeline->edge_count && timeline->edges[edge].time_ns < from_ns) {
            edge++;
        }
    }
    if (edge > 0) {
        drop_edges(timeline, edge);
    }
    if (entry > 0) {
        drop_entries(timeline, entry);
    }
}

static void add(struct scope *scope, const struct entry *entry)
{
    make_room(scope);
    timeline_add(&scope->timeline, entry);
}

/* ---- decoding ------------------------------------------------------------------------------- */

static void take_pulse(void *context, const struct pulse *pulse)
{
    add(context, &(struct entry){.kind = ENTRY_PULSE,
                                 .time_ns = pulse->start_ns,
                                 .at_ns = pulse->start_ns,
                                 .until_ns = pulse->end_ns,
                                 .pulse = *pulse});
}

static void take_sound(void *context, const struct pulse *sound)
{
    add(context, &(struct entry){.kind = ENTRY_SOUND,
                                 .time_ns = sound->start_ns,
                                 .at_ns = sound->start_ns,
                                 .until_ns = sound->end_ns,
                                 .pulse = *sound});
}

/* Time never goes backwards for callers, whatever an event says. */
static void advance(struct scope *scope, int64_t now_ns)
{
    if (now_ns > scope->now_ns) {
        scope->now_ns = now_ns;
    }
    senses_advance(&scope->senses, scope->now_ns);
}

struct scope *scope_new(const struct station *station, int64_t now_ns, const int8_t *levels)
{
    struct scope *scope = xcalloc(sizeof(*scope));
    struct senses_wiring wiring = bench_station_senses(station);

    scope->station = station;
    scope->now_ns = now_ns;
    timeline_init(&scope->timeline);
    scope->timeline.origin_ns = now_ns;
    memset(scope->levels, -1, sizeof(scope->levels));
    memcpy(scope->levels, levels, station->input_count * sizeof(levels[0]));
    senses_init(&scope->senses, &wiring, levels, now_ns, take_pulse, take_sound, scope);
    return scope;
}

void scope_free(struct scope *scope)
{
    if (scope) {
        timeline_free(&scope->timeline);
        free(scope);
    }
}

/* ---- events --------------------------------------------------------------------------------- */

static void take_edge(struct scope *scope, const struct port_event *event)
{
    if (event->input < 0 || (size_t)event->input >= scope->station->input_count) {
        return;
    }
    const struct input *input = &scope->station->inputs[event->input];

    scope->levels[event->input] = event->level ? 1 : 0;
    make_room(scope);
    timeline_add_edge(&scope->timeline, event->time_ns, (unsigned)event->input, event->level);
    senses_edge(&scope->senses, (size_t)event->input, event->time_ns, event->level);
    if (input->role == INPUT_CONTACT) {
        add(scope, &(struct entry){.kind = ENTRY_CONTACT,
                                   .code = event->level ? CONTACT_DOWN : CONTACT_UP,
                                   .input = (int16_t)input->actuator,
                                   .time_ns = event->time_ns,
                                   .text = scope->station->actuators[input->actuator].control});
    }
}

static void take_written(struct scope *scope, const struct port_event *event)
{
    bool pressed = event->kind == PORT_PRESSED;
    scope->active = pressed ? event->mask : 0;
    add(scope, &(struct entry){.kind = pressed ? ENTRY_PRESSED : ENTRY_RELEASED,
                               .press = event->press,
                               .mask = event->mask,
                               .time_ns = event->time_ns,
                               .at_ns = event->at_ns,
                               .until_ns = event->until_ns});
}

static void take_lost(struct scope *scope, const struct port_event *event)
{
    bool known = event->input >= 0 && (size_t)event->input < scope->station->input_count;
    const struct input *input = known ? &scope->station->inputs[event->input] : NULL;
    add(scope, &(struct entry){.kind = ENTRY_LOST,
                               .code = input ? (uint8_t)input->role : 0,
                               .input = (int16_t)(known ? event->input : -1),
                               .value = event->count,
                               .time_ns = event->time_ns,
                               .text = input ? input->name : NULL});
}

void scope_event(struct scope *scope, const struct port_event *event)
{
    advance(scope, event->time_ns);
    switch (event->kind) {
    case PORT_EDGE:
        take_edge(scope, event);
        break;
    case PORT_PRESSED:
    case PORT_RELEASED:
        take_written(scope, event);
        break;
    case PORT_LOST:
        take_lost(scope, event);
        break;
    case PORT_ESTOP:
    case PORT_FAULT:
        scope->active = 0;
        add(scope, &(struct entry){.kind = event->kind == PORT_ESTOP ? ENTRY_ABORT : ENTRY_FAULT,
                                   .time_ns = event->time_ns,
                                   .text = event->kind == PORT_ESTOP ? "the e-stop was pressed"
                                                                     : event->text,
                                   .text2 = event->kind == PORT_ESTOP ? NULL : event->text2});
        break;
    case PORT_RADIO:
        add(scope, &(struct entry){.kind = ENTRY_RADIO,
                                   .code = (uint8_t)event->radio,
                                   .mask = event->mask,
                                   .value = event->value,
                                   .time_ns = event->time_ns,
                                   .text = event->text,
                                   .object = event->object[0] ? event->object : NULL,
                                   .error = event->error[0] ? event->error : NULL});
        break;
    case PORT_GUARD:
        add(scope, &(struct entry){.kind = ENTRY_NOTE,
                                   .code = NOTE_GUARD,
                                   .time_ns = event->time_ns,
                                   .text = event->text});
        break;
    case PORT_ANSWER:
        break;
    }
}

void scope_tick(struct scope *scope, int64_t now_ns)
{
    advance(scope, now_ns);
}

int64_t scope_wake_ns(const struct scope *scope)
{
    return senses_next_ns(&scope->senses);
}

/* ---- looking -------------------------------------------------------------------------------- */

int scope_level(const struct scope *scope, unsigned input)
{
    return input < scope->station->input_count ? scope->levels[input] : -1;
}

uint32_t scope_active(const struct scope *scope)
{
    return scope->active;
}

const struct timeline *scope_timeline(const struct scope *scope)
{
    return &scope->timeline;
}

/* Edges are in order of arrival, which is not quite the order of time: check all of them. */
bool scope_edge_before(const struct scope *scope, int input, int64_t at_ns, int64_t *edge_ns)
{
    bool found = false;
    for (size_t i = 0; i < scope->timeline.edge_count; i++) {
        const struct timeline_edge *edge = &scope->timeline.edges[i];
        if (edge->time_ns < at_ns && (input < 0 || edge->input == input) &&
            (!found || edge->time_ns > *edge_ns)) {
            *edge_ns = edge->time_ns;
            found = true;
        }
    }
    return found;
}

bool scope_edge_after(const struct scope *scope, int input, int64_t at_ns, int64_t *edge_ns)
{
    bool found = false;
    for (size_t i = 0; i < scope->timeline.edge_count; i++) {
        const struct timeline_edge *edge = &scope->timeline.edges[i];
        if (edge->time_ns > at_ns && (input < 0 || edge->input == input) &&
            (!found || edge->time_ns < *edge_ns)) {
            *edge_ns = edge->time_ns;
            found = true;
        }
    }
    return found;
}

bool scope_led(const struct scope *scope, int64_t now_ns, struct pulse *pulse)
{
    return senses_light(&scope->senses, now_ns, pulse);
}

bool scope_sound(const struct scope *scope, int64_t now_ns, struct pulse *pulse)
{
    return senses_sound(&scope->senses, now_ns, pulse);
}
