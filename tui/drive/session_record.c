/* Judges a run so far and keeps it in the journal. */
#include "tui/drive/session_internal.h"

#include "rig/base/clock.h"
#include "rig/base/least.h"
#include "rig/journal/journal.h"
#include "rig/timeline/evidence.h"

#include <stdio.h>
#include <string.h>

/* ---- the journal ---- */

void session_record_begin(struct session *session)
{
    struct session_run *run = &session->run;

    run->judge_due_ns = INT64_MAX;
    run->late_ns = clock_mono_ns() + SESSION_JOURNAL_LATE_NS;
    if (!session->setup.journal) {
        return;
    }
    run_entry_begin(&run->entry, session->setup.journal, session->port, session->setup.bench,
                    (struct journal_run){.record = &run->record,
                                         .operator_name = session->setup.operator_name,
                                         .batch = run->order.batch,
                                         .attempt = run->order.attempt},
                    SESSION_APPEND_NS);
    run->held = true;
}

bool session_record_begun(struct session *session)
{
    struct session_run *run = &session->run;
    int begun = journal_begun(session->setup.journal, run->entry.handle);

    run->unkept = begun < 0;
    if (begun == 0 && !run->late && clock_mono_ns() >= run->late_ns) {
        run->late = true;
        session_changed(session);
    }
    return begun != 0;
}

bool session_record_spooled(const struct session *session)
{
    return run_entry_spooled(&session->run.entry);
}

/* At once when the phase has changed. */
static void hand_over(struct session *session)
{
    struct session_run *run = &session->run;
    enum engine_phase phase = engine_phase(run->engine);

    if (run_entry_look(&run->entry, &run->timeline, phase != run->grown_phase)) {
        run->grown_phase = phase;
    }
}

/* ---- the judge ---- */

/* The next end of a window whose finding is still open. */
static int64_t next_window_ns(const struct session_run *run, int64_t now_ns)
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
static void find_address(struct session_run *run)
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

void session_record_look(struct session *session)
{
    struct session_run *run = &session->run;
    int64_t now_ns = session_now_ns(session);
    int64_t mono_ns = clock_mono_ns();

    hand_over(session);
    bool grown = run->timeline.count != run->judged && mono_ns >= run->judge_again_ns;
    if (!grown && now_ns < run->judge_due_ns) {
        return;
    }
    find_address(run);
    run->judged = run->timeline.count;
    judge_so_far(run->order.profile, run->order.procedure, &run->record.sensors, &run->timeline,
                 now_ns, &run->judgement);
    run->judge_due_ns = next_window_ns(run, now_ns);
    int64_t took_ns = clock_mono_ns() - mono_ns;
    run->judge_again_ns = mono_ns + SESSION_JUDGE_NS + took_ns * SESSION_JUDGE_PART;
    session_changed(session);
}

void session_record_end(struct session *session)
{
    struct session_run *run = &session->run;
    find_address(run);
    judge(run->order.profile, run->order.procedure, &run->record.sensors, &run->timeline,
          run->record.end, &run->judgement);
    run_entry_finish(&run->entry, &run->record, run->notice, sizeof(run->notice));
}

int64_t session_record_due_ns(struct session *session)
{
    const struct session_run *run = &session->run;
    if (run->held) {
        return run->late ? INT64_MAX : run->late_ns;
    }
    int64_t due_ns = port_poll_ns(session->port, run->judge_due_ns);
    if (run->timeline.count != run->judged && run->judge_again_ns < due_ns) {
        due_ns = run->judge_again_ns;
    }
    return least(due_ns, run_entry_due_ns(&run->entry, &run->timeline));
}

/* ---- for display ---- */

const char *session_radio_words(const struct session *session)
{
    const struct session_run *run = &session->run;
    if (!session->setup.station->adapter) {
        return "no adapter configured";
    }
    if (!run->plan) {
        return session->setup.bench->simulated ? "simulated" : "adapter configured";
    }
    struct radio_state radio = evidence_radio(&run->timeline, INT64_MAX);
    if (radio.absent) {
        return radio.why ? radio.why : "absent";
    }
    return radio.connected ? "connected" : radio.ready ? "ready" : "not used yet";
}

const char *session_unit_address(const struct session *session)
{
    return session->run.address;
}

int64_t session_journal_handle(const struct session *session)
{
    return session->run.entry.handle;
}
