#include "tui/strip.h"

#include "rig/text.h"
#include "rig/units.h"

#include <string.h>

enum {
    LABEL_COLUMNS = 13,
    CELLS = STRIP_COLUMNS - LABEL_COLUMNS - 1,
};

/* The stretch of time that a drawing shows, in CELLS cells. */
struct axis {
    int64_t from_ns;
    int64_t cell_ns;
};

/* Cell sizes that people can count in. */
static int64_t round_cell(int64_t cell_ns)
{
    static const int64_t steps_ms[] = {1,   2,   5,    10,   20,   25,    50,    100,  200,
                                       250, 500, 1000, 2000, 5000, 10000, 30000, 60000};
    for (size_t i = 0; i < sizeof(steps_ms) / sizeof(steps_ms[0]); i++) {
        if (steps_ms[i] * NS_PER_MS >= cell_ns) {
            return steps_ms[i] * NS_PER_MS;
        }
    }
    return cell_ns;
}

static struct axis axis_over(int64_t from_ns, int64_t to_ns)
{
    int64_t length_ns = to_ns > from_ns ? to_ns - from_ns : 1;
    struct axis axis = {.cell_ns = round_cell(length_ns / CELLS + 1)};
    axis.from_ns = from_ns - from_ns % axis.cell_ns;
    if (axis.from_ns + CELLS * axis.cell_ns < to_ns) {
        axis.cell_ns = round_cell(axis.cell_ns + 1);
        axis.from_ns = from_ns - from_ns % axis.cell_ns;
    }
    return axis;
}

/* Cells of [from_ns, to_ns), cut to the axis. False when it lies outside. */
static bool cells_of(const struct axis *axis, int64_t from_ns, int64_t to_ns, int *first, int *last)
{
    int64_t a = (from_ns - axis->from_ns) / axis->cell_ns;
    int64_t b = (to_ns - 1 - axis->from_ns) / axis->cell_ns;
    if (to_ns <= axis->from_ns || a >= CELLS) {
        return false;
    }
    *first = a < 0 ? 0 : (int)a;
    *last = b >= CELLS ? CELLS - 1 : (int)b;
    *last = *last < *first ? *first : *last;
    return true;
}

static void label(FILE *out, const char *text)
{
    char safe[LABEL_COLUMNS * 4];
    text_printable(safe, sizeof(safe), text);
    int columns = text_columns(safe);
    fprintf(out, "%.*s%*s", columns > LABEL_COLUMNS - 1 ? LABEL_COLUMNS - 1 : (int)strlen(safe),
            safe, columns < LABEL_COLUMNS ? LABEL_COLUMNS - columns : 1, "");
}

static void draw_axis(const struct axis *axis, FILE *out)
{
    char line[CELLS + DURATION_TEXT_MAX + 1];
    memset(line, ' ', sizeof(line));
    int end = 0;
    for (int cell = 0; cell < CELLS; cell += 10) {
        char text[DURATION_TEXT_MAX];
        duration_format(text, axis->from_ns + cell * axis->cell_ns);
        size_t length = strlen(text);
        if (cell < end || cell + (int)length > CELLS) {
            continue;
        }
        memcpy(line + cell, text, length);
        end = cell + (int)length + 1;
    }
    line[end > 0 ? end - 1 : 0] = '\0';
    label(out, "");
    fprintf(out, "%s\n", line);
}

/* `down` says for each cell whether the lane is active in it. */
static void draw_lane(const char *name, const bool *down, struct style style, FILE *out)
{
    label(out, name);
    for (int i = 0; i < CELLS; i++) {
        fputs(down[i] ? (style.utf8 ? "█" : "#") : (style.utf8 ? "·" : "."), out);
    }
    fputc('\n', out);
}

static void draw_controls(const struct record *record, const struct axis *axis, struct style style,
                          FILE *out)
{
    const struct timeline *timeline = record->timeline;
    for (size_t i = 0; i < record->bench_station->actuator_count; i++) {
        bool down[CELLS] = {false};
        bool any = false;
        size_t at = 0;
        const struct entry *pressed;
        while ((pressed = timeline_next(timeline, ENTRY_PRESSED, &at))) {
            if (!(pressed->mask & (1U << i))) {
                continue;
            }
            int64_t until_ns = pressed->until_ns + 1;
            size_t after = at;
            const struct entry *released;
            while ((released = timeline_next(timeline, ENTRY_RELEASED, &after))) {
                if (released->press == pressed->press) {
                    until_ns = released->at_ns;
                    break;
                }
            }
            int first;
            int last;
            any = true;
            if (cells_of(axis, pressed->at_ns - timeline->origin_ns, until_ns - timeline->origin_ns,
                         &first, &last)) {
                memset(down + first, true, (size_t)(last - first + 1));
            }
        }
        if (any) {
            draw_lane(record->bench_station->actuators[i].control, down, style, out);
        }
    }
}

static void draw_led(const struct timeline *timeline, const struct axis *axis, struct style style,
                     FILE *out)
{
    colour cells[CELLS] = {COLOUR_DARK};
    int64_t lit_ns[CELLS] = {0};
    size_t at = 0;
    const struct entry *entry;
    while ((entry = timeline_next(timeline, ENTRY_PULSE, &at))) {
        int64_t from_ns = entry->pulse.start_ns - timeline->origin_ns;
        int64_t to_ns = entry->pulse.end_ns - timeline->origin_ns;
        int first;
        int last;
        if (!cells_of(axis, from_ns, to_ns, &first, &last)) {
            continue;
        }
        for (int i = first; i <= last; i++) {
            /* Of several pulses in a cell, the one that fills more of it. */
            int64_t begin_ns = axis->from_ns + i * axis->cell_ns;
            int64_t a = from_ns > begin_ns ? from_ns : begin_ns;
            int64_t b = to_ns < begin_ns + axis->cell_ns ? to_ns : begin_ns + axis->cell_ns;
            if (b - a >= lit_ns[i]) {
                lit_ns[i] = b - a;
                cells[i] = entry->pulse.colour;
            }
        }
    }
    label(out, "LED");
    for (int i = 0; i < CELLS; i++) {
        if (cells[i] == COLOUR_DARK) {
            fputs(style.utf8 ? "·" : ".", out);
        } else {
            fprintf(out, "%s%c%s", ink_led(style, cells[i]), colour_letter(cells[i]),
                    ink_off(style));
        }
    }
    fputc('\n', out);
}

static void draw_sound(const struct timeline *timeline, const struct axis *axis, struct style style,
                       FILE *out)
{
    bool heard[CELLS] = {false};
    bool any = false;
    size_t at = 0;
    const struct entry *entry;
    while ((entry = timeline_next(timeline, ENTRY_SOUND, &at))) {
        int first;
        int last;
        if (cells_of(axis, entry->at_ns - timeline->origin_ns,
                     entry->until_ns - timeline->origin_ns, &first, &last)) {
            memset(heard + first, true, (size_t)(last - first + 1));
            any = true;
        }
    }
    if (any) {
        draw_lane("sound", heard, style, out);
    }
}

static char radio_letter(enum radio_event event)
{
    switch (event) {
    case RADIO_CONNECTED:
        return 'c';
    case RADIO_DISCONNECTED:
        return 'd';
    case RADIO_SEEN:
        return 's';
    case RADIO_GONE:
        return 'g';
    case RADIO_CONNECT_OK:
        return 'K';
    case RADIO_CONNECT_REFUSED:
        return 'R';
    case RADIO_PAIR_OK:
        return 'P';
    case RADIO_ABSENT:
    case RADIO_CONNECT_FAILED:
    case RADIO_PAIR_FAILED:
        return '!';
    case RADIO_READY:
    case RADIO_WHICH:
    case RADIO_SERVICES:
    case RADIO_FIRMWARE:
    case RADIO_BATTERY:
    case RADIO_NOTE:
        break;
    }
    return 0;
}

static void draw_radio(const struct timeline *timeline, const struct axis *axis, struct style style,
                       FILE *out)
{
    char marks[CELLS] = {0};
    bool used[128] = {false};
    bool any = false;
    size_t at = 0;
    const struct entry *entry;
    while ((entry = timeline_next(timeline, ENTRY_RADIO, &at))) {
        char letter = radio_letter((enum radio_event)entry->code);
        int first;
        int last;
        int64_t from_ns = entry->time_ns - timeline->origin_ns;
        if (letter && cells_of(axis, from_ns, from_ns + 1, &first, &last)) {
            marks[first] = letter;
            used[(int)letter] = true;
            any = true;
        }
    }
    if (!any) {
        return;
    }
    label(out, "radio");
    for (int i = 0; i < CELLS; i++) {
        if (marks[i]) {
            fputc(marks[i], out);
        } else {
            fputs(style.utf8 ? "·" : ".", out);
        }
    }
    fputc('\n', out);
    static const struct {
        char letter;
        const char *means;
    } legend[] = {
        {'c', "connected"}, {'d', "disconnected"},    {'s', "seen"},   {'g', "gone"},
        {'K', "key taken"}, {'R', "old key refused"}, {'P', "paired"}, {'!', "failed"},
    };
    label(out, "");
    const char *gap = "";
    for (size_t i = 0; i < sizeof(legend) / sizeof(legend[0]); i++) {
        if (used[(int)legend[i].letter]) {
            fprintf(out, "%s%c %s", gap, legend[i].letter, legend[i].means);
            gap = ", ";
        }
    }
    fputc('\n', out);
}

/* From the first light after the first press to the last one of the train that it begins: what
 * the eye wants enlarged. False when there is nothing to enlarge. */
static bool first_train(const struct timeline *timeline, int64_t *from_ns, int64_t *to_ns)
{
    size_t at = 0;
    size_t press_at = 0;
    const struct entry *pressed = timeline_next(timeline, ENTRY_PRESSED, &press_at);
    const struct entry *entry;
    bool any = false;
    if (!pressed) {
        return false;
    }
    while ((entry = timeline_next(timeline, ENTRY_PULSE, &at))) {
        if (entry->pulse.end_ns < pressed->at_ns) {
            continue;
        }
        if (any && entry->pulse.start_ns - *to_ns > 2 * NS_PER_S) {
            break;
        }
        if (!any) {
            *from_ns = entry->pulse.start_ns;
        }
        *to_ns = entry->pulse.end_ns;
        any = true;
    }
    return any;
}

void strip_draw(const struct record *record, struct style style, FILE *out)
{
    const struct timeline *timeline = record->timeline;
    int64_t end_ns = timeline->origin_ns;
    for (size_t i = 0; i < timeline->count; i++) {
        if (timeline->entries[i].time_ns > end_ns) {
            end_ns = timeline->entries[i].time_ns;
        }
    }
    struct axis axis = axis_over(0, end_ns - timeline->origin_ns);
    draw_axis(&axis, out);
    if (record->bench_station) {
        draw_controls(record, &axis, style, out);
    }
    draw_led(timeline, &axis, style, out);
    draw_sound(timeline, &axis, style, out);
    draw_radio(timeline, &axis, style, out);

    int64_t from_ns;
    int64_t to_ns;
    if (first_train(timeline, &from_ns, &to_ns)) {
        struct axis close = axis_over(from_ns - timeline->origin_ns, to_ns - timeline->origin_ns);
        if (close.cell_ns * 3 <= axis.cell_ns) {
            fputs("closer:\n", out);
            draw_axis(&close, out);
            if (record->bench_station) {
                draw_controls(record, &close, style, out);
            }
            draw_led(timeline, &close, style, out);
        }
    }
}
