#include "rig/signal/senses.h"

#include "rig/base/least.h"

#include <string.h>

void senses_init(struct senses *senses, const struct senses_wiring *wiring, const int8_t *levels,
                 int64_t now_ns, blink_emit *light, blink_emit *sound, void *context)
{
    unsigned lit = 0;
    bool heard = false;

    senses->input_count = wiring->input_count;
    memcpy(senses->sense_of, wiring->sense_of, sizeof(senses->sense_of));
    for (size_t i = 0; i < wiring->input_count; i++) {
        int sense = wiring->sense_of[i];
        if (levels[i] == 1 && sense == SENSES_SOUND) {
            heard = true;
        } else if (levels[i] == 1 && sense != SENSES_NONE) {
            lit |= 1U << sense;
        }
    }
    senses->has_light = wiring->light != NULL;
    senses->has_sound = wiring->sound != NULL;
    if (wiring->light) {
        blink_init(&senses->light, wiring->light, now_ns, lit, light, context);
    }
    if (wiring->sound) {
        blink_init(&senses->sound, wiring->sound, now_ns, heard, sound, context);
    }
}

int senses_edge(struct senses *senses, size_t input, int64_t time_ns, bool level)
{
    int sense = input < senses->input_count ? senses->sense_of[input] : SENSES_NONE;

    if (sense == SENSES_SOUND && senses->has_sound) {
        blink_edge(&senses->sound, time_ns, 0, level);
    } else if (sense >= 0 && sense < LED_CHANNELS && senses->has_light) {
        blink_edge(&senses->light, time_ns, (unsigned)sense, level);
    } else {
        return SENSES_NONE;
    }
    return sense;
}

void senses_advance(struct senses *senses, int64_t now_ns)
{
    if (senses->has_light && blink_next_ns(&senses->light) <= now_ns) {
        blink_advance(&senses->light, now_ns);
    }
    if (senses->has_sound && blink_next_ns(&senses->sound) <= now_ns) {
        blink_advance(&senses->sound, now_ns);
    }
}

int64_t senses_next_ns(const struct senses *senses)
{
    return least(senses->has_light ? blink_next_ns(&senses->light) : INT64_MAX,
                 senses->has_sound ? blink_next_ns(&senses->sound) : INT64_MAX);
}

bool senses_light(const struct senses *senses, int64_t now_ns, struct pulse *pulse)
{
    return senses->has_light && blink_current(&senses->light, now_ns, pulse);
}

bool senses_sound(const struct senses *senses, int64_t now_ns, struct pulse *pulse)
{
    return senses->has_sound && blink_current(&senses->sound, now_ns, pulse);
}

void senses_finish(struct senses *senses, int64_t now_ns)
{
    if (senses->has_light) {
        blink_finish(&senses->light, now_ns);
    }
    if (senses->has_sound) {
        blink_finish(&senses->sound, now_ns);
    }
}
