/* Any edges: pulses come out in order, and the same whoever looks when. */
#include "rig/signal/blink.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PULSES_MAX = 4096 };

struct taken {
    size_t count;
    struct pulse pulses[PULSES_MAX];
};

static void take(void *context, const struct pulse *pulse)
{
    struct taken *taken = context;
    assert(pulse->end_ns > pulse->start_ns && pulse->colour != COLOUR_DARK);
    assert(taken->count == 0 || pulse->start_ns >= taken->pulses[taken->count - 1].end_ns);
    assert(taken->count < PULSES_MAX);
    taken->pulses[taken->count++] = *pulse;
}

static void decode(const uint8_t *data, size_t size, bool nosy, struct taken *taken)
{
    struct blink blink;
    struct blink_settings settings = blink_defaults();
    int64_t at_ns = 0;
    taken->count = 0;
    settings.glitch_ns = data[0] * INT64_C(100000);
    settings.merge_ns = data[1] * INT64_C(1000000);
    settings.skew_ns = data[2] * INT64_C(100000);
    settings.channels = data[3] & 7;
    blink_init(&blink, &settings, 0, data[3] >> 3 & 7, take, taken);
    for (size_t i = 4; i + 1 < size && i < 2 * PULSES_MAX; i += 2) {
        int64_t step_ns = (int64_t)data[i] << (data[i + 1] >> 3);
        if (nosy) {
            blink_advance(&blink, at_ns + step_ns / 2);
            assert(blink_next_ns(&blink) > at_ns + step_ns / 2);
        }
        at_ns += step_ns;
        blink_edge(&blink, at_ns, data[i + 1] & 3, data[i + 1] >> 2 & 1);
    }
    blink_finish(&blink, at_ns + INT64_C(1000000000));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct taken once;
    static struct taken nosy;
    if (size < 4) {
        return 0;
    }
    decode(data, size, false, &once);
    decode(data, size, true, &nosy);
    assert(once.count == nosy.count);
    for (size_t i = 0; i < once.count; i++) {
        const struct pulse *a = &once.pulses[i];
        const struct pulse *b = &nosy.pulses[i];
        assert(a->start_ns == b->start_ns && a->end_ns == b->end_ns && a->colour == b->colour);
        assert(a->open == b->open && a->clipped == b->clipped);
        assert(memcmp(a->duty_permille, b->duty_permille, sizeof(a->duty_permille)) == 0);
    }
    return 0;
}
