#include "tui/learn_series.h"

#include "hardware/lines.h"
#include "rig/judge.h"
#include "rig/record.h"
#include "rig/run.h"
#include "rig/text.h"
#include "rig/units.h"
#include "tui/command.h"
#include "tui/keeping.h"
#include "tui/places.h"
#include "tui/run_choice.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LEFT_TEXT_MAX = 32 };

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
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

/* What the whole series will yet take, when the next run begins in `rest_ns`. */
static int64_t series_left_ns(const struct learn_series *series, int64_t rest_ns)
{
    int64_t runs = (int64_t)(series->wanted - series->count);
    return rest_ns + runs * series->plan->longest_ns + (runs - 1) * series->rest_ns;
}

/* One line of what was seen in the run that has just ended. */
static void tell_run(const struct learn_series *series, const struct judgement *judgement)
{
    char pattern[PATTERN_TEXT_MAX];
    printf("run %zu of %zu: LED %s%s\n", series->count, series->wanted,
           judgement->led_watched ? pattern_format(pattern, &judgement->led_seen) : "not watched",
           judgement->led_truncated ? " ..." : "");
    fflush(stdout);
}

/* A run takes a while, and says nothing on its way. */
static void tell_begun(const struct learn_series *series)
{
    char one[LEFT_TEXT_MAX];
    char all[LEFT_TEXT_MAX];
    if (isatty(STDERR_FILENO) && !series->at_hand->virtual_time) {
        fprintf(stderr, "run %zu of %zu begins: %s at most; about %s left in all\n",
                series->count + 1, series->wanted, left_text(one, series->plan->longest_ns),
                left_text(all, series_left_ns(series, 0)));
    }
}

/* Wait until the next run may begin. False when a signal came first. */
static bool rest(const struct learn_series *series)
{
    bool terminal = isatty(STDERR_FILENO);
    int64_t until_ns = clock_ns(CLOCK_MONOTONIC) + series->rest_ns;
    char next[LEFT_TEXT_MAX];
    char all[LEFT_TEXT_MAX];

    if (!terminal) {
        printf("rest of %s before the next run; about %s left\n", left_text(next, series->rest_ns),
               left_text(all, series_left_ns(series, series->rest_ns)));
        fflush(stdout);
    }
    for (;;) {
        int64_t left_ns = until_ns - clock_ns(CLOCK_MONOTONIC);
        const char *signal = console_signalled(series->console->signal_fd);
        if (signal || left_ns <= 0) {
            if (terminal) {
                fputs("\r\033[K", stderr);
            }
            if (signal) {
                fprintf(stderr, "longpress learn: %s\n", signal);
            }
            return !signal;
        }
        if (terminal) {
            fprintf(stderr, "\r\033[Knext run in %s; about %s left", left_text(next, left_ns),
                    left_text(all, series_left_ns(series, left_ns)));
        }
        struct pollfd fd = {.fd = series->console->signal_fd, .events = POLLIN};
        poll(&fd, 1, left_ns < NS_PER_S ? (int)(left_ns / NS_PER_MS) + 1 : 1000);
    }
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
               judgement->next[0] ? judgement->next : "see to it; --resume goes on from here",
               "it did not come to its end, and nothing can be learned from it: %.300s",
               judgement->reason);
    return verdict_exit_status(judgement->verdict);
}

static int drive(struct learn_series *series, struct keeping *keeping, struct diags *diags)
{
    struct at_hand *at_hand = series->at_hand;
    struct timeline *timeline = &series->timelines[series->made];
    struct judgement *judgement = xcalloc(sizeof(*judgement));
    struct record record = {
        .version = LONGPRESS_VERSION,
        .simulated = at_hand->port->simulated,
        .bench = at_hand->bench_name,
        .station = at_hand->station->name,
        .unit = at_hand->unit,
        .unit_firmware = series->unit_firmware,
        .sim_firmware = at_hand->firmware_text,
        .profile = series->asked,
        .procedure = series->blank,
        .bench_station = at_hand->station,
        .accepted_hazards = series->plan->accepted,
        .accepted_count = series->plan->accepted_count,
        .eyes = eyes_of_station(at_hand->station),
        .timeline = timeline,
        .judgement = judgement,
    };
    struct journal_run run = {
        .record = &record,
        .operator_name = keeping_operator(series->operator_name),
        .bench_text = at_hand->bench->text,
        .bench_length = at_hand->bench->text_length,
        .batch = series->name,
        .attempt = (int)series->count + 1,
        .libgpiod = lines_library_version(),
    };
    int8_t levels[BENCH_INPUTS_MAX];
    struct console *console = series->console;

    timeline_init(timeline);
    series->made++;
    record.eyes.unit_firmware = series->unit_firmware;
    console->record = &record;
    console->port = at_hand->port;
    console->station = at_hand->station;
    console->pending = NULL;
    tell_begun(series);
    keeping_begin(keeping, &run, at_hand->port);
    run_levels(at_hand->port, at_hand->station, levels);
    struct engine *engine =
        engine_new(series->plan, timeline, at_hand->port->ops->now(at_hand->port),
                   clock_ns(CLOCK_REALTIME), levels);
    struct run_hooks shown = console_hooks(console);
    struct run_hooks hooks = keeping_hooks(keeping, &shown);
    run_drive(engine, at_hand->port, timeline, &hooks);
    record.end = engine_end(engine);
    engine_free(engine);
    at_hand_close_port(at_hand);

    judge(series->asked, series->blank, &record.eyes, timeline, record.end, judgement);
    keeping_finish(keeping, &record);
    /* Nothing is claimed, so nothing but a run that broke off has another verdict. */
    int status = EXIT_DONE;
    if (console->unanswered[0]) {
        console_unanswered(console, diags);
        status = EXIT_USAGE;
    } else if (judgement->verdict != VERDICT_INCONCLUSIVE) {
        status = not_whole(series, judgement, diags);
    } else {
        series->runs[series->count++] = (struct learn_run){.timeline = timeline, .end = record.end};
        tell_run(series, judgement);
    }
    console->record = NULL;
    free(judgement);
    return status;
}

static int one_run(struct learn_series *series, struct diags *diags)
{
    struct at_hand *at_hand = series->at_hand;
    struct radio_setup radio = at_hand_radio(series->plan);
    struct keeping keeping;
    int status = EXIT_BENCH;

    radio.address = series->address;
    /* A healthy unit is not the same to the nanosecond each time; the simulated one neither. */
    at_hand->seed = series->count;
    keeping_open(&keeping, series->journal, at_hand->bench->simulated);
    if (at_hand_open(at_hand, diags, series->rate, &radio, series->console->signal_fd) == 0) {
        series->console->wait_for_answers = at_hand->virtual_time;
        status = drive(series, &keeping, diags);
    }
    keeping_close(&keeping);
    return status;
}

int learn_series_run(struct learn_series *series, struct diags *diags)
{
    bool virtual_time = series->at_hand->bench->simulated && series->rate == 0;
    while (series->count < series->wanted) {
        bool rests = series->count > 0 && !virtual_time && series->rest_ns > 0;
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

/* Was it run with the same text, on the same station, to its end, and kept whole? */
static bool fits(const struct learn_series *series, const struct whole_run *run)
{
    const struct at_hand *at_hand = series->at_hand;
    return run->about.state == KEPT_DONE && run->about.verdict == VERDICT_INCONCLUSIVE &&
           run->about.pulses_unkept == 0 && run->stored.end == END_COMPLETE &&
           run->about.simulated == at_hand->bench->simulated && run->about.station &&
           strcmp(run->about.station, at_hand->station->name) == 0 && run->profile_text &&
           run->profile_length == series->asked->text_length &&
           memcmp(run->profile_text, series->asked->text, run->profile_length) == 0;
}

static int take_earlier(struct learn_series *series, struct diags *diags, int64_t number)
{
    struct whole_run *run = journal_load(series->reader, diags, number);
    if (!run) {
        return -1;
    }
    if (!fits(series, run)) {
        printf("run %" PRId64 " of the journal does not fit: left out\n", number);
        whole_run_free(run);
        return 0;
    }
    printf("run %zu of %zu: run %" PRId64 " of the journal\n", series->count + 1, series->wanted,
           number);
    series->earlier[series->earlier_count++] = run;
    series->runs[series->count++] =
        (struct learn_run){.timeline = &run->stored.timeline, .end = run->stored.end};
    return 0;
}

int learn_series_resume(struct learn_series *series, struct diags *diags)
{
    struct arena arena = ARENA_INIT;
    int64_t numbers[LEARN_RUNS_MAX];
    size_t count = 0;
    int failed = -1;
    struct run_choice choice = {.journal = series->journal};
    struct run_filter filter = {
        .model = series->asked->model,
        .procedure = series->blank->name,
        .unit = series->at_hand->unit,
        .batch = series->name,
        .verdicts = 1U << VERDICT_INCONCLUSIVE,
    };
    choice.filter.reality = series->at_hand->bench->simulated ? FILTER_SIMULATED : FILTER_REAL;
    const char *path = run_choice_path(&choice, diags, &arena);
    series->reader = path ? journal_reader_open(diags, path) : NULL;
    struct run_list *list = series->reader ? run_list_open(series->reader, diags, &filter) : NULL;
    if (list) {
        const struct kept_run *kept;
        while (count < series->wanted && (kept = run_list_next(list))) {
            numbers[count++] = kept->number;
        }
        failed = run_list_close(list, diags);
    }
    for (size_t i = 0; i < count && !failed; i++) {
        failed = take_earlier(series, diags, numbers[i]);
    }
    arena_free(&arena);
    return failed;
}

void learn_series_close(struct learn_series *series)
{
    for (size_t i = 0; i < series->made; i++) {
        timeline_free(&series->timelines[i]);
    }
    for (size_t i = 0; i < series->earlier_count; i++) {
        whole_run_free(series->earlier[i]);
    }
    journal_reader_close(series->reader);
}
