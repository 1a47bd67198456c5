/* A comparison's result, in sentences. */
#include "rig/compare/compare_internal.h"

#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/timeline/evidence.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX = 64 };

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
    [MEASURE_BEYOND] = {"beyond", "hold that becomes more than the reset",
                        "goes beyond the reset at a longer hold",
                        "goes beyond the reset at a shorter hold",
                        "goes beyond the reset at the same hold", "", "longer", "shorter"},
    [MEASURE_LED_BEGINS] = {"led-begins", "press to the LED's pattern",
                            "begins its LED pattern later", "begins its LED pattern sooner",
                            "begins its LED pattern at the same time", "the LED's pattern",
                            "slower", "faster"},
    [MEASURE_LED_LASTS] = {"led-lasts", "length of the LED's pattern",
                           "shows its LED pattern for longer", "shows its LED pattern more briefly",
                           "shows its LED pattern as long", "the LED's pattern", "longer",
                           "shorter"},
    [MEASURE_DISCONNECT] = {"disconnect", "time to disconnect", "disconnects later",
                            "disconnects sooner", "disconnects at the same time", "a disconnect",
                            "slower", "faster"},
    [MEASURE_DISCOVERABLE] = {"discoverable", "time to discoverable", "is discoverable later",
                              "is discoverable sooner", "is discoverable at the same time",
                              "discoverable mode", "slower", "faster"},
    [MEASURE_PASS_RATE] = {"pass-rate", "pass rate", "passes more often", "passes less often",
                           "passes as often", "", "better", "worse"},
};

const char *compare_measure_name(enum measure measure)
{
    return measures[measure].name;
}

const char *compare_measure_title(enum measure measure)
{
    return measures[measure].title;
}

const char *compare_left_out_name(enum left_out why)
{
    static const char *const names[] = {
        [LEFT_INCONCLUSIVE] = "inconclusive",
        [LEFT_ABORTED] = "aborted",
        [LEFT_ERROR] = "error",
        [LEFT_INTERRUPTED] = "interrupted",
        [LEFT_UNREADABLE] = "unreadable",
    };
    return names[why];
}

const char *compare_conclusion_name(enum conclusion conclusion)
{
    static const char *const names[] = {
        [COMPARE_NOTHING] = "nothing", [COMPARE_TOO_FEW] = "too-few", [COMPARE_OPEN] = "open",
        [COMPARE_MORE] = "more",       [COMPARE_LESS] = "less",       [COMPARE_ALIKE] = "alike",
    };
    return names[conclusion];
}

const char *compare_conclusion_word(const struct comparison *comparison)
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
    return measure == MEASURE_PASS_RATE ? " percentage points" : "";
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

void compare_say_nothing(struct comparison *comparison)
{
    say(comparison, "%s",
        comparison->measure == MEASURE_THRESHOLD
            ? "Not known for either yet: longpress characterize measures it."
        : comparison->measure == MEASURE_BEYOND
            ? "Not known for both: longpress characterize measures it if its hazard is accepted."
            : "Not seen in either.");
}
void compare_say_too_few(struct comparison *comparison, const struct compare_group *a,
                         const struct compare_group *b)
{
    char name[NAME_MAX];
    if (comparison->measure == MEASURE_THRESHOLD) {
        const struct compare_group *without = a->start.unit_count > 0 ? b : a;
        say(comparison, "Not known for %s yet: longpress characterize measures it.",
            text_printable(name, sizeof(name), without->firmware));
        return;
    }
    size_t never =
        compare_never(a, comparison->measure) ? a->samples[comparison->measure].missing : 0;
    if (compare_never(b, comparison->measure) && b->samples[comparison->measure].missing > never) {
        never = b->samples[comparison->measure].missing;
    }
    if (never >= COMPARE_RUNS_MIN) {
        say(comparison, "There is nothing to compare, and more runs will not help:");
        return;
    }
    size_t known_a = compare_known(a, comparison->measure);
    size_t known_b = compare_known(b, comparison->measure);
    size_t more_a = known_a < COMPARE_RUNS_MIN ? COMPARE_RUNS_MIN - known_a : 0;
    size_t more_b = known_b < COMPARE_RUNS_MIN ? COMPARE_RUNS_MIN - known_b : 0;
    say(comparison,
        "Too few runs to say anything (at least %d of each are needed): ", COMPARE_RUNS_MIN);
    if (more_a > 0) {
        say(comparison, "%zu more of %s", more_a, text_printable(name, sizeof(name), a->firmware));
    }
    if (more_b > 0) {
        say(comparison, "%s%zu more of %s", more_a > 0 ? " and " : "", more_b,
            text_printable(name, sizeof(name), b->firmware));
    }
    say(comparison, ".");
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
        say(comparison, ", beyond the limit of %s", units_duration_format(limit, limit_ns));
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
        measures[measure].same, a, units_duration_format(limit, limit_ns),
        amount(difference, measure, comparison->estimate), amount(low, measure, comparison->low),
        amount(high, measure, comparison->high));
}

/* How many more runs it takes, if what it looks like is true. */
static void say_more_runs(struct comparison *comparison, bool several_units, int64_t limit_ns)
{
    enum measure measure = comparison->measure;
    if (measure == MEASURE_THRESHOLD || measure == MEASURE_BEYOND) {
        say(comparison, several_units ? "Characterize more units to find out."
                                      : "Characterize with a finer --precision to find out.");
    } else if (comparison->more_a > 0) {
        say(comparison,
            "If that is the true difference, about %zu more %s%s of each would show it.",
            comparison->more_a, comparison->more_units ? "unit" : "run",
            comparison->more_a == 1 ? "" : "s");
    } else if (measure == MEASURE_PASS_RATE) {
        say(comparison, "No number of runs can show that two rates are equal.");
    } else if (limit_ns == 0) {
        say(comparison, "Only within a --limit can they be shown to be the same.");
    } else {
        say(comparison,
            "If that is the true difference, not even %d more %s of each would show it.",
            COMPARE_FORESEEN_MAX, comparison->more_units ? "units" : "runs");
    }
}

static void say_open(struct comparison *comparison, const char *a, const char *b,
                     bool several_units, int64_t limit_ns)
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
            "No difference between %s and %s is visible yet: %s%s (95 %% interval %s to %s). ", a,
            b, amount(difference, measure, comparison->estimate), unit_of(measure),
            amount(low, measure, comparison->low), amount(high, measure, comparison->high));
    } else {
        say(comparison, "It is not clear yet whether %s %s than %s", b,
            more ? measures[measure].more : measures[measure].less, a);
        if (limited) {
            say(comparison, " by more than %s", units_duration_format(limit, limit_ns));
        }
        say(comparison, ": the difference appears to be ");
        say_by(comparison, more);
        say(comparison, "; probability %s. ",
            chance(p, more ? comparison->p_more : 1 - comparison->p_more));
    }
    say_more_runs(comparison, several_units, limit_ns);
}

/* Units differ: one of each shows nothing. */
static void say_unknown(struct comparison *comparison, const char *a, const char *b)
{
    char difference[NAME_MAX];
    enum measure measure = comparison->measure;
    bool one_each = comparison->units_a == 1 && comparison->units_b == 1;
    say(comparison,
        "This does not show whether %s differs from %s: the difference appears to be %s%s, but "
        "%s%s%s, and units differ. Run both versions on the same unit (--unit), or each on two "
        "or more units.",
        b, a, amount(difference, measure, comparison->estimate), unit_of(measure),
        one_each ? "each ran on one unit only" : "there is only one unit of ",
        one_each                   ? ""
        : comparison->units_a == 1 ? a
                                   : b,
        one_each ? " (as far as units are named)" : "");
}

/* The numbers alone would conclude, and what they do not hold forbids it. */
static bool is_forbidden(const struct comparison *comparison, double limit)
{
    return comparison->low > limit || comparison->high < -limit ||
           (limit > 0 && comparison->low >= -limit && comparison->high <= limit);
}

static void say_forbidden(struct comparison *comparison, const char *a, const char *b)
{
    enum measure measure = comparison->measure;
    char difference[NAME_MAX];
    char low[NAME_MAX];
    char high[NAME_MAX];
    say(comparison,
        "This does not show whether %s differs from %s, although the difference is %s (95 %% "
        "interval %s to %s): ",
        b, a, amount(difference, measure, comparison->estimate),
        amount(low, measure, comparison->low), amount(high, measure, comparison->high));
    if (comparison->may_exceed || comparison->may_fall_short) {
        say(comparison, "runs that never showed %s could be later by any amount.",
            measures[measure].what);
    } else {
        say(comparison, "in most runs of %s it could not be observed.",
            comparison->unseen_b ? b : a);
    }
}

/* "was never seen in 10 of 10 runs of 2.6" */
static void say_came(struct comparison *comparison, const struct compare_group *group)
{
    const struct compare_sample *sample = &group->samples[comparison->measure];
    bool never = compare_never(group, comparison->measure);
    char name[NAME_MAX];
    say(comparison, "%s in %zu of %zu runs of %s", never ? "was never seen" : "was seen",
        never ? sample->missing : sample->count, sample->missing + sample->count,
        text_printable(name, sizeof(name), group->firmware));
}

/* What never happens has no delay. */
static void say_never(struct comparison *comparison, const struct compare_group *a,
                      const struct compare_group *b)
{
    const char *what = measures[comparison->measure].what;
    bool more = comparison->conclusion == COMPARE_MORE;
    char p[NAME_MAX];
    say(comparison, "%c%s ", what[0] >= 'a' && what[0] <= 'z' ? what[0] - 'a' + 'A' : what[0],
        what + 1);
    say_came(comparison, compare_never(b, comparison->measure) ? b : a);
    say(comparison, ", and ");
    say_came(comparison, compare_never(b, comparison->measure) ? a : b);
    if (comparison->conclusion != COMPARE_OPEN) {
        say(comparison, "; probability %s",
            chance(p, more ? comparison->p_more : 1 - comparison->p_more));
    }
    say(comparison, ". There is no delay to compare.");
}

void compare_say(struct comparison *comparison, const struct compare_group *a,
                 const struct compare_group *b, int64_t limit_ns)
{
    char name_a[NAME_MAX];
    char name_b[NAME_MAX];
    text_printable(name_a, sizeof(name_a), a->firmware);
    text_printable(name_b, sizeof(name_b), b->firmware);
    if (comparison->no_delay) {
        say_never(comparison, a, b);
        return;
    }
    if (comparison->basis == BASIS_UNKNOWN) {
        say_unknown(comparison, name_a, name_b);
        return;
    }
    switch (comparison->conclusion) {
    case COMPARE_MORE:
    case COMPARE_LESS:
        say_differs(comparison, name_a, name_b, limit_ns);
        break;
    case COMPARE_ALIKE:
        say_alike(comparison, name_a, name_b, limit_ns);
        break;
    default:
        if (is_forbidden(comparison,
                         comparison->measure == MEASURE_PASS_RATE ? 0 : (double)limit_ns)) {
            say_forbidden(comparison, name_a, name_b);
        } else {
            const struct compare_threshold *of_a = compare_threshold_of(a, comparison->measure);
            const struct compare_threshold *of_b = compare_threshold_of(b, comparison->measure);
            bool several = of_a && (of_a->unit_count > 1 || of_b->unit_count > 1);
            say_open(comparison, name_a, name_b, several, limit_ns);
        }
        break;
    }
}

/* ---- runs that gave no value -------------------------------------------------------------- */

static void say_runs_of(struct comparison *comparison, const struct compare_group *group)
{
    enum measure measure = comparison->measure;
    const struct compare_sample *sample = &group->samples[measure];
    char name[NAME_MAX];

    text_printable(name, sizeof(name), group->firmware);
    if (sample->missing > 0 && !comparison->no_delay) {
        say(comparison, " %zu of %zu runs of %s never showed %s%s.", sample->missing,
            sample->missing + sample->count + (compare_is_wait(measure) ? 0 : sample->unobserved),
            name, measures[measure].what,
            compare_is_wait(measure)
                ? ""
                : (sample->missing == 1 ? ", and is left out" : ", and are left out"));
    }
    if (sample->unobserved > 0) {
        say(comparison, " In %zu run%s of %s it could not be observed.", sample->unobserved,
            sample->unobserved == 1 ? "" : "s", name);
    }
    size_t asked = sample->count + sample->missing + sample->unobserved;
    if (group->runs > asked) {
        say(comparison, " The profile of %zu run%s of %s did not ask for it.", group->runs - asked,
            group->runs - asked == 1 ? "" : "s", name);
    }
}

/* " 2.3.1: 96 presses of 2 units, 5606 ms to 6398 ms." */
static void say_units(struct comparison *comparison, const struct compare_group *group)
{
    const struct compare_threshold *threshold = compare_threshold_of(group, comparison->measure);
    size_t count = threshold->unit_count;
    char name[NAME_MAX];
    char low[SECONDS_TEXT_MAX];
    char high[SECONDS_TEXT_MAX];

    if (count == 0) {
        return;
    }
    say(comparison, " %s: %zu press%s of %zu unit%s",
        text_printable(name, sizeof(name), group->firmware), threshold->presses,
        threshold->presses == 1 ? "" : "es", count, count == 1 ? "" : "s");
    int64_t low_ns = threshold->units[0].median_ns;
    int64_t high_ns = low_ns;
    for (size_t i = 1; i < count; i++) {
        int64_t median_ns = threshold->units[i].median_ns;
        low_ns = median_ns < low_ns ? median_ns : low_ns;
        high_ns = median_ns > high_ns ? median_ns : high_ns;
    }
    if (count > 1) {
        say(comparison, ", %s to %s", evidence_difference(low, low_ns),
            evidence_difference(high, high_ns));
    }
    say(comparison, ".");
}

/* Of which units it is, where that is not what the heading says of them. */
static void say_basis(struct comparison *comparison)
{
    if (!comparison->has_numbers) {
        return;
    }
    switch (comparison->basis) {
    case BASIS_SAME_UNIT:
        say(comparison, " One unit ran both.");
        break;
    case BASIS_PAIRED:
        say(comparison, " %zu units ran both.", comparison->units_a);
        break;
    case BASIS_UNITS:
        say(comparison, " It compares %zu units with %zu.", comparison->units_a,
            comparison->units_b);
        break;
    case BASIS_UNKNOWN:
        break;
    }
}

void compare_say_runs(struct comparison *comparison, const struct compare_group *a,
                      const struct compare_group *b)
{
    char difference[NAME_MAX];
    char until[SECONDS_TEXT_MAX];
    enum measure measure = comparison->measure;

    say_basis(comparison);
    if (measure == MEASURE_PASS_RATE || comparison->conclusion == COMPARE_NOTHING) {
        return;
    }
    if (compare_threshold_of(a, measure)) {
        say_units(comparison, a);
        say_units(comparison, b);
        return;
    }
    say_runs_of(comparison, a);
    say_runs_of(comparison, b);
    if (comparison->has_numbers && comparison->until_ns > 0 && !comparison->no_delay) {
        say(comparison, " Runs that never showed it count as %s, when watching ended",
            evidence_seconds(until, comparison->until_ns));
        if (comparison->has_shown) {
            say(comparison, "; among the runs that showed it, the means differ by %s",
                amount(difference, measure, comparison->shown));
        }
        say(comparison, ".");
    }
}
