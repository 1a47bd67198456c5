#include "tui/print/print_chart.h"

#include "rig/base/text.h"
#include "rig/base/units.h"
#include "tui/print/lanes.h"

#include <string.h>

enum {
    LABEL_COLUMNS = 13,
    CELLS = STRIP_COLUMNS - LABEL_COLUMNS - 1,
};

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
    char line[LANES_CELLS_MAX + 1];
    lanes_axis_labels(axis, line);
    label(out, "");
    fprintf(out, "%s\n", line);
}

/* `down`: for each cell, whether the lane is active. */
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
    for (unsigned i = 0; i < record->bench_station->actuator_count; i++) {
        bool down[CELLS];
        if (lane_ordered(record->timeline, i, axis, 0, down)) {
            draw_lane(record->bench_station->actuators[i].control, down, style, out);
        }
    }
}

static void draw_led(const struct timeline *timeline, const struct axis *axis, struct style style,
                     FILE *out)
{
    colour cells[CELLS];
    lane_led(timeline, axis, NULL, cells);
    label(out, "LED");
    for (int i = 0; i < CELLS; i++) {
        if (cells[i] == COLOUR_DARK) {
            fputs(style.utf8 ? "·" : ".", out);
        } else {
            fprintf(out, "%s%c%s", style_ink_led(style, cells[i]), colour_letter(cells[i]),
                    style_ink_off(style));
        }
    }
    fputc('\n', out);
}

static void draw_radio(const struct timeline *timeline, const struct axis *axis, struct style style,
                       FILE *out)
{
    char marks[CELLS];
    if (!lane_radio(timeline, axis, marks)) {
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
    label(out, "");
    const char *gap = "";
    const char *means;
    char letter;
    for (size_t i = 0; (means = radio_letter_meaning(i, &letter)); i++) {
        if (memchr(marks, letter, CELLS)) {
            fprintf(out, "%s%c %s", gap, letter, means);
            gap = ", ";
        }
    }
    fputc('\n', out);
}

/* The part to enlarge: from the first light after the first press to the last one of its train.
 * False if there is nothing to enlarge. */
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

void print_chart_draw(const struct record *record, struct style style, FILE *out)
{
    const struct timeline *timeline = record->timeline;
    int64_t end_ns = timeline->origin_ns;
    for (size_t i = 0; i < timeline->count; i++) {
        if (timeline->entries[i].time_ns > end_ns) {
            end_ns = timeline->entries[i].time_ns;
        }
    }
    struct axis axis = lanes_axis_over(0, end_ns - timeline->origin_ns, CELLS);
    draw_axis(&axis, out);
    if (record->bench_station) {
        draw_controls(record, &axis, style, out);
    }
    draw_led(timeline, &axis, style, out);
    bool heard[CELLS];
    if (lane_sound(timeline, &axis, NULL, heard)) {
        draw_lane("sound", heard, style, out);
    }
    draw_radio(timeline, &axis, style, out);

    int64_t from_ns;
    int64_t to_ns;
    if (first_train(timeline, &from_ns, &to_ns)) {
        struct axis close =
            lanes_axis_over(from_ns - timeline->origin_ns, to_ns - timeline->origin_ns, CELLS);
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
