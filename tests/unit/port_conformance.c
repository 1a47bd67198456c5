#include "tests/unit/port_conformance.h"

#include "rig/base/units.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Time for buttons to come up and for the port to tell of it. */
static const int64_t REST_NS = 500 * NS_PER_MS;

static int64_t now_of(const struct conformance *conformance)
{
    return conformance->port->ops->now(conformance->port);
}

/* The next event as a loop of several ports gets it. */
static bool next_polled(struct port *port, int64_t until_ns, struct port_event *event)
{
    int64_t now_ns = port->ops->now(port);
    if (port->ops->next(port, now_ns, event)) {
        return true;
    }
    int64_t due_ns = port->ops->due_ns(port);
    port_wait(port, due_ns < until_ns ? due_ns : until_ns);
    return false;
}

void conformance_run(struct conformance *conformance, int64_t until_ns)
{
    struct port *port = conformance->port;
    for (bool over = false; !over;) {
        /* Who polls and overslept finds what fell due meanwhile. */
        over = now_of(conformance) >= until_ns;
        if (over && !conformance->polled) {
            break;
        }
        assert_true(conformance->count < CONFORMANCE_EVENTS_MAX);
        struct port_event *event = &conformance->events[conformance->count];
        int64_t before_ns = now_of(conformance);
        memset(event, 0, sizeof(*event));
        bool waits = !conformance->polled || over;
        if (!(waits ? port->ops->next : next_polled)(port, until_ns, event)) {
            continue;
        }
        over = false;
        assert_true(event->time_ns <= now_of(conformance));
        assert_true(now_of(conformance) >= before_ns);
        if (conformance->count > 0) {
            assert_true(event->time_ns >= event[-1].time_ns);
        }
        conformance->count++;
    }
}

void conformance_forget(struct conformance *conformance)
{
    conformance->count = 0;
}

const struct port_event *conformance_event(const struct conformance *conformance,
                                           enum port_event_kind kind, uint32_t press)
{
    const struct port_event *found = NULL;
    for (size_t i = 0; i < conformance->count; i++) {
        const struct port_event *event = &conformance->events[i];
        bool numbered = kind == PORT_PRESSED || kind == PORT_RELEASED;
        /* What is told of lines is told of a press that was ordered. */
        assert_true(!numbered || event->kind != kind || event->press != 0);
        if (event->kind == kind && (!numbered || event->press == press)) {
            assert_null(found);
            found = event;
        }
    }
    return found;
}

int conformance_press(struct conformance *conformance, uint32_t mask, int64_t press_ns,
                      int64_t energise_ns)
{
    struct press_order order = {.press = conformance->press + 1,
                                .mask = mask,
                                .press_ns = press_ns,
                                .energise_ns = energise_ns};
    int result = conformance->port->ops->press(conformance->port, &order);
    if (result == 0) {
        conformance->press++;
    } else {
        assert_int_equal(result, -1);
    }
    return result;
}

static void press(struct conformance *conformance, int64_t press_ns, int64_t energise_ns)
{
    assert_int_equal(conformance_press(conformance, conformance->mask, press_ns, energise_ns), 0);
}

static void assert_near(const struct conformance *conformance, int64_t is_ns, int64_t ought_ns)
{
    assert_true(is_ns >= ought_ns);
    assert_true(is_ns <= ought_ns + conformance->slack_ns);
}

/* The last press was told of, from its beginning to its end. */
static void check_told(const struct conformance *conformance, const struct port_event **pressed,
                       const struct port_event **released)
{
    *pressed = conformance_event(conformance, PORT_PRESSED, conformance->press);
    *released = conformance_event(conformance, PORT_RELEASED, conformance->press);
    assert_non_null(*pressed);
    assert_non_null(*released);
    assert_true(*pressed < *released);
    assert_int_equal((*pressed)->mask, conformance->mask);
    assert_int_equal((*released)->mask, conformance->mask);
    assert_true((*pressed)->at_ns <= (*pressed)->until_ns);
    assert_true((*released)->at_ns <= (*released)->until_ns);
    assert_true((*pressed)->at_ns <= (*released)->at_ns);
}

/* ---- the checks ---- */

void conformance_clock(struct conformance *conformance)
{
    int64_t last_ns = now_of(conformance);
    for (int i = 1; i <= 20; i++) {
        int64_t until_ns = last_ns + i * NS_PER_MS;
        conformance_run(conformance, until_ns);
        assert_true(now_of(conformance) >= until_ns);
        last_ns = now_of(conformance);
    }
    /* A time that is past is no reason to wait, nor to go back. */
    struct port_event event;
    conformance->port->ops->next(conformance->port, last_ns - NS_PER_S, &event);
    assert_true(now_of(conformance) >= last_ns);
    conformance_forget(conformance);
}

void conformance_hold(struct conformance *conformance, int64_t energise_ns)
{
    const struct port_event *pressed;
    const struct port_event *released;
    int64_t press_ns = now_of(conformance) + 50 * NS_PER_MS;

    conformance_forget(conformance);
    press(conformance, press_ns, energise_ns);
    conformance_run(conformance, press_ns + energise_ns + REST_NS);
    check_told(conformance, &pressed, &released);
    assert_near(conformance, pressed->at_ns, press_ns);
    assert_near(conformance, released->at_ns, press_ns + energise_ns);
    assert_int_equal(released->early, 0);
    assert_true(released->at_ns - pressed->at_ns <= energise_ns + conformance->slack_ns);
}

void conformance_past(struct conformance *conformance, int64_t energise_ns)
{
    const struct port_event *pressed;
    const struct port_event *released;
    int64_t now_ns = now_of(conformance);

    conformance_forget(conformance);
    press(conformance, now_ns - NS_PER_S, energise_ns);
    conformance_run(conformance, now_ns + energise_ns + REST_NS);
    check_told(conformance, &pressed, &released);
    assert_near(conformance, pressed->at_ns, now_ns);
    assert_near(conformance, released->at_ns, pressed->at_ns + energise_ns);
    assert_int_equal(released->early, 0);
}

static void check_refused(struct conformance *conformance, uint32_t mask, int64_t energise_ns,
                          int error)
{
    uint32_t before = conformance->press;
    errno = 0;
    assert_int_equal(
        conformance_press(conformance, mask, now_of(conformance) + NS_PER_MS, energise_ns), -1);
    assert_int_equal(errno, error);
    assert_int_equal(conformance->press, before);
}

void conformance_refusals(struct conformance *conformance)
{
    const struct station *station = conformance->station;
    int64_t longest_ns = INT64_MAX;

    for (size_t i = 0; i < station->actuator_count; i++) {
        if (conformance->mask >> i & 1 && station->actuators[i].max_on_ns < longest_ns) {
            longest_ns = station->actuators[i].max_on_ns;
        }
    }
    conformance_forget(conformance);
    check_refused(conformance, 0, NS_PER_S, EINVAL);
    check_refused(conformance, UINT32_C(1) << station->actuator_count, NS_PER_S, EINVAL);
    check_refused(conformance, conformance->mask | UINT32_C(1) << 31, NS_PER_S, EINVAL);
    check_refused(conformance, conformance->mask, 0, EINVAL);
    check_refused(conformance, conformance->mask, -1, EINVAL);
    check_refused(conformance, conformance->mask, longest_ns + 1, ERANGE);
    check_refused(conformance, conformance->mask, INT64_MAX, ERANGE);
    conformance_run(conformance, now_of(conformance) + REST_NS);
    for (size_t i = 0; i < conformance->count; i++) {
        assert_int_not_equal(conformance->events[i].kind, PORT_PRESSED);
        assert_int_not_equal(conformance->events[i].kind, PORT_RELEASED);
    }

    /* One at a time: while it waits, while it is down, and never after. */
    const struct port_event *pressed;
    const struct port_event *released;
    int64_t press_ns = now_of(conformance) + 50 * NS_PER_MS;
    press(conformance, press_ns, 200 * NS_PER_MS);
    check_refused(conformance, conformance->mask, NS_PER_MS, EBUSY);
    conformance_run(conformance, press_ns + 100 * NS_PER_MS);
    check_refused(conformance, conformance->mask, NS_PER_MS, EBUSY);
    conformance_run(conformance, press_ns + REST_NS);
    check_told(conformance, &pressed, &released);
    assert_near(conformance, released->at_ns, press_ns + 200 * NS_PER_MS);
    press(conformance, now_of(conformance), 50 * NS_PER_MS);
    conformance_run(conformance, now_of(conformance) + REST_NS);
    check_told(conformance, &pressed, &released);
}

void conformance_release(struct conformance *conformance)
{
    const struct port_ops *ops = conformance->port->ops;
    const struct port_event *pressed;
    const struct port_event *released;

    /* Nothing is pressed: nothing comes of it. */
    conformance_forget(conformance);
    ops->release(conformance->port);
    ops->release(conformance->port);
    conformance_run(conformance, now_of(conformance) + REST_NS);
    assert_null(conformance_event(conformance, PORT_RELEASED, conformance->press));

    /* In the press. */
    conformance_forget(conformance);
    int64_t press_ns = now_of(conformance) + 50 * NS_PER_MS;
    press(conformance, press_ns, 2 * NS_PER_S);
    conformance_run(conformance, press_ns + 300 * NS_PER_MS);
    int64_t release_ns = now_of(conformance);
    ops->release(conformance->port);
    ops->release(conformance->port);
    conformance_run(conformance, release_ns + REST_NS);
    ops->release(conformance->port);
    conformance_run(conformance, press_ns + 3 * NS_PER_S);
    check_told(conformance, &pressed, &released);
    assert_near(conformance, released->at_ns, release_ns);
    assert_int_equal(released->early, 1);

    /* Before it began: it is called off, which is told as a release of no lines. */
    conformance_forget(conformance);
    press_ns = now_of(conformance) + NS_PER_S;
    press(conformance, press_ns, NS_PER_S);
    release_ns = now_of(conformance);
    ops->release(conformance->port);
    ops->release(conformance->port);
    conformance_run(conformance, press_ns + 2 * NS_PER_S);
    assert_null(conformance_event(conformance, PORT_PRESSED, conformance->press));
    released = conformance_event(conformance, PORT_RELEASED, conformance->press);
    assert_non_null(released);
    assert_near(conformance, released->at_ns, release_ns);
    assert_int_equal(released->early, 1);
    assert_int_equal(released->mask, 0);
    for (size_t i = 0; i < conformance->count; i++) {
        const struct port_event *event = &conformance->events[i];
        bool contact = event->kind == PORT_EDGE &&
                       conformance->station->inputs[event->input].role == INPUT_CONTACT;
        assert_false(contact && event->level);
    }
    conformance_hold(conformance, 100 * NS_PER_MS);
}

static int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

void conformance_no_waiting(struct conformance *conformance)
{
    const struct port_ops *ops = conformance->port->ops;
    struct port *port = conformance->port;
    struct port_event event;
    struct pollfd fds[PORT_FDS_MAX];

    conformance_forget(conformance);
    assert_int_equal(ops->fds(port, fds, 0), 0);
    assert_true(ops->fds(port, fds, PORT_FDS_MAX) <= PORT_FDS_MAX);
    int64_t press_ns = now_of(conformance) + 2 * NS_PER_S;
    press(conformance, press_ns, 100 * NS_PER_MS);
    int64_t begin_ns = monotonic_ns();
    for (int i = 0; i < 100; i++) {
        int64_t now_ns = now_of(conformance);
        while (ops->next(port, i % 2 ? now_ns : now_ns - NS_PER_S, &event)) {
            assert_int_not_equal(event.kind, PORT_PRESSED);
        }
    }
    assert_true(monotonic_ns() - begin_ns < NS_PER_S / 20);

    /* Called when it is due, it gets there. */
    int calls = 0;
    bool pressed = false;
    while (!pressed) {
        assert_true(calls++ < 50000);
        int64_t due_ns = ops->due_ns(port);
        assert_true(due_ns < INT64_MAX);
        if (port->rate) {
            port_wait(port, due_ns);
        }
        /* Virtual time moves by being asked for. */
        pressed = ops->next(port, port->rate ? now_of(conformance) : due_ns, &event) &&
                  event.kind == PORT_PRESSED;
    }
    assert_near(conformance, event.at_ns, press_ns);
    conformance_run(conformance, press_ns + REST_NS);
    conformance_forget(conformance);
}

void conformance_sequence(struct conformance *conformance, int presses)
{
    for (int i = 0; i < presses; i++) {
        conformance_hold(conformance, (20 + 7 * (int64_t)i) * NS_PER_MS);
    }
}

static int contact_of(const struct station *station, size_t actuator)
{
    for (size_t i = 0; i < station->input_count; i++) {
        if (station->inputs[i].role == INPUT_CONTACT &&
            station->inputs[i].actuator == (int)actuator) {
            return (int)i;
        }
    }
    return -1;
}

/* The first edge to a level of an input at or after `from_ns`. */
static const struct port_event *edge_after(const struct conformance *conformance, int input,
                                           bool level, int64_t from_ns)
{
    for (size_t i = 0; i < conformance->count; i++) {
        const struct port_event *event = &conformance->events[i];
        if (event->kind == PORT_EDGE && event->input == input && event->level == level &&
            event->time_ns >= from_ns) {
            return event;
        }
    }
    return NULL;
}

static void assert_travel(const struct conformance *conformance, const struct actuator *actuator,
                          int64_t took_ns, int64_t travel_ns)
{
    assert_true(took_ns >= travel_ns - actuator->travel_tolerance_ns);
    assert_true(took_ns <= travel_ns + actuator->travel_tolerance_ns + conformance->slack_ns);
}

void conformance_contacts(struct conformance *conformance)
{
    const struct station *station = conformance->station;
    const struct port_event *pressed;
    const struct port_event *released;
    size_t seen = 0;

    conformance_hold(conformance, 300 * NS_PER_MS);
    check_told(conformance, &pressed, &released);
    for (size_t i = 0; i < station->actuator_count; i++) {
        const struct actuator *actuator = &station->actuators[i];
        int input = contact_of(station, i);
        if (input < 0) {
            continue;
        }
        const struct port_event *down = edge_after(conformance, input, true, pressed->at_ns);
        if (!(conformance->mask >> i & 1)) {
            assert_null(down);
            continue;
        }
        const struct port_event *up = edge_after(conformance, input, false, released->at_ns);
        assert_non_null(down);
        assert_non_null(up);
        assert_travel(conformance, actuator, down->time_ns - pressed->at_ns,
                      actuator->travel_press_ns);
        assert_travel(conformance, actuator, up->time_ns - released->at_ns,
                      actuator->travel_release_ns);
        seen++;
    }
    assert_true(seen > 0);
}

void conformance_levels(struct conformance *conformance)
{
    const struct port_ops *ops = conformance->port->ops;
    const struct station *station = conformance->station;
    int levels[BENCH_INPUTS_MAX];

    conformance_forget(conformance);
    conformance_run(conformance, now_of(conformance) + NS_PER_MS);
    conformance_forget(conformance);
    for (size_t i = 0; i < station->input_count; i++) {
        levels[i] = ops->level(conformance->port, (unsigned)i);
        assert_in_range(levels[i], 0, 1);
    }
    assert_int_equal(ops->level(conformance->port, BENCH_INPUTS_MAX), -1);
    conformance_hold(conformance, 200 * NS_PER_MS);
    for (size_t i = 0; i < conformance->count; i++) {
        const struct port_event *event = &conformance->events[i];
        if (event->kind == PORT_EDGE) {
            /* An edge is a change. */
            assert_int_not_equal(levels[event->input], event->level);
            levels[event->input] = event->level;
        }
    }
    for (size_t i = 0; i < station->input_count; i++) {
        assert_int_equal(ops->level(conformance->port, (unsigned)i), levels[i]);
    }
}

/* From an e-stop or a fault on: no line is told of, no contact closes, no press is taken. */
static void check_dead(struct conformance *conformance, enum port_event_kind kind, int64_t until_ns)
{
    conformance_run(conformance, until_ns);
    const struct port_event *end = conformance_event(conformance, kind, 0);
    assert_non_null(end);
    if (kind == PORT_FAULT) {
        assert_true(end->text[0] != '\0');
    }
    conformance->port->ops->release(conformance->port);
    assert_int_equal(
        conformance_press(conformance, conformance->mask, now_of(conformance), 100 * NS_PER_MS),
        -1);
    conformance_run(conformance, until_ns + 3 * NS_PER_S);
    for (const struct port_event *event = end + 1; event < conformance->events + conformance->count;
         event++) {
        bool contact = event->kind == PORT_EDGE &&
                       conformance->station->inputs[event->input].role == INPUT_CONTACT;
        assert_int_not_equal(event->kind, PORT_PRESSED);
        assert_true(event->kind != PORT_RELEASED || event->press == conformance->press);
        assert_true(!contact || event->time_ns < end->time_ns + REST_NS);
    }
    for (size_t i = 0; i < conformance->station->input_count; i++) {
        if (conformance->station->inputs[i].role == INPUT_CONTACT) {
            assert_int_not_equal(conformance->port->ops->level(conformance->port, (unsigned)i), 1);
        }
    }
}

void conformance_dead(struct conformance *conformance, enum port_event_kind kind, int64_t until_ns)
{
    conformance_forget(conformance);
    press(conformance, now_of(conformance), until_ns - now_of(conformance) + NS_PER_S);
    check_dead(conformance, kind, until_ns);
    assert_non_null(conformance_event(conformance, PORT_PRESSED, conformance->press));
}

void conformance_dead_before(struct conformance *conformance, enum port_event_kind kind,
                             int64_t until_ns)
{
    conformance_forget(conformance);
    press(conformance, until_ns + NS_PER_S, NS_PER_S);
    check_dead(conformance, kind, until_ns);
    assert_null(conformance_event(conformance, PORT_PRESSED, conformance->press));
}
