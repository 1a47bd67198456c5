/*
 * A run as a capture: presses as they were written to the lines, and the raw edges that were seen
 * and heard, as a value change dump (rig/format/vcd.h) for PulseView, GTKWave and `longpress
 * decode`.
 *
 * Signals, each there when the station has it: press_CONTROL (the lines, at the measured instant
 * just before they were written), contact_CONTROL, led_r, led_g, led_b or led, sound, and inputs
 * that answer questions by their names, as far as the run took note of them. Not the e-stop: that
 * it ended a run is in the run's JSON. `edges_lost` is there when edges were lost or are more than
 * are kept, and high from then on: what the other signals say after that is not certain. Time 0 is
 * the run's origin. Levels are logical: 1 is lit, pressed, active, whatever the line's polarity.
 *
 * Times are rounded down to `unit_ns`, but no change is lost to that: a signal that changes twice
 * within one unit changes in two, one after the other. (Of a pulse shorter than a unit the length
 * is then a unit; that it was is kept.)
 */
#ifndef LONGPRESS_RIG_CAPTURE_H
#define LONGPRESS_RIG_CAPTURE_H

#include "rig/record/record.h"

#include <stdint.h>
#include <stdio.h>

/* What an analyser's program can hold in memory: at 1 ns 11 s of a run are 11 billion samples. */
#define CAPTURE_UNIT_NS INT64_C(1000)

/* `record` needs its timeline and its bench_station; `unit_ns` as for vcd_write_begin. 0, or -1
 * with errno. */
int record_vcd_write(const struct record *record, int64_t unit_ns, FILE *out);

#endif
