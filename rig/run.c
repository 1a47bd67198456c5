#include "rig/run.h"

#include "rig/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* While a person is asked, `poll` is called this often at least. */
static const int64_t ASKING_ROUND_NS = 50 * NS_PER_MS;

/* A refused press is a fault of the bench: what was planned cannot be done. */
static void refused(struct engine *engine, struct port *port, const struct press_order *order,
                    int error)
{
    struct port_event fault = {.kind = PORT_FAULT, .time_ns = port->ops->now(port)};
    const char *why = error == ERANGE   ? "it is longer than a line's hard limit"
                      : error == EBUSY  ? "another press is still going on"
                      : error == EPIPE  ? "the keeper process is gone"
                      : error == EINVAL ? "it names a line that is not there"
                                        : strerror(error);
    snprintf(fault.text, sizeof(fault.text), "press %u was refused: %s", order->press, why);
    snprintf(fault.text2, sizeof(fault.text2), "run `longpress doctor` for this bench");
    port->ops->release(port);
    engine_event(engine, &fault);
}

static void ask(struct engine *engine, struct port *port, const struct run_hooks *hooks,
                const struct question *question)
{
    /* What a real bench observes, or the unit tells, goes before what somebody said ahead. */
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
    } else {
        engine_abort(engine, port->ops->now(port), "a question that nobody here can answer");
    }
}

static void obey(struct engine *engine, struct port *port, const struct run_hooks *hooks)
{
    struct engine_command command;
    while (engine_command(engine, &command)) {
        switch (command.kind) {
        case COMMAND_PRESS:
            /* Refused for an e-stop: PORT_ESTOP is on its way, and is what ended the run. */
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

void run_drive(struct engine *engine, struct port *port, struct timeline *timeline,
               const struct run_hooks *hooks)
{
    size_t shown = 0;

    for (;;) {
        if (hooks->poll) {
            hooks->poll(hooks->context, engine);
        }
        obey(engine, port, hooks);
        if (hooks->watch && timeline->count > shown) {
            hooks->watch(hooks->context, timeline, shown);
            shown = timeline->count;
        }
        if (engine_done(engine)) {
            return;
        }

        int64_t wake_ns = engine_wake_ns(engine);
        if (engine_question(engine)) {
            int64_t round_ns = port->ops->now(port) + ASKING_ROUND_NS;
            wake_ns = wake_ns < round_ns ? wake_ns : round_ns;
        }
        struct port_event event;
        if (port->ops->next(port, wake_ns, &event)) {
            engine_event(engine, &event);
        } else {
            engine_tick(engine, port->ops->now(port));
        }
    }
}

void run_levels(struct port *port, const struct station *station, int8_t levels[BENCH_INPUTS_MAX])
{
    for (size_t i = 0; i < BENCH_INPUTS_MAX; i++) {
        levels[i] = i < station->input_count ? (int8_t)port->ops->level(port, (unsigned)i) : -1;
    }
}
