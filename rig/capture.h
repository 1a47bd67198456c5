/*
 * A run as a capture: presses as they were written to the lines, and the raw edges that were seen
 * and heard, as a value change dump (rig/vcd.h) for PulseView, GTKWave and `longpress decode`.
 *
 * Signals, each there when the station has it: press_CONTROL (the lines, at the measured instant
 * just before they were written), contact_CONTROL, led_r, led_g, led_b or led, sound, and inputs
 * that answer questions by their names, as far as the run took note of them. Not the e-stop: that
 * it ended a run is in the run's JSON. `edges_lost` is there when edges were lost or are more than
 * are kept, and high from then on: what the other signals say after that is not certain. Time 0 is
 * the run's origin.
 */
#ifndef LONGPRESS_RIG_CAPTURE_H
#define LONGPRESS_RIG_CAPTURE_H

#include "rig/record.h"

#include <stdio.h>

/* `record` needs its timeline and its bench_station. 0, or -1 with errno. */
int capture_write(const struct record *record, FILE *out);

#endif
