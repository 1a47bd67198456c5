#include "hardware/guard/release.h"

#include "hardware/gpio/lines.h"
#include "hardware/guard/guard.h"
#include "hardware/guard/holders.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { HOLDERS_MAX = 64, HOLDERS_EACH_MAX = 8 };

/* How long a process may take after SIGTERM, and how long a keeper after its order. */
#define ASKED_NS  (1 * NS_PER_S)
#define TOLD_NS   (300 * NS_PER_MS)
#define KILLED_NS (1 * NS_PER_S)
/* A program whose keeper is gone takes its lines, and then ends. */
#define TAKE_NS (500 * NS_PER_MS)

struct held {
    struct holder who;
    int process; /* -1: it has ended */
};

struct holding {
    struct held all[HOLDERS_MAX];
    size_t count;
};

static bool is_ours(const struct line_facts *facts)
{
    return facts->found && facts->in_use && strcmp(facts->consumer, "longpress") == 0;
}

/* ---- those who hold lines ----------------------------------------------------------------------
 */

static bool known(const struct holding *holding, pid_t pid)
{
    for (size_t i = 0; i < holding->count; i++) {
        if (holding->all[i].who.pid == pid) {
            return true;
        }
    }
    return false;
}

static void find_holders(const struct station *station, struct holding *holding)
{
    for (size_t i = 0; i < station->actuator_count; i++) {
        struct line_facts facts;
        struct holder found[HOLDERS_EACH_MAX];
        lines_read_facts(&station->actuators[i].line, &facts);
        size_t count = is_ours(&facts) ? holders_find(&facts, found, HOLDERS_EACH_MAX) : 0;
        for (size_t j = 0; j < count && holding->count < HOLDERS_MAX; j++) {
            if (!known(holding, found[j].pid)) {
                int process = (int)syscall(SYS_pidfd_open, found[j].pid, 0);
                holding->all[holding->count++] = (struct held){.who = found[j], .process = process};
            }
        }
    }
}

static void send_signal(const struct held *held, int signal_number)
{
    if (held->process >= 0) {
        syscall(SYS_pidfd_send_signal, held->process, signal_number, NULL, 0);
    }
}

static bool has_ended(struct held *held)
{
    struct pollfd polled = {.fd = held->process, .events = POLLIN};
    if (held->process >= 0 && poll(&polled, 1, 0) == 1) {
        close(held->process);
        held->process = -1;
    }
    return held->process < 0;
}

/* Until all keepers have ended, or it took too long. True when they have. */
static bool wait_for_keepers(struct holding *holding, int64_t patience_ns)
{
    static const struct timespec pause = {.tv_nsec = NS_PER_MS};
    int64_t end_ns = clock_mono_ns() + patience_ns;

    for (;;) {
        bool all = true;
        for (size_t i = 0; i < holding->count; i++) {
            all = (has_ended(&holding->all[i]) || !holding->all[i].who.keeper) && all;
        }
        if (all || clock_mono_ns() >= end_ns) {
            return all;
        }
        nanosleep(&pause, NULL);
    }
}

static void signal_keepers(struct holding *holding, int signal_number)
{
    for (size_t i = 0; i < holding->count; i++) {
        if (holding->all[i].who.keeper) {
            send_signal(&holding->all[i], signal_number);
        }
    }
}

static size_t ask_owners(const struct holding *holding)
{
    size_t asked = 0;
    for (size_t i = 0; i < holding->count; i++) {
        pid_t owner = holding->all[i].who.owner;
        bool before = false;
        for (size_t j = 0; j < i; j++) {
            before = before || holding->all[j].who.owner == owner;
        }
        asked += owner > 0 && !before && kill(owner, SIGTERM) == 0;
    }
    return asked;
}

/* Everything that holds lines and could press releases them, by its own means first. */
static void end_holders(struct holding *holding, struct release *release)
{
    release->ended = ask_owners(holding);
    if (wait_for_keepers(holding, ASKED_NS)) {
        return;
    }
    signal_keepers(holding, SIGTERM);
    if (wait_for_keepers(holding, TOLD_NS)) {
        return;
    }
    for (size_t i = 0; i < holding->count; i++) {
        release->killed += holding->all[i].who.keeper && !has_ended(&holding->all[i]);
    }
    signal_keepers(holding, SIGKILL);
    wait_for_keepers(holding, KILLED_NS);
}

/* ---- the lines ---------------------------------------------------------------------------------
 */

/* A program that outlived its keeper took the lines as it does, inactive. */
static bool held_without_keeper(const struct line_facts *facts)
{
    struct holder found[HOLDERS_EACH_MAX];
    size_t count = holders_find(facts, found, HOLDERS_EACH_MAX);
    for (size_t i = 0; i < count; i++) {
        if (found[i].keeper) {
            return false;
        }
    }
    return count > 0;
}

static int release_line(struct diags *diags, const struct line_ref *ref, struct release *release)
{
    static const struct timespec pause = {.tv_nsec = 5 * NS_PER_MS};
    int64_t end_ns = clock_mono_ns() + TAKE_NS;

    for (;;) {
        struct diags wrong = DIAGS_INIT;
        struct line_facts facts;
        struct output_lines *lines = lines_output_open(&wrong, &ref, 1);
        if (lines) {
            lines_output_close(lines);
            diags_clear(&wrong);
            release->released++;
            return 0;
        }
        lines_read_facts(ref, &facts);
        bool guarded = facts.in_use && strcmp(facts.consumer, GUARD_CONSUMER) == 0;
        bool late = clock_mono_ns() >= end_ns;
        bool held = late && is_ours(&facts) && held_without_keeper(&facts);
        diags_clear(&wrong);
        if (guarded || held) {
            release->guarded += guarded;
            release->held += held;
            return 0;
        }
        if (!is_ours(&facts) || late) {
            lines = lines_output_open(diags, &ref, 1);
            lines_output_close(lines);
            release->released += lines != NULL;
            return lines ? 0 : -1;
        }
        nanosleep(&pause, NULL);
    }
}

int release_stations(struct diags *diags, const struct station *const *stations, size_t count,
                     struct release *release)
{
    struct holding holding = {.count = 0};
    int result = 0;

    *release = (struct release){0};
    for (size_t i = 0; i < count; i++) {
        find_holders(stations[i], &holding);
    }
    end_holders(&holding, release);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < stations[i]->actuator_count; j++) {
            if (release_line(diags, &stations[i]->actuators[j].line, release) != 0) {
                result = -1;
            }
        }
    }
    for (size_t i = 0; i < holding.count; i++) {
        if (holding.all[i].process >= 0) {
            close(holding.all[i].process);
        }
    }
    return result;
}
