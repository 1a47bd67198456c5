/*
 * The engine: one run as a state machine without I/O. It takes events and returns commands; it
 * never reads a clock, a file or a socket. So the same engine runs live and in virtual time,
 * replays recorded runs, and can be fuzzed.
 *
 *     engine_init -> { engine_event | engine_tick } -> engine_command until none -> ... until
 *     engine_done
 *
 * It guarantees, for any events in any order:
 *  - no press before every precondition is answered and accepted;
 *  - never two presses at once, never a press beyond the plan's energise_ns;
 *  - after an abort, an e-stop or a fault: release is the next command, and no press follows;
 *  - it ends: every wait has a deadline (a question waits for a person, without one).
 * Everything that happens goes into the timeline, which only the engine writes.
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
    COMMAND_ASK,     /* question: ask the port first, then a person */
};

struct engine_command {
    enum engine_command_kind kind;
    struct press_order order;
    enum radio_command radio;
    char text[ANSWER_TEXT_MAX]; /* RADIO_CHOOSE: the address, or none */
    const struct question *question;
};

/* What the run is doing, for display. */
enum engine_phase {
    PHASE_PREPARING, /* preconditions, radio */
    PHASE_ASKING,    /* waits for an answer */
    PHASE_PRESSING,
    PHASE_WAITING,  /* between presses */
    PHASE_WATCHING, /* after the last press, watching for what is expected */
    PHASE_DONE,
};

enum { ENGINE_COMMANDS_MAX = 16 };

/* One run. Large, with no heap pointers except the timeline's; allocate it wherever it fits. Fields
 * are private, accessed only by engine_*. */
struct engine;

/* `plan` and `timeline` (empty) are borrowed and must outlive the engine. `levels` has the level
 * of each input of the station at `now_ns`, -1 where unknown. */
struct engine *engine_new(const struct plan *plan, struct timeline *timeline, int64_t now_ns,
                          int64_t wall_ns, const int8_t *levels);
/* For many runs with one allocation: reinitialise in place. */
void engine_restart(struct engine *engine, const struct plan *plan, struct timeline *timeline,
                    int64_t now_ns, int64_t wall_ns, const int8_t *levels);
void engine_free(struct engine *engine);

void engine_event(struct engine *engine, const struct port_event *event);
/* It is now `now_ns`. */
void engine_tick(struct engine *engine, int64_t now_ns);
/* An answer from a person (or --answer). False when the question does not allow it, or no question
 * of that name is open. */
bool engine_answer(struct engine *engine, int64_t now_ns, const char *question, const char *answer,
                   enum answer_by by);
/* Nobody can answer the open question. True: the run ends because of it, and its record says what
 * to do, or no answer means no; false: it is still open. */
bool engine_nobody(struct engine *engine, int64_t now_ns);
/* Stop: release, and end as aborted. `why` is for people: "Ctrl-C", "SIGHUP", ... */
void engine_abort(struct engine *engine, int64_t now_ns, const char *why);

/* The next command, in order; false when there is none. Take all of them after each call above. */
bool engine_command(struct engine *engine, struct engine_command *command);
/* When engine_tick must be called at the latest; INT64_MAX: only an event can advance the run. */
int64_t engine_wake_ns(const struct engine *engine);

bool engine_done(const struct engine *engine);
enum engine_phase engine_phase(const struct engine *engine);
enum run_end engine_end(const struct engine *engine);
/* In PHASE_WATCHING: the end of watching, as far as is known now; the unit must stay in place until
 * then. Else INT64_MIN. */
int64_t engine_watch_until_ns(const struct engine *engine);
/* The open question, or NULL. */
const struct question *engine_question(const struct engine *engine);

#endif
