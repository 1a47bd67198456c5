/*
 * Searches for a threshold, and simulated units to press; for test_threshold*.c only.
 */
#ifndef LONGPRESS_TESTS_UNIT_THRESHOLD_UNIT_H
#define LONGPRESS_TESTS_UNIT_THRESHOLD_UNIT_H

#include "hardware/sim/random.h"
#include "rig/base/units.h"
#include "rig/threshold/threshold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const int64_t ms = NS_PER_MS;

static inline struct threshold_setup five_to_nine(void)
{
    struct threshold_setup setup = threshold_default;
    setup.prior = (struct hold_range){5 * NS_PER_S, 9 * NS_PER_S};
    setup.allowed[0] = (struct hold_range){4 * NS_PER_S, 10 * NS_PER_S};
    setup.allowed_count = 1;
    setup.precision_ns = 50 * ms;
    setup.max_presses = 600;
    return setup;
}

static inline struct threshold *search_of(const struct threshold_setup *setup)
{
    struct diags diags = DIAGS_INIT;
    struct threshold *search = threshold_new(&diags, setup);
    if (!search) {
        diags_print(&diags, stderr);
        fail_msg("no search");
    }
    assert_int_equal(diags.count, 0);
    return search;
}

struct simulated {
    int64_t threshold_ns;
    int64_t slope_ns;
    double lapse;
    uint64_t random;
};

static inline bool hold(struct simulated *unit, int64_t hold_ns)
{
    int64_t needed_ns = unit->threshold_ns + sim_random_normal(&unit->random, unit->slope_ns);
    double chance = (double)(sim_random(&unit->random) >> 11) * 0x1p-53;
    return chance >= unit->lapse && hold_ns >= needed_ns;
}

static inline void press_on(struct threshold *search, struct simulated *unit, int presses)
{
    for (int i = 0; i < presses; i++) {
        int64_t hold_ns = threshold_next_ns(search);
        assert_true(threshold_add(search, hold_ns, hold(unit, hold_ns)));
    }
}

#endif
