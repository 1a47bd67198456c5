/*
 * The scope: levels, edges, pulses and contacts as the port tells them, the older half gone when
 * it is full, and the way from edge to edge.
 */
#include "rig/base/units.h"
#include "rig/run/scope.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START_NS (INT64_C(7000) * NS_PER_S)

enum { RED, GREEN, BLUE, SOUND, CONTACT, PLACED };

static const char bench_text[] = "bench: b\n"
                                 "stations:\n"
                                 "  A:\n"
                                 "    chip: c\n"
                                 "    actuators: { power: { line: 0, kind: relay, max_on: 1 s } }\n"
                                 "    led: { r: { line: 1 }, g: { line: 2 }, b: { line: 3 } }\n"
                                 "    sound: { line: 4 }\n"
                                 "    contact: { power: { line: 5 } }\n"
                                 "    inputs: { placed: { line: 6, is: yes, else: no } }\n";

struct rig {
    struct bench *bench;
    const struct station *station;
    unsigned input[6]; /* of each above, in the station's order */
    struct scope *scope;
};

static unsigned input_named(const struct station *station, const char *name)
{
    for (unsigned i = 0; i < station->input_count; i++) {
        if (strcmp(station->inputs[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("no input %s", name);
    return 0;
}

static int set_up(void **state)
{
    static const char *const names[] = {"led_r", "led_g",         "led_b",
                                        "sound", "contact_power", "placed"};
    struct diags diags = DIAGS_INIT;
    int8_t levels[BENCH_INPUTS_MAX] = {0};
    struct rig *rig = calloc(1, sizeof(*rig));

    rig->bench = bench_load_text(&diags, "b", bench_text, sizeof(bench_text) - 1);
    if (!rig->bench) {
        fail_msg("%s", diags_text(&diags));
    }
    rig->station = &rig->bench->stations[0];
    for (size_t i = 0; i < 6; i++) {
        rig->input[i] = input_named(rig->station, names[i]);
    }
    levels[rig->input[PLACED]] = 1;
    levels[rig->input[CONTACT]] = -1;
    rig->scope = scope_new(rig->station, START_NS, levels);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    scope_free(rig->scope);
    bench_free(rig->bench);
    free(rig);
    return 0;
}

static void edge(struct rig *rig, int which, int64_t ms, bool level)
{
    scope_event(rig->scope, &(struct port_event){.kind = PORT_EDGE,
                                                 .time_ns = START_NS + ms * NS_PER_MS,
                                                 .input = (int16_t)rig->input[which],
                                                 .level = level});
}

static size_t count_of(const struct rig *rig, enum entry_kind kind)
{
    size_t i = 0;
    size_t count = 0;
    while (timeline_next(scope_timeline(rig->scope), kind, &i)) {
        count++;
    }
    return count;
}

static void levels_follow_edges(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(scope_level(rig->scope, rig->input[PLACED]), 1);
    assert_int_equal(scope_level(rig->scope, rig->input[RED]), 0);
    assert_int_equal(scope_level(rig->scope, rig->input[CONTACT]), -1);
    assert_int_equal(scope_level(rig->scope, 100), -1);
    edge(rig, PLACED, 1, false);
    edge(rig, CONTACT, 2, true);
    assert_int_equal(scope_level(rig->scope, rig->input[PLACED]), 0);
    assert_int_equal(scope_level(rig->scope, rig->input[CONTACT]), 1);

    size_t i = 0;
    const struct entry *contact = timeline_next(scope_timeline(rig->scope), ENTRY_CONTACT, &i);
    assert_non_null(contact);
    assert_int_equal(contact->code, CONTACT_DOWN);
    assert_int_equal(contact->input, 0);
    assert_string_equal(contact->text, "power");
    assert_int_equal(contact->time_ns, START_NS + 2 * NS_PER_MS);
    assert_int_equal(count_of(rig, ENTRY_CONTACT), 1);
    assert_int_equal(scope_timeline(rig->scope)->edge_count, 2);

    /* No input of this station. */
    scope_event(rig->scope, &(struct port_event){.kind = PORT_EDGE, .input = 23, .level = 1});
    scope_event(rig->scope, &(struct port_event){.kind = PORT_EDGE, .input = -1, .level = 1});
    assert_int_equal(scope_timeline(rig->scope)->edge_count, 2);
}

static void light_and_sound_are_decoded(void **state)
{
    struct rig *rig = *state;
    size_t i = 0;

    edge(rig, BLUE, 100, true);
    assert_true(scope_wake_ns(rig->scope) < INT64_MAX);
    edge(rig, BLUE, 300, false);
    edge(rig, SOUND, 400, true);
    edge(rig, SOUND, 900, false);
    assert_int_equal(count_of(rig, ENTRY_SOUND), 0);
    /* Told of time when the scope itself wants to be, it has both. */
    for (int n = 0; n < 20 && scope_wake_ns(rig->scope) < INT64_MAX; n++) {
        int64_t wake_ns = scope_wake_ns(rig->scope);
        scope_tick(rig->scope, wake_ns > START_NS ? wake_ns : START_NS);
    }
    assert_true(scope_wake_ns(rig->scope) == INT64_MAX);
    const struct entry *pulse = timeline_next(scope_timeline(rig->scope), ENTRY_PULSE, &i);
    assert_non_null(pulse);
    assert_int_equal(pulse->pulse.colour, COLOUR_BLUE);
    assert_int_equal(pulse->at_ns, START_NS + 100 * NS_PER_MS);
    assert_int_equal(pulse->until_ns, START_NS + 300 * NS_PER_MS);
    i = 0;
    const struct entry *sound = timeline_next(scope_timeline(rig->scope), ENTRY_SOUND, &i);
    assert_non_null(sound);
    assert_int_equal(sound->at_ns, START_NS + 400 * NS_PER_MS);
    assert_int_equal(sound->until_ns, START_NS + 900 * NS_PER_MS);
}

static void presses_and_faults(void **state)
{
    struct rig *rig = *state;
    struct port_event event = {.kind = PORT_PRESSED, .time_ns = START_NS, .mask = 1, .press = 4};

    assert_int_equal(scope_active(rig->scope), 0);
    scope_event(rig->scope, &event);
    assert_int_equal(scope_active(rig->scope), 1);
    event.kind = PORT_RELEASED;
    scope_event(rig->scope, &event);
    assert_int_equal(scope_active(rig->scope), 0);
    event.kind = PORT_PRESSED;
    scope_event(rig->scope, &event);
    scope_event(rig->scope, &(struct port_event){.kind = PORT_ESTOP, .time_ns = START_NS});
    assert_int_equal(scope_active(rig->scope), 0);
    scope_event(rig->scope, &event);
    scope_event(rig->scope,
                &(struct port_event){.kind = PORT_FAULT, .time_ns = START_NS, .text = "it broke"});
    assert_int_equal(scope_active(rig->scope), 0);
    scope_event(rig->scope, &(struct port_event){.kind = PORT_LOST,
                                                 .time_ns = START_NS,
                                                 .input = (int16_t)rig->input[RED],
                                                 .count = 12});
    scope_event(rig->scope,
                &(struct port_event){.kind = PORT_LOST, .time_ns = START_NS, .input = -1});
    scope_event(rig->scope, &(struct port_event){
                                .kind = PORT_GUARD, .time_ns = START_NS, .text = "it is gone"});
    assert_int_equal(count_of(rig, ENTRY_NOTE), 1);
    assert_int_equal(count_of(rig, ENTRY_PRESSED), 3);
    assert_int_equal(count_of(rig, ENTRY_RELEASED), 1);
    assert_int_equal(count_of(rig, ENTRY_ABORT), 1);
    size_t i = 0;
    assert_string_equal(timeline_next(scope_timeline(rig->scope), ENTRY_FAULT, &i)->text,
                        "it broke");
    i = 0;
    const struct entry *lost = timeline_next(scope_timeline(rig->scope), ENTRY_LOST, &i);
    assert_string_equal(lost->text, "led_r");
    assert_int_equal(lost->value, 12);
    assert_int_equal(timeline_next(scope_timeline(rig->scope), ENTRY_LOST, &i)->input, -1);
}

/* However many come: the latest are there, whole and in order, never more than there is room for,
 * and at least half of that. */
static void older_half_goes(void **state)
{
    struct rig *rig = *state;
    const struct timeline *timeline = scope_timeline(rig->scope);
    enum { EDGES = 3 * SCOPE_EDGES_MAX + 77 };

    for (int64_t i = 0; i < EDGES; i++) {
        edge(rig, PLACED, i, i & 1);
        assert_true(timeline->edge_count <= SCOPE_EDGES_MAX);
        if (i >= SCOPE_EDGES_MAX) {
            assert_true(timeline->edge_count >= SCOPE_EDGES_MAX / 2);
        }
    }
    int64_t first_ms = EDGES - (int64_t)timeline->edge_count;
    for (size_t i = 0; i < timeline->edge_count; i++) {
        assert_int_equal(timeline->edges[i].time_ns,
                         START_NS + (first_ms + (int64_t)i) * NS_PER_MS);
    }
}

/* A contact is an edge and an entry: those that go are of one age, and texts stay what they were.
 */
static void entries_and_edges_go_together(void **state)
{
    struct rig *rig = *state;
    const struct timeline *timeline = scope_timeline(rig->scope);
    enum { MOVES = 3 * SCOPE_ENTRIES_MAX + 5 };

    for (int64_t i = 0; i < MOVES; i++) {
        edge(rig, CONTACT, i, i & 1);
        assert_true(timeline->count <= SCOPE_ENTRIES_MAX);
    }
    assert_true(timeline->count >= SCOPE_ENTRIES_MAX / 2);
    assert_in_range(timeline->edge_count, timeline->count, timeline->count + 1);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[timeline->count - 1 - i];
        assert_int_equal(entry->time_ns, START_NS + (MOVES - 1 - (int64_t)i) * NS_PER_MS);
        assert_string_equal(entry->text, "power");
    }
}

static void from_edge_to_edge(void **state)
{
    struct rig *rig = *state;
    const struct scope *scope = rig->scope;
    int64_t at_ns = 1;

    assert_false(scope_edge_before(scope, -1, INT64_MAX, &at_ns));
    assert_false(scope_edge_after(scope, -1, 0, &at_ns));
    edge(rig, RED, 10, true);
    edge(rig, PLACED, 30, false);
    edge(rig, RED, 20, false); /* read late */
    assert_true(scope_edge_before(scope, -1, INT64_MAX, &at_ns));
    assert_int_equal(at_ns, START_NS + 30 * NS_PER_MS);
    assert_true(scope_edge_before(scope, -1, at_ns, &at_ns));
    assert_int_equal(at_ns, START_NS + 20 * NS_PER_MS);
    assert_true(scope_edge_before(scope, (int)rig->input[RED], at_ns, &at_ns));
    assert_int_equal(at_ns, START_NS + 10 * NS_PER_MS);
    assert_false(scope_edge_before(scope, -1, at_ns, &at_ns));
    assert_true(scope_edge_after(scope, (int)rig->input[PLACED], at_ns, &at_ns));
    assert_int_equal(at_ns, START_NS + 30 * NS_PER_MS);
    assert_false(scope_edge_after(scope, -1, at_ns, &at_ns));
    assert_true(scope_edge_after(scope, (int)rig->input[RED], 0, &at_ns));
    assert_int_equal(at_ns, START_NS + 10 * NS_PER_MS);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH(levels_follow_edges), WITH(light_and_sound_are_decoded),   WITH(presses_and_faults),
        WITH(older_half_goes),     WITH(entries_and_edges_go_together), WITH(from_edge_to_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
