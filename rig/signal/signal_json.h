/* Pulses as JSON. */
#ifndef LONGPRESS_RIG_SIGNAL_JSON_H
#define LONGPRESS_RIG_SIGNAL_JSON_H

#include "rig/format/json.h"
#include "rig/signal/pattern.h"

/* {"start_ns", "end_ns", "colour", "duty": [r, g, b], "open", "clipped"}, from `origin_ns` on. */
json_t *signal_json_pulse(const struct pulse *pulse, int64_t origin_ns);
/* The canonical form. */
json_t *signal_json_pattern(const struct pattern *pattern);

#endif
