#include "rig/profile/profile.h"

#include "rig/base/text.h"

#include <stdio.h>
#include <string.h>

void profile_free(struct profile *profile)
{
    if (profile) {
        struct arena arena = profile->arena; /* the profile itself lives in it */
        arena_free(&arena);
    }
}

const struct procedure *profile_procedure(const struct profile *profile, const char *name)
{
    for (size_t i = 0; i < profile->procedure_count; i++) {
        if (text_equal_nocase(profile->procedures[i].name, name)) {
            return &profile->procedures[i];
        }
    }
    return NULL;
}

const struct procedure *profile_default(const struct profile *profile)
{
    static const enum procedure_kind least_first[] = {KIND_NETWORK, KIND_FACTORY};

    for (size_t k = 0; k < sizeof(least_first) / sizeof(*least_first); k++) {
        for (size_t i = 0; i < profile->procedure_count; i++) {
            if (profile->procedures[i].kind == least_first[k]) {
                return &profile->procedures[i];
            }
        }
    }
    return NULL;
}

int64_t profile_last_press_ns(const struct procedure *procedure)
{
    for (size_t i = procedure->step_count; i-- > 0;) {
        const struct step *step = &procedure->steps[i];
        if (step->kind == STEP_HOLD) {
            return step->for_ns;
        }
        if (step->kind == STEP_TAP) {
            return step->times * step->on_ns + (step->times - 1) * step->off_ns;
        }
    }
    return 0;
}

const struct requirement *profile_requirement(const struct procedure *procedure, const char *name)
{
    for (size_t i = 0; i < procedure->requires_count; i++) {
        if (strcmp(procedure->requires[i].question.name, name) == 0) {
            return &procedure->requires[i];
        }
    }
    return NULL;
}

int profile_control(const struct profile *profile, const char *name)
{
    for (size_t i = 0; i < profile->control_count; i++) {
        const struct control *control = &profile->controls[i];
        if (text_equal_nocase(control->name, name)) {
            return (int)i;
        }
        for (size_t a = 0; a < control->alias_count; a++) {
            if (text_equal_nocase(control->aliases[a], name)) {
                return (int)i;
            }
        }
    }
    return -1;
}

char *profile_controls_text(const struct profile *profile, control_mask controls, char *out,
                            size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < profile->control_count && used < size; i++) {
        if (controls & (UINT32_C(1) << i)) {
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " + " : "",
                                     profile->controls[i].name);
        }
    }
    return out;
}

const char *profile_procedure_kind_name(enum procedure_kind kind)
{
    static const char *const names[] = {
        [KIND_SOFT] = "soft",       [KIND_NETWORK] = "network", [KIND_FACTORY] = "factory",
        [KIND_PAIRING] = "pairing", [KIND_OTHER] = "other",
    };
    return names[kind];
}

const char *profile_hazard_grade_name(enum hazard_grade grade)
{
    static const char *const names[] = {
        [HAZARD_MODE] = "mode",
        [HAZARD_ERASES] = "erases",
        [HAZARD_BRICKS] = "bricks",
    };
    return names[grade];
}

const char *profile_anchor_name(enum anchor anchor)
{
    static const char *const names[] = {
        [ANCHOR_PRESS] = "press",   [ANCHOR_RELEASE] = "release", [ANCHOR_LED] = "led",
        [ANCHOR_ANSWER] = "answer", [ANCHOR_WAIT] = "wait",
    };
    return names[anchor];
}
