/*
 * A run as a capture: presses as written to the lines, and the raw edges of light and sound, as a
 * value change dump (rig/format/vcd.h) for PulseView, GTKWave and `longpress decode`.
 *
 * Signals, as far as the station has them: press_CONTROL (the lines, at the measured instant just
 * before they were written), contact_CONTROL, led_r, led_g, led_b or led, sound, and inputs that
 * answer questions by their names, as far as the run recorded them. The e-stop is not included: the
 * run's JSON says if it ended the run. `edges_lost` is present if edges were lost or not kept, and
 * high from then on: after that the other signals are uncertain. Time 0 is the run's origin. Levels
 * are logical: 1 is lit, pressed, active, whatever the line's polarity.
 *
 * Times are rounded down to `unit_ns` without losing changes: a signal that changes twice within
 * one unit changes in two consecutive ones. (A pulse shorter than a unit becomes one unit long.)
 */
#ifndef LONGPRESS_RIG_CAPTURE_H
#define LONGPRESS_RIG_CAPTURE_H

#include "rig/record/record.h"

#include <stdint.h>
#include <stdio.h>

/* What an analyser program can hold in memory: at 1 ns, 11 s of a run are 11 billion samples. */
#define CAPTURE_UNIT_NS INT64_C(1000)

/* `record` needs its timeline and its bench_station; `unit_ns` as for vcd_write_begin. 0, or -1
 * with errno. */
int record_vcd_write(const struct record *record, int64_t unit_ns, FILE *out);

#endif
