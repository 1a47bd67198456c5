/*
 * JSON out: the pieces that whatever prints JSON has in common. On top of jansson, with one word
 * on out of memory (rig/base/arena.h), so that callers need not look at every value they make.
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
/* Milliseconds, with as many decimals as it takes. */
json_t *json_put_ms(int64_t duration_ns);

/* Put or append `value`, whose reference is taken. */
void json_put(json_t *object, const char *key, json_t *value);
void json_put_new(json_t *array, json_t *value);

/* One object and a newline: a line for each member, and for each item of a list in it, so that
 * two of them can be compared line by line. 0, or -1 with errno. The object is freed. */
int json_write(json_t *object, FILE *out);

#endif
