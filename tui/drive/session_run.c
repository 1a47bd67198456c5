/* A run in a bay, from the order to its end, one step at a time. */
#include "tui/drive/session_internal.h"

#include "hardware/sim/random.h"
#include "hardware/sim/sim_port.h"
#include "hardware/station/station_port.h"
#include "rig/base/clock.h"
#include "tui/drive/bench_session.h"

#include <stdio.h>
#include <string.h>

/* ---- what the run loop asks ---- */

static void heard(void *context, const struct port_event *event)
{
    struct bay *bay = context;
    bay_hear(bay, event);
    if (event->kind == PORT_RADIO && event->radio == RADIO_ABSENT) {
        snprintf(bay->run.radio.what, sizeof(bay->run.radio.what), "no radio: %s", event->text);
        snprintf(
            bay->run.radio.todo, sizeof(bay->run.radio.todo),
            "expectations that need the radio will be inconclusive; `longpress doctor` says more");
    }
}

static void grown(void *context, const struct timeline *timeline, size_t first_new)
{
    (void)timeline;
    (void)first_new;
    bay_changed(context);
}

static bool answer_first(void *context, struct engine *engine, const struct question *question)
{
    const struct bay *bay = context;
    const struct bay_order *order = &bay->run.order;

    if (station_question_input(bay->setup.station, question->name) >= 0) {
        return false;
    }
    for (size_t i = 0; i < order->answer_count; i++) {
        if (strcmp(order->answer_names[i], question->name) == 0) {
            return engine_answer(engine, bay_now_ns(bay), question->name, order->answer_values[i],
                                 ANSWER_BY_OPTION);
        }
    }
    return false;
}

static void ask(void *context, struct engine *engine, const struct question *question)
{
    struct bay *bay = context;
    (void)engine;
    bay->run.asked = question;
    bay_changed(bay);
}

/* ---- beginning ---- */

static const char *copy(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static const char *const *copies(struct arena *arena, const char *const *texts, size_t count)
{
    const char **own = arena_array(arena, count + 1, sizeof(*own));
    for (size_t i = 0; i < count; i++) {
        own[i] = arena_strdup(arena, texts[i]);
    }
    return own;
}

static void copy_order(struct bay_run *run, const struct bay_order *order)
{
    struct arena *arena = &run->arena;
    run->order = *order;
    run->order.unit = copy(arena, order->unit);
    run->order.unit_firmware = copy(arena, order->unit_firmware);
    run->order.gtin = copy(arena, order->gtin);
    run->order.address = copy(arena, order->address);
    run->order.batch = copy(arena, order->batch);
    run->order.accept_hazards = copies(arena, order->accept_hazards, order->accept_count);
    run->order.done = copies(arena, order->done, order->done_count);
    run->order.answer_names = copies(arena, order->answer_names, order->answer_count);
    run->order.answer_values = copies(arena, order->answer_values, order->answer_count);
}

/* Drops what is left of the last run. */
void bay_run_forget(struct bay *bay)
{
    plan_free(bay->run.plan);
    timeline_free(&bay->run.timeline);
    engine_free(bay->run.engine);
    arena_free(&bay->run.arena);
    memset(&bay->run, 0, sizeof(bay->run));
}

/* The unit that is in the station, or is put in for this run. */
static int simulate_unit(struct bay *bay, struct diags *diags)
{
    struct port *port = bay->port;
    struct bay_firmware *firmware = bay->in;
    struct port_event event;

    if (!firmware) {
        const struct bay_order *order = &bay->run.order;
        firmware = bay_firmware_of(bay, diags, order->profile->model, order->unit);
        if (!firmware) {
            return -1;
        }
        sim_port_put(port, firmware->firmware, 0,
                     ++bay->seed + sim_chances_of(bay->run.order.unit));
        int64_t now_ns = port->ops->now(port);
        while (port->ops->next(port, now_ns, &event)) {
            bay_hear(bay, &event);
        }
    }
    sim_port_begin(port);
    bay->run.record.sim_firmware = firmware->text;
    return 0;
}

static void set_radio(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    struct radio_setup radio = at_hand_radio(run->plan);
    radio.address = run->order.address;
    radio.done = run->order.done;
    radio.done_count = run->order.done_count;
    station_port_radio(bay->port, bay->setup.station->adapter ? &radio : NULL);
}

static void make_record(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    const struct bay_order *order = &run->order;
    const struct run_place place = {
        .bench = bay->setup.bench,
        .bench_name = bay->setup.bench_name,
        .station = bay->setup.station,
        .unit = order->unit,
        .unit_firmware = order->unit_firmware,
        .sim_firmware = run->record.sim_firmware,
    };
    run->record = run_record(&place, run->plan, &run->timeline, &run->judgement);
}

int bay_start(struct bay *bay, const struct bay_order *order, struct diags *diags)
{
    const struct station *station = bay->setup.station;
    struct plan_choices choices = {.accept_hazards = order->accept_hazards,
                                   .accept_count = order->accept_count,
                                   .steady_ns = order->steady_ns,
                                   .without_bond = order->without_bond,
                                   .gtin = order->gtin};
    struct bay_run *run = &bay->run;
    int8_t levels[BENCH_INPUTS_MAX];

    if ((bay->state != BAY_IDLE && bay->state != BAY_OVER) || !bay->port || bay->trial_ns ||
        bay->broken || bay->jog || bay->down) {
        return diag_error(diags, station->place, "wait until it is free",
                          "station `%s` cannot start a run now%s%s", station->name,
                          bay->trouble.what[0] ? ": " : "", bay->trouble.what);
    }
    struct plan *plan = plan_make(diags, order->profile, order->procedure, bay->setup.bench,
                                  station, &choices, NULL);
    if (!plan) {
        return -1;
    }
    bay_run_forget(bay);
    bay->state = BAY_IDLE;
    run->plan = plan;
    copy_order(run, order);
    if (bay->setup.bench->simulated && simulate_unit(bay, diags) != 0) {
        bay_run_forget(bay);
        bay_changed(bay);
        return -1;
    }
    if (!bay->setup.bench->simulated) {
        set_radio(bay);
    }
    make_record(bay);
    timeline_init(&run->timeline);
    run_levels(bay->port, station, levels);
    run->engine =
        engine_new(plan, &run->timeline, bay->port->ops->now(bay->port), clock_wall_ns(), levels);
    run->hooks = (struct run_hooks){
        .context = bay, .heard = heard, .watch = grown, .answer_first = answer_first, .ask = ask};
    run->run = (struct run){
        .engine = run->engine, .port = bay->port, .timeline = &run->timeline, .hooks = &run->hooks};
    bay->state = BAY_RUNNING;
    bay_record_begin(bay);
    bay_changed(bay);
    return 0;
}

/* ---- going on ---- */

static void finish(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    run->record.end = engine_end(run->engine);
    run->record.timeline = &run->timeline;
    bay_record_end(bay);
    if (!bay->port->simulated) {
        station_port_radio(bay->port, NULL);
    }
    engine_free(run->engine);
    run->engine = NULL;
    run->asked = NULL;
    run->radio = (struct bay_words){.what = ""};
    bay->state = BAY_OVER;
    bay_changed(bay);
}

/* The run's time starts now: time spent on the disk does not count, or the first press would be
 * overdue. */
static void begin_anew(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    int8_t levels[BENCH_INPUTS_MAX];

    timeline_reset(&run->timeline);
    run_levels(bay->port, bay->setup.station, levels);
    engine_restart(run->engine, run->plan, &run->timeline, bay->port->ops->now(bay->port),
                   clock_wall_ns(), levels);
}

/* Nothing is done until the journal has the run's start; events meanwhile go to the engine, since
 * they may end the run. True while waiting. */
static bool is_held(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    struct port *port = bay->port;
    struct port_event event;

    if (!run->held) {
        return false;
    }
    int64_t now_ns = port->ops->now(port);
    while (!bay->broken && port->ops->next(port, now_ns, &event)) {
        bay_hear(bay, &event);
        engine_event(run->engine, &event);
    }
    if (bay->broken) {
        run->held = false;
    } else if (bay_record_begun(bay)) {
        run->held = false;
        begin_anew(bay);
    }
    if (!run->held) {
        bay_changed(bay);
    }
    return run->held;
}

void bay_run_step(struct bay *bay)
{
    struct bay_run *run = &bay->run;

    if (is_held(bay)) {
        return;
    }
    enum engine_phase before = engine_phase(run->engine);
    run->due_ns = run_step(&run->run);
    if (run->asked && engine_question(run->engine) != run->asked) {
        run->asked = NULL;
        bay_changed(bay);
    }
    if (engine_phase(run->engine) != before) {
        bay_changed(bay);
    }
    bay_record_look(bay);
    if (engine_done(run->engine)) {
        finish(bay);
    }
}

int64_t bay_run_due_ns(struct bay *bay)
{
    int64_t record_ns = bay_record_due_ns(bay);
    int64_t run_ns = bay->run.held ? INT64_MAX : port_poll_ns(bay->port, bay->run.due_ns);
    return run_ns < record_ns ? run_ns : record_ns;
}

void bay_let_go(struct bay *bay)
{
    if (bay->port) {
        bay->port->ops->release(bay->port);
    }
}

void bay_release(struct bay *bay, const char *why)
{
    bay_let_go(bay);
    if (bay->run.engine) {
        /* For an engine that was never stepped, only its release command is carried out. */
        bay->run.held = false;
        engine_abort(bay->run.engine, run_hold(&bay->run.run), why);
        bay_run_step(bay);
    }
    bay_changed(bay);
}

bool bay_nobody(struct bay *bay)
{
    if (!bay->run.engine || !engine_nobody(bay->run.engine, run_hold(&bay->run.run))) {
        return false;
    }
    bay_run_step(bay);
    bay_changed(bay);
    return true;
}

const struct question *bay_question(const struct bay *bay)
{
    return bay->run.asked;
}

bool bay_answer(struct bay *bay, const char *answer)
{
    struct bay_run *run = &bay->run;
    if (!run->engine || !run->asked ||
        !engine_answer(run->engine, run_hold(&run->run), run->asked->name, answer,
                       ANSWER_BY_OPERATOR)) {
        return false;
    }
    run->asked = NULL;
    bay_changed(bay);
    bay_run_step(bay);
    return true;
}

void bay_dismiss(struct bay *bay)
{
    if (bay->state == BAY_OVER) {
        bay_run_forget(bay);
        bay->state = bay->port && !bay->trial_ns ? BAY_IDLE : BAY_CLOSED;
        bay_changed(bay);
    }
}

/* ---- for display ---- */

const struct record *bay_record(const struct bay *bay)
{
    return bay->run.plan ? &bay->run.record : NULL;
}

const struct plan *bay_plan(const struct bay *bay)
{
    return bay->run.plan;
}

int64_t bay_watch_left_ns(const struct bay *bay)
{
    int64_t until_ns = bay->run.engine ? engine_watch_until_ns(bay->run.engine) : INT64_MIN;
    int64_t now_ns = bay_now_ns(bay);
    return until_ns > now_ns && until_ns != INT64_MAX ? until_ns - now_ns : 0;
}

enum engine_phase bay_phase(const struct bay *bay)
{
    return bay->run.engine ? engine_phase(bay->run.engine) : PHASE_DONE;
}
