/*
 * A session: one station of a bench, open as long as the program runs, with or without a run. One
 * loop drives several sessions; none of them ever blocks.
 *
 *     closed --open--> idle --start--> running --(engine done)--> over --dismiss--> idle
 *        ^______________|  a bench fault closes it; it reopens by itself
 *
 * The engine has the rules of a run, the judge makes the verdict; this only connects them: port,
 * plan, timeline, journal.
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

/* What to run. Everything is copied or lives as long as the catalog. */
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
    /* Answers given in advance, by question name: they override a simulated unit's own answers,
     * never a wired input (as --answer). */
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

/* Opens the station at once. If that fails, the session is closed, says why, and retries by itself.
 * `setup` is copied, what it points at is borrowed. Never NULL. */
struct session *session_new(const struct session_setup *setup);
/* Release everything, end its run as aborted, and record it. Waits for that, and for the radio to
 * clean up: with several sessions, session_release all of them before freeing the first. NULL is
 * fine. */
void session_free(struct session *session);

enum session_state session_state(const struct session *session);
/* Its station is open and works: a run can start, or is in progress. */
bool session_works(const struct session *session);
const struct station *session_station(const struct session *session);
bool session_simulated(const struct session *session);
/* What is wrong with the bench here, and what to do; "" if nothing is. Also during a run (the radio
 * was lost). */
const char *session_trouble(const struct session *session);
const char *session_todo(const struct session *session);

/* Warnings from opening the station, and what to do ("nobody guards these lines: ..."); "" if none.
 * The station works anyway. */
const char *session_warning(const struct session *session);
/* Says that its lines have lost their guard since it was opened; else "". */
const char *session_unguarded(const struct session *session);
/* When over: a notice about its unit ("unit 17 is 00:00:5E:... now, but was ... in run 4"), or "".
 */
const char *session_notice(const struct session *session);

/* Prove the plan and start: SESSION_RUNNING. -1 with the violated rules in `diags`; then nothing
 * has moved. */
int session_start(struct session *session, const struct session_order *order, struct diags *diags);
/* Release the lines now, and do nothing else: with several sessions, call this for all of them
 * before the first session_release, which takes longer. */
void session_let_go(struct session *session);
/* The same; a run ends as aborted, for the reason `why`. */
void session_release(struct session *session, const char *why);
/* Nothing can answer its question. True: the run has ended because of it, and says how to continue.
 */
bool session_nobody(struct session *session);
/* The question that waits for a person, or NULL. */
const struct question *session_question(const struct session *session);
bool session_answer(struct session *session, const char *answer);
/* Over -> idle. */
void session_dismiss(struct session *session);

/* ---- for display ---- */

/* Running or over: the run so far; otherwise NULL. Its judgement is provisional: see judge_so_far.
 */
const struct record *session_record(const struct session *session);
const struct plan *session_plan(const struct session *session);
enum engine_phase session_phase(const struct session *session);
/* How long the unit will still be watched, as far as is known; 0: it is not. */
int64_t session_watch_left_ns(const struct session *session);
/* The session's clock (the port's), used for all times of its timelines. */
int64_t session_now_ns(const struct session *session);
/* Is a button down by order? `since_ns`: since when; `until_ns`: when it is up at the latest.
 * False: none is. */
bool session_down(const struct session *session, int64_t *since_ns, int64_t *until_ns);
/* Is there something to release: a run, or a manual press that is down or just ordered? */
bool session_active(const struct session *session);
/* What the station's inputs did recently, with or without a run. */
const struct scope *session_scope(const struct session *session);
/* The radio's state in words: "ready", "no adapter configured", or why it is absent. */
const char *session_radio_words(const struct session *session);
/* Presses have real-time priority. */
bool session_realtime(const struct session *session);
/* The address of the run's unit as reported by the radio, or "". */
const char *session_unit_address(const struct session *session);
/* The journal's handle of the run, 0: it is not kept. */
int64_t session_journal_handle(const struct session *session);
/* Incremented whenever there may be something new to show. */
uint64_t session_changes(const struct session *session);

/* ---- by hand (the manual screen) ---- */

/* Press these actuators together for `hold_ns`; SESSION_IDLE only. Proved like a plan
 * (rig/plan/plan_jog.h), with the model's hazards if `profile` is given. */
int session_jog(struct session *session, const struct profile *profile, uint32_t actuators,
                int64_t hold_ns, struct diags *diags);

/* ---- the operator of a simulated bench ---- */

/* Put in the unit with that serial number, `after_ns` from now, in place of the one there; NULL:
 * only take that out. Does nothing on a real bench. */
void session_simulate_hand(struct session *session, const struct profile *profile, const char *unit,
                           int64_t after_ns);

/* ---- the loop ---- */

/* What to poll for; how many. */
size_t session_fds(struct session *session, struct pollfd fds[SESSION_FDS_MAX]);
/* CLOCK_MONOTONIC ns at which session_step must be called at the latest. */
int64_t session_due_ns(struct session *session);
/* Do everything that can be done without waiting. */
void session_step(struct session *session);

#endif
