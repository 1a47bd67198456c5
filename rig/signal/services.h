/*
 * Bluetooth services of headphones, as profiles name them, and their UUIDs (Bluetooth Assigned
 * Numbers, 3.3: SDP service class identifiers).
 */
#ifndef LONGPRESS_RIG_SERVICES_H
#define LONGPRESS_RIG_SERVICES_H

#include <stddef.h>
#include <stdint.h>

enum { SERVICES_COUNT = 4 };

/* Words of a profile, NULL-terminated; a set of services has bit i for word i. */
extern const char *const service_words[SERVICES_COUNT + 1];

/* The services in a list of hexadecimal 16-bit UUIDs ("110b 111e"). */
unsigned services_of(const char *uuids);

/* "a2dp_sink, avrcp"; "nothing" for none. Returns `out`. */
char *services_words(char *out, size_t size, unsigned services);

#endif
