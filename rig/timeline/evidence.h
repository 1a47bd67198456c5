/*
 * Evidence: which entries of a run count for or against an expectation. The engine, which decides
 * how long to watch, and the judge, which decides what was seen, both use this module, so they
 * always agree.
 */
#ifndef LONGPRESS_RIG_EVIDENCE_H
#define LONGPRESS_RIG_EVIDENCE_H

#include "rig/base/text.h"
#include "rig/profile/profile.h"
#include "rig/signal/blink.h"
#include "rig/timeline/timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- preconditions ------------------------------------------------------------------------ */

/* Is this answer (in canonical form) accepted? */
bool evidence_requirement_met(const struct requirement *requirement, const char *answer);
/* "battery is 12 %; at least 20 % is needed", "lid is closed; it must be open". */
char *evidence_requirement_explain(char *out, size_t size, const struct requirement *requirement,
                                   const char *answer);
/* What to do about it: "charge for 15 minutes and try again". */
char *evidence_requirement_todo(char *out, size_t size, const struct requirement *requirement);

/* Must this requirement hold until the run is judged? True for `placed`, `in_case` and `lid`. */
bool evidence_requirement_lasts(const struct requirement *requirement);
/* If the unit was taken out, or its lid moved, while it was watched: the input's entry. What came
 * after it is not evidence. NULL: neither happened. */
const struct entry *evidence_lifted(const struct procedure *procedure,
                                    const struct timeline *timeline);

/* ---- instants ----------------------------------------------------------------------------- */

/* How many presses the procedure has, and which of them (from 1) the anchor `press` means: the
 * first of the last hold or tap step. 0 when nothing is pressed. */
uint32_t evidence_procedure_presses(const struct procedure *procedure);
uint32_t evidence_anchor_press(const struct procedure *procedure);

struct anchors {
    bool pressed;     /* the press of the anchor `press` has really begun */
    bool released;    /* the last press has really ended */
    int64_t first_ns; /* when the first press of the run began: evidence counts from here */
    int64_t press_ns;
    int64_t release_ns;
    bool answered;     /* the last question of the steps was */
    int64_t answer_ns; /* ... then */
    bool led_seen;     /* the LED expectation was met by then; else led_ns is its latest end */
    int64_t led_ns;
};

struct window {
    int64_t start_ns;
    int64_t end_ns;
    int64_t dark_ns; /* LED: flashes that begin by then count as too many; else end_ns */
};

/* The anchors, as far as the timeline has them. In a procedure without presses all are the end of
 * its last step. */
struct anchors evidence_anchors(const struct procedure *procedure, const struct timeline *timeline);
struct window evidence_window(const struct expectation *expectation, const struct anchors *anchors);
/* The procedure's LED expectation: the one the anchor `led` means. NULL if none. */
const struct expectation *evidence_led_expectation(const struct procedure *procedure);

/* ---- LED ---------------------------------------------------------------------------------- */

enum { EVIDENCE_PULSES_MAX = 1024 };

/* Pulses that count: those that end after `from_ns` and begin before `until_ns`, cut off (open)
 * there.
 */
struct pulses {
    size_t count;
    bool truncated;      /* there were more */
    size_t disturbances; /* ignored blips caused by the rig itself (rig/timeline/timeline.h) */
    struct pulse items[EVIDENCE_PULSES_MAX];
};
void evidence_pulses(const struct timeline *timeline, int64_t from_ns, int64_t until_ns,
                     struct pulses *pulses);

/* Where the pattern was found among the pulses. */
struct sighting {
    struct match match;
    int64_t start_ns;    /* MATCH_YES: its first pulse began */
    int64_t complete_ns; /* MATCH_YES: it was complete */
};
/* With EXTRA_BEFORE the first one that begins at or after `start_ns` is preferred. */
struct sighting evidence_sighting(const struct expectation *expectation,
                                  const struct pulses *pulses, int64_t start_ns);

/* ---- what is decided ---------------------------------------------------------------------- */

/* How long after an instant all light (or sound) that began before it is known. */
int64_t evidence_settle_ns(const struct blink_settings *settings);
/* Was the prompt heard? */
bool evidence_heard(const struct expectation *expectation, const struct window *window,
                    const struct timeline *timeline);
/* ---- sound and radio ---------------------------------------------------------------------- */

/* Does this ENTRY_SOUND count as the prompt? */
bool evidence_sound_counts(const struct expectation *expectation, const struct window *window,
                           const struct entry *entry);

/* Is `name` the unit's: the expected one, or that of its Low Energy side? */
bool evidence_name_fits(const struct profile *profile, const struct expectation *expectation,
                        const char *name);

/* Has the anchor's instant come? Not for ANCHOR_LED, which depends on its window
 * (rig/judge/judge_live.c). */
bool evidence_anchor_come(const struct anchors *anchors, enum anchor anchor);
int64_t evidence_anchor_ns(const struct anchors *anchors, enum anchor anchor);

/* The state of the radio at `at_ns`. */
struct radio_state {
    bool asked; /* there was any entry from a radio */
    bool ready; /* it was there at some time */
    bool absent;
    int64_t absent_ns; /* absent: since then */
    const char *why;   /* absent: the reason, or NULL */
    bool connected;
};
struct radio_state evidence_radio(const struct timeline *timeline, int64_t at_ns);

/* The unit's address, as reported by the radio. False: it was not reported. */
bool evidence_address(const struct timeline *timeline, char address[TEXT_BLUETOOTH_MAX]);

/* ---- words -------------------------------------------------------------------------------- */

enum { SECONDS_TEXT_MAX = 32 };
/* For people: "85 ms", "0.8 s", "12.35 s". */
char *evidence_seconds(char *out, int64_t duration_ns);
/* The same with more precision, for differences: "-3.4 ms", "811 ms", "9600 ms", "120.5 s". */
char *evidence_difference(char *out, int64_t duration_ns);

#endif
