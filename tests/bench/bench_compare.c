/*
 * Two firmware versions that are the same, on units that differ: how often does `compare` find a
 * difference? Units differ by 50 ms (standard deviation), runs of one by 5 ms.
 *
 * The peer, on the same values: all runs taken for independent, as if one unit had run them.
 */
#include "rig/base/units.h"
#include "rig/compare/compare.h"

#include "hardware/sim/random.h"

#include <stdio.h>

enum { ROUNDS = 1000 };

static const int64_t between_ns = 50 * NS_PER_MS;
static const int64_t within_ns = 5 * NS_PER_MS;

static const struct {
    const char *what;
    size_t units;
    size_t runs; /* of each unit with each version */
    bool shared;
} cases[] = {
    {"1 unit each, 10 runs", 1, 10, false},
    {"3 units each, 10 runs of each", 3, 10, false},
    {"10 units each, 10 runs of each", 10, 10, false},
    {"10 units each, 1 run of each", 10, 1, false},
    {"1 unit that ran both, 10 runs", 1, 10, true},
    {"3 units that ran both, 10 runs", 3, 10, true},
    {"10 units that ran both, 1 run", 10, 1, true},
};

/* A run of a unit of one side; `shared`: the other side has the same units. */
static void add(struct compare_group *group, int side, size_t unit, int64_t value_ns, bool shared)
{
    char name[32];
    snprintf(name, sizeof(name), "%d-%zu", shared ? 0 : side, unit);
    compare_add_value(group, MEASURE_DISCONNECT, value_ns, name);
}

static bool differs(struct compare_group groups[2])
{
    struct comparison all[MEASURE_COUNT];
    for (int m = 0; m < MEASURE_COUNT; m++) {
        all[m] = compare(&groups[0], &groups[1], (enum measure)m, 0);
    }
    compare_group_free(&groups[0]);
    compare_group_free(&groups[1]);
    return compare_different(all, 0) == 1;
}

int main(void)
{
    uint64_t random = 12;
    printf("compare: identical firmwares, units that differ by 50 ms, %d comparisons of each\n"
           "  %-34s %20s %20s\n",
           ROUNDS, "", "a difference in", "runs as independent");
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        int found = 0;
        int naive = 0;
        for (int r = 0; r < ROUNDS; r++) {
            struct compare_group groups[2];
            struct compare_group mixed[2];
            int64_t own_ns[16] = {0};
            for (int g = 0; g < 2; g++) {
                compare_group_init(&groups[g], g == 0 ? "a" : "b");
                compare_group_init(&mixed[g], g == 0 ? "a" : "b");
                for (size_t u = 0; u < cases[c].units; u++) {
                    if (g == 0 || !cases[c].shared) {
                        own_ns[u] = 6 * NS_PER_S + sim_random_normal(&random, between_ns);
                    }
                    for (size_t n = 0; n < cases[c].runs; n++) {
                        int64_t value_ns = own_ns[u] + sim_random_normal(&random, within_ns);
                        add(&groups[g], g, u, value_ns, cases[c].shared);
                        add(&mixed[g], 0, 0, value_ns, true);
                    }
                }
            }
            found += differs(groups);
            naive += differs(mixed);
        }
        printf("  %-34s %18.1f %% %18.1f %%\n", cases[c].what, 100.0 * found / ROUNDS,
               100.0 * naive / ROUNDS);
    }
    return 0;
}
