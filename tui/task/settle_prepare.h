/*
 * Prepares the unit for the run of a claim: pairs it (through the radio, which is told that a link
 * is wanted), brings it to the state that the claim needs, where claims disagree, and gives it some
 * time. A question such as `power-off` asks for the state; the simulated unit, the operator or
 * `--answer power-off=done` answers it when done.
 */
#ifndef LONGPRESS_TUI_SETTLE_BRING_H
#define LONGPRESS_TUI_SETTLE_BRING_H

#include "rig/learn/settle.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/console.h"

#include <stdbool.h>

enum { BRING_STATES_MAX = 8 };

struct settle_preparation {
    struct procedure procedure;
    struct plan *plan; /* NULL: the claim is not run */
    const struct requirement *states[BRING_STATES_MAX];
    size_t state_count;
};

struct settle_preparations {
    struct arena arena;
    const struct settle *settle;
    const struct bench_session *bench_session;
    struct settle_preparation *items; /* one for each claim */
};

/* Prepare for all claims that will run; both are borrowed. 0, or -1 after an error. */
int settle_prepare_make(struct settle_preparations *preparations, struct diags *diags,
                        const struct settle *settle, const struct bench_session *bench_session);
void settle_prepare_free(struct settle_preparations *preparations);

/* Check before anything moves that something can answer every question. 0, or -1 after an error. */
int settle_prepare_check(struct settle_preparations *preparations, struct diags *diags,
                         const struct console *console);

/* The unit is in the state that the claim needs. On a real bench this also answers the run's own
 * question, so give the answer to the console. A simulated unit answers for itself. */
void settle_prepare_answer(const struct settle_preparations *preparations, size_t claim,
                           struct console *console);

#endif
