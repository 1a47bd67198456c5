/*
 * The posterior distribution of a measured quantity, as POSTERIOR_POINTS ascending values of equal
 * probability. So means, rates and thresholds are all compared in one way: every pair of points is
 * equally likely.
 *
 * Nothing here is random: the same values give the same answer, to the last digit.
 */
#ifndef LONGPRESS_RIG_POSTERIOR_H
#define LONGPRESS_RIG_POSTERIOR_H

#include <stddef.h>

enum { POSTERIOR_POINTS = 400 };

struct posterior {
    double at[POSTERIOR_POINTS];
};

/*
 * The mean of what `values` are a sample of (two or more), of normal distribution with nothing
 * known of its mean and width: Student's t with count - 1 degrees of freedom (Jeffreys' prior). The
 * difference of two of them is Behrens' and Fisher's. `grain`: each value is known to that much
 * only.
 */
void posterior_of_mean(struct posterior *posterior, const double *values, size_t count,
                       double grain);

/* Student's t with `freedom` degrees, about `centre`, of that width (not its standard deviation).
 */
void posterior_of_student(struct posterior *posterior, double centre, double width, double freedom);

/*
 * The mean wait until something comes or `until` is over, whichever is first (a restricted mean),
 * of count + missing waits: `values` are those that came, none longer than `until`; the missing had
 * not come by then. With q the share that does not come, Beta(missing + 1/2, count + 1/2), and m
 * the mean of those that do, the above of `values`:
 *     q until + (1 - q) m
 * m lies between 0 and `until`, of fewer than two values anywhere there.
 */
void posterior_of_wait(struct posterior *posterior, const double *values, size_t count,
                       size_t missing, double until, double grain);

/* A rate of which `good` of `count` were seen: Beta(good + 1/2, count - good + 1/2) (Jeffreys'
 * prior). Parts of a sighting count as such. */
void posterior_of_rate(struct posterior *posterior, double good, double count);

/* Below which a share of it lies. */
double posterior_below(const struct posterior *posterior, double share);

/* Below which a share of the difference b - a lies. */
double posterior_difference(const struct posterior *a, const struct posterior *b, double share);

/* Probability that b - a is more than `least`. */
double posterior_exceeds(const struct posterior *a, const struct posterior *b, double least);

/* Distribution functions, for those and for tests. Student's t: any real `freedom` > 0. */
double posterior_student_below(double t, double freedom);
double posterior_beta_below(double x, double a, double b);

#endif
