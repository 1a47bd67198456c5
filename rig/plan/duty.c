#include "rig/plan/duty.h"

#include "rig/base/units.h"

#include <stdio.h>
#include <string.h>

enum { ALL_X100 = 10000 };

/* The actuator's on-time limit in any window. This order of operations cannot overflow. */
static int64_t limit_ns(const struct actuator *actuator)
{
    int64_t window_ns = actuator->duty_window_ns;
    return window_ns / ALL_X100 * actuator->duty_percent_x100 +
           window_ns % ALL_X100 * actuator->duty_percent_x100 / ALL_X100;
}

static bool is_limited(const struct actuator *actuator)
{
    return actuator->duty_percent_x100 < ALL_X100 && actuator->duty_window_ns > 0;
}

static void add_time(struct duty_actuator *one, int64_t start_ns, int64_t end_ns)
{
    if (one->count == DUTY_TIMES_MAX) {
        one->times[1].start_ns -= one->times[0].end_ns - one->times[0].start_ns;
        one->count--;
        memmove(one->times, one->times + 1, one->count * sizeof(one->times[0]));
    }
    one->times[one->count++] = (struct duty_time){start_ns, end_ns};
}

void duty_add(struct duty *duty, uint32_t mask, int64_t start_ns, int64_t end_ns)
{
    for (size_t i = 0; i < BENCH_ACTUATORS_MAX && end_ns > start_ns; i++) {
        if (mask >> i & 1) {
            add_time(&duty->actuators[i], start_ns, end_ns);
        }
    }
}

static int64_t on_since(const struct duty_actuator *one, int64_t from_ns)
{
    int64_t sum_ns = 0;
    for (size_t i = one->count; i-- > 0 && one->times[i].end_ns > from_ns;) {
        int64_t start_ns = one->times[i].start_ns > from_ns ? one->times[i].start_ns : from_ns;
        sum_ns += one->times[i].end_ns - start_ns;
    }
    return sum_ns;
}

int64_t duty_wait_ns(const struct duty *duty, const struct station *station, unsigned actuator,
                     int64_t now_ns, int64_t energise_ns)
{
    const struct actuator *limits = &station->actuators[actuator];
    const struct duty_actuator *one = &duty->actuators[actuator];

    if (!is_limited(limits)) {
        return 0;
    }
    int64_t spare_ns = limit_ns(limits) - energise_ns;
    if (spare_ns < 0) {
        return INT64_MAX;
    }
    /* Of all windows containing this whole press, the one that ends with it contains most of the
     * earlier ones. Counting earlier presses backwards, it must begin where they use up the spare
     * time. */
    int64_t begins_ns = now_ns + energise_ns - limits->duty_window_ns;
    for (size_t i = one->count; i-- > 0;) {
        int64_t on_ns = one->times[i].end_ns - one->times[i].start_ns;
        if (on_ns > spare_ns) {
            int64_t least_ns = one->times[i].end_ns - spare_ns;
            return least_ns > begins_ns ? least_ns - begins_ns : 0;
        }
        spare_ns -= on_ns;
    }
    return 0;
}

int duty_check(const struct duty *duty, struct diags *diags, const struct station *station,
               uint32_t mask, int64_t now_ns, int64_t energise_ns)
{
    int result = 0;

    for (unsigned i = 0; i < station->actuator_count; i++) {
        const struct actuator *actuator = &station->actuators[i];
        int64_t wait_ns = mask >> i & 1 ? duty_wait_ns(duty, station, i, now_ns, energise_ns) : 0;
        if (wait_ns == 0) {
            continue;
        }
        char on[DURATION_TEXT_MAX];
        char press[DURATION_TEXT_MAX];
        char limit[DURATION_TEXT_MAX];
        char window[DURATION_TEXT_MAX];
        char wait[DURATION_TEXT_MAX];
        char todo[DURATION_TEXT_MAX + 64] = "shorten the press";
        /* The time reported is rounded up, so that waiting for it suffices. */
        if (wait_ns != INT64_MAX) {
            int64_t rounded_ns = (wait_ns + 100 * NS_PER_MS - 1) / (100 * NS_PER_MS);
            snprintf(todo, sizeof(todo), "let it rest for %s, or shorten the press",
                     units_duration_format(wait, rounded_ns * 100 * NS_PER_MS));
        }
        int64_t from_ns = now_ns + energise_ns - actuator->duty_window_ns;
        int64_t on_ns = on_since(&duty->actuators[i], from_ns) / NS_PER_MS * NS_PER_MS;
        result = diag_error(diags, actuator->line.place, todo,
                            "rule duty: the actuator of %s was on for %s of the last %s; %s more "
                            "would exceed its limit of %s",
                            actuator->control, units_duration_format(on, on_ns),
                            units_duration_format(window, actuator->duty_window_ns),
                            units_duration_format(press, energise_ns),
                            units_duration_format(limit, limit_ns(actuator)));
    }
    return result;
}
