/*
 * One run from the command line, on a station that is open: what it is told and kept with
 * (tui/drive/run_entry.h), and how it is driven, while nothing else is. For single runs and for
 * series; a session (tui/drive/station_session.h) takes steps.
 */
#ifndef LONGPRESS_TUI_ONE_RUN_H
#define LONGPRESS_TUI_ONE_RUN_H

#include "rig/plan/plan.h"
#include "rig/record/record.h"
#include "rig/run/run.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/run_journal.h"

/* The record of a run of `plan`, before it. All is borrowed; `unit_firmware` may be NULL. */
struct record single_run_record(const struct bench_session *bench_session, const struct plan *plan,
                                const char *unit_firmware, const struct timeline *timeline,
                                const struct judgement *judgement);

/* Put it into the journal, before anything moves. `run`: its batch and attempt, and the operator
 * that was named (--operator); the rest is filled in. */
void single_run_keep(struct run_journal *run_journal, const struct bench_session *bench_session,
                     const struct record *record, struct journal_run run);

/* Drive the run to its end. The port stays open. */
enum run_end single_run_drive(const struct bench_session *bench_session, const struct plan *plan,
                              struct timeline *timeline, const struct run_hooks *hooks);

#endif
