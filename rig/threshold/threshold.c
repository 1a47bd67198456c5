#include "rig/threshold/threshold_internal.h"

#include "rig/base/units.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double flank_growth = 1.3;

const double threshold_lapse_usual = 0.003;

const struct threshold_setup threshold_default = {
    .slope = {5 * NS_PER_MS, 800 * NS_PER_MS},
    .lapse_max = 0.4,
    .guess = 0.002,
    .precision_ns = 20 * NS_PER_MS,
    .max_presses = 200,
};

/* ---- the model ------------------------------------------------------------------------------ */

static void phi_fill(struct threshold *search)
{
    for (int i = 0; i < PHI_POINTS; i++) {
        double z = (double)i / PHI_STEPS - PHI_REACH;
        search->phi[i] = 0.5 * erfc(-z * M_SQRT1_2);
        search->density[i] = exp(-0.5 * z * z) * M_SQRT1_2 * 0.5 * M_2_SQRTPI / PHI_STEPS;
    }
}

/* The normal distribution, cubic between the table's points: off by less than 1e-11. */
double threshold_phi(const struct threshold *search, double z)
{
    double at = (z + PHI_REACH) * PHI_STEPS;
    if (!(at > 0)) {
        return 0;
    }
    if (at >= PHI_POINTS - 1) {
        return 1;
    }
    int i = (int)at;
    double t = at - i;
    double u = 1 - t;
    double a = search->phi[i];
    double b = search->phi[i + 1];
    return u * u * ((1 + 2 * t) * a + t * search->density[i]) +
           t * t * ((1 + 2 * u) * b - u * search->density[i + 1]);
}

static inline double cell_middle(const struct threshold *search, size_t cell)
{
    return 0.5 * (search->edges[cell] + search->edges[cell + 1]);
}

static void weigh(struct threshold *search, const struct press *press)
{
    const double guess = search->setup.guess;
    for (size_t i = 0; i < search->cells; i++) {
        double away = press->hold - cell_middle(search, i);
        for (int s = 0; s < SLOPES; s++) {
            double f = threshold_phi(search, away / search->slopes[s]);
            for (int l = 0; l < LAPSES; l++) {
                double p = guess + (1 - guess - search->lapses[l]) * f;
                search->weight[i][s][l] *= press->triggered ? p : 1 - p;
            }
        }
    }
}

static void normalise(struct threshold *search)
{
    double total = 0;
    for (size_t i = 0; i < search->cells; i++) {
        for (int s = 0; s < SLOPES; s++) {
            for (int l = 0; l < LAPSES; l++) {
                total += search->weight[i][s][l];
            }
        }
    }
    assert(total > 0);
    for (size_t i = 0; i < search->cells; i++) {
        search->mass[i] = 0;
        for (int s = 0; s < SLOPES; s++) {
            search->reach[i][s] = 0;
            for (int l = 0; l < LAPSES; l++) {
                double *weight = &search->weight[i][s][l];
                /* What can never matter again is not dragged along as denormal numbers. */
                *weight = *weight < total * 1e-200 ? 0 : *weight / total;
                search->mass[i] += *weight;
                search->reach[i][s] += *weight * (1 - search->setup.guess - search->lapses[l]);
            }
        }
    }
}

/* ---- the cells ------------------------------------------------------------------------------ */

static void add_edge(struct threshold *search, double edge)
{
    search->edges[search->cells++] = edge;
}

/* Cells from `fine_low` to `fine_high`, and flanks to the ends of the prior, of prior weight. */
static void lay_cells(struct threshold *search, double fine_low, double fine_high)
{
    const double low = (double)search->setup.prior.low_ns;
    const double high = (double)search->setup.prior.high_ns;
    const double width = (fine_high - fine_low) / FINE;
    double flank[FLANK];
    int count = 0;
    double at = fine_low;
    double w = width;
    while (at > low) {
        w *= flank_growth;
        at = at - w <= low + w || count == FLANK - 1 ? low : at - w;
        flank[count++] = at;
    }
    search->cells = 0;
    while (count > 0) {
        add_edge(search, flank[--count]);
    }
    for (int i = 0; i <= FINE; i++) {
        add_edge(search, fine_low + i * width);
    }
    at = fine_high;
    w = width;
    while (at < high) {
        w *= flank_growth;
        count++;
        at = at + w >= high - w || count == FLANK ? high : at + w;
        add_edge(search, at);
    }
    search->cells--; /* one more edge than cells */
    search->fine_low = fine_low;
    search->fine_high = fine_high;
    for (size_t i = 0; i < search->cells; i++) {
        double share = (search->edges[i + 1] - search->edges[i]) / (high - low);
        for (int s = 0; s < SLOPES; s++) {
            for (int l = 0; l < LAPSES; l++) {
                search->weight[i][s][l] = share * search->slope_prior[s] * search->lapse_prior[l];
            }
        }
    }
}

/* Of a distribution in cells: what has `share` of it below. */
double threshold_cells_quantile(const double *mass, const double *edges, size_t cells, double share)
{
    double below = 0;
    for (size_t i = 0; i < cells; i++) {
        if (mass[i] > 0 && below + mass[i] >= share) {
            return edges[i] + (share - below) / mass[i] * (edges[i + 1] - edges[i]);
        }
        below += mass[i];
    }
    return edges[cells];
}

double threshold_quantile(const struct threshold *search, double share)
{
    return threshold_cells_quantile(search->mass, search->edges, search->cells, share);
}

double threshold_mass_below(const struct threshold *search, double at)
{
    double below = 0;
    for (size_t i = 0; i < search->cells && search->edges[i] < at; i++) {
        double width = search->edges[i + 1] - search->edges[i];
        below += search->mass[i] * fmin(1, (at - search->edges[i]) / width);
    }
    return fmin(below, 1);
}

/* Are the cells too wide for the posterior, or in the wrong place? Then lay them anew. */
static void follow(struct threshold *search)
{
    const double low = (double)search->setup.prior.low_ns;
    const double high = (double)search->setup.prior.high_ns;
    double from = threshold_quantile(search, 0.001);
    double to = threshold_quantile(search, 0.999);
    double outside = threshold_mass_below(search, search->fine_low) + 1 -
                     threshold_mass_below(search, search->fine_high);
    double fine = search->fine_high - search->fine_low;
    if (outside <= 0.01 && to - from >= 0.4 * fine) {
        return;
    }
    double margin = 0.25 * (to - from);
    double fine_low = fmax(low, from - margin);
    double fine_high = fmin(high, to + margin);
    if (fine_high - fine_low >= 0.9 * fine && outside <= 0.01) {
        return;
    }
    lay_cells(search, fine_low, fine_high);
    for (size_t i = 0; i < search->count; i++) {
        weigh(search, &search->presses[i]);
        if (i % 16 == 15) {
            normalise(search);
        }
    }
    normalise(search);
}

/* ---- setting up ------------------------------------------------------------------------------ */

static bool is_range(struct hold_range range, int64_t least)
{
    return range.low_ns >= least && range.high_ns >= range.low_ns &&
           range.high_ns <= DURATION_MAX_NS;
}

static bool is_share(double share, double most)
{
    return share >= 0.0001 && share <= most; /* false for NaN */
}

static int check_setup(struct diags *diags, const struct threshold_setup *setup)
{
    const struct place place = place_of("threshold search");
    size_t errors = diags->errors;
    if (!is_range(setup->prior, 0) || setup->prior.low_ns == setup->prior.high_ns) {
        diag_error(diags, place, NULL, "the range of possible thresholds is not valid");
    }
    if (!is_range(setup->slope, NS_PER_US)) {
        diag_error(diags, place, NULL, "the range of possible slopes is not valid");
    }
    if (!is_share(setup->lapse_max, 0.5) || !is_share(setup->guess, 0.25)) {
        diag_error(diags, place, NULL,
                   "lapse must be from 0.01 %% to 50 %%, guess from 0.01 %% to 25 %%");
    }
    if (setup->allowed_count == 0 || setup->allowed_count > THRESHOLD_RANGES_MAX) {
        return diag_error(diags, place, NULL,
                          "there must be 1 to %d ranges of holds that may be tried",
                          THRESHOLD_RANGES_MAX);
    }
    for (size_t i = 0; i < setup->allowed_count; i++) {
        if (!is_range(setup->allowed[i], 0) ||
            (i > 0 && setup->allowed[i].low_ns <= setup->allowed[i - 1].high_ns)) {
            diag_error(diags, place, NULL,
                       "the ranges of holds that may be tried must ascend and not overlap");
            break;
        }
    }
    if (setup->precision_ns < NS_PER_US) {
        diag_error(diags, place, "ask for 1 us or more", "the precision is too fine");
    }
    if (setup->max_presses < 1 || setup->max_presses > THRESHOLD_PRESSES_MAX) {
        diag_error(diags, place, NULL, "the number of presses must be from 1 to %d",
                   THRESHOLD_PRESSES_MAX);
    }
    return diags->errors == errors ? 0 : -1;
}

struct threshold *threshold_new(struct diags *diags, const struct threshold_setup *setup)
{
    if (check_setup(diags, setup) != 0) {
        return NULL;
    }
    struct threshold *search = calloc(1, sizeof(*search));
    if (!search) {
        diag_error(diags, place_of("threshold search"), NULL, "out of memory");
        return NULL;
    }
    search->setup = *setup;
    search->rivals = &search->rivals_kept;
    phi_fill(search);
    /* The larger the slope, the more presses, and the finer (by ratio) it is told: cells that are
     * wide by ratio where slopes are small. */
    const double least = (double)setup->slope.low_ns;
    const double most = (double)setup->slope.high_ns;
    for (int s = 0; s <= SLOPES; s++) {
        search->slope_edges[s] = pow(sqrt(least) + (sqrt(most) - sqrt(least)) * s / SLOPES, 2);
    }
    for (int s = 0; s < SLOPES; s++) {
        double width = search->slope_edges[s + 1] - search->slope_edges[s];
        search->slopes[s] = 0.5 * (search->slope_edges[s] + search->slope_edges[s + 1]);
        search->slope_prior[s] = most > least ? width / (most - least) : 1.0 / SLOPES;
    }
    /* Most units ignore hardly any hold: finer cells, and more weight, there. */
    for (int l = 0; l <= LAPSES; l++) {
        search->lapse_edges[l] = setup->lapse_max * l * l / (LAPSES * LAPSES);
    }
    const double usual = threshold_lapse_usual;
    for (int l = 0; l < LAPSES; l++) {
        double low = search->lapse_edges[l];
        double high = search->lapse_edges[l + 1];
        search->lapses[l] = 0.5 * (low + high);
        search->lapse_prior[l] =
            log((high + usual) / (low + usual)) / log((setup->lapse_max + usual) / usual);
    }
    lay_cells(search, (double)setup->prior.low_ns, (double)setup->prior.high_ns);
    normalise(search);
    return search;
}

void threshold_free(struct threshold *search)
{
    free(search);
}

const struct threshold_setup *threshold_setup(const struct threshold *search)
{
    return &search->setup;
}

bool threshold_add(struct threshold *search, int64_t hold_ns, bool triggered)
{
    assert(hold_ns >= 0);
    if (search->count == THRESHOLD_PRESSES_MAX) {
        return false;
    }
    struct press *press = &search->presses[search->count++];
    *press = (struct press){(double)hold_ns, triggered};
    weigh(search, press);
    normalise(search);
    follow(search);
    return true;
}

void threshold_pause(struct threshold *search)
{
    size_t last = search->pause_count;
    if (search->count == 0 || (last > 0 && search->pauses[last - 1] == search->count)) {
        return;
    }
    if (last == PAUSES_MAX) {
        memmove(search->pauses, search->pauses + 1, (PAUSES_MAX - 1) * sizeof(search->pauses[0]));
        last--;
    }
    search->pauses[last] = search->count;
    search->pause_count = last + 1;
}

int threshold_presses(const struct threshold *search)
{
    return (int)search->count;
}

/* ---- what is known --------------------------------------------------------------------------- */

int64_t threshold_quantile_ns(const struct threshold *search, double share)
{
    return llround(threshold_quantile(search, share));
}

double threshold_below(const struct threshold *search, int64_t hold_ns)
{
    return threshold_mass_below(search, (double)hold_ns);
}

double threshold_triggers(const struct threshold *search, int64_t hold_ns)
{
    double sum = search->setup.guess;
    for (size_t i = 0; i < search->cells; i++) {
        double away = (double)hold_ns - cell_middle(search, i);
        for (int s = 0; s < SLOPES; s++) {
            sum += search->reach[i][s] * threshold_phi(search, away / search->slopes[s]);
        }
    }
    return sum;
}

/* ---- what a press would tell ---------------------------------------------------------------- */

static double entropy(double p)
{
    return p <= 0 || p >= 1 ? 0 : -p * log2(p) - (1 - p) * log2(1 - p);
}

/* Entropy of the outcome, less what would remain of it if the threshold were known. */
static double gain(const struct threshold *search, double hold)
{
    const double guess = search->setup.guess;
    double triggers = 0;
    double remains = 0;
    for (size_t i = 0; i < search->cells; i++) {
        double mass = search->mass[i];
        if (mass < 1e-7) {
            continue;
        }
        double away = hold - cell_middle(search, i);
        double here = guess * mass;
        for (int s = 0; s < SLOPES; s++) {
            here += search->reach[i][s] * threshold_phi(search, away / search->slopes[s]);
        }
        triggers += here;
        remains += mass * entropy(here / mass);
    }
    return entropy(triggers) - remains;
}

double threshold_gain_bits(const struct threshold *search, int64_t hold_ns)
{
    return fmax(0, gain(search, (double)hold_ns));
}
