#include "rig/report/svg_run.h"

#include "rig/base/units.h"
#include "rig/report/svg_run_internal.h"
#include "rig/timeline/evidence.h"

#include <string.h>

/* ---- what there is ------------------------------------------------------------------------ */

static struct control_lane *control_lane(struct picture *picture, const char *name, size_t length)
{
    length = length < CONTROL_NAME_MAX ? length : CONTROL_NAME_MAX - 1;
    for (size_t i = 0; i < picture->control_count; i++) {
        if (strncmp(picture->controls[i].name, name, length) == 0 &&
            picture->controls[i].name[length] == '\0') {
            return &picture->controls[i];
        }
    }
    if (picture->control_count == CONTROLS_MAX || length == 0) {
        return NULL;
    }
    struct control_lane *lane = &picture->controls[picture->control_count++];
    memcpy(lane->name, name, length);
    lane->name[length] = '\0';
    lane->sensed = false;
    return lane;
}

static void look_through(struct picture *picture)
{
    const struct timeline *timeline = picture->timeline;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        const char *text = entry->text;
        const char *name;
        size_t length;
        if (svg_run_since(picture, entry->time_ns) > picture->end_ns) {
            picture->end_ns = svg_run_since(picture, entry->time_ns);
        }
        switch (entry->kind) {
        case ENTRY_ORDER:
            while ((name = svg_run_next_control(&text, &length))) {
                control_lane(picture, name, length);
            }
            break;
        case ENTRY_CONTACT:
            if (text && entry->code != CONTACT_NEVER) {
                struct control_lane *lane = control_lane(picture, text, strlen(text));
                if (lane) {
                    lane->sensed = true;
                }
            }
            break;
        case ENTRY_SOUND:
            picture->has_sound = true;
            break;
        case ENTRY_RADIO:
            picture->has_radio =
                picture->has_radio || radio_event_letter((enum radio_event)entry->code);
            break;
        default:
            break;
        }
    }
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* From the first light after the first press to the last one of the train that it starts. */
static bool first_train(const struct picture *picture, int64_t *from_ns, int64_t *to_ns)
{
    size_t at = 0;
    const struct entry *pressed = timeline_next(picture->timeline, ENTRY_PRESSED, &at);
    const struct entry *entry;
    bool any = false;
    if (!pressed) {
        return false;
    }
    at = 0;
    while ((entry = timeline_next(picture->timeline, ENTRY_PULSE, &at))) {
        int64_t start_ns = svg_run_since(picture, entry->pulse.start_ns);
        if (entry->pulse.end_ns < pressed->at_ns) {
            continue;
        }
        if (any && start_ns - *to_ns > 2 * NS_PER_S) {
            break;
        }
        *from_ns = any ? *from_ns : start_ns;
        *to_ns = svg_run_since(picture, entry->pulse.end_ns);
        any = true;
    }
    return any && *to_ns > *from_ns;
}

static double lanes_height(const struct picture *picture)
{
    return AXIS_HEIGHT + (double)picture->control_count * CONTROL_HEIGHT + LED_HEIGHT +
           (picture->has_sound ? SOUND_HEIGHT : 0) + (picture->has_radio ? RADIO_HEIGHT : 0);
}

static void draw_lanes(struct picture *picture, double extra_height)
{
    double top = picture->y + AXIS_HEIGHT - 4;
    double bottom = picture->y + lanes_height(picture) + extra_height;
    double labels = picture->y + 16;
    struct svg_axis *axis = &picture->axis;

    svg_axis_draw(picture->out, axis, labels, top, bottom);
    picture->y += AXIS_HEIGHT;
    for (size_t i = 0; i < picture->control_count; i++) {
        svg_run_control(picture, &picture->controls[i]);
    }
    svg_run_led(picture);
    if (picture->has_sound) {
        svg_run_sound(picture);
    }
    if (picture->has_radio) {
        svg_run_radio(picture);
    }
}

static void begin(const struct picture *picture, const char *id, bool whole, double height)
{
    char end[SECONDS_TEXT_MAX];
    FILE *out = picture->out;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lp\" role=\"img\" "
            "viewBox=\"0 0 %d %d\" aria-labelledby=\"%s-title %s-words\"",
            WIDTH, (int)height, id, id);
    if (whole) {
        fprintf(out, " width=\"%d\" height=\"%d\"", WIDTH, (int)height);
    }
    fprintf(out, ">\n<title id=\"%s-title\">", id);
    svg_escape(out, picture->run->model);
    fputc(' ', out);
    svg_escape(out, picture->run->procedure);
    fprintf(out, "%s: %s</title>\n<desc id=\"%s-words\">",
            picture->run->simulated ? " (simulated)" : "", report_verdict(picture->run), id);
    fprintf(out, "Presses, LED, sound, radio and what was expected, from 0 s to %s.</desc>\n",
            evidence_seconds(end, picture->end_ns));
    if (whole) {
        fputs("<style>\n", out);
        svg_style(out);
        fprintf(out, "</style>\n<rect width=\"%d\" height=\"%d\" fill=\"var(--lp-bg)\"/>\n", WIDTH,
                (int)height);
    }
}

int svg_run(const struct report_run *run, const struct report_drawing *drawing, const char *id,
            bool whole, FILE *out)
{
    struct picture picture = {.out = out,
                              .run = run,
                              .procedure = drawing->procedure,
                              .timeline = drawing->timeline,
                              .axis = {.left = LEFT, .width = PLOT}};
    int64_t from_ns = 0;
    int64_t to_ns = 0;
    if (!drawing->timeline) {
        return 0;
    }
    look_through(&picture);
    picture.axis.to_ns = picture.end_ns + picture.end_ns / 50 + NS_PER_MS;
    bool closer =
        first_train(&picture, &from_ns, &to_ns) && to_ns - from_ns < picture.axis.to_ns / 3;
    double windows = drawing->procedure
                         ? WINDOWS_GAP + (double)drawing->procedure->expect_count * WINDOW_HEIGHT
                         : 0;
    double legend = picture.has_radio ? LEGEND_HEIGHT : 0;
    double height = lanes_height(&picture) + legend + windows + 4;
    begin(&picture, id, whole, height + (closer ? CLOSER_GAP + lanes_height(&picture) : 0));
    draw_lanes(&picture, legend + windows);
    if (picture.has_radio) {
        svg_run_legend(&picture);
    }
    if (drawing->procedure) {
        svg_run_windows(&picture);
    }
    if (closer) {
        char words[96];
        char from[SECONDS_TEXT_MAX];
        char to[SECONDS_TEXT_MAX];
        int64_t around_ns = (to_ns - from_ns) / 8;
        snprintf(words, sizeof(words), "close-up: the LED's first train, %s to %s",
                 evidence_seconds(from, from_ns), evidence_seconds(to, to_ns));
        svg_text(out, "name", "start", 4, picture.y + CLOSER_GAP - 8, words);
        picture.y += CLOSER_GAP;
        picture.axis.from_ns = from_ns - around_ns;
        picture.axis.to_ns = to_ns + around_ns;
        draw_lanes(&picture, 0);
    }
    fputs("</svg>\n", out);
    return ferror(out) ? -1 : 0;
}
