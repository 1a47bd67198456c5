/*
 * The radio of a station: one adapter, one unit under test, through bluetoothd. It is part of the
 * station's port (hardware/station/station_port.h), which polls it with everything else. Nothing
 * here blocks but radio_close, which cleans up for CLOSE_NS at most unless radio_retire already
 * did.
 *
 * The port's commands:
 *  - START_WATCH prepares: it switches the adapter on if necessary, registers the rig's agent and
 *    profile, finds the unit and, if the procedure has a bond to lose or to keep, pairs and
 *    connects. Then comes READY, with the result, or ABSENT.
 *  - Which unit? The one with the given address; otherwise, by name, one that is already paired and
 *    answers, or else the strongest one above the RSSI floor. Two within the margin cause
 *    RADIO_WHICH, a question. The Low Energy side of a unit is the same unit. Ignored units
 *    never qualify.
 *  - CONNECT tries the stored key: with a profile that requires authentication, and an agent that
 *    refuses to pair, so that a new key cannot pass for the old one.
 *  - PAIR deletes the old key, waits until the unit is discoverable, and pairs again.
 *
 * Every call to bluetoothd has a deadline. If the adapter or bluetoothd goes away, RADIO_ABSENT
 * says so once, and the radio stays absent until START_WATCH.
 */
#ifndef LONGPRESS_HARDWARE_RADIO_H
#define LONGPRESS_HARDWARE_RADIO_H

#include "rig/run/port.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RADIO_FDS_MAX = 3 };

struct radio_setup {
    const char *adapter;     /* its address */
    const char *name;        /* the unit's, NULL: not known */
    const char *le_name;     /* of its Low Energy side, NULL: "LE_" and the name */
    const char *address;     /* the unit's, NULL: by name */
    const char *const *done; /* addresses of units that are done with, and not the next one */
    size_t done_count;
    int rssi_floor;      /* dBm */
    int rssi_margin;     /* dB */
    bool forget;         /* remove the rig's bond with the unit at the end */
    bool needs_bond;     /* there has to be one before the first press */
    bool finds_gone;     /* RADIO_GONE is wanted: the air is searched again and again */
    bool finds_services; /* RADIO_SERVICES is wanted after pairing */
};

struct radio;

/* `setup` is copied, what it points at borrowed. Never NULL: what fails is told by events. */
struct radio *radio_open(const struct radio_setup *setup);
/* The same tidying, without waiting: from now on it tells nothing and obeys nothing, but is polled
 * as before, until it is retired; then radio_close is done at once. `setup->address` and `done` are
 * borrowed no longer. */
void radio_retire(struct radio *radio);
bool radio_retired(const struct radio *radio);
/* Stops discovery, takes agent and profile off, forgets or leaves as it was found. NULL allowed. */
void radio_close(struct radio *radio);

/* For ppoll; how many. */
size_t radio_fds(const struct radio *radio, struct pollfd fds[RADIO_FDS_MAX]);
int64_t radio_due_ns(const struct radio *radio);
void radio_process(struct radio *radio);
/* The next event, PORT_RADIO always, in order. */
bool radio_event(struct radio *radio, struct port_event *event);

void radio_command(struct radio *radio, enum radio_command command, const char *text);
/* bluetoothd's version ("5.82"), as soon as it has told of the adapter; NULL: not known, or not
 * told (bluez_version). */
const char *radio_bluez_version(const struct radio *radio);
/* The unit's charge in percent, -1 when it does not tell. */
int radio_battery(const struct radio *radio);

#endif
