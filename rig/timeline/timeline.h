/*
 * The timeline: the only record of what happened in a run. Append-only, in the order in which the
 * engine learned of events; every entry has its own time (CLOCK_MONOTONIC ns, or the simulated
 * bench's clock), and one wall-clock anchor dates them all.
 *
 * Everything reported later about a run is a pure function of its timeline and its procedure.
 */
#ifndef LONGPRESS_RIG_TIMELINE_H
#define LONGPRESS_RIG_TIMELINE_H

#include "rig/base/arena.h"
#include "rig/profile/question.h"
#include "rig/signal/pattern.h"
#include "rig/signal/radio_event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum entry_kind {
    ENTRY_START,    /* the run began; time_ns is the origin, shown as 0; value = enum start_bench */
    ENTRY_QUESTION, /* asked: text = name */
    ENTRY_ANSWER,   /* text = name, text2 = answer; who = enum answer_by */
    ENTRY_ORDER,    /* press ordered: press = its number, mask, at_ns .. until_ns as ordered; text =
                       the controls, in words */
    ENTRY_PRESSED,  /* lines written: press, mask, at_ns just before and until_ns just after */
    ENTRY_RELEASE,  /* early release ordered: press, mask; why = enum release_why */
    ENTRY_RELEASED, /* lines written: press, mask, at_ns just before and until_ns just after */
    ENTRY_CONTACT,  /* contact sense of actuator `input`: code = enum contact_code; text = the
                       control */
    ENTRY_EDGE,     /* raw edge: input = index in the station's inputs, code = level */
    ENTRY_PULSE,    /* decoded LED pulse: pulse; time_ns and at_ns its start, until_ns its end */
    ENTRY_SOUND,    /* decoded sound: at_ns .. until_ns; pulse.open / clipped as for light */
    ENTRY_LOST,     /* edges lost: input (-1: all), value = how many (0: unknown); code = its enum
                       input_role; text = its name in the bench file */
    ENTRY_RADIO,    /* radio: see enum radio_event; text = name/error, value = RSSI */
    ENTRY_ABORT,    /* text = by what */
    ENTRY_FAULT,    /* text = what, text2 = what to do */
    ENTRY_NOTE,     /* something for people: text; code = enum note_code */
    ENTRY_END,      /* watching ended */
};

/* What kind of bench, as the bench itself reports. */
enum start_bench {
    START_BENCH_NOT_SAID, /* the run was made by an older longpress */
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
    NOTE_WATCHING,     /* the last step has ended: only watching from here on */
    NOTE_GLITCHES,     /* pulses too short to be light or sound: value = how many */
    NOTE_WITHOUT_BOND, /* there is no bond, and what needs one is left out */
    NOTE_STEADY,       /* states are watched for only `value` ns after the last expected event */
    NOTE_GUARD,        /* the guard of the lines is gone, or is there again */
};

enum contact_code {
    CONTACT_UP,
    CONTACT_DOWN,
    CONTACT_NEVER, /* press `press` is over, and its contact never closed */
};

enum release_why { RELEASE_LED_SEEN, RELEASE_ABORT, RELEASE_FAULT, RELEASE_INTERLOCK };

/* How a run ended; the judge turns it into a verdict. */
enum run_end {
    END_COMPLETE,
    END_ABORTED,   /* operator, e-stop, signal */
    END_INTERLOCK, /* a precondition was not met: nothing was pressed */
    END_FAULT,
};

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
    int64_t time_ns; /* when it happened, by the best available clock */
    int64_t at_ns;
    int64_t until_ns;
    int64_t value;
    const char *text; /* printable, the timeline's own; or NULL */
    const char *text2;
    const char *object; /* ENTRY_RADIO: the D-Bus object, or NULL */
    const char *error;  /* ENTRY_RADIO: BlueZ's name of the error, or NULL */
    struct pulse pulse; /* ENTRY_PULSE, ENTRY_SOUND */
};

enum { TIMELINE_EDGES_MAX = 4 * 1024 * 1024 };

/* Raw edges are kept apart from the entries, since there can be hundreds of thousands. */
struct timeline_edge {
    int64_t time_ns;
    uint16_t input;
    uint16_t level;
};

/* What is known about a running run but not an entry yet, as of `now_ns`. Not stored; all zero once
 * the run has ended. */
struct timeline_live {
    int64_t now_ns;           /* current time of the run */
    int64_t led_decided_ns;   /* light that began before then is an entry, or `light` */
    int64_t sound_decided_ns; /* the same of sounds */
    bool lit;                 /* something is lit: `light`, open, with its length so far */
    bool loud;                /* ... heard: `sound` */
    struct pulse light;
    struct pulse sound;
};

/* Space that timeline_init allocates: a run that stays within it allocates nothing more. */
enum {
    TIMELINE_ENTRIES_ROOM = 2048,
    TIMELINE_EDGES_ROOM = 65536,
    TIMELINE_TEXTS_ROOM = 64 * 1024,
};

struct timeline {
    struct arena arena; /* texts that do not fit in it */
    char *texts;        /* owned */
    size_t texts_used;
    struct entry *entries; /* owned */
    size_t count;
    size_t capacity;
    struct timeline_edge *edges; /* owned; in order of arrival */
    size_t edge_count;
    size_t edge_capacity;
    size_t edges_unkept; /* beyond TIMELINE_EDGES_MAX: decoded, but not kept */
    int64_t origin_ns;
    int64_t wall_origin_ns; /* CLOCK_REALTIME at origin_ns; ns since 1970 UTC */
    struct timeline_live live;
};

void timeline_init(struct timeline *timeline);
void timeline_free(struct timeline *timeline);
/* Empty it but keep its memory for the next run. */
void timeline_reset(struct timeline *timeline);

/* Make `copy` (uninitialised) a copy without the raw edges, in no more memory than it needs.
 */
void timeline_copy(struct timeline *copy, const struct timeline *timeline);

/* Append a copy of `entry`; its texts are copied and made printable. Returns the copy, valid until
 * the next append. */
struct entry *timeline_add(struct timeline *timeline, const struct entry *entry);
void timeline_add_edge(struct timeline *timeline, int64_t time_ns, unsigned input, bool level);

/* Next entry of `kind` at or after index *i (moved past it), or NULL. */
const struct entry *timeline_next(const struct timeline *timeline, enum entry_kind kind, size_t *i);

/* The rig's own actuators can disturb a photodiode: a blip that begins when their lines are
 * written, or later, and is this short. It is kept, but is not the unit's light. */
#define TIMELINE_DISTURBANCE_NS INT64_C(20000000)
bool timeline_disturbance(const struct timeline *timeline, const struct pulse *pulse);

const char *timeline_entry_kind_name(enum entry_kind kind);
const char *timeline_answer_by_name(enum answer_by by);
const char *timeline_release_why_name(enum release_why why);
const char *timeline_run_end_name(enum run_end end);
/* The reverse, -1 for no such name: for reading a stored run. */
int timeline_entry_kind_from_name(const char *name);
int timeline_answer_by_from_name(const char *name);
int timeline_release_why_from_name(const char *name);
int timeline_run_end_from_name(const char *name);

#endif
