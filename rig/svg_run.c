#include "rig/svg_run.h"

#include "rig/evidence.h"
#include "rig/svg.h"
#include "rig/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

enum {
    WIDTH = 1000,
    LEFT = 168,  /* where the plot begins ... */
    PLOT = 692,  /* ... how wide it is ... */
    RIGHT = 872, /* ... and where the results stand */
    AXIS_HEIGHT = 26,
    CONTROL_HEIGHT = 36,
    LED_HEIGHT = 38,
    SOUND_HEIGHT = 24,
    RADIO_HEIGHT = 46,
    LEGEND_HEIGHT = 18,
    WINDOWS_GAP = 20,
    WINDOW_HEIGHT = 24,
    CLOSER_GAP = 34,
    LANE_GAP = 2,
    LETTER_WIDTH = 9,
    COLUMN_WIDTH = 7, /* of a character, about */

    CONTROLS_MAX = 16,
    CONTROL_NAME_MAX = 64,
    SHAPES_MAX = 1500, /* in one lane: a hostile or endless run is not drawn whole */
};

/* A control that was pressed, or whose contact told something. */
struct control_lane {
    char name[CONTROL_NAME_MAX];
    bool sensed;
};

struct picture {
    FILE *out;
    const struct report_run *run;
    const struct procedure *procedure; /* or NULL */
    const struct timeline *timeline;
    int64_t end_ns; /* of the run, from its begin */
    struct control_lane controls[CONTROLS_MAX];
    size_t control_count;
    bool has_sound;
    bool has_radio;
    struct svg_axis axis;
    double y; /* where the next lane begins */
};

/* ---- what there is ------------------------------------------------------------------------ */

static int64_t since(const struct picture *picture, int64_t time_ns)
{
    return time_ns - picture->timeline->origin_ns;
}

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

/* The next name in "power + nc_ambient"; NULL at the end. */
static const char *next_control(const char **text, size_t *length)
{
    static const char plus[] = " + ";
    const char *name = *text;
    if (!name || !*name) {
        return NULL;
    }
    const char *end = strstr(name, plus);
    *length = end ? (size_t)(end - name) : strlen(name);
    *text = end ? end + strlen(plus) : name + *length;
    return name;
}

static bool names_control(const char *text, const struct control_lane *lane)
{
    size_t length;
    const char *name;
    while ((name = next_control(&text, &length))) {
        length = length < CONTROL_NAME_MAX ? length : CONTROL_NAME_MAX - 1;
        if (strncmp(name, lane->name, length) == 0 && lane->name[length] == '\0') {
            return true;
        }
    }
    return false;
}

/* The letter of a mark; 0 for what is not drawn. */
static char radio_letter(const struct entry *entry)
{
    switch ((enum radio_event)entry->code) {
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

static void look_through(struct picture *picture)
{
    const struct timeline *timeline = picture->timeline;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        const char *text = entry->text;
        const char *name;
        size_t length;
        if (since(picture, entry->time_ns) > picture->end_ns) {
            picture->end_ns = since(picture, entry->time_ns);
        }
        switch (entry->kind) {
        case ENTRY_ORDER:
            while ((name = next_control(&text, &length))) {
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
            picture->has_radio = picture->has_radio || radio_letter(entry);
            break;
        default:
            break;
        }
    }
}

/* ---- lanes -------------------------------------------------------------------------------- */

/* Where [from_ns, to_ns) is, cut to the plot. False when it is outside. */
static bool span(const struct picture *picture, int64_t from_ns, int64_t to_ns, double *x,
                 double *width)
{
    enum { LEAST = 1 };
    const struct svg_axis *axis = &picture->axis;
    if (to_ns < axis->from_ns || from_ns > axis->to_ns || to_ns < from_ns) {
        return false;
    }
    double a = svg_x(axis, from_ns > axis->from_ns ? from_ns : axis->from_ns);
    double b = svg_x(axis, to_ns < axis->to_ns ? to_ns : axis->to_ns);
    *x = a;
    *width = b - a > LEAST ? b - a : LEAST;
    return true;
}

static bool instant(const struct picture *picture, int64_t time_ns, double *x)
{
    *x = svg_x(&picture->axis, time_ns);
    return time_ns >= picture->axis.from_ns && time_ns <= picture->axis.to_ns;
}

static void begin_lane(const struct picture *picture, double height, const char *name)
{
    svg_rect(picture->out, "lane", LEFT, picture->y, PLOT, height - LANE_GAP);
    fprintf(picture->out, "<text class=\"name\" x=\"4\" y=\"%d\">", (int)picture->y + 16);
    svg_escape_cut(picture->out, name, 16);
    fputs("</text>\n", picture->out);
}

static void sublabel(const struct picture *picture, double y, const char *text)
{
    svg_text(picture->out, "soft small", "end", LEFT - 6, y, text);
}

/* What one press was, as far as the timeline has it. */
struct press {
    const struct entry *order;
    const struct entry *pressed;
    const struct entry *released;
};

static struct press press_of(const struct picture *picture, size_t order_at)
{
    const struct timeline *timeline = picture->timeline;
    struct press press = {.order = &timeline->entries[order_at]};
    for (size_t i = order_at + 1; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        if (entry->kind == ENTRY_ORDER && entry->press == press.order->press) {
            break;
        }
        if (entry->press != press.order->press) {
            continue;
        }
        if (entry->kind == ENTRY_PRESSED && !press.pressed) {
            press.pressed = entry;
        } else if (entry->kind == ENTRY_RELEASED) {
            press.released = entry;
            break;
        }
    }
    return press;
}

static void draw_press(const struct picture *picture, const struct press *press,
                       double *labelled_to)
{
    char title[256];
    char ordered[SECONDS_TEXT_MAX];
    char held[SECONDS_TEXT_MAX];
    double x;
    double width;
    double end = 0;
    int64_t from_ns = since(picture, press->order->at_ns);
    int64_t to_ns = since(picture, press->order->until_ns);

    evidence_seconds(ordered, to_ns - from_ns);
    if (span(picture, from_ns, to_ns, &x, &width)) {
        snprintf(title, sizeof(title), "ordered for %s", ordered);
        svg_rect_titled(picture->out, "order", x, picture->y + 4, width, 13, title);
        end = x + width;
    }
    if (!press->pressed) {
        return;
    }
    from_ns = since(picture, press->pressed->at_ns);
    to_ns = press->released ? since(picture, press->released->at_ns) : picture->end_ns;
    evidence_seconds(held, to_ns - from_ns);
    if (!span(picture, from_ns, to_ns, &x, &width)) {
        return;
    }
    snprintf(title, sizeof(title), "driven for %s%s, ordered for %s", press->released ? "" : "over ",
             held, ordered);
    svg_rect_titled(picture->out, "press", x, picture->y + 4, width, 13, title);
    end = x + width > end ? x + width : end;
    if (x > *labelled_to) {
        snprintf(title, sizeof(title), "%s of %s", held, ordered);
        svg_text(picture->out, "soft", "start", end + 5, picture->y + 15, title);
        *labelled_to = end + 5 + (double)strlen(title) * COLUMN_WIDTH;
    }
}

/* When the contact of a lane was closed; what is too near to be told apart is one. */
static void draw_contacts(const struct picture *picture, const struct control_lane *lane)
{
    const struct timeline *timeline = picture->timeline;
    size_t shapes = 0;
    size_t at = 0;
    bool down = false;
    bool drawn_to = false; /* there is a stretch that has not been written yet */
    int64_t down_ns = 0;
    double x = 0;
    double end = 0;
    const struct entry *entry;

    for (;;) {
        entry = timeline_next(timeline, ENTRY_CONTACT, &at);
        if (entry && (entry->code == CONTACT_NEVER || !entry->text ||
                      strncmp(entry->text, lane->name, CONTROL_NAME_MAX - 1) != 0)) {
            continue;
        }
        if (entry && entry->code == CONTACT_DOWN) {
            down_ns = down ? down_ns : since(picture, entry->time_ns);
            down = true;
            continue;
        }
        double from;
        double width;
        if (down && span(picture, down_ns, entry ? since(picture, entry->time_ns) : picture->end_ns,
                         &from, &width)) {
            if (drawn_to && from - end > 0.5) {
                svg_rect_titled(picture->out, "contact", x, picture->y + 21, end - x, 9,
                                "contact closed");
                drawn_to = false;
                shapes++;
            }
            x = drawn_to ? x : from;
            end = from + width;
            drawn_to = true;
        }
        down = false;
        if (!entry || shapes == SHAPES_MAX) {
            break;
        }
    }
    if (drawn_to) {
        svg_rect_titled(picture->out, "contact", x, picture->y + 21, end - x, 9, "contact closed");
    }
}

static void draw_control(struct picture *picture, const struct control_lane *lane)
{
    const struct timeline *timeline = picture->timeline;
    size_t shapes = 0;
    double labelled_to = 0;

    begin_lane(picture, CONTROL_HEIGHT, lane->name);
    sublabel(picture, picture->y + 14, "driven");
    sublabel(picture, picture->y + 29, lane->sensed ? "contact" : "not sensed");
    for (size_t i = 0; i < timeline->count && shapes < SHAPES_MAX; i++) {
        if (timeline->entries[i].kind == ENTRY_ORDER &&
            names_control(timeline->entries[i].text, lane)) {
            struct press press = press_of(picture, i);
            draw_press(picture, &press, &labelled_to);
            shapes++;
        }
    }
    draw_contacts(picture, lane);
    picture->y += CONTROL_HEIGHT;
}

/* Pulses of one colour whose letters would not fit one by one: how many, and from where to where. */
struct train {
    colour colour;
    size_t count;
    double from;
    double to;
};

static void end_train(const struct picture *picture, const struct train *train, double *lettered_to)
{
    char text[32];
    double middle = (train->from + train->to) / 2;
    if (train->count == 0) {
        return;
    }
    if (train->count == 1) {
        snprintf(text, sizeof(text), "%c", colour_letter(train->colour));
    } else {
        snprintf(text, sizeof(text), "%c×%zu", colour_letter(train->colour), train->count);
    }
    double half = (double)(train->count == 1 ? 1 : strlen(text) - 1) * LETTER_WIDTH / 2;
    if (middle - half >= *lettered_to) {
        svg_text(picture->out, "letter", "middle", middle, picture->y + 12, text);
        *lettered_to = middle + half;
    }
}

static void draw_led(struct picture *picture)
{
    struct train train = {0};
    double lettered_to = 0;
    size_t shapes = 0;
    size_t at = 0;
    const struct entry *entry;

    begin_lane(picture, LED_HEIGHT, "LED");
    sublabel(picture, picture->y + 29, "colour, letter");
    while ((entry = timeline_next(picture->timeline, ENTRY_PULSE, &at)) && shapes < SHAPES_MAX) {
        const struct pulse *pulse = &entry->pulse;
        char class[32];
        char title[128];
        char length[SECONDS_TEXT_MAX];
        char start[SECONDS_TEXT_MAX];
        double x;
        double width;
        colour c = pulse->colour < COLOUR_COUNT ? pulse->colour : COLOUR_LIT;
        int64_t from_ns = since(picture, pulse->start_ns);
        int64_t to_ns = since(picture, pulse->end_ns);
        if (!span(picture, from_ns, to_ns, &x, &width)) {
            continue;
        }
        snprintf(class, sizeof(class), "led %s", colour_name(c));
        snprintf(title, sizeof(title), "%s for %s%s, at %s", colour_name(c),
                 pulse->open ? "at least " : "", evidence_seconds(length, to_ns - from_ns),
                 evidence_seconds(start, from_ns));
        svg_rect_titled(picture->out, class, x, picture->y + 16, width, 15, title);
        shapes++;
        double middle = x + width / 2;
        bool joins = train.count > 0 && train.colour == c &&
                     middle - train.to < 2 * (double)LETTER_WIDTH + width / 2;
        if (!joins) {
            end_train(picture, &train, &lettered_to);
            train = (struct train){.colour = c, .from = x};
        }
        train.count++;
        train.to = x + width;
    }
    end_train(picture, &train, &lettered_to);
    picture->y += LED_HEIGHT;
}

static void draw_sound(struct picture *picture)
{
    size_t shapes = 0;
    size_t at = 0;
    const struct entry *entry;

    begin_lane(picture, SOUND_HEIGHT, "sound");
    while ((entry = timeline_next(picture->timeline, ENTRY_SOUND, &at)) && shapes < SHAPES_MAX) {
        char title[96];
        char length[SECONDS_TEXT_MAX];
        double x;
        double width;
        if (span(picture, since(picture, entry->at_ns), since(picture, entry->until_ns), &x,
                 &width)) {
            snprintf(title, sizeof(title), "sound for %s",
                     evidence_seconds(length, entry->until_ns - entry->at_ns));
            svg_rect_titled(picture->out, "sound", x, picture->y + 5, width, 12, title);
            shapes++;
        }
    }
    picture->y += SOUND_HEIGHT;
}

static void radio_title(FILE *out, const struct picture *picture, const struct entry *entry)
{
    char when[SECONDS_TEXT_MAX];
    fputs("<title>", out);
    svg_escape(out, radio_event_name((enum radio_event)entry->code));
    if (entry->text && *entry->text) {
        fputs(": ", out);
        svg_escape(out, entry->text);
    }
    if (entry->code == RADIO_SEEN) {
        fprintf(out, ", %" PRId64 " dBm", entry->value);
    }
    fprintf(out, ", at %s</title>",
            evidence_seconds(when, since(picture, entry->time_ns)));
}

static void draw_radio(struct picture *picture)
{
    enum { LEVELS = 2, BADGE = 8 };
    double free_from[LEVELS] = {0};
    char last_letter[LEVELS] = {0};
    size_t shapes = 0;
    size_t at = 0;
    const struct entry *entry;

    begin_lane(picture, RADIO_HEIGHT, "radio");
    while ((entry = timeline_next(picture->timeline, ENTRY_RADIO, &at)) && shapes < SHAPES_MAX) {
        char letter[2] = {radio_letter(entry), '\0'};
        double x;
        if (!letter[0] || !instant(picture, since(picture, entry->time_ns), &x)) {
            continue;
        }
        shapes++;
        fputs("<g>", picture->out);
        radio_title(picture->out, picture, entry);
        svg_line(picture->out, "event", x, picture->y, x, picture->y + RADIO_HEIGHT - LANE_GAP);
        /* A badge that would cover one of its own letter is left out: the line is there. */
        for (int level = 0; level < LEVELS; level++) {
            double y = picture->y + 12 + level * 20;
            if (x - BADGE < free_from[level]) {
                if (last_letter[level] == letter[0]) {
                    break;
                }
                continue;
            }
            svg_circle(picture->out, "badge", x, y, BADGE);
            svg_text(picture->out, "letter", "middle", x, y + 4, letter);
            free_from[level] = x + BADGE;
            last_letter[level] = letter[0];
            break;
        }
        fputs("</g>\n", picture->out);
    }
    picture->y += RADIO_HEIGHT;
}

static void draw_legend(struct picture *picture)
{
    static const struct {
        char letter;
        const char *means;
    } legend[] = {
        {'c', "connected"},      {'d', "disconnected"},    {'s', "seen"},   {'g', "gone"},
        {'K', "old key taken"}, {'R', "old key refused"}, {'P', "paired"}, {'!', "failed or lost"},
    };
    bool used[128] = {false};
    size_t at = 0;
    const struct entry *entry;

    while ((entry = timeline_next(picture->timeline, ENTRY_RADIO, &at))) {
        used[(int)radio_letter(entry)] = true;
    }
    fprintf(picture->out, "<text class=\"soft\" x=\"%d\" y=\"%d\">", LEFT, (int)picture->y + 12);
    const char *gap = "";
    for (size_t i = 0; i < sizeof(legend) / sizeof(legend[0]); i++) {
        if (used[(int)legend[i].letter]) {
            fprintf(picture->out, "%s<tspan class=\"letter\">%c</tspan> %s", gap, legend[i].letter,
                    legend[i].means);
            gap = " · ";
        }
    }
    fputs("</text>\n", picture->out);
    picture->y += LEGEND_HEIGHT;
}

/* ---- windows ------------------------------------------------------------------------------ */

/* Words beside the colour: what became of it. */
static void draw_result(const struct picture *picture, const struct report_finding *finding)
{
    static const struct {
        const char *word;
        const char *class;
    } shown[] = {
        [RESULT_PASS] = {"PASS", "pass"},
        [RESULT_FAIL] = {"FAIL", "fail"},
        [RESULT_INCONCLUSIVE] = {"inconclusive", "doubt"},
        [RESULT_RECORDED] = {"recorded", "none"},
        [RESULT_PENDING] = {"pending", "none"},
    };
    char margin[SECONDS_TEXT_MAX];
    fprintf(picture->out, "<text class=\"result %s\" x=\"%d\" y=\"%d\">",
            shown[finding->result].class, RIGHT, (int)picture->y + 15);
    fputs(shown[finding->result].word, picture->out);
    if (finding->has_margin) {
        fprintf(picture->out, " <tspan class=\"soft\">%s%s</tspan>",
                finding->margin_ns < 0 ? "" : "+", evidence_seconds(margin, finding->margin_ns));
    }
    fputs("</text>\n", picture->out);
}

/* Has the instant come that its window counts from? */
static bool has_begun(const struct expectation *expectation, const struct anchors *anchors)
{
    return expectation->anchor == ANCHOR_PRESS ? anchors->pressed : anchors->released;
}

static void draw_window(struct picture *picture, const struct expectation *expectation,
                        const struct anchors *anchors, const struct report_finding *finding)
{
    FILE *out = picture->out;
    double x;
    double width;

    begin_lane(picture, WINDOW_HEIGHT, expect_kind_name(expectation->kind));
    struct window window = evidence_window(expectation, anchors);
    int64_t from_ns = since(picture, window.start_ns);
    int64_t to_ns = since(picture, window.end_ns);
    bool begun = has_begun(expectation, anchors);
    if (!expectation->unknown && !begun) {
        svg_text(out, "soft", "start", LEFT + 5, picture->y + 15,
                 expectation->anchor == ANCHOR_PRESS ? "no press" : "no release");
    } else if (!expectation->unknown && span(picture, from_ns, to_ns, &x, &width)) {
        svg_rect_titled(out, "window", x, picture->y + 3, width, 16,
                        finding ? finding->expected : NULL);
        if (to_ns > picture->axis.to_ns) {
            fprintf(out, "<path class=\"beyond\" d=\"M%d %d l5 5 l-5 5\"/>\n", LEFT + PLOT + 1,
                    (int)picture->y + 6);
        }
        size_t columns = width > 16 ? (size_t)((width - 10) / COLUMN_WIDTH) : 0;
        if (finding && columns > 8) {
            fprintf(out, "<text class=\"soft\" x=\"%d\" y=\"%d\">", (int)x + 5,
                    (int)picture->y + 15);
            svg_escape_cut(out, finding->expected, columns);
            fputs("</text>\n", out);
        }
    }
    if (finding && finding->has_at && instant(picture, finding->at_ns, &x)) {
        svg_circle(out, "seen", x, picture->y + 11, 5);
    }
    if (finding) {
        draw_result(picture, finding);
    }
    picture->y += WINDOW_HEIGHT;
}

/* The findings fit the procedure: it is the one that they were made by. */
static bool findings_fit(const struct picture *picture)
{
    const struct report_run *run = picture->run;
    if (run->finding_count != picture->procedure->expect_count) {
        return false;
    }
    for (size_t i = 0; i < run->finding_count; i++) {
        if (strcmp(run->findings[i].what,
                   expect_kind_name(picture->procedure->expect[i].kind)) != 0) {
            return false;
        }
    }
    return true;
}

static void draw_windows(struct picture *picture)
{
    struct anchors anchors = evidence_anchors(picture->procedure, picture->timeline);
    bool fit = findings_fit(picture);

    svg_text(picture->out, "soft", "start", 4, picture->y + 13, "expected:");
    svg_text(picture->out, "soft", "start", LEFT, picture->y + 13,
             "boxes: when it was to come · ●: when it was observed · > the window goes on");
    picture->y += WINDOWS_GAP;
    for (size_t i = 0; i < picture->procedure->expect_count; i++) {
        draw_window(picture, &picture->procedure->expect[i], &anchors,
                    fit ? &picture->run->findings[i] : NULL);
    }
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* From the first light after the first press to the last one of the train that it begins. */
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
        int64_t start_ns = since(picture, entry->pulse.start_ns);
        if (entry->pulse.end_ns < pressed->at_ns) {
            continue;
        }
        if (any && start_ns - *to_ns > 2 * NS_PER_S) {
            break;
        }
        *from_ns = any ? *from_ns : start_ns;
        *to_ns = since(picture, entry->pulse.end_ns);
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
        draw_control(picture, &picture->controls[i]);
    }
    draw_led(picture);
    if (picture->has_sound) {
        draw_sound(picture);
    }
    if (picture->has_radio) {
        draw_radio(picture);
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
        first_train(&picture, &from_ns, &to_ns) && (to_ns - from_ns) * 3 < picture.axis.to_ns;
    double windows = drawing->procedure ? WINDOWS_GAP + (double)drawing->procedure->expect_count *
                                                            WINDOW_HEIGHT
                                        : 0;
    double legend = picture.has_radio ? LEGEND_HEIGHT : 0;
    double height = lanes_height(&picture) + legend + windows + 4;
    begin(&picture, id, whole, height + (closer ? CLOSER_GAP + lanes_height(&picture) : 0));
    draw_lanes(&picture, legend + windows);
    if (picture.has_radio) {
        draw_legend(&picture);
    }
    if (drawing->procedure) {
        draw_windows(&picture);
    }
    if (closer) {
        char words[96];
        char from[SECONDS_TEXT_MAX];
        char to[SECONDS_TEXT_MAX];
        int64_t around_ns = (to_ns - from_ns) / 8;
        snprintf(words, sizeof(words), "closer: the LED's first train, %s to %s",
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
