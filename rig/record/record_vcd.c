#include "rig/record/record_vcd.h"

#include "rig/base/arena.h"
#include "rig/base/text.h"
#include "rig/format/vcd.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNALS_MAX = BENCH_ACTUATORS_MAX + BENCH_INPUTS_MAX + 1 };

static_assert((int)SIGNALS_MAX <= (int)VCD_SIGNALS_MAX, "a station fits into one capture");

struct change {
    int64_t time_ns;
    uint32_t order; /* of two at one instant, the one reported first comes first */
    uint16_t signal;
    uint16_t level;
};

struct capture {
    const struct station *station;
    const struct timeline *timeline;
    char names[SIGNALS_MAX][VCD_NAME_MAX];
    int8_t initial[SIGNALS_MAX]; /* level at the origin, -1 not known yet */
    size_t signals;
    size_t input_signals[BENCH_INPUTS_MAX]; /* SIGNALS_MAX: not in the capture */
    size_t lost_signal;                     /* SIGNALS_MAX: none was lost */
    struct change *changes;
    size_t count;
};

/* NULL: not in the capture. */
static const char *input_name(const struct station *station, const struct input *input,
                              char out[VCD_NAME_MAX])
{
    switch (input->role) {
    case INPUT_LED_R:
        return "led_r";
    case INPUT_LED_G:
        return "led_g";
    case INPUT_LED_B:
        return "led_b";
    case INPUT_LED:
        return "led";
    case INPUT_CONTACT:
        snprintf(out, VCD_NAME_MAX, "contact_%s", station->actuators[input->actuator].control);
        return out;
    case INPUT_SOUND:
    case INPUT_QUESTION:
        return input->name;
    case INPUT_ESTOP:
        break;
    }
    return NULL;
}

static void name_signals(struct capture *capture)
{
    const struct station *station = capture->station;
    char name[VCD_NAME_MAX];

    for (size_t i = 0; i < station->actuator_count; i++) {
        snprintf(capture->names[capture->signals++], VCD_NAME_MAX, "press_%s",
                 station->actuators[i].control);
    }
    for (size_t i = 0; i < station->input_count; i++) {
        const char *found = input_name(station, &station->inputs[i], name);
        capture->input_signals[i] = found ? capture->signals : SIGNALS_MAX;
        if (found) {
            snprintf(capture->names[capture->signals++], VCD_NAME_MAX, "%s", found);
        }
    }
    if (capture->lost_signal != SIGNALS_MAX) {
        capture->lost_signal = capture->signals;
        snprintf(capture->names[capture->signals++], VCD_NAME_MAX, "edges_lost");
    }
    memset(capture->initial, -1, sizeof(capture->initial));
}

static void add_change(struct capture *capture, int64_t time_ns, size_t signal, bool level)
{
    int64_t since_ns = time_ns - capture->timeline->origin_ns;

    capture->changes[capture->count] = (struct change){
        .time_ns = since_ns > 0 ? since_ns : 0,
        .order = (uint32_t)capture->count,
        .signal = (uint16_t)signal,
        .level = level,
    };
    capture->count++;
}

static void add_press(struct capture *capture, const struct entry *entry)
{
    for (size_t i = 0; i < capture->station->actuator_count; i++) {
        if (entry->mask & (1U << i)) {
            add_change(capture, entry->at_ns, i, entry->kind == ENTRY_PRESSED);
        }
    }
}

static void add_input(struct capture *capture, int64_t time_ns, size_t input, bool level)
{
    if (capture->input_signals[input] != SIGNALS_MAX) {
        add_change(capture, time_ns, capture->input_signals[input], level);
    }
}

/* Contacts and answers are stored as entries, not edges. */
static void add_contact(struct capture *capture, const struct entry *entry)
{
    const struct station *station = capture->station;

    for (size_t i = 0; i < station->input_count && entry->code != CONTACT_NEVER; i++) {
        if (station->inputs[i].role == INPUT_CONTACT &&
            station->inputs[i].actuator == entry->input) {
            add_input(capture, entry->time_ns, i, entry->code == CONTACT_DOWN);
        }
    }
}

static void add_answer(struct capture *capture, const struct entry *entry)
{
    const struct station *station = capture->station;

    for (size_t i = 0; i < station->input_count && entry->code == ANSWER_BY_INPUT; i++) {
        const struct input *input = &station->inputs[i];
        if (input->role == INPUT_QUESTION && strcmp(input->question, entry->text) == 0) {
            bool level = text_equal_nocase(input->when_active, entry->text2);
            int8_t *initial = &capture->initial[capture->input_signals[i]];
            /* The first answer also holds for the time before it. */
            if (*initial < 0) {
                *initial = (int8_t)level;
            }
            add_input(capture, entry->time_ns, i, level);
        }
    }
}

static void add_entries(struct capture *capture)
{
    const struct timeline *timeline = capture->timeline;

    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        if (entry->kind == ENTRY_PRESSED || entry->kind == ENTRY_RELEASED) {
            add_press(capture, entry);
        } else if (entry->kind == ENTRY_CONTACT) {
            add_contact(capture, entry);
        } else if (entry->kind == ENTRY_ANSWER) {
            add_answer(capture, entry);
        } else if (entry->kind == ENTRY_LOST) {
            add_change(capture, entry->time_ns, capture->lost_signal, true);
        }
    }
}

static void add_edges(struct capture *capture)
{
    const struct timeline *timeline = capture->timeline;

    for (size_t i = 0; i < timeline->edge_count; i++) {
        const struct timeline_edge *edge = &timeline->edges[i];
        if (edge->input < capture->station->input_count) {
            add_input(capture, edge->time_ns, edge->input, edge->level);
        }
    }
    if (timeline->edges_unkept) {
        int64_t last_ns = timeline->edge_count ? timeline->edges[timeline->edge_count - 1].time_ns
                                               : timeline->origin_ns;
        add_change(capture, last_ns, capture->lost_signal, true);
    }
}

static int compare(const void *left, const void *right)
{
    const struct change *a = left;
    const struct change *b = right;

    if (a->time_ns != b->time_ns) {
        return a->time_ns < b->time_ns ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

/* ---- the levels at the beginning ---------------------------------------------------------- */

/* Was it already audible or lit when watching began? Without edges only a pulse can tell. */
static bool lit_throughout(const struct capture *capture, const struct input *input)
{
    int channel = bench_input_led_channel(input->role);
    enum entry_kind kind = input->role == INPUT_SOUND ? ENTRY_SOUND : ENTRY_PULSE;
    size_t i = 0;
    const struct entry *pulse;

    if (channel < 0 && input->role != INPUT_SOUND) {
        return false;
    }
    while ((pulse = timeline_next(capture->timeline, kind, &i))) {
        bool lit = channel <= 0 && (kind == ENTRY_SOUND || input->role == INPUT_LED);
        if (pulse->pulse.clipped && (lit || pulse->pulse.duty_permille[channel])) {
            return true;
        }
    }
    return false;
}

/* Before its first edge, an input had the opposite level. Inputs without edges get theirs from
 * other entries. */
static void find_initial(struct capture *capture)
{
    for (size_t i = 0; i < capture->count; i++) {
        const struct change *change = &capture->changes[i];
        if (capture->initial[change->signal] < 0) {
            capture->initial[change->signal] = (int8_t)!change->level;
        }
    }
    for (size_t i = 0; i < capture->station->input_count; i++) {
        size_t signal = capture->input_signals[i];
        if (signal != SIGNALS_MAX && capture->initial[signal] < 0) {
            capture->initial[signal] =
                (int8_t)lit_throughout(capture, &capture->station->inputs[i]);
        }
    }
}

/* ---- units of time ------------------------------------------------------------------------ */

/* Move every change to its own time unit: no two changes of a signal share one, and none shares the
 * first, except changes before the start. Changes to the same level are dropped. */
static void quantise(struct capture *capture, int64_t unit_ns)
{
    int64_t last[SIGNALS_MAX] = {0};
    size_t kept = 0;

    for (size_t i = 0; i < capture->count; i++) {
        struct change change = capture->changes[i];
        if (change.level == (capture->initial[change.signal] > 0)) {
            continue;
        }
        capture->initial[change.signal] = (int8_t)change.level;
        int64_t unit = change.time_ns / unit_ns;
        if (change.time_ns > 0 && unit <= last[change.signal]) {
            unit = last[change.signal] + 1;
        }
        last[change.signal] = unit;
        change.time_ns = unit * unit_ns;
        capture->changes[kept++] = change;
    }
    capture->count = kept;
    qsort(capture->changes, kept, sizeof(struct change), compare);
}

/* ---- the whole ---------------------------------------------------------------------------- */

static int64_t end_of(const struct capture *capture)
{
    const struct timeline *timeline = capture->timeline;
    int64_t end_ns = capture->count ? capture->changes[capture->count - 1].time_ns : 0;

    for (size_t i = 0; i < timeline->count; i++) {
        int64_t since_ns = timeline->entries[i].time_ns - timeline->origin_ns;
        end_ns = since_ns > end_ns ? since_ns : end_ns;
    }
    return end_ns;
}

static int write_changes(struct capture *capture, int64_t unit_ns, FILE *out)
{
    const char *names[SIGNALS_MAX];
    struct vcd_writer writer;

    for (size_t i = 0; i < capture->signals; i++) {
        names[i] = capture->names[i];
    }
    vcd_write_begin(&writer, out, names, capture->signals, capture->timeline->wall_origin_ns,
                    unit_ns);
    for (size_t i = 0; i < capture->signals; i++) {
        vcd_write_change(&writer, 0, i, capture->initial[i] > 0);
    }
    quantise(capture, unit_ns);
    for (size_t i = 0; i < capture->count; i++) {
        const struct change *change = &capture->changes[i];
        vcd_write_change(&writer, change->time_ns, change->signal, change->level);
    }
    return vcd_write_end(&writer, end_of(capture));
}

static bool any_lost(const struct timeline *timeline)
{
    size_t i = 0;
    return timeline->edges_unkept || timeline_next(timeline, ENTRY_LOST, &i);
}

int record_vcd_write(const struct record *record, int64_t unit_ns, FILE *out)
{
    const struct timeline *timeline = record->timeline;
    struct capture capture = {.station = record->bench_station,
                              .timeline = timeline,
                              .lost_signal = any_lost(timeline) ? 0 : SIGNALS_MAX};

    assert(record->bench_station);
    size_t most = timeline->count * BENCH_ACTUATORS_MAX + timeline->edge_count + 1;
    capture.changes = xrealloc_array(NULL, most, sizeof(struct change));
    name_signals(&capture);
    add_entries(&capture);
    add_edges(&capture);
    qsort(capture.changes, capture.count, sizeof(struct change), compare);
    find_initial(&capture);
    int failed = write_changes(&capture, unit_ns, out);
    free(capture.changes);
    return failed;
}
