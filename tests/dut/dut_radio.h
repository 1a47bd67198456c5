/*
 * The radio of longpress-dut: what the simulated unit shows on the air, shown by a controller of
 * this machine through org.bluez, and what the rig's radio does to that controller, told to the
 * unit. Never blocks after the start: one call is under way at a time, and dut_radio_step takes
 * what has come.
 */
#ifndef LONGPRESS_TESTS_DUT_RADIO_H
#define LONGPRESS_TESTS_DUT_RADIO_H

#include "hardware/sim/unit.h"

#include <stdint.h>

struct dut_radio;

/* `address` of the controller, such as 00:AA:01:01:00:01. Everything that was bonded with it is
 * forgotten: the unit has yet to meet the rig. `say` is told what happens. NULL, said on standard
 * error. */
struct dut_radio *dut_radio_open(const char *address, struct unit *unit, int64_t now_ns,
                                 void (*say)(const char *what, const char *more));
/* Readable when something has come; -1: no descriptor of its own. What else there is to do, a step
 * every 20 ms does in time. */
int dut_radio_fd(const struct dut_radio *radio);
/* False: the bus is gone. */
bool dut_radio_step(struct dut_radio *radio, int64_t now_ns);
/* Off the air, for nobody is there any more who could answer. */
void dut_radio_close(struct dut_radio *radio);

#endif
