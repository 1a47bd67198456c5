/* Any bytes as scans, lines, verdicts and keys, true or not: a batch keeps its books. */
#include "rig/base/units.h"
#include "rig/batch/batch.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CALLS_MAX = 400, STATIONS = 3, ROUNDS_MAX = 64 };

struct input_bytes {
    const uint8_t *data;
    size_t size;
};

struct watch {
    struct batch *batch;
    int64_t now_ns;
    bool running[STATIONS];
    bool placed[STATIONS]; /* something was told that may mean "it is in" */
    size_t ran;
};

static uint8_t take_byte(struct input_bytes *in)
{
    if (in->size == 0) {
        return 0;
    }
    in->size--;
    return *in->data++;
}

static void take_commands(struct watch *watch)
{
    struct batch_command command;
    while (batch_command(watch->batch, &command)) {
        int s = command.station;
        size_t units = batch_unit_count(watch->batch);
        assert(command.unit < units ||
               (command.kind == BATCH_DO_TAKE_OUT && command.unit == BATCH_NO_UNIT));
        assert((s == -1) == (command.kind == BATCH_DO_ASK_AGAIN) && s < STATIONS);
        if (command.kind == BATCH_DO_ASK_AGAIN) {
            assert(batch_unit(watch->batch, command.unit) == batch_asked(watch->batch));
            continue;
        }
        assert(!watch->running[s]);
        if (command.kind == BATCH_DO_PLACE) {
            assert(batch_stage(watch->batch, s) == BATCH_PLACE);
            watch->placed[s] = false;
        } else if (command.kind == BATCH_DO_RUN) {
            assert(watch->placed[s] && batch_stage(watch->batch, s) == BATCH_RUNNING);
            assert(batch_on(watch->batch, s) == batch_unit(watch->batch, command.unit));
            watch->running[s] = true;
            watch->ran++;
        }
    }
}

static void check_books(const struct watch *watch)
{
    size_t states[UNIT_SKIPPED + 1] = {0};
    size_t with_verdict = 0;
    size_t tally = 0;
    size_t attempts = 0;
    size_t on = 0;
    for (size_t u = 0; u < batch_unit_count(watch->batch); u++) {
        const struct batch_unit *unit = batch_unit(watch->batch, u);
        states[unit->state]++;
        with_verdict += unit->has_verdict;
        attempts += (size_t)unit->attempts;
        assert(unit->serial[0] && strlen(unit->serial) < BATCH_SERIAL_MAX);
        assert(unit->has_verdict == (unit->attempts > 0));
    }
    for (int v = VERDICT_PASS; v <= VERDICT_ERROR; v++) {
        tally += batch_tally(watch->batch, (enum verdict)v);
    }
    for (int s = 0; s < STATIONS; s++) {
        enum batch_stage stage = batch_stage(watch->batch, s);
        on += stage == BATCH_PLACE || stage == BATCH_RUNNING || stage == BATCH_COOLDOWN;
        assert((stage == BATCH_RUNNING) == watch->running[s]);
        assert(stage != BATCH_FREE || batch_queued(watch->batch) == 0 ||
               batch_wake_ns(watch->batch) != INT64_MAX);
    }
    assert(tally == with_verdict && attempts <= watch->ran);
    assert(states[UNIT_QUEUED] == batch_queued(watch->batch) && states[UNIT_ON_STATION] == on);
    assert((states[UNIT_ASKED] > 0) == (batch_asked(watch->batch) != NULL));
    assert(batch_at_rest(watch->batch) == (on + states[UNIT_QUEUED] + states[UNIT_ASKED] == 0));
}

static void scan(struct watch *watch, struct input_bytes *in, uint8_t how)
{
    char text[80];
    size_t length = 0;
    if (how & 0x80) {
        length = take_byte(in) % sizeof(text);
        for (size_t i = 0; i < length; i++) {
            text[i] = (char)take_byte(in);
        }
    } else {
        length = (size_t)snprintf(text, sizeof(text), "U%d", how & 7);
    }
    text[length] = '\0';
    for (int s = 0; s < STATIONS; s++) {
        watch->placed[s] = true;
    }
    batch_scan(watch->batch, watch->now_ns, text, how & 0x40);
}

static void one_call(struct watch *watch, struct input_bytes *in)
{
    struct batch *batch = watch->batch;
    uint8_t kind = take_byte(in);
    int s = kind / 16 % STATIONS;
    size_t units = batch_unit_count(batch);
    switch (kind % 16) {
    case 0:
    case 1:
    case 2:
    case 3:
        scan(watch, in, take_byte(in));
        break;
    case 4:
        watch->placed[s] = true;
        batch_placed(batch, watch->now_ns, s);
        break;
    case 5:
        batch_taken_out(batch, watch->now_ns, s);
        break;
    case 6:
    case 7:
        watch->running[s] = false;
        batch_ended(batch, watch->now_ns, s, (enum verdict)(take_byte(in) % 5), 1, "\x1b reason");
        break;
    case 8:
        watch->running[s] = false;
        batch_out(batch, watch->now_ns, s);
        break;
    case 9:
        watch->placed[s] = true;
        batch_in(batch, watch->now_ns, s, kind & 0x80);
        break;
    case 10:
        if (units > 0) {
            batch_skip(batch, watch->now_ns, take_byte(in) % units);
        }
        break;
    case 11:
        batch_stop_retry(batch, watch->now_ns, s);
        break;
    case 12:
        watch->placed[s] = true; /* its unit is still in */
        batch_retry_now(batch, watch->now_ns, s);
        break;
    case 13:
        batch_again(batch, watch->now_ns, kind & 0x80);
        break;
    case 14:
        watch->now_ns += (int64_t)take_byte(in) * 20 * NS_PER_MS;
        batch_tick(batch, watch->now_ns);
        break;
    default:
        /* Back in time, too. */
        batch_tick(batch, watch->now_ns - take_byte(in));
        break;
    }
}

/* Woken as it wants to be, it comes to a state that only the outside can change. */
static void sleep_long(struct watch *watch)
{
    for (int round = 0; batch_wake_ns(watch->batch) != INT64_MAX; round++) {
        assert(round < ROUNDS_MAX);
        int64_t wake_ns = batch_wake_ns(watch->batch);
        watch->now_ns = wake_ns > watch->now_ns ? wake_ns : watch->now_ns;
        for (int s = 0; s < STATIONS; s++) {
            watch->placed[s] = true;
        }
        batch_tick(watch->batch, watch->now_ns);
        take_commands(watch);
        check_books(watch);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input_bytes in = {data, size};
    uint8_t first = take_byte(&in);
    struct batch_settings settings = {.station_count = STATIONS,
                                      .retry_times = first >> 3 & 3,
                                      .retry_cooldown_ns = (first >> 5) * NS_PER_S,
                                      .placed_by_input = {first & 1, first & 2, first & 4},
                                      .settle_ns = first & 1 ? BATCH_SETTLE_NS : 0,
                                      .repeat_ns = first & 2 ? BATCH_REPEAT_NS : 0};
    struct watch watch = {.batch = batch_new(&settings)};
    assert(watch.batch);
    for (int i = 0; i < CALLS_MAX && in.size > 0; i++) {
        one_call(&watch, &in);
        take_commands(&watch);
        check_books(&watch);
    }
    sleep_long(&watch);
    batch_free(watch.batch);
    return 0;
}
