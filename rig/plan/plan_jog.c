#include "rig/plan/plan_jog.h"

#include "rig/plan/plan_internal.h"

#include <stdlib.h>

struct jog {
    struct arena arena;
    struct profile profile;
    struct procedure procedure;
    struct step step;
    struct plan *plan;
};

/* Without a model: one control for each pressed actuator. Its worst-case travel is no reason to
 * refuse JOG_MAX_NS. */
static void make_controls(struct jog *jog, const struct station *station, uint32_t actuators)
{
    struct profile *profile = &jog->profile;

    profile->path = "a press by hand without a model";
    profile->model = station->name;
    profile->controls = arena_array(&jog->arena, BENCH_ACTUATORS_MAX, sizeof(struct control));
    for (size_t i = 0; i < station->actuator_count; i++) {
        const struct actuator *actuator = &station->actuators[i];
        if (actuators >> i & 1) {
            jog->step.controls |= UINT32_C(1) << profile->control_count;
            profile->controls[profile->control_count++] =
                (struct control){.name = actuator->control,
                                 .max_hold_ns = JOG_MAX_NS + 2 * actuator->travel_tolerance_ns};
        }
    }
}

/* With a model: all its controls, since hazards refer to them by index. A control that the model
 * does not have has no known limits. */
static int take_controls(struct jog *jog, struct diags *diags, const struct profile *profile,
                         const struct station *station, uint32_t actuators)
{
    uint32_t known = 0;
    int result = 0;

    jog->profile.path = profile->path;
    jog->profile.model = profile->model;
    jog->profile.controls = profile->controls;
    jog->profile.control_count = profile->control_count;
    jog->profile.hazards = profile->hazards;
    jog->profile.hazard_count = profile->hazard_count;
    for (size_t i = 0; i < profile->control_count; i++) {
        int actuator = plan_actuator(station, &profile->controls[i]);
        if (actuator >= 0 && (actuators >> actuator & 1)) {
            known |= UINT32_C(1) << actuator;
            jog->step.controls |= UINT32_C(1) << i;
        }
    }
    for (size_t i = 0; i < station->actuator_count; i++) {
        if ((actuators & ~known) >> i & 1) {
            result = diag_error(diags, station->actuators[i].line.place,
                                "press one of its controls, or press without a model",
                                "%s has no control `%s`, so no limits are known for it",
                                profile->model, station->actuators[i].control);
        }
    }
    return result;
}

struct jog *plan_jog_make(struct diags *diags, const struct bench *bench,
                          const struct station *station, const struct profile *profile,
                          uint32_t actuators, int64_t hold_ns)
{
    uint32_t wired = (UINT32_C(1) << station->actuator_count) - 1;
    struct jog *jog = xcalloc(sizeof(*jog));
    struct plan_choices choices = {.none_accepted = true};

    jog->procedure =
        (struct procedure){.name = "jog", .kind = KIND_OTHER, .steps = &jog->step, .step_count = 1};
    jog->step = (struct step){.kind = STEP_HOLD, .for_ns = hold_ns};
    jog->profile.procedures = &jog->procedure;
    jog->profile.procedure_count = 1;
    if (!(actuators & wired) || hold_ns <= 0) {
        diag_error(diags, station->place, "choose an actuator and a time",
                   "there is nothing to press");
        goto failed;
    }
    if (!profile) {
        make_controls(jog, station, actuators & wired);
    } else if (take_controls(jog, diags, profile, station, actuators & wired) != 0) {
        goto failed;
    }
    jog->plan = plan_make(diags, &jog->profile, &jog->procedure, bench, station, &choices, NULL);
    if (jog->plan) {
        return jog;
    }
failed:
    plan_jog_free(jog);
    return NULL;
}

void plan_jog_free(struct jog *jog)
{
    if (jog) {
        plan_free(jog->plan);
        arena_free(&jog->arena);
        free(jog);
    }
}

const struct plan *plan_jog_plan(const struct jog *jog)
{
    return jog->plan;
}
