/*
 * Tells a barcode scanner from typing: a scanner types a whole number at a few milliseconds per
 * letter and ends it with Enter, wherever the keys go. Where letters are commands or answers, a
 * letter is held back for a moment; if more follow at once, it is a scan, and none of its letters
 * is a command or an answer. No I/O: keys and times go in, keys and scans come out.
 *
 * A key held down repeats just as fast; the letters that move (hjklgG) come through, repeated.
 */
#ifndef LONGPRESS_TUI_BURST_H
#define LONGPRESS_TUI_BURST_H

#include "tui/term/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A single letter counts as typed if nothing follows within this time. Scanners set to slow leave
 * 30 ms between letters. */
#define SCANNER_ALONE_NS INT64_C(50000000)
/* After this gap a scan has ended without its Enter: the connection may have cut it up. */
#define SCANNER_SILENCE_NS INT64_C(500000000)

enum {
    SCANNER_TEXT_MAX = 64, /* with the null byte; as a serial number (rig/batch/batch.h) */
    SCANNER_KEYS_MAX = 2,  /* that come out for one that goes in */
};

struct scanner {
    char text[SCANNER_TEXT_MAX];
    size_t letters; /* that came at once; 0: nothing is held back */
    bool too_long;  /* there is more than `text` */
    struct key first;
    int64_t last_ns;
};

enum scanner_result {
    SCANNER_KEYS,   /* `out` has keys, as many as `count` (0: it is held back, or part of a scan) */
    SCANNER_SCAN,   /* burst->text was scanned, whole; to be emptied with scanner_clear */
    SCANNER_BROKEN, /* what was scanned has no end, or is too long; to be emptied with
                     scanner_clear. The key that ended it may be in `out` */
};

void scanner_clear(struct scanner *scanner);
enum scanner_result scanner_key(struct scanner *scanner, int64_t now_ns, const struct key *key,
                                struct key out[SCANNER_KEYS_MAX], size_t *count);
/* Advance the time to `now_ns`. */
enum scanner_result scanner_tick(struct scanner *scanner, int64_t now_ns,
                                 struct key out[SCANNER_KEYS_MAX], size_t *count);
/* When scanner_tick has something to do; INT64_MAX: never, without a key. */
int64_t scanner_due_ns(const struct scanner *scanner);

#endif
