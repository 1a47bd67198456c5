/* The parts of a run's drawing; only for rig/report/svg_run*.c. */
#ifndef LONGPRESS_RIG_SVG_RUN_INTERNAL_H
#define LONGPRESS_RIG_SVG_RUN_INTERNAL_H

#include "rig/format/svg.h"
#include "rig/report/svg_run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    WIDTH = 1000,
    LEFT = 168,  /* where the plot begins ... */
    PLOT = 692,  /* ... how wide it is ... */
    RIGHT = 872, /* ... and where the results stand */
    AXIS_HEIGHT = 26,
    CONTROL_HEIGHT = 36,
    LED_HEIGHT = 38,
    SOUND_HEIGHT = 24,
    RADIO_HEIGHT = 46,
    LEGEND_HEIGHT = 18,
    WINDOWS_GAP = 20,
    WINDOW_HEIGHT = 24,
    CLOSER_GAP = 34,
    LANE_GAP = 2,
    LETTER_WIDTH = 9,
    COLUMN_WIDTH = 7, /* of a character, about */

    CONTROLS_MAX = 16,
    CONTROL_NAME_MAX = 64,
    SHAPES_MAX = 1500, /* in one lane: a hostile or endless run is not drawn whole */
};

/* A control that was pressed, or whose contact told something. */
struct control_lane {
    char name[CONTROL_NAME_MAX];
    bool sensed;
};

struct picture {
    FILE *out;
    const struct report_run *run;
    const struct procedure *procedure; /* or NULL */
    const struct timeline *timeline;
    int64_t end_ns; /* of the run, from its begin */
    struct control_lane controls[CONTROLS_MAX];
    size_t control_count;
    bool has_sound;
    bool has_radio;
    struct svg_axis axis;
    double y; /* where the next lane begins */
};

/* An instant as it is counted from the run's begin. */
int64_t svg_run_since(const struct picture *picture, int64_t time_ns);
/* Where [from_ns, to_ns) is, cut to the plot. False when it is outside. */
bool svg_run_span(const struct picture *picture, int64_t from_ns, int64_t to_ns, double *x,
                  double *width);
bool svg_run_instant(const struct picture *picture, int64_t time_ns, double *x);
void svg_run_begin_lane(const struct picture *picture, double height, const char *name);

/* Each draws where the last one ended, and moves on. */
void svg_run_control(struct picture *picture, const struct control_lane *lane);
void svg_run_led(struct picture *picture);
void svg_run_sound(struct picture *picture);
void svg_run_radio(struct picture *picture);
void svg_run_legend(struct picture *picture);
void svg_run_windows(struct picture *picture);

/* "power + nc_ambient": the next of its names, NULL at the end. */
const char *svg_run_next_control(const char **text, size_t *length);

#endif
