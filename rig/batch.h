/*
 * A batch: units of one model go through the stations of a bench, each unit and each station at its
 * own stage. A state machine without I/O, as the engine is: scans, placements, verdicts and time go
 * in, commands come out. The repair shop's screen and the headless `longpress batch` drive the same.
 *
 *   scanned -> [asked: seen before?] -> queued -> station: PLACE -> RUN -> VERDICT -> (COOLDOWN ->
 *   RUN ...) -> the unit is taken out -> FREE
 *
 * It promises: no serial is lost (one that is not run is queued, asked about, or listed as skipped);
 * no station gets a second unit before the first one is out; no unit is run without having been
 * placed; a unit that was run counts once in the tally, by its last verdict.
 */
#ifndef LONGPRESS_RIG_BATCH_H
#define LONGPRESS_RIG_BATCH_H

#include "rig/judge.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BATCH_SERIAL_MAX = 64, /* bytes, with the terminating NUL */
    BATCH_STATIONS_MAX = 32,
    BATCH_UNITS_MAX = 10000,
};

enum batch_stage {
    BATCH_FREE,
    BATCH_OUT,      /* broken: the bench took it out of service; its unit went back to the queue */
    BATCH_PLACE,    /* waits for its unit to be put in */
    BATCH_RUNNING,
    BATCH_COOLDOWN, /* failed, and is tried again at retry_ns */
    BATCH_VERDICT,  /* done; waits for the unit to be taken out */
};

enum unit_state { UNIT_QUEUED, UNIT_ON_STATION, UNIT_DONE, UNIT_SKIPPED };

struct batch_unit {
    char serial[BATCH_SERIAL_MAX]; /* printable */
    enum unit_state state;
    bool has_verdict;
    enum verdict verdict; /* of its last run */
    int attempts;
    int station; /* the one it is, or was last, on; -1: none yet */
    int64_t run; /* journal's number of its last run, 0: none */
    char reason[JUDGE_TEXT_MAX];
};

struct batch_settings {
    size_t station_count;
    int retry_times; /* further attempts after a fail; 0: none */
    int64_t retry_cooldown_ns;
    bool placed_by_input[BATCH_STATIONS_MAX]; /* an input line tells placed / taken out; else the
                                                 operator does, by scanning the serial again */
};

enum batch_command_kind {
    BATCH_DO_PLACE,     /* say: put unit `unit` into station `station` */
    BATCH_DO_RUN,       /* start it there, attempt `attempt` */
    BATCH_DO_TAKE_OUT,  /* say: unit is done, take it out */
    BATCH_DO_ASK_AGAIN, /* serial `unit` was run before (in this batch, or by the journal): ask */
};

struct batch_command {
    enum batch_command_kind kind;
    int station;
    size_t unit;
    int attempt;
};

enum scan_result {
    SCAN_TAKEN,      /* a station was found for it */
    SCAN_QUEUED,     /* all stations are busy */
    SCAN_PLACED,     /* it was the second scan of a unit that is to be placed: it is in */
    SCAN_TAKEN_OUT,  /* ... of one whose verdict stands: it is out */
    SCAN_ASKED,      /* it was run before: asked */
    SCAN_ALREADY,    /* it is queued, or running, just now */
    SCAN_NO_SERIAL,  /* empty, too long, or not text */
    SCAN_FULL,
};

struct batch;

struct batch *batch_new(const struct batch_settings *settings);
void batch_free(struct batch *batch);

/* A serial was scanned. `seen_before`: the journal has a run of it by this procedure. */
enum scan_result batch_scan(struct batch *batch, int64_t now_ns, const char *serial,
                            bool seen_before);
/* The operator's word on the oldest BATCH_DO_ASK_AGAIN: run it again, or skip it. */
void batch_again(struct batch *batch, int64_t now_ns, bool run_it);
/* The unit of this station is in its place / was taken out (input line, or a key). */
void batch_placed(struct batch *batch, int64_t now_ns, int station);
void batch_taken_out(struct batch *batch, int64_t now_ns, int station);
/* The run there ended. `run` is the journal's number of it. `reason` is the judge's sentence. */
void batch_ended(struct batch *batch, int64_t now_ns, int station, enum verdict verdict, int64_t run,
                 const char *reason);
/* The run could not be started at all: the station is out of service, the unit is queued again. */
void batch_out(struct batch *batch, int64_t now_ns, int station);
/* The station works (again). */
void batch_in(struct batch *batch, int64_t now_ns, int station);
/* Call off: a unit that waits to be placed, cools down, or is queued. It is UNIT_SKIPPED. */
void batch_skip(struct batch *batch, int64_t now_ns, size_t unit);
/* No further attempts of the unit there: its verdict stands. Or: the next attempt now. */
void batch_stop_retry(struct batch *batch, int64_t now_ns, int station);
void batch_retry_now(struct batch *batch, int64_t now_ns, int station);
void batch_tick(struct batch *batch, int64_t now_ns);
int64_t batch_wake_ns(const struct batch *batch);

/* The next command, in order; false when there is none. */
bool batch_command(struct batch *batch, struct batch_command *command);

/* ---- for those who show it ---- */

enum batch_stage batch_stage(const struct batch *batch, int station);
/* Unit on the station; NULL: none. */
const struct batch_unit *batch_on(const struct batch *batch, int station);
int64_t batch_retry_ns(const struct batch *batch, int station); /* COOLDOWN: until when */
size_t batch_unit_count(const struct batch *batch);
const struct batch_unit *batch_unit(const struct batch *batch, size_t unit);
/* The unit that is asked about, NULL: none. */
const struct batch_unit *batch_asked(const struct batch *batch);
size_t batch_queued(const struct batch *batch);
size_t batch_tally(const struct batch *batch, enum verdict verdict);
/* Nothing queued, nothing on a station but verdicts. */
bool batch_at_rest(const struct batch *batch);

#endif
