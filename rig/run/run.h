/*
 * The run loop: drives one engine against one port to the end. The port does all waiting; hooks
 * watch and answer.
 */
#ifndef LONGPRESS_RIG_RUN_H
#define LONGPRESS_RIG_RUN_H

#include "rig/run/engine.h"
#include "rig/run/port.h"

#include <stdbool.h>

enum { RUN_STEP_EVENTS = 512 };

struct run_hooks {
    void *context;
    /* Called with each event of the port before the engine gets it. May be NULL. */
    void (*heard)(void *context, const struct port_event *event);
    /* Called whenever the timeline has grown. Must not block. May be NULL. */
    void (*watch)(void *context, const struct timeline *timeline, size_t first_new);
    /* A simulated bench's unit answers for itself; this is asked before it, and after a real
     * bench's input lines and what its unit tells over the radio. True: it was answered. May be
     * NULL. */
    bool (*answer_first)(void *context, struct engine *engine, const struct question *question);
    /* Called with a question that the port could not answer. Answer at once with engine_answer, or
     * show it and answer later from `poll`. May be NULL: then such a question aborts the run. */
    void (*ask)(void *context, struct engine *engine, const struct question *question);
    /* Called in each round, to handle signals and keys. May call engine_answer and engine_abort.
     * May be NULL. */
    void (*poll)(void *context, struct engine *engine);
};

/* One run in a loop that drives several. All members are borrowed. */
struct run {
    struct engine *engine;
    struct port *port;
    struct timeline *timeline;
    const struct run_hooks *hooks;
    size_t shown; /* entries already reported to `watch`; initially 0 */
};

/* All that can be done without waiting (in virtual time: a stretch of it), RUN_STEP_EVENTS rounds
 * at most. Returns when, by the port's clock (port_poll_ns makes a poll's of it), it must be called
 * again at the latest though the port's descriptors are quiet: a time that has come when there is
 * more to do at once; INT64_MAX when it is done, or when nothing but a descriptor or an answer can
 * move it. After engine_answer or engine_abort from elsewhere it must be called at once. While a
 * question is open, each call moves virtual time a little, if at all. */
int64_t run_step(struct run *run);

/* The port's time, for engine_answer, engine_nobody and engine_abort from outside run_step. A
 * simulated bench's clock stands there until run_step, as it does whenever the engine works: what
 * this machine takes to act would otherwise be many times as long on a bench in a hurry. */
int64_t run_hold(const struct run *run);

/* Run until engine_done, waiting in between. While a question is open, `poll` is called at least
 * every 50 ms. */
void run_drive(struct engine *engine, struct port *port, struct timeline *timeline,
               const struct run_hooks *hooks);

/* Read the level of every input of a station, for engine_new: 1, 0 or -1. */
void run_levels(struct port *port, const struct station *station, int8_t levels[BENCH_INPUTS_MAX]);

#endif
