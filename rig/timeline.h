/*
 * The timeline: the only record of what happened in a run. Append-only, in the order in which the
 * engine learned of things; every entry carries its own instant (CLOCK_MONOTONIC ns, or the
 * simulated bench's clock), and one wall-clock anchor dates them all.
 *
 * Everything said later of a run is a pure function of its timeline and its procedure.
 */
#ifndef LONGPRESS_RIG_TIMELINE_H
#define LONGPRESS_RIG_TIMELINE_H

#include "rig/arena.h"
#include "rig/pattern.h"
#include "rig/question.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum entry_kind {
    ENTRY_START,    /* the run began; time_ns is the origin that people see as 0; value = enum
                       start_bench */
    ENTRY_QUESTION, /* asked: text = name */
    ENTRY_ANSWER,   /* text = name, text2 = answer; who = enum answer_by */
    ENTRY_ORDER,    /* press ordered: press = its number, mask, at_ns .. until_ns as commanded;
                       text = the controls, in words */
    ENTRY_PRESSED,  /* lines written: press, mask, at_ns just before and until_ns just after */
    ENTRY_RELEASE,  /* early release ordered: press, mask; why = enum release_why */
    ENTRY_RELEASED, /* lines written: press, mask, at_ns just before and until_ns just after */
    ENTRY_CONTACT,  /* contact sense of actuator `input`: code = enum contact_code; text = the
                       control */
    ENTRY_EDGE,     /* raw edge: input = index in the station's inputs, code = level */
    ENTRY_PULSE,    /* decoded LED pulse: pulse; time_ns and at_ns its start, until_ns its end */
    ENTRY_SOUND,    /* decoded sound: at_ns .. until_ns; pulse.open / clipped as for light */
    ENTRY_LOST,     /* edges lost: input (-1: of all), value = how many (0: not known);
                       code = enum input_role of it; text = its name in the bench file */
    ENTRY_RADIO,    /* radio: see enum radio_event; text = name/error, value = RSSI */
    ENTRY_ABORT,    /* text = by what */
    ENTRY_FAULT,    /* text = what, text2 = what to do */
    ENTRY_NOTE,     /* something for people: text; code = enum note_code */
    ENTRY_END,      /* watching ended */
};

/* On what bench, as that says itself. */
enum start_bench {
    START_BENCH_NOT_SAID, /* a longpress of before made the run */
    START_BENCH_SIMULATED,
    START_BENCH_REAL,
};

enum answer_by {
    ANSWER_BY_INPUT,
    ANSWER_BY_OPERATOR,
    ANSWER_BY_OPTION,
    ANSWER_BY_SIMULATION,
    ANSWER_BY_RADIO, /* the unit itself, over Bluetooth */
};

enum note_code {
    NOTE_PLAIN,
    NOTE_WATCHING,     /* the last step has ended: from here on only watching */
    NOTE_GLITCHES,     /* what was too short to be light, or sound: value, how often */
    NOTE_WITHOUT_BOND, /* there is none, and what needs one is left out */
    NOTE_STEADY,       /* states are watched for `value` ns after the last expected event only */
    NOTE_GUARD,        /* the guard of the lines is gone, or there is one again */
};

enum contact_code {
    CONTACT_UP,
    CONTACT_DOWN,
    CONTACT_NEVER, /* press `press` is over, and the contact has not been seen down in it */
};

enum release_why { RELEASE_LED_SEEN, RELEASE_ABORT, RELEASE_FAULT, RELEASE_INTERLOCK };

/* What the radio tells. */
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
const char *transport_name(uint32_t transports);

enum firmware_source {
    FIRMWARE_BY_MODALIAS, /* vendor, product, version: "bluetooth:v054Cp0CF0d0100" */
    FIRMWARE_BY_REVISION, /* Device Information's Firmware Revision String */
};

struct entry {
    enum entry_kind kind;
    uint8_t code; /* who / why / radio_event / contact_code / note_code / level /
                     input_role */
    int16_t input;
    uint32_t press;
    uint32_t mask;   /* actuators */
    int64_t time_ns; /* when it happened, by the best clock there is for it */
    int64_t at_ns;
    int64_t until_ns;
    int64_t value;
    const char *text; /* printable, the timeline's own; or NULL */
    const char *text2;
    const char *object; /* ENTRY_RADIO: the D-Bus object, or NULL */
    const char *error;  /* ENTRY_RADIO: BlueZ's name of what went wrong, or NULL */
    struct pulse pulse; /* ENTRY_PULSE, ENTRY_SOUND */
};

enum { TIMELINE_EDGES_MAX = 4 * 1024 * 1024 };

/* A raw edge is kept apart from the entries, since they come by the hundred thousand. */
struct timeline_edge {
    int64_t time_ns;
    uint16_t input;
    uint16_t level;
};

/* What is known of a run that is going on and is no entry yet, as of `now_ns`. Not part of what is
 * stored; all of it is nought once the run has ended. */
struct timeline_live {
    int64_t now_ns;           /* time the run has come to */
    int64_t led_decided_ns;   /* light that began before then is an entry, or `light` */
    int64_t sound_decided_ns; /* the same of sounds */
    bool lit;                 /* something is lit: `light`, open, as long as it has lasted */
    bool loud;                /* ... heard: `sound` */
    struct pulse light;
    struct pulse sound;
};

/* Room that timeline_init makes: a run that stays within it allocates nothing on its way. */
enum {
    TIMELINE_ENTRIES_ROOM = 2048,
    TIMELINE_EDGES_ROOM = 65536,
    TIMELINE_TEXTS_ROOM = 64 * 1024,
};

struct timeline {
    struct arena arena; /* texts past the room for them */
    char *texts;        /* owned */
    size_t texts_used;
    struct entry *entries; /* owned */
    size_t count;
    size_t capacity;
    struct timeline_edge *edges; /* owned; in order of arrival */
    size_t edge_count;
    size_t edge_capacity;
    size_t edges_unkept; /* past TIMELINE_EDGES_MAX: decoded, not kept */
    int64_t origin_ns;
    int64_t wall_origin_ns; /* CLOCK_REALTIME at origin_ns; ns since 1970 UTC */
    struct timeline_live live;
};

void timeline_init(struct timeline *timeline);
void timeline_free(struct timeline *timeline);
/* Empty it and keep its memory, for the next run. */
void timeline_reset(struct timeline *timeline);

/* Append a copy of `entry`; its texts are copied and made printable. Returns the copy, valid until
 * the next append. */
struct entry *timeline_add(struct timeline *timeline, const struct entry *entry);
void timeline_add_edge(struct timeline *timeline, int64_t time_ns, unsigned input, bool level);

/* Next entry of `kind` at or after index *i (moved past it), or NULL. */
const struct entry *timeline_next(const struct timeline *timeline, enum entry_kind kind, size_t *i);

/* What the rig's own actuators do to a photodiode: a blip that begins when their lines are written,
 * or after, and is over so soon. It is kept, and is no light of the unit's. */
#define TIMELINE_DISTURBANCE_NS INT64_C(20000000)
bool timeline_disturbance(const struct timeline *timeline, const struct pulse *pulse);

const char *entry_kind_name(enum entry_kind kind);
const char *radio_event_name(enum radio_event event);
/* The letter that stands for it in drawings; 0: it is not drawn. */
char radio_event_letter(enum radio_event event);
/* What the letters mean: the i-th, NULL past the end. */
const char *radio_letter_meaning(size_t i, char *letter);
const char *answer_by_name(enum answer_by by);
const char *release_why_name(enum release_why why);
/* The reverse, -1 for no such name: for reading a stored run. */
int entry_kind_from_name(const char *name);
int radio_event_from_name(const char *name);
int answer_by_from_name(const char *name);
int release_why_from_name(const char *name);

#endif
