/*
 * Any pattern, rendered inside the stated limits, comes out of the decoder as it went in.
 */
#include "rig/base/units.h"
#include "rig/signal/blink.h"
#include "tests/unit/render_led.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PULSES_MAX = 512 };

struct taken {
    size_t count;
    struct pulse pulses[PULSES_MAX];
};

static void take(void *context, const struct pulse *pulse)
{
    struct taken *taken = context;
    assert_true(taken->count < PULSES_MAX);
    taken->pulses[taken->count++] = *pulse;
}

/* Returns how many glitches were left out. */
static size_t decode(const struct led_edges *edges, int64_t end_ns, struct random *nosy,
                     struct taken *taken)
{
    struct blink blink;
    struct blink_settings settings = blink_defaults();
    taken->count = 0;
    blink_init(&blink, &settings, 0, 0, take, taken);
    for (size_t i = 0; i < edges->count; i++) {
        const struct led_edge *edge = &edges->items[i];
        if (nosy && random_in(nosy, 0, 3) == 0) {
            int64_t before_ns = i ? edges->items[i - 1].time_ns : 0;
            blink_advance(&blink, random_in(nosy, before_ns, edge->time_ns));
        }
        blink_edge(&blink, edge->time_ns, edge->channel, edge->lit);
    }
    blink_finish(&blink, end_ns);
    return blink.glitches;
}

static void check_same(const struct taken *a, const struct taken *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t p = 0; p < a->count; p++) {
        assert_int_equal(a->pulses[p].start_ns, b->pulses[p].start_ns);
        assert_int_equal(a->pulses[p].end_ns, b->pulses[p].end_ns);
        assert_int_equal(a->pulses[p].colour, b->pulses[p].colour);
        assert_memory_equal(a->pulses[p].duty_permille, b->pulses[p].duty_permille,
                            sizeof(a->pulses[p].duty_permille));
    }
}

static void check_order(const struct taken *taken)
{
    for (size_t i = 0; i < taken->count; i++) {
        assert_true(taken->pulses[i].end_ns > taken->pulses[i].start_ns);
        assert_true(i == 0 || taken->pulses[i].start_ns >= taken->pulses[i - 1].end_ns);
        assert_true(taken->pulses[i].colour != COLOUR_DARK);
    }
}

static void test_round_trip(void **state)
{
    struct random random = {random_seed(20261124)};
    size_t cases = random_cases(10000);
    struct led_edges edges = {0};
    static struct taken taken;
    static struct taken nosy_taken;
    uint64_t total = 0;
    (void)state;

    for (size_t i = 0; i < cases; i++) {
        uint64_t seed = random.state;
        struct pattern pattern;
        struct pattern seen;
        bool truncated;
        char want[PATTERN_TEXT_MAX];
        char got[PATTERN_TEXT_MAX];
        random_pattern(&random, &pattern);
        struct render render = random_render(&random);
        edges.count = 0;
        int64_t end_ns = render_pattern(&edges, &random, &pattern, &render, 0);
        total += edges.count;
        decode(&edges, end_ns, NULL, &taken);
        pattern_recognise(taken.pulses, taken.count, &seen, &truncated);
        if (!pattern_equal(&seen, &pattern) || truncated) {
            fail_msg("case %zu, seed %" PRIu64 ": rendered `%s`, decoded `%s` (pwm %" PRId64
                     " ns, %d %%, breathe %d, glitches %d, touching %d)",
                     i, seed, pattern_format(want, &pattern), pattern_format(got, &seen),
                     render.pwm_period_ns, render.pwm_duty_percent, render.breathe, render.glitches,
                     render.touching);
        }
        check_order(&taken);
        assert_int_equal(pattern_match(&pattern, taken.pulses, taken.count, 0).result, MATCH_YES);

        /* The same when somebody looks in between, to the last nanosecond and permille. */
        if (i % 10 == 0) {
            decode(&edges, end_ns, &random, &nosy_taken);
            check_same(&nosy_taken, &taken);
        }

        /* And the text comes back. */
        struct pattern again;
        assert_null(pattern_parse(pattern_format(want, &pattern), &again, NULL));
        assert_true(pattern_equal(&again, &pattern));
    }
    printf("note: %zu patterns, %" PRIu64 " edges\n", cases, total);
    led_edges_free(&edges);
}

/* One pulse more, one less, or of another colour: never the same pattern. */
static void test_mutations(void **state)
{
    struct random random = {random_seed(7)};
    size_t cases = random_cases(10000);
    (void)state;

    for (size_t i = 0; i < cases; i++) {
        struct pattern pattern;
        random_pattern(&random, &pattern);
        struct pulse pulses[PULSES_MAX];
        size_t count = 0;
        int64_t at_ns = NS_PER_S;
        for (size_t s = 0; s < pattern.count; s++) {
            const struct segment *segment = &pattern.segments[s];
            int n = segment->kind == SEGMENT_COUNT   ? segment->count
                    : segment->kind == SEGMENT_RAPID ? 6
                                                     : 1;
            for (int k = 0; k < n; k++) {
                int64_t on_ns = segment->kind == SEGMENT_SOLID ? 2 * NS_PER_S : 150 * NS_PER_MS;
                pulses[count++] = (struct pulse){.start_ns = at_ns,
                                                 .end_ns = at_ns + on_ns,
                                                 .colour = segment->kind == SEGMENT_RAPID && k % 2
                                                               ? segment->other
                                                               : segment->colour};
                at_ns += on_ns + (k == n - 1 ? 400 : 150) * NS_PER_MS;
            }
        }
        assert_int_equal(pattern_match(&pattern, pulses, count, 0).result, MATCH_YES);
        if (count == 0) {
            continue;
        }
        size_t at = (size_t)random_in(&random, 0, (int64_t)count - 1);
        size_t in = 0;
        size_t passed = 0;
        while (passed + (pattern.segments[in].kind == SEGMENT_COUNT
                             ? (size_t)pattern.segments[in].count
                         : pattern.segments[in].kind == SEGMENT_RAPID ? 6
                                                                      : 1) <=
               at) {
            passed += pattern.segments[in].kind == SEGMENT_COUNT
                          ? (size_t)pattern.segments[in].count
                      : pattern.segments[in].kind == SEGMENT_RAPID ? 6
                                                                   : 1;
            in++;
        }
        if (pattern.segments[in].kind == SEGMENT_RAPID) {
            continue; /* an alternation may be longer or shorter */
        }
        struct pulse kept = pulses[at];
        pulses[at].colour = kept.colour == COLOUR_RED ? COLOUR_GREEN : COLOUR_RED;
        assert_int_not_equal(pattern_match(&pattern, pulses, count, 0).result, MATCH_YES);
        char text[1024];
        assert_non_null(
            strstr(pattern_explain(text, sizeof(text), &pattern, pulses, count, 0), "("));
        pulses[at] = kept;
        memmove(&pulses[at], &pulses[at + 1], (count - at - 1) * sizeof(pulses[0]));
        assert_int_not_equal(pattern_match(&pattern, pulses, count - 1, 0).result, MATCH_YES);
    }
}

static bool is_shown(const struct taken *taken, int64_t from_ns, int64_t to_ns)
{
    for (size_t p = 0; p < taken->count; p++) {
        if (taken->pulses[p].start_ns < to_ns && taken->pulses[p].end_ns > from_ns) {
            return true;
        }
    }
    return false;
}

/* The lights of one channel, told apart after the fact: each is to be in a pulse, and what is left
 * out was a glitch. Returns how many glitches there were. */
static size_t check_lights(const struct led_edges *edges, unsigned channel,
                           const struct taken *taken)
{
    struct blink_settings settings = blink_defaults();
    int64_t start_ns = -1;
    int64_t fall_ns = 0;
    size_t glitches = 0;
    bool level = false;

    for (size_t i = 0; i <= edges->count; i++) {
        bool end = i == edges->count;
        const struct led_edge *edge = &edges->items[end ? 0 : i];
        if (!end && (edge->channel != channel || edge->lit == level)) {
            continue;
        }
        bool over =
            start_ns >= 0 && !level && (end || edge->time_ns - fall_ns >= settings.merge_ns);
        if (over && fall_ns - start_ns >= settings.glitch_ns) {
            assert_true(is_shown(taken, start_ns, fall_ns));
        } else if (over) {
            glitches++;
        }
        if (end) {
            break;
        }
        level = edge->lit;
        start_ns = level && (over || start_ns < 0) ? edge->time_ns : start_ns;
        fall_ns = edge->time_ns;
    }
    return glitches;
}

/* Whatever comes in, what goes out is in order, and does not depend on who looks when. */
static void test_any_edges(void **state)
{
    struct random random = {random_seed(99)};
    size_t cases = random_cases(3000);
    static struct taken taken;
    static struct taken nosy_taken;
    struct led_edges edges = {0};
    (void)state;

    edges.items = calloc(400, sizeof(*edges.items));
    assert_non_null(edges.items);
    for (size_t i = 0; i < cases; i++) {
        int64_t at_ns = 0;
        edges.count = 400;
        for (size_t e = 0; e < edges.count; e++) {
            static const int64_t scales[] = {NS_PER_US, NS_PER_MS, 30 * NS_PER_MS};
            at_ns += random_in(&random, 0, scales[random_in(&random, 0, 2)]);
            edges.items[e] = (struct led_edge){.time_ns = at_ns,
                                               .channel = (unsigned)random_in(&random, 0, 2),
                                               .lit = random_in(&random, 0, 1) == 1};
        }
        size_t glitches = decode(&edges, at_ns + NS_PER_S, NULL, &taken);
        check_order(&taken);
        for (unsigned channel = 0; channel < LED_CHANNELS; channel++) {
            glitches -= check_lights(&edges, channel, &taken);
        }
        assert_int_equal(glitches, 0);
        decode(&edges, at_ns + NS_PER_S, &random, &nosy_taken);
        check_same(&nosy_taken, &taken);
    }
    led_edges_free(&edges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_any_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
