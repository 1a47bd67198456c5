/*
 * The decoder over one hour of 1 kHz PWM: a light that blinks 2 s on, 1 s off, 60 % duty, on one
 * channel; 20 kHz on three channels besides. Edges are made in blocks, outside the time that
 * counts.
 *
 * The peer in the same run: memory is read and the levels are added up, which is the least that
 * anything can do with an edge.
 */
#include "rig/base/units.h"
#include "rig/signal/blink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCK = 1 << 16 };

struct edge {
    int64_t time_ns;
    uint32_t channel;
    uint32_t lit;
};

/* A PWM light, as a source of edges. */
struct source {
    int64_t period_ns;
    int64_t on_ns;
    unsigned channels;
    int64_t cycle;
    unsigned phase; /* edges made of this cycle */
    int64_t end_ns;
};

static size_t make(struct source *source, struct edge *edges)
{
    size_t count = 0;
    while (count < BLOCK) {
        int64_t begin_ns = source->cycle * source->period_ns;
        if (begin_ns >= source->end_ns) {
            break;
        }
        if (begin_ns % (3 * NS_PER_S) >= 2 * NS_PER_S) {
            source->cycle = (begin_ns / (3 * NS_PER_S) + 1) * 3 * NS_PER_S / source->period_ns;
            continue;
        }
        bool rise = source->phase < source->channels;
        unsigned channel = source->phase % source->channels;
        edges[count++] = (struct edge){
            .time_ns = begin_ns + (rise ? 0 : source->on_ns) + channel * 100,
            .channel = channel,
            .lit = rise,
        };
        if (++source->phase == 2 * source->channels) {
            source->phase = 0;
            source->cycle++;
        }
    }
    return count;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void count_pulse(void *context, const struct pulse *pulse)
{
    (void)pulse;
    ++*(uint64_t *)context;
}

static int measure(const char *what, struct source source)
{
    struct edge *edges = malloc(BLOCK * sizeof(*edges));
    struct blink blink;
    struct blink_settings settings = blink_defaults();
    uint64_t pulses = 0;
    uint64_t total = 0;
    uint64_t sum = 0;
    double decoding_s = 0;
    double reading_s = 0;
    if (!edges) {
        return 1;
    }
    blink_init(&blink, &settings, -NS_PER_S, 0, count_pulse, &pulses);
    size_t count;
    while ((count = make(&source, edges))) {
        double begin = seconds();
        for (size_t i = 0; i < count; i++) {
            blink_edge(&blink, edges[i].time_ns, edges[i].channel, edges[i].lit);
        }
        decoding_s += seconds() - begin;
        begin = seconds();
        for (size_t i = 0; i < count; i++) {
            sum += (uint64_t)edges[i].time_ns + edges[i].lit;
        }
        reading_s += seconds() - begin;
        total += count;
    }
    blink_finish(&blink, source.end_ns);
    free(edges);
    printf("%s\n", what);
    printf("  edges                 %12" PRIu64 "\n", total);
    printf("  pulses                %12" PRIu64 "\n", pulses);
    printf("  edges_per_s           %12.0f\n", (double)total / decoding_s);
    printf("  state_bytes           %12zu (constant: nothing is allocated)\n", sizeof(blink));
    printf("  peer: reading and adding up, edges_per_s %.0f (sum %" PRIu64 ")\n",
           (double)total / reading_s, sum % 10);
    printf("  ratio decoder / peer (time)   %.1f\n", decoding_s / reading_s);
    /* One pulse in each 3 s. */
    uint64_t expected = (uint64_t)((source.end_ns + 3 * NS_PER_S - 1) / (3 * NS_PER_S));
    if (pulses != expected) {
        printf("  WRONG: %" PRIu64 " pulses expected\n", expected);
        return 1;
    }
    return 0;
}

int main(void)
{
    int failed = measure("decoder, 1 hour of 1 kHz PWM, one channel",
                         (struct source){.period_ns = NS_PER_MS,
                                         .on_ns = 600 * NS_PER_US,
                                         .channels = 1,
                                         .end_ns = 3600 * NS_PER_S});
    failed |= measure("decoder, 10 minutes of 20 kHz PWM, three channels",
                      (struct source){.period_ns = 50 * NS_PER_US,
                                      .on_ns = 20 * NS_PER_US,
                                      .channels = 3,
                                      .end_ns = 600 * NS_PER_S});
    return failed;
}
