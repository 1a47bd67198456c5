/*
 * A batch without screens on a real bench, which is played: sessions of our own stand in for those
 * of tui/drive/session.c (the linker takes these), and a script plays the person at the terminal
 * and at the bench: when a text has been told, something is done.
 */
#include "rig/base/units.h"
#include "tests/unit/parts.h"
#include "tui/task/batch_task.h"

#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { STATIONS = 3, TOLD_MAX = 64 * 1024, STEPS_OF_RUN = 3 };

/* A feels its unit; at B and C somebody says so. */
static const char bench_text[] =
    "bench: played\n"
    "stations:\n"
#define STATION(chip)                                                                              \
    "    chip: " chip "\n"                                                                         \
    "    actuators:\n"                                                                             \
    "      power: { line: 0, kind: relay, max_on: 30 s }\n"                                        \
    "      nc_ambient: { line: 1, kind: relay, max_on: 30 s }\n"                                   \
    "    led: { r: { line: 10 }, g: { line: 11 }, b: { line: 12 } }\n"
    "  A:\n" STATION("a") "    inputs: { placed: { line: 30, is: yes, else: no } }\n"
                          "  B:\n" STATION("b") "  C:\n" STATION("c");

struct session {
    bool let_go;
    const struct station *station;
    struct scope *scope;
    bool broken;
    bool unguarded;
    enum session_state state;
    int steps;
    bool asks;
    bool asked;
    struct judgement judgement;
    struct record record;
    char unit[BATCH_SERIAL_MAX];
    char answer[32];
};

/* One thing somebody does: when `told` was told, after what was told before. */
struct act {
    const char *told;
    enum {
        ACT_TYPE,      /* `text` and Enter */
        ACT_END_INPUT, /* Ctrl-D */
        ACT_PUT,       /* the line of `station` says: in */
        ACT_TAKE,      /* ... out */
        ACT_BREAK,     /* `station` breaks */
        ACT_MEND,
        ACT_UNGUARD, /* its guard goes */
        ACT_GUARD,
        ACT_SIGNAL, /* Ctrl-C */
    } what;
    const char *text;
    size_t station;
};

static struct world {
    struct bench *bench;
    struct profile *profile;
    struct session sessions[STATIONS];
    struct headless headless;
    struct line_queue out;
    int told_fd;
    int input; /* what types at the terminal that is standard input */
    int signals;
    const struct act *acts;
    size_t act_count;
    size_t act;
    size_t looked; /* told so far, up to the last act */
    char told[TOLD_MAX];
    int64_t begun_ns;
    char runs[1024]; /* "A S1; B S2": as they began */
} * world;

/* ---- the sessions -----------------------------------------------------------------------------*/

enum session_state session_state(const struct session *session)
{
    return session->state;
}

bool session_works(const struct session *session)
{
    return !session->broken;
}

const struct station *session_station(const struct session *session)
{
    return session->station;
}

bool session_simulated(const struct session *session)
{
    (void)session;
    return false;
}

const char *session_trouble(const struct session *session)
{
    return session->broken ? "the chip is gone" : "";
}

/* A station of its own kind, and a unit that is not who it was. */
const char *session_warning(const struct session *session)
{
    return strcmp(session->station->name, "C") == 0 ? "nobody guards these lines" : "";
}

const char *session_unguarded(const struct session *session)
{
    return session->unguarded ? "the guard is gone" : "";
}

const char *session_notice(const struct session *session)
{
    return strstr(session->unit, "OTHER") ? "unit OTHER has another address" : "";
}

const char *session_todo(const struct session *session)
{
    return session->broken ? "plug it in" : "";
}

/* What becomes of a unit is in its serial number. */
int session_start(struct session *session, const struct session_order *order, struct diags *diags)
{
    size_t used = strlen(world->runs);
    if (strstr(order->unit, "REFUSED")) {
        return diag_error(diags, place_of("unit"), "look at it", "is refused");
    }
    assert_false(session->broken);
    assert_int_equal(order->answer_count, 1);
    assert_string_equal(order->answer_names[0], "placed");
    snprintf(world->runs + used, sizeof(world->runs) - used, "%s%s %s", used ? "; " : "",
             session->station->name, order->unit);
    snprintf(session->unit, sizeof(session->unit), "%s", order->unit);
    session->state = SESSION_RUNNING;
    session->steps = 0;
    session->asks = strstr(order->unit, "ASKS") != NULL;
    session->asked = false;
    session->judgement.verdict = strstr(order->unit, "FAIL") ? VERDICT_FAIL : VERDICT_PASS;
    if (strstr(order->unit, "TWICE") && order->attempt > 1) {
        session->judgement.verdict = VERDICT_PASS;
    }
    snprintf(session->judgement.reason, sizeof(session->judgement.reason), "as played");
    session->record.judgement = &session->judgement;
    return 0;
}

static void end(struct session *session, enum verdict verdict, const char *why)
{
    session->judgement.verdict = verdict;
    snprintf(session->judgement.reason, sizeof(session->judgement.reason), "%s", why);
    session->state = SESSION_OVER;
}

/* Of all sessions, before the first is ended; but one that asks nobody, which presses nothing. */
void session_let_go(struct session *session)
{
    session->let_go = true;
}

void session_release(struct session *session, const char *why)
{
    assert_true(session->let_go || session_question(session));
    if (session->state == SESSION_RUNNING) {
        end(session, VERDICT_ABORTED, why);
    }
}

bool session_nobody(struct session *session)
{
    (void)session;
    return false; /* its questions are none that a run ends for */
}

const struct question *session_question(const struct session *session)
{
    return session->state == SESSION_RUNNING && session->asks && !session->asked
               ? question_known("lid")
               : NULL;
}

bool session_answer(struct session *session, const char *answer)
{
    if (!question_accepts(question_known("lid"), answer, session->answer)) {
        return false;
    }
    session->asked = true;
    return true;
}

void session_dismiss(struct session *session)
{
    session->state = SESSION_IDLE;
}

const struct record *session_record(const struct session *session)
{
    return &session->record;
}

const struct scope *session_scope(const struct session *session)
{
    return session->scope;
}

const char *session_unit_address(const struct session *session)
{
    (void)session;
    return "";
}

int64_t session_journal_handle(const struct session *session)
{
    (void)session;
    return 0;
}

void session_simulate_hand(struct session *session, const struct profile *profile, const char *unit,
                           int64_t after_ns)
{
    (void)session;
    (void)profile;
    (void)unit;
    (void)after_ns;
    fail_msg("a real bench has real hands");
}

int64_t session_now_ns(const struct session *session)
{
    (void)session;
    return batch_task_now_ns();
}

size_t session_fds(struct session *session, struct pollfd fds[SESSION_FDS_MAX])
{
    (void)session;
    (void)fds;
    return 0;
}

int64_t session_due_ns(struct session *session)
{
    (void)session;
    return batch_task_now_ns() + 2 * NS_PER_MS;
}

static void play(void);

void session_step(struct session *session)
{
    if (session == world->headless.on[0]) {
        play();
    }
    if (session->state == SESSION_RUNNING && session->broken) {
        end(session, VERDICT_ERROR, "the chip is gone");
    }
    /* A unit that hangs runs until somebody lets go. */
    if (session->state == SESSION_RUNNING && !session_question(session) &&
        !strstr(session->unit, "HANGS") && ++session->steps > STEPS_OF_RUN) {
        session->state = SESSION_OVER;
    }
}

/* ---- the person ---------------------------------------------------------------------------*/

static void line_says(struct session *session, bool inside)
{
    struct port_event event = {
        .kind = PORT_EDGE, .time_ns = batch_task_now_ns(), .input = -1, .level = inside};
    for (size_t i = 0; i < session->station->input_count; i++) {
        if (session->station->inputs[i].role == INPUT_QUESTION) {
            event.input = (int16_t)i;
        }
    }
    event.at_ns = event.time_ns;
    assert_true(event.input >= 0);
    scope_event(session->scope, &event);
}

static void do_act(const struct act *act)
{
    struct signalfd_siginfo info = {.ssi_signo = SIGINT};
    struct session *session = &world->sessions[act->station];
    switch (act->what) {
    case ACT_TYPE:
        assert_int_equal(write(world->input, act->text, strlen(act->text)),
                         (ssize_t)strlen(act->text));
        assert_int_equal(write(world->input, "\n", 1), 1);
        break;
    case ACT_END_INPUT:
        close(world->input);
        world->input = -1;
        break;
    case ACT_PUT:
        line_says(session, true);
        break;
    case ACT_TAKE:
        line_says(session, false);
        break;
    case ACT_BREAK:
        session->broken = true;
        break;
    case ACT_MEND:
        session->broken = false;
        break;
    case ACT_UNGUARD:
    case ACT_GUARD:
        session->unguarded = act->what == ACT_UNGUARD;
        break;
    case ACT_SIGNAL:
        assert_int_equal(write(world->signals, &info, sizeof(info)), sizeof(info));
        break;
    }
}

static void look(void)
{
    ssize_t length = pread(world->told_fd, world->told, TOLD_MAX - 1, 0);
    assert_true(length >= 0);
    world->told[length] = '\0';
}

static void play(void)
{
    if (batch_task_now_ns() > world->begun_ns + 20 * NS_PER_S) {
        fail_msg("act %zu (%s) was waited for in vain; told so far:\n%s", world->act,
                 world->act < world->act_count ? world->acts[world->act].told : "none",
                 world->told);
    }
    look();
    if (world->act == world->act_count) {
        return;
    }
    const struct act *act = &world->acts[world->act];
    const char *found = strstr(world->told + world->looked, act->told);
    if (found) {
        world->looked = (size_t)(found - world->told) + strlen(act->told);
        world->act++;
        do_act(act);
    }
}

/* ---- batches ------------------------------------------------------------------------------*/

static void set_up(const char *const *serials, size_t count, const struct act *acts,
                   size_t act_count)
{
    static const char *const names[] = {"placed"};
    static const char *const values[] = {"yes"};
    static struct world the_world;
    struct diags diags = DIAGS_INIT;
    int8_t levels[BENCH_INPUTS_MAX] = {0};
    int terminal;
    int signals[2];
    char path[] = "/tmp/longpress-headless-XXXXXX";

    world = &the_world;
    *world = (struct world){.acts = acts, .act_count = act_count};
    world->bench = bench_load_text(&diags, "played.yaml", bench_text, sizeof(bench_text) - 1);
    world->profile = profile_load(&diags, "profiles/wh-1000xm5.yaml");
    if (!world->bench || !world->profile) {
        fail_msg("%s", diags_text(&diags));
    }
    world->told_fd = mkstemp(path);
    assert_true(world->told_fd >= 0);
    unlink(path);
    assert_int_equal(openpty(&world->input, &terminal, NULL, NULL, NULL), 0);
    assert_int_equal(pipe(signals), 0);
    assert_int_equal(dup2(terminal, STDIN_FILENO), STDIN_FILENO);
    close(terminal);
    world->signals = signals[1];
    assert_int_equal(fcntl(signals[0], F_SETFL, O_NONBLOCK), 0);
    line_queue_open(&world->out, world->told_fd);
    world->out.terminal = true;

    struct headless *headless = &world->headless;
    for (size_t i = 0; i < STATIONS; i++) {
        struct session *session = &world->sessions[i];
        session->station = &world->bench->stations[i];
        session->scope = scope_new(session->station, batch_task_now_ns(), levels);
        session->state = SESSION_IDLE;
        headless->on[headless->setup.session_count++] = session;
    }
    headless->setup.sessions = headless->on;
    headless->setup.profile = world->profile;
    headless->setup.procedure = profile_procedure(world->profile, "network-reset");
    headless->setup.name = "played";
    headless->setup.answer_names = names;
    headless->setup.answer_values = values;
    headless->setup.answer_count = 1;
    headless->signal_fd = signals[0];
    headless->terminal = true;
    headless->patience_ns = 100 * NS_PER_MS;
    headless->plan_ns = 40 * NS_PER_S;
    headless->out = &world->out;
    headless->err = &world->out;
    headless->foot = &world->out;
    headless->todo.items = xcalloc(count * sizeof(*headless->todo.items));
    headless->todo.count = count;
    for (size_t i = 0; i < count; i++) {
        snprintf(headless->todo.items[i], BATCH_SERIAL_MAX, "%s", serials[i]);
    }
    world->begun_ns = batch_task_now_ns();
}

static int run(void)
{
    int status = batch_task_run(&world->headless);
    line_queue_close(&world->out, -1);
    for (size_t left = world->act_count; left > 0; left--) {
        play(); /* what was told last */
    }
    assert_int_equal(world->act, world->act_count);
    for (size_t i = 0; i < STATIONS; i++) {
        scope_free(world->sessions[i].scope);
    }
    serials_free(&world->headless.todo);
    close(world->headless.signal_fd);
    close(world->signals);
    if (world->input >= 0) {
        close(world->input);
    }
    close(world->told_fd);
    profile_free(world->profile);
    bench_free(world->bench);
    return status;
}

#define SET_UP(serials, acts)                                                                      \
    set_up(serials, sizeof(serials) / sizeof((serials)[0]), acts, sizeof(acts) / sizeof((acts)[0]))

static void expect_told(const char *text)
{
    if (!strstr(world->told, text)) {
        fail_msg("`%s` was not told, but:\n%s", text, world->told);
    }
}

/* Only the stations of `names` are there. */
static void only(const char *names)
{
    struct headless *headless = &world->headless;
    headless->setup.session_count = 0;
    for (size_t i = 0; i < STATIONS; i++) {
        if (strstr(names, world->sessions[i].station->name)) {
            headless->on[headless->setup.session_count++] = &world->sessions[i];
        }
    }
}

static void test_hands_at_the_terminal(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1", "S2", "S3", "S4"};
    static const struct act acts[] = {
        {"B: put S1 in, then Enter: ", ACT_TYPE, "S3", 0}, /* that one is not called for */
        {"`S3` is not S1", ACT_TYPE, "S2", 0},             /* the scanner: S2 is in C */
        {"C  S2                PASS", ACT_TYPE, "", 0},
        {"B  S1                PASS", ACT_TYPE, "skip", 0},
        {"put S4 in, then Enter: ", ACT_TYPE, "Yes", 0},
    };
    SET_UP(serials, acts);
    only("BC");
    assert_int_equal(run(), 4);
    expect_told("4 units: 3 pass, 1 not run");
    expect_told("  S3                not run");
    /* S2 is out when S3 is in. */
    expect_told("C  S2                take it out\n");
    assert_true(strncmp(world->runs, "C S2; B S1; ", 12) == 0);
    assert_non_null(strstr(world->runs, " S4"));
    assert_null(strstr(world->runs, "S3"));
}

static void test_input_line(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1", "S2"};
    static const struct act acts[] = {
        {"A  S1                put it in", ACT_PUT, NULL, 0},
        {"A  S1                take it out", ACT_TAKE, NULL, 0},
        {"A  S2                put it in", ACT_PUT, NULL, 0},
    };
    SET_UP(serials, acts);
    only("A");
    world->headless.terminal = false;
    assert_int_equal(run(), 0);
    expect_told("2 units: 2 pass\n");
    assert_string_equal(world->runs, "A S1; A S2");
}

static void test_unit_nobody_called_for(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1"};
    static const struct act acts[] = {
        {"A                    take the unit out", ACT_TAKE, NULL, 0},
        {"A  S1                put it in", ACT_PUT, NULL, 0},
    };
    SET_UP(serials, acts);
    only("A");
    line_says(&world->sessions[0], true);
    assert_int_equal(run(), 0);
    assert_string_equal(world->runs, "A S1");
}

static void test_in_place(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1", "FAIL-2"};
    static const struct act acts[] = {{"units: 1 pass, 1 fail", ACT_MEND, NULL, 0}};
    SET_UP(serials, acts);
    only("BC");
    world->headless.in_place = true;
    world->headless.terminal = false;
    assert_int_equal(run(), 1);
    assert_string_equal(world->runs, "B S1; C FAIL-2");
    expect_told("  FAIL-2            FAIL  as played");
    assert_null(strstr(world->told, "put it in"));
}

static void test_warnings(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1", "OTHER-2"};
    static const struct act acts[] = {{"units: 2 pass", ACT_MEND, NULL, 0}};
    SET_UP(serials, acts);
    only("BC");
    world->headless.in_place = true;
    world->headless.terminal = false;
    assert_int_equal(run(), 0);
    expect_told("longpress: warning: station C: nobody guards these lines");
    assert_null(strstr(world->told, "warning: station B: nobody"));
    expect_told("longpress: warning: station C: unit OTHER has another address");
}

static void test_rhythm(void **state)
{
    (void)state;
    static const char *const serials[] = {"FAIL-TWICE"};
    static const struct act acts[] = {{"retry in 5:00", ACT_MEND, NULL, 0},
                                      {"PASS  attempt 2", ACT_MEND, NULL, 0}};
    SET_UP(serials, acts);
    only("B");
    world->headless.in_place = true;
    world->headless.setup.retry = true;
    world->headless.setup.rate = 10000; /* the rest is short */
    assert_int_equal(run(), 0);
    assert_string_equal(world->runs, "B FAIL-TWICE; B FAIL-TWICE");
    expect_told("1 unit: 1 pass");
}

static void test_question(void **state)
{
    (void)state;
    static const char *const serials[] = {"S-ASKS"};
    static const struct act acts[] = {{"put S-ASKS in", ACT_TYPE, "", 0},
                                      {"B S-ASKS: ", ACT_TYPE, "ajar", 0},
                                      {"`ajar` is not an answer", ACT_TYPE, "open", 0}};
    SET_UP(serials, acts);
    only("B");
    assert_int_equal(run(), 0);
    assert_string_equal(world->sessions[1].answer, "open");
}

static void test_question_and_nobody(void **state)
{
    (void)state;
    static const char *const serials[] = {"S-ASKS", "S2"};
    static const struct act acts[] = {
        {"add --answer lid=VALUE (open or closed)", ACT_MEND, NULL, 0}};
    SET_UP(serials, acts);
    only("BC");
    world->headless.terminal = false;
    world->headless.in_place = true;
    assert_int_equal(run(), 4);
    expect_told("2 units: 1 pass, 1 aborted");
}

/* An Enter while nothing is asked, and one too many: neither says that the next unit is in. */
static void test_typed_early(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1", "S2-ASKS", "S3"};
    static const struct act acts[] = {
        {"B: put S1 in, then Enter: ", ACT_TYPE, "", 0},
        {"0 of 3 done, 1 running", ACT_TYPE, "S2-ASKS\n", 0},
        {"B: put S2-ASKS in, then Enter: ", ACT_TYPE, "\nopen\n", 0},
        {"B S2-ASKS: ", ACT_TYPE, "closed", 0},
        {"B: put S3 in, then Enter: ", ACT_SIGNAL, NULL, 0},
    };
    SET_UP(serials, acts);
    only("B");
    assert_int_equal(run(), 4);
    assert_string_equal(world->runs, "B S1; B S2-ASKS");
    assert_string_equal(world->sessions[1].answer, "closed");
}

/* A terminal without a line of its own for questions is told them all the same. */
static void test_asked_in_lines(void **state)
{
    (void)state;
    static const char *const serials[] = {"S-ASKS"};
    static const struct act acts[] = {{"B: put S-ASKS in, then Enter: \n", ACT_TYPE, "", 0},
                                      {"B S-ASKS: ", ACT_TYPE, "open", 0}};
    SET_UP(serials, acts);
    only("B");
    world->out.terminal = false;
    world->headless.foot = NULL;
    assert_int_equal(run(), 0);
    assert_string_equal(world->sessions[1].answer, "open");
}

static void test_signal(void **state)
{
    (void)state;
    static const char *const serials[] = {"S-HANGS", "S2", "S3"};
    static const struct act acts[] = {{"B: put S-HANGS in", ACT_TYPE, "", 0},
                                      {"C: put S2 in", ACT_SIGNAL, NULL, 0}};
    SET_UP(serials, acts);
    only("BC");
    assert_int_equal(run(), 4);
    assert_string_equal(world->runs, "B S-HANGS");
    expect_told("3 units: 1 aborted, 2 not run");
    expect_told("stopped: Ctrl-C; repeat the command to continue with the rest");
}

static void test_terminal_closed(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1"};
    static const struct act acts[] = {{"B: put S1 in", ACT_END_INPUT, NULL, 0}};
    SET_UP(serials, acts);
    only("B");
    assert_int_equal(run(), 4);
    expect_told("stopped: the terminal was closed at a question");
}

static void test_station_breaks(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1-HANGS", "S2", "S3"};
    static const struct act acts[] = {
        {"B: put S1-HANGS in", ACT_TYPE, "", 0},
        {"C: put S2 in", ACT_BREAK, NULL, 1},
        {"B                    out of service: the chip is gone; plug it in", ACT_TYPE, "", 0},
        {"C  S2                PASS", ACT_MEND, NULL, 1},
        {"B                    works again", ACT_TYPE, "", 0},
    };
    SET_UP(serials, acts);
    only("BC");
    assert_int_equal(run(), 5);
    expect_told("3 units: 2 pass, 1 error");
}

/* Told once each, and the batch goes on. */
static void test_guard_goes_and_comes(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1", "S2", "S3"};
    static const struct act acts[] = {
        {"B: put S1 in", ACT_UNGUARD, NULL, 1},
        {"longpress: warning: station B: the guard is gone\n", ACT_TYPE, "", 0},
        {"B: put S2 in", ACT_GUARD, NULL, 1},
        {"longpress: station B: a guard watches its lines again\n", ACT_TYPE, "", 0},
        {"B: put S3 in", ACT_TYPE, "", 0},
    };
    SET_UP(serials, acts);
    only("B");
    assert_int_equal(run(), 0);
    const char *told = strstr(world->told, "the guard is gone");
    assert_non_null(told);
    assert_null(strstr(told + 1, "the guard is gone"));
    expect_told("3 units: 3 pass");
}

static void test_nothing_works(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1", "S2"};
    static const struct act acts[] = {{"out of service: the chip is gone", ACT_BREAK, NULL, 2}};
    SET_UP(serials, acts);
    only("BC");
    world->sessions[1].broken = true;
    assert_int_equal(run(), 5);
    assert_string_equal(world->runs, "");
    expect_told("2 units: 2 not run");
    expect_told("stopped: no station works");
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const serials[] = {"REFUSED", "S2"};
    static const struct act acts[] = {
        {"could not be started: unit: is refused; look at it", ACT_MEND, NULL, 0}};
    SET_UP(serials, acts);
    only("BC");
    world->headless.in_place = true;
    assert_int_equal(run(), 5);
    expect_told("2 units: 1 pass, 1 error");
}

static void test_progress(void **state)
{
    (void)state;
    static const char *const serials[] = {"S1-HANGS", "S2", "S3", "S4"};
    static const struct act acts[] = {{"put S1-HANGS in", ACT_TYPE, "", 0},
                                      {"put S2 in", ACT_TYPE, "", 0},
                                      {"put S3 in", ACT_TYPE, "", 0},
                                      {"put S4 in", ACT_TYPE, "", 0},
                                      {"3 of 4 done, 1 running", ACT_SIGNAL, NULL, 0}};
    SET_UP(serials, acts);
    only("BC");
    assert_int_equal(run(), 4);
    /* The foot goes before what is told, and never stays. */
    expect_told("\r\033[K");
    const char *foot = strstr(world->told, "3 of 4 done");
    assert_non_null(strstr(foot, "\r\033[K"));
    assert_null(memchr(foot, '\n', (size_t)(strstr(foot, "\r\033[K") - foot)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hands_at_the_terminal),
        cmocka_unit_test(test_input_line),
        cmocka_unit_test(test_unit_nobody_called_for),
        cmocka_unit_test(test_in_place),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_rhythm),
        cmocka_unit_test(test_question),
        cmocka_unit_test(test_question_and_nobody),
        cmocka_unit_test(test_typed_early),
        cmocka_unit_test(test_asked_in_lines),
        cmocka_unit_test(test_signal),
        cmocka_unit_test(test_terminal_closed),
        cmocka_unit_test(test_station_breaks),
        cmocka_unit_test(test_guard_goes_and_comes),
        cmocka_unit_test(test_nothing_works),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
