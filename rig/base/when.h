/*
 * Dates: wall-clock instants (ns since 1970 UTC), as people and files write them.
 */
#ifndef LONGPRESS_RIG_WHEN_H
#define LONGPRESS_RIG_WHEN_H

#include <stdint.h>

enum { WHEN_TEXT_MAX = 48 };

/* RFC 3339 in UTC, to the nanosecond: "2026-11-24T15:00:00.123456789Z". `out` takes WHEN_TEXT_MAX
 * bytes. Returns `out`; NULL before 1970. */
char *when_utc(char *out, int64_t wall_ns);

/* For people, in the local time zone: "2026-11-24 15:00:05". Returns `out`; "?" before 1970. */
char *when_local(char *out, int64_t wall_ns);

/*
 * Read an instant: a day (`2026-11-24`: its start) or a day and a time (`2026-11-24 15:00`,
 * `2026-11-24T15:00:05`), local, or UTC with a trailing Z; or a time before `now_ns` (`90 min`, `12
 * h`, `7 d`, `4 w`). NULL on success, else a static message that can follow the quoted text.
 */
const char *when_parse(const char *text, int64_t now_ns, int64_t *wall_ns);

/* Read a span as above: also in days (`7 d`) and weeks. */
const char *when_parse_span(const char *text, int64_t *span_ns);

#endif
