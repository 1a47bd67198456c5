#include "tui/task/learn_series.h"

#include "rig/base/units.h"
#include "tui/cli/command.h"
#include "tui/cli/run_filter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEFT_TEXT_MAX = 32 };

/* In virtual time nothing needs to rest. */
static bool is_virtual(const struct learn_series *series)
{
    return series->series.bench_session->bench->simulated && series->series.rate == 0;
}

/* ---- progress ----------------------------------------------------------------------------- */

/* "4:05", "1:02:09". */
static const char *left_text(char out[LEFT_TEXT_MAX], int64_t left_ns)
{
    int64_t s = (left_ns + NS_PER_S - 1) / NS_PER_S;
    if (s >= 3600) {
        snprintf(out, LEFT_TEXT_MAX, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60),
                 (int)(s % 60));
    } else {
        snprintf(out, LEFT_TEXT_MAX, "%d:%02d", (int)(s / 60), (int)(s % 60));
    }
    return out;
}

/* How much longer the whole series takes if the next run starts in `rest_ns`. */
static int64_t series_left_ns(const struct learn_series *series, int64_t rest_ns)
{
    int64_t runs = (int64_t)(series->wanted - series->count);
    return rest_ns + runs * series->plan->longest_ns + (runs - 1) * series->rest_ns;
}

/* Prints one line about the run that has just ended. */
static void tell_run(const struct learn_series *series, const struct judgement *judgement)
{
    char pattern[PATTERN_TEXT_MAX];
    printf("run %zu of %zu: LED %s%s\n", series->count, series->wanted,
           judgement->led_watched ? pattern_format(pattern, &judgement->led_seen) : "not watched",
           judgement->led_truncated ? " ..." : "");
    fflush(stdout);
}

/* A run takes a while and prints nothing meanwhile. */
static void tell_begun(const struct learn_series *series)
{
    char one[LEFT_TEXT_MAX];
    char all[LEFT_TEXT_MAX];
    if (isatty(STDERR_FILENO) && !is_virtual(series)) {
        fprintf(stderr, "run %zu of %zu starts: at most %s; about %s left in total\n",
                series->count + 1, series->wanted, left_text(one, series->plan->longest_ns),
                left_text(all, series_left_ns(series, 0)));
    }
}

static void wait_text(const void *context, int64_t left_ns, char text[SERIES_WAIT_TEXT_MAX])
{
    char next[LEFT_TEXT_MAX];
    char all[LEFT_TEXT_MAX];

    snprintf(text, SERIES_WAIT_TEXT_MAX, "next run in %s; about %s left", left_text(next, left_ns),
             left_text(all, series_left_ns(context, left_ns)));
}

/* Wait until the next run may start. False if a signal came first. */
static bool rest(struct learn_series *series)
{
    char next[LEFT_TEXT_MAX];
    char all[LEFT_TEXT_MAX];

    if (!isatty(STDERR_FILENO)) {
        printf("rest of %s before the next run; about %s left\n", left_text(next, series->rest_ns),
               left_text(all, series_left_ns(series, series->rest_ns)));
        fflush(stdout);
    }
    series->series.wait_text = wait_text;
    series->series.wait_context = series;
    bool rested = series_wait(&series->series, series->rest_ns, "");
    if (!rested) {
        fprintf(stderr, "longpress learn: %s\n", series->series.stopped);
    }
    return rested;
}

int64_t learn_series_rest_ns(const struct plan *plan, int64_t cooldown_ns)
{
    int64_t rest_ns = cooldown_ns;
    for (size_t i = 0; i < plan->action_count; i++) {
        for (size_t a = 0; a < plan->station->actuator_count; a++) {
            const struct actuator *actuator = &plan->station->actuators[a];
            if ((plan->actions[i].actuators & (UINT32_C(1) << a)) &&
                actuator->duty_percent_x100 < 10000 && actuator->duty_window_ns > rest_ns) {
                rest_ns = actuator->duty_window_ns;
            }
        }
    }
    return rest_ns;
}

/* ---- one run ------------------------------------------------------------------------------ */

static int not_whole(const struct learn_series *series, const struct judgement *judgement,
                     struct diags *diags)
{
    char where[32];
    snprintf(where, sizeof(where), "run %zu", series->count + 1);
    diag_error(diags, place_of(where),
               judgement->next[0] ? judgement->next : "fix this; --resume continues from here",
               "it did not complete, so nothing can be learned from it: %.300s", judgement->reason);
    return judge_verdict_exit_status(judgement->verdict);
}

static int one_run(struct learn_series *series, struct diags *diags)
{
    const struct console *console = series->series.console;

    /* A healthy unit is not the same to the nanosecond each time, so neither is the simulated one.
     */
    series->series.bench_session->seed = series->count;
    series->series.runs = (int)series->count;
    tell_begun(series);
    struct series_run *run = series_run(&series->series, diags, series->plan);
    if (!run) {
        return EXIT_BENCH;
    }
    series->made[series->made_count++] = run;
    if (console->unanswered[0]) {
        console_unanswered(console, diags);
        return EXIT_USAGE;
    }
    /* Nothing is claimed, so only a run that did not complete has another verdict. */
    if (run->judgement.verdict != VERDICT_INCONCLUSIVE) {
        return not_whole(series, &run->judgement, diags);
    }
    series->runs[series->count++] =
        (struct learn_run){.timeline = &run->timeline, .end = run->record.end};
    tell_run(series, &run->judgement);
    return EXIT_DONE;
}

int learn_series_run(struct learn_series *series, struct diags *diags)
{
    while (series->count < series->wanted) {
        bool rests = series->count > 0 && !is_virtual(series) && series->rest_ns > 0;
        int status = EXIT_ABORTED;
        if (!rests || rest(series)) {
            status = one_run(series, diags);
        }
        if (status != EXIT_DONE) {
            return status;
        }
    }
    return EXIT_DONE;
}

/* ---- earlier runs ------------------------------------------------------------------------- */

/* Did it run with the same profile text, on the same station, to its end, and is it stored intact?
 */
static bool fits(const struct learn_series *series, const struct whole_run *run)
{
    const struct bench_session *bench_session = series->series.bench_session;
    const struct profile *asked = series->plan->profile;
    return run->about.state == KEPT_DONE && run->about.verdict == VERDICT_INCONCLUSIVE &&
           run->about.pulses_unkept == 0 && run->stored.end == END_COMPLETE &&
           run->about.simulated == bench_session->bench->simulated && run->about.station &&
           strcmp(run->about.station, bench_session->station->name) == 0 && run->profile_text &&
           run->profile_length == asked->text_length &&
           memcmp(run->profile_text, asked->text, run->profile_length) == 0;
}

static int take_earlier(struct learn_series *series, struct diags *diags, int64_t number)
{
    struct whole_run *run = journal_load(series->reader, diags, number);
    if (!run) {
        return -1;
    }
    if (!fits(series, run)) {
        printf("run %" PRId64 " of the journal does not match: left out\n", number);
        journal_whole_run_free(run);
        return 0;
    }
    printf("run %zu of %zu: run %" PRId64 " of the journal\n", series->count + 1, series->wanted,
           number);
    series->earlier[series->earlier_count++] = run;
    series->runs[series->count++] =
        (struct learn_run){.timeline = &run->stored.timeline, .end = run->stored.end};
    return 0;
}

/* Runs of another unit, or of this one with another firmware, do not count. */
static bool is_ours(const struct learn_series *series, const struct kept_run *run)
{
    const struct bench_session *bench_session = series->series.bench_session;
    if (journal_kept_run_is_of(run, bench_session->unit, series->series.unit_firmware,
                               bench_session->firmware_text)) {
        return true;
    }
    printf("run %" PRId64 " of the journal is of unit %s, firmware %s%s%s: left out\n", run->number,
           run->unit ? run->unit : "(no serial given)",
           run->unit_firmware ? run->unit_firmware : "(not given)",
           run->sim_firmware ? ", simulated: " : "", run->sim_firmware ? run->sim_firmware : "");
    return false;
}

struct numbers {
    int64_t *items;
    size_t count;
    size_t room;
};

static int list_runs(const struct learn_series *series, struct diags *diags,
                     struct numbers *numbers)
{
    struct run_filter filter = {
        .model = series->plan->profile->model,
        .procedure = series->series.kept_as->name,
        .batch = series->series.name,
        .verdicts = 1U << VERDICT_INCONCLUSIVE,
        .reality = series->series.bench_session->bench->simulated ? FILTER_SIMULATED : FILTER_REAL,
    };
    struct run_list *list = journal_run_list_open(series->reader, diags, &filter);
    const struct kept_run *run;

    while (list && (run = journal_run_list_next(list))) {
        if (!is_ours(series, run)) {
            continue;
        }
        if (numbers->count == numbers->room) {
            numbers->room = numbers->room ? 2 * numbers->room : LEARN_RUNS_MAX;
            numbers->items = xrealloc_array(numbers->items, numbers->room, sizeof(*numbers->items));
        }
        numbers->items[numbers->count++] = run->number;
    }
    return list ? journal_run_list_close(list, diags) : -1;
}

int learn_series_resume(struct learn_series *series, struct diags *diags)
{
    struct arena arena = ARENA_INIT;
    struct numbers numbers = {.items = NULL};
    struct run_choice choice = {.journal = series->series.journal};
    choice.filter.reality =
        series->series.bench_session->bench->simulated ? FILTER_SIMULATED : FILTER_REAL;
    const char *path = run_choice_path(&choice, diags, &arena);
    series->reader = path ? journal_reader_open(diags, path) : NULL;
    int failed = series->reader ? list_runs(series, diags, &numbers) : -1;

    for (size_t i = 0; i < numbers.count && series->count < series->wanted && !failed; i++) {
        failed = take_earlier(series, diags, numbers.items[i]);
    }
    free(numbers.items);
    arena_free(&arena);
    return failed;
}

void learn_series_close(struct learn_series *series)
{
    for (size_t i = 0; i < series->made_count; i++) {
        series_run_free(series->made[i]);
    }
    for (size_t i = 0; i < series->earlier_count; i++) {
        journal_whole_run_free(series->earlier[i]);
    }
    journal_reader_close(series->reader);
}
