/* The units of a batch: serials, the queue, units to ask about, the tally. */
#include "rig/base/serial.h"
#include "rig/base/text.h"
#include "rig/batch/batch_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(BATCH_UNITS_MAX < UINT16_MAX, "a bucket holds the number of a unit");
static_assert(BATCH_UNITS_MAX % BATCH_CHUNK == 0, "chunks hold all units");
static_assert(BATCH_BUCKETS >= 2 * BATCH_UNITS_MAX, "there is always an empty bucket near");

bool batch_serial(char out[BATCH_SERIAL_MAX], const char *text)
{
    struct serial serial;
    if (!serial_read(&serial, text, strlen(text), &(struct serial_rules){.any_text = false})) {
        return false;
    }
    memcpy(out, serial.text, sizeof(serial.text));
    return true;
}

/* The bucket with that serial, or the empty one where it belongs. */
static size_t bucket_of(const struct batch *batch, const char *serial)
{
    size_t at = serial_hash(serial) % BATCH_BUCKETS;
    while (batch->buckets[at] &&
           !serial_same(item_of(batch, batch->buckets[at] - 1)->unit.serial, serial)) {
        at = (at + 1) % BATCH_BUCKETS;
    }
    return at;
}

size_t batch_unit_find(const struct batch *batch, const char *serial)
{
    uint16_t found = batch->buckets[bucket_of(batch, serial)];
    return found ? found - 1U : BATCH_NO_UNIT;
}

size_t batch_unit_add(struct batch *batch, const char *serial)
{
    if (batch->item_count == BATCH_UNITS_MAX) {
        return BATCH_NO_UNIT;
    }
    struct batch_item **chunk = &batch->chunks[batch->item_count / BATCH_CHUNK];
    if (!*chunk && !(*chunk = calloc(BATCH_CHUNK, sizeof(**chunk)))) {
        return BATCH_NO_UNIT;
    }
    size_t unit = batch->item_count++;
    struct batch_item *item = item_of(batch, unit);
    memcpy(item->unit.serial, serial, strlen(serial) + 1);
    item->unit.station = -1;
    item->next = BATCH_NO_UNIT;
    batch->buckets[bucket_of(batch, serial)] = (uint16_t)(unit + 1);
    return unit;
}

void batch_unit_requeue(struct batch *batch, size_t unit)
{
    struct batch_item *item = item_of(batch, unit);
    size_t *at = &batch->queue;
    while (*at != BATCH_NO_UNIT && item_of(batch, *at)->ticket < item->ticket) {
        at = &item_of(batch, *at)->next;
    }
    item->next = *at;
    *at = unit;
    item->unit.state = UNIT_QUEUED;
    batch->queued++;
}

void batch_unit_queue(struct batch *batch, size_t unit)
{
    struct batch_item *item = item_of(batch, unit);
    item->ticket = ++batch->count;
    item->retries_left = batch->settings.retry_times;
    item->ready_ns = INT64_MIN;
    batch_unit_requeue(batch, unit);
}

static void unlink_unit(struct batch *batch, size_t *at, size_t unit)
{
    while (*at != unit) {
        assert(*at != BATCH_NO_UNIT);
        at = &item_of(batch, *at)->next;
    }
    *at = item_of(batch, unit)->next;
    item_of(batch, unit)->next = BATCH_NO_UNIT;
}

void batch_unit_unqueue(struct batch *batch, size_t unit)
{
    unlink_unit(batch, &batch->queue, unit);
    batch->queued--;
}

void batch_unit_ask_about(struct batch *batch, size_t unit)
{
    size_t *at = &batch->asked;
    while (*at != BATCH_NO_UNIT) {
        at = &item_of(batch, *at)->next;
    }
    *at = unit;
    item_of(batch, unit)->next = BATCH_NO_UNIT;
    item_of(batch, unit)->unit.state = UNIT_ASKED;
    if (batch->asked == unit) {
        batch->ask_told = ++batch->count;
    }
}

void batch_unit_unask(struct batch *batch, size_t unit)
{
    bool was_first = batch->asked == unit;
    unlink_unit(batch, &batch->asked, unit);
    if (was_first) {
        batch->ask_told = batch->asked == BATCH_NO_UNIT ? 0 : ++batch->count;
    }
}

void batch_unit_close(struct batch *batch, size_t unit)
{
    struct batch_unit *shown = &item_of(batch, unit)->unit;
    shown->state = shown->has_verdict ? UNIT_DONE : UNIT_SKIPPED;
}

void batch_unit_ended(struct batch *batch, size_t unit, enum verdict verdict, int64_t run,
                      const char *reason)
{
    struct batch_unit *shown = &item_of(batch, unit)->unit;
    if (shown->has_verdict) {
        batch->tally[shown->verdict]--;
    }
    batch->tally[verdict]++;
    shown->has_verdict = true;
    shown->verdict = verdict;
    shown->attempts++;
    shown->run = run;
    text_printable(shown->reason, sizeof(shown->reason), reason ? reason : "");
}
