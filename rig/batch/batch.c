/* A batch: its inputs and its outputs. */
#include "rig/batch/batch_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct batch_slot *slot_at(struct batch *batch, int station)
{
    assert(station >= 0 && (size_t)station < batch->settings.station_count);
    return &batch->slots[station];
}

static const struct batch_slot *slot_seen(const struct batch *batch, int station)
{
    assert(station >= 0 && (size_t)station < batch->settings.station_count);
    return &batch->slots[station];
}

/* ---- scans and answers ---- */

/* The station that a finished unit is still in; NULL: none. */
static struct batch_slot *slot_with(struct batch *batch, size_t unit)
{
    for (size_t s = 0; s < batch->settings.station_count; s++) {
        struct batch_slot *slot = &batch->slots[s];
        if ((slot->stage == BATCH_VERDICT && slot->unit == unit) ||
            (slot->holds && slot->leaving == unit)) {
            return slot;
        }
    }
    return NULL;
}

static enum scan_result queue_scanned(struct batch *batch, size_t unit)
{
    batch_unit_queue(batch, unit);
    batch_assign_at_hand(batch);
    return item_of(batch, unit)->unit.state == UNIT_QUEUED ? SCAN_QUEUED : SCAN_TAKEN;
}

static enum scan_result scan_on_station(struct batch *batch, size_t unit)
{
    struct batch_slot *slot = &batch->slots[item_of(batch, unit)->unit.station];
    bool waits = slot->stage == BATCH_PLACE || (slot->stage == BATCH_COOLDOWN && !slot->in);
    /* A line that always says "in" cannot say when: then the scan does. */
    if (!waits || (slot->by_input && (!slot->in || slot->wavers))) {
        return SCAN_ALREADY;
    }
    batch_slot_came_in(batch, slot);
    batch_assign(batch);
    return SCAN_PLACED;
}

static enum scan_result scan_closed(struct batch *batch, size_t unit)
{
    const struct batch_item *item = item_of(batch, unit);
    struct batch_slot *slot = slot_with(batch, unit);
    if (slot && slot->by_input && slot->stage != BATCH_OUT) {
        return SCAN_ALREADY;
    }
    if (slot) {
        batch_slot_came_out(batch, slot);
        batch_assign(batch);
        return SCAN_TAKEN_OUT;
    }
    if (item->seen_before || item->unit.has_verdict) {
        batch_unit_ask_about(batch, unit);
        return SCAN_ASKED;
    }
    return queue_scanned(batch, unit);
}

enum scan_result batch_scan(struct batch *batch, int64_t now_ns, const char *text, bool seen_before)
{
    struct serial serial;
    const struct serial_rules rules = {.any_text = batch->settings.any_text};
    size_t last = batch->scanned;
    int64_t last_ns = batch->scanned_ns;
    batch_advance(batch, now_ns);
    batch->scanned = BATCH_NO_UNIT;
    if (!serial_read(&serial, text, strlen(text), &rules)) {
        return SCAN_NO_SERIAL;
    }
    size_t unit = batch_unit_find(batch, serial.text);
    bool is_new = unit == BATCH_NO_UNIT;
    if (is_new && (unit = batch_unit_add(batch, serial.text)) == BATCH_NO_UNIT) {
        return SCAN_FULL;
    }
    struct batch_item *item = item_of(batch, unit);
    item->seen_before = item->seen_before || seen_before;
    batch->scanned = unit;
    batch->scanned_ns = batch->now_ns;
    if (!is_new && unit == last && batch->now_ns - last_ns < batch->settings.repeat_ns) {
        return SCAN_REPEATED;
    }
    if (is_new) {
        return scan_closed(batch, unit);
    }
    switch (item->unit.state) {
    case UNIT_QUEUED:
        batch_assign_at_hand(batch);
        return item->unit.state == UNIT_QUEUED ? SCAN_ALREADY : SCAN_TAKEN;
    case UNIT_ASKED:
        batch_unit_unask(batch, unit);
        return queue_scanned(batch, unit);
    case UNIT_ON_STATION:
        return scan_on_station(batch, unit);
    case UNIT_DONE:
    case UNIT_SKIPPED:
        break;
    }
    return scan_closed(batch, unit);
}

const struct batch_unit *batch_scanned(const struct batch *batch)
{
    return batch->scanned == BATCH_NO_UNIT ? NULL : &item_of(batch, batch->scanned)->unit;
}

void batch_again(struct batch *batch, int64_t now_ns, bool run_it)
{
    batch_advance(batch, now_ns);
    size_t unit = batch->asked;
    if (unit == BATCH_NO_UNIT) {
        return;
    }
    batch_unit_unask(batch, unit);
    if (run_it) {
        queue_scanned(batch, unit);
    } else {
        batch_unit_close(batch, unit);
    }
}

/* ---- what happens at a station ---- */

static void line_tells(struct batch *batch, int64_t now_ns, int station, bool in)
{
    struct batch_slot *slot = slot_at(batch, station);
    batch_advance(batch, now_ns);
    if (!slot->by_input) {
        if (in) {
            batch_slot_came_in(batch, slot);
        } else {
            batch_slot_came_out(batch, slot);
        }
        batch_assign(batch);
    } else if (slot->line != in && slot->stage != BATCH_OUT) {
        slot->line = in;
        slot->wavers = true;
        slot->settled_ns = batch_later_ns(batch->now_ns, batch->settings.settle_ns);
        batch_advance(batch, now_ns);
    }
}

void batch_placed(struct batch *batch, int64_t now_ns, int station)
{
    line_tells(batch, now_ns, station, true);
}

void batch_taken_out(struct batch *batch, int64_t now_ns, int station)
{
    line_tells(batch, now_ns, station, false);
}

void batch_ended(struct batch *batch, int64_t now_ns, int station, enum verdict verdict,
                 int64_t run, const char *reason)
{
    struct batch_slot *slot = slot_at(batch, station);
    assert((unsigned)verdict < VERDICT_COUNT);
    batch_advance(batch, now_ns);
    if (slot->stage != BATCH_RUNNING || slot->told[BATCH_DO_RUN]) {
        return;
    }
    struct batch_item *item = item_of(batch, slot->unit);
    batch_unit_ended(batch, slot->unit, verdict, run, reason);
    if (verdict == VERDICT_FAIL && item->retries_left > 0) {
        item->retries_left--;
        item->ready_ns = batch_later_ns(batch->now_ns, batch->settings.retry_cooldown_ns);
        slot->retry_ns = item->ready_ns;
        batch_slot_stage(slot, BATCH_COOLDOWN);
    } else {
        batch_slot_stand(batch, slot);
    }
    batch_advance(batch, now_ns);
}

void batch_out(struct batch *batch, int64_t now_ns, int station)
{
    struct batch_slot *slot = slot_at(batch, station);
    batch_advance(batch, now_ns);
    size_t unit = slot->unit;
    switch (slot->stage) {
    case BATCH_PLACE:
        batch_unit_requeue(batch, unit);
        break;
    case BATCH_RUNNING:
    case BATCH_COOLDOWN:
        batch_unit_requeue(batch, unit);
        if (slot->in) {
            batch_slot_hold(slot, unit);
            batch_slot_tell(batch, slot, BATCH_DO_TAKE_OUT);
        }
        break;
    case BATCH_VERDICT:
        batch_slot_hold(slot, unit);
        break;
    case BATCH_FREE:
    case BATCH_OUT:
    case BATCH_OCCUPIED:
        break;
    }
    slot->unit = BATCH_NO_UNIT;
    slot->wavers = false; /* nobody watches the line of a station out of service */
    batch_slot_stage(slot, BATCH_OUT);
    batch_assign(batch);
}

void batch_in(struct batch *batch, int64_t now_ns, int station, bool inside)
{
    struct batch_slot *slot = slot_at(batch, station);
    batch_advance(batch, now_ns);
    if (slot->stage != BATCH_OUT) {
        return;
    }
    if (slot->by_input) {
        slot->line = inside;
        slot->in = inside;
        if (!inside) {
            batch_slot_let_out(slot);
        } else if (!slot->holds) {
            batch_slot_hold(slot, BATCH_NO_UNIT);
        }
    }
    batch_slot_vacate(batch, slot);
    slot->doubted = slot->stage == BATCH_VERDICT;
    if (slot->stage == BATCH_VERDICT || slot->stage == BATCH_OCCUPIED) {
        batch_slot_tell(batch, slot, BATCH_DO_TAKE_OUT);
    }
    batch_assign(batch);
}

static void skip_on_station(struct batch *batch, struct batch_slot *slot)
{
    size_t unit = slot->unit;
    bool is_in;
    switch (slot->stage) {
    case BATCH_COOLDOWN:
        batch_slot_stand(batch, slot);
        break;
    case BATCH_PLACE:
        batch_unit_close(batch, unit);
        is_in = slot->holds && slot->leaving == unit;
        batch_slot_vacate(batch, slot);
        if (is_in) {
            batch_slot_tell(batch, slot, BATCH_DO_TAKE_OUT);
        }
        /* Whoever cancels it is at the station too. */
        if (batch->queued > 0 && batch_slot_may_follow(slot)) {
            batch_slot_put(batch, slot, batch->queue);
        }
        break;
    default:
        break;
    }
}

void batch_skip(struct batch *batch, int64_t now_ns, size_t unit)
{
    assert(unit < batch->item_count);
    const struct batch_unit *shown = &item_of(batch, unit)->unit;
    batch_advance(batch, now_ns);
    switch (shown->state) {
    case UNIT_ASKED:
        batch_unit_unask(batch, unit);
        batch_unit_close(batch, unit);
        break;
    case UNIT_QUEUED:
        batch_unit_unqueue(batch, unit);
        batch_unit_close(batch, unit);
        break;
    case UNIT_ON_STATION:
        skip_on_station(batch, &batch->slots[shown->station]);
        break;
    case UNIT_DONE:
    case UNIT_SKIPPED:
        break;
    }
    batch_assign(batch);
}

void batch_stop_retry(struct batch *batch, int64_t now_ns, int station)
{
    struct batch_slot *slot = slot_at(batch, station);
    batch_advance(batch, now_ns);
    if (slot->stage == BATCH_RUNNING) {
        item_of(batch, slot->unit)->retries_left = 0;
    } else if (slot->stage == BATCH_COOLDOWN) {
        batch_slot_stand(batch, slot);
    }
    batch_assign(batch);
}

void batch_retry_now(struct batch *batch, int64_t now_ns, int station)
{
    struct batch_slot *slot = slot_at(batch, station);
    batch_advance(batch, now_ns);
    if (slot->stage == BATCH_COOLDOWN) {
        batch_slot_resume(batch, slot);
    } else if (slot->stage == BATCH_VERDICT) {
        item_of(batch, slot->unit)->unit.state = UNIT_ON_STATION;
        batch_slot_resume(batch, slot);
    }
    batch_assign(batch);
}

/* ---- what comes out ---- */

bool batch_command(struct batch *batch, struct batch_command *command)
{
    uint64_t *first = batch->ask_told ? &batch->ask_told : NULL;
    *command = (struct batch_command){BATCH_DO_ASK_AGAIN, -1, batch->asked, 0};
    for (size_t s = 0; s < batch->settings.station_count; s++) {
        struct batch_slot *slot = &batch->slots[s];
        for (int kind = 0; kind < BATCH_DO_ASK_AGAIN; kind++) {
            if (!slot->told[kind] || (first && slot->told[kind] > *first)) {
                continue;
            }
            first = &slot->told[kind];
            command->kind = (enum batch_command_kind)kind;
            command->station = (int)s;
            command->unit = kind == BATCH_DO_TAKE_OUT && slot->holds ? slot->leaving : slot->unit;
            command->attempt =
                kind == BATCH_DO_RUN ? item_of(batch, slot->unit)->unit.attempts + 1 : 0;
        }
    }
    if (!first) {
        return false;
    }
    *first = 0;
    return true;
}

bool batch_has_command(const struct batch *batch)
{
    bool has = batch->ask_told;
    for (size_t s = 0; s < batch->settings.station_count; s++) {
        for (int kind = 0; kind < BATCH_DO_ASK_AGAIN; kind++) {
            has = has || batch->slots[s].told[kind];
        }
    }
    return has;
}

struct batch *batch_new(const struct batch_settings *settings)
{
    assert(settings->station_count <= BATCH_STATIONS_MAX && settings->retry_cooldown_ns >= 0);
    struct batch *batch = calloc(1, sizeof(*batch));
    if (!batch) {
        return NULL;
    }
    batch->settings = *settings;
    batch->now_ns = INT64_MIN;
    batch->queue = BATCH_NO_UNIT;
    batch->asked = BATCH_NO_UNIT;
    batch->scanned = BATCH_NO_UNIT;
    for (size_t s = 0; s < settings->station_count; s++) {
        batch->slots[s] = (struct batch_slot){.stage = BATCH_OUT,
                                              .by_input = settings->placed_by_input[s],
                                              .unit = BATCH_NO_UNIT,
                                              .leaving = BATCH_NO_UNIT};
    }
    return batch;
}

void batch_free(struct batch *batch)
{
    for (size_t i = 0; batch && i < BATCH_CHUNKS; i++) {
        free(batch->chunks[i]);
    }
    free(batch);
}

enum batch_stage batch_stage(const struct batch *batch, int station)
{
    return slot_seen(batch, station)->stage;
}

const struct batch_unit *batch_on(const struct batch *batch, int station)
{
    size_t unit = slot_seen(batch, station)->unit;
    return unit == BATCH_NO_UNIT ? NULL : &item_of(batch, unit)->unit;
}

bool batch_leaving(const struct batch *batch, int station, const struct batch_unit **unit)
{
    const struct batch_slot *slot = slot_seen(batch, station);
    bool leaves = slot->holds && (slot->leaving == BATCH_NO_UNIT || slot->leaving != slot->unit);
    *unit = leaves && slot->leaving != BATCH_NO_UNIT ? &item_of(batch, slot->leaving)->unit : NULL;
    return leaves;
}

int64_t batch_retry_ns(const struct batch *batch, int station)
{
    return slot_seen(batch, station)->retry_ns;
}

size_t batch_unit_count(const struct batch *batch)
{
    return batch->item_count;
}

const struct batch_unit *batch_unit(const struct batch *batch, size_t unit)
{
    assert(unit < batch->item_count);
    return &item_of(batch, unit)->unit;
}

const struct batch_unit *batch_asked(const struct batch *batch)
{
    return batch->asked == BATCH_NO_UNIT ? NULL : &item_of(batch, batch->asked)->unit;
}

size_t batch_queued(const struct batch *batch)
{
    return batch->queued;
}

size_t batch_tally(const struct batch *batch, enum verdict verdict)
{
    return batch->tally[verdict];
}

bool batch_at_rest(const struct batch *batch)
{
    bool rest = batch->queued == 0 && batch->asked == BATCH_NO_UNIT;
    for (size_t s = 0; s < batch->settings.station_count; s++) {
        enum batch_stage stage = batch->slots[s].stage;
        rest = rest && stage != BATCH_PLACE && stage != BATCH_RUNNING && stage != BATCH_COOLDOWN;
    }
    return rest;
}
