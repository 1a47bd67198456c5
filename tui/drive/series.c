#include "tui/drive/series.h"

#include "hardware/sim/sim_port.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"
#include "tui/drive/run_journal.h"
#include "tui/drive/single_run.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- the station -------------------------------------------------------------------------- */

static int open_station(struct series *series, struct diags *diags, const struct plan *plan)
{
    struct bench_session *bench_session = series->bench_session;
    struct console *console = series->console;

    if (bench_session->port) {
        sim_port_begin(bench_session->port); /* only a simulated one stays open */
        return 0;
    }
    struct radio_setup radio = bench_session_radio(plan);
    radio.address = series->address;
    if (bench_session_open(bench_session, diags, series->rate, &radio, console->signal_fd) != 0) {
        return -1;
    }
    console->wait_for_answers = console->sorted = bench_session->virtual_time;
    return 0;
}

static void leave_station(struct series *series)
{
    if (!series->bench_session->bench->simulated || series->anew) {
        bench_session_close_port(series->bench_session);
    }
}

static enum run_end drive(struct series *series, const struct plan *plan, struct timeline *timeline,
                          const struct run_hooks *hooks)
{
    enum run_end end = single_run_drive(series->bench_session, plan, timeline, hooks);
    leave_station(series);
    return end;
}

/* Resets the console before a run. */
static struct run_hooks ready_console(struct series *series, const struct record *record,
                                      bool quiet)
{
    struct console *console = series->console;

    console->record = record;
    console->port = series->bench_session->port;
    console->station = series->bench_session->station;
    console->quiet = quiet;
    console->pending = NULL;
    console->shown = 0;
    return console_hooks(console);
}

/* ---- runs --------------------------------------------------------------------------------- */

struct series_run *series_run(struct series *series, struct diags *diags, const struct plan *plan)
{
    struct series_run *run = xcalloc(sizeof(*run));
    struct run_journal run_journal;

    timeline_init(&run->timeline);
    run->record = single_run_record(series->bench_session, plan, series->unit_firmware,
                                    &run->timeline, &run->judgement);
    run->record.procedure = series->kept_as ? series->kept_as : plan->procedure;
    run_journal_open(&run_journal, series->journal, series->bench_session->bench->simulated);
    if (open_station(series, diags, plan) != 0) {
        run_journal_close(&run_journal);
        series_run_free(run);
        return NULL;
    }
    single_run_keep(&run_journal, series->bench_session, &run->record,
                    (struct journal_run){.operator_name = series->operator_name,
                                         .batch = series->name,
                                         .attempt = ++series->runs});
    bool quiet = series->silent || series->quiet || series->bench_session->virtual_time;
    struct run_hooks shown = ready_console(series, &run->record, quiet);
    struct run_hooks hooks = run_journal_hooks(&run_journal, &shown);
    run->record.end = drive(series, plan, &run->timeline, &hooks);
    judge(plan->profile, run->record.procedure, &run->record.sensors, &run->timeline,
          run->record.end, &run->judgement);
    run_journal_finish(&run_journal, &run->record);
    console_flush(series->console, &run->timeline);
    fflush(stdout);
    series->unkept = !run_journal_close(&run_journal) || series->unkept;
    series->console->record = NULL;
    run->number = run_journal.number;
    return run;
}

void series_run_free(struct series_run *run)
{
    if (run) {
        timeline_free(&run->timeline);
        free(run);
    }
}

int series_bring(struct series *series, struct diags *diags, const struct plan *plan,
                 struct timeline *timeline, enum run_end *end)
{
    if (open_station(series, diags, plan) != 0) {
        return -1;
    }
    struct run_hooks hooks = ready_console(series, NULL, true);
    *end = drive(series, plan, timeline, &hooks);
    return 0;
}

/* ---- between them ------------------------------------------------------------------------- */

static bool is_stopped(struct series *series)
{
    const char *signal = console_signalled(series->console->signal_fd);
    series->stopped = signal ? signal : series->stopped;
    return series->stopped != NULL;
}

/* The simulated bench's own time passes; events of its unit are discarded. */
static bool wait_simulated(struct series *series, int64_t wait_ns)
{
    struct port *port = series->bench_session->port;
    int64_t until_ns = port->ops->now(port) + wait_ns;
    struct port_event event;

    while (port->ops->now(port) < until_ns) {
        port->ops->next(port, until_ns, &event);
        if (is_stopped(series)) {
            return false;
        }
    }
    return !is_stopped(series);
}

static void tell_left(const struct series *series, int64_t left_ns, const char *why)
{
    char text[SERIES_WAIT_TEXT_MAX];

    if (series->wait_text) {
        series->wait_text(series->wait_context, left_ns, text);
    } else {
        int64_t left_s = (left_ns + NS_PER_S - 1) / NS_PER_S;
        snprintf(text, sizeof(text), "waiting %" PRId64 ":%02" PRId64 " (%s)", left_s / 60,
                 left_s % 60, why);
    }
    fprintf(stderr, "\r\x1b[K%s", text);
    fflush(stderr);
}

static bool wait_real(struct series *series, int64_t wait_ns, const char *why)
{
    bool tells = !series->silent && isatty(STDERR_FILENO);
    int64_t until_ns = clock_mono_ns() + wait_ns;
    int64_t left_ns;
    bool stopped = false;

    while (!stopped && (left_ns = until_ns - clock_mono_ns()) > 0) {
        struct pollfd fd = {.fd = series->console->signal_fd, .events = POLLIN};
        if (tells) {
            tell_left(series, left_ns, why);
        }
        int64_t nap_ns = left_ns < NS_PER_S ? left_ns : NS_PER_S;
        poll(&fd, 1, (int)(nap_ns / NS_PER_MS) + 1);
        stopped = is_stopped(series);
    }
    if (tells) {
        fputs("\r\x1b[K", stderr);
    }
    return !stopped;
}

bool series_wait(struct series *series, int64_t wait_ns, const char *why)
{
    return series->bench_session->port ? wait_simulated(series, wait_ns)
                                       : wait_real(series, wait_ns, why);
}

void series_close(struct series *series)
{
    bench_session_close_port(series->bench_session);
}

char *series_name(char out[SERIES_NAME_MAX], const char *what, const char *model)
{
    time_t now = time(NULL);
    struct tm utc;
    char stamp[32];

    gmtime_r(&now, &utc);
    strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &utc);
    snprintf(out, SERIES_NAME_MAX, "%s-%s-%s", what, model, stamp);
    return out;
}
