/*
 * Finds claims of a profile that contradict each other, and the observations that decide between
 * them.
 */
#include "rig/learn/settle_internal.h"

#include "rig/base/units.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DIFFERENCES_MAX = 16 };

const struct step *settle_press(const struct procedure *procedure, size_t *i)
{
    while (*i < procedure->step_count) {
        const struct step *step = &procedure->steps[(*i)++];
        if (step->kind == STEP_HOLD || step->kind == STEP_TAP) {
            return step;
        }
    }
    return NULL;
}

static bool alike_ns(int64_t a_ns, int64_t b_ns)
{
    int64_t shorter_ns = a_ns < b_ns ? a_ns : b_ns;
    int64_t longer_ns = a_ns < b_ns ? b_ns : a_ns;
    return longer_ns - shorter_ns <= shorter_ns / 100 * SETTLE_ALIKE_PERCENT;
}

enum likeness {
    UNLIKE,     /* a completely different press */
    OTHER_TIME, /* the same controls in the same order, a hold of which takes another time */
    ALIKE,
};

static enum likeness likeness_of(const struct procedure *a, const struct procedure *b)
{
    enum likeness likeness = ALIKE;
    size_t at_a = 0;
    size_t at_b = 0;
    const struct step *x = settle_press(a, &at_a);
    const struct step *y = settle_press(b, &at_b);

    if (!x && !y) {
        return UNLIKE; /* nothing is pressed */
    }
    for (; x && y; x = settle_press(a, &at_a), y = settle_press(b, &at_b)) {
        if (x->kind != y->kind || x->controls != y->controls ||
            (x->kind == STEP_TAP && x->times != y->times)) {
            return UNLIKE;
        }
        if (x->kind == STEP_HOLD && !alike_ns(x->for_ns, y->for_ns)) {
            likeness = OTHER_TIME;
        }
    }
    return x || y ? UNLIKE : likeness;
}

/* ---- what tells them apart ---------------------------------------------------------------- */

struct differences {
    struct arena *arena;
    const char *items[DIFFERENCES_MAX];
    size_t count;
};

static void differ(struct differences *differences, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void differ(struct differences *differences, const char *fmt, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, fmt);
    vsnprintf(text, sizeof(text), fmt, arguments);
    va_end(arguments);
    if (differences->count < DIFFERENCES_MAX) {
        differences->items[differences->count++] = arena_strdup(differences->arena, text);
    }
}

static const struct expectation *claimed(const struct procedure *procedure, enum expect_kind kind)
{
    for (size_t i = 0; i < procedure->expect_count; i++) {
        if (procedure->expect[i].kind == kind && !procedure->expect[i].unknown) {
            return &procedure->expect[i];
        }
    }
    return NULL;
}

static bool has(const char *const *items, size_t count, const char *item)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(items[i], item) == 0) {
            return true;
        }
    }
    return false;
}

/* What one claims to keep and the other claims to lose. */
static void differ_in_what_is_kept(struct differences *differences, const struct procedure *a,
                                   const struct procedure *b)
{
    for (size_t i = 0; i < a->preserves_count; i++) {
        if (has(b->clears, b->clears_count, a->preserves[i])) {
            differ(differences, "%s: kept or lost (the rig cannot observe it)", a->preserves[i]);
        }
    }
    for (size_t i = 0; i < b->preserves_count; i++) {
        if (has(a->clears, a->clears_count, b->preserves[i])) {
            differ(differences, "%s: lost or kept (the rig cannot observe it)", b->preserves[i]);
        }
    }
}

static void differ_in_what_is_seen(struct differences *differences, const struct procedure *a,
                                   const struct procedure *b)
{
    const struct expectation *x = claimed(a, EXPECT_LED);
    const struct expectation *y = claimed(b, EXPECT_LED);
    char one[PATTERN_TEXT_MAX];
    char other[PATTERN_TEXT_MAX];

    if (x && y && !pattern_equal(&x->pattern, &y->pattern)) {
        differ(differences, "led: %s or %s", pattern_format(one, &x->pattern),
               pattern_format(other, &y->pattern));
    }
    for (int kind = 0; kind < EXPECT_KINDS; kind++) {
        const struct expect_trait *trait = expect_trait((enum expect_kind)kind);
        if (trait->against && claimed(a, (enum expect_kind)kind) && claimed(b, trait->opposite)) {
            differ(differences, "%s", trait->against);
        }
    }
}

/* ---- states ------------------------------------------------------------------------------- */

bool settle_requirements_exclude(const struct requirement *a, const struct requirement *b)
{
    if (a->at_least_x100 >= 0 || b->at_least_x100 >= 0 || !a->accept_count || !b->accept_count) {
        return false;
    }
    for (size_t i = 0; i < a->accept_count; i++) {
        if (has(b->accept, b->accept_count, a->accept[i])) {
            return false;
        }
    }
    return true;
}

static bool differ_in_state(struct differences *differences, const struct procedure *a,
                            const struct procedure *b)
{
    bool any = false;
    for (size_t i = 0; i < a->requires_count; i++) {
        const struct requirement *x = &a->requires[i];
        const struct requirement *y = profile_requirement(b, x->question.name);
        if (y && settle_requirements_exclude(x, y)) {
            differ(differences, "from: %s %s or %s", x->question.name, x->accept[0], y->accept[0]);
            any = true;
        }
    }
    return any;
}

/* ---- contradictions ----------------------------------------------------------------------- */

static struct settle_conflict *add(struct settle *settle, enum settle_why why, size_t first,
                                   const struct differences *differences)
{
    if (settle->conflict_count == SETTLE_CONFLICTS_MAX) {
        settle->more = true;
        return NULL;
    }
    struct settle_conflict *conflict = &settle->conflicts[settle->conflict_count++];
    const char **items = arena_array(&settle->arena, differences->count + 1, sizeof(*items));
    for (size_t i = 0; i < differences->count; i++) {
        items[i] = differences->items[i];
    }
    *conflict = (struct settle_conflict){.why = why,
                                         .first = first,
                                         .second = first,
                                         .differences = items,
                                         .difference_count = differences->count};
    return conflict;
}

/* The holds in which two claims of one effect differ. */
static void differ_in_time(struct differences *differences, const struct procedure *a,
                           const struct procedure *b)
{
    size_t at_a = 0;
    size_t at_b = 0;
    const struct step *x;
    const struct step *y;
    char one[DURATION_TEXT_MAX];
    char other[DURATION_TEXT_MAX];

    while ((x = settle_press(a, &at_a)) && (y = settle_press(b, &at_b))) {
        if (x->kind == STEP_HOLD && !alike_ns(x->for_ns, y->for_ns)) {
            differ(differences, "hold: %s or %s is enough", units_duration_format(one, x->for_ns),
                   units_duration_format(other, y->for_ns));
        }
    }
}

static bool has_one_effect(const struct procedure *a, const struct procedure *b)
{
    return a->kind == b->kind &&
           (a->kind == KIND_NETWORK || a->kind == KIND_FACTORY || a->kind == KIND_PAIRING);
}

static void compare(struct settle *settle, size_t first, size_t second)
{
    const struct procedure *a = &settle->profile->procedures[first];
    const struct procedure *b = &settle->profile->procedures[second];
    struct differences differences = {.arena = &settle->arena};
    enum likeness likeness = likeness_of(a, b);
    enum settle_why why = CONFLICT_PRESS;

    if (likeness == ALIKE) {
        if (a->kind != b->kind) {
            differ(&differences, "kind: %s or %s", profile_procedure_kind_name(a->kind),
                   profile_procedure_kind_name(b->kind));
        }
        differ_in_what_is_seen(&differences, a, b);
        differ_in_what_is_kept(&differences, a, b);
    } else if (likeness == OTHER_TIME && has_one_effect(a, b)) {
        why = CONFLICT_EFFECT;
        differ_in_time(&differences, a, b);
    }
    if (differences.count == 0) {
        return;
    }
    bool other_state = differ_in_state(&differences, a, b);
    struct settle_conflict *conflict = add(settle, why, first, &differences);
    if (conflict) {
        conflict->second = second;
        conflict->other_state = other_state;
    }
}

static void compare_with_hazard(struct settle *settle, size_t index, size_t hazard_index)
{
    const struct procedure *procedure = &settle->profile->procedures[index];
    const struct hazard *hazard = &settle->profile->hazards[hazard_index];
    struct differences differences = {.arena = &settle->arena};
    const struct step *press;
    size_t i = 0;

    if (procedure->intends >> hazard_index & 1) {
        return;
    }
    while ((press = settle_press(procedure, &i))) {
        int64_t down_ns = press->kind == STEP_HOLD ? press->for_ns : press->on_ns;
        if ((press->controls & hazard->hold) != hazard->hold || down_ns <= hazard->longer_than_ns) {
            continue;
        }
        differ(&differences, "effect: %s reset or %s", profile_procedure_kind_name(procedure->kind),
               hazard->risk);
        struct settle_conflict *conflict = add(settle, CONFLICT_HAZARD, index, &differences);
        if (conflict) {
            conflict->hazard = hazard;
        }
        return;
    }
}

void settle_find(struct settle *settle)
{
    const struct profile *profile = settle->profile;

    for (size_t a = 0; a < profile->procedure_count; a++) {
        for (size_t b = a + 1; b < profile->procedure_count; b++) {
            compare(settle, a, b);
        }
        for (size_t h = 0; h < profile->hazard_count; h++) {
            compare_with_hazard(settle, a, h);
        }
    }
}
