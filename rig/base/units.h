/*
 * Numbers with units, as written in files: `7 s`, `250 ms`, `3 min`, `20 %`.
 *
 * Durations are exact integers of nanoseconds; decimals are read without floating point (`0.1 s` is
 * 100000000). No file may contain a duration longer than DURATION_MAX_NS.
 */
#ifndef LONGPRESS_RIG_UNITS_H
#define LONGPRESS_RIG_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_US       INT64_C(1000)
#define NS_PER_MS       INT64_C(1000000)
#define NS_PER_S        INT64_C(1000000000)
#define DURATION_MAX_NS (INT64_C(24) * 3600 * NS_PER_S)

enum { DURATION_TEXT_MAX = 40 };

/*
 * Read a duration: decimal number, optional space, unit (ns, us, µs, ms, s, min, h). Zero is a
 * duration, negative is not. Returns NULL on success, else a static message ("has no unit", "is
 * negative", ...) that can follow the quoted text.
 */
const char *units_duration_parse(const char *text, int64_t *duration_ns);

/* Shortest exact form in the largest unit that keeps it short: `7 s`, `250 ms`, `6.4 s`, `3 min`.
 * `out` takes DURATION_TEXT_MAX bytes. Returns `out`. A negative one prints with a minus sign. */
char *units_duration_format(char *out, int64_t duration_ns);

/* Read `20 %` (0 to 100; decimals allowed) as hundredths of a percent (2000). NULL or a message. */
const char *units_percent_parse(const char *text, int *percent_x100);

#endif
