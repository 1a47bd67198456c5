/*
 * Tells a barcode scanner from a hand: a scanner types a whole number within a few milliseconds a
 * letter and ends it with Enter, wherever the keys go just now. Where letters are commands or
 * answers one is held back for a moment; what follows at once makes it a scan, of which no letter
 * commands or answers anything. Without I/O: keys and times go in, keys and scans come out.
 *
 * A hand that holds a key down types as fast; the letters that move (hjklgG) come through,
 * repeated.
 */
#ifndef LONGPRESS_TUI_BURST_H
#define LONGPRESS_TUI_BURST_H

#include "tui/term/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A letter by itself is a hand's when nothing followed it for so long. Scanners that were told to
 * be slow leave 30 ms between two letters. */
#define SCANNER_ALONE_NS INT64_C(50000000)
/* A scan that has begun may be cut up by the line it comes over; then it has ended, and not by its
 * Enter. */
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
/* Time has come to `now_ns`. */
enum scanner_result scanner_tick(struct scanner *scanner, int64_t now_ns,
                                 struct key out[SCANNER_KEYS_MAX], size_t *count);
/* When scanner_tick has something to do; INT64_MAX: never, without a key. */
int64_t scanner_due_ns(const struct scanner *scanner);

#endif
