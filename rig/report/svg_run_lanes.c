/*
 * The lanes of a run's drawing: what was pressed, seen and heard.
 */
#include "rig/report/svg_run_internal.h"

#include "rig/base/units.h"
#include "rig/timeline/evidence.h"

#include <inttypes.h>
#include <string.h>

int64_t svg_run_since(const struct picture *picture, int64_t time_ns)
{
    return time_ns - picture->timeline->origin_ns;
}

/* The next name in "power + nc_ambient"; NULL at the end. */
const char *svg_run_next_control(const char **text, size_t *length)
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
    while ((name = svg_run_next_control(&text, &length))) {
        length = length < CONTROL_NAME_MAX ? length : CONTROL_NAME_MAX - 1;
        if (strncmp(name, lane->name, length) == 0 && lane->name[length] == '\0') {
            return true;
        }
    }
    return false;
}

/* Where [from_ns, to_ns) is, cut to the plot. False when it is outside. */
bool svg_run_span(const struct picture *picture, int64_t from_ns, int64_t to_ns, double *x,
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

bool svg_run_instant(const struct picture *picture, int64_t time_ns, double *x)
{
    *x = svg_x(&picture->axis, time_ns);
    return time_ns >= picture->axis.from_ns && time_ns <= picture->axis.to_ns;
}

void svg_run_begin_lane(const struct picture *picture, double height, const char *name)
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

/* What is to be said behind a press, if the next one leaves room for it. */
struct press_label {
    double x; /* 0: nothing */
    char text[2 * SECONDS_TEXT_MAX + 8];
};

static void end_label(const struct picture *picture, struct press_label *label, double next_x)
{
    if (label->x > 0 && label->x + (double)strlen(label->text) * COLUMN_WIDTH < next_x) {
        svg_text(picture->out, "soft", "start", label->x, picture->y + 15, label->text);
    }
    label->x = 0;
}

static void draw_press(const struct picture *picture, const struct press *press,
                       struct press_label *label)
{
    char title[256];
    char ordered[SECONDS_TEXT_MAX];
    char held[SECONDS_TEXT_MAX];
    double x;
    double width;
    double end = 0;
    int64_t from_ns = svg_run_since(picture, press->order->at_ns);
    int64_t to_ns = svg_run_since(picture, press->order->until_ns);

    evidence_seconds(ordered, to_ns - from_ns);
    if (svg_run_span(picture, from_ns, to_ns, &x, &width)) {
        end_label(picture, label, x);
        snprintf(title, sizeof(title), "ordered for %s", ordered);
        svg_rect_titled(picture->out, "order", x, picture->y + 4, width, 13, title);
        end = x + width;
    }
    if (!press->pressed) {
        return;
    }
    from_ns = svg_run_since(picture, press->pressed->at_ns);
    to_ns = press->released ? svg_run_since(picture, press->released->at_ns) : picture->end_ns;
    evidence_seconds(held, to_ns - from_ns);
    if (!svg_run_span(picture, from_ns, to_ns, &x, &width)) {
        return;
    }
    snprintf(title, sizeof(title), "driven for %s%s, ordered for %s",
             press->released ? "" : "over ", held, ordered);
    svg_rect_titled(picture->out, "press", x, picture->y + 4, width, 13, title);
    label->x = (x + width > end ? x + width : end) + 5;
    snprintf(label->text, sizeof(label->text), "%s of %s", held, ordered);
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
            down_ns = down ? down_ns : svg_run_since(picture, entry->time_ns);
            down = true;
            continue;
        }
        double from;
        double width;
        if (down && svg_run_span(picture, down_ns,
                                 entry ? svg_run_since(picture, entry->time_ns) : picture->end_ns,
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

void svg_run_control(struct picture *picture, const struct control_lane *lane)
{
    const struct timeline *timeline = picture->timeline;
    size_t shapes = 0;
    struct press_label label = {0};

    svg_run_begin_lane(picture, CONTROL_HEIGHT, lane->name);
    sublabel(picture, picture->y + 14, "driven");
    sublabel(picture, picture->y + 29, lane->sensed ? "contact" : "not sensed");
    for (size_t i = 0; i < timeline->count && shapes < SHAPES_MAX; i++) {
        if (timeline->entries[i].kind == ENTRY_ORDER &&
            names_control(timeline->entries[i].text, lane)) {
            struct press press = press_of(picture, i);
            draw_press(picture, &press, &label);
            shapes++;
        }
    }
    end_label(picture, &label, WIDTH);
    draw_contacts(picture, lane);
    picture->y += CONTROL_HEIGHT;
}

/* Pulses of one colour whose letters would not fit one by one: how many, and from where to where.
 */
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

void svg_run_led(struct picture *picture)
{
    struct train train = {0};
    double lettered_to = 0;
    size_t shapes = 0;
    size_t at = 0;
    const struct entry *entry;

    svg_run_begin_lane(picture, LED_HEIGHT, "LED");
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
        int64_t from_ns = svg_run_since(picture, pulse->start_ns);
        int64_t to_ns = svg_run_since(picture, pulse->end_ns);
        if (!svg_run_span(picture, from_ns, to_ns, &x, &width)) {
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

void svg_run_sound(struct picture *picture)
{
    size_t shapes = 0;
    size_t at = 0;
    const struct entry *entry;

    svg_run_begin_lane(picture, SOUND_HEIGHT, "sound");
    while ((entry = timeline_next(picture->timeline, ENTRY_SOUND, &at)) && shapes < SHAPES_MAX) {
        char title[96];
        char length[SECONDS_TEXT_MAX];
        double x;
        double width;
        if (svg_run_span(picture, svg_run_since(picture, entry->at_ns),
                         svg_run_since(picture, entry->until_ns), &x, &width)) {
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
    fprintf(out, ", at %s</title>", evidence_seconds(when, svg_run_since(picture, entry->time_ns)));
}

void svg_run_radio(struct picture *picture)
{
    enum { LEVELS = 2, BADGE = 8 };
    double free_from[LEVELS] = {0};
    char last_letter[LEVELS] = {0};
    size_t shapes = 0;
    size_t at = 0;
    const struct entry *entry;

    svg_run_begin_lane(picture, RADIO_HEIGHT, "radio");
    while ((entry = timeline_next(picture->timeline, ENTRY_RADIO, &at)) && shapes < SHAPES_MAX) {
        char letter[2] = {radio_event_letter((enum radio_event)entry->code), '\0'};
        double x;
        if (!letter[0] || !svg_run_instant(picture, svg_run_since(picture, entry->time_ns), &x)) {
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

void svg_run_legend(struct picture *picture)
{
    bool used[128] = {false};
    size_t at = 0;
    char letter;
    const char *means;
    const struct entry *entry;

    while ((entry = timeline_next(picture->timeline, ENTRY_RADIO, &at))) {
        used[(int)radio_event_letter((enum radio_event)entry->code)] = true;
    }
    fprintf(picture->out, "<text class=\"soft\" x=\"%d\" y=\"%d\">", LEFT, (int)picture->y + 12);
    const char *gap = "";
    for (size_t i = 0; (means = radio_letter_meaning(i, &letter)); i++) {
        if (used[(int)letter]) {
            fprintf(picture->out, "%s<tspan class=\"letter\">%c</tspan> %s", gap, letter, means);
            gap = " · ";
        }
    }
    fputs("</text>\n", picture->out);
    picture->y += LEGEND_HEIGHT;
}
