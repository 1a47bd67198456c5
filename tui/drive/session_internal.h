/*
 * The insides of a session, for tui/drive/station_session*.c only.
 *
 * session.c opens and closes the station and serves the loop; session_run.c has the
 * run; session_record.c judges and keeps it; session_jog.c has what people do:
 * manual presses, answers, putting units in.
 */
#ifndef LONGPRESS_TUI_BAY_INTERNAL_H
#define LONGPRESS_TUI_BAY_INTERNAL_H

#include "tui/drive/session.h"

#include "rig/base/arena.h"
#include "rig/base/units.h"
#include "rig/plan/duty.h"
#include "rig/plan/plan_jog.h"
#include "tui/drive/run_entry.h"

/* How often to retry a station that does not open. */
#define SESSION_RETRY_NS (2 * NS_PER_S)
/* Opening takes some milliseconds, during which other stations' keepers get no heartbeat: if many
 * stations fail at once, they reopen one after the other. */
#define SESSION_TURN_NS (60 * NS_PER_MS)
/* How long it must work before it counts as open again: a still active e-stop, or a keeper that
 * dies at once, shows within that time. */
#define SESSION_TRIAL_NS (100 * NS_PER_MS)
/* How often, at most, the growing timeline is judged and handed to the journal, and the largest
 * share of time spent on judging, however long the timeline is. */
#define SESSION_JUDGE_NS   (50 * NS_PER_MS)
#define SESSION_JUDGE_PART 20
#define SESSION_APPEND_NS  (2 * NS_PER_S)
/* An aborted run is over by then: the session is being freed. */
#define SESSION_END_NS (1500 * NS_PER_MS)
/* After this time, a journal that has not written the run's start is reported. */
#define SESSION_JOURNAL_LATE_NS (2 * NS_PER_S)

/* A problem and what to do about it; empty: none. */
struct session_words {
    char what[SESSION_TEXT_MAX];
    char todo[SESSION_TEXT_MAX];
};

/* A simulated unit's firmware, loaded once: ports and records borrow it. */
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

/* session_heard.c: handles an event; the caller also passes it to the engine, if there is
 * one. */
void session_hear(struct session *session, const struct port_event *event);

/* session_state.c */
void session_changed(struct session *session);
void session_words_of(struct session_words *words, const struct diags *diags);
/* All warnings of a list, one after the other. */
void session_warning_of(char *out, size_t size, const struct diags *diags);

/* session_run.c */
void session_run_step(struct session *session);
void session_run_abort(struct session *session, const char *why);
void session_run_forget(struct session *session);
int64_t session_run_due_ns(struct session *session);

/* session_record.c */
void session_record_begin(struct session *session);
/* Has its start been written, or is it certain that it never will be? */
bool session_record_begun(struct session *session);
/* Is what was handed over of the run in the journal's spool? */
bool session_record_spooled(const struct session *session);
/* Judge and keep what is due. */
void session_record_look(struct session *session);
void session_record_end(struct session *session);
int64_t session_record_due_ns(struct session *session);

/* session_jog.c */
void session_jog_heard(struct session *session, const struct port_event *event);
/* The firmware of a unit, NULL after an error. */
struct session_firmware *session_firmware_of(struct session *session, struct diags *diags,
                                             const char *model, const char *serial);

#endif
