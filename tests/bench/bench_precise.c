/*
 * What `characterize` calls precise: how often does it hold? Classes of simulated units, those that
 * the search's model does not know among them, each searched for until the search stops. Of those
 * that it calls precise, the share whose 95 % interval holds the truth.
 *
 *     SEED=N build/tests/bench/bench_precise      other units
 *
 * The truth is the hold that triggers half of the time, at the end of the series. A unit with two
 * thresholds takes one or the other by lot: half of the time it is anything between them, the
 * middle by symmetry.
 */
#include "hardware/sim/random.h"
#include "rig/base/units.h"
#include "rig/threshold/threshold.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { UNITS = 100, WORKERS = 2, PRESSES_MAX = 1000, CLASSES = 10 };

static const struct class
{
    const char *name;
    int slope_ms;
    int apart_ms; /* between its two thresholds */
    int drift_ms; /* longer with each press */
    int precision_ms;
    double lapse;
} classes[CLASSES] = {
    {"scatter 20 ms", 20, 0, 0, 50, 0.01},
    {"scatter 50 ms", 50, 0, 0, 50, 0.01},
    {"scatter 100 ms", 100, 0, 0, 50, 0.01},
    {"scatter 250 ms", 250, 0, 0, 100, 0.01},
    {"scatter 300 ms", 300, 0, 0, 100, 0.01},
    {"scatter 500 ms", 500, 0, 0, 100, 0.01},
    {"two thresholds, 400 ms apart", 20, 400, 0, 100, 0.01},
    {"lapse 20 %, scatter 100 ms", 100, 0, 0, 50, 0.2},
    {"drift of 5 ms a press", 20, 0, 5, 50, 0.01},
    {"the same, 20 ms wide", 20, 0, 5, 20, 0.01},
};

struct outcome {
    int presses;
    enum threshold_state state;
    bool covered;
};

static double uniform(uint64_t *random)
{
    return (double)(sim_random(random) >> 11) * 0x1p-53;
}

static struct outcome search_unit(const struct class *class, int number, uint64_t seed)
{
    struct diags diags = DIAGS_INIT;
    uint64_t random = (uint64_t)number * 1000003 + seed;
    struct threshold_setup setup = threshold_default;
    struct threshold_estimate estimate;

    setup.prior = (struct hold_range){5 * NS_PER_S, 9 * NS_PER_S};
    setup.allowed[0] = (struct hold_range){4 * NS_PER_S, 10 * NS_PER_S};
    setup.allowed_count = 1;
    setup.precision_ns = class->precision_ms * NS_PER_MS;
    setup.max_presses = PRESSES_MAX;
    int64_t truth_ns = sim_random_in(&random, 6 * NS_PER_S, 8 * NS_PER_S);
    struct threshold *search = threshold_new(&diags, &setup);
    if (!search) {
        diags_print(&diags, stderr);
        exit(1);
    }
    while (threshold_state(search) == THRESHOLD_OPEN) {
        int64_t hold_ns = threshold_next_ns(search);
        int64_t half_ns = class->apart_ms * NS_PER_MS / 2;
        int64_t needed_ns = truth_ns + (sim_random(&random) >> 63 ? half_ns : -half_ns) +
                            sim_random_normal(&random, class->slope_ms * NS_PER_MS);
        threshold_add(search, hold_ns, uniform(&random) >= class->lapse && hold_ns >= needed_ns);
        truth_ns += class->drift_ms * NS_PER_MS;
    }
    threshold_estimate(search, &estimate);
    struct outcome outcome = {threshold_presses(search), threshold_state(search),
                              truth_ns >= estimate.low_ns && truth_ns <= estimate.high_ns};
    threshold_free(search);
    return outcome;
}

static int by_size(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void print_class(const struct class *class, const struct outcome *outcomes)
{
    int presses[UNITS];
    int precise = 0;
    int covered = 0;
    for (int i = 0; i < UNITS; i++) {
        presses[i] = outcomes[i].presses;
        precise += outcomes[i].state == THRESHOLD_PRECISE;
        covered += outcomes[i].state == THRESHOLD_PRECISE && outcomes[i].covered;
    }
    qsort(presses, UNITS, sizeof(presses[0]), by_size);
    printf("  %-30s %4d ms %7d %% ", class->name, class->precision_ms, 100 * precise / UNITS);
    if (precise > 0) {
        printf("%9.0f %%", 100.0 * covered / precise);
    } else {
        printf("%11s", "-");
    }
    printf("%9d %5d\n", presses[UNITS / 2], presses[UNITS * 95 / 100]);
}

int main(void)
{
    const char *said = getenv("SEED");
    uint64_t seed = said ? strtoull(said, NULL, 10) : 29;
    size_t size = CLASSES * UNITS * sizeof(struct outcome);
    struct outcome *outcomes =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (outcomes == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    for (int worker = 0; worker < WORKERS; worker++) {
        pid_t child = fork();
        if (child < 0) {
            perror("fork");
            return 1;
        }
        if (child == 0) {
            for (int i = worker; i < CLASSES * UNITS; i += WORKERS) {
                outcomes[i] = search_unit(&classes[i / UNITS], i, seed);
            }
            _exit(0);
        }
    }
    for (int worker = 0; worker < WORKERS; worker++) {
        int status;
        if (wait(&status) < 0 || status != 0) {
            fprintf(stderr, "a worker failed\n");
            return 1;
        }
    }
    printf("what is called precise: %d units of each, threshold 6 to 8 s, at most %d presses\n"
           "  %-30s %7s %9s %11s %8s %5s\n",
           UNITS, PRESSES_MAX, "", "width", "precise", "coverage", "presses", "p95");
    int precise = 0;
    int covered = 0;
    for (int c = 0; c < CLASSES; c++) {
        print_class(&classes[c], &outcomes[c * UNITS]);
        for (int i = c * UNITS; i < (c + 1) * UNITS; i++) {
            precise += outcomes[i].state == THRESHOLD_PRECISE;
            covered += outcomes[i].state == THRESHOLD_PRECISE && outcomes[i].covered;
        }
    }
    printf("  %-30s %7s %7d %% %9.1f %%\n", "all", "", 100 * precise / (CLASSES * UNITS),
           100.0 * covered / precise);
    munmap(outcomes, size);
    return 0;
}
