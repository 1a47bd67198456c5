/*
 * Timelines packed into few bytes, for the journal. A chunk holds consecutive entries and can be
 * read by itself. Nothing is rounded: unpacking returns every entry as it was packed. Raw edges are
 * not stored.
 *
 * The format (docs/journal.md): a byte for the kind, a number whose bits say which members follow,
 * then the members; numbers with seven bits a byte, instants as differences to the one before, and
 * a text that appeared earlier in the chunk as its index.
 */
#ifndef LONGPRESS_RIG_JOURNAL_PACK_H
#define LONGPRESS_RIG_JOURNAL_PACK_H

#include "rig/base/arena.h"
#include "rig/timeline/timeline.h"

#include <stddef.h>
#include <stdint.h>

/* Decoded pulses that are kept of one run, half a megabyte: a LED that floods (a decoder set for
 * less than the PWM it sees) must not fill the card. Further ones are counted. */
enum { JOURNAL_PULSES_MAX = 32768 };

struct packed {
    const uint8_t *data; /* in the arena */
    size_t length;
    size_t entries;
};

/* Entries [first, timeline->count). *pulses counts those of the run so far; *unkept those that were
 * left out. */
struct packed journal_pack(struct arena *arena, const struct timeline *timeline, size_t first,
                           size_t *pulses, size_t *unkept);

/* Append a chunk's entries to `timeline`, whose origin_ns is set. NULL, or what is wrong with the
 * chunk, a static sentence: it comes from a file, anything may be in it. */
const char *journal_unpack(const uint8_t *data, size_t length, struct timeline *timeline);

#endif
