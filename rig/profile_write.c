#include "rig/profile_write.h"

#include "rig/services.h"
#include "rig/text.h"
#include "rig/units.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    INDENT = 2,
    COLUMNS = 100, /* of a comment's line */
    COMMENT_MAX = 4096,
};

struct writer {
    FILE *out;
    const struct profile *profile;
    const struct profile_comment *comments;
    size_t comment_count;
};

/* ---- parts of a line ---------------------------------------------------------------------- */

/* A new line, `depth` levels in. */
static void line(const struct writer *writer, int depth, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void line(const struct writer *writer, int depth, const char *fmt, ...)
{
    va_list args;
    fprintf(writer->out, "%*s", depth * INDENT, "");
    va_start(args, fmt);
    vfprintf(writer->out, fmt, args);
    va_end(args);
}

/* Text for people, in double quotes. It is printable, on one line. */
static void quoted(const struct writer *writer, const char *text)
{
    fputc('"', writer->out);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            fputc('\\', writer->out);
        }
        fputc(*c, writer->out);
    }
    fputc('"', writer->out);
}

static void words(const struct writer *writer, const char *const *items, size_t count)
{
    fputc('[', writer->out);
    for (size_t i = 0; i < count; i++) {
        fprintf(writer->out, "%s%s", i ? ", " : "", items[i]);
    }
    fputc(']', writer->out);
}

static void controls(const struct writer *writer, control_mask mask)
{
    const char *names[PROFILE_CONTROLS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < writer->profile->control_count; i++) {
        if (mask & (UINT32_C(1) << i)) {
            names[count++] = writer->profile->controls[i].name;
        }
    }
    words(writer, names, count);
}

static void duration(const struct writer *writer, const char *key, int64_t duration_ns)
{
    char text[DURATION_TEXT_MAX];
    fprintf(writer->out, "%s: %s", key, duration_format(text, duration_ns));
}

/* `id`, or `{ id: id, note: "..." }`. */
static void source(const struct writer *writer, const struct source *source)
{
    if (!source->note) {
        fputs(source->id, writer->out);
        return;
    }
    fprintf(writer->out, "{ id: %s, note: ", source->id);
    quoted(writer, source->note);
    fputs(" }", writer->out);
}

static void end_line(const struct writer *writer)
{
    fputc('\n', writer->out);
}

/* ---- comments ----------------------------------------------------------------------------- */

/* One line of a comment, broken at spaces where it is too long. */
static void comment_line(const struct writer *writer, int depth, const char *text, size_t length)
{
    size_t room = (size_t)(COLUMNS - 2 - depth * INDENT);
    do {
        size_t take = length;
        if (take > room) {
            take = room;
            while (take > 0 && text[take] != ' ') {
                take--;
            }
            take = take > 0 ? take : length;
        }
        line(writer, depth, "#%s%.*s\n", take ? " " : "", (int)take, text);
        size_t spaces = take < length ? 1 : 0;
        text += take + spaces;
        length -= take + spaces;
    } while (length > 0);
}

static void comments_about(const struct writer *writer, int depth, const void *about)
{
    char safe[COMMENT_MAX];
    for (size_t i = 0; i < writer->comment_count; i++) {
        if (writer->comments[i].about != about) {
            continue;
        }
        for (const char *at = writer->comments[i].text;;) {
            size_t length = strcspn(at, "\n");
            char *one = strndup(at, length);
            if (!one) {
                out_of_memory();
            }
            text_printable(safe, sizeof(safe), one);
            free(one);
            comment_line(writer, depth, safe, strlen(safe));
            if (!at[length]) {
                break;
            }
            at += length + 1;
        }
    }
}

/* ---- what stands above the procedures ----------------------------------------------------- */

static void write_head(const struct writer *writer)
{
    const struct profile *profile = writer->profile;

    comments_about(writer, 0, profile);
    line(writer, 0, "model: %s\n", profile->model);
    line(writer, 0, "family: %s\n", profile->family);
    if (profile->bluetooth_name) {
        line(writer, 0, "bluetooth: { name: ");
        quoted(writer, profile->bluetooth_name);
        if (profile->le_name) {
            fputs(", le_name: ", writer->out);
            quoted(writer, profile->le_name);
        }
        fputs(" }\n", writer->out);
    }
    line(writer, 0, "sources:%s\n", profile->source_count ? "" : " {}");
    for (size_t i = 0; i < profile->source_count; i++) {
        comments_about(writer, 1, &profile->sources[i]);
        line(writer, 1, "%s: ", profile->sources[i].id);
        quoted(writer, profile->sources[i].note ? profile->sources[i].note : "");
        end_line(writer);
    }
}

static void write_controls(const struct writer *writer)
{
    line(writer, 0, "\ncontrols:\n");
    for (size_t i = 0; i < writer->profile->control_count; i++) {
        const struct control *control = &writer->profile->controls[i];
        comments_about(writer, 1, control);
        line(writer, 1, "%s: { kind: %s, ", control->name,
             control->kind == CONTROL_TOUCH ? "touch" : "button");
        duration(writer, "max_hold", control->max_hold_ns);
        if (control->alias_count) {
            fputs(", aliases: ", writer->out);
            words(writer, control->aliases, control->alias_count);
        }
        if (control->note) {
            fputs(", note: ", writer->out);
            quoted(writer, control->note);
        }
        fputs(" }\n", writer->out);
    }
}

static void write_hazards(const struct writer *writer)
{
    if (writer->profile->hazard_count) {
        line(writer, 0, "\nhazards:\n");
    }
    for (size_t i = 0; i < writer->profile->hazard_count; i++) {
        const struct hazard *hazard = &writer->profile->hazards[i];
        comments_about(writer, 1, hazard);
        line(writer, 1, "- id: %s\n", hazard->id);
        line(writer, 2, "when: { hold: ");
        controls(writer, hazard->hold);
        if (hazard->longer_than_ns) {
            fputs(", ", writer->out);
            duration(writer, "longer_than", hazard->longer_than_ns);
        }
        fputs(" }\n", writer->out);
        line(writer, 2, "grade: %s\n", hazard_grade_name(hazard->grade));
        line(writer, 2, "risk: ");
        quoted(writer, hazard->risk);
        end_line(writer);
        line(writer, 2, "source: ");
        source(writer, &hazard->source);
        end_line(writer);
    }
}

/* ---- a procedure -------------------------------------------------------------------------- */

static void accepted(const struct writer *writer, const struct requirement *requirement)
{
    int x100 = requirement->at_least_x100;
    if (x100 >= 0) {
        fprintf(writer->out, "\">= %d", x100 / 100);
        if (x100 % 100) {
            fprintf(writer->out, ".%02d", x100 % 100);
        }
        fputs(" %\"", writer->out);
    } else if (requirement->accept_count == 0) {
        fputs("any", writer->out);
    } else {
        words(writer, requirement->accept, requirement->accept_count);
    }
}

static void write_requirement(const struct writer *writer, const struct requirement *requirement)
{
    const struct question *question = &requirement->question;
    const struct question *known = question_known(question->name);

    line(writer, 3, "%s: ", question->name);
    if (known && strcmp(known->prompt, question->prompt) == 0) {
        accepted(writer, requirement);
        end_line(writer);
        return;
    }
    fputs("{ ask: ", writer->out);
    quoted(writer, question->prompt);
    if (!known) {
        fputs(", answers: ", writer->out);
        words(writer, question->answers, question->answer_count);
    }
    fputs(", accept: ", writer->out);
    accepted(writer, requirement);
    fputs(" }\n", writer->out);
}

static void write_step(const struct writer *writer, const struct step *step)
{
    char text[PATTERN_TEXT_MAX];

    switch (step->kind) {
    case STEP_HOLD:
        line(writer, 3, "- hold: ");
        controls(writer, step->controls);
        end_line(writer);
        line(writer, 4, "for: %s\n", duration_format(text, step->for_ns));
        if (step->has_release_on) {
            line(writer, 4, "release_on: \"%s\"\n", pattern_format(text, &step->release_on));
        }
        break;
    case STEP_TAP:
        line(writer, 3, "- tap: ");
        controls(writer, step->controls);
        end_line(writer);
        line(writer, 4, "times: %d\n", step->times);
        line(writer, 4, "on: %s\n", duration_format(text, step->on_ns));
        if (step->off_ns) {
            line(writer, 4, "off: %s\n", duration_format(text, step->off_ns));
        }
        break;
    case STEP_WAIT:
        line(writer, 3, "- wait: %s\n", duration_format(text, step->for_ns));
        break;
    case STEP_ASK:
        line(writer, 3, "- ask: ");
        quoted(writer, step->ask.prompt);
        end_line(writer);
        line(writer, 4, "name: %s\n", step->ask.name);
        if (!question_known(step->ask.name)) {
            line(writer, 4, "answers: ");
            words(writer, step->ask.answers, step->ask.answer_count);
            end_line(writer);
        }
        break;
    }
}

/* ", after: press+5 s, within: 6 s" and what else all expectations have. */
static void window(const struct writer *writer, const struct expectation *expectation)
{
    char text[DURATION_TEXT_MAX];
    int64_t after_ns = expectation->after_ns;

    fprintf(writer->out, "after: %s", anchor_name(expectation->anchor));
    if (after_ns) {
        fprintf(writer->out, "%c%s", after_ns < 0 ? '-' : '+',
                duration_format(text, after_ns < 0 ? -after_ns : after_ns));
    }
    fputs(", ", writer->out);
    duration(writer, "within", expectation->within_ns);
    fputs(expectation->needed ? " }" : ", needed: no }", writer->out);
}

static void write_led(const struct writer *writer, const struct expectation *expectation)
{
    static const char *const extras[] = {[EXTRA_BEFORE] = "before",
                                         [EXTRA_AFTER] = "after",
                                         [EXTRA_BEFORE | EXTRA_AFTER] = "[before, after]"};
    char text[PATTERN_TEXT_MAX];

    fprintf(writer->out, "{ pattern: \"%s\", ", pattern_format(text, &expectation->pattern));
    if (expectation->extra) {
        fprintf(writer->out, "extra: %s, ", extras[expectation->extra]);
    }
    if (expectation->dark_ns) {
        duration(writer, "dark", expectation->dark_ns);
        fputs(", ", writer->out);
    }
}

static void write_sound(const struct writer *writer, const struct expectation *expectation)
{
    fputs("{ prompt: ", writer->out);
    quoted(writer, expectation->prompt);
    fputs(", ", writer->out);
    duration(writer, "at_least", expectation->min_ns);
    fputs(", ", writer->out);
}

static void write_services(const struct writer *writer, unsigned services)
{
    const char *names[SERVICES_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < SERVICES_COUNT; i++) {
        if (services & (1U << i)) {
            names[count++] = service_words[i];
        }
    }
    fputs("{ has: ", writer->out);
    words(writer, names, count);
    fputs(", ", writer->out);
}

static bool is_radio(const struct expectation *expectation)
{
    return expectation->kind != EXPECT_LED && expectation->kind != EXPECT_SOUND;
}

static void write_expectation(const struct writer *writer, const struct expectation *expectation)
{
    bool radio = is_radio(expectation);
    int depth = radio ? 4 : 3;

    comments_about(writer, depth, expectation);
    line(writer, depth, "%s%s: ", radio ? "- " : "", expect_kind_name(expectation->kind));
    if (expectation->unknown) {
        fputs("unknown\n", writer->out);
        return;
    }
    if (expectation->kind == EXPECT_LED) {
        write_led(writer, expectation);
    } else if (expectation->kind == EXPECT_SOUND) {
        write_sound(writer, expectation);
    } else if (expectation->kind == EXPECT_SERVICES) {
        write_services(writer, expectation->services);
    } else {
        fputs("{ ", writer->out);
        if (expectation->name) {
            fputs("name: ", writer->out);
            quoted(writer, expectation->name);
            fputs(", ", writer->out);
        }
    }
    window(writer, expectation);
    end_line(writer);
}

static void write_expect(const struct writer *writer, const struct procedure *procedure)
{
    bool radio = false;

    line(writer, 2, "expect:\n");
    for (size_t i = 0; i < procedure->expect_count; i++) {
        if (is_radio(&procedure->expect[i]) && !radio) {
            line(writer, 3, "bluetooth:\n");
            radio = true;
        }
        write_expectation(writer, &procedure->expect[i]);
    }
    if (!radio) {
        line(writer, 3, "bluetooth: unknown\n");
    }
}

static void write_retry(const struct writer *writer, const struct retry *retry)
{
    char text[DURATION_TEXT_MAX];
    line(writer, 2, "retry:\n");
    line(writer, 3, "times: %d\n", retry->times);
    line(writer, 3, "cooldown: %s\n", duration_format(text, retry->cooldown_ns));
    line(writer, 3, "source: ");
    source(writer, &retry->source);
    end_line(writer);
    if (retry->other_count) {
        line(writer, 3, "others:\n");
    }
    for (size_t i = 0; i < retry->other_count; i++) {
        line(writer, 4,
             "- { cooldown: %s, source: ", duration_format(text, retry->others[i].cooldown_ns));
        source(writer, &retry->others[i].source);
        fputs(" }\n", writer->out);
    }
}

static void write_effects(const struct writer *writer, const char *key, const char *const *items,
                          size_t count, bool unknown)
{
    line(writer, 2, "%s: ", key);
    if (unknown) {
        fputs("unknown", writer->out);
    } else {
        words(writer, items, count);
    }
    end_line(writer);
}

static void write_intends(const struct writer *writer, uint32_t intends)
{
    const char *ids[PROFILE_HAZARDS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < writer->profile->hazard_count; i++) {
        if (intends & (UINT32_C(1) << i)) {
            ids[count++] = writer->profile->hazards[i].id;
        }
    }
    if (count) {
        line(writer, 2, "intends: ");
        words(writer, ids, count);
        end_line(writer);
    }
}

static void write_procedure(const struct writer *writer, const struct procedure *procedure)
{
    comments_about(writer, 1, procedure);
    line(writer, 1, "%s:\n", procedure->name);
    line(writer, 2, "kind: %s\n", procedure_kind_name(procedure->kind));
    if (procedure->title) {
        line(writer, 2, "title: ");
        quoted(writer, procedure->title);
        end_line(writer);
    }
    line(writer, 2, "source: ");
    source(writer, &procedure->source);
    end_line(writer);
    write_effects(writer, "preserves", procedure->preserves, procedure->preserves_count,
                  procedure->preserves_unknown);
    write_effects(writer, "clears", procedure->clears, procedure->clears_count,
                  procedure->clears_unknown);
    if (procedure->requires_count) {
        line(writer, 2, "requires:\n");
    }
    for (size_t i = 0; i < procedure->requires_count; i++) {
        write_requirement(writer, &procedure->requires[i]);
    }
    write_intends(writer, procedure->intends);
    line(writer, 2, "steps:\n");
    for (size_t i = 0; i < procedure->step_count; i++) {
        write_step(writer, &procedure->steps[i]);
    }
    write_expect(writer, procedure);
    if (procedure->retry.source.id) {
        write_retry(writer, &procedure->retry);
    }
    if (procedure->advice_count) {
        line(writer, 2, "advice:\n");
    }
    for (size_t i = 0; i < procedure->advice_count; i++) {
        line(writer, 3, "- ");
        quoted(writer, procedure->advice[i]);
        end_line(writer);
    }
}

char *profile_text(struct arena *arena, const struct profile *profile,
                   const struct profile_comment *comments, size_t comment_count, size_t *length)
{
    char *text = NULL;
    size_t size = 0;
    struct writer writer = {.out = open_memstream(&text, &size),
                            .profile = profile,
                            .comments = comments,
                            .comment_count = comment_count};
    if (!writer.out) {
        out_of_memory();
    }
    write_head(&writer);
    write_controls(&writer);
    write_hazards(&writer);
    line(&writer, 0, "\nprocedures:\n");
    for (size_t i = 0; i < profile->procedure_count; i++) {
        if (i) {
            end_line(&writer);
        }
        write_procedure(&writer, &profile->procedures[i]);
    }
    if (fclose(writer.out) != 0) {
        out_of_memory();
    }
    char *kept = arena_strndup(arena, text, size);
    *length = size;
    free(text);
    return kept;
}
