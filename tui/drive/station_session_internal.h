/*
 * What a session is made of; for tui/drive/station_session*.c only.
 *
 * station_session.c opens and closes the station, and is the loop's; station_session_run.c is a run
 * in it, station_session_record.c what is known and kept of it; station_session_jog.c is what
 * people do: press by hand, answer, put units in.
 */
#ifndef LONGPRESS_TUI_BAY_INTERNAL_H
#define LONGPRESS_TUI_BAY_INTERNAL_H

#include "tui/drive/station_session.h"

#include "rig/base/arena.h"
#include "rig/base/units.h"
#include "rig/plan/duty.h"
#include "rig/plan/plan_jog.h"
#include "tui/drive/run_entry.h"

/* A station that does not open is tried again so often. */
#define SESSION_RETRY_NS (2 * NS_PER_S)
/* Opening takes some milliseconds, in which other stations' keepers are not told to go on: of many
 * stations that went at once each has its turn. */
#define SESSION_TURN_NS (60 * NS_PER_MS)
/* So long it must stay well before it is said to be open again: an e-stop that is still active, or
 * a keeper that dies at once, tells within that. */
#define SESSION_TRIAL_NS (100 * NS_PER_MS)
/* What the timeline has got is judged anew, and handed to the journal, so often at most; and no
 * more of the time goes into judging than this part of it, however long the timeline has become. */
#define SESSION_JUDGE_NS   (50 * NS_PER_MS)
#define SESSION_JUDGE_PART 20
#define SESSION_APPEND_NS  (2 * NS_PER_S)
/* A run that was called off is over by then: the session is about to go. */
#define SESSION_END_NS (1500 * NS_PER_MS)
/* A journal that has not written the run's beginning by then is told about. */
#define SESSION_JOURNAL_LATE_NS (2 * NS_PER_S)

/* A problem, and what to do about it; empty: none. */
struct session_words {
    char what[SESSION_TEXT_MAX];
    char todo[SESSION_TEXT_MAX];
};

/* One simulated unit's firmware, loaded once: ports and records borrow it. */
struct session_firmware {
    struct session_firmware *next;
    const char *path;
    const char *text;
    struct firmware *firmware;
};

struct session_run {
    struct arena arena; /* copies of the order */
    struct session_order order;
    struct plan *plan;
    struct timeline timeline;
    struct judgement judgement;
    struct record record;
    struct engine *engine; /* NULL: over */
    struct run_hooks hooks;
    struct run run;
    int64_t due_ns;               /* of the port's clock: when run_step wants to be called */
    bool faulted;                 /* by the bench: the port is closed once the run is over */
    const struct question *asked; /* of a person */
    struct session_words radio;

    struct run_entry entry;
    enum engine_phase grown_phase; /* when the timeline was last handed over */
    bool held;                     /* not begun: its beginning is not yet written */
    bool unkept;                   /* it could not be */
    bool late;                     /* that it is not is told */
    int64_t late_ns;               /* CLOCK_MONOTONIC: then it is */

    size_t judged;          /* entries of the timeline that were */
    int64_t judge_again_ns; /* CLOCK_MONOTONIC: not before then */
    int64_t judge_due_ns;   /* port's clock: a window that was pending ends; INT64_MAX: none does */
    char address[24];       /* of the unit, as the radio knows it; "" */
    char notice[SESSION_TEXT_MAX];
};

struct session {
    struct session_setup setup;
    struct arena arena;
    enum session_state state;
    struct port *port; /* NULL: closed */
    struct scope *scope;
    int64_t retry_ns; /* CLOCK_MONOTONIC: open it (again) then */
    int64_t turn_ns;  /* ... so much later than the first station of the bench */
    int64_t trial_ns; /* open, and shown as closed until then; 0: it is well */
    bool broken;      /* a fault was heard: it is to be closed ... */
    bool closing;     /* ... once its radio has tidied up */
    struct session_words trouble;
    char warning[2 * SESSION_TEXT_MAX]; /* of opening it */
    char unguarded[SESSION_TEXT_MAX];   /* the guard of its lines is gone; "": no */
    uint64_t changes;

    struct session_run run;

    /* What is down now. */
    uint32_t down; /* actuators */
    int64_t down_ns;
    int64_t up_ns;
    struct duty duty;

    struct jog *jog; /* ordered or going on; NULL: none */
    uint32_t jogs;

    struct session_firmware *firmwares;
    struct session_firmware *in; /* put in by a hand; NULL: none is */
    uint64_t seed;
    struct session_words hand;
};

/* station_session_heard.c: an event that the engine, if there is one, is told of by somebody else.
 */
void session_hear(struct session *session, const struct port_event *event);

/* station_session_state.c */
void session_changed(struct session *session);
void session_words_of(struct session_words *words, const struct diags *diags);
/* All warnings of a list, one after the other. */
void session_warning_of(char *out, size_t size, const struct diags *diags);

/* station_session_run.c */
void session_run_step(struct session *session);
void session_run_abort(struct session *session, const char *why);
void session_run_forget(struct session *session);
int64_t session_run_due_ns(struct session *session);

/* station_session_record.c */
void session_record_begin(struct session *session);
/* Has its beginning been written, or will it never be? */
bool session_record_begun(struct session *session);
/* What was handed over of the run is in the journal's spool. */
bool session_record_spooled(const struct session *session);
/* Judge and keep what there is to be by now. */
void session_record_look(struct session *session);
void session_record_end(struct session *session);
int64_t session_record_due_ns(struct session *session);

/* station_session_jog.c */
void session_jog_heard(struct session *session, const struct port_event *event);
/* The firmware of a unit, NULL after an error. */
struct session_firmware *session_firmware_of(struct session *session, struct diags *diags,
                                             const char *model, const char *serial);

#endif
