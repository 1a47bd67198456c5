/*
 * What the rig itself registers on the bus: a pairing agent, and the audio gateway side of the
 * Hands-Free profile.
 *
 * The agent answers for the unit under test only, and only while the rig pairs with it. It refuses
 * every other request, and counts those for the unit: with a key that the unit still has, nobody
 * would ask.
 *
 * The old key is tried with this profile. Every headphone has the hands-free side of it, it needs
 * no sound system on this machine, and it requires authentication, so that connecting proves the
 * key. Its commands are answered as by a gateway without a telephone (Hands-Free
 * Profile 1.8, 4.2.1), so that the unit does not drop the link.
 */
#ifndef LONGPRESS_HARDWARE_BLUEZ_AGENT_H
#define LONGPRESS_HARDWARE_BLUEZ_AGENT_H

#include "hardware/radio/bluez.h"

#define AGENT_PATH      "/org/longpress/agent"
#define HANDSFREE_PATH  "/org/longpress/handsfree"
#define HANDSFREE_OURS  "0000111f-0000-1000-8000-00805f9b34fb" /* audio gateway */
#define HANDSFREE_UNITS "0000111e-0000-1000-8000-00805f9b34fb" /* hands-free unit */

struct bluez_agent {
    char unit[BLUEZ_PATH_MAX]; /* device path; empty: none yet */
    bool accepts;              /* pairing with the unit is wanted now */
    unsigned asked;            /* how often it was asked for the unit while it was not */
    int link_fd;               /* the profile's connection; -1: none */
    sd_bus_slot *slots[2];     /* owned */
    char line[128];            /* the part of a command received so far */
    size_t line_length;
};

/* Registers both on the bus. Negative errno on failure. */
int bluez_agent_export(struct bluez_agent *agent, sd_bus *bus);
/* Take them off, and close the link. */
void bluez_agent_withdraw(struct bluez_agent *agent);
/* Close the link's own end of the profile's connection, if there is one. */
void bluez_agent_close_link(struct bluez_agent *agent);
/* The link's fd is readable. */
void bluez_agent_serve(struct bluez_agent *agent);

/* The answer to one command of the hands-free side, for tests. Returns `out`. */
char *bluez_handsfree_answer(char *out, size_t size, const char *command);

#endif
