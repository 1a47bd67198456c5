#include "tui/print/print_run.h"

#include "rig/base/arena.h"
#include "rig/base/text.h"
#include "rig/base/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MASK_TEXT_MAX = 256,
    WIDTH = 79,
    FINDING_INDENT = 29, /* where a finding's text stands */
};

void print_run_wrapped(const char *text, int column, int indent, FILE *out)
{
    int space = 0; /* before the next word, unless a line begins with it */
    while (*text) {
        char word[256];
        size_t length = strcspn(text, " ");
        length = length < sizeof(word) ? length : sizeof(word) - 1;
        memcpy(word, text, length);
        word[length] = '\0';
        int columns = text_columns(word);
        if (column > indent && column + space + columns > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
            space = 0;
        }
        fprintf(out, "%*s%s", space, "", word);
        column += space + columns;
        text += length;
        space = *text == ' ';
        text += space;
    }
    fputc('\n', out);
}

void print_run_instant(char *out, size_t size, int64_t since_origin_ns)
{
    int64_t us = (since_origin_ns + (since_origin_ns < 0 ? -500 : 500)) / NS_PER_US;
    const char *sign = us < 0 ? "-" : "";
    us = us < 0 ? -us : us;
    snprintf(out, size, "%s%" PRId64 ".%03" PRId64 " s", sign, us / 1000000, us / 1000 % 1000);
}

/* "power + nc_ambient": the controls that the actuators of a mask press. */
static const char *mask_text(const struct record *record, uint32_t mask, char out[MASK_TEXT_MAX])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; record->bench_station && i < record->bench_station->actuator_count; i++) {
        if (mask & (1U << i)) {
            int n = snprintf(out + used, MASK_TEXT_MAX - used, "%s%s", used ? " + " : "",
                             record->bench_station->actuators[i].control);
            if (n < 0 || (size_t)n >= MASK_TEXT_MAX - used) {
                break;
            }
            used += (size_t)n;
        }
    }
    return out;
}

void print_run_heading(const struct record *record, FILE *out)
{
    struct style style = style_of(out);
    const struct procedure *procedure = record->procedure;

    fprintf(out, "%s%s%s  %s", style_ink_on(style, INK_BOLD), record->profile->model,
            style_ink_off(style), procedure->name);
    if (record->unit) {
        char safe[256];
        fprintf(out, "  unit %s", text_printable(safe, sizeof(safe), record->unit));
    }
    fprintf(out, "\n  bench %s, station %s", record->bench, record->station);
    if (record->simulated) {
        fprintf(out, "  %sSIMULATED%s (unit: %s)", style_ink_on(style, INK_SIMULATED),
                style_ink_off(style), record->sim_firmware ? record->sim_firmware : "?");
    }
    fprintf(out, "\n  source %s", procedure->source.id);
    if (procedure->source.note) {
        fprintf(out, ": %s", procedure->source.note);
    }
    fputc('\n', out);
    for (size_t i = 0; i < record->accepted_count; i++) {
        fprintf(out, "  %shazard `%s` accepted for this run%s\n", style_ink_on(style, INK_BAD),
                record->accepted_hazards[i], style_ink_off(style));
    }
    fputc('\n', out);
}

static void entry_line(const struct record *record, int64_t time_ns, const char *what, FILE *out)
{
    char instant[32];
    print_run_instant(instant, sizeof(instant), time_ns - record->timeline->origin_ns);
    fprintf(out, "%11s  %-8s ", instant, what);
}

static void led_line(const struct record *record, const struct pulse *pulse, FILE *out)
{
    struct style style = style_of(out);
    entry_line(record, pulse->start_ns, "LED", out);
    int64_t length_ms = (pulse->end_ns - pulse->start_ns + NS_PER_MS / 2) / NS_PER_MS;
    fprintf(out, "%s%s%s for %s%" PRId64 " ms%s%s\n", style_ink_led(style, pulse->colour),
            colour_name(pulse->colour), style_ink_off(style), pulse->open ? "at least " : "",
            length_ms, pulse->clipped ? " (already lit when watching began)" : "",
            timeline_disturbance(record->timeline, pulse)
                ? " (disturbance from the rig's own press)"
                : "");
}

static void radio_line(const struct record *record, const struct entry *entry, FILE *out)
{
    entry_line(record, entry->time_ns, "radio", out);
    fputs(radio_event_name((enum radio_event)entry->code), out);
    if (entry->text && entry->text[0]) {
        fprintf(out, ": %s", entry->text);
    }
    if ((enum radio_event)entry->code == RADIO_SEEN) {
        fprintf(out, ", %" PRId64 " dBm", entry->value);
    } else if ((enum radio_event)entry->code == RADIO_BATTERY) {
        fprintf(out, ": %" PRId64 " %%", entry->value);
    }
    fputc('\n', out);
}

static const char *why_text(enum release_why why)
{
    switch (why) {
    case RELEASE_LED_SEEN:
        return "the LED showed the pattern";
    case RELEASE_ABORT:
        return "stopped";
    case RELEASE_FAULT:
        return "bench fault";
    case RELEASE_INTERLOCK:
        return "a precondition is no longer met";
    }
    return "";
}

/* ", after 6.834 s": how long the lines of this release were active. */
static const char *held_text(const struct timeline *timeline, const struct entry *released,
                             char out[64])
{
    const struct entry *pressed;
    size_t i = 0;
    out[0] = '\0';
    while ((pressed = timeline_next(timeline, ENTRY_PRESSED, &i))) {
        if (pressed->press == released->press) {
            char length[32];
            print_run_instant(length, sizeof(length), released->at_ns - pressed->at_ns);
            snprintf(out, 64, ", after %s", length);
        }
    }
    return out;
}

void print_run_entry(const struct record *record, const struct entry *entry, FILE *out)
{
    char mask[MASK_TEXT_MAX];
    char length[DURATION_TEXT_MAX];
    char held[64];

    switch (entry->kind) {
    case ENTRY_ANSWER:
        entry_line(record, entry->time_ns, "answer", out);
        fprintf(out, "%s: %s (%s)\n", entry->text, entry->text2,
                timeline_answer_by_name((enum answer_by)entry->code));
        break;
    case ENTRY_ORDER:
        entry_line(record, entry->at_ns, "press", out);
        fprintf(out, "%s, for at most %s\n", mask_text(record, entry->mask, mask),
                units_duration_format(length, entry->until_ns - entry->at_ns));
        break;
    case ENTRY_RELEASE:
        entry_line(record, entry->time_ns, "let go", out);
        fprintf(out, "%s: %s\n", mask_text(record, entry->mask, mask),
                why_text((enum release_why)entry->code));
        break;
    case ENTRY_RELEASED:
        entry_line(record, entry->at_ns, "released", out);
        fprintf(out, "%s%s\n", mask_text(record, entry->mask, mask),
                held_text(record->timeline, entry, held));
        break;
    case ENTRY_PULSE:
        led_line(record, &entry->pulse, out);
        break;
    case ENTRY_SOUND:
        entry_line(record, entry->at_ns, "sound", out);
        fprintf(out, "for %" PRId64 " ms\n", (entry->until_ns - entry->at_ns) / NS_PER_MS);
        break;
    case ENTRY_LOST:
        entry_line(record, entry->time_ns, "LOST", out);
        fprintf(out, "edges%s\n", entry->input < 0 ? " of all inputs" : "");
        break;
    case ENTRY_RADIO:
        if (!radio_event_is_order((enum radio_event)entry->code)) {
            radio_line(record, entry, out);
        }
        break;
    case ENTRY_ABORT:
        entry_line(record, entry->time_ns, "ABORTED", out);
        fprintf(out, "%s\n", entry->text);
        break;
    case ENTRY_FAULT:
        entry_line(record, entry->time_ns, "FAULT", out);
        fprintf(out, "%s%s%s\n", entry->text, entry->text2 && entry->text2[0] ? "; " : "",
                entry->text2 ? entry->text2 : "");
        break;
    case ENTRY_NOTE:
        if (entry->code == NOTE_WATCHING) {
            break;
        }
        entry_line(record, entry->time_ns, "note", out);
        fprintf(out, "%s\n", entry->text);
        break;
    case ENTRY_START:
    case ENTRY_QUESTION:
    case ENTRY_PRESSED:
    case ENTRY_CONTACT:
    case ENTRY_EDGE:
    case ENTRY_END:
        break;
    }
}

/* An entry and its index, so that sorting keeps simultaneous entries in order. */
struct placed {
    const struct entry *entry;
    int64_t time_ns;
    size_t place;
};

/* The time at the start of its line. */
static int64_t line_ns(const struct entry *entry)
{
    bool lasts =
        entry->kind == ENTRY_ORDER || entry->kind == ENTRY_RELEASED || entry->kind == ENTRY_SOUND;
    return lasts                        ? entry->at_ns
           : entry->kind == ENTRY_PULSE ? entry->pulse.start_ns
                                        : entry->time_ns;
}

static int by_time(const void *a, const void *b)
{
    const struct placed *x = a;
    const struct placed *y = b;
    if (x->time_ns != y->time_ns) {
        return x->time_ns < y->time_ns ? -1 : 1;
    }
    return x->place < y->place ? -1 : 1;
}

void print_run_entries(const struct record *record, size_t first, FILE *out)
{
    const struct timeline *timeline = record->timeline;
    if (first >= timeline->count) {
        return;
    }
    size_t count = timeline->count - first;
    struct placed *placed = xrealloc_array(NULL, count, sizeof(*placed));
    for (size_t i = 0; i < count; i++) {
        const struct entry *entry = &timeline->entries[first + i];
        placed[i] = (struct placed){.entry = entry, .time_ns = line_ns(entry), .place = i};
    }
    qsort(placed, count, sizeof(*placed), by_time);
    for (size_t i = 0; i < count; i++) {
        print_run_entry(record, placed[i].entry, out);
    }
    free(placed);
}

static enum ink result_ink(enum expect_result result)
{
    static const enum ink inks[] = {
        [RESULT_PASS] = INK_GOOD,
        [RESULT_FAIL] = INK_BAD,
        [RESULT_INCONCLUSIVE] = INK_DOUBT,
        [RESULT_RECORDED] = INK_DIM,
    };
    return inks[result];
}

static enum ink verdict_ink(enum verdict verdict)
{
    return verdict == VERDICT_PASS ? INK_GOOD : verdict == VERDICT_FAIL ? INK_BAD : INK_DOUBT;
}

static void print_upper(const char *text, FILE *out)
{
    for (; *text; text++) {
        fputc(toupper((unsigned char)*text), out);
    }
}

void print_run_judgement(const struct judgement *judgement, bool simulated, FILE *out)
{
    struct style style = style_of(out);

    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        char text[JUDGE_TEXT_MAX + MARGIN_TEXT_MAX];
        char margin[MARGIN_TEXT_MAX];
        fprintf(out, "  %s%-12s%s %-13s ", style_ink_on(style, result_ink(finding->result)),
                judge_result_name(finding->result), style_ink_off(style),
                expect_kind_name(finding->expectation->kind));
        snprintf(text, sizeof(text), "%s", finding->reason);
        if (finding->has_margin) {
            snprintf(text, sizeof(text), "%s [%s]", finding->reason,
                     judge_margin_words(margin, finding));
        }
        print_run_wrapped(text, FINDING_INDENT, FINDING_INDENT, out);
    }
    fputs("\n", out);
    if (simulated) {
        fprintf(out, "%sSIMULATED%s ", style_ink_on(style, INK_SIMULATED), style_ink_off(style));
    }
    fputs(style_ink_on(style, verdict_ink(judgement->verdict)), out);
    print_upper(judge_verdict_name(judgement->verdict), out);
    fprintf(out, "%s: ", style_ink_off(style));
    int column = (simulated ? 10 : 0) + (int)strlen(judge_verdict_name(judgement->verdict)) + 2;
    print_run_wrapped(judgement->reason, column, 2, out);
    if (judgement->next[0]) {
        fputs("  next: ", out);
        print_run_wrapped(judgement->next, 8, 8, out);
    }
}
