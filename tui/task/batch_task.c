#include "tui/task/batch_task.h"

#include "rig/base/clock.h"
#include "rig/base/least.h"
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/profile/question.h"
#include "tui/drive/console.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How often the status line is updated. */
#define FOOT_NS (1 * NS_PER_S)

enum { POLL_SIGNALS, POLL_INPUT, POLL_OUT, POLL_ERR, POLL_JOURNAL, POLLED_OWN };
enum { POLLED_MAX = POLLED_OWN + BATCH_STATIONS_MAX * SESSION_FDS_MAX };

int64_t batch_task_now_ns(void)
{
    return clock_mono_ns();
}

static struct batch *batch_of(struct headless *headless)
{
    return batch_bays_batch(headless->sessions);
}

/* ---- stopping -----------------------------------------------------------------------------*/

/* Cancels what is not running; runs have been released and will end. */
static void call_off(struct headless *headless)
{
    struct batch *batch = batch_of(headless);
    for (size_t u = 0; u < batch_unit_count(batch); u++) {
        batch_skip(batch, batch_task_now_ns(), u);
    }
}

static void stop(struct headless *headless, const char *why)
{
    headless->stopped = headless->stopped ? headless->stopped : why;
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        session_let_go(headless->on[i]);
    }
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        session_release(headless->on[i], why);
    }
}

static bool any_works(const struct headless *headless)
{
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        if (session_works(headless->on[i]) || session_state(headless->on[i]) == SESSION_RUNNING) {
            return true;
        }
    }
    return false;
}

/* Wait for the bench, but not for ever. */
static void look_at_bench(struct headless *headless, int64_t now_ns)
{
    if (any_works(headless)) {
        headless->out_ns = 0;
    } else if (headless->out_ns == 0) {
        headless->out_ns = now_ns;
    } else if (now_ns >= headless->out_ns + headless->patience_ns) {
        headless->gave_up = true;
    }
}

/* ---- the terminal -------------------------------------------------------------------------*/

static bool has_placed_line(const struct headless *headless, size_t i)
{
    return bench_station_question_input(session_station(headless->on[i]), "placed") >= 0;
}

/* Someone at the terminal says when a unit is in place. */
static bool needs_hand(const struct headless *headless, size_t i)
{
    return !session_simulated(headless->on[i]) && !headless->in_place &&
           !has_placed_line(headless, i);
}

static struct waiting waiting_at(struct headless *headless, size_t i)
{
    struct waiting waiting = {.station = i, .unit = batch_on(batch_of(headless), (int)i)};
    waiting.question = session_question(headless->on[i]);
    if (waiting.question) {
        waiting.kind = WAIT_QUESTION;
    } else if (batch_stage(batch_of(headless), (int)i) == BATCH_PLACE && needs_hand(headless, i)) {
        waiting.kind = WAIT_PLACE;
    }
    return waiting;
}

static bool same(const struct waiting *a, const struct waiting *b)
{
    return a->kind == b->kind && a->station == b->station && a->unit == b->unit &&
           a->question == b->question;
}

/* The current question: the same as long as it waits, then the next. */
static void find_asked(struct headless *headless)
{
    struct waiting *asked = &headless->asked;
    if (asked->kind != WAIT_NOTHING) {
        struct waiting still = waiting_at(headless, asked->station);
        if (same(asked, &still)) {
            return;
        }
    }
    size_t count = headless->setup.session_count;
    size_t from = asked->station;
    headless->shown = false;
    asked->kind = WAIT_NOTHING;
    for (size_t n = 0; n < count && asked->kind == WAIT_NOTHING; n++) {
        struct waiting next = waiting_at(headless, (from + n) % count);
        if (next.kind != WAIT_NOTHING) {
            *asked = next;
            batch_print_asked(headless);
        }
    }
}

static size_t number_of(struct headless *headless, const struct batch_unit *unit)
{
    size_t u = 0;
    while (batch_unit(batch_of(headless), u) != unit) {
        u++;
    }
    return u;
}

/* A scanner types the serial, a person presses Enter. Returns whether it was one of the answers. */
static bool answer_place(struct headless *headless, const char *line)
{
    struct batch *batch = batch_of(headless);
    const struct waiting *asked = &headless->asked;
    struct serial serial;
    int64_t now_ns = batch_task_now_ns();

    if (line[0] == '\0' || text_equal_nocase(line, "yes") || text_equal_nocase(line, "y")) {
        batch_placed(batch, now_ns, (int)asked->station);
        return true;
    }
    if (text_equal_nocase(line, "skip")) {
        batch_skip(batch, now_ns, number_of(headless, asked->unit));
        return true;
    }
    if (!serial_read(&serial, line, strlen(line), &(struct serial_rules){.any_text = true})) {
        return false;
    }
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        struct waiting waiting = waiting_at(headless, i);
        if (waiting.kind == WAIT_PLACE && serial_same(waiting.unit->serial, serial.text)) {
            batch_placed(batch, now_ns, (int)i);
            return true;
        }
    }
    return false;
}

static void take_input(struct headless *headless)
{
    char line[256];
    char safe[512];
    char choices[256];
    const struct waiting *asked = &headless->asked;

    ssize_t length = read(STDIN_FILENO, line, sizeof(line) - 1);
    if (length < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (length <= 0) {
        headless->terminal = false;
        stop(headless, "the terminal was closed at a question");
        return;
    }
    line[length] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    if (headless->foot) {
        line_queue_entered(headless->foot);
    }
    text_printable(safe, sizeof(safe), line);
    if (asked->kind == WAIT_PLACE && !answer_place(headless, line)) {
        line_queue_line(headless->out,
                        "`%s` is not %s; press Enter when it is in, or type `skip` to leave it out",
                        safe, asked->unit->serial);
    } else if (asked->kind == WAIT_QUESTION &&
               !session_answer(headless->on[asked->station], line)) {
        line_queue_line(headless->out, "`%s` is not an answer; %s", safe,
                        question_choices(asked->question, choices, sizeof(choices)));
    }
}

/* Without a terminal nothing can answer: the run is aborted, and says so. */
static void answer_nobody(struct headless *headless)
{
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        const struct question *question = session_question(headless->on[i]);
        char choices[256];
        if (!question || session_nobody(headless->on[i])) {
            continue;
        }
        line_queue_line(headless->out, "%s: \"%s\" has no answer; add --answer %s=VALUE (%s)",
                        session_station(headless->on[i])->name, question->prompt, question->name,
                        question_choices(question, choices, sizeof(choices)));
        session_release(headless->on[i], "a question, and no terminal to ask at");
    }
}

/* ---- the loop -----------------------------------------------------------------------------*/

/* Report journal problems before runs start without it. */
static void step_bays(struct headless *headless)
{
    batch_print_journal(headless);
    batch_lines_flush(headless);
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        session_step(headless->on[i]);
    }
    batch_print_guards(headless);
}

/* Without an input or a scan, a unit counts as out when the next one is in. On a simulated bench
 * the simulated operator puts it in, and says so. */
static void follow(struct headless *headless, const struct batch_bays_event *event)
{
    struct batch *batch = batch_of(headless);
    int64_t now_ns = batch_task_now_ns();
    if (event->kind == BATCH_TELL_PLACE && headless->in_place &&
        !session_simulated(headless->on[event->station]) &&
        !has_placed_line(headless, (size_t)event->station)) {
        batch_placed(batch, now_ns, event->station);
    } else if (event->kind == BATCH_TELL_TAKE_OUT && batch_queued(batch) > 0 &&
               needs_hand(headless, (size_t)event->station)) {
        batch_taken_out(batch, now_ns, event->station);
    }
}

static void step_batch(struct headless *headless)
{
    struct batch_bays_event event;
    batch_bays_step(headless->sessions);
    while (batch_bays_event(headless->sessions, &event)) {
        batch_print_event(headless, &event);
        follow(headless, &event);
    }
    if (headless->stopped || headless->gave_up) {
        call_off(headless);
    }
    if (headless->terminal) {
        find_asked(headless);
    } else {
        answer_nobody(headless);
    }
}

static void wait_for(struct headless *headless, struct pollfd *polled)
{
    int64_t wake_ns = batch_bays_due_ns(headless->sessions);
    nfds_t count = POLLED_OWN;
    bool asks = headless->terminal && headless->asked.kind != WAIT_NOTHING;
    bool listens = asks && headless->shown;

    polled[POLL_SIGNALS] = (struct pollfd){.fd = headless->signal_fd, .events = POLLIN};
    polled[POLL_INPUT] = (struct pollfd){.fd = listens ? STDIN_FILENO : -1, .events = POLLIN};
    polled[POLL_OUT] = (struct pollfd){
        .fd = line_queue_waits(headless->out) ? headless->out->fd : -1, .events = POLLOUT};
    polled[POLL_ERR] = (struct pollfd){
        .fd = line_queue_waits(headless->err) ? headless->err->fd : -1, .events = POLLOUT};
    polled[POLL_JOURNAL] = (struct pollfd){
        .fd = headless->setup.journal ? journal_fd(headless->setup.journal) : -1, .events = POLLIN};
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        count += session_fds(headless->on[i], polled + count);
        wake_ns = least(wake_ns, session_due_ns(headless->on[i]));
    }
    if (headless->foot && !asks) {
        wake_ns = least(wake_ns, headless->foot_ns + FOOT_NS);
    }
    wake_ns = least(wake_ns, batch_lines_due_ns(headless));
    if (headless->out_ns) {
        wake_ns = least(wake_ns, headless->out_ns + headless->patience_ns);
    }
    int64_t left_ns = wake_ns == INT64_MAX ? 0 : wake_ns - batch_task_now_ns();
    left_ns = left_ns < 0 ? 0 : left_ns;
    struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
    if (ppoll(polled, count, wake_ns == INT64_MAX ? NULL : &left, NULL) < 0) {
        /* Interrupted: the state of the descriptors is unknown. */
        polled[POLL_SIGNALS].revents = POLLIN;
        polled[POLL_INPUT].revents = 0;
    }
}

/* Write what can be written now. A question counts as shown once it is written: what was typed
 * before was meant for another unit, or for none. */
static void show(struct headless *headless, int64_t now_ns)
{
    bool asks = headless->terminal && headless->asked.kind != WAIT_NOTHING;
    if (asks && !headless->shown) {
        console_drop_typed();
    }
    if (headless->foot) {
        batch_print_foot(headless, now_ns);
    }
    line_queue_pump(headless->err);
    line_queue_pump(headless->out);
    headless->shown = headless->shown ||
                      (asks && !line_queue_waits(headless->foot ? headless->foot : headless->err));
}

/* Over: nothing left to do, and nothing in progress. */
static bool is_over(struct headless *headless)
{
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        if (session_state(headless->on[i]) == SESSION_RUNNING) {
            return false;
        }
    }
    return batch_at_rest(batch_of(headless));
}

/* Prints warnings from opening the stations. */
static void tell_warnings(struct headless *headless)
{
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        const struct session *session = headless->on[i];
        if (session_warning(session)[0]) {
            line_queue_line(headless->err, "longpress: warning: station %s: %s",
                            session_station(session)->name, session_warning(session));
        }
    }
}

int batch_task_run(struct headless *headless)
{
    struct pollfd polled[POLLED_MAX];

    tell_warnings(headless);
    headless->sessions = batch_bays_new(&headless->setup);
    for (size_t i = 0; i < headless->todo.count; i++) {
        batch_scan(batch_of(headless), batch_task_now_ns(), headless->todo.items[i], false);
    }
    for (;;) {
        int64_t now_ns = batch_task_now_ns();
        step_bays(headless);
        step_batch(headless);
        look_at_bench(headless, now_ns);
        if (is_over(headless)) {
            break;
        }
        show(headless, now_ns);
        wait_for(headless, polled);
        if (polled[POLL_SIGNALS].revents) {
            const char *signal = console_signalled(headless->signal_fd);
            if (signal) {
                stop(headless, signal);
            }
        }
        if (polled[POLL_INPUT].revents) {
            take_input(headless);
        }
    }
    batch_lines_end(headless);
    int status = batch_print_summary(headless);
    batch_bays_free(headless->sessions);
    headless->sessions = NULL;
    free(headless->runs);
    return status;
}
