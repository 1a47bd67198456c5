#include "tui/print/lanes.h"

#include "rig/base/units.h"

#include <string.h>

/* Round cell lengths. */
static const int64_t steps_ms[] = {1,   2,   5,    10,   20,   25,    50,    100,  200,
                                   250, 500, 1000, 2000, 5000, 10000, 30000, 60000};
enum { STEPS = sizeof(steps_ms) / sizeof(steps_ms[0]) };

static int64_t round_cell(int64_t cell_ns)
{
    for (size_t i = 0; i < STEPS; i++) {
        if (steps_ms[i] * NS_PER_MS >= cell_ns) {
            return steps_ms[i] * NS_PER_MS;
        }
    }
    return cell_ns;
}

struct axis lanes_axis_over(int64_t from_ns, int64_t to_ns, int cells)
{
    int64_t length_ns = to_ns > from_ns ? to_ns - from_ns : 1;
    struct axis axis = {.cell_ns = round_cell(length_ns / cells + 1), .cells = cells};
    axis.from_ns = from_ns - from_ns % axis.cell_ns;
    if (axis.from_ns + cells * axis.cell_ns < to_ns) {
        axis.cell_ns = round_cell(axis.cell_ns + 1);
        axis.from_ns = from_ns - from_ns % axis.cell_ns;
    }
    return axis;
}

int64_t lanes_axis_zoom(int64_t cell_ns, int by)
{
    for (int i = 0; i < STEPS; i++) {
        if (steps_ms[i] * NS_PER_MS >= cell_ns) {
            int to = i + by < 0 ? 0 : i + by >= STEPS ? STEPS - 1 : i + by;
            return steps_ms[to] * NS_PER_MS;
        }
    }
    return cell_ns;
}

bool lanes_axis_cells(const struct axis *axis, int64_t from_ns, int64_t to_ns, int *first,
                      int *last)
{
    if (to_ns <= axis->from_ns) {
        return false;
    }
    int64_t a = (from_ns - axis->from_ns) / axis->cell_ns;
    int64_t b = (to_ns - 1 - axis->from_ns) / axis->cell_ns;
    if (a >= axis->cells) {
        return false;
    }
    *first = from_ns < axis->from_ns ? 0 : (int)a;
    *last = b >= axis->cells ? axis->cells - 1 : (int)b;
    *last = *last < *first ? *first : *last;
    return true;
}

void lanes_axis_labels(const struct axis *axis, char *line)
{
    int end = 0;
    memset(line, ' ', (size_t)axis->cells);
    for (int cell = 0; cell < axis->cells; cell += 10) {
        char text[DURATION_TEXT_MAX];
        units_duration_format(text, axis->from_ns + cell * axis->cell_ns);
        int length = (int)strlen(text);
        if (cell < end || cell + length > axis->cells) {
            continue;
        }
        memcpy(line + cell, text, (size_t)length);
        end = cell + length + 1;
    }
    line[end > 0 ? end - 1 : 0] = '\0';
}

static void mark(const struct axis *axis, int64_t from_ns, int64_t to_ns, bool *cells)
{
    int first;
    int last;
    if (lanes_axis_cells(axis, from_ns, to_ns, &first, &last)) {
        memset(cells + first, true, (size_t)(last - first + 1));
    }
}

bool lane_ordered(const struct timeline *timeline, unsigned actuator, const struct axis *axis,
                  int64_t now_ns, bool *cells)
{
    bool any = false;
    size_t at = 0;
    const struct entry *pressed;
    memset(cells, false, (size_t)axis->cells);
    while ((pressed = timeline_next(timeline, ENTRY_PRESSED, &at))) {
        if (!(pressed->mask & (1U << actuator))) {
            continue;
        }
        int64_t until_ns = now_ns > pressed->until_ns ? now_ns : pressed->until_ns + 1;
        size_t after = at;
        const struct entry *released;
        while ((released = timeline_next(timeline, ENTRY_RELEASED, &after))) {
            if (released->press == pressed->press) {
                until_ns = released->at_ns;
                break;
            }
        }
        any = true;
        mark(axis, pressed->at_ns - timeline->origin_ns, until_ns - timeline->origin_ns, cells);
    }
    return any;
}

bool lane_measured(const struct timeline *timeline, unsigned actuator, const struct axis *axis,
                   int64_t now_ns, bool *cells)
{
    bool any = false;
    bool down = false;
    int64_t down_ns = 0;
    size_t at = 0;
    const struct entry *contact;
    memset(cells, false, (size_t)axis->cells);
    while ((contact = timeline_next(timeline, ENTRY_CONTACT, &at))) {
        if (contact->input != (int)actuator || contact->code == CONTACT_NEVER) {
            continue;
        }
        any = true;
        if (contact->code == CONTACT_DOWN && !down) {
            down = true;
            down_ns = contact->time_ns;
        } else if (contact->code == CONTACT_UP && down) {
            down = false;
            mark(axis, down_ns - timeline->origin_ns, contact->time_ns - timeline->origin_ns,
                 cells);
        }
    }
    if (down) {
        mark(axis, down_ns - timeline->origin_ns, now_ns - timeline->origin_ns, cells);
    }
    return any;
}

static void shine(const struct timeline *timeline, const struct axis *axis,
                  const struct pulse *pulse, colour *cells, int64_t *lit_ns)
{
    int64_t from_ns = pulse->start_ns - timeline->origin_ns;
    int64_t to_ns = pulse->end_ns - timeline->origin_ns;
    int first;
    int last;
    if (!lanes_axis_cells(axis, from_ns, to_ns, &first, &last)) {
        return;
    }
    /* A cell shows what fills half of it; a pulse too short for that gets the cell it fills most.
     */
    int best = first;
    int64_t best_ns = 0;
    for (int i = first; i <= last; i++) {
        int64_t begin_ns = axis->from_ns + i * axis->cell_ns;
        int64_t a = from_ns > begin_ns ? from_ns : begin_ns;
        int64_t b = to_ns < begin_ns + axis->cell_ns ? to_ns : begin_ns + axis->cell_ns;
        if (b - a > best_ns) {
            best = i;
            best_ns = b - a;
        }
        if (2 * (b - a) >= axis->cell_ns && b - a >= lit_ns[i]) {
            lit_ns[i] = b - a;
            cells[i] = pulse->colour;
        }
    }
    if (best_ns > lit_ns[best]) {
        lit_ns[best] = best_ns;
        cells[best] = pulse->colour;
    }
}

bool lane_led(const struct timeline *timeline, const struct axis *axis, const struct pulse *live,
              colour *cells)
{
    int64_t lit_ns[LANES_CELLS_MAX] = {0};
    size_t at = 0;
    const struct entry *entry;
    bool any = live != NULL;
    memset(cells, COLOUR_DARK, (size_t)axis->cells * sizeof(*cells));
    while ((entry = timeline_next(timeline, ENTRY_PULSE, &at))) {
        shine(timeline, axis, &entry->pulse, cells, lit_ns);
        any = true;
    }
    if (live) {
        shine(timeline, axis, live, cells, lit_ns);
    }
    return any;
}

bool lane_sound(const struct timeline *timeline, const struct axis *axis, const struct pulse *live,
                bool *cells)
{
    bool any = live != NULL;
    size_t at = 0;
    const struct entry *entry;
    memset(cells, false, (size_t)axis->cells);
    while ((entry = timeline_next(timeline, ENTRY_SOUND, &at))) {
        mark(axis, entry->at_ns - timeline->origin_ns, entry->until_ns - timeline->origin_ns,
             cells);
        any = true;
    }
    if (live) {
        mark(axis, live->start_ns - timeline->origin_ns, live->end_ns - timeline->origin_ns, cells);
    }
    return any;
}

bool lane_radio(const struct timeline *timeline, const struct axis *axis, char *cells)
{
    bool any = false;
    size_t at = 0;
    const struct entry *entry;
    memset(cells, 0, (size_t)axis->cells);
    while ((entry = timeline_next(timeline, ENTRY_RADIO, &at))) {
        char letter = radio_event_letter((enum radio_event)entry->code);
        int first;
        int last;
        int64_t from_ns = entry->time_ns - timeline->origin_ns;
        if (letter && lanes_axis_cells(axis, from_ns, from_ns + 1, &first, &last)) {
            cells[first] = letter;
            any = true;
        }
    }
    return any;
}
