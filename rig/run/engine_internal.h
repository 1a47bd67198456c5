/*
 * Engine internals; for rig/run/engine*.c only.
 *
 * engine.c takes events and returns commands; engine_bond.c handles a unit that does not pair;
 * engine_steps.c executes the steps of the plan; engine_watch.c decides how long to watch, and what
 * the radio does meanwhile.
 */
#ifndef LONGPRESS_RIG_ENGINE_INTERNAL_H
#define LONGPRESS_RIG_ENGINE_INTERNAL_H

#include "rig/run/engine.h"

#include "rig/base/units.h"
#include "rig/timeline/evidence.h"

/* How far ahead a press is ordered, so that the keeper has time to wake up for it. */
#define ENGINE_LEAD_NS (5 * NS_PER_MS)
/* A press or release that is not reported within this time is a fault. */
#define ENGINE_REPORT_NS (500 * NS_PER_MS)
/* How long the radio may take to get ready: finding, pairing and connecting each have their own
 * deadline (hardware/radio/radio_internal.h); together they take less. */
#define ENGINE_RADIO_READY_NS (150 * NS_PER_S)
/* How long a search before the first press may take: a full one, plus the time bluetoothd takes to
 * start it. */
#define ENGINE_LOOK_NS (24 * NS_PER_S)
/* How long the LED and the sound are recorded after the last step when nothing is claimed of them.
 */
#define ENGINE_RECORD_NS (5 * NS_PER_S)

enum { ENGINE_PULSES_MAX = 128 };

enum stage {
    STAGE_REQUIRE, /* preconditions, one at a time */
    STAGE_RADIO,   /* waits for the radio to be ready or absent */
    STAGE_LOOK,    /* ... for a full search to find the unit or not, before anything is pressed */
    STAGE_STEPS,
    STAGE_WATCH,
    STAGE_ENDING, /* released; waits for the port to confirm */
    STAGE_DONE,
};

enum press_state { PRESS_NONE, PRESS_ORDERED, PRESS_DOWN };

struct engine {
    const struct plan *plan;
    struct timeline *timeline;
    int64_t now_ns;
    enum stage stage;
    enum run_end end;
    int64_t deadline_ns; /* of the stage; INT64_MAX: none */

    struct engine_command commands[ENGINE_COMMANDS_MAX];
    size_t command_first;
    size_t command_count;

    size_t requirement;
    const struct question *asking; /* NULL: no open question */

    size_t action;
    int64_t base_ns; /* when the previous step ended: gaps count from here */
    struct press_order order;
    enum press_state press;
    bool releasing;                         /* an early release was ordered */
    uint32_t contact_seen;                  /* actuators whose contact closed in this press */
    struct pulse pulses[ENGINE_PULSES_MAX]; /* seen since this press was ordered */
    size_t pulse_count;

    struct senses senses;
    int8_t levels[BENCH_INPUTS_MAX];

    /* Which of several units is meant: the radio's question. */
    struct question which;
    bool which_renamed; /* one that has another name is offered */
    char which_prompt[220];
    char which_answers[QUESTION_ANSWERS_MAX][ANSWER_TEXT_MAX];

    /* There is no bond: the question what to do. */
    struct question bond;
    char bond_prompt[320];
    char no_bond[200]; /* why */

    /* The radio's agenda, see engine_watch.c. */
    bool radio_prepared;
    bool radio_absent;
    bool has_key;       /* the unit is paired with the rig */
    bool looked_before; /* a search before the first press was ordered */
    bool discovering;
    bool seen;
    bool connecting; /* a trial of the old key is not answered */
    bool tried;      /* there was one */
    bool pair_asked;
    bool waits_for_led;   /* a window counts from the LED's pattern, which has not been seen yet */
    bool look_again;      /* a light has ended: it may have been the pattern */
    int64_t connect_ns;   /* no radio task before then; INT64_MAX: none at all */
    int64_t due_ns;       /* the next radio task; INT64_MAX: none until something happens */
    bool due_pairs;       /* ... is pairing again */
    int64_t searched_ns;  /* when the current search was ordered */
    int64_t search_ns;    /* ... and when the next one will be; INT64_MAX: none */
    int64_t watch_ns;     /* watching began then */
    int64_t watch_end_ns; /* as far as is known now */
};

void engine_push(struct engine *engine, const struct engine_command *command);
void engine_note(struct engine *engine, const char *text, enum note_code code);
/* End the run: release everything, then wait for the port to confirm. */
void engine_stop(struct engine *engine, enum run_end end, enum release_why why);

/* Go on to the next precondition, the radio, or the first step. */
void engine_require_next(struct engine *engine);

/* engine_which.c: a RADIO_WHICH, and what was answered. */
void engine_which_ask(struct engine *engine, const struct port_event *event);
void engine_which_answered(struct engine *engine, const char *answer);

/* engine_bond.c */
/* Does a needed expectation need a bond? */
bool engine_bond_needed(const struct engine *engine);
/* The radio is ready, and the unit did not pair, `why`: a press would prove nothing. */
void engine_bond_ask(struct engine *engine, const char *why);
void engine_bond_answered(struct engine *engine, const char *answer);

/* engine_steps.c */
void engine_steps_begin(struct engine *engine);
void engine_steps_tick(struct engine *engine);
void engine_steps_pressed(struct engine *engine, const struct port_event *event);
void engine_steps_released(struct engine *engine, const struct port_event *event);
void engine_steps_answered(struct engine *engine);
/* A pulse has ended, or time has passed: is it time to release? */
void engine_steps_look(struct engine *engine);
int64_t engine_steps_wake_ns(const struct engine *engine);

/* engine_watch.c */
/* Order the radio to do it, and record the order. */
void engine_radio(struct engine *engine, enum radio_command radio);
/* Before the first press: if it matters whether the unit is already discoverable, start a
 * search. */
bool engine_watch_look_before(struct engine *engine);
/* That search is over, if there was one. */
void engine_watch_looked(struct engine *engine);
/* A light has ended. */
void engine_watch_light(struct engine *engine);
void engine_watch_begin(struct engine *engine);
void engine_watch_tick(struct engine *engine);
/* There is nothing more to watch. */
void engine_watch_over(struct engine *engine);
void engine_watch_radio(struct engine *engine, const struct port_event *event);
int64_t engine_watch_wake_ns(const struct engine *engine);

#endif
