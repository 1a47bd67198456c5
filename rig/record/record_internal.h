/*
 * Words of the run's JSON, shared by the writer (record.c), the reader (record_read.c) and the
 * writer of a run judged again (record_again.c).
 */
#ifndef LONGPRESS_RIG_RECORD_INTERNAL_H
#define LONGPRESS_RIG_RECORD_INTERNAL_H

#include "rig/record/record.h"
#include "rig/timeline/timeline.h"

#include <jansson.h>
#include <stdbool.h>

enum { RECORD_FORMAT = 1 };

/* The member that holds an entry's code ("event", "why", "by", ...); NULL: it has none. */
const char *record_code_key(enum entry_kind kind);
/* The word for a code; NULL: there is no such code. */
const char *record_code_word(enum entry_kind kind, int code);

/* Do such entries always have at_ns and until_ns? A pulse? */
bool record_has_span(enum entry_kind kind);
bool record_has_pulse(enum entry_kind kind);

/* The last member: covers everything before it. */
void record_put_digest(json_t *object, enum record_state state);
enum record_state record_state_of(const json_t *object);

/* "power + nc_ambient" as a list. */
json_t *record_controls(const char *words);
json_t *record_presses(const struct timeline *timeline);
json_t *record_started(int64_t wall_ns);
/* Its name, kind and source. */
void record_put_procedure(json_t *object, const struct procedure *procedure);

/* [{"what", "expected", "observed", "result", "margin_ms", "reason", "needed"}]. */
json_t *record_put_findings(const struct judgement *judgement);

#endif
