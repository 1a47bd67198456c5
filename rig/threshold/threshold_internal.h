/* The search's posterior; only for rig/threshold/threshold*.c. */
#ifndef LONGPRESS_RIG_THRESHOLD_INTERNAL_H
#define LONGPRESS_RIG_THRESHOLD_INTERNAL_H

#include "rig/threshold/threshold_rivals.h"

/*
 * The posterior is a grid of cells over threshold, slope and lapse. Slopes and lapses are few and
 * fixed. Thresholds are cells of unequal width: fine ones where the posterior is, and flanks of
 * cells that widen outward to the ends of the prior, so that a lapse early on can be outweighed
 * later. When the posterior has become narrow against the fine part, or has left it, the cells are
 * laid anew and all presses are told to them again.
 */
enum {
    FINE = THRESHOLD_CELLS,
    FLANK = 40, /* cells of one flank at most: 1.3^40 = 36,000 fine widths */
    CELLS_MAX = FINE + 2 * FLANK,
    SLOPES = THRESHOLD_SLOPES,
    LAPSES = THRESHOLD_LAPSES,
    PHI_STEPS = 128, /* of the table, for each unit of z */
    PHI_REACH = 7,   /* Phi(-7) = 1e-12 */
    PHI_POINTS = 2 * PHI_REACH * PHI_STEPS + 1,
};

struct press {
    double hold;
    bool triggered;
};

enum { PAUSES_MAX = 16 };

/* What threshold_rivals said last. */
struct rivals_found {
    bool known;
    size_t presses; /* of so many */
    struct threshold_rivals rivals;
};

struct threshold {
    struct threshold_setup setup;
    double slope_edges[SLOPES + 1];
    double slopes[SLOPES];
    double slope_prior[SLOPES];
    double lapse_edges[LAPSES + 1];
    double lapses[LAPSES];
    double lapse_prior[LAPSES];
    size_t cells;
    double edges[CELLS_MAX + 1];
    double fine_low; /* where the fine cells begin and end */
    double fine_high;
    double weight[CELLS_MAX][SLOPES][LAPSES]; /* posterior; its sum is 1 */
    double mass[CELLS_MAX];                   /* of the threshold alone */
    double reach[CELLS_MAX][SLOPES];          /* sum over lapses of weight * (1 - guess - lapse) */
    double phi[PHI_POINTS];
    double density[PHI_POINTS]; /* its derivative, for a step of the table */
    size_t count;
    struct press presses[THRESHOLD_PRESSES_MAX];
    size_t pauses[PAUSES_MAX]; /* presses before each; the latest */
    size_t pause_count;
    struct rivals_found rivals_kept;
    struct rivals_found *rivals; /* it: told of a search that does not change */
};

/* Of a distribution in cells: what has `share` of it below. */
double threshold_cells_quantile(const double *mass, const double *edges, size_t cells,
                                double share);
/* The normal distribution at z. */
double threshold_phi(const struct threshold *search, double z);
/* The same of the threshold, and how much of it lies below. */
double threshold_quantile(const struct threshold *search, double share);
double threshold_mass_below(const struct threshold *search, double at);

#endif
