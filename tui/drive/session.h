/*
 * A bay: one station of a bench, open as long as the program runs, with or without a run. One loop
 * drives several bays; none of them ever blocks.
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

enum bay_state { BAY_CLOSED, BAY_IDLE, BAY_RUNNING, BAY_OVER };

enum {
    BAY_TEXT_MAX = 512,
    BAY_FDS_MAX = 48,
    BAY_DONE_MAX = 256, /* units of a batch that are done with */
    BAY_ANSWERS_MAX = 32,
};

/* What to run. Everything is copied or lives as long as the catalog. */
struct bay_order {
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

struct bay_setup {
    const struct bench *bench;
    const struct station *station;
    const char *bench_name;
    struct journal *journal; /* NULL: nothing is kept */
    const char *operator_name;
    int rate; /* simulated bench: how many times faster than time; else 1 */
};

struct bay;

/* Opens the station at once. If that fails, the bay is closed, says why, and retries by itself.
 * `setup` is copied, what it points at is borrowed. Never NULL. */
struct bay *bay_new(const struct bay_setup *setup);
/* Release everything, end its run as aborted, and record it. Waits for that, and for the radio to
 * clean up: with several bays, bay_release all of them before freeing the first. NULL is fine. */
void bay_free(struct bay *bay);

enum bay_state bay_state(const struct bay *bay);
/* Its station is open and works: a run can start, or is in progress. */
bool bay_works(const struct bay *bay);
const struct station *bay_station(const struct bay *bay);
bool bay_simulated(const struct bay *bay);
/* What is wrong with the bench here, and what to do; "" if nothing is. Also during a run (the radio
 * was lost). */
const char *bay_trouble(const struct bay *bay);
const char *bay_todo(const struct bay *bay);

/* Warnings from opening the station, and what to do ("nobody guards these lines: ..."); "" if none.
 * The station works anyway. */
const char *bay_warning(const struct bay *bay);
/* Says that its lines have lost their guard since it was opened; else "". */
const char *bay_unguarded(const struct bay *bay);
/* When over: a notice about its unit ("unit 17 is 00:00:5E:... now, but was ... in run 4"), or "".
 */
const char *bay_notice(const struct bay *bay);

/* Prove the plan and start: BAY_RUNNING. -1 with the violated rules in `diags`; then nothing has
 * moved. */
int bay_start(struct bay *bay, const struct bay_order *order, struct diags *diags);
/* Release the lines now, and do nothing else: with several bays, call this for all of them before
 * the first bay_release, which takes longer. */
void bay_let_go(struct bay *bay);
/* The same; a run ends as aborted, for the reason `why`. */
void bay_release(struct bay *bay, const char *why);
/* Nothing can answer its question. True: the run has ended because of it, and says how to continue.
 */
bool bay_nobody(struct bay *bay);
/* The question that waits for a person, or NULL. */
const struct question *bay_question(const struct bay *bay);
bool bay_answer(struct bay *bay, const char *answer);
/* Over -> idle. */
void bay_dismiss(struct bay *bay);

/* ---- for display ---- */

/* Running or over: the run so far; otherwise NULL. Its judgement is provisional: see judge_so_far.
 */
const struct record *bay_record(const struct bay *bay);
const struct plan *bay_plan(const struct bay *bay);
enum engine_phase bay_phase(const struct bay *bay);
/* How long the unit will still be watched, as far as is known; 0: it is not. */
int64_t bay_watch_left_ns(const struct bay *bay);
/* The bay's clock (the port's), used for all times of its timelines. */
int64_t bay_now_ns(const struct bay *bay);
/* Is a button down by order? `since_ns`: since when; `until_ns`: when it is up at the latest.
 * False: none is. */
bool bay_down(const struct bay *bay, int64_t *since_ns, int64_t *until_ns);
/* Is there something to release: a run, or a manual press that is down or just ordered? */
bool bay_active(const struct bay *bay);
/* What the station's inputs did recently, with or without a run. */
const struct scope *bay_scope(const struct bay *bay);
/* The radio's state in words: "ready", "no adapter configured", or why it is absent. */
const char *bay_radio_words(const struct bay *bay);
/* Presses have real-time priority. */
bool bay_realtime(const struct bay *bay);
/* The address of the run's unit as reported by the radio, or "". */
const char *bay_unit_address(const struct bay *bay);
/* The journal's handle of the run, 0: it is not kept. */
int64_t bay_journal_handle(const struct bay *bay);
/* Incremented whenever there may be something new to show. */
uint64_t bay_changes(const struct bay *bay);

/* ---- by hand (the manual screen) ---- */

/* Press these actuators together for `hold_ns`; BAY_IDLE only. Proved like a plan
 * (rig/plan/plan_jog.h), with the model's hazards if `profile` is given. */
int bay_jog(struct bay *bay, const struct profile *profile, uint32_t actuators, int64_t hold_ns,
            struct diags *diags);

/* ---- the operator of a simulated bench ---- */

/* Put in the unit with that serial number, `after_ns` from now, in place of the one there; NULL:
 * only take that out. Does nothing on a real bench. */
void bay_simulate_hand(struct bay *bay, const struct profile *profile, const char *unit,
                       int64_t after_ns);

/* ---- the loop ---- */

/* What to poll for; how many. */
size_t bay_fds(struct bay *bay, struct pollfd fds[BAY_FDS_MAX]);
/* CLOCK_MONOTONIC ns at which bay_step must be called at the latest. */
int64_t bay_due_ns(struct bay *bay);
/* Do everything that can be done without waiting. */
void bay_step(struct bay *bay);

#endif
