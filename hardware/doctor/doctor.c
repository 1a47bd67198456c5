#include "hardware/doctor/doctor.h"

#include "hardware/gpio/lines.h"
#include "hardware/guard/guard.h"
#include "rig/base/arena.h"
#include "rig/base/text.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static const char machine[] = "machine";

void doctor_add(struct doctor *doctor, enum doctor_state state, const char *about, const char *todo,
                const char *fmt, ...)
{
    char what[400];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    doctor->lines = xrealloc_array(doctor->lines, doctor->count + 1, sizeof(*doctor->lines));
    struct doctor_line *line = &doctor->lines[doctor->count++];
    *line = (struct doctor_line){.state = state};
    text_printable(line->about, sizeof(line->about), about);
    text_printable(line->what, sizeof(line->what), what);
    text_printable(line->todo, sizeof(line->todo), todo ? todo : "");
}

/* ---- the machine -------------------------------------------------------------------------------
 */

static bool kernel_is_realtime(const struct utsname *name)
{
    char flag = '0';
    FILE *file = fopen("/sys/kernel/realtime", "re");
    if (file) {
        flag = (char)fgetc(file);
        fclose(file);
    }
    return flag == '1' || strstr(name->version, "PREEMPT_RT");
}

static void look_at_kernel(struct doctor *doctor)
{
    struct utsname name;

    doctor_add(doctor, DOCTOR_OK, machine, NULL, "libgpiod %s, kernel interface v%d%s",
               lines_library_version(), lines_uapi(),
               lines_uapi() == 1 ? " (lost edges are detected, but not counted)" : "");
    if (uname(&name) != 0) {
        return;
    }
    if (kernel_is_realtime(&name)) {
        doctor_add(doctor, DOCTOR_OK, machine, NULL, "Linux %s, PREEMPT_RT", name.release);
    } else {
        doctor_add(doctor, DOCTOR_WARN, machine,
                   "for exact presses on a busy machine, boot a kernel with PREEMPT_RT "
                   "(Debian: linux-image-rt-amd64 or -arm64)",
                   "Linux %s, without PREEMPT_RT", name.release);
    }
}

enum { GRANTED_PRIORITY = 1, GRANTED_MEMORY = 2 };

/* What this user's processes are granted, tried in a throwaway process: a mask. */
static int try_powers(int priority)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct sched_param param = {.sched_priority = priority};
        int granted = 0;
        if (sched_setscheduler(0, SCHED_FIFO, &param) == 0) {
            granted |= GRANTED_PRIORITY;
        }
        if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0) {
            granted |= GRANTED_MEMORY;
        }
        _exit(granted);
    }
    int status = 0;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static void look_at_powers(struct doctor *doctor, const struct bench *bench)
{
    int priority = bench ? bench->realtime_priority : 50;
    int granted = try_powers(priority > 0 ? priority : 1);
    char todo[400];
    struct rlimit limit;

    if (priority == 0) {
        doctor_add(doctor, DOCTOR_OK, machine, NULL,
                   "real-time priority: not requested by the bench");
    } else if (granted & GRANTED_PRIORITY) {
        doctor_add(doctor, DOCTOR_OK, machine, NULL, "real-time priority %d: granted", priority);
    } else {
        limit.rlim_cur = 0;
        getrlimit(RLIMIT_RTPRIO, &limit);
        snprintf(todo, sizeof(todo),
                 "write `@gpio - rtprio %d` into /etc/security/limits.d/longpress.conf, be in the "
                 "group gpio, and log in again",
                 priority);
        doctor_add(doctor, DOCTOR_WARN, machine, todo,
                   "real-time priority %d: refused (limit %llu): presses are less exact", priority,
                   (unsigned long long)limit.rlim_cur);
    }
    if (granted & GRANTED_MEMORY) {
        doctor_add(doctor, DOCTOR_OK, machine, NULL, "memory lock: granted");
    } else {
        limit.rlim_cur = 0;
        getrlimit(RLIMIT_MEMLOCK, &limit);
        doctor_add(
            doctor, DOCTOR_WARN, machine,
            "write `@gpio - memlock unlimited` into /etc/security/limits.d/longpress.conf, be in "
            "the group gpio, and log in again",
            "memory lock: refused (limit %llu kB): presses are less exact when memory is short",
            (unsigned long long)limit.rlim_cur / 1024);
    }
}

/* How many chips can be opened. None at all is bad where a bench needs them. */
static size_t look_at_chips(struct doctor *doctor, bool needed)
{
    struct chip_facts chips[CHIPS_MAX];
    size_t count = lines_list_chips(chips);
    size_t usable = 0;

    for (size_t i = 0; i < count; i++) {
        if (chips[i].permitted) {
            doctor_add(doctor, DOCTOR_OK, machine, NULL, "%s (%s): %u lines", chips[i].name,
                       chips[i].label, chips[i].line_count);
            usable++;
            continue;
        }
        char what[200];
        char todo[400];
        lines_permission(chips[i].path, what, sizeof(what), todo, sizeof(todo));
        doctor_add(doctor, DOCTOR_WARN, machine, todo, "%s: %s", chips[i].name, what);
    }
    if (count == 0) {
        doctor_add(doctor, needed ? DOCTOR_BAD : DOCTOR_WARN, machine,
                   "run it on the machine that the bench is wired to; without hardware there is "
                   "`--bench sim`",
                   "no GPIO chip (/dev/gpiochip*)");
    }
    return usable;
}

/* ---- stations ----------------------------------------------------------------------------------
 */

static bool look_at_line(struct doctor *doctor, const char *about, const char *what,
                         const struct line_ref *ref)
{
    struct line_facts facts;
    char where[160];

    lines_read_facts(ref, &facts);
    if (facts.found && facts.in_use && strcmp(facts.consumer, GUARD_CONSUMER) == 0) {
        doctor_add(doctor, DOCTOR_OK, about, NULL,
                   "%s: %s: held inactive by the guard since a run was cut off; the next one takes "
                   "it over",
                   what, lines_where(where, sizeof(where), &facts));
        return true;
    }
    if (facts.problem[0]) {
        doctor_add(doctor, DOCTOR_BAD, about, facts.todo, "%s: %s%s%s", what,
                   facts.found ? lines_where(where, sizeof(where), &facts) : "",
                   facts.found ? ": " : "", facts.problem);
        return false;
    }
    doctor_add(doctor, DOCTOR_OK, about, NULL, "%s: %s: free", what,
               lines_where(where, sizeof(where), &facts));
    return true;
}

static bool look_at_station(struct doctor *doctor, const struct station *station)
{
    char about[80];
    char what[120];
    size_t bad = 0;

    snprintf(about, sizeof(about), "station %s", station->name);
    for (size_t i = 0; i < station->actuator_count; i++) {
        const struct actuator *actuator = &station->actuators[i];
        snprintf(what, sizeof(what), "%s of %s", actuator->kind->name, actuator->control);
        bad += !look_at_line(doctor, about, what, &actuator->line);
    }
    for (size_t i = 0; i < station->input_count; i++) {
        snprintf(what, sizeof(what), "input %s", station->inputs[i].name);
        bad += !look_at_line(doctor, about, what, &station->inputs[i].line);
    }
    if (bad == 0) {
        doctor_add(doctor, DOCTOR_OK, about, NULL, "a run can start");
    } else {
        doctor_add(doctor, DOCTOR_BAD, about, NULL, "no run can start: %zu line%s not available",
                   bad, bad == 1 ? "" : "s");
    }
    return bad == 0;
}

void doctor_examine(struct doctor *doctor, const struct bench *bench)
{
    bool wired = bench && !bench->simulated;

    *doctor = (struct doctor){.lines = NULL};
    look_at_kernel(doctor);
    look_at_powers(doctor, bench);
    size_t chips = look_at_chips(doctor, wired);
    if (!bench) {
        doctor->can_run = chips > 0;
        return;
    }
    for (size_t i = 0; i < bench->station_count; i++) {
        if (wired) {
            doctor->stations_ready += look_at_station(doctor, &bench->stations[i]);
        } else {
            char about[80];
            snprintf(about, sizeof(about), "station %s", bench->stations[i].name);
            doctor_add(doctor, DOCTOR_OK, about, NULL,
                       "simulated: a run can start, and needs no line");
            doctor->stations_ready++;
        }
    }
    doctor->can_run = doctor->stations_ready == bench->station_count;
}

void doctor_free(struct doctor *doctor)
{
    free(doctor->lines);
    *doctor = (struct doctor){.lines = NULL};
}
