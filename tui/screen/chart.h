/*
 * The chart on the screen: named lanes of a run, or of a station's lines, over one time axis.
 * Legible without colours: letters for the LED, three symbols for presses.
 */
#ifndef LONGPRESS_TUI_CHART_H
#define LONGPRESS_TUI_CHART_H

#include "rig/bench/bench.h"
#include "rig/run/scope.h"
#include "rig/timeline/timeline.h"
#include "tui/print/lanes.h"
#include "tui/term/paint.h"

#include <stdint.h>

enum { CHART_LABEL_COLS = 13 };

struct chart {
    const struct paint *paint;
    struct area area;
    const struct station *station;
    const struct timeline *timeline;
    const struct scope *scope; /* for what is on right now; or NULL */
    struct axis axis;
    int64_t now_ns; /* of the timeline's clock */
};

/* An axis with `right_ns` (since the origin) in its last quarter; it scrolls by quarters. */
struct axis chart_axis(struct area area, int64_t cell_ns, int64_t right_ns);

/* The lanes of a run: time, each control in the set `actuators`, LED, sound, radio, and a legend.
 * Returns the rows used. Without enough room, the last lanes are dropped first. */
int chart_run(const struct chart *chart, uint32_t actuators);

/* The lanes of a station on the manual screen: time, each actuator, the level of each input. `lane`
 * is marked; cursors (since the origin; INT64_MIN: none) cross all lanes. */
int chart_lines(const struct chart *chart, size_t lane, int64_t cursor_ns, int64_t mark_ns);
/* How many lanes chart_lines has for this station; the i-th is an actuator when i < actuators. */
size_t chart_lane_count(const struct station *station);

#endif
