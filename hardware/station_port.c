/* A real station: orders go to the keeper, edges come from the kernel, and both come out as one
 * stream of events. */
#include "hardware/station_port.h"

#include "hardware/lines.h"
#include "rig/arena.h"
#include "rig/units.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum {
    EDGES_MAX = 1024,
    EVENTS_MAX = 64,
    WHERE_MAX = 140,
    POLLED_MAX = LINES_MAX + 2 + RADIO_FDS_MAX,
};

static_assert((int)BENCH_INPUTS_MAX <= (int)LINES_MAX, "all inputs of a station can be opened");
static_assert(EVENTS_MAX > BENCH_INPUTS_MAX + 8, "there is room for one event of every input");

/* What a person or a lid moves is told once it has been at rest for so long. */
#define QUIET_NS (5 * NS_PER_MS)
/* A release that was ordered is told within that, or the keeper is taken for dead. */
#define SETTLE_NS (600 * NS_PER_MS)

/* What the keeper's process opens, by itself. */
struct station_lines {
    const struct line_ref *outputs[BENCH_ACTUATORS_MAX];
    size_t output_count;
    const struct line_ref *estop; /* NULL: none */
};

/* An input that is told only when it is at rest. */
struct resting {
    bool moving;
    bool level;
    int64_t last_ns;
};

struct station_port {
    struct port port;
    const struct station *station;
    struct station_lines lines;
    char where[BENCH_ACTUATORS_MAX][WHERE_MAX];
    struct keeper *keeper;
    bool busy; /* a press is ordered or going on */
    bool estopped;
    int64_t heartbeat_ns;
    int64_t beat_ns; /* of the last one */
    struct input_lines *inputs;
    size_t input_count;
    unsigned input_of[BENCH_INPUTS_MAX]; /* index in the station of each opened line */
    bool inputs_gone;
    struct resting resting[BENCH_INPUTS_MAX];
    unsigned lost[BENCH_INPUTS_MAX];
    struct radio *radio;               /* NULL: none */
    struct line_edge edges[EDGES_MAX]; /* taken in, in order of time */
    size_t edge_first;
    size_t edge_count;
    struct port_event events[EVENTS_MAX]; /* everything but edges, in order of time */
    size_t event_count;
};

static struct station_port *self_of(struct port *port)
{
    return (struct station_port *)(void *)port;
}

static int64_t now_of(struct port *port)
{
    struct timespec now;
    (void)port;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* ---- the keeper's lines ------------------------------------------------------------------------
 */

struct opened_lines {
    struct output_lines *outputs;
    struct input_lines *estop;
};

static void close_lines(void *context)
{
    struct opened_lines *opened = context;
    output_lines_close(opened->outputs);
    input_lines_close(opened->estop);
    free(opened);
}

static void *open_lines(void *context, struct diags *diags)
{
    const struct station_lines *lines = context;
    struct opened_lines *opened = xrealloc_array(NULL, 1, sizeof(*opened));
    opened->outputs = output_lines_open(diags, lines->outputs, lines->output_count);
    opened->estop = lines->estop ? input_lines_open(diags, &lines->estop, 1) : NULL;
    if (!opened->outputs || (lines->estop && !opened->estop)) {
        close_lines(opened);
        return NULL;
    }
    return opened;
}

static int set_lines(void *context, uint32_t mask, bool active)
{
    const struct opened_lines *opened = context;
    return output_lines_set(opened->outputs, mask, active);
}

static size_t lines_fds(void *context, int fds[KEEPER_FDS_MAX])
{
    const struct opened_lines *opened = context;
    static_assert((int)KEEPER_FDS_MAX >= (int)LINES_MAX, "one for each chip");
    return output_lines_fds(opened->outputs, fds);
}

static int estop_fd(void *context)
{
    const struct opened_lines *opened = context;
    int fds[LINES_MAX];
    return opened->estop && input_lines_fds(opened->estop, fds) == 1 ? fds[0] : -1;
}

static int estop_level(void *context)
{
    const struct opened_lines *opened = context;
    struct line_edge edges[16];
    unsigned lost = 0;
    int count;
    do {
        count = input_lines_read(opened->estop, edges, 16, &lost);
    } while (count == 16);
    return count < 0 ? -1 : input_lines_level(opened->estop, 0);
}

static const struct keeper_lines_ops lines_ops = {
    .open = open_lines,
    .set = set_lines,
    .close = close_lines,
    .fds = lines_fds,
    .estop_fd = estop_fd,
    .estop_level = estop_level,
};

/* ---- events ------------------------------------------------------------------------------------
 */

/* Room for an event, in order of time; NULL when there is none left. */
static struct port_event *add_event(struct station_port *self, enum port_event_kind kind,
                                    int64_t time_ns)
{
    size_t at = self->event_count;
    if (at == EVENTS_MAX) {
        return NULL;
    }
    while (at > 0 && self->events[at - 1].time_ns > time_ns) {
        at--;
    }
    memmove(self->events + at + 1, self->events + at,
            (self->event_count - at) * sizeof(self->events[0]));
    self->event_count++;
    self->events[at] = (struct port_event){.kind = kind, .time_ns = time_ns, .input = -1};
    return &self->events[at];
}

/* "gpiochip0:17 (power), gpiochip0:18 (nc)"; of all lines when `mask` is empty. */
static void where_of(const struct station_port *self, uint32_t mask, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < self->station->actuator_count && used < size; i++) {
        if (mask == 0 || (mask >> i & 1)) {
            used +=
                (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", self->where[i]);
        }
    }
}

static void fault_texts(const struct station_port *self, const struct keeper_report *report,
                        struct port_event *event)
{
    static const char *const doctor = "run `longpress doctor` for this bench";
    char where[PORT_TEXT_MAX / 2];
    char length[DURATION_TEXT_MAX];
    const char *todo = doctor;

    where_of(self, report->mask, where, sizeof(where));
    switch (report->fault) {
    case FAULT_PRESS_WRITE:
        snprintf(event->text, sizeof(event->text), "%s could not be written: %s", where,
                 strerror(report->error));
        break;
    case FAULT_RELEASE_WRITE:
        snprintf(event->text, sizeof(event->text), "%s could not be released: %s", where,
                 strerror(report->error));
        break;
    case FAULT_CHIP_GONE:
        snprintf(event->text, sizeof(event->text), "the GPIO chip went away: %s", where);
        todo = "bring it back (`dmesg` says why it went), then run `longpress doctor`";
        break;
    case FAULT_ESTOP_GONE:
        snprintf(event->text, sizeof(event->text),
                 "the e-stop can no longer be read; the keeper let go");
        todo = "see `dmesg` for why its chip went, then run `longpress doctor`";
        break;
    case FAULT_SILENCE:
        snprintf(event->text, sizeof(event->text),
                 "longpress stood still in the middle of a press for longer than the heartbeat of "
                 "%s; the keeper let go",
                 duration_format(length, self->heartbeat_ns));
        todo = "do not stop or suspend it in a run; on a busy machine, raise `keeper: heartbeat`";
        break;
    case FAULT_LIMIT:
        snprintf(event->text, sizeof(event->text), "%s reached its `max_on`; the keeper let go",
                 where);
        break;
    case FAULT_NONSENSE:
        snprintf(event->text, sizeof(event->text),
                 "the keeper was sent something that is no message, and let go");
        break;
    case FAULT_TERMINATED:
        snprintf(event->text, sizeof(event->text),
                 "the keeper process was sent SIGTERM, and let go");
        todo = "end longpress itself, not its keeper";
        break;
    case FAULT_DIED:
        if (WIFSIGNALED(report->error)) {
            snprintf(event->text, sizeof(event->text), "the keeper process was killed by signal %d",
                     WTERMSIG(report->error));
        } else {
            snprintf(event->text, sizeof(event->text), "the keeper process ended by itself");
        }
        break;
    case FAULT_HUNG:
        snprintf(event->text, sizeof(event->text),
                 "the keeper process did not answer in time, and was killed");
        break;
    }
    if (report->unsafe) {
        snprintf(event->text2, sizeof(event->text2),
                 "nobody could make its lines inactive: cut the actuators' power, then %s", todo);
    } else {
        snprintf(event->text2, sizeof(event->text2), "its lines were made inactive; %s", todo);
    }
}

static void add_report(struct station_port *self, const struct keeper_report *report)
{
    struct port_event *event = NULL;

    switch (report->kind) {
    case KEEPER_PRESSED:
    case KEEPER_RELEASED:
        event = add_event(self, report->kind == KEEPER_PRESSED ? PORT_PRESSED : PORT_RELEASED,
                          report->at_ns);
        if (report->kind == KEEPER_RELEASED) {
            self->busy = false;
        }
        break;
    case KEEPER_ESTOP:
        self->estopped = true;
        event = add_event(self, PORT_ESTOP, report->at_ns);
        break;
    case KEEPER_REFUSED:
        self->busy = false;
        /* Refused for the e-stop: that is told by itself. */
        if (report->error != ECANCELED && (event = add_event(self, PORT_FAULT, report->at_ns))) {
            snprintf(event->text, sizeof(event->text), "the keeper refused press %u: %s",
                     report->press, strerror(report->error));
            snprintf(event->text2, sizeof(event->text2), "run `longpress doctor` for this bench");
        }
        break;
    case KEEPER_FAULT:
        self->busy = false;
        event = add_event(self, PORT_FAULT, report->at_ns);
        if (event) {
            fault_texts(self, report, event);
        }
        break;
    }
    if (event) {
        event->press = report->press;
        event->mask = report->mask;
        event->early = report->early;
        event->at_ns = report->at_ns;
        event->until_ns = report->until_ns;
    }
}

/* Room is left for what else may come in between. */
static void read_keeper(struct station_port *self)
{
    struct keeper_report report;
    while (self->event_count < EVENTS_MAX / 2 && keeper_read(self->keeper, &report)) {
        add_report(self, &report);
    }
}

/* The inputs are gone: nobody watches any more, so nothing may stay pressed. */
static void inputs_gone(struct station_port *self, int error)
{
    int64_t end_ns = now_of(&self->port) + SETTLE_NS;

    self->inputs_gone = true;
    keeper_release(self->keeper);
    while (self->busy && now_of(&self->port) < end_ns) {
        struct pollfd polled = {.fd = keeper_fd(self->keeper), .events = POLLIN};
        poll(&polled, 1, 10);
        read_keeper(self);
    }
    struct port_event *event = add_event(self, PORT_FAULT, now_of(&self->port));
    if (event) {
        snprintf(event->text, sizeof(event->text), "%s can no longer be read: %s",
                 input_lines_gone(self->inputs), strerror(error));
        snprintf(event->text2, sizeof(event->text2),
                 "see `dmesg` for why its chip went, then run `longpress doctor`");
    }
}

static bool rests(const struct station_port *self, unsigned line)
{
    return self->station->inputs[self->input_of[line]].role == INPUT_QUESTION;
}

/* Take in what the kernel has. Edges of what has to come to rest first go no further. */
static void read_inputs(struct station_port *self)
{
    if (!self->inputs || self->edge_count > 0) {
        return;
    }
    int count = input_lines_read(self->inputs, self->edges, EDGES_MAX, self->lost);
    if (count < 0) {
        if (!self->inputs_gone) {
            inputs_gone(self, errno);
        }
        return;
    }
    self->edge_first = 0;
    for (int i = 0; i < count; i++) {
        const struct line_edge *edge = &self->edges[i];
        if (rests(self, edge->input)) {
            self->resting[edge->input].moving = true;
            self->resting[edge->input].last_ns = edge->time_ns;
        } else {
            self->edges[self->edge_count++] = *edge;
        }
    }
}

static void tell_lost(struct station_port *self, int64_t now_ns)
{
    for (unsigned i = 0; i < self->input_count; i++) {
        if (self->lost[i] == 0) {
            continue;
        }
        /* Bounces that melted into one are no loss where only the rest counts. */
        if (!rests(self, i)) {
            struct port_event *event = add_event(self, PORT_LOST, now_ns);
            if (!event) {
                return;
            }
            event->input = (int16_t)self->input_of[i];
            event->count = self->lost[i];
        }
        self->lost[i] = 0;
    }
}

static void tell_rested(struct station_port *self, int64_t now_ns)
{
    for (unsigned i = 0; i < self->input_count; i++) {
        struct resting *resting = &self->resting[i];
        if (!resting->moving || now_ns < resting->last_ns + QUIET_NS) {
            continue;
        }
        resting->moving = false;
        int level = input_lines_level(self->inputs, i);
        struct port_event *event = NULL;
        if (level >= 0 && level != resting->level) {
            event = add_event(self, PORT_EDGE, resting->last_ns + QUIET_NS);
        }
        if (event) {
            resting->level = level == 1;
            event->input = (int16_t)self->input_of[i];
            event->level = (uint8_t)level;
        }
    }
}

/* Edges and presses go first: what the radio tells is bounded, and never more than its share. */
static void read_radio(struct station_port *self)
{
    struct port_event heard;
    if (!self->radio) {
        return;
    }
    radio_process(self->radio);
    while (self->event_count < EVENTS_MAX / 2 && radio_event(self->radio, &heard)) {
        struct port_event *event = add_event(self, PORT_RADIO, heard.time_ns);
        if (event) {
            *event = heard;
        }
    }
}

/* The earliest of what has been taken in, if it is not after `until_ns`. */
static bool take_event(struct station_port *self, int64_t until_ns, struct port_event *event)
{
    const struct line_edge *edge = self->edge_count > 0 ? &self->edges[self->edge_first] : NULL;
    const struct port_event *other = self->event_count > 0 ? &self->events[0] : NULL;

    if (edge && (!other || edge->time_ns < other->time_ns)) {
        if (edge->time_ns > until_ns) {
            return false;
        }
        *event = (struct port_event){.kind = PORT_EDGE,
                                     .time_ns = edge->time_ns,
                                     .input = (int16_t)self->input_of[edge->input],
                                     .level = edge->level};
        self->edge_first++;
        self->edge_count--;
        return true;
    }
    if (!other || other->time_ns > until_ns) {
        return false;
    }
    *event = *other;
    self->event_count--;
    memmove(self->events, self->events + 1, self->event_count * sizeof(self->events[0]));
    return true;
}

/* ---- waiting -----------------------------------------------------------------------------------
 */

static void beat(struct station_port *self, int64_t now_ns)
{
    if (now_ns - self->beat_ns >= self->heartbeat_ns / 4) {
        keeper_beat(self->keeper);
        self->beat_ns = now_ns;
    }
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Wait for anything, `until_ns` at the latest. False when the caller asked to be woken. */
static bool wait_for(struct station_port *self, int64_t now_ns, int64_t until_ns)
{
    struct pollfd polled[POLLED_MAX];
    int fds[LINES_MAX];
    nfds_t count = 0;

    polled[count++] = (struct pollfd){.fd = self->port.wake_fd, .events = POLLIN};
    polled[count++] = (struct pollfd){.fd = keeper_fd(self->keeper), .events = POLLIN};
    size_t input_fds = self->inputs ? input_lines_fds(self->inputs, fds) : 0;
    for (size_t i = 0; i < input_fds; i++) {
        polled[count++] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    }
    if (self->radio) {
        count += radio_fds(self->radio, polled + count);
        until_ns = least(until_ns, radio_due_ns(self->radio));
    }
    int64_t wake_ns = least(until_ns, keeper_due_ns(self->keeper));
    wake_ns = least(wake_ns, self->beat_ns + self->heartbeat_ns / 4);
    for (unsigned i = 0; i < self->input_count; i++) {
        if (self->resting[i].moving) {
            wake_ns = least(wake_ns, self->resting[i].last_ns + QUIET_NS);
        }
    }
    if (self->inputs && input_lines_pending(self->inputs)) {
        wake_ns = now_ns;
    }
    int64_t left_ns = wake_ns > now_ns ? wake_ns - now_ns : 0;
    struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
    return ppoll(polled, count, &left, NULL) <= 0 || !polled[0].revents;
}

static bool next_event(struct port *port, int64_t until_ns, struct port_event *event)
{
    struct station_port *self = self_of(port);

    for (;;) {
        int64_t now_ns = now_of(port);
        beat(self, now_ns);
        if (self->edge_count == 0) {
            read_inputs(self);
            read_keeper(self);
            tell_lost(self, now_ns);
            tell_rested(self, now_ns);
            read_radio(self);
        }
        if (take_event(self, until_ns, event)) {
            return true;
        }
        if (now_ns >= until_ns || !wait_for(self, now_ns, until_ns)) {
            return false;
        }
    }
}

/* ---- the other operations ----------------------------------------------------------------------
 */

static int press(struct port *port, const struct press_order *order)
{
    struct station_port *self = self_of(port);
    if (keeper_press(self->keeper, order) != 0) {
        return -1;
    }
    self->busy = true;
    self->beat_ns = now_of(port);
    return 0;
}

static void release(struct port *port)
{
    keeper_release(self_of(port)->keeper);
}

static void radio(struct port *port, enum radio_command command, const char *text)
{
    struct station_port *self = self_of(port);
    if (self->radio) {
        radio_command(self->radio, command, text);
    } else if (command == RADIO_START_WATCH) {
        struct port_event *event = add_event(self, PORT_RADIO, now_of(port));
        if (event) {
            event->radio = RADIO_ABSENT;
            snprintf(event->text, sizeof(event->text),
                     "no Bluetooth adapter is configured on this station");
        }
    }
}

/* 1, 0, or -1 with errno. */
static int level_of(struct port *port, unsigned input)
{
    struct station_port *self = self_of(port);

    if (input < self->station->input_count && self->station->inputs[input].role == INPUT_ESTOP) {
        return self->estopped;
    }
    for (unsigned i = 0; i < self->input_count; i++) {
        if (self->input_of[i] == input) {
            return input_lines_level(self->inputs, i);
        }
    }
    errno = EINVAL;
    return -1;
}

/* A unit that tells its charge over the radio answers for itself. */
static bool ask_radio(struct station_port *self, const char *question)
{
    int percent = self->radio && strcmp(question, "battery") == 0 ? radio_battery(self->radio) : -1;
    struct port_event *event =
        percent >= 0 ? add_event(self, PORT_ANSWER, now_of(&self->port)) : NULL;
    if (event) {
        event->by = ANSWER_BY_RADIO;
        snprintf(event->text, sizeof(event->text), "%s", question);
        snprintf(event->text2, sizeof(event->text2), "%d %%", percent);
    }
    return event != NULL;
}

static bool ask(struct port *port, const char *question)
{
    struct station_port *self = self_of(port);

    for (unsigned i = 0; i < self->station->input_count; i++) {
        const struct input *input = &self->station->inputs[i];
        if (input->role != INPUT_QUESTION || strcmp(input->question, question) != 0) {
            continue;
        }
        int level = level_of(port, i);
        const char *answer = level == 1 ? input->when_active : input->when_inactive;
        struct port_event *event =
            level >= 0 && answer ? add_event(self, PORT_ANSWER, now_of(port)) : NULL;
        if (event) {
            event->by = ANSWER_BY_INPUT;
            event->input = (int16_t)i;
            snprintf(event->text, sizeof(event->text), "%s", question);
            snprintf(event->text2, sizeof(event->text2), "%s", answer);
            return true;
        }
    }
    return ask_radio(self, question);
}

static void close_port(struct port *port)
{
    struct station_port *self = self_of(port);
    keeper_stop(self->keeper);
    input_lines_close(self->inputs);
    radio_close(self->radio);
    free(self);
}

static const struct port_ops station_ops = {
    .now = now_of,
    .next = next_event,
    .press = press,
    .release = release,
    .radio = radio,
    .ask = ask,
    .level = level_of,
    .close = close_port,
};

/* ---- opening -----------------------------------------------------------------------------------
 */

static struct keeper *start_keeper(struct station_port *self, struct diags *diags,
                                   const struct bench *bench)
{
    const struct station *station = self->station;
    struct keeper_config config = {
        .ops = &lines_ops,
        .context = &self->lines,
        .line_count = (unsigned)station->actuator_count,
        .interlock = station->interlock,
        .heartbeat_ns = bench->heartbeat_ns,
        .spin_ns = bench->spin_ns,
        .realtime_priority = bench->realtime_priority,
    };
    int estop = station_input(station, INPUT_ESTOP);

    self->lines.estop = estop >= 0 ? &station->inputs[estop].line : NULL;
    for (size_t i = 0; i < station->actuator_count; i++) {
        struct line_facts facts;
        self->lines.outputs[self->lines.output_count++] = &station->actuators[i].line;
        config.max_on_ns[i] = station->actuators[i].max_on_ns;
        line_facts_read(&station->actuators[i].line, &facts);
        line_where(self->where[i], sizeof(self->where[i]), &facts);
    }
    struct keeper *keeper = keeper_start(diags, &config);
    if (keeper && bench->realtime_priority > 0 && !keeper_powers(keeper).realtime_priority) {
        diag_warning(diags, place_of("keeper"),
                     "presses are less exact; see `longpress doctor` for how to allow it",
                     "real-time priority %d was refused", bench->realtime_priority);
    }
    return keeper;
}

/* True when all inputs (if there are any) are ours. */
static bool open_inputs(struct station_port *self, struct diags *diags)
{
    const struct line_ref *refs[BENCH_INPUTS_MAX];

    for (unsigned i = 0; i < self->station->input_count; i++) {
        if (self->station->inputs[i].role != INPUT_ESTOP) {
            refs[self->input_count] = &self->station->inputs[i].line;
            self->input_of[self->input_count++] = i;
        }
    }
    if (self->input_count == 0) {
        return true;
    }
    self->inputs = input_lines_open(diags, refs, self->input_count);
    if (!self->inputs) {
        return false;
    }
    for (unsigned i = 0; i < self->input_count; i++) {
        self->resting[i].level = input_lines_level(self->inputs, i) == 1;
    }
    return true;
}

struct port *station_port_open(struct diags *diags, const struct bench *bench,
                               const struct station *station, const struct radio_setup *setup,
                               int wake_fd)
{
    struct station_port *self = xrealloc_array(NULL, 1, sizeof(*self));
    memset(self, 0, sizeof(*self));
    self->port = (struct port){.ops = &station_ops, .wake_fd = wake_fd};
    self->station = station;
    self->heartbeat_ns = bench->heartbeat_ns;
    self->keeper = start_keeper(self, diags, bench);
    /* Even without a keeper: all lines that cannot be had are told in one go. */
    if (!open_inputs(self, diags) || !self->keeper) {
        close_port(&self->port);
        return NULL;
    }
    /* After the keeper was forked: it has no business on the bus. */
    self->radio = setup ? radio_open(setup) : NULL;
    return &self->port;
}

struct keeper_powers station_port_powers(const struct port *port)
{
    return keeper_powers(((const struct station_port *)(const void *)port)->keeper);
}
