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

static void put_in_again(struct bay *bay)
{
    if (bay->in) {
        sim_port_put(bay->port, bay->in->firmware, 0, ++bay->seed);
    }
}

static void open_port(struct bay *bay)
{
    struct diags diags = DIAGS_INIT;
    int8_t levels[BENCH_INPUTS_MAX];

    if (bay->setup.bench->simulated) {
        struct sim_options options = {.rate = bay->setup.rate, .seed = ++bay->seed};
        bay->port = sim_port_open(&diags, bay->setup.station, NULL, &options);
    } else {
        bay->port = station_port_open(&diags, bay->setup.bench, bay->setup.station, NULL, -1);
    }
    if (!bay->port) {
        bay->retry_ns = clock_mono_ns() + BAY_RETRY_NS + bay->turn_ns;
        bay_words_of(&bay->trouble, &diags);
        bay_changed(bay);
        diags_clear(&diags);
        return;
    }
    bay_warning_of(bay->warning, sizeof(bay->warning), &diags);
    bay->unguarded[0] = '\0';
    diags_clear(&diags);
    if (bay->setup.rate > 1) {
        bay->duty = (struct duty){0}; /* its clock began anew */
    }
    put_in_again(bay);
    run_levels(bay->port, bay->setup.station, levels);
    scope_free(bay->scope);
    bay->scope = scope_new(bay->setup.station, bay->port->ops->now(bay->port), levels);
}

/* It is open, and nothing came after it. */
static void open_well(struct bay *bay)
{
    bay->trial_ns = 0;
    bay->trouble = (struct bay_words){.what = ""};
    if (bay->state == BAY_CLOSED) {
        bay->state = BAY_IDLE;
    }
    bay_changed(bay);
}

static void shut(struct bay *bay)
{
    bay->broken = false;
    bay->closing = false;
    bay->trial_ns = 0;
    bay->retry_ns = clock_mono_ns() + BAY_RETRY_NS + bay->turn_ns;
    bay->port->ops->close(bay->port);
    bay->port = NULL;
    jog_free(bay->jog);
    bay->jog = NULL;
    if (bay->state == BAY_IDLE) {
        bay->state = BAY_CLOSED;
    }
    bay_changed(bay);
}

struct bay *bay_new(const struct bay_setup *setup)
{
    int8_t levels[BENCH_INPUTS_MAX];
    struct bay *bay = xcalloc(sizeof(*bay));

    bay->setup = *setup;
    bay->setup.rate = setup->bench->simulated && setup->rate > 1 ? setup->rate : 1;
    bay->state = BAY_CLOSED;
    for (size_t i = 0; i < setup->bench->station_count; i++) {
        if (&setup->bench->stations[i] == setup->station) {
            bay->seed = ((uint64_t)i + 1) << 32;
            bay->turn_ns = (int64_t)i * BAY_TURN_NS;
        }
    }
    memset(levels, -1, sizeof(levels));
    bay->scope = scope_new(setup->station, clock_mono_ns(), levels);
    open_port(bay);
    if (bay->port) {
        open_well(bay);
    }
    return bay;
}

void bay_free(struct bay *bay)
{
    if (!bay) {
        return;
    }
    bay_release(bay, "longpress ended");
    int64_t end_ns = clock_mono_ns() + BAY_END_NS;
    while (bay->run.engine && clock_mono_ns() < end_ns) {
        port_wait(bay->port, bay->run.due_ns);
        bay_run_step(bay);
    }
    if (bay->port) {
        shut(bay);
    }
    bay_run_forget(bay);
    scope_free(bay->scope);
    while (bay->firmwares) {
        struct bay_firmware *firmware = bay->firmwares;
        bay->firmwares = firmware->next;
        firmware_free(firmware->firmware);
    }
    arena_free(&bay->arena);
    free(bay);
}

/* Events of the station while no run uses it. */
static void listen(struct bay *bay)
{
    struct port_event event;
    int64_t now_ns = bay->port->ops->now(bay->port);

    for (int i = 0; i < IDLE_EVENTS && bay->port->ops->next(bay->port, now_ns, &event); i++) {
        bay_hear(bay, &event);
    }
}

/* ---- the loop ---- */

/* Closing would wait for a radio that is still cleaning up, and the other bays would wait too. */
static bool is_closing(struct bay *bay)
{
    if (!bay->closing) {
        bay->closing = true;
        if (bay->state == BAY_IDLE) {
            bay->state = BAY_CLOSED;
        }
        if (!bay->port->simulated) {
            station_port_radio(bay->port, NULL);
        }
        bay_changed(bay);
    }
    return !bay->port->simulated && station_port_tidies(bay->port);
}

void bay_step(struct bay *bay)
{
    int64_t mono_ns = clock_mono_ns();

    if (!bay->port) {
        if (mono_ns < bay->retry_ns) {
            return;
        }
        open_port(bay);
        if (!bay->port) {
            return;
        }
        bay->trial_ns = mono_ns + BAY_TRIAL_NS;
    }
    if (bay->run.engine) {
        bay_run_step(bay);
    } else {
        listen(bay);
    }
    if (bay->broken && !bay->run.engine && !is_closing(bay)) {
        shut(bay);
        return;
    }
    if (bay->trial_ns && !bay->closing && mono_ns >= bay->trial_ns) {
        open_well(bay);
    }
    uint64_t before = scope_timeline(bay->scope)->count;
    scope_tick(bay->scope, bay->port->ops->now(bay->port));
    if (scope_timeline(bay->scope)->count != before) {
        bay_changed(bay);
    }
}

size_t bay_fds(struct bay *bay, struct pollfd fds[BAY_FDS_MAX])
{
    return bay->port ? bay->port->ops->fds(bay->port, fds, BAY_FDS_MAX) : 0;
}

int64_t bay_due_ns(struct bay *bay)
{
    if (!bay->port) {
        return bay->retry_ns;
    }
    int64_t port_ns = least(bay->port->ops->due_ns(bay->port), scope_wake_ns(bay->scope));
    int64_t due_ns = port_poll_ns(bay->port, port_ns);
    if (bay->trial_ns) {
        due_ns = least(due_ns, bay->trial_ns);
    }
    return bay->run.engine ? least(due_ns, bay_run_due_ns(bay)) : due_ns;
}

/* ---- for display ---- */

enum bay_state bay_state(const struct bay *bay)
{
    return bay->state;
}

bool bay_works(const struct bay *bay)
{
    return bay->port && !bay->broken && !bay->closing && !bay->trial_ns;
}

bool bay_realtime(const struct bay *bay)
{
    return bay->port && !bay->port->simulated &&
           station_port_powers(bay->port).realtime_priority > 0;
}

const struct station *bay_station(const struct bay *bay)
{
    return bay->setup.station;
}

bool bay_simulated(const struct bay *bay)
{
    return bay->setup.bench->simulated;
}

/* Its start is in the journal, its verdict is not. */
static bool is_end_unkept(const struct bay *bay)
{
    return bay->state == BAY_OVER && bay->run.entry.handle &&
           journal_finished(bay->setup.journal, bay->run.entry.handle) < 0;
}

/* Bench problems first, then what a run continues without. */
static const struct bay_words *words(const struct bay *bay)
{
    static const struct bay_words unkept = {
        "the record of this run cannot be kept",
        "the verdict will be shown: write it down; see the journal's own message",
    };
    static const struct bay_words spooled = {
        "the record of this run is kept in a separate file",
        "nothing is lost; it goes into the journal as soon as that can be written",
    };
    static const struct bay_words late = {
        "the record of this run is not written yet; nothing is pressed until it is",
        "check the disk; release everything to cancel the run",
    };
    const struct bay_words *all[] = {
        &bay->trouble,
        &bay->run.radio,
        !(bay->run.unkept || is_end_unkept(bay)) ? &bay->hand
        : bay_record_spooled(bay)                ? &spooled
                                                 : &unkept,
        bay->run.held && bay->run.late ? &late : &bay->hand,
        &bay->hand,
    };
    size_t i = 0;
    while (i + 1 < sizeof(all) / sizeof(all[0]) && !all[i]->what[0]) {
        i++;
    }
    return all[i];
}

const char *bay_trouble(const struct bay *bay)
{
    return words(bay)->what;
}

const char *bay_todo(const struct bay *bay)
{
    return words(bay)->todo;
}

const char *bay_warning(const struct bay *bay)
{
    return bay->port ? bay->warning : "";
}

const char *bay_unguarded(const struct bay *bay)
{
    return bay->port ? bay->unguarded : "";
}

const char *bay_notice(const struct bay *bay)
{
    return bay->state == BAY_OVER ? bay->run.notice : "";
}

bool bay_down(const struct bay *bay, int64_t *since_ns, int64_t *until_ns)
{
    *since_ns = bay->down_ns;
    *until_ns = bay->up_ns;
    return bay->down != 0;
}

bool bay_active(const struct bay *bay)
{
    return bay->state == BAY_RUNNING || bay->jog || bay->down != 0;
}

const struct scope *bay_scope(const struct bay *bay)
{
    return bay->scope;
}

uint64_t bay_changes(const struct bay *bay)
{
    return bay->changes;
}
