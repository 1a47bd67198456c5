/*
 * A session: one station of a bench, open from the program's beginning to its end, with a run in it
 * or none. Several sessions are driven by one loop; none of them ever waits.
 *
 *     closed --open--> idle --start--> running --(engine done)--> over --dismiss--> idle
 *        ^______________|  a fault of the bench closes it; it is tried again by itself
 *
 * The rules of a run are the engine's, the verdict is the judge's; here is only what holds them
 * together: port, plan, timeline, journal.
 */
#ifndef LONGPRESS_TUI_BAY_H
#define LONGPRESS_TUI_BAY_H

#include "hardware/sim/firmware.h"
#include "rig/bench/bench.h"
#include "rig/judge/judge.h"
#include "rig/plan/plan.h"
#include "rig/record/record.h"
#include "rig/run/engine.h"
#include "rig/run/port.h"
#include "rig/run/run.h"
#include "rig/run/scope.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum session_state { SESSION_CLOSED, SESSION_IDLE, SESSION_RUNNING, SESSION_OVER };

enum {
    SESSION_TEXT_MAX = 512,
    SESSION_FDS_MAX = 48,
    SESSION_DONE_MAX = 256, /* units of a batch that are done with */
    SESSION_ANSWERS_MAX = 32,
};

/* What is to be run. Everything is copied or lives as long as the catalog. */
struct session_order {
    const struct profile *profile;
    const struct procedure *procedure;
    const char *unit;          /* serial, NULL: not given */
    const char *unit_firmware; /* NULL: not given */
    const char *gtin;          /* NULL: not scanned */
    const char *address;       /* NULL: by name */
    const char *const *accept_hazards;
    size_t accept_count;
    int64_t steady_ns; /* as in plan_choices (rig/plan/plan.h) */
    bool without_bond;
    const char *const *done; /* addresses of units that are done with */
    size_t done_count;
    int attempt;       /* 1: the first; of the same unit in one batch */
    const char *batch; /* name of the batch it is part of, NULL: none */
    /* Answers given ahead, by question's name: they go before a simulated unit's own, never before
     * a wired input (as --answer). */
    const char *const *answer_names;
    const char *const *answer_values;
    size_t answer_count;
};

struct session_setup {
    const struct bench *bench;
    const struct station *station;
    const char *bench_name;
    struct journal *journal; /* NULL: nothing is kept */
    const char *operator_name;
    int rate; /* simulated bench: how many times faster than time; else 1 */
};

struct session;

/* Never NULL; opens the station at once, and where that fails the session is closed, says why, and
 * tries again by itself. `setup` is copied, what it points at borrowed. */
struct session *session_new(const struct session_setup *setup);
/* Release everything, end the run in it as aborted, record it. Waits for that, and for the radio to
 * tidy up: of several sessions, session_release them all before the first goes. NULL is fine. */
void session_free(struct session *session);

enum session_state session_state(const struct session *session);
/* Its station is open and well: a run could begin in it, or goes on. */
bool session_works(const struct session *session);
const struct station *session_station(const struct session *session);
bool session_simulated(const struct session *session);
/* What is wrong with the bench here, and what to do; "" when nothing is. Also while a run goes on
 * (the radio went). */
const char *session_trouble(const struct session *session);
const char *session_todo(const struct session *session);

/* What opening the station warned of, and what to do ("nobody guards these lines: ..."); "" when of
 * nothing. It works all the same. */
const char *session_warning(const struct session *session);
/* That nobody guards its lines any more, since it was opened; "" else. */
const char *session_unguarded(const struct session *session);
/* Over: what else is to be known of its unit ("unit 17 is 00:00:5E:... now, and was ... in run 4");
 * "" when nothing is. */
const char *session_notice(const struct session *session);

/* Prove the plan and begin: SESSION_RUNNING. -1 with the broken rules in `diags`; nothing moved
 * then.
 */
int session_start(struct session *session, const struct session_order *order, struct diags *diags);
/* Let go of everything, now, and nothing else: of several sessions all are told before the first is
 * released, which takes longer. */
void session_let_go(struct session *session);
/* The same; a run ends as aborted, `why` says by what. */
void session_release(struct session *session, const char *why);
/* Nobody can answer its question. True: the run has ended for it, and says how to go on. */
bool session_nobody(struct session *session);
/* The question that waits for a person, NULL: none. */
const struct question *session_question(const struct session *session);
bool session_answer(struct session *session, const char *answer);
/* Over -> idle. */
void session_dismiss(struct session *session);

/* ---- for those who show it ---- */

/* Running or over: the run as far as it is known; NULL otherwise. Its judgement is that of now: see
 * judge_so_far. */
const struct record *session_record(const struct session *session);
const struct plan *session_plan(const struct session *session);
enum engine_phase session_phase(const struct session *session);
/* So long the unit is still watched, as far as is known; 0: it is not. */
int64_t session_watch_left_ns(const struct session *session);
/* The session's clock (the port's), in which all instants of its timelines are. */
int64_t session_now_ns(const struct session *session);
/* A button is down now, by order: `since_ns` it went down, `until_ns` it comes up at the latest.
 * False: none is. */
bool session_down(const struct session *session, int64_t *since_ns, int64_t *until_ns);
/* There is something to let go of: a run, or a press by hand that is down or just ordered. */
bool session_active(const struct session *session);
/* What the station's inputs did lately, run or no run. */
const struct scope *session_scope(const struct session *session);
/* The radio of the station, in words for people: "ready", "no adapter configured", why it is
 * absent. */
const char *session_radio_words(const struct session *session);
/* Presses have real-time priority. */
bool session_realtime(const struct session *session);
/* Address of the unit of the run, as the radio told it; "" when it did not. */
const char *session_unit_address(const struct session *session);
/* The journal's handle of the run, 0: it is not kept. */
int64_t session_journal_handle(const struct session *session);
/* Counts up whenever there may be something new to show. */
uint64_t session_changes(const struct session *session);

/* ---- by hand (the manual screen) ---- */

/* Press these actuators together for `hold_ns`; SESSION_IDLE only. The proof is the plan's
 * (rig/plan/plan_jog.h), with the model's hazards when `profile` is given. */
int session_jog(struct session *session, const struct profile *profile, uint32_t actuators,
                int64_t hold_ns, struct diags *diags);

/* ---- a simulated bench's hands ---- */

/* Put the unit of that serial number in, `after_ns` from now, the one that was there before taken
 * out; NULL: only take it out. Nothing on a real bench. */
void session_simulate_hand(struct session *session, const struct profile *profile, const char *unit,
                           int64_t after_ns);

/* ---- the loop ---- */

/* What to poll for; how many. */
size_t session_fds(struct session *session, struct pollfd fds[SESSION_FDS_MAX]);
/* CLOCK_MONOTONIC ns at which session_step must be called at the latest. */
int64_t session_due_ns(struct session *session);
/* All that can be done without waiting. */
void session_step(struct session *session);

#endif
