/* The variant of the procedure that a series runs, and which of its expectations are evidence. */
#include "rig/threshold/characterize_internal.h"

#include "rig/base/units.h"

#include <string.h>

/* How long after the release evidence is waited for at least. */
static const int64_t TAIL_NS = 3 * NS_PER_S;

bool characterize_is_evidence(const struct expectation *expectation)
{
    return expect_trait(expectation->kind)->shows_press && !expectation->unknown;
}

bool characterize_needs_bond(const struct procedure *procedure)
{
    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *expectation = &procedure->expect[i];
        if (characterize_is_evidence(expectation) && expectation->kind != EXPECT_LED) {
            return true;
        }
    }
    return false;
}

int characterize_last_hold(const struct procedure *procedure)
{
    for (size_t i = procedure->step_count; i-- > 0;) {
        if (procedure->steps[i].kind == STEP_HOLD) {
            return (int)i;
        }
        if (procedure->steps[i].kind == STEP_TAP) {
            break;
        }
    }
    return -1;
}

/* How long after the release of the claimed hold the expectation's time is over. */
static int64_t tail_ns(const struct expectation *expectation, int64_t hold_ns)
{
    int64_t end_ns = expectation->after_ns + expectation->within_ns;
    int64_t tail = expectation->anchor == ANCHOR_PRESS ? end_ns - hold_ns : end_ns;
    return tail > TAIL_NS ? tail : TAIL_NS;
}

/* A reset may start at any time of the press: what it shows counts from the press on, until its
 * time after the longest press is over; and other lights before and behind the pattern are none of
 * our business. The key is tried after the release, whenever that is. */
static struct expectation widened(const struct expectation *claimed, int64_t hold_ns,
                                  int64_t longest_ns)
{
    struct expectation expectation = *claimed;
    expectation.needed = characterize_is_evidence(claimed);
    if (claimed->kind == EXPECT_LED || claimed->kind == EXPECT_DISCONNECTS) {
        expectation.anchor = ANCHOR_PRESS;
        expectation.after_ns = 0;
        expectation.within_ns = longest_ns + tail_ns(claimed, hold_ns);
        expectation.extra |= EXTRA_BEFORE | EXTRA_AFTER;
    }
    return expectation;
}

/* The longer reset, of which only its LED pattern is asked; as long as that takes the variant's is
 * watched too. */
static void make_longer(struct characterize *series, struct expectation *expect)
{
    const struct procedure *longer = series->longer;
    struct expectation *led = arena_alloc(&series->arena, sizeof(*led));

    for (size_t i = 0; i < longer->expect_count; i++) {
        if (longer->expect[i].kind == EXPECT_LED) {
            *led = widened(&longer->expect[i], longer->steps[characterize_last_hold(longer)].for_ns,
                           series->allowed.high_ns);
        }
    }
    for (size_t i = 0; i < series->variant.expect_count; i++) {
        if (expect[i].kind == EXPECT_LED && expect[i].within_ns < led->within_ns) {
            expect[i].within_ns = led->within_ns;
        }
    }
    series->longer_variant = series->variant;
    series->longer_variant.expect = led;
    series->longer_variant.expect_count = 1;
}

void characterize_make_variant(struct characterize *series)
{
    const struct procedure *procedure = series->setup.procedure;
    struct arena *arena = &series->arena;
    int64_t claimed_ns = procedure->steps[series->varied].for_ns;

    series->variant = *procedure;
    series->variant.name = arena_printf(arena, "%s" CHARACTERIZE_SUFFIX, procedure->name);
    series->steps = arena_array(arena, procedure->step_count, sizeof(*series->steps));
    memcpy(series->steps, procedure->steps, procedure->step_count * sizeof(*series->steps));
    series->steps[series->varied].has_release_on = false;
    series->variant.steps = series->steps;
    series->variant.at_once = true;
    struct expectation *expect = arena_array(arena, procedure->expect_count, sizeof(*expect));
    for (size_t i = 0; i < procedure->expect_count; i++) {
        expect[i] = widened(&procedure->expect[i], claimed_ns, series->allowed.high_ns);
    }
    series->variant.expect = expect;
    if (series->longer) {
        make_longer(series, expect);
    }
}

const struct procedure *characterize_longer_of(const struct characterize_setup *setup,
                                               size_t varied)
{
    const struct procedure *procedure = setup->procedure;
    for (size_t i = 0; i < setup->profile->procedure_count; i++) {
        const struct procedure *other = &setup->profile->procedures[i];
        int hold = characterize_last_hold(other);
        if (other->kind != KIND_FACTORY || procedure->kind == KIND_FACTORY || hold < 0 ||
            other->step_count != 1 || procedure->step_count != 1 ||
            other->steps[hold].controls != procedure->steps[varied].controls ||
            other->steps[hold].for_ns <= procedure->steps[varied].for_ns) {
            continue;
        }
        for (size_t e = 0; e < other->expect_count; e++) {
            if (other->expect[e].kind == EXPECT_LED && !other->expect[e].unknown) {
                return other;
            }
        }
    }
    return NULL;
}
