/*
 * A screen of the operator's program. One file each (tui/screen/scr_*.c): it draws from the
 * engine's state and timeline, and turns keys into calls; no rule of a run stands in it.
 */
#ifndef LONGPRESS_TUI_SCREEN_H
#define LONGPRESS_TUI_SCREEN_H

#include "tui/term/keys.h"
#include "tui/term/paint.h"

#include <stdbool.h>
#include <stdint.h>

struct app;

/* For the key bar, as many as there is room for, and for help, all of them. */
struct screen_key {
    const char *key;  /* "Enter" */
    const char *does; /* "run" */
};

enum { SCREEN_KEYS_MAX = 20 };

struct screen {
    const char *title;
    const char *about; /* for help: what the screen is for, one paragraph */
    /* The keys that do something now, those that matter most first; how many. */
    int (*keys)(const struct app *app, struct screen_key keys[SCREEN_KEYS_MAX]);
    void (*draw)(struct app *app, struct area area);
    /* False when the key means nothing here. */
    bool (*key)(struct app *app, const struct key *key);
    /* It has become the one that is shown. May be NULL. */
    void (*enter)(struct app *app);
    /* Letters belong to a field of it just now. May be NULL: never. */
    bool (*typing)(const struct app *app);
    /* Drawn at `drawn_ns` (CLOCK_MONOTONIC), when does it want to be drawn again though nothing has
     * happened (a clock that runs)? INT64_MAX: never. May be NULL: never. */
    int64_t (*due_ns)(const struct app *app, int64_t drawn_ns);
    /* Called when due_ns has come, and often besides. May be NULL. */
    void (*step)(struct app *app);
};

extern const struct screen screen_bench;
extern const struct screen screen_picker;
extern const struct screen screen_run;
extern const struct screen screen_verdict;
extern const struct screen screen_details;
extern const struct screen screen_batch;
extern const struct screen screen_manual;
extern const struct screen screen_threshold;
extern const struct screen screen_help;

#endif
