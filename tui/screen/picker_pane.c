#include "tui/screen/picker_pane.h"

#include "rig/base/units.h"
#include "rig/plan/plan.h"
#include "rig/timeline/evidence.h"
#include "tui/print/lanes.h"
#include "tui/print/print_procedure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_COLS = 12, TEXT_MAX = 2048 };

/* Lines are drawn where they fit; those above `top` are only counted. */
struct pane {
    const struct paint *paint;
    struct area area;
    int top;
    int line;
};

static bool visible(const struct pane *pane)
{
    return pane->line >= pane->top && pane->line - pane->top < pane->area.rows;
}

static int row_of(const struct pane *pane)
{
    return pane->area.row + pane->line - pane->top;
}

static void say(struct pane *pane, enum paint_ink ink, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct pane *pane, enum paint_ink ink, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    int rows = paint_wrapped_rows(pane->area.cols, text);
    for (int i = 0; i < rows; i++) {
        if (visible(pane) && i == 0) {
            paint_wrapped(pane->paint,
                          (struct area){row_of(pane), pane->area.col,
                                        pane->area.row + pane->area.rows - row_of(pane),
                                        pane->area.cols},
                          ink, text);
        }
        pane->line++;
    }
}

/* "Keeps      eq, anc": a label, then text with hanging indent. */
static void fact(struct pane *pane, const char *label, enum paint_ink ink, const char *text)
{
    int cols = pane->area.cols - LABEL_COLS;
    int rows = paint_wrapped_rows(cols, text);
    if (visible(pane)) {
        int left = pane->area.row + pane->area.rows - row_of(pane);
        paint_text(pane->paint, row_of(pane), pane->area.col, LABEL_COLS - 1, PAINT_FAINT, label);
        paint_wrapped(pane->paint,
                      (struct area){row_of(pane), pane->area.col + LABEL_COLS,
                                    rows < left ? rows : left, cols},
                      ink, text);
    }
    pane->line += rows;
}

/* ---- the drawing ------------------------------------------------------------------------------*/

/* The schedule of the steps: when each control is down, when everything ends. */
struct schedule {
    struct axis axis;
    bool down[PROFILE_CONTROLS_MAX][LANES_CELLS_MAX];
    control_mask used;
    struct anchors anchors;
    int64_t end_ns;
};

static void press(struct schedule *schedule, const struct profile *profile, control_mask controls,
                  int64_t from_ns, int64_t to_ns)
{
    int first;
    int last;
    schedule->used |= controls;
    for (size_t i = 0; i < profile->control_count; i++) {
        if ((controls >> i & 1) &&
            lanes_axis_cells(&schedule->axis, from_ns, to_ns, &first, &last)) {
            memset(schedule->down[i] + first, true, (size_t)(last - first + 1));
        }
    }
}

/* One pass over the steps; draws once the axis is known. */
static void walk(struct schedule *schedule, const struct profile *profile,
                 const struct procedure *procedure)
{
    int64_t at_ns = 0;
    for (size_t i = 0; i < procedure->step_count; i++) {
        const struct step *step = &procedure->steps[i];
        if (step->kind == STEP_HOLD || step->kind == STEP_TAP) {
            at_ns += at_ns > 0 ? PLAN_STEP_GAP_NS : 0;
            schedule->anchors.press_ns = at_ns;
        }
        if (step->kind == STEP_HOLD) {
            press(schedule, profile, step->controls, at_ns, at_ns + step->for_ns);
            at_ns += step->for_ns;
        } else if (step->kind == STEP_TAP) {
            for (int tap = 0; tap < step->times; tap++) {
                press(schedule, profile, step->controls, at_ns, at_ns + step->on_ns);
                at_ns += step->on_ns + (tap + 1 < step->times ? step->off_ns : 0);
            }
        } else if (step->kind == STEP_WAIT) {
            at_ns += step->for_ns;
        }
    }
    schedule->anchors.release_ns = at_ns;
    schedule->end_ns = at_ns;
}

/* The letters of a pattern, as pulses with gaps: "B.B.W", "AAAA" for what is solid. */
static void pattern_letters(char *out, size_t size, const struct pattern *pattern)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < pattern->count && used + 12 < size; i++) {
        const struct segment *segment = &pattern->segments[i];
        char a = colour_letter(segment->colour);
        if (segment->kind == SEGMENT_OFF) {
            return;
        }
        int times = segment->kind == SEGMENT_COUNT ? segment->count : 3;
        times = times > 6 ? 6 : times;
        for (int t = 0; t < times && used + 4 < size; t++) {
            if (segment->kind == SEGMENT_SOLID || segment->kind == SEGMENT_STAYS) {
                used += (size_t)snprintf(out + used, size - used, "%c", a);
            } else if (segment->kind == SEGMENT_RAPID) {
                used += (size_t)snprintf(out + used, size - used, "%c%c", a,
                                         colour_letter(segment->other));
            } else {
                used += (size_t)snprintf(out + used, size - used, "%s%c", used ? "." : "", a);
            }
        }
    }
}

static colour colour_of_letter(char letter)
{
    for (int c = COLOUR_RED; c < COLOUR_COUNT; c++) {
        if (colour_letter((colour)c) == letter) {
            return (colour)c;
        }
    }
    return COLOUR_DARK;
}

/* The window for the LED, and the pattern in it; not to scale, since pulse lengths are not stated.
 */
static void draw_led(struct pane *pane, const struct schedule *schedule,
                     const struct expectation *led, const struct window *window)
{
    char letters[64];
    int first = 0;
    int last = -1;
    int col = pane->area.col + LABEL_COLS;
    pattern_letters(letters, sizeof(letters), &led->pattern);
    lanes_axis_cells(&schedule->axis, window->start_ns, window->end_ns, &first, &last);
    for (int i = 0; i < schedule->axis.cells; i++) {
        paint_symbol(pane->paint, row_of(pane), col + i, PAINT_FAINT,
                     i >= first && i <= last ? SYMBOL_RULE : SYMBOL_DOT);
    }
    for (int i = 0; letters[i] && first + i < schedule->axis.cells; i++) {
        if (letters[i] != '.') {
            paint_char(pane->paint, row_of(pane), col + first + i,
                       PAINT_LED + (enum paint_ink)colour_of_letter(letters[i]), letters[i]);
        }
    }
}

static void draw_schedule(struct pane *pane, const struct profile *profile,
                          const struct procedure *procedure)
{
    const struct expectation *led = evidence_led_expectation(procedure);
    struct schedule schedule = {.axis = {.cell_ns = 1}};
    struct window window = {0};
    char line[LANES_CELLS_MAX + 1];
    int cells = pane->area.cols - LABEL_COLS;
    cells = cells > LANES_CELLS_MAX ? LANES_CELLS_MAX : cells;

    walk(&schedule, profile, procedure);
    if (schedule.used == 0 || cells < 20) {
        return;
    }
    if (led && !led->unknown) {
        window = evidence_window(led, &schedule.anchors);
        schedule.end_ns = window.end_ns > schedule.end_ns ? window.end_ns : schedule.end_ns;
    }
    schedule.axis = lanes_axis_over(0, schedule.end_ns, cells);
    walk(&schedule, profile, procedure);
    pane->line++;
    if (visible(pane)) {
        lanes_axis_labels(&schedule.axis, line);
        paint_text(pane->paint, row_of(pane), pane->area.col + LABEL_COLS, cells, PAINT_FAINT,
                   line);
    }
    pane->line++;
    for (size_t i = 0; i < profile->control_count; i++) {
        if (!(schedule.used >> i & 1)) {
            continue;
        }
        if (visible(pane)) {
            paint_text(pane->paint, row_of(pane), pane->area.col, LABEL_COLS - 1, PAINT_PLAIN,
                       profile->controls[i].name);
            for (int c = 0; c < cells; c++) {
                bool down = schedule.down[i][c];
                paint_symbol(pane->paint, row_of(pane), pane->area.col + LABEL_COLS + c,
                             down ? PAINT_DOWN : PAINT_FAINT, down ? SYMBOL_FULL : SYMBOL_DOT);
            }
        }
        pane->line++;
    }
    if (led && !led->unknown) {
        if (visible(pane)) {
            paint_text(pane->paint, row_of(pane), pane->area.col, LABEL_COLS - 1, PAINT_PLAIN,
                       "LED claimed");
            draw_led(pane, &schedule, led, &window);
        }
        pane->line++;
    }
    pane->line++;
}

/* ---- the words --------------------------------------------------------------------------------*/

static void say_source(struct pane *pane, const struct profile *profile,
                       const struct source *source)
{
    char text[TEXT_MAX];
    const char *means = NULL;
    for (size_t i = 0; i < profile->source_count; i++) {
        if (strcmp(profile->sources[i].id, source->id) == 0) {
            means = profile->sources[i].note;
        }
    }
    snprintf(text, sizeof(text), "%s%s%s%s%s (claimed, not verified)", source->id,
             means ? ": " : "", means ? means : "", source->note ? "; " : "",
             source->note ? source->note : "");
    fact(pane, "Source", PAINT_PLAIN, text);
}

static void say_needs(struct pane *pane, const struct procedure *procedure)
{
    char text[TEXT_MAX] = "";
    size_t used = 0;
    for (size_t i = 0; i < procedure->requires_count && used < sizeof(text); i++) {
        const struct requirement *need = &procedure->requires[i];
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? ", " : "",
                                 need->question.name);
        if (need->at_least_x100 >= 0) {
            used += (size_t)snprintf(text + used, sizeof(text) - used, " %d %% or more",
                                     need->at_least_x100 / 100);
        } else if (need->accept_count == 0) {
            used += (size_t)snprintf(text + used, sizeof(text) - used, " (recorded)");
        } else {
            for (size_t a = 0; a < need->accept_count && used < sizeof(text); a++) {
                used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", a ? " or " : " ",
                                         need->accept[a]);
            }
        }
    }
    if (text[0]) {
        fact(pane, "Needs", PAINT_PLAIN, text);
    }
}

static void say_hazards(struct pane *pane, const struct profile *profile,
                        const struct procedure *procedure)
{
    for (size_t i = 0; i < profile->hazard_count; i++) {
        const struct hazard *hazard = &profile->hazards[i];
        char text[TEXT_MAX];
        char controls[256];
        char longer[DURATION_TEXT_MAX];
        profile_controls_text(profile, hazard->hold, controls, sizeof(controls));
        snprintf(text, sizeof(text), "%s (%s): %s%s%s: %s [%s]%s", hazard->id,
                 profile_hazard_grade_name(hazard->grade), controls,
                 hazard->longer_than_ns > 0 ? " longer than " : " at all",
                 hazard->longer_than_ns > 0 ? units_duration_format(longer, hazard->longer_than_ns)
                                            : "",
                 hazard->risk, hazard->source.id,
                 procedure->intends >> i & 1 ? " - this procedure does so on purpose" : "");
        fact(pane, i == 0 ? "Hazards" : "", PAINT_BAD, text);
    }
}

static void say_expected(struct pane *pane, const struct procedure *procedure)
{
    char text[TEXT_MAX] = "";
    size_t used = 0;
    for (size_t i = 0; i < procedure->expect_count && used < sizeof(text); i++) {
        const struct expectation *expectation = &procedure->expect[i];
        if (expectation->kind != EXPECT_LED) {
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s%s", used ? ", " : "",
                                     expect_kind_name(expectation->kind),
                                     expectation->unknown ? " (not said)" : "");
        }
    }
    if (text[0]) {
        fact(pane, "Then", PAINT_PLAIN, text);
    }
}

static void say_unwired(struct pane *pane, const struct profile *profile,
                        const struct procedure *procedure, const struct station *station)
{
    for (size_t s = 0; s < procedure->step_count; s++) {
        for (size_t i = 0; i < profile->control_count; i++) {
            bool used = procedure->steps[s].controls >> i & 1;
            if (used && bench_station_actuator(station, profile->controls[i].name) < 0) {
                say(pane, PAINT_BAD, "Not here: station %s has no actuator for %s", station->name,
                    profile->controls[i].name);
                return;
            }
        }
    }
}

int picker_pane(const struct paint *paint, struct area area, const struct profile *profile,
                const struct procedure *procedure, const struct station *station, int top)
{
    struct pane pane = {.paint = paint, .area = area, .top = top};
    char text[TEXT_MAX];

    say(&pane, PAINT_STRONG, "%s %s", profile->model, procedure->name);
    if (procedure->title) {
        say(&pane, PAINT_PLAIN, "%s", procedure->title);
    }
    say_unwired(&pane, profile, procedure, station);
    draw_schedule(&pane, profile, procedure);
    for (size_t i = 0; i < procedure->step_count; i++) {
        fact(&pane, i == 0 ? "Does" : "", PAINT_PLAIN,
             print_procedure_step(text, sizeof(text), profile, &procedure->steps[i]));
    }
    fact(&pane, "LED", PAINT_PLAIN, print_procedure_led(text, sizeof(text), procedure));
    say_expected(&pane, procedure);
    fact(&pane, "Keeps", PAINT_GOOD,
         print_procedure_list(text, sizeof(text), procedure->preserves, procedure->preserves_count,
                              procedure->preserves_unknown));
    fact(&pane, "Loses", PAINT_DOUBT,
         print_procedure_list(text, sizeof(text), procedure->clears, procedure->clears_count,
                              procedure->clears_unknown));
    say_needs(&pane, procedure);
    say_source(&pane, profile, &procedure->source);
    say_hazards(&pane, profile, procedure);
    for (size_t i = 0; i < procedure->advice_count; i++) {
        fact(&pane, i == 0 ? "Advice" : "", PAINT_PLAIN, procedure->advice[i]);
    }
    return pane.line;
}
