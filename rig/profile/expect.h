/*
 * One table of all kinds of expectations: how each is written, whether it is an event or a state,
 * what it needs the radio to do, and which radio events count for and against it. Engine, judge,
 * plan and profile all use this table; none has its own list.
 *
 * An event is settled once it was seen, unless the unit can undo it or die of it: then watching
 * continues for a while after the last expected event. A state must hold to the end of its window:
 * it is watched, or tried again, until then, and a single breach fails it. Content is read once.
 */
#ifndef LONGPRESS_RIG_EXPECT_H
#define LONGPRESS_RIG_EXPECT_H

#include <stdbool.h>
#include <stdint.h>

enum expect_kind {
    EXPECT_LED,
    EXPECT_SOUND,
    EXPECT_DISCONNECTS,
    EXPECT_DISCOVERABLE,
    EXPECT_GONE,
    EXPECT_BOND_REJECTED,
    EXPECT_BOND_KEPT,
    EXPECT_PAIRS,
    EXPECT_CONNECTS,
    EXPECT_SERVICES,
};
enum { EXPECT_KINDS = EXPECT_SERVICES + 1 };

enum expect_nature { NATURE_EVENT, NATURE_STATE, NATURE_CONTENT };

enum expect_sense { SENSE_LIGHT, SENSE_SOUND, SENSE_RADIO };

/* What the radio has to do for the expectations. */
enum radio_need {
    RADIO_NEED_WATCH = 1,     /* any Bluetooth expectation */
    RADIO_NEED_DISCOVER = 2,  /* discoverable, gone */
    RADIO_NEED_CONNECT = 4,   /* the key is tried: bond_rejected, bond_kept, disconnects */
    RADIO_NEED_PAIR = 8,      /* pairs, services */
    RADIO_NEED_BOND = 16,     /* a link or a key to begin with */
    RADIO_NEED_GONE = 32,     /* gone, discoverable: searches that do not find it are reported */
    RADIO_NEED_SERVICES = 64, /* services */
};

struct expect_trait {
    const char *name;    /* as in the files and in the JSON */
    const char *words;   /* what should be seen, for people */
    const char *against; /* how it contradicts its opposite, this one first; NULL: it has none */
    int64_t within_ns;   /* default length of its window; 0: the profile must give one */
    int64_t settle_ns;   /* how long an event that can be undone is watched on; 0: it cannot */
    enum expect_sense sense;
    enum expect_nature nature;
    unsigned needs;     /* needed from the radio where it is claimed ... */
    unsigned listens;   /* ... and where it is only recorded: nothing that affects the unit */
    unsigned met_by;    /* radio events that meet it: a set, bit i = event i */
    unsigned broken_by; /* ... that contradict it */
    enum expect_kind opposite; /* the kind that excludes it; itself: none */
    int grave;                 /* of several failures, the one with the highest value comes first */
    bool shows_press;          /* it shows whether one press was long enough */
    bool is_doing; /* something a unit does in response to a press, not a state it may have been in
                      before */
    /* An event of the radio that can be undone: */
    bool tried_last;      /* the key is tried once more at the end; a dead unit does not answer */
    unsigned undone_by;   /* ... and these outcomes of that undo it */
    unsigned shown_alive; /* no such trial if one of these is needed: a set, bit i = kind i */
};

const struct expect_trait *expect_trait(enum expect_kind kind);
/* "led", "sound", "disconnects", ... */
const char *expect_kind_name(enum expect_kind kind);

#endif
