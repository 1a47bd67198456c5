/* What is known of a run by now, and what of it is kept. */
#include "tui/drive/station_session_internal.h"

#include "hardware/gpio/lines.h"
#include "hardware/station/station_port.h"
#include "rig/base/clock.h"
#include "rig/journal/journal.h"
#include "rig/timeline/evidence.h"

#include "tui/drive/run_journal.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* ---- the journal ---- */

void bay_record_begin(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    const struct bench *bench = bay->setup.bench;
    const struct profile *profile = run->order.profile;

    run->judge_due_ns = INT64_MAX;
    run->late_ns = clock_mono_ns() + BAY_JOURNAL_LATE_NS;
    if (!bay->setup.journal) {
        return;
    }
    run->journal = journal_begin(bay->setup.journal,
                                 &(struct journal_run){.record = &run->record,
                                                       .operator_name = bay->setup.operator_name,
                                                       .profile_text = profile->text,
                                                       .profile_length = profile->text_length,
                                                       .bench_text = bench->text,
                                                       .bench_length = bench->text_length,
                                                       .batch = run->order.batch,
                                                       .attempt = run->order.attempt,
                                                       .libgpiod = lines_library_version()});
    run->bluez_told = bay_simulated(bay);
    run->held = true;
}

bool bay_record_begun(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    int begun = journal_begun(bay->setup.journal, run->journal);

    run->unkept = begun < 0;
    if (begun == 0 && !run->late && clock_mono_ns() >= run->late_ns) {
        run->late = true;
        bay_changed(bay);
    }
    return begun != 0;
}

bool bay_record_spooled(const struct bay *bay)
{
    char file[PATH_MAX];
    return bay->run.journal &&
           journal_spooled(bay->setup.journal, bay->run.journal, file, sizeof(file));
}

/* bluetoothd is heard only once the run goes on. */
static void tell_bluez(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    const char *version =
        run->journal && bay->port && !run->bluez_told ? station_port_bluez(bay->port) : NULL;
    if (version) {
        journal_bluez(bay->setup.journal, run->journal, version);
        run->bluez_told = true;
    }
}

static void append(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    enum engine_phase phase = engine_phase(run->engine);
    int64_t mono_ns = clock_mono_ns();

    if (!run->journal || run->timeline.count == run->appended ||
        (phase == run->appended_phase && mono_ns < run->appended_ns + BAY_APPEND_NS)) {
        return;
    }
    run->appended = run->timeline.count;
    run->appended_phase = phase;
    run->appended_ns = mono_ns;
    journal_append(bay->setup.journal, run->journal, &run->timeline);
}

/* ---- the judge ---- */

/* The next end of a window whose finding is not decided. */
static int64_t next_window_ns(const struct bay_run *run, int64_t now_ns)
{
    const struct anchors anchors = evidence_anchors(run->order.procedure, &run->timeline);
    int64_t next_ns = INT64_MAX;

    for (size_t i = 0; anchors.pressed && i < run->judgement.finding_count; i++) {
        const struct finding *finding = &run->judgement.findings[i];
        if (finding->result != RESULT_PENDING) {
            continue;
        }
        int64_t end_ns = evidence_window(finding->expectation, &anchors).dark_ns;
        if (end_ns > now_ns && end_ns < next_ns) {
            next_ns = end_ns;
        }
    }
    return next_ns;
}

/* The unit's address is in the name of its D-Bus object: /org/bluez/hci0/dev_14_3F_A6_01_02_03. */
static void find_address(struct bay_run *run)
{
    static const char device[] = "/dev_";
    for (size_t i = run->judged; i < run->timeline.count; i++) {
        const struct entry *entry = &run->timeline.entries[i];
        const char *at =
            entry->kind == ENTRY_RADIO && entry->object ? strstr(entry->object, device) : NULL;
        if (!at) {
            continue;
        }
        snprintf(run->address, sizeof(run->address), "%.17s", at + sizeof(device) - 1);
        for (char *c = run->address; *c; c++) {
            *c = *c == '_' ? ':' : *c;
        }
    }
}

void bay_record_look(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    int64_t now_ns = bay_now_ns(bay);
    int64_t mono_ns = clock_mono_ns();

    tell_bluez(bay);
    append(bay);
    bool grown = run->timeline.count != run->judged && mono_ns >= run->judge_again_ns;
    if (!grown && now_ns < run->judge_due_ns) {
        return;
    }
    find_address(run);
    run->judged = run->timeline.count;
    judge_so_far(run->order.profile, run->order.procedure, &run->record.eyes, &run->timeline,
                 now_ns, &run->judgement);
    run->judge_due_ns = next_window_ns(run, now_ns);
    int64_t took_ns = clock_mono_ns() - mono_ns;
    run->judge_again_ns = mono_ns + BAY_JUDGE_NS + took_ns * BAY_JUDGE_PART;
    bay_changed(bay);
}

void bay_record_end(struct bay *bay)
{
    struct bay_run *run = &bay->run;
    find_address(run);
    judge(run->order.profile, run->order.procedure, &run->record.eyes, &run->timeline,
          run->record.end, &run->judgement);
    if (run->journal) {
        journal_finish(bay->setup.journal, run->journal, &run->record);
        keeping_other_address(run->notice, sizeof(run->notice), bay->setup.journal, run->journal,
                              &run->record);
    }
}

int64_t bay_record_due_ns(struct bay *bay)
{
    const struct bay_run *run = &bay->run;
    if (run->held) {
        return run->late ? INT64_MAX : run->late_ns;
    }
    int64_t due_ns = port_poll_ns(bay->port, run->judge_due_ns);
    if (run->timeline.count != run->judged && run->judge_again_ns < due_ns) {
        due_ns = run->judge_again_ns;
    }
    if (run->journal && run->timeline.count != run->appended &&
        run->appended_ns + BAY_APPEND_NS < due_ns) {
        due_ns = run->appended_ns + BAY_APPEND_NS;
    }
    return due_ns;
}

/* ---- for those who show it ---- */

const char *bay_radio_words(const struct bay *bay)
{
    const struct bay_run *run = &bay->run;
    if (!bay->setup.station->adapter) {
        return "no adapter configured";
    }
    if (!run->plan) {
        return bay->setup.bench->simulated ? "simulated" : "adapter configured";
    }
    struct radio_state radio = evidence_radio(&run->timeline, INT64_MAX);
    if (radio.absent) {
        return radio.why ? radio.why : "absent";
    }
    return radio.connected ? "connected" : radio.ready ? "ready" : "not asked for yet";
}

const char *bay_unit_address(const struct bay *bay)
{
    return bay->run.address;
}

int64_t bay_journal_handle(const struct bay *bay)
{
    return bay->run.journal;
}
