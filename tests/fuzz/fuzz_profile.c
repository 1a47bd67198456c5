/* Any bytes as a profile: errors, or a profile that holds what rig/profile/profile.h promises, and
 * that is the same once it was written and read again. */
#include "rig/profile/profile.h"
#include "rig/profile/profile_write.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_procedure(const struct profile *profile, const struct procedure *procedure)
{
    control_mask all = (control_mask)((1U << profile->control_count) - 1);
    assert(procedure->name && procedure->source.id);
    assert(procedure->step_count >= 1 && procedure->step_count <= PROFILE_STEPS_MAX);
    assert(procedure->expect_count <= PROFILE_EXPECT_MAX);
    assert((uint64_t)procedure->intends >> profile->hazard_count == 0);
    for (size_t i = 0; i < procedure->step_count; i++) {
        const struct step *step = &procedure->steps[i];
        bool press = step->kind == STEP_HOLD || step->kind == STEP_TAP;
        assert((step->controls != 0) == press && (step->controls & ~all) == 0);
        assert(step->kind == STEP_ASK || step->for_ns + step->on_ns > 0);
        assert(step->kind != STEP_TAP || (step->times >= 1 && step->times <= PROFILE_TAPS_MAX));
        assert(step->kind != STEP_ASK || (step->ask.name && step->ask.prompt));
    }
    for (size_t i = 0; i < procedure->expect_count; i++) {
        assert(procedure->expect[i].within_ns > 0);
    }
    for (size_t i = 0; i < procedure->requires_count; i++) {
        assert(procedure->requires[i].question.name && procedure->requires[i].question.prompt);
    }
}

/* What is written of it is read again, and written the same. */
static void check_written(const struct profile *profile)
{
    struct diags diags = DIAGS_INIT;
    struct arena arena = ARENA_INIT;
    size_t length;
    size_t again_length;
    const char *text = profile_text(&arena, profile, NULL, 0, &length);
    struct profile *again = profile_load_text(&diags, "written", text, length);
    assert(again);
    const char *text_again = profile_text(&arena, again, NULL, 0, &again_length);
    assert(length == again_length && memcmp(text, text_again, length) == 0);
    profile_free(again);
    arena_free(&arena);
    diags_clear(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diags diags = DIAGS_INIT;
    struct profile *profile = profile_load_text(&diags, "fuzz", (const char *)data, size);
    assert((profile == NULL) == (diags.errors > 0));
    if (profile) {
        assert(profile->model && profile->family && profile->procedure_count >= 1);
        for (size_t i = 0; i < profile->control_count; i++) {
            assert(profile_control(profile, profile->controls[i].name) == (int)i);
        }
        for (size_t i = 0; i < profile->procedure_count; i++) {
            check_procedure(profile, &profile->procedures[i]);
        }
        profile_default(profile);
        check_written(profile);
    }
    profile_free(profile);
    diags_clear(&diags);
    return 0;
}
