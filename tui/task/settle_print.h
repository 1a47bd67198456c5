/*
 * Prints which claims contradict each other, the order of the runs, and which claims held: as text,
 * and as JSON (docs/settle.schema.md).
 */
#ifndef LONGPRESS_TUI_SETTLE_TELL_H
#define LONGPRESS_TUI_SETTLE_TELL_H

#include "rig/learn/settle.h"
#include "rig/record/record.h"
#include "tui/drive/bench_session.h"

#include <stdint.h>
#include <stdio.h>

enum { SETTLE_RUNS_MAX = SETTLE_CLAIMS_MAX };

/* A completed run. */
struct settled_run {
    const char *procedure;
    enum verdict verdict;
    char reason[JUDGE_TEXT_MAX];
    int64_t number; /* in the journal; 0: not kept */
};

struct settle_telling {
    const struct settle *settle;
    const struct bench_session *bench_session;
    const char *unit_firmware; /* NULL: not said */
    const char *series;        /* its name in the journal; NULL: nothing is run */
    struct settled_run runs[SETTLE_RUNS_MAX];
    size_t journal_run_count;
};

/* Model, bench, SIMULATED if so; contradictions; runs in order; what is not run. */
void settle_tell_plan(const struct settle_telling *telling, FILE *out);
/* "Run 1: network-reset (article-2026)", before its findings. */
void settle_tell_run(const struct settle_telling *telling, size_t claim, int run, FILE *out);
/* The result for each claim, and the state of each contradiction. */
void settle_tell_end(const struct settle_telling *telling, FILE *out);
/* Everything as one JSON object and a newline. */
void settle_tell_json(const struct settle_telling *telling, FILE *out);

#endif
