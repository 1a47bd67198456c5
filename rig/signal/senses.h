/*
 * Turns the edges of a bench's inputs into pulses of light and sound. The wiring says which input
 * is which channel; the decoders are those of rig/signal/blink.h.
 */
#ifndef LONGPRESS_RIG_SENSES_H
#define LONGPRESS_RIG_SENSES_H

#include "rig/signal/blink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SENSES_INPUTS_MAX = 24 };

/* What an input belongs to: a channel of the LED, 0 to LED_CHANNELS - 1, or ... */
enum { SENSES_NONE = -1, SENSES_SOUND = LED_CHANNELS };

struct senses_wiring {
    const struct blink_settings *light; /* NULL: there is no LED input ... */
    const struct blink_settings *sound; /* ... no sound input */
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

/* Start watching at `now_ns`. `levels`: of each input, 1 where it is active. Callbacks for senses
 * that the wiring lacks are not called. The wiring is copied. */
void senses_init(struct senses *senses, const struct senses_wiring *wiring, const int8_t *levels,
                 int64_t now_ns, blink_emit *light, blink_emit *sound, void *context);

/* Process an edge, as blink_edge does. Returns what it belonged to; SENSES_NONE: to neither. */
int senses_edge(struct senses *senses, size_t input, int64_t time_ns, bool level);

/* There is no further edge up to `now_ns`: emit what has certainly ended. */
void senses_advance(struct senses *senses, int64_t now_ns);
/* When senses_advance can next change anything; INT64_MAX: only an edge can. */
int64_t senses_next_ns(const struct senses *senses);
/* The current pulse, as far as it is certain: see blink_current. */
bool senses_light(const struct senses *senses, int64_t now_ns, struct pulse *pulse);
bool senses_sound(const struct senses *senses, int64_t now_ns, struct pulse *pulse);
/* Watching ends. */
void senses_finish(struct senses *senses, int64_t now_ns);

#endif
