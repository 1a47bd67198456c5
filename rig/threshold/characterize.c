#include "rig/threshold/characterize_internal.h"

#include "rig/base/units.h"
#include "rig/threshold/threshold_fit.h"
#include "rig/threshold/threshold_linear.h"
#include "rig/timeline/evidence.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t PAUSE_NS = 600 * NS_PER_S;
static const int64_t MARGIN_LEAST_NS = 100 * NS_PER_MS;

/* ---- the ranges -------------------------------------------------------------------------------
 */

struct plan *characterize_plan(struct characterize *series, struct diags *diags, int64_t hold_ns)
{
    const struct characterize_setup *setup = &series->setup;
    /* A unit that is not got back is the series' own affair (is_unpaired). */
    struct plan_choices choices = {.without_bond = true,
                                   .accept_hazards = setup->accept_hazards,
                                   .accept_count = setup->accept_count};
    series->steps[series->varied].for_ns = hold_ns;
    return plan_make(diags, setup->profile, &series->variant, setup->bench, setup->station,
                     &choices, NULL);
}

/* Would the proof allow this hold? Of what it says to that, the first sentence into *why. */
static bool is_provable(struct characterize *series, int64_t hold_ns, const char **why)
{
    struct diags diags = DIAGS_INIT;
    struct plan *plan = characterize_plan(series, &diags, hold_ns);
    bool provable = plan != NULL;
    if (plan) {
        series->correction_ns = plan->actions[plan->last_step_action].energise_ns - hold_ns;
    } else if (why) {
        *why = arena_strdup(&series->arena, diags.count ? diags.items[0].what : "?");
    }
    plan_free(plan);
    diags_clear(&diags);
    return provable;
}

/* Of the whole milliseconds from `good_ns`, which is provable, to `bad_ns`: the last before it
 * ceases to be. All rules that limit a hold do so from some length on, or up to one. */
static int64_t provable_up_to(struct characterize *series, int64_t good_ns, int64_t bad_ns,
                              const char **why)
{
    if (is_provable(series, bad_ns, why)) {
        return bad_ns;
    }
    while (llabs(bad_ns - good_ns) > NS_PER_MS) {
        int64_t middle_ns = (good_ns + bad_ns) / 2 / NS_PER_MS * NS_PER_MS;
        if (middle_ns == good_ns || middle_ns == bad_ns) {
            break;
        }
        *(is_provable(series, middle_ns, why) ? &good_ns : &bad_ns) = middle_ns;
    }
    return good_ns;
}

int characterize_find_ranges(struct characterize *series, struct diags *diags, struct place place)
{
    const struct characterize_setup *setup = &series->setup;
    int64_t claimed_ns = setup->procedure->steps[series->varied].for_ns;
    int64_t longer_ns =
        series->longer ? series->longer->steps[characterize_last_hold(series->longer)].for_ns : 0;
    int64_t high_ns = claimed_ns + claimed_ns / 2;

    /* An error of the plan at the claimed hold is one of every run. */
    struct plan_choices choices = {.accept_hazards = setup->accept_hazards,
                                   .accept_count = setup->accept_count};
    struct plan *plan = plan_make(diags, setup->profile, setup->procedure, setup->bench,
                                  setup->station, &choices, NULL);
    if (!plan) {
        return -1;
    }
    plan_free(plan);
    if (series->longer &&
        ((setup->to_ns && setup->to_ns <= longer_ns) || !is_provable(series, longer_ns, NULL))) {
        series->longer = NULL;
    }
    if (series->longer) {
        high_ns = longer_ns + longer_ns / 4;
    }
    series->sought = (struct hold_range){
        .low_ns = setup->from_ns ? setup->from_ns : claimed_ns / 4 / NS_PER_MS * NS_PER_MS,
        .high_ns = setup->to_ns ? setup->to_ns : high_ns / NS_PER_MS * NS_PER_MS,
    };
    if (series->sought.low_ns >= series->sought.high_ns) {
        return diag_error(diags, place, "make the range start before it ends",
                          "the requested range of holds is empty");
    }
    /* The claimed hold may be outside of the range that was asked for. */
    int64_t good_ns = claimed_ns;
    if (good_ns > series->sought.high_ns) {
        good_ns = provable_up_to(series, good_ns, series->sought.high_ns, &series->closed_above);
    } else if (good_ns < series->sought.low_ns) {
        good_ns = provable_up_to(series, good_ns, series->sought.low_ns, &series->closed_above);
    }
    if (good_ns < series->sought.low_ns || good_ns > series->sought.high_ns) {
        return diag_error(diags, place, "choose another range",
                          "no hold in the requested range may be tried: %s", series->closed_above);
    }
    series->closed_above = NULL;
    series->allowed = (struct hold_range){
        .low_ns = provable_up_to(series, good_ns, series->sought.low_ns, &series->closed_below),
        .high_ns = provable_up_to(series, good_ns, series->sought.high_ns, &series->closed_above),
    };
    return 0;
}

/* A threshold outside of what may be tried is possible too: else one would be found in it in any
 * case. How much of the range that was asked for may not be tried at all says nothing of where the
 * threshold is. */
static struct hold_range prior_of(struct hold_range allowed)
{
    int64_t margin_ns = (allowed.high_ns - allowed.low_ns) / 4;
    margin_ns = margin_ns > MARGIN_LEAST_NS ? margin_ns : MARGIN_LEAST_NS;
    struct hold_range prior = {allowed.low_ns - margin_ns, allowed.high_ns + margin_ns};
    prior.low_ns = prior.low_ns > 0 ? prior.low_ns : 0;
    prior.high_ns = prior.high_ns < DURATION_MAX_NS ? prior.high_ns : DURATION_MAX_NS;
    return prior;
}

static const struct procedure *pairing_of(const struct profile *profile)
{
    for (size_t i = 0; i < profile->procedure_count; i++) {
        if (profile->procedures[i].kind == KIND_PAIRING) {
            return &profile->procedures[i];
        }
    }
    return NULL;
}

/* ---- beginning ---------------------------------------------------------------------------------
 */

static int check_procedure(struct characterize *series, struct diags *diags, struct place place)
{
    const struct procedure *procedure = series->setup.procedure;
    int hold = characterize_last_hold(procedure);
    size_t evidence = 0;

    for (size_t i = 0; i < procedure->expect_count; i++) {
        evidence += characterize_is_evidence(&procedure->expect[i]);
    }
    if (hold < 0) {
        return diag_error(diags, place, "choose a procedure that ends with one",
                          "`%s` does not end with a hold: there is no length to vary",
                          procedure->name);
    }
    if (evidence == 0) {
        return diag_error(diags, place, "choose a procedure that claims one of them",
                          "`%s` claims no LED pattern, lost link or refused key: nothing shows "
                          "whether it started",
                          procedure->name);
    }
    if (characterize_needs_bond(procedure) && !series->setup.station->adapter) {
        return diag_error(diags, series->setup.station->place, "name its adapter in the bench file",
                          "station `%s` has no Bluetooth adapter: the unit cannot be paired again "
                          "between presses",
                          series->setup.station->name);
    }
    series->varied = (size_t)hold;
    return 0;
}

struct characterize *characterize_new(struct diags *diags, const struct characterize_setup *setup)
{
    struct characterize *series = xcalloc(sizeof(*series));
    char title[200];

    snprintf(title, sizeof(title), "%s %s", setup->profile->model, setup->procedure->name);
    series->setup = *setup;
    if (check_procedure(series, diags, place_of(title)) != 0) {
        goto failed;
    }
    series->longer = characterize_longer_of(setup, series->varied);
    series->pairing = pairing_of(setup->profile);
    characterize_make_variant(series); /* for the plan; its windows when the range is known */
    if (characterize_find_ranges(series, diags, place_of(title)) != 0) {
        goto failed;
    }
    characterize_make_variant(series);
    struct threshold_setup search = threshold_default;
    search.prior = prior_of(series->allowed);
    search.allowed[0] = series->allowed;
    search.allowed_count = 1;
    search.precision_ns = setup->precision_ns;
    search.max_presses = setup->max_presses;
    series->window = threshold_window_new(diags, &search, series->longer != NULL);
    if (!series->window) {
        goto failed;
    }
    if (setup->step_ns) {
        int sweep =
            threshold_linear_sweep(diags, &search, &series->sought, setup->step_ns, setup->repeats);
        if (sweep < 0) {
            goto failed;
        }
        series->sweep = sweep * setup->repeats;
    }
    return series;
failed:
    characterize_free(series);
    return NULL;
}

void characterize_free(struct characterize *series)
{
    if (series) {
        threshold_window_free(series->window);
        free(series->presses);
        arena_free(&series->arena);
        free(series);
    }
}

const struct procedure *characterize_procedure(const struct characterize *series)
{
    return &series->variant;
}

const struct procedure *characterize_pairing(const struct characterize *series)
{
    return series->pairing;
}

/* ---- what a press was worth
 * ---------------------------------------------------------------------- */

/* How long the button was down: 0 when it was not, or nobody knows. */
static int64_t held_ns(const struct characterize *series, const struct timeline *timeline)
{
    uint32_t anchor = evidence_anchor_press(&series->variant);
    int64_t pressed_ns = 0;
    int64_t released_ns = 0;

    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        if (entry->press == anchor && entry->kind == ENTRY_PRESSED) {
            pressed_ns = entry->at_ns;
        } else if (entry->press == anchor && entry->kind == ENTRY_RELEASED) {
            released_ns = entry->at_ns;
        }
    }
    int64_t hold_ns = released_ns - pressed_ns - series->correction_ns;
    return pressed_ns && released_ns && hold_ns > 0 ? hold_ns : 0;
}

/* The radio did not get the unit back. What the unit does is then not what it does otherwise: it
 * may be off, or still show what the last reset began. */
static bool is_unpaired(const struct characterize *series, const struct timeline *timeline)
{
    const struct entry *entry;
    size_t i = 0;
    bool paired = !characterize_needs_bond(&series->variant);

    while (!paired && (entry = timeline_next(timeline, ENTRY_RADIO, &i))) {
        paired = entry->code == RADIO_READY && (entry->value & READY_PAIRED);
    }
    return !paired;
}

static void vote(const struct judgement *judgement, struct characterize_press *press)
{
    int yes = 0;
    int no = 0;
    const char *unseen = NULL;

    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        if (!characterize_is_evidence(finding->expectation)) {
            continue;
        }
        bool other_light =
            finding->expectation->kind == EXPECT_LED && judgement->led_seen.count > 0;
        yes += finding->result == RESULT_PASS;
        no += finding->result == RESULT_FAIL && !other_light;
        unseen = finding->result == RESULT_INCONCLUSIVE ? finding->reason : unseen;
    }
    press->counts = yes != no;
    press->outcome = yes > no ? HOLD_RESET : HOLD_NOTHING;
    if (!press->counts) {
        snprintf(press->why, sizeof(press->why), "%s%s%s",
                 yes ? "the observations contradict each other"
                     : "nothing observed shows whether it started",
                 unseen ? ": " : "", unseen ? unseen : "");
    }
}

/* Did it go beyond? Without a LED that can be read, nobody knows. */
static void look_beyond(struct characterize *series, const struct sensors *sensors,
                        const struct timeline *timeline, struct characterize_press *press)
{
    struct judgement *judgement = xcalloc(sizeof(*judgement));
    judge(series->setup.profile, &series->longer_variant, sensors, timeline, END_COMPLETE,
          judgement);
    const struct finding *led = &judgement->findings[0];
    if (led->result == RESULT_PASS) {
        press->outcome = HOLD_BEYOND;
    } else if (led->result != RESULT_FAIL && press->outcome == HOLD_RESET) {
        press->counts = false;
        snprintf(press->why, sizeof(press->why), "it is not known which reset it was: %s",
                 led->reason);
    }
    free(judgement);
}

static struct characterize_press *new_press(struct characterize *series)
{
    if (series->count == series->capacity) {
        series->capacity = series->capacity ? 2 * series->capacity : 64;
        series->presses =
            xrealloc_array(series->presses, series->capacity, sizeof(*series->presses));
    }
    struct characterize_press *press = &series->presses[series->count++];
    memset(press, 0, sizeof(*press));
    return press;
}

const struct characterize_press *characterize_take(struct characterize *series,
                                                   const struct sensors *sensors,
                                                   const struct timeline *timeline,
                                                   enum run_end end, int64_t run,
                                                   struct judgement *judgement)
{
    struct characterize_press *press = new_press(series);

    judge(series->setup.profile, &series->variant, sensors, timeline, end, judgement);
    press->verdict = judgement->verdict;
    press->run = run;
    press->hold_ns = held_ns(series, timeline);
    press->unpaired = is_unpaired(series, timeline);
    if (end != END_COMPLETE || press->hold_ns == 0) {
        snprintf(press->why, sizeof(press->why), "%s", judgement->reason);
        return press;
    }
    vote(judgement, press);
    if (press->unpaired) {
        press->counts = false;
        snprintf(press->why, sizeof(press->why),
                 "the unit was not paired again before this press, which proves nothing");
    }
    if (series->longer && press->counts) {
        look_beyond(series, sensors, timeline, press);
    }
    if (press->counts) {
        if (!threshold_window_add(series->window, press->hold_ns, press->outcome)) {
            press->counts = false;
            snprintf(press->why, sizeof(press->why), "the search can take no more presses");
        }
        series->counted += press->counts;
    }
    return press;
}

void characterize_set_run(struct characterize *series, int64_t run)
{
    assert(series->count > 0);
    series->presses[series->count - 1].run = run;
}

/* A whole sweep is as precise as it can be. */
static bool is_swept(const struct threshold *search)
{
    struct threshold_estimate estimate;
    struct threshold_fit fit;

    threshold_estimate(search, &estimate);
    threshold_fit(search, &fit);
    return estimate.closed <= 0.5 && fit.odd == FIT_GOOD;
}

bool characterize_found(const struct characterize *series)
{
    const struct threshold *searches[] = {characterize_start(series), characterize_end(series)};
    bool complete = series->sweep && !characterize_open(series);
    for (size_t i = 0; i < 2 && searches[i]; i++) {
        if (threshold_state(searches[i]) != THRESHOLD_PRECISE &&
            !(complete && is_swept(searches[i]))) {
            return false;
        }
    }
    return true;
}

const char *characterize_words(const struct characterize *series)
{
    bool swept = series->sweep && !characterize_open(series);
    return swept ? "is complete"
                 : threshold_state_words(threshold_state(characterize_start(series)));
}

bool characterize_open(const struct characterize *series)
{
    return series->sweep ? series->counted < series->sweep : threshold_window_open(series->window);
}

int64_t characterize_next_ns(const struct characterize *series)
{
    return series->sweep
               ? threshold_linear_hold_ns(threshold_setup(characterize_start(series)),
                                          &series->sought, series->setup.step_ns, series->counted)
               : threshold_window_next_ns(series->window);
}

struct threshold_forecast characterize_forecast(const struct characterize *series)
{
    int left = series->sweep - series->counted;
    return series->sweep ? (struct threshold_forecast){left, left, left, left, 0, true}
                         : threshold_window_forecast(series->window);
}

bool characterize_paused(int attempt_before, int attempt, int64_t rest_ns)
{
    return attempt <= attempt_before || rest_ns > PAUSE_NS;
}

void characterize_pause(struct characterize *series)
{
    threshold_window_pause(series->window);
}

size_t characterize_count(const struct characterize *series)
{
    return series->count;
}

const struct characterize_press *characterize_press(const struct characterize *series, size_t i)
{
    assert(i < series->count);
    return &series->presses[i];
}

int characterize_counted(const struct characterize *series)
{
    return series->counted;
}

const struct threshold *characterize_start(const struct characterize *series)
{
    return threshold_window_start(series->window);
}

const struct threshold *characterize_end(const struct characterize *series)
{
    return threshold_window_end(series->window);
}

const char *characterize_beyond(const struct characterize *series)
{
    return series->longer ? series->longer->name : NULL;
}

struct hold_range characterize_allowed(const struct characterize *series)
{
    return series->allowed;
}

struct hold_range characterize_sought(const struct characterize *series)
{
    return series->sought;
}

const char *characterize_closed_above(const struct characterize *series)
{
    return series->closed_above;
}

const char *characterize_closed_below(const struct characterize *series)
{
    return series->closed_below;
}
