#include "tui/drive/batch_driver.h"

#include "rig/base/arena.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long the simulated operator takes, in the bench's time. */
#define HAND_NS (1500 * NS_PER_MS)

/* When to check again on a simulated operator that is late. */
#define LATE_NS (1 * NS_PER_MS)

enum { ADDRESS_MAX = 24 };

/* What the simulated operator is about to do, where no line reports it. */
enum hand { HAND_AT_REST, HAND_PUTS_IN, HAND_TAKES_OUT };

struct station_state {
    int placed_line;  /* input that says whether something is in; -1: none */
    bool inside;      /* ... what it said last */
    bool running;     /* the run in the session is the batch's */
    bool told_out;    /* that it is out of service, once at least */
    size_t unit;      /* that runs there, or ... */
    size_t hand_unit; /* ... is in the hand */
    enum hand hand;
    int64_t hand_ns;      /* CLOCK_MONOTONIC: to be looked at ... */
    int64_t hand_done_ns; /* ... and the session's clock: when it is done */
};

struct batch_sessions {
    struct batch_bays_setup setup;
    int rate;
    struct batch *batch;
    struct station_state stations[BATCH_STATIONS_MAX];
    char (*addresses)[ADDRESS_MAX]; /* by unit; "" where the radio did not tell */
    size_t address_count;
    struct batch_bays_event *events;
    size_t event_first;
    size_t event_count;
    size_t event_capacity;
};

static struct batch_bays_event *tell(struct batch_sessions *sessions, enum batch_event_kind kind,
                                     int station, size_t unit, const char *text)
{
    if (sessions->event_first == sessions->event_count) {
        sessions->event_first = sessions->event_count = 0;
    }
    if (sessions->event_count == sessions->event_capacity) {
        sessions->event_capacity = sessions->event_capacity ? 2 * sessions->event_capacity : 64;
        sessions->events =
            xrealloc_array(sessions->events, sessions->event_capacity, sizeof(*sessions->events));
    }
    struct batch_bays_event *event = &sessions->events[sessions->event_count++];
    *event = (struct batch_bays_event){.kind = kind, .station = station, .unit = unit};
    snprintf(event->text, sizeof(event->text), "%s", text);
    return event;
}

bool batch_bays_event(struct batch_sessions *sessions, struct batch_bays_event *event)
{
    if (sessions->event_first == sessions->event_count) {
        return false;
    }
    *event = sessions->events[sessions->event_first++];
    return true;
}

/* ---- lines and hands ---- */

/* Does the line say that a unit is in? If unknown, keep the last state. */
static bool line_says(const struct batch_sessions *sessions, size_t i)
{
    const struct station_state *state = &sessions->stations[i];
    if (state->placed_line < 0) {
        return false;
    }
    const struct session *session = sessions->setup.sessions[i];
    int level = scope_level(session_scope(session), (unsigned)state->placed_line);
    const struct input *input = &session_station(session)->inputs[state->placed_line];
    if (level < 0) {
        return state->inside;
    }
    return strcmp(level ? input->when_active : input->when_inactive, "yes") == 0;
}

static void look_at_line(struct batch_sessions *sessions, size_t i, int64_t now_ns)
{
    struct station_state *state = &sessions->stations[i];
    bool inside = line_says(sessions, i);
    if (state->placed_line < 0 || inside == state->inside) {
        return;
    }
    state->inside = inside;
    if (inside) {
        batch_placed(sessions->batch, now_ns, (int)i);
    } else {
        batch_taken_out(sessions->batch, now_ns, (int)i);
    }
}

/* On a simulated bench: somebody does what was asked for. */
static void move_hand(struct batch_sessions *sessions, size_t i, enum hand hand, size_t unit)
{
    struct station_state *state = &sessions->stations[i];
    struct session *session = sessions->setup.sessions[i];
    if (!session_simulated(session)) {
        return;
    }
    session_simulate_hand(session, sessions->setup.profile,
                          hand == HAND_PUTS_IN ? batch_unit(sessions->batch, unit)->serial : NULL,
                          HAND_NS);
    if (state->placed_line < 0) {
        state->hand = hand;
        state->hand_unit = unit;
        state->hand_ns = clock_mono_ns() + HAND_NS / sessions->rate;
        state->hand_done_ns = session_now_ns(session) + HAND_NS;
    }
}

static void look_at_hand(struct batch_sessions *sessions, size_t i, int64_t now_ns)
{
    struct station_state *state = &sessions->stations[i];
    struct session *session = sessions->setup.sessions[i];
    if (state->hand == HAND_AT_REST || state->hand_ns > now_ns) {
        return;
    }
    if (session_now_ns(session) < state->hand_done_ns) {
        state->hand_ns = now_ns + LATE_NS;
        return;
    }
    session_step(session); /* it is done for the session, too */
    enum batch_stage stage = batch_stage(sessions->batch, (int)i);
    const struct batch_unit *on = batch_on(sessions->batch, (int)i);
    const struct batch_unit *unit =
        state->hand_unit == BATCH_NO_UNIT ? NULL : batch_unit(sessions->batch, state->hand_unit);
    enum hand hand = state->hand;
    state->hand = HAND_AT_REST;
    /* Somebody may have scanned it meanwhile. */
    if (hand == HAND_PUTS_IN && stage == BATCH_PLACE && on == unit) {
        batch_placed(sessions->batch, now_ns, (int)i);
    } else if (hand == HAND_TAKES_OUT && stage != BATCH_RUNNING &&
               (stage != BATCH_PLACE && stage != BATCH_COOLDOWN)) {
        batch_taken_out(sessions->batch, now_ns, (int)i);
    }
}

/* ---- runs ---- */

/* The address of the unit of the run that is over. */
static void keep_address(struct batch_sessions *sessions, size_t unit, const char *address)
{
    size_t count = batch_unit_count(sessions->batch);
    if (sessions->address_count < count) {
        sessions->addresses =
            xrealloc_array(sessions->addresses, count, sizeof(*sessions->addresses));
        memset(sessions->addresses + sessions->address_count, 0,
               (count - sessions->address_count) * sizeof(*sessions->addresses));
        sessions->address_count = count;
    }
    if (address[0]) {
        snprintf(sessions->addresses[unit], ADDRESS_MAX, "%s", address);
    }
}

/* Addresses that certainly belong to other units: those of the units run last. */
static size_t other_addresses(const struct batch_sessions *sessions, size_t unit,
                              const char *others[SESSION_DONE_MAX])
{
    size_t count = 0;
    for (size_t u = sessions->address_count; u-- > 0 && count < SESSION_DONE_MAX;) {
        if (u != unit && sessions->addresses[u][0]) {
            others[count++] = sessions->addresses[u];
        }
    }
    return count;
}

static const char *first_error(const struct diags *diags, char *out, size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < diags->count && !out[0]; i++) {
        const struct diag *diag = &diags->items[i];
        if (diag->level == DIAG_ERROR) {
            snprintf(out, size, "%s: %s%s%s", diag->where, diag->what, diag->todo ? "; " : "",
                     diag->todo ? diag->todo : "");
        }
    }
    return out;
}

static void start_run(struct batch_sessions *sessions, const struct batch_command *command)
{
    const struct batch_bays_setup *setup = &sessions->setup;
    struct station_state *state = &sessions->stations[command->station];
    struct session *session = setup->sessions[command->station];
    const char *others[SESSION_DONE_MAX];
    struct diags diags = DIAGS_INIT;
    char text[SESSION_TEXT_MAX];
    const char *serial = batch_unit(sessions->batch, command->unit)->serial;
    struct session_order order = {
        .profile = setup->profile,
        .procedure = setup->procedure,
        .unit = serial,
        .gtin = setup->serials ? serials_gtin(setup->serials, serial) : NULL,
        .address = setup->serials ? serials_address(setup->serials, serial) : NULL,
        .unit_firmware = setup->unit_firmware,
        .accept_hazards = setup->accept_hazards,
        .accept_count = setup->accept_count,
        .steady_ns = setup->steady_ns,
        .without_bond = setup->without_bond,
        .done = others,
        .done_count = other_addresses(sessions, command->unit, others),
        .attempt = command->attempt,
        .batch = setup->name,
        .answer_names = setup->answer_names,
        .answer_values = setup->answer_values,
        .answer_count = setup->answer_count,
    };
    if (session_state(session) == SESSION_OVER) {
        session_dismiss(session);
    }
    if (!session_works(session)) {
        return; /* it is put out of service at once, and the unit is queued again */
    }
    if (session_start(session, &order, &diags) == 0) {
        state->running = true;
        state->unit = command->unit;
        tell(sessions, BATCH_TELL_STARTED, command->station, command->unit, "");
    } else {
        first_error(&diags, text, sizeof(text));
        batch_ended(sessions->batch, clock_mono_ns(), command->station, VERDICT_ERROR, 0, text);
        tell(sessions, BATCH_TELL_REFUSED, command->station, command->unit, text);
    }
    diags_clear(&diags);
}

static void end_run(struct batch_sessions *sessions, size_t i, int64_t now_ns)
{
    struct station_state *state = &sessions->stations[i];
    const struct session *session = sessions->setup.sessions[i];
    const struct judgement *judgement = session_record(session)->judgement;
    int64_t handle = session_journal_handle(session);
    int64_t number =
        sessions->setup.journal && handle ? journal_number(sessions->setup.journal, handle) : 0;

    state->running = false;
    keep_address(sessions, state->unit, session_unit_address(session));
    batch_ended(sessions->batch, now_ns, (int)i, judgement->verdict, number, judgement->reason);
    bool again = batch_stage(sessions->batch, (int)i) == BATCH_COOLDOWN;
    enum batch_event_kind kind = again ? BATCH_TELL_COOLDOWN : BATCH_TELL_VERDICT;
    tell(sessions, kind, (int)i, state->unit, session_notice(session))->journal = handle;
}

/* ---- the sessions' states ---- */

static void put_out(struct batch_sessions *sessions, size_t i, int64_t now_ns)
{
    const struct session *session = sessions->setup.sessions[i];
    char text[SESSION_TEXT_MAX];
    const char *todo = session_todo(session);

    batch_out(sessions->batch, now_ns, (int)i);
    sessions->stations[i].hand = HAND_AT_REST;
    int used = snprintf(text, sizeof(text), "%s", session_trouble(session));
    if (todo[0] && used > 0 && (size_t)used < sizeof(text)) {
        snprintf(text + used, sizeof(text) - (size_t)used, "; %s", todo);
    }
    sessions->stations[i].told_out = true;
    tell(sessions, BATCH_TELL_OUT, (int)i, BATCH_NO_UNIT, text);
}

static void put_in(struct batch_sessions *sessions, size_t i, int64_t now_ns)
{
    struct station_state *state = &sessions->stations[i];
    state->inside = line_says(sessions, i);
    batch_in(sessions->batch, now_ns, (int)i, state->inside);
    if (state->told_out) {
        tell(sessions, BATCH_TELL_IN, (int)i, BATCH_NO_UNIT, "");
    }
}

static void look_at_bay(struct batch_sessions *sessions, size_t i, int64_t now_ns)
{
    struct station_state *state = &sessions->stations[i];
    const struct session *session = sessions->setup.sessions[i];

    if (state->running && session_state(session) == SESSION_OVER) {
        end_run(sessions, i, now_ns);
    }
    if (state->running) {
        look_at_line(sessions, i, now_ns);
        return;
    }
    bool is_out = batch_stage(sessions->batch, (int)i) == BATCH_OUT;
    bool works = session_works(session) && session_state(session) != SESSION_RUNNING;
    if (!is_out && !works) {
        put_out(sessions, i, now_ns);
    } else if (is_out && works) {
        put_in(sessions, i, now_ns);
    } else if (works) {
        look_at_line(sessions, i, now_ns);
        look_at_hand(sessions, i, now_ns);
    }
}

static void obey(struct batch_sessions *sessions, const struct batch_command *command)
{
    size_t i = (size_t)command->station;
    switch (command->kind) {
    case BATCH_DO_PLACE:
        tell(sessions, BATCH_TELL_PLACE, command->station, command->unit, "");
        move_hand(sessions, i, HAND_PUTS_IN, command->unit);
        break;
    case BATCH_DO_RUN:
        start_run(sessions, command);
        break;
    case BATCH_DO_TAKE_OUT:
        tell(sessions, BATCH_TELL_TAKE_OUT, command->station, command->unit, "");
        move_hand(sessions, i, HAND_TAKES_OUT, command->unit);
        break;
    case BATCH_DO_ASK_AGAIN:
        tell(sessions, BATCH_TELL_AGAIN, -1, command->unit, "");
        break;
    }
}

void batch_bays_step(struct batch_sessions *sessions)
{
    struct batch_command command;
    int64_t now_ns = clock_mono_ns();

    for (size_t i = 0; i < sessions->setup.session_count; i++) {
        look_at_bay(sessions, i, now_ns);
    }
    batch_tick(sessions->batch, now_ns);
    while (batch_command(sessions->batch, &command)) {
        obey(sessions, &command);
    }
    /* A run that did not start because its session broke just then. */
    for (size_t i = 0; i < sessions->setup.session_count; i++) {
        if (batch_stage(sessions->batch, (int)i) == BATCH_RUNNING &&
            !sessions->stations[i].running) {
            put_out(sessions, i, now_ns);
        }
    }
}

int64_t batch_bays_due_ns(const struct batch_sessions *sessions)
{
    int64_t due_ns = batch_has_command(sessions->batch) ? 0 : batch_wake_ns(sessions->batch);
    for (size_t i = 0; i < sessions->setup.session_count; i++) {
        const struct station_state *state = &sessions->stations[i];
        if (state->hand != HAND_AT_REST && state->hand_ns < due_ns) {
            due_ns = state->hand_ns;
        }
    }
    return due_ns;
}

/* ---- from the outside ---- */

enum scan_result batch_bays_scan(struct batch_sessions *sessions, const char *text)
{
    const struct batch_bays_setup *setup = &sessions->setup;
    char serial[BATCH_SERIAL_MAX];
    enum verdict verdict;
    int64_t wall_ns;
    bool seen =
        setup->journal && batch_serial(serial, text) &&
        journal_unit_seen(setup->journal, setup->profile->model, setup->procedure->name, serial,
                          session_simulated(setup->sessions[0]), &verdict, &wall_ns);
    return batch_scan(sessions->batch, clock_mono_ns(), text, seen);
}

struct batch *batch_bays_batch(struct batch_sessions *sessions)
{
    return sessions->batch;
}

struct batch_sessions *batch_bays_new(const struct batch_bays_setup *setup)
{
    struct batch_sessions *sessions = xcalloc(sizeof(*sessions));
    struct batch_settings settings = {.station_count = setup->session_count,
                                      .repeat_ns = BATCH_REPEAT_NS,
                                      .any_text = setup->any_text};

    sessions->setup = *setup;
    sessions->rate = setup->rate > 1 ? setup->rate : 1;
    settings.settle_ns = BATCH_SETTLE_NS / sessions->rate;
    if (setup->retry) {
        settings.retry_times = setup->procedure->retry.times;
        settings.retry_cooldown_ns = setup->procedure->retry.cooldown_ns / sessions->rate;
    }
    for (size_t i = 0; i < setup->session_count; i++) {
        struct station_state *state = &sessions->stations[i];
        state->placed_line =
            bench_station_question_input(session_station(setup->sessions[i]), "placed");
        settings.placed_by_input[i] = state->placed_line >= 0;
    }
    sessions->batch = batch_new(&settings);
    if (!sessions->batch) {
        out_of_memory();
    }
    batch_bays_step(sessions);
    /* A station that does not work from the start is already out of service, and its reason has not
     * been reported. */
    for (size_t i = 0; i < setup->session_count; i++) {
        if (!session_works(setup->sessions[i])) {
            put_out(sessions, i, clock_mono_ns());
        }
    }
    return sessions;
}

void batch_bays_free(struct batch_sessions *sessions)
{
    if (sessions) {
        batch_free(sessions->batch);
        free(sessions->addresses);
        free(sessions->events);
        free(sessions);
    }
}
