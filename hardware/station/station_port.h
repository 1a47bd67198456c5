/*
 * The port of a real station: actuators through the keeper (hardware/keeper/keeper.h), inputs
 * through libgpiod (hardware/gpio/lines.h), the radio through bluetoothd (hardware/radio/radio.h).
 * A station without an adapter answers RADIO_START_WATCH with RADIO_ABSENT.
 */
#ifndef LONGPRESS_HARDWARE_STATION_PORT_H
#define LONGPRESS_HARDWARE_STATION_PORT_H

#include "hardware/keeper/keeper.h"
#include "hardware/radio/radio.h"
#include "rig/bench/bench.h"
#include "rig/run/port.h"

/*
 * Fork the keeper, take all lines of the station, start listening. NULL after an error: every line
 * that could not be had is told with chip, line and its user. `radio` (copied; NULL: none) is what
 * the radio is to know of adapter and unit. `wake_fd` (or -1) makes `next` return early when it is
 * readable.
 */
struct port *station_port_open(struct diags *diags, const struct bench *bench,
                               const struct station *station, const struct radio_setup *radio,
                               int wake_fd);

/*
 * Another radio for the next run: the one there is tidies up without anybody waiting (as `next` is
 * called), and the new one begins when that is done, what it is commanded meanwhile included.
 * `setup` as for station_port_open, NULL: none.
 */
void station_port_radio(struct port *port, const struct radio_setup *setup);
/* It still tidies up: closing the port now would wait for that. */
bool station_port_tidies(const struct port *port);

/* The version of bluetoothd (radio_bluez_version) that the radio speaks with now. NULL: not known
 * (yet), or there is no radio. Only of this port, never of a simulated one. */
const char *station_port_bluez(const struct port *port);

/* What the keeper was granted, for doctor and for the record. */
struct keeper_powers station_port_powers(const struct port *port);

#endif
