/*
 * Drives a batch on sessions: carries out the commands of rig/batch/batch.h and reports the results
 * back. Shared by the screen and the command without screens. It has no loop of its own: step the
 * sessions, then step this.
 *
 * On a simulated bench it also plays the operator: it puts units in and takes them out shortly
 * after they are asked for.
 */
#ifndef LONGPRESS_TUI_BATCH_BAYS_H
#define LONGPRESS_TUI_BATCH_BAYS_H

#include "rig/batch/batch.h"
#include "rig/journal/journal.h"
#include "tui/cli/serials.h"
#include "tui/drive/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch_bays_setup {
    struct session *const *sessions; /* borrowed; station i of the batch is sessions[i] */
    size_t session_count;
    const struct profile *profile;
    const struct procedure *procedure;
    const char *name;        /* of the batch, in the journal */
    struct journal *journal; /* NULL: none; asked whether a serial was run before */
    const char *unit_firmware;
    const struct serials *serials; /* where units' addresses stand; NULL: nowhere */
    bool any_text;                 /* serials of other scripts are taken as they are */
    bool retry;                    /* by the profile's rhythm */
    int rate; /* simulated bench: as the sessions' (session.h), so that hands and rhythm keep
                 pace; 0: 1 */
    const char *const *accept_hazards;
    size_t accept_count;
    int64_t steady_ns; /* as in plan_choices (rig/plan/plan.h) */
    bool without_bond;
    const char *const *answer_names; /* given ahead, for every unit; see session.h */
    const char *const *answer_values;
    size_t answer_count;
};

/* Events, for bells, lines and progress. */
struct batch_bays_event {
    enum batch_event_kind {
        BATCH_TELL_PLACE,    /* put `unit` into `station` */
        BATCH_TELL_STARTED,  /* its run began */
        BATCH_TELL_VERDICT,  /* its run ended: the unit's verdict, attempts */
        BATCH_TELL_COOLDOWN, /* ... failed, and is tried again */
        BATCH_TELL_TAKE_OUT, /* it is to be taken out */
        BATCH_TELL_AGAIN,    /* the serial was run before: the operator is asked */
        BATCH_TELL_REFUSED,  /* its run could not be started: text says why; an error is its verdict
                              */
        BATCH_TELL_OUT,      /* the station is out of service: text says why and what to do */
        BATCH_TELL_IN,
    } kind;
    int station;                 /* -1: none */
    size_t unit;                 /* BATCH_NO_UNIT: none, or nobody knows which */
    int64_t journal;             /* VERDICT, COOLDOWN: the journal's handle of the run, 0: none */
    char text[SESSION_TEXT_MAX]; /* VERDICT, COOLDOWN: what else is to be known of the unit; "" */
};

struct batch_sessions;

/* `setup` and what it points at are borrowed. Never NULL. */
struct batch_sessions *batch_bays_new(const struct batch_bays_setup *setup);
/* Frees the batch; runs in progress stay with their sessions. NULL is fine. */
void batch_bays_free(struct batch_sessions *sessions);

/* For display, and for answers to scans (batch_again, batch_skip, ...); scans use the function
 * below. */
struct batch *batch_bays_batch(struct batch_sessions *sessions);
enum scan_result batch_bays_scan(struct batch_sessions *sessions, const char *serial);

void batch_bays_step(struct batch_sessions *sessions);
int64_t batch_bays_due_ns(const struct batch_sessions *sessions); /* CLOCK_MONOTONIC */
/* The next thing that happened, in order; false when there is none. */
bool batch_bays_event(struct batch_sessions *sessions, struct batch_bays_event *event);

#endif
