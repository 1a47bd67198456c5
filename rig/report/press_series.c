#include "rig/report/press_series.h"

#include "rig/base/text.h"
#include "rig/threshold/characterize.h"

#include <stdlib.h>
#include <string.h>

bool press_series_is_press(const struct report_run *run)
{
    return characterize_claimed_length(run->procedure) > 0;
}

bool press_series_same_unit(const struct report_run *a, const struct report_run *b)
{
    return report_same_kind(a, b) && text_same(a->unit, b->unit) &&
           text_same(a->sim_firmware, b->sim_firmware);
}

static struct press_series *series_of(struct presses *presses, const struct report_run *run)
{
    for (size_t i = 0; i < presses->count; i++) {
        const struct report_run *first = presses->series[i].first;
        if (press_series_same_unit(first, run) && text_same(first->batch, run->batch)) {
            return &presses->series[i];
        }
    }
    presses->series = xrealloc_array(presses->series, presses->count + 1, sizeof(*presses->series));
    struct press_series *series = &presses->series[presses->count++];
    *series = (struct press_series){.first = run};
    return series;
}

static void add(struct presses *presses, struct press_series *series, const struct whole_run *whole)
{
    if (series->count == series->room) {
        series->room = series->room ? 2 * series->room : 16;
        series->presses = xrealloc_array(series->presses, series->room, sizeof(*series->presses));
    }
    struct press *press = &series->presses[series->count++];
    *press = (struct press){
        .run = whole->about.number,
        .attempt = whole->about.attempt,
        .began_ns = whole->about.began_ns,
        .ended_ns = whole->about.began_ns + whole->about.duration_ns,
        .sensors = whole->stored.sensors,
    };
    if (press->sensors.unit_firmware) {
        press->sensors.unit_firmware = arena_strdup(&presses->arena, press->sensors.unit_firmware);
    }
    timeline_copy(&press->timeline, &whole->stored.timeline);
}

bool press_series_visit(void *context, const struct journal_runs *runs,
                        const struct report_run *run, struct whole_run *whole)
{
    struct presses *presses = context;

    (void)runs;
    if (!press_series_is_press(run) || !report_has_verdict(run)) {
        return false;
    }
    struct press_series *series = series_of(presses, run);
    if (whole->stored.end == END_COMPLETE) {
        add(presses, series, whole);
    }
    if (!series->begun) {
        series->begun = whole;
    } else {
        journal_whole_run_free(series->latest);
        series->latest = whole;
    }
    return true;
}

const struct whole_run *press_series_owner(const struct press_series *series)
{
    const struct whole_run *latest = series->latest;
    return latest && latest->hazard_count > series->begun->hazard_count ? latest : series->begun;
}

void press_series_free(struct presses *presses)
{
    for (size_t i = 0; i < presses->count; i++) {
        struct press_series *series = &presses->series[i];
        for (size_t j = 0; j < series->count; j++) {
            timeline_free(&series->presses[j].timeline);
        }
        free(series->presses);
        journal_whole_run_free(series->begun);
        journal_whole_run_free(series->latest);
    }
    free(presses->series);
    arena_free(&presses->arena);
    *presses = (struct presses){.series = NULL};
}
