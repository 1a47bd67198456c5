#include "rig/compare.h"

#include "rig/arena.h"
#include "rig/evidence.h"
#include "rig/text.h"
#include "rig/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* To what an instant is known, of light and of radio: what a sample without any scatter is still
 * uncertain by. */
#define GRAIN_NS 1e6

enum { NAME_MAX = 64, RUNS_FORESEEN_MAX = 2000 };

/* The ends of the 95 % interval. */
#define SHARE_LOW  0.025
#define SHARE_HIGH 0.975

static const struct {
    const char *name;
    const char *title;
    const char *more; /* what the other does when its value is larger: "disconnects later" */
    const char *less;
    const char *same; /* "disconnects" */
    const char *what; /* what never came */
    const char *more_word;
    const char *less_word;
} measures[MEASURE_COUNT] = {
    [MEASURE_THRESHOLD] = {"threshold", "hold that triggers the reset", "needs a longer hold",
                           "needs a shorter hold", "needs the same hold", "", "longer", "shorter"},
    [MEASURE_LED_BEGINS] = {"led-begins", "press to the LED's pattern",
                            "begins its LED pattern later", "begins its LED pattern sooner",
                            "begins its LED pattern at the same time", "the LED's pattern",
                            "slower", "faster"},
    [MEASURE_LED_LASTS] = {"led-lasts", "length of the LED's pattern",
                           "shows its LED pattern for longer", "shows its LED pattern more briefly",
                           "shows its LED pattern as long", "the LED's pattern", "longer",
                           "shorter"},
    [MEASURE_DISCONNECT] = {"disconnect", "time to disconnect", "disconnects later",
                            "disconnects sooner", "disconnects at the same time", "the link's drop",
                            "slower", "faster"},
    [MEASURE_DISCOVERABLE] = {"discoverable", "time to discoverable", "is discoverable later",
                              "is discoverable sooner", "is discoverable at the same time",
                              "being discoverable", "slower", "faster"},
    [MEASURE_PASS_RATE] = {"pass-rate", "pass rate", "passes more often", "passes less often",
                           "passes as often", "", "better", "worse"},
};

const char *measure_name(enum measure measure)
{
    return measures[measure].name;
}

const char *measure_title(enum measure measure)
{
    return measures[measure].title;
}

const char *conclusion_name(enum conclusion conclusion)
{
    static const char *const names[] = {
        [COMPARE_NOTHING] = "nothing", [COMPARE_TOO_FEW] = "too-few", [COMPARE_OPEN] = "open",
        [COMPARE_MORE] = "more",       [COMPARE_LESS] = "less",       [COMPARE_ALIKE] = "alike",
    };
    return names[conclusion];
}

const char *conclusion_word(const struct comparison *comparison)
{
    switch (comparison->conclusion) {
    case COMPARE_MORE:
        return measures[comparison->measure].more_word;
    case COMPARE_LESS:
        return measures[comparison->measure].less_word;
    case COMPARE_ALIKE:
        return "alike";
    case COMPARE_OPEN:
        return "open";
    case COMPARE_TOO_FEW:
        return "too few";
    case COMPARE_NOTHING:
        break;
    }
    return "-";
}

/* ---- words -------------------------------------------------------------------------------- */

static void say(struct comparison *comparison, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct comparison *comparison, const char *fmt, ...)
{
    size_t used = strlen(comparison->sentence);
    va_list args;
    va_start(args, fmt);
    vsnprintf(comparison->sentence + used, sizeof(comparison->sentence) - used, fmt, args);
    va_end(args);
}

/* "132 ms", "-3.4 ms"; of a rate "20", in points of a hundred. */
static char *amount(char out[NAME_MAX], enum measure measure, double value)
{
    if (measure == MEASURE_PASS_RATE) {
        snprintf(out, NAME_MAX, "%d", (int)lround(value * 100));
    } else {
        evidence_difference(out, (int64_t)llround(value));
    }
    return out;
}

static const char *unit_of(enum measure measure)
{
    return measure == MEASURE_PASS_RATE ? " points of 100" : "";
}

/* "above 99.9 %", "97 %". */
static char *chance(char out[NAME_MAX], double p)
{
    if (p > 0.999) {
        snprintf(out, NAME_MAX, "above 99.9 %%");
    } else if (p < 0.001) {
        snprintf(out, NAME_MAX, "below 0.1 %%");
    } else {
        int permille = (int)lround(p * 1000);
        snprintf(out, NAME_MAX, permille % 10 ? "%d.%d %%" : "%d %%", permille / 10, permille % 10);
    }
    return out;
}

/* "132 ms (95 % interval 101 ms to 163 ms)": how much more, or how much less. */
static void say_by(struct comparison *comparison, bool more)
{
    char by[NAME_MAX];
    char low[NAME_MAX];
    char high[NAME_MAX];
    enum measure measure = comparison->measure;
    say(comparison, "%s%s (95 %% interval %s to %s)",
        amount(by, measure, more ? comparison->estimate : -comparison->estimate), unit_of(measure),
        amount(low, measure, more ? comparison->low : -comparison->high),
        amount(high, measure, more ? comparison->high : -comparison->low));
}

static void say_missing(struct comparison *comparison, const struct compare_group *group)
{
    size_t missing = group->samples[comparison->measure].missing;
    if (missing > 0) {
        char name[NAME_MAX];
        say(comparison, " %zu run%s of %s never showed %s, and %s not in this.", missing,
            missing == 1 ? "" : "s", text_printable(name, sizeof(name), group->firmware),
            measures[comparison->measure].what, missing == 1 ? "is" : "are");
    }
}

/* ---- numbers ------------------------------------------------------------------------------ */

static size_t count_of(const struct compare_group *group, enum measure measure)
{
    return measure == MEASURE_PASS_RATE ? group->runs
           : measure == MEASURE_THRESHOLD
               ? (group->threshold.posterior ? group->threshold.count : 0)
               : group->samples[measure].count;
}

/* The mean, and what one more value adds to its variance. */
struct spread {
    double mean;
    double variance; /* of one value */
};

static struct spread spread_of(const struct compare_group *group, enum measure measure)
{
    const struct compare_sample *sample = &group->samples[measure];
    struct spread spread = {0};
    if (measure == MEASURE_PASS_RATE) {
        double rate = ((double)group->passed + 0.5) / ((double)group->runs + 1);
        return (struct spread){.mean = (double)group->passed / (double)group->runs,
                               .variance = rate * (1 - rate)};
    }
    for (size_t i = 0; i < sample->count; i++) {
        spread.mean += (double)sample->values_ns[i] / (double)sample->count;
    }
    for (size_t i = 0; i < sample->count; i++) {
        double off = (double)sample->values_ns[i] - spread.mean;
        spread.variance += off * off / (double)(sample->count - 1);
    }
    spread.variance += GRAIN_NS * GRAIN_NS / 12;
    return spread;
}

static void posterior_of(const struct compare_group *group, enum measure measure,
                         struct posterior *posterior)
{
    const struct compare_sample *sample = &group->samples[measure];
    if (measure == MEASURE_PASS_RATE) {
        posterior_of_rate(posterior, group->passed, group->runs);
    } else if (measure == MEASURE_THRESHOLD) {
        *posterior = *group->threshold.posterior;
    } else {
        double *values = xrealloc_array(NULL, sample->count, sizeof(*values));
        for (size_t i = 0; i < sample->count; i++) {
            values[i] = (double)sample->values_ns[i];
        }
        posterior_of_mean(posterior, values, sample->count, GRAIN_NS);
        free(values);
    }
}

/* How many more runs of each would tell, four times out of five, whether the true difference (if it
 * is what it looks like) is beyond the nearer of the bounds that the interval holds; 0: more than
 * anybody will make. */
static size_t more_runs(const struct compare_group *a, const struct compare_group *b,
                        const struct comparison *comparison, double limit)
{
    const double strength = 1.959964 + 0.841621; /* of 95 %, and four out of five */
    double distance = fabs(fabs(comparison->estimate) - limit);
    struct spread sa = spread_of(a, comparison->measure);
    struct spread sb = spread_of(b, comparison->measure);
    for (size_t more = 1; more <= RUNS_FORESEEN_MAX; more++) {
        double width = sqrt(sa.variance / (double)(comparison->count_a + more) +
                            sb.variance / (double)(comparison->count_b + more));
        if (strength * width <= distance) {
            return more;
        }
    }
    return 0;
}

static enum conclusion conclude(const struct comparison *comparison, double limit)
{
    if (comparison->low > limit) {
        return COMPARE_MORE;
    }
    if (comparison->high < -limit) {
        return COMPARE_LESS;
    }
    return limit > 0 && comparison->low >= -limit && comparison->high <= limit ? COMPARE_ALIKE
                                                                               : COMPARE_OPEN;
}

static void say_too_few(struct comparison *comparison, const struct compare_group *a,
                        const struct compare_group *b)
{
    char name[NAME_MAX];
    if (comparison->measure == MEASURE_THRESHOLD) {
        const struct compare_group *without = a->threshold.posterior ? b : a;
        say(comparison, "Not known of %s yet: longpress characterize measures it.",
            text_printable(name, sizeof(name), without->firmware));
        return;
    }
    size_t more_a =
        comparison->count_a < COMPARE_RUNS_MIN ? COMPARE_RUNS_MIN - comparison->count_a : 0;
    size_t more_b =
        comparison->count_b < COMPARE_RUNS_MIN ? COMPARE_RUNS_MIN - comparison->count_b : 0;
    say(comparison, "Too few runs to say anything (%d of each are the least): ", COMPARE_RUNS_MIN);
    if (more_a > 0) {
        say(comparison, "%zu more of %s", more_a, text_printable(name, sizeof(name), a->firmware));
    }
    if (more_b > 0) {
        say(comparison, "%s%zu more of %s", more_a > 0 ? " and " : "", more_b,
            text_printable(name, sizeof(name), b->firmware));
    }
    say(comparison, " needed.");
    comparison->more_a = more_a;
    comparison->more_b = more_b;
}

/* It is larger, or smaller, for certain. */
static void say_differs(struct comparison *comparison, const char *a, const char *b,
                        int64_t limit_ns)
{
    bool more = comparison->conclusion == COMPARE_MORE;
    char p[NAME_MAX];
    char limit[NAME_MAX];
    say(comparison, "%s %s than %s, by ", b,
        more ? measures[comparison->measure].more : measures[comparison->measure].less, a);
    say_by(comparison, more);
    if (limit_ns > 0 && comparison->measure != MEASURE_PASS_RATE) {
        say(comparison, ", beyond the limit of %s", duration_format(limit, limit_ns));
    }
    say(comparison, "; probability %s.",
        chance(p, more ? comparison->p_more : 1 - comparison->p_more));
}

static void say_alike(struct comparison *comparison, const char *a, const char *b, int64_t limit_ns)
{
    char limit[NAME_MAX];
    char difference[NAME_MAX];
    char low[NAME_MAX];
    char high[NAME_MAX];
    enum measure measure = comparison->measure;
    say(comparison, "%s %s as %s, within %s: the difference is %s (95 %% interval %s to %s).", b,
        measures[measure].same, a, duration_format(limit, limit_ns),
        amount(difference, measure, comparison->estimate), amount(low, measure, comparison->low),
        amount(high, measure, comparison->high));
}

/* How many more runs it takes, if what it looks like is true. */
static void say_more_runs(struct comparison *comparison, int64_t limit_ns)
{
    enum measure measure = comparison->measure;
    if (measure == MEASURE_THRESHOLD) {
        say(comparison, "longpress characterize with a finer --precision would tell.");
    } else if (comparison->more_a > 0) {
        say(comparison, "If that is the true difference, about %zu more run%s of each would tell.",
            comparison->more_a, comparison->more_a == 1 ? "" : "s");
    } else if (measure == MEASURE_PASS_RATE) {
        say(comparison, "That two rates are the same no number of runs can show.");
    } else if (limit_ns == 0) {
        say(comparison, "That they are the same can be shown within a --limit only.");
    } else {
        say(comparison, "If that is the true difference, not even %d more runs of each would tell.",
            RUNS_FORESEEN_MAX);
    }
}

static void say_open(struct comparison *comparison, const char *a, const char *b, int64_t limit_ns)
{
    enum measure measure = comparison->measure;
    bool more = comparison->estimate >= 0;
    char limit[NAME_MAX];
    char p[NAME_MAX];
    char low[NAME_MAX];
    char high[NAME_MAX];
    char difference[NAME_MAX];
    bool limited = limit_ns > 0 && measure != MEASURE_PASS_RATE;

    if (!limited && comparison->p_more > 0.25 && comparison->p_more < 0.75) {
        say(comparison,
            "No difference is to be seen yet between %s and %s: %s%s (95 %% interval %s to %s). ",
            a, b, amount(difference, measure, comparison->estimate), unit_of(measure),
            amount(low, measure, comparison->low), amount(high, measure, comparison->high));
    } else {
        say(comparison, "It cannot be told yet whether %s %s than %s", b,
            more ? measures[measure].more : measures[measure].less, a);
        if (limited) {
            say(comparison, " by more than %s", duration_format(limit, limit_ns));
        }
        say(comparison, ": it looks like a difference of ");
        say_by(comparison, more);
        say(comparison, "; probability %s. ",
            chance(p, more ? comparison->p_more : 1 - comparison->p_more));
    }
    say_more_runs(comparison, limit_ns);
}

static void calculate(struct comparison *comparison, const struct compare_group *a,
                      const struct compare_group *b)
{
    enum measure measure = comparison->measure;
    struct posterior *posteriors = xrealloc_array(NULL, 2, sizeof(*posteriors));
    posterior_of(a, measure, &posteriors[0]);
    posterior_of(b, measure, &posteriors[1]);
    comparison->has_numbers = true;
    comparison->low = posterior_difference(&posteriors[0], &posteriors[1], SHARE_LOW);
    comparison->high = posterior_difference(&posteriors[0], &posteriors[1], SHARE_HIGH);
    comparison->p_more = posterior_exceeds(&posteriors[0], &posteriors[1], 0);
    comparison->estimate = measure == MEASURE_THRESHOLD
                               ? (double)(b->threshold.median_ns - a->threshold.median_ns)
                               : spread_of(b, measure).mean - spread_of(a, measure).mean;
    free(posteriors);
}

struct comparison compare(const struct compare_group *reference, const struct compare_group *other,
                          enum measure measure, int64_t limit_ns)
{
    struct comparison comparison = {.measure = measure,
                                    .count_a = count_of(reference, measure),
                                    .count_b = count_of(other, measure)};
    double limit = measure == MEASURE_PASS_RATE ? 0 : (double)limit_ns;
    char a[NAME_MAX];
    char b[NAME_MAX];

    text_printable(a, sizeof(a), reference->firmware);
    text_printable(b, sizeof(b), other->firmware);
    if (comparison.count_a == 0 && comparison.count_b == 0) {
        comparison.conclusion = COMPARE_NOTHING;
        say(&comparison, measure == MEASURE_THRESHOLD
                             ? "Not known of either yet: longpress characterize measures it."
                             : "Not seen of either.");
    } else if (comparison.count_a < COMPARE_RUNS_MIN || comparison.count_b < COMPARE_RUNS_MIN) {
        comparison.conclusion = COMPARE_TOO_FEW;
        say_too_few(&comparison, reference, other);
    } else {
        calculate(&comparison, reference, other);
        comparison.conclusion = conclude(&comparison, limit);
        switch (comparison.conclusion) {
        case COMPARE_MORE:
        case COMPARE_LESS:
            say_differs(&comparison, a, b, limit_ns);
            break;
        case COMPARE_ALIKE:
            say_alike(&comparison, a, b, limit_ns);
            break;
        default:
            if (measure != MEASURE_THRESHOLD) {
                comparison.more_a = comparison.more_b =
                    more_runs(reference, other, &comparison, limit);
            }
            say_open(&comparison, a, b, limit_ns);
            break;
        }
    }
    say_missing(&comparison, reference);
    say_missing(&comparison, other);
    return comparison;
}

/* ---- gates -------------------------------------------------------------------------------- */

int compare_slower(const struct comparison comparisons[MEASURE_COUNT], int64_t limit_ns)
{
    bool open = false;
    bool any = false;
    for (int i = 0; i < MEASURE_COUNT; i++) {
        const struct comparison *comparison = &comparisons[i];
        if (i == MEASURE_PASS_RATE || comparison->conclusion == COMPARE_NOTHING) {
            continue;
        }
        if (comparison->has_numbers && comparison->low > (double)limit_ns) {
            return 1;
        }
        any = true;
        open = open || !comparison->has_numbers || comparison->high > (double)limit_ns;
    }
    return any && !open ? 0 : -1;
}

int compare_different(const struct comparison comparisons[MEASURE_COUNT], int64_t limit_ns)
{
    bool open = false;
    bool any = false;
    for (int i = 0; i < MEASURE_COUNT; i++) {
        const struct comparison *comparison = &comparisons[i];
        double limit = i == MEASURE_PASS_RATE ? 0 : (double)limit_ns;
        if (comparison->conclusion == COMPARE_NOTHING) {
            continue;
        }
        if (comparison->has_numbers && (comparison->low > limit || comparison->high < -limit)) {
            return 1;
        }
        any = true;
        /* Of two rates it is never certain that they are the same: no sign of a difference will do.
         */
        open = open || !comparison->has_numbers ||
               (i != MEASURE_PASS_RATE && (comparison->high > limit || comparison->low < -limit));
    }
    return any && !open ? 0 : -1;
}
