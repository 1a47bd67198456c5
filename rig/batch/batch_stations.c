/*
 * The stations of a batch: their stages, which unit each gets, and what happens when time passes.
 */
#include "rig/batch/batch_internal.h"

int64_t batch_later_ns(int64_t at_ns, int64_t by_ns)
{
    return at_ns > INT64_MAX - by_ns ? INT64_MAX : at_ns + by_ns;
}

void batch_slot_tell(struct batch *batch, struct batch_slot *slot, enum batch_command_kind kind)
{
    slot->told[kind] = ++batch->count;
}

void batch_slot_stage(struct batch_slot *slot, enum batch_stage stage)
{
    slot->stage = stage;
    if (stage != BATCH_PLACE) {
        slot->told[BATCH_DO_PLACE] = 0;
    }
    if (stage != BATCH_RUNNING) {
        slot->told[BATCH_DO_RUN] = 0;
    }
}

void batch_slot_hold(struct batch_slot *slot, size_t unit)
{
    slot->holds = true;
    slot->leaving = unit;
}

void batch_slot_let_out(struct batch_slot *slot)
{
    slot->holds = false;
    slot->doubted = false;
    slot->leaving = BATCH_NO_UNIT;
    slot->told[BATCH_DO_TAKE_OUT] = 0;
}

void batch_slot_vacate(struct batch *batch, struct batch_slot *slot)
{
    size_t leaving = slot->leaving;
    slot->unit = BATCH_NO_UNIT;
    if (!slot->holds) {
        batch_slot_stage(slot, BATCH_FREE);
    } else if (leaving != BATCH_NO_UNIT && item_of(batch, leaving)->unit.state == UNIT_DONE) {
        slot->holds = false;
        slot->leaving = BATCH_NO_UNIT;
        slot->unit = leaving;
        slot->in = true;
        batch_slot_stage(slot, BATCH_VERDICT);
    } else {
        batch_slot_stage(slot, BATCH_OCCUPIED);
    }
}

/* ---- stages, one after the other ---- */

/* A queued unit gets the station. What was there comes out first; it is told again, for whoever did
 * not look at the verdict. */
void batch_slot_put(struct batch *batch, struct batch_slot *slot, size_t unit)
{
    if (slot->stage == BATCH_VERDICT) {
        batch_slot_hold(slot, slot->unit);
    }
    if (slot->holds && slot->leaving != unit) {
        batch_slot_tell(batch, slot, BATCH_DO_TAKE_OUT);
    } else {
        slot->told[BATCH_DO_TAKE_OUT] = 0;
    }
    if (!slot->by_input) {
        slot->in = false;
    }
    batch_unit_unqueue(batch, unit);
    slot->unit = unit;
    item_of(batch, unit)->unit.state = UNIT_ON_STATION;
    item_of(batch, unit)->unit.station = (int)(slot - batch->slots);
    batch_slot_stage(slot, BATCH_PLACE);
    batch_slot_tell(batch, slot, BATCH_DO_PLACE);
}

bool batch_slot_may_follow(const struct batch_slot *slot)
{
    return !slot->by_input && (slot->stage == BATCH_VERDICT || slot->stage == BATCH_OCCUPIED);
}

void batch_assign(struct batch *batch)
{
    for (size_t s = 0; s < batch->settings.station_count && batch->queued > 0; s++) {
        struct batch_slot *slot = &batch->slots[s];
        /* A unit that is already in there need not go elsewhere. */
        if (slot->stage == BATCH_OCCUPIED && slot->leaving != BATCH_NO_UNIT &&
            item_of(batch, slot->leaving)->unit.state == UNIT_QUEUED) {
            batch_slot_put(batch, slot, slot->leaving);
        }
    }
    for (size_t s = 0; s < batch->settings.station_count && batch->queued > 0; s++) {
        struct batch_slot *slot = &batch->slots[s];
        /* A unit that arrives just now was not meant as the next one. */
        if (slot->stage == BATCH_FREE && !slot->wavers) {
            batch_slot_put(batch, slot, batch->queue);
        }
    }
}

void batch_assign_at_hand(struct batch *batch)
{
    batch_assign(batch);
    for (size_t s = 0; s < batch->settings.station_count && batch->queued > 0; s++) {
        if (batch_slot_may_follow(&batch->slots[s])) {
            batch_slot_put(batch, &batch->slots[s], batch->queue);
            return;
        }
    }
}

/* The unit is in its place here: then it is nowhere else. */
static void forget_elsewhere(struct batch *batch, const struct batch_slot *here)
{
    for (size_t s = 0; s < batch->settings.station_count; s++) {
        struct batch_slot *slot = &batch->slots[s];
        if (slot == here || !slot->holds || slot->leaving != here->unit) {
            continue;
        }
        if (slot->by_input && slot->stage != BATCH_OUT) {
            slot->leaving = BATCH_NO_UNIT; /* then something else is in there */
            continue;
        }
        batch_slot_let_out(slot);
        if (slot->stage == BATCH_OCCUPIED) {
            batch_slot_vacate(batch, slot);
        }
    }
}

/* The unit is in: it runs, or cools down first. */
static void begin(struct batch *batch, struct batch_slot *slot)
{
    const struct batch_item *item = item_of(batch, slot->unit);
    batch_slot_let_out(slot);
    slot->in = true;
    forget_elsewhere(batch, slot);
    if (item->ready_ns > batch->now_ns) {
        slot->retry_ns = item->ready_ns;
        batch_slot_stage(slot, BATCH_COOLDOWN);
    } else {
        batch_slot_stage(slot, BATCH_RUNNING);
        batch_slot_tell(batch, slot, BATCH_DO_RUN);
    }
}

void batch_slot_resume(struct batch *batch, struct batch_slot *slot)
{
    item_of(batch, slot->unit)->ready_ns = INT64_MIN;
    slot->told[BATCH_DO_TAKE_OUT] = 0;
    if (slot->wavers) {
        /* Somebody is handling it right now. */
        slot->retry_ns = slot->settled_ns;
        batch_slot_stage(slot, BATCH_COOLDOWN);
    } else if (slot->in && !slot->doubted) {
        begin(batch, slot);
    } else {
        if (slot->in) {
            batch_slot_hold(slot, slot->unit);
        }
        batch_slot_stage(slot, BATCH_PLACE);
        batch_slot_tell(batch, slot, BATCH_DO_PLACE);
    }
}

void batch_slot_stand(struct batch *batch, struct batch_slot *slot)
{
    batch_unit_close(batch, slot->unit);
    if (slot->in) {
        batch_slot_stage(slot, BATCH_VERDICT);
        batch_slot_tell(batch, slot, BATCH_DO_TAKE_OUT);
    } else {
        batch_slot_vacate(batch, slot);
    }
}

void batch_slot_came_in(struct batch *batch, struct batch_slot *slot)
{
    switch (slot->stage) {
    case BATCH_PLACE:
        begin(batch, slot);
        break;
    case BATCH_RUNNING:
    case BATCH_COOLDOWN:
        slot->in = true;
        break;
    case BATCH_FREE:
        if (slot->by_input) {
            batch_slot_hold(slot, BATCH_NO_UNIT);
            batch_slot_stage(slot, BATCH_OCCUPIED);
            batch_slot_tell(batch, slot, BATCH_DO_TAKE_OUT);
        }
        break;
    case BATCH_OUT:
    case BATCH_OCCUPIED:
    case BATCH_VERDICT:
        break;
    }
}

void batch_slot_came_out(struct batch *batch, struct batch_slot *slot)
{
    slot->in = false;
    batch_slot_let_out(slot);
    if (slot->stage == BATCH_VERDICT || slot->stage == BATCH_OCCUPIED) {
        batch_slot_vacate(batch, slot);
    }
}

/* ---- time ---- */

/* The line has been stable for long enough to be believed. */
static void settle(struct batch *batch, struct batch_slot *slot)
{
    slot->wavers = false;
    if (slot->line == slot->in) {
        return;
    }
    slot->in = slot->line;
    if (slot->in) {
        batch_slot_came_in(batch, slot);
    } else {
        batch_slot_came_out(batch, slot);
    }
}

void batch_advance(struct batch *batch, int64_t now_ns)
{
    if (now_ns > batch->now_ns) {
        batch->now_ns = now_ns;
    }
    for (size_t s = 0; s < batch->settings.station_count; s++) {
        struct batch_slot *slot = &batch->slots[s];
        if (slot->wavers && slot->settled_ns <= batch->now_ns) {
            settle(batch, slot);
        }
        if (slot->stage == BATCH_COOLDOWN && slot->retry_ns <= batch->now_ns) {
            batch_slot_resume(batch, slot);
        }
    }
    batch_assign(batch);
}

void batch_tick(struct batch *batch, int64_t now_ns)
{
    batch_advance(batch, now_ns);
}

int64_t batch_wake_ns(const struct batch *batch)
{
    int64_t wake_ns = INT64_MAX;
    for (size_t s = 0; s < batch->settings.station_count; s++) {
        const struct batch_slot *slot = &batch->slots[s];
        if (slot->wavers && slot->settled_ns < wake_ns) {
            wake_ns = slot->settled_ns;
        }
        if (slot->stage == BATCH_COOLDOWN && slot->retry_ns < wake_ns) {
            wake_ns = slot->retry_ns;
        }
    }
    return wake_ns;
}
