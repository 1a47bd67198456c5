/*
 * What is done before the run of a claim: the unit is paired (by the radio, which is told that a
 * link is wanted), brought to the state that the claim needs where claims disagree, and given a
 * while. The state is asked for under a question of its own, `power-off`, which the simulated unit,
 * the operator or `--answer power-off=done` answers once it is so.
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

/* For all claims that are run; both are borrowed. 0, or -1 after an error. */
int settle_prepare_make(struct settle_preparations *bringings, struct diags *diags,
                        const struct settle *settle, const struct bench_session *bench_session);
void settle_prepare_free(struct settle_preparations *bringings);

/* Before anything moves: all that will be asked has somebody to answer it. 0, or -1 after an error.
 */
int settle_prepare_check(struct settle_preparations *bringings, struct diags *diags,
                         const struct console *console);

/* The unit has been brought where the claim needs it. Of a real bench that answers the run's own
 * question, too: it is given to the console. A simulated unit answers for itself. */
void settle_prepare_answer(const struct settle_preparations *bringings, size_t claim,
                           struct console *console);

#endif
