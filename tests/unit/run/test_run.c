/*
 * The run loop: step by step it is the same run as in one go; several of them go in one loop by
 * descriptors and due times alone; who comes late loses nothing.
 */
#include "rig/base/units.h"
#include "tests/unit/parts.h"
#include "tests/unit/sim_run.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define FIRMWARE(name) "hardware/sim/firmware/" name ".yaml"
#define PROFILE(name)  "profiles/" name ".yaml"

enum { STEPS_MAX = 1000000, RATE = 20 };

static int64_t now_of(const struct sim_run *sim)
{
    return sim->port->ops->now(sim->port);
}

/* ---- hooks that count and answer ---- */

struct watcher {
    const struct sim_run *sim;
    int ask_rounds; /* answer a question after so many calls of `poll`; 0: at once */
    int waited;
    bool asked;
    size_t watched; /* entries that `watch` was told of */
    size_t asks;
};

static const char *first_answer(const struct question *question)
{
    return question->answer_count > 0 ? question->answers[0] : "80 %";
}

static void watch(void *context, const struct timeline *timeline, size_t first_new)
{
    struct watcher *watcher = context;
    assert_int_equal(first_new, watcher->watched);
    assert_true(timeline->count > first_new);
    watcher->watched = timeline->count;
}

static void give_answer(const struct watcher *watcher, struct engine *engine)
{
    const struct question *question = engine_question(engine);
    assert_true(engine_answer(engine, now_of(watcher->sim), question->name, first_answer(question),
                              ANSWER_BY_OPERATOR));
}

static void ask(void *context, struct engine *engine, const struct question *question)
{
    struct watcher *watcher = context;
    (void)question;
    watcher->waited = 0;
    watcher->asks++;
    watcher->asked = watcher->ask_rounds > 0;
    if (!watcher->asked) {
        give_answer(watcher, engine);
    }
}

static void poll_round(void *context, struct engine *engine)
{
    struct watcher *watcher = context;
    if (watcher->asked && ++watcher->waited == watcher->ask_rounds) {
        watcher->asked = false;
        give_answer(watcher, engine);
    }
}

static struct run_hooks hooks_of(struct watcher *watcher)
{
    return (struct run_hooks){.context = watcher, .watch = watch, .ask = ask, .poll = poll_round};
}

/* ---- the same entries ---- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_kind(const struct entry *a, const struct entry *b)
{
    return a->kind == b->kind && a->code == b->code && a->input == b->input &&
           a->press == b->press && a->mask == b->mask && same_text(a->text, b->text);
}

static bool same_pulse(const struct pulse *a, const struct pulse *b)
{
    return a->start_ns == b->start_ns && a->end_ns == b->end_ns && a->colour == b->colour &&
           a->open == b->open && a->clipped == b->clipped &&
           memcmp(a->duty_permille, b->duty_permille, sizeof(a->duty_permille)) == 0;
}

static void assert_same(const struct timeline *a, const struct timeline *b, const char *what)
{
    if (a->count != b->count || a->edge_count != b->edge_count) {
        fail_msg("%s: %zu entries and %zu edges, not %zu and %zu", what, a->count, a->edge_count,
                 b->count, b->edge_count);
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct entry *one = &a->entries[i];
        const struct entry *other = &b->entries[i];
        bool same = same_kind(one, other) && one->time_ns == other->time_ns &&
                    one->at_ns == other->at_ns && one->until_ns == other->until_ns &&
                    one->value == other->value && same_text(one->text2, other->text2) &&
                    same_pulse(&one->pulse, &other->pulse);
        if (!same) {
            fail_msg("%s: entry %zu differs", what, i);
        }
    }
}

/* Round by round, as the loop of one run was before there were steps: what run_step is held
 * against. */
static void drive_plainly(struct sim_run *sim, const struct run_hooks *hooks)
{
    const struct port_ops *ops = sim->port->ops;
    size_t shown = 0;

    for (;;) {
        struct engine_command command;
        struct port_event event;
        while (engine_command(sim->engine, &command)) {
            if (command.kind == COMMAND_PRESS) {
                assert_int_equal(ops->press(sim->port, &command.order), 0);
            } else if (command.kind == COMMAND_RELEASE) {
                ops->release(sim->port);
            } else if (command.kind == COMMAND_RADIO) {
                ops->radio(sim->port, command.radio, command.text);
            } else if (!ops->ask(sim->port, command.question->name)) {
                hooks->ask(hooks->context, sim->engine, command.question);
            }
        }
        if (sim->timeline.count > shown) {
            hooks->watch(hooks->context, &sim->timeline, shown);
            shown = sim->timeline.count;
        }
        if (engine_done(sim->engine)) {
            return;
        }
        if (ops->next(sim->port, engine_wake_ns(sim->engine), &event)) {
            engine_event(sim->engine, &event);
        } else {
            engine_tick(sim->engine, now_of(sim));
        }
    }
}

enum way { PLAINLY, STEP_BY_STEP, IN_ONE_GO };

static bool run_virtually(struct sim_run *sim, struct watcher *watcher, const char *profile,
                          const char *firmware, enum way way)
{
    struct sim_options options = {.seed = 5, .start_ns = 1000 * NS_PER_S};
    if (!sim_run_open(sim, profile, NULL, firmware, &options)) {
        return false;
    }
    *watcher = (struct watcher){.sim = sim, .ask_rounds = watcher->ask_rounds};
    struct run_hooks hooks = hooks_of(watcher);
    struct run run = {
        .engine = sim->engine, .port = sim->port, .timeline = &sim->timeline, .hooks = &hooks};
    switch (way) {
    case PLAINLY:
        drive_plainly(sim, &hooks);
        break;
    case STEP_BY_STEP:
        for (int i = 0; !engine_done(sim->engine); i++) {
            int64_t due_ns = run_step(&run);
            assert_true(i < STEPS_MAX);
            /* Either there is more to do at once, or a person is asked. */
            assert_true(due_ns == INT64_MAX
                            ? engine_done(sim->engine) || engine_question(sim->engine)
                            : due_ns <= now_of(sim));
        }
        assert_int_equal(run_step(&run), INT64_MAX);
        break;
    case IN_ONE_GO:
        run_drive(sim->engine, sim->port, &sim->timeline, &hooks);
        break;
    }
    assert_int_equal(watcher->watched, sim->timeline.count);
    return true;
}

static void test_step_by_step_is_the_same_run(void **state)
{
    static struct sim_run runs[3];
    static struct watcher watchers[3];
    glob_t profiles;
    glob_t firmware;
    size_t compared = 0;
    (void)state;

    assert_int_equal(glob("profiles/*.yaml", 0, NULL, &profiles), 0);
    assert_int_equal(glob(FIRMWARE("*"), 0, NULL, &firmware), 0);
    for (size_t p = 0; p < profiles.gl_pathc; p++) {
        for (size_t f = 0; f < firmware.gl_pathc; f++) {
            const char *path = firmware.gl_pathv[f];
            for (enum way way = PLAINLY; way <= IN_ONE_GO; way++) {
                watchers[way].ask_rounds = 0;
                if (!run_virtually(&runs[way], &watchers[way], profiles.gl_pathv[p], path, way)) {
                    assert_int_equal(way, PLAINLY);
                    break;
                }
                assert_same(&runs[way].timeline, &runs[PLAINLY].timeline, path);
                compared += way == IN_ONE_GO;
            }
            for (int way = PLAINLY; runs[PLAINLY].plan && way <= IN_ONE_GO; way++) {
                sim_run_close(&runs[way]);
                runs[way].plan = NULL;
            }
        }
    }
    assert_true(compared > 50);
    globfree(&profiles);
    globfree(&firmware);
}

/* A question that the unit does not answer: each step comes back, until somebody has. */
static void test_asking_takes_its_time(void **state)
{
    static struct sim_run step;
    static struct sim_run whole;
    struct watcher step_watcher = {.ask_rounds = 9};
    struct watcher whole_watcher = {.ask_rounds = 9};
    (void)state;

    /* A headphone knows nothing of the earbuds' questions. */
    assert_true(run_virtually(&step, &step_watcher, PROFILE("linkbuds-s"), FIRMWARE("wh-1000xm4"),
                              STEP_BY_STEP));
    assert_true(run_virtually(&whole, &whole_watcher, PROFILE("linkbuds-s"), FIRMWARE("wh-1000xm4"),
                              IN_ONE_GO));
    assert_same(&step.timeline, &whole.timeline, "asked");
    assert_true(step_watcher.asks > 0);
    assert_int_equal(step_watcher.asks, whole_watcher.asks);
    assert_int_equal(step_watcher.waited, 9);
    sim_run_close(&step);
    sim_run_close(&whole);
}

/* ---- several in one loop ---- */

enum { TOGETHER = 2 };

struct loop {
    struct sim_run sims[TOGETHER];
    struct watcher watchers[TOGETHER];
    struct run_hooks hooks[TOGETHER];
    struct run runs[TOGETHER];
    int64_t due_ns[TOGETHER];
    int64_t stall_ns; /* of CLOCK_MONOTONIC, whenever nothing is pressed for a while */
    int stalls;
};

static const struct {
    const char *profile;
    const char *firmware;
} together[TOGETHER] = {{PROFILE("wh-1000xm5"), FIRMWARE("wh-1000xm5")},
                        {PROFILE("wf-1000xm5"), FIRMWARE("wf-1000xm5")}};

static void pause_for(int64_t pause_ns)
{
    struct timespec pause = {.tv_sec = pause_ns / NS_PER_S, .tv_nsec = pause_ns % NS_PER_S};
    nanosleep(&pause, NULL);
}

/* One poll over all ports, then a step of those that are ready or due. */
static bool loop_once(struct loop *loop)
{
    struct pollfd fds[TOGETHER * PORT_FDS_MAX];
    struct timespec now;
    size_t count = 0;
    int64_t wake_ns = INT64_MAX;
    bool idle = true;

    for (int i = 0; i < TOGETHER; i++) {
        struct port *port = loop->sims[i].port;
        if (engine_done(loop->sims[i].engine)) {
            continue;
        }
        count += port->ops->fds(port, fds + count, PORT_FDS_MAX);
        int64_t poll_ns = port_poll_ns(port, loop->due_ns[i]);
        wake_ns = poll_ns < wake_ns ? poll_ns : wake_ns;
        idle = idle && engine_phase(loop->sims[i].engine) != PHASE_PRESSING &&
               engine_phase(loop->sims[i].engine) != PHASE_WAITING;
    }
    if (wake_ns == INT64_MAX) {
        return false;
    }
    if (idle && loop->stall_ns && loop->stalls < 5) {
        loop->stalls++;
        pause_for(loop->stall_ns);
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t left_ns = wake_ns - (now.tv_sec * NS_PER_S + now.tv_nsec);
    left_ns = left_ns > 0 ? left_ns : 0;
    struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
    ppoll(fds, count, &left, NULL);
    for (int i = 0; i < TOGETHER; i++) {
        if (!engine_done(loop->sims[i].engine) && now_of(&loop->sims[i]) >= loop->due_ns[i]) {
            loop->due_ns[i] = run_step(&loop->runs[i]);
        }
    }
    return true;
}

static void loop_run(struct loop *loop, int64_t stall_ns)
{
    memset(loop, 0, sizeof(*loop));
    loop->stall_ns = stall_ns;
    for (int i = 0; i < TOGETHER; i++) {
        struct sim_options options = {.seed = 5, .rate = RATE};
        struct sim_run *sim = &loop->sims[i];
        assert_true(sim_run_open(sim, together[i].profile, NULL, together[i].firmware, &options));
        loop->watchers[i] = (struct watcher){.sim = sim};
        loop->hooks[i] = hooks_of(&loop->watchers[i]);
        loop->runs[i] = (struct run){.engine = sim->engine,
                                     .port = sim->port,
                                     .timeline = &sim->timeline,
                                     .hooks = &loop->hooks[i]};
    }
    int rounds = 0;
    while (loop_once(loop)) {
        assert_true(rounds++ < STEPS_MAX);
    }
}

static void loop_close(struct loop *loop)
{
    for (int i = 0; i < TOGETHER; i++) {
        sim_run_close(&loop->sims[i]);
    }
}

static size_t count_of(const struct timeline *timeline, enum entry_kind kind)
{
    size_t count = 0;
    size_t i = 0;
    while (timeline_next(timeline, kind, &i)) {
        count++;
    }
    return count;
}

/* The same kinds in the same order, at about the same time of the run. */
static bool alike(const struct timeline *a, const struct timeline *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        int64_t apart_ns =
            (a->entries[i].time_ns - a->origin_ns) - (b->entries[i].time_ns - b->origin_ns);
        if (!same_kind(&a->entries[i], &b->entries[i]) || apart_ns > 2 * NS_PER_S ||
            apart_ns < -2 * NS_PER_S) {
            return false;
        }
    }
    return true;
}

static void test_two_in_one_loop(void **state)
{
    static struct loop loop;
    static struct sim_run quiet[TOGETHER];
    (void)state;

    for (int i = 0; i < TOGETHER; i++) {
        struct watcher watcher = {.ask_rounds = 0};
        assert_true(run_virtually(&quiet[i], &watcher, together[i].profile, together[i].firmware,
                                  IN_ONE_GO));
    }
    loop_run(&loop, 0);
    for (int i = 0; i < TOGETHER; i++) {
        assert_true(alike(&loop.sims[i].timeline, &quiet[i].timeline));
    }
    loop_close(&loop);
    for (int i = 0; i < TOGETHER; i++) {
        sim_run_close(&quiet[i]);
    }
}

/* Nobody looks for 300 ms and more of the bench's time while nothing is pressed: what happened
 * meanwhile is told late, and is no fault. */
static void test_stalled_caller(void **state)
{
    static struct loop loop;
    static struct judgement judgement;
    (void)state;

    loop_run(&loop, 400 * NS_PER_MS / RATE);
    assert_true(loop.stalls > 2);
    for (int i = 0; i < TOGETHER; i++) {
        const struct sim_run *sim = &loop.sims[i];
        judge(sim->profile, sim->procedure, &sim->sensors, &sim->timeline, engine_end(sim->engine),
              &judgement);
        if (judgement.verdict != VERDICT_PASS) {
            fail_msg("%s: %s", together[i].profile, judgement.reason);
        }
        assert_int_equal(count_of(&sim->timeline, ENTRY_FAULT), 0);
    }
    loop_close(&loop);
}

/* An order to stop that comes from elsewhere is obeyed by the next step. */
static void test_abort_between_steps(void **state)
{
    static struct sim_run sim;
    struct sim_options options = {.seed = 1, .rate = 1};
    struct watcher watcher = {.sim = &sim};
    struct run_hooks hooks = hooks_of(&watcher);
    (void)state;

    assert_true(sim_run_open(&sim, PROFILE("wh-1000xm5"), NULL, FIRMWARE("wh-1000xm5"), &options));
    struct run run = {
        .engine = sim.engine, .port = sim.port, .timeline = &sim.timeline, .hooks = &hooks};
    while (count_of(&sim.timeline, ENTRY_PRESSED) == 0) {
        port_wait(sim.port, run_step(&run));
    }
    assert_int_equal(count_of(&sim.timeline, ENTRY_RELEASED), 0);
    engine_abort(sim.engine, now_of(&sim), "Ctrl-C");
    int64_t due_ns = run_step(&run);
    for (int i = 0; !engine_done(sim.engine); i++) {
        assert_true(i < 100);
        port_wait(sim.port, due_ns);
        due_ns = run_step(&run);
    }
    assert_int_equal(engine_end(sim.engine), END_ABORTED);
    size_t i = 0;
    const struct entry *released = timeline_next(&sim.timeline, ENTRY_RELEASED, &i);
    assert_non_null(released);
    assert_int_equal(watcher.watched, sim.timeline.count);
    sim_run_close(&sim);
}

/* The machine is kept from its work between an event and what the engine orders for it, 0.6 s by a
 * clock that goes a hundred times as fast. */
static void slow_to_hear(void *context, const struct port_event *event)
{
    (void)context;
    if (event->kind != PORT_EDGE) { /* of which a dimmed light has thousands */
        pause_for(6 * NS_PER_MS);
    }
}

/* A busy machine: who drives the bench is kept from it again and again, for seconds of the
 * bench's time. It has missed nothing: presses are on time, and the unit is tried on time. */
static void test_late_driver(void **state)
{
    static const char *const models[] = {"wh-1000xm5", "linkbuds"};
    const struct timespec pause = {.tv_nsec = 40 * NS_PER_MS};
    struct sim_options options = {.rate = 100, .seed = 1};
    const struct run_hooks hooks = {.heard = slow_to_hear};
    (void)state;
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        static struct judgement judgement;
        static struct sim_run sim;
        char profile[128];
        char firmware[128];
        snprintf(profile, sizeof(profile), "profiles/%s.yaml", models[i]);
        snprintf(firmware, sizeof(firmware), "hardware/sim/firmware/%s.yaml", models[i]);
        assert_true(sim_run_open(&sim, profile, NULL, firmware, &options));
        struct run run = {
            .engine = sim.engine, .port = sim.port, .timeline = &sim.timeline, .hooks = &hooks};
        while (!engine_done(sim.engine)) {
            if (run_step(&run) > sim.port->ops->now(sim.port)) {
                nanosleep(&pause, NULL);
            }
        }
        judge(sim.profile, sim.procedure, &sim.sensors, &sim.timeline, engine_end(sim.engine),
              &judgement);
        if (judgement.verdict != VERDICT_PASS) {
            fail_msg("%s: %s", models[i], judgement.reason);
        }
        sim_run_close(&sim);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_driver),
        cmocka_unit_test(test_step_by_step_is_the_same_run),
        cmocka_unit_test(test_asking_takes_its_time),
        cmocka_unit_test(test_two_in_one_loop),
        cmocka_unit_test(test_stalled_caller),
        cmocka_unit_test(test_abort_between_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
