#include "tui/drive/run_entry.h"

#include "hardware/gpio/lines.h"
#include "hardware/station/station_port.h"
#include "rig/base/clock.h"
#include "rig/timeline/evidence.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

struct record run_record(const struct run_place *place, const struct plan *plan,
                         const struct timeline *timeline, const struct judgement *judgement)
{
    struct record record = {
        .version = LONGPRESS_VERSION,
        .simulated = place->bench->simulated,
        .bench = place->bench_name,
        .station = place->station->name,
        .unit = place->unit,
        .unit_firmware = place->unit_firmware,
        .sim_firmware = place->sim_firmware,
        .profile = plan->profile,
        .procedure = plan->procedure,
        .bench_station = place->station,
        .accepted_hazards = plan->accepted,
        .accepted_count = plan->accepted_count,
        .sensors = judge_sensors_of_station(place->station),
        .timeline = timeline,
        .judgement = judgement,
    };
    record.sensors.unit_firmware = place->unit_firmware;
    return record;
}

void run_entry_begin(struct run_entry *entry, struct journal *journal, struct port *port,
                     const struct bench *bench, struct journal_run run, int64_t grow_ns)
{
    *entry = (struct run_entry){
        .journal = journal, .port = port, .bluez_told = port->simulated, .grow_ns = grow_ns};
    if (!journal) {
        return;
    }
    run.bench_text = bench->text;
    run.bench_length = bench->text_length;
    run.libgpiod = lines_library_version();
    entry->handle = journal_begin(journal, &run);
}

/* bluetoothd is heard only once the run goes on. */
static void tell_bluez(struct run_entry *entry)
{
    const char *version = entry->bluez_told ? NULL : station_port_bluez(entry->port);
    if (version) {
        journal_bluez(entry->journal, entry->handle, version);
        entry->bluez_told = true;
    }
}

bool run_entry_look(struct run_entry *entry, const struct timeline *timeline, bool now)
{
    if (!entry->handle) {
        return false;
    }
    tell_bluez(entry);
    int64_t now_ns = clock_mono_ns();
    if (timeline->count == entry->grown || (!now && now_ns < entry->grown_ns + entry->grow_ns)) {
        return false;
    }
    journal_append(entry->journal, entry->handle, timeline);
    entry->grown = timeline->count;
    entry->grown_ns = now_ns;
    return true;
}

int64_t run_entry_due_ns(const struct run_entry *entry, const struct timeline *timeline)
{
    return entry->handle && timeline->count != entry->grown ? entry->grown_ns + entry->grow_ns
                                                            : INT64_MAX;
}

static void tell_other_address(const struct run_entry *entry, const struct record *record,
                               char *out, size_t size)
{
    char now[TEXT_BLUETOOTH_MAX];
    char then[TEXT_BLUETOOTH_MAX];
    int64_t own = journal_number(entry->journal, entry->handle);
    int64_t number;

    if (record->unit && !record->simulated && evidence_address(record->timeline, now) &&
        journal_unit_address(entry->journal, record->profile->model, record->unit,
                             own > 0 ? own : INT64_MAX, then, &number) &&
        strcmp(now, then) != 0) {
        snprintf(out, size,
                 "unit %.64s is %s now, but was %s in run %" PRId64 ": is the serial number right?",
                 record->unit, now, then, number);
    }
}

void run_entry_finish(const struct run_entry *entry, const struct record *record, char *notice,
                      size_t size)
{
    notice[0] = '\0';
    if (entry->handle) {
        journal_finish(entry->journal, entry->handle, record);
        tell_other_address(entry, record, notice, size);
    }
}

bool run_entry_spooled(const struct run_entry *entry)
{
    char file[PATH_MAX];
    return entry->handle && journal_spooled(entry->journal, entry->handle, file, sizeof(file));
}
