#include "tui/screen/last_verdicts.h"

#include "rig/base/clock.h"
#include "rig/base/units.h"
#include "rig/journal/journal_read.h"
#include "tui/screen/app.h"

#include <stdio.h>
#include <string.h>

static void read_station(struct app *app, struct journal_reader *reader, struct diags *diags,
                         size_t i)
{
    const struct run_filter filter = {
        .station = session_station(app->sessions[i])->name,
        .verdicts = (1U << VERDICT_PASS) | (1U << VERDICT_FAIL) | (1U << VERDICT_INCONCLUSIVE) |
                    (1U << VERDICT_ABORTED) | (1U << VERDICT_ERROR),
        .reality = app->setup->bench->simulated ? FILTER_SIMULATED : FILTER_REAL,
        .limit = 1,
        .latest_first = true,
    };
    struct run_list *list = journal_run_list_open(reader, diags, &filter);
    const struct kept_run *run = list ? journal_run_list_next(list) : NULL;
    /* A station with the same name on another bench is a different one. */
    if (run && run->bench && strcmp(run->bench, app->setup->bench_name) == 0) {
        struct last_verdict *past = &app->past[i];
        int64_t ago_ns = clock_wall_ns() - run->began_ns - run->duration_ns;
        past->has = true;
        past->verdict = run->verdict;
        past->ended_ns = clock_mono_ns() - (ago_ns > 0 ? ago_ns : 0);
        snprintf(past->what, sizeof(past->what), "%s %s%s%s", run->model, run->procedure,
                 run->unit ? " " : "", run->unit ? run->unit : "");
    }
    journal_run_list_close(list, diags);
}

void last_verdicts_read(struct app *app)
{
    struct diags diags = DIAGS_INIT;
    if (!app->setup->journal) {
        return;
    }
    struct journal_reader *reader = journal_reader_open(&diags, app->setup->journal_path);
    for (size_t i = 0; reader && i < app->session_count; i++) {
        read_station(app, reader, &diags, i);
    }
    journal_reader_close(reader);
    /* History and thresholds report that the journal cannot be read; a card just stays empty. */
    diags_clear(&diags);
}
