/*
 * The simulated unit: a second, independent model of a pair of headphones. A state machine without
 * I/O on the caller's clock: buttons go in; LED and sound levels and radio events come out, each at
 * its exact instant. The simulated bench drives it in virtual time, longpress-dut on the lines of a
 * simulated kernel chip.
 *
 * Its firmware file alone decides what it does. Everything random comes from the seed.
 */
#ifndef LONGPRESS_HARDWARE_SIM_UNIT_H
#define LONGPRESS_HARDWARE_SIM_UNIT_H

#include "hardware/sim/firmware.h"
#include "rig/run/port.h"

#include <stdbool.h>
#include <stdint.h>

struct unit;

struct unit_change {
    enum unit_change_kind { UNIT_LED, UNIT_SOUND, UNIT_RADIO } kind;
    int64_t time_ns;
    unsigned channel; /* UNIT_LED: 0 red, 1 green, 2 blue */
    bool level;       /* UNIT_LED, UNIT_SOUND */
    enum radio_event radio;
    int64_t value;
    const char *text; /* UNIT_RADIO; valid until the next call */
};

/* `firmware` is borrowed. `pwm` false: lights are given as a whole, without their PWM, for those
 * who cannot follow it. The unit begins at now_ns as its `state` says. */
struct unit *unit_new(const struct firmware *firmware, uint64_t seed, int64_t now_ns, bool pwm);
void unit_restart(struct unit *unit, uint64_t seed, int64_t now_ns);
void unit_free(struct unit *unit);
/* The rig takes no notice of a unit that is weaker; at first of all. dBm. */
void unit_set_floor(struct unit *unit, int floor_dbm);

/* Index of a button, -1 when the unit has none of that name. */
int unit_button_named(const struct unit *unit, const char *name);
/* A button goes down or up. Take all changes up to now_ns first. */
void unit_button(struct unit *unit, int64_t now_ns, int button, bool down);

/* When the next change is due; INT64_MAX when nothing is. */
int64_t unit_next_ns(const struct unit *unit);
/* What happens up to now_ns, one change at a time in order of time; false when there is no more. */
bool unit_next(struct unit *unit, int64_t now_ns, struct unit_change *change);

/* What the unit answers to a question, NULL when it has nothing to say. The answer may begin an
 * action (a person cycles the power). */
const char *unit_ask(struct unit *unit, int64_t now_ns, const char *question);
bool unit_can_answer(const struct unit *unit, const char *question);

/* A request of the rig's radio; what comes of it are UNIT_RADIO changes. */
void unit_radio(struct unit *unit, int64_t now_ns, enum radio_command command);

/* Does the rig's radio tell, of each whole search, that the unit was not shown in it? */
void unit_tells_gone(struct unit *unit, bool tells);

/* What the unit shows on the air now. */
struct unit_air {
    bool on;
    bool discoverable; /* and takes new pairings */
    bool bonded;       /* holds the rig's key */
    bool connected;
    const char *name;
};
struct unit_air unit_air(const struct unit *unit);
/* For those who put the unit on a real air, where the rig's radio does what unit_radio only plays.
 * A unit that has yet to meet the rig knows no key; if it is on, it is in pairing mode. */
void unit_unmet(struct unit *unit, int64_t now_ns);
/* What came of it there: the rig's key is held, the link is up. A unit that is linked to its rig
 * leaves pairing mode. */
void unit_met(struct unit *unit, int64_t now_ns, bool bonded, bool connected);

/* The unit has come to rest: what its action still shows and does is over. */
void unit_rest(struct unit *unit, int64_t now_ns);

/* Level of an LED channel now. */
bool unit_led(const struct unit *unit, unsigned channel);
/* Dead for good. */
bool unit_bricked(const struct unit *unit);
/* The action that began last, by name; NULL: none yet. For those who show what the unit does. */
const char *unit_action(const struct unit *unit);

#endif
