/* Prints a series as text, line by line, and as JSON. */
#include "rig/base/units.h"
#include "rig/format/json.h"
#include "rig/threshold/threshold_fit.h"
#include "tui/print/print_run.h"
#include "tui/print/print_threshold.h"
#include "tui/task/characterize_task.h"
#include "tui/term/style.h"

#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    TIME_TEXT_MAX = 32,
    LEFT_TEXT_MAX = 160,
    SPAN_TEXT_MAX = 32,
    SIMULATED_WIDTH = 11,
    WHY_INDENT = 15, /* where a press's line goes on after its hold */
    GUESS_FROM = 10, /* presses before which nobody knows how many it takes */
};

/* "6.412 s". */
static const char *seconds(char out[TIME_TEXT_MAX], int64_t ns)
{
    int64_t ms = (ns + NS_PER_MS / 2) / NS_PER_MS;
    snprintf(out, TIME_TEXT_MAX, "%" PRId64 ".%03" PRId64 " s", ms / 1000, ms % 1000);
    return out;
}

static bool is_precise(const struct threshold *search)
{
    return threshold_state(search) == THRESHOLD_PRECISE;
}

/* Prints which part of the range is excluded, and by which rule. */
static void print_closed(const char *which, const char *why)
{
    char text[CHARACTERIZE_TEXT_MAX];
    if (why) {
        snprintf(text, sizeof(text), "%s holds are excluded: %s", which, why);
        fputs("  ", stdout);
        print_run_wrapped(text, 2, 4, stdout);
    }
}

void characterize_print_heading(const struct characterize_task *it)
{
    struct style style = style_of(stdout);
    struct hold_range allowed = characterize_allowed(it->series);
    struct hold_range sought = characterize_sought(it->series);
    char safe[256];
    char a[TIME_TEXT_MAX];
    char b[TIME_TEXT_MAX];

    if (it->options.json) {
        return;
    }
    printf("%s%s%s  %s: which hold starts it%s?", style_ink_on(style, INK_BOLD), it->profile->model,
           style_ink_off(style), it->procedure->name,
           characterize_end(it->series) ? ", and which makes it a factory reset" : "");
    if (it->options.unit) {
        printf("  unit %s", text_printable(safe, sizeof(safe), it->options.unit));
    }
    printf("\n  bench %s, station %s",
           text_printable(safe, sizeof(safe), it->bench_session.bench_name),
           it->bench_session.station->name);
    if (it->bench_session.bench->simulated) {
        printf("  %sSIMULATED%s (unit: %s)", style_ink_on(style, INK_SIMULATED),
               style_ink_off(style), it->bench_session.firmware_text);
    }
    printf("\n  searching from %s to %s; holds from ", seconds(a, sought.low_ns),
           seconds(b, sought.high_ns));
    printf("%s to %s are allowed\n", seconds(a, allowed.low_ns), seconds(b, allowed.high_ns));
    print_closed("longer", characterize_closed_above(it->series));
    print_closed("shorter", characterize_closed_below(it->series));
    printf("  cooldown of %s between two presses\n", units_duration_format(safe, it->cooldown_ns));
    if (it->taken_up > 0) {
        printf("  continuing series `%s`: %d presses so far\n",
               text_printable(safe, sizeof(safe), it->options.series), it->taken_up);
    }
    fputc('\n', stdout);
    fflush(stdout);
}

/* "52 min", "1 h 5 min": the time for that many presses, rests included. */
static const char *time_of(char out[SPAN_TEXT_MAX], const struct characterize_task *it, int presses)
{
    int64_t each_ns =
        it->driven > 1 ? it->driven_ns / (int64_t)it->driven : it->cooldown_ns + 60 * NS_PER_S;
    int64_t minutes = (presses * each_ns + 30 * NS_PER_S) / (60 * NS_PER_S);

    if (minutes < 1) {
        snprintf(out, SPAN_TEXT_MAX, "less than a minute");
    } else if (minutes < 60) {
        snprintf(out, SPAN_TEXT_MAX, "%" PRId64 " min", minutes);
    } else {
        snprintf(out, SPAN_TEXT_MAX, "%" PRId64 " h %" PRId64 " min", minutes / 60, minutes % 60);
    }
    return out;
}

static int64_t whole_ms(int64_t ns)
{
    return (ns + NS_PER_MS / 2) / NS_PER_MS;
}

static int64_t asked_ms(const struct characterize_task *it)
{
    return whole_ms(threshold_setup(characterize_start(it->series))->precision_ns);
}

/* "about 6 to 9 more, 40 min to 52 min". False if nothing is left, or if it is not known yet. Says
 * so if the precision cannot be reached. */
static bool how_long(const struct characterize_task *it, char out[LEFT_TEXT_MAX])
{
    struct threshold_forecast left = characterize_forecast(it->series);
    char least[SPAN_TEXT_MAX];
    char most[SPAN_TEXT_MAX];

    int counted = characterize_counted(it->series);

    time_of(least, it, left.least);
    time_of(most, it, left.most);
    if (left.least > left.room) {
        snprintf(out, LEFT_TEXT_MAX,
                 "%" PRId64 " ms cannot be reached with the %d left: about %" PRId64 " ms",
                 asked_ms(it), left.room, whole_ms(left.width_ns));
    } else if (left.most > left.room) {
        snprintf(out, LEFT_TEXT_MAX, "at least %d more, at least %s; maybe more than the %d left",
                 left.least, least, left.room);
    } else if (left.least == left.most) {
        snprintf(out, LEFT_TEXT_MAX, "about %d more, %s", left.least, least);
    } else if (strcmp(least, most) == 0) {
        snprintf(out, LEFT_TEXT_MAX, "about %d to %d more, %s", left.least, left.most, least);
    } else {
        snprintf(out, LEFT_TEXT_MAX, "about %d to %d more, %s to %s", left.least, left.most, least,
                 most);
    }
    struct threshold_estimate estimate;
    threshold_estimate(characterize_start(it->series), &estimate);
    bool outside = estimate.closed > 0.5; /* nothing will become narrow there */
    return characterize_open(it->series) && (left.exact || (counted >= GUESS_FROM && !outside));
}

static void print_interval(const struct threshold *search, const char *name)
{
    struct threshold_estimate estimate;
    char low[TIME_TEXT_MAX];
    char high[TIME_TEXT_MAX];
    threshold_estimate(search, &estimate);
    printf("  %s %s to %s", name, seconds(low, estimate.low_ns), seconds(high, estimate.high_ns));
}

void characterize_print_event(struct characterize_task *it, const struct characterize_press *press)
{
    char hold[TIME_TEXT_MAX];
    char left[LEFT_TEXT_MAX];
    const struct threshold *end = characterize_end(it->series);

    characterize_print_status(it, NULL);
    if (it->options.json) {
        return;
    }
    if (!press->counts) {
        char text[CHARACTERIZE_TEXT_MAX + 32];
        snprintf(text, sizeof(text), "does not count: %s", press->why);
        printf("  -  %8s  ", press->hold_ns ? seconds(hold, press->hold_ns) : "?");
        print_run_wrapped(text, WHY_INDENT, WHY_INDENT, stdout);
        fflush(stdout);
        return;
    }
    printf("%3d  %8s  %-7s", characterize_counted(it->series), seconds(hold, press->hold_ns),
           threshold_outcome_name(press->outcome));
    print_interval(characterize_start(it->series), end ? "starts" : "95 %");
    if (end) {
        print_interval(end, "beyond");
    }
    if (how_long(it, left) && !end) {
        printf("  %s", left);
    }
    fputc('\n', stdout);
    fflush(stdout);
}

void characterize_print_note(struct characterize_task *it, const char *text)
{
    characterize_print_status(it, NULL);
    if (it->options.json) {
        fprintf(stderr, "longpress: %s\n", text);
    } else {
        printf("     %s\n", text);
        fflush(stdout);
    }
}

void characterize_print_status(struct characterize_task *it, const char *text)
{
    struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (!isatty(STDERR_FILENO) || (!text && !it->told_status) || poll(&fd, 1, 0) <= 0) {
        return;
    }
    fprintf(stderr, "\r\033[K%s", text ? text : "");
    it->told_status = text != NULL;
}

void characterize_print_rests(struct characterize_task *it, int64_t left_ns)
{
    char text[200];
    char left[LEFT_TEXT_MAX];
    int64_t seconds_left = (left_ns + NS_PER_S - 1) / NS_PER_S;

    snprintf(text, sizeof(text), "cooldown %" PRId64 ":%02" PRId64 "%s%s", seconds_left / 60,
             seconds_left % 60, how_long(it, left) ? "; " : "", how_long(it, left) ? left : "");
    characterize_print_status(it, text);
}

/* ---- the result --------------------------------------------------------------------------------
 */

static void print_doubt(const char *text)
{
    fputs("  ", stdout);
    print_run_wrapped(text, 2, 4, stdout);
}

/* Why it is less precise than requested, or not credible. */
static void print_doubts(const struct threshold *search)
{
    struct threshold_edges edges = threshold_edges(search);
    struct threshold_forecast left = threshold_forecast(search);
    struct threshold_estimate estimate;
    struct threshold_fit fit;
    char text[THRESHOLD_FIT_TEXT_MAX + 80];
    char words[THRESHOLD_FIT_TEXT_MAX];

    threshold_fit(search, &fit);
    if (fit.odd != FIT_GOOD) {
        snprintf(text, sizeof(text), "odd: %s", threshold_fit_words(words, &fit));
        print_doubt(text);
    }
    if (threshold_state(search) != THRESHOLD_SPENT) {
        return;
    }
    threshold_estimate(search, &estimate);
    int64_t asked_ns = threshold_setup(search)->precision_ns;
    if (estimate.high_ns - estimate.low_ns > asked_ns) {
        snprintf(text, sizeof(text),
                 "the interval is %" PRId64 " ms wide where %" PRId64
                 " ms were requested: that takes about %d to %d more presses",
                 whole_ms(estimate.high_ns - estimate.low_ns), whole_ms(asked_ns), left.least,
                 left.most);
        print_doubt(text);
    } else if (fit.odd == FIT_GOOD && fit.unsure) {
        print_doubt(
            "the threshold may have drifted during the measurement: a few more presses will tell");
    }
    if (edges.slope) {
        print_doubt(
            "the scatter may be larger than the search allows for: do not rely on the interval");
    }
    if (edges.lapse) {
        print_doubt(
            "more holds may be ignored than the search allows for: do not rely on the interval");
    }
}

static void print_outside(const struct threshold_estimate *estimate, struct hold_range allowed,
                          const char *what)
{
    struct style style = style_of(stdout);
    bool above = estimate->median_ns > allowed.high_ns;
    bool sure = estimate->closed >= 0.995;
    char end[TIME_TEXT_MAX];

    printf("%s: %s%s%s than %s%s, outside the allowed holds", what, style_ink_on(style, INK_DOUBT),
           sure ? "" : "probably ", above ? "longer" : "shorter",
           seconds(end, above ? allowed.high_ns : allowed.low_ns), style_ink_off(style));
    if (!sure) {
        printf(" (probability %.0f %%)", 100 * estimate->closed);
    }
    fputc('\n', stdout);
}

static void print_estimate(const struct threshold *search, struct hold_range allowed,
                           const char *what)
{
    struct style style = style_of(stdout);
    struct threshold_estimate estimate;
    char a[TIME_TEXT_MAX];
    char b[TIME_TEXT_MAX];
    char c[TIME_TEXT_MAX];

    threshold_estimate(search, &estimate);
    if (threshold_state(search) == THRESHOLD_CLOSED || estimate.closed > 0.5) {
        print_outside(&estimate, allowed, what);
        return;
    }
    printf("%s: %s%s%s, 95 %% within %s to %s\n", what,
           style_ink_on(style, is_precise(search) ? INK_GOOD : INK_DOUBT),
           seconds(a, estimate.median_ns), style_ink_off(style), seconds(b, estimate.low_ns),
           seconds(c, estimate.high_ns));
    printf("  scatter %" PRId64 " ms (%" PRId64 " to %" PRId64
           "), ignored holds %.1f %% (%.1f to %.1f)\n",
           estimate.slope_ns / NS_PER_MS, estimate.slope_low_ns / NS_PER_MS,
           estimate.slope_high_ns / NS_PER_MS, 100 * estimate.lapse, 100 * estimate.lapse_low,
           100 * estimate.lapse_high);
    if (estimate.closed > 0.01) {
        printf("  with a probability of %.0f %% it is %s than the allowed holds\n",
               100 * estimate.closed,
               threshold_below(search, allowed.low_ns) > estimate.closed / 2 ? "shorter"
                                                                             : "longer");
    }
    print_doubts(search);
}

static void print_text(const struct characterize_task *it)
{
    struct style style = style_of(stdout);
    struct hold_range allowed = characterize_allowed(it->series);
    const struct threshold *start = characterize_start(it->series);
    const struct threshold *end = characterize_end(it->series);
    size_t unclear = characterize_count(it->series) - (size_t)characterize_counted(it->series);
    char safe[256];

    fputc('\n', stdout);
    if (it->bench_session.bench->simulated) {
        printf("%sSIMULATED%s  ", style_ink_on(style, INK_SIMULATED), style_ink_off(style));
    }
    char text[400];
    int counted = characterize_counted(it->series);
    int used = snprintf(text, sizeof(text), "after %d press%s", counted, counted == 1 ? "" : "es");
    if (unclear > 0) {
        used += snprintf(text + used, sizeof(text) - (size_t)used, ", and %zu that did not count",
                         unclear);
    }
    snprintf(text + used, sizeof(text) - (size_t)used, "%s %s",
             it->stopped ? ", stopped by" : ": the search",
             it->stopped ? it->stopped : characterize_words(it->series));
    print_run_wrapped(text, it->bench_session.bench->simulated ? SIMULATED_WIDTH : 0, 2, stdout);
    if (characterize_counted(it->series) == 0) {
        return;
    }
    fputs("\n", stdout);
    print_estimate(start, allowed, end ? "it starts" : "threshold");
    print_threshold_plot(it->series, start, HOLD_RESET, style, stdout);
    if (end) {
        fputc('\n', stdout);
        print_estimate(end, allowed, "it becomes a factory reset");
        print_threshold_plot(it->series, end, HOLD_BEYOND, style, stdout);
    }
    if (characterize_open(it->series) && it->run_journal.journal) {
        printf("\nRepeat the command to continue (series `%s`).\n",
               text_printable(safe, sizeof(safe), it->options.series));
    }
}

static const char *state_name(const struct threshold *search)
{
    static const char *const names[] = {[THRESHOLD_OPEN] = "open",
                                        [THRESHOLD_PRECISE] = "precise",
                                        [THRESHOLD_ODD] = "odd",
                                        [THRESHOLD_SPENT] = "spent",
                                        [THRESHOLD_CLOSED] = "closed"};

    return names[threshold_state(search)];
}

/* No finer than its precision. */
static json_t *time_json(int64_t ns)
{
    return json_put_ms((ns + NS_PER_US / 2) / NS_PER_US * NS_PER_US);
}

static json_t *share_json(double share)
{
    return json_real(round(share * 1e4) / 1e4);
}

static json_t *range_json(struct hold_range range)
{
    json_t *array = json_put_array();
    json_put_new(array, time_json(range.low_ns));
    json_put_new(array, time_json(range.high_ns));
    return array;
}

static json_t *estimate_json(const struct threshold *search)
{
    struct threshold_estimate estimate;
    json_t *object = json_put_object();

    if (!search) {
        json_decref(object);
        return json_null();
    }
    struct threshold_edges edges = threshold_edges(search);
    struct threshold_fit fit;
    char words[THRESHOLD_FIT_TEXT_MAX];
    threshold_fit(search, &fit);
    threshold_estimate(search, &estimate);
    json_put(object, "state", json_put_text(state_name(search)));
    json_put(object, "threshold_ms", time_json(estimate.median_ns));
    json_put(object, "interval_ms",
             range_json((struct hold_range){estimate.low_ns, estimate.high_ns}));
    json_put(object, "slope_ms", time_json(estimate.slope_ns));
    json_put(object, "slope_interval_ms",
             range_json((struct hold_range){estimate.slope_low_ns, estimate.slope_high_ns}));
    json_put(object, "lapse", share_json(estimate.lapse));
    json_put(object, "closed_probability", share_json(estimate.closed));
    json_put(object, "odd",
             json_put_text(fit.odd != FIT_GOOD ? threshold_fit_words(words, &fit) : NULL));
    json_put(object, "slope_at_edge", json_boolean(edges.slope));
    json_put(object, "lapse_at_edge", json_boolean(edges.lapse));
    return object;
}

static void print_json(const struct characterize_task *it)
{
    json_t *object = json_put_object();
    json_t *presses = json_put_array();

    json_put(object, "simulated", json_boolean(it->bench_session.bench->simulated));
    json_put(object, "model", json_put_text(it->profile->model));
    json_put(object, "procedure", json_put_text(it->procedure->name));
    json_put(object, "series", json_put_text(it->options.series));
    json_put(object, "unit", json_put_text(it->options.unit));
    json_put(object, "unit_firmware", json_put_text(it->options.unit_firmware));
    json_put(object, "sim_firmware", json_put_text(it->bench_session.firmware_text));
    json_put(object, "sought_ms", range_json(characterize_sought(it->series)));
    json_put(object, "allowed_ms", range_json(characterize_allowed(it->series)));
    json_put(object, "closed_above", json_put_text(characterize_closed_above(it->series)));
    json_put(object, "closed_below", json_put_text(characterize_closed_below(it->series)));
    json_put(object, "stopped", json_put_text(it->stopped));
    json_put(object, "start", estimate_json(characterize_start(it->series)));
    json_put(object, "end", estimate_json(characterize_end(it->series)));
    for (size_t i = 0; i < characterize_count(it->series); i++) {
        const struct characterize_press *press = characterize_press(it->series, i);
        json_t *item = json_put_object();
        json_put(item, "hold_ms", time_json(press->hold_ns));
        json_put(item, "outcome",
                 json_put_text(press->counts ? threshold_outcome_name(press->outcome) : NULL));
        json_put(item, "why", json_put_text(press->counts ? NULL : press->why));
        json_put(item, "run", press->run ? json_put_int(press->run) : json_null());
        json_put_new(presses, item);
    }
    json_put(object, "presses", presses);
    json_write(object, stdout);
}

void characterize_print_result(struct characterize_task *it)
{
    characterize_print_status(it, NULL);
    if (it->options.json) {
        print_json(it);
    } else {
        print_text(it);
    }
    fflush(stdout);
}
