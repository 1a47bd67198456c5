#include "tests/unit/render_led.h"

#include "rig/base/arena.h"
#include "rig/base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* splitmix64 (Steele, Lea, Flood 2014). */
uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

int64_t random_in(struct random *random, int64_t low, int64_t high)
{
    return low + (int64_t)(random_next(random) % (uint64_t)(high - low + 1));
}

uint64_t random_seed(uint64_t otherwise)
{
    const char *text = getenv("LONGPRESS_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 0) : otherwise;
    printf("seed %" PRIu64 " (LONGPRESS_SEED)\n", seed);
    return seed;
}

size_t random_cases(size_t otherwise)
{
    const char *text = getenv("LONGPRESS_CASES");
    return text ? strtoul(text, NULL, 0) : otherwise;
}

static colour random_colour(struct random *random, colour but)
{
    colour c;
    do {
        c = (colour)random_in(random, COLOUR_RED, COLOUR_WHITE);
    } while (c == but);
    return c;
}

void random_pattern(struct random *random, struct pattern *pattern)
{
    *pattern = (struct pattern){.count = (size_t)random_in(random, 0, 5)};
    colour before = COLOUR_DARK;
    for (size_t i = 0; i < pattern->count; i++) {
        struct segment *segment = &pattern->segments[i];
        int64_t kind = random_in(random, 0, 9);
        segment->colour = random_colour(random, before);
        if (kind < 7) {
            segment->kind = SEGMENT_COUNT;
            segment->count = (int)random_in(random, 1, 9);
        } else if (kind < 9) {
            segment->kind = SEGMENT_SOLID;
        } else {
            segment->kind = SEGMENT_RAPID;
            segment->other = random_colour(random, segment->colour);
        }
        before = segment->kind == SEGMENT_RAPID ? segment->other : segment->colour;
    }
}

struct render random_render(struct random *random)
{
    struct render render = {
        .breathe = random_in(random, 0, 3) == 0,
        .glitches = random_in(random, 0, 1) == 0,
        .touching = random_in(random, 0, 1) == 0,
    };
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        render.skew_ns[i] = random_in(random, 0, 3 * NS_PER_MS);
    }
    if (random_in(random, 0, 3) > 0) {
        /* 100 Hz to 20 kHz, the lower octaves more often: edges are what takes the time. */
        int64_t octave = random_in(random, 0, random_in(random, 0, 7));
        int64_t hz = 100 * (INT64_C(1) << octave);
        hz = random_in(random, hz, hz * 2 > 20000 ? 20000 : hz * 2);
        render.pwm_period_ns = NS_PER_S / hz;
        render.pwm_duty_percent = (int)random_in(random, 5, 95);
    }
    return render;
}

static void add(struct led_edges *edges, int64_t time_ns, unsigned channel, bool lit)
{
    if (edges->count == edges->capacity) {
        edges->capacity = edges->capacity ? edges->capacity * 2 : 4096;
        edges->items = xrealloc_array(edges->items, edges->capacity, sizeof(*edges->items));
    }
    edges->items[edges->count++] =
        (struct led_edge){.time_ns = time_ns, .channel = channel, .lit = lit};
}

/* One channel lit from `start_ns` to `end_ns`. */
static void render_channel(struct led_edges *edges, struct random *random,
                           const struct render *render, unsigned channel, int64_t start_ns,
                           int64_t end_ns)
{
    if (!render->pwm_period_ns) {
        add(edges, start_ns, channel, true);
        if (render->glitches && random_in(random, 0, 1)) {
            int64_t at_ns = random_in(random, start_ns + (end_ns - start_ns) / 3,
                                      start_ns + (end_ns - start_ns) / 2);
            add(edges, at_ns, channel, false);
            add(edges, at_ns + random_in(random, 1, NS_PER_MS), channel, true);
        }
        add(edges, end_ns, channel, false);
        return;
    }
    int64_t period_ns = render->pwm_period_ns;
    for (int64_t at_ns = start_ns; at_ns < end_ns; at_ns += period_ns) {
        int64_t percent = render->pwm_duty_percent;
        if (render->breathe) {
            /* A triangle from 5 % up to the duty and back. */
            int64_t along = (at_ns - start_ns) * 200 / (end_ns - start_ns);
            along = along > 100 ? 200 - along : along;
            percent = 5 + (percent - 5) * along / 100;
        }
        int64_t on_ns = period_ns * percent / 100;
        int64_t jitter_ns = random_in(random, 0, (period_ns - on_ns) / 8);
        int64_t off_ns = at_ns + jitter_ns + on_ns;
        if (off_ns > end_ns) {
            break;
        }
        add(edges, at_ns + jitter_ns, channel, true);
        add(edges, off_ns, channel, false);
    }
}

static void render_pulse(struct led_edges *edges, struct random *random,
                         const struct render *render, colour c, int64_t start_ns, int64_t end_ns)
{
    for (unsigned channel = 0; channel < LED_CHANNELS; channel++) {
        if (c & (1U << channel)) {
            render_channel(edges, random, render, channel, start_ns + render->skew_ns[channel],
                           end_ns + render->skew_ns[channel]);
        }
    }
}

/* A spike in the dark on any channel, far enough from both ends of the gap. */
static void render_spike(struct led_edges *edges, struct random *random,
                         const struct render *render, int64_t from_ns, int64_t to_ns)
{
    const int64_t clear_ns = 50 * NS_PER_MS;
    if (!render->glitches || to_ns - from_ns < 2 * clear_ns + 2 * NS_PER_MS) {
        return;
    }
    int64_t at_ns = random_in(random, from_ns + clear_ns, to_ns - clear_ns);
    unsigned channel = (unsigned)random_in(random, 0, 2);
    add(edges, at_ns, channel, true);
    add(edges, at_ns + random_in(random, 1, 2 * NS_PER_MS - 1), channel, false);
}

static int by_time(const void *a, const void *b)
{
    const struct led_edge *x = a;
    const struct led_edge *y = b;
    if (x->time_ns != y->time_ns) {
        return x->time_ns < y->time_ns ? -1 : 1;
    }
    /* A fall and a rise of one channel at one instant: the fall is the older one. */
    return x->channel == y->channel ? x->lit - y->lit : 0;
}

int64_t render_pattern(struct led_edges *edges, struct random *random,
                       const struct pattern *pattern, const struct render *render, int64_t start_ns)
{
    size_t first = edges->count;
    int64_t at_ns = start_ns + 100 * NS_PER_MS;

    for (size_t i = 0; i < pattern->count; i++) {
        const struct segment *segment = &pattern->segments[i];
        int pulses = segment->kind == SEGMENT_COUNT   ? segment->count
                     : segment->kind == SEGMENT_RAPID ? 2 * (int)random_in(random, 2, 6)
                                                      : 1;
        for (int n = 0; n < pulses; n++) {
            int64_t on_ns;
            int64_t off_ns = random_in(random, 70, 600) * NS_PER_MS;
            colour c = segment->colour;
            switch (segment->kind) {
            case SEGMENT_SOLID:
                on_ns = random_in(random, 1600, 4000) * NS_PER_MS;
                break;
            case SEGMENT_RAPID:
                on_ns = random_in(random, 80, 200) * NS_PER_MS;
                off_ns = random_in(random, 0, 1) ? 0 : random_in(random, 70, 200) * NS_PER_MS;
                c = n % 2 ? segment->other : segment->colour;
                break;
            default:
                on_ns = random_in(random, 80, 900) * NS_PER_MS;
                break;
            }
            if (n == pulses - 1) {
                /* What follows an alternation must not look like its next turn. */
                off_ns = random_in(random, 400, 1000) * NS_PER_MS;
                bool next_solid = i + 1 < pattern->count &&
                                  pattern->segments[i + 1].kind == SEGMENT_SOLID &&
                                  segment->kind == SEGMENT_COUNT;
                if (render->touching && next_solid) {
                    off_ns = 0;
                }
            }
            render_pulse(edges, random, render, c, at_ns, at_ns + on_ns);
            render_spike(edges, random, render, at_ns + on_ns, at_ns + on_ns + off_ns);
            at_ns += on_ns + off_ns;
        }
    }
    qsort(edges->items + first, edges->count - first, sizeof(*edges->items), by_time);
    return at_ns;
}

void led_edges_free(struct led_edges *edges)
{
    free(edges->items);
    *edges = (struct led_edges){0};
}
