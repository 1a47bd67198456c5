/*
 * What a bench sees and hears: from the edges of its inputs to pulses of light and of sound. Which
 * input is which channel of what is told once; the decoders are rig/signal/blink.h's.
 */
#ifndef LONGPRESS_RIG_SENSES_H
#define LONGPRESS_RIG_SENSES_H

#include "rig/signal/blink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SENSES_INPUTS_MAX = 24 };

/* What an input is of: a channel of the LED, 0 to LED_CHANNELS - 1, or ... */
enum { SENSES_NONE = -1, SENSES_SOUND = LED_CHANNELS };

struct senses_wiring {
    const struct blink_settings *light; /* NULL: there is no LED to be seen ... */
    const struct blink_settings *sound; /* ... nothing to be heard */
    int8_t sense_of[SENSES_INPUTS_MAX]; /* of each input */
    size_t input_count;
};

/* Private but for reading: `light` and `sound` once they have begun, and `has_`. */
struct senses {
    int8_t sense_of[SENSES_INPUTS_MAX];
    size_t input_count;
    bool has_light;
    bool has_sound;
    struct blink light;
    struct blink sound;
};

/* Start watching at `now_ns`. `levels`: of each input, 1 where it is active. Nobody is told of what
 * the wiring has not; it is copied. */
void senses_init(struct senses *senses, const struct senses_wiring *wiring, const int8_t *levels,
                 int64_t now_ns, blink_emit *light, blink_emit *sound, void *context);

/* An edge, as blink_edge takes it. Of what it was; SENSES_NONE: of neither. */
int senses_edge(struct senses *senses, size_t input, int64_t time_ns, bool level);

/* Up to `now_ns` there is no other edge: what has ended for certain is emitted. */
void senses_advance(struct senses *senses, int64_t now_ns);
/* When senses_advance can next change anything; INT64_MAX: only an edge can. */
int64_t senses_next_ns(const struct senses *senses);
/* What is going on, as far as it is certain: blink_current. */
bool senses_light(const struct senses *senses, int64_t now_ns, struct pulse *pulse);
bool senses_sound(const struct senses *senses, int64_t now_ns, struct pulse *pulse);
/* Watching ends. */
void senses_finish(struct senses *senses, int64_t now_ns);

#endif
