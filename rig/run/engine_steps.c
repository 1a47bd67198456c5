/*
 * Executes the steps of the plan in order: presses on their schedule, waits, questions.
 */
#include "rig/run/engine_internal.h"

/* A release this close to its time counts as on time, and the next press stays on schedule. */
static const int64_t ON_GRID_NS = 5 * NS_PER_MS;

/* A keeper that releases by itself reports why within this time. */
static const int64_t LET_GO_WHY_NS = 100 * NS_PER_MS;

static const struct action *current(const struct engine *engine)
{
    return engine->action < engine->plan->action_count ? &engine->plan->actions[engine->action]
                                                       : NULL;
}

static void order_press(struct engine *engine, const struct action *action)
{
    int64_t press_ns = engine->base_ns + action->gap_ns;
    int64_t soonest_ns = engine->now_ns + ENGINE_LEAD_NS;
    /* The first press, and one whose time passed before it could be ordered. */
    if (engine->order.press == 0 || press_ns < engine->now_ns) {
        press_ns = soonest_ns > press_ns ? soonest_ns : press_ns;
    }
    engine->order = (struct press_order){.press = engine->order.press + 1,
                                         .mask = action->actuators,
                                         .press_ns = press_ns,
                                         .energise_ns = action->energise_ns};
    engine->press = PRESS_ORDERED;
    engine->releasing = false;
    engine->contact_seen = 0;
    engine->pulse_count = 0;
    engine->deadline_ns = press_ns + ENGINE_REPORT_NS;
    engine_push(engine, &(struct engine_command){.kind = COMMAND_PRESS, .order = engine->order});
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_ORDER,
                                                   .press = engine->order.press,
                                                   .mask = action->actuators,
                                                   .time_ns = engine->now_ns,
                                                   .at_ns = press_ns,
                                                   .until_ns = press_ns + action->energise_ns,
                                                   .text = action->words});
}

/* Begin the step at engine->action, or watching when there is none left. */
static void begin(struct engine *engine)
{
    const struct action *action = current(engine);
    engine->deadline_ns = INT64_MAX;
    if (!action) {
        engine_watch_begin(engine);
        return;
    }
    switch (action->kind) {
    case ACTION_PRESS:
        order_press(engine, action);
        break;
    case ACTION_WAIT:
        /* Early enough to order what follows. */
        engine->deadline_ns = engine->base_ns + action->energise_ns - ENGINE_LEAD_NS;
        break;
    case ACTION_ASK:
        engine->asking = action->ask;
        timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_QUESTION,
                                                       .time_ns = engine->now_ns,
                                                       .text = action->ask->name});
        engine_push(engine, &(struct engine_command){.kind = COMMAND_ASK, .question = action->ask});
        break;
    }
}

static void next(struct engine *engine, int64_t ended_ns)
{
    engine->base_ns = ended_ns;
    engine->action++;
    begin(engine);
}

void engine_steps_begin(struct engine *engine)
{
    engine_watch_looked(engine);
    engine->stage = STAGE_STEPS;
    engine->action = 0;
    engine->base_ns = engine->now_ns;
    begin(engine);
}

void engine_steps_answered(struct engine *engine)
{
    const struct action *action = current(engine);
    if (engine->stage == STAGE_STEPS && action && action->kind == ACTION_ASK) {
        next(engine, engine->now_ns);
    }
}

void engine_steps_pressed(struct engine *engine, const struct port_event *event)
{
    if (event->press != engine->order.press || engine->press != PRESS_ORDERED) {
        return;
    }
    engine->press = PRESS_DOWN;
    if (engine->stage == STAGE_STEPS) {
        engine->deadline_ns = event->at_ns + engine->order.energise_ns + ENGINE_REPORT_NS;
    }
}

/* A wired contact that never closed: the actuator did not reach the button. */
static void check_contacts(struct engine *engine, const struct port_event *event)
{
    const struct station *station = engine->plan->station;
    for (size_t i = 0; i < station->input_count; i++) {
        const struct input *input = &station->inputs[i];
        uint32_t bit = input->role == INPUT_CONTACT ? 1U << input->actuator : 0;
        if ((bit & engine->order.mask) && !(bit & engine->contact_seen)) {
            timeline_add(engine->timeline,
                         &(struct entry){.kind = ENTRY_CONTACT,
                                         .code = CONTACT_NEVER,
                                         .input = (int16_t)input->actuator,
                                         .press = event->press,
                                         .time_ns = event->at_ns,
                                         .text = station->actuators[input->actuator].control});
        }
    }
}

void engine_steps_released(struct engine *engine, const struct port_event *event)
{
    if (event->press != engine->order.press || engine->press == PRESS_NONE) {
        return;
    }
    bool was_down = engine->press == PRESS_DOWN;
    int64_t scheduled_ns = engine->order.press_ns + engine->order.energise_ns;
    engine->press = PRESS_NONE;
    if (was_down) {
        check_contacts(engine, event);
    }
    if (engine->stage == STAGE_ENDING) {
        engine->deadline_ns = engine->now_ns;
        return;
    }
    if (engine->stage != STAGE_STEPS) {
        return;
    }
    if (event->early && !engine->releasing) {
        /* Not ordered by us. If an e-stop or a fault is the reason, it will be reported in a
         * moment. */
        engine->deadline_ns = engine->now_ns + LET_GO_WHY_NS;
        return;
    }
    int64_t late_ns = event->at_ns - scheduled_ns;
    bool on_grid = !event->early && late_ns < ON_GRID_NS && late_ns > -ON_GRID_NS;
    next(engine, on_grid ? scheduled_ns : event->at_ns);
}

void engine_steps_look(struct engine *engine)
{
    const struct action *action = current(engine);
    struct pulse seen[ENGINE_PULSES_MAX + 1];
    size_t count = 0;

    if (engine->stage != STAGE_STEPS || engine->press != PRESS_DOWN || engine->releasing ||
        !action || !action->release_on || !engine->plan->station->has_led) {
        return;
    }
    int64_t from_ns =
        action->not_before_ns ? engine->order.press_ns + action->not_before_ns : INT64_MIN;
    for (size_t i = 0; i < engine->pulse_count; i++) {
        if (engine->pulses[i].start_ns >= from_ns &&
            !timeline_disturbance(engine->timeline, &engine->pulses[i])) {
            seen[count++] = engine->pulses[i];
        }
    }
    if (senses_light(&engine->senses, engine->now_ns, &seen[count]) &&
        seen[count].start_ns >= from_ns) {
        count++;
    }
    if (pattern_match(action->release_on, seen, count, EXTRA_NONE).result != MATCH_YES ||
        action->release_on->count == 0) {
        return;
    }
    engine->releasing = true;
    engine_push(engine, &(struct engine_command){.kind = COMMAND_RELEASE});
    timeline_add(engine->timeline, &(struct entry){.kind = ENTRY_RELEASE,
                                                   .code = RELEASE_LED_SEEN,
                                                   .press = engine->order.press,
                                                   .mask = engine->order.mask,
                                                   .time_ns = engine->now_ns});
}

void engine_steps_tick(struct engine *engine)
{
    const struct action *action = current(engine);
    engine_steps_look(engine);
    if (engine->now_ns < engine->deadline_ns || !action) {
        return;
    }
    if (action->kind == ACTION_WAIT) {
        next(engine, engine->base_ns + action->energise_ns);
    } else if (action->kind == ACTION_PRESS) {
        const char *what = engine->press == PRESS_ORDERED ? "a press was not reported in time"
                           : engine->press == PRESS_DOWN  ? "a release was not reported in time"
                                                          : "the keeper let go too early";
        timeline_add(
            engine->timeline,
            &(struct entry){.kind = ENTRY_FAULT,
                            .time_ns = engine->now_ns,
                            .text = what,
                            .text2 = "the machine may be too busy: see `longpress doctor`"});
        engine_stop(engine, END_FAULT, RELEASE_FAULT);
    }
}

int64_t engine_steps_wake_ns(const struct engine *engine)
{
    const struct action *action = current(engine);
    struct pulse pulse;
    int64_t wake_ns = engine->deadline_ns;

    /* A light becomes solid without an edge. */
    if (action && action->release_on && engine->press == PRESS_DOWN &&
        senses_light(&engine->senses, engine->now_ns, &pulse)) {
        int64_t solid_ns = pulse.start_ns + PATTERN_SOLID_NS;
        if (solid_ns > engine->now_ns && solid_ns < wake_ns) {
            wake_ns = solid_ns;
        }
    }
    return wake_ns;
}
