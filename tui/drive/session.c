#include "tui/drive/session_internal.h"

#include "hardware/sim/sim_port.h"
#include "hardware/station/station_port.h"
#include "rig/base/clock.h"
#include "rig/base/least.h"
#include "rig/journal/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_EVENTS = 512 };

/* ---- opening and closing ---- */

static void put_in_again(struct session *session)
{
    if (session->in) {
        sim_port_put(session->port, session->in->firmware, 0, ++session->seed);
    }
}

static void open_port(struct session *session)
{
    struct diags diags = DIAGS_INIT;
    int8_t levels[BENCH_INPUTS_MAX];

    if (session->setup.bench->simulated) {
        struct sim_options options = {.rate = session->setup.rate, .seed = ++session->seed};
        session->port = sim_port_open(&diags, session->setup.station, NULL, &options);
    } else {
        session->port =
            station_port_open(&diags, session->setup.bench, session->setup.station, NULL, -1);
    }
    if (!session->port) {
        session->retry_ns = clock_mono_ns() + SESSION_RETRY_NS + session->turn_ns;
        session_words_of(&session->trouble, &diags);
        session_changed(session);
        diags_clear(&diags);
        return;
    }
    session_warning_of(session->warning, sizeof(session->warning), &diags);
    session->unguarded[0] = '\0';
    diags_clear(&diags);
    if (session->setup.rate > 1) {
        session->duty = (struct duty){0}; /* its clock began anew */
    }
    put_in_again(session);
    run_levels(session->port, session->setup.station, levels);
    scope_free(session->scope);
    session->scope =
        scope_new(session->setup.station, session->port->ops->now(session->port), levels);
}

/* It is open, and nothing came after it. */
static void open_well(struct session *session)
{
    session->trial_ns = 0;
    session->trouble = (struct session_words){.what = ""};
    if (session->state == SESSION_CLOSED) {
        session->state = SESSION_IDLE;
    }
    session_changed(session);
}

static void shut(struct session *session)
{
    session->broken = false;
    session->closing = false;
    session->trial_ns = 0;
    session->retry_ns = clock_mono_ns() + SESSION_RETRY_NS + session->turn_ns;
    session->port->ops->close(session->port);
    session->port = NULL;
    plan_jog_free(session->jog);
    session->jog = NULL;
    if (session->state == SESSION_IDLE) {
        session->state = SESSION_CLOSED;
    }
    session_changed(session);
}

struct session *session_new(const struct session_setup *setup)
{
    int8_t levels[BENCH_INPUTS_MAX];
    struct session *session = xcalloc(sizeof(*session));

    session->setup = *setup;
    session->setup.rate = setup->bench->simulated && setup->rate > 1 ? setup->rate : 1;
    session->state = SESSION_CLOSED;
    for (size_t i = 0; i < setup->bench->station_count; i++) {
        if (&setup->bench->stations[i] == setup->station) {
            session->seed = ((uint64_t)i + 1) << 32;
            session->turn_ns = (int64_t)i * SESSION_TURN_NS;
        }
    }
    memset(levels, -1, sizeof(levels));
    session->scope = scope_new(setup->station, clock_mono_ns(), levels);
    open_port(session);
    if (session->port) {
        open_well(session);
    }
    return session;
}

void session_free(struct session *session)
{
    if (!session) {
        return;
    }
    session_release(session, "longpress ended");
    int64_t end_ns = clock_mono_ns() + SESSION_END_NS;
    while (session->run.engine && clock_mono_ns() < end_ns) {
        port_wait(session->port, session->run.due_ns);
        session_run_step(session);
    }
    if (session->port) {
        shut(session);
    }
    session_run_forget(session);
    scope_free(session->scope);
    while (session->firmwares) {
        struct session_firmware *firmware = session->firmwares;
        session->firmwares = firmware->next;
        firmware_free(firmware->firmware);
    }
    arena_free(&session->arena);
    free(session);
}

/* Events of the station while no run uses it. */
static void listen(struct session *session)
{
    struct port_event event;
    int64_t now_ns = session->port->ops->now(session->port);

    for (int i = 0; i < IDLE_EVENTS && session->port->ops->next(session->port, now_ns, &event);
         i++) {
        session_hear(session, &event);
    }
}

/* ---- the loop ---- */

/* Closing would wait for a radio that is still cleaning up, and the other sessions would wait too.
 */
static bool is_closing(struct session *session)
{
    if (!session->closing) {
        session->closing = true;
        if (session->state == SESSION_IDLE) {
            session->state = SESSION_CLOSED;
        }
        if (!session->port->simulated) {
            station_port_radio(session->port, NULL);
        }
        session_changed(session);
    }
    return !session->port->simulated && station_port_tidies(session->port);
}

void session_step(struct session *session)
{
    int64_t mono_ns = clock_mono_ns();

    if (!session->port) {
        if (mono_ns < session->retry_ns) {
            return;
        }
        open_port(session);
        if (!session->port) {
            return;
        }
        session->trial_ns = mono_ns + SESSION_TRIAL_NS;
    }
    if (session->run.engine) {
        session_run_step(session);
    } else {
        listen(session);
    }
    if (session->broken && !session->run.engine && !is_closing(session)) {
        shut(session);
        return;
    }
    if (session->trial_ns && !session->closing && mono_ns >= session->trial_ns) {
        open_well(session);
    }
    uint64_t before = scope_timeline(session->scope)->count;
    scope_tick(session->scope, session->port->ops->now(session->port));
    if (scope_timeline(session->scope)->count != before) {
        session_changed(session);
    }
}

size_t session_fds(struct session *session, struct pollfd fds[SESSION_FDS_MAX])
{
    return session->port ? session->port->ops->fds(session->port, fds, SESSION_FDS_MAX) : 0;
}

int64_t session_due_ns(struct session *session)
{
    if (!session->port) {
        return session->retry_ns;
    }
    int64_t port_ns =
        least(session->port->ops->due_ns(session->port), scope_wake_ns(session->scope));
    int64_t due_ns = port_poll_ns(session->port, port_ns);
    if (session->trial_ns) {
        due_ns = least(due_ns, session->trial_ns);
    }
    return session->run.engine ? least(due_ns, session_run_due_ns(session)) : due_ns;
}

/* ---- for display ---- */

enum session_state session_state(const struct session *session)
{
    return session->state;
}

bool session_works(const struct session *session)
{
    return session->port && !session->broken && !session->closing && !session->trial_ns;
}

bool session_realtime(const struct session *session)
{
    return session->port && !session->port->simulated &&
           station_port_powers(session->port).realtime_priority > 0;
}

const struct station *session_station(const struct session *session)
{
    return session->setup.station;
}

bool session_simulated(const struct session *session)
{
    return session->setup.bench->simulated;
}

/* Its start is in the journal, its verdict is not. */
static bool is_end_unkept(const struct session *session)
{
    return session->state == SESSION_OVER && session->run.entry.handle &&
           journal_finished(session->setup.journal, session->run.entry.handle) < 0;
}

/* Bench problems first, then what a run continues without. */
static const struct session_words *words(const struct session *session)
{
    static const struct session_words unkept = {
        "the record of this run cannot be kept",
        "the verdict will be shown: write it down; the journal's message says why",
    };
    static const struct session_words spooled = {
        "the record of this run is kept in a separate file",
        "nothing is lost; it goes into the journal as soon as that can be written",
    };
    static const struct session_words late = {
        "the record of this run is not written yet; nothing is pressed until it is",
        "check the disk; release everything to cancel the run",
    };
    const struct session_words *all[] = {
        &session->trouble,
        &session->run.radio,
        !(session->run.unkept || is_end_unkept(session)) ? &session->hand
        : session_record_spooled(session)                ? &spooled
                                                         : &unkept,
        session->run.held && session->run.late ? &late : &session->hand,
        &session->hand,
    };
    size_t i = 0;
    while (i + 1 < sizeof(all) / sizeof(all[0]) && !all[i]->what[0]) {
        i++;
    }
    return all[i];
}

const char *session_trouble(const struct session *session)
{
    return words(session)->what;
}

const char *session_todo(const struct session *session)
{
    return words(session)->todo;
}

const char *session_warning(const struct session *session)
{
    return session->port ? session->warning : "";
}

const char *session_unguarded(const struct session *session)
{
    return session->port ? session->unguarded : "";
}

const char *session_notice(const struct session *session)
{
    return session->state == SESSION_OVER ? session->run.notice : "";
}

bool session_down(const struct session *session, int64_t *since_ns, int64_t *until_ns)
{
    *since_ns = session->down_ns;
    *until_ns = session->up_ns;
    return session->down != 0;
}

bool session_active(const struct session *session)
{
    return session->state == SESSION_RUNNING || session->jog || session->down != 0;
}

const struct scope *session_scope(const struct session *session)
{
    return session->scope;
}

uint64_t session_changes(const struct session *session)
{
    return session->changes;
}
