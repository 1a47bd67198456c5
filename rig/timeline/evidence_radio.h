/*
 * What the radio reported, and who caused it. The rig itself searches, pairs, connects and drops
 * links; a person does what a question asks for. Neither proves anything about the unit. The
 * timeline contains what the rig ordered its radio to do, so this can be determined for any run,
 * live or stored. Older records have no such entries: in them, who caused link changes after
 * watching began is unknown.
 */
#ifndef LONGPRESS_RIG_EVIDENCE_RADIO_H
#define LONGPRESS_RIG_EVIDENCE_RADIO_H

#include "rig/timeline/evidence.h"

enum doer {
    DOER_UNIT,
    DOER_RIG,
    DOER_PERSON, /* while a question was open */
    DOER_UNTOLD, /* the record does not say what the rig did */
};

/* Walks the radio entries in order, with what is known at each. The members below the line belong
 * to the entry that evidence_radio_next returned last. */
struct radio_walk {
    const struct timeline *timeline;
    size_t next;
    bool told;           /* the timeline contains the rig's orders */
    int64_t watching_ns; /* !told: from then on the rig may have acted */
    const char *asked;   /* the open question, or NULL */
    bool connecting;     /* the rig is */
    bool pairing;  /* the rig has paired again, or is about to: from then on the link is its own */
    bool dropping; /* the rig is about to drop the link */
    int64_t connect_ns;
    bool link;
    enum doer link_dropped_by;
    /* ---- */
    enum doer doer;
    bool linked;          /* the link was up before this entry */
    enum doer dropped_by; /* !linked: who dropped it; DOER_UNIT if it was down all along */
    bool ordered;         /* the rig was trying the key, or the record does not say what it did */
    int64_t ordered_ns;   /* for the result of such a trial: when it was ordered */
};

struct radio_walk evidence_radio_begin(const struct timeline *timeline);
const struct entry *evidence_radio_next(struct radio_walk *walk);

/* Does the timeline contain the rig's orders to its radio? */
bool evidence_orders_told(const struct timeline *timeline);

/* Was the unit newly seen, that is, known not to have been discoverable before? The last full
 * search before it was seen did not find it; or it was off according to the answer to `power`; or
 * its link was up when the first press began, it dropped that itself, and no search had found it.
 * (A unit may be discoverable while it is connected.) */
bool evidence_seen_anew(const struct entry *seen, const struct anchors *anchors,
                        const struct timeline *timeline);
/* Is that known by now? */
bool evidence_hidden(const struct anchors *anchors, const struct timeline *timeline);
/* Did the unit do anything since the first press that one which ignores it does not: drop its link,
 * refuse its key? */
bool evidence_responded(const struct anchors *anchors, const struct timeline *timeline);
/* Did a search before the first press find it? */
bool evidence_showed_before(const struct anchors *anchors, const struct timeline *timeline);

/* The unit itself dropped the link, or reconnected after it was down. */
bool evidence_dropped(const struct radio_walk *walk, const struct entry *entry);
bool evidence_came_back(const struct radio_walk *walk, const struct entry *entry);
/* The result of a trial of the old key that was ordered at or after `from_ns`. A result of which
 * the order is missing, in a record that has the others, is none. */
bool evidence_trial(const struct radio_walk *walk, const struct entry *entry, int64_t from_ns);

/* The first entry that meets an expected event, in time or not; NULL: none yet. */
const struct entry *evidence_met(const struct expectation *expectation, const struct window *window,
                                 const struct timeline *timeline);
/* Has the radio answered the expectation since its window opened? For a state: was it broken, or
 * did it hold to its end, `until_ns`? */
bool evidence_radio_said(const struct expectation *expectation, const struct window *window,
                         int64_t until_ns, const struct timeline *timeline);

/* When an expected event came; its window's end while it has not. */
int64_t evidence_event_ns(const struct expectation *expectation, const struct anchors *anchors,
                          const struct timeline *timeline);

/* ---- states ---- */

/* Until when a state must hold: its window's end, or earlier where the profile or the operator
 * (`--steady-for`) accepts some time after the last expected event. */
int64_t evidence_until_ns(const struct procedure *procedure, const struct expectation *expectation,
                          const struct anchors *anchors, const struct timeline *timeline);
/* The operator's `--steady-for`; 0: not given. */
int64_t evidence_steady_ns(const struct timeline *timeline);

/* Duration of a search of both kinds; a unit counts as gone after two of them did not find it. */
#define EVIDENCE_SEARCH_NS (16 * NS_PER_S)
enum { EVIDENCE_SEARCHES = 2 };
/* How long the last trial of the key may take after the end: an attempt that times out, and another
 * one ... */
#define EVIDENCE_LAST_TRIAL_NS (30 * NS_PER_S)
/* ... and the searches still running then. */
#define EVIDENCE_LAST_SEARCHES_NS (EVIDENCE_SEARCHES * EVIDENCE_SEARCH_NS + 8 * NS_PER_S)

/* The state of a `gone` expectation. */
struct absence {
    bool there;                /* it was on the air at some time during the run */
    bool linked;               /* its link to the rig is up */
    unsigned searches;         /* full searches without it, since its last sign of life */
    const struct entry *first; /* the first of them */
    const struct entry *back;  /* after enough of them, it was on the air again */
};
/* Covers the entries up to the first instant at or after `until_ns` at which everything is known;
 * the state must hold until `until_ns` itself. */
struct absence evidence_absence(const struct timeline *timeline, int64_t until_ns);

/* The state of a `bond_kept` expectation, from trials ordered in its window. */
struct run_journal {
    const struct entry *first;   /* the old key was accepted, for the first time ... */
    const struct entry *last;    /* ... and again at the end of its window */
    const struct entry *refused; /* it was refused */
    const struct entry *failed;  /* the last trial had no result */
    bool early;                  /* there was a trial before its window */
};
struct run_journal evidence_keeping(const struct timeline *timeline, const struct window *window,
                                    int64_t until_ns);

#endif
