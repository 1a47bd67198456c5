/*
 * Shared by the files of a batch: units, their serials and their queue (batch_units.c), and the
 * stations (batch_stations.c).
 */
#ifndef LONGPRESS_RIG_BATCH_INTERNAL_H
#define LONGPRESS_RIG_BATCH_INTERNAL_H

#include "rig/batch/batch.h"

enum {
    BATCH_CHUNK = 50,
    BATCH_CHUNKS = BATCH_UNITS_MAX / BATCH_CHUNK,
    BATCH_BUCKETS = 32768, /* power of two, well over BATCH_UNITS_MAX */
    VERDICT_COUNT = VERDICT_ERROR + 1,
};

/* A unit, with its private state. */
struct batch_item {
    struct batch_unit unit;
    bool seen_before;
    int retries_left;
    int64_t ready_ns; /* not run before this instant: it cools down */
    uint64_t ticket;  /* its place in the queue: as it was scanned, kept when it comes back */
    size_t next;      /* in the queue, or among those asked about; BATCH_NO_UNIT: the last */
};

struct batch_slot {
    enum batch_stage stage;
    bool by_input;
    size_t unit;    /* PLACE, RUNNING, COOLDOWN, VERDICT; else BATCH_NO_UNIT */
    bool holds;     /* PLACE, OCCUPIED, OUT: in there is what is not `unit` (or may not be) ... */
    size_t leaving; /* ... this one; BATCH_NO_UNIT: nobody knows */
    bool doubted;   /* VERDICT: it was out of service with its unit; nobody watched */
    bool in;        /* by_input: the line says so, and has settled; else: `unit` is in */
    bool line;      /* what the line told last, and ... */
    bool wavers;    /* ... not for long enough to be believed, which it is ... */
    int64_t settled_ns;                /* ... from then on */
    int64_t retry_ns;                  /* COOLDOWN */
    uint64_t told[BATCH_DO_ASK_AGAIN]; /* when each command was issued; 0: none is pending */
};

struct batch {
    struct batch_settings settings;
    int64_t now_ns;
    uint64_t count; /* of commands and tickets, for their order */
    struct batch_slot slots[BATCH_STATIONS_MAX];
    struct batch_item *chunks[BATCH_CHUNKS]; /* of BATCH_CHUNK units, which never move */
    size_t item_count;
    uint16_t buckets[BATCH_BUCKETS]; /* by serial: unit + 1; 0: empty */
    size_t queue;                    /* the oldest; BATCH_NO_UNIT: none */
    size_t queued;
    size_t asked; /* the oldest; BATCH_NO_UNIT: none */
    uint64_t ask_told;
    size_t tally[VERDICT_COUNT];
    size_t scanned; /* the unit of the last scan */
    int64_t scanned_ns;
};

static inline struct batch_item *item_of(const struct batch *batch, size_t unit)
{
    return &batch->chunks[unit / BATCH_CHUNK][unit % BATCH_CHUNK];
}

/* BATCH_NO_UNIT: not known. */
size_t batch_unit_find(const struct batch *batch, const char *serial);
/* BATCH_NO_UNIT: full, or out of memory. */
size_t batch_unit_add(struct batch *batch, const char *serial);

/* To the end of the queue, with all its attempts before it. */
void batch_unit_queue(struct batch *batch, size_t unit);
/* Back to where it was in the queue. */
void batch_unit_requeue(struct batch *batch, size_t unit);
void batch_unit_unqueue(struct batch *batch, size_t unit);
void batch_unit_ask_about(struct batch *batch, size_t unit);
void batch_unit_unask(struct batch *batch, size_t unit);
/* It is finished. */
void batch_unit_close(struct batch *batch, size_t unit);
void batch_unit_ended(struct batch *batch, size_t unit, enum verdict verdict, int64_t run,
                      const char *reason);

int64_t batch_later_ns(int64_t at_ns, int64_t by_ns);
void batch_slot_tell(struct batch *batch, struct batch_slot *slot, enum batch_command_kind kind);
/* Drops the commands of another stage. */
void batch_slot_stage(struct batch_slot *slot, enum batch_stage stage);
/* Something is in there that must come out; or no longer is. */
void batch_slot_hold(struct batch_slot *slot, size_t unit);
void batch_slot_let_out(struct batch_slot *slot);
/* It has no unit any more. What it holds is to come out: OCCUPIED, VERDICT; else FREE. */
void batch_slot_vacate(struct batch *batch, struct batch_slot *slot);
/* A queued unit gets it: PLACE. */
void batch_slot_put(struct batch *batch, struct batch_slot *slot, size_t unit);
/* It has what must come out first, which is told by a scan: the next unit may have it. */
bool batch_slot_may_follow(const struct batch_slot *slot);
/* The unit's cooldown is over: it runs when it is still in, and is to be put in again when not. */
void batch_slot_resume(struct batch *batch, struct batch_slot *slot);
/* The unit's verdict stands. */
void batch_slot_stand(struct batch *batch, struct batch_slot *slot);
/* Something is in it now / nothing is in it any more. */
void batch_slot_came_in(struct batch *batch, struct batch_slot *slot);
void batch_slot_came_out(struct batch *batch, struct batch_slot *slot);

/* Units of the queue to free stations. */
void batch_assign(struct batch *batch);
/* The same when somebody stands at the bench with a unit: one station of those that may be followed
 * takes the next, too. */
void batch_assign_at_hand(struct batch *batch);
/* What happens when time passes. */
void batch_advance(struct batch *batch, int64_t now_ns);

#endif
