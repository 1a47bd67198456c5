/*
 * One run from the command line on an open station: its record (tui/drive/run_entry.h), and the
 * blocking loop that drives it. For single runs and series; a session (tui/drive/session.h)
 * goes in steps instead.
 */
#ifndef LONGPRESS_TUI_ONE_RUN_H
#define LONGPRESS_TUI_ONE_RUN_H

#include "rig/plan/plan.h"
#include "rig/record/record.h"
#include "rig/run/run.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/run_journal.h"

/* The record of a run of `plan`, before it starts. Everything is borrowed; `unit_firmware` may be
 * NULL. */
struct record single_run_record(const struct bench_session *bench_session, const struct plan *plan,
                                const char *unit_firmware, const struct timeline *timeline,
                                const struct judgement *judgement);

/* Put it into the journal before anything moves. `run`: its batch, attempt and operator
 * (--operator); the rest is filled in. */
void single_run_keep(struct run_journal *run_journal, const struct bench_session *bench_session,
                     const struct record *record, struct journal_run run);

/* Drive the run to its end. The port stays open. */
enum run_end single_run_drive(const struct bench_session *bench_session, const struct plan *plan,
                              struct timeline *timeline, const struct run_hooks *hooks);

#endif
