/*
 * What the radio told, and whose doing it was. The rig searches, pairs, connects and drops links
 * itself; a person does what a question asks of them. Neither proves anything of the unit. The
 * timeline has what the rig ordered of the radio, so that this can be told of any run, live or
 * stored. An older record has no such entries: in it, what the link did once watching had begun is
 * nobody's for certain.
 */
#ifndef LONGPRESS_RIG_EVIDENCE_RADIO_H
#define LONGPRESS_RIG_EVIDENCE_RADIO_H

#include "rig/timeline/evidence.h"

enum doer {
    DOER_UNIT,
    DOER_RIG,
    DOER_PERSON, /* while a question stood */
    DOER_UNTOLD, /* the record does not say what the rig did */
};

/* Radio entries in their order, each with what is known at that point. Members below the line are
 * of the entry that evidence_radio_next returned last. */
struct radio_walk {
    const struct timeline *timeline;
    size_t next;
    bool told;           /* the timeline says what the rig ordered */
    int64_t watching_ns; /* !told: since then the rig may have done things */
    const char *asked;   /* the question that stands, or NULL */
    bool connecting;     /* the rig is */
    bool pairing;        /* the rig has paired anew, or is about to: the link is its own since */
    bool dropping;       /* the rig is about to drop the link */
    int64_t connect_ns;
    bool link;
    enum doer link_dropped_by;
    /* ---- */
    enum doer doer;
    bool linked;          /* the link was up before it */
    enum doer dropped_by; /* !linked: whose doing that was; DOER_UNIT when it was down all along */
    int64_t ordered_ns;   /* an outcome of the rig's connecting: when that was ordered */
};

struct radio_walk evidence_radio_begin(const struct timeline *timeline);
const struct entry *evidence_radio_next(struct radio_walk *walk);

/* Does the timeline say what the rig ordered of its radio? */
bool evidence_orders_told(const struct timeline *timeline);

/* Was the unit seen anew: is it known that it did not show itself before? It was connected when the
 * first press began, or off by the answer to `power`, or a whole search since did not show it. */
bool evidence_seen_anew(const struct entry *seen, const struct anchors *anchors,
                        const struct timeline *timeline);
/* Is that known by now? */
bool evidence_hidden(const struct anchors *anchors, const struct timeline *timeline);
/* Did a search before the first press show it? */
bool evidence_showed_before(const struct anchors *anchors, const struct timeline *timeline);

/* The unit's own: the link dropped, or came back after it was down. */
bool evidence_dropped(const struct radio_walk *walk, const struct entry *entry);
bool evidence_came_back(const struct radio_walk *walk, const struct entry *entry);
/* An outcome of a trial of the old key that was ordered at or after `from_ns`. */
bool evidence_trial(const struct radio_walk *walk, const struct entry *entry, int64_t from_ns);

/* The first entry that meets an event's expectation, whether in time or not; NULL: none yet. */
const struct entry *evidence_met(const struct expectation *expectation, const struct window *window,
                                 const struct timeline *timeline);
/* Has the radio said, since the window began, what the expectation asks? Of a state: has it been
 * broken, or held to its end, `until_ns`? */
bool evidence_radio_said(const struct expectation *expectation, const struct window *window,
                         int64_t until_ns, const struct timeline *timeline);

/* When an expected event came; its window's end as long as it has not. */
int64_t evidence_event_ns(const struct expectation *expectation, const struct anchors *anchors,
                          const struct timeline *timeline);

/* ---- states ---- */

/* Until when a state must hold: its window's end, or sooner where the profile or the operator
 * (`--steady-for`) is content with some time after the last event that was expected. */
int64_t evidence_until_ns(const struct procedure *procedure, const struct expectation *expectation,
                          const struct anchors *anchors, const struct timeline *timeline);
/* What the operator is content with; 0: nothing was said. */
int64_t evidence_steady_ns(const struct timeline *timeline);

/* A search of both kinds takes so long; whoever is gone was not shown by two of them. */
#define EVIDENCE_SEARCH_NS (16 * NS_PER_S)
enum { EVIDENCE_SEARCHES = 2 };
/* So long after its end the last trial of the key may take: an attempt that times out, and another
 * one ... */
#define EVIDENCE_LAST_TRIAL_NS (30 * NS_PER_S)
/* ... and the searches that are still going on then. */
#define EVIDENCE_LAST_SEARCHES_NS (EVIDENCE_SEARCHES * EVIDENCE_SEARCH_NS + 8 * NS_PER_S)

/* How it stands with `gone`. */
struct absence {
    bool there;                /* it was on the air, at some time of the run */
    bool linked;               /* its link to the rig is up */
    unsigned searches;         /* whole ones without it, since its last sign of life */
    const struct entry *first; /* the first of them */
    const struct entry *back;  /* after enough of them it was on the air again */
};
/* Up to the first instant at or after `until_ns` at which all is known; `until_ns` itself is when
 * the state must have held. */
struct absence evidence_absence(const struct timeline *timeline, int64_t until_ns);

/* How it stands with `bond_kept`, of trials that were ordered in its window. */
struct run_journal {
    const struct entry *first;   /* the old key was accepted, for the first time ... */
    const struct entry *last;    /* ... and again at the end of its time */
    const struct entry *refused; /* it was refused */
    const struct entry *failed;  /* the last trial came to nothing */
    bool early;                  /* there was a trial before its time */
};
struct run_journal evidence_keeping(const struct timeline *timeline, const struct window *window,
                                    int64_t until_ns);

#endif
