#include "rig/threshold/threshold_linear.h"

#include <assert.h>
#include <inttypes.h>

static bool is_allowed(const struct threshold_setup *setup, int64_t hold_ns)
{
    for (size_t i = 0; i < setup->allowed_count; i++) {
        if (hold_ns >= setup->allowed[i].low_ns && hold_ns <= setup->allowed[i].high_ns) {
            return true;
        }
    }
    return false;
}

/* Holds of one sweep that may be tried; the one numbered `want` into *hold_ns. */
static int64_t walk(const struct threshold_setup *setup, const struct hold_range *over,
                    int64_t step_ns, int64_t want, int64_t *hold_ns)
{
    int64_t count = 0;
    for (int64_t at = over->low_ns; at <= over->high_ns; at += step_ns) {
        if (is_allowed(setup, at) && count++ == want) {
            *hold_ns = at;
        }
    }
    return count;
}

int threshold_linear_sweep(struct diags *diags, const struct threshold_setup *setup,
                           const struct hold_range *over, int64_t step_ns, int repeats)
{
    const struct place place = place_of("linear sweep");
    int64_t range_ns = over->high_ns - over->low_ns;
    if (step_ns <= 0 || repeats < 1) {
        return diag_error(diags, place, NULL, "step and repeats must be greater than zero");
    }
    if (range_ns / step_ns >= THRESHOLD_PRESSES_MAX) {
        return diag_error(diags, place, "take a longer step",
                          "the sweep would take more than %d presses", THRESHOLD_PRESSES_MAX);
    }
    int64_t none;
    int64_t count = walk(setup, over, step_ns, -1, &none);
    if (count == 0) {
        return diag_error(diags, place, "take a shorter step",
                          "none of the sweep's holds may be tried");
    }
    if (count > THRESHOLD_PRESSES_MAX / repeats) {
        return diag_error(diags, place, "take a longer step, or fewer repeats",
                          "%" PRId64 " holds, %d times each, are more than %d presses", count,
                          repeats, THRESHOLD_PRESSES_MAX);
    }
    return (int)count;
}

int64_t threshold_linear_hold_ns(const struct threshold_setup *setup, const struct hold_range *over,
                                 int64_t step_ns, int press)
{
    int64_t hold_ns = over->low_ns;
    int64_t count = walk(setup, over, step_ns, -1, &hold_ns);
    assert(count > 0);
    walk(setup, over, step_ns, press % count, &hold_ns);
    return hold_ns;
}
