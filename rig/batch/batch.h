/*
 * A batch: units of one model go through the stations of a bench, each unit and each station at its
 * own stage. Like the engine, a state machine without I/O: scans, placements, verdicts and time go
 * in, commands come out. Both the screen and the headless `longpress batch` drive it.
 *
 *   scanned -> [asked: seen before?] -> queued -> station: PLACE -> RUN -> VERDICT -> (COOLDOWN ->
 *   RUN ...) -> the unit is removed -> FREE
 *
 * It promises: no serial is lost (one that is not run is queued, asked about, or listed as
 * skipped); no station runs a second unit before the first one is out; no unit is run without
 * having been placed; a unit that was run counts once in the tally, by its last verdict; no
 * station stays free while units are queued (except while a line settles).
 *
 * How a batch knows that a unit is in its place or out of it:
 *  - With an input line, only the line counts, and only once it is stable for `settle_ns`: a unit
 *    that wobbles on its way out is not the next one on its way in. A unit that was placed before
 *    it was scanned must come out first: nobody knows which one it is.
 *  - Otherwise the second scan of its serial counts: for a unit to be placed, "it is in"; for one
 *    with a final verdict, "it is out". An operator in a hurry need not scan it out: scanning a
 *    waiting serial gives that unit the station (TAKE_OUT, then PLACE), and its second scan says
 *    that one is out and the other in. A label that a scanner reads twice within `repeat_ns`
 *    counts once.
 *
 * Time: now_ns never goes back (an earlier one is taken as the latest known). Stations and units
 * are numbered from 0; a number out of range is a caller's bug (assert).
 */
#ifndef LONGPRESS_RIG_BATCH_H
#define LONGPRESS_RIG_BATCH_H

#include "rig/base/serial.h"
#include "rig/judge/judge.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BATCH_SERIAL_MAX = SERIAL_MAX,
    BATCH_STATIONS_MAX = 32,
    BATCH_UNITS_MAX = 10000,
};

#define BATCH_NO_UNIT   SIZE_MAX
#define BATCH_SETTLE_NS INT64_C(300000000)  /* default settings: a hand's wobble ... */
#define BATCH_REPEAT_NS INT64_C(1000000000) /* ... and a trigger pulled twice */

enum batch_stage {
    BATCH_FREE,
    BATCH_OUT,      /* out of service (not ready, or broken); its unit went back to the queue */
    BATCH_OCCUPIED, /* holds something that must come out first: batch_leaving */
    BATCH_PLACE,    /* waits for its unit; batch_leaving must come out first */
    BATCH_RUNNING,
    BATCH_COOLDOWN, /* failed, and is tried again at batch_retry_ns */
    BATCH_VERDICT,  /* done; waits for the unit to be removed */
};

enum unit_state {
    UNIT_ASKED, /* it was run before; the operator has not yet said whether to run it again */
    UNIT_QUEUED,
    UNIT_ON_STATION, /* to be placed, running, cooling down */
    UNIT_DONE,       /* its verdict stands, even when it is still in the station */
    UNIT_SKIPPED,    /* cancelled before it had a verdict in this batch */
};

struct batch_unit {
    char serial[BATCH_SERIAL_MAX]; /* printable */
    enum unit_state state;
    bool has_verdict;
    enum verdict verdict; /* of its last run */
    int attempts;         /* runs that ended */
    int station;          /* the one it is, or was last, on; -1: none yet */
    int64_t run;          /* journal's number of its last run, 0: none */
    char reason[JUDGE_TEXT_MAX];
};

struct batch_settings {
    size_t station_count;
    int retry_times; /* further attempts after a fail; 0: none. Other verdicts than fail are not
                        tried again unless the operator says so (batch_retry_now) */
    int64_t retry_cooldown_ns;
    bool placed_by_input[BATCH_STATIONS_MAX]; /* an input line tells placed / taken out; else the
                                                 operator does, by scanning the serial again */
    int64_t settle_ns;                        /* 0: a line is believed at once */
    int64_t repeat_ns;                        /* 0: every scan counts */
    bool any_text;                            /* serials of other scripts are taken as they are */
};

enum batch_command_kind {
    BATCH_DO_PLACE,     /* say: put unit `unit` into station `station` */
    BATCH_DO_RUN,       /* start it there, attempt `attempt` */
    BATCH_DO_TAKE_OUT,  /* say: take unit `unit` out; BATCH_NO_UNIT: whatever is in there */
    BATCH_DO_ASK_AGAIN, /* serial `unit` was run before (in this batch, or by the journal): ask */
};

struct batch_command {
    enum batch_command_kind kind;
    int station; /* -1: BATCH_DO_ASK_AGAIN */
    size_t unit;
    int attempt; /* BATCH_DO_RUN: from 1 */
};

enum scan_result {
    SCAN_TAKEN,     /* it got a station */
    SCAN_QUEUED,    /* all stations are busy */
    SCAN_PLACED,    /* it was the second scan of a unit that is to be placed: it is in */
    SCAN_TAKEN_OUT, /* ... of one whose verdict stands: it is out */
    SCAN_ASKED,     /* it was run before: asked. Its next scan means: run it again */
    SCAN_ALREADY,   /* it is already queued or on a station; nothing changed */
    SCAN_REPEATED,  /* the scanner read one label twice; nothing changed */
    SCAN_NO_SERIAL, /* rig/base/serial.h says why */
    SCAN_FULL,      /* BATCH_UNITS_MAX, or out of memory */
};

struct batch;

/* All stations are BATCH_OUT at first: batch_in says which work. NULL: out of memory. */
struct batch *batch_new(const struct batch_settings *settings);
void batch_free(struct batch *batch);

/* A serial as it is kept (rig/base/serial.h), with nothing but plain digits and letters. False when
 * it is none (SCAN_NO_SERIAL). */
bool batch_serial(char out[BATCH_SERIAL_MAX], const char *text);

/* A serial was scanned; what scanners add does not count, nor does the case of letters.
 * `seen_before`: the journal has a run of it by this procedure. */
enum scan_result batch_scan(struct batch *batch, int64_t now_ns, const char *serial,
                            bool seen_before);
/* The unit of the last scan; NULL: that was none (SCAN_NO_SERIAL, SCAN_FULL), or there was none. */
const struct batch_unit *batch_scanned(const struct batch *batch);
/* The operator's word on the oldest BATCH_DO_ASK_AGAIN: run it again, or skip it (then it is what
 * it was before: UNIT_DONE with the verdict of this batch, else UNIT_SKIPPED). */
void batch_again(struct batch *batch, int64_t now_ns, bool run_it);
/* Something is in the place of this station now / is out of it: told when the line changes, or by a
 * key where there is no line. */
void batch_placed(struct batch *batch, int64_t now_ns, int station);
void batch_taken_out(struct batch *batch, int64_t now_ns, int station);
/* The run there ended, also when the bench broke under it (then batch_out comes next). `run` is the
 * journal's number of it. `reason` is the judge's sentence. */
void batch_ended(struct batch *batch, int64_t now_ns, int station, enum verdict verdict,
                 int64_t run, const char *reason);
/* The station does not work: it is out of service. A unit without a standing verdict goes to the
 * head of the queue; an attempt that could not be started does not count. */
void batch_out(struct batch *batch, int64_t now_ns, int station);
/* The station works (again). `inside`: its line says that something is in; false where it has none.
 * A unit that was in it when it broke has it first. It is to be scanned once more, or taken out and
 * put in: nobody watched meanwhile. */
void batch_in(struct batch *batch, int64_t now_ns, int station, bool inside);
/* Cancels a unit that is asked about, queued, waiting to be placed, or cooling down. It becomes
 * UNIT_DONE if it has a verdict, else UNIT_SKIPPED. A running one is not touched. */
void batch_skip(struct batch *batch, int64_t now_ns, size_t unit);
/* RUNNING, COOLDOWN: no further attempts of the unit there by the rhythm; its verdict stands. */
void batch_stop_retry(struct batch *batch, int64_t now_ns, int station);
/* COOLDOWN: the next attempt now. VERDICT: one more attempt, whatever the verdict is. Now is when
 * the unit is in for sure: a line that wavers is waited for; what nobody watched is to be placed
 * again. */
void batch_retry_now(struct batch *batch, int64_t now_ns, int station);
void batch_tick(struct batch *batch, int64_t now_ns);
/* When batch_tick must be called at the latest; INT64_MAX: never. */
int64_t batch_wake_ns(const struct batch *batch);

/* The next command, in order; false if there is none. Obsolete commands are dropped: a unit that
 * was skipped before PLACE was read is not placed. */
bool batch_command(struct batch *batch, struct batch_command *command);
bool batch_has_command(const struct batch *batch);

/* ---- for those who show it ---- */

enum batch_stage batch_stage(const struct batch *batch, int station);
/* The station's unit (PLACE, RUNNING, COOLDOWN, VERDICT); NULL: none. */
const struct batch_unit *batch_on(const struct batch *batch, int station);
/* Something else is in there and must come out; *unit: which one, NULL if unknown. */
bool batch_leaving(const struct batch *batch, int station, const struct batch_unit **unit);
int64_t batch_retry_ns(const struct batch *batch, int station); /* COOLDOWN: until when */
size_t batch_unit_count(const struct batch *batch);
/* Valid until batch_free. */
const struct batch_unit *batch_unit(const struct batch *batch, size_t unit);
/* The unit that is asked about, NULL: none. */
const struct batch_unit *batch_asked(const struct batch *batch);
size_t batch_queued(const struct batch *batch);
size_t batch_tally(const struct batch *batch, enum verdict verdict);
/* Nothing queued or asked about, nothing on a station but verdicts. */
bool batch_at_rest(const struct batch *batch);

#endif
