/* A run in a session, from the order to its end, one step at a time. */
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
    struct session *session = context;
    session_hear(session, event);
    if (event->kind == PORT_RADIO && event->radio == RADIO_ABSENT) {
        snprintf(session->run.radio.what, sizeof(session->run.radio.what), "no radio: %s",
                 event->text);
        snprintf(
            session->run.radio.todo, sizeof(session->run.radio.todo),
            "expectations that need the radio will be inconclusive; `longpress doctor` says more");
    }
}

static void grown(void *context, const struct timeline *timeline, size_t first_new)
{
    (void)timeline;
    (void)first_new;
    session_changed(context);
}

static bool answer_first(void *context, struct engine *engine, const struct question *question)
{
    const struct session *session = context;
    const struct session_order *order = &session->run.order;

    if (bench_station_question_input(session->setup.station, question->name) >= 0) {
        return false;
    }
    for (size_t i = 0; i < order->answer_count; i++) {
        if (strcmp(order->answer_names[i], question->name) == 0) {
            return engine_answer(engine, session_now_ns(session), question->name,
                                 order->answer_values[i], ANSWER_BY_OPTION);
        }
    }
    return false;
}

static void ask(void *context, struct engine *engine, const struct question *question)
{
    struct session *session = context;
    (void)engine;
    session->run.asked = question;
    session_changed(session);
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

static void copy_order(struct session_run *run, const struct session_order *order)
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
void session_run_forget(struct session *session)
{
    plan_free(session->run.plan);
    timeline_free(&session->run.timeline);
    engine_free(session->run.engine);
    arena_free(&session->run.arena);
    memset(&session->run, 0, sizeof(session->run));
}

/* The unit that is in the station, or is put in for this run. */
static int simulate_unit(struct session *session, struct diags *diags)
{
    struct port *port = session->port;
    struct session_firmware *firmware = session->in;
    struct port_event event;

    if (!firmware) {
        const struct session_order *order = &session->run.order;
        firmware = session_firmware_of(session, diags, order->profile->model, order->unit);
        if (!firmware) {
            return -1;
        }
        sim_port_put(port, firmware->firmware, 0,
                     ++session->seed + sim_chances_of(session->run.order.unit));
        int64_t now_ns = port->ops->now(port);
        while (port->ops->next(port, now_ns, &event)) {
            session_hear(session, &event);
        }
    }
    sim_port_begin(port);
    session->run.record.sim_firmware = firmware->text;
    return 0;
}

static void set_radio(struct session *session)
{
    struct session_run *run = &session->run;
    struct radio_setup radio = bench_session_radio(run->plan);
    radio.address = run->order.address;
    radio.done = run->order.done;
    radio.done_count = run->order.done_count;
    station_port_radio(session->port, session->setup.station->adapter ? &radio : NULL);
}

static void make_record(struct session *session)
{
    struct session_run *run = &session->run;
    const struct session_order *order = &run->order;
    const struct run_place place = {
        .bench = session->setup.bench,
        .bench_name = session->setup.bench_name,
        .station = session->setup.station,
        .unit = order->unit,
        .unit_firmware = order->unit_firmware,
        .sim_firmware = run->record.sim_firmware,
    };
    run->record = run_record(&place, run->plan, &run->timeline, &run->judgement);
}

int session_start(struct session *session, const struct session_order *order, struct diags *diags)
{
    const struct station *station = session->setup.station;
    struct plan_choices choices = {.accept_hazards = order->accept_hazards,
                                   .accept_count = order->accept_count,
                                   .steady_ns = order->steady_ns,
                                   .without_bond = order->without_bond,
                                   .gtin = order->gtin};
    struct session_run *run = &session->run;
    int8_t levels[BENCH_INPUTS_MAX];

    if ((session->state != SESSION_IDLE && session->state != SESSION_OVER) || !session->port ||
        session->trial_ns || session->broken || session->jog || session->down) {
        return diag_error(diags, station->place, "wait until it is free",
                          "station `%s` cannot start a run now%s%s", station->name,
                          session->trouble.what[0] ? ": " : "", session->trouble.what);
    }
    struct plan *plan = plan_make(diags, order->profile, order->procedure, session->setup.bench,
                                  station, &choices, NULL);
    if (!plan) {
        return -1;
    }
    session_run_forget(session);
    session->state = SESSION_IDLE;
    run->plan = plan;
    copy_order(run, order);
    if (session->setup.bench->simulated && simulate_unit(session, diags) != 0) {
        session_run_forget(session);
        session_changed(session);
        return -1;
    }
    if (!session->setup.bench->simulated) {
        set_radio(session);
    }
    make_record(session);
    timeline_init(&run->timeline);
    run_levels(session->port, station, levels);
    run->engine = engine_new(plan, &run->timeline, session->port->ops->now(session->port),
                             clock_wall_ns(), levels);
    run->hooks = (struct run_hooks){.context = session,
                                    .heard = heard,
                                    .watch = grown,
                                    .answer_first = answer_first,
                                    .ask = ask};
    run->run = (struct run){.engine = run->engine,
                            .port = session->port,
                            .timeline = &run->timeline,
                            .hooks = &run->hooks};
    session->state = SESSION_RUNNING;
    session_record_begin(session);
    session_changed(session);
    return 0;
}

/* ---- going on ---- */

static void finish(struct session *session)
{
    struct session_run *run = &session->run;
    run->record.end = engine_end(run->engine);
    run->record.timeline = &run->timeline;
    session_record_end(session);
    if (!session->port->simulated) {
        station_port_radio(session->port, NULL);
    }
    engine_free(run->engine);
    run->engine = NULL;
    run->asked = NULL;
    run->radio = (struct session_words){.what = ""};
    session->state = SESSION_OVER;
    session_changed(session);
}

/* The run's time starts now: time spent on the disk does not count, or the first press would be
 * overdue. */
static void begin_anew(struct session *session)
{
    struct session_run *run = &session->run;
    int8_t levels[BENCH_INPUTS_MAX];

    timeline_reset(&run->timeline);
    run_levels(session->port, session->setup.station, levels);
    engine_restart(run->engine, run->plan, &run->timeline, session->port->ops->now(session->port),
                   clock_wall_ns(), levels);
}

/* Nothing is done until the journal has the run's start; events meanwhile go to the engine, since
 * they may end the run. True while waiting. */
static bool is_held(struct session *session)
{
    struct session_run *run = &session->run;
    struct port *port = session->port;
    struct port_event event;

    if (!run->held) {
        return false;
    }
    int64_t now_ns = port->ops->now(port);
    while (!session->broken && port->ops->next(port, now_ns, &event)) {
        session_hear(session, &event);
        engine_event(run->engine, &event);
    }
    if (session->broken) {
        run->held = false;
    } else if (session_record_begun(session)) {
        run->held = false;
        begin_anew(session);
    }
    if (!run->held) {
        session_changed(session);
    }
    return run->held;
}

void session_run_step(struct session *session)
{
    struct session_run *run = &session->run;

    if (is_held(session)) {
        return;
    }
    enum engine_phase before = engine_phase(run->engine);
    run->due_ns = run_step(&run->run);
    if (run->asked && engine_question(run->engine) != run->asked) {
        run->asked = NULL;
        session_changed(session);
    }
    if (engine_phase(run->engine) != before) {
        session_changed(session);
    }
    session_record_look(session);
    if (engine_done(run->engine)) {
        finish(session);
    }
}

int64_t session_run_due_ns(struct session *session)
{
    int64_t record_ns = session_record_due_ns(session);
    int64_t run_ns =
        session->run.held ? INT64_MAX : port_poll_ns(session->port, session->run.due_ns);
    return run_ns < record_ns ? run_ns : record_ns;
}

void session_let_go(struct session *session)
{
    if (session->port) {
        session->port->ops->release(session->port);
    }
}

void session_release(struct session *session, const char *why)
{
    session_let_go(session);
    if (session->run.engine) {
        /* For an engine that was never stepped, only its release command is carried out. */
        session->run.held = false;
        engine_abort(session->run.engine, run_hold(&session->run.run), why);
        session_run_step(session);
    }
    session_changed(session);
}

bool session_nobody(struct session *session)
{
    if (!session->run.engine || !engine_nobody(session->run.engine, run_hold(&session->run.run))) {
        return false;
    }
    session_run_step(session);
    session_changed(session);
    return true;
}

const struct question *session_question(const struct session *session)
{
    return session->run.asked;
}

bool session_answer(struct session *session, const char *answer)
{
    struct session_run *run = &session->run;
    if (!run->engine || !run->asked ||
        !engine_answer(run->engine, run_hold(&run->run), run->asked->name, answer,
                       ANSWER_BY_OPERATOR)) {
        return false;
    }
    run->asked = NULL;
    session_changed(session);
    session_run_step(session);
    return true;
}

void session_dismiss(struct session *session)
{
    if (session->state == SESSION_OVER) {
        session_run_forget(session);
        session->state = session->port && !session->trial_ns ? SESSION_IDLE : SESSION_CLOSED;
        session_changed(session);
    }
}

/* ---- for display ---- */

const struct record *session_record(const struct session *session)
{
    return session->run.plan ? &session->run.record : NULL;
}

const struct plan *session_plan(const struct session *session)
{
    return session->run.plan;
}

int64_t session_watch_left_ns(const struct session *session)
{
    int64_t until_ns = session->run.engine ? engine_watch_until_ns(session->run.engine) : INT64_MIN;
    int64_t now_ns = session_now_ns(session);
    return until_ns > now_ns && until_ns != INT64_MAX ? until_ns - now_ns : 0;
}

enum engine_phase session_phase(const struct session *session)
{
    return session->run.engine ? engine_phase(session->run.engine) : PHASE_DONE;
}
