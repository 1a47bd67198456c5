#include "tui/print/print_procedure.h"

#include "rig/base/units.h"

#include <stdio.h>
#include <string.h>

char *print_procedure_step(char *out, size_t size, const struct profile *profile,
                           const struct step *step)
{
    char controls[256];
    char a[DURATION_TEXT_MAX];
    char b[DURATION_TEXT_MAX];
    char pattern[PATTERN_TEXT_MAX];

    profile_controls_text(profile, step->controls, controls, sizeof(controls));
    switch (step->kind) {
    case STEP_HOLD:
        if (step->has_release_on) {
            snprintf(out, size, "hold %s for %s (let go on %s)", controls,
                     units_duration_format(a, step->for_ns),
                     pattern_format(pattern, &step->release_on));
        } else {
            snprintf(out, size, "hold %s for %s", controls, units_duration_format(a, step->for_ns));
        }
        break;
    case STEP_TAP:
        snprintf(out, size, "tap %s x%d (%s on, %s off)", controls, step->times,
                 units_duration_format(a, step->on_ns), units_duration_format(b, step->off_ns));
        break;
    case STEP_WAIT:
        snprintf(out, size, "wait %s", units_duration_format(a, step->for_ns));
        break;
    case STEP_ASK:
        snprintf(out, size, "ask: %s", step->ask.prompt);
        break;
    }
    return out;
}

char *print_procedure_sequence(char *out, size_t size, const struct profile *profile,
                               const struct procedure *procedure)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < procedure->step_count; i++) {
        char step[1024];
        print_procedure_step(step, sizeof(step), profile, &procedure->steps[i]);
        int n = snprintf(out + used, size - used, "%s%s", i ? "; " : "", step);
        if (n < 0 || (size_t)n >= size - used) {
            break;
        }
        used += (size_t)n;
    }
    return out;
}

char *print_procedure_led(char *out, size_t size, const struct procedure *procedure)
{
    char pattern[PATTERN_TEXT_MAX];
    snprintf(out, size, "-");
    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *expectation = &procedure->expect[i];
        if (expectation->kind == EXPECT_LED) {
            snprintf(out, size, "%s",
                     expectation->unknown ? "not said"
                                          : pattern_format(pattern, &expectation->pattern));
        }
    }
    return out;
}

char *print_procedure_list(char *out, size_t size, const char *const *items, size_t count,
                           bool unknown)
{
    size_t used = 0;
    snprintf(out, size, "%s", unknown ? "not said" : "nothing");
    for (size_t i = 0; i < count; i++) {
        int n = snprintf(out + used, size - used, "%s%s", i ? ", " : "", items[i]);
        if (n < 0 || (size_t)n >= size - used) {
            break;
        }
        used += (size_t)n;
    }
    return out;
}
