#include "tui/task/learn_file.h"

#include "rig/base/text.h"
#include "rig/format/fields.h"
#include "rig/profile/profile_write.h"

#include <stdio.h>
#include <string.h>

/* ---- texts -------------------------------------------------------------------------------- */

/* A sentence of a profile: printable, and not too long. */
static const char *sentence(struct arena *arena, const char *text)
{
    char safe[SENTENCE_TEXT_MAX + 1];
    return arena_strdup(arena, text_printable(safe, sizeof(safe), text));
}

/* The profile with `other` in place of `procedure`. */
static struct profile with_procedure(struct arena *arena, const struct profile *profile,
                                     const struct procedure *procedure,
                                     const struct procedure *other)
{
    struct profile changed = *profile;
    changed.procedures = arena_array(arena, profile->procedure_count, sizeof(*changed.procedures));
    for (size_t i = 0; i < profile->procedure_count; i++) {
        bool here = &profile->procedures[i] == procedure;
        changed.procedures[i] = here ? *other : profile->procedures[i];
    }
    return changed;
}

struct profile *learn_file_asked(struct diags *diags, struct arena *arena,
                                 const struct profile *profile, const struct procedure *procedure)
{
    size_t length;
    struct profile changed =
        with_procedure(arena, profile, procedure, learn_blank(arena, procedure));
    struct profile_comment comment = {
        &changed,
        arena_printf(arena, "What `longpress learn` runs: %s, with no claims about what is seen.",
                     procedure->name)};
    const char *text = profile_text(arena, &changed, &comment, 1, &length);
    return profile_load_text(diags, profile->path, text, length);
}

static const char *head_of(struct arena *arena, const struct learn_story *story,
                           const struct lesson *lesson, size_t count)
{
    const char *who = arena_printf(
        arena,
        "Unit %s, firmware %s; bench %s, station %s%s%s%s; kept in the journal as series %s.",
        story->unit ? story->unit : "(no serial given)",
        story->unit_firmware ? story->unit_firmware : "(not given)", story->bench, story->station,
        story->simulated ? "; SIMULATED: " : "", story->simulated ? story->simulated : "",
        story->simulated ? " - no real unit was seen" : "", story->series);
    return arena_printf(
        arena,
        "%s: what `%s` shows, learned by `longpress learn` on %s from %zu of %zu runs on a unit "
        "believed to be good. %s\n"
        "%s%s%s\n"
        "Everything under its `expect` was seen in each of these runs, and that is all: nobody has "
        "verified it on another unit. The steps and everything else come from %s, and are claims "
        "of the sources named there.\n"
        "\n"
        "Windows: the mean of what was seen, plus and minus k standard deviations: the tolerance "
        "interval (Howe 1969) that contains 99.9 %% of the runs of such a unit with 95 %% "
        "confidence (k = 16.8 for 3 runs, 8.6 for 5, 5.7 for 10, 4.6 for 20). A window always "
        "extends a minimum beyond what was seen: 100 ms plus what the decoder needs for light and "
        "sound, 1 s for the link, 5 s for what an inquiry finds.",
        story->profile->model, story->procedure->name, story->day, lesson->agreeing, count, who,
        story->note ? "Note: " : "", story->note ? story->note : "", story->note ? "\n" : "",
        story->profile->path);
}

static const char *source_note(struct arena *arena, const struct learn_story *story,
                               const struct lesson *lesson)
{
    return sentence(
        arena,
        arena_printf(arena, "longpress learn, %s: %zu runs on unit %s, firmware %s, bench %s%s%s%s",
                     story->day, lesson->agreeing, story->unit ? story->unit : "(no serial)",
                     story->unit_firmware ? story->unit_firmware : "not given", story->bench,
                     story->simulated ? " (simulated)" : "", story->note ? "; " : "",
                     story->note ? story->note : ""));
}

/* What the source of the steps claims remains its own. */
static const char *steps_note(struct arena *arena, const struct procedure *procedure)
{
    const struct source *source = &procedure->source;
    return sentence(arena, arena_printf(arena,
                                        "what is seen; the steps, what they require, what is kept "
                                        "and lost: %s%s%s",
                                        source->id, source->note ? ", " : "",
                                        source->note ? source->note : ""));
}

static const char *remarks_of(struct arena *arena, const struct lesson *lesson)
{
    const char *all = arena_printf(arena, "Learned from %zu runs.", lesson->agreeing);
    for (size_t i = 0; i < lesson->remark_count; i++) {
        all = arena_printf(arena, "%s\n%s", all, lesson->remarks[i]);
    }
    return all;
}

bool learn_file_source_taken(const struct profile *profile, const char *id)
{
    for (size_t i = 0; i < profile->source_count; i++) {
        if (strcmp(profile->sources[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

const char *learn_file_text(struct diags *diags, struct arena *arena,
                            const struct learn_story *story, const struct lesson *lesson,
                            size_t count, size_t *length)
{
    const struct profile *profile = story->profile;
    struct procedure procedure = lesson->procedure;
    struct profile_comment comments[PROFILE_EXPECT_MAX + 2];
    size_t comment_count = 0;

    procedure.source =
        (struct source){.id = story->source, .note = steps_note(arena, story->procedure)};
    struct profile learned = with_procedure(arena, profile, story->procedure, &procedure);
    learned.sources = arena_array(arena, profile->source_count + 1, sizeof(*learned.sources));
    memcpy(learned.sources, profile->sources, profile->source_count * sizeof(*learned.sources));
    learned.sources[learned.source_count++] =
        (struct source){.id = story->source, .note = source_note(arena, story, lesson)};
    if (lesson->bluetooth_name) {
        learned.bluetooth_name = lesson->bluetooth_name;
    }
    comments[comment_count++] =
        (struct profile_comment){&learned, head_of(arena, story, lesson, count)};
    for (size_t i = 0; i < learned.procedure_count; i++) {
        if (&profile->procedures[i] == story->procedure) {
            comments[comment_count++] =
                (struct profile_comment){&learned.procedures[i], remarks_of(arena, lesson)};
        }
    }
    for (size_t i = 0; i < procedure.expect_count; i++) {
        comments[comment_count++] =
            (struct profile_comment){&procedure.expect[i], lesson->basis[i]};
    }
    const char *text = profile_text(arena, &learned, comments, comment_count, length);
    struct profile *loaded = profile_load_text(diags, "what was learned", text, *length);
    bool good = loaded != NULL;
    profile_free(loaded);
    return good ? text : NULL;
}
