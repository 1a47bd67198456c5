/*
 * What the radio reports about a unit, and what the rig orders its own radio to do: their names in
 * files and drawings.
 */
#ifndef LONGPRESS_RIG_RADIO_EVENT_H
#define LONGPRESS_RIG_RADIO_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum radio_event {
    RADIO_READY,           /* the adapter is there and the unit is being watched;
                              value: enum radio_ready */
    RADIO_ABSENT,          /* there is none, or it was lost: text says why */
    RADIO_CONNECTED,       /* link up */
    RADIO_DISCONNECTED,    /* link down */
    RADIO_SEEN,            /* in inquiry or advertising: text = name, value = RSSI dBm, mask =
                              enum radio_transport */
    RADIO_GONE,            /* no longer seen */
    RADIO_CONNECT_OK,      /* our connection with the stored key succeeded, without new pairing */
    RADIO_CONNECT_REFUSED, /* authentication failed: the unit no longer knows the key */
    RADIO_CONNECT_FAILED,  /* for another reason (not reachable, busy): text */
    RADIO_PAIR_OK,
    RADIO_PAIR_FAILED, /* text; value: 1 if it was not the unit that failed */
    RADIO_WHICH,    /* several units match: text = their addresses, separated by spaces; or (value:
                       enum radio_which) one with another name: text = its address, a space, that name.
                       The rig waits for a choice */
    RADIO_SERVICES, /* its services: text = 16-bit UUIDs in hexadecimal, separated by spaces */
    RADIO_FIRMWARE, /* text = the version the unit reports; value: enum firmware_source */
    RADIO_BATTERY,  /* the unit reports its charge: value, in percent */
    RADIO_NOTE,     /* what the rig's radio is doing, for people: text */
    /* What the rig itself orders, or its radio does on orders: never the unit's doing. */
    RADIO_RIG_PREPARES,
    RADIO_RIG_SEARCHES,
    RADIO_RIG_RESTS, /* searches no more */
    RADIO_RIG_CONNECTS,
    RADIO_RIG_PAIRS, /* pair again: deletes the old key, which also drops the link */
    RADIO_RIG_DROPS, /* drops the link */
};
enum { RADIO_EVENT_LAST = RADIO_RIG_DROPS };

bool radio_event_is_order(enum radio_event event);

/* RADIO_WHICH's value. */
enum radio_which { WHICH_ALIKE, WHICH_RENAMED };

/* RADIO_READY's value, a set. */
enum radio_ready {
    READY_PAIRED = 1,
    READY_CONNECTED = 2,
    READY_NOT_FOUND = 4, /* no unit was found */
};

/* How it was seen. BlueZ does not report this directly; a set of both means it is unknown. */
enum radio_transport { TRANSPORT_BREDR = 1, TRANSPORT_LE = 2 };

/* "bredr", "le", "either"; NULL for no transport at all. */
const char *radio_transport_name(uint32_t transports);

const char *radio_event_name(enum radio_event event);
/* The reverse, -1 for no such name: for reading a stored run. */
int radio_event_from_name(const char *name);
/* Its letter in drawings; 0: it is not drawn. */
char radio_event_letter(enum radio_event event);
/* What the letters mean: the i-th, NULL past the end. */
const char *radio_letter_meaning(size_t i, char *letter);

#endif
