#include "rig/run/engine_internal.h"

#include "rig/base/least.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- commands and entries ---- */

void engine_push(struct engine *engine, const struct engine_command *command)
{
    assert(engine->command_count < ENGINE_COMMANDS_MAX);
    size_t at = (engine->command_first + engine->command_count++) % ENGINE_COMMANDS_MAX;
    engine->commands[at] = *command;
}

bool engine_command(struct engine *engine, struct engine_command *command)
{
    if (engine->command_count == 0) {
        return false;
    }
    *command = engine->commands[engine->command_first];
    engine->command_first = (engine->command_first + 1) % ENGINE_COMMANDS_MAX;
    engine->command_count--;
    return true;
}

void engine_note(struct engine *engine, const char *text, enum note_code code)
{
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_NOTE,
                                                   .code = (uint8_t)code,
                                                   .time_ns = engine->now_ns,
                                                   .text = text});
}

/* Note what a decoder ignored, and how many times. */
static void note_glitches(struct engine *engine, const struct blink *blink, const char *channel,
                          const char *what)
{
    char shortest[SECONDS_TEXT_MAX];
    char text[96];
    if (blink->glitches == 0) {
        return;
    }
    snprintf(text, sizeof(text), "%zu %s%s shorter than %s ignored", blink->glitches, what,
             blink->glitches == 1 ? "" : "s",
             evidence_seconds(shortest, blink->settings.glitch_ns));
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_NOTE,
                                                   .code = NOTE_GLITCHES,
                                                   .time_ns = engine->now_ns,
                                                   .value = (int64_t)blink->glitches,
                                                   .text = text,
                                                   .text2 = channel});
}

static void finish(struct engine *engine)
{
    senses_finish(&engine->senses, engine->now_ns);
    if (engine->senses.has_light) {
        note_glitches(engine, &engine->senses.light, "led", "light");
    }
    if (engine->senses.has_sound) {
        note_glitches(engine, &engine->senses.sound, "sound", "sound");
    }
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_END, .time_ns = engine->now_ns});
    engine->timeline->live = (struct timeline_live){0};
    engine->stage = STAGE_DONE;
    engine->deadline_ns = INT64_MAX;
}

void engine_stop(struct engine *engine, enum run_end end, enum release_why why)
{
    if (engine->stage == STAGE_ENDING || engine->stage == STAGE_DONE) {
        return;
    }
    /* Drop pending commands; the release comes first. A press that has not been taken yet was never
     * ordered. */
    bool untaken = false;
    for (size_t i = 0; i < engine->command_count; i++) {
        size_t at = (engine->command_first + i) % ENGINE_COMMANDS_MAX;
        untaken = untaken || engine->commands[at].kind == COMMAND_PRESS;
    }
    if (untaken) {
        engine->press = PRESS_NONE;
    }
    engine->command_count = 0;
    engine->end = end;
    engine->stage = STAGE_ENDING;
    engine->asking = NULL;
    engine_push(engine, &(struct engine_command){.kind = COMMAND_RELEASE});
    if (engine->press != PRESS_NONE) {
        timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_RELEASE,
                                                       .code = (uint8_t)why,
                                                       .press = engine->order.press,
                                                       .mask = engine->order.mask,
                                                       .time_ns = engine->now_ns});
    }
    if (engine->discovering) {
        engine->discovering = false;
        engine_radio(engine, RADIO_STOP_DISCOVERY);
    }
    engine->deadline_ns =
        engine->press == PRESS_NONE ? engine->now_ns : engine->now_ns + ENGINE_REPORT_NS;
}

/* ---- beginning ---- */

void engine_require_next(struct engine *engine)
{
    const struct procedure *procedure = engine->plan->procedure;
    bool radio_due = engine->plan->radio_needs && !engine->radio_prepared;
    engine->stage = STAGE_REQUIRE;
    /* Some units report their charge over the radio. */
    if (engine->requirement < procedure->requires_count &&
        !(radio_due &&
          strcmp(procedure->requires[engine->requirement].question.name, "battery") == 0)) {
        engine->asking = &procedure->requires[engine->requirement].question;
        engine->deadline_ns = INT64_MAX;
        timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_QUESTION,
                                                       .time_ns = engine->now_ns,
                                                       .text = engine->asking->name});
        engine_push(engine,
                    &(struct engine_command){.kind = COMMAND_ASK, .question = engine->asking});
        return;
    }
    if (radio_due) {
        engine->radio_prepared = true;
        engine->stage = STAGE_RADIO;
        engine->deadline_ns = engine->now_ns + ENGINE_RADIO_READY_NS;
        engine_radio(engine, RADIO_START_WATCH);
        return;
    }
    if (engine_watch_look_before(engine)) {
        engine->stage = STAGE_LOOK;
        engine->deadline_ns = engine->now_ns + ENGINE_LOOK_NS;
        return;
    }
    engine_steps_begin(engine);
}

static void interlock(struct engine *engine, const struct requirement *requirement,
                      const char *answer)
{
    char why[200];
    char todo[200];
    char text[420];
    snprintf(text, sizeof(text), "%s: %s",
             evidence_requirement_explain(why, sizeof(why), requirement, answer),
             evidence_requirement_todo(todo, sizeof(todo), requirement));
    engine_note(engine, text, NOTE_PLAIN);
    engine_stop(engine, END_INTERLOCK, RELEASE_INTERLOCK);
}

static bool answer(struct engine *engine, const char *name, const char *text, enum answer_by by)
{
    char canonical[ANSWER_TEXT_MAX];
    const struct question *question = engine->asking;

    if (!question || strcmp(question->name, name) != 0 ||
        !question_accepts(question, text, canonical)) {
        return false;
    }
    engine->asking = NULL;
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_ANSWER,
                                                   .code = (uint8_t)by,
                                                   .time_ns = engine->now_ns,
                                                   .text = name,
                                                   .text2 = canonical});
    if (question == &engine->which) {
        engine_which_answered(engine, canonical);
        return true;
    }
    if (question == &engine->bond) {
        engine_bond_answered(engine, canonical);
        return true;
    }
    if (engine->stage != STAGE_REQUIRE) {
        engine_steps_answered(engine);
        return true;
    }
    const struct requirement *requirement = &engine->plan->procedure->requires[engine->requirement];
    if (!evidence_requirement_met(requirement, canonical)) {
        interlock(engine, requirement, canonical);
        return true;
    }
    engine->requirement++;
    engine_require_next(engine);
    return true;
}

/* A decoded pulse of light is over. */
static void take_pulse(void *context, const struct pulse *pulse)
{
    struct engine *engine = context;
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_PULSE,
                                                   .time_ns = pulse->start_ns,
                                                   .at_ns = pulse->start_ns,
                                                   .until_ns = pulse->end_ns,
                                                   .pulse = *pulse});
    engine_watch_light(engine);
    bool in_press = engine->press != PRESS_NONE && pulse->end_ns > engine->order.press_ns;
    if (in_press && engine->pulse_count < ENGINE_PULSES_MAX) {
        engine->pulses[engine->pulse_count++] = *pulse;
    }
}

static void take_sound(void *context, const struct pulse *sound)
{
    struct engine *engine = context;
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_SOUND,
                                                   .time_ns = sound->start_ns,
                                                   .at_ns = sound->start_ns,
                                                   .until_ns = sound->end_ns,
                                                   .pulse = *sound});
}

/* The judge needs it, so it goes into the record. */
static void tell_steady(struct engine *engine)
{
    char length[DURATION_TEXT_MAX];
    char text[128];
    snprintf(text, sizeof(text), "states are watched for only %s after the last expected event",
             units_duration_format(length, engine->plan->steady_ns));
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_NOTE,
                                                   .code = NOTE_STEADY,
                                                   .time_ns = engine->now_ns,
                                                   .value = engine->plan->steady_ns,
                                                   .text = text});
}

void engine_restart(struct engine *engine, const struct plan *plan, struct timeline *timeline,
                    int64_t now_ns, int64_t wall_ns, const int8_t *levels)
{

    /* Set member by member, to avoid clearing whole structs with pulses. */
    memset(engine, 0, offsetof(struct engine, pulses));
    engine->pulse_count = 0;
    engine->plan = plan;
    engine->timeline = timeline;
    engine->now_ns = now_ns;
    engine->stage = STAGE_REQUIRE;
    engine->end = END_COMPLETE;
    engine->deadline_ns = INT64_MAX;
    engine->radio_absent = false;
    engine->radio_prepared = false;
    engine->has_key = false;
    engine->looked_before = false;
    engine->discovering = false;
    engine->seen = false;
    engine->connecting = false;
    engine->tried = false;
    engine->pair_asked = false;
    engine->waits_for_led = false;
    engine->look_again = false;
    engine->connect_ns = INT64_MAX;
    engine->due_ns = INT64_MAX;
    engine->due_pairs = false;
    engine->watch_ns = 0;
    engine->watch_end_ns = INT64_MAX;
    memcpy(engine->levels, levels, sizeof(engine->levels));

    timeline->origin_ns = now_ns;
    timeline->wall_origin_ns = wall_ns;
    timeline_add(timeline, &(struct entry){.kind = ENTRY_START,
                                           .time_ns = now_ns,
                                           .value = plan->bench->simulated ? START_BENCH_SIMULATED
                                                                           : START_BENCH_REAL});
    struct senses_wiring wiring = bench_station_senses(plan->station);
    senses_init(&engine->senses, &wiring, levels, now_ns, take_pulse, take_sound, engine);
    if (plan->steady_ns) {
        tell_steady(engine);
    }
    if (plan->gtin) {
        char text[64];
        snprintf(text, sizeof(text), "GTIN %s, as scanned", plan->gtin);
        engine_note(engine, text, NOTE_PLAIN);
    }
    engine_require_next(engine);
}

struct engine *engine_new(const struct plan *plan, struct timeline *timeline, int64_t now_ns,
                          int64_t wall_ns, const int8_t *levels)
{
    struct engine *engine = xrealloc_array(NULL, 1, sizeof(*engine));
    engine_restart(engine, plan, timeline, now_ns, wall_ns, levels);
    return engine;
}

void engine_free(struct engine *engine)
{
    free(engine);
}

/* ---- time ---- */

static void set_now(struct engine *engine, int64_t now_ns)
{
    if (now_ns > engine->now_ns) {
        engine->now_ns = now_ns;
    }
}

/* What the decoders know but have not reported yet, for live display. */
static void tell_live(struct engine *engine)
{
    const struct station *station = engine->plan->station;
    struct timeline_live *live = &engine->timeline->live;
    live->now_ns = engine->now_ns;
    live->led_decided_ns = engine->now_ns - evidence_settle_ns(&station->led);
    live->sound_decided_ns = engine->now_ns - evidence_settle_ns(&station->sound);
    live->lit = senses_light(&engine->senses, engine->now_ns, &live->light);
    live->loud = senses_sound(&engine->senses, engine->now_ns, &live->sound);
}

/* Do everything that is due. */
static void advance(struct engine *engine)
{
    if (engine->stage == STAGE_DONE) {
        return;
    }
    senses_advance(&engine->senses, engine->now_ns);
    switch (engine->stage) {
    case STAGE_RADIO:
        if (engine->now_ns >= engine->deadline_ns) {
            engine->radio_absent = true;
            timeline_add(engine->timeline,
                         &(struct entry){.kind = ENTRY_RADIO,
                                         .code = RADIO_ABSENT,
                                         .time_ns = engine->now_ns,
                                         .text = "the radio was not ready in time"});
            engine_require_next(engine);
        }
        break;
    case STAGE_LOOK:
        if (engine->now_ns >= engine->deadline_ns) {
            engine_steps_begin(engine);
        }
        break;
    case STAGE_STEPS:
        engine_steps_tick(engine);
        break;
    case STAGE_WATCH:
        engine_watch_tick(engine);
        break;
    case STAGE_ENDING:
        if (engine->now_ns >= engine->deadline_ns) {
            finish(engine);
        }
        break;
    case STAGE_REQUIRE:
    case STAGE_DONE:
        break;
    }
    if (engine->stage != STAGE_DONE) {
        tell_live(engine);
    }
}

void engine_tick(struct engine *engine, int64_t now_ns)
{
    set_now(engine, now_ns);
    advance(engine);
}

int64_t engine_wake_ns(const struct engine *engine)
{
    int64_t wake_ns = engine->deadline_ns;
    if (engine->stage == STAGE_DONE) {
        return INT64_MAX;
    }
    if (engine->stage == STAGE_STEPS) {
        wake_ns = engine_steps_wake_ns(engine);
    } else if (engine->stage == STAGE_WATCH) {
        wake_ns = engine_watch_wake_ns(engine);
    }
    return least(wake_ns, senses_next_ns(&engine->senses));
}

/* ---- events ---- */

static void lost(struct engine *engine, int input, int64_t count, int64_t time_ns)
{
    const struct station *station = engine->plan->station;
    bool known = input >= 0 && (size_t)input < station->input_count;
    timeline_add(engine->timeline,
                 &(struct entry){.kind = ENTRY_LOST,
                                 .code = known ? (uint8_t)station->inputs[input].role : 0,
                                 .input = (int16_t)(known ? input : -1),
                                 .value = count,
                                 .time_ns = time_ns,
                                 .text = known ? station->inputs[input].name : NULL});
}

/* A wired precondition is watched while the run presses; those that must last, until the end. */
static void question_moved(struct engine *engine, const struct input *input, bool level)
{
    const struct procedure *procedure = engine->plan->procedure;
    const char *now = level ? input->when_active : input->when_inactive;
    char canonical[ANSWER_TEXT_MAX];

    /* From its answer on. */
    bool watching = engine->stage == STAGE_WATCH;
    size_t answered = engine->stage == STAGE_REQUIRE || engine->stage == STAGE_RADIO
                          ? engine->requirement
                      : engine->stage == STAGE_LOOK || engine->stage == STAGE_STEPS || watching
                          ? procedure->requires_count
                          : 0;
    for (size_t i = 0; i < answered; i++) {
        const struct requirement *requirement = &procedure->requires[i];
        if (strcmp(requirement->question.name, input->question) != 0 ||
            !question_accepts(&requirement->question, now, canonical) ||
            (watching && !evidence_requirement_lasts(requirement))) {
            continue;
        }
        timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_ANSWER,
                                                       .code = ANSWER_BY_INPUT,
                                                       .time_ns = engine->now_ns,
                                                       .text = requirement->question.name,
                                                       .text2 = canonical});
        if (evidence_requirement_met(requirement, canonical)) {
            continue;
        }
        if (watching) {
            engine_watch_over(engine); /* what comes now is not evidence */
        } else {
            interlock(engine, requirement, canonical);
        }
    }
}

static void contact_moved(struct engine *engine, const struct input *input, bool level,
                          int64_t time_ns)
{
    const struct station *station = engine->plan->station;
    if (level) {
        engine->contact_seen |= 1U << input->actuator;
    }
    timeline_add(engine->timeline,
                 &(struct entry){.kind = ENTRY_CONTACT,
                                 .code = level ? CONTACT_DOWN : CONTACT_UP,
                                 .input = (int16_t)input->actuator,
                                 .press = engine->press == PRESS_NONE ? 0 : engine->order.press,
                                 .time_ns = time_ns,
                                 .text = station->actuators[input->actuator].control});
}

static void edge(struct engine *engine, const struct port_event *event)
{
    const struct station *station = engine->plan->station;
    if (event->input < 0 || (size_t)event->input >= station->input_count ||
        engine->stage == STAGE_DONE) {
        return;
    }
    const struct input *input = &station->inputs[event->input];
    bool level = event->level != 0;
    bool repeated = engine->levels[event->input] == level;
    int channel = bench_input_led_channel(input->role);

    engine->levels[event->input] = level;
    if (channel >= 0 || input->role == INPUT_SOUND) {
        if (repeated) {
            /* Two edges in the same direction: the one in between is missing. */
            lost(engine, event->input, 1, event->time_ns);
        }
        timeline_add_edge(engine->timeline, event->time_ns, (unsigned)event->input, level);
        int sense = senses_edge(&engine->senses, (size_t)event->input, event->time_ns, level);
        if (sense != SENSES_NONE && sense != SENSES_SOUND) {
            engine_steps_look(engine);
        }
        return;
    }
    if (repeated) {
        return;
    }
    if (input->role == INPUT_CONTACT) {
        contact_moved(engine, input, level, event->time_ns);
    } else if (input->role == INPUT_QUESTION) {
        question_moved(engine, input, level);
    }
}

static void written(struct engine *engine, struct port_event report)
{
    const struct port_event *event = &report;
    bool pressed = event->kind == PORT_PRESSED;
    if (event->press == 0 || event->press != engine->order.press || engine->press == PRESS_NONE) {
        return;
    }
    /* The time of writing lies within the run, whatever the port reports: deadlines count from
     * it. */
    report.at_ns = report.at_ns < engine->now_ns ? report.at_ns : engine->now_ns;
    report.at_ns =
        report.at_ns > engine->timeline->origin_ns ? report.at_ns : engine->timeline->origin_ns;
    timeline_add(engine->timeline, &(struct entry){.kind = pressed ? ENTRY_PRESSED : ENTRY_RELEASED,
                                                   .press = event->press,
                                                   .mask = event->mask,
                                                   .time_ns = event->at_ns,
                                                   .at_ns = event->at_ns,
                                                   .until_ns = event->until_ns});
    if (pressed) {
        engine_steps_pressed(engine, event);
    } else {
        engine_steps_released(engine, event);
    }
}

static void radio(struct engine *engine, const struct port_event *event)
{
    if (engine->stage == STAGE_DONE) {
        return;
    }
    timeline_add(engine->timeline,
                 &(struct entry){.kind = ENTRY_RADIO,
                                 .code = (uint8_t)event->radio,
                                 .time_ns = event->time_ns,
                                 .value = event->value,
                                 .mask = event->mask,
                                 .text = event->text,
                                 .object = event->object[0] ? event->object : NULL,
                                 .error = event->error[0] ? event->error : NULL});
    engine_watch_radio(engine, event);
    if (engine->stage == STAGE_LOOK && (event->radio == RADIO_GONE || event->radio == RADIO_SEEN ||
                                        event->radio == RADIO_ABSENT)) {
        engine_steps_begin(engine); /* everything is known */
        return;
    }
    if (engine->stage != STAGE_RADIO) {
        return;
    }
    if (event->radio == RADIO_READY && !engine->has_key && engine_bond_needed(engine)) {
        engine_bond_ask(engine, event->text);
    } else if (event->radio == RADIO_READY || event->radio == RADIO_ABSENT) {
        engine->asking = NULL;
        engine_require_next(engine);
    } else if (event->radio == RADIO_WHICH) {
        engine_which_ask(engine, event);
    }
}

void engine_event(struct engine *engine, const struct port_event *event)
{
    if (engine->stage == STAGE_DONE) {
        return; /* nothing is recorded after ENTRY_END */
    }
    set_now(engine, event->time_ns);
    switch (event->kind) {
    case PORT_EDGE:
        edge(engine, event);
        break;
    case PORT_LOST:
        lost(engine, event->input, event->count, event->time_ns);
        break;
    case PORT_PRESSED:
    case PORT_RELEASED:
        written(engine, *event);
        break;
    case PORT_RADIO:
        radio(engine, event);
        break;
    case PORT_ANSWER:
        answer(engine, event->text, event->text2, event->by);
        break;
    case PORT_GUARD:
        if (engine->stage != STAGE_DONE) {
            engine_note(engine, event->text, NOTE_GUARD);
        }
        break;
    case PORT_ESTOP:
        engine_abort(engine, event->time_ns, "the e-stop was pressed");
        break;
    case PORT_FAULT:
        if (engine->stage != STAGE_DONE) {
            timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_FAULT,
                                                           .time_ns = event->time_ns,
                                                           .text = event->text,
                                                           .text2 = event->text2});
        }
        engine_stop(engine, END_FAULT, RELEASE_FAULT);
        break;
    }
    advance(engine);
}

bool engine_answer(struct engine *engine, int64_t now_ns, const char *question, const char *text,
                   enum answer_by by)
{
    set_now(engine, now_ns);
    bool taken = answer(engine, question, text, by);
    advance(engine);
    return taken;
}

void engine_abort(struct engine *engine, int64_t now_ns, const char *why)
{
    set_now(engine, now_ns);
    if (engine->stage == STAGE_ENDING || engine->stage == STAGE_DONE) {
        return;
    }
    timeline_add(engine->timeline,
                 &(struct entry){.kind = ENTRY_ABORT, .time_ns = engine->now_ns, .text = why});
    engine_stop(engine, END_ABORTED, RELEASE_ABORT);
}

/* ---- what it is doing ---- */

bool engine_done(const struct engine *engine)
{
    return engine->stage == STAGE_DONE;
}

enum engine_phase engine_phase(const struct engine *engine)
{
    if (engine->asking) {
        return PHASE_ASKING;
    }
    switch (engine->stage) {
    case STAGE_REQUIRE:
    case STAGE_RADIO:
    case STAGE_LOOK:
        return PHASE_PREPARING;
    case STAGE_STEPS:
        return engine->press == PRESS_NONE ? PHASE_WAITING : PHASE_PRESSING;
    case STAGE_WATCH:
    case STAGE_ENDING:
        return PHASE_WATCHING;
    case STAGE_DONE:
        break;
    }
    return PHASE_DONE;
}

enum run_end engine_end(const struct engine *engine)
{
    return engine->end;
}

int64_t engine_watch_until_ns(const struct engine *engine)
{
    return engine->stage == STAGE_WATCH ? engine->watch_end_ns : INT64_MIN;
}

const struct question *engine_question(const struct engine *engine)
{
    return engine->asking;
}
