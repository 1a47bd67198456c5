/*
 * Random numbers from a seed, the same everywhere: splitmix64 (Steele, Lea, Flood 2014,
 * "Fast splittable pseudorandom number generators").
 */
#ifndef LONGPRESS_HARDWARE_SIM_RANDOM_H
#define LONGPRESS_HARDWARE_SIM_RANDOM_H

#include <stdint.h>

static inline uint64_t sim_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* What sets the chances of one unit apart from another's: of its serial number (NULL: not known).
 */
static inline uint64_t sim_chances_of(const char *serial)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (const char *c = serial; c && *c; c++) {
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    return serial && *serial ? hash : 0;
}

/* Uniform in [low, high]. */
static inline int64_t sim_random_in(uint64_t *state, int64_t low, int64_t high)
{
    return low + (int64_t)(sim_random(state) % (uint64_t)(high - low + 1));
}

/* About normal with standard deviation `sigma`, never beyond three of them: the sum of twelve
 * uniform numbers has variance 1 for width 1. */
static inline int64_t sim_random_normal(uint64_t *state, int64_t sigma)
{
    if (sigma <= 0) {
        return 0;
    }
    int64_t sum = 0;
    for (int i = 0; i < 12; i++) {
        sum += sim_random_in(state, -sigma / 2, sigma / 2);
    }
    return sum > 3 * sigma ? 3 * sigma : sum < -3 * sigma ? -3 * sigma : sum;
}

#endif
