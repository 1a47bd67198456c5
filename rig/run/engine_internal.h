/*
 * What the engine is made of; for rig/run/engine*.c only.
 *
 * engine.c takes events and hands out commands; engine_bond.c knows what to do with a unit that
 * does not pair; engine_steps.c does one step of the plan after the other; engine_watch.c knows how
 * long to watch, and what the radio is to do meanwhile.
 */
#ifndef LONGPRESS_RIG_ENGINE_INTERNAL_H
#define LONGPRESS_RIG_ENGINE_INTERNAL_H

#include "rig/run/engine.h"

#include "rig/base/units.h"
#include "rig/timeline/evidence.h"

/* How far ahead a press is ordered, so that the keeper wakes for it in peace. */
#define ENGINE_LEAD_NS (5 * NS_PER_MS)
/* A press or release that is not reported within this much of its time is a fault. */
#define ENGINE_REPORT_NS (500 * NS_PER_MS)
/* The radio has so long to be ready: a unit is looked for, paired with and connected to, each with
 * a deadline of its own (hardware/radio/radio_internal.h), which add up to less. */
#define ENGINE_RADIO_READY_NS (150 * NS_PER_S)
/* A search before the first press has so long: a whole one, and bluetoothd's time to begin it. */
#define ENGINE_LOOK_NS (24 * NS_PER_S)
/* How long the LED and the sound are recorded after the last step when nothing is claimed of them.
 */
#define ENGINE_RECORD_NS (5 * NS_PER_S)

enum { ENGINE_PULSES_MAX = 128 };

enum stage {
    STAGE_REQUIRE, /* preconditions, one after the other */
    STAGE_RADIO,   /* waits for the radio to be ready or absent */
    STAGE_LOOK,    /* ... for a whole search to show the unit or not, before anything is pressed */
    STAGE_STEPS,
    STAGE_WATCH,
    STAGE_ENDING, /* released; waits for the port to say so */
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
    const struct question *asking; /* NULL: nothing is asked */

    size_t action;
    int64_t base_ns; /* the step before ended then: gaps count from here */
    struct press_order order;
    enum press_state press;
    bool releasing;                         /* an early release was ordered */
    uint32_t contact_seen;                  /* actuators whose contact closed in this press */
    struct pulse pulses[ENGINE_PULSES_MAX]; /* seen since this press was ordered */
    size_t pulse_count;

    struct senses senses;
    int8_t levels[BENCH_INPUTS_MAX];

    /* Which of several units is meant, as the radio asks it. */
    struct question which;
    bool which_renamed; /* one that has another name is offered */
    char which_prompt[220];
    char which_answers[QUESTION_ANSWERS_MAX][ANSWER_TEXT_MAX];

    /* There is no bond: what then? */
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
    bool waits_for_led;   /* something counts from the LED's pattern, which was not seen yet */
    bool look_again;      /* a light is over: it may have been that */
    int64_t connect_ns;   /* no errand before then; INT64_MAX: none at all */
    int64_t due_ns;       /* the next errand; INT64_MAX: none before something happens */
    bool due_pairs;       /* ... is to pair anew */
    int64_t searched_ns;  /* the search that goes on was ordered then */
    int64_t search_ns;    /* ... and the next one is; INT64_MAX: none */
    int64_t watch_ns;     /* watching began then */
    int64_t watch_end_ns; /* as far as is known now */
};

void engine_push(struct engine *engine, const struct engine_command *command);
void engine_note(struct engine *engine, const char *text, enum note_code code);
/* End the run: let go of everything, then wait for the port to say so. */
void engine_stop(struct engine *engine, enum run_end end, enum release_why why);

/* The next precondition, the radio, or the first step. */
void engine_require_next(struct engine *engine);

/* engine_which.c: a RADIO_WHICH, and what was answered. */
void engine_which_ask(struct engine *engine, const struct port_event *event);
void engine_which_answered(struct engine *engine, const char *answer);

/* engine_bond.c */
/* Is something expected that is needed, and needs a bond? */
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
/* A pulse is over, or time has passed: is this the moment to let go? */
void engine_steps_look(struct engine *engine);
int64_t engine_steps_wake_ns(const struct engine *engine);

/* engine_watch.c */
/* Order it of the radio, and write down that the rig did. */
void engine_radio(struct engine *engine, enum radio_command radio);
/* Before the first press: is it to be known whether the unit shows itself already? Then a search is
 * begun. */
bool engine_watch_look_before(struct engine *engine);
/* A light is over. */
void engine_watch_light(struct engine *engine);
void engine_watch_begin(struct engine *engine);
void engine_watch_tick(struct engine *engine);
/* There is nothing more to see. */
void engine_watch_over(struct engine *engine);
void engine_watch_radio(struct engine *engine, const struct port_event *event);
int64_t engine_watch_wake_ns(const struct engine *engine);

#endif
