/*
 * The reverse of the decoder, for tests: a pattern rendered to the edges of three channels, as a
 * real LED with PWM, skew, breathing, jitter and glitches would give them.
 */
#ifndef LONGPRESS_TESTS_RENDER_LED_H
#define LONGPRESS_TESTS_RENDER_LED_H

#include "rig/signal/pattern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct led_edge {
    int64_t time_ns;
    unsigned channel;
    bool lit;
};

struct led_edges {
    struct led_edge *items; /* owned */
    size_t count;
    size_t capacity;
};

struct random {
    uint64_t state;
};

uint64_t random_next(struct random *random);
/* Uniform in [low, high]. */
int64_t random_in(struct random *random, int64_t low, int64_t high);
/* LONGPRESS_SEED from the environment, else `otherwise`; printed, so that a failure can be had
 * again. */
uint64_t random_seed(uint64_t otherwise);
/* LONGPRESS_CASES from the environment, else `otherwise`. */
size_t random_cases(size_t otherwise);

struct render {
    int64_t pwm_period_ns; /* 0: none */
    int pwm_duty_percent;
    int64_t skew_ns[LED_CHANNELS]; /* each channel is late by this */
    bool breathe;                  /* duty swells and fades within each pulse */
    bool glitches;                 /* isolated spikes in dark and dropouts in light */
    bool touching;                 /* solid segments follow without a dark gap */
};

/* A random pattern that can be told apart when rendered: see the limits in rig/signal/blink.h. */
void random_pattern(struct random *random, struct pattern *pattern);
struct render random_render(struct random *random);

/* Append the edges of `pattern`, in order of time, from start_ns on. Returns the end. */
int64_t render_pattern(struct led_edges *edges, struct random *random,
                       const struct pattern *pattern, const struct render *render,
                       int64_t start_ns);
void led_edges_free(struct led_edges *edges);

#endif
