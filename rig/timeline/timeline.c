#include "rig/timeline/timeline.h"

#include "rig/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRY_TEXT_MAX = 1024 };

void timeline_init(struct timeline *timeline)
{
    *timeline = (struct timeline){.arena = ARENA_INIT};
    timeline->entries = xrealloc_array(NULL, TIMELINE_ENTRIES_ROOM, sizeof(struct entry));
    timeline->capacity = TIMELINE_ENTRIES_ROOM;
    timeline->edges = xrealloc_array(NULL, TIMELINE_EDGES_ROOM, sizeof(struct timeline_edge));
    timeline->edge_capacity = TIMELINE_EDGES_ROOM;
    timeline->texts = xrealloc_array(NULL, TIMELINE_TEXTS_ROOM, 1);
}

void timeline_free(struct timeline *timeline)
{
    arena_free(&timeline->arena);
    free(timeline->entries);
    free(timeline->edges);
    free(timeline->texts);
    *timeline = (struct timeline){.arena = ARENA_INIT};
}

void timeline_reset(struct timeline *timeline)
{
    arena_free(&timeline->arena);
    timeline->arena = ARENA_INIT;
    timeline->texts_used = 0;
    timeline->count = 0;
    timeline->edge_count = 0;
    timeline->edges_unkept = 0;
    timeline->live = (struct timeline_live){0};
    timeline->origin_ns = 0;
    timeline->wall_origin_ns = 0;
}

/* A printable copy. Texts never move, since entries point to them. */
static const char *keep_text(struct timeline *timeline, const char *text)
{
    char printable[ENTRY_TEXT_MAX];

    if (!text) {
        return NULL;
    }
    text_printable(printable, sizeof(printable), text);
    size_t size = strlen(printable) + 1;
    if (!timeline->texts || size > TIMELINE_TEXTS_ROOM - timeline->texts_used) {
        return arena_strdup(&timeline->arena, printable);
    }
    char *kept = timeline->texts + timeline->texts_used;
    memcpy(kept, printable, size);
    timeline->texts_used += size;
    return kept;
}

struct entry *timeline_add(struct timeline *timeline, const struct entry *entry)
{
    if (timeline->count == timeline->capacity) {
        size_t capacity = timeline->capacity ? 2 * timeline->capacity : TIMELINE_ENTRIES_ROOM;
        timeline->entries = xrealloc_array(timeline->entries, capacity, sizeof(struct entry));
        timeline->capacity = capacity;
    }
    struct entry *added = &timeline->entries[timeline->count++];
    *added = *entry;
    added->text = keep_text(timeline, entry->text);
    added->text2 = keep_text(timeline, entry->text2);
    added->object = keep_text(timeline, entry->object);
    added->error = keep_text(timeline, entry->error);
    return added;
}

void timeline_copy(struct timeline *copy, const struct timeline *timeline)
{
    *copy = (struct timeline){
        .arena = ARENA_INIT,
        .capacity = timeline->count,
        .origin_ns = timeline->origin_ns,
        .wall_origin_ns = timeline->wall_origin_ns,
    };
    if (timeline->count > 0) {
        copy->entries = xrealloc_array(NULL, timeline->count, sizeof(*copy->entries));
    }
    for (size_t i = 0; i < timeline->count; i++) {
        timeline_add(copy, &timeline->entries[i]);
    }
}

void timeline_add_edge(struct timeline *timeline, int64_t time_ns, unsigned input, bool level)
{
    if (timeline->edge_count == timeline->edge_capacity) {
        if (timeline->edge_count >= TIMELINE_EDGES_MAX) {
            timeline->edges_unkept++;
            return;
        }
        size_t capacity =
            timeline->edge_capacity ? 2 * timeline->edge_capacity : TIMELINE_EDGES_ROOM;
        timeline->edges = xrealloc_array(timeline->edges, capacity, sizeof(struct timeline_edge));
        timeline->edge_capacity = capacity;
    }
    timeline->edges[timeline->edge_count++] =
        (struct timeline_edge){.time_ns = time_ns, .input = (uint16_t)input, .level = level};
}

const struct entry *timeline_next(const struct timeline *timeline, enum entry_kind kind, size_t *i)
{
    for (; *i < timeline->count; (*i)++) {
        const struct entry *entry = &timeline->entries[*i];
        if (entry->kind == kind) {
            (*i)++;
            return entry;
        }
    }
    return NULL;
}

bool timeline_disturbance(const struct timeline *timeline, const struct pulse *pulse)
{
    if (pulse->open || pulse->clipped ||
        pulse->end_ns - pulse->start_ns > TIMELINE_DISTURBANCE_NS) {
        return false;
    }
    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        if ((entry->kind == ENTRY_PRESSED || entry->kind == ENTRY_RELEASED) &&
            pulse->start_ns >= entry->at_ns &&
            pulse->end_ns <= entry->until_ns + TIMELINE_DISTURBANCE_NS) {
            return true;
        }
    }
    return false;
}

static const char *const entry_kinds[] = {
    [ENTRY_START] = "start",       [ENTRY_QUESTION] = "question", [ENTRY_ANSWER] = "answer",
    [ENTRY_ORDER] = "order",       [ENTRY_PRESSED] = "pressed",   [ENTRY_RELEASE] = "release",
    [ENTRY_RELEASED] = "released", [ENTRY_CONTACT] = "contact",   [ENTRY_EDGE] = "edge",
    [ENTRY_PULSE] = "pulse",       [ENTRY_SOUND] = "sound",       [ENTRY_LOST] = "lost",
    [ENTRY_RADIO] = "radio",       [ENTRY_ABORT] = "abort",       [ENTRY_FAULT] = "fault",
    [ENTRY_NOTE] = "note",         [ENTRY_END] = "end",
};

static const char *const answer_bys[] = {
    [ANSWER_BY_INPUT] = "input",   [ANSWER_BY_OPERATOR] = "operator",
    [ANSWER_BY_OPTION] = "option", [ANSWER_BY_SIMULATION] = "simulation",
    [ANSWER_BY_RADIO] = "radio",
};

static const char *const release_whys[] = {
    [RELEASE_LED_SEEN] = "led-seen",
    [RELEASE_ABORT] = "abort",
    [RELEASE_FAULT] = "fault",
    [RELEASE_INTERLOCK] = "interlock",
};

static const char *const run_ends[] = {
    [END_COMPLETE] = "complete",
    [END_ABORTED] = "aborted",
    [END_INTERLOCK] = "interlock",
    [END_FAULT] = "fault",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *name_of(const char *const *names, size_t count, size_t index)
{
    return index < count ? names[index] : "unknown";
}

static int index_of(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

const char *timeline_entry_kind_name(enum entry_kind kind)
{
    return name_of(entry_kinds, COUNT(entry_kinds), (size_t)kind);
}

const char *timeline_answer_by_name(enum answer_by by)
{
    return name_of(answer_bys, COUNT(answer_bys), (size_t)by);
}

const char *timeline_release_why_name(enum release_why why)
{
    return name_of(release_whys, COUNT(release_whys), (size_t)why);
}

const char *timeline_run_end_name(enum run_end end)
{
    return name_of(run_ends, COUNT(run_ends), (size_t)end);
}

int timeline_entry_kind_from_name(const char *name)
{
    return index_of(entry_kinds, COUNT(entry_kinds), name);
}

int timeline_answer_by_from_name(const char *name)
{
    return index_of(answer_bys, COUNT(answer_bys), name);
}

int timeline_release_why_from_name(const char *name)
{
    return index_of(release_whys, COUNT(release_whys), name);
}

int timeline_run_end_from_name(const char *name)
{
    return index_of(run_ends, COUNT(run_ends), name);
}
