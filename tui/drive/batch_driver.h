/*
 * A batch on sessions: does what rig/batch/batch.h commands, and tells it what became of that. The
 * screen and the headless command share it. It has no loop of its own: step the sessions, then step
 * this.
 *
 * On a simulated bench it is the hands, too: units are put in and taken out a little after they
 * were asked for.
 */
#ifndef LONGPRESS_TUI_BATCH_BAYS_H
#define LONGPRESS_TUI_BATCH_BAYS_H

#include "rig/batch/batch.h"
#include "rig/journal/journal.h"
#include "tui/cli/serials.h"
#include "tui/drive/station_session.h"

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
    int rate; /* simulated bench: as the sessions' (station_session.h), so that hands and rhythm
                 keep pace; 0: 1 */
    const char *const *accept_hazards;
    size_t accept_count;
    int64_t steady_ns; /* as in plan_choices (rig/plan/plan.h) */
    bool without_bond;
    const char *const *answer_names; /* given ahead, for every unit; see station_session.h */
    const char *const *answer_values;
    size_t answer_count;
};

/* What happened, for bells, lines and progress. */
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

struct batch_bays;

/* `setup` and what it points at are borrowed. Never NULL. */
struct batch_bays *batch_bays_new(const struct batch_bays_setup *setup);
/* Frees the batch; runs that go on are the sessions'. NULL is fine. */
void batch_bays_free(struct batch_bays *sessions);

/* For showing, and for scan answers (batch_again, batch_skip, ...); scans go through below. */
struct batch *batch_bays_batch(struct batch_bays *sessions);
enum scan_result batch_bays_scan(struct batch_bays *sessions, const char *serial);

void batch_bays_step(struct batch_bays *sessions);
int64_t batch_bays_due_ns(const struct batch_bays *sessions); /* CLOCK_MONOTONIC */
/* The next thing that happened, in order; false when there is none. */
bool batch_bays_event(struct batch_bays *sessions, struct batch_bays_event *event);

#endif
