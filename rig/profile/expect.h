/*
 * The kinds of what can be expected, in one table: how each is written, whether it is an event or a
 * state, what the radio has to do for it, and which of the radio's events speak for and against it.
 * Engine, judge, plan and profile all read it here; none has a list of its own.
 *
 * An event is done with when it was seen once, unless the unit can undo it, or die of it: then it
 * is watched on for a while after the last one that was expected. A state must hold to the end of
 * its window: it is watched, or tried again, until then, and one breach of it is enough. Content is
 * read once.
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
    RADIO_NEED_GONE = 32,     /* gone, discoverable: searches that do not show it are told */
    RADIO_NEED_SERVICES = 64, /* services */
};

struct expect_trait {
    const char *name;    /* as in the files and in the JSON */
    const char *words;   /* what is to be seen, for people */
    const char *against; /* how it differs from its opposite, this one first; NULL: it has none */
    int64_t within_ns;   /* its window where the profile gives none; 0: it must */
    int64_t settle_ns;   /* an event that can be undone: watched on for so long; 0: it cannot */
    enum expect_sense sense;
    enum expect_nature nature;
    unsigned needs;     /* of the radio, where it is claimed ... */
    unsigned listens;   /* ... and where it is only recorded: nothing that changes the unit */
    unsigned met_by;    /* radio events that are it: a set, bit i = event i */
    unsigned broken_by; /* ... that are the contrary */
    enum expect_kind opposite; /* one that cannot be besides; itself: none */
    int grave;                 /* of several that fail the one with the most comes first */
    bool shows_press;          /* it tells whether one press was long enough */
    bool is_doing;             /* what a unit does for a press, and not for being as it was */
    /* An event of the radio that can be undone: */
    bool tried_last; /* the key is tried once more at the end, which a dead unit does not answer */
    unsigned undone_by;   /* ... and these outcomes of that undo it */
    unsigned shown_alive; /* no such trial where one of these is needed: a set, bit i = kind i */
};

const struct expect_trait *expect_trait(enum expect_kind kind);
/* "led", "sound", "disconnects", ... */
const char *expect_kind_name(enum expect_kind kind);

#endif
