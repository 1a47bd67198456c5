/*
 * The engine: one run as a state machine without I/O. It takes events and gives commands; it never
 * reads a clock, a file or a socket. So the same engine runs live, in virtual time, replays a
 * recorded run, and is fuzzed.
 *
 *     engine_init -> { engine_event | engine_tick } -> engine_command until none -> ... until
 *     engine_done
 *
 * It promises, whatever events come in whatever order:
 *  - no press before every precondition is answered and accepted;
 *  - never two presses at once, never a press beyond the plan's energise_ns;
 *  - after an abort, an e-stop or a fault: release is the next command, and no press follows;
 *  - it ends: every wait has a deadline (a question waits for a person, without one).
 * All that happens goes into the timeline, which it is the only one to write.
 */
#ifndef LONGPRESS_RIG_ENGINE_H
#define LONGPRESS_RIG_ENGINE_H

#include "rig/plan/plan.h"
#include "rig/run/port.h"
#include "rig/signal/blink.h"
#include "rig/timeline/timeline.h"

#include <stdbool.h>
#include <stdint.h>

enum engine_command_kind {
    COMMAND_PRESS,   /* order */
    COMMAND_RELEASE, /* everything, now */
    COMMAND_RADIO,   /* radio */
    COMMAND_ASK,     /* question: the port first, then a person */
};

struct engine_command {
    enum engine_command_kind kind;
    struct press_order order;
    enum radio_command radio;
    char text[ANSWER_TEXT_MAX]; /* RADIO_CHOOSE: the address, or none */
    const struct question *question;
};

/* What the run is doing, for those who show it. */
enum engine_phase {
    PHASE_PREPARING, /* preconditions, radio */
    PHASE_ASKING,    /* waits for an answer */
    PHASE_PRESSING,
    PHASE_WAITING,  /* between presses */
    PHASE_WATCHING, /* after the last press, for what is expected */
    PHASE_DONE,
};

enum { ENGINE_COMMANDS_MAX = 16 };

/* One run. Large, without pointers of its own into the heap but the timeline's; allocate it where
 * it fits. Fields are private but for reading by engine_*. */
struct engine;

/* `plan` and `timeline` (empty) are borrowed and must outlive the engine. `levels` has the level
 * of each input of the station at `now_ns`, -1 where unknown. */
struct engine *engine_new(const struct plan *plan, struct timeline *timeline, int64_t now_ns,
                          int64_t wall_ns, const int8_t *levels);
/* For many runs with one allocation: as new, on the old memory. */
void engine_restart(struct engine *engine, const struct plan *plan, struct timeline *timeline,
                    int64_t now_ns, int64_t wall_ns, const int8_t *levels);
void engine_free(struct engine *engine);

void engine_event(struct engine *engine, const struct port_event *event);
/* Time has come to `now_ns`. */
void engine_tick(struct engine *engine, int64_t now_ns);
/* A person (or --answer) answers. False when the question does not allow it, or nothing is asked
 * under that name. */
bool engine_answer(struct engine *engine, int64_t now_ns, const char *question, const char *answer,
                   enum answer_by by);
/* Nobody can answer the question that waits. True: it was one that the run ends for by itself, and
 * its record says how to go on, or one that means no without an answer; false: it waits still. */
bool engine_nobody(struct engine *engine, int64_t now_ns);
/* Stop: release, and end as aborted. `why` is for people: "Ctrl-C", "SIGHUP", ... */
void engine_abort(struct engine *engine, int64_t now_ns, const char *why);

/* The next command, in order; false when there is none. Take all after each call above. */
bool engine_command(struct engine *engine, struct engine_command *command);
/* When engine_tick must be called at the latest; INT64_MAX: only an event can move it. */
int64_t engine_wake_ns(const struct engine *engine);

bool engine_done(const struct engine *engine);
enum engine_phase engine_phase(const struct engine *engine);
enum run_end engine_end(const struct engine *engine);
/* In PHASE_WATCHING: until when it is watched, as far as is known now; the unit stays where it is
 * until then. Else INT64_MIN. */
int64_t engine_watch_until_ns(const struct engine *engine);
/* The question that waits for an answer, or NULL. */
const struct question *engine_question(const struct engine *engine);

#endif
