/*
 * Presses that it takes to find a threshold, over random simulated units: threshold uniform in 5 to
 * 9 s, slope in 5 to 200 ms, lapse in 0 to 5 %. A unit scatters as those of hardware/sim do.
 *
 * Peers, on the same units: plain bisection, and a linear sweep in 100 ms steps, which is given the
 * benefit of the same posterior. "Equal error" compares the distance of the estimate from the
 * truth over all units: after how many presses has the search as small a 95th percentile, or root
 * mean square, as the peer has at its end?
 */
#include "hardware/sim/random.h"
#include "rig/base/units.h"
#include "rig/threshold/threshold.h"
#include "rig/threshold/threshold_linear.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    UNITS = 1000,
    SWEPT_ON = 100, /* units of which the sweep is repeated until it is precise: it takes long */
    WORKERS = 2,
    PATH = 64, /* presses after which the error is kept */
    PEERS = 3,
};

enum peer { BISECTION, SWEEP_FIRST, SWEEP_POSTERIOR };

static const struct hold_range range = {5 * NS_PER_S, 9 * NS_PER_S};
static const int64_t precision_ns = 50 * NS_PER_MS;
static const int64_t step_ns = 100 * NS_PER_MS;

struct unit {
    int64_t threshold_ns;
    int64_t slope_ns;
    double lapse;
    uint64_t random;
};

struct outcome {
    struct unit unit;
    int presses;
    bool precise;
    bool covered;
    double error_ms;
    double path_ms[PATH]; /* error after so many presses + 1 */
    bool path_covered[PATH];
    int peer_presses[PEERS];
    double peer_ms[PEERS];
    bool peer_covered[PEERS];
    int sweep_precise; /* presses of repeated sweeps; 0: not tried */
    bool sweep_gave_up;
    double seconds;
};

static double uniform(uint64_t *random)
{
    return (double)(sim_random(random) >> 11) * 0x1p-53;
}

static struct unit make_unit(int number)
{
    struct unit unit = {.random = (uint64_t)number * 1000003 + 17};
    unit.threshold_ns = sim_random_in(&unit.random, range.low_ns, range.high_ns);
    unit.slope_ns = sim_random_in(&unit.random, 5 * NS_PER_MS, 200 * NS_PER_MS);
    unit.lapse = 0.05 * uniform(&unit.random);
    return unit;
}

static bool hold(struct unit *unit, int64_t hold_ns)
{
    int64_t needed_ns = unit->threshold_ns + sim_random_normal(&unit->random, unit->slope_ns);
    return uniform(&unit->random) >= unit->lapse && hold_ns >= needed_ns;
}

static double error_of(const struct unit *unit, int64_t estimate_ns)
{
    return fabs((double)(estimate_ns - unit->threshold_ns)) / 1e6;
}

static struct threshold *search_new(int max_presses)
{
    struct diags diags = DIAGS_INIT;
    struct threshold_setup setup = threshold_default;
    setup.prior = range;
    setup.allowed[0] = (struct hold_range){4 * NS_PER_S, 10 * NS_PER_S};
    setup.allowed_count = 1;
    setup.precision_ns = precision_ns;
    setup.max_presses = max_presses;
    struct threshold *search = threshold_new(&diags, &setup);
    if (!search) {
        diags_print(&diags, stderr);
        exit(1);
    }
    return search;
}

static bool covers(const struct threshold_estimate *estimate, const struct unit *unit)
{
    return unit->threshold_ns >= estimate->low_ns && unit->threshold_ns <= estimate->high_ns;
}

static void search_unit(struct outcome *outcome, struct unit unit)
{
    struct threshold_estimate estimate;
    struct timespec begin;
    struct timespec end;
    struct threshold *search = search_new(THRESHOLD_PRESSES_MAX);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    while (threshold_state(search) == THRESHOLD_OPEN) {
        int64_t hold_ns = threshold_next_ns(search);
        threshold_add(search, hold_ns, hold(&unit, hold_ns));
        int presses = threshold_presses(search);
        if (presses <= PATH) {
            threshold_estimate(search, &estimate);
            for (int k = presses - 1; k < PATH; k++) {
                outcome->path_ms[k] = error_of(&unit, estimate.median_ns);
                outcome->path_covered[k] = covers(&estimate, &unit);
            }
        }
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    outcome->seconds =
        (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    threshold_estimate(search, &estimate);
    outcome->presses = threshold_presses(search);
    outcome->precise = threshold_state(search) == THRESHOLD_PRECISE;
    outcome->covered = covers(&estimate, &unit);
    outcome->error_ms = error_of(&unit, estimate.median_ns);
    threshold_free(search);
}

static void bisect(struct outcome *outcome, struct unit unit)
{
    struct hold_range left = range;
    int presses = 0;
    for (; left.high_ns - left.low_ns > precision_ns; presses++) {
        int64_t middle_ns = (left.low_ns + left.high_ns) / 2;
        *(hold(&unit, middle_ns) ? &left.high_ns : &left.low_ns) = middle_ns;
    }
    outcome->peer_presses[BISECTION] = presses;
    outcome->peer_ms[BISECTION] = error_of(&unit, (left.low_ns + left.high_ns) / 2);
    outcome->peer_covered[BISECTION] =
        unit.threshold_ns >= left.low_ns && unit.threshold_ns <= left.high_ns;
}

static void sweep(struct outcome *outcome, struct unit unit, bool until_precise)
{
    struct diags diags = DIAGS_INIT;
    struct threshold_estimate estimate;
    struct threshold *search = search_new(THRESHOLD_PRESSES_MAX);
    int count = threshold_linear_sweep(&diags, threshold_setup(search), &range, step_ns, 1);
    int64_t first_ns = range.high_ns;
    for (int i = 0; i < count; i++) {
        int64_t hold_ns = threshold_linear_hold_ns(threshold_setup(search), &range, step_ns, i);
        bool triggered = hold(&unit, hold_ns);
        threshold_add(search, hold_ns, triggered);
        first_ns = triggered && first_ns == range.high_ns ? hold_ns - step_ns / 2 : first_ns;
    }
    threshold_estimate(search, &estimate);
    outcome->peer_presses[SWEEP_FIRST] = outcome->peer_presses[SWEEP_POSTERIOR] = count;
    outcome->peer_ms[SWEEP_FIRST] = error_of(&unit, first_ns);
    outcome->peer_covered[SWEEP_FIRST] = outcome->peer_ms[SWEEP_FIRST] <= (double)step_ns / 2e6;
    outcome->peer_ms[SWEEP_POSTERIOR] = error_of(&unit, estimate.median_ns);
    outcome->peer_covered[SWEEP_POSTERIOR] = covers(&estimate, &unit);
    while (until_precise && threshold_state(search) == THRESHOLD_OPEN) {
        int64_t hold_ns = threshold_linear_hold_ns(threshold_setup(search), &range, step_ns,
                                                   threshold_presses(search));
        threshold_add(search, hold_ns, hold(&unit, hold_ns));
    }
    outcome->sweep_precise = until_precise ? threshold_presses(search) : 0;
    outcome->sweep_gave_up = until_precise && threshold_state(search) != THRESHOLD_PRECISE;
    threshold_free(search);
}

/* ---- figures -----------------------------------------------------------------------------------
 */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double share_of(double *numbers, size_t count, double share)
{
    qsort(numbers, count, sizeof(*numbers), by_size);
    size_t at = (size_t)(share * (double)count);
    return count == 0 ? NAN : numbers[at < count ? at : count - 1];
}

static double rms(const double *numbers, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += numbers[i] * numbers[i];
    }
    return sqrt(sum / (double)count);
}

static void print_precise(const struct outcome *outcomes)
{
    static const int64_t slopes_ms[] = {5, 25, 50, 100, 150, 201};
    static double presses[UNITS];
    static double errors[UNITS];
    printf("  presses until the 95 %% interval is %d ms wide\n"
           "  %-18s %5s %7s %5s %9s %16s %10s\n",
           (int)(precision_ns / NS_PER_MS), "", "units", "median", "p95", "coverage",
           "|error| p95, ms", "rms, ms");
    for (int row = -1; row < 5; row++) {
        size_t count = 0;
        int covered = 0;
        int missed = 0;
        char name[40] = "all";
        for (int i = 0; i < UNITS; i++) {
            const struct outcome *o = &outcomes[i];
            if (row < 0 || (o->unit.slope_ns >= slopes_ms[row] * NS_PER_MS &&
                            o->unit.slope_ns < slopes_ms[row + 1] * NS_PER_MS)) {
                presses[count] = o->presses;
                errors[count++] = o->error_ms;
                covered += o->covered;
                missed += !o->precise;
            }
        }
        if (row >= 0) {
            snprintf(name, sizeof(name), "slope %d to %d ms", (int)slopes_ms[row],
                     row < 4 ? (int)slopes_ms[row + 1] : 200);
        }
        double spread = rms(errors, count);
        printf("  %-18s %5zu %7.0f %5.0f %7.1f %% %16.1f %10.1f", name, count,
               share_of(presses, count, 0.5), share_of(presses, count, 0.95),
               100.0 * covered / (double)count, share_of(errors, count, 0.95), spread);
        printf(missed ? "   (%d never)\n" : "\n", missed);
    }
}

static void print_peer(const struct outcome *outcomes, enum peer peer, const char *name)
{
    static double errors[UNITS];
    static double mine[UNITS];
    int covered = 0;
    for (int i = 0; i < UNITS; i++) {
        errors[i] = outcomes[i].peer_ms[peer];
        covered += outcomes[i].peer_covered[peer];
    }
    double peer_rms = rms(errors, UNITS);
    double peer_median = share_of(errors, UNITS, 0.5);
    double peer_p95 = share_of(errors, UNITS, 0.95);
    int same_rms = 0;
    int same_p95 = 0;
    for (int k = PATH - 1; k >= 0; k--) {
        for (int i = 0; i < UNITS; i++) {
            mine[i] = outcomes[i].path_ms[k];
        }
        same_rms = rms(mine, UNITS) <= peer_rms ? k + 1 : same_rms;
        same_p95 = share_of(mine, UNITS, 0.95) <= peer_p95 ? k + 1 : same_p95;
    }
    printf("  %-26s %7d %8.1f %7.1f %7.1f %7.1f %% %9d %9d\n", name, outcomes[0].peer_presses[peer],
           peer_median, peer_p95, peer_rms, 100.0 * covered / UNITS, same_p95, same_rms);
}

static void print_path(const struct outcome *outcomes)
{
    static const int presses[] = {5, 7, 10, 15, 20, 30, 41, 64};
    static double mine[UNITS];
    printf("  the search after         presses   median     p95     rms  coverage\n");
    for (size_t k = 0; k < sizeof(presses) / sizeof(presses[0]); k++) {
        int covered = 0;
        for (int i = 0; i < UNITS; i++) {
            mine[i] = outcomes[i].path_ms[presses[k] - 1];
            covered += outcomes[i].path_covered[presses[k] - 1];
        }
        double spread = rms(mine, UNITS);
        printf("  %26s %5d %8.1f %7.1f %7.1f %7.1f %%\n", "", presses[k],
               share_of(mine, UNITS, 0.5), share_of(mine, UNITS, 0.95), spread,
               100.0 * covered / UNITS);
    }
}

static void print_swept_on(const struct outcome *outcomes)
{
    static double swept[SWEPT_ON];
    static double mine[SWEPT_ON];
    int gave_up = 0;
    for (int i = 0; i < SWEPT_ON; i++) {
        swept[i] = outcomes[i].sweep_precise;
        mine[i] = outcomes[i].presses;
        gave_up += outcomes[i].sweep_gave_up;
    }
    printf("  100 ms sweeps repeated until as precise (first %d units): median %.0f, p95 %.0f "
           "presses,\n  %d units not within %d; the search on these: median %.0f, p95 %.0f\n",
           SWEPT_ON, share_of(swept, SWEPT_ON, 0.5), share_of(swept, SWEPT_ON, 0.95), gave_up,
           THRESHOLD_PRESSES_MAX, share_of(mine, SWEPT_ON, 0.5), share_of(mine, SWEPT_ON, 0.95));
}

int main(void)
{
    size_t size = UNITS * sizeof(struct outcome);
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
            for (int i = worker; i < UNITS; i += WORKERS) {
                struct outcome *outcome = &outcomes[i];
                outcome->unit = make_unit(i);
                search_unit(outcome, outcome->unit);
                bisect(outcome, outcome->unit);
                sweep(outcome, outcome->unit, i < SWEPT_ON);
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
    printf("threshold: %d random units, threshold 5 to 9 s, slope 5 to 200 ms, lapse 0 to 5 %%\n",
           UNITS);
    print_precise(outcomes);
    printf("  at equal error, ms                                                 the search needs\n"
           "  %-26s %7s %8s %7s %7s %9s %9s %9s\n",
           "", "presses", "median", "p95", "rms", "coverage", "for p95", "for rms");
    print_peer(outcomes, BISECTION, "bisection to 50 ms");
    print_peer(outcomes, SWEEP_FIRST, "100 ms sweep, first reset");
    print_peer(outcomes, SWEEP_POSTERIOR, "100 ms sweep, posterior");
    print_path(outcomes);
    print_swept_on(outcomes);
    static double least[UNITS];
    double seconds = 0;
    double presses = 0;
    for (int i = 0; i < UNITS; i++) {
        seconds += outcomes[i].seconds;
        presses += outcomes[i].presses;
        double ratio = 4.9 * (double)outcomes[i].unit.slope_ns / (double)precision_ns;
        least[i] = ratio * ratio;
    }
    double least_median = share_of(least, UNITS, 0.5);
    printf("  scatter alone asks for (4.9 slope / precision)^2 presses, if slope, lapse and "
           "threshold\n"
           "  were known before: median %.0f, p95 %.0f\n",
           least_median, share_of(least, UNITS, 0.95));
    printf("  choosing and taking in a press: %.2f ms\n", 1e3 * seconds / presses);
    munmap(outcomes, size);
    return 0;
}
