/*
 * Lanes: a part of a run's timeline as cells on one time axis: presses as ordered and as measured,
 * the LED in its colours, sound, radio marks, the level of any input. tui/print/print_chart.h and
 * tui/screen/chart.h draw them.
 */
#ifndef LONGPRESS_TUI_LANES_H
#define LONGPRESS_TUI_LANES_H

#include "rig/bench/bench.h"
#include "rig/timeline/timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LANES_CELLS_MAX = 400 };

/* `cells` cells of `cell_ns` each, from `from_ns` after the timeline's origin on. */
struct axis {
    int64_t from_ns;
    int64_t cell_ns;
    int cells;
};

/* An axis over [from_ns, to_ns) with cells of a round length. */
struct axis lanes_axis_over(int64_t from_ns, int64_t to_ns, int cells);
/* The next larger round cell length (smaller with `by` -1); unchanged at either end. */
int64_t lanes_axis_zoom(int64_t cell_ns, int by);
/* The cells of [from_ns, to_ns), clipped to the axis. False if it lies outside. */
bool lanes_axis_cells(const struct axis *axis, int64_t from_ns, int64_t to_ns, int *first,
                      int *last);
/* The axis labels, a line of at most `cells` columns, written to line[LANES_CELLS_MAX + 1]. */
void lanes_axis_labels(const struct axis *axis, char *line);

/* Each fills cells[axis->cells] and returns whether there was anything. Whatever has not ended yet
 * ends at `now_ns` of the timeline's clock. */

/* The actuator's line was active, by order. */
bool lane_ordered(const struct timeline *timeline, unsigned actuator, const struct axis *axis,
                  int64_t now_ns, bool *cells);
/* Its contact was closed. */
bool lane_measured(const struct timeline *timeline, unsigned actuator, const struct axis *axis,
                   int64_t now_ns, bool *cells);
/* The colours that fill half a cell or more; a shorter pulse gets the cell that it fills most,
 * unless another fills more of it. `live` (or NULL) is a pulse that has not ended. */
bool lane_led(const struct timeline *timeline, const struct axis *axis, const struct pulse *live,
              colour *cells);
bool lane_sound(const struct timeline *timeline, const struct axis *axis, const struct pulse *live,
                bool *cells);
/* Letters (radio_event_letter), 0 for none. */
bool lane_radio(const struct timeline *timeline, const struct axis *axis, char *cells);

#endif
