/*
 * What the radio tells of a unit, and what the rig orders of its own radio: the words for it, in
 * files and in drawings.
 */
#ifndef LONGPRESS_RIG_RADIO_EVENT_H
#define LONGPRESS_RIG_RADIO_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum radio_event {
    RADIO_READY,           /* the adapter is there and the unit is being watched;
                              value: enum radio_ready */
    RADIO_ABSENT,          /* there is none, or it went: text says why */
    RADIO_CONNECTED,       /* link up */
    RADIO_DISCONNECTED,    /* link down */
    RADIO_SEEN,            /* in inquiry or advertising: text = name, value = RSSI dBm, mask =
                              enum radio_transport */
    RADIO_GONE,            /* no longer seen */
    RADIO_CONNECT_OK,      /* our connect with the stored key went through, no new pairing */
    RADIO_CONNECT_REFUSED, /* refused for authentication: the key is not known any more */
    RADIO_CONNECT_FAILED,  /* for another reason (not reachable, busy): text */
    RADIO_PAIR_OK,
    RADIO_PAIR_FAILED, /* text; value: 1 it was not the unit that failed */
    RADIO_WHICH,       /* several units could be meant: text = their addresses, with spaces between;
                          or (value: enum radio_which) one that has another name: text = its
                          address, a space, that name. The rig waits to be told which */
    RADIO_SERVICES,    /* what it offers: text = 16-bit UUIDs in hexadecimal, with spaces between */
    RADIO_FIRMWARE,    /* text = what the unit says of itself; value: enum firmware_source */
    RADIO_BATTERY,     /* the unit tells its charge: value, percent */
    RADIO_NOTE,        /* what the rig's radio is about, for people: text */
    /* What the rig itself orders, or its radio does for an order: never the unit's doing. */
    RADIO_RIG_PREPARES,
    RADIO_RIG_SEARCHES,
    RADIO_RIG_RESTS, /* searches no more */
    RADIO_RIG_CONNECTS,
    RADIO_RIG_PAIRS, /* anew: the old key is forgotten, and with it the link goes */
    RADIO_RIG_DROPS, /* takes the link away */
};
enum { RADIO_EVENT_LAST = RADIO_RIG_DROPS };

bool radio_event_is_order(enum radio_event event);

/* RADIO_WHICH's value. */
enum radio_which { WHICH_ALIKE, WHICH_RENAMED };

/* RADIO_READY's value, a set. */
enum radio_ready {
    READY_PAIRED = 1,
    READY_CONNECTED = 2,
    READY_NOT_FOUND = 4, /* a unit was looked for, and there was none */
};

/* How it was seen. BlueZ does not say it outright: a set of both is what it leaves open. */
enum radio_transport { TRANSPORT_BREDR = 1, TRANSPORT_LE = 2 };

/* "bredr", "le", "either"; NULL for no transport at all. */
const char *radio_transport_name(uint32_t transports);

const char *radio_event_name(enum radio_event event);
/* The reverse, -1 for no such name: for reading a stored run. */
int radio_event_from_name(const char *name);
/* The letter that stands for it in drawings; 0: it is not drawn. */
char radio_event_letter(enum radio_event event);
/* What the letters mean: the i-th, NULL past the end. */
const char *radio_letter_meaning(size_t i, char *letter);

#endif
