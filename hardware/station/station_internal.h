/*
 * The parts of a station's port; only for hardware/station/station_*.c.
 *
 * station_port.c is the port, which none of the others uses; station_lines.c is what its keeper
 * writes to; station_events.c reads keeper, inputs and radio, and station_queue.c queues their
 * events; station_faults.c has the messages for faults; station_wait.c knows what to wait for.
 */
#ifndef LONGPRESS_HARDWARE_STATION_INTERNAL_H
#define LONGPRESS_HARDWARE_STATION_INTERNAL_H

#include "hardware/gpio/lines.h"
#include "hardware/keeper/keeper.h"
#include "hardware/radio/radio.h"
#include "rig/base/units.h"
#include "rig/run/port.h"

enum {
    EDGES_MAX = 1024,
    EVENTS_MAX = 64,
    WHERE_MAX = 140,
    STATION_FDS_MAX = LINES_MAX + 1 + 2 * RADIO_FDS_MAX,
};

/* What a person or a lid moves is told once it has been at rest for so long. */
#define QUIET_NS (5 * NS_PER_MS)

/* What the keeper's process opens, by itself. */
struct station_lines {
    const struct line_ref *outputs[BENCH_ACTUATORS_MAX];
    size_t output_count;
    const struct line_ref *estop; /* NULL: none */
    struct guard_wish guard;
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
    bool unguarded; /* nobody guards its lines any more, which was told */
    int64_t heartbeat_ns;
    int64_t beat_ns; /* of the last one */
    struct input_lines *inputs;
    size_t input_count;
    unsigned input_of[BENCH_INPUTS_MAX]; /* index in the station of each opened line */
    int inputs_gone;                     /* errno; 0: they are there */
    int64_t gone_settled_ns;             /* inputs_gone: it is told then at the latest */
    bool gone_told;
    struct resting resting[BENCH_INPUTS_MAX];
    unsigned lost[BENCH_INPUTS_MAX];
    struct radio *radio;   /* NULL: none */
    struct radio *leaving; /* the one before, tidying up; NULL: none */
    bool radio_waits;      /* `next_radio` begins when that is done ... */
    bool watch_waits;      /* ... and is to watch at once */
    struct radio_setup next_radio;
    struct line_edge edges[EDGES_MAX]; /* taken in, in order of time */
    size_t edge_first;
    size_t edge_count;
    struct port_event events[EVENTS_MAX]; /* everything but edges, in order of time */
    size_t event_count;
};

static inline struct station_port *station_of(struct port *port)
{
    return (struct station_port *)(void *)port;
}

/* station_radio.c: the one before may have left. */
void station_radio_process(struct station_port *self);
void station_radio_command(struct station_port *self, enum radio_command command, const char *text);
int64_t station_radio_due_ns(const struct station_port *self);
/* At most 2 * RADIO_FDS_MAX. */
size_t station_radio_fds(const struct station_port *self, struct pollfd *fds);
void station_radio_close(struct station_port *self);

/* station_lines.c: fork the keeper with the station's actuators and its e-stop. NULL after an
 * error. */
struct keeper *station_start_keeper(struct station_port *self, struct diags *diags,
                                    const struct bench *bench);

/* station_faults.c: what went wrong, where, and what to do, into the event's two texts. */
void station_fault_texts(const struct station_port *self, const struct keeper_report *report,
                         struct port_event *event);
void station_inputs_gone_texts(const struct station_port *self, struct port_event *event);

/* station_queue.c */

/* Room for an event, in order of time; NULL when there is none left. */
struct port_event *station_add_event(struct station_port *self, enum port_event_kind kind,
                                     int64_t time_ns);
/* The earliest of what has been taken in, if it is not after `until_ns`. */
bool station_take_event(struct station_port *self, int64_t until_ns, struct port_event *event);

/* station_events.c: take in all there is to know at `now_ns`. Never waits. */
void station_take_in(struct station_port *self, int64_t now_ns);

/* station_wait.c */

/* Be heard by the keeper, when it is time for that. */
void station_beat(struct station_port *self, int64_t now_ns);
/* The operations `fds` and `due_ns`. */
size_t station_fds(struct port *port, struct pollfd *fds, size_t size);
int64_t station_due_ns(struct port *port);

#endif
