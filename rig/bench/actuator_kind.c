#include "rig/bench/actuator_kind.h"

#include "rig/base/text.h"
#include "rig/base/units.h"

#include <assert.h>

static const struct actuator_kind kinds[] = {
    /* Its contacts are in parallel with the button's; their small travel is given in the bench
     * file.
     */
    {.name = "relay", .duty_percent_x100 = 10000},
    /* A plunger has travel, and its coil is not rated for continuous duty. */
    {
        .name = "solenoid",
        .duty_percent_x100 = 5000,
        .duty_window_ns = 60 * NS_PER_S,
        .travel_press_ns = 12 * NS_PER_MS,
        .travel_release_ns = 9 * NS_PER_MS,
        .travel_tolerance_ns = 4 * NS_PER_MS,
    },
    {.name = "touch", .duty_percent_x100 = 10000},
    {.name = "servo",
     .refused =
         "a servo needs pulses, but lines are only switched on and off: servos are not supported"},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static_assert((int)KINDS < (int)ACTUATOR_KINDS_MAX,
              "all names have room, and the NULL behind them");

const struct actuator_kind *actuator_kind_named(const char *name)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (text_equal_nocase(kinds[i].name, name)) {
            return &kinds[i];
        }
    }
    return NULL;
}

const char *const *actuator_kind_names(const char *out[ACTUATOR_KINDS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < KINDS; i++) {
        if (!kinds[i].refused) {
            out[count++] = kinds[i].name;
        }
    }
    out[count] = NULL;
    return out;
}
