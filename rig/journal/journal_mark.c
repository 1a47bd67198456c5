/* How a run is recognised wherever it is stored, and how its time is to be read. */
#include "rig/journal/journal_internal.h"

#include "rig/base/units.h"

#include <stdio.h>
#include <sys/random.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

bool journal_clock_is_set(const struct clock_facts *facts)
{
    return facts->wall_ns >= JOURNAL_PLAUSIBLE_NS && (facts->synced || facts->keeps_time);
}

static bool is_synced(void)
{
    struct timex kernel = {.modes = 0};
    return adjtimex(&kernel) >= 0 && !(kernel.status & STA_UNSYNC);
}

/* What is no board has one, or is a guest or container that is told the time. */
static bool keeps_time(void)
{
    return access("/sys/class/rtc/rtc0", F_OK) == 0 || access("/proc/device-tree", F_OK) != 0;
}

/* RFC 9562. Without a source of randomness: from the time, which is the best there is. */
static void make_uuid(char uuid[37])
{
    uint8_t bytes[16];

    if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) != (ssize_t)sizeof(bytes)) {
        sqlite3_randomness(sizeof(bytes), bytes);
    }
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0, at = 0; i < sizeof(bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            uuid[at++] = '-';
        }
        at += (size_t)snprintf(uuid + at, 37 - at, "%02x", bytes[i]);
    }
}

bool journal_clock_believed(int64_t wall_ns)
{
    const struct clock_facts facts = {
        .synced = is_synced(), .keeps_time = keeps_time(), .wall_ns = wall_ns};
    return journal_clock_is_set(&facts);
}

struct run_mark journal_mark_run(int64_t began_ns, int64_t seq)
{
    struct journal_process self = journal_process_self();
    struct run_mark mark = {.boot_seq = seq, .clock_set = journal_clock_believed(began_ns)};
    struct timespec now;

    make_uuid(mark.uuid);
    snprintf(mark.boot, sizeof(mark.boot), "%s", self.machine);
    clock_gettime(CLOCK_BOOTTIME, &now);
    mark.boot_ns = now.tv_sec * NS_PER_S + now.tv_nsec;
    return mark;
}
