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
    bool running;     /* the run in the bay is the batch's */
    bool told_out;    /* that it is out of service, once at least */
    size_t unit;      /* that runs there, or ... */
    size_t hand_unit; /* ... is in the hand */
    enum hand hand;
    int64_t hand_ns;      /* CLOCK_MONOTONIC: to be looked at ... */
    int64_t hand_done_ns; /* ... and the bay's clock: when it is done */
};

struct batch_bays {
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

static struct batch_bays_event *tell(struct batch_bays *bays, enum batch_event_kind kind,
                                     int station, size_t unit, const char *text)
{
    if (bays->event_first == bays->event_count) {
        bays->event_first = bays->event_count = 0;
    }
    if (bays->event_count == bays->event_capacity) {
        bays->event_capacity = bays->event_capacity ? 2 * bays->event_capacity : 64;
        bays->events = xrealloc_array(bays->events, bays->event_capacity, sizeof(*bays->events));
    }
    struct batch_bays_event *event = &bays->events[bays->event_count++];
    *event = (struct batch_bays_event){.kind = kind, .station = station, .unit = unit};
    snprintf(event->text, sizeof(event->text), "%s", text);
    return event;
}

bool batch_bays_event(struct batch_bays *bays, struct batch_bays_event *event)
{
    if (bays->event_first == bays->event_count) {
        return false;
    }
    *event = bays->events[bays->event_first++];
    return true;
}

/* ---- lines and hands ---- */

/* Does the line say that a unit is in? If unknown, keep the last state. */
static bool line_says(const struct batch_bays *bays, size_t i)
{
    const struct station_state *state = &bays->stations[i];
    if (state->placed_line < 0) {
        return false;
    }
    const struct bay *bay = bays->setup.bays[i];
    int level = scope_level(bay_scope(bay), (unsigned)state->placed_line);
    const struct input *input = &bay_station(bay)->inputs[state->placed_line];
    if (level < 0) {
        return state->inside;
    }
    return strcmp(level ? input->when_active : input->when_inactive, "yes") == 0;
}

static void look_at_line(struct batch_bays *bays, size_t i, int64_t now_ns)
{
    struct station_state *state = &bays->stations[i];
    bool inside = line_says(bays, i);
    if (state->placed_line < 0 || inside == state->inside) {
        return;
    }
    state->inside = inside;
    if (inside) {
        batch_placed(bays->batch, now_ns, (int)i);
    } else {
        batch_taken_out(bays->batch, now_ns, (int)i);
    }
}

/* On a simulated bench: somebody does what was asked for. */
static void move_hand(struct batch_bays *bays, size_t i, enum hand hand, size_t unit)
{
    struct station_state *state = &bays->stations[i];
    struct bay *bay = bays->setup.bays[i];
    if (!bay_simulated(bay)) {
        return;
    }
    bay_simulate_hand(bay, bays->setup.profile,
                      hand == HAND_PUTS_IN ? batch_unit(bays->batch, unit)->serial : NULL, HAND_NS);
    if (state->placed_line < 0) {
        state->hand = hand;
        state->hand_unit = unit;
        state->hand_ns = clock_mono_ns() + HAND_NS / bays->rate;
        state->hand_done_ns = bay_now_ns(bay) + HAND_NS;
    }
}

static void look_at_hand(struct batch_bays *bays, size_t i, int64_t now_ns)
{
    struct station_state *state = &bays->stations[i];
    struct bay *bay = bays->setup.bays[i];
    if (state->hand == HAND_AT_REST || state->hand_ns > now_ns) {
        return;
    }
    if (bay_now_ns(bay) < state->hand_done_ns) {
        state->hand_ns = now_ns + LATE_NS;
        return;
    }
    bay_step(bay); /* it is done for the bay, too */
    enum batch_stage stage = batch_stage(bays->batch, (int)i);
    const struct batch_unit *on = batch_on(bays->batch, (int)i);
    const struct batch_unit *unit =
        state->hand_unit == BATCH_NO_UNIT ? NULL : batch_unit(bays->batch, state->hand_unit);
    enum hand hand = state->hand;
    state->hand = HAND_AT_REST;
    /* Somebody may have scanned it meanwhile. */
    if (hand == HAND_PUTS_IN && stage == BATCH_PLACE && on == unit) {
        batch_placed(bays->batch, now_ns, (int)i);
    } else if (hand == HAND_TAKES_OUT && stage != BATCH_RUNNING &&
               (stage != BATCH_PLACE && stage != BATCH_COOLDOWN)) {
        batch_taken_out(bays->batch, now_ns, (int)i);
    }
}

/* ---- runs ---- */

/* The address of the unit of the run that is over. */
static void keep_address(struct batch_bays *bays, size_t unit, const char *address)
{
    size_t count = batch_unit_count(bays->batch);
    if (bays->address_count < count) {
        bays->addresses = xrealloc_array(bays->addresses, count, sizeof(*bays->addresses));
        memset(bays->addresses + bays->address_count, 0,
               (count - bays->address_count) * sizeof(*bays->addresses));
        bays->address_count = count;
    }
    if (address[0]) {
        snprintf(bays->addresses[unit], ADDRESS_MAX, "%s", address);
    }
}

/* Addresses that certainly belong to other units: those of the units run last. */
static size_t other_addresses(const struct batch_bays *bays, size_t unit,
                              const char *others[BAY_DONE_MAX])
{
    size_t count = 0;
    for (size_t u = bays->address_count; u-- > 0 && count < BAY_DONE_MAX;) {
        if (u != unit && bays->addresses[u][0]) {
            others[count++] = bays->addresses[u];
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

static void start_run(struct batch_bays *bays, const struct batch_command *command)
{
    const struct batch_bays_setup *setup = &bays->setup;
    struct station_state *state = &bays->stations[command->station];
    struct bay *bay = setup->bays[command->station];
    const char *others[BAY_DONE_MAX];
    struct diags diags = DIAGS_INIT;
    char text[BAY_TEXT_MAX];
    const char *serial = batch_unit(bays->batch, command->unit)->serial;
    struct bay_order order = {
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
        .done_count = other_addresses(bays, command->unit, others),
        .attempt = command->attempt,
        .batch = setup->name,
        .answer_names = setup->answer_names,
        .answer_values = setup->answer_values,
        .answer_count = setup->answer_count,
    };
    if (bay_state(bay) == BAY_OVER) {
        bay_dismiss(bay);
    }
    if (!bay_works(bay)) {
        return; /* it is put out of service at once, and the unit is queued again */
    }
    if (bay_start(bay, &order, &diags) == 0) {
        state->running = true;
        state->unit = command->unit;
        tell(bays, BATCH_TELL_STARTED, command->station, command->unit, "");
    } else {
        first_error(&diags, text, sizeof(text));
        batch_ended(bays->batch, clock_mono_ns(), command->station, VERDICT_ERROR, 0, text);
        tell(bays, BATCH_TELL_REFUSED, command->station, command->unit, text);
    }
    diags_clear(&diags);
}

static void end_run(struct batch_bays *bays, size_t i, int64_t now_ns)
{
    struct station_state *state = &bays->stations[i];
    const struct bay *bay = bays->setup.bays[i];
    const struct judgement *judgement = bay_record(bay)->judgement;
    int64_t handle = bay_journal_handle(bay);
    int64_t number =
        bays->setup.journal && handle ? journal_number(bays->setup.journal, handle) : 0;

    state->running = false;
    keep_address(bays, state->unit, bay_unit_address(bay));
    batch_ended(bays->batch, now_ns, (int)i, judgement->verdict, number, judgement->reason);
    bool again = batch_stage(bays->batch, (int)i) == BATCH_COOLDOWN;
    enum batch_event_kind kind = again ? BATCH_TELL_COOLDOWN : BATCH_TELL_VERDICT;
    tell(bays, kind, (int)i, state->unit, bay_notice(bay))->journal = handle;
}

/* ---- the bays' states ---- */

static void put_out(struct batch_bays *bays, size_t i, int64_t now_ns)
{
    const struct bay *bay = bays->setup.bays[i];
    char text[BAY_TEXT_MAX];
    const char *todo = bay_todo(bay);

    batch_out(bays->batch, now_ns, (int)i);
    bays->stations[i].hand = HAND_AT_REST;
    int used = snprintf(text, sizeof(text), "%s", bay_trouble(bay));
    if (todo[0] && used > 0 && (size_t)used < sizeof(text)) {
        snprintf(text + used, sizeof(text) - (size_t)used, "; %s", todo);
    }
    bays->stations[i].told_out = true;
    tell(bays, BATCH_TELL_OUT, (int)i, BATCH_NO_UNIT, text);
}

static void put_in(struct batch_bays *bays, size_t i, int64_t now_ns)
{
    struct station_state *state = &bays->stations[i];
    state->inside = line_says(bays, i);
    batch_in(bays->batch, now_ns, (int)i, state->inside);
    if (state->told_out) {
        tell(bays, BATCH_TELL_IN, (int)i, BATCH_NO_UNIT, "");
    }
}

static void look_at_bay(struct batch_bays *bays, size_t i, int64_t now_ns)
{
    struct station_state *state = &bays->stations[i];
    const struct bay *bay = bays->setup.bays[i];

    if (state->running && bay_state(bay) == BAY_OVER) {
        end_run(bays, i, now_ns);
    }
    if (state->running) {
        look_at_line(bays, i, now_ns);
        return;
    }
    bool is_out = batch_stage(bays->batch, (int)i) == BATCH_OUT;
    bool works = bay_works(bay) && bay_state(bay) != BAY_RUNNING;
    if (!is_out && !works) {
        put_out(bays, i, now_ns);
    } else if (is_out && works) {
        put_in(bays, i, now_ns);
    } else if (works) {
        look_at_line(bays, i, now_ns);
        look_at_hand(bays, i, now_ns);
    }
}

static void obey(struct batch_bays *bays, const struct batch_command *command)
{
    size_t i = (size_t)command->station;
    switch (command->kind) {
    case BATCH_DO_PLACE:
        tell(bays, BATCH_TELL_PLACE, command->station, command->unit, "");
        move_hand(bays, i, HAND_PUTS_IN, command->unit);
        break;
    case BATCH_DO_RUN:
        start_run(bays, command);
        break;
    case BATCH_DO_TAKE_OUT:
        tell(bays, BATCH_TELL_TAKE_OUT, command->station, command->unit, "");
        move_hand(bays, i, HAND_TAKES_OUT, command->unit);
        break;
    case BATCH_DO_ASK_AGAIN:
        tell(bays, BATCH_TELL_AGAIN, -1, command->unit, "");
        break;
    }
}

void batch_bays_step(struct batch_bays *bays)
{
    struct batch_command command;
    int64_t now_ns = clock_mono_ns();

    for (size_t i = 0; i < bays->setup.bay_count; i++) {
        look_at_bay(bays, i, now_ns);
    }
    batch_tick(bays->batch, now_ns);
    while (batch_command(bays->batch, &command)) {
        obey(bays, &command);
    }
    /* A run that did not start because its bay broke just then. */
    for (size_t i = 0; i < bays->setup.bay_count; i++) {
        if (batch_stage(bays->batch, (int)i) == BATCH_RUNNING && !bays->stations[i].running) {
            put_out(bays, i, now_ns);
        }
    }
}

int64_t batch_bays_due_ns(const struct batch_bays *bays)
{
    int64_t due_ns = batch_has_command(bays->batch) ? 0 : batch_wake_ns(bays->batch);
    for (size_t i = 0; i < bays->setup.bay_count; i++) {
        const struct station_state *state = &bays->stations[i];
        if (state->hand != HAND_AT_REST && state->hand_ns < due_ns) {
            due_ns = state->hand_ns;
        }
    }
    return due_ns;
}

/* ---- from the outside ---- */

enum scan_result batch_bays_scan(struct batch_bays *bays, const char *text)
{
    const struct batch_bays_setup *setup = &bays->setup;
    char serial[BATCH_SERIAL_MAX];
    enum verdict verdict;
    int64_t wall_ns;
    bool seen = setup->journal && batch_serial(serial, text) &&
                journal_unit_seen(setup->journal, setup->profile->model, setup->procedure->name,
                                  serial, bay_simulated(setup->bays[0]), &verdict, &wall_ns);
    return batch_scan(bays->batch, clock_mono_ns(), text, seen);
}

struct batch *batch_bays_batch(struct batch_bays *bays)
{
    return bays->batch;
}

struct batch_bays *batch_bays_new(const struct batch_bays_setup *setup)
{
    struct batch_bays *bays = xcalloc(sizeof(*bays));
    struct batch_settings settings = {.station_count = setup->bay_count,
                                      .repeat_ns = BATCH_REPEAT_NS,
                                      .any_text = setup->any_text};

    bays->setup = *setup;
    bays->rate = setup->rate > 1 ? setup->rate : 1;
    settings.settle_ns = BATCH_SETTLE_NS / bays->rate;
    if (setup->retry) {
        settings.retry_times = setup->procedure->retry.times;
        settings.retry_cooldown_ns = setup->procedure->retry.cooldown_ns / bays->rate;
    }
    for (size_t i = 0; i < setup->bay_count; i++) {
        struct station_state *state = &bays->stations[i];
        state->placed_line = station_question_input(bay_station(setup->bays[i]), "placed");
        settings.placed_by_input[i] = state->placed_line >= 0;
    }
    bays->batch = batch_new(&settings);
    if (!bays->batch) {
        out_of_memory();
    }
    batch_bays_step(bays);
    /* A station that does not work from the start is already out of service, and its reason has not
     * been reported. */
    for (size_t i = 0; i < setup->bay_count; i++) {
        if (!bay_works(setup->bays[i])) {
            put_out(bays, i, clock_mono_ns());
        }
    }
    return bays;
}

void batch_bays_free(struct batch_bays *bays)
{
    if (bays) {
        batch_free(bays->batch);
        free(bays->addresses);
        free(bays->events);
        free(bays);
    }
}
