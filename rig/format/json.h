/*
 * Helpers for writing JSON with jansson. Out of memory ends the process (rig/base/arena.h), so
 * callers need not check every value they create.
 */
#ifndef LONGPRESS_RIG_TOJSON_H
#define LONGPRESS_RIG_TOJSON_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

json_t *json_put_object(void);
json_t *json_put_array(void);
/* Made printable (rig/base/text.h), so it is valid UTF-8 and safe to show; NULL becomes null. */
json_t *json_put_text(const char *text);
json_t *json_put_int(int64_t value);
/* Milliseconds, with as many decimals as needed. */
json_t *json_put_ms(int64_t duration_ns);

/* Put or append `value`, taking over its reference. */
void json_put(json_t *object, const char *key, json_t *value);
void json_put_new(json_t *array, json_t *value);

/* Print one object and a newline, with one line for each member and each item of its lists, so that
 * two can be compared line by line. Frees the object. 0, or -1 with errno. */
int json_write(json_t *object, FILE *out);

#endif
