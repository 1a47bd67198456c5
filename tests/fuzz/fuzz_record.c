/* Any bytes as a stored run: refused, or a timeline that can be judged, and that comes back the
 * same when it is written and read once more. */
#include "rig/record/record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One with every kind of expectation. */
static const char profile_text[] =
    "model: HP-1\n"
    "family: over-ear\n"
    "sources: { s: \"A source\" }\n"
    "bluetooth: { name: HP-1 }\n"
    "controls: { power: { kind: button, max_hold: 16 s } }\n"
    "procedures:\n"
    "  reset:\n"
    "    kind: network\n"
    "    source: s\n"
    "    requires: { power: on, battery: \">= 20 %\" }\n"
    "    steps: [{ tap: power, times: 2, on: 80 ms, off: 120 ms }, { hold: power, for: 5 s }]\n"
    "    expect:\n"
    "      led: { pattern: \"blue x2, white x1\", after: press+3 s, within: 3 s }\n"
    "      sound: { prompt: \"Bye\", within: 5 s }\n"
    "      bluetooth:\n"
    "        - { disconnects: { within: 3 s } }\n"
    "        - { bond_rejected: { within: 30 s } }\n"
    "        - { discoverable: { within: 20 s } }\n";

/* Loaded once, and kept for all inputs. */
static const struct profile *the_profile(void)
{
    static struct profile *profile;
    if (!profile) {
        struct diags diags = DIAGS_INIT;
        profile = profile_load_text(&diags, "hp-1.yaml", profile_text, sizeof(profile_text) - 1);
        diags_print(&diags, stderr);
        assert(profile);
    }
    return profile;
}

static void check_same(const struct timeline *a, const struct timeline *b)
{
    assert(a->count == b->count && a->origin_ns == b->origin_ns);
    for (size_t i = 0; i < a->count; i++) {
        const struct entry *x = &a->entries[i];
        const struct entry *y = &b->entries[i];
        assert(x->kind == y->kind && x->code == y->code && x->input == y->input);
        assert(x->press == y->press && x->mask == y->mask && x->value == y->value);
        assert(x->time_ns == y->time_ns && x->at_ns == y->at_ns && x->until_ns == y->until_ns);
        assert(!x->text == !y->text && (!x->text || strcmp(x->text, y->text) == 0));
        assert(!x->text2 == !y->text2 && (!x->text2 || strcmp(x->text2, y->text2) == 0));
        assert(x->pulse.start_ns == y->pulse.start_ns && x->pulse.end_ns == y->pulse.end_ns);
    }
}

static void check_round_trip(const struct stored_run *run, const struct judgement *judgement)
{
    struct diags diags = DIAGS_INIT;
    struct record record = {.version = run->version,
                            .simulated = run->simulated,
                            .bench = run->bench,
                            .station = run->station,
                            .unit = run->unit,
                            .unit_firmware = run->unit_firmware,
                            .profile = the_profile(),
                            .procedure = the_profile()->procedures,
                            .sensors = run->sensors,
                            .end = run->end,
                            .timeline = &run->timeline,
                            .judgement = judgement};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert(out);
    int failed = record_write(&record, out);
    assert(!failed);
    fclose(out);
    struct stored_run *again = record_read_text(&diags, "again", text, size);
    diags_print(&diags, stderr);
    assert(again);
    check_same(&run->timeline, &again->timeline);
    record_stored_run_free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct judgement judgement;
    struct diags diags = DIAGS_INIT;
    struct stored_run *run = record_read_text(&diags, "fuzz", (const char *)data, size);

    assert((run == NULL) == (diags.errors > 0));
    diags_clear(&diags);
    if (run) {
        judge(the_profile(), the_profile()->procedures, &run->sensors, &run->timeline, run->end,
              &judgement);
        check_round_trip(run, &judgement);
    }
    record_stored_run_free(run);
    return 0;
}
