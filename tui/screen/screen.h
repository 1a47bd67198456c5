/*
 * A screen of the operator's program. One file each (tui/screen/scr_*.c): it draws from the
 * engine's state and timeline, and turns keys into calls; no rule of a run stands in it.
 */
#ifndef LONGPRESS_TUI_SCREEN_H
#define LONGPRESS_TUI_SCREEN_H

#include "tui/screen/screens.h"
#include "tui/term/keys.h"
#include "tui/term/paint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;

/* For the key bar, as many as there is room for, and for help, all of them. */
struct screen_key {
    const char *key;  /* "Enter" */
    const char *does; /* "run" */
};

enum { SCREEN_KEYS_MAX = 20 };

/* A screen from which another is gone to by a letter that it has no other use for. It stands among
 * that screen's keys. */
struct screen_way {
    enum screen_number from; /* SCREEN_NONE: others go to it in their own way */
    const char *key;         /* "m" */
    const char *does;        /* "manual" */
};

/* What goes on whatever is shown. */
struct screen_work {
    bool (*is_on)(const struct app *app); /* the rest is called only then */
    int64_t (*due_ns)(const struct app *app);
    void (*step)(struct app *app);
    /* A scan, while letters mean something else, or another screen is shown. */
    void (*scan)(struct app *app, const char *text);
    /* What leaving now leaves undone, a sentence; NULL: nothing. */
    const char *(*unfinished)(const struct app *app);
};

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
    /* May a scan come, though letters mean something here? May be NULL: no. */
    bool (*scans_come)(const struct app *app);
    struct screen_way way;
    /* Which one takes its place when the run on the station ends. */
    enum screen_number after_run;
    const struct screen_work *work; /* NULL: none */
    /* What it keeps, zeroed at first: app_state. `forget`, which may be NULL, frees what is in it.
     */
    size_t state_size;
    void (*forget)(void *state);
};

#endif
