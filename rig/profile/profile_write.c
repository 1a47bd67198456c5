#include "rig/profile/profile_write.h"

#include "rig/base/units.h"
#include "rig/format/yaml_write.h"
#include "rig/signal/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    FILE *out;
    const struct profile *profile;
    const struct profile_comment *comments;
    size_t comment_count;
};

/* ---- parts of a line ---------------------------------------------------------------------- */

static void controls(const struct writer *writer, control_mask mask)
{
    const char *names[PROFILE_CONTROLS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < writer->profile->control_count; i++) {
        if (mask & (UINT32_C(1) << i)) {
            names[count++] = writer->profile->controls[i].name;
        }
    }
    yaml_put_words(writer->out, names, count);
}

static void duration(const struct writer *writer, const char *key, int64_t duration_ns)
{
    char text[DURATION_TEXT_MAX];
    fprintf(writer->out, "%s: %s", key, units_duration_format(text, duration_ns));
}

/* `id`, or `{ id: id, note: "..." }`. */
static void source(const struct writer *writer, const struct source *source)
{
    if (!source->note) {
        fputs(source->id, writer->out);
        return;
    }
    fprintf(writer->out, "{ id: %s, note: ", source->id);
    yaml_put_quoted(writer->out, source->note);
    fputs(" }", writer->out);
}

static void end_line(const struct writer *writer)
{
    fputc('\n', writer->out);
}

/* ---- comments ----------------------------------------------------------------------------- */

static void comments_about(const struct writer *writer, int depth, const void *about)
{
    for (size_t i = 0; i < writer->comment_count; i++) {
        if (writer->comments[i].about == about) {
            yaml_put_comment(writer->out, depth, writer->comments[i].text);
        }
    }
}

/* ---- what stands above the procedures ----------------------------------------------------- */

static void write_head(const struct writer *writer)
{
    const struct profile *profile = writer->profile;

    comments_about(writer, 0, profile);
    yaml_put_line(writer->out, 0, "model: %s\n", profile->model);
    yaml_put_line(writer->out, 0, "family: %s\n", profile->family);
    if (profile->bluetooth_name) {
        yaml_put_line(writer->out, 0, "bluetooth: { name: ");
        yaml_put_quoted(writer->out, profile->bluetooth_name);
        if (profile->le_name) {
            fputs(", le_name: ", writer->out);
            yaml_put_quoted(writer->out, profile->le_name);
        }
        fputs(" }\n", writer->out);
    }
    yaml_put_line(writer->out, 0, "sources:%s\n", profile->source_count ? "" : " {}");
    for (size_t i = 0; i < profile->source_count; i++) {
        comments_about(writer, 1, &profile->sources[i]);
        yaml_put_line(writer->out, 1, "%s: ", profile->sources[i].id);
        yaml_put_quoted(writer->out, profile->sources[i].note ? profile->sources[i].note : "");
        end_line(writer);
    }
}

static void write_controls(const struct writer *writer)
{
    yaml_put_line(writer->out, 0, "\ncontrols:\n");
    for (size_t i = 0; i < writer->profile->control_count; i++) {
        const struct control *control = &writer->profile->controls[i];
        comments_about(writer, 1, control);
        yaml_put_line(writer->out, 1, "%s: { kind: %s, ", control->name,
                      control->kind == CONTROL_TOUCH ? "touch" : "button");
        duration(writer, "max_hold", control->max_hold_ns);
        if (control->alias_count) {
            fputs(", aliases: ", writer->out);
            yaml_put_words(writer->out, control->aliases, control->alias_count);
        }
        if (control->note) {
            fputs(", note: ", writer->out);
            yaml_put_quoted(writer->out, control->note);
        }
        fputs(" }\n", writer->out);
    }
}

static void write_hazards(const struct writer *writer)
{
    if (writer->profile->hazard_count) {
        yaml_put_line(writer->out, 0, "\nhazards:\n");
    }
    for (size_t i = 0; i < writer->profile->hazard_count; i++) {
        const struct hazard *hazard = &writer->profile->hazards[i];
        comments_about(writer, 1, hazard);
        yaml_put_line(writer->out, 1, "- id: %s\n", hazard->id);
        yaml_put_line(writer->out, 2, "when: { hold: ");
        controls(writer, hazard->hold);
        if (hazard->longer_than_ns) {
            fputs(", ", writer->out);
            duration(writer, "longer_than", hazard->longer_than_ns);
        }
        fputs(" }\n", writer->out);
        yaml_put_line(writer->out, 2, "grade: %s\n", profile_hazard_grade_name(hazard->grade));
        yaml_put_line(writer->out, 2, "risk: ");
        yaml_put_quoted(writer->out, hazard->risk);
        end_line(writer);
        yaml_put_line(writer->out, 2, "source: ");
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
        yaml_put_words(writer->out, requirement->accept, requirement->accept_count);
    }
}

static void write_requirement(const struct writer *writer, const struct requirement *requirement)
{
    const struct question *question = &requirement->question;
    const struct question *known = question_known(question->name);

    yaml_put_line(writer->out, 3, "%s: ", question->name);
    if (known && strcmp(known->prompt, question->prompt) == 0) {
        accepted(writer, requirement);
        end_line(writer);
        return;
    }
    fputs("{ ask: ", writer->out);
    yaml_put_quoted(writer->out, question->prompt);
    if (!known) {
        fputs(", answers: ", writer->out);
        yaml_put_words(writer->out, question->answers, question->answer_count);
    }
    fputs(", accept: ", writer->out);
    accepted(writer, requirement);
    fputs(" }\n", writer->out);
}

static void write_step(const struct writer *writer, const struct step *step)
{
    char text[PATTERN_TEXT_MAX];
    char time[DURATION_TEXT_MAX];

    switch (step->kind) {
    case STEP_HOLD:
        yaml_put_line(writer->out, 3, "- hold: ");
        controls(writer, step->controls);
        end_line(writer);
        yaml_put_line(writer->out, 4, "for: %s\n", units_duration_format(text, step->for_ns));
        if (step->has_release_on) {
            yaml_put_line(writer->out, 4, "release_on: \"%s\"\n",
                          pattern_format(text, &step->release_on));
            if (step->not_before_ns) {
                yaml_put_line(writer->out, 4, "not_before: %s\n",
                              units_duration_format(time, step->not_before_ns));
            }
        }
        break;
    case STEP_TAP:
        yaml_put_line(writer->out, 3, "- tap: ");
        controls(writer, step->controls);
        end_line(writer);
        yaml_put_line(writer->out, 4, "times: %d\n", step->times);
        yaml_put_line(writer->out, 4, "on: %s\n", units_duration_format(text, step->on_ns));
        if (step->off_ns) {
            yaml_put_line(writer->out, 4, "off: %s\n", units_duration_format(text, step->off_ns));
        }
        break;
    case STEP_WAIT:
        yaml_put_line(writer->out, 3, "- wait: %s\n", units_duration_format(text, step->for_ns));
        break;
    case STEP_ASK:
        yaml_put_line(writer->out, 3, "- ask: ");
        yaml_put_quoted(writer->out, step->ask.prompt);
        end_line(writer);
        yaml_put_line(writer->out, 4, "name: %s\n", step->ask.name);
        if (!question_known(step->ask.name)) {
            yaml_put_line(writer->out, 4, "answers: ");
            yaml_put_words(writer->out, step->ask.answers, step->ask.answer_count);
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

    fprintf(writer->out, "after: %s", profile_anchor_name(expectation->anchor));
    if (after_ns) {
        fprintf(writer->out, "%c%s", after_ns < 0 ? '-' : '+',
                units_duration_format(text, after_ns < 0 ? -after_ns : after_ns));
    }
    fputs(", ", writer->out);
    duration(writer, "within", expectation->within_ns);
    if (expectation->steady_ns) {
        fputs(", ", writer->out);
        duration(writer, "steady_for", expectation->steady_ns);
        fputs(", source: ", writer->out);
        source(writer, &expectation->steady_source);
    }
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
    yaml_put_quoted(writer->out, expectation->prompt);
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
    yaml_put_words(writer->out, names, count);
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
    yaml_put_line(writer->out, depth, "%s%s: ", radio ? "- " : "",
                  expect_kind_name(expectation->kind));
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
            yaml_put_quoted(writer->out, expectation->name);
            fputs(", ", writer->out);
        }
    }
    window(writer, expectation);
    end_line(writer);
}

/* Only what is (still) claimed can suffice. */
static void write_without_bond(const struct writer *writer, const struct procedure *procedure)
{
    const char *names[PROFILE_EXPECT_MAX];
    size_t count = 0;
    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *expectation = &procedure->expect[i];
        if (!expectation->unknown && (procedure->without_bond >> expectation->kind & 1)) {
            names[count++] = expect_kind_name(expectation->kind);
        }
    }
    if (count > 0) {
        yaml_put_line(writer->out, 3, "without_bond: ");
        yaml_put_words(writer->out, names, count);
        end_line(writer);
    }
}

static void write_expect(const struct writer *writer, const struct procedure *procedure)
{
    bool radio = false;

    yaml_put_line(writer->out, 2, "expect:\n");
    for (size_t i = 0; i < procedure->expect_count; i++) {
        if (is_radio(&procedure->expect[i]) && !radio) {
            yaml_put_line(writer->out, 3, "bluetooth:\n");
            radio = true;
        }
        write_expectation(writer, &procedure->expect[i]);
    }
    if (!radio) {
        yaml_put_line(writer->out, 3, "bluetooth: unknown\n");
    }
    write_without_bond(writer, procedure);
}

static void write_retry(const struct writer *writer, const struct retry *retry)
{
    char text[DURATION_TEXT_MAX];
    yaml_put_line(writer->out, 2, "retry:\n");
    yaml_put_line(writer->out, 3, "times: %d\n", retry->times);
    yaml_put_line(writer->out, 3, "cooldown: %s\n",
                  units_duration_format(text, retry->cooldown_ns));
    yaml_put_line(writer->out, 3, "source: ");
    source(writer, &retry->source);
    end_line(writer);
    if (retry->other_count) {
        yaml_put_line(writer->out, 3, "others:\n");
    }
    for (size_t i = 0; i < retry->other_count; i++) {
        yaml_put_line(writer->out, 4, "- { cooldown: %s, source: ",
                      units_duration_format(text, retry->others[i].cooldown_ns));
        source(writer, &retry->others[i].source);
        fputs(" }\n", writer->out);
    }
}

static void write_effects(const struct writer *writer, const char *key, const char *const *items,
                          size_t count, bool unknown)
{
    yaml_put_line(writer->out, 2, "%s: ", key);
    if (unknown) {
        fputs("unknown", writer->out);
    } else {
        yaml_put_words(writer->out, items, count);
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
        yaml_put_line(writer->out, 2, "intends: ");
        yaml_put_words(writer->out, ids, count);
        end_line(writer);
    }
}

static void write_procedure(const struct writer *writer, const struct procedure *procedure)
{
    comments_about(writer, 1, procedure);
    yaml_put_line(writer->out, 1, "%s:\n", procedure->name);
    yaml_put_line(writer->out, 2, "kind: %s\n", profile_procedure_kind_name(procedure->kind));
    if (procedure->title) {
        yaml_put_line(writer->out, 2, "title: ");
        yaml_put_quoted(writer->out, procedure->title);
        end_line(writer);
    }
    yaml_put_line(writer->out, 2, "source: ");
    source(writer, &procedure->source);
    end_line(writer);
    write_effects(writer, "preserves", procedure->preserves, procedure->preserves_count,
                  procedure->preserves_unknown);
    write_effects(writer, "clears", procedure->clears, procedure->clears_count,
                  procedure->clears_unknown);
    if (procedure->requires_count) {
        yaml_put_line(writer->out, 2, "requires:\n");
    }
    for (size_t i = 0; i < procedure->requires_count; i++) {
        write_requirement(writer, &procedure->requires[i]);
    }
    write_intends(writer, procedure->intends);
    yaml_put_line(writer->out, 2, "steps:\n");
    for (size_t i = 0; i < procedure->step_count; i++) {
        write_step(writer, &procedure->steps[i]);
    }
    write_expect(writer, procedure);
    if (procedure->retry.source.id) {
        write_retry(writer, &procedure->retry);
    }
    if (procedure->advice_count) {
        yaml_put_line(writer->out, 2, "advice:\n");
    }
    for (size_t i = 0; i < procedure->advice_count; i++) {
        yaml_put_line(writer->out, 3, "- ");
        yaml_put_quoted(writer->out, procedure->advice[i]);
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
    yaml_put_line(writer.out, 0, "\nprocedures:\n");
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
