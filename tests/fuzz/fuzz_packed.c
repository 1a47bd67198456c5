/* Any bytes as a packed timeline: refused, or a timeline that can be judged, and that comes back
 * the same when it is packed and unpacked once more. */
#include "rig/journal/journal_pack.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;
    struct timeline timeline;
    struct timeline again;
    size_t pulses = 0;
    size_t unkept = 0;

    timeline_init(&timeline);
    timeline_init(&again);
    timeline.origin_ns = again.origin_ns = 1000000;
    if (!journal_unpack(data, size, &timeline)) {
        struct packed packed = journal_pack(&arena, &timeline, 0, &pulses, &unkept);
        const char *wrong = journal_unpack(packed.data, packed.length, &again);
        assert(!wrong && unkept == 0 && again.count == timeline.count);
        for (size_t i = 0; i < timeline.count; i++) {
            const struct entry *x = &timeline.entries[i];
            const struct entry *y = &again.entries[i];
            assert(x->kind == y->kind && x->code == y->code && x->input == y->input);
            assert(x->press == y->press && x->mask == y->mask && x->value == y->value);
            assert(x->time_ns == y->time_ns && x->at_ns == y->at_ns && x->until_ns == y->until_ns);
            assert(!x->text == !y->text && (!x->text || strcmp(x->text, y->text) == 0));
            assert(x->pulse.start_ns == y->pulse.start_ns && x->pulse.end_ns == y->pulse.end_ns);
        }
    }
    timeline_free(&timeline);
    timeline_free(&again);
    arena_free(&arena);
    return 0;
}
