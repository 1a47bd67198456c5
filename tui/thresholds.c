#include "tui/thresholds.h"

#include "rig/characterize.h"

#include <stdlib.h>
#include <string.h>

enum { PRESSES_MIN = 5 };

bool thresholds_is_press(const struct report_run *run)
{
    return characterize_claimed_length(run->procedure) > 0;
}

static bool is_first(const struct report_run *all, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (report_has_verdict(&all[i]) && report_same_kind(&all[i], &all[index])) {
            return false;
        }
    }
    return true;
}

static void add_unit(struct found_threshold *found, const char *unit)
{
    for (size_t i = 0; i < found->unit_count; i++) {
        if (strcmp(found->units[i], unit) == 0) {
            return;
        }
    }
    found->units = xrealloc_array(found->units, found->unit_count + 1, sizeof(*found->units));
    found->units[found->unit_count++] = unit;
}

/* Add the presses of all runs of the kind that `first` is of. */
static void take_runs(struct journal_runs *runs, struct characterize *series,
                      struct found_threshold *found)
{
    const struct report_run *all = journal_runs_all(runs);
    struct judgement *judgement = xcalloc(sizeof(*judgement));
    for (size_t i = 0; i < journal_runs_count(runs); i++) {
        if (!report_has_verdict(&all[i]) || !report_same_kind(&all[i], found->first)) {
            continue;
        }
        const struct whole_run *whole = journal_runs_load(runs, all[i].number);
        if (whole && whole->stored.end == END_COMPLETE) {
            characterize_take(series, &whole->stored.eyes, &whole->stored.timeline,
                              whole->stored.end, all[i].number, judgement);
            if (all[i].unit) {
                add_unit(found, all[i].unit);
            }
        }
    }
    free(judgement);
}

static void take_results(const struct characterize *series, struct found_threshold *found)
{
    const struct threshold *search = characterize_start(series);
    struct threshold_estimate estimate;
    size_t presses = characterize_count(series);

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
            found->triggered[found->count++] = press->outcome != HOLD_NOTHING;
        }
    }
}

/* False when there is no telling, which is a warning. */
static bool find_one(struct journal_runs *runs, const struct catalog *catalog,
                     const struct whole_run *owner, struct found_threshold *found,
                     struct diags *diags)
{
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
        take_runs(runs, series, found);
    }
    bool enough = series && characterize_counted(series) >= PRESSES_MIN;
    if (enough) {
        take_results(series, found);
    } else if (!series) {
        diag_warning(diags, place_of(found->first->procedure), NULL,
                     "the threshold of %s is left out: %s", report_firmware(found->first),
                     wrong.count > 0 ? wrong.items[0].what
                                     : "its bench or its procedure is not known any more");
    }
    characterize_free(series);
    diags_clear(&wrong);
    return enough;
}

static void found_free(struct found_threshold *found)
{
    free(found->procedure);
    free(found->holds_ns);
    free(found->triggered);
    free(found->units);
}

struct thresholds thresholds_find(struct journal_runs *runs, const struct catalog *catalog,
                                  struct diags *diags)
{
    const struct report_run *all = journal_runs_all(runs);
    struct thresholds thresholds = {.items = NULL};

    for (size_t i = 0; i < journal_runs_count(runs); i++) {
        size_t length = characterize_claimed_length(all[i].procedure);
        if (length == 0 || !report_has_verdict(&all[i]) || !is_first(all, i)) {
            continue;
        }
        struct whole_run *owner = journal_runs_take(runs, all[i].number);
        if (!owner) {
            continue;
        }
        struct found_threshold found = {.first = &all[i], .procedure = xcalloc(length + 1)};
        memcpy(found.procedure, all[i].procedure, length);
        if (find_one(runs, catalog, owner, &found, diags)) {
            thresholds.items =
                xrealloc_array(thresholds.items, thresholds.count + 1, sizeof(*thresholds.items));
            thresholds.items[thresholds.count++] = found;
        } else {
            found_free(&found);
        }
        whole_run_free(owner);
    }
    return thresholds;
}

void thresholds_free(struct thresholds *thresholds)
{
    for (size_t i = 0; i < thresholds->count; i++) {
        found_free(&thresholds->items[i]);
    }
    free(thresholds->items);
    *thresholds = (struct thresholds){.items = NULL};
}

struct svg_threshold_row threshold_row(const struct found_threshold *found, const char *label)
{
    return (struct svg_threshold_row){.label = label,
                                      .holds_ns = found->holds_ns,
                                      .triggered = found->triggered,
                                      .count = found->count,
                                      .posterior = &found->posterior,
                                      .median_ns = found->median_ns,
                                      .low_ns = found->low_ns,
                                      .high_ns = found->high_ns};
}
