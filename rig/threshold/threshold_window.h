/*
 * Both ends of a window: the hold at which the reset starts, and the longer hold at which it
 * becomes something else (a factory reset). Two searches (rig/threshold/threshold.h) share one
 * series of presses: each press informs both, and the next hold is the one that is expected to tell
 * the most about the ends that are still searched.
 */
#ifndef LONGPRESS_RIG_THRESHOLD_WINDOW_H
#define LONGPRESS_RIG_THRESHOLD_WINDOW_H

#include "rig/threshold/threshold.h"

/* What came of a hold. */
enum hold_outcome { HOLD_NOTHING, HOLD_RESET, HOLD_BEYOND };

const char *threshold_outcome_name(enum hold_outcome outcome); /* "nothing", "reset", "beyond" */
bool threshold_outcome_parse(const char *name, enum hold_outcome *outcome);

struct threshold_window;

/* `both`: the end is sought too; else HOLD_BEYOND is a reset as well. NULL after an error. */
struct threshold_window *threshold_window_new(struct diags *diags,
                                              const struct threshold_setup *setup, bool both);
void threshold_window_free(struct threshold_window *window);

/* As threshold_add. */
bool threshold_window_add(struct threshold_window *window, int64_t hold_ns,
                          enum hold_outcome outcome);

/* Is either still open? */
bool threshold_window_open(const struct threshold_window *window);
int64_t threshold_window_next_ns(const struct threshold_window *window);
void threshold_window_pause(struct threshold_window *window); /* as threshold_pause */
/* Of the one that takes longer. */
struct threshold_forecast threshold_window_forecast(const struct threshold_window *window);

/* Borrowed. `end` is NULL where it is not sought. */
const struct threshold *threshold_window_start(const struct threshold_window *window);
const struct threshold *threshold_window_end(const struct threshold_window *window);

#endif
