/*
 * The scope: recent activity of a station's lines, as a logic analyser shows it. Fed with a port's
 * events, with or without a run; for people to look at, never for a verdict.
 *
 * It keeps its own timeline of raw edges of every input, contacts, decoded LED pulses and sounds,
 * and presses; when that is full, the older half is dropped.
 */
#ifndef LONGPRESS_RIG_SCOPE_H
#define LONGPRESS_RIG_SCOPE_H

#include "rig/bench/bench.h"
#include "rig/run/port.h"
#include "rig/timeline/timeline.h"

#include <stdbool.h>
#include <stdint.h>

enum { SCOPE_EDGES_MAX = 100000, SCOPE_ENTRIES_MAX = 4000 };

struct scope;

/* `levels` as for engine_new. `station` is borrowed. */
struct scope *scope_new(const struct station *station, int64_t now_ns, const int8_t *levels);
void scope_free(struct scope *scope);

void scope_event(struct scope *scope, const struct port_event *event);
void scope_tick(struct scope *scope, int64_t now_ns);
int64_t scope_wake_ns(const struct scope *scope);

/* -1 where unknown. */
int scope_level(const struct scope *scope, unsigned input);
/* Actuators whose lines are active, according to the port. */
uint32_t scope_active(const struct scope *scope);
/* The current light (sound), as far as it is certain. */
bool scope_led(const struct scope *scope, int64_t now_ns, struct pulse *pulse);
bool scope_sound(const struct scope *scope, int64_t now_ns, struct pulse *pulse);
const struct timeline *scope_timeline(const struct scope *scope);
/* The instant of the edge of `input` (-1: of any) next before / after `at_ns`; false: there is
 * none. */
bool scope_edge_before(const struct scope *scope, int input, int64_t at_ns, int64_t *edge_ns);
bool scope_edge_after(const struct scope *scope, int input, int64_t at_ns, int64_t *edge_ns);

#endif
