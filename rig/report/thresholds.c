#include "rig/report/thresholds.h"

#include "rig/base/text.h"
#include "rig/threshold/characterize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRESSES_MIN = 5 };

static void take_presses(const struct press_series *presses, struct characterize *series,
                         struct found_threshold *found)
{
    struct judgement *judgement = xcalloc(sizeof(*judgement));
    const struct press *before = NULL;

    for (size_t i = 0; i < presses->count; i++) {
        const struct press *press = &presses->presses[i];
        if (before && characterize_paused(before->attempt, press->attempt,
                                          press->began_ns - before->ended_ns)) {
            characterize_pause(series);
        }
        characterize_take(series, &press->sensors, &press->timeline, END_COMPLETE, press->run,
                          judgement);
        found->last = press->run;
        before = press;
    }
    free(judgement);
}

static void take_results(const struct characterize *series, const struct threshold *search,
                         struct found_threshold *found)
{
    struct threshold_estimate estimate;
    size_t presses = characterize_count(series);

    struct threshold_edges edges = threshold_edges(search);
    struct threshold_fit fit;
    threshold_fit(search, &fit);
    threshold_fit_words(found->odd, &fit);
    if (fit.odd == FIT_GOOD && (edges.slope || edges.lapse)) {
        snprintf(found->odd, sizeof(found->odd), "%s than the model allows",
                 edges.slope ? "the scatter may be larger" : "more holds may be ignored");
    }
    threshold_estimate(search, &estimate);
    found->median_ns = estimate.median_ns;
    found->low_ns = estimate.low_ns;
    found->high_ns = estimate.high_ns;
    for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
        found->posterior.at[i] =
            (double)threshold_quantile_ns(search, ((double)i + 0.5) / POSTERIOR_POINTS);
    }
    found->holds_ns = xrealloc_array(NULL, presses + 1, sizeof(*found->holds_ns));
    found->triggered = xrealloc_array(NULL, presses + 1, sizeof(*found->triggered));
    for (size_t i = 0; i < presses; i++) {
        const struct characterize_press *press = characterize_press(series, i);
        if (press->counts) {
            found->holds_ns[found->count] = press->hold_ns;
            found->triggered[found->count++] =
                found->beyond ? press->outcome == HOLD_BEYOND : press->outcome != HOLD_NOTHING;
        }
    }
}

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(xcalloc(size), text, size);
}

static char *detail_of(const struct report_run *run, bool odd)
{
    struct arena arena = ARENA_INIT;
    bool usual = !run->batch || strcmp(run->batch, CHARACTERIZE_SERIES) == 0;
    /* Without a version of its own the simulated firmware is the label. */
    bool simulated = run->sim_firmware && run->unit_firmware;
    char *detail = copy(arena_printf(&arena, "%s%s%s%s%s%s%s", run->unit ? "unit " : "",
                                     run->unit ? run->unit : "unit not named", odd ? ", odd" : "",
                                     usual ? "" : ", series ", usual ? "" : run->batch,
                                     simulated ? ", " : "", simulated ? run->sim_firmware : ""));
    arena_free(&arena);
    return detail;
}

/* Was one reset seen to become another, at a hold that could be tried? */
static bool has_end(const struct characterize *series)
{
    const struct threshold *end = characterize_end(series);
    for (size_t i = 0; end && i < characterize_count(series); i++) {
        const struct characterize_press *press = characterize_press(series, i);
        if (press->counts && press->outcome == HOLD_BEYOND) {
            return threshold_state(end) != THRESHOLD_CLOSED;
        }
    }
    return false;
}

static void add(struct thresholds *thresholds, const struct found_threshold *like,
                const struct characterize *series, const char *beyond)
{
    thresholds->items =
        xrealloc_array(thresholds->items, thresholds->count + 1, sizeof(*thresholds->items));
    struct found_threshold *found = &thresholds->items[thresholds->count++];
    *found = *like;
    found->procedure = copy(like->procedure);
    found->beyond = beyond ? copy(beyond) : NULL;
    take_results(series, beyond ? characterize_end(series) : characterize_start(series), found);
    found->detail = detail_of(like->first, found->odd[0] != '\0');
}

/* A series that cannot be evaluated is a warning. */
static void find_one(const struct press_series *presses, const struct catalog *catalog,
                     struct found_threshold *found, struct thresholds *thresholds,
                     struct diags *diags)
{
    const struct whole_run *owner = press_series_owner(presses);
    struct diags wrong = DIAGS_INIT;
    const struct profile *profile = catalog_find(catalog, found->first->model, &wrong);
    const struct procedure *procedure =
        profile ? profile_procedure(profile, found->procedure) : NULL;
    struct characterize *series = NULL;

    if (procedure && owner->bench && owner->station) {
        struct characterize_setup setup = {
            .profile = profile,
            .procedure = procedure,
            .bench = owner->bench,
            .station = owner->station,
            .accept_hazards = owner->hazards,
            .accept_count = owner->hazard_count,
            .precision_ns = threshold_default.precision_ns,
            .max_presses = threshold_default.max_presses,
        };
        series = characterize_new(&wrong, &setup);
    }
    if (series) {
        take_presses(presses, series, found);
        if (characterize_counted(series) >= PRESSES_MIN) {
            add(thresholds, found, series, NULL);
            if (has_end(series)) {
                add(thresholds, found, series, characterize_beyond(series));
            }
        }
    } else {
        diag_warning(diags, place_of(found->first->procedure), NULL,
                     "the threshold of %s is left out: %s", report_firmware(found->first),
                     wrong.count > 0 ? wrong.items[0].what
                                     : "its bench or procedure is no longer known");
    }
    characterize_free(series);
    diags_clear(&wrong);
}

static void mark_superseded(struct thresholds *thresholds)
{
    for (size_t i = 0; i < thresholds->count; i++) {
        struct found_threshold *found = &thresholds->items[i];
        for (size_t j = 0; j < thresholds->count; j++) {
            const struct found_threshold *other = &thresholds->items[j];
            found->superseded =
                found->superseded ||
                (press_series_same_unit(found->first, other->first) &&
                 text_same(found->beyond, other->beyond) && other->last > found->last);
        }
    }
}

struct thresholds thresholds_find(const struct presses *presses, const struct catalog *catalog,
                                  struct diags *diags)
{
    struct thresholds thresholds = {.items = NULL};

    for (size_t i = 0; i < presses->count; i++) {
        const struct press_series *series = &presses->series[i];
        size_t length = characterize_claimed_length(series->first->procedure);
        struct found_threshold found = {.first = series->first, .procedure = xcalloc(length + 1)};
        memcpy(found.procedure, series->first->procedure, length);
        find_one(series, catalog, &found, &thresholds, diags);
        free(found.procedure);
    }
    mark_superseded(&thresholds);
    return thresholds;
}

void thresholds_free(struct thresholds *thresholds)
{
    for (size_t i = 0; i < thresholds->count; i++) {
        struct found_threshold *found = &thresholds->items[i];
        free(found->procedure);
        free(found->beyond);
        free(found->detail);
        free(found->holds_ns);
        free(found->triggered);
    }
    free(thresholds->items);
    *thresholds = (struct thresholds){.items = NULL};
}

struct threshold_row threshold_row(const struct found_threshold *found, const char *label)
{
    return (struct threshold_row){.label = label,
                                  .detail = found->detail,
                                  .holds_ns = found->holds_ns,
                                  .triggered = found->triggered,
                                  .count = found->count,
                                  .posterior = &found->posterior,
                                  .median_ns = found->median_ns,
                                  .low_ns = found->low_ns,
                                  .high_ns = found->high_ns};
}
