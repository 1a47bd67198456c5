/* Which process writes a run, and whether it is still alive. */
#include "rig/journal/journal_internal.h"

#include "rig/base/clock.h"
#include "rig/base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t DAY_NS = INT64_C(24) * 3600 * NS_PER_S;

static bool read_line(const char *path, char *out, size_t size)
{
    FILE *in = fopen(path, "re");
    if (!in) {
        return false;
    }
    bool got = fgets(out, (int)size, in) != NULL;
    fclose(in);
    if (got) {
        out[strcspn(out, "\n")] = '\0';
    }
    return got;
}

/* Field 22 of /proc/PID/stat, and its state (field 3). -1 when it is not to be had. proc(5) */
static int64_t start_of(int64_t pid, char *state)
{
    enum { STATE = 3, START = 22 };
    char path[64];
    char line[1024];

    snprintf(path, sizeof(path), "/proc/%" PRId64 "/stat", pid);
    if (!read_line(path, line, sizeof(line))) {
        return -1;
    }
    /* The name, field 2, may hold spaces and parentheses. */
    const char *at = strrchr(line, ')');
    for (int field = 2; at && field < START; field++) {
        at = strchr(at + 1, ' ');
        if (at && field + 1 == STATE) {
            *state = at[1];
        }
    }
    return at ? strtoll(at, NULL, 10) : -1;
}

static int64_t space_of_self(void)
{
    struct stat st;
    return stat("/proc/self/ns/pid", &st) == 0 ? (int64_t)st.st_ino : 0;
}

struct journal_process journal_process_self(void)
{
    struct journal_process self = {.pid = getpid(), .space = space_of_self()};
    char state = 0;

    self.started = start_of(self.pid, &state);
    if (!read_line("/proc/sys/kernel/random/boot_id", self.machine, sizeof(self.machine))) {
        snprintf(self.machine, sizeof(self.machine), "unknown");
    }
    return self;
}

bool journal_process_gone(const struct journal_process *process, int64_t began_wall_ns)
{
    struct journal_process self = journal_process_self();
    char state = 0;

    if (strcmp(self.machine, process->machine) != 0) {
        return true;
    }
    if (self.space != process->space) {
        return clock_wall_ns() - began_wall_ns > DAY_NS;
    }
    if (process->pid <= 0 || (kill((pid_t)process->pid, 0) != 0 && errno == ESRCH)) {
        return true;
    }
    int64_t started = start_of(process->pid, &state);
    /* Not to be had although the process is there: it is another user's, and /proc hides it. */
    return started >= 0 && (started != process->started || state == 'Z' || state == 'X');
}
