#include "rig/run/run.h"

#include "rig/base/least.h"
#include "rig/base/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* While a question is open, `poll` is called at least this often. */
static const int64_t ASKING_ROUND_NS = 50 * NS_PER_MS;

/* A refused press is a fault of the bench: the plan cannot be carried out. */
static void refused(struct engine *engine, struct port *port, const struct press_order *order,
                    int error)
{
    struct port_event fault = {.kind = PORT_FAULT, .time_ns = port->ops->now(port)};
    const char *why = error == ERANGE   ? "it is longer than a line's hard limit"
                      : error == EBUSY  ? "another press is still in progress"
                      : error == EPIPE  ? "the keeper process is gone"
                      : error == EINVAL ? "it names a line that does not exist"
                                        : strerror(error);
    snprintf(fault.text, sizeof(fault.text), "press %u was refused: %s", order->press, why);
    snprintf(fault.text2, sizeof(fault.text2), "run `longpress doctor` for this bench");
    port->ops->release(port);
    engine_event(engine, &fault);
}

static void ask(struct engine *engine, struct port *port, const struct run_hooks *hooks,
                const struct question *question)
{
    /* What a real bench observes, or the unit reports, takes precedence over answers given in
     * advance. */
    if (!port->simulated && port->ops->ask(port, question->name)) {
        return;
    }
    if (hooks->answer_first && hooks->answer_first(hooks->context, engine, question)) {
        return;
    }
    if (port->simulated && port->ops->ask(port, question->name)) {
        return;
    }
    if (hooks->ask) {
        hooks->ask(hooks->context, engine, question);
    } else if (!engine_nobody(engine, port->ops->now(port))) {
        engine_abort(engine, port->ops->now(port), "there was nobody to answer a question");
    }
}

static void obey(struct engine *engine, struct port *port, const struct run_hooks *hooks)
{
    struct engine_command command;
    while (engine_command(engine, &command)) {
        switch (command.kind) {
        case COMMAND_PRESS:
            /* Refused because of an e-stop: PORT_ESTOP is on its way, and is what ended the run. */
            if (port->ops->press(port, &command.order) != 0 && errno != ECANCELED) {
                refused(engine, port, &command.order, errno);
            }
            break;
        case COMMAND_RELEASE:
            port->ops->release(port);
            break;
        case COMMAND_RADIO:
            port->ops->radio(port, command.radio, command.text);
            break;
        case COMMAND_ASK:
            ask(engine, port, hooks, command.question);
            break;
        }
    }
}

/* Handle signals and keys, carry out the engine's commands, and report new entries. */
static void turn(struct run *run)
{
    const struct run_hooks *hooks = run->hooks;

    if (hooks->poll) {
        hooks->poll(hooks->context, run->engine);
    }
    obey(run->engine, run->port, hooks);
    if (hooks->watch && run->timeline->count > run->shown) {
        hooks->watch(hooks->context, run->timeline, run->shown);
        run->shown = run->timeline->count;
    }
}

/* In virtual time: when `next` is to stop. A person who is asked takes no time, but a little: what
 * is bound to happen on the bench goes on. */
static int64_t virtual_until_ns(const struct run *run, int64_t now_ns)
{
    int64_t wake_ns = engine_wake_ns(run->engine);
    return engine_question(run->engine) ? least(wake_ns, now_ns + ASKING_ROUND_NS) : wake_ns;
}

int64_t run_hold(const struct run *run)
{
    run->port->halt_ns = run->port->ops->now(run->port);
    return run->port->halt_ns;
}

int64_t run_step(struct run *run)
{
    struct port *port = run->port;
    bool is_virtual = port->rate == 0;
    bool asked = false;

    run_hold(run);
    for (int i = 0; i < RUN_STEP_EVENTS; i++) {
        struct port_event event;
        turn(run);
        port->halt_ns = engine_done(run->engine) ? 0 : engine_wake_ns(run->engine);
        if (engine_done(run->engine) || (asked && engine_question(run->engine))) {
            return INT64_MAX;
        }
        int64_t now_ns = port->ops->now(port);
        /* In real time, process everything that has happened before advancing the time, so that a
         * late caller does not treat pending events as missing. */
        if (port->ops->next(port, is_virtual ? virtual_until_ns(run, now_ns) : now_ns, &event)) {
            port->halt_ns = event.time_ns;
            if (run->hooks->heard) {
                run->hooks->heard(run->hooks->context, &event);
            }
            engine_event(run->engine, &event);
        } else if (is_virtual) {
            engine_tick(run->engine, port->ops->now(port));
            asked = engine_question(run->engine) != NULL;
        } else if (engine_wake_ns(run->engine) <= now_ns) {
            engine_tick(run->engine, now_ns);
        } else {
            return least(port->halt_ns, port->ops->due_ns(port));
        }
    }
    return port->ops->now(port);
}

void run_drive(struct engine *engine, struct port *port, struct timeline *timeline,
               const struct run_hooks *hooks)
{
    struct run run = {.engine = engine, .port = port, .timeline = timeline, .hooks = hooks};

    for (;;) {
        int64_t due_ns = run_step(&run);
        if (engine_done(engine)) {
            return;
        }
        if (engine_question(engine)) {
            due_ns = least(due_ns, port->ops->now(port) + ASKING_ROUND_NS);
        }
        if (port->rate) {
            port_wait(port, due_ns);
        }
    }
}

void run_levels(struct port *port, const struct station *station, int8_t levels[BENCH_INPUTS_MAX])
{
    for (size_t i = 0; i < BENCH_INPUTS_MAX; i++) {
        levels[i] = i < station->input_count ? (int8_t)port->ops->level(port, (unsigned)i) : -1;
    }
}
