/*
 * Identifies units: which of the devices that bluetoothd reports could be the unit under test, and
 * whether one that appears is it.
 *
 * A unit may appear twice: in a BR/EDR inquiry under its name, and in Low Energy advertising, often
 * with a random address and another name ("LE_" and the name). Only the name connects the second to
 * the first, so it counts only if no other unit could be behind it.
 */
#ifndef LONGPRESS_HARDWARE_RADIO_UNITS_H
#define LONGPRESS_HARDWARE_RADIO_UNITS_H

#include "hardware/radio/bluez.h"
#include "hardware/radio/radio.h"

enum {
    RADIO_CANDIDATES_MAX = 8, /* of those one can be asked about */
    RADIO_OTHERS_MAX = 64,
};

struct radio_units {
    const struct radio_setup *setup;
    int64_t begin_ns;                                 /* only what was seen since counts */
    char others[RADIO_OTHERS_MAX][BLUEZ_ADDRESS_MAX]; /* of that name, and somebody else */
    size_t other_count;
};

struct radio_choice {
    size_t count; /* 0: nobody; 1: `best`; more: nobody can tell them apart */
    const struct bluez_device *best;
    char addresses[RADIO_CANDIDATES_MAX * BLUEZ_ADDRESS_MAX]; /* strongest first */
};

/* `setup` is borrowed. */
void radio_units_begin(struct radio_units *units, const struct radio_setup *setup, int64_t now_ns);

/* The one device that is paired with the rig already and could be the unit (a connected one before
 * all others), or NULL when there is none, or more than one. */
const struct bluez_device *radio_units_bonded(const struct radio_units *units,
                                              const struct bluez *bluez, const char *adapter);

/* The strongest of those that were seen, unless others come within the margin. */
void radio_units_choose(const struct radio_units *units, const struct bluez *bluez,
                        const char *adapter, struct radio_choice *choice);

/* Where nobody has the unit's name: the strongest headset that was seen and has another one, as
 * owners give them; not one that was declined. NULL: there is none, or the unit has an address. */
const struct bluez_device *radio_units_renamed(const struct radio_units *units,
                                               const struct bluez *bluez, const char *adapter);
/* It is somebody else's. */
void radio_units_decline(struct radio_units *units, const char *address);

/* Has it the name of the unit, or of its Low Energy side? */
bool radio_units_named(const struct radio_units *units, const struct bluez_device *device);

/* All that could be the unit and was seen is somebody else: the unit has not shown itself yet. */
void radio_units_set_aside(struct radio_units *units, const struct bluez *bluez,
                           const char *adapter);

/* Is this the unit, whose device is `unit` (empty: not known yet, any that fits and is not somebody
 * else)? */
bool radio_units_is(const struct radio_units *units, const struct bluez *bluez,
                    const struct bluez_device *device, const char *unit);

#endif
